"""The figures that several mailed workbooks show: who earned what when, quotas, attainment.

Everything comes from the ledger's own rows and from the functions the plan's sheets call, with the plan's settings.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from udfs import call
from udfs.due import Tiers
from udfs.policy import POLICIES
from udfs.values import excel_round, total_of
from workbook_templates.chapters.incentives import ledger, quota_months
from workbook_templates.chapters.incentives.quota_months import year_weight
from workbook_templates.chapters.incentives.staff import Staff
from workbook_templates.mailed import Facts
from workbook_templates.mailed.words import last_day
from workbook_templates.tables.schema import Row

FINAL = ("locked", "paid")  # states of the ledger that nothing changes any more
MONTHS = 12


def people(facts: Facts) -> Mapping[str, Row]:
    return {row["id"]: row for row in facts.of("People") if row.get("id")}


def deals(facts: Facts) -> Mapping[str, Row]:
    return {row["id"]: row for row in facts.of("Deals") if row.get("id")}


def customers(facts: Facts) -> Mapping[str, Row]:
    return {row["id"]: row for row in facts.of("Customers") if row.get("id")}


def staff(facts: Facts) -> Staff:
    return Staff(facts.of("People"), facts.of("Transfers"))


def earned(facts: Facts) -> Mapping[str, Mapping[str, Sequence[Row]]]:
    """The ledger by person and month, in its order."""
    out: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in facts.of("Ledger"):
        if row.get("person") and row.get("period"):
            out[row["person"]][row["period"]].append(row)
    return {person: dict(months) for person, months in out.items()}


def of_month(facts: Facts, person: str, period: str) -> Sequence[Row]:
    """A person's ledger rows of a month."""
    return facts.once(earned).get(person, {}).get(period, ())


def commission_of(rows: Iterable[Row]) -> float:
    """Their sum, exact to the fen."""
    return total_of(number(row.get("commission")) for row in rows)


def number(cell: Any) -> float:
    """A number of a cell; anything else counts nothing, as in a sum."""
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else 0.0


def months_until(period: str) -> list[str]:
    """The months of the period's year up to it."""
    return [f"{period[:4]}-{month:02}" for month in range(1, int(period[5:7]) + 1)]


def before(period: str) -> str:
    """The month before."""
    return f"{last_day(period).replace(day=1) - dt.timedelta(days=1):%Y-%m}"


def tiers(facts: Facts) -> Callable[[str, dt.date], Tiers]:
    """The commission tiers of a person on a day, as the plan has them."""
    thresholds, rates = (facts.settings.get(f"commission.{key}") or [] for key in ("thresholds", "rates"))
    in_force = ledger.dated_tiers(thresholds, rates, facts.named.get("commission_next", ()))
    return lambda person, day: in_force(day, facts.once(staff).level(person, day))


def pooled(facts: Facts) -> bool:
    """Whether a person's orders of a month are one sum."""
    return bool(facts.settings.get("commission.basis") == POLICIES["commission.basis"].words[1].en)


# ------------------------------------------------------------------------------------------------- bookings and quotas


def credit(deal: Row) -> list[tuple[str, float]]:
    """Who is credited with which part of a deal's revenue, as the Deals sheet computes it."""
    revenue, partner = number(deal.get("revenue")), deal.get("partner")
    share = 1.0 if not partner else number(deal.get("seller_share"))
    own = deal.get("seller_revenue")
    first = float(own) if isinstance(own, int | float) else float(excel_round(revenue * share, 2))
    parts = [(deal.get("seller") or "", first)]
    return [*parts, (partner, float(excel_round(revenue - first, 2)))] if partner else parts


def booked(facts: Facts) -> Mapping[str, Mapping[str, float]]:
    """Bookings credited by person and month, up to the as-of date."""
    amounts: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for deal in facts.of("Deals"):
        if isinstance(deal.get("date"), dt.date) and deal["date"] <= facts.as_of:
            for person, part in credit(deal):
                amounts[person][f"{deal['date']:%Y-%m}"].append(part)
    return {person: {month: total_of(parts) for month, parts in months.items()} for person, months in amounts.items()}


def booked_by(facts: Facts, person: str, periods: Sequence[str]) -> float:
    """What a person booked in these months."""
    months = facts.once(booked).get(person, {})
    return total_of(months.get(period, 0.0) for period in periods)


def quotas(facts: Facts) -> Mapping[str, float]:
    """Everybody's quota of the year, allocated as the Person quotas sheet does; nobody's where the plan has no total."""
    rows, total = [r for r in facts.of("Quotas") if r.get("person")], number(facts.first("quota_total"))
    weights = [_weight(facts, row) for row in rows]
    if not total or not sum(weights):
        return {}
    limits = ([[row.get(key)] for row in rows] for key in ("floor", "cap"))
    parts = call("QUOTAALLOCATE", total, [[w] for w in weights], *limits)
    return {row["person"]: number(part[0]) for row, part in zip(rows, parts, strict=True)}


def _weight(facts: Facts, row: Row) -> float:
    """The weight by days employed: as the sheet computed it, else the same from People."""
    if isinstance(row.get("weight"), int | float):
        return float(row["weight"])
    return year_weight(facts.once(people).get(row["person"], {}), facts.year)


def by_month(facts: Facts) -> Mapping[tuple[str, str], float]:
    """Everybody's quota by month, as the Person quotas sheet has it: the months employed, changes, what is sealed."""
    return quota_months.month_quotas(
        facts.year,
        facts.once(quotas),
        facts.of("People"),
        facts.of("QuotaChanges"),
        SheetPolicy(facts.settings),
        facts.of("Accounts"),
    )


@dataclass(frozen=True)
class SheetPolicy:
    """The policy as the settings of the workbook have it, the same on every day."""

    held: Mapping[str, Any]

    def at(self, key: str, day: dt.date) -> Any:
        return self.held[key]


def month_quotas(facts: Facts, person: str) -> list[float]:
    """A person's quota by month; none for somebody without any."""
    found, months = facts.once(by_month), months_until(f"{facts.year}-{MONTHS}")
    quotas_ = [found.get((person, month), 0.0) for month in months]
    return quotas_ if any(quotas_) else []


def year_quota(facts: Facts, person: str) -> float | None:
    """The year on record: the sum of a person's months."""
    months = facts.once(month_quotas, person)
    return total_of(months) if months else None


def attainment(actual: float, quota: float | None) -> float | None:
    """Actual over quota; none without a quota."""
    return actual / quota if quota else None
