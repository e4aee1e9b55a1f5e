"""Quotas add up, from people and months to the year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.answers import WARNING
from workbook_templates.chapters.incentives.sheets.commission import allocated
from workbook_templates.chapters.incentives.sheets.quota_people import month_quotas
from workbook_templates.checking.core import APART, ERRORS, Check, CheckList, Line, Mistake, no_errors

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan

_REMEDY = Text("公式被改动：从备份恢复该区域", "A formula was changed: restore it from a copy")


def _quarters(plan: Plan) -> Line:
    return Line(f"SUM({plan.name('quota_quarters')})", plan.name("quota_total"), "money", "Regions.region")


def _months(plan: Plan) -> Line:
    months, numbers, quarters = (plan.name(f"quota_{part}") for part in ("months", "month_numbers", "quarters"))
    apart = "+".join(
        f"ABS(SUMPRODUCT(({numbers}>{3 * q - 3})*({numbers}<={3 * q})*{months})-INDEX({quarters},{q}))" for q in range(1, 5)
    )
    return Line(apart, fmt="money", needs="Regions.region")


def _people(plan: Plan) -> Line:
    return Line(f"SUM({allocated(plan)})", plan.name("quota_total"), "money", "Quotas.person")


def _person_months(plan: Plan) -> Line:
    """The months as they stand against the same worked out afresh; the year's differ by who left, was new or was changed."""
    return Line(f"SUM({plan.name('person_months')}#)", f"SUM({month_quotas(plan)})", "money", "Quotas.person")


def _lines(plan: Plan) -> Line:
    return Line(f"SUM({plan.name('sprint_quotas')})", f"SUM({plan.name('person_months')}#)", "money", "Quotas.person")


def _overspent(plan: Plan) -> Line:
    return Line(f'COUNTIF({plan.name("sprint_left")},"<0")', needs="SprintFund.line")


CHECKS = CheckList(20, (
    Check("quotas.quarters", "quotas", Text("季度合计 = 全年", "Quarters add up to the year"), _REMEDY, line=_quarters, fault=(Mistake("quota_quarters", 1.0),)),
    Check("quotas.months", "quotas", Text("各季的月份 = 季度", "Months add up to their quarters"), _REMEDY, line=_months, fault=(Mistake("quota_months", 7.0),)),
    Check("quotas.people", "quota_people", Text("个人合计 = 全年", "People add up to the year"), _REMEDY, line=_people, fault=(Mistake("Quotas.cap", 1.0, lambda row: True),), group=ERRORS),
    Check(
        "quotas.person_months", "quota_people", Text("个人月度指标 = 重新计算", "People's months = worked out afresh"), _REMEDY,
        line=_person_months,
        fault=(Mistake("person_months", 1.0),), group=ERRORS,
    ),
    Check(
        "quotas.lines", "sprint", Text("各条线季度指标合计 = 个人月度合计", "Lines' quarters add up to people's months"),
        Text("给每人填条线；公式被改动则从备份恢复", "Give everybody a line; restore a changed formula"), line=_lines,
        fault=(Mistake("People.line", None, lambda row: row["quota_weight"]),),
    ),
    Check(
        "sprint.spent", "sprint", Text("团队基金没有透支", "No travel fund is overspent"),
        Text("核对支出的条线与季度", "Check the line and quarter of the spending"), WARNING, line=_overspent,
        fault=(Mistake("SprintFund.spent", 90_000_000.0),), group=APART,
    ),
    no_errors("person_months", "quota_people", "Quotas.person", "Quotas.floor"),
    no_errors("person_actuals", "quota_people", "Deals.id", "Deals.revenue"),
    no_errors("line_actuals", "sprint", "Deals.id", "Deals.revenue"),
    no_errors("seller_attainment", "commission", "Quotas.person", "Deals.revenue"),
))  # fmt: skip
