"""Indicators beside their moving limits and factors from their ratings: periods, gaps, sides, means."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.policy import value
from workbook_templates.chapters.market import signals

INDICATOR = {"code": "PMI", "frequency": "month", "good": "high", "window": 6, "k": 2}


def values(figures: list[float | None], first: int = 2026 * 12) -> list[dict[str, Any]]:
    periods = [(first + n) for n in range(len(figures))]
    return [
        {"code": "PMI", "period": f"{at // 12}-{at % 12 + 1:02d}", "value": figure}
        for at, figure in zip(periods, figures, strict=True)
        if figure is not None
    ]


def test_the_published_example_with_a_month_that_is_missing() -> None:
    # 1, 2, –, 3, 4, 2.5, 3.5, 9 with window 6: the last alerts, its limits are counted without the blank (mean 2.6667, high 4.8269).
    found = signals.judged(INDICATOR, values([1, 2, None, 3, 4, 2.5, 3.5, 9]), value)
    assert found is not None and (found.period, found.state, found.bad) == ("2026-08", "high", False)
    assert found.high == pytest.approx(4.8269, abs=1e-4)
    assert signals.judged(INDICATOR | {"good": "low"}, values([1, 2, None, 3, 4, 2.5, 3.5, 9]), value).bad  # type: ignore[union-attr]


def test_too_short_a_history_is_no_judgement_and_says_why() -> None:
    found = signals.judged(INDICATOR, values([1, 2, 3]), value)
    assert found is not None and found.state is None and not found.bad and found.reason is not None
    assert signals.judged(INDICATOR, [], value) is None


@pytest.mark.parametrize(
    ("on", "newest"), [(dt.date(2026, 8, 1), "2026-08"), (dt.date(2026, 7, 31), "2026-07"), (dt.date(2025, 12, 31), None)],
)  # fmt: skip
def test_a_value_of_a_period_to_come_is_not_known_yet(on: dt.date, newest: str | None) -> None:
    found = signals.judged(INDICATOR, values([1, 2, None, 3, 4, 2.5, 3.5, 9]), value, on)
    assert (None if found is None else found.period) == newest


def test_a_value_published_later_is_not_known_yet() -> None:
    rows = values([1, 2, None, 3, 4, 2.5, 3.5, 9])
    rows[-1]["published_on"] = dt.date(2026, 9, 9)
    assert [signals.judged(INDICATOR, rows, value, dt.date(2026, 9, d)).period for d in (8, 9)] == ["2026-07", "2026-08"]  # type: ignore[union-attr]


@given(st.permutations(range(10)), st.lists(st.floats(-100, 100), min_size=10, max_size=10))
def test_the_order_of_rows_is_irrelevant(order: list[int], figures: list[float]) -> None:
    rows = values(list(figures))
    assert signals.judged(INDICATOR, [rows[n] for n in order], value) == signals.judged(INDICATOR, rows, value)


@pytest.mark.parametrize(
    ("period", "frequency", "place"),
    [("2027-01", "month", 24324), ("2027-Q1", "quarter", 8108), ("2027-13", "month", None), ("2027-Q5", "quarter", None),
     ("2027-01", "quarter", None), ("2027-Q1", "month", None), ("", "month", None), (None, "month", None), (45000.0, "month", None)],
)  # fmt: skip
def test_periods(period: Any, frequency: str, place: int | None) -> None:
    assert signals.place_of(period, frequency) == place


def rating(factor: str, impact: float, likelihood: float) -> dict[str, Any]:
    return {"factor": factor, "rater": "P", "impact": impact, "likelihood": likelihood}


def test_the_mean_of_each_rating_comes_before_the_score() -> None:
    found = signals.rated([rating("F1", 8, 6), rating("F1", 6, 8), rating("F2", 10, 1), rating("F2", 5, 9)])
    assert (found["F1"].impact, found["F1"].likelihood, found["F1"].score) == (7, 7, 7)
    assert found["F1"].raters == 2 and found["F1"].spread == 2 and found["F2"].spread == 8
    assert signals.must_track(found["F1"].score, 7) and not signals.must_track(None, 7)


def test_half_a_rating_counts_nowhere() -> None:
    assert not signals.rated([{"factor": "F1", "impact": 5.0, "likelihood": None}])
