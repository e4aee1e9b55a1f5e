"""The year's budget; nobody's pay waits for it."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables.steps import NextStep, Steps, none_in, without

STEPS = Steps(70, (
    NextStep(
        code="budget",
        what=Text("填每月费用", "Enter the monthly budget"),
        button=Text("在“11 费用”页填写，或点“导入”、表填 Budget", "Fill in Budget, or click Import and give Budget"),
        command=Text("salesplan import 费用.csv {plan} --table Budget", "salesplan import budget.csv {plan} --table Budget"),
        place="Budget", missing=without("Budget"), formula=none_in("Budget", "line"), can_wait=True,
    ),
))  # fmt: skip
