"""From people to the first paid month, and from month to month: what pay needs next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.chapters.incentives.pay.months import MONTH, month_of
from workbook_templates.chapters.incentives.tables.accounts import ACCOUNT_STATES
from workbook_templates.tables.schema import LEDGER_STATES, Row, held_inside
from workbook_templates.tables.steps import NextStep, SharedCell, State, Steps, none_in, without

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan

_STATES = {word.code: word.label for word in LEDGER_STATES}
_ACCOUNT_STATES = {word.code: word.label for word in ACCOUNT_STATES}
_QUOTES = '""'
_STATEMENT = Text("提成对账单", "Commission statement")  # as the mail log calls it
_OPEN, _PAID = "pay_open_month", "pay_paid_month"  # the Guide's cells
# How far an account's statement is, in the words of the ledger's rows; and the figures that make an account without rows count.
_AS_ROWS = {"estimated": "computed", "reviewed": "reviewed", "final": "locked", "paid": "paid"}
_CARRIED = ("opening", "closing", "paid")
_LATE = 999999  # later than any month as a number


# ------------------------------------------------------------------------------------------------------ as rows say it


def _nobody_carries(state: State) -> bool:
    return any(row.get("quota_weight") != 0 for row in state.rows("People")) and not state.has("Quotas")


def statements(ledger: Iterable[Row], accounts: Iterable[Row]) -> list[tuple[str, str]]:
    """Months and how far they are: rows of the ledger, and accounts that something was carried through."""
    found = [(str(row["period"]), str(row["status"])) for row in ledger]
    found += [
        (str(row["month"]), _AS_ROWS.get(row["statement"], "computed")) for row in accounts if any(row[key] for key in _CARRIED)
    ]
    return [(month, status) for month, status in found if MONTH.fullmatch(month)]


def _statements(state: State) -> list[tuple[str, str]]:
    return statements(state.rows("Ledger"), state.rows("Accounts"))


def open_month(state: State) -> str:
    """The earliest month of which something is not paid yet, in a month that is over."""
    found = min((month for month, status in _statements(state) if status != "paid"), default="")
    return found if found and _over(state, found) else ""


def _over(state: State, month: str) -> bool:
    return month < month_of(state.as_of + dt.timedelta(1))


def _stands(state: State, *statuses: str) -> bool:
    month = open_month(state)
    return bool(month) and any(status in statuses for at, status in _statements(state) if at == month)


def paid_month(state: State) -> str:
    """The last month that was paid."""
    return max((str(r["period"]) for r in state.rows("Ledger") if r["status"] == "paid"), default="")


def _unmailed(state: State) -> bool:
    month = paid_month(state)
    told = {(row["kind"], row["period"]) for row in state.rows("MailLog")}
    return bool(month) and ("statement", month) not in told and _may_mail(state)


def _may_mail(state: State) -> bool:
    return bool(str(state.first("mail_domains") or "").strip())


def _no_domain(state: State) -> bool:
    """In the first month that is paid it is asked; who goes on without does not mail."""
    paid = {str(row["period"]) for row in state.rows("Ledger") if row["status"] == "paid"}
    return len(paid) == 1 and not _may_mail(state)


def _behind(state: State) -> bool:
    return state.has("Deals") and month_of(state.as_of) < month_of(held_inside(state.today, state.year))


def _year_is_over(state: State) -> bool:
    done = bool(paid_month(state)) and all(status == "paid" for _, status in _statements(state))
    return state.as_of == dt.date(state.year, 12, 31) and done


# ------------------------------------------------------------------------------------------------- as the Guide asks it


def _no_quotas(plan: Plan) -> str:
    people, quotas = plan.table("People"), plan.table("Quotas")
    return f"AND(COUNTIF({people.quota_weight},0)<COUNTA({people.id}),COUNTA({quotas.person})=0)"


def _uncomputed(plan: Plan) -> str:
    """Deals, not returns, that the ledger does not know, or somebody left out; what else changed only the program can tell."""
    deals, ledger, limit = plan.table("Deals"), plan.table("Ledger"), plan.policy("review.limit")
    whole = f'({deals.id}<>"")*({deals.original}="")*({deals.revenue}<>"")*({deals.seller}<>"")'
    agreed = f'(({limit}="")+({deals.approved_by}<>"")+({deals.revenue}<=N({limit}))>0)'
    return f'SUMPRODUCT({whole}*{agreed}*ISNA(MATCH({deals.id},{ledger.deal},0)))+({plan.name("pay_left_out")}<>"")>0'


def _number(period: str) -> str:
    """Months as numbers, 202703; a blank is 0."""
    return f"IFERROR(LEFT({period},4)*100+RIGHT({period},2),0)"


def _as_month(number: str) -> str:
    return f'REPLACE({number},5,0,"-")'


def _carried(plan: Plan) -> str:
    """Which accounts carry something or pay it, an array."""
    accounts = plan.table("Accounts")
    return f"({'+'.join(f'({getattr(accounts, key)}<>0)*({getattr(accounts, key)}<>{_QUOTES})' for key in _CARRIED)}>0)"


def _open_cell(plan: Plan) -> str:
    ledger, accounts, paid = plan.table("Ledger"), plan.table("Accounts"), plan.quoted(_STATES["paid"])
    settled = plan.quoted(_ACCOUNT_STATES["paid"])
    sides = (
        (ledger.period, f"({ledger.status}={paid})"),
        (accounts.month, f"({accounts.statement}={settled})+({_carried(plan)}=FALSE)"),
    )
    numbers = ((_number(month), done) for month, done in sides)
    least = ",".join(f"SUMPRODUCT(MIN({number}+{_LATE}*(({number}=0)+{done}>0)))" for number, done in numbers)
    return f'IF(MIN({least})>={_LATE},"",{_as_month(f"MIN({least})")})'


def _paid_cell(plan: Plan) -> str:
    ledger, paid = plan.table("Ledger"), plan.quoted(_STATES["paid"])
    most = f"SUMPRODUCT(MAX({_number(ledger.period)}*({ledger.status}={paid})))"
    return f'IF(COUNTIF({ledger.status},{paid})=0,"",{_as_month(most)})'


def _named(name: str) -> Callable[[Plan], str]:
    return lambda plan: plan.name(name)


def _standing(*statuses: str) -> Callable[[Plan], str]:
    """Whether the open month is over and has rows in these states."""

    def formula(plan: Plan) -> str:
        ledger, accounts, as_of, month = plan.table("Ledger"), plan.table("Accounts"), plan.name("as_of"), plan.name(_OPEN)
        rows = "+".join(f"({ledger.status}={plan.quoted(_STATES[code])})" for code in statuses)
        same = [label for code, label in _ACCOUNT_STATES.items() if _AS_ROWS[code] in statuses]
        ours = "+".join(f"({accounts.statement}={plan.quoted(label)})" for label in same)
        carried = f"+SUMPRODUCT(({accounts.month}={month})*{_carried(plan)}*({ours}))" if same else ""
        over = f'IFERROR(SUBSTITUTE({month},"-","")*1,{_LATE})<YEAR({as_of}+1)*100+MONTH({as_of}+1)'
        return f"AND({over},SUMPRODUCT(({ledger.period}={month})*({rows})){carried}>0)"

    return formula


def _unmailed_cell(plan: Plan) -> str:
    log, month = plan.table("MailLog"), plan.name(_PAID)
    told = f"SUMPRODUCT(({log.kind}={plan.quoted(_STATEMENT)})*({log.period}={month}))"
    return f'AND({month}<>"",{plan.name("mail_domains")}<>"",{told}=0)'


def _no_domain_cell(plan: Plan) -> str:
    ledger, month = plan.table("Ledger"), plan.name(_PAID)
    others = f"SUMPRODUCT(({ledger.status}={plan.quoted(_STATES['paid'])})*({ledger.period}<>{month}))"
    return f'AND({month}<>"",{plan.name("mail_domains")}="",{others}=0)'


def _year_is_over_cell(plan: Plan) -> str:
    as_of, year = plan.name("as_of"), plan.name("plan_year")
    return f'AND({as_of}=DATE({year},12,31),{plan.name(_PAID)}<>"",{plan.name(_OPEN)}="")'


STEPS = Steps(50, (
    NextStep(
        code="people",
        what=Text("录入人员", "Enter the people"),
        button=Text("在“人员”页填写，或点“导入”、表填 People", "Fill in People, or click Import and give People"),
        command=Text("salesplan import 人员.csv {plan} --table People", "salesplan import people.csv {plan} --table People"),
        place="People", missing=without("People"), formula=none_in("People", "id"),
    ),
    NextStep(
        code="quotas",
        what=Text("把人员列入个人指标", "Put the people on Quotas"),
        button=Text("点“更新个人指标”", "Click Update quotas"),
        command=Text("salesplan quota {plan}", "salesplan quota {plan}"),
        place="Quotas", missing=_nobody_carries, formula=_no_quotas,
    ),
    NextStep(
        code="deals",
        what=Text("录入成交", "Enter the deals"),
        button=Text("在“成交”页填写，或点“导入”", "Fill in Deals, or click Import"),
        command=Text("salesplan import 成交.csv {plan}", "salesplan import deals.csv {plan}"),
        place="Deals", missing=without("Deals"), formula=none_in("Deals", "id"),
    ),
    NextStep(
        code="commission",
        what=Text("计算提成", "Compute the commissions"),
        button=Text("点“计算提成”", "Click Compute commissions"),
        command=Text("salesplan commission {plan}", "salesplan commission {plan}"),
        place="Ledger", missing=lambda state: state.stale(), formula=_uncomputed,
    ),
    NextStep(
        code="disputes",
        what=Text("答复 {month} 的异议", "Answer the disputes of {month}"),
        button=Text("在“异议”页答复，再点“登记异议”", "Answer on Disputes, then click Log disputes"),
        command=Text("salesplan dispute {plan}", "salesplan dispute {plan}"),
        place="Disputes", missing=lambda state: _stands(state, "disputed"), formula=_standing("disputed"),
        month=open_month, month_formula=_named(_OPEN),
    ),
    NextStep(
        code="review",
        what=Text("审核 {month} 的对账单", "Review the statements of {month}"),
        button=Text("点“审核对账单”", "Click Review statements"),
        command=Text("salesplan review {plan} --period {month} --by 审核人", "salesplan review {plan} --period {month} --by REVIEWER"),
        place="Statements", missing=lambda state: _stands(state, "computed"), formula=_standing("computed"),
        month=open_month, month_formula=_named(_OPEN),
    ),
    NextStep(
        code="lock",
        what=Text("由另一人批准并锁定 {month}", "Have another person approve and lock {month}"),
        button=Text("点“批准并锁定”", "Click Approve and lock"),
        command=Text("salesplan lock {plan} --period {month} --by 批准人", "salesplan lock {plan} --period {month} --by APPROVER"),
        place="Statements", missing=lambda state: _stands(state, "reviewed"), formula=_standing("reviewed"),
        month=open_month, month_formula=_named(_OPEN),
    ),
    NextStep(
        code="pay",
        what=Text("导出 {month} 的工资表；发放后标记已发放", "Export the payroll of {month}; mark it paid once the money has gone"),
        button=Text("点“导出工资表”，发放后点“标记已发放”", "Click Export payroll, and after paying Mark as paid"),
        command=Text(
            "salesplan payroll {plan} pay-{month}.csv --period {month}；发放后 salesplan pay {plan} --period {month}",
            "salesplan payroll {plan} pay-{month}.csv --period {month}; once paid, salesplan pay {plan} --period {month}",
        ),
        place="Statements", missing=lambda state: _stands(state, "locked"), formula=_standing("locked"),
        month=open_month, month_formula=_named(_OPEN),
    ),
    NextStep(
        code="mail_domains",
        what=Text("填允许发往的邮箱域名", "Allow the domains mail may go to"),
        button=Text("在 {cell} 填写，如 example.com", "Type them into {cell}, such as example.com"),
        place="mail_domains", missing=_no_domain, formula=_no_domain_cell, can_skip=True,
    ),
    NextStep(
        code="mail",
        what=Text("给每人发 {month} 的对账单", "Mail everybody's statement of {month}"),
        button=Text("点“生成邮件草稿”，在“待发邮件”页核对后发送", "Click Draft mails, look through Outbox, then send"),
        command=Text("salesplan mail {plan} --period {month}", "salesplan mail {plan} --period {month}"),
        place="Outbox", missing=_unmailed, formula=_unmailed_cell, can_skip=True,
        month=paid_month, month_formula=_named(_PAID),
    ),
    NextStep(
        code="as_of",
        what=Text("把截止日期改到今天", "Move the as-of date to today"),
        button=Text("在 {cell} 填今天的日期，再导入新月份的成交", "Type today into {cell}, then import the new month's deals"),
        place="as_of", missing=_behind,
    ),
    NextStep(
        code="rollover",
        what=Text("生成下一年的计划", "Make next year's plan"),
        button=Text("点“结转下年”", "Click Roll over"),
        command=Text("salesplan rollover {plan} 下年计划.xlsx", "salesplan rollover {plan} next-year.xlsx"),
        place="plan_year", missing=_year_is_over, formula=_year_is_over_cell,
    ),
), figures=(
    SharedCell(_OPEN, Text("最早未发放的月份", "Earliest month not paid"), _open_cell),
    SharedCell(_PAID, Text("最近已发放的月份", "Last month paid"), _paid_cell),
))  # fmt: skip
