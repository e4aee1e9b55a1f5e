"""Credits, rules, tier tables, collections, holds, policy changes: what an import takes and refuses, and what check finds (money.md 2, 3, 6, 7)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from addin.book import FileBook
from tests.actions.steps import do
from tests.small_plan import small_plan
from udfs.policy import POLICIES
from udfs.text import Text
from workbook_templates import checking
from workbook_templates.chapters.incentives.checks import deals as deals_checked
from workbook_templates.chapters.incentives.pay import in_file
from workbook_templates.intake.files import RawRow
from workbook_templates.intake.importing import Imported, Known, bring_in
from workbook_templates.page.builder import Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables import grids, schema, sums
from workbook_templates.tables.schema import Company, Row
from workbook_templates.xlsx.package import Package

DEALS = [
    {"id": "D1", "revenue": 100.0, "date": dt.date(2027, 1, 5), "original": None},
    {"id": "D2", "revenue": -20.0, "date": dt.date(2027, 2, 5), "original": "D1"},
]
PEOPLE = [{"id": f"P{n}", "name": f"N{n}"} for n in range(1, 5)]


def _in(table: str, header: str, *lines: str, there: list[Row] | None = None) -> Imported:
    rows = [RawRow(n, tuple(c or None for c in line.split(","))) for n, line in enumerate((header, *lines), 1)]
    known = Known({"Deals": DEALS, "People": PEOPLE, table: there or []}, 2027, dt.date(2027, 12, 31))
    return bring_in(rows, schema.table(table), known)


def _reasons(found: Imported) -> list[tuple[int, str]]:
    return [(refusal.line, refusal.reason.zh) for refusal in found.refusals]


# ------------------------------------------------------------------------------------------- what comes in


def test_credits_come_in_when_they_make_the_whole() -> None:
    head = "单号,工号,角色,归属份额"
    found = _in("Credits", head, "D1,P1,主办,60%", "D1,P2,协同,40%", "D1,P3,支持岗,30%", "D1,P4,上级,3%")
    assert (len(found.rows), found.refusals) == (4, [])
    thirds = _in("Credits", head, "D1,P1,,33.33%", "D1,P2,协同,33.33%", "D1,P3,协同,33.33%")
    assert [row["role"] for row in thirds.rows] == ["seller", "partner", "partner"]


def test_credits_that_do_not_are_refused_together() -> None:
    head = "单号,工号,角色,归属份额"
    found = _in("Credits", head, "D1,P1,主办,60%", "D1,P2,协同,30%")
    assert [line for line, _ in _reasons(found)] == [2, 3] and "合计 90.00%" in _reasons(found)[0][1]
    there = [{"deal": "D1", "person": "P1", "role": "seller", "share": 0.6}]
    assert _in("Credits", head, "D1,P2,协同,40%", there=there).rows
    assert "是退货" in _reasons(_in("Credits", head, "D2,P1,主办,100%"))[0][1]


def test_policy_changes_come_in_by_their_key() -> None:
    head = "制度参数,生效日期,新值,决定人,原因"
    found = _in(
        "PolicyChanges",
        head,
        "提成比例,2027-07-01,4 / 6 / 9 %,王总,x",
        "pool rates,2027-07-01,2%,王总,x",
        "pool.rate,2027-07-01,250%,王总,x",
    )
    assert [row["key"] for row in found.rows] == ["commission.rates"]
    said = dict(_reasons(found))
    assert "没有制度参数" in said[3] and "超出范围" in said[4]
    apart = _in("PolicyChanges", head, "提成比例,2027-07-01,4 / 6 / 9 / 10 %,王总,x", "commission.digits,2027-07-01,0,王总,x")
    assert [row["key"] for row in apart.rows] == ["commission.digits"] and "同一天" in dict(_reasons(apart))[2]
    together = _in(
        "PolicyChanges",
        head,
        "提成比例,2027-07-01,4 / 6 / 9 / 10 %,王总,x",
        "commission.thresholds,2027-07-01,0/20/25/40%,王总,x",
    )
    assert (len(together.rows), together.refusals) == (2, [])
    there = [{"key": "提成比例", "valid_from": dt.date(2027, 7, 1), "value": "4/6/9%"}]
    assert "只留一行" in _reasons(_in("PolicyChanges", head, "commission.rates,2027-07-01,5/6/9%,王总,x", there=there))[0][1]


def test_cash_has_signs_and_is_refunded_to_who_paid() -> None:
    head = "合同号,收款日期,收款金额,类型"
    found = _in(
        "Collections",
        head,
        "D1,2027-03-01,60,",
        "D1,2027-03-02,-20,退款",
        "D1,2027-03-03,5,退款",
        "D1,2027-03-04,-5,",
        "D2,2027-03-05,1,",
    )
    assert [row["amount"] for row in found.rows] == [60.0, -20.0]
    assert [line for line, _ in _reasons(found)] == [4, 5, 6]
    assert "超过已回款 30.00 元" in _reasons(_in("Collections", head, "D1,2027-03-02,-30,退款"))[0][1]


def test_of_a_bad_debt_no_more_than_is_unpaid_comes_in() -> None:
    """Of 100 of D1, 20 came back and 60 are paid: 20 are unpaid."""
    head = "合同号,收款日期,收款金额,类型"
    paid: list[Row] = [{"deal": "D1", "date": dt.date(2027, 3, 1), "amount": 60.0, "kind": "payment"}]
    assert "超过未收的 20.00 元" in _reasons(_in("Collections", head, "D1,2027-03-02,20.01,坏账", there=paid))[0][1]
    assert _reasons(_in("Collections", head, "D1,2027-03-02,20,坏账", there=paid)) == []


@pytest.mark.parametrize(
    ("cash", "returned", "found"),
    [
        ([(1, 60, "payment"), (2, 40, "bad_debt")], [], {}),
        ([(1, 60, "payment"), (2, 40.01, "bad_debt")], [], {1: 40}),
        ([(2, 60, "payment"), (1, 100, "bad_debt")], [], {}),  # paid after all
        ([(1, 60, "payment"), (2, 41, "bad_debt"), (3, 1, "bad_debt")], [], {1: 40, 2: 0}),
        ([(1, 60, "retention"), (2, 10, "bad_debt")], [(2, 30)], {}),
        ([(1, 60, "payment"), (2, 10.01, "bad_debt")], [(2, 30)], {1: 10}),
        ([(1, 60, "payment"), (2, 40, "bad_debt")], [(3, 100)], {}),  # what came back later
        ([(1, 60, "payment"), (2, 40, "bad_debt"), (3, 40, "payment"), (4, -40, "refund"), (5, 40, "bad_debt")], [], {}),
        ([(1, 60, "payment"), (2, 40, "bad_debt"), (3, 15, "payment"), (4, 0.01, "bad_debt")], [], {3: 0}),
        ([(1, 130, "payment"), (2, 0.01, "bad_debt")], [], {1: 0}),
    ],
)
def test_what_was_unpaid_when_it_was_written_off(cash: list[Any], returned: list[Any], found: dict[int, float]) -> None:
    rows = [{"date": dt.date(2027, 3, day), "amount": float(amount), "kind": kind} for day, amount, kind in cash]
    back = [{"date": dt.date(2027, 3, day), "revenue": -float(amount)} for day, amount in returned]
    assert {at: float(unpaid) for at, unpaid in sums.beyond_unpaid({"revenue": 100.0}, back, rows).items()} == found


def test_months_days_and_caps_are_in_order() -> None:
    assert "早于起始月" in _reasons(_in("Holds", "工号,起始月,截止月,原因,决定人", "P1,2027-05,2027-04,x,y"))[0][1]
    assert _in("Holds", "工号,起始月,截止月,原因,决定人", "P1,2027-05,,x,y").rows
    found = _in("Rules", "顺序,起始日期,截止日期,每单下限,每单上限", "1,2027-05-01,2027-04-01,,", "2,,,500,400", "3,,,400,500")
    assert [line for line, _ in _reasons(found)] == [2, 3] and len(found.rows) == 1


def test_an_ordinary_import_of_cash_sets_collected_too(tmp_path: Path) -> None:
    path, file = _plan(tmp_path), tmp_path / "cash.csv"
    file.write_text("Deal ID,Date,Amount,Kind\nD1,2027-03-01,70000,payment\nD1,2027-03-05,-1000,refund\n", "utf-8")
    assert do("import", path, file=str(file), table="Collections").written
    book = FileBook.open(path)
    assert [row["kind"] for row in book.read("Collections").rows] == ["payment", "refund"]
    assert book.read("Deals").rows[0]["collected"] == 69_000.0


# ----------------------------------------------------------------------------------------------------------------- checks


def _plan(folder: Path, **rows: list[Row]) -> Path:
    deal = {
        "id": "D1", "date": dt.date(2027, 1, 15), "customer": "C1", "line": "eco", "seller": "P1", "seller_share": 1.0,
        "revenue": 100_000.0, "cost": 50_000.0, "collected": 0.0,
    }  # fmt: skip
    people = [{**p, "level": "representative", "line": "direct", "joined": dt.date(2020, 1, 1)} for p in PEOPLE]
    base: dict[str, list[Row]] = {"People": people, "Customers": [{"id": "C1", "name": "甲"}], "Deals": [deal]}
    return small_plan(folder / "plan.xlsx", Company("甲", 2027, dt.date(2027, 12, 31), rows={**base, **rows}))


def _found(path: Path) -> list[tuple[str, str]]:
    """What the checks of rows find: codes and what they say."""
    package = Package.open(path)
    held = {name: grids.grid(package, table) for name, table in package.tables.items() if name in schema.TABLES}
    return [(p.code, p.text.zh) for p in checking.problems(held)]


_CREDIT = {"deal": "D1", "person": "P1", "role": "seller", "share": 0.7}
_RULE = {"order": 1, "component": "commission", "basis": "margin", "tiers": "大客户"}
_CHANGE = {"key": "pool.rate", "valid_from": dt.date(2027, 7, 1), "value": "2%", "by": "王总", "reason": "x"}
_CASH = {"deal": "D1", "date": dt.date(2027, 3, 1), "amount": 10.0, "kind": "payment"}
_HOLD = {"person": "P1", "deal": None, "from": "2027-05", "until": "2027-06", "reason": "x", "by": "y"}


def _tier(name: str, threshold: float) -> Row:
    return {"name": name, "valid_from": None, "threshold": threshold, "rate": 0.1}


@pytest.mark.parametrize(
    ("code", "rows"),
    [
        ("credits.shares", {"Credits": [_CREDIT]}),
        ("collections.signs", {"Collections": [_CASH, {**_CASH, "kind": "refund", "amount": 1.0}]}),
        ("collections.refunds", {"Collections": [_CASH, {**_CASH, "kind": "refund", "amount": -11.0}]}),
        ("collections.bad_debts", {"Collections": [_CASH, {**_CASH, "kind": "bad_debt", "amount": 5_000_000.0}]}),
        ("rules.tiers", {"Rules": [_RULE]}),
        ("rules.tiers", {"Rules": [{**_RULE, "tiers": "10%", "accelerator": "大客户"}]}),
        ("rules.basis", {"Rules": [{**_RULE, "basis": "cash", "tiers": None}]}),
        ("rules.basis", {"Rules": [{**_RULE, "basis": "revenue", "tiers": " 大客户"}], "TierTables": [_tier("大客户", 0.2)]}),
        ("rules.rates", {"Rules": [{**_RULE, "tiers": 30.0}]}),
        ("rules.rates", {"Rules": [{**_RULE, "tiers": "3"}]}),
        ("rules.rates", {"Rules": [{**_RULE, "tiers": "大客户 "}], "TierTables": [{**_tier("大客户", 0.0), "rate": 3.0}]}),
        ("rules.ascending", {"TierTables": [_tier("大客户", 0.2), _tier("大客户", 0.1)]}),
        ("holds.whom", {"Holds": [{**_HOLD, "person": None}]}),
        ("holds.months", {"Holds": [{**_HOLD, "until": "2027-04"}]}),
        ("policies.known", {"PolicyChanges": [{**_CHANGE, "key": "pol.rate"}]}),
        ("policies.known", {"PolicyChanges": [{**_CHANGE, "key": "pool. rate"}]}),  # read, but not by the sheet's formulas
        ("policies.values", {"PolicyChanges": [{**_CHANGE, "value": "2"}]}),
    ],
)
def test_check_names_the_cell(tmp_path: Path, code: str, rows: dict[str, list[Row]]) -> None:
    assert code in [found for found, _ in _found(_plan(tmp_path, **rows))]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("said", ["pool.rate", POLICIES["pool.rate"].range_name, *POLICIES["pool.rate"].label])
def test_a_policy_has_its_names_of_both_languages_on_the_sheet_too(tmp_path: Path, said: str, lang: str) -> None:
    """Settings and commission go by the same change, whatever the policy was called in it."""
    rows = {"PolicyChanges": [{**_CHANGE, "key": said}]}
    path = small_plan(tmp_path / "plan.xlsx", Company("甲", 2027, dt.date(2027, 12, 31), rows=rows), lang)
    book = FileBook.open(path)
    assert (book.first(POLICIES["pool.rate"].range_name), book.setting("pool.rate")) == (0.02, 0.02)
    assert [found for found in _found(path) if found[0].startswith("policies.")] == []


def test_what_is_right_is_not_found(tmp_path: Path) -> None:
    rows: dict[str, Any] = {
        "Credits": [{**_CREDIT, "share": 0.3333, "person": f"P{n}", "role": r} for n, r in ((1, "seller"), (2, "partner"), (3, "partner"))],
        "Collections": [_CASH, {**_CASH, "kind": "refund", "amount": -10.0}, {**_CASH, "kind": "bad_debt", "amount": 5.0}],
        "Rules": [_RULE, {**_RULE, "order": 2, "tiers": "10%"}, {**_RULE, "order": 3, "tiers": None, "accelerator": "系数"},
                  {**_RULE, "order": 4, "basis": "revenue", "tiers": "按额"}, {**_RULE, "order": 5, "basis": "cash", "tiers": 0.01}],
        "TierTables": [{**_tier("系数", 0.0), "rate": 1.2}, _tier("按额", 0.0), _tier("按额", 100_000.0), _tier("大客户", 0.1), _tier("大客户", 0.2), _tier("其他", 0.0)],
        "Holds": [_HOLD, {**_HOLD, "from": "2027-07", "until": None}, {**_HOLD, "person": None, "deal": "D1"}],
        "PolicyChanges": [_CHANGE, {**_CHANGE, "key": "提成比例", "value": "4 / 6 / 9 %"}],
    }  # fmt: skip
    ours = ("credits.", "collections.", "rules.", "holds.", "policies.")
    assert [found for found in _found(_plan(tmp_path, **rows)) if found[0].startswith(ours)] == []


def test_check_goes_on_where_lists_no_longer_fit_each_other(tmp_path: Path) -> None:
    """Four rates over three thresholds: told at the cell, with whatever else there is to tell, and recalc goes through."""
    change = {**_CHANGE, "key": "commission.rates", "value": "4 / 6 / 9 / 10 %"}
    package = Package.open(_plan(tmp_path, PolicyChanges=[change]))
    (told,) = in_file.stale(package)
    assert (told.code, told.cell) == ("policies.values", "D7") and "同一天" in told.text.zh
    assert in_file.repriced(package) == []
    assert (
        list(in_file.stale(Package.open(_plan(tmp_path, PolicyChanges=[{**change, "value": "vier"}])))) == []
    )  # told with the Table


@pytest.mark.parametrize(("credited", "lost"), [("P1", 0.0), ("P4", 80_000.0)])
def test_what_is_credited_goes_by_credits_and_returns_by_their_order(tmp_path: Path, credited: str, lost: float) -> None:
    """A return names its order and nothing else, Credits decide where they name a deal: money.md 2. Of 100,000 sold and 20,000 returned,
    80,000 is credited to whoever has a quota; P4 has none, which is worth the notice."""
    line = next(check.line for check in deals_checked.CHECKS.checks if check.code == "deals.credited")
    assert line is not None

    def build(plan: Plan) -> None:
        plan.define("bookings", page := plan.page("deals", Text("问", "Asked"), Text("问", "Asked")), "C7")
        page.formula("C6", f"={line(plan).found}", "money", "asked")
        page.formula("C7", f"=SUM({plan.table('Deals').revenue})", "money")

    back = {"id": "R1", "date": dt.date(2027, 2, 1), "revenue": -20_000.0, "original": "D1"}
    sold = {"id": "D1", "date": dt.date(2027, 1, 15), "customer": "C1", "seller": "P1", "revenue": 100_000.0, "cost": 50_000.0}
    rows: dict[str, list[Row]] = {
        "People": [{**p, "level": "representative", "line": "direct", "joined": dt.date(2020, 1, 1)} for p in PEOPLE],
        "Customers": [{"id": "C1", "name": "甲"}], "Deals": [{**sold, "seller_share": 1.0}, back],
        "Quotas": [{"person": f"P{n}", "year": 1.0} for n in (1, 2, 3)],
        "Credits": [{"deal": "D1", "person": credited, "role": "seller", "share": 0.5}, {"deal": "D1", "person": "P2", "role": "partner", "share": 0.5}]
        if credited != "P4" else [{"deal": "D1", "person": "P4", "role": "seller", "share": 1.0}],
    }  # fmt: skip
    company = Company("甲", 2027, dt.date(2027, 12, 31), rows=rows)
    book = FileBook.open(small_plan(tmp_path / "plan.xlsx", company, sheets=[PlanSheet(1, build)]))
    assert (book.first("asked"), book.first("bookings")) == (80_000.0 - lost, 80_000.0)
