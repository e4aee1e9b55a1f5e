"""Compute commissions: ledger and accounts follow from the facts. What was settled is never rewritten: corrections are rows of open months."""

from __future__ import annotations

import argparse
import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from addin.action import Action, Outcome, Progress
from addin.book import Book
from addin.changes import Changes
from addin.cycling import checked_period
from udfs.text import Text, counted, joined, speaking
from udfs.values import total_of
from workbook_templates.answers import Problem, Refused
from workbook_templates.chapters.incentives.pay import facts as pay
from workbook_templates.chapters.incentives.pay import merge, reading
from workbook_templates.chapters.incentives.pay.accounts import COLUMNS
from workbook_templates.chapters.incentives.pay.merge import Merged
from workbook_templates.chapters.incentives.pay.run import PayRun, repriced_said
from workbook_templates.chapters.incentives.pay.run import run as computed
from workbook_templates.chapters.incentives.pay.worth import NotComputed
from workbook_templates.chapters.incentives.staff import Staff
from workbook_templates.tables.schema import Row


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument("--period", metavar="YYYY-MM", help=str(Text("只报告某月（全部月份都计算）", "report one month only (all months are computed)")))  # fmt: skip
    parser.add_argument("--reprice", action="store_true", help=str(Text("追溯改价：已结的行按新规则出调整行", "deliberately retroactive: settled rows get adjustments by the new rules")))  # fmt: skip
    parser.add_argument("--by", metavar="NAME", help=str(Text("追溯改价由谁决定", "who decided to re-price")))
    parser.add_argument("--why", metavar="TEXT", help=str(Text("追溯改价的原因", "why it is re-priced")))


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Work out what ledger and accounts should say."""
    period = checked_period(options.period)
    read = reading.read(book)
    if read.stops:
        return Outcome.refused(read.problems)
    progress(Text("计算提成", "Computing commissions"))
    facts = read.facts
    with speaking(book.lang):  # workings are cells
        try:
            result = computed(facts, _decision(options))
        except NotComputed as error:
            raise Refused(
                Text(
                    f"提成算不出来，没有写入：{error.order} {error.reason.zh}",
                    f"the commissions can't be computed, nothing was written: {error.order} {error.reason.en}",
                )
            ) from error
    problems = [*read.problems, *reading.not_employed(book, facts, book.read("Deals"))]
    if result.repriced:
        return Outcome.refused([*problems, _not_repriced(result, options)])
    rows, accounts = merge.ledger(facts, result), merge.accounts(facts, result)
    outcome = Outcome(
        _summary(rows, facts.ledger, result, period),
        problems=problems,
        notes=[*_left_out(facts), *result.warnings[:20], *_notes(rows, facts.ledger)],
    )
    outcome.partial = bool(facts.left_out) or bool(outcome.errors)  # a bad row that touches nobody stops nobody
    outcome.data = {
        "adjustments": sum(row["kind"] == "adjustment" for row in [*rows.added, *rows.edited.values()]),
        "left_out": {person: str(why) for person, why in facts.left_out.items()},
        "warnings": [str(warning) for warning in result.warnings],
        "teams": _teams(book, period),
    }
    _put(outcome.changes, "Ledger", facts.ledger, rows)
    said = _left_out_said(facts)
    shown = said.en if book.lang == "en" else said.zh
    if book.locate("pay_left_out") is not None and (book.first("pay_left_out") or "") != shown:
        outcome.changes.named["pay_left_out"] = shown or None
    if book.grid("Accounts") is not None:
        _put(outcome.changes, "Accounts", facts.accounts, accounts)
    return outcome


ACTION = Action(
    label=Text("计算提成", "Compute commissions"),
    tip=Text(
        "按成交、回款与制度更新提成台账和提成账户；已结的只出调整行",
        "Ledger and accounts from deals, cash and policy; what was settled gets adjustment rows only",
    ),
    about=Text(
        "按成交、分单、回款与制度更新“提成台账”和“提成账户”：未审核的月份重新计算，已审核、锁定、已发放的保持不变，差额记入本人最早的未审核月份并写明计算过程；"
        "“手工”行（应写明决定人与原因）不变。有问题的行只影响相关人员，其余照算。",
        "Updates Ledger and Accounts from deals, credits, cash and policy: months not reviewed are computed anew, what was reviewed, locked or "
        "paid stays, a difference goes to the person's first open month with its working; Manual rows (who and why are needed) stay. "
        "A bad row leaves out the people it touches, everyone else is computed.",
    ),
    group="incentives",
    order=10,
    icon="AccountingFormat",
    keytip="M",
    run=run,
    guards=True,
    arguments=arguments,
    examples=Text(
        "示例：\n  salesplan commission 计划.xlsx\n  salesplan commission 计划.xlsx --period 2027-03",
        "examples:\n  salesplan commission plan.xlsx\n  salesplan commission plan.xlsx --period 2027-03",
    ),
)


# --------------------------------------------------------------------------------------------------------- re-pricing


def _decision(options: argparse.Namespace) -> tuple[str, str] | None:
    """Who decided that settled rows are re-priced, and why; None where nobody did."""
    who, why = (options.by or "").strip(), (options.why or "").strip()
    return (who, why) if options.reprice and who and why else None


def _not_repriced(result: PayRun, options: argparse.Namespace) -> Problem:
    """Why settled rows are not re-priced."""
    if options.reprice:
        text = Text("追溯改价要写明谁决定、为什么：加 --by 与 --why", "re-pricing needs who decided and why: add --by and --why")
        return Problem("", 0, 0, text)
    return Problem("", 0, 0, repriced_said(result.repriced))


# ------------------------------------------------------------------------------------------------------ what comes of it

_MANY = 20  # edited rows


def _put(changes: Changes, table: str, rows: Sequence[pay.Row], merged: Merged) -> None:
    """Edits in place and new rows below; only where rows go are the others moved up."""
    if merged.removed:
        changes.replaced[table] = merged.applied(rows)
        return
    if len(merged.edited) > _MANY:
        changes.solid.add(table)  # one block instead of thousands: each is a call into Excel
    for place, row in merged.edited.items():
        changes.edit(table, place, **{key: value for key, value in row.items() if rows[place].get(key) != value})
    if merged.added:
        changes.add(table, merged.added)


def _summary(merged: Merged, rows: Sequence[pay.Row], result: PayRun, period: str | None) -> Text:
    account = [a for a in result.accounts if period is None or a["month"] == period]
    what = Text(f"{period} ", f"{period}: ") if period else Text("", "")
    due = total_of(a["paid"] for a in account)
    owed = Text(f"；未审核的应发 {due:,.2f} 元", f"; payable, not reviewed: {due:,.2f} yuan")
    if not merged and not rows:
        return what + Text(
            "没有可算的提成：请先导入“成交”，再计算提成",
            "there is nothing to compute: import Deals first, then compute commissions",
        )
    if not merged:
        return what + Text(f"提成台账已是最新：{len(rows)} 行", f"the ledger is up to date: {counted(len(rows), 'row')}") + owed
    corrections = sum(row["kind"] == "adjustment" for row in merged.added)
    return (
        what
        + Text(
            f"提成台账：新增 {len(merged.added)} 行（其中调整 {corrections}），重算 {len(merged.edited)} 行，移除 {len(merged.removed)} 行",
            f"ledger: {counted(len(merged.added), 'row')} added ({counted(corrections, 'adjustment')}), {len(merged.edited)} computed anew, "
            f"{len(merged.removed)} removed",
        )
        + owed
    )


def _left_out(facts: pay.PayFacts) -> list[Text]:
    """Who is not computed, by name and reason."""
    names = {id_: row.get("name") or "" for id_, row in facts.staff.people.items()}
    return [
        Text(f"未计算：{who}：{why.zh}", f"left out: {who}: {why.en}")
        for person, why in sorted(facts.left_out.items())
        for who in (f"{person} {names.get(person, '')}".rstrip(),)  # whose own row can't be read has no name
    ]


def _left_out_said(facts: pay.PayFacts) -> Text:
    """Who is not computed, for the cockpit: a few names and how many there are."""
    people = sorted(facts.left_out)
    if not people:
        return Text("", "")
    return Text("未计算提成：", "Commission not computed: ") + joined(people, most=5, unit="人")


def _notes(merged: Merged, rows: Sequence[pay.Row]) -> list[Text]:
    corrections = [row for row in [*merged.added, *merged.edited.values()] if row["kind"] == "adjustment"]
    notes = [Text(f"调整：{r['person']} {r['deal']} {r['commission']:,.2f} 元，{r['reason']}", f"adjustment: {r['person']} {r['deal']} {r['commission']:,.2f} yuan, {r['reason']}") for r in corrections]  # fmt: skip
    gone = [rows[i] for i in merged.removed if rows[i]["deal"]]
    if gone:
        names = list(dict.fromkeys(f"{r['deal']}/{r['person']}" for r in gone))
        zh, en = joined(names, most=5)
        notes.append(Text(f"移除未审核的行：{zh}", f"rows removed that nobody had reviewed: {en}"))
    return notes


def _teams(book: Book, period: str | None) -> list[dict[str, Any]]:
    """What each manager's people earned."""
    staff = Staff(book.read("People").rows, book.optional("Transfers"))
    days = {row["id"]: row["date"] for row in book.read("Deals").rows}
    return team_totals(book.read("Ledger").rows, staff, days, period)


def team_totals(rows: list[Row], staff: Staff, days: Mapping[str, dt.date], period: str | None) -> list[dict[str, Any]]:
    """Revenue and commission of a manager and everybody below, from the ledger rows there are.

    Who is below is asked for the day of each deal: after a transfer the old team keeps what was signed before it.
    """
    sums: dict[str, list[Row]] = defaultdict(list)
    mine = [row for row in rows if row["kind"] in COLUMNS]
    for row in mine:
        if period is None or row["period"] == period:
            for chief in staff.chain(row["person"], days.get(row["deal"])):
                sums[chief].append(row)
    leading = {chief for row in mine for chief in staff.chain(row["person"], days.get(row["deal"]))[1:]}
    return [
        {
            "manager": m,
            "revenue": total_of(r["revenue"] or 0.0 for r in sums[m]),
            "commission": total_of(r["commission"] for r in sums[m]),
        }
        for m in sorted(leading)
        if sums.get(m)
    ]
