"""The Tables of a workbook as rows of the schema: read from a package by key, appended to it by key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from udfs.text import Text
from udfs.values import is_error, serial_to_date
from workbook_templates.package import Package, Ref, Table, serial
from workbook_templates.saving import Refused
from workbook_templates.schema import TABLES, Column, Row, TableSpec, table


@dataclass(frozen=True)
class Held:
    """One Table of a workbook with its rows in use; ``lines`` says on which row of the sheet each stands."""

    table: Table
    spec: TableSpec
    lang: str
    rows: list[Row]
    lines: list[int]


def held(package: Package, name: str) -> Held:
    """Read a Table of the schema: words as codes, dates as dates, IDs as text. Refused when the workbook is not a plan."""
    spec, found = table(name), package.tables.get(name)
    if found is None:
        raise Refused(
            Text(
                f"工作簿里没有表 {name}（{spec.title.zh}）：这不是销售计划工作簿，或表被改名、删除。可用 salesplan new 新建。",
                f"The workbook has no Table {name}: it is no planning workbook, or the Table was renamed or deleted. "
                "salesplan new makes one.",
            )
        )
    lang = headers_language(found, spec)
    rows, lines = _rows(package, found, _columns(found, spec))
    return Held(found, spec, lang, rows, lines)


def workbook_language(package: Package) -> str | None:
    """The language of a plan, read off its Tables; None where there is none of ours."""
    said = [headers_language(found, TABLES[name]) for name, found in package.tables.items() if name in TABLES]
    return max(sorted(set(said)), key=said.count) if said else None


def headers_language(found: Table, spec: TableSpec) -> str:
    """The language a Table's headers are written in."""
    english, chinese = (sum(getattr(c.header, lang) in found.headers for c in spec.columns) for lang in ("en", "zh"))
    return "en" if english > chinese else "zh"


def _columns(found: Table, spec: TableSpec) -> list[tuple[int, Column]]:
    """Sheet column → our column. All inputs must be there: a renamed header would take its values away."""
    places = []
    for column in spec.columns:
        index = next((i for i, header in enumerate(found.headers) if header in column.header), None)
        if index is not None:
            places.append((found.ref.first_col + index, column))
        elif not column.formula:
            raise Refused(
                Text(
                    f"表 {spec.name} 缺少列“{column.header.zh}”：请恢复列名后重试。",
                    f"Table {spec.name} lacks the column “{column.header.en}”: restore its header and try again.",
                )
            )
    return places


def _rows(package: Package, found: Table, places: list[tuple[int, Column]]) -> tuple[list[Row], list[int]]:
    cells = package.sheets[found.sheet].cells()
    rows, lines = [], []
    for line in range(found.data.first_row, found.data.last_row + 1):
        row: Row = {}
        filled = False
        for place, column in places:
            cell = cells.get((line, place))
            value = None if cell is None else _typed(column, cell.value)
            row[column.key] = value
            filled |= value is not None and not column.formula
        if filled:
            rows.append(row)
            lines.append(line)
    return rows, lines


def _typed(column: Column, value: Any) -> Any:
    if value is None or value == "" or is_error(value):
        return value or None
    if isinstance(value, float):
        if column.kind == "date":
            return serial_to_date(value) or value
        if column.kind in ("id", "text", "period"):
            return str(int(value)) if value.is_integer() else str(value)
    return column.code(value) if column.words else value


def append(package: Package, into: Held, rows: Sequence[Row]) -> Ref:
    """Add rows (by column key) under a Table in one block; calculated columns go on by themselves."""
    _refuse_protected(package, into.table)
    places = [(header, next((c for c in into.spec.columns if header in c.header), None)) for header in into.table.headers]
    inputs = [(header, column) for header, column in places if column is not None and not column.formula]
    content = [{header: _cell(column.shown(row.get(column.key)), into.lang) for header, column in inputs} for row in rows]
    return package.append_rows(into.table, content)


def _cell(value: Any, lang: str) -> Any:
    if isinstance(value, Text):
        return value.en if lang == "en" else value.zh
    return serial(value) if isinstance(value, dt.date) else value


def _refuse_protected(package: Package, found: Table) -> None:
    root = package.sheets[found.sheet]._root
    for node in root.iterchildren(etree.Element):
        if etree.QName(node).localname == "sheetProtection" and node.get("sheet") in ("1", "true"):
            raise Refused(
                Text(
                    f"工作表“{found.sheet}”受保护，没有写入：请先撤销工作表保护。",
                    f"The sheet “{found.sheet}” is protected, nothing was written: unprotect it first.",
                )
            )


def named(package: Package, name: str) -> list[Any]:
    """The values of the cells a defined name stands for, row by row; empty where there is no such name."""
    refers = package.names.get(name)
    area = package._chart_area(refers.lstrip("=")) if refers else None
    if area is None:
        return []
    sheet = package.sheets[area[0]]
    return [None if (cell := sheet.get(at)) is None else cell.value for at in area[1].cells()]
