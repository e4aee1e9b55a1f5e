"""Market and targets add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.answers import WARNING
from workbook_templates.checking.core import Check, CheckList, Line, Mistake, column, no_errors

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan


def _funnel(plan: Plan) -> Line:
    total = f"ROWS({column(plan, 'Regions.region')})+1"
    return Line(f"INDEX({plan.name('market_funnel')}#,{total},4)", plan.name("som_total"), "money", "Regions.region")


def _tracked(plan: Plan) -> Line:
    """Factors at the line that nobody answers, or has not said how and when."""
    factors = plan.table("Factors")
    reached = f"ISNUMBER({factors.score})*({factors.score}>={plan.policy('signals.cutoff')})"
    lacking = f'(({factors.owner}="")+({factors.response}="")+({factors.review_on}="")>0)'
    return Line(f"SUMPRODUCT({reached}*{lacking})", needs="Factors.score")


CHECKS = CheckList(10, (
    Check(
        "market.funnel", "market", Text("漏斗合计 = SOM", "Funnel total = SOM"),
        Text("查看各区域与产能", "Look at the regions and the capacity"), line=_funnel,
        fault=(Mistake("som_total", 500_000_000.0),),
    ),
    no_errors("market_funnel", "market", "Regions.region", "Regions.buyers"),
    Check(
        "factors.tracked", "factors", Text("必跟因素都有负责人、应对与复核日期", "Factors to be tracked have owner, response and a day"),
        Text("补填负责人、应对与复核日期", "Enter owner, response and review day"), WARNING, line=_tracked,
        fault=(Mistake("Factors.response", None, lambda row: row["response"]),),
    ),
))  # fmt: skip
