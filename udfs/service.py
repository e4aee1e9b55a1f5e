"""Service: limits of a ticket in clock hours, the mean time to repair, a change against before."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from udfs import policy
from udfs.formula import ONE, PARTS, each, formula, many, moment, note, positive, refuse, word
from udfs.phasing import refuse_unlike
from udfs.policy import plan
from udfs.text import Text
from udfs.values import DIV0, NA, VALUE, Dates, Floats, Objects, at_least

_MILLISECONDS = 3_600_000
PART = word(
    common=("常用件", "common part", "常用"),
    other=("非常用件", "other part", "uncommon", "非常用"),
    none=("无需", "no part", "无", "not needed"),
)
STATES = {
    "kept": Text("达标", "In time"),
    "late": Text("超时", "Late"),
    "open": Text("进行中", "Open"),
    "none": Text("无需", "Not needed"),
}


def hours_between(first: Any, last: Any) -> Any:
    """Clock hours between two moments; NaN where one is missing."""
    apart = last - first
    return np.where(np.isnat(apart), np.nan, apart.astype(np.int64) / _MILLISECONDS)


@formula(
    7,
    "工单时限：技术方案 4 小时，常用件 24、非常用件 72 小时（自然小时）",
    "A ticket against its limits: solution 4 h, common parts 24 h, others 72 h (clock hours)",
    gives=PARTS,
    columns=[
        ("方案用时（小时）", "solution hours"),
        ("方案", "solution"),
        ("到货用时（小时）", "part hours"),
        ("到货", "part"),
    ],
)
def slastatus(
    part: Annotated[Objects, each("常用件 / 非常用件 / 无需", "common, other or none", PART)],
    opened: Annotated[Dates, each("受理时间", "time it was opened", moment)],
    solution_at: Annotated[Dates, each("方案时间；空：还没有", "time of the solution; blank: none yet", moment)],
    part_at: Annotated[Dates, each("到货时间；空：还没有", "time of the part; blank: none yet", moment)],
    now: Annotated[Dates, each("现在；省略为今天", "the time asked; omitted: today", moment)] = None,  # type: ignore[assignment]
    limits: Annotated[
        Floats, many("时限（小时）：方案、常用件、非常用件", "limits in hours: solution, common part, other part", positive)
    ] = plan("sla.limits"),
) -> Any:
    """Whether a ticket keeps its limits. Nights and holidays count; what is open counts up to now.

    Returns: a row for each ticket: hours to the solution (so far) and 达标 / 超时 / 进行中, the same for the part; without a part 无需 and
        no hours. The limit itself is kept.
    Errors: #VALUE! no kind of part, no time it was opened, a time before it, not three limits.
    Source: rules, chapter 7, SLASTATUS.
    Example:
        >>> slastatus("常用件", "2027-03-01 08:00", "2027-03-01 12:00", "2027-03-02 08:00")
        [[4.0, '达标', 24.0, '达标']]
    """
    refuse(len(limits) != 3, VALUE, "limits 应有 3 个时限，给了 {got} 个", "limits needs 3 limits, got {got}", got=len(limits))
    refuse(
        np.array([kind is None for kind in part]),
        VALUE,
        "没有填是否常用件",
        "the kind of part is blank: enter common, other or none",
    )
    refuse(np.isnat(opened), VALUE, "没有受理时间：请填 opened", "there is no time it was opened: fill in opened")
    for name, stamp in (("solution_at", solution_at), ("part_at", part_at)):
        refuse(
            stamp < opened, VALUE, "参数 {name} {stamp} 早于受理时间 {opened}", "argument {name} {stamp} is before the ticket was opened, {opened}",
            name=Text(name, name), stamp=stamp, opened=opened,
        )  # fmt: skip
    asked = np.where(np.isnat(now), np.datetime64(policy.now(), "ms"), now)
    most = np.array([{"other": limits[2]}.get(kind, limits[1]) for kind in part])
    out = np.empty((len(part), 4), dtype=object)
    out[:, 0], out[:, 1] = _judged(opened, solution_at, asked, np.full(len(part), limits[0]))
    out[:, 2], out[:, 3] = _judged(opened, part_at, asked, most)
    out[part == "none", 2:] = [None, str(STATES["none"])]
    return out


def _judged(opened: Dates, stamp: Dates, now: Dates, limit: Floats) -> tuple[Any, Any]:
    """Hours so far, and the word for them."""
    done = ~np.isnat(stamp)
    hours = hours_between(opened, np.where(done, stamp, now))
    words = np.array([str(STATES[code]) for code in ("late", "kept", "open")], dtype=object)
    state = np.where(~at_least(limit, hours), 0, np.where(done, 1, 2))
    shown = np.maximum(hours, 0.0).astype(object)
    shown[np.isnan(hours)] = None
    return shown, words[state]


@formula(7, "平均修复时间（小时），未修复的不计", "Mean time to repair in hours; what is not repaired is left out", gives=ONE)
def mttr(
    failed: Annotated[Dates, many("故障时间", "times of failure", moment)],
    repaired: Annotated[Dates, many("恢复时间；空：未修复", "times of repair; blank: not repaired", moment)],
) -> float:
    """The mean of the clock hours from failure to repair. What is not repaired yet is left out, with how many and since when.

    Returns: one figure in hours.
    Errors: #N/A nothing repaired; #VALUE! a repair before its failure or without one, ranges of different size, no time.
    Source: rules, chapter 7, MTTR.
    Example:
        >>> mttr([["2027-03-01 08:00"]], [["2027-03-01 10:30"]])
        2.5
    """
    refuse_unlike(failed=failed, repaired=repaired)
    broken, mended = ~np.isnat(failed), ~np.isnat(repaired)
    for bad, zh, en in (
        (mended & ~broken, "第 {row} 行没有故障时间", "row {row} has no time of failure"),
        (repaired < failed, "第 {row} 行的恢复早于故障", "the repair in row {row} is before the failure"),
    ):
        refuse(bool(bad.any()), VALUE, zh, en, row=int(bad.argmax()) + 1)
    down = broken & ~mended
    if down.any():
        note(
            "{n} 台未修复，未计入，最早自 {since}", "{n} not repaired and left out, the first since {since}",
            n=int(down.sum()), since=Text(*[str(failed[down].min()).replace("T", " ")[:16]] * 2),
        )  # fmt: skip
    refuse(not (broken & mended).any(), NA, "没有已修复的故障", "nothing has been repaired")
    return float(hours_between(failed, repaired)[broken & mended].mean())


@formula(7, "变化率：现在 ÷ 以前 − 1", "Change: now ÷ before − 1", result=("变化率", "change, a share"))
def change(
    now: Annotated[Floats, each("现在", "the figure now")],
    before: Annotated[Floats, each("以前", "the figure before")],
) -> Floats:
    """How much a figure changed.

    Returns: now ÷ before − 1, negative for a decrease.
    Errors: #DIV/0! a figure before of 0; #VALUE! text.
    Source: rules, chapter 7, CHANGE.
    Example:
        >>> change(2.1, 3)
        -0.3
    """
    refuse(before == 0, DIV0, "参数 before 为 0：没有可比的基数", "argument before is 0: there is nothing to compare with")
    return (now - before) / before
