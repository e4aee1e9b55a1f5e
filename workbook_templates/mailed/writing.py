"""A mailed workbook as bytes: fast, the same bytes for the same content, and nothing in it but what was put there.

The looks and the charts are openpyxl's, made once a process (``_styles``, ``drawn``); the cells are written here, so that a
formula carries its value, a chart its points, and a thousand statements take seconds. Texts are shared strings and can't
become formulas; those that look like one carry Excel's own text mark (quotePrefix), so that they stay texts when a person
edits them.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from xml.sax.saxutils import escape as _xml

from openpyxl import Workbook
from openpyxl.styles import Border, Side
from openpyxl.utils import column_index_from_string, get_column_letter

from udfs.text import Text
from udfs.values import total_of
from workbook_templates.answers import looks_like_formula
from workbook_templates.cells import Value, serial
from workbook_templates.page import style
from workbook_templates.xlsx.package import escape as _storable

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHARED = ' t="s"><v>'  # a cell whose text is a shared string; no text can look like it, since texts are escaped
_LONGEST = 32767  # characters a cell holds
letter = cache(get_column_letter)

# ------------------------------------------------------------------------------------------------------------- looks

# What a cell is, and what it shows: every pair is a look. The list is fixed so that the styles of all files are the same bytes.
_FORMATS = ("text", "inert", "word", "int", "fen", "money", "rate", "rate2", "times", "date", "wan")
_INDENTED = ("head", "cell", "wrapped", "line", "band", "sum", "input", "good", "warn", "bad", "caption")
_LEFT, _MIDDLE = ("text", "inert"), ("word", "date")
_SUM = Border(top=Side(style="thin", color=style.ACCENT), bottom=Side(style="double", color=style.ACCENT))
_HAIRLINE = Border(bottom=Side(style="thin", color="E3E8EF"))
_LOOKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "title": {"font": style.font(style.ACCENT, True, 16)},
    "heading": {"font": style.font(style.ACCENT, True, 11), "border": style.UNDER},
    "head": {"font": style.font(style.ACCENT, True, 10), "fill": style.fill(style.HEAD), "border": style.BOX, "wrap": True},
    "cell": {"border": _HAIRLINE},
    "wrapped": {"border": _HAIRLINE, "wrap": True},
    "line": {"font": style.font(bold=True), "fill": style.fill(style.BAND), "border": _HAIRLINE},
    "band": {"font": style.font(style.MUTED, size=10)},
    "muted": {"font": style.font(style.MUTED, size=10)},
    "small": {"font": style.font(style.MUTED, size=10), "wrap": True, "vertical": "top"},
    "hero": {"font": style.font(style.ACCENT, True, 22)},
    "figure": {"font": style.font(bold=True, size=12), "fill": style.fill(style.BAND)},
    "caption": {"font": style.font(style.MUTED, size=10), "fill": style.fill(style.BAND)},
    "sum": {"font": style.font(bold=True), "border": _SUM},
    "input": {"font": style.font(style.INPUT), "fill": style.fill(style.INPUT_FILL), "border": style.BOX, "wrap": True},
    "good": {"font": style.font(style.GREEN_INK, True), "fill": style.fill(style.GREEN), "border": _HAIRLINE},
    "warn": {"font": style.font(style.AMBER_INK, True), "fill": style.fill(style.AMBER), "border": _HAIRLINE},
    "bad": {"font": style.font(style.RED_INK, True), "fill": style.fill(style.RED), "border": _HAIRLINE},
}


@cache
def _styles(lang: str) -> tuple[dict[tuple[str, str], int], bytes, bytes]:
    """The number of each look, and the parts that define them: styles and theme."""
    book = Workbook()
    book._named_styles[0].font = book._fonts[0] = style.font()
    sheet, numbers = book.active, {}
    for look, spec in _LOOKS.items():
        for fmt in _FORMATS:
            cell = sheet.cell(1, 1)
            cell._style = type(cell._style)()
            cell.font = spec.get("font", style.font())
            for part in ("fill", "border"):
                if part in spec:
                    setattr(cell, part, spec[part])
            cell.number_format = style.number_format("text" if fmt == "inert" else fmt, lang)
            side = "left" if fmt in _LEFT or look == "hero" else "center" if fmt in _MIDDLE else "right"
            indent = 1 if look in _INDENTED and fmt in _LEFT else 0
            cell.alignment = style.align(side, spec.get("wrap", False), spec.get("vertical", "center"), indent)
            cell.quotePrefix = fmt == "inert"
            numbers[look, fmt] = cell.style_id
    content = io.BytesIO()
    book.save(content)
    with zipfile.ZipFile(content) as parts:
        return numbers, parts.read("xl/styles.xml"), parts.read("xl/theme/theme1.xml")


# ------------------------------------------------------------------------------------------------------------ charts


@dataclass(frozen=True)
class _Words:
    """The language a chart is drawn in."""

    lang: str

    def t(self, text: Text | str) -> str:
        return text if not isinstance(text, Text) else text.en if self.lang == "en" else text.zh

    def format(self, name: str) -> str:
        return style.number_format(name, self.lang)


@dataclass(frozen=True)
class _Canvas:
    sheet: Any
    plan: _Words


Draw = Callable[[Any], None]
_REFERENCE = re.compile(
    r"<((?:\w+:)?)(num|str)Ref>\s*<(?:\w+:)?f>([^<]*)</(?:\w+:)?f>(?:<(?:\w+:)?(?:num|str)Cache>.*?</(?:\w+:)?(?:num|str)Cache>)?",
    re.S,
)


@cache
def drawn(draw: Draw, title: str, lang: str) -> tuple[bytes, tuple[tuple[str | tuple[str, str, str], ...], ...]]:
    """The charts that ``draw`` puts on a sheet of this title: the drawing, and each chart cut at its references."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    draw(_Canvas(sheet, _Words(lang)))
    content = io.BytesIO()
    book.save(content)
    with zipfile.ZipFile(content) as parts:
        charts = [parts.read(f"xl/charts/chart{n}.xml").decode() for n in range(1, len(sheet._charts) + 1)]
        return parts.read("xl/drawings/drawing1.xml"), tuple(_cut(chart) for chart in charts)


def _cut(chart: str) -> tuple[str | tuple[str, str, str], ...]:
    pieces: list[str | tuple[str, str, str]] = []
    end = 0
    for found in _REFERENCE.finditer(chart):
        pieces += [chart[end : found.start()], (found[1], found[2], found[3])]
        end = found.end()
    return (*pieces, chart[end:])


# ------------------------------------------------------------------------------------------------------------ sheets


@dataclass
class MailedSheet:
    """A sheet in the making; cells are put by row and column, both from 1."""

    title: str
    widths: Sequence[float]  # of the columns A, B, …
    landscape: bool = False
    frozen: int = 0  # rows that stay on top
    repeated: str = ""  # rows printed on every page, as $1:$6
    draw: Draw | None = None
    points: str = ""  # the sheet the charts' points stand on, where it is another
    cells: dict[int, dict[int, tuple[Value, str | None, str, str]]] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)
    heights: dict[int, float] = field(default_factory=dict)
    lists: list[tuple[str, str, Text]] = field(default_factory=list)  # cells, where the choices stand, the hint

    def put(self, row: int, column: int, value: Any, look: str = "cell", fmt: str = "text", formula: str | None = None) -> None:
        """One cell: a value, or a formula and the value it has."""
        if isinstance(value, dt.date):
            value, fmt = serial(value), "date"
        elif isinstance(value, str):
            value = value[:_LONGEST]
            if formula is None and fmt == "text" and (looks_like_formula(value) or value.startswith("'")):
                fmt = "inert"
        self.cells.setdefault(row, {})[column] = (value, formula, look, fmt)

    def across(
        self, row: int, values: Sequence[Any], look: str = "cell", fmts: Sequence[str] | str = "text", first: int = 2
    ) -> None:
        """Cells beside each other."""
        for place, value in enumerate(values):
            self.put(row, first + place, value, look, fmts if isinstance(fmts, str) else fmts[place])

    def head(self, row: int, names: Sequence[Any], fmts: Sequence[str]) -> None:
        """The header of columns, each aligned as what stands below it."""
        self.across(row, [str(name) for name in names], "head", fmts)

    def heading(self, row: int, text: Any, until: int, first: int = 2) -> None:
        """A line that begins a block."""
        for column in range(first, until + 1):
            self.put(row, column, None, "heading")
        self.put(row, first, str(text), "heading")
        self.heights[row] = 22

    def wide(self, row: int, first: int, last: int, value: str, look: str = "small", least: float = 15.0) -> None:
        """A text over several columns, as high as it needs."""
        for column in range(first, last + 1):
            self.put(row, column, None, look)
        self.put(row, first, value, look)
        if last > first:
            self.merged.append(f"{letter(first)}{row}:{letter(last)}{row}")
        room = sum(self.widths[c - 1] for c in range(first, last + 1)) - 3
        lines = style.lines_needed(value, room)
        self.heights[row] = max(self.heights.get(row, 0), least, 14.0 * lines + 2)

    def begin(
        self, title: str, company: str, pairs: Sequence[tuple[Text | str, str, Text | str, str]], spans: tuple[int, int, int, int]
    ) -> None:
        """The head of a front page: what it is, whose, and pairs of labels and words; ``spans`` are the columns of the words."""
        self.put(1, 2, title, "title")
        self.heights[1] = 30
        self.put(2, 2, company, "muted")
        first, until, second, last = spans
        for row, (label, value, other, said) in enumerate(pairs, 4):
            self.put(row, first - 1, str(label), "muted")
            self.wide(row, first, until, value, "wrapped")
            self.put(row, second - 1, str(other), "muted")
            self.wide(row, second, last, said, "wrapped")

    def hero(
        self, row: int, label: str, amount: float | None, formula: str | None, said: str, look: str, columns: tuple[int, int, int]
    ) -> None:
        """The number the workbook is about, large, and beside it what to think of it."""
        first, middle, last = columns
        for column in range(first, last + 1):
            self.put(row - 1, column, None, "caption")
            self.put(row, column, None, "caption" if column <= middle else look)
        self.put(row - 1, first, label, "caption")
        self.put(row, first, amount, "hero", "fen", formula)
        self.put(row, middle + 1, said, look)
        self.merged += [f"{at(row, first)}:{at(row, middle)}", f"{at(row, middle + 1)}:{at(row, last)}"]
        self.heights[row] = 36

    def sums(self, row: int, label: str, columns: Sequence[int], first: int, last: int, until: int) -> None:
        """A line of sums over the rows from ``first`` to ``last``."""
        for column in range(2, until + 1):
            self.put(row, column, None, "sum")
        self.put(row, 2, label, "sum")
        for column in columns:
            values = [v for r in range(first, last + 1) if isinstance(v := self.value(r, column), int | float)]
            self.put(row, column, total_of(values), "sum", "fen", f"SUM({at(first, column)}:{at(last, column)})")

    def value(self, row: int, column: int) -> Value:
        """What a cell shows."""
        return self.cells.get(row, {}).get(column, (None,))[0]


def at(row: int, column: int) -> str:
    """The address of a cell, as formulas name it."""
    return f"{letter(column)}{row}"


def beside(sheet: str, row: int, column: int) -> str:
    """The address of a cell on another sheet."""
    return f"{_quoted(sheet)}!{at(row, column)}"


def _quoted(title: str) -> str:
    return "'" + title.replace("'", "''") + "'"


# ------------------------------------------------------------------------------------------------------- the package


def workbook(sheets: Sequence[MailedSheet], company: str, title: str, lang: str, made: dt.date, footer: str = "") -> bytes:
    """The file: the same content gives the same bytes, whoever makes it and whenever."""
    numbers, styles, theme = _styles(lang)
    strings: dict[str, int] = {}
    parts: dict[str, str | bytes] = {"xl/styles.xml": styles, "xl/theme/theme1.xml": theme}
    links = [("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)]
    links += [("styles", "styles.xml"), ("theme", "theme/theme1.xml"), ("sharedStrings", "sharedStrings.xml")]
    kinds: list[tuple[str, str]] = []
    charts = 0
    by_title = {sheet.title: sheet for sheet in sheets}
    for number, sheet in enumerate(sheets, 1):
        parts[f"xl/worksheets/sheet{number}.xml"] = _worksheet(sheet, numbers, strings, company, footer, number == 1)
        kinds.append((f"/xl/worksheets/sheet{number}.xml", f"{_SHEET_TYPE}worksheet+xml"))
        if sheet.draw is not None:
            drawing, cut = drawn(sheet.draw, sheet.points or sheet.title, lang)
            names = [f"charts/chart{charts + n}.xml" for n in range(1, len(cut) + 1)]
            charts += len(cut)
            parts[f"xl/worksheets/_rels/sheet{number}.xml.rels"] = _relations([("drawing", f"../drawings/drawing{number}.xml")])
            parts[f"xl/drawings/drawing{number}.xml"] = drawing
            parts[f"xl/drawings/_rels/drawing{number}.xml.rels"] = _relations([("chart", f"../{name}") for name in names])
            kinds.append((f"/xl/drawings/drawing{number}.xml", "application/vnd.openxmlformats-officedocument.drawing+xml"))
            for name, pieces in zip(names, cut, strict=True):
                parts[f"xl/{name}"] = _chart(pieces, by_title)
                kinds.append((f"/xl/{name}", "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"))
    used = sum(text.count(_SHARED) for text in parts.values() if isinstance(text, str))
    parts["xl/sharedStrings.xml"] = _strings(strings, used)
    parts["xl/workbook.xml"] = _book(sheets)
    parts["xl/_rels/workbook.xml.rels"] = _relations(links)
    parts["docProps/core.xml"] = _core(company, title, made)
    parts["docProps/app.xml"] = (
        f'{_HEAD}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
    )
    parts["_rels/.rels"] = _ROOT_RELATIONS
    return _zipped({"[Content_Types].xml": _types(kinds), **parts})


_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_ROOT_RELATIONS = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
    f'<Relationship Id="rId3" Type="{_OFFICE}/extended-properties" Target="docProps/app.xml"/></Relationships>'
)


def _zipped(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0  # the same on every platform
            archive.writestr(info, content)
    return out.getvalue()


def _types(kinds: Sequence[tuple[str, str]]) -> str:
    fixed = (
        ("/xl/workbook.xml", f"{_SHEET_TYPE}sheet.main+xml"),
        ("/xl/styles.xml", f"{_SHEET_TYPE}styles+xml"),
        ("/xl/sharedStrings.xml", f"{_SHEET_TYPE}sharedStrings+xml"),
        ("/xl/theme/theme1.xml", "application/vnd.openxmlformats-officedocument.theme+xml"),
        ("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"),
        ("/docProps/app.xml", "application/vnd.openxmlformats-officedocument.extended-properties+xml"),
    )
    rows = "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in (*fixed, *kinds))
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{rows}</Types>'
    )


def _relations(links: Sequence[tuple[str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for n, (kind, target) in enumerate(links, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def _book(sheets: Sequence[MailedSheet]) -> str:
    listed = "".join(f'<sheet name={_attribute(s.title)} sheetId="{n}" r:id="rId{n}"/>' for n, s in enumerate(sheets, 1))
    titles = "".join(
        f'<definedName name="_xlnm.Print_Titles" localSheetId="{n}">{_text(_quoted(s.title))}!{s.repeated}</definedName>'
        for n, s in enumerate(sheets)
        if s.repeated
    )
    names = f"<definedNames>{titles}</definedNames>" if titles else ""
    return (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><workbookPr/><bookViews><workbookView activeTab="0"/></bookViews>'
        f'<sheets>{listed}</sheets>{names}<calcPr calcId="191029"/></workbook>'
    )


def _core(company: str, title: str, made: dt.date) -> str:
    when = f"{made:%Y-%m-%d}T00:00:00Z"
    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{_text(title)}</dc:title><dc:creator>{_text(company)}</dc:creator>"
        f"<cp:lastModifiedBy>{_text(company)}</cp:lastModifiedBy>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{when}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{when}</dcterms:modified></cp:coreProperties>'
    )


def _text(value: str) -> str:
    return _xml(_storable(value))


def _attribute(value: str) -> str:
    return '"' + _xml(_storable(value), {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"}) + '"'


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def _strings(strings: Mapping[str, int], used: int) -> str:
    items = "".join(f'<si><t xml:space="preserve">{_text(s)}</t></si>' for s in strings)
    return f'{_HEAD}<sst xmlns="{_MAIN}" count="{used}" uniqueCount="{len(strings)}">{items}</sst>'


def _worksheet(
    sheet: MailedSheet, numbers: Mapping[tuple[str, str], int], strings: dict[str, int], company: str, footer: str, first: bool
) -> str:
    rows = sorted(sheet.cells)
    last = max((c for row in sheet.cells.values() for c in row), default=1)
    out = [
        (
            f'{_HEAD}<worksheet xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheetPr><tabColor rgb="FF{style.ACCENT}"/>'
            f'<pageSetUpPr fitToPage="1"/></sheetPr><dimension ref="A1:{at(max(rows, default=1), last)}"/>'
            f'<sheetViews><sheetView showGridLines="0" tabSelected="{int(first)}" '
            f'workbookViewId="0">{_pane(sheet)}</sheetView></sheetViews>'
            f'<sheetFormatPr defaultRowHeight="{_ROW_TALL:g}" customHeight="1"/><cols>'
        )
    ]
    out += [f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(sheet.widths, 1)]
    out.append("</cols><sheetData>")
    for row in rows:
        height = sheet.heights.get(row)
        out.append(f'<row r="{row}" ht="{height}" customHeight="1">' if height else f'<row r="{row}">')
        cells = sheet.cells[row]
        out += [_cell(row, column, *cells[column], numbers, strings) for column in sorted(cells)]
        out.append("</row>")
    out.append("</sheetData>")
    if sheet.merged:
        out.append(
            f'<mergeCells count="{len(sheet.merged)}">'
            + "".join(f'<mergeCell ref="{m}"/>' for m in sheet.merged)
            + "</mergeCells>"
        )
    if sheet.lists:
        out.append(
            f'<dataValidations count="{len(sheet.lists)}">' + "".join(_choice(*one) for one in sheet.lists) + "</dataValidations>"
        )
    out.append(_print(sheet, company, footer))
    out.append('<drawing r:id="rId1"/></worksheet>' if sheet.draw is not None else "</worksheet>")
    return "".join(out)


def _cell(
    row: int,
    column: int,
    value: Value,
    formula: str | None,
    look: str,
    fmt: str,
    numbers: Mapping[tuple[str, str], int],
    strings: dict[str, int],
) -> str:
    start = f'<c r="{letter(column)}{row}" s="{numbers[look, fmt]}"'
    written = f"<f>{_xml(formula)}</f>" if formula is not None else ""
    if value is None:
        return f"{start}>{written}</c>" if written else f"{start}/>"
    if isinstance(value, str):
        if written:
            return f'{start} t="str">{written}<v>{_text(value)}</v></c>'
        return f"{start}{_SHARED}{strings.setdefault(value, len(strings))}</v></c>"
    return f"{start}>{written}<v>{_number(value)}</v></c>"


def _pane(sheet: MailedSheet) -> str:
    if not sheet.frozen:
        return ""
    top = f"A{sheet.frozen + 1}"
    return f'<pane ySplit="{sheet.frozen}" topLeftCell="{top}" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft" activeCell="{top}" sqref="{top}"/>'


def _choice(cells: str, source: str, hint: Text) -> str:
    return (
        f'<dataValidation type="list" allowBlank="1" showInputMessage="1" sqref="{cells}" prompt={_attribute(str(hint))}>'
        f"<formula1>{_text(source)}</formula1></dataValidation>"
    )


def _print(sheet: MailedSheet, company: str, footer: str) -> str:
    orientation = "landscape" if sheet.landscape else "portrait"
    page = str(Text("第 &P 页，共 &N 页", "Page &P of &N"))
    marks = f'&L&"{style.FONT}"&8{_marked(company)}&C&"{style.FONT}"&8{page}&R&"{style.FONT}"&8{_marked(footer)}'
    return (
        '<printOptions horizontalCentered="1"/><pageMargins left="0.5" right="0.5" top="0.6" bottom="0.65" header="0.3" '
        'footer="0.3"/>'
        f'<pageSetup paperSize="9" orientation="{orientation}" fitToWidth="1" fitToHeight="{int(_a_page(sheet))}"/>'
        f"<headerFooter><oddFooter>{_text(marks)}</oddFooter></headerFooter>"
    )


_ROW_TALL, _LITTLE_LONGER = 16.0, 1.35  # points of a row of its own height; pages that are printed on one
_PAPER = {False: (523.0, 752.0), True: (770.0, 505.0)}  # points across and down what A4 has between the margins, by landscape


def _a_page(sheet: MailedSheet) -> bool:
    """Whether a sheet is a page: one that is a few rows longer is printed a little smaller, so that no rows stand alone on the next."""
    across, down = _PAPER[sheet.landscape]
    wide = sum(5.25 * width + 3.75 for width in sheet.widths)  # a digit and a column's edges, in points
    tall = sum(sheet.heights.get(row, _ROW_TALL) for row in range(1, max(sheet.cells, default=1) + 1))
    return tall * min(1.0, across / wide) / down <= _LITTLE_LONGER


def _marked(text: str) -> str:
    """A text in a header or footer: ``&`` begins a code there, and 255 characters are the limit of the whole."""
    short = text[:50].replace("&", "&&")
    return f" {short}" if short[:1].isdigit() else short  # the size before it ends where no digit follows


# -------------------------------------------------------------------------------------------------------- chart caches


def _chart(pieces: Sequence[str | tuple[str, str, str]], sheets: Mapping[str, MailedSheet]) -> str:
    whole = "".join(piece if isinstance(piece, str) else _filled(*piece, sheets) for piece in pieces)
    return _SERIES.sub(lambda series: _name_seen(series[0]), whole)


_SERIES = re.compile(r"<((?:\w+:)?)ser>.*?</\1ser>", re.S)
_NAME = re.compile(r'(?<=dLbl>)(<(?:\w+:)?idx val=")(\d+)(?=")')
_VALUES = re.compile(r"<((?:\w+:)?)val>.*?</\1val>", re.S)


def _name_seen(series: str) -> str:
    """A series' name stands at its last point; of a year that is not over, as far before the last month there is."""
    name, values = _NAME.search(series), _VALUES.search(series)
    points = [int(place) for place in re.findall(r'pt idx="(\d+)"', values[0])] if values is not None else []
    if name is None or values is None or not points or int(name[2]) in points:
        return series
    before_end = int(re.findall(r'ptCount val="(\d+)"', values[0])[0]) - 1 - int(name[2])
    place = max((point for point in points if point <= points[-1] - before_end), default=points[-1])
    return f"{series[: name.start()]}{name[1]}{place}{series[name.end() :]}"


def _filled(prefix: str, kind: str, reference: str, sheets: Mapping[str, MailedSheet]) -> str:
    """A reference with the points it has now."""
    values = _values(_unescaped(reference), sheets)
    points = "".join(
        f'<{prefix}pt idx="{n}"><{prefix}v>{_number(v) if isinstance(v, int | float) else _text(str(v))}</{prefix}v></{prefix}pt>'
        for n, v in enumerate(values)
        if v is not None
    )
    shown = f"<{prefix}formatCode>General</{prefix}formatCode>" if kind == "num" else ""
    cache_ = f'<{prefix}{kind}Cache>{shown}<{prefix}ptCount val="{len(values)}"/>{points}</{prefix}{kind}Cache>'
    return f"<{prefix}{kind}Ref><{prefix}f>{reference}</{prefix}f>{cache_}"


def _unescaped(text: str) -> str:
    return text.replace("&apos;", "'").replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


_AREA = re.compile(r"'?((?:[^']|'')+?)'?!\$([A-Z]+)\$(\d+)(?::\$([A-Z]+)\$(\d+))?")


def _values(reference: str, sheets: Mapping[str, MailedSheet]) -> list[Value]:
    found = _AREA.fullmatch(reference)
    assert found is not None, f"a chart's reference: {reference}"
    sheet = sheets[found[1].replace("''", "'")]
    first, last = column_index_from_string(found[2]), column_index_from_string(found[4] or found[2])
    rows = range(int(found[3]), int(found[5] or found[3]) + 1)
    return [sheet.value(row, column) for row in rows for column in range(first, last + 1)]
