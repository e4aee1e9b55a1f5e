"""A plan of a version that landed before, brought up to this one.

The files in tests/landed are what that version wrote, untouched.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import PatternFill

from addin import guarding
from addin.action import DONE, FAILED
from addin.book import FileBook
from addin.cli import main
from tests.actions.steps import brought, do
from tests.lint.rules import RULES
from tests.plans import made_once
from udfs.formula import call
from udfs.values import total_of
from workbook_templates import checking, making
from workbook_templates.cells import column_letters, serial
from workbook_templates.chapters.incentives import cycle
from workbook_templates.chapters.incentives.checks.ledger import cycle_tables
from workbook_templates.chapters.incentives.pay.migrate import Migrated, migrated
from workbook_templates.checking import findings
from workbook_templates.recalc import compute
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Row
from workbook_templates.upgrade import fingerprints
from workbook_templates.upgrade.upgrading import FIRST, VERSION_NAME, Upgrade, company_of, lacks, version_of
from workbook_templates.xlsx.lint import Opened, lint
from workbook_templates.xlsx.package import Cell, CellFormula, Package

LANDED = Path(__file__).parent / "landed" / FIRST
PLANS = sorted(path.name for path in LANDED.glob("*.xlsx"))
EMPTY = "new.zh.xlsx"


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing of other tests to undo; and what an upgrade compares with, the same empty plan for most, is made once."""
    monkeypatch.setenv("SALESPLAN_STATE", str(tmp_path_factory.mktemp("state")))
    monkeypatch.setattr(making, "plan_bytes", made_once)


@pytest.fixture
def plan(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A landed plan to work on."""
    name = getattr(request, "param", EMPTY)
    return Path(shutil.copy(LANDED / name, tmp_path / name))


def _upgrade(path: Path) -> None:
    assert main(["upgrade", str(path)]) == DONE


def upgraded(path: Path) -> Package:
    """What the command makes of a file, with what undo keeps; once for files that are alike."""
    return Package.open(brought(path, "", _upgrade))


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
    kept = company_of(package)
    was, now = _filled(company_of(before).rows), _filled(kept.rows)
    for name, found in was.items():
        rows = now[name][: len(found)] if name == "ChangeLog" else now[name]
        assert [{key: row[key] for key in old} for old, row in zip(found, rows, strict=True)] == found, name
    assert now.keys() - was.keys() <= {"ChangeLog", "Accounts", "Words"}
    made = Package.from_bytes(made_once(kept, book.lang)[0])
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
    errors = {p.code for p in findings.problems(package, compute(package)) if p.level == "error"}
    assert errors <= {"ledger.afresh", "accounts.ledger"}, "open months are left to computing"
    clean = {str(finding) for finding in lint(Opened.of_bytes(made.to_bytes()), RULES)}
    assert [str(finding) for finding in lint(Opened.of_bytes(plan.read_bytes()), RULES) if str(finding) not in clean] == []


@pytest.mark.parametrize("plan", [EMPTY], indirect=True)
def test_twice_is_once_and_undo_puts_the_very_file_back(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = plan.read_bytes()
    upgraded(plan)
    once = plan.read_bytes()
    assert main(["upgrade", str(plan)]) == DONE and plan.read_bytes() == once
    package = Package.open(plan)
    package.sheets["参数"].set_values({(60, 20): "later"})
    package.save(backup=False)
    changed = plan.read_bytes()
    assert main(["undo", str(plan), "--lang", "en"]) == FAILED
    assert plan.read_bytes() == changed != once and "changed since" in capsys.readouterr().err
    plan.write_bytes(once)
    assert main(["undo", str(plan), "--lang", "en"]) == DONE
    assert hashlib.sha256(plan.read_bytes()).digest() == hashlib.sha256(before).digest()
    assert "Undone" in capsys.readouterr().out


def _written(package: Package, name: str, key: str, values: Sequence[str]) -> None:
    """Texts into a column of a Table, one below the other."""
    table = package.tables[name]
    column = next(n for n, h in enumerate(table.headers, table.ref.first_col) if schema.TABLES[name][key].heads(h))
    package.sheets[table.sheet].set_values({(row, column): v for row, v in enumerate(values, table.data.first_row)})


def _worded(package: Package) -> None:
    """Words of then, in rows, and in a letter of one's own."""
    for key, value in {"period": "2027-03", "person": "P1", "status": "已付"}.items():
        _written(package, "Ledger", key, [value])
    _written(package, "Approvals", "step", ["付款"])
    _written(package, "MailTemplates", "body", ["您好。\n有疑问请填“疑问”页。谢谢"])


def _touched(package: Package) -> None:
    """Settings, notes, formulas of one's own and colours, on a sheet that stands and on one that is rebuilt."""
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


def _entered(package: Package) -> None:
    """On sheets that stand on another now: named inputs, inputs without a name, notes, marks, rows, what other sheets say of their cells."""
    weeks, staff, tries = package.sheets["周计划"], package.tables["ServiceStaff"], package.sheets["情景测算"]
    month = package.locate("week_month")
    assert month is not None and month[0] == "周计划"
    weeks.set_values({month[1][:2]: 7, (30, 9): "周会改周一"})
    weeks.set_formulas({(31, 9): CellFormula("C8*2", None, 2.0, False)})
    tries.set_values({(9, 4): 0.05, (9, 5): None})  # Scenario A's first tier is another, B's is taken out
    package.sheets["客户团队"].set_styles({(staff.data.first_row, staff.ref.first_col + 1): 5})
    _written(package, "ServiceStaff", "role", ["客户总监"])
    package.sheets["检查"].set_formulas({(60, 30): CellFormula("'客户团队'!$B$5&SUM(周计划!B6:C7)", None, "", False)})


@pytest.fixture
def lived_in(plan: Path) -> tuple[Package, Package]:
    """The empty plan after people worked in it, and upgraded: one upgrade for what stands in places of its own."""
    package = Package.open(plan)
    for change in (_worded, _touched, _entered):
        change(package)
    package.save(backup=False)
    return Package.open(plan), upgraded(plan)


def test_words_that_are_called_otherwise_now_are_brought_up(lived_in: tuple[Package, Package]) -> None:
    """On sheets that stand and on those that are rebuilt; a letter of one's own names the sheet of the workbook it comes with."""
    before, after = lived_in
    assert [row["status"] for row in company_of(before).rows["Ledger"]] == ["paid"]
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
    shutil.copy(LANDED / EMPTY, plan)
    upgraded(plan)
    assert not any("Upgrade plan" in note.en for note in do("signoff", plan, step="prepared", who="甲").outcome.notes)


def test_a_dry_run_says_it_and_writes_nothing(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = plan.read_bytes()
    assert main(["upgrade", str(plan), "--dry-run", "--lang", "en"]) == DONE
    assert "Upgraded from 0.1.0" in capsys.readouterr().out
    assert plan.read_bytes() == before and [p.name for p in plan.parent.iterdir()] == [plan.name]


def test_what_a_person_put_there_stays(lived_in: tuple[Package, Package]) -> None:
    """Settings, notes, formulas of one's own, colours, sheets and names: on a sheet that stands and on one that is rebuilt."""
    before, after = lived_in
    coloured = before.tables["Deals"].headers[3]
    for name, value in (("company_name", "甲公司"), ("base_targets_floor_share", 0.123), ("plan_targets_floor_share", 0.123)):
        place = after.locate(name)
        assert place is not None and after.sheets[place[0]].get(place[1][:2]).value == value  # type: ignore[union-attr]
    texts = {cell.value for cell in after.sheets["参数"].cells().values()}
    formulas = {cell.formula for cell in after.sheets["参数"].cells().values()}
    assert "我的备注" in texts and "1+1" in formulas
    assert after.sheets["成交"].get((3, 12)).value == "看这里"  # type: ignore[union-attr]
    head = after.tables["Deals"].data.first_row
    column = after.tables["Deals"].ref.first_col + after.tables["Deals"].headers.index(coloured)
    assert after.sheets["成交"].get((head, column)).style == 5  # type: ignore[union-attr]
    log = [row["old"] for row in FileBook(after).read("ChangeLog").rows]
    there = any(cell.formula == "7*6" for cell in after.sheets["检查"].cells().values())
    assert there or any("7*6" in str(old) for old in log), "a formula keeps its place, or its loss is noted"


def test_sheets_that_stand_on_another_now_bring_all_that_was_entered(lived_in: tuple[Package, Package]) -> None:
    """Named inputs, inputs without a name, notes, marks, rows, and what other sheets say of their cells."""
    package, after = lived_in
    staff, month = package.tables["ServiceStaff"], package.locate("week_month")
    assert month is not None
    assert not {"周计划", "客户团队", "情景测算", "渠道经营", "预支", "虚拟股权"} & set(after.sheets)
    place = after.locate("week_month")
    assert place is not None and place[0] == "指标" and after.sheets["指标"].get(place[1][:2]).value == 7  # type: ignore[union-attr]
    by = place[1].first_col - month[1].first_col
    quotas = after.sheets["指标"].cells()
    assert by > 10 and quotas[30, 9 + by].value == "周会改周一"
    letter = column_letters(3 + by)
    assert quotas[31, 9 + by].formula == f"{letter}8*2"
    now = after.tables["ServiceStaff"]
    assert after.sheets[now.sheet].get((now.data.first_row, now.ref.first_col + 1)).style == 5  # type: ignore[union-attr]
    shift = now.ref.first_col - staff.ref.first_col
    told = next(
        c.formula
        for c in after.sheets["检查"].cells().values()
        if c.formula and c.formula.endswith(")") and "SUM(指标!" in c.formula
    )
    assert told == f"'2 客户经营'!${column_letters(2 + shift)}$5&SUM(指标!{column_letters(2 + by)}6:{letter}7)"
    tried = after.sheets["试算"].cells()
    row = next((at, c) for at, c in sorted(tried.items()) if c.value == "A：提高二、三档")[0]
    assert tried[9, row[1]].value == 0.05 and tried.get((9, row[1] + 1), Cell(None)).value is None


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
    fresh = Package.from_bytes(made_once(company_of(package), "zh")[0])
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


# ------------------------------------------------------------------------------------------------------------------- pay


@pytest.mark.parametrize("plan", ["demo.en.xlsx"], indirect=True)
def test_nothing_settled_is_priced_or_paid_anew_and_all_of_it_can_be_undone(plan: Path) -> None:
    """Ten settled months: accounts that add up, no adjustment, no fault of the guard, no check red; one undo, the very file."""
    before = plan.read_bytes()
    old = company_of(Package.open(plan)).rows
    upgraded(plan)
    book = FileBook.open(plan)
    made, rows = book.read("Accounts").rows, book.read("Ledger").rows
    assert Counter(row["statement"] for row in made) == Counter(
        "paid" if s["paid_on"] else "final" if s["locked_on"] else "reviewed" for s in old["Statements"]
    )
    for account in made:
        mine = [r["commission"] for r in old["Ledger"] if (r["person"], r["period"]) == (account["person"], account["month"])]
        assert total_of([account["paid"], account["closing"], -account["opening"]]) == total_of(mine)
    assert [a["paid"] < 0 for a in made].count(True) == 7 and {a["closing"] for a in made} == {0.0}
    assert all(row["date"] and row["role"] in ("seller", "partner") and row["component"] == "commission" for row in rows)
    assert cycle.settled(_cycle(plan)) == []
    computed = Path(shutil.copy(plan, plan.with_name("computed.xlsx")))
    done = do("commission", computed)
    assert done.outcome.data["adjustments"] == 0 and not done.outcome.partial
    package = Package.open(computed)
    after = company_of(package).rows
    settled = [row for row in rows if row["status"] != "computed"]
    assert [row for row in FileBook.open(computed).read("Ledger").rows if row["status"] != "computed"] == settled
    assert [a for a in after["Accounts"] if a["statement"] != "estimated"] == made
    assert [p.code for p in findings.problems(package, compute(package)) if p.level == "error"] == []
    assert cycle.settled(_cycle(computed)) == []
    assert main(["undo", str(plan), "--lang", "en"]) == DONE
    assert plan.read_bytes() == before


def test_a_plan_that_landed_before_a_table_grew_is_upgraded_and_pays(tmp_path: Path) -> None:
    """0.2.0 landed before the Ledger kept product line and customer kind: its settled rows stay as they were sealed, May is paid, one
    undo puts the file back."""
    plan = tmp_path / "plan.xlsx"
    for landed, mine in (("demo.en.xlsx", plan), ("demo.en.seal.json", guarding.beside_plan(plan))):
        shutil.copy(LANDED.parent / "0.2.0" / landed, mine)
    before = plan.read_bytes()
    old = company_of(Package.open(plan)).rows
    assert lacks(Package.open(plan))  # so is a plan that says this very number
    upgraded(plan)
    once = plan.read_bytes()
    assert main(["upgrade", str(plan)]) == DONE and plan.read_bytes() == once and not lacks(Package.open(plan))
    now = company_of(Package.open(plan)).rows
    assert _filled({name: now[name] for name in old if name != "ChangeLog"}) == _filled(
        {n: r for n, r in old.items() if n != "ChangeLog"}
    )
    assert cycle.settled(_cycle(plan)) == []
    other = tmp_path / "computed.xlsx"
    for mine, copied in ((plan, other), (guarding.beside_plan(plan), guarding.beside_plan(other))):
        shutil.copy(mine, copied)
    assert do("commission", other).outcome.data["adjustments"] == 0
    settled = [row for row in now["Ledger"] if row["status"] != "computed"]
    assert [row for row in FileBook.open(other).read("Ledger").rows if row["status"] != "computed"] == settled
    due = total_of(a["paid"] for a in now["Accounts"] if a["month"] == "2027-05")
    do("payroll", other, out=str(tmp_path / "pay.csv"), period="2027-05", force=True)
    assert do("pay", other, period="2027-05", by="Hu Jun", total=due).outcome.errors == []
    assert {s["paid_on"] is None for s in FileBook.open(other).read("Statements").rows if s["period"] == "2027-05"} == {False}
    assert cycle.settled(_cycle(other)) == []
    assert main(["undo", str(plan), "--lang", "en"]) == DONE
    assert plan.read_bytes() == before


def _cycle(path: Path) -> cycle.Tables:
    book = FileBook.open(path)
    return cycle_tables({name: grid for name in cycle.TABLES if (grid := book.grid(name)) is not None})[0]


def _line(period: str, person: str, amount: float, status: str, deal: str = "D1", kind: str = "accrual") -> Row:
    return {
        "period": period,
        "person": person,
        "deal": deal,
        "commission": amount,
        "status": status,
        "kind": kind,
        "revenue": 0.0,
    }


def _moved(*lines: Row, **more: list[Row]) -> Migrated:
    """The migration of some ledger rows whose statements are all on record."""
    keys = dict.fromkeys((line["period"], line["person"]) for line in lines)
    rows: dict[str, list[Row]] = {"Ledger": list(lines), "Statements": [{"period": m, "person": p} for m, p in keys]}
    return migrated(rows | more, "en")


@pytest.mark.parametrize(
    ("status", "amounts", "expected"),
    [
        # what was paid was paid, a negative amount too: nothing of it comes again
        ("paid", [100.0, -250.5, 30.0], [(0, 100, 0), (0, -250.5, 0), (0, 30, 0)]),
        # payroll never pays less than nothing of what only waits: the negative is carried, once
        ("locked", [100.0, -250.5, 30.0], [(0, 100, 0), (0, 0, -250.5), (-250.5, 30, -250.5)]),
        ("reviewed", [-0.01], [(0, 0, -0.01)]),
        ("computed", [100.0], []),
        ("disputed", [100.0], []),
    ],
)
def test_an_account_holds_what_was_settled(status: str, amounts: list[float], expected: list[tuple[float, ...]]) -> None:
    lines = [_line(f"2027-0{month}", "P1", amount, status) for month, amount in enumerate(amounts, 1)]
    done = _moved(*lines)
    accounts = done.rows["Accounts"]
    assert [(a["opening"], a["paid"], a["closing"]) for a in accounts] == expected
    assert [s["paid"] for s in done.rows["Statements"] if s["paid"] is not None] == [paid for _, paid, _ in expected]
    assert [row["status"] for row in done.rows["Ledger"]] == [status] * len(lines)
    negative = any("negative" in str(note.en) for note in done.notes)
    assert negative == any(amount < 0 for amount in amounts)
    for account in accounts:
        assert account["year_to_date"] == total_of(a["paid"] for a in accounts if a["month"] <= account["month"])


def test_a_row_that_nobody_approved_gets_no_account() -> None:
    done = migrated({"Ledger": [_line("2027-01", "P1", 999_999.0, "locked")], "Statements": []}, "en")
    assert done.rows["Accounts"] == []


def test_a_month_with_rows_after_its_review_is_open_again() -> None:
    done = _moved(
        _line("2027-01", "P1", 1.0, "reviewed"), _line("2027-01", "P1", 2.0, "computed"), _line("2027-01", "P2", 3.0, "reviewed")
    )
    assert [row["status"] for row in done.rows["Ledger"]] == ["computed", "computed", "reviewed"]
    assert [(a["person"], a["statement"]) for a in done.rows["Accounts"]] == [("P2", "reviewed")]
    assert any("2027-01 P1" in note.en for note in done.notes)


def test_what_the_deal_says_is_filled_in_and_nothing_is_guessed() -> None:
    day, back = dt.date(2027, 1, 5), dt.date(2027, 2, 6)
    deals: list[Row] = [
        {"id": "D1", "date": day, "seller": "P1", "partner": "P2", "original": None, "collected": 50.0},
        {"id": "R1", "date": back, "seller": "P1", "partner": None, "original": "D1", "collected": None},
    ]
    lines = [
        _line("2027-01", "P1", 1.0, "paid"), _line("2027-01", "P2", 1.0, "paid"), _line("2027-02", "P2", -1.0, "paid", "R1"),
        _line("2027-02", "P9", 1.0, "paid"), _line("2027-02", "P1", 1.0, "paid", "gone"),
        _line("2027-03", "P1", -1.0, "paid", kind="clawback"),
    ]  # fmt: skip
    done = _moved(*lines, Deals=deals)
    found = [(row["date"], row["role"]) for row in done.rows["Ledger"]]
    assert found == [(day, "seller"), (day, "partner"), (back, "partner"), (day, None), (None, None), (None, "seller")]
    assert {row["component"] for row in done.rows["Ledger"]} == {"commission"}
    said = " ".join(note.en for note in done.notes)
    assert "gone" in said and "nothing was put into Collections" in said
    assert not done.rows.get("Collections") and done.rows["Deals"] == deals


def test_a_draw_of_then_was_never_paid_and_its_debt_stands() -> None:
    draws: list[Row] = [
        {"person": "P1", "from": "2027-01", "until": None, "amount": 5.0, "kind": "recoverable", "balance": 120.0}
    ]
    done = _moved(_line("2027-01", "P1", 1.0, "paid"), _line("2027-02", "P1", 1.0, "paid"), Draws=draws)
    assert [(a["draw_paid"], a["draw_recovered"], a["draw_debt"]) for a in done.rows["Accounts"]] == [(0.0, 0.0, 120.0)] * 2
    assert any("paid no draws" in note.en for note in done.notes)


def test_an_account_that_came_with_the_upgrade_opens_with_what_the_one_before_left() -> None:
    """January's −50 waits, February's 100 is paid as its statement says: February opens with −50, and neither account is a fault."""
    lines = [_line(f"2027-0{month}", "P1", amount, "locked") | {"revenue": 0.0} for month, amount in ((1, -50.0), (2, 100.0))]
    done = _moved(*lines)
    records = [
        {**s, "hash": cycle.digests.fingerprint([row], None, cycle.digests.OLD), "lines": "[]", "rows": 1.0, "total": row["commission"],
         "locked_on": dt.date(2027, 3, 1), "approved_by": "Ho", "approval": 1.0}
        for s, row in zip(done.rows["Statements"], done.rows["Ledger"], strict=True)
    ]  # fmt: skip
    accounts = done.rows["Accounts"]
    assert [(a["opening"], a["paid"], a["closing"]) for a in accounts] == [(0.0, 0.0, -50.0), (-50.0, 100.0, -50.0)]
    found = cycle.settled(cycle.Tables(done.rows["Ledger"], records, (), (), accounts))
    assert not [fault for fault in found if fault.table == "Accounts"]


def test_an_account_that_came_with_the_upgrade_is_guarded_though_no_digest_covers_it() -> None:
    lines = [_line(f"2027-0{month}", "P1", 100.0, "paid") | {"revenue": 0.0} for month in (1, 2)]
    done = _moved(*lines)
    ledger = done.rows["Ledger"]
    records = [
        {**s, "hash": cycle.digests.fingerprint([row], None, cycle.digests.OLD), "lines": "[]", "rows": 1.0, "total": 100.0,
         "locked_on": dt.date(2027, 3, 1), "paid_on": dt.date(2027, 3, 2), "approved_by": "Ho", "approval": 1.0}
        for s, row in zip(done.rows["Statements"], ledger, strict=True)
    ]  # fmt: skip
    accounts = done.rows["Accounts"]

    def told(changed: list[Row]) -> set[str]:
        return {fault.key for fault in cycle.settled(cycle.Tables(ledger, records, (), (), changed)) if fault.table == "Accounts"}

    assert told(list(accounts)) == set()
    assert told([accounts[0] | {"closing": 900.0}, accounts[1]]) == {"closing", "opening"}
    assert told([accounts[0], accounts[1] | {"paid": 999.0}]) == {"paid"}
    assert told([accounts[0], accounts[1] | {"opening": 7.0, "closing": 7.0}]) == {"opening"}
    assert told([accounts[0], accounts[1], accounts[1]]) == {"paid"}


LATER = [  # valid from, level, threshold, rate, as 0.1.0 had them on its Commission sheet
    (dt.date(2027, 4, 1), None, 0.0, 0.04), (dt.date(2027, 4, 1), None, 0.25, 0.0625),
    (dt.date(2027, 7, 1), None, 0.0, 0.05),
    (dt.date(2027, 3, 1), "经理", 0.0, 0.01), (dt.date(2027, 5, 1), "经理", 0.1, 0.02),
]  # fmt: skip


LATER_DAYS = [dt.date(2027, month, day) for month in range(1, 9) for day in (1, 28)]
LATER_PEOPLE = {"P1": "经理", "P2": "代表"}
LATER_DEALS = [(f"D{n}", day, who) for n, (day, who) in enumerate((day, who) for day in LATER_DAYS for who in LATER_PEOPLE)]


@pytest.fixture
def tiered(plan: Path) -> Path:
    """With tiers of later, deals before and after them, and no letters; upgraded."""
    package = Package.open(plan)
    place = package.locate("commission_next")
    assert place is not None
    cells = [[serial(day), level, low, rate] for day, level, low, rate in LATER]
    at = [(place[1].first_row + r, place[1].first_col + c) for r in range(len(cells)) for c in range(4)]
    package.sheets[place[0]].set_values(dict(zip(at, [cell for row in cells for cell in row], strict=True)))
    for id_, level in LATER_PEOPLE.items():
        row = {"id": id_, "name": id_, "level": level, "line": "直销", "joined": serial(dt.date(2020, 1, 1))}
        package.append_rows(package.tables["People"], [{schema.TABLES["People"][k].header.zh: v for k, v in row.items()}])
    columns = {
        key: schema.TABLES["Deals"][key].header.zh
        for key in ("id", "date", "customer", "seller", "seller_share", "revenue", "cost")
    }
    content = [
        {columns["id"]: deal, columns["date"]: serial(day), columns["seller"]: who, columns["seller_share"]: 1.0,
         columns["revenue"]: 100_000.0, columns["cost"]: 63_000.0, columns["customer"]: "C1"}
        for deal, day, who in LATER_DEALS
    ]  # fmt: skip
    package.append_rows(package.tables["Deals"], content)
    customers = schema.TABLES["Customers"]
    package.append_rows(package.tables["Customers"], [{customers["id"].header.zh: "C1", customers["name"].header.zh: "甲"}])
    letters = package.tables["MailTemplates"]
    package.sheets[letters.sheet].set_values(dict.fromkeys(letters.data.cells()))
    package.save(backup=False)
    upgraded(plan)
    return plan


def test_letters_that_were_deleted_stay_deleted(tiered: Path) -> None:
    """A plan begins with words to send; one whose owner emptied that Table is no new plan."""
    assert company_of(Package.open(tiered)).rows["MailTemplates"] == []


def test_later_tiers_pay_what_they_paid_as_dated_policy_and_rules(tiered: Path) -> None:
    """Before each date, on it and after it, for those with tiers of their own and for everybody else."""
    plan = tiered
    book = FileBook.open(plan)
    assert all(cell in (None, "") for cell in book.named("commission_next"))
    assert any("POLICYTIERS" in (c.formula or "") for sheet in book.package.sheets.values() for c in sheet.cells().values())
    assert [(c["key"], c["valid_from"].month, c["value"], c["by"]) for c in book.read("PolicyChanges").rows] == [
        ("commission.thresholds", 4, "0% / 25%", "升级"), ("commission.rates", 4, "4% / 6.25%", "升级"),
        ("commission.thresholds", 7, "0%", "升级"), ("commission.rates", 7, "5%", "升级"),
    ]  # fmt: skip
    done = do("commission", plan)
    assert not done.outcome.partial, done.outcome.notes
    paid = {row["deal"]: row["commission"] for row in FileBook.open(plan).read("Ledger").rows}
    cells = [[serial(day), level, low, rate] for day, level, low, rate in LATER]
    for deal, day, who in LATER_DEALS:
        wanted = call(
            "COMMISSIONDUE", deal, serial(day), who, 100_000.0, 0.37, "", 1.0, "", None, None, None, None, cells, list(LATER_PEOPLE),
            list(LATER_PEOPLE.values()),
        )  # fmt: skip
        assert paid[deal] == wanted[0][0], (deal, day, who)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["Juli", None, 0.0, 0.1]], "提成!"),  # a date that is none, at its cell
        ([[46_478.0, None, 0.1, 0.1], [46_478.0, None, 0.1, 0.2]], "2027-04-01"),  # a margin twice, with its day
    ],
)
def test_tiers_that_no_policy_can_have_stop_the_upgrade(
    plan: Path, rows: list[list[object]], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is written."""
    package = Package.open(plan)
    place = package.locate("commission_next")
    assert place is not None
    values = {(place[1].first_row + r, place[1].first_col + c): cell for r, row in enumerate(rows) for c, cell in enumerate(row)}
    package.sheets[place[0]].set_values(values)
    package.save(backup=False)
    before = plan.read_bytes()
    assert main(["upgrade", str(plan), "--lang", "en"]) == FAILED
    assert said in capsys.readouterr().out and plan.read_bytes() == before
