"""Check events: who came, what was intended, what it brought beside its cost; a night talk that is too large, goals that are missing."""

from __future__ import annotations

import argparse
import datetime as dt

from addin.action import Action, Outcome, Progress
from addin.actions.campaigns import MARKET, opportunities_of
from addin.book import Book
from addin.dispatching import day_of
from udfs.text import Text
from workbook_templates.answers import ERROR, WARNING, Problem
from workbook_templates.chapters.marketing import events
from workbook_templates.chapters.marketing.tables import EVENTS
from workbook_templates.tables import gates
from workbook_templates.tables.duties import Day
from workbook_templates.tables.grids import Held

TABLES = ("Events", "EventGuests", "Intents")


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Judge every event that is over."""
    found = book.problems(*TABLES, "People", "Deals")
    held, day = book.read("Events"), day_of(book)
    found += _backwards(held) + _stopped(held, day)
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    outcome = Outcome(Text("", ""), problems=found)
    guests, intents, deals = book.read("EventGuests").rows, book.read("Intents").rows, book.optional("Deals")
    over = red = 0
    for index, row in enumerate(held.rows):
        if not row.get("id"):
            continue
        result = events.result(row, guests, intents, opportunities_of(book), deals, day.as_of, book.setting)
        given = dict.fromkeys(events.WRITTEN) if result is None else vars(result)
        if any(row.get(key) != cell for key, cell in given.items()):
            outcome.changes.edit("Events", index, **given)
        over, red = over + (result is not None), red + (result is not None and result.light == "red")
        outcome.problems += _crowded(held, index, events.talkers(guests, row["id"]), int(book.setting("events.talk_most")))
    outcome.summary = _summary(over, red, any(row.get("id") for row in held.rows))
    outcome.data = {"events": over, "short": red}
    return outcome


def _backwards(held: Held) -> list[Problem]:
    text = Text("结束时间早于开始时间：请改正", "it ends before it starts: correct it")
    return [
        Problem(held.grid.sheet, *held.at(i, "end"), text)
        for i, row in enumerate(held.rows)
        if isinstance(row.get("start"), dt.datetime) and isinstance(row.get("end"), dt.datetime) and row["end"] < row["start"]
    ]


def _stopped(held: Held, day: Day) -> list[Problem]:
    """Events still to come while the market line has no ROI target."""
    why = gates.refusals(day, gates.Moment.SPEND, MARKET)
    new = [i for i, row in enumerate(held.rows) if isinstance(row.get("start"), dt.datetime) and row["start"].date() >= day.as_of]
    return [Problem(held.grid.sheet, *held.at(i, "id"), why[0]) for i in new] if why else []


def _crowded(held: Held, index: int, count: int, most: int) -> list[Problem]:
    if count <= most:
        return []
    name = held.rows[index]["id"]
    text = Text(
        f"{name} 夜话邀请 {count} 位，上限 {most} 位：请减少", f"{name}: {count} are invited to the night talk, {most} at most"
    )
    return [Problem(held.grid.sheet, *held.at(index, "id"), text, WARNING)]


def _summary(over: int, red: int, there: bool) -> Text:
    if not there:
        return Text("没有活动：先在“内容与活动”填写活动", "there is no event: enter events on Content and events")
    tail = Text(f"，意向单不足 {red} 场", f", short of orders: {red}") if red else Text("", "")
    return Text(f"已结束的活动 {over} 场", f"events that are over: {over}") + tail


ACTION = Action(
    label=EVENTS,
    tip=Text(
        "活动的到场、意向单、归因收入与 ROI，对照立项目标",
        "Guests, intended orders, revenue and ROI of events beside their goals",
    ),
    about=Text(
        "写入已结束活动的到场人数、意向单、归因收入、ROI 与灯；填写的内容不改。",
        "Writes guests, intended orders, attributed revenue, ROI and light of events that are over. What people entered stays.",
    ),
    group="marketing",
    order=20,
    icon="AddressBook",
    keytip="62",
    run=run,
    guards=False,
    examples=Text("示例：\n  salesplan events 计划.xlsx", "examples:\n  salesplan events plan.xlsx"),
)
