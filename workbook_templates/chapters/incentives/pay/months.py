"""Months as the ledger writes them, ``2027-03``: they compare as texts."""

from __future__ import annotations

import calendar
import datetime as dt
import re

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def month_of(day: dt.date) -> str:
    """The month of a day.

    >>> month_of(dt.date(2027, 3, 15))
    '2027-03'
    """
    return f"{day.year:04}-{day.month:02}"


def following(month: str, by: int = 1) -> str:
    """The month so many after this one (before it, for a negative number).

    >>> following("2027-12"), following("2027-01", -1)
    ('2028-01', '2026-12')
    """
    year, index = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + by, 12)
    return f"{year:04}-{index + 1:02}"


def apart(first: str, last: str) -> int:
    """How many months ``last`` is after ``first``."""
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:])


def between(first: str, last: str) -> list[str]:
    """The months from the first to the last, both included."""
    return [following(first, step) for step in range(apart(first, last) + 1)]


def first_day(month: str) -> dt.date:
    """Its first day."""
    return dt.date(int(month[:4]), int(month[5:]), 1)


def last_day(month: str) -> dt.date:
    """Its last day."""
    return first_day(month).replace(day=length(month))


def length(month: str) -> int:
    """How many days it has."""
    return calendar.monthrange(int(month[:4]), int(month[5:]))[1]


def employed_days(month: str, joined: dt.date | None, left: dt.date | None) -> int:
    """On how many of its days somebody was employed.

    >>> employed_days("2027-05", None, dt.date(2027, 5, 15))
    15
    """
    first, last = max(first_day(month), joined or dt.date.min), min(last_day(month), left or dt.date.max)
    return max(0, (last - first).days + 1)
