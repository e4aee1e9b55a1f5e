"""Faults in a plan's data, one for every check: what ``salesplan demo --faults`` plants, so that each check is seen red."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from udfs.text import Text, language, speaking
from udfs.values import date_to_serial
from workbook_templates import checking
from workbook_templates.cells import Value
from workbook_templates.checking.core import Check, Mistake
from workbook_templates.recalc import Recalculation, recalculate
from workbook_templates.tables import schema
from workbook_templates.tables.grids import grid, hold, workbook_language
from workbook_templates.xlsx.package import Package


def planted(group: int | None = None) -> Mapping[str, Check]:
    """The checks that have a fault of their own, in all or of one workbook, by code."""
    return {code: check for code, check in checking.registered().items() if check.fault and group in (None, check.group)}


def groups() -> list[int]:
    """The workbooks that it takes: what would hide other faults stands apart."""
    return sorted({check.group for check in planted().values()})


def plant(path: Path, group: int) -> Recalculation:
    """Type a group's faults into a plan and compute it anew."""
    package = Package.open(path)
    # All rows are looked up in the plan as it was: a fault must not hide the row of another.
    cells = [_cell(package, fault) for check in planted(group).values() for fault in check.fault]
    for sheet, at, value in cells:
        package.sheets[sheet].set_values({at: value})
    done = recalculate(package, whole=True)
    package.save(backup=False)
    return done


def _cell(package: Package, fault: Mistake) -> tuple[str, tuple[int, int], Value]:
    """Where a fault goes, and what is typed there."""
    with speaking(workbook_language(package) or language()):
        value = str(fault.value) if isinstance(fault.value, Text) else fault.value
    typed = float(date_to_serial(value)) if isinstance(value, dt.date) else value
    name, _, key = fault.at.partition(".")
    if key:
        held = hold(grid(package, package.tables[name]), schema.table(name))
        if not held.rows:  # a row without what it needs
            other = next(column.key for column in held.spec.inputs if column.key != key)
            return held.grid.sheet, (held.grid.data.first_row, held.places[other]), "?"
        rows = range(len(held.rows))
        place = next(at for at in rows if fault.row(held.rows[at])) if callable(fault.row) else rows[fault.row]
        return held.grid.sheet, held.at(place, key), typed
    found = package.locate(name)
    if found is None or callable(fault.row):
        raise ValueError(f"no cell called {fault.at!r}")
    sheet, ref = found
    return sheet, (ref.first_row + fault.row, ref.first_col), typed
