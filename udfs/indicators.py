"""Signals of the market: leading indicators with thresholds that move, opportunities and threats, what must be tracked."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace
from typing import Annotated, Any, NamedTuple

import numpy as np

from udfs.formula import TABLE, between, each, formula, grid, like, many, note, number, one, refuse, text
from udfs.phasing import refuse_unlike
from udfs.policy import plan
from udfs.text import Text
from udfs.values import NA, NUM, ExcelError, Floats, Objects, at_least, is_blank, is_error

SIDES = {"high": Text("偏高", "High"), "normal": Text("正常", "Normal"), "low": Text("偏低", "Low")}
_SLACK = 1e-9  # the border itself is normal, whatever floats make of it
_SHORT = Text(
    "历史不足：应先有 {window} 个有数的观测（季节差分前的各期不算）",
    "too little history: {window} observations are needed before it",
)

Values = Annotated[Floats, many("各期数值，按时间先后；空格跳过", "values in time order; blanks are skipped", blanks=np.nan)]
Window = Annotated[float, one("取前多少个有数的观测，至少 2", "observations the threshold is made of, at least 2")]
Width = Annotated[float, one("几倍标准差", "standard deviations to either side")]
Season = Annotated[
    float,
    one(
        "季节：先减去前第几期的值；0 为不减",
        "season: the value so many periods before is subtracted first; 0: none",
        between(0, 1000),
    ),
]


class _Band(NamedTuple):
    value: float
    mean: float
    deviation: float
    width: float

    @property
    def side(self) -> str:
        slack = _SLACK * max(1.0, abs(self.mean))
        if abs(self.value - self.mean) <= self.width * self.deviation + slack:
            return "normal"
        return "high" if self.value > self.mean else "low"


def _bands(values: Floats, window: float, k: float, season: float) -> list[_Band | ExcelError | None]:
    """What each value is measured by; None for a blank, an error where there is not history enough."""
    for name, given, fine in (
        ("window", window, window >= 2 and window == int(window)),
        ("season", season, season == int(season)),
    ):
        refuse(
            not fine, NUM, "参数 {name} 为 {value}：请填整数（window 至少 2）",
            "argument {name} is {value}: enter a whole number (window: at least 2)", name=Text(name, name), value=given,
        )  # fmt: skip
    refuse(k <= 0, NUM, "参数 k 为 {k}：应大于 0", "argument k is {k}: it must be above 0", k=k)
    lag, short = int(season), ExcelError(NA, _SHORT.format(window=int(window)))
    history: deque[float] = deque(maxlen=int(window))
    out: list[_Band | ExcelError | None] = []
    series = values.tolist()
    for at, raw in enumerate(series):
        value = raw - (series[at - lag] if at >= lag else math.nan) if lag else raw
        if math.isnan(raw):
            out.append(None)
        elif math.isnan(value) or len(history) < window:
            out.append(short)
        else:
            mean = math.fsum(history) / window
            deviation = math.sqrt(math.fsum((x - mean) ** 2 for x in history) / (window - 1))
            out.append(_Band(value, mean, deviation, k))
        if not math.isnan(value):
            history.append(value)
    return out


@formula(
    1,
    "先行指标预警：与前若干期的均值 ± k 倍标准差相比",
    "Leading indicator against mean ± k standard deviations of the periods before it",
    gives=like("values"),
    result=("偏高 / 正常 / 偏低", "High / Normal / Low"),
)
def indicatoralert(
    values: Values,
    window: Window = plan("signals.window"),
    k: Width = plan("signals.k"),
    season: Season = plan("signals.season"),
) -> list[Any]:
    """Where each value of a series stands against the periods before it, the value itself excluded.

    The threshold is mean ± k × sample standard deviation of the last ``window`` values that are there. With a ``season`` of 12 each
    value is first compared with the one 12 positions earlier, so that a yearly peak is no alert. 偏高 and 偏低 say where it stands,
    not whether that is good.

    Returns: a word for each value, in the shape of ``values``; exactly on the border is 正常; after a history that never changed any
        change alerts; a blank stays blank.
    Errors: #N/A not enough history, no value a season before; #NUM! a window below 2, k not above 0; #VALUE! text.
    Source: rules, chapter 1, INDICATORALERT; season: the plan's chapters, section 1.
    Example:
        >>> indicatoralert([[5], [5], [5], [5.1]], 3)
        [[<#N/A ...>], [<#N/A ...>], [<#N/A ...>], ['偏高']]
    """
    return [SIDES[band.side] if isinstance(band, _Band) else band for band in _bands(values, window, k, season)]


@formula(
    1,
    "先行指标的动态上下限：均值、下限、上限",
    "The moving band of a leading indicator: mean, low, high",
    gives=TABLE,
    columns=[("均值", "mean"), ("下限", "low"), ("上限", "high")],
)
def indicatorband(
    values: Values,
    window: Window = plan("signals.window"),
    k: Width = plan("signals.k"),
    season: Season = plan("signals.season"),
) -> list[list[Any]]:
    """What INDICATORALERT measures each value by. With a ``season`` the band is that of the differences.

    Returns: a row for each value: mean of the ``window`` values before it, mean − k·s, mean + k·s; blank for a blank value.
    Errors: as INDICATORALERT.
    Source: rules, chapter 1, INDICATORALERT; the plan's chapters, section 1, INDICATORBAND.
    Example:
        >>> indicatorband([[1], [3], [9]], 2, 1)
        [[<#N/A ...>, <#N/A ...>, <#N/A ...>], [<#N/A ...>, <#N/A ...>, <#N/A ...>], [2.0, 0.585..., 3.414...]]
    """
    out: list[list[Any]] = []
    for band in _bands(values, window, k, season):
        if isinstance(band, _Band):
            off = band.width * band.deviation
            out.append([band.mean, band.mean - off, band.mean + off])
        else:
            out.append([band] * 3)
    return out


# ----------------------------------------------------------------------------------------------- opportunities and threats

RATED = replace(between(0, 10), blank=np.nan)


@formula(
    1,
    "机会威胁得分：影响与可能性（0–10）的几何平均",
    "Opportunity or threat: geometric mean of impact and likelihood (0–10)",
    result=("得分（0–10）", "score, 0 to 10"),
)
def otscore(
    impact: Annotated[Floats, each("影响（0–10）", "impact (0–10)", RATED)],
    likelihood: Annotated[Floats, each("可能性（0–10）", "likelihood (0–10)", RATED)],
) -> Floats:
    """How much an opportunity or threat weighs. Of several raters take the mean of each rating first.

    Returns: √(impact × likelihood), one score a cell.
    Errors: #N/A not rated (blank); #NUM! a rating outside 0–10; #VALUE! text.
    Source: rules, chapter 1, OTSCORE.
    Example:
        >>> otscore([[7], [10]], [[7], [4.9]])
        [[7.0], [7.0]]
    """
    for name, rating in (("impact", impact), ("likelihood", likelihood)):
        refuse(
            np.isnan(rating),
            NA,
            "参数 {name} 未评分：请填 0–10",
            "argument {name} is not rated: rate from 0 to 10",
            name=Text(name, name),
        )
    return np.sqrt(impact * likelihood)


@formula(
    1,
    "必跟清单：得分达到线的因子，从高到低",
    "Must-track list: the factors that reach the cutoff, highest first",
    gives=TABLE,
    columns=[("因子", "factor"), ("得分", "score")],
)
def musttrack(
    factors: Annotated[Objects, many("因子名称", "names of the factors", text)],
    scores: Annotated[list[list[Any]], grid("得分；#N/A 或空为未评分", "scores; #N/A or blank: not rated")],
    cutoff: Annotated[float, one("达到线，含", "score that must be reached, included")] = plan("signals.cutoff"),
) -> list[list[Any]]:
    """The factors somebody must own, answer and look at again.

    Returns: a row for each factor with score ≥ cutoff: name and score, highest first, equal scores in the order given; without one a
        single row that says so. Factors not rated are left out, said; rows without a factor are skipped.
    Errors: #VALUE! as many scores as factors are needed, text for a score; another error among the scores.
    Source: rules, chapter 1, MUSTTRACK.
    Example:
        >>> musttrack([["A"], ["B"], ["C"]], [[7], [6.9], [9]])
        [['C', 9.0], ['A', 7.0]]
    """
    cells = [cell for row in scores for cell in row]
    refuse_unlike(factors=factors, scores=cells)
    rated = [(str(name), _score(cell, place)) for place, (name, cell) in enumerate(zip(factors, cells, strict=True), 1) if name]
    missing = sum(score is None for _, score in rated)
    if missing:
        note("{n} 个因子未评分，未列入", "{n} factors are not rated and left out", n=missing)
    chosen = [(name, score) for name, score in rated if score is not None and at_least(score, cutoff)]
    if not chosen:
        return [[Text("没有达到 {cutoff} 分的因子", "No factor reaches {cutoff}").format(cutoff=f"{cutoff:g}"), None]]
    return [list(row) for row in sorted(chosen, key=lambda row: -row[1])]


def _score(cell: Any, place: int) -> float | None:
    if is_blank(cell) or (is_error(cell) and str(cell) == NA):
        return None
    read = cell if is_error(cell) else number.read(cell, number)
    reason = getattr(read, "reason", None) or Text("单元格是错误值：请先改正它", "the cell holds an error: correct that first")
    refuse(
        is_error(read), str(read), "参数 scores 第 {place} 格：{reason}", "argument scores, cell {place}: {reason}",
        place=place, reason=reason,
    )  # fmt: skip
    return float(read)
