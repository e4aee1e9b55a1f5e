"""Receivables: by age, and how many days of sales are outstanding."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from udfs import policy
from udfs.formula import ONE, TABLE, date, formula, many, one, positive, refuse, yuan
from udfs.phasing import refuse_unlike
from udfs.policy import plan
from udfs.text import Text
from udfs.values import DIV0, NUM, VALUE, Dates, Floats, total_of

TOTAL = Text("合计", "Total")
NOT_DUE = Text("未到期", "Not due")


@formula(
    8,
    "应收账龄：未到期、各逾期段与合计的金额、占比、张数",
    "Receivables by age: not due, overdue buckets, total; amount, share, number",
    gives=TABLE,
    columns=[("账龄", "bucket"), ("金额（元）", "amount, yuan"), ("占比", "share"), ("张数", "n")],
)
def ageing(
    due: Annotated[Dates, many("到期日", "due days", date)],
    paid: Annotated[Dates, many("付款日；空：未付", "days of payment; blank: not paid", date)],
    amounts: Annotated[Floats, many("金额（元）；负数为红字", "amounts, yuan; negative: credit notes", yuan)],
    as_of: Annotated[Any, one("截止日期；省略为今天", "as of this day; omitted: today", date)] = None,
    limits: Annotated[Floats, many("各段的最后一天，递增", "last days of the buckets, rising", positive)] = plan("ageing.limits"),
) -> list[list[Any]]:
    """What is open on a day by how long it is overdue. Paid on or before the day is out; paid later was open. Negative amounts net.

    Returns: a row for each bucket (未到期 with due days from that day on, 1–30, 31–60, 61–90, 91–180, > 180) and the total: amount, share
        of the total (blank where that is 0), number of invoices.
    Errors: #VALUE! an amount without a due day, ranges of different size; #NUM! limits that don't rise.
    Source: rules, chapter 8, AGEING.
    Example:
        >>> ageing([["2027-04-15"], ["2027-03-30"]], [[None], [None]], [[300], [100]], "2027-03-31", 30)
        [['未到期', 300.0, 0.75, 1.0], ['1–30', 100.0, 0.25, 1.0], ['> 30', 0.0, 0.0, 0.0], ['合计', 400.0, 1.0, 2.0]]
    """
    refuse_unlike(due=due, paid=paid, amounts=amounts)
    whole = (limits == np.floor(limits)).all() and (limits >= 1).all()
    refuse(
        not whole or bool((np.diff(limits) <= 0).any()), NUM, "limits 应为递增的正整数，如 30、60、90",
        "limits must be rising whole numbers such as 30, 60, 90",
    )  # fmt: skip
    undated = np.isnat(due) & (amounts != 0)
    refuse(
        bool(undated.any()),
        VALUE,
        "第 {row} 行有金额没有到期日",
        "row {row} has an amount and no due day",
        row=int(undated.argmax()) + 1,
    )
    now = np.datetime64(policy.today() if as_of is None else as_of, "D")
    open_ = ~np.isnat(due) & ~(paid <= now)
    apart: Any = now - due
    late = np.where(open_, apart.astype(np.int64), 0)
    place = np.where(late <= 0, 0, 1 + np.searchsorted(limits, late, side="left"))
    names = [NOT_DUE, *_names([int(limit) for limit in limits])]
    sums = [total_of(amounts[open_ & (place == k)].tolist()) for k in range(len(names))]
    total = total_of(sums)
    counts = [int((open_ & (place == k)).sum()) for k in range(len(names))]
    rows = zip([*names, TOTAL], [*sums, total], [*counts, sum(counts)], strict=True)
    return [[name, amount, amount / total if total else None, count] for name, amount, count in rows]


def _names(limits: list[int]) -> list[Text]:
    starts = [1, *(limit + 1 for limit in limits)]
    spans = [f"{start}–{end}" for start, end in zip(starts, limits, strict=False)]
    return [Text(name, name) for name in (*spans, f"> {limits[-1]}")]


@formula(8, "应收账款周转天数（DSO）：应收 ÷ 收入 × 天数", "Days sales outstanding: receivables ÷ revenue × days", gives=ONE)
def dso(
    receivables: Annotated[Floats, many("应收余额（元）", "receivables, yuan", yuan)],
    revenue: Annotated[Floats, many("同期收入（元）", "revenue of the period, yuan", yuan)],
    days: Annotated[float, one("期间天数", "days of the period", positive)] = plan("dso.days"),
) -> float:
    """How many days of sales are outstanding; ranges are added up.

    Returns: receivables ÷ revenue × days.
    Errors: #DIV/0! no revenue; #NUM! negative revenue; #VALUE! text.
    Source: rules, chapter 8, DSO; bit1024.com/tool/DSO-Calculator.
    Example:
        >>> dso(50_000, 200_000)
        91.25
    """
    sold = total_of(revenue.tolist())
    refuse(sold == 0, DIV0, "收入为 0：请填 revenue", "the revenue is 0: fill in revenue")
    refuse(sold < 0, NUM, "收入为负：请检查 revenue", "the revenue is negative: check revenue")
    return total_of(receivables.tolist()) / sold * days
