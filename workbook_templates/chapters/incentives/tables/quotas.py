"""People's quotas."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables.spec import Column, TableSpec, TableSpecs
from workbook_templates.tables.words import YUAN

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
        # Joiners and leavers carry their weight for the days they are employed in the plan year.
        Column(
            "weight",
            Text("权重", "Weight"),
            "number",
            Text("按在职天数", "by days employed"),
            formula=(
                "=IFERROR(ROUND(INDEX({People.quota_weight},MATCH({person},{People.id},0))"
                "*MAX(0,MIN(IF(INDEX({People.left},MATCH({person},{People.id},0))=0,DATE(plan_year,12,31),"
                "INDEX({People.left},MATCH({person},{People.id},0))),DATE(plan_year,12,31))"
                "-MAX(INDEX({People.joined},MATCH({person},{People.id},0)),DATE(plan_year,1,1))+1)"
                "/(DATE(plan_year+1,1,1)-DATE(plan_year,1,1)),4),0)"
            ),
        ),
        Column("floor", Text("下限", "Floor"), "money", YUAN, required=False, low=0),
        Column("cap", Text("上限", "Cap"), "money", YUAN, required=False, low=0),
    ),
    ("person",),
)

TABLES = TableSpecs(13, (_QUOTAS,))
