"""Rules that only our own writer could break. They stand beside those of ``workbook_templates.lint``, in the same form."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from lxml import etree
from openpyxl.utils import FORMULAE

import udfs
from udfs.text import Text
from workbook_templates.cells import address
from workbook_templates.formulas import grammar, spelling
from workbook_templates.formulas.intersection import needs_array
from workbook_templates.xlsx import lint
from workbook_templates.xlsx.lint import MAIN, REL_ID, Opened, Place, Rule, SheetXml, areas
from workbook_templates.xlsx.package import CONTENT_TYPES, MAX_COLUMN, MAX_ROW, Ref, local_name, relations_part

CALC_ENGINE = 191029
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
LAST_DATE = 2958465  # 9999-12-31
_RULES: list[Rule] = []
# CT_Worksheet and CT_Workbook are sequences (ISO 29500-1 A.2): an element out of its place makes the part invalid.
SHEET_ORDER = [
    "sheetPr",
    "dimension",
    "sheetViews",
    "sheetFormatPr",
    "cols",
    "sheetData",
    "sheetCalcPr",
    "sheetProtection",
    "protectedRanges",
    "scenarios",
    "autoFilter",
    "sortState",
    "dataConsolidate",
    "customSheetViews",
    "mergeCells",
    "phoneticPr",
    "conditionalFormatting",
    "dataValidations",
    "hyperlinks",
    "printOptions",
    "pageMargins",
    "pageSetup",
    "headerFooter",
    "rowBreaks",
    "colBreaks",
    "customProperties",
    "cellWatches",
    "ignoredErrors",
    "smartTags",
    "drawing",
    "legacyDrawing",
    "legacyDrawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
]
BOOK_ORDER = [
    "fileVersion",
    "fileSharing",
    "workbookPr",
    "workbookProtection",
    "bookViews",
    "sheets",
    "functionGroups",
    "externalReferences",
    "definedNames",
    "calcPr",
    "oleSize",
    "customWorkbookViews",
    "pivotCaches",
    "smartTagPr",
    "smartTagTypes",
    "webPublishing",
    "fileRecoveryPr",
    "webPublishObjects",
    "extLst",
]


def rule(name: str, what: str, source: str) -> Any:
    """Register a rule."""

    def add(look: Any) -> Any:
        _RULES.append(Rule(name, Text(what, what), Text("", ""), source, look))
        return look

    return add


# --------------------------------------------------------------------------------------------------------------- the package


@rule("zip", "two entries of one name", "ISO 29500-2 (part names are unique without case)")
def _zip(book: Opened) -> Iterator[Place]:
    for name, count in Counter(n.lower() for n in book.names).items():
        if count > 1:
            yield name, "", f"{count} times"


@rule(
    "xml",
    "a part that is not well-formed, or with characters XML 1.0 does not have",
    "XML 1.0 2.2; ISO 29500-2 (no document type declaration)",
)
def _xml(book: Opened) -> Iterator[Place]:
    for name in book.names:
        if not name.endswith((".xml", ".rels", ".vml")):
            continue
        content = book.read(name)
        if b"<!DOCTYPE" in content:
            yield name, "", "DOCTYPE"
        try:
            etree.fromstring(content)
        except etree.XMLSyntaxError as error:
            yield name, "", str(error)


@rule("content-type", "a part without content type, or a type without part", "ISO 29500-2, content types")
def _content_types(book: Opened) -> Iterator[Place]:
    root = book.root(CONTENT_TYPES)
    endings = {node.get("Extension", "").lower() for node in root if local_name(node) == "Default"}
    named = Counter(node.get("PartName", "").lstrip("/") for node in root if local_name(node) == "Override")
    for name in book.names:
        if name != CONTENT_TYPES and name not in named and name.rpartition(".")[2].lower() not in endings:
            yield name, "", "no content type"
        if name.startswith("xl/") and name.endswith(".xml") and name not in named:
            yield name, "", "only the general type of .xml"
    for name, count in named.items():
        if count > 1 or not book.has(name):
            yield name, "", "a content type twice" if count > 1 else "a content type for no part"


@rule("relationship", "a relationship whose target is missing, or a doubled id", "ISO 29500-2, relationships")
def _relationships(book: Opened) -> Iterator[Place]:
    for rels in [name for name in book.names if name.endswith(".rels")]:
        folder, _, name = rels.rpartition("_rels/")
        part = folder + name.removesuffix(".rels")
        if part and not book.has(part):
            yield rels, "", "belongs to no part"
        found = book.relations(part)
        for number, count in Counter(r.id for r in found).items():
            if count > 1:
                yield rels, number, "twice"
        for relation in found:
            if not relation.external and not book.has(relation.target):
                yield rels, relation.id, relation.target
    for name in book.names:
        if name.endswith(".xml") and name != CONTENT_TYPES:
            used = set(re.findall(rb'\br:(?:id|embed|link|pict)="([^"]+)"', book.read(name)))
            for number in used - {r.id.encode() for r in book.relations(name)}:
                yield name, number.decode(), f"no such relationship in {relations_part(name)}"


@rule("order", "elements out of the order of the schema", "ISO 29500-1 A.2, CT_Worksheet and CT_Workbook (sequences)")
def _order(book: Opened) -> Iterator[Place]:
    for part, root, order in [(s.part, s.root, SHEET_ORDER) for s in book.sheets.values()] + [
        (book.workbook_part, book.workbook, BOOK_ORDER)
    ]:
        names = [local_name(child) for child in root if local_name(child) in order]
        if names != sorted(names, key=order.index):
            yield part, "", " ".join(names)
        once = Counter(n for n in names if n != "conditionalFormatting")
        for name, count in once.items():
            if count > 1:
                yield part, name, "twice"


# -------------------------------------------------------------------------------------------------------------- the workbook


@rule("calc", "a file that makes Excel recalculate on opening", "[MS-XLS] RecalcId; ISO 29500-1, calcPr@calcId")
def _calc(book: Opened) -> Iterator[Place]:
    node = book.workbook.find(f"{MAIN}calcPr")
    if node is None or node.get("calcId") != str(CALC_ENGINE) or node.get("fullCalcOnLoad") in ("1", "true"):
        yield book.workbook_part, "calcPr", "" if node is None else str(dict(node.attrib))


@rule(
    "links",
    "a link Excel asks about on opening, or a link's part that is not the add-in's form",
    "ISO 29500-1, ST_UpdateLinks, externalBook; facts.md",
)
def _links(book: Opened) -> Iterator[Place]:
    links = [r for r in book.relations(book.workbook_part) if r.kind == "externalLink"]
    listed = [node.get(REL_ID) for node in book.workbook.iter(f"{MAIN}externalReference")]
    if sorted(r.id for r in links) != sorted(listed):
        yield book.workbook_part, "externalReferences", f"{listed}"
    node = book.workbook.find(f"{MAIN}workbookPr")
    if links and (node is None or node.get("updateLinks") != "never"):
        yield book.workbook_part, "workbookPr", "updateLinks is not never"
    for link in links:
        targets = book.relations(link.target)
        names = [n.get("name") for n in book.root(link.target).iter(f"{MAIN}definedName")]
        if [r.kind for r in targets] != ["xlStartup"] or not names or len(names) != len(set(names)):
            yield link.target, "", f"{targets} {names}"


@rule(
    "sheet-name",
    "a sheet's name that is not legal or not unique",
    "[MS-OI29500] 2.1.578 (31 characters, unique without case); ISO 29500-1 18.17 (sheet-name)",
)
def _sheet_names(book: Opened) -> Iterator[Place]:
    nodes = list(book.workbook.iter(f"{MAIN}sheet"))
    names = Counter(node.get("name", "").lower() for node in nodes)
    ids = Counter(node.get("sheetId") for node in nodes)
    for node in nodes:
        name = node.get("name", "")
        if not 1 <= len(name) <= 31 or re.search(r"[:\\/?*\[\]\x00-\x1f]", name) or name[0] == "'" or name[-1] == "'":
            yield name, "", "not legal"
        if names[name.lower()] > 1 or ids[node.get("sheetId")] > 1 or not 1 <= int(node.get("sheetId", "0")) <= 65534:
            yield name, "", "its name or number is not unique"
    if not any(node.get("state", "visible") == "visible" for node in nodes):
        yield "", "", "no sheet is visible"


@rule(
    "print-titles",
    "print titles or areas that are no rows, columns or areas of their own sheet",
    "ISO 29500-1 18.2.5 (_xlnm.Print_Titles)",
)
def _print_titles(book: Opened) -> Iterator[Place]:
    sheets = [node.get("name", "") for node in book.workbook.iter(f"{MAIN}sheet")]
    for node in book.workbook.iter(f"{MAIN}definedName"):
        if node.get("name") not in ("_xlnm.Print_Titles", "_xlnm.Print_Area"):
            continue
        own = sheets[int(node.get("localSheetId", "0"))]
        for text in (node.text or "").split(","):
            prefix, _, area = text.rpartition("!")
            whole = re.fullmatch(r"\$\d+:\$\d+|\$[A-Z]+:\$[A-Z]+", area) or node.get("name") == "_xlnm.Print_Area"
            if spelling.sheet_name(prefix + "!") != own or not whole:
                yield own, node.get("name"), text


@rule("calc-chain", "a calculation chain that lists other cells than the formulas", "ISO 29500-1, calcChain")
def _calc_chain(book: Opened) -> Iterator[Place]:
    parts = book.related(book.workbook_part, "calcChain")
    if not parts:
        return
    numbers = {node.get("sheetId"): node.get("name") for node in book.workbook.iter(f"{MAIN}sheet")}
    sheet, listed = "", Counter[tuple[str | None, str]]()
    for node in book.root(parts[0]):
        sheet = node.get("i", sheet)
        listed[numbers.get(sheet), node.get("r")] += 1
    there = {(s.name, c.cell) for s in book.sheets.values() for c in s.cells if c.formula is not None}
    for name, cell in listed:
        if (name, cell) not in there:
            yield str(name), cell, "has no formula"


# -------------------------------------------------------------------------------------------------------------------- cells


@rule(
    "cell-order",
    "rows or cells out of order, twice, or off the sheet",
    "ISO 29500-1, row@r and c@r; Excel: 1,048,576 × 16,384",
)
def _cell_order(book: Opened) -> Iterator[Place]:
    for sheet in book.sheets.values():
        before = 0
        for row in sheet.root.iter(f"{MAIN}row"):
            number, column = int(row.get("r", before + 1)), 0
            if not before < number <= MAX_ROW:
                yield sheet.name, str(number), f"after row {before}"
            before = number
            for cell in row.iter(f"{MAIN}c"):
                at = Ref.parse(cell.get("r", "A1"))
                if at.first_row != number or not column < at.first_col <= MAX_COLUMN:
                    yield sheet.name, cell.get("r", ""), f"in row {number} after column {column}"
                column = at.first_col


@rule(
    "inline",
    "texts that stand in their cells and not among the shared strings",
    "issue 9.9: older Numbers and phone previews show them blank",
)
def _inline(book: Opened) -> Iterator[Place]:
    for sheet in book.sheets.values():
        count = sum(cell.kind == "inlineStr" for cell in sheet.cells)
        if count:
            yield sheet.name, "", f"{count} inline strings"


@rule(
    "shared-strings",
    "shared strings whose counts are wrong, or that lose blanks at their ends",
    "ISO 29500-1, sst@count and @uniqueCount",
)
def _shared_strings(book: Opened) -> Iterator[Place]:
    parts = book.related(book.workbook_part, "sharedStrings")
    used = sum(cell.kind == "s" for sheet in book.sheets.values() for cell in sheet.cells)
    if not parts:
        return
    root = book.root(parts[0])
    if root.get("uniqueCount", str(len(book.strings))) != str(len(book.strings)) or root.get("count", str(used)) != str(used):
        yield parts[0], "", f"count={root.get('count')} uniqueCount={root.get('uniqueCount')}, but {used} of {len(book.strings)}"


@rule("space", "a text with blanks at an end that XML may drop", "XML 1.0 2.10 (xml:space)")
def _space(book: Opened) -> Iterator[Place]:
    roots = [(s.name, s.root) for s in book.sheets.values()]
    roots += [(p, book.root(p)) for p in book.related(book.workbook_part, "sharedStrings")]
    for name, root in roots:
        for node in root.iter(f"{MAIN}t"):
            if node.text and node.text != node.text.strip(" \n\t\r") and node.get(SPACE) != "preserve":
                yield name, "", repr(node.text[:40])


@rule("date", "a cell shown as a date that is none", "Excel: dates from 1900-01-01 (1) to 9999-12-31 (2,958,465)")
def _dates(book: Opened) -> Iterator[Place]:
    codes = (
        {n.get("numFmtId"): n.get("formatCode", "") for n in book.styles.iter(f"{MAIN}numFmt")} if book.styles is not None else {}
    )
    looks = book.styles.find(f"{MAIN}cellXfs") if book.styles is not None else ()
    dated = {i for i, n in enumerate(looks) if re.search(r"yy", codes.get(n.get("numFmtId"), "")) or n.get("numFmtId") == "14"}
    for sheet in book.sheets.values():
        for cell in sheet.cells:
            if (
                cell.kind == "n"
                and cell.text
                and int(cell.node.get("s", "0")) in dated
                and not 0 <= float(cell.text) <= LAST_DATE
            ):
                yield sheet.name, cell.cell, cell.text


@rule(
    "metadata",
    "a cell's metadata number without an entry",
    "ISO 29500-1, c@cm and c@vm (counted from 1 in cellMetadata, valueMetadata)",
)
def _metadata(book: Opened) -> Iterator[Place]:
    parts = book.related(book.workbook_part, "sheetMetadata")
    counts = {"cm": 0, "vm": 0}
    for key, group in (("cm", "cellMetadata"), ("vm", "valueMetadata")):
        found = book.root(parts[0]).find(f"{MAIN}{group}") if parts else None
        counts[key] = 0 if found is None else len(found)
        if found is not None and found.get("count", str(len(found))) != str(len(found)):
            yield parts[0], group, f"count={found.get('count')}"
    for sheet in book.sheets.values():
        for cell in sheet.cells:
            for key, most in counts.items():
                if cell.node.get(key) is not None and not 1 <= int(cell.node.get(key)) <= most:
                    yield sheet.name, cell.cell, f"{key}={cell.node.get(key)} of {most}"


# ----------------------------------------------------------------------------------------------------------------- formulas


@rule(
    "array",
    "an array formula that does not start in its cell, overlaps another, or lacks its mark or value",
    "ISO 29500-1, f@ref; XlsxWriter, write_dynamic_array_formula()",
)
def _arrays(book: Opened) -> Iterator[Place]:
    for sheet in book.sheets.values():
        owner: dict[tuple[int, int], str] = {}
        for cell in sheet.cells:
            if cell.formula is None or cell.formula.get("t") != "array":
                continue
            ref = Ref.parse(cell.formula.get("ref", ""))
            if (ref.first_row, ref.first_col) != cell.at:
                yield sheet.name, cell.cell, f"its area is {ref}"
            if cell.node.get("cm") is None:
                yield sheet.name, cell.cell, "is no dynamic array"
            for at in ref.cells():
                if at in owner:
                    yield sheet.name, cell.cell, f"lies over {owner[at]}"
                owner[at] = cell.cell
                inner = sheet.named.get(address(*at))
                if inner is not None and inner is not cell and inner.formula is not None:
                    yield sheet.name, inner.cell, f"is a formula within {cell.cell}"


@rule("formula-value", "a formula without its value", "issue 9.2; facts.md (previews, phones and pandas show it blank)")
def _formula_values(book: Opened) -> Iterator[Place]:
    for sheet in book.sheets.values():
        for cell in sheet.cells:
            if cell.formula is not None and cell.text is None:
                yield sheet.name, cell.cell, cell.formula.text or ""


@rule(
    "volatile",
    "a formula or a name that recalculates on every opening",
    "[MS-XLS] PtgAttrSemi (volatile); Decision Models, Volatile Excel Functions; issue 9.3",
)
def _volatile(book: Opened) -> Iterator[Place]:
    names = (("", node.get("name", ""), node.text or "") for node in book.workbook.iter(f"{MAIN}definedName"))
    for sheet, cell, text in itertools.chain(book.formulas(), names):
        found = grammar.volatile(text)
        if found:
            yield sheet, cell, found


@rule(
    "function",
    "a function Excel does not know, or an add-in's without its link",
    "[MS-XLSX] 2.2.2 (future functions); openpyxl.utils.FORMULAE; facts.md ([1]!SALES_X)",
)
def _functions(book: Opened) -> Iterator[Place]:
    ours = {f"SALES_{name}" for name in udfs.catalogue()}
    checked: dict[str, list[str]] = {}
    for sheet, cell, text in book.formulas():
        if text not in checked:
            tokens = spelling.tokenize(text)
            checked[text] = [
                t.text
                for i, t in enumerate(tokens)
                if t.kind == "func" and not _known(t.text, tokens[i - 1].text if i else "", ours)
            ]
        if checked[text]:
            yield sheet, cell, ", ".join(checked[text])


def _known(name: str, before: str, ours: set[str]) -> bool:
    plain = spelling.plain_function(name)
    if spelling.is_ours(plain):
        return plain in ours and before == "[1]!"
    if name.startswith("_xlfn."):
        return spelling.stored_function(plain) == name
    return name in FORMULAE or name.startswith("_xlpm.") or name == "IFERROR"


@rule(
    "intersection",
    "a plain formula of which Excel would take one cell where many are meant",
    "Microsoft support, Implicit intersection operator: @; workbook_templates/intersection.py",
)
def _intersections(book: Opened) -> Iterator[Place]:
    one = {
        node.get("name", "").lower()
        for node in book.workbook.iter(f"{MAIN}definedName")
        if re.fullmatch(r".*!\$?[A-Z]+\$?\d+", node.text or "")
    }
    arrays = {
        (s.name, c.cell) for s in book.sheets.values() for c in s.cells if c.formula is not None and c.formula.get("t") == "array"
    }
    checked: dict[str, bool] = {}
    for sheet, cell, text in book.formulas():
        if (sheet, cell) in arrays:
            continue
        if text not in checked:
            checked[text] = needs_array(text, lambda name: name.lower() not in one)
        if checked[text]:
            yield sheet, cell, text


@rule(
    "sheet-reference",
    "a conditional format, validation or hyperlink that names what is not there",
    "ISO 29500-1, hyperlink@location",
)
def _hyperlinks(book: Opened) -> Iterator[Place]:
    names = {node.get("name") for node in book.workbook.iter(f"{MAIN}definedName")}
    known = {node.get("name", "").lower() for node in book.workbook.iter(f"{MAIN}sheet")}
    for sheet in book.sheets.values():
        ids = {r.id for r in book.relations(sheet.part)}
        for node in sheet.root.iter(f"{MAIN}hyperlink"):
            place, link = node.get("location"), node.get(REL_ID)
            if link is not None and link not in ids:
                yield sheet.name, node.get("ref"), f"no relationship {link}"
            prefix, mark, cell = (place or "").rpartition("!")
            there = spelling.sheet_name(prefix + "!").lower() in known and _is_area(cell) if mark else place in names
            if place is not None and not there:
                yield sheet.name, node.get("ref"), place
        words = {
            t.text
            for _, n in sheet.rules()
            for f in n.iter(f"{MAIN}formula")
            for t in spelling.tokenize(f.text or "")
            if t.kind == "name"
        }
        for word in words - {None}:
            if spelling.cell_position(word) is None and word not in names and not re.fullmatch(r"\$?[A-Z]{1,3}|TRUE|FALSE", word):
                yield sheet.name, "conditional format", f"no name {word}"


def _is_area(text: str) -> bool:
    try:
        Ref.parse(text)
    except ValueError:
        return False
    return True


# -------------------------------------------------------------------------------------------------------------------- looks


@rule("priority", "conditional formats without a priority, or two with one", "ISO 29500-1 18.3.1.10 (cfRule@priority ≥ 1)")
def _priorities(book: Opened) -> Iterator[Place]:
    for sheet in book.sheets.values():
        counted = Counter(node.get("priority") for _, node in sheet.rules())
        for number, count in counted.items():
            if number is None or int(number) < 1 or count > 1:
                yield sheet.name, f"priority {number}", f"{count} rules"


@rule(
    "sizes",
    "columns or rows beyond Excel's sizes, or columns that overlap",
    "Excel specifications and limits: 255 characters wide, 409 points high; ISO 29500-1, col@min, @max",
)
def _sizes(book: Opened) -> Iterator[Place]:
    for sheet in book.sheets.values():
        last = 0
        for node in sheet.root.iter(f"{MAIN}col"):
            first = int(node.get("min", "0"))
            if not last < first <= int(node.get("max", "0")) <= MAX_COLUMN or not 0 <= float(node.get("width", "8")) <= 255:
                yield sheet.name, f"column {first}", str(dict(node.attrib))
            last = int(node.get("max", "0"))
        for node in sheet.root.iter(f"{MAIN}row"):
            if float(node.get("ht", "15")) > 409:
                yield sheet.name, f"row {node.get('r')}", node.get("ht")


@rule(
    "styles",
    "more styles or fonts than Excel takes, counts that are wrong, or a style that refers beyond its lists",
    "Excel specifications and limits: 65,490 cell formats, 512 fonts, 200 number formats; ISO 29500-1, xf",
)
def _style_lists(book: Opened) -> Iterator[Place]:
    if book.styles is None:
        return
    for group, most in (("cellXfs", 65_490), ("fonts", 512), ("numFmts", 200), ("dxfs", 65_490)):
        found = book.styles.find(f"{MAIN}{group}")
        if found is not None and (len(found) > most or found.get("count", str(len(found))) != str(len(found))):
            yield "styles", group, f"{len(found)}, count={found.get('count')}"
    for number, node in enumerate(book.styles.find(f"{MAIN}cellXfs")):
        for key, group in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders"), ("xfId", "cellStyleXfs")):
            if int(node.get(key, "0")) >= max(book.style_count(group), 1):
                yield "styles", f"cellXfs {number}", f"{key}={node.get(key)}"


@rule(
    "header-footer",
    "a header or footer longer than Excel takes",
    "Excel specifications and limits: 255 characters in a header or footer",
)
def _header_footer(book: Opened) -> Iterator[Place]:
    for sheet in book.sheets.values():
        for node in sheet.root.iter(f"{MAIN}oddHeader", f"{MAIN}oddFooter", f"{MAIN}evenHeader", f"{MAIN}firstHeader"):
            if len(node.text or "") > 255:
                yield sheet.name, local_name(node), f"{len(node.text)} characters"


@rule(
    "table-parts",
    "a count of Tables that is wrong, or a Table's part that no sheet lists",
    "ISO 29500-1, tableParts@count",
)
def _table_parts(book: Opened) -> Iterator[Place]:
    for sheet in book.sheets.values():
        group = sheet.root.find(f"{MAIN}tableParts")
        listed = [] if group is None else [node.get(REL_ID) for node in group]
        related = [r.id for r in book.relations(sheet.part) if r.kind == "table"]
        if sorted(listed) != sorted(related) or (group is not None and group.get("count", str(len(listed))) != str(len(listed))):
            yield sheet.name, "tableParts", f"{listed} {related}"
    for table in book.tables:
        group = table.root.find(f"{MAIN}tableColumns")
        ids = Counter(node.get("id") for node in group)
        if group.get("count", str(len(group))) != str(len(group)) or max(ids.values()) > 1 or "0" in ids:
            yield table.sheet.name, table.name, "its columns' numbers"


@rule("comment", "a comment without cell, author or drawing", "ISO 29500-1, comment@ref, @authorId")
def _comments(book: Opened) -> Iterator[Place]:
    for sheet in book.sheets.values():
        for part in book.related(sheet.part, "comments"):
            root = book.root(part)
            authors = len(list(root.iter(f"{MAIN}author")))
            notes = list(root.iter(f"{MAIN}comment"))
            places = Counter(node.get("ref") for node in notes)
            for node in notes:
                if (
                    not _is_area(node.get("ref", ""))
                    or places[node.get("ref")] > 1
                    or not 0 <= int(node.get("authorId", "-1")) < authors
                ):
                    yield sheet.name, node.get("ref", ""), "comment"
            if sheet.root.find(f"{MAIN}legacyDrawing") is None:
                yield sheet.name, "", "comments without their drawing"


@rule(
    "chart",
    "a chart over a sheet that is not there, or without its points",
    "ISO 29500-1, numRef and strRef: f, numCache, strCache",
)
def _charts(book: Opened) -> Iterator[Place]:
    known = {name.lower() for name in book.sheets}
    for part in [n for n in book.names if re.fullmatch(r"xl/charts/chart\d+\.xml", n)]:
        for kind in ("num", "str"):
            for node in book.root(part).iter(f"{CHART}{kind}Ref"):
                formula = node.findtext(f"{CHART}f") or ""
                prefix, _, area = formula.rpartition("!")
                if spelling.sheet_name(prefix + "!").lower() not in known or not _is_area(area):
                    yield part, formula, "no such cells"
                    continue
                cache = node.find(f"{CHART}{kind}Cache")
                points = None if cache is None else cache.find(f"{CHART}ptCount")
                size = Ref.parse(area).size
                if (
                    points is None
                    or int(points.get("val")) != size
                    or any(int(p.get("idx")) >= size for p in cache.iter(f"{CHART}pt"))
                ):
                    yield part, formula, f"{size} points"


@rule("sqref", "a conditional format or validation on no cells", "ISO 29500-1, ST_Sqref; [MS-OI29500] 2.1.613 (at least one)")
def _sqrefs(book: Opened) -> Iterator[Place]:
    for sheet in book.sheets.values():
        for where in [w for w, _ in sheet.rules()] + [w for w, _ in sheet.validations()] + _views(sheet):
            try:
                found = areas(where)
            except ValueError:
                found = []
            if not found:
                yield sheet.name, where, "no cells"


def _views(sheet: SheetXml) -> list[str]:
    return [node.get("topLeftCell", "A1") for node in sheet.root.iter(f"{MAIN}pane")]


RULES = (*lint.RULES, *_RULES)
