"""What counts towards a quota on three bases, and the teams' travel fund: money-cases M13 out of rows of the Tables."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.actuals import CashFlow, Deal, DealBook, by_person
from udfs.policy import POLICIES, value
from udfs.values import total_of
from workbook_templates.chapters.incentives.attained import (
    Fund,
    attainment,
    basis_code,
    book_of,
    line_actuals,
    person_actuals,
    sprint_fund,
)
from workbook_templates.chapters.incentives.staff import Staff

YEAR, END = 2027, dt.date(2027, 12, 31)
STAFF = Staff([{"id": "P1", "line": "direct", "level": "representative", "region": "", "manager": ""}])


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2027-{text}")


def deal(id_: str, signed: str, delivered: str | None, revenue: float, original: str = "") -> dict[str, Any]:
    return {
        "id": id_, "date": day(signed), "delivered": delivered and day(delivered), "revenue": revenue, "original": original,
        "seller": "" if original else "P1", "partner": "", "seller_share": 1.0,
    }  # fmt: skip


DEALS = [
    deal("D1", "04-10", "05-30", 2_000_000),
    deal("D2", "06-28", "07-05", 1_450_000),
    deal("D3", "03-20", "04-02", 1_300_000),
    deal("R1", "06-30", "06-30", -100_000, "D1"),
]


def cash(deal_: str, paid: str, amount: float, kind: str = "payment") -> dict[str, Any]:
    return {"deal": deal_, "date": day(paid), "amount": amount, "kind": kind}


CASH = [cash("D1", "06-20", 2_000_000), cash("D2", "07-15", 1_450_000), cash("D3", "05-10", 1_299_999.99)]
SPENT = [{"line": "direct", "quarter": 2, "date": day("08-01"), "spent": 5_000.0}]


class On:
    """The plan's policies with another basis of the sprint bonus."""

    def __init__(self, basis: str) -> None:
        self.basis = next(word for word in POLICIES["sprint.basis"].words if word.en == basis)

    def at(self, key: str, on: dt.date) -> Any:
        return self.basis if key == "sprint.basis" else value(key, on)


def fund(basis: str, collections: list[dict[str, Any]]) -> Fund:
    quotas = {("direct", f"2027-{month:02}"): 1_000_000.0 for month in (4, 5, 6)}
    found = sprint_fund(YEAR, quotas, book_of(DEALS, collections), STAFF, END, SPENT, On(basis))
    return next(row for row in found if (row.line, row.quarter) == ("direct", 2))


@pytest.mark.parametrize(
    ("basis", "actual", "rate", "earned"),
    [
        ("bookings", 3_350_000, 1.1167, 7_000),
        ("revenue", 3_200_000, 1.0667, 0),
        ("collections", 3_299_999.99, 1.1, 0),  # 109.99999967 % is not 110 %
    ],
)
def test_m13_the_fund_on_three_bases(basis: str, actual: float, rate: float, earned: float) -> None:
    found = fund(basis, CASH)
    assert (found.actual, found.earned) == (actual, earned)
    assert round(found.actual / found.quota, 4) == rate


def test_m13_a_hundred_and_ten_per_cent_exactly_is_due() -> None:
    assert fund("collections", [*CASH[:2], cash("D3", "05-10", 1_300_000)]).earned == 6_000


def test_m13_what_was_spent_and_what_is_left() -> None:
    found = fund("bookings", CASH)
    assert (found.earned, found.spent, found.left) == (7_000, 5_000, 2_000)


def test_a_line_without_quota_has_no_fund() -> None:
    assert sprint_fund(YEAR, {}, book_of(DEALS), STAFF, END)[0].earned == 0


def test_what_follows_from_an_order_stays_in_the_line_of_its_signing_day() -> None:
    move = {"person": "P1", "valid_from": day("05-01"), "line": "channel", "level": None, "region": None, "manager": None}
    moved = Staff(STAFF.people.values(), [move])
    found = line_actuals(book_of(DEALS, CASH), "collections", YEAR, END, moved)
    assert found["direct", "2027-06"] == 2_000_000 and found["channel", "2027-07"] == 1_450_000


def test_refunds_count_against_and_bad_debt_not_at_all() -> None:
    moves = [cash("D1", "05-01", 100), cash("D1", "05-02", 30, "refund"), cash("D1", "05-03", -20, "refund"),
             cash("D1", "05-04", 50, "bad_debt"), cash("D1", "05-05", 5, "retention"), cash("R1", "05-06", -1, "refund")]  # fmt: skip
    assert person_actuals(book_of(DEALS, moves), "collections", YEAR, END)["P1", "2027-05"] == 54


def test_attainment_of_any_size_is_shown() -> None:
    assert attainment(10_400_000, 1_000_000) == 10.4 and attainment(-50, 100) == -0.5 and attainment(5, 0) is None


def test_a_basis_is_known_in_both_languages() -> None:
    for word in POLICIES["attainment.basis"].words:
        assert basis_code(word) == basis_code(word.zh) == basis_code(word.en.title()) == word.en
    with pytest.raises(ValueError, match="basis"):
        basis_code("orders")


CREDITS = st.lists(st.integers(1, 50), min_size=1, max_size=5)


@given(st.integers(1, 10**9), CREDITS, st.lists(st.integers(1, 40), min_size=1, max_size=7))
def test_returns_that_make_the_whole_leave_nobody_a_fen(fen: int, shares: list[int], pieces: list[int]) -> None:
    """However an order is split and however many returns make the whole, everybody's year is 0.00."""
    parts = [fen * piece // sum(pieces) for piece in pieces]
    parts[-1] += fen - sum(parts)
    backs = [Deal(f"R{i}", day("03-01") + dt.timedelta(days=9 * i), -part / 100, "D") for i, part in enumerate(parts)]
    credits = {"D": [(f"P{i}", "seller", part / sum(shares)) for i, part in enumerate(shares)]}
    found = by_person(DealBook([Deal("D", day("02-01"), fen / 100), *backs]), "bookings", YEAR, END, credits)
    assert {person: total_of(months) for person, months in found.items()} == dict.fromkeys(found, 0.0)


@given(st.lists(st.tuples(st.integers(-(10**9), 10**9), st.integers(0, 364)), max_size=8), st.floats(0, 1))
def test_the_parts_of_cash_add_up(moves: list[tuple[int, int]], share: float) -> None:
    paid = [CashFlow("D", dt.date(YEAR, 1, 1) + dt.timedelta(days=at), fen / 100) for fen, at in moves]
    book = DealBook([Deal("D", day("01-01"), 1e6, seller="A", partner="B", seller_share=share)], paid)
    found = by_person(book, "collections", YEAR, END)
    assert total_of(part for months in found.values() for part in months) == total_of(cash.amount for cash in paid)
