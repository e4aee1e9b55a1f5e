"""What holds for any company and any history (money.md 1, 5, 9), tried on random ones.

A history that once failed stays as an ``@example`` or a test of its own.
"""

from __future__ import annotations

import os
import random
from collections import Counter, defaultdict
from typing import Any

from hypothesis import HealthCheck, given, settings

from tests.pay import cases
from tests.pay.by_core import ByCore
from tests.pay.cases import AT_ONCE, FIGURES, fen
from tests.pay.companies import Company, Told, companies

_RANDOM = settings(
    max_examples=int(os.environ.get("SALESPLAN_MONEY_EXAMPLES", "25")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
_TEXTS = {"reason", "computed_on", "note"}


def _content(row: dict[str, Any], *without: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((key, repr(value)) for key, value in row.items() if key not in without))


def _all(books: ByCore, *without: str) -> tuple[Counter[Any], Counter[Any]]:
    ledger, accounts = (Counter(_content(row, *without) for row in books.rows(name)) for name in ("Ledger", "Accounts"))
    return ledger, accounts


@given(companies(decided=True))
@_RANDOM
def test_every_account_is_its_movements(company: Company) -> None:
    """The identity of each row, each month opening with the closing before, sums and held parts as the ledger's rows make them;
    Σ left sides = what payroll pays + Σ closing carries."""

    def holds(told: Told) -> None:
        ledger, accounts = told.books.rows("Ledger"), told.books.rows("Accounts")
        wrong = cases.identity_breaks(ledger, accounts)
        assert not wrong, "\n" + "\n".join(wrong)
        left = sum(cases.left_side(row) for row in accounts)
        assert left == sum(fen(row["paid"]) + fen(row["closing"]) for row in accounts)

    Told(company, after=holds).happen()


@given(companies(decided=True))
@_RANDOM
def test_what_is_settled_never_changes(company: Company) -> None:
    """Rows reviewed, locked or paid, and the accounts sealed with them, are there for ever as they were; only states move on."""
    rows: Counter[Any] = Counter()
    accounts: Counter[Any] = Counter()

    def holds(told: Told) -> None:
        nonlocal rows, accounts
        now = _settled(told)
        assert not rows - now[0], f"rows lost: {rows - now[0]}"
        assert not accounts - now[1], f"accounts lost: {accounts - now[1]}"
        rows, accounts = now

    class Settling(Told):
        def dispute(self, who: int) -> None:
            nonlocal rows, accounts
            rows, accounts = Counter(), Counter()  # what is disputed is open again
            super().dispute(who)

    Settling(company, after=holds).happen()


def _settled(told: Told) -> tuple[Counter[Any], Counter[Any]]:
    books = told.books
    rows = Counter(_content(row, "status") for row in books.rows("Ledger") if row["status"] != "computed")
    return rows, Counter(_content(row, "statement") for row in books.rows("Accounts") if row["statement"] != "estimated")


@given(companies(decided=True))
@_RANDOM
def test_a_second_run_changes_nothing(company: Company) -> None:
    def holds(told: Told) -> None:
        before = _all(told.books)
        told.books.commission({})
        after = _all(told.books)
        assert before == after, (before[0] - after[0], after[0] - before[0], before[1] - after[1], after[1] - before[1])

    Told(company, after=holds).happen()


@given(companies(decided=True))
@_RANDOM
def test_the_order_of_rows_does_not_matter(company: Company) -> None:
    """A person sorts the sheets as she likes; only Credits are a list in order: the odd fen goes to who stands first. (The Ledger
    itself: see test_found.py.)"""
    told = Told(company)
    told.happen()
    before = _all(told.books, *_TEXTS)
    told.books.shuffled = lambda rows: (
        rows if rows and rows[0].keys() & {"share", "status"} else random.Random(7).sample(rows, len(rows))
    )
    told.books.commission({})
    after = _all(told.books, *_TEXTS)
    assert before == after, (before[0] - after[0], after[0] - before[0], before[1] - after[1], after[1] - before[1])


@given(companies(decided=True, lapsing=False))  # what lapsed before: see test_found.py
@_RANDOM
def test_of_an_order_that_came_back_whole_nobody_keeps_a_fen(company: Company) -> None:
    told = Told(company)
    told.happen()
    for which in range(len(told.orders)):
        told.give_all_back(which)
    told.compute()
    left = {key: sums for key, sums in _by_claim(told).items() if any(sums.values())}
    assert not left, left


@given(companies())
@_RANDOM
def test_when_months_are_locked_does_not_matter_in_the_end(company: Company) -> None:
    """What an order brought somebody in all, to pay and held, is what it would have, had nothing been settled before."""
    told = Told(company)
    told.happen()
    before = _by_claim(told)
    books = told.books
    books.tables["Ledger"], books.tables["Accounts"] = [], []
    books.commission({})
    after = _by_claim(told)
    differ = {
        key: (before.get(key), after.get(key))
        for key in {*before, *after}
        if _nothing(before.get(key)) != _nothing(after.get(key))
    }
    assert not differ, differ


def _nothing(sums: dict[str, int] | None) -> dict[str, int]:
    return {key: value for key, value in (sums or {}).items() if value}


def _by_claim(told: Told) -> dict[tuple[str, ...], dict[str, int]]:
    """What each order leaves each person, in fen: paid (released, less what was taken back) and held."""
    roots = {row["id"]: row["original"] or row["id"] for row in told.books.rows("Deals")}
    out: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: {"pay": 0, "held": 0})
    for row in told.books.rows("Ledger"):
        if not row["deal"] or row["kind"] in cases.IN_ACCOUNTS_ONLY:
            continue
        amount, sums = fen(row["commission"]), out[roots[row["deal"]], row["person"], row["component"], row["member"] or ""]
        if row["kind"] in AT_ONCE or row["kind"] in ("clawback", "adjustment"):
            sums["pay"] += amount
        if row["kind"] in ("held", "cancel", "release"):
            sums["held"] += -amount if row["kind"] == "release" else amount
    return out


@given(companies(decided=True))
@_RANDOM
def test_accrued_is_held_and_released_and_cancelled(company: Company) -> None:
    """By person and month and over the year: a clawback lowers released and raises cancelled, an adjustment changes accrued."""
    told = Told(company)
    told.happen()
    accrued: dict[str, int] = defaultdict(int)
    split: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("released", "cancelled"), 0))
    for row in told.books.rows("Ledger"):
        amount, kind = fen(row["commission"]), row["kind"]
        accrued[row["person"]] += amount if kind in (AT_ONCE - {"release"}) | {"held", "adjustment"} else 0
        split[row["person"]]["released"] += amount if kind in AT_ONCE | {"clawback", "adjustment"} else 0
        split[row["person"]]["cancelled"] -= amount if kind in ("cancel", "clawback") else 0
    last = {row["person"]: row for row in sorted(told.books.rows("Accounts"), key=lambda r: str(r["month"]))}
    for person, amount in accrued.items():
        held = fen(last[person]["held"]) if person in last else 0
        assert amount == held + split[person]["released"] + split[person]["cancelled"], person


def test_all_figures_of_an_account_are_compared() -> None:
    """The lists of figures above name every column of money in the Table."""
    from workbook_templates.tables import schema

    told = {"bookings", "quota", "year_to_date"}
    assert {c.key for c in schema.table("Accounts").columns if c.kind == "fen"} - told == set(FIGURES)
