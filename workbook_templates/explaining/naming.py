"""What a cell is called: the column of a Table and its row's key, a setting, a named figure, the label beside it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from udfs.policy import POLICIES, Policy
from udfs.text import Text
from udfs.values import serial_to_date
from workbook_templates.cells import Value, column_letters
from workbook_templates.engine.precedents import Range
from workbook_templates.tables import schema
from workbook_templates.tables.spec import HOME_MARK, Column, TableSpec
from workbook_templates.xlsx.package import Element, Package, local_name
from workbook_templates.xlsx.refs import Ref

_HOME = (2, 2)  # where the link to the first sheet stands
_KEY = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")  # what a program calls a figure
_WHOLE = "1"  # the number of the format 0
_NEAR = 6  # columns to the left in which a label is looked for


@dataclass(frozen=True)
class TableColumn:
    """A column of a Table of ours, and the rows that are asked of it (from 0)."""

    spec: TableSpec
    column: Column
    first: int
    last: int


@dataclass
class Naming:
    """Names of a workbook's cells."""

    package: Package
    lang: str
    _policies: dict[tuple[str, int, int], Policy] = field(init=False)

    def __post_init__(self) -> None:
        self._policies = {}
        for policy in POLICIES.values():
            place = self.package.locate(policy.range_name) if policy.range_name in self.package.names else None
            if place is not None:
                sheet, ref = place
                for row in range(ref.first_row, ref.last_row + 1):
                    self._policies[sheet, row, ref.first_col] = policy

    def policy(self, where: Range) -> Policy | None:
        """The setting a cell holds."""
        return self._policies.get((where[0], where[1], where[2]))

    @cached_property
    def _tables(self) -> Mapping[str, list[tuple[Ref, str]]]:
        found: dict[str, list[tuple[Ref, str]]] = {}
        for name, table in self.package.tables.items():
            if name in schema.TABLES:
                found.setdefault(table.sheet, []).append((table.data, name))
        return found

    def column(self, where: Range) -> TableColumn | None:
        """The one column of a Table in which all of a range lies."""
        sheet, top, left, bottom, right = where
        for area, name in self._tables.get(sheet, ()):
            if left == right and area.first_col <= left <= area.last_col and area.first_row <= top and bottom <= area.last_row:
                spec = schema.TABLES[name]
                headers = self.package.tables[name].headers
                header = headers[left - area.first_col]
                column = next((c for c in spec.columns if header in (c.header.zh, c.header.en)), None)
                if column is not None:
                    return TableColumn(spec, column, top - area.first_row, bottom - area.first_row)
        return None

    def cell(self, table: str, row: int, key: str) -> Value:
        """A cell of a Table by row (from 0) and column."""
        held = self.package.tables[table]
        column = schema.TABLES[table][key]
        place = next((n for n, header in enumerate(held.headers) if header in (column.header.zh, column.header.en)), None)
        if place is None:
            return None
        found = self.package.sheets[held.sheet].get((held.data.first_row + row, held.data.first_col + place))
        return None if found is None else found.value

    def row_key(self, table: str, row: int) -> str:
        """What tells a row of a Table from others."""
        spec = schema.TABLES[table]
        keys = spec.key or (spec.columns[0].key,)
        return " ".join(shown(self.cell(table, row, key), spec[key].kind) for key in keys)

    def said(self, where: Range) -> str:
        """What a cell or range is."""
        policy = self.policy(where)
        if policy is not None:
            return str(policy.label)
        found = self.column(where)
        if found is not None:
            title, header = str(found.spec.title), str(found.column.header)
            if found.first == found.last:
                return f"{title} {self.row_key(found.spec.name, found.first)} · {header}"
            return f"{title} · {header}"
        named = self._names.get((where[0], where[1], where[2]))
        label = self._beside(where)
        return label or named or address(where)

    @cached_property
    def _names(self) -> Mapping[tuple[str, int, int], str]:
        out: dict[tuple[str, int, int], str] = {}
        for name in self.package.names:
            if isinstance(name, str) and not name.startswith("_") and (place := self.package.locate(name)) is not None:
                out.setdefault((place[0], place[1].first_row, place[1].first_col), name)
        return out

    def _beside(self, where: Range) -> str:
        """The label to the left, with the head of the column where there is one."""
        sheet, row, column, bottom, right = where
        cells = self.package.sheets[sheet]
        left = "" if row != bottom else self._first(sheet, row, column)  # of several rows none is all of it
        if not left and row == bottom:
            near = range(column - 1, max(0, column - 1 - _NEAR), -1)
            left = next((t for c in near if (t := _text(cells.get((row, c))))), "")
        above = next(self._heads(sheet, row, column), "") if column == right else ""
        return " · ".join(dict.fromkeys(filter(None, (left, above if above != left else ""))))

    def _first(self, sheet: str, row: int, column: int) -> str:
        """The first text of the cells that stand in one piece to the left: whose row it is, not what was found before it."""
        cells, first = self.package.sheets[sheet], ""
        for at in range(column - 1, 0, -1):
            cell = cells.get((row, at))
            if cell is None or cell.value in (None, ""):
                break
            text = _text(cell)
            first = first if _KEY.fullmatch(text) else text or first
        return first

    def _heads(self, sheet: str, row: int, column: int) -> Iterator[str]:
        for up in range(row - 1, max(3, row - 60), -1):
            cell = self.package.sheets[sheet].get((up, column))
            if (text := _text(cell)) and text not in _units() and not self._filled(cell):
                yield text

    def ours(self, where: Range) -> bool:
        """Whether a cell without formula is part of the workbook as it was made: nobody is asked to fill it in."""
        sheet = self.package.sheets[where[0]]
        home = sheet.get(_HOME)
        if home is None or not str(home.value).startswith(HOME_MARK):
            return False  # a sheet that somebody added
        cells = (sheet.get((row, column)) for row in range(where[1], where[3] + 1) for column in range(where[2], where[4] + 1))
        return not any(cell is not None and self._filled(cell) for cell in cells)

    def _filled(self, cell: object) -> bool:
        """Whether a cell is one that people fill in."""
        return getattr(cell, "style", 0) in self._unlocked

    @cached_property
    def _styles(self) -> Sequence[Element]:
        part = self.package.related(self.package.workbook_part, "styles")
        groups = self.package.root(part) if part is not None else ()
        formats = next((node for node in groups if local_name(node) == "cellXfs"), ())
        return [node for node in formats if isinstance(node.tag, str)]

    @cached_property
    def _unlocked(self) -> frozenset[int]:
        """The styles of cells that may be typed into."""
        return frozenset(
            number
            for number, style in enumerate(self._styles)
            if any(local_name(node) == "protection" and node.get("locked") in ("0", "false") for node in style)
        )

    @cached_property
    def _whole(self) -> frozenset[int]:
        """The styles of whole numbers without separators: years."""
        return frozenset(number for number, style in enumerate(self._styles) if style.get("numFmtId") == _WHOLE)

    def kind(self, where: Range) -> str:
        """How a figure is shown: a Table's column by its kind, any other cell by its number format."""
        found = self.column(where)
        if found is not None:
            return found.column.kind
        policy = self.policy(where)
        cell = self.package.sheets[where[0]].get((where[1], where[2]))
        if policy is not None or cell is None:
            return ""
        code = self.package.format_of(cell.style)
        if self.package.is_date(cell.style):
            return "date"
        return "rate" if "%" in code else "year" if cell.style in self._whole else ""


@cache
def _units() -> frozenset[str]:
    """Units that stand over heads."""
    return frozenset(unit for spec in schema.TABLES.values() for column in spec.columns for unit in column.unit if unit)


def _text(cell: object) -> str:
    value = getattr(cell, "value", None)
    formula = getattr(cell, "formula", None)
    return value.strip() if isinstance(value, str) and formula is None and len(value.strip()) > 1 else ""


def address(where: Range) -> str:
    """Where it stands, as one types it."""
    sheet, top, left, bottom, right = where
    first, last = f"{column_letters(left)}{top}", f"{column_letters(right)}{bottom}"
    quoted = sheet if sheet.isidentifier() else "'" + sheet.replace("'", "''") + "'"
    return f"{quoted}!{first}" if first == last else f"{quoted}!{first}:{last}"


def shown(value: Value, kind: str = "") -> str:
    """A value as a tree shows it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return str(Text("是", "TRUE") if value else Text("否", "FALSE"))
    if isinstance(value, int | float):
        if kind in ("date", "time") and value > 1:
            day = serial_to_date(value)
            return f"{day:%Y-%m-%d}" if isinstance(day, dt.date) else str(value)
        if kind == "year":
            return f"{value:.0f}"
        if kind in ("rate", "rate2"):
            return f"{value:.2%}"
        return (
            f"{value:,.0f}"
            if float(value).is_integer() and abs(value) >= 1
            else f"{value:,.6g}"
            if abs(value) < 1000
            else f"{value:,.2f}"
        )
    return str(value)
