"""Orders and returns, and the commission they earn."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables.spec import Column, TableSpec, TableSpecs
from workbook_templates.tables.words import (
    CREDIT_ROLES,
    CUSTOMER_KINDS,
    LEDGER_COMPONENTS,
    LEDGER_KINDS,
    LEDGER_STATES,
    ORDER_SOURCES,
    PERCENT,
    PRODUCT_LINES,
    YUAN,
)

_DEALS = TableSpec(
    "Deals",
    Text("成交", "Deals"),
    (
        Column("id", Text("单号", "Deal ID"), "id", aliases=("订单号", "合同号", "合同编号", "订单编号", "order id", "order no")),
        Column(
            "date",
            Text("签单日期", "Signed on"),
            "date",
            aliases=("日期", "订单日期", "签约日", "签约日期", "签单日", "date", "order date"),
        ),
        Column(
            "customer",
            Text("客户编号", "Customer ID"),
            "id",
            refers="Customers.id",
            aliases=("客户号", "customer"),
            unless="original",
        ),
        Column("region", Text("区域", "Region"), "text", refers="Regions.region", required=False),
        Column("line", Text("产品线", "Product line"), "word", words=PRODUCT_LINES, required=False, open_words=True),
        Column(
            "seller",
            Text("主办工号", "Seller ID"),
            "id",
            refers="People.id",
            aliases=("销售", "主办", "业务员", "业务员工号", "seller"),
            unless="original",
        ),
        Column("partner", Text("协同工号", "Partner ID"), "id", refers="People.id", required=False, aliases=("协同", "partner")),
        Column(
            "seller_share",
            Text("主办份额", "Seller share"),
            "rate",
            PERCENT,
            low=0,
            high=1,
            note=Text("无协同填 100%", "100% without a partner"),
            default=1.0,
            unless="original",
        ),
        Column(
            "revenue", Text("收入", "Revenue"), "money", YUAN, aliases=("金额", "订单金额", "不含税金额", "amount", "net amount")
        ),
        Column("cost", Text("成本", "Cost"), "money", YUAN, aliases=("成本金额",), unless="original"),
        Column(
            "margin",
            Text("毛利", "Gross margin"),
            "money",
            YUAN,
            # A return that names its order and nothing else takes back the order's margin in proportion.
            formula=(
                '=IF(AND({original}<>"",{cost}=""),IFERROR(ROUND(N({revenue})*(1-INDEX({Deals.cost},MATCH({original},{Deals.id},0))'
                "/INDEX({Deals.revenue},MATCH({original},{Deals.id},0))),2),0),{revenue}-{cost})"
            ),
        ),
        Column(
            "margin_rate",
            Text("毛利率", "Margin rate"),
            "rate",
            PERCENT,
            # A return pays back what its order earned, so it carries the order's rate.
            formula=(
                '=IF({original}<>"",IFERROR(INDEX({Deals.margin},MATCH({original},{Deals.id},0))'
                "/INDEX({Deals.revenue},MATCH({original},{Deals.id},0)),0),IF(N({revenue})=0,0,{margin}/{revenue}))"
            ),
        ),
        Column("collected", Text("已回款", "Collected"), "money", YUAN, required=False, aliases=("回款", "回款金额", "paid")),
        Column(
            "original",
            Text("原单号", "Original deal"),
            "id",
            refers="Deals.id",
            required=False,
            aliases=("original",),
            note=Text("仅退货填写", "for a return only"),
        ),
        Column(
            "customer_kind",
            Text("新老客户", "Customer kind"),
            "word",
            words=CUSTOMER_KINDS,
            required=False,
            note=Text("留空：该客户在本表的首单为新客户", "blank: a customer's first deal here is a new customer's"),
        ),
        Column("due", Text("应收日期", "Due"), "date", required=False, aliases=("到期日", "付款到期日", "due date")),
        Column("delivered", Text("交付日期", "Delivered on"), "date", required=False, aliases=("交货日期", "delivery date")),
        Column("entered_on", Text("录入日期", "Entered on"), "date", required=False),
        Column("entered_by", Text("录入人", "Entered by"), required=False),
        Column(
            "approved_by",
            Text("复核人", "Approved by"),
            required=False,
            note=Text("超过复核线的订单应由第二人同意", "a deal above the review limit needs a second person"),
        ),
        Column("approved_on", Text("复核日期", "Approved on"), "date", required=False),
        Column(
            "source",
            Text("订单来源", "Order source"),
            "word",
            words=ORDER_SOURCES,
            required=False,
            open_words=True,
            aliases=("来源", "下单渠道", "sales channel", "source"),
            note=Text("B、C 级客户按来源计数", "orders of B and C customers are counted by it"),
        ),
        Column(
            "seller_revenue",
            Text("主办业绩", "Seller credit"),
            "fen",
            YUAN,
            formula='=ROUND(N({revenue})*IF({partner}="",1,N({seller_share})),2)',
        ),
        Column("partner_revenue", Text("协同业绩", "Partner credit"), "fen", YUAN, formula="=N({revenue})-{seller_revenue}"),
    ),
    ("id",),
    pasted=True,
    identity=("id", "date", "customer"),
    judged=(
        "revenue",
        "margin_rate",
        "collected",
        "due",
        "original",
        "seller",
        "partner",
        "seller_share",
        "region",
        "line",
        "cost",
        "margin",
    ),
)


_LEDGER = TableSpec(
    "Ledger",
    Text("提成台账", "Commission ledger"),
    (
        Column("period", Text("期间", "Period"), "period", aliases=("月份", "month")),
        Column(
            "deal",
            Text("单号", "Deal ID"),
            "id",
            refers="Deals.id",
            required=False,
            note=Text("奖金、预支、暂缓可留空", "blank for a bonus, draw or hold"),
        ),
        Column("person", Text("工号", "ID"), "id", refers="People.id"),
        Column("credit_share", Text("归属份额", "Credit share"), "rate", PERCENT, required=False),
        Column("revenue", Text("归属收入", "Credited revenue"), "fen", YUAN, required=False),
        Column("margin_rate", Text("毛利率", "Margin rate"), "rate", PERCENT, required=False),
        Column("commission", Text("金额", "Amount"), "fen", YUAN, former=("提成", "Commission")),
        Column("kind", Text("类型", "Kind"), "word", words=LEDGER_KINDS),
        Column("status", Text("状态", "Status"), "word", words=LEDGER_STATES),
        Column("plan_version", Text("方案版本", "Plan version"), "text"),
        Column("computed_on", Text("计算日期", "Computed on"), "date"),
        Column("reason", Text("计算过程", "Working"), "text", required=False, former=("原因", "Reason")),
        Column("by", Text("决定人", "Decided by"), "text", required=False, note=Text("仅手工行填写", "for a manual row only")),
        Column(
            "date",
            Text("发生日期", "Dated"),
            "date",
            required=False,
            note=Text("签单、退货或回款的日期", "the day signed, returned or paid"),
        ),
        Column("component", Text("项目", "Component"), "word", words=LEDGER_COMPONENTS, required=False, default="commission"),
        Column("role", Text("角色", "Role"), "word", words=CREDIT_ROLES, required=False),
        Column(
            "member",
            Text("下属工号", "Member ID"),
            "id",
            required=False,
            note=Text("仅上级提成", "for a manager's override only"),
        ),
        Column("factor", Text("达成系数", "Factor"), "number", required=False),
        Column("order_revenue", Text("订单收入", "Deal revenue"), "money", YUAN, required=False),
        Column("order_cost", Text("订单成本", "Deal cost"), "money", YUAN, required=False),
        Column(
            "product_line",
            Text("产品线", "Product line"),
            "word",
            words=PRODUCT_LINES,
            required=False,
            open_words=True,
            note=Text("计提时的产品线", "the deal's when it was computed"),
        ),
        Column(
            "customer_kind",
            Text("新老客户", "Customer kind"),
            "word",
            words=CUSTOMER_KINDS,
            required=False,
            open_words=True,  # what it was called then may be dropped from the company's words since
            note=Text("计提时的新老客户", "the deal's when it was computed"),
        ),
    ),
    identity=("period", "deal", "person"),
    judged=(
        "commission",
        "kind",
        "status",
        "date",
        "component",
        "role",
        "credit_share",
        "revenue",
        "margin_rate",
        "computed_on",
        "reason",
        "by",
    ),
    by_program=True,
    by=Text("计算提成", "Compute commissions"),
)

TABLES = TableSpecs(
    12,
    (
        _DEALS,
        _LEDGER,
    ),
)
