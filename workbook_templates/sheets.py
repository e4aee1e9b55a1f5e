"""A new worksheet with one Table in somebody's workbook, without loss: parts are added, no other sheet, style or text changes.

Only the lists that must name a new sheet are touched (workbook, its relationships, content types, document properties). Its texts
stand in its own cells, so the shared strings stay as they are; dates borrow a date style the workbook already has.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from udfs.text import Text
from workbook_templates import package as parts
from workbook_templates.package import At, Package, Ref, Sheet, Table
from workbook_templates.saving import Refused

_FORBIDDEN = re.compile(r"[:\\/?*\[\]]")
_LONGEST = 31
_TABLE_TYPE = f"{parts.SHEET_TYPE}table+xml"
_WORKSHEET_TYPE = f"{parts.SHEET_TYPE}worksheet+xml"


@dataclass(frozen=True)
class NewSheet:
    """A sheet to be added: its name, the name of its Table, headers, rows of plain cells, and which columns show dates."""

    title: str
    table: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Any]] = ()
    dates: frozenset[int] = frozenset()
    widths: Sequence[int] = ()

    @property
    def content(self) -> list[list[Any]]:
        """Headers and rows; a Table has at least one row, a blank one waits for its first entry."""
        blank: list[list[Any]] = [[None] * len(self.headers)]
        return [list(self.headers), *([list(row) for row in self.rows] or blank)]


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """A sheet name Excel accepts that no other sheet has."""
    base = _FORBIDDEN.sub(" ", wanted).strip("' ")[:_LONGEST] or "SalesPlan"
    folded, name, number = {t.casefold() for t in taken}, base, 1
    while name.casefold() in folded:
        number += 1
        name = f"{base[: _LONGEST - 4]} {number}"
    return name


def add_sheet(package: Package, new: NewSheet) -> Table:
    """Add a worksheet at the end; refused where the workbook's structure is locked or the Table's name is taken."""
    _check(package, new)
    sheet_part = _free_part(package, "worksheets/sheet")
    table_part = _free_part(package, "tables/table")
    name = free_name(new.title, (n for n, _, _ in package.sheet_nodes()))
    ref = Ref(1, 1, len(new.content), len(new.headers))
    package.touch(package.workbook_part)  # says now what would refuse every change
    _put(package, sheet_part, _worksheet(package, new), _WORKSHEET_TYPE)
    _put(package, table_part, _table(package, new, ref), _TABLE_TYPE)
    _relate(package, sheet_part, table_part, "table")
    link = _relate(package, package.workbook_part, sheet_part, "worksheet")
    _list_sheet(package, name, link)
    _list_title(package, name)
    package.sheets[name] = Sheet(package, name, "visible", sheet_part)
    package.__dict__.pop("tables", None)
    return package.tables[new.table]


def _check(package: Package, new: NewSheet) -> None:
    lock = package.workbook_child("workbookProtection")
    if lock is not None and parts.flag(lock, "lockStructure"):
        raise Refused(
            Text(
                "工作簿结构受保护，不能添加工作表，没有写入：请先在“审阅”中撤销工作簿保护。",
                "The workbook's structure is protected, so no sheet can be added; nothing was written: unprotect the workbook first.",
            )
        )
    names = {n.casefold() for n in [*package.tables, *(k for k in package.names if isinstance(k, str))]}
    if new.table.casefold() in names:
        raise Refused(
            Text(f"名称 {new.table} 已被占用：请先改名", f"the name {new.table} is taken in this workbook: rename what has it")
        )


def _free_part(package: Package, stem: str) -> str:
    base = posixpath.join(posixpath.dirname(package.workbook_part), stem)
    number = 1
    while package.find_part(f"{base}{number}.xml") is not None or package.archive.find(f"{base}{number}.xml") is not None:
        number += 1
    return f"{base}{number}.xml"


def _put(package: Package, part: str, root: parts.Element, content_type: str) -> None:
    types = package.touch(parts.CONTENT_TYPES)
    etree.SubElement(types, f"{{{parts.TYPES}}}Override", PartName=f"/{part}", ContentType=content_type)
    package.roots[part] = root
    package.touched.add(part)


def _relate(package: Package, source: str, target: str, kind: str) -> str:
    """A relationship from one part to another; its id."""
    name = parts.relations_part(source)
    found = package.find_part(name)
    if found is None:
        root = etree.Element(f"{{{parts.RELATIONSHIPS}}}Relationships", nsmap={None: parts.RELATIONSHIPS})
        package.roots[name] = root
        package.touched.add(name)
    else:
        root = package.touch(found)
    used = {node.get("Id") for node in root}
    number = next(n for n in range(1, len(used) + 2) if f"rId{n}" not in used)
    path = posixpath.relpath(target, posixpath.dirname(source))
    attributes = {"Id": f"rId{number}", "Type": f"{_base(package)}/{kind}", "Target": path}
    etree.SubElement(root, f"{{{parts.RELATIONSHIPS}}}Relationship", attributes)
    package.relations.pop(source, None)
    return f"rId{number}"


def _base(package: Package) -> str:
    """Where relationship types begin: strict and transitional files differ."""
    kinds = (r.type for r in package.related_all(package.workbook_part))
    return next((k.rpartition("/")[0] for k in kinds if k.endswith("/worksheet")), parts.OFFICE)


def _list_sheet(package: Package, name: str, link: str) -> None:
    group = package.workbook_child("sheets")
    assert group is not None, "a workbook has sheets"
    ids = [int(node.get("sheetId", "0")) for node in group]
    node = etree.SubElement(group, f"{package.namespace}sheet", name=parts.escape(name), sheetId=str(max(ids, default=0) + 1))
    node.set(f"{{{_base(package)}}}id", link)


def _list_title(package: Package, name: str) -> None:
    """The document properties list the sheets; where they do not as Excel writes them they are left alone."""
    part = package.related("", "extended-properties")
    if part is None or package.find_part(part) is None:
        return
    root = package.root(part)
    counts = [n for n in root.iter(etree.Element) if parts.local_name(n) == "i4"]
    titles = next((n for n in root if parts.local_name(n) == "TitlesOfParts"), None)
    vector = titles[0] if titles is not None and len(titles) else None
    before = len(package.sheets)
    if (
        vector is None
        or not counts
        or counts[0].text != str(before)
        or len(vector) < before
        or vector.get("size") != str(len(vector))
    ):
        return
    package.touch(part)
    node = etree.Element(vector[0].tag)
    node.text = name
    vector.insert(before, node)
    vector.set("size", str(len(vector)))
    counts[0].text = str(before + 1)


def _worksheet(package: Package, new: NewSheet) -> parts.Element:
    space, style = package.namespace, _date_style(package) if new.dates else None
    root = etree.Element(f"{space}worksheet", nsmap={None: space[1:-1], "r": _base(package)})
    content = new.content
    etree.SubElement(root, f"{space}dimension", ref=str(Ref(1, 1, len(content), len(new.headers))))
    if new.widths:
        cols = etree.SubElement(root, f"{space}cols")
        for number, width in enumerate(new.widths, 1):
            etree.SubElement(cols, f"{space}col", min=str(number), max=str(number), width=str(width), customWidth="1")
    data = etree.SubElement(root, f"{space}sheetData")
    for line, cells in enumerate(content, 1):
        row = etree.SubElement(data, f"{space}row", r=str(line))
        for column, value in enumerate(cells, 1):
            dated = style if line > 1 and column - 1 in new.dates else None
            _cell(row, space, (line, column), value, dated)
    tables = etree.SubElement(root, f"{space}tableParts", count="1")
    etree.SubElement(tables, f"{space}tablePart").set(f"{{{_base(package)}}}id", "rId1")
    return root


def _cell(row: parts.Element, space: str, at: At, value: Any, style: int | None) -> None:
    if value is None and style is None:
        return
    node = etree.SubElement(row, f"{space}c", r=parts.address(*at))
    if style is not None:
        node.set("s", str(style))
    if isinstance(value, str):
        node.set("t", "inlineStr")
        text = etree.SubElement(etree.SubElement(node, f"{space}is"), f"{space}t")
        parts.set_text(text, parts.escape(value))
    elif value is not None:
        etree.SubElement(node, f"{space}v").text = parts.number_text(float(value))


def _date_style(package: Package) -> int | None:
    """A style of the workbook's own that shows dates: its styles are not touched for ours."""
    return min(package.date_styles, default=None)


def _table(package: Package, new: NewSheet, ref: Ref) -> parts.Element:
    space = package.namespace
    ids = [int(package.root(t.part).get("id", "0")) for t in package.tables.values()]
    root = etree.Element(f"{space}table", nsmap={None: space[1:-1]})
    for key, value in (("id", str(max(ids, default=0) + 1)), ("name", new.table), ("displayName", new.table), ("ref", str(ref))):
        root.set(key, value)
    root.set("totalsRowShown", "0")
    etree.SubElement(root, f"{space}autoFilter", ref=str(ref))
    columns = etree.SubElement(root, f"{space}tableColumns", count=str(len(new.headers)))
    for number, header in enumerate(new.headers, 1):
        etree.SubElement(columns, f"{space}tableColumn", id=str(number), name=parts.escape(header))
    etree.SubElement(root, f"{space}tableStyleInfo", name="TableStyleLight9", showFirstColumn="0", showLastColumn="0", showRowStripes="1", showColumnStripes="0")  # fmt: skip
    return root
