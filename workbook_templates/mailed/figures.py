"""The figures that several mailed workbooks show: who earned what when, quotas, attainment, the teams' sprint bonus.

Everything comes from the ledger's own rows and from the functions the plan's sheets call, with the plan's settings.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from udfs import call
from udfs.dated import quota_by_group
from udfs.due import Tiers
from udfs.policy import POLICIES
from udfs.values import excel_round, total_of
from workbook_templates.chapters.incentives import ledger
from workbook_templates.chapters.incentives.quota_months import year_weight
from workbook_templates.chapters.incentives.staff import Staff
from workbook_templates.mailed import Facts
from workbook_templates.mailed.words import last_day
from workbook_templates.tables.schema import LINES, Row

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


def month_quotas(facts: Facts, person: str) -> list[float]:
    """A person's quota by month: the year's in the company's rhythm."""
    quota, rhythm = facts.once(quotas).get(person, 0.0), [number(c) for c in facts.named.get("quota_months", ())]
    if not quota or len(rhythm) != MONTHS or not sum(rhythm):
        return []
    return [number(part) for part in call("QUOTASPLIT", quota, [rhythm])[0]]


def attainment(actual: float, quota: float | None) -> float | None:
    """Actual over quota; none without a quota."""
    return actual / quota if quota else None


def line_quotas(facts: Facts) -> Mapping[str, float]:
    """What each line carries of the people's quotas, by days: transfers count in both lines, as on the Commission sheet."""
    everybody, codes = facts.once(people), [word.code for word in LINES]
    terms = {id_: (row.get("joined"), row.get("left")) for id_, row in everybody.items()}
    found = quota_by_group(codes, facts.once(quotas).items(), facts.once(staff).dated["line"], terms, facts.year)
    return dict(zip(codes, found, strict=True))


def sprint(facts: Facts, line: str, period: str) -> tuple[float, float, float] | None:
    """A line's quota of the year, its bookings up to the period's end, and what these put into its travel fund."""
    quota, known, until = facts.once(line_quotas).get(line, 0.0), facts.once(staff), min(facts.as_of, last_day(period))
    if not quota:
        return None
    actual = total_of(
        part
        for deal in facts.of("Deals")
        if isinstance(deal.get("date"), dt.date) and dt.date(facts.year, 1, 1) <= deal["date"] <= until
        for person, part in credit(deal)
        if (known.on(person, deal["date"]) or {}).get("line") == line
    )
    terms = [facts.settings[f"sprint.{key}"] for key in ("trigger", "rate", "over")]
    return quota, actual, number(call("SPRINTBONUS", quota, actual, *terms)[0][0])
