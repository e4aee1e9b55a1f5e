"""Who shares in the profit pool; grants of phantom shares."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables.spec import Column, TableSpec, TableSpecs
from workbook_templates.tables.words import GRADES, LEVELS, PERCENT, YES_NO

_POOL = TableSpec(
    "Pool",
    Text("利润分享", "Profit pool"),
    (
        Column("person", Text("工号", "ID"), "id", refers="People.id"),
        Column("name", Text("姓名", "Name"), "text"),
        Column("performance", Text("业绩分", "Performance points"), "number", low=0),
        Column("success", Text("客户成功分", "Success points"), "number", low=0),
        Column("value_score", Text("价值观分", "Values points"), "number", low=0),
        Column("is_director", Text("是否总监", "Director"), "flag", words=YES_NO),
    ),
    ("person",),
    yearly=True,
)


_GRANTS = TableSpec(
    "Grants",
    Text("虚拟股权", "Phantom shares"),
    (
        Column("person", Text("工号", "ID"), "id", refers="People.id"),
        Column("name", Text("姓名", "Name"), "text"),
        Column("level", Text("层级", "Level"), "word", words=LEVELS),
        Column("years_met", Text("连续达成年数", "Years met"), "int", Text("年", "years"), low=0),
        Column("grade", Text("价值观等级", "Values grade"), "word", words=GRADES),
        Column("grant", Text("授予比例", "Grant"), "rate", PERCENT, low=0, high=1),
        Column("granted_on", Text("授予日", "Granted on"), "date", required=False),
        Column("left_on", Text("离职日", "Left on"), "date", required=False),
    ),
)

TABLES = TableSpecs(
    15,
    (
        _POOL,
        _GRANTS,
    ),
)
