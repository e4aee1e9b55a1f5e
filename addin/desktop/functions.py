"""The functions as classic xlwings sees them: one separate wrapper a catalogue entry, named ``SALES_…``, so the catalogue
stays free of xlwings' own marks.

Every wrapper takes first the language and the as-of date of the caller's workbook, which the VBA side fills in
(``SalesPlanContext()``: ``zh 46660``), and then the cells, always as rows with errors as their codes. It gives back plain
values only, errors as the texts of ``sentinel``, and never raises: a fault of ours is logged and shown as an error with a reason.
"""

from __future__ import annotations

import datetime as dt
import inspect
import keyword
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import xlwings

from addin.desktop import sentinel
from addin.logs import keep_log, log_exception
from udfs import policy
from udfs.formula import Argument, Formula, UsageError, iter_formulas
from udfs.text import LANGUAGES, Text, speaking
from udfs.values import NUM, VALUE, ExcelError, serial_to_date

PREFIX = "SALES_"
CATEGORY = "SalesPlan"
CONTEXT_ARGUMENT, CONTEXT_VBA = "context", "SalesPlanContext()"
_PLAIN = frozenset({float, str, bool, type(None)})
# Words VBA keeps for itself, and the names that xlwings' generated code uses beside ours.
_RESERVED = frozenset(
    [
        "and",
        "base",  # LibreOffice keeps it, Excel does not
        "as",
        "boolean",
        "byref",
        "byte",
        "byval",
        "call",
        "case",
        "const",
        "currency",
        "date",
        "decimal",
        "declare",
        "dim",
        "do",
        "double",
        "each",
        "else",
        "elseif",
        "end",
        "enum",
        "erase",
        "error",
        "event",
        "exit",
        "false",
        "for",
        "function",
        "get",
        "global",
        "gosub",
        "goto",
        "if",
        "imp",
        "implements",
        "in",
        "input",
        "integer",
        "is",
        "let",
        "like",
        "long",
        "loop",
        "lset",
        "me",
        "mid",
        "mod",
        "new",
        "next",
        "not",
        "nothing",
        "null",
        "object",
        "on",
        "open",
        "option",
        "optional",
        "or",
        "paramarray",
        "preserve",
        "print",
        "private",
        "property",
        "public",
        "put",
        "raiseevent",
        "redim",
        "rem",
        "resume",
        "return",
        "rset",
        "seek",
        "select",
        "set",
        "single",
        "static",
        "step",
        "stop",
        "string",
        "sub",
        "then",
        "to",
        "true",
        "type",
        "until",
        "variant",
        "wend",
        "while",
        "with",
        "withevents",
        "write",
        "xor",
        "k",
        "argsarray",
        "caller",
        "failed",
        "activeworkbook",
        "application",
        "array",
        "xlpy",
        "language",
    ]
)


def vba_name(name: str) -> str:
    """An argument's name as VBA accepts it."""
    return name + "_" if name.lower() in _RESERVED or keyword.iskeyword(name) else name


def cells_in(value: Any) -> Any:
    """A range or cell from xlwings as the catalogue reads it: rows of float, str, bool, None, datetime or an error's code."""
    if not isinstance(value, list | tuple):
        return _cell_in(value)
    if {type(c) for row in value for c in row} <= _PLAIN:  # the usual case; a new list a row would cost more than all the rest
        return value
    return [[_cell_in(c) for c in row] for row in value]


def _cell_in(cell: Any) -> Any:
    if type(cell) in _PLAIN:
        return cell
    if isinstance(cell, int):
        return sentinel.com_error(cell) or float(cell)
    return float(cell) if isinstance(cell, Decimal) else cell


def cell_out(cell: Any) -> Any:
    """A result's cell as COM takes it: float, str, bool, None or datetime; errors as their sentinel."""
    if cell is None or isinstance(cell, bool):
        return cell
    if isinstance(cell, ExcelError):
        return sentinel.of_error(cell, str(cell.reason))
    if isinstance(cell, str):
        return sentinel.clean(cell)
    if isinstance(cell, dt.datetime):
        return cell
    if isinstance(cell, dt.date):
        return dt.datetime(cell.year, cell.month, cell.day)
    number = float(cell)
    return number if math.isfinite(number) else sentinel.of_error(NUM, str(_TOO_LARGE))


_TOO_LARGE = Text("数值超出 Excel 的范围：请改小", "the number is beyond Excel's range: make it smaller")


def evaluate(entry: Formula, context: Any, cells: Iterable[Any]) -> list[list[Any]]:
    """A call from a cell: rows in, rows out, whatever happens."""
    with _workbook(str(context)):
        try:
            result = entry.cells(*(cells_in(cell) for cell in cells))
            rows = _rows_out(result)
            if result.notes:
                rows.append([sentinel.of_note(result.notes), *[None] * (len(rows[0]) - 1)])
            return rows
        except UsageError as usage:
            return [[sentinel.of_error(VALUE, str(usage.text))]]
        except Exception as fault:
            return [[sentinel.of_error(VALUE, str(_own_fault(entry, fault)))]]


def _rows_out(result: list[list[Any]]) -> list[list[Any]]:
    if all(type(c) is float and math.isfinite(c) for row in result for c in row):
        return list(result)
    return [[cell_out(c) for c in row] for row in result]


@contextmanager
def _workbook(context: str) -> Iterator[None]:
    """The caller's workbook: its language, and its as-of date as the clock, as when it is recalculated without Excel."""
    language, _, day = context.partition(" ")
    before = policy.clock()
    policy.set_today(serial_to_date(float(day)) if day.isdecimal() else before)
    try:
        with speaking(language if language in LANGUAGES else "zh"):
            yield
    finally:
        policy.set_today(before)


def _own_fault(entry: Formula, fault: Exception) -> Text:
    path = log_exception(f"{PREFIX}{entry.name}")
    where = Text(f"，详见日志 {path}", f"; see the log {path}") if path else Text("", "")
    said = f"{type(fault).__name__}: {fault}"[:200]
    return Text(
        f"SalesPlan 内部错误（{said}）{where.zh}。请把日志发给支持人员",
        f"a fault inside SalesPlan ({said}){where.en}. Please send the log to support",
    )


def parameters(entry: Formula) -> Iterator[tuple[Argument, str]]:
    """The function's arguments with their names in VBA."""
    repeating = [entry.repeating] if entry.repeating else []
    for argument in [*entry.arguments, *repeating]:
        yield argument, vba_name(argument.name)


_TODAY = Text("省略为今天", "omitted: today")
# In a cell an omitted day is the workbook's as-of date, which Excel does not see: changing it recalculates no such cell.
_AS_OF = Text("请填 as_of；省略时截止日期改动后不会重算", "give as_of: if omitted, a changed as-of date recalculates nothing")


def help_of(argument: Argument) -> Text:
    """What the function wizard says of an argument."""
    return Text(argument.zh.replace(_TODAY.zh, _AS_OF.zh), argument.en.replace(_TODAY.en, _AS_OF.en))


def reads_the_clock(argument: Argument) -> bool:
    """Whether this argument, when omitted, is the day on which the function is asked."""
    return argument.optional and _TODAY.en in argument.en


def wrapper(entry: Formula) -> Callable[..., Any]:
    """A plain function for xlwings; its signature is the one VBA shows, with the context in front."""

    def call(context: Any, *cells: Any) -> list[list[Any]]:
        return evaluate(entry, context, cells)

    call.__name__ = call.__qualname__ = PREFIX + entry.name
    call.__doc__ = entry.help.en
    call.__signature__ = inspect.Signature(list(_signature(entry)))  # type: ignore[attr-defined]
    call.__annotations__ = {}  # hints would make xlwings convert by its own rules
    return call


def _signature(entry: Formula) -> Iterator[inspect.Parameter]:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    yield inspect.Parameter(CONTEXT_ARGUMENT, kind)
    for argument, name in parameters(entry):
        if argument is entry.repeating:
            yield inspect.Parameter(name, inspect.Parameter.VAR_POSITIONAL)
        elif argument.optional and not entry.repeating:  # xlwings allows no defaults beside repeating arguments
            yield inspect.Parameter(name, kind, default=None)
        else:
            yield inspect.Parameter(name, kind)


def annotated(entry: Formula, func: Callable[..., Any], arg: Callable[..., Any]) -> Callable[..., Any]:
    """The wrapper with xlwings' marks on it; ``func`` and ``arg`` are xlwings' decorators."""
    marked = wrapper(entry)
    for argument, name in parameters(entry):
        marked = arg(name, ndim=2, err_to_str=True, doc=help_of(argument).en)(marked)
    marked = arg(CONTEXT_ARGUMENT, vba=CONTEXT_VBA)(marked)
    done: Callable[..., Any] = func(marked, category=CATEGORY)
    return done


keep_log()
# xlwings looks the functions up as attributes of this module. Without Excel its decorators do nothing.
globals().update({PREFIX + entry.name: annotated(entry, xlwings.func, xlwings.arg) for entry in iter_formulas()})
