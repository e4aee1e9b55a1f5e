"""What every deal of a list pays: tiers of its day and its people's level, returns by their order, per order or pooled by month.

``credits`` is the one place where commissions of many deals are computed: the ledger takes its rows from it and the sheets their
live column and their check, by the function COMMISSIONDUE.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any

import numpy as np

from udfs.commission import DIGITS
from udfs.dated import table
from udfs.formula import (
    TABLE,
    as_rows,
    call,
    date,
    date_or_blank,
    each,
    formula,
    grid,
    many,
    margin,
    one,
    rate,
    refuse,
    share,
    text,
    word,
)
from udfs.phasing import refuse_unlike
from udfs.policy import number_said, percented, plan
from udfs.values import VALUE, Dates, ExcelError, Floats, Objects, Refusal, apportion, date_to_serial, is_blank, total_of

Cells = Sequence[float | None]
Tiers = tuple[Cells | None, Cells | None]
PER_ORDER, POOLED = "per order", "per person and month"
BASIS = word(**{PER_ORDER: ("按订单", "order"), POOLED: ("按人按月", "pooled")})
_SINCE_EVER = dt.date(1901, 1, 1)


@dataclass(frozen=True)
class Order:
    """What a deal says to whoever computes its commission. ``shares``: who is credited with how much of it."""

    id: str
    day: dt.date
    shares: Sequence[tuple[str, float]]
    revenue: float
    margin_rate: float
    original: str = ""


@dataclass
class Credit:
    """What one person gets for one deal (``order`` is its place in the list), in yuan or as an error with its reason."""

    order: int
    person: str
    share: float
    revenue: float
    commission: float | ExcelError
    tiers: Tiers = field(repr=False, default=(None, None))


@dataclass(frozen=True)
class Terms:
    """How commission is computed: the tiers of a day and level, who has which level on a day, digits, pooled or not."""

    tiers: Callable[[dt.date, str], Tiers] = lambda day, level: (None, None)
    level: Callable[[str, dt.date], str] = lambda person, day: ""
    digits: float | None = None
    pooled: bool = False


def tiers_in_force(
    thresholds: Cells | None, rates: Cells | None, later: Sequence[Sequence[Any]] = ()
) -> Callable[[dt.date, str], Tiers]:
    """The tiers by day and level: those given hold since ever, for all; rows of ``later`` (valid from, [level], threshold,
    rate) take their place from their day on, as RATETABLE says. Raises Refusal for what is no rate table."""
    rows = [row if len(row) == 4 else [row[0], None, *row[1:]] for row in later if not all(map(_void, row))]
    if not rows:
        always = _hashable((thresholds, rates))
        return lambda day, level: always
    base = zip(thresholds or plan("commission.thresholds")(), rates or plan("commission.rates")(), strict=False)
    complete = [[_SINCE_EVER, None, *tier] for tier in base if not _void(tier[0])] + rows
    days = sorted({d for row in rows if isinstance(d := date.read(row[0], date), np.datetime64)})

    @cache
    def of(epoch: int, level: str) -> Tiers:
        # A day that can't be read is refused by RATETABLE, which names its row.
        found = call("RATETABLE", complete, days[epoch - 1].item() if epoch else _SINCE_EVER, level or None)
        if isinstance(found[0][0], ExcelError):
            raise Refusal(found[0][0])
        return tuple(row[0] for row in found), tuple(row[1] for row in found)

    return lambda day, level: of(bisect_right(days, np.datetime64(day)), level)


def _void(cell: Any) -> bool:
    return is_blank(cell) or cell == ""


# --------------------------------------------------------------------------------------------------- policy changes as tiers

_TIER_KEYS = ("commission.thresholds", "commission.rates")
_BEFORE_ALL = 1.0  # the serial of the first day: what holds from the start


@formula(
    5,
    "提成档按生效日列出：起始的档，加“制度变更”里改过的档",
    "The commission tiers by the day they hold from: those of the start, and those of the policy changes",
    gives=TABLE,
    columns=[
        ("生效日", "valid from"),
        ("层级（空：全部）", "level (blank: all)"),
        ("毛利率下限", "from margin"),
        ("比例", "rate"),
    ],
)
def policytiers(
    thresholds: Annotated[Floats, many("起始的各档毛利率下限", "lower ends of the tiers from the start", margin, np.nan)],
    rates: Annotated[Floats, many("起始的各档提成比例", "commission rate of each tier from the start", rate, np.nan)],
    keys: Annotated[Objects, many("变更的参数键", "keys of the policy changes", text)],
    since: Annotated[Dates, many("变更的生效日期", "their days", date)],
    values: Annotated[Objects, many("变更的新值，如 4% / 6% / 9%", "their values, such as 4% / 6% / 9%", text)],
) -> list[list[Any]]:
    """Every set of tiers with its first day, as RATETABLE and COMMISSIONDUE take them: changes of ``commission.thresholds`` and
    ``commission.rates`` each hold from their day on; other keys are passed over.

    Returns: a row for each tier: valid from (a date serial), level (blank), threshold, rate.
    Errors: #VALUE! ranges of different size, a change without a day, a value that is no list of numbers, thresholds and rates of
        different length from some day on.
    Source: money, which rules, and from when (case M04).
    Example:
        >>> policytiers([0, 0.2], [0.03, 0.05], "commission.rates", "2027-07-01", "4 / 6%")
        [[1.0, '', 0.0, 0.03], [1.0, '', 0.2, 0.05], [46569.0, '', 0.0, 0.04], [46569.0, '', 0.2, 0.06]]
    """
    refuse_unlike(keys=keys, since=since, values=values)
    held: dict[str, list[float]] = dict(zip(_TIER_KEYS, (_filled(thresholds), _filled(rates)), strict=True))
    changes: dict[float, dict[str, list[float]]] = defaultdict(dict)
    for key, day, said in zip(keys.tolist(), since.tolist(), values.tolist(), strict=True):
        if key in _TIER_KEYS:
            refuse(day is None, VALUE, "{key} 的变更没有生效日期：请填日期", "a change of {key} has no day: enter it", key=key)
            changes[float(date_to_serial(day))][key] = _numbers_said(key, said)
    out = []
    for day in (_BEFORE_ALL, *sorted(changes)):
        held |= changes.get(day, {})
        lows, parts = held.values()
        refuse(
            len(lows) != len(parts), VALUE, "毛利率下限有 {lows} 档、比例有 {rates} 档：请在同一天一起变更",
            "{lows} thresholds but {rates} rates: change them on the same day", lows=len(lows), rates=len(parts),
        )  # fmt: skip
        out += [[day, "", low, rate] for low, rate in zip(lows, parts, strict=True)]
    return out


def _filled(column: Floats) -> list[float]:
    cells: list[float] = np.asarray(column, dtype=float).tolist()
    return [cell for cell in cells if not np.isnan(cell)]


def _numbers_said(key: str, said: str) -> list[float]:
    try:
        return [number_said(part) for part in percented([part.strip() for part in said.split("/")])]
    except ValueError:
        refuse(
            True, VALUE, "{key} 的新值 {said} 读不成数字：请填如 4% / 6% / 9%",
            "{said}, the value of {key}, can't be read as numbers: write it as 4% / 6% / 9%", key=key, said=said,
        )  # fmt: skip
        raise


# ------------------------------------------------------------------------------------------------------------ computing


def credits(orders: Sequence[Order], terms: Terms) -> list[Credit]:
    """What every person gets for every deal, in the order of the deals; exact to the fen."""
    tiers = _tiers(orders, terms)
    amounts = _amounts(orders, tiers, terms.digits)
    out = []
    for place, order in enumerate(orders):
        revenues, paid = split(order.revenue, _shares(order)), _parts(order, [amounts[place, own] for own in tiers[place]])
        out += [
            Credit(place, person, part, revenue, amount, own)
            for (person, part), revenue, amount, own in zip(order.shares, revenues, paid, tiers[place], strict=True)
        ]
    if terms.pooled:
        _pool(out, orders, terms.digits)
    return out


def per_order(
    orders: Sequence[Order], terms: Terms, decided: Collection[tuple[str, str]] = frozenset()
) -> list[float | ExcelError]:
    """What every deal pays in all: the sum of its credits, but for those (deal, person) that somebody ``decided`` otherwise."""
    if terms.pooled:
        paid: list[list[float | ExcelError]] = [[] for _ in orders]
        for credit in credits(orders, terms):
            if (orders[credit.order].id, credit.person) not in decided:
                paid[credit.order].append(credit.commission)
        return [_sum(amounts) for amounts in paid]
    tiers = _tiers(orders, terms)
    amounts = _amounts(orders, tiers, terms.digits)
    split_up = {deal for deal, _ in decided}

    def of(place: int, own: Sequence[Tiers]) -> float | ExcelError:
        order = orders[place]
        # People under the same tiers share one amount: only the other deals need be split.
        if len(set(own)) == 1 and order.id not in split_up:
            whole: float | ExcelError = amounts[place, own[0]]
            return whole
        parts = _parts(order, [amounts[place, t] for t in own])
        return _sum([part for (person, _), part in zip(order.shares, parts, strict=True) if (order.id, person) not in decided])

    return [of(place, own) for place, own in enumerate(tiers)]


def _sum(amounts: Sequence[float | ExcelError]) -> float | ExcelError:
    error = next((a for a in amounts if isinstance(a, ExcelError)), None)
    return total_of(a for a in amounts if not isinstance(a, ExcelError)) if error is None else error


def _shares(order: Order) -> list[float]:
    return [share for _, share in order.shares]


def _parts(order: Order, amounts: Sequence[float | ExcelError]) -> list[float | ExcelError]:
    """Each person's part of what the deal pays by that person's tiers."""
    shares = _shares(order)
    return [a if isinstance(a, ExcelError) else split(a, shares)[i] for i, a in enumerate(amounts)]


def _tiers(orders: Sequence[Order], terms: Terms) -> list[list[Tiers]]:
    """The tiers of everybody credited with a deal: those of its day, a return's those of its order's day."""
    days = {order.id: order.day for order in orders}
    out = []
    for order in orders:
        day = days.get(order.original, order.day) if order.original else order.day
        out.append([_hashable(terms.tiers(day, terms.level(person, day))) for person, _ in order.shares])
    return out


def _hashable(tiers: Tiers) -> Tiers:
    thresholds, rates = tiers
    return None if thresholds is None else tuple(thresholds), None if rates is None else tuple(rates)


def _amounts(orders: Sequence[Order], tiers: Sequence[Sequence[Tiers]], digits: float | None) -> dict[Any, Any]:
    """The commission of each deal under each of its tiers."""
    wanted = {
        (place, one_of): (orders[place].revenue, orders[place].margin_rate, one_of)
        for place, own in enumerate(tiers)
        for one_of in dict.fromkeys(own)
    }
    return _commissions(wanted, digits)


def _commissions(wanted: Mapping[Any, tuple[float, float, Tiers]], digits: float | None) -> dict[Any, Any]:
    """The commission of each (revenue, margin rate, tiers): one call for all under the same tiers."""
    groups: dict[Tiers, list[Any]] = defaultdict(list)
    for key, (_, _, tiers) in wanted.items():
        groups[tiers].append(key)
    amounts: dict[Any, Any] = {}
    for (thresholds, rates), keys in groups.items():
        revenues, margins = ([[wanted[key][column]] for key in keys] for column in (0, 1))
        found = call("COMMISSION", revenues, margins, thresholds, rates, digits)
        amounts |= {key: row[0] for key, row in zip(keys, found, strict=True)}
    return amounts


def split(amount: float, shares: Sequence[float]) -> list[float]:
    """An amount by shares that add up to 1, exact to the fen: SPLITCREDIT without its overlay."""
    if len(shares) == 1:
        return [amount]
    sharing = [i for i, share in enumerate(shares) if share > 0]  # nobody is paid for a share of 0, odd rests neither
    parts = [0.0] * len(shares)
    for i, part in zip(sharing, apportion(amount, [shares[i] for i in sharing], 0.01) if sharing else [], strict=True):
        parts[i] = part
    return parts


def _pool(credits: Sequence[Credit], orders: Sequence[Order], digits: float | None) -> None:
    """Pool a person's orders of a month under the same tiers into one sum with one margin rate.

    The sum is shared over its orders by their margin, exactly. A return takes back what its own order was given.
    """
    groups: dict[Any, list[Credit]] = defaultdict(list)
    for credit in credits:
        order = orders[credit.order]
        if not order.original:
            groups[credit.person, order.day.year, order.day.month, credit.tiers].append(credit)
    amounts = _commissions({key: (*_pooled(group, orders), key[-1]) for key, group in groups.items()}, digits)
    for key, group in groups.items():
        margins, amount = [credit.revenue * orders[credit.order].margin_rate for credit in group], amounts[key]
        weights = [max(margin, 0.0) for margin in margins]
        error = isinstance(amount, ExcelError)
        parts = (
            [amount] * len(group)
            if error
            else apportion(amount, weights, 0.01)
            if amount and sum(weights)
            else [0.0] * len(group)
        )
        for credit, part in zip(group, parts, strict=True):
            credit.commission = part
    given = {(orders[credit.order].id, credit.person): credit for credit in credits}
    for credit in credits:
        bought = given.get((orders[credit.order].original, credit.person))
        if bought is not None and bought.revenue > 0:
            back = call("CLAWBACK", bought.commission, bought.revenue, min(-credit.revenue, bought.revenue))[0][0]
            credit.commission = -back if isinstance(back, float) else credit.commission


def _pooled(group: Sequence[Credit], orders: Sequence[Order]) -> tuple[float, float]:
    """Revenue and margin rate of deals that are pooled."""
    revenue = total_of(credit.revenue for credit in group)
    margin = total_of(credit.revenue * orders[credit.order].margin_rate for credit in group)
    return revenue, margin / revenue if revenue else 0.0


# ---------------------------------------------------------------------------------------------------------- in a sheet


@formula(
    5,
    "成交清单逐单应得的提成：按签单日（和层级）取档，退货按原单，可按人按月合并",
    "What each deal of a list pays: tiers of its day (and level), returns by their order, pooled by month if asked",
    result=("提成（元）", "commission, yuan"),
)
def commissiondue(
    deals: Annotated[Objects, each("单号", "IDs of the deals", text)],
    dates: Annotated[Objects, each("签单日期", "days they were signed", date_or_blank)],
    sellers: Annotated[Objects, each("主办工号", "sellers' IDs", text)],
    revenue: Annotated[Floats, each("收入（元，不含税）；退货为负", "revenue, yuan net of VAT; negative for a return")],
    margin_rate: Annotated[Floats, each("毛利率；退货用原单的", "gross margin rate; a return: its order's", margin)],
    partners: Annotated[Objects, each("协同工号；无则空", "partners' IDs; blank without one", text)] = "",  # type: ignore[assignment]
    shares: Annotated[Floats, each("主办份额；空：1", "sellers' shares; blank: 1", share)] = 1.0,  # type: ignore[assignment]
    originals: Annotated[Objects, each("退货的原单号", "a return's original deal", text)] = "",  # type: ignore[assignment]
    thresholds: Annotated[Floats, many("各档毛利率下限", "lower ends of the margin tiers", margin, np.nan)] = plan(
        "commission.thresholds"
    ),
    rates: Annotated[Floats, many("各档提成比例", "commission rate of each tier", rate, np.nan)] = plan("commission.rates"),
    digits: Annotated[int, one("小数位", "digits", DIGITS)] = plan("commission.digits"),
    basis: Annotated[str, one("按订单，或按人按月", "per order, or per person and month", BASIS)] = plan("commission.basis"),
    later: Annotated[
        Any,
        grid("以后生效的档：生效日、[层级]、下限、比例；空行略过", "tiers of later days: valid from, [level], threshold, rate"),
    ] = None,
    people: Annotated[Objects | None, many("人员工号（按层级取档时）", "people's IDs (for tiers by level)", text)] = None,
    levels: Annotated[Objects | None, many("其层级", "their levels", text)] = None,
    moved: Annotated[Objects | None, many("异动人员工号", "IDs of people who changed level", text)] = None,
    since: Annotated[Dates | None, many("异动生效日", "from which day", date)] = None,
    becomes: Annotated[Objects | None, many("新层级；空：不变", "their new level; blank: the same", text)] = None,
    decided: Annotated[
        Objects | None, many("手工另定的单号；空行略过", "deals decided by hand; blanks are skipped", text)
    ] = None,
    decided_for: Annotated[Objects | None, many("另定给谁（工号）", "the people they were decided for", text)] = None,
) -> list[Any]:
    """What each deal pays to its people together, as the commission ledger computes it.

    ``thresholds`` and ``rates`` hold since ever and for everybody; rows of ``later`` take their place from their day on,
    those with a level for people of that level on the deal's day (RATETABLE). A return goes by its order's day. A deal of
    two people pays each their share by their own tiers. Pooled, a person's orders of a month under the same tiers are one
    sum with one margin rate, shared over them by their margin; a return takes back what its order was given. What somebody
    decided by hand for a person and a deal (``decided``, ``decided_for``) is left out. Finds other deals: a function of the
    whole list.

    Returns: one amount a deal, in yuan, exact to the fen; 0 for a row without revenue.
    Errors: #VALUE! a deal without a date, ranges of people or of decisions of different size; otherwise as COMMISSION and
        RATETABLE.
    Source: rules, chapter 5, COMMISSION (tiers of the order's date, returns by their order, pooled basis) and RATETABLE.
    Example:
        >>> commissiondue("D1", "2027-03-05", "P1", 1_000_000, 0.3)
        12500.0
        >>> commissiondue([["D1"], ["D2"]], "2027-03-05", "P1", 1_000_000, [[0.1], [0.3]], None, None, None, None, None,
        ...     None, "pooled")
        [[3000.0], [9000.0]]
    """
    refuse(
        np.array([day is None for day in dates]) & (revenue != 0), VALUE,
        "单号 {deal} 没有签单日期：请填日期", "deal {deal} has no date: enter the day it was signed", deal=deals,
    )  # fmt: skip
    columns = zip(*(c.tolist() for c in (deals, dates, sellers, revenue, margin_rate, partners, shares, originals)), strict=True)
    orders = [
        Order(deal, _SINCE_EVER if day is None else day.item(), shared(seller, partner, part), amount, rate, original)
        for deal, day, seller, amount, rate, partner, part, original in columns
    ]
    levels_on = table(people, levels, moved, since, becomes)
    in_force = tiers_in_force(_as_table(thresholds), _as_table(rates), [] if later is None else as_rows(later))
    terms = Terms(in_force, lambda person, day: levels_on.on(person, day) or "", float(digits), basis == POOLED)
    return per_order(orders, terms, _decided(decided, decided_for))


def _decided(deals: Objects | None, people: Objects | None) -> set[tuple[str, str]]:
    """Deal and person of what was decided by hand."""
    if deals is None or people is None:
        return set()
    refuse(
        len(deals) != len(people), VALUE,
        "另定的单号有 {deals} 格、工号有 {people} 格：应一样多",
        "{deals} cells of deals decided by hand but {people} of people: they need as many",
        deals=len(deals), people=len(people),
    )  # fmt: skip
    return {(deal, person) for deal, person in zip(deals.tolist(), people.tolist(), strict=True) if deal}


def shared(seller: str, partner: str | None, part: float | None) -> list[tuple[str, float]]:
    """Who is credited with a deal, and with what share of it."""
    if not partner or part is None or part >= 1:
        return [(seller, 1.0)]
    return [(seller, part), (partner, round(1 - part, 10))]


def _as_table(column: Floats) -> tuple[float | None, ...]:
    """A column of a tier table as cells: COMMISSION itself says what is wrong with it."""
    return tuple(None if np.isnan(cell) else cell for cell in np.asarray(column, dtype=float).tolist())
