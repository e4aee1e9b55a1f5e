"""What was ordered (Tasks), who answers for what (Roles), and what was let through (Waivers)."""

from __future__ import annotations

from functools import partial

from udfs.text import Text
from workbook_templates.tables import duties
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs, by_button
from workbook_templates.tables.words import LINES

NIGHTLY = Text("每日例行", "Daily routine")


_written = partial(by_button, NIGHTLY)

_TASKS = TableSpec(
    duties.TABLE,
    Text("待办", "Tasks"),
    (
        _written("id", "编号", "ID", "id", required=True),
        _written("rule", "规则", "Rule", required=True),
        _written("object", "对象", "Object", "id", required=True),
        _written("episode", "期次", "Episode", "id", required=True),
        _written("title", "事项", "What to do", required=True),
        Column("owner", Text("负责人工号", "Owner"), "id", refers="People.id"),
        Column("others", Text("参加人", "Others"), required=False, note=Text("工号，用、分隔", "IDs, separated by commas")),
        _written("opened_at", "下达时间", "Ordered at", "time", required=True),
        Column("due_at", Text("期限", "Due"), "time"),
        Column("status", Text("状态", "Status"), "word", words=duties.STATES),
        Column("done_at", Text("完成时间", "Done at"), "time", required=False),
        Column(
            "result",
            Text("结果", "Result"),
            required=False,
            note=Text("完成或取消时必填：做了什么、结果如何", "needed when done or cancelled: what was done, what came of it"),
        ),
        _written("link", "位置", "Where"),
    ),
    ("rule", "object", "episode"),
    yearly=True,
)

_ROLES = TableSpec(
    "Roles",
    Text("岗位", "Roles"),
    (
        Column("role", Text("岗位", "Role"), "word", words=duties.ROLES),
        Column("line", Text("条线", "Line"), "word", words=LINES, required=False, note=Text("空：所有条线", "blank: all lines")),
        Column("person", Text("工号", "Person"), "id", refers="People.id"),
        Column("from", Text("起", "From"), "date"),
        Column("until", Text("止", "Until"), "date", required=False, note=Text("空：至今", "blank: until further notice")),
    ),
    ("role", "line", "from"),
    page=PageSpec(
        4.3,
        Text(
            "岗位由谁担任；待办按岗位找负责人",
            "Who has which role; tasks find their owner by it",
        ),
        Text("至少填总监；有售后、法务等的一并填", "Enter at least the director; service, legal and others where there are any"),
        title=Text("岗位与放行", "Roles and waivers"),
    ),
)

_WAIVERS = TableSpec(
    "Waivers",
    Text("放行", "Waivers"),
    (
        Column("gate", Text("关卡", "Gate"), note=Text("如 ROI目标", "such as ROI target")),
        Column("object", Text("对象", "Object"), "id"),
        Column("reason", Text("理由", "Reason")),
        Column("by", Text("放行人工号", "Let through by"), "id", refers="People.id"),
        Column("second", Text("复核人工号", "Second person"), "id", refers="People.id"),
        Column("until_on", Text("有效期至", "Until"), "date"),
    ),
    ("gate", "object", "until_on"),
    page=PageSpec(
        4.4,
        Text(
            "两人放行：在有效期内，这道关卡对这个对象不拦",
            "Two people let it through: until that day the gate does not stop this object",
        ),
        Text("写明理由；两人不能是同一人", "Say why; the two must be different people"),
        beside="roles",
    ),
    yearly=True,
)

TABLES = TableSpecs(4.5, (_TASKS, _ROLES, _WAIVERS))
