"""Tier tables and payout curves: what must hold for any of them. The worked examples stand in cases/tiers.json and published.json."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs import call

# Points of a curve: thresholds in whole percent, payouts in whole percent.
POINTS = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 300)), min_size=1, max_size=6, unique_by=lambda p: p[0]).map(
    sorted
)
ATTAINED = st.integers(0, 300)
MODES = st.sampled_from(["marginal", "whole", "curve", "fixed"])
BORDERS = st.sampled_from(["upper", "lower"])


def table(points: list[tuple[int, int]]) -> tuple[list[list[float]], list[list[float]]]:
    return [[x / 100 for x, _ in points]], [[y / 100 for _, y in points]]


def on_curve(points: list[tuple[int, int]], x: int, border: str) -> Fraction:
    """The curve as fractions see it."""
    first = points[0][0]
    if x == 0 or x < first or (x == first and border == "lower"):
        return Fraction(0)
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if x0 <= x <= x1:
            return Fraction(y0, 100) + Fraction((y1 - y0) * (x - x0), 100 * (x1 - x0))
    return Fraction(points[-1][1], 100)


@given(POINTS, ATTAINED, BORDERS)
def test_a_curve_is_straight_between_its_points_and_flat_beyond(points: list[Any], x: int, border: str) -> None:
    (paid,) = call("TIERED", x / 100, *table(points), "curve", None, border)[0]
    assert paid == pytest.approx(float(on_curve(points, x, border)), abs=1e-9)


@given(POINTS, ATTAINED, BORDERS)
def test_fixed_pays_what_stands_beside_the_tier_reached(points: list[Any], x: int, border: str) -> None:
    reached = [y for low, y in points if x > 0 and (low <= x if border == "upper" else low < x)]
    assert call("TIERED", x / 100, *table(points), "fixed", None, border) == [[(reached or [0])[-1] / 100]]


@given(POINTS, MODES, BORDERS, ATTAINED, ATTAINED)
def test_bands_add_up_to_the_payout(points: list[Any], mode: str, border: str, prior: int, more: int) -> None:
    rows = call("TIEREDBANDS", more / 100, *table(points), mode, prior / 100, border)
    assert all(len(row) == 5 for row in rows)
    whole = call("TIERED", more / 100, *table(points), mode, prior / 100, border)[0][0]
    assert sum(row[4] for row in rows) == pytest.approx(whole, abs=1e-9)


@given(POINTS, MODES, st.lists(st.tuples(ATTAINED, st.integers(0, 500)), min_size=1, max_size=5))
def test_a_column_with_factors_is_each_alone_and_a_factor_multiplies(points: list[Any], mode: str, people: list[Any]) -> None:
    columns = [[x / 100] for x, _ in people], [[f / 100] for _, f in people]
    found = call("TIERED", columns[0], *table(points), mode, None, None, None, None, columns[1])
    for (x, f), row in zip(people, found, strict=True):
        assert call("TIERED", x / 100, *table(points), mode, None, None, None, None, f / 100) == [row]
        assert row[0] == pytest.approx(f / 100 * call("TIERED", x / 100, *table(points), mode)[0][0])


@given(POINTS, ATTAINED, st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_floor_and_cap_bind_what_the_factor_makes(points: list[Any], x: int, factor: int, one: int, other: int) -> None:
    floor, cap = sorted((one / 100, other / 100))
    (paid,) = call("TIERED", x / 100, *table(points), "curve", None, None, floor, cap, factor / 100)[0]
    free = factor / 100 * call("TIERED", x / 100, *table(points), "curve")[0][0]
    assert paid == (pytest.approx(min(max(free, floor), cap)) if x else 0)


def test_a_cap_that_binds_says_so() -> None:
    bound = call("TIERED", 1.2, [0.8, 1.2], [0.5, 1.5], "curve", None, None, None, 1.0)
    assert bound == [[1.0]] and "cap" in bound.notes[0].zh
    assert call("TIERED", 1.2, [0.8, 1.2], [0.5, 1.5], "curve", None, None, None, 1.5).notes == []
