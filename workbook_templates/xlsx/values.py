"""What a cell of a file holds: its value, its formula, and both as text in the XML."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.cells import ErrorValue, Value
from workbook_templates.xlsx.refs import Ref

MAX_TEXT = 32_767
# What a file may hold in a cell of type "e". Newer ones (#SPILL!, #CALC!) are stored as #VALUE! plus rich data.
_FILE_ERRORS = frozenset(["#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"])


class Cell(NamedTuple):
    """One cell as the file has it. ``value`` of a formula cell is the cached one; ``formula`` has no leading ``=``.

    ``kind`` is the value's: ``n`` number, ``s`` text, ``b`` boolean, ``e`` error, ``""`` blank. ``array_ref`` is set on the
    anchor of an array formula only; ``dynamic`` tells a spilling formula from an old Ctrl-Shift-Enter one.
    """

    value: Value
    formula: str | None = None
    array_ref: Ref | None = None
    style: int = 0
    kind: str = ""
    dynamic: bool = False


class CellFormula(NamedTuple):
    """A formula to put into a cell, in the file's spelling. ``value`` None means: not known, keep or leave blank."""

    text: str
    array_ref: Ref | None = None
    value: Value = None
    dynamic: bool = False


def storable(value: object) -> Value:
    """What a file's cell holds for a value: newer errors as ``#VALUE!``. ValueError or TypeError for what no cell can hold."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, ErrorValue):
        return value if value in _FILE_ERRORS else ErrorValue("#VALUE!")
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise Refused(
                Text("文本有 {n} 个字符，单元格最多 32,767 个。", "The text has {n} characters; a cell holds 32,767.").format(
                    n=len(value)
                )
            )
        return str(value)
    if isinstance(value, (int, float)):
        number = float(value)
        if not math.isfinite(number):
            raise ValueError(f"{value!r} has no place in a cell: use ErrorValue")
        return number + 0.0  # -0.0 becomes 0.0: Excel knows no other
    item = getattr(value, "item", None)  # a numpy scalar, without importing numpy
    if callable(item):
        return storable(item())
    raise TypeError(f"a cell cannot hold {type(value).__name__}")


def kind_of(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "b"
    if isinstance(value, ErrorValue):
        return "e"
    return "s" if isinstance(value, str) else "n"


def finite(text: str) -> float:
    number = float(text)
    if not text.isascii() or "_" in text:  # Python's own liberties
        raise ValueError(text)
    if number - number != 0.0:  # the quickest test for what a cell cannot be
        raise ValueError(text)
    return number


def whole_number(text: str) -> int:
    """An index or row number as files write it; int() would also take ``-1`` (the last one), ``１`` or ``1_0``."""
    if not (text.isascii() and text.isdigit()):
        text = text.strip()
        if not (text.isascii() and text.isdigit()):
            raise ValueError(text)
    return int(text)


def number_text(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


# The double escape guards a text that already looks like an escape, also when what follows it is about to become one.
_CONTROL = "\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff"
NOT_XML = re.compile(f"[{_CONTROL}]")
_ENCODE = re.compile(rf"[{_CONTROL}]|_(?=x[0-9A-Fa-f]{{4}}(?:_|[{_CONTROL}]))")
_DECODE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def escape(text: str) -> str:
    """Text as a file stores it: what XML cannot carry becomes ``_xHHHH_``."""
    return _ENCODE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def unescape(text: str) -> str:
    """The reverse of ``escape``; a pair of escaped surrogates becomes its one character."""
    if "_x" not in text:
        return text
    plain = _DECODE.sub(lambda match: chr(int(match[1], 16)), text)
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
