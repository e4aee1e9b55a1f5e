"""Formulas alike but for their rows, numbers and texts: what is worked out for one holds for all, with their own parts put back.

A plan has a line for each of its figures and a formula in each line: of 4,300 different formulas 1,300 are of a different shape.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from workbook_templates.formulas import spelling
from workbook_templates.formulas.memory import recall
from workbook_templates.formulas.spelling import SPECIFIER

# Where a part was: a row of six digits or more beyond what a shape takes out itself, a number of nine digits, a text between
# noncharacters. Each says the part's place, so they may come back in any order.
_FIRST_ROW, _FIRST_NUMBER, _MARK = 1_000_001, 900_000_001, "\ufdd2"
_PUT = re.compile(rf"(?<=[A-Za-z$])(10[0-4]\d{{4}})(?!\d)|(?<![\w\\$.?])(9\d{{8}})(?![\w\\$.?(!])|\"{_MARK}(\d+){_MARK}\"")
_LONG = re.compile(r"[A-Za-z$]10[0-4]\d{4}|9\d{8}")  # numbers that may be marks; quick to look for
_MOST_PARTS = 40_000  # rows end at 1,048,576
# Taken as they stand: quoted sheets and brackets, whose digits are names; 0, which as a place means all; parts of names. Columns of
# three letters may be beyond the last one, and then a name.
_PART = re.compile(
    rf"""
      (?P<kept>'(?:[^']|'')*'!|{SPECIFIER})
    | (?P<text>"(?:[^"]|"")*")
    | (?<![\w\\$.?])(?P<cell>\$?[A-Za-z]{{1,2}}\$?)(?P<row>[1-9]\d{{0,5}})(?![\w\\$.?(!])
    | (?<![\w\\$.?])(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w\\$.?(!])
    """,
    re.VERBOSE,
)
# A parameter may be called like a cell where a file is not Excel's own.
_DECLARES = re.compile(r"(?:LET|LAMBDA)\(", re.IGNORECASE)


class Shape(NamedTuple):
    """A formula with marks where its parts were, and the parts; without parts it is the formula itself."""

    text: str
    parts: tuple[str, ...]

    def put(self, text: str) -> str:
        """What was made of the shape, for the formula."""
        return _PUT.sub(self._part, text) if self.parts else text

    def _part(self, mark: re.Match[str]) -> str:
        row, number, quoted = mark.groups()
        if row is not None:
            return self.parts[int(row) - _FIRST_ROW]
        return self.parts[int(number) - _FIRST_NUMBER if number is not None else int(quoted)]


def row_of(row: int, parts: Sequence[str]) -> int:
    """The row that stood in a formula where its shape, whose parts these are, has this one; 0 for what is no row."""
    if row < _FIRST_ROW:
        return row
    part = parts[row - (_FIRST_NUMBER if row >= _FIRST_NUMBER else _FIRST_ROW)]
    return int(part) if part.isdecimal() else 0


def shape_of(text: str) -> Shape:
    """What a formula has in common with others.

    >>> shape_of('IF(B7>1.5,"x",0)').text == shape_of('IF(B9>2,"yes",0)').text
    True
    >>> shape_of('IF(B7>1.5,"x",0)').put(shape_of('IF(B7>1.5,"x",0)').text)
    'IF(B7>1.5,"x",0)'
    """
    known = _KNOWN.get(text)
    if known is None:
        known = _remembered(text, _shape_of(text))
    return known


# By formula, more than a plan of all chapters has. What goes to a file is read for the engine at once, so its shape is kept, too.
_KNOWN: dict[str, Shape] = {}
_MOST_KNOWN = 1 << 15


def _remembered(text: str, shape: Shape) -> Shape:
    if len(_KNOWN) >= _MOST_KNOWN:
        _KNOWN.clear()
    _KNOWN[text] = shape
    return shape


def _shape_of(text: str) -> Shape:
    if _DECLARES.search(text) or marked(text):
        return Shape(text, ())
    parts: list[str] = []

    def mark(found: re.Match[str]) -> str:
        kind, place = found.lastgroup, len(parts)
        if kind == "kept" or place >= _MOST_PARTS:
            return found[0]
        if kind == "row":
            cell, row = found.group("cell", "row")
            parts.append(row)
            return f"{cell}{_FIRST_ROW + place}"
        part = found[0]
        if part == "0":
            return part
        parts.append(part)
        return str(_FIRST_NUMBER + place) if kind == "number" else f'"{_MARK}{place}{_MARK}"'

    return Shape(_PART.sub(mark, text), tuple(parts))


@lru_cache(maxsize=1 << 14)
def words_of(shape: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names in the text of a shape, and the functions of ours that it calls."""
    names, ours = recall("words", shape, lambda: _words_of(shape))
    return frozenset(names), frozenset(ours)


def _words_of(shape: str) -> tuple[list[str], list[str]]:
    names = {token.text for token in spelling.tokenize(shape.removeprefix("=")) if token.kind == "name"}
    return sorted(names), sorted(filter(spelling.is_ours, spelling.references(shape)))


def marked(text: str) -> bool:
    """Whether a text has by itself what a shape's marks look like."""
    return _MARK in text or _LONG.search(text) is not None


def to_file(canonical: str, link: int = 1, table: str | None = None) -> str:
    """``spelling.to_file``, worked out once a shape."""
    shape = shape_of(canonical)
    stored = _stored(shape.text, link, table)
    text = shape.put(stored)
    if shape.parts and _in_order(stored) == len(shape.parts):
        _remembered(text, Shape(stored, shape.parts))
    return text


@lru_cache(maxsize=1 << 14)
def _stored(shape: str, link: int, table: str | None) -> str:
    text: str = recall("stored", f"{link} {table} {shape}", lambda: spelling.to_file(shape, link, table))
    return text


@lru_cache(maxsize=1 << 14)
def _in_order(shape: str) -> int:
    """How many marks a shape has, where they are all there is to mark and stand in order; else -1."""
    found = _shape_of(_PUT.sub(_nothing_marked, shape))
    return len(found.parts) if found.text == shape else -1


def _nothing_marked(mark: re.Match[str]) -> str:
    """A part as anyone would type it in a mark's place."""
    row, number, _ = mark.groups()
    return "7" if row is not None or number is not None else '"x"'
