"""What a commission statement says, before it is laid out: one person, one month; its account, and the ledger's rows behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from udfs.text import Text
from udfs.values import total_of
from workbook_templates.chapters.incentives.pay.facts import PayRule
from workbook_templates.chapters.incentives.pay.worth import Tiers
from workbook_templates.chapters.incentives.staff import present
from workbook_templates.mailed import Facts, badge, figures
from workbook_templates.mailed.badge import Badge
from workbook_templates.mailed.figures import number
from workbook_templates.mailed.statement_lines import HeldDeal, Lines, held_deals, lines
from workbook_templates.mailed.words import clean, last_day, word, yuan
from workbook_templates.tables.schema import Row

NOTHING = Text("本月没有提成记录", "No commission lines this month")


@dataclass(frozen=True)
class Month:
    """One month of the year to date, as its account has it."""

    period: str
    account: Row
    credited: float
    quota: float | None  # the account's; of a month without one the plan's

    @property
    def paid(self) -> float:
        """What is payable."""
        return number(self.account["paid"])

    @property
    def firm(self) -> bool:
        """Whether nothing changes it any more."""
        return self.account["statement"] in (badge.FINAL, badge.PAID)


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
    """The figures of a statement: what is paid is the account's, why is the ledger's."""

    facts: Facts
    person: Row
    period: str
    lines: Lines
    held: Sequence[HeldDeal]
    months: Sequence[Month]
    previous: Row | None  # the account of the month before
    versions: str
    computed_on: dt.date | None
    disputes: Sequence[Dispute]
    settled: Row  # its row of the statement cycle
    rule: PayRule | None  # that the person's next order would fall under
    tiers: Tiers | None

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
    def account(self) -> Row:
        """The account of the month."""
        return self.month.account

    @property
    def payable(self) -> float:
        """What is paid: the account's own figure."""
        return self.month.paid

    @property
    def badge(self) -> Badge:
        """How far it can still change."""
        rows = figures.of_month(self.facts, self.id, self.period)
        if not rows and figures.empty(self.account) and self.account["statement"] in ("", None, badge.OPEN):
            return badge.nothing(NOTHING)
        return badge.badge(self.account["statement"], self.settled, sum(r.get("status") == "disputed" for r in rows))

    @property
    def carried(self) -> list[Text]:
        """Why what was earned is not paid now: carried, on hold; and what a leaver still owes."""
        said, account = [], self.account
        if self.id in self.facts.left_out and not self.badge.firm:
            said.append(
                Text("有一行数据待更正，本月尚未重新计算", "a row of data waits to be mended: the month is not computed anew yet")
            )
        closing, on_hold, debt = (number(account[key]) for key in ("closing", "hold_on", "draw_debt"))
        if closing:
            why = clean(account.get("note")) or str(Text("结转", "carried"))
            said.append(Text(f"{why}：{yuan(closing)} 元记入下月", f"{why}: {yuan(closing)} yuan go to the next month"))
        if on_hold:
            whys = [line.reason for line in self.lines.of("balance") if line.kind == "hold" and line.reason]
            said.append(
                Text(f"暂缓发放 {yuan(on_hold)} 元：{'；'.join(whys)}", f"{yuan(on_hold)} yuan are on hold: {'; '.join(whys)}")
            )
        left = self.person.get("left")
        if debt and isinstance(left, dt.date) and left <= last_day(self.period):
            said.append(
                Text(
                    f"离职时预支欠款 {yuan(debt)} 元：其后所得先抵欠款",
                    f"{yuan(debt)} yuan of draws are still owed on leaving: what is still earned goes there first",
                )
            )
        return said

    @property
    def credited_to_date(self) -> float:
        """What was credited in the year up to the month, paid or not."""
        return total_of(month.credited for month in self.months)

    @property
    def paid_to_date(self) -> float:
        """What was paid in the year up to the month, as the account has it."""
        return number(self.account["year_to_date"]) if self.account["statement"] else total_of(m.paid for m in self.months)


def statement(facts: Facts, person: str, period: str) -> Statement:
    """The figures of one person's month."""
    row = facts.once(figures.people).get(person) or {"id": person}
    found = figures.of_month(facts, person, period)
    dates = [r["computed_on"] for r in found if isinstance(r.get("computed_on"), dt.date)]
    versions = list(dict.fromkeys(clean(r.get("plan_version")) for r in found if r.get("plan_version")))
    rule = next((r for r in figures.fitting(facts, person, last_day(period)) if not _narrow(r)), None)
    return Statement(
        facts=facts,
        person={**row, **_dated(facts, person, period)},
        period=period,
        lines=lines(facts, person, period),
        held=held_deals(facts, person, period),
        months=[_month(facts, person, month) for month in figures.months_until(period)],
        previous=facts.once(figures.accounts).get((person, figures.before(period))),
        versions=" / ".join(versions) or clean(facts.version),
        computed_on=max(dates, default=None),
        disputes=_disputes(facts, person, period),
        settled=next((r for r in facts.of("Statements") if r.get("person") == person and r.get("period") == period), {}),
        rule=rule,
        tiers=figures.own_tiers(facts, rule, last_day(period)) if rule is not None else None,
    )


def _narrow(rule: PayRule) -> bool:
    """Whether a rule is for some products or customers only."""
    return any(key in ("product_line", "customer_kind") for key, _ in rule.filters)


def _dated(facts: Facts, person: str, period: str) -> Row:
    """Level, line and region as they were at the month's end."""
    then = facts.once(figures.staff).on(person, last_day(period)) or {}
    return {key: then[key] for key in ("level", "line", "region") if then.get(key)}


def _month(facts: Facts, person: str, period: str) -> Month:
    rows = figures.of_month(facts, person, period)
    bonuses = figures.amount_of(r for r in rows if r.get("kind") == "bonus")
    account, quota = figures.account(facts, person, period), figures.quota(facts, person, period)
    return Month(period, account, total_of([figures.earned_of(rows), bonuses]), quota or None)


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
