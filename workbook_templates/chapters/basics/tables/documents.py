"""What was made for a plan and lies in its folder of documents."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates import documents
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs

_DOCUMENTS = TableSpec(
    documents.TABLE,
    Text("文档", "Documents"),
    (
        Column("id", Text("编号", "ID"), "id"),
        Column("kind", Text("类别", "Kind")),
        Column("object", Text("对象", "Object"), "id"),
        Column("file", Text("文件名", "File")),
        Column("sha256", Text("校验码", "Checksum"), "id"),
        Column("made_on", Text("日期", "Date"), "date"),
        Column("by", Text("经办人", "By")),
    ),
    ("id",),
    page=PageSpec(
        98.5,
        Text("计划旁“文档”文件夹里的文件：方案、纪要、合同、日历", "The files in the folder beside the plan: decks, minutes, contracts, calendars"),
        Text("不用填写；按钮生成文档时登记", "Nothing to fill in; buttons list what they make"),
        widths={"file": 40, "sha256": 68, "object": 14, "kind": 14},
        record=True,
    ),
    by_program=True,
    yearly=True,
)  # fmt: skip

TABLES = TableSpecs(15.5, (_DOCUMENTS,))
