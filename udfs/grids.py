"""Tables inside a call: a block of cells row by row, each column read as what it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from udfs.formula import Kind, refuse, text
from udfs.text import Text, joined
from udfs.values import VALUE, Dates, ExcelError, is_blank, is_error


class Field(NamedTuple):
    """A column: what messages call it, how its cells are read, whether the block must have it and whether each row must fill it."""

    name: Text
    kind: Kind
    given: bool = True
    filled: bool = True


class Row(NamedTuple):
    """A row that has something in it; ``place`` counts from 1 in the block, blank rows included. A blank cell is None."""

    place: int
    cells: list[Any]


def rows_of(argument: str, cells: Sequence[Sequence[Any]], fields: Sequence[Field]) -> list[Row]:
    """The filled rows of a block as its fields say; a row of headers on top is passed over.

    Refuses the call, naming row and column, for a cell that can't be read, a blank one that is needed, a block too narrow.
    """
    wanted = sum(field.given for field in fields)
    width = max((len(row) for row in cells), default=0)
    filled = [(place, row) for place, row in enumerate(cells, 1) if not all(map(_void, row))]
    if not filled:
        return []
    refuse(
        width < wanted, VALUE, "参数 {name} 有 {got} 列，应有 {wanted} 列：{columns}",
        "argument {name} has {got} columns and needs {wanted}: {columns}", name=Text(argument, argument), got=width, wanted=wanted,
        columns=joined(f.name for f in fields[:wanted]),
    )  # fmt: skip
    if _is_header(filled[0][1], fields):
        filled = filled[1:]
    return [Row(place, [_read(argument, place, row, k, field) for k, field in enumerate(fields)]) for place, row in filled]


def refuse_row(argument: str, place: int, code: str, zh: str, en: str, /, **fields: Any) -> None:
    """Refuse the whole call for a row of a block."""
    where = Text(f"参数 {argument} 第 {place} 行：", f"argument {argument}, row {place}: ")
    refuse(True, code, where.zh + zh, where.en + en, **fields)


def _void(cell: Any) -> bool:
    return is_blank(cell) or (isinstance(cell, str) and not cell.strip())


def _is_header(row: Sequence[Any], fields: Sequence[Field]) -> bool:
    """Whether this is the header of a Table: nothing that can be read as data, and a column called by its name.

    Bad cells alone make no header: a row of data must not vanish because of them.
    """
    pairs = [(cell, field) for cell, field in zip(row, fields, strict=False) if not _void(cell)]
    typed = [(cell, field.kind) for cell, field in pairs if field.kind is not text]
    unread = all(isinstance(c, str) and not is_error(c) and isinstance(kind.read(c, kind), ExcelError) for c, kind in typed)
    return unread and any(isinstance(c, str) and key_of(c) in map(key_of, field.name) for c, field in pairs)


def _read(argument: str, place: int, row: Sequence[Any], column: int, field: Field) -> Any:
    cell = row[column] if column < len(row) else None
    if _void(cell):
        if field.filled:
            refuse_row(argument, place, VALUE, "{column}为空：请补上", "{column} is blank: fill it in", column=field.name)
        return None
    read = cell if is_error(cell) else field.kind.read(cell, field.kind)
    if is_error(read):
        reason = getattr(read, "reason", None) or Text("是错误值：请先改正它", "it holds an error: correct that first")
        refuse_row(argument, place, str(read), "{column}：{reason}", "{column}: {reason}", column=field.name, reason=reason)
    return read


_SEPARATORS = re.compile(r"[、，,;；|\n]")


def key_of(word: str) -> str:
    """A code as it is compared: width, case and spaces around it don't matter."""
    return unicodedata.normalize("NFKC", word).strip().casefold()


def listed(cell: str | None) -> list[str]:
    """The codes or names a cell lists, as compared."""
    return [key for part in _SEPARATORS.split(cell or "") if (key := key_of(part))]


def day_array(cells: Any) -> Dates:
    """Days that may be blank, as an array."""
    blank = np.datetime64("NaT", "D")
    return np.array([blank if cell is None else cell for cell in cells], dtype="datetime64[D]")


def parts(rows: Sequence[Sequence[Any]], width: int) -> Any:
    """Rows of mixed cells for a body that gives PARTS: an array would turn figures beside texts into texts."""
    out = np.empty((len(rows), width), dtype=object)
    for at, row in enumerate(rows):
        out[at] = [str(cell) if isinstance(cell, Text) else cell for cell in row]
    return out
