"""A workbook as the rules of duties and gates ask it."""

from __future__ import annotations

import datetime as dt

from addin.book import Book
from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.tables.duties import Day


def day_of(book: Book, as_of: dt.date | None = None) -> Day:
    """The plan on its as-of date, or on another, at this time of the day."""
    on, year = as_of or book.as_of, book.year
    if on is None or year is None:
        raise Refused(
            Text("参数缺少截止日期或计划年度：请填写", "the as-of date or the plan year is missing on Settings: fill it in")
        )
    now = dt.datetime.combine(on, dt.datetime.now().time().replace(microsecond=0))
    return Day(book.optional, book.policies(), on, year, now, book.off, book.named)
