"""Deals of the plan's year up to its day, as every sheet asks for them: last year's deals may stand there, too."""

from __future__ import annotations

from workbook_templates.page.builder import Plan

Condition = tuple[str, str, str]  # a column, how it compares, with what


def days(plan: Plan) -> tuple[Condition, Condition]:
    """From when to when a deal was signed."""
    date = plan.table("Deals").date
    return (date, ">=", f"DATE({plan.name('plan_year')},1,1)"), (date, "<=", plan.name("as_of"))


def asked(*conditions: Condition) -> str:
    """Conditions as SUMIFS and COUNTIFS take them."""
    return ",".join(f'{column},"{sign}"&{what}' for column, sign, what in conditions)


def to_date(plan: Plan) -> str:
    """The days, as SUMIFS and COUNTIFS take them."""
    return asked(*days(plan))
