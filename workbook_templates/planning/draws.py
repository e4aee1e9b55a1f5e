"""预支 / Draws: who is guaranteed how much a month; the statements carry what is owed from month to month."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates import style
from workbook_templates.planning.builder import Plan

ORDER = 43
_TABLE_ROW = 6


def build(plan: Plan) -> None:
    page = plan.page(
        "draws",
        Text("预支", "Draws"),
        Text(
            "每月保底预支：应得不足时补足，超出时扣回；提成单逐月结转欠款余额",
            "A draw a month: topped up where too little was earned, recovered from what exceeds it; statements carry what is owed",
        ),
        tab=style.INPUT,
        freeze=f"A{_TABLE_ROW + 1}",
        todo=Text("有预支的人加一行；停发时填截止月", "A row for each person with a draw; enter the last month when it ends"),
    )
    page.print_titles(_TABLE_ROW)
    page.records("Draws", f"B{_TABLE_ROW}")
