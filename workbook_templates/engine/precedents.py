"""What reads what: the ranges in a lowered formula, and quick answers to "which of these cells lies in that range"."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Generic, NamedTuple, Protocol, TypeVar

from workbook_templates.cells import column_letters, column_number
from workbook_templates.formulas.memory import recall
from workbook_templates.formulas.shapes import row_of, shape_of
from workbook_templates.formulas.spelling import Token, bounds, cell_position, sheet_name, tokenize

Key = tuple[str, int, int]
Range = tuple[str, int, int, int, int]

MAX_SPILL = 10_000  # the engine's own bound, found by trying
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_COLON, _HASH = Token("op", ":"), Token("op", "#")
MAX_ARRAY = 100_000  # old arrays are shown cell by cell: one over more cells than this (a whole sheet, say) is left to Excel


class Asking(Protocol):
    """What is known of a reader: where it stands, its lowered text."""

    key: Key
    lowered: str


Reader = TypeVar("Reader", bound=Asking)


class Reference(NamedTuple):
    """A range as a formula names it: a column or a row of 0 is all of them. ``spilled``: the array that begins there."""

    sheet: str | None
    ends: tuple[tuple[int, int], ...]
    spilled: bool

    def at(self, sheet: str, parts: Sequence[str] = ()) -> Range:
        """Where that is, for a formula on a sheet; with the parts of the formula, where this was read from its shape."""
        (top, left), (bottom, right) = self.ends[0], self.ends[-1]
        if parts:
            top, bottom = row_of(top, parts), row_of(bottom, parts)
        if not top:
            top, bottom = 1, _LAST_ROW
        if not left:
            left, right = 1, _LAST_COLUMN
        if bottom < top:
            top, bottom = bottom, top
        if right < left:
            left, right = right, left
        return (
            sheet if self.sheet is None else self.sheet,
            top,
            left,
            bottom + MAX_SPILL * self.spilled,
            right + 100 * self.spilled,
        )


@lru_cache(maxsize=20_000)
def reads(lowered: str, sheet: str) -> tuple[Range, ...]:
    """The ranges a lowered formula reads: (sheet, first row, first column, last row, last column)."""
    shape = shape_of(lowered)
    return tuple([reference.at(sheet, shape.parts) for reference in references(shape.text)])


@lru_cache(maxsize=1 << 14)
def references(shape: str) -> tuple[Reference, ...]:
    """The ranges that a lowered formula, or the shape of many, names."""
    known = recall("ranges", shape, lambda: [[*found] for found in _references(shape)])
    return tuple([Reference(sheet, tuple([(row, column) for row, column in ends]), spilled) for sheet, ends, spilled in known])


def _references(shape: str) -> list[Reference]:
    found: list[Reference] = []
    tokens = tokenize(shape[1:])
    index = 0
    while index < len(tokens):
        where = None
        if tokens[index].kind == "sheet" and index + 1 < len(tokens):
            where = sheet_name(tokens[index].text)
            index += 1
        ends = [tokens[index].text]
        if index + 2 < len(tokens) and tokens[index + 1] == _COLON and tokens[index].kind in ("name", "number"):
            # The sheet may be said again before the second corner: so it is between two names, and Excel takes it typed.
            again = tokens[index + 2].kind == "sheet" and index + 3 < len(tokens)
            where = sheet_name(tokens[index + 2].text) if again and where is None else where
            index += 2 + again
            ends.append(tokens[index].text)
        corners = _corners(ends) if tokens[index].kind in ("name", "number") else None
        if corners is not None:
            found.append(Reference(where, corners, index + 1 < len(tokens) and tokens[index + 1] == _HASH))
        index += 1
    return found


def _corners(ends: Sequence[str]) -> tuple[tuple[int, int], ...] | None:
    plain = [end.replace("$", "") for end in ends]
    cells = [cell_position(end) for end in plain]
    if None not in cells:
        return tuple(cell for cell in cells if cell is not None)
    if len(plain) == 2 and all(re.fullmatch(r"[A-Za-z]{1,3}", end) for end in plain):
        return tuple((0, column_number(end)) for end in plain)
    if len(plain) == 2 and all(end.isdigit() for end in plain):
        return tuple((int(end), 0) for end in plain)
    return None


# Functions that may read any cell.
_MOVING = re.compile(r"\b(?:INDIRECT|OFFSET)\(", re.IGNORECASE)


def moves(lowered: str) -> bool:
    """Whether a formula may read any cell."""
    return _MOVING.search(lowered) is not None


# A range that ends in a row of five digits or more: far below most sheets' last.
_FAR = re.compile(r"((?:'(?:[^']|'')*'|[\w.]+)!)?(\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6}:\$?[A-Za-z]{1,3}\$?[1-9]\d{4,6})(?![\w.(])")
_FIVE_DIGITS = re.compile(r"\d{5}")  # quick to look for
# What counts blank cells or the cells of a range: with one of these a formula keeps its ranges. What only points into one
# keeps that one.
_COUNTS_BLANKS = frozenset({"ROWS", "COLUMNS", "ROW", "COLUMN", "COUNTBLANK", "ISBLANK", "NOT", "AREAS"})
_POINTS = frozenset({"INDEX", "OFFSET"})
_WORTH_CLIPPING = 10_000


class Clipper:
    """Cuts ranges that run far below everything (a Table dragged to the last row) down to what is there.

    What comes out is the same and takes the time of the cells that are there: blank rows add nothing to a total, a filter
    or a list. Formulas that ask for blanks or for the size of a range keep them; so do whole columns (``A:A``), which the
    engine cuts by itself. All ranges of a formula are cut alike, so that ranges of one length stay of one length.
    """

    def __init__(self, last: Callable[[str], tuple[int, int]]) -> None:
        self._last = last  # the last row and column of a sheet that may hold anything
        self._known: dict[tuple[str, str], bool] = {}

    def clip(self, lowered: str, sheet: str) -> str:
        """The lowered formula with its far ranges cut."""
        found = _FAR.findall(lowered) if _FIVE_DIGITS.search(lowered) else ()
        if not any(self._runs_far(sheet_name(prefix) if prefix else sheet, area) for prefix, area in found):
            return lowered
        tokens = tokenize(lowered[1:])
        far = list(self._far(tokens, sheet))
        if any(_asks_for_blanks(tokens, index) for index, _ in far):
            return lowered
        far = [(index, where) for index, where in far if _called(tokens, index) not in _POINTS]
        if not far:
            return lowered
        bottom, right = (max(ends) for ends in zip(*(self._last(where) for _, where in far), strict=True))
        texts = [token.text for token in tokens]
        for index, _ in far:
            top, left, last_row, last_col = bounds(texts[index] + ":" + texts[index + 2])
            texts[index] = f"${column_letters(left)}${top}"
            texts[index + 2] = f"${column_letters(max(left, min(last_col, right)))}${max(top, min(last_row, bottom))}"
        return "=" + "".join(texts)

    def _far(self, tokens: Sequence[Token], sheet: str) -> Iterator[tuple[int, str]]:
        """The ranges worth cutting: (index of their first corner, their sheet)."""
        for index in range(len(tokens) - 2):
            ends = tokens[index].text, tokens[index + 2].text
            ranged = tokens[index + 1] == Token("op", ":") and tokens[index].kind == tokens[index + 2].kind == "name"
            if not ranged or not all(map(cell_position, ends)):
                continue
            before = tokens[index - 1] if index else None
            where = sheet_name(before.text) if before is not None and before.kind == "sheet" else sheet
            if self._runs_far(where, ":".join(ends)):
                yield index, where

    def _runs_far(self, sheet: str, area: str) -> bool:
        """Whether a range has far more cells than the sheet can hold anything in; asked once for each."""
        known = self._known.get((sheet, area))
        if known is None:
            if not all(map(cell_position, area.split(":"))):  # beyond the sheet: names
                return False
            top, left, bottom, right = bounds(area)
            last_row, last_col = self._last(sheet)
            there = max(0, min(bottom, last_row) - top + 1) * max(0, min(right, last_col) - left + 1)
            known = (bottom - top + 1) * (right - left + 1) - there > _WORTH_CLIPPING
            self._known[sheet, area] = known
        return known


def _called(tokens: Sequence[Token], index: int) -> str:
    """The function whose first argument the range at ``index`` is; blank if it is none's."""
    start = index - 1 if index and tokens[index - 1].kind == "sheet" else index
    return tokens[start - 2].text.upper() if start > 1 and tokens[start - 1].kind == "open" else ""


def _asks_for_blanks(tokens: Sequence[Token], index: int) -> bool:
    """Whether blank cells of the range at ``index`` count: ``ROWS(A2:A9)``, ``A2:A9=""``, ``COUNTIFS(A2:A9,"")``."""
    following = [t.text for t in tokens[index + 3 :] if t.kind != "space"][:2]
    compared = following[:1] in (["="], [","]) and following[1:] in (['""'], ["0"], ['"="'])
    return compared or _called(tokens, index) in _COUNTS_BLANKS


class CellIndex:
    """Cells that can be asked for by range quickly."""

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self.rows: dict[tuple[str, int], list[int]] = defaultdict(list)
        for sheet, row, column in keys:
            self.rows[sheet.lower(), column].append(row)
        for rows in self.rows.values():
            rows.sort()

    def __bool__(self) -> bool:
        return bool(self.rows)

    def first_in(self, where: Range) -> tuple[int, int] | None:
        """(row, column) of the first of the cells within a range."""
        sheet, top, left, bottom, right = where
        columns = sorted(c for s, c in self.rows if s == sheet.lower() and left <= c <= right)
        for column in columns:
            rows = self.rows[sheet.lower(), column]
            place = bisect_left(rows, top)
            if place < len(rows) and rows[place] <= bottom:
                return rows[place], column
        return None


class Readers(Generic[Reader]):
    """Which formulas read a cell; each is told once."""

    def __init__(self, formulas: Iterable[Reader]) -> None:
        self.cells: dict[Key, list[Reader]] = defaultdict(list)
        self.ranges: dict[Range, list[Reader]] = defaultdict(list)
        self.anywhere: list[Reader] = []
        for formula in formulas:
            for sheet, top, left, bottom, right in reads(formula.lowered, formula.key[0]):
                if (top, left) == (bottom, right):
                    self.cells[sheet.lower(), top, left].append(formula)
                else:
                    self.ranges[sheet.lower(), top, left, bottom, right].append(formula)
            if _MOVING.search(formula.lowered):
                self.anywhere.append(formula)

    def pop(self, key: Key) -> Iterator[Reader]:
        """The formulas that read a cell and were not handed out yet for the same reading."""
        sheet, row, column = key[0].lower(), key[1], key[2]
        yield from self.cells.pop((sheet, row, column), ())
        yield from self._meeting((sheet, row, column, row, column))

    def pop_area(self, area: Range) -> Iterator[Reader]:
        """The same for every cell of a rectangle, however large."""
        sheet, top, left, bottom, right = area[0].lower(), *area[1:]
        for cell in [c for c in self.cells if c[0] == sheet and top <= c[1] <= bottom and left <= c[2] <= right]:
            yield from self.cells.pop(cell)
        yield from self._meeting((sheet, top, left, bottom, right))

    def _meeting(self, area: Range) -> Iterator[Reader]:
        sheet, top, left, bottom, right = area
        hit = [w for w in self.ranges if w[0] == sheet and w[1] <= bottom and top <= w[3] and w[2] <= right and left <= w[4]]
        for where in hit:
            yield from self.ranges.pop(where)
