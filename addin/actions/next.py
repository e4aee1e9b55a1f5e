"""What next: what the plan lacks, and the one command, button or cell that does it. Shows, changes nothing."""

from __future__ import annotations

import argparse
import datetime as dt

from addin.action import Action, Outcome, Progress
from addin.actions import commission
from addin.book import Book
from addin.changes import lowered
from udfs.text import Text
from workbook_templates.cells import address
from workbook_templates.tables import steps
from workbook_templates.tables.steps import NextStep, State


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Ask the steps in order."""
    book.require_ours()
    state = state_of(book, dt.date.today())
    found = steps.answer(state)
    plan = getattr(options, "plan", None) or book.name
    plan = f'"{plan}"' if " " in plan else plan

    def said(step: NextStep) -> dict[str, str]:
        return {"month": found.month, "cell": _place(book, step), "plan": plan}

    outcome = Outcome(steps.all_done(state.off), data={"next": None, "month": found.month or None, "command": None})
    if found.step is not None:
        outcome.summary = Text("下一步：", "next: ") + _said(found.step, **said(found.step))
        command = str(steps.filled(found.step.command, **said(found.step)))
        outcome.data |= {"next": found.step.code, "command": command or None}
    if found.otherwise is not None:
        month = found.otherwise.month(state)
        otherwise = _said(found.otherwise, **{**said(found.otherwise), "month": month})
        outcome.notes.append(Text("不发邮件则：", "without mail: ") + otherwise)
    outcome.notes += [Text("可稍后：", "can wait: ") + _said(step, **said(step)) for step in found.later]
    outcome.data["can_wait"] = [step.code for step in found.later]
    return outcome


def state_of(book: Book, today: dt.date) -> State:
    """A workbook as the steps ask it; ``today``: by the calendar, not by its as-of date."""

    def stale() -> bool:
        """Whether computing now would change ledger or accounts; rows that stop it are told by the checks."""
        if not book.optional("Deals"):
            return False
        outcome = commission.run(book, commission.ACTION.defaults(), lambda step: None)
        return bool(lowered(book, outcome.changes))

    as_of = book.as_of or today
    return State(book.optional, book.first, as_of, book.year or as_of.year, today, book.off, stale)


def _said(step: NextStep, **said: str) -> Text:
    """What, how, and the command where there is one."""
    what, button, command = (steps.filled(text, **said) for text in (step.what, step.button, step.command))
    done = what + Text("。", ". ") + button
    return done + Text("\n  ", "\n  ") + command if command.zh else done


def _place(book: Book, step: NextStep) -> str:
    """The cell where a step is done, as people write it."""
    found = book.locate(step.place)
    return step.place if found is None else f"{found[0]}!{address(found[1].first_row, found[1].first_col)}"


ACTION = Action(
    label=Text("下一步", "What next"),
    tip=Text(
        "说明计划还缺什么，以及补上它的那一个按钮、单元格或命令",
        "Says what the plan still needs, and the one button, cell or command for it",
    ),
    about=Text("只查看，不改动任何单元格。", "It only looks; no cell is changed."),
    group="plan",
    order=5,
    icon="Info",
    keytip="P",
    run=run,
    guards=False,  # it pays nobody; what the guard would stop is a step of its own
    examples=Text("示例：\n  salesplan next 计划.xlsx", "examples:\n  salesplan next plan.xlsx"),
)
