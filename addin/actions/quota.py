"""Split quotas: the people who carry quota, as People has them; the shares themselves are the sheet's own formulas.

Joiners come in, those who no longer carry any go, floors and caps stay. The year's weights follow the days since joining; leaving
ends months and re-weighs nothing. A quota that changes from a day on is a row of Quota changes. Whether the quota can be shared so
(floors and caps against the total) is tried before anything is written. A row that can't be read leaves out its person only.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from addin.action import Action, Outcome, Progress
from addin.book import Book
from addin.performing import who_am_i
from udfs import call
from udfs.phasing import MONTHS, month_text
from udfs.text import Text, counted
from udfs.values import ExcelError, show, text_to_date, total_of
from workbook_templates.answers import ERROR, Problem, Refused
from workbook_templates.chapters.incentives.pay.reading import allocated
from workbook_templates.chapters.incentives.quota_months import sealed_quotas, weighed, year_weight
from workbook_templates.tables.grids import Held
from workbook_templates.tables.schema import Row

_MOST = 1e12  # yuan


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options: a quota that changes from a day on."""

    def add(name: str, zh: str, en: str, **settings: Any) -> None:
        parser.add_argument(name, help=str(Text(zh, en)), **settings)

    add("--person", "变更：谁的指标", "change: whose quota", metavar="ID")
    add(
        "--amount", "变更：新的年度指标（元，按全年）", "change: the new quota, of a whole year, yuan", type=float, metavar="YUAN"
    )
    add("--from", "变更：从哪天起", "change: from which day on", dest="since", metavar="YYYY-MM-DD")
    add("--by", "变更：谁决定，默认当前用户", "change: who decides, default the user", metavar="NAME")
    add("--reason", "变更：原因", "change: why", metavar="TEXT")


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Work out the rows of Quotas, and take up a change."""
    # A Quotas row for somebody who left People is what this mends.
    found = [*book.problems("People", "Quotas", references=False), *_of_changes(book)]
    if any(p.level == ERROR and not p.row for p in found):
        return Outcome.refused(found)
    people, quotas, year = book.read("People"), book.read("Quotas"), book.year or dt.date.today().year
    changes = [book.read("QuotaChanges")] if book.grid("QuotaChanges") is not None else []
    left_out = _left_out(found, people, quotas, *changes)
    change = _change(book, options, people, year)
    changed = {row["person"] for row in [*book.optional("QuotaChanges"), *([change] if change else [])]}
    carriers = {
        row["id"]: row
        for row in weighed(people.rows)
        if row["id"] not in left_out and (weight(row, year) > 0 or row["id"] in changed)
    }
    kept = [row for row in quotas.rows if row["person"] in carriers or row["person"] in left_out]
    joined = [row for key, row in carriers.items() if key not in {r["person"] for r in kept}]
    rows = [{**row, "name": carriers[row["person"]]["name"]} if row["person"] in carriers else row for row in kept]
    rows += [{"person": row["id"], "name": row["name"], "floor": None, "cap": None} for row in joined]
    weights = [weight(carriers[row["person"]], year) if row["person"] in carriers else _standing(row) for row in rows]
    problems, notes = ([], []) if left_out else _try(book, quotas, rows, weights)
    outcome = Outcome(_summary(quotas.rows, rows, joined), problems=[*found, *problems], notes=notes)
    if problems and outcome.errors:
        return outcome
    outcome.partial, outcome.data = (
        any(p.level == ERROR for p in found),
        {"left_out": {person: str(why) for person, why in left_out.items()}},
    )
    outcome.notes += [Text(f"未处理：{person}：{why.zh}", f"left out: {person}: {why.en}") for person, why in left_out.items()]
    if len(rows) != len(quotas.rows) or any(_differs(a, b) for a, b in zip(rows, quotas.rows, strict=True)):
        outcome.changes.replaced["Quotas"] = rows
    _weights(outcome, quotas, rows, weights, left_out)
    if change is not None:
        outcome.changes.add("QuotaChanges", [change])
        said, more = _told(book, change, people, rows, weights, year)
        outcome.summary, outcome.notes = said, [*more, *outcome.notes]
    return outcome


def _weights(outcome: Outcome, quotas: Held, rows: list[Row], weights: list[float], left_out: Mapping[str, Text]) -> None:
    """Weights that are typed and no longer the column's formula."""
    for index, value in enumerate(weights):
        if rows[index]["person"] in left_out or not _typed_in(quotas, index):
            continue
        if index >= len(quotas.rows):  # a row that this run adds
            outcome.changes.cells[quotas.grid.sheet, (quotas.grid.data.first_row + index, quotas.places["weight"])] = value
        elif quotas.rows[index]["weight"] != value:
            outcome.changes.edit("Quotas", index, weight=value)


ACTION = Action(
    label=Text("更新个人指标", "Update quotas"),
    tip=Text("按人员表更新个人指标：入职、离职、权重", "Quotas by person from People: joiners, leavers, weights"),
    about=Text(
        "更新“个人指标”表的人员（新增入职、移除不再承担指标者）与姓名；下限、上限不动，指标由表内公式重新分配。"
        "离职只结束以后的月份；年中改指标在“规则与变更”的指标变更加一行，已审核的月份不变。",
        "Updates who is in Quotas (joiners added, those without quota taken out) and their names; floors and caps stay, "
        "the sheet's formulas share the quota anew. Leaving ends later months only; a quota that changes is a row of Quota changes, "
        "reviewed months keep theirs.",
    ),
    group="targets",
    order=10,
    icon="PivotTableFieldSettings",
    keytip="Q",
    run=run,
    arguments=arguments,
    examples=Text(
        "示例：\n  salesplan quota 计划.xlsx\n"
        "  salesplan quota 计划.xlsx --person P007 --amount 8000000 --from 2027-03-01 --by 陈立 --reason 客户移交",
        "examples:\n  salesplan quota plan.xlsx\n"
        "  salesplan quota plan.xlsx --person P007 --amount 8000000 --from 2027-03-01 --by 'Chen Li' --reason 'customers handed over'",
    ),
    guards=True,
)


# ------------------------------------------------------------------------------------------------------ rows left out


def _of_changes(book: Book) -> list[Problem]:
    """What is wrong with Quota changes; a plan of an earlier version has none."""
    return book.problems("QuotaChanges") if book.grid("QuotaChanges") is not None else []


def _left_out(found: Iterable[Problem], *tables: Held) -> dict[str, Text]:
    """Whose row can't be read, and why: they stay as they are, everybody else is worked out."""
    places = {
        (held.grid.sheet, line): row.get("id") or row.get("person")
        for held in tables
        for line, row in zip(held.lines, held.rows, strict=True)
    }
    out: dict[str, Text] = {}
    for problem in found:
        who = places.get((problem.sheet, problem.row))
        if who and problem.level == ERROR:
            out.setdefault(who, Text(f"{problem.sheet}!{problem.cell} ", f"{problem.sheet}!{problem.cell} ") + problem.text)
    return out


def _standing(row: Row) -> float:
    """The weight that stands there, of somebody whose row can't be read."""
    return row["weight"] if isinstance(row.get("weight"), float) else 0.0


# ----------------------------------------------------------------------------------------------------- a changed quota


def _change(book: Book, options: argparse.Namespace, people: Held, year: int) -> Row | None:
    """The row of Quota changes that the options ask for."""
    given = {key: getattr(options, key, None) for key in ("person", "amount", "since", "reason")}
    if all(value is None for value in given.values()):
        return None
    if any(value is None or value == "" for value in given.values()):
        raise Refused(
            Text(
                "改指标要给出 --person、--amount、--from 与 --reason；没有写入",
                "a changed quota needs --person, --amount, --from and --reason; nothing written",
            )
        )
    day, amount = text_to_date(str(options.since)), float(options.amount)
    if day is None:
        raise Refused(
            Text(f"--from {options.since} 不是日期：请写成 2027-03-01", f"--from {options.since} is no date: write 2027-03-01")
        )
    if not 0 <= amount <= _MOST:
        raise Refused(
            Text(f"--amount {show(amount)} 不可用：应为 0 到 1 万亿元", f"--amount {show(amount)}: give 0 to 1e12 yuan")
        )
    if options.person not in {row["id"] for row in people.rows}:
        raise Refused(
            Text(f"“人员”表没有工号 {options.person}：请核对", f"nobody on People has the ID {options.person}: check it")
        )
    if day.year > year:
        raise Refused(
            Text(
                f"{day} 不在计划年度 {year} 内：请在下一年的计划里改",
                f"{day} is after the plan year {year}: change it in that year's plan",
            )
        )
    rows = book.read("QuotaChanges").rows
    if any((row["person"], row["valid_from"]) == (options.person, day) for row in rows):
        raise Refused(
            Text(
                f"{options.person} 从 {day} 起已有一行变更：请在“规则与变更”页改那一行",
                f"{options.person} has a change from {day} already: edit that row of Quota changes",
            )
        )
    by = (options.by or "").strip() or who_am_i()
    return {"person": options.person, "valid_from": day, "quota": amount, "by": by, "reason": options.reason.strip()}


def _told(book: Book, change: Row, people: Held, rows: list[Row], weights: list[float], year: int) -> tuple[Text, list[Text]]:
    """What a change comes to: the year on record before and after, and which sealed months keep theirs."""
    total, rules, accounts = book.first("quota_total"), book.policies(), book.optional("Accounts")
    held = {"quotas": rows, "people": people.rows, "accounts": accounts}
    before, after = (
        _recorded(year, total, rules, [*book.optional("QuotaChanges"), *more], change["person"], **held)
        for more in ([], [change])
    )
    who, day = change["person"], change["valid_from"]
    said = Text(
        f"{who} 从 {day} 起年度指标 {change['quota']:,.0f} 元；全年在册 {before:,.0f} → {after:,.0f} 元",
        f"{who}: quota of {change['quota']:,.0f} yuan a year from {day}; the year on record {before:,.0f} → {after:,.0f} yuan",
    )
    kept = sorted(month for person, month in sealed_quotas(accounts, year) if person == who and month >= f"{day:%Y-%m}")
    if not kept:
        return said, []
    span = kept[0] if len(kept) == 1 else f"{kept[0]} – {kept[-1]}"
    return said, [
        Text(
            f"{span} 已审核，保留原指标，已结的提成不变",
            f"{span} reviewed: the quota stays as it was, no settled row is re-priced",
        )
    ]


def _recorded(year: int, total: object, rules: Any, changes: list[Row], person: str, **held: list[Row]) -> float:
    found = allocated(
        year, total if isinstance(total, float) else 0.0, held["quotas"], held["people"], rules, changes, held["accounts"]
    )
    return total_of(found(person, month_text(year, month)) or 0.0 for month in range(1, MONTHS + 1))


# --------------------------------------------------------------------------------------------------------- the weights


def weight(person: Row, year: int) -> float:
    """The quota weight by days since joining, as the Table's own formula has it. A transfer does not change it: the quota goes along,
    and regions and lines share it by days."""
    return year_weight(person, year)


def _typed_in(quotas: Held, index: int) -> bool:
    """Whether a weight is a plain number, no longer the column's formula; a new row's is what the others are.

    A new plan has one blank row, and its formula is the column's.
    """
    if "weight" not in quotas.places:
        return False
    data, column = quotas.grid.data, quotas.places["weight"]
    lines = [quotas.lines[index]] if index < len(quotas.rows) else range(data.first_row, data.last_row + 1)
    return not any((line, column) in quotas.grid.formulas for line in lines)


def _differs(row: Row, before: Row) -> bool:
    return any(row.get(key) != before.get(key) for key in ("person", "name", "floor", "cap"))


def _try(book: Book, quotas: Held, rows: list[Row], weights: list[float]) -> tuple[list[Problem], list[Text]]:
    """Share the quota as the sheet will; what it refuses is known before."""
    total = book.first("quota_total")
    if not isinstance(total, float) or not total or not sum(weights):
        return [], []
    shares = call("QUOTAALLOCATE", total, [[w] for w in weights], [[r["floor"]] for r in rows], [[r["cap"]] for r in rows])
    first = shares[0][0]
    if isinstance(first, ExcelError):
        at = (quotas.grid.data.first_row, quotas.places["floor"])
        return [Problem(quotas.grid.sheet, *at, Text("指标分不下去：", "the quota can't be shared: ") + first.reason)], []
    return [], list(shares.notes)


def _summary(before: list[Row], rows: list[Row], joined: list[Row]) -> Text:
    gone = len(before) - (len(rows) - len(joined))
    if not rows and not before:
        return Text(
            "没有人承担指标：请先导入“人员”（权重留空算 1，有下级的算 0），再更新个人指标",
            "Nobody carries a quota: import People first (a blank weight counts 1, 0 for who leads others), then update quotas",
        )
    if not joined and not gone and not any(_differs(a, b) for a, b in zip(rows, before, strict=True)):
        return Text(f"个人指标已是最新：{len(rows)} 人", f"Quotas are up to date: {counted(len(rows), 'person', 'people')}")
    return Text(
        f"个人指标：{len(rows)} 人，新增 {len(joined)}，移除 {gone}",
        f"Quotas: {counted(len(rows), 'person', 'people')}, {len(joined)} added, {gone} taken out",
    )
