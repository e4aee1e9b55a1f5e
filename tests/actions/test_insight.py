"""Check signals on a workbook: what it writes, that twice is once, what stops it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from addin.book import FileBook
from tests.actions.steps import do, tables_of
from tests.small_plan import small_plan
from workbook_templates.answers import Refused
from workbook_templates.tables.schema import Company, Row

PEOPLE: list[Row] = [{"id": "P1", "name": "周敏", "level": "director", "line": "direct", "joined": dt.date(2020, 1, 1)}]
ROLES: list[Row] = [{"role": "director", "line": None, "person": "P1", "from": dt.date(2027, 1, 1), "until": None}]
PMI: Row = {
    "code": "PMI",
    "name": "采购经理指数",
    "frequency": "month",
    "window": 6,
    "good": "high",
    "source": "统计局",
    "owner": "P1",
}
FACTOR: Row = {"id": "F1", "scan": "pest", "dimension": "political", "kind": "threat", "name": "降价", "evidence": "丢单"}
SERIES = (1.0, 2.0, 1.5, 3.0, 2.0, 2.5, -9.0)


def plan(folder: Path, **rows: Any) -> Path:
    months = [{"code": "PMI", "period": f"2026-{n + 1:02d}", "value": value} for n, value in enumerate(SERIES)]
    ratings = [{"factor": "F1", "rater": "P1", "impact": 8.0, "likelihood": 8.0, "on": dt.date(2027, 1, 5)}]
    held = {
        "People": PEOPLE,
        "Roles": ROLES,
        "Indicators": [PMI],
        "IndicatorValues": months,
        "Factors": [FACTOR],
        "FactorRatings": ratings,
    }
    return small_plan(folder / "plan.xlsx", Company("甲", 2027, dt.date(2027, 1, 31), rows=held | rows))


def test_it_judges_scores_and_orders_once(tmp_path: Path) -> None:
    path = plan(tmp_path)
    done = do("insight", path)
    assert done.outcome.data == {"indicators": 1, "alerts": 1, "factors": 1, "must_track": 1, "tasks": 1}
    book = FileBook.open(path)
    (indicator,), (factor,), (task,) = (book.read(name).rows for name in ("Indicators", "Factors", "Tasks"))
    assert (indicator["period"], indicator["value"], indicator["state"], indicator["light"]) == ("2026-07", -9.0, "low", "red")
    assert (factor["impact"], factor["likelihood"], factor["score"], factor["raters"]) == (8.0, 8.0, 8.0, 1.0)
    assert (task["rule"], task["object"], task["episode"], task["owner"]) == ("指标异动", "PMI", "2026-07", "P1")
    before = tables_of(path)
    assert do("insight", path).outcome.data["tasks"] == 0 and tables_of(path) == before
    do("undo", path)
    assert not FileBook.open(path).read("Tasks").rows


def test_periods_of_another_rhythm_and_ratings_beyond_ten_are_named_at_their_cells_and_nothing_is_written(tmp_path: Path) -> None:
    wrong = [{"code": "PMI", "period": "2026-Q1", "value": 1.0}]
    ratings = [{"factor": "F1", "rater": "P1", "impact": 11.0, "likelihood": 8.0, "on": dt.date(2027, 1, 5)}]
    path = plan(tmp_path, IndicatorValues=wrong, FactorRatings=ratings)
    before = path.read_bytes()
    done = do("insight", path)
    said = [problem.text.zh for problem in done.outcome.problems]
    assert done.refused and path.read_bytes() == before
    assert any("2026-Q1" in text for text in said) and any("11" in text for text in said)


def test_an_empty_plan_says_what_to_enter(tmp_path: Path) -> None:
    path = small_plan(tmp_path / "plan.xlsx", Company("甲", 2027, dt.date(2027, 1, 31)))
    done = do("insight", path)
    assert "宏观指标" in done.outcome.summary.zh and not done.effect


def test_values_with_a_column_each_month_come_in_as_rows_zeros_too(tmp_path: Path) -> None:
    path = plan(tmp_path, IndicatorValues=[], Indicators=[PMI, PMI | {"code": "GDP", "frequency": "quarter"}])
    wide = tmp_path / "wide.csv"
    wide.write_text("指标,2026年1月,2026年2月\nPMI,49.3,0\n", encoding="utf-8")
    with pytest.raises(Refused, match="--wide month"):
        do("import", path, file=str(wide), table="IndicatorValues")
    do("import", path, file=str(wide), table="IndicatorValues", wide="month")
    wide.write_text("指标,2026年一季度\nGDP,5.1\n", encoding="utf-8")
    do("import", path, file=str(wide), table="IndicatorValues", wide="month")
    rows = FileBook.open(path).read("IndicatorValues").rows
    assert [(row["code"], row["period"], row["value"]) for row in rows] == [
        ("PMI", "2026-01", 49.3), ("PMI", "2026-02", 0.0), ("GDP", "2026-Q1", 5.1),
    ]  # fmt: skip


def test_without_a_good_side_there_is_a_signal_and_no_light(tmp_path: Path) -> None:
    path = plan(tmp_path, Indicators=[PMI | {"good": None}])
    do("insight", path)
    (indicator,) = FileBook.open(path).read("Indicators").rows
    assert (indicator["state"], indicator["light"]) == ("low", None)


def test_each_value_stands_beside_its_limits_and_curves_go_five_years_ahead(tmp_path: Path) -> None:
    """Limits of vectors 1c's kind by hand: six values before the newest, mean 2, s 0.7071, two of them; the curve is vectors 1i, beside another."""
    points = [{"series": "碳", "kind": "technology", "year": 2021 + n, "share": share, "source": "x"}
              for n, share in enumerate((0.04, 0.07, 0.12, 0.19, 0.28, 0.39))]  # fmt: skip
    few = [{"series": "短", "kind": "technology", "year": 2021 + n, "share": 0.1 * n, "source": "x"} for n in range(3)]
    path = plan(tmp_path, AdoptionSeries=[{"series": "碳", "ceiling": 0.9}, {"series": "短"}], AdoptionPoints=[*few, *points])
    done = do("insight", path)
    book = FileBook.open(path)
    newest = book.read("IndicatorValues").rows[-1]
    assert (newest["compared"], newest["low"], newest["high"]) == pytest.approx((-9.0, 2 - 2 * 0.5**0.5, 2 + 2 * 0.5**0.5))
    assert book.read("IndicatorValues").rows[5]["low"] is None
    rows = book.read("AdoptionAhead").rows
    assert [(row["series"], row["year"]) for row in rows] == [("碳", year) for year in range(2027, 2032)]
    assert rows[0]["share"] == pytest.approx(0.513417, rel=1e-5) and rows[0]["low"] == pytest.approx(0.498271, rel=1e-5)
    assert any("短" in str(problem.text) for problem in done.outcome.problems)
    before = tables_of(path)
    do("insight", path)
    assert tables_of(path) == before


def test_a_season_is_taken_off_before_values_are_compared(tmp_path: Path) -> None:
    series = (10.0, 1.0, 1.0, 1.0, 12.0, 2.0, 1.0, 2.0, 13.0, 3.0, 2.0, 2.0, 15.0, 3.0, 3.0, 9.0)  # vectors 1e
    months = [{"code": "PMI", "period": f"{2025 + n // 12}-{n % 12 + 1:02d}", "value": value} for n, value in enumerate(series)]
    path = plan(tmp_path, Indicators=[PMI | {"window": 4, "season": 4}], IndicatorValues=months)
    do("insight", path)
    found = FileBook.open(path).read("IndicatorValues").rows
    assert [row["compared"] for row in found] == [None] * 4 + [2.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 2.0, 0.0, 1.0, 7.0]
    assert [row["low"] is None for row in found] == [True] * 8 + [False] * 8
    (held,) = [row for row in FileBook.open(path).read("Indicators").rows if row["code"] == "PMI"]
    # 9 is 7 more than a season before (2); the limits of such differences, 0.75 and 2 × 0.9574 around it, from 2 on.
    assert (held["value"], held["state"]) == (9.0, "high")
    assert (held["low"], held["high"]) == pytest.approx((2 + 0.75 - 2 * 0.957427, 2 + 0.75 + 2 * 0.957427), abs=1e-5)


def test_a_month_that_lacks_the_season_before_is_not_judged(tmp_path: Path) -> None:
    series = (1.0, 2.0, 3.0, None, 5.0, 6.0, 7.0, 8.0, 9.0, 1.0, 2.0, None, 1.0, 2.0, 3.0, 4.0)
    months = [
        {"code": "PMI", "period": f"{2025 + n // 12}-{n % 12 + 1:02d}", "value": value} for n, value in enumerate(series) if value
    ]
    path = plan(tmp_path, Indicators=[PMI | {"window": 4, "season": 4}], IndicatorValues=months)
    done = do("insight", path)
    (held,) = [row for row in FileBook.open(path).read("Indicators").rows if row["code"] == "PMI"]
    assert (held["period"], held["value"], held["state"], held["low"]) == ("2026-04", 4.0, None, None)
    assert any("PMI" in str(p.text) for p in done.outcome.problems)
