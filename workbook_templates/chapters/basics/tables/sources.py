"""What was confirmed of files from elsewhere, source by source."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables import sources
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs, Word

KINDS = (
    Word(sources.COLUMN, Text("列", "Column")),
    Word(sources.TAX, Text("税率", "Tax rate")),
    Word(sources.RATE, Text("汇率", "Exchange rate")),
    Word(sources.STATUS, Text("状态", "Status")),
    Word(sources.HIDDEN, Text("隐藏行", "Hidden rows")),
)

_SOURCES = TableSpec(
    sources.TABLE,
    Text("来源", "Sources"),
    (
        Column("source", Text("来源名称", "Source"), note=Text("导入时 --as 后的名称，如 金蝶", "the name after --as when importing, such as Kingdee")),
        Column("table", Text("导入的表", "Into Table"), note=Text("如 Deals、Transactions", "such as Deals, Transactions")),
        Column("kind", Text("内容", "What"), "word", words=KINDS),
        Column(
            "theirs",
            Text("对方的写法", "Theirs"),
            required=False,
            note=Text("文件的列名、币种或状态；税率、隐藏行不填", "their header, currency or status; blank for tax rate and hidden rows"),
        ),
        Column(
            "ours",
            Text("在计划中", "In the plan"),
            note=Text(
                "列的键（- 为不导入）、13%、汇率，或 take 计入、skip 不计、minus 按负数",
                "the column's key (- leaves it out), 13%, a rate, or take, skip, minus",
            ),
        ),
        Column("by", Text("确认人", "Confirmed by"), required=False),
        Column("on", Text("确认日期", "Confirmed on"), "date", required=False),
    ),
    ("source", "table", "kind", "theirs"),
    page=PageSpec(
        94,
        Text(
            "各来源的文件怎样读：确认过的列、税率、状态等记在这里，下次自动采用",
            "How each source's files are read: what was confirmed is kept here and taken the next time",
        ),
        Text("导入成功后由程序写入；写错的可改或删行", "Written when an import succeeds; correct or delete what is wrong"),
        widths={"source": 18, "table": 18, "kind": 14, "theirs": 28, "ours": 20, "by": 18},
        record=True,
    ),
)  # fmt: skip

TABLES = TableSpecs(17, (_SOURCES,))
