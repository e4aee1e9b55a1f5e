"""Refresh the customer tiers: what customers bought → tier, rank, shares and value of each, and every change of tier with
its reason.

Transactions are those of the workbook's Table, or of a file; from a file only the customers come in.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from addin import meaning_options, remembering
from addin.action import ATTENTION, DONE, Action, Ask, Outcome, Progress
from addin.actions.import_ import renames
from addin.book import Book
from udfs import customers, find, policy
from udfs.customers import TIERS
from udfs.formula import listening
from udfs.text import Text, counted, speaking
from udfs.values import ExcelError, Refusal
from workbook_templates import transactions
from workbook_templates.answers import ERROR, WARNING, Problem, Refused
from workbook_templates.cells import MOST_SPILLED
from workbook_templates.chapters.customers import bought, clv_model
from workbook_templates.chapters.customers.tiering import WRITTEN, Tiered, TierSettings, tiers
from workbook_templates.tables.grids import Held
from workbook_templates.tables.schema import Row
from workbook_templates.transactions.databases import query_of
from workbook_templates.transactions.frames import LINES
from workbook_templates.transactions.purchases import Purchases, date_of
from workbook_templates.transactions.report import Report, check_report_path

MOST = 50


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""

    def add(name: str, zh: str, en: str, **settings: Any) -> None:
        parser.add_argument(name, help=str(Text(zh, en)), **settings)

    add(
        "--transactions",
        "交易所在的文件、文件夹或数据库；省略则读工作簿的“交易流水”表",
        "file, folder or database of the transactions; omitted: the workbook's Table",
        metavar="FILE_OR_URL",
    )
    meaning_options.declare(parser)
    add(
        "--currency",
        "只取一种币种的交易，如 CNY",
        "take the transactions of one currency only, such as CNY",
        default="",
        metavar="CUR",
    )
    add(
        "--lines",
        "同一发票完全相同的行：只计一次（once）或每行都计（each）；默认由文件判断",
        "equal lines of an invoice count once or each; by the file itself unless given",
        choices=("once", "each"),
        default="",
    )
    add(
        "--credit",
        "发票号以此字母开头的是红字发票，如 C",
        "invoice numbers that begin so are credit notes, such as C",
        default="",
        metavar="LETTERS",
    )
    add("--in-place", "由数据库自己汇总，只取回客户", "the database adds up itself, only customers travel", action="store_true")
    add("--report", "把没有计入的每一行及原因写入此 CSV", "write every row left out, and why, to this CSV", metavar="REFUSED.csv")


def _without_transactions(book: Book) -> bool:
    """In Excel: a workbook without transactions is given a file of them."""
    grid = book.grid("Transactions")
    return grid is None or not any(cell not in (None, "") for row in grid.cells for cell in row)


@dataclass
class TransactionSource:
    """Where the transactions came from and what they come to."""

    origin: Text
    purchases: Purchases | None = None
    counted: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    report: Report | None = None
    recalled: remembering.Recalled | None = None


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Work out what every customer's row should say."""
    as_of = policy.today()
    own = [] if options.transactions else ["Transactions"]
    found = book.problems("Customers", "TierChanges", *own, references=False)
    settings, wrong = settings_of(book)
    found += wrong
    with contextlib.suppress(Refused):  # a missing column is among the problems already
        found += [*bought.doubled(book.read("Customers")), *bought.no_dates(book.read("TierChanges"))]
    with contextlib.suppress(Refused):
        found += [] if options.transactions else bought.faults(book.read("Transactions"), as_of, book.read("Customers").rows)
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    progress(Text("汇总交易", "Adding up the transactions"))
    source = _of_source(book, options, as_of, progress) if options.transactions else _of_table(book, as_of)
    found += source.problems
    if source.purchases is None:
        return Outcome.refused(found)
    progress(Text("估计价值并分级", "Estimating values, ranking"))
    held, history = book.read("Customers"), book.read("TierChanges").rows
    with speaking(book.lang):  # reasons are cells
        try:
            result = tiers(source.purchases, held.rows, history, settings)
        except Refusal as refusal:
            return Outcome.refused([*found, Problem(held.grid.sheet, 0, 0, refusal.error.reason)])
        model = clv_model.rows(result.model)
    found += _gone_back(held, as_of)
    outcome = Outcome(_summary(result, as_of), problems=found, notes=[*source.notes, *result.notes], origin=source.origin)
    _put(outcome, held, result)
    outcome.notes += source.recalled.keep(book, outcome.changes) if source.recalled is not None else []
    if model and book.grid("ClvModel") is not None:  # a workbook of one's own has no place for it
        outcome.changes.replaced["ClvModel"] = model
        outcome.changes.solid.add("ClvModel")
    outcome.notes += [*_many(len(result.rows)), *_listed(result.changes)]
    outcome.data = _data(source, result, as_of)
    outcome.details = source.report
    return outcome


def reported(options: argparse.Namespace, outcome: Outcome) -> int:
    """On the command line: every row left out goes to the file asked for; rows refused are told by the exit code, as by
    import."""
    report = outcome.details
    if report is None:
        return DONE
    if options.report:
        report.write(options.report, options.plan, options.transactions)
    return ATTENTION if report.refused else DONE


ACTION = Action(
    label=Text("刷新客户分级", "Refresh tiers"),
    tip=Text("按交易流水重算每家客户的级别、名次与价值", "Tier, rank and value of each customer from the transactions"),
    about=Text(
        "按“交易流水”（或所给文件）更新“客户”表的级别、名次、得分、占比、价值指数等列；升降级连同原因追加到“分级变动”，已有的变动不改。"
        "客户的名称、区域、负责人等不动；只在交易中出现的客户补入客户表。",
        "Updates tier, rank, score, shares and value index in Customers from Transactions (or from the file given); each "
        "change of tier goes "
        "under Tier changes with its reason, what is there stays. Names, regions and owners stay; customers that only the "
        "transactions "
        "know are added.",
    ),
    group="customers",
    order=10,
    icon="SortDialogClassic",
    keytip="T",
    run=run,
    arguments=arguments,
    examples=Text(
        "示例：\n  salesplan refresh 计划.xlsx --dry-run\n  salesplan refresh 计划.xlsx --transactions 开票明细.csv",
        "examples:\n  salesplan refresh plan.xlsx --dry-run\n  salesplan refresh plan.xlsx --transactions invoices.csv",
    ),
    asks={"transactions": Ask("open", _without_transactions)},
    steps=8,
    reported=reported,
    writes={"report": ".csv"},
    reads=("transactions",),
)


# ------------------------------------------------------------------------------------------------------------ what is given


def settings_of(book: Book) -> tuple[TierSettings, list[Problem]]:
    """What the Settings sheet says, each number by the bounds of the function that takes it."""
    found: list[Problem] = []
    given: dict[str, Any] = {}

    def setting(key: str) -> Any:
        given[key] = policy.value(key)
        try:
            value = book.setting(key)
            _check_bounds(key, value)
            given[key] = value
        except (Refused, Refusal) as wrong:
            found.append(_in_settings(book, key, wrong.text if isinstance(wrong, Refused) else wrong.error.reason))
        return given[key]

    made = TierSettings.of(setting)
    for key, check in (
        ("customers.caps", lambda: customers.check_borders(np.array(made.caps), np.array(made.shares))),
        ("customers.team_s", lambda: customers.team_sizes(np.array(made.team_s, dtype=float), "team_s")),
        ("customers.team_a", lambda: customers.team_sizes(np.array(made.team_a, dtype=float), "team_a")),
    ):
        try:
            with listening():
                check()
        except Refusal as wrong:
            found.append(_in_settings(book, key, wrong.error.reason))
    return made, found


_TAKEN_BY = {"caps": "CUSTOMERTIER", "shares": "CUSTOMERTIER", "buffer": "CUSTOMERTIER", "team_s": "TEAM", "team_a": "TEAM"}


def _check_bounds(key: str, value: Any) -> None:
    name = key.partition(".")[2]
    kind = next(a.kind for a in find(_TAKEN_BY.get(name, "CLV")).arguments if a.name == name)
    for number in value if isinstance(value, list | tuple) else [value]:
        read = kind.read(number, kind)
        if isinstance(read, ExcelError):
            raise Refusal(read)
    if name == "months" and value != int(value):
        raise Refused(Text(f"测算期 {value} 应为整月", f"{value} months: they must be whole"))


def _in_settings(book: Book, key: str, text: Text) -> Problem:
    known = policy.POLICIES[key]
    place = book.locate(known.base_name) or book.locate(known.range_name)
    sheet, ref = place if place is not None else ("", None)
    named = Text(f"参数“{known.label.zh}”：", f"the setting “{known.label.en}”: ")
    return Problem(sheet, ref.first_row if ref else 0, ref.first_col if ref else 0, named + text)


def _of_table(book: Book, as_of: dt.date) -> TransactionSource:
    held = book.read("Transactions")
    made = bought.of_table(held, as_of, book.read("Customers").rows)
    sheet = held.grid.sheet
    origin = Text(f"交易来自“{sheet}”", f"transactions of “{sheet}”") + _extent(made.purchases, made.counted)
    return TransactionSource(origin, made.purchases, made.counted, made.problems, made.notes)


def _of_source(book: Book, options: argparse.Namespace, as_of: dt.date, progress: Progress) -> TransactionSource:
    """From a file, a folder or a database: only customers come in."""
    place = options.transactions
    if options.report:
        check_report_path(options.report, place, book.identity)
    recalled = remembering.recall(book, options, LINES, renames(options.renames))
    ways = transactions.Ways(
        options.sheet, options.encoding, recalled.renames, recalled.said.columns, meaning_options.wide(options)
    )
    wishes = transactions.SourceWishes(
        recalled.said.rates,
        options.currency,
        options.lines,
        options.credit,
        meaning_options.choices(recalled.said),
        policy.zone(book.setting("company.zone")),
    )
    customers = book.read("Customers").rows
    purchases, report = transactions.read(place, as_of, customers, ways, wishes, progress, options.in_place)
    name, mark = fingerprint(place)
    tail = Text(f"，{mark}", f", {mark}") if mark else Text("", "")
    origin = Text(f"交易来自 {name}", f"transactions of {name}") + _extent(purchases, report.counted) + tail
    taken = recalled.notes([header for part in report.parts for header in (*part.columns.values(), *part.unused)])
    return TransactionSource(origin, purchases, report.counted, notes=[*taken, *report.lines()], report=report, recalled=recalled)


def fingerprint(source: str) -> tuple[str, str]:
    """What a source is called and what tells its content from another's; a database has its query's place only."""
    query = query_of(source)
    if query is not None:
        return query.shown, ""
    path = Path(source)
    files = sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]
    digest = hashlib.sha256()
    for one in files:
        with one.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return path.name, f"sha256 {digest.hexdigest()[:12]}"


def _extent(purchases: Purchases | None, rows: int) -> Text:
    """How many rows and from when to when."""
    if purchases is None or not len(purchases) or not purchases.summary.frequency.any():
        return Text("", "")
    has = purchases.summary.frequency > 0
    first, last = (date_of(day) for day in (purchases.summary.first[has].min(), purchases.summary.last[has].max()))
    return Text(f"（{rows:,} 行，{first} 至 {last}）", f" ({counted(rows, 'row')}, {first} to {last})")


def _gone_back(held: Held, as_of: dt.date) -> list[Problem]:
    """A refresh as of a day before the last one: allowed, but rarely meant."""
    later = [i for i, row in enumerate(held.rows) if isinstance(row["tiered_on"], dt.date) and row["tiered_on"] > as_of]
    if not later:
        return []
    last = max(held.rows[i]["tiered_on"] for i in later)
    text = Text(
        f"上次分级截止 {last}，晚于现在的截止日 {as_of}：请核对截止日",
        f"the last refresh was as of {last}, later than {as_of} now: check the as-of date",
    )
    return [Problem(held.grid.sheet, *held.at(later[0], "tiered_on"), text, WARNING)]


# -------------------------------------------------------------------------------------------------------- what comes of it


def _put(outcome: Outcome, held: Held, result: Tiered) -> None:
    """One rectangle of Customers, new rows below, and the changes under TierChanges."""
    adopted = held.grid.adopted
    absent = adopted.absent - {"tier"} if adopted else frozenset()
    written = [key for key in WRITTEN if key not in absent]
    for index, row in enumerate(result.rows[: len(held.rows)]):
        outcome.changes.edit("Customers", index, **{key: row[key] for key in written})
    outcome.changes.solid = {"Customers", "TierChanges"}
    if result.new:
        outcome.changes.add("Customers", [{k: v for k, v in r.items() if k not in absent} for r in result.rows[len(held.rows) :]])
    if result.changes:
        outcome.changes.add("TierChanges", result.changes)
    if absent & set(WRITTEN):
        listed = [held.spec[key].header for key in WRITTEN if key in absent]
        outcome.notes.append(
            Text(
                f"客户表没有这些列，未写：{'、'.join(h.zh for h in listed)}",
                f"Customers has no columns for: {', '.join(h.en for h in listed)}; they were not written",
            )
        )


def _summary(result: Tiered, as_of: dt.date) -> Text:
    count = Counter(row["tier"] for row in result.rows)
    held = ", ".join(f"{tier} {count[tier]}" for tier in TIERS)
    text = Text(f"客户分级（截止 {as_of}）：{held}", f"customer tiers as of {as_of}: {held}")
    if count[None]:
        text += Text(f"，无交易未分级 {count[None]}", f", without transactions {count[None]}")
    if not result.changes:
        return text + Text("；没有升降级", "; no customer changed its tier")
    up, down, came = moves(result.changes)
    return text + Text(f"；升 {up}、降 {down}、新进 {came}", f"; {up} up, {down} down, {came} new")


def moves(changes: Sequence[Row]) -> tuple[int, int, int]:
    """How many rose, fell and came."""
    steps = [TIERS.index(c["before"]) - TIERS.index(c["after"]) for c in changes if c["before"]]
    return sum(step > 0 for step in steps), sum(step < 0 for step in steps), len(changes) - len(steps)


def _many(customers: int) -> list[Text]:
    """The segments beside Customers spill, and a spill goes only so far."""
    if customers < MOST_SPILLED:
        return []
    return [
        Text(
            "客户已达 1 万家：表旁不再分层（“分层”一列），其余照算",
            "10,000 customers and more: no segment is shown beside them any more, all else is computed",
        )
    ]


def _listed(changes: Sequence[Row]) -> list[Text]:
    """The changes of tier, falls first, then by rank: customer, from, to, why."""
    order = sorted(changes, key=lambda c: (TIERS.index(c["before"] or "C") > TIERS.index(c["after"]), c["rank"] or 0))
    lines = [_line(change) for change in order[:MOST]]
    if len(changes) > MOST:
        more = len(changes) - MOST
        lines.append(Text(f"… 另有 {more} 家，见“分级变动”", f"… {more} more, see Tier changes"))
    return lines


def _line(change: Row) -> Text:
    who = change["customer"] if change["name"] == change["customer"] else f"{change['customer']} {change['name']}"
    moved = Text(f"{change['before'] or '新客户'} → {change['after']}", f"{change['before'] or 'new'} → {change['after']}")
    why = change["reason"]
    for said in moved:
        why = why.removeprefix(f"{said}：").removeprefix(f"{said}: ")
    return Text(f"{who}  {moved.zh}：{why}", f"{who}  {moved.en}: {why}")


def _data(source: TransactionSource, result: Tiered, as_of: dt.date) -> dict[str, Any]:
    keys = ("customer", "name", "before", "after", "rank_before", "rank", "reason")
    model = result.model
    names = ("r", "alpha", "a", "b", "p", "q", "v", "purchases_ll", "value_ll")
    return {
        "as_of": str(as_of),
        "transactions": {
            "from": str(source.origin),
            "counted": source.counted,
            **(source.report.as_json() if source.report else {}),
        },
        "tiers": dict(Counter(row["tier"] for row in result.rows if row["tier"])),
        "borders": [{"tier": b.tier, "rank": b.seats, "bound": str(b.bound)} for b in result.borders],
        "tier_changes": [{key: change[key] for key in keys} for change in result.changes],
        "new_customers": result.new,
        "model": {n: v if (v := getattr(model, n)) == v else None for n in names} if model else None,
    }
