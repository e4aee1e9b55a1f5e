"""People by date: what held for somebody on a day, for how many days of a year, and what a group carries of their quotas."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import numpy as np

from udfs.formula import between, date, date_or_blank, each, formula, like, many, one, positive, refuse, text
from udfs.phasing import MONTHS, span
from udfs.text import Text
from udfs.values import NA, NUM, VALUE, Dates, Floats, Objects, apportion, excel_round, total_of


class Dated:
    """A value by key that holds from the start, and its changes, each from a day on. A blank change changes nothing."""

    def __init__(self, values: Mapping[str, Any], changes: Iterable[tuple[str, dt.date, Any]] = ()) -> None:
        self.values = values
        self._changes: dict[str, list[tuple[dt.date, Any]]] = defaultdict(list)
        for key, day, value in sorted(changes, key=lambda change: change[1]):
            if value:
                self._changes[key].append((day, value))

    def on(self, key: str, day: dt.date) -> Any:
        """The value of a day; None for a key nobody knows."""
        value = self.values.get(key)
        for since, changed in self._changes.get(key, ()):
            if since > day:
                break
            value = changed
        return value

    def days(self, key: str, first: dt.date, last: dt.date) -> dict[Any, int]:
        """For how many days from the first to the last each value holds; nothing where there are no such days."""
        out: dict[Any, int] = defaultdict(int)
        starts = [first, *(since for since, _ in self._changes.get(key, ()) if first < since <= last)]
        for start, end in zip(starts, [*(s - dt.timedelta(days=1) for s in starts[1:]), last], strict=True):
            if start <= end:
                out[self.on(key, start)] += (end - start).days + 1
        return dict(out)


def employed(joined: dt.date | None, left: dt.date | None, year: int) -> tuple[dt.date, dt.date]:
    """The first and the last day of the year somebody is employed; the last before the first where there is none."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    return max(first, joined or first), min(last, left or last)


def quota_weight(weight: float, joined: dt.date | None, year: int) -> float:
    """A quota weight by the days from joining to the end of the year, rounded to four digits as the Quotas Table's own formula rounds
    it. Leaving re-weighs nothing: it ends the months after it (udfs.phasing), what was asked before stays."""
    first, last = employed(joined, None, year)
    whole = (dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)).days
    return float(excel_round(weight * max(0, (last - first).days + 1) / whole, 4))


def shared_by_days(amount: float, dated: Dated, key: str, first: dt.date, last: dt.date, unit: float = 1.0) -> dict[Any, float]:
    """An amount over the values that held, by their days, exact; all of it with the first value where no day counts."""
    days = dated.days(key, first, last) or {dated.on(key, first): 1}
    return dict(zip(days, apportion(amount, days.values(), unit), strict=True))


def table(keys: Any, values: Any, moved: Any = None, since: Any = None, becomes: Any = None) -> Dated:
    """Columns of cells as dated values; ranges that belong together must be of one size.

    A column of one blank cell arrives as None.
    """
    for name, ids, others in (("people", keys, [values]), ("moved", moved, [since, becomes])):
        sizes = [len(column) for column in (ids, *others) if column is not None]
        refuse(
            len(set(sizes)) > 1, VALUE,
            "参数 {name} 及与之对应的区域应一样多：现为 {got} 与 {more} 格",
            "argument {name} and the ranges beside it need as many cells: there are {got} and {more}",
            name=Text(name, name), got=min(sizes, default=0), more=max(sizes, default=0),
        )  # fmt: skip
    known = {} if keys is None else dict(zip(keys, [None] * len(keys) if values is None else values, strict=True))
    known.pop("", None)
    if moved is None or since is None or becomes is None:
        return Dated(known)
    changes = zip(moved, since.tolist(), becomes, strict=True)
    return Dated(known, [change for change in changes if change[0] and change[1] is not None])


@formula(
    5,
    "某人（或任何编号）在某日的层级、条线、区域、上级：起始值加上按日生效的异动",
    "What held for somebody on a day (level, line, region, manager): the first value and its dated changes",
    result=("当日的值", "the value of that day"),
)
def asof(
    person: Annotated[Objects, each("工号", "IDs to look up", text)],
    on: Annotated[Objects, each("日期", "the day asked for", date_or_blank)],
    people: Annotated[Objects, many("人员工号", "everybody's IDs", text)],
    held: Annotated[Objects, many("起始值，如层级", "what held from the start, such as the level", text)],
    moved: Annotated[Objects | None, many("异动人员工号", "IDs of people with a change", text)] = None,
    since: Annotated[Dates | None, many("异动生效日", "from which day", date)] = None,
    becomes: Annotated[Objects | None, many("新值；空：不变", "the new value; blank: the same", text)] = None,
) -> list[Any]:
    """The value somebody had on a day: the last change up to then, else what held from the start.

    Returns: one value for each person and day; blank where the ID is blank.
    Errors: #N/A nobody of this ID; #VALUE! no day, ranges of different size.
    Source: rules, chapter 5 (people, levels and territories are dated) and COMMISSION (the level of the deal's day).
    Example:
        >>> asof("P1", "2027-07-01", [["P1"]], [["East"]], [["P1"]], [["2027-07-01"]], [["South"]])
        'South'
    """
    dated = table(people, held, moved, since, becomes)
    asked = np.array([key != "" for key in person])
    unknown = np.array([key not in dated.values for key in person]) & asked
    dateless = np.array([day is None for day in on]) & asked
    refuse(unknown, NA, "没有工号 {id}：请先登记", "nobody has the ID {id}: enter it first", id=person)
    refuse(dateless, VALUE, "{id} 没有日期：请填日期", "{id} has no date: enter the day", id=person)
    fine = asked & ~unknown & ~dateless
    return [dated.on(key, day.item()) or "" if good else "" for key, day, good in zip(person, on, fine, strict=True)]


@formula(
    5,
    "各区域（条线、层级……）按天数承担的个人指标：年中调动按在岗天数折算，合计不变",
    "What each region (line, level …) carries of people's quotas, by days: transfers are prorated, the sum stays",
    gives=like("groups"),
    result=("各组承担的指标（元）", "quota each group carries, yuan"),
)
def carried(
    groups: Annotated[Objects, many("区域、条线或层级", "regions, lines or levels", text)],
    quotas: Annotated[
        Floats,
        many(
            "个人指标（元）：每人一格全年，或十二格各月", "people's quotas, yuan: one of the year or twelve months each", positive
        ),
    ],
    persons: Annotated[Objects, many("指标所属工号", "whose they are: IDs", text)],
    year: Annotated[int, one("计划年度", "the plan's year")],
    people: Annotated[Objects, many("人员工号", "everybody's IDs", text)],
    joined: Annotated[Dates, many("入职日期", "days they joined", date)],
    left: Annotated[Dates, many("离职日期；空：在职", "days they left; blank: still there", date)],
    held: Annotated[Objects, many("起始区域（条线、层级）", "region (line, level) from the start", text)],
    moved: Annotated[Objects | None, many("异动人员工号", "IDs of people with a transfer", text)] = None,
    since: Annotated[Dates | None, many("异动生效日", "from which day", date)] = None,
    becomes: Annotated[Objects | None, many("新区域；空：不变", "the new region; blank: the same", text)] = None,
    unit: Annotated[float, one("取整单位（元）", "rounded to, yuan", between(1e-6, 1e12))] = 1.0,
) -> list[float]:
    """The quota a group carries: everybody's quota over the groups they belong to in the year, by days employed in each.

    Twelve month quotas each (QUOTAMONTHS): a transfer moves the months from its day on, not history; only the month of the move is
    shared by days. One quota of the year each: who moves from East to South on 1 July carries 181/365 of the quota in East and 184/365 in South; joiners and leavers count
    the days they are employed. A quota is split by largest remainder in units: what all groups carry adds up to the quotas.

    Returns: one amount for each group, in the shape of ``groups``. Quotas of people without a group are in none.
    Errors: #VALUE! ranges of different size, text for a date; #NUM! a negative quota.
    Source: rules, chapter 5, QUOTAALLOCATE (proration of joiners, leavers, transfers) and QUOTAGAP (bottom-up).
    Example:
        >>> carried([["East"], ["South"]], 365, "P1", 2027, "P1", "2020-01-01", None, "East", "P1", "2027-07-01", "South")
        [[181.0], [184.0]]
    """
    refuse(
        not 1901 <= year <= 9998, NUM, "参数 year 为 {year}：请填年份，如 2027",
                                       "argument year is {year}: enter a year such as 2027", year=year
    )  # fmt: skip
    by_months = len(persons) > 0 and len(quotas) == MONTHS * len(persons)
    sizes = {
        "quotas": len(persons) if by_months else len(quotas),
        "persons": len(persons),
        "people": len(people),
        "joined": len(joined),
        "left": len(left),
    }
    pairs = (("quotas", "persons"), ("people", "joined"), ("people", "left"))
    wrong = [pair for pair in pairs if sizes[pair[0]] != sizes[pair[1]]]
    first, second = wrong[0] if wrong else pairs[0]
    refuse(
        bool(wrong), VALUE, "{a} 有 {m} 格，{b} 有 {n} 格：应一样多", "{a} has {m} cells, {b} has {n}: give as many",
        a=Text(first, first), b=Text(second, second), m=sizes[first], n=sizes[second],
    )  # fmt: skip
    dated = table(people, held, moved, since, becomes)
    terms = dict(zip(people, zip(joined.tolist(), left.tolist(), strict=True), strict=True))
    if by_months:
        rows = zip(persons, quotas.reshape(-1, MONTHS).tolist(), strict=True)
        found = months_by_group(rows, dated, terms, int(year), unit)
        return [total_of(found.get(group, ())) for group in groups]
    return quota_by_group(groups, zip(persons, quotas.tolist(), strict=True), dated, terms, int(year), unit)


Terms = Mapping[str, tuple[dt.date | None, dt.date | None]]  # when people joined and left


def quota_by_group(
    groups: Iterable[str],
    quotas: Iterable[tuple[str, float]],
    dated: Dated,
    terms: Terms,
    year: int,
    unit: float = 1.0,
) -> list[float]:
    """What each group carries of (person, quota of the year) pairs, by days; ``terms``: when people joined and left."""
    parts: dict[Any, list[float]] = defaultdict(list)
    for person, quota in quotas:
        for group, part in shared_by_days(quota, dated, person, *employed(*terms.get(person, (None, None)), year), unit).items():
            parts[group].append(part)
    return [total_of(parts.get(group, ())) for group in groups]


def months_by_group(
    quotas: Iterable[tuple[str, Sequence[float]]], dated: Dated, terms: Terms, year: int, unit: float = 1.0
) -> dict[Any, list[float]]:
    """What each group carries in each month of (person, twelve month quotas) pairs: whoever moves takes the months from that day
    on along and leaves those before; the month of the move is shared by its days."""
    parts: dict[Any, list[list[float]]] = defaultdict(lambda: [[] for _ in range(MONTHS)])
    for person, months in quotas:
        joined, left = terms.get(person, (None, None))
        for number, quota in enumerate(months, 1):
            first, last = span(year, number)
            if quota:
                there = max(first, joined or first), min(last, left or last)
                for group, part in shared_by_days(quota, dated, person, *there, unit).items():
                    parts[group][number - 1].append(part)
    return {group: [total_of(amounts) for amounts in months] for group, months in parts.items()}
