"""Undo: puts back what the last action overwrote, cell for cell, and takes out sheets it added; refuses when any was
changed since."""

from __future__ import annotations

import argparse

from addin import undo
from addin.action import Action, Outcome, Progress
from addin.actions import every
from addin.book import Book
from addin.changes import Changes
from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.chapters.basics.tables.changelog import UNDO

LOG = "ChangeLog"


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Find the last action that is still in the workbook and turn it round."""
    for record in undo.records(book):
        if record.whole is not None:
            found = _whole(book, record, record.whole)
            if found is None:
                continue
            return found
        going, staying = _parted(book, record)
        when = _shown(record.time)
        where = undo.misfit(book, record.effect) or undo.changed(book, going)
        action = every().get(record.action)  # a record of a later version may tell of one that is none here
        final = (action.final or action.relied_on(book, record.effect)) if action is not None else None
        if where is None and final is not None:
            raise Refused(Text(f"“{record.label.zh}”（{when}，{record.who}）不能撤销：{final.zh}没有写入。",
                               f"“{record.label.en}” ({when}, {record.who}) can't be undone: {final.en} Nothing was written."))  # fmt: skip
        if where is None:
            _refuse_needed(book, record, going)
            return Outcome(
                Text(f"已撤销：{record.label.zh}（{when}，{record.who}）", f"Undone: {record.label.en} ({when}, {record.who})"),
                Changes(effect=record.effect.reversed()),
                undoes=record,
                removes=[one.sheet for one in going],
                notes=[Text(f"移除工作表：{one.sheet}", f"removes the sheet {one.sheet}") for one in going] + staying,
            )
        if undo.misfit(book, record.effect, "old") is None and all(book.own_grid(one.table) is None for one in going):
            continue  # its save never came about, or the file went back to before it: there is nothing of it to undo
        raise Refused(
            Text(
                f"不能撤销“{record.label.zh}”（{when}）：{where} 之后又改过，恢复会丢失这些改动。没有写入。",
                f"“{record.label.en}” ({when}) can't be undone: {where} was changed since, and that would be lost. "
                "Nothing was written.",
            )
        )
    return Outcome(Text("没有可撤销的操作", "There is nothing to undo"))


ACTION = Action(
    label=UNDO,
    tip=Text("把上一步操作改动的单元格恢复原值", "Puts back the cells that the last action changed"),
    about=Text(
        "把上一步操作改动的单元格恢复为原值，移除它添加的工作表；之后又被改过的，不恢复并说明。锁定与发放不能撤销。",
        "Puts the cells that the last action changed back as they were and removes the sheets it added; refuses if they were "
        "changed since. "
        "A lock or a payment stays.",
    ),
    group="tools",
    order=10,
    icon="Undo",
    keytip="Z",
    run=run,
    guards=True,
)


def _shown(time: str) -> str:
    """A record's time as people write it, to the minute."""
    return time.replace("T", " ")[:16]


def _whole(book: Book, record: undo.Record, whole: undo.Whole) -> Outcome | None:
    """The file as it was before an action made it anew; None where that never came about."""
    before, when = undo.before(book, whole), _shown(record.time)
    if before is not None and undo.digest(book.raw) == undo.digest(before):
        return None
    if before is None or undo.digest(book.raw) != whole.after:
        why = (
            Text("工作簿之后又改过，恢复会丢失这些改动", "the workbook was changed since, and that would be lost")
            if before is not None
            else Text("原文件已不在：请用备份", "the file as it was is not kept any more: use a backup")
        )
        raise Refused(Text(f"不能撤销“{record.label.zh}”（{when}）：{why.zh}。没有写入。",
                           f"“{record.label.en}” ({when}) can't be undone: {why.en}. Nothing was written."))  # fmt: skip
    text = Text(f"已撤销：{record.label.zh}（{when}，{record.who}）", f"Undone: {record.label.en} ({when}, {record.who})")
    return Outcome(text, whole=before, undoes=record)


def _parted(book: Book, record: undo.Record) -> tuple[list[undo.Added], list[Text]]:
    """The sheets an action added that go again; a change log with lines stays, it is what tells of them."""
    going = [one for one in record.sheets if one.table != LOG or not _lines(book)]
    stays = [
        Text(f"“{one.sheet}”已有记录，保留", f"“{one.sheet}” has lines and stays") for one in record.sheets if one not in going
    ]
    return going, stays


def _lines(book: Book) -> bool:
    grid = book.own_grid(LOG)
    return grid is not None and any(cell not in (None, "") for row in grid.cells for cell in row)


def _refuse_needed(book: Book, record: undo.Record, going: list[undo.Added]) -> None:
    why = book.in_the_way([one.sheet for one in going]) if going else None
    if why is not None:
        raise Refused(
            Text(
                f"不能撤销“{record.label.zh}”（{_shown(record.time)}）：{why.zh}。没有写入。",
                f"“{record.label.en}” ({_shown(record.time)}) can't be undone: {why.en}. Nothing was written.",
            )
        )
