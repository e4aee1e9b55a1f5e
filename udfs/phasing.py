"""A person's quota month by month: the year's in the plan's phasing over the months employed, by days, ramped, dated, sealed."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from udfs.values import exact, largest_remainder, round_exact, units_in

MONTHS = 12
DAY = dt.timedelta(days=1)


def phasing(pattern: Sequence[float], months: Sequence[float]) -> list[Fraction]:
    """Each month's share of the year: the quarters by their pattern, the months inside a quarter by their weights.

    >>> [float(share) for share in phasing((4, 3, 2, 1), (4, 2, 4, 3, 3, 4, 3, 3, 4, 3, 3, 4))][:4]
    [0.16, 0.08, 0.16, 0.09]
    """
    quarters, weights = [exact(w) for w in pattern], [exact(w) for w in months]
    inside = [sum(weights[3 * q : 3 * q + 3], Fraction(0)) for q in range(4)]
    # A quarter none of whose months weighs anything can't carry its part: the others do.
    carried = sum((quarters[q] for q in range(4) if inside[q]), Fraction(0))
    if not carried:
        return [Fraction(0)] * MONTHS
    return [quarters[m // 3] / carried * weights[m] / inside[m // 3] if inside[m // 3] else Fraction(0) for m in range(MONTHS)]


def span(year: int, month: int) -> tuple[dt.date, dt.date]:
    """The first and the last day of a month (1–12)."""
    return dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1])


def days_in(first: dt.date, last: dt.date) -> int:
    """How many days there are from the first to the last, both included; none where the last comes before."""
    return max(0, (last - first).days + 1)


def spread(quota: float, shares: Sequence[Fraction], joined: dt.date | None, year: int, unit: float = 1.0) -> list[float]:
    """A year's quota over the months since joining: exact parts in units, adding up to it; nothing where no month weighs anything.

    >>> from udfs.policy import value
    >>> spread(3_000_000, phasing(value("quota.pattern"), value("quota.months")), dt.date(2027, 7, 1), 2027)[6:]
    [600000.0, 600000.0, 800000.0, 300000.0, 300000.0, 400000.0]
    """
    weights = []
    for number, part in enumerate(shares, 1):
        first, last = span(year, number)
        weights.append(part * Fraction(days_in(max(first, joined or first), last), days_in(first, last)))
    if not any(weights):
        return [0.0] * MONTHS
    units, rest = units_in(quota, unit)
    parts = [part * exact(unit) for part in largest_remainder(units, weights)]
    parts[max(at for at, weight in enumerate(weights) if weight)] += rest
    return [float(part) for part in parts]


def ramp_of(ramp: Sequence[float], joined: dt.date | None, year: int, month: int) -> Fraction:
    """The part of a month's quota asked of somebody new: the table's by months since joining, all of it behind its end."""
    if joined is None:
        return Fraction(1)
    since = (year - joined.year) * MONTHS + month - joined.month
    return exact(ramp[since]) if 0 <= since < len(ramp) else Fraction(1)


def months_of(
    quota: float,
    year: int,
    phases: Sequence[Sequence[Fraction]],
    joined: dt.date | None = None,
    left: dt.date | None = None,
    changes: Iterable[tuple[dt.date, float]] = (),
    ramps: Sequence[Sequence[float]] = ((),) * MONTHS,
    unit: float = 1.0,
) -> list[float]:
    """A person's twelve months. ``phases`` and ``ramps``: what holds in each month, the shares of the year and the ramp table.

    The year's quota is spread over the months since joining; a changed quota is one of a whole year, of which the months (in the
    month of the change: the days) from its day on are taken. The month of leaving counts by its days and those after it are nothing:
    what they would have carried goes to nobody. The ramp lowers a month and no other makes up for it.
    """
    spreads = {}

    def month_of(amount: float, month: int) -> Fraction:
        key = (amount, tuple(phases[month - 1]))
        if key not in spreads:
            spreads[key] = spread(amount, phases[month - 1], joined, year, unit)
        return exact(spreads[key][month - 1])

    held = [(dt.date.min, quota), *sorted(changes)]
    ends = [*(since - DAY for since, _ in held[1:]), dt.date.max]
    out = []
    for month in range(1, MONTHS + 1):
        first, last = span(year, month)
        first = max(first, joined or first)
        there, total = days_in(first, last), Fraction(0)
        for (since, amount), end in zip(held, ends, strict=True):
            counted = days_in(max(first, since), min(last, end, left or last))
            if counted:
                total += month_of(amount, month) * Fraction(counted, there)
        asked = total * ramp_of(ramps[month - 1], joined, year, month)
        out.append(in_units(asked, unit) if asked != month_of(quota, month) else float(asked))
    return out


def in_units(amount: Fraction, unit: float) -> float:
    """An exact amount rounded to a unit, half away from zero."""
    size = exact(unit)
    return float(exact(round_exact(amount / size, 0)) * size)


def month_text(year: int, month: int) -> str:
    """A month as the Tables write it."""
    return f"{year}-{month:02}"


def by_month(year: int, amounts: Mapping[str, Sequence[float]]) -> dict[tuple[str, str], float]:
    """Twelve amounts a person as amounts by person and month."""
    return {(who, month_text(year, at)): part for who, parts in amounts.items() for at, part in enumerate(parts, 1)}
