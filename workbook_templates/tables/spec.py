"""What a Table is made of: words, columns, keys; and the company whose rows fill a workbook."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from udfs import policy
from udfs.text import Text
from workbook_templates.cells import column_letters

Row = dict[str, Any]
LEFT = 2  # the column in which Tables begin: B

HOME_MARK = "⌂"  # how the first link of every sheet of ours begins
# The verdicts of the Checks sheet, and of the master check that every sheet shows.
PASS = Text("通过", "OK")
FAIL = Text("有误", "Errors")
TODO = Text("待填", "To do")
NOTICE = Text("提醒", "Notice")
# What a company is called before somebody says it.
NO_COMPANY = Text("本公司", "Our company")
# The list of checks: the defined name of its rows, and what its columns hold.
CHECK_LIST = "check_list"
CHECK_COLUMNS = ("number", "what", "where", "found", "expected", "difference", "status", "remedy", "code")


@dataclass(frozen=True)
class Word:
    """One choice of a drop-down: the code behind it and what each language calls it; aliases are read, never written.

    ``like``: the code of ours that one of a company's own counts as, where the program asks for a rank.
    """

    code: str
    label: Text
    aliases: tuple[str, ...] = ()
    like: str = ""

    def means(self, cell: str) -> bool:
        """Whether a cell's text is this word, in either language, in any case."""
        asked = cell.strip().lower()
        return asked in {s.lower() for s in (self.code, *self.label, *self.aliases)}


@dataclass(frozen=True)
class Column:
    """One column. ``kind`` is a key of :data:`KINDS`; ``formula`` makes it calculated (``{key}`` is this row's cell,
    ``{Table.key}`` another column); ``refers`` names the column whose values it must be one of."""

    key: str
    header: Text
    kind: str = "text"
    unit: Text = Text("", "")
    words: Sequence[Word] = ()
    formula: str = ""
    refers: str = ""
    required: bool = True
    low: float | None = None
    high: float | None = None
    open_words: bool = False  # other words may be typed too
    open_refers: bool = False  # an unknown one may stand here for a while: an action enters it where it belongs
    aliases: tuple[str, ...] = ()  # headers that CRM and ERP exports use
    former: tuple[str, ...] = ()  # what earlier versions of ours called it: their plans are still read
    phrases: tuple[tuple[str, str], ...] = ()  # what texts we offered name otherwise now: the words then, and today's
    note: Text = Text("", "")
    by_program: bool = False  # a button fills it in; people leave it alone
    by: Text = Text("", "")  # what that button is called
    default: Any = None  # what an import fills in where a file says nothing
    across: bool = False  # a month or quarter as text, and what the headers of a wide table are turned into
    unless: str = ""  # required only where this other column is blank: a return has what its order has
    adds: bool = False  # of two rows that become one it is the sum
    names: str = (
        ""  # as ``refers``, where what it names need not be there and nothing is checked: a merge follows, a card leads on
    )

    @property
    def needed(self) -> bool:
        """Whether a file must have it: required, and nothing is filled in without it."""
        return self.required and self.default is None

    def named(self, header: str) -> bool:
        """Whether a header in someone's file means this column."""
        return plain_header(header) in self.plain_names

    @cached_property
    def plain_names(self) -> frozenset[str]:
        """All its names as headers are compared."""
        return frozenset(plain_header(s) for s in (self.key, *self.header, *self.former, *self.aliases))

    def heads(self, header: str) -> bool:
        """Whether a header of a plan of ours, of this version or an earlier one, is this column's."""
        return header in self.header or header in self.former

    def code(self, cell: Any) -> Any:
        """The code of a word in a cell; anything else as it is."""
        if isinstance(cell, str):
            for word in self.words:
                if word.means(cell):
                    return word.code
        return cell

    def renewed(self, cell: Any) -> Any:
        """A text with what it names called as it is today; anything else as it is."""
        if isinstance(cell, str):
            for then, today in self.phrases:
                cell = cell.replace(then, today)
        return cell

    def shown(self, value: Any) -> Any:
        """A value as a cell shows it: the label of a code as a Text, anything else as it is."""
        return next((word.label for word in self.words if word.code == value), value)


def by_button(by: Text, key: str, zh: str, en: str, kind: str = "text", unit: Text = Text("", ""), **more: Any) -> Column:
    """A column that the button ``by`` fills in, people leave it alone; blank until then, unless it is ``required``."""
    settings: dict[str, Any] = {"required": False, "by_program": True, "by": by} | more
    return Column(key, Text(zh, en), kind, unit, **settings)


@lru_cache(maxsize=1 << 14)
def plain_header(header: str) -> str:
    """Headers are compared without case, spaces, and a unit in brackets."""
    return re.sub(r"[(（\[].*?[)）\]]|[\s_]+", "", header).lower()


# How a quarter stands in a cell.
QUARTER = re.compile(r"\d{4}-Q[1-4]")
KINDS = ("text", "id", "word", "flag", "date", "time", "period", "quarter", "int", "number", "money", "fen", "rate", "score")


@dataclass(frozen=True)
class PageSpec:
    """The sheet of a Table that has one to itself, built from its spec: no module of ``planning`` is needed.

    ``order``: its place among the tabs. ``frozen``: how many of its columns stay in view. ``widths`` and ``wraps``, by column: a
    width that does not follow from the contents, and one within which long texts take several lines. ``record``: what happened,
    kept for looking it up: its tab stands behind all chapters. ``title``: what the sheet is called, where not as the Table;
    ``beside``: the page on whose sheet it stands, to the right of that; ``faults``: columns that say what is wrong, red where they do.
    ``printed``: with more rows than these a sheet's Tables are not printed.
    """

    order: float
    purpose: Text
    todo: Text = Text("", "")
    frozen: int = 0
    widths: Mapping[str, float] = field(default_factory=dict)
    wraps: Mapping[str, float] = field(default_factory=dict)
    record: bool = False
    title: Text = Text("", "")
    beside: str = ""
    printed: int | None = None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class TableSpec:
    """One Table: its columns in order and the columns whose values together must be unique.

    ``page``: its sheet, where it stands alone on one. ``by_program``: the program keeps it; rows from elsewhere would make its
    history untrue, so that it is no target of an import; ``by``: which button does. ``pasted``: its rows come from another system.
    ``details``: columns that are folded away, since they are looked up and not read. ``identity`` and ``judged``: the first two bands of a
    wide Table, in their order; what is in neither is its details, behind them. ``yearly``: its rows are one year's, next year's plan begins without any.

    A spec equals itself only: comparing and hashing all its columns would cost more than what is looked up by it.
    """

    name: str
    title: Text
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    page: PageSpec | None = None
    by_program: bool = False
    by: Text = Text("", "")
    pasted: bool = False
    details: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
    judged: tuple[str, ...] = ()
    yearly: bool = False

    def __post_init__(self) -> None:
        first = (*self.identity, *self.judged)
        if first:
            by_key = {column.key: column for column in self.columns}
            rest = tuple(column for column in self.columns if column.key not in first)
            object.__setattr__(self, "columns", (*(by_key[key] for key in first), *rest))
            object.__setattr__(self, "details", tuple(column.key for column in rest))

    def role(self, column: Column) -> str:
        """What the column's cells are to their reader: a key of the page's roles."""
        if column.formula:
            return "formula"
        if self.by_program or column.by_program:
            return "written"
        return "pasted" if self.pasted else "input"

    def button(self, column: Column) -> Text:
        """Which button fills the column in; nothing where people do or no single button does."""
        return column.by if column.by_program else self.by if self.by_program else Text("", "")

    @cached_property
    def by_key(self) -> dict[str, Column]:
        return {column.key: column for column in self.columns}

    def __getitem__(self, key: str) -> Column:
        if key not in self.by_key:
            raise KeyError(f"{self.name} has no column {key!r}; it has {', '.join(self.by_key)}")
        return self.by_key[key]

    def letter(self, key: str, first: int = LEFT) -> str:
        """The letter of a column on a sheet where the Table begins in the column ``first``, as a number."""
        return column_letters(first + list(self.by_key).index(key))

    def column_of(self, header: str) -> Column | None:
        """The column that a header in a file means, if any."""
        return next((column for column in self.columns if column.named(header)), None)

    @property
    def page_key(self) -> str:
        """What its own sheet is called in code: ``tier_changes`` for TierChanges."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.name).lower()

    @property
    def inputs(self) -> tuple[Column, ...]:
        """The columns that people fill in."""
        return tuple(column for column in self.columns if not column.formula)


def held_inside(day: dt.date, year: int) -> dt.date:
    """A day, or the year's end that is nearest to it.

    >>> held_inside(dt.date(2026, 11, 1), 2027)
    datetime.date(2027, 1, 1)
    """
    return min(max(day, dt.date(year, 1, 1)), dt.date(year, 12, 31))


@dataclass
class Company:
    """What a planning workbook is filled with: rows by Table name, each a dict by column key (calculated columns left out).

    An empty company (``Company("…", 2027)``) gives the same sheets with one blank row in every Table.
    """

    name: str
    year: int
    as_of: dt.date | None = None
    version: str = "V1.0"
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    chapters: frozenset[int] | None = None  # the chapters in use; None: all there are
    owners: Mapping[int, str] = field(default_factory=dict)  # who answers for a chapter, by its number

    def of(self, table_name: str) -> Sequence[Row]:
        """The rows of a Table; none if the company has none."""
        return self.rows.get(table_name, ())

    def day(self) -> dt.date:
        """Until when actuals count: as given, else today, held inside the plan's year."""
        return self.as_of or held_inside(policy.clock() or dt.date.today(), self.year)

    @property
    def empty(self) -> bool:
        """Whether nothing is filled in yet."""
        return not any(self.rows.values())


@dataclass(frozen=True)
class TableSpecs:
    """What a chapter's module of ``tables`` registers: ``TABLES = TableSpecs(order, (…))``."""

    order: float
    specs: tuple[TableSpec, ...]


@dataclass(frozen=True)
class SampleRows:
    """What a chapter's module ``sample_rows`` registers: ``SAMPLE = SampleRows(order, rows)``, its rows of the sample company.

    ``rows`` gets the company as made so far and returns rows by Table; its texts come in the language in force. The same is asked for the
    whole year and for the story, whose company is as of June: facts are no later than ``company.day()``.
    """

    order: float
    rows: Callable[[Company], Mapping[str, Sequence[Row]]]
