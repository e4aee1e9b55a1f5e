"""The sample company's statement cycle: its ledger brought through the year by the very steps the buttons take.

January to September are paid, October is locked, November reviewed, December just computed with one line in dispute; two remarks
of the year were answered, one was withdrawn.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from udfs.text import Text
from workbook_templates.chapters.incentives import cycle
from workbook_templates.chapters.incentives.cycle import Act, Step, Tables
from workbook_templates.chapters.incentives.pay import reading
from workbook_templates.chapters.incentives.pay.months import first_day, following
from workbook_templates.chapters.incentives.pay.run import run as computed
from workbook_templates.tables.policies import TABLE, Policies, changes_of
from workbook_templates.tables.schema import Company, Row

_ACCOUNTS = Text("销售运营 周敏", "Zhou Min, sales operations")
_APPROVER = Text("财务总监 陈立", "Chen Li, finance director")
_CASHIER = Text("薪酬专员 何静", "He Jing, payroll")
_PAID, _LOCKED, _REVIEWED = range(1, 10), 10, 11
_DISPUTED = 12
# month, which of its rows (by place), remark, answer (blank: withdrawn)
_REMARKS = (
    (3, 2, Text("毛利率低于合同测算，请核对成本", "The margin rate is below the contract's, please check the cost"), Text("成本含追加的安装费，已附凭证", "The cost includes extra installation, receipt attached")),
    (6, 5, Text("该单应有协同份额", "This deal should be shared"), Text("协同协议在签单之后才签，不追溯", "The partner agreement came after the deal and is not retroactive")),
    (8, 1, Text("少了一单", "A deal is missing"), Text("", "")),
)  # fmt: skip
_LOCKED_REMARK = Text("该单提成偏低：毛利率应按合同的 32% 算", "Too low for this deal: its margin rate is 32% by the contract")
_OPEN_REMARK = Text("协同份额待确认", "Partner share to be confirmed")


def run_year(company: Company, bookings: float) -> dict[str, list[Row]]:
    """The Tables of the cycle at the end of the year."""
    tables = _months(company, bookings, _PAID, (_LOCKED, _REVIEWED), _statement_day)
    rows = [r for r in tables.ledger if r["period"] == f"{company.year}-{_DISPUTED}"]
    shared = [r for r in rows if (r["credit_share"] or 1) < 1] or rows
    if shared:
        tables = _remark(tables, shared[0], _OPEN_REMARK, dt.datetime(company.year, 12, 31, 15))
    return _rows(tables)


def run_half(company: Company, bookings: float, paid: Sequence[int], locked: int, disputed: str) -> dict[str, list[Row]]:
    """The Tables of the cycle in the middle of the year: one remark on a locked statement has waited for too long."""
    tables = _months(company, bookings, paid, (locked,), lambda period: min(first_day(following(period)), company.day()))
    row = next(r for r in tables.ledger if r["deal"] == disputed)
    return _rows(_remark(tables, row, _LOCKED_REMARK, dt.datetime(company.year, locked + 1, 21, 15)))


def _months(
    company: Company, bookings: float, paid: Sequence[int], later: Sequence[int], made_on: Callable[[str], dt.date]
) -> Tables:
    """Computed by the action's own arithmetic on the days ``made_on`` says, and brought month by month to where the statements stand."""
    year, policies = company.year, Policies({}, changes_of(company.of(TABLE))[0])
    facts = reading.assembled(company.rows, policies, company.as_of or dt.date(year, 12, 31))
    facts.version = company.version
    facts.quota = reading.allocated(
        year, bookings, company.of("Quotas"), company.of("People"), policies, company.of("QuotaChanges")
    )
    done = computed(facts)
    ledger = [row | {"computed_on": made_on(row["period"])} for row in done.rows]
    tables = Tables(sorted(ledger, key=lambda row: row["period"]), accounts=done.accounts)
    for month in (*paid, *later):
        tables = _month(tables, year, month, paid)
    return tables


def _rows(tables: Tables) -> dict[str, list[Row]]:
    return {
        "Ledger": [dict(r) for r in tables.ledger],
        "Statements": [dict(r) for r in tables.statements],
        "Approvals": [dict(r) for r in tables.approvals],
        "Disputes": [dict(r) for r in tables.disputes],
        "Accounts": [dict(r) for r in tables.accounts],
    }


def _statement_day(period: str) -> dt.date:
    """The fifth of the month after, when the statements are made."""
    return first_day(following(period)).replace(day=5)


def _month(tables: Tables, year: int, month: int, paid: Sequence[int]) -> Tables:
    """A month's cycle from the first to the fifth of the next."""
    period, first = f"{year}-{month:02}", dt.datetime(year, month + 1, 1, 9)
    if not any(r["period"] == period for r in tables.ledger):
        return tables

    def act(who: Text, day: int, hour: int) -> Act:
        return Act(period, str(who), first.replace(day=day, hour=hour))

    tables = _taken(tables, cycle.review(tables, act(_ACCOUNTS, 1, 10)))
    for when, place, remark, answer in _REMARKS:
        if when == month:
            rows = [r for r in tables.ledger if r["period"] == period]
            tables = _remark(tables, rows[place % len(rows)], remark, first.replace(day=2))
            said = (len(tables.disputes), str(answer), True)
            tables = _taken(tables, cycle.take_up(tables, act(_ACCOUNTS, 3, 11), answer=said))
            tables = _taken(tables, cycle.review(tables, act(_ACCOUNTS, 3, 16)))
    if month != _REVIEWED:
        tables = _taken(tables, cycle.lock(tables, act(_APPROVER, 4, 14)))
    return _taken(tables, cycle.pay(tables, act(_CASHIER, 5, 10))) if month in paid else tables


def _remark(tables: Tables, row: Mapping[str, Any], remark: Text, when: dt.datetime) -> Tables:
    new = {key: row[key] for key in ("period", "person", "deal")} | {"remark": str(remark), "owner": str(_ACCOUNTS)}
    return _taken(tables, cycle.take_up(tables, Act(row["period"], row["person"], when), new=new))


def _taken(tables: Tables, step: Step) -> Tables:
    if step.faults:
        raise ValueError("; ".join(str(fault.text) for fault in step.faults))
    return cycle.applied(tables, step)
