"""Record cash: a payment, refund, retention or bad debt of a deal, or a file of them; Collected follows."""

from __future__ import annotations

import argparse
import datetime as dt
from functools import partial
from pathlib import Path

from addin import collecting
from addin.action import Action, Outcome, Progress
from addin.actions.import_ import renames
from addin.book import Book
from udfs.text import Text
from workbook_templates.answers import ERROR, Problem
from workbook_templates.intake import files, importing, own_workbook
from workbook_templates.intake.files import RawRow, Source
from workbook_templates.tables import schema

TABLE = "Collections"
_TYPED = ("deal", "date", "amount", "kind", "invoice")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""

    def add(name: str, zh: str, en: str, **settings: object) -> None:
        parser.add_argument(name, help=str(Text(zh, en)), **settings)  # type: ignore[arg-type]

    add("file", "回款的 CSV 或 .xlsx；不给则登记下面一笔，或只按回款表更新已回款", "a CSV or .xlsx of cash; without one the entry below, or Collected only", nargs="?", metavar="FILE")  # fmt: skip
    add("--deal", "单号", "which deal", metavar="ID")
    add("--date", "回款日期", "the day", metavar="YYYY-MM-DD")
    add("--amount", "金额（退款填负数）", "how much (a refund is negative)", metavar="YUAN")
    add("--kind", "类型：回款（默认）、退款、质保金、坏账", "payment (default), refund, retention, bad debt", metavar="KIND")
    add("--invoice", "发票号", "invoice number", metavar="NO")
    add("--sheet", "读哪个工作表，默认第一个", "which sheet of the file, default the first")
    add("--encoding", "文件的文字编码，默认自动识别", "encoding of the file, found by itself", metavar="ENC")
    add("--map", "“文件的列=我们的列”；可重复", '"their header=our column"; repeatable', action="append", default=[], dest="renames", metavar="THEIRS=OURS")  # fmt: skip


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """All rows come in, or none."""
    book.require_ours()
    found = book.problems("Deals", TABLE)
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    source = _source(book, options)
    rows, notes, already = [], [], 0
    if source is not None:
        planned = own_workbook.plan_intake(book, [source], TABLE, importing.Wishes(renames(options.renames), frozenset()))
        problems = [_refused(book, r, source) for r in planned.outcome.refusals] + _future(book, planned.outcome)
        if problems:
            return Outcome.refused(problems)
        rows, notes, already = planned.outcome.rows, planned.outcome.notes, planned.outcome.already
    outcome = Outcome(Text("", ""), notes=notes)
    changed, said = collecting.put(book, outcome.changes, rows)
    outcome.notes += said
    if rows:
        outcome.changes.add(TABLE, rows)
    if options.file:
        outcome.origin = Text(f"来自 {Path(options.file).name}", f"from {Path(options.file).name}")
    outcome.summary = Text(
        f"回款：登记 {len(rows)} 笔，已登记过 {already} 笔；{changed} 单的已回款有变化",
        f"cash: {len(rows)} entered, {already} on record already; Collected changes for {changed} deal{'' if changed == 1 else 's'}",
    )
    return outcome


ACTION = Action(
    label=Text("登记回款", "Record cash"),
    tip=Text("按“回款”表更新成交的已回款", "Brings the deals' Collected up to the sheet Collections"),
    about=Text(
        "把“回款”表的回款、退款与质保金按单合计，写入“成交”的已回款；坏账不计。没有回款记录的单不变。",
        "Adds up payments, refunds and retention by deal and sets Collected on Deals; bad debts don't count. Deals without an entry stay.",
    ),
    group="incentives",
    order=8,
    icon="AutoSum",
    keytip="K8",
    run=run,
    reads=("file",),
    arguments=arguments,
    examples=Text(
        "示例：\n  salesplan collect 计划.xlsx --deal D27-0101 --date 2027-05-06 --amount 120000 --invoice INV-01\n"
        "  salesplan collect 计划.xlsx 回款.csv\n  salesplan collect 计划.xlsx",
        "examples:\n  salesplan collect plan.xlsx --deal D27-0101 --date 2027-05-06 --amount 120000 --invoice INV-01\n"
        "  salesplan collect plan.xlsx cash.csv\n  salesplan collect plan.xlsx",
    ),
)


def _source(book: Book, options: argparse.Namespace) -> Source | None:
    """The rows of the file, or the one that was typed; none to bring Collected up to date only."""
    spec = schema.table(TABLE)
    if options.file:
        return files.read(options.file, partial(importing.headers_matched, spec), options.sheet, options.encoding)
    given = {key: getattr(options, key) for key in _TYPED if getattr(options, key)}
    if not given:
        return None
    header = RawRow(1, tuple(spec[key].header.zh for key in _TYPED))
    row = RawRow(2, tuple(given.get(key) for key in _TYPED))
    return Source(Path(book.name), (header, row), Text("命令行", "the command line"))


def _refused(book: Book, refusal: importing.RefusedRow, source: Source) -> Problem:
    line = (
        Text("", "")
        if not source.sheet and source.path.name == book.name
        else Text(f"第 {refusal.line} 行 ", f"line {refusal.line} ")
    )
    value = f"“{refusal.value}”" if refusal.value else ""
    return Problem("", 0, 0, line + Text(f"{refusal.column}{value}：", f"{refusal.column} {value}: ") + refusal.reason)


def _future(book: Book, outcome: importing.Imported) -> list[Problem]:
    """Cash of a day that has not come, by the clock and by the plan's own day."""
    last = max(dt.date.today(), book.as_of or dt.date.min)
    return [
        Problem("", 0, 0, Text(f"{row['deal']} 的回款日期 {row['date']} 还没有到：请核对", f"{row['deal']}: {row['date']} has not come yet: check the date"))
        for row in outcome.rows
        if row["date"] > last
    ]  # fmt: skip
