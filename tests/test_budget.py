"""Budget and ROI; the worked examples stand in cases/budget.json."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs import call

YUAN = st.integers(0, 10**14).map(lambda fen: fen / 100)


def exact_sum(cells: list[Any]) -> Decimal:
    return sum((Decimal(repr(cell)) for cell in cells), Decimal(0))


@given(YUAN, st.lists(st.integers(1, 1000), min_size=1, max_size=8), st.sampled_from([0.01, 1, 1000]))
def test_lines_add_up_to_the_budget(total: float, weights: list[int], unit: float) -> None:
    shares = [weight / sum(weights) for weight in weights]
    assert exact_sum(call("BUDGETSPLIT", total, [shares], unit)[0]) == Decimal(repr(total))


@pytest.mark.parametrize(("shares", "off"), [([0.5, 0.4], "10% below"), ([0.5, 0.5, 0.01], "1% above"), ([0.0], "100% below")])
def test_shares_off_are_refused_by_how_much(shares: list[float], off: str) -> None:
    error = call("BUDGETSPLIT", 100, [shares]).errors[0][2]
    assert error == "#NUM!" and off in error.reason.en


def test_rounded_percentages_are_scaled_and_said() -> None:
    spill = call("BUDGETSPLIT", 3, [[0.3333, 0.3333, 0.3333]])
    assert spill == [[1.0, 1.0, 1.0]] and "99.99" in spill.notes[0].zh
    assert not call("BUDGETSPLIT", 10, [[0.7, 0.1, 0.1, 0.1]]).notes


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6), st.integers(0, 100))
def test_roi_meets_its_target_as_whole_numbers_see_it(revenue: int, cost: int, target: int) -> None:
    assert call("ROIOK", revenue, cost, target)[0][0] is (revenue >= target * cost)
    assert call("ROI", revenue, cost)[0][0] == revenue / cost
    text = call("ROITEXT", revenue, cost)[0][0]
    assert text.startswith("1:") and abs(float(text[2:]) - revenue / cost) <= 0.0051


def test_a_line_without_target_is_flagged_with_its_reason() -> None:
    error = call("ROIOK", 100, 20, None).errors[0][2]
    assert error == "#N/A" and "before money is spent" in error.reason.en and "target" in error.reason.zh


MONTHS = st.lists(st.tuples(YUAN, st.one_of(st.none(), st.integers(0, 100).map(lambda n: n / 10))), min_size=1, max_size=12)


@given(MONTHS, st.integers(0, 10))
def test_the_roll_keeps_every_fen_and_never_compounds(months: list[tuple[float, float | None]], target: int) -> None:
    rows = call("BUDGETROLL", [[p] for p, _ in months], [[r] for _, r in months], target)
    assert exact_sum([r[3] for r in rows]) + exact_sum([r[4] for r in rows]) == exact_sum([p for p, _ in months])
    assert rows[0][3] == months[0][0]
    for (planned, _), (_, roi), row in zip(months[1:], months, rows[1:], strict=False):
        assert row[3] == call("NEXTBUDGET", planned, roi, target)[0][0]
    for (_, roi), row in zip(months, rows, strict=True):
        assert row[2] is (None if roi is None else roi >= target)


def test_a_miss_of_the_last_month_is_said() -> None:
    assert call("BUDGETROLL", [[100]], [[4]], 5).notes and not call("BUDGETROLL", [[100]], [[5]], 5).notes
