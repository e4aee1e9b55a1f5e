"""What orders still owe, as every sheet counts it: what was sold, without what came in and what was written off."""

from __future__ import annotations

from udfs.actuals import BAD_DEBT
from workbook_templates.page.builder import Plan
from workbook_templates.page.dated import Condition, asked
from workbook_templates.tables.words import CASH_KINDS


def bad_debt(plan: Plan) -> str:
    """The kind of a collection that was given up, as cells have it."""
    return plan.quoted(next(word.label for word in CASH_KINDS if word.code == BAD_DEBT))


def written_off(plan: Plan) -> str:
    """What was given up of each deal by the plan's day: nobody chases it, and it is owed no more."""
    deals, cash = plan.table("Deals"), plan.table("Collections")
    kind = bad_debt(plan)
    lost = f'SUMIFS({cash.amount},{cash.deal},{deals.id},{cash.kind},{kind},{cash.date},"<="&{plan.name("as_of")})'
    # Most plans write off nothing, and to look for each deal among all cash takes long.
    return f"IF(COUNTIFS({cash.kind},{kind})=0,0,{lost})"


def _cash_after(plan: Plan) -> str:
    """Whether cash stands there that came in after the plan's day: whoever looks back at a month's end has the next month's cash already."""
    return f'COUNTIFS({plan.table("Collections").date},">"&{plan.name("as_of")})>0'


def came(plan: Plan) -> str:
    """What came in of each deal by the plan's day: as its row has it, by the day of each receipt where some are later."""
    deals, cash = plan.table("Deals"), plan.table("Collections")
    typed = f"IF(ISNUMBER({deals.collected}),{deals.collected},0)"
    until = (
        f'SUMIFS({cash.amount},{cash.deal},{deals.id},{cash.kind},"<>"&{bad_debt(plan)},{cash.date},"<="&{plan.name("as_of")})'
    )
    return f"IF({_cash_after(plan)},IF(COUNTIFS({cash.deal},{deals.id})>0,{until},{typed}),{typed})"


def came_of(plan: Plan, *conditions: Condition) -> str:
    """The same, summed over the deals that meet conditions."""
    column = plan.table("Deals").collected
    those = "*".join(f'({on}<>"")*({on}{sign}{what})' for on, sign, what in conditions)
    return f"IF({_cash_after(plan)},SUMPRODUCT({those}*{came(plan)}),SUMIFS({column},{asked(*conditions)}))"


def given_back(plan: Plan) -> str:
    """What returns take from what each deal owes: as much of them as was not paid back in cash."""
    deals, day = plan.table("Deals"), plan.name("as_of")
    sold, refunded = (
        f'SUMIFS({column},{deals.original},{deals.id},{deals.date},"<="&{day})' for column in (deals.revenue, deals.collected)
    )
    return f'IF(COUNTIFS({deals.original},"?*")=0,0,{sold}-{refunded})'


def struck_of(plan: Plan, those: str) -> str:
    """What returns strike off what some deals (a product of conditions) still owe, summed: what was paid stays paid."""
    owes, back = f"IF({owed(plan)}>0,{owed(plan)},0)", given_back(plan)
    returned = f'COUNTIFS({plan.table("Deals").original},"?*")=0'
    return f"IF({returned},0,SUMPRODUCT({those}*IF({owes}+{back}>0,{back},-{owes})))"


def owed(plan: Plan) -> str:
    """What each deal still owes; cells that hold no number count as 0."""
    revenue = plan.table("Deals").revenue
    return f"(IF(ISNUMBER({revenue}),{revenue},0)-{came(plan)}-{written_off(plan)})"
