"""A sheet's rows read from their text where they are written plainly, as spreadsheets and we write them.

A tree takes a kilobyte a cell, nearly all of it for cells nobody changes. So the text is read in one pass by a grammar that allows
nothing unusual: every character must be accounted for, positions must be spelled out and ascend. Anything else (comments, inline
texts, other prefixes, what is no XML) is left to the tree, which reads it or says what is wrong.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from workbook_templates.answers import Refused
from workbook_templates.cells import MAX_COLUMN
from workbook_templates.xlsx.markup import Element, namespace_of, parse, serialise
from workbook_templates.xlsx.refs import COLUMN_NUMBERS, MAX_ROW

_MARK = "rows as they were: "
_BEGIN, _END = b"<sheetData>", b"</sheetData>"
_ATTRIBUTES = r'((?: [A-Za-z_][\w:.]*="[^"<>&\t\n]*")*)'
_PIECE = re.compile(
    rf'<c r="([A-Z]{{1,3}})([1-9][0-9]{{0,6}})"{_ATTRIBUTES}'
    rf"(?:/>|>(?:<f{_ATTRIBUTES}(?:/>|>([^<>]*)</f>))?(?:<v>([^<>]*)</v>|(<v/>))?</c>)"
    rf'|<row r="([1-9][0-9]{{0,6}})"{_ATTRIBUTES}(/?)>|(</row>)',
    re.ASCII,
)
_ATTRIBUTE = re.compile(r' ([\w:.]+)="([^"]*)"')
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
_ENTITY = re.compile(r"&(?:(amp|lt|gt|quot|apos);)?")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class Unusual(Exception):
    """The rows are written in a way that only the tree tells."""


# Row, column, attributes, value, the formula's attributes and its text: a cell as it is written; None for what it has not. (A plain
# tuple: a name for each costs a tenth of the time.)
PlainCell = tuple[int, int, Mapping[str, str], str | None, Mapping[str, str] | None, str]


class Found(NamedTuple):
    """What is known of a sheet's text once its cells were read: hidden rows, where each row stands, all attributes."""

    hidden: frozenset[int]
    places: Mapping[int, tuple[int, int]]
    known: dict[str, dict[str, str]]

    @property
    def marks(self) -> set[str]:
        """The marks of arrays (``cm``) that cells have."""
        return {attributes["cm"] for attributes in self.known.values() if "cm" in attributes}


@dataclass
class CellTable:
    """A sheet that is written plainly: ``frame`` is all of it but its rows, which are read from ``text``.

    Only rows that are to be changed become elements, in the frame; the others are written as they were.
    """

    frame: Element
    text: str
    hidden: set[int] = field(default_factory=set)  # rows, known once the cells were read
    _places: Mapping[int, tuple[int, int]] = field(default_factory=dict)  # where each row begins and ends in the text
    _taken: set[int] = field(default_factory=set)  # rows that are elements by now
    _known: dict[str, dict[str, str]] = field(default_factory=dict)

    def cells(self) -> Iterator[PlainCell]:
        """The cells one after another; ``Unusual`` at what only the tree tells."""
        at, row, column, inside, begins, known = 0, 0, 0, False, 0, self._attributes
        places = self._places = {}
        for match in _PIECE.finditer(self.text):
            if match.start() != at:
                raise Unusual
            at = match.end()
            letters, number, attributes, about, formula, value, blank, next_row, of_row, empty, _ = match.groups()
            if letters is not None:
                before, column = column, COLUMN_NUMBERS[letters]
                if not (inside and int(number) == row and before < column <= MAX_COLUMN):
                    raise Unusual
                value = _plain(value) if value is not None else "" if blank else None
                if about is None:
                    yield row, column, known(attributes), value, None, ""
                else:
                    yield row, column, known(attributes), value, known(about), _plain(formula or "")
            elif next_row is not None:
                before, row, column = row, int(next_row), 0
                if inside or not before < row <= MAX_ROW:
                    raise Unusual
                if self._attributes(of_row).get("hidden") in ("1", "true"):
                    self.hidden.add(row)
                inside, begins = not empty, match.start()
                if empty:
                    places[row] = begins, at
            elif inside:
                inside = False
                places[row] = begins, at
            else:
                raise Unusual
        if at != len(self.text) or inside:
            raise Unusual

    @property
    def found(self) -> Found:
        """What reading the cells told besides them."""
        return Found(frozenset(self.hidden), self._places, self._known)

    def take_over(self, found: Found) -> None:
        """Be as after reading the cells, where a sheet with the same text was read before."""
        self.hidden, self._places, self._known = set(found.hidden), found.places, found.known

    @property
    def data(self) -> Element:
        """The element that the rows belong in."""
        return self.frame.find(f"{namespace_of(self.frame)}sheetData")

    def take(self, number: int) -> Element | None:
        """A row as an element of its own, for its place in ``data``; None where there is no such row, or it was taken before."""
        place = self._places.get(number)
        if place is None or number in self._taken:
            return None
        self._taken.add(number)
        return self._tree(self.text[slice(*place)])[0]

    def _tree(self, rows: str) -> Element:
        """Rows under a root that says what their prefixes mean."""
        spaces = (f' xmlns{f":{prefix}" if prefix else ""}="{_escaped(uri)}"' for prefix, uri in self.frame.nsmap.items())
        return parse(f"<sheetData{''.join(spaces)}>{rows}</sheetData>".encode(), "sheetData")

    def written(self, original: bytes) -> bytes:
        """The sheet as a file's part: rows that were never taken have their very text."""
        data, tag = self.data, f"{namespace_of(self.frame)}row"
        marks: dict[bytes, bytes] = {}
        kept = sorted(number for number in self._places if number not in self._taken)
        present = [(int(row.get("r")), row) for row in data.iterchildren(tag)]
        for (after, row), (before, _) in zip([(0, None), *present], [*present, (MAX_ROW + 1, None)], strict=True):
            mine = kept[bisect_right(kept, after) : bisect_left(kept, before)]
            if mine:
                mark = etree.Comment(f"{_MARK}{len(marks)}")
                marks[f"<!--{mark.text}-->".encode()] = "".join(self.text[slice(*self._places[n])] for n in mine).encode()
                data.insert(0, mark) if row is None else row.addnext(mark)
        try:
            whole = serialise(self.frame, original)
        finally:
            for mark in list(data.iterchildren(etree.Comment)):
                data.remove(mark)
        for mark, rows in marks.items():
            whole = whole.replace(mark, rows, 1)
        return whole

    def _attributes(self, text: str) -> dict[str, str]:
        """Attributes by name; cells that look alike have the very same ones."""
        known = self._known.get(text)
        if known is None:
            pairs = _ATTRIBUTE.findall(text)
            known = self._known[text] = dict(pairs)
            prefixes = {name.partition(":")[0] for name in known if ":" in name}
            if (
                len(known) != len(pairs)
                or not prefixes <= {"xml", *(prefix or "" for prefix in self.frame.nsmap)}
                or "r" in known
            ):
                raise Unusual
        return known


def plain_sheet(data: bytes, part: str) -> CellTable | None:
    """A sheet's part, where it may be read so."""
    start, end = data.find(_BEGIN), data.rfind(_END)
    if start < 0 or end < start:
        return None
    head, tail = data[: start + len(_BEGIN)], data[end:]
    if b"<!" in head or b"<!" in tail or _BEGIN in tail or _END in head:
        return None
    try:
        text = data[len(head) : end].decode()
        frame = parse(head + tail, part)
    except (UnicodeDecodeError, Refused):  # the tree says what is wrong
        return None
    if _NO_TEXT.search(text) or (frame.getroottree().docinfo.encoding or "UTF-8").upper() != "UTF-8":
        return None
    rows = frame.findall(f"{namespace_of(frame)}sheetData")
    return CellTable(frame, text) if len(rows) == 1 and not len(rows[0]) and frame.nsmap.get(None) else None


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _plain(text: str) -> str:
    """Text as XML means it."""
    return _ENTITY.sub(_meant, text) if "&" in text else text


def _meant(match: re.Match[str]) -> str:
    if match[1] is None:
        raise Unusual
    return _ENTITIES[match[1]]
