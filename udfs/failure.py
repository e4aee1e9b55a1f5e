"""When a reading will reach its limit: one straight line through a sensor's last days, with a test whether it is one at all."""

from __future__ import annotations

import datetime as dt
import math
from typing import Annotated, Any, NamedTuple

import numpy as np

from udfs import policy
from udfs.delivery import LIGHTS
from udfs.formula import TABLE, date, formula, many, moment, note, one, positive, refuse
from udfs.phasing import refuse_unlike
from udfs.policy import plan
from udfs.values import NA, NUM, VALUE, Dates, Floats, at_least

FEWEST = 8
_SIGNIFICANT = 0.05
_TWO_SIDED = 0.975
_CORRELATED = 0.5
_LAST = dt.date.max.toordinal()


class _Trend(NamedTuple):
    """A least-squares line; days count from the last one."""

    days: Floats
    slope: float
    mean: float
    spread: float  # Sxx
    deviation: float
    residuals: Floats

    @property
    def at_last(self) -> float:
        return self.mean - self.slope * float(self.days.mean())

    @property
    def at_first(self) -> float:
        return self.at_last + self.slope * float(self.days[0])

    @property
    def freedom(self) -> int:
        return len(self.days) - 2


def _trend(days: Floats, readings: Floats) -> _Trend:
    apart = days - days.mean()
    spread, mean = float((apart**2).sum()), float(readings.mean())
    slope = float((apart * (readings - mean)).sum()) / spread
    residuals = readings - mean - slope * apart
    squares = float((residuals**2).sum())
    # What is left of a straight line is rounding.
    deviation = (
        math.sqrt(squares / (len(days) - 2)) if squares > (1e-12 * np.abs(readings).max(initial=0)) ** 2 * len(days) else 0.0
    )
    return _Trend(days, slope, mean, spread, deviation, residuals)


@formula(
    7,
    "故障预警：读数趋势何时到达限值",
    "Failure warning: when the trend of the readings reaches the limit",
    gives=TABLE,
    columns=[
        ("预计日期", "date"),
        ("最早日期", "earliest"),
        ("每日变化", "slope per day"),
        ("p 值", "p"),
        ("灯", "light"),
    ],
)
def failuredate(
    times: Annotated[Dates, many("读数时间", "times of the readings", moment)],
    readings: Annotated[Floats, many("读数", "readings", blanks=np.nan)],
    limit: Annotated[float, one("限值", "the limit")],
    alert_days: Annotated[float, one("提前几天预警", "days ahead that alert", positive)] = plan("failure.alert_days"),
    window: Annotated[float, one("取最近几个有读数的日子", "last days with readings that count", positive)] = plan(
        "failure.window"
    ),
    now: Annotated[Any, one("截止日期；省略为今天", "the day asked; omitted: today", date)] = None,
) -> list[list[Any]]:
    """A straight line through the daily medians of one sensor, followed to its limit. One sensor's line, no more.

    The trend must lead from the fitted last value towards the limit and be significant (one-sided t-test, p < 5%); else there is no
    date. The earliest date is Fieller's 95% border. Red: the last median (or the line, where it is significant) is at or over the
    limit as seen from the first readings, those before the window too, or the date is at most ``alert_days`` away; yellow: the earliest is; else green.

    Returns: one row: date and earliest date (rounded down; blank without a trend), slope per day, p, light.
    Errors: #N/A fewer than 8 days with readings; #NUM! a window below 8; #VALUE! ranges of different size, no time.
    Source: rules, chapter 7, FAILUREDATE; Fieller 1954; Draper and Smith, Applied Regression Analysis, inverse estimation.
    Example:
        >>> failuredate([[46082, 46083, 46084, 46085, 46086, 46087, 46088, 46089]], [[1, 2, 3, 4, 5, 6, 7, 8]], 30, 14, 30, "2026-03-08")
        [[datetime.date(2026, 3, 30), datetime.date(2026, 3, 30), 1.0, 0.0, '绿']]
    """
    from scipy.special import stdtr

    refuse_unlike(times=times, readings=readings)
    refuse(window < FEWEST, NUM, "参数 window 为 {n}：至少 8", "argument window is {n}: at least 8", n=window)
    dated = ~np.isnat(times) & ~np.isnan(readings)
    refuse(
        bool((np.isnat(times) & ~np.isnan(readings)).any()), VALUE, "有读数没有时间：请补上", "a reading has no time: fill it in"
    )
    days, medians = _medians(times[dated].astype("datetime64[D]").astype(np.int64), readings[dated])
    # Where a history longer than the window began tells which side of the limit is the sound one.
    began = float(np.median(medians[:FEWEST])) if len(days) > int(window) else None
    days, medians = days[-int(window) :], medians[-int(window) :]
    refuse(
        len(days) < FEWEST,
        NA,
        "只有 {n} 天有读数：至少需要 8 天",
        "only {n} days have readings: at least 8 are needed",
        n=len(days),
    )
    last = int(days[-1])
    trend = _trend((days - last).astype(float), medians)
    towards = math.copysign(1.0, limit - trend.at_last) if limit != trend.at_last else math.copysign(1.0, trend.slope)
    error = trend.deviation / math.sqrt(trend.spread)
    t = towards * trend.slope / error if error else math.copysign(math.inf, towards * trend.slope) if trend.slope else 0.0
    p = float(stdtr(trend.freedom, -t)) if math.isfinite(t) else float(t < 0)
    until = int(np.datetime64(policy.today() if now is None else now, "D").astype(np.int64)) + alert_days
    reached = _reached(trend, float(medians[-1]), limit, p, trend.at_first if began is None else began)
    when = earliest = None
    if p < _SIGNIFICANT and t > 0:
        when, earliest = _crossing(trend, limit, last)
        _say_correlated(trend)
    elif not reached:
        note("无显著趋势", "no significant trend")
    light = (
        "red"
        if reached or (when is not None and when <= until)
        else "yellow"
        if earliest is not None and earliest <= until
        else "green"
    )
    return [[_date(when), _date(earliest), trend.slope, p, LIGHTS[light]]]


def _medians(days: Any, readings: Floats) -> tuple[Any, Floats]:
    """The median of each day that has readings."""
    found, place = np.unique(days, return_inverse=True)
    order = np.argsort(place, kind="stable")
    groups = np.split(readings[order], np.cumsum(np.bincount(place))[:-1]) if len(readings) else []
    return found, np.array([float(np.median(group)) for group in groups])


def _reached(trend: _Trend, last: float, limit: float, p: float, began: float) -> bool:
    """Whether the last median is at the limit, or on its far side as seen from where the sensor, or else the line, began.

    A line that rises significantly above the limit is over it as well: who watches a lower limit will see it fall again. A
    significant line that is past the limit is so, too, where the last median happens to fall short of it.
    """
    if at_least(last, limit) and at_least(limit, last):
        return True
    significant = min(p, 1 - p) < _SIGNIFICANT
    reached = (last, trend.at_last) if significant else (last,)
    upwards = began < limit or (trend.slope > 0 and significant)
    return bool(max(reached) > limit) if upwards else bool(min(reached) < limit)


def _crossing(trend: _Trend, limit: float, last: int) -> tuple[float | None, float | None]:
    """The day the line reaches the limit and the earliest it may, as day numbers rounded down; None beyond the calendar."""
    from scipy.special import stdtrit

    q, n, middle = float(stdtrit(trend.freedom, _TWO_SIDED)), len(trend.days), float(trend.days.mean())
    c = (limit - trend.mean) / trend.slope
    g = (q * trend.deviation / trend.slope) ** 2 / trend.spread
    when, earliest = last + middle + c, None
    if g < 1:
        half = abs(q * trend.deviation / trend.slope) * math.sqrt((1 - g) / n + c**2 / trend.spread)
        earliest = last + middle + (c - half) / (1 - g)
    if when + dt.date(1970, 1, 1).toordinal() > _LAST:
        note("到达限值在很久以后，不给日期", "the limit is reached too far ahead for a date")
        return None, None
    return math.floor(when + 1e-9), None if earliest is None else max(
        math.floor(earliest + 1e-9), -dt.date(1970, 1, 1).toordinal() + 1
    )


def _date(day: float | None) -> dt.date | None:
    return None if day is None else dt.date(1970, 1, 1) + dt.timedelta(days=int(day))


def _say_correlated(trend: _Trend) -> None:
    squares = float((trend.residuals**2).sum())
    if trend.deviation and float((trend.residuals[1:] * trend.residuals[:-1]).sum()) / squares > _CORRELATED:
        note(
            "残差前后相关：日期的把握比区间显示的小",
            "residuals follow each other: the date is less certain than its interval says",
        )
