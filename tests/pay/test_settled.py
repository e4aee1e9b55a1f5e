"""Settled rows, altered by hand in every way, over plain rows: each is told at its cell with its figure; and a clock that was set back.

A sold D1 in February (margin 30 % of 100,000: 1,250) and D4 in March (600). B sold D2 in February (3 % of 40,000: 1,200), on hold in
February, off it in March, where D3 brings 600. February is paid, March is locked.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from tests.pay.by_core import ByCore
from tests.pay.test_found import deal
from workbook_templates.chapters.incentives import cycle
from workbook_templates.chapters.incentives.cycle import Act, Step, Tables
from workbook_templates.chapters.incentives.cycle.digests import sealed
from workbook_templates.chapters.incentives.cycle.exported import SealEntry, entry_of, export, known, left_behind, parsed
from workbook_templates.chapters.incentives.cycle.guard import settled, violation
from workbook_templates.chapters.incentives.cycle.state import called, row_called

Edit = Callable[[dict[str, list[dict[str, Any]]]], None]


def _act(month: str, who: str, day: str) -> Act:
    return Act(month, who, dt.datetime.fromisoformat(f"{day}T09:00:00"), user=f"pc-{who}")


def _taken(tables: Tables, step: Step) -> Tables:
    assert not step.faults, step.faults
    return cycle.applied(tables, step)


@cache
def _computed() -> Tables:
    kept = ByCore()
    for who in "AB":
        kept.put("People", {"id": who, "name": f"{who}…", "level": "representative", "line": "direct", "joined": dt.date(2020, 1, 1)})  # fmt: skip
    for one, seller in (
        (deal("D1", "2027-02-10", 100_000, 70_000), "A"), (deal("D2", "2027-02-11", 200_000, 160_000), "B"),
        (deal("D3", "2027-03-11", 100_000, 80_000), "B"), (deal("D4", "2027-03-12", 100_000, 80_000), "A"),
    ):  # fmt: skip
        row = one["enter"]["Deals"][0]
        kept.put("Deals", {**row, "date": dt.date.fromisoformat(row["date"]), "seller": seller})
    kept.put("Holds", {"person": "B", "from": "2027-02", "until": "2027-02", "reason": "audit", "by": "S"})
    kept.day(dt.date(2027, 3, 31))
    assert not kept.commission({}).refused
    return Tables(kept.rows("Ledger"), accounts=kept.rows("Accounts"))


@cache
def _states() -> dict[str, Tables]:
    """The Tables after each step."""
    found = {"computed": _computed()}
    for name, month, step, who, day in (
        ("reviewed", "2027-02", cycle.review, "Zhou", "2027-03-05"), ("locked", "2027-02", cycle.lock, "Lio", "2027-03-06"),
        ("paid", "2027-02", cycle.pay, "Hu", "2027-03-08"), ("march reviewed", "2027-03", cycle.review, "Zhou", "2027-04-05"),
        ("all", "2027-03", cycle.lock, "Lio", "2027-04-06"),
    ):  # fmt: skip
        before = list(found.values())[-1]
        found[name] = _taken(before, step(before, _act(month, who, day)))
    return found


def _export(state: str = "all") -> list[SealEntry]:
    return sorted((entry_of(statement) for statement in _states()[state].statements), key=lambda entry: entry.key)


def _edited(edit: Edit, state: str = "all") -> Tables:
    tables = _states()[state]
    rows = {
        name: [copy.copy(dict(row)) for row in getattr(tables, name)]
        for name in ("ledger", "statements", "approvals", "accounts")
    }
    edit(rows)
    return Tables(rows["ledger"], rows["statements"], rows["approvals"], (), rows["accounts"])


def _row(rows: list[dict[str, Any]], **said: Any) -> dict[str, Any]:
    (found,) = [row for row in rows if all(row.get(key) == value for key, value in said.items())]
    return found


def _set(table: str, where: dict[str, Any], **values: Any) -> Edit:
    return lambda rows: _row(rows[table], **where).update(values)


def _gone(table: str, **where: Any) -> Edit:
    return lambda rows: rows[table].remove(_row(rows[table], **where))


def _twice(table: str, **where: Any) -> Edit:
    return lambda rows: rows[table].append(dict(_row(rows[table], **where)))


def _both(*edits: Edit) -> Edit:
    def made(rows: dict[str, list[dict[str, Any]]]) -> None:
        for edit in edits:
            edit(rows)

    return made


A2, B2, A3, B3 = ({"period": month, "person": who} for month in ("2027-02", "2027-03") for who in "AB")
A2_, B2_, A3_, B3_ = ({"month": key["period"], "person": key["person"]} for key in (A2, B2, A3, B3))
HOLD = {"kind": "hold"}
LOCK = {"number": 3.0}  # of February
PAYMENT = {"number": 4.0}


def _resealed(tables: dict[str, list[dict[str, Any]]], where: dict[str, Any], **values: Any) -> None:
    """Somebody who can read this program makes the record's own seal again."""
    record = _row(tables["statements"], **where)
    record.update(sealed({**record, **values}))


TAMPERED: list[tuple[str, Edit, list[tuple[str, str, tuple[str, ...]]]]] = [
    ("an amount", _set("ledger", {"deal": "D1"}, commission=2250.0),
     [("Ledger", "commission", ("2027-02 A", "deal D1", "1,250.00 → 2,250.00", "statement total 1,250.00 → 2,250.00"))]),
    ("an amount on hold", _set("ledger", HOLD, commission=200.0), [("Ledger", "commission", ("2027-02 B", "“On hold”", "1,200.00 → 200.00"))]),
    ("a row is gone", _gone("ledger", deal="D2"), [("Statements", "total", ("missing", "2027-02 B D2", "1,200.00"))]),
    ("a hold is gone", _gone("ledger", **HOLD), [("Statements", "total", ("missing", "2027-02 B “On hold”", "1,200.00"))]),
    ("a row twice", _twice("ledger", deal="D1"), [("Ledger", "commission", ("doubled", "2027-02 A D1", "statement 1,250.00, rows 2,500.00"))]),
    ("a hold twice", _twice("ledger", **HOLD), [("Ledger", "commission", ("doubled", "2027-02 B “On hold”", "1,200.00"))]),
    ("a row to another month", _set("ledger", {"deal": "D1"}, period="2027-03"), [("Ledger", "period", ("moved", "2027-02 A D1 1,250.00", "now 2027-03 A"))]),
    ("a row to another person", _set("ledger", {"deal": "D1"}, person="B"), [("Ledger", "person", ("moved", "2027-02 A D1 1,250.00", "now 2027-02 B"))]),
    ("a row slipped in", lambda rows: rows["ledger"].append({**_row(rows["ledger"], deal="D1"), "deal": "D9", "commission": 7.0}),
     [("Ledger", "commission", ("2027-02 A", "the row of D9 (7.00)", "statement total 1,250.00 → 1,257.00"))]),
    ("a month unreadable", _set("ledger", {"deal": "D4"}, period="2027-O3"), [("Ledger", "period", ("moved", "2027-03 A D4 600.00", "now 2027-O3 A"))]),
    ("a state set back", _set("ledger", {"deal": "D1"}, status="locked"), [("Ledger", "status", ("set back", "2027-02 A", "paid on 2027-03-08", "1,250.00 would be paid twice"))]),
    ("a state set ahead", _set("ledger", {"deal": "D4"}, status="paid"), [("Ledger", "status", ("unapproved", "2027-03 A", "no payment on record, 600.00"))]),
    ("a hold's state", _set("ledger", HOLD, status="computed"), [("Ledger", "status", ("set back", "2027-02 B", "now computed"))]),
    ("a locked row open again", _set("ledger", {"kind": "unhold"}, status="computed"),
     [("Ledger", "status", ("set back", "2027-03 B, “Off hold”", "locked → computed", "1,800.00"))]),
    ("an account's sum", _set("accounts", B3_, paid=9_800.0), [("Accounts", "paid", ("2027-03 B", "1,800.00 → 9,800.00"))]),
    ("what is on hold", _set("accounts", B2_, on_hold=0.0), [("Accounts", "on_hold", ("2027-02 B", "1,200.00 → 0.00"))]),
    ("the year to date", _set("accounts", A3_, year_to_date=5.0), [("Accounts", "year_to_date", ("2027-03 A", "1,850.00 → 5.00"))]),
    ("an account's state", _set("accounts", A3_, statement="estimated"), [("Accounts", "statement", ("set back", "2027-03 A, the account", "locked → estimated", "600.00"))]),
    ("an account paid by hand", _set("accounts", A3_, statement="paid"), [("Accounts", "statement", ("2027-03 A", "no payment on record", "600.00"))]),
    ("an account gone", _gone("accounts", **A2_), [("Statements", "paid", ("missing", "account of 2027-02 A", "1,250.00"))]),
    ("an account twice", _twice("accounts", **A2_), [("Accounts", "paid", ("doubled", "account of 2027-02 A", "1,250.00"))]),
    ("an account moved", _set("accounts", A2_, month="2027-01"), [("Accounts", "month", ("moved", "account of 2027-02 A", "1,250.00", "now 2027-01 A"))]),
    ("an account to somebody else", _set("accounts", A2_, person="C"), [("Accounts", "person", ("moved", "account of 2027-02 A", "now 2027-02 C"))]),
    ("a statement's payable", _set("statements", A3, paid=6_000.0),
     [("Statements", "seal", ("2027-03 A", "6,000.00")), ("Approvals", "paid", ("approval 7", "2,400.00", "7,800.00"))]),
    ("who reviewed", _set("statements", A3, reviewed_by="Lio"), [("Statements", "seal", ("2027-03 A", "reviewed Lio"))]),
    ("who approved", _set("statements", A3, approved_by="Zhou"), [("Statements", "seal", ("2027-03 A",)), ("Statements", "approved_by", ("2027-03 A", "Lio → Zhou"))]),
    ("who approved, sealed anew", lambda rows: _resealed(rows, A3, approved_by="Zhou"), [("Statements", "approved_by", ("2027-03 A", "Lio → Zhou"))]),
    ("the day of the lock", _set("statements", A3, locked_on=dt.date(2027, 4, 1)), [("Statements", "seal", ("2027-03 A", "2027-04-01"))]),
    ("the lock is taken off", _set("statements", A3, locked_on=None), [("Statements", "locked_on", ("set back", "2027-03 A", "600.00"))]),
    ("the payment is taken off", _set("statements", A2, paid_on=None, payment=None),
     [("Statements", "paid_on", ("set back", "2027-02 A", "paid on 2027-03-08", "1,250.00 would be paid twice"))]),
    ("a payment nobody made", lambda rows: _resealed(rows, A3, paid_on=dt.date(2027, 4, 8), payment=9.0), [("Statements", "payment", ("2027-03 A", "no payment 9", "600.00"))]),
    ("a statement twice", _twice("statements", **A3), [("Statements", "person", ("2027-03 A", "doubled", "600.00"))]),
    ("a statement without a month", _set("statements", A3, period=None), [("Statements", "period", ("– A", "600.00"))]),
    ("a statement without a person", _set("statements", A3, person=None), [("Statements", "person", ("2027-03 –", "600.00"))]),
    ("its digests", _set("statements", A3, lines="{}"), [("Statements", "lines", ("2027-03 A", "overwritten"))]),
    ("its hash", _set("statements", A3, hash="v20"), [("Statements", "hash", ("2027-03 A", "600.00"))]),
    ("the approval's total", _set("approvals", LOCK, total=9.0), [("Approvals", "total", ("approval 3", "9.00", "3,650.00"))]),
    ("the approval's payable", _set("approvals", LOCK, paid=9.0), [("Approvals", "paid", ("approval 3", "9.00", "1,250.00"))]),
    ("who approved, in Approvals", _set("approvals", LOCK, who="Zhou"), [("Statements", "approved_by", ("2027-02 A", "Zhou → Lio"))]),
    ("the approval is gone", _gone("approvals", **LOCK), [("Statements", "approval", ("2027-02 A", "no approval 3", "1,250.00"))]),
    ("the payment is gone", _gone("approvals", **PAYMENT), [("Statements", "payment", ("2027-02 A", "no payment 4", "1,250.00"))]),
    ("an approval twice", _twice("approvals", **LOCK), [("Approvals", "number", ("approval 3", "twice", "3,650.00"))]),
    ("the lock and the approval are taken off", _set("statements", A3, locked_on=None, approved_by=None, approval=None, approver_user=None),
     [("Statements", "locked_on", ("set back", "2027-03 A", "locked on 2027-04-06", "now reviewed", "600.00"))]),
    ("the lock is gone, the approver not", _set("statements", A3, locked_on=None), [("Statements", "locked_on", ("approved by Lio", "its lock date is gone", "600.00"))]),
    ("a payment without a number", lambda rows: _resealed(rows, A3, paid_on=dt.date(2027, 4, 8), payment=None), [("Statements", "payment", ("2027-03 A", "no payment –", "600.00"))]),
    ("an amount and the list of rows", _both(_set("ledger", {"deal": "D1"}, commission=2_250.0), _set("statements", A2, lines="{}")),
     [("Statements", "hash", ("2027-02 A", "total 1,250.00 → 2,250.00"))]),
    ("an amount, and a row of that deal slipped in before it", _both(
        _set("ledger", {"deal": "D1"}, commission=2_250.0),
        lambda rows: rows["ledger"].insert(0, {**_row(rows["ledger"], deal="D1"), "kind": "adjustment", "commission": 7.0})),
     [("Ledger", "commission", ("deal D1", "1,250.00 → 2,250.00")), ("Ledger", "commission", ("the row of D1 (7.00)",))]),
    ("a row moved and altered", _set("ledger", {"deal": "D1"}, period="2027-03", margin_rate=0.5),
     [("Statements", "total", ("missing", "2027-02 A D1")), ("Ledger", "commission", ("2027-03 A", "the row of D1 (1,250.00)"))]),
    ("an account gone, another opened", _both(
        lambda rows: rows["accounts"].append({**_row(rows["accounts"], **A3_), "month": "2027-04", "released": 1.0, "statement": "estimated"}),
        _gone("accounts", **A2_)),
     [("Statements", "paid", ("missing", "account of 2027-02 A", "1,250.00"))]),
    ("an account twice, the other of another sum", lambda rows: rows["accounts"].append({**_row(rows["accounts"], **A2_), "paid": 9.0}),
     [("Accounts", "paid", ("doubled", "account of 2027-02 A", "payable 9.00"))]),
    ("another month's approval", _set("approvals", LOCK, period="2027-01"), [("Statements", "approval", ("2027-02 A", "no approval 3"))]),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "wanted"), [pytest.param(edit, wanted, id=name) for name, edit, wanted in TAMPERED])
def test_what_is_altered_by_hand_is_told_at_its_cell(edit: Edit, wanted: list[tuple[str, str, tuple[str, ...]]]) -> None:
    faults = settled(_edited(edit))
    for table, column, said in wanted:
        there = [fault.text.en for fault in faults if (fault.table, fault.key) == (table, column)]
        assert any(all(figure in text for figure in said) for text in there), (table, column, said, faults)


def test_what_is_as_it_was_is_not_told() -> None:
    for state, tables in _states().items():
        assert settled(tables, _export(state) if state in ("locked", "paid", "all") else None) == []


BY_HAND: list[tuple[str, Edit, tuple[str, str, str]]] = [
    ("a row", _set("ledger", {"deal": "D4"}, status="locked"), ("Ledger", "status", "unapproved: 2027-03 A: locked or paid without an approval on record (1 rows, 600.00)")),
    ("an account", _set("accounts", A3_, statement="final"), ("Accounts", "statement", "unapproved: 2027-03 A: the account says final or paid without an approval on record, payable 600.00")),
    ("no month", _set("ledger", {"deal": "D4"}, period="2027-1O"), ("Ledger", "period", "unreadable: deal D4 (600.00): “2027-1O”")),
    ("no person", _set("ledger", {"deal": "D4"}, person=None), ("Ledger", "person", "unreadable: deal D4 (600.00)")),
    ("no state", _set("ledger", {"deal": "D4"}, status="Lockd"), ("Ledger", "status", "unreadable: deal D4 (600.00): “Lockd”")),
    ("no amount", _set("ledger", {"deal": "D4"}, commission=None), ("Ledger", "commission", "unreadable: deal D4")),
    ("an account without a month", _set("accounts", A3_, month="März"), ("Accounts", "month", "unreadable: “März A” is no month and person, payable 600.00")),
    ("an account of nobody", _set("accounts", A3_, person=None), ("Accounts", "month", "unreadable: “2027-03 –”")),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "wanted"), [pytest.param(edit, wanted, id=name) for name, edit, wanted in BY_HAND])
def test_what_nobody_approved_is_told_once(edit: Edit, wanted: tuple[str, str, str]) -> None:
    (fault,) = settled(_edited(edit, "paid"))
    assert (fault.table, fault.key) == wanted[:2] and fault.text.en.startswith(wanted[2])


def test_what_was_moved_is_told_once() -> None:
    assert len(settled(_edited(_set("ledger", {"deal": "D1"}, period="2027-01")))) == 1
    assert len(settled(_edited(_set("accounts", A2_, month="2027-01")))) == 1


# ------------------------------------------------------------------------------------------ what an action may not write


def _refused(edit: Edit, paying: bool = False, before: str = "all") -> str:
    said = violation(_states()[before], _edited(edit, before), paying)
    return "" if said is None else said.en


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (_set("ledger", {"deal": "D1"}, commission=9.0), "A's statement of 2027-02 is locked (deal D1, 1,250.00 yuan)"),
        (_gone("ledger", kind="unhold"), "B's statement of 2027-03 is locked (“Off hold”, 1,200.00 yuan)"),
        (_set("ledger", {"deal": "D4"}, status="computed"), "A's statement of 2027-03 is locked (deal D4"),
        (_twice("ledger", deal="D4"), "A's statement of 2027-03 is locked (deal D4"),
        (_set("accounts", A3_, paid=9.0), "A's statement of 2027-03 is locked: its account (payable 600.00 yuan)"),
        (_twice("accounts", **A3_), "A's statement of 2027-03 is locked: its account"),
        (_gone("accounts", **A3_), "A's statement of 2027-03 is locked: its account"),
        (_set("statements", A3, approved_by="Zhou"), "The record of what was approved and locked"),
        (_gone("approvals", **LOCK), "The record of what was approved and locked"),
        (_gone("approvals", number=1.0), ""),  # that somebody looked at it is no approval
    ],
)  # fmt: skip
def test_what_no_action_may_write(edit: Edit, said: str) -> None:
    found = _refused(edit)
    assert found.startswith(said) and bool(found) == bool(said)


def test_only_a_payment_may_mark_as_paid() -> None:
    before, after = _states()["locked"], _states()["paid"]
    assert violation(before, after, paying=True) is None
    assert violation(before, after) is not None and violation(after, before, paying=True) is not None


def test_one_of_two_equal_rows_is_missed() -> None:
    row = next(dict(row) for row in _states()["all"].ledger if row["deal"] == "D1")
    open_row = {**row, "deal": "D7", "status": "computed"}
    twice, once = Tables([open_row, row, row]), Tables([open_row, row])
    assert violation(twice, twice) is None and violation(twice, once) is not None


# ------------------------------------------------------------------------------------------------- beside the workbook


def test_an_older_copy_of_the_plan_is_told_by_the_seal_file() -> None:
    """February's payment and March's lock are in the seal file; the workbook is the copy of the day before each."""
    (one, two) = settled(_states()["locked"], _export("paid"))
    assert "2027-02 A: paid on 2027-03-08, now locked; 1,250.00 would be paid twice" in one.text.en
    assert "2027-02 B: paid on 2027-03-08, now locked; 0.00 would be paid twice" in two.text.en
    told = settled(_states()["march reviewed"], _export("all"))
    assert {(fault.table, fault.key) for fault in told} == {("Statements", "locked_on")}
    assert len(told) == 2 and all(
        text in told[0].text.en for text in ("2027-03 A was locked on 2027-04-06", "600.00", "older copy")
    )


def test_a_copy_that_was_locked_on_another_computer_does_not_go_with_this_seal_file() -> None:
    """Both computers lock March: the same pay, approved by another person there."""
    there = _states()["march reviewed"]
    there = _taken(there, cycle.lock(there, _act("2027-03", "Mei", "2027-04-06")))
    assert settled(there) == []
    faults = settled(there, _export("all"))
    assert {(fault.table, fault.key) for fault in faults} == {("Statements", "seal")} and len(faults) == 2
    assert all("approved Mei 2027-04-06" in fault.text.en for fault in faults) and "600.00" in faults[0].text.en


def test_a_forgery_that_agrees_with_itself_differs_from_what_left_the_workbook() -> None:
    def forged(rows: dict[str, list[dict[str, Any]]]) -> None:
        _row(rows["ledger"], deal="D4")["commission"] = 6_000.0
        _row(rows["accounts"], **A3_).update(released=6_000.0, paid=6_000.0, year_to_date=7_250.0)
        mine = [row for row in rows["ledger"] if (row["period"], row["person"]) == ("2027-03", "A")]
        _resealed(rows, A3, **cycle.seal(mine, _row(rows["accounts"], **A3_)))

    found = [fault.text.en for fault in settled(_edited(forged), _export()) if "checksum exported at lock" in fault.text.en]
    assert found and "2027-03 A 600.00 → 6,000.00" in found[0]


def test_what_no_seal_file_vouches_for_is_named() -> None:
    tables, entries = _states()["all"], _export()
    assert left_behind(tables, entries) == []
    every = [("2027-02", "A"), ("2027-02", "B"), ("2027-03", "A"), ("2027-03", "B")]
    assert sorted(left_behind(tables, None)) == sorted(left_behind(tables, [])) == every
    assert left_behind(tables, entries[1:]) == [("2027-02", "A")]
    assert left_behind(_states()["march reviewed"], entries[:2]) == []  # what is only reviewed never left


def test_what_is_pending_counts_once_the_workbook_says_it() -> None:
    """A lock writes its entries before the workbook is saved: they count only if it was."""
    before, tables = _states()["march reviewed"], _states()["all"]
    step = cycle.lock(before, _act("2027-03", "Lio", "2027-04-06"))
    made = export(before, step, _export("paid")[:2])
    assert made is not None
    pending, after = parsed(made.before), parsed(made.after)
    assert pending is not None and after is not None
    assert [entry.pending for entry in pending] == [False, False, True, True] and not any(entry.pending for entry in after)
    assert known(pending, before.statements).keys() == {("2027-02", "A"), ("2027-02", "B")}
    assert len(known(pending, tables.statements)) == 4
    assert len(known(after, tables.statements)) == 4


def test_an_entry_that_never_came_true_hides_none_behind_it() -> None:
    first = replace(_export()[0], hash="another", pending=True)
    assert known([first, *_export()[1:]], _states()["all"].statements).keys() == {
        ("2027-02", "B"),
        ("2027-03", "A"),
        ("2027-03", "B"),
    }


def test_what_the_version_before_locked_had_no_seal_file() -> None:
    """Its statements have a hash of another mark: they are taken along by the first export, and missed only where there is one."""
    tables = _edited(_set("statements", A2, hash="h0123456789abcdef"))
    assert ("2027-02", "A") not in left_behind(tables, None) and ("2027-02", "A") in left_behind(tables, [])
    first = export(tables, Step(), None)
    assert first is not None and [e.key for e in parsed(first.after) or []] == [("2027-02", "A")]
    assert export(tables, Step(), []) is None  # a seal file that lost it is no first one
    assert export(_states()["all"], Step(), None) is None
    again = export(_states()["all"], Step(), None, "lost")
    assert again is not None and len(parsed(again.after) or []) == 4


def test_pending_entries_that_came_true_stay_and_the_others_go() -> None:
    before = _states()["march reviewed"]
    entries = parsed(export(before, cycle.lock(before, _act("2027-03", "Lio", "2027-04-06")), _export("paid")[:2]).before)  # type: ignore[union-attr]
    saved, lost = _states()["all"], before
    paid = export(saved, cycle.pay(saved, _act("2027-03", "Hu", "2027-04-08")), entries)
    again = export(lost, cycle.lock(lost, _act("2027-03", "Mei", "2027-04-09")), entries)
    assert paid is not None and again is not None
    assert sorted((e.person, e.state, e.period) for e in parsed(paid.after) or []) == [
        (who, *said) for who in "AB" for said in (("locked", "2027-03"), ("paid", "2027-02"), ("paid", "2027-03"))
    ]
    assert sorted((e.period, e.person, e.on) for e in parsed(again.after) or [])[2:] == [
        ("2027-03", "A", "2027-04-09"),
        ("2027-03", "B", "2027-04-09"),
    ]


def test_an_entry_says_the_day_of_its_last_step() -> None:
    record = dict(_states()["all"].statements[0])
    assert entry_of(record).on == "2027-03-08" and entry_of({**record, "paid_on": None}).on == "2027-03-06"
    assert entry_of({**record, "paid_on": dt.datetime(2027, 3, 8, 9)}).on == "2027-03-08"
    assert entry_of({**record, "paid_on": None, "locked_on": None}).on == ""
    assert entry_of({**record, "total": None}).total == 0.0


def test_a_step_that_settles_nothing_exports_nothing() -> None:
    before = _states()["paid"]
    assert export(before, cycle.review(before, _act("2027-03", "Zhou", "2027-04-05")), _export("paid")) is None


def test_a_lost_seal_file_is_made_again_only_with_a_reason() -> None:
    tables, nothing = _states()["all"], Step()
    assert export(tables, nothing, []) is None
    made = export(tables, nothing, [], "the disk broke")
    assert made is not None
    assert sorted((e.period, e.person, e.note) for e in parsed(made.after) or []) == [
        (m, p, "the disk broke") for m in ("2027-02", "2027-03") for p in "AB"
    ]
    # An older copy: what it does not know is given up, by name.
    older = export(_states()["paid"], nothing, _export(), "back to March 8")
    assert older is not None
    void = [e for e in parsed(older.after) or [] if e.state == "void"]
    assert sorted((e.period, e.person, e.note) for e in void) == [
        ("2027-03", "A", "back to March 8"),
        ("2027-03", "B", "back to March 8"),
    ]
    assert known(parsed(older.after) or [], _states()["paid"].statements).keys() == {("2027-02", "A"), ("2027-02", "B")}


# ------------------------------------------------------------------------------------------------------------ the clock


@pytest.mark.parametrize(
    ("state", "step", "month", "day", "said"),
    [
        ("reviewed", cycle.lock, "2027-02", "2027-03-03", ("2027-02 A was reviewed on 2027-03-05", "1,250.00", "2027-03-03")),
        ("locked", cycle.pay, "2027-02", "2027-03-04", ("2027-02 A was locked on 2027-03-06", "1,250.00", "2027-03-04")),
        ("reviewed", cycle.lock, "2027-02", "2027-03-04", ()),  # another time zone may be a day behind
        ("locked", cycle.pay, "2027-02", "2027-03-05", ()),
    ],
)
def test_a_clock_that_was_set_back_dates_no_step(state: str, step: Any, month: str, day: str, said: tuple[str, ...]) -> None:
    done = step(_states()[state], _act(month, "Lio" if step is cycle.lock else "Hu", day))
    assert bool(done.faults) == bool(said) and bool(done.edited) != bool(said)
    if said:
        fault = done.faults[0]
        assert (fault.table, len(done.faults)) == ("Statements", 2) and all(text in fault.text.en for text in said)


def test_a_row_without_a_deal_is_called_by_what_it_is() -> None:
    (hold,) = [row for row in _computed().ledger if row["kind"] == "hold"]
    assert row_called(hold).en == "“On hold”" and row_called(hold).zh == "“暂缓”"
    assert (called("D1", "accrual").zh, called("D1", "accrual").en, called("D1", "accrual", "").en) == (
        "单号 D1",
        "deal D1",
        "D1",
    )
    step = cycle.lock(_computed(), _act("2027-02", "Lio", "2027-03-06"))
    assert any("B, “On hold” is not reviewed" in fault.text.en for fault in step.faults)


def test_what_is_paid_is_not_marked_as_paid_again() -> None:
    again = cycle.pay(_states()["paid"], _act("2027-02", "Hu", "2027-03-09"))
    assert not again.edited and not again.added and again.faults == []
