"""What is to be reached by when, by whom, and what it waits for."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables.spec import Column, TableSpec, TableSpecs

CALENDAR = Text("导出日历", "Export calendar")

_MILESTONES = TableSpec(
    "Milestones",
    Text("里程碑", "Milestones"),
    (
        Column("id", Text("编号", "ID"), "id"),
        Column("name", Text("名称", "Name"), aliases=("里程碑", "milestone")),
        Column("chapter", Text("章", "Chapter"), "int", required=False, low=1, high=12, note=Text("属于哪一章，1–12", "of which chapter, 1 to 12")),
        Column("month", Text("月份", "Month"), "period", note=Text("从哪个月起做，写成 2027-05", "the month in which it begins, such as 2027-05")),
        Column("due", Text("期限", "Due"), "date", aliases=("到期日", "截止日期", "deadline")),
        Column("owner", Text("负责人工号", "Owner"), "id", refers="People.id", required=False),
        Column("done", Text("完成日期", "Done on"), "date", required=False),
        Column("evidence", Text("依据", "Evidence"), required=False),
        Column("depends", Text("依赖", "Waits for"), required=False, note=Text("里程碑编号，用、分隔", "IDs of milestones, separated by commas")),
        Column("told", Text("日历期限", "Due as exported"), "date", required=False, by_program=True, by=CALENDAR),
        Column("revision", Text("日历版次", "Revision"), "int", required=False, low=0, by_program=True, by=CALENDAR),
    ),
    ("id",),
    yearly=True,
)  # fmt: skip

TABLES = TableSpecs(112, (_MILESTONES,))
