"""The Tables of a workbook as rows of the schema: read from a package by key, appended to it by key."""

from __future__ import annotations

import datetime as dt
import os
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lxml import etree

from udfs.text import Text
from udfs.values import is_error, serial_to_date
from workbook_templates.answers import Refused
from workbook_templates.cells import At, Value, moment_of, serial
from workbook_templates.tables.schema import TABLES, Column, Row, TableSpec, table
from workbook_templates.xlsx.package import Package, Ref, Table


@dataclass(frozen=True)
class Grid:
    """A Table as its host hands it over, in a file or in Excel: where it stands, its headers, the cells of its data rows.

    ``spec`` names our Table and ``headers`` are ours; a workbook with names of its own is translated before (see Adopt).
    ``formulas`` are the places of cells that hold a formula. ``adopted`` says how the Table differs where it is not ours.
    """

    name: str
    sheet: str
    data: Ref
    headers: Sequence[str]
    cells: Sequence[Sequence[Value]]
    formulas: Mapping[At, str] = field(default_factory=dict)
    adopted: Adopted | None = None

    @property
    def header_row(self) -> int:
        """The row of the sheet its headers stand in."""
        return self.data.first_row - 1

    def value(self, at: At) -> Value:
        """What a cell of a data row holds."""
        return self.cells[at[0] - self.data.first_row][at[1] - self.data.first_col]


@dataclass(frozen=True)
class Adopted:
    """A Table of a company's own behind ours: as it stands, units by sheet column, our columns it lacks, those it calculates."""

    raw: Grid
    scales: Mapping[int, Decimal]
    absent: frozenset[str]
    calculated: frozenset[int]


@dataclass(frozen=True)
class Held:
    """One Table of a workbook with its rows in use; ``lines`` says on which row of the sheet each stands."""

    grid: Grid
    spec: TableSpec
    lang: str
    rows: list[Row]
    lines: list[int]
    places: dict[str, int]  # column key → column of the sheet

    def at(self, index: int, key: str) -> At:
        """Where a value stands on the sheet."""
        return self.lines[index], self.places.get(key, self.grid.data.first_col)  # a column an own workbook lacks


def held(package: Package, name: str) -> Held:
    """Read a Table of the schema: words as codes, dates as dates, IDs as text. Refused when the workbook is not a plan."""
    found = package.tables.get(name)
    return hold(grid(package, found) if found is not None else None, table(name))


def grid(package: Package, found: Table) -> Grid:
    """A Table of a file, cell by cell, down to the last of its rows in use."""
    refuse_1904(package.date1904)
    cells, used = package.sheets[found.sheet].cells_held, found.used
    columns = range(used.first_col, used.last_col + 1)
    values: list[list[Value]] = []
    formulas: dict[At, str] = {}
    for row in range(used.first_row, used.last_row + 1):
        line: list[Value] = []
        for column in columns:
            cell = cells.get((row, column))
            line.append(None if cell is None else cell.value)
            if cell is not None and cell.formula:
                formulas[row, column] = cell.formula
        values.append(line)
    return Grid(found.name, found.sheet, used, found.headers, values, formulas)


def refuse_1904(counts_from_1904: bool) -> None:
    """Refuse a workbook that counts its days from 1904: every date read or written would be four years off."""
    if counts_from_1904:
        raise Refused(
            Text(
                "工作簿从 1904 年起算日期，会差四年：请在 Excel 选项 > 高级 里取消“1904 日期系统”，再核对日期",
                "the workbook counts dates from 1904, four years off: clear “1904 date system” in Excel's options, Advanced, "
                "and check its dates",
            )
        )


def hold(found: Grid | None, spec: TableSpec, complete: bool = True) -> Held:
    """The rows of a Table by column key. Refused when the Table or (where it must be ``complete``) an input column is missing."""
    if found is None:
        raise Refused(
            Text(
                f"工作簿里没有表 {spec.name}（{spec.title.zh}）：这不是销售计划工作簿，或表被改名、删除。可用 salesplan new 新建。",
                f"The workbook has no Table {spec.name}: it is no planning workbook, or the Table was renamed or deleted. "
                "salesplan new makes one.",
            )
        )
    places = _columns(found, spec, complete)
    rows, lines = _rows(found, places)
    lang = headers_language(found.headers, spec)
    return Held(found, spec, lang, rows, lines, {column.key: place for place, column in places})


def workbook_language(package: Package) -> str | None:
    """The language of a plan, read off its Tables; None where there is none of ours."""
    return tables_language({name: found.headers for name, found in package.tables.items()})


def language_of_file(path: str | os.PathLike[str]) -> str | None:
    """The language of a plan in a file, of which only the Tables' headers are read; None where there is none, or no such file.

    Whoever opens the file says what is wrong with it.
    """
    try:
        with zipfile.ZipFile(path) as file:
            parts = [name for name in file.namelist() if re.fullmatch(r"xl/tables/[^/]+\.xml", name)]
            roots = [etree.fromstring(file.read(name)) for name in parts]
    except (OSError, ValueError, RuntimeError, NotImplementedError, zlib.error, zipfile.BadZipFile, etree.XMLSyntaxError):
        return None
    return tables_language(
        {root.get("displayName", ""): [n.get("name", "") for n in root.iter("{*}tableColumn")] for root in roots}
    )


def tables_language(headers: Mapping[str, Sequence[str]]) -> str | None:
    """The language of a plan by the headers of its Tables; None where there is none of ours."""
    said = [headers_language(found, TABLES[name]) for name, found in headers.items() if name in TABLES]
    return max(sorted(set(said)), key=said.count) if said else None


def headers_language(headers: Sequence[str], spec: TableSpec) -> str:
    """The language a Table's headers are written in."""
    english, chinese = (sum(getattr(c.header, lang) in headers for c in spec.columns) for lang in ("en", "zh"))
    return "en" if english > chinese else "zh"


def _columns(found: Grid, spec: TableSpec, complete: bool) -> list[tuple[int, Column]]:
    """Sheet column → our column. All inputs must be there: a renamed header would take its values away."""
    places = []
    for column in spec.columns:
        index = next((i for i, header in enumerate(found.headers) if column.heads(header)), None)
        if index is not None:
            places.append((found.data.first_col + index, column))
        elif complete and not column.formula and not (found.adopted and column.key in found.adopted.absent):
            raise Refused(
                Text(
                    f"表 {spec.name} 缺少列“{column.header.zh}”：请恢复列名后重试；旧版计划请先“升级计划”（salesplan upgrade）。",
                    f"Table {spec.name} has no column “{column.header.en}”: restore its header and try again; a plan of an "
                    "older version: run salesplan upgrade.",
                )
            )
    return places


def _rows(found: Grid, places: list[tuple[int, Column]]) -> tuple[list[Row], list[int]]:
    rows, lines = [], []
    offset = found.data.first_col
    codes: dict[str, dict[Any, Any]] = {column.key: {} for _, column in places if column.words}
    for line, cells in enumerate(found.cells, found.data.first_row):
        row: Row = dict.fromkeys(found.adopted.absent) if found.adopted else {}
        filled = False
        for place, column in places:
            value = cells[place - offset]
            if value is None:
                row[column.key] = None
                continue
            if type(value) is str and column.words:  # a column of ten thousand says a few words
                known = codes[column.key]
                if value not in known:
                    known[value] = typed(column, value)
                value = known[value]
            elif type(value) is not float or column.kind not in _QUANTITIES:
                value = typed(column, value)
            row[column.key] = value
            filled |= value is not None and not column.formula
        if filled:
            rows.append(row)
            lines.append(line)
    return rows, lines


_QUANTITIES = frozenset({"int", "number", "money", "fen", "rate", "score"})  # whose numbers mean themselves


def typed(column: Column, value: Any) -> Any:
    """What a cell's value means in its column: a word as its code, a date as a date, an ID as text."""
    if value is None or value == "" or is_error(value):
        return value or None
    if isinstance(value, float):
        if column.kind == "date":
            return serial_to_date(value) or value
        if column.kind == "time":
            return moment_of(value) if serial_to_date(value) else value
        if column.kind in ("id", "text", "period", "quarter"):
            return str(int(value)) if value.is_integer() else str(value)
    return column.code(value) if column.words else value


def append(package: Package, into: Held, rows: Sequence[Row]) -> Ref:
    """Add rows (by column key) under a Table in one block; calculated columns go on by themselves."""
    refuse_protected(package, into.grid.sheet)
    headers = into.grid.headers
    places = [(header, next((c for c in into.spec.columns if c.heads(header)), None)) for header in headers]
    inputs = [(header, column) for header, column in places if column is not None and not column.formula]
    content = [{header: cell_of(column, row.get(column.key), into.lang) for header, column in inputs} for row in rows]
    return package.append_rows(package.tables[into.grid.name], content)


def cell_of(column: Column, value: Any, lang: str) -> Any:
    """What a cell of a column holds for a value of a row: a code as its word, a date as its serial."""
    shown = column.shown(value)
    if isinstance(shown, Text):
        return shown.en if lang == "en" else shown.zh
    return serial(shown) if isinstance(shown, dt.date) else shown


def refuse_protected(package: Package, sheet: str) -> None:
    """Refuse to write into a sheet that its owner protected."""
    frame = package.sheets[sheet].frame
    for node in frame.iterchildren(etree.Element):
        if etree.QName(node).localname == "sheetProtection" and node.get("sheet") in ("1", "true"):
            raise Refused(protected_text(sheet))


def protected_text(sheet: str) -> Text:
    """Why a protected sheet is left alone."""
    return Text(
        f"工作表“{sheet}”受保护，没有写入：请先撤销工作表保护。",
        f"The sheet “{sheet}” is protected, nothing was written: unprotect it first.",
    )


def named(package: Package, name: str) -> list[Any]:
    """The values of the cells a defined name stands for, row by row; empty where there is no such name."""
    refers = package.names.get(name)
    area = package.chart_area(refers.lstrip("=")) if refers else None
    if area is None:
        return []
    sheet = package.sheets[area[0]]
    return [None if (cell := sheet.get(at)) is None else cell.value for at in sheet.clip(area[1]).cells()]
