"""What the tests of actions do again and again."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from addin import actions, guarding, undo
from addin.action import Done
from addin.book import FileBook
from addin.changes import plain
from addin.performing import perform
from udfs import policy
from workbook_templates.recalc import recalculate
from workbook_templates.tables import grids
from workbook_templates.xlsx.package import Package


def do(name: str, path: Path, **options: Any) -> Done:
    """Perform an action on a file, without a backup."""
    action = actions.every()[name]
    return perform(action, FileBook.open(path), action.defaults(**options), backup=False)


_BROUGHT: dict[tuple[object, ...], tuple[list[bytes | None], dict[str, bytes]]] = {}


def brought(path: Path, said: object, bring: Callable[[Path], object]) -> Path:
    """The plan as ``bring`` leaves it, with its seal and what can be undone: done once a process for plans that are alike.

    ``said`` is what ``bring`` goes by besides the plan.
    """
    sides = (path, guarding.beside_plan(path), undo._file(os.path.realpath(path)))
    key = (*map(_content, sides), path.name, bring.__qualname__, said, policy.clock() or dt.date.today())
    kept = sides[2]
    if key not in _BROUGHT:
        bring(path)
        wholes = {file.name: file.read_bytes() for file in kept.parent.glob(f"{kept.stem}-*.gz")}
        _BROUGHT[key] = [_content(side) for side in sides], wholes
    contents, wholes = _BROUGHT[key]
    for side, content in zip(sides, contents, strict=True):
        if content is not None:
            side.parent.mkdir(parents=True, exist_ok=True)
            side.write_bytes(content)
    for name, whole in wholes.items():  # the files that actions replaced, as the records name them
        kept.with_name(name).write_bytes(whole)
    return path


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def change(path: Path, values: dict[tuple[str, int, str], Any]) -> None:
    """Change cells by (Table, row, column key), as a person would: no log, no undo; what depends on them follows."""
    package = Package.open(path)
    for (name, index, key), value in values.items():
        held = grids.held(package, name)
        cell = plain(grids.cell_of(held.spec[key], value, held.lang))
        package.sheets[held.grid.sheet].set_values({held.at(index, key): cell})
    recalculate(package)
    package.save(backup=False)


def tables_of(path: Path, log: bool = False) -> dict[Any, Any]:
    """Every cell of a file with its value and formula; the change log, which only grows, left out, and what tells of it."""
    package = Package.open(path)
    own = package.tables["ChangeLog"].sheet if "ChangeLog" in package.tables and not log else None
    return {
        (name, at): (cell.value, cell.formula)
        for name, sheet in package.sheets.items()
        if name != own
        for at, cell in sheet.cells().items()
        if (cell.value not in (None, "") or cell.formula is not None) and (log or "ChangeLog[" not in (cell.formula or ""))
    }
