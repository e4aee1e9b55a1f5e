"""What was changed, by whom and when."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs

_CHANGELOG = TableSpec(
    "ChangeLog",
    Text("变更记录", "Change log"),
    (
        Column("time", Text("时间", "Time"), "time"),
        Column("who", Text("操作人", "Who")),
        Column("action", Text("操作", "Action")),
        Column("sheet", Text("工作表", "Sheet")),
        Column("cell", Text("单元格", "Cell")),
        Column("old", Text("原值", "Old")),
        Column("new", Text("新值", "New")),
    ),
    page=PageSpec(
        99,
        Text(
            "每次按钮或命令改了哪些单元格：时间、操作人、原值、新值",
            "What each button or command changed: when, who, old and new value",
        ),
        Text("不用填写；复核时查阅", "Nothing to fill in; look here when reviewing"),
        widths={"time": 18, "who": 16, "action": 24, "sheet": 16, "cell": 14, "old": 30, "new": 30},
        record=True,
    ),
    by_program=True,
    yearly=True,
)

TABLES = TableSpecs(16, (_CHANGELOG,))
