"""What is wrong with a workbook of ours: pure validators that list every problem by sheet and cell and never raise.

Three kinds of finding: what the Tables hold against their schema, what the formulas show, and what the Checks sheet says.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from udfs.text import Text
from udfs.values import is_blank, is_error, show
from workbook_templates import cycle, lint, schema, spelling, tables
from workbook_templates.cellvalue import ErrorValue, Value
from workbook_templates.engine import Results
from workbook_templates.package import At, Package, Ref
from workbook_templates.recalc import spelled
from workbook_templates.saving import Refused
from workbook_templates.schema import Column, TableSpec
from workbook_templates.schema.core import QUARTER
from workbook_templates.tables import Grid, Held

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, order=True)
class Problem:
    """One finding: where, what and how bad; the text ends with the remedy."""

    sheet: str
    row: int
    column: int
    text: Text
    level: str = ERROR

    @property
    def cell(self) -> str:
        """The cell as people write it; blank when the sheet or file as a whole is meant."""
        return spelled((self.row, self.column)) if self.row else ""


def problems(package: Package, results: Results) -> list[Problem]:
    """Everything found, in the order of the sheets."""
    require_ours(package)
    return in_order(package, [*table_problems(package), *cell_problems(package, results), *failed_checks(package, results)])


def cell_problems(package: Package, results: Results) -> Iterator[Problem]:
    """What formulas show, in any workbook."""
    yield from formula_problems(package, results)
    yield from stale_values(package, results)


def file_problems(package: Package) -> list[Problem]:
    """What another program, or a script, wrote into the file that Excel would repair or show as ``#NAME?``."""
    rules = {rule.id: rule for rule in lint.RULES}
    found = []
    for finding in lint.lint(lint.Opened.of(package)):
        rule = rules[finding.rule]
        at = spelling.cell_position(finding.where) or (0, 0)
        where = "" if any(at) else finding.where + (" " if finding.where else "")
        text = Text(
            f"{where}{rule.what.zh}（{finding.detail.zh}）：{rule.remedy.zh}",
            f"{where}{rule.what.en} ({finding.detail.en}): {rule.remedy.en}",
        )
        found.append(Problem(finding.sheet, *at, text))
    return found


def in_order(package: Package, found: Iterable[Problem]) -> list[Problem]:
    """Each once, in the order of the sheets."""
    order = {name: i for i, name in enumerate(package.sheets)}
    return sorted(set(found), key=lambda p: (order.get(p.sheet, -1), p.row, p.column, p.text))


def require_ours(package: Package) -> None:
    """Refuse a workbook that has none of our Tables."""
    if not set(schema.TABLES) & set(package.tables):
        raise Refused(
            Text(
                "这不是销售计划工作簿：找不到任何计划表（如 Deals、People）。用 salesplan new 新建一个",
                "this is no planning workbook: none of its Tables (Deals, People …) is there. Make one with salesplan new",
            )
        )


# ------------------------------------------------------------------------------------------------------------- the Tables


def table_problems(package: Package) -> Iterator[Problem]:
    """Missing Tables and columns, wrong types, unknown words and references, duplicate keys."""
    grids = {name: tables.grid(package, found) for name, found in package.tables.items() if name in schema.TABLES}
    yield from grid_problems(grids, schema.TABLES)
    yield from statement_problems(grids)


def grid_problems(
    grids: Mapping[str, Grid], wanted: Iterable[str], references: bool = True, calculated: bool = True
) -> Iterator[Problem]:
    """The same for Tables of any host; only what is ``wanted`` must be there, its ``calculated`` columns, too, if asked."""
    known = {name: _Read(found, schema.TABLES[name]) for name, found in grids.items()}
    for name in wanted:
        spec = schema.TABLES[name]
        if name not in known:
            text = Text(f"缺少表 {name}（{spec.title.zh}）：可能被改名或删除", f"Table {name} is missing: renamed or deleted?")
            yield Problem("", 0, 0, text)
            continue
        yield from known[name].header_problems(calculated)
        yield from known[name].cell_problems()
        yield from known[name].duplicates()
        if references:
            yield from known[name].strangers(known)


def statement_problems(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    """Locked statements that are not what was approved, row by row; nothing where their Tables are not there or unreadable."""
    held: dict[str, Held] = {}
    with contextlib.suppress(Refused):  # a missing column is told by itself
        held = {name: tables.hold(grids.get(name), schema.table(name)) for name in cycle.TABLES}
    if held:
        now = cycle.Tables(*(held[name].rows for name in cycle.TABLES))
        yield from fault_problems([*cycle.altered(now), *cycle.unapproved(now)], held)


def fault_problems(faults: Iterable[cycle.Fault], held: Mapping[str, Held]) -> Iterator[Problem]:
    """What the statement cycle finds wrong, at its cells."""
    for fault in faults:
        if fault.table and 0 <= fault.row < len(held[fault.table].rows):
            yield Problem(held[fault.table].grid.sheet, *held[fault.table].at(fault.row, fault.key), fault.text)
        else:
            yield Problem("", 0, 0, fault.text)


class _Read:
    """A Table's cells beside its schema."""

    def __init__(self, table: Grid, spec: TableSpec) -> None:
        self.table, self.spec = table, spec
        found = {c.key: i for i, h in enumerate(table.headers) for c in spec.columns if h in c.header}
        self.places = {key: table.data.first_col + index for key, index in found.items()}
        rows = range(table.data.first_row, table.data.last_row + 1)
        inputs = [self.places[c.key] for c in spec.inputs if c.key in self.places]
        # A Table has at least one row; an empty one is how it waits for its first entry.
        self.rows = [r for r in rows if any(not _empty(self.value((r, c))) for c in inputs)]

    def value(self, at: At) -> Value:
        return self.table.value(at)

    def column(self, key: str) -> list[tuple[int, Value]]:
        """(row, value) of the rows in use."""
        return [(r, self.value((r, self.places[key]))) for r in self.rows] if key in self.places else []

    def problem(self, row: int, key: str, text: Text, level: str = ERROR) -> Problem:
        return Problem(self.table.sheet, row, self.places[key], text, level)

    def header_problems(self, calculated: bool) -> Iterator[Problem]:
        for column in self.spec.columns if calculated else self.spec.inputs:
            if column.key not in self.places and not (self.table.adopted and column.key in self.table.adopted.absent):
                text = Text(
                    f"表 {self.spec.name} 缺少列“{column.header.zh}”：请恢复列名",
                    f"Table {self.spec.name} lacks the column “{column.header.en}”: restore its header",
                )
                yield Problem(self.table.sheet, self.table.header_row, self.table.data.first_col, text)

    def cell_problems(self) -> Iterator[Problem]:
        for column in self.spec.inputs:
            for row, value in self.column(column.key):
                wrong = cell_fault(column, value)
                if wrong:
                    yield self.problem(row, column.key, Text(f"“{column.header.zh}”", f"“{column.header.en}” ") + wrong)

    def duplicates(self) -> Iterator[Problem]:
        if not self.spec.key or any(key not in self.places for key in self.spec.key):
            return
        seen: dict[tuple[str, ...], int] = {}
        for row in self.rows:
            key = tuple(_key(self.value((row, self.places[k]))) for k in self.spec.key)
            first = seen.setdefault(key, row)
            if first != row and any(key):
                text = Text(
                    f"{' / '.join(key)} 与第 {first} 行重复：请删除或改号",
                    f"{' / '.join(key)} stands in row {first} already: delete it or change its number",
                )
                yield self.problem(row, self.spec.key[0], text)

    def strangers(self, known: dict[str, _Read]) -> Iterator[Problem]:
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
                    yield self.problem(row, column.key, text)


def cell_fault(column: Column, value: Value) -> Text | None:
    """What is wrong with one input cell, or None."""
    if _empty(value):
        return Text("为空：请填写", "is blank: fill it in") if column.required else None
    if is_error(value):
        return Text(f"是错误值 {value}：请改正", f"is the error {value}: mend it")
    if column.words and not column.open_words and column.kind == "word":
        if not isinstance(value, str) or column.code(value) not in {w.code for w in column.words}:
            zh, en = "、".join(w.label.zh for w in column.words), ", ".join(w.label.en for w in column.words)
            return Text(f"{show(value)} 不在选项中：可填 {zh}", f"{show(value)} is none of the choices: {en}")
        return None
    if column.kind in _NUMERIC:
        return _number_fault(column, value)
    if column.kind == "quarter" and not QUARTER.fullmatch(str(value)):
        return Text(f"{show(value)} 不是季度：请填如 2027-Q1", f"{show(value)} is no quarter: write it as 2027-Q1")
    return None


_NUMERIC = {"date", "time", "int", "number", "money", "fen", "rate", "score"}


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
        hint = Text("；35% 请填 35%", "; for 35 % enter 35%") if column.kind == "rate" and value > 1 else Text("", "")
        bounds = f"{show(low) if low is not None else '−∞'} … {show(high) if high is not None else '∞'}"
        return Text(f"{show(value)} 超出范围 {bounds}{hint.zh}", f"{show(value)} is outside {bounds}{hint.en}")
    return None


def _empty(value: Value) -> bool:
    return is_blank(value) or value == ""


def _key(value: Value) -> str:
    """IDs compare as text: 1001 typed as a number is "1001"."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


# ----------------------------------------------------------------------------------------------------- formulas and checks


def formula_problems(package: Package, results: Results) -> Iterator[Problem]:
    """Errors that formulas show, circles, and the verdicts of the Checks sheet; each error is told where it begins."""
    origins: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    for (sheet, row, column), value in results.values.items():
        if isinstance(value, ErrorValue):
            reason = results.reasons.get((sheet, row, column)) or Text("错误值", "an error")
            origins[f"{value}\0{reason.zh}\0{reason.en}"].append((sheet, row, column))
    for key, cells in origins.items():
        code, zh, en = key.split("\0")
        sheet, row, column = cells[0]
        more = len(cells) - 1
        also = Text(f"（另有 {more} 格同因）", f" ({more} more cells for the same reason)") if more else Text("", "")
        yield Problem(sheet, row, column, Text(f"{code}：{zh}", f"{code}: {en}") + also)
    for sheet, row, column in results.circular:
        yield Problem(sheet, row, column, Text("公式循环引用自身：请改公式", "the formula refers to itself: change it"))
    for cell in results.unsupported:
        text = Text(f"未核算（{cell.function}）：{cell.reason.zh}", f"not computed ({cell.function}): {cell.reason.en}")
        yield Problem(cell.sheet, cell.row, cell.column, text, WARNING)


def failed_checks(package: Package, results: Results) -> Iterator[Problem]:
    """The lines of the Checks sheet that are not passed, as computed now; a notice is a warning."""
    place = package.locate(schema.CHECK_LIST) if schema.CHECK_LIST in package.names else None
    if place is None:
        yield Problem("", 0, 0, Text("缺少“检查”页：请从备份恢复", "the Checks sheet is missing: restore it from a backup"))
        return
    sheet, ref = place
    cells = package.sheets[sheet].cells()
    rows = []
    for row in range(ref.first_row, ref.last_row + 1):
        places = [(row, column) for column in range(ref.first_col, ref.last_col + 1)]
        rows.append([results.values.get((sheet, *at), cell.value if (cell := cells.get(at)) else None) for at in places])
    yield from verdicts(sheet, ref, rows)


def verdicts(sheet: str, ref: Ref, rows: Iterable[Sequence[Value]]) -> Iterator[Problem]:
    """The lines of a list of checks that are not passed."""
    for row, values in enumerate(rows, ref.first_row):
        line: dict[str, Value] = dict(zip(schema.CHECK_COLUMNS, values, strict=False))
        bad, notice = line["status"] in schema.FAIL, line["status"] in schema.NOTICE
        if bad or notice or is_error(line["status"]):
            zh, en = (
                f"{line['what']}{s}{show(line['found'])}{t}{show(line['expected'])}"
                for s, t in (("：实际 ", "，应为 "), (": ", ", not "))
            )
            text = Text(f"{zh}。{line['remedy']}", f"{en}. {line['remedy']}")
            yield Problem(sheet, row, ref.first_col, text, WARNING if notice else ERROR)


def stale_values(package: Package, results: Results) -> Iterator[Problem]:
    """Cells whose stored value is not what their formula gives now."""
    stale = []
    for name, sheet in package.sheets.items():
        for at, cell in sheet.cells().items():
            key = (name, *at)
            if cell.formula is not None and key in results.values and not _agree(cell.value, results.values[key]):
                stale.append(key)
    if stale:
        sheet_name, row, column = stale[0]
        text = Text(
            f"共 {len(stale)} 格的显示值已过期：运行 salesplan recalc",
            f"{len(stale)} cells show values that are out of date: run salesplan recalc",
        )
        yield Problem(sheet_name, row, column, text, WARNING)


def _agree(stored: Value, computed: Value) -> bool:
    if isinstance(stored, float) and isinstance(computed, float):
        return abs(stored - computed) <= 1e-9 * max(1.0, abs(stored), abs(computed))
    if stored in (None, "") and computed in (None, ""):
        return True
    return stored == computed
