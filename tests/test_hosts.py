"""The worked examples as cells of a workbook: one expectation for our engine, for the file it writes, and for LibreOffice."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula

import udfs
from tests.cases import Case, differences, load
from tests.judge import judge, ours
from tests.real import require_office
from workbook_templates.recalc import recalculate
from workbook_templates.xlsx.package import Package

SHEET = "Cases"


@dataclass(frozen=True)
class Placed:
    """Where a case's formula stands; its result spills from there."""

    case: Case
    row: int
    column: int
    formula: str


def _rows(cell: Any) -> list[list[Any]]:
    if not isinstance(cell, list):
        return [[cell]]
    return cell if cell and isinstance(cell[0], list) else [cell]


def _lay_out(cases: list[Case], sheet: Any) -> Iterator[Placed]:
    """Each case's arguments side by side, its formula to the right of them."""
    top = 2
    for case in cases:
        column, references = 2, []
        for cell in case.args:
            rows = _rows(cell)
            for r, row in enumerate(rows):
                for c, value in enumerate(row):
                    if value is not None:
                        sheet.cell(top + r, column + c).value = value
            last = f"{get_column_letter(column + len(rows[0]) - 1)}{top + len(rows) - 1}"
            references.append(f"{get_column_letter(column)}{top}:{last}" if len(rows) * len(rows[0]) > 1 else last)
            column += len(rows[0]) + 1
        formula = f"=[1]!SALES_{case.call}({','.join(references)})"
        anchor = sheet.cell(top, column)
        anchor.value = ArrayFormula(anchor.coordinate, formula)
        yield Placed(case, top, column, formula)
        top += max([len(case.expect), *(len(_rows(a)) for a in case.args)]) + 1


@pytest.fixture(scope="module", params=["zh", "en"])
def workbook(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Placed], str]:
    """Every case of a language in one workbook, computed by our engine and saved."""
    language = request.param
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = SHEET
    placed = list(_lay_out([c for c in load() if c.language == language], sheet))
    buffer = io.BytesIO()
    book.save(buffer)
    package = Package.from_bytes(buffer.getvalue())
    for case in placed:
        package.mark_dynamic(package.sheets[SHEET], (case.row, case.column))
    with udfs.speaking(language):
        done = recalculate(package, whole=True)
    assert not done.results.unsupported
    path = tmp_path_factory.mktemp("cases") / f"cases-{language}.xlsx"
    package.save(path)
    return path, placed, language


def test_the_engine_and_the_file_agree_with_the_published_results(workbook: tuple[Path, list[Placed], str]) -> None:
    path, placed, _ = workbook
    cells = load_workbook(path, data_only=True)[SHEET]
    wrong = {}
    for item in placed:
        height, width = len(item.case.expect), len(item.case.expect[0])
        found = [[cells.cell(item.row + r, item.column + c).value for c in range(width)] for r in range(height)]
        told = differences(found, item.case)
        if told:
            wrong[str(item.case)] = told
    assert not wrong


@pytest.mark.real
def test_libreoffice_computes_the_same(workbook: tuple[Path, list[Placed], str]) -> None:
    require_office()
    path, placed, language = workbook

    def call(name: str, cells: list[Any]) -> Any:
        with udfs.speaking(language):  # here, since the judge calls from a thread of its own
            return udfs.call(name, *cells)

    report = judge.compare(path, ours.names(), call)
    assert not report.differing, str(report)
    assert not report.not_evaluated, str(report)
    assert report.agreed >= len(placed)
