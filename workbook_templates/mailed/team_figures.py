"""What a manager's people did: their accounts and the ledger's rows, added up; nothing of pay is computed.

An account counts for whoever led the person on the month's last day; what a deal earned for whoever led its seller on its day, so that
a transfer moves nothing back.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from udfs import call
from udfs.values import total_of
from workbook_templates.mailed import Facts, badge, figures
from workbook_templates.mailed.badge import Badge
from workbook_templates.mailed.figures import number
from workbook_templates.mailed.statement_figures import NOTHING, employed_in
from workbook_templates.mailed.words import clean, last_day
from workbook_templates.tables.schema import Row

HELPED = 3  # how many are named at the top


@dataclass(frozen=True)
class Member:
    """One person of a team; everything counts what belongs to this team only."""

    id: str
    name: str
    level: str
    line: str
    booked: float  # of the month
    to_date: float
    quota_to_date: float
    quota: float  # of the year
    landing: float | None  # of the year, at the run rate
    payable: float  # of the month
    earned: float  # of the month
    held: float  # at the month's end
    year: float  # paid, year to date
    state: str  # of the month's statement
    disputed: int
    left_out: bool

    @property
    def final(self) -> float:
        """What is payable and can't change any more."""
        return self.payable if self.state in (badge.FINAL, badge.PAID) else 0.0

    @property
    def estimated(self) -> float:
        """What is payable and may change."""
        return total_of([self.payable, -self.final])

    @property
    def attainment(self) -> float | None:
        """Actual to date over quota to date."""
        return figures.attainment(self.to_date, self.quota_to_date)


@dataclass(frozen=True)
class Team:
    """A manager's team in a month."""

    facts: Facts
    manager: Row
    period: str
    members: Sequence[Member]
    months: Sequence[tuple[str, float, float]]  # month, actual, quota

    @property
    def name(self) -> str:
        """The manager's name."""
        return clean(self.manager.get("name")) or clean(self.manager["id"])

    def sum_of(self, key: str) -> float:
        """What the members come to together."""
        return total_of(getattr(member, key) or 0.0 for member in self.members)

    @property
    def behind(self) -> list[Member]:
        """Who needs help first: furthest behind the quota to date, of those who are still here."""
        people = self.facts.once(figures.people)
        here = [m for m in self.members if employed_in(people.get(m.id, {}), self.period)]
        low = [m for m in here if m.attainment is not None and m.attainment < 1]
        return sorted(low, key=lambda m: (m.attainment or 0.0, m.id))[:HELPED]

    @property
    def badge(self) -> Badge:
        """How far the team's figures can still change: as far as those of the one furthest behind."""
        states = [member.state for member in self.members if member.state]
        if not states:
            return badge.nothing(NOTHING)
        return badge.badge(badge.least(states), {}, int(self.sum_of("disputed")))

    @property
    def open(self) -> list[Member]:
        """Whose statement nobody has reviewed."""
        return [member for member in self.members if member.state == badge.OPEN]

    @property
    def left_out(self) -> list[Member]:
        """Who can't be computed until a row is mended."""
        return [member for member in self.members if member.left_out]


def leading(facts: Facts, period: str) -> list[str]:
    """Who had somebody below in the month, or is still credited with a team's deal of it."""
    day = last_day(period)
    everybody, staff = facts.once(figures.people), facts.once(figures.staff)
    chiefs = {chief for id, row in everybody.items() if employed_in(row, period) for chief in staff.chain(id, day)[1:]}
    chiefs |= {chief for (chief, _), months in facts.once(_accounts).items() if period in months}
    chiefs |= {chief for (chief, _), months in facts.once(_earned).items() if period in months}
    return sorted(chief for chief in chiefs if chief in everybody)


_ByMonth = Mapping[tuple[str, str], Mapping[str, float]]


def _earned(facts: Facts) -> _ByMonth:
    """What the ledger's rows earned by manager, person and month: whoever led the person on the day of the deal."""
    out: dict[tuple[str, str], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    staff, deals = facts.once(figures.staff), facts.once(figures.deals)
    for person, months in facts.once(figures.entries).items():
        for period, rows in months.items():
            for row in rows:
                days = (deals.get(row.get("deal") or "", {}).get("date"), row.get("date"), last_day(period))
                day = next(day for day in days if isinstance(day, dt.date))
                for chief in staff.chain(person, day)[1:]:
                    out[chief, person][period].append(row)
    return {key: {month: figures.earned_of(rows) for month, rows in months.items()} for key, months in out.items()}


def _accounts(facts: Facts) -> Mapping[tuple[str, str], Mapping[str, Row]]:
    """Accounts that have something in them by manager, person and month: whoever led the person on the month's last day."""
    out: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    staff = facts.once(figures.staff)
    for (person, month), row in facts.once(figures.accounts).items():
        if not figures.empty(row) or number(row.get("bookings")):
            for chief in staff.chain(person, last_day(month))[1:]:
                out[chief, person][month] = row
    return out


def team(facts: Facts, manager: str, period: str) -> Team:
    """The figures of one manager's team."""
    everybody = facts.once(figures.people)
    months = figures.months_until(period)
    members = [_member(facts, manager, person, months) for person in sorted(below(facts, manager, period))]
    by_month = [_month(facts, manager, members, place, month) for place, month in enumerate(months)]
    row = everybody.get(manager) or {"id": manager}
    return Team(facts, row, period, sorted(members, key=lambda m: (-(m.attainment or 0.0), m.id)), by_month)


def below(facts: Facts, manager: str, period: str) -> set[str]:
    """Who is in a team, or was in it this year with something to show for it."""
    everybody, staff = facts.once(figures.people), facts.once(figures.staff)
    months = figures.months_until(period)
    found = {id for id, row in everybody.items() if employed_in(row, period) and manager in staff.chain(id, last_day(period))[1:]}
    for source in (facts.once(_earned), facts.once(_accounts)):
        found |= {person for (chief, person), held in source.items() if chief == manager and any(m in held for m in months)}
    return found


def _member(facts: Facts, manager: str, person: str, months: Sequence[str]) -> Member:
    row, period = facts.once(figures.people).get(person) or {"id": person}, months[-1]
    on_day = facts.once(figures.staff).on(person, last_day(period)) or row
    accounts = facts.once(_accounts).get((manager, person), {})
    quotas = facts.once(_quotas, manager, person)
    now: Row = accounts.get(period, figures.NO_ACCOUNT)
    booked = [number(accounts[month]["bookings"]) if month in accounts else 0.0 for month in months]
    mine = manager in facts.once(figures.staff).chain(person, last_day(period))[1:]
    return Member(
        id=clean(person),
        name=clean(row.get("name")) or clean(person),
        level=str(on_day.get("level") or ""),
        line=str(on_day.get("line") or ""),
        booked=booked[-1],
        to_date=total_of(booked),
        quota_to_date=total_of(quotas[: len(months)]),
        quota=total_of(quotas),
        landing=_landing(booked, quotas),
        payable=number(now["paid"]),
        earned=facts.once(_earned).get((manager, person), {}).get(period, 0.0),
        held=number(now["held"]),
        year=total_of(number(accounts[month]["paid"]) for month in months if month in accounts),
        state=str(now["statement"] or ""),
        disputed=sum(r.get("status") == "disputed" for r in figures.of_month(facts, person, period)) if mine else 0,
        left_out=mine and person in facts.left_out,
    )


def _quotas(facts: Facts, manager: str, person: str) -> list[float]:
    """A person's quota of the months in which the person was this manager's."""
    staff = facts.once(figures.staff)
    months = [f"{facts.year}-{month:02}" for month in range(1, figures.MONTHS + 1)]
    return [
        figures.quota(facts, person, month) if manager in staff.chain(person, last_day(month))[1:] else 0.0 for month in months
    ]


def _landing(actuals: Sequence[float], quotas: Sequence[float]) -> float | None:
    """Where the year lands in the rhythm of the quotas, as LANDING says it."""
    if not sum(quotas[: len(actuals)]):
        return None
    row = call("LANDING", [[*actuals, *[None] * (len(quotas) - len(actuals))]], [list(quotas)])[0]
    return number(row[6])


def _month(facts: Facts, manager: str, members: Sequence[Member], place: int, month: str) -> tuple[str, float, float]:
    accounts = facts.once(_accounts)
    actual = [accounts.get((manager, member.id), {}).get(month) for member in members]
    quotas = [facts.once(_quotas, manager, member.id) for member in members]
    return (
        month,
        total_of(number(row["bookings"]) for row in actual if row is not None),
        total_of(quota[place] for quota in quotas if quota),
    )
