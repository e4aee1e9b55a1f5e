"""Settling dealers. The small plan has the policy's own tiers, 10 % up to 2,000,000 of a quarter's sales, 13 % up to 5,000,000: a quarter
of 3,000,000 earns 330,000. What settling means is tried in test_settlement; here what it does to a workbook."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from addin.book import FileBook
from tests.actions.steps import change, do, tables_of
from tests.plans import sample_plan
from tests.small_plan import small_plan
from tests.test_settlement import exams, quarter
from workbook_templates.answers import Refused
from workbook_templates.tables.schema import Company

DAY = dt.date(2027, 7, 5)


def plan(
    folder: Path, sales: list[dict[str, Any]], sat: list[dict[str, Any]] | None = None, lang: str = "zh", **rows: Any
) -> Path:
    dealers = [{"id": d, "name": f"经销商{d}", "joined": dt.date(2020, 1, 1)} for d in ("V1", "V2")]
    given = {"Dealers": dealers, "DealerSales": sales, "Exams": [*exams(), *exams(dealer="V2")] if sat is None else sat, **rows}
    return small_plan(folder / "plan.xlsx", Company("公司", 2027, DAY, rows=given), lang)


def lines(path: Path) -> list[tuple[Any, ...]]:
    keys = ("quarter", "dealer", "kind", "status", "paid", "withheld")
    return [tuple(r[k] for k in keys) for r in FileBook.open(path).read("DealerLedger").rows]


def settle(path: Path, status: str = "paid") -> None:
    rows = FileBook.open(path).read("DealerLedger").rows
    change(path, {("DealerLedger", i, "status"): status for i in range(len(rows))})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sample_is_up_to_date(tmp_path: Path, lang: str) -> None:
    path = sample_plan(lang, tmp_path)
    before = path.read_bytes()
    done = do("dealers", path)
    assert not done.effect and path.read_bytes() == before
    assert {d["dealer"] for d in done.outcome.data["dealers"] if d["verdict"] == "exit"} == {"V05"}


def test_quarters_that_are_over_are_settled_and_twice_is_once(tmp_path: Path) -> None:
    failed = [*exams(), *exams(dealer="V2")[:3], *exams(79, college="finance", dealer="V2")]
    path = plan(tmp_path, [quarter(1), quarter(2, 1_000_000.0, "V2"), quarter(3)], failed)
    done = do("dealers", path)
    assert done.written and lines(path) == [
        ("2027-Q1", "V1", "accrual", "computed", 330_000, 0),
        ("2027-Q2", "V2", "accrual", "computed", 0, 100_000),
    ]
    assert [p.level for p in done.outcome.problems] == ["warning"], "the third quarter is not over"
    row = FileBook.open(path).read("DealerLedger").rows[1]
    assert row["reason"] == "暂扣：融资学院79分（及格 80）" and row["verdict"] == "retain" and row["computed_on"] == DAY
    before = path.read_bytes()
    assert not do("dealers", path).effect and path.read_bytes() == before


def test_a_paid_figure_is_never_changed_and_the_change_log_has_the_adjustment(tmp_path: Path) -> None:
    path = plan(tmp_path, [quarter(1)])
    do("dealers", path)
    settle(path)
    change(path, {("DealerSales", 0, "sales"): 2_000_000.0})
    logged = len(FileBook.open(path).read("ChangeLog").rows)
    done = do("dealers", path)
    assert lines(path) == [
        ("2027-Q1", "V1", "accrual", "paid", 330_000, 0),
        ("2027-Q1", "V1", "adjustment", "computed", -130_000, 0),
    ]
    assert any("330,000.00 → 200,000.00" in note.zh for note in done.outcome.notes)
    assert len(FileBook.open(path).read("ChangeLog").rows) > logged
    assert FileBook.open(path).read("DealerLedger").rows[1]["booked"] == "2027-Q3"


def test_a_passed_exam_releases_what_was_withheld_as_its_own_line(tmp_path: Path) -> None:
    path = plan(tmp_path, [quarter(1)], [*exams()[:3], *exams(60, college="finance")])
    do("dealers", path)
    settle(path, "locked")
    change(path, {("Exams", 3, "score"): 85.0})
    done = do("dealers", path)
    assert lines(path)[1:] == [("2027-Q1", "V1", "release", "computed", 330_000, -330_000)]
    assert done.outcome.data["releases"] == 1 and "330,000.00" in done.outcome.summary.zh


def test_the_workbooks_own_policy_holds(tmp_path: Path) -> None:
    path = plan(tmp_path, [quarter(1)])
    book = FileBook.open(path)
    sheet, area = book.locate("base_rebate_rates") or ("", None)
    assert area is not None
    book.package.sheets[sheet].set_values({(area.first_row, area.first_col): 0.20})
    book.package.save(backup=False)
    do("dealers", path)
    assert lines(path)[0][4] == 2_000_000 * 0.20 + 1_000_000 * 0.13


def test_undo_brings_the_ledger_back(tmp_path: Path) -> None:
    path = plan(tmp_path, [quarter(1), quarter(2)], lang="en")
    do("dealers", path)
    settle(path)
    change(path, {("DealerSales", 0, "sales"): 1_000_000.0})
    before = tables_of(path)
    do("dealers", path)
    do("undo", path)
    assert tables_of(path) == before


def test_a_quarter_alone(tmp_path: Path) -> None:
    path = plan(tmp_path, [quarter(1), quarter(2)])
    do("dealers", path, quarter="2027-Q2")
    assert [line[0] for line in lines(path)] == ["2027-Q2"]
    for wrong in ("Q2", "2027-Q3"):  # no quarter; one that is not over
        with pytest.raises(Refused, match=wrong):
            do("dealers", path, quarter=wrong)


def test_problems_come_all_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    sales = [
        quarter(1),
        quarter(1),
        {**quarter(2), "quarter": "二季度"},
        quarter(2, dealer="V9"),
        {**quarter(2), "sales": "很多"},
    ]
    path = plan(tmp_path, sales, [*exams(), *exams(180, college="sales")])
    before = path.read_bytes()
    done = do("dealers", path)
    told = " ".join(p.text.zh for p in done.outcome.errors)
    assert done.outcome.partial and not done.written and path.read_bytes() == before  # every dealer is left out
    assert all(word in told for word in ("重复", "不是季度", "V9", "很多", "180"))


def test_a_ledger_that_was_tampered_with_is_refused(tmp_path: Path) -> None:
    path = plan(tmp_path, [quarter(1)])
    do("dealers", path)
    change(path, {("DealerLedger", 0, "paid"): 400_000.0})
    done = do("dealers", path)
    assert done.refused and "400,000.00" in done.outcome.errors[0].text.en


def test_tiers_out_of_order_are_refused(tmp_path: Path) -> None:
    path = plan(tmp_path, [quarter(1)])
    book = FileBook.open(path)
    sheet, area = book.locate("base_rebate_thresholds") or ("", None)
    assert area is not None
    book.package.sheets[sheet].set_values({(area.first_row, area.first_col): 9e9})
    book.package.save(backup=False)
    with pytest.raises(Refused, match="第 2 档"):
        do("dealers", path)


def test_sales_outside_the_contract_are_said(tmp_path: Path) -> None:
    path = plan(tmp_path, [quarter(1)])
    change(path, {("Dealers", 0, "joined"): dt.date(2027, 5, 1)})
    done = do("dealers", path)
    assert done.written and "合作期" in done.outcome.problems[0].text.zh


def test_a_quarter_nobody_had_reviewed_goes_with_its_sales(tmp_path: Path) -> None:
    path = plan(tmp_path, [quarter(1), quarter(2)])
    do("dealers", path)
    change(path, {("DealerSales", 1, key): None for key in quarter(2)})
    do("dealers", path)
    assert [line[0] for line in lines(path)] == ["2027-Q1"]


def test_a_bad_row_leaves_out_its_dealer_only(tmp_path: Path) -> None:
    path = plan(tmp_path, [quarter(1), quarter(1, dealer="V2")])
    change(path, {("DealerSales", 0, "sales"): "三百万"})
    done = do("dealers", path)
    assert done.written and done.outcome.partial and list(done.outcome.data["left_out"]) == ["V1"]
    assert lines(path) == [("2027-Q1", "V2", "accrual", "computed", 330_000, 0)]
    assert any("三百万" in note.zh for note in done.outcome.notes)
