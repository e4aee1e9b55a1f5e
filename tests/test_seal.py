"""The parts of the seal by themselves: whose name it is, what 0.1.0 sealed, what leaves the workbook."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin.book import FileBook
from tests.real import REPOSITORY
from workbook_templates.answers import Refused
from workbook_templates.chapters.incentives import cycle
from workbook_templates.chapters.incentives.checks.ledger import cycle_tables
from workbook_templates.chapters.incentives.cycle import digests, exported
from workbook_templates.chapters.incentives.cycle.names import folded, same_person
from workbook_templates.chapters.sample import company

Row = dict[str, Any]


# --------------------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Li", "Ｌｉ"), ("Li", "L i"), ("李明", "李 明"), ("李明", "李\u3000明"), ("Cora", "Сora"), ("Cora", "cОrа"), ("Cora", "Cora\u200b"),
        ("Cora", "\ufeffCora"), ("Cora", "C\u2060ora"), ("Cora", "Cora\u115f"), ("Cora", "\u2800Cora"), ("Cora", "Ϲora"),
        ("Igor", "Іgor"), ("Lio", "Liο"), ("Ann", "Αnn"), ("Boris", "Вoris"), ("Tom", "Тоm"), ("Mary", "Маry"), ("Kim", "Κim"),
        ("Eva", "Еva"), ("José", "Jose\u0301"), ("Straße", "STRASSE"), ("Cora", "𝐂𝐨𝐫𝐚"), ("Cora", "Ꮯora"), ("周敏", "周\u200d敏"),
    ],
)  # fmt: skip
def test_one_person(one: str, other: str) -> None:
    assert same_person(one, other) and same_person(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Li", "Lu"), ("李明", "李朋"), ("Cora", "Coral"), ("Anna", "Hanna"), ("Иван", "Игорь"), ("王伟", "王玮"), ("Ali", "All")],
)
def test_two_people(one: str, other: str) -> None:
    assert not same_person(one, other)


@given(st.text(max_size=30))
def test_folding_a_folded_name_changes_nothing(name: str) -> None:
    assert folded(folded(name)) == folded(name)


# --------------------------------------------------------------------------------------------------------------- 0.1.0


def landed() -> cycle.Tables:
    book = FileBook.open(REPOSITORY / "tests" / "landed" / "0.1.0" / "demo.en.xlsx")
    return cycle_tables({name: grid for name in cycle.TABLES if (grid := book.grid(name)) is not None})[0]


def test_what_the_version_before_sealed_stays_sealed_and_can_be_paid() -> None:
    """Its statements were sealed over ledger rows only, and without an export: they are neither altered nor held up."""
    tables = landed()
    locked = [s for s in tables.statements if s["locked_on"]]
    assert len(locked) > 300 and {digests.version_of(s) for s in locked} == {digests.OLD}
    assert cycle.settled(tables) == [] and exported.left_behind(tables, None) == []
    waiting = [s for s in locked if not s["paid_on"]]
    step = cycle.pay(tables, cycle.Act(waiting[0]["period"], "Ho", dt.datetime(2027, 12, 5, 9)))
    assert not step.faults and step.paid == pytest.approx(sum(max(s["total"], 0.0) for s in waiting), abs=0.005)
    after = cycle.applied(tables, step)
    assert cycle.settled(after) == [] and cycle.violation(tables, after, paying=True) is None
    found = exported.export(tables, step, None)
    assert found is not None
    entries = exported.parsed(found.after)
    assert cycle.settled(after, entries) == [] and exported.left_behind(after, entries) == []


def test_a_row_of_the_version_before_is_still_guarded() -> None:
    tables = landed()
    place = next(i for i, row in enumerate(tables.ledger) if row["status"] == "paid")
    rows = [dict(row) for row in tables.ledger]
    before = rows[place]["commission"]
    rows[place]["commission"] = before + 100
    found = cycle.settled(cycle.Tables(rows, tables.statements, tables.approvals))
    assert [(f.table, f.row, f.key) for f in found] == [("Ledger", place, "commission")]
    assert f"{before:,.2f} → {before + 100:,.2f}" in found[0].text.en


def test_a_word_that_is_called_otherwise_since_has_the_digest_it_had() -> None:
    """The digest is that of 0.1.0's own code for this row; the kind is read as ``manual`` now."""
    row: Row = {
        "period": "2027-03", "person": "P1", "deal": "D1", "kind": "override", "credit_share": 1.0, "revenue": 0.0, "margin_rate": 0.3,
        "commission": 20000.0, "plan_version": "V1.0", "computed_on": dt.date(2027, 4, 5), "reason": "house account", "by": "S",
    }  # fmt: skip
    assert digests.fingerprint([row | {"kind": "manual"}], None, digests.OLD) == "hc23997af52b14bdd"


# ---------------------------------------------------------------------------------------------------- every single value


@pytest.fixture(scope="module")
def sample() -> cycle.Tables:
    made = company("en")
    return cycle.Tables(*(made.of(name) for name in cycle.TABLES))


def test_the_sample_is_as_it_was_approved(sample: cycle.Tables) -> None:
    assert cycle.settled(sample) == []


@pytest.mark.parametrize("table", ["Ledger", "Statements", "Accounts"])
def test_no_value_of_anything_settled_can_be_changed(sample: cycle.Tables, table: str) -> None:
    """Each column of a paid row in turn gets another value; what only says where the cell digests stand is covered by the digest."""
    rows: list[Row] = [dict(row) for row in getattr(sample, table.lower())]
    settled = {(s["period"], s["person"]) for s in sample.statements if s["paid_on"]}
    month = "month" if table == "Accounts" else "period"
    place = next(i for i, row in enumerate(rows) if (row[month], row["person"]) in settled and (table != "Ledger" or row["deal"]))
    silent = []
    for key, value in rows[place].items():
        other = (value or 0.0) + 1.0 if isinstance(value, float) or value is None else dt.date(2030, 1, 1) if isinstance(value, dt.date) else "x"  # fmt: skip
        changed = [*rows[:place], {**rows[place], key: other}, *rows[place + 1 :]]
        now = {name.lower(): getattr(sample, name.lower()) for name in cycle.TABLES} | {table.lower(): changed}
        if not cycle.settled(cycle.Tables(**now)):
            silent.append(key)
    assert silent == []


# -------------------------------------------------------------------------------------------------------------- export


def test_an_export_is_read_as_it_was_written(sample: cycle.Tables) -> None:
    entries = [exported.entry_of(s, "note") for s in sample.statements if s["locked_on"]]
    assert exported.parsed(exported.written(entries)) == entries
    assert exported.parsed(None) is None and exported.parsed(exported.written([])) == []


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"salesplan_seal": 2, "entries": []}', b'{"salesplan_seal": 1, "entries": [{}]}', b"\xff"])  # fmt: skip
def test_a_damaged_export_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        exported.parsed(content)


def test_a_long_statement_keeps_its_account(tmp_path: Path, sample: cycle.Tables) -> None:
    account = dict(sample.accounts[0])
    rows = [{**sample.ledger[0], "deal": f"D{i:06}"} for i in range(2_000)]
    seal = digests.seal(rows, account)
    assert len(seal["lines"]) < 32_767 and digests.sealed_figures(seal) == digests.figures(account)
