"""Adopt: a company's own workbook becomes one the actions work in; a mapping sheet says which of its Tables and columns are ours.

Guesses go by headers and wait for a person's word. Sheets are only ever added at the end; nothing that is there is touched.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from addin.action import Action, Outcome, Progress
from addin.book import Book
from addin.changes import alike, plain
from udfs.text import SEMICOLON, Text, joined
from workbook_templates.answers import WARNING, Problem, Refused, near
from workbook_templates.formulas import spelling
from workbook_templates.intake import mapping
from workbook_templates.intake.mapping import NAME, SURE, Guess
from workbook_templates.tables import schema
from workbook_templates.tables.grids import Grid, cell_of, typed
from workbook_templates.tables.schema import Column, Row, TableSpec
from workbook_templates.xlsx.new_sheet import NewSheet

_WIDTHS = (16, 16, 18, 18, 10, 48)
_LOG = "ChangeLog"
_FIELD = re.compile(r"\{(?:(\w+)\.)?(\w+)\}")  # columns in a formula of the schema
_NO_NAMES = re.compile(r'"[^"]*"|\{[^}]*\}')
_NAMES = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?![\w(])")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""

    def add(name: str, zh: str, en: str, **settings: Any) -> None:
        parser.add_argument(name, help=str(Text(zh, en)), **settings)

    add(
        "--confirm",
        "确认名称或别名一致的对应（仅相似的用 --use 逐个确认）",
        "confirm what goes by name or alias (look-alikes one by one with --use)",
        action="store_true",
    )
    add(
        "--use",
        "指定并确认：表=您的表，或 表.列=您的列；可重复",
        "decide and confirm: Table=your Table, or Table.column=your column; repeatable",
        action="append",
        default=[],
        metavar="OURS=THEIRS",
    )
    add("--add",
        "添加计划的表（空表）：Ledger、Quotas……；可重复",
        "add a Table of the plan, empty: Ledger, Quotas …; repeatable", action="append", default=[], metavar="TABLE")  # fmt: skip


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Guess, or bring an existing mapping up to date."""
    theirs = _tables(book)
    use, columns = _decisions(options.use, theirs)
    found = mapping.guess(theirs, use, columns)
    adoption = book.adoption
    lang = adoption.lang if adoption is not None else mapping.language_of(theirs)
    decided = {(t, c) for t, chosen in columns.items() for c in chosen}
    guessed = mapping.rows_of(found, lang, options.confirm, decided)
    before = book.mapped().rows if adoption is not None else []
    rows = _merged(before, guessed, set(use) | set(columns), options.confirm, lang)
    outcome = Outcome(_summary(rows), problems=_open_points(found, rows, lang))
    outcome.data = {"mapping": _as_data(found, rows)}
    adding = _to_add(book, options.add, found)
    known = Referable(book, rows, adding, lang)
    outcome.sheets = [known.sheet(name) for name in adding]
    if adoption is None:
        _refuse_nothing(found, theirs)
        cells = mapping.cells_of(rows, lang)
        headers = [getattr(c.header, lang) for c in mapping.SPEC.columns]
        outcome.sheets.insert(0, NewSheet(getattr(mapping.SHEET, lang), NAME, headers, cells, widths=_WIDTHS))
    elif rows != before:
        outcome.changes.replaced[NAME] = rows
    outcome.notes = [Text(f"添加工作表：{s.title}", f"adds the sheet {s.title}") for s in outcome.sheets]
    outcome.notes += [*known.notes, *_unmatched(rows, theirs)]
    if any(r["header"] and r["confirmed"] != "yes" for r in rows):
        outcome.notes.append(Text("未确认的对应不会使用：", "what is not confirmed is not used: ") + mapping.CONFIRM)
    return outcome


ACTION = Action(
    label=Text("对接工作簿", "Connect workbook"),
    tip=Text(
        "让操作在您公司现有的工作簿里工作：对应表名和列名",
        "Lets the actions work in your own workbook: maps its Tables and columns",
    ),
    about=Text(
        "按列名猜测您公司工作簿里的表对应计划的哪张表，写入新加的“对接”页；确认后各操作才使用。原有工作表一概不动。",
        "Guesses by their headers which of your Tables are which of the plan's and writes that to a new sheet, Mapping; "
        "actions use it once "
        "you have confirmed it. No sheet of yours is touched.",
    ),
    group="tools",
    order=15,
    icon="TableInsert",
    keytip="J",
    run=run,
    arguments=arguments,
    examples=Text(
        "示例：\n"
        "  salesplan adopt 订单.xlsx --dry-run\n"
        "  salesplan adopt 订单.xlsx --confirm --add Ledger\n"
        '  salesplan adopt 订单.xlsx --use "Deals=订单表" --use "Deals.revenue=成交额"',
        "examples:\n"
        "  salesplan adopt orders.xlsx --dry-run\n"
        "  salesplan adopt orders.xlsx --confirm --add Ledger\n"
        '  salesplan adopt orders.xlsx --use "Deals=tblOrders" --use "Deals.revenue=Net value"',
    ),
)


# -------------------------------------------------------------------------------------------------------- what is given


def _tables(book: Book) -> dict[str, list[str]]:
    found = {name: list(book.own_headers(name)) for name in book.own_tables() if name != NAME}
    if not found:
        raise Refused(
            Text(
                f"“{book.name}”不是销售计划工作簿，也没有 Excel 表格，没有写入：选中数据按 Ctrl+T 变成表格并起名，再运行。",
                f"“{book.name}” has no Excel Table, nothing was written: select your rows, press Ctrl+T to make them a Table, "
                "name it, "
                "and run this again.",
            )
        )
    return found


def _decisions(said: list[str], theirs: dict[str, list[str]]) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """``Deals=订单表`` and ``Deals.revenue=成交额``, checked against both sides."""
    use: dict[str, str] = {}
    columns: dict[str, dict[str, str]] = defaultdict(dict)
    for text in said:
        ours, equals, name = (part.strip() for part in text.partition("="))
        table, dot, column = ours.partition(".")
        spec = mapping.spec_named(table)
        if not equals or not name or spec is None:
            known = ", ".join(schema.TABLES)
            raise Refused(Text(f"--use “{text}”：写成 表=您的表，表可为 {known}",
                               f"--use “{text}”: write Table=your Table; there are {known}"))  # fmt: skip
        if not dot:
            use[spec.name] = _known(name, theirs, Text("表", "Table"))
            continue
        found = spec.column_of(column)
        if found is None:
            known = ", ".join(spec.by_key)
            raise Refused(Text(f"--use：{spec.name} 没有列“{column}”，可用：{known}",
                               f"--use: {spec.name} has no column “{column}”; there are {known}"))  # fmt: skip
        columns[spec.name][found.key] = name
    for table, chosen in columns.items():
        owner = use.get(table) or next((g.theirs for g in mapping.guess(theirs) if g.table == table and g.theirs), "")
        if not owner:
            raise Refused(
                Text(f"请先指定 {table} 是哪张表：--use {table}=…", f"say first which Table {table} is: --use {table}=…")
            )
        use.setdefault(table, owner)
        for name in chosen.values():
            _known(name, theirs[owner], Text(f"“{owner}”的列", f"column of “{owner}”"))
    return use, dict(columns)


def _known(name: str, known: Any, what: Text) -> str:
    if name in known:
        return name
    zh, en = joined(near(name, list(known)) or known, most=8)
    raise Refused(Text(f"没有{what.zh}“{name}”，现有：{zh}", f"there is no {what.en} “{name}”; there are: {en}"))


def _to_add(book: Book, wanted: list[str], found: list[Guess]) -> list[str]:
    """The change log, which every action writes, and what was asked for; Excel adds whatever is missing from the templates."""
    mapped = {g.table for g in found if g.theirs or g.candidates}
    there = set(book.own_tables())
    names = [_LOG]
    for name in wanted:
        spec = mapping.spec_named(name)
        if spec is None:
            raise Refused(Text(f"--add：没有“{name}”这个表，可用：{', '.join(schema.TABLES)}",
                               f"--add: there is no Table “{name}”; there are: {', '.join(schema.TABLES)}"))  # fmt: skip
        names.append(spec.name)
    if book.has_templates:
        names += list(schema.TABLES)
    return [n for n in dict.fromkeys(names) if n not in there | mapped]


class Referable:
    """What formulas of added Tables can refer to: what is mapped and confirmed, what goes by our name, what is added along.

    A calculated column whose formula lacks something is added to be typed in; ``notes`` say which and why.
    """

    def __init__(self, book: Book, rows: Iterable[Row], adding: Iterable[str], lang: str) -> None:
        self.book, self.adding, self.lang = book, set(adding), lang
        self.notes: list[Text] = []
        self.mapped: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)  # our Table → our column → their Table, header
        for row in rows:
            spec = mapping.spec_named(row["table"])
            column = spec.column_of(str(row["column"])) if spec is not None and row["column"] else None
            if spec is not None and column is not None and row["header"] and row["confirmed"] == "yes":
                self.mapped[spec.name][column.key] = str(row["theirs"]), str(row["header"])

    def sheet(self, name: str) -> NewSheet:
        """A Table of ours, empty. In Excel the sheet is copied from the template, with its own formulas."""
        spec = schema.table(name)
        dates = frozenset(i for i, c in enumerate(spec.columns) if c.kind in ("date", "time"))
        texts = {} if self.book.has_templates else {i: self._formula(spec, c) for i, c in enumerate(spec.columns) if c.formula}
        headers = [getattr(c.header, self.lang) for c in spec.columns]
        formulas = {i: text for i, text in texts.items() if text}
        return NewSheet(getattr(spec.title, self.lang), name, headers, dates=dates, widths=[14] * len(headers), formulas=formulas)

    def _formula(self, spec: TableSpec, column: Column) -> str:
        """A column's formula in the words of this workbook, as a file spells it; "" if it lacks something."""
        lacking: list[Text] = []

        def named(match: re.Match[str]) -> str:
            table, key = match.groups()
            if table is None:
                return f"[@{spelling.escape_column(getattr(spec[key].header, self.lang))}]"
            found = self._column(schema.table(table), key)
            if isinstance(found, Text):
                lacking.append(found)
                return ""
            return f"{found[0]}[{spelling.escape_column(found[1])}]"

        text = _FIELD.sub(named, column.formula)
        for name in sorted(set(_NAMES.findall(_NO_NAMES.sub("", column.formula)))):
            if self.book.locate(name) is None:
                lacking.append(Text(f"没有名称 {name}", f"there is no name {name}"))
        if any(spelling.is_ours(name) for name in spelling.references(text)):
            lacking.append(Text("需要加载项函数", "it needs functions of the add-in"))
        if not lacking:
            return spelling.to_file(text, table=spec.name).removeprefix("=")
        why = list(dict.fromkeys(lacking))
        zh, en = joined(why, between=SEMICOLON)
        self.notes.append(
            Text(
                f"{spec.title.zh}的“{column.header.zh}”没有公式，作为填写列添加：{zh}",
                f"{spec.name}: “{column.header.en}” is added without its formula, to be typed in: {en}",
            )
        )
        return ""

    def _column(self, spec: TableSpec, key: str) -> tuple[str, str] | Text:
        """Table and header of a column as this workbook has it, or why there is none a formula could use."""
        column = spec[key]
        header = getattr(column.header, self.lang)
        if spec.name in self.adding:
            return spec.name, header
        table, header = self.mapped.get(spec.name, {}).get(key, (spec.name, header))
        grid = self.book.own_grid(table)
        if grid is None or grid.headers.count(header) != 1:
            return Text(f"{spec.title.zh}的“{column.header.zh}”没有对应并确认",
                        f"{spec.name}, “{column.header.en}”, is not mapped and confirmed")  # fmt: skip
        if not _as_is(mapping.translated(grid, spec, {key: header}, self.lang), column, header, self.lang):
            return Text(f"“{table}”的“{header}”写法或单位与计划不同（如数字工号、文本日期、万元）",
                        f"“{header}” of “{table}” is written otherwise or in another unit than the plan's (IDs as numbers, "
                        "dates as text, thousands)")  # fmt: skip
        return table, header


def _as_is(grid: Grid, column: Column, header: str, lang: str) -> bool:
    """Whether a formula of ours can take their cells as they are: it compares and counts what is there, nothing is translated."""
    raw = grid.adopted.raw if grid.adopted is not None else grid
    place = raw.headers.index(header)
    cells = [line[place] for line in raw.cells if line[place] not in (None, "")]
    if grid.adopted is not None and grid.adopted.scales:
        return False
    if column.kind in ("date", "time") and any(isinstance(cell, str) for cell in cells):
        return False
    return all(alike(plain(cell_of(column, typed(column, cell), lang)), cell) for cell in cells)


def _refuse_nothing(found: list[Guess], theirs: dict[str, list[str]]) -> None:
    ours = set(theirs) & set(schema.TABLES)
    if not ours and not any(g.theirs or g.candidates for g in found):
        zh, en = joined(theirs)
        raise Refused(
            Text(
                f"没有一张表像计划的表（现有：{zh}），没有写入：用 --use 指定，如 --use Deals=…",
                f"no Table looks like one of the plan's (there are: {en}), nothing was written: say which is which, "
                "as in --use Deals=…",
            )
        )


# ---------------------------------------------------------------------------------------------------------- what it says


def _merged(before: list[Row], guessed: list[Row], redone: set[str], confirm: bool, lang: str) -> list[Row]:
    """What a person wrote stays; Tables decided anew or not yet mapped come from the guess."""
    again = {getattr(schema.table(t).title, lang) for t in redone}
    kept = [row for row in before if row["table"] not in again]
    known = {row["table"] for row in kept}
    # What a person confirmed of a Table decided anew stays confirmed where nothing else is meant now.
    sure = {(row["table"], row["column"], row["theirs"], row["header"]) for row in before if row["confirmed"] == "yes"}
    anew = [
        {**r, "confirmed": "yes", "note": None}
        if (r["table"], r["column"], r["theirs"], r["header"]) in sure and r["header"]
        else r
        for r in guessed
        if r["table"] not in known
    ]
    return [_confirmed(row) if confirm else row for row in kept] + anew


def _unmatched(rows: Iterable[Row], theirs: Mapping[str, Sequence[str]]) -> list[Text]:
    """Their Tables and columns that mean none of ours."""
    used: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["theirs"]:
            used[str(row["theirs"])].add(str(row["header"] or ""))
    ours = set(schema.TABLES)
    found = [
        Text(f"“{name}”没有对应的列：{'、'.join(left)}", f"columns of “{name}” that match nothing: {', '.join(left)}")
        for name, headers in theirs.items()
        if name in used and (left := [header for header in headers if header not in used[name]])
    ]
    tables = [name for name in theirs if name not in used and name not in ours]
    if tables:
        found.append(Text(f"没有对应的表：{'、'.join(tables)}", f"Tables that match nothing: {', '.join(tables)}"))
    return found


def _confirmed(row: Row) -> Row:
    spec = mapping.spec_named(row["table"])
    column = spec.column_of(str(row["column"])) if spec is not None and row["column"] else None
    sure = column is not None and row["header"] and mapping.confidence(column, str(row["header"])) >= SURE
    return {**row, "confirmed": "yes", "note": None} if sure else row


def _open_points(found: list[Guess], rows: list[Row], lang: str) -> list[Problem]:
    """Everything that waits for a decision, at once."""
    return [
        Problem(getattr(mapping.SHEET, lang), 0, 0, _told(row), WARNING)
        for row in rows
        if row["note"] and row["confirmed"] != "yes"
    ]


def _told(row: Row) -> Text:
    spec = mapping.spec_named(row["table"])
    column = spec.column_of(str(row["column"])) if spec is not None and row["column"] else None
    ours = f"{spec.name if spec else row['table']}{'.' + column.key if column else ''}"
    said = f"{row['table']} {row['column'] or ''} ← {row['theirs'] or ''} {row['header'] or '?'}：{row['note']}"
    remedy = Text(f'（--use "{ours}={row["header"] or "…"}"）', f' (--use "{ours}={row["header"] or "…"}")')
    return Text(said, said) + remedy


def _summary(rows: list[Row]) -> Text:
    mapped = [r for r in rows if r["header"]]
    sure = sum(r["confirmed"] == "yes" for r in mapped)
    count = len({r["table"] for r in mapped})
    waiting = sum(1 for r in rows if r["note"] and r["confirmed"] != "yes")
    return Text(
        f"对接：{count} 张表、{len(mapped)} 列已对应，其中 {sure} 列已确认；{waiting} 处待定",
        f"mapping: {count} Tables, {len(mapped)} columns, {sure} of them confirmed; {waiting} to be decided",
    )


def _as_data(found: list[Guess], rows: list[Row]) -> list[dict[str, Any]]:
    sure = {(g.theirs, m.header): m.confidence for g in found for m in g.columns if m.header}
    return [{**row, "confidence": round(sure.get((str(row["theirs"]), str(row["header"])), 0.0), 2)} for row in rows]
