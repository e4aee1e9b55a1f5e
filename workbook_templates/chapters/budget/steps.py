"""The year's budget; nobody's pay waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.tables.steps import NextStep, State, Steps

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan


def _no_budget(state: State) -> bool:
    return not state.has("Budget")


def _no_budget_cell(plan: Plan) -> str:
    return f"COUNTA({plan.table('Budget').line})=0"


STEPS = Steps(70, (
    NextStep(
        code="budget",
        what=Text("填每月费用", "Enter the monthly budget"),
        button=Text("在“费用与ROI”页填写，或点“导入”、表填 Budget", "Fill in Budget, or click Import and give Budget"),
        command=Text("salesplan import 费用.csv {plan} --table Budget", "salesplan import budget.csv {plan} --table Budget"),
        place="Budget", missing=_no_budget, formula=_no_budget_cell, can_wait=True,
    ),
))  # fmt: skip
