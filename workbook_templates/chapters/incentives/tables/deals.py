"""Orders and returns, and the commission they earn."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables.spec import Column, TableSpec, TableSpecs
from workbook_templates.tables.words import LEDGER_KINDS, LEDGER_STATES, PERCENT, PRODUCT_LINES, YUAN

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
        Column("customer", Text("客户编号", "Customer ID"), "id", refers="Customers.id", aliases=("客户号", "customer")),
        Column("region", Text("区域", "Region"), "text", refers="Regions.region", required=False),
        Column("line", Text("产品线", "Product line"), "word", words=PRODUCT_LINES, required=False, open_words=True),
        Column(
            "seller",
            Text("主办工号", "Seller ID"),
            "id",
            refers="People.id",
            aliases=("销售", "主办", "业务员", "业务员工号", "seller"),
        ),
        Column("partner", Text("协同工号", "Partner ID"), "id", refers="People.id", required=False, aliases=("协同", "partner")),
        Column(
            "seller_share",
            Text("主办份额", "Seller share"),
            "rate",
            PERCENT,
            low=0,
            high=1,
            note=Text("无协同填 100%", "100 % without a partner"),
            default=1.0,
        ),
        Column(
            "revenue", Text("收入", "Revenue"), "money", YUAN, aliases=("金额", "订单金额", "不含税金额", "amount", "net amount")
        ),
        Column("cost", Text("成本", "Cost"), "money", YUAN, aliases=("成本金额",)),
        Column("margin", Text("毛利", "Gross margin"), "money", YUAN, formula="={revenue}-{cost}"),
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
            "seller_revenue",
            Text("主办业绩", "Seller credit"),
            "fen",
            YUAN,
            formula='=ROUND(N({revenue})*IF({partner}="",1,N({seller_share})),2)',
        ),
        Column("partner_revenue", Text("协同业绩", "Partner credit"), "fen", YUAN, formula="=N({revenue})-{seller_revenue}"),
    ),
    ("id",),
)


_LEDGER = TableSpec(
    "Ledger",
    Text("提成台账", "Commission ledger"),
    (
        Column("period", Text("期间", "Period"), "period", aliases=("月份", "month")),
        Column("deal", Text("单号", "Deal ID"), "id", refers="Deals.id"),
        Column("person", Text("工号", "ID"), "id", refers="People.id"),
        Column("credit_share", Text("归属份额", "Credit share"), "rate", PERCENT),
        Column("revenue", Text("归属收入", "Credited revenue"), "fen", YUAN),
        Column("margin_rate", Text("毛利率", "Margin rate"), "rate", PERCENT),
        Column("commission", Text("提成", "Commission"), "fen", YUAN),
        Column("kind", Text("类型", "Kind"), "word", words=LEDGER_KINDS),
        Column("status", Text("状态", "Status"), "word", words=LEDGER_STATES),
        Column("plan_version", Text("方案版本", "Plan version"), "text"),
        Column("computed_on", Text("计算日期", "Computed on"), "date"),
        Column("reason", Text("原因", "Reason"), "text", required=False),
        Column("by", Text("决定人", "Decided by"), "text", required=False, note=Text("仅手工行填写", "for a manual row only")),
    ),
    by_program=True,
)

TABLES = TableSpecs(
    12,
    (
        _DEALS,
        _LEDGER,
    ),
)
