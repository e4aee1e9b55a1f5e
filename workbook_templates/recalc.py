"""The one way a computed value gets into a file: the engine's results into cells, spills and chart caches, and nothing else.

A workbook that was just generated and one that a person changed in Excel or LibreOffice go the same way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import udfs
from udfs import policy
from udfs.text import SEMICOLON, Text, counted, joined, language, speaking
from udfs.values import serial_to_date
from workbook_templates.answers import Refused
from workbook_templates.cells import At, ErrorValue, Value, address
from workbook_templates.engine import partial, run
from workbook_templates.engine.our_functions import Function
from workbook_templates.engine.precedents import Key
from workbook_templates.engine.restore import restore
from workbook_templates.formulas import spelling
from workbook_templates.program import program
from workbook_templates.tables.grids import refuse_1904, workbook_language
from workbook_templates.tables.switches import Switched
from workbook_templates.xlsx import seal
from workbook_templates.xlsx.changed import changes
from workbook_templates.xlsx.charts import ROOM, fit
from workbook_templates.xlsx.drafts import Draft, SheetDraft, points
from workbook_templates.xlsx.package import Cell, Package, Ref, Sheet, Table, storable
from workbook_templates.xlsx.refs import down_to

AS_OF = "as_of"  # the defined name of a workbook's as-of date: the clock of its functions


@dataclass
class Recalculation:
    """What was computed and what it changed in the package (not yet saved)."""

    results: run.Results
    changed: int = 0
    charts: int = 0
    restored: int = 0
    tabs: dict[str, bool] = field(default_factory=dict)  # sheets that were hidden or shown: whether each is shown now
    dropped: list[run.Unsupported] = field(default_factory=list)
    stale: list[tuple[str, str, Value, Value]] = field(default_factory=list)  # sheet, cell, cached, computed


def functions() -> dict[str, Function]:
    """Our catalogue under the names a workbook uses."""
    return {f"SALES_{name}": _as_shown(formula.cells) for name, formula in udfs.catalogue().items()}


def _as_shown(cells: Function) -> Function:
    """A formula can't leave a cell blank: a spreadsheet would show 0 for it, so it becomes empty text, as hosts write it."""
    return lambda *arguments: [["" if cell is None else cell for cell in row] for row in cells(*arguments)]


def compute(package: Package) -> run.Results:
    """Evaluate every formula of a workbook, in the workbook's own language and by its own as-of date."""
    refuse_1904(package.date1904)
    cells, said = _asked(package, Switched(package))
    results = _evaluated(cells, as_of(package), workbook_language(package))
    results.values.update(said)
    return results


def _asked(package: Package, switched: Switched) -> tuple[run.CellBook, dict[Key, Value]]:
    """What is to be computed, and what is known without that."""
    if not switched.off:
        return book(package), {}
    cells = book(package, switched.idle())
    return cells, _said(cells, switched)


def _said(cells: run.CellBook, switched: Switched) -> dict[Key, Value]:
    """What the formulas of chapters that are off say without being asked; in the book they become that."""
    said: dict[Key, Value] = {}
    for name, sheet in cells.sheets.items():
        assert isinstance(sheet, dict)
        for at, cell in sheet.items() if name not in cells.idle else ():
            word = switched.word_of(cell.formula) if isinstance(cell, run.CellIn) and cell.formula else None
            if word is not None:
                said[name, *at] = sheet[at] = word
    return said


def _evaluated(cells: run.CellBook, day: dt.date | None, lang: str | None) -> run.Results:
    with _calculating(day, lang):
        return run.evaluate(cells, functions())


@contextmanager
def _calculating(day: dt.date | None, lang: str | None) -> Iterator[None]:
    previous = policy.clock()
    policy.set_today(day or previous)
    try:
        with speaking(lang or language()):  # result words follow the workbook, not the terminal
            yield
    except run.EngineError as error:
        raise Refused(Text(f"计算失败，没有写入：{error}", f"calculation failed, nothing written: {error}")) from error
    finally:
        policy.set_today(previous)


def as_of(package: Package) -> dt.date | None:
    """The workbook's as-of date, where it has one."""
    found = _as_of_cell(package)
    return _day(package.sheets[found[0]].get(found[1])) if found else None


def _as_of_cell(package: Package) -> tuple[str, At] | None:
    found = package.locate(AS_OF) if AS_OF in package.names else None
    return (found[0], (found[1].first_row, found[1].first_col)) if found else None


def _day(cell: Cell | None) -> dt.date | None:
    return serial_to_date(cell.value) if cell is not None and isinstance(cell.value, float) else None


def book(package: Package, idle: frozenset[str] = frozenset()) -> run.CellBook:
    """The package's cells, Tables and names as the engine takes them; an ``idle`` sheet with all that it shows."""
    return _book(package, {name: _cells_of(sheet, name in idle) for name, sheet in package.sheets.items()}, idle)


def looked_up(package: Package) -> run.CellBook:
    """The same for those who follow a figure: a sheet is read when a formula leads there."""
    return _book(package, _Sheets(package))


class _Sheets(Mapping[str, Mapping[At, run.CellIn | Value]]):
    """The cells of each sheet, read when they are asked for."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._read: dict[str, Mapping[At, run.CellIn | Value]] = {}

    def __getitem__(self, name: str) -> Mapping[At, run.CellIn | Value]:
        if name not in self._read:
            self._read[name] = _cells_of(self._package.sheets[name])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._package.sheets)

    def __len__(self) -> int:
        return len(self._package.sheets)


def _cells_of(sheet: Sheet, idle: bool = False) -> Mapping[At, run.CellIn | Value]:
    return _held(sheet) if idle else _held(sheet, {at for ref in sheet.arrays.values() for at in sheet.within(ref)})


def _book(
    package: Package, sheets: Mapping[str, Mapping[At, run.CellIn | Value]], idle: frozenset[str] = frozenset()
) -> run.CellBook:
    tables = [
        spelling.TableShape(t.name, t.sheet, (*_extent(t),), tuple(t.headers), t.header_row, t.totals)
        for t in package.tables.values()
    ]
    return run.CellBook(sheets, tables, _names(package), idle)


def _names(package: Package) -> dict[str, str]:
    names = {key if isinstance(key, str) else f"{key[0]}!{key[1]}": text for key, text in package.names.items()}
    return {key: _taken(text) for key, text in names.items() if "_xlnm." not in key}


def _taken(text: str) -> str:
    """What a name stands for, in words the engine understands: it does no arithmetic with a CHOOSE among areas."""
    part = down_to(text)
    return f"TAKE({part[0]},{part[1]})" if part else text


def _extent(table: Table) -> Ref:
    """A Table's cells for the engine: one that was dragged far down ends with its rows in use, as ``check`` tells its owner."""
    return table.ref if table.used == table.data or table.totals else table.ref._replace(last_row=table.used.last_row)


def _held(sheet: Sheet, spilled: Collection[At] = ()) -> dict[At, run.CellIn | Value]:
    """A sheet's cells that hold something, without what formulas ``spilled`` when it was saved: that is theirs to compute."""
    return {
        at: cell.value if cell.formula is None else _cell_in(cell, sheet)
        for at, cell in sheet.cells_held.items()
        if cell.formula is not None or (cell.value is not None and at not in spilled)
    }


def _cell_in(cell: Cell, sheet: Sheet | None = None) -> run.CellIn | Value:
    """``sheet``: where an old array may reach beyond what is there."""
    if cell.formula is None:
        return cell.value
    ref = None if cell.array_ref is None else str(cell.array_ref if cell.dynamic or sheet is None else sheet.clip(cell.array_ref))
    return run.CellIn(cell.value, cell.formula, ref, cell.dynamic)


def recalculate(package: Package, whole: bool = False) -> Recalculation:
    """Compute a workbook and put what changed into the package, after undoing what LibreOffice did to its formulas.

    A plan whose seal says that all its values were computed by this very program, for the same day and chapters, is computed only as
    far as it was changed since it was read; ``whole``: all of it, whatever the seal says. The outcome is the same.
    """
    restored = restore(package)
    switched = Switched(package)
    by = author(package, switched)
    results = None if whole or restored else _computed_changes(package, by, switched)
    done = Recalculation(compute(package) if results is None else results, restored=restored)
    for name, sheet in package.sheets.items():
        _store(done, name, sheet)
    _settle(done, package)
    done.charts = _refresh_charts(done, package)
    done.tabs = switched.follow()
    if not (done.results.unsupported or done.results.circular):
        seal.put(package, by, done.results.odd)
    return done


def current(package: Package) -> bool:
    """Whether every value in the file was computed by this very program from what stands there, and nothing changed since."""
    if package.date1904 or seal.holds(package, author(package)) is None:
        return False
    changed = changes(package)
    return changed is not None and not any(changed)


def shown(package: Package) -> run.Results:
    """What every formula gives, for those who only look.

    Where the seal says that every value in the file was computed by this very program, only errors are computed again, for their
    reasons; ``recalc`` computes everything, whatever the seal says.
    """
    switched = Switched(package)
    results = _computed_changes(package, author(package, switched), switched, _errors(package))
    return compute(package) if results is None else results


def _errors(package: Package) -> frozenset[Key]:
    """The formulas that show an error somewhere."""
    found = set()
    for name, sheet in package.sheets.items():
        spilled = {at: anchor for anchor, ref in sheet.arrays.items() for at in sheet.within(ref)}
        for at, cell in sheet.cells_held.items():
            if isinstance(cell.value, ErrorValue) and (cell.formula is not None or at in spilled):
                found.add((name, *spilled.get(at, at)))
    return frozenset(found)


def _computed_changes(package: Package, by: str, switched: Switched, also: frozenset[Key] = frozenset()) -> run.Results | None:
    """The results where only what follows from our own changes, and ``also``, was computed; None where that can't be: all must be."""
    odd = None if package.date1904 else seal.holds(package, by)
    changed = changes(package) if odd is not None else None
    if odd is None or changed is None:
        return None
    known = partial.KnownValues(*changed, also.union(odd), {name: _ValuesOf(sheet) for name, sheet in package.sheets.items()})
    cells, said = _asked(package, switched)
    with _calculating(as_of(package), workbook_language(package)):
        results = run.evaluate_changed(cells, known, functions())
    if results is not None:
        results.values.update(said)
    return results


class _ValuesOf(Mapping[At, Value]):
    """The values of a sheet's cells as they are."""

    def __init__(self, sheet: Sheet) -> None:
        self._cells = sheet.cells_held

    def __contains__(self, at: object) -> bool:
        return at in self._cells

    def __getitem__(self, at: At) -> Value:
        return self._cells[at].value

    def __iter__(self) -> Iterator[At]:
        return iter(self._cells)

    def __len__(self) -> int:
        return len(self._cells)


def author(package: Package, switched: Switched | None = None) -> str:
    """Who would compute the package, and what of it: see ``_by``."""
    return _by(package, as_of(package), switched or Switched(package))


def _by(package: Package, day: dt.date | None, switched: Switched) -> str:
    """What values depend on besides cells: the program, the day, the language, the chapters off and the sheets that stand still."""
    still = f"{sorted(switched.off)} {sorted(switched.idle()) if switched.off else []}"
    return f"{program()} {day or policy.today()} {workbook_language(package) or language()} {still}"


def fill(package: Package, sheets: Iterable[str]) -> None:
    """Compute a workbook and put into it what concerns some of its sheets only: those that were just added."""
    done = Recalculation(compute(package))
    for name in sheets:
        _store(done, name, package.sheets[name])


# -------------------------------------------------------------------------------------------------- a workbook that is being made


def settle(draft: Draft) -> Recalculation:
    """Compute a workbook that was just laid out and give its cells and charts their values."""
    package = draft.package
    place = _as_of_cell(package)
    day = _day(draft.sheets[place[0]].cells.get(place[1])) if place else None
    done = Recalculation(_evaluated(drafted(draft), day, workbook_language(package)))
    for name, sheet in draft.sheets.items():
        done.changed += _settle_sheet(done.results, name, sheet, _blocked(package, name))
    charts = package.charts()
    fit(charts, _rooms(package), lambda sheet, area: list(points(draft.sheets[sheet].cells, area)))
    for chart in charts:
        for ref in chart.refs:
            done.charts += ref.set_cache(list(points(draft.sheets[ref.sheet].cells, ref.area)))
    switched = Switched(package, draft.cells())
    done.tabs = switched.follow()
    if done.results.unsupported or done.results.circular:
        package.full_calc_on_load(True)  # what the engine left blank is Excel's to compute
    else:
        package.mark_computed()
        by = _by(package, day, switched)
        draft.computed = lambda: seal.put(package, by, done.results.odd)
    return done


def drafted(draft: Draft) -> run.CellBook:
    """The cells of a draft as the engine takes them."""
    sheets = {
        name: {at: _cell_in(cell) for at, cell in sheet.cells.items() if cell.value is not None or cell.formula is not None}
        for name, sheet in draft.sheets.items()
    }
    known = draft.package.tables.values()
    tables = [spelling.TableShape(t.name, t.sheet, (*t.ref,), tuple(t.headers), t.header_row, t.totals) for t in known]
    return run.CellBook(sheets, tables, _names(draft.package))


def _blocked(package: Package, sheet: str) -> list[Ref]:
    """Where nothing can spill: merged cells and Tables."""
    return [*package.sheets[sheet].merged, *(table.ref for table in package.tables.values() if table.sheet == sheet)]


def _settle_sheet(results: run.Results, name: str, sheet: SheetDraft, blocked: list[Ref]) -> int:
    changed = 0
    for at, cell in list(sheet.cells.items()):
        if cell.formula is None or (name, *at) not in results.values:
            continue
        height, width = results.spills.get((name, *at), (1, 1)) if cell.dynamic else (1, 1)
        area = Ref(*at, at[0] + height - 1, at[1] + width - 1)
        values = {inner: storable(results.values.get((name, *inner))) for inner in area.cells()}
        if area.size > 1 and not _is_free(sheet, area, at, blocked):
            area, values = Ref(*at, *at), {at: storable(ErrorValue("#SPILL!"))}
        if cell.array_ref is not None:
            sheet.cells[at] = cell._replace(array_ref=area)
        for inner, value in values.items():
            sheet.put(inner, value)
        changed += len(values)
    return changed


def _is_free(sheet: SheetDraft, area: Ref, anchor: At, blocked: list[Ref]) -> bool:
    """Whether a formula may spill there: what a person would see as #SPILL! otherwise."""
    others = (sheet.cells.get(at) for at in area.cells() if at != anchor)
    taken = any(cell is not None and (cell.value is not None or cell.formula is not None) for cell in others)
    return not taken and not any(ref.meets(area) for ref in blocked)


# ------------------------------------------------------------------------------------------------------- a workbook that is there


def _store(done: Recalculation, name: str, sheet: Sheet) -> None:
    results = done.results
    single: dict[At, Value] = {}
    for at, cell in [(at, cell) for at, cell in sheet.cells_held.items() if cell.formula is not None]:
        if (name, *at) not in results.values or (name, *at) in results.kept:
            continue
        if cell.dynamic:
            done.changed += _store_spill(results, name, sheet, at)
        elif cell.array_ref is not None:
            single |= {inner: results.values.get((name, *inner)) for inner in sheet.clip(cell.array_ref).cells()}
        else:
            single[at] = results.values[(name, *at)]
    before = _cached(sheet, single)
    changed = sheet.set_cached(single)
    done.changed += changed
    if changed:
        after = _cached(sheet, single)
        done.stale += [(name, address(*at), before[at], after[at]) for at in single if before[at] != after[at]]


def _cached(sheet: Sheet, places: Iterable[At]) -> dict[At, Value]:
    found = {at: sheet.get(at) for at in places}
    return {at: None if cell is None else cell.value for at, cell in found.items()}


def _store_spill(results: run.Results, name: str, sheet: Sheet, at: At) -> int:
    height, width = results.spills.get((name, *at), (1, 1))
    rows = [[results.values.get((name, at[0] + r, at[1] + c)) for c in range(width)] for r in range(height)]
    try:
        return sheet.set_spill(at, rows)
    except Refused:  # something a person typed stands in the way: what Excel shows then
        return sheet.set_spill(at, [[ErrorValue("#SPILL!")]])


def _settle(done: Recalculation, package: Package) -> None:
    """Tell Excel what to do on opening the file: nothing, where every value is the engine's own; calculate, where one may
    be stale.

    What the engine can't compute may be out of date as soon as anything else changed: such a value is dropped (a blank cell is
    honest, an old number is not) and Excel calculates everything. Where nothing changed, the file says what it said before.
    """
    left = bool(done.results.unsupported or done.results.circular)
    if not left:
        if not package.signed:
            package.mark_computed()
    elif done.changed:
        _drop_unknown(done, package)
        package.full_calc_on_load(True)


def _drop_unknown(done: Recalculation, package: Package) -> None:
    """The values of what the engine can't compute, taken out; an array's stay, since its cells can't be told apart."""
    for cell in done.results.unsupported:
        sheet = package.sheets[cell.sheet]
        known = sheet.get((cell.row, cell.column))
        if known is None or known.formula is None or known.value is None or known.array_ref is not None:
            continue
        sheet.set_cached({(cell.row, cell.column): None})
        done.dropped.append(cell)


def _rooms(package: Package) -> list[tuple[str, Ref]]:
    """The blocks of which charts draw as many rows as are in use."""
    names = [refers for name, refers in package.names.items() if isinstance(name, str) and name.startswith(ROOM)]
    return [place for refers in names if (place := package.chart_area(refers.removeprefix("="), deep=False)) is not None]


def _refresh_charts(done: Recalculation, package: Package) -> int:
    def cells(sheet: str, area: Ref) -> list[Value]:
        return [cell.value if (cell := package.sheets[sheet].get(at)) else None for at in area.cells()]

    charts = package.charts()
    changed = fit(charts, _rooms(package), cells)
    for chart in charts:
        for ref in chart.refs:
            sheet = package.sheets[ref.sheet]
            points = [cell.value if (cell := sheet.get(at)) else None for at in sheet.clip(ref.area).cells()]
            changed += ref.set_cache(points)
    return changed


class Left(NamedTuple):
    """Cells that were not computed for one reason: first where it begins, in the order of the sheets."""

    reason: Text
    cells: list[str]
    circular: bool = False

    def said(self, most: int = 5) -> Text:
        """How many, why, and the first of them."""
        first, more = self.cells[:most], len(self.cells) > most
        return Text(
            f"{len(self.cells)} 格未计算（{self.reason.zh}）：{'、'.join(first)}{' 等' if more else ''}",
            f"{len(self.cells)} cell{'s' * (len(self.cells) > 1)} not computed "
            f"({self.reason.en}): {', '.join(first)}{' …' * more}",
        )


def left(results: run.Results) -> list[Left]:
    """What a recalculation left as it was and why: circles first, then each thing the engine can't compute."""
    found: dict[Text, list[str]] = {}
    for cell in results.unsupported:
        reason = cell.reason if not cell.function else Text(f"{cell.function}：", f"{cell.function}: ") + cell.reason
        found.setdefault(reason, []).append(f"{cell.sheet}!{cell.cell}")
    circles = [f"{sheet}!{address(row, column)}" for sheet, row, column in results.circular]
    by_reason = [Left(reason, cells) for reason, cells in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))]
    return ([Left(run.CIRCULAR, circles, True)] if circles else []) + by_reason


def left_note(results: run.Results) -> Text | None:
    """The same in one line, for what recalculates on the way; None where everything was computed."""
    parts = left(results)
    if not parts:
        return None
    count = sum(len(part.cells) for part in parts)
    zh, en = joined((part.reason for part in parts), most=3, unit="种原因", between=SEMICOLON)
    return Text(
        f"有 {count} 格没有计算（{zh}），如 {parts[0].cells[0]}：运行 salesplan check 查看",
        f"not computed: {counted(count, 'cell')} ({en}), such as {parts[0].cells[0]}: see salesplan check",
    )


def error_cells(package: Package, results: run.Results) -> list[tuple[str, str, str, Text]]:
    """(sheet, cell, error, reason) of every cell that shows an error, as computed."""
    found = []
    for (sheet, row, column), value in results.values.items():
        if isinstance(value, ErrorValue):
            reason = results.reasons.get((sheet, row, column), Text("", ""))
            found.append((sheet, address(row, column), str(value), reason))
    return sorted(found)
