"""What reads what: the ranges in a lowered formula, and quick answers to "which of these cells lies in that range"."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

from workbook_templates.cells import column_number
from workbook_templates.spelling import Token, bounds, cell_position, sheet_name, tokenize

Key = tuple[str, int, int]
Range = tuple[str, int, int, int, int]

MAX_SPILL = 10_000  # the engine's own bound, found by trying


class Formula(Protocol):
    """What is known of a reader: where it stands, its lowered text."""

    key: Key
    lowered: str


Reader = TypeVar("Reader", bound=Formula)


def reads(lowered: str, sheet: str) -> list[Range]:
    """The ranges a lowered formula reads: (sheet, first row, first column, last row, last column)."""
    found = []
    tokens = tokenize(lowered[1:])
    index = 0
    while index < len(tokens):
        where = sheet
        if tokens[index].kind == "sheet" and index + 1 < len(tokens):
            where = sheet_name(tokens[index].text)
            index += 1
        ends = [tokens[index].text]
        if index + 2 < len(tokens) and tokens[index + 1] == Token("op", ":") and tokens[index].kind in ("name", "number"):
            ends.append(tokens[index + 2].text)
            index += 2
        corners = _corners(ends) if tokens[index].kind in ("name", "number") else None
        if corners is not None:
            spilled = index + 1 < len(tokens) and tokens[index + 1] == Token("op", "#")
            top, left, bottom, right = corners
            found.append((where, top, left, bottom + MAX_SPILL * spilled, right + 100 * spilled))
        index += 1
    return found


def _corners(ends: Sequence[str]) -> tuple[int, int, int, int] | None:
    plain = [end.replace("$", "") for end in ends]
    if all(cell_position(end) for end in plain):
        return bounds(":".join(plain))
    if len(plain) == 2 and all(re.fullmatch(r"[A-Za-z]{1,3}", end) for end in plain):
        return 1, column_number(plain[0]), 1048576, column_number(plain[1])
    if len(plain) == 2 and all(end.isdigit() for end in plain):
        return int(plain[0]), 1, int(plain[1]), 16384
    return None


# Functions that may read any cell.
_MOVING = re.compile(r"\b(?:INDIRECT|OFFSET)\(", re.IGNORECASE)


class Places:
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
        hit = [w for w in self.ranges if w[0] == sheet and w[1] <= row <= w[3] and w[2] <= column <= w[4]]
        for where in hit:
            yield from self.ranges.pop(where)
