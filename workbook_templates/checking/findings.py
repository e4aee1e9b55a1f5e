"""Everything that is wrong with a workbook of ours: what its Tables hold, what its formulas show, what its Checks sheet says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from udfs.text import Text, counted
from workbook_templates import checking
from workbook_templates.answers import WARNING, Problem, Refused
from workbook_templates.cells import ErrorValue, Value
from workbook_templates.engine.run import Results
from workbook_templates.formulas import spelling
from workbook_templates.tables import schema
from workbook_templates.tables.grids import grid
from workbook_templates.tables.switches import Switched
from workbook_templates.tables.validating import verdicts
from workbook_templates.xlsx import lint
from workbook_templates.xlsx.package import Package


def problems(package: Package, results: Results) -> list[Problem]:
    """Everything found, in the order of the sheets."""
    require_ours(package)
    return in_order(package, [*table_problems(package), *cell_problems(package, results), *failed_checks(package, results)])


def cell_problems(package: Package, results: Results) -> Iterator[Problem]:
    """What formulas show, in any workbook."""
    yield from dragged_tables(package)
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
        found.append(Problem(finding.sheet, *at, text, code=f"file.{finding.rule}"))
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


def table_problems(package: Package) -> Iterator[Problem]:
    """What every check that looks at rows finds in a file."""
    grids = {name: grid(package, found) for name, found in package.tables.items() if name in schema.TABLES}
    off = Switched(package).off
    yield from checking.problems(grids, schema.TABLES, off)
    yield from checking.whole(package, off)


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
        yield Problem(sheet, row, column, Text(f"{code}：{zh}", f"{code}: {en}") + also, code="formula.error")
    for sheet, row, column in results.circular:
        yield Problem(
            sheet,
            row,
            column,
            Text("公式循环引用自身：请改公式", "the formula refers to itself: change it"),
            code="formula.circle",
        )
    for cell in results.unsupported:
        text = Text(f"未核算（{cell.function}）：{cell.reason.zh}", f"not computed ({cell.function}): {cell.reason.en}")
        yield Problem(cell.sheet, cell.row, cell.column, text, WARNING, "formula.uncomputed")


def failed_checks(package: Package, results: Results) -> Iterator[Problem]:
    """The lines of the Checks sheet that are not passed, as computed now; a notice is a warning."""
    place = package.locate(schema.CHECK_LIST) if schema.CHECK_LIST in package.names else None
    if place is None:
        text = Text("缺少“检查”页：请从备份恢复", "the Checks sheet is missing: restore it from a backup")
        yield Problem("", 0, 0, text, code="checks.missing")
        return
    sheet, ref = place
    cells = package.sheets[sheet].cells()
    rows = []
    for row in range(ref.first_row, ref.last_row + 1):
        places = [(row, column) for column in range(ref.first_col, ref.last_col + 1)]
        rows.append([results.values.get((sheet, *at), cell.value if (cell := cells.get(at)) else None) for at in places])
    yield from verdicts(sheet, ref, rows)


def dragged_tables(package: Package) -> Iterator[Problem]:
    """Tables whose corner was dragged far below their last row: Excel counts every blank row, here they end with the
    last in use."""
    for table in package.tables.values():
        used, last = table.used.last_row, table.data.last_row
        if used != last:
            text = Text(
                f"表 {table.name} 拖到了第 {last} 行，实际用到第 {used} 行：请把表格右下角拖回，这里只算有内容的行",
                f"Table {table.name} reaches to row {last} and is used to row {used}: drag its corner back; only rows in use "
                "are counted here",
            )
            yield Problem(table.sheet, used + 1, table.ref.first_col, text, WARNING, code="table.dragged")


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
            f"{counted(len(stale), 'cell')} with values out of date: run salesplan recalc",
        )
        yield Problem(sheet_name, row, column, text, WARNING, "formula.stale")


def _agree(stored: Value, computed: Value) -> bool:
    if isinstance(stored, float) and isinstance(computed, float):
        return abs(stored - computed) <= 1e-9 * max(1.0, abs(stored), abs(computed))
    if stored in (None, "") and computed in (None, ""):
        return True
    return stored == computed
