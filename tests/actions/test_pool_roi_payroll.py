"""Profit pool, ROI and payroll. Company figures: pool 1 % of 147,000,000 margin; market's ROI target 5, cut 10 % (rules, chapters 5, 11)."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from addin.book import FileBook
from tests.actions.steps import change, do, tables_of
from tests.plans import sample_plan
from tests.small_plan import rows_plan
from workbook_templates.cells import serial
from workbook_templates.xlsx.package import Package


def test_the_samples_pool_is_up_to_date_and_pays_out_all(tmp_path: Path) -> None:
    path = sample_plan("zh", tmp_path)
    before = path.read_bytes()
    done = do("pool", path)
    assert not done.effect and path.read_bytes() == before
    assert sum(round(p["paid"] * 100) for p in done.outcome.data["payout"]) == 147_000_000


def test_leavers_go_newcomers_come_and_points_stay(tmp_path: Path) -> None:
    path = sample_plan("en", tmp_path)
    book = FileBook.open(path)
    people, pool = book.read("People").rows, book.read("Pool").rows
    gone = next(i for i, r in enumerate(people) if r["id"] == pool[-1]["person"])
    new = next(i for i, r in enumerate(people) if r["level"] == "supervisor")
    change(
        path, {("People", gone, "left"): dt.date(2027, 5, 1), ("People", new, "level"): "manager", ("Pool", 3, "success"): None}
    )
    before = tables_of(path)
    done = do("pool", path)
    rows = FileBook.open(path).read("Pool").rows
    assert [r["person"] for r in rows] == [*[r["person"] for r in pool[:-1]], people[new]["id"]]
    assert rows[:3] == pool[:3] and rows[3]["success"] and rows[-1]["performance"] > 0
    assert sum(round(p["paid"] * 100) for p in done.outcome.data["payout"]) == 147_000_000
    assert not do("pool", path).effect
    do("undo", path)
    assert tables_of(path) == before


def _as_of(path: Path, day: dt.date) -> None:
    package = Package.open(path)
    sheet, ref = package.locate("as_of") or ("", None)
    assert ref
    package.sheets[sheet].set_values({(ref.first_row, ref.first_col): serial(day)})
    package.save(backup=False)


def test_a_missed_month_cuts_the_next_ones_budget_once(tmp_path: Path) -> None:
    path = sample_plan("zh", tmp_path)
    _as_of(path, dt.date(2027, 6, 30))
    budget = FileBook.open(path).read("Budget")
    at = {(r["line"], r["month"]): i for i, r in enumerate(budget.rows)}
    change(path, {("Budget", at["market", 6], "actual_cost"): 100.0, ("Budget", at["market", 6], "revenue"): 499.0})
    done = do("roi", path)
    assert "market" in str(done.outcome.data["missed"]) or "市场" in str(done.outcome.data["missed"])
    rows = FileBook.open(path).read("Budget").rows
    planned = rows[at["market", 7]]["planned"]
    assert rows[at["market", 7]]["approved"] == pytest.approx(planned * 0.9, abs=0.005)
    assert rows[at["people", 7]]["approved"] == rows[at["people", 7]]["planned"]
    assert all(r["planned"] == b["planned"] for r, b in zip(rows, budget.rows, strict=True))
    assert not do("roi", path).effect
    assert [p for p in done.outcome.problems if p.level == "warning"]  # people, training and other have no target


def test_on_the_target_is_met(tmp_path: Path) -> None:
    path = rows_plan("zh", tmp_path)
    _as_of(path, dt.date(2027, 6, 30))
    at = {(r["line"], r["month"]): i for i, r in enumerate(FileBook.open(path).read("Budget").rows)}
    change(path, {("Budget", at["market", 6], "actual_cost"): 100.0, ("Budget", at["market", 6], "revenue"): 500.0})
    do("roi", path)
    row = FileBook.open(path).read("Budget").rows[at["market", 7]]
    assert row["approved"] == row["planned"]


def test_payroll_has_what_is_approved_and_nothing_else(tmp_path: Path) -> None:
    path, out = rows_plan("zh", tmp_path), tmp_path / "pay.csv"
    book = FileBook.open(path)
    locked = {r["person"]: r["paid"] for r in book.read("Accounts").rows if (r["month"], r["statement"]) == ("2027-10", "final")}
    first = min(locked)
    evil = next(i for i, r in enumerate(book.read("People").rows) if r["id"] == first)
    change(path, {("People", evil, "name"): "=cmd|' /c calc'!A1"})
    before = path.read_bytes()
    done = do("payroll", path, out=str(out), period="2027-10")
    assert path.read_bytes() == before
    raw = out.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(raw.decode("utf-8-sig").splitlines()))[1:]
    assert {r[1]: float(r[3]) for r in rows} == locked and len(locked) > 5
    assert done.outcome.data["total"] == pytest.approx(sum(locked.values()), abs=0.005)
    assert next(r for r in rows if r[1] == first)[2].startswith("'=")
