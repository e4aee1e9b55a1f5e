"""Plan to date and days of work: how far a plan has come by the Chinese working-day calendar, and dates counted in working days."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Collection
from fractions import Fraction
from typing import Annotated, Any

from udfs.calendar_cn import is_working_day, official, working_days
from udfs.formula import ONE, between, date, formula, many, note, one, refuse
from udfs.text import Text
from udfs.values import NA, NUM, VALUE, Dates, Floats, exact

MONTHS = 12
_YEARS = between(1901, 9998)
_FAR = 5000  # working days: twenty years
_FIRST, _LAST = dt.date(1901, 1, 2), dt.date(9998, 12, 30)  # what the calendar knows
Holidays = Annotated[
    Dates | None,
    many("放假日期；空：官方日历（含调休）", "days off; blank: the official calendar with make-up days", date, blanks="skip"),
]


def days_off(holidays: Dates | None) -> Collection[dt.date] | None:
    """The days off of a list of one's own; None: the official calendar counts."""
    return None if holidays is None else {day.item() for day in holidays}


def say_unannounced(year: int, holidays: Dates | None) -> None:
    """Say where the official calendar is not complete yet."""
    if holidays is None and not official(year).announced:
        note(
            "{year} 年调休安排尚未收录：按周末和法定节假日计算，公布后请更新或填 holidays",
            "the make-up days of {year} are not known here: weekends and statutory holidays count; update later or give holidays",
            year=Text(str(year), str(year)),
        )


@formula(
    0,
    "截至某日应完成的计划：已过月份全计，当月按工作日",
    "The plan up to a day: closed months in full, the month that runs by working days",
    gives=ONE,
)
def plantodate(
    months: Annotated[Floats, many("十二个月的计划", "the plan of twelve months")],
    year: Annotated[int, one("计划年度", "the plan's year", _YEARS)],
    as_of: Annotated[Any, one("截止日期", "the as-of date", date)],
    holidays: Holidays = None,
) -> float:
    """The part of a year's plan that is due up to a day.

    Months that are over count in full; the month of the as-of date counts by working days elapsed, that day included, over all its
    working days; later months don't count. A day before the year gives 0, one after it the whole plan. With ``holidays`` given, Monday
    to Friday without those days are worked; without, the official calendar counts, make-up days as far as they are announced. The last
    day of a month is always its end, worked or not.

    Returns: one value in the plan's unit.
    Errors: #VALUE! not twelve months, text; #NUM! a year that is none; #N/A a month without a working day.
    Source: design, common rules of the screens.
    Example:
        >>> plantodate([16, 8, 16, 9, 9, 12, 6, 6, 8, 3, 3, 4], 2026, "2026-06-30")
        70.0
    """
    refuse(
        len(months) != MONTHS,
        VALUE,
        "参数 months 有 {got} 格：应为 12 格",
        "argument months has {got} cells: give 12",
        got=len(months),
    )
    refuse(
        year != int(year),
        NUM,
        "参数 year 为 {year}：请填年份，如 2027",
        "argument year is {year}: enter a year such as 2027",
        year=year,
    )
    number, day = int(year), as_of.item()
    if day.year != number:
        return float(sum(map(exact, months.tolist()), Fraction(0))) if day.year > number else 0.0
    done = sum(map(exact, months.tolist()[: day.month - 1]), Fraction(0))
    return float(done + exact(months.tolist()[day.month - 1]) * _elapsed(day, holidays))


def _elapsed(day: dt.date, holidays: Dates | None) -> Fraction:
    """The part of a month's working days that is over at the end of a day."""
    first, last = day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])
    if day == last:
        return Fraction(1)
    say_unannounced(day.year, holidays)
    off = days_off(holidays)
    worked = len(working_days(first, last, off))
    refuse(
        not worked, NA, "{month} 没有工作日：请检查 holidays", "{month} has no working day: check holidays",
        month=Text(f"{day:%Y-%m}", f"{day:%Y-%m}"),
    )  # fmt: skip
    return Fraction(len(working_days(first, day, off)), worked)


@formula(
    0,
    "从某日起数若干个工作日得到的日期，含调休",
    "The date some working days from another, by the Chinese calendar",
    gives=ONE,
)
def workday(
    start: Annotated[Any, one("起始日期", "the day to start from", date)],
    days: Annotated[float, one("工作日数；负数往前数", "working days; below 0: counted back", between(-_FAR, _FAR))],
    holidays: Holidays = None,
) -> dt.date:
    """The day that lies a number of working days after (or before) another; that day itself is not counted.

    Excel's WORKDAY knows neither China's holidays nor the weekend days that make up for them; this one does, as far as they are
    announced. With ``holidays`` given, Monday to Friday without those days are worked. 0 gives the day itself.

    Returns: a date.
    Errors: #VALUE! text; #NUM! not a whole number, more than 5,000 days, a date beyond the calendar.
    Source: design, common rules of the screens (a figure is stale after ten working days).
    Example:
        >>> workday("2026-09-30", 1)
        datetime.date(2026, 10, 8)
    """
    refuse(days != int(days), NUM, "参数 days 为 {days}：请填整数", "argument days is {days}: enter a whole number", days=days)
    day: dt.date = start.item()
    step, off, left = dt.timedelta(days=1 if days > 0 else -1), days_off(holidays), abs(int(days))
    if left:
        say_unannounced(day.year, holidays)
    while left:
        refuse(
            not _FIRST <= day <= _LAST,
            NUM,
            "起始日期离日历边界太近：请检查 start",
            "the start is too near the calendar's end: check start",
        )
        day += step
        left -= is_working_day(day, off)
    return day
