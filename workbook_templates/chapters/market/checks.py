"""Market and targets add up; nobody is hired beyond the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.answers import WARNING
from workbook_templates.checking.core import Check, CheckList, Line, column

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan


def _funnel(plan: Plan) -> Line:
    total = f"ROWS({column(plan, 'Regions.region')})+1"
    return Line(f"INDEX({plan.name('market_funnel')}#,{total},4)", plan.name("som_total"), "money", "Regions.region")


def _headcount(plan: Plan) -> Line:
    return Line(plan.name("headcount_now"), plan.name("headcount_plan"), needs="People.id", at_most=True)


CHECKS = CheckList(10, (
    Check(
        "market.funnel", 1, "market", Text("漏斗合计 = SOM", "Funnel total = SOM"),
        Text("查看各区域与产能", "Look at the regions and the capacity"), line=_funnel,
    ),
    Check(
        "team.headcount", 5, "team", Text("在岗不超编制", "People within headcount"), Text("超编须审批", "More people need approval"),
        WARNING, line=_headcount,
    ),
))  # fmt: skip
