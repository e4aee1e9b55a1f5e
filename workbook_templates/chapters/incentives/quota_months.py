"""Everybody's quota month by month, out of rows of the Tables (money.md 8); the arithmetic is ``udfs.phasing``'s.

``month_quotas`` is pure: rows in, amounts out. Months whose statement is sealed keep the quota they were sealed with.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Protocol

from udfs.dated import Dated, employed, months_by_group, quota_weight
from udfs.phasing import MONTHS, by_month, month_text, months_of, phasing, span
from udfs.policy import value
from workbook_templates.tables.schema import Row

OPEN = "estimated"  # the statement of an account that nobody has reviewed

Month = tuple[str, str]  # person, "2027-03"


class QuotaPolicy(Protocol):
    """What holds on a day."""

    def at(self, key: str, day: dt.date) -> Any: ...


class PlanPolicies:
    """The plan's own values."""

    def at(self, key: str, day: dt.date) -> Any:
        return value(key, day)


def month_quotas(
    year: int,
    quotas: Mapping[str, float],
    people: Iterable[Row],
    changes: Iterable[Row] = (),
    policies: QuotaPolicy | None = None,
    accounts: Iterable[Row] = (),
    unit: float = 1.0,
) -> dict[Month, float]:
    """What everybody is asked for in each month of the year.

    ``quotas``: the year's, by person, as allocated by weight; ``people``, ``changes``, ``accounts``: rows of People, QuotaChanges and
    Accounts. The phasing and the ramp are those of the month's first day. A quota that changes from a day on is one of a whole year.
    """
    shares, ramp = _in_force(policies or PlanPolicies(), year)
    changed = defaultdict(list)
    for row in changes:
        if row.get("person") and isinstance(row.get("valid_from"), dt.date) and _is_number(row.get("quota")):
            changed[row["person"]].append((row["valid_from"], float(row["quota"])))
    out: dict[str, list[float]] = {}
    for row in people:
        who = row["id"]
        if who in quotas or who in changed:
            out[who] = months_of(
                quotas.get(who, 0.0), year, shares, _day(row, "joined"), _day(row, "left"), changed[who], ramp, unit
            )
    return by_month(year, out) | sealed_quotas(accounts, year)


def _in_force(policies: QuotaPolicy, year: int) -> tuple[list[Any], list[Any]]:
    days = [span(year, month)[0] for month in range(1, MONTHS + 1)]

    @cache
    def shares(pattern: tuple[float, ...], months: tuple[float, ...]) -> Any:
        return phasing(pattern, months)

    phases = [shares(tuple(policies.at("quota.pattern", day)), tuple(policies.at("quota.months", day))) for day in days]
    return phases, [ramp_table(policies.at("quota.ramp", day)) for day in days]


def ramp_table(held: Any) -> tuple[float, ...]:
    """A ramp as a row of parts; one number is a table of one."""
    parts = held if isinstance(held, list | tuple) else (held,)
    return tuple(float(part) for part in parts if _is_number(part))


def sealed_quotas(accounts: Iterable[Row], year: int) -> dict[Month, float]:
    """The quotas that statements were sealed with; a sealed month without one had none to keep."""
    return {
        (row["person"], row["month"]): float(row["quota"])
        for row in accounts
        if row.get("statement") not in (OPEN, None, "")
        and _is_number(row.get("quota"))
        and str(row.get("month"))[:4] == str(year)
    }


def year_weight(person: Row, year: int) -> float:
    """The weight a person's year quota goes by: by the days since joining; leaving ends months and re-weighs nothing."""
    weight: Any = person.get("quota_weight")
    first, last = employed(_day(person, "joined"), _day(person, "left"), year)
    return quota_weight(float(weight), _day(person, "joined"), year) if _is_number(weight) and first <= last else 0.0


def weighed(people: Iterable[Row]) -> list[Row]:
    """People with the weight that a blank stands for: 1 for who sells, 0 for who leads others; 0 is typed for anybody else without quota."""
    rows = list(people)
    leading = {row.get("manager") for row in rows}
    blank = (None, "")
    return [
        {**row, "quota_weight": 0.0 if row["id"] in leading else 1.0} if row.get("quota_weight") in blank else row for row in rows
    ]


def of_year(found: Mapping[Month, float], person: str, year: int) -> float:
    """The year on record: the sum of a person's months."""
    return sum(found.get((person, month_text(year, month)), 0.0) for month in range(1, MONTHS + 1))


def by_group(found: Mapping[Month, float], dated: Dated, people: Iterable[Row], year: int) -> dict[tuple[Any, str], float]:
    """What each group (line, region) carries in each month: a transfer moves the months from its day on, not history."""
    rows = list(people)
    terms = {row["id"]: (_day(row, "joined"), _day(row, "left")) for row in rows}
    months = [month_text(year, month) for month in range(1, MONTHS + 1)]
    quotas = [(row["id"], [found.get((row["id"], month), 0.0) for month in months]) for row in rows]
    return by_month(year, months_by_group(quotas, dated, terms, year))


def quota_lookup(found: Mapping[Month, float]) -> Callable[[str, str], float]:
    """``quota(person, month)``: 0 where there is none."""
    return lambda person, month: found.get((person, month), 0.0)


def _day(row: Row, key: str) -> dt.date | None:
    day = row.get(key)
    return day if isinstance(day, dt.date) else None


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)
