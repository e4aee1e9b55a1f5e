"""A case through the pure core alone: Tables are lists of rows, a click is a change of their states."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tests.pay.history import Said
from udfs.policy import POLICIES
from udfs.text import Text, speaking
from workbook_templates.chapters.incentives.pay import facts as reading
from workbook_templates.chapters.incentives.pay.facts import PayFacts
from workbook_templates.chapters.incentives.pay.merge import filed
from workbook_templates.chapters.incentives.pay.run import PayRun, Repriced, run
from workbook_templates.chapters.incentives.staff import Staff
from workbook_templates.tables import schema

Row = dict[str, Any]
TABLES = ("People", "Transfers", "Deals", "Credits", "Rules", "TierTables", "PolicyChanges", "Collections", "Holds", "Draws", "Ledger", "Accounts")  # fmt: skip
# What a person typed stays as it is; all else of an open month is computed anew.
TYPED = ("manual", "bonus")


class Dated:
    """The plan's values with what a case sets and what PolicyChanges says from a day on."""

    def __init__(self, base: Mapping[str, Any], changes: Sequence[Row]) -> None:
        self.base = base
        self.changes = sorted(changes, key=lambda row: row["valid_from"])

    def at(self, key: str, day: dt.date) -> Any:
        """What holds on a day."""
        held = [row["value"] for row in self.changes if row["key"] == key and row["valid_from"] <= day]
        if held:
            return _spoken(str(held[-1]), isinstance(POLICIES[key].value, tuple) and not isinstance(POLICIES[key].value, Text))
        value = self.base.get(key, POLICIES[key].value)
        return value.en if isinstance(value, Text) else list(value) if isinstance(value, tuple) else value


def _spoken(text: str, several: bool) -> Any:
    parts = [_part(part.strip()) for part in text.split("/")]
    return parts if several else parts[0]


def _part(text: str) -> Any:
    try:
        return round(float(text.rstrip("%")) / 100, 10) if text.endswith("%") else float(text)
    except ValueError:
        return text


class ByCore:
    """Keeps the books of a case in memory."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {name: [] for name in TABLES}
        self.settings: dict[str, Any] = {}
        self.quotas: dict[tuple[str, str], float] = {}
        self.today = dt.date(2027, 1, 1)
        self.last = PayRun()
        self.agreed: set[Repriced] = set()  # what was re-priced with who and why
        self.shuffled: Callable[[list[Row]], list[Row]] = list  # the order in which rows are handed to the core

    # ---- what people type

    def day(self, on: dt.date) -> None:
        self.today = on

    def put(self, table: str, row: Mapping[str, Any]) -> None:
        blank = dict.fromkeys(column.key for column in schema.table(table).inputs)
        self.tables[table].append({**blank, **row})

    def change(self, table: str, key: str, values: Mapping[str, Any]) -> None:
        self._found(table, key).update(values)

    def take_out(self, table: str, key: str) -> None:
        found = self._found(table, key)
        self.tables[table] = [row for row in self.tables[table] if row is not found]

    def _found(self, table: str, key: str) -> Row:
        first = next(iter(schema.table(table).by_key))
        return next(row for row in self.tables[table] if row[first] == key)

    def set(self, key: str, value: Any) -> None:
        self.settings[key] = value

    def quota(self, person: str, month: str, amount: float) -> None:
        self.quotas[person, month] = amount

    def rows(self, table: str) -> list[Row]:
        return self.tables[table]

    # ---- what people click

    def facts(self) -> PayFacts:
        """What the core is told."""
        of = {name: self.shuffled(rows) for name, rows in self.tables.items()}
        policy = Dated(self.settings, of["PolicyChanges"])
        orders, returns = reading.orders_of(of["Deals"], of["Credits"], policy)
        return PayFacts(
            staff=Staff(of["People"], of["Transfers"]), policy=policy, orders=orders, returns=returns,
            cash=reading.cash_of(of["Collections"]), draws=reading.draws_of(of["Draws"]), holds=reading.holds_of(of["Holds"]),
            rules=reading.rules_of(of["Rules"]), tier_tables=reading.tier_tables_of(of["TierTables"]), ledger=of["Ledger"],
            accounts=of["Accounts"], quota=lambda person, month: self.quotas.get((person, month)), as_of=self.today,
            today=self.today, version="V1.0",
            delivered={row["id"]: row["delivered"] for row in of["Deals"] if row["delivered"]},
        )  # fmt: skip

    def commission(self, options: Mapping[str, Any]) -> Said:
        with speaking("zh"):
            found = run(self.facts())
        self.last = found
        told = " ".join(part for text in found.warnings for part in text)
        if options.get("by") and options.get("why"):
            self.agreed |= set(found.repriced)
        if unsaid := [one for one in found.repriced if one not in self.agreed]:
            total = sum(one.after - one.before for one in unsaid) / 100
            return Said(told=f"{len(unsaid)} settled rows re-priced by {total:+g} yuan {told}", refused=True)
        for place, values in filed(replace(self.facts(), ledger=self.tables["Ledger"])).items():
            self.tables["Ledger"][place].update(values)
        kept = [row for row in self.tables["Ledger"] if row["status"] != "computed" or row["kind"] in TYPED]
        self.tables["Ledger"] = kept + [dict(row) for row in found.rows]
        sealed = [row for row in self.tables["Accounts"] if row["statement"] != "estimated"]
        self.tables["Accounts"] = sealed + [dict(row) for row in found.accounts]
        return Said(told=told)

    def review(self, month: str, people: Sequence[str], who: str) -> Said:
        return self._move(month, people, "computed", "reviewed", "reviewed")

    def lock(self, month: str, people: Sequence[str], who: str) -> Said:
        return self._move(month, people, "reviewed", "locked", "final")

    def pay(self, month: str, people: Sequence[str], who: str) -> Said:
        return self._move(month, people, "locked", "paid", "paid")

    def _move(self, month: str, people: Sequence[str], before: str, after: str, statement: str) -> Said:
        for row in self.tables["Ledger"]:
            if row["period"] == month and row["status"] == before and (not people or row["person"] in people):
                row["status"] = after
        states = {"reviewed": "estimated", "final": "reviewed", "paid": "final"}
        for row in self.tables["Accounts"]:
            if row["month"] == month and row["statement"] == states[statement] and (not people or row["person"] in people):
                row["statement"] = statement
        return Said()
