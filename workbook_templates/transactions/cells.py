"""Whole columns of raw cells → arrays: days, numbers, IDs. A million cells are not looked at one by one.

What nearly all cells of an export look like (2027-03-05 14:30, 1200.50) is read at once; each other cell goes through the careful
parser of imports, once a different text. Both ways give the same: the fast one takes only what the careful one reads alike.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from udfs import policy
from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.intake import parsing
from workbook_templates.intake.columns import (
    PLAIN_IDS,
    Array,
    Coded,
    Texts,
    arrow,
    coded,
    compute,
    in_one,
    is_arrow,
    is_text,
    listed,
)
from workbook_templates.intake.files import Raw, blank
from workbook_templates.intake.parsing import Bad, Habit
from workbook_templates.tables.schema import Column

BLANK = 1  # the reason of a cell nothing stands in
IS_BLANK = Text("为空：请填写", "is blank: fill it in")
_TIME = re.compile(r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_HEAD = 10  # a date with two digits for month and day; what follows it is a time
# Up to Excel's 15 digits a float rounds to the same fen as the decimal does.
_PLAIN = r"^[+-]?[0-9]{1,9}(\.[0-9]{1,6})?$"
_DRESSED = re.compile(r"[+-]?[￥¥]? ?(?:[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2})(?:\.[0-9]{1,6})?")
_LONGEST_PLAIN = 60
_UNDRESS = str.maketrans("", "", "￥¥ ,")
_SHORT_NUMBER = 12
_MOST = 1e9  # what is larger goes to the careful parser, which knows where fen end
_POINT = Habit()
_EPOCH = dt.date(1970, 1, 1)
_BEGIN = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_QUARTER, _DAY = 900, 86_400  # seconds
_A_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_TEXTS = {str, type(None)}
_NOT_A_DAY = np.iinfo(np.int64).min


@dataclass
class Typed:
    """A column as an array. ``why`` is 0 for a good cell, else the place of its reason in ``reasons``."""

    values: Array
    why: Array
    reasons: list[Text] = field(default_factory=lambda: [Text("", ""), IS_BLANK])
    zoned: bool = False  # days of moments that were given with their offset

    def refuse(self, rows: Any, reason: Text) -> None:
        """Give rows a reason."""
        self.why[rows] = len(self.reasons)
        self.reasons.append(reason)


def _each(found: Coded, read: Callable[[Raw], Any], nothing: Any, kind: Any) -> Typed:
    """Read each different cell once."""
    reasons = [Text("", ""), IS_BLANK]
    known: dict[Text, int] = {IS_BLANK: BLANK}
    values = np.full(len(found.values) + 1, nothing, dtype=kind)
    why = np.zeros(len(found.values) + 1, np.int32)
    why[-1] = BLANK  # code -1
    for code, cell in enumerate(found.values):
        if blank(cell):
            why[code] = BLANK
            continue
        try:
            values[code] = read(cell)
        except Bad as bad:
            why[code] = known.setdefault(bad.text, len(reasons))
            if why[code] == len(reasons):
                reasons.append(bad.text)
    return Typed(values[found.codes], why[found.codes], reasons)


# --------------------------------------------------------------------------------------------------------------------- IDs


class Ids(NamedTuple):
    """An ID column: ``typed`` holds places in ``names`` (−1: none); ``spelled`` is how a name was first written
    (not kept of optional ones)."""

    typed: Typed
    names: Sequence[str]
    spelled: dict[str, str]
    several: set[str]  # names written in several ways
    plain: bool  # whether all cells are IDs as they stand


def ids(found: Coded, spec: Column, optional: bool = False) -> Ids:
    """An ID column. With ``optional`` what is no proper ID is kept as it stands, or is none where its digits are lost."""
    if _plain_ids(found.values):
        names: Any = found.values
        typed = Typed(found.codes, np.where(found.codes < 0, BLANK, 0).astype(np.int32))
        return Ids(typed, names, {} if optional else dict(zip(names, names, strict=True)), set(), True)
    return _careful_ids(found, parsing.parser(spec), optional)


def _plain_ids(values: Sequence[Raw]) -> bool:
    """Whether all different cells are IDs that the careful parser leaves as they are."""
    if isinstance(values, Texts):
        return True
    if not set(map(type, values)) <= {str}:
        return False
    if not parsing.DASHES.isdisjoint(values):
        return False
    joined = "".join(values)  # type: ignore[arg-type]
    if not joined.isascii() or joined.encode().translate(None, PLAIN_IDS):
        return False
    lengths = list(map(len, values))  # type: ignore[arg-type]
    return bool(lengths) and min(lengths) > 0 and max(lengths) <= _LONGEST_PLAIN


def _careful_ids(found: Coded, parse: parsing.Parse, optional: bool) -> Ids:
    names: dict[str, int] = {}
    spelled: dict[str, str] = {}
    several: set[str] = set()

    def read(cell: Raw) -> int:
        if isinstance(cell, str) and cell.strip() in parsing.DASHES:
            raise Bad(IS_BLANK)
        try:
            name = parse(cell)
        except Bad:
            if not optional:
                raise
            if parsing.lost_digits(cell):
                raise
            name = " ".join(str(cell).split())
        written = parsing.unguarded(cell) if isinstance(cell, str) else name
        if spelled.setdefault(name, written) != written:
            several.add(name)
        return names.setdefault(name, len(names))

    typed = _each(found, read, -1, np.int64)
    if optional:
        typed.why[typed.why > BLANK] = BLANK
    return Ids(typed, list(names), spelled, several, False)


# --------------------------------------------------------------------------------------------------------------------- days


def order_shown(column: Any, some: Coded | None = None) -> set[bool]:
    """Whether the dates of a column with the year last put the day first, as far as its cells prove it. ``some``: its cells, where few."""
    if is_arrow(column) and not is_text(column):
        return set()
    mixed = not is_arrow(column) and not set(map(type, column)) <= _TEXTS
    found = some or coded(column if mixed else _sliced(column, 0, _HEAD))
    heads = [cell if mixed else cell[:_HEAD] for cell in found.values if isinstance(cell, str)]
    day_first = parsing.date_habit(heads)
    if day_first is not None:
        return {day_first}
    both = {parsing.date_habit([head]) for head in heads}
    return {way for way in both if way is not None}


def days(
    column: Any,
    spec: Column,
    day_first: bool | None,
    from_1904: bool = False,
    zone: dt.tzinfo | None = None,
    given: dt.tzinfo | None = None,
    some: Coded | None = None,
) -> Typed:
    """Days since 1970. ``given``: the offset of times that say none, by the column's header; ``some``: its different cells, where few."""
    parse = parsing.parser(spec, Habit(day_first=day_first, from_1904=from_1904, zone=zone, given=given))

    def read(cell: Raw) -> int:
        return int((parse(cell) - _EPOCH).days)

    if is_arrow(column) and not is_text(column):
        return _arrow_days(column, read, zone or policy.zone(), given)
    if given is not None or (not is_arrow(column) and not set(map(type, column)) <= _TEXTS):
        typed = _each(coded(column), read, _NOT_A_DAY, np.int64)
        typed.zoned = given is not None or parsing.has_offset(column)
        return typed
    if some is not None:  # days without a time of day: each is read once
        typed = _each(some, read, _NOT_A_DAY, np.int64)
        typed.zoned = parsing.has_offset(some.values)
        return typed
    heads, tails = coded(_sliced(column, 0, _HEAD)), coded(_sliced(column, _HEAD, None))
    typed = _each(heads, read, _NOT_A_DAY, np.int64)
    timed = np.array([_TIME.fullmatch(str(tail)) is not None for tail in tails.values] + [True])
    whole = np.array([len(str(head)) == len(str(head).strip()) for head in heads.values] + [True])
    odd = np.flatnonzero(
        (typed.why > BLANK)
        | ~timed[tails.codes]
        | ((tails.codes >= 0) & ~whole[heads.codes])
        | (typed.why == BLANK) & (tails.codes >= 0)
    )
    cells = listed(column, odd)
    typed = _again(typed, odd, _each(coded(cells), read, _NOT_A_DAY, np.int64))
    typed.zoned = parsing.has_offset(cells)
    return typed


def _again(typed: Typed, rows: Array, careful: Typed) -> Typed:
    """Put what the careful parser said of some rows in their place."""
    if len(rows):
        typed.values[rows] = careful.values
        typed.why[rows] = np.where(careful.why > BLANK, careful.why + len(typed.reasons), careful.why)
        typed.reasons += careful.reasons
    return typed


def _sliced(column: Any, begin: int, end: int | None) -> Any:
    if not is_arrow(column):
        return [None if cell is None else cell[begin:end] for cell in column]
    text = column.cast(arrow().string()) if arrow().types.is_dictionary(column.type) else column
    return compute().utf8_slice_codeunits(text, begin, end)


def _arrow_days(column: Any, read: Callable[[Raw], int], zone: dt.tzinfo, given: dt.tzinfo | None) -> Typed:
    pa, kind = arrow(), column.type
    if not (pa.types.is_timestamp(kind) or pa.types.is_date(kind)):
        return _each(coded(column), read, _NOT_A_DAY, np.int64)
    zoned = bool(pa.types.is_timestamp(kind) and (kind.tz or given))
    ahead = given.utcoffset(None) if zoned and given is not None and not kind.tz else None
    none = np.asarray(column.is_null())
    if zoned:  # a moment: its day is the company's
        moments = np.asarray(column.cast(pa.int64()).fill_null(0)).astype(np.int64)
        values = _local_days(moments // _A_SECOND[kind.unit] - (int(ahead.total_seconds()) if ahead else 0), zone)
    else:
        whole = compute().floor_temporal(column, unit="day") if pa.types.is_timestamp(kind) else column
        values = np.asarray(whole.cast(pa.date32(), safe=False).cast(pa.int32()).fill_null(0)).astype(np.int64)
    typed = Typed(values, np.where(none, BLANK, 0).astype(np.int32), zoned=zoned)
    lowest, highest = ((day - _EPOCH).days for day in (parsing.EARLIEST, parsing.LATEST))
    odd = np.flatnonzero(~none & ((values < lowest) | (values > highest)))
    return _again(typed, odd, _each(coded(listed(column, odd)), read, _NOT_A_DAY, np.int64)) if len(odd) else typed


def _local_days(seconds: Array, zone: dt.tzinfo) -> Array:
    """The days of moments in a zone. Clocks change on a quarter of an hour; Arrow's own zones are missing on Windows."""
    quarters, which = np.unique(seconds // _QUARTER, return_inverse=True)
    ahead = [_ahead(quarter * _QUARTER, zone) for quarter in quarters.tolist()]
    return (seconds + np.array(ahead, np.int64)[which]) // _DAY if len(seconds) else seconds


def _ahead(second: int, zone: dt.tzinfo) -> int:
    """How many seconds a zone is ahead of UTC."""
    try:
        offset = (_BEGIN + dt.timedelta(seconds=second)).astimezone(zone).utcoffset()
    except OverflowError:  # no year of ours: what reads the day refuses it
        return 0
    return int(offset.total_seconds()) if offset is not None else 0


# ------------------------------------------------------------------------------------------------------------------ numbers


def numbers(column: Any, spec: Column, scale: Decimal = Decimal(1), header: str = "") -> Typed:
    """Numbers with all their digits; money is in yuan and not rounded yet."""
    habit = Habit()

    def read(cell: Raw) -> float:
        return careful_number(cell, spec, scale, habit)

    values, odd = _plain_numbers(column)
    cells = listed(column, odd)
    # 1,5 is odd, and so is what proves a decimal comma; what proves a point need not be.
    if len(odd) and parsing.comma_habit(cells) is not False:
        habit = comma(listed(column), header)
    if habit.comma:  # one style for a column: 1.234 is 1234 here
        return _each(coded(listed(column)), read, np.nan, float)
    if scale != 1:
        values = values * float(scale)
    typed = Typed(values, np.zeros(len(values), np.int32))
    if not len(odd):
        return typed
    dressed = np.fromiter(
        (_DRESSED.fullmatch(cell) is not None if isinstance(cell, str) else False for cell in cells), bool, len(cells)
    )
    some = odd[dressed]
    typed.values[some] = [float(cells[k].translate(_UNDRESS)) for k in np.flatnonzero(dressed).tolist()]  # type: ignore[union-attr]
    typed.values[some] *= float(scale)
    rest = [cells[k] for k in np.flatnonzero(~dressed).tolist()]
    return _again(typed, odd[~dressed], _each(coded(rest), read, np.nan, float))


def comma(cells: Sequence[Raw], header: str) -> Habit:
    """How the numbers of a column are written; Refused where its cells prove two ways."""
    told = parsing.comma_habit(cells)
    if told is None:
        raise Refused(parsing.two_styles(header))
    return Habit(comma=told)


def careful_number(cell: Raw, spec: Column, scale: Decimal = Decimal(1), habit: Habit = _POINT) -> float:
    """One number as imports read it, before rounding."""
    number = parsing.decimal(cell, spec, scale, habit)
    if abs(number) >= parsing.MOST_DIGITS // 100:
        raise Bad(parsing.TOO_LARGE)
    return float(number)


def _plain_numbers(column: Any) -> tuple[Array, Array]:
    """The numbers of a column and the rows that can't be read at once."""
    if not is_arrow(column):
        return _plain_sequence(column)
    pa = arrow()
    if is_text(column):
        if (found := _short_numbers(column)) is not None:
            return found, np.flatnonzero(~(np.abs(found) < _MOST))
        text = column.cast(pa.string())
        fits = compute().match_substring_regex(text, _PLAIN)
        values = compute().if_else(fits, text, None).cast(pa.float64())
    elif pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type):
        values = column.cast(pa.float64(), safe=False)
    else:
        return np.full(len(column), np.nan), np.arange(len(column))
    found = np.array(values.fill_null(np.nan).to_numpy(), dtype=float)
    return found, np.flatnonzero(~(np.abs(found) < _MOST))


def _short_numbers(column: Any) -> Array | None:
    """The numbers of texts such as 1200.50 and -3, where all are so short that none has more digits than a float; None for others."""
    pa = arrow()
    whole = in_one(column)
    if not pa.types.is_string(whole.type) or whole.null_count or len(whole) == 0:
        return None
    _, offsets, buffer = whole.buffers()
    at = np.frombuffer(offsets, np.int32)[whole.offset : whole.offset + len(whole) + 1].astype(np.int64)
    lengths = np.diff(at)
    if lengths.min() == 0 or lengths.max() > _SHORT_NUMBER:
        return None
    data = memoryview(buffer)[int(at[0]) : int(at[-1])].tobytes()
    if data.translate(None, b"0123456789.-"):
        return None
    try:
        return np.array(whole.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=float)
    except pa.ArrowInvalid:  # 1.2.3, 5-, 2026-01-05
        return None


def _plain_sequence(column: Sequence[Raw]) -> tuple[Array, Array]:
    try:
        kinds = set(map(type, column))
        texts = "".join(column if kinds == {str} else (cell for cell in column if type(cell) is str))  # type: ignore[arg-type]
        if kinds <= {str, float} and texts.isascii() and "_" not in texts:  # float() reads 1_000, too
            found = np.fromiter(map(float, column), float, len(column))  # type: ignore[type-var,arg-type]
            return found, np.flatnonzero(~(np.abs(found) < _MOST))
    except ValueError:
        pass
    match = re.compile(_PLAIN).fullmatch
    found = np.fromiter(
        (float(c) if type(c) is float or (type(c) is str and match(c)) else np.nan for c in column), float, len(column)
    )
    return found, np.flatnonzero(~(np.abs(found) < _MOST))
