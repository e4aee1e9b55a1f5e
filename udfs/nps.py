"""Net promoter score, with its sampling error and what it makes us do."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np

from udfs.formula import TABLE, formula, many, one, positive, refuse, share
from udfs.policy import plan
from udfs.text import Text
from udfs.values import NA, NUM, Floats, at_least

PROMOTER, DETRACTOR = 9, 6
HIGHEST = 10
_NORMAL = 1.959964  # 97.5% of the normal distribution
ACTIONS = {
    "repair": Text("修复专案", "Repair plan"),
    "small": Text("样本不足", "Sample too small"),
    "reached": Text("达标", "Reached"),
    "watch": Text("关注", "Watch"),
}


@formula(
    7,
    "NPS：推荐者占比 − 贬损者占比，含样本是否有效、对策与区间",
    "NPS: % promoters − % detractors, with its sample, action and interval",
    gives=TABLE,
    columns=[
        ("NPS", "NPS"),
        ("答卷数", "n"),
        ("有效", "valid"),
        ("对策", "action"),
        ("下限", "low"),
        ("上限", "high"),
    ],
)
def nps(
    scores: Annotated[
        Floats, many("评分（0–10 的整数），空格跳过", "scores, whole numbers 0 to 10; blanks are skipped", blanks="skip")
    ],
    population: Annotated[
        float | None, one("客户总数；省略：不判断样本", "all who could answer; omitted: not judged", positive)
    ] = None,
    min_sample: Annotated[float, one("最低样本比例，含", "least share that must answer, included", share)] = plan("nps.sample"),
    goal: Annotated[float, one("目标，含", "goal, included")] = plan("nps.goal"),
    repair: Annotated[float, one("低于它启动修复专案", "below it: repair plan")] = plan("nps.repair"),
) -> list[list[Any]]:
    """The net promoter score of a survey: 9 and 10 promote, 0 to 6 detract.

    Returns: one row: NPS, answers, whether 30% of the population answered (blank without a population), 修复专案 below 45 (valid or not),
        else 样本不足, 达标 from 55, 关注; low and high of the 95% interval with the finite population's correction.
    Errors: #N/A no answer; #NUM! a score that is not a whole number from 0 to 10, a population smaller than the answers; #VALUE! text.
    Source: rules, chapter 7, NPS; vectors I1; Cochran, Sampling Techniques, finite population correction.
    Example:
        >>> nps([[10], [9], [8], [3]])
        [[25.0, 4.0, None, '修复专案', -56.25..., 106.25...]]
    """
    count = len(scores)
    refuse(not count, NA, "没有答卷", "there is no answer")
    bad = (scores != np.floor(scores)) | (scores < 0) | (scores > HIGHEST)
    refuse(
        bool(bad.any()), NUM, "评分 {score} 不可用：应为 0–10 的整数", "the score {score} is none: whole numbers from 0 to 10",
        score=float(scores[bad.argmax()]),
    )  # fmt: skip
    refuse(
        population is not None and population < count, NUM, "客户总数 {all} 少于答卷数 {n}",
        "the population of {all} is smaller than the {n} answers", all=population or 0.0, n=count,
    )  # fmt: skip
    promoters, detractors = int((scores >= PROMOTER).sum()), int((scores <= DETRACTOR).sum())
    points = 100 * (promoters - detractors) / count
    valid = None if population is None else bool(at_least(count, min_sample * population))
    part, net = (promoters + detractors) / count, (promoters - detractors) / count
    finite = 1.0 if population is None else math.sqrt((population - count) / (population - 1)) if population > 1 else 0.0
    half = 100 * _NORMAL * math.sqrt(max(part - net**2, 0.0) / count) * finite
    return [[points, count, valid, ACTIONS[_action(points, valid, goal, repair)], points - half, points + half]]


def _action(points: float, valid: bool | None, goal: float, repair: float) -> str:
    if not at_least(points, repair):
        return "repair"
    if valid is False:
        return "small"
    return "reached" if at_least(points, goal) else "watch"
