"""The Table of draws: who is guaranteed how much a month, from when to when, and how it is recovered."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.schema.core import Column, TableSpec, Word
from workbook_templates.schema.words import YUAN

ORDER = 62

# As the DRAW function takes them.
DRAW_KINDS = (
    Word("recoverable", Text("可收回", "Recoverable")),
    Word("recoverable_first", Text("先扣后补", "Recovered first")),
    Word("nonrecoverable", Text("不可收回", "Nonrecoverable")),
    Word("advance", Text("预支", "Advance")),
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
    ),
    ("person", "from"),
)

TABLES = (_DRAWS,)
