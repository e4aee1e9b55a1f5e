"""Split quotas: rows follow People. Expectations: rules, chapter 5 (QUOTAALLOCATE: joiners and leavers by days employed)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from addin.actions import quota
from addin.book import FileBook
from tests.actions.steps import change, do, tables_of
from tests.plans import sample_plan


def test_the_sample_is_up_to_date(tmp_path: Path) -> None:
    path = sample_plan("zh", tmp_path)
    before = path.read_bytes()
    done = do("quota", path)
    assert not done.written and not done.effect and path.read_bytes() == before


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_joiners_come_in_and_leavers_go(tmp_path: Path, lang: str) -> None:
    path = sample_plan(lang, tmp_path)
    book = FileBook.open(path)
    people = book.read("People")
    manager = next(i for i, r in enumerate(people.rows) if r["level"] == "manager")
    seller = next(i for i, r in enumerate(people.rows) if r["quota_weight"])
    change(path, {("People", manager, "quota_weight"): 1.0, ("People", seller, "quota_weight"): 0.0})
    limits = {r["person"]: (r["floor"], r["cap"]) for r in book.read("Quotas").rows}
    assert do("quota", path).written
    rows = FileBook.open(path).read("Quotas").rows
    assert people.rows[manager]["id"] in [r["person"] for r in rows]
    assert people.rows[seller]["id"] not in [r["person"] for r in rows]
    assert {r["person"]: (r["floor"], r["cap"]) for r in rows if r["person"] in limits}.items() <= limits.items()
    assert not do("quota", path).effect


def test_weights_are_prorated_by_days_as_the_sheet_does(tmp_path: Path) -> None:
    book = FileBook.open(sample_plan("zh", tmp_path))
    people = {r["id"]: r for r in book.read("People").rows}
    for row in book.read("Quotas").rows:
        assert quota.weight(people[row["person"]], 2027) == row["weight"]


def test_days_employed() -> None:
    """31 of 365 days; nobody before 2027."""
    march = {"quota_weight": 1.0, "joined": dt.date(2027, 3, 1), "left": dt.date(2027, 3, 31)}
    assert quota.weight(march, 2027) == 0.0849
    assert quota.weight({**march, "joined": dt.date(2020, 1, 1), "left": dt.date(2026, 12, 31)}, 2027) == 0.0


def test_floors_above_the_quota_are_said_and_nothing_is_written(tmp_path: Path) -> None:
    path = sample_plan("zh", tmp_path)
    change(path, {("Quotas", 0, "floor"): 1e9})
    before = path.read_bytes()
    done = do("quota", path)
    assert done.refused and "指标分不下去" in done.outcome.errors[0].text.zh
    assert path.read_bytes() == before


def test_undo_leaves_the_values_as_they_were(tmp_path: Path) -> None:
    path = sample_plan("zh", tmp_path)
    change(path, {("People", 5, "quota_weight"): 0.0, ("People", 2, "quota_weight"): 1.0, ("People", 3, "quota_weight"): 1.0})
    before = tables_of(path)
    do("quota", path)
    assert tables_of(path) != before
    do("undo", path)
    assert tables_of(path) == before


def test_typed_weights_of_new_rows_come_in_the_same_run(tmp_path: Path) -> None:
    """A Table without the weight's formula, as a company's own may be."""
    path = sample_plan("zh", tmp_path)
    book = FileBook.open(path)
    rows, people = book.read("Quotas").rows, book.read("People").rows
    change(path, {("Quotas", i, "weight"): row["weight"] for i, row in enumerate(rows)})
    manager = next(i for i, r in enumerate(people) if r["level"] == "manager")
    change(path, {("People", manager, "quota_weight"): 0.5})
    assert do("quota", path).written
    last = FileBook.open(path).read("Quotas").rows[-1]
    assert (last["person"], last["weight"]) == (people[manager]["id"], 0.5)
    assert not do("quota", path).effect
