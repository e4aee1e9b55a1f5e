"""A case on a real workbook through the real actions: in memory, nothing recalculated or saved between steps."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from addin import actions, locked
from addin.book import FileBook
from addin.changes import Changes, lowered
from tests.pay.cases import fen, yuan
from tests.pay.history import Rows, Said
from tests.small_plan import small_plan
from udfs import policy
from udfs.policy import POLICIES
from udfs.text import speaking
from workbook_templates.answers import ERROR, Problem, Refused
from workbook_templates.chapters.incentives.sheets import quotas
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Company
from workbook_templates.xlsx.package import Package

CUSTOMER = "C1"
NEVER_BEFORE = dt.date(2020, 1, 1)  # a setting from the beginning


@functools.cache
def _empty(folder: Path) -> bytes:
    made = Company("公司", 2027, dt.date(2027, 1, 1), rows={"Customers": [{"id": CUSTOMER, "name": "客户"}]})
    return small_plan(folder / "empty.xlsx", made, sheets=[quotas.SHEET]).read_bytes()


class ByActions:
    """Keeps the books of a case in a planning workbook."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.book = FileBook(Package(_empty(folder.parent), folder / "plan.xlsx"))
        self.book.path.write_bytes(self.book.raw)
        self.today = dt.date(2027, 1, 1)
        self.quotas: dict[str, float] = {}

    # ---- what people type

    def day(self, on: dt.date) -> None:
        self.today = on
        policy.set_today(on)
        self._apply(Changes(named={"as_of": on}))

    def put(self, table: str, row: Mapping[str, Any]) -> None:
        self._apply(Changes(added={table: [self._complete(table, row)]}))

    def _complete(self, table: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """A deal's customer and share, which the cases don't speak of; a return names its order and nothing else."""
        return {"customer": CUSTOMER, "seller_share": 1.0, **row} if table == "Deals" and not row.get("original") else dict(row)

    def change(self, table: str, key: str, values: Mapping[str, Any]) -> None:
        self._apply(Changes(edited={table: {self._place(table, key): dict(values)}}))

    def take_out(self, table: str, key: str) -> None:
        gone = self._place(table, key)
        rows = [row for at, row in enumerate(self.rows(table)) if at != gone]
        self._apply(Changes(replaced={table: [dict(row) for row in rows]}))

    def _place(self, table: str, key: str) -> int:
        first = next(iter(schema.table(table).by_key))
        return next(at for at, row in enumerate(self.rows(table)) if row[first] == key)

    def set(self, key: str, value: Any) -> None:
        place = self.book.locate(POLICIES[key].base_name)
        values = value if isinstance(value, list) else [value]
        if place is None or place[1].size != len(values):  # more parts than Settings has cells: a change from a date long gone
            shown = " / ".join(map(str, values))
            self.put("PolicyChanges", {"key": key, "valid_from": NEVER_BEFORE, "value": shown, "by": "S", "reason": "the case"})
            return
        width = place[1].last_col - place[1].first_col + 1
        self._apply(Changes(named={POLICIES[key].base_name: [values[i : i + width] for i in range(0, len(values), width)]}))

    def quota(self, person: str, month: str, amount: float) -> None:
        """A year of equal months: the product is told a yearly quota and its rhythm."""
        if person in self.quotas:
            assert self.quotas[person] == amount, "the quotas of a case are the same in all its months"
            return
        self.quotas[person] = amount
        for key in ("quota.pattern", "quota.months"):
            self.set(key, [1.0] * len(POLICIES[key].value))
        self._apply(
            Changes(named={"quota_total": sum(self.quotas.values()) * 12})
        )  # a formula of targets that the case has none of
        changed = {"person": person, "valid_from": dt.date(2027, 1, 1), "quota": amount * 12, "by": "S", "reason": "the case"}
        self.put("QuotaChanges", changed)

    def _apply(self, changes: Changes) -> None:
        self.book.apply(lowered(self.book, changes))

    def rows(self, table: str) -> Rows:
        return self.book.read(table).rows

    # ---- what people click

    def commission(self, options: Mapping[str, Any]) -> Said:
        return self._do("commission", **options)

    def review(self, month: str, people: Sequence[str], who: str) -> Said:
        return self._do("review", period=month, person=list(people), by=who)

    def lock(self, month: str, people: Sequence[str], who: str) -> Said:
        return self._do("lock", period=month, person=list(people), by=who, despite_checks="formulas are not computed here")

    def pay(self, month: str, people: Sequence[str], who: str) -> Said:
        out = self.folder / f"pay-{month}.csv"
        due = {r["person"]: fen(r["paid"]) for r in self.rows("Accounts") if r["month"] == month and r["statement"] == "final"}
        if not due:
            return Said(told=f"nothing of {month} is final", refused=True)
        said = self._do("payroll", out=str(out), period=month, force=True)
        if said.refused:
            return said
        given = _paid(out.read_bytes()) if out.exists() else {}
        if due != given:  # the statement's payable is payroll's amount, person by person
            shown = [{p: yuan(a) for p, a in sorted(side.items())} for side in (given, due)]
            return Said(told=f"payroll of {month} pays {shown[0]}, the accounts say {shown[1]}", refused=True)
        return self._do("pay", period=month, person=list(people), by=who, total=sum(given.values()) / 100)

    def _do(self, name: str, **given: Any) -> Said:
        """As ``performing.perform`` does it, but in memory: the guards, the cells, the files."""
        action = actions.every()[name]
        options = action.defaults()
        unknown = given.keys() - vars(options).keys()
        if unknown:
            return Said(told=f"{name} knows no {sorted(unknown)}", refused=True)
        try:
            with speaking("zh"):
                outcome = action.run(self.book, action.defaults(**given), lambda step: None)
            problems = [self._at(p) for p in outcome.problems]
            told = " ".join(part for text in (outcome.summary, *outcome.notes) for part in text)
            if outcome.errors and not outcome.partial:
                return Said(problems, told, True)
            effect = lowered(self.book, outcome.changes)
            locked.refuse(self.book, effect, action.pays)
        except Refused as fault:
            return Said(told=" ".join(fault.text), refused=True)
        self.book.apply(effect)
        for path, content in outcome.files.items():
            path.write_bytes(content)
        return Said(problems, told)

    def _at(self, problem: Problem) -> tuple[str, str, str, str]:
        """Which row of which Table a problem's cell is."""
        text = ("" if problem.level == ERROR else f"({problem.level}) ") + " ".join(problem.text)
        for name in schema.TABLES:
            grid = self.book.grid(name)
            if (
                grid is not None
                and grid.sheet == problem.sheet
                and grid.data.first_row <= (problem.row or 0) <= grid.data.last_row
            ):
                held = self.book.read(name)
                if problem.row in held.lines:
                    key = next(iter(held.rows[held.lines.index(problem.row)].values()))
                    column = next((k for k, place in held.places.items() if place == problem.column), "")
                    return name, str(key), column, text
        return "", "", "", text


class ByCommission(ByActions):
    """The same, but only commission is pressed: the states of rows and accounts are set as the other buttons would."""

    def review(self, month: str, people: Sequence[str], who: str) -> Said:
        return self._move(month, people, ("computed", "reviewed"), ("estimated", "reviewed"))

    def lock(self, month: str, people: Sequence[str], who: str) -> Said:
        return self._move(month, people, ("reviewed", "locked"), ("reviewed", "final"))

    def pay(self, month: str, people: Sequence[str], who: str) -> Said:
        return self._move(month, people, ("locked", "paid"), ("final", "paid"))

    def _move(self, month: str, people: Sequence[str], row: tuple[str, str], account: tuple[str, str]) -> Said:
        changes = Changes()
        for table, when, state, (old, new) in (("Ledger", "period", "status", row), ("Accounts", "month", "statement", account)):
            for at, found in enumerate(self.rows(table)):
                if found[when] == month and found[state] == old and (not people or found["person"] in people):
                    changes.edit(table, at, **{state: new})
        self._apply(changes)
        return Said()


def _paid(content: bytes) -> dict[str, int]:
    """What a payroll file pays, by person."""
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    amount = next((h for h in (rows[0] if rows else ()) if "应发" in h or "payable" in h), None) or "提成（元）"
    return {row["工号"]: fen(row[amount]) for row in rows}
