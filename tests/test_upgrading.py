"""A plan of a version that landed before, brought up to this one.

The files in tests/landed are what that version wrote, untouched.
"""

from __future__ import annotations

import hashlib
import math
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import PatternFill

from addin.action import DONE, FAILED
from addin.book import FileBook
from addin.cli import main
from tests.actions.steps import do
from tests.lint.rules import RULES
from workbook_templates import checking
from workbook_templates.checking import findings
from workbook_templates.making import plan_bytes
from workbook_templates.recalc import compute
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Row
from workbook_templates.upgrade import fingerprints
from workbook_templates.upgrade.upgrading import FIRST, VERSION_NAME, Upgrade, company_of, version_of
from workbook_templates.xlsx.lint import Opened, lint
from workbook_templates.xlsx.package import Cell, CellFormula, Package

LANDED = Path(__file__).parent / "landed" / FIRST
PLANS = sorted(path.name for path in LANDED.glob("*.xlsx"))
EMPTY = "new.zh.xlsx"


@pytest.fixture
def plan(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A landed plan to work on, and nothing of other tests to undo."""
    name = getattr(request, "param", EMPTY)
    return Path(shutil.copy(LANDED / name, tmp_path / name))


def upgraded(path: Path) -> Package:
    assert main(["upgrade", str(path)]) == DONE
    return Package.open(path)


def same(one: object, other: object) -> bool:
    """Version 0.1.0 wrote numbers with 15 or 16 digits."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-14)
    return (one or "") == (other or "")


def _filled(rows: Mapping[str, Sequence[Row]]) -> dict[str, list[Row]]:
    """What is written in the rows: Tables and columns that are new are blank."""
    return {name: [{k: v for k, v in row.items() if v is not None} for row in found] for name, found in rows.items() if found}


@pytest.mark.parametrize("plan", PLANS, indirect=True)
def test_it_becomes_the_plan_this_version_makes(plan: Path) -> None:
    """Row for row what it was, formula for formula and value for value what a new plan with the same rows is, and clean."""
    before = Package.open(plan)
    assert version_of(before) == FIRST
    package, book = upgraded(plan), FileBook.open(plan)
    rows = company_of(before).rows
    kept = company_of(package)
    was, now = _filled(rows), _filled(kept.rows)
    assert {name: found for name, found in now.items() if name != "ChangeLog"} == {
        name: found for name, found in was.items() if name != "ChangeLog"
    }
    assert now["ChangeLog"][: len(was.get("ChangeLog", []))] == was.get("ChangeLog", [])
    made = Package.from_bytes(plan_bytes(kept, book.lang)[0])
    assert list(package.sheets) == list(made.sheets)
    assert package.names.keys() == made.names.keys()
    assert set(package.tables) == set(made.tables) == set(schema.TABLES)
    different = [
        (name, at, mine.value, theirs.value, theirs.formula)
        for name, sheet in made.sheets.items()
        if name != package.tables["ChangeLog"].sheet  # the upgrade's own line
        for at, theirs in sheet.cells().items()
        for mine in [package.sheets[name].get(at) or Cell(None)]
        if (mine.formula, mine.dynamic) != (theirs.formula, theirs.dynamic)
        or (plan.name != EMPTY and not same(mine.value, theirs.value))  # an empty plan's estimator starts at nought
    ]
    assert different == []
    errors = [p for p in findings.problems(package, compute(package)) if p.level == "error"]
    assert errors == []
    assert [str(finding) for finding in lint(Opened.of_bytes(plan.read_bytes()), RULES)] == []


@pytest.mark.parametrize("plan", [EMPTY], indirect=True)
def test_twice_is_once_and_undo_puts_the_very_file_back(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = plan.read_bytes()
    upgraded(plan)
    once = plan.read_bytes()
    assert main(["upgrade", str(plan)]) == DONE and plan.read_bytes() == once
    assert main(["undo", str(plan), "--lang", "en"]) == DONE
    assert hashlib.sha256(plan.read_bytes()).digest() == hashlib.sha256(before).digest()
    assert "Undone" in capsys.readouterr().out
    upgraded(plan)
    package = Package.open(plan)
    package.sheets["参数"].set_values({(60, 20): "later"})
    package.save()
    changed = plan.read_bytes()
    assert main(["undo", str(plan), "--lang", "en"]) == FAILED
    assert plan.read_bytes() == changed and "changed since" in capsys.readouterr().err


def _written(package: Package, name: str, key: str, values: Sequence[str]) -> None:
    """Texts into a column of a Table, one below the other."""
    table = package.tables[name]
    column = next(n for n, h in enumerate(table.headers, table.ref.first_col) if schema.TABLES[name][key].heads(h))
    package.sheets[table.sheet].set_values({(row, column): v for row, v in enumerate(values, table.data.first_row)})


def test_words_that_are_called_otherwise_now_are_brought_up(plan: Path) -> None:
    """On sheets that stand and on those that are rebuilt; a letter of one's own names the sheet of the workbook it comes with."""
    package = Package.open(plan)
    for key, value in {"period": "2027-03", "person": "P1", "status": "已付"}.items():
        _written(package, "Ledger", key, [value])
    _written(package, "Approvals", "step", ["付款"])
    _written(package, "MailTemplates", "body", ["您好。\n有疑问请填“疑问”页。谢谢"])
    package.save(backup=False)
    assert [row["status"] for row in FileBook.open(plan).read("Ledger").rows] == ["paid"]
    after = upgraded(plan)
    texts = {name: {cell.value for cell in sheet.cells().values()} for name, sheet in after.sheets.items()}
    for table, word, then in (
        ("Ledger", "已发放", "已付"),
        ("Approvals", "发放", "付款"),
        ("Statements", "发放日期", "付款日期"),
    ):
        assert word in texts[after.tables[table].sheet] and then not in texts[after.tables[table].sheet]
    letters = texts[after.tables["MailTemplates"].sheet]
    assert "您好。\n有疑问请填“异议反馈”页。谢谢" in letters
    assert not any("“Questions”" in t or "“疑问”" in t for t in letters if isinstance(t, str))


def test_an_action_on_an_older_plan_says_that_its_formulas_are_older(plan: Path) -> None:
    """What it writes are the words of today; totals of the plan ask for those of its own day."""
    said = do("signoff", plan, step="prepared", who="甲").outcome.notes
    assert any("Upgrade plan" in note.en and FIRST in note.en for note in said)
    upgraded(plan)
    assert not any("Upgrade plan" in note.en for note in do("signoff", plan, step="reviewed", who="乙").outcome.notes)


@pytest.mark.parametrize("plan", [EMPTY], indirect=True)
def test_letters_that_were_deleted_stay_deleted(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A plan begins with words to send; one whose owner emptied that Table is no new plan."""
    package = Package.open(plan)
    table = package.tables["MailTemplates"]
    package.sheets[table.sheet].set_values(dict.fromkeys(table.data.cells()))
    package.save(backup=False)
    assert main(["upgrade", str(plan), "--lang", "en"]) == DONE, capsys.readouterr().err
    assert company_of(Package.open(plan)).rows["MailTemplates"] == []


def test_a_dry_run_says_it_and_writes_nothing(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = plan.read_bytes()
    assert main(["upgrade", str(plan), "--dry-run", "--lang", "en"]) == DONE
    assert "Upgraded from 0.1.0" in capsys.readouterr().out
    assert plan.read_bytes() == before and [p.name for p in plan.parent.iterdir()] == [plan.name]


def test_what_a_person_put_there_stays(plan: Path) -> None:
    """Settings, notes, formulas of one's own, colours, sheets and names: on a sheet that stands and on one that is rebuilt."""
    package = Package.open(plan)
    settings, deals = package.sheets["参数"], package.sheets["成交"]
    company = package.locate("company_name")
    budget = package.locate("plan_targets_floor_share")  # one cell then
    assert company is not None and budget is not None
    settings.set_values({company[1][:2]: "甲公司", budget[1][:2]: 0.123, (40, 14): "我的备注"})
    settings.set_formulas({(41, 14): CellFormula("1+1", None, 2.0, False)})
    head = package.tables["Deals"].data.first_row
    deals.set_values({(3, 12): "看这里"})
    deals.set_styles({(head, package.tables["Deals"].ref.first_col + 3): 5})
    checks = package.sheets["检查"]
    formula = next(at for at, cell in checks.cells().items() if cell.formula and at[0] > 12)
    checks.set_formulas({formula: CellFormula("7*6", None, 42.0, False)})
    package.save(backup=False)
    after = upgraded(plan)
    for name, value in (("company_name", "甲公司"), ("base_targets_floor_share", 0.123), ("plan_targets_floor_share", 0.123)):
        place = after.locate(name)
        assert place is not None and after.sheets[place[0]].get(place[1][:2]).value == value  # type: ignore[union-attr]
    texts = {cell.value for cell in after.sheets["参数"].cells().values()}
    formulas = {cell.formula for cell in after.sheets["参数"].cells().values()}
    assert "我的备注" in texts and "1+1" in formulas
    assert after.sheets["成交"].get((3, 12)).value == "看这里"  # type: ignore[union-attr]
    head = after.tables["Deals"].data.first_row
    assert after.sheets["成交"].get((head, after.tables["Deals"].ref.first_col + 3)).style == 5  # type: ignore[union-attr]
    log = [row["old"] for row in FileBook.open(plan).read("ChangeLog").rows]
    assert any("7*6" in str(old) for old in log), "a formula that lost its place is noted"


def test_a_sheet_of_ones_own_comes_through_part_by_part(tmp_path: Path) -> None:
    """Other programs' parts are not touched: the bytes of a foreign sheet, its drawing and its chart are the same afterwards."""
    book = openpyxl.load_workbook(LANDED / EMPTY)
    own = book.create_sheet("我的分析")
    for row in ((1, 2), (3, 4)):
        own.append(row)
    chart = BarChart()
    chart.add_data(Reference(own, min_col=1, max_col=2, min_row=1, max_row=2))
    own.add_chart(chart, "D1")
    own["A1"].fill = PatternFill("solid", fgColor="FFAA00")
    path = tmp_path / "own.xlsx"
    book.save(path)
    before = Package.open(path)
    after = upgraded(path)
    assert "我的分析" in after.sheets
    old, new = before.sheets["我的分析"].part, after.sheets["我的分析"].part
    assert before.archive.read(old) == after.archive.read(new)
    for kind in ("drawing",):
        here, there = before.related(old, kind), after.related(new, kind)
        assert here and there and before.archive.read(here) == after.archive.read(there)
    cell = openpyxl.load_workbook(path)["我的分析"]["A1"]
    assert cell.fill.fgColor.rgb == "00FFAA00" and cell.value == 1


def test_what_can_not_be_carried_is_told_before_anything_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A chart of one's own on a sheet that must be rebuilt, a column of one's own in its Table: all at once, with the remedy."""
    book = openpyxl.load_workbook(LANDED / EMPTY)
    chart = BarChart()
    chart.add_data(Reference(book["检查"], min_col=2, max_col=2, min_row=1, max_row=2))
    book["检查"].add_chart(chart, "P1")
    chart = BarChart()
    chart.add_data(Reference(book["参数"], min_col=2, max_col=2, min_row=1, max_row=2))
    book["参数"].add_chart(chart, "P1")
    path = tmp_path / "charts.xlsx"
    book.save(path)
    before = path.read_bytes()
    assert main(["upgrade", str(path), "--lang", "en"]) == FAILED
    said = capsys.readouterr().out
    assert path.read_bytes() == before
    assert "检查" in said and "参数" in said and "sheet of your own" in said


def test_a_name_that_a_new_sheet_needs_is_asked_back(plan: Path) -> None:
    """Somebody's own sheet has the title of one that this version adds."""
    package = Package.open(plan)
    fresh = Package.from_bytes(plan_bytes(company_of(package), "zh")[0])
    upgrade = Upgrade(package, fresh, FIRST)
    assert upgrade.problems() == []
    upgrade.known = fingerprints.Fingerprint({name: {"cells": [], "drawings": 0} for name in package.sheets if name != "检查"})
    assert [(p.sheet, "rename yours" in p.text.en) for p in upgrade.problems() if "rename" in p.text.en] == [("检查", True)]


def test_a_new_plan_says_its_version_and_needs_no_upgrade(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "plan.xlsx"
    assert main(["new", str(path), "--lang", "en"]) == DONE
    before = path.read_bytes()
    package = Package.open(path)
    assert VERSION_NAME in package.names and version_of(package) not in fingerprints.versions()
    assert main(["upgrade", str(path), "--lang", "en"]) == DONE
    assert path.read_bytes() == before and "already" in capsys.readouterr().out


def test_the_checks_of_an_older_plan_say_that_upgrade_is_the_remedy(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(plan), "--lang", "en"]) != DONE
    assert "salesplan upgrade" in capsys.readouterr().out
    assert checking.registered()
