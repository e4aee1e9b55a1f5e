"""The XML of a part: parsed with care, written back behind the declaration it had; names of the format."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from lxml import etree

from workbook_templates.xlsx.archive import damaged
from workbook_templates.xlsx.refs import Ref

Element = Any  # lxml ships no types
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
XDA = "http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray"
XM = "{http://schemas.microsoft.com/office/excel/2006/main}"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."
CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
DYNAMIC_URI = "{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
CONTENT_TYPES = "[Content_Types].xml"
_DOCTYPES = tuple("<!DOCTYPE".encode(code) for code in ("ascii", "utf-16-le", "utf-16-be"))
_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\?>\s*")


class _Nothing:
    """What a parser tells of a part whose content nobody wants; without handlers it builds no tree, which takes a quarter of the time."""

    def close(self) -> None:
        """The end, which a parser asks for."""


def look_through(data: bytes, part: str) -> None:
    """Refuse what ``parse`` would refuse."""
    _parsed(data, part, etree.XMLParser(target=_Nothing(), resolve_entities=False, no_network=True, huge_tree=True))


def parse(data: bytes, part: str) -> Element:
    return _parsed(data, part, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, strip_cdata=False))


def _parsed(data: bytes, part: str, parser: etree.XMLParser) -> Element:
    # No spreadsheet declares a document type; what does is after entity expansion or a look at other files.
    if any(mark in data for mark in _DOCTYPES):
        raise damaged(part, "DOCTYPE")
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise damaged(part, error) from error


def serialise(root: Element, original: bytes | None) -> bytes:
    """The tree as UTF-8 behind the declaration it had; what stands around the root element is kept."""
    body = etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=False)
    match = _DECLARATION.match(original or b"")
    utf8 = (root.getroottree().docinfo.encoding or "UTF-8").upper() == "UTF-8"
    if match is None or not utf8:
        return bytes(b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + body)
    return bytes(match[0] + body)


def namespace_of(root: Element) -> str:
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


class PartRelation(NamedTuple):
    id: str
    type: str
    part: str


def relations_part(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def set_text(node: Element, text: str) -> None:
    node.text = text
    if text != text.strip() or "\n" in text or "\t" in text:
        node.set(XML_SPACE, "preserve")
    else:
        node.attrib.pop(XML_SPACE, None)


def part_ref(part: str, text: str | None) -> Ref:
    try:
        return Ref.parse(text or "")
    except ValueError as error:
        raise damaged(part, f"ref={text!r}") from error
