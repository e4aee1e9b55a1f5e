"""The builder refuses what the linter would find, and the file says what Excel shall do on opening."""

from __future__ import annotations

import doctest
import io
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from addin.book import FileBook
from addin.cli import main
from tests.lint import features
from tests.lint.test_rules import BOOK, SHEET, packed, parts_of, swap
from udfs.text import Text
from workbook_templates.checking import findings
from workbook_templates.formulas import grammar, intersection
from workbook_templates.page import style
from workbook_templates.page.builder import BuildError, Page, Plan
from workbook_templates.recalc import recalculate
from workbook_templates.tables.schema import Company
from workbook_templates.xlsx.package import CALC_ENGINE, CellFormula, Package

LONG = Text("长" * 256, "x" * 256)


def test_examples_in_docstrings_run() -> None:
    assert doctest.testmod(grammar).failed == 0 and doctest.testmod(intersection).failed == 0


@pytest.fixture
def page() -> Page:
    plan = Plan("en", Company("X", 2027), strict=False)
    return plan.page("p", Text("页", "Page"), Text("页", "A page"))


REFUSED: dict[str, Callable[[Page], object]] = {
    "a structured reference": lambda p: p.condition("B9", "COUNTA(Squads[Dealer])>0", style.RED),
    "a Table": lambda p: p.condition("B9", "ROWS(Squads)>0", style.RED),
    "an array constant": lambda p: p.condition("B9", "OR(B9={1,2})", style.RED),
    "another sheet": lambda p: p.condition("B9", "B9>'Front page'!A1", style.RED),
    "3-D": lambda p: p.condition("B9", "SUM(A:C!A1)>0", style.RED),
    "a union": lambda p: p.condition("B9", "SUM((A1,B1))>0", style.RED),
    "an intersection": lambda p: p.condition("B9", "SUM(A1:B2 B1:C2)>0", style.RED),
    "a function of ours": lambda p: p.condition("B9", "[1]!SALES_ROI(B9,1)>0", style.RED),
    "two validations": lambda p: (p.validate("B9:B12", low=0), p.validate("B12:B14", low=0)),
    "a list too long": lambda p: p.validate("B9", choices=("x" * 200, "y" * 60)),
    "a name like a cell": lambda p: p.plan.define("r1c1", p, "B9"),
    "a name that is a Table's": lambda p: p.plan.define("deals", p, "B9"),
    "a name with a blank": lambda p: p.plan.define("my name", p, "B9"),
    "a message too long": lambda p: p.validate("B9", low=0, note=LONG),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
def test_the_builder_refuses(make: Callable[[Page], object], page: Page) -> None:
    with pytest.raises(BuildError):
        make(page)


def test_what_is_legal_passes(page: Page) -> None:
    page.condition("B9", "AND(B9>plan_year,SUM($A$1:$B$2)>0)", style.RED)
    page.validate("B9", source="Squads[Dealer]")
    page.validate("B10", low=0, high=1)


@pytest.mark.parametrize("over", ["B9:C9", "B8:B9"])
def test_merged_cells_lie_over_no_array(page: Page, over: str) -> None:
    page.spill("B9", "=UNIQUE(D9:D12)", 2, 1)
    page.sheet.merge_cells(over)
    with pytest.raises(BuildError, match="merged"):
        page.plan.finish()


def opening(package: Package) -> tuple[str | None, str | None, str | None]:
    """calcId, fullCalcOnLoad and updateLinks of the file as it is saved."""
    saved = Package.from_bytes(package.to_bytes())
    calc, about = saved.workbook_child("calcPr"), saved.workbook_child("workbookPr")
    return (
        None if calc is None else calc.get("calcId"),
        None if calc is None else calc.get("fullCalcOnLoad"),
        None if about is None else about.get("updateLinks"),
    )


COMPUTED = (str(CALC_ENGINE), None, "never")


def test_a_computed_plan_opens_as_it_is() -> None:
    package = Package.from_bytes(features.ours())
    assert opening(package) == COMPUTED
    assert not recalculate(package, whole=True).changed and not package.dirty


def test_an_older_engine_s_number_is_raised_and_a_newer_one_stays() -> None:
    for before, after in (("124519", str(CALC_ENGINE)), ("999999", "999999")):
        package = Package.from_bytes(features.ours())
        package.workbook_child("calcPr").set("calcId", before)
        recalculate(package)
        package.touch(package.workbook_part)
        assert opening(package) == (after, None, "never")


def test_what_the_engine_cannot_compute_is_left_to_excel() -> None:
    """A value that may be stale is worse than a calculation on opening."""
    package = Package.from_bytes(features.ours())
    sheet = package.sheets["All of it"]
    sheet.set_formulas({(30, 3): CellFormula("FORECAST.ETS(1,B7:B8,C7:C8)+C12", None, 5.0)})
    done = recalculate(package)
    assert done.results.unsupported and not done.changed
    assert opening(package) == COMPUTED  # nothing else changed: what was right stays right
    sheet.set_values({(7, 3): 4.0})
    done = recalculate(package)
    assert [cell.cell for cell in done.dropped] == ["C30"] and sheet.get((30, 3)).value is None  # type: ignore[union-attr]
    assert opening(package) == (str(CALC_ENGINE), "1", "never")


def test_another_program_dropped_what_keeps_excel_from_asking() -> None:
    """Not every program writes ``updateLinks`` back; a recalculation does, though no value changed."""
    parts = parts_of(features.ours())
    swap(BOOK, ' updateLinks="never"', "")(parts)
    package = Package.from_bytes(packed(parts))
    assert opening(package)[2] is None
    assert not recalculate(package).changed
    assert opening(package) == COMPUTED


def test_arrays_of_a_workbook_that_is_no_plan_stay_as_they_are() -> None:
    """Somebody's own array formulas may be meant as they are: only a plan's are known to spill."""
    parts = parts_of(features.ours())
    swap(SHEET, ' cm="1"', "")(parts)
    package = Package.from_bytes(packed(parts))
    assert recalculate(package).restored == 0


def test_somebody_s_own_links_keep_their_setting() -> None:
    package = Package.from_bytes(features.ours())
    package.workbook_child("workbookPr").attrib.pop("updateLinks")
    package.add_link("prices.xlsx", "http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath", ["p"])
    assert not package.never_ask_for("SalesPlan.xlam")
    assert opening(package)[2] is None


def test_a_workbook_without_links_is_left_alone() -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.save(out)
    package = Package.from_bytes(out.getvalue())
    assert not package.never_ask_for("SalesPlan.xlam") and not package.dirty


@pytest.mark.parametrize(
    ("formula", "needed"),
    [
        ("SALES_ROI(total,2)", False),
        ("SUM(SALES_TAM(Regions[a],Regions[b]))", False),
        ("INDEX(SALES_TARGETS(total,0.8),1,2)", False),
        ("SUM(INDEX(SALES_TARGETS(total,0.8),0,2))", False),
        ("total-SALES_YEARENDTAX(total,1)", False),
        ("SUM(SALES_TAM(Regions[a],1)*2)", True),
        ("SUM(SALES_TAM(Regions[a]*2,1))", True),
        ("SALES_TAM(IF(Regions[a]=1,2,3),1)", True),
        ("SUMPRODUCT((SALES_ASOF(Regions[a],1)=B7)*(Regions[b]<>0))", False),
        ("SUMPRODUCT(IFERROR(SALES_ASOF(Regions[a],1),0)*1)", True),
        ("SUMPRODUCT(IF(Regions[a]>0,1,0))", True),
        ("SUMPRODUCT(ISERROR(spilled#)*1)", False),
        ("IF(COUNTA(Regions[a])=0,0,1)", False),
        ("IF(Regions[a]=0,0,1)", True),
        ("Regions[a]", True),
        ("[@a]*2", False),
        ("many", True),
        ("total", False),
        ("INDEX(Regions[a],MATCH(B7,Regions[b],0))", False),
        ("INDEX(Regions[a],0)", True),
        ("IFERROR(INDEX(Regions[a],SMALL(IF(Regions[b]=1,Regions[c]),1)),0)", True),
        ("COUNTIF(Regions[a],B7)", False),
        ("COUNTIF(Regions[a],Regions[b])", True),
        ("SUMPRODUCT((COUNTIF(Regions[a],Regions[b])=0)*1)", False),
        ("UNIQUE(Regions[a])", True),
        ("B7%+1", False),
        ('TEXT(B7,"0")&" / "&COUNTA(Regions[a])', False),
    ],
)
def test_which_formula_has_to_be_an_array(formula: str, needed: bool) -> None:
    assert intersection.needs_array(formula, lambda name: name != "total") is needed


def test_check_tells_what_another_program_broke(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each in the reader's language, with the place and the remedy; a sound plan has none of it."""
    path = tmp_path / "plan.xlsx"
    path.write_bytes(features.ours())
    book = FileBook.open(path)
    assert findings.file_problems(book.package) == []
    parts = parts_of(features.ours())
    swap(SHEET, "C12&gt;share", "C12&gt;SUM(Regions[Buyers])")(parts)
    swap(SHEET, r"SUM\(Regions\[Buyers\]\)</f>", "SUM(UNIQUE(Regions[Buyers]))</f>")(parts)
    path.write_bytes(packed(parts))
    said = _told(path, "en", capsys)
    assert any(
        p["cell"] == "C12" and "a structured reference" in p["text"] and "use cells or defined names instead" in p["text"]
        for p in said
    )
    assert any("without the file format's prefix" in p["text"] for p in said)
    said = _told(path, "zh", capsys)
    assert any("表格列引用" in p["text"] and "改用单元格引用或名称" in p["text"] for p in said)
    assert not any("structured" in p["text"] for p in said)


def _told(path: Path, lang: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    """Everything that is found; without Tables that a plan has there is more of it than a screen shows."""
    main(["--lang", lang, "check", str(path), "--json"])
    told: list[dict[str, str]] = json.loads(capsys.readouterr().out)["problems"]
    return told
