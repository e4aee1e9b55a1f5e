"""What a file says of its extents is not believed: time and memory are those of the cells that are there (issue 10, A12)."""

from __future__ import annotations

import io
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table as NewTable

from addin import cli
from addin.book import FileBook
from tests.actions.company import company, deal
from tests.actions.steps import do
from tests.extents import LAST_ROW, WHOLE, dragged, rewritten
from tests.small_plan import small_plan
from workbook_templates import recalc
from workbook_templates.answers import WARNING
from workbook_templates.checking import findings
from workbook_templates.engine import precedents, run
from workbook_templates.recalc import recalculate
from workbook_templates.tables import grids
from workbook_templates.xlsx.package import Package, Ref

FORMULAS = {
    "F1": "=SUM(T[b])", "F2": "=ROWS(T[b])", "F3": '=SUMPRODUCT((T[a]="x")*T[b])', "F4": "=SUM(B:B)", "F5": "=COUNTA(A:A)",
    "F6": "=SUMPRODUCT(SUMIFS(T[b],T[a],A2:A4))",
          "F7": "=SUMPRODUCT(ROUND(T[b],0))", "F8": '=XLOOKUP("y",T[a],T[b])', "F9": "=SUM(wide)",
    "F10": "=SALES_ROI(SUM(T[b]),COUNT(T[b]))", "F11": "=SUM(SALES_QUOTASPLIT(100,T[b]))", "F12": "=SUM(H1:H3)",
}  # fmt: skip


def small(path: Path) -> Path:
    """Three rows in a Table, an array formula, a name, a chart, merged cells and a rule; no cell beyond row 12."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["a", "b", "c"], ["x", 0.2, None], ["y", 0.3, None], ["x", 0.5, None]):
        sheet.append(row)
    sheet.add_table(NewTable(displayName="T", ref="A1:C4"))
    for at, text in FORMULAS.items():
        sheet[at] = text
    sheet["H1"] = ArrayFormula("H1:H3", "=B2:B4*2")
    for at in ("H2", "H3"):
        sheet[at] = 0
    sheet.merge_cells("J1:K2")
    sheet.conditional_formatting.add("A1:C4", openpyxl.formatting.rule.CellIsRule("equal", ["1"]))
    validation = openpyxl.worksheet.datavalidation.DataValidation("list", '"x,y"')
    validation.add("A2:A4")
    sheet.add_data_validation(validation)
    book.defined_names["wide"] = DefinedName("wide", attr_text="Sheet!$B$2:$B$4")
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=2, max_row=4))
    sheet.add_chart(chart, "M1")
    made = io.BytesIO()
    book.save(made)
    path.write_bytes(made.getvalue())
    return path


def _stretch(pattern: str, whole: str) -> Callable[[str, str], str]:
    return lambda part, text: re.sub(pattern, whole, text)


STRETCHED: dict[str, Callable[[str, str], str]] = {
    "a Table": _stretch(r'ref="A1:C4"', f'ref="A1:C{LAST_ROW}"'),
    "an array formula": _stretch(r'ref="H1:H3"', f'ref="H1:H{LAST_ROW}"'),
    "a lying dimension": _stretch(r'<dimension ref="[^"]*"', f'<dimension ref="{WHOLE}"'),
    "merged cells": _stretch(r'ref="J1:K2"', f'ref="J1:K{LAST_ROW}"'),
    "conditional formats and drop-downs": _stretch(r'sqref="A[12]:[AC]4"', f'sqref="{WHOLE}"'),
    "a name": _stretch(r"\$B\$2:\$B\$4</definedName>", f"$B$2:$B${LAST_ROW}</definedName>"),
    "a chart": _stretch(r"\$B\$2:\$B\$4</(\w*:?)f>", rf"$B$2:$B${LAST_ROW}</\1f>"),
}


def _peak(work: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _values(path: Path) -> dict[str, Any]:
    package = Package.open(path)
    sheet = package.sheets["Sheet"]
    recalculate(package)
    written = Package.from_bytes(package.to_bytes()).sheets["Sheet"]
    assert max(row for row, _ in written.cells()) <= 12, "cells that were not there"
    assert sheet.cells().keys() == written.cells().keys()
    return {
        at: cell.value
        for at in (*FORMULAS, "H1", "H2", "H3")
        if (cell := written.get((int(at[1:]), ord(at[0]) - 64))) is not None
    }


@pytest.mark.parametrize("kind", STRETCHED)
def test_long_extents_cost_nothing_and_change_nothing(tmp_path: Path, kind: str) -> None:
    path = small(tmp_path / "short.xlsx")
    long = rewritten(path, tmp_path / "long.xlsx", STRETCHED[kind])
    assert long.read_bytes() != path.read_bytes()
    wanted = _values(path)
    assert wanted["F3"] == pytest.approx(0.7) and wanted["F11"] == 100.0 and wanted["H3"] == 1.0  # by hand
    usual = _peak(lambda: _values(path))
    found: dict[str, Any] = {}
    assert _peak(lambda: found.update(_values(long))) < 2 * usual + 1_000_000
    assert found == wanted


def test_an_array_over_the_whole_sheet_with_a_cell_in_its_last_corner_is_left_to_excel(tmp_path: Path) -> None:
    """Nothing to clip to: it is named, what reads it is, and the rest is computed."""
    path = small(tmp_path / "short.xlsx")

    def edit(part: str, text: str) -> str:
        corner = f'<row r="{LAST_ROW}"><c r="XFD{LAST_ROW}"><v>1</v></c></row></sheetData>'
        return text.replace('ref="H1:H3"', f'ref="H1:XFD{LAST_ROW}"').replace("</sheetData>", corner)

    package = Package.open(rewritten(path, tmp_path / "long.xlsx", edit))
    results = recalc.compute(package)
    assert {cell.cell for cell in results.unsupported} == {"H1", "F12"}
    assert results.values["Sheet", 1, 6] == 1.0


def test_a_large_array_that_is_rewritten_clears_what_is_there(tmp_path: Path) -> None:
    path = rewritten(small(tmp_path / "short.xlsx"), tmp_path / "long.xlsx", STRETCHED["an array formula"])
    package = Package.open(path)
    sheet = package.sheets["Sheet"]
    package.mark_dynamic(sheet, (1, 8))
    assert sheet.set_spill((1, 8), [[1.0], [2.0]]) == 3
    assert [cell.value if (cell := sheet.get((row, 8))) else None for row in (1, 2, 3)] == [1.0, 2.0, None]
    assert sheet.set_values({(1, 8): 5.0}) == 1
    assert [cell.value if (cell := sheet.get((row, 8))) else None for row in (1, 2, 3)] == [5.0, None, None]


# ------------------------------------------------------------------------------------------------ a dragged Table of a plan


def test_a_dragged_plan_is_computed_checked_and_grown_within_its_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rows are entered where a person would type them: under the last in use, within the Table."""
    names = ("Deals", "Ledger", "ChangeLog")
    path = dragged(small_plan(tmp_path / "plan.xlsx", company([deal(1), deal(2, 0.1)])), tmp_path / "long.xlsx", *names)
    assert len(grids.grid(Package.open(path), Package.open(path).tables["Deals"]).cells) == 2
    assert cli.main(["recalc", str(path)]) in (0, 1)
    assert do("commission", path).written
    ledger = FileBook.open(path).read("Ledger")
    assert [row["commission"] for row in ledger.rows] == [12_500.0, 3_000.0]
    assert ledger.lines == [ledger.grid.data.first_row, ledger.grid.data.first_row + 1]
    assert {Package.open(path).tables[name].ref.last_row for name in names} == {LAST_ROW}
    assert not do("commission", path).effect
    assert do("undo", path).written
    assert not FileBook.open(path).read("Ledger").rows
    assert {Package.open(path).tables[name].ref.last_row for name in names} == {LAST_ROW}
    capsys.readouterr()


def test_check_says_which_table_was_dragged(tmp_path: Path) -> None:
    path = dragged(small_plan(tmp_path / "plan.xlsx", company([deal(1), deal(2, 0.1)])), tmp_path / "long.xlsx", "Deals")
    (problem,) = findings.dragged_tables(Package.open(path))
    assert problem.level == WARNING and "Deals" in problem.text.zh and "1048576" in problem.text.zh
    assert (problem.sheet, problem.row) == ("成交表", Package.open(path).tables["Deals"].data.first_row + 2)


def test_a_few_blank_rows_at_its_end_are_a_tables_own(tmp_path: Path) -> None:
    """Only what was dragged far is cut: new rows still go under a Table with some blank ones."""
    book = openpyxl.Workbook()
    for row in (["a"], [1], [2]):
        book.active.append(row)
    book.active.add_table(NewTable(displayName="T", ref="A1:A6"))
    book.save(tmp_path / "t.xlsx")
    package = Package.open(tmp_path / "t.xlsx")
    assert package.tables["T"].used == package.tables["T"].data
    assert package.append_rows(package.tables["T"], [[3]]) == Ref(7, 1, 7, 1)


# ------------------------------------------------------------------------------------------------ ranges typed far too long


def _clipped(formula: str) -> str:
    return precedents.Clipper(lambda sheet: (10, 3)).clip(formula, "S")


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("=SALES_ROI(A2:A1048576,$B$2:$B$1048576)", "=SALES_ROI($A$2:$A$10,$B$2:$B$10)"),
        ("=SUM('Q 1'!A1:XFD1048576)", "=SUM('Q 1'!$A$1:$C$10)"),
        ('=FILTER(A2:A1048576,B2:B1048576<>"")', '=FILTER($A$2:$A$10,$B$2:$B$10<>"")'),
        ('=SUMPRODUCT((A2:A1048576="")*1)', None),  # counts blanks
        ("=ROWS(A2:A1048576)", None),
        ("=COUNTBLANK(S!A2:A1048576)", None),
        ('=COUNTIFS(A2:A1048576,"")', None),
        ("=INDEX(A2:A1048576,500)", None),  # a blank there is 0, beyond a range is #REF!
        ("=SUM(A2:A900)", None),  # not worth it
        ('="A2:A1048576"&B1', None),
        ("=SUM(A:A)", None),  # the engine's own business
    ],
)
def test_far_ranges_are_cut_where_blanks_do_not_count(formula: str, wanted: str | None) -> None:
    assert _clipped(formula) == (wanted or formula)


def test_a_range_far_below_everything_is_quick_for_our_functions() -> None:
    cells: dict[tuple[int, int], Any] = {(row, 1): 0.25 for row in range(2, 6)}
    cells[1, 5] = run.CellIn(formula="=SUM(SALES_QUOTASPLIT(100,A2:A1048576))")
    peak = _peak(lambda: run.evaluate(run.CellBook({"S": cells}), recalc.functions()))
    assert peak < 20_000_000


def test_a_new_spill_below_everything_is_still_read() -> None:
    """What an array gives is not there yet when ranges are cut."""
    cells: dict[tuple[int, int], Any] = {
        (1, 1): run.CellIn(formula="=SEQUENCE(50)", dynamic=True),
        (1, 3): run.CellIn(formula="=SUMPRODUCT(A1:A1048576*2)"),
    }
    assert run.evaluate(run.CellBook({"S": cells})).values["S", 1, 3] == 2550.0
