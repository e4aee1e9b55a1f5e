"""A case as it happens, day by day: facts are entered, months reviewed, locked and paid; whoever keeps the books is a ``Route``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.pay.cases import Case, plain_figures
from workbook_templates.tables import schema

Rows = Sequence[Mapping[str, Any]]
REVIEWER, APPROVER, PAYER = "Cora", "Lio", "Hu"
_SAME_DAY = ("enter", "change", "trial")


@dataclass
class Said:
    """What a step was answered with: its problems as (Table, row's key, column, text), what else it said, whether it refused."""

    problems: list[tuple[str, str, str, str]] = field(default_factory=list)
    told: str = ""
    refused: bool = False

    @property
    def text(self) -> str:
        return plain_figures(" ".join([self.told, *(p[-1] for p in self.problems)]))


class Route(Protocol):
    """Somebody who keeps the books of a case."""

    def day(self, on: dt.date) -> None:
        """It is this day."""

    def put(self, table: str, row: Mapping[str, Any]) -> None:
        """A new row of a Table."""

    def change(self, table: str, key: str, values: Mapping[str, Any]) -> None:
        """New values in the row whose first column is ``key``."""

    def take_out(self, table: str, key: str) -> None:
        """The row goes again."""

    def set(self, key: str, value: Any) -> None:
        """Settings say something else, without a date."""

    def quota(self, person: str, month: str, amount: float) -> None:
        """What a person is to sell in a month."""

    def commission(self, options: Mapping[str, Any]) -> Said:
        """Compute."""

    def review(self, month: str, people: Sequence[str], who: str) -> Said:
        """Somebody looked at the statements."""

    def lock(self, month: str, people: Sequence[str], who: str) -> Said:
        """Somebody else approves."""

    def pay(self, month: str, people: Sequence[str], who: str) -> Said:
        """Payroll is exported and marked as paid; it must come to what the accounts say."""

    def rows(self, table: str) -> Rows:
        """A Table as it is."""


# --------------------------------------------------------------------------------------------------------------- its days


def following(month: str) -> str:
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]), 12)
    return f"{year}-{number + 1:02}"


def first_day(month: str) -> dt.date:
    return dt.date(int(month[:4]), int(month[5:]), 1)


def last_day(month: str) -> dt.date:
    return first_day(following(month)) - dt.timedelta(days=1)


def timeline(case: Case) -> Iterator[dict[str, Any]]:
    """The facts of a case with, unless it tells them itself, the settling of each month on the 5th of the next."""
    facts = list(case["facts"])
    if case.get("settle") == "as told":
        yield from facts
        return
    month, until = min(fact["on"] for fact in facts)[:7], _until(case)
    for fact in facts:
        while month <= until and _fifth(month) <= fact["on"]:
            yield {"on": _fifth(month), "settle": month}
            month = following(month)
        yield fact
    while month <= until:
        yield {"on": _fifth(month), "settle": month}
        month = following(month)


def _fifth(month: str) -> str:
    return f"{following(month)}-05"


def _until(case: Case) -> str:
    expected = [row["month"] for row in case.get("accounts") or ()] + [row[0] for row in case.get("ledger") or ()]
    return str(case.get("until") or max(expected))


def typed(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a case with its dates as dates and its numbers as cells have them."""
    spec = schema.table(table)
    out: dict[str, Any] = {}
    for key, value in row.items():
        if spec[key].kind == "date" and isinstance(value, str):
            value = dt.date.fromisoformat(value)
        out[key] = float(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return out


# ------------------------------------------------------------------------------------------------------------ as it happens


def play(case: Case, route: Route) -> list[str]:
    """Let a case happen; what was answered otherwise than it says."""
    route.day(dt.date(case.get("year", 2027), 1, 1))
    _begin(case, route)
    wrong: list[str] = []
    on = ""
    for step in timeline(case):
        on = step["on"]
        route.day(dt.date.fromisoformat(on))
        wrong += [f"{on}: {what}" for what in _step(step, route)]
    end = max(dt.date.fromisoformat(on), last_day(_until(case)))
    route.day(end)
    said = route.commission({})
    wrong += [f"the last run refused: {said.text}"] if said.refused else []
    return wrong


def _begin(case: Case, route: Route) -> None:
    for person in case["people"]:
        route.put("People", {"name": f"{person['id']}…", "level": "representative", "line": "direct", "joined": dt.date(2026, 1, 1), "quota_weight": 1.0, **typed("People", person)})  # fmt: skip
    for key, value in case.get("settings", {}).items():
        route.set(key, value)
    for table, rows in case.get("tables", {}).items():
        for row in rows:
            route.put(table, typed(table, row))
    for quota in case.get("quotas", ()):
        route.quota(quota["person"], quota["month"], float(quota["quota"]))


def _step(step: Mapping[str, Any], route: Route) -> Iterator[str]:
    on = dt.date.fromisoformat(step["on"])
    _typed_in(step, route, on)
    if "decide" in step:
        _decide(route, on, step["decide"], "manual")
    if "bonus" in step:
        _decide(route, on, step["bonus"], "bonus")
    if "trial" in step:
        yield from _trial(step, route, on)
    if "commission" in step:
        yield from _answer(step, route.commission(step["commission"]))
    if "settle" in step:
        yield from settle(step["settle"], route, step.get("reviewer", REVIEWER), step.get("approver", APPROVER))
    if "review" in step:
        if "refused" not in step:
            yield from _refusal("commission", route.commission({}))
        yield from _answer(step, route.review(step["review"], step.get("people", ()), step.get("reviewer", REVIEWER)))
    if "lock" in step:
        yield from _answer(step, route.lock(step["lock"], step.get("people", ()), step.get("approver", APPROVER)))


def _typed_in(step: Mapping[str, Any], route: Route, on: dt.date) -> None:
    """What people type on the day: rows that are new, rows that are changed or struck out, settings."""
    for table, rows in step.get("enter", {}).items():
        for row in rows:
            route.put(table, _entered(table, row, on))
    for table, changed in step.get("change", {}).items():
        for key, values in changed.items():
            route.change(table, key, typed(table, values))
    for table, gone in step.get("out", {}).items():
        for key in gone:
            route.take_out(table, key)
    for key, value in step.get("set", {}).items():
        route.set(key, value)


def _entered(table: str, row: Mapping[str, Any], on: dt.date) -> dict[str, Any]:
    noted = {"entered_on": on} if table == "Deals" else {"kind": "payment"} if table == "Collections" else {}
    return {**noted, **typed(table, row)}


def _decide(route: Route, on: dt.date, what: Mapping[str, Any], kind: str) -> None:
    """What a person decides is a row of the Ledger with who and why; it is typed there as any row is."""
    route.put(
        "Ledger",
        {
            "period": what.get("month", f"{on:%Y-%m}"), "deal": what.get("deal"), "person": what["person"],
            "component": "bonus" if kind == "bonus" else "commission", "commission": float(what["amount"]), "kind": kind,
            "status": "computed", "plan_version": "V1.0", "computed_on": on, "date": on, "by": what["by"], "reason": what["reason"],
        },
    )  # fmt: skip


def _trial(step: Mapping[str, Any], route: Route, on: dt.date) -> Iterator[str]:
    """Something that must be refused at its cell; then it is taken back."""
    what, (table, key, column) = step["trial"], step["at"]
    before = {}
    for name, rows in what.get("enter", {}).items():
        for row in rows:
            route.put(name, _entered(name, row, on))
    for name, changed in what.get("change", {}).items():
        for row_key, values in changed.items():
            old = next(r for r in route.rows(name) if next(iter(r.values())) == row_key)
            before[name, row_key] = {k: old.get(k) for k in values}
            route.change(name, row_key, typed(name, values))
    said = route.commission({})
    there = [plain_figures(text) for t, k, c, text in said.problems if (t, k, c) == (table, key, column)]
    if not any(all(figure in text for figure in step["says"]) for text in there):
        yield f"no problem at {table} {key} {column} that names {step['says']}; said: {said.problems or said.told!r}"
    for name, rows in what.get("enter", {}).items():
        for _ in rows:
            route.take_out(name, rows[0][next(iter(schema.table(name).by_key))])
    for (name, row_key), values in before.items():
        route.change(name, row_key, values)


def _answer(step: Mapping[str, Any], said: Said) -> Iterator[str]:
    if "refused" in step:
        if not said.refused:
            yield f"was not refused: {step}"
        for what in step["refused"]:
            if what not in said.text:
                yield f"refused without naming {what}: {said.text!r}"
        return
    yield from _refusal(str(step), said)
    wanted = [*step.get("waiting", ()), *(w for person, why in step.get("left_out", {}).items() for w in (person, *why))]
    yield from (f"does not name {what}: {said.text!r}" for what in wanted if what not in said.text)
    if "at" in step and tuple(step["at"]) not in {p[:3] for p in said.problems}:
        yield f"no problem at {step['at']}: {said.problems}"


def _refusal(what: str, said: Said) -> Iterator[str]:
    if said.refused:
        yield f"{what} refused: {said.text}"


def settle(month: str, route: Route, reviewer: str = REVIEWER, approver: str = APPROVER) -> Iterator[str]:
    """A month, and before it every earlier one that is open again, is reviewed, locked and paid; one in which nothing moved is passed over."""
    yield from _refusal(f"commission for {month}", route.commission({}))
    for one in sorted({m for m in open_months(route) if m <= month}):
        yield from _refusal(f"review {one}", route.review(one, (), reviewer))
        yield from _refusal(f"lock {one}", route.lock(one, (), approver))
        yield from _refusal(f"pay {one}", route.pay(one, (), PAYER))


def open_months(route: Route) -> set[str]:
    """The months that wait for a review."""
    waiting = {r["period"] for r in route.rows("Ledger") if r["status"] == "computed"}
    return waiting | {r["month"] for r in route.rows("Accounts") if r["statement"] == "estimated"}
