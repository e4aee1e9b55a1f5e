"""People by date. Days of 2027 counted by hand: January to June 181, July to December 184; July to September 92, October to
December 92. Rules, chapter 5: joiners, leavers and transfers are prorated by days."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs import call
from udfs.dated import Dated, employed, quota_by_group, quota_weight

JULY, OCTOBER = dt.date(2027, 7, 1), dt.date(2027, 10, 1)


def year_of(dated: Dated, joined: dt.date | None = None, left: dt.date | None = None) -> dict[str, int]:
    return dated.days("P1", *employed(joined, left, 2027))


@pytest.mark.parametrize(
    ("changes", "joined", "left", "days"),
    [
        ([], None, None, {"East": 365}),
        ([("P1", JULY, "South")], None, None, {"East": 181, "South": 184}),
        ([("P1", JULY, "South"), ("P1", OCTOBER, "East")], None, None, {"East": 181 + 92, "South": 92}),
        ([("P1", JULY, "South")], dt.date(2027, 6, 30), None, {"East": 1, "South": 184}),
        ([("P1", JULY, "South")], None, dt.date(2027, 6, 30), {"East": 181}),
        ([("P1", JULY, "South")], dt.date(2027, 8, 1), dt.date(2027, 8, 31), {"South": 31}),
        ([("P1", dt.date(2026, 7, 1), "South")], None, None, {"South": 365}),
        ([("P1", dt.date(2028, 1, 1), "South")], None, None, {"East": 365}),
        ([], None, dt.date(2026, 12, 31), {}),
    ],
)
def test_days(
    changes: list[tuple[str, dt.date, str]], joined: dt.date | None, left: dt.date | None, days: dict[str, int]
) -> None:
    assert year_of(Dated({"P1": "East"}, changes), joined, left) == days


def test_weights_by_days_employed() -> None:
    """184 of 365 days from 1 July: 0.5041; a leap year has 366."""
    assert quota_weight(1.0, JULY, 2027) == 0.5041
    assert quota_weight(1.0, dt.date(2028, 7, 1), 2028) == 0.5027


def test_a_transfer_counts_in_both_regions_and_the_sum_stays() -> None:
    """365,000 × 181/365 and × 184/365; P2 stays in South; P3, with us from October, is in South with the whole of a
    smaller quota."""
    found = call(
        "CARRIED", [["East"], ["South"], ["West"]], [[365_000], [100], [50]], [["P1"], ["P2"], ["P3"]], 2027,
        [["P1"], ["P2"], ["P3"]], [["2020-01-01"], ["2020-01-01"], ["2027-10-01"]], [[None], [None], [None]],
        [["East"], ["South"], ["South"]], [["P1"]], [["2027-07-01"]], [["South"]],
    )  # fmt: skip
    assert found == [[181_000.0], [184_150.0], [0.0]]


def test_who_moves_twice_on_odd_yuan_loses_none() -> None:
    """100 yuan over 181, 92 and 92 days: 49.59, 25.21, 25.21 → 50, 25, 25 by largest remainder."""
    dated = Dated({"P1": "A"}, [("P1", JULY, "B"), ("P1", OCTOBER, "C")])
    assert quota_by_group("ABC", [("P1", 100.0)], dated, {}, 2027) == [50.0, 25.0, 25.0]


@given(
    st.lists(st.tuples(st.dates(dt.date(2026, 6, 1), dt.date(2028, 6, 1)), st.sampled_from("ABC")), max_size=6),
    st.integers(0, 10**9),
    st.dates(dt.date(2026, 1, 1), dt.date(2028, 1, 1)),
    st.dates(dt.date(2026, 1, 1), dt.date(2028, 1, 1)),
)
def test_all_groups_carry_all_of_the_quota(moves: list[tuple[dt.date, str]], quota: int, joined: dt.date, left: dt.date) -> None:
    dated = Dated({"P1": "A"}, [("P1", day, group) for day, group in moves])
    assert sum(quota_by_group("ABC", [("P1", float(quota))], dated, {"P1": (joined, left)}, 2027)) == quota


def test_unknown_people_and_missing_days_are_said() -> None:
    found = call("ASOF", [["P1"], ["P9"], [None]], [["2027-07-01"]], [["P1"]], [["East"]])
    assert [row[0] for row in found] == ["East", "#N/A", ""] and "P9" in found[1][0].reason.zh
    assert call("ASOF", "P1", None, "P1", "East")[0][0] == "#VALUE!"
