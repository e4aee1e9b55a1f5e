"""What a solution returns on its investment: gain, present value, rate of return, payback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np

from udfs.formula import TABLE, between, formula, many, one, refuse, yuan, yuan_positive
from udfs.text import Text
from udfs.values import DIV0, NA, NUM, VALUE, ExcelError, Floats, at_least

MOST_YEARS = 100
_GUESS = 0.1  # where Excel's IRR begins to look
_NEVER = ExcelError(NA, Text("期内收不回投资", "it is not paid back within the years given"))
_NO_RATE = ExcelError(NUM, Text("现金流没有正负变化，没有内部收益率", "the flows never change sign: there is no rate of return"))
_NOTHING_PUT_IN = ExcelError(DIV0, Text("投资额为 0：没有投资回报率", "the investment is 0: there is no return on it"))


@formula(
    3,
    "方案投资回报：ROI、净现值、内部收益率、回收期、折现回收期",
    "Return of a solution: ROI, NPV, IRR, payback, discounted payback",
    gives=TABLE,
    columns=[
        ("投资回报率", "ROI"),
        ("净现值（元）", "NPV, yuan"),
        ("内部收益率", "IRR"),
        ("回收期（年）", "payback, years"),
        ("折现回收期（年）", "discounted payback, years"),
    ],
)
def solutionroi(
    investment: Annotated[float, one("投资额（元）", "investment, yuan", yuan_positive)],
    yearly_benefit: Annotated[
        Floats, many("每年收益（元）：一个数，或每年一格", "benefit a year, yuan: one figure, or one for each year")
    ],
    years: Annotated[float, one("年数", "years", between(1, MOST_YEARS))],
    rate: Annotated[float, one("年折现率", "yearly discount rate", between(0, 1, percent=True))] = 0.0,
    residual: Annotated[float, one("残值（元），最后一年末", "residual value, yuan, at the end of the last year", yuan)] = 0.0,
) -> list[list[Any]]:
    """The investment now, the benefits at the ends of the years, the residual value with the last of them.

    Returns: one row: (benefits + residual) ÷ investment − 1; net present value; internal rate of return as Excel's IRR finds it (of
        several the one nearest to 10%); years until paid back, even within a year; the same of discounted flows.
    Errors: #N/A (payback) never paid back; #NUM! (IRR) no change of sign; #DIV/0! (ROI) no investment; for the whole #VALUE! not as
        many benefits as years; #NUM! years that are no whole number, a rate of 8 for 8%, a negative investment.
    Source: rules, chapter 3, SOLUTIONROI; vectors H7.
    Example:
        >>> solutionroi(200, [[50, 60, 70, 200]], 4, 0.1)
        [[0.9, 84.23..., 0.2414..., 3.1, 3.3833...]]
    """
    refuse(years != int(years), NUM, "参数 years 为 {n}：请填整数", "argument years is {n}: enter a whole number", n=years)
    count = int(years)
    refuse(
        len(yearly_benefit) not in (1, count), VALUE, "每年收益有 {got} 格，年数为 {years}：请填一个数，或每年一格",
        "there are {got} benefits for {years} years: give one figure, or one for each year", got=len(yearly_benefit), years=count,
    )  # fmt: skip
    flows = np.full(count, yearly_benefit[0]) if len(yearly_benefit) == 1 else yearly_benefit.astype(float)
    flows[-1] += residual
    all_flows = np.concatenate([[-investment], flows])
    discounted = all_flows / (1 + rate) ** np.arange(count + 1)
    gain = (float(flows.sum()) - investment) / investment if investment else _NOTHING_PUT_IN
    return [[gain, float(discounted.sum()), _irr(all_flows), _payback(all_flows), _payback(discounted)]]


def _payback(flows: Sequence[float] | Floats) -> float | ExcelError:
    """The years until the sum of flows is no longer negative, even within a year."""
    came, went = np.cumsum(np.maximum(flows, 0)), np.cumsum(np.maximum(np.negative(flows), 0))
    back = np.flatnonzero(at_least(came, went))  # as decimals: both sides are amounts, their difference would be noise beside 0
    if not len(back):
        return _NEVER
    year = int(back[0])
    return year - float(came[year] - went[year]) / float(flows[year]) if year else 0.0


def _irr(flows: Floats) -> float | ExcelError:
    if not ((flows > 0).any() and (flows < 0).any()):
        return _NO_RATE
    scaled = flows / np.abs(flows).max()
    roots = np.roots(np.trim_zeros(scaled[::-1], "f"))  # of the polynomial in 1 / (1 + rate)
    real = roots.real[(np.abs(roots.imag) < 1e-9 * np.maximum(1, np.abs(roots))) & (roots.real > 1e-12)]
    rates = 1 / real - 1
    if not len(rates):
        return _NO_RATE
    return _polished(scaled, float(rates[np.abs(rates - _GUESS).argmin()]))


def _polished(flows: Floats, rate: float) -> float:
    """A few of Newton's steps: roots of a long polynomial are good to a few digits only."""
    years = np.arange(len(flows))
    for _ in range(20):
        worth = flows / (1 + rate) ** years
        slope = -(years * worth).sum() / (1 + rate)
        step = worth.sum() / slope if slope else 0.0
        if not np.isfinite(step) or rate - step <= -1:
            break
        rate -= step
        if abs(step) < 1e-14:
            break
    return float(rate)
