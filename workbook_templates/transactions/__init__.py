"""Transactions from files and warehouses → what each customer bought. More rows than a sheet holds are usual: only
customers come in.

A source is a CSV or XLSX, a Parquet file, a folder of any of these (the months of an export), or a query in a database.
Headers are matched in Chinese and English; amounts are a column, or quantity × unit price. Rules:

* A row without date, customer or amount, or with one that can't be read, is refused; nothing is guessed. All else goes on.
* Lines of one invoice are lines: they are added. A line that equals another of the same invoice in every column of the file (the
  time of day aside) counts once; so does an invoice that stands in two files of a folder. Where no column tells lines apart
  (no product, quantity, price or line number) and the file has other invoices of several lines, equal lines of one file are
  taken as different lines, and said.
* Rows without an invoice number can't be told to be repeated: all count, said. An exact copy of a file is read once.
* A negative amount (or quantity) is a credit note. A positive amount under a number such as C489449 counts as it stands,
  said, unless the person says that the letter marks credit notes.
* Amounts are in yuan. Other currencies need a rate, or one currency is taken and the rest left out; they are never added
  unconverted.
* Totals, balances, footers, rows that a status or flag takes out: left out, a line each kind (``intake.meaning``). Amounts with tax in
  them are worked back or refused.
* Rows after the as-of date are left out. IDs that differ by blanks or what nobody sees are one customer, those that differ in case or width
  only are refused; a name is looked up in the plan.

The order of rows and of files doesn't matter, nor how rows are spread over files of one kind.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from udfs.rfm import Summary, summary
from udfs.text import SEMICOLON, Text, counted, joined
from udfs.values import year_before
from workbook_templates.answers import Refused
from workbook_templates.tables.schema import Row
from workbook_templates.transactions.databases import query_of
from workbook_templates.transactions.frames import AS_FOUND, Ways, opened
from workbook_templates.transactions.purchases import Purchases, day_number
from workbook_templates.transactions.report import Report
from workbook_templates.transactions.rules import NONE, Counted, Reader, SourceWishes

__all__ = ["Report", "SourceWishes", "Ways", "read"]


def read(
    source: str | Path,
    as_of: dt.date,
    customers: Sequence[Row] = (),
    ways: Ways = AS_FOUND,
    wishes: SourceWishes = NONE,
    progress: Callable[[Text], object] = lambda step: None,
    in_place: bool = False,
) -> tuple[Purchases, Report]:
    """What each customer bought up to ``as_of``, and what became of every row. ``customers`` are the plan's own.

    ``in_place``: a database adds up itself, and only customers travel (see ``warehouse``). Refused when the source can't be
    read or nothing of it can be used.
    """
    if in_place:
        query = query_of(source)
        if query is None:
            raise Refused(Text("--in-place 只用于数据库来源。", "--in-place is for databases only."))
        from workbook_templates.transactions.warehouse import read_there

        return read_there(query, as_of, customers, ways, wishes, progress)
    frames, notes = opened(source, ways, progress)
    reader = Reader(frames, day_number(as_of), customers, wishes, notes)
    progress(Text("核对交易", "Checking the transactions"))
    counted = reader.run()
    if not len(counted.days):
        raise Refused(_nothing(reader.report))
    progress(Text("汇总客户", "Adding up the customers"))
    return _added_up(counted, as_of), reader.report


def _added_up(counted: Counted, as_of: dt.date) -> Purchases:
    found = summary(counted.customers, counted.days, counted.fen)
    names = np.array(counted.names, dtype=object)[found.ids]
    late = counted.days > day_number(year_before(as_of))
    # Sums of whole fen within a float's 53 bits (the reader refuses more) are exact.
    recent = np.bincount(counted.customers[late], counted.fen[late], len(counted.names))
    return Purchases(as_of, Summary(names, *found[1:]), np.rint(recent[found.ids]).astype(np.int64))


def _example(report: Report, column: str, reason: Text) -> Text:
    """The first cell with a reason, as “abc” (line 3)."""
    first = next((f for f in report.findings() if f.column == column and f.reason == reason and f.value), None)
    if first is None:
        return Text(" ", " ")
    return Text(f"“{first.value}”（第 {first.line} 行）", f" “{first.value}” (line {first.line}) ")


def _nothing(report: Report) -> Text:
    """Why no row is left, with the commonest reasons."""
    if not report.read:
        return Text("来源中没有交易行。", "There are no rows of transactions in the source.")
    why = [
        Text(f"{column}{example.zh}", f"{column}{example.en}") + reason + f" × {times:,}"
        for (_, column, reason), times in report.reasons().most_common(3)
        for example in (_example(report, column, reason),)
    ]
    listed = joined(why, between=SEMICOLON)
    return Text(f"读取 {report.read:,} 行，没有一行可用：", f"{counted(report.read, 'row')} read, none of use: ") + listed
