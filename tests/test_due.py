"""What many deals pay. Amounts by hand from the plan's tiers (rules, chapter 5: 3 % of the margin up to 20 % of revenue, 5
% to 25 %, 8 % above): 1,000,000 at 30 % → 6,000 + 2,500 + 4,000 = 12,500; a flat 10 % of the margin → 30,000, 20 % → 60,000."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import udfs
from udfs.dated import Dated
from udfs.due import Order, Terms, credits, per_order, shared, tiers_in_force
from udfs.values import ExcelError, Refusal, total_of

MARCH, JULY = dt.date(2027, 3, 5), dt.date(2027, 7, 1)
LATER = [["2027-07-01", None, 0, 0.10], ["2027-07-01", "director", 0, 0.20], [None, None, None, None]]


def order(number: int, day: dt.date = MARCH, margin: float = 0.3, **more: Any) -> Order:
    return Order(**{"id": f"D{number}", "day": day, "shares": [("P1", 1.0)], "revenue": 1e6, "margin_rate": margin, **more})


def paid(orders: list[Order], terms: Terms) -> list[Any]:
    return [credit.commission for credit in credits(orders, terms)]


@pytest.mark.parametrize(
    ("day", "level", "rates"),
    [
        (dt.date(1999, 1, 1), "", (0.03, 0.05, 0.08)),  # the plan's own hold since ever
        (dt.date(2027, 6, 30), "director", (0.03, 0.05, 0.08)),
        (JULY, "", (0.10,)),
        (JULY, "manager", (0.10,)),  # no rows of its own: the general ones
        (JULY, "Director", (0.20,)),
    ],
)
def test_tiers_by_day_and_level(day: dt.date, level: str, rates: tuple[float, ...]) -> None:
    found = tiers_in_force((0.0, 0.20, 0.25), (0.03, 0.05, 0.08), LATER)(day, level)
    assert found[1] == rates


def test_three_columns_have_no_levels() -> None:
    assert tiers_in_force(None, None, [["2027-07-01", 0, 0.10]])(JULY, "director")[1] == (0.10,)


def test_a_bad_table_is_refused_with_its_row() -> None:
    with pytest.raises(Refusal, match="first of July"):
        tiers_in_force(None, None, [["first of July", None, 0, 0.10]])(JULY, "")


def test_a_return_goes_by_its_orders_day_and_level() -> None:
    """P1 is a director from 1 August: the return in August of a July order takes back the July rate, 10 %."""
    levels = Dated({"P1": "manager"}, [("P1", dt.date(2027, 8, 1), "director")])
    terms = Terms(tiers_in_force(None, None, LATER), lambda person, day: levels.on(person, day) or "")
    august = dt.date(2027, 8, 15)
    orders = [order(1, JULY), order(2, august, revenue=-1e6, original="D1"), order(3, august)]
    assert paid(orders, terms) == per_order(orders, terms) == [30_000.0, -30_000.0, 60_000.0]


def test_partners_of_different_levels() -> None:
    """60 % of 30,000 and 40 % of 60,000."""
    terms = Terms(tiers_in_force(None, None, LATER), lambda person, day: {"P2": "director"}.get(person, ""))
    orders = [order(1, JULY, shares=[("P1", 0.6), ("P2", 0.4)])]
    assert paid(orders, terms) == [18_000.0, 24_000.0] and per_order(orders, terms) == [42_000.0]


def test_pooled_apart_where_the_tiers_change_in_the_month() -> None:
    """From 15 July 10 %: 10 % and 30 % before it pool to 12,000, shared 1 : 3; the order after it stands alone."""
    terms = Terms(tiers_in_force(None, None, [["2027-07-15", None, 0, 0.10]]), pooled=True)
    orders = [order(1, JULY, 0.1), order(2, JULY), order(3, dt.date(2027, 7, 20))]
    assert paid(orders, terms) == per_order(orders, terms) == [3_000.0, 9_000.0, 30_000.0]


def test_a_later_change_holds_from_its_day_whatever_the_rows_order() -> None:
    dated = Dated({"A": 1}, [("A", dt.date(2027, 8, 1), 3), ("A", JULY, 2), ("A", dt.date(2027, 9, 1), None), ("B", JULY, 9)])
    days = [dt.date(2027, 6, 30), JULY, dt.date(2027, 8, 1), dt.date(2027, 12, 31)]
    assert [dated.on("A", day) for day in days] == [1, 2, 3, 3]
    assert dated.on("C", JULY) is None


_order = st.builds(
    lambda place, revenue, margin, share: (revenue / 100, margin, share),
    st.integers(), st.integers(1, 10**9), st.floats(-0.5, 0.9), st.sampled_from([None, 1.0, 0.5, 0.333, 0.05]),
)  # fmt: skip


@given(st.lists(_order, min_size=1, max_size=8), st.booleans())
def test_a_deal_pays_the_sum_of_its_credits_to_the_fen(rows: list[Any], pooled: bool) -> None:
    orders = [
        order(i, margin=margin, revenue=revenue, shares=shared("P1", "P2", share))
        for i, (revenue, margin, share) in enumerate(rows)
    ]
    terms = Terms(tiers_in_force(None, None, LATER), lambda person, day: "", pooled=pooled)
    found = credits(orders, terms)
    for place, amount in enumerate(per_order(orders, terms)):
        mine = [credit for credit in found if credit.order == place]
        assert total_of(c.commission for c in mine) == amount  # type: ignore[misc]
        assert total_of(c.revenue for c in mine) == orders[place].revenue


@pytest.mark.parametrize("pooled", [False, True])
def test_what_somebody_decided_is_left_out(pooled: bool) -> None:
    """Computed with all deals, then left out: the others' amounts don't move.

    Each of the three stands against the credits' own sums.
    """
    day = dt.date(2027, 3, 5)
    orders = [
        Order("D1", day, [("P1", 0.5), ("P2", 0.5)], 333_333.0, 0.3),
        Order("D2", day, [("P1", 1.0)], 1_000_000.0, 0.1),
        Order("D3", day, [("P2", 1.0)], 1_000_000.0, 0.3),
    ]
    decided = {("D1", "P1"), ("D3", "P2"), ("D2", "P2"), ("D9", "P1")}  # two of them decide nothing that is there
    terms = Terms(pooled=pooled)
    kept = [c for c in credits(orders, terms) if (orders[c.order].id, c.person) not in decided]
    assert [(c.order, c.person) for c in kept] == [(0, "P2"), (1, "P1")]
    assert per_order(orders, terms, decided) == [kept[0].commission, kept[1].commission, 0.0]


def test_decisions_come_in_columns_of_one_size() -> None:
    """Half of 12,500 stays (margin 30 % of 1,000,000); blank rows of the ledger are skipped."""
    head = ("D1", "2027-03-05", "P1", 1_000_000, 0.3, "P2", 0.5, *[None] * 11)
    assert udfs.call("COMMISSIONDUE", *head, [["D1"], [""]], [["P2"], ["P1"]]) == [[6_250.0]]
    found = udfs.call("COMMISSIONDUE", *head, [["D1"], ["D1"]], [["P2"]])[0][0]
    assert isinstance(found, ExcelError) and "应一样多" in found.reason.zh
