"""Working days in China: weekends, statutory holidays and make-up days (调休), from a kept library or a list of one's own."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Collection
from typing import NamedTuple

SATURDAY = 5


class Year(NamedTuple):
    """Days off and weekend days worked of one year; ``announced``: the State Council's make-up days are known."""

    off: frozenset[dt.date]
    made_up: frozenset[dt.date]
    announced: bool


@functools.lru_cache
def official(year: int) -> Year:
    """The official calendar of a year. Before the announcement only the statutory holidays are known, no make-up days."""
    import holidays

    known = holidays.country_holidays("CN", years=year)
    made_up = frozenset(day for day in known.weekend_workdays if day.year == year)
    return Year(frozenset(known), made_up, bool(made_up))


def is_working_day(day: dt.date, off: Collection[dt.date] | None = None) -> bool:
    """Whether people work on a day: by the official calendar, or Monday to Friday without the days ``off`` if these are given.

    >>> is_working_day(dt.date(2026, 2, 14)), is_working_day(dt.date(2026, 2, 17))  # a Saturday made up, Spring Festival
    (True, False)
    """
    weekday = day.weekday() < SATURDAY
    if off is not None:
        return weekday and day not in off
    year = official(day.year)
    return day in year.made_up or (weekday and day not in year.off)


def working_days(first: dt.date, last: dt.date, off: Collection[dt.date] | None = None) -> list[dt.date]:
    """The working days from ``first`` to ``last``, both included.

    >>> len(working_days(dt.date(2026, 2, 1), dt.date(2026, 2, 28)))
    16
    """
    days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if is_working_day(day, off)]
