"""Dynamic arrays whose errors would not reach a sum."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.checking.core import Check, CheckList, Line

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan

_WHAT = Text("公式没有错误值", "No errors in its formulas")
_REMEDY = Text("用 SALES_WHY 查看原因", "Ask SALES_WHY for the reason")


def _line(name: str, needs: str, plan: Plan) -> Line:
    return Line(f"SUMPRODUCT(ISERROR({plan.name(name)}#)*1)", needs=needs)


def _check(chapter: int, name: str, page: str, needs: str) -> Check:
    """``name`` is that of the array's top cell, ``needs`` the column that must hold something."""
    return Check(f"errors.{name}", chapter, page, _WHAT, _REMEDY, line=partial(_line, name, needs))


CHECKS = CheckList(
    85,
    (
        _check(1, "market_funnel", "market", "Regions.region"),
        _check(5, "person_months", "quota_people", "Quotas.person"),
        _check(5, "seller_attainment", "commission", "Quotas.person"),
        _check(11, "line_verdicts", "budget", "Budget.line"),
        _check(11, "rolling_budget", "budget", "Budget.line"),
        _check(4, "dealer_counted", "dealer_sales", "DealerSales.dealer"),
        _check(4, "dealer_exits", "channels", "Dealers.id"),
        _check(4, "lot_buyback", "dealer_stock", "Stock.dealer"),
        _check(4, "claim_paid", "dealer_claims", "Fund.id"),
        _check(2, "customer_segments", "customers", "Customers.synergy"),
        _check(2, "handshakes_made", "handshakes", "Customers.tier"),
        _check(2, "care_pull", "customer_care", "CustomerCare.customer"),
    ),
)
