"""What the statement cycle looks at and what a step comes to."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from udfs.text import Text
from workbook_templates.tables.words import LEDGER_KINDS

Row = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]
Key = tuple[str, str]  # period, person

FIXED = ("locked", "paid")
TABLES = ("Ledger", "Statements", "Approvals", "Disputes", "Accounts")
PERIOD = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Move:
    """One step of the cycle: from which states of a row, to which."""

    before: tuple[str, ...]
    after: tuple[str, ...]


# Who may: anybody reviews and raises; the one who locks is not the one who reviewed (policy ``cycle.two_people``).
MOVES = {
    "review": Move(("computed",), ("reviewed",)),
    "dispute": Move(("computed", "reviewed"), ("disputed",)),
    "answer": Move(("disputed",), ("computed",)),  # a correction may follow, so it is computed and reviewed anew
    "withdraw": Move(("disputed",), ("computed", "reviewed")),  # back to where it was
    "lock": Move(("reviewed",), ("locked",)),
    "pay": Move(("locked",), ("paid",)),
}


@dataclass(frozen=True)
class Fault:
    """Why a step can't be taken, and at which row and column of which Table (row −1: of no row)."""

    table: str
    row: int
    key: str
    text: Text


@dataclass(frozen=True)
class Act:
    """Who does it, when, for which month and which people (none named: everybody); ``user`` is who the system says it is."""

    period: str
    who: str
    when: dt.datetime
    people: frozenset[str] = frozenset()
    note: str | None = None
    user: str | None = None

    def covers(self, row: Mapping[str, Any]) -> bool:
        """Whether a row of the Ledger, of Statements or of Disputes is meant."""
        return self.means((row["period"], row["person"]))

    def means(self, key: Key) -> bool:
        """Whether a statement is meant."""
        return key[0] == self.period and (not self.people or key[1] in self.people)


@dataclass
class Step:
    """What a step comes to: changes by Table and row, or the faults that stop it."""

    edited: dict[str, dict[int, Row]] = field(default_factory=dict)
    added: dict[str, list[Row]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    people: int = 0
    rows: int = 0
    total: float = 0.0  # of the ledger rows but draws and holds, which earn nobody anything
    paid: float = 0.0  # of the accounts: what payroll pays
    left_out: int = 0  # people who were asked for and could not be done

    def edit(self, table: str, row: int, **values: Any) -> None:
        """Set values of one row."""
        self.edited.setdefault(table, {}).setdefault(row, {}).update(values)

    def add(self, table: str, row: Row) -> None:
        """Add a row."""
        self.added.setdefault(table, []).append(row)

    def fault(self, table: str, row: int, key: str, zh: str, en: str) -> None:
        """Add a reason against it."""
        self.faults.append(Fault(table, row, key, Text(zh, en)))


@dataclass(frozen=True)
class Tables:
    """The rows of the Tables that the cycle looks at, as they are."""

    ledger: Rows
    statements: Rows = ()
    approvals: Rows = ()
    disputes: Rows = ()
    accounts: Rows = ()


def applied(tables: Tables, step: Step) -> Tables:
    """The Tables once a step is taken."""
    out = {}
    for name in TABLES:
        edits = step.edited.get(name, {})
        rows: Rows = getattr(tables, name.lower())
        out[name.lower()] = [{**row, **edits.get(i, {})} for i, row in enumerate(rows)] + step.added.get(name, [])
    return Tables(**out)


def statement_state(ledger: Iterable[Mapping[str, Any]], person: str, period: str) -> str:
    """Where a person's statement of a month stands: ``estimated``, ``reviewed``, ``disputed``, ``final`` or ``paid``.

    >>> statement_state([{"period": "2027-03", "person": "P1", "status": "locked"}], "P1", "2027-03")
    'final'
    """
    states = {row["status"] for row in ledger if row["person"] == person and row["period"] == period}
    if "disputed" in states:
        return "disputed"
    if not states or not states <= {"reviewed", *FIXED}:
        return "estimated"
    return "reviewed" if "reviewed" in states else "final" if "locked" in states else "paid"


def by_statement(ledger: Rows) -> dict[Key, list[int]]:
    """The places of each statement's rows in the Ledger."""
    out: dict[Key, list[int]] = defaultdict(list)
    for place, row in enumerate(ledger):
        out[row.get("period"), row.get("person")].append(place)  # type: ignore[index]  # a damaged row is nobody's
    return out


def by_account(accounts: Rows) -> dict[Key, list[int]]:
    """The places of each person's month in Accounts: one, unless somebody doubled it."""
    out: dict[Key, list[int]] = defaultdict(list)
    for place, row in enumerate(accounts):
        out[row.get("month"), row.get("person")].append(place)  # type: ignore[index]
    return out


def of_statements(statements: Rows) -> dict[Key, int]:
    """The place of each statement's record."""
    return {(row.get("period"), row.get("person")): place for place, row in enumerate(statements)}  # type: ignore[misc]


class Closed:
    """Which statements nothing may be added to any more: those that are locked; and a month of which all is locked."""

    def __init__(self, ledger: Rows, statements: Rows = ()) -> None:
        fixed, open_ = set[Key](), set[str]()
        for row in ledger:
            if row["status"] in FIXED:
                fixed.add((row["period"], row["person"]))
            else:
                open_.add(row["period"])
        fixed |= {(row["period"], row["person"]) for row in statements if row.get("locked_on")}  # a month of zero has no rows
        self.statements = fixed
        self.months = {period for period, _ in fixed} - open_

    def __call__(self, period: str, person: str) -> bool:
        return period in self.months or (period, person) in self.statements

    def open_month(self, period: str, person: str) -> str:
        """The first month from ``period`` on that still takes lines for this person."""
        while re.fullmatch(r"\d{4}-\d\d", period) and self(period, person):
            year, month = divmod(int(period[:4]) * 12 + int(period[5:]), 12)
            period = f"{year}-{month + 1:02}"
        return period


def yuan(amount: Any) -> str:
    """An amount as people read it; anything else as it stands there."""
    return f"{amount:,.2f}" if isinstance(amount, int | float) else "–" if amount in (None, "") else str(amount)


def number_of(row: Mapping[str, Any]) -> str:
    """The number of an approval or a dispute."""
    return f"{row['number']:.0f}" if isinstance(row["number"], int | float) else str(row["number"])


def called(deal: Any, kind: Any, en: str = "deal ") -> Text:
    """A ledger row as people call it: by its deal, or by what it is where it has none, such as a hold."""
    if deal:
        return Text(f"单号 {deal}", f"{en}{deal}")
    word = next((word.label for word in LEDGER_KINDS if word.code == kind), Text("–", "–"))
    return Text(f"“{word.zh}”", f"“{word.en}”")


def row_called(row: Mapping[str, Any]) -> Text:
    """The same of a row."""
    return called(row.get("deal"), row.get("kind"))
