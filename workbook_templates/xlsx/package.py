"""A lossless reader and writer of .xlsx / .xlsm packages: only what is touched changes.

A workbook is a zip of parts. Parts nobody touched are copied with their very bytes; in a touched sheet only the touched
cells differ, and what must follow them: table extents, shared strings, the calculation chain. Charts, pivots,
sparklines, comments, VBA and everything this module has never heard of stay where they are. When in doubt it raises
``Refused`` before anything is changed. It knows the file format and nothing about sales.
"""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import io
import math
import os
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from lxml import etree

from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.cells import MAX_COLUMN, At, ErrorValue, Value, address, column_letters, serial
from workbook_templates.saving import atomic_write, changing, check_unchanged, check_writable, mode_of, thin_backups
from workbook_templates.saving import backup as make_backup

__all__ = [
    "Cell",
    "Chart",
    "ChartRef",
    "ErrorValue",
    "Formula",
    "Package",
    "Ref",
    "Refused",
    "Saved",
    "Sheet",
    "Table",
    "Value",
    "escape",
    "storable",
    "translate",
    "unescape",
]

MAX_ROW, MAX_TEXT = 1_048_576, 32_767
# Extents say what they like (a Table dragged to the last row, an array over the whole sheet): above this size they are not gone through
# cell by cell, the cells that are there are.
LARGE_AREA = 10_000
# A Table with more blank rows than this at its end was dragged there; its rows in use end with the last that holds something.
DRAGGED_ROWS = 1_000
# The engine of Excel 2019 to 365 as their files name it (calcPr@calcId). Excel recalculates what an older one computed.
CALC_ENGINE = 191029
# A million rows of twenty columns are about 1 GB of XML; what is far beyond was not made by a spreadsheet.
MAX_PART_BYTES, MAX_TOTAL_BYTES, MAX_PARTS = 1 << 30, 1 << 31, 50_000
# Sheets compress 10 to 60 times. Deflate's own limit is about 1,030.
MAX_RATIO, RATIO_FROM_BYTES = 400, 32 << 20

Element = Any  # lxml ships no types

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_XDA = "http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray"
_XM = "{http://schemas.microsoft.com/office/excel/2006/main}"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_DYNAMIC_URI = "{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
CONTENT_TYPES = "[Content_Types].xml"


# ------------------------------------------------------------------------------------------------ values and addresses


# What a file may hold in a cell of type "e". Newer ones (#SPILL!, #CALC!) are stored as #VALUE! plus rich data.
_FILE_ERRORS = frozenset(["#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"])


class Ref(NamedTuple):
    """A rectangle of cells, 1-based and inclusive; ``str()`` is ``A1:B2``."""

    first_row: int
    first_col: int
    last_row: int
    last_col: int

    @classmethod
    def parse(cls, text: str) -> Ref:
        """Read ``A1``, ``$A$1:B2``, ``A:C`` or ``2:3``; ValueError for anything else."""
        ends = [_corner(end) for end in text.split(":")]
        cols, rows = [col for _, col, _, _ in ends], [row for _, _, _, row in ends]
        ranged = len(ends) == 2 and (all(cols) or not any(cols)) and (all(rows) or not any(rows)) and any(cols + rows)
        if not ranged and not (len(ends) == 1 and all(cols) and all(rows)):
            raise ValueError(text)
        if not any(cols):
            cols = [1, MAX_COLUMN]
        if not any(rows):
            rows = [1, MAX_ROW]
        if max(rows) > MAX_ROW or max(cols) > MAX_COLUMN:
            raise ValueError(text)
        return cls(min(rows), min(cols), max(rows), max(cols))

    def __str__(self) -> str:
        first, last = address(self.first_row, self.first_col), address(self.last_row, self.last_col)
        return first if first == last else f"{first}:{last}"

    @property
    def size(self) -> int:
        return (self.last_row - self.first_row + 1) * (self.last_col - self.first_col + 1)

    def holds(self, at: At) -> bool:
        return self.first_row <= at[0] <= self.last_row and self.first_col <= at[1] <= self.last_col

    def meets(self, other: Ref) -> bool:
        return not (
            self.last_row < other.first_row
            or other.last_row < self.first_row
            or self.last_col < other.first_col
            or other.last_col < self.first_col
        )

    def cells(self) -> Iterator[At]:
        for row in range(self.first_row, self.last_row + 1):
            for col in range(self.first_col, self.last_col + 1):
                yield row, col


class _Columns(dict[str, int]):
    """Column letters → number, remembered: parsing a sheet asks for the same few letters a million times."""

    def __missing__(self, letters: str) -> int:
        number = 0
        for letter in letters:
            number = number * 26 + ord(letter) - 64
        if not letters.isalpha() or not letters.isascii() or not letters.isupper():
            raise ValueError(letters)
        self[letters] = number
        return number


_COLUMNS = _Columns()


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


class Formula(NamedTuple):
    """A formula to put into a cell, in the file's spelling. ``value`` None means: not known, keep or leave blank."""

    text: str
    array_ref: Ref | None = None
    value: Value = None
    dynamic: bool = False


def _clean(value: object) -> Value:
    """``value`` as a cell can hold it; ValueError or TypeError for what no cell can."""
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
        return _clean(item())
    raise TypeError(f"a cell cannot hold {type(value).__name__}")


def storable(value: object) -> Value:
    """What a file's cell holds for a value: newer errors as ``#VALUE!``. ValueError or TypeError for what no cell can hold."""
    return _clean(value)


def _kind(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "b"
    if isinstance(value, ErrorValue):
        return "e"
    return "s" if isinstance(value, str) else "n"


def _finite(text: str) -> float:
    number = float(text)
    if not text.isascii() or "_" in text:  # Python's own liberties
        raise ValueError(text)
    if number - number != 0.0:  # the quickest test for what a cell cannot be
        raise ValueError(text)
    return number


def _count(text: str) -> int:
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
_NOT_XML = re.compile(f"[{_CONTROL}]")
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


# ------------------------------------------------------------------------------------------------------- moving formulas

_END = r"(?![\w.\\?(!\[])"
_CELL = r"\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}"
_TOKEN = re.compile(
    r'"(?:[^"]|"")*"'  # a text
    r"|'(?:[^']|'')*'"  # a quoted sheet name
    r"|\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]"  # what stands in a structured or external reference
    rf"|(?<![\w.\\?$])(?:(?P<cells>{_CELL}(?::{_CELL})?){_END}"
    rf"|(?P<cols>\$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}}){_END}"
    rf"|(?P<rows>\$?[1-9][0-9]{{0,6}}:\$?[1-9][0-9]{{0,6}}){_END})"
)
_CORNER = re.compile(r"(\$?)([A-Za-z]*)(\$?)([0-9]*)")
_Corner = tuple[bool, int, bool, int]  # column fixed, column or 0, row fixed, row or 0


@lru_cache(maxsize=8192)
def _pieces(formula: str) -> tuple[str | tuple[str, tuple[_Corner, ...]], ...]:
    """The formula cut into literal text and references that can be shifted."""
    out: list[str | tuple[str, tuple[_Corner, ...]]] = []
    done = 0
    for match in _TOKEN.finditer(formula):
        if match.lastgroup is None:
            continue
        corners = tuple(_corner(text) for text in match[0].split(":"))
        if any(col > MAX_COLUMN or row > MAX_ROW for _, col, _, row in corners):
            continue  # beyond the sheet: a name
        out += [formula[done : match.start()], (match[0], corners)]
        done = match.end()
    out.append(formula[done:])
    return tuple(out)


def _corner(text: str) -> _Corner:
    match = _CORNER.fullmatch(text)
    if match is None:
        raise ValueError(text)
    fixed_col, letters, fixed_row, digits = match.groups()
    if not letters:  # of "$3" the first group takes the dollar
        return False, 0, bool(fixed_col or fixed_row), int(digits)
    return bool(fixed_col), _COLUMNS[letters.upper()], bool(fixed_row), int(digits or 0)


def _shifted(corner: _Corner, rows: int, cols: int) -> str | None:
    fixed_col, col, fixed_row, row = corner
    text = ""
    if col:
        col += 0 if fixed_col else cols
        if not 1 <= col <= MAX_COLUMN:
            return None
        text = f"{'$' if fixed_col else ''}{column_letters(col)}"
    if row:
        row += 0 if fixed_row else rows
        if not 1 <= row <= MAX_ROW:
            return None
        text += f"{'$' if fixed_row else ''}{row}"
    return text


def translate(formula: str, rows: int, cols: int) -> str:
    """``formula`` as it reads when copied ``rows`` down and ``cols`` to the right; off the sheet is ``#REF!``.

    Texts, sheet names, function names, names and structured references stay as they are.
    """
    if not rows and not cols:
        return formula
    out = []
    for piece in _pieces(formula):
        if isinstance(piece, str):
            out.append(piece)
            continue
        moved = [_shifted(corner, rows, cols) for corner in piece[1]]
        out.append("#REF!" if None in moved else ":".join(text for text in moved if text))
    return "".join(out)


# ------------------------------------------------------------------------------------------------------------ the archive


def _damaged(where: str, detail: object) -> Refused:
    detail = detail if isinstance(detail, Text) else " ".join(str(detail).split())  # a parser's message may have lines
    return Refused(
        Text(
            "文件已损坏：{w}（{d}）。请在 Excel 中打开并修复后另存。",
            "The file is damaged: {w} ({d}). Open it in Excel, repair it and save it again.",
        ).format(w=where, d=detail)
    )


_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
    OSError,
)


class _Archive:
    """The zip as bytes in memory: guarded on reading, copied raw on writing."""

    def __init__(self, raw: bytes, name: str) -> None:
        self.raw = raw
        self.name = name
        self.zip = self._open(raw, name)
        self.infos = {info.filename: info for info in self.zip.infolist()}
        self._folded = {part.casefold(): part for part in self.infos}
        self._check()

    @staticmethod
    def _open(raw: bytes, name: str) -> zipfile.ZipFile:
        if raw[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
            raise Refused(
                Text(
                    "“{n}”有打开密码，或是旧版 .xls。请在 Excel 中去掉密码，另存为 .xlsx。",
                    "“{n}” is password-protected or an old .xls. Remove the password in Excel and save as .xlsx.",
                ).format(n=name)
            )
        try:
            return zipfile.ZipFile(io.BytesIO(raw))
        except _ZIP_ERRORS as error:
            raise Refused(
                Text(
                    "“{n}”不是 Excel 工作簿（.xlsx），或下载不完整。",
                    "“{n}” is not an Excel workbook (.xlsx), or not completely downloaded.",
                ).format(n=name)
            ) from error

    def _check(self) -> None:
        infos = self.zip.infolist()
        if len(infos) != len(self._folded):
            raise _damaged(self.name, Text("有重名部件", "two parts have the same name"))
        for info in infos:
            steps = re.split(r"[\\/]", info.filename)
            if ".." in steps or not steps[0] or ":" in steps[0]:
                raise _damaged(self.name, Text("部件名不安全", "unsafe part name") + f": {info.filename!r}")
            if info.flag_bits & 0x1:
                raise Refused(Text("“{n}”有压缩密码。", "“{n}” has a zip password.").format(n=self.name))
        oversized = any(
            info.file_size > MAX_PART_BYTES
            or (info.file_size > RATIO_FROM_BYTES and info.file_size > MAX_RATIO * max(info.compress_size, 1))
            for info in infos
        )
        if oversized or len(infos) > MAX_PARTS or sum(info.file_size for info in infos) > MAX_TOTAL_BYTES:
            raise Refused(
                Text(
                    "“{n}”解压后过大，可能是压缩炸弹，不予打开。", "“{n}” unpacks to too much, perhaps a zip bomb: not opened."
                ).format(n=self.name)
            )

    def find(self, part: str) -> str | None:
        """The entry's own spelling of a part name: part names do not distinguish case, zip entries do."""
        if part in self.infos:
            return part
        return self._folded.get(part.casefold()) or self._folded.get(unquote(part).casefold())

    def read(self, part: str) -> bytes:
        try:
            return self.zip.read(part)
        except _ZIP_ERRORS as error:
            raise _damaged(part, error) from error

    def write(self, file: Any, replaced: Mapping[str, bytes], removed: set[str]) -> None:
        """The same archive with some parts replaced, dropped or added, all others byte for byte, in the same order."""
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
            for info in self.zip.infolist():
                if info.filename in removed:
                    continue
                if info.filename in replaced:
                    out.writestr(_fresh(info), replaced[info.filename])
                else:
                    self._copy(info, file, out)
            for part, data in replaced.items():
                if part not in self.infos:
                    out.writestr(_fresh(zipfile.ZipInfo(part)), data)
            out.comment = self.zip.comment

    def _copy(self, info: zipfile.ZipInfo, file: Any, out: zipfile.ZipFile) -> None:
        """Copy an entry without unpacking it."""
        header = self.raw[info.header_offset : info.header_offset + 30]
        name_length, extra_length = struct.unpack("<HH", header[26:30])
        start = info.header_offset + 30 + name_length + extra_length
        entry = copy.copy(info)
        entry.flag_bits &= ~0x08  # sizes and checksum stand in the header now, not behind the data
        entry.header_offset = file.tell()
        file.write(entry.FileHeader(zip64=None))
        file.write(memoryview(self.raw)[start : start + info.compress_size])
        out.filelist.append(entry)
        out.NameToInfo[entry.filename] = entry
        out.start_dir = file.tell()


def _fresh(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """An entry for new content that keeps the old time stamp, so the same change gives the same bytes."""
    fresh = zipfile.ZipInfo(info.filename, info.date_time)
    fresh.compress_type = zipfile.ZIP_DEFLATED
    fresh.external_attr, fresh.create_system = info.external_attr, info.create_system
    return fresh


_DOCTYPES = tuple("<!DOCTYPE".encode(code) for code in ("ascii", "utf-16-le", "utf-16-be"))
_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\?>\s*")


def _parse(data: bytes, part: str) -> Element:
    # No spreadsheet declares a document type; what does is after entity expansion or a look at other files.
    if any(mark in data for mark in _DOCTYPES):
        raise _damaged(part, "DOCTYPE")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, strip_cdata=False)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _damaged(part, error) from error


def _serialise(root: Element, original: bytes | None) -> bytes:
    """The tree as UTF-8 behind the declaration it had; what stands around the root element is kept."""
    body = etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=False)
    match = _DECLARATION.match(original or b"")
    utf8 = (root.getroottree().docinfo.encoding or "UTF-8").upper() == "UTF-8"
    if match is None or not utf8:
        return bytes(b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + body)
    return bytes(match[0] + body)


def _namespace(root: Element) -> str:
    """The root's namespace in braces: transitional and strict files differ in it."""
    return root.tag[: root.tag.index("}") + 1] if root.tag.startswith("{") else ""


def local_name(node: Element) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def flag(node: Element, name: str, default: bool = False) -> bool:
    text = node.get(name)
    return default if text is None else text in ("1", "true")


def insert_ordered(parent: Element, node: Element, before: Iterable[str]) -> None:
    """Put ``node`` behind the last child whose local name is in ``before``: the schema prescribes an order."""
    names, place = set(before), 0
    for index, child in enumerate(parent):
        if local_name(child) in names:
            place = index + 1
    parent.insert(place, node)


class _Relation(NamedTuple):
    id: str
    type: str
    part: str


def relations_part(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


# --------------------------------------------------------------------------------------------------------- shared strings


def _string_text(node: Element) -> str:
    """The text of an ``si`` or ``is``: plain or rich runs joined, phonetic guides left out."""
    out = []
    for child in node:
        name = local_name(child)
        if name == "t":
            out.append(child.text or "")
        elif name == "r":
            out += [run.text or "" for run in child if local_name(run) == "t"]
    return unescape("".join(out))


class _Strings:
    """The shared strings: read once, appended to, never reordered, so that other sheets' indices stay right."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self.part = package.related(package.workbook_part, "sharedStrings")
        root = package.root(self.part) if self.part else None
        self.texts = [_string_text(node) for node in root if local_name(node) == "si"] if root is not None else []

    @cached_property
    def _plain(self) -> dict[str, int]:
        """Only plain entries are reused: sharing a rich one would bring its colours along."""
        if self.part is None:
            return {}
        entries = [node for node in self._package.root(self.part) if local_name(node) == "si"]
        plain = [i for i, node in enumerate(entries) if len(node) == 1 and local_name(node[0]) == "t"]
        return {self.texts[i]: i for i in reversed(plain)}

    def index(self, text: str) -> int:
        """The index of ``text``, appended if it is new; the use is counted."""
        found = self._plain.get(text)
        if found is None:
            found = self._plain[text] = len(self.texts)
            self.texts.append(text)
            root = self._writable()
            namespace = _namespace(root)
            node = etree.SubElement(etree.SubElement(root, f"{namespace}si"), f"{namespace}t")
            set_text(node, escape(text))
        self.count(1)
        return found

    def count(self, change: int) -> None:
        """Keep the two counts right where the file has them."""
        root = self._writable()
        if root.get("count", "").isdigit():
            root.set("count", str(max(int(root.get("count")) + change, 0)))
        if root.get("uniqueCount", "").isdigit():
            root.set("uniqueCount", str(len(self.texts)))

    def ensured(self) -> str:
        """The part's name; it is made where there is none."""
        if self.part is None:
            namespace = self._package.namespace
            root = etree.Element(f"{namespace}sst", {"count": "0", "uniqueCount": "0"}, nsmap={None: namespace[1:-1]})
            self.part = self._package._add_part("xl/sharedStrings.xml", root, f"{SHEET_TYPE}sharedStrings+xml", "sharedStrings")
        return self.part

    def _writable(self) -> Element:
        return self._package.touch(self.ensured())


def set_text(node: Element, text: str) -> None:
    node.text = text
    if text != text.strip() or "\n" in text or "\t" in text:
        node.set(_XML_SPACE, "preserve")
    else:
        node.attrib.pop(_XML_SPACE, None)


# ------------------------------------------------------------------------------------------------------------ the styles

# 27-36 and 50-58 are the East Asian dates, which files use without spelling them out.
_DATE_IDS = frozenset([*range(14, 23), *range(27, 37), 45, 47, *range(50, 59), *range(71, 81)])
_FORMAT_NOISE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|general|e[+-]|am/pm|a/p|上午/下午', re.IGNORECASE)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)


def is_date_format(code: str) -> bool:
    """Whether a number format shows a date or a time of day; elapsed time (``[h]:mm``) is a quantity, not a date."""
    first = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', code)[0]
    return not _ELAPSED.search(first) and bool(re.search(r"[ymdhsge]", _FORMAT_NOISE.sub("", first), re.IGNORECASE))


# -------------------------------------------------------------------------------------------------------------- the sheet


class _Areas:
    """Which rectangle covers a cell. Small ones are spread out for speed, a few huge ones (whole columns) are not."""

    def __init__(self, areas: Iterable[tuple[At, Ref]]) -> None:
        self._small: dict[At, At] = {}
        self._large: list[tuple[At, Ref]] = []
        for key, ref in areas:
            if ref.size > LARGE_AREA:
                self._large.append((key, ref))
            else:
                self._small.update(dict.fromkeys(ref.cells(), key))

    def get(self, at: At) -> At | None:
        found = self._small.get(at)
        if found is None and self._large:
            return next((key for key, ref in self._large if ref.holds(at)), None)
        return found


class _Names:
    """The tags of one sheet's namespace, joined once."""

    def __init__(self, namespace: str) -> None:
        self.data, self.row, self.cell = f"{namespace}sheetData", f"{namespace}row", f"{namespace}c"
        self.value, self.formula, self.inline = f"{namespace}v", f"{namespace}f", f"{namespace}is"


class Sheet:
    """One worksheet: reads all its cells in one pass, changes single cells in place."""

    def __init__(self, package: Package, name: str, state: str, part: str) -> None:
        self._package = package
        self.name, self.state, self.part = name, state, part
        self._loaded = False
        self.origin: dict[At, Cell] | None = None  # the cells as the file has them, where they were read and then changed

    def __repr__(self) -> str:
        return f"<Sheet {self.name!r}>"

    # ---- reading

    def cells(self) -> dict[At, Cell]:
        """All cells the file has, also empty ones that only carry a style. The dictionary is the caller's own."""
        self._load()
        return dict(self._cells)

    def get(self, at: At) -> Cell | None:
        """One cell, or None where the file has none."""
        self._load()
        return self._cells.get(at)

    @property
    def arrays(self) -> dict[At, Ref]:
        """Anchor → range of every array formula, spilling or not."""
        self._load()
        return dict(self._arrays)

    def within(self, ref: Ref) -> Iterator[At]:
        """The cells the file has in a rectangle; how many it could hold costs nothing."""
        self._load()
        return _overlap(ref, self._cells)

    def clip(self, ref: Ref) -> Ref:
        """A large rectangle down to the last row and column of the sheet that hold anything; a small one as it is."""
        if ref.size <= LARGE_AREA:
            return ref
        self._load()
        filled = [at for at, cell in self._cells.items() if cell.kind or cell.formula is not None]
        row, col = max((r for r, _ in filled), default=1), max((c for _, c in filled), default=1)
        return ref._replace(
            last_row=min(ref.last_row, max(row, ref.first_row)), last_col=min(ref.last_col, max(col, ref.first_col))
        )

    def owner(self, at: At) -> At | None:
        """The anchor of the array formula that covers a cell, also its own."""
        self._load()
        return self._anchor(at)

    @cached_property
    def merged(self) -> list[Ref]:
        """The merged ranges."""
        return [
            self._ref(node.get("ref"))
            for group in self.root
            if local_name(group) == "mergeCells"
            for node in group
            if local_name(node) == "mergeCell"
        ]

    @property
    def root(self) -> Element:
        return self._package.root(self.part)

    def _ref(self, text: str | None) -> Ref:
        return _part_ref(self.part, text)

    def _load(self) -> None:
        if self._loaded:
            return
        root = self.root
        self._tags = tags = _Names(_namespace(root))
        self._cells: dict[At, Cell] = {}
        self._nodes: dict[At, Element] = {}
        self._rows: dict[int, Element] = {}
        self._arrays: dict[At, Ref] = {}
        self._tables_of_data: list[Ref] = []
        self._shared: dict[str, list[At]] = {}
        self._masters: dict[str, tuple[At, str]] = {}
        self._implied = self._disordered = False
        data = root.find(tags.data)
        if data is None:
            raise _damaged(self.part, "sheetData")
        self._data = data
        try:
            self._read_rows(data, tags)
        except (ValueError, IndexError, KeyError, OverflowError) as error:
            raise _damaged(self._last_read(), error) from error
        self._owners: _Areas | None = None
        self._loaded = True

    def _last_read(self) -> str:
        """The cell that was being read, as people write it."""
        at = next(reversed(self._nodes), None)
        return f"{self.name}!{address(*at)}" if at is not None else f"{self.name} ({self.part})"

    def _read_rows(self, data: Element, tags: _Names) -> None:
        cells, nodes, rows, read, columns = self._cells, self._nodes, self._rows, self._read, _COLUMNS
        at_row = 0
        for row in data.iterchildren(tags.row):
            text = row.get("r")
            number = _count(text) if text else at_row + 1
            self._disordered |= number <= at_row
            self._implied |= not text
            at_row, col = number, 0
            rows[number] = row
            for node in row.iterchildren(tags.cell):
                ref = node.get("r")
                if ref:
                    before, col = col, columns[ref.rstrip("0123456789")]
                    self._disordered |= col <= before
                else:
                    col += 1
                    self._implied = True
                if col > MAX_COLUMN:
                    raise ValueError(ref or col)
                at = (number, col)
                nodes[at] = node
                cells[at] = read(node, at, tags)
        if at_row > MAX_ROW:
            raise ValueError(at_row)

    def _read(self, node: Element, at: At, tags: _Names) -> Cell:
        text = formula = inline = None
        for child in node:
            tag = child.tag
            if tag == tags.value:
                text = child.text or ""
            elif tag == tags.formula:
                formula = child
            elif tag == tags.inline:
                inline = child
        kind, style = node.get("t"), node.get("s")
        number = _count(style) if style else 0
        if kind is None or kind == "n":
            value: Value = _finite(text) if text else None
            kind = "n" if text else ""
        else:
            value, kind = self._typed(kind, text, inline)
        if formula is None:
            return Cell(value, None, None, number, kind)
        content, array_ref = self._read_formula(formula, at)
        dynamic = array_ref is not None and self._package._is_dynamic(node.get("cm"))
        return Cell(value, content, array_ref, number, kind, dynamic)

    def _typed(self, kind: str, text: str | None, inline: Element) -> tuple[Value, str]:
        if kind == "inlineStr":
            return ("", "s") if inline is None else (_string_text(inline), "s")
        if text is None or (text == "" and kind != "str"):
            return None, ""
        if kind == "s":
            return self._package._strings.texts[_count(text)], "s"
        if kind == "str":
            return unescape(text), "s"
        if kind == "b":
            return text in ("1", "true"), "b"
        if kind == "e":
            return ErrorValue(text), "e"
        if kind == "d":
            return serial(dt.datetime.fromisoformat(text), self._package.date1904), "n"
        raise ValueError(f"t={kind!r}")

    def _read_formula(self, node: Element, at: At) -> tuple[str | None, Ref | None]:
        kind, text = node.get("t"), node.text
        if kind == "shared":
            group = node.get("si") or ""
            self._shared.setdefault(group, []).append(at)
            if text:
                self._masters[group] = (at, text)
            elif group in self._masters:
                origin, master = self._masters[group]
                text = translate(master, at[0] - origin[0], at[1] - origin[1])
        elif kind == "array":
            ref = self._arrays[at] = Ref.parse(node.get("ref") or "")
            return text, ref
        elif kind == "dataTable":
            self._tables_of_data.append(Ref.parse(node.get("ref") or ""))
            return None, None
        return text or None, None

    # ---- changing

    def set_cached(self, values: Mapping[At, object]) -> int:
        """Put results into formula cells and the cells they spill into; formulas stay. How many cells changed.

        Errors beyond the classic ones (``#SPILL!`` …) are stored as ``#VALUE!``, as files do.
        """
        self._load()
        changes: dict[At, Value] = {}
        for at, raw in values.items():
            value = _clean(raw)
            cell = self._cells.get(at)
            if (cell is None or cell.formula is None) and self._anchor(at) is None:
                raise self._refuse(at, Text("不是公式，不能写入计算结果", "has no formula: no result can be put there"))
            if not _same(cell, value):
                changes[at] = value
        if changes:
            self.touch()
            for at, value in changes.items():
                self._put_value(at, value, shared=False)
            self._grow(changes)
        return len(changes)

    def set_values(self, values: Mapping[At, object]) -> int:
        """Overwrite cells with constants, keeping their style. How many cells changed.

        A text that starts with ``=`` stays a text. Refuses inside merged cells, inside array formulas and when the
        header of a Table would no longer match its columns.
        """
        self._load()
        clean = {at: _clean(raw) for at, raw in values.items()}
        changes = {at: v for at, v in clean.items() if not self._is_constant(at, v)}
        if changes:
            self._check_free(changes, clean)
            self.touch()
            self._drop_formulas(changes)
            for at, value in changes.items():
                self._put_value(at, value, shared=True)
            self._grow(changes)
        return len(changes)

    def set_formulas(self, formulas: Mapping[At, Formula]) -> int:
        """Put formulas into cells, keeping their style. How many cells changed.

        ``dynamic`` makes a spilling formula; its ``array_ref`` says how far it spills (default: its own cell).
        """
        self._load()
        changes = {at: self._normal(at, f) for at, f in formulas.items()}
        changes = {at: f for at, f in changes.items() if not self._is_formula(at, f)}
        if changes:
            self._check_free(changes, changes)
            self._check_arrays(changes)
            self.touch()
            self._drop_formulas(changes)
            for at, formula in changes.items():
                self._put_formula(at, formula)
            self._grow(changes)
        return len(changes)

    def set_spill(self, anchor: At, rows: Sequence[Sequence[object]]) -> int:
        """Give a spilling formula its whole result, larger or smaller than before. How many cells changed.

        Refuses when the new cells are not free: the caller shows ``#SPILL!`` then, as Excel would.
        """
        self._load()
        old = self._arrays.get(anchor)
        if old is None or not self._cells[anchor].dynamic:
            raise self._refuse(anchor, Text("不是动态数组公式", "is no spilling formula"))
        height, width = len(rows), len(rows[0]) if rows else 0
        if not width or any(len(row) != width for row in rows):
            raise ValueError("a spill is a rectangle of at least one cell")
        new = Ref(anchor[0], anchor[1], anchor[0] + height - 1, anchor[1] + width - 1)
        values = {at: rows[at[0] - anchor[0]][at[1] - anchor[1]] for at in new.cells()}
        cleared = sorted(at for at in self.within(old) if not new.holds(at))
        if new != old:
            self._check_room(new, old, anchor)
            self.touch()
            self._nodes[anchor].find(self._tags.formula).set("ref", str(new))
            self._arrays[anchor], self._owners = new, None
            for at in cleared:
                self._put_value(at, None, shared=False)
            self._cells[anchor] = self._cells[anchor]._replace(array_ref=new)
        changed = self.set_cached(values)
        self._grow(values)
        return changed + len(cleared)

    def respell(self, texts: Mapping[At, str]) -> int:
        """Write formulas in another spelling that means the same: results, spills and styles stay. How many changed.

        A shared formula is respelled where it is written down, its first cell.
        """
        self._load()
        changed = 0
        for at, text in texts.items():
            node = self._nodes[at].find(self._tags.formula) if at in self._nodes else None
            if node is None or not node.text or node.text == text:
                continue
            self.touch()
            node.text = text
            changed += 1
        self._loaded = self._loaded and not changed  # what followed from the old texts is read again
        return changed

    def set_styles(self, styles: Mapping[At, int]) -> None:
        """Give cells another style of this workbook, by its number; what they hold stays."""
        self._load()
        self.touch()
        for at, style in styles.items():
            self._set_style(at, style)
        self._grow(styles)

    # ---- checks

    def _refuse(self, at: At, why: Text) -> Refused:
        return Refused(Text("{s}!{a}", "{s}!{a}").format(s=self.name, a=address(*at)) + Text("：", ": ") + why)

    def _anchor(self, at: At) -> At | None:
        """The anchor of the array formula (or data table) that covers ``at``."""
        if self._owners is None:
            blocks = [((ref.first_row, ref.first_col), ref) for ref in self._tables_of_data]
            self._owners = _Areas([*self._arrays.items(), *blocks])
        return self._owners.get(at)

    def _is_constant(self, at: At, value: Value) -> bool:
        cell = self._cells.get(at)
        computed = cell is not None and cell.formula is not None
        return not computed and self._anchor(at) is None and _same(cell, value)

    def _is_formula(self, at: At, formula: Formula) -> bool:
        cell = self._cells.get(at)
        if cell is None or (cell.formula, cell.array_ref, cell.dynamic) != formula[:2] + formula[3:]:
            return False
        return formula.value is None or _same(cell, formula.value)

    def _normal(self, at: At, formula: Formula) -> Formula:
        text = formula.text.removeprefix("=")
        if not text or _NOT_XML.search(text):
            raise self._refuse(at, Text("公式为空或含控制字符", "the formula is empty or holds control characters"))
        ref = formula.array_ref
        if ref is not None:
            ref = Ref(*ref)
        elif formula.dynamic:
            ref = Ref(*at, *at)
        if ref is not None and (ref.first_row, ref.first_col) != at:
            raise self._refuse(at, Text("数组公式应从首个单元格开始", "an array formula starts in its first cell"))
        return Formula(text, ref, _clean(formula.value), formula.dynamic)

    def _check_free(self, touched: Mapping[At, object], written: Mapping[At, object]) -> None:
        """Refuse what Excel itself would not let one type."""
        if self._disordered:
            raise _damaged(self.part, Text("行或单元格顺序混乱", "rows or cells out of order"))
        for at in touched:
            if not (1 <= at[0] <= MAX_ROW and 1 <= at[1] <= MAX_COLUMN):
                raise self._refuse_position(at)
            anchor = self._anchor(at)
            if anchor is not None and not self._may_break(anchor, written):
                raise self._refuse(at, Text("位于数组公式中间", "lies inside an array formula"))
        for ref in self.merged:
            corner = (ref.first_row, ref.first_col)
            for at in _overlap(ref, touched):
                if at != corner:
                    raise self._refuse(at, Text("位于合并单元格内", "lies inside merged cells"))
        self._check_headers(touched)

    def _refuse_position(self, at: At) -> Refused:
        return Refused(
            Text("{s}：第 {r} 行第 {c} 列超出工作表", "{s}: row {r}, column {c} is off the sheet").format(
                s=self.name, r=at[0], c=at[1]
            )
        )

    def _may_break(self, anchor: At, written: Mapping[At, object]) -> bool:
        ref = self._arrays.get(anchor)
        if ref is None:  # a what-if data table
            return False
        cell = self._cells[anchor]
        whole = ref.size <= len(written) and all(at in written for at in ref.cells())
        return anchor in written and (cell.dynamic or whole)

    def _check_headers(self, touched: Mapping[At, object]) -> None:
        """Header and totals cells that differ from what the Table's own part says make Excel repair the file."""
        for table in self._tables():
            top, left, bottom, right = table.ref
            for at in _overlap(Ref(top, left, top, right), touched) if table.header_row else ():
                if touched[at] != table.headers[at[1] - left]:
                    raise self._refuse(at, Text("是表“{t}”的标题，不能改", "is a header of the table “{t}”").format(t=table.name))
            for at in _overlap(Ref(bottom, left, bottom, right), touched) if table.totals else ():
                raise self._refuse(at, Text("在表“{t}”的汇总行", "is in the totals row of the table “{t}”").format(t=table.name))

    def _check_arrays(self, formulas: Mapping[At, Formula]) -> None:
        """Refuse array formulas that have no room, also among the other new formulas."""
        taken = set(formulas)
        for at, formula in formulas.items():
            ref = formula.array_ref
            if ref is None or (ref.size == 1 and not formula.dynamic):
                continue
            self._check_room(ref, self._arrays.get(at), at)
            for cell in ref.cells():
                if cell != at and cell in taken:
                    raise self._refuse(cell, Text("会被两个公式占用", "would belong to two formulas"))
            taken.update(ref.cells())

    def _check_room(self, new: Ref, old: Ref | None, anchor: At) -> None:
        """Refuse unless the cells of ``new`` are empty, or already the formula's own."""
        if new.last_row > MAX_ROW or new.last_col > MAX_COLUMN or any(ref.meets(new) for ref in self.merged):
            raise self._refuse(anchor, Text("溢出区域放不下", "there is no room for its range"))
        if any(table.ref.meets(new) for table in self._tables()):
            raise self._refuse(anchor, Text("溢出不能进入表格", "a spill cannot stand in a Table"))
        for at in new.cells():
            cell = self._cells.get(at)
            if at == anchor or (old is not None and old.holds(at)):
                continue
            if self._anchor(at) is not None or (cell is not None and (cell.kind or cell.formula is not None)):
                raise self._refuse(at, Text("不为空，数组公式放不下", "is not empty: no room for the array formula"))

    def _tables(self) -> list[Table]:
        return [table for table in self._package.tables.values() if table.sheet == self.name]

    # ---- writing nodes

    def touch(self) -> None:
        if self._loaded and self.part not in self._package.touched:
            self.origin = dict(self._cells)
        self._package.touch(self.part)

    def _node(self, at: At) -> Element:
        """The cell's element, made in its right place where it is missing."""
        node = self._nodes.get(at)
        if node is not None:
            return node
        if self._disordered:
            raise _damaged(self.part, Text("行或单元格顺序混乱", "rows or cells out of order"))
        if self._implied:
            self._spell_out()
        row = self._row(at[0])
        node = etree.Element(self._tags.cell, {"r": address(*at)})
        style = self._default_style(row, at[1])
        if style:
            node.set("s", str(style))
        _insert_sorted(row, node, at[1], lambda other: _COLUMNS[other.get("r").rstrip("0123456789")], self._tags.cell)
        spans = row.get("spans", "").split(":")
        if len(spans) == 2:
            row.set("spans", f"{min(int(spans[0]), at[1])}:{max(int(spans[1]), at[1])}")
        self._nodes[at], self._cells[at] = node, Cell(None, style=style)
        return node

    def _row(self, number: int) -> Element:
        row = self._rows.get(number)
        if row is None:
            row = self._rows[number] = etree.Element(self._tags.row, {"r": str(number)})
            _insert_sorted(self._data, row, number, lambda other: int(other.get("r")), self._tags.row)
        return row

    def _spell_out(self) -> None:
        """Write the positions that cells without ``r`` only imply, before anything is put between them."""
        for number, row in self._rows.items():
            row.set("r", str(number))
        for at, node in self._nodes.items():
            node.set("r", address(*at))
        self._implied = False

    def _default_style(self, row: Element, col: int) -> int:
        if flag(row, "customFormat"):
            return int(row.get("s", "0"))
        return next((style for first, last, style in self._column_styles if first <= col <= last), 0)

    @cached_property
    def _column_styles(self) -> list[tuple[int, int, int]]:
        columns = [node for group in self.root if local_name(group) == "cols" for node in group if local_name(node) == "col"]
        return [(int(node.get("min")), int(node.get("max")), int(node.get("style", "0"))) for node in columns]

    def _put_value(self, at: At, value: Value, shared: bool) -> None:
        """Write type and value of one cell; what belonged to the old value (rich data, inline text) goes with it."""
        node, tags = self._node(at), self._tags
        kind = _kind(value)
        if node.get("t") == "s":
            self._package._strings.count(-1)
        old = None
        for child in list(node):  # faster than find(), which counts with 100,000 cells
            if child.tag == tags.value:
                old = child
            elif child.tag == tags.inline:
                node.remove(child)
        if node.get("vm") is not None:
            del node.attrib["vm"]
        if kind not in ("", "n"):
            node.set("t", "str" if kind == "s" and not shared else kind)
        elif node.get("t") is not None:
            del node.attrib["t"]
        if value is None:
            if old is not None:
                node.remove(old)
        else:
            if old is None:
                old = etree.Element(tags.value)
                insert_ordered(node, old, ["f"])
            old.text = self._value_text(value, shared)
        cell = self._cells[at]
        self._cells[at] = Cell(value, cell.formula, cell.array_ref, cell.style, kind, cell.dynamic)

    def _value_text(self, value: Value, shared: bool) -> str:
        if isinstance(value, bool):
            return "1" if value else "0"
        if isinstance(value, float):
            return number_text(value)
        text = str(value)
        if isinstance(value, ErrorValue):
            return text
        return str(self._package._strings.index(text)) if shared else escape(text)

    def _put_formula(self, at: At, formula: Formula) -> None:
        node = self._node(at)
        content = etree.Element(self._tags.formula)
        content.text = formula.text
        if formula.text != formula.text.strip():
            content.set(_XML_SPACE, "preserve")
        if formula.array_ref is not None:
            content.set("t", "array")
            content.set("ref", str(formula.array_ref))
            self._arrays[at], self._owners = formula.array_ref, None
        node.insert(0, content)
        if formula.dynamic:
            node.set("cm", self._package.dynamic_index())
        style = self._cells[at].style
        self._cells[at] = Cell(None, formula.text, formula.array_ref, style, "", formula.dynamic)
        self._package.formulas_changed()
        self._put_value(at, formula.value, shared=False)

    def _drop_formulas(self, touched: Mapping[At, object]) -> None:
        for at in touched:
            node = self._nodes.get(at)
            formula = node.find(self._tags.formula) if node is not None else None
            if node is None or formula is None:
                continue
            if formula.get("t") == "shared":
                self._leave_group(formula.get("si") or "", at, touched)
            node.remove(formula)
            node.attrib.pop("cm", None)
            self._cells[at] = self._cells[at]._replace(formula=None, array_ref=None, dynamic=False)
            self._package.formulas_changed()
            self._clear_spill(at, touched)

    def _clear_spill(self, anchor: At, touched: Mapping[At, object]) -> None:
        """What a removed formula had spilled goes with it."""
        ref = self._arrays.pop(anchor, None)
        self._owners = None
        for at in list(self.within(ref)) if ref is not None else ():
            if at not in touched and at != anchor:
                self._put_value(at, None, shared=False)

    def _leave_group(self, group: str, at: At, touched: Mapping[At, object]) -> None:
        """Take a cell out of a shared formula; the next one becomes its master where the master goes."""
        members = self._shared[group]
        members.remove(at)
        if self._masters.get(group, (None,))[0] != at:
            return
        heirs = [other for other in members if other not in touched]
        if not heirs:
            return
        heir = heirs[0]
        text = self._cells[heir].formula or ""
        node = self._nodes[heir].find(self._tags.formula)
        rows, cols = [r for r, _ in heirs], [c for _, c in heirs]
        node.set("ref", str(Ref(min(rows), min(cols), max(rows), max(cols))))
        node.text = text
        self._masters[group] = (heir, text)

    def _grow(self, touched: Iterable[At]) -> None:
        """Let the sheet's ``dimension`` cover what was added."""
        node = next((child for child in self.root if local_name(child) == "dimension"), None)
        cells = [at for at in touched if at in self._nodes]
        if node is None or not cells:
            return
        old = self._ref(node.get("ref"))
        rows, cols = [r for r, _ in cells], [c for _, c in cells]
        new = Ref(min(old.first_row, *rows), min(old.first_col, *cols), max(old.last_row, *rows), max(old.last_col, *cols))
        if new != old:
            node.set("ref", str(new))

    def _set_style(self, at: At, style: int) -> None:
        node = self._node(at)
        if style:
            node.set("s", str(style))
        else:
            node.attrib.pop("s", None)
        self._cells[at] = self._cells[at]._replace(style=style)

    def _extend_rules(self, data: Ref, last_row: int) -> None:
        """Conditional formats and drop-downs that end with the Table's last row go on to its new one, as in Excel."""
        for node in (node for group in self.root if group is not self._data for node in group.iter(etree.Element)):
            name = local_name(node)
            if name in ("conditionalFormatting", "dataValidation") and node.get("sqref"):
                node.set("sqref", _extended(node.get("sqref"), data, last_row))
            elif node.tag == f"{_XM}sqref" and node.text:
                node.text = _extended(node.text, data, last_row)


def _part_ref(part: str, text: str | None) -> Ref:
    try:
        return Ref.parse(text or "")
    except ValueError as error:
        raise _damaged(part, f"ref={text!r}") from error


def _same(cell: Cell | None, value: Value) -> bool:
    if cell is None:
        return value is None
    return cell.kind == _kind(value) and cell.value == value


def _overlap(ref: Ref, touched: Mapping[At, object]) -> Iterator[At]:
    """The touched cells within ``ref``, by the shorter of the two ways."""
    if ref.size < len(touched):
        return (at for at in ref.cells() if at in touched)
    return (at for at in touched if ref.holds(at))


def _insert_sorted(parent: Element, node: Element, key: int, key_of: Callable[[Element], int], tag: str) -> None:
    """Insert by position, looking from the end: most insertions append."""
    last = next(parent.iterchildren(reversed=True), None)  # len() would count them all
    while last is not None and (last.tag != tag or key_of(last) > key):
        last = last.getprevious()
    if last is None:
        parent.insert(0, node)
    else:
        last.addnext(node)


def _extended(sqref: str, data: Ref, last_row: int) -> str:
    out = []
    for text in sqref.split():
        try:
            ref = Ref.parse(text)
        except ValueError:
            out.append(text)
            continue
        inside = data.first_row <= ref.first_row and data.first_col <= ref.first_col and ref.last_col <= data.last_col
        ends = ref.last_row == data.last_row
        out.append(str(ref._replace(last_row=last_row)) if inside and ends else text)
    return " ".join(out)


# -------------------------------------------------------------------------------------------------------------- the tables


@dataclass(eq=False)
class Table:
    """An Excel Table. ``ref`` covers header and totals row too, as Excel counts; ``sheet`` is the sheet's name."""

    name: str
    sheet: str
    ref: Ref
    headers: list[str]
    totals: bool
    header_row: bool
    part: str
    _package: Package = field(repr=False)

    @property
    def data(self) -> Ref:
        """The rows between header and totals."""
        first = self.ref.first_row + int(self.header_row)
        return Ref(first, self.ref.first_col, max(self.ref.last_row - int(self.totals), first), self.ref.last_col)

    @property
    def used(self) -> Ref:
        """The rows in use: ``data``, but of a Table that was dragged far down only what holds something."""
        data = self.data
        sheet = self._package.sheets[self.sheet]
        if data.last_row - data.first_row < DRAGGED_ROWS or self._holds(sheet, data._replace(first_row=data.last_row)):
            return data
        filled = (at[0] for at in sheet.within(data) if (cell := sheet.get(at)) and (cell.kind or cell.formula is not None))
        last = max(filled, default=data.first_row)
        return data._replace(last_row=last) if data.last_row - last > DRAGGED_ROWS else data

    @staticmethod
    def _holds(sheet: Sheet, ref: Ref) -> bool:
        cells = (sheet.get(at) for at in sheet.within(ref))
        return any(cell is not None and (cell.kind or cell.formula is not None) for cell in cells)

    def resize(self, last_row: int) -> bool:
        """Let the Table end with data row ``last_row``; cells are not touched. Whether anything changed."""
        if last_row == self.data.last_row:
            return False
        self._check_growable()
        new = self.ref._replace(last_row=last_row)
        if last_row < self.data.first_row or last_row > MAX_ROW:
            raise self._refuse(Text("表格至少要有一行数据", "a Table has at least one row, all on the sheet"))
        sheet = self._package.sheets[self.sheet]
        others = [table for table in self._package.tables.values() if table is not self and table.sheet == self.sheet]
        if any(table.ref.meets(new) for table in others) or any(ref.meets(new) for ref in sheet.merged):
            raise self._refuse(Text("下方有其他表格或合并单元格", "another Table or merged cells are in the way"))
        names = ("table", "autoFilter", "sortState", "sortCondition")
        nodes = [
            node for node in self._package.root(self.part).iter(etree.Element) if local_name(node) in names and node.get("ref")
        ]
        areas = [(node, _part_ref(self.part, node.get("ref"))) for node in nodes]
        self._package.touch(self.part)
        for node, area in areas:
            if area.last_row == self.ref.last_row:
                node.set("ref", str(area._replace(last_row=last_row)))
        self.ref = new
        return True

    def _refuse(self, why: Text) -> Refused:
        return Refused(Text("表“{t}”：", "Table “{t}”: ").format(t=self.name) + why)

    def _check_growable(self) -> None:
        root = self._package.root(self.part)
        if self.totals:
            raise self._refuse(Text("有汇总行，请先关闭汇总行", "it has a totals row; switch that off first"))
        if root.get("tableType", "worksheet") != "worksheet":
            raise self._refuse(Text("由外部数据填充，不能增减行", "it is filled from an external source"))

    def _column_formulas(self) -> dict[int, tuple[str, bool]]:
        """Column → text of its calculated-column formula and whether that is an array formula."""
        out = {}
        columns = next(node for node in self._package.root(self.part) if local_name(node) == "tableColumns")
        for index, column in enumerate(child for child in columns if local_name(child) == "tableColumn"):
            for node in column:
                if local_name(node) == "calculatedColumnFormula" and node.text:
                    out[self.ref.first_col + index] = (node.text, flag(node, "array"))
        return out


class _Appending:
    """Rows going under a Table: everything is worked out and checked before the first cell changes."""

    def __init__(self, package: Package, table: Table, rows: Sequence[Sequence[object] | Mapping[str, object]]) -> None:
        self.table, self.sheet = table, package.sheets[table.sheet]
        self.sheet._load()
        self.formulas_of = table._column_formulas()
        self.model = table.used.last_row
        blank = table.data.first_row == self.model and self._is_blank_row()
        self.first = self.model if blank else self.model + 1
        self.last = self.first + len(rows) - 1
        self.rows = [self._aligned(row) for row in rows]

    def _is_blank_row(self) -> bool:
        """A new Table has one empty row: that one is filled first."""
        cells = (self.sheet.get((self.model, col)) for col in self._columns())
        return all(cell is None or cell.formula is not None or not cell.kind for cell in cells)

    def _columns(self) -> range:
        return range(self.table.ref.first_col, self.table.ref.last_col + 1)

    def _aligned(self, row: Sequence[object] | Mapping[str, object]) -> list[object]:
        headers = self.table.headers
        if isinstance(row, Mapping):
            unknown = [key for key in row if key not in headers]
            if unknown:
                raise self.table._refuse(Text("没有列", "no such column") + f": {', '.join(map(str, unknown))}")
            return [row.get(header) for header in headers]
        if len(row) != len(headers):
            raise self.table._refuse(
                Text("应有 {n} 列，给了 {m} 列", "{n} columns expected, {m} given").format(n=len(headers), m=len(row))
            )
        return list(row)

    def check(self, content: Mapping[At, object]) -> None:
        self.sheet._check_free(content, content)
        if self.last > MAX_ROW:
            raise self.table._refuse(Text("超出工作表行数", "more rows than a sheet has"))
        for row in range(self.model + 1, self.last + 1):
            for col in self._columns():
                cell = self.sheet.get((row, col))
                if (cell is not None and (cell.kind or cell.formula is not None)) or self.sheet._anchor((row, col)):
                    raise self.table._refuse(Text("下方 {a} 已有内容", "{a} below it is not empty").format(a=address(row, col)))

    def content(self) -> tuple[dict[At, Value], dict[At, Formula]]:
        values: dict[At, Value] = {}
        formulas: dict[At, Formula] = {}
        for index, row in enumerate(self.rows):
            for col, raw in zip(self._columns(), row, strict=True):
                at = (self.first + index, col)
                formula = self._formula(at) if raw is None else None
                if formula is not None:
                    formulas[at] = formula
                else:
                    values[at] = _clean(raw)
        return values, formulas

    def _formula(self, at: At) -> Formula | None:
        model = self.sheet.get((self.model, at[1]))
        if model is not None and model.formula is not None:
            if at[0] == self.model:
                return Formula(model.formula, model.array_ref, None, model.dynamic)
            text = translate(model.formula, at[0] - self.model, 0)
            own = Ref(*at, *at) if model.array_ref is not None else None
            return Formula(text, own, None, False)
        if at[1] not in self.formulas_of:
            return None
        text, array = self.formulas_of[at[1]]
        if translate(text, 1, 0) != text:
            # The last row overrode its column's formula, and which row the stored one is relative to is not certain.
            raise self.table._refuse(
                Text("列公式无法确定：{f}", "it is not certain how its column formula goes on: {f}").format(f=text)
            )
        return Formula(text, Ref(*at, *at) if array else None, None, False)

    def styles(self) -> dict[At, int]:
        out = {}
        for col in self._columns():
            model = self.sheet.get((self.model, col))
            if model is not None:
                out.update({(row, col): model.style for row in range(self.first, self.last + 1)})
        return out


# -------------------------------------------------------------------------------------------------------------- the charts

_SHEET_NAME = r"(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^'!\[\]():,\s]+))"
_CHART_AREA = re.compile(rf"{_SHEET_NAME}!(?P<area>\$?[A-Za-z]{{1,3}}\$?\d+(?::\$?[A-Za-z]{{1,3}}\$?\d+)?)")
_CHART_NAME = re.compile(r"(?:'(?:[^']|'')+'|[^'!]+)!(?P<name>[^'!:,()]+)")


class ChartRef:
    """One reference of a chart and the points stored for it, which every viewer but Excel draws from."""

    def __init__(self, package: Package, part: str, node: Element, formula: str, sheet: str, area: Ref) -> None:
        self._package, self._part, self._node = package, part, node
        self.formula, self.sheet, self.area = formula, sheet, area

    def __repr__(self) -> str:
        return f"<ChartRef {self.kind} {self.formula}>"

    @property
    def kind(self) -> str:
        """``num`` or ``str``."""
        return "num" if local_name(self._node) == "numRef" else "str"

    @property
    def values(self) -> list[float | str | None] | None:
        """The stored points, None where there is none; None instead of a list when nothing is stored."""
        cache = self._cache()
        if cache is None:
            return None
        return self._points(cache)

    def set_cache(self, values: Sequence[object]) -> bool:
        """Store ``values`` as the points. Whether anything changed.

        In a numeric reference a text or blank is a gap and an error ``#N/A``. Numeric *categories* that turn out to be
        texts become a text reference, as Excel makes them on load.
        """
        clean = [_clean(value) for value in values]
        to_text = self.kind == "num" and local_name(self._node.getparent()) == "cat" and any(_kind(v) == "s" for v in clean)
        points = [_point(value, "str" if to_text else self.kind) for value in clean]
        if not to_text and self.values is not None and self.values == points:
            return False
        self._package.touch(self._part)
        namespace = _namespace(self._node)
        if to_text:
            self._become_text(namespace)
        self._write(points, namespace)
        return True

    def _extend(self, last_row: int) -> None:
        """Let the reference end with another row; its points are the next ``set_cache``'s business."""
        node = next(child for child in self._node if local_name(child) == "f")
        self._package.touch(self._part)
        self.formula = node.text = re.sub(r"[0-9]+$", str(last_row), self.formula)
        self.area = self.area._replace(last_row=last_row)

    def _cache(self) -> Element | None:
        return next((child for child in self._node if local_name(child) in ("numCache", "strCache")), None)

    def _points(self, cache: Element) -> list[float | str | None]:
        count = next((child.get("val", "") for child in cache if local_name(child) == "ptCount"), "")
        out: list[float | str | None] = [None] * (min(int(count), MAX_ROW) if count.isdigit() else 0)
        for child in cache:
            if local_name(child) == "pt" and child.get("idx", "").isdigit() and int(child.get("idx")) < len(out):
                text = next((v.text or "" for v in child if local_name(v) == "v"), "")
                out[int(child.get("idx"))] = self._value(text)
        return out

    def _value(self, text: str) -> float | str:
        if self.kind == "num":
            with contextlib.suppress(ValueError):
                return _finite(text)
            return text
        return unescape(text)

    def _become_text(self, namespace: str) -> None:
        cache = self._cache()
        if cache is not None:
            self._node.remove(cache)
        self._node.tag = f"{namespace}strRef"

    def _write(self, points: Sequence[float | str | None], namespace: str) -> None:
        name = f"{namespace}{self.kind}Cache"
        cache = self._cache()
        if cache is None:
            cache = etree.Element(name)
            insert_ordered(self._node, cache, ["f"])
            if self.kind == "num":
                etree.SubElement(cache, f"{namespace}formatCode").text = "General"
        formats = {
            child.get("idx"): child.get("formatCode")
            for child in cache
            if local_name(child) == "pt" and child.get("formatCode") is not None
        }
        for child in [child for child in cache if local_name(child) in ("pt", "ptCount")]:
            cache.remove(child)
        fresh = [etree.Element(f"{namespace}ptCount", val=str(len(points)))]
        for index, value in enumerate(points):
            if value is None:
                continue
            point = etree.Element(f"{namespace}pt", idx=str(index))
            if str(index) in formats:
                point.set("formatCode", formats[str(index)])
            text = number_text(value) if isinstance(value, float) else escape(value)
            etree.SubElement(point, f"{namespace}v").text = text
            fresh.append(point)
        place = next((i + 1 for i, child in enumerate(cache) if local_name(child) == "formatCode"), 0)
        cache[place:place] = fresh


def _point(value: Value, kind: str) -> float | str | None:
    if kind == "num":
        if isinstance(value, ErrorValue):
            return "#N/A"
        return float(value) if isinstance(value, float) else None
    if value is None:
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return number_text(value) if isinstance(value, float) else str(value)


@dataclass
class Chart:
    """A chart part: the references whose points can be stored, and those that were left alone."""

    part: str
    refs: list[ChartRef]
    skipped: list[str]


# ------------------------------------------------------------------------------------------------------------- the package


@dataclass(frozen=True)
class Saved:
    """What ``Package.save`` did; false when there was nothing to write."""

    path: Path
    written: bool
    backup: Path | None = None

    def __bool__(self) -> bool:
        return self.written


class Package:
    """A workbook file. Read it, change cells, ``save``: everything else stays as it was."""

    def __init__(self, raw: bytes, path: Path | None = None) -> None:
        self.path = path
        self.archive = _Archive(raw, path.name if path else "workbook")
        self.roots: dict[str, Element] = {}
        self.touched: set[str] = set()
        self.changes = 0  # counted, so that what was read before a change can be told from what is read after it
        self._removed: set[str] = set()
        self.sealer: Callable[[Mapping[str, bytes]], dict[str, bytes]] | None = None  # see ``seal``
        self.relations: dict[str, list[_Relation]] = {}
        self.workbook_part = self._find_workbook()
        self.namespace = _namespace(self.root(self.workbook_part))
        self.sheets = self._find_sheets()

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Package:
        """Read a workbook file; ``Refused`` with one clear line for whatever is not one."""
        target = Path(path)
        if target.is_dir():
            raise Refused(Text("“{p}”是文件夹，不是工作簿。", "“{p}” is a folder, not a workbook.").format(p=target))
        try:
            raw = target.read_bytes()
        except FileNotFoundError as error:
            raise Refused(Text("找不到文件“{p}”。", "There is no file “{p}”.").format(p=target)) from error
        except OSError as error:
            raise Refused(
                Text("无法读取“{p}”：{e}。", "“{p}” cannot be read: {e}.").format(p=target, e=error.strerror or error)
            ) from error
        if not raw:
            raise Refused(Text("“{p}”是空文件。", "“{p}” is an empty file.").format(p=target))
        return cls(raw, target)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Package:
        """A workbook that was just made in memory; ``save`` needs a path then."""
        return cls(raw)

    # ---- parts

    def parts(self) -> list[str]:
        """The names of all parts, in order."""
        kept = [part for part in self.archive.infos if part not in self._removed]
        return kept + sorted(part for part in self.touched if part not in self.archive.infos)

    def find_part(self, part: str) -> str | None:
        found = self.archive.find(part)
        if found is None:
            return part if part in self.touched else None
        return None if found in self._removed else found

    def root(self, part: str) -> Element:
        """The part's tree, parsed at first use. Change it through ``touch`` only."""
        root = self.roots.get(part)
        if root is None:
            found = self.find_part(part)
            if found is None:
                raise _damaged(part, Text("缺少该部件", "the part is missing"))
            root = self.roots[part] = _parse(self.archive.read(found), part)
        return root

    def touch(self, part: str) -> Element:
        """The part's tree, about to be changed: the one gate every change passes."""
        self.changes += 1
        if part in self.touched:
            return self.roots[part]
        if self.signed:
            raise Refused(
                Text(
                    "工作簿有数字签名，修改会使签名失效。请先在 Excel 中去掉签名。",
                    "The workbook is digitally signed; a change would break the signature. Remove that in Excel first.",
                )
            )
        root = self.root(part)
        self.touched.add(part)
        return root

    def drop(self, part: str) -> None:
        """Take a part out of the package, with its relationships and its content type."""
        types = self.touch(CONTENT_TYPES)
        for name in (part, relations_part(part)):
            for node in [n for n in types if unquote(n.get("PartName", "")).lstrip("/").casefold() == name.casefold()]:
                types.remove(node)
            found = self.archive.find(name)
            if found is not None:
                self._removed.add(found)
            self.touched.discard(name)
            self.roots.pop(name, None)
        self.relations.pop(part, None)

    @cached_property
    def signed(self) -> bool:
        """Whether the package carries a digital signature (one of the VBA project does not count)."""
        parts = any(part.startswith("_xmlsignatures/") for part in self.archive.infos)
        return parts or any("digital-signature" in relation.type for relation in self.related_all(""))

    def related_all(self, part: str) -> list[_Relation]:
        """The internal relationships of a part, with the names of their targets."""
        known = self.relations.get(part)
        if known is None:
            rels = self.find_part(relations_part(part))
            nodes = [] if rels is None else [node for node in self.root(rels) if local_name(node) == "Relationship"]
            known = self.relations[part] = [
                _Relation(node.get("Id", ""), node.get("Type", ""), self._target(part, node.get("Target", "")))
                for node in nodes
                if node.get("TargetMode") != "External"
            ]
        return known

    def _target(self, part: str, target: str) -> str:
        name = target[1:] if target.startswith("/") else posixpath.join(posixpath.dirname(part), target)
        name = posixpath.normpath(name)
        return self.find_part(name) or name

    def related(self, part: str, kind: str) -> str | None:
        """The part behind the relationship of type ``…/kind``: the tail is the same in strict files."""
        return next((r.part for r in self.related_all(part) if r.type.rpartition("/")[2] == kind), None)

    def _find_workbook(self) -> str:
        part = self.related("", "officeDocument")
        if part is None or self.find_part(part) is None:
            raise self._no_workbook()
        if part.endswith(".bin"):
            raise Refused(
                Text("“{n}”是 .xlsb，请另存为 .xlsx。", "“{n}” is an .xlsb; save it as .xlsx.").format(n=self.archive.name)
            )
        if local_name(self.root(part)) != "workbook":
            raise self._no_workbook()
        return part

    def _no_workbook(self) -> Refused:
        return Refused(Text("“{n}”里没有 Excel 工作簿。", "There is no Excel workbook in “{n}”.").format(n=self.archive.name))

    def workbook_child(self, name: str) -> Element | None:
        return next((node for node in self.root(self.workbook_part) if local_name(node) == name), None)

    def sheet_nodes(self) -> list[tuple[str, str, str]]:
        """Name, state and relationship of every sheet, also of those that are no worksheets."""
        group = self.workbook_child("sheets")
        out = []
        for node in group if group is not None else ():
            if local_name(node) == "sheet":
                link = next((value for key, value in node.items() if key.endswith("/relationships}id")), "")
                out.append((unescape(node.get("name", "")), node.get("state", "visible"), link))
        return out

    def _find_sheets(self) -> dict[str, Sheet]:
        targets = {r.id: r for r in self.related_all(self.workbook_part)}
        sheets = {}
        for name, state, link in self.sheet_nodes():
            relation = targets.get(link)
            if relation is None or self.find_part(relation.part) is None:
                raise _damaged(self.archive.name, Text("缺少工作表", "a sheet is missing") + f": {name}")
            if relation.type.rpartition("/")[2] == "worksheet":
                sheets[name] = Sheet(self, name, state, relation.part)
        return sheets

    # ---- what the workbook says

    @property
    def date1904(self) -> bool:
        """Whether day numbers count from 1904."""
        node = self.workbook_child("workbookPr")
        return node is not None and flag(node, "date1904")

    @cached_property
    def names(self) -> dict[str | tuple[str, str], str]:
        """Defined names → what they refer to; a name local to a sheet has the key ``(sheet, name)``."""
        group = self.workbook_child("definedNames")
        sheets = [name for name, _, _ in self.sheet_nodes()]
        out: dict[str | tuple[str, str], str] = {}
        for node in group if group is not None else ():
            if local_name(node) != "definedName":
                continue
            name, local = node.get("name", ""), node.get("localSheetId")
            inside = local is not None and local.isdigit() and int(local) < len(sheets)
            out[(sheets[int(local)], name) if inside else name] = node.text or ""
        return out

    @cached_property
    def _strings(self) -> _Strings:
        return _Strings(self)

    @cached_property
    def tables(self) -> dict[str, Table]:
        """All Tables by the name formulas use."""
        out = {}
        for sheet in self.sheets.values():
            for relation in self.related_all(sheet.part):
                if relation.type.rpartition("/")[2] == "table":
                    table = self._read_table(sheet, relation.part)
                    out[table.name] = table
        return out

    def _read_table(self, sheet: Sheet, part: str) -> Table:
        root = self.root(part)
        columns = next((node for node in root if local_name(node) == "tableColumns"), ())
        headers = [unescape(node.get("name", "")) for node in columns if local_name(node) == "tableColumn"]
        try:
            ref = Ref.parse(root.get("ref", ""))
            totals, header = int(root.get("totalsRowCount", "0")), int(root.get("headerRowCount", "1"))
        except ValueError as error:
            raise _damaged(part, error) from error
        if len(headers) != ref.last_col - ref.first_col + 1:
            raise _damaged(part, Text("列数不符", "the number of columns is wrong"))
        name = unescape(root.get("displayName") or root.get("name", ""))
        return Table(name, sheet.name, ref, headers, bool(totals), bool(header), part, self)

    @cached_property
    def date_styles(self) -> frozenset[int]:
        part = self.related(self.workbook_part, "styles")
        if part is None or self.find_part(part) is None:
            return frozenset()
        try:
            codes, formats = self._number_formats(self.root(part))
        except ValueError as error:
            raise _damaged(part, error) from error
        dates = {number for number in formats if (is_date_format(codes[number]) if number in codes else number in _DATE_IDS)}
        return frozenset(index for index, number in enumerate(formats) if number in dates)

    @staticmethod
    def _number_formats(root: Element) -> tuple[dict[int, str], list[int]]:
        """The file's own format codes, and the format number of each cell style."""
        codes: dict[int, str] = {}
        formats: list[int] = []
        for group in root:
            if local_name(group) == "numFmts":
                nodes = [node for node in group if local_name(node) == "numFmt"]
                codes = {int(node.get("numFmtId", "0")): node.get("formatCode", "") for node in nodes}
            elif local_name(group) == "cellXfs":
                formats = [int(node.get("numFmtId", "0")) for node in group if local_name(node) == "xf"]
        return codes, formats

    def is_date(self, style: int) -> bool:
        """Whether cells of this style show a date or a time of day (elapsed time does not count)."""
        return style in self.date_styles

    # ---- charts

    def charts(self) -> list[Chart]:
        """Every chart with its references; the newer chartex kinds (waterfall, map …) hold their data otherwise."""
        types = [node for node in self.root(CONTENT_TYPES) if node.get("ContentType") == _CHART_TYPE]
        parts = [self.find_part(node.get("PartName", "").lstrip("/")) for node in types]
        return [self._chart(part) for part in parts if part is not None]

    def _chart(self, part: str) -> Chart:
        chart = Chart(part, [], [])
        root = self.root(part)
        namespace = _namespace(root)
        for kind in ("numRef", "strRef", "multiLvlStrRef"):
            for node in root.iter(f"{namespace}{kind}"):
                formula = node.findtext(f"{namespace}f") or ""
                found = None if kind == "multiLvlStrRef" else self.chart_area(formula)
                if found is None:
                    chart.skipped.append(formula)
                else:
                    chart.refs.append(ChartRef(self, part, node, formula, *found))
        return chart

    def locate(self, reference: str) -> tuple[str, Ref] | None:
        """Sheet and cells of a reference with a sheet (``Sheet!$A$1:B2``) or of a defined name that is one."""
        text = reference.removeprefix("=").strip()
        found = self.chart_area(text)
        if not found and "!" not in text:
            found = self.chart_area(self.names.get(text, ""), deep=False)
        return found and (found[0], self.sheets[found[0]].clip(found[1]))

    def chart_area(self, formula: str, deep: bool = True) -> tuple[str, Ref] | None:
        """Sheet and cells of a chart's reference, through one defined name; None for several areas and the like."""
        match = _CHART_AREA.fullmatch(formula.strip())
        if match is None:
            return self._chart_name(formula.strip()) if deep else None
        sheet = (match["quoted"] or "").replace("''", "'") or match["plain"]
        try:
            area = Ref.parse(match["area"])
        except ValueError:
            return None
        return (sheet, area) if sheet in self.sheets else None

    def _chart_name(self, formula: str) -> tuple[str, Ref] | None:
        match = _CHART_NAME.fullmatch(formula)
        if match is None:
            return None
        owner = formula[: match.start("name") - 1].strip("'").replace("''", "'")
        text = self.names.get((owner, match["name"]), self.names.get(match["name"]))
        return self.chart_area(text, deep=False) if text else None

    def strings_part(self) -> str:
        """The part with the shared strings, added where there is none."""
        return self._strings.ensured()

    # ---- changes beyond one sheet

    def append_rows(self, table: Table, rows: Sequence[Sequence[object] | Mapping[str, object]]) -> Ref:
        """Add rows under a Table and return where they stand.

        A row is a list in the order of the columns or a mapping by header. None in a calculated column means its formula.
        Styles come from the last data row; conditional formats and drop-downs that end there go on, and so do charts
        over all its rows. A Table whose only row is blank gets that one filled, one that was dragged far down its first free rows, and
        keeps its extent. Refuses when anything stands below, and for Tables with a totals row.
        """
        if not rows:
            raise ValueError("no rows")
        table._check_growable()
        plan = _Appending(self, table, rows)
        values, formulas = plan.content()
        plan.check({**values, **formulas})
        styles, sheet, old = plan.styles(), plan.sheet, table.data
        table.resize(max(plan.last, table.data.last_row))
        sheet.touch()
        for at, style in styles.items():
            sheet._set_style(at, style)
        sheet.set_values(values)
        sheet.set_formulas(formulas)
        sheet._grow(styles)
        sheet._extend_rules(old, table.ref.last_row)
        self._extend_charts(table, old)
        return Ref(plan.first, old.first_col, plan.last, old.last_col)

    def grow_rows(self, table: Table, last_row: int) -> None:
        """Let a Table end with ``last_row``, as ``append_rows`` does, with blank cells beside the calculated columns."""
        used = table.used.last_row
        blank = _Appending(self, table, []).first == used
        if last_row > used:
            self.append_rows(table, [{}] * (last_row - used + int(blank)))

    def cut_rows(self, table: Table, last_row: int, keep_extent: bool = False) -> None:
        """The reverse of ``append_rows``: the rows below ``last_row`` are emptied and leave the Table; nothing moves up.

        ``keep_extent``: they stay in it, as in a Table that reached far below its rows before.
        """
        old = table.data
        if last_row >= old.last_row:
            return
        table._check_growable()
        sheet = self.sheets[table.sheet]
        gone = Ref(last_row + 1, old.first_col, old.last_row, old.last_col)
        sheet.set_values(dict.fromkeys(list(sheet.within(gone))))
        if keep_extent:
            return
        table.resize(last_row)
        sheet.touch()
        sheet._extend_rules(old, last_row)
        self._extend_charts(table, old)

    def _extend_charts(self, table: Table, old: Ref) -> None:
        """Charts over all the rows of a Table's columns go on with it, as in Excel."""
        if old.last_row == table.data.last_row:
            return
        for ref in (ref for chart in self.charts() for ref in chart.refs):
            rows = (ref.area.first_row, ref.area.last_row) == (old.first_row, old.last_row)
            columns = old.first_col <= ref.area.first_col and ref.area.last_col <= old.last_col
            if rows and columns and ref.sheet == table.sheet and _CHART_AREA.fullmatch(ref.formula) and ":" in ref.formula:
                ref._extend(table.data.last_row)

    def mark_dynamic(self, sheet: Sheet, at: At) -> bool:
        """Make an array formula a spilling one, as Excel 365 stores it. Whether anything changed."""
        cell = sheet.get(at)
        if cell is None or cell.array_ref is None:
            raise sheet._refuse(at, Text("不是数组公式", "is no array formula"))
        if cell.dynamic:
            return False
        sheet.touch()
        sheet._nodes[at].set("cm", self.dynamic_index())
        sheet._cells[at] = cell._replace(dynamic=True)
        return True

    def full_calc_on_load(self, wanted: bool) -> bool:
        """Have Excel calculate everything when it opens the file, or not. Whether anything changed."""
        node = self.workbook_child("calcPr")
        if wanted == (node is not None and flag(node, "fullCalcOnLoad")):
            return False
        node = self._calculation()
        if wanted:
            node.set("fullCalcOnLoad", "1")
        else:
            node.attrib.pop("fullCalcOnLoad", None)
        return True

    def mark_computed(self) -> bool:
        """Say that every formula's value is in the file, so that Excel shows them and does not calculate on opening.

        Excel recalculates a whole workbook that an older engine than its own computed last (``calcId``; none counts as 0). A
        newer number than ours stays. Whether anything changed.
        """
        node = self.workbook_child("calcPr")
        number = node.get("calcId", "") if node is not None else ""
        current = number.isdigit() and int(number) >= CALC_ENGINE
        if current and not flag(node, "fullCalcOnLoad") and flag(node, "calcCompleted", True):
            return False
        node = self._calculation()
        node.set("calcId", number if current else str(CALC_ENGINE))
        for name in ("fullCalcOnLoad", "calcCompleted"):
            node.attrib.pop(name, None)
        return True

    def _calculation(self) -> Element:
        """The element with the calculation's settings, about to be changed."""
        root = self.touch(self.workbook_part)
        node = self.workbook_child("calcPr")
        if node is None:
            node = etree.Element(f"{self.namespace}calcPr")
            before = "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups "
            insert_ordered(root, node, (before + "externalReferences definedNames AlternateContent revisionPtr").split())
        return node

    def never_ask_for(self, target: str) -> bool:
        """Where the only link to another workbook is ``target``: have Excel open the file without asking whether to update links.

        Somebody's own links keep the setting they have. Whether anything changed.
        """
        links = self.links()
        node = self.workbook_child("workbookPr")
        if not links or {link.rpartition("/")[2] for link in links} != {target}:
            return False
        if node is not None and node.get("updateLinks") == "never":
            return False
        root = self.touch(self.workbook_part)
        if node is None:
            node = etree.Element(f"{self.namespace}workbookPr")
            insert_ordered(root, node, ("fileVersion", "fileSharing", "AlternateContent"))
        node.set("updateLinks", "never")
        return True

    def formulas_changed(self) -> None:
        """Formulas came or went: the calculation chain would be wrong, and Excel rebuilds a missing one."""
        part = self.related(self.workbook_part, "calcChain")
        if part is None:
            return
        rels = self.touch(self.find_part(relations_part(self.workbook_part)) or "")
        for node in [node for node in rels if node.get("Type", "").endswith("/calcChain")]:
            rels.remove(node)
        types = self.touch(CONTENT_TYPES)
        for node in [n for n in types if n.get("PartName", "").lstrip("/").casefold() == part.casefold()]:
            types.remove(node)
        if self.find_part(part) is not None:
            self._removed.add(part)
        self.relations.pop(self.workbook_part, None)

    def _add_part(self, part: str, root: Element, content_type: str, kind: str) -> str:
        """Add a part beside the workbook, with its content type and relationship."""
        folder = posixpath.dirname(self.workbook_part)
        name, stem = posixpath.join(folder, posixpath.basename(part)), posixpath.splitext(posixpath.basename(part))[0]
        number = 1
        while self.archive.find(name) is not None:
            number += 1
            name = posixpath.join(folder, f"{stem}{number}.xml")
        types = self.touch(CONTENT_TYPES)
        etree.SubElement(types, f"{{{TYPES}}}Override", PartName=f"/{name}", ContentType=content_type)
        rels_part = self.find_part(relations_part(self.workbook_part))
        assert rels_part is not None, "a workbook with sheets has relationships"
        rels = self.touch(rels_part)
        used = {node.get("Id") for node in rels}
        number = next(n for n in range(1, len(used) + 2) if f"rId{n}" not in used)
        base = next((n.get("Type").rpartition("/")[0] for n in rels if n.get("Type", "").endswith("/worksheet")), OFFICE)
        target = posixpath.basename(name)
        etree.SubElement(rels, f"{{{RELATIONSHIPS}}}Relationship", Id=f"rId{number}", Type=f"{base}/{kind}", Target=target)
        self.relations.pop(self.workbook_part, None)
        self.roots[name] = root
        self.touched.add(name)
        return name

    # ---- links to other workbooks

    def links(self) -> list[str]:
        """The targets of the external links in the order formulas count them: ``[1]`` is the first."""
        group = self.workbook_child("externalReferences")
        parts = {relation.id: relation.part for relation in self.related_all(self.workbook_part)}
        ids = [node.get(f"{{{OFFICE}}}id", "") for node in (group if group is not None else ())]
        return [self._link_target(parts[number]) if number in parts else "" for number in ids]

    def _link_target(self, part: str) -> str:
        rels = self.find_part(relations_part(part))
        nodes = self.root(rels) if rels is not None else ()
        return next((node.get("Target", "") for node in nodes if node.get("TargetMode") == "External"), "")

    def add_link(self, target: str, kind: str, names: Iterable[str]) -> int:
        """Refer to another workbook and the names formulas use of it; ``kind`` is the relationship's type. Its number in formulas."""
        space, external = self.namespace, f"{{{OFFICE}}}id"
        root = etree.Element(f"{space}externalLink", nsmap={None: space[1:-1]})
        book = etree.SubElement(root, f"{space}externalBook", {external: "rId1"}, nsmap={"r": OFFICE})
        listed = etree.SubElement(book, f"{space}definedNames")
        for name in names:
            etree.SubElement(listed, f"{space}definedName", name=name)
        part = self._add_part("externalLink.xml", root, f"{SHEET_TYPE}externalLink+xml", "externalLink")
        rels = etree.Element(f"{{{RELATIONSHIPS}}}Relationships", nsmap={None: RELATIONSHIPS})
        etree.SubElement(rels, f"{{{RELATIONSHIPS}}}Relationship", Id="rId1", Type=kind, Target=target, TargetMode="External")
        self.roots[relations_part(part)] = rels
        self.touched.add(relations_part(part))
        workbook = self.touch(self.workbook_part)
        group = self.workbook_child("externalReferences")
        if group is None:
            group = etree.Element(f"{space}externalReferences")
            before = "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups"
            insert_ordered(workbook, group, before.split())
        number = next(relation.id for relation in self.related_all(self.workbook_part) if relation.part == part)
        etree.SubElement(group, f"{space}externalReference", {external: number}, nsmap={"r": OFFICE})
        return len(group)

    def linked(self) -> list[tuple[str, str, list[str]]]:
        """The external links: target, type of the relationship, and the names formulas may use of it."""
        group = self.workbook_child("externalReferences")
        by_id = {relation.id: relation.part for relation in self.related_all(self.workbook_part)}
        out = []
        for node in group if group is not None else ():
            part = by_id.get(node.get(f"{{{OFFICE}}}id", ""), "")
            rels = self.find_part(relations_part(part))
            external = [n for n in (self.root(rels) if rels else ()) if n.get("TargetMode") == "External"]
            names = [n.get("name", "") for n in self.root(part).iter(f"{self.namespace}definedName")] if part else []
            out.append((external[0].get("Target", ""), external[0].get("Type", ""), names) if external else ("", "", names))
        return out

    def name_in_link(self, number: int, names: Iterable[str]) -> None:
        """List names in an external link (from 1) that formulas are about to use."""
        group = self.workbook_child("externalReferences")
        assert group is not None, "there is such a link"
        by_id = {relation.id: relation.part for relation in self.related_all(self.workbook_part)}
        part = by_id[group[number - 1].get(f"{{{OFFICE}}}id", "")]
        listed = next(iter(self.root(part).iter(f"{self.namespace}definedNames")), None)
        known = {node.get("name") for node in listed} if listed is not None else set()
        lacking = [name for name in names if name not in known]
        if not lacking:
            return
        self.touch(part)
        if listed is None:
            book = next(self.root(part).iter(f"{self.namespace}externalBook"))
            listed = etree.SubElement(book, f"{self.namespace}definedNames")
        for name in lacking:
            etree.SubElement(listed, f"{self.namespace}definedName", name=name)

    def string_texts(self) -> list[str]:
        """The shared strings by index."""
        return self._strings.texts

    def string_index(self, text: str) -> int:
        """The index of a shared string, appended where it is new; the use is counted."""
        return self._strings.index(text)

    @property
    def saved_by(self) -> str:
        """The program that saved the file last: ``xl`` is Excel, ``Calc`` LibreOffice."""
        node = self.workbook_child("fileVersion")
        return "" if node is None else node.get("appName", "")

    # ---- dynamic arrays

    @cached_property
    def _dynamic_marks(self) -> dict[str, bool]:
        return {}

    def _is_dynamic(self, mark: str | None) -> bool:
        """Whether a cell's ``cm`` number stands for "dynamic array" in the metadata part."""
        if mark is None:
            return False
        if mark not in self._dynamic_marks:
            part = self.related(self.workbook_part, "sheetMetadata")
            metadata = _Metadata(self.root(part)) if part is not None else None
            self._dynamic_marks[mark] = metadata is not None and metadata.is_dynamic(mark)
        return self._dynamic_marks[mark]

    def dynamic_index(self) -> str:
        """The ``cm`` number of dynamic arrays; the metadata it needs is added where it is missing."""
        part = self.related(self.workbook_part, "sheetMetadata")
        if part is None:
            root = etree.Element(f"{self.namespace}metadata", nsmap={None: self.namespace[1:-1], "xda": _XDA})
            part = self._add_part("xl/metadata.xml", root, f"{SHEET_TYPE}sheetMetadata+xml", "sheetMetadata")
        metadata = _Metadata(self.root(part))
        index = metadata.index()
        if index is None:
            self.touch(part)
            index = metadata.add()
        self._dynamic_marks[index] = True
        return index

    # ---- saving

    @property
    def dirty(self) -> bool:
        """Whether there is anything to save."""
        return bool(self.touched or self._removed)

    def to_bytes(self, parts: Mapping[str, bytes] | None = None) -> bytes:
        """The file as it would be saved; ``parts`` that someone wrote himself stand for the package's own."""
        if not self.dirty and not parts:
            return self.archive.raw
        out = io.BytesIO()
        replaced = {**self._replacements(), **(parts or {})}
        if self.sealer is not None:
            replaced |= self.sealer(replaced)
        try:
            self.archive.write(out, replaced, self._removed)
        except _ZIP_ERRORS as error:
            raise _damaged(self.archive.name, error) from error
        return out.getvalue()

    def _replacements(self) -> dict[str, bytes]:
        known = self.archive.infos
        return {
            part: _serialise(self.roots[part], self.archive.read(part) if part in known else None)
            for part in sorted(self.touched - self._removed)
        }

    def save(self, path: str | os.PathLike[str] | None = None, backup: bool = True) -> Saved:
        """Write the file, as a whole or not at all; nothing is written when nothing changed.

        An existing file is copied to ``name.bak-time.xlsx`` first unless ``backup`` is False. Refuses when the file is open
        elsewhere, read-only, or was changed on disk since it was read (looked at again just before the rename). Saving to
        another path leaves this package as it is: still dirty, still for its own path.
        """
        target = Path(path) if path is not None else self.path
        if target is None:
            raise ValueError("a package made from bytes needs a path")
        in_place = self.path is not None and os.path.realpath(target) == os.path.realpath(self.path)
        if in_place and not self.dirty:
            return Saved(target, False)
        check_writable(target)
        if self.path is not None and target.suffix.lower() != self.path.suffix.lower():
            raise Refused(Text("另存时扩展名应保持 {s}。", "Keep the file name extension {s}.").format(s=self.path.suffix))
        with changing(target):
            before = self._before(target, in_place)
            data = self.to_bytes()
            if not in_place and data == before:
                return Saved(target, False)
            copied = self._replace(target, data, before, backup)
        if in_place:
            self._rebase(data)
        return Saved(target, True, copied)

    def _before(self, target: Path, in_place: bool) -> bytes | None:
        """What the file must still hold when it is replaced; None where there is none yet."""
        if in_place:
            check_unchanged(target, self.archive.raw)
            return self.archive.raw
        return target.read_bytes() if target.exists() else None

    def _replace(self, target: Path, data: bytes, before: bytes | None, backup: bool) -> Path | None:
        """Write the file over what was read; returns the copy of that."""
        copied: list[Path] = []

        def last_look(temp: Path) -> None:
            self._verify(data, temp)
            if before is not None:
                copied.extend([make_backup(target)] if backup else [])
                check_unchanged(target, before)

        try:
            atomic_write(target, data, check=last_look, mode=None if self.path is None else mode_of(self.path))
        except BaseException:
            for one in copied:  # nothing was changed, so there is nothing to go back to
                one.unlink(missing_ok=True)
            raise
        if copied:
            thin_backups(target)
        return next(iter(copied), None)

    def _verify(self, data: bytes, temp: Path) -> None:
        """Read the temporary file back before it replaces anything."""
        written = temp.read_bytes()
        if written != data:
            raise _damaged(temp.name, Text("磁盘写入有误", "the disk did not keep what was written"))
        archive = _Archive(written, temp.name)
        if list(archive.infos) != self.parts():
            raise _damaged(temp.name, Text("部件不全", "the parts do not match"))
        broken = archive.zip.testzip()
        if broken is not None:
            raise _damaged(broken, "CRC")
        for part in self.touched - self._removed:
            _parse(archive.read(part), part)

    def _rebase(self, data: bytes) -> None:
        """From now on the file just written is what changes are measured against."""
        self.archive = _Archive(data, self.archive.name)
        self.touched.clear()
        self._removed.clear()
        for sheet in self.sheets.values():
            sheet.origin = None


class _Metadata:
    """The part that says which ``cm`` numbers mean "dynamic array": three lists that point at each other."""

    _NAME = "XLDAPR"
    _ORDER = ("metadataTypes", "metadataStrings", "mdxMetadata", "futureMetadata", "cellMetadata", "valueMetadata")

    def __init__(self, root: Element) -> None:
        self.root = root
        self.namespace = _namespace(root)

    def _group(self, group: str, type_name: str | None = None) -> Element | None:
        """A child by its name; there is a ``futureMetadata`` for each type."""
        nodes = (node for node in self.root if local_name(node) == group)
        return next((node for node in nodes if type_name is None or node.get("name") == type_name), None)

    @staticmethod
    def _items(group: Element | None, name: str) -> list[Element]:
        return [node for node in group if local_name(node) == name] if group is not None else []

    def _type(self) -> int | None:
        types = self._items(self._group("metadataTypes"), "metadataType")
        return next((i for i, node in enumerate(types, 1) if node.get("name") == self._NAME), None)

    def _futures(self) -> list[int]:
        """Which entries of the future metadata say fDynamic."""
        blocks = self._items(self._group("futureMetadata", self._NAME), "bk")
        return [
            i
            for i, block in enumerate(blocks)
            if any(local_name(n) == "dynamicArrayProperties" and flag(n, "fDynamic") for n in block.iter(etree.Element))
        ]

    def _marks(self) -> list[str]:
        kind, futures = str(self._type()), {str(i) for i in self._futures()}
        blocks = self._items(self._group("cellMetadata"), "bk")
        return [
            str(i)
            for i, block in enumerate(blocks, 1)
            if any(rc.get("t") == kind and rc.get("v") in futures for rc in self._items(block, "rc"))
        ]

    def is_dynamic(self, mark: str) -> bool:
        return mark in self._marks()

    def index(self) -> str | None:
        return next(iter(self._marks()), None)

    def add(self) -> str:
        """Add what is missing of the three entries; the new cell-metadata index."""
        kind = self._type()
        if kind is None:
            kind = self._append("metadataTypes", self._new_type())
        futures = self._futures()
        value = futures[0] if futures else self._append("futureMetadata", self._new_future(), self._NAME) - 1
        block = etree.Element(f"{self.namespace}bk")
        etree.SubElement(block, f"{self.namespace}rc", t=str(kind), v=str(value))
        return str(self._append("cellMetadata", block))

    def _append(self, group_name: str, node: Element, type_name: str | None = None) -> int:
        group = self._group(group_name, type_name)
        if group is None:
            group = etree.Element(f"{self.namespace}{group_name}", {"name": type_name} if type_name else {})
            insert_ordered(self.root, group, self._ORDER[: self._ORDER.index(group_name) + 1])
        group.append(node)
        count = len(self._items(group, local_name(node)))
        group.set("count", str(count))
        return count

    def _new_type(self) -> Element:
        flags = "copy pasteAll pasteValues merge splitFirst rowColShift clearFormats clearComments assign coerce cellMeta"
        attributes = {"name": self._NAME, "minSupportedVersion": "120000"} | dict.fromkeys(flags.split(), "1")
        return etree.Element(f"{self.namespace}metadataType", attributes)

    def _new_future(self) -> Element:
        block = etree.Element(f"{self.namespace}bk")
        extensions = etree.SubElement(block, f"{self.namespace}extLst")
        extension = etree.SubElement(extensions, f"{self.namespace}ext", uri=_DYNAMIC_URI)
        properties = etree.Element(f"{{{_XDA}}}dynamicArrayProperties", {"fDynamic": "1", "fCollapsed": "0"}, nsmap={"xda": _XDA})
        extension.append(properties)
        return block
