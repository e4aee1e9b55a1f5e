"""Arithmetic that was broken on purpose (``nox -s mutants``) and that no test of the core noticed: each as the few rows that show it."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest

from tests.pay.by_core import ByCore
from tests.pay.test_found import books, deal
from udfs.due import Order, Terms, credits, shared
from udfs.text import speaking
from workbook_templates.chapters.incentives import cycle
from workbook_templates.chapters.incentives.cycle import Tables
from workbook_templates.chapters.incentives.cycle.digests import is_fixed
from workbook_templates.chapters.incentives.cycle.guard import _state_text
from workbook_templates.chapters.incentives.cycle.state import called, number_of
from workbook_templates.chapters.incentives.cycle.steps import _Places, _zero
from workbook_templates.chapters.incentives.pay.facts import tiers_cell
from workbook_templates.chapters.incentives.pay.reading import _approvals, _twice
from workbook_templates.chapters.incentives.pay.worth import POOLED
from workbook_templates.tables.policies import Policies


def row_of(kept: ByCore, table: str, **said: Any) -> dict[str, Any]:
    (found,) = [row for row in kept.rows(table) if all(row[key] == value for key, value in said.items())]
    return found


def test_a_pool_of_nothing_is_shared_out_as_nothing() -> None:
    """Two orders of a month without margin, pooled: no weights to go by, and each gets 0."""
    facts = [deal("D1", "2027-02-01", 100_000, 100_000), deal("D2", "2027-02-10", 50_000, 50_000), deal("D3", "2027-02-11", 9, 9)]
    kept = books(facts, "2027-02", settings={"commission.basis": POOLED})
    assert {(row["deal"], row["commission"]) for row in kept.rows("Ledger")} == {("D1", 0.0), ("D2", 0.0), ("D3", 0.0)}


def test_what_goes_on_hold_comes_off_it_as_a_hold() -> None:
    """200,000 at 20 %: 3 % of 40,000 is 1,200, on hold in March, off it in April; both rows are of the component hold."""
    hold = {"on": "2027-03-11", "enter": {"Holds": [{"person": "A", "deal": "D1", "from": "2027-03", "until": "2027-03", "reason": "audit", "by": "S"}]}}  # fmt: skip
    kept = books([deal("D1", "2027-03-10", 200_000, 160_000), hold, deal("D2", "2027-04-10", 9, 9)], "2027-04")
    held = [
        (row["period"], row["kind"], row["component"], row["commission"]) for row in kept.rows("Ledger") if row["deal"] == "D1"
    ]
    assert sorted(held) == [
        ("2027-03", "accrual", "commission", 1_200.0),
        ("2027-03", "hold", "hold", 1_200.0),
        ("2027-04", "unhold", "hold", 1_200.0),
    ]


def test_an_account_shows_its_own_persons_quota() -> None:
    """A sold 200,000 of 400,000: half; B has another quota."""
    kept = ByCore()
    for who, amount in (("A", 400_000), ("B", 100_000)):
        kept.put("People", {"id": who, "name": who, "level": "representative", "line": "direct", "joined": dt.date(2020, 1, 1)})
        kept.quota(who, "2027-02", amount)
    kept.put(
        "Deals",
        {"id": "D1", "date": dt.date(2027, 2, 1), "seller": "A", "revenue": 200_000, "cost": 160_000, "seller_share": 1.0},
    )
    kept.day(dt.date(2027, 2, 28))
    assert not kept.commission({}).refused
    account = row_of(kept, "Accounts", person="A", month="2027-02")
    assert (account["quota"], account["attainment"]) == (400_000, 0.5)


def test_tiers_of_a_rule_may_be_a_number_a_share_or_a_name() -> None:
    assert [tiers_cell(cell) for cell in (0.06, 1, "10 %", "10％", "大客户", "")] == [0.06, 1.0, 0.1, 0.1, "大客户", None]


# ------------------------------------------------------------------------------------------------------------- reading


def held(*rows: dict[str, Any]) -> Any:
    """Rows of a sheet as the reading of pay holds them; row 7 is the first."""
    grid = SimpleNamespace(sheet="S")
    return SimpleNamespace(rows=rows, lines=[7 + i for i in range(len(rows))], grid=grid, at=lambda index, key: (7 + index, 1))


@pytest.mark.parametrize(("revenue", "told"), [(3_000_000.0, 0), (3_000_000.01, 1)])
def test_only_above_the_limit_a_second_person_has_to_approve(revenue: float, told: int) -> None:
    """ "Above" is above (wording of the setting), to the fen."""
    one = {
        "id": "D1",
        "date": dt.date(2027, 3, 5),
        "original": None,
        "revenue": revenue,
        "approved_by": "Li",
        "entered_by": "Ｌｉ",
    }
    assert len([*_approvals(held(one), Policies({"review.limit": 3e6}), {})]) == told


def test_two_decisions_that_differ_are_two() -> None:
    one = {
        "period": "2027-03",
        "person": "P1",
        "deal": None,
        "kind": "bonus",
        "status": "computed",
        "commission": 500.0,
        "reason": "a",
    }
    assert not [*_twice(held(one, {**one, "reason": "b"}, {**one, "person": "P2"}))]
    (found,) = _twice(held(one, {**one, "reason": "b"}, dict(one)))
    assert found.row == 9 and "第 7 行" in found.text.zh and "row 7" in found.text.en


# --------------------------------------------------------------------------------------------------------------- cycle


def test_before_a_month_is_the_last_month_before_it() -> None:
    accounts = [
        {"month": f"2027-0{m}", "person": who, "closing": float(m), "note": "n"} for m in (2, 3, 4) for who in ("P1", "P2")
    ]
    places = _Places(Tables([], accounts=accounts))
    assert [(places.before((month, "P1")) or {}).get("closing") for month in ("2027-02", "2027-03", "2027-04")] == [
        None,
        2.0,
        3.0,
    ]


def test_a_month_of_nothing_says_why_something_is_carried() -> None:
    """What is owed goes on, with its note; where nothing is carried there is nothing to say."""
    notes = []
    for closing in (-20.0, 0.0):
        accounts = [{"month": "2027-02", "person": "P1", "closing": closing, "note": "负数结转", "year_to_date": 7.0}]
        account = _zero(_Places(Tables([], accounts=accounts)), ("2027-03", "P1"))
        notes.append(account["note"])
        assert (account["opening"], account["closing"], account["year_to_date"]) == (closing, closing, 7.0)
    assert notes == ["负数结转", None]


def test_a_number_that_somebody_typed_as_text_is_told_as_typed() -> None:
    assert (number_of({"number": 12.0}), number_of({"number": "十二"})) == ("12", "十二")


@pytest.mark.parametrize(
    ("state", "now", "zh", "en"),
    [
        ("paid", "locked", "会再付一次", "would be paid twice"),
        ("locked", "paid", "没有付款记录", "no payment on record"),
        ("locked", "computed", "锁定后状态被改", "changed after the lock"),
    ],
)
def test_each_way_a_state_is_wrong_has_its_own_words(state: str, now: str, zh: str, en: str) -> None:
    record = {"paid_on": dt.date(2027, 4, 5), "paid": 5.0, "total": 5.0}
    told = _state_text("2027-03 P1", record, state, now, called("D1", "accrual"))
    assert zh in told.zh and en in told.en


def test_locked_and_paid_rows_are_fixed_and_no_others() -> None:
    assert {state for state in ("computed", "reviewed", "disputed", "locked", "paid", None) if is_fixed({"status": state})} == {
        "locked",
        "paid",
    }


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_approval_that_changes_is_told_in_both_languages(lang: str) -> None:
    approval = {"number": 1, "period": "2027-03", "step": "approved", "who": "陈", "total": 1.0}
    with speaking(lang):
        why = cycle.violation(Tables([], approvals=[approval]), Tables([], approvals=[]))
        assert why is not None and ("没有写入" in str(why) if lang == "zh" else "Nothing was written" in str(why))


# ------------------------------------------------------------------------------------------------------------ formulas


@pytest.mark.parametrize(
    ("partner", "part", "expected"),
    [
        ("P2", 0.6, [("P1", 0.6), ("P2", 0.4)]), ("P2", 1.0, [("P1", 1.0)]), ("P2", 1.2, [("P1", 1.0)]), ("P2", None, [("P1", 1.0)]),
        ("", 0.6, [("P1", 1.0)]), (None, 0.6, [("P1", 1.0)]),
    ],
)  # fmt: skip
def test_who_shares_a_deal(partner: str | None, part: float | None, expected: list[tuple[str, float]]) -> None:
    assert shared("P1", partner, part) == expected


def test_a_credit_says_its_share() -> None:
    order = Order("D1", dt.date(2027, 3, 5), [("P1", 0.6), ("P2", 0.4)], 1_000_000.0, 0.3)
    assert [(credit.person, credit.share) for credit in credits([order], Terms())] == [("P1", 0.6), ("P2", 0.4)]
