"""The guard of what was locked: whatever an action or an undo is about to write, a locked statement stays as it was approved.

It looks at cells, not at what an action says of itself: the Tables of the statement cycle as they are, and as they will be.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from addin.book import Book, FileBook
from addin.changes import Effect
from workbook_templates.answers import Refused
from workbook_templates.chapters.incentives import cycle
from workbook_templates.chapters.incentives.checks.ledger import cycle_tables
from workbook_templates.tables.grids import Grid, Held
from workbook_templates.tables.schema import Row
from workbook_templates.xlsx.package import CellFormula, Package


def refuse(book: Book, effect: Effect, paying: bool = False) -> None:
    """Raise ``Refused`` if an effect would change a locked row, a locked statement or an approval."""
    before = {name: grid for name in cycle.TABLES if name != "Disputes" and (grid := book.grid(name)) is not None}
    after = {name: _after(book, name, grid, effect) for name, grid in before.items()}
    if all(after[name] is grid for name, grid in before.items()):
        return
    wrong = cycle.violation(*touched(before, after), paying)
    if wrong is not None:
        raise Refused(wrong)


def refuse_whole(book: Book, content: bytes) -> None:
    """Raise ``Refused`` if a file that is to stand in the plan's place has anything settled otherwise.

    An upgrade brings Tables and columns, undoing it takes them away: what one of the two files can't say is not compared.
    """
    before, after = (_grids(one) for one in (book, FileBook(Package(content))))
    if before:
        wrong = cycle.violation(*_in_common(before, after))
        if wrong is not None:
            raise Refused(wrong)


_SINCE_ACCOUNTS = {"Accounts"}  # Tables that plans of 0.1.0 don't have


def _in_common(before: dict[str, Grid], after: dict[str, Grid]) -> tuple[cycle.Tables, cycle.Tables]:
    """The Tables that both files can have, each with the columns that both have; any other Table that is gone is empty."""
    alone = (before.keys() ^ after.keys()) & _SINCE_ACCOUNTS
    found = [cycle_tables({name: grid for name, grid in grids.items() if name not in alone}) for grids in (before, after)]
    columns = [{name: held.places.keys() for name, held in each.items()} for _, each in found]

    def rows(name: str, tables: cycle.Tables) -> list[Row]:
        keys = (
            set.intersection(*(set(each[name]) for each in columns if name in each)) if any(name in c for c in columns) else set()
        )
        return [{key: value if key in keys else None for key, value in row.items()} for row in getattr(tables, name.lower())]

    first, second = (cycle.Tables(*(rows(name, tables) for name in cycle.TABLES)) for tables, _ in found)
    return first, second


def _grids(book: Book) -> dict[str, Grid]:
    return {name: grid for name in cycle.TABLES if (grid := book.grid(name)) is not None}


def _after(book: Book, name: str, grid: Grid, effect: Effect) -> Grid:
    """The Table once the effect is applied; itself where it is not touched."""
    raw = grid.adopted.raw if grid.adopted is not None else grid
    extent = next((e for e in effect.extents if e.table == grid.name), None)
    data = raw.data if extent is None else raw.data._replace(last_row=extent.after)
    blocks = [
        b for b in effect.blocks if b.sheet == raw.sheet and b.ref.last_row >= data.first_row and b.ref.first_row <= data.last_row
    ]
    if extent is None and not blocks:
        return grid
    width = data.last_col - data.first_col + 1
    cells = [list(line) for line in raw.cells][: data.last_row - data.first_row + 1]
    cells += [[None] * width for _ in range(data.last_row - data.first_row + 1 - len(cells))]
    for block in blocks:
        for (row, column), cell in zip(block.ref.cells(), (c for line in block.new for c in line), strict=True):
            if data.first_row <= row <= data.last_row and data.first_col <= column <= data.last_col:
                cells[row - data.first_row][column - data.first_col] = cell.value if isinstance(cell, CellFormula) else cell
    new = Grid(raw.name, raw.sheet, data, raw.headers, cells, raw.formulas)
    return book.as_ours(name, new)


def touched(before: dict[str, Grid], after: dict[str, Grid]) -> tuple[cycle.Tables, cycle.Tables]:
    """The Tables before and after, of the ledger only the statements of which any row changes: the others stay as they were."""
    (one, held), (other, then) = cycle_tables(before), cycle_tables(after)
    if "Ledger" not in before:
        return one, other
    same = _untouched(before["Ledger"], after["Ledger"])
    statements = {_statement(row) for each in (held, then) for line, row in _lines(each["Ledger"]) if line not in same}
    kept = [replace(each, ledger=[row for row in each.ledger if _statement(row) in statements]) for each in (one, other)]
    return kept[0], kept[1]


def _untouched(before: Grid, after: Grid) -> frozenset[int]:
    """The lines of a Table whose cells are the very same: 1 and TRUE are not, though they are equal."""
    if before.data.first_row != after.data.first_row:
        return frozenset()
    both = enumerate(zip(before.cells, after.cells, strict=False), before.data.first_row)
    return frozenset(line for line, (old, new) in both if len(old) == len(new) and all(map(operator.is_, old, new)))


def _lines(held: Held) -> Iterable[tuple[int, Row]]:
    return zip(held.lines, held.rows, strict=True)


def _statement(row: Mapping[str, Any]) -> tuple[Any, Any]:
    return row.get("period"), row.get("person")
