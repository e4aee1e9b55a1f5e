"""Our functions as the engine calls them: on its own thread, with plain cells, their errors and reasons kept."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from udfs.text import Text, language, speaking
from workbook_templates import gaps
from workbook_templates.cells import ErrorValue, serial
from workbook_templates.precedents import MAX_SPILL
from workbook_templates.spelling import OMITTED

Function = Callable[..., Sequence[Sequence[Any]]]


class Refused(str):
    """An error with its reason, as our functions return them."""

    reason: Text

    def __new__(cls, code: str, reason: Text) -> Refused:
        error = super().__new__(cls, code)
        error.reason = reason
        return error


class Call(NamedTuple):
    """The errors one call of ours gave: where in its result, which, why."""

    errors: dict[tuple[int, int], tuple[str, Text]]


class Functions:
    """Our functions as the engine calls them: on its own thread, with the id of the calling cell as first argument."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self.functions = {name.upper(): function for name, function in functions.items()}
        self.calls: dict[int, list[Call]] = defaultdict(list)
        self.too_large: set[int] = set()
        self.spilling: set[int] = set()
        self.failures: list[tuple[str, BaseException]] = []
        self.language = language()

    def register(self, workbook: Any) -> None:
        for name, function in self.functions.items():
            workbook.register_function(name, self._callback(name, function))
        for name in gaps.LIFTS:
            workbook.register_function(gaps.LIFT + name, self._lift(name))

    def _callback(self, name: str, function: Function) -> Callable[..., Any]:
        def called(call_id: float, *args: Any) -> Any:
            try:
                with speaking(self.language):
                    rows = function(*(_argument(arg) for arg in args))
                return self._hand_over(int(call_id), rows)
            except Exception as failure:
                why = getattr(failure, "text", None)
                if isinstance(why, Text):  # a call no function takes, such as a missing argument: the cell's fault, not ours
                    return self._hand_over(int(call_id), [[Refused("#VALUE!", why)]])
                # The engine would turn it into #VALUE! and forget it: keep it, to raise when the run is over.
                self.failures.append((name, failure))
                raise

        return called

    def _lift(self, name: str) -> Callable[..., Any]:
        def lifted(*args: Any) -> Any:
            try:
                return gaps.lifted_call(name, args)
            except Exception as failure:
                self.failures.append((name, failure))
                raise

        return lifted

    def _hand_over(self, call_id: int, rows: Sequence[Sequence[Any]]) -> Any:
        errors: dict[tuple[int, int], tuple[str, Text]] = {}
        out: list[list[Any]] = []
        for r, row in enumerate(rows):
            out.append([])
            for c, cell in enumerate(row):
                out[-1].append(_result(cell))
                if isinstance(cell, str) and hasattr(cell, "reason"):
                    errors[r, c] = (str.__str__(cell), cell.reason)
        if errors:
            self.calls[call_id].append(Call(errors))
        size = sum(map(len, out))
        if size > MAX_SPILL:
            self.too_large.add(call_id)
        if size == 1:
            return out[0][0]
        self.spilling.add(call_id)
        return out

    def reason(self, call_id: int, offset: tuple[int, int], code: str) -> Text | None:
        """Why the cell at ``offset`` from its formula shows ``code``: the call's own error there, else any alike."""
        calls = self.calls.get(call_id, ())
        for call in reversed(calls):
            found = call.errors.get(offset)
            if found is not None and found[0] == code:
                return found[1]
        alike = (why for call in reversed(calls) for what, why in call.errors.values() if what == code)
        return next(alike, None)


def _argument(arg: Any) -> Any:
    """What our functions get for what the engine hands over."""
    if isinstance(arg, list):
        if not (arg and arg[0]):
            return ErrorValue("#CALC!")  # an array of nothing
        return [[_argument(cell) for cell in row] for row in arg]
    code = gaps.error_code(arg)
    if code is not None:
        return ErrorValue(code)
    return None if isinstance(arg, str) and arg == OMITTED else arg


def _result(cell: Any) -> Any:
    """What the engine gets for a cell of ours."""
    from formualizer import LiteralValue

    if isinstance(cell, str) and (hasattr(cell, "reason") or isinstance(cell, ErrorValue)):
        return LiteralValue.error(gaps.KIND_OF.get(str.__str__(cell), "Value"), None)
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, (dt.date, dt.datetime)):
        return serial(cell)
    if isinstance(cell, bool) or type(cell).__name__ in ("bool", "bool_"):
        return bool(cell)
    number = float(cell)
    return number if math.isfinite(number) else LiteralValue.error("Num", None)
