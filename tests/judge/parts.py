"""The least of the .xlsx format the judge needs, read straight from the XML.

On purpose not the product's own reader, nor openpyxl's: formula, cached value and spill range as they stand in the
file, dates as plain numbers, with no interpretation that could hide a difference.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from lxml import etree
from openpyxl.formula.translate import Translator
from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter, range_boundaries

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TABLE_PART = re.compile(r"xl/tables/[^/]+\.xml")

Value = float | str | bool | None
Place = tuple[str, int, int]


class ErrorValue(str):
    """An error cell, equal to its code, so that the text "#N/A" and the error #N/A can be told apart."""

    __slots__ = ()


class Sheet(NamedTuple):
    name: str
    part: str
    visible: bool


@dataclass(slots=True)
class Cell:
    """A cell as it stands in the file; `spill` holds the bounds (row, column, row, column) of an array formula."""

    row: int
    column: int
    value: Value
    formula: str | None
    spill: tuple[int, int, int, int] | None
    dynamic: bool
    element: etree._Element


class Workbook:
    """The parts of one file, all in memory, writable: change `parts` or a tree and `save` the copy."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            self.parts = {name: archive.read(name) for name in archive.namelist()}
        self.tree = etree.fromstring(self.parts["xl/workbook.xml"])
        targets = _targets(self.parts["xl/_rels/workbook.xml.rels"])
        self.sheets = [
            Sheet(sheet.get("name"), targets[sheet.get(_REL_ID)], sheet.get("state", "visible") == "visible")
            for sheet in self.tree.iter(MAIN + "sheet")
        ]
        tables = (etree.fromstring(part) for name, part in self.parts.items() if _TABLE_PART.fullmatch(name))
        self.tables = {table.get("displayName") for table in tables}
        self._strings = _shared_strings(self.parts.get("xl/sharedStrings.xml"))

    def worksheet(self, sheet: Sheet) -> etree._Element:
        """The parsed sheet; a chart sheet has no cells but parses as well."""
        return etree.fromstring(self.parts[sheet.part])

    def cells(self, root: etree._Element) -> Iterator[Cell]:
        """Every cell of a sheet; the followers of a shared formula get their own text."""
        shared: dict[str, tuple[str, str]] = {}
        for element in root.iter(MAIN + "c"):
            yield self._cell(element, shared)

    def _cell(self, element: etree._Element, shared: dict[str, tuple[str, str]]) -> Cell:
        row, column = coordinate_to_tuple(element.get("r"))
        f = element.find(MAIN + "f")
        formula, spill = (None, None) if f is None else _formula(element.get("r"), f, shared)
        return Cell(row, column, self._value(element), formula, spill, element.get("cm") is not None, element)

    def _value(self, element: etree._Element) -> Value:
        kind, text = element.get("t", "n"), element.findtext(MAIN + "v")
        if kind == "inlineStr":
            return "".join(t.text or "" for t in element.iter(MAIN + "t"))
        if text is None or text == "":
            return "" if kind == "str" else None
        if kind == "s":
            return self._strings[int(text)]
        if kind == "b":
            return text not in ("0", "false")
        if kind == "e":
            return ErrorValue(text)
        return float(text) if kind == "n" else text

    def save(self, path: Path) -> None:
        """Write all parts, the workbook part as its tree now stands."""
        self.parts["xl/workbook.xml"] = etree.tostring(self.tree, xml_declaration=True, encoding="UTF-8")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, content in self.parts.items():
                archive.writestr(name, content)


def address(row: int, column: int) -> str:
    """B2 and the like."""
    return f"{get_column_letter(column)}{row}"


def _targets(rels: bytes) -> dict[str, str]:
    return {
        rel.get("Id"): posixpath.normpath(posixpath.join("/xl", rel.get("Target"))).lstrip("/") for rel in etree.fromstring(rels)
    }


def _shared_strings(part: bytes | None) -> list[str]:
    if part is None:
        return []
    return [
        # rPh holds how a Chinese or Japanese text is read aloud: not part of the text
        "".join(t.text or "" for t in item.iter(MAIN + "t") if t.getparent().tag != MAIN + "rPh")
        for item in etree.fromstring(part).iter(MAIN + "si")
    ]


def _formula(where: str, f: etree._Element, shared: dict[str, tuple[str, str]]) -> tuple[str, tuple[int, int, int, int] | None]:
    text, kind = f.text or "", f.get("t", "normal")
    if kind == "array":
        left, top, right, bottom = range_boundaries(f.get("ref"))
        return text, (top, left, bottom, right)
    if kind == "shared":
        if text:
            shared[f.get("si")] = (text, where)
        else:
            master, origin = shared[f.get("si")]
            return Translator("=" + master, origin=origin).translate_formula(where)[1:], None
    return text, None


# Formula text ------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r""" "(?:[^"]|"")*" | '(?:[^']|'')*'               # text, quoted sheet name
       | \[(?:'.|[^\[\]']|\[(?:'.|[^\[\]'])*\])*\]     # [1], Table[...], [[#This Row],[x]]
       | \#(?:N/A|[A-Z/0]+[!?])                        # error literal
       | [^\W\d][\w.]*                                 # name of anything
       | \s+ | . """,
    re.VERBOSE | re.DOTALL,
)


def tokens(formula: str) -> list[str]:
    """The formula in pieces that join to the formula again."""
    return _TOKEN.findall(formula)
