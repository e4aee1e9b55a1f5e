"""Columns of raw cells by their different values: a million cells are not looked at one by one. A column is an Arrow array or a sequence."""

from __future__ import annotations

import datetime as dt
import importlib
import itertools
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from workbook_templates.intake.files import NOTHING, Raw, blank

Array = np.ndarray[Any, Any]
_TEXTS = {str, type(None)}


class Coded(NamedTuple):
    """A column by its different cells; code −1 is a blank."""

    codes: Array
    values: Sequence[Raw]


# Of these an ID may be made that every reader leaves as it stands.
PLAIN_IDS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./#-"
_DIGITS = b"0123456789"
_NOTHING = tuple({word.lower().encode() for word in NOTHING})
_FEWEST_TEXTS, _LONGEST_TEXT, _TRIED = 10_000, 32, 5_000  # fewer are looked at one by one; longer are no numbers


class Texts(Sequence[str]):
    """Numbers of documents that all differ, each made of plain letters and digits: a million of them are looked at as bytes, and those
    in Arrow become texts only where somebody asks for one. ``letters`` is all that is no digit in them, small, one after another;
    ``first`` are the letters they begin with."""

    def __init__(self, column: Any, letters: bytes, first: frozenset[str]) -> None:
        self.column, self.letters, self.first = column, letters, first

    def __len__(self) -> int:
        return len(self.column)

    def __getitem__(self, index: Any) -> Any:
        found = self.column[index]
        return found if isinstance(self.column, Sequence) else found.as_py() if isinstance(index, int) else found.to_pylist()

    def __iter__(self) -> Iterator[str]:
        return iter(self.column if isinstance(self.column, Sequence) else self.column.to_pylist())


def _letters_of(data: bytes) -> bytes | None:
    """What is no digit in many plain texts; None where some are not plain, or where one may be a word for nothing."""
    letters = data.translate(None, _DIGITS)
    low = letters.lower()
    return None if letters.translate(None, PLAIN_IDS) or any(word in low for word in _NOTHING) else low


def differing(column: Any) -> Texts | None:
    """A long column of plain texts of which no two are alike; None for every other one."""
    if len(column) < _FEWEST_TEXTS:
        return None
    return _differing_arrow(column) if is_arrow(column) else _differing_sequence(column)


def _differing_sequence(column: Sequence[Raw]) -> Texts | None:
    tried: Any = column[:_TRIED]
    if set(map(type, tried)) != {str} or len(set(tried)) < _TRIED or set(map(type, column)) != {str}:
        return None
    texts: Any = column
    joined = "".join(texts)
    if not joined.isascii() or len(set(texts)) < len(texts) or max(map(len, texts)) > _LONGEST_TEXT or "" in texts:
        return None
    letters = _letters_of(joined.encode())
    return None if letters is None else Texts(texts, letters, frozenset(map(itemgetter(0), texts)))


def _differing_arrow(column: Any) -> Texts | None:
    pa = arrow()
    whole = in_one(column)
    if not (pa.types.is_string(whole.type) or pa.types.is_large_string(whole.type)) or whole.null_count:
        return None
    kind = np.int32 if pa.types.is_string(whole.type) else np.int64
    _, offsets, buffer = whole.buffers()
    at = np.frombuffer(offsets, kind)[whole.offset : whole.offset + len(whole) + 1].astype(np.int64)
    begins, lengths = at[:-1] - at[0], np.diff(at)
    if lengths.min() == 0 or lengths.max() > _LONGEST_TEXT:
        return None
    view = memoryview(buffer)[int(at[0]) : int(at[-1])]
    if not _all_differ(view[: int(begins[_TRIED])].tobytes(), begins[:_TRIED], lengths[:_TRIED]):
        return None
    data = view.tobytes()
    letters = _letters_of(data)
    if letters is None or not _all_differ(data, begins, lengths):
        return None
    first = np.unique(np.frombuffer(data, np.uint8)[begins])
    return Texts(whole, letters, frozenset(map(chr, first.tolist())))


def _all_differ(data: bytes, begins: Array, lengths: Array) -> bool:
    """Whether texts all differ, by a number made of each; that two are alike may be chance."""
    words: Array = np.ndarray((len(data),), "<u8", data + bytes(8), strides=(1,))
    if _go_up(words, begins, lengths):
        return True
    mixed = lengths.astype(np.uint64)
    for at in range(0, int(lengths.max()), 8):
        word = _word_at(words, begins, lengths, at)
        mixed = (mixed ^ word) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(32)
    mixed.sort()
    return not bool((mixed[1:] == mixed[:-1]).any())


def _word_at(words: Array, begins: Array, lengths: Array, at: int) -> Array:
    """Eight letters of each text as a number, fewer where it ends."""
    word: Array = words[np.minimum(begins + at, len(words) - 1)]
    shortest, longest = int(lengths.min()) - at, int(lengths.max()) - at
    if shortest >= 8:
        return word
    if shortest == longest:
        return np.asarray(word & np.uint64((1 << 8 * max(shortest, 0)) - 1))
    kept: Array = np.array([(1 << 8 * n) - 1 for n in range(9)], np.uint64)
    return np.asarray(word & kept[np.clip(lengths - at, 0, 8)])


def _go_up(words: Array, begins: Array, lengths: Array) -> bool:
    """Whether short texts stand in their order, each after another: most exports are sorted by their numbers."""
    if lengths.max() > 16:
        return False
    first = _word_at(words, begins, lengths, 0).byteswap()
    after = first[1:] > first[:-1]
    if after.all():
        return True
    same = np.flatnonzero(~after)
    if (first[1:][same] != first[:-1][same]).any():
        return False
    rest = _word_at(words, begins, lengths, 8).byteswap()
    return bool((rest[1:][same] > rest[:-1][same]).all())


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
    if (texts := differing(column)) is not None:
        return Coded(np.arange(len(texts), dtype=np.int64), texts)
    codes, values = _coded_arrow(column) if is_arrow(column) else _coded_sequence(column)
    if set(map(type, values)) == {str} and not any(map(str.isspace, values)) and "" not in values and NOTHING.isdisjoint(values):  # type: ignore[arg-type]
        return Coded(codes, values)  # a million invoices are not asked one by one
    empty = [code for code, value in enumerate(values) if not value or type(value) is str]
    empty = [code for code in empty if blank(values[code])]  # 0.0 and FALSE are something
    if empty:
        codes = np.where(np.isin(codes, empty), -1, codes)
    return Coded(codes, values)


def seem_few(column: Any) -> bool:
    """Whether a column of texts has few different cells, as days are, by its first ones."""
    if is_arrow(column):
        return is_text(column) and len(column.slice(0, _TRIED).unique()) * 2 <= min(_TRIED, len(column))
    tried = column[:_TRIED]
    return set(map(type, tried)) == {str} and len(set(tried)) * 2 <= len(tried) and set(map(type, column)) == {str}


def in_one(column: Any) -> Any:
    """An Arrow column as one array."""
    whole = column.combine_chunks() if hasattr(column, "combine_chunks") else column
    return whole.chunk(0) if hasattr(whole, "chunk") and whole.num_chunks else whole


def _coded_arrow(column: Any) -> tuple[Array, list[Raw]]:
    whole = in_one(column)
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
