"""Review stalled opportunities: who stands too long is put up for a decision; what was decided is carried out."""

from __future__ import annotations

import argparse
from typing import Any

from addin.action import Action, Outcome, Progress
from addin.book import Book
from addin.dispatching import day_of
from udfs.text import Text
from workbook_templates.answers import ERROR, WARNING, Problem
from workbook_templates.chapters.pipeline import forecasting
from workbook_templates.chapters.pipeline.duties import undecided
from workbook_templates.chapters.pipeline.tables import DROPPED, GO_ON, STALLED
from workbook_templates.tables import duties
from workbook_templates.tables.duties import Day
from workbook_templates.tables.schema import Row

TABLES = ("Opportunities", "StageRules", "KillOrWin")
RULE = "stalled"


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """States of opportunities, rows to decide on, decisions carried out."""
    found = book.problems(*TABLES, "People", "Roles", duties.TABLE)
    found += _open_ended(book)
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    day, outcome = day_of(book), Outcome(Text("", ""), problems=found)
    standing = _states(book, day, outcome)
    asked, dropped = _put_up(book, day, outcome), _carried_out(book, day, outcome)
    ordered = _tasks(book, day, outcome)
    outcome.data = {"stalled": standing, "put_up": asked, "dropped": dropped, "tasks": ordered}
    outcome.summary = _summary(standing, asked, dropped, ordered)
    return outcome


def _open_ended(book: Book) -> list[Problem]:
    """To go on needs a day; a decision needs somebody."""
    held, out = book.read("KillOrWin"), []
    for index, row in enumerate(held.rows):
        if row.get("decision") == GO_ON and not row.get("until"):
            out.append(
                Problem(held.grid.sheet, *held.at(index, "until"), Text("“继续”要写到哪天", "to go on needs a day: until when"))
            )
        if row.get("decision") and not row.get("by"):
            out.append(
                Problem(
                    held.grid.sheet,
                    *held.at(index, "by"),
                    Text("有决定没有决定人：请填工号", "a decision without who decided: enter their ID"),
                )
            )
    return out


def _states(book: Book, day: Day, outcome: Outcome) -> int:
    held = book.read("Opportunities")
    known = forecasting.rules(book.read("StageRules").rows, day.setting)
    standing = forecasting.stalled(held.rows, day.as_of, known, float(day.setting("stages.stalled")))
    running = {str(row["id"]) for row in forecasting.open_ones(held.rows, day.as_of)}
    for index, row in enumerate(held.rows):
        name = str(row.get("id"))
        state = "stalled" if name in standing else "moving" if name in running else None
        if row.get("state") != state:
            outcome.changes.edit("Opportunities", index, state=state)
    return len(standing)


def _put_up(book: Book, day: Day, outcome: Outcome) -> int:
    """A row to decide on for each that stands undecided and has none that is open."""
    waiting = {str(row.get("opportunity")) for row in book.read("KillOrWin").rows if not row.get("decision")}
    new: list[Row] = [
        {"opportunity": name, "opened": day.as_of, "days": days} for name, days in undecided(day).items() if name not in waiting
    ]
    outcome.changes.add("KillOrWin", new)
    return len(new)


def _carried_out(book: Book, day: Day, outcome: Outcome) -> int:
    """What was given up is closed."""
    held = book.read("Opportunities").rows
    given_up = forecasting.given_up(book.read("KillOrWin").rows, held)
    count = 0
    for index, row in enumerate(held):
        if str(row.get("id")) in given_up and not row.get("outcome"):
            outcome.changes.edit(
                "Opportunities", index, outcome=DROPPED, closed_on=given_up[str(row["id"])] or day.as_of, state=None
            )
            count += 1
    return count


def _tasks(book: Book, day: Day, outcome: Outcome) -> int:
    done = duties.dispatched(day, {RULE: duties.every()[RULE]})
    if done.lacking:
        text = Text(
            "停滞商机没有下达待办：负责人没有上级，也没有总监", "no tasks: owners have no manager, and there is no director"
        )
        outcome.problems.append(Problem(book.read("Opportunities").grid.sheet, 0, 0, text, WARNING))
    outcome.changes.add(duties.TABLE, done.new)
    for index, row in done.edits.items():
        outcome.changes.edit(duties.TABLE, index, **row)
    return len(done.new)


def _summary(standing: int, asked: int, dropped: int, ordered: int) -> Text:
    if not standing and not dropped:
        return Text("没有停滞的商机", "no opportunity is stalled")
    tail: list[Any] = []
    if dropped:
        tail.append(Text(f"放弃 {dropped} 个已关闭", f"{dropped} given up and closed"))
    if ordered:
        tail.append(Text(f"新下达待办 {ordered} 项", f"new tasks {ordered}"))
    head = Text(f"停滞 {standing} 个，新提出评审 {asked} 个", f"stalled {standing}, put up for review {asked}")
    return Text("；".join([head.zh, *(t.zh for t in tail)]), "; ".join([head.en, *(t.en for t in tail)]))


ACTION = Action(
    label=STALLED,
    tip=Text(
        "超过行业周期 1.5 倍的商机提出评审：放弃、升级，或继续到某天",
        "Puts up what stands longer than 1.5 cycles: give up, escalate, or go on until a day",
    ),
    about=Text(
        "写商机的状态；停滞未评审的在“停滞评审”加一行并下达待办；已决定放弃的关闭。填写的决定不改。",
        "Writes the state; adds a row to Kill or win and orders a task for what stands undecided; closes what was given up. Decisions stay.",
    ),
    group="pipeline",
    order=20,
    icon="ReviewRejectChange",
    keytip="82",
    run=run,
    guards=False,
    examples=Text("示例：\n  salesplan stalled 计划.xlsx", "examples:\n  salesplan stalled plan.xlsx"),
)
