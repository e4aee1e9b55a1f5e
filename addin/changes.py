"""What an action wants changed, and what that comes to in cells: the one way into a workbook, in a file or in Excel.

An action says ``Changes`` in the words of the schema (rows, keys, codes). ``lowered`` turns them into an ``Effect``:
rectangles of cells with what they hold now and what they will hold, and how far Tables grow. An effect can be applied,
shown, logged, kept and turned round, which is all that undo is.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from udfs.text import Text, counted
from udfs.values import serial_to_date, show
from workbook_templates.answers import Refused
from workbook_templates.cells import At, Value, address, serial
from workbook_templates.intake import mapping
from workbook_templates.tables.grids import Held, cell_of
from workbook_templates.tables.schema import Row
from workbook_templates.xlsx.package import CellFormula, Ref

if TYPE_CHECKING:
    from addin.book import Book

Cell = Value | CellFormula
# A sheet with more separate places changed than this gets one line in the change log, with the range around them.
MOST_LINES = 20
_SHOWN = 3


@dataclass
class Changes:
    """What is to change. ``edited`` counts rows as ``book.read`` lists them; values are codes, dates, numbers, as read."""

    added: dict[str, list[Row]] = field(default_factory=dict)  # Table → rows that go under it
    edited: dict[str, dict[int, Row]] = field(default_factory=dict)  # Table → row → new values by column key
    replaced: dict[str, list[Row]] = field(default_factory=dict)  # Table → all its rows
    named: dict[str, Any] = field(default_factory=dict)  # defined name → value of its (first) cell, or rows of values
    cells: dict[tuple[str, At], Cell] = field(default_factory=dict)  # any other cell
    effect: Effect | None = None  # cells as they were: what undo puts back
    solid: set[str] = field(
        default_factory=set
    )  # Tables whose edits, and additions, are a rectangle each: nearly all cells change

    def edit(self, table: str, index: int, **values: Any) -> None:
        """Set cells of one row."""
        self.edited.setdefault(table, {}).setdefault(index, {}).update(values)

    def add(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows under a Table."""
        self.added.setdefault(table, []).extend(rows)


@dataclass(frozen=True)
class Block:
    """A rectangle of cells: what stands there and what is to stand there."""

    sheet: str
    ref: Ref
    old: Sequence[Sequence[Cell]]
    new: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Extent:
    """The last data row of a Table, before and after."""

    table: str
    sheet: str
    before: int
    after: int


@dataclass(frozen=True)
class Effect:
    """What a change comes to in cells. Tables grow before cells are written and are cut after."""

    extents: tuple[Extent, ...] = ()
    blocks: tuple[Block, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.extents or self.blocks)

    @property
    def sheets(self) -> list[str]:
        """The sheets it writes to."""
        return list(dict.fromkeys([e.sheet for e in self.extents] + [b.sheet for b in self.blocks]))

    @property
    def size(self) -> int:
        """How many cells get something else."""
        pairs = (
            (o, n) for b in self.blocks for olds, news in zip(b.old, b.new, strict=True) for o, n in zip(olds, news, strict=True)
        )
        return sum(not alike(old, new) for old, new in pairs)

    def reversed(self) -> Effect:
        """The effect that undoes this one."""
        extents = tuple(Extent(e.table, e.sheet, e.after, e.before) for e in self.extents)
        return Effect(extents, tuple(Block(b.sheet, b.ref, b.new, b.old) for b in self.blocks))


def alike(a: Cell, b: Cell) -> bool:
    """Whether two cells hold the same; a formula is the same by its text, whatever it last came to."""
    if isinstance(a, CellFormula) or isinstance(b, CellFormula):
        return isinstance(a, CellFormula) and isinstance(b, CellFormula) and a.text == b.text
    blank = (None, "")
    return (a in blank and b in blank) or (isinstance(a, bool) == isinstance(b, bool) and a == b)


# ----------------------------------------------------------------------------------------------------------- to cells


def lowered(book: Book, changes: Changes) -> Effect:
    """What the changes come to; cells that hold the value already are left out, so that nothing to do is an empty effect."""
    if changes.effect is not None:
        return changes.effect
    extents: list[Extent] = []
    blocks: list[Block] = []
    for name in dict.fromkeys([*changes.replaced, *changes.edited, *changes.added]):
        touched = _Touched(book.read(name))
        touched.edit(changes.edited.get(name, {}))
        if name in changes.replaced:
            touched.replace(book, changes.replaced[name])
        touched.add(changes.added.get(name, ()))
        extents += touched.extents()
        blocks += touched.blocks(name in changes.solid)
    blocks += _other_cells(book, changes)
    return Effect(tuple(extents), tuple(blocks))


class _Touched:
    """One Table with the cells that are to change."""

    def __init__(self, held: Held) -> None:
        self.held, self.grid = held, held.grid
        self.last = self.grid.data.last_row
        self.new: dict[At, Cell] = {}
        self.old: dict[At, Cell] = {}

    def _put(self, at: At, key: str, value: Any) -> None:
        adopted = self.grid.adopted
        if adopted is not None and mapping.keeps(self.held, at, key, value):
            return
        self.new[at] = mapping.stored(self.held, at, plain(cell_of(self.held.spec[key], value, self.held.lang)))
        if at[0] <= self.grid.data.last_row:
            self.old[at] = self._before(at)

    def _before(self, at: At) -> Cell:
        text, adopted = self.grid.formulas.get(at), self.grid.adopted
        return (adopted.raw if adopted else self.grid).value(at) if text is None else CellFormula(text)

    def _row(self, line: int, row: Row) -> None:
        for column in self.held.spec.inputs:
            self._put((line, self.held.places.get(column.key, 0)), column.key, row.get(column.key))

    def edit(self, rows: Mapping[int, Row]) -> None:
        for index, row in rows.items():
            for key, value in row.items():
                self._put(self.held.at(index, key), key, value)

    def replace(self, book: Book, rows: Sequence[Row]) -> None:
        mapping.check_rows_stay(self.held, rows)
        data = self.grid.data
        for line, row in enumerate(rows, data.first_row):
            self._row(line, row)
        self.last = data.first_row + max(len(rows), 1) - 1
        if not rows:
            self._row(data.first_row, {})
        if self.last < data.last_row:
            gone = data._replace(first_row=self.last + 1)
            for at, cell in zip(gone.cells(), (c for line in book.area(self.grid.sheet, gone) for c in line), strict=True):
                self.old[at], self.new[at] = cell, None

    def add(self, rows: Iterable[Row]) -> None:
        rows = list(rows)
        blank = not self.held.rows and self.last == self.grid.data.first_row
        first = self.last if blank and rows else self.last + 1
        for line, row in enumerate(rows, first):
            self._row(line, row)
        self.last = max(self.last, first + len(rows) - 1)

    def extents(self) -> list[Extent]:
        before = self.grid.data.last_row
        return [Extent(self.grid.name, self.grid.sheet, before, self.last)] if self.last != before else []

    def blocks(self, solid: bool) -> list[Block]:
        if not solid:
            return blocks_of(self.grid.sheet, self.old, self.new)
        # What is edited and what is added stay apart, as the log and undo see them apart.
        parts: tuple[dict[At, Cell], dict[At, Cell]] = {}, {}
        for at, cell in self.new.items():
            parts[at[0] > self.grid.data.last_row][at] = cell
        return [block for part in parts for block in self._one(part)]

    def _one(self, part: dict[At, Cell]) -> list[Block]:
        """As few rectangles as its columns allow, from the first row told to the last; cells between are written as they are."""
        spread = blocks_of(self.grid.sheet, self.old, part)
        if len(spread) < 2:
            return spread
        if bounds(part).size == len(part):
            whole = bounds(part)
            return [Block(self.grid.sheet, whole, _rows(whole, self.old), _rows(whole, part))]
        columns = sorted({column for block in spread for column in range(block.ref.first_col, block.ref.last_col + 1)})
        groups = [column for place, column in enumerate(columns) if place == 0 or columns[place - 1] != column - 1]
        if len(spread) <= len(groups):
            return spread
        rows = bounds(part)
        out = []
        for first, after in zip(groups, [*groups[1:], 0], strict=True):
            last = max(column for column in columns if not after or column < after)
            ref = rows._replace(first_col=first, last_col=last)
            old = {at: self._before(at) for at in ref.cells() if at[0] <= self.grid.data.last_row}
            out.append(
                Block(
                    self.grid.sheet,
                    ref,
                    _rows(ref, old),
                    _rows(ref, {**old, **{at: part[at] for at in ref.cells() if at in part}}),
                )
            )
        return out


def _other_cells(book: Book, changes: Changes) -> list[Block]:
    wanted: dict[str, dict[At, Cell]] = defaultdict(dict)
    for (sheet, at), cell in changes.cells.items():
        wanted[sheet][at] = cell
    for name, value in changes.named.items():
        place = book.locate(name)
        if place is None:
            raise Refused(
                Text(
                    f"工作簿里没有名称 {name}：请从备份恢复“参数”页",
                    f"the name {name} is missing: restore the Settings sheet from a backup",
                )
            )
        rows = value if isinstance(value, list) else [[value]]
        top, left = place[1].first_row, place[1].first_col
        wanted[place[0]] |= {(top + r, left + c): plain(cell) for r, row in enumerate(rows) for c, cell in enumerate(row)}
    out = []
    for sheet, new in wanted.items():
        around = bounds(new)
        now = dict(zip(around.cells(), (c for row in book.area(sheet, around) for c in row), strict=True))
        out += blocks_of(sheet, now, new)
    return out


def plain(value: Any) -> Cell:
    """A value as a cell holds it."""
    if isinstance(value, CellFormula | str | bool) or value is None:
        return value
    if isinstance(value, dt.date):
        return serial(value)
    return float(value)


def bounds(places: Iterable[At]) -> Ref:
    """The rectangle around some places."""
    rows, columns = zip(*places, strict=True)
    return Ref(min(rows), min(columns), max(rows), max(columns))


def blocks_of(sheet: str, old: Mapping[At, Cell], new: Mapping[At, Cell]) -> list[Block]:
    """The cells that really change, as few rectangles: side by side within a row, then rows of the same width together."""
    changed = sorted(at for at, cell in new.items() if not alike(old.get(at), cell))
    spans: list[Ref] = []
    for row, column in changed:
        last = spans[-1] if spans else None
        if last is not None and (last.first_row, last.last_col) == (row, column - 1):
            spans[-1] = last._replace(last_col=column)
        else:
            spans.append(Ref(row, column, row, column))
    open_: dict[tuple[int, int], Ref] = {}
    done: list[Ref] = []
    for span in spans:
        sides = (span.first_col, span.last_col)
        above = open_.get(sides)
        if above is not None and above.last_row == span.first_row - 1:
            open_[sides] = above._replace(last_row=span.first_row)
        else:
            if above is not None:
                done.append(above)
            open_[sides] = span
    return [Block(sheet, ref, _rows(ref, old), _rows(ref, new)) for ref in sorted([*done, *open_.values()])]


def _rows(ref: Ref, cells: Mapping[At, Cell]) -> list[list[Cell]]:
    columns = range(ref.first_col, ref.last_col + 1)
    return [[cells.get((row, column)) for column in columns] for row in range(ref.first_row, ref.last_row + 1)]


# -------------------------------------------------------------------------------------------------------- for the log


Dates = Callable[[str, At], bool]


def no_dates(sheet: str, at: At) -> bool:
    """Nothing is a date."""
    return False


def log_lines(effect: Effect, origin: Text | None = None, dates: Dates = no_dates) -> list[tuple[str, str, Text, Text]]:
    """(sheet, range, old, new) of what changed: a line for the rows a Table gained, and one a rectangle.

    Many rectangles of one sheet share a line. ``origin`` says where new rows came from; without any it stands in the first line.
    ``dates`` says which cells show dates.
    """
    lines: list[tuple[str, str, Text, Text]] = []
    left = list(effect.blocks)
    for extent in effect.extents:
        gained = [b for b in left if b.sheet == extent.sheet and _gained(b, extent)]
        place = str(around(gained)) if gained else extent.table
        count = extent.after - (min(b.ref.first_row for b in gained) - 1 if gained else extent.before)
        if count > 0:
            mine = set(map(id, gained))  # comparing each with each by its cells takes minutes for an import of 100,000 rows
            left = [b for b in left if id(b) not in mine]
            new = Text(f"{count} 行", f"{counted(count, 'row')}") + (Text("，", " ") + origin if origin else "")
            lines.append((extent.sheet, place, Text("（空）", "(blank)"), new))
    by_sheet: dict[str, list[Block]] = defaultdict(list)
    for block in left:
        by_sheet[block.sheet].append(block)
    for sheet, blocks in by_sheet.items():
        if len(blocks) > MOST_LINES:
            lines.append((sheet, str(around(blocks)), _said(blocks, "old", dates), _said(blocks, "new", dates)))
        else:
            lines += [(sheet, str(b.ref), _said([b], "old", dates), _said([b], "new", dates)) for b in blocks]
    if origin and lines and not any(origin.zh in new.zh for *_, new in lines):
        sheet, place, old, new = lines[0]
        lines[0] = (sheet, place, old, new + Text("，", ", ") + origin)
    return lines


def _gained(block: Block, extent: Extent) -> bool:
    """Whether a rectangle belongs to the rows a Table gained; a new Table's one blank row counts, too."""
    first = block.ref.first_row
    blank = all(alike(cell, None) for row in block.old for cell in row)
    return blank and extent.before <= first <= block.ref.last_row <= extent.after


def around(blocks: Iterable[Block]) -> Ref:
    """The rectangle around some rectangles."""
    return bounds([at for b in blocks for at in ((b.ref.first_row, b.ref.first_col), (b.ref.last_row, b.ref.last_col))])


def _said(blocks: Sequence[Block], side: str, dates: Dates) -> Text:
    """Some cells in words: the value of one, the first few of many."""
    places = [
        (b.sheet, at, c)
        for b in blocks
        for at, c in zip(b.ref.cells(), (c for row in getattr(b, side) for c in row), strict=True)
    ]
    filled = [place for place in places if place[2] not in (None, "")]
    if not filled:
        return Text("（空）", "(blank)")
    first = ", ".join(_shown(cell, sheet, at, dates) for sheet, at, cell in filled[:_SHOWN])
    if len(filled) <= _SHOWN:
        return Text(first, first)
    return Text(f"{first} …（{len(filled)} 格）", f"{first} … ({len(filled)} cells)")


def _shown(cell: Cell, sheet: str, at: At, dates: Dates) -> str:
    """A cell as its reader sees it: a date as a date, with its time where it has one."""
    if isinstance(cell, CellFormula):
        return f"={cell.text}"
    if isinstance(cell, float) and (day := serial_to_date(cell)) is not None and dates(sheet, at):
        minutes = round(cell % 1 * 1440)
        return f"{day} {minutes // 60:02}:{minutes % 60:02}" if 0 < minutes < 1440 else str(day)
    return show(cell)


def where(sheet: str, at: At) -> str:
    """A cell as people write it."""
    return f"{sheet}!{address(*at)}"
