"""How a technology or a group of buyers spreads: a logistic curve through the shares of past years, with its interval."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import numpy as np

from udfs.formula import TABLE, between, formula, many, note, one, refuse, share
from udfs.phasing import refuse_unlike
from udfs.policy import plan
from udfs.text import Text
from udfs.values import NA, NUM, VALUE, Floats

FEWEST = 4
FLAT = 1e-6
MOST_YEARS = 100  # a horizon above it is a year, not a number of years
_STARTS = (1.05, 1.5, 3.0)  # first guesses of the ceiling, times the largest share
_EVALUATIONS = 5000


class _Fit(NamedTuple):
    """y = K / (1 + e^−(a + b·x)), x the scaled time; ``free``: K was estimated, else it was given."""

    ceiling: float
    a: float
    b: float
    free: bool
    squares: float


@formula(
    1,
    "渗透率预测：逻辑斯谛曲线及预测区间",
    "Adoption ahead: a logistic curve with its prediction interval",
    gives=TABLE,
    columns=[("年份", "year"), ("渗透率", "share"), ("下限", "low"), ("上限", "high")],
)
def adoption(
    years: Annotated[Floats, many("年份", "years", blanks=np.nan)],
    penetration: Annotated[Floats, many("各年渗透率（0–1）", "share reached in each (0–1)", share, blanks=np.nan)],
    horizon: Annotated[
        Floats,
        many(
            "往后几年；也可填到哪一年，或列出要预测的年份",
            "years ahead; or the year to go to, or the years wanted",
            between(1, 9999),
            blanks="skip",
        ),
    ],
    ceiling: Annotated[
        float | None, one("上限（0–1）；省略：由数据估计", "where it levels off (0–1); omitted: estimated", share)
    ] = None,
    level: Annotated[float, one("区间的置信水平", "level of the interval", share)] = plan("adoption.level"),
) -> list[list[Any]]:
    """A logistic curve by least squares on the shares, and where it leads.

    Without a ``ceiling`` it is estimated; an estimate above 100% is no share, so 100% is taken, said. The interval is one for the
    value that will be seen (a prediction interval by the delta method), cut to 0–1.

    Returns: a row for each year ahead: year, share, low, high. A falling share gives a falling curve.
    Errors: #N/A fewer than 4 points, flat shares, no curve that fits, an estimated ceiling below what is reached already; #NUM! a
        share outside 0–1 (35 for 35%), a ceiling not above the largest share; #VALUE! ranges of different size.
    Source: rules, chapter 1, ADOPTION; model and interval: the plan's chapters, section 1; Bates and Watts, Nonlinear Regression.
    Example:
        >>> adoption([[2021, 2022, 2023, 2024, 2025, 2026]], [[0.04, 0.07, 0.12, 0.19, 0.28, 0.39]], 1, 0.9)
        [[2027.0, 0.5134..., 0.4982..., 0.5285...]]
    """
    refuse_unlike(years=years, penetration=penetration)
    filled = ~np.isnan(years) & ~np.isnan(penetration)
    t, y = years[filled], penetration[filled]
    order = np.argsort(t, kind="stable")
    t, y = t[order], y[order]
    refuse(len(t) < FEWEST, NA, "只有 {n} 个点：至少需要 4 个", "only {n} points: at least 4 are needed", n=len(t))
    refuse(
        float(np.ptp(y)) < FLAT or float(np.ptp(t)) == 0, NA,
        "各年渗透率（或年份）没有变化，无法拟合", "shares or years don't change: there is nothing to fit",
    )  # fmt: skip
    refuse(not 0 < level < 1, NUM, "参数 level 应在 0 与 1 之间", "argument level must lie between 0 and 1")
    refuse(
        ceiling is not None and ceiling <= y.max(), NUM,
        "参数 ceiling 为 {value}：应大于已达到的 {most}", "argument ceiling is {value}: it must be above the {most} already reached",
        value=ceiling or 0.0, most=float(y.max()),
    )  # fmt: skip
    middle, scale = float(t.mean()), float(t.std())
    x = (t - middle) / scale
    fit = _best(x, y, ceiling) if ceiling is not None else _estimated(x, y)
    wanted = _wanted(horizon, float(t[-1]))
    share_, half = _predicted(fit, x, y, (wanted - middle) / scale, level)
    rows = np.column_stack([wanted, share_, np.clip(share_ - half, 0, 1), np.clip(share_ + half, 0, 1)])
    refuse(not np.isfinite(rows).all(), NA, "曲线无法确定：请补充数据", "the curve can't be determined: add data")
    return list(rows.tolist())


def _wanted(horizon: Floats, last: float) -> Floats:
    refuse(not len(horizon), VALUE, "参数 horizon 为空：请填往后几年", "argument horizon is blank: enter how many years ahead")
    if len(horizon) > 1:
        return horizon
    years = float(horizon[0]) if horizon[0] <= MOST_YEARS else float(horizon[0]) - last
    refuse(
        not 1 <= years <= MOST_YEARS, NUM,
        "参数 horizon 为 {value}：请填往后 1–100 年，或晚于 {last} 的年份",
        "argument horizon is {value}: enter 1 to 100 years ahead, or a year after {last}",
        value=float(horizon[0]), last=Text(f"{last:g}", f"{last:g}"),
    )  # fmt: skip
    return np.asarray(last + np.arange(1, int(years) + 1), dtype=np.float64)


def _estimated(x: Floats, y: Floats) -> _Fit:
    """The curve with a ceiling of its own; 100% where the data would have it above."""
    fit = _best(x, y, None)
    if fit.ceiling > 1:
        note("上限按 100% 固定", "the ceiling was fixed at 100%")
        return _best(x, y, 1.0)
    refuse(
        fit.ceiling <= y.max(), NA, "估计的上限低于已达到的 {most}：请填 ceiling",
        "the estimated ceiling is below the {most} already reached: give ceiling", most=float(y.max()),
    )  # fmt: skip
    if y[-1] < fit.ceiling / 2:
        note("拐点未到，上限不可信：请填 ceiling", "the turning point is still ahead, so the ceiling is a guess: give ceiling")
    return fit


def _curve(parameters: Floats, x: Floats) -> tuple[Floats, Floats]:
    """The curve and its derivatives by ceiling, a and b."""
    ceiling, a, b = parameters
    grown = 1 / (1 + np.exp(-np.clip(a + b * x, -700, 700)))
    steep = ceiling * grown * (1 - grown)
    return ceiling * grown, np.column_stack([grown, steep, steep * x])


def _best(x: Floats, y: Floats, ceiling: float | None) -> _Fit:
    """Least squares from several starts; the least sum of squares wins."""
    from scipy.optimize import least_squares

    fixed = [] if ceiling is None else [ceiling]

    def residuals(p: Floats) -> Floats:
        return _curve(np.array([*fixed, *p]), x)[0] - y

    def slopes(p: Floats) -> Floats:
        return _curve(np.array([*fixed, *p]), x)[1][:, len(fixed) :]

    fits = []
    for factor in _STARTS:
        top = factor * float(y.max()) if ceiling is None else ceiling
        inside = np.clip(y, 1e-6 * top, (1 - 1e-6) * top)
        b, a = np.polyfit(x, np.log(inside / (top - inside)), 1)
        start = [a, b] if fixed else [top, a, b]
        found = least_squares(residuals, start, slopes, method="lm", xtol=1e-14, ftol=1e-14, gtol=1e-14, max_nfev=_EVALUATIONS)
        # Growth that has not begun to slow runs away to any ceiling: that is "above 100%", not a failure.
        away = not fixed and found.x[0] > 1
        if np.isfinite(found.x).all() and (found.status > 0 or away):
            k, a, b = map(float, [*fixed, *found.x.tolist()])
            fits.append(_Fit(k, a, b, not fixed, float(2 * found.cost)))
        if fixed:
            break
    refuse(not fits, NA, "拟合没有收敛：请检查数据或填 ceiling", "the fit does not converge: check the data or give ceiling")
    return min(fits, key=lambda fit: fit.squares)


def _predicted(fit: _Fit, x: Floats, y: Floats, ahead: Floats, level: float) -> tuple[Floats, Floats]:
    """The curve ahead and half the width of its prediction interval."""
    from scipy.special import stdtrit

    parameters, first = np.array([fit.ceiling, fit.a, fit.b]), 0 if fit.free else 1
    slopes = _curve(parameters, x)[1][:, first:]
    share_, gradient = _curve(parameters, ahead)
    gradient = gradient[:, first:]
    freedom = len(x) - slopes.shape[1]
    refuse(freedom < 1, NA, "点数不足", "too few points")
    normal = slopes.T @ slopes
    refuse(
        not np.isfinite(normal).all() or np.linalg.cond(normal) > 1e14, NA,
        "曲线无法由这些点确定：请填 ceiling 或补充数据", "these points don't determine the curve: give ceiling or add data",
    )  # fmt: skip
    variance = fit.squares / freedom
    spread = np.einsum("ij,jk,ik->i", gradient, np.linalg.inv(normal), gradient) * variance
    return share_, stdtrit(freedom, (1 + level) / 2) * np.sqrt(variance + np.maximum(spread, 0))
