"""Who sells, at which level, since when; and who moved."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs, Word
from workbook_templates.tables.words import LEVELS, LINES, score

# Where somebody stands on the as-of date; the last day of work counts.
ACTIVE, LEFT, COMING = Text("在岗", "Active"), Text("离职", "Left"), Text("未入职", "To join")
_STATES = (Word("active", ACTIVE), Word("left", LEFT), Word("coming", COMING))

_PEOPLE = TableSpec(
    "People",
    Text("人员", "People"),
    (
        Column("id", Text("工号", "ID"), "id", aliases=("员工编号", "人员编号", "employee id", "staff id")),
        Column("name", Text("姓名", "Name"), "text", aliases=("员工姓名", "employee")),
        Column("level", Text("层级", "Level"), "word", words=LEVELS, aliases=("职级", "级别")),
        Column("line", Text("条线", "Line"), "word", words=LINES, aliases=("业务线",)),
        Column("region", Text("区域", "Region"), "text", refers="Regions.region", required=False),
        Column("manager", Text("上级工号", "Manager ID"), "id", refers="People.id", required=False, aliases=("上级", "manager")),
        Column("joined", Text("入职日期", "Joined"), "date", aliases=("入职日", "hire date")),
        Column("left", Text("离职日期", "Left"), "date", required=False, aliases=("离职日", "leave date")),
        Column("email", Text("邮箱", "Email"), "text", required=False, aliases=("电子邮箱", "e-mail", "mail")),
        Column(
            "quota_weight",
            Text("指标权重", "Quota weight"),
            "number",
            low=0,
            required=False,
            note=Text("留空：无下级的算 1，有下级的算 0", "blank: 1 for who leads nobody, 0 for who leads others"),
        ),
        score("performance", "绩效", "Performance"),
        score("potential", "潜力", "Potential"),
        score("value_score", "价值观", "Values"),
        Column(
            "customers",
            Text("活跃客户数", "Active customers"),
            "int",
            Text("家", "count"),
            # Who bought in the last twelve months; before the tiers were ever refreshed nobody knows, and all count.
            formula=(
                '=IF({id}="",0,COUNTIFS({Customers.owner},{id},{Customers.alias_of},"",{Customers.sales_12m},">0")'
                '+COUNTIFS({Customers.owner},{id},{Customers.alias_of},"",{Customers.sales_12m},""))'
            ),
        ),
        Column(
            "state",
            Text("状态", "State"),
            "word",
            words=_STATES,
            required=False,
            formula=(
                '=IF({id}="","",IF(AND(N({left})>0,N({left})<as_of),{People.state=left},'
                "IF(N({joined})>as_of,{People.state=coming},{People.state=active})))"
            ),
        ),
    ),
    ("id",),
    pasted=True,
    identity=("id", "name"),
    judged=("state", "level", "line", "region", "manager", "joined", "left", "quota_weight", "customers"),
)


_TRANSFERS = TableSpec(
    "Transfers",
    Text("人员异动", "Transfers"),
    (
        Column("person", Text("工号", "ID"), "id", refers="People.id"),
        Column("valid_from", Text("生效日期", "Valid from"), "date"),
        Column("level", Text("新层级", "New level"), "word", words=LEVELS, required=False),
        Column("line", Text("新条线", "New line"), "word", words=LINES, required=False),
        Column("region", Text("新区域", "New region"), "text", refers="Regions.region", required=False),
        Column("manager", Text("新上级工号", "New manager ID"), "id", refers="People.id", required=False),
        Column("reason", Text("原因", "Reason"), "text", required=False),
    ),
    ("person", "valid_from"),
    page=PageSpec(
        21.5,
        Text(
            "“人员”是年初（或入职时）的情况；年中调动在这里登记，从生效日起算",
            "People says how the year began; moves in mid-year are entered here and hold from their day",
        ),
        Text("调动时加一行；不变的留空", "A row for each transfer; leave blank what stays"),
        title=Text("异动与预支", "Moves and draws"),
    ),
)

TABLES = TableSpecs(
    11,
    (
        _PEOPLE,
        _TRANSFERS,
    ),
)
