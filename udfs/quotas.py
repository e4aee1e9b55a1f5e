"""Quotas: the yearly rhythm, allocation with floors and caps, both directions, landing, the month's four weeks."""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Any

import numpy as np

from udfs.calendar_cn import official, working_days
from udfs.formula import (
    PARTS,
    TABLE,
    bad_cells,
    between,
    block,
    date,
    each,
    formula,
    like,
    many,
    note,
    one,
    positive,
    refuse,
    share,
    yuan_positive,
)
from udfs.policy import plan
from udfs.text import Text
from udfs.values import (
    DIV0,
    LARGEST_EXACT,
    NA,
    NUM,
    VALUE,
    Dates,
    ExcelError,
    Floats,
    Refusal,
    apportion,
    exact,
    excel_round,
    round_exact,
    total_of,
    units_in,
)

MOST_DECIMALS = 10**15  # a float tells apart decimals of fifteen digits, not of more
UNIT = between(1e-6, 1e12)
NO_WEIGHT = Text("权重全为 0：请至少填一个大于 0 的权重", "all weights are 0: enter at least one above 0")


# ---------------------------------------------------------------------------------------------------------- exact parts


def whole_units(amounts: Floats, unit: float) -> tuple[Any, dict[int, Fraction]]:
    """The whole units of each amount (as integers, signed) and the odd rests, by index."""
    size = exact(unit)
    many_units = _too_many_units(amounts, unit)
    amounts = np.where(many_units, 0.0, amounts)
    units = np.rint(amounts * size.denominator / size.numerator)
    clean = (units * size.numerator / size.denominator == amounts) & (np.abs(units) * size.numerator < MOST_DECIMALS)
    rests = {}
    for index in np.flatnonzero(~clean).tolist():
        units[index], rest = units_in(amounts[index], unit)
        if rest:
            rests[index] = rest
    return units.astype(np.int64), rests


def _too_many_units(amounts: Any, unit: float) -> Any:
    """Refuse amounts of more units than a float tells apart; return which."""
    size = exact(unit)
    most = LARGEST_EXACT if size.denominator == 1 else MOST_DECIMALS
    bad = np.abs(amounts) * size.denominator > most
    refuse(
        bad, NUM, "{amount} 按单位 {unit} 拆分超出精度：请用更大的单位",
        "{amount} can't be split exactly in units of {unit}: use a larger unit", amount=amounts, unit=unit,
    )  # fmt: skip
    return bad


def split_units(units: Any, weights: Sequence[Fraction]) -> Any:
    """Largest remainder for many wholes at once: a row of integer parts each, ties to the earlier part.

    >>> split_units(np.array([7, -7, 100]), [Fraction(50), Fraction(30), Fraction(20)]).tolist()
    [[4, 2, 1], [-4, -2, -1], [50, 30, 20]]
    """
    scale = math.lcm(*(w.denominator for w in weights))
    whole = [int(w * scale) for w in weights]
    common = math.gcd(*whole)
    total = sum(whole) // common
    # Integers as long as needed: 64 bits hold every product below 2^31 × 10^9.
    kind: Any = np.int64 if total < 2**31 else object
    share = np.array([w // common for w in whole], dtype=kind)
    size = np.abs(units)[:, None].astype(kind)
    rounds, odd = size // total * share, size % total * share
    parts, remainder = rounds + odd // total, odd % total
    # Nine digits of the remainder decide, as in values.largest_remainder: weights computed by floats still tie.
    remainder = (remainder * 10**9 + total // 2) // total
    rank = np.argsort(np.argsort(-remainder, axis=1, kind="stable"), axis=1, kind="stable")
    parts = parts + (rank < size - parts.sum(axis=1, keepdims=True))
    return parts * np.sign(units)[:, None]


def as_written(weight: float) -> Fraction:
    """A weight as the decimal Excel shows: fifteen digits, so that 0.1 + 0.2 weighs as much as 0.3."""
    return Fraction(f"{max(weight, 0.0):.15g}")


def split(amounts: Floats, weights: Floats, unit: float) -> Floats:
    """Each amount in parts that are multiples of the unit and add up to it exactly; an odd rest goes to the last part, said."""
    refuse(not (weights > 0).any(), DIV0, *NO_WEIGHT)
    units, rests = whole_units(amounts, unit)
    size = exact(unit)
    parts = np.asarray(split_units(units, [as_written(w) for w in weights]), dtype=float) * size.numerator / size.denominator
    last = int(np.flatnonzero(weights > 0)[-1])
    for index, rest in rests.items():
        parts[index, last] = float(exact(parts[index, last]) + rest)
    if rests:
        index, rest = next(iter(rests.items()))
        note(
            "{amount} 不是单位 {unit} 的整数倍，余数 {rest} 归最后一份（此类共 {n} 项）",
            "{amount} is no multiple of {unit}: the odd {rest} went to the last part ({n} of this kind)",
            amount=amounts[index], unit=unit, rest=float(rest), n=len(rests),
        )  # fmt: skip
    return parts


@formula(
    5,
    "按权重把年度指标拆到各期（默认 4321），各期相加等于全年",
    "A yearly quota in parts by weights (default 4-3-2-1); the parts add up exactly",
    gives=PARTS,
    result=("各期指标（单位同 annual）", "quota of each period, in the unit of annual"),
)
def quotasplit(
    annual: Annotated[Floats, each("年度指标（元）", "the yearly quota, yuan")],
    pattern: Annotated[Floats, many("各期权重，任意期数", "weights of the periods, any number", positive)] = plan(
        "quota.pattern"
    ),
    unit: Annotated[float, one("取整单位（元），如 0.01、1、10000", "rounded to, yuan: 0.01, 1, 10000 …", UNIT)] = 1.0,
) -> Floats:
    """A quota in parts: the plan's "4321" rhythm, months inside a quarter, or any weights.

    Largest remainder: every part gets its whole units, the left-over units go to the largest remainders, ties to the
    earlier part.

    Returns: a row of parts for each quota, exact; weight 0 gets 0. A quota that is no multiple of ``unit``: the odd rest goes to
        the last part, said. A negative quota is split like its positive twin.
    Errors: #DIV/0! all weights 0; #NUM! a negative weight, a unit of 0, more units than can be told apart; #VALUE! text.
    Source: rules, chapter 5, QUOTASPLIT; vectors E5 (Hare-Niemeyer).
    Example:
        >>> quotasplit(420_000_000)
        [[168000000.0, 126000000.0, 84000000.0, 42000000.0]]
        >>> quotasplit(7, [[50, 30, 20]])
        [[4.0, 2.0, 1.0]]
    """
    return split(annual, pattern, unit)


# ------------------------------------------------------------------------------------------------------- floors and caps


@formula(
    5,
    "按权重分配总指标，遵守各自的下限与上限（注水法），相加等于总数",
    "A total shared by weights within floors and caps (water-filling); the parts add up exactly",
    gives=like("weights"),
    result=("各自指标（单位同 total）", "each one's part, in the unit of total"),
)
def quotaallocate(
    total: Annotated[float, one("待分配总数（元）", "the total to share, yuan", positive)],
    weights: Annotated[
        Floats,
        many("权重（可含在岗天数、爬坡、超额分配系数）", "weights (days employed, ramp, over-assignment included)", positive),
    ],
    floors: Annotated[Floats | None, many("各自下限；空：0", "least part of each; blank: 0", between(0, MOST_DECIMALS))] = None,
    caps: Annotated[
        Floats | None, many("各自上限；空：不限", "largest part of each; blank: none", positive, blanks=np.nan)
    ] = None,
    unit: Annotated[float, one("取整单位（元），如 0.01、1", "rounded to, yuan: 0.01, 1 …", UNIT)] = 1.0,
) -> list[float]:
    """A total shared in proportion to weights, as far as floors and caps allow: what a cap cuts flows to the others.

    Every part is level × weight, moved up to its floor or down to its cap; the one level at which all parts add up to the
    total is found exactly. Weight 0 gets its floor only.

    Returns: one part for each weight, in its range's shape, multiples of ``unit`` inside floor and cap, adding up to the total.
        A total that is no multiple of ``unit``: the odd rest goes to the last part with room, said; a note says which caps bound.
    Errors: #NUM! infeasible (floors add up to more, caps to less: says by how much), a floor above its cap, a negative number;
        #DIV/0! all weights 0; #VALUE! ranges of different size, text.
    Source: rules, chapter 5, QUOTAALLOCATE; vectors E1.
    Example:
        >>> quotaallocate(10000, [[1, 1, 1, 1, 1, 1]], 0, [[500, 750, 1000, 5000, 10000, 15000]], 0.01)
        [[500.0, 750.0, 1000.0, 2583.34, 2583.33, 2583.33]]
    """
    _too_many_units(total, unit)
    units, rest = units_in(total, unit)
    size, shares = exact(unit), [as_written(w) for w in weights]
    bottoms = _for_each("floors", floors, len(weights), 0.0)
    tops = [None if np.isnan(cap) else exact(cap) for cap in _for_each("caps", caps, len(weights), np.nan)]
    low = [math.ceil(exact(floor) / size) for floor in bottoms]
    high = [max(units, least) if cap is None else math.floor(cap / size) for least, cap in zip(low, tops, strict=True)]
    crossed = [i for i in range(len(weights)) if low[i] > high[i]]
    at = crossed[0] if crossed else 0
    refuse(
        bool(crossed), NUM, "第 {row} 个下限 {floor} 与上限 {cap} 之间没有单位 {unit} 的整数倍：请改其一",
        "no multiple of {unit} lies between floor {floor} and cap {cap} of number {row}: change one",
        row=at + 1, floor=bottoms[at], cap=float(tops[at] or 0), unit=unit,
    )  # fmt: skip
    high = [most if weight else least for least, most, weight in zip(low, high, shares, strict=True)]
    _feasible(units, low, high, weights, unit)
    parts = fill(units, shares, low, high)
    amounts = [part * size for part in parts]
    if rest:
        room = [i for i, c in enumerate(tops) if shares[i] and (c is None or amounts[i] + rest <= c)]
        refuse(
            not room, NUM, "余数 {rest} 无处可放：各份均已到上限", "the odd {rest} has no room below the caps", rest=float(rest)
        )
        amounts[room[-1]] += rest
        note(
            "总数不是单位 {unit} 的整数倍，余数 {rest} 归第 {at} 份", "the total is no multiple of {unit}: the odd {rest} went to part {at}",
            unit=unit, rest=float(rest), at=room[-1] + 1,
        )  # fmt: skip
    capped = sum(c is not None and part == h for part, h, c in zip(parts, high, tops, strict=True))
    if capped:
        note("{n} 份达到上限", "parts at their cap: {n}", n=capped)
    return [float(amount) for amount in amounts]


def _for_each(name: str, bounds: Floats | None, count: int, otherwise: float) -> Floats:
    """One bound for each weight: given for each, given once for all, or not given."""
    if bounds is None:
        return np.full(count, otherwise)
    refuse(
        len(bounds) not in (1, count), VALUE, "参数 {name} 有 {got} 格，weights 有 {wanted} 格：应一样多，或只填一格",
        "argument {name} has {got} cells, weights has {wanted}: give as many, or one for all",
        name=Text(name, name), got=len(bounds), wanted=count,
    )  # fmt: skip
    return np.broadcast_to(bounds, count)


def _feasible(units: int, low: list[int], high: list[int], weights: Floats, unit: float) -> None:
    size = exact(unit)
    least, most = sum(low), sum(high)
    if least <= units <= most:
        return
    refuse(not (weights > 0).any(), DIV0, *NO_WEIGHT)
    refuse(
        units < least, NUM, "总数不够：各下限按单位 {unit} 合计 {least}，还差 {by}；请提高 total 或降低 floors",
        "the floors add up to {least} in units of {unit}, {by} more than the total: raise total or lower floors",
        unit=unit, least=float(least * size), by=float((least - units) * size),
    )  # fmt: skip
    refuse(
        units > most, NUM, "放不下：各上限按单位 {unit} 合计 {most}，多出 {by}；请降低 total 或提高 caps",
        "the caps add up to {most} in units of {unit}, {by} can't be placed: lower total or raise caps",
        unit=unit, most=float(most * size), by=float((units - most) * size),
    )  # fmt: skip


def fill(units: int, weights: Sequence[Fraction], low: Sequence[int], high: Sequence[int]) -> list[int]:
    """Water-filling in whole units. Feasible bounds are assumed: sum(low) ≤ units ≤ sum(high).

    As the level rises from 0, a part leaves its floor at low/weight and stops at its cap at high/weight. Between two such events
    the sum is a straight line, so the level is found exactly, and the parts then free share what is left by largest remainder:
    their ideal lies between whole bounds, so their rounded part does, too.

    >>> fill(10, [Fraction(1)] * 3, [0, 0, 0], [2, 10, 10])
    [2, 4, 4]
    """
    events = [(Fraction(low[i]) / w, 0, i) for i, w in enumerate(weights) if w]
    events += [(Fraction(high[i]) / w, 1, i) for i, w in enumerate(weights) if w]
    parts, free = list(low), set[int]()
    fixed, slope = sum(low), Fraction(0)
    for level, stops, i in sorted(events):
        if fixed + level * slope >= units:
            break
        if stops:
            free.remove(i)
            parts[i], fixed, slope = high[i], fixed + high[i], slope - weights[i]
        else:
            free.add(i)
            fixed, slope = fixed - low[i], slope + weights[i]
    rising = sorted(free)
    if rising:
        shared = split_units(np.array([units - fixed]), [weights[i] for i in rising])[0]
        for i, part in zip(rising, shared, strict=True):
            parts[i] = int(part)
    return parts


# ----------------------------------------------------------------------------------------------------- gaps and landing


@formula(
    5,
    "自上而下与自下而上的指标逐行对比：差额与差额率",
    "Top-down and bottom-up quotas row by row: gap and gap rate",
    gives=TABLE,
    columns=[
        ("自上而下（元）", "top-down, yuan"),
        ("自下而上（元）", "bottom-up, yuan"),
        ("差额（下−上，元）", "gap, bottom-up − top-down, yuan"),
        ("差额率", "gap rate"),
    ],
)
def quotagap(
    top_down: Annotated[Floats, many("公司下达的指标（元）", "quotas handed down, yuan", blanks=np.nan, spared=True)],
    bottom_up: Annotated[Floats, many("团队上报的指标（元）", "quotas offered from below, yuan", blanks=np.nan, spared=True)],
) -> list[list[Any]]:
    """Both directions of the quota talks, row by row. Negative: the team offers less than the company asks.

    Returns: a row for each pair: top-down, bottom-up, gap = bottom-up − top-down, gap ÷ top-down. Blank rows at the end are left
        out, other blanks count as 0. A row without top-down quota has #DIV/0! as its gap rate only.
    Errors: in the row: a bad quota's own (#VALUE! text, …), also as gap and gap rate. The whole call: #VALUE! ranges of different
        size; #N/A nothing but blanks.
    Source: rules, chapter 5, QUOTAGAP.
    Example:
        >>> quotagap([[100], [200]], [[90], [210]])
        [[100.0, 90.0, -10.0, -0.1], [200.0, 210.0, 10.0, 0.05]]
    """
    refuse(
        len(top_down) != len(bottom_up), VALUE, "top_down 有 {a} 格，bottom_up 有 {b} 格：应一样多",
        "top_down has {a} cells, bottom_up has {b}: give as many", a=len(top_down), b=len(bottom_up),
    )  # fmt: skip
    used = _used(np.fmax(np.abs(top_down), np.abs(bottom_up)))
    refuse(used == 0, NA, "没有指标：请填 top_down 与 bottom_up", "there are no quotas: fill in top_down and bottom_up")
    pairs = np.nan_to_num(np.column_stack([top_down, bottom_up])[:used]).tolist()
    faults = bad_cells("top_down"), bad_cells("bottom_up")
    return [_gap(faults[0].get(at, down), faults[1].get(at, up)) for at, (down, up) in enumerate(pairs)]


def _gap(down: Any, up: Any) -> list[Any]:
    fault = next((side for side in (down, up) if isinstance(side, ExcelError)), None)
    return [down, up, *((fault, fault) if fault is not None else (gap := total_of([up, -down]), ratio(gap, down)))]


def ratio(part: float, whole: float) -> float | ExcelError:
    """part ÷ whole, or #DIV/0! with its reason."""
    if whole == 0:
        return ExcelError(DIV0, Text("指标为 0，没有比率", "the quota is 0: there is no rate"))
    rate = part / whole
    return rate if math.isfinite(rate) else ExcelError(NUM, _TOO_LARGE)


_TOO_LARGE = Text("达成率超出 Excel 的数值范围：请核对指标", "the attainment is beyond Excel's range: check the quota")


def _used(values: Floats) -> int:
    """How many cells there are up to the last one that is filled."""
    filled = np.flatnonzero(~np.isnan(values))
    return int(filled[-1]) + 1 if len(filled) else 0


@formula(
    5,
    "截至目前的差额与全年预测（按进度、按节奏）",
    "Gap to date and full-year forecast: at run rate, and in the rhythm of the quotas",
    gives=TABLE,
    columns=[
        ("已关账期数", "periods closed"),
        ("累计实际（元）", "actual to date, yuan"),
        ("累计指标（元）", "quota to date, yuan"),
        ("差额（元）", "gap, yuan"),
        ("累计达成率", "attainment to date"),
        ("全年预测（按进度，元）", "full-year forecast at run rate, yuan"),
        ("全年预测（按节奏，元）", "forecast in the rhythm of the quotas, yuan"),
        ("全年指标（元）", "full quota, yuan"),
        ("预测达成率（按节奏）", "attainment at the forecast in the quotas' rhythm"),
    ],
)
def landing(
    actuals: Annotated[
        Floats,
        block(
            "各期实际（元），未关账留空；多行：每行一人或一区",
            "actuals by period, open ones blank; one row a person or region",
            blanks=np.nan,
            spared=True,
        ),
    ],
    quotas: Annotated[
        Floats,
        block(
            "各期指标（元），全年；一行可供各行共用", "quotas of all periods; one row may serve all", blanks=np.nan, spared=True
        ),
    ],
) -> list[list[Any]]:
    """Year to date against quota, and the landing. A single column or row is one series; a block is one series a row.

    A period is closed up to the last actual that is filled in; a blank before it counts as 0. *Run rate*: actual to date ÷ periods
    closed × all periods. *Rhythm*: full quota × attainment to date; it is the landing that counts, for with front-loaded quotas
    (4321) half a year is not half the quota.

    Returns: a row for each series: periods closed, actual to date, quota to date, gap (actual − quota), attainment, run-rate
        landing and rhythm landing (rounded to the fen), full quota, rhythm landing ÷ full quota.
    Errors: in the series' row: a bad cell's own (#VALUE! text, …), #N/A without any actual, #DIV/0! in the cells that need a quota
        and have none. The whole call: #VALUE! more actuals than quotas, rows that don't pair up.
    Source: rules, chapter 5, LANDING.
    Example:
        >>> landing([[40, 29, None, None]], [[40, 30, 20, 10]])
        [[2.0, 69.0, 70.0, -1.0, 0.9857142857142858, 138.0, 98.57, 100.0, 0.9857]]
    """
    bad, bad_quotas = _first_bad("actuals", actuals), _first_bad("quotas", quotas)
    actuals, quotas = _series(actuals), _series(quotas)
    refuse(
        len(quotas) not in (1, len(actuals)) or actuals.shape[1] > quotas.shape[1], VALUE,
        "实际有 {ar} 行 {ac} 期，指标有 {qr} 行 {qc} 期：行数应相同（或指标一行），实际不得多于指标",
        "actuals have {ar} rows of {ac} periods, quotas {qr} of {qc}: give as many rows (or one of quotas), no more periods",
        ar=len(actuals), ac=actuals.shape[1], qr=len(quotas), qc=quotas.shape[1],
    )  # fmt: skip
    for at in range(len(actuals)):
        if (fault := bad_quotas.get(0 if len(quotas) == 1 else at)) is not None:
            bad.setdefault(at, fault)
    if len(bad) == len(actuals):
        raise Refusal(bad[0])
    quotas = np.broadcast_to(quotas, (len(actuals), quotas.shape[1]))
    return [
        [bad[at]] * 9 if at in bad else _landing(actual, quota)
        for at, (actual, quota) in enumerate(zip(actuals, quotas, strict=True))
    ]


def _first_bad(name: str, block: Floats) -> dict[int, ExcelError]:
    """The first bad cell of each series that has one."""
    width = block.size if block.shape[1] == 1 else block.shape[1]
    return {place // width: fault for place, fault in sorted(bad_cells(name).items(), reverse=True)}


def _series(block: Floats) -> Floats:
    return block.T if block.shape[1] == 1 else block


def _landing(actual: Floats, quota: Floats) -> list[Any]:
    closed, periods = _used(actual), _used(quota)
    if not closed:
        open_ = ExcelError(NA, Text("还没有已关账的实际：请填 actuals", "no period is closed yet: fill in actuals"))
        return [open_] * 9
    quota = np.nan_to_num(quota)
    done, due, full = total_of(np.nan_to_num(actual[:closed])), total_of(quota[:closed]), total_of(quota)
    run_rate = float(excel_round(done / closed * max(periods, closed)))
    attained = ratio(done, due)
    rhythm = attained if isinstance(attained, ExcelError) else round_exact(exact(full) * exact(done) / exact(due))
    return [
        closed,
        done,
        due,
        total_of([done, -due]),
        attained,
        run_rate,
        rhythm,
        full,
        rhythm if isinstance(rhythm, ExcelError) else _decimal_ratio(rhythm, full),
    ]


def _decimal_ratio(part: float, whole: float) -> float | ExcelError:
    """As decimals: 98.57 of 100 is 0.9857, where floats come to 0.98569999."""
    try:
        return float(exact(part) / exact(whole)) if whole else ratio(part, whole)
    except OverflowError:
        return ExcelError(NUM, _TOO_LARGE)


# -------------------------------------------------------------------------------------------------------- the month's weeks

WEEKS = (
    Text("复盘", "review"),
    Text("锁定 {lock} 订单", "lock {lock} of the orders"),
    Text("锁定其余 {other} 订单", "lock the other {other} of the orders"),
    Text("准备下月，关账前回款率 ≥ {goal}", "prepare the next month; collections ≥ {goal} before the books close"),
)


@formula(
    5,
    "月度四周节奏：起止日、工作日、锁单金额、回款目标",
    "The month in four weeks: dates, working days, orders to lock, collections goal",
    gives=TABLE,
    columns=[
        ("周次", "week"),
        ("从", "from"),
        ("到", "to"),
        ("工作日", "working days"),
        ("任务", "task"),
        ("锁定订单（元）", "orders to lock, yuan"),
        ("回款率目标", "collections goal"),
    ],
)
def weekplan(
    month_quota: Annotated[float, one("当月指标（元）", "the month's quota, yuan", yuan_positive)],
    year: Annotated[int, one("年份", "year", between(1901, 9999))],
    month: Annotated[int, one("月份 1–12", "month 1–12", between(1, 12))],
    holidays: Annotated[
        Dates | None,
        many("放假日期；空：官方日历（含调休）", "days off; blank: the official calendar with make-up days", date, blanks="skip"),
    ] = None,
    lock_share: Annotated[float, one("第二周锁定订单的比例", "share of the orders locked in week 2", share)] = plan(
        "week.lock_share"
    ),
    collection_goal: Annotated[float, one("关账前回款率目标", "collections goal before the books close", share)] = plan(
        "week.collection_goal"
    ),
) -> list[list[Any]]:
    """The month's rhythm: week 1 review, week 2 lock 80% of the orders, week 3 the other 20%, week 4 prepare and collect.

    The month's working days are grouped by calendar week (Monday to Sunday). More than four groups: the shortest joins its
    shorter neighbour, the earlier of equals. Fewer (Spring Festival): the longest is halved. With ``holidays`` given,
    Monday to Friday without those days are worked; without, the official calendar counts, make-up days as far as they are
    announced.

    Returns: four rows: week, first and last working day, working days, task, orders to lock (exact to the fen), collections goal
        (a rate, in the last week).
    Errors: #NUM! a year or month that is none; #N/A under four working days; #VALUE! text, a range in place of one cell.
    Source: rules, chapter 5, WEEKPLAN.
    Example:
        >>> weekplan(1_000_000, 2026, 3)  # doctest: +ELLIPSIS
        [[1.0, datetime.date(2026, 3, 2), datetime.date(2026, 3, 6), 5.0, '复盘', 0.0, None], ...]
    """
    for name, given, low in (("year", year, 1901), ("month", month, 1)):
        refuse(
            given < low or given != int(given), NUM, "参数 {name} 为 {given}：请填整数",
                                                     "argument {name} is {given}: enter a whole number",
            name=Text(name, name), given=given,
        )  # fmt: skip
    first = dt.date(int(year), int(month), 1)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    if holidays is None and not official(first.year).announced:
        note(
            "{year} 年调休安排尚未收录：按周末和法定节假日计算，公布后请更新或填 holidays",
            "the make-up days of {year} are not known here: weekends and statutory holidays count; update later or give holidays",
            year=Text(str(first.year), str(first.year)),
        )
    days = working_days(first, last, None if holidays is None else {day.item() for day in holidays})
    refuse(
        len(days) < len(WEEKS),
        NA,
        "本月只有 {n} 个工作日，排不出四周",
        "the month has {n} working days, too few for four weeks",
        n=len(days),
    )
    orders = [0.0, *apportion(month_quota, [lock_share, 1 - lock_share], 0.01), 0.0]
    goals = [None, None, None, collection_goal]
    words = {"lock": _percent(lock_share), "other": _percent(1 - lock_share), "goal": _percent(collection_goal)}
    return [
        [number, week[0], week[-1], len(week), task.format(**words), order, collect]
        for number, week, task, order, collect in zip(itertools.count(1), in_weeks(days), WEEKS, orders, goals)
    ]


def _percent(rate: float) -> str:
    return f"{100 * rate:.10g}%"


def in_weeks(days: Sequence[dt.date], wanted: int = len(WEEKS)) -> list[list[dt.date]]:
    """Working days in ``wanted`` runs that keep calendar weeks together where they can."""
    weeks = [list(week) for _, week in itertools.groupby(days, lambda day: day.isocalendar()[:2])]
    while len(weeks) > wanted:
        shortest = min(range(len(weeks)), key=lambda i: len(weeks[i]))
        beside = [i for i in (shortest - 1, shortest + 1) if 0 <= i < len(weeks)]
        at = min(shortest, min(beside, key=lambda i: len(weeks[i])))
        weeks[at : at + 2] = [weeks[at] + weeks[at + 1]]
    while len(weeks) < wanted:
        longest = max(range(len(weeks)), key=lambda i: len(weeks[i]))
        half = -(-len(weeks[longest]) // 2)
        weeks[longest : longest + 1] = [weeks[longest][:half], weeks[longest][half:]]
    return weeks
