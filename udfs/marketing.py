"""Marketing: what a lead may cost, the year's plan of leads, the 3+1 rhythm of advertising."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import numpy as np

from udfs.calendar_cn import is_working_day
from udfs.formula import TABLE, between, date, each, formula, goal, note, one, positive, refuse, share, yuan, yuan_positive
from udfs.policy import plan
from udfs.text import Text, joined
from udfs.values import DIV0, NA, NUM, ExcelError, Floats, excel_round, more_than

STATES = {"fine": Text("正常", "Fine"), "change": Text("更换素材", "Change creative")}
MOST_DAYS = 3660
_FAR = dt.date(9980, 1, 1)
_LISTED = 5


@formula(
    6,
    "每线索成本超过行业的 120% 时更换素材",
    "Cost per lead above 120% of the industry's: change the creative",
    result=("正常 / 更换素材", "Fine / Change creative"),
)
def cplalert(
    cost: Annotated[Floats, each("投放费用（元）", "cost, yuan", yuan_positive)],
    leads: Annotated[Floats, each("线索数", "number of leads")],
    industry_cpl: Annotated[Floats, each("行业每线索成本（元）", "the industry's cost per lead, yuan", yuan)],
    limit: Annotated[
        Floats, each("更换线（行业的倍数）；等于它仍正常", "times the industry's; the limit itself is fine", goal)
    ] = plan("leads.cpl_limit"),
) -> Any:
    """Whether a campaign's leads cost too much. Money spent without any lead is the worst case, not an unknown one.

    Returns: 更换素材 where cost is more than limit × industry's cost × leads (of none: × 1), as decimals, else 正常.
    Errors: #N/A no lead, and too little spent to tell; #NUM! an industry's cost not above 0, leads that are no whole number, a negative
        cost, a limit above 10 (120 instead of 120%); #VALUE! text.
    Source: rules, chapter 6, CPLALERT.
    Example:
        >>> cplalert(650, 3, 180)
        '更换素材'
    """
    refuse(industry_cpl <= 0, NUM, "行业成本为 {v}：应大于 0", "the industry's cost is {v}: it must be above 0", v=industry_cpl)
    refuse(
        (leads < 0) | (leads != np.floor(leads)), NUM, "线索数为 {v}：应为 0 以上的整数",
        "the number of leads is {v}: it must be a whole number from 0", v=leads,
    )  # fmt: skip
    dear = more_than(cost, limit * industry_cpl * np.maximum(leads, 1))
    refuse((leads == 0) & ~dear, NA, "投放太少，还不能判断", "too little was spent to tell")
    return np.array([str(STATES["change" if d else "fine"]) for d in dear], dtype=object)


METRICS = (
    Text("有效线索（条）", "MQL"),
    Text("费用（元）", "cost, yuan"),
    Text("签单（单）", "wins"),
    Text("每单成本（元）", "cost per win, yuan"),
    Text("需要的平均单额（元）", "average order needed, yuan"),
)
_NO_WIN = ExcelError(DIV0, Text("转化率为 0，没有签单：请填转化率", "a conversion of 0 wins nothing: enter the conversion"))


@formula(
    6,
    "线索计划：有效线索 × 转化率 × 成本",
    "The year's leads: MQL, cost, wins, cost per win, average order needed",
    gives=TABLE,
    columns=[("指标", "metric"), ("数值", "value")],
)
def leadplan(
    mql: Annotated[float, one("有效线索数", "marketing qualified leads", positive)],
    conversion: Annotated[float, one("转化率（0–1）", "share that is won (0–1)", share)],
    cpl: Annotated[float, one("每条有效线索成本（元）", "cost per MQL, yuan", yuan_positive)],
    signed_target: Annotated[
        float | None, one("签单目标（元）；空：不算平均单额", "target of bookings, yuan; blank: none", yuan_positive)
    ] = None,
) -> list[list[Any]]:
    """What a number of leads costs and wins.

    Returns: five rows, metric and value: MQL, cost, wins, cost per win, the average order that reaches the target (blank without one).
    Errors: #DIV/0! (cost per win, average order) a conversion or a number of leads of 0; #NUM! 8 for 8%, a negative number.
    Source: rules, chapter 6, LEADPLAN.
    Example:
        >>> leadplan(100, 0.1, 50)
        [['有效线索（条）', 100.0], ['费用（元）', 5000.0], ['签单（单）', 10.0], ['每单成本（元）', 500.0], ['需要的平均单额（元）', None]]
    """
    wins, cost = mql * conversion, float(excel_round(mql * cpl))
    a_win = cost / wins if wins else _NO_WIN
    needed = None if signed_target is None else signed_target / wins if wins else _NO_WIN
    return [list(row) for row in zip(METRICS, (mql, cost, wins, a_win, needed), strict=True)]


PHASES = {"air": Text("投放", "On air"), "review": Text("复盘", "Review")}


@formula(
    6,
    "投放日历“3+1”：投放三天，复盘一天",
    "The 3+1 calendar: three days on air, one of review",
    gives=TABLE,
    columns=[("日期", "date"), ("第几轮", "cycle"), ("轮内第几天", "day of the cycle"), ("投放/复盘", "on air or review")],
)
def adcycle(
    start: Annotated[Any, one("开始日期", "first day", date)],
    days: Annotated[float, one("天数", "number of days", between(1, MOST_DAYS))],
    air: Annotated[float, one("每轮投放天数", "days on air", between(1, 365))] = plan("adcycle.air"),
    review: Annotated[float, one("每轮复盘天数", "days of review", between(0, 365))] = plan("adcycle.review"),
) -> list[list[Any]]:
    """A calendar of days on air and of review, by calendar days; the last cycle may be cut off.

    Returns: a row for each day: date, cycle, day of the cycle, 投放 or 复盘. A review on a day off is said: the meeting is the next
        working day.
    Errors: #NUM! days that are no whole number from 1; #VALUE! no date.
    Source: rules, chapter 6, ADCYCLE.
    Example:
        >>> adcycle("2027-03-03", 1)
        [[datetime.date(2027, 3, 3), 1.0, 1.0, '投放']]
    """
    for name, value in (("days", days), ("air", air), ("review", review)):
        refuse(
            value != int(value), NUM, "参数 {name} 为 {v}：请填整数", "argument {name} is {v}: enter a whole number",
            name=Text(name, name), v=value,
        )  # fmt: skip
    first: dt.date = start.item()
    refuse(first > _FAR, NUM, "开始日期太晚：请检查 start", "the first day is too late: check start")
    rows, idle = [], []
    for n in range(int(days)):
        cycle, day = divmod(n, int(air + review))
        when, phase = first + dt.timedelta(days=n), "air" if day < air else "review"
        rows.append([when, cycle + 1, day + 1, PHASES[phase]])
        if phase == "review" and not is_working_day(when):
            idle.append(when.isoformat())
    if idle:
        note(
            "复盘日 {days}不是工作日：次一工作日开会", "reviews on days off, meet the next working day: {days}",
            days=joined(idle, _LISTED, unit="天"),
        )  # fmt: skip
    return rows
