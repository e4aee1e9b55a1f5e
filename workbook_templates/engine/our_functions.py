"""Our functions as the engine calls them: on its own thread, with plain cells, their errors and reasons kept."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from udfs.faults import is_strict, own_fault
from udfs.text import Text, language, speaking
from workbook_templates.cells import ErrorValue, serial
from workbook_templates.engine import gaps
from workbook_templates.engine.precedents import MAX_SPILL
from workbook_templates.formulas.spelling import OMITTED

Function = Callable[..., Sequence[Sequence[Any]]]


class ErrorText(str):
    """An error with its reason, as our functions return them."""

    reason: Text

    def __new__(cls, code: str, reason: Text) -> ErrorText:
        error = super().__new__(cls, code)
        error.reason = reason
        return error


class Call(NamedTuple):
    """The errors one call of ours gave: where in its result, which, why."""

    errors: dict[tuple[int, int], tuple[str, Text]]


class Returned(NamedTuple):
    """What a function of ours gave for certain arguments: as the engine takes it, its errors with their reasons, its size."""

    handed: Any
    errors: dict[tuple[int, int], tuple[str, Text]]
    size: int


class Functions:
    """Our functions as the engine calls them: on its own thread, with the id of the calling cell as first argument.

    Within a run a function's answer depends on its arguments alone: clock, plan and language stand still. So equal arguments get
    the answer remembered, errors and reasons included.
    """

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self.functions = {name.upper(): function for name, function in functions.items()}
        self.calls: dict[int, list[Call]] = defaultdict(list)
        self.too_large: set[int] = set()
        self.spilling: set[int] = set()
        self.failures: list[tuple[str, Exception]] = []  # under SALESPLAN_STRICT: raised when the run is over
        self.broken: set[str] = set()  # lifted functions that failed: no result of theirs is believed
        self.language = language()
        self.lifting = gaps.Lifting()
        self.answers: dict[tuple[str, bytes], Returned] = {}

    def register(self, workbook: Any) -> None:
        for name, function in self.functions.items():
            workbook.register_function(name, self._callback(name, function))
        for name in gaps.LIFTS:
            workbook.register_function(gaps.LIFT + name, self._lift(name))

    def _callback(self, name: str, function: Function) -> Callable[..., Any]:
        def called(call_id: float, *args: Any) -> Any:
            try:
                return self._hand_over(int(call_id), self._answer(name, function, args))
            except Exception as failure:
                return self._hand_over(int(call_id), _answered([[self._fault(name, failure)]]))

        return called

    def _fault(self, name: str, failure: Exception) -> Any:
        """A fault of ours as an error with its reason. A test hears of it after the run: the engine would forget it."""
        if is_strict():
            self.failures.append((name, failure))
            raise failure
        return own_fault(name, failure)

    def _answer(self, name: str, function: Function, args: tuple[Any, ...]) -> Returned:
        key = gaps.marked(name, args)
        known = self.answers.get(key) if key is not None else None
        if known is not None:
            return known
        answer = _answered(self._rows(function, args))
        if key is not None:
            self.answers[key] = answer
        return answer

    def _rows(self, function: Function, args: tuple[Any, ...]) -> Sequence[Sequence[Any]]:
        try:
            with speaking(self.language):
                return function(*(_argument(arg) for arg in args))
        except Exception as failure:
            why = getattr(failure, "text", None)
            if isinstance(why, Text):  # a call no function takes, such as a missing argument: the cell's fault, not ours
                return [[ErrorText("#VALUE!", why)]]
            raise

    def _lift(self, name: str) -> Callable[..., Any]:
        def lifted(*args: Any) -> Any:
            try:
                return self.lifting.call(name, args)
            except Exception as failure:
                self.broken.add(name)
                return _result(self._fault(name, failure))

        return lifted

    def _hand_over(self, call_id: int, answer: Returned) -> Any:
        if answer.errors:
            self.calls[call_id].append(Call(answer.errors))
        if answer.size > MAX_SPILL:
            self.too_large.add(call_id)
        if answer.size != 1:
            self.spilling.add(call_id)
        return answer.handed

    def reason(self, call_id: int, offset: tuple[int, int], code: str) -> Text | None:
        """Why the cell at ``offset`` from its formula shows ``code``: the call's own error there, else any alike."""
        calls = self.calls.get(call_id, ())
        for call in reversed(calls):
            found = call.errors.get(offset)
            if found is not None and found[0] == code:
                return found[1]
        alike = (why for call in reversed(calls) for what, why in call.errors.values() if what == code)
        return next(alike, None)


def _answered(rows: Sequence[Sequence[Any]]) -> Returned:
    errors: dict[tuple[int, int], tuple[str, Text]] = {}
    out: list[list[Any]] = []
    for r, row in enumerate(rows):
        out.append([_result(cell) for cell in row])
        for c, cell in enumerate(row):
            if isinstance(cell, str) and hasattr(cell, "reason"):
                errors[r, c] = (str.__str__(cell), cell.reason)
    size = sum(map(len, out))
    return Returned(out[0][0] if size == 1 else out, errors, size)


# What goes to our functions as the engine hands it over.
_PLAIN = frozenset({float, int, bool, type(None)})


def _argument(arg: Any) -> Any:
    """What our functions get for what the engine hands over."""
    if isinstance(arg, list):
        if not (arg and arg[0]):
            return ErrorValue("#CALC!")  # an array of nothing
        return [row if _PLAIN.issuperset(map(type, row)) else [_argument(cell) for cell in row] for row in arg]
    if type(arg) in _PLAIN:
        return arg
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
