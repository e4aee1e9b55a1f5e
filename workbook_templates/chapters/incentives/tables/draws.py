"""The Table of draws: who is guaranteed how much a month, from when to when, and how it is recovered."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs, Word
from workbook_templates.tables.words import YUAN

# As the DRAW function takes them.
DRAW_KINDS = (
    Word("recoverable", Text("可扣回", "Recoverable"), ("可收回",)),
    Word("recoverable_first", Text("先扣后补", "Recovered first")),
    Word("nonrecoverable", Text("保底(不扣回)", "Non-recoverable"), ("不可收回", "Nonrecoverable", "保底（不扣回）")),
    Word("advance", Text("滚动预支", "Rolling"), ("预支", "Advance")),
    Word("delayed", Text("延后扣回", "Delayed")),
)
_MONTH = Text("填写如 2027-03", "write it as 2027-03")

_DRAWS = TableSpec(
    "Draws",
    Text("预支", "Draws"),
    (
        Column("person", Text("工号", "ID"), "id", refers="People.id"),
        Column("from", Text("起始月", "From"), "period", note=_MONTH),
        Column("until", Text("截止月", "Until"), "period", required=False, note=Text("留空：继续", "blank: goes on")),
        Column("amount", Text("每月预支", "Draw a month"), "money", YUAN, low=0),
        Column("kind", Text("方式", "Kind"), "word", words=DRAW_KINDS),
        Column("balance", Text("期初欠款", "Owed at the start"), "fen", YUAN, required=False, low=0),
        Column(
            "recover_from",
            Text("第几月起扣回", "Recovered from month"),
            "int",
            required=False,
            low=1,
            note=Text("仅延后扣回", "for a delayed draw"),
        ),
        Column(
            "recover_most",
            Text("每月最多扣回", "Recovered a month"),
            "money",
            YUAN,
            required=False,
            low=0,
            note=Text("仅延后扣回", "for a delayed draw"),
        ),
    ),
    ("person", "from"),
    page=PageSpec(
        42.5,
        Text(
            "每月保底预支：应得不足时补足，超出时扣回；提成对账单逐月结转欠款余额",
            "A draw a month: topped up where too little was earned, recovered from what exceeds it; statements carry what is owed",
        ),
        Text("有预支的人加一行；停发时填截止月", "A row for each person with a draw; enter the last month when it ends"),
        beside="transfers",
    ),
)

TABLES = TableSpecs(62, (_DRAWS,))
