"""What to believe of a run of the engine: values, spills, reasons, and what is not Excel's answer but the engine's."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from udfs.text import Text
from workbook_templates.cells import ErrorValue, Value, column_letters, serial
from workbook_templates.engine import gaps
from workbook_templates.engine.precedents import MAX_SPILL, CellIndex, Key, Readers, reads
from workbook_templates.formulas.spelling import (
    Token,
    arguments,
    bounds,
    cell_position,
    is_ours,
    references,
    sheet_prefix,
    tokenize,
)

if TYPE_CHECKING:
    from workbook_templates.engine.run import HeldFormula, Run

CIRCULAR = Text("循环引用", "circular reference")
_LONG_NUMBER = re.compile(r"(?<![\d.])\d+\.\d+(?:[eE][+-]?\d+)?")
_JOINS = re.compile(r"&|CONCAT|TEXTJOIN")
TOO_WIDE = Text("数组公式的区域超过十万个单元格", "the array formula fills more than 100,000 cells")
_TOO_LARGE = Text("溢出结果超过一万个单元格", "the spilled result has more than 10,000 cells")
_BY_PINYIN = Text("Excel 按拼音排序，引擎不会", "Excel sorts Chinese by pinyin, which the engine does not")
_TRUTHS = Text("引擎把单元格里的 TRUE 当作 1", "the engine counts TRUE in cells as 1")
_IN_ENGINE = Text("计算引擎算不了", "the engine can't compute it")


class Unsupported(NamedTuple):
    """A cell the engine can't compute rightly: the function (or sign) that is to blame, possibly in a cell it reads."""

    sheet: str
    row: int
    column: int
    function: str
    reason: Text

    @property
    def cell(self) -> str:
        """The cell as written in a formula."""
        return f"{column_letters(self.column)}{self.row}"


@dataclass
class Results:
    """``values`` has every formula cell and every cell spilled into, but for the ``unsupported`` and ``circular`` ones.

    ``odd`` are the formulas whose value in a file is not all the engine knew of it (a text's last digits, a minus zero), ``kept``
    those that were not computed again.
    """

    values: dict[Key, Value] = field(default_factory=dict)
    spills: dict[Key, tuple[int, int]] = field(default_factory=dict)
    reasons: dict[Key, Text] = field(default_factory=dict)
    unsupported: list[Unsupported] = field(default_factory=list)
    circular: list[Key] = field(default_factory=list)
    odd: list[Key] = field(default_factory=list)
    kept: frozenset[Key] = frozenset()


class Reading:
    """The results of a run: values, spills, reasons, and what must not be trusted."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.out = Results()
        self.numbers = {formula.key: number for number, formula in enumerate(run.formulas)}
        self.blame: dict[Key, tuple[str, Text]] = dict(run.refusals)
        self.areas: dict[Key, tuple[int, int]] = {}
        fed = ((s, *place) for s, values in run.values.items() for place, v in values.items() if isinstance(v, bool))
        computed = (f.key for f in run.formulas if isinstance(run.workbook.get_value(*f.key), bool))
        self.truths = CellIndex([*fed, *computed])

    def results(self) -> Results:
        for formula in self.run.formulas:
            self._read(formula)
        self._spread_blame()
        self._drop_blamed()
        self._explain()
        return self.out

    def _read(self, formula: HeldFormula) -> None:
        sheet, row, column = formula.key
        rows, columns = self._area(formula)
        self.areas[formula.key] = rows, columns
        if formula.key in self.blame:
            return
        trouble = self._trouble(formula)
        if trouble is not None:
            self.blame[formula.key] = trouble
            return
        for r in range(rows):
            for c in range(columns):
                key = (sheet, row + r, column + c)
                value = self.run.cell(key)
                shown = self.out.values[key] = _read_value(value, formula.text)
                if _is_odd(value, shown):
                    self.out.odd.append(formula.key)
        if (rows, columns) != (1, 1) and formula.cell.dynamic:
            self.out.spills[formula.key] = rows, columns

    def _area(self, formula: HeldFormula) -> tuple[int, int]:
        if formula.old_array and not formula.too_wide:
            top, left, bottom, right = bounds(formula.cell.array_ref or "")
            return bottom - top + 1, right - left + 1
        return self.run.extent(formula.key) if formula.cell.dynamic else (1, 1)

    def _trouble(self, formula: HeldFormula) -> tuple[str, Text] | None:
        """What shows in a result that it is the engine's and not Excel's."""
        value = self.run.cell(formula.home)
        broken = next((name for name in sorted(self.run.ours.broken) if f"{gaps.LIFT}{name}(" in formula.text), None)
        if broken is not None:
            return broken, _IN_ENGINE
        if self.truths and "SUMPRODUCT" in formula.lowered and self._multiplies_truths(formula):
            return "SUMPRODUCT", _TRUTHS
        if isinstance(value, dict):
            if value["kind"] == "Circ":
                self.out.circular.append(formula.key)
                return "", CIRCULAR
            return self._first_function(formula), _IN_ENGINE
        if not isinstance(value, ErrorValue):
            return self._pinyin(formula)
        if value == "#NAME?":
            return self._unknown_name(formula)
        if value == "#SPILL!" and (self.numbers[formula.key] in self.run.ours.too_large or self._spills_alone(formula)):
            return self._first_function(formula), _TOO_LARGE
        doubtful = sorted(references(formula.lowered) & gaps.DOUBTFUL_VALUE) if value == "#VALUE!" else []
        if doubtful and not self._reads_error(formula, "#VALUE!"):
            return doubtful[0], _IN_ENGINE
        return None

    def _multiplies_truths(self, formula: HeldFormula) -> bool:
        """Whether SUMPRODUCT is given TRUE or FALSE in cells: nothing to Excel, 1 or 0 to the engine."""
        tokens = tokenize(formula.lowered[1:])
        for index, token in enumerate(tokens):
            if token.kind == "func" and token.text.upper() == "SUMPRODUCT":
                for start, end in arguments(tokens, index + 1):
                    if any(t.kind not in ("name", "sheet", "op", "space") for t in tokens[start:end]):
                        continue
                    ranges = reads("=" + "".join(t.text for t in tokens[start:end]), formula.home[0])
                    if any(self.truths.first_in(where) is not None for where in ranges):
                        return True
        return False

    def _first_function(self, formula: HeldFormula) -> str:
        return next((t.text.upper() for t in tokenize(formula.lowered[1:]) if t.kind == "func"), "")

    def _unknown_name(self, formula: HeldFormula) -> tuple[str, Text] | None:
        """#NAME? is Excel's too for a function of ours that does not exist, or when it is read from another cell."""
        called = references(formula.lowered)
        if any(is_ours(name) and name not in self.run.ours.functions for name in called):
            return None
        if "#NAME?" in formula.lowered or self._reads_error(formula, "#NAME?"):
            return None
        return self._first_function(formula), _IN_ENGINE

    def _reads_error(self, formula: HeldFormula, code: str) -> bool:
        for sheet, top, left, bottom, right in reads(formula.lowered, formula.home[0]):
            if (bottom - top + 1) * (right - left + 1) > 1000:
                continue
            cells = ((sheet, r, c) for r in range(top, bottom + 1) for c in range(left, right + 1))
            if any(self.run.cell(key) == code for key in cells):
                return True
        return False

    def _spills_alone(self, formula: HeldFormula) -> bool:
        """Whether a blocked spill would be too large for the engine even on an empty sheet."""
        sheet = f"alone {self.numbers[formula.key]}"
        text = formula.text
        if self.run.extent(formula.home) != (1, 1) or not formula.cell.dynamic:
            return False
        qualified = _qualified(text, formula.key[0])
        self.run.workbook.add_sheet(sheet)
        self.run.workbook.set_formula(sheet, 1, 1, qualified)
        self.run._compute()
        return bool(self.run.cell((sheet, 1, 1)) == "#SPILL!")

    def _pinyin(self, formula: HeldFormula) -> tuple[str, Text] | None:
        if "SORT" not in formula.lowered.upper():
            return None
        tokens = tokenize(formula.lowered[1:])
        for index, token in enumerate(tokens):
            name = token.text.upper()
            if token.kind == "func" and name in ("SORT", "SORTBY"):
                args = ["".join(t.text for t in tokens[a:b]).strip() for a, b in arguments(tokens, index + 1)]
                if gaps.sorts_chinese(name, list(self._sort_keys(formula, name, args))):
                    return name, _BY_PINYIN
        return None

    def _sort_keys(self, formula: HeldFormula, name: str, args: list[str]) -> Iterator[Any]:
        sheet, row, column = formula.home
        if name == "SORTBY":
            for where in reads("=" + args[1], sheet) if len(args) > 1 else ():
                last = min(where[3], where[1] + MAX_SPILL)
                yield from (self.run.workbook.get_value(where[0], r, where[2]) for r in range(where[1], last + 1))
            return
        rows, columns = self.run.extent(formula.home)
        key = int(args[1]) - 1 if len(args) > 1 and args[1].isdigit() else 0
        if key < columns:
            yield from (self.run.workbook.get_value(sheet, row + r, column + key) for r in range(rows))

    # --------------------------------------------------------------------------------------------------- what must not be trusted

    def _spread_blame(self) -> None:
        """Blames every formula that reads a blamed cell, directly or through others."""
        if not self.blame:
            return
        readers = Readers(self.run.formulas)
        waiting = list(self.blame)
        for formula in readers.anywhere:
            if formula.key not in self.blame:
                self.blame[formula.key] = self.blame[waiting[0]]
                waiting.append(formula.key)
        while waiting:
            origin = waiting.pop()
            for formula in self._readers_of(origin, readers):
                if formula.key not in self.blame:
                    self.blame[formula.key] = self.blame[origin]
                    waiting.append(formula.key)

    def _readers_of(self, origin: Key, readers: Readers[HeldFormula]) -> Iterator[HeldFormula]:
        held = self.run.formulas[self.numbers[origin]]
        if held.too_wide:
            yield from readers.pop_area((origin[0], *bounds(held.cell.array_ref or "")))
        for cell in self._cells(origin):
            yield from readers.pop(cell)

    def _cells(self, origin: Key) -> Iterator[Key]:
        rows, columns = self.areas.get(origin, (1, 1))
        sheet, row, column = origin
        return ((sheet, row + r, column + c) for r in range(rows) for c in range(columns))

    def _drop_blamed(self) -> None:
        circular = set(self.out.circular)
        for key, (function, reason) in self.blame.items():
            if reason is CIRCULAR and key not in circular:
                circular.add(key)
                self.out.circular.append(key)
            for cell in self._cells(key):
                self.out.values.pop(cell, None)
            self.out.spills.pop(key, None)
            if key not in circular:
                self.out.unsupported.append(Unsupported(*key, function, reason))

    # -------------------------------------------------------------------------------------------------------------------- reasons

    def _explain(self) -> None:
        errors = {key: str.__str__(v) for key, v in self.out.values.items() if isinstance(v, ErrorValue)}
        owners = self._owners()
        for key, code in errors.items():
            formula = owners[key]
            offset = (key[1] - formula.key[1], key[2] - formula.key[2])
            reason = self.run.ours.reason(self.numbers[formula.key], offset, code)
            if reason is not None:
                self.out.reasons[key] = reason
        self._pass_reasons_on(errors, owners)

    def _owners(self) -> dict[Key, HeldFormula]:
        return {key: formula for formula in self.run.formulas for key in self._cells(formula.key)}

    def _pass_reasons_on(self, errors: dict[Key, str], owners: dict[Key, HeldFormula]) -> None:
        """An error that is only read from another cell has that cell's reason."""
        for _ in range(20):
            by_code = {code: CellIndex(k for k in self.out.reasons if errors[k] == code) for code in set(errors.values())}
            fresh = {}
            for key, code in errors.items():
                if key not in self.out.reasons and by_code[code]:
                    source = self._source(owners[key], by_code[code])
                    if source is not None:
                        fresh[key] = self.out.reasons[source]
            if not fresh:
                return
            self.out.reasons |= fresh

    @staticmethod
    def _source(formula: HeldFormula, places: CellIndex) -> Key | None:
        for where in reads(formula.lowered, formula.key[0]):
            place = places.first_in(where)
            if place is not None:
                return (where[0], *place)
        return None


def _qualified(text: str, sheet: str) -> str:
    """The formula with its sheet before every reference that names none, to be computed elsewhere."""
    tokens = tokenize(text[1:])
    out = ["="]
    for index, token in enumerate(tokens):
        before = tokens[index - 1] if index else None
        bare = token.kind == "name" and cell_position(token.text) is not None
        free = before is None or (before.kind != "sheet" and before != Token("op", ":"))
        out.append(sheet_prefix(sheet) + token.text if bare and free else token.text)
    return "".join(out)


def _read_value(value: Any, formula: str) -> Value:
    """A result as a cell shows it: blank is zero, no minus zero, numbers within texts as short as Excel writes them."""
    if value is None:
        return 0.0
    if isinstance(value, (dt.date, dt.datetime)):
        return serial(value)
    if isinstance(value, (bool, ErrorValue)):
        return value
    if isinstance(value, (int, float)):
        return float(value) + 0.0 if math.isfinite(value) else ErrorValue("#NUM!")
    if isinstance(value, dict):
        return ErrorValue("#VALUE!")
    return _LONG_NUMBER.sub(_as_excel_writes, value) if _JOINS.search(formula) else str(value)


def _is_odd(value: Any, shown: Value) -> bool:
    """Whether what reads a cell in the engine might see more than what a file shows of it."""
    if isinstance(value, float):
        return (value == 0 and math.copysign(1, value) < 0) or not math.isfinite(value)
    return value is None or isinstance(value, dict) or (isinstance(value, str) and value != shown)


def _as_excel_writes(match: re.Match[str]) -> str:
    """Excel writes 15 significant digits where the engine writes 17."""
    text = match.group()
    digits = text.replace(".", "").lstrip("0")
    return text if len(digits) <= 15 or "e" in text.lower() else f"{float(text):.15g}"
