"""Cells in, values out: the one mechanism that computes every cached value without Excel, our functions included.

The engine is formualizer. It gets a lowered twin of each formula (``spelling``), our Python functions as worksheet functions,
and mends or refusals where it is not Excel (``gaps``). What it can't compute rightly is reported, never guessed: the cell and
all that read it are left out of the values.

Known to differ and not mended: the engine compares numbers exactly, where Excel takes ``0.1+0.2=0.3`` for true (compare with
ROUND or ABS); a text that looks like a date is no date to it (refused when the result shows it); ``"甲">"乙"`` goes by code
point, in Excel by pinyin (sorting is refused); ``0^0`` is 1.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from udfs.faults import own_fault
from udfs.text import Text
from workbook_templates.cells import ErrorValue, Value, column_letters, serial
from workbook_templates.engine import columns, gaps, partial
from workbook_templates.engine.collecting import seldom_collected
from workbook_templates.engine.our_functions import Function, Functions
from workbook_templates.engine.partial import KnownValues
from workbook_templates.engine.precedents import MAX_ARRAY, MAX_SPILL, CellIndex, Clipper, Key, Range, moves, reads
from workbook_templates.engine.results import CIRCULAR, TOO_WIDE, Reading, Results, Unsupported
from workbook_templates.formulas.memory import recall
from workbook_templates.formulas.shapes import marked, shape_of
from workbook_templates.formulas.spelling import (
    OMITTED,
    Context,
    Pattern,
    Piece,
    SpellingError,
    TableShape,
    area,
    bounds,
    cell_position,
    lower_cased,
    packed,
    refuse_monsters,
    sheet_prefix,
    spread,
    template,
    tokenize,
    unmarked,
    unpacked,
)

_MAX_ROUNDS = 5
_VOLATILE = re.compile(r"\b(?:OFFSET|INDIRECT|RAND|RANDBETWEEN|RANDARRAY|TODAY|NOW)\(", re.IGNORECASE)
_RESTLESS = Text("引擎算不了含易变函数的数组公式", "the engine does not come to rest on an array with a volatile function")
_GIVES_UP = Text("计算引擎在这个公式上中断", "the engine gives up on this formula")
# What asks where the formula stands: an old array is held elsewhere.
_OWN_PLACE = re.compile(r"\b(?:ROW|COLUMN)\(\s*\)", re.IGNORECASE)


_SPECIAL = re.compile(r"[\[#@]|_xl|SALES|TODAY|NOW", re.IGNORECASE)
_WORD = re.compile(r"[\w\\.?]+")  # a name in a formula
# Patterns by text and by all that the text's words mean: the next action in this process meets nearly the same plan again.
_PATTERNS: dict[object, Pattern] = {}
_LIKENESSES: dict[str, str] = {}  # by a pattern's text: see gaps.alike
_MOST_PATTERNS = 20_000
_CLOCK = re.compile(r"\b(?:TODAY|NOW)\(", re.IGNORECASE)


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
class CellBook:
    """What is to be computed. A sheet maps (row, column) to a ``CellIn`` or just a value; blanks are left out.

    ``names`` maps a defined name, or ``Sheet!Name`` for a sheet's own, to what it refers to. ``idle`` sheets stand still: a
    formula there keeps the value it has unless one that is computed reads it.
    """

    sheets: Mapping[str, Mapping[tuple[int, int], CellIn | Value]]
    tables: Sequence[TableShape] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    idle: frozenset[str] = frozenset()


def evaluate(book: CellBook, functions: Mapping[str, Function] | None = None, today: dt.datetime | None = None) -> Results:
    """Computes every formula of a book.

    ``functions`` maps a name (``SALES_COMMISSION``) to a callable over cells that returns rows of cells. ``today`` pins TODAY and
    NOW. Raises ``EngineError`` when the engine breaks; bad cells never raise, and a function that breaks is #VALUE! with a reason
    (under ``SALESPLAN_STRICT`` it is an ``EngineError``, too).
    """
    with seldom_collected():
        run = Run(book, functions or {}, today)
        try:
            return run.results()
        finally:
            run.let_go()


def evaluate_changed(
    book: CellBook, known: KnownValues, functions: Mapping[str, Function] | None = None, today: dt.datetime | None = None
) -> Results | None:
    """The same results as ``evaluate``'s, where all values in the book's file are known to be right but for what follows from a change.

    ``Results.kept`` are the formulas that were not computed again. None where everything has to be computed: where a result can't
    be told from what is left of the book.
    """
    texts = {
        cell.formula for cells in book.sheets.values() for cell in cells.values() if isinstance(cell, CellIn) and cell.formula
    }
    if partial.tells_of_formulas(texts) or partial.moves(book.names.values()):
        return None
    with seldom_collected():
        awake = _awake(book, functions or {}, today)
        run = Run(book, functions or {}, today)
        for _ in range(_MAX_ROUNDS):
            results = run.changed(known, awake)
            if results.unsupported or results.circular or "#SPILL!" in results.values.values():
                return None
            moved = run.moved(results)
            if not run.dirty.add(moved):
                return results
            known.areas += moved
            run = Run(book, functions or {}, today)
    return None


def _awake(book: CellBook, functions: Mapping[str, Function], today: dt.datetime | None) -> frozenset[Key]:
    """The formulas of idle sheets that a whole run would compute: their values in the file may be of another day."""
    if not book.idle:
        return frozenset()
    scout = Run(book, functions, today)
    scout.read_all()
    return frozenset(formula.key for formula in scout.formulas if formula.key[0] in book.idle)


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
            raise SpellingError(f"{address!r} 不是单元格", f"{address!r} is no cell")
        sheet[position] = value
    home = (1001, 101)
    sheet[home] = CellIn(formula=formula, dynamic=True)
    results = evaluate(CellBook({"Sheet1": sheet}), functions)
    key = ("Sheet1", *home)
    if results.unsupported:
        raise EngineError(f"{formula}: {results.unsupported[0].function}: {results.unsupported[0].reason}")
    if results.circular:
        raise EngineError(f"{formula}: refers to itself")
    rows, columns = results.spills.get(key, (1, 1))
    if rows * columns == 1:
        return results.values[key]
    return [[results.values["Sheet1", home[0] + r, home[1] + c] for c in range(columns)] for r in range(rows)]


# ------------------------------------------------------------------------------------------------------------------------ one run


@dataclass(slots=True)
class HeldFormula:
    """A formula on its way through the engine; ``home`` is where the engine holds it."""

    key: Key
    lowered: str
    cell: CellIn
    home: Key
    text: str = ""
    likeness: str | None = None  # see gaps.alike
    single: bool = False  # found to want implicit intersection

    @property
    def old_array(self) -> bool:
        return self.cell.array_ref is not None and not self.cell.dynamic

    @property
    def too_wide(self) -> bool:
        """Whether it is an old array over more cells than are gone through."""
        if not self.old_array:
            return False
        top, left, bottom, right = bounds(self.cell.array_ref or "")
        return (bottom - top + 1) * (right - left + 1) > MAX_ARRAY


def _kept_template(text: str, context: Context, key: object) -> list[Piece]:
    """A template as it was worked out by an earlier run of the program; ``key``: all that it depends on."""
    return unpacked(recall("template", repr(key), lambda: packed(template(text, context))))


class Run:
    """One evaluation: lower, feed, compute, look at what came out, mend, compute again until nothing changes."""

    def __init__(self, book: CellBook, functions: Mapping[str, Function], today: dt.datetime | None) -> None:
        self.book = book
        moment = today or dt.datetime.now()
        # The clock stands still: the engine does not come to rest on arrays that read a moving one.
        self.clock = {"TODAY": f"{serial(moment.date()):.0f}", "NOW": repr(serial(moment))}
        self.ours = Functions(functions)
        self.formulas: list[HeldFormula] = []
        self.waiting: dict[str, dict[Key, HeldFormula]] = {}  # formulas of idle sheets by sheet, as long as nobody asks for them
        self.values: dict[str, dict[tuple[int, int], Value]] = {}
        self.refusals: dict[Key, tuple[str, Text]] = {}
        self.patterns: dict[tuple[str, str, str], Pattern] = {}
        self.specials: dict[str, bool] = {}
        self.tables = lower_cased({table.name: table for table in book.tables})
        self.names = lower_cased(book.names)
        self.tables_of: dict[str, list[TableShape]] = defaultdict(list)
        for table in book.tables:
            self.tables_of[table.sheet.lower()].append(table)
        self.windows: dict[Key, str] = {}
        self.gathered = columns.Gathered()  # searches made once for a whole column
        self.part = False  # only what follows from a change is computed
        self.extents: dict[Key, tuple[int, int]] = {}  # of spills that are not computed again, by lower-case sheet
        self.clipper = Clipper(functools.cache(self._last))
        self.meanings: dict[str, list[tuple[str, str | TableShape]]] = defaultdict(list)  # what a word may stand for
        meanings: list[tuple[str, str | TableShape]] = [*self.tables.items(), *self.names.items()]
        for name, meaning in meanings:
            self.meanings[name.rsplit("!", 1)[-1]].append((name, meaning))
        self.words = frozenset(self.meanings)
        # Formulas of one shape mean the same but for their parts, unless a file calls something like a cell or has what looks like a mark.
        self.shaped = not any(map(cell_position, self.words)) and not any(map(marked, book.names.values()))

    def results(self) -> Results:
        self._read()
        return self._run()

    def let_go(self) -> None:
        """Forget all of it: what it holds knows it in turn, and an engine full of cells would stay until somebody looks for circles."""
        vars(self).clear()

    def read_all(self) -> None:
        """Take in every formula there is to compute, without computing any."""
        self._read()
        self._lower_all()

    def _run(self) -> Results:
        self._lower_all()
        self.gathered = columns.gather([f for f in self.formulas if f.key not in self.refusals])
        self._open()
        self._feed()
        self._compute()
        for _ in range(_MAX_ROUNDS):
            if not self._mend():
                break
            self._compute()
        self._rank_again()
        return Reading(self).results()

    def _rank_again(self) -> None:
        """The engine may rank before a spill has reached what is ranked, and not come back to it: these few are asked once more."""
        ranking = [f for f in self.formulas if "LARGE(" in f.text and f.key not in self.refusals]
        for formula in ranking:
            self._set_formula(formula.home, "=0")
            self._set_formula(formula.home, formula.text)
        if ranking:
            self._compute()

    # ------------------------------------------------------------------------------------------------------------------- a part

    def changed(self, known: KnownValues, awake: Collection[Key]) -> Results:
        """What follows from a change computed, everything else taken from the file; ``awake`` formulas of idle sheets are computed."""
        self._read()
        for sheet, row, column in awake:
            self._wake_in((sheet, row, column, row, column))
        self.waiting.clear()
        self.part = True
        every = self.formulas
        self.dirty = partial.Dirty(self, known, awake)
        self.formulas = [f for f in every if f.key in self.dirty.keys]
        kept = [f for f in every if f.key not in self.dirty.keys]
        results = Results(kept=frozenset(f.key for f in kept))
        for formula in kept:
            self._keep(formula, known, results)
        computed = self._run()
        results.values |= computed.values
        results.spills |= computed.spills
        results.reasons, results.odd = computed.reasons, computed.odd
        results.unsupported, results.circular = computed.unsupported, computed.circular
        return results

    def _keep(self, formula: HeldFormula, known: KnownValues, results: Results) -> None:
        """A formula with its value, and its array, as the file has them."""
        area_ = known.array(formula)
        cells = known.cells(area_) if area_ is not None else [(formula.key[1:], formula.cell.value)]
        sheet = formula.key[0]
        for place, value in cells:
            if value is not None:
                self.values[sheet][place] = results.values[sheet, *place] = value
        if area_ is not None and formula.cell.dynamic:
            extent = area_[3] - area_[1] + 1, area_[4] - area_[2] + 1
            self.extents[sheet.lower(), *formula.key[1:]] = extent
            if extent != (1, 1):
                results.spills[formula.key] = extent

    def moved(self, results: Results) -> list[Range]:
        """Where spills of computed formulas were and are, of those that are not where they were."""
        out: list[Range] = []
        for formula in self.formulas:
            if formula.cell.dynamic:
                sheet, top, left = formula.key
                rows, columns = results.spills.get(formula.key, (1, 1))
                new, old = (top, left, top + rows - 1, left + columns - 1), bounds(formula.cell.array_ref or "A1")
                if new != old:
                    out += [(sheet, *old), (sheet, *new)]
        return out

    # ------------------------------------------------------------------------------------------------------------------- reading

    def _read(self) -> None:
        for sheet, cells in self.book.sheets.items():
            if sheet in self.book.idle:
                self._read_idle(sheet, cells)
                continue
            values: dict[tuple[int, int], Value] = {}
            covered: list[tuple[int, int, int, int]] = []
            for place, cell in cells.items():
                if not isinstance(cell, CellIn):
                    values[place] = cell
                elif cell.formula is None:
                    values[place] = cell.value
                else:
                    self.formulas.append(HeldFormula((sheet, *place), "", cell, (sheet, *place)))
                    if cell.array_ref is not None:
                        covered.append(bounds(cell.array_ref))
            for area_ in covered:
                # What a file shows in an array's range is the array's own cached result: it must not block the new one.
                for place in _inside(area_, values):
                    values.pop(place, None)
            self.values[sheet] = {place: value for place, value in values.items() if value is not None}

    def _read_idle(self, sheet: str, cells: Mapping[tuple[int, int], CellIn | Value]) -> None:
        found = {place: cell for place, cell in cells.items() if isinstance(cell, CellIn) and cell.formula is not None}
        self.waiting[sheet.lower()] = {
            (sheet, *place): HeldFormula((sheet, *place), "", cell, (sheet, *place)) for place, cell in found.items()
        }
        known = ((place, cell.value if isinstance(cell, CellIn) else cell) for place, cell in cells.items())
        self.values[sheet] = {place: value for place, value in known if value is not None}

    def _lower_all(self) -> None:
        """Formulas of idle sheets come in as they are asked for, and what they read in turn."""
        done = 0
        while done < len(self.formulas):
            batch = self.formulas[done:]
            self._lower_batch(batch, done)
            done += len(batch)
            self._wake(batch)

    def _wake(self, readers: Sequence[HeldFormula]) -> None:
        """The formulas of idle sheets that these read; all of them where one may read anything."""
        names = [
            sheet.replace("'", "''") for sheet, held in self.waiting.items() if held
        ]  # as they stand in a formula, quoted or not
        for formula in readers if names else ():
            if moves(formula.lowered):
                for sheet in self.waiting:
                    self._wake_in((sheet, 1, 1, 1 << 20, 1 << 14))
                return
            if formula.key[0] in self.book.idle or any(name in formula.lowered.lower() for name in names):
                for where in reads(formula.lowered, formula.key[0]):
                    self._wake_in(where)

    def _wake_in(self, where: Range) -> None:
        held = self.waiting.get(where[0].lower(), {})
        for key, formula in [item for item in held.items() if _meet(_extent_of(item[1]), where[1:])]:
            del held[key]
            values = self.values[key[0]]
            for place in _inside(_extent_of(formula), values):
                values.pop(place, None)
            self.formulas.append(formula)

    def _lower_batch(self, formulas: Sequence[HeldFormula], first: int) -> None:
        for number, formula in enumerate(formulas, first):
            if formula.old_array:
                formula.home = (f"array {number}", 1, 1)
            try:
                refuse_monsters(formula.cell.formula or "")
                lowered = self.lowered(formula, number)
                if self.extents and "#" in lowered:
                    lowered = self._spread(formula, lowered)
                formula.lowered = self.clipper.clip(lowered, formula.home[0])
                if formula.lowered != lowered:
                    formula.likeness = None  # what is known of the longer one does not hold for it
                formula.text = gaps.lift(formula.lowered, likeness=formula.likeness)
                refusal = gaps.refusal(formula.lowered, formula.likeness) or (("", TOO_WIDE) if formula.too_wide else None)
                if formula.old_array and _OWN_PLACE.search(formula.lowered):
                    refusal = (
                        "ROW",
                        Text("数组公式里的 ROW() 引擎算不了", "the engine can't compute ROW() in an old array formula"),
                    )
            except SpellingError as error:
                refusal = ("", Text("读不懂这个公式：", "the formula can't be read: ") + error.text)
                formula.lowered = "=#N/A"  # it is looked at again later
            except Exception as fault:
                refusal = ("", own_fault("=", fault).reason)
                formula.lowered = "=#N/A"
            if refusal is not None:
                self.refusals[formula.key] = refusal
                formula.text = "=#N/A"

    def _last(self, sheet: str) -> tuple[int, int]:
        """The last row and column of a sheet that may hold anything once all is computed: arrays spill on from where
        they stand."""
        name = next((n for n in self.values if n.lower() == sheet.lower()), sheet)
        ends = [*self.values.get(name, ())]
        for formula in self.formulas:
            if formula.key[0] == name:
                more = MAX_SPILL if formula.cell.dynamic else 0
                ends.append((formula.key[1] + more, formula.key[2] + more))
                if formula.old_array:
                    ends.append(bounds(formula.cell.array_ref or "")[2:])
        return max((row for row, _ in ends), default=1), max((column for _, column in ends), default=1)

    def _spread(self, formula: HeldFormula, lowered: str) -> str:
        """The engine knows the spill of no anchor that it is given as a value."""
        text = spread(lowered, formula.key[0], self.extents)
        if text != lowered:
            formula.likeness = None
        return text

    def lowered(self, formula: HeldFormula, number: int) -> str:
        """The formula for the engine; ``number`` is handed to our functions in it."""
        text = formula.cell.formula or ""
        if not formula.old_array and not self.special(text):
            lowered = text if text.startswith("=") else "=" + text
            formula.likeness = gaps.alike(lowered)
            return lowered
        pattern = self.pattern(formula, number)
        lowered = pattern.at(formula.key[1], number)
        if pattern.holds(formula.key[1]):
            formula.likeness = _LIKENESSES.get(pattern.text)
            if formula.likeness is None:
                if len(_LIKENESSES) >= _MOST_PATTERNS:
                    _LIKENESSES.clear()
                formula.likeness = _LIKENESSES[pattern.text] = gaps.alike(lowered)
        return lowered

    def pattern(self, formula: HeldFormula, number: int) -> Pattern:
        """The formula with its row left open: the same one for all that are alike."""
        sheet, row, column = formula.key
        text = formula.cell.formula or ""
        here = next((t.name for t in self.tables_of[sheet.lower()] if t.holds(sheet, row, column)), "")
        pattern = self.patterns.get((text, sheet, here)) if not formula.old_array else None
        if pattern is None:
            context = Context(self.tables, self.names, sheet, row, column, None, formula.old_array, number, OMITTED, self.clock)
            if formula.old_array:
                return Pattern(template(text, context))
            pattern = self.patterns[text, sheet, here] = self._remembered(text, context, here)
        return pattern

    def _remembered(self, text: str, context: Context, here: str) -> Pattern:
        if not self.shaped:
            return self._template(text, context, here)
        shape = shape_of(text)
        pattern = self.patterns.get((shape.text, context.sheet, here))
        if pattern is None:
            pattern = self.patterns[shape.text, context.sheet, here] = self._template(shape.text, context, here)
        return pattern.of(shape.parts, shape.put) if shape.parts else pattern

    def _template(self, text: str, context: Context, here: str) -> Pattern:
        said = self._said(f"{text} {here}")
        told = any(_CLOCK.search(words) for words in (text, *(meaning for _, meaning in said if isinstance(meaning, str))))
        key = text, context.sheet, here, said, *(self.clock.values() if told else ())
        pattern = _PATTERNS.get(key)
        if pattern is None:
            pattern = Pattern(template(text, context) if told else _kept_template(text, context, key))
            if len(_PATTERNS) >= _MOST_PATTERNS:
                _PATTERNS.clear()
            _PATTERNS[key] = pattern
        return pattern

    def _said(self, text: str) -> tuple[tuple[str, str | TableShape], ...]:
        """What the words of a formula mean, and the words of those meanings."""
        found: dict[str, list[tuple[str, str | TableShape]]] = {}
        waiting = [text]
        while waiting:
            for word in self.words.intersection(_WORD.findall(waiting.pop().lower())).difference(found):
                found[word] = self.meanings[word]
                waiting += [meaning for _, meaning in found[word] if isinstance(meaning, str)]
        return tuple(meaning for word in sorted(found) for meaning in found[word])

    def special(self, text: str) -> bool:
        """Whether a formula has anything an engine doesn't understand."""
        known = self.specials.get(text)
        if known is None:
            known = bool(_SPECIAL.search(text)) or not self.words.isdisjoint(_WORD.findall(text.lower()))
            self.specials[text] = known
        return known

    # ------------------------------------------------------------------------------------------------------------------- feeding

    def _open(self) -> None:
        import formualizer

        # Its threads would fight over the one that Python functions, ours, run on.
        alone = formualizer.EvaluationConfig()
        alone.enable_parallel = False
        self.workbook = formualizer.Workbook(config=formualizer.WorkbookConfig(eval_config=alone))
        self.workbook.set_changelog_enabled(False)
        self.workbook.set_temporal_egress("serial")
        self.ours.register(self.workbook)
        for sheet in self.book.sheets:
            self.workbook.add_sheet(sheet)

    def _feed(self) -> None:
        asked = partial.Asked(self.formulas) if self.part else None
        for sheet, values in self.values.items():
            for row, column, block in _runs(values if asked is None else asked.of(sheet, values)):
                self.workbook.set_values_batch(sheet, row, column, [[_fed(value)] for value in block])
        by_sheet: dict[str, dict[tuple[int, int], str]] = defaultdict(dict)
        for formula in self.formulas:
            self.workbook.add_sheet(formula.home[0])
            by_sheet[formula.home[0]][formula.home[1:]] = formula.text
            if formula.old_array and not formula.too_wide:
                for place, text in _windows(formula):
                    by_sheet[formula.key[0]][place] = self.windows[formula.key[0], *place] = text
        for column_ in self.gathered.columns:
            self.workbook.add_sheet(column_.home[0])
            by_sheet[column_.home[0]][column_.home[1:]] = column_.text
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
            self.refusals[key] = ("", Text(f"引擎读不懂这个公式：{error}", f"the engine can't parse the formula: {error}"))
            self.workbook.set_formula(*home, "=#N/A")

    def _compute(self) -> None:
        try:
            self.workbook.evaluate_all()
        except BaseException as crash:  # a panic of the engine is no Exception
            if isinstance(crash, (KeyboardInterrupt, SystemExit)):
                raise
            if not self._ungather() and not self._take_out_restless() and not self._take_out_broken():
                raise EngineError(f"the calculation engine failed: {crash}") from crash
            self._compute()
        if self.ours.failures:
            name, failure = self.ours.failures[0]
            raise EngineError(f"{name} failed: {type(failure).__name__}: {failure}") from failure
        if self._lost_columns() and self._ungather():
            self._compute()

    def _lost_columns(self) -> bool:
        """Whether an array that rows read came out otherwise than one value a row."""
        return any(
            self.extent(column.home) != (column.rows, 1) or any(f"{gaps.LIFT}{name}(" in column.text for name in self.ours.broken)
            for column in self.gathered.columns
        )

    def _ungather(self) -> bool:
        """Every row its own search again; whether there were others."""
        changed = self.gathered.undo()
        for formula in changed:
            self._set_formula(formula.home, formula.text)
        return bool(changed)

    def _take_out_restless(self) -> bool:
        """Takes out arrays the engine does not come to rest on: first those that read where they may spill, then
        volatile ones."""
        open_ = [f for f in self.formulas if f.key not in self.refusals]
        circles = [f for f in open_ if f.cell.dynamic and _reads_own_spill(f)]
        restless = circles or [f for f in open_ if _VOLATILE.search(f.text)]
        for formula in restless:
            name = next((t.text.upper() for t in tokenize(formula.lowered[1:]) if _VOLATILE.match(t.text + "(")), "")
            self.refusals[formula.key] = ("", CIRCULAR) if circles else (name, _RESTLESS)
            self._set_formula(formula.home, "=#N/A")
        return bool(restless)

    def _take_out_broken(self) -> bool:
        """Takes out formulas that make the engine itself give up, so that the others are computed; first where that begins."""
        broken = [f for f in self.formulas if f.key not in self.refusals and self._gives_up(f)]
        places = CellIndex(f.home for f in broken)
        first = [f for f in broken if not any(places.first_in(where) for where in reads(f.lowered, f.home[0]))]
        for formula in first or broken:
            self.refusals[formula.key] = ("", _GIVES_UP)
            self._set_formula(formula.home, "=#N/A")
        return bool(broken)

    def _gives_up(self, formula: HeldFormula) -> bool:
        try:
            self.workbook.evaluate_cell(*formula.home)
        except BaseException as crash:
            if isinstance(crash, (KeyboardInterrupt, SystemExit)):
                raise
            return True
        return False

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
        alone = self._spilled_alone()
        changed = False
        for number, formula in enumerate(self.formulas):
            if formula.key in self.refusals:
                continue
            text = self._mended(number, formula, errors, alone)
            if text is not None and text != formula.text:
                formula.text = text
                self._set_formula(formula.home, text)
                changed = True
            if formula.old_array:
                changed |= self._fit(formula)
        return changed

    def _spilled_alone(self) -> set[Key]:
        """Spilling formulas whose result is one cell. Excel reads ``A1#`` of one; the engine knows no spill there."""
        if not any("#" in formula.lowered for formula in self.formulas):
            return set()
        return {f.key for f in self.formulas if f.cell.dynamic and f.key not in self.refusals and self.extent(f.home) == (1, 1)}

    def _mended(self, number: int, formula: HeldFormula, errors: _Errors, alone: set[Key]) -> str | None:
        spilling = number in self.ours.spilling
        lowered = formula.lowered
        if alone and "#" in lowered:
            lowered = unmarked(lowered, formula.key[0], alone)
        if formula.single or self._spills_unasked(formula):
            formula.single = True
            text = gaps.lift(gaps.intersect(lowered), spilling)
        else:
            text = gaps.lift(lowered, spilling) if spilling or "#" in formula.lowered else formula.text
        if errors:
            calls = [i for i, argument in gaps.added_up(text) if errors.within(argument, formula.home[0])]
            text = gaps.rename(text, calls) if calls else text
        return text

    def _spills_unasked(self, formula: HeldFormula) -> bool:
        """Whether an ordinary formula gave an array, which Excel would not show."""
        if formula.cell.array_ref is not None or formula.cell.dynamic or not gaps.may_spill(formula.lowered, formula.likeness):
            return False
        return self.extent(formula.home) != (1, 1) or self.cell(formula.home) == "#SPILL!"

    def _fit(self, formula: HeldFormula) -> bool:
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


def _inside(area_: tuple[int, int, int, int], cells: Mapping[tuple[int, int], Any]) -> list[tuple[int, int]]:
    """The cells in a rectangle, found the shorter way: a rectangle may be the whole sheet."""
    top, left, bottom, right = area_
    if (bottom - top + 1) * (right - left + 1) > len(cells):
        return [(row, column) for row, column in cells if top <= row <= bottom and left <= column <= right]
    return [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]


def _extent_of(formula: HeldFormula) -> tuple[int, int, int, int]:
    """The cells that show a formula's result as the file has it."""
    _, row, column = formula.key
    return bounds(formula.cell.array_ref) if formula.cell.array_ref is not None else (row, column, row, column)


def _meet(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _reads_own_spill(formula: HeldFormula) -> bool:
    sheet, row, column = formula.key
    ranges = reads(formula.lowered, sheet)
    return any(s.lower() == sheet.lower() and bottom >= row and right >= column for s, _, _, bottom, right in ranges)


def _windows(formula: HeldFormula, rows: int | None = None, columns: int | None = None) -> Iterator[tuple[tuple[int, int], str]]:
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
    for place in sorted(cells, key=itemgetter(1, 0)):
        if block and place == (last[0] + 1, last[1]):
            block.append(cells[place])
        else:
            if block:
                yield (*start, block)
            start, block = place, [cells[place]]
        last = place
    if block:
        yield (*start, block)


_AS_FED = frozenset({float, bool})


def _fed(value: Any) -> Any:
    if type(value) in _AS_FED:
        return value
    if isinstance(value, (dt.date, dt.datetime)):
        return serial(value)
    return gaps.to_engine(_whole_characters(value) if isinstance(value, str) else value)


def _whole_characters(text: str) -> str:
    """A text as the engine takes it: half of a character (a lone surrogate, as cut texts end with) is a question mark."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


class _Errors(CellIndex):
    """The cells that hold errors, values and results alike."""

    def __init__(self, run: Run) -> None:
        fed = ((s, *place) for s, values in run.values.items() for place, v in values.items() if isinstance(v, ErrorValue))
        computed = (f.key for f in run.formulas if isinstance(run.workbook.get_value(*f.key), dict))
        super().__init__([*fed, *computed, *_spilled_errors(run)])

    def within(self, argument: str, sheet: str) -> bool:
        """Whether an argument's ranges hold an error."""
        return any(self.first_in(where) is not None for where in reads("=" + argument, sheet))


def _spilled_errors(run: Run) -> Iterator[Key]:
    for formula in run.formulas:
        if formula.cell.dynamic:
            rows, columns = run.extent(formula.key)
            sheet, row, column = formula.key
            for r in range(rows):
                for c in range(columns):
                    if (r or c) and isinstance(run.workbook.get_value(sheet, row + r, column + c), dict):
                        yield sheet, row + r, column + c


__all__ = [
    "CIRCULAR",
    "CellBook",
    "CellIn",
    "EngineError",
    "Results",
    "Unsupported",
    "area",
    "evaluate",
    "evaluate_changed",
    "evaluate_formula",
    "reads",
    "serial",
]
