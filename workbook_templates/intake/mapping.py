"""A company's own workbook: which of its Tables and columns are which of ours, guessed by header, confirmed by a person.

Pure: headers and rows in, guesses, links and problems out. The mapping lives in the workbook as a Table of its own, so that
it goes where the workbook goes and people can correct it in the cells. Nothing that could mean two things is ever taken in
silence.
"""

from __future__ import annotations

import difflib
import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from udfs.text import Text, joined
from workbook_templates.answers import Problem, Refused, near
from workbook_templates.cells import At, Value
from workbook_templates.intake import parsing
from workbook_templates.intake.meaning import stage, units
from workbook_templates.intake.meaning.currencies import YUAN
from workbook_templates.tables import schema
from workbook_templates.tables.grids import Adopted, Grid, Held, typed
from workbook_templates.tables.schema import YES_NO, Column, Row, TableSpec

NAME = "SalesPlanMap"
SHEET = Text("对接", "Mapping")
SPEC = TableSpec(
    NAME,
    Text("对接", "Mapping"),
    (
        Column("table", Text("计划的表", "Our table"), required=False),
        Column("column", Text("计划的列", "Our column"), required=False),
        Column("theirs", Text("您的表", "Your table"), required=False),
        Column("header", Text("您的列", "Your column"), required=False),
        Column("confirmed", Text("已确认", "Confirmed"), "word", words=YES_NO, required=False),
        Column("note", Text("说明", "Note"), required=False),
    ),
)
CONFIRM = Text(
    "在“对接”页把“已确认”改为“是”，或运行 salesplan adopt --confirm",
    "set Confirmed to Yes on the sheet Mapping, or run salesplan adopt --confirm",
)

SURE = 0.9  # by its own name or a known alias; less is a look-alike
_LIKE, _CONTAINED, _DOUBT = 0.55, 0.6, 0.6
_RIVAL = 0.8  # a second candidate this close to the first leaves the choice to the person
_COVERED = 0.5  # of the required columns, before a Table is guessed at all


# ------------------------------------------------------------------------------------------------------------- guessing


@dataclass(frozen=True)
class Match:
    """What one of our columns may be in their Table: a header and how surely, or several candidates and none taken."""

    key: str
    header: str = ""
    confidence: float = 0.0
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Guess:
    """What one of our Tables may be in their workbook."""

    table: str
    theirs: str = ""
    columns: tuple[Match, ...] = ()
    candidates: tuple[str, ...] = ()

    @property
    def missing(self) -> list[Match]:
        """Required columns without a header."""
        wanted = required(schema.table(self.table))
        return [m for m in self.columns if m.key in wanted and not m.header]


def required(spec: TableSpec) -> set[str]:
    """The columns a Table can't do without."""
    return {c.key for c in spec.inputs if c.needed}


def confidence(column: Column, header: str) -> float:
    """How surely a header means a column: 1 its own name, 0.9 an alias, less when it only looks alike, 0 not at all."""
    if not header.strip():
        return 0.0
    asked = schema.plain_header(header)
    if asked in map(schema.plain_header, (column.key, *column.header)):
        return 1.0
    if column.named(header):
        return SURE
    names = [schema.plain_header(n) for n in (*column.header, *column.aliases)]
    likeness = max((_likeness(asked, n) for n in names), default=0.0)
    if any(len(n) >= 2 and not n.isascii() and n in asked for n in names):
        likeness = max(likeness, _CONTAINED)
    return _DOUBT * likeness if likeness >= _LIKE else 0.0


@functools.lru_cache(maxsize=1 << 14)
def _likeness(one: str, other: str) -> float:
    """How much of two texts is the same; 0 where that can't be enough."""
    matcher = difflib.SequenceMatcher(None, one, other)
    # Two bounds that cost next to nothing: hardly any header is like any name.
    return matcher.ratio() if matcher.real_quick_ratio() >= _LIKE and matcher.quick_ratio() >= _LIKE else 0.0


def matches(spec: TableSpec, headers: Sequence[str], chosen: Mapping[str, str] | None = None) -> tuple[Match, ...]:
    """Every column of ours against their headers; ``chosen`` are a person's own decisions (column key → header)."""
    chosen = chosen or {}
    scores = {c.key: {h: s for h in headers if (s := _weight(spec, c, h))} for c in spec.columns}
    best_of: dict[str, float] = defaultdict(float)  # what a header is, at best
    for found in scores.values():
        for header, score in found.items():
            best_of[header] = max(best_of[header], score)
    out = []
    for column in spec.columns:
        if column.key in chosen:
            out.append(Match(column.key, chosen[column.key], 1.0))
            continue
        free = {h: s for h, s in scores[column.key].items() if s >= best_of[h] and h not in chosen.values()}
        out.append(_best(column, free, headers))
    return _unshared(out)


def _weight(spec: TableSpec, column: Column, header: str) -> float:
    """What is no money in yuan net of tax, or is only planned, is never taken for revenue or cost."""
    wrong = column.kind in parsing.MONEY and (_is_foreign(header) or _means_other(spec, column, header) is not None)
    return 0.0 if wrong else confidence(column, header)


def _is_foreign(header: str) -> bool:
    return units.of_header(header).currency not in ("", YUAN)


def _means_other(spec: TableSpec, column: Column, header: str) -> Text | None:
    """Why an amount of theirs is none of ours, whatever its name: it includes tax, or it is a forecast."""
    if column.key not in stage.TAXABLE.get(spec.name, ()):
        return None
    if units.tax_of(header) == units.GROSS:
        return Text(f"“{header}”含税，计划只计不含税：请在您的表中加一列不含税金额，并在此对应",
                    f"“{header}” includes tax, the plan counts net of it: add a column without tax to your Table and map that")  # fmt: skip
    if column.key == stage.MAIN[spec.name] and units.planned(header):
        return Text(f"“{header}”是预测、计划或报价，不算收入：请对应签单金额的列",
                    f"“{header}” is a forecast, plan or quote, not revenue: map the amount that was signed")  # fmt: skip
    return None


def _best(column: Column, scores: Mapping[str, float], headers: Sequence[str]) -> Match:
    top = max(scores.values(), default=0.0)
    if not top:
        return Match(column.key)
    # Sure ones stand beside each other whatever their rank: 收入 and 金额 may both be the revenue.
    rivals = [h for h in headers if scores.get(h, 0.0) >= (SURE if top >= SURE else top * _RIVAL)]
    if len(rivals) > 1:
        return Match(column.key, "", top, tuple(rivals))
    return Match(column.key, rivals[0], top)


def _unshared(found: list[Match]) -> tuple[Match, ...]:
    """A header that two of our columns would share is given to neither."""
    users: dict[str, list[str]] = defaultdict(list)
    for match in found:
        if match.header:
            users[match.header].append(match.key)
    return tuple(Match(m.key, "", m.confidence, (m.header,)) if len(users[m.header]) > 1 else m for m in found)


def _score(spec: TableSpec, headers: Sequence[str], name: str) -> float:
    """How well a Table of theirs fits one of ours: columns explained, times the share of required ones found."""
    wanted = required(spec) or {c.key for c in spec.inputs}
    plain = {schema.plain_header(header) for header in headers}
    if sum(not plain.isdisjoint(c.plain_names) for c in spec.columns) < min(2, len(wanted)):
        return 0.0  # too few can be sure: none need be compared letter by letter
    found = matches(spec, headers)
    known = {m.key: m.confidence for m in found if m.header or len(m.candidates) > 1}
    covered = sum(known.get(key, 0.0) > 0 for key in wanted) / len(wanted)
    if covered < _COVERED or sum(s >= SURE for s in known.values()) < min(2, len(wanted)):
        return 0.0
    bonus = 1.0 if any(t.casefold() in name.casefold() for t in (spec.name, *spec.title)) else 0.0
    return sum(known.values()) * covered + bonus


def guess(
    tables: Mapping[str, Sequence[str]],
    use: Mapping[str, str] | None = None,
    columns: Mapping[str, Mapping[str, str]] | None = None,
) -> list[Guess]:
    """What each of our Tables is in a workbook with these Tables (name → headers).

    ``use`` and ``columns`` are a person's decisions: our Table → their Table, our Table → our column → their header.
    """
    use, columns = use or {}, columns or {}
    open_ = {n: h for n, h in tables.items() if n not in schema.TABLES and n != NAME and n not in use.values()}
    scores = {t: {n: s for n, h in open_.items() if (s := _score(spec, h, n))} for t, spec in schema.TABLES.items()}
    best_of = {n: max((s.get(n, 0.0) for s in scores.values()), default=0.0) for n in open_}
    out = []
    for name, spec in schema.TABLES.items():
        if name in tables and name not in use:
            continue  # it goes by our own name
        if name in use:
            rivals = [use[name]]
        else:
            mine = {n: s for n, s in scores[name].items() if s >= best_of[n]}
            top = max(mine.values(), default=0.0)
            rivals = [n for n, s in mine.items() if s >= top * _RIVAL]
        if len(rivals) == 1:
            found = matches(spec, tables[rivals[0]], columns.get(name))
            out.append(Guess(name, rivals[0], found))
        else:
            out.append(Guess(name, candidates=tuple(rivals)))
    return out


def language_of(tables: Mapping[str, Sequence[str]]) -> str:
    """The language a workbook's headers are written in."""
    headers = [h for found in tables.values() for h in found]
    return "zh" if sum(not h.isascii() for h in headers) * 2 >= len(headers) else "en"


# ------------------------------------------------------------------------------------------------------------ the rows


def rows_of(guesses: Iterable[Guess], lang: str, confirm: bool = False, decided: Iterable[tuple[str, str]] = ()) -> list[Row]:
    """Guesses as rows of the mapping Table; ``decided`` are (our Table, our column) a person chose, "" for all sure ones."""
    out, mine = [], set(decided)
    for found in guesses:
        spec = schema.table(found.table)
        if not found.theirs:
            if found.candidates:
                out.append(_row(spec, None, "", Match("", "", 0.0, found.candidates), lang, False))
            continue
        for match in found.columns:
            column, needed = spec[match.key], match.key in required(spec)
            if match.header or match.candidates or needed:
                sure = (confirm and match.confidence >= SURE) or (spec.name, match.key) in mine
                out.append(_row(spec, column, found.theirs, match, lang, bool(match.header) and sure))
    return out


def _row(spec: TableSpec, column: Column | None, theirs: str, match: Match, lang: str, confirmed: bool) -> Row:
    note = _note(match, column is None)
    return {
        "table": getattr(spec.title, lang),
        "column": getattr(column.header, lang) if column else None,
        "theirs": theirs or None,
        "header": match.header or None,
        "confirmed": "yes" if confirmed else "no",
        "note": (getattr(note, lang) or None) if not confirmed else None,
    }


def _note(match: Match, table: bool) -> Text:
    zh, en = joined(match.candidates)
    if table or len(match.candidates) > 1:
        return Text(f"有多个候选，请选一个：{zh}", f"several candidates, choose one: {en}")
    if match.candidates:
        return Text(f"也像另一列，请决定：{zh}", f"it looks like another column too, decide: {en}")
    if not match.header:
        return Text("没有找到，必填：请填您的列名", "not found but needed: enter your column")
    return Text("", "") if match.confidence >= SURE else Text("名称相似，请核对", "looks alike, check it")


def cells_of(rows: Iterable[Row], lang: str) -> list[list[Any]]:
    """The rows as cells."""
    said = [[c.shown(row.get(c.key)) for c in SPEC.columns] for row in rows]
    return [[getattr(v, lang) if isinstance(v, Text) else v for v in line] for line in said]


# ----------------------------------------------------------------------------------------------------------- resolving


@dataclass
class Link:
    """One of our Tables as the mapping has it: only confirmed rows are used; ``lines`` are rows of the mapping Table."""

    table: str
    theirs: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)  # column → header that nobody confirmed yet
    lines: dict[str, int] = field(default_factory=dict)
    faults: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Adoption:
    """The mapping of a workbook, as read from its Table."""

    sheet: str
    lang: str
    links: Mapping[str, Link]


def adoption(held: Held) -> Adoption:
    """Read the mapping; what is wrong with it is kept with the Table it concerns."""
    links: dict[str, Link] = {}
    for index, row in enumerate(held.rows):
        spec = spec_named(row["table"])
        if spec is None:
            _fault(
                links.setdefault("", Link("")),
                held,
                index,
                "table",
                Text(f"没有“{row['table']}”这个表", f"there is no Table “{row['table']}” of ours"),
            )
            continue
        _take(links.setdefault(spec.name, Link(spec.name)), held, index, row, spec)
    for link in links.values():
        if "" in links:
            link.faults += [f for f in links[""].faults if f not in link.faults]
    return Adoption(held.grid.sheet, held.lang, links)


def _take(link: Link, held: Held, index: int, row: Row, spec: TableSpec) -> None:
    theirs, header, yes = str(row["theirs"] or ""), str(row["header"] or ""), row["confirmed"] == "yes"
    column = spec.column_of(str(row["column"])) if row["column"] else None
    if not theirs or not header:
        return
    if column is None:
        _fault(
            link,
            held,
            index,
            "column",
            Text(f"{spec.title.zh}没有“{row['column']}”这一列", f"{spec.name} has no column “{row['column']}”"),
        )
        return
    if not yes:
        link.waiting[column.key] = header
        return
    if link.theirs and theirs != link.theirs:
        _fault(
            link,
            held,
            index,
            "theirs",
            Text(
                f"“{spec.title.zh}”已对应表“{link.theirs}”，不能再对应“{theirs}”",
                f"{spec.name} is your “{link.theirs}” already, not “{theirs}”, too",
            ),
        )
    elif column.key in link.columns or header in link.columns.values():
        _fault(
            link,
            held,
            index,
            "header",
            Text(
                f"“{header}”或“{column.header.zh}”对应了两次，请删去一行",
                f"“{header}” or “{column.header.en}” is mapped twice: delete one row",
            ),
        )
    else:
        link.theirs, link.columns[column.key], link.lines[column.key] = theirs, header, index


def spec_named(said: Any) -> TableSpec | None:
    asked = str(said or "").strip().casefold()
    return next((s for s in schema.TABLES.values() if asked in {t.casefold() for t in (s.name, *s.title)}), None)


def _fault(link: Link, held: Held, index: int, key: str, text: Text) -> None:
    link.faults.append(Problem(held.grid.sheet, *held.at(index, key), text))


def link_problems(link: Link, mapped: Held, tables: Mapping[str, Sequence[str]]) -> list[Problem]:
    """Why a Table can't be used through the mapping, all at once: renamed, deleted, translated, doubled, not confirmed."""
    spec, found = schema.table(link.table), list(link.faults)
    if not link.columns:
        return [*found, Problem(mapped.grid.sheet, 0, 0, Text(f"“{spec.title.zh}”的对应关系尚未确认：",
                                                              f"the mapping of {spec.name} is not confirmed yet: ") + CONFIRM)]  # fmt: skip
    headers = tables.get(link.theirs)
    if headers is None:
        at = mapped.at(next(iter(link.lines.values())), "theirs")
        return [*found, Problem(mapped.grid.sheet, *at, _gone(Text(f"工作簿里没有表“{link.theirs}”，可能被改名或删除",
                                                                   f"the workbook has no Table “{link.theirs}”: renamed or "
                                                                   "deleted?"), link.theirs, tables))]  # fmt: skip
    for key, header in link.columns.items():
        if (why := _means_other(spec, spec[key], header)) is not None:
            found.append(Problem(mapped.grid.sheet, *mapped.at(link.lines[key], "header"), why))
        count = headers.count(header)
        if count != 1:
            found.append(Problem(mapped.grid.sheet, *mapped.at(link.lines[key], "header"), _column_gone(link.theirs, header, count, headers)))  # fmt: skip
    found += [_lacking(spec[key], link, mapped, headers) for key in sorted(required(spec) - set(link.columns))]
    return found


def _column_gone(theirs: str, header: str, count: int, headers: Sequence[str]) -> Text:
    if count:
        return Text(
            f"表“{theirs}”有 {count} 列都叫“{header}”：请改名",
            f"{count} columns of “{theirs}” are called “{header}”: rename them",
        )
    what = Text(f"表“{theirs}”没有列“{header}”，可能被改名或删除", f"“{theirs}” has no column “{header}”: renamed or deleted?")
    return _gone(what, header, headers)


def _gone(what: Text, asked: str, known: Iterable[str]) -> Text:
    known = list(known)
    likely = near(asked, known) or known[:8]
    return what + Text(
        f"；现有：{'、'.join(likely)}。请在此更正并确认", f" There are: {', '.join(likely)}. Correct it here and confirm"
    )


def _lacking(column: Column, link: Link, mapped: Held, headers: Sequence[str]) -> Problem:
    name = Text(f"“{schema.table(link.table).title.zh}”缺少列“{column.header.zh}”", f"{link.table} has no “{column.header.en}”")
    if column.key in link.waiting:
        header = link.waiting[column.key]
        return Problem(
            mapped.grid.sheet, 0, 0, name + Text(f"：“{header}”尚未确认。", f": “{header}” is not confirmed. ") + CONFIRM
        )
    likely = candidates(column, [h for h in headers if h not in link.columns.values()])
    zh, en = joined(likely)
    perhaps = Text(f"；可能是 {zh}", f"; perhaps {en}") if likely else Text("", "")
    remedy = Text(
        f"：在表“{link.theirs}”中补上该列，并在“对接”页对应", f": add it to “{link.theirs}” and map it on the sheet Mapping"
    )
    return Problem(mapped.grid.sheet, 0, 0, name + perhaps + remedy)


def candidates(column: Column, headers: Sequence[str], most: int = 3) -> list[str]:
    """Their headers that may be one of our columns, the likeliest first."""
    scored = sorted(((confidence(column, h), h) for h in headers), key=lambda pair: -pair[0])
    return [h for s, h in scored if s][:most]


def missing_table(name: str, tables: Mapping[str, Sequence[str]]) -> Problem:
    """A Table that is neither there by name nor mapped, with what it may be in their workbook."""
    spec = schema.table(name)
    scores = {n: s for n, h in tables.items() if n not in schema.TABLES and n != NAME and (s := _score(spec, h, n))}
    likely = sorted(scores, key=lambda n: -scores[n])[:3]
    zh, en = joined(likely)
    perhaps = (
        Text(f"可能是 {zh}：运行 salesplan adopt --use {name}=…", f"perhaps {en}: run salesplan adopt --use {name}=…")
        if likely
        else Text(
            f"请对应您的表（salesplan adopt --use {name}=…），或添加一张：salesplan adopt --add {name}",
            f"map yours (salesplan adopt --use {name}=…) or add one: salesplan adopt --add {name}",
        )
    )
    return Problem("", 0, 0, Text(f"没有“{spec.title.zh}”（{name}）的表；", f"there is no Table for {name}; ") + perhaps)


# --------------------------------------------------------------------------------------------------- reading and writing


def translated(raw: Grid, spec: TableSpec, columns: Mapping[str, str], lang: str) -> Grid:
    """Their Table in our words: our headers over mapped columns, none over the others, money in yuan."""
    places = {raw.headers.index(header): spec[key] for key, header in columns.items()}
    headers = [getattr(places[i].header, lang) if i in places else "" for i in range(len(raw.headers))]
    first = raw.data.first_col
    scales = {i: s for i, column in places.items() if (s := _scale(raw, i, column)) != 1}
    cells = (
        [[_times(c, scales[i]) if i in scales else c for i, c in enumerate(line)] for line in raw.cells] if scales else raw.cells
    )
    adopted = Adopted(
        raw,
        {first + i: s for i, s in scales.items()},
        frozenset(c.key for c in spec.columns if c.key not in columns),
        frozenset(column for _, column in raw.formulas),
    )
    return Grid(raw.name, raw.sheet, raw.data, headers, cells, raw.formulas, adopted)


def by_own_name(raw: Grid, spec: TableSpec) -> Grid:
    """A Table of ours in an adopted workbook: what is calculated or optional need not be there."""
    there = {c.key for c in spec.columns for h in raw.headers if c.heads(h)}
    absent = frozenset(c.key for c in spec.columns if c.key not in there and c.key not in required(spec))
    return Grid(raw.name, raw.sheet, raw.data, raw.headers, raw.cells, raw.formulas, Adopted(raw, {}, absent, frozenset(column for _, column in raw.formulas)))  # fmt: skip


def _scale(raw: Grid, index: int, column: Column) -> Decimal:
    if column.kind in parsing.MONEY:
        said = units.of_header(raw.headers[index])
        if said.unknown:
            raise Refused(stage.unknown_unit(raw.headers[index]))
        if _is_foreign(raw.headers[index]):
            raise Refused(
                Text(
                    f"列“{raw.headers[index]}”是外币：计划以人民币元计，请先换算。",
                    f"the column “{raw.headers[index]}” is in a foreign currency: the plan counts in yuan, convert it first.",
                )
            )
        return said.scale or Decimal(1)
    unit = parsing.unit_of(raw.headers[index])
    return parsing.percent_habit(unit, [line[index] for line in raw.cells]) if column.kind == "rate" else Decimal(1)


def _times(value: Value, scale: Decimal) -> Value:
    """Scaled exactly as written: 1.1 万 is 11000, not 11000.000000000002."""
    if isinstance(value, bool) or not isinstance(value, float):
        return value
    return float(Decimal(repr(value)) * scale)


def keeps(held: Held, at: At, key: str, value: Any) -> bool:
    """Whether a cell of their Table holds the value already, however they spell it. Refused where it may not be written."""
    adopted, blank = held.grid.adopted, value in (None, "")
    assert adopted is not None, "asked of adopted Tables only"
    column = held.spec[key]
    if key in adopted.absent:
        if blank:
            return True
        raise Refused(
            Text(
                f"表“{held.grid.name}”没有对应“{column.header.zh}”的列，没有写入：请补上该列并在“对接”页对应。",
                f"“{held.grid.name}” has no column for “{column.header.en}”, nothing was written: add one and map it on the "
                "sheet Mapping.",
            )
        )
    new = at[0] > held.grid.data.last_row
    if not new and typed(column, held.grid.value(at)) == value:
        return True
    if at[1] not in adopted.calculated:
        return False
    if new and blank:
        return True  # the column goes on by itself
    header = adopted.raw.headers[at[1] - held.grid.data.first_col]
    raise Refused(
        Text(
            f"表“{held.grid.name}”的列“{header}”由公式计算，不能写入“{column.header.zh}”，没有写入：请改为对应一个填写的列。",
            f"the column “{header}” of “{held.grid.name}” is calculated, so “{column.header.en}” can't be written there; "
            "nothing was "
            "written: map a column that is typed in.",
        )
    )


def stored(held: Held, at: At, cell: Any) -> Any:
    """What a cell of theirs has to hold for a value of ours: scaled back exactly, or refused."""
    adopted = held.grid.adopted
    scale = adopted.scales.get(at[1]) if adopted is not None else None
    if scale is None or not isinstance(cell, float):
        return cell
    back = float(Decimal(repr(cell)) / scale)
    if _times(back, scale) != cell:
        raise Refused(
            Text(
                f"{held.grid.sheet} 第 {at[1]} 列按单位换算后放不下 {cell}，没有写入：请把该列改为以元计。",
                f"{cell} can't be kept exactly in column {at[1]} of {held.grid.sheet} with its unit, nothing was written: count "
                "it in yuan.",
            )
        )
    return back


def check_rows_stay(held: Held, rows: Sequence[Row]) -> None:
    """Refuse to move rows of a Table whose other columns, which are not ours, would not move along."""
    adopted = held.grid.adopted
    if adopted is None:
        return
    strange = [i for i, h in enumerate(held.grid.headers) if not h and held.grid.data.first_col + i not in adopted.calculated]
    kept = [adopted.raw.headers[i] for i in strange if any(line[i] not in (None, "") for line in adopted.raw.cells)]
    keys = held.spec.key or tuple(c.key for c in held.spec.inputs)
    stay = len(rows) >= len(held.rows) and all(
        [a.get(k) for k in keys] == [b.get(k) for k in keys] for a, b in zip(held.rows, rows, strict=False)
    )
    if kept and not stay:
        gone = next(
            (str(a.get(keys[0])) for a, b in zip(held.rows, [*rows, {}], strict=False) if a.get(keys[0]) != b.get(keys[0])), ""
        )
        raise Refused(
            Text(
                f"要从表“{held.grid.name}”移除行（{gone}），但该表另有列 {'、'.join(kept)}，不会随行移动，没有写入：请在 Excel 中删除该行后重试。",
                f"a row ({gone}) has to leave “{held.grid.name}”, whose columns {', '.join(kept)} would not move along; nothing "
                "was written: "
                "delete the row in Excel and try again.",
            )
        )
