"""A whole sheet of one workbook brought into another, with its looks, Tables and charts; the other workbook loses nothing.

What a sheet says by number means something else in each file: cell styles, differential styles, shared strings, links to other
workbooks, dynamic-array marks. Each is looked up or appended in the receiving file, never renumbered there. Both files are
ours or were ours: parts are XML, links go to the add-in only.
"""

from __future__ import annotations

import copy
import posixpath
import re
from collections.abc import Collection, Hashable, Iterable
from functools import cached_property

from lxml import etree

from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.xlsx import new_sheet as listing
from workbook_templates.xlsx import package as parts
from workbook_templates.xlsx.package import Element, Package, Sheet

_LINK = re.compile(r"\[(\d+)\]!")
_STYLED = {"c": "s", "row": "s", "col": "style"}
_HOLDS_FORMULAS = {"f", "formula", "formula1", "formula2", "calculatedColumnFormula", "totalsRowFormula"}
# The parts of styles.xml in the order the schema prescribes.
_STYLE_GROUPS = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors")
_FIRST_OWN_FORMAT = 164  # lower numbers are Excel's own formats
_PLACE_BEFORE = (
    "fileVersion",
    "fileSharing",
    "workbookPr",
    "workbookProtection",
    "bookViews",
    "sheets",
    "functionGroups",
    "externalReferences",
)


class Transplant:
    """From one package, which is only read, into another."""

    def __init__(self, source: Package, target: Package) -> None:
        self.source, self.target = source, target
        self.styles = Styles(source, target)

    # ---- sheets

    def add(self, name: str, place: int) -> Sheet:
        """A sheet the target does not have, at a place among its tabs."""
        listing.refuse_locked(self.target, Text("添加", "added"))
        if name.casefold() in {n.casefold() for n, _, _ in self.target.sheet_nodes()}:
            raise Refused(Text(f"已有工作表“{name}”：请先改名", f"there is a sheet “{name}” already: rename it first"))
        state = self.source.sheets[name].state
        part = self._copied(self.source.sheets[name].part, "worksheets/sheet")
        link = listing.relate(self.target, self.target.workbook_part, part, "worksheet")
        listing.list_sheet(self.target, name, link)
        listing.list_title(self.target, name)
        self._arrived(name, part, state)
        listing.move_sheet(self.target, name, place)
        return self.target.sheets[name]

    def replace(self, name: str) -> Sheet:
        """The same sheet as the source has it, in the place it has in the target."""
        old = self.target.sheets[name]
        for relation in self.target.related_all(old.part):
            self.target.drop(relation.part)
        self._forget_links(old.part)
        self.target.__dict__.pop("tables", None)
        self.target.touch(old.part)
        self._fill(self.source.sheets[name].part, old.part)
        self._arrived(name, old.part, old.state)
        return self.target.sheets[name]

    def _arrived(self, name: str, part: str, state: str) -> None:
        self.target.sheets[name] = Sheet(self.target, name, state, part)
        for cached in ("tables", "names", "date_styles"):
            self.target.__dict__.pop(cached, None)
        self.target.formulas_changed()

    def _forget_links(self, part: str) -> None:
        found = self.target.find_part(parts.relations_part(part))
        if found is not None:
            links = self.target.touch(found)
            for node in list(links):
                links.remove(node)
        self.target.relations.pop(part, None)

    # ---- parts

    def _copied(self, part: str, stem: str) -> str:
        """A part of the source as a new part of the target, with all it refers to."""
        new = listing.free_part(self.target, stem)
        listing.put(self.target, new, etree.Element("empty"), self._content_type(part))
        self._fill(part, new)
        return new

    def _fill(self, part: str, new: str) -> None:
        root = copy.deepcopy(self.source.root(part))
        self.target.roots[new] = root
        numbers: dict[str, str] = {}
        for relation in self.source.related_all(part):
            kind, stem = relation.type.rpartition("/")[2], re.sub(r"\d*\.xml$", "", relation.part)
            inner = self._copied(relation.part, posixpath.relpath(stem, posixpath.dirname(self.source.workbook_part)))
            numbers[relation.id] = listing.relate(self.target, new, inner, kind)
        self._renumber(root, numbers)
        if parts.local_name(root) == "worksheet":
            self.restyle(root)
            self._respell(root)
        if parts.local_name(root) == "table":
            ids = [int(self.target.root(t.part).get("id", "0")) for t in self.target.tables.values()]
            root.set("id", str(max([*ids, *self._given], default=0) + 1))
            self._given.append(int(root.get("id")))
            self._relink(root)

    @cached_property
    def _given(self) -> list[int]:
        """The numbers of Tables that are on their way in."""
        return []

    def _content_type(self, part: str) -> str:
        types = self.source.root(parts.CONTENT_TYPES)
        return next(str(n.get("ContentType")) for n in types if n.get("PartName", "").lstrip("/") == part)

    @staticmethod
    def _renumber(root: Element, numbers: dict[str, str]) -> None:
        for node in root.iter(etree.Element):
            for key, value in node.items():
                if key.startswith(f"{{{parts.OFFICE}}}") and value in numbers:
                    node.set(key, numbers[value])

    # ---- what stands in a sheet by number

    def restyle(self, root: Element) -> None:
        """Styles by the target's numbers, in a sheet or a part of one."""
        for node in root.iter(etree.Element):
            kind = parts.local_name(node)
            key = _STYLED.get(kind)
            if key is not None and node.get(key) is not None:
                node.set(key, str(self.styles.cell(int(node.get(key)))))
            elif kind == "cfRule" and node.get("dxfId") is not None:
                node.set("dxfId", str(self.styles.differential(int(node.get("dxfId")))))
            elif kind == "sheetView":
                node.attrib.pop("tabSelected", None)

    def _respell(self, root: Element) -> None:
        texts = self.source.string_texts()
        for node in root.iter(f"{self.source.namespace}c"):
            if node.get("t") == "s":
                value = node.find(f"{self.source.namespace}v")
                value.text = str(self.target.string_index(texts[int(value.text)]))
            if node.get("cm") is not None:
                node.set("cm", self.target.dynamic_index())
        self._relink(root)

    def _relink(self, root: Element) -> None:
        for node in root.iter(etree.Element):
            if parts.local_name(node) in _HOLDS_FORMULAS and node.text:
                node.text = self.relinked(node.text)

    def relinked(self, formula: str) -> str:
        """A formula with the target's number of the add-in."""
        return _LINK.sub(lambda found: f"[{self._links[int(found[1])]}]!", formula)

    @cached_property
    def _links(self) -> dict[int, int]:
        """The source's links by number → the target's; one that is missing is added, with all the names it lists."""
        numbers = {}
        there = [link.rpartition("/")[2] for link in self.target.links()]
        for number, (link, kind, names) in enumerate(self.source.linked(), 1):
            name = link.rpartition("/")[2]
            if name in there:
                numbers[number] = there.index(name) + 1
                self.target.name_in_link(numbers[number], names)
            else:
                numbers[number] = self.target.add_link(link, kind, names)
                there.append(name)
        return numbers

    # ---- names

    def define(self, keys: Collection[str | tuple[str, str]]) -> None:
        """Defined names of the source, of the workbook or (sheet, name) of one sheet (print titles), as the source has them."""
        source = self.source.workbook_child("definedNames")
        tabs = [title for title, _, _ in self.source.sheet_nodes()]
        own = [title for title, _, _ in self.target.sheet_nodes()]
        wanted = set(keys)
        for node in source if source is not None else ():
            local = node.get("localSheetId")
            if (node.get("name") if local is None else (tabs[int(local)], node.get("name"))) not in wanted:
                continue
            new = copy.deepcopy(node)
            new.text = self.relinked(new.text or "")
            if local is not None:
                new.set("localSheetId", str(own.index(tabs[int(local)])))
            self._names().append(new)
        self.target.__dict__.pop("names", None)

    def _names(self) -> Element:
        group = self.target.workbook_child("definedNames")
        workbook = self.target.touch(self.target.workbook_part)
        if group is None:
            group = etree.Element(f"{self.target.namespace}definedNames")
            parts.insert_ordered(workbook, group, _PLACE_BEFORE)
        return group


class Styles:
    """The source's styles by number → the target's, appended where the target has none that is the same."""

    def __init__(self, source: Package, target: Package) -> None:
        self._source, self._target = source, target
        self._cells: dict[int, int] = {}
        self._differential: dict[int, int] = {}
        self._indexed: dict[str, dict[Hashable, int]] = {}  # what each group of the target says → its index

    def cell(self, number: int) -> int:
        """A cell style (``xf``), with the font, fill, border and number format it refers to."""
        if number not in self._cells:
            node = copy.deepcopy(self._from("cellXfs")[number])
            for key, group in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
                if node.get(key) is not None:
                    node.set(key, str(self._same(group, self._from(group)[int(node.get(key))])))
            node.set("numFmtId", str(self._format(int(node.get("numFmtId", "0")))))
            node.set("xfId", "0")
            self._cells[number] = self._same("cellXfs", node)
        return self._cells[number]

    def differential(self, number: int) -> int:
        """A style of conditional formats (``dxf``)."""
        if number not in self._differential:
            node = copy.deepcopy(self._from("dxfs")[number])
            for inner in (n for n in node if parts.local_name(n) == "numFmt"):
                inner.set("numFmtId", str(self._code(inner.get("formatCode", "General"))))
            self._differential[number] = self._same("dxfs", node)
        return self._differential[number]

    def _format(self, number: int) -> int:
        if number < _FIRST_OWN_FORMAT:
            return number
        code = next(n.get("formatCode") for n in self._from("numFmts") if n.get("numFmtId") == str(number))
        return self._code(code)

    def _code(self, code: str) -> int:
        """The number of a format of the file's own."""
        group = self._into("numFmts")
        known = {n.get("formatCode"): int(n.get("numFmtId")) for n in group}
        if code not in known:
            known[code] = max([_FIRST_OWN_FORMAT - 1, *known.values()]) + 1
            etree.SubElement(group, f"{self._target.namespace}numFmt", numFmtId=str(known[code]), formatCode=code)
            group.set("count", str(len(group)))
        return known[code]

    def _same(self, group: str, node: Element) -> int:
        """The index of an entry that says the same; appended where there is none."""
        known, text = self._known(group), _said(node)
        if text not in known:
            entries = self._into(group)
            known[text] = len(entries)
            entries.append(copy.deepcopy(node))
            entries.set("count", str(len(entries)))
        return known[text]

    def _known(self, group: str) -> dict[Hashable, int]:
        if group not in self._indexed:
            entries = list(enumerate(self._into(group)))
            self._indexed[group] = {_said(node): index for index, node in reversed(entries)}
        return self._indexed[group]

    def _from(self, group: str) -> Element:
        part = self._source.related(self._source.workbook_part, "styles")
        return next(n for n in self._source.root(part or "") if parts.local_name(n) == group)

    def _into(self, group: str) -> Element:
        part = self._target.related(self._target.workbook_part, "styles")
        if part is None:
            raise Refused(Text("工作簿没有样式表，无法升级", "the workbook has no styles part: it can't be upgraded"))
        root = self._target.touch(part)
        found = next((n for n in root if parts.local_name(n) == group), None)
        if found is None:
            found = etree.Element(f"{self._target.namespace}{group}", count="0")
            parts.insert_ordered(root, found, _STYLE_GROUPS[: _STYLE_GROUPS.index(group)])
        return found


def _said(node: Element) -> Hashable:
    """What an element says, whatever prefixes its file uses."""
    children = tuple(_said(child) for child in node if isinstance(child.tag, str))
    return parts.local_name(node), tuple(sorted(node.items())), (node.text or "").strip(), children


def position_of(name: str, order: Iterable[str], there: Iterable[str]) -> int:
    """Where a new sheet goes: behind the nearest of those that come before it and are there."""
    known = list(there)
    before = []
    for other in order:
        if other == name:
            break
        before.append(other)
    return next((known.index(other) + 1 for other in reversed(before) if other in known), 0)
