"""A workbook that openpyxl laid out, written by us: formulas with their values, and texts in the shared table, in one pass.

openpyxl writes formulas without values and every text into its cell, which phones and older Numbers drop; filling that in
afterwards means parsing it all again. So openpyxl writes the frame (styles, widths, Tables, charts, validations …) with no
cells in it, and the cells go into the frame as text, once their values are known.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape as escape_xml

from workbook_templates.cells import At, ErrorValue, Value, address, serial
from workbook_templates.xlsx import seal
from workbook_templates.xlsx.package import Cell, Package, Ref, escape, number_text

if TYPE_CHECKING:  # a library that recalculation does not need
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEET_DATA = re.compile(rb"<sheetData\s*/>|<sheetData>.*?</sheetData>", re.DOTALL)
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"')


class SharedStrings:
    """The table of all texts of a workbook: each once, with how often cells name one."""

    def __init__(self) -> None:
        self.indices: dict[str, int] = {}
        self.count = 0

    def index(self, text: str) -> int:
        """Where a text stands in the table; the use is counted."""
        self.count += 1
        return self.indices.setdefault(text, len(self.indices))

    def part(self) -> bytes:
        """The table as a part of the file."""
        texts = "".join(f"<si><t{_space(text)}>{_xml(text)}</t></si>" for text in self.indices)
        head = f'<sst xmlns="{_MAIN}" count="{self.count}" uniqueCount="{len(self.indices)}">'
        return _DECLARATION + f"{head}{texts}</sst>".encode()


def _space(text: str) -> str:
    return ' xml:space="preserve"' if text != text.strip() or "\n" in text or "\t" in text else ""


def _xml(text: str) -> str:
    return escape_xml(escape(text))


@dataclass
class SheetDraft:
    """The cells of one sheet and its rows' attributes as openpyxl has them; ``cells`` in the order of rows and columns."""

    name: str
    cells: dict[At, Cell] = field(default_factory=dict)
    rows: dict[int, dict[str, str]] = field(default_factory=dict)

    def put(self, at: At, value: Value) -> None:
        """Give a cell a value: a formula's result, or what one spills."""
        cell = self.cells.get(at)
        self.cells[at] = Cell(value) if cell is None else cell._replace(value=value)

    def data(self, strings: SharedStrings, mark: str) -> bytes:
        """The cells as the file holds them; ``mark`` is the ``cm`` number of dynamic arrays."""
        out = ["<sheetData>"]
        open_row = 0
        rows = sorted(self.rows, reverse=True)
        spilled = {at for cell in self.cells.values() if cell.array_ref is not None for at in cell.array_ref.cells()}
        for at, cell in sorted(self.cells.items()):
            if at[0] != open_row:
                if open_row:
                    out.append("</row>")
                while rows and rows[-1] < at[0]:
                    number = rows.pop()
                    out.append(f"{self._row(number)[:-1]}/>")
                if rows and rows[-1] == at[0]:
                    rows.pop()
                open_row = at[0]
                out.append(self._row(open_row))
            out.append(_cell_text(at, cell, strings, mark, at in spilled))
        if open_row:
            out.append("</row>")
        out += [f"{self._row(number)[:-1]}/>" for number in reversed(rows)]
        out.append("</sheetData>")
        return "".join(out).encode()

    def _row(self, number: int) -> str:
        attributes = "".join(f' {name}="{value}"' for name, value in self.rows.get(number, {}).items() if name != "r")
        return f'<row r="{number}"{attributes}>'

    @property
    def extent(self) -> Ref:
        """The rectangle of all cells."""
        if not self.cells:
            return Ref(1, 1, 1, 1)
        rows, columns = [r for r, _ in self.cells], [c for _, c in self.cells]
        return Ref(min(rows), min(columns), max(rows), max(columns))


def _cell_text(at: At, cell: Cell, strings: SharedStrings, mark: str, computed: bool) -> str:
    """One cell; what a formula gave or spilled carries its text itself, a constant names it in the table."""
    value, formula = cell.value, cell.formula
    style = f' s="{cell.style}"' if cell.style else ""
    head = f'<c r="{address(*at)}"{style}'
    if isinstance(value, float):
        kind, shown = "", number_text(value)
    elif value is None:
        kind, shown = "", ""
    elif isinstance(value, bool):
        kind, shown = ' t="b"', "1" if value else "0"
    elif isinstance(value, ErrorValue):
        kind, shown = ' t="e"', _xml(value)
    elif formula is None and not computed:
        return f'{head} t="s"><v>{strings.index(value)}</v></c>'
    else:
        kind, shown = ' t="str"', _xml(value)
    if formula is None:
        return f"{head}{kind}><v>{shown}</v></c>" if value is not None else f"{head}/>"
    marked = f' cm="{mark}"' if cell.dynamic else ""
    spread = f' t="array" ref="{cell.array_ref}"' if cell.array_ref is not None else ""
    space = ' xml:space="preserve"' if formula != formula.strip() else ""
    result = f"<v>{shown}</v>" if value is not None else ""
    return f"{head}{kind}{marked}><f{spread}{space}>{escape_xml(formula)}</f>{result}</c>"


class Draft:
    """A laid out workbook on its way to a file.

    ``package`` is its frame: names, Tables and charts can be asked and changed there.
    """

    def __init__(self, book: Workbook) -> None:
        """The book's cells are taken out of it: it can't be used afterwards."""
        self.sheets = {sheet.title: _taken(sheet) for sheet in book.worksheets}
        self.computed: Callable[[], None] = _uncomputed  # seals the package, once nothing of it changes any more
        from openpyxl.packaging.custom import StringProperty

        book.custom_doc_props.append(StringProperty(name=seal.NAME, value=seal.UNSEALED))
        frame = io.BytesIO()
        book.save(frame)
        self.package = Package.from_bytes(frame.getvalue())
        self.package.order_print_titles()

    def cells(self) -> dict[str, dict[At, Cell]]:
        """All cells, sheet by sheet."""
        return {name: sheet.cells for name, sheet in self.sheets.items()}

    def to_bytes(self) -> bytes:
        """The file."""
        mark = self.package.dynamic_index() if self._has_dynamic() else ""
        strings = SharedStrings()
        parts = {}
        for name, sheet in self.sheets.items():
            part = self.package.sheets[name].part
            parts[part] = _filled(self.package.archive.read(part), sheet.data(strings, mark), sheet.extent)
        parts[self.package.strings_part()] = strings.part()
        self.computed()
        return self.package.to_bytes(parts)

    def _has_dynamic(self) -> bool:
        return any(cell.dynamic for sheet in self.sheets.values() for cell in sheet.cells.values())


def _uncomputed() -> None:
    """Nothing was computed: there is nothing to seal."""


def _filled(frame: bytes, data: bytes, extent: Ref) -> bytes:
    found = _SHEET_DATA.search(frame)
    assert found is not None, "every worksheet has its sheetData"
    head = _DIMENSION.sub(f'<dimension ref="{extent}"'.encode(), frame[: found.start()], count=1)
    return head + data + frame[found.end() :]


def _taken(sheet: Worksheet) -> SheetDraft:
    """The cells of a sheet, out of it; what openpyxl asks of cells when it saves stays: links, comments, headers of Tables."""
    draft = SheetDraft(sheet.title)
    looks: dict[bytes | None, int] = {None: 0}
    for at, cell in sheet._cells.items():
        array = cell._style
        key = None if array is None else array.tobytes()  # none: unstyled, or covered by a merged cell
        style = looks.get(key)
        if style is None:
            style = looks[key] = cell.style_id
        read = _read(cell._value, cell.data_type, style)
        if read.value is not None or read.formula is not None or style:
            draft.cells[at] = read
    draft.rows = {number: dict(dimension) for number, dimension in sheet.row_dimensions.items()}
    heads = [Ref.parse(table.ref) for table in sheet.tables.values()]
    named = {at for head in heads for at in head._replace(last_row=head.first_row).cells()}
    sheet._cells = {at: cell for at, cell in sheet._cells.items() if cell.hyperlink or cell.comment or at in named}
    return draft


def _read(value: Any, kind: str, style: int) -> Cell:
    if kind == "f":
        if not isinstance(value, str):  # an ArrayFormula
            return Cell(None, value.text.removeprefix("="), Ref.parse(value.ref), style, "", True)
        return Cell(None, value.removeprefix("="), None, style)
    if value is None or value == "":
        return Cell(None, style=style)
    if kind == "s":
        return Cell(str(value), style=style, kind="s")
    if isinstance(value, bool):
        return Cell(value, style=style, kind="b")
    if isinstance(value, dt.date):
        return Cell(serial(value), style=style, kind="n")
    if kind == "e":
        return Cell(ErrorValue(value), style=style, kind="e")
    return Cell(float(value), style=style, kind="n")


def points(cells: Mapping[At, Cell], area: Ref) -> Iterator[Value]:
    """The values of an area, row by row."""
    return (cell.value if (cell := cells.get(at)) else None for at in area.cells())


__all__ = ["Draft", "SharedStrings", "SheetDraft", "points"]
