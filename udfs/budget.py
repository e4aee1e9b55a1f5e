"""Budget and ROI: the split of the budget, revenue over cost, next month's cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from udfs.formula import PARTS, TABLE, bad_cells, each, formula, many, note, one, positive, refuse, share, yuan_positive
from udfs.formula import number as any_number
from udfs.policy import plan
from udfs.quotas import UNIT, split
from udfs.shares import check_shares
from udfs.text import Text
from udfs.values import DIV0, NA, VALUE, Flags, Floats, Objects, at_least, excel_round, total_of

RATIO = replace(any_number, blank=np.nan)
TARGET = replace(positive, blank=np.nan)


@formula(
    11,
    "按费用结构拆分预算（默认 35/25/20/10/5/5），各项相加等于总额",
    "The budget split by its shares (default 35/25/20/10/5/5); the parts add up exactly",
    gives=PARTS,
    result=("各项预算（元）", "budget of each line, yuan"),
)
def budgetsplit(
    total: Annotated[Floats, each("预算总额（元）", "the whole budget, yuan")],
    shares: Annotated[Floats, many("各项比例，合计 100%", "shares, 100% in all", share)] = plan("budget.shares"),
    unit: Annotated[float, one("取整单位（元），如 0.01、1", "rounded to, yuan: 0.01, 1 …", UNIT)] = 1.0,
) -> Floats:
    """The budget in lines: people and commission, rebates, market, travel, training, other.

    Returns: a row of parts for each total, exact by largest remainder; a total that is no multiple of ``unit``: the odd rest goes
        to the last part, said. Shares that miss 100% by no more than 0.005% each are scaled, said.
    Errors: #NUM! shares that don't add to 100% (says by how much), percent numbers (35 for 35%), a unit of 0; #VALUE! text.
    Source: rules, chapter 11, BUDGETSPLIT, and conventions, "Shares".
    Example:
        >>> budgetsplit(84_000_000)
        [[29400000.0, 21000000.0, 16800000.0, 8400000.0, 4200000.0, 4200000.0]]
    """
    check_shares(shares)
    return split(total, shares, unit)


# ----------------------------------------------------------------------------------------------------------------- ROI


@formula(
    11,
    "费用产出：归因收入 ÷ 费用（倍）",
    "Revenue attributed to a cost, over that cost (times)",
    result=("ROI（倍）", "ROI, times"),
)
def roi(
    revenue: Annotated[Floats, each("归因收入（元）", "revenue attributed, yuan")],
    cost: Annotated[Floats, each("费用（元）", "cost, yuan", positive)],
) -> Floats:
    """Revenue over cost: 5 is the plan's "1:5". It isn't SOLUTIONROI's net gain over investment.

    Returns: revenue ÷ cost, one figure a cell.
    Errors: #DIV/0! no cost; #NUM! a negative cost; #VALUE! text.
    Source: rules, chapter 11, ROI.
    Example:
        >>> roi([[100], [50]], 20)
        [[5.0], [2.5]]
    """
    refuse(cost == 0, DIV0, "cost 为 0：没有费用就没有 ROI", "cost is 0: there is no ROI without a cost")
    return revenue / cost


@formula(
    11,
    "费用产出的“1:5”写法（文本）",
    "ROI written as 1:5 (text)",
    result=("ROI，如 1:5", "ROI such as 1:5"),
)
def roitext(
    revenue: Annotated[Floats, each("归因收入（元）", "revenue attributed, yuan")],
    cost: Annotated[Floats, each("费用（元）", "cost, yuan", positive)],
) -> Objects:
    """ROI as the plan writes it. A text for reading; compute with ROI.

    Returns: "1:" and the ROI rounded to two digits, without trailing zeros.
    Errors: as ROI.
    Source: rules, chapter 11, ROITEXT.
    Example:
        >>> roitext([[100], [98]], 20)
        [['1:5'], ['1:4.9']]
    """
    times = excel_round(roi.body(revenue, cost), 2)
    return np.array([f"1:{t:.2f}".rstrip("0").rstrip(".") for t in times], dtype=object)


@formula(
    11,
    "费用产出是否达到目标",
    "Whether the ROI reaches its target",
    result=("TRUE 为达标", "TRUE: the target is met"),
)
def roiok(
    revenue: Annotated[Floats, each("归因收入（元）", "revenue attributed, yuan")],
    cost: Annotated[Floats, each("费用（元）", "cost, yuan", positive)],
    target: Annotated[Floats, each("ROI 目标（倍），如 5", "ROI target, times, such as 5", TARGET)],
) -> Flags:
    """The verdict on ROI. A line without a target is flagged: it needs one before money is spent.

    Returns: TRUE where revenue ÷ cost is at least the target; the target itself is met.
    Errors: #N/A no target; #DIV/0! no cost; #NUM! a negative cost or target; #VALUE! text.
    Source: rules, chapter 11, ROIOK.
    Example:
        >>> roiok([[100], [98]], 20, 5)
        [[True], [False]]
    """
    _needs_target(np.isnan(target))
    result: Flags = at_least(roi.body(revenue, cost), target)
    return result


def _needs_target(missing: Any) -> None:
    refuse(
        missing,
        NA,
        "参数 target 为空：花钱之前应先定 ROI 目标",
        "argument target is blank: it needs a target before money is spent",
    )


# ----------------------------------------------------------------------------------------------------------- next month


@formula(
    11,
    "下月预算：本月 ROI 未达标则按计划削减 10%（元）",
    "Next month's budget: the plan, less 10% if this month's ROI missed its target (yuan)",
    result=("下月预算（元）", "next month's budget, yuan"),
)
def nextbudget(
    planned_next: Annotated[Floats, each("下月计划预算（元）", "next month's planned budget, yuan", yuan_positive)],
    roi: Annotated[Floats, each("本月 ROI（倍）；未关账留空", "this month's ROI, times; blank: not closed", RATIO)],
    target: Annotated[Floats, each("ROI 目标（倍）", "ROI target, times", TARGET)],
    cut: Annotated[Floats, each("削减比例", "share cut", share)] = plan("budget.cut"),
) -> Floats:
    """Next month's budget. The cut is counted on the plan, so cuts don't compound; it goes to the reserve.

    Returns: planned × (1 − cut), rounded to the fen, where the ROI missed the target; else planned. A blank ROI (month not
        closed) cuts nothing.
    Errors: #N/A no target; #NUM! a negative plan or target, a cut outside 0–1; #VALUE! text.
    Source: rules, chapter 11, NEXTBUDGET.
    Example:
        >>> nextbudget(100, 4.9, 5)
        90.0
        >>> nextbudget(100, [[5], [None]], 5)
        [[100.0], [100.0]]
    """
    _needs_target(np.isnan(target))
    return np.where(missed(roi, target), excel_round(planned_next * (1 - cut)), planned_next)


def missed(roi: Any, target: Any) -> Any:
    """Whether a closed month's ROI is below its target."""
    return ~np.isnan(roi) & ~at_least(roi, target)


@formula(
    11,
    "各月预算滚动：未达标的月份削减次月计划，削减额进预留",
    "The months' budgets: a month that missed cuts the next one's plan; the cut goes to the reserve",
    gives=TABLE,
    columns=[
        ("计划（元）", "planned, yuan"),
        ("ROI（倍）", "ROI, times"),
        ("达标", "met"),
        ("预算（元）", "budget, yuan"),
        ("转入预留（元）", "to the reserve, yuan"),
    ],
)
def budgetroll(
    planned: Annotated[Floats, many("各月计划预算（元）", "planned budget of each month, yuan", yuan_positive, spared=True)],
    roi: Annotated[Floats, many("各月 ROI（倍）；未关账留空", "ROI of each month, times; blank: not closed", RATIO, spared=True)],
    target: Annotated[
        Floats, many("ROI 目标（倍）；一格或各月一格", "ROI target, times: one cell, or one a month", TARGET, spared=True)
    ],
    cut: Annotated[float, one("削减比例", "share cut", share)] = plan("budget.cut"),
) -> list[list[Any]]:
    """The budget month by month. Each month's cut is counted on its own plan (no compounding), for the month before it only.

    Returns: a row for each month: planned, ROI (blank: not closed), met (blank likewise), budget, cut to the reserve. Budget and
        reserve add up to the plan exactly. A miss of the last month cuts the month after the table, said.
    Errors: in the months that hang on it, a bad cell's own (#VALUE! text, #NUM! a negative plan or target, …). The whole call: #N/A a
        closed month without target; #VALUE! ranges of different size.
    Source: rules, chapter 11, BUDGETROLL.
    Example:
        >>> budgetroll([[100], [100], [100]], [[4.9], [5], [None]], 5)
        [[100.0, 4.9, False, 100.0, 0.0], [100.0, 5.0, True, 90.0, 10.0], [100.0, None, None, 100.0, 0.0]]
    """
    for name, column, enough in (("roi", roi, len(roi) <= len(planned)), ("target", target, len(target) in (1, len(planned)))):
        refuse(
            not enough, VALUE, "参数 {name} 有 {got} 格，planned 有 {wanted} 格：应一样多",
                               "argument {name} has {got} cells, planned has {wanted}",
            name=Text(name, name), got=len(column), wanted=len(planned),
        )  # fmt: skip
    roi = np.append(roi, np.full(len(planned) - len(roi), np.nan))
    closed = ~np.isnan(roi)
    bad_targets = bad_cells("target")
    if len(target) == 1 and bad_targets:
        bad_targets = dict.fromkeys(range(len(planned)), bad_targets[0])
    told = ~np.isin(np.arange(len(planned)), list(bad_targets))
    target = np.broadcast_to(target, len(planned))
    _needs_target(bool((closed & told & np.isnan(target)).any()))
    miss = missed(roi, target) & told
    if miss[-1]:
        note(
            "最后一个月未达标：下一个月（表外）的计划应削减",
            "the last month missed: the plan of the month after the table is to be cut",
        )
    after_a_miss = np.append(False, miss[:-1])
    budget = np.where(after_a_miss, excel_round(planned * (1 - cut)), planned)
    rows = [
        [plan_, ratio if done else None, not bad if done else None, left, total_of([plan_, -left])]
        for plan_, ratio, done, bad, left in zip(planned, roi, closed, miss.tolist(), budget, strict=True)
    ]
    _spoil(rows, bad_cells("planned"), (0, 3, 4))
    _spoil(rows, bad_cells("roi"), (1, 2), (3, 4))
    _spoil(rows, {at: fault for at, fault in bad_targets.items() if closed[at]}, (2,), (3, 4))
    return rows


def _spoil(rows: list[list[Any]], faults: dict[int, Any], columns: Sequence[int], then: Sequence[int] = ()) -> None:
    """Put each bad cell's error where its month, and by ``then`` the month after, hangs on it."""
    for at, fault in faults.items():
        for month, spoiled in ((at, columns), (at + 1, then)):
            for column in spoiled if month < len(rows) else ():
                rows[month][column] = fault
