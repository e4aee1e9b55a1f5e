"""What was locked and paid, tampered with by hand: found at every action that knows of pay, with row and figure (money.md 9, case M25).

A: D1 1,800 and D2 2,500 in January (paid), B: D3 3,000 in February (locked); reviewer Cora, approver Lio. D1 300,000 at 20 % margin, D2
200,000 at 30 %, D3 500,000 at 20 %, by the plan's 3 / 5 / 8 %.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import functools
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from addin import actions, guarding
from addin.action import Action, Done, Outcome
from addin.book import FileBook
from addin.changes import Changes, lowered
from addin.cli import main
from addin.performing import perform
from tests.actions.company import company, deal
from tests.actions.steps import do
from tests.small_plan import small_plan
from udfs.text import Text
from workbook_templates.chapters.incentives import cycle
from workbook_templates.chapters.incentives.cycle import digests

JANUARY, FEBRUARY, MARCH = "2027-01", "2027-02", "2027-03"
ASKING = ("payroll", "pay", "lock", "review", "mail", "commission", "dealers", "pool", "undo", "dispute", "quota")
Row = dict[str, Any]
Rows = dict[str, list[Row]]
SEAL = "plan.seal.json"


@functools.cache
def _base() -> tuple[bytes, bytes, bytes]:
    """The plan and its seal file; and the plan as it was before February was locked."""
    folder = Path(tempfile.mkdtemp(prefix="salesplan-"))
    deals = [
        deal(1, 0.2, seller="P1", revenue=300_000.0, date=dt.date(2027, 1, 10)),
        deal(2, 0.3, seller="P1", revenue=200_000.0, date=dt.date(2027, 1, 20)),
        deal(3, 0.2, seller="P2", revenue=500_000.0, date=dt.date(2027, 2, 10)),
    ]
    path = small_plan(folder / "plan.xlsx", company(deals, dt.date(2027, 2, 28)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SALESPLAN_STATE", str(folder / "state"))
        steps: list[tuple[str, Row]] = [("commission", {}), ("review", {"period": JANUARY, "by": "Cora"}), ("lock", {"period": JANUARY, "by": "Lio"})]  # fmt: skip
        steps += [("pay", {"period": JANUARY, "by": "Ho"}), ("review", {"period": FEBRUARY, "by": "Cora"})]
        for name, options in steps:
            assert do(name, path, **options).written, name
        before = path.read_bytes()
        assert do("lock", path, period=FEBRUARY, by="Lio").written
    return path.read_bytes(), (folder / SEAL).read_bytes(), before


def plan(folder: Path) -> Path:
    content, seal, _ = _base()
    (folder / "plan.xlsx").write_bytes(content)
    (folder / SEAL).write_bytes(seal)
    return folder / "plan.xlsx"


def tables(path: Path) -> Rows:
    book = FileBook.open(path)
    return {name: [dict(row) for row in book.read(name).rows] for name in cycle.TABLES}


def write(path: Path, rows: Rows) -> None:
    book = FileBook.open(path)
    book.apply(lowered(book, Changes(replaced=rows)))
    book.save(backup=False)


def attempt(name: str, path: Path) -> Done:
    """An action as somebody would run it."""
    options: Row = {"period": FEBRUARY, "by": "Lio", "out": str(path.with_name("pay.csv"))}
    return do(name, path, **options)


def of(rows: Rows, table: str, period: str, person: str) -> Row:
    key = "month" if table == "Accounts" else "period"
    return next(row for row in rows[table] if (row[key], row["person"]) == (period, person))


def line(rows: Rows, number: int) -> Row:
    return next(row for row in rows["Ledger"] if row["deal"] == f"D{number}")


def recomputed(rows: Rows, period: str, person: str) -> None:
    """Digest, total, seal and approvals recomputed to match what the cells say now: all that can be forged inside the workbook."""
    record = of(rows, "Statements", period, person)
    mine = [row for row in rows["Ledger"] if (row["period"], row["person"]) == (period, person)]
    record |= digests.seal(mine, of(rows, "Accounts", period, person))
    record["seal"] = digests.record_seal(record)
    for entry in rows["Approvals"]:
        column = {"locked": "approval", "paid": "payment"}.get(entry["step"])
        if column:
            entry |= digests.summary([s for s in rows["Statements"] if s[column] == entry["number"]])


# ---------------------------------------------------------------------------------------------------- what is done by hand


def set_back(rows: Rows) -> None:
    line(rows, 1)["status"] = line(rows, 2)["status"] = "locked"


def deleted(rows: Rows) -> None:
    rows["Ledger"].remove(line(rows, 2))


def doubled(rows: Rows) -> None:
    rows["Ledger"].append(dict(line(rows, 1)))


def forged(rows: Rows) -> None:
    account = of(rows, "Accounts", FEBRUARY, "P2")
    line(rows, 3)["commission"] = account["released"] = account["paid"] = 5_000.0
    recomputed(rows, FEBRUARY, "P2")


def moved(rows: Rows) -> None:
    line(rows, 3)["period"] = MARCH


def given_away(rows: Rows) -> None:
    line(rows, 1)["person"] = "P2"


def letter_for_digit(rows: Rows) -> None:
    line(rows, 2)["period"] = "2027-O1"


def blanked(rows: Rows) -> None:
    line(rows, 2).update(dict.fromkeys(line(rows, 2)))


def unnamed(rows: Rows) -> None:
    line(rows, 2)["person"] = None


def reworded(rows: Rows) -> None:
    line(rows, 3)["reason"] = "协商"


def margin(rows: Rows) -> None:
    line(rows, 3)["margin_rate"] = 0.25


def copied_over(rows: Rows) -> None:
    line(rows, 3).update({k: v for k, v in line(rows, 1).items() if k not in ("period", "person")})


def slipped_in(rows: Rows) -> None:
    rows["Ledger"].append({**line(rows, 1), "deal": "D9", "commission": 777.0, "status": "computed"})


def typed_by_hand(rows: Rows) -> None:
    rows["Ledger"].append({**line(rows, 3), "period": MARCH, "deal": "D9", "commission": 999_999.0, "status": "locked"})


def no_status(rows: Rows) -> None:
    line(rows, 3)["status"] = None


def set_back_whole(rows: Rows) -> None:
    set_back(rows)
    of(rows, "Accounts", JANUARY, "P1")["statement"] = "final"
    of(rows, "Statements", JANUARY, "P1")["paid_on"] = None


def set_back_and_sealed(rows: Rows) -> None:
    set_back_whole(rows)
    record = of(rows, "Statements", JANUARY, "P1")
    record["payment"] = None
    record["seal"] = digests.record_seal(record)


def set_back_everywhere(rows: Rows) -> None:
    set_back_and_sealed(rows)
    rows["Approvals"] = [entry for entry in rows["Approvals"] if entry["step"] != "paid"]


def reopened(rows: Rows) -> None:
    """February made to look as if it had never been locked."""
    for person in ("P1", "P2"):
        of(rows, "Statements", FEBRUARY, person).update(dict.fromkeys(("approved_by", "locked_on", "approval", "approver_user")))
        of(rows, "Accounts", FEBRUARY, person)["statement"] = "reviewed"
    line(rows, 3)["status"] = "reviewed"


def account_raised(rows: Rows) -> None:
    of(rows, "Accounts", FEBRUARY, "P2")["paid"] = 9_300.0


def account_deleted(rows: Rows) -> None:
    rows["Accounts"].remove(of(rows, "Accounts", FEBRUARY, "P2"))


def account_doubled(rows: Rows) -> None:
    rows["Accounts"].append(dict(of(rows, "Accounts", FEBRUARY, "P2")))


def account_moved(rows: Rows) -> None:
    of(rows, "Accounts", FEBRUARY, "P2")["month"] = MARCH


def account_set_back(rows: Rows) -> None:
    of(rows, "Accounts", JANUARY, "P1")["statement"] = "final"


def account_final_by_hand(rows: Rows) -> None:
    rows["Accounts"].append({**of(rows, "Accounts", FEBRUARY, "P2"), "month": MARCH, "paid": 55.0})


def statement_deleted(rows: Rows) -> None:
    rows["Statements"].remove(of(rows, "Statements", FEBRUARY, "P2"))


def statement_doubled(rows: Rows) -> None:
    rows["Statements"].append(dict(of(rows, "Statements", FEBRUARY, "P2")))


def statement_month(rows: Rows) -> None:
    of(rows, "Statements", FEBRUARY, "P2")["period"] = "2027-O2"


def statement_total(rows: Rows) -> None:
    of(rows, "Statements", FEBRUARY, "P2")["paid"] = 1.0


def reviewer_changed(rows: Rows) -> None:
    of(rows, "Statements", FEBRUARY, "P2")["reviewed_by"] = "Dora"


def lock_date(rows: Rows) -> None:
    of(rows, "Statements", FEBRUARY, "P2")["locked_on"] = dt.date(2027, 3, 1)


def lock_date_blank(rows: Rows) -> None:
    of(rows, "Statements", FEBRUARY, "P2")["locked_on"] = None


def approver_forged(rows: Rows) -> None:
    for person in ("P1", "P2"):
        record = of(rows, "Statements", FEBRUARY, person)
        record["approved_by"] = "Max"
        record["seal"] = digests.record_seal(record)
    for entry in rows["Approvals"]:
        entry["who"] = "Max" if entry["period"] == FEBRUARY and entry["step"] == "locked" else entry["who"]


def approval_total(rows: Rows) -> None:
    next(e for e in rows["Approvals"] if e["step"] == "paid")["paid"] = 4_000.0


def approval_deleted(rows: Rows) -> None:
    rows["Approvals"] = [e for e in rows["Approvals"] if (e["step"], e["period"]) != ("locked", FEBRUARY)]


def approval_doubled(rows: Rows) -> None:
    rows["Approvals"].append(dict(rows["Approvals"][-1]))


def _approval(rows: Rows, step: str) -> Row:
    return next(entry for entry in rows["Approvals"] if (entry["step"], entry["period"]) == (step, FEBRUARY))


def approval_dated_back(rows: Rows) -> None:
    _approval(rows, "locked")["when"] = dt.datetime(2020, 1, 1)


def approval_by_another_user(rows: Rows) -> None:
    _approval(rows, "locked")["user"] = "nobody"


def review_by_another(rows: Rows) -> None:
    _approval(rows, "reviewed")["who"] = "Max"


def payment_dated_back(rows: Rows) -> None:
    next(entry for entry in rows["Approvals"] if entry["step"] == "paid")["when"] = dt.datetime(2020, 1, 1)


def swapped(rows: Rows) -> None:
    """The same total, otherwise made up."""
    line(rows, 1)["commission"], line(rows, 2)["commission"] = 2_500.0, 1_800.0


def disputed_after_the_lock(rows: Rows) -> None:
    line(rows, 3)["status"] = "disputed"


def debt_wiped_out(rows: Rows) -> None:
    of(rows, "Accounts", FEBRUARY, "P2")["draw_debt"] = 500.0


def never_was(rows: Rows) -> None:
    """February gone from every Table, as if nobody had ever locked it."""
    rows["Ledger"].remove(line(rows, 3))
    for name, key in (("Accounts", "month"), ("Statements", "period"), ("Approvals", "period")):
        rows[name] = [row for row in rows[name] if row[key] != FEBRUARY]


def zero_raised(rows: Rows) -> None:
    """A bonus slipped into a statement of nothing, with everything recomputed."""
    account = of(rows, "Accounts", FEBRUARY, "P1")
    account["bonus"] = account["paid"] = 100.0
    rows["Ledger"].append(
        {**line(rows, 3), "person": "P1", "deal": None, "kind": "bonus", "component": "bonus", "commission": 100.0}
    )
    recomputed(rows, FEBRUARY, "P1")


def digests_overwritten(rows: Rows) -> None:
    line(rows, 3)["commission"] = 5_000.0
    of(rows, "Statements", FEBRUARY, "P2")["lines"] = "[]"


def new_statement_forged(rows: Rows) -> None:
    """A whole statement with everything that belongs to it, that no lock ever saw."""
    rows["Ledger"].append({**line(rows, 3), "period": MARCH, "deal": "D9", "commission": 800.0})
    account = of(rows, "Accounts", FEBRUARY, "P2") | {"month": MARCH, "released": 800.0, "paid": 800.0}
    rows["Accounts"].append(account)
    record = of(rows, "Statements", FEBRUARY, "P2") | {"period": MARCH, "approval": 90.0}
    rows["Statements"].append(record)
    rows["Approvals"].append({**next(e for e in rows["Approvals"] if e["step"] == "locked"), "number": 90.0, "period": MARCH})
    recomputed(rows, MARCH, "P2")


TAMPERED: dict[Callable[[Rows], None], tuple[str, ...]] = {
    set_back: ("set back", "2027-01 P1", "paid on 20", "now locked", "4,300.00 would be paid twice"),
    deleted: ("missing", "2027-01 P1 D2", "2,500.00", "statement 4,300.00, rows 1,800.00"),
    doubled: ("doubled", "2027-01 P1 D1", "1,800.00", "statement 4,300.00, rows 6,100.00"),
    forged: ("differs from the checksum exported at lock", "2027-02 P2", "3,000.00 → 5,000.00"),
    moved: ("moved", "2027-02 P2 D3", "3,000.00", "now 2027-03"),
    given_away: ("moved", "2027-01 P1 D1", "1,800.00", "now 2027-01 P2"),
    letter_for_digit: ("moved", "2027-01 P1 D2", "2,500.00", "now 2027-O1"),
    blanked: ("missing", "2027-01 P1 D2", "2,500.00"),
    unnamed: ("moved", "2027-01 P1 D2", "2,500.00", "now 2027-01 –"),
    reworded: ("2027-02 P2, deal D3", "3,000.00 → 3,000.00"),
    margin: ("2027-02 P2, deal D3", "3,000.00 → 3,000.00"),
    copied_over: ("missing", "2027-02 P2 D3", "3,000.00", "rows 1,800.00"),
    slipped_in: ("2027-01 P1", "D9", "777.00", "not part of it"),
    typed_by_hand: ("unapproved", "2027-03 P2", "999,999.00"),
    no_status: ("set back", "2027-02 P2", "D3", "3,000.00"),
    set_back_whole: ("set back", "2027-01 P1", "paid on 20", "4,300.00 would be paid twice"),
    set_back_and_sealed: ("payment 4", "4,300.00", "0.00"),
    set_back_everywhere: ("set back", "2027-01 P1", "paid on 20", "4,300.00 would be paid twice"),
    reopened: ("set back", "2027-02 P2", "locked on 20", "3,000.00"),
    account_raised: ("2027-02 P2", "Paid", "3,000.00 → 9,300.00"),
    account_deleted: ("missing", "the account of 2027-02 P2", "3,000.00"),
    account_doubled: ("doubled", "the account of 2027-02 P2", "3,000.00"),
    account_moved: ("moved", "the account of 2027-02 P2", "3,000.00", "now 2027-03"),
    account_set_back: ("set back", "2027-01 P1", "paid on 20", "4,300.00"),
    account_final_by_hand: ("unapproved", "2027-03 P2", "55.00"),
    statement_deleted: ("unapproved", "2027-02 P2", "3,000.00"),
    statement_doubled: ("doubled", "2027-02 P2", "3,000.00 would be paid twice"),
    statement_month: ("2027-O2 P2", "no readable month", "3,000.00"),
    statement_total: ("2027-02 P2", "totals", "payable 1.00"),
    reviewer_changed: ("2027-02 P2", "people", "Dora"),
    lock_date: ("2027-02 P2", "dates", "2027-03-01"),
    lock_date_blank: ("set back", "2027-02 P2", "3,000.00"),
    approver_forged: ("differs from the seal exported", "2027-02 P2", "Max", "3,000.00"),
    approval_total: ("payment 4", "4,000.00", "4,300.00"),
    approval_deleted: ("unapproved", "2027-02 P2", "3,000.00"),
    approval_doubled: ("is there twice", "3,000.00"),
    digests_overwritten: ("2027-02 P2", "3,000.00 → 5,000.00"),
    approval_dated_back: ("2027-02 P2", "the approval on record says 2020-01-01", "3,000.00"),
    approval_by_another_user: ("2027-02 P2", "the approval on record says nobody", "3,000.00"),
    review_by_another: ("2027-02 P2", "the review by Cora", "not on record", "3,000.00"),
    payment_dated_back: ("2027-01 P1", "paid on 2020-01-01", "4,300.00"),
    swapped: ("2027-01 P1, deal D1", "1,800.00 → 2,500.00"),
    disputed_after_the_lock: ("set back", "2027-02 P2, deal D3", "locked → disputed", "3,000.00"),
    debt_wiped_out: ("2027-02 P2, account, Draw debt", "0.00 → 500.00"),
    never_was: ("set back", "2027-02 P2", "seal file", "3,000.00"),
    zero_raised: ("differs from the checksum exported at lock", "2027-02 P1", "0.00 → 100.00"),
}


@pytest.mark.parametrize("by_hand", TAMPERED, ids=lambda f: f.__name__)
def test_what_is_done_by_hand_stops_every_action_that_knows_of_pay(tmp_path: Path, by_hand: Callable[[Rows], None]) -> None:
    path = plan(tmp_path)
    rows = tables(path)
    by_hand(rows)
    write(path, rows)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()}
    for name in ASKING:
        done = attempt(name, path)
        said = [str(p.text.en) for p in done.outcome.errors]
        assert done.refused and any(all(word in text for word in TAMPERED[by_hand]) for text in said), (name, said)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()} == before


@pytest.mark.parametrize("by_hand", [set_back, deleted, doubled, moved, account_raised], ids=lambda f: f.__name__)
def test_each_fault_names_its_cell(tmp_path: Path, by_hand: Callable[[Rows], None]) -> None:
    path = plan(tmp_path)
    rows = tables(path)
    by_hand(rows)
    write(path, rows)
    errors = attempt("payroll", path).outcome.errors
    assert errors and all(p.sheet and p.cell for p in errors)


def test_put_back_all_pass(tmp_path: Path) -> None:
    path = plan(tmp_path)
    good = tables(path)
    rows = tables(path)
    deleted(rows)
    write(path, rows)
    assert attempt("payroll", path).refused
    write(path, good)
    for name in ASKING:
        action = actions.every()[name]
        assert guarding.problems(action, FileBook.open(path), action.defaults()) == [], name
    assert attempt("payroll", path).written and attempt("pay", path).written


def test_the_command_ends_with_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = plan(tmp_path)
    rows = tables(path)
    set_back(rows)
    write(path, rows)
    assert main(["pay", str(path), "--period", JANUARY]) == 2
    assert "4,300.00" in capsys.readouterr().out
    assert main(["payroll", str(path), str(tmp_path / "pay.csv"), "--period", FEBRUARY]) == 2 and not (tmp_path / "pay.csv").exists()  # fmt: skip


# -------------------------------------------------------------------------------------------------------- the seal file


def test_a_statement_that_no_lock_saw_is_not_paid(tmp_path: Path) -> None:
    path = plan(tmp_path)
    rows = tables(path)
    new_statement_forged(rows)
    write(path, rows)
    for name in ("payroll", "pay"):
        done = attempt(name, path)
        assert done.refused and "2027-03 P2" in str(done.outcome.errors[0].text.en), name
    assert any("2027-03 P2" in p.text.en for p in attempt("commission", path).outcome.problems)


@pytest.mark.parametrize("name", ASKING)
def test_without_the_seal_file_nothing_is_paid_out_and_others_warn(tmp_path: Path, name: str) -> None:
    path = plan(tmp_path)
    (tmp_path / SEAL).unlink()
    action = actions.every()[name]
    found = guarding.problems(action, FileBook.open(path), action.defaults())
    assert [p.level for p in found] == ["error" if name in ("payroll", "pay") else "warning"]
    assert SEAL in str(found[0].text.en)


def test_a_plan_that_moved_says_where_its_seal_file_is(tmp_path: Path) -> None:
    path = plan(tmp_path)
    (tmp_path / "safe").mkdir()
    seal = (tmp_path / SEAL).rename(tmp_path / "safe" / "x.json")
    assert attempt("payroll", path).refused
    assert do("payroll", path, period=FEBRUARY, out=str(tmp_path / "pay.csv"), seal=str(seal)).written
    assert do("pay", path, period=FEBRUARY, by="Ho", seal=str(seal)).written
    assert json.loads(seal.read_bytes())["entries"][-1]["state"] == "paid" and not (tmp_path / SEAL).exists()


def test_a_damaged_seal_file_is_told(tmp_path: Path) -> None:
    path = plan(tmp_path)
    (tmp_path / SEAL).write_bytes((tmp_path / SEAL).read_bytes()[:-20])
    with pytest.raises(guarding.Refused, match="封签文件"):
        attempt("payroll", path)


def test_an_older_copy_of_the_plan_is_seen(tmp_path: Path) -> None:
    """A backup from before February's lock: everything stops; sealed again on purpose, it goes on, and the seal file says so."""
    path = plan(tmp_path)
    path.write_bytes(_base()[2])
    for name in ASKING:
        done = attempt(name, path)
        assert done.refused and any("2027-02 P2" in p.text.en and "3,000.00" in p.text.en for p in done.outcome.errors), name
    assert do("lock", path, period=FEBRUARY, by="Lio", reseal="laptop lost, backup of Friday").written
    assert attempt("payroll", path).written
    entries = json.loads((tmp_path / SEAL).read_bytes())["entries"]
    assert any(e.get("note") == "laptop lost, backup of Friday" for e in entries)


def test_a_forged_statement_is_not_sealed_again(tmp_path: Path) -> None:
    path = plan(tmp_path)
    rows = tables(path)
    forged(rows)
    write(path, rows)
    assert do("lock", path, period=FEBRUARY, by="Lio", reseal="please").refused


def test_the_seal_file_is_as_private_as_the_plan_and_only_grows(tmp_path: Path) -> None:
    path = plan(tmp_path)
    path.chmod(0o600)
    before = json.loads((tmp_path / SEAL).read_bytes())["entries"]
    assert do("pay", path, period=FEBRUARY, by="Ho").written
    after = json.loads((tmp_path / SEAL).read_bytes())["entries"]
    assert after[: len(before)] == before and [e["state"] for e in after[len(before) :]] == ["paid", "paid"]
    assert (tmp_path / SEAL).stat().st_mode & 0o077 == 0 and not any(e.get("pending") for e in after)


@pytest.mark.parametrize("when", ["before the plan is saved", "after it"])
def test_a_run_that_dies_between_the_two_files_leaves_both_valid(
    tmp_path: Path, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = plan(tmp_path)

    def died(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    if when == "before the plan is saved":
        monkeypatch.setattr(FileBook, "save", died)
    else:
        from addin import performing

        real, calls = performing.atomic_write, []

        def once(*args: Any, **more: Any) -> None:
            calls.append(args)
            if len(calls) == 2:
                raise KeyboardInterrupt
            real(*args, **more)

        monkeypatch.setattr(performing, "atomic_write", once)
    with pytest.raises(KeyboardInterrupt):
        do("pay", path, period=FEBRUARY, by="Ho")
    monkeypatch.undo()
    paid = when == "after it"
    assert of(tables(path), "Statements", FEBRUARY, "P2")["paid_on"] is not None if paid else True
    action = actions.every()["payroll"]
    assert guarding.problems(action, FileBook.open(path), action.defaults()) == []
    if not paid:
        assert do("pay", path, period=FEBRUARY, by="Ho").written


# ------------------------------------------------------------------------------------------------- reviewing and paying


SAME = ["Ｃora", "Сora", "Cora\u200b", "CORA", " C o r a ", "C\u00adora", "Соrа", "Ⅽora", "Cora\u3164", "Cora\ufe0f"]


@pytest.mark.parametrize("by", SAME)
def test_one_person_under_two_spellings_does_not_lock(tmp_path: Path, by: str) -> None:
    path = plan(tmp_path)
    path.write_bytes(_base()[2])
    (tmp_path / SEAL).unlink()
    done = do("lock", path, period=FEBRUARY, by=by)
    assert done.refused and any("the same person as the reviewer Cora" in p.text.en for p in done.outcome.errors)


def test_months_are_reviewed_in_order(tmp_path: Path) -> None:
    deals = [deal(1, date=dt.date(2027, 1, 10)), deal(2, date=dt.date(2027, 3, 10))]
    path = small_plan(tmp_path / "plan.xlsx", company(deals, dt.date(2027, 3, 31)))
    do("commission", path)
    done = do("review", path, period=MARCH, by="Cora")
    assert done.refused and "2027-01" in str(done.outcome.errors[0].text.en)
    assert do("review", path, period=JANUARY, by="Cora").written and do("review", path, period=MARCH, by="Cora").written


def test_who_sold_nothing_gets_a_statement_of_zero_that_is_sealed_too(tmp_path: Path) -> None:
    path = small_plan(tmp_path / "plan.xlsx", company([deal(1, date=dt.date(2027, 1, 10))], dt.date(2027, 1, 31)))
    do("commission", path)
    assert do("review", path, period=JANUARY, by="Cora", person=["P2"]).written
    assert do("lock", path, period=JANUARY, by="Lio", person=["P2"]).written
    rows = tables(path)
    account, record = of(rows, "Accounts", JANUARY, "P2"), of(rows, "Statements", JANUARY, "P2")
    assert (account["paid"], account["statement"], record["rows"]) == (0.0, "final", 0.0) and record["locked_on"]
    account["paid"] = account["opening"] = 100.0
    write(path, rows)
    assert attempt("pay", path).refused
    assert do("review", path, period=JANUARY, by="Cora", person=["P9"]).refused


def test_payrolls_total_is_what_pay_marks(tmp_path: Path) -> None:
    """January: P1 earns 12,500 and its deal is returned in February: nothing is paid, −12,500 is carried, and the file says so."""
    deals = [deal(1, date=dt.date(2027, 1, 10)), deal(2, 0.1, seller="P2", date=dt.date(2027, 2, 9)), deal(3, date=dt.date(2027, 2, 10), revenue=-1_000_000.0, original="D1")]  # fmt: skip
    path = small_plan(tmp_path / "plan.xlsx", company(deals, dt.date(2027, 2, 28)))
    do("commission", path)
    for name, who in (("review", "Cora"), ("lock", "Lio"), ("pay", "Ho")):
        assert do(name, path, period=JANUARY, by=who).written
    do("commission", path)
    for name, who in (("review", "Cora"), ("lock", "Lio")):
        assert do(name, path, period=FEBRUARY, by=who).written
    done = do("payroll", path, period=FEBRUARY, out=str(tmp_path / "pay.csv"))
    mine = {row["工号"]: row for row in csv.DictReader((tmp_path / "pay.csv").read_text("utf-8-sig").splitlines())}
    assert [float(mine[p]["应发（元）"]) for p in ("P1", "P2")] == [0.0, 3_000.0] and mine["P1"]["期末结转（元）"] == "-12500.00"
    assert "结转" in mine["P1"]["说明"] and "结转" in "".join(str(n) for n in done.outcome.notes)
    assert do("pay", path, period=FEBRUARY, by="Ho", total=done.outcome.data["total"]).outcome.data["paid"] == 3_000.0


def test_every_action_that_reads_pay_says_whether_it_asks() -> None:
    every = actions.every()
    assert {name for name, action in every.items() if action.guards} >= set(ASKING)
    assert {name for name, action in every.items() if action.needs_export} == {"payroll", "pay"}


def test_an_action_that_reads_pay_and_says_nothing_is_a_fault_of_ours(tmp_path: Path) -> None:
    said = Text("试", "try")

    def run(book: FileBook, options: Any, progress: Any) -> Outcome:
        book.read("Accounts")
        return Outcome(said)

    careless = Action(label=said, tip=said, about=said, group="tools", order=1, icon="Help", keytip="Q9", run=run)
    with pytest.raises(RuntimeError, match="reads Accounts and does not say `guards`"):
        perform(careless, FileBook.open(plan(tmp_path)), careless.defaults())
    perform(dataclasses.replace(careless, guards=False), FileBook.open(plan(tmp_path)), careless.defaults())


def test_what_was_locked_by_hand_is_settled_as_the_refusal_says(tmp_path: Path) -> None:
    """Review asks the guard, too: "review it first" would lead nowhere."""
    path = small_plan(tmp_path / "plan.xlsx", company([deal(1, date=dt.date(2027, 1, 10))], dt.date(2027, 1, 31)))
    do("commission", path)
    rows = tables(path)
    line(rows, 1)["status"], of(rows, "Accounts", JANUARY, "P1")["statement"] = "locked", "final"
    write(path, rows)
    done = do("review", path, period=JANUARY, by="Cora")
    said = " ".join(str(p.text.en) for p in done.outcome.errors)
    assert done.refused and "set it back to Computed" in said and "set it back to Estimated" in said
    line(rows, 1)["status"], of(rows, "Accounts", JANUARY, "P1")["statement"] = "computed", "estimated"
    write(path, rows)
    for name, who in (("review", "Cora"), ("lock", "Lio"), ("pay", "Ho")):
        assert do(name, path, period=JANUARY, by=who).written, name


def test_review_and_lock_say_what_payroll_will_pay(tmp_path: Path) -> None:
    """12,500 in January; the order comes back in February: the rows sum to −12,500, payroll pays 0."""
    deals = [deal(1, date=dt.date(2027, 1, 10)), deal(2, date=dt.date(2027, 2, 10), revenue=-1_000_000.0, original="D1")]
    path = small_plan(tmp_path / "plan.xlsx", company(deals, dt.date(2027, 2, 28)))
    do("commission", path)
    for name, who in (("review", "Cora"), ("lock", "Lio")):
        assert "payable" not in str(do(name, path, period=JANUARY, by=who).outcome.summary.en)
    do("commission", path)
    for name, who in (("review", "Cora"), ("lock", "Lio")):
        assert str(do(name, path, period=FEBRUARY, by=who).outcome.summary.en).endswith(
            "-12,500.00 yuan in all, payable 0.00 yuan"
        )


def test_no_file_made_anew_may_change_what_is_settled(tmp_path: Path) -> None:
    """As an upgrade or its undo would put it: a whole file in the plan's place."""
    path, other = plan(tmp_path), tmp_path / "other.xlsx"
    other.write_bytes(path.read_bytes())
    rows = tables(other)
    account_raised(rows)
    write(other, rows)
    said = Text("试", "try")
    whole = Action(
        label=said, tip=said, about=said, group="tools", order=1, icon="Help", keytip="Q9",
        run=lambda book, options, progress: Outcome(said, whole=other.read_bytes()),
    )  # fmt: skip
    before = path.read_bytes()
    with pytest.raises(guarding.Refused, match="锁定"):
        perform(whole, FileBook.open(path), whole.defaults())
    assert path.read_bytes() == before


def test_a_dispute_answered_opens_the_whole_statement(tmp_path: Path) -> None:
    deals = [deal(1, date=dt.date(2027, 1, 10)), deal(2, date=dt.date(2027, 1, 11))]
    path = small_plan(tmp_path / "plan.xlsx", company(deals, dt.date(2027, 1, 31)))
    do("commission", path)
    do("review", path, period=JANUARY, by="Cora")
    do("dispute", path, period=JANUARY, person="P1", deal="D2", remark="cost", owner="Cora")
    assert of(tables(path), "Accounts", JANUARY, "P1")["statement"] == "estimated"
    do("dispute", path, number=1, answer="checked")
    rows = tables(path)
    assert [row["status"] for row in rows["Ledger"]] == ["computed", "computed"]
    assert do("lock", path, period=JANUARY, by="Lio").refused
    assert do("review", path, period=JANUARY, by="Cora").written and do("lock", path, period=JANUARY, by="Lio").written


def test_who_is_left_out_by_a_bad_row_is_not_reviewed(tmp_path: Path) -> None:
    """P2's deal has no number for its cost: P1 is reviewed, P2 is not, named or not, and the exit code says so."""
    deals = [deal(1, date=dt.date(2027, 1, 10)), deal(2, seller="P2", date=dt.date(2027, 1, 11))]
    path = small_plan(tmp_path / "plan.xlsx", company(deals, dt.date(2027, 1, 31)))
    do("commission", path)
    book = FileBook.open(path)
    held = book.read("Deals")
    book.apply(lowered(book, Changes(cells={(held.grid.sheet, held.at(1, "cost")): "七万"})))
    book.save(backup=False)
    assert do("review", path, period=JANUARY, by="Cora", person=["P2"]).refused
    done = do("review", path, period=JANUARY, by="Cora")
    assert done.written and done.outcome.data["left_out"] == 1
    assert actions.every()["review"].reported(actions.every()["review"].defaults(), done.outcome) == 1
    assert [row["status"] for row in tables(path)["Ledger"]] == ["reviewed", "computed"]


def test_statements_are_listed_as_each_language_lists(tmp_path: Path) -> None:
    path = plan(tmp_path)
    (tmp_path / SEAL).unlink()
    (told,) = (p.text for p in attempt("payroll", path).outcome.problems if SEAL in p.text.en)
    assert "2027-01 P1, 2027-0" in told.en and "、" not in told.en and "2027-01 P1、2027-0" in told.zh
