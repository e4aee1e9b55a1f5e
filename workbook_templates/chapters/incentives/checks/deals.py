"""Deals: what their columns can't say by themselves. Dates and amounts that are none are told with the Table."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from udfs.policy import POLICIES
from udfs.text import Text
from workbook_templates.answers import WARNING
from workbook_templates.chapters.incentives.sheets.commission import due
from workbook_templates.chapters.incentives.sheets.quota_people import person_actuals
from workbook_templates.checking.core import ERRORS, NOT_AVAILABLE, Check, CheckList, Line, Mistake
from workbook_templates.tables.schema import LEDGER_STATES

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan

_NEEDS = "Deals.id"


def _dates(plan: Plan) -> Line:
    """Dates outside the year; a plan that was rolled over holds earlier years, too: from the first whose months were paid."""
    date, ledger, year = plan.table("Deals").date, plan.table("Ledger"), plan.name("plan_year")
    paid = plan.quoted(next(word.label for word in LEDGER_STATES if word.code == "paid"))
    first = f"MIN({year},SUMPRODUCT(MIN(IFERROR(LEFT({ledger.period},4)*1,9999)+9999*({ledger.status}<>{paid}))))"
    return Line(f'COUNTIF({date},"<"&DATE({first},1,1))+COUNTIF({date},">"&DATE({year},12,31))', needs=_NEEDS)


def _collected(plan: Plan) -> Line:
    deals = plan.table("Deals")
    return Line(f"SUMPRODUCT(({deals.collected}>{deals.revenue})*({deals.collected}>0))", needs=_NEEDS)


def _returns(plan: Plan) -> Line:
    deals = plan.table("Deals")
    return Line(f'COUNTIFS({deals.revenue},"<0")-COUNTIFS({deals.revenue},"<0",{deals.original},"?*")', needs=_NEEDS)


def _shares(plan: Plan) -> Line:
    deals = plan.table("Deals")
    return Line(f'COUNTIFS({deals.partner},"?*",{deals.seller_share},"")', needs=_NEEDS)


def _credited(plan: Plan) -> Line:
    # As attainment counts it: Credits where they name the deal, a return for whoever its order counts for.
    bookings = plan.quoted(next(word for word in POLICIES["attainment.basis"].words if word.en == "bookings"))
    return Line(f"SUM({person_actuals(plan, bookings)})", plan.name("bookings"), "money", _NEEDS)


def _errors(plan: Plan) -> Line:
    return Line(f"SUMPRODUCT(ISERROR({due(plan)})*1)", needs=_NEEDS)


CHECKS = CheckList(30, (
    Check(
        "deals.year", "deals", Text("签单日期在计划年度内", "Dates in the plan year"),
        Text("改正日期或移到当年的计划", "Correct the date or move the deal to its year"), line=_dates,
        fault=(Mistake("Deals.date", dt.date(2029, 1, 4), 1),),
    ),
    Check(
        "deals.collected", "deals", Text("回款不超过收入", "Collected at most revenue"),
        Text("核对回款", "Check the cash received"), line=_collected,
        fault=(Mistake("Deals.collected", 900_000_000.0, 2),),
    ),
    Check(
        "deals.returns", "deals", Text("退货都有原单号", "Returns name their order"),
        Text("填写原单号", "Enter the original deal"), line=_returns,
        fault=(Mistake("Deals.original", None, lambda row: row["revenue"] < 0),),
    ),
    Check(
        "deals.shares", "deals", Text("有协同的填了份额", "Shared deals have a share"),
        Text("填写主办份额（0–100%）", "Enter the seller's share (0–100%)"), line=_shares,
        fault=(Mistake("Deals.seller_share", None, lambda row: row["partner"]),),
    ),
    Check(
        "deals.credited", "commission", Text("业绩都归到有指标的人", "Bookings all credited to people with a quota"),
        Text("给主办销售补指标，或改归属", "Give the seller a quota or credit someone else"), WARNING, line=_credited,
        fault=(Mistake("Deals.seller", "P001", 3),),
    ),
    Check(
        "deals.commission_errors", "deals", Text("逐单提成没有错误值", "No errors in the deals' commission"),
        Text("用 SALES_WHY 查看原因", "Ask SALES_WHY for the reason"), line=_errors,
        fault=(Mistake("Deals.cost", NOT_AVAILABLE, 4),), group=ERRORS,
    ),
))  # fmt: skip
