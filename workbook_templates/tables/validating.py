"""What Tables hold against their schema, and what a list of checks says: pure validators that list every problem and never raise.

What else is checked stands in ``checking``; what formulas show, and everything together, in ``findings``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from udfs.text import Text, counted, joined
from udfs.values import is_blank, is_error, show
from workbook_templates.answers import ERROR, WARNING, Problem
from workbook_templates.cells import At, Value
from workbook_templates.tables import schema
from workbook_templates.tables.grids import Grid
from workbook_templates.tables.schema import Column, TableSpec
from workbook_templates.tables.spec import QUARTER
from workbook_templates.xlsx.package import Ref

# ------------------------------------------------------------------------------------------------------------- the Tables


def code_of(spec: TableSpec, kind: str = "") -> str:
    """The code of what is checked of a Table's rows, or of one ``kind`` of it: table, header, cell, key, reference."""
    return f"table.{spec.name}{'.' if kind else ''}{kind}"


def grid_problems(
    grids: Mapping[str, Grid],
    wanted: Iterable[str],
    references: bool = True,
    calculated: bool = True,
    off: Collection[int] = (),
) -> Iterator[Problem]:
    """Missing Tables and columns, wrong types, unknown words and references, doubled keys, in any host; only what is
    ``wanted`` must be there, its ``calculated`` columns, too, if asked. Chapters that are ``off`` are not asked for
    references."""
    known = {name: _TableRead(found, schema.TABLES[name]) for name, found in grids.items()}
    for name in wanted:
        spec = schema.TABLES[name]
        if name not in known:
            text = Text(
                f"缺少表 {name}（{spec.title.zh}）：可能被改名或删除；旧版计划请先“升级计划”",
                f"Table {name} is missing: renamed or deleted? For a plan of an older version run salesplan upgrade",
            )
            yield Problem("", 0, 0, text, code=code_of(spec, "table"))
            continue
        yield from known[name].header_problems(calculated)
        yield from known[name].cell_problems()
        if calculated:
            yield from known[name].uncalculated()
        yield from known[name].duplicates()
        if references:
            yield from known[name].strangers({n: read for n, read in known.items() if schema.home_of(n).number not in off})


class _TableRead:
    """A Table's cells beside its schema."""

    def __init__(self, table: Grid, spec: TableSpec) -> None:
        self.table, self.spec = table, spec
        found = {c.key: i for i, h in enumerate(table.headers) for c in spec.columns if c.heads(h)}
        self.places = {key: table.data.first_col + index for key, index in found.items()}
        self._all = rows = range(table.data.first_row, table.data.last_row + 1)
        inputs = [self.places[c.key] for c in spec.inputs if c.key in self.places]
        # A Table has at least one row; an empty one is how it waits for its first entry.
        self.rows = [r for r in rows if any(not _empty(self.value((r, c))) for c in inputs)]

    def value(self, at: At) -> Value:
        return self.table.value(at)

    def column(self, key: str) -> list[tuple[int, Value]]:
        """(row, value) of the rows in use."""
        if key not in self.places:
            return []
        cells, first, place = self.table.cells, self.table.data.first_row, self.places[key] - self.table.data.first_col
        return [(row, cells[row - first][place]) for row in self.rows]

    def problem(self, row: int, key: str, kind: str, text: Text, level: str = ERROR) -> Problem:
        return Problem(self.table.sheet, row, self.places[key], text, level, code_of(self.spec, kind))

    def header_problems(self, calculated: bool) -> Iterator[Problem]:
        for column in self.spec.columns if calculated else self.spec.inputs:
            if column.key not in self.places and not (self.table.adopted and column.key in self.table.adopted.absent):
                text = Text(
                    f"表 {self.spec.name} 缺少列“{column.header.zh}”：请恢复列名；旧版计划请先“升级计划”",
                    f"Table {self.spec.name} has no column “{column.header.en}”: restore its header; for a plan of an older "
                    "version run salesplan upgrade",
                )
                code = code_of(self.spec, "header")
                yield Problem(self.table.sheet, self.table.header_row, self.table.data.first_col, text, code=code)

    def cell_problems(self) -> Iterator[Problem]:
        for column in self.spec.inputs:
            spared = self.spared(column)
            any_number = column.kind in NUMERIC and column.low is None and column.high is None and not column.words
            sound: set[str] = set()  # a column of ten thousand says a few words
            blank = not column.required  # most cells of most Tables are, and may be
            for row, value in self.column(column.key):
                if (value is None and blank) or (any_number and type(value) is float) or (type(value) is str and value in sound):
                    continue
                wrong = None if _empty(value) and row in spared else cell_fault(column, value)
                if not wrong and type(value) is str and value:
                    sound.add(value)
                if wrong:
                    yield self.problem(row, column.key, "cell", Text(f"“{column.header.zh}”", f"“{column.header.en}” ") + wrong)

    def uncalculated(self) -> Iterator[Problem]:
        """Rows that a program wrote under a Table without going on with its formulas: sums would leave them out, and say nothing."""
        if self.table.adopted:
            return
        for column in self.spec.columns:
            place = self.places.get(column.key)
            if not column.formula or place is None:
                continue
            lacking = [row for row in self.rows if _empty(self.value((row, place))) and (row, place) not in self.table.formulas]
            if lacking and any((row, place) in self.table.formulas for row in self._all):
                text = Text(
                    f"“{column.header.zh}”没有公式，共 {len(lacking)} 行：请从上一行向下填充",
                    f"“{column.header.en}” has no formula in {counted(len(lacking), 'row')}: fill it down from the row above",
                )
                yield self.problem(lacking[0], column.key, "cell", text, WARNING)

    def spared(self, column: Column) -> set[int]:
        """The rows that may leave a required column blank."""
        return {row for row, value in self.column(column.unless) if not _empty(value)} if column.unless else set()

    def duplicates(self) -> Iterator[Problem]:
        if not self.spec.key or any(key not in self.places for key in self.spec.key):
            return
        seen: dict[tuple[str, ...], int] = {}
        for row in self.rows:
            key = tuple(_key(self.value((row, self.places[k]))) for k in self.spec.key)
            first = seen.setdefault(tuple(part.lower() for part in key), row)  # a sum by ID would mix c1 and C1
            if first != row and any(key):
                text = Text(
                    f"{' / '.join(key)} 与第 {first} 行重复：请删除或改号",
                    f"{' / '.join(key)} is in row {first} already: delete it or change its number",
                )
                yield self.problem(row, self.spec.key[0], "key", text)

    def strangers(self, known: dict[str, _TableRead]) -> Iterator[Problem]:
        """Values that refer to a row of another Table that is not there."""
        for column in self.spec.inputs:
            owner, _, key = column.refers.partition(".")
            if owner not in known or key not in known[owner].places:
                continue
            there = {_key(value) for _, value in known[owner].column(key)}
            for row, value in self.column(column.key):
                if not _empty(value) and not is_error(value) and _key(value) not in there:
                    title = schema.TABLES[owner].title
                    text = Text(
                        f"“{column.header.zh}”{show(value)} 不在“{title.zh}”表中：请先登记或改正",
                        f"“{column.header.en}” {show(value)} is not in the Table “{title.en}”: enter it there or correct it",
                    )
                    level = WARNING if column.open_refers else ERROR
                    yield self.problem(row, column.key, "reference", text, level)


def cell_fault(column: Column, value: Value) -> Text | None:
    """What is wrong with one input cell, or None."""
    if _empty(value):
        return Text("为空：请填写", "is blank: fill it in") if column.required else None
    if is_error(value):
        return Text(f"是错误值 {value}：请改正", f"is the error {value}: correct it")
    if column.words and not column.open_words and column.kind == "word":
        if not isinstance(value, str) or column.code(value) not in {w.code for w in column.words}:
            zh, en = joined(w.label for w in column.words)
            return Text(f"{show(value)} 不在选项中：可填 {zh}", f"{show(value)} is none of the choices: {en}")
        return None
    if column.kind in NUMERIC:
        return _number_fault(column, value)
    if column.kind == "quarter" and not QUARTER.fullmatch(str(value)):
        return Text(f"{show(value)} 不是季度：请填如 2027-Q1", f"{show(value)} is no quarter: write it as 2027-Q1")
    return None


NUMERIC = {"date", "time", "int", "number", "money", "fen", "rate", "score"}


def _number_fault(column: Column, value: Value) -> Text | None:
    wanted = Text("日期", "a date") if column.kind in ("date", "time") else Text("数字", "a number")
    if isinstance(value, str | bool):
        return Text(
            f"{show(value)} 不是{wanted.zh}（文本会被求和漏掉）：请改为{wanted.zh}",
            f"{show(value)} is not {wanted.en} (sums skip text): make it {wanted.en}",
        )
    assert isinstance(value, float)
    low, high = column.low, column.high
    if (low is not None and value < low) or (high is not None and value > high):
        hint = Text("；35% 请填 35%", "; for 35% enter 35%") if column.kind == "rate" and value > 1 else Text("", "")
        bounds = f"{show(low) if low is not None else '−∞'} … {show(high) if high is not None else '∞'}"
        return Text(f"{show(value)} 超出范围 {bounds}{hint.zh}", f"{show(value)} is outside {bounds}{hint.en}")
    return None


def _empty(value: Value) -> bool:
    return is_blank(value) or value == ""


def _key(value: Value) -> str:
    """IDs compare as text, blanks around them included: 1001 typed as a number is "1001"."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def verdicts(sheet: str, ref: Ref, rows: Iterable[Sequence[Value]]) -> Iterator[Problem]:
    """The lines of a list of checks that are not passed; a plan made before checks had codes has none."""
    for row, values in enumerate(rows, ref.first_row):
        line: dict[str, Value] = dict(zip(schema.CHECK_COLUMNS, values, strict=False))
        bad, notice = line["status"] in schema.FAIL, line["status"] in schema.NOTICE
        if bad or notice or is_error(line["status"]):
            zh, en = (
                f"{line['what']}{s}{show(line['found'])}{t}{show(line['expected'])}"
                for s, t in (("：实际 ", "，应为 "), (": ", ", not "))
            )
            text = Text(f"{zh}。{line['remedy']}", f"{en}. {line['remedy']}")
            yield Problem(sheet, row, ref.first_col, text, WARNING if notice else ERROR, str(line.get("code") or ""))
