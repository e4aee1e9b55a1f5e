"""What a plan lacks next: from the empty plan to the first paid month, and around the year.

A chapter's module ``steps`` registers ``STEPS = Steps(order, (…))``. One list, in order: the first step that is missing is the next one,
a step of a chapter that is not taken is never asked. A step says the same twice: ``missing`` over the rows, ``formula`` as the Guide asks
it without the program; a step no formula can ask has none and stands in ``salesplan next`` only.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates import registry
from workbook_templates.cells import Value
from workbook_templates.tables.spec import Row

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan

NOTHING = Text("", "")
# How the Guide says where a step stands.
OPEN, CAN_WAIT, DONE = Text("待做", "To do"), Text("可稍后", "Can wait"), Text("完成", "Done")
ALL_DONE = Text(
    "到截止日期为止都办好了：继续导入成交与回款；月底过后改“参数”的截止日期，再计算提成",
    "All done up to the as-of date: go on importing deals and cash; when the month is over, move the as-of date on Settings and compute commissions",
)
# … where nobody is paid by this plan: the team's chapter is off.
ALL_DONE_APART = Text(
    "到截止日期为止都办好了：继续导入各章的数据，每天运行“每日例行”",
    "All done up to the as-of date: go on importing the chapters' data, and run the daily routine",
)
PAY = 5  # the chapter that pays people, and where they stand


def all_done(off: frozenset[int]) -> Text:
    """What is said where nothing is missing."""
    return ALL_DONE_APART if PAY in off else ALL_DONE


@dataclass(frozen=True)
class State:
    """What a plan holds, as the steps ask it: rows by Table, values of named cells, its days.

    ``stale`` says whether computing the commissions now would change anything.
    """

    rows: Callable[[str], Sequence[Row]]
    first: Callable[[str], Value]
    as_of: dt.date
    year: int
    today: dt.date
    off: frozenset[int] = frozenset()
    stale: Callable[[], bool] = lambda: False

    def has(self, table: str) -> bool:
        """Whether a Table has a row."""
        return bool(self.rows(table))


def _no_month(state: State) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """One thing to do. In ``what``, ``button`` and ``command`` stand ``{month}``, ``{cell}`` and (for a command) ``{plan}``.

    ``place``: the name of the cell, or the Table, where it is done. ``can_wait``: nobody is paid later for want of it, so that it is
    never the next one, only listed. ``can_skip``: a company may do without it; what comes then is said beside it.
    """

    code: str
    what: Text
    button: Text
    command: Text = NOTHING  # blank where only a cell does it
    place: str
    missing: Callable[[State], bool]
    formula: Callable[[Plan], str] | None = None  # TRUE while it is missing, without its =
    month: Callable[[State], str] = _no_month
    month_formula: Callable[[Plan], str] | None = None
    can_wait: bool = False
    can_skip: bool = False
    chapter: int = 0  # filled in when it is gathered; 0: of every plan


def without(table: str) -> Callable[[State], bool]:
    """A step that is missing while a Table has no row; ``none_in`` asks the same in the Guide."""
    return lambda state: not state.has(table)


def none_in(table: str, key: str) -> Callable[[Plan], str]:
    """The formula of ``without``; ``key``: a column that every row fills in."""
    return lambda plan: f"COUNTA({getattr(plan.table(table), key)})=0"


@dataclass(frozen=True)
class SharedCell:
    """A cell of the Guide that formulas of steps share: its name, what it says, its formula without the =."""

    name: str
    label: Text
    formula: Callable[[Plan], str]


@dataclass(frozen=True)
class Steps:
    """What a chapter's module ``steps`` registers; ``order``: its place among the chapters'."""

    order: float
    steps: tuple[NextStep, ...]
    figures: tuple[SharedCell, ...] = ()


class StepError(Exception):
    """Two steps of one code: for the developer, at import."""


@functools.cache
def figures() -> tuple[SharedCell, ...]:
    """The cells that the steps' formulas share."""
    return tuple(figure for found in registry.of_chapters("steps", "STEPS", Steps).values() for figure in found.figures)


@functools.cache
def every() -> tuple[NextStep, ...]:
    """All steps, in order."""
    out: dict[str, NextStep] = {}
    for module, found in registry.of_chapters("steps", "STEPS", Steps).items():
        for step in found.steps:
            if step.code in out:
                raise StepError(f"{module}: another chapter has a step {step.code}")
            out[step.code] = replace(step, chapter=registry.home_of(module).number)
    return tuple(out.values())


@dataclass(frozen=True)
class Next:
    """The next step (None: all done), its month, what may wait; and what comes where the next one is skipped."""

    step: NextStep | None
    month: str
    later: tuple[NextStep, ...]
    otherwise: NextStep | None = None


def answer(state: State, asked: Sequence[NextStep] | None = None) -> Next:
    """What is missing now."""
    taken = [step for step in (every() if asked is None else asked) if step.chapter not in state.off]
    due = [step for step in taken if not step.can_wait]
    found = next((step for step in due if step.missing(state)), None)
    later = tuple(step for step in taken if step.can_wait and step.missing(state))
    if found is None:
        return Next(None, "", later)
    after = (step for step in due[due.index(found) + 1 :] if not step.can_skip and step.missing(state))
    return Next(found, found.month(state), later, next(after, None) if found.can_skip else None)


def filled(text: Text, **said: str) -> Text:
    """A step's text with its month, cell and plan."""
    return Text(*(_filled(one, said) for one in text))


def _filled(text: str, said: Mapping[str, str]) -> str:
    for key, value in said.items():
        text = text.replace("{" + key + "}", value)
    return text
