"""Cells in, values out: the one mechanism that computes every cached value without Excel, our functions included.

The engine is formualizer. It gets a lowered twin of each formula (``spelling``), our Python functions as worksheet functions,
and mends or refusals where it is not Excel (``gaps``). What it can't compute rightly is reported, never guessed: the cell and
all that read it are left out of the values.

Known to differ and not mended: the engine compares numbers exactly, where Excel takes ``0.1+0.2=0.3`` for true (compare with
ROUND or ABS); a text that looks like a date is no date to it (refused when the result shows it).
"""

from __future__ import annotations

import datetime as dt
import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from udfs.text import Text, language, speaking
from workbook_templates import gaps
from workbook_templates.cellvalue import ErrorValue, Value
from workbook_templates.spelling import (
    OMITTED,
    Context,
    Piece,
    SpellingError,
    Table,
    Token,
    area,
    arguments,
    bounds,
    cell_position,
    column_letters,
    column_number,
    fill,
    is_ours,
    references,
    sheet_name,
    sheet_prefix,
    template,
    tokenize,
)

Key = tuple[str, int, int]
Function = Callable[..., Sequence[Sequence[Any]]]

MAX_SPILL = 10_000  # the engine's own bound, found by trying
_MAX_ROUNDS = 5
_EPOCH = dt.datetime(1899, 12, 30)
_CIRCULAR = Text("循环引用", "circular reference")


class EngineError(RuntimeError):
    """The engine itself failed; the message names what is known about where."""


@dataclass(slots=True)
class CellIn:
    """A cell as fed: a value, or a formula in canonical or file spelling.

    ``dynamic``: a dynamic array, free to spill (``array_ref`` is then where it spilled when the file was saved).
    ``array_ref`` alone: an old array formula that fills exactly that range. Neither: an ordinary formula with one value.
    """

    value: Value = None
    formula: str | None = None
    array_ref: str | None = None
    dynamic: bool = False


@dataclass
class Book:
    """What is to be computed. A sheet maps (row, column) to a ``CellIn`` or just a value; blanks are left out.

    ``names`` maps a defined name, or ``Sheet!Name`` for a sheet's own, to what it refers to.
    """

    sheets: Mapping[str, Mapping[tuple[int, int], CellIn | Value]]
    tables: Sequence[Table] = ()
    names: Mapping[str, str] = field(default_factory=dict)


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
    """``values`` has every formula cell and every cell spilled into, but for the ``unsupported`` and ``circular`` ones."""

    values: dict[Key, Value] = field(default_factory=dict)
    spills: dict[Key, tuple[int, int]] = field(default_factory=dict)
    reasons: dict[Key, Text] = field(default_factory=dict)
    unsupported: list[Unsupported] = field(default_factory=list)
    circular: list[Key] = field(default_factory=list)


def evaluate(book: Book, functions: Mapping[str, Function] | None = None, today: dt.datetime | None = None) -> Results:
    """Computes every formula of a book.

    ``functions`` maps a name (``SALES_COMMISSION``) to a callable over cells that returns rows of cells. ``today`` pins TODAY and
    NOW. Raises ``EngineError`` when the engine or one of the functions breaks; bad cells never raise.
    """
    return _Run(book, functions or {}, today).results()


def evaluate_formula(
    formula: str, functions: Mapping[str, Function] | None = None, cells: Mapping[str, Value] | None = None
) -> Value | list[list[Value]]:
    """One formula on a sheet of its own, given cells by their addresses: its value, or rows of values if it spills.

    >>> evaluate_formula("=SUM(A1:A2)*2", cells={"A1": 1.0, "A2": 2.0})
    6.0
    """
    sheet: dict[tuple[int, int], CellIn | Value] = {}
    for address, value in (cells or {}).items():
        position = cell_position(address)
        if position is None:
            raise SpellingError(f"{address!r} is no cell")
        sheet[position] = value
    home = (1001, 101)
    sheet[home] = CellIn(formula=formula, dynamic=True)
    results = evaluate(Book({"Sheet1": sheet}), functions)
    key = ("Sheet1", *home)
    if results.unsupported:
        raise EngineError(f"{formula}: {results.unsupported[0].function}: {results.unsupported[0].reason}")
    if results.circular:
        raise EngineError(f"{formula}: refers to itself")
    rows, columns = results.spills.get(key, (1, 1))
    if rows * columns == 1:
        return results.values[key]
    return [[results.values["Sheet1", home[0] + r, home[1] + c] for c in range(columns)] for r in range(rows)]


def serial(moment: dt.date | dt.datetime) -> float:
    """A date as Excel counts it (1900 system, with its 29 February 1900).

    >>> serial(dt.date(2026, 1, 15))
    46037.0
    """
    whole = moment if isinstance(moment, dt.datetime) else dt.datetime(moment.year, moment.month, moment.day)
    days = (whole.replace(tzinfo=None) - _EPOCH) / dt.timedelta(days=1)
    return days if days >= 61 else days - 1


# ------------------------------------------------------------------------------------------------------------------ our functions


class _Call(NamedTuple):
    """The errors one call of ours gave: where in its result, which, why."""

    errors: dict[tuple[int, int], tuple[str, Text]]


class _Functions:
    """Our functions as the engine calls them: on its own thread, with the id of the calling cell as first argument."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self.functions = {name.upper(): function for name, function in functions.items()}
        self.calls: dict[int, list[_Call]] = defaultdict(list)
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
            self.calls[call_id].append(_Call(errors))
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


# ------------------------------------------------------------------------------------------------------------------------ one run


@dataclass(slots=True)
class _Formula:
    """A formula on its way through the engine; ``home`` is where the engine holds it."""

    key: Key
    lowered: str
    cell: CellIn
    home: Key
    text: str = ""
    single: bool = False  # found to want implicit intersection

    @property
    def old_array(self) -> bool:
        return self.cell.array_ref is not None and not self.cell.dynamic


class _Run:
    """One evaluation: lower, feed, compute, look at what came out, mend, compute again until nothing changes."""

    def __init__(self, book: Book, functions: Mapping[str, Function], today: dt.datetime | None) -> None:
        self.book, self.today = book, today
        self.ours = _Functions(functions)
        self.formulas: list[_Formula] = []
        self.values: dict[str, dict[tuple[int, int], Value]] = {}
        self.refusals: dict[Key, tuple[str, Text]] = {}
        self.mender, self.refuser = gaps.Mender(), gaps.Refusals()
        self.templates: dict[tuple[str, str, str], list[Piece]] = {}
        self.tables = {table.name.lower(): table for table in book.tables}
        self.windows: dict[Key, str] = {}
        words = [re.escape(word.rsplit("!", 1)[-1]) for word in (*self.tables, *book.names)]
        self.special = re.compile("|".join([r"[\[#@]|_xl|SALES", *words]), re.IGNORECASE)

    def results(self) -> Results:
        self._read()
        self._lower_all()
        self._open()
        self._feed()
        self._compute()
        for _ in range(_MAX_ROUNDS):
            if not self._mend():
                break
            self._compute()
        return _Reading(self).results()

    # ------------------------------------------------------------------------------------------------------------------- reading

    def _read(self) -> None:
        for sheet, cells in self.book.sheets.items():
            values: dict[tuple[int, int], Value] = {}
            covered: list[tuple[tuple[int, int, int, int], tuple[int, int]]] = []
            for place, cell in cells.items():
                if not isinstance(cell, CellIn):
                    values[place] = cell
                elif cell.formula is None:
                    values[place] = cell.value
                else:
                    self.formulas.append(_Formula((sheet, *place), "", cell, (sheet, *place)))
                    if cell.array_ref is not None:
                        covered.append((bounds(cell.array_ref), place))
            for (top, left, bottom, right), _ in covered:
                # What a file shows in an array's range is the array's own cached result: it must not block the new one.
                for row in range(top, bottom + 1):
                    for column in range(left, right + 1):
                        values.pop((row, column), None)
            self.values[sheet] = {place: value for place, value in values.items() if value is not None}

    def _lower_all(self) -> None:
        for number, formula in enumerate(self.formulas):
            if formula.old_array:
                formula.home = (f"array {number}", 1, 1)
            try:
                formula.lowered = self._lowered(formula, number)
                formula.text = self.mender.lift(formula.lowered)
                refusal = self.refuser.check(formula.lowered)
            except SpellingError as error:
                refusal = ("", Text(f"读不懂这个公式:{error}", f"the formula can't be read: {error}"))
            if refusal is not None:
                self.refusals[formula.key] = refusal
                formula.text = "=#N/A"

    def _lowered(self, formula: _Formula, number: int) -> str:
        sheet, row, column = formula.key
        text = formula.cell.formula or ""
        if not formula.old_array and not self.special.search(text):
            return text if text.startswith("=") else "=" + text
        here = next((t.name for t in self.book.tables if t.holds(sheet, row, column)), "")
        cached = self.templates.get((text, sheet, here)) if not formula.old_array else None
        if cached is None:
            context = Context(self.tables, self.book.names, sheet, row, column, None, formula.old_array, number, OMITTED)
            cached = template(text, context)
            if not formula.old_array:
                self.templates[text, sheet, here] = cached
        return "=" + fill(cached, row, number)

    # ------------------------------------------------------------------------------------------------------------------- feeding

    def _open(self) -> None:
        import formualizer

        self.workbook = formualizer.Workbook()
        self.workbook.set_changelog_enabled(False)
        self.workbook.set_temporal_egress("serial")
        moment = self.today or dt.datetime.now()
        self.workbook.set_deterministic_clock(moment.replace(tzinfo=dt.UTC))
        self.ours.register(self.workbook)
        for sheet in self.book.sheets:
            self.workbook.add_sheet(sheet)

    def _feed(self) -> None:
        for sheet, values in self.values.items():
            for row, column, block in _runs(values):
                self.workbook.set_values_batch(sheet, row, column, [[_fed(value)] for value in block])
        by_sheet: dict[str, dict[tuple[int, int], str]] = defaultdict(dict)
        for formula in self.formulas:
            self.workbook.add_sheet(formula.home[0])
            by_sheet[formula.home[0]][formula.home[1:]] = formula.text
            if formula.old_array and formula.cell.array_ref is not None:
                for place, text in _windows(formula):
                    by_sheet[formula.key[0]][place] = self.windows[formula.key[0], *place] = text
        for sheet, texts in by_sheet.items():
            for row, column, block in _runs(texts):
                self._set_formulas(sheet, row, column, block)

    def _set_formulas(self, sheet: str, row: int, column: int, texts: list[str]) -> None:
        try:
            self.workbook.set_formulas_batch(sheet, row, column, [[text] for text in texts])
        except Exception:
            # One formula the engine can't parse refuses the whole block: find it.
            for offset, text in enumerate(texts):
                self._set_formula((sheet, row + offset, column), text)

    def _set_formula(self, home: Key, text: str) -> None:
        try:
            self.workbook.set_formula(*home, text)
        except Exception as error:
            key = next((f.key for f in self.formulas if f.home == home), home)
            self.refusals[key] = ("", Text(f"引擎读不懂这个公式:{error}", f"the engine can't parse the formula: {error}"))
            self.workbook.set_formula(*home, "=#N/A")

    def _compute(self) -> None:
        try:
            self.workbook.evaluate_all()
        except BaseException as crash:  # a panic of the engine is no Exception
            if isinstance(crash, (KeyboardInterrupt, SystemExit)):
                raise
            if not self._break_spill_circles():
                raise EngineError(f"the calculation engine failed: {crash}") from crash
            self._compute()
        if self.ours.failures:
            name, failure = self.ours.failures[0]
            raise EngineError(f"{name} failed: {type(failure).__name__}: {failure}") from failure

    def _break_spill_circles(self) -> bool:
        """Takes out dynamic arrays that read where they may spill: the engine does not come to rest on them."""
        found = False
        for formula in self.formulas:
            if formula.cell.dynamic and formula.key not in self.refusals and _reads_own_spill(formula):
                self.refusals[formula.key] = ("", _CIRCULAR)
                self._set_formula(formula.home, "=#N/A")
                found = True
        return found

    # ------------------------------------------------------------------------------------------------------------------- mending

    def cell(self, key: Key) -> Any:
        """What the engine holds in a cell: a plain value, an ``ErrorValue`` or its own kind of trouble (a dict)."""
        value = self.workbook.get_value(*key)
        code = gaps.ERROR_KINDS.get(value["kind"]) if isinstance(value, dict) else None
        return value if code is None else ErrorValue(code)

    def extent(self, key: Key) -> tuple[int, int]:
        """How far the cell spills."""
        sheet, row, column = key
        address = f"{sheet_prefix(sheet)}{column_letters(column)}{row}"
        spill = self.workbook.inspect_cell(address, include_values=False).cell.spill
        extent = spill.extent if spill is not None else None
        if extent is None:
            return 1, 1
        _, _, bottom, right = bounds(extent.rsplit("!", 1)[1])
        return bottom - row + 1, right - column + 1

    def _mend(self) -> bool:
        """Re-feeds what the first look shows to be wrong; whether anything changed."""
        errors = _Errors(self)
        changed = False
        for number, formula in enumerate(self.formulas):
            if formula.key in self.refusals:
                continue
            text = self._mended(number, formula, errors)
            if text is not None and text != formula.text:
                formula.text = text
                self._set_formula(formula.home, text)
                changed = True
            if formula.old_array:
                changed |= self._fit(formula)
        return changed

    def _mended(self, number: int, formula: _Formula, errors: _Errors) -> str | None:
        spilling = number in self.ours.spilling
        if formula.single or self._spills_unasked(formula):
            formula.single = True
            text = self.mender.lift(gaps.intersect(formula.lowered), spilling)
        else:
            text = self.mender.lift(formula.lowered, spilling) if spilling else formula.text
        if errors:
            calls = [i for i, argument in gaps.added_up(text) if errors.within(argument, formula.home[0])]
            text = gaps.rename(text, calls) if calls else text
        return text

    def _spills_unasked(self, formula: _Formula) -> bool:
        """Whether an ordinary formula gave an array, which Excel would not show."""
        if formula.cell.array_ref is not None or formula.cell.dynamic:
            return False
        return self.extent(formula.home) != (1, 1) or self.cell(formula.home) == "#SPILL!"

    def _fit(self, formula: _Formula) -> bool:
        """An old array fills its range: a single value, row or column repeats, beyond the result is #N/A."""
        rows, columns = self.extent(formula.home)
        changed = False
        for place, text in _windows(formula, rows, columns):
            key = (formula.key[0], *place)
            if self.windows.get(key) != text:
                self.windows[key] = text
                self.workbook.set_formula(formula.key[0], *place, text)
                changed = True
        return changed


def _reads_own_spill(formula: _Formula) -> bool:
    sheet, row, column = formula.key
    ranges = reads(formula.lowered, sheet)
    return any(s.lower() == sheet.lower() and bottom >= row and right >= column for s, _, _, bottom, right in ranges)


def _windows(formula: _Formula, rows: int | None = None, columns: int | None = None) -> Iterator[tuple[tuple[int, int], str]]:
    """What each cell of an old array shows of its result, which the engine holds on a sheet of its own."""
    top, left, bottom, right = bounds(formula.cell.array_ref or "")
    prefix = sheet_prefix(formula.home[0])
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            r = 0 if rows == 1 else row - top
            c = 0 if columns == 1 else column - left
            beyond = rows is not None and columns is not None and (r >= rows or c >= columns)
            yield (row, column), "=#N/A" if beyond else f"={prefix}${column_letters(c + 1)}${r + 1}"


def _runs(cells: Mapping[tuple[int, int], Any]) -> Iterator[tuple[int, int, list[Any]]]:
    """Unbroken stretches of a column, for feeding in blocks: (first row, column, values)."""
    block: list[Any] = []
    start = last = (0, 0)
    for place in sorted(cells, key=lambda p: (p[1], p[0])):
        if block and place == (last[0] + 1, last[1]):
            block.append(cells[place])
        else:
            if block:
                yield (*start, block)
            start, block = place, [cells[place]]
        last = place
    if block:
        yield (*start, block)


def _fed(value: Any) -> Any:
    if isinstance(value, (dt.date, dt.datetime)):
        return serial(value)
    return gaps.to_engine(value)


# ------------------------------------------------------------------------------------------------------- what reads what


def reads(lowered: str, sheet: str) -> list[tuple[str, int, int, int, int]]:
    """The ranges a lowered formula reads: (sheet, first row, first column, last row, last column)."""
    found = []
    tokens = tokenize(lowered[1:])
    index = 0
    while index < len(tokens):
        where = sheet
        if tokens[index].kind == "sheet" and index + 1 < len(tokens):
            where = sheet_name(tokens[index].text)
            index += 1
        ends = [tokens[index].text]
        if index + 2 < len(tokens) and tokens[index + 1] == Token("op", ":") and tokens[index].kind in ("name", "number"):
            ends.append(tokens[index + 2].text)
            index += 2
        corners = _corners(ends) if tokens[index].kind in ("name", "number") else None
        if corners is not None:
            spilled = index + 1 < len(tokens) and tokens[index + 1] == Token("op", "#")
            top, left, bottom, right = corners
            found.append((where, top, left, bottom + MAX_SPILL * spilled, right + 100 * spilled))
        index += 1
    return found


def _corners(ends: Sequence[str]) -> tuple[int, int, int, int] | None:
    plain = [end.replace("$", "") for end in ends]
    if all(cell_position(end) for end in plain):
        return bounds(":".join(plain))
    if len(plain) == 2 and all(re.fullmatch(r"[A-Za-z]{1,3}", end) for end in plain):
        return 1, column_number(plain[0]), 1048576, column_number(plain[1])
    if len(plain) == 2 and all(end.isdigit() for end in plain):
        return int(plain[0]), 1, int(plain[1]), 16384
    return None


# Functions that may read any cell.
_MOVING = re.compile(r"\b(?:INDIRECT|OFFSET)\(", re.IGNORECASE)


class _Places:
    """Cells that can be asked for by range quickly."""

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self.rows: dict[tuple[str, int], list[int]] = defaultdict(list)
        for sheet, row, column in keys:
            self.rows[sheet.lower(), column].append(row)
        for rows in self.rows.values():
            rows.sort()

    def __bool__(self) -> bool:
        return bool(self.rows)

    def first_in(self, where: tuple[str, int, int, int, int]) -> tuple[int, int] | None:
        """(row, column) of the first of the cells within a range."""
        sheet, top, left, bottom, right = where
        columns = sorted(c for s, c in self.rows if s == sheet.lower() and left <= c <= right)
        for column in columns:
            rows = self.rows[sheet.lower(), column]
            place = bisect_left(rows, top)
            if place < len(rows) and rows[place] <= bottom:
                return rows[place], column
        return None


class _Readers:
    """Which formulas read a cell; each is told once."""

    def __init__(self, formulas: Sequence[_Formula]) -> None:
        self.cells: dict[Key, list[_Formula]] = defaultdict(list)
        self.ranges: dict[tuple[str, int, int, int, int], list[_Formula]] = defaultdict(list)
        self.anywhere: list[_Formula] = []
        for formula in formulas:
            for sheet, top, left, bottom, right in reads(formula.lowered, formula.key[0]):
                if (top, left) == (bottom, right):
                    self.cells[sheet.lower(), top, left].append(formula)
                else:
                    self.ranges[sheet.lower(), top, left, bottom, right].append(formula)
            if _MOVING.search(formula.lowered):
                self.anywhere.append(formula)

    def pop(self, key: Key) -> Iterator[_Formula]:
        """The formulas that read a cell and were not handed out yet for the same reading."""
        sheet, row, column = key[0].lower(), key[1], key[2]
        yield from self.cells.pop((sheet, row, column), ())
        hit = [w for w in self.ranges if w[0] == sheet and w[1] <= row <= w[3] and w[2] <= column <= w[4]]
        for where in hit:
            yield from self.ranges.pop(where)


class _Errors(_Places):
    """The cells that hold errors, values and results alike."""

    def __init__(self, run: _Run) -> None:
        fed = ((s, *place) for s, values in run.values.items() for place, v in values.items() if isinstance(v, ErrorValue))
        computed = (f.key for f in run.formulas if isinstance(run.workbook.get_value(*f.key), dict))
        super().__init__([*fed, *computed, *_spilled_errors(run)])

    def within(self, argument: str, sheet: str) -> bool:
        """Whether an argument's ranges hold an error."""
        return any(self.first_in(where) is not None for where in reads("=" + argument, sheet))


def _spilled_errors(run: _Run) -> Iterator[Key]:
    for formula in run.formulas:
        if formula.cell.dynamic:
            rows, columns = run.extent(formula.key)
            sheet, row, column = formula.key
            for r in range(rows):
                for c in range(columns):
                    if (r or c) and isinstance(run.workbook.get_value(sheet, row + r, column + c), dict):
                        yield sheet, row + r, column + c


# ---------------------------------------------------------------------------------------------------------------- reading results

_LONG_NUMBER = re.compile(r"(?<![\d.])\d+\.\d+(?:[eE][+-]?\d+)?")
_JOINS = re.compile(r"&|CONCAT|TEXTJOIN")
_TOO_LARGE = Text("溢出结果超过一万个单元格", "the spilled result has more than 10,000 cells")
_BY_PINYIN = Text("Excel 按拼音排序,引擎不会", "Excel sorts Chinese by pinyin, which the engine does not")
_TRUTHS = Text("引擎把单元格里的 TRUE 当作 1", "the engine counts TRUE in cells as 1")
_IN_ENGINE = Text("计算引擎算不了", "the engine can't compute it")


class _Reading:
    """The results of a run: values, spills, reasons, and what must not be trusted."""

    def __init__(self, run: _Run) -> None:
        self.run = run
        self.out = Results()
        self.numbers = {formula.key: number for number, formula in enumerate(run.formulas)}
        self.blame: dict[Key, tuple[str, Text]] = dict(run.refusals)
        self.areas: dict[Key, tuple[int, int]] = {}
        fed = ((s, *place) for s, values in run.values.items() for place, v in values.items() if isinstance(v, bool))
        computed = (f.key for f in run.formulas if isinstance(run.workbook.get_value(*f.key), bool))
        self.truths = _Places([*fed, *computed])

    def results(self) -> Results:
        for formula in self.run.formulas:
            self._read(formula)
        self._spread_blame()
        self._drop_blamed()
        self._explain()
        return self.out

    def _read(self, formula: _Formula) -> None:
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
                self.out.values[key] = _read_value(self.run.cell(key), formula.text)
        if (rows, columns) != (1, 1) and formula.cell.dynamic:
            self.out.spills[formula.key] = rows, columns

    def _area(self, formula: _Formula) -> tuple[int, int]:
        if formula.old_array:
            top, left, bottom, right = bounds(formula.cell.array_ref or "")
            return bottom - top + 1, right - left + 1
        return self.run.extent(formula.key) if formula.cell.dynamic else (1, 1)

    def _trouble(self, formula: _Formula) -> tuple[str, Text] | None:
        """What shows in a result that it is the engine's and not Excel's."""
        value = self.run.cell(formula.home)
        if self.truths and "SUMPRODUCT" in formula.lowered and self._multiplies_truths(formula):
            return "SUMPRODUCT", _TRUTHS
        if isinstance(value, dict):
            if value["kind"] == "Circ":
                self.out.circular.append(formula.key)
                return "", _CIRCULAR
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

    def _multiplies_truths(self, formula: _Formula) -> bool:
        """Whether SUMPRODUCT is given TRUE or FALSE in cells: nothing to Excel, 1 or 0 to the engine."""
        tokens = tokenize(formula.lowered[1:])
        for index, token in enumerate(tokens):
            if token.kind == "func" and token.text.upper() == "SUMPRODUCT":
                for start, end in arguments(tokens, index + 1):
                    ranges = reads("=" + "".join(t.text for t in tokens[start:end]), formula.home[0])
                    plain = all(t.kind in ("name", "sheet", "op", "space") for t in tokens[start:end])
                    if plain and any(self.truths.first_in(where) is not None for where in ranges):
                        return True
        return False

    def _first_function(self, formula: _Formula) -> str:
        return next((t.text.upper() for t in tokenize(formula.lowered[1:]) if t.kind == "func"), "")

    def _unknown_name(self, formula: _Formula) -> tuple[str, Text] | None:
        """#NAME? is Excel's too for a function of ours that does not exist, or when it is read from another cell."""
        called = references(formula.lowered)
        if any(is_ours(name) and name not in self.run.ours.functions for name in called):
            return None
        if "#NAME?" in formula.lowered or self._reads_error(formula, "#NAME?"):
            return None
        return self._first_function(formula), _IN_ENGINE

    def _reads_error(self, formula: _Formula, code: str) -> bool:
        for sheet, top, left, bottom, right in reads(formula.lowered, formula.home[0]):
            if (bottom - top + 1) * (right - left + 1) > 1000:
                continue
            cells = ((sheet, r, c) for r in range(top, bottom + 1) for c in range(left, right + 1))
            if any(self.run.cell(key) == code for key in cells):
                return True
        return False

    def _spills_alone(self, formula: _Formula) -> bool:
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

    def _pinyin(self, formula: _Formula) -> tuple[str, Text] | None:
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

    def _sort_keys(self, formula: _Formula, name: str, args: list[str]) -> Iterator[Any]:
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

    # ------------------------------------------------------------------------------------------------------- what must not be trusted

    def _spread_blame(self) -> None:
        """Blames every formula that reads a blamed cell, directly or through others."""
        if not self.blame:
            return
        readers = _Readers(self.run.formulas)
        waiting = list(self.blame)
        for formula in readers.anywhere:
            if formula.key not in self.blame:
                self.blame[formula.key] = self.blame[waiting[0]]
                waiting.append(formula.key)
        while waiting:
            origin = waiting.pop()
            for cell in self._cells(origin):
                for formula in readers.pop(cell):
                    if formula.key not in self.blame:
                        self.blame[formula.key] = self.blame[origin]
                        waiting.append(formula.key)

    def _cells(self, origin: Key) -> Iterator[Key]:
        rows, columns = self.areas.get(origin, (1, 1))
        sheet, row, column = origin
        return ((sheet, row + r, column + c) for r in range(rows) for c in range(columns))

    def _drop_blamed(self) -> None:
        circular = set(self.out.circular)
        for key, (function, reason) in self.blame.items():
            if reason is _CIRCULAR and key not in circular:
                circular.add(key)
                self.out.circular.append(key)
            for cell in self._cells(key):
                self.out.values.pop(cell, None)
            self.out.spills.pop(key, None)
            if key not in circular:
                self.out.unsupported.append(Unsupported(*key, function, reason))

    # --------------------------------------------------------------------------------------------------------------------- reasons

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

    def _owners(self) -> dict[Key, _Formula]:
        return {key: formula for formula in self.run.formulas for key in self._cells(formula.key)}

    def _pass_reasons_on(self, errors: dict[Key, str], owners: dict[Key, _Formula]) -> None:
        """An error that is only read from another cell has that cell's reason."""
        for _ in range(20):
            by_code = {code: _Places(k for k in self.out.reasons if errors[k] == code) for code in set(errors.values())}
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
    def _source(formula: _Formula, places: _Places) -> Key | None:
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


def _as_excel_writes(match: re.Match[str]) -> str:
    """Excel writes 15 significant digits where the engine writes 17."""
    text = match.group()
    digits = text.replace(".", "").lstrip("0")
    return text if len(digits) <= 15 or "e" in text.lower() else f"{float(text):.15g}"


__all__ = ["Book", "CellIn", "EngineError", "Results", "Unsupported", "area", "evaluate", "evaluate_formula", "reads", "serial"]
