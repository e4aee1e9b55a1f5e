"""The accounts against themselves, against the ledger, and against what the facts come to now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.checking.core import Check, CheckList, Line, Mistake

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan

_NEEDS = "Accounts.person"
_IN = ("opening", "released", "clawback", "adjustment", "bonus", "draw_paid", "hold_off")
_OUT = ("draw_recovered", "hold_on", "paid", "closing")


def _identity(plan: Plan) -> Line:
    accounts = plan.table("Accounts")
    sides = "+".join(getattr(accounts, key) for key in _IN) + "".join(f"-{getattr(accounts, key)}" for key in _OUT)
    return Line(f"SUMPRODUCT(ABS(ROUND({sides},2)))", fmt="fen", needs=_NEEDS)


def _ledger(plan: Plan) -> Line:
    return Line(plan.name("ledger_payable"), plan.name("accounts_total"), "fen", _NEEDS)


def _held(plan: Plan) -> Line:
    # The last month of each person holds what is held: a running balance, so its change adds up to the ledger's.
    accounts = plan.table("Accounts")
    last = f'(COUNTIFS({accounts.person},{accounts.person},{accounts.month},">"&{accounts.month})=0)'
    return Line(f"ROUND(SUMPRODUCT({last}*{accounts.held}),2)", plan.name("ledger_held"), "fen", _NEEDS)


def _negative(plan: Plan) -> Line:
    accounts = plan.table("Accounts")
    carried = f"{plan.policy('pay.negative')}={plan.quoted(Text('结转', 'carried'))}"
    # What version 0.1.0 paid as a negative was paid so: the account says it in its note.
    return Line(f'IF({carried},COUNTIFS({accounts.paid},"<0",{accounts.note},""),0)', needs=_NEEDS)


CHECKS = CheckList(51, (
    Check(
        "accounts.identity", "Accounts", Text("提成账户：期初 + 各项 = 应发 + 期末", "Accounts: opening + movements = paid + closing"),
        Text("重新计算提成；已锁定的从备份恢复", "Compute commissions again; restore what is locked from a backup"), line=_identity,
        fault=(Mistake("Accounts.paid", 1.0),),
    ),
    Check(
        "accounts.ledger", "Accounts", Text("台账计入账户 = 账户合计", "Ledger to accounts = accounts"),
        Text("重新计算提成", "Compute commissions again"), line=_ledger,
        fault=(Mistake("Accounts.adjustment", 1.0, 1),),
    ),
    Check(
        "accounts.held", "Accounts", Text("账户待发余额 = 台账待发", "Held in accounts = held in the ledger"),
        Text("重新计算提成", "Compute commissions again"), line=_held,
        fault=(Mistake("Accounts.held", 1.0, -1),),
    ),
    Check(
        "accounts.negative", "Accounts", Text("没有负数应发（负数结转）", "Nothing negative is paid (it is carried)"),
        Text("重新计算提成", "Compute commissions again"), line=_negative,
        fault=(Mistake("Accounts.paid", -1.0, 2),),
    ),
))  # fmt: skip
