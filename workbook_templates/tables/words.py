"""The words that cells of several Tables choose from, and their units."""

from __future__ import annotations

from udfs.policy import POLICIES
from udfs.text import Text
from workbook_templates.tables.spec import Column, Word

LEVELS = (
    Word("director", Text("总监", "Director")),
    Word("manager", Text("经理", "Manager")),
    Word("supervisor", Text("主管", "Supervisor")),
    Word("representative", Text("代表", "Rep"), ("销售代表", "Representative")),
)
LINES = (
    Word("direct", Text("行业", "Industry"), ("直销", "Direct")),
    Word("channel", Text("区域", "Region"), ("渠道", "Channel")),
    Word("solution", Text("场景", "Scenario"), ("解决方案", "Solution")),
)
PRODUCT_LINES = (
    Word("ultra", Text("旗舰 Ultra", "Ultra"), ("旗舰",)),
    Word("eco", Text("经济 Eco", "Eco"), ("经济", "普惠 Eco", "普惠")),
    Word("flex", Text("定制 Flex", "Flex"), ("定制", "柔性 Flex", "柔性")),
    Word("service", Text("运维服务", "Service"), ("服务",)),
)
LEDGER_KINDS = (
    Word("accrual", Text("计提", "Accrual")),
    Word("adjustment", Text("调整", "Adjustment")),
    Word("override", Text("手工", "Manual"), ("Override",)),  # a person's decision: says who and why, computing never touches it
)
LEDGER_STATES = (
    Word("computed", Text("计算", "Computed")),
    Word("reviewed", Text("审核", "Reviewed")),
    Word("disputed", Text("异议中", "Disputed"), ("争议",)),
    Word("locked", Text("锁定", "Locked")),
    Word("paid", Text("已付", "Paid")),
)
YES_NO = (Word("yes", Text("是", "Yes"), ("true", "y", "1")), Word("no", Text("否", "No"), ("false", "n", "0")))
GRADES = tuple(Word(g, Text(g, g)) for g in "ABCD")
_LINE_CODES = ("people", "rebates", "market", "travel", "training", "other")
# The lines of the budget are the policy's own, in its order.
BUDGET_LINES = tuple(
    Word(c, Text(i.zh, i.en[:1].upper() + i.en[1:])) for c, i in zip(_LINE_CODES, POLICIES["budget.shares"].items, strict=True)
)

YUAN = Text("元", "yuan")
PERCENT = Text("比例", "share")
POINTS = Text("1–5 分", "1–5")


def score(key: str, zh: str, en: str) -> Column:
    return Column(key, Text(zh, en), "score", POINTS, low=1, high=5, required=False)
