"""A person's quota month by month: the year's in the plan's phasing over the months employed, by days, ramped, dated, sealed."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Any

import numpy as np

from udfs.formula import TABLE, bad_cells, between, date, formula, many, one, positive, refuse, share, text
from udfs.policy import plan
from udfs.text import Text
from udfs.values import DIV0, NUM, VALUE, Dates, Floats, Objects, exact, largest_remainder, round_exact, units_in

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
    spreads: dict[tuple[float, int], list[Fraction]] = {}

    def month_of(amount: float, month: int) -> Fraction:
        key = amount, id(phases[month - 1])  # shares alike are one list: to compare twelve fractions takes longer than to spread
        if key not in spreads:
            spreads[key] = [exact(part) for part in spread(amount, phases[month - 1], joined, year, unit)]
        return spreads[key][month - 1]

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


def refuse_unlike(**columns: Any) -> None:
    """Columns that belong together are of one size; one that is left out is none."""
    given = {name: len(column) for name, column in columns.items() if column is not None}
    (first, wanted), *others = given.items() if given else (("", 0),)
    for name, got in others:
        refuse(
            got != wanted, VALUE, "参数 {a} 有 {m} 格，{b} 有 {n} 格：应一样多", "argument {a} has {m} cells, {b} has {n}: give as many",
            a=Text(first, first), b=Text(name, name), m=wanted, n=got,
        )  # fmt: skip


def refuse_year(year: float) -> None:
    refuse(
        not 1901 <= year <= 9998, NUM, "参数 year 为 {year}：请填年份，如 2027", "argument year is {year}: enter a year such as 2027", year=year
    )  # fmt: skip


@formula(
    5,
    "每人十二个月的指标：全年指标按节奏分到在职月份，含爬坡、变更与已审核月份",
    "Everyone's twelve month quotas: the year's by phasing over the months employed, ramp, changes and sealed months included",
    gives=TABLE,
    columns=[(f"{month} 月（元）", f"month {month}, yuan") for month in range(1, MONTHS + 1)],
)
def quotamonths(
    quotas: Annotated[Floats, many("个人年度指标（元）", "people's quotas of the year, yuan", positive, spared=True)],
    persons: Annotated[Objects, many("指标所属工号", "whose they are: IDs", text)],
    year: Annotated[int, one("计划年度", "the plan's year")],
    people: Annotated[Objects, many("人员工号", "everybody's IDs", text)],
    joined: Annotated[Dates, many("入职日期；空：早已在职", "days they joined; blank: long ago", date, spared=True)],
    left: Annotated[Dates, many("离职日期；空：在职", "days they left; blank: still there", date, spared=True)],
    pattern: Annotated[Floats, many("四个季度的权重", "weights of the four quarters", positive)] = plan("quota.pattern"),
    months: Annotated[Floats, many("十二个月的季内权重", "weights of the twelve months inside their quarters", positive)] = plan(
        "quota.months"
    ),
    ramp: Annotated[
        Floats,
        many("入职第 1、2……月的指标比例；之后 100%", "part asked in month 1, 2 … since joining; all of it later", share, "skip"),
    ] = plan("quota.ramp"),
    changed: Annotated[Objects | None, many("指标变更的工号", "IDs of people whose quota changes", text)] = None,
    since: Annotated[Dates | None, many("变更生效日", "from which day", date)] = None,
    becomes: Annotated[
        Floats | None, many("新年度指标（元，按全年）", "the new quota, of a whole year, yuan", positive, np.nan)
    ] = None,
    sealed: Annotated[Objects | None, many("已审核月份的工号", "IDs of sealed months", text)] = None,
    sealed_month: Annotated[Objects | None, many("已审核月份，如 2027-03", "sealed months, such as 2027-03", text)] = None,
    sealed_quota: Annotated[
        Floats | None, many("审核时的指标（元）", "the quotas they were sealed with, yuan", positive, np.nan)
    ] = None,
    unit: Annotated[float, one("取整单位（元），如 0.01、1", "rounded to, yuan: 0.01, 1 …", between(1e-6, 1e12))] = 1.0,
) -> list[list[Any]]:
    """A person's quota month by month: a row of twelve for each.

    The year's quota is spread over the months since joining by quarter and month weights; a month partly employed weighs by its
    calendar days. The month of leaving counts by its days, later ones are 0, nothing is made up elsewhere. A changed quota is one of a
    whole year: the months (in its own month: the days) from its day on are taken from its own spread. The ramp lowers a month and is
    not made up later. A sealed month keeps the quota it was sealed with.

    Returns: a row of twelve amounts for each quota, in units; without leaving, ramp or change they add up to the quota.
    Errors: in the person's months, sealed ones aside: #VALUE! text for a day, #NUM! a negative quota, any other bad cell's own. The
        whole call: #VALUE! ranges of different size; #NUM! no year; #DIV/0! all weights 0.
    Source: rules, chapter 5 (4-3-2-1; months inside a quarter); money, quotas (cases M22, M23).
    Example:
        >>> quotamonths(3000000, "B", 2027, "B", "2027-07-01", None)
        [[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 600000.0, 600000.0, 800000.0, 300000.0, 300000.0, 400000.0]]
    """
    refuse_year(year)
    refuse_unlike(quotas=quotas, persons=persons)
    refuse_unlike(people=people, joined=joined, left=left)
    refuse_unlike(changed=changed, since=since, becomes=becomes)
    refuse_unlike(sealed=sealed, sealed_month=sealed_month, sealed_quota=sealed_quota)
    for name, weights, wanted in (("pattern", pattern, 4), ("months", months, MONTHS)):
        refuse(
            len(weights) != wanted, VALUE, "参数 {name} 有 {got} 格：应为 {wanted} 格", "argument {name} has {got} cells: give {wanted}",
            name=Text(name, name), got=len(weights), wanted=wanted,
        )  # fmt: skip
    shares = phasing(pattern.tolist(), months.tolist())
    refuse(not any(shares), DIV0, "权重全为 0：请至少填一个大于 0 的权重", "all weights are 0: enter at least one above 0")
    terms = dict(zip(people, zip(joined.tolist(), left.tolist(), strict=True), strict=True))
    changes, kept = _changes(changed, since, becomes), _kept(sealed, sealed_month, sealed_quota)
    out = []
    bad_terms = {people[at]: fault for name in ("left", "joined") for at, fault in bad_cells(name).items()}
    bad_quotas = bad_cells("quotas")
    for at, (who, quota) in enumerate(zip(persons, quotas.tolist(), strict=True)):
        came, went = terms.get(who, (None, None))
        fault = bad_quotas.get(at, bad_terms.get(who))
        found: Sequence[Any] = [fault] * MONTHS if fault is not None else months_of(
            quota, int(year), [shares] * MONTHS, came, went, changes.get(who, ()), [tuple(ramp.tolist())] * MONTHS, unit
        )  # fmt: skip
        out.append([kept.get((who, month_text(int(year), at)), part) for at, part in enumerate(found, 1)])
    return out


def _changes(who: Objects | None, since: Dates | None, becomes: Floats | None) -> dict[str, list[tuple[dt.date, float]]]:
    out: dict[str, list[tuple[dt.date, float]]] = {}
    if who is None or since is None or becomes is None:
        return out
    for person, day, quota in zip(who, since.tolist(), becomes.tolist(), strict=True):
        if person and day is not None and not math.isnan(quota):
            out.setdefault(person, []).append((day, quota))
    return out


def _kept(who: Objects | None, months: Objects | None, quotas: Floats | None) -> dict[tuple[str, str], float]:
    if who is None or months is None or quotas is None:
        return {}
    return {
        (person, month): quota
        for person, month, quota in zip(who, months, quotas.tolist(), strict=True)
        if person and not math.isnan(quota)
    }
