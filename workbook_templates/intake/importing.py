"""Rows of someone's file → rows of a Table, and every row that was refused with the reason and the remedy.

Pure: rows in, an :class:`Imported` out, no files. A row is taken as a whole or not at all; nothing is guessed in silence:
what was filled in, looked up or left out is said in a note with a count and the first lines.
"""

from __future__ import annotations

import datetime as dt
import functools
import importlib
import importlib.util
import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from udfs import policy
from udfs.text import Text, counted, joined
from udfs.values import ExcelError, show
from workbook_templates.answers import Refused, meant, near
from workbook_templates.intake import parsing
from workbook_templates.intake.files import Raw, RawRow, Source, blank
from workbook_templates.intake.meaning import headers, stage, units, wide, words
from workbook_templates.intake.meaning.characters import simple
from workbook_templates.intake.meaning.currencies import YUAN, currency
from workbook_templates.intake.parsing import Bad, fold, look
from workbook_templates.tables import schema
from workbook_templates.tables.policies import Policies
from workbook_templates.tables.schema import Column, Row, TableSpec

HEADER_WITHIN = 40  # exports put titles, filters and dates above their headers


def _says_nothing(column: Column, cell: Raw) -> bool:
    """Whether nothing stands in a column's cell; “None” and “N/A” say something where they are among its choices."""
    if not blank(cell):
        return False
    said = str(cell or "").strip()
    return not (said and any(word.code == column.code(said) for word in column.words))


class RefusedRow(NamedTuple):
    """One reason why a row was not taken; a row may have several."""

    line: int
    column: str
    value: str
    reason: Text
    sheet: str = ""  # where rows come from several


@dataclass(frozen=True)
class Known:
    """What the plan already holds: rows by Table, the year it counts, its policies; Tables of chapters that are ``off`` hold nothing
    to go by."""

    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    year: int | None = None
    as_of: dt.date | None = None
    off: frozenset[str] = frozenset()
    policies: Policies = field(default_factory=Policies)


@dataclass(frozen=True)
class Wishes:
    """What the person asked for: headers renamed (theirs → ours, "" leaves a column out), Tables that unknown IDs are
    added to."""

    renames: Mapping[str, str] = field(default_factory=dict)
    add: frozenset[str] = frozenset({"Customers"})
    rates: Mapping[str, Decimal] = field(default_factory=dict)  # yuan for one of a currency
    choices: stage.Choices = stage.NONE
    update: frozenset[str] = frozenset()  # columns of rows that are there already which may change
    known: Mapping[str, str] = field(default_factory=dict)  # headers as renames, confirmed before: taken where the file has them
    wide: str = ""  # months across are turned into rows: ``month``, or the year of headers that say none


@dataclass
class Imported:
    """What an import comes to: rows to append, rows other Tables need, and what became of every other row."""

    spec: TableSpec
    read: int = 0
    rows: list[Row] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    already: int = 0
    refusals: list[RefusedRow] = field(default_factory=list)
    added: dict[str, list[Row]] = field(default_factory=dict)
    notes: list[Text] = field(default_factory=list)
    matched: dict[str, str] = field(default_factory=dict)  # column key → the file's header
    unused: list[str] = field(default_factory=list)
    header_line: int = 0
    left: list[RefusedRow] = field(default_factory=list)  # totals, footers, what a status takes out: no rows of the Table
    updated: list[tuple[int, Row]] = field(default_factory=list)  # the place of a row there, and what changes in it

    @property
    def refused(self) -> int:
        """How many rows were refused."""
        return len({(refusal.sheet, refusal.line) for refusal in self.refusals})


def bring_in(rows: Sequence[RawRow], spec: TableSpec, known: Known = Known(), wishes: Wishes = Wishes()) -> Imported:
    """Match the headers, read the rows, apply the Table's rules. ``Refused`` when the file as a whole can't be used."""
    return bring_in_all([Source(Path(), tuple(rows), Text("", ""))], spec, known, wishes)


def bring_in_all(sources: Sequence[Source], spec: TableSpec, known: Known = Known(), wishes: Wishes = Wishes()) -> Imported:
    """The same for the sheets of a workbook: all of one shape are read, the others named."""
    return Import(sources, spec, known, wishes).run()


# -------------------------------------------------------------------------------------------------------------------- headers


@dataclass(frozen=True)
class Place:
    """Where a column stands in the file; ``rank`` 0 is its own name, 1 an alias, 2 the name of what it refers to."""

    index: int
    header: str
    rank: float


@dataclass(frozen=True)
class Layout:
    """The header row and what its columns mean to us."""

    line: int
    at: int
    headers: tuple[str, ...]
    places: Mapping[str, Place]
    names: Mapping[str, int]  # column key → where the name behind its ID stands
    unused: tuple[str, ...]
    around: tuple[str, ...] = ()  # the texts above the headers
    beside: Mapping[int, tuple[str, ...]] = field(default_factory=dict)  # by column, what comments on its header say of amounts
    dropped: frozenset[str] = frozenset()  # headers that a person left out
    above: tuple[Raw, ...] = ()  # the upper of two rows of headers

    def unused_but(self, deciding: Collection[int]) -> list[str]:
        """The headers of the columns that were not used at all: neither read nor asked what rows and amounts mean."""
        decided = {self.headers[index] for index in deciding}
        return [header for header in self.unused if header not in decided]

    @property
    def speaking(self) -> tuple[str, ...]:
        """The headers that may say what rows and amounts mean: all but those a person left out."""
        return tuple("" if header in self.dropped else header for header in self.headers)


def headers_matched(spec: TableSpec, cells: Sequence[Raw]) -> int:
    """How many of a Table's columns a row of a file names: what tells a header row from others."""
    return len({key for cell in cells if (key := _meaning(spec, _header(cell))[0])})


def _header(cell: Raw) -> str:
    if cell is None or isinstance(cell, ExcelError):
        return ""
    text = " ".join(unicodedata.normalize("NFKC", str(cell)).split())
    return text.strip(" *:↑↓▲▼")


_GROUPED = re.compile(r"[↑↓]\s*$")


def grouped(rows: Sequence[RawRow], at: int) -> Sequence[RawRow]:
    """Rows of a report in groups: what a column headed so (Account ↑) says once holds until it says something else."""
    places = [i for i, cell in enumerate(rows[at].cells) if isinstance(cell, str) and _GROUPED.search(cell)]
    if not places:
        return rows
    made = list(rows[: at + 1])
    above: dict[int, Raw] = {}
    for row in rows[at + 1 :]:
        cells = list(row.cells)
        for place in (place for place in places if place < len(cells)):
            said = cells[place]
            if blank(said):
                cells[place] = above.get(place)
            elif not (isinstance(said, str) and words.kind_of(said)[0]):
                above[place] = said
        made.append(row._replace(cells=tuple(cells)))
    return made


@functools.lru_cache(maxsize=4096)
def _meaning(spec: TableSpec, header: str) -> tuple[str, float]:
    """The column a header means and how surely; ``""`` for none. What is net of tax comes before what does not say, gross last."""
    if not header or len(header) > 60:
        return "", 9
    # A unit after a slash is like one in brackets; what a header says of tax is no part of its name.
    header = simple(header)
    bare = units.bare(header)
    for rank, column in _named(spec, header, bare):
        if column.kind not in parsing.MONEY or spec.name not in stage.TAXABLE:
            return column.key, rank
        if units.planned(header):
            return "", 9  # a forecast, a plan or a quote is not revenue
        tax = units.tax_of(header) if column.key in stage.TAXABLE[spec.name] else ""
        if tax == units.GROSS:
            return column.key, 6
        if headers.weak(header):
            return column.key, 5 - (tax == units.NET) * 4.5
        return column.key, rank - (tax == units.NET) * 0.5
    return "", 9


def _named(spec: TableSpec, header: str, bare: str) -> Iterator[tuple[float, Column]]:
    slashed = re.sub(r"\s*/\s*[^/]*$", "", header) if "/" in header and parsing.unit_of(header) else header
    for asked in dict.fromkeys((header, slashed, bare)):
        column = spec.column_of(asked) if asked else None
        if column is not None:
            yield (0 if Column(column.key, column.header).named(asked) else 1), column
            return
    for asked in dict.fromkeys((header, slashed, bare)):
        key = headers.column_of(spec.name, asked) if asked else ""
        if key in spec.by_key:  # the dictionary knows columns of an export that a Table has no place for
            yield DICTIONARY, spec[key]
            return
    for column in spec.columns:
        named = _name_column(spec, column)
        if named is not None and (named.named(header) or headers.column_of(column.refers.partition(".")[0], header) == "name"):
            yield 2, column
            return


def _name_column(spec: TableSpec, column: Column) -> Column | None:
    """The name behind an ID: a file may say customers by name. Not where two columns refer to the same Table."""
    owner = column.refers.partition(".")[0]
    if not owner or owner == spec.name or sum(c.refers == column.refers for c in spec.columns) > 1:
        return None
    return schema.table(owner).by_key.get("name")


class NotItsColumns(Refused):
    """A file's columns are not a Table's: one it can't do without is missing, or two are one of ours. ``remedy`` is what helps where no
    other Table is meant, ``matched`` what it took of them."""

    def __init__(self, text: Text, remedy: Text, matched: Collection[str] = ()) -> None:
        super().__init__(text + remedy)
        self.found, self.remedy, self.matched = text, remedy, frozenset(matched)


DICTIONARY = 1.2  # the rank of what a system's own word means: after our names, before that of what a column refers to


def layout(
    rows: Sequence[RawRow],
    spec: TableSpec,
    renames: Mapping[str, str] | None = None,
    only: frozenset[str] = frozenset(),
    known: Mapping[str, str] | None = None,
    headed: bool = False,
) -> Layout:
    """Find the header row and match its columns; ``Refused`` with what was found when required ones are missing.

    ``only``: the columns a file must have when it corrects rows that are there, instead of all that a new row needs. ``known``: headers
    renamed by what is remembered of their source; a file need not have them. ``headed``: the first row is that of the headers, as of
    tables that name their columns.
    """
    chosen = _renames(spec, renames or {})
    before = {words.plain(header): key for header, key in _renames(spec, known or {}).items()}

    def renamed(header: str) -> str | None:
        return chosen[header] if header in chosen else before.get(words.plain(header))

    if not rows:
        raise Refused(Text("文件里没有任何内容。", "There is nothing in the file."))

    def score(cells: Sequence[Raw]) -> int:
        named = {key for c in cells if (key := renamed(_header(c)))}
        return len(named | {key for c in cells if (key := _meaning(spec, _header(c))[0])})

    candidates = range(1 if headed else min(len(rows), HEADER_WITHIN))
    at = max(candidates, key=lambda index: (score(rows[index].cells), -index))
    cells, top = rows[at].cells, at
    if not headed and at + 1 < len(rows) and (with_units := _with_units(rows[at].cells, rows[at + 1].cells)) is not None:
        cells, at = with_units, at + 1
    for upper in (at, at - 1) if at == top and not headed else ():
        both = _two_rows(spec, rows[upper].cells, rows[upper + 1].cells) if 0 <= upper < len(rows) - 1 else None
        if both is not None and score(both) >= score(cells):
            cells, at, top = both, upper + 1, upper
            break
    found_headers = tuple(_header(cell) for cell in cells)
    strange = [name for name in chosen if name not in found_headers]
    if strange:
        raise Refused(
            Text(
                f"--map 中的列“{strange[0]}”不在文件里{meant(strange[0], filter(None, found_headers)).zh}。找到的列：{_listed(found_headers)}",
                f"--map names the column “{strange[0]}”, which is not in the "
                f"file{meant(strange[0], filter(None, found_headers)).en}. "
                f"Columns found: {_listed(found_headers)}",
            )
        )
    if len(only_one := [header for header in found_headers if header]) == 1:
        _refuse_unparted(spec, only_one[0])
    body = rows[at + 1 : at + 1 + _SAMPLED]
    chosen |= {header: key for header in found_headers if header and (key := renamed(header)) is not None}
    try:
        places, names = _places(spec, found_headers, chosen, body)
    except NotItsColumns as refused:
        raise _across_in_two_rows(rows, top, spec) or refused from refused
    used = {place.index for place in places.values()} | set(names.values())
    around = (*_around(rows[:top]), *_stated(found_headers, used, body))
    unused = tuple(h for i, h in enumerate(found_headers) if h and i not in used)
    dropped = frozenset(header for header, key in chosen.items() if not key)
    found = Layout(
        rows[at].line,
        at,
        found_headers,
        places,
        names,
        unused,
        around,
        dropped=dropped,
        above=rows[top].cells if top < at else (),
    )
    try:
        _require(spec, found, body, only)
    except NotItsColumns as refused:
        raise _across_in_two_rows(rows, top, spec) or refused from refused
    return found


def _refuse_unparted(spec: TableSpec, header: str) -> None:
    """Several of our columns in one cell: nothing that parts columns stands between them."""
    keys = {key: part for part in re.split(r"[\s、/]+", header) if (key := _meaning(spec, part)[0])}
    named = list(keys.values())
    if len(named) > 1 and not _meaning(spec, header)[0]:
        zh, en = joined(named, most=3)
        raise Refused(
            Text(f"各列没有分开（{zh} 在同一格）：请导出为 .xlsx，或用逗号、制表符分隔的 CSV。",
                 f"the columns are not parted ({en} stand in one cell): export it as .xlsx, or as CSV with commas or tabs.")
        )  # fmt: skip


def _across_in_two_rows(rows: Sequence[RawRow], at: int, spec: TableSpec) -> Refused | None:
    """Whether the headers are those of a wide table in two rows, which a list of columns would not explain."""
    across = wide.in_two_rows(rows, at)
    return Refused(wide.said(across, spec)) if across else None


def repeats_headings(spec: TableSpec, found: Layout, header: Sequence[Raw], cells: Sequence[Raw], first: bool = False) -> bool:
    """Whether a row says what stands above the rows: the headers again, as on each page, or in the other language; a title again.
    ``first``: it stands directly below the headers, where field names and kinds of data may stand."""
    if tuple(cells) == tuple(header) or (found.above and tuple(cells) == found.above):
        return True
    filled = [" ".join(cell.split()) if isinstance(cell, str) else None for cell in cells if not blank(cell)]
    if not filled or None in filled:
        return False
    if len(filled) <= 2:
        return all(text in found.around for text in filled)
    _refuse_reordered(spec, found, cells)
    own = {
        key: str(cells[place.index])
        for key, place in found.places.items()
        if place.index < len(cells) and not blank(cells[place.index])
    }
    same = sum(_meaning(spec, _header(cell))[0] == key for key, cell in own.items())
    if same >= 3 and 3 * same >= 2 * len(own):
        return True
    figures = [key for key in own if spec[key].kind in (*parsing.NUMERIC, "date", "time")]
    return first and len(figures) > 1 and not any(re.search(r"\d", text) for text in filled if text is not None)


def _refuse_reordered(spec: TableSpec, found: Layout, cells: Sequence[Raw]) -> None:
    """Headers again, and of other columns than above: the rows below them would be read by the wrong ones."""
    heads = {place.header for place in found.places.values()}
    named = {index: key for index, cell in enumerate(cells) if _header(cell) in heads and (key := _key_of(found, _header(cell)))}
    if len(named) >= 3 and any(found.places[key].index != index for index, key in named.items()):
        raise Refused(
            Text("表中另有一行标题，列的顺序与上面不同：请分成两个工作表或文件。没有写入。",
                 "further down stand the headers again, in another order: split it into two sheets or files. Nothing was written.")
        )  # fmt: skip


def _key_of(found: Layout, header: str) -> str:
    return next((key for key, place in found.places.items() if place.header == header), "")


def with_asides(found: Layout, source: Source, wide: bool = False) -> Layout:
    """A layout with what the sheet's name, its comments and its printed margins say: of one column where a comment stands on its header,
    else of all amounts. ``wide``: the months of one amount were turned into rows, so that it is of that."""
    heads = {found.line, found.line - bool(found.above)}
    own: dict[int, tuple[str, ...]] = {}
    above = []
    for line, index, text in source.asides.comments:
        if line in heads and not wide:
            own[index] = (*own.get(index, ()), text)
        elif line <= found.line:
            above.append(text)
    around = (*found.around, *above, *source.asides.printed, *units.of_sheet(source.sheet))
    return replace(found, around=around, beside=own)


class NotSold(Refused):
    """A list of what was not sold: before any other reason why a workbook can't be read."""


def with_its_name(
    found: Layout, spec: TableSpec, file: str, rows: Sequence[RawRow], sheet: str = "", asked: bool = False
) -> Layout:
    """A layout with what the file's name says; ``Refused`` where its name, the sheet's or a title says that nothing of it was sold.

    ``asked``: a person asked for the sheet, by what it is called."""
    if spec.name not in stage.TAXABLE:
        return found
    stem = re.sub(r"\(\d+\)$", "", re.sub(r"\.\w{1,5}$", "", file)).strip()  # a copy is no. (1)
    stated = any(words.flag_of(header) == words.STATUS for header in found.speaking)
    names = (*((line, False) for line in found.around), *(() if asked else ((sheet, False),)), (stem, True))
    for name, of_file in names:
        kind = words.unsold(name, of_file)
        if kind == "money" and spec.name == "Deals":
            continue  # of money received no list knows the cost
        if not kind or (kind in words.SOFT and stated) or (kind == "returned" and not _is_sold(found, spec, rows)):
            continue
        raise NotSold(_not_sold(kind, name, "file" if of_file else "sheet" if name == sheet else "title"))
    return replace(found, around=(*found.around, *units.of_sheet(stem)))


def _is_sold(found: Layout, spec: TableSpec, rows: Sequence[RawRow]) -> bool:
    """Whether any amount is that of a sale: what is taken back is negative."""
    place = found.places.get(stage.MAIN[spec.name])
    cells = [row.cells[place.index] for row in rows[found.at + 1 :] if place.index < len(row.cells)] if place else []
    return not cells or bool((stage.amounts(cells) > 0).any())


_NOT_SOLD = {
    "forecast": Text("预测", "forecasts"), "plan": Text("计划或目标", "a plan or targets"), "quote": Text("报价", "quotes"),
    "void": Text("作废、取消或未成交的单据", "void, cancelled or unfinished documents"), "chance": Text("商机或线索", "opportunities or leads"),
    "bought": Text("采购、费用或库存单据", "purchases, expenses or stock"),
    "money": Text("收付款", "money received or paid"),
}  # fmt: skip


def _not_sold(kind: str, name: str, where: str) -> Text:
    """Why a list is not read as sales, and what helps where it is one."""
    shown = " ".join(name.split())[:30]
    if kind == "returned":
        return Text(f"“{shown}”是退货，金额却为正：请改为负数再导入。没有写入。",
                    f"“{shown}” is a list of returns, and its amounts are positive: make them negative. Nothing was written.")  # fmt: skip
    what = _NOT_SOLD[kind]
    if where == "sheet":
        remedy = Text(
            f"确要按销售读请加 {stage.option('--sheet', name)}",
            f"to read it as sales all the same add {stage.option('--sheet', name)}",
        )
    elif where == "file":
        remedy = Text("确是销售请改文件名", "if it is sales, rename the file")
    else:
        remedy = Text("确是销售请改或删去这行标题", "if it is sales, change or delete that title")
    return (
        Text(f"“{shown}”是", f"“{shown}” is a list of ")
        + what
        + Text("，不算销售：", ", no sales: ")
        + remedy
        + Text("。没有写入。", ". Nothing was written.")
    )


_SAMPLED = 60
MOST_SHEETS = 12  # that are named as not read
Read = TypeVar("Read")


def that_count(sources: Sequence[Source]) -> tuple[Sequence[Source], list[Text]]:
    """The sheets of a workbook but those whose names say that their rows don't count, beside others: 作废, 草稿, Cancelled."""
    out = [source for source in sources if words.is_set_aside(source.sheet)]
    if not out or len(out) == len(sources):
        return sources, []
    notes = [
        Text(f"工作表“{s.sheet}”从名称看是不计的，没有读；要读请加 {stage.option('--sheet', s.sheet)}",
             f"the sheet “{s.sheet}” is one of rows that don't count, by its name, and was not read; {stage.option('--sheet', s.sheet)} reads it")
        for s in out
    ]  # fmt: skip
    return [source for source in sources if source not in out], notes


def of_one_shape(
    sources: Sequence[Source], read: Callable[[Source], Read], layout_of: Callable[[Read], Layout]
) -> tuple[list[Read], list[str]]:
    """What could be read of a workbook's sheets, all with the columns of the first, and the names of the others.

    ``Refused`` for the first one's reason where none could be.
    """
    found: list[Read] = []
    others: list[str] = []
    why: Refused | None = None
    for source in sources:
        try:
            one = read(source)
        except Refused as refused:
            why = why if why and not isinstance(refused, NotSold) else refused
            others.append(source.sheet)
            continue
        if found and set(layout_of(one).places) != set(layout_of(found[0]).places):
            others.append(source.sheet)
        else:
            found.append(one)
    if not found:
        assert why is not None, "there is a source"
        raise why
    return found, [*others, *sources[0].unseen]


def _around(rows: Sequence[RawRow]) -> tuple[str, ...]:
    """The texts above the headers: titles, and what they say of units."""
    return tuple(
        dict.fromkeys(" ".join(str(c).split()) for row in rows for c in row.cells if isinstance(c, str) and not blank(c))
    )


def _stated(found: Sequence[str], used: Collection[int], rows: Sequence[RawRow]) -> list[str]:
    """What cells beside the list say of all amounts: headers over nothing (单位：万元), cells right of the last header."""
    free = [i for i, header in enumerate(found) if i not in used and header and units.is_statement(header)]
    empty = [i for i in free if all(i >= len(row.cells) or blank(row.cells[i]) for row in rows[:_SAMPLED])]
    beyond = (c for row in rows[:_SAMPLED] for c in row.cells[len(found) :] if isinstance(c, str) and units.is_statement(c))
    return [*(found[i] for i in empty), *dict.fromkeys(beyond)]


def within(rows: Sequence[RawRow], found: Layout) -> Sequence[RawRow]:
    """The rows without what stands right of the last header and speaks of all amounts."""
    width = len(found.headers)

    def cut(row: RawRow) -> RawRow:
        beyond = [c for c in row.cells[width:] if not blank(c)]
        return row._replace(cells=row.cells[:width]) if beyond and all(c in found.around for c in beyond) else row

    if not any(len(row.cells) > width for row in rows[found.at + 1 :][:_SAMPLED]):
        return rows
    return [*rows[: found.at + 1], *map(cut, rows[found.at + 1 :])]


def _with_units(heads: Sequence[Raw], below: Sequence[Raw]) -> tuple[Raw, ...] | None:
    """Headers with the units that stand in a row of their own below them; None where that row is none of units."""
    filled = [cell for cell in below if not blank(cell)]
    if not filled or len(below) > len(heads) or not all(isinstance(c, str) and not re.search(r"\d", c) for c in filled):
        return None
    if any(not blank(unit) and blank(head) for head, unit in zip(heads, below, strict=False)):
        return None  # the second row of headers in groups
    if len(filled) == 1 and units.is_statement(str(filled[0])):
        return None  # a line of its own, which speaks of all amounts
    said = [units.says(str(c).strip(" ()（）[]"), False) if not blank(c) else units.SILENT for c in below]
    if not any(one.scale is not None or one.currency or one.unknown or one.tax for one in said):
        return None
    bare = [str(c).strip(" ()（）[]") for c in below]
    return tuple(
        f"{head}({unit})" if not blank(head) and one != units.SILENT else head
        for head, unit, one in zip(heads, [*bare, *[""] * len(heads)], [*said, *[units.SILENT] * len(heads)], strict=False)
    )


def _two_rows(spec: TableSpec, upper: Sequence[Raw], lower: Sequence[Raw]) -> tuple[Raw, ...] | None:
    """The headers of two rows in one: 金额 above 收入 and 成本; None where the second is no row of headers."""
    width = max(len(upper), len(lower))
    over = [*upper, *[None] * (width - len(upper))]
    under = [*lower, *[None] * (width - len(lower))]
    # A header merged down over both rows stands in both: it has none below it.
    under = [None if not blank(o) and u == o else u for o, u in zip(over, under, strict=True)]
    texts = [cell for cell in under if not blank(cell)]
    if not texts or not all(
        isinstance(c, str) and not re.search(r"\d", c) and not words.kind_of(c)[0] and not words.is_footer(c) for c in texts
    ):
        return None
    if not any(not blank(u) and blank(o) for o, u in zip(over, under, strict=True)) or all(
        blank(o) or not blank(u) for o, u in zip(over, under, strict=True)
    ):
        return None
    made: list[Raw] = []
    group: Raw = None
    for o, u in zip(over, under, strict=True):
        group = o if not blank(o) else group if not blank(u) else None
        if blank(u):
            made.append(o)
        elif blank(group):
            made.append(u)
        else:
            made.append(_of_group(spec, _header(group), _header(u)))
    return tuple(made)


def _of_group(spec: TableSpec, group: str, header: str) -> str:
    """A header below that of its group: 客户 and 编号 are 客户编号; what the group says of amounts holds for its columns."""
    if words.is_month(group):
        return f"{group}{header}"  # one of a table with months across
    if not _meaning(spec, header)[0]:
        whole = group + header if re.search("[一-鿿]", group + header) else f"{group} {header}"
        return whole if _meaning(spec, whole)[0] else f"{group}({header})"
    said, own = units.of_header(group), units.of_header(header)
    if own.scale is None and not own.currency:
        header += "".join(f"({part})" for part in units.bracketed(group) if units.says(part)._replace(tax="") != units.SILENT)
    tax = {units.GROSS: "(含税)", units.NET: "(不含税)"}.get(said.tax, "")
    return header if own.tax else header + tax


def _listed(headers: Iterable[str]) -> str:
    shown = [h if len(h) <= 30 else h[:29] + "…" for h in headers if h]
    return " | ".join(shown[:40]) + (" …" if len(shown) > 40 else "")


def _renames(spec: TableSpec, renames: Mapping[str, str]) -> dict[str, str]:
    out = {}
    for theirs, ours in renames.items():
        column = spec.column_of(_header(ours)) if ours.strip() else None
        if ours.strip() and column is None:
            names = [name for c in spec.columns for name in c.header]
            raise Refused(
                Text(
                    f"--map：{spec.name} 没有列“{ours}”{meant(ours, names).zh}。"
                    f"可用：{'、'.join(c.header.zh for c in spec.columns)}",
                    f"--map: {spec.name} has no column “{ours}”{meant(ours, names).en}. "
                    f"There are: {', '.join(c.header.en for c in spec.columns)}",
                )
            )
        out[_header(theirs)] = column.key if column else ""
    return out


def _places(
    spec: TableSpec, found: Sequence[str], chosen: Mapping[str, str], body: Sequence[RawRow] = ()
) -> tuple[dict[str, Place], dict[str, int]]:
    """Which column of the file each of ours is read from; the surer name wins, two equally sure ones are refused.

    Beside an ID the name behind it is kept for rows of people or customers that the plan does not know yet.
    """
    meant: dict[str, list[Place]] = defaultdict(list)
    for index, header in enumerate(found):
        cells = [row.cells[index] for row in body if index < len(row.cells)]
        key, rank = (chosen[header], -1) if header in chosen else _meaning(spec, header)
        if rank >= 0 and key and spec[key].by_program and not _worded(spec[key], cells):
            key, rank = (
                headers.column_of(spec.name, simple(header)),
                DICTIONARY,
            )  # what others call so is none of the program's figures
        if key and (rank != DICTIONARY or _fits(spec[key], cells)):
            meant[key].append(Place(index, header, rank))
    places: dict[str, Place] = {}
    names: dict[str, int] = {}
    for key, all_of_it in meant.items():
        surer = partial(_surer, spec[key])
        first, *others = sorted(all_of_it, key=surer)
        if others and (key, spec.name) != ("product", "Transactions") and surer(others[0]) == surer(first):
            text, remedy = _two_columns(spec[key], first.header, others[0].header)
            raise NotItsColumns(text, remedy, {header for header in found if header} - {others[0].header})
        places[key] = first
        named = [place.index for place in others if place.rank == 2 or (place.rank >= 0 and _is_name(spec[key], place))]
        if named:
            names[key] = named[0]
    return places, names


def _worded(column: Column, cells: Sequence[Raw]) -> bool:
    """Whether all the first cells of a column of choices are among them; another kind of column has none."""
    codes = {word.code for word in column.words}
    return not codes or all(blank(cell) or column.code(str(cell).strip()) in codes for cell in cells)


def _is_name(column: Column, place: Place) -> bool:
    """Whether a column is that of a name, where one beside it is that of a code: 往来单位 beside 往来单位编码."""
    return place.rank >= 0 and bool(column.refers) and not headers.is_code(place.header)


def _surer(column: Column, place: Place) -> tuple[float, bool, bool]:
    """What goes first: the surer name, a code before a name, an amount before one in another money (Amount (USD) beside Amount (CNY))."""
    foreign = place.rank >= 0 and column.kind in parsing.MONEY and units.of_header(place.header).currency not in ("", YUAN)
    return place.rank, _is_name(column, place), foreign


def _fits(column: Column, cells: Sequence[Raw]) -> bool:
    """Whether most of the first cells are what a column holds: a header alone proves nothing."""
    filled = [c for c in cells if not blank(c) and not (isinstance(c, str) and (words.kind_of(c)[0] or words.is_footer(c)))]
    if column.kind not in parsing.NUMERIC and column.kind not in ("date", "time"):
        return not filled or any(isinstance(cell, str) and not parsing.is_number(cell) for cell in filled) or column.kind == "id"
    if column.kind in parsing.NUMERIC:
        return not filled or 2 * sum(parsing.is_number(cell) for cell in filled) >= len(filled)
    return not filled or 2 * sum(parsing.is_date(cell) for cell in filled) >= len(filled)


def _two_columns(column: Column, one: str, other: str) -> tuple[Text, Text]:
    both = Text(f"“{one}”和“{other}”两列都是“{column.header.zh}”", f"“{one}” and “{other}” both mean “{column.header.en}”")
    if one == other:  # an option names a header: it would leave out both
        twice = Text(f"有两列都叫“{one}”", f"two columns are called “{one}”")
        return twice, Text("：请在文件中删去一列，或给一列改名。", ": delete one of them in the file, or rename it.")
    if column.kind in parsing.MONEY:  # either may be the wrong one
        return both, Text(f'：不是的那列用 --map "{other}=" 或 --map "{one}=" 去掉。',
                          f': leave the wrong one out with --map "{other}=" or --map "{one}=".')  # fmt: skip
    return both, Text(f'：用 --map "{other}=" 去掉一列，或改列名。', f': leave one out with --map "{other}=", or rename it.')


def _require(spec: TableSpec, found: Layout, body: Sequence[RawRow], only: frozenset[str] = frozenset()) -> None:
    given = set(found.places)
    if only:
        missing = [c for c in spec.inputs if c.key in only and c.key not in given and not given & rules_of(spec).instead(c.key)]
    else:
        missing = [c for c in spec.inputs if c.needed and c.key not in given and not given & rules_of(spec).instead(c.key)]
    if not missing:
        return
    across = stage.wide(found.headers, least=1 if any(c.across for c in spec.inputs) else 3)
    if across:
        raise Refused(wide.said(across, spec))
    if any(map(words.is_pivot, (*found.headers, *found.around))):
        raise Refused(_PIVOT)
    guesses: list[tuple[str, Column]] = []
    for column in missing:
        guess = _offered(spec, column, found, body, {g for g, _ in guesses})
        if guess:
            guesses.append((guess, column))
    zh, en = joined(c.header for c in missing)
    if guesses:
        zh_maps, en_maps = (" ".join(f'--map "{g}={getattr(c.header, lang)}"' for g, c in guesses) for lang in ("zh", "en"))
        remedy = Text(f"。是否加 {zh_maps}？", f". Perhaps {en_maps}?")
    else:
        first = missing[0].header
        remedy = Text(
            f'。请补上，或指明是哪一列：--map "文件的列={first.zh}"。',
            f'. Add them, or say which column it is: --map "their header={first.en}".',
        )
    where = (
        Text(f"第 {found.line} 行", f" in line {found.line}") if found.line else Text("", "")
    )  # what a query gives has no lines
    found_text = Text(f"。{where.zh}找到的列：", f". Columns found{where.en}: ") + _listed(found.headers)
    if spec.name in stage.TAXABLE and any(c.key in stage.TAXABLE[spec.name] for c in missing):
        taxed = [h for h in found.unused if units.tax_of(h) == units.GROSS and headers.may_be("money", "", units.bare(h) or h)]
        if taxed:
            found_text += Text(f"。“{taxed[0]}”含税，不能直接当不含税金额：用 --map 指定它并加 --tax 13%（实际税率），或改导不含税列",
                               f". “{taxed[0]}” includes tax: name it with --map together with --tax 13% (your tax rate), or export the amount excluding tax")  # fmt: skip
        elif vague := [h for h in found.unused if headers.weak(h) and any(c.key == stage.MAIN.get(spec.name) for c in missing)]:
            found_text += Text(f"。“{vague[0]}”没写含税与否：不含税就用 --map 指定它，含税再加 --tax 13%（实际税率）",
                               f". “{vague[0]}” doesn't say whether tax is in it: name it with --map if it is net, together with --tax 13% (your rate) if not")  # fmt: skip
    planned = [h for h in found.unused if units.planned(h)] if any(c.kind in parsing.MONEY for c in missing) else []
    if planned:
        found_text += Text(
            f"。“{planned[0]}”是预测、计划或报价，不算收入", f". “{planned[0]}” is a forecast, plan or quote, not revenue"
        )
    raise NotItsColumns(Text(f"缺少必需的列：{zh}", f"required columns are missing: {en}") + found_text, remedy, found.places)


_DASHED = parsing.NUMERIC | {"date", "time", "id"}
_PIVOT = Text("这是数据透视表的结果，不是明细：请导出它的来源明细，或用 --sheet 指明明细所在的工作表。",
              "this is what a pivot table adds up, not a list: export the list it is made of, or name its sheet with --sheet.")  # fmt: skip


def fitting(rows: Sequence[RawRow], specs: Iterable[TableSpec], known: Collection[str]) -> list[TableSpec]:
    """The Tables a file has all needed columns of, those that take most of its columns; they take more of them than ``known``, which
    the Table it was meant for took."""
    found: dict[int, list[TableSpec]] = defaultdict(list)
    for spec in specs:
        try:
            found[len(layout(rows, spec).places)].append(spec)
        except Refused:
            continue
    most = max(found, default=0)
    return found[most] if most > len(known) else []


_OF_WHOM = frozenset({"Customers", "People", "Dealers"})  # whose own number is that of a person or a firm


def _offered(spec: TableSpec, column: Column, found: Layout, body: Sequence[RawRow], taken: set[str]) -> str:
    """A header that may be the column, by its words and by its values: what would do harm is never offered."""
    named = [n for n in (column.header.zh, *column.aliases) if len(n) >= 2 and not n.isascii()]

    def good(header: str) -> bool:
        index = found.headers.index(header)
        cells = [row.cells[index] for row in body if index < len(row.cells)]
        return (
            header not in taken
            and headers.may_be(column.kind, column.refers, header)
            and not (column.kind == "id" and not column.refers and spec.name not in _OF_WHOM and headers.is_whose(header))
            and not (spec.name in stage.TAXABLE and column.kind in parsing.MONEY and units.tax_of(header) == units.GROSS)
            and not (column.key == stage.MAIN.get(spec.name) and (headers.is_received(header) or headers.weak(header)))
            and not words.flag_of(header)
            and not words.role_of(header)
            and any(not blank(cell) for cell in cells)
            and _fits(column, cells)
            and (not column.words or column.open_words or any(_worded(column, [cell]) for cell in cells if not blank(cell)))
        )

    def says(header: str) -> bool:
        """Whether all cells are words of ours: 部门 with 行业 and 区域 in it is the line."""
        index = found.headers.index(header)
        filled = {str(row.cells[index]) for row in body if index < len(row.cells) and isinstance(row.cells[index], str)}
        codes = {word.code for word in column.words}
        return (
            column.kind == "word"
            and not column.open_words
            and bool(filled)
            and all(column.code(cell) in codes for cell in filled if cell.strip())
        )

    known = [header for header in found.unused if good(header)]
    likely = next((g for name in (column.key, *column.header, *column.aliases) for g in near(name, known, 1)), "")
    return likely or next((h for h in known if any(n in h or h in n for n in named) or says(h)), "")


# ------------------------------------------------------------------------------------------------------------------------ rows


@dataclass
class Candidate:
    """A row on its way in."""

    line: int
    cells: tuple[Raw, ...]
    row: Row
    page: Incoming
    goes_on: bool = False  # a further line of the order above, which names it only once


@dataclass
class Incoming:
    """One sheet or file on its way in."""

    source: Source
    layout: Layout
    first: int  # what its lines are counted from, so that no two rows of several sheets have one number
    body: list[RawRow] = field(default_factory=list)
    dated: list[RawRow] = field(default_factory=list)  # those, and the orders that don't count: their days are written in one way
    parsers: list[tuple[Column, int, Callable[[Raw, tuple[Raw, ...]], Any]]] = field(default_factory=list)
    currency: int = -1  # where the currency of a row stands
    deciding: set[int] = field(default_factory=set)  # columns that decide what rows and amounts mean
    telling: tuple[int, ...] = ()  # the columns that tell the lines of an order apart, where most rows fill one

    @property
    def name(self) -> str:
        """The sheet, where it is one."""
        return self.source.sheet


PAGE = 1 << 40  # more than the lines of any file


# ------------------------------------------------------------------------------------------------- what a Table's rules may add


def _newcomer(value: str, name: str, year: int | None) -> Row:
    return {"id": value, "name": name}


@dataclass(frozen=True)
class ImportRules:
    """What is particular to a Table where its columns don't say it; a module of ``intake.rules`` named like the Table has it.

    ``stands_in``: for a required column those that a file may give instead. ``before`` looks at all rows as read, ``row`` at each of
    them, ``named`` at each once names became IDs, ``look`` at all new ones that are left then; they may refuse and note. ``newcomer`` makes the row of an ID
    nobody entered. ``words``: what cells of a column may say in a file besides its own words, as a code of its.
    """

    stands_in: Mapping[str, frozenset[str]] = field(default_factory=dict)
    row: Callable[[Import, Candidate], None] = lambda run, candidate: None
    before: Callable[[Import, list[Candidate]], None] = lambda run, candidates: None
    words: Mapping[str, Callable[[TableSpec, str], str | None]] = field(default_factory=dict)
    named: Callable[[Import, Candidate], None] = lambda run, candidate: None
    look: Callable[[Import, list[Candidate]], list[Candidate]] = lambda run, candidates: candidates
    newcomer: Callable[[str, str, int | None], Row] = _newcomer
    notes: Mapping[str, Text] = field(default_factory=dict)
    sums: frozenset[str] = frozenset()  # columns in which the lines of one key add up
    # Keys of rows whose pay is settled, and the columns that may change all the same.
    settled: Callable[[Known], frozenset[str]] = lambda known: frozenset()
    moving: frozenset[str] = frozenset()

    def instead(self, key: str) -> frozenset[str]:
        """The columns that may stand for one."""
        return self.stands_in.get(key, frozenset())

    @property
    def read(self) -> set[str]:
        """Calculated columns that a file is read for all the same."""
        return {key for keys in self.stands_in.values() for key in keys}


@functools.cache
def rules_of(spec: TableSpec) -> ImportRules:
    """A Table's rules: those of the module named like it, or none in particular."""
    name = f"workbook_templates.intake.rules.{spec.page_key}"
    if importlib.util.find_spec(name) is None:
        return ImportRules()
    rules: ImportRules = importlib.import_module(name).RULES
    return rules


class Import:
    """One run; its steps follow :meth:`run`."""

    def __init__(self, sources: Sequence[Source], spec: TableSpec, known: Known, wishes: Wishes) -> None:
        self.spec, self.known, self.wishes = spec, known, wishes
        self.rules = rules_of(spec)
        self._zone = policy.zone(known.policies.at("company.zone", known.as_of))
        self.outcome = Imported(spec)
        self._corrected = frozenset({*spec.key, *wishes.update}) if wishes.update else frozenset()
        self._settled = self.rules.settled(known) if wishes.update else frozenset()
        self.pages = self._pages(sources)
        self.layout = self.pages[0].layout
        self.places = self.layout.places
        self.outcome.header_line, self.outcome.unused = self.layout.line, list(self.layout.unused)
        self.outcome.matched = {key: place.header for key, place in self.places.items()}
        self.bad: dict[int, list[RefusedRow]] = defaultdict(list)
        self.noted: dict[str, list[int]] = defaultdict(list)
        self.usual: dict[str, list[int]] = defaultdict(list)  # by column, the rows that said nothing and got its usual word
        self.said: dict[str, Text] = {}  # what notes of the rules name
        self.directories = {t: Directory.of(known, t) for t in {c.refers.partition(".")[0] for c in spec.columns} - {""}}

    def _pages(self, sources: Sequence[Source]) -> list[Incoming]:
        """The sheets that can be read, all of the first one's shape; the others are named."""
        first = itertools.count(0, PAGE)

        def page(source: Source) -> Incoming:
            begins = next(first)
            source = self._long(source)
            try:
                found = layout(source.rows, self.spec, self.wishes.renames, self._corrected, self.wishes.known)
                found = with_asides(found, source, bool(self.wishes.wide))
                found = with_its_name(found, self.spec, source.path.name, source.rows, source.sheet, source.asked)
                return Incoming(replace(source, rows=tuple(within(grouped(source.rows, found.at), found))), found, begins)
            except Refused as refused:
                raise self._people_across(source) or refused from refused

        sources, aside = that_count(sources)
        self.outcome.notes += aside
        pages, others = of_one_shape(sources, page, lambda page: page.layout)
        if len(pages) > 1:
            names = [page.name for page in pages]
            self.outcome.notes.append(
                Text(f"读了 {len(names)} 个工作表：{'、'.join(names)}", f"read {len(names)} sheets: {', '.join(names)}")
            )
        if others:
            self.outcome.notes.append(Text("没有读的工作表：", "sheets not read: ") + joined(others, most=MOST_SHEETS, unit="个"))
        return pages

    def _long(self, source: Source) -> Source:
        """Months across as rows, where that was asked for."""
        names = wide.amount_of(self.spec) if self.wishes.wide else None
        if self.wishes.wide and names is None:
            raise Refused(wide.said(("1月", "2月", "3月"), self.spec))
        found = wide.long(source.rows, self.wishes.wide, names) if names else None
        if found is None:
            return source
        self.outcome.notes.append(found[1])
        return replace(source, rows=tuple(found[0]))

    def _people_across(self, source: Source) -> Refused | None:
        """Whether a sheet has a column each person: a wide table, which a list of missing columns would not explain."""
        people = [str(row[key]) for row in self.known.rows.get("People", ()) for key in ("id", "name") if row.get(key)]
        for row in source.rows[:HEADER_WITHIN]:
            across = stage.wide([_header(cell) for cell in row.cells], people)
            if across:
                return Refused(wide.said(across, self.spec))
        return None

    def run(self) -> Imported:
        """Read, resolve, compare, decide."""
        candidates: list[Candidate] = []
        for page in self.pages:
            candidates += self._of_page(page)
        self.outcome.unused = self.pages[0].layout.unused_but(self.pages[0].deciding)
        candidates = self._alike_but_distinct(candidates)
        candidates = self._orders(candidates)
        if self.wishes.update:
            self._completed(candidates)
        for candidate in candidates:
            self._say_the_usual(candidate)
        self.rules.before(self, [c for c in candidates if c.line not in self.bad])
        for candidate in candidates:
            if candidate.line not in self.bad:
                self.rules.row(self, candidate)
        # Names are IDs before rows are compared with the plan's: a manager by name is the same manager, and corrects no other.
        candidates = self._referring(self._resolved(c for c in candidates if c.line not in self.bad))
        for candidate in candidates:
            self.rules.named(self, candidate)
        candidates = self._unique(c for c in candidates if c.line not in self.bad)
        candidates = self._referring(candidates)
        self._finish(self._referring(self.rules.look(self, candidates)))  # looking may refuse what others refer to
        return self.outcome

    def _completed(self, candidates: Iterable[Candidate]) -> None:
        """A row that corrects one that is there has all else from it; one that is not there needs to be whole."""
        plan = {self._key(row): row for row in self.known.rows.get(self.spec.name, ())}
        for candidate in candidates:
            there = plan.get(self._key(candidate.row))
            if there is not None:
                for column in self.spec.inputs:
                    from_others = column.key in self.wishes.update and self._stood_in(candidate, column.key)
                    if candidate.row.get(column.key) is None and not from_others:
                        candidate.row[column.key] = there.get(column.key)
            elif candidate.line not in self.bad and not self._whole_row(candidate):
                self.refuse(candidate, self.spec.key[0], _NOT_THERE)

    def _stood_in(self, candidate: Candidate, key: str) -> bool:
        """Whether a row gives what stands in for a column: its margin rate for its cost."""
        return any(candidate.row.get(other) is not None for other in self.rules.instead(key))

    def refuse(self, candidate: Candidate, key: str, reason: Text) -> None:
        """Note why a row is not taken."""
        place = candidate.page.layout.places.get(key)
        header = place.header if place else str(self.spec[key].header) if key in self.spec.by_key else key
        raw = candidate.cells[place.index] if place and place.index < len(candidate.cells) else None
        self.bad[candidate.line].append(self._refused(candidate.line, header, quoted(raw), reason))

    def _refused(self, line: int, header: str, value: str, reason: Text) -> RefusedRow:
        page, within = divmod(line, PAGE)
        several = len(self.pages) > 1
        return RefusedRow(
            within, header, value, reason, next(p.name for p in self.pages if p.first == page * PAGE) if several else ""
        )

    def note(self, kind: str, line: int) -> None:
        """Count something worth saying."""
        self.noted[kind].append(line)

    # ---- reading

    def _of_page(self, page: Incoming) -> list[Candidate]:
        """The rows of a sheet that are rows of the Table, each parsed."""
        rows = []
        header = page.source.rows[page.layout.at].cells
        for row in page.source.rows[page.layout.at + 1 :]:
            if repeats_headings(self.spec, page.layout, header, row.cells, first=row is page.source.rows[page.layout.at + 1]):
                self.note("repeated", page.first + row.line)  # page breaks repeat the header
            else:
                rows.append(row)
        meaning = self._meaning_of(page, rows)
        page.deciding |= meaning.deciding
        footers = [rows[i] for i in np.flatnonzero(meaning.left).tolist() if meaning.reasons[meaning.left[i]][0] == stage.FOOTERS]
        page.body = [row for row, left in zip(rows, meaning.left.tolist(), strict=True) if not left]
        kinds = [kind for kind, _ in meaning.reasons]
        page.dated = [
            row for row, left in zip(rows, meaning.left.tolist(), strict=True) if not left or kinds[left] == stage.STATUS
        ]
        self.outcome.read += len(page.body)
        page.parsers = self._parsers(page, _around(footers))
        page.telling = self._telling(page)
        self._say_unused(page)
        candidates = []
        above: Candidate | None = None
        for index, raw in enumerate(rows):
            if meaning.left[index]:
                above = None if meaning.reasons[meaning.left[index]][0] != stage.FOOTERS else above
                continue
            if index in meaning.refused:
                where, reason = meaning.refused[index]
                value = raw.cells[where] if where < len(raw.cells) else None
                line = page.first + raw.line
                self.bad[line].append(self._refused(line, page.layout.headers[where], quoted(value), reason))
                above = None
                continue
            candidate = self._candidate(page, raw, above, bool(meaning.minus is not None and meaning.minus[index]))
            above = candidate
            if candidate is not None:
                candidates.append(candidate)
        return candidates

    @staticmethod
    def _telling(page: Incoming) -> tuple[int, ...]:
        used = {place.index for place in page.layout.places.values()}
        found = [i for i, h in enumerate(page.layout.headers) if i not in used and words.tells_lines(h)]
        filled = sum(any(i < len(row.cells) and not blank(row.cells[i]) for i in found) for row in page.body)
        return tuple(found) if 2 * filled > len(page.body) else ()

    def _meaning_of(self, page: Incoming, rows: Sequence[RawRow]) -> stage.Meaning:
        width = len(page.layout.headers)
        cells = [row.cells[:width] + (None,) * (width - len(row.cells)) for row in rows]
        lines = np.fromiter((row.line for row in rows), np.int64, len(rows))
        seen = stage.Rows(
            page.layout.speaking,
            {key: place.index for key, place in page.layout.places.items()},
            list(zip(*cells, strict=True)) if cells else [()] * width,
            lines,
            self.spec,
            summed=frozenset(row.line for row in rows if row.summed),
            hidden=frozenset(row.line for row in rows if row.hidden),
        )
        meaning = stage.look(seen, self.wishes.choices)
        where = Text(f"“{page.name}”：", f"“{page.name}”: ") if len(self.pages) > 1 else Text("", "")
        self.outcome.notes += [where + note for note in (*meaning.said(lines), *meaning.notes)]
        for index in np.flatnonzero(meaning.left).tolist():
            shown = " | ".join(quoted(c) for c in rows[index].cells[:6])
            self.outcome.left.append(
                self._refused(page.first + rows[index].line, "", shown, meaning.reasons[meaning.left[index]][1])
            )
        return meaning

    def _say_unused(self, page: Incoming) -> None:
        used = [place.index for place in page.layout.places.values()]
        if self.spec.name in stage.TAXABLE:
            self.outcome.notes += stage.discounts(page.layout.speaking, used, lambda index: _column(page.body, index))

    def _parsers(self, page: Incoming, below: Sequence[str]) -> list[tuple[Column, int, Callable[[Raw, tuple[Raw, ...]], Any]]]:
        out: list[tuple[Column, int, Callable[[Raw, tuple[Raw, ...]], Any]]] = []
        given = page.layout.speaking
        if any(self.spec[key].kind in parsing.MONEY for key in page.layout.places) and "currency" not in self.spec.by_key:
            used = [place.index for place in page.layout.places.values()]
            page.currency = stage.currency_column(given, used, lambda index: _column(page.body, index))
            page.deciding |= {page.currency} - {-1}
        for key, place in page.layout.places.items():
            column = self.spec[key]
            if column.formula and key not in self.rules.read:
                continue
            cells = _column(page.body, place.index)
            if column.kind in ("date", "time"):
                cells = _column(page.dated, place.index)  # a day of a void order shows the order of day and month, too
            habit = self._habit(page, column, place, cells)
            if column.kind in parsing.MONEY:
                out.append((column, place.index, self._money(page, column, place, habit, below)))
            else:
                parse = self._worded(column, parsing.parser(column, habit))
                out.append((column, place.index, lambda raw, row, parse=parse: parse(raw)))  # type: ignore[misc]
        return out

    def _worded(self, column: Column, parse: Callable[[Raw], Any]) -> Callable[[Raw], Any]:
        """With what the Table's rules know a file to say besides."""
        more = self.rules.words.get(column.key)
        if more is None:
            return parse

        def either(raw: Raw) -> Any:
            found = more(self.spec, raw) if isinstance(raw, str) else None
            return parse(raw) if found is None else found

        return either

    def _money(
        self, page: Incoming, column: Column, place: Place, habit: parsing.Habit, below: Sequence[str]
    ) -> Callable[[Raw, tuple[Raw, ...]], Any]:
        """How a column of money is read: its unit, currency and tax, as far as header, titles, formats and other columns say."""
        own = page.layout.beside.get(place.index, ())
        titles = (*own, *page.layout.around, *(below if column.unit or self.spec.name in stage.TAXABLE else ()))
        amount = stage.amount_of(
            self.spec,
            column.key,
            place.header,
            page.layout.speaking,
            titles,
            self.wishes.choices,
            lambda index: _column(page.body, index),
        )
        self.outcome.notes += [note for note in amount.notes if note not in self.outcome.notes]
        if amount.currency != YUAN and amount.currency not in self.wishes.rates:
            where = f"“{page.name}” " if len(self.pages) > 1 else ""
            raise Refused(
                Text(f"{where}“{place.header}”：", f"{where}“{place.header}”: ")
                + parsing.foreign(amount.currency)
                + Text("。没有写入。", ". Nothing was written.")
            )
        page.deciding |= amount.beside
        header_rate = Decimal(1) if amount.currency == YUAN else self.wishes.rates[amount.currency]
        said_yuan = page.currency >= 0 and units.in_own_money(place.header, page.layout.headers)
        main = page.layout.places.get(stage.MAIN.get(self.spec.name, ""))
        unsaid = (  # 成本 beside 本币金额: of which money it is nothing says
            page.currency >= 0 and not said_yuan and main is not None and units.in_own_money(main.header, page.layout.headers)
            and not units.in_other_money(place.header)
        )  # fmt: skip
        plain = amount == stage.Amount(notes=amount.notes) and page.currency < 0

        def parse(raw: Raw, row: tuple[Raw, ...]) -> float:
            number = parsing.decimal(raw, column, _row_scale(amount, row), habit)
            if not plain:
                number = _net(number, amount, row, column, habit) * header_rate
                code = "" if said_yuan else _row_currency(page, amount, row)
                if code not in ("", YUAN, amount.currency):
                    if unsaid:
                        raise Bad(_of_which_money(place.header, code))
                    if code not in self.wishes.rates:
                        raise _Foreign(code)
                    number *= self.wishes.rates[code]
            return parsing.rounded(number, column)

        return parse

    def _days(self, page: Incoming) -> list[Raw]:
        """The first cells of the columns of days."""
        places = [place.index for key, place in page.layout.places.items() if self.spec[key].kind in ("date", "time")]
        return [row.cells[index] for row in page.body[:_SAMPLED] for index in places if index < len(row.cells)]

    def _habit(self, page: Incoming, column: Column, place: Place, cells: Sequence[Raw]) -> parsing.Habit:
        unit = parsing.unit_of(place.header)
        comma = False
        if column.kind in parsing.NUMERIC:
            told = parsing.comma_habit(cells)
            if told is None:
                raise Refused(parsing.two_styles(place.header))
            comma = told
            if not comma and column.kind in parsing.MONEY and (doubtful := parsing.doubtful_thousands(cells, self._days(page))):
                raise Refused(parsing.two_meanings(place.header, doubtful))
            if comma:
                self.outcome.notes.append(
                    Text(
                        f"“{place.header}”按小数逗号读取（1.234,56）", f"“{place.header}” was read with decimal commas (1.234,56)"
                    )
                )
        if column.kind == "rate":
            scale = parsing.percent_habit(unit, cells)
            if scale != 1:
                self.outcome.notes.append(
                    Text(
                        f"“{place.header}”按百分数读取（35 即 35%）", f"“{place.header}” was read as percent numbers (35 is 35%)"
                    )
                )
            return parsing.Habit(scale, comma=comma)
        if column.kind in ("date", "time"):
            first = parsing.date_habit(cells)
            if first is not None:
                order = Text("日/月/年", "day/month/year") if first else Text("月/日/年", "month/day/year")
                self.outcome.notes.append(
                    Text(
                        "“{h}”按 {o} 读取：该列中有大于 12 的数证明了顺序",
                        "“{h}” was read as {o}: numbers above 12 in it prove that",
                    ).format(h=place.header, o=order)
                )
            given = parsing.stated_offset(place.header)
            if given is not None or parsing.has_offset(cells):
                self.outcome.notes.append(parsing.said_zone(place.header, self._zone))
            return parsing.Habit(day_first=first, from_1904=page.source.from_1904, zone=self._zone, given=given)
        return parsing.Habit(comma=comma, rates=self.wishes.rates)

    def _candidate(self, page: Incoming, raw: RawRow, above: Candidate | None, minus: bool) -> Candidate | None:
        candidate = Candidate(page.first + raw.line, raw.cells, {}, page)
        width = len(page.layout.headers)
        if any(not blank(cell) for cell in raw.cells[width:]):
            count = len(raw.cells)
            self._whole(
                candidate,
                Text(
                    f"有 {count} 格，标题只有 {width} 列：是否有未加引号的逗号？",
                    f"has {count} cells, the header {width}: a comma without quotes?",
                ),
            )
            return None
        if self._is_no_line(page, raw):
            self._whole(candidate, _NO_LINE)
            return None
        if above is not None and self._goes_on(page, raw):
            candidate.cells, candidate.goes_on = self._with_head(page, raw, above), True
            self.note("goes_on", candidate.line)
        for column, index, parse in page.parsers:
            cell = candidate.cells[index] if index < len(candidate.cells) else None
            if index in raw.merged and column.kind in parsing.MONEY:
                if above is not None and column.key in self.rules.sums and self._key_cell(above) != self._key_cell(candidate):
                    for one in (above, candidate):
                        if one.line not in self.bad:
                            self.refuse(one, column.key, SHARED)
                candidate.row[column.key] = 0.0 if column.key in self.rules.sums else None  # the merged amount is the group's
                continue
            if _says_nothing(column, cell) or (
                column.kind in _DASHED and isinstance(cell, str) and cell.strip() in parsing.DASHES
            ):
                candidate.row[column.key] = None
                continue
            try:
                value = parse(cell, candidate.cells)
                candidate.row[column.key] = -value if minus and column.kind in parsing.MONEY else value
            except _Foreign as other:
                if candidate.line not in self.bad:
                    where = page.currency
                    reason = parsing.foreign(other.code)
                    shown = quoted(candidate.cells[where])
                    self.bad[candidate.line].append(self._refused(candidate.line, page.layout.headers[where], shown, reason))
            except Bad as bad:
                self.refuse(candidate, column.key, bad.text)
        self._require_filled(candidate)
        return candidate

    def _key_cell(self, candidate: Candidate) -> Raw:
        place = candidate.page.layout.places.get(self.spec.key[0])
        return candidate.cells[place.index] if place is not None and place.index < len(candidate.cells) else None

    def _goes_on(self, page: Incoming, raw: RawRow) -> bool:
        """Whether a row is a further line of the order above: it names amounts, and nothing of the order."""
        if not self.rules.sums:
            return False

        def cell(key: str) -> Raw:
            index = page.layout.places[key].index
            return raw.cells[index] if index < len(raw.cells) else None

        sums = [key for key in page.layout.places if key in self.rules.sums]
        heads = [key for key in page.layout.places if key not in self.rules.sums and not self.spec[key].formula]
        return any(not blank(cell(key)) for key in sums) and all(blank(cell(key)) for key in heads)

    def _is_no_line(self, page: Incoming, raw: RawRow) -> bool:
        """Whether a row has amounts, nothing of an order, and nothing of a line either where lines have a product or a number."""
        return bool(page.telling) and self._goes_on(page, raw) and all(
            blank(raw.cells[index] if index < len(raw.cells) else None) for index in page.telling
        )  # fmt: skip

    def _with_head(self, page: Incoming, raw: RawRow, above: Candidate) -> tuple[Raw, ...]:
        cells = [*raw.cells, *[None] * (len(page.layout.headers) - len(raw.cells))]
        for key, place in page.layout.places.items():
            if key not in self.rules.sums and not self.spec[key].formula:
                cells[place.index] = above.cells[place.index] if place.index < len(above.cells) else None
        return tuple(cells)

    def _whole(self, candidate: Candidate, reason: Text) -> None:
        shown = " | ".join(quoted(c) for c in candidate.cells[:6])
        self.bad[candidate.line].append(self._refused(candidate.line, "", shown, reason))

    def _say_the_usual(self, candidate: Candidate) -> None:
        """A word the Table needs and the file says nothing about is the usual one."""
        for column in self.spec.inputs:
            if column.required and column.words and column.default is not None and candidate.row.get(column.key) is None:
                candidate.row[column.key] = column.default
                self.usual[column.key].append(candidate.line)

    def _require_filled(self, candidate: Candidate) -> None:
        missing = []
        for column in self.spec.inputs:
            spared = bool(column.unless and candidate.row.get(column.unless))
            if column.needed and not spared and column.key in self.places and candidate.row.get(column.key, "") is None:
                if self.places.keys() & self.rules.instead(column.key):
                    continue  # the Table's rules say what is missing then
                missing.append(column)
        needed = [column for column in self.spec.inputs if column.needed and column.key in self.places]
        if len(missing) > 1 and 2 * len(missing) >= len(needed) and candidate.line not in self.bad:
            places = candidate.page.layout.places  # hardly a row: that is one thing to say, not five
            named = "、".join(places[c.key].header if c.key in places else str(c.header) for c in missing)
            self.bad[candidate.line].append(self._refused(candidate.line, named, "", ARE_BLANK))
            return
        for column in missing:
            self.refuse(candidate, column.key, IS_BLANK)

    # ---- IDs that differ, and that Excel takes for one

    def _alike_but_distinct(self, candidates: list[Candidate]) -> list[Candidate]:
        """Refuse IDs that differ in case or width only, or in characters that look alike: two things, which no lookup of Excel, or no
        reader, can tell apart."""
        keys = [
            key
            for key in (*self.spec.key[:1], *(c.key for c in self.spec.inputs if c.refers and c.kind == "id"))
            if key in self.places
        ]
        for key in dict.fromkeys(keys):
            if len(self.spec.key) > 1 and not self.spec[key].refers:
                continue
            written: dict[str, dict[str, int]] = defaultdict(dict)
            for candidate in candidates:
                value = candidate.row.get(key)
                if value is not None:
                    written[look(value)].setdefault(self._as_written(candidate, key), candidate.line)
                    if other := self._in_plan(key).like(value):
                        written[look(value)].setdefault(other, candidate.line)
            clashes = {folded: ways for folded, ways in written.items() if len(ways) > 1 and not self._one_to_the_plan(key, ways)}
            for candidate in candidates:
                ways = clashes.get(look(candidate.row[key])) if candidate.row.get(key) is not None else None
                if ways:
                    self.refuse(candidate, key, clash(sorted(ways)))
        return candidates

    def _as_written(self, candidate: Candidate, key: str) -> str:
        place = candidate.page.layout.places[key]
        cell = candidate.cells[place.index]
        return as_written(cell) if isinstance(cell, str) else str(candidate.row[key])

    def _in_plan(self, key: str) -> Directory:
        """The IDs of the plan that a column names: those of another Table, or the rows' own."""
        owner = self.spec[key].refers.partition(".")[0] or self.spec.name
        if owner not in self.directories:
            self.directories[owner] = Directory(self.known.rows.get(owner, ()), key)
        return self.directories[owner]

    def _one_to_the_plan(self, key: str, ways: Iterable[str]) -> bool:
        """Whether all are people's ways of typing one ID of the plan."""
        owner = self.spec[key].refers.partition(".")[0]
        return owner in self.directories and all(self.directories[owner].same(way) for way in ways)

    # ---- the lines of an order

    def _orders(self, candidates: list[Candidate]) -> list[Candidate]:
        """Lines of one order as one row, or none of them."""
        if not self.rules.sums or len(self.spec.key) != 1:
            return candidates
        key = self.spec.key[0]
        groups: dict[str, list[Candidate]] = defaultdict(list)
        for candidate in candidates:
            if candidate.row.get(key) is not None:
                groups[fold(candidate.row[key])].append(candidate)
        several = [group for group in groups.values() if len(group) > 1 and self._are_lines(group)]
        gone: set[int] = set()
        if repeated := self._of_whole_orders(several):
            for candidate in itertools.chain.from_iterable(several):
                self.refuse(candidate, stage.MAIN[self.spec.name], repeated)
            return candidates
        for group in several:
            gone |= self._summed(group)
        return [c for c in candidates if c.line not in gone]

    def _of_whole_orders(self, several: Sequence[Sequence[Candidate]]) -> Text | None:
        """Why nothing can be added up: all lines of each order carry one amount, which may be the order's."""
        main = stage.MAIN.get(self.spec.name, "")
        place = self.places.get(main)
        if not several or place is None or not stage.may_be_of_order(place.header, self.layout.unused):
            return None
        for group in several:
            amounts = {candidate.row.get(main) for candidate in group}
            if len(amounts) > 1 or amounts & {None, 0.0} or any(c.goes_on for c in group) or not self._told_apart(group):
                return None
        return stage.repeated_amount(place.header)

    def _are_lines(self, group: Sequence[Candidate]) -> bool:
        """Whether rows of one number are lines: they go on from above, or differ in what tells lines apart."""
        return any(candidate.goes_on for candidate in group) or self._told_apart(group)

    def _told_apart(self, group: Sequence[Candidate]) -> bool:
        for page in {id(c.page): c.page for c in group}.values():
            telling = page.telling
            mine = [c for c in group if c.page is page]
            if len(mine) > 1 and len({tuple(quoted(c.cells[i]) if i < len(c.cells) else "" for i in telling) for c in mine}) > 1:
                return True
        return False

    def _summed(self, group: Sequence[Candidate]) -> set[int]:
        """Add the lines of an order up in its first; the lines that are gone then. A line refused takes its order with it."""
        key = self.spec.key[0]
        first, *rest = group
        wrong = next((c for c in group if c.line in self.bad), None)
        if wrong is None:
            differing = [
                c.key
                for c in self.spec.inputs
                if c.key not in self.rules.sums
                and len({_comparable(x.row.get(c.key)) for x in group if x.row.get(c.key) is not None}) > 1
            ]
            if not differing:
                return self._added(first, rest)
            lines = ", ".join(self._line_text(c.line) for c in group[:6]) + (" …" if len(group) > 6 else "")
            names = self.spec[differing[0]].header
            for candidate in group:
                reason = Text(
                    f"第 {lines} 行同号（一单多行），但{names.zh}不同：整单不导入，请统一或改号",
                    f"lines {lines} are lines of one order but differ in {names.en}: the whole order is rejected; make them agree or change the number",
                )
                self.refuse(candidate, key, reason)
            return set()
        for candidate in group:
            if candidate.line not in self.bad:
                number = self._line_text(wrong.line)
                reason = Text(f"同一单的第 {number} 行被拒收：整单不导入，请先改正那一行",
                              f"is one order with line {number}, which is rejected: the whole order is; correct that line first")  # fmt: skip
                self.refuse(candidate, key, reason)
        return set()

    def _added(self, first: Candidate, rest: Sequence[Candidate]) -> set[int]:
        again = {first.cells}
        lines = [first]
        for candidate in rest:
            if candidate.cells in again and not candidate.goes_on:
                self.note("twice", candidate.line)
                self.outcome.already += 1
                continue
            again.add(candidate.cells)
            lines.append(candidate)
        if "margin_rate" in first.row and first.row.get("cost") is None:
            for candidate in lines:
                self.rules.row(self, candidate)  # each line has its own rate
        for key in self.rules.sums & set(first.row):
            parts = [Decimal(repr(c.row[key])) for c in lines if c.row.get(key) is not None]
            first.row[key] = float(sum(parts, Decimal(0))) if parts else None
        for key in first.row:
            if key not in self.rules.sums and first.row[key] is None:
                first.row[key] = next((c.row[key] for c in lines if c.row.get(key) is not None), None)
        if len(lines) > 1:
            self.note("lines", first.line)
        return {candidate.line for candidate in rest}

    def _line_text(self, line: int) -> str:
        page, within = divmod(line, PAGE)
        return f"{next(p.name for p in self.pages if p.first == page * PAGE)}!{within}" if len(self.pages) > 1 else str(within)

    # ---- what rows refer to

    def _resolved(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """Names become IDs, IDs get the plan's spelling; unknown ones are refused, or noted where they are to be added."""
        columns = [
            c for c in self.spec.inputs if c.refers and c.key in self.places and not c.refers.startswith(self.spec.name + ".")
        ]
        kept = []
        for candidate in candidates:
            for column in columns:
                value = candidate.row.get(column.key)
                if value is not None:
                    self._resolve(candidate, column, value)
            if candidate.line not in self.bad:
                kept.append(candidate)
        return kept

    def _resolve(self, candidate: Candidate, column: Column, value: str) -> None:
        owner = column.refers.partition(".")[0]
        directory = self.directories[owner]
        ids = directory.find(value)
        if len(ids) == 1:
            candidate.row[column.key] = ids[0]
            if fold(ids[0]) != fold(value):
                self.note(f"by_name.{owner}", candidate.line)
        elif len(ids) > 1:
            self.refuse(
                candidate,
                column.key,
                Text(f"有几位同名：{'、'.join(ids)}，请填编号", f"is the name of several: {', '.join(ids)}; give the ID"),
            )
        elif owner in self.known.off:
            return  # nobody sees its sheet: an ID is taken as it is, as checking takes it
        elif owner in self.wishes.add:
            candidate.row.setdefault("_new", []).append((owner, column.key, value))
        elif owner == "Regions" and directory.empty:
            self.note("no_regions", candidate.line)
        else:
            self.refuse(candidate, column.key, self._unknown(column, owner, value, directory))

    def _unknown(self, column: Column, owner: str, value: str, directory: Directory) -> Text:
        title = schema.table(owner).title
        or_else = Text("", "")
        if owner == "People":
            or_else = Text("，或加 --add-people", ", or use --add-people")
        elif not column.required:
            header = self.places[column.key].header
            or_else = Text(f'，或用 --map "{header}=" 不导入该列', f', or leave the column out with --map "{header}="')
        return (
            Text(f"不在“{title.zh}”中", f"is not among the plan's {title.en.lower()}")
            + directory.meant(value)
            + Text("：请改正，或先登记", ": correct it, or enter it there first")
            + or_else
        )

    def _referring(self, candidates: list[Candidate]) -> list[Candidate]:
        """References within the Table itself (a return's order, a manager): to the plan or to rows that come in, too."""
        columns = [c for c in self.spec.inputs if c.refers.startswith(self.spec.name + ".") and c.key in self.places]
        key = self.spec.key[0] if len(self.spec.key) == 1 else ""
        if not columns or not key:
            return candidates
        plan = {fold(row[key]): str(row[key]) for row in self.known.rows.get(self.spec.name, ()) if row.get(key)}
        while True:
            there = plan | {fold(c.row[key]): c.row[key] for c in candidates}
            own = Directory([*self.known.rows.get(self.spec.name, ()), *(c.row for c in candidates)], key)
            kept = [c for c in candidates if self._refers(c, columns, there, own)]
            if len(kept) == len(candidates):
                return kept
            candidates = kept  # a row just refused may be what another one refers to

    def _refers(self, candidate: Candidate, columns: Sequence[Column], there: Mapping[str, str], own: Directory) -> bool:
        good = True
        for column in columns:
            value = candidate.row.get(column.key)
            if value is None:
                continue
            named = own.find(value)  # a manager is often given by name
            spelled = there.get(fold(value)) or (named[0] if len(set(named)) == 1 else None)
            if spelled is None:
                reason = Text(
                    "既不在计划中，也不在本文件可导入的行中", "is neither in the plan nor among this file's rows that can come in"
                )
                self.refuse(
                    candidate,
                    column.key,
                    reason
                    + meant(str(value), there.values())
                    + Text("：请改正，或先导入它", ": correct it, or import that first"),
                )
                good = False
            else:
                candidate.row[column.key] = spelled
        return good

    # ---- duplicates

    def _unique(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """The same row again counts as already there; the same key with other content is refused, all its lines."""
        groups: dict[tuple[str, ...], list[Candidate]] = defaultdict(list)
        for candidate in candidates:
            groups[self._key(candidate.row)].append(candidate)
        there = self.known.rows.get(self.spec.name, ())
        plan = {self._key(row): place for place, row in enumerate(there)}
        kept = []
        for key, group in groups.items():
            if key in plan:
                self._beside_plan(group, there[plan[key]], plan[key])
            elif all(self._differing(c.row, group[0].row) == [] for c in group[1:]):
                kept.append(group[0])
                self.outcome.already += len(group) - 1
                for again in group[1:]:
                    self.note("twice", again.line)
            else:
                self._clash(group)
        return kept

    def _key(self, row: Row) -> tuple[str, ...]:
        keys = self.spec.key or tuple(c.key for c in self.spec.inputs)
        return tuple(fold(row.get(key)) for key in keys)

    def _given(self) -> list[str]:
        """The columns the file says something about, directly or not."""
        return [c.key for c in self.spec.inputs if c.key in self.places or self.rules.instead(c.key) & self.places.keys()]

    def _differing(self, row: Row, other: Row) -> list[str]:
        return [key for key in self._given() if not _alike(row.get(key), other.get(key))]

    def _whole_row(self, candidate: Candidate) -> bool:
        """Whether a row has all that a new one needs, not only what corrects one that is there."""
        given = candidate.page.layout.places.keys()
        return all(c.key in given or given & self.rules.instead(c.key) for c in self.spec.inputs if c.needed)

    def _beside_plan(self, group: list[Candidate], there: Row, place: int) -> None:
        for number, candidate in enumerate(group):
            differing = self._differing(candidate.row, there)
            if not differing:
                self.outcome.already += 1
                continue
            others = [key for key in differing if key not in self.wishes.update]
            if others or not self.wishes.update:
                self._differs(candidate, there, (others or differing)[0])
            elif set(differing) - self.rules.moving and self._key(there)[0] in self._settled:
                header = self.spec[next(key for key in differing if key not in self.rules.moving)].header
                reason = Text(f"已锁定或已发放，{header.zh}不能用导入修改：请登记退货或调整",
                              f"is settled: an import can't change {header.en}; enter a return or an adjustment")  # fmt: skip
                self.refuse(candidate, self.spec.key[0], reason)
            elif number and any(self._differing(candidate.row, other.row) for other in group[:number]):
                self._clash(group[number:])
                return
            elif not number:
                self.outcome.updated.append((place, {key: candidate.row[key] for key in differing}))
                self.note("updated", candidate.line)

    def _differs(self, candidate: Candidate, there: Row, key: str) -> None:
        column = self.spec[key]
        old, new = _said(there.get(key)), _said(candidate.row.get(key))
        hint = (
            Text(f"，或加 {stage.option('--update', column.header.zh)}", f", or add {stage.option('--update', column.header.en)}")
            if self.spec.key
            else Text("", "")
        )
        self.refuse(
            candidate,
            self.spec.key[0] if self.spec.key else key,
            Text(
                f"计划中已有此号，但内容不同（{column.header.zh}：{old} → {new}）：导入不改已有行，请在计划中修改或改号",
                f"is in the plan with other content ({column.header.en}: {old} → {new}): an import changes no row; "
                "correct it in the plan or change the number",
            )
            + hint,
        )

    def _clash(self, group: list[Candidate]) -> None:
        lines = [self._line_text(c.line) for c in group]
        shown = ", ".join(lines[:6]) + (" …" if len(lines) > 6 else "")
        for candidate in group:
            self.refuse(
                candidate,
                self.spec.key[0] if self.spec.key else self.spec.inputs[0].key,
                Text(
                    f"第 {shown} 行编号相同而内容不同：一单多行请先合并为一行，否则改号",
                    f"lines {shown} have the same key and different content: sum the lines of an order into one row, "
                    "or change the number",
                ),
            )

    # ---- the end

    def _finish(self, candidates: list[Candidate]) -> None:
        outcome = self.outcome
        new: dict[str, dict[str, Row]] = defaultdict(dict)
        for candidate in candidates:
            for owner, key, value in candidate.row.pop("_new", ()):
                name = self._name(candidate, key) or value
                row = new[owner].setdefault(fold(value), rules_of(schema.table(owner)).newcomer(value, name, self.known.year))
                candidate.row[key] = row["id"]  # one spelling for all rows
            outcome.rows.append(candidate.row)
            outcome.lines.append(candidate.line)
        for owner, values in new.items():
            outcome.added[owner] = list(values.values())
            title = schema.table(owner).title
            first = _first(row["id"] for row in values.values())
            outcome.notes.append(
                Text(
                    f"“{title.zh}”新增 {len(values):,} 项：{first}。请补全其资料",
                    f"{len(values):,} added to {title.en}: {first}. Complete them there",
                )
            )
        outcome.refusals = [refusal for line in sorted(self.bad) for refusal in self.bad[line]]
        outcome.lines = [line % PAGE for line in outcome.lines] if len(self.pages) == 1 else outcome.lines
        outcome.notes += self._notes(set(outcome.lines))

    def _name(self, candidate: Candidate, key: str) -> str:
        index = candidate.page.layout.names.get(key, len(candidate.cells))
        cell = candidate.cells[index] if index < len(candidate.cells) else None
        return "" if cell is None or isinstance(cell, ExcelError) else " ".join(str(cell).split())[:200]

    def _notes(self, taken: set[int]) -> list[Text]:
        """What was noted of the rows that came in."""
        notes = []
        for kind, template in {**NOTES, **self.rules.notes}.items():
            lines = [n for n in self.noted[kind] if n in taken or kind in ("repeated", "twice", "goes_on", "updated")]
            if lines:
                notes.append(self._note(template, lines))
        for key, those in self.usual.items():
            if lines := [n for n in those if n in taken]:
                column = self.spec[key]
                word = next(word.label for word in column.words if word.code == column.default)
                notes.append(self._note(_USUAL, lines, column=column.header, word=word))
        return notes

    def _note(self, template: Text, lines: Sequence[int], **words: Text) -> Text:
        shown = Text("第 {l} 行", "line {l}" if len(lines) == 1 else "lines {l}").format(l=_first(map(self._line_text, lines)))
        known = {"year": self.known.year, "as_of": self.known.as_of, **self.said, **words}
        return template.format(lines=shown, **known, **_counts(len(lines)))


def _counts(number: int) -> dict[str, str]:
    """What a note says of how many rows there are: the verb follows."""
    verbs = zip(("are", "have", "were", "lie", "name", "go"), ("is", "has", "was", "lies", "names", "goes"), strict=True)
    return {"n": f"{number:,}", "rows": counted(number, "row"), **{many: one if number == 1 else many for many, one in verbs}}


def quoted(raw: Raw) -> str:
    """A raw cell as a report shows it."""
    if raw is None:
        return ""
    if isinstance(raw, bool | float):
        return show(raw)
    return " ".join(str(raw).split())[:200]


def _said(value: Any) -> str:
    return "—" if value is None else show(value) if isinstance(value, float | int) else str(value)


def _alike(value: Any, other: Any) -> bool:
    if isinstance(value, str) and isinstance(other, str):
        return value == other or fold(value) == fold(other)
    if isinstance(value, float) and isinstance(other, float):
        return abs(value - other) <= 1e-9 * max(abs(value), abs(other), 1e-3)
    return bool(value == other) or (value in (None, "") and other in (None, ""))


def _first(words: Iterable[object], count: int = 5) -> str:
    listed = [str(w) for w in words]
    return ", ".join(listed[:count]) + (" …" if len(listed) > count else "")


class Directory:
    """The IDs of a Table and the names behind them."""

    def __init__(self, rows: Sequence[Row], key: str) -> None:
        self.ids: dict[str, str] = {}
        self.names: dict[str, list[str]] = defaultdict(list)
        self._guesses: dict[str, Text] = {}
        self._looks: dict[str, str] | None = None
        for row in rows:
            if row.get(key) is None:
                continue
            ident = str(row[key])
            self.ids[fold(ident)] = ident
            if row.get("name"):
                self.names[_name_key(row["name"])].append(ident)

    @classmethod
    def of(cls, known: Known, table: str) -> Directory:
        return cls(known.rows.get(table, ()), schema.table(table).columns[0].key)

    @property
    def empty(self) -> bool:
        return not self.ids

    def same(self, value: str) -> bool:
        """Whether a value is an ID of the plan, typed in another case at most; IDs that mix cases mean them."""
        ident = self.ids.get(fold(value))
        return ident is not None and (ident == value or not (mixed(ident) and mixed(value)))

    def like(self, value: str) -> str:
        """The ID of the plan that looks like a value and is another; "" for none."""
        if fold(value) in self.ids:
            return ""
        if self._looks is None:
            self._looks = {look(ident): ident for ident in self.ids.values()}
        return self._looks.get(look(value), "")

    def find(self, value: str) -> list[str]:
        """The IDs a value means: an ID, or else everything of that name."""
        ident = self.ids.get(fold(value))
        return [ident] if ident is not None else self.names.get(_name_key(value), [])

    def meant(self, value: str) -> Text:
        """A did-you-mean; asked once a value, since the same wrong one comes a thousand times."""
        if value not in self._guesses:
            self._guesses[value] = meant(value, [*self.ids.values(), *self.names])
        return self._guesses[value]


def mixed(value: str) -> bool:
    """Whether an ID has small letters and capitals: then they tell IDs apart."""
    letters = [c for c in value if c.isascii() and c.isalpha()]
    return (
        len(letters) > 3
        and any(c.islower() for c in letters)
        and any(c.isupper() for c in letters)
        and any(c.isdigit() for c in value)
    )


def as_written(cell: str) -> str:
    """An ID as people see it: width and case as they are, without its dress, what nobody sees, and blanks around it."""
    return " ".join(parsing.seen(parsing.unguarded(cell)).split())


def clash(ways: Sequence[str]) -> Text:
    """Why IDs that differ in case or width only, or in a character that looks like another, are refused, both named."""
    shown = joined((f"“{way}”" for way in ways), most=4, unit="种")
    odd = parsing.odd_one(ways)
    if odd and len({fold(unicodedata.normalize("NFKC", way)) for way in ways}) > 1:
        code = f"U+{ord(odd):04X}"
        return Text(f"{shown.zh} 看着一样，其中“{odd}”({code})是另一个字符：若是同一个请统一写法，否则改号",
                    f"{shown.en} look the same, but “{odd}” ({code}) is another character: write them alike if they are one, else change one")  # fmt: skip
    width = len({way.casefold() for way in ways}) > 1
    zh, en = ("全角半角", "width") if width else ("大小写", "upper and lower case")
    return Text(f"{shown.zh} 仅{zh}不同，Excel 分不清：若是同一个请统一写法，否则改号",
                f"{shown.en} differ in {en} only, which Excel can't tell apart: write them alike if they are one, else change one")  # fmt: skip


def _comparable(value: Any) -> Any:
    return fold(value) if isinstance(value, str) else value


def _column(rows: Sequence[RawRow], index: int) -> list[Raw]:
    return [row.cells[index] for row in rows if index < len(row.cells)]


class _Foreign(Exception):
    """A row in another currency."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _row_scale(amount: stage.Amount, row: tuple[Raw, ...]) -> Decimal:
    if amount.unit_column < 0:
        return amount.scale
    said = stage.row_unit(row[amount.unit_column] if amount.unit_column < len(row) else None)
    if said.unknown:
        raise Bad(
            Text(
                f"单位“{said.unknown}”看不懂：请改为元、千元或万元",
                f"has the unit “{said.unknown}”, which is not understood: use yuan, thousands or 10k",
            )
        )
    return said.scale or amount.scale


def _of_which_money(header: str, code: str) -> Text:
    """Why a cost is not read of which nothing says whether it is in yuan or in the deal's currency."""
    return Text(f"该单为 {code}，“{header}”没写是本币还是原币：请把列名改为“本币{header}”或“原币{header}”",
                f"the deal is in {code} and “{header}” doesn't say which money: call the column “{header} (LCY)” or “{header} (doc. currency)”")  # fmt: skip


def _row_currency(page: Incoming, amount: stage.Amount, row: tuple[Raw, ...]) -> str:
    cell = row[page.currency] if 0 <= page.currency < len(row) else None
    if isinstance(cell, str) and not blank(cell):
        return currency(cell)
    return stage.row_unit(row[amount.unit_column]).currency if 0 <= amount.unit_column < len(row) else ""


def _net(number: Decimal, amount: stage.Amount, row: tuple[Raw, ...], column: Column, habit: parsing.Habit) -> Decimal:
    """An amount without the tax in it."""
    if amount.tax_column >= 0:
        tax = row[amount.tax_column] if amount.tax_column < len(row) else None
        taken = Decimal(0) if blank(tax) else parsing.decimal(tax, column, amount.tax_scale or _row_scale(amount, row), habit)
        if taken and abs(taken) >= abs(number):
            raise Bad(stage.TAX_ABOVE)
        return number - taken
    rate = amount.rate
    if amount.rate_column >= 0:
        cell = row[amount.rate_column] if amount.rate_column < len(row) else None
        rate = stage.rate_in(cell)
        if rate is None:
            shown = quoted(cell)
            raise Bad(
                Text(
                    f"含税，但税率“{shown}”读不出：请填如 13%",
                    f"includes tax, but its rate “{shown}” can't be read: write it as 13%",
                )
            )
    return number if rate is None else number / (1 + rate)


def _name_key(name: object) -> str:
    return "".join(unicodedata.normalize("NFKC", str(name)).split()).casefold()


_NO_LINE = Text("没有单号，也没有产品、数量等明细：像是合计；若是上一单的明细，请补单号",
                "has no number, and no product or quantity as lines have: a total? If it is a line of the order above, give it the number")  # fmt: skip
IS_BLANK = Text("为空：请填写", "is blank: fill it in")
ARE_BLANK = Text("都为空：请填写", "are blank: fill them in")
SHARED = Text("几单的金额合并成一格：不知各占多少，请逐行填写",
               "one amount is merged over several orders: it is not said how much each is, give each its own")  # fmt: skip
_NOT_THERE = Text("不在计划中：--update 只改已有的行，新行要有全部必需的列",
                  "is not in the plan: --update changes rows that are there; a new row needs all required columns")  # fmt: skip

# What a run counts and says at its end, whatever the Table; rules have notes of their own.
_USUAL = Text("{n} 行没有写“{column}”，按“{word}”（{lines}）", '{rows} {have} no {column}: "{word}" was taken ({lines})')
NOTES = {
    "updated": Text("{n} 行已有，按 --update 更正（{lines}）", "{rows} that {are} there {were} corrected ({lines})"),
    "goes_on": Text("{n} 行没有单号，接上一单（{lines}）", "{rows} without a number {go} on from the order above ({lines})"),
    "lines": Text("{n} 单有多行，已合计为一行（{lines}）", "orders of several lines, which were added up: {n} ({lines})"),
    "repeated": Text("{n} 行是重复的标题，已跳过（{lines}）", "{rows} repeating the header {were} skipped ({lines})"),
    "twice": Text("{n} 行在文件中重复出现且内容相同，只取一次（{lines}）", "{rows} {are} in the file twice, alike, and came in once ({lines})"),
    "by_name.People": Text("{n} 行按姓名找到工号（{lines}）", "{rows} named people by name, not ID ({lines})"),
    "by_name.Customers": Text("{n} 行按名称找到客户（{lines}）", "{rows} named customers by name, not ID ({lines})"),
    "by_name.Regions": Text("{n} 行按名称找到区域（{lines}）", "{rows} named regions by name ({lines})"),
    "no_regions": Text("{n} 行写了区域，但计划还没有区域表（{lines}）", "{rows} {name} a region, but the plan lists none yet ({lines})"),
}  # fmt: skip
