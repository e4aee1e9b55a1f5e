"""Import data: rows of a CSV or workbook into a Table of the plan; a row comes in as a whole or is refused with its reason."""

from __future__ import annotations

import argparse
from functools import partial

from addin import collecting, meaning_options, remembering
from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book
from addin.dispatching import day_of
from udfs.text import Text, counted
from workbook_templates.answers import Refused, near
from workbook_templates.intake import examples, files, importing, own_workbook
from workbook_templates.tables import gates, schema
from workbook_templates.tables.schema import Row

MOST = 20
_TOLD = 5  # customers whose credit is stopped, by name


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""

    def add(name: str, zh: str, en: str, **settings: object) -> None:
        parser.add_argument(name, help=str(Text(zh, en)), **settings)  # type: ignore[arg-type]

    add("file", "要导入的 CSV 或 .xlsx", "the CSV or .xlsx with the rows", metavar="FILE")
    add(
        "--table",
        "导入到哪个表：Deals（默认）、People、Customers……",
        "into which Table: Deals (default), People, Customers …",
        default="Deals",
        metavar="TABLE",
    )
    meaning_options.declare(parser)
    add(
        "--update",
        "已有的行按此列更正（编号对应；其余列应相同或不在文件里）；已锁定、已发放的不改；可重复",
        "correct this column of rows that are there, by key (other columns agree or are absent); never what is settled; repeatable",
        action="append",
        default=[],
        dest="updates",
        metavar="COLUMN",
    )
    add("--report", "把全部拒绝原因写入此 CSV", "write every refusal to this CSV", metavar="REFUSED.csv")
    add("--add-people", "未登记的主办自动加入人员表", "add sellers that the plan does not know to People", action="store_true")


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Read the file and the plan against each other."""
    spec = schema.table(table_named(options.table))
    recalled = remembering.recall(book, options, spec, renames(options.renames))
    wishes = importing.Wishes(
        recalled.renames,
        frozenset({"Customers", "People"} if options.add_people else {"Customers"}),
        recalled.said.rates,
        meaning_options.choices(recalled.said),
        _updates(spec, options.updates),
        recalled.said.columns,
        meaning_options.wide(options),
    )
    sources = files.read_all(options.file, partial(importing.headers_matched, spec), options.sheet, options.encoding)
    sources, left = examples.without(sources)
    progress(Text("逐行核对", "Checking the rows"))
    planned = own_workbook.plan_intake(book, sources, spec.name, wishes)
    found = planned.outcome
    found.notes[:0] = recalled.notes([*found.matched.values(), *found.unused])
    outcome = Outcome(_summary(planned))
    outcome.changes.added = own_workbook.rows_to_add(book, planned)
    for place, values in planned.outcome.updated:
        outcome.changes.edit(spec.name, place, **values)
    if spec.name == "Collections":
        _, said = collecting.put(book, outcome.changes, planned.outcome.rows)
        planned.outcome.notes += said
    if planned.outcome.rows or planned.outcome.updated or planned.outcome.already:
        planned.outcome.notes += recalled.keep(book, outcome.changes)
    if spec.name == "Deals":
        planned.outcome.notes += _forbidden(book, planned.outcome.rows)
    source = sources[0]
    outcome.origin = Text(f"来自 {source.path.name}", f"from {source.path.name}")
    refused = planned.outcome.refusals
    planned.outcome.notes[:0] = left
    outcome.notes = [*planned.outcome.notes, *(_line(r) for r in refused[:MOST])]
    if len(refused) > MOST:
        outcome.notes.append(Text(f"… 另有 {len(refused) - MOST} 条", f"… {len(refused) - MOST} more"))
    outcome.details = (source, planned)
    return outcome


ACTION = Action(
    label=Text("导入", "Import"),
    tip=Text("把成交、客户、人员等数据导入计划", "Brings deals, customers or people into the plan"),
    about=Text(
        "把文件里的行加到所选的表；被拒收的行逐条说明，不影响其余行。导入成交后请“计算提成”，台账与账户随之更新。",
        "Adds the rows of a file to the chosen Table; rejected rows are listed one by one. After deals, Compute commissions brings ledger and accounts up.",
    ),
    group="plan",
    order=20,
    icon="TextFromFileInsert",
    keytip="I",
    run=run,
    guards=True,  # the ledger says which deals are settled: one that was tampered with would let a correction of them through
    writes={"report": ".csv"},
    reads=("file",),
    arguments=arguments,
    asks={
        "file": Ask("open"),
        "table": Ask(Text("导入到哪个表：Deals、People、Customers……", "Into which Table: Deals, People, Customers …")),
    },
)


def _forbidden(book: Book, rows: list[Row]) -> list[Text]:
    """Deals of customers to whom credit is stopped: they are imported, since they were signed, and told."""
    if book.as_of is None:
        return []
    day, why = day_of(book), dict[str, Text]()
    for customer in dict.fromkeys(str(row.get("customer") or "") for row in rows):
        if found := gates.refusals(day, gates.Moment.DEAL, customer):
            why[customer] = found[0]
    shown = [Text(f"注意：{text.zh}", f"note: {text.en}") for text in list(why.values())[:_TOLD]]
    more = len(why) - len(shown)
    return shown + (
        [Text(f"… 另有 {more} 家客户停止赊销", f"… credit is stopped for {counted(more, 'more customer')}")] if more else []
    )


def _line(refusal: importing.RefusedRow) -> Text:
    sheet = f"“{refusal.sheet}”" if refusal.sheet else ""
    where = Text(
        f"{sheet}第 {refusal.line} 行 {refusal.column}：", f"{sheet + ' ' if sheet else ''}line {refusal.line} {refusal.column}: "
    )
    return where + refusal.reason


def _summary(planned: own_workbook.Intake) -> Text:
    found = planned.outcome
    said = Text(
        f"{found.spec.title.zh}：读取 {found.read:,} 行，导入 {len(found.rows):,}，已在计划中 {found.already:,}，拒收 {found.refused:,}",
        f"{found.spec.title.en}: read {found.read:,}, imported {len(found.rows):,}, already there {found.already:,}, "
        f"rejected {found.refused:,}",
    )
    updated = len(found.updated)
    return said + Text(f"，更正 {updated:,}", f", corrected {updated:,}") if updated else said


def _updates(spec: schema.TableSpec, names: list[str]) -> frozenset[str]:
    """The columns that may be corrected, by key."""
    found = set()
    for name in names:
        column = spec.column_of(name)
        if not spec.key or column is None or column.formula or column.key in spec.key:
            known = [c.header for c in spec.inputs if c.key not in spec.key] if spec.key else []
            raise Refused(
                Text(
                    f"--update：“{spec.title.zh}”没有可更正的列“{name}”。可用：{'、'.join(h.zh for h in known) or '无（此表没有编号）'}",
                    f"--update: {spec.title.en} has no column “{name}” to correct. There are: {', '.join(h.en for h in known) or 'none, it has no key'}",
                )
            )
        found.add(column.key)
    return frozenset(found)


def table_named(name: str) -> str:
    """A Table by its name in any case, or by its title."""
    names = own_workbook.importable()
    for known in names:
        if name.strip().casefold() in {known.casefold(), *(t.casefold() for t in schema.table(known).title)}:
            return known
    guess = near(name, names)
    raise Refused(
        Text(
            f"不能导入到表“{name}”" + (f"，是否想用 {guess[0]}？" if guess else "") + f"可用：{'、'.join(names)}",
            f"rows can't be brought into “{name}”"
            + (f"; did you mean {guess[0]}?" if guess else ".")
            + f" There are: {', '.join(names)}",
        )
    )


def renames(pairs: list[str]) -> dict[str, str]:
    """``their header=our column`` as a mapping."""
    out = {}
    for pair in pairs:
        theirs, equals, ours = pair.rpartition("=")
        if not equals or not theirs.strip():
            raise Refused(
                Text(f"--map “{pair}” 应写成 “文件的列=我们的列”", f"--map “{pair}” must be written “their header=our column”")
            )
        out[theirs] = ours
    return out
