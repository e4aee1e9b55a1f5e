"""Commission of an order: marginal tiers on its gross margin rate."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from udfs.formula import TABLE, between, each, formula, many, margin, one, rate, refuse, yuan
from udfs.policy import plan
from udfs.tiers import parts_in_tiers, tier_table
from udfs.values import MOST_YUAN, NUM, Floats, apportion, excel_round

DIGITS = between(-9, 9)


def commission_amount(revenue: Any, margin_rate: Any, thresholds: Floats, rates: Floats) -> Any:
    """Unrounded commission; a return pays back what the order earned, a loss earns nothing."""
    on_margin = sum(part * r for part, r in zip(parts_in_tiers(margin_rate, thresholds), rates, strict=True))
    return revenue * on_margin


@formula(
    5,
    "按毛利率超额累进计算每张订单的提成（元）",
    "Commission of each order: marginal tiers on its gross margin rate (yuan)",
    result=("提成（元）", "commission, yuan"),
)
def commission(
    revenue: Annotated[
        Floats, each("订单收入（元，不含税）；退货为负", "order revenue, yuan net of VAT; negative for a return", yuan)
    ],
    margin_rate: Annotated[
        Floats,
        each(
            "毛利率（0.3 或 30%）；退货用原订单的",
            "gross margin rate (0.3 or 30%); a return: the original order's",
            margin,
        ),
    ],
    thresholds: Annotated[Floats, many("各档毛利率下限", "lower ends of the margin tiers", margin, np.nan)] = plan(
        "commission.thresholds"
    ),
    rates: Annotated[Floats, many("各档提成比例", "commission rate of each tier", rate, np.nan)] = plan("commission.rates"),
    digits: Annotated[int, one("小数位", "digits", DIGITS)] = plan("commission.digits"),
) -> Floats:
    """Commission of each order.

    The part of the margin up to 20% of revenue earns 3%, from 20 to 25% 5%, above 25% 8% (the plan's default table). A loss
    earns 0; a return (negative revenue) takes back what the original order's rate and table earned.

    Returns: one amount a cell, in yuan, rounded half away from zero to ``digits``.
    Errors: #VALUE! text where a number belongs, table with gaps; #NUM! a margin rate, threshold or rate above 100% (30 instead of
        30%), thresholds out of order, revenue or commission above 10^13 yuan (its fen can't be exact).
    Source: rules, chapter 5, COMMISSION.
    Example:
        >>> commission(1_000_000, 0.30)
        12500.0
        >>> commission([[1_000_000], [-1_000_000]], [[0.10], [0.30]])
        [[3000.0], [-12500.0]]
    """
    thresholds, rates = tier_table(thresholds, rates)
    earned = commission_amount(revenue, margin_rate, thresholds, rates)
    refuse_beyond_fen(earned)
    result: Floats = excel_round(earned, int(digits))
    return result


def refuse_beyond_fen(amounts: Any) -> None:
    """Refuse results whose fen a float can't hold, as the kind ``yuan`` refuses such arguments."""
    refuse(
        ~(np.abs(amounts) <= MOST_YUAN), NUM,
        "结果 {value} 超过 {most} 元，分位已无法精确：请检查金额与比例", "the result {value} is above {most} yuan, its fen can't be exact: check amounts and rates",
        value=amounts, most=MOST_YUAN,
    )  # fmt: skip


@formula(
    5,
    "一张订单的提成逐档明细，各档相加等于 COMMISSION",
    "The working of one order's commission; the bands add up to COMMISSION",
    gives=TABLE,
    columns=[
        ("从", "from"),
        ("到", "to"),
        ("本档毛利（元）", "margin, yuan"),
        ("比例", "rate"),
        ("提成（元）", "amount, yuan"),
    ],
)
def commissionbands(
    revenue: Annotated[
        float, one("订单收入（元，不含税）；退货为负", "order revenue, yuan net of VAT; negative for a return", yuan)
    ],
    margin_rate: Annotated[float, one("毛利率（0.3 或 30%）", "gross margin rate (0.3 or 30%)", margin)],
    thresholds: Annotated[Floats, many("各档毛利率下限", "lower ends of the margin tiers", margin, np.nan)] = plan(
        "commission.thresholds"
    ),
    rates: Annotated[Floats, many("各档提成比例", "commission rate of each tier", rate, np.nan)] = plan("commission.rates"),
) -> list[list[Any]]:
    """The bands of one order's commission, in fen; they add up to COMMISSION exactly.

    Returns: a row for each band the order's margin reaches: from and to (margin rates; blank: open), margin in the band, rate,
        amount. No margin: the first band with zeros.
    Errors: as COMMISSION.
    Source: rules, chapter 5, COMMISSIONBANDS.
    Example:
        >>> commissionbands(1_000_000, 0.22)
        [[0.0, 0.2, 200000.0, 0.03, 6000.0], [0.2, 0.25, 20000.0, 0.05, 1000.0]]
    """
    thresholds, rates = tier_table(thresholds, rates)
    ends: list[Any] = [*thresholds[1:], None]
    parts = np.array(parts_in_tiers(margin_rate, thresholds))
    reached = [i for i in range(len(parts)) if parts[i] > 0] if revenue else []
    if not reached:
        return [[thresholds[0], ends[0], 0.0, rates[0], 0.0]]
    margins = revenue * parts[reached]
    earned = commission_amount(revenue, margin_rate, thresholds, rates)
    refuse_beyond_fen(earned)
    amounts = _adding_up(margins * rates[reached], earned)
    in_fen = _adding_up(margins, margins.sum())
    return [[thresholds[i], ends[i], m, rates[i], a] for i, m, a in zip(reached, in_fen, amounts, strict=True)]


def _adding_up(parts: Floats, whole: float) -> list[float]:
    """Parts in fen that add up to the rounded whole; the signs of parts and whole agree here."""
    total = float(excel_round(whole, 2))
    weights = np.abs(parts)
    return apportion(total, weights, 0.01) if weights.sum() else [0.0] * len(parts)
