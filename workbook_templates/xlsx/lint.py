"""What in a workbook file breaks Excel's own rules: a repair prompt, a lost format or ``#NAME?`` on opening, seen before
Excel sees it.

A rule looks at the whole package and names its source. Those here can come about when another program (or a script) edits a
plan, so ``salesplan check`` tells them; those that only our own writer could break stand with the tests, in the same form.
"""

from __future__ import annotations

import io
import itertools
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, NamedTuple
from urllib.parse import unquote

from lxml import etree

from udfs.text import Text
from workbook_templates.cells import At, address, column_number
from workbook_templates.formulas import grammar, spelling
from workbook_templates.xlsx.package import Package, Ref, local_name, relations_part, unescape

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_CELL, _FORMULA, _VALUE = f"{MAIN}c", f"{MAIN}f", f"{MAIN}v"
REL_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
ERRORS = frozenset(["#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"])
LONGEST_CHOICES = 255


class Breach(NamedTuple):
    """One place that breaks a rule; ``where`` is a cell, a range, a name …"""

    rule: str
    sheet: str
    where: str
    detail: Text

    def __str__(self) -> str:
        return f"{self.rule}: {self.sheet}!{self.where} {self.detail}"


Place = tuple[str, str, Text | str]  # sheet (or part), where, detail
Look = Callable[["Opened"], Iterator[Place]]


@dataclass(frozen=True)
class Rule:
    """``what`` is wrong, what to do about it, where it is written, and the function that finds it."""

    id: str
    what: Text
    remedy: Text
    source: str
    look: Look = field(repr=False)


class Relation(NamedTuple):
    """A relationship of a part; ``target`` is a part's name, or an address outside of the package."""

    id: str
    kind: str
    target: str
    external: bool


class CellXml(NamedTuple):
    """A cell as it stands in the XML."""

    cell: str  # its address: a plan has sixty thousand, and only a few are asked for row and column
    node: Any
    kind: str
    formula: Any  # its <f>
    text: str | None  # of its <v>

    @property
    def at(self) -> At:
        return _position(self.cell)


class Opened:
    """A package to look at. It reads the parts by itself: no reader of ours tidies up before a rule has looked."""

    def __init__(self, names: Iterable[str], read: Callable[[str], bytes], root: Callable[[str], Any] | None = None) -> None:
        self.names = list(names)
        self.read = read
        self._parsed: dict[str, Any] = {}
        self._root = root

    @classmethod
    def of_bytes(cls, raw: bytes) -> Opened:
        """A file's content."""
        archive = zipfile.ZipFile(io.BytesIO(raw))
        return cls(archive.namelist(), archive.read)

    @classmethod
    def of(cls, package: Package) -> Opened:
        """A package that is open already, with what was changed in it; its parsed parts are used again."""
        return cls(package.parts(), package.archive.read, package.root)

    def root(self, part: str) -> Any:
        """The part's tree."""
        if part not in self._parsed:
            self._parsed[part] = self._root(part) if self._root else etree.fromstring(self.read(part))
        return self._parsed[part]

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return part in self._known

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.names)

    def relations(self, part: str) -> list[Relation]:
        """The relationships of a part."""
        rels = relations_part(part)
        if not self.has(rels):
            return []
        return [self._relation(part, node) for node in self.root(rels) if local_name(node) == "Relationship"]

    @staticmethod
    def _relation(part: str, node: Any) -> Relation:
        target, external = node.get("Target", ""), node.get("TargetMode") == "External"
        if not external:
            path = target[1:] if target.startswith("/") else posixpath.join(posixpath.dirname(part), target)
            target = unquote(posixpath.normpath(path))
        return Relation(node.get("Id", ""), node.get("Type", "").rpartition("/")[2], target, external)

    def related(self, part: str, kind: str) -> list[str]:
        """The parts that a part refers to by relationships of a kind."""
        return [r.target for r in self.relations(part) if r.kind == kind and not r.external]

    @cached_property
    def workbook_part(self) -> str:
        return self.related("", "officeDocument")[0]

    @property
    def workbook(self) -> Any:
        return self.root(self.workbook_part)

    @cached_property
    def sheets(self) -> dict[str, SheetXml]:
        """The worksheets by name."""
        targets = {r.id: r for r in self.relations(self.workbook_part)}
        found = {}
        for node in self.workbook.iter(f"{MAIN}sheet"):
            relation = targets.get(node.get(REL_ID))
            if relation is not None and relation.kind == "worksheet" and self.has(relation.target):
                name = unescape(node.get("name", ""))
                found[name] = SheetXml(name, relation.target, self.root(relation.target))
        return found

    @cached_property
    def tables(self) -> list[TableXml]:
        """The Tables of all sheets."""
        return [
            TableXml(sheet, part, self.root(part))
            for sheet in self.sheets.values()
            for part in self.related(sheet.part, "table")
            if self.has(part)
        ]

    @cached_property
    def table_names(self) -> frozenset[str]:
        return frozenset(table.name for table in self.tables)

    @cached_property
    def strings(self) -> list[str]:
        """The shared strings as text."""
        parts = self.related(self.workbook_part, "sharedStrings")
        return [text_of(node) for node in self.root(parts[0]).iter(f"{MAIN}si")] if parts and self.has(parts[0]) else []

    @cached_property
    def styles(self) -> Any | None:
        parts = self.related(self.workbook_part, "styles")
        return self.root(parts[0]) if parts and self.has(parts[0]) else None

    def style_count(self, group: str) -> int:
        """How many of ``cellXfs``, ``dxfs``, ``fonts`` … there are."""
        found = self.styles.find(f"{MAIN}{group}") if self.styles is not None else None
        return 0 if found is None else len(found)

    def value(self, cell: CellXml) -> str | None:
        """A cell's text, number or code as text; None where it has none."""
        if cell.kind == "inlineStr":
            found = cell.node.find(f"{MAIN}is")
            return "" if found is None else text_of(found)
        if cell.kind == "s" and cell.text is not None:
            return (
                self.strings[int(cell.text)]
                if cell.text.isascii() and cell.text.isdigit() and int(cell.text) < len(self.strings)
                else None
            )
        return unescape(cell.text) if cell.text is not None and cell.kind == "str" else cell.text

    def formulas(self) -> Iterator[tuple[str, str, str]]:
        """Every formula of a cell or a Table's column: sheet, cell, text."""
        for sheet in self.sheets.values():
            for cell in sheet.cells:
                if cell.formula is not None and cell.formula.text:
                    yield sheet.name, cell.cell, cell.formula.text
        for table in self.tables:
            for tag in ("calculatedColumnFormula", "totalsRowFormula"):
                for node in table.root.iter(f"{MAIN}{tag}"):
                    yield table.sheet.name, f"{table.name}[{node.getparent().get('name')}]", node.text or ""


class SheetXml:
    """A worksheet's tree and the lists the rules ask for again and again."""

    def __init__(self, name: str, part: str, root: Any) -> None:
        self.name, self.part, self.root = name, part, root

    @cached_property
    def cells(self) -> list[CellXml]:
        """All cells in the order of the file."""
        out = []
        for node in self.root.iter(_CELL):
            formula = text = None
            for child in node:  # a plan has sixty thousand cells: asking for each child by name takes twice as long
                tag = child.tag
                if tag == _VALUE and text is None:
                    text = child.text or ""
                elif tag == _FORMULA and formula is None:
                    formula = child
            out.append(CellXml(node.get("r", "A1"), node, node.get("t", "n"), formula, text))
        return out

    @cached_property
    def named(self) -> Mapping[str, CellXml]:
        """The cells by their addresses."""
        return {cell.cell: cell for cell in self.cells}

    @cached_property
    def merged(self) -> list[Ref]:
        return [Ref.parse(node.get("ref", "")) for node in self.root.iter(f"{MAIN}mergeCell")]

    @cached_property
    def arrays(self) -> list[Ref]:
        """The areas of array formulas, spilling or not."""
        return [
            Ref.parse(c.formula.get("ref", "")) for c in self.cells if c.formula is not None and c.formula.get("t") == "array"
        ]

    def rules(self) -> Iterator[tuple[str, Any]]:
        """The conditional formats: where, and the rule's element."""
        for group in self.root.iter(f"{MAIN}conditionalFormatting"):
            for node in group.iter(f"{MAIN}cfRule"):
                yield group.get("sqref", ""), node

    def validations(self) -> Iterator[tuple[str, Any]]:
        """The data validations: where, and the element."""
        for node in self.root.iter(f"{MAIN}dataValidation"):
            yield node.get("sqref", ""), node


class TableXml:
    """A Table's part."""

    def __init__(self, sheet: SheetXml, part: str, root: Any) -> None:
        self.sheet, self.part, self.root = sheet, part, root
        self.name = unescape(root.get("displayName", ""))
        self.ref = Ref.parse(root.get("ref", "A1"))

    @property
    def columns(self) -> list[str]:
        return [unescape(node.get("name", "")) for node in self.root.iter(f"{MAIN}tableColumn")]


def _position(ref: str) -> tuple[int, int]:
    letters = ref.rstrip("0123456789")
    return int(ref[len(letters) :]), _column(letters)


_column = cache(column_number)


def text_of(node: Any) -> str:
    """The text of an ``si`` or ``is``, without phonetic guides."""
    skipped = {id(t) for guide in node.iter(f"{MAIN}rPh") for t in guide.iter(f"{MAIN}t")}
    return unescape("".join(t.text or "" for t in node.iter(f"{MAIN}t") if id(t) not in skipped))


def areas(sqref: str) -> list[Ref]:
    """The rectangles of a ``sqref``."""
    return [Ref.parse(text) for text in sqref.split()]


def _tried(look: Callable[[str], Text | None], text: str) -> Text | None:
    try:
        return look(text)
    except spelling.SpellingError:
        return Text("读不懂的内容", "what can't be read")


def _both(word: object) -> Text:
    """A detail that is no language's: a name, a formula, a number."""
    return Text(str(word), str(word))


# ------------------------------------------------------------------------------------------------------------------ the rules


def _format_grammar(book: Opened) -> Iterator[Place]:
    for sheet in book.sheets.values():
        for where, rule in sheet.rules():
            for node in rule.iter(f"{MAIN}formula"):
                fault = _tried(lambda text: grammar.fault_in_format(text, book.table_names), node.text or "")
                # A bare area is refused in a condition only; other kinds of rules bring formulas Excel wrote itself.
                if fault and (fault != grammar.BARE_AREA or rule.get("type") == "expression"):
                    yield sheet.name, where, fault + f": {node.text}"


def _validation_grammar(book: Opened) -> Iterator[Place]:
    for sheet in book.sheets.values():
        for where, node in sheet.validations():
            for tag in ("formula1", "formula2"):
                text = node.findtext(f"{MAIN}{tag}")
                kind = node.get("type", "none")
                fault = _tried(lambda t: grammar.fault_in_validation(t, kind, book.table_names), text) if text else None  # noqa: B023
                if fault:
                    yield sheet.name, where, fault + f": {text}"


def _validation_overlap(book: Opened) -> Iterator[Place]:
    for sheet in book.sheets.values():
        placed = [area for where, _ in sheet.validations() for area in areas(where)]
        for one, other in itertools.combinations(sorted(placed), 2):
            if one.meets(other):
                yield sheet.name, str(one), _both(other)


def _validation_lengths(book: Opened) -> Iterator[Place]:
    for sheet in book.sheets.values():
        for where, node in sheet.validations():
            choices = node.findtext(f"{MAIN}formula1") or ""
            if node.get("type") == "list" and choices.startswith('"') and len(choices) - 2 > LONGEST_CHOICES:
                yield sheet.name, where, Text(f"选项共 {len(choices) - 2} 字", f"{len(choices) - 2} characters of choices")
            for name, most in grammar.LONGEST_MESSAGES.items():
                if len(unescape(node.get(name, ""))) > most:
                    yield sheet.name, where, _both(f"{name} > {most}")


def _merged(book: Opened) -> Iterator[Place]:
    for sheet in book.sheets.values():
        taken = [*sheet.arrays, *(t.ref for t in book.tables if t.sheet is sheet)]
        for number, area in enumerate(sheet.merged):
            for other in [*taken, *sheet.merged[:number]]:
                if area.meets(other):
                    yield sheet.name, str(area), _both(other)


def _table_headers(book: Opened) -> Iterator[Place]:
    for table in book.tables:
        columns = table.columns
        if len(columns) != table.ref.last_col - table.ref.first_col + 1:
            yield (
                table.sheet.name,
                table.name,
                Text(f"{len(columns)} 列，区域 {table.ref}", f"{len(columns)} columns on {table.ref}"),
            )
        for name, count in Counter(column.lower() for column in columns).items():
            if count > 1:
                yield table.sheet.name, table.name, Text(f"两列都叫 {name}", f"two columns {name}")
        if table.root.get("headerRowCount", "1") == "0":
            continue
        for column, name in enumerate(columns, table.ref.first_col):
            cell = table.sheet.named.get(address(table.ref.first_row, column))
            text = book.value(cell) if cell is not None and cell.kind in ("s", "inlineStr", "str") else None
            if text is None or text.replace("\r\n", "\n") != name.replace("\r\n", "\n"):
                yield (
                    table.sheet.name,
                    address(table.ref.first_row, column),
                    Text(f"列名 {name}，单元格 {text}", f"{name} in the Table, {text} in the cell"),
                )


def _tables_apart(book: Opened) -> Iterator[Place]:
    names = Counter([t.name.lower() for t in book.tables])
    names.update(
        {node.get("name", "").lower() for node in book.workbook.iter(f"{MAIN}definedName") if not node.get("localSheetId")}
    )
    ids = Counter(t.root.get("id") for t in book.tables)
    for table in book.tables:
        if names[table.name.lower()] > 1 or ids[table.root.get("id")] > 1:
            yield table.sheet.name, table.name, Text("名称或编号被占用", "its name or number is taken")
        for array in table.sheet.arrays:
            if array.size > 1 and array.meets(table.ref):
                yield table.sheet.name, table.name, Text(f"数组公式 {array}", f"an array formula over {array}")
        for auto in table.root.iter(f"{MAIN}autoFilter"):
            area = Ref.parse(auto.get("ref", "A1"))
            if area[:2] != table.ref[:2] or area.last_col != table.ref.last_col or area.last_row > table.ref.last_row:
                yield (
                    table.sheet.name,
                    table.name,
                    Text(f"筛选区 {area}，表格 {table.ref}", f"its filter covers {area}, the Table {table.ref}"),
                )
    for one, other in itertools.combinations(book.tables, 2):
        if one.sheet is other.sheet and one.ref.meets(other.ref):
            yield one.sheet.name, one.name, Text(f"与 {other.name} 重叠", f"overlaps {other.name}")


def _names(book: Opened) -> Iterator[Place]:
    sheets = [node.get("name", "") for node in book.workbook.iter(f"{MAIN}sheet")]
    seen = Counter((node.get("name", "").lower(), node.get("localSheetId")) for node in book.workbook.iter(f"{MAIN}definedName"))
    for node in book.workbook.iter(f"{MAIN}definedName"):
        name, text, local = node.get("name", ""), node.text or "", node.get("localSheetId")
        plain = name.removeprefix("_xlnm.")
        if not grammar.legal_name(plain):
            yield "", name, Text("不是合法名称", "is no name")
        if seen[name.lower(), local] > 1:
            yield "", name, Text("定义了两次", "is defined twice")
        if local is not None and not (local.isdigit() and int(local) < len(sheets)):
            yield "", name, Text(f"属于第 {local} 张表", f"belongs to sheet number {local}")
        fault = _tried(grammar.fault_in_name, text)
        if fault and not (name.startswith("_xlnm.") and fault == grammar.NO_SHEET):
            yield "", name, fault + f": {text}"
        for missing in _missing_sheets(text, {sheet.lower() for sheet in sheets}):
            yield "", name, Text(f"没有工作表 {missing}", f"there is no sheet {missing}")


def _missing_sheets(text: str, known: Collection[str]) -> Iterator[str]:
    """``known``: the sheets' names in lower case."""
    if "!" not in text:
        return
    try:
        tokens = spelling.tokenize(text.removeprefix("=").strip())
    except spelling.SpellingError:
        return
    for token in tokens:
        if token.kind == "sheet" and "[" not in token.text and spelling.sheet_name(token.text).lower() not in known:
            yield spelling.sheet_name(token.text)


def _formula_limits(book: Opened) -> Iterator[Place]:
    checked: dict[str, Text | None] = {}
    for sheet, cell, text in book.formulas():
        if text not in checked:
            checked[text] = _tried(grammar.over_limits, text)
        if fault := checked[text]:
            yield sheet, cell, fault


def _future_functions(book: Opened) -> Iterator[Place]:
    checked: dict[str, str] = {}
    for sheet, cell, text in book.formulas():
        fault = checked.get(text)
        if fault is None:
            fault = checked[text] = ", ".join(sorted(_unprefixed(text)))
        if fault:
            yield sheet, cell, fault


def _unprefixed(text: str) -> set[str]:
    """Functions newer than the format that are not spelled as it wants them."""
    try:
        tokens = spelling.tokenize(text)
    except spelling.SpellingError:
        return set()
    return {
        t.text for t in tokens if t.kind == "func" and spelling.stored_function(t.text) != t.text and "_XL" not in t.text.upper()
    }


def _missing_references(book: Opened) -> Iterator[Place]:
    """Formulas that name a sheet or a link the workbook does not have."""
    sheets = [node.get("name", "") for node in book.workbook.iter(f"{MAIN}sheet")]
    known = {name.lower() for name in sheets}
    links = sum(1 for _ in book.workbook.iter(f"{MAIN}externalReference"))
    checked: dict[str, str] = {}
    for sheet, cell, text in book.formulas():
        fault = checked.get(text)
        if fault is None:
            beyond = [n for n in re.findall(r"\[(\d+)\][^\[\]]*?!", text) if int(n) > links]
            fault = checked[text] = ", ".join([*_missing_sheets(text, known), *(f"[{n}]" for n in beyond)])
        if fault:
            yield sheet, cell, fault


def _values(book: Opened) -> Iterator[Place]:
    for sheet in book.sheets.values():
        for cell in sheet.cells:
            if (fault := _value_fault(book, cell)) is not None:
                yield sheet.name, cell.cell, fault


def _value_fault(book: Opened, cell: CellXml) -> Text | None:
    text = cell.text
    if cell.kind == "e" and text not in ERRORS:
        return Text(f"错误值 {text}", f"the error {text}")
    if cell.kind == "b" and text not in ("0", "1"):
        return Text(f"逻辑值 {text}", f"the truth value {text}")
    if cell.kind == "s" and (text is None or book.value(cell) is None):
        return Text(f"第 {text} 号共享文本", f"the shared text number {text}")
    if cell.kind == "n" and text:
        wrong = Text(f"数字 {text}", f"the number {text}")
        try:
            number = float(text)
        except ValueError:
            return wrong
        return wrong if number - number != 0.0 else None
    if cell.kind not in ("n", "s", "b", "e", "str", "inlineStr", "d"):
        return Text(f"类型 {cell.kind}", f"the type {cell.kind}")
    return None


def _styles(book: Opened) -> Iterator[Place]:
    looks, formats = book.style_count("cellXfs"), book.style_count("dxfs")
    for sheet in book.sheets.values():
        for cell in sheet.cells:
            if int(cell.node.get("s", "0")) >= max(looks, 1):
                yield (
                    sheet.name,
                    cell.cell,
                    Text(f"样式 {cell.node.get('s')}，共 {looks} 种", f"style {cell.node.get('s')} of {looks}"),
                )
        for where, rule in sheet.rules():
            if int(rule.get("dxfId", "-1")) >= formats:
                yield (
                    sheet.name,
                    where,
                    Text(f"格式 {rule.get('dxfId')}，共 {formats} 种", f"format {rule.get('dxfId')} of {formats}"),
                )


RULES: tuple[Rule, ...] = (
    Rule(
        "format-grammar",
        Text("条件格式的公式 Excel 不认", "a conditional format holds a formula Excel does not allow there"),
        Text("改用单元格引用或名称", "use cells or defined names instead"),
        "[MS-OI29500] 3.2.3.1.2; [MS-XLSX] 2.2.2.2; [MS-XLSB] 2.5.98.6",
        _format_grammar,
    ),
    Rule(
        "validation-grammar",
        Text("数据验证的公式 Excel 不认", "a data validation holds a formula Excel does not allow there"),
        Text('列表改用 INDIRECT("表[列]")，其他改用单元格引用', 'for a list use INDIRECT("Table[column]"), else cells'),
        "[MS-OI29500] 3.2.3.1.3; [MS-XLSX] 2.2.2.3; [MS-XLSB] 2.5.98.8",
        _validation_grammar,
    ),
    Rule(
        "validation-overlap",
        Text("同一单元格有两条数据验证", "two data validations for one cell"),
        Text("只留一条", "keep one of them"),
        "ISO 29500-1 18.3.1.32; Aspose.Cells, Validation.addArea: overlapping areas may corrupt the file",
        _validation_overlap,
    ),
    Rule(
        "validation-length",
        Text("数据验证的选项或提示过长", "choices or message of a data validation are too long"),
        Text("选项不超过 255 字，标题不超过 32 字", "255 characters of choices or message, 32 of title"),
        "[MS-OI29500] 2.1.613 (prompt: 255, error: 224, titles: 32); XlsxWriter, data_validation(): list of 255",
        _validation_lengths,
    ),
    Rule(
        "merged",
        Text(
            "合并单元格压在表格、数组公式或其他合并区上", "merged cells lie over a Table, an array formula or other merged cells"
        ),
        Text("取消合并", "unmerge them"),
        "DevExpress, IXlMergedCells.Add (an invalid document); Infragistics, WorksheetMergedCellsRegion (no array formula)",
        _merged,
    ),
    Rule(
        "table-header",
        Text("表头与表格登记的列名不一致", "a header differs from the Table's own column name"),
        Text("在 Excel 里改回列名", "give the cell the column's name back"),
        "ISO 29500-1 18.5.1.3 (tableColumn@name: unique; the header cell's text); [MS-OI29500] 2.1.681 (255 characters)",
        _table_headers,
    ),
    Rule(
        "table-apart",
        Text(
            "表格重名、重叠，或筛选区与表格不符", "Tables of one name, over one another, over a spill, or with a filter elsewhere"
        ),
        Text("改名或移开", "rename or move one"),
        "ISO 29500-1, table (displayName unique among names, id unique), autoFilter@ref",
        _tables_apart,
    ),
    Rule(
        "name",
        Text("名称不合法、重复，或指向不存在的单元格", "a defined name that is not legal, doubled, or refers to nothing"),
        Text("在“公式 > 名称管理器”里改正或删除", "correct or delete it under Formulas > Name Manager"),
        "[MS-XLSB] 2.5.166; [MS-OI29500] 2.1.568, 3.2.3.1.4",
        _names,
    ),
    Rule(
        "formula-limit",
        Text("公式超出 Excel 的限制", "a formula beyond Excel's limits"),
        Text("拆成几个单元格", "split it over several cells"),
        "Microsoft, Excel specifications and limits: 8,192 characters, 64 levels, 255 arguments; texts of 255",
        _formula_limits,
    ),
    Rule(
        "future-function",
        Text(
            "新函数没有按文件格式的写法保存，Excel 显示 #NAME?",
            "a newer function without the file format's prefix: Excel shows #NAME?",
        ),
        Text("在 Excel 里重新输入该公式", "enter the formula anew in Excel"),
        "[MS-XLSX] 2.2.2 (future-function-list: _xlfn.)",
        _future_functions,
    ),
    Rule(
        "reference",
        Text("公式引用了不存在的工作表或链接", "a formula refers to a sheet or link that is not there"),
        Text("恢复该工作表，或改公式", "bring the sheet back or change the formula"),
        "ISO 29500-1, cell references; externalReference (counted from 1)",
        _missing_references,
    ),
    Rule(
        "value",
        Text("单元格的值 Excel 读不了", "a cell holds a value Excel can't read"),
        Text("重新输入该单元格", "enter the cell anew"),
        "ISO 29500-1, ST_CellType and the error codes of formulas",
        _values,
    ),
    Rule(
        "style",
        Text("单元格或条件格式用了不存在的样式", "a cell or conditional format uses a style that is not there"),
        Text("用 Excel 打开修复后另存", "open it in Excel, repair and save it"),
        "ISO 29500-1, c@s (index of cellXfs), 18.3.1.10 (cfRule@dxfId, index of dxfs)",
        _styles,
    ),
)


def lint(book: Opened, rules: Iterable[Rule] = RULES) -> list[Breach]:
    """Everything that breaks one of the rules."""
    found = ((rule.id, *place) for rule in rules for place in rule.look(book))
    return [Breach(id, sheet, where, detail if isinstance(detail, Text) else _both(detail)) for id, sheet, where, detail in found]
