"""The words that cells of several Tables choose from, and their units."""

from __future__ import annotations

from udfs.policy import POLICIES
from udfs.text import Text
from workbook_templates.tables.own_words import OwnWords
from workbook_templates.tables.spec import Column, Word

RANKS = (
    Word("director", Text("总监", "Director")),
    Word("manager", Text("经理", "Manager")),
    Word("supervisor", Text("主管", "Supervisor")),
    Word("representative", Text("代表", "Rep"), ("销售代表", "Representative")),
)
LEVELS = OwnWords("levels", Text("层级", "Level"), RANKS)
LINES = OwnWords("lines", Text("条线", "Sales line"), (
    Word("direct", Text("行业", "Industry"), ("直销", "Direct")),
    Word("channel", Text("区域", "Region"), ("渠道", "Channel")),
    Word("solution", Text("场景", "Scenario"), ("解决方案", "Solution")),
))  # fmt: skip
PRODUCT_LINES = OwnWords("product_lines", Text("产品线", "Product line"), (
    Word("ultra", Text("旗舰 Ultra", "Ultra"), ("旗舰",)),
    Word("eco", Text("经济 Eco", "Eco"), ("经济", "普惠 Eco", "普惠")),
    Word("flex", Text("定制 Flex", "Flex"), ("定制", "柔性 Flex", "柔性")),
    Word("service", Text("运维服务", "Service"), ("服务",)),
))  # fmt: skip
# What a row of the ledger is (money.md 1). Amounts are what they do to pay or to the balance named.
LEDGER_KINDS = (
    Word("accrual", Text("计提", "Accrual")),
    Word("late", Text("补计", "Late deal")),  # an accrual whose own month was no longer open
    Word("held", Text("待发", "Held")),  # accrued, not released yet
    Word("release", Text("转可发", "Released")),  # held to pay; a refund sends it back
    Word("cancel", Text("注销", "Cancelled")),  # held to nothing
    Word("clawback", Text("追回", "Clawback")),
    Word("adjustment", Text("调整", "Adjustment")),
    # A person's decision: says who and why, computing never touches it.
    Word("manual", Text("手工", "Manual"), ("Override", "override")),
    Word("mgr", Text("上级提成", "Manager override")),
    Word("special", Text("专项", "Special bonus")),
    Word("bonus", Text("奖金", "Bonus")),
    Word("draw", Text("预支", "Draw")),
    Word("recovery", Text("扣回预支", "Draw recovery")),
    Word("hold", Text("暂缓", "On hold")),
    Word("unhold", Text("解除暂缓", "Off hold")),
)
LEDGER_COMPONENTS = (
    Word("commission", Text("提成", "Commission")),
    Word("special", Text("专项", "Special bonus")),
    Word("override", Text("上级提成", "Manager override")),
    Word("bonus", Text("奖金", "Bonus")),
    Word("draw", Text("预支", "Draw")),
    Word("hold", Text("暂缓", "Hold")),
)
CREDIT_ROLES = (
    Word("seller", Text("主办", "Seller"), ("主办销售",)),
    Word("partner", Text("协同", "Partner"), ("协同销售",)),
    Word("overlay", Text("支持", "Overlay"), ("叠加", "售前", "支持岗")),
    Word("override", Text("上级", "Manager"), ("上级提成", "manager override")),
)
CUSTOMER_KINDS = OwnWords("customer_kinds", Text("新老客户", "Customer kind"), (
    Word("new", Text("新客户", "New"), ("新客", "新")),
    Word("existing", Text("老客户", "Existing"), ("老客", "老", "存量")),
))  # fmt: skip
FUNNEL, STORE = "funnel", "store"
ORDER_SOURCES = (  # the channels of B and C customers
    Word(FUNNEL, Text("数字化漏斗", "Digital funnel"), ("数字漏斗",)),
    Word(STORE, Text("线上商城", "Online store"), ("云商城", "商城", "web shop")),
)
STATEMENTS = OwnWords("statements", Text("邮件与对账单", "Statements"), (
    Word("statement", Text("提成对账单", "Commission statement"), ("提成单", "对账单")),
    Word("team", Text("团队汇总", "Team summary"), ("团队",)),
    Word("dealer", Text("返利对账单", "Rebate statement"), ("经销商工作簿", "Dealer workbook", "经销商")),
    Word("cockpit", Text("总监驾驶舱", "Director's cockpit"), ("驾驶舱",)),
    Word("feed", Text("客户变动提醒", "Customer news"), ("变动提醒",)),
))  # fmt: skip
CASH_KINDS = (
    Word("payment", Text("回款", "Payment"), ("收款", "付款")),
    Word("refund", Text("退款", "Refund")),
    Word("retention", Text("质保金", "Retention")),
    Word("bad_debt", Text("坏账", "Bad debt"), ("bad debt", "baddebt")),
)
RULE_BASES = (
    Word("margin", Text("毛利", "Gross margin"), ("margin",)),
    Word("revenue", Text("收入", "Revenue")),
    Word("cash", Text("回款", "Collections"), ("cash",)),
)
RULE_COMPONENTS = LEDGER_COMPONENTS[:2]
LEDGER_STATES = (
    Word("computed", Text("计算", "Computed")),
    Word("reviewed", Text("审核", "Reviewed")),
    Word("disputed", Text("异议中", "Disputed"), ("争议",)),
    Word("locked", Text("锁定", "Locked")),
    Word("paid", Text("已发放", "Paid"), ("已付",)),
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
