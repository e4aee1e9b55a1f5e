"""Budget lines, months and the rolling budget add up; spending has a target; the profit keeps its floor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.answers import WARNING
from workbook_templates.checking.core import Check, CheckList, Line, Mistake, no_errors

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan


def _shares(plan: Plan) -> Line:
    return Line(f"SUM({plan.policy('budget.shares')})", "1", "rate2", "Regions.region")


def _lines(plan: Plan) -> Line:
    return Line(f"SUM({plan.name('line_budgets')}#)", plan.name("budget_total"), "money", "Regions.region")


def _months(plan: Plan) -> Line:
    return Line(f"SUM({plan.table('Budget').planned})", plan.name("budget_total"), "money", "Budget.planned")


def _rolling(plan: Plan) -> Line:
    found = f"{plan.name('rolled_total')}+{plan.name('budget_reserve')}"
    return Line(found, f"SUM({plan.table('Budget').planned})", "money", "Budget.planned")


def _targets(plan: Plan) -> Line:
    return Line(f"SUMPRODUCT(({plan.name('line_spent')}>0)*({plan.name('line_targets')}=0))", needs="Budget.actual_cost")


def _floor(plan: Plan) -> Line:
    return Line(plan.name("profit"), plan.name("profit_floor"), "money", "Deals.id", at_least=True)


CHECKS = CheckList(60, (
    Check(
        "budget.shares", "settings", Text("费用结构合计 = 1", "Budget shares add up to 1"), Text("改参数", "Correct Settings"),
        line=_shares,
        fault=(Mistake("base_budget_shares", 0.9),),
    ),
    Check(
        "budget.lines", "budget", Text("各费用项合计 = 年度费用", "Lines add up to the budget"),
        Text("查看参数中的费用结构", "Look at the shares on Settings"), line=_lines,
        fault=(Mistake("base_budget_shares", 0.9),),
    ),
    Check(
        "budget.months", "budget", Text("各月计划合计 = 年度费用", "Months add up to the budget"),
        Text("改明细中的计划", "Correct the planned amounts"), line=_months,
        fault=(Mistake("Budget.planned", 1.0),),
    ),
    Check(
        "budget.rolling", "budget", Text("滚动预算 + 预留 = 计划", "Rolling budget + reserve = plan"),
        Text("公式被改动：从备份恢复", "A formula was changed: restore it from a copy"), line=_rolling,
        fault=(Mistake("budget_reserve", 1.0),),
    ),
    Check(
        "budget.targets", "budget", Text("已花钱的费用项都有 ROI 目标", "Lines that spend have an ROI target"),
        Text("在参数中填 ROI 目标", "Enter ROI targets on Settings"), WARNING, line=_targets,
        fault=(Mistake("base_roi_targets", 0.0, 1),),
    ),
    Check(
        "budget.profit", "budget", Text("利润不低于底线", "Profit at least the floor"),
        Text("看毛利率与费用", "Look at margins and cost"), WARNING, line=_floor,
        fault=(Mistake("Budget.actual_cost", 90_000_000.0),),
    ),
    no_errors("line_verdicts", "budget", "Budget.line", "base_roi_targets"),
    no_errors("rolling_budget", "budget", "Budget.line", "Budget.planned"),
))  # fmt: skip
