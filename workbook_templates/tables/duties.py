"""What "automatically" means: rules that order a task when something is due, and how orders and tasks are brought together (待办).

A chapter's module ``duties`` registers ``DUTIES = Duties(order, (DutyRule(…), …))``: a condition over the rows of Tables, who has to act
and until when. One dispatcher, :func:`dispatched`, asks all of them; nothing else writes tasks. There is one task for a rule, an object
and an episode (the first day, the month, the quarter of the condition): it is never ordered twice, and closed when its condition ends.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from udfs import call
from udfs.text import Text
from workbook_templates import registry
from workbook_templates.tables.policies import Policies
from workbook_templates.tables.spec import Row, Word

TABLE = "Tasks"
OPEN, RUNNING, DONE, CANCELLED = "open", "running", "done", "cancelled"
STATES = (
    Word(OPEN, Text("待办", "To do"), ("未开始", "open")),
    Word(RUNNING, Text("进行中", "In progress"), ("处理中", "running")),
    Word(DONE, Text("完成", "Done"), ("已完成",)),
    Word(CANCELLED, Text("取消", "Cancelled"), ("已取消", "canceled")),
)
DIRECTOR = "director"
ROLES = (
    Word(DIRECTOR, Text("总监", "Director"), ("销售总监", "Sales director")),
    Word("division", Text("事业部总经理", "Division GM"), ("总经理",)),
    Word("service", Text("售后总监", "Service director"), ("售后",)),
    Word("supply", Text("供应链", "Supply chain")),
    Word("legal", Text("法务", "Legal")),
    Word("finance", Text("财务", "Finance")),
    Word("compliance", Text("合规", "Compliance")),
)
# What a close without a word is told, and what a task says that ended by itself.
REOPENED = Text(
    "没有写结果，退回“待办”：在“结果”写明做了什么，再改为完成",
    "closed without a result, open again: say under Result what was done, then close it",
)
UNEXPLAINED = Text("已完成或取消，却没有结果：请填写做了什么", "done or cancelled without a result: say what was done")
CLEARED = Text("条件已消除", "No longer the case")
# A task that is due on a day is due at the end of office hours.
EVENING = dt.time(18)


@dataclass(frozen=True)
class Day:
    """A plan on a day, as rules ask it. ``now`` is the moment on that day, ``rows`` those of a Table (none of one that is not there)."""

    rows: Callable[[str], Sequence[Row]]
    policies: Policies
    as_of: dt.date
    year: int
    now: dt.datetime
    off: frozenset[int] = frozenset()
    named: Callable[[str], Sequence[Any]] = lambda name: ()  # the values of a defined name's cells

    def setting(self, key: str) -> Any:
        """A value of the policy on the day."""
        return self.policies.at(key, self.as_of)

    def first(self, name: str) -> Any:
        """The value of a named cell."""
        return next(iter(self.named(name)), None)

    @property
    def closed(self) -> int:
        """The last month of the plan's year that is over; 0 in January."""
        if self.as_of.year != self.year:
            return 12 if self.as_of.year > self.year else 0
        tomorrow = self.as_of + dt.timedelta(days=1)
        return self.as_of.month if tomorrow.month != self.as_of.month else self.as_of.month - 1


@dataclass(frozen=True, kw_only=True)
class DueTask:
    """One thing a rule finds: what to do, about which object, in which episode, by whom and until when.

    ``owner`` is a person of People; without one (or when they left) it is whoever has the ``role``. ``days`` are working days from the
    day it is ordered, ``until`` is a moment that is known. ``table``: where ``object`` is found.
    """

    object: str
    episode: str
    title: Text
    owner: str | None = None
    role: str = DIRECTOR
    line: str | None = None  # whose role, where each line has its own
    others: tuple[str, ...] = ()  # roles that take part
    people: tuple[str, ...] = ()  # persons who take part
    days: int | None = None
    until: dt.datetime | None = None
    table: str = ""


@dataclass(frozen=True)
class DutyRule:
    """One rule: a key, what it is called, what it finds on a day, the Tables it ``reads``; ``chapter`` follows from where it is written.

    ``hours``: what it finds can't wait for the night, so that the watched folder's service tells it, too.
    """

    key: str
    title: Text
    found: Callable[[Day], Iterable[DueTask]]
    reads: tuple[str, ...]
    hours: bool = False
    chapter: int = 0


def _nothing_begun(day: Day) -> Mapping[str, Sequence[Row]]:
    return {}


@dataclass(frozen=True)
class Duties:
    """What a chapter's module ``duties`` registers. ``begun``: rows by Table with which the chapter begins, as soon as it can."""

    order: float
    rules: tuple[DutyRule, ...]
    begun: Callable[[Day], Mapping[str, Sequence[Row]]] = _nothing_begun


class DutyError(Exception):
    """Two rules of one key: for the developer, at import."""


@functools.cache
def every() -> Mapping[str, DutyRule]:
    """All rules by key, in order."""
    out: dict[str, DutyRule] = {}
    for module, found in registry.of_chapters("duties", "DUTIES", Duties).items():
        for rule in found.rules:
            if rule.key in out:
                raise DutyError(f"{module}: another chapter has a rule {rule.key}")
            out[rule.key] = replace(rule, chapter=registry.home_of(module).number)
    return out


def begun(day: Day) -> dict[str, list[Row]]:
    """The rows with which chapters in use begin on a day; none once they have begun."""
    out: dict[str, list[Row]] = {}
    for module, found in registry.of_chapters("duties", "DUTIES", Duties).items():
        if registry.home_of(module).number not in day.off:
            for table, rows in found.begun(day).items():
                out.setdefault(table, []).extend(rows)
    return out


def with_rows(day: Day, more: Mapping[str, Sequence[Row]]) -> Day:
    """The same day with rows that are about to be written."""
    return replace(day, rows=lambda table: [*day.rows(table), *more.get(table, ())]) if more else day


def rule_named(cell: Any) -> str:
    """The key of a rule that a cell names in either language; a word of no rule stays what it is.

    >>> rule_named("no such rule")
    'no such rule'
    """
    said = str(cell or "").strip()
    folded = said.casefold()
    return next((key for key, rule in every().items() if folded in {key, *(t.casefold() for t in rule.title)}), said)


# --------------------------------------------------------------------------------------------------------------- who


@dataclass(frozen=True)
class Lacking:
    """A role that nobody has, and no director either: who should act is not known."""

    role: str
    rule: str


class Owner(NamedTuple):
    """Who acts; ``instead`` names the role that nobody has, for which the director does."""

    person: str
    instead: str = ""


def holds(row: Row, day: dt.date) -> bool:
    """Whether a row of Roles is in force."""
    start, end = row.get("from"), row.get("until")
    return bool(row.get("person")) and (not start or start <= day) and (not end or end >= day)


def in_role(day: Day, role: str, line: str | None = None) -> str | None:
    """Who has a role: that of the line before that of all lines, anybody's where no line is asked for; the newest of several who work here."""
    rows = [row for row in held_by(day, role) if not line or row.get("line") in (None, "", line)]
    best = max(rows, key=lambda row: (_fits(row, line), row.get("from") or dt.date.min), default=None)
    return None if best is None else str(best["person"])


def held_by(day: Day, role: str, on: dt.date | None = None) -> list[Row]:
    """The rows of Roles that give a role to somebody on the day, or on another; who had left by then has none any more."""
    at = on or day.as_of
    gone = {row.get("id") for row in day.rows("People") if row.get("left") and row["left"] < at}
    return [row for row in day.rows("Roles") if row.get("role") == role and holds(row, at) and row["person"] not in gone]


def _fits(row: Row, line: str | None) -> bool:
    """Whether a row is for what is asked: this line, or all of them."""
    return (row.get("line") or None) == (line or None)


def employed(day: Day, person: str | None) -> bool:
    """Whether somebody of People works here on the day."""
    row = next((row for row in day.rows("People") if row.get("id") == person), None) if person else None
    if row is None or (row.get("left") and row["left"] < day.as_of):
        return False
    return not (row.get("joined") and row["joined"] > day.as_of)


def owner_of(day: Day, due: DueTask) -> Owner | None:
    """Who has to act: the person named, whoever has the role, else the sales director; None where there is nobody."""
    if due.owner and employed(day, due.owner):
        return Owner(due.owner)
    found = in_role(day, due.role, due.line)
    if found:
        return Owner(found)
    director = in_role(day, DIRECTOR, due.line) or in_role(day, DIRECTOR)
    return Owner(director, due.role) if director else None


# ------------------------------------------------------------------------------------------------------------- the list


@dataclass
class Dispatched:
    """What a run comes to: tasks to add, edits by row, what to say, roles that nobody has."""

    new: list[Row] = field(default_factory=list)
    edits: dict[int, Row] = field(default_factory=dict)
    reopened: list[int] = field(default_factory=list)
    instead: set[str] = field(default_factory=set)
    lacking: list[Lacking] = field(default_factory=list)
    by_rule: dict[str, int] = field(default_factory=dict)


Key = tuple[str, str, str]


def key_of(row: Row) -> Key:
    """What makes a task the same one: rule, object, episode."""
    return rule_named(row.get("rule")), str(row.get("object") or ""), str(row.get("episode") or "")


def dispatched(day: Day, rules: Mapping[str, DutyRule] | None = None) -> Dispatched:
    """Ask every rule of a chapter in use, and bring the list up to what they find."""
    asked = {key: rule for key, rule in (every() if rules is None else rules).items() if rule.chapter not in day.off}
    tasks = list(day.rows(TABLE))
    known = {key_of(row) for row in tasks}
    out, lasting = Dispatched(), set[Key]()
    number = _last_number(tasks)
    for rule in asked.values():
        for due in rule.found(day):
            key = rule.key, due.object, due.episode
            if key in lasting:
                continue
            lasting.add(key)
            if key in known:
                continue
            owner = owner_of(day, due)
            if owner is None:
                out.lacking.append(Lacking(due.role, rule.key))
                continue
            if owner.instead:
                out.instead.add(owner.instead)
            number += 1
            out.new.append(_task(day, rule, due, owner.person, number))
            out.by_rule[rule.key] = out.by_rule.get(rule.key, 0) + 1
    _brought_up(out, tasks, day, lambda key: key[0] in asked and key not in lasting)
    if rules is None:
        _reopened(out, tasks, day, asked, lasting)
    return out


def _brought_up(out: Dispatched, tasks: Sequence[Row], day: Day, over: Callable[[Key], bool]) -> None:
    """Open tasks whose condition is over are done."""
    for index, row in enumerate(tasks):
        if row.get("status") in (OPEN, RUNNING) and not _later(row, day) and over(key_of(row)):
            out.edits[index] = {"status": DONE, "done_at": day.now, "result": str(CLEARED)}


def _reopened(out: Dispatched, tasks: Sequence[Row], day: Day, asked: Mapping[str, DutyRule], lasting: set[Key]) -> None:
    """What somebody closed without a word is open again, their own tasks, too, unless its condition is over as well; the list of a
    chapter that is off is left alone."""
    off = every().keys() - asked.keys()
    for index in unexplained(tasks):
        key = key_of(tasks[index])
        if key[0] in off or _later(tasks[index], day):
            continue
        if key[0] in asked and key not in lasting:
            out.edits[index] = {"result": str(CLEARED)}
        else:
            out.edits[index] = {"status": OPEN, "done_at": None}
            out.reopened.append(index)


def _later(row: Row, day: Day) -> bool:
    """Whether a task was ordered after the day: who looks back at an earlier one ends nothing of later ones."""
    opened = row.get("opened_at")
    return isinstance(opened, dt.datetime) and opened.date() > day.as_of


def _last_number(tasks: Iterable[Row]) -> int:
    found = (re.fullmatch(r"T(\d+)", str(row.get("id") or "")) for row in tasks)
    return max((int(match[1]) for match in found if match), default=0)


def _task(day: Day, rule: DutyRule, due: DueTask, owner: str, number: int) -> Row:
    asked = [*due.people, *(in_role(day, role, due.line) for role in due.others)]
    others = [person for person in asked if person and person != owner]
    return {
        "id": f"T{number:05d}",
        "rule": str(rule.title),
        "object": due.object,
        "episode": due.episode,
        "title": str(due.title),
        "owner": owner,
        "others": "、".join(dict.fromkeys(others)) or None,
        "opened_at": day.now,
        "due_at": until(day, due),
        "status": OPEN,
        "done_at": None,
        "result": None,
        "link": due.table or None,
    }


def until(day: Day, due: DueTask) -> dt.datetime:
    """When it is due: the moment that is known, else so many working days from today."""
    if due.until is not None:
        return due.until
    if due.days is None:
        raise DutyError(f"{due.object}: neither days nor until")
    return dt.datetime.combine(worked(day.as_of, due.days), EVENING)


def worked(start: dt.date, days: int) -> dt.date:
    """The day some working days from another.

    >>> worked(dt.date(2026, 9, 30), 2)
    datetime.date(2026, 10, 9)
    """
    found: object = call("WORKDAY", start, days)[0][0]
    if not isinstance(found, dt.date):
        raise DutyError(f"no working day {days} from {start}: {found}")
    return found


# ------------------------------------------------------------------------------------------------------- to be ended


def unexplained(tasks: Sequence[Row]) -> Iterator[int]:
    """Rows that somebody closed without saying what came of it."""
    for index, row in enumerate(tasks):
        if row.get("status") in (DONE, CANCELLED) and not str(row.get("result") or "").strip():
            yield index


def overdue(task: Row, now: dt.datetime) -> bool:
    """Whether a task that is not done should be."""
    due = task.get("due_at")
    return task.get("status") in (OPEN, RUNNING) and isinstance(due, dt.datetime) and due < now
