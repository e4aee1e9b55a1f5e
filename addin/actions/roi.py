"""Check ROI and roll the budget: a line that missed its target this month has next month's budget cut, the cut goes to the
reserve.

The cut is counted on the plan, which stays as it was signed; what next month may spend is written beside it as its approved
budget. So a second run finds nothing to do, and cuts never compound.
"""

from __future__ import annotations

import argparse

from addin.action import Action, Outcome, Progress
from addin.book import Book
from addin.dispatching import dated, day_of
from udfs.text import Text, joined
from udfs.values import ExcelError, total_of
from workbook_templates.answers import ERROR, WARNING, Problem, Refused
from workbook_templates.chapters.budget.rolling import months_of, rolled
from workbook_templates.tables import gates
from workbook_templates.tables.grids import Held
from workbook_templates.tables.schema import BUDGET_LINES
from workbook_templates.tables.spec import Word


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument(
        "--month",
        type=int,
        help=str(Text("检查哪个月（1–12），默认截止日期所在月", "the month to check, 1–12; default the as-of date's")),
    )


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Line by line: what the months' ROI makes of next month."""
    found = book.problems("Budget")
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    month = options.month or _month(book)
    if not 1 <= month <= 12:
        raise Refused(Text(f"月份 {month} 应在 1 与 12 之间", f"month {month}: from 1 to 12"))
    budget, targets = book.read("Budget"), book.named("plan_roi_targets") or list(book.setting("roi.targets"))
    outcome = Outcome(Text("", ""), problems=found)
    missed, reserve = [], []
    for word, target in zip(BUDGET_LINES, targets, strict=False):
        places = {int(row["month"]): i for i, row in enumerate(budget.rows) if row["line"] == word.code}
        rows = months_of(budget.rows, word.code)
        if not target:
            outcome.problems += _without_target(book, budget, word, places, month)
            cut, late = 0.0, False
        else:
            found_here = rolled(rows, target, month, book.setting("budget.cut"))
            if isinstance(found_here, ExcelError):
                raise Refused(word.label + Text("：", ": ") + found_here.reason)
            late, cut = found_here[month - 1][2] is False, found_here[month][4] if month < 12 else 0.0
        if late:
            missed.append(word.label)
        if month + 1 in places:
            row = budget.rows[places[month + 1]]
            approved = total_of([row["planned"] or 0.0, -cut])
            if row["approved"] != approved:
                outcome.changes.edit("Budget", places[month + 1], approved=approved)
        reserve.append(cut)
    outcome.summary = _summary(month, missed, total_of(reserve), bool(outcome.changes.edited))
    outcome.data = {"month": month, "missed": [str(label) for label in missed], "reserve": total_of(reserve)}
    if month == 12 and missed:
        outcome.notes.append(Text("下一年一月的计划要削减", "next year's January is to be cut"))
    return outcome


ACTION = Action(
    label=Text("滚动预算", "Roll budget"),
    tip=Text(
        "检查本月 ROI；未达标的费用项削减次月预算，转入预留",
        "This month's ROI by line; a miss cuts next month's budget into the reserve",
    ),
    about=Text(
        "检查各费用项当月 ROI 是否达标，把次月的“核定预算”写在计划旁边：未达标的按计划削减，削减额进预留。计划数不动。",
        "Checks each line's ROI of the month against its target and writes next month's Approved budget beside its plan: a "
        "miss cuts "
        "it, the cut goes to the reserve. Planned figures stay.",
    ),
    group="budget",
    order=10,
    icon="ChartInsert",
    keytip="R",
    run=run,
    arguments=arguments,
)


def _month(book: Book) -> int:
    """The month of the as-of date within the plan's year."""
    day, year = dated(book)
    return day.month if day.year == year else 12 if day.year > year else 1


def _without_target(book: Book, budget: Held, word: Word, places: dict[int, int], month: int) -> list[Problem]:
    """Money was spent before a target was set: what the gate would have stopped."""
    first = next((i for m, i in sorted(places.items()) if m <= month and (budget.rows[i]["actual_cost"] or 0) > 0), None)
    if first is None:
        return []
    why = gates.refusals(day_of(book), gates.Moment.SPEND, word.code)
    return [Problem(budget.grid.sheet, *budget.at(first, "actual_cost"), text, WARNING) for text in why]


def _summary(month: int, missed: list[Text], reserve: float, changed: bool) -> Text:
    zh, en = joined(missed or [Text("无", "none")])
    state = Text("", "") if changed else Text("；次月核定预算已是最新", "; next month's approved budget is up to date")
    return (
        Text(
            f"{month} 月 ROI 未达标：{zh}；次月转入预留 {reserve:,.2f} 元",
            f"ROI missed in month {month}: {en}; {reserve:,.2f} yuan of next month go to the reserve",
        )
        + state
    )
