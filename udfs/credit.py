"""Credit: a customer's grade from four scores, what each grade may have, what was lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from udfs.formula import ONE, PARTS, between, each, formula, many, note, one, refuse, share, word, yuan, yuan_positive
from udfs.grids import parts
from udfs.policy import plan
from udfs.shares import check_shares
from udfs.text import Text
from udfs.values import DIV0, NA, NUM, VALUE, Floats, Objects, at_least, more_than, total_of

SCORE = replace(between(0, 100), blank=np.nan)
GRADES = ("AAA", "AA", "A", "B", "C")
GRADE = word(**{grade: (f"{grade} 级", f"{grade}级") for grade in GRADES})
TERMS = {
    "credit": Text("赊销", "On credit"),
    "prepaid": Text("款到发货", "Cash before shipment"),
    "stopped": Text("停止赊销", "Credit stopped"),
}
_UNRATED = Text("未评级", "not rated")


@formula(
    9,
    "信用评级：财务、行业、逾期、司法四项评分加权，司法过低一票否决",
    "Credit grade from four scores, with a judicial veto",
    result=("AAA / AA / A / B / C", "AAA / AA / A / B / C"),
)
def creditrating(
    financial: Annotated[Floats, each("财务评分（0–100）", "financial score (0–100)", SCORE)],
    industry: Annotated[Floats, each("行业评分（0–100）", "industry score (0–100)", SCORE)],
    overdue: Annotated[Floats, each("逾期评分（0–100，越高越好）", "overdue score (0–100, higher is better)", SCORE)],
    judicial: Annotated[Floats, each("司法评分（0–100，越高越好）", "judicial score (0–100, higher is better)", SCORE)],
    weights: Annotated[Floats, many("四项权重，合计 100%", "weights of the four, 100% in all", share)] = plan("credit.weights"),
    cutoffs: Annotated[
        Floats, many("AAA、AA、A、B 的分数线，含", "scores from which it is AAA, AA, A, B, included", between(0, 100))
    ] = plan("credit.cutoffs"),
    floor: Annotated[float, one("司法低于它即为 C", "a judicial score below it gives C", between(0, 100))] = plan("credit.floor"),
) -> Any:
    """The grade by the weighted sum of the scores; the borders belong to the better grade.

    Returns: a grade for each customer. A judicial score below the floor gives C, said.
    Errors: #N/A a score is blank: not rated; #NUM! a score outside 0–100, weights that don't add to 100%, cutoffs that don't fall; #VALUE!
        not four weights or cutoffs, text.
    Source: rules, chapter 9, CREDITRATING; weights and cutoffs: ours.
    Example:
        >>> creditrating(90, 80, 85, 90)
        'AAA'
    """
    for name, values in (("weights", weights), ("cutoffs", cutoffs)):
        refuse(
            len(values) != 4, VALUE, "参数 {name} 应有 4 个，给了 {got} 个", "argument {name} needs 4 values, got {got}",
            name=Text(name, name), got=len(values),
        )  # fmt: skip
    check_shares(weights)
    refuse(bool((np.diff(cutoffs) >= 0).any()), NUM, "分数线应从高到低", "the cutoffs must fall from grade to grade")
    table = np.column_stack([financial, industry, overdue, judicial])
    refuse(np.isnan(table).any(axis=1), NA, "{what}：四项评分应填全", "{what}: all four scores are needed", what=_UNRATED)
    score = table @ (weights / weights.sum())
    place = 4 - at_least(score[:, None], cutoffs).sum(axis=1)
    veto = more_than(floor, judicial) & ~np.isnan(table).any(axis=1)
    if veto.any():
        note(
            "{n} 家司法评分低于 {floor}，一票否决为 C",
            "{n} vetoed to C: judicial score below {floor}",
            n=int(veto.sum()),
            floor=floor,
        )
    return np.array([GRADES[4 if no else int(k)] for k, no in zip(place, veto, strict=True)], dtype=object)


@formula(
    9,
    "各信用等级的付款条件：条款、预付比例、账期、额度月数",
    "What a credit grade may have: terms, prepaid share, days, months of the limit",
    gives=PARTS,
    columns=[("条款", "terms"), ("预付比例", "prepaid"), ("账期，天", "days"), ("额度（月）", "limit, months")],
)
def creditterms(
    grade: Annotated[Objects, each("信用等级 AAA–C", "credit grade AAA to C", GRADE)],
    prepaid: Annotated[Floats, many("各等级预付比例", "share prepaid by grade", share)] = plan("credit.prepaid"),
    days: Annotated[Floats, many("各等级账期，天", "credit days by grade", between(0, 3660))] = plan("credit.days"),
    months: Annotated[Floats, many("各等级额度（月）", "months of the limit by grade", between(0, 120))] = plan("credit.months"),
) -> Any:
    """The terms of a grade. The limit is so many months of the trailing year's mean net sales.

    Returns: a row for each customer: 赊销, 款到发货 (B) or 停止赊销 (C); share prepaid; credit days; months of the limit.
    Errors: #N/A no grade: a customer that is not rated pays first; #VALUE! an unknown grade, not five values.
    Source: rules, chapter 9, CREDITTERMS; days and months: ours.
    Example:
        >>> creditterms("B")
        [['款到发货', 1.0, 0.0, 0.0]]
    """
    for name, values in (("prepaid", prepaid), ("days", days), ("months", months)):
        refuse(
            len(values) != len(GRADES), VALUE, "参数 {name} 应有 5 个（AAA–C），给了 {got} 个",
            "argument {name} needs 5 values (AAA to C), got {got}", name=Text(name, name), got=len(values),
        )  # fmt: skip
    refuse(
        np.array([g is None for g in grade], dtype=bool), NA, "{what}：按款到发货", "{what}: cash before shipment", what=_UNRATED
    )
    rows = []
    for g in grade:
        k = GRADES.index(g or "C")
        words = TERMS["stopped" if g == "C" else "prepaid" if at_least(prepaid[k], 1) else "credit"]
        rows.append([words, float(prepaid[k]), float(days[k]), float(months[k])])
    return parts(rows, 4)


@formula(
    9,
    "逾期评分（0–100）：逾期金额占比与最长逾期天数",
    "Overdue score (0–100): share paid late and longest delay",
    result=("评分", "score"),
)
def overduescore(
    late_share: Annotated[
        Floats, each("逾期金额占比；空：没有账单", "share of the amounts late; blank: no invoice", replace(share, blank=np.nan))
    ],
    worst_days: Annotated[Floats, each("最长逾期天数", "days of the longest delay", between(0, None))],
    zero_from: Annotated[float, one("逾期几天得零分", "days late that score 0", between(1, 3660))] = plan("credit.worst_days"),
) -> Any:
    """How a customer paid in the last twelve months, as a score of CREDITRATING.

    Returns: 100 × (1 − share late) × max(0, 1 − longest delay ÷ 180 days); blank without invoices.
    Errors: #NUM! a share outside 0–1, negative days; #VALUE! text.
    Source: the plan's chapters, section 9, OVERDUESCORE.
    Example:
        >>> overduescore(0.2, 45)
        60.0
    """
    score = 100 * (1 - late_share) * np.maximum(0.0, 1 - worst_days / zero_from)
    if not np.isnan(score).any():
        return score
    cells = score.astype(object)
    cells[np.isnan(score)] = None
    return cells


Debts = Annotated[Floats, many("坏账（核销减回收，元）", "bad debts: written off less recovered, yuan", yuan)]
Sales = Annotated[Floats, many("赊销额（元）", "sales on credit, yuan", yuan_positive)]


def _bad_debts(bad_debts: Floats, credit_sales: Floats) -> tuple[float, float]:
    sold = total_of(credit_sales.tolist())
    refuse(sold == 0, DIV0, "赊销额为 0：没有坏账率", "there are no sales on credit")
    return total_of(bad_debts.tolist()), sold


@formula(9, "坏账率：坏账 ÷ 赊销额", "Bad-debt rate: bad debts ÷ sales on credit", gives=ONE)
def baddebtrate(bad_debts: Debts, credit_sales: Sales) -> float:
    """What was lost of the sales on credit; ranges are added up. BADDEBTRATEOK is the verdict.

    Returns: one share.
    Errors: #DIV/0! no sales on credit; #NUM! negative sales; #VALUE! text.
    Source: rules, chapter 9, BADDEBTRATE.
    Example:
        >>> baddebtrate(2_100_000, 420_000_000)
        0.005
    """
    lost, sold = _bad_debts(bad_debts, credit_sales)
    return lost / sold


@formula(9, "坏账率是否在上限以内", "Whether the bad-debt rate stays within the limit", gives=ONE)
def baddebtrateok(
    bad_debts: Debts,
    credit_sales: Sales,
    limit: Annotated[float, one("上限，含", "limit, included", share)] = plan("credit.bad_debts"),
) -> bool:
    """The verdict on BADDEBTRATE, compared as decimals.

    Returns: TRUE where the rate is at most the limit.
    Errors: as BADDEBTRATE.
    Source: rules, chapter 9, BADDEBTRATE.
    Example:
        >>> baddebtrateok(2_100_000, 420_000_000)
        True
    """
    lost, sold = _bad_debts(bad_debts, credit_sales)
    return bool(at_least(limit * sold, lost))
