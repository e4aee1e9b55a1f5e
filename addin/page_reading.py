"""What the cockpit's page reads of a workbook, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from addin.book import Book
from udfs import policy
from workbook_templates.tables import schema
from workbook_templates.webpage import reading
from workbook_templates.webpage.reading import Seen
from workbook_templates.xlsx.package import CellFormula, Ref


def seen(book: Book, traces: Mapping[str, Any] | None = None) -> Seen:
    """The plan as the page shows it. Cells are taken as they are: what is wrong with them is told by the checks."""
    rows = {name: book.optional(name) for name in reading.tables() if schema.home_of(name).number not in book.off}
    cells = {name: found for name in reading.NAMED if (found := block(book, name))}
    formats = {name: _formats(book, name, cells[name]) for name in (*reading.BLOCKS, *reading.DRILLS) if name in cells}
    cells |= {name: headed(cells[name]) for name in reading.BLOCKS if name in cells}
    if reading.GROUPS in cells:
        formats.pop(reading.GROUPS, None)  # what is made of it has columns of its own
        rivals = [str(row["name"] or "") for row in book.optional(reading.RIVALS)]
        cells[reading.GROUPS] = reading.standing(cells[reading.GROUPS], rivals)
    kept = {name: headed_columns(cells[name]) for name in reading.DRILLS if name in cells}
    cells |= {name: columned(cells[name]) for name in kept}
    formats |= {name: [formats[name][n] for n in columns] for name, columns in kept.items()}
    titles = {name: str(said) for name in reading.BLOCKS if isinstance(said := book.first(reading.title_of(name)), str)}
    return Seen(
        lang=book.lang,
        as_of=book.as_of or policy.today(),
        rows=rows,
        cells=cells,
        titles=titles | {name: said for name in kept if (said := _heading(book, name))},
        formats=formats,
        attained=_attained(book),
        traces=traces or {},
    )


def block(book: Book, name: str) -> list[list[Any]]:
    """The values of a name's cells, row by row; none where the plan has no such name."""
    place = book.locate(name)
    return [] if place is None else _values(book, *place)


def headed(rows: list[list[Any]]) -> list[list[Any]]:
    """A block from its heads on: a word over them is none of its rows."""
    return rows[next((place for place, row in enumerate(rows) if row[0] not in (None, "")), len(rows)) :]


def headed_columns(rows: list[list[Any]]) -> list[int]:
    """Which columns have a head: on a screen a column takes two of the sheet's."""
    return [place for place, head in enumerate(rows[0]) if head not in (None, "")]


def columned(rows: list[list[Any]]) -> list[list[Any]]:
    """The columns that have a head."""
    kept = headed_columns(rows)
    return [[row[place] for place in kept] for row in rows]


def _formats(book: Book, name: str, rows: Sequence[Sequence[Any]]) -> list[str]:
    """Column by column, the number format of its first figure."""
    place = book.locate(name)
    assert place is not None
    sheet, ref = place
    first = [
        next((n for n, row in enumerate(rows) if isinstance(row[column], int | float)), None) for column in range(len(rows[0]))
    ]
    return [
        "" if n is None else book.number_format(sheet, (ref.first_row + n, ref.first_col + column))
        for column, n in enumerate(first)
    ]


def _heading(book: Book, name: str) -> str:
    """What stands over a block on its sheet."""
    place = book.locate(name)
    if place is None or place[1].first_row < 2:
        return ""
    sheet, ref = place
    ((said,),) = _values(book, sheet, Ref(ref.first_row - 1, ref.first_col, ref.first_row - 1, ref.first_col))
    return said if isinstance(said, str) else ""


def _values(book: Book, sheet: str, ref: Ref) -> list[list[Any]]:
    return [[cell.value if isinstance(cell, CellFormula) else cell for cell in row] for row in book.area(sheet, ref)]


def _attained(book: Book) -> dict[str, tuple[float, float]]:
    """By person: what counts, and what was due by the as-of date; the spills beside the rows of Quotas."""
    people = [str(row["person"]) for row in book.optional("Quotas") if row.get("person")]
    columns = []
    for name in reading.SPILLED:
        place = book.locate(name)
        if place is None or not people:
            return {}
        sheet, ref = place
        columns.append([row[0] for row in _values(book, sheet, ref._replace(last_row=ref.first_row + len(people) - 1))])
    return {
        who: (float(found), float(due))
        for who, found, due in zip(people, *columns, strict=True)
        if isinstance(found, int | float) and isinstance(due, int | float)
    }
