"""What a commission statement says, before it is laid out: one person, one month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from udfs import call
from udfs.text import Text
from udfs.values import total_of
from workbook_templates.chapters.incentives.staff import present
from workbook_templates.mailed import Facts, figures
from workbook_templates.mailed.figures import FINAL, number
from workbook_templates.mailed.statement_lines import FEN, Lines, lines
from workbook_templates.mailed.words import clean, last_day, word
from workbook_templates.tables.schema import Row

ESTIMATED, FINISHED, EMPTY = "estimated", "final", "empty"
NOTHING = Text("本月没有提成记录", "No commission lines this month")


@dataclass(frozen=True)
class Month:
    """One month of the year to date."""

    period: str
    final: float
    estimated: float
    paid: float
    booked: float
    quota: float | None

    @property
    def total(self) -> float:
        """What the month's lines come to."""
        return total_of([self.final, self.estimated])


@dataclass(frozen=True)
class Draw:
    """What a draw makes of the month: the amount guaranteed, what is added or taken back, what is owed after it."""

    amount: float
    kind: str
    adjustment: float
    payable: float
    balance: float


@dataclass(frozen=True)
class Dispute:
    """A question that was asked, as its Table has it."""

    number: str
    deal: str
    remark: str
    answer: str
    state: str


@dataclass(frozen=True)
class Statement:
    """The figures of a statement; every amount is a sum of ledger rows."""

    facts: Facts
    person: Row
    period: str
    lines: Lines
    months: Sequence[Month]
    previous: float | None
    versions: str
    computed_on: dt.date | None
    draw: Draw | None
    sprint: tuple[float, float, float] | None
    quota: float | None
    disputes: Sequence[Dispute]
    settled: Row  # its row of the statement cycle

    @property
    def id(self) -> str:
        """The person's ID."""
        return str(self.person["id"])

    @property
    def name(self) -> str:
        """The person's name."""
        return clean(self.person.get("name")) or clean(self.id)

    @property
    def month(self) -> Month:
        """The statement's own month."""
        return self.months[-1]

    @property
    def total(self) -> float:
        """The month's commission: the sum of its ledger rows."""
        return total_of(line.amount for line in self.lines.shown)

    @property
    def state(self) -> str:
        """Estimated, final, or nothing there."""
        if not self.lines.shown and not self.lines.zero:
            return EMPTY
        return ESTIMATED if self.open_lines else FINISHED

    @property
    def said(self) -> Text:
        """The state in words: what may still change, or since when nothing does."""
        if self.state == EMPTY:
            return NOTHING
        if self.state == ESTIMATED:
            rows = figures.of_month(self.facts, self.id, self.period)
            disputed = sum(row.get("status") == "disputed" for row in rows)
            if disputed:
                return Text(f"预估：{disputed} 行在异议中，尚未锁定", f"Estimated: {disputed} lines disputed, not locked yet")
            return Text("预估：尚未锁定，数额可能变动", "Estimated: not locked yet, amounts may change")
        if self.month.paid and not total_of([self.month.final, -self.month.paid]):
            return Text("最终：已发放", "Final: paid") + _on(self.settled.get("paid_on"))
        return Text("最终：已锁定", "Final: locked") + _on(self.settled.get("locked_on"))

    @property
    def open_lines(self) -> int:
        """How many of the month's ledger rows are not locked."""
        rows = figures.of_month(self.facts, self.id, self.period)
        return sum(row.get("status") not in FINAL for row in rows)

    def booked(self, periods: Sequence[str]) -> float:
        """What the person booked in these months."""
        return figures.booked_by(self.facts, self.id, periods)


def statement(facts: Facts, person: str, period: str) -> Statement:
    """The figures of one person's month."""
    row = facts.once(figures.people).get(person) or {"id": person}
    found = figures.of_month(facts, person, period)
    months = [_month(facts, person, month) for month in figures.months_until(period)]
    before = figures.before(period)
    paid_before = any(month <= before for month in facts.once(figures.earned).get(person, {}))
    dates = [r["computed_on"] for r in found if isinstance(r.get("computed_on"), dt.date)]
    versions = list(dict.fromkeys(clean(r.get("plan_version")) for r in found if r.get("plan_version")))
    return Statement(
        facts=facts,
        person=row,
        period=period,
        lines=lines(facts, person, period),
        months=months,
        previous=figures.commission_of(figures.of_month(facts, person, before)) if paid_before else None,
        versions=" / ".join(versions) or clean(facts.version),
        computed_on=max(dates, default=None),
        draw=draw(facts, person, months),
        sprint=facts.once(figures.sprint, row.get("line") or "", period) if period[:4] == str(facts.year) else None,
        quota=facts.once(figures.quotas).get(person) if period[:4] == str(facts.year) else None,
        disputes=_disputes(facts, person, period),
        settled=next((r for r in facts.of("Statements") if r.get("person") == person and r.get("period") == period), {}),
    )


def _on(when: Any) -> Text:
    return Text(f"（{when:%Y-%m-%d}）", f" ({when:%Y-%m-%d})") if isinstance(when, dt.date) else Text("", "")


def _month(facts: Facts, person: str, period: str) -> Month:
    rows = figures.of_month(facts, person, period)
    final, open_, paid = (
        figures.commission_of(r for r in rows if fits(r.get("status")))
        for fits in (lambda s: s in FINAL, lambda s: s not in FINAL, lambda s: s == "paid")
    )
    quotas = facts.once(figures.month_quotas, person) if period[:4] == str(facts.year) else []
    quota = quotas[int(period[5:7]) - 1] if quotas else None
    return Month(period, final, open_, paid, figures.booked_by(facts, person, [period]), quota)


def draw(facts: Facts, person: str, months: Sequence[Month]) -> Draw | None:
    """The person's draw as the Draws Table has it, carried from month to month by the DRAW function; none without one."""
    spells = sorted((r for r in facts.of("Draws") if r.get("person") == person and r.get("from")), key=lambda r: str(r["from"]))
    made, balance = None, 0.0
    for month in months:
        begun = [spell for spell in spells if str(spell["from"]) <= month.period]
        if not begun:
            continue
        spell = begun[-1]
        if str(spell["from"]) == month.period or made is None:
            balance = total_of([balance, number(spell.get("balance"))])
        amount = number(spell.get("amount")) if month.period <= str(spell.get("until") or "9999-12") else 0.0
        paid, adjustment, balance = call("DRAW", [[month.total]], amount, spell.get("kind") or "recoverable", balance)[0]
        made = Draw(amount, str(spell.get("kind") or "recoverable"), adjustment, paid, balance)
    if made is None or (not made.amount and abs(made.adjustment) < FEN and abs(made.balance) < FEN):
        return None
    return made


def _disputes(facts: Facts, person: str, period: str) -> list[Dispute]:
    """What the person asked about this month, with the answers there are."""
    return [
        Dispute(
            clean(row.get("number")),
            clean(row.get("deal")),
            clean(row.get("remark"), 300),
            clean(row.get("answer"), 300),
            word("Disputes", "state", row.get("state")),
        )
        for row in facts.of("Disputes")
        if row.get("person") == person and row.get("period") == period
    ]


def employed_in(row: Row, period: str) -> bool:
    """Whether a person worked in a month at all."""
    end = last_day(period)
    return present(row, end.replace(day=1), end)
