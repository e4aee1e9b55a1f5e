"""Settling dealers: what is due, and what that makes of a ledger. Amounts are worked out by hand from two tiers: 10 % up to
2,000,000 of a quarter's sales, 13 % on the part above; so 3,000,000 earns 330,000."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plans import sample_company
from udfs import speaking
from udfs.values import total_of
from workbook_templates.chapters import sample
from workbook_templates.chapters.channels.settlement import RebateTerms, due, quarter_end, quarter_of, settle
from workbook_templates.intake.parsing import Bad, parser
from workbook_templates.tables.schema import Row, table

TERMS = RebateTerms(thresholds=(0, 2_000_000), rates=(0.10, 0.13))
COLLEGES = ("product", "sales", "delivery", "finance")
YEAR_END = dt.date(2027, 12, 31)


def quarter(number: int, sales: float = 3_000_000.0, dealer: str = "V1", good: bool = True) -> Row:
    """A dealer's quarter that reaches the 633, or misses it by half."""
    half = 1.0 if good else 0.5
    return {"quarter": f"2027-Q{number}", "dealer": dealer, "sales": sales, "last_year": sales / (1 + 0.3 * half),
            "new_sales": sales * 0.3 * half, "share": 0.6 * half}  # fmt: skip


def exams(score: float = 90.0, day: dt.date = dt.date(2027, 2, 1), college: str | None = None, dealer: str = "V1") -> list[Row]:
    return [{"dealer": dealer, "college": c, "date": day, "score": score} for c in ([college] if college else COLLEGES)]


def settled(ledger: list[Row], sales: list[Row], sat: list[Row], as_of: dt.date = YEAR_END, **more: Any) -> list[Row]:
    """The ledger after settling."""
    result = settle(due(sales, sat, as_of, TERMS), ledger, as_of, as_of, **more)
    kept = [result.edited.get(i, row) for i, row in enumerate(ledger) if i not in result.removed]
    return [*kept, *result.added]


def told(rows: list[Row]) -> list[tuple[Any, ...]]:
    return [(r["quarter"], r["kind"], r["rebate"], r["paid"], r["withheld"]) for r in rows]


def locked(rows: list[Row]) -> list[Row]:
    return [{**r, "status": "locked"} for r in rows]


def test_quarters() -> None:
    assert quarter_of(dt.date(2027, 12, 31)) == "2027-Q4" and quarter_of(dt.date(2027, 4, 1)) == "2027-Q2"
    assert [quarter_end(f"2027-Q{n}") for n in (1, 2, 3, 4)] == [
        dt.date(2027, 3, 31), dt.date(2027, 6, 30), dt.date(2027, 9, 30), YEAR_END,
    ]  # fmt: skip


def test_a_quarter_that_is_not_over_is_not_settled() -> None:
    assert due([quarter(2)], exams(), dt.date(2027, 6, 29), TERMS) == {}
    assert settled([], [quarter(1), quarter(2)], exams(), dt.date(2027, 6, 29)) == settled(
        [], [quarter(1)], exams(), dt.date(2027, 6, 29)
    )


def test_a_dealer_without_last_year_is_not_rated_and_not_a_growth_of_nought() -> None:
    """Issue 11, point 12: its rebate is due, its 633 has no growth; the quarter breaks a run as one without figures does."""
    new = {**quarter(2, good=False), "last_year": None}
    rows = settled([], [quarter(1, good=False), new, quarter(3, good=False)], exams())
    assert [(r["rebate"], r["mean"] is None, r["minimum"] is None, r["verdict"]) for r in rows] == [
        (330_000, False, False, "warning"), (330_000, True, True, None), (330_000, False, False, "warning"),
    ]  # fmt: skip
    assert settled(locked(rows), [quarter(1, good=False), new, quarter(3, good=False)], exams()) == locked(rows), "and stays so"
    late = settled(locked(rows), [quarter(1, good=False), {**new, "last_year": 2_000_000.0}, quarter(3, good=False)], exams())
    assert any("不评 → " in (row["reason"] or "") for row in late), "last year's figure comes in later"
    (row,) = settled([], [{**quarter(1), "last_year": -5_000.0}], exams())
    assert row["mean"] is None, "last year's quarter of net returns is nothing to compare with"


def test_extreme_quarters_are_computed() -> None:
    """money.md 10: growth of 2,583 % and a quarter of net returns are shown, not refused."""
    grown = {**quarter(1), "last_year": 3_000_000 / 26.83}
    returned = {**quarter(2, -400_000.0), "last_year": 1_000_000.0, "new_sales": -100_000.0}
    first, second = settled([], [grown, returned], exams())
    assert (first["mean"], first["rebate"]) == (1.0, 330_000)
    assert (second["mean"], second["minimum"], second["rebate"]) == (pytest.approx(1 / 3), 0.0, 0.0)


def test_paid_withheld_and_why() -> None:
    assert told(settled([], [quarter(1)], exams())) == [("2027-Q1", "accrual", 330_000, 330_000, 0)]
    (row,) = settled([], [quarter(1)], [*exams(), *exams(79.5, dt.date(2027, 3, 1), "finance")])
    assert (row["paid"], row["withheld"], row["reason"]) == (0, 330_000, "暂扣：融资学院79.5分（及格 80）")
    with speaking("en"):
        (row,) = settled([], [quarter(1)], exams(80.0)[:3])
    assert row["withheld"] == 330_000 and row["reason"] == "withheld: Financing college not sat (pass 80)"


def test_what_is_open_is_computed_anew_and_what_says_so_already_is_left() -> None:
    rows = settled([], [quarter(1)], exams())
    later = {**rows[0], "computed_on": dt.date(2027, 4, 5)}
    assert settled([later], [quarter(1)], exams()) == [later], "nothing changed: not even the day"
    assert told(settled(rows, [quarter(1, 2_000_000.0)], exams())) == [("2027-Q1", "accrual", 200_000, 200_000, 0)]
    assert settled(rows, [], exams()) == []


def test_a_release_is_a_line_of_its_own() -> None:
    failing, passed = [*exams(), *exams(70, dt.date(2027, 3, 1), "sales")], exams(81, dt.date(2027, 5, 1), "sales")
    rows = locked(settled([], [quarter(1)], failing, dt.date(2027, 4, 20)))
    after = settled(rows, [quarter(1)], [*failing, *passed], dt.date(2027, 6, 5))
    assert told(after) == [("2027-Q1", "accrual", 330_000, 0, 330_000), ("2027-Q1", "release", 0, 330_000, -330_000)]
    assert after[0] == rows[0] and after[1]["booked"] == "2027-Q2" and "补发" in after[1]["reason"]
    assert settled(after, [quarter(1)], [*failing, *passed], dt.date(2027, 9, 5)) == after, "once, and in the quarter it came in"


def test_what_was_paid_is_not_taken_back_for_a_later_exam() -> None:
    rows = locked(settled([], [quarter(1)], exams(), dt.date(2027, 4, 20)))
    failed = [*exams(), *exams(20, dt.date(2027, 5, 1), "product")]
    assert settled(rows, [quarter(1)], failed) == rows
    # What is earned on top is kept back; what is earned less comes off what was paid.
    more = settled(rows, [quarter(1, 4_000_000.0)], failed)
    assert told(more)[1:] == [("2027-Q1", "adjustment", 130_000, 0, 130_000)] and "暂扣" in more[1]["reason"]
    assert told(settled(rows, [quarter(1, 2_000_000.0)], failed))[1:] == [("2027-Q1", "adjustment", -130_000, -130_000, 0)]


@pytest.mark.parametrize("status", ["reviewed", "disputed", "locked", "paid"])
def test_a_settled_row_stays_and_an_adjustment_says_old_and_new(status: str) -> None:
    rows = [{**r, "status": status} for r in settled([], [quarter(1)], exams(), dt.date(2027, 4, 20))]
    after = settled(rows, [quarter(1, 2_000_000.0)], exams(), dt.date(2027, 7, 5))
    assert after[0] == rows[0]
    assert told(after)[1:] == [("2027-Q1", "adjustment", -130_000, -130_000, 0)]
    assert after[1]["sales"] == -1_000_000 and after[1]["booked"] == "2027-Q3"
    assert after[1]["reason"] == "提货额 3,000,000.00 → 2,000,000.00；应得返利 330,000.00 → 200,000.00"
    assert told(settled(after, [quarter(1)], exams())) == told(rows), "the open adjustment goes when nothing is to adjust"
    gone = settled(rows, [], exams())
    assert told(gone)[1:] == [("2027-Q1", "adjustment", -330_000, -330_000, 0)] and "删去" in gone[1]["reason"]


def test_the_exit_is_counted_over_the_quarters_and_a_turned_verdict_is_said() -> None:
    sales = [quarter(1, good=False), quarter(2, good=False), quarter(4, good=False)]
    rows = settled([], sales, exams())
    assert [r["verdict"] for r in rows] == ["warning", "exit", "warning"], "the missing third quarter breaks the run"
    after = settled(locked(rows), [quarter(1), *sales[1:]], exams())
    assert told(after)[3:] == [("2027-Q1", "adjustment", 0, 0, 0), ("2027-Q2", "adjustment", 0, 0, 0)]
    assert [r["reason"] for r in after[3:]] == ["结论 预警 → 留用", "结论 启动退出 → 预警"]


def test_the_contract_may_count_each_ratio() -> None:
    lopsided = {**quarter(1), "new_sales": 3_000_000.0 * 0.12}  # rules, chapter 4: mean 0.8, minimum 0.4
    told_ = {b: due([lopsided], exams(), YEAR_END, RebateTerms(basis=b))["2027-Q1", "V1"] for b in ("mean", "each")}
    assert (told_["mean"].mean, told_["mean"].minimum) == (0.8, 0.4)
    assert [told_[b].verdict for b in told_] == ["retain", "warning"]


def test_quarters_of_the_year_before_count_for_the_run_and_earn_nothing_again() -> None:
    old = {**quarter(4, good=False), "quarter": "2026-Q4"}
    rows = settled([], [old, quarter(1, good=False)], exams(day=dt.date(2026, 2, 1)), first="2027-Q1")
    assert [(r["quarter"], r["verdict"]) for r in rows] == [("2027-Q1", "exit")]
    # A settled row of that year stays whether its quarter is still in the Table or not; one withheld is released.
    carried = [{**r, "quarter": "2026-Q4", "status": "paid"} for r in settled([], [quarter(4, good=False)], exams())]
    assert settled(carried, [], exams(), first="2027-Q1") == carried
    held = [{**r, "paid": 0.0, "withheld": r["rebate"], "verdict": "warning"} for r in carried]
    assert [r["kind"] for r in settled(held, [old], exams(day=dt.date(2026, 2, 1)), first="2027-Q1")] == ["accrual", "release"]


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("2027-Q1", "2027-Q1"),
        ("2027q3", "2027-Q3"),
        ("2027年一季度", "2027-Q1"),
        ("2027年第4季度", "2027-Q4"),
        ("Q2 2027", "2027-Q2"),
        ("2027-05", "2027-Q2"),
        (dt.date(2027, 12, 1), "2027-Q4"),
    ],
)
def test_quarters_as_exports_write_them(cell: Any, wanted: str) -> None:
    assert parser(table("DealerSales")["quarter"])(cell) == wanted


@pytest.mark.parametrize("cell", ["Q5 2027", "2027-Q0", "一季度", "2027"])
def test_what_is_no_quarter_is_refused(cell: str) -> None:
    with pytest.raises(Bad):
        parser(table("DealerSales")["quarter"])(cell)


def test_one_quarter_alone() -> None:
    sales = [quarter(1), quarter(2)]
    assert [r["quarter"] for r in settled([], sales, exams(), quarter="2027-Q2")] == ["2027-Q2"]


def test_a_policy_that_can_not_be_applied_is_refused() -> None:
    with pytest.raises(ValueError, match="第 2 档"):
        due([quarter(1)], exams(), YEAR_END, RebateTerms(thresholds=(5, 5), rates=(0.1, 0.1)))


STEPS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 6), st.sampled_from([60, 79, 80, 95]), st.sampled_from(["computed", "locked", "paid"])),
    min_size=1, max_size=8,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_whatever_happens_the_ledger_adds_up(steps: list[tuple[int, int, int, str]]) -> None:
    """Sales corrected, exams sat again, rows settled, in any order: sums are what is due, settled rows never change,
    twice is once."""
    ledger: list[Row] = []
    sales: dict[int, Row] = {}
    sat = exams()
    for number, (place, millions, score, status) in enumerate(steps):
        sales[place] = quarter(place, millions * 1e6)
        sat = [*sat, *exams(score, dt.date(2027, 3, 1) + dt.timedelta(number), "delivery")]
        before = [r for r in ledger if r["status"] != "computed"]
        paid_before = {q: total_of(r["paid"] for r in before if r["quarter"] == f"2027-Q{q}") for q in sales}
        ledger = settled(ledger, list(sales.values()), sat)
        assert [r for r in ledger if r["status"] != "computed"] == before
        assert settled(ledger, list(sales.values()), sat) == ledger
        wanted = due(list(sales.values()), sat, YEAR_END, TERMS)
        for (name, _), target in wanted.items():
            own = [r for r in ledger if r["quarter"] == name]
            rebate, paid, withheld = (total_of(r[k] for r in own) for k in ("rebate", "paid", "withheld"))
            assert (rebate, total_of([paid, withheld])) == (target.rebate, rebate)
            assert withheld >= 0
            assert paid == (target.rebate if score >= 80 else min(paid_before[int(name[-1])], target.rebate))
        ledger = [{**r, "status": status} if r["status"] == "computed" else r for r in ledger]


def test_the_sample_shows_the_hard_cases_and_is_up_to_date() -> None:
    company = sample_company("zh")
    rows = company.of("DealerLedger")
    last = {r["dealer"]: r for r in rows if r["quarter"] == "2027-Q4"}
    assert {d: r["verdict"] for d, r in last.items() if r["verdict"] != "retain"} == {
        "V03": "warning",
        "V05": "exit",
        "V08": "warning",
    }
    assert {r["dealer"] for r in rows if r["withheld"] > 0} == {"V06", "V09"} and [
        r["dealer"] for r in rows if r["kind"] == "release"
    ] == ["V09"]
    assert total_of(r["sales"] for r in company.of("DealerSales")) == 168_000_000, (
        "rules, chapter 11: 21,000,000 of rebates at 1:8"
    )
    assert total_of(r["rebate"] for r in rows) <= 21_000_000
    result = settle(due(company.of("DealerSales"), company.of("Exams"), sample.AS_OF), rows, sample.AS_OF, sample.AS_OF)
    assert not (result.added or result.edited or result.removed)
    assert {c.key for c in table("DealerLedger").columns} == set(rows[0])


def test_a_dealer_left_out_keeps_its_rows() -> None:
    rows = settled([], [quarter(1), quarter(1, dealer="V2")], exams() + exams(dealer="V2"))
    assert settled(rows, [quarter(1, dealer="V2")], exams(dealer="V2"), skipped={"V1"}) == rows
    assert len(settled(rows, [quarter(1, dealer="V2")], exams(dealer="V2"))) == 1
