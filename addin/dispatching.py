"""A workbook as the rules of duties and gates ask it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from addin.action import Outcome
from addin.book import Book
from udfs.text import SEMICOLON, Text, joined
from workbook_templates.answers import Problem, Refused
from workbook_templates.tables import duties
from workbook_templates.tables.duties import Day, Dispatched
from workbook_templates.tables.grids import Held

_TOLD = 5  # reasons in one sentence


def dated(book: Book) -> tuple[dt.date, int]:
    """The plan's as-of date and its year; refused where one is missing."""
    if book.as_of is None or book.year is None:
        raise Refused(
            Text("参数缺少截止日期或计划年度：请填写", "the as-of date or the plan year is missing on Settings: fill it in")
        )
    return book.as_of, book.year


def day_of(book: Book, as_of: dt.date | None = None) -> Day:
    """The plan on its as-of date, or on another, at this time of the day."""
    own, year = dated(book)
    on = as_of or own
    now = dt.datetime.combine(on, dt.datetime.now().time().replace(microsecond=0))
    return Day(book.optional, book.policies(), on, year, now, book.off, book.named)


def barred(held: Held, index: int, column: str, head: Text, why: Sequence[Text]) -> Outcome:
    """An action that gates stop: all that they say in one sentence, at the cell of what may not pass; nothing is written."""
    zh, en = joined(why, most=_TOLD, between=SEMICOLON)
    return Outcome.refused([Problem(held.grid.sheet, *held.at(index, column), head + Text(zh, en))])


def ordered(outcome: Outcome, done: Dispatched) -> None:
    """New tasks and those that ended, as changes of the list."""
    outcome.changes.add(duties.TABLE, done.new)
    for index, row in done.edits.items():
        outcome.changes.edit(duties.TABLE, index, **row)
