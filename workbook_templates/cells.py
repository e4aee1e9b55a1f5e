"""Cells, once: what one may hold, where it stands and how that is written, and dates as the numbers they are in a cell.

The one vocabulary of the package reader, the engine and the writers; it knows neither files nor engines.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from udfs.values import date_to_serial

MAX_COLUMN = 16384
# A formula beside a Table spills to fewer cells than this in the engine and in older Excel.
MOST_SPILLED = 10_000


class ErrorValue(str):
    """An Excel error in a cell. It equals its code (``ErrorValue("#N/A") == "#N/A"``) and yet is told apart from text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{str.__str__(self)}>"


# Numbers are floats, dates are their serials in the 1900 system, a blank is None.
Value = float | str | bool | ErrorValue | None
At = tuple[int, int]


# ------------------------------------------------------------------------------------------------------------- addresses


@lru_cache(maxsize=MAX_COLUMN)
def column_letters(column: int) -> str:
    """1 → A, 28 → AB."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """A → 1, AB → 28."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def address(row: int, column: int) -> str:
    """``address(2, 28)`` is ``AB2``."""
    return f"{column_letters(column)}{row}"


# ----------------------------------------------------------------------------------------------------------------- dates

_1904 = 1462  # days from the start of the 1900 system to that of the 1904 system


def serial(moment: dt.date, date1904: bool = False) -> float:
    """A date or datetime as Excel's day number (1900 system: with its 29 February 1900).

    >>> serial(dt.date(2026, 1, 15))
    46037.0
    """
    return date_to_serial(moment) - (_1904 if date1904 else 0)


def moment_of(number: float) -> dt.datetime:
    """The moment of a day number of the 1900 system from 1 March 1900 on, to the second."""
    return dt.datetime(1899, 12, 30) + dt.timedelta(seconds=round(number * 86400))
