"""What a check is: a code, what it says, and how it is asked: by a line of the Checks sheet, by looking at the rows, or both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from udfs.text import Text
from workbook_templates.answers import ERROR, Problem, Refused
from workbook_templates.cells import ErrorValue, Value
from workbook_templates.tables import schema
from workbook_templates.tables.grids import Grid, Held, hold

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan
    from workbook_templates.xlsx.package import Package


@dataclass(frozen=True)
class Line:
    """How the Checks sheet asks: ``found`` should be ``expected``, each a formula without its =.

    ``needs``: the column (``Table.key``) that must hold something, else it is still to do. ``parts``: formulas by what they count
    (a key of :data:`PARTS`) that stand beside the line and that ``found`` adds up; ``found`` is left out then.
    """

    found: str = ""
    expected: str = "0"
    fmt: str = "int"
    needs: str = ""
    at_most: bool = False  # found may be less than expected
    at_least: bool = False  # found may be more than expected
    parts: Mapping[str, str] | None = None


NOT_AVAILABLE = ErrorValue("#N/A")

# What the lines of Tables count, in the order of their columns.
PARTS = {
    "key": Text("重复", "Doubled"),
    "reference": Text("未登记", "Unknown"),
    "cell": Text("缺填、类型不对", "Blank or wrong"),
}


@dataclass(frozen=True)
class Mistake:
    """What somebody might type by mistake: ``demo --faults`` plants it, so that its check is seen red.

    ``at``: a column (``Table.key``) or a defined name; ``row``: which row or cell of it, below 0 from the end, or the first row that
    fits. A ``Text`` is said in the plan's language.
    """

    at: str
    value: Value | Text | dt.date
    row: int | Callable[[Mapping[str, Any]], object] = 0


# Faults that would hide other checks stand in workbooks of their own.
DATA, ERRORS, APART = 1, 2, 3


@dataclass(frozen=True)
class Check:
    """One check. ``page`` is the key of the sheet it is about, or the name of a Table; ``chapter`` follows from where it is
    written.

    ``line`` writes it on the Checks sheet. ``faults`` names the cells behind it from the rows of the Tables that are there; it
    finds something only when the line is not passed, and ``salesplan check`` asks both. ``whole`` is for what no cell can say.
    """

    code: str
    page: str
    what: Text
    remedy: Text
    level: str = ERROR
    line: Callable[[Plan], Line] | None = None
    faults: Callable[[Mapping[str, Grid]], Iterable[Problem]] | None = None
    whole: Callable[[Package], Iterable[Problem]] | None = None  # asks the whole plan, in a file
    fault: tuple[Mistake, ...] = ()  # what it finds
    group: int = DATA  # of the workbooks with faults: which
    chapter: int = 0  # filled in when it is gathered; 0: of every plan


@dataclass(frozen=True)
class CheckList:
    """What a chapter's module of ``checks`` registers: ``CHECKS = CheckList(order, (…))``; ``order``: its place on the sheet."""

    order: float
    checks: tuple[Check, ...]


def held(grids: Mapping[str, Grid], name: str) -> Held | None:
    """A Table's rows; None where it is not there or can't be read, which is told by itself."""
    try:
        return hold(grids.get(name), schema.table(name))
    except Refused:
        return None


def column(plan: Plan, path: str) -> str:
    """A column (``Table.key``) as formulas name it."""
    table, _, key = path.partition(".")
    return str(getattr(plan.table(table), key))


_NO_ERRORS = Text("公式没有错误值", "No errors in its formulas")
_ASK_WHY = Text("用 SALES_WHY 查看原因", "Ask SALES_WHY for the reason")


def _errors(name: str, needs: str, plan: Plan) -> Line:
    return Line(f"SUMPRODUCT(ISERROR({plan.name(name)}#)*1)", needs=needs)


def no_errors(name: str, page: str, needs: str, spoilt: str) -> Check:
    """A dynamic array whose errors would not reach a sum.

    ``name`` is that of its top cell, ``needs`` the column that must hold something; an error in the first cell of ``spoilt`` reaches it.
    """
    fault = (Mistake(spoilt, NOT_AVAILABLE),)
    return Check(f"errors.{name}", page, _NO_ERRORS, _ASK_WHY, line=partial(_errors, name, needs), fault=fault, group=ERRORS)
