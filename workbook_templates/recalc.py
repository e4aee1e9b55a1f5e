"""The one way a computed value gets into a file: the engine's results into cells, spills and chart caches, and nothing else.

A workbook that was just generated and one that a person changed in Excel or LibreOffice go the same way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

import udfs
from udfs import policy
from udfs.text import Text, language, speaking
from udfs.values import serial_to_date
from workbook_templates import engine, spelling
from workbook_templates.cellvalue import ErrorValue, Value
from workbook_templates.drafts import Draft, SheetDraft, points
from workbook_templates.package import At, Cell, Package, Ref, Sheet, storable
from workbook_templates.restore import restore
from workbook_templates.saving import Refused
from workbook_templates.tables import workbook_language

AS_OF = "as_of"  # the defined name of a workbook's as-of date: the clock of its functions


@dataclass
class Recalculation:
    """What was computed and what it changed in the package (not yet saved)."""

    results: engine.Results
    changed: int = 0
    charts: int = 0
    restored: int = 0
    dropped: list[engine.Unsupported] = field(default_factory=list)
    stale: list[tuple[str, str, Value, Value]] = field(default_factory=list)  # sheet, cell, cached, computed


def functions() -> dict[str, engine.Function]:
    """Our catalogue under the names a workbook uses."""
    return {f"SALES_{name}": _as_shown(formula.cells) for name, formula in udfs.catalogue().items()}


def _as_shown(cells: engine.Function) -> engine.Function:
    """A formula can't leave a cell blank: a spreadsheet would show 0 for it, so it becomes empty text, as hosts write it."""
    return lambda *arguments: [["" if cell is None else cell for cell in row] for row in cells(*arguments)]


def compute(package: Package) -> engine.Results:
    """Evaluate every formula of a workbook, in the workbook's own language and by its own as-of date."""
    if package.date1904:
        raise Refused(
            Text(
                "工作簿使用 1904 日期系统，本程序只认 1900 系统：请在 Excel 选项里改回",
                "the workbook counts dates from 1904; only the 1900 system is understood: change it in Excel's options",
            )
        )
    return _evaluated(book(package), as_of(package), workbook_language(package))


def _evaluated(cells: engine.Book, day: dt.date | None, lang: str | None) -> engine.Results:
    previous = policy.clock()
    policy.set_today(day or previous)
    try:
        with speaking(lang or language()):  # result words follow the workbook, not the terminal
            return engine.evaluate(cells, functions())
    except engine.EngineError as error:
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


def book(package: Package) -> engine.Book:
    """The package's cells, Tables and names as the engine takes them."""
    sheets = {name: {at: _cell_in(cell) for at, cell in _fed(sheet)} for name, sheet in package.sheets.items()}
    tables = [
        spelling.Table(t.name, t.sheet, (*t.ref,), tuple(t.headers), t.header_row, t.totals) for t in package.tables.values()
    ]
    return engine.Book(sheets, tables, _names(package))


def _names(package: Package) -> dict[str, str]:
    names = {key if isinstance(key, str) else f"{key[0]}!{key[1]}": text for key, text in package.names.items()}
    return {key: text for key, text in names.items() if "_xlnm." not in key}


def _fed(sheet: Sheet) -> list[tuple[At, Cell]]:
    """A sheet's cells without what formulas spilled when it was saved: that is theirs to compute."""
    spilled = {at for ref in sheet.arrays.values() for at in ref.cells()}
    return [(at, cell) for at, cell in sheet.cells().items() if cell.formula is not None or at not in spilled]


def _cell_in(cell: Cell) -> engine.CellIn | Value:
    if cell.formula is None:
        return cell.value
    ref = None if cell.array_ref is None else str(cell.array_ref)
    return engine.CellIn(cell.value, cell.formula, ref, cell.dynamic)


def recalculate(package: Package) -> Recalculation:
    """Compute a workbook and put what changed into the package, after undoing what LibreOffice did to its formulas."""
    restored = restore(package)
    done = Recalculation(compute(package), restored=restored)
    for name, sheet in package.sheets.items():
        _store(done, name, sheet)
    if done.changed:
        _drop_unknown(done, package)
    done.charts = _refresh_charts(done, package)
    return done


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
    for chart in package.charts():
        for ref in chart.refs:
            done.charts += ref.set_cache(list(points(draft.sheets[ref.sheet].cells, ref.area)))
    return done


def drafted(draft: Draft) -> engine.Book:
    """The cells of a draft as the engine takes them."""
    sheets = {
        name: {at: _cell_in(cell) for at, cell in sheet.cells.items() if cell.value is not None or cell.formula is not None}
        for name, sheet in draft.sheets.items()
    }
    known = draft.package.tables.values()
    tables = [spelling.Table(t.name, t.sheet, (*t.ref,), tuple(t.headers), t.header_row, t.totals) for t in known]
    return engine.Book(sheets, tables, _names(draft.package))


def _blocked(package: Package, sheet: str) -> list[Ref]:
    """Where nothing can spill: merged cells and Tables."""
    return [*package.sheets[sheet].merged, *(table.ref for table in package.tables.values() if table.sheet == sheet)]


def _settle_sheet(results: engine.Results, name: str, sheet: SheetDraft, blocked: list[Ref]) -> int:
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
    for at, cell in list(sheet.cells().items()):
        if cell.formula is None or (name, *at) not in results.values:
            continue
        if cell.dynamic:
            done.changed += _store_spill(results, name, sheet, at)
        elif cell.array_ref is not None:
            single |= {inner: results.values.get((name, *inner)) for inner in cell.array_ref.cells()}
        else:
            single[at] = results.values[(name, *at)]
    before = _cached(sheet, single)
    changed = sheet.set_cached(single)
    done.changed += changed
    if changed:
        after = _cached(sheet, single)
        done.stale += [(name, spelled(at), before[at], after[at]) for at in single if before[at] != after[at]]


def _cached(sheet: Sheet, places: Iterable[At]) -> dict[At, Value]:
    found = {at: sheet.get(at) for at in places}
    return {at: None if cell is None else cell.value for at, cell in found.items()}


def spelled(at: At) -> str:
    """A position as people write it."""
    return f"{spelling.column_letters(at[1])}{at[0]}"


def _store_spill(results: engine.Results, name: str, sheet: Sheet, at: At) -> int:
    height, width = results.spills.get((name, *at), (1, 1))
    rows = [[results.values.get((name, at[0] + r, at[1] + c)) for c in range(width)] for r in range(height)]
    try:
        return sheet.set_spill(at, rows)
    except Refused:  # something a person typed stands in the way: what Excel shows then
        return sheet.set_spill(at, [[ErrorValue("#SPILL!")]])


def _drop_unknown(done: Recalculation, package: Package) -> None:
    """Something changed, so what the engine can't compute may be out of date: leave it to Excel's own calculation on load."""
    for cell in done.results.unsupported:
        sheet = package.sheets[cell.sheet]
        known = sheet.get((cell.row, cell.column))
        if known is None or known.formula is None or known.value is None or known.array_ref is not None:
            continue
        sheet.set_cached({(cell.row, cell.column): None})
        done.dropped.append(cell)
    if done.dropped:
        package.full_calc_on_load(True)


def _refresh_charts(done: Recalculation, package: Package) -> int:
    changed = 0
    for chart in package.charts():
        for ref in chart.refs:
            cells = package.sheets[ref.sheet].cells()
            points = [cell.value if (cell := cells.get(at)) else None for at in ref.area.cells()]
            changed += ref.set_cache(points)
    return changed


def error_cells(package: Package, results: engine.Results) -> list[tuple[str, str, str, Text]]:
    """(sheet, cell, error, reason) of every cell that shows an error, as computed."""
    found = []
    for (sheet, row, column), value in results.values.items():
        if isinstance(value, ErrorValue):
            reason = results.reasons.get((sheet, row, column), Text("", ""))
            found.append((sheet, spelled((row, column)), str(value), reason))
    return sorted(found)
