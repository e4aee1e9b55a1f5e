"""Check workbook: everything that is wrong, by sheet and cell. Shows, changes nothing."""

from __future__ import annotations

import argparse

from addin.action import Action, Outcome, Progress
from addin.book import Book
from udfs.text import Text, counted
from workbook_templates.answers import ERROR


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Look, and say what was found."""
    found = book.findings()
    errors = sum(p.level == ERROR for p in found)
    return Outcome(
        Text(
            f"检查完毕：{errors} 个错误，{len(found) - errors} 个提醒",
            f"Checked: {counted(errors, 'error')}, {counted(len(found) - errors, 'warning')}",
        ),
        problems=found,
    )


ACTION = Action(
    label=Text("检查工作簿", "Check workbook"),
    tip=Text("逐格列出表、公式和检查页的问题", "Problems of Tables, formulas and the Checks sheet, cell by cell"),
    about=Text("只检查，不改动任何单元格。", "It only looks; no cell is changed."),
    group="plan",
    order=30,
    icon="DataValidation",
    keytip="C",
    run=run,
)
