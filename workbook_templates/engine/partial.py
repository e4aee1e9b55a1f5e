"""What has to be computed again after a change, where every other value in the file is known to be right.

Which formulas read what changed, directly or through others, is found from the formulas alone, and generously: one that need not be
computed again costs a moment, one that is forgotten shows a wrong number. Formulas that are alike (a column of a Table) are looked
at once. The dirty ones are computed with everything else as plain values.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from workbook_templates.cells import At, ErrorValue, Value, column_number
from workbook_templates.engine.precedents import Key, Range, Reference, reads, references
from workbook_templates.formulas.spelling import OwnRow, Pattern, Piece, bounds, sheet_name

if TYPE_CHECKING:
    from workbook_templates.engine.run import HeldFormula, Run

_LAST_ROW = 1_048_576
_MANY_COLUMNS = 64  # a range this wide is kept by sheet, not by column

# Always computed again: what changes by itself, what may read any cell, what leaves out cells by the formula that stands in them;
# ranges whose ends are only known once computed (``A1:INDEX(…)``) or stand on sheets of their own.
_ALWAYS = re.compile(
    r"\b(?:OFFSET|INDIRECT|RAND|RANDBETWEEN|RANDARRAY|TODAY|NOW|SUBTOTAL|AGGREGATE)\(|:\s*[\w.]+\(|\)\s*:|:\s*(?:'[^']*'|[\w.]+)!",
    re.IGNORECASE,
)
# What may read beyond the ranges it names.
_OPEN_ENDED = re.compile(r"\b(?:OFFSET|INDIRECT)\(|:\s*[\w.]+\(|\)\s*:|:\s*(?:'[^']*'|[\w.]+)!", re.IGNORECASE)
# What asks for a cell's formula or looks: it would be told of a plain value.
_ABOUT_FORMULAS = re.compile(r"\b(?:ISFORMULA|FORMULATEXT|CELL|INFO|GETPIVOTDATA)\(", re.IGNORECASE)


class _Named(NamedTuple):
    """What a pattern reads: ranges it names, with its parts left open; fixed ones; those of the own row. A pattern is one sheet's."""

    open: tuple[Reference, ...]
    fixed: list[Range]
    own: list[Range]


_NAMED: WeakKeyDictionary[Pattern, _Named] = WeakKeyDictionary()


@dataclass
class KnownValues:
    """A book whose values in the file are right but for what follows from a change.

    ``areas``: what changed. ``resized``: what Tables covered and cover now, where that changed. ``odd``: cells whose value in the
    file is not all the engine knew of it. ``values``: all values as the file has them, spilled ones included.
    """

    areas: list[Range]
    resized: list[Range]
    odd: frozenset[Key]
    values: Mapping[str, Mapping[At, Value]] = field(repr=False)

    def array(self, formula: HeldFormula) -> Range | None:
        """Where an array formula's results stand in the file."""
        ref = formula.cell.array_ref
        return None if ref is None else (formula.key[0], *bounds(ref))

    def cells(self, area: Range) -> Iterator[tuple[At, Value]]:
        """The values that stand in a rectangle."""
        sheet, top, left, bottom, right = area
        there = self.values[sheet]
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if (row, column) in there:
                    yield (row, column), there[row, column]


def tells_of_formulas(texts: Iterable[str]) -> bool:
    """Whether any formula asks about formulas, so that none can be left out."""
    return any(map(_asks_about_formulas, texts))


@lru_cache(maxsize=1 << 14)
def _asks_about_formulas(text: str) -> bool:
    return _ABOUT_FORMULAS.search(text) is not None


def moves(texts: Iterable[str]) -> bool:
    """Whether a defined name's meaning changes by itself."""
    return any(map(_changes_by_itself, texts))


@lru_cache(maxsize=1 << 14)
def _changes_by_itself(text: str) -> bool:
    return _ALWAYS.search(text) is not None


class Asked:
    """The cells that formulas read, to be asked for cell by cell."""

    def __init__(self, formulas: Iterable[HeldFormula]) -> None:
        """What these read; a formula whose array may spill asks for its whole sheet, where something may stand in its way."""
        self.everything = False
        self._whole: set[str] = set()
        areas: set[Range] = set()
        for formula in formulas:
            if formula.cell.dynamic:
                self._whole.add(formula.key[0].lower())
            if _OPEN_ENDED.search(formula.lowered):
                self.everything = True
            for area in reads(formula.lowered, formula.key[0]):
                if area[4] - area[2] >= _MANY_COLUMNS:
                    self._whole.add(area[0].lower())
                else:
                    areas.add(area)
        self._columns = _by_column(areas)

    def of(self, sheet: str, values: Mapping[At, Value]) -> Mapping[At, Value]:
        """Of a sheet's values those that are read."""
        name = sheet.lower()
        if self.everything or name in self._whole:
            return values
        columns = {column: rows for (where, column), rows in self._columns.items() if where == name}
        if not columns:
            return {}
        return {
            at: value for at, value in values.items() if (rows := columns.get(at[1])) is not None and _any_in(rows, at[0], at[0])
        }


class _Group:
    """Formulas that read the same cells, but for those of their own row: ``fixed`` ranges and ``own`` columns."""

    def __init__(self, fixed: Iterable[Range], own: Iterable[Range] = ()) -> None:
        self.fixed, self.own = list(fixed), list(own)
        self.formulas: list[HeldFormula] = []
        self.all_dirty = False
        self._rows: dict[int, list[HeldFormula]] | None = None

    def in_rows(self, first: int, last: int) -> Iterator[HeldFormula]:
        """Its formulas in these rows."""
        if self._rows is None:
            self._rows = defaultdict(list)
            for formula in self.formulas:
                self._rows[formula.key[1]].append(formula)
        rows: Iterable[int] = range(first, last + 1)
        for row in rows if last - first < len(self._rows) else [r for r in self._rows if first <= r <= last]:
            yield from self._rows.get(row, ())


def _read_by(pattern: Pattern, sheet: str) -> _Group:
    """What formulas of a pattern read; worked out once for all of its shape."""
    named = _NAMED.get(pattern.shape)
    if named is None:
        named = _NAMED[pattern.shape] = _named(pattern.shape.pieces, sheet)
    return _Group([*(reference.at(sheet, pattern.parts) for reference in named.open), *named.fixed], named.own)


def _named(pieces: Sequence[Piece], sheet: str) -> _Named:
    """Cells of the own row are columns: but a range from there to elsewhere is any row's."""
    texts = ["="]
    own: list[Range] = []
    fixed: list[Range] = []
    for index, piece in enumerate(pieces):
        if isinstance(piece, OwnRow):
            left, right = column_number(piece.first), column_number(piece.last or piece.first)
            joined = _ends(pieces, index - 1, str.endswith) or _ends(pieces, index + 1, str.startswith)
            area = (sheet_name(piece.prefix) if piece.prefix else sheet, 1, left, _LAST_ROW, right)
            (fixed if joined else own).append(area)
            texts.append(piece.cell("1") if joined else "0")
        elif isinstance(piece, str):
            texts.append(piece)
    named = references("".join(texts))
    if fixed:  # its other end may be on either side
        columns = [column for area in (*fixed, *(reference.at(sheet) for reference in named)) for column in (area[2], area[4])]
        fixed = [(where, 1, min(columns), _LAST_ROW, max(columns)) for where, *_ in fixed]
    return _Named(named, fixed, own)


def _ends(pieces: Sequence[Piece], place: int, how: Callable[[str, str], bool]) -> bool:
    """Whether a range goes on, or began, beside a cell of the own row."""
    piece = pieces[place] if 0 <= place < len(pieces) else ""
    return isinstance(piece, str) and how(piece, ":")


class Dirty:
    """The formulas of a run that must be computed again: ``keys``."""

    def __init__(self, run: Run, known: KnownValues, always: Iterable[Key] = ()) -> None:
        self.run, self.known = run, known
        self.keys: set[Key] = set(always)
        self.columns: dict[tuple[str, int], list[tuple[int, int, _Group, bool]]] = defaultdict(list)
        self.wide: dict[str, list[tuple[Range, _Group, bool]]] = defaultdict(list)
        self.groups = self._grouped()
        for group in self.groups:
            for area in group.fixed:
                self._index(area, group, False)
            for area in group.own:
                self._index(area, group, True)
        self._found: list[Range] = [*known.areas]
        self._begin()
        self.follow()

    # ---- what reads what

    def _grouped(self) -> list[_Group]:
        groups: dict[object, _Group] = {}
        for number, formula in enumerate(self.run.formulas):
            text = formula.cell.formula or ""
            if _changes_by_itself(text):
                self.keys.add(formula.key)
            try:
                if formula.old_array:
                    name: object = formula.key
                    groups[name] = _Group(reads(self.run.lowered(formula, number), formula.key[0]))
                elif self.run.special(text):
                    pattern = self.run.pattern(formula, number)
                    name = id(pattern)
                    if name not in groups:
                        groups[name] = _read_by(pattern, formula.key[0])
                else:
                    name = text, formula.key[0]
                    if name not in groups:
                        groups[name] = _Group(reads("=" + text.removeprefix("="), formula.key[0]))
            except Exception:  # noqa: BLE001 (it can't be read: it is refused when its turn comes, with the reason)
                self.keys.add(formula.key)
                continue
            groups[name].formulas.append(formula)
        return list(groups.values())

    def _index(self, area: Range, group: _Group, own: bool) -> None:
        sheet, top, left, bottom, right = area
        if right - left >= _MANY_COLUMNS:
            self.wide[sheet.lower()].append((area, group, own))
            return
        for column in range(left, right + 1):
            self.columns[sheet.lower(), column].append((top, bottom, group, own))

    # ---- what is dirty

    def _begin(self) -> None:
        """What is dirty whatever changed, and what stands where something changed."""
        changed = _by_column(self.known.areas)
        for formula in self.run.formulas:
            array = self.known.array(formula)
            if formula.key in self.known.odd or _must(formula, array, self.known) or _meets(changed, array or _one(formula.key)):
                self.keys.add(formula.key)
        resized: dict[str, list[Range]] = defaultdict(list)
        for area in self.known.resized:
            resized[area[0].lower()].append(area)
        for group in self.groups if resized else ():
            if any(
                (_is_many(mine) or _has_one_row(area)) and _overlap(mine, area)
                for mine in group.fixed
                for area in resized.get(mine[0].lower(), ())
            ):
                self._all_of(group)
        self._found += [area for f in self.run.formulas if f.key in self.keys for area in self._areas(f)]

    def add(self, areas: Iterable[Range]) -> bool:
        """Takes more changed cells; whether more formulas are dirty for that."""
        before = len(self.keys)
        self._found += areas
        self.follow()
        return len(self.keys) > before

    def follow(self) -> None:
        """From what is dirty to what reads it, until nothing is added."""
        while self._found:
            found, self._found = self._found, []
            for (sheet, column), rows in _by_column(found).items():
                for first, last, group, own in self.columns.get((sheet, column), ()):
                    self._hit(group, own, first, last, rows)
                for (_, top, left, bottom, right), group, own in self.wide.get(sheet, ()):
                    if left <= column <= right:
                        self._hit(group, own, top, bottom, rows)

    def _hit(self, group: _Group, own: bool, first: int, last: int, rows: list[tuple[int, int]]) -> None:
        if group.all_dirty or not _any_in(rows, first, last):
            return
        if not own:
            self._all_of(group)
            return
        for top, bottom in rows:
            for formula in group.in_rows(top, bottom):
                self._one_more(formula)

    def _all_of(self, group: _Group) -> None:
        if not group.all_dirty:
            group.all_dirty = True
            for formula in group.formulas:
                self._one_more(formula)

    def _one_more(self, formula: HeldFormula) -> None:
        if formula.key not in self.keys:
            self.keys.add(formula.key)
            self._found += self._areas(formula)

    def _areas(self, formula: HeldFormula) -> list[Range]:
        array = self.known.array(formula)
        return [_one(formula.key)] if array is None else [array]


def _must(formula: HeldFormula, array: Range | None, known: KnownValues) -> bool:
    """Whether a value must be computed again for what it is: an error wants its reason, a spilled truth its formula."""
    value = formula.cell.value
    if value is None or isinstance(value, ErrorValue):
        return True
    return array is not None and any(isinstance(v, (bool, ErrorValue)) for _, v in known.cells(array))


def _one(key: Key) -> Range:
    return (*key, *key[1:])


def _is_many(area: Range) -> bool:
    return area[1:3] != area[3:5]


def _has_one_row(table: Range) -> bool:
    """Whether a Table with its header, and perhaps totals, is so small that a column of it is a single cell."""
    return table[3] - table[1] <= 2


def _overlap(a: Range, b: Range) -> bool:
    return a[0].lower() == b[0].lower() and a[1] <= b[3] and b[1] <= a[3] and a[2] <= b[4] and b[2] <= a[4]


def _by_column(areas: Iterable[Range]) -> dict[tuple[str, int], list[tuple[int, int]]]:
    """The rows of areas, column by column, in unbroken stretches from the top."""
    spans: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for sheet, top, left, bottom, right in areas:
        for column in range(left, right + 1):
            spans[sheet.lower(), column].append((top, bottom))
    out = {}
    for place, rows in spans.items():
        merged: list[tuple[int, int]] = []
        for top, bottom in sorted(rows):
            if merged and top <= merged[-1][1] + 1:
                merged[-1] = merged[-1][0], max(merged[-1][1], bottom)
            else:
                merged.append((top, bottom))
        out[place] = merged
    return out


def _any_in(rows: Sequence[tuple[int, int]], first: int, last: int) -> bool:
    """Whether any stretch meets the rows from first to last."""
    place = bisect_left(rows, (first, 0))
    return (place < len(rows) and rows[place][0] <= last) or (place > 0 and rows[place - 1][1] >= first)


def _meets(columns: Mapping[tuple[str, int], Sequence[tuple[int, int]]], area: Range) -> bool:
    sheet, top, left, bottom, right = area
    return any(_any_in(columns.get((sheet.lower(), column), ()), top, bottom) for column in range(left, right + 1))
