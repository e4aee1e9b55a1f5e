"""变更记录 / Change log: who changed what, when; the buttons and the command line add the rows."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates import style
from workbook_templates.planning.builder import Plan

ORDER = 99
_ROW = 6


def build(plan: Plan) -> None:
    page = plan.page(
        "changes",
        Text("变更记录", "Change log"),
        Text(
            "每次按钮或命令改了哪些单元格：时间、操作人、原值、新值",
            "What each button or command changed: when, who, old and new value",
        ),
        tab=style.MUTED,
        freeze=f"A{_ROW + 1}",
        todo=Text("不用填写；复核时查阅", "Nothing to fill in; look here when reviewing"),
    )
    page.width(B=18, C=16, D=24, E=16, F=14, G=30, H=30)
    page.print_titles(_ROW)
    page.records("ChangeLog", f"B{_ROW}")
