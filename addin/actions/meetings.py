"""Prepare a meeting: its row with the figures of the moment, and for the monthly one a coaching plan for everybody below the line."""

from __future__ import annotations

import argparse
import datetime as dt
import re
from typing import Any

from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book
from addin.dispatching import day_of
from udfs.text import Text
from workbook_templates.answers import ERROR, WARNING, Problem, Refused
from workbook_templates.chapters.incentives.rhythm import Behind, behind, director_of, quarter_of
from workbook_templates.chapters.incentives.tables.rhythm import DAILY, MEET, MEETINGS, MONTHLY, RUNNING, WEEKLY
from workbook_templates.page import register, watches
from workbook_templates.tables import duties
from workbook_templates.tables.duties import Day
from workbook_templates.tables.schema import LEVELS, Row

_TABLES = ("Meetings", "Okrs", "CoachingPlans", "People", "Roles")
# When a meeting begins and how long it takes, where nobody says.
_USUAL = {DAILY: (dt.time(8, 30), 15), WEEKLY: (dt.time(9), 60), MONTHLY: (dt.time(14), 120)}
_SHOWN = 8  # figures that a row keeps
_FIRST = {
    DAILY: ("bookings.progress", "cash.rate", "region.weakest", "delivery.on_time", "tasks.overdue"),
    WEEKLY: ("bookings.progress", "forecast.coverage", "cash.rate", "prices.waiting", "tasks.overdue"),
    MONTHLY: ("bookings.progress", "people.attainment", "people.behind", "team.coaching", "cash.rate", "milestones.late"),
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument(
        "--kind",
        metavar="WORD",
        default=DAILY,
        help=str(Text("早会、周会或月会（默认早会）", "daily, weekly or monthly (default daily)")),
    )
    parser.add_argument(
        "--at",
        metavar="TIME",
        default=None,
        help=str(Text("开会时间，如 2027-06-30 09:00；默认截止日期", "when, such as 2027-06-30 09:00; default the as-of date")),
    )


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """One row a meeting and day; figures once kept stay as they were."""
    found = book.problems(*_TABLES)
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    kind = next((word.code for word in MEETINGS if word.means(options.kind)), None)
    if kind is None:
        raise Refused(
            Text(
                f"没有“{options.kind}”这种会：请填 早会、周会 或 月会",
                f"there is no meeting “{options.kind}”: daily, weekly or monthly",
            )
        )
    day = day_of(book)
    at = _moment(options.at, day.as_of, kind)
    outcome = Outcome(Text("", ""), problems=found)
    planned = _coaching(day, book, outcome) if kind == MONTHLY else 0
    kept = _keep(book, day, kind, at, outcome)
    label = next(word.label for word in MEETINGS if word.code == kind)
    outcome.summary = _summary(label, at, kept, planned)
    outcome.data = {"kind": kind, "at": at.isoformat(" ", "minutes"), "new": kept, "coaching": planned}
    return outcome


def _moment(said: str | None, as_of: dt.date, kind: str) -> dt.datetime:
    if said is None:
        return dt.datetime.combine(as_of, _USUAL[kind][0])
    try:
        return dt.datetime.fromisoformat(said.strip())
    except ValueError:
        raise Refused(Text(f"--at “{said}”：请写成 {as_of} 09:00", f"--at “{said}”: write it as {as_of} 09:00")) from None


def _keep(book: Book, day: Day, kind: str, at: dt.datetime, outcome: Outcome) -> bool:
    """Whether a meeting was entered; one of this kind and day that is there keeps its figures, or gets them if it has none."""
    held = book.read("Meetings")
    figures = _figures(book, kind)
    for index, row in enumerate(held.rows):
        if row.get("kind") == kind and isinstance(row.get("at"), dt.datetime) and row["at"].date() == at.date():
            if not row.get("metrics") and figures:
                outcome.changes.edit("Meetings", index, metrics=figures)
            return False
    chair = duties.in_role(day, duties.DIRECTOR) or next(
        (p["id"] for p in day.rows("People") if LEVELS.like(p.get("level")) == "director"), None
    )
    if chair is None:
        raise Refused(Text("没有主持人：请在“岗位与放行”填写总监", "nobody to chair: enter the director on Roles and waivers"))
    numbers = [int(m[1]) for row in held.rows if (m := re.fullmatch(r"MT(\d+)", str(row.get("id") or "")))]
    outcome.changes.add("Meetings", [{
        "id": f"MT{max(numbers, default=0) + 1:04d}", "kind": kind, "at": at, "chair": chair, "minutes": _USUAL[kind][1], "pain1": None,
        "pain2": None, "best": None, "metrics": figures or None,
    }])  # fmt: skip
    return True


def _figures(book: Book, kind: str) -> str:
    """The figures of the moment in one line, those of the meeting first."""
    rows = {row.key: row for row in register.read(book.named(watches.LIST))}
    mine = [rows[key] for key in _FIRST[kind] if key in rows]
    judged = [row for row in mine if row.actual is not None][:_SHOWN]
    return "；".join(f"{row.what} {_said(row)}" for row in judged)


def _said(row: register.JudgedFigure) -> str:
    assert row.actual is not None
    share = row.target is not None and abs(row.target) <= 1 and abs(row.actual) <= 10 and row.actual != int(row.actual)
    figure = f"{row.actual:.1%}" if share else f"{row.actual:,.0f}"
    words = {"red": Text("（红）", " (red)"), "amber": Text("（橙）", " (amber)"), "green": Text("（绿）", " (green)")}
    return figure + str(words.get(row.light or "", Text("", "")))


def _coaching(day: Day, book: Book, outcome: Outcome) -> int:
    """A plan for everybody below the line who has none this month."""
    month, limit = f"{day.as_of:%Y-%m}", float(day.setting("coaching.limit"))
    has = {(row.get("person"), row.get("month")) for row in day.rows("CoachingPlans")}
    new: list[Row] = []
    for one in behind(day.rows("Okrs"), quarter_of(day.as_of), limit):
        if (one.person, month) in has or not duties.employed(day, one.person):
            continue
        director = director_of(one.person, day.rows("People")) or duties.in_role(day, duties.DIRECTOR)
        if director is None:
            held = book.read("Okrs")
            text = Text(
                f"{one.person} 没有上级总监：请在“人员”填上级，或在“岗位与放行”填总监",
                f"{one.person} has no director above: enter a manager, or the director on Roles",
            )
            outcome.problems.append(Problem(held.grid.sheet, *held.at(_row_of(held.rows, one), "person"), text, WARNING))
            continue
        new.append(_plan(one, month, director))
    outcome.changes.add("CoachingPlans", new)
    return len(new)


def _row_of(rows: list[Row], one: Behind) -> int:
    return next(index for index, row in enumerate(rows) if row.get("person") == one.person and row.get("kr") == one.kr)


def _plan(one: Behind, month: str, director: str) -> Row:
    blank: dict[str, Any] = dict.fromkeys(("day1", "day2", "day3", "customers", "skill", "shown", "result"))
    return {
        "person": one.person,
        "month": month,
        "kr": one.kr,
        "progress": one.progress,
        "director": director,
        "status": RUNNING,
    } | blank


def _summary(label: Text, at: dt.datetime, kept: bool, planned: int) -> Text:
    head = (
        Text(
            f"{label.zh} {at:%m-%d %H:%M} 已登记，数字已存下",
            f"{label.en} meeting of {at:%Y-%m-%d %H:%M} entered with its figures",
        )
        if kept
        else Text(
            f"{label.zh} {at:%m-%d} 已有，数字不再改",
            f"the {label.en.lower()} meeting of {at:%Y-%m-%d} is there, its figures stay",
        )
    )
    if planned:
        head += Text(f"；新增辅导计划 {planned} 人", f"; coaching plans added: {planned}")
    return head + Text("。材料在“会议材料”页", ". The figures are on Meeting pack")


ACTION = Action(
    label=MEET,
    tip=Text(
        "登记早会、周会或月会并存下当时的数字；月会给低于辅导线的人建辅导计划",
        "Enters a meeting with the figures of the moment; the monthly one adds coaching plans for who is below the line",
    ),
    about=Text(
        "在“周会月会”加一行会议与数字；月会另在“辅导计划”加行。已存下的数字不改。",
        "Adds a row with figures to Meetings, the monthly one rows to Coaching plans. Figures once kept stay.",
    ),
    group="incentives",
    order=60,
    icon="ReviewShareWorkbook",
    keytip="OM",
    run=run,
    guards=False,
    arguments=arguments,
    asks={"kind": Ask(Text("哪种会：早会、周会、月会", "Which: daily, weekly or monthly"))},
    examples=Text(
        "示例：\n  salesplan meetings 计划.xlsx --kind 月会", "examples:\n  salesplan meetings plan.xlsx --kind monthly"
    ),
)
