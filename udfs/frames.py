"""pandas objects as ranges: cells out of a Series or DataFrame, and a result put back into one.

pandas is never imported here: who passes a frame has loaded it. A missing value is a blank cell, as it is in Excel, unless its
column is known to have cells that could not be used (``attrs["problems"]``, see ``workbook_templates.frames``): then it is an
error with that reason, so that an unusable cell never counts as 0.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from udfs.text import Text
from udfs.values import ERROR_CODES, NA, ExcelError, Floats

Frame = Any  # a Series or DataFrame; pandas comes without types, and not with us


def is_frame(cells: Any) -> bool:
    """Whether this is a pandas Series or DataFrame."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(cells, pandas.Series | pandas.DataFrame)


def among(cells: Sequence[Any]) -> bool:
    """Whether any of a call's arguments is one."""
    return any(map(is_frame, cells))


# --------------------------------------------------------------------------------------------------------------------- in


def cells_of(cells: Any) -> Any:
    """A Series as a column of cells, a DataFrame as a block; anything else as it is."""
    if not is_frame(cells):
        return cells
    columns = [cells] if cells.ndim == 1 else [cells.iloc[:, i] for i in range(cells.shape[1])]
    if not len(cells) or not columns:
        return [[None]]  # nothing is a blank cell
    numbers = [n for column in columns if (n := _numbers(column)) is not None]
    if len(numbers) == len(columns):
        return np.column_stack(numbers)
    return [list(row) for row in zip(*map(_cells, columns), strict=True)]


def _numbers(column: Frame) -> Floats | None:
    """The quick way for columns of numbers without a gap."""
    if getattr(column.dtype, "kind", "O") not in "fiu" or column.isna().any():
        return None
    return np.asarray(column.to_numpy(dtype="float64"))


def _cells(column: Frame) -> list[Any]:
    gap = _gaps(column)
    cells = zip(column.astype(object), column.isna(), column.index, strict=True)
    return [gap.get(label, gap.get(None)) if missing else _cell(value) for value, missing, label in cells]


def _gaps(column: Frame) -> dict[Any, ExcelError | None]:
    """What a missing value stands for, by its row's label; under None for rows that are not named."""
    known = [p for p in column.attrs.get("problems", ()) if p["column"] == column.name]
    if not known:
        return {None: None}
    # Rows may have got other labels since: in such a column no missing value is taken for a blank.
    other: dict[Any, ExcelError | None] = {
        None: ExcelError(
            NA,
            Text(
                f"“{column.name}”有无法使用的单元格，缺失值不当作空白：请改正表格，或先填补缺失值",
                f"“{column.name}” has unusable cells, so a missing value is not taken for a blank: correct the Table or fill it "
                "first",
            ),
        )
    }
    named = {p["row"]: ExcelError(p["value"] if p["value"] in ERROR_CODES else NA, Text(*p["reason"])) for p in known}
    return other | named


def _cell(value: Any) -> Any:
    pandas: Any = sys.modules["pandas"]
    if isinstance(value, pandas.Period):  # as plans write them: 2027-03, 2027-Q1
        return f"{value.year}-Q{value.quarter}" if value.freqstr.startswith("Q") else str(value)
    if isinstance(value, pandas.Timestamp):
        moment = value.to_pydatetime(warn=False)
        return moment.date() if moment.time() == dt.time() else moment
    return value


def misaligned(elements: Sequence[Frame]) -> Text | None:
    """Why arguments that go row by row do not: they would be paired by position, whatever their labels say."""
    indexes = [e.index for e in elements]
    if all(index.equals(indexes[0]) for index in indexes):
        return None
    return Text(
        "各参数的行不一致：请先对齐（如 merge 或 reindex）",
        "the arguments do not have the same rows: align them first (merge, reindex)",
    )


def shuffled(given: Sequence[Frame]) -> Text | None:
    """Why ranges can't be paired by position: the same rows in another order."""
    for other in given[1:]:
        first = given[0].index
        if len(other) == len(first) and not other.index.equals(first) and not len(other.index.symmetric_difference(first)):
            return Text("各参数的行顺序不同：请先排成一致", "the arguments have the same rows in another order: sort them alike")
    return None


# -------------------------------------------------------------------------------------------------------------------- out


def result(spill: Any, kept: Frame | None, name: str, columns: Sequence[str]) -> Any:
    """A result as pandas objects: one value alone, a Series, or a DataFrame; with the index of ``kept`` where its rows are those.

    Errors stand in it as they do in cells, so that a column with one has dtype object; they are listed in ``attrs`` as well.
    """
    pandas: Any = sys.modules["pandas"]
    if kept is None and len(spill) == 1 and len(spill[0]) == 1:
        return spill[0][0]
    rows = spill if kept is None or len(kept) else []
    index = kept.index if kept is not None and len(kept) == len(rows) else pandas.RangeIndex(len(rows))
    width = len(spill[0])
    block = kept is not None and kept.ndim == 2
    if width == 1 and not block:
        out = _column([row[0] for row in rows], index).rename(name)
    else:
        named = (
            list(kept.columns) if kept is not None and block and kept.shape[1] == width else list(columns)[:width]
        )  # the last may come on request
        out = pandas.DataFrame({k: _column([row[k] for row in rows], index) for k in range(width)}, index=index)
        out.columns = named if len(named) == width else range(width)
    labels = list(out.columns) if out.ndim == 2 else [name]
    out.attrs = {
        "notes": list(map(str, spill.notes)),
        "problems": [
            {"row": index[r - 1], "column": labels[c - 1], "cell": "", "value": str(error), "reason": error.reason}
            for r, c, error in spill.errors
            if rows
        ],
    }
    return out


_DTYPES: dict[type, str] = {float: "float64", bool: "boolean", str: "string", dt.date: "datetime64[s]"}


def _column(cells: list[Any], index: Any) -> Any:
    """Cells with the dtype they share; with an error among them they stay as they are."""
    pandas: Any = sys.modules["pandas"]
    kinds = {type(cell) for cell in cells if cell is not None}
    dtype = _DTYPES.get(kinds.pop(), "object") if len(kinds) == 1 else "object" if kinds else "float64"
    if dtype == "float64":
        cells = [float("nan") if cell is None else cell for cell in cells]
    if dtype == "datetime64[s]":
        cells = np.array([np.datetime64("NaT" if cell is None else cell, "s") for cell in cells], dtype=dtype)  # type: ignore[assignment]
    return pandas.Series(cells, dtype=dtype, index=index)
