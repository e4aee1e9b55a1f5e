"""The tier engine behind commissions, rebates and accelerators."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from udfs.formula import TABLE, each, formula, many, note, one, positive, refuse, word
from udfs.values import NUM, VALUE, Floats, at_least, more_than

MODE = word(
    marginal=("超额累进", "step", "累进", "分段"),
    whole=("全额", "cliff", "全额累进"),
    interpolated=("插值", "proportional", "线性插值"),
    curve=("兑现曲线", "曲线", "payout curve", "linear curve"),
    fixed=("定额", "定额阶梯", "lump sum", "stepped curve"),
)
# Modes whose rates are what a tier or point pays, not a share of the amount.
PAYING_AMOUNTS = ("interpolated", "curve", "fixed")
BORDER = word(upper=("上档", "高档", "higher"), lower=("下档", "低档"))


def tier_table(thresholds: Any, rates: Any, closed: bool = False) -> tuple[Floats, Floats]:
    """Check a tier table and cut its unused blank rows; ``closed``: the last threshold closes the last tier (interpolated)."""
    thresholds, rates = np.asarray(thresholds, dtype=float), np.asarray(rates, dtype=float)
    thresholds = thresholds[: _used(thresholds)]
    rates = rates[: _used(rates)]
    if closed and len(rates) == len(thresholds) and len(rates) and rates[-1] == 0:
        rates = rates[:-1]
    refuse(
        len(thresholds) == 0 or np.isnan(thresholds).any() or np.isnan(rates).any(), VALUE,
        "档位表有空格：thresholds 与 rates 请逐行填满", "the tier table has gaps: fill thresholds and rates row by row",
    )  # fmt: skip
    refuse(
        closed and len(thresholds) < 2, VALUE,
        "插值至少需要两个 thresholds（最后一个封顶最后一档），只给了 1 个",
        "interpolated needs two thresholds at least (the last closes the last tier), got 1",
    )  # fmt: skip
    wanted = len(thresholds) - 1 if closed else len(thresholds)
    refuse(
        len(rates) != wanted, VALUE,
        "档位与比例个数不符：{n} 个 thresholds 需要 {wanted} 个 rates，给了 {got} 个" + ("（插值：最后一个下限封顶最后一档）" if closed else ""),
        "{n} thresholds need {wanted} rates, got {got}" + (" (interpolated: the last threshold closes the last tier)" if closed else ""),
        n=len(thresholds), wanted=wanted, got=len(rates),
    )  # fmt: skip
    falling = np.flatnonzero(~more_than(thresholds[1:], thresholds[:-1]))
    at = int(falling[0]) + 1 if len(falling) else 0
    refuse(
        len(falling) > 0, NUM,
        "第 {row} 档下限 {value} 应大于第 {above} 档 {before}：请调整顺序",
        "tier {row} ({value}) must exceed tier {above} ({before}): put them in order",
        row=at + 1, above=at, value=float(thresholds[at]), before=float(thresholds[max(at - 1, 0)]),
    )  # fmt: skip
    return thresholds, rates


def _used(column: Floats) -> int:
    filled = np.flatnonzero(~np.isnan(column))
    return int(filled[-1]) + 1 if len(filled) else 0


def tier_of(amount: Any, thresholds: Floats, border: str = "upper") -> Any:
    """The index of the tier an amount has reached, -1 below the first; an exact border belongs to the ``border`` tier."""
    reached = at_least if border == "upper" else more_than
    return sum(reached(amount, t).astype(int) for t in thresholds) - 1


def parts_in_tiers(amount: Any, thresholds: Floats) -> list[Any]:
    """How much of an amount lies in each tier."""
    ends = [*thresholds[1:], np.inf]
    return [np.clip(amount - low, 0, high - low) for low, high in zip(thresholds, ends, strict=True)]


def payout(total: Any, thresholds: Floats, rates: Floats, mode: str, border: str = "upper") -> Any:
    """f(total): what the table pays on an amount reached from zero."""
    total = np.maximum(np.asarray(total, dtype=float), 0)
    if mode == "whole":
        tier = tier_of(total, thresholds, border)
        return np.where(tier >= 0, rates[np.maximum(tier, 0)], 0) * total
    if mode == "fixed":
        tier = tier_of(total, thresholds, border)
        return np.where(tier >= 0, rates[np.maximum(tier, 0)], 0)
    if mode == "curve":
        return np.where(tier_of(total, thresholds[:1], border) >= 0, np.interp(total, thresholds, rates), 0)
    if mode == "interpolated":
        rates = np.append(rates / np.diff(thresholds), (rates / np.diff(thresholds))[-1:])
    return sum(part * rate for part, rate in zip(parts_in_tiers(total, thresholds), rates, strict=True))


_THRESHOLDS = ("各档下限（兑现曲线：各点），递增", "lower ends of the tiers (curve: its points), ascending")
_RATES = (
    "各档比例；插值、定额为各档金额，曲线为各点兑现",
    "rates beside them; interpolated, fixed: amount of a tier; curve: payout at a point",
)


@formula(
    5,
    "按档位表或兑现曲线计算（累进、全额、插值、曲线、定额），可计入本期已达成额，可乘个人系数",
    "What a tier table or payout curve pays on each amount, given what was reached before; times a factor",
    result=("金额（元，单位随 rates）", "payout: rates × amount; curve, fixed, interpolated: as rates"),
)
def tiered(
    amount: Annotated[Floats, each("金额或达成值", "amount, yuan or any unit")],
    thresholds: Annotated[Floats, many(*_THRESHOLDS, blanks=np.nan)],
    rates: Annotated[Floats, many(*_RATES, blanks=np.nan)],
    mode: Annotated[str, one("计算方式", "how tiers apply", MODE)] = "marginal",
    prior: Annotated[Floats, each("本期此前已达成", "already reached this period")] = 0.0,  # type: ignore[assignment]
    border: Annotated[str, one("恰好等于下限时归", "an exact border belongs to", BORDER)] = "upper",
    floor: Annotated[Floats, each("金额大于 0 时的最低支付", "least payout of any amount above 0")] = None,  # type: ignore[assignment]
    cap: Annotated[Floats, each("最高支付", "largest payout")] = None,  # type: ignore[assignment]
    factor: Annotated[
        Floats, each("系数：个人系数、目标奖金或两者之积", "factor: individual factor, target bonus, or their product", positive)
    ] = 1.0,  # type: ignore[assignment]
) -> Floats:
    """What a tier table or a payout curve pays on each amount.

    ``f(prior + amount) − f(prior)`` in every mode. *marginal*: each part of the amount earns its own tier's rate. *whole*:
    the rate of the tier reached applies to the whole amount. *interpolated*: full amounts of the tiers passed plus the part
    of the tier reached; the last threshold closes the last tier, beyond it its slope goes on. Below the first threshold: nothing.

    The last two pay by attainment, not on the amount. *curve*: a payout curve through its points (threshold, target, excellence …),
    straight between them; below the first nothing, beyond the last its payout (the cap). A curve that goes on is given one more
    point far out. *fixed*: the amount that stands beside the tier reached.

    ``factor`` multiplies the payout (individual factor, target bonus); floor and cap bound the product.

    Returns: one payout for each amount, unrounded, in the unit of rates × amount; in the modes interpolated, curve and fixed in that
        of rates.
    Errors: #NUM! thresholds not ascending, floor above cap, a negative factor; #VALUE! table with gaps, unknown mode or border.
    Source: rules, chapter 5, TIERED; Salesforce Spiff marginal payout and Oracle step rates (vectors A1-A6); payout curve with
        threshold, target and cap: bonuspaycalc.com, "Bonus payout curve explained".
    Example:
        >>> tiered(20000, [0, 150000, 250000], [0.04, 0.06, 0.08], "marginal", 145000)
        1100.0
        >>> tiered([[0.6], [0.85], [1.2], [1.8]], [0.7, 1, 1.5], [0, 1, 2], "curve", None, None, None, None, 10000)
        [[0.0], [5000.0], [14000.0], [20000.0]]
    """
    thresholds, rates = tier_table(thresholds, rates, closed=mode == "interpolated")
    refuse(floor > cap, NUM, "floor {f} 大于 cap {c}：请改其一", "floor {f} is above cap {c}: change one", f=floor, c=cap)

    def unbound(total: Any) -> Any:
        return factor * payout(total, thresholds, rates, mode, border)

    def paid(total: Any) -> Any:
        return np.where(total > 0, np.fmin(np.fmax(unbound(total), floor), cap), 0)

    after, before = paid(prior + amount), paid(prior)
    if more_than(unbound(prior + amount), cap).any():
        note("支付达到上限 cap", "the cap bound the payout")
    result: Floats = after - before
    return result


@formula(
    5,
    "一个金额逐档拆开：从、到、本档金额、比例、本档支付",
    "One amount cut into its tiers: from, to, part, rate, contribution",
    gives=TABLE,
    columns=[("从", "from"), ("到", "to"), ("本档金额", "part"), ("比例", "rate"), ("支付", "contribution")],
)
def tieredbands(
    amount: Annotated[float, one("金额或达成值", "amount, yuan or any unit")],
    thresholds: Annotated[Floats, many(*_THRESHOLDS, blanks=np.nan)],
    rates: Annotated[Floats, many(*_RATES, blanks=np.nan)],
    mode: Annotated[str, one("计算方式", "how tiers apply", MODE)] = "marginal",
    prior: Annotated[float, one("本期此前已达成", "already reached this period")] = 0.0,
    border: Annotated[str, one("恰好等于下限时归", "an exact border belongs to", BORDER)] = "upper",
) -> list[list[Any]]:
    """The working behind TIERED: the bands one amount touches; their contributions add up to it.

    Returns: a row for each band touched: from, to (blank: open), part of the amount, rate, contribution. In the *whole* mode the
        band reached pays on everything and what was paid on ``prior`` stands as a negative row; *fixed* likewise, without a rate.
        Nothing touched: the first band with zeros. For *interpolated* and *curve* the rate is the slope (amount ÷ width); a curve
        that starts above 0 has a row for the payout at its first point. Floor, cap and factor are TIERED's.
    Errors: as TIERED.
    Source: rules, chapter 5, TIEREDBANDS; Oracle 24B, contribution per tier (vectors A4).
    Example:
        >>> tieredbands(2500, [0, 1000, 5000], [0.01, 0.02, 0.03])
        [[0.0, 1000.0, 1000.0, 0.01, 10.0], [1000.0, 5000.0, 1500.0, 0.02, 30.0]]
    """
    thresholds, rates = tier_table(thresholds, rates, closed=mode == "interpolated")
    ends: list[Any] = [*thresholds[1:], None]
    total = max(prior + amount, 0.0)
    if mode in ("whole", "fixed"):
        rows = [
            _whole_row(total, 1, thresholds, ends, rates, border, mode),
            _whole_row(max(prior, 0.0), -1, thresholds, ends, rates, border, mode),
        ]
        rows = [row for row in rows if row]
    elif mode == "curve":
        rows = _curve_rows(total, max(prior, 0.0), thresholds, ends, rates, border)
    else:
        if mode == "interpolated":
            rates = np.append(rates / np.diff(thresholds), (rates / np.diff(thresholds))[-1:])
        parts = np.array(parts_in_tiers(total, thresholds)) - parts_in_tiers(max(prior, 0.0), thresholds)
        rows = [
            [t, end, part, rate, part * rate]
            for t, end, part, rate in zip(thresholds, ends, parts, rates, strict=True)
            if part != 0
        ]
    return rows or [[thresholds[0], ends[0], 0.0, None if mode in ("curve", "fixed") else rates[0], 0.0]]


def _whole_row(total: float, sign: int, thresholds: Floats, ends: list[Any], rates: Floats, border: str, mode: str) -> list[Any]:
    tier = int(tier_of(total, thresholds, border))
    if tier < 0 or total == 0:
        return []
    if mode == "fixed":
        return [thresholds[tier], ends[tier], sign * total, None, sign * rates[tier]]
    return [thresholds[tier], ends[tier], sign * total, rates[tier], sign * total * rates[tier]]


def _curve_rows(total: float, prior: float, thresholds: Floats, ends: list[Any], rates: Floats, border: str) -> list[list[Any]]:
    """The step onto the curve, and each stretch of it between what was reached before and now."""
    started = [int(tier_of(reached, thresholds[:1], border)) + 1 if reached > 0 else 0 for reached in (prior, total)]
    step = (started[1] - started[0]) * rates[0]
    rows = [[thresholds[0], thresholds[0], 0.0, None, step]] if step else []
    slopes = np.append(np.diff(rates) / np.diff(thresholds), 0.0)
    parts = np.array(parts_in_tiers(total, thresholds)) - parts_in_tiers(prior, thresholds)
    stretches = zip(thresholds, ends, parts, slopes, strict=True)
    return rows + [[start, end, part, slope, part * slope] for start, end, part, slope in stretches if part != 0]
