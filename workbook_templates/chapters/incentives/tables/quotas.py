"""People's quotas."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs
from workbook_templates.tables.words import LINES, YUAN

_QUOTAS = TableSpec(
    "Quotas",
    Text("个人指标", "Quotas by person"),
    (
        Column("person", Text("工号", "ID"), "id", refers="People.id"),
        Column("name", Text("姓名", "Name"), "text"),
        Column(
            "region",
            Text("区域", "Region"),
            "text",
            formula='=IFERROR(INDEX({People.region},MATCH({person},{People.id},0))&"","")',
        ),
        # Joiners carry their weight for the days from joining on; leaving ends months and re-weighs nothing (the months say that).
        # A weight left blank counts 1 for who leads nobody, as in ``quota_months.weighed``.
        Column(
            "weight",
            Text("权重", "Weight"),
            "number",
            Text("按入职后天数", "days since joining"),
            formula=(
                '=IFERROR(ROUND(IF(INDEX({People.quota_weight},MATCH({person},{People.id},0))="",(COUNTIF({People.manager},{person})=0)*1,'
                "INDEX({People.quota_weight},MATCH({person},{People.id},0)))"
                "*(IF(INDEX({People.left},MATCH({person},{People.id},0))=0,DATE(plan_year,12,31),"
                "INDEX({People.left},MATCH({person},{People.id},0)))"
                ">=MAX(INDEX({People.joined},MATCH({person},{People.id},0)),DATE(plan_year,1,1)))"
                "*MAX(0,DATE(plan_year,12,31)-MAX(INDEX({People.joined},MATCH({person},{People.id},0)),DATE(plan_year,1,1))+1)"
                "/(DATE(plan_year+1,1,1)-DATE(plan_year,1,1)),4),0)"
            ),
        ),
        Column("floor", Text("下限", "Floor"), "money", YUAN, required=False, low=0),
        Column("cap", Text("上限", "Cap"), "money", YUAN, required=False, low=0),
    ),
    ("person",),
    yearly=True,
)

_QUOTA_CHANGES = TableSpec(
    "QuotaChanges",
    Text("指标变更", "Quota changes"),
    (
        Column("person", Text("工号", "ID"), "id", refers="People.id", aliases=("员工编号",)),
        Column("valid_from", Text("生效日期", "Valid from"), "date"),
        Column(
            "quota",
            Text("新年度指标", "New yearly quota"),
            "money",
            YUAN,
            low=0,
            note=Text("按全年填，从生效日起的月份按节奏取用", "for a whole year; its months from that day on count"),
        ),
        Column("by", Text("决定人", "Decided by")),
        Column("reason", Text("原因", "Reason")),
    ),
    ("person", "valid_from"),
    page=PageSpec(
        32.5,
        Text(
            "个人指标从某日起的新值（按全年填）；以前的月份与已审核的对账单不变",
            "A person's new quota from a day on, for a whole year; earlier months and reviewed statements keep theirs",
        ),
        Text("改指标时加一行，不要改权重", "Add a row to change a quota, don't change the weight"),
        beside="rules",
    ),
    yearly=True,
)

_SPRINT_FUND = TableSpec(
    "SprintFund",
    Text("旅游基金支出", "Travel fund spending"),
    (
        Column("line", Text("条线", "Sales line"), "word", words=LINES),
        Column(
            "quarter",
            Text("季度", "Quarter"),
            "int",
            low=1,
            high=4,
            note=Text("用的是哪一季的基金", "whose quarter's fund it is"),
        ),
        Column("date", Text("日期", "Date"), "date"),
        Column("spent", Text("支出", "Spent"), "fen", YUAN),
        Column("note", Text("说明", "Note"), required=False),
    ),
    yearly=True,
)

TABLES = TableSpecs(13, (_QUOTAS, _QUOTA_CHANGES, _SPRINT_FUND))
