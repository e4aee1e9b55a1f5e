"""Planning workbooks made and changed, and the same cells written or copied by others: what ``run.py`` times."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

from addin.actions import commission
from addin.book import FileBook
from addin.performing import perform
from workbook_templates.chapters import sample
from workbook_templates.making import write_plan
from workbook_templates.recalc import recalculate
from workbook_templates.tables import grids
from workbook_templates.xlsx.package import Cell, Package


class Made:
    """The sample company's plan in a file."""

    def __init__(self, path: Path, deals: int = sample.DEALS) -> None:
        self.path, self.deals = path, deals
        self.write()

    def write(self) -> None:
        """Company, workbook, values, file."""
        write_plan(sample.company("zh", self.deals), self.path, "zh")

    @cached_property
    def cells(self) -> list[tuple[str, list[tuple[int, int, Cell]]]]:
        """All cells that hold something, sheet by sheet."""
        sheets = Package.open(self.path).sheets.items()
        return [(name, [(*at, c) for at, c in s.cells().items() if c.value is not None or c.formula]) for name, s in sheets]

    @property
    def count(self) -> int:
        return sum(len(cells) for _, cells in self.cells)

    def write_by_xlsxwriter(self) -> None:
        """The same formulas, values and texts, handed over; no Tables, charts or looks."""
        book = xlsxwriter.Workbook(str(self.path.with_suffix(".peer.xlsx")))
        for name, cells in self.cells:
            sheet = book.add_worksheet(name)
            for row, column, cell in cells:
                if cell.formula is not None:
                    sheet.write_formula(row - 1, column - 1, "=" + cell.formula, None, "" if cell.value is None else cell.value)
                elif isinstance(cell.value, str):
                    sheet.write_string(row - 1, column - 1, cell.value)
                else:
                    sheet.write(row - 1, column - 1, cell.value)
        book.close()

    def commission(self) -> None:
        """Another program raised one deal's revenue, and the ledger follows, everything computed; the file itself stays as it is."""
        self._act(self._raised)

    def commission_in_part(self) -> None:
        """The same where our own action raised it: its seal holds, so only what follows from the ledger is computed."""
        self._act(self._computed)

    def _act(self, content: bytes) -> None:
        changed = self.path.with_suffix(".changed.xlsx")
        changed.write_bytes(content)
        done = perform(commission.ACTION, FileBook.open(changed), commission.ACTION.defaults(), backup=False)
        assert done.written, done.outcome

    def prepare(self) -> None:
        """Make the changed files before anything is timed."""
        self._raised = self._with_a_deal_raised().to_bytes()
        package = self._with_a_deal_raised()
        recalculate(package)
        self._computed = package.to_bytes()

    def _with_a_deal_raised(self) -> Package:
        package = Package.open(self.path)
        deals = grids.held(package, "Deals")
        at = deals.at(5, "revenue")
        held: Any = deals.rows[5]["revenue"]
        package.sheets[deals.grid.sheet].set_values({at: held + 1000.0})
        return package

    def copy_by_openpyxl(self) -> None:
        """What most programs do to change a cell; it loses values and marks on the way."""
        openpyxl.load_workbook(self.path).save(self.path.with_suffix(".copy.xlsx"))
