"""Find duplicates: customers that may be one, for review; those decided to be one are merged, whoever names them; codes for those without."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from addin.action import Action, Outcome, Progress
from addin.book import Book
from addin.dispatching import day_of
from udfs import call
from udfs.text import SEMICOLON, Text, joined
from udfs.values import ExcelError, total_of
from workbook_templates.answers import ERROR, WARNING, Problem
from workbook_templates.chapters.pipeline.duplicates import likely_pairs
from workbook_templates.chapters.pipeline.tables import DEDUPE, MERGE
from workbook_templates.chapters.risk.credit import caution, grade_of, newest
from workbook_templates.chapters.risk.words import STOPPED
from workbook_templates.tables import duties, gates, schema
from workbook_templates.tables.duties import Day
from workbook_templates.tables.grids import Held
from workbook_templates.tables.schema import Row, TableSpec

CUSTOMERS, REVIEW, INDUSTRIES = "Customers", "DuplicateReview", "Industries"
_SETTLED = ("locked", "paid")
# Of two rows that become one, which stands where nothing adds up: of two ratings of a day the one that lets buy less.
_STANDS: Mapping[str, Callable[[Row], Any]] = {"CreditScores": caution}
_SEQUENCE = slice(4, 9)  # of a customer's code


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Merge what was decided, then look for what may be one, and give codes."""
    naming = _naming()
    found = book.problems(CUSTOMERS, REVIEW, INDUSTRIES)
    found += [p for p in _undecidable(book) if p not in found]
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    day, outcome = day_of(book), Outcome(Text("", ""), problems=found)
    merges = _decided(book)
    customers = [dict(row) for row in book.read(CUSTOMERS).rows]
    touched = _merge(book, merges, naming, customers, outcome, day) if merges else 0
    progress(Text("查重", "comparing"))
    pairs = likely_pairs(customers, book.setting)
    codes = _codes(book, customers, outcome)
    _written(book, customers, bool(merges), outcome)
    new = _review(book, pairs, merges, day, outcome)
    outcome.data = {"pairs": len(pairs), "new": new, "merged": len(merges), "rows": touched, "codes": codes}
    outcome.summary = _summary(len(pairs), new, merges, touched, codes)
    return outcome


def _naming() -> dict[str, list[str]]:
    """Which columns of which Tables name customers."""
    out: dict[str, list[str]] = {}
    for name, spec in schema.TABLES.items():
        keys = [column.key for column in spec.inputs if f"{CUSTOMERS}.id" in (column.refers, column.names)]
        if keys and name != CUSTOMERS:
            out[name] = keys
    return out


# ------------------------------------------------------------------------------------------------------------- merging


@dataclass(frozen=True)
class Merging:
    """Two customers that are one: which stays, and which row of the review said so."""

    keep: str
    gone: str
    index: int


def _undecidable(book: Book) -> list[Problem]:
    """Merges that name none of their two."""
    held, out = book.read(REVIEW), []
    for index, row in enumerate(held.rows):
        if row.get("decision") == MERGE and row.get("keep") and row["keep"] not in (row.get("a"), row.get("b")):
            text = Text(
                f"保留编号 {row['keep']} 不是这一对中的：请填 {row['a']} 或 {row['b']}",
                f"{row['keep']} is none of the two: keep {row['a']} or {row['b']}",
            )
            out.append(Problem(held.grid.sheet, *held.at(index, "keep"), text))
    return out


def _decided(book: Book) -> list[Merging]:
    """Pairs to merge whose customers are both there, chains followed to the one that stays."""
    rows = {str(row["id"]): row for row in book.read(CUSTOMERS).rows if row.get("id") and not row.get("alias_of")}
    place = {name: n for n, name in enumerate(rows)}
    into: dict[str, str] = {}
    out = []
    for index, row in enumerate(book.read(REVIEW).rows):
        if row.get("decision") != MERGE or row.get("merged_on"):
            continue
        a, b = (_last(str(row.get(key)), into) for key in ("a", "b"))
        if a == b or a not in rows or b not in rows:
            continue
        keep = (
            _last(str(row["keep"]), into)
            if row.get("keep")
            else min((a, b), key=lambda name: (rows[name].get("since") or dt.date.max, place[name]))
        )
        gone = b if keep == a else a
        into[gone] = keep
        out.append(Merging(keep, gone, index))
    return [Merging(_last(one.keep, into), one.gone, one.index) for one in out]


def _last(name: str, into: Mapping[str, str]) -> str:
    while name in into:
        name = into[name]
    return name


def _merge(
    book: Book, merges: Sequence[Merging], naming: Mapping[str, Sequence[str]], customers: list[Row], outcome: Outcome, day: Day
) -> int:
    """Everybody who names the one that goes names the one that stays; what is settled keeps the old ID, which then stays as an alias."""
    into = {one.gone: one.keep for one in merges}
    kept = _settled(book, into)
    touched = 0
    stays: Mapping[str, Callable[[Row], bool]] = {
        "Deals": lambda row: str(row.get("id")) in kept,
        duties.TABLE: lambda row: row.get("link") != CUSTOMERS,
        gates.TABLE: _of_another_kind(book),
    }
    for table, keys in {**naming, duties.TABLE: ["object"], gates.TABLE: ["object"]}.items():
        if book.grid(table) is not None:
            touched += _rekeyed(book.read(table), keys, into, stays.get(table, lambda row: False), outcome)
    names = {str(row.get("customer")) for row in book.optional("Deals") if row.get("id") in kept}
    customers[:] = [row for row in customers if str(row.get("id")) not in into or str(row.get("id")) in names]
    by_id = {str(row.get("id")): row for row in customers}
    for one in merges:
        if one.gone in by_id:
            by_id[one.gone]["alias_of"] = one.keep
        _completed(by_id[one.keep], next(row for row in book.read(CUSTOMERS).rows if row.get("id") == one.gone))
        outcome.changes.edit(REVIEW, one.index, merged_on=day.as_of)
    outcome.problems += _let_go(book, merges, day)
    if names:
        zh, en = joined(sorted(names))
        outcome.notes.append(Text(f"已结算的单据仍用 {zh}，作为别名保留", f"settled papers still name {en}: kept as an alias"))
    return touched


def _of_another_kind(book: Book) -> Callable[[Row], bool]:
    """Whether a waiver's object is no customer: a gate is asked about a deal or a contract, and may call it by its customer."""
    held = {
        key: {gates.folded(row.get(schema.TABLES[gate.about].key[0])) for row in book.optional(gate.about)}
        for key, gate in gates.every().items()
        if gate.about != CUSTOMERS
    }
    return lambda row: gates.folded(row.get("object")) in held.get(gates.gate_named(row.get("gate")) or "", ())


def _let_go(book: Book, merges: Sequence[Merging], day: Day) -> list[Problem]:
    """Customers who could not buy on credit before they were merged, and whom the newest rating of the two now lets."""
    held, out = book.optional("CreditScores"), []
    for one in merges:
        pair = [row for row in held if str(row.get("customer")) in (one.keep, one.gone)]
        rated = [newest(pair, name, day.as_of) for name in (one.keep, one.gone)]
        holds = max(
            (row for row in rated if row is not None), key=lambda row: (row["as_of"], caution(row)), default=None
        )  # as one customer
        for row in rated:
            if grade_of(row) == STOPPED and grade_of(holds) != STOPPED and row is not None and holds is not None:
                place, at = book.read(REVIEW), one.index
                text = Text(
                    f"{row['customer']} 合并前停止赊销（{row['as_of']}），合并后按 {holds['customer']} 的 {holds['grade']}：请复核“信用”",
                    f"{row['customer']} was stopped ({row['as_of']}); merged, the {holds['grade']} of {holds['customer']} holds: look at Credit",
                )
                out.append(Problem(place.grid.sheet, *place.at(at, "decision"), text, WARNING))
    return out


def _settled(book: Book, into: Mapping[str, str]) -> frozenset[str]:
    """Deals of customers that go whose commission is settled."""
    mine = {str(row["id"]) for row in book.optional("Deals") if row.get("id") and str(row.get("customer")) in into}
    if not mine:
        return frozenset()
    return frozenset(
        str(row["deal"]) for row in book.optional("Ledger") if row.get("status") in _SETTLED and str(row.get("deal")) in mine
    )


def _completed(keep: Row, gone: Row) -> None:
    """What only the one that goes says is not lost."""
    for key in ("region", "industry", "owner", "credit_code", "city", "synergy"):
        if keep.get(key) in (None, "") and gone.get(key) not in (None, ""):
            keep[key] = gone[key]
    if gone.get("since") and (not keep.get("since") or gone["since"] < keep["since"]):
        keep["since"] = gone["since"]


def _rekeyed(held: Held, keys: Sequence[str], into: Mapping[str, str], stays: Callable[[Row], bool], outcome: Outcome) -> int:
    """One Table: edits where keys stay unique, else its rows anew, doubled ones made one."""
    edits = {
        index: changed
        for index, row in enumerate(held.rows)
        if (changed := {key: into[str(row[key])] for key in keys if str(row.get(key)) in into}) and not stays(row)
    }
    if not edits:
        return 0
    spec = held.spec
    doubled = _doubled(spec, [row | edits.get(index, {}) for index, row in enumerate(held.rows)])
    if not doubled:
        for index, changed in edits.items():
            outcome.changes.edit(spec.name, index, **changed)
        return len(edits)
    inputs = [column.key for column in spec.inputs]
    rows = [{key: (row | edits.get(index, {})).get(key) for key in inputs} for index, row in enumerate(held.rows)]
    for first, others in doubled.items():
        rows[first] = _one(spec, [rows[first], *(rows[other] for other in others)])
    gone = {other for others in doubled.values() for other in others}
    outcome.changes.replaced[spec.name] = [row for index, row in enumerate(rows) if index not in gone]
    return len(edits)


def _one(spec: TableSpec, rows: Sequence[Row]) -> Row:
    """Rows of one key as one: amounts and counts added up, else the first row's word, and another's where it says nothing."""
    stands = _STANDS.get(spec.name)
    if stands is not None:
        return max(rows, key=stands)
    out = {}
    for column in spec.inputs:
        said = [row[column.key] for row in rows if row[column.key] not in (None, "")]
        figures = [float(cell) for cell in said if isinstance(cell, int | float)]
        out[column.key] = total_of(figures) if column.adds and figures else next(iter(said), None)
    return out


def _doubled(spec: TableSpec, rows: Sequence[Row]) -> dict[int, list[int]]:
    """Rows that have the key of an earlier one, by that."""
    first: dict[tuple[Any, ...], int] = {}
    out: dict[int, list[int]] = {}
    for index, row in enumerate(rows):
        if not spec.key or all(row.get(key) in (None, "") for key in spec.key):
            continue
        at = first.setdefault(tuple(row.get(key) for key in spec.key), index)
        if at != index:
            out.setdefault(at, []).append(index)
    return out


# ----------------------------------------------------------------------------------------------------------- comparing


def _review(book: Book, pairs: Sequence[Row], merges: Sequence[Merging], day: Day, outcome: Outcome) -> int:
    """Pairs that nobody has seen yet go under the list; a merged customer's other pairs are moot."""
    held = book.read(REVIEW)
    known = {frozenset((str(row.get("a")), str(row.get("b")))) for row in held.rows}
    new = [row for row in pairs if frozenset((str(row["a"]), str(row["b"]))) not in known]
    outcome.changes.add(REVIEW, new)
    return len(new)


# --------------------------------------------------------------------------------------------------------------- codes


def _codes(book: Book, customers: Iterable[Row], outcome: Outcome) -> int:
    """A code for each customer without one, where its region and industry have codes."""
    rows = list(customers)
    regions = {row.get("region"): row.get("code") for row in book.optional("Regions")}
    industries = {row.get("industry"): row.get("code") for row in book.read(INDUSTRIES).rows}
    taken = [str(row["code"])[_SEQUENCE] for row in rows if row.get("code")]
    number = max((int(digits) for digits in taken if digits.isdigit()), default=0)
    count, lacking = 0, set()
    for row in rows:
        if row.get("code") or not row.get("id"):
            continue
        region, industry = regions.get(row.get("region")), industries.get(row.get("industry"))
        if not region or not industry:
            lacking |= {str(row.get("region" if not region else "industry") or "")} - {""}
            continue
        code = call("CUSTOMERCODE", region, industry, number + 1)[0][0]
        if isinstance(code, ExcelError):
            text = Text(f"{row['id']}：", f"{row['id']}: ") + (code.reason or Text("编不了号", "no code"))
            held = book.read(CUSTOMERS)
            outcome.problems.append(Problem(held.grid.sheet, 0, 0, text, WARNING))
            break
        number, count = number + 1, count + 1
        row["code"] = code
    if lacking:
        shown = sorted(lacking)[:5]
        outcome.notes.append(
            Text(
                f"没有两位代码，客户不编号：{'、'.join(shown)}",
                f"without a two-letter code, so their customers get none: {', '.join(shown)}",
            )
        )
    return count


def _written(book: Book, customers: Sequence[Row], anew: bool, outcome: Outcome) -> None:
    """The customers: some cells, or all rows where some are gone."""
    held = book.read(CUSTOMERS)
    if anew:
        keys = [column.key for column in held.spec.inputs]
        outcome.changes.replaced[CUSTOMERS] = [{key: row.get(key) for key in keys} for row in customers]
        return
    for index, (before, after) in enumerate(zip(held.rows, customers, strict=True)):
        if before.get("code") != after.get("code"):
            outcome.changes.edit(CUSTOMERS, index, code=after["code"])


def _summary(pairs: int, new: int, merges: Sequence[Merging], touched: int, codes: int) -> Text:
    parts = []
    if merges:
        parts.append(Text(f"合并 {len(merges)} 家，改了 {touched} 行", f"merged {len(merges)}, rows changed {touched}"))
    parts.append(Text(f"疑似重复 {pairs} 对，新列 {new} 对", f"likely duplicates {pairs}, new {new}"))
    if codes:
        parts.append(Text(f"新编号 {codes} 家", f"codes given {codes}"))
    return joined(parts, between=SEMICOLON)


ACTION = Action(
    label=DEDUPE,
    tip=Text(
        "列出可能是同一家的客户供复核；决定合并的改到一个编号，可撤销",
        "Lists customers that may be one; those decided to be one get one ID everywhere, undoable",
    ),
    about=Text(
        "在“重复名单”加行；写“合并”的，所有指向它的列改为保留的编号，另一行去掉；已结算的单据保留别名。没有编码的客户编号。",
        "Adds rows to Duplicates; where they say merge, every column that names the one gets the other's ID; settled papers keep an alias. Customers "
        "without a code get one.",
    ),
    group="pipeline",
    order=30,
    icon="MergeCells",
    keytip="83",
    run=run,
    guards=False,
    examples=Text("示例：\n  salesplan dedupe 计划.xlsx", "examples:\n  salesplan dedupe plan.xlsx"),
)
