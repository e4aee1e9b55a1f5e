"""What was changed, by whom and when."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables.spec import Column, TableSpec, TableSpecs

UNDO = Text("撤销上一步", "Undo last action")  # as the log has it

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
    by_program=True,
    yearly=True,
)

TABLES = TableSpecs(16, (_CHANGELOG,))
