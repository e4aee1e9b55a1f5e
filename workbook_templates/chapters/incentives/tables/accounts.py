"""What a person is paid, month by month: the account; and the facts beside the deals that decide it (money.md 1, 2, 3, 6, 7)."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs, Word
from workbook_templates.tables.words import (
    CASH_KINDS,
    CREDIT_ROLES,
    CUSTOMER_KINDS,
    LEVELS,
    LINES,
    PERCENT,
    PRODUCT_LINES,
    RULE_BASES,
    RULE_COMPONENTS,
    YUAN,
)

ACCOUNT_STATES = (
    Word("estimated", Text("预估", "Estimated")),
    Word("reviewed", Text("已审核", "Reviewed")),
    Word("final", Text("最终", "Final")),
    Word("paid", Text("已发放", "Paid")),
)


def _fen(key: str, zh: str, en: str, note: Text = Text("", "")) -> Column:
    return Column(key, Text(zh, en), "fen", YUAN, note=note)


_ACCOUNTS = TableSpec(
    "Accounts",
    Text("提成账户", "Accounts"),
    (
        Column("person", Text("工号", "ID"), "id", refers="People.id"),
        Column("month", Text("月份", "Month"), "period"),
        _fen("opening", "期初结转", "Opening carry"),
        _fen("released", "计提可发", "Accrued, released"),
        _fen("clawback", "追回", "Clawback"),
        _fen("adjustment", "调整", "Adjustment"),
        _fen("bonus", "奖金", "Bonus"),
        _fen("draw_paid", "预支", "Draw advanced"),
        _fen("draw_recovered", "扣回预支", "Draw recovered"),
        _fen("hold_on", "转入暂缓", "Newly on hold"),
        _fen("hold_off", "解除暂缓", "Taken off hold"),
        _fen("paid", "应发", "Paid"),
        _fen("closing", "期末结转", "Closing carry"),
        _fen("held", "待发余额", "Held"),
        _fen("draw_debt", "预支欠款", "Draw debt"),
        _fen("on_hold", "暂缓余额", "On hold"),
        Column("statement", Text("对账单", "Statement"), "word", words=ACCOUNT_STATES),
        _fen("bookings", "当月签单", "Bookings"),
        Column("quota", Text("当月指标", "Quota"), "fen", YUAN, required=False),
        Column("attainment", Text("达成率", "Attainment"), "rate", PERCENT, required=False),
        _fen("year_to_date", "年累计应发", "Paid, year to date"),
        Column("note", Text("结转说明", "Carried because"), required=False),
    ),
    ("person", "month"),
    page=PageSpec(
        41.2,
        Text(
            "每人每月一行：期初结转 + 各项 = 应发 + 期末结转；对账单、工资表读这里",
            "By person and month: opening + movements = paid + closing; statements and payroll read it",
        ),
        frozen=2,
    ),
    by_program=True,
    by=Text("计算提成", "Compute commissions"),
    identity=("person", "month"),
    judged=(
        "statement",
        "attainment",
        "opening",
        "released",
        "clawback",
        "adjustment",
        "bonus",
        "draw_paid",
        "draw_recovered",
        "hold_on",
        "hold_off",
        "paid",
        "closing",
    ),
)

_CREDITS = TableSpec(
    "Credits",
    Text("分单", "Credits"),
    (
        Column("deal", Text("单号", "Deal ID"), "id", refers="Deals.id", aliases=("订单号", "合同号")),
        Column("person", Text("工号", "ID"), "id", refers="People.id"),
        Column("role", Text("角色", "Role"), "word", words=CREDIT_ROLES, required=False, default="seller"),
        Column("share", Text("归属份额", "Credit share"), "rate", PERCENT, low=0, high=1),
    ),
    ("deal", "person", "role"),
    page=PageSpec(
        21.2,
        Text(
            "三人以上或有支持岗的订单在这里分单；有分单的订单以此为准，退货随原单",
            "Credits beyond seller and partner; where a deal is named here this decides, returns follow",
        ),
        Text("主办与协同合计 100%，支持与上级另加", "Sellers and partners make 100%; overlay and manager come on top"),
        title=Text("分单与回款", "Credits and collections"),
    ),
)

_RULES = TableSpec(
    "Rules",
    Text("提成规则", "Commission rules"),
    (
        Column("order", Text("顺序", "Order"), "int", low=1),
        Column("component", Text("项目", "Component"), "word", words=RULE_COMPONENTS, required=False, default="commission"),
        Column("name", Text("规则名称", "Rule"), required=False),
        Column("line", Text("条线", "Sales line"), "word", words=LINES, required=False),
        Column("product_line", Text("产品线", "Product line"), "word", words=PRODUCT_LINES, required=False, open_words=True),
        Column("customer_kind", Text("新老客户", "Customer kind"), "word", words=CUSTOMER_KINDS, required=False),
        Column("level", Text("层级", "Level"), "word", words=LEVELS, required=False),
        Column("person", Text("工号", "ID"), "id", refers="People.id", required=False),
        Column("from", Text("起始日期", "From"), "date", required=False),
        Column("until", Text("截止日期", "Until"), "date", required=False),
        Column("basis", Text("计提口径", "Basis"), "word", words=RULE_BASES, required=False, default="margin"),
        Column(
            "tiers",
            Text("提成档", "Tiers"),
            required=False,
            note=Text(
                "档表名称，或一个比例如 10%；留空：参数中的档",
                "a tier table's name, or one rate such as 10%; blank: the plan's tiers",
            ),
        ),
        Column(
            "gate",
            Text("达成门槛", "Gate"),
            "rate",
            PERCENT,
            required=False,
            low=0,
            note=Text("达成率低于此不计提", "below this attainment nothing is earned"),
        ),
        Column(
            "accelerator",
            Text("加速档", "Accelerator"),
            required=False,
            note=Text("档表名称：达成率 → 系数", "a tier table's name: attainment → factor"),
        ),
        Column("floor", Text("每单下限", "Floor a deal"), "money", YUAN, required=False, low=0),
        Column("cap", Text("每单上限", "Cap a deal"), "money", YUAN, required=False, low=0),
    ),
    ("order",),
    page=PageSpec(
        21.3,
        Text(
            "同一项目取第一条适用的规则，各项目相加；不填按参数中的毛利提成档",
            "The first rule that fits a component decides, components add up; empty: tiers of Settings",
        ),
        Text("筛选列留空表示不限", "A blank filter fits everything"),
        title=Text("规则与变更", "Rules and changes"),
        widths={"accelerator": 11.0, "gate": 8.0, "order": 8.0},
    ),
    identity=("order", "component", "name"),
    judged=(
        "tiers",
        "basis",
        "line",
        "product_line",
        "customer_kind",
        "level",
        "person",
        "from",
        "until",
        "gate",
        "accelerator",
    ),
)

_TIER_TABLES = TableSpec(
    "TierTables",
    Text("档表", "Tier tables"),
    (
        Column("name", Text("档表名称", "Tier table")),
        Column("valid_from", Text("生效日期", "Valid from"), "date", required=False),
        Column(
            "threshold", Text("下限", "From"), "number", note=Text("毛利率、收入或达成率", "margin rate, revenue or attainment")
        ),
        Column("rate", Text("比例或系数", "Rate or factor"), "number", low=0),
    ),
    ("name", "valid_from", "threshold"),
    page=PageSpec(21.4, Text("提成规则引用的档，每张只写一次", "The tiers that rules name; one table each"), beside="rules"),
)

_COLLECTIONS = TableSpec(
    "Collections",
    Text("回款", "Collections"),
    (
        Column("deal", Text("单号", "Deal ID"), "id", refers="Deals.id", aliases=("订单号", "合同号", "合同编号")),
        Column("date", Text("回款日期", "Date"), "date", aliases=("收款日期", "到账日期")),
        Column("amount", Text("回款金额", "Amount"), "money", YUAN, aliases=("收款金额", "到账金额")),
        Column("kind", Text("类型", "Kind"), "word", words=CASH_KINDS, required=False, default="payment"),
        Column(
            "invoice",
            Text("发票号", "Invoice"),
            "id",
            required=False,
            aliases=("应收单号", "invoice no"),
        ),
    ),
    page=PageSpec(
        22.5,
        Text(
            "每笔到账、退款、质保金与坏账（不含税）；提成按回款发放时以此为准",
            "Every payment, refund, retention and bad debt, net of VAT; commission on collection follows it",
        ),
        Text("退款填负数；坏账填正数", "A refund is negative, a bad debt positive"),
        beside="credits",
    ),
    pasted=True,
)

_HOLDS = TableSpec(
    "Holds",
    Text("暂缓发放", "Holds"),
    (
        Column(
            "person",
            Text("工号", "ID"),
            "id",
            refers="People.id",
            required=False,
            note=Text("留空：此单的所有人", "blank: everybody of the deal"),
        ),
        Column(
            "deal",
            Text("单号", "Deal ID"),
            "id",
            refers="Deals.id",
            required=False,
            note=Text("留空：此人全部应发", "blank: everything payable"),
        ),
        Column("from", Text("起始月", "From"), "period"),
        Column(
            "until",
            Text("截止月", "Until"),
            "period",
            required=False,
            note=Text("含当月；留空：继续", "included; blank: goes on"),
        ),
        Column("reason", Text("原因", "Reason")),
        Column("by", Text("决定人", "Decided by")),
    ),
    ("person", "deal", "from"),
    page=PageSpec(
        42.6,
        Text(
            "暂缓发放的人或订单；期满后的第一个月一并发放",
            "People or deals whose pay is on hold; it is paid in full in the first month after",
        ),
    ),
)

TABLES = TableSpecs(61, (_ACCOUNTS, _CREDITS, _RULES, _TIER_TABLES, _COLLECTIONS, _HOLDS))
