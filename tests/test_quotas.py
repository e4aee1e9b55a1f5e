"""Quotas: exact parts, floors and caps, landing, the month's weeks; the worked examples stand in cases/quotas.json."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from udfs import call, speaking
from udfs.calendar_cn import is_working_day, official, working_days
from udfs.quotas import in_weeks, split_units
from udfs.values import apportion, exact, largest_remainder

UNITS = st.sampled_from([0.01, 0.1, 1, 5, 100, 10_000])
WEIGHTS = st.lists(st.one_of(st.integers(0, 1000).map(float), st.floats(0, 1e6)), min_size=1, max_size=8).filter(any)
FEN = st.integers(-(10**14), 10**14).map(lambda fen: fen / 100)


def exact_sum(cells: list[Any]) -> Decimal:
    return sum((Decimal(repr(cell)) for cell in cells), Decimal(0))


# ----------------------------------------------------------------------------------------------------------- QUOTASPLIT


@given(st.lists(FEN, min_size=1, max_size=4), WEIGHTS, UNITS)
def test_parts_add_up_exactly_and_lie_next_to_their_ideal(annuals: list[float], weights: list[float], unit: float) -> None:
    spill = call("QUOTASPLIT", [[a] for a in annuals], [weights], unit)
    last = max(i for i, w in enumerate(weights) if w)
    for annual, parts in zip(annuals, spill, strict=True):
        assert exact_sum(parts) == Decimal(repr(annual))
        for i, (part, weight) in enumerate(zip(parts, weights, strict=True)):
            assert weight or part == 0
            assert abs(part - annual * (weight / sum(weights))) < 2 * unit + abs(annual) * 1e-9
            assert i == last or exact(part) % exact(unit) == 0


@given(st.integers(0, 2**53), st.lists(st.integers(0, 10**6), min_size=1, max_size=8).filter(any))
def test_many_at_once_split_as_one_alone(units: int, weights: list[int]) -> None:
    expected = largest_remainder(units, [exact(w) for w in weights])
    assert split_units(np.array([units]), [exact(w) for w in weights])[0].tolist() == expected


@given(st.integers(-(10**12), 10**12), WEIGHTS)
def test_a_negative_quota_mirrors_its_twin(fen: int, weights: list[float]) -> None:
    mirrored = call("QUOTASPLIT", -fen / 100, [weights], 0.01)
    assert mirrored == [[-part + 0.0 for part in row] for row in call("QUOTASPLIT", fen / 100, [weights], 0.01)]


@given(st.integers(1, 10**12), st.lists(st.integers(0, 1000), min_size=1, max_size=8).filter(any), st.sampled_from([0.01, 1]))
def test_parts_are_those_of_every_other_split(fen: int, weights: list[int], unit: float) -> None:
    annual = fen if unit == 1 else fen / 100
    assert call("QUOTASPLIT", annual, [weights], unit)[0] == apportion(annual, weights, unit)


def test_the_odd_rest_is_said_once_for_all() -> None:
    spill = call("QUOTASPLIT", [[1.5], [2.5], [3]], [[1, 1]])
    assert len(spill.notes) == 1 and "2 of this kind" in spill.notes[0].en


@pytest.mark.parametrize(
    ("annual", "unit"), [(2**53 + 2, 1), (1e16, 0.01), (1e13 + 1, 0.01), (1e300, 1), (100, 1e-300), (100, 0), (100, -1)]
)
def test_more_units_than_a_float_tells_apart_are_refused(annual: float, unit: float) -> None:
    assert call("QUOTASPLIT", annual, [[1, 1]], unit)[0][0] == "#NUM!"


# -------------------------------------------------------------------------------------------------------- QUOTAALLOCATE


@st.composite
def allocations(draw: st.DrawFn) -> tuple[list[float], list[int], list[int | None], int]:
    count = draw(st.integers(1, 7))
    weights = draw(
        st.lists(st.one_of(st.just(0.0), st.floats(0.01, 100), st.integers(1, 9).map(float)), min_size=count, max_size=count)
    )
    floors = draw(st.lists(st.integers(0, 50), min_size=count, max_size=count))
    room = draw(st.lists(st.one_of(st.none(), st.integers(0, 60)), min_size=count, max_size=count))
    caps = [None if r is None else f + r for f, r in zip(floors, room, strict=True)]
    return weights, floors, caps, draw(st.integers(0, 600))


@given(allocations(), st.sampled_from([0.01, 1]))
def test_allocation_keeps_floors_caps_and_the_total(given_: Any, unit: float) -> None:
    weights, floors, caps, total = given_
    row = call("QUOTAALLOCATE", total, [weights], [floors], [caps], unit)[0]
    limits = [0 if not w else float("inf") if c is None else c for w, c in zip(weights, caps, strict=True)]
    feasible = sum(floors) <= total <= sum(max(f, m) for f, m in zip(floors, limits, strict=True))
    assert (row[0] in ("#NUM!", "#DIV/0!")) == (not feasible)
    assume(feasible)
    assert exact_sum(row) == total
    assert all(f <= part and (c is None or part <= c) for part, f, c in zip(row, floors, caps, strict=True))
    ideal = by_bisection(total, weights, floors, limits)
    assert all(abs(part - i) <= unit + 1e-6 for part, i in zip(row, ideal, strict=True))


def by_bisection(total: float, weights: list[float], floors: list[int], limits: list[float]) -> list[float]:
    """Water-filling as the textbook has it: raise the level until the vessel is full."""

    def parts(level: float) -> list[float]:
        return [max(f, min(level * w, m)) for w, f, m in zip(weights, floors, limits, strict=True)]

    low, high = 0.0, 1e6
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(parts(middle)) < total else (low, middle)
    return parts(high)


@given(st.integers(0, 10**9), st.lists(st.integers(1, 1000), min_size=1, max_size=8))
def test_without_bounds_it_is_the_split(total: int, weights: list[int]) -> None:
    assert call("QUOTAALLOCATE", total, [weights]) == call("QUOTASPLIT", total, [weights])


def test_infeasible_says_by_how_much() -> None:
    caps = [[500], [750], [1000], [5000], [10000], [15000]]
    error = call("QUOTAALLOCATE", 40_000, [[1]] * 6, None, caps, 0.01).errors[0][2]
    assert "32,250" in error.reason.zh and "7,750" in error.reason.en
    error = call("QUOTAALLOCATE", 10, [[1, 1]], [[8, 9]]).errors[0][2]
    assert "17" in error.reason.zh and "7" in error.reason.en


def test_bounds_between_units_are_kept() -> None:
    assert call("QUOTAALLOCATE", 10, [[1, 1]], [[6.5, 0]], [[None, 3.5]]) == [[7.0, 3.0]]
    error = call("QUOTAALLOCATE", 10, [[1, 1]], [[0, 0.4]], [[None, 0.6]]).errors[0][2]
    assert error == "#NUM!" and "number 2" in error.reason.en
    assert call("QUOTAALLOCATE", 10, [[1, 1]], None, 9.99e307) == [[5.0, 5.0]]
    assert call("QUOTAALLOCATE", 5e13, [[1, 1]], None, None, 0.01)[0][0] == "#NUM!"


def test_the_odd_rest_goes_where_a_cap_leaves_room() -> None:
    spill = call("QUOTAALLOCATE", 10.5, [[1, 1]], None, [[None, 5]])
    assert spill == [[5.5, 5.0]] and "0.5" in spill.notes[0].en
    assert call("QUOTAALLOCATE", 10.5, [[1, 1]], None, [[5, 5]])[0][0] == "#NUM!"


def test_ten_thousand_parts() -> None:
    rng = np.random.default_rng(7)
    weights, floors = rng.random(10_000), rng.integers(0, 90_000, 10_000)
    caps = floors + rng.integers(1, 90_000, 10_000)
    spill = call("QUOTAALLOCATE", 900_000_000, weights[:, None], floors[:, None], caps[:, None], 0.01)
    assert exact_sum([row[0] for row in spill]) == 900_000_000
    assert all(f <= row[0] <= c for row, f, c in zip(spill, floors, caps, strict=True))


# ----------------------------------------------------------------------------------------------------- gaps and landing


@given(st.lists(st.tuples(FEN, FEN), min_size=1, max_size=6))
def test_gaps_are_exact(pairs: list[tuple[float, float]]) -> None:
    for down, up, gap, rate in call("QUOTAGAP", [[d] for d, _ in pairs], [[u] for _, u in pairs]):
        assert Decimal(repr(down)) + Decimal(repr(gap)) == Decimal(repr(up)) or abs(gap) > 1e11
        assert rate == "#DIV/0!" if down == 0 else rate == gap / down


def test_the_rhythm_landing_respects_a_front_loaded_year() -> None:
    """On quota after the first quarter of 4-3-2-1: the year lands on quota, while the run rate says 160 %."""
    row = call("LANDING", [[168, None, None, None]], [[168, 126, 84, 42]])[0]
    assert (row[5], row[6], row[7], row[8]) == (672.0, 420.0, 420.0, 1.0)


def test_landing_of_a_quota_changed_in_the_year() -> None:
    """money-cases M23: 6,300,000 of 6,580,000 to June, 8,980,000 on record."""
    months = [1_600_000, 800_000, 1_600_000, 900_000, 720_000, 960_000, 480_000, 480_000, 640_000, 240_000, 240_000, 320_000]
    row = call("LANDING", [[1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_300_000]], [months])[0]
    assert round(row[4], 4) == 0.9574 and row[6] == 8_597_872.34


def test_an_open_year_and_a_year_without_quota() -> None:
    assert call("LANDING", None, [[1, 2]])[0] == ["#N/A"] * 9
    row = call("LANDING", [[5, None]], [[0, 0]])[0]
    assert row[:4] == [1.0, 5.0, 0.0, 5.0] and row[4] == "#DIV/0!" and row[5] == 10.0 and row[8] == "#DIV/0!"


# ----------------------------------------------------------------------------------------------------- calendar, weeks


def test_make_up_days_are_worked_and_spring_festival_is_not() -> None:
    """The State Council's notice for 2026: off 15–23 February, worked on Saturdays 14 and 28 February."""
    worked = working_days(dt.date(2026, 2, 1), dt.date(2026, 2, 28))
    assert [day.day for day in worked] == [2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 24, 25, 26, 27, 28]


def test_years_not_announced_are_said_and_keep_statutory_holidays() -> None:
    assert official(2026).announced and not official(2090).announced
    assert not is_working_day(dt.date(2090, 10, 2))
    spill = call("WEEKPLAN", 100, 2090, 10)
    assert "2090" in spill.notes[0].zh and "2090" in spill.notes[0].en
    assert not call("WEEKPLAN", 100, 2026, 10).notes and not call("WEEKPLAN", 100, 2090, 10, [["2090-10-01"]]).notes


@given(st.integers(1995, 2035), st.integers(1, 12), st.integers(0, 10**10))
def test_four_weeks_hold_every_working_day_once(year: int, month: int, fen: int) -> None:
    rows = call("WEEKPLAN", fen / 100, year, month)
    assert [row[0] for row in rows] == [1, 2, 3, 4]
    last = (dt.date(year + month // 12, month % 12 + 1, 1)) - dt.timedelta(days=1)
    days = working_days(dt.date(year, month, 1), last)
    assert sum(row[3] for row in rows) == len(days)
    assert rows[0][1] == days[0] and rows[3][2] == days[-1]
    for before, after in itertools.pairwise(rows):
        assert before[2] < after[1]
    assert exact_sum([row[5] for row in rows]) == Decimal(repr(fen / 100))
    assert abs(rows[1][5] - 0.8 * fen / 100) < 0.01


def test_five_calendar_weeks_become_four() -> None:
    """June 2026: 1–5, 8–12, 15–18 (Dragon Boat Festival on the 19th), 22–26, 29–30: the last two days join the week before."""
    days = working_days(dt.date(2026, 6, 1), dt.date(2026, 6, 30))
    assert [(week[0].day, week[-1].day) for week in in_weeks(days)] == [(1, 5), (8, 12), (15, 18), (22, 30)]


def test_words_follow_the_language() -> None:
    with speaking("en"):
        assert [row[4] for row in call("WEEKPLAN", 1, 2026, 3)][:2] == ["review", "lock 80% of the orders"]


def test_a_month_without_working_days_has_no_weeks() -> None:
    off = [[f"2027-03-{day:02}"] for day in range(1, 32)]
    assert call("WEEKPLAN", 1, 2027, 3, off) == [["#N/A"]]
