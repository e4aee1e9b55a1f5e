"""What orders still owe, as every sheet counts it: what was sold, without what came in and what was written off."""

from __future__ import annotations

from udfs.actuals import BAD_DEBT
from workbook_templates.page.builder import Plan
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


def owed(plan: Plan) -> str:
    """What each deal still owes; cells that hold no number count as 0. Cash that came after all takes the place of what was given up."""
    deals = plan.table("Deals")
    revenue, came = (f"IF(ISNUMBER({column}),{column},0)" for column in (deals.revenue, deals.collected))
    left, lost = f"({revenue}-{came})", written_off(plan)
    return f"(({left}-{lost})*({left}>={lost})+{left}*({left}<0))"
