"""The statement cycle, from computing to paying, on the smallest plan and on the sample. Amounts as in test_commission: a deal of
1,000,000 at 30 % margin earns 12,500; at 10 % 3,000; at 25 % 8,500."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from addin import actions, live
from addin.action import Action, Done, Outcome
from addin.book import FileBook
from addin.changes import Block, Changes, Effect, Extent
from addin.live import LiveBook
from addin.locked import refuse
from addin.performing import perform
from tests.actions.company import company, deal
from tests.actions.steps import brought, change, do, tables_of
from tests.actions.test_live import opened
from tests.plans import sample_plan
from tests.small_plan import small_plan
from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.chapters.incentives import cycle
from workbook_templates.recalc import recalculate
from workbook_templates.xlsx.package import Package, Ref

MARCH, APRIL = "2027-03", "2027-04"


def plan(folder: Path, *deals: dict[str, Any], lang: str = "zh", as_of: dt.date = dt.date(2027, 3, 31)) -> Path:
    made = company(list(deals or (deal(1), deal(2, 0.1, seller="P2"))))
    made.as_of = as_of
    return small_plan(folder / "plan.xlsx", made, lang)


def to(step: str, path: Path, period: str = MARCH) -> Path:
    """Bring a month to this step."""

    def bring(path: Path) -> None:
        do("commission", path)
        for name, who in (("review", "周"), ("lock", "陈"), ("pay", "何")):
            assert do(name, path, period=period, by=who).written, name
            if name == step:
                break

    return brought(path, (step, period), bring)


def rows(path: Path, table: str = "Ledger") -> list[dict[str, Any]]:
    return FileBook.open(path).read(table).rows


def states(path: Path) -> list[str]:
    return [row["status"] for row in rows(path)]


def texts(done: Done) -> str:
    return "\n".join(str(p.text.zh) for p in done.outcome.errors)


def day(path: Path, when: dt.date) -> None:
    package = Package.open(path)
    sheet, ref = package.locate("as_of") or ("", Ref(1, 1, 1, 1))
    package.sheets[sheet].set_values({(ref.first_row, ref.first_col): float((when - dt.date(1899, 12, 30)).days)})
    recalculate(package)
    package.save(backup=False)


# ------------------------------------------------------------------------------------------------------- the whole cycle


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_from_computing_to_a_return_in_the_next_month(tmp_path: Path, lang: str) -> None:
    """March: computed, reviewed, disputed, answered, reviewed again, locked, paid. A return in April: March stays to the byte."""
    path = plan(tmp_path, lang=lang)
    do("commission", path)
    assert states(path) == ["computed", "computed"]
    assert do("review", path, period=MARCH, by="周").outcome.data == {
        "people": 2,
        "rows": 2,
        "total": 15_500.0,
        "paid": 15_500.0,
        "left_out": 0,
    }
    assert not do("review", path, period=MARCH, by="周").effect, "a second time changes nothing"
    raised = {"period": MARCH, "person": "P2", "deal": "D2", "remark": "成本不对", "owner": "周", "by": "P2"}
    do("dispute", path, **raised)
    assert states(path) == ["reviewed", "disputed"] and not do("dispute", path, **raised).effect
    refused = do("lock", path, period=MARCH, by="陈")
    assert refused.refused and "异议 1" in texts(refused) and "在异议中" in texts(refused)
    do("dispute", path, number=1, answer="成本含安装费")
    assert states(path) == ["reviewed", "computed"]
    assert do("lock", path, period=MARCH, by="陈").refused, "answered, but not reviewed anew"
    do("review", path, period=MARCH, by="周")
    do("dispute", path, number=1, close=True)
    assert do("lock", path, period=MARCH, by="陈").outcome.data["total"] == 15_500.0
    assert states(path) == ["locked", "locked"] and not do("lock", path, period=MARCH, by="陈").effect
    do("pay", path, period=MARCH, by="何", total=15_500.0)
    assert states(path) == ["paid", "paid"] and not do("pay", path, period=MARCH, by="何").effect
    march = ledger_cells(path)
    steps = [(a["step"], a["who"], a["people"], a["total"]) for a in rows(path, "Approvals")]
    assert steps == [
        ("reviewed", "周", 2, 15_500.0), ("reviewed", "周", 1, 3_000.0), ("approved", "陈", 2, 15_500.0),
        ("locked", "陈", 2, 15_500.0), ("paid", "何", 2, 15_500.0),
    ]  # fmt: skip
    add_return(path)
    day(path, dt.date(2027, 4, 30))
    do("commission", path)
    late = rows(path)[2:]
    assert [(r["period"], r["deal"], r["commission"]) for r in late] == [(APRIL, "D3", -12_500.0)]
    change(path, {("Deals", 1, "cost"): 750_000.0})  # D2 was 25 % after all: 8,500
    do("commission", path)
    assert [(r["period"], r["deal"], r["kind"], r["commission"]) for r in rows(path)[3:]] == [
        (APRIL, "D2", "adjustment", 5_500.0)
    ]
    assert rows(path)[3]["reason"] and {k: v for k, v in ledger_cells(path).items() if k in march} == march
    assert not FileBook.open(path).problems("Statements", "Approvals", "Disputes", references=False)
    to_april = [do(name, path, period=APRIL, by=who) for name, who in (("review", "周"), ("lock", "陈"), ("pay", "何"))]
    assert all(done.written for done in to_april) and set(states(path)) == {"paid"}


def ledger_cells(path: Path) -> dict[Any, Any]:
    sheet = FileBook.open(path).read("Ledger").grid.sheet
    return {key: cell for key, cell in tables_of(path).items() if key[0] == sheet and key[1][0] <= 8}


def add_return(path: Path) -> None:
    held = FileBook.open(path).read("Deals")
    package = Package.open(path)
    from workbook_templates.tables import grids

    back = {**deal(3, revenue=-1_000_000.0, date=dt.date(2027, 4, 10), original="D1"), "cost": -700_000.0}
    grids.append(package, grids.held(package, "Deals"), [back])
    recalculate(package)
    package.save(backup=False)
    assert len(held.rows) == 2


def test_a_deal_that_comes_late_is_booked_to_an_open_month(tmp_path: Path) -> None:
    """March is locked; a March deal imported in April earns in April, and says why; computing again changes nothing."""
    path = to("lock", plan(tmp_path))
    day(path, dt.date(2027, 4, 20))
    file = tmp_path / "late.csv"
    file.write_text("单号,签单日期,客户编号,主办工号,收入,成本\nD9,2027-03-30,C1,P1,1000000,700000\n", "utf-8")
    do("import", path, file=str(file))
    do("commission", path)
    last = rows(path)[-1]
    assert (last["period"], last["kind"], last["commission"]) == (APRIL, "late", 12_500.0) and MARCH in last["reason"]
    assert not do("commission", path).effect


def test_an_adjustment_goes_past_a_locked_month(tmp_path: Path) -> None:
    """The as-of day lies in March, and March is locked: the correction waits for April."""
    path = to("lock", plan(tmp_path))
    change(path, {("Deals", 0, "cost"): 750_000.0})
    do("commission", path)
    assert [(r["period"], r["commission"]) for r in rows(path)[2:]] == [(APRIL, -4_000.0)]
    assert not do("commission", path).effect


# -------------------------------------------------------------------------------------------------------- who may, and when


def test_everything_against_a_lock_is_said_at_once(tmp_path: Path) -> None:
    path = plan(tmp_path)
    do("commission", path)
    do("review", path, period=MARCH, by="周", person=["P1"])
    do("dispute", path, period=MARCH, person="P2", remark="少一单", owner="周")
    before = path.read_bytes()
    done = do("lock", path, period=MARCH, by="周")
    said = texts(done)
    assert done.refused and path.read_bytes() == before
    assert all(word in said for word in ("异议 1", "在异议中", "应由另一人批准")) and len(done.outcome.errors) == 3
    assert all(p.cell for p in done.outcome.errors)


@pytest.mark.parametrize(("by", "fine"), [("陈", True), ("周", False), (" 周 ", False), ("", False)])
def test_the_approver_is_not_the_reviewer(tmp_path: Path, by: str, fine: bool) -> None:
    path = to("review", plan(tmp_path))
    assert do("lock", path, period=MARCH, by=by).written is fine


def test_one_person_may_do_both_where_the_policy_says_so(tmp_path: Path) -> None:
    path = to("review", plan(tmp_path))
    package = Package.open(path)
    sheet, ref = package.locate("base_cycle_two_people") or ("", Ref(1, 1, 1, 1))
    package.sheets[sheet].set_values({(ref.first_row, ref.first_col): "否"})
    package.save(backup=False)
    assert do("lock", path, period=MARCH, by="周").written


def test_a_row_changed_between_review_and_lock_is_found(tmp_path: Path) -> None:
    path = to("review", plan(tmp_path))
    change(path, {("Ledger", 0, "kind"): "override", ("Ledger", 0, "by"): "王", ("Ledger", 0, "reason"): "奖励", ("Ledger", 0, "commission"): 13_000.0})  # fmt: skip
    done = do("lock", path, period=MARCH, by="陈")
    assert "12,500.00 → 13,000.00" in texts(done) and "重新审核" in texts(done)
    do("review", path, period=MARCH, by="周")
    assert do("lock", path, period=MARCH, by="陈").outcome.data["total"] == 16_000.0


def test_a_ledger_that_is_out_of_date_is_not_locked(tmp_path: Path) -> None:
    path = plan(tmp_path)
    do("commission", path)
    change(path, {("Deals", 0, "cost"): 750_000.0})
    do("review", path, period=MARCH, by="周")
    assert do("lock", path, period=MARCH, by="陈").refused, "reviewed in March, and March is where the adjustment belongs"
    do("commission", path)
    do("review", path, period=MARCH, by="周")
    assert do("lock", path, period=MARCH, by="陈").outcome.data["total"] == 11_500.0


def test_a_failing_check_stops_the_lock_unless_somebody_says_why(tmp_path: Path) -> None:
    path = sample_plan("zh", tmp_path)
    change(path, {("Deals", 0, "date"): dt.date(2026, 12, 31)})
    done = do("lock", path, period="2027-11", by="陈立")
    assert "签单日期在计划年度内" in texts(done)


def test_the_samples_november_can_be_locked_and_paid(tmp_path: Path) -> None:
    path = sample_plan("en", tmp_path)
    assert do("lock", path, period="2027-11", by="Chen Li").written
    assert do("pay", path, period="2027-11", by="He Jing").written
    verdict = FileBook.open(path).first("master_check")
    assert verdict == "OK" and not [p for p in FileBook.open(path).findings() if p.level == "error"]


def test_part_of_the_people(tmp_path: Path) -> None:
    path = to("review", plan(tmp_path))
    do("lock", path, period=MARCH, by="陈", person=["P2"])
    assert states(path) == ["reviewed", "locked"]
    paid = do("pay", path, period=MARCH, by="何")
    assert states(path) == ["reviewed", "paid"] and "P1" in str(paid.outcome.notes[0])
    assert "P9" in texts(do("lock", path, period=MARCH, by="陈", person=["P9"]))
    with pytest.raises(Refused):
        do("lock", path, period="三月", by="陈")
    assert "2027-09" in texts(do("review", path, period="2027-09"))


def test_pay_holds_the_payrolls_total_against_what_is_locked(tmp_path: Path) -> None:
    path = to("lock", plan(tmp_path))
    done = do("pay", path, period=MARCH, total=15_499.99)
    assert done.refused and "15,500.00" in texts(done) and states(path) == ["locked", "locked"]
    do("payroll", path, period=MARCH, out=str(tmp_path / "pay.csv"))
    lines = (tmp_path / "pay.csv").read_text("utf-8-sig").splitlines()[1:]
    total = sum(float(line.split(",")[3]) for line in lines)
    assert total == 15_500.0 and do("pay", path, period=MARCH, total=total).written


def test_rows_locked_by_hand_are_told_and_can_be_put_right(tmp_path: Path) -> None:
    """Whoever types “locked” stops everything that knows of pay, until it is put back and goes through review and lock."""
    path = plan(tmp_path)
    do("commission", path)
    change(path, {("Ledger", i, "status"): "locked" for i in range(2)})
    assert "没有批准记录" in "".join(p.text.zh for p in found(path))
    for name in ("pay", "review", "lock"):
        assert do(name, path, period=MARCH, by="周").refused
    change(path, {("Ledger", i, "status"): "computed" for i in range(2)})
    do("review", path, period=MARCH, by="周")
    do("lock", path, period=MARCH, by="陈")
    assert not found(path) and do("pay", path, period=MARCH).written


# ------------------------------------------------------------------------------------------------------------- disputes


def test_what_people_type_on_the_sheet_is_taken_up(tmp_path: Path) -> None:
    path = to("review", plan(tmp_path))
    typed = {"period": MARCH, "person": "P1", "remark": "少一单", "owner": "周"}
    change(path, {("Disputes", 0, key): value for key, value in typed.items()}) if rows(path, "Disputes") else first_row(
        path, typed
    )
    do("dispute", path)
    said = rows(path, "Disputes")[0]
    assert (said["number"], said["state"]) == (1, "open") and said["raised_by"] and said["raised_on"]
    assert states(path) == ["disputed", "reviewed"] and not do("dispute", path).effect
    change(path, {("Disputes", 0, "answer"): "已补录"})
    do("dispute", path)
    assert rows(path, "Disputes")[0]["state"] == "answered" and states(path) == ["computed", "reviewed"]
    do("undo", path)
    assert states(path) == ["disputed", "reviewed"]


def first_row(path: Path, values: dict[str, Any]) -> None:
    package = Package.open(path)
    from workbook_templates.tables import grids

    grids.append(package, grids.held(package, "Disputes"), [values])
    package.save(backup=False)


def test_a_withdrawn_remark_leaves_rows_as_they_were(tmp_path: Path) -> None:
    path = to("review", plan(tmp_path))
    do("dispute", path, period=MARCH, person="P1", remark="少一单", owner="周")
    do("dispute", path, number=1, close=True)
    assert states(path) == ["reviewed", "reviewed"] and do("lock", path, period=MARCH, by="陈").written


def test_a_row_with_two_remarks_waits_for_both(tmp_path: Path) -> None:
    path = to("review", plan(tmp_path))
    do("dispute", path, period=MARCH, person="P1", remark="少一单", owner="周")
    do("dispute", path, period=MARCH, person="P1", deal="D1", remark="毛利不对", owner="周")
    do("dispute", path, number=2, answer="已改")
    assert states(path)[0] == "disputed"
    do("dispute", path, number=1, close=True)
    assert states(path)[0] == "computed"


def test_a_remark_on_a_locked_statement_changes_no_row(tmp_path: Path) -> None:
    path = to("pay", plan(tmp_path))
    before = ledger_cells(path)
    done = do("dispute", path, period=MARCH, person="P1", remark="少一单", owner="周")
    assert done.written and ledger_cells(path) == before and "以后月份" in str(done.outcome.notes[0])


@pytest.mark.parametrize("later", ["review", "lock", "pay"])
@pytest.mark.parametrize("deal_id", [None, "R1"])
def test_a_remark_on_a_month_that_a_later_statement_rests_on_changes_no_row(
    tmp_path: Path, later: str, deal_id: str | None
) -> None:
    """February pays 12,500; March takes it back, −12,500 carried; April earns 3,000 and carries −9,500. Were March opened again once
    April is reviewed, its −12,500 would count in April's opening and once more in May. It stays; the correction is a row of May."""
    orders = (
        deal(1, date=dt.date(2027, 2, 5)),
        deal(2, id="R1", date=dt.date(2027, 3, 5), revenue=-1_000_000.0, cost=-700_000.0, original="D1"),
        deal(3, 0.1, date=dt.date(2027, 4, 5)),
    )
    path = plan(tmp_path, *orders, as_of=dt.date(2027, 5, 31))
    to("pay", path, "2027-02")
    to("review", path, MARCH)
    to(later, path, APRIL)
    settled = {key: rows(path, key) for key in ("Ledger", "Accounts")}
    done = do("dispute", path, period=MARCH, person="P1", deal=deal_id, remark="少扣", owner="周")
    assert done.written and "以后月份" in str(done.outcome.notes[0])
    assert rows(path) == settled["Ledger"]
    do("dispute", path, number=1, answer="退货额已更正", close=True)
    change(path, {("Deals", 1, "revenue"): -800_000.0, ("Deals", 1, "cost"): -560_000.0})
    assert do("commission", path).written
    assert rows(path)[: len(settled["Ledger"])] == settled["Ledger"]
    (row,) = rows(path)[len(settled["Ledger"]) :]
    assert (row["period"], row["kind"], row["deal"], row["commission"]) == ("2027-05", "adjustment", "R1", 2_500.0)
    accounts = [(a["month"], a["opening"], a["paid"], a["closing"]) for a in rows(path, "Accounts") if a["person"] == "P1"]
    assert accounts == [
        ("2027-02", 0, 12_500, 0), (MARCH, 0, 0, -12_500), (APRIL, -12_500, 0, -9_500), ("2027-05", -9_500, 0, -7_000),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "options",
    [
        {"number": 7, "answer": "x"},
        {"number": 1},
        {"period": MARCH, "person": "P9", "remark": "x", "owner": "周"},
        {"period": MARCH, "person": "P1", "deal": "D2", "remark": "x", "owner": "周"},
        {"period": MARCH, "person": "P1", "remark": "x"},
    ],
)
def test_a_dispute_about_nothing_is_refused(tmp_path: Path, options: dict[str, Any]) -> None:
    path = to("review", plan(tmp_path))
    do("dispute", path, period=MARCH, person="P1", remark="少一单", owner="周")
    before = path.read_bytes()
    assert do("dispute", path, **options).refused and path.read_bytes() == before


# ------------------------------------------------------------------------------------------------- what never changes


@pytest.mark.parametrize("step", ["lock", "pay"])
def test_a_lock_or_a_payment_is_not_undone(tmp_path: Path, step: str) -> None:
    path = to(step, plan(tmp_path))
    before = path.read_bytes()
    with pytest.raises(Refused, match="以后月份"):
        do("undo", path)
    assert path.read_bytes() == before


def test_a_review_can_be_undone(tmp_path: Path) -> None:
    path = plan(tmp_path)
    do("commission", path)
    before = tables_of(path)
    do("review", path, period=MARCH, by="周")
    do("undo", path)
    assert tables_of(path) == before


def attempting(changes: Changes) -> Action:
    """An action that would do what none of ours should."""
    said = Text("试", "try")
    return Action(
        label=said, tip=said, about=said, group="tools", order=1, icon="Help", keytip="Q9",
        run=lambda book, options, progress: Outcome(said, changes),
    )  # fmt: skip


def attempts(path: Path) -> dict[str, Changes]:
    book = FileBook.open(path)
    held = book.read("Ledger")
    first, sheet, last = held.rows[0], held.grid.sheet, held.grid.data.last_row
    line = Ref(held.lines[0], held.grid.data.first_col, held.lines[0], held.grid.data.last_col)
    out = {name: Changes() for name in ("amount", "status", "text", "gone", "added", "statement", "approval")}
    out["amount"].edit("Ledger", 0, commission=1.0)
    out["status"].edit("Ledger", 0, status="computed")
    out["text"].edit("Ledger", 0, reason="x")
    out["gone"].replaced["Ledger"] = held.rows[1:]
    out["added"].add("Ledger", [{**first, "deal": "D2", "status": "computed"}])
    out["statement"].edit("Statements", 0, total=1.0)
    out["approval"].replaced["Approvals"] = book.read("Approvals").rows[:1]
    # As an undo would put it: cells, and a Table cut short.
    old = book.area(sheet, line)
    out["cells"] = Changes(effect=Effect(blocks=(Block(sheet, line, old, [[None] * len(old[0])]),)))
    out["cut"] = Changes(effect=Effect((Extent(held.grid.name, sheet, last, last - 1),)))
    return out


@pytest.mark.parametrize("what", ["amount", "status", "text", "gone", "added", "statement", "approval", "cells", "cut"])
@pytest.mark.parametrize("host", ["file", "excel"])
def test_no_action_whatever_changes_what_is_locked(tmp_path: Path, what: str, host: str) -> None:
    path = to("lock", plan(tmp_path))
    before, attempt = path.read_bytes(), attempting(attempts(path)[what])
    book = FileBook.open(path) if host == "file" else LiveBook(opened(path))
    with pytest.raises(Refused, match=r"锁定"):
        perform(attempt, book, attempt.defaults(), backup=False)
    assert path.read_bytes() == before


def test_rows_below_may_move_and_open_ones_may_change(tmp_path: Path) -> None:
    """The guard looks at rows, not at places: a computed row above the locked ones may go."""
    path = plan(tmp_path, deal(1, date=dt.date(2027, 4, 1)), deal(2, 0.1), as_of=dt.date(2027, 4, 30))
    to("lock", path)
    change(path, {("Deals", 0, "seller"): "P2"})
    assert do("commission", path).written
    assert Counter((r["deal"], r["status"]) for r in rows(path)) == {("D1", "computed"): 1, ("D2", "locked"): 1}


def test_every_action_leaves_a_paid_month_alone(tmp_path: Path) -> None:
    """Commission, quota, undo on the sample after deals, people and settings changed: paid rows stay."""
    path = sample_plan("zh", tmp_path)
    change(path, {("Deals", 3, "cost"): 1.0, ("Deals", 9, "seller"): "P020", ("People", 30, "left"): dt.date(2027, 2, 1)})

    def paid() -> Counter[str]:
        return Counter(cycle.content(r) + r["status"] for r in rows(path) if r["status"] in cycle.FIXED)

    before = paid()
    for name in ("commission", "undo", "commission", "quota", "undo", "undo"):
        do(name, path)
        assert paid() == before, name


def found(path: Path) -> list[Any]:
    """What is wrong with these sheets; the smallest plan has no Checks sheet, which is told apart."""
    sheets = ("提成台账", "对账单", "审批")
    return [p for p in FileBook.open(path).findings() if p.level == "error" and p.sheet.startswith(sheets)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({("Ledger", 0, "commission"): 13_000.0}, ("P1", "D1", "12,500.00 → 13,000.00", "对账单合计 12,500.00 → 13,000.00")),
        ({("Ledger", 1, "reason"): "改一下"}, ("P2", "D2", "3,000.00 → 3,000.00")),
        ({("Ledger", 1, "status"): "computed"}, ("P2", "D2", "状态被改")),
        ({("Ledger", 0, "period"): APRIL}, ("移动", "P1", "D1", "12,500.00", "现在在 2027-04")),
        ({("Statements", 0, "total"): 1.0}, ("审批", "15,500.00", "3,001.00")),
        ({("Approvals", 2, "total"): 1.0}, ("审批", "1.00", "15,500.00")),
    ],
)
@pytest.mark.parametrize("host", ["file", "excel"])
def test_a_change_by_hand_is_found_and_named(tmp_path: Path, changes: Any, said: tuple[str, ...], host: str) -> None:
    path = to("lock", plan(tmp_path))
    assert not found(path)
    change(path, changes)
    told = FileBook.open(path).findings() if host == "file" else LiveBook(opened(path)).findings()
    assert any(all(word in p.text.zh for word in said) and p.cell for p in told), [str(p.text) for p in told]


def test_the_checks_sheet_sees_it_too(tmp_path: Path) -> None:
    path = sample_plan("zh", tmp_path)
    place = next(i for i, r in enumerate(rows(path)) if r["status"] == "locked")
    change(path, {("Ledger", place, "commission"): 1.0})
    assert FileBook.open(path).first("master_check") == "有误"
    found = {p.code: p.text.zh for p in FileBook.open(path).findings()}
    assert "锁定后被改" in found["statements.approved"]
    assert "台账计入账户 = 账户合计" in found["accounts.ledger"], "the sheet's own formula sees that the sums part"


# ----------------------------------------------------------------------------------------------------------- in Excel


def test_the_buttons_do_the_same_in_excel(tmp_path: Path) -> None:
    path = to("review", plan(tmp_path))
    (tmp_path / "excel").mkdir()
    copy = Path(shutil.copy(path, tmp_path / "excel"))
    workbook = opened(copy)
    workbook.fullname = str(copy)  # the seal file lies beside it
    book = LiveBook(workbook)
    every = actions.every()
    perform(every["lock"], book, every["lock"].defaults(period=MARCH, by="陈"))
    assert [r["status"] for r in LiveBook(workbook).read("Ledger").rows] == ["locked", "locked"]
    with pytest.raises(Refused, match="不能撤销"):
        live.press(every["undo"], workbook)
    perform(every["pay"], LiveBook(workbook), every["pay"].defaults(period=MARCH, by="何"))
    do("lock", path, period=MARCH, by="陈")
    do("pay", path, period=MARCH, by="何")
    mine, theirs = LiveBook(workbook).read("Statements").rows, rows(path, "Statements")
    assert mine == theirs, "the same hashes in both hosts"


def test_the_guard_itself_says_nothing_about_other_sheets(tmp_path: Path) -> None:
    path = to("lock", plan(tmp_path))
    book = FileBook.open(path)
    refuse(book, Effect(blocks=(Block("参数", Ref(60, 2, 60, 2), [[None]], [["x"]]),)))


def test_what_was_changed_after_the_lock_is_not_paid(tmp_path: Path) -> None:
    path = to("lock", plan(tmp_path))
    change(path, {("Ledger", 0, "commission"): 13_000.0})
    done = do("pay", path, period=MARCH)
    assert done.refused and "12,500.00 → 13,000.00" in texts(done) and states(path) == ["locked", "locked"]
