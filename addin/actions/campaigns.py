"""Check campaigns: each beside the industry's cost per lead, creatives that changed, which leads count, and what leads and events brought."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from addin.action import Action, Outcome, Progress
from addin.book import Book
from addin.dispatching import day_of, ordered
from addin.performing import who_am_i
from udfs.text import Text
from workbook_templates.answers import ERROR, WARNING, Problem
from workbook_templates.chapters.marketing import campaigns
from workbook_templates.chapters.marketing.campaigns import CampaignState, deal_of
from workbook_templates.chapters.marketing.tables import CAMPAIGNS
from workbook_templates.tables import duties, gates, schema
from workbook_templates.tables.duties import Day
from workbook_templates.tables.grids import Held
from workbook_templates.tables.schema import Row
from workbook_templates.xlsx.refs import Ref

_CELLS = re.compile(r"[A-Z]{1,3}\d+(:[A-Z]{1,3}\d+)?")
TABLES = ("Campaigns", "AdSpend", "Benchmarks", "Creatives", "Leads", "Intents")
RULE, MARKET, _BUDGET, _CHAPTER = "creative", "market", "Budget", 11


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Judge, log, count and attribute; what costs too much becomes a task."""
    found = book.problems(*TABLES, "People", "Roles", "Deals", duties.TABLE)
    day = day_of(book)
    found += _stopped(book, day)
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    outcome = Outcome(Text("", ""), problems=found)
    states = _judged(book, outcome, day)
    _switched(book, outcome)
    noted = outcome.changes.added.get("Creatives", [])
    leads = _counted(book, outcome)
    brought = _attributed(book, outcome, day)
    # As the list of changes will be: a creative seen to have changed begins anew.
    after = replace(day, rows=lambda table: [*day.rows(table), *(noted if table == "Creatives" else ())])
    done = duties.dispatched(after, {RULE: duties.every()[RULE]})
    if done.lacking:
        text = Text(
            "换素材没有下达待办：计划没有负责人，也没有总监",
            "no tasks for creatives: the campaign has no owner, and there is no director",
        )
        outcome.problems.append(Problem(book.read("Campaigns").grid.sheet, 0, 0, text, WARNING))
    ordered(outcome, done)
    alerts = len(list(campaigns.alerting(states)))
    outcome.summary = _summary(len(states), alerts, leads, len(noted), brought)
    outcome.data = {"campaigns": len(states), "change": alerts, "mql": leads, "attributed": brought, "tasks": len(done.new)}
    return outcome


def _stopped(book: Book, day: Day) -> list[Problem]:
    """Campaigns that run, or are to begin, while the market line has no ROI target."""
    why = gates.refusals(day, gates.Moment.SPEND, MARKET)
    if not why:
        return []
    held = book.read("Campaigns")
    running = [
        i for i, row in enumerate(held.rows) if row.get("campaign") and not (row.get("until") and row["until"] < day.as_of)
    ]
    return [Problem(held.grid.sheet, *held.at(i, "campaign"), why[0]) for i in running]


def _judged(book: Book, outcome: Outcome, day: Day) -> dict[str, CampaignState]:
    held, spend = book.read("Campaigns"), campaigns.by_campaign(book.read("AdSpend").rows)
    benchmarks, out = book.read("Benchmarks").rows, dict[str, CampaignState]()
    for index, row in enumerate(held.rows):
        name = str(row.get("campaign") or "")
        if not name:
            continue
        state = campaigns.judged(row, spend.get(name, ()), benchmarks, day.as_of, book.setting)
        _edit(outcome, "Campaigns", index, row, dict.fromkeys(campaigns.WRITTEN) if state is None else state.written)
        if state is not None:
            out[name] = state
            if state.reason is not None:
                text = Text(f"{name}：", f"{name}: ") + state.reason
                outcome.problems.append(Problem(held.grid.sheet, *held.at(index, "campaign"), text, WARNING))
    return out


def _switched(book: Book, outcome: Outcome) -> None:
    """Creatives that changed and that nobody noted are noted."""
    found = campaigns.switches(book.read("AdSpend").rows, book.read("Creatives").rows)
    reason, who = str(Text("由投放流水识别", "seen in the ad spend")), who_am_i()
    outcome.changes.add(
        "Creatives",
        [
            {"campaign": one.campaign, "from": one.before, "to": one.after, "on": one.on, "reason": reason, "by": who}
            for one in found
        ],
    )


def _counted(book: Book, outcome: Outcome) -> int:
    """How many leads count as qualified; opportunities say which deal a lead became."""
    held, opportunities = book.read("Leads"), _by_id(book)
    why, total = campaigns.counted(held.rows, book.setting), 0
    for index, (row, reason) in enumerate(zip(held.rows, why, strict=True)):
        if not row.get("id"):
            continue
        total += reason is None
        given: Row = {"counted": "yes" if reason is None else "no", "not_counted": None if reason is None else str(reason)}
        if not row.get("deal") and (deal := deal_of(row, opportunities)):
            given["deal"] = deal
        _edit(outcome, "Leads", index, row, given)
        _disagrees(outcome, held, index, opportunities)
    intents = book.read("Intents")
    for index, row in enumerate(intents.rows):
        if row.get("event") and not row.get("deal") and (deal := deal_of(row, opportunities)):
            _edit(outcome, "Intents", index, row, {"deal": deal})
        _disagrees(outcome, intents, index, opportunities)
    return total


def _disagrees(outcome: Outcome, held: Held, index: int, opportunities: Mapping[str, Row]) -> None:
    """A deal beside an opportunity that became another: which of them brought the revenue is for people to say."""
    row = held.rows[index]
    other = (opportunities.get(str(row.get("opportunity"))) or {}).get("deal")
    if row.get("deal") and other and str(other) != str(row["deal"]):
        text = Text(
            f"单号 {row['deal']}，而商机 {row['opportunity']} 成了 {other}：请改正其一，收入暂按 {row['deal']} 归因",
            f"deal {row['deal']}, but opportunity {row['opportunity']} became {other}: correct one; {row['deal']} is counted",
        )
        outcome.problems.append(Problem(held.grid.sheet, *held.at(index, "deal"), text, WARNING))


def _by_id(book: Book) -> Mapping[str, Row]:
    return {str(row["id"]): row for row in opportunities_of(book) if row.get("id")}


def opportunities_of(book: Book) -> Sequence[Row]:
    """The opportunities of the pipeline, where its chapter is there."""
    return book.optional("Opportunities") if "Opportunities" in schema.TABLES else []


def _attributed(book: Book, outcome: Outcome, day: Day) -> float:
    """The market line's attributed revenue, month by month: chapter 11 takes its ROI from it. Months before the first deal that was
    traced stay as people entered them; what was written here before follows the deals, also where none is traced any more."""
    rows = [*book.read("Leads").rows, *book.read("Intents").rows]
    found = campaigns.attributed(rows, opportunities_of(book), book.optional("Deals"), day.as_of)
    if _CHAPTER in day.off or book.grid(_BUDGET) is None:
        return sum(found.values())
    last = day.as_of.month if day.as_of.year == day.year else 12
    held, first = book.read(_BUDGET), min(found, default=last + 1)
    written = _written(book, held)
    for index, row in enumerate(held.rows):
        month = row.get("month")
        if row.get("line") == MARKET and month is not None and month <= last and (month >= first or index in written):
            _edit(outcome, _BUDGET, index, row, {"revenue": found.get(int(month), 0.0)})
    return sum(found.values())


def _written(book: Book, held: Held) -> set[int]:
    """The rows of the budget whose revenue this button wrote last, as the change log has it."""
    column = held.at(0, "revenue")[1] if held.rows else 0
    places = {held.at(index, "revenue"): index for index in range(len(held.rows))}
    out: set[int] = set()
    for line in book.optional("ChangeLog"):
        said = str(line.get("cell") or "")
        if line.get("sheet") != held.grid.sheet or not _CELLS.fullmatch(said):
            continue
        area = Ref.parse(said)
        if not area.first_col <= column <= area.last_col:
            continue
        mine = {index for at, index in places.items() if area.holds(at)}
        out = out | mine if str(line.get("action")) in CAMPAIGNS else out - mine
    return out


def _edit(outcome: Outcome, table: str, index: int, row: Row, given: dict[str, Any]) -> None:
    changed = {key: cell for key, cell in given.items() if row.get(key) != cell}
    if changed:
        outcome.changes.edit(table, index, **changed)


def _summary(judged: int, alerts: int, leads: int, changed: int, brought: float) -> Text:
    if not judged and not leads:
        return Text(
            "没有可检查的：先在“投放”登记计划、导入投放流水或线索",
            "nothing to check: enter campaigns, import ad spend or leads on Campaigns",
        )
    tail = Text(f"；补记素材更换 {changed} 条", f"; creative changes noted: {changed}") if changed else Text("", "")
    return (
        Text(
            f"投放计划 {judged} 个，需换素材 {alerts} 个；有效线索 {leads} 条，归因收入 {brought:,.0f} 元",
            f"campaigns {judged}, to change creative {alerts}; qualified leads {leads}, attributed revenue {brought:,.0f} yuan",
        )
        + tail
    )


ACTION = Action(
    label=CAMPAIGNS,
    tip=Text(
        "投放成本对照行业线，识别换素材，甄别线索，把签单收入归因到市场费用",
        "Campaigns beside the industry's cost, creatives that changed, leads that count, revenue traced to the market line",
    ),
    about=Text(
        "写入投放计划近三日的成本与判断、线索是否计数、素材更换；成本过高的下达待办；“费用与ROI”市场项的归因收入按签单改写。",
        "Writes each campaign's last three days and judgement, whether leads count, creative changes; orders tasks; sets the market line's "
        "attributed revenue on Budget from deals.",
    ),
    group="marketing",
    order=10,
    icon="SendStatusReport",
    keytip="61",
    run=run,
    guards=False,
    examples=Text("示例：\n  salesplan campaigns 计划.xlsx", "examples:\n  salesplan campaigns plan.xlsx"),
)
