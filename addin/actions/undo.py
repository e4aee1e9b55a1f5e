"""Undo: puts back what the last action overwrote, cell for cell; refuses when any of it was changed since."""

from __future__ import annotations

import argparse

from addin import undo
from addin.actions import Outcome, Progress, every
from addin.book import Book
from addin.changes import Changes
from udfs.text import Text
from workbook_templates.saving import Refused

LABEL = Text("撤销上一步操作", "Undo last action")
TIP = Text("把上一步操作改动的单元格恢复原值", "Puts back the cells that the last action changed")
ABOUT = Text(
    "把上一步操作改动的单元格恢复为原值；之后又被改过的，不恢复并说明。锁定与付款不能撤销。",
    "Puts the cells that the last action changed back as they were; refuses if they were changed since. A lock or a payment stays.",
)
GROUP, ORDER, ICON, KEYTIP = "tools", 10, "Undo", "Z"


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Find the last action that is still in the workbook and turn it round."""
    for record in undo.records(book):
        where = undo.misfit(book, record.effect)
        final = getattr(every().get(record.action), "FINAL", None)
        if where is None and final is not None:
            raise Refused(Text(f"“{record.label.zh}”（{record.time}，{record.who}）不能撤销：{final.zh}没有写入。", f"“{record.label.en}” ({record.time}, {record.who}) can't be undone: {final.en} Nothing was written."))  # fmt: skip
        if where is None:
            return Outcome(
                Text(f"已撤销：{record.label.zh}（{record.time}，{record.who}）", f"Undone: {record.label.en} ({record.time}, {record.who})"),
                Changes(effect=record.effect.reversed()),
                undoes=record,
            )  # fmt: skip
        if undo.misfit(book, record.effect, "old") is None:
            continue  # its save never came about, or the file went back to before it: there is nothing of it to undo
        raise Refused(
            Text(
                f"不能撤销“{record.label.zh}”（{record.time}）：{where} 之后又改过，恢复会丢失这些改动。没有写入。",
                f"“{record.label.en}” ({record.time}) can't be undone: {where} was changed since, and that would be lost. "
                "Nothing was written.",
            )
        )
    return Outcome(Text("没有可撤销的操作", "There is nothing to undo"))
