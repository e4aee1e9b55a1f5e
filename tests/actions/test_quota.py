"""Split quotas: rows follow People. Expectations: rules, chapter 5 (QUOTAALLOCATE: joiners and leavers by days employed)."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from addin import actions
from addin.action import ATTENTION
from addin.actions import quota
from addin.book import FileBook
from addin.changes import plain
from tests.actions.steps import change, do, tables_of
from tests.plans import sample_plan
from tests.small_plan import rows_plan
from workbook_templates.answers import Refused
from workbook_templates.recalc import recalculate
from workbook_templates.tables.grids import cell_of, held
from workbook_templates.xlsx.package import Package


def recalculated(path: Path) -> None:
    package = Package.open(path)
    recalculate(package)
    package.save(backup=False)


def do_refused(name: str, path: Path, **options: Any) -> str:
    """What an action says that refuses its options."""
    with pytest.raises(Refused) as refused:
        do(name, path, **options)
    return refused.value.text.zh


def seal(path: Path, person: str, quotas: dict[str, float]) -> None:
    """Let a person's accounts say that these months were sealed with these quotas."""
    package = Package.open(path)
    accounts = held(package, "Accounts")
    for index, row in enumerate(accounts.rows):
        if row["person"] == person and row["month"] in quotas:
            cells = {"quota": quotas.pop(row["month"]), "statement": "final"}
            for key, value in cells.items():
                cell = plain(cell_of(accounts.spec[key], value, accounts.lang))
                package.sheets[accounts.grid.sheet].set_values({accounts.at(index, key): cell})
    assert not quotas
    package.save(backup=False)


def test_the_sample_is_up_to_date(tmp_path: Path) -> None:
    path = sample_plan("zh", tmp_path)
    before = path.read_bytes()
    done = do("quota", path)
    assert not done.written and not done.effect and path.read_bytes() == before


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_joiners_come_in_and_leavers_go(tmp_path: Path, lang: str) -> None:
    path = rows_plan(lang, tmp_path)
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
    book = FileBook.open(rows_plan("zh", tmp_path))
    people = {r["id"]: r for r in book.read("People").rows}
    for row in book.read("Quotas").rows:
        assert quota.weight(people[row["person"]], 2027) == row["weight"]


def test_days_employed() -> None:
    """306 of 365 days from 1 March, whenever somebody leaves; nobody before 2027."""
    march = {"quota_weight": 1.0, "joined": dt.date(2027, 3, 1), "left": dt.date(2027, 3, 31)}
    assert quota.weight(march, 2027) == 0.8384
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
    path = rows_plan("zh", tmp_path)
    book = FileBook.open(path)
    rows, people = book.read("Quotas").rows, book.read("People").rows
    change(path, {("Quotas", i, "weight"): row["weight"] for i, row in enumerate(rows)})
    manager = next(i for i, r in enumerate(people) if r["level"] == "manager")
    change(path, {("People", manager, "quota_weight"): 0.5})
    assert do("quota", path).written
    last = FileBook.open(path).read("Quotas").rows[-1]
    assert (last["person"], last["weight"]) == (people[manager]["id"], 0.5)
    assert not do("quota", path).effect


# --------------------------------------------------------------------------------------- leaving, changes, bad rows


def months_of(path: Path, person: str) -> list[float]:
    """A person's months as the sheet shows them."""
    package = Package.open(path)
    place = next(i for i, row in enumerate(held(package, "Quotas").rows) if row["person"] == person)
    sheet, ref = package.locate("person_months")
    cells = package.sheets[sheet].cells()
    return [cells[ref.first_row + place, ref.first_col + month].value for month in range(12)]


def test_a_leave_date_typed_in_changes_no_month_before(tmp_path: Path) -> None:
    """The issue's own fault: it changed past quarters, of the leaver and of everybody else."""
    path = sample_plan("zh", tmp_path)
    people = FileBook.open(path).read("People").rows
    index = next(i for i, r in enumerate(people) if r["quota_weight"] and r["left"] is None and r["joined"].year < 2027)
    other = next(r["id"] for r in people[index + 1 :] if r["quota_weight"])
    leaver = people[index]["id"]
    before, others = months_of(path, leaver), months_of(path, other)
    # January to November are reviewed in the sample and keep what they had (money.md 8): December is the open month.
    change(path, {("People", index, "left"): dt.date(2027, 12, 15)})
    assert not do("quota", path).effect
    after = months_of(path, leaver)
    assert after[:11] == before[:11] and after[11] == pytest.approx(before[11] * 15 / 31, abs=1)
    assert months_of(path, other) == others


def test_a_changed_quota_is_a_row_with_who_and_why(tmp_path: Path) -> None:
    path = sample_plan("zh", tmp_path)
    person = FileBook.open(path).read("Quotas").rows[-1]["person"]
    before = months_of(path, person)
    done = do("quota", path, person=person, amount=8e6, since="2027-12-01", by="陈立", reason="客户移交")
    assert done.written
    row = FileBook.open(path).read("QuotaChanges").rows[-1]
    assert row == {"person": person, "valid_from": dt.date(2027, 12, 1), "quota": 8e6, "by": "陈立", "reason": "客户移交"}
    recalculated(path)
    after = months_of(path, person)
    assert after[:11] == before[:11] and after[11] == 320_000.0  # the rhythm's last month: 4% of the year
    again = do_refused("quota", path, person=person, amount=9e6, since="2027-12-01", by="陈立", reason="x")
    assert "已有一行变更" in again


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"person": "P013", "amount": 8e6}, "--from"),
        ({"person": "P999", "amount": 8e6, "since": "2027-03-01", "reason": "x"}, "P999"),
        ({"person": "P013", "amount": -1.0, "since": "2027-03-01", "reason": "x"}, "-1"),
        ({"person": "P013", "amount": float("nan"), "since": "2027-03-01", "reason": "x"}, "nan"),
        ({"person": "P013", "amount": 8e6, "since": "下月", "reason": "x"}, "下月"),
        ({"person": "P013", "amount": 8e6, "since": "2028-03-01", "reason": "x"}, "2028-03-01"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_its_value(tmp_path: Path, options: dict[str, Any], said: str) -> None:
    path = rows_plan("zh", tmp_path)
    before = path.read_bytes()
    assert said in do_refused("quota", path, **options)
    assert path.read_bytes() == before


def test_months_already_sealed_are_named_and_keep_theirs(tmp_path: Path) -> None:
    """As M23 of money-cases: from 03-01 with January to November reviewed."""
    path = sample_plan("zh", tmp_path)
    person = FileBook.open(path).read("Quotas").rows[0]["person"]
    before = months_of(path, person)
    done = do("quota", path, person=person, amount=8e6, since="2027-03-01", by="陈立", reason="调整")
    assert any("2027-03 – 2027-11 已审核" in note.zh for note in done.outcome.notes), done.outcome.notes
    recalculated(path)
    assert months_of(path, person) == [*before[:11], 320_000.0]


def test_a_bad_row_leaves_out_its_person_only(tmp_path: Path) -> None:
    path = rows_plan("zh", tmp_path)
    people = FileBook.open(path).read("People").rows
    bad = next(i for i, r in enumerate(people) if r["quota_weight"])
    manager = next(i for i, r in enumerate(people) if r["level"] == "manager")
    change(path, {("People", bad, "joined"): "七月", ("People", manager, "quota_weight"): 1.0})
    done = do("quota", path)
    rows = {r["person"]: r for r in FileBook.open(path).read("Quotas").rows}
    assert done.written and done.outcome.partial and list(done.outcome.data["left_out"]) == [people[bad]["id"]]
    assert people[manager]["id"] in rows and people[bad]["id"] in rows
    assert any("七月" in note.zh for note in done.outcome.notes)
    assert actions.every()["quota"].reported(argparse.Namespace(), done.outcome) == ATTENTION
