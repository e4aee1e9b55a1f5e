"""Compute commissions: the ledger against the deals. What was settled is never rewritten: changes become adjustment rows."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from addin.action import Action, Outcome, Progress
from addin.book import Book
from addin.cycling import checked_period
from udfs import policy
from udfs.text import Text, speaking
from udfs.values import total_of
from workbook_templates.answers import ERROR, WARNING, Problem, Refused
from workbook_templates.chapters.incentives import ledger
from workbook_templates.chapters.incentives.follows import rules_of
from workbook_templates.chapters.incentives.ledger import Recomputed
from workbook_templates.chapters.incentives.staff import Staff, present
from workbook_templates.tables.grids import Held
from workbook_templates.tables.schema import Row
from workbook_templates.tables.validating import cell_fault


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument("--period", metavar="YYYY-MM", help=str(Text("只算某月的订单", "deals of one month only")))


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Work out what the ledger should say."""
    period = checked_period(options.period)
    # A deal or person that is gone from its Table is told by its own ledger row: an adjustment.
    found = [*book.problems("Deals", "People"), *book.problems("Ledger", references=False)]
    with contextlib.suppress(Refused):  # a missing column is among the problems already
        found += [*_undecided(book.read("Ledger")), *_rows_unfit(book.read("Deals"))]
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    found += [*_not_employed(book), *_transfers_unfit(book), *_tiers_unfit(book)]
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    progress(Text("计算提成", "Computing commissions"))
    held = book.read("Ledger")
    with speaking(book.lang):  # reasons are cells
        try:
            rules = rules_of(book)
            due = ledger.ledger_rows(book.read("Deals").rows, rules=rules)
        except ValueError as error:
            raise Refused(
                Text(f"提成算不出来，没有写入：{error}", f"the commissions can't be computed, nothing was written: {error}")
            ) from error
        now = f"{book.as_of or dt.date.today():%Y-%m}"
        result = ledger.recompute(due, held.rows, policy.clock() or dt.date.today(), period, now, rules.pooled)
    outcome = Outcome(_summary(result, held.rows, period), problems=found, notes=_notes(result, held.rows))
    outcome.data = {"adjustments": len(result.adjustments), "teams": _teams(book, period)}
    _put(outcome, held, result)
    return outcome


ACTION = Action(
    label=Text("计算提成", "Compute commissions"),
    tip=Text(
        "按成交更新提成台账；已审核、锁定、支付的只出调整行",
        "The ledger from the deals; what was settled gets adjustment rows only",
    ),
    about=Text(
        "按成交与制度更新“提成台账”：尚在“计算”状态的行重新计算，已审核、异议中、锁定、已付的行保持不变，差额另记“调整”行并写明原因；"
        "“手工”行（须写明决定人与原因）不变。",
        "Updates the Ledger from the deals and the policy: rows still “Computed” are computed anew; rows reviewed, disputed, locked or "
        "paid stay, a difference becomes an Adjustment row with its reason; Manual rows (who and why are needed) stay.",
    ),
    group="incentives",
    order=10,
    icon="AccountingFormat",
    keytip="M",
    run=run,
    arguments=arguments,
    examples=Text(
        "示例：\n  salesplan commission 计划.xlsx --period 2027-03",
        "examples:\n  salesplan commission plan.xlsx --period 2027-03",
    ),
)


# ---------------------------------------------------------------------------------------------------------- what holds


def _tiers_unfit(book: Book) -> list[Problem]:
    """Cells of the later tiers that are no day, level or share."""
    place = book.locate("commission_next")
    if place is None:
        return []
    sheet, ref = place
    shown = [c for c in ledger.LATER if c.key != "level" or ref.last_col - ref.first_col + 1 == len(ledger.LATER)]
    out = []
    for line, row in enumerate(ledger.later_tiers(book.named("commission_next"))):
        cells = dict(zip((c.key for c in ledger.LATER), row, strict=True))
        for index, column in enumerate(shown):
            wrong = cell_fault(column, cells[column.key]) if any(c not in (None, "") for c in row) else None
            if wrong:
                text = Text(f"“{column.header.zh}”", f"“{column.header.en}” ") + wrong
                out.append(Problem(sheet, ref.first_row + line, ref.first_col + index, text))
    return out


def _undecided(held: Held) -> list[Problem]:
    """An override says who decided it and why."""
    out = []
    for index, row in enumerate(held.rows):
        for key in ("by", "reason"):
            if row["kind"] == "override" and not row[key]:
                header = held.spec[key].header
                text = Text(
                    f"手工行应填“{header.zh}”：谁决定、为什么", f"a manual row needs “{header.en}”: who decided it, and why"
                )
                out.append(Problem(held.grid.sheet, *held.at(index, key), text))
    return out


def _rows_unfit(deals: Held) -> list[Problem]:
    """A return names its order."""
    out = []
    for index, row in enumerate(deals.rows):
        if isinstance(row["revenue"], float) and row["revenue"] < 0 and not row["original"]:
            text = Text(
                "收入为负（退货）却没有原单号：请填所退的单号", "a return (negative revenue) without its original deal: name it"
            )
            out.append(Problem(deals.grid.sheet, *deals.at(index, "original"), text))
    return out


def _not_employed(book: Book) -> list[Problem]:
    """Deals signed while their seller was not employed: worth a look, no reason to stop."""
    people = {row["id"]: row for row in book.read("People").rows}
    deals, out = book.read("Deals"), []
    for index, row in enumerate(deals.rows):
        for key in ("seller", "partner"):
            person = people.get(row[key])
            if person and not row["original"] and not present(person, row["date"]):
                text = Text(
                    f"{row['id']}：{row[key]} {person['name']} 签单日不在职，提成照算：请核对",
                    f"{row['id']}: {row[key]} {person['name']} was not employed on the day; commission is computed: check it",
                )
                out.append(Problem(deals.grid.sheet, *deals.at(index, key), text, WARNING))
    return out


def _transfers_unfit(book: Book) -> list[Problem]:
    """What is wrong with Transfers, where the workbook has it."""
    return book.problems("Transfers") if book.grid("Transfers") is not None else []


# ------------------------------------------------------------------------------------------------------ what comes of it


def _put(outcome: Outcome, held: Held, result: Recomputed) -> None:
    """Edits in place and new rows below; only where rows go are the others moved up."""
    if result.removed:
        rows = [result.edited.get(i, row) for i, row in enumerate(held.rows) if i not in set(result.removed)]
        outcome.changes.replaced["Ledger"] = [*rows, *result.added]
        return
    for place, row in result.edited.items():
        before = held.rows[place]
        changed = {k: v for k, v in row.items() if before.get(k) != v}
        outcome.changes.edit("Ledger", place, **changed)
    if result.added:
        outcome.changes.add("Ledger", result.added)


def _summary(result: Recomputed, rows: list[Row], period: str | None) -> Text:
    what = Text(f"{period} ", f"{period}: ") if period else Text("", "")
    if not (result.edited or result.removed or result.added):
        return what + Text(f"提成台账已是最新：{len(rows)} 行", f"the ledger is up to date: {len(rows)} rows")
    after = [result.edited.get(i, row) for i, row in enumerate(rows) if i not in set(result.removed)] + result.added
    before, total = (total_of(r["commission"] for r in side) for side in (rows, after))
    return what + Text(
        f"提成台账：新增 {len(result.added)} 行（其中调整 {sum(r['kind'] == 'adjustment' for r in result.added)}），"
        f"重算 {len(result.edited)} 行，移除 {len(result.removed)} 行；合计 {before:,.2f} → {total:,.2f} 元",
        f"ledger: {len(result.added)} rows added ({sum(r['kind'] == 'adjustment' for r in result.added)} adjustments), "
        f"{len(result.edited)} computed anew, {len(result.removed)} removed; total {before:,.2f} → {total:,.2f} yuan",
    )


def _notes(result: Recomputed, rows: list[Row]) -> list[Text]:
    notes = [Text(f"调整：{r['person']} {r['commission']:,.2f} 元，{r['reason']}", f"adjustment: {r['person']} {r['commission']:,.2f} yuan, {r['reason']}") for r in result.adjustments]  # fmt: skip
    gone = [rows[i] for i in result.removed]
    if gone:
        names = "、".join(dict.fromkeys(f"{r['deal']}/{r['person']}" for r in gone[:5]))
        notes.append(Text(f"移除未审核的行：{names}", f"rows removed that nobody had reviewed: {names}"))
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
    for row in rows:
        if period is None or row["period"] == period:
            for chief in staff.chain(row["person"], days.get(row["deal"])):
                sums[chief].append(row)
    leading = {chief for row in rows for chief in staff.chain(row["person"], days.get(row["deal"]))[1:]}
    return [
        {
            "manager": m,
            "revenue": total_of(r["revenue"] for r in sums[m]),
            "commission": total_of(r["commission"] for r in sums[m]),
        }
        for m in sorted(leading)
        if sums.get(m)
    ]
