"""The budget, a line and month a row."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables.spec import Column, TableSpec, TableSpecs
from workbook_templates.tables.words import BUDGET_LINES, YUAN

_BUDGET = TableSpec(
    "Budget",
    Text("费用与归因收入", "Budget and attributed revenue"),
    (
        Column("line", Text("费用项", "Line"), "word", words=BUDGET_LINES),
        Column("month", Text("月份", "Month"), "int", low=1, high=12),
        Column("planned", Text("计划", "Planned"), "money", YUAN),
        Column("actual_cost", Text("实际费用", "Actual cost"), "money", YUAN, required=False),
        Column("revenue", Text("归因收入", "Attributed revenue"), "money", YUAN, required=False),
        # The plan stays as it was signed; what a month may spend after the ROI check is written beside it.
        Column(
            "approved",
            Text("核定预算", "Approved budget"),
            "money",
            YUAN,
            required=False,
            low=0,
            by_program=True,
            by=Text("滚动预算", "Roll budget"),
            note=Text("由“滚动预算”写入", "written by “Roll budget”"),
        ),
    ),
    ("line", "month"),
    yearly=True,
)

TABLES = TableSpecs(14, (_BUDGET,))
