"""Plan and Page: with them a sheet module reads like the sheet it makes.

Formulas are written as a manager types them; :meth:`Plan.finish` gives them Excel's file spelling, colours those that fetch from
other sheets, and refuses names and Tables that nobody defined. Values are not computed here.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.packaging.relationship import Relationship
from openpyxl.styles import NamedStyle
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import absolute_coordinate, column_index_from_string, coordinate_to_tuple, get_column_letter, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.workbook.external_link.external import ExternalBook, ExternalDefinedName, ExternalLink
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import Outline, PageSetupProperties
from openpyxl.worksheet.table import Table, TableColumn, TableFormula, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from udfs.policy import POLICIES
from udfs.text import Text
from workbook_templates import registry
from workbook_templates.formulas import grammar, shapes, spelling
from workbook_templates.formulas.intersection import needs_array
from workbook_templates.formulas.shapes import shape_of, words_of
from workbook_templates.page import joining, navigation, style
from workbook_templates.page.judged import Formats, Judged
from workbook_templates.page.watches import NO_DATA, Watch
from workbook_templates.tables import schema, switches
from workbook_templates.tables.schema import Column, Company, TableSpec, Word
from workbook_templates.xlsx.addin_link import ADDIN, XL_STARTUP
from workbook_templates.xlsx.charts import ROOM
from workbook_templates.xlsx.package import Ref
from workbook_templates.xlsx.refs import MAX_ROW, as_far_as

FIRST_ROW = 5  # below the title block
_USUAL, _WIDE, _SHAPE = 9.0, 14.0, 2.5  # the width of a column nobody said; up to which one a light's shape needs room; how much
LONGEST_LIST = 257  # 255 characters and the quotes around them
MOST_PRINTED = 200  # rows of a Table that are printed; a longer one is data, and looked at on the screen
_LARGE_ZH, _LARGE_EN = 1e8, 1e7  # yuan of a plan from which on its axes are in 亿 and in millions
_CHART_DATA, _LAST_RECORD = "chart_data", 999.0
_PAPER = 206.0  # columns of a digit on a page that is printed at 71 %, which is read without a glass
_FULL, _TALL, _ROW_TALL = (
    146.0,
    500.0,
    17.0,
)  # such columns on a page at full size; points from its top to its foot, and of a usual row
_LITTLE_LONGER, _A_LINE_LONGER = 1.6, 1.05  # pages of a view, and of another sheet, that are printed on one
_TALLEST = _TALL / 0.7  # points on a page whose letters are read without a glass
_MOST_PAGES = 2  # of a sheet that is no view; a view has one
_MARGIN = 2.5  # the first column
_GAP = 3.0  # a column that keeps two blocks apart
_SAID = 3  # the row in which a sheet says what it is for
_POINTS_A_CM, _EMU_A_POINT = 72 / 2.54, 12700
_CENTRED, _TEXTS = ("word", "flag", "date", "period", "quarter", "score"), ("text", "id")  # kinds of columns; figures stand right
_SETTLED = ("locked", "paid")
_RATES = ("rate", "rate2")
_PLAIN = re.compile(r"[^\W\d]\w*")
# The bands of a wide Table: the name and the ground of each.
BANDS = (
    (Text("身份", "Who"), style.HEAD),
    (Text("判断", "Judgement"), style.TIER_FILLS["B"][0]),
    (Text("明细", "Details"), style.ROLES["locked"].ground),
)
NOT_PRINTED = Text("数据表默认不打印", "Data are not printed unless asked for")
CUT = Text("更右的列只在屏幕上看", "Columns further right are read on the screen")
MORE = Text("其余在屏幕上看", "The rest is read on the screen")
UNSEEN = ";;;"  # the format of a cell that others count with and nobody reads
_FIELD = re.compile(r"\{(?:(\w+)\.)?(\w+)\}")
_WORD = re.compile(r"\{(\w+)\.(\w+)=(\w+)\}")
_LOCAL = re.compile(r"(?<![\w.$!':])\$?[A-Z]{1,3}\$?\d+(?![\w(.])")  # a cell without its sheet
_QUOTED = re.compile(r'"[^"]*"')


class BuildError(ValueError):
    """A sheet module asked for something that does not exist."""


# ------------------------------------------------------------------------------------------------------------ Tables by column


class Headers:
    """``D.header.revenue``: the header text itself."""

    def __init__(self, spec: TableSpec, lang: str) -> None:
        self._spec, self._lang = spec, lang

    def __getattr__(self, key: str) -> str:
        header = self._spec[key].header
        return header.en if self._lang == "en" else header.zh


class ThisRow:
    """``D.this.revenue``: the cell of the formula's own row."""

    def __init__(self, headers: Headers) -> None:
        self._headers = headers

    def __getattr__(self, key: str) -> str:
        header = getattr(self._headers, key)
        return f"[@{header}]" if _PLAIN.fullmatch(header) else f"[@[{spelling.escape_column(header)}]]"


class Handle:
    """A Table in formulas: ``D.revenue`` is ``Deals[收入]``, ``D.this.revenue`` ``[@收入]``, ``D.all`` ``Deals``."""

    def __init__(self, spec: TableSpec, lang: str) -> None:
        self.spec = spec
        self.header = Headers(spec, lang)
        self.this = ThisRow(self.header)
        self.all = spec.name

    def __getattr__(self, key: str) -> str:
        if key.startswith("__"):
            raise AttributeError(key)
        return f"{self.spec.name}[{spelling.escape_column(getattr(self.header, key))}]"


# ----------------------------------------------------------------------------------------------------------------- the workbook


@dataclass
class Written:
    """A formula that waits for its file spelling. ``ref`` is the extent of a dynamic array, ``cells`` a column that all say it.

    ``single``: it has one result.
    """

    sheet: Worksheet
    cell: str
    text: str
    ref: str = ""
    table: str | None = None
    single: bool = False
    cells: Sequence[Cell] = ()

    @property
    def targets(self) -> Sequence[Cell]:
        """The cells that hold it."""
        return self.cells or (self.sheet[self.cell],)

    @property
    def shown(self) -> Iterable[Cell]:
        """The cells that show its result."""
        return (cell for row in self.sheet[self.ref] for cell in row) if ":" in self.ref else self.targets


@dataclass
class Plan:
    """The workbook that is being made; ``pages`` in the order the modules made them."""

    lang: str
    company: Company
    strict: bool = True
    book: Workbook = field(default_factory=Workbook)
    pages: dict[str, Page] = field(default_factory=dict)
    moved: dict[str, tuple[str, str]] = field(
        default_factory=dict
    )  # page that stands on another's sheet → (that, its first cell)
    redirected: dict[str, str] = field(default_factory=dict)  # where a page that moved was, as links say it → where it is
    names: dict[str, tuple[str, str]] = field(default_factory=dict)  # name → (sheet, absolute range)
    taken: set[str] = field(default_factory=lambda: {table.lower() for table in schema.TABLES})  # names, in lower case
    tables: dict[str, str] = field(default_factory=dict)  # Table → sheet
    chapters: dict[str, int] = field(default_factory=dict)  # sheet → chapter, once it is known
    formulas: list[Written] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)  # name → who asked first
    functions: set[str] = field(default_factory=set)
    watches: dict[str, Watch] = field(default_factory=dict)
    inked: set[str] = field(default_factory=set)  # screens: all on them comes from elsewhere, so its colour tells nothing
    looks: dict[tuple[Any, ...], tuple[StyleArray, Any]] = field(default_factory=dict)  # Page._style's memory
    formats: Formats = field(init=False)
    messages: int = 0  # titles of charts so far
    building: int = 0  # the chapter whose sheet is being built
    _spelled: dict[tuple[str, str | None, str], tuple[str, bool]] = field(default_factory=dict)
    _colored: dict[tuple[tuple[int, ...], str], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.formats = Formats(self.lang)
        self.book.remove(self.book.active)
        normal = next(s for s in self.book._named_styles if s.name == "Normal")
        assert isinstance(normal, NamedStyle)
        normal.font = style.font()
        self.book._fonts[0] = style.font()

    # -- words of the workbook
    def t(self, text: Text | str) -> str:
        """A text in the workbook's language."""
        if not isinstance(text, Text):
            return text
        return text.en if self.lang == "en" else text.zh

    def quoted(self, text: Text | str) -> str:
        """A word as it stands in a formula."""
        return '"' + self.t(text).replace('"', '""') + '"'

    def counts_as(self, column: str, words: Iterable[Word], code: str) -> str:
        """Whether cells of a column hold a word that counts as one of ours: a company may have several of them, or none."""
        mine = [self.quoted(word.label) for word in words if (word.like or word.code) == code]
        # A sum, also of one: Excel takes FALSE for more than any number.
        return f"({'+'.join(f'({column}={word})*1' for word in mine) or f'ISERROR({column})*0'}>0)"

    def format(self, name: str) -> str:
        """A number format by name, in the workbook's language; "axis" is that of axes of money."""
        return style.number_format(self.axis[0] if name == "axis" else name, self.lang)

    @cached_property
    def axis(self) -> tuple[str, Text]:
        """In what the axes of the company's bookings are, by its plan's size: the format, and the unit that their titles say.

        One unit for all. A plan that begins empty has none yet: its axes say the unit beside each figure.
        """
        keys = ("buyers", "spend", "serviceable", "coverage", "win_rate")
        size = sum(math.prod(float(row.get(key) or 0) for key in keys) for row in self.rows("Regions"))
        if size <= 0:
            return "any", Text("元", "yuan")
        large = size >= (_LARGE_EN if self.lang == "en" else _LARGE_ZH)
        return ("yi", Text("亿元", "million yuan")) if large else ("wan", Text("万元", "thousand yuan"))

    def per_axis(self, title: Text) -> Text:
        """The title of an axis of money, with its unit."""
        unit = self.axis[1]
        return Text(f"{title.zh}（{unit.zh}）", f"{title.en} ({unit.en})")

    def say(self, formula: str) -> str:
        """A formula, without its =, for money in a sentence: in 亿 or 万 by its size, as people say it.

        (Plain numbers and no 1E8, which LibreOffice writes out on saving.)
        """
        large, small = (least for least, _ in self.formats.scales())
        if self.lang == "en":
            words = (f'FIXED({formula}/1000000,1)&"M"', f'FIXED({formula}/1000,0)&"k"', f'FIXED({formula},0)&" yuan"')
        else:
            words = (f'FIXED({formula}/100000000,2)&"亿"', f'FIXED({formula}/10000,0)&"万"', f'FIXED({formula},0)&"元"')
        return f"IF(ABS({formula})>={large:.15g},{words[0]},IF(ABS({formula})>={small:.15g},{words[1]},{words[2]}))"

    # -- what formulas refer to
    def table(self, name: str) -> Handle:
        """The handle of a Table of the schema."""
        return Handle(schema.table(name), self.lang)

    def rows(self, name: str) -> Sequence[schema.Row]:
        """The company's rows of a Table."""
        return self.company.of(name)

    def count(self, name: str) -> int:
        """How many rows the Table will have: a Table has one at least."""
        return max(1, len(self.rows(name)))

    def moves(self, key: str) -> str:
        """The arguments that ASOF, CARRIED and COMMISSIONDUE take transfers by: who, since when, which new ``key``."""
        transfers = self.table("Transfers")
        return ",".join((transfers.person, transfers.valid_from, getattr(transfers, key)))

    def policy(self, key: str) -> str:
        """The defined name of a policy value on the Settings sheet."""
        if key not in POLICIES:
            raise BuildError(f"no policy {key!r}")
        return self.name(POLICIES[key].range_name)

    def name(self, name: str) -> str:
        """A defined name that some sheet must define before the end."""
        self.asked.setdefault(name, "a formula")
        return name

    # -- chapters
    def in_use(self, number: int) -> bool:
        """Whether the company uses a chapter."""
        return number in registry.numbered() and (self.company.chapters is None or number in self.company.chapters)

    def switched(self, number: int, formula: str, instead: str | None = None) -> str:
        """A formula of a chapter, without its =, that says the word for off (or ``instead``) while the chapter is
        switched off."""
        if number == 0:
            return formula
        self.name(switches.SWITCHES)
        return switches.guard(number, self.t(switches.OFF), self.quoted(switches.OFF) if instead is None else instead, formula)

    def figure(self, formula: str) -> str:
        """A formula, without its =, over figures of chapters that may be off; their sheets are there already."""
        words, _ = words_of(shape_of(formula).text)
        homes = {self.tables.get(word) or self.names.get(word, ("",))[0] for word in words}
        used = {self.chapters[home] for home in homes if home in self.chapters} - {0}
        implied = {need for number in used for need in registry.with_needs([number]) - {number}}
        for number in sorted(used - implied):
            formula = self.switched(number, formula)
        return formula

    def define(self, name: str, page: Page, ref: str, filled: bool = False) -> None:
        """Give cells a name for the whole workbook; unique, and no cell address. ``filled``: only those down to the last that shows
        something."""
        if not grammar.legal_name(name) or name.lower() in self.taken:
            raise BuildError(f"the name {name!r} is taken, reads as a cell or is none")
        self.taken.add(name.lower())
        self.names[name] = (page.sheet.title, ref)
        target = f"{quote_sheetname(page.sheet.title)}!{absolute_coordinate(ref)}"
        if filled:
            area, first = Ref.parse(ref), target.partition(":")[0]
            ends = [area._replace(last_row=row) for row in range(area.first_row + 1, area.last_row + 1)]
            parts = [first, *(f"{quote_sheetname(page.sheet.title)}!{absolute_coordinate(str(end))}" for end in ends)]
            target = as_far_as(parts, f"MAX(1,ROWS({target})-COUNTBLANK({target}))")
        if fault := grammar.fault_in_name(target):
            raise BuildError(f"the name {name!r} can't stand for {target}: {fault.en}")
        self.book.defined_names[name] = DefinedName(name, attr_text=target)

    def text_of(self, spec_formula: str, spec: TableSpec) -> str:
        """A formula of the schema with its ``{columns}``, and ``{Table.column=code}`` for the word of a code, in the workbook's language."""

        def column(match: re.Match[str]) -> str:
            owner, key = match.groups()
            found = getattr(self.table(owner), key) if owner else getattr(Handle(spec, self.lang).this, key)
            return str(found)

        def word(match: re.Match[str]) -> str:
            owner, key, code = match.groups()
            return self.quoted(next(one.label for one in schema.TABLES[owner][key].words if one.code == code))

        return _FIELD.sub(column, _WORD.sub(word, spec_formula))

    # -- sheets
    def page(
        self,
        key: str,
        title: Text,
        purpose: Text,
        order: float | None = None,
        freeze: str | None = None,
        todo: Text = Text("", ""),
        part: str = "",
    ) -> Page:
        """A new sheet with its title block, navigation strip, frozen panes and print set-up.

        ``part``: what it is in its chapter (`navigation.PARTS`), where that is not what its module says.
        """
        sheet = self.book.create_sheet(self.t(title))
        page = Page(self, key, title, purpose, sheet, len(self.pages) if order is None else order, todo, part)
        self.pages[key] = page
        page.open(freeze)
        return page

    def beside(self, first: str, page: Page) -> None:
        """Put a sheet that is built on the sheet of another, to the right of it; after that it is none of its own."""
        joining.join(self, self.pages[first], page)

    def home(self, key: str) -> tuple[Page, str]:
        """The sheet on which a page stands, and its first cell."""
        if key in self.moved:
            key, cell = self.moved[key]
            return self.pages[key], cell
        return self.pages[key], "A1"

    def chart_data(self) -> Page:
        """The sheet on which what charts draw stands, where no Table or block of figures has it anyway; made when first asked for."""
        if _CHART_DATA not in self.pages:
            made = self.page(
                _CHART_DATA,
                Text("图表数据", "Chart data"),
                Text("图表的标题与数据，由公式算出", "Titles and data of the charts, by formula"),
                part=navigation.RECORD,
                order=_LAST_RECORD,
            )
            made.belongs_to(next(chapter for chapter in registry.chapters() if not chapter.switched))
            made.header(f"B{FIRST_ROW}", [Text("图", "Chart"), Text("标题", "Title")])
            made.width(B=22, C=70)
            made.prints(f"A1:C{FIRST_ROW - 1}", NOT_PRINTED)  # what charts draw is looked up, never read
        return self.pages[_CHART_DATA]

    def drawn(self, key: str, title: Text) -> Page:
        """A page for what a chart draws, where it stands on no sheet anyway; `put_away` it when it is written."""
        self.chart_data()
        return self.page(key, title, Text("", ""))

    def put_away(self, page: Page) -> None:
        """Move what a chart draws to the sheet of such data, under the name of its page."""
        rows, columns = zip(
            *(at for at in page.sheet._cells if at[0] >= FIRST_ROW), strict=True
        )  # not the strip, which stays behind
        self.define(page.key, page, f"B{FIRST_ROW}:{get_column_letter(max(columns))}{max(rows)}")
        self.beside(_CHART_DATA, page)

    def has_room(self, page: Page, ref: str) -> None:
        """Say of a block's rows that charts draw as many as are named in its first column: a plan is laid out before its rows come in."""
        self.define(f"{ROOM}{page.key}", page, ref)

    def employed(self) -> str:
        """1 for each row of People who works here on the as-of date, else 0."""
        people, as_of = self.table("People"), self.name("as_of")
        return f'({people.id}<>"")*({people.joined}<={as_of})*(({people.left}="")+({people.left}>={as_of})>0)'

    def gone(self, ids: str) -> str:
        """How many of the people with an ID (or of each ID of a column) had left before the as-of date."""
        people = self.table("People")
        return f'COUNTIFS({people.id},{ids},{people.left},"<"&{self.name("as_of")})'

    def again(self, page: Page, key: str, at: str, size: tuple[float, float]) -> None:
        """Draw once more, on another sheet, what a chart draws already: the block is one, its pictures are two."""
        title, ref = self.names[key]
        home, area = f"{quote_sheetname(title)}!", Ref.parse(ref)
        found = next(
            chart
            for sheet in self.book.worksheets
            for chart in sheet._charts
            if any(
                r.f.startswith(home) and area.meets(Ref.parse(r.f[len(home) :].replace("$", "")))
                for r in joining.references(chart)
            )
        )
        made = copy.deepcopy(found)
        made.anchor, (made.width, made.height) = at, size
        page.sheet._charts.append(made)

    def message(self, where: Page, formula: str, needs: str, of: str = "") -> str:
        """A chart's title, by a formula without its =: the reference to the cell that says it.

        As long as the Table ``needs`` is empty it says that, and what to fill in; with a column (``Table.key``) also which button fills that
        in. ``of``: the block that is drawn, whose title others show, too: its cell is named ``said_…``.
        """
        table, _, column = needs.partition(".")
        page, spec = self.chart_data(), schema.table(table)
        if local := _LOCAL.search(
            _QUOTED.sub("", formula)
        ):  # the message stands on another sheet: there it would be another cell
            raise BuildError(f"a chart's title on {where.sheet.title} reads {local[0]} of its own sheet: {formula}")
        row = FIRST_ROW + 1 + self.messages
        self.messages += 1
        page.label(f"B{row}", where.title, muted=True)
        first = getattr(self.table(table), next(column.key for column in spec.columns if column.needed and not column.formula))
        empty = self.quoted(Text(f"{NO_DATA.zh}：请填“{spec.title.zh}”", f"{NO_DATA.en}: fill in {spec.title.en}"))
        if column:
            by = spec.button(spec[column])
            asked = self.quoted(Text(f"{NO_DATA.zh}：请先“{by.zh}”", f"{NO_DATA.en}: {by.en} first"))
            formula = f"IF(COUNTA({getattr(self.table(table), column)})=0,{asked},{formula})"
        said = f"IF(COUNTA({first})=0,{empty},{formula})"
        page.formula(f"C{row}", f"={self.switched(self.building, said)}", "text", f"said_{of}" if of else None, boxed=False)
        return f"{quote_sheetname(page.sheet.title)}!$C${row}"

    def finish(self) -> Workbook:
        """Check what was promised, spell all formulas for the file, size the columns, order the sheets."""
        self._check_names()
        joining.redirect(self)
        pages = self.in_order()
        navigation.strips(self, pages)
        for written in self.formulas:
            if written.single and needs_array(written.text, self._many):
                written.ref = written.cell
        for page in self.pages.values():
            self._check_merged(page.sheet)
        for written in self.formulas:
            self._spell(written)
        for page in self.pages.values():
            page.close()
        self.book._sheets[:] = [page.sheet for page in pages]
        self.book.active = 0
        for number, sheet in enumerate(self.book.worksheets):
            sheet.sheet_view.tabSelected = number == 0
        self._link_addin()
        self._describe()
        return self.book

    def let_go(self) -> None:
        """Forget what was built: plan, pages and sheets know each other, so their hundred thousand cells would stay until somebody
        looks for circles."""
        self.formulas.clear()
        self.pages.clear()
        self.book = Workbook()

    def in_order(self) -> list[Page]:
        """The sheets as their tabs stand: chapter by chapter, in each the view, what is filled in, the results; the records last."""
        return sorted(self.pages.values(), key=lambda page: page.place)

    def _check_names(self) -> None:
        lacking = sorted(set(self.asked) - set(self.names))
        if lacking and self.strict:
            raise BuildError(f"no sheet defines {', '.join(lacking)}")

    def _many(self, name: str) -> bool:
        """Whether a name in a formula stands for several cells."""
        return name not in self.names or ":" in self.names[name][1]

    def _check_merged(self, sheet: Worksheet) -> None:
        """Merged cells hold no array formula and no part of a Table, and do not overlap: Excel allows none of it."""
        merged = [Ref.parse(str(area)) for area in sheet.merged_cells.ranges]
        if not merged:
            return
        arrays = [Ref.parse(written.ref) for written in self.formulas if written.ref and written.sheet is sheet]
        taken = arrays + [Ref.parse(table.ref) for table in sheet.tables.values()]
        for number, area in enumerate(merged):
            for other in [*taken, *merged[:number]]:
                if area.meets(other):
                    raise BuildError(f"{sheet.title}!{area}: merged cells over {other}")

    def _spell(self, written: Written) -> None:
        spelled = self._spelled.get((written.text, written.table, written.sheet.title))
        if spelled is None:
            text = "=" + shapes.to_file(written.text, 1, written.table)
            spelled = self._spelled[written.text, written.table, written.sheet.title] = text, self._fetches(written)
            self.functions |= words_of(shape_of(written.text).text)[1]
        text, fetches = spelled
        for cell in written.targets:
            cell.value = ArrayFormula(written.ref, text) if written.ref else text
        if written.sheet.title not in self.inked:
            self._color(written, style.CROSS if fetches else style.FORMULA)

    def _color(self, written: Written, color: str) -> None:
        """Green for what comes from another sheet, black for what a sheet works out by itself, over the whole spill."""
        for cell in written.shown:
            before = tuple(cell._style)
            known = self._colored.get((before, color))
            if known is None:
                cell.font = style.font(color, bool(cell.font.b), cell.font.sz or style.SIZE)
                known = self._colored[before, color] = StyleArray(cell._style)
            cell._style = StyleArray(known)

    def _fetches(self, written: Written) -> bool:
        """Whether a formula takes something from another sheet."""
        words, _ = words_of(shape_of(written.text).text)
        homes = {self.tables.get(w) or self.names.get(w, ("",))[0] for w in words}
        return bool(homes - {"", written.sheet.title})

    def _link_addin(self) -> None:
        """The one external link: the add-in, found by name, listing the functions used."""
        if not self.functions:
            return
        names = [ExternalDefinedName(name=f) for f in sorted(self.functions)]
        link = ExternalLink(ExternalBook(definedNames=names, id="rId1"))
        link.file_link = Relationship(Id="rId1", Type=XL_STARTUP, Target=ADDIN, TargetMode="External")
        self.book._external_links.append(link)

    def _describe(self) -> None:
        about = self.book.properties
        about.title = f"{self.company.name} {self.company.year} " + self.t(Text("年度销售计划", "annual sales plan"))
        about.creator = "SalesPlan"
        about.language = "en-US" if self.lang == "en" else "zh-CN"

    @property
    def spills(self) -> list[tuple[str, str, str]]:
        """Every dynamic array: sheet, top cell, extent expected."""
        return [(w.sheet.title, w.cell, w.ref) for w in self.formulas if w.ref]


# -------------------------------------------------------------------------------------------------------------------- a sheet


@dataclass
class Page:
    """One sheet. Column A is a margin; the content starts at row :data:`FIRST_ROW`, column B."""

    plan: Plan
    key: str
    title: Text
    purpose: Text
    sheet: Worksheet
    order: float
    todo: Text = Text("", "")
    part: str = ""  # of navigation.PARTS
    chapter: registry.Chapter | None = None  # whose folder builds it
    widths: dict[str, float] = field(default_factory=dict)
    fixed: dict[str, float] = field(default_factory=dict)
    headers: list[tuple[int, int]] = field(default_factory=list)
    titles: set[tuple[int, int]] = field(default_factory=set)  # where headings of sections stand
    validated: list[Ref] = field(default_factory=list)
    judged: Judged = field(init=False)
    most_printed: int = MOST_PRINTED
    banded: str = ""  # the last column of a wide Table that is read and printed
    since: int = 0  # of the plan's formulas: none before is on it
    whole: bool = False  # whether it is looked at as one picture: printed on one page as it is, be it small
    shaped: set[str] = field(default_factory=set)  # columns where a light's shape stands before what cells show

    def __post_init__(self) -> None:
        self.judged = Judged(self.sheet, self.plan.formats)
        self.since = len(self.plan.formulas)

    @property
    def place(self) -> tuple[int, int, float]:
        """Where its tab stands."""
        number = self.chapter.number if self.chapter is not None else 0
        part = self.part or navigation.VIEW
        return navigation.LAST_GROUP if part == navigation.RECORD else number, navigation.PARTS.index(part), self.order

    @property
    def _is_view(self) -> bool:
        return (self.part or navigation.VIEW) == navigation.VIEW

    # -- the frame
    def belongs_to(self, chapter: registry.Chapter) -> None:
        """The chapter gives its colour to the tab, and a name by which its sheets are found when it is switched."""
        self.chapter = chapter
        self.plan.chapters[self.sheet.title] = chapter.number
        self.sheet.sheet_properties.tabColor = navigation.RECORD_TAB if self.part == navigation.RECORD else chapter.colour
        if chapter.switched:
            self.plan.define(switches.sheet_name(chapter.number, self.key), self, "A1")

    def open(self, freeze: str | None) -> None:
        """Title block and print set-up."""
        sheet, plan = self.sheet, self.plan
        sheet.sheet_properties.tabColor = style.ACCENT
        sheet.sheet_view.showGridLines = False
        sheet.column_dimensions["A"].width = _MARGIN
        sheet.sheet_format.defaultRowHeight, sheet.sheet_format.customHeight = _ROW_TALL, True
        self._style(self._put("B1", plan.t(self.title)), style.font(style.ACCENT, True, 16))
        navigation.master_check(self)
        said = plan.t(self.purpose) + (f"　▸ {plan.t(self.todo)}" if self.todo.zh else "")
        self._style(self._put("B3", said), style.font(style.MUTED))
        sheet.row_dimensions[1].height = 26
        sheet.row_dimensions[2].height = 17
        sheet.row_dimensions[3].height = 17
        sheet.freeze_panes = freeze or "A4"
        self._print_setup()

    def _print_setup(self) -> None:
        sheet, plan = self.sheet, self.plan
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.print_options.horizontalCentered = True
        sheet.print_title_rows = "1:3"
        margins = sheet.page_margins
        margins.left = margins.right = 0.5
        margins.top, margins.bottom, margins.header, margins.footer = 0.65, 0.65, 0.3, 0.3
        sheet.oddHeader.left.text = _header_text(plan.company.name)
        sheet.oddHeader.right.text = _header_text(f"{plan.company.year} {plan.t(self.title)} · {plan.company.version}")
        sheet.oddFooter.center.text = plan.t(Text("第 &P 页，共 &N 页", "Page &P of &N"))
        sheet.oddFooter.right.text = plan.t(
            Text("打印于 &D", "Printed &D")
        )  # a foot can't follow a cell: `print` puts the plan's day there
        for part in (sheet.oddHeader.left, sheet.oddHeader.right, sheet.oddFooter.center, sheet.oddFooter.right):
            part.font, part.size = style.FONT, 8

    def close(self) -> None:
        """Give every column the width its contents need, and every header row the height."""
        self.judged.write()
        widths = {"A": _MARGIN} | navigation.ROOM | self.widths | self.fixed
        for letter, least in navigation.ROOM.items():
            widths[letter] = max(widths[letter], least)
        for letter in self.shaped:
            widths[letter] = widths.get(letter, _USUAL) + _SHAPE * (widths.get(letter, _USUAL) < _WIDE)
        for letter, width in widths.items():
            self.sheet.column_dimensions[letter].width = width
        self._fit(widths)
        self._apart(widths)
        self._prints_no_data(widths)
        self._one_page(widths)
        self._says_what_is_cut()
        for row, column in self.headers:
            lines = style.lines_needed(str(self.sheet.cell(row, column).value), widths[get_column_letter(column)] - 1)
            dimension = self.sheet.row_dimensions[row]
            dimension.height = max(dimension.height or 0, 15 * lines + 4)
        self._hold_charts(widths)

    def _hold_charts(self, widths: Mapping[str, float]) -> None:
        """Charts reach from column to column, whatever width a program's font gives these: none ends in the middle of one, or on what
        stands beside it."""
        begin = [coordinate_to_tuple(chart.anchor) for chart in self.sheet._charts]
        taken = {at for at, cell in self.sheet._cells.items() if cell.value is not None} | set(begin)
        for chart, (row, column) in zip(self.sheet._charts, begin, strict=True):
            last, (end, left) = joining.end_of(self, chart, widths), self._foot(chart)
            beside = [there for at, there in taken if row <= at <= end and column < there <= last]
            last = min([last, *(there - 1 for there in beside)])
            chart.anchor = TwoCellAnchor(
                "oneCell",
                _from=AnchorMarker(col=column - 1, row=row - 1),
                to=AnchorMarker(col=last, row=end - 1, rowOff=round(left * _EMU_A_POINT)),
            )

    def _foot(self, chart: Any) -> tuple[int, float]:
        """The row in which a chart ends, and how many points into it."""
        rows, row, left = self.sheet.row_dimensions, coordinate_to_tuple(chart.anchor)[0], float(chart.height) * _POINTS_A_CM
        while left > (tall := (rows[row].height if row in rows else None) or _ROW_TALL):
            left, row = left - tall, row + 1
        return row, left

    def _fit(self, widths: Mapping[str, float]) -> None:
        """A text that its column can't show, and that can't run over what stands beside it, is drawn smaller: nothing is cut."""
        cells = self.sheet._cells
        for (row, column), cell in cells.items():
            text = cell.value
            if not isinstance(text, str) or text.startswith("=") or isinstance(cell, MergedCell):
                continue
            room = widths.get(get_column_letter(column), _USUAL)
            beside = cells.get((row, column + 1)) if 2 * len(text) > room else None
            if beside is None or beside.value is None or cell.alignment.wrap_text or cell.alignment.horizontal == "fill":
                continue
            if style.display_width(text) * 0.95 > room:
                cell.alignment = style.align(cell.alignment.horizontal, vertical=cell.alignment.vertical or "center", shrink=True)

    def _apart(self, widths: Mapping[str, float]) -> None:
        """What a block says of itself, and its headings, end where the next block begins: in smaller letters, or in more lines."""
        cells, end = self.sheet._cells, self.sheet.max_column
        for row in {_SAID, *(row for row, _ in self.titles)}:
            taken = [column for column in range(1, end + 1) if (row, column) in cells and cells[row, column].value is not None]
            if row == _SAID and len(taken) > 1:  # the last sheet of several ends somewhere, too
                taken.append(end + 1)
            for column, after in pairwise(taken):
                text = str(cells[row, column].value)
                if (row != _SAID and (row, column) not in self.titles) or text.startswith("=") or after - column < 2:
                    continue
                room = sum(widths.get(get_column_letter(c), _USUAL) for c in range(column, after))
                need = style.display_width(text) * (1.1 if row == _SAID else 1.3)
                if need <= room:
                    continue
                self.sheet.merge_cells(start_row=row, start_column=column, end_row=row, end_column=after - 1)
                cells[row, column].alignment = style.align("left", wrap=row == _SAID, shrink=row != _SAID)
                if row == _SAID:
                    there = self.sheet.row_dimensions[row]
                    there.height = max(there.height or 0, 15.0 * style.lines_needed(text, room / 1.1))

    # -- small things
    def _format(self, ref: str, name: str) -> str:
        """The number format of cells; money of any size is remembered, for its conditional formats."""
        if name == "scaled":
            self.judged.scaled.append(ref)
        return self.plan.format(name)

    def _put(self, cell: str, value: Any) -> Cell:
        target = self.sheet[cell]
        target.value = value
        return target

    def _style(
        self,
        cell: Cell,
        font: Any = None,
        alignment: Any = None,
        fill: Any = None,
        border: Any = None,
        fmt: str | None = None,
        protection: Any = None,
    ) -> None:
        """Give a cell its looks; looks alike are worked out once, since openpyxl compares every part of a style anew."""
        parts = (font, alignment, fill, border, protection)
        key = (tuple(cell._style or ()), *map(id, parts), fmt)
        known = self.plan.looks.get(key)
        if known is None:
            names = ("font", "alignment", "fill", "border", "protection", "number_format")
            for name, value in zip(names, (*parts, fmt), strict=True):
                if value is not None:
                    setattr(cell, name, value)
            # The parts are kept with it: while they live their ids are nobody else's.
            known = self.plan.looks[key] = StyleArray(cell._style or ()), parts
        cell._style = StyleArray(known[0])  # its own: a later change of the cell's font changes it in place

    def dress(self, cell: str, font: Any, alignment: Any) -> None:
        """Give a cell the font and alignment it has beside others of its kind."""
        self._style(self.sheet[cell], font, alignment)

    def width(self, **letters: float) -> None:
        """Set columns' widths: ``page.width(B=30)``; the others grow with their contents."""
        self.fixed |= letters

    def _widen(self, cell: str, need: float) -> None:
        letter = get_column_letter(coordinate_to_tuple(cell)[1])
        self.widths[letter] = min(46.0, max(self.widths.get(letter, 9.0), need + 2.0))

    def prints(self, ref: str, why: Text | None = None) -> None:
        """Print these cells only; ``why`` stands at the foot of the page."""
        self.sheet.print_area = ref
        if why is not None:
            foot = self.sheet.oddFooter.left
            foot.text, foot.font, foot.size = self.plan.t(why), style.FONT, 8

    def _prints_no_data(self, widths: Mapping[str, float]) -> None:
        """Of a sheet with a long Table only what stands above it is printed, as many columns as a page shows."""
        areas = [Ref.parse(table.ref) for table in self.sheet.tables.values()]
        tops = [area.first_row for area in areas if area.last_row - area.first_row > self.most_printed]
        if not tops and not self.sheet.print_area:
            tops = [a.first_row for a in areas if self._tall(a.first_col, a.last_col, widths) > _MOST_PAGES]
        if self.banded and not tops and not self.sheet.print_area:
            self.prints(f"A1:{self.banded}{MAX_ROW}")  # what is only looked up is not printed, unfolded or not
        if not tops and not self.sheet.print_area and not self.sheet.col_breaks.brk:
            self._parts_pages(widths)
        if not tops or self.sheet.print_area:
            return
        end = column_index_from_string(self.banded) if self.banded else max(map(column_index_from_string, widths))
        column = self._fits(1, end, widths, self._joined(widths))
        self.prints(f"A1:{get_column_letter(column)}{min(tops) - 1}", NOT_PRINTED)
        self.sheet.print_title_rows = "1:3"

    def _tall(self, first: int, last: int, widths: Mapping[str, float]) -> int:
        """How many pages some columns are from top to bottom, about."""
        return math.ceil(self._pages(first, last, widths))

    def _one_page(self, widths: Mapping[str, float]) -> None:
        """A view that is a little longer than a page is printed a little smaller, so is a picture and what stands beside it."""
        area = str(self.sheet.print_area or "").rpartition("!")[2].replace("$", "")
        if not (self._is_view or (self.sheet._charts and not self.sheet.tables)) or "," in area or self.sheet.row_breaks.brk:
            return
        printed = Ref.parse(area) if area else Ref(1, 1, MAX_ROW, joining.last_column(self))
        if self.whole:
            self.sheet.page_setup.fitToHeight = 1
            return
        if self._is_view:
            printed = self._as_much_as_is_read(printed)
        most = _LITTLE_LONGER if self._is_view else _A_LINE_LONGER
        if 1 < self._pages(printed.first_col, printed.last_col, widths, printed.last_row) <= most:
            self.sheet.page_setup.fitToHeight = 1

    def _as_much_as_is_read(self, printed: Ref) -> Ref:
        """What of a view is on its page, in letters that are read without a glass: the blocks from its top; the others are on the screen."""
        rows = self.sheet.row_dimensions
        charts = [(coordinate_to_tuple(chart.anchor), self._foot(chart)[0]) for chart in self.sheet._charts]
        within = range(printed.first_col, printed.last_col + 1)
        held = {row for (row, column), cell in self.sheet._cells.items() if column in within and cell.value is not None}
        for written in self.plan.formulas[self.since :]:
            if written.sheet is self.sheet and ":" in written.ref and (area := Ref.parse(written.ref)).first_col in within:
                held.update(range(area.first_row, area.last_row + 1))
        for (top, column), foot in charts:
            if column in within:
                held.update(range(top, foot + 1))
        tall, cut = 0.0, 0
        for row in range(1, min(max(held, default=1), printed.last_row) + 1):
            dimension = rows[row] if row in rows else None  # noqa: SIM401
            tall += 0.0 if dimension and dimension.hidden else (dimension and dimension.height) or _ROW_TALL
            if tall > _TALLEST:
                shorter = printed._replace(last_row=cut or row - 1)
                self.prints(str(shorter))
                return shorter
            if row not in held:
                cut = row
        return printed

    def _says_what_is_cut(self) -> None:
        """The foot of a page says that there is more, wherever something that is not folded away stands outside what is printed."""
        areas = [
            Ref.parse(part.rpartition("!")[2].replace("$", "")) for part in str(self.sheet.print_area or "").split(",") if part
        ]
        if not areas or self.sheet.oddFooter.left.text:
            return
        rows, columns = self.sheet.row_dimensions, self.sheet.column_dimensions
        outside = (
            at
            for at, cell in self.sheet._cells.items()
            if cell.value is not None and cell.number_format != UNSEEN and not any(area.holds(at) for area in areas)
        )
        for row, column in outside:
            letter = get_column_letter(column)
            if not ((row in rows and rows[row].hidden) or (letter in columns and columns[letter].hidden)):
                self.prints(str(self.sheet.print_area), CUT if not areas[0].last_row < row else MORE)
                return

    def _pages(self, first: int, last: int, widths: Mapping[str, float], until: int = MAX_ROW) -> float:
        there = self.sheet.column_dimensions
        letters = [get_column_letter(column) for column in range(first, last + 1)]
        wide = sum(widths.get(letter, _USUAL) for letter in letters if not (letter in there and there[letter].hidden))
        rows = self.sheet.row_dimensions
        held = [row for row, column in self.sheet._cells if first <= column <= last]
        held += [self._foot(chart)[0] for chart in self.sheet._charts if first <= coordinate_to_tuple(chart.anchor)[1] <= last]
        end = min(until, max(held, default=1))
        tall = sum((rows[row].height if row in rows and rows[row].height else _ROW_TALL) for row in range(1, end + 1))
        return tall * min(1.0, _FULL / max(wide, 1.0)) / _TALL

    def _parts_pages(self, widths: Mapping[str, float]) -> None:
        """A wide sheet on pages side by side, parted between what stands beside each other; of a block that is wider than a page what
        fits is printed, and the page says so."""
        end = joining.last_column(self)
        if self._wide(1, end, widths) <= _PAPER:
            return
        joined = self._joined(widths)
        pages: list[tuple[int, int]] = []
        cut, first = False, 1
        while first <= end:
            last = self._fits(first, end, widths, joined)
            pages.append((first, last))
            behind = next(column for column in range(last, end + 1) if column not in joined or column == end)
            cut |= behind > last
            first = behind + 1
            while first <= end and widths.get(get_column_letter(first), _USUAL) <= _GAP:
                first += 1
        # A page of its own is for what has a title of its own; columns beside a Table are not worth one, and a chapter's view is one page.
        kept = pages[:1] if self._is_view else [s for s in pages if s[0] == 1 or self.sheet.cell(1, s[0]).value]
        while len(kept) > 1 and sum(self._tall(*span, widths) for span in kept) > _MOST_PAGES:
            kept = kept[:-1]
        cut |= len(kept) < len(pages)
        areas = [
            f"{get_column_letter(first)}1:{get_column_letter(last)}{MAX_ROW}" for first, last in kept
        ]  # down to what they hold
        self.prints(",".join(areas), CUT if cut else None)

    def _wide(self, first: int, last: int, widths: Mapping[str, float]) -> float:
        """How wide some columns are on paper."""
        there = self.sheet.column_dimensions  # asking for one makes it
        letters = [get_column_letter(column) for column in range(first, last + 1)]
        return sum(widths.get(letter, _USUAL) for letter in letters if not (letter in there and there[letter].hidden))

    def _fits(self, first: int, end: int, widths: Mapping[str, float], joined: set[int]) -> int:
        """The last column of a page that begins with ``first``: between two blocks, or, in one that is wider than a page, where it ends."""
        most = first
        while most < end and self._wide(first, most + 1, widths) <= _PAPER:
            most += 1
        if most == end:
            return end
        return next((column for column in range(most, first, -1) if column not in joined), most)

    def _joined(self, widths: Mapping[str, float]) -> set[int]:
        """Columns after which no page ends: what stands in them goes on in the next."""
        spans = [(ref.first_col, ref.last_col) for ref in (Ref.parse(table.ref) for table in self.sheet.tables.values())]
        spans += [(ref.first_col, ref.last_col) for ref in (Ref.parse(str(area)) for area in self.sheet.merged_cells.ranges)]
        spans += [
            (ref.first_col, ref.last_col)
            for written in self.plan.formulas[self.since :]
            if written.sheet is self.sheet and ":" in written.ref
            for ref in (Ref.parse(written.ref),)
        ]
        spans += [(coordinate_to_tuple(chart.anchor)[1], joining.end_of(self, chart, widths)) for chart in self.sheet._charts]
        joined = {column for first, last in spans for column in range(first, last)}
        cells = self.sheet._cells
        for (row, column), cell in cells.items():
            if row < FIRST_ROW - 1 or cell.value is None:
                continue
            beside = cells.get((row, column + 1))
            if beside is not None and beside.value is not None:
                joined.add(column)
            elif isinstance(cell.value, str) and not cell.value.startswith("=") and not cell.alignment.wrap_text:
                joined.update(range(column, self._runs_to(row, column, widths)))
        return joined

    def _runs_to(self, row: int, column: int, widths: Mapping[str, float]) -> int:
        """The column in which a text ends that is longer than its own and runs over empty ones."""
        left = style.display_width(str(self.sheet._cells[row, column].value)) - widths.get(get_column_letter(column), _USUAL)
        while left > 0 and ((beside := self.sheet._cells.get((row, column + 1))) is None or beside.value is None):
            if widths.get(get_column_letter(column + 1), _USUAL) <= _GAP:
                break
            column += 1
            left -= widths.get(get_column_letter(column), _USUAL)
        return column

    def folded(self, heading: int, last: int) -> None:
        """Rows that are folded away under their heading, and not printed, until somebody unfolds them."""
        self.sheet.sheet_properties.outlinePr = Outline(summaryBelow=False, summaryRight=False)
        for row in range(heading + 1, last + 1):
            dimension = self.sheet.row_dimensions[row]
            dimension.outlineLevel, dimension.hidden = 1, True
        self.sheet.row_dimensions[heading].collapsed = True

    def outlined(self, letters: Sequence[str]) -> None:
        """Columns that are folded away until somebody unfolds them; never those of the strip."""
        if hidden := set(letters) & set(navigation.ROOM):
            raise BuildError(f"{self.sheet.title}: the strip stands in {min(hidden)}")
        if not letters:
            return
        self.sheet.sheet_properties.outlinePr = Outline(summaryBelow=False, summaryRight=False)
        for letter in letters:
            dimension = self.sheet.column_dimensions[letter]
            dimension.outlineLevel, dimension.hidden = 1, True
        before = get_column_letter(column_index_from_string(min(letters, key=column_index_from_string)) - 1)
        self.sheet.column_dimensions[before].collapsed = True

    def print_titles(self, last_row: int) -> None:
        """Repeat the title block and the rows down to a long Table's header on every printed page."""
        self.sheet.print_title_rows = f"1:{last_row}"

    def heading(self, cell: str, text: Text, until: str | None = None) -> None:
        """The heading of a section; ``until``: the last column of the line under it."""
        self._style(self._put(cell, self.plan.t(text)), style.font(style.ACCENT, True, 12))
        row, column = coordinate_to_tuple(cell)
        self.titles.add((row, column))
        self.sheet.row_dimensions[row].height = 21
        last = column_index_from_string(until.rstrip("0123456789")) if until else column
        for c in range(column, last + 1):
            self._style(self.sheet.cell(row, c), border=style.UNDER)

    def label(
        self,
        cell: str,
        text: Text | str,
        bold: bool = False,
        muted: bool = False,
        wrap: bool = False,
        grow: bool = True,
        link: str | None = None,
    ) -> None:
        """A text.

        It widens its column unless it wraps or may run over its neighbours (``grow=False``); ``link``: a page's key.
        """
        shown = self.plan.t(text)
        color = style.MUTED if muted else style.INK
        if link is not None:
            to, first = self.plan.home(link)
            place = f"{quote_sheetname(to.sheet.title)}!{first}"
            self.sheet[cell].hyperlink = Hyperlink(ref=cell, location=place, display=shown)
            color = style.ACCENT
        underline = "single" if link is not None else None
        target = self._put(cell, shown)
        self._style(
            target,
            style.font(color, bold, underline=underline),
            style.align("left", wrap, "top" if wrap else "center", 0 if wrap else 1),
        )
        if grow and not wrap:
            self._widen(cell, style.display_width(shown))

    def paragraph(self, span: str, text: Text | str, muted: bool = False) -> None:
        """A text that wraps over merged cells, the row as high as it needs (set the columns' widths with ``width`` first)."""
        first, last = span.split(":")
        row, left = coordinate_to_tuple(first)
        right = coordinate_to_tuple(last)[1]
        self.label(first, text, muted=muted, wrap=True)
        room = sum(self.fixed.get(get_column_letter(c), 10.0) for c in range(left, right + 1))
        self.sheet.merge_cells(span)
        self.sheet.row_dimensions[row].height = 16.5 * style.lines_needed(self.plan.t(text), room - 1) + 3

    def sample(self, cell: str, word: Text, ink: str, ground: str) -> None:
        """A word in the look it tells of."""
        fill = style.fill(ground) if ground else None
        self._style(self._put(cell, self.plan.t(word)), style.font(ink, True), style.align("center"), fill, style.BOX)

    def edge(self, cell: str) -> None:
        """A hairline over a cell of a row that begins something."""
        self._style(self.sheet[cell], border=style.OVER)

    def header(self, cell: str, texts: Sequence[Text | str], units: Sequence[Text | str] = ()) -> None:
        """A row of headers formatted like a Table's; ``units`` stand small above them."""
        row, column = coordinate_to_tuple(cell)
        for offset, text in enumerate(texts):
            self._header_cell(row, column + offset, self.plan.t(text))
        for offset, unit in enumerate(units):
            self._unit(row - 1, column + offset, self.plan.t(unit))

    def _header_cell(self, row: int, column: int, text: str) -> None:
        target = self.sheet.cell(row, column, text)
        self._style(target, style.font("FFFFFF", True), style.align("center", wrap=True), style.fill(style.ACCENT), style.BOX)
        self._widen(target.coordinate, min(style.display_width(text), 24))
        self.headers.append((row, column))

    def _unit(self, row: int, column: int, text: str) -> None:
        if text:
            self._style(
                self.sheet.cell(row, column, text), style.font(style.MUTED, size=8), style.align("center", vertical="bottom")
            )

    # -- inputs and formulas
    def input(
        self,
        cell: str,
        value: Any,
        fmt: str = "general",
        name: str | None = None,
        choices: Sequence[Text | str] = (),
        note: Text | None = None,
        low: float | None = None,
        high: float | None = None,
    ) -> None:
        """A cell people fill in: blue, with a drop-down of ``choices`` or bounds, and ``note`` as its input message."""
        shown = self.plan.t(value) if isinstance(value, Text) else value
        if isinstance(value, Fraction):  # written as people say it, and exact
            shown = f"={value.numerator}/{value.denominator}"
        target = self._put(cell, shown)
        horizontal = "left" if isinstance(shown, str) and not shown.startswith("=") else None
        self._style(
            target,
            style.font(style.INPUT),
            style.align(horizontal),
            style.fill(style.INPUT_FILL),
            style.BOX,
            self._format(cell, fmt),
            style.OPEN,
        )
        self._widen(cell, max(style.room(fmt), style.display_width(str(shown)) if horizontal else 0))
        if name:
            self.plan.define(name, self, cell)
        if choices or note or low is not None or high is not None:
            self.validate(cell, choices, note, low, high, date=fmt == "date", rate=fmt in _RATES)

    def validate(
        self,
        ref: str,
        choices: Sequence[Text | str] = (),
        note: Text | None = None,
        low: float | None = None,
        high: float | None = None,
        date: bool = False,
        source: str = "",
        strict: bool = True,
        whole: bool = False,
        rate: bool = False,
    ) -> None:
        """Data validation: a drop-down (``choices`` or the column ``source``), bounds (of ``whole`` numbers, of a ``rate``) or a date.

        The input message is ``note`` and which type and range are asked for, with an example; of a list, where it comes from.
        """
        rule = DataValidation(allow_blank=True, showDropDown=False)
        t = self.plan.t
        why = Text("", "")
        if choices:
            rule.type, rule.formula1 = "list", '"' + ",".join(t(c) for c in choices) + '"'
            why = Text("请从下拉列表中选择", "Choose from the list")
        elif source:
            rule.type, rule.formula1 = "list", f'INDIRECT("{source}")'
            why = Text("请从列表中选择已有的编号", "Choose one that exists")
        elif date:
            rule.type, rule.operator, rule.formula1 = "date", "greaterThan", "36526"
            why = Text("请填日期，如 2027-03-05", "Enter a date such as 2027-03-05")
        elif low is not None or high is not None:
            rule.type, why = "whole" if whole else "decimal", _bounds(rule, low, high, whole)
        if choices:
            asked: Text | None = _one_of(choices, strict)
        elif source:
            asked = _of_column(source, self.plan)
        else:
            asked = Text("日期，如 2027-03-05", "a date such as 2027-03-05") if date else _asked(low, high, whole, rate)
        if hint := _hint(note, asked):
            rule.showInputMessage, rule.promptTitle, rule.prompt = True, t(Text("填写说明", "How to fill this in")), t(hint)
        rule.showErrorMessage = rule.type is not None
        rule.errorStyle = "stop" if strict else "warning"
        if rule.type is not None:
            rule.errorTitle, rule.error = t(Text("输入有误", "Not valid")), t(why)
        rule.add(ref)
        self._check_rule(ref, rule)
        self.sheet.add_data_validation(rule)

    def _check_rule(self, ref: str, rule: DataValidation) -> None:
        """Refuse what Excel would repair: a grammar of its own, texts too long, two validations for one cell."""
        for text in (rule.formula1, rule.formula2):
            fault = grammar.fault_in_validation(text, rule.type, schema.TABLES) if text else None
            if fault:
                raise BuildError(f"{self.sheet.title}!{ref}: a validation can't hold {fault.en}: {text}")
        if rule.type == "list" and len(str(rule.formula1)) > LONGEST_LIST:
            raise BuildError(f"{self.sheet.title}!{ref}: the list of choices is longer than {LONGEST_LIST - 2} characters")
        for name, most in grammar.LONGEST_MESSAGES.items():
            if len(text := getattr(rule, name) or "") > most:
                raise BuildError(f"{self.sheet.title}!{ref}: {name} is longer than {most} characters: {text}")
        area = Ref.parse(ref)
        for other in self.validated:
            if area.meets(other):
                raise BuildError(f"{self.sheet.title}!{ref}: there is a validation on {other} already")
        self.validated.append(area)

    def formula(
        self,
        cell: str,
        text: str,
        fmt: str = "general",
        name: str | None = None,
        bold: bool = False,
        boxed: bool = True,
    ) -> None:
        """A formula with one result: a plain one, whose value programs without the add-in keep, unless it must be an
        array formula."""
        target = self.sheet[cell]
        horizontal = "center" if fmt in ("general", "word", "flag") else None
        in_its_box = fmt == "word" or (fmt == "text" and boxed)  # a name longer than its cell is drawn smaller and not cut
        self._style(
            target,
            style.font(style.FORMULA, bold),
            style.align(horizontal, shrink=in_its_box),
            border=style.BOX if boxed else None,
            fmt=self._format(cell, fmt),
        )
        self._widen(cell, style.room(fmt))
        self.plan.formulas.append(Written(self.sheet, cell, text, single=True))
        if name:
            self.plan.define(name, self, cell)

    def figure(
        self,
        cell: str,
        text: Text,
        formula: str,
        fmt: str = "general",
        name: str | None = None,
        unit: Text | str = "",
        note: Text | str = "",
    ) -> None:
        """Label, value, unit (and a remark) side by side."""
        row, column = coordinate_to_tuple(cell)
        self.label(cell, text)
        self._style(self.sheet[cell], border=style.BOX)
        self.formula(f"{get_column_letter(column + 1)}{row}", formula, fmt, name)
        if unit:
            self.label(f"{get_column_letter(column + 2)}{row}", unit, muted=True)
        if note:
            self.label(f"{get_column_letter(column + 3)}{row}", note, muted=True, grow=False)

    def spill(
        self,
        cell: str,
        text: str,
        rows: int,
        cols: int,
        fmt: str | Sequence[str] = "general",
        name: str | None = None,
        headers: Sequence[Text | str] = (),
        units: Sequence[Text | str] = (),
        total: bool = False,
        indent: Iterable[int] = (),
    ) -> None:
        """A dynamic array over ``rows`` × ``cols`` cells (as far as known now), formatted; ``headers`` stand in the row above it.

        ``fmt``: one format, or one a column; ``total``: the last row is a total; ``indent``: columns (from 0) that hold text.
        """
        top, left = coordinate_to_tuple(cell)
        rows, cols = max(1, rows), max(1, cols)
        formats = [fmt] * cols if isinstance(fmt, str) else [*fmt, *[fmt[-1]] * (cols - len(fmt))]
        later = {} if isinstance(fmt, str) else dict(enumerate(fmt[cols:], cols))  # columns it gets with its first rows
        if headers:
            self.header(f"{get_column_letter(left)}{top - 1}", headers, units)
        texts = set(indent)
        for offset in range(cols):
            letter = get_column_letter(left + offset)
            self._widen(f"{letter}{top}", style.room(formats[offset]))
            fmt = self._format(f"{letter}{top}:{letter}{top + rows - 1}", formats[offset])
            for row in range(top, top + rows):
                last = total and row == top + rows - 1
                target = self.sheet.cell(row, left + offset)
                alignment = style.align("left", indent=1, shrink=True) if offset in texts else style.align()
                border = style.TOTAL if last else style.BOX
                self._style(target, style.font(style.FORMULA, last), alignment, border=border, fmt=fmt)
        for offset, kind in later.items():
            letter = get_column_letter(left + offset)
            alignment = style.align("left", indent=1, shrink=True) if offset in texts else style.align()
            self._style(
                self.sheet[f"{letter}{top}"], style.font(style.FORMULA), alignment, fmt=self._format(f"{letter}{top}", kind)
            )
        ref = f"{cell}:{get_column_letter(left + cols - 1)}{top + rows - 1}"
        self.plan.formulas.append(Written(self.sheet, cell, text, ref))
        if name:
            self.plan.define(name, self, cell)

    def lights(
        self, ref: str, good: Text | None = None, fair: Text | None = None, bad: Text | None = None, off: Text | None = None
    ) -> None:
        """Colour cells that hold these words green, amber, red and grey."""
        for word, color in ((good, style.GREEN), (fair, style.AMBER), (bad, style.RED), (off, style.QUIET)):
            if word:
                self.condition(ref, f"{ref.split(':', maxsplit=1)[0]}={self.plan.quoted(word)}", color)
                if color != style.QUIET:
                    self._widen(ref.split(":", maxsplit=1)[0], style.display_width(self.plan.t(word)))

    def condition(self, ref: str, formula: str, color: str, shaped: bool = True) -> None:
        """A conditional format: ``formula`` is written for the first cell of ``ref`` (``$`` as needed).

        A light also gets its shape, unless the cells' own words begin with it.
        """
        fault = grammar.fault_in_format(formula, schema.TABLES)
        if fault:
            raise BuildError(f"{self.sheet.title}!{ref}: a conditional format can't hold {fault.en}: {formula}")
        self.judged.asked.append((ref, formula, color, shaped))
        if shaped and color in style.LIGHTS and color != style.QUIET:
            area = Ref.parse(ref)
            self.shaped |= {get_column_letter(column) for column in range(area.first_col, area.last_col + 1)}

    def ruled(self, ref: str, formula: str) -> None:
        """Lines around cells only where ``formula``, written for the first of them, holds: rows that wait for something stand empty."""
        for row in self.sheet[ref]:
            for cell in row:
                self._style(cell, border=style.NONE)
        self.judged.lines.append((ref, formula))

    def heat(self, ref: str, color: str = style.HEAT) -> None:
        """Let the ground of figures go from white to a colour by their size."""
        self.judged.heats.append((ref, color))

    # -- what is judged
    def watch(self, watch: Watch) -> None:
        """Hand in a judged figure of this sheet: it gets its row on the Problems sheet."""
        other = self.plan.watches.setdefault(watch.key, replace(watch, page=self.key))
        if other.page != self.key or other.title != watch.title:
            raise BuildError(f"there is a watch {watch.key!r} already, of {other.page}")

    # -- Tables
    def records(self, name: str, at: str, rows: Sequence[schema.Row] | None = None, spare: int = 0) -> int:
        """Write a Table of the schema with the company's rows (or ``rows``); returns the last row of the sheet it takes.

        ``at`` is its top left header; the units stand in the row above. ``spare``: blank rows added for people to fill.
        """
        spec = schema.table(name)
        top, left = map(int, coordinate_to_tuple(at))
        given = list(self.plan.rows(name) if rows is None else rows)
        given += [{}] * (spare if given else max(1, spare))
        after = ""
        for offset, column in enumerate(spec.columns):
            self._column(spec, column, top, left + offset, given, after)
            after = column.kind
        last = top + len(given)
        bands = self._bands(spec, top, left)
        self._caps(spec, top, left, bands)
        self.outlined([get_column_letter(left + offset) for offset, c in enumerate(spec.columns) if c.key in spec.details])
        self._settled(spec, top, left, last)
        self._table(spec, f"{at}:{get_column_letter(left + len(spec.columns) - 1)}{last}")
        return last

    def _bands(self, spec: TableSpec, top: int, left: int) -> dict[int, str]:
        """Above a wide Table: who a row is, what is judged of it, what is only looked up. The names by their columns."""
        named: dict[int, str] = {}
        column = left
        for keys, (name, ground) in zip((spec.identity, spec.judged, spec.details), BANDS, strict=True):
            if spec.identity and keys:
                named[column] = self.plan.t(name)
                for place in range(column, column + len(keys)):
                    cell = self.sheet.cell(top - 2, place)
                    self._style(cell, style.font(style.INK, True, 9), style.align("left"), style.fill(ground))
                self.sheet.cell(top - 2, column).value = named[column]
                column += len(keys)
                if keys is spec.judged:
                    self.banded = get_column_letter(column - 1)
        return named

    def _caps(self, spec: TableSpec, top: int, left: int, bands: Mapping[int, str]) -> None:
        """Above the columns that a button fills in: which one."""
        before = Text("", "")
        for offset, column in enumerate(spec.columns):
            by = spec.button(column)
            target = self.sheet.cell(top - 2, left + offset) if top > FIRST_ROW else None
            band = bands.get(left + offset, "")
            if by != before and by.zh and target is not None and (target.value is None or band):
                self._style(target, style.font(style.ROLES["written"].ink, size=9), style.align("left"))
                cap = self.plan.t(Text(f"由“{by.zh}”写入", f"Written by “{by.en}”"))
                target.value = f"{band} · {cap}" if band else cap
            before = by

    def _settled(self, spec: TableSpec, top: int, left: int, last: int) -> None:
        """Rows that are locked or paid are grey: nothing writes them any more."""
        for offset, column in enumerate(spec.columns):
            words = [self.plan.quoted(word.label) for word in column.words if word.code in _SETTLED]
            if len(words) == len(_SETTLED):
                cell = f"${get_column_letter(left + offset)}{top + 1}"
                ref = f"{get_column_letter(left)}{top + 1}:{get_column_letter(left + len(spec.columns) - 1)}{last}"
                self.condition(ref, f"OR({','.join(f'{cell}={word}' for word in words)})", style.QUIET)

    def _column(self, spec: TableSpec, column: Column, top: int, left: int, rows: Sequence[schema.Row], after: str = "") -> None:
        """One column; ``after``: the kind of the one before it, from whose figures a text keeps its distance."""
        letter = get_column_letter(left)
        self._header_cell(top, left, self.plan.t(column.header))
        self._unit(top - 1, left, self.plan.t(column.unit))
        fmt = self.plan.format(column.kind)
        role = style.ROLES[spec.role(column)]
        ground = style.fill(role.ground) if role.ground else None
        alignment = style.align("center" if column.kind in _CENTRED else None)
        if column.kind in _TEXTS and after and after not in (*_TEXTS, *_CENTRED):
            alignment = style.align("left", indent=1)
        formula = self.plan.text_of(column.formula, spec) if column.formula else ""
        need = float(style.room(column.kind))
        first = self.sheet.cell(top + 1, left)
        self._style(first, style.font(role.ink), alignment, ground, style.BOX, fmt, style.OPEN if role.open else None)
        cells = self._cells_below(first, len(rows))
        if formula:
            self.plan.formulas.append(Written(self.sheet, f"{letter}{top + 1}", formula, table=spec.name, cells=cells))
        else:
            labels = {word.code: self.plan.t(word.label) for word in column.words}
            for target, record in zip(cells, rows, strict=True):
                value = record.get(column.key)
                value = labels[value] if value is not None and value in labels else value
                target.value = self.plan.t(value) if isinstance(value, Text) else value
                if isinstance(target.value, str):
                    if 2 * len(target.value) > need:  # no character is wider than two columns
                        need = max(need, style.display_width(target.value))
                    target.data_type = "s"  # a name that starts with "=" is a name
        self._widen(f"{letter}{top}", min(need, 40))
        if not column.formula:
            self._validate_column(column, f"{letter}{top + 1}:{letter}{top + len(rows)}")

    def _cells_below(self, first: Cell, count: int) -> list[Cell]:
        """A column of new cells that look like the first: ``sheet.cell`` would take most of the time of a large plan."""
        looks, column, sheet = first._style, first.column, self.sheet
        made = [first, *(_blank(sheet, row, column, StyleArray(looks)) for row in range(first.row + 1, first.row + count))]
        taken = [cell.coordinate for cell in made[1:] if (cell.row, column) in sheet._cells]
        if taken:
            raise BuildError(f"{sheet.title}!{taken[0]} lies in a Table and holds something already")
        sheet._cells.update({(cell.row, column): cell for cell in made})
        return made

    def _validate_column(self, column: Column, ref: str) -> None:
        note = column.note if column.note.zh else None
        if column.words:
            self.validate(ref, [w.label for w in column.words], note, strict=not column.open_words)
        elif column.refers:
            owner, key = column.refers.split(".")
            self.validate(ref, note=note, source=getattr(self.plan.table(owner), key), strict=False)
        elif column.kind == "date":
            self.validate(ref, note=note, date=True)
        elif column.low is not None or column.high is not None:
            self.validate(ref, (), note, column.low, column.high, whole=column.kind == "int", rate=column.kind in _RATES)
        elif note:
            self.validate(ref, note=note)

    def _table(self, spec: TableSpec, ref: str) -> None:
        if spec.name in self.plan.tables:
            raise BuildError(f"the Table {spec.name} stands on {self.plan.tables[spec.name]} already")
        self.plan.tables[spec.name] = self.sheet.title
        table = Table(displayName=spec.name, name=spec.name, ref=ref)
        table._initialise_columns()
        for number, (made, column) in enumerate(zip(table.tableColumns, spec.columns, strict=True), 1):
            assert isinstance(made, TableColumn)
            made.id, made.name = number, self.plan.t(column.header)
            if column.formula:
                text = shapes.to_file(self.plan.text_of(column.formula, spec), 1, spec.name)
                made.calculatedColumnFormula = TableFormula(attr_text=text)
        table.tableStyleInfo = TableStyleInfo(name="TableStyleLight9", showRowStripes=True)
        self.sheet.add_table(table)


def _blank(sheet: Worksheet, row: int, column: int, looks: StyleArray) -> Cell:
    """A cell with nothing in it: ``Cell(…)`` binds a value and looks for one, three times as long."""
    cell = Cell.__new__(Cell)
    cell.parent, cell.row, cell.column, cell._style = sheet, row, column, looks
    cell._value = cell._hyperlink = cell._comment = None
    cell.data_type = "n"
    return cell


def _header_text(text: str) -> str:
    return text.replace("&", "&&")


def _asked(low: float | None, high: float | None, whole: bool, rate: bool) -> Text | None:
    """Type, range and an example of a number that has bounds."""
    if low is None and high is None:
        return None
    example = min(max(0.15 if rate else 3.0, low if low is not None else -math.inf), high if high is not None else math.inf)
    least, most, such = (None if n is None else f"{n * 100:g}%" if rate else f"{n:g}" for n in (low, high, example))
    zh, en = ("比例", "a rate") if rate else ("整数", "a whole number") if whole else ("数", "a number")
    if least is not None and most is not None:
        return Text(f"{least} 到 {most} 的{zh}，如 {such}", f"{en} from {least} to {most}, such as {such}")
    if least is not None:
        return Text(f"{least} 以上的{zh}，如 {such}", f"{en} of {least} or more, such as {such}")
    return Text(f"{most} 以下的{zh}，如 {such}", f"{en} of {most} or less, such as {such}")


def _one_of(choices: Sequence[Text | str], strict: bool) -> Text:
    """A list to choose from, with the first of it."""
    first = choices[0] if isinstance(choices[0], Text) else Text(choices[0], choices[0])
    if strict:
        return Text(f"从列表选一项，如“{first.zh}”", f"one of the list, such as “{first.en}”")
    return Text(f"从列表选或自己写，如“{first.zh}”", f"one of the list or your own word, such as “{first.en}”")


def _of_column(source: str, plan: Plan) -> Text | None:
    """The column of a Table that a list is made of; a name in the workbook says it itself."""
    column = re.fullmatch(r"(\w+)\[(.+)\]", source)
    if column is None or column[1] not in schema.TABLES:
        return None
    spec = schema.TABLES[column[1]]
    header = next((c.header for c in spec.columns if plan.t(c.header) == column[2]), None)
    if header is None:
        return None
    return Text(f"从列表选：{spec.title.zh}的{header.zh}", f"from the list: {header.en} of {spec.title.en}")


def _hint(note: Text | None, asked: Text | None) -> Text | None:
    """Both, as far as they are read at a glance; a note that gives an example of its own, or says to choose, says enough."""
    if note is None or asked is None:
        return note or asked
    if ("如" in note.zh and "such as" in note.en) or ("选" in note.zh and "选" in asked.zh):
        return note
    both = Text(f"{note.zh}；{asked.zh}", f"{note.en}; {asked.en}")
    return both if len(both.zh) <= 60 and len(both.en) <= 120 else note


def _bounds(rule: DataValidation, low: float | None, high: float | None, whole: bool) -> Text:
    """Set a rule's bounds and say them."""
    zh, en = ("整数", "a whole number") if whole else ("数", "a number")
    if low is not None and high is not None:
        rule.operator, rule.formula1, rule.formula2 = "between", f"{low:g}", f"{high:g}"
        return Text(f"请填 {low:g} 到 {high:g} 之间的{zh}", f"Enter {en} from {low:g} to {high:g}")
    if low is not None:
        rule.operator, rule.formula1 = "greaterThanOrEqual", f"{low:g}"
        return Text(f"请填 {low:g} 以上的{zh}", f"Enter {en} ≥ {low:g}")
    rule.operator, rule.formula1 = "lessThanOrEqual", f"{high:g}"
    return Text(f"请填 {high:g} 以下的{zh}", f"Enter {en} ≤ {high:g}")
