"""The regions a market is made of."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables.spec import Column, TableSpec, TableSpecs
from workbook_templates.tables.words import PERCENT

_REGIONS = TableSpec(
    "Regions",
    Text("区域市场", "Regions"),
    (
        Column("region", Text("区域", "Region"), "id"),
        Column("buyers", Text("潜在客户数", "Buyers"), "int", Text("家", "count"), low=0),
        Column("spend", Text("年采购额", "Yearly spend"), "money", Text("元/家", "yuan each"), low=0),
        Column("serviceable", Text("可服务份额", "Serviceable share"), "rate", PERCENT, low=0, high=1),
        Column("coverage", Text("渠道覆盖率", "Channel coverage"), "rate", PERCENT, low=0, high=1),
        Column("win_rate", Text("赢单率", "Win rate"), "rate", PERCENT, low=0, high=1),
    ),
    ("region",),
)

TABLES = TableSpecs(10, (_REGIONS,))
