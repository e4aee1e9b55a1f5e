"""From a cell back to what was typed: what each formula reads, found as the engine finds it when it computes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from workbook_templates.cells import Value, column_letters
from workbook_templates.engine.our_functions import Function
from workbook_templates.engine.precedents import MAX_SPILL, Key, Range, moves, reads
from workbook_templates.engine.run import CellBook, CellIn, HeldFormula, Run, evaluate
from workbook_templates.formulas.spelling import SpellingError, bounds

_NUMBERED = re.compile(r"(?<=[A-Za-z])\$?\d+")
_REF = r"(?:(?:'(?:[^']|'')+'|[^\W\d][\w.]*)!)?\$?[A-Z]{1,3}\$?\d+:\$?[A-Z]{1,3}\$?\d+"
# One cell of a column: by a word that stands in another column, or by its number.
_BY_WORD = re.compile(rf'INDEX\(({_REF}),MATCH\("([^"]*)",({_REF}),0\)\)')
_BY_NUMBER = re.compile(rf"INDEX\(({_REF}),(\d+)\)")
_ALIKE = 50  # so many formulas of one text differ by their row only: the first and the last tell what all read


@dataclass(frozen=True)
class Formulas:
    """Formulas of an area that are alike: the first of them, how many, what they read together."""

    first: Key
    text: str
    count: int
    reads: tuple[Range, ...]
    moving: bool = False  # reads what is only known once it is computed


@dataclass(frozen=True)
class Area:
    """Cells side by side: what in them is typed and what is worked out."""

    where: Range
    typed: tuple[Key, ...] = field(repr=False)
    formulas: tuple[Formulas, ...]


class Tracer:
    """What the formulas of a book read. Nothing is computed."""

    def __init__(self, book: CellBook, functions: Mapping[str, Function]) -> None:
        self.book = book
        self.functions = functions
        self._run = Run(book, functions, None)
        self._titles = {name.lower(): name for name in book.sheets}
        self._rows: dict[str, dict[int, dict[int, CellIn | Value]]] = {}
        self._anchors: dict[str, list[tuple[tuple[int, int, int, int], tuple[int, int]]]] = {}
        self._ends: dict[str, tuple[int, int]] = {}
        self._read: dict[Key, tuple[tuple[Range, ...], bool]] = {}
        self._areas: dict[Range, Area] = {}  # each is walked once: a column of ten thousand deals stands behind most figures

    def area(self, where: Range) -> Area:
        """What stands in a range, as far as there is anything."""
        sheet = self._titles.get(where[0].lower(), where[0])
        where = self._clipped((sheet, *where[1:]))
        if where not in self._areas:
            self._areas[where] = self._walked(sheet, where)
        return self._areas[where]

    def _walked(self, sheet: str, where: Range) -> Area:
        typed: list[Key] = []
        found: dict[str, list[Key]] = defaultdict(list)
        for key, cell in self._cells(where):
            if isinstance(cell, CellIn) and cell.formula is not None:
                found[_NUMBERED.sub("#", cell.formula)].append(key)
            else:
                typed.append(key)
        for ref, anchor in self._anchors_of(sheet):
            key = (sheet, *anchor)
            if _meet(ref, where[1:]) and not _inside(anchor, where[1:]):
                found[f"array {anchor}"].append(key)
        return Area(where, tuple(typed), tuple(self._alike(keys) for keys in found.values()))

    def recomputed(self, areas: Iterable[Area], key: Key, known: Collection[Range] = ()) -> Value:
        """A cell worked out anew from nothing but what stands in these areas; those that are ``known`` count as values."""
        sheets: dict[str, dict[tuple[int, int], CellIn | Value]] = defaultdict(dict)
        for area in areas:
            cells, held = sheets[area.where[0]], self.book.sheets[area.where[0]]  # there, too, where all that is read is blank
            for one in area.typed:
                cells[one[1:]] = held[one[1:]]
            for group in area.formulas:
                for one in self._members(area, group):
                    cells[one[1:]] = _value(held[one[1:]]) if area.where in known else held[one[1:]]
        part = CellBook(sheets, self.book.tables, self.book.names)
        return evaluate(part, self.functions).values.get(key)

    def _members(self, area: Area, group: Formulas) -> Iterator[Key]:
        if group.count == 1:
            yield group.first
            return
        likeness = _NUMBERED.sub("#", group.text)
        for key, cell in self._cells(area.where):
            if isinstance(cell, CellIn) and cell.formula is not None and _NUMBERED.sub("#", cell.formula) == likeness:
                yield key

    def _alike(self, keys: list[Key]) -> Formulas:
        keys.sort()
        texts = {self._cell(key).formula for key in keys}
        asked = keys if len(texts) > 1 or len(keys) < _ALIKE else [keys[0], keys[-1]]
        every = [self._reads(key) for key in asked]
        together: tuple[Range, ...] = every[0][0]
        for more, _ in every[1:]:
            if [r[0] for r in more] == [r[0] for r in together]:
                together = tuple(_union(a, b) for a, b in zip(together, more, strict=True))
            else:
                together = (*together, *(r for r in more if r not in together))
        text = self._cell(keys[0]).formula or ""
        return Formulas(keys[0], text, len(keys), tuple(dict.fromkeys(together)), any(moving for _, moving in every))

    def _reads(self, key: Key) -> tuple[tuple[Range, ...], bool]:
        if key not in self._read:
            held = HeldFormula(key, "", self._cell(key), key)
            try:
                lowered = self._run.lowered(held, 0)
            except SpellingError:  # what can't be read reads nothing; the checks tell its owner
                lowered = "=0"
            picked: list[str] = []
            text = _BY_WORD.sub(lambda found: self._by_word(found, key[0], picked), lowered)
            text = "+".join([_BY_NUMBER.sub(lambda found: self._by_number(found, key[0]), text), *picked])
            self._read[key] = tuple(dict.fromkeys(self._clipped(found) for found in reads(text, key[0]))), moves(lowered)
        return self._read[key]

    def _by_word(self, found: re.Match[str], sheet: str, picked: list[str]) -> str:
        """The cell that INDEX and MATCH pick from a column by a constant word; the column of words is read as well."""
        words = self._clipped(reads("=" + found[3], sheet)[0])
        place = next((key[1] - words[1] for key, cell in self._cells(words) if _value(cell) == found[2]), None)
        one = None if place is None else self._one(found[1], sheet, place)
        if one is None:
            return found[0]
        picked.append(found[3])
        return one

    def _by_number(self, found: re.Match[str], sheet: str) -> str:
        """The cell that INDEX picks from a column by a constant number."""
        return self._one(found[1], sheet, int(found[2]) - 1) or found[0]

    def _one(self, column: str, sheet: str, place: int) -> str | None:
        where = reads("=" + column, sheet)[0]
        if where[2] != where[4] or not 0 <= place <= where[3] - where[1]:
            return None
        home = column.rpartition("!")
        return f"{home[0]}{home[1]}{column_letters(where[2])}{where[1] + place}"

    def _cell(self, key: Key) -> CellIn:
        cell = self.book.sheets[key[0]][key[1:]]
        assert isinstance(cell, CellIn), "asked of formulas only"
        return cell

    def _by_row(self, sheet: str) -> dict[int, dict[int, CellIn | Value]]:
        if sheet not in self._rows:
            rows: dict[int, dict[int, CellIn | Value]] = defaultdict(dict)
            for (row, column), cell in self.book.sheets.get(sheet, {}).items():
                rows[row][column] = cell
            self._rows[sheet] = dict(rows)
        return self._rows[sheet]

    def _cells(self, where: Range) -> Iterator[tuple[Key, CellIn | Value]]:
        sheet, top, left, bottom, right = where
        rows = self._by_row(sheet)
        for row in range(top, bottom + 1) if bottom - top < len(rows) else sorted(r for r in rows if top <= r <= bottom):
            cells = rows.get(row, {})
            for column in range(left, right + 1) if right - left < len(cells) else sorted(c for c in cells if left <= c <= right):
                if column in cells:
                    yield (sheet, row, column), cells[column]

    def _anchors_of(self, sheet: str) -> list[tuple[tuple[int, int, int, int], tuple[int, int]]]:
        if sheet not in self._anchors:
            cells = self.book.sheets.get(sheet, {})
            self._anchors[sheet] = [
                (bounds(cell.array_ref), at)
                for at, cell in cells.items()
                if isinstance(cell, CellIn) and cell.array_ref is not None and ":" in cell.array_ref
            ]
        return self._anchors[sheet]

    def _end_of(self, sheet: str) -> tuple[int, int]:
        """The last row and column of a sheet that hold anything. Asked for every range of every formula."""
        if sheet not in self._ends:
            rows, refs = self._by_row(sheet), [ref for ref, _ in self._anchors_of(sheet)]
            self._ends[sheet] = (
                max([*rows, *(ref[2] for ref in refs)], default=1),
                max([*map(max, rows.values()), *(ref[3] for ref in refs)], default=1),
            )
        return self._ends[sheet]

    def _clipped(self, where: Range) -> Range:
        """A range as far as its sheet has cells; that of a spill as far as it spilled."""
        sheet, top, left, bottom, right = where
        sheet = self._titles.get(sheet.lower(), sheet)
        if bottom >= top + MAX_SPILL:
            for ref, anchor in self._anchors_of(sheet):
                if anchor == (top, left):
                    return sheet, *ref
            if right >= left + 100:  # a spill of one cell
                return sheet, top, left, top, left
        last, widest = self._end_of(sheet)
        return sheet, top, left, max(top, min(bottom, last)), max(left, min(right, widest))


def _value(cell: CellIn | Value) -> Value:
    return cell.value if isinstance(cell, CellIn) else cell


def _union(one: Range, other: Range) -> Range:
    return one[0], min(one[1], other[1]), min(one[2], other[2]), max(one[3], other[3]), max(one[4], other[4])


def _meet(one: tuple[int, int, int, int], other: tuple[int, ...]) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _inside(at: tuple[int, int], area: tuple[int, ...]) -> bool:
    return area[0] <= at[0] <= area[2] and area[1] <= at[1] <= area[3]
