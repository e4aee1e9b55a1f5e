"""A new worksheet with one Table in somebody's workbook, without loss: parts are added, no other sheet, style or text changes.

Only the lists that must name a new sheet are touched (workbook, its relationships, content types, document properties). Its texts
stand in its own cells, so the shared strings stay as they are; dates borrow a date style the workbook already has.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.cells import At, address
from workbook_templates.xlsx import package as parts
from workbook_templates.xlsx.package import Package, Ref, Sheet, Table

_FORBIDDEN = re.compile(r"[:\\/?*\[\]]")
_LONGEST = 31
_TABLE_TYPE = f"{parts.SHEET_TYPE}table+xml"
_WORKSHEET_TYPE = f"{parts.SHEET_TYPE}worksheet+xml"


@dataclass(frozen=True)
class NewSheet:
    """A sheet to be added: its name, the name of its Table, headers, rows of plain cells, and which columns show dates.

    ``formulas`` are the calculated columns, by their place from 0: the text as a file spells it, the same in every row.
    """

    title: str
    table: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Any]] = ()
    dates: frozenset[int] = frozenset()
    widths: Sequence[int] = ()
    formulas: Mapping[int, str] = field(default_factory=dict)

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
    refuse_locked(package, Text("添加", "added"))
    _check(package, new)
    sheet_part = free_part(package, "worksheets/sheet")
    table_part = free_part(package, "tables/table")
    name = free_name(new.title, (n for n, _, _ in package.sheet_nodes()))
    ref = Ref(1, 1, len(new.content), len(new.headers))
    package.touch(package.workbook_part)  # says now what would refuse every change
    put(package, sheet_part, _worksheet(package, new), _WORKSHEET_TYPE)
    put(package, table_part, _table(package, new, ref), _TABLE_TYPE)
    relate(package, sheet_part, table_part, "table")
    link = relate(package, package.workbook_part, sheet_part, "worksheet")
    _list_formulas(package, new, list_sheet(package, name, link))
    list_title(package, name)
    package.sheets[name] = Sheet(package, name, "visible", sheet_part)
    package.__dict__.pop("tables", None)
    return package.tables[new.table]


def refuse_locked(package: Package, what: Text) -> None:
    """Refuse where the workbook's structure is protected: no sheet may come or go."""
    lock = package.workbook_child("workbookProtection")
    if lock is not None and parts.flag(lock, "lockStructure"):
        raise Refused(
            Text(
                f"工作簿结构受保护，不能{what.zh}工作表，没有写入：请先在“审阅”中撤销工作簿保护。",
                f"The workbook's structure is protected, so no sheet can be {what.en}; nothing was written: unprotect the "
                "workbook first.",
            )
        )


def _check(package: Package, new: NewSheet) -> None:
    names = {n.casefold() for n in [*package.tables, *(k for k in package.names if isinstance(k, str))]}
    if new.table.casefold() in names:
        raise Refused(
            Text(f"名称 {new.table} 已被占用：请先改名", f"the name {new.table} is taken in this workbook: rename what has it")
        )


def free_part(package: Package, stem: str) -> str:
    """A part name beside the workbook that nothing has: ``worksheets/sheet`` → ``xl/worksheets/sheet7.xml``."""
    base = posixpath.join(posixpath.dirname(package.workbook_part), stem)
    number = 1
    while package.find_part(f"{base}{number}.xml") is not None or package.archive.find(f"{base}{number}.xml") is not None:
        number += 1
    return f"{base}{number}.xml"


def put(package: Package, part: str, root: parts.Element, content_type: str) -> None:
    """Add a part with its content type."""
    types = package.touch(parts.CONTENT_TYPES)
    etree.SubElement(types, f"{{{parts.TYPES}}}Override", PartName=f"/{part}", ContentType=content_type)
    package.roots[part] = root
    package.touched.add(part)


def relate(package: Package, source: str, target: str, kind: str) -> str:
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


def list_sheet(package: Package, name: str, link: str) -> str:
    """List a worksheet as the last; returns its number, which stays when sheets move."""
    group = package.workbook_child("sheets")
    assert group is not None, "a workbook has sheets"
    ids = [int(node.get("sheetId", "0")) for node in group]
    number = str(max(ids, default=0) + 1)
    node = etree.SubElement(group, f"{package.namespace}sheet", name=parts.escape(name), sheetId=number)
    node.set(f"{{{_base(package)}}}id", link)
    return number


def _list_formulas(package: Package, new: NewSheet, number: str) -> None:
    """The calculation chain, where there is one, lists every formula."""
    part = package.related(package.workbook_part, "calcChain") if new.formulas else None
    if part is None or package.find_part(part) is None:
        return
    chain = package.touch(part)
    for row in range(2, len(new.content) + 1):
        for column in new.formulas:
            etree.SubElement(chain, f"{package.namespace}c", r=address(row, column + 1), i=number)


def list_title(package: Package, name: str) -> None:
    """The document properties list the sheets; where they do not as Excel writes them they are left alone."""
    listed = _titles(package)
    if listed is None:
        return
    count, vector = listed
    before = len(package.sheets)
    node = etree.Element(vector[0].tag)
    node.text = name
    vector.insert(before, node)
    vector.set("size", str(len(vector)))
    count.text = str(before + 1)


def _titles(package: Package) -> tuple[parts.Element, parts.Element] | None:
    """Where the document properties count the sheets and list their names, about to be changed."""
    part = package.related("", "extended-properties")
    if part is None or package.find_part(part) is None:
        return None
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
        return None
    package.touch(part)
    return counts[0], vector


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
            formula = new.formulas.get(column - 1) if line > 1 else None
            _cell(row, space, (line, column), value, dated, formula)
    tables = etree.SubElement(root, f"{space}tableParts", count="1")
    etree.SubElement(tables, f"{space}tablePart").set(f"{{{_base(package)}}}id", "rId1")
    return root


def _cell(row: parts.Element, space: str, at: At, value: Any, style: int | None, formula: str | None) -> None:
    if value is None and style is None and formula is None:
        return
    node = etree.SubElement(row, f"{space}c", r=address(*at))
    if style is not None:
        node.set("s", str(style))
    if formula is not None:
        etree.SubElement(node, f"{space}f").text = parts.escape(formula)
    elif isinstance(value, str):
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
        column = etree.SubElement(columns, f"{space}tableColumn", id=str(number), name=parts.escape(header))
        if number - 1 in new.formulas:
            etree.SubElement(column, f"{space}calculatedColumnFormula").text = parts.escape(new.formulas[number - 1])
    etree.SubElement(
        root,
        f"{space}tableStyleInfo",
        name="TableStyleLight9",
        showFirstColumn="0",
        showLastColumn="0",
        showRowStripes="1",
        showColumnStripes="0",
    )
    return root


def rename_title(package: Package, old: str, new: str) -> None:
    """The document properties list a sheet by its new name; called while ``package.sheets`` still has the old one."""
    listed = _titles(package)
    for node in listed[1] if listed is not None else ():
        if node.text == old:
            node.text = new


def move_sheet(package: Package, name: str, place: int) -> None:
    """Put a sheet's tab at a place (from 0); what counts sheets by their place follows."""
    workbook, group = package.touch(package.workbook_part), package.workbook_child("sheets")
    assert group is not None, "a workbook has sheets"
    titles = [title for title, _, _ in package.sheet_nodes()]
    now = titles.index(name)
    order = titles[:now] + titles[now + 1 :]
    order.insert(place, name)
    group.insert(place, group[now])
    to = {str(old): str(order.index(title)) for old, title in enumerate(titles)}
    for node in workbook.iter(etree.Element):
        keys = ("activeTab", "firstSheet") if parts.local_name(node) == "workbookView" else ("localSheetId",)
        for key in keys:
            if node.get(key) in to:
                node.set(key, to[node.get(key)])
    listed = _titles(package)
    if listed is not None:
        for node, title in zip(listed[1], [t for t in order if t in package.sheets], strict=False):
            node.text = title
    package.sheets = {title: package.sheets[title] for title in order if title in package.sheets}
    package.__dict__.pop("names", None)


# ------------------------------------------------------------------------------------------------------------- removing

_FORMULAS = {"f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula", "totalsRowFormula"}
_PLACES = {"worksheetSource": ("sheet", "name"), "hyperlink": ("location",)}  # what names a sheet or Table in an attribute
_BROUGHT = {"table", "printerSettings"}  # what belongs to a sheet of ours; anything else somebody put there
_NO_FORMULAS = {"sharedStrings", "styles", "theme"}


def remove_sheets(package: Package, names: Collection[str]) -> None:
    """Take worksheets out with all that is theirs: Tables, names local to them, their lines in the lists of the workbook.

    Ask ``in_the_way`` first: what refers to them would be left hanging.
    """
    refuse_locked(package, Text("删除", "removed"))
    for name in names:
        _remove(package, name)
    package.__dict__.pop("tables", None)
    package.__dict__.pop("names", None)


def _remove(package: Package, name: str) -> None:
    workbook, group = package.touch(package.workbook_part), package.workbook_child("sheets")
    assert group is not None, "a workbook has sheets"
    index = [n for n, _, _ in package.sheet_nodes()].index(name)
    node, (_, _, link) = group[index], package.sheet_nodes()[index]
    _unlist_title(package, list(package.sheets).index(name), name)
    _unlist_formulas(package, node.get("sheetId", ""))
    part = package.sheets[name].part
    _drop(package, part)
    relations = package.touch(package.find_part(parts.relations_part(package.workbook_part)) or "")
    for relation in [r for r in relations if r.get("Id") == link]:
        relations.remove(relation)
    package.relations.pop(package.workbook_part, None)
    group.remove(node)
    _move_up(workbook, index, len(group))
    del package.sheets[name]


def _drop(package: Package, part: str) -> None:
    """A part with all that hangs on it: a drawing's charts, too."""
    hanging = [relation.part for relation in package.related_all(part)]
    package.drop(part)
    for one in hanging:
        if package.find_part(one) is not None:
            _drop(package, one)


def _move_up(workbook: parts.Element, index: int, left: int) -> None:
    """What counts sheets by their place: local names and the tab in front."""
    for node in [n for n in workbook.iter(etree.Element) if n.get("localSheetId", "").isdigit()]:
        place = int(node.get("localSheetId"))
        if place == index:
            names = node.getparent()
            names.remove(node)
            if not len(names):
                names.getparent().remove(names)
        elif place > index:
            node.set("localSheetId", str(place - 1))
    for view in (n for n in workbook.iter(etree.Element) if parts.local_name(n) == "workbookView"):
        for key in ("activeTab", "firstSheet"):
            if (place := int(view.get(key, "0"))) > 0 and place >= index:
                view.set(key, str(min(place - (place > index), left - 1)))


def _unlist_title(package: Package, index: int, name: str) -> None:
    listed = _titles(package)
    if listed is None or listed[1][index].text != name:
        return
    count, vector = listed
    vector.remove(vector[index])
    vector.set("size", str(len(vector)))
    count.text = str(len(package.sheets) - 1)


def _unlist_formulas(package: Package, number: str) -> None:
    """A formula in the chain that is not there would be a damaged file; an entry without a sheet has that of the one before."""
    part = package.related(package.workbook_part, "calcChain")
    if part is None or package.find_part(part) is None:
        return
    sheet, gone = "", []
    for node in package.root(part):
        sheet = node.get("i", sheet)
        if sheet == number:
            gone.append(node)
    if gone:
        chain = package.touch(part)
        for node in gone:
            chain.remove(node)


def in_the_way(package: Package, names: Collection[str]) -> Text | None:
    """Why these sheets can't be taken out without loss: something else stands on one, or something refers to one."""
    mine = {package.sheets[name].part for name in names}
    for name in names:
        for relation in package.related_all(package.sheets[name].part):
            if relation.type.rpartition("/")[2] not in _BROUGHT:
                return Text(f"“{name}”上另有内容（图表、批注等）", f"there is more on “{name}” (a chart, a comment …)")
            mine.add(relation.part)
    places = [i for i, (n, _, _) in enumerate(package.sheet_nodes()) if n in names]
    tables = [t.name for t in package.tables.values() if t.sheet in names]
    for part in package.parts():
        if part.endswith(".xml") and part not in mine and not any(word in part for word in _NO_FORMULAS):
            for text in _references(package, part, places, [*names, *tables]):
                if mentions(text, names, tables):
                    return referred(next((s.name for s in package.sheets.values() if s.part == part), part), text)
    return None


def referred(where: str, text: str) -> Text:
    """That something refers to a sheet which is to go."""
    return Text(f"“{where}”里有公式或名称引用它：{text}", f"something in “{where}” refers to it: {text}")


def _references(package: Package, part: str, places: Collection[int], words: Collection[str]) -> Iterator[str]:
    """The texts of a part that may name a sheet or a Table; most parts are not even parsed."""
    if part not in package.roots and part not in package.touched:
        raw = package.archive.read(part)
        if b"&#" not in raw and not any(word.encode() in raw for word in words):
            return
    for node in package.root(part).iter(etree.Element):
        kind = parts.local_name(node)
        if kind in _FORMULAS and node.get("localSheetId") not in {str(p) for p in places}:
            yield node.text or ""
        for key in _PLACES.get(kind, ()):
            yield f"{node.get(key, '')}{'!' if key == 'sheet' else ''}"


def mentions(text: str, sheets: Iterable[str], tables: Iterable[str]) -> bool:
    """Whether a formula names one of these sheets or Tables."""
    named = [re.escape(sheet.replace("'", "''")) + r"'?[!:]" for sheet in sheets]
    named += [rf"(?<![\w.]){re.escape(table)}(?![\w.])" for table in tables]
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in named)
