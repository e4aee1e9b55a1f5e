"""Columns of raw cells by their different values: a million cells are not looked at one by one. A column is an Arrow array or a sequence."""

from __future__ import annotations

import datetime as dt
import importlib
import itertools
import math
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from workbook_templates.intake.files import NOTHING, Raw, blank

Array = np.ndarray[Any, Any]
_TEXTS = {str, type(None)}


class Coded(NamedTuple):
    """A column by its different cells; code −1 is a blank."""

    codes: Array
    values: list[Raw]


def is_arrow(column: Any) -> bool:
    """Whether a column is an Arrow array; else it is a sequence of raw cells."""
    return hasattr(column, "dictionary_encode") or hasattr(column, "dictionary")


def arrow() -> Any:
    """pyarrow, where a column has come from it."""
    return importlib.import_module("pyarrow")


def compute() -> Any:
    """pyarrow's functions."""
    return importlib.import_module("pyarrow.compute")


def raw_cell(value: Any) -> Raw:
    """What a database or Parquet hands over, as a workbook would."""
    if value is None or isinstance(value, str | bool | dt.datetime):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, int):
        return float(value) if abs(value) < 10**15 else str(value)
    if isinstance(value, Decimal):
        return None if value.is_nan() else float(value)
    if isinstance(value, dt.date):
        return value
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)


def listed(column: Any, rows: Array | None = None) -> list[Raw]:
    """The raw cells of a column, or of some of its rows."""
    if is_arrow(column):
        return [raw_cell(v) for v in (column if rows is None else column.take(arrow().array(rows))).to_pylist()]
    return list(column) if rows is None else [column[row] for row in rows.tolist()]


def coded(column: Any) -> Coded:
    """A column by its different cells, in the order they are met."""
    codes, values = _coded_arrow(column) if is_arrow(column) else _coded_sequence(column)
    if set(map(type, values)) == {str} and not any(map(str.isspace, values)) and "" not in values and NOTHING.isdisjoint(values):  # type: ignore[arg-type]
        return Coded(codes, values)  # a million invoices are not asked one by one
    empty = [code for code, value in enumerate(values) if not value or type(value) is str]
    empty = [code for code in empty if blank(values[code])]  # 0.0 and FALSE are something
    if empty:
        codes = np.where(np.isin(codes, empty), -1, codes)
    return Coded(codes, values)


def _coded_arrow(column: Any) -> tuple[Array, list[Raw]]:
    whole = column.combine_chunks() if hasattr(column, "combine_chunks") else column
    whole = whole.chunk(0) if hasattr(whole, "chunk") and whole.num_chunks else whole
    if not len(whole):
        return np.empty(0, np.int64), []
    encoded = whole if hasattr(whole, "dictionary") else whole.dictionary_encode()
    codes = np.asarray(encoded.indices.fill_null(-1)).astype(np.int64)
    values = encoded.dictionary.to_pylist()
    return codes, values if is_text(column) else [raw_cell(v) for v in values]


def _coded_sequence(column: Sequence[Raw]) -> tuple[Array, list[Raw]]:
    seen: defaultdict[Any, int] = defaultdict(itertools.count().__next__)
    if set(map(type, column)) <= _TEXTS:
        codes = np.fromiter(map(seen.__getitem__, column), np.int64, len(column))
        return codes, list(seen)
    keys = [(type(cell), cell) for cell in column]  # 1.0 is not TRUE
    codes = np.fromiter(map(seen.__getitem__, keys), np.int64, len(keys))
    return codes, [cell for _, cell in seen]


def is_text(column: Any) -> bool:
    """Whether an Arrow column holds texts."""
    types = arrow().types
    kind = column.type.value_type if types.is_dictionary(column.type) else column.type
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))
