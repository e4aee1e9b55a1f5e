"""Rows of someone's file → rows of a Table, and every row that was refused with the reason and the remedy.

Pure: rows in, an :class:`Imported` out, no files. A row is taken as a whole or not at all; nothing is guessed in silence:
what was filled in, looked up or left out is said in a note with a count and the first lines.
"""

from __future__ import annotations

import datetime as dt
import functools
import importlib
import importlib.util
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from udfs.text import Text, counted
from udfs.values import ExcelError, show
from workbook_templates.answers import Refused
from workbook_templates.intake import parsing
from workbook_templates.intake.files import Raw, RawRow, blank, near
from workbook_templates.intake.parsing import Bad, fold
from workbook_templates.tables import schema
from workbook_templates.tables.policies import Policies
from workbook_templates.tables.schema import Column, Row, TableSpec

HEADER_WITHIN = 40  # exports put titles, filters and dates above their headers
_TOTALS = {"合计", "总计", "小计", "合计:", "总计:", "本页合计", "total", "subtotal", "grandtotal", "sum", "total:"}


class RefusedRow(NamedTuple):
    """One reason why a row was not taken; a row may have several."""

    line: int
    column: str
    value: str
    reason: Text


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

    @property
    def refused(self) -> int:
        """How many rows were refused."""
        return len({refusal.line for refusal in self.refusals})


def bring_in(rows: Sequence[RawRow], spec: TableSpec, known: Known = Known(), wishes: Wishes = Wishes()) -> Imported:
    """Match the headers, read the rows, apply the Table's rules. ``Refused`` when the file as a whole can't be used."""
    return Import(rows, spec, known, wishes).run()


# -------------------------------------------------------------------------------------------------------------------- headers


@dataclass(frozen=True)
class Place:
    """Where a column stands in the file; ``rank`` 0 is its own name, 1 an alias, 2 the name of what it refers to."""

    index: int
    header: str
    rank: int


@dataclass(frozen=True)
class Layout:
    """The header row and what its columns mean to us."""

    line: int
    at: int
    headers: tuple[str, ...]
    places: Mapping[str, Place]
    names: Mapping[str, int]  # column key → where the name behind its ID stands
    unused: tuple[str, ...]


def headers_matched(spec: TableSpec, cells: Sequence[Raw]) -> int:
    """How many of a Table's columns a row of a file names: what tells a header row from others."""
    return len({key for cell in cells if (key := _meaning(spec, _header(cell))[0])})


def _header(cell: Raw) -> str:
    if cell is None or isinstance(cell, ExcelError):
        return ""
    text = " ".join(unicodedata.normalize("NFKC", str(cell)).split())
    return text.strip(" *:")


@functools.lru_cache(maxsize=4096)
def _meaning(spec: TableSpec, header: str) -> tuple[str, int]:
    """The column a header means and how surely; ``""`` for none."""
    # A unit after a slash is like one in brackets.
    asked = re.sub(r"\s*/\s*[^/]*$", "", header) if parsing.unit_of(header) and "/" in header else header
    if not asked or len(asked) > 60:
        return "", 9
    column = spec.column_of(asked)
    if column is not None:
        own = Column(column.key, column.header).named(asked)
        return column.key, 0 if own else 1
    for column in spec.columns:
        named = _name_column(spec, column)
        if named is not None and named.named(asked):
            return column.key, 2
    return "", 9


def _name_column(spec: TableSpec, column: Column) -> Column | None:
    """The name behind an ID: a file may say customers by name. Not where two columns refer to the same Table."""
    owner = column.refers.partition(".")[0]
    if not owner or owner == spec.name or sum(c.refers == column.refers for c in spec.columns) > 1:
        return None
    return schema.table(owner).by_key.get("name")


def layout(rows: Sequence[RawRow], spec: TableSpec, renames: Mapping[str, str] | None = None) -> Layout:
    """Find the header row and match its columns; ``Refused`` with what was found when required ones are missing."""
    chosen = _renames(spec, renames or {})
    if not rows:
        raise Refused(Text("文件里没有任何内容。", "There is nothing in the file."))

    def score(row: RawRow) -> int:
        named = {chosen[h] for c in row.cells if (h := _header(c)) in chosen} - {""}
        return len(named | {key for c in row.cells if (key := _meaning(spec, _header(c))[0])})

    candidates = range(min(len(rows), HEADER_WITHIN))
    at = max(candidates, key=lambda index: (score(rows[index]), -index))
    headers = tuple(_header(cell) for cell in rows[at].cells)
    strange = [name for name in chosen if name not in headers]
    if strange:
        raise Refused(
            Text(
                f"--map 中的列“{strange[0]}”不在文件里{parsing.meant(strange[0], filter(None, headers)).zh}。找到的列：{_listed(headers)}",
                f"--map names the column “{strange[0]}”, which is not in the "
                f"file{parsing.meant(strange[0], filter(None, headers)).en}. "
                f"Columns found: {_listed(headers)}",
            )
        )
    places, names = _places(spec, headers, chosen)
    used = {place.index for place in places.values()} | set(names.values())
    unused = tuple(h for i, h in enumerate(headers) if h and i not in used)
    found = Layout(rows[at].line, at, headers, places, names, unused)
    _require(spec, found)
    return found


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
                    f"--map：{spec.name} 没有列“{ours}”{parsing.meant(ours, names).zh}。"
                    f"可用：{'、'.join(c.header.zh for c in spec.columns)}",
                    f"--map: {spec.name} has no column “{ours}”{parsing.meant(ours, names).en}. "
                    f"There are: {', '.join(c.header.en for c in spec.columns)}",
                )
            )
        out[_header(theirs)] = column.key if column else ""
    return out


def _places(spec: TableSpec, headers: Sequence[str], chosen: Mapping[str, str]) -> tuple[dict[str, Place], dict[str, int]]:
    """Which column of the file each of ours is read from; the surer name wins, two equally sure ones are refused.

    Beside an ID the name behind it is kept for rows of people or customers that the plan does not know yet.
    """
    places: dict[str, Place] = {}
    names: dict[str, int] = {}
    for index, header in enumerate(headers):
        key, rank = (chosen[header], -1) if header in chosen else _meaning(spec, header)
        if not key:
            continue
        rival = places.get(key)
        if rival is not None and rival.rank == rank:
            raise Refused(_two_columns(spec[key], rival.header, header))
        loser = rival if rival is not None and rank < rival.rank else Place(index, header, rank) if rival else None
        if loser is not None and loser.rank == 2:
            names[key] = loser.index
        if rival is None or rank < rival.rank:
            places[key] = Place(index, header, rank)
    return places, names


def _two_columns(column: Column, one: str, other: str) -> Text:
    return Text(
        f'“{one}”和“{other}”两列都是“{column.header.zh}”：用 --map "{other}=" 去掉一列，或改列名。',
        f'“{one}” and “{other}” both mean “{column.header.en}”: leave one out with --map "{other}=", or rename it.',
    )


def _require(spec: TableSpec, found: Layout) -> None:
    given = set(found.places)
    missing = [c for c in spec.inputs if c.needed and c.key not in given and not given & rules_of(spec).instead(c.key)]
    if not missing:
        return
    guesses = []
    for column in missing:
        names = (column.key, *column.header, *column.aliases)
        guess = next((g for name in names for g in near(name, found.unused, 1)), "") or _containing(column, found.unused)
        if guess:
            guesses.append((guess, column))
    zh, en = "、".join(c.header.zh for c in missing), ", ".join(c.header.en for c in missing)
    if guesses:
        zh_maps, en_maps = (" ".join(f'--map "{g}={getattr(c.header, lang)}"' for g, c in guesses) for lang in ("zh", "en"))
        remedy = Text(f"。是否加 {zh_maps}？", f". Perhaps {en_maps}?")
    else:
        first = missing[0].header
        remedy = Text(
            f'。请补上，或指明是哪一列：--map "文件的列={first.zh}"。',
            f'. Add them, or say which column it is: --map "their header={first.en}".',
        )
    found_text = Text(f"。第 {found.line} 行找到的列：", f". Columns found in line {found.line}: ") + _listed(found.headers)
    raise Refused(Text(f"缺少必需的列：{zh}", f"required columns are missing: {en}") + found_text + remedy)


def _containing(column: Column, headers: Iterable[str]) -> str:
    """含税金额 for 金额: close enough to be asked about, never to be taken."""
    names = [n for n in (column.header.zh, *column.aliases) if len(n) >= 2 and not n.isascii()]
    return next((h for h in headers if any(n in h or h in n for n in names)), "")


# ------------------------------------------------------------------------------------------------------------------------ rows


TOTAL = Text("是合计行：请从文件中删去", "is a row of totals: delete it from the file")


def is_total(cells: Iterable[Raw]) -> bool:
    """Whether a row is one of totals, by the word it begins with."""
    first = next((str(c) for c in cells if not blank(c)), "")
    return len(first) < 12 and "".join(first.split()).lower().rstrip("：") in _TOTALS


@dataclass
class Candidate:
    """A row on its way in."""

    line: int
    cells: tuple[Raw, ...]
    row: Row


# ------------------------------------------------------------------------------------------------- what a Table's rules may add


def _newcomer(value: str, name: str, year: int | None) -> Row:
    return {"id": value, "name": name}


@dataclass(frozen=True)
class ImportRules:
    """What is particular to a Table where its columns don't say it; a module of ``intake.rules`` named like the Table has it.

    ``stands_in``: for a required column the calculated ones that a file may give instead. ``row`` looks at each row as
    read, ``look`` at all that are left once names became IDs; both may refuse and note. ``newcomer`` makes the row of an ID
    nobody entered.
    """

    stands_in: Mapping[str, frozenset[str]] = field(default_factory=dict)
    row: Callable[[Import, Candidate], None] = lambda run, candidate: None
    look: Callable[[Import, list[Candidate]], list[Candidate]] = lambda run, candidates: candidates
    newcomer: Callable[[str, str, int | None], Row] = _newcomer
    notes: Mapping[str, Text] = field(default_factory=dict)

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

    def __init__(self, rows: Sequence[RawRow], spec: TableSpec, known: Known, wishes: Wishes) -> None:
        self.spec, self.known, self.wishes = spec, known, wishes
        self.layout = layout(rows, spec, wishes.renames)
        self.header_cells = rows[self.layout.at].cells
        self.body = rows[self.layout.at + 1 :]
        self.places = self.layout.places
        self.rules = rules_of(spec)
        self.outcome = Imported(spec, header_line=self.layout.line, unused=list(self.layout.unused))
        self.outcome.matched = {key: place.header for key, place in self.places.items()}
        self.bad: dict[int, list[RefusedRow]] = defaultdict(list)
        self.noted: dict[str, list[int]] = defaultdict(list)
        self.directories = {t: Directory.of(known, t) for t in {c.refers.partition(".")[0] for c in spec.columns} - {""}}

    def run(self) -> Imported:
        """Read, resolve, compare, decide."""
        candidates = [c for c in map(self._candidate, self._data_rows()) if c is not None]
        for candidate in candidates:
            if candidate.line not in self.bad:
                self.rules.row(self, candidate)
        candidates = self._resolved(c for c in candidates if c.line not in self.bad)
        candidates = self._unique(candidates)
        candidates = self._referring(candidates)
        self._finish(self._referring(self.rules.look(self, candidates)))  # looking may refuse what others refer to
        return self.outcome

    def refuse(self, candidate: Candidate, key: str, reason: Text) -> None:
        """Note why a row is not taken."""
        place = self.places.get(key)
        header = place.header if place else str(self.spec[key].header) if key in self.spec.by_key else key
        raw = candidate.cells[place.index] if place and place.index < len(candidate.cells) else None
        self.bad[candidate.line].append(RefusedRow(candidate.line, header, quoted(raw), reason))

    def note(self, kind: str, line: int) -> None:
        """Count something worth saying."""
        self.noted[kind].append(line)

    # ---- reading

    def _data_rows(self) -> list[RawRow]:
        rows = []
        for row in self.body:
            if row.cells == self.header_cells:
                self.note("repeated", row.line)  # page breaks repeat the header
            else:
                rows.append(row)
        self.outcome.read = len(rows)
        self.parsers = self._parsers(rows)
        return rows

    def _parsers(self, rows: Sequence[RawRow]) -> list[tuple[Column, int, parsing.Parse]]:
        out = []
        for key, place in self.places.items():
            column = self.spec[key]
            if not column.formula or key in self.rules.read:
                cells = [row.cells[place.index] for row in rows if place.index < len(row.cells)]
                out.append((column, place.index, parsing.parser(column, self._habit(column, place, cells))))
        return out

    def _habit(self, column: Column, place: Place, cells: Sequence[Raw]) -> parsing.Habit:
        unit = parsing.unit_of(place.header)
        if column.kind in parsing.MONEY:
            scale = parsing.money_scale(unit)
            if scale is None:
                raise Refused(
                    Text(
                        f"列“{place.header}”是外币：计划以人民币元计，请先换算。",
                        f"the column “{place.header}” is in a foreign currency: the plan counts in yuan, convert it first.",
                    )
                )
            if scale != 1:
                self.outcome.notes.append(
                    Text(f"“{place.header}”按 {unit} 换算成元", f"“{place.header}” was converted from {unit} to yuan")
                )
            return parsing.Habit(scale)
        if column.kind == "rate":
            scale = parsing.percent_habit(unit, cells)
            if scale != 1:
                self.outcome.notes.append(
                    Text(
                        f"“{place.header}”按百分数读取（35 即 35%）", f"“{place.header}” was read as percent numbers (35 is 35%)"
                    )
                )
            return parsing.Habit(scale)
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
            return parsing.Habit(day_first=first)
        return parsing.Habit()

    def _candidate(self, raw: RawRow) -> Candidate | None:
        candidate = Candidate(raw.line, raw.cells, {})
        if is_total(raw.cells):
            self._whole(candidate, TOTAL)
            return None
        if any(not blank(cell) for cell in raw.cells[len(self.layout.headers) :]):
            count, width = len(raw.cells), len(self.layout.headers)
            self._whole(
                candidate,
                Text(
                    f"有 {count} 格，标题只有 {width} 列：是否有未加引号的逗号？",
                    f"has {count} cells, the header {width}: a comma without quotes?",
                ),
            )
            return None
        for column, index, parse in self.parsers:
            cell = raw.cells[index] if index < len(raw.cells) else None
            if blank(cell):
                candidate.row[column.key] = None
                continue
            try:
                candidate.row[column.key] = parse(cell)
            except Bad as bad:
                self.refuse(candidate, column.key, bad.text)
        self._require_filled(candidate)
        return candidate

    def _whole(self, candidate: Candidate, reason: Text) -> None:
        shown = " | ".join(quoted(c) for c in candidate.cells[:6])
        self.bad[candidate.line].append(RefusedRow(candidate.line, "", shown, reason))

    def _require_filled(self, candidate: Candidate) -> None:
        for column in self.spec.inputs:
            spared = bool(column.unless and candidate.row.get(column.unless))
            if column.needed and not spared and column.key in self.places and candidate.row.get(column.key, "") is None:
                if self.places.keys() & self.rules.instead(column.key):
                    continue  # the Table's rules say what is missing then
                self.refuse(candidate, column.key, Text("为空：请填写", "is blank: fill it in"))

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
            kept = [c for c in candidates if self._refers(c, columns, there)]
            if len(kept) == len(candidates):
                return kept
            candidates = kept  # a row just refused may be what another one refers to

    def _refers(self, candidate: Candidate, columns: Sequence[Column], there: Mapping[str, str]) -> bool:
        good = True
        for column in columns:
            value = candidate.row.get(column.key)
            if value is None:
                continue
            spelled = there.get(fold(value))
            if spelled is None:
                reason = Text(
                    "既不在计划中，也不在本文件可导入的行中", "is neither in the plan nor among this file's rows that can come in"
                )
                self.refuse(
                    candidate,
                    column.key,
                    reason
                    + parsing.meant(str(value), there.values())
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
        plan = {self._key(row): row for row in self.known.rows.get(self.spec.name, ())}
        kept = []
        for key, group in groups.items():
            if key in plan:
                self._beside_plan(group, plan[key])
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
        return [c.key for c in self.spec.inputs if c.key in self.places or self.rules.instead(c.key)]

    def _differing(self, row: Row, other: Row) -> list[str]:
        return [key for key in self._given() if not _alike(row.get(key), other.get(key))]

    def _beside_plan(self, group: list[Candidate], there: Row) -> None:
        for candidate in group:
            differing = self._differing(candidate.row, there)
            if not differing:
                self.outcome.already += 1
                continue
            column = self.spec[differing[0]]
            old, new = _said(there.get(column.key)), _said(candidate.row.get(column.key))
            self.refuse(
                candidate,
                self.spec.key[0] if self.spec.key else differing[0],
                Text(
                    f"计划中已有此号，但内容不同（{column.header.zh}：{old} → {new}）：导入不改已有行，请在计划中修改或改号",
                    f"is in the plan with other content ({column.header.en}: {old} → {new}): an import changes no row; "
                    "correct it in the plan or change the number",
                ),
            )

    def _clash(self, group: list[Candidate]) -> None:
        lines = [c.line for c in group]
        shown = ", ".join(map(str, lines[:6])) + (" …" if len(lines) > 6 else "")
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
        outcome.notes += self._notes(set(outcome.lines))

    def _name(self, candidate: Candidate, key: str) -> str:
        index = self.layout.names.get(key, len(candidate.cells))
        cell = candidate.cells[index] if index < len(candidate.cells) else None
        return "" if cell is None or isinstance(cell, ExcelError) else " ".join(str(cell).split())[:200]

    def _notes(self, taken: set[int]) -> list[Text]:
        """What was noted of the rows that came in."""
        notes = []
        for kind, template in {**NOTES, **self.rules.notes}.items():
            lines = [n for n in self.noted[kind] if n in taken or kind in ("repeated", "twice")]
            if lines:
                shown = Text("第 {l} 行", "line {l}" if len(lines) == 1 else "lines {l}").format(l=_first(lines))
                notes.append(template.format(lines=shown, year=self.known.year, as_of=self.known.as_of, **_counts(len(lines))))
        return notes


def _counts(number: int) -> dict[str, str]:
    """What a note says of how many rows there are: the verb follows."""
    verbs = zip(("are", "have", "were", "lie", "name"), ("is", "has", "was", "lies", "names"), strict=True)
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

    def find(self, value: str) -> list[str]:
        """The IDs a value means: an ID, or else everything of that name."""
        ident = self.ids.get(fold(value))
        return [ident] if ident is not None else self.names.get(_name_key(value), [])

    def meant(self, value: str) -> Text:
        """A did-you-mean; asked once a value, since the same wrong one comes a thousand times."""
        if value not in self._guesses:
            self._guesses[value] = parsing.meant(value, [*self.ids.values(), *self.names])
        return self._guesses[value]


def _name_key(name: object) -> str:
    return "".join(unicodedata.normalize("NFKC", str(name)).split()).casefold()


# What a run counts and says at its end, whatever the Table; rules have notes of their own.
NOTES = {
    "repeated": Text("{n} 行是重复的标题，已跳过（{lines}）", "{rows} repeating the header {were} skipped ({lines})"),
    "twice": Text("{n} 行在文件中重复出现且内容相同，只取一次（{lines}）", "{rows} {are} in the file twice, alike, and came in once ({lines})"),
    "by_name.People": Text("{n} 行按姓名找到工号（{lines}）", "{rows} named people by name, not ID ({lines})"),
    "by_name.Customers": Text("{n} 行按名称找到客户（{lines}）", "{rows} named customers by name, not ID ({lines})"),
    "by_name.Regions": Text("{n} 行按名称找到区域（{lines}）", "{rows} named regions by name ({lines})"),
    "no_regions": Text("{n} 行写了区域，但计划还没有区域表（{lines}）", "{rows} {name} a region, but the plan lists none yet ({lines})"),
}  # fmt: skip
