"""The finished workbook as other readers see it: every number there without recalculation, and the same everywhere."""

from __future__ import annotations

import datetime as dt
import math
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

import udfs
from tests import shared
from tests.judge import judge, office, ours
from tests.lint.test_packages import faults
from tests.plans import of_landing, sample_computed, sample_plan
from tests.real import require_office
from workbook_templates.answers import ERROR
from workbook_templates.cells import ErrorValue
from workbook_templates.checking.findings import problems
from workbook_templates.recalc import author, recalculate
from workbook_templates.xlsx import seal
from workbook_templates.xlsx.package import Package

LANGUAGES = ["zh", "en"]


@pytest.fixture(params=LANGUAGES)
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def plan(lang: str, tmp_path: Path) -> Path:
    return sample_plan(lang, tmp_path)


def _same(computed: Any, read: Any) -> bool:
    if isinstance(read, dt.datetime | dt.date | pd.Timestamp):
        read = float((pd.Timestamp(read) - pd.Timestamp(1899, 12, 30)) / pd.Timedelta(days=1))
    if read is None or read == "" or (isinstance(read, float) and math.isnan(read)):
        return computed in (None, "") or isinstance(computed, ErrorValue)
    if isinstance(computed, float) and isinstance(read, int | float):
        return math.isclose(computed, float(read), rel_tol=1e-12, abs_tol=1e-12)
    return computed == read


@pytest.mark.parametrize("lang", ["zh"])  # no reader asks what language a text is in
def test_three_readers_see_what_the_engine_computed(plan: Path, lang: str) -> None:
    """openpyxl, pandas and calamine read the values from the file; none of them calculates."""
    results = sample_computed(lang).done.results
    by_openpyxl = openpyxl.load_workbook(plan, data_only=True)
    by_pandas = pd.read_excel(plan, sheet_name=None, header=None, engine="openpyxl")
    by_calamine = CalamineWorkbook.from_path(str(plan))
    grids = {name: by_calamine.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in by_calamine.sheet_names}
    wrong = []
    for (sheet, row, column), value in results.values.items():
        frame, grid = by_pandas[sheet], grids[sheet]
        seen = [
            by_openpyxl[sheet].cell(row, column).value,
            frame.iat[row - 1, column - 1] if row <= frame.shape[0] and column <= frame.shape[1] else None,
            grid[row - 1][column - 1] if row <= len(grid) and column <= len(grid[row - 1]) else None,
        ]
        wrong += [(sheet, row, column, value, s) for s in seen if not _same(value, s)]
    assert len(results.values) > 5000
    assert not wrong[:10]


def test_no_formula_cell_is_blank_that_shows_a_number(lang: str) -> None:
    package, results = sample_computed(lang).package, sample_computed(lang).done.results
    blank = [
        (name, at)
        for name, sheet in package.sheets.items()
        for at, cell in sheet.cells().items()
        if cell.formula is not None and cell.value is None and results.values.get((name, *at)) not in (None, "")
    ]
    assert not blank


def test_every_chart_has_points(plan: Path) -> None:
    package = Package.open(plan)
    charts = package.charts()
    assert len(charts) >= 4
    for chart in charts:
        assert chart.refs
        assert not chart.skipped
        for ref in chart.refs:
            points = ref.values
            assert points, ref
            assert any(p is not None for p in points) != of_landing(package, ref), ref


def test_the_plan_passes_its_own_checks(lang: str) -> None:
    with udfs.speaking(lang):
        found = problems(sample_computed(lang).package, sample_computed(lang).done.results)
    assert [p for p in found if p.level == ERROR] == []


def test_recalculating_a_fresh_plan_changes_nothing(plan: Path, lang: str) -> None:
    whole = sample_computed(lang)
    assert not whole.touched, "all of it computed"
    before, package = plan.read_bytes(), Package.open(plan)
    for done in (whole.done, recalculate(package)):
        assert (done.changed, done.charts, done.results.unsupported, done.results.circular) == (0, 0, [], [])
    assert not package.dirty
    assert not package.save()
    assert plan.read_bytes() == before


def test_functions_are_referred_to_as_excel_stores_an_add_ins(plan: Path) -> None:
    """``[1]!SALES_X`` with an external link whose target is found in Excel's start-up folder and that lists the names."""
    with zipfile.ZipFile(plan) as parts:
        link = parts.read("xl/externalLinks/externalLink1.xml").decode()
        rels = parts.read("xl/externalLinks/_rels/externalLink1.xml.rels").decode()
        sheets = "".join(parts.read(n).decode() for n in parts.namelist() if n.startswith("xl/worksheets/sheet"))
    assert "xlStartup" in rels
    assert "SalesPlan.xlam" in rels
    used = {name for name in udfs.catalogue() if f"[1]!SALES_{name}(" in sheets}
    assert len(used) > 30
    for name in used:
        assert f'name="SALES_{name}"' in link
    assert "_xlfn.SINGLE" not in sheets


@pytest.mark.real
def test_libreoffice_agrees_with_every_value_it_can_evaluate(plan: Path, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    require_office()

    def call(name: str, cells: list[Any]) -> Any:
        with udfs.speaking(lang):
            return ours.call(name, cells)

    report = judge.compare(plan, ours.names(), call, timeout=300)
    with capsys.disabled():
        print(
            f"\nLibreOffice, {lang}: {report.agreed} values agree; not "
            f"evaluated: {[(n.sheet, n.cell, n.why) for n in report.not_evaluated]}"
        )
    assert not report.differing, str(report)
    assert report.agreed > 5000
    assert report.not_evaluated == []


def _sealed(package: Package) -> bool:
    """Whether what the file says of its values is still taken for true; other programs keep the line, and it holds no more."""
    part = package.related("", "custom-properties")
    assert part is not None and seal.NAME.encode() in package.archive.read(part)
    return seal.holds(package, author(package)) is not None


@pytest.mark.real
@pytest.mark.parametrize("lang", ["en"])  # its headers and sheet names have spaces
def test_a_plan_saved_in_libreoffice_is_restored(plan: Path) -> None:
    """LibreOffice drops the add-in's link, the spills and the case of our functions: recalc gives all of it back, computed whole."""
    require_office()
    saved = shared.converted(plan, "xlsx", recalc=office.RECALC_NEVER)
    spoilt, before = Package.open(saved), Package.open(plan)
    assert not spoilt.links()
    restored = Package.from_bytes(saved.read_bytes())
    assert not _sealed(restored)
    done = recalculate(restored)
    assert done.restored > 100 and not done.results.kept
    assert done.results.unsupported == []
    assert faults(restored.to_bytes()) == []
    after = Package.from_bytes(restored.to_bytes())
    assert _sealed(after), "once computed by us it goes on in part"
    assert after.links() == before.links()
    for name, sheet in before.sheets.items():
        cells = after.sheets[name].cells()
        for at, cell in sheet.cells().items():
            if cell.formula is not None:
                found = cells[at]
                assert (found.formula, found.array_ref, found.dynamic) == (cell.formula, cell.array_ref, cell.dynamic), (name, at)
                assert _same(cell.value, found.value), (name, at)
    again = recalculate(after, whole=True)
    assert (again.changed, again.restored) == (0, 0)


@pytest.mark.parametrize("lang", ["zh"])
def test_a_plan_that_a_script_saved_with_openpyxl_is_restored(plan: Path, tmp_path: Path) -> None:
    """openpyxl drops the marks of spilling formulas, so that ``A1#`` is #REF! in Excel, and has Excel ask about the link."""
    script = openpyxl.load_workbook(plan)
    script.save(tmp_path / "script.xlsx")
    before, package = Package.open(plan), Package.open(tmp_path / "script.xlsx")
    assert not any(cell.dynamic for sheet in package.sheets.values() for cell in sheet.cells().values())
    assert not _sealed(package)
    done = recalculate(package)
    assert done.restored > 100 and not done.results.kept
    after = Package.from_bytes(package.to_bytes())
    assert _sealed(after) and after.workbook_child("workbookPr").get("updateLinks") == "never"
    for name, sheet in before.sheets.items():
        cells = after.sheets[name].cells()
        for at, cell in sheet.cells().items():
            if cell.formula is not None:
                assert (cells[at].formula, cells[at].array_ref, cells[at].dynamic) == (cell.formula, cell.array_ref, cell.dynamic)
                assert _same(cell.value, cells[at].value), (name, at)
    again = recalculate(after)
    assert (again.changed, again.restored) == (0, 0)
