"""Computing commissions. Amounts are worked out by hand from the plan's tiers (rules, chapter 5: 3 % up to 20 % margin, 5 % to 25 %, 8 %
above) on a revenue of 1,000,000: margin 10 % → 3,000; 20 % → 6,000; 25 % → 8,500; 30 % → 12,500."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin.actions.commission import ACTION
from addin.book import FileBook
from addin.changes import Changes, lowered, plain
from tests.actions.steps import brought, change, do, tables_of
from tests.plans import sample_plan
from tests.small_plan import small_plan
from udfs import policy
from udfs.policy import POLICIES
from udfs.text import Text
from udfs.values import total_of
from workbook_templates.answers import Refused
from workbook_templates.chapters.incentives.pay import reading
from workbook_templates.chapters.incentives.pay.run import PayRun, run
from workbook_templates.chapters.incentives.staff import Staff
from workbook_templates.checking import findings
from workbook_templates.page.builder import Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.recalc import recalculate
from workbook_templates.tables import validating
from workbook_templates.tables.policies import Policies
from workbook_templates.tables.schema import Company
from workbook_templates.xlsx.package import CellFormula, Package

DAY = dt.date(2027, 6, 5)


def deal(number: int, margin: float = 0.3, **more: Any) -> dict[str, Any]:
    given = {"id": f"D{number}", "date": dt.date(2027, 3, 5), "customer": "C1", "seller": "P1", "partner": None, "seller_share": 1.0,
             "revenue": 1_000_000.0, "original": None, "collected": 0.0, **more}  # fmt: skip
    return {"cost": round(given["revenue"] * (1 - margin)), **given}


def company(deals: list[dict[str, Any]], ledger: list[dict[str, Any]] | None = None) -> Company:
    people = [
        {"id": p, "name": f"人{p}", "level": "representative", "line": "direct", "joined": dt.date(2020, 1, 1), "quota_weight": 1.0,
         "manager": None if p == "P1" else "P1"}
        for p in ("P1", "P2")
    ]  # fmt: skip
    rows = {"People": people, "Customers": [{"id": "C1", "name": "客户"}], "Deals": deals, "Ledger": ledger or []}
    return Company("公司", 2027, DAY, rows=rows)


def plan(folder: Path, *deals: dict[str, Any], lang: str = "zh") -> Path:
    return small_plan(folder / "plan.xlsx", company(list(deals)), lang)


def amounts(path: Path) -> list[tuple[str, str, str, str, float]]:
    rows = FileBook.open(path).read("Ledger").rows
    return [(r["deal"], r["person"], r["kind"], r["status"], r["commission"]) for r in rows]


def settle(path: Path, status: str = "paid") -> None:
    """Bring every month of the ledger to this step, as people do."""
    brought(path, status, lambda path: _settle(path, status))


def _settle(path: Path, status: str) -> None:
    rows = [row for row in FileBook.open(path).read("Ledger").rows if row["status"] == "computed"]
    for month in sorted({row["period"] for row in rows}):
        do("review", path, period=month, by="周")
        if status == "disputed":
            for person in sorted({row["person"] for row in rows if row["period"] == month}):
                do("dispute", path, period=month, person=person, remark="少一单", owner="周")
        for name, who in (("lock", "陈"), ("pay", "何"))[: ("locked", "paid").index(status) + 1 if status in ("locked", "paid") else 0]:  # fmt: skip
            assert do(name, path, period=month, by=who).written


def test_the_sample_is_up_to_date(tmp_path: Path) -> None:
    path = sample_plan("en", tmp_path)
    before = path.read_bytes()
    assert not do("commission", path).effect and path.read_bytes() == before


def test_orders_and_splits_are_computed_to_the_fen(tmp_path: Path) -> None:
    path = plan(tmp_path, deal(1), deal(2, 0.1), deal(3, revenue=333_333.0, partner="P2", seller_share=0.5))
    assert do("commission", path).written
    # D3: margin 100,000 of 333,333, 30.00003 %: 12,500.03… × 333,333/1,000,000 = 4,166.67; halves 2,083.34 and 2,083.33
    assert amounts(path) == [
        ("D1", "P1", "accrual", "computed", 12_500.0),
        ("D2", "P1", "accrual", "computed", 3_000.0),
        ("D3", "P1", "accrual", "computed", 2_083.34),
        ("D3", "P2", "accrual", "computed", 2_083.33),
    ]
    assert not do("commission", path).effect


@pytest.mark.parametrize("status", ["reviewed", "disputed", "locked", "paid"])
def test_what_was_settled_stays_and_an_adjustment_says_old_and_new(tmp_path: Path, status: str) -> None:
    path = plan(tmp_path, deal(1), deal(2, 0.1))
    do("commission", path)
    settle(path, status)
    change(path, {("Deals", 0, "cost"): 750_000.0})  # margin 25 %: 8,500
    done = do("commission", path)
    assert len(done.outcome.notes) == 1
    assert amounts(path) == [
        ("D1", "P1", "accrual", status, 12_500.0),
        ("D2", "P1", "accrual", status, 3_000.0),
        ("D1", "P1", "adjustment", "computed", -4_000.0),
    ]
    row = FileBook.open(path).read("Ledger").rows[-1]
    # The first month that is open for P1; a statement in dispute is open itself.
    assert row["period"] == ("2027-03" if status == "disputed" else "2027-04")
    assert "12,500.00" in row["reason"] and "8,500.00" in row["reason"]
    assert not do("commission", path).effect
    # The adjustment is open: another change computes it anew, and the way back takes it out.
    change(path, {("Deals", 0, "cost"): 800_000.0})
    do("commission", path)
    assert amounts(path)[-1][-1] == -6_500.0
    change(path, {("Deals", 0, "cost"): 700_000.0})
    do("commission", path)
    assert len(amounts(path)) == 2


def test_a_settled_adjustment_stays_too(tmp_path: Path) -> None:
    path = plan(tmp_path, deal(1))
    do("commission", path)
    settle(path)
    change(path, {("Deals", 0, "cost"): 750_000.0})
    do("commission", path)
    settle(path)
    change(path, {("Deals", 0, "cost"): 700_000.0})
    do("commission", path)
    assert [a[-1] for a in amounts(path)] == [12_500.0, -4_000.0, 4_000.0]


def test_another_seller_the_paid_one_pays_back(tmp_path: Path) -> None:
    path = plan(tmp_path, deal(1))
    do("commission", path)
    settle(path, "locked")
    change(path, {("Deals", 0, "seller"): "P2"})
    do("commission", path)
    assert amounts(path) == [
        ("D1", "P1", "accrual", "locked", 12_500.0),
        ("D1", "P2", "accrual", "computed", 12_500.0),
        ("D1", "P1", "adjustment", "computed", -12_500.0),
    ]  # whether a month is open is asked of the person's own statement (money.md 4)
    periods = {r["person"]: r["period"] for r in FileBook.open(path).read("Ledger").rows[1:]}
    assert periods == {"P2": "2027-03", "P1": "2027-04"}


def test_open_rows_are_computed_anew_in_place(tmp_path: Path) -> None:
    path = plan(tmp_path, deal(1), deal(2))
    do("commission", path)
    change(path, {("Deals", 0, "cost"): 800_000.0, ("Deals", 1, "seller"): "P2"})
    do("commission", path)
    assert amounts(path) == [("D1", "P1", "accrual", "computed", 6_000.0), ("D2", "P2", "accrual", "computed", 12_500.0)]


def test_an_override_survives(tmp_path: Path) -> None:
    path = plan(tmp_path, deal(1), deal(2))
    do("commission", path)
    values = {"kind": "manual", "commission": 20_000.0, "by": "王总", "reason": "战略订单"}
    change(path, {("Ledger", 0, key): value for key, value in values.items()})
    change(path, {("Deals", 0, "cost"): 900_000.0})
    do("commission", path)  # the account follows
    assert not do("commission", path).effect
    assert amounts(path)[0] == ("D1", "P1", "manual", "computed", 20_000.0)


def test_an_override_says_who_and_why(tmp_path: Path) -> None:
    path = plan(tmp_path, deal(1))
    do("commission", path)
    change(path, {("Ledger", 0, "kind"): "manual", ("Ledger", 0, "reason"): None})
    done = do("commission", path)
    assert len(done.outcome.errors) == 2 and done.outcome.data["left_out"].keys() == {"P1"}
    assert amounts(path) == [("D1", "P1", "manual", "computed", 12_500.0)]


def test_a_decision_that_stands_twice_is_told_and_paid_as_it_stands(tmp_path: Path) -> None:
    """Somebody copied the row of a bonus: nothing is wrong with either, so both count, and the second is told at its cell."""
    bonus = {"period": "2027-03", "person": "P1", "commission": 5_000.0, "kind": "bonus", "status": "computed", "plan_version": "V1",
             "computed_on": DAY, "reason": "项目奖", "by": "王总"}  # fmt: skip
    told = {}
    for name, rows in (("once", [bonus]), ("twice", [bonus, bonus]), ("two", [bonus, {**bonus, "reason": "另一项"}])):
        done = do("commission", small_plan(tmp_path / f"{name}.xlsx", company([deal(1)], rows)))
        told[name] = [(p.cell[0], p.level) for p in done.outcome.problems]
        assert done.written
    assert (told["once"], told["two"]) == ([], []) and len(told["twice"]) == 1 and told["twice"][0][1] == "warning"


def test_returns_that_name_each_other_leave_out_their_people_only(tmp_path: Path) -> None:
    """Each is a return of a return (money.md 2): a bad row, by name and once; everybody else is computed."""
    path = plan(tmp_path, deal(1, revenue=-1e6, original="D2"), deal(2, revenue=-1e6, original="D1"), deal(3, seller="P2"))
    done = do("commission", path)
    assert list(done.outcome.data["left_out"]) == ["P1"] and done.outcome.partial
    assert [a[:2] for a in amounts(path)] == [("D3", "P2")]
    (said,) = (note.zh for note in done.outcome.notes if "P1" in note.zh)
    assert said.startswith("未计算：P1 人P1：“成交”D1：") and said.count("D1：") == 1


def computed(deals: list[dict[str, Any]], ledger: list[dict[str, Any]] = [], **instead: Any) -> PayRun:  # noqa: B006
    """The run over these deals; ``instead`` are policies by key with _ for the dot, a function of the day where they change."""
    made = company(deals).rows
    facts = reading.assembled({**made, "Ledger": ledger}, Instead(instead), DAY)
    return run(facts)


class Instead:
    """The plan's policy with some values replaced."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values, self.plan = {key.replace("_", ".", 1): value for key, value in values.items()}, Policies()

    def at(self, key: str, day: dt.date) -> Any:
        value = self.values.get(key)
        return self.plan.at(key, day) if value is None else value(day) if callable(value) else value


def test_an_override_after_payment_sets_off_what_was_paid() -> None:
    due = computed([deal(1)]).rows
    decided = {**due[0], "kind": "manual", "commission": 20_000.0, "by": "王总", "reason": "战略订单", "period": "2027-04"}
    result = computed([deal(1)], [{**due[0], "status": "paid"}, decided])
    assert [(r["kind"], r["commission"], r["period"]) for r in result.rows] == [("adjustment", -12_500.0, "2027-04")]


def test_a_month_is_reported_and_all_are_computed(tmp_path: Path) -> None:
    path = plan(tmp_path, deal(1), deal(2, date=dt.date(2027, 4, 1)))
    done = do("commission", path, period="2027-04")
    assert [a[0] for a in amounts(path)] == ["D1", "D2"] and done.outcome.summary.zh.startswith("2027-04 ")
    assert "12,500.00" in done.outcome.summary.zh
    with pytest.raises(Refused):
        do("commission", path, period="April")


def test_rates_by_the_orders_date_and_a_return_by_its_orders() -> None:
    """From July a flat 10 %: margin 30 % of 1,000,000 → 30,000; a return in August of a March order goes by March."""
    july = dt.date(2027, 7, 1)
    deals = [deal(1), deal(2, date=july), deal(3, revenue=-1_000_000.0, date=dt.date(2027, 8, 1), original="D1")]
    result = computed(
        deals,
        commission_rates=lambda day: [0.10] if day >= july else [0.03, 0.05, 0.08],
        commission_thresholds=lambda day: [0.0] if day >= july else [0.0, 0.2, 0.25],
    )
    assert {r["deal"]: r["commission"] for r in result.rows} == {"D1": 12_500.0, "D2": 30_000.0, "D3": -12_500.0}


POOLED = {"commission_basis": POLICIES["commission.basis"].words[1].en}


def test_pooled_by_person_and_month() -> None:
    """Rules, COMMISSION: orders of 1,000,000 at 10 % and 30 %, pooled: 2,000,000 at 20 % → 12,000, shared 1 : 3 by margin."""
    deals = [deal(1, 0.1), deal(2), deal(3, revenue=-500_000.0, date=dt.date(2027, 5, 1), original="D2")]
    assert {r["deal"]: r["commission"] for r in computed(deals, **POOLED).rows} == {"D1": 3_000.0, "D2": 9_000.0, "D3": -4_500.0}


def test_undo_brings_the_ledger_back(tmp_path: Path) -> None:
    path = plan(tmp_path, deal(1), deal(2), lang="en")
    do("commission", path)
    settle(path)
    change(path, {("Deals", 0, "cost"): 750_000.0})
    before = tables_of(path)
    do("commission", path)
    do("undo", path)
    assert tables_of(path) == before


def test_a_seller_who_had_left_is_said(tmp_path: Path) -> None:
    path = plan(tmp_path, deal(1))
    change(path, {("People", 0, "left"): dt.date(2027, 1, 31)})
    done = do("commission", path)
    assert done.written and "不在职" in done.outcome.problems[0].text.zh


def test_problems_come_all_at_once(tmp_path: Path) -> None:
    """Every bad row is told; P1, whom they touch, is left out, and P2 is computed (money.md 10)."""
    path = plan(tmp_path, deal(1), deal(1), deal(2, seller="P9"), deal(3, revenue=-5.0), deal(4, seller="P2"))
    done = do("commission", path)
    assert len(done.outcome.errors) == 3 and done.outcome.data["left_out"].keys() == {"P1"}
    assert {p.cell[0] for p in done.outcome.errors} >= {"B"}
    assert amounts(path) == [("D4", "P2", "accrual", "computed", 12_500.0)]
    assert ACTION.reported(ACTION.defaults(), done.outcome) == 1 and not do("commission", path).effect


def test_who_is_renumbered_in_people_by_mistake_keeps_what_is_on_record(tmp_path: Path) -> None:
    """P1's deals name nobody who is there: a bad row (money.md 10). P1 is left out by name, nothing of P1's is taken away."""
    path = plan(tmp_path, deal(1), deal(2, seller="P2"))
    do("commission", path)
    before = [FileBook.open(path).read(name).rows for name in ("Ledger", "Accounts")]
    change(path, {("People", 0, "id"): "P9", ("People", 1, "manager"): None})
    done = do("commission", path)
    assert list(done.outcome.data["left_out"]) == ["P1"] and ACTION.reported(ACTION.defaults(), done.outcome) == 1
    assert [FileBook.open(path).read(name).rows for name in ("Ledger", "Accounts")] == before


def test_a_team_is_that_of_the_deals_day(tmp_path: Path) -> None:
    """P2 reports to P1 until the end of March, then to P3: P3's team has what was signed from April on."""
    made = company([deal(1, seller="P2"), deal(2, seller="P2", date=dt.date(2027, 4, 1)), deal(3)])
    made.rows["People"].append({**made.rows["People"][0], "id": "P3"})  # type: ignore[attr-defined]
    made.rows["Transfers"] = [{"person": "P2", "valid_from": dt.date(2027, 4, 1), "manager": "P3"}]  # type: ignore[index]
    path = small_plan(tmp_path / "plan.xlsx", made)
    do("commission", path)
    teams = {t["manager"]: t["commission"] for t in do("commission", path).outcome.data["teams"]}
    assert teams == {"P1": 25_000.0, "P3": 12_500.0}


def test_what_a_transfer_leaves_blank_stays() -> None:
    people = [{"id": "P1", "level": "manager", "line": "direct", "region": "华东", "manager": None}]
    moves = [{"person": "P1", "valid_from": dt.date(2027, 4, 1), "level": None, "line": None, "region": "华南", "manager": None}]
    staff = Staff(people, moves)
    before, after = (staff.on("P1", dt.date(2027, 3, 31)), staff.on("P1", dt.date(2027, 4, 1)))
    assert before and after and (before["region"], after["region"], after["level"]) == ("华东", "华南", "manager")


def test_a_circle_of_managers_is_gone_round_once() -> None:
    staff = Staff([{"id": "P1", "manager": "P2"}, {"id": "P2", "manager": "P1"}])
    assert staff.chain("P1", DAY) == ["P1", "P2"]


# ---------------------------------------------------------------------------------- tiers of later days, in ledger and sheets alike


def named_cells(path: Path, name: str, values: list[list[Any]]) -> None:
    """Fill a named range as a person would."""
    package = Package.open(path)
    sheet, ref = package.locate(name)
    cells = {(ref.first_row + r, ref.first_col + c): plain(v) for r, row in enumerate(values) for c, v in enumerate(row)}
    package.sheets[sheet].set_values(cells)
    recalculate(package)
    package.save(backup=False)


def reconciled(path: Path) -> tuple[float, str]:
    book = FileBook.open(path)
    return book.first("ledger_difference"), book.first("master_check")  # type: ignore[return-value]


def test_dated_tiers_reach_ledger_and_column(tmp_path: Path) -> None:
    """From 1 December, which nobody has reviewed, other tiers: ledger and sheet agree, order by order, before that day and after it;
    the chosen deal shows the tiers of its day."""
    path = sample_plan("zh", tmp_path)
    asked = {"key": ["commission.thresholds", "commission.rates"], "value": ["0% / 20%", "4% / 6%"]}
    assert do("policy", path, **asked, valid_from="2027-12-01", by="王总", reason="年末").written
    assert do("commission", path).written
    assert reconciled(path)[0] == 0
    assert not do("commission", path).effect
    book = FileBook.open(path)
    ledger, sheet = book.read("Ledger").rows, book.locate("deal_commission")
    sums: dict[str, list[float]] = {}
    for row in ledger:
        if row["component"] == "commission":
            sums.setdefault(row["deal"], []).append(row["commission"])
    assert sheet
    deals = book.read("Deals").rows
    top = sheet[1]
    shown = book.area(sheet[0], top._replace(last_row=top.first_row + len(deals) - 1))
    pairs = list(zip(deals, (row[0].value if isinstance(row[0], CellFormula) else row[0] for row in shown), strict=True))
    own = {row["deal"] for row in book.read("Credits").rows}  # the column knows seller and partner only
    assert [(d["id"], v) for d, v in pairs if d["id"] not in own and v != total_of(sums[d["id"]])] == []
    late = next(d["id"] for d, _ in pairs if d["date"] >= dt.date(2027, 12, 1) and d["revenue"] > 0)
    early = next(d["id"] for d, _ in pairs if d["date"] < dt.date(2027, 12, 1) and d["revenue"] > 0)
    for chosen, tiers in ((late, [0.0, 0.04, 0.2, 0.06, None]), (early, [0.0, 0.03, 0.2, 0.05, 0.25])):
        named_cells(path, "chosen_deal", [[chosen]])
        book = FileBook.open(path)
        place = book.locate("chosen_tiers")
        assert place
        area = place[1]._replace(last_row=place[1].first_row + 2, last_col=place[1].first_col + 1)
        cells = [c.value if isinstance(c, CellFormula) else c for row in book.area(place[0], area) for c in row]
        assert [c if c != "" else None for c in cells][:5] == tiers, chosen


def test_later_tiers_on_the_sheet_of_an_old_plan_wait_for_the_upgrade(tmp_path: Path) -> None:
    """A plan of 0.1.0 has them on its Commission sheet: nothing is computed without them, at their cell."""

    def old_sheet(plan: Plan) -> None:
        page = plan.page("old", Text("以后各档", "Later tiers"), Text("", ""))
        for at in (f"{letter}{row}" for row in range(60, 72) for letter in "HIJK"):
            page.input(at, None, "general")
        plan.define("commission_next", page, "H60:K71")

    path = small_plan(tmp_path / "plan.xlsx", company([deal(1)]), sheets=[PlanSheet(99, old_sheet)])
    assert do("commission", path).written
    named_cells(path, "commission_next", [[dt.date(2027, 4, 1), None, 0.0, 0.1]])
    done = do("commission", path)
    assert (
        done.refused
        and [p.cell for p in done.outcome.errors] == ["H60"]
        and "salesplan upgrade" in str(done.outcome.errors[0].text.zh)
    )


# ------------------------------------------------------------------------------------------------- overrides and the Checks sheet

DECIDED = {"kind": "manual", "commission": 20_000.0, "by": "王总", "reason": "战略订单"}


def checked(path: Path) -> dict[str, float]:
    """The figures of the ledger's sheet; lines of the Checks sheet that are not passed, by what they say."""
    book = FileBook.open(path)
    names = ("ledger_difference", "ledger_overrides", "ledger_overridden", "overrides_unexplained")
    figures = {name: book.first(name) for name in names}
    found = [
        p.text.zh.split("：")[0]
        for p in findings.failed_checks(book.package, recalculate(book.package).results)
        if p.level == validating.ERROR
    ]
    return {**figures, "wrong": [line for line in found if line in ("台账计入账户 = 账户合计", "手工行都写明决定人与原因")]}  # type: ignore[dict-item]


@pytest.mark.parametrize("paid", [False, True])
def test_what_is_decided_by_hand_is_shown_and_no_fault(tmp_path: Path, paid: bool) -> None:
    """One half of a shared deal is decided by hand, before or after it was paid; the other half and the rest are still compared."""
    path = sample_plan("zh", tmp_path)
    book = FileBook.open(path)
    place, row = next(
        (i, r)
        for i, r in enumerate(book.read("Ledger").rows)
        if (r["credit_share"] or 1) < 1 and r["kind"] == "accrual" and r["status"] == ("paid" if paid else "computed")
    )
    made = Changes()
    if paid:  # what was paid stays, and a row of a later month decides
        made.add("Ledger", [{**row, **DECIDED, "period": "2027-12", "status": "computed"}])
    else:
        made.edit("Ledger", place, **DECIDED)
    book.apply(lowered(book, made))
    book.settle()
    book.save(backup=False)
    assert do("commission", path).written
    assert not do("commission", path).effect
    assert checked(path) == {
        "ledger_difference": 0, "ledger_overrides": 1, "ledger_overridden": 20_000.0, "overrides_unexplained": 0, "wrong": []
    }  # fmt: skip
    mine = [r for r in FileBook.open(path).read("Ledger").rows if (r["deal"], r["person"]) == (row["deal"], row["person"])]
    assert total_of(r["commission"] for r in mine) == 20_000.0


def test_a_credit_on_top_is_paid_and_no_share_of_the_deal(tmp_path: Path) -> None:
    """A manager credited by hand with 10 % on top of a deal: paid like the seller's, a tenth of it, and the deal is still credited once."""
    path = sample_plan("zh", tmp_path)
    book = FileBook.open(path)
    listed, manager = {r["deal"] for r in book.read("Credits").rows}, {r["id"]: r["manager"] for r in book.read("People").rows}
    row = next(
        r
        for r in book.read("Ledger").rows
        if (r["status"], r["kind"]) == ("computed", "accrual")
        and r["credit_share"] == 1
        and manager[r["person"]]
        and r["deal"] not in listed
    )
    made = Changes()
    made.add("Credits", [
        {"deal": row["deal"], "person": row["person"], "role": "seller", "share": 1.0},
        {"deal": row["deal"], "person": manager[row["person"]], "role": "override", "share": 0.1},
    ])  # fmt: skip
    book.apply(lowered(book, made))
    book.settle()
    book.save(backup=False)
    assert do("commission", path).written
    (top,) = [r for r in FileBook.open(path).read("Ledger").rows if r["deal"] == row["deal"] and r["role"] == "override"]
    assert (top["person"], top["revenue"]) == (manager[row["person"]], pytest.approx(row["revenue"] / 10, abs=0.005))
    assert top["commission"] == pytest.approx(row["commission"] / 10, abs=0.01)
    package = Package.open(path)
    assert not [p.text.zh for p in findings.failed_checks(package, recalculate(package).results) if p.level == validating.ERROR]


@pytest.mark.parametrize("missing", [{"by": None}, {"reason": "  "}, {"by": None, "reason": None}])
def test_an_override_without_who_or_why_is_red(tmp_path: Path, missing: dict[str, Any]) -> None:
    path = sample_plan("zh", tmp_path)
    change(path, {("Ledger", 0, key): value for key, value in {**DECIDED, **missing}.items()})
    found = checked(path)
    assert found["overrides_unexplained"] == 1 and "手工行都写明决定人与原因" in found["wrong"]


def test_a_wrong_amount_beside_an_override_is_still_red(tmp_path: Path) -> None:
    path = sample_plan("zh", tmp_path)
    rows = FileBook.open(path).read("Ledger").rows
    values: dict[Any, Any] = {("Ledger", 0, key): value for key, value in DECIDED.items()}
    change(path, {**values, ("Ledger", 1, "commission"): rows[1]["commission"] + 1})
    found = checked(path)
    assert found["ledger_difference"] and found["wrong"] == ["台账计入账户 = 账户合计"]


# --------------------------------------------------------------------------------------------- a pooled month that was settled


def booked(deals: list[dict[str, Any]], ledger: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ledger after computing pooled commissions; computing again changes nothing, and the sum is what is due."""
    due = computed(deals, **POOLED).rows
    after = [*ledger, *computed(deals, ledger, **POOLED).rows]
    again = [*ledger, *computed(deals, after, **POOLED).rows]
    assert [(r["deal"], r["commission"], r["period"]) for r in again] == [
        (r["deal"], r["commission"], r["period"]) for r in after
    ]
    assert total_of(r["commission"] for r in after) == total_of(r["commission"] for r in due)
    for deal_id in {r["deal"] for r in [*due, *after]}:
        credit = [total_of(r["revenue"] for r in rows if r["deal"] == deal_id) for rows in (due, after)]
        assert credit[0] == credit[1], deal_id
    return after


def settled(deals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "status": "paid"} for row in computed(deals, **POOLED).rows]


def test_a_late_deal_of_a_pooled_month_is_one_line() -> None:
    """10 % and 30 % pool to 12,000 (3,000 + 9,000). D3 at 50 % comes late: 3,000,000 at 30 % → 37,500, 25,500 more; one line."""
    first = [deal(1, 0.1), deal(2)]
    after = booked([*first, deal(3, 0.5)], settled(first))
    assert [(r["deal"], r["kind"], r["commission"]) for r in after[2:]] == [("D3", "late", 25_500.0)]
    assert after[2]["period"] == "2027-04" and after[2]["revenue"] == 1e6 and "2027-03" in after[2]["reason"]
    # The line is settled in turn; the next late deal is one line again.
    more = booked([*first, deal(3, 0.5), deal(4, 0.1)], [{**row, "status": "paid"} for row in after])
    assert [r["deal"] for r in more[3:]] == ["D4"]


def test_late_deals_have_a_line_each() -> None:
    first = [deal(1, 0.1), deal(2)]
    after = booked([*first, deal(3, 0.5), deal(4, 0.2)], settled(first))
    assert [(r["deal"], r["kind"]) for r in after[2:]] == [("D3", "late"), ("D4", "late")]


@pytest.mark.parametrize("changes", [{"cost": 800_000.0}, {"revenue": 1_200_000.0}])
def test_a_change_in_a_pooled_month_is_one_line(changes: dict[str, Any]) -> None:
    first = [deal(1, 0.1), deal(2), deal(3, 0.25)]
    after = booked([first[0], {**first[1], **changes}, first[2]], settled(first))
    assert [r["deal"] for r in after[3:]] == ["D2"]


def test_a_deal_that_leaves_a_pooled_month_takes_with_it_what_it_was_given() -> None:
    """10 %, 30 % and 25 % pool to 3,000,000 at 21.67 %: 20,500, D2 of them by margin 300 of 650: 9,461.54. It is P2's then; the others
    keep their parts (money.md 5), and nothing is told as re-priced."""
    first = [deal(1, 0.1), deal(2), deal(3, 0.25)]
    moved = [first[0], {**first[1], "seller": "P2"}, first[2]]
    ledger = settled(first)
    found = computed(moved, ledger, **POOLED)
    assert [(r["person"], r["deal"], r["commission"]) for r in found.rows if r["person"] == "P1"] == [("P1", "D2", -9_461.54)]
    assert not found.repriced
    again = computed(moved, [*ledger, *({**row, "status": "paid"} for row in found.rows)], **POOLED)
    assert not again.rows and not again.repriced


def test_the_order_of_rows_changes_nothing_in_a_pooled_month() -> None:
    """Issue point 15: sorting the Ledger let the action rewrite or move open adjustment rows."""
    first = [deal(1, 0.1), deal(2), deal(3, 0.25)]
    changed = [first[0], {**first[1], "cost": 800_000.0}, first[2], deal(4, 0.5)]
    after = booked(changed, settled(first))
    for turned in (list(reversed(after)), sorted(after, key=lambda r: r["commission"])):
        now = [row for row in turned if row["status"] == "paid"]
        assert {(r["deal"], r["kind"], r["commission"], r["period"]) for r in computed(changed, turned, **POOLED).rows} == {
            (r["deal"], r["kind"], r["commission"], r["period"]) for r in after[len(now) :]
        }


_margins = st.lists(st.sampled_from([-0.1, 0.05, 0.1, 0.22, 0.3, 0.47]), min_size=1, max_size=5)


@given(_margins, _margins, st.sampled_from(["paid", "reviewed"]))
def test_pooled_months_stay_exact_whatever_comes_late(first: list[float], late: list[float], status: str) -> None:
    before = [deal(i, m, revenue=333_333.33) for i, m in enumerate(first)]
    after = booked(
        [*before, *(deal(100 + i, m, revenue=77_777.77) for i, m in enumerate(late))],
        [{**row, "status": status} for row in settled(before)],
    )
    assert len(after) == len(first) + len(late)


# ------------------------------------------------------------------------------------- what money.md adds: rows, dates, returns


def test_a_value_changed_without_a_date_is_refused_and_repriced_when_asked(tmp_path: Path) -> None:
    """Case M08's rule: 3 settled rows, each of 1,000,000 at 30 %; 3 / 5 / 8 % overwritten by 4 / 5 / 8 %: 2,000 more each."""
    path = plan(tmp_path, deal(1), deal(2), deal(3, seller="P2"))
    do("commission", path)
    settle(path)
    package = Package.open(path)
    if "base_commission_rates" not in package.names:
        pytest.skip("the small plan has no Settings")
    named_cells(path, "base_commission_rates", [[0.04]])
    before = path.read_bytes()
    done = do("commission", path)
    said = str(done.outcome.problems[-1].text.zh)
    assert done.refused and "3 行" in said and "+6,000.00" in said and "P1 +4,000.00" in said and path.read_bytes() == before
    assert do("commission", path, reprice=True).refused
    assert do("commission", path, reprice=True, by="王总", why="补偿").written
    rows = [r for r in FileBook.open(path).read("Ledger").rows if r["kind"] == "adjustment"]
    assert [(r["deal"], r["commission"], r["by"]) for r in rows] == [(f"D{i}", 2_000.0, "王总") for i in (1, 2, 3)]
    assert all(r["reason"].startswith("补偿") for r in rows)


def back(number: int, original: str, revenue: float, date: dt.date, **more: Any) -> dict[str, Any]:
    """A return that names its order and nothing else."""
    blank = dict.fromkeys(("customer", "seller", "partner", "seller_share", "cost", "collected"))
    return {**blank, "id": f"R{number}", "date": date, "revenue": revenue, "original": original, **more}


def test_a_return_names_its_order_and_nothing_else(tmp_path: Path) -> None:
    """D1 of two people, returned in halves: each gives back what he got, to the fen."""
    path = plan(
        tmp_path,
        deal(1, partner="P2", seller_share=0.6),
        back(1, "D1", -500_000.0, dt.date(2027, 4, 2)),
        back(2, "D1", -500_000.0, dt.date(2027, 5, 2)),
    )
    assert do("commission", path).written
    rows = FileBook.open(path).read("Ledger").rows
    assert [(r["period"][5:], r["person"], r["deal"], r["kind"], r["commission"]) for r in rows] == [
        ("03", "P1", "D1", "accrual", 7_500.0), ("03", "P2", "D1", "accrual", 5_000.0),
        ("04", "P1", "R1", "clawback", -3_750.0), ("04", "P2", "R1", "clawback", -2_500.0),
        ("05", "P1", "R2", "clawback", -3_750.0), ("05", "P2", "R2", "clawback", -2_500.0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        (back(2, "R1", -1.0, dt.date(2027, 4, 3)), "original", "本身是退货"),
        (back(2, "D1", -1.0, dt.date(2027, 3, 1)), "date", "早于原单"),
        (back(2, "D1", -900_000.01, dt.date(2027, 4, 3)), "revenue", "1,000,000.01"),
        (back(2, "D1", -1.0, dt.date(2027, 4, 3), seller="P2"), "seller", "归属与原单 D1 不同"),
        (back(2, "D1", 5.0, dt.date(2027, 4, 3)), "revenue", "应为负数"),
    ],
)
def test_returns_that_are_none(tmp_path: Path, row: dict[str, Any], column: str, said: str) -> None:
    path = plan(tmp_path, deal(1), back(1, "D1", -100_000.0, dt.date(2027, 4, 2)), row, deal(2, seller="P2"))
    done = do("commission", path)
    held = FileBook.open(path).read("Deals")
    (problem,) = done.outcome.errors
    assert (problem.row, problem.column) == held.at(2, column) and said in problem.text.zh
    assert {a[1] for a in amounts(path)} <= {"P2"}


def test_who_is_left_out_is_named_on_the_cockpit(tmp_path: Path) -> None:
    """Money.md 10: by name in the terminal and on the cockpit; gone when it is corrected."""
    path = sample_plan("zh", tmp_path)
    place = next(i for i, row in enumerate(FileBook.open(path).read("Deals").rows) if row["seller"] == "P008")
    good = FileBook.open(path).read("Deals").rows[place]["cost"]
    change(path, {("Deals", place, "cost"): "七万"})
    done = do("commission", path)
    assert any("P008" in note.zh and "七万" in note.zh for note in done.outcome.notes)
    book = FileBook.open(path)
    assert book.first("pay_left_out") == "未计算提成：P008"
    cockpit = book.package.sheets["驾驶舱"].cells()
    assert any(cell.value == "未计算提成：P008" for cell in cockpit.values())
    assert not do("commission", path).effect
    change(path, {("Deals", place, "cost"): good})
    do("commission", path)
    assert not FileBook.open(path).first("pay_left_out")


@pytest.mark.parametrize(
    ("made_on", "as_of"),
    [("2026-11-20", "2027-01-01"), ("2027-05-03", "2027-05-03"), ("2028-02-01", "2027-12-31")],
)
def test_a_new_plan_counts_until_today_held_inside_its_year(made_on: str, as_of: str) -> None:
    """Case M30."""
    policy.set_today(dt.date.fromisoformat(made_on))
    try:
        assert Company("公司", 2027).day() == dt.date.fromisoformat(as_of)
    finally:
        policy.set_today(None)
