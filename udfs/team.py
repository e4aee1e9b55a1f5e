"""The team: customers a head, nine-box, talent pool, coaching."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from udfs import policy
from udfs.formula import TABLE, Kind, between, each, formula, many, note, number, one, positive, refuse, text
from udfs.policy import plan
from udfs.shares import doubt_percent
from udfs.text import Text
from udfs.values import DIV0, NA, NUM, VALUE, Flags, Floats, Objects, at_least, more_than, same, total_of

LOWEST, HIGHEST = policy.value("team.rating_scale")
RATING = replace(between(LOWEST, HIGHEST), blank=np.nan)


@formula(
    5,
    "人均活跃客户数（家/人）",
    "Active customers a head",
    result=("人均客户（家/人）", "customers a head"),
)
def coverage(
    customers: Annotated[Floats, each("活跃客户数", "active customers", positive)],
    people: Annotated[Floats, each("人数", "people", positive)],
    limit: Annotated[Floats, each("人均上限（家/人）", "most customers a head", positive)] = plan("team.coverage_limit"),
) -> Floats:
    """Active customers a head; a note says how many are over the limit (COVERAGEOK is the verdict).

    Returns: customers ÷ people, one figure a cell.
    Errors: #DIV/0! nobody; #NUM! a negative number; #VALUE! text.
    Source: rules, chapter 5, COVERAGE.
    Example:
        >>> coverage(1700, 68)
        25.0
    """
    heads = _customers_a_head(customers, people)
    over = int((more_than(heads, limit) & (people > 0)).sum())
    if over:
        note("{n} 项超过人均上限：请增员或调整客户", "{n} above the limit: add people or move customers", n=over)
    return heads


@formula(
    5,
    "人均活跃客户是否在上限以内",
    "Whether the active customers a head stay within the limit",
    result=("TRUE 为达标", "TRUE: within the limit"),
)
def coverageok(
    customers: Annotated[Floats, each("活跃客户数", "active customers", positive)],
    people: Annotated[Floats, each("人数", "people", positive)],
    limit: Annotated[Floats, each("人均上限（家/人），含", "most customers a head, included", positive)] = plan(
        "team.coverage_limit"
    ),
) -> Flags:
    """The verdict on COVERAGE.

    Returns: TRUE where customers ÷ people is at most the limit; the limit itself is within.
    Errors: as COVERAGE.
    Source: rules, chapter 5, COVERAGEOK.
    Example:
        >>> coverageok([[1700], [1701]], 68)
        [[True], [False]]
    """
    result: Flags = at_least(limit, _customers_a_head(customers, people))
    return result


def _customers_a_head(customers: Floats, people: Floats) -> Floats:
    refuse(people == 0, DIV0, "people 为 0：没有人可分摊，请填人数", "people is 0: there is nobody to share them, enter people")
    return customers / people


# ------------------------------------------------------------------------------------------------------------- nine-box

# By thirds of performance (low to high), in each by thirds of potential. The labels are no standard: change them here.
BOXES = {
    "underperformer": Text("待改进者", "Underperformer"),
    "inconsistent": Text("表现不稳者", "Inconsistent"),
    "raw_talent": Text("待琢璞玉", "Raw Talent"),
    "solid_contributor": Text("踏实贡献者", "Solid Contributor"),
    "core_player": Text("中坚骨干", "Core Player"),
    "rising_star": Text("明日之星", "Rising Star"),
    "trusted_expert": Text("资深专家", "Trusted Expert"),
    "high_performer": Text("绩优骨干", "High Performer"),
    "future_leader": Text("未来领袖", "Future Leader"),
}


def third(score: Any) -> Any:
    """0, 1 or 2: the third of the rating scale; a score on a border belongs to the upper third."""
    width = (HIGHEST - LOWEST) / 3
    return at_least(score, LOWEST + width).astype(int) + at_least(score, LOWEST + 2 * width)


def box(performance: Any, potential: Any) -> Objects:
    """The nine-box label, in the language in force."""
    labels = np.array([str(label) for label in BOXES.values()], dtype=object)
    result: Objects = labels[3 * third(performance) + third(potential)]
    return result


@formula(
    5,
    "九宫格：按业绩与潜力（1–5 分）各分三档",
    "Nine-box label from performance and potential (1–5), each cut in thirds",
    result=("九宫格位置", "nine-box label"),
)
def ninebox(
    performance: Annotated[Floats, each("业绩（1–5）", "performance (1–5)", RATING)],
    potential: Annotated[Floats, each("潜力（1–5）", "potential (1–5)", RATING)],
) -> Objects:
    """The box of a person. The scale is cut at 1 + 4/3 and 1 + 8/3; a score on a cut belongs to the upper third.

    Returns: one of nine labels: low performance: Underperformer, Inconsistent, Raw Talent (by potential low, moderate, high);
        moderate: Solid Contributor, Core Player, Rising Star; high: Trusted Expert, High Performer, Future Leader.
    Errors: #N/A not rated (blank); #NUM! a score outside 1–5; #VALUE! text.
    Source: rules, chapter 5, NINEBOX; vectors I7.
    Example:
        >>> ninebox(3, 3)
        '中坚骨干'
        >>> ninebox(5, [[1, 3, 5]])
        [['资深专家', '绩优骨干', '未来领袖']]
    """
    for name, score in (("performance", performance), ("potential", potential)):
        refuse(
            np.isnan(score),
            NA,
            "参数 {name} 为空：请填 1–5 分",
            "argument {name} is blank: rate from 1 to 5",
            name=Text(name, name),
        )
    return box(performance, potential)


@formula(
    5,
    "人才池：各层级按业绩与潜力取前几名，价值观不达标者除外",
    "Talent pool: the best of each level by performance and potential, barred by low values",
    gives=TABLE,
    columns=[
        ("姓名", "name"),
        ("层级", "level"),
        ("名次", "rank"),
        ("九宫格", "box"),
        ("得分", "score"),
        ("业绩", "performance"),
        ("潜力", "potential"),
        ("价值观", "values"),
    ],
)
def talentpool(
    names: Annotated[Objects, many("姓名", "names", text)],
    levels: Annotated[Floats, many("层级：1 为最高", "level: 1 is the top", blanks=np.nan)],
    performance: Annotated[Floats, many("业绩（1–5）", "performance (1–5)", RATING)],
    potential: Annotated[Floats, many("潜力（1–5）", "potential (1–5)", RATING)],
    value_scores: Annotated[Floats, many("价值观分", "values score", blanks=np.nan)],
    sizes: Annotated[Floats, many("各层级名额，从最高层起", "places of each level, from the top", positive)] = plan(
        "team.pool_sizes"
    ),
    bar: Annotated[float, one("价值观低于它不入池", "a values score below it bars")] = plan("team.values_bar"),
) -> list[list[Any]]:
    """The talent pool: of each level the best by performance + potential, as many as it has places.

    Ties are decided by performance, then values, then name; the order of the rows doesn't matter. A values score below the
    plan's bar (3) bars; so do a blank rating and a level without places, said.

    Returns: a row for each person in the pool, level by level, best first: name, level, rank in the level, nine-box label, score
        (performance + potential), performance, potential, values.
    Errors: #N/A nobody qualifies; #VALUE! ranges of different size, ratings without a name, a blank level; #NUM! a rating outside
        1–5, a level that is no whole number from 1.
    Source: rules, chapter 5, TALENTPOOL.
    Example:
        >>> talentpool([["Li"], ["Wu"]], [[1], [1]], [[4], [5]], [[4], [4]], [[5], [5]], 1)
        [['Wu', 1.0, 1.0, '未来领袖', 9.0, 5.0, 4.0, 5.0]]
    """
    ratings = {"levels": levels, "performance": performance, "potential": potential, "value_scores": value_scores}
    for name, column in ratings.items():
        refuse(
            len(column) != len(names), VALUE, "参数 {name} 有 {got} 格，names 有 {wanted} 格：应一样多",
            "argument {name} has {got} cells, names has {wanted}: give as many",
            name=Text(name, name), got=len(column), wanted=len(names),
        )  # fmt: skip
    table = np.array(list(ratings.values()))
    filled = ~np.isnan(table).all(axis=0)
    used = filled | (names != "")
    _refuse_rows(used & (names == ""), VALUE, Text("没有姓名", "has ratings but no name"))
    _refuse_rows(used & np.isnan(levels), VALUE, Text("没有层级", "has no level"))
    _refuse_rows(
        (levels < 1) | (levels != np.floor(levels)) & ~np.isnan(levels),
        NUM,
        Text("的层级应为从 1 起的整数", "needs a whole number from 1 as its level"),
    )
    rated = used & ~np.isnan(table).any(axis=0)
    placed = rated & (levels <= len(sizes))
    eligible = placed & at_least(value_scores, bar)
    for left_out, zh, en in (
        (used & ~rated, "{n} 人评分不全，未参评", "{n} without all ratings were left out"),
        (rated & ~placed, "{n} 人的层级没有名额", "left out, of a level without places: {n}"),
        (placed & ~eligible, "{n} 人价值观不达标，未入池", "{n} were barred by their values score"),
    ):
        if left_out.any():
            note(zh, en, n=int(left_out.sum()))
    people = [_Person(*row) for row in zip(names[eligible], *table[:, eligible].tolist(), strict=True)]
    rows = [row for level, size in enumerate(sizes, 1) for row in _best(people, level, int(size))]
    refuse(not rows, NA, "没有人符合入池条件", "nobody qualifies for the pool")
    return rows


def _refuse_rows(bad: Flags, code: str, what: Text) -> None:
    refuse(
        bool(bad.any()), code, "第 {row} 行{what}：请补正", "row {row} {what}: correct it", row=int(bad.argmax()) + 1, what=what
    )


class _Person:
    def __init__(self, name: str, level: float, performance: float, potential: float, value_score: float) -> None:
        self.name, self.level = name, level
        self.performance, self.potential, self.value_score = performance, potential, value_score
        self.score = total_of([performance, potential])

    @property
    def order(self) -> tuple[Any, ...]:
        return (-self.score, -self.performance, -self.value_score, self.name)


def _best(people: list[_Person], level: int, size: int) -> list[list[Any]]:
    best = sorted((p for p in people if p.level == level), key=lambda p: p.order)[:size]
    return [
        [p.name, level, rank, box(p.performance, p.potential), p.score, p.performance, p.potential, p.value_score]
        for rank, p in enumerate(best, 1)
    ]


# ------------------------------------------------------------------------------------------------------------- coaching

LIMIT: Kind = between(None, 10, percent=True)  # typed; the progress itself is computed and may be any size
PROGRESS = replace(number, blank=np.nan)
COACHING = {
    "coach": Text("辅导计划+总监陪访{days}天", "coaching plan, director joins {days} days"),
    "on_track": Text("正常", "on track"),
}


@formula(
    5,
    "KR 完成度：现值在起点到目标之间走了多少",
    "Progress of a key result: how far from start to target",
    result=("完成度，0 起，不封顶", "progress, from 0, not capped"),
)
def krprogress(
    start: Annotated[Floats, each("起点", "where it started", PROGRESS)],
    target: Annotated[Floats, each("目标", "target", PROGRESS)],
    current: Annotated[Floats, each("现值", "current value", PROGRESS)],
) -> Floats:
    """The progress of a key result, rising or falling: (current − start) ÷ (target − start).

    Returns: a share, 0 where it went the wrong way, above 1 beyond the target.
    Errors: #DIV/0! target and start are the same; #N/A one of the three is blank; #VALUE! text.
    Source: the plan's chapters, section 5, Okrs.
    Example:
        >>> krprogress(20, 80, 65)
        0.75
    """
    for name, value in (("start", start), ("target", target), ("current", current)):
        refuse(
            np.isnan(value), NA, "参数 {name} 为空：请填写关键结果", "argument {name} is blank: fill in the key result",
            name=Text(name, name),
        )  # fmt: skip
    refuse(
        same(target, start),
        DIV0,
        "目标与起点相同（{v}）：请改目标",
        "target and start are the same ({v}): change the target",
        v=target,
    )
    return np.maximum((current - start) / (target - start), 0.0)


@formula(
    5,
    "KR 完成度低于辅导线的，安排辅导计划与总监陪访",
    "Who is below the coaching line: coaching plan, the director joins visits",
    result=("处理", "what to do"),
)
def coaching(
    progress: Annotated[Floats, each("KR 完成度（0.65 或 65%）", "KR progress (0.65 or 65%)", PROGRESS)],
    limit: Annotated[Floats, each("辅导线，低于它才辅导", "coaching below this progress", LIMIT)] = plan("coaching.limit"),
    days: Annotated[float, one("总监陪访天数", "days the director joins visits", positive)] = plan("coaching.days"),
) -> Objects:
    """What the monthly review does with the progress of a key result. A form that is not filled in is no failure.

    Returns: "coaching plan, director joins 3 days" below the limit, else "on track"; the limit itself is on track.
        Progress above 1,000% counts; a note asks whether a percent sign is missing (65 for 65%).
    Errors: #N/A no progress (blank); #NUM! a limit above 1,000% (70 for 70%); #VALUE! text.
    Source: rules, chapter 5, COACHING; the plan's chapters, section 5.
    Example:
        >>> coaching([[0.69], [0.7]])
        [['辅导计划+总监陪访3天'], ['正常']]
    """
    refuse(np.isnan(progress), NA, "没有 KR 完成度：请填写关键结果", "no progress of a key result: fill in the key results")
    doubt_percent(progress, "KR 完成度", "a progress")
    words = np.array([str(COACHING[code].format(days=f"{days:g}")) for code in ("coach", "on_track")], dtype=object)
    result: Objects = words[at_least(progress, limit).astype(int)]
    return result
