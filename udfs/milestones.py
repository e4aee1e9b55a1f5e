"""Milestones: in time, late, due soon."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from udfs import policy
from udfs.formula import date, date_or_blank, each, formula, note, positive, refuse
from udfs.grids import day_array
from udfs.policy import plan
from udfs.text import Text
from udfs.values import NA, Dates, Floats, Objects

STATES = {
    "in_time": Text("按期完成", "Done in time"),
    "late": Text("逾期完成", "Done late"),
    "overdue": Text("逾期", "Overdue"),
    "soon": Text("临近", "Due soon"),
    "ahead": Text("未到期", "Not due"),
}


@formula(
    12,
    "里程碑状态：按期完成、逾期完成、逾期、临近、未到期",
    "State of a milestone: done in time, done late, overdue, due soon, not due",
    result=("状态", "state"),
)
def milestonestatus(
    due: Annotated[Objects, each("到期日", "due day", date_or_blank)],
    done: Annotated[Objects, each("完成日；空：未完成", "day it was done; blank: not done", date_or_blank)],
    today: Annotated[Dates, each("截止日期；省略为今天", "the day asked; omitted: today", date)] = None,  # type: ignore[assignment]
    soon: Annotated[Floats, each("提前几天算临近，含", "days ahead that are soon, included", positive)] = plan("milestones.soon"),
) -> Any:
    """Where a milestone stands. Due today and not done is due soon; done after today is not done, said.

    Returns: a word for each milestone.
    Errors: #N/A no due day; #VALUE! no date.
    Source: rules, chapter 12, MILESTONESTATUS.
    Example:
        >>> milestonestatus("2027-03-10", None, "2027-03-10")
        '临近'
    """
    by, now = day_array(due), np.where(np.isnat(today), np.datetime64(policy.today()), today)
    refuse(np.isnat(by), NA, "没有到期日：请填 due", "there is no due day: fill in due")
    finished = day_array(done)
    ahead = finished > now
    if ahead.any():
        note("{n} 项的完成日晚于今天，按未完成计", "{n} are dated done after today and count as not done", n=int(ahead.sum()))
    finished = np.where(ahead, np.datetime64("NaT", "D"), finished)
    left = (by - now).astype(np.int64)
    open_ = np.where(left < 0, "overdue", np.where(left <= soon, "soon", "ahead"))
    codes = np.where(np.isnat(finished), open_, np.where(finished <= by, "in_time", "late"))
    return np.array([str(STATES[code]) for code in codes], dtype=object)
