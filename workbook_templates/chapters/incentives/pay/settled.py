"""What stands already: rows that were reviewed, locked or paid (and what somebody decided by hand), by order and event."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbook_templates.chapters.incentives.pay.exact import fen
from workbook_templates.chapters.incentives.pay.facts import PayFacts, Row, SoldOrder
from workbook_templates.chapters.incentives.pay.months import following

Key = tuple[str, str, str, str]  # order, person, component; of an override the member, of one of several roles the role
Event = tuple[str, str]  # sign, return or cash; what it is called: a return's ID, a day
Statement = tuple[str, str]  # month, person

DECIDED = ("manual", "bonus")  # typed by a person: computing never touches them
BALANCE = ("draw", "recovery", "hold", "unhold")  # made by the account itself
SEALED = ("reviewed", "locked", "paid")
# What a row does: to pay at once, to what is held, from held to pay, from held to nothing.
PAY, HELD, RELEASED, CANCELLED = "pay", "held", "release", "cancel"
_CLASSES = {"held": HELD, "release": RELEASED, "cancel": CANCELLED}
_BY_CASH = ("release", "cancel", "clawback")
SIGNING: Event = ("sign", "")


def class_of(kind: str) -> str:
    """What rows of a kind do."""
    return _CLASSES.get(kind, PAY)


def event_of(row: Row, order: str) -> Event:
    """Which event of its order a row belongs to."""
    if row["deal"] != order:
        return "return", str(row["deal"])
    if row["kind"] in _BY_CASH and isinstance(row.get("date"), dt.date):
        return "cash", f"{row['date']:%Y-%m-%d}"
    return SIGNING


@dataclass
class Standing:
    """What stands for one key: sums by event and class, in fen, and what its first and last rows say."""

    sums: dict[Event, dict[str, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    rows: dict[Event, list[Row]] = field(default_factory=lambda: defaultdict(list))
    manual: int | None = None

    def add(self, row: Row, event: Event) -> None:
        """Count a row."""
        amount = fen(row["commission"])
        self.sums[event][class_of(row["kind"])] += amount
        self.rows[event].append(row)
        if row["kind"] == "manual":
            self.manual = (self.manual or 0) + amount

    @property
    def decides_all(self) -> bool:
        """Whether somebody decided by hand what the person gets of the whole order, in whatever roles."""
        return any(row["kind"] == "manual" and not row.get("role") for row in self.signed)

    @property
    def signed(self) -> Sequence[Row]:
        """The rows of the signing itself, but those decided by hand while open."""
        return self.rows.get(SIGNING, ())

    @property
    def closed(self) -> bool:
        """Whether the signing is in a settled statement: in dispute, nothing is settled yet; decided by hand, it may be open."""
        return any(row["status"] in SEALED for row in self.signed)

    @property
    def month(self) -> str | None:
        """The month its order was booked to."""
        return min((row["period"] for row in self.signed), default=None)

    @property
    def factor(self) -> float:
        """The factor it was paid with, of its last correction where another rule came to hold."""
        return next((row["factor"] for row in reversed(self.signed) if row.get("factor") is not None), 1.0)

    @property
    def accrued(self) -> int:
        """What the signing brought, to pay or to be held."""
        return sum(self.sums[SIGNING].values()) if SIGNING in self.sums else 0


class Settled:
    """The ledger's settled rows by key, and each person's first open month."""

    def __init__(self, facts: PayFacts) -> None:
        self.statements = sealed_statements(facts.ledger, facts.accounts)
        self.first_open: dict[str, str] = {}
        for month, person in self.statements:
            self.first_open[person] = max(self.first_open.get(person, ""), following(month))
        self.by_key: dict[Key, Standing] = defaultdict(Standing)
        roots = {back.id: order for order, found in facts.returns.items() for back in found}
        # By month: the last row of an order is its latest, however the sheet is sorted.
        for row in sorted(facts.ledger, key=lambda r: str(r["period"] or "")):
            if not self.fixed(row) or row["kind"] in (*BALANCE, "bonus"):
                continue
            order = roots.get(row["deal"] or "", row["deal"] or "")
            self.by_key[key_of(facts, row, order)].add(row, event_of(row, order))

    @staticmethod
    def fixed(row: Row) -> bool:
        """Whether computing leaves a row as it is."""
        return row["status"] != "computed" or row["kind"] in DECIDED

    def open_month(self, person: str, month: str) -> str:
        """The month that a fact of a month is booked to."""
        return max(month, self.first_open.get(person, ""))


def key_of(facts: PayFacts, row: Row, order: str) -> Key:
    """The key of a row of an order."""
    person = row["person"]
    part = row.get("member") or part_of(facts.orders.get(order), person, row.get("role"))
    return order, person, row.get("component") or "commission", part


def part_of(order: SoldOrder | None, person: str, role: str | None) -> str:
    """Which of somebody's several roles in an order is meant, the first unless said; blank for who has one role only."""
    if order is None or len(order.credits) == 1:
        return ""
    mine = [credit.role for credit in order.credits if credit.person == person]
    return "" if len(mine) < 2 else role if role in mine else mine[0]


def sealed_statements(ledger: Iterable[Row], accounts: Iterable[Mapping[str, Any]]) -> set[Statement]:
    """The statements that were reviewed, locked or paid; one in dispute is open again."""
    states: dict[Statement, set[str]] = defaultdict(set)
    for row in ledger:
        states[row["period"], row["person"]].add(row["status"])
    found = {key for key, said in states.items() if said & set(SEALED) and "disputed" not in said}
    disputed = {key for key, said in states.items() if "disputed" in said}
    known = {(a["month"], a["person"]) for a in accounts if a["statement"] not in (None, "", "estimated")}
    return found | (known - disputed)
