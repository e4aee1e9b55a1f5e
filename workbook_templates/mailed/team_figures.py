"""What a manager's people did: bookings and quota, landing, commission; by the day of each deal, so that a transfer moves nothing back."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from udfs import call
from udfs.values import total_of
from workbook_templates.mailed import Facts, figures
from workbook_templates.mailed.figures import FINAL, number
from workbook_templates.mailed.statement_figures import employed_in
from workbook_templates.mailed.words import clean, last_day
from workbook_templates.tables.schema import Row


@dataclass(frozen=True)
class Member:
    """One person of a team; bookings and commission count what belongs to this team only."""

    id: str
    name: str
    level: str
    line: str
    booked: float  # of the month
    to_date: float
    quota_to_date: float
    quota: float
    landing: float | None  # of the year, at the run rate
    commission: float  # of the month
    final: float
    year: float  # commission, year to date
    disputed: int

    @property
    def estimated(self) -> float:
        """The month's commission that is not locked."""
        return total_of([self.commission, -self.final])

    @property
    def attainment(self) -> float | None:
        """Bookings to date over quota to date."""
        return figures.attainment(self.to_date, self.quota_to_date)


@dataclass(frozen=True)
class Team:
    """A manager's team in a month."""

    facts: Facts
    manager: Row
    period: str
    members: Sequence[Member]
    months: Sequence[tuple[str, float, float]]  # month, bookings, quota

    @property
    def name(self) -> str:
        """The manager's name."""
        return clean(self.manager.get("name")) or clean(self.manager["id"])

    def sum_of(self, key: str) -> float:
        """What the members come to together."""
        return total_of(getattr(member, key) or 0.0 for member in self.members)


def leading(facts: Facts, period: str) -> list[str]:
    """Who had somebody below in the month, or is still credited with a team's deal of it."""
    day = last_day(period)
    everybody, staff = facts.once(figures.people), facts.once(figures.staff)
    chiefs = {chief for id, row in everybody.items() if employed_in(row, period) for chief in staff.chain(id, day)[1:]}
    chiefs |= {chief for (chief, _), months in facts.once(_ledger).items() if period in months}
    return sorted(chief for chief in chiefs if chief in everybody)


def _ledger(facts: Facts) -> Mapping[tuple[str, str], Mapping[str, Sequence[Row]]]:
    """The ledger's rows by manager, person and month: whoever led the person on the day of the deal."""
    out: dict[tuple[str, str], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    staff, deals = facts.once(figures.staff), facts.once(figures.deals)
    for person, months in facts.once(figures.earned).items():
        for period, rows in months.items():
            for row in rows:
                day = deals.get(row.get("deal") or "", {}).get("date")
                for chief in staff.chain(person, day if isinstance(day, dt.date) else None)[1:]:
                    out[chief, person][period].append(row)
    return {key: dict(months) for key, months in out.items()}


def _booked(facts: Facts) -> Mapping[tuple[str, str], Mapping[str, float]]:
    """Bookings by manager, person and month, up to the as-of date."""
    out: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    staff = facts.once(figures.staff)
    for deal in facts.of("Deals"):
        if isinstance(deal.get("date"), dt.date) and deal["date"] <= facts.as_of:
            for person, part in figures.credit(deal):
                for chief in staff.chain(person, deal["date"])[1:]:
                    out[chief, person][f"{deal['date']:%Y-%m}"].append(part)
    return {key: {month: total_of(parts) for month, parts in months.items()} for key, months in out.items()}


def team(facts: Facts, manager: str, period: str) -> Team:
    """The figures of one manager's team."""
    everybody, staff = facts.once(figures.people), facts.once(figures.staff)
    months = figures.months_until(period)
    below = {id for id, row in everybody.items() if employed_in(row, period) and manager in staff.chain(id, last_day(period))[1:]}
    for source in (facts.once(_ledger), facts.once(_booked)):
        below |= {person for (chief, person), held in source.items() if chief == manager and any(m in held for m in months)}
    members = [_member(facts, manager, person, months) for person in sorted(below)]
    by_month = [_month(facts, manager, members, place, month) for place, month in enumerate(months)]
    row = everybody.get(manager) or {"id": manager}
    return Team(facts, row, period, sorted(members, key=lambda m: (-(m.attainment or 0.0), m.id)), by_month)


def _member(facts: Facts, manager: str, person: str, months: Sequence[str]) -> Member:
    row = facts.once(figures.people).get(person) or {"id": person}
    on_day = facts.once(figures.staff).on(person, last_day(months[-1])) or row
    rows = facts.once(_ledger).get((manager, person), {})
    booked = facts.once(_booked).get((manager, person), {})
    quotas = facts.once(_quotas, manager, person)
    now = rows.get(months[-1], ())
    to_date = total_of(booked.get(month, 0.0) for month in months)
    return Member(
        id=clean(person),
        name=clean(row.get("name")) or clean(person),
        level=str(on_day.get("level") or ""),
        line=str(on_day.get("line") or ""),
        booked=booked.get(months[-1], 0.0),
        to_date=to_date,
        quota_to_date=total_of(quotas[: len(months)]),
        quota=total_of(quotas),
        landing=_landing([booked.get(month, 0.0) for month in months], quotas),
        commission=figures.commission_of(now),
        final=figures.commission_of(r for r in now if r.get("status") in FINAL),
        year=figures.commission_of(r for month in months for r in rows.get(month, ())),
        disputed=sum(r.get("status") == "disputed" for r in now),
    )


def _quotas(facts: Facts, manager: str, person: str) -> list[float]:
    """A person's quota of the months in which the person was this manager's."""
    staff = facts.once(figures.staff)
    ends = [last_day(f"{facts.year}-{month:02}") for month in range(1, 13)]
    return [
        quota if manager in staff.chain(person, end)[1:] else 0.0
        for quota, end in zip(facts.once(figures.month_quotas, person), ends, strict=False)
    ]


def _landing(actuals: Sequence[float], quotas: Sequence[float]) -> float | None:
    """Where the year lands in the rhythm of the quotas, as LANDING says it."""
    if not sum(quotas[: len(actuals)]):
        return None
    row = call("LANDING", [[*actuals, *[None] * (len(quotas) - len(actuals))]], [list(quotas)])[0]
    return number(row[6])


def _month(facts: Facts, manager: str, members: Sequence[Member], place: int, month: str) -> tuple[str, float, float]:
    booked = facts.once(_booked)
    quotas = [facts.once(_quotas, manager, member.id) for member in members]
    return (
        month,
        total_of(booked.get((manager, member.id), {}).get(month, 0.0) for member in members),
        total_of(quota[place] for quota in quotas if quota),
    )
