"""A stand-in for Excel as xlwings shows it: cells in memory, and a record of every call that would go to Excel.

It does what the live face relies on, as far as Excel documents it: a text that begins with an apostrophe is a text, other
texts are read as typed, a Table that grows takes no cells with it. It computes nothing. What only a real Excel can show is
on the manual checklist.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from udfs.values import text_to_date, text_to_number
from workbook_templates.cells import address, serial
from workbook_templates.xlsx.package import CellFormula, Package, Ref, translate


class Excel:
    """The application."""

    def __init__(self, answer: str = "ok") -> None:
        self.calls: list[str] = []
        self.alerts: list[str] = []
        self.status: list[Any] = []
        self.display_alerts = True
        self.answer = answer

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "status_bar":
            self.status.append(value)
        else:
            super().__setattr__(name, value)

    def alert(self, text: str, title: str = "", buttons: str = "ok") -> str:
        self.alerts.append(text)
        return self.answer

    def calculate(self) -> None:
        self.calls.append("calculate")


class Api:
    ReadOnly = ProtectContents = False


class Book:
    """A workbook, filled from a package."""

    def __init__(self, package: Package, app: Excel | None = None) -> None:
        self.package, self.app, self.api = package, app or Excel(), Api()
        self.name, self.fullname = "plan.xlsx", "C:\\plans\\plan.xlsx"
        self.sheets = [Sheet(self, name) for name in package.sheets]
        self.names = self

    def __iter__(self) -> Iterator[Any]:
        """The defined names, as ``names`` lists them."""
        return (type("Name", (), {"name": name}) for name in self.package.names if isinstance(name, str))

    def __getitem__(self, name: str) -> Any:
        self.app.calls.append(f"name {name}")
        place = self.package.locate(name) if name in self.package.names else None
        if place is None:
            raise KeyError(name)
        sheet = next(s for s in self.sheets if s.name == place[0])
        return type("Name", (), {"refers_to_range": Range(sheet, place[1])})


class Sheet:
    def __init__(self, book: Book, name: str) -> None:
        self.book, self.name, self.api = book, name, Api()
        self.visible = book.package.sheets[name].state == "visible"
        source = book.package.sheets[name].cells()
        self.values: dict[tuple[int, int], Any] = {at: cell.value for at, cell in source.items() if cell.value is not None}
        self.formulas = {at: cell.formula for at, cell in source.items() if cell.formula is not None}
        self.dates = {at for at, cell in source.items() if book.package.is_date(cell.style)}
        self.tables = [Table(self, t.name, t.ref, t.totals) for t in book.package.tables.values() if t.sheet == name]

    def range(self, first: tuple[int, int], last: tuple[int, int]) -> Range:
        return Range(self, Ref(*first, *last))

    def delete(self) -> None:
        assert not self.book.app.display_alerts, "Excel would ask"
        self.book.sheets.remove(self)

    @property
    def used_range(self) -> Range:
        rows, columns = zip(*[(1, 1), *self.values, *self.formulas], strict=True)
        return Range(self, Ref(1, 1, max(rows), max(columns)))


class Table:
    def __init__(self, sheet: Sheet, name: str, ref: Ref, totals: bool) -> None:
        self.sheet, self.name, self.ref, self.show_totals = sheet, name, ref, totals

    @property
    def range(self) -> Range:
        return Range(self.sheet, self.ref)

    @property
    def header_row_range(self) -> Range:
        return Range(self.sheet, self.ref._replace(last_row=self.ref.first_row))

    def resize(self, whole: Range) -> None:
        self.sheet.book.app.calls.append(f"resize {self.name}")
        self.ref = whole.ref


class Range:
    def __init__(self, sheet: Sheet, ref: Ref) -> None:
        self.sheet, self.ref = sheet, ref
        self.row, self.column = ref.first_row, ref.first_col
        self.shape = (ref.last_row - ref.first_row + 1, ref.last_col - ref.first_col + 1)

    def _call(self, what: str) -> None:
        self.sheet.book.app.calls.append(f"{what} {self.sheet.name}!{self.ref}")

    def _rows(self, cell: Any) -> list[list[Any]]:
        return [
            [cell((row, col)) for col in range(self.ref.first_col, self.ref.last_col + 1)]
            for row in range(self.ref.first_row, self.ref.last_row + 1)
        ]

    def options(self, ndim: int, err_to_str: bool) -> Range:
        assert ndim == 2 and err_to_str
        return self

    @property
    def value(self) -> list[list[Any]]:
        self._call("read")
        return self._rows(self._shown)

    def _shown(self, at: tuple[int, int]) -> Any:
        value = self.sheet.values.get(at)
        if isinstance(value, float) and at in self.sheet.dates:
            return dt.datetime(1899, 12, 30) + dt.timedelta(days=value)
        return value

    @value.setter
    def value(self, rows: list[list[Any]]) -> None:
        self._call("write")
        assert [len(rows), len(rows[0])] == list(self.shape)
        for at, cell in zip(self.ref.cells(), (c for row in rows for c in row), strict=True):
            self.sheet.formulas.pop(at, None)
            if isinstance(cell, str) and cell.startswith("="):
                self.sheet.formulas[at] = cell[1:]
            self.sheet.values[at] = _entered(cell)

    @property
    def formula(self) -> Any:
        self._call("formulas")
        rows = self._rows(self._text)
        return rows[0][0] if self.shape == (1, 1) else tuple(tuple(row) for row in rows)

    def _text(self, at: tuple[int, int]) -> str:
        value = self.sheet.values.get(at)
        return f"={self.sheet.formulas[at]}" if at in self.sheet.formulas else "" if value is None else str(value)

    @formula.setter
    def formula(self, text: str) -> None:
        self._call("write formula")
        for at in self.ref.cells():
            self.sheet.formulas[at] = translate(text[1:], at[0] - self.ref.first_row, at[1] - self.ref.first_col)

    formula2 = formula

    @property
    def number_format(self) -> str:
        self._call("format?")
        return "date" if (self.ref.first_row, self.ref.first_col) in self.sheet.dates else "General"

    @number_format.setter
    def number_format(self, code: str) -> None:
        self._call("format")
        (self.sheet.dates.update if code == "date" else self.sheet.dates.difference_update)(self.ref.cells())


def _entered(cell: Any) -> Any:
    """What becomes of a value that is put into a cell."""
    if isinstance(cell, str) and cell.startswith("'"):
        return cell[1:]
    if isinstance(cell, str):
        day = text_to_date(cell)
        number = text_to_number(cell) if day is None else serial(day)
        return cell if number is None else number
    return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def contents(book: Book) -> Iterator[tuple[str, str, Any]]:
    """(sheet, cell, formula or value) of every cell that holds something."""
    for sheet in book.sheets:
        for at in sorted({*sheet.values, *sheet.formulas}):
            held = CellFormula(sheet.formulas[at]).text if at in sheet.formulas else sheet.values.get(at)
            if held not in (None, ""):
                yield sheet.name, address(*at), held
