"""An Excel Table: its extent, its rows in use, and what appending rows takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.cells import At, Value, address
from workbook_templates.xlsx.markup import flag, local_name, part_ref
from workbook_templates.xlsx.moving import translate
from workbook_templates.xlsx.refs import MAX_ROW, Ref
from workbook_templates.xlsx.values import CellFormula, storable

if TYPE_CHECKING:
    from workbook_templates.xlsx.package import Package
    from workbook_templates.xlsx.sheet import Sheet

# A Table with more blank rows than this at its end was dragged there; its rows in use end with the last that holds something.
DRAGGED_ROWS = 1_000


@dataclass(eq=False)
class Table:
    """An Excel Table. ``ref`` covers header and totals row too, as Excel counts; ``sheet`` is the sheet's name."""

    name: str
    sheet: str
    ref: Ref
    headers: list[str]
    totals: bool
    header_row: bool
    part: str
    _package: Package = field(repr=False)

    @property
    def data(self) -> Ref:
        """The rows between header and totals."""
        first = self.ref.first_row + int(self.header_row)
        return Ref(first, self.ref.first_col, max(self.ref.last_row - int(self.totals), first), self.ref.last_col)

    @property
    def used(self) -> Ref:
        """The rows in use: ``data``, but of a Table that was dragged far down only what holds something."""
        data = self.data
        sheet = self._package.sheets[self.sheet]
        if data.last_row - data.first_row < DRAGGED_ROWS or self._holds(sheet, data._replace(first_row=data.last_row)):
            return data
        filled = (at[0] for at in sheet.within(data) if (cell := sheet.get(at)) and (cell.kind or cell.formula is not None))
        last = max(filled, default=data.first_row)
        return data._replace(last_row=last) if data.last_row - last > DRAGGED_ROWS else data

    @staticmethod
    def _holds(sheet: Sheet, ref: Ref) -> bool:
        cells = (sheet.get(at) for at in sheet.within(ref))
        return any(cell is not None and (cell.kind or cell.formula is not None) for cell in cells)

    def resize(self, last_row: int) -> bool:
        """Let the Table end with data row ``last_row``; cells are not touched. Whether anything changed."""
        if last_row == self.data.last_row:
            return False
        self.check_growable()
        new = self.ref._replace(last_row=last_row)
        if last_row < self.data.first_row or last_row > MAX_ROW:
            raise self.refusal(Text("表格至少要有一行数据", "a Table has at least one row, all on the sheet"))
        sheet = self._package.sheets[self.sheet]
        others = [table for table in self._package.tables.values() if table is not self and table.sheet == self.sheet]
        if any(table.ref.meets(new) for table in others) or any(ref.meets(new) for ref in sheet.merged):
            raise self.refusal(Text("下方有其他表格或合并单元格", "another Table or merged cells are in the way"))
        names = ("table", "autoFilter", "sortState", "sortCondition")
        nodes = [
            node for node in self._package.root(self.part).iter(etree.Element) if local_name(node) in names and node.get("ref")
        ]
        areas = [(node, part_ref(self.part, node.get("ref"))) for node in nodes]
        self._package.touch(self.part)
        for node, area in areas:
            if area.last_row == self.ref.last_row:
                node.set("ref", str(area._replace(last_row=last_row)))
        self.ref = new
        return True

    def refusal(self, why: Text) -> Refused:
        return Refused(Text("表“{t}”：", "Table “{t}”: ").format(t=self.name) + why)

    def check_growable(self) -> None:
        root = self._package.root(self.part)
        if self.totals:
            raise self.refusal(Text("有汇总行，请先关闭汇总行", "it has a totals row; switch that off first"))
        if root.get("tableType", "worksheet") != "worksheet":
            raise self.refusal(Text("由外部数据填充，不能增减行", "it is filled from an external source"))

    def column_formulas(self) -> dict[int, tuple[str, bool]]:
        """Column → text of its calculated-column formula and whether that is an array formula."""
        out = {}
        columns = next(node for node in self._package.root(self.part) if local_name(node) == "tableColumns")
        for index, column in enumerate(child for child in columns if local_name(child) == "tableColumn"):
            for node in column:
                if local_name(node) == "calculatedColumnFormula" and node.text:
                    out[self.ref.first_col + index] = (node.text, flag(node, "array"))
        return out


class Appending:
    """Rows going under a Table: everything is worked out and checked before the first cell changes."""

    def __init__(self, package: Package, table: Table, rows: Sequence[Sequence[object] | Mapping[str, object]]) -> None:
        self.table, self.sheet = table, package.sheets[table.sheet]
        self.sheet.load()
        self.formulas_of = table.column_formulas()
        self.model = table.used.last_row
        blank = table.data.first_row == self.model and self._is_blank_row()
        self.first = self.model if blank else self.model + 1
        self.last = self.first + len(rows) - 1
        self.rows = [self._aligned(row) for row in rows]

    def _is_blank_row(self) -> bool:
        """A new Table has one empty row: that one is filled first."""
        cells = (self.sheet.get((self.model, col)) for col in self._columns())
        return all(cell is None or cell.formula is not None or not cell.kind for cell in cells)

    def _columns(self) -> range:
        return range(self.table.ref.first_col, self.table.ref.last_col + 1)

    def _aligned(self, row: Sequence[object] | Mapping[str, object]) -> list[object]:
        headers = self.table.headers
        if isinstance(row, Mapping):
            unknown = [key for key in row if key not in headers]
            if unknown:
                raise self.table.refusal(Text("没有列", "no such column") + f": {', '.join(map(str, unknown))}")
            return [row.get(header) for header in headers]
        if len(row) != len(headers):
            raise self.table.refusal(
                Text("应有 {n} 列，给了 {m} 列", "{n} columns expected, {m} given").format(n=len(headers), m=len(row))
            )
        return list(row)

    def check(self, content: Mapping[At, object]) -> None:
        self.sheet.check_free(content, content)
        if self.last > MAX_ROW:
            raise self.table.refusal(Text("超出工作表行数", "more rows than a sheet has"))
        for row in range(self.model + 1, self.last + 1):
            for col in self._columns():
                cell = self.sheet.get((row, col))
                if (cell is not None and (cell.kind or cell.formula is not None)) or self.sheet.anchor_of((row, col)):
                    raise self.table.refusal(Text("下方 {a} 已有内容", "{a} below it is not empty").format(a=address(row, col)))

    def content(self) -> tuple[dict[At, Value], dict[At, CellFormula]]:
        values: dict[At, Value] = {}
        formulas: dict[At, CellFormula] = {}
        for index, row in enumerate(self.rows):
            for col, raw in zip(self._columns(), row, strict=True):
                at = (self.first + index, col)
                formula = self._formula(at) if raw is None else None
                if formula is not None:
                    formulas[at] = formula
                else:
                    values[at] = storable(raw)
        return values, formulas

    def _formula(self, at: At) -> CellFormula | None:
        model = self.sheet.get((self.model, at[1]))
        if model is not None and model.formula is not None:
            if at[0] == self.model:
                return CellFormula(model.formula, model.array_ref, None, model.dynamic)
            text = translate(model.formula, at[0] - self.model, 0)
            own = Ref(*at, *at) if model.array_ref is not None else None
            return CellFormula(text, own, None, False)
        if at[1] not in self.formulas_of:
            return None
        text, array = self.formulas_of[at[1]]
        if translate(text, 1, 0) != text:
            # The last row overrode its column's formula, and which row the stored one is relative to is not certain.
            raise self.table.refusal(
                Text("列公式无法确定：{f}", "it is not certain how its column formula goes on: {f}").format(f=text)
            )
        return CellFormula(text, Ref(*at, *at) if array else None, None, False)

    def styles(self) -> dict[At, int]:
        out = {}
        for col in self._columns():
            model = self.sheet.get((self.model, col))
            if model is not None:
                out.update({(row, col): model.style for row in range(self.first, self.last + 1)})
        return out
