"""What actions overwrote, kept so that it can be put back exactly.

It is kept in a folder of the person's own, not in the workbook: a workbook is mailed, and what it held before must not
travel with it. A record belongs to the workbook's full path. Nothing is put back unless every cell still holds what the
action wrote, so a record that does not fit (another file under the name, cells changed since) can do no harm; it is refused
and says so.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from addin.book import Book
from addin.changes import Block, Cell, Effect, Extent, alike, around
from udfs.text import Text
from workbook_templates.cells import At, ErrorValue, address
from workbook_templates.folders import state_folder
from workbook_templates.saving import PRIVATE, atomic_write
from workbook_templates.xlsx.package import CellFormula, Ref

KEPT = 20  # actions a workbook that can be undone, the latest first


@dataclass(frozen=True)
class Added:
    """A sheet that an action added, with what stood on it then."""

    sheet: str
    table: str
    content: Mapping[At, Cell]


@dataclass(frozen=True)
class Whole:
    """A whole file that an action replaced: where it is kept, and the digest of what was put in its place."""

    file: str
    after: str


@dataclass(frozen=True)
class Record:
    """One action that can be undone."""

    time: str
    who: str
    action: str
    label: Text
    effect: Effect
    sheets: tuple[Added, ...] = ()
    whole: Whole | None = None


def _file(identity: str) -> Path:
    return state_folder() / "undo" / (hashlib.sha256(identity.encode("utf-8")).hexdigest()[:24] + ".json")


def keep(book: Book, record: Record) -> None:
    """Put a record on top. Written before the workbook is saved: a record too many does no harm, one too few would."""
    _put(book, [*_lines(book)[1 - KEPT :], _line(record)])


def write(book: Book, kept: list[Record]) -> None:
    """Write the records of a workbook, the latest first."""
    _put(book, [_line(record) for record in reversed(kept)])


def _put(book: Book, lines: list[str]) -> None:
    """Write the file, for nobody else to read: it holds pay. A line a record, the latest last: those below a new one need not be read."""
    path = _file(book.identity)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = "\n".join([json.dumps({"workbook": book.identity}, ensure_ascii=False), *lines])
    atomic_write(path, content.encode("utf-8"), mode=PRIVATE)
    for old in path.parent.glob(f"{path.stem}-*.gz"):
        if old.name not in content:  # a file that was replaced, which no record names any more
            old.unlink(missing_ok=True)


def _lines(book: Book) -> list[str]:
    """The records as they are written, the latest last; of a file of an earlier version as well."""
    try:
        head, *lines = _file(book.identity).read_text("utf-8").split("\n")
        return lines or [json.dumps(old, ensure_ascii=False) for old in reversed(json.loads(head).get("records", ()))]
    except (OSError, ValueError, AttributeError, TypeError):
        return []


def _line(record: Record) -> str:
    return json.dumps(_to_json(record), ensure_ascii=False)


def keep_whole(book: Book, before: bytes, after: bytes) -> Whole:
    """Keep a file that is about to be replaced; its record must follow, else it is cleared away with the next one."""
    path = _file(book.identity)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{path.stem}-{digest(before)[:16]}.gz"
    atomic_write(path.with_name(name), gzip.compress(before, mtime=0), mode=PRIVATE)
    return Whole(name, digest(after))


def before(book: Book, whole: Whole) -> bytes | None:
    """The file that was replaced; None where it is not kept any more."""
    try:
        return gzip.decompress((_file(book.identity).parent / Path(whole.file).name).read_bytes())
    except (OSError, EOFError, zlib.error):
        return None


def digest(content: bytes) -> str:
    """What tells one file's content from another's."""
    return hashlib.sha256(content).hexdigest()


def records(book: Book) -> list[Record]:
    """What can be undone, the latest first. What cannot be read is as if it were not there."""
    try:
        return [_from_json(json.loads(line)) for line in reversed(_lines(book))]
    except (ValueError, KeyError, TypeError):
        return []


# -------------------------------------------------------------------------------------------------------------- checking


def misfit(book: Book, effect: Effect, side: str = "new") -> str | None:
    """The first place that does not hold what the effect says ("new": what it wrote, "old": what it found)."""
    for extent in effect.extents:
        wanted = extent.after if side == "new" else extent.before
        found = book.grid(extent.table)
        if found is None or found.data.last_row != wanted:
            return extent.table
    by_sheet: dict[str, list[Block]] = defaultdict(list)
    for block in effect.blocks:
        by_sheet[block.sheet].append(block)
    for sheet, blocks in by_sheet.items():
        wrong = _misfit_in(book, sheet, blocks, side)
        if wrong:
            return wrong
    return None


def _misfit_in(book: Book, sheet: str, blocks: list[Block], side: str) -> str | None:
    """One reading of the rectangle around all places: the number of calls does not grow with them."""
    all_of_it = around(blocks)
    try:
        now = book.area(sheet, all_of_it)
    except KeyError:
        return sheet
    for block in blocks:
        for at, wanted in zip(block.ref.cells(), (c for row in getattr(block, side) for c in row), strict=True):
            if not alike(now[at[0] - all_of_it.first_row][at[1] - all_of_it.first_col], wanted):
                return f"{sheet}!{address(*at)}"
    return None


def added(book: Book, tables: Iterable[str]) -> tuple[Added, ...]:
    """The sheets of Tables that were just added, as they are."""
    grids = [grid for name in tables if (grid := book.own_grid(name)) is not None]
    return tuple(Added(grid.sheet, grid.name, book.content(grid.sheet) or {}) for grid in grids)


def changed(book: Book, sheets: Iterable[Added]) -> str | None:
    """The first place of added sheets that is not as it was then; the sheet, where it is gone or has another Table."""
    for one in sheets:
        now, grid = book.content(one.sheet), book.own_grid(one.table)
        if now is None or grid is None or grid.sheet != one.sheet:
            return one.sheet
        for at in sorted(now.keys() | one.content.keys()):
            if not alike(now.get(at), one.content.get(at)):
                return f"{one.sheet}!{address(*at)}"
    return None


# ---------------------------------------------------------------------------------------------------------------- as JSON


def _to_json(record: Record) -> dict[str, Any]:
    effect = record.effect
    blocks = [
        {"sheet": b.sheet, "ref": str(b.ref), "old": [[_cell_out(c) for c in row] for row in b.old], "new": [[_cell_out(c) for c in row] for row in b.new]}
        for b in effect.blocks
    ]  # fmt: skip
    return {
        "time": record.time,
        "who": record.who,
        "action": record.action,
        "label": [record.label.zh, record.label.en],
        "extents": [asdict(e) for e in effect.extents],
        "blocks": blocks,
        "sheets": [
            {"sheet": a.sheet, "table": a.table, "cells": [[*at, _cell_out(c)] for at, c in a.content.items()]}
            for a in record.sheets
        ],
        "whole": None if record.whole is None else asdict(record.whole),
    }


def _from_json(data: dict[str, Any]) -> Record:
    extents = tuple(Extent(**e) for e in data["extents"])
    blocks = tuple(
        Block(b["sheet"], Ref.parse(b["ref"]), *([[_cell_in(c) for c in row] for row in b[side]] for side in ("old", "new")))
        for b in data["blocks"]
    )
    sheets = tuple(
        Added(a["sheet"], a["table"], {(row, column): _cell_in(c) for row, column, c in a["cells"]})
        for a in data.get("sheets", ())  # records of earlier versions have none
    )
    whole = Whole(**data["whole"]) if data.get("whole") else None
    return Record(data["time"], data["who"], data["action"], Text(*data["label"]), Effect(extents, blocks), sheets, whole)


def _cell_out(cell: Cell) -> Any:
    if isinstance(cell, CellFormula):
        ref = None if cell.array_ref is None else str(cell.array_ref)
        return {"formula": cell.text, "ref": ref, "value": _cell_out(cell.value), "dynamic": cell.dynamic}
    return {"error": str(cell)} if isinstance(cell, ErrorValue) else cell


def _cell_in(data: Any) -> Cell:
    if isinstance(data, dict) and "error" in data:
        return ErrorValue(data["error"])
    if isinstance(data, dict):
        ref = None if data["ref"] is None else Ref.parse(data["ref"])
        return CellFormula(data["formula"], ref, _cell_in(data["value"]), data["dynamic"])  # type: ignore[arg-type]
    return float(data) if isinstance(data, int) and not isinstance(data, bool) else data


def now() -> str:
    """The time of a record."""
    return dt.datetime.now().isoformat(timespec="seconds")
