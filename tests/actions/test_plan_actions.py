"""Relink, new plan, sign-off: what they write and that they say so once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from addin import actions, cli
from addin.actions.relink import spelled
from addin.book import FileBook
from addin.performing import perform
from tests.actions.company import company, deal
from tests.actions.steps import do, tables_of
from tests.actions.test_file_mode import _set
from tests.plans import empty_plan, sample_plan
from tests.small_plan import small_plan
from workbook_templates.answers import Refused
from workbook_templates.recalc import recalculate
from workbook_templates.xlsx.package import Package


@pytest.mark.parametrize(
    ("text", "to", "wanted"),
    [
        ("[1]!SALES_X(A1)", "server", "_xldudf_SALES_X(A1)"),
        ('[1]!SALES_X([1]!SALES_Y(A1),"[1]!SALES_X(")', "plain", 'SALES_X(SALES_Y(A1),"[1]!SALES_X(")'),
        ("_xldudf_SALES_X(_xlfn.ANCHORARRAY(A1))", "addin", "[2]!SALES_X(_xlfn.ANCHORARRAY(A1))"),
        ("'C:\\Users\\王\\XLSTART\\SalesPlan.xlam'!SALES_X(A1)", "entered", "SALES_X(A1)"),
        ("SalesPlan.xlam!SALES_X(Deals[@收入])", "entered", "SALES_X(Deals[@收入])"),
        ("SUM(A1:A3)", "server", "SUM(A1:A3)"),
    ],
)
def test_spellings(text: str, to: str, wanted: str) -> None:
    assert spelled(text, to, 2) == wanted


def test_there_and_back_the_file_holds_what_it_held(tmp_path: Path) -> None:
    path = sample_plan("zh", tmp_path)
    before, links = tables_of(path), Package.open(path).links()
    assert do("relink", path, to="server").written
    there = tables_of(path)
    assert {k: v[0] for k, v in there.items()} == {k: v[0] for k, v in before.items()}  # results stay
    assert not any("[1]!SALES_" in (v[1] or "") for v in there.values())
    package = Package.open(path)
    assert recalculate(package, whole=True).changed == 0
    assert not do("relink", path, to="server").effect
    assert do("relink", path).written
    assert tables_of(path) == before and Package.open(path).links() == links
    do("undo", path)
    assert tables_of(path) == there


def test_a_plan_without_the_link_gets_one(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    path = small_plan(tmp_path / "plan.xlsx", company([deal(1)]))
    book = load_workbook(path)
    book["参数"]["K1"] = "=SALES_COMMISSION(1000000,0.3)"
    book._external_links.clear()
    book.save(path)
    assert not Package.open(path).links()
    assert do("relink", path).written
    package = Package.open(path)
    cell = package.sheets["参数"].get((1, 11))
    assert package.links() and cell is not None and cell.formula == "[1]!SALES_COMMISSION(1000000,0.3)" and cell.value == 12_500.0


def test_new_makes_a_plan_and_never_overwrites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "plan.xlsx"
    new = actions.every()["new"]
    done = perform(new, None, new.defaults(file=str(path), company="甲"))
    assert done.written and FileBook.open(path).first("company_name") == "甲"
    before = path.read_bytes()
    assert cli.main(["new", str(path)]) == cli.FAILED and path.read_bytes() == before


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sign_off_and_what_was_changed_after_it(tmp_path: Path, lang: str) -> None:
    path = small_plan(tmp_path / "plan.xlsx", company([deal(1)]), lang)
    assert do("signoff", path, who="王总").written
    cells = FileBook.open(path).named("signoff")
    assert cells[9] == "王总" and isinstance(cells[10], float) and cells[11] == "V1.0"
    assert not do("signoff", path, who="王总").effect
    shown = [str(r["new"]) for r in FileBook.open(path).read("ChangeLog").rows]
    assert any(f"{dt.date.today()}" in line for line in shown), shown  # the day as a day, not as a serial number
    # Nothing of the policy changed: the next action logs its own lines only.
    do("quota", path)
    log = FileBook.open(path).read("ChangeLog").rows
    assert sum("V1.0" in str(r["old"]) for r in log) == 1
    _set(path, "base_commission_rates", 0.04)
    do("commission", path)
    new = FileBook.open(path).read("ChangeLog").rows[len(log) :]
    assert (new[0]["cell"], new[0]["old"], new[0]["new"]) == ("plan_commission_rates", "0.03 / 0.05 / 0.08", "0.04 / 0.05 / 0.08")
    assert not do("commission", path).effect
    _set(path, "base_budget_cut", 0.2)
    do("undo", path)
    last = FileBook.open(path).read("ChangeLog").rows[len(log) + len(new) :]
    assert [r["cell"] for r in last if r["old"] == "0.1"] == ["plan_budget_cut"]
    with pytest.raises(Refused):  # other numbers than those that were signed, under the same version
        do("signoff", path, who="王总")
    _set(path, "plan_version", "V1.1")
    assert do("signoff", path, who="王总").written and not do("signoff", path, who="王总").effect


def test_a_blank_version_is_not_signed(tmp_path: Path) -> None:
    path = small_plan(tmp_path / "plan.xlsx", company([deal(1)]))
    _set(path, "plan_version", None)
    assert cli.main(["signoff", str(path)]) == cli.FAILED


@pytest.mark.parametrize(
    ("log", "undone"),
    [
        ("A commission, A undo", {"commission"}),
        ("A quota, A commission, A undo, A undo", {"quota", "commission"}),
        ("A quota, A commission, A undo, A pool, A undo", {"commission", "pool"}),
        ("A quota, B commission, A undo", {"quota"}),  # what can be undone is each person's own
        ("A undo, A quota", set()),
        ("A quota, B undo", set()),
    ],
)
def test_the_log_says_what_was_undone(tmp_path: Path, log: str, undone: set[str]) -> None:
    package = Package.open(empty_plan(None, "zh"))
    label = str(actions.every()["undo"].label.zh)
    rows = [
        [46000.0 + minute / 1440, who, label if action == "undo" else action, "成交", "A1", "", ""]
        for minute, (who, action) in enumerate(line.split() for line in log.split(", "))
    ]
    package.append_rows(package.tables["ChangeLog"], rows)
    recalculate(package)
    sheet = package.sheets["变更记录"]
    lines = [[cell and cell.value for cell in (sheet.get((row, column)) for column in range(2, 8))] for row in range(7, 27)]
    assert [line[2] for line in lines if line[1]] == [row[2] for row in reversed(rows)]
    assert {line[2] for line in lines if line[5] == "已撤销"} == undone
