"""Customers: their tiers, who serves them, growth pull, handshakes and packages."""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, NamedTuple

import numpy as np

from udfs.calendar_cn import official, working_days
from udfs.formula import (
    PARTS,
    TABLE,
    Kind,
    between,
    date,
    each,
    flag,
    formula,
    many,
    note,
    one,
    positive,
    rate,
    refuse,
    share,
    text,
    word,
)
from udfs.incentives import in_fen
from udfs.policy import plan, value
from udfs.rfm import YUAN, canonical_all
from udfs.shares import doubt_percent
from udfs.text import Text, joined
from udfs.values import MOST_YUAN, NA, NUM, VALUE, Dates, Flags, Floats, Objects, at_least, excel_round, same, show

# ------------------------------------------------------------------------------------------------------------------- tiers

TIERS = "SABC"
OUTSIDE = 3  # C, and whoever was not there before
TIER = word(S=("S级", "S类", "Ｓ"), A=("A级", "A类", "Ａ"), B=("B级", "B类", "Ｂ"), C=("C级", "C类", "Ｃ"))
CAP, SHARE, BOTH = Text("名额", "cap"), Text("累计占比", "share"), Text("名额与占比", "cap and share")
MONEY = replace(YUAN, blank=0.0)


class Border(NamedTuple):
    """Where a tier ends: how many customers are in it or above, and what bound that."""

    tier: str
    seats: int
    bound: Text
    keep: float  # an incumbent keeps its tier down to this rank
    displace: float  # an outsider at this rank or better takes a seat even if all are taken


def scores_of(sales: Floats, clv: Floats) -> Floats:
    """Half the share of sales and half the share of lifetime value; if one is all zero the other counts alone, said."""
    of_sales, of_clv = shares_of(sales, "sales"), shares_of(clv, "clv")
    refuse(
        not of_sales.any() and not of_clv.any(), NA, "没有正的 sales 或 clv：无法排名",
                                                     "there is neither sales nor clv above 0: nothing to rank by",
    )  # fmt: skip
    if not of_clv.any():
        note("clv 全为 0：得分只按 sales", "clv is 0 for all: the score is the share of sales alone")
        return np.round(of_sales, 12)
    if not of_sales.any():
        note("sales 全为 0：得分只按 clv", "sales is 0 for all: the score is the share of clv alone")
        return np.round(of_clv, 12)
    return np.round(of_sales / 2 + of_clv / 2, 12)


def shares_of(amounts: Floats, name: str) -> Floats:
    """Each one's share of the positive amounts; zeros where there is nothing to share."""
    below = int((amounts < 0).sum())
    if below:
        note(
            "{n} 家的 {name} 为负，得分按 0 计",
            "{name} is negative and scores 0 (customers: {n})",
            n=below,
            name=Text(name, name),
        )
    gained = np.maximum(amounts, 0.0)
    total = math.fsum(gained)  # exact, so that the order of the rows doesn't matter
    return gained / total if total > 0 else gained


def borders_of(scores: Sequence[float], caps: Sequence[float], shares: Sequence[float], buffer: float) -> list[Border]:
    """The border of each tier: the smaller of its cap and the rank at which the cumulative score reaches its share.

    ``scores`` stand in order, best first.
    """
    so_far = np.fromiter(itertools.accumulate(scores), float, len(scores))
    borders = []
    for tier, cap, wanted in zip(TIERS, map(int, caps), shares, strict=False):
        enough = np.flatnonzero(at_least(so_far, wanted))
        reached = int(enough[0]) + 1 if len(enough) else len(so_far)
        seats = min(cap, reached)
        bound = BOTH if cap == reached else CAP if cap < reached else SHARE
        borders.append(Border(tier, seats, bound, (1 + buffer) * seats, (1 - buffer) * seats))
    return borders


def seated(borders: Sequence[Border], previous: Sequence[int]) -> list[int]:
    """The tier (0 is the top) of the customer at each rank, best first; ``previous`` is its tier before.

    A border has as many seats as ranks, and whoever sits above a border sits below it, too. An outsider within (1 − buffer)
    × border always gets a seat, incumbents within (1 + buffer) × border come next, what is left goes by rank: the same as
    keeping the incumbents, giving free seats by rank and letting strong outsiders displace the lowest incumbents.
    """
    ranks = np.arange(1, len(previous) + 1)
    tiers = [OUTSIDE] * len(previous)
    for level, border in enumerate(borders):
        displacing, keeping = (int(at_least(line, ranks).sum()) for line in (border.displace, border.keep))
        waiting = [i for i, tier in enumerate(tiers) if tier > level]
        strong = [i for i in waiting if i < displacing and previous[i] > level]
        staying = [i for i in waiting if i < keeping and previous[i] <= level]
        taken = len(previous) - len(waiting)
        for i in itertools.islice(dict.fromkeys([*strong, *staying, *waiting]), max(border.seats - taken, 0)):
            tiers[i] = level
    return tiers


class Standings(NamedTuple):
    """Where customers stand, in the order they were given."""

    ranks: list[int]
    scores: Floats
    tiers: list[int]  # 0 is the top
    borders: list[Border]


def standings(
    keys: Sequence[str],
    sales: Floats,
    clv: Floats,
    previous: Sequence[str | None],
    caps: Sequence[float],
    shares: Sequence[float],
    buffer: float,
) -> Standings:
    """Score, rank and tier of different customers: what CUSTOMERTIER and the refresh of a workbook have in common."""
    scores = scores_of(sales, clv)
    names = np.argsort(np.array(keys, dtype=object))
    order = names[np.lexsort((-sales[names], -scores[names]))].tolist()
    borders = borders_of(scores[order].tolist(), caps, shares, buffer)
    tiers = seated(borders, [level_of(previous[i]) for i in order])
    ranks, own = [0] * len(order), [0] * len(order)
    for rank, (i, tier) in enumerate(zip(order, tiers, strict=True), 1):
        ranks[i], own[i] = rank, tier
    return Standings(ranks, scores, own, borders)


@formula(
    2,
    "客户分级 S/A/B/C：名额与累计占比取小，升降级有缓冲",
    "Customer tiers S/A/B/C: cap or cumulative share, with a buffer against flapping",
    gives=PARTS,
    columns=[("级别", "tier"), ("名次", "rank"), ("得分", "score"), ("约束", "what bound"), ("原因", "reason")],
)
def customertier(
    customers: Annotated[Objects, each("客户编号或名称，每家一行", "customer: ID or name, one row each", text)],
    sales: Annotated[Floats, each("近 12 个月净销售额（元）", "net sales of the last 12 months, yuan", MONEY)],
    clv: Annotated[Floats, each("客户价值（元）", "lifetime value, yuan", MONEY)],
    previous: Annotated[
        Objects, each("上次级别 S/A/B/C；空：新客户", "tier before, S/A/B/C; blank: a new customer", TIER)
    ] = None,  # type: ignore[assignment]
    caps: Annotated[Floats, many("S、A、B 的累计名额", "customers at most in S, to A, to B", positive)] = plan("customers.caps"),
    shares: Annotated[Floats, many("S、A、B 的累计占比线", "cumulative share for S, to A, to B", share)] = plan(
        "customers.shares"
    ),
    buffer: Annotated[float, one("升降级缓冲（20%）", "buffer at the borders (20%)", share)] = plan("customers.buffer"),
) -> Objects:
    """The tier of each customer, with what bound it and why.

    Score = ½ share of net sales + ½ share of lifetime value (negative ones count 0, said). Customers are ranked by score,
    sales, ID. The border of S, A and B is the smaller of its cap (18, 60, 180) and the rank at which the cumulative *score*
    reaches its share (55, 85, 97%); a border has as many seats as ranks, never more. Without ``previous`` the borders cut.
    With it, an incumbent (of the tier or one above) keeps its seat down to rank (1 + buffer) × border while there is room;
    free seats go by rank; an outsider at rank ≤ (1 − buffer) × border displaces the lowest incumbent. The order of the rows
    doesn't matter.

    Returns: a row for each customer in the order given: tier, rank, score, what bound the tier's border (for C: B's) with
        the border's rank, reason. A change begins with "from → to". Notes give each tier's customers and share.
    Errors: in the customer's row: #VALUE! no number, unknown tier, the same customer twice (also by spaces or width); #N/A no
        customer. The whole call: #N/A nothing to rank by; #NUM! caps or shares that don't rise.
    Source: rules, chapter 2, CUSTOMERTIER.
    Example:
        >>> customertier("A", 60, 60, "S")
        [['S', 1.0, 1.0, '累计占比 1', '名次 1，在 S 级边界 1 内']]
    """
    check_borders(caps, shares)
    keys, _ = canonical_all(customers.tolist())
    times = Counter(keys)
    blank = np.array([not key for key in keys], dtype=bool)
    twice = np.array([times[key] > 1 for key in keys], dtype=bool) & ~blank
    refuse(blank, NA, "没有客户：请填 customers", "there is no customer: fill in customers")
    refuse(
        twice, VALUE, "客户 {name} 出现多次：每家客户只能一行，请先汇总", "customer {name} has several rows: add them up to one first",
        name=np.array(keys, dtype=object),
    )  # fmt: skip
    rows: Objects = np.empty((len(keys), 5), dtype=object)
    chosen = np.flatnonzero(~blank & ~twice)
    if not len(chosen):
        return rows
    names = [keys[i] for i in chosen]
    before = [previous[i] for i in chosen]
    found = standings(names, sales[chosen], clv[chosen], before, caps.tolist(), shares.tolist(), buffer)
    fresh = any(before)
    for i, was, rank, score, tier in zip(chosen, before, found.ranks, found.scores.tolist(), found.tiers, strict=True):
        why = reason_of(rank, tier, level_of(was) if fresh else tier, found.borders)
        if fresh and was != TIERS[tier]:
            why = Text(f"{was or '新客户'} → {TIERS[tier]}：", f"{was or 'new'} → {TIERS[tier]}: ") + why
        rows[i] = [TIERS[tier], rank, score, str(bound_of(tier, found.borders)), str(why)]
    for level, border in enumerate(found.borders):
        held = [score for score, tier in zip(found.scores.tolist(), found.tiers, strict=True) if tier == level]
        note(
            "{tier} 级 {n} 家，得分占 {part}%；边界第 {seats} 名，由{bound}决定",
            "{tier}: customers {n}, {part}% of the score; border at rank {seats}, by {bound}",
            tier=Text(border.tier, border.tier), n=len(held), part=float(excel_round(100 * math.fsum(held), 1)), seats=border.seats, bound=border.bound,
        )  # fmt: skip
    return rows


def check_borders(caps: Floats, shares: Floats) -> None:
    """Refuse borders that are not three or don't rise."""
    for name, column in (("caps", caps), ("shares", shares)):
        refuse(
            len(column) != len(TIERS) - 1, VALUE, "参数 {name} 应有 3 个数（S、A、B），给了 {n} 个",
                                                  "argument {name} needs 3 numbers (S, A, B), got {n}",
            name=Text(name, name), n=len(column),
        )  # fmt: skip
        refuse(
            not at_least(np.diff(column), 0).all(), NUM, "参数 {name} 是累计数，应从 S 到 B 递增",
                                                         "argument {name} is cumulative: it must rise from S to B",
            name=Text(name, name),
        )  # fmt: skip
    refuse(
        bool((caps != np.floor(caps)).any()) or float(caps.max()) > 1e9, NUM, "参数 caps 应为整数名额",
                                                                              "argument caps must be whole numbers of customers",
    )  # fmt: skip


def level_of(tier: str | None) -> int:
    """A tier as its place, 0 the top; whoever has none was outside."""
    return TIERS.index(tier) if tier else OUTSIDE


def bound_of(tier: int, borders: Sequence[Border]) -> Text:
    """What bound a tier's border, with its rank; for C it is B's."""
    border = borders[min(tier, len(borders) - 1)]
    return border.bound + f" {border.seats}"


def reason_of(rank: int, tier: int, was: int, borders: Sequence[Border]) -> Text:
    """Why the customer at ``rank`` is in ``tier``, having been in ``was``."""
    if tier > was:  # fell
        border = borders[was]
        if not at_least(border.keep, rank):
            why = Text("名次 {rank}，超过 {tier} 级保留线 {keep}", "rank {rank} is beyond {keep}, to which {tier} is kept")
        else:
            why = Text("名次 {rank}，在 {tier} 级保留线 {keep} 内，但席位已被名次更前者占满",
                       "rank {rank} is within {keep}, to which {tier} is kept, but its seats are taken by better ranks")  # fmt: skip
    elif tier < was:  # rose, or came
        border = borders[tier]
        if at_least(border.displace, rank):
            why = Text(
                "名次 {rank}，达到 {tier} 级替换线 {displace}", "rank {rank} is within {displace}, which earns a seat in {tier}"
            )
        else:
            why = Text("名次 {rank}，递补 {tier} 级空席（共 {seats} 席）", "rank {rank} takes a free seat of {seats} in {tier}")
    elif tier and rank <= borders[tier - 1].seats:
        border = borders[tier - 1]
        why = Text(
            "名次 {rank}，在 {tier} 级边界 {seats} 内但无空席，到 {displace} 名方可替换",
            "rank {rank} is within {tier}'s border {seats}, but no seat is free; {displace} would displace",
        )
    elif tier < OUTSIDE and rank > borders[tier].seats:
        border = borders[tier]
        why = Text(
            "名次 {rank}，超过 {tier} 级边界 {seats}，在保留线 {keep} 内，保留",
            "rank {rank} is beyond {tier}'s border {seats}, but within {keep}: kept",
        )
    elif tier < OUTSIDE:
        border = borders[tier]
        why = Text("名次 {rank}，在 {tier} 级边界 {seats} 内", "rank {rank} is within {tier}'s border {seats}")
    else:
        border = borders[-1]
        why = Text("名次 {rank}，在 {tier} 级边界 {seats} 之外", "rank {rank} is beyond {tier}'s border {seats}")
    return why.format(rank=rank, tier=border.tier, seats=border.seats, keep=show(border.keep), displace=show(border.displace))


# -------------------------------------------------------------------------------------------------------------------- teams

ROLES = (Text("客户经理", "account manager"), Text("方案专家", "solution expert"), Text("交付工程师", "delivery engineer"))
FUNNEL, STORE = Text("数字化漏斗", "digital funnel"), Text("线上商城", "online store")


def team_sizes(sizes: Floats, name: str) -> list[int]:
    """People by role, or a refusal of what are no three whole numbers."""
    refuse(
        len(sizes) != len(ROLES) or bool((sizes != np.floor(sizes)).any()) or float(sizes.max(initial=0)) > 1e6, VALUE,
        "参数 {name} 应为 3 个整数：客户经理、方案专家、交付工程师",
        "argument {name} needs 3 whole numbers: account managers, solution experts, delivery engineers",
        name=Text(name, name),
    )  # fmt: skip
    return [int(size) for size in sizes]


@formula(
    2,
    "一家客户的服务团队：S“1+1+3”，A“1+2”，B 数字化漏斗，C 线上商城",
    "The team of one customer: S 1+1+3, A 1+2, B digital funnel, C online store",
    gives=TABLE,
    columns=[("角色", "role"), ("人数", "people")],
)
def team(
    tier: Annotated[str, one("级别 S/A/B/C", "tier S/A/B/C", TIER)],
    team_s: Annotated[Floats, many("S 级各角色人数", "people by role for S", positive)] = plan("customers.team_s"),
    team_a: Annotated[Floats, many("A 级各角色人数", "people by role for A", positive)] = plan("customers.team_a"),
) -> list[list[Any]]:
    """Who serves a customer of a tier. An S customer's engineers are on site 60 days a year at least (tracked on its sheet).

    Returns: a row for each role the tier has: role, people. B and C have a channel without people of their own: one row with 0.
    Errors: #VALUE! unknown or blank tier, team sizes that are not three whole numbers.
    Source: rules, chapter 2, TEAM. The plan gives S 1+1+3 by role; A 1+2 is read as account manager + two delivery engineers.
    Example:
        >>> team("S")
        [['客户经理', 1.0], ['方案专家', 1.0], ['交付工程师', 3.0]]
        >>> team("B")
        [['数字化漏斗', 0.0]]
    """
    refuse(tier is None, VALUE, "参数 tier 为空：请填 S、A、B 或 C", "argument tier is blank: enter S, A, B or C")
    if tier in "BC":
        return [[FUNNEL if tier == "B" else STORE, 0]]
    sizes = team_sizes(team_s, "team_s") if tier == "S" else team_sizes(team_a, "team_a")
    return [[role, size] for role, size in zip(ROLES, sizes, strict=True) if size]


@formula(
    2,
    "各角色需要的人数：S、A 级客户数×团队，按共享折算",
    "People needed by role: S and A customers × their teams, shared where said",
    gives=TABLE,
    columns=[("角色", "role"), ("人数", "people")],
)
def teamdemand(
    tiers: Annotated[Objects, many("各客户的级别", "tier of each customer", TIER, "skip")],
    sharing: Annotated[
        Floats,
        many(
            "几家客户共用一人：一个数，或 S、A 各一个",
            "customers that share one person: one number, or one for S and one for A",
            between(1, 1000),
        ),
    ] = 1.0,  # type: ignore[assignment]
    team_s: Annotated[Floats, many("S 级各角色人数", "people by role for S", positive)] = plan("customers.team_s"),
    team_a: Annotated[Floats, many("A 级各角色人数", "people by role for A", positive)] = plan("customers.team_a"),
    headcount: Annotated[float, one("现有编制", "headcount", positive)] = plan("team.headcount"),
) -> list[list[Any]]:
    """People needed to serve all S and A customers, by role; a note compares the sum with the headcount.

    Customers of a tier × people of the role ÷ customers that share one person, rounded up for each tier and role. B and C
    customers need no people of their own.

    Returns: a row for each role: role, people.
    Errors: #VALUE! an unknown tier; #NUM! sharing below 1; #N/A no customer.
    Source: rules, chapter 2, TEAMDEMAND.
    Example:
        >>> teamdemand([["S"], ["S"], ["A"], ["B"]])
        [['客户经理', 3.0], ['方案专家', 2.0], ['交付工程师', 8.0]]
    """
    refuse(len(tiers) == 0, NA, "没有客户：请填 tiers", "there is no customer: fill in tiers")
    shared = np.atleast_1d(np.asarray(sharing, dtype=float))
    refuse(len(shared) > 2, VALUE, "参数 sharing 最多两个数：S、A", "argument sharing takes two numbers at most: S, A")
    needed = [0] * len(ROLES)
    for tier, sizes, by in (("S", team_sizes(team_s, "team_s"), shared[0]), ("A", team_sizes(team_a, "team_a"), shared[-1])):
        customers = int((tiers == tier).sum())
        # A quotient that is whole but for the last digits must not be rounded up.
        needed = [have + math.ceil(round(customers * size / by, 9)) for have, size in zip(needed, sizes, strict=True)]
    total = sum(needed)
    lacking = max(total - headcount, 0.0)
    note(
        "合计需 {total} 人，编制 {headcount} 人，缺 {lacking} 人", "{total} people needed, headcount {headcount}, {lacking} short",
        total=total, headcount=headcount, lacking=lacking,
    )  # fmt: skip
    return [[role, people] for role, people in zip(ROLES, needed, strict=True)]


# -------------------------------------------------------------------------------------------------------------- growth pull

_CUSTOMER_GROWTH = ("客户业务增长率（0.18 或 18%）", "growth of the customer's business (0.18 or 18%)")
_SUPPLY_GROWTH = ("我方供货增长率（0.15 或 15%）", "growth of what we supply (0.15 or 15%)")


@formula(
    2,
    "客户业务增长带动率：客户业务增长率 ÷ 供货增长率",
    "Growth pull: growth of the customer's business ÷ growth of what we supply",
    result=("带动率（倍）", "pull, times"),
)
def growthpull(
    customer_growth: Annotated[Floats, each(*_CUSTOMER_GROWTH)],
    supply_growth: Annotated[Floats, each(*_SUPPLY_GROWTH)],
) -> Floats:
    """客户业务增长带动率; GROWTHPULLOK is the verdict.

    A growth above 1,000% counts; a note asks whether a percent sign is missing (18 for 18%).

    Returns: customer growth ÷ supply growth, one figure a cell.
    Errors: #N/A supply growth of 0 or below: nothing that could pull; #VALUE! text.
    Source: rules, chapter 2, GROWTHPULL.
    Example:
        >>> growthpull(0.18, 0.15)
        1.2
    """
    return _pull(customer_growth, supply_growth)


@formula(
    2,
    "客户业务增长带动率是否达标（至少 1.2）",
    "Whether the growth pull reaches the target (1.2 at least)",
    result=("TRUE 为达标", "TRUE: reached"),
)
def growthpullok(
    customer_growth: Annotated[Floats, each(*_CUSTOMER_GROWTH)],
    supply_growth: Annotated[Floats, each(*_SUPPLY_GROWTH)],
    target: Annotated[Floats, each("达标线，含", "target, included", positive)] = plan("customers.pull"),
) -> Flags:
    """The verdict on GROWTHPULL; the target itself passes.

    Returns: TRUE where customer growth ÷ supply growth is at least the target.
    Errors: as GROWTHPULL.
    Source: rules, chapter 2, GROWTHPULLOK.
    Example:
        >>> growthpullok([[0.18], [0.179]], 0.15)
        [[True], [False]]
    """
    result: Flags = at_least(_pull(customer_growth, supply_growth), target)
    return result


def _pull(customer_growth: Floats, supply_growth: Floats) -> Floats:
    doubt_percent(customer_growth, "客户业务增长率", "a growth of the customer")
    doubt_percent(supply_growth, "供货增长率", "a supply growth")
    refuse(
        supply_growth <= 0, NA, "供货增长率 {g} 不为正：没有可带动的增长，不评",
                                "supply growth {g} is not above 0: there is nothing that could pull, not rated",
        g=supply_growth,
    )  # fmt: skip
    return customer_growth / supply_growth


# --------------------------------------------------------------------------------------------------------------- handshakes

VISITS = 12


def _read_flag(cell: Any, kind: Kind) -> Any:
    # A whole number beyond 64 bits is still a cell.
    return flag.read(float(cell) if type(cell) is int and abs(cell) < MOST_YUAN**2 else cell, kind)


FOR_EACH = replace(flag, read=_read_flag)


@formula(
    2,
    "高层握手计划：每月一次到 S 级客户总部，CEO/CTO/CFO 轮值，工作日",
    "Handshakes: a monthly visit to an S customer's headquarters, executives in rotation, on working days",
    gives=TABLE,
    columns=[
        ("日期", "date"),
        ("客户", "customer"),
        ("高管", "executive"),
        ("联合商业蓝图期限", "blueprint due"),
        ("已发布", "published"),
    ],
)
def handshakes(
    customers: Annotated[Objects, many("S 级客户，按名次", "S customers in rank order", text, "skip")],
    year: Annotated[int, one("年份", "year", between(1901, 9998))],
    executives: Annotated[Objects, many("轮值高管", "executives in rotation", text, "skip")] = plan("handshake.executives"),
    per_customer: Annotated[bool, one("TRUE：每家 12 次", "TRUE: 12 visits for each", FOR_EACH)] = False,
    holidays: Annotated[
        Dates | None,
        many("放假日期；空：官方日历（含调休）", "days off; blank: the official calendar with make-up days", date, "skip"),
    ] = None,
    blueprint_days: Annotated[
        float, one("拜访后几天交联合商业蓝图", "days from a visit to its blueprint", between(0, 366))
    ] = plan("handshake.blueprint_days"),
) -> list[list[Any]]:
    """The year's visits of our executives to S customers.

    One visit a month, to the customers in rank order (over again when there are fewer than 12), on the month's middle
    working day; a note names the customers that go without. With ``per_customer`` each is visited every month, spread over
    the working days, each time by the next executive. Working days follow the official calendar, make-up days as far as
    they are announced.

    Returns: 12 rows (``per_customer``: 12 for each customer), by date: date, customer, executive, blueprint due, published
        (FALSE, a box to tick on the sheet).
    Errors: #N/A no customer, no executive, a month without working days; #NUM! a year that is none, more visits in a month
        than the executives have working days.
    Source: rules, chapter 2, HANDSHAKES; the blueprint's days are ours (see Settings).
    Example:
        >>> handshakes(["甲", "乙"], 2026)  # doctest: +ELLIPSIS
        [[datetime.date(2026, 1, 16), '甲', 'CEO', datetime.date(2026, 2, 15), False], ...]
    """
    names = list(dict.fromkeys(canonical_all(customers.tolist())[0]))
    names = [name for name in names if name]
    people = [name for name in np.asarray(executives, dtype=object).tolist() if name]
    refuse(not names, NA, "没有 S 级客户：请填 customers", "there is no S customer: fill in customers")
    refuse(not people, NA, "没有高管：请填 executives", "there is no executive: fill in executives")
    refuse(
        year < 1901 or year != int(year),
        NUM,
        "参数 year 为 {y}：请填年份，如 2027",
        "argument year is {y}: enter a year such as 2027",
        y=year,
    )
    if holidays is None and not official(int(year)).announced:
        note(
            "{year} 年调休安排尚未收录：按周末和法定节假日计算，公布后请更新或填 holidays",
            "the make-up days of {year} are not known here: weekends and statutory holidays count; update later or give holidays",
            year=Text(f"{int(year)}", f"{int(year)}"),
        )
    if not per_customer and len(names) > VISITS:
        left = names[VISITS:]
        note(
            "全年 {n} 次，{left} 家未安排：{names}", "{n} visits in all leave {left} customers out: {names}",
            n=VISITS, left=len(left), names=joined(left, most=10, unit="家"),
        )  # fmt: skip
    off = None if holidays is None else {day.item() for day in holidays}
    rows = []
    for month in range(VISITS):
        visited = names if per_customer else [names[month % len(names)]]
        for place, (day, name) in enumerate(
            zip(_days(int(year), month + 1, off, len(visited), len(people)), visited, strict=True)
        ):
            due = day + dt.timedelta(days=int(blueprint_days))
            rows.append([day, name, people[(month + place) % len(people)], due, False])
    return rows


def _days(year: int, month: int, off: set[dt.date] | None, visits: int, executives: int) -> list[dt.date]:
    """Working days for a month's visits, spread evenly; on one day never more visits than executives."""
    first = dt.date(year, month, 1)
    days = working_days(first, first.replace(day=calendar.monthrange(year, month)[1]), off)
    shown = Text(f"{year}-{month:02}", f"{year}-{month:02}")
    refuse(not days, NA, "{month} 没有工作日：请检查 holidays", "{month} has no working day: check holidays", month=shown)
    refuse(
        visits > len(days) * executives, NUM,
        "{month} 要拜访 {n} 家，{days} 个工作日 {people} 位高管排不下：请减少客户",
        "{n} visits in {month} don't fit into {days} working days of {people} executives: fewer customers",
        month=shown, n=visits, days=len(days), people=executives,
    )  # fmt: skip
    return [days[(2 * place + 1) * len(days) // (2 * visits)] for place in range(visits)]


# ----------------------------------------------------------------------------------------------------------------- packages

TOTAL = Text("合计", "Total")
PRICE = replace(between(0, MOST_YUAN), blank=0.0)


@formula(
    2,
    "设备+运维+绿色信贷打包：月付款、还款计划与合计（元）",
    "Package of equipment, O&M and green credit: monthly payment, schedule, total (yuan)",
    gives=TABLE,
    columns=[
        ("月", "month"),
        ("付款（元）", "payment, yuan"),
        ("贷款月供（元）", "loan instalment, yuan"),
        ("利息（元）", "interest, yuan"),
        ("本金（元）", "principal, yuan"),
        ("运维费（元）", "O&M, yuan"),
        ("贷款余额（元）", "balance, yuan"),
    ],
)
def package(
    equipment: Annotated[float, one("设备价款（元）", "price of the equipment, yuan", PRICE)],
    om_per_year: Annotated[float, one("年运维费（元）", "O&M a year, yuan", PRICE)],
    years: Annotated[float, one("年数（整月）", "years (whole months)", between(0, 50))],
    loan_rate: Annotated[float, one("贷款年利率（4% 或 0.04）", "yearly rate of the loan (4% or 0.04)", rate)],
    prepaid_share: Annotated[float, one("设备首付比例", "share of the equipment prepaid", share)] = 0.0,
) -> list[list[Any]]:
    """What a customer pays each month for equipment, its operation and the credit for it.

    The loan is the equipment without the prepaid share; its instalment is Excel's PMT(loan_rate/12, months, −loan), rounded
    to the fen. O&M is paid along with it, om_per_year/12 a month, and carries no interest. The last month takes the odd
    rest of both, so principal adds up to the loan and O&M to its contract. The package binds both sides for three years
    (exclusivity), said.

    Returns: month 0 (the prepayment and the loan), a row for each month, and a total row: month, payment, loan instalment,
        of it interest and principal, O&M, balance of the loan.
    Errors: #NUM! years that are no whole months or 0, a negative amount or rate, 4 for 4%; #VALUE! text.
    Source: rules, chapter 2, PACKAGE; Excel's PMT.
    Example:
        >>> package(1000, 0, 0.25, 0.12)  # doctest: +ELLIPSIS
        [[0.0, 0.0, None, None, None, None, 1000.0], [1.0, 340.02, 340.02, 10.0, 330.02, 0.0, 669.98], ...]
    """
    months = round(years * 12)
    refuse(
        months < 1 or not same(years * 12, months), NUM, "参数 years 为 {years}：应为整月，如 3 或 2.5",
                                                         "argument years is {years}: it must be whole months, such as 3 or 2.5",
        years=years,
    )  # fmt: skip
    refuse(
        loan_rate < 0,
        NUM,
        "参数 loan_rate 为负（{rate}）：请填年利率",
        "argument loan_rate is negative ({rate}): enter the yearly rate",
        rate=loan_rate,
    )
    price, upkeep = in_fen(equipment), in_fen(om_per_year * years)
    prepaid = in_fen(equipment * prepaid_share)
    loan = price - prepaid
    monthly = loan_rate / 12
    instalment = _whole(loan * monthly / -math.expm1(-months * math.log1p(monthly)) if monthly > 0 else loan / months)
    service = _whole(upkeep / months)
    if om_per_year or loan:
        years_bound = value("package.exclusivity")
        note(
            "月付 {payment} 元（月供 {instalment}、运维 {service}），排他期 {n} 年",
            "{payment} yuan a month (loan {instalment}, O&M {service}), exclusive for {n} years",
            payment=(instalment + service) / 100, instalment=instalment / 100, service=service / 100, n=years_bound,
        )  # fmt: skip
    balance, unpaid = loan, upkeep
    rows: list[list[Any]] = []
    for month in range(1, months + 1):
        last = month == months
        interest = _whole(balance * monthly)
        principal = balance if last else min(balance, instalment - interest)
        fee = unpaid if last else min(unpaid, service)
        balance, unpaid = balance - principal, unpaid - fee
        rows.append([month, interest + principal + fee, interest + principal, interest, principal, fee, balance])
    paid, *rest = (sum(column) for column in list(zip(*rows, strict=True))[1:6])
    schedule = [[0, prepaid, None, None, None, None, loan], *rows, [TOTAL, paid + prepaid, *rest, None]]
    return [[month, *(None if cell is None else cell / 100 for cell in cells)] for month, *cells in schedule]


def _whole(fen: float) -> int:
    return int(excel_round(fen, 0))
