"""Profit pool and phantom equity: who gets how much of the margin, who is granted shares, what of them has vested."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Annotated, Any

import numpy as np

from udfs.formula import TABLE, between, date, each, flag, formula, many, note, one, positive, refuse, share, text, word, yuan
from udfs.incentives import in_fen, refuse_lengths
from udfs.policy import plan
from udfs.shares import check_shares
from udfs.text import Text
from udfs.values import NA, NUM, VALUE, Dates, Flags, Floats, Objects, at_least, exact, largest_remainder, more_than

CAP_SCOPE = word(each=("每位", "每人"), all=("合计", "全体", "总监合计"))
ON_LEAVING = word(rest=("未归属部分", "未归属", "剩余"), all=("全部", "全部失效"))
LEVEL = word(
    rep=("代表", "representative", "销售代表", "客户代表"),
    supervisor=("主管", "supervisor", "销售主管"),
    manager=("经理", "销售经理"),
    director=("总监", "销售总监"),
)
NOT_ENTITLED = ("rep", "supervisor")
GRADE = word(A=("A级", "优", "优秀"), B=("B级", "良", "良好"), C=("C级", "中", "合格"), D=("D级", "差", "不合格"))

# ------------------------------------------------------------------------------------------------------------ profit pool

_DIMENSIONS = (Text("业绩", "performance"), Text("客户成功", "success"), Text("价值观", "value_scores"))


def pool_shares(points: list[Floats], weights: Floats) -> list[Fraction]:
    """Each person's share: the weighted mean of its parts of the dimensions' sums; a dimension without points is left out."""
    totals = [sum(map(exact, column), Fraction(0)) for column in points]
    used = [(column, total, exact(w)) for column, total, w in zip(points, totals, weights, strict=True) if total and w]
    for name, total, weight in zip(_DIMENSIONS, totals, weights, strict=True):
        if weight and not total:
            note(
                "{name}合计为 0，不计，其余权重按比例放大",
                "{name} sums to 0: left out, the other weights are scaled up",
                name=name,
            )
    weighed = sum((w for _, _, w in used), Fraction(0))
    return [
        sum((w / weighed * exact(column[i]) / total for column, total, w in used), Fraction(0)) for i in range(len(points[0]))
    ]


def capped_groups(whole: Fraction, weights: list[Fraction], groups: list[list[int]], limit: Fraction) -> list[list[int]]:
    """The groups that would get more than ``limit`` each of a whole shared by weights, also after the others took up the cut."""
    bound: list[list[int]] = []
    while True:
        free = [weight for i, weight in enumerate(weights) if not any(i in group for group in bound)]
        rest, weighing = whole - limit * len(bound), sum(free, Fraction(0))
        over = [g for g in groups if g not in bound and weighing and rest * sum(weights[i] for i in g) > limit * weighing]
        if not over:
            return bound
        bound += over


def share_out(whole: int, weights: list[Fraction], groups: list[list[int]], limit: int) -> tuple[list[int], int]:
    """Whole units by weights, at most ``limit`` to each of the groups; what nobody is left to take comes second."""
    parts = [0] * len(weights)
    bound = capped_groups(Fraction(whole), weights, groups, Fraction(limit))
    free = [i for i in range(len(weights)) if not any(i in group for group in bound)]
    rest = whole - limit * len(bound)
    for units, members in [(limit, group) for group in bound] + [(rest, free)]:
        taking = [i for i in members if weights[i]]
        for i, part in zip(taking, largest_remainder(units, [weights[i] for i in taking]) if taking else [], strict=True):
            parts[i] = part
    return parts, whole - sum(parts)


@formula(
    5,
    "利润分享池：按业绩、客户成功、价值观分配，总监封顶，精确到分",
    "Profit pool shared by performance, customer success and values, directors capped, exact to the fen",
    gives=TABLE,
    columns=[("份额", "share"), ("封顶后份额", "capped share"), ("实发（元）", "paid, yuan")],
)
def profitpool(
    gross_margin: Annotated[float, one("毛利（元）", "gross margin, yuan", yuan)],
    people: Annotated[Objects, many("姓名", "names", text)],
    performance: Annotated[Floats, many("业绩得分", "points for performance", positive)],
    success: Annotated[Floats, many("客户成功得分", "points for customer success", positive)],
    value_scores: Annotated[Floats, many("价值观得分", "points for values", positive)],
    is_director: Annotated[Flags, many("是否总监", "whether a director", flag)],
    rate: Annotated[float, one("利润池占毛利", "pool as share of the gross margin", share)] = plan("pool.rate"),
    weights: Annotated[Floats, many("三项权重，合计 1", "weights of the three, adding to 1")] = plan("pool.weights"),
    cap: Annotated[float, one("总监份额上限", "a director's share at most", share)] = plan("pool.cap"),
    cap_scope: Annotated[str, one("上限适用", "the cap holds for", CAP_SCOPE)] = plan("pool.cap_scope"),
) -> list[list[Any]]:
    """The pool, a share of the gross margin, split over the people.

    A person's share is the weighted mean of its parts of each dimension's sum. A director (``each``) or all directors together
    (``all``) get at most the cap, rounded down to the fen; what is cut goes to the others in proportion, repeatedly. If nobody is
    left to take it, it stays undistributed (未分配), said. No margin, no pool.

    Returns: a row for each person: share before and after the cap, paid in yuan. What is paid adds up to the pool.
    Errors: #NUM! negative points, weights that don't add to 1; #VALUE! ranges of different size, a name missing or twice.
    Source: rules, chapter 5, PROFITPOOL; capped shares by water-filling as in vector E1.
    Example:
        >>> profitpool(10_000_000, ["A", "B", "C"], [60, 20, 20], [60, 20, 20], [60, 20, 20], [True, False, False])
        [[0.6, 0.3, 30000.0], [0.2, 0.35, 35000.0], [0.2, 0.35, 35000.0]]
    """
    refuse_lengths(people=people, performance=performance, success=success, value_scores=value_scores, is_director=is_director)
    points = [performance, success, value_scores]
    _refuse_names(people, sum(points))
    refuse(len(weights) != 3, VALUE, "权重应有 3 个，给了 {n} 个", "3 weights are needed, got {n}", n=len(weights))
    check_shares(weights)
    if gross_margin <= 0:
        note("毛利 {margin} 不为正：没有利润池", "the gross margin is {margin}: there is no pool", margin=gross_margin)
    shares = pool_shares(points, weights)
    directors = [i for i in range(len(people)) if is_director[i]]
    groups = [[i] for i in directors] if cap_scope == "each" else [directors]
    pool = in_fen(max(gross_margin, 0) * rate)
    paid, left = share_out(pool, shares, groups, math.floor(exact(cap) * pool))
    after = _shares_after(shares, groups, exact(cap))
    for i in range(len(people)):
        if shares[i] > after[i]:
            note("{name} 的份额因总监上限由 {before} 降为 {after}", "{name}: the directors' cap lowers the share from {before} to {after}",
                 name=people[i], before=float(shares[i]), after=float(after[i]))  # fmt: skip
    if left:
        note(
            "未分配 {left} 元：上限之外没有可承接的人",
            "{left} yuan stay undistributed: nobody below the cap is left to take them",
            left=left / 100,
        )
    return [[before, capped, fen / 100] for before, capped, fen in zip(shares, after, paid, strict=True)]


def _refuse_names(people: Objects, points: Any) -> None:
    named = [name for name in people if name]
    twice = next((name for name in named if named.count(name) > 1), "") if len(set(named)) < len(named) else ""
    refuse(twice != "", VALUE, "姓名 {name} 重复：请加工号区分", "the name {name} appears twice: add a staff number", name=twice)
    nameless = [i + 1 for i, name in enumerate(people) if not name and points[i]]
    refuse(
        len(nameless) > 0, VALUE,
        "第 {row} 行有得分而没有姓名：请填姓名", "row {row} has points but no name: fill it in", row=(nameless or [0])[0],
    )  # fmt: skip


def _shares_after(shares: list[Fraction], groups: list[list[int]], cap: Fraction) -> list[Fraction]:
    """The shares with the cap and the cut redistributed, before rounding to fen."""
    bound = capped_groups(Fraction(1), shares, groups, cap)
    after = list(shares)
    inside = {i for group in bound for i in group}
    for group in bound:
        weighing = sum(shares[i] for i in group)
        for i in group:
            after[i] = cap * shares[i] / weighing
    free = [i for i in range(len(shares)) if i not in inside and shares[i]]
    weighing = sum((shares[i] for i in free), Fraction(0))
    for i in free:
        after[i] = (1 - cap * len(bound)) * shares[i] / weighing
    return after


# ---------------------------------------------------------------------------------------------------------- phantom equity


@formula(
    5,
    "虚拟股权授予：经理及以上、连续三年达成冲刺、价值观 A、0.1%–0.3%",
    "Phantom shares granted: managers, three stretch years in a row, values A, 0.1–0.3%",
    result=("授予比例", "share granted"),
)
def equitygrant(
    level: Annotated[Objects, each("层级", "level", LEVEL)],
    years_met: Annotated[Floats, each("连续达成冲刺目标的年数", "stretch years met in a row", positive)],
    values_grade: Annotated[Objects, each("价值观等级", "values grade", GRADE)],
    grant: Annotated[Floats, each("拟授予比例", "share proposed")],
    required_years: Annotated[Floats, each("应连续年数", "years needed", positive)] = plan("equity.years_met"),
    least: Annotated[Floats, each("授予下限", "smallest grant", share)] = plan("equity.least"),
    most: Annotated[Floats, each("授予上限", "largest grant", share)] = plan("equity.most"),
) -> Floats:
    """The grant as proposed if the plan allows it, else refused with the reason.

    Managers are 经理 and 总监 (manager, director); 代表 and 主管 (rep, supervisor) are not. Borders belong to the range.

    Returns: the share granted, unchanged.
    Errors: #N/A not entitled (level, years or values grade, named); #NUM! grant outside 0.1–0.3%; #VALUE! unknown level or grade.
    Source: rules, chapter 5, EQUITYGRANT.
    Example:
        >>> equitygrant("经理", 3, "A", 0.002)
        0.002
    """
    rank, grade = level.astype(str), values_grade.astype(str)
    refuse(~np.isin(rank, list(LEVEL.words)), NA, "参数 level 为空：请填层级", "argument level is blank: enter the level")
    for other in NOT_ENTITLED:
        refuse(
            rank == other, NA,
            "参数 level：{level}不在授予范围，只授予经理和总监", "argument level: a {level} is not entitled, only managers and directors are",
            level=Text(LEVEL.words[other][0], LEVEL.words[other][1]),
        )  # fmt: skip
    refuse(
        more_than(required_years, years_met), NA,
        "参数 years_met：连续达成 {years} 年，应满 {needed} 年", "argument years_met: {years} stretch years in a row, {needed} are needed",
        years=years_met, needed=required_years,
    )  # fmt: skip
    refuse(
        ~np.isin(grade, list(GRADE.words)),
        NA,
        "参数 values_grade 为空：请填等级",
        "argument values_grade is blank: enter the grade",
    )
    refuse(
        grade != "A", NA,
        "参数 values_grade：价值观等级为 {grade}，应为 A", "argument values_grade: the grade is {grade}, A is needed",
        grade=grade,
    )  # fmt: skip
    refuse(
        more_than(least, grant) | more_than(grant, most), NUM,
        "参数 grant：{grant} 不在 {least} 与 {most} 之间：要填 0.2% 请写 0.2% 或 0.002",
        "argument grant: {grant} is not from {least} to {most}: for 0.2% enter 0.2% or 0.002",
        grant=grant, least=least, most=most,
    )  # fmt: skip
    return grant


def full_months(start: Dates, end: Dates) -> Any:
    """Months completed from start to end, both days included; a day that a month lacks is its last one."""
    first, month = start.astype("datetime64[M]"), end.astype("datetime64[M]")
    last_day = (month + 1).astype("datetime64[D]") - 1
    same_day = np.minimum(month.astype("datetime64[D]") + (start - first.astype("datetime64[D]")), last_day)
    return np.maximum((month - first).astype(int) - (end < same_day), 0)


def vested_by_schedule(served: Any, months: Floats, shares: Floats | None) -> Any:
    """The part of a grant that has vested after so many full months, by a schedule of months and shares."""
    falling = np.flatnonzero(~more_than(months[1:], months[:-1]))
    refuse(
        (months < 0).any() or (months != np.floor(months)).any() or len(falling) > 0, NUM,
        "参数 months 须为递增的整月数，如 12、24、36：请调整", "argument months needs whole months in rising order, such as 12, 24, 36",
    )  # fmt: skip
    if shares is None:
        shares = np.ones(len(months))
    else:
        refuse_lengths(months=months, shares=shares)
        check_shares(shares)
    parts = [exact(part) for part in shares]
    whole = sum(parts, Fraction(0))
    so_far = np.array([0.0, *(float(part / whole) for part in itertools.accumulate(parts))])
    return so_far[np.searchsorted(months, served, side="right")]


@formula(
    5,
    "已归属的虚拟股权：每满一周年归属四分之一，或按归属表与悬崖期；离职失效",
    "Phantom shares vested: a quarter on each anniversary, or by a schedule with a cliff; lapsing on leaving",
    result=("已归属（与 grant 同单位）", "vested, in the unit of grant"),
)
def vested(
    grant: Annotated[Floats, each("授予的份额或比例", "shares or share granted", positive)],
    granted_on: Annotated[Dates, each("授予日", "day of the grant", date)],
    as_of: Annotated[Dates, each("截至日", "as of", date)],
    left_on: Annotated[Dates, each("离职日（最后在职日）；空为在职", "last day of service; blank: still here", date)] = None,  # type: ignore[assignment]
    years: Annotated[Floats, each("归属年数", "years of vesting", between(1, 100))] = plan("equity.vesting_years"),
    on_leaving: Annotated[str, one("离职时失效", "lapses on leaving", ON_LEAVING)] = plan("equity.on_leaving"),
    months: Annotated[
        Floats | None,
        many(
            "归属表：授予后第几个月归属，递增；给出则不看 years",
            "schedule: months after the grant, rising; given: years don't count",
            blanks="skip",
        ),
    ] = None,
    shares: Annotated[
        Floats | None,
        many(
            "归属表：各期归属比例，合计 100%；省略：各期相等",
            "schedule: share that vests then, 100% in all; omitted: equal parts",
            share,
            "skip",
        ),
    ] = None,
    cliff: Annotated[Floats, each("悬崖期（月）：未满则不归属", "cliff, months: nothing vests before", positive)] = 0.0,  # type: ignore[assignment]
) -> Floats:
    """How much of a grant has vested: grant ÷ years on each anniversary of the grant, all of it after ``years``.

    With ``months`` a schedule takes the place of the years: each of the shares vests that many full months after the grant (48
    equal parts: SEQUENCE(48) alone). Nothing vests before the ``cliff``; on it all that the schedule gave until then.

    A grant of 29 February vests on 28 February of other years, one of the 31st on the last day of shorter months. Someone who leaves on an anniversary has served it. Leaving lapses
    the ``rest`` not yet vested (default: each quarter was redeemed on its anniversary), or ``all`` of it: nothing from the day
    after. A day of leaving after ``as_of`` is still to come.

    Returns: what has vested, in the unit of ``grant``; 0 before the first anniversary.
    Errors: #NUM! left before the grant, negative grant, years or cliff that are no whole number, months that don't rise, shares that
        don't add to 100%; #VALUE! a date missing, not as many shares as months.
    Source: rules, chapter 5, VESTED; monthly over four years with a cliff of one: help.pulley.com, "What is vesting".
    Example:
        >>> vested(0.002, "2027-03-01", "2028-03-01")
        0.0005
        >>> vested(0.002, "2027-03-01", [["2028-02-29", "2029-03-01", "2031-03-01"]])
        [[0.0, 0.001, 0.002]]
        >>> vested(4800, "2027-03-01", [["2027-12-01", "2028-03-01"]], None, None, None, [12, 24], [0.4, 0.6], 12)
        [[0.0, 1920.0]]
    """
    refuse(
        left_on < granted_on, NUM,
        "离职日 {left} 早于授予日 {granted}：请核对 left_on", "left on {left}, before the grant on {granted}: check left_on",
        left=left_on, granted=granted_on,
    )  # fmt: skip
    refuse(
        years != np.floor(years), NUM, "参数 years：{years} 不是整年数", "argument years: {years} is no whole number", years=years
    )
    refuse(
        cliff != np.floor(cliff),
        NUM,
        "参数 cliff：{cliff} 不是整月数",
        "argument cliff: {cliff} is no whole number of months",
        cliff=cliff,
    )
    served = full_months(granted_on, np.fmin(as_of, left_on))
    if months is None:
        kept = np.where(at_least(served // 12, years), grant, grant * np.minimum(served // 12, years) / years)
    else:
        kept = grant * vested_by_schedule(served, months, shares)
    kept = np.where(served < cliff, 0.0, kept)
    if on_leaving == "all":
        return np.where(left_on < as_of, 0.0, kept)
    return kept
