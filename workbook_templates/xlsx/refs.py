"""Rectangles of cells as files write them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from workbook_templates.cells import MAX_COLUMN, At, address

MAX_ROW = 1_048_576
_DOWN_TO = re.compile(r"=?CHOOSE\((?P<count>.+\)),(?P<parts>[^(),]+(?:,[^(),]+)*)\)")


def as_far_as(parts: Sequence[str], count: str) -> str:
    """The so-manyth of areas that begin alike, as a name's formula.

    (Not ``A1:INDEX(A1:A9,n)``, for which Excel would compute a plan whenever it is opened.)
    """
    return f"CHOOSE({count},{','.join(parts)})"


def down_to(text: str) -> tuple[str, str] | None:
    """The cells and the count of a name that stands for the first so many of them (``as_far_as``); None for any other.

    >>> down_to("CHOOSE(COUNT(S!$A$1:$A$2),S!$A$1,S!$A$1:$A$2)")
    ('S!$A$1:$A$2', 'COUNT(S!$A$1:$A$2)')
    """
    match = _DOWN_TO.fullmatch(text.strip())
    if match is None:
        return None
    first, *more = match["parts"].split(",")
    begins = first.partition(":")[0] + ":"
    return (more[-1], match["count"]) if more and all(part.startswith(begins) for part in more) else None


class Ref(NamedTuple):
    """A rectangle of cells, 1-based and inclusive; ``str()`` is ``A1:B2``."""

    first_row: int
    first_col: int
    last_row: int
    last_col: int

    @classmethod
    def parse(cls, text: str) -> Ref:
        """Read ``A1``, ``$A$1:B2``, ``A:C`` or ``2:3``; ValueError for anything else."""
        ends = [corner_of(end) for end in text.split(":")]
        cols, rows = [col for _, col, _, _ in ends], [row for _, _, _, row in ends]
        ranged = len(ends) == 2 and (all(cols) or not any(cols)) and (all(rows) or not any(rows)) and any(cols + rows)
        if not ranged and not (len(ends) == 1 and all(cols) and all(rows)):
            raise ValueError(text)
        if not any(cols):
            cols = [1, MAX_COLUMN]
        if not any(rows):
            rows = [1, MAX_ROW]
        if max(rows) > MAX_ROW or max(cols) > MAX_COLUMN:
            raise ValueError(text)
        return cls(min(rows), min(cols), max(rows), max(cols))

    def __str__(self) -> str:
        first, last = address(self.first_row, self.first_col), address(self.last_row, self.last_col)
        return first if first == last else f"{first}:{last}"

    @property
    def size(self) -> int:
        return (self.last_row - self.first_row + 1) * (self.last_col - self.first_col + 1)

    def holds(self, at: At) -> bool:
        return self.first_row <= at[0] <= self.last_row and self.first_col <= at[1] <= self.last_col

    def meets(self, other: Ref) -> bool:
        return not (
            self.last_row < other.first_row
            or other.last_row < self.first_row
            or self.last_col < other.first_col
            or other.last_col < self.first_col
        )

    def cells(self) -> Iterator[At]:
        for row in range(self.first_row, self.last_row + 1):
            for col in range(self.first_col, self.last_col + 1):
                yield row, col


class ColumnNumbers(dict[str, int]):
    """Column letters → number, remembered: parsing a sheet asks for the same few letters a million times."""

    def __missing__(self, letters: str) -> int:
        number = 0
        for letter in letters:
            number = number * 26 + ord(letter) - 64
        if not letters.isalpha() or not letters.isascii() or not letters.isupper():
            raise ValueError(letters)
        self[letters] = number
        return number


COLUMN_NUMBERS = ColumnNumbers()
_CORNER = re.compile(r"(\$?)([A-Za-z]*)(\$?)([0-9]*)")
Corner = tuple[bool, int, bool, int]  # column fixed, column or 0, row fixed, row or 0


def corner_of(text: str) -> Corner:
    match = _CORNER.fullmatch(text)
    if match is None:
        raise ValueError(text)
    fixed_col, letters, fixed_row, digits = match.groups()
    if not letters:  # of "$3" the first group takes the dollar
        return False, 0, bool(fixed_col or fixed_row), int(digits)
    return bool(fixed_col), COLUMN_NUMBERS[letters.upper()], bool(fixed_row), int(digits or 0)
