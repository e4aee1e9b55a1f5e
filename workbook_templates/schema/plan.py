"""The Tables of the plan itself: market, people, deals, ledger, quotas, budget, pool, grants, change log."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.schema.core import Column, PageSpec, TableSpec
from workbook_templates.schema.words import (
    BUDGET_LINES,
    GRADES,
    LEDGER_KINDS,
    LEDGER_STATES,
    LEVELS,
    LINES,
    PERCENT,
    PRODUCT_LINES,
    YES_NO,
    YUAN,
    score,
)

ORDER = 10

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

_PEOPLE = TableSpec(
    "People",
    Text("人员", "People"),
    (
        Column("id", Text("工号", "ID"), "id", aliases=("员工编号", "人员编号", "employee id", "staff id")),
        Column("name", Text("姓名", "Name"), "text", aliases=("员工姓名", "employee")),
        Column("level", Text("层级", "Level"), "word", words=LEVELS, aliases=("职级", "级别")),
        Column("line", Text("条线", "Line"), "word", words=LINES, aliases=("业务线",)),
        Column("region", Text("区域", "Region"), "text", refers="Regions.region", required=False),
        Column("manager", Text("上级工号", "Manager ID"), "id", refers="People.id", required=False, aliases=("上级", "manager")),
        Column("joined", Text("入职日期", "Joined"), "date", aliases=("入职日", "hire date")),
        Column("left", Text("离职日期", "Left"), "date", required=False, aliases=("离职日", "leave date")),
        Column("email", Text("邮箱", "Email"), "text", required=False, aliases=("电子邮箱", "e-mail", "mail")),
        Column("quota_weight", Text("指标权重", "Quota weight"), "number", low=0, required=False),
        score("performance", "绩效", "Performance"),
        score("potential", "潜力", "Potential"),
        score("value_score", "价值观", "Values"),
        Column(
            "customers",
            Text("活跃客户数", "Active customers"),
            "int",
            Text("家", "count"),
            formula='=IF({id}="",0,COUNTIF({Customers.owner},{id}))',
        ),
    ),
    ("id",),
)

_TRANSFERS = TableSpec(
    "Transfers",
    Text("人员异动", "Transfers"),
    (
        Column("person", Text("工号", "ID"), "id", refers="People.id"),
        Column("valid_from", Text("生效日期", "Valid from"), "date"),
        Column("level", Text("新层级", "New level"), "word", words=LEVELS, required=False),
        Column("line", Text("新条线", "New line"), "word", words=LINES, required=False),
        Column("region", Text("新区域", "New region"), "text", refers="Regions.region", required=False),
        Column("manager", Text("新上级工号", "New manager ID"), "id", refers="People.id", required=False),
        Column("reason", Text("原因", "Reason"), "text", required=False),
    ),
    ("person", "valid_from"),
    page=PageSpec(
        21.5,
        Text(
            "“人员”表是年初（或入职时）的情况；年中调动在这里登记，从生效日起算，团队汇总随之变化",
            "People says how the year began (or a person joined); a change in mid-year stands here and holds from its day on",
        ),
        Text("调动时加一行；不变的留空", "A row for each transfer; leave blank what stays"),
    ),
)

_DEALS = TableSpec(
    "Deals",
    Text("成交明细", "Deals"),
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
        Column("by", Text("决定人", "Decided by"), "text", required=False, note=Text("仅手工行填写", "for an override only")),
    ),
    by_program=True,
)

_QUOTAS = TableSpec(
    "Quotas",
    Text("个人指标", "Quotas by person"),
    (
        Column("person", Text("工号", "ID"), "id", refers="People.id"),
        Column("name", Text("姓名", "Name"), "text"),
        Column(
            "region",
            Text("区域", "Region"),
            "text",
            formula='=IFERROR(INDEX({People.region},MATCH({person},{People.id},0))&"","")',
        ),
        # Joiners and leavers carry their weight for the days they are employed in the plan year.
        Column(
            "weight",
            Text("权重", "Weight"),
            "number",
            Text("按在职天数", "by days employed"),
            formula=(
                "=IFERROR(ROUND(INDEX({People.quota_weight},MATCH({person},{People.id},0))"
                "*MAX(0,MIN(IF(INDEX({People.left},MATCH({person},{People.id},0))=0,DATE(plan_year,12,31),"
                "INDEX({People.left},MATCH({person},{People.id},0))),DATE(plan_year,12,31))"
                "-MAX(INDEX({People.joined},MATCH({person},{People.id},0)),DATE(plan_year,1,1))+1)"
                "/(DATE(plan_year+1,1,1)-DATE(plan_year,1,1)),4),0)"
            ),
        ),
        Column("floor", Text("下限", "Floor"), "money", YUAN, required=False, low=0),
        Column("cap", Text("上限", "Cap"), "money", YUAN, required=False, low=0),
    ),
    ("person",),
)

_BUDGET = TableSpec(
    "Budget",
    Text("费用与归因收入", "Budget and attributed revenue"),
    (
        Column("line", Text("费用项", "Line"), "word", words=BUDGET_LINES),
        Column("month", Text("月份", "Month"), "int", low=1, high=12),
        Column("planned", Text("计划", "Planned"), "money", YUAN),
        Column("actual_cost", Text("实际费用", "Actual cost"), "money", YUAN, required=False),
        Column("revenue", Text("归因收入", "Attributed revenue"), "money", YUAN, required=False),
        # The plan stays as it was signed; what a month may spend after the ROI check is written beside it.
        Column(
            "approved",
            Text("核定预算", "Approved budget"),
            "money",
            YUAN,
            required=False,
            low=0,
            note=Text("由“检查 ROI”写入", "written by Check ROI"),
        ),
    ),
    ("line", "month"),
)

_POOL = TableSpec(
    "Pool",
    Text("利润分享", "Profit pool"),
    (
        Column("person", Text("工号", "ID"), "id", refers="People.id"),
        Column("name", Text("姓名", "Name"), "text"),
        Column("performance", Text("业绩分", "Performance points"), "number", low=0),
        Column("success", Text("客户成功分", "Success points"), "number", low=0),
        Column("value_score", Text("价值观分", "Values points"), "number", low=0),
        Column("is_director", Text("是否总监", "Director"), "flag", words=YES_NO),
    ),
    ("person",),
)

_GRANTS = TableSpec(
    "Grants",
    Text("虚拟股权", "Phantom shares"),
    (
        Column("person", Text("工号", "ID"), "id", refers="People.id"),
        Column("name", Text("姓名", "Name"), "text"),
        Column("level", Text("层级", "Level"), "word", words=LEVELS),
        Column("years_met", Text("连续达成年数", "Years met"), "int", Text("年", "years"), low=0),
        Column("grade", Text("价值观等级", "Values grade"), "word", words=GRADES),
        Column("grant", Text("授予比例", "Grant"), "rate", PERCENT, low=0, high=1),
        Column("granted_on", Text("授予日", "Granted on"), "date", required=False),
        Column("left_on", Text("离职日", "Left on"), "date", required=False),
    ),
)

_CHANGELOG = TableSpec(
    "ChangeLog",
    Text("变更记录", "Change log"),
    (
        Column("time", Text("时间", "Time"), "time"),
        Column("who", Text("操作人", "Who")),
        Column("action", Text("操作", "Action")),
        Column("sheet", Text("工作表", "Sheet")),
        Column("cell", Text("单元格", "Cell")),
        Column("old", Text("原值", "Old")),
        Column("new", Text("新值", "New")),
    ),
    page=PageSpec(
        99,
        Text(
            "每次按钮或命令改了哪些单元格：时间、操作人、原值、新值",
            "What each button or command changed: when, who, old and new value",
        ),
        Text("不用填写；复核时查阅", "Nothing to fill in; look here when reviewing"),
        widths={"time": 18, "who": 16, "action": 24, "sheet": 16, "cell": 14, "old": 30, "new": 30},
    ),
    by_program=True,
)

TABLES = (_REGIONS, _PEOPLE, _TRANSFERS, _DEALS, _LEDGER, _QUOTAS, _BUDGET, _POOL, _GRANTS, _CHANGELOG)
