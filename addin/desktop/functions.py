"""The functions as classic xlwings sees them: one separate wrapper a catalogue entry, named ``SALES_…``, so the catalogue stays free
of xlwings' own marks.

Every wrapper takes first the language of the caller's workbook, which the VBA side fills in (``SalesPlanLanguage()``), and then the
cells, always as rows with errors as their codes. It gives back plain values only, errors as the texts of ``sentinel``, and never
raises: a fault of ours is logged and shown as an error with a reason.
"""

from __future__ import annotations

import datetime as dt
import inspect
import keyword
import math
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

import xlwings

from addin.desktop import sentinel
from addin.desktop.logs import log_exception
from udfs.formula import Argument, Formula, UsageError, iter_formulas
from udfs.text import LANGUAGES, Text, speaking
from udfs.values import NUM, VALUE, ExcelError

PREFIX = "SALES_"
CATEGORY = "SalesPlan"
LANGUAGE_ARGUMENT, LANGUAGE_VBA = "language", "SalesPlanLanguage()"
_PLAIN = frozenset({float, str, bool, type(None)})
# Words VBA keeps for itself, and the names that xlwings' generated code uses beside ours.
_RESERVED = frozenset(
    [
        "and",
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
    if isinstance(value, list | tuple):
        return [[c if type(c) in _PLAIN else _cell_in(c) for c in row] for row in value]
    return _cell_in(value)


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


def evaluate(entry: Formula, language: Any, cells: Iterable[Any]) -> list[list[Any]]:
    """A call from a cell: rows in, rows out, whatever happens."""
    with speaking(language if language in LANGUAGES else "zh"):
        try:
            result = entry.cells(*(cells_in(cell) for cell in cells))
            rows = [[cell_out(cell) for cell in row] for row in result]
            if result.notes:
                rows.append([sentinel.of_note(result.notes), *[None] * (len(rows[0]) - 1)])
            return rows
        except UsageError as usage:
            return [[sentinel.of_error(VALUE, str(usage.text))]]
        except Exception as fault:
            return [[sentinel.of_error(VALUE, str(_own_fault(entry, fault)))]]


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


def wrapper(entry: Formula) -> Callable[..., Any]:
    """A plain function for xlwings; its signature is the one VBA shows, with the language in front."""

    def call(language: Any, *cells: Any) -> list[list[Any]]:
        return evaluate(entry, language, cells)

    call.__name__ = call.__qualname__ = PREFIX + entry.name
    call.__doc__ = entry.help.en
    call.__signature__ = inspect.Signature(list(_signature(entry)))  # type: ignore[attr-defined]
    call.__annotations__ = {}  # hints would make xlwings convert by its own rules
    return call


def _signature(entry: Formula) -> Iterator[inspect.Parameter]:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    yield inspect.Parameter(LANGUAGE_ARGUMENT, kind)
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
        marked = arg(name, ndim=2, err_to_str=True, doc=argument.help.en)(marked)
    marked = arg(LANGUAGE_ARGUMENT, vba=LANGUAGE_VBA)(marked)
    return func(marked, category=CATEGORY)


# xlwings looks the functions up as attributes of this module. Without Excel its decorators do nothing.
globals().update({PREFIX + entry.name: annotated(entry, xlwings.func, xlwings.arg) for entry in iter_formulas()})
