"""Delivery: lights by days late, the on-time rate, a schedule counted back from the promised day."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

import numpy as np

from udfs import policy
from udfs.calendar_cn import is_working_day
from udfs.formula import ONE, TABLE, Kind, date, date_or_blank, each, formula, many, note, number, one, positive, refuse, text
from udfs.graphs import ordered
from udfs.grids import day_array, key_of, listed
from udfs.phasing import refuse_unlike
from udfs.policy import plan
from udfs.text import Text
from udfs.values import NA, NUM, VALUE, Dates, Floats, Objects, exact
from udfs.workdays import Holidays, days_off, say_unannounced

LIGHTS = {"green": Text("绿", "Green"), "yellow": Text("黄", "Yellow"), "red": Text("红", "Red")}


def _shipped(delivered: Dates, today: Any) -> Dates:
    """The days of delivery that are known today; a later one is none yet, said."""
    ahead = delivered > today
    if ahead.any():
        note(
            "{n} 项的交付日期晚于今天，按未交付计",
            "{n} deliveries are dated after today and count as not delivered",
            n=int(ahead.sum()),
        )
    return np.where(ahead, np.datetime64("NaT", "D"), delivered)


@formula(
    7,
    "交付灯：按承诺交期晚了几天（自然日）亮绿、黄、红",
    "Delivery light by calendar days late",
    result=("绿 / 黄 / 红", "Green / Yellow / Red"),
)
def deliverylight(
    promised: Annotated[Objects, each("承诺交期", "promised day", date_or_blank)],
    delivered: Annotated[Objects, each("交付日期；空：未交付", "day of delivery; blank: not delivered", date_or_blank)],
    today: Annotated[Dates, each("截止日期；省略为今天", "the day asked; omitted: today", date)] = None,  # type: ignore[assignment]
    yellow: Annotated[Floats, each("黄灯至多晚几天，含", "yellow up to so many days late, included", positive)] = plan(
        "delivery.yellow"
    ),
) -> Any:
    """How late a project is, or is by today while it is not delivered.

    Returns: 绿 on time or early, 黄 up to 7 days late, 红 later. A delivery dated after today is none yet, said.
    Errors: #N/A no promised day; #VALUE! no date; #NUM! a negative number of days.
    Source: rules, chapter 7, DELIVERYLIGHT.
    Example:
        >>> deliverylight("2027-03-10", "2027-03-17", "2027-03-31")
        '黄'
    """
    due, now = day_array(promised), np.where(np.isnat(today), np.datetime64(policy.today()), today)
    refuse(np.isnat(due), NA, "没有承诺交期：请填 promised", "there is no promised day: fill in promised")
    done = _shipped(day_array(delivered), now)
    late = (np.where(np.isnat(done), now, done) - due).astype(np.int64)
    codes = np.where(late <= 0, "green", np.where(late <= yellow, "yellow", "red"))
    return np.array([str(LIGHTS[code]) for code in codes], dtype=object)


@formula(
    7,
    "准时交付率：按期交付 ÷（已交付 + 逾期未交付）",
    "On-time rate: delivered by the promised day ÷ (delivered + overdue)",
    gives=ONE,
)
def ontimerate(
    promised: Annotated[Dates, many("承诺交期", "promised days", date)],
    delivered: Annotated[Dates, many("交付日期；空：未交付", "days of delivery; blank: not delivered", date)],
    today: Annotated[Any, one("截止日期；省略为今天", "the day asked; omitted: today", date)] = None,
) -> float:
    """The share of what was due that came in time. What is overdue and not delivered is late; what is not due yet is left out.

    A delivery before its day counts at once, even while the day is still ahead. Rows without a promised day are left out, said.

    Returns: one share.
    Errors: #N/A nothing due yet; #VALUE! ranges of different size, no date.
    Source: rules, chapter 7, ONTIMERATE.
    Example:
        >>> ontimerate([["2027-03-01"], ["2027-03-05"]], [["2027-03-01"], ["2027-03-06"]], "2027-03-31")
        0.5
    """
    refuse_unlike(promised=promised, delivered=delivered)
    now = np.datetime64(policy.today()) if today is None else today
    done, dated = _shipped(delivered, now), ~np.isnat(promised)
    undated = int((~dated & ~np.isnat(delivered)).sum())
    if undated:
        note("{n} 项没有承诺交期，未计入", "{n} without a promised day were left out", n=undated)
    counted = dated & (~np.isnat(done) | (promised < now))
    refuse(not counted.any(), NA, "没有已到期的交付", "nothing is due yet")
    return float((counted & (done <= promised)).sum() / counted.sum())


# --------------------------------------------------------------------------------------------------------- back-scheduling

# A serial number from here on (1954-10-03) is a date; no project is so many days long.
FIRST_DATE = 20_000.0
MOST_WORKED = 5000


def _read_due(cell: Any, kind: Kind) -> Any:
    read = number.read(cell, number) if not hasattr(cell, "year") else FIRST_DATE
    return read if isinstance(read, float) and read < FIRST_DATE else date.read(cell, date)


DUE = Kind(Text("日期或数字", "date or number"), object, _read_due, 0.0)


@dataclass
class Network:
    """Tasks by name as compared, in an order in which each follows those it needs; lengths are exact."""

    names: dict[str, str]
    length: dict[str, Fraction]
    needs: dict[str, list[str]]
    order: list[str]
    head: dict[str, Fraction]  # the longest way from the start to the task
    tail: dict[str, Fraction]  # the longest way from its end to that of the project

    @property
    def whole(self) -> Fraction:
        return max((self.head[key] + self.length[key] for key in self.order), default=Fraction(0))

    def through(self, key: str) -> Fraction:
        """The longest way that leads through a task."""
        return self.head[key] + self.length[key] + self.tail[key]


def network(tasks: Sequence[str], durations: Sequence[float], predecessors: Sequence[str]) -> Network:
    """The network of tasks; refuses doubled and unknown tasks, and circles by their path."""
    rows = [
        row
        for row in enumerate(zip(tasks, durations, predecessors, strict=True), 1)
        if any(row[1][::2]) or not math.isnan(row[1][1])
    ]
    names: dict[str, str] = {}
    for place, (name, _, _) in rows:
        refuse(not name, VALUE, "第 {row} 行没有任务名称", "row {row} has no task", row=place)
        refuse(
            key_of(name) in names,
            VALUE,
            "任务 {task} 重复（第 {row} 行）",
            "task {task} is there twice (row {row})",
            task=name,
            row=place,
        )
        names[key_of(name)] = name
    length = {key_of(name): exact(0.0 if math.isnan(days) else days) for _, (name, days, _) in rows}
    needs = {key_of(name): listed(before) for _, (name, _, before) in rows}
    for key, before in needs.items():
        for other in before:
            refuse(
                other not in names, VALUE, "任务 {task} 的前置任务 {other} 不存在", "task {task} needs {other}, which is no task",
                task=names[key], other=other,
            )  # fmt: skip
    order, circle = ordered(needs)
    path = " → ".join(names[key] for key in circle)
    refuse(bool(path), VALUE, "前置任务成环：{path}", "tasks wait for each other in a circle: {path}", path=Text(path, path))
    head, tail = _ways(order, length, needs)
    return Network(names, length, needs, order, head, tail)


def _ways(
    order: Sequence[str], length: Mapping[str, Fraction], needs: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    head: dict[str, Fraction] = {}
    tail = dict.fromkeys(order, Fraction(0))
    for key in order:
        head[key] = max((head[other] + length[other] for other in needs[key]), default=Fraction(0))
    for key in reversed(order):
        for other in needs[key]:
            tail[other] = max(tail[other], tail[key] + length[key])
    return head, tail


@formula(
    7,
    "倒排计划：由承诺交期按工作日往前排，给出最迟、最早、时差和关键路径",
    "Schedule counted back from the promised day: latest and earliest dates, slack, critical path",
    gives=TABLE,
    columns=[
        ("任务", "task"),
        ("最迟开始", "latest start"),
        ("最迟完成", "latest finish"),
        ("最早开始", "earliest start"),
        ("最早完成", "earliest finish"),
        ("时差（工作日）", "slack, working days"),
        ("关键", "critical"),
    ],
)
def backschedule(
    tasks: Annotated[Objects, many("任务", "tasks", text)],
    durations: Annotated[Floats, many("工期（工作日），0 为里程碑", "durations, working days; 0: a milestone", blanks=np.nan)],
    predecessors: Annotated[Objects, many("前置任务，以、隔开", "tasks that must be over before, separated by commas", text)],
    due: Annotated[
        Any,
        one("承诺交期；填数字则只按天数排（0：按自身长度）", "promised day; a number: plain numbers (0: its own length)", DUE),
    ],
    holidays: Holidays = None,
    start: Annotated[
        Any, one("可以开工的日期（或数字）；省略：刚好按期", "day work can begin; omitted: just in time", DUE)
    ] = None,
) -> list[list[Any]]:
    """The critical path method, finish to start, counted back from the promised day in Chinese working days.

    A promised day off is the last working day before it, said. Earliest dates count from ``start``, else from the latest start of
    the critical path. With a number (below 20,000) for ``due`` the result is in plain numbers, the project ending at its own length, or
    at ``due`` where that is above 0.

    Returns: a row for each task in the order given: task, latest start and finish, earliest start and finish, slack in working days,
        TRUE where it is critical (the smallest slack). With ``start`` the slack may be negative: a note says by how many days it is late.
    Errors: #VALUE! a circle (its path is named), an unknown or doubled task, a negative duration, ranges of different size; #NUM! more
        than 5,000 working days; #N/A no task.
    Source: rules, chapter 7, BACKSCHEDULE; vectors J1; Kelley and Walker 1959.
    Example:
        >>> backschedule([["A"], ["B"]], [[2], [3]], [[None], ["A"]], 0)
        [['A', 0.0, 2.0, 0.0, 2.0, 0.0, True], ['B', 2.0, 5.0, 2.0, 5.0, 0.0, True]]
    """
    refuse_unlike(tasks=tasks, durations=durations, predecessors=predecessors)
    bad = durations < 0
    refuse(
        bool(bad.any()), VALUE, "第 {row} 行的工期为负：请填 0 以上", "the duration in row {row} is negative: enter 0 or more",
        row=int(bad.argmax()) + 1,
    )  # fmt: skip
    net = network(tasks.tolist(), durations.tolist(), predecessors.tolist())
    refuse(not net.order, NA, "没有任务：请填 tasks", "there is no task: fill in tasks")
    refuse(
        net.whole > MOST_WORKED, NUM, "总工期 {n} 个工作日，超过 {most}", "the tasks take {n} working days, more than {most}",
        n=float(net.whole), most=MOST_WORKED,
    )  # fmt: skip
    if isinstance(due, float):
        refuse(
            start is not None and not isinstance(start, float), VALUE, "due 是数字时 start 也应为数字",
            "with a number for due, start must be a number as well",
        )  # fmt: skip
        return _in_numbers(net, exact(due) if due > 0 else net.whole, exact(start or 0.0))
    refuse(isinstance(start, float), VALUE, "参数 start 应为日期", "argument start must be a date")
    return _in_dates(net, due.item(), holidays, None if start is None else start.item())


def _rows(net: Network, slack: Mapping[str, Fraction], cells: Any) -> list[list[Any]]:
    least = min(slack.values())
    return [[net.names[key], *cells(key), float(slack[key]), slack[key] == least] for key in net.names]


def _in_numbers(net: Network, end: Fraction, begin: Fraction) -> list[list[Any]]:
    def cells(key: str) -> list[float]:
        latest, earliest = end - net.tail[key], begin + net.head[key]
        return [float(x) for x in (latest - net.length[key], latest, earliest, earliest + net.length[key])]

    return _rows(net, {key: end - begin - net.through(key) for key in net.names}, cells)


def _in_dates(net: Network, due: dt.date, holidays: Dates | None, start: dt.date | None) -> list[list[Any]]:
    off, reach = days_off(holidays), math.ceil(net.whole)
    back = _worked(due, -1, reach + 1, off)
    if back[0] != due:
        note("承诺交期 {due} 不是工作日，按 {day} 排", "the promised day {due} is a day off: counted from {day}",
             due=Text(f"{due}", f"{due}"), day=Text(f"{back[0]}", f"{back[0]}"))  # fmt: skip
    for year in sorted({due.year, back[-1].year}):
        say_unannounced(year, holidays)
    first = back[max(reach - 1, 0)] if start is None else _worked(start, 1, 1, off)[0]
    room = net.whole if start is None else Fraction(_span(first, back[0], off))
    ahead = _worked(first, 1, reach + 1, off)
    slack = {key: room - net.through(key) for key in net.names}
    late = -min(slack.values())
    if late > 0:
        note("已晚 {n} 个工作日", "{n} working days late already", n=float(late))

    def cells(key: str) -> list[dt.date]:
        length, tail, head = net.length[key], net.tail[key], net.head[key]
        finish, begun = back[math.floor(tail)], ahead[math.floor(head)]
        if not length:
            done = ahead[max(math.ceil(head) - 1, 0)]
            return [finish, finish, done, done]
        return [back[math.ceil(tail + length) - 1], finish, begun, ahead[math.ceil(head + length) - 1]]

    return _rows(net, slack, cells)


def _worked(day: dt.date, step: int, count: int, off: Any) -> list[dt.date]:
    """So many working days from a day on, forwards or backwards; the day itself if it is worked."""
    out: list[dt.date] = []
    while len(out) < count:
        refuse(
            not dt.date(1901, 1, 2) <= day <= dt.date(9998, 12, 30), NUM,
            "日期离日历边界太近：请检查日期", "the date is too near the calendar's end: check it",
        )  # fmt: skip
        if is_working_day(day, off):
            out.append(day)
        day += dt.timedelta(days=step)
    return out


def _span(first: dt.date, last: dt.date, off: Any) -> int:
    """The working days from first to last, both counted; with the first after the last 0 or less."""
    refuse(abs((last - first).days) > 2 * MOST_WORKED, NUM, "start 与 due 相距太远", "start and due are too far apart")
    step = 1 if last >= first else -1
    days = (first + dt.timedelta(days=step * n) for n in range(abs((last - first).days) + 1))
    worked = sum(is_working_day(day, off) for day in days)
    return worked if step > 0 else 2 - worked
