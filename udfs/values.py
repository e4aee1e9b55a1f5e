"""Cells in, cells out: what a cell may hold, how it is read, how money is rounded, compared and split.

A *cell* is ``None`` (blank), a number, text, a truth value, a date or an Excel error; a *range* is a list of rows. This is the
only place where cells become numbers, so every host (Excel on the desktop, the server, the engine, the command line) reads them
alike.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from udfs.text import Text

Floats = np.ndarray[Any, np.dtype[np.float64]]
Dates = np.ndarray[Any, np.dtype[np.datetime64]]
Objects = np.ndarray[Any, np.dtype[np.object_]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

NA, VALUE, NUM, DIV0, REF, NAME, NULL = "#N/A", "#VALUE!", "#NUM!", "#DIV/0!", "#REF!", "#NAME?", "#NULL!"
ERROR_CODES = frozenset({NA, VALUE, NUM, DIV0, REF, NAME, NULL, "#SPILL!", "#CALC!", "#GETTING_DATA", "#FIELD!", "#BLOCKED!"})

# Borders are compared as decimals: 3.3/3 is 1.1 and 0.1*3 is 0.3, whatever binary floats make of them.
TOLERANCE = 1e-9
LARGEST_EXACT = 2**53  # beyond it a float no longer holds every whole number, so parts could not add up
# Yuan with its fen in 15 digits, which is all that Excel keeps of a number.
MOST_YUAN = 1e13


class ExcelError(str):
    """An Excel error with its reason. It equals its code: ``ExcelError("#N/A", …) == "#N/A"``."""

    reason: Text
    __slots__ = ("reason",)

    def __new__(cls, code: str, reason: Text | None = None) -> ExcelError:
        error = super().__new__(cls, code)
        error.reason = reason or Text("", "")
        return error

    def __repr__(self) -> str:
        return f"<{str.__str__(self)} {self.reason}>"


class Refusal(Exception):
    """Raised by a function's body when it can't give any result; becomes an Excel error in every cell of the result."""

    def __init__(self, error: ExcelError) -> None:
        super().__init__(str(error.reason))
        self.error = error


# ---------------------------------------------------------------------------------------------------------------- reading


_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?(e[+-]?\d+)?", re.I)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?")
_EPOCH = dt.date(1899, 12, 30)
LAST_SERIAL = 2958465  # 9999-12-31


def is_error(cell: object) -> bool:
    """Whether a cell holds an Excel error; hosts hand errors over as their code."""
    return isinstance(cell, str) and (isinstance(cell, ExcelError) or cell in ERROR_CODES)


def is_blank(cell: object) -> bool:
    """Whether a cell is empty (NaN is how data frames write it)."""
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def tame(cell: Any) -> Any:
    """A whole number beyond what a cell can hold as infinity, which every reader refuses; Python alone has larger ones."""
    if type(cell) is int and not -_LARGEST <= cell <= _LARGEST:
        return math.inf if cell > 0 else -math.inf
    return cell


_LARGEST = int(sys.float_info.max)


def text_to_number(text: str) -> float | None:
    """A number written as text, as Excel's own arithmetic would read it; ``None`` if it is none.

    >>> text_to_number("￥1,200.50"), text_to_number("３５%"), text_to_number("abc")
    (1200.5, 0.35, None)
    """
    clean = unicodedata.normalize("NFKC", text).strip().replace("−", "-")
    sign = 1.0
    if clean.startswith("(") and clean.endswith(")"):
        clean, sign = clean[1:-1].strip(), -1.0
    clean = re.sub(r"^([+-]?)\s*[¥$€£]\s*", r"\1", clean)
    percent = clean.endswith("%")
    clean = clean.removesuffix("%").strip()
    match = _NUMBER.fullmatch(clean)
    if match is None or not any(c.isdigit() for c in re.split("e", clean, flags=re.I)[0]):
        return None
    # Decimal shifts "35%" exactly; 35/100 through floats would, too, but 4.35/100 would not.
    digits = clean.replace(",", "")
    try:
        number = float(Decimal(digits) * (Decimal("0.01") if percent else 1))
    except ArithmeticError:  # an exponent beyond even decimals: no number a cell can hold, or none but zero
        number = float(digits)
    return sign * number


def serial_to_date(serial: float) -> dt.date | None:
    """The date of an Excel serial number of the 1900 date system; ``None`` if there is none."""
    if not 1 <= serial < LAST_SERIAL + 1:
        return None
    # Excel believes 1900 was a leap year; serials before 1 March are one day off for everybody else.
    return _EPOCH + dt.timedelta(days=math.floor(serial) + (1 if serial < 60 else 0))


def date_to_serial(date: dt.date) -> float:
    """The Excel serial number (1900 date system) of a date or a date with time."""
    moment = date if isinstance(date, dt.datetime) else dt.datetime(date.year, date.month, date.day)
    days = (moment.replace(tzinfo=None) - dt.datetime(_EPOCH.year, _EPOCH.month, _EPOCH.day)) / dt.timedelta(days=1)
    return days - 1 if days < 61 else days


def year_before(day: dt.date) -> dt.date:
    """The same day a year before; 29 February becomes the 28th. The last day that no longer counts to the trailing 12 months.

    >>> year_before(dt.date(2028, 2, 29))
    datetime.date(2027, 2, 28)
    """
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def text_to_date(text: str) -> dt.date | None:
    """A date written as text (ISO, slashes, Chinese); ``None`` if it is none.

    >>> text_to_date("2027年3月5日")
    datetime.date(2027, 3, 5)
    """
    match = _DATE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not match:
        return None
    try:
        return dt.date(*(int(part) for part in match.groups()))
    except ValueError:
        return None


_CLOCK = re.compile(r"[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?(Z|[+-]\d{2}:\d{2})?")


def text_to_moment(text: str, zone: dt.tzinfo | None = None) -> dt.datetime | None:
    """A date with a time of day written as text; ``None`` if it is none. One with an offset becomes the time in ``zone``.

    >>> text_to_moment("2027-03-01 08:05"), text_to_moment("2027年3月1日")
    (datetime.datetime(2027, 3, 1, 8, 5), datetime.datetime(2027, 3, 1, 0, 0))
    """
    clean = unicodedata.normalize("NFKC", text).strip()
    day = text_to_date(clean)
    if day is None:
        return None
    moment = dt.datetime(day.year, day.month, day.day)
    match = _CLOCK.search(clean)
    if match is None:
        return moment
    hour, minute, second, part, offset = match.groups()
    try:
        moment = moment.replace(
            hour=int(hour), minute=int(minute), second=int(second or 0), microsecond=int((part or "").ljust(6, "0"))
        )
        if offset is None:
            return moment
        return dt.datetime.fromisoformat(f"{moment.isoformat()}{offset}").astimezone(zone).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def serial_to_moment(serial: float) -> dt.datetime | None:
    """The moment of an Excel serial number, to the millisecond: finer than that its fraction of a day is noise."""
    day = serial_to_date(serial)
    if day is None:
        return None
    thousandths = round((serial - math.floor(serial)) * 86_400_000)
    try:
        return dt.datetime(day.year, day.month, day.day) + dt.timedelta(milliseconds=thousandths)
    except OverflowError:
        return None


def show(cell: object) -> str:
    """A cell's value as a reason quotes it: short, on one line, numbers without binary noise (15 digits, as Excel shows them).

    >>> show(1_833_333.3300000001), show(1e15 - 1), show(0.125)
    ('1,833,333.33', '999,999,999,999,999', '0.125')
    """
    if isinstance(cell, bool | np.bool_):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float | np.number):
        number = float(tame(cell))
        if not math.isfinite(number) or abs(number) >= 1e15 or 0 < abs(number) < 1e-6:
            return f"{number:.15g}"
        before = len(str(int(abs(number))))
        return f"{number:,.{max(1, min(10, 15 - before))}f}".rstrip("0").rstrip(".") or "0"
    if isinstance(cell, np.datetime64):
        return str(cell).replace("T", " ")[:16]
    quoted = " ".join(str(cell).split())
    return f'"{quoted[:40]}…"' if len(quoted) > 40 else f'"{quoted}"'


# ----------------------------------------------------------------------------------------------------- comparing, rounding


def _tolerance(a: Any, b: Any) -> Any:
    return TOLERANCE * np.maximum(np.abs(a), np.abs(b)) + 1e-12


def at_least(a: Any, b: Any) -> Any:
    """a ≥ b as decimals (以上, 以内 turned round): within a relative 1e-9 counts as equal.

    >>> bool(at_least(3.3 / 3, 1.1)), 3.3 / 3 >= 1.1
    (True, False)
    """
    return np.asarray(a) >= b - _tolerance(a, b)


def more_than(a: Any, b: Any) -> Any:
    """a > b as decimals (超过); nothing is more than a missing number."""
    return np.asarray(a) - _tolerance(a, b) > b


def same(a: Any, b: Any) -> Any:
    """a = b as decimals."""
    return np.abs(np.asarray(a) - b) <= _tolerance(a, b)


def excel_round(x: Any, digits: int = 2) -> Any:
    """Excel's ROUND: half away from zero, on the decimal a person sees and not on the binary float behind it.

    >>> float(excel_round(2.675)), float(excel_round(-0.5, 0)), float(excel_round(1234.5, -2))
    (2.68, -1.0, 1200.0)
    """
    x = np.asarray(x, dtype=float)
    scale = 10.0 ** abs(digits)
    y = np.abs(x) * scale if digits >= 0 else np.abs(x) / scale
    whole = np.rint(y)
    if np.all(np.abs(y - whole) < 0.25):  # no half is near: nearly always, and many times as quick
        return _within_digits(x, y, whole, scale, digits)
    whole = np.floor(y)
    # A few units in the last place: 1.005*100 is 100.49999999999999 and means 100.5. Of large amounts a few units are whole fen.
    slack = np.minimum(4 * np.spacing(np.maximum(y, 1.0)), 0.25)
    return _within_digits(x, y, whole + (y - whole >= 0.5 - slack), scale, digits)


def _within_digits(x: Any, y: Any, whole: Any, scale: float, digits: int) -> Any:
    rounded = whole / scale if digits >= 0 else whole * scale
    # Beyond 2^53 a float has no digits left to round.
    return np.where(y < LARGEST_EXACT, np.copysign(rounded, x) + 0.0, x)


# ----------------------------------------------------------------------------------------------------------- exact parts


def exact(number: float) -> Fraction:
    """The decimal a float is written as: 0.1 is one tenth."""
    number = float(number)
    if -_CENTS < number < _CENTS and number.is_integer():  # no text to read
        return Fraction(int(number))
    return Fraction(repr(number))


_CENTS = 10**15  # money up to here is summed as whole cents, many times as fast as as fractions


def total_of(numbers: Iterable[float]) -> float:
    """The sum of money amounts as decimals, without the drift of float addition.

    >>> total_of([0.1] * 3)
    0.3
    """
    cents, rest = 0, Fraction(0)
    try:
        for number in numbers:
            amount = float(number)
            whole = round(amount * 100)
            # Fifteen digits are what a float writes and reads without loss: this is the decimal it is written as.
            if whole / 100 == amount and -_CENTS < whole < _CENTS:
                cents += whole
            else:
                rest += exact(amount)
        return float(rest + Fraction(cents, 100)) if rest else cents / 100
    except (OverflowError, ValueError):  # too large, or no number at all
        reason = Text("合计超出 Excel 的数值范围：请改小", "the sum is beyond Excel's range of numbers: make it smaller")
        raise Refusal(ExcelError(NUM, reason)) from None


def round_exact(amount: Fraction, digits: int = 2) -> float:
    """Excel's ROUND of an exact amount, however large: half away from zero."""
    scale = 10**digits
    half_up = math.floor(abs(amount) * scale + Fraction(1, 2))
    return float(Fraction(-half_up if amount < 0 else half_up, scale))


def units_in(whole: float, unit: float) -> tuple[int, Fraction]:
    """How many whole units an amount has, and the odd rest; a negative amount has negative ones.

    Refuses an amount of more units than a float can tell apart: its parts could not add up.
    """
    if not (math.isfinite(whole) and math.isfinite(unit)) or unit <= 0 or abs(whole) / unit > LARGEST_EXACT:
        reason = Text(
            f"{show(whole)} 无法按单位 {show(unit)} 精确拆分：请用更大的单位（单位应大于 0）",
            f"{show(whole)} can't be split exactly in units of {show(unit)}: use a larger unit (above 0)",
        )
        raise Refusal(ExcelError(NUM, reason))
    amount, size = exact(whole), exact(unit)
    count = int(abs(amount) / size)
    sign = -1 if amount < 0 else 1
    return sign * count, amount - sign * count * size


def largest_remainder(units: int, weights: Sequence[Fraction]) -> list[int]:
    """Split whole units in proportion to weights: every part gets its floor, the left-over go to the largest remainders.

    Ties go to the earlier part. Source: Hare-Niemeyer method; rules "Exact parts".

    >>> largest_remainder(7, [Fraction(50), Fraction(30), Fraction(20)])
    [4, 2, 1]
    """
    if units < 0:
        return [-part for part in largest_remainder(-units, weights)]
    whole = sum(weights, Fraction(0))
    parts, remainders = [], []
    for weight in weights:
        share = units * weight / whole
        part = math.floor(share)
        # Weights computed by floats can make a tie look like a difference in the 12th digit.
        if share - part > 1 - Fraction(1, 10**9):
            part += 1
        parts.append(part)
        remainders.append(round(float(share - part), 9))
    order = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
    order = [i for i in order if weights[i] > 0]
    left = units - sum(parts)
    for k in range(abs(left)):
        parts[order[k % len(order)] if left > 0 else order[-1 - k % len(order)]] += 1 if left > 0 else -1
    return parts


def apportion(whole: float, weights: Iterable[float], unit: float = 1.0) -> list[float]:
    """Split an amount into parts that are multiples of ``unit`` and add up to it exactly; an odd rest goes to the last part.

    >>> apportion(100, [1, 1, 1], 0.01)
    [33.34, 33.33, 33.33]
    """
    units, rest = units_in(whole, unit)
    parts = [part * exact(unit) for part in largest_remainder(units, [exact(w) for w in weights])]
    parts[-1] += rest
    return [float(part) for part in parts]
