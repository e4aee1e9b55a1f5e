"""A lossless reader and writer of .xlsx / .xlsm packages: only what is touched changes.

A workbook is a zip of parts. Parts nobody touched are copied with their very bytes; in a touched sheet only the touched
cells differ, and what must follow them: table extents, shared strings, the calculation chain. Charts, pivots,
sparklines, comments, VBA and everything this module has never heard of stay where they are. When in doubt it raises
``Refused`` before anything is changed. It knows the file format and nothing about sales.
"""

from __future__ import annotations

import io
import os
import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.cells import MAX_COLUMN, At, ErrorValue, Value, address, serial
from workbook_templates.saving import atomic_write, changing, check_unchanged, check_writable, mode_of, thin_backups
from workbook_templates.saving import backup as make_backup
from workbook_templates.xlsx.archive import ZIP_ERRORS, Archive, damaged
from workbook_templates.xlsx.charts import CHART_AREA, CHART_NAME, Chart, ChartRef
from workbook_templates.xlsx.markup import (
    CHART_TYPE,
    CONTENT_TYPES,
    OFFICE,
    RELATIONSHIPS,
    SHEET_TYPE,
    TYPES,
    XDA,
    Element,
    PartRelation,
    flag,
    insert_ordered,
    local_name,
    look_through,
    namespace_of,
    parse,
    relations_part,
    serialise,
    set_text,
)
from workbook_templates.xlsx.metadata import Metadata
from workbook_templates.xlsx.moving import translate
from workbook_templates.xlsx.refs import MAX_ROW, Ref, down_to
from workbook_templates.xlsx.sheet import Sheet
from workbook_templates.xlsx.strings import Strings
from workbook_templates.xlsx.styles import BUILT_IN, DATE_IDS, is_date_format
from workbook_templates.xlsx.table import Appending, Table
from workbook_templates.xlsx.values import Cell, CellFormula, escape, number_text, storable, unescape

__all__ = [
    "CALC_ENGINE",
    "CONTENT_TYPES",
    "MAX_COLUMN",
    "MAX_ROW",
    "OFFICE",
    "RELATIONSHIPS",
    "SHEET_TYPE",
    "TYPES",
    "Cell",
    "CellFormula",
    "Chart",
    "ChartRef",
    "Element",
    "ErrorValue",
    "Package",
    "Ref",
    "Refused",
    "Saved",
    "Sheet",
    "Table",
    "Value",
    "address",
    "escape",
    "flag",
    "insert_ordered",
    "is_date_format",
    "local_name",
    "number_text",
    "relations_part",
    "serial",
    "set_text",
    "storable",
    "translate",
    "unescape",
]


_NOBODYS_ENGINE = "124519"  # as XlsxWriter and openpyxl name it
# The engine of Excel 2019 to 365 as their files name it (calcPr@calcId). Excel recalculates what an older one computed.
CALC_ENGINE = 191029
PRINT_TITLES = "_xlnm.Print_Titles"


@dataclass(frozen=True)
class Saved:
    """What ``Package.save`` did; false when there was nothing to write."""

    path: Path
    written: bool
    backup: Path | None = None

    def __bool__(self) -> bool:
        return self.written


_PERCENT = {9: "0%", 10: "0.00%"}  # the numbers of formats that change what an amount is


class Package:
    """A workbook file. Read it, change cells, ``save``: everything else stays as it was."""

    def __init__(self, raw: bytes, path: Path | None = None) -> None:
        self.path = path
        self.archive = Archive(raw, path.name if path else "workbook")
        self.roots: dict[str, Element] = {}
        self._kept_as_text: dict[str, Sheet] = {}
        self.touched: set[str] = set()
        self.changes = 0  # counted, so that what was read before a change can be told from what is read after it
        self._removed: set[str] = set()
        self.sealer: Callable[[Mapping[str, bytes]], dict[str, bytes]] | None = None  # see ``seal``
        self.relations: dict[str, list[PartRelation]] = {}
        self.workbook_part = self._find_workbook()
        self.namespace = namespace_of(self.root(self.workbook_part))
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
                raise damaged(part, Text("缺少该部件", "the part is missing"))
            sheet = self._kept_as_text.pop(part, None)
            changed = sheet.written(self.archive.read(found)) if sheet is not None else None
            root = self.roots[part] = parse(self.archive.read(found) if changed is None else changed, part)
            if sheet is not None:
                sheet.uproot()
        return root

    def touch(self, part: str) -> Element:
        """The part's tree, about to be changed: the one gate every change passes."""
        self.changes += 1
        if part not in self.touched:
            self._refuse_signed()
        root = self.root(part)
        self.touched.add(part)
        return root

    def keep_as_text(self, sheet: Sheet) -> None:
        """A sheet that was read without a tree: it writes its part itself as long as nobody asks for one."""
        self._kept_as_text[sheet.part] = sheet

    def touch_sheet(self, sheet: Sheet) -> None:
        """The same for a sheet, which may be changed row by row without a tree of all of it."""
        if sheet.part in self.roots:
            self.touch(sheet.part)
            return
        self.changes += 1
        self._refuse_signed()
        sheet.load()
        if sheet.as_text:
            self.touched.add(sheet.part)
        else:
            self.touch(sheet.part)

    def _refuse_signed(self) -> None:
        if self.signed:
            raise Refused(
                Text(
                    "工作簿有数字签名，修改会使签名失效。请先在 Excel 中去掉签名。",
                    "The workbook is digitally signed; a change would break the signature. Remove that in Excel first.",
                )
            )

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
            self._kept_as_text.pop(name, None)
        self.relations.pop(part, None)

    @cached_property
    def signed(self) -> bool:
        """Whether the package carries a digital signature (one of the VBA project does not count)."""
        parts = any(part.startswith("_xmlsignatures/") for part in self.archive.infos)
        return parts or any("digital-signature" in relation.type for relation in self.related_all(""))

    def related_all(self, part: str) -> list[PartRelation]:
        """The internal relationships of a part, with the names of their targets."""
        known = self.relations.get(part)
        if known is None:
            rels = self.find_part(relations_part(part))
            nodes = [] if rels is None else [node for node in self.root(rels) if local_name(node) == "Relationship"]
            known = self.relations[part] = [
                PartRelation(node.get("Id", ""), node.get("Type", ""), self._target(part, node.get("Target", "")))
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
                raise damaged(self.archive.name, Text("缺少工作表", "a sheet is missing") + f": {name}")
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
    def strings(self) -> Strings:
        return Strings(self)

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
            raise damaged(part, error) from error
        if len(headers) != ref.last_col - ref.first_col + 1:
            raise damaged(part, Text("列数不符", "the number of columns is wrong"))
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
            raise damaged(part, error) from error
        dates = {number for number in formats if (is_date_format(codes[number]) if number in codes else number in DATE_IDS)}
        return frozenset(index for index, number in enumerate(formats) if number in dates)

    @cached_property
    def _formats_of_styles(self) -> tuple[str, ...]:
        part = self.related(self.workbook_part, "styles")
        if part is None or self.find_part(part) is None:
            return ()
        try:
            codes, formats = self._number_formats(self.root(part))
        except ValueError as error:
            raise damaged(part, error) from error
        return tuple(codes.get(number, "") if number not in BUILT_IN else _PERCENT.get(number, "") for number in formats)

    def format_of(self, style: int) -> str:
        """The number format of a style as the file spells it; "" for those that every program knows by number, but for percent."""
        return self._formats_of_styles[style] if style < len(self._formats_of_styles) else ""

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
        types = [node for node in self.root(CONTENT_TYPES) if node.get("ContentType") == CHART_TYPE]
        parts = [self.find_part(node.get("PartName", "").lstrip("/")) for node in types]
        return [self._chart(part) for part in parts if part is not None]

    def _chart(self, part: str) -> Chart:
        chart = Chart(part, [], [])
        root = self.root(part)
        namespace = namespace_of(root)
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
            refers = self.names.get(text, "")
            part = down_to(refers)  # of cells it stands for the first so many of, all
            found = self.chart_area(part[0] if part else refers, deep=False)
        return found and (found[0], self.sheets[found[0]].clip(found[1]))

    def chart_area(self, formula: str, deep: bool = True) -> tuple[str, Ref] | None:
        """Sheet and cells of a chart's reference, through one defined name; None for several areas and the like."""
        match = CHART_AREA.fullmatch(formula.strip())
        if match is None:
            return self._chart_name(formula.strip()) if deep else None
        sheet = (match["quoted"] or "").replace("''", "'") or match["plain"]
        try:
            area = Ref.parse(match["area"])
        except ValueError:
            return None
        return (sheet, area) if sheet in self.sheets else None

    def _chart_name(self, formula: str) -> tuple[str, Ref] | None:
        match = CHART_NAME.fullmatch(formula)
        if match is None:
            return None
        owner = formula[: match.start("name") - 1].strip("'").replace("''", "'")
        text = self.names.get((owner, match["name"]), self.names.get(match["name"]))
        return self.chart_area(text, deep=False) if text else None

    def strings_part(self) -> str:
        """The part with the shared strings, added where there is none."""
        return self.strings.ensured()

    # ---- changes beyond one sheet

    def append_rows(self, table: Table, rows: Sequence[Sequence[object] | Mapping[str, object]]) -> Ref:
        """Add rows under a Table and return where they stand.

        A row is a list in the order of the columns or a mapping by header. None in a calculated column means its formula.
        Styles come from the last data row; conditional formats and drop-downs that end there go on, and so do charts
        over all its rows. A Table whose only row is blank gets that one filled, one that was dragged far down its first
        free rows, and keeps its extent. Refuses when anything stands below, and for Tables with a totals row.
        """
        if not rows:
            raise ValueError("no rows")
        table.check_growable()
        plan = Appending(self, table, rows)
        values, formulas = plan.content()
        plan.check({**values, **formulas})
        styles, sheet, old = plan.styles(), plan.sheet, table.data
        table.resize(max(plan.last, table.data.last_row))
        sheet.set_styles(styles)
        sheet.set_values(values)
        sheet.set_formulas(formulas)
        sheet.extend_rules(old, table.ref.last_row)
        self._extend_charts(table, old)
        return Ref(plan.first, old.first_col, plan.last, old.last_col)

    def grow_rows(self, table: Table, last_row: int) -> None:
        """Let a Table end with ``last_row``, as ``append_rows`` does, with blank cells beside the calculated columns."""
        used = table.used.last_row
        blank = Appending(self, table, []).first == used
        if last_row > used:
            self.append_rows(table, [{}] * (last_row - used + int(blank)))

    def cut_rows(self, table: Table, last_row: int, keep_extent: bool = False) -> None:
        """The reverse of ``append_rows``: the rows below ``last_row`` are emptied and leave the Table; nothing moves up.

        ``keep_extent``: they stay in it, as in a Table that reached far below its rows before.
        """
        old = table.data
        if last_row >= old.last_row:
            return
        table.check_growable()
        sheet = self.sheets[table.sheet]
        gone = Ref(last_row + 1, old.first_col, old.last_row, old.last_col)
        sheet.set_values(dict.fromkeys(list(sheet.within(gone))))
        if keep_extent:
            return
        table.resize(last_row)
        sheet.touch()
        sheet.extend_rules(old, last_row)
        self._extend_charts(table, old)

    def _extend_charts(self, table: Table, old: Ref) -> None:
        """Charts over all the rows of a Table's columns go on with it, as in Excel."""
        if old.last_row == table.data.last_row:
            return
        for ref in (ref for chart in self.charts() for ref in chart.refs):
            rows = (ref.area.first_row, ref.area.last_row) == (old.first_row, old.last_row)
            columns = old.first_col <= ref.area.first_col and ref.area.last_col <= old.last_col
            if rows and columns and ref.sheet == table.sheet and CHART_AREA.fullmatch(ref.formula) and ":" in ref.formula:
                ref.extend(table.data.last_row)

    def mark_dynamic(self, sheet: Sheet, at: At) -> bool:
        """Make an array formula a spilling one, as Excel 365 stores it. Whether anything changed."""
        cell = sheet.get(at)
        if cell is None or cell.array_ref is None:
            raise sheet.refusal(at, Text("不是数组公式", "is no array formula"))
        if cell.dynamic:
            return False
        sheet.touch()
        node = sheet.node(at)
        assert node is not None, "what is held has an element"
        node.set("cm", self.dynamic_index())
        sheet.held[at] = cell._replace(dynamic=True)
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

    @cached_property
    def never_computed(self) -> bool:
        """Whether a library wrote the file and no program has computed it: XlsxWriter writes 0 as what a formula gives."""
        node = self.workbook_child("calcPr")
        return node is not None and node.get("calcId") == _NOBODYS_ENGINE and flag(node, "fullCalcOnLoad")

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

    def add_part(self, part: str, root: Element, content_type: str, kind: str) -> str:
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
        """Refer to another workbook and the names formulas use of it; ``kind`` is the relationship's type.

        Its number in formulas.
        """
        space, external = self.namespace, f"{{{OFFICE}}}id"
        root = etree.Element(f"{space}externalLink", nsmap={None: space[1:-1]})
        book = etree.SubElement(root, f"{space}externalBook", {external: "rId1"}, nsmap={"r": OFFICE})
        listed = etree.SubElement(book, f"{space}definedNames")
        for name in names:
            etree.SubElement(listed, f"{space}definedName", name=name)
        part = self.add_part("externalLink.xml", root, f"{SHEET_TYPE}externalLink+xml", "externalLink")
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

    def order_print_titles(self) -> int:
        """Name what repeats on printed pages once a sheet, columns before rows as Excel does; how many names changed.

        LibreOffice writes its own name beside one that has the rows first, and Excel repairs a file with two.
        """
        group = self.workbook_child("definedNames")
        seen: set[str] = set()
        changed = 0
        if group is None:
            return 0
        for node in list(group):
            if local_name(node) != "definedName" or node.get("name") != PRINT_TITLES:
                continue
            sheet, text = node.get("localSheetId", ""), node.text or ""
            ordered = ",".join(sorted(text.split(","), key=lambda part: part[-1:].isdigit())) if text.count(",") == 1 else text
            if sheet in seen:
                group.remove(node)
            node.text = ordered
            changed += sheet in seen or ordered != text
            seen.add(sheet)
        if changed:
            self.touch(self.workbook_part)
        return changed

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
        return self.strings.texts

    def string_index(self, text: str) -> int:
        """The index of a shared string, appended where it is new; the use is counted."""
        return self.strings.index(text)

    @property
    def saved_by(self) -> str:
        """The program that saved the file last: ``xl`` is Excel, ``Calc`` LibreOffice."""
        node = self.workbook_child("fileVersion")
        return "" if node is None else node.get("appName", "")

    # ---- dynamic arrays

    @cached_property
    def _dynamic_marks(self) -> dict[str, bool]:
        return {}

    def is_dynamic(self, mark: str | None) -> bool:
        """Whether a cell's ``cm`` number stands for "dynamic array" in the metadata part."""
        if mark is None:
            return False
        if mark not in self._dynamic_marks:
            part = self.related(self.workbook_part, "sheetMetadata")
            metadata = Metadata(self.root(part)) if part is not None else None
            self._dynamic_marks[mark] = metadata is not None and metadata.is_dynamic(mark)
        return self._dynamic_marks[mark]

    def dynamic_index(self) -> str:
        """The ``cm`` number of dynamic arrays; the metadata it needs is added where it is missing."""
        part = self.related(self.workbook_part, "sheetMetadata")
        if part is None:
            root = etree.Element(f"{self.namespace}metadata", nsmap={None: self.namespace[1:-1], "xda": XDA})
            part = self.add_part("xl/metadata.xml", root, f"{SHEET_TYPE}sheetMetadata+xml", "sheetMetadata")
        metadata = Metadata(self.root(part))
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
        except ZIP_ERRORS as error:
            raise damaged(self.archive.name, error) from error
        return out.getvalue()

    def _replacements(self) -> dict[str, bytes]:
        known = self.archive.infos
        return {
            part: self._written(part, self.archive.read(part) if part in known else None)
            for part in sorted(self.touched - self._removed)
        }

    def _written(self, part: str, original: bytes | None) -> bytes:
        if part in self.roots:
            return serialise(self.roots[part], original)
        content = self._kept_as_text[part].written(original or b"")
        assert content is not None, "a touched part has a tree or is kept as text"
        return content

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

    def overwrite(self, content: bytes, backup: bool = True) -> Saved:
        """Put another workbook in this one's file, under the same guards as ``save``; this package is out of date then."""
        assert self.path is not None, "there is a file to be overwritten"
        check_writable(self.path)
        if content == self.archive.raw:
            return Saved(self.path, False)
        with changing(self.path):
            check_unchanged(self.path, self.archive.raw)
            copied = Package(content, self.path)._replace(self.path, content, self.archive.raw, backup)
        return Saved(self.path, True, copied)

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
            raise damaged(temp.name, Text("磁盘写入有误", "the disk did not keep what was written"))
        archive = Archive(written, temp.name)
        if list(archive.infos) != self.parts():
            raise damaged(temp.name, Text("部件不全", "the parts do not match"))
        for part in archive.infos:  # reading one compares its checksum
            content = archive.read(part)
            if part in self.touched:
                look_through(content, part)

    def _rebase(self, data: bytes) -> None:
        """From now on the file just written is what changes are measured against."""
        self.archive = Archive(data, self.archive.name)
        self.touched.clear()
        self._removed.clear()
        for sheet in self.sheets.values():
            sheet.origin = None
