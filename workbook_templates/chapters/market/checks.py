"""Market and targets add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.checking.core import Check, CheckList, Line, Mistake, column, no_errors

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan


def _funnel(plan: Plan) -> Line:
    total = f"ROWS({column(plan, 'Regions.region')})+1"
    return Line(f"INDEX({plan.name('market_funnel')}#,{total},4)", plan.name("som_total"), "money", "Regions.region")


CHECKS = CheckList(10, (
    Check(
        "market.funnel", "market", Text("漏斗合计 = SOM", "Funnel total = SOM"),
        Text("查看各区域与产能", "Look at the regions and the capacity"), line=_funnel,
        fault=(Mistake("som_total", 500_000_000.0),),
    ),
    no_errors("market_funnel", "market", "Regions.region", "Regions.buyers"),
))  # fmt: skip
