"""The Tables of customer management: who they are, what they bought, how their tier moved."""

from __future__ import annotations

from typing import Any

from udfs.customers import ROLES
from udfs.text import Text
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs, Word
from workbook_templates.tables.words import PERCENT, YES_NO, YUAN

# The roles of a customer's team (TEAM) and the lights of deliveries.
SERVICE_ROLES = tuple(
    Word(role.en.replace(" ", "_"), Text(role.zh, role.en[:1].upper() + role.en[1:]), (role.en,)) for role in ROLES
)
DELIVERY_LIGHTS = (
    Word("green", Text("绿", "Green"), ("绿灯", "g")),
    Word("amber", Text("黄", "Amber"), ("黄灯", "yellow")),
    Word("red", Text("红", "Red"), ("红灯", "r")),
)
TIERS = tuple(Word(tier, Text(tier, tier)) for tier in "SABC")


def _refreshed(key: str, header: Text, kind: str, unit: Text = Text("", ""), **more: Any) -> Column:
    """A column that "refresh tiers" writes, blank until it does."""
    return Column(key, header, kind, unit, required=False, by_program=True, by=Text("刷新客户分级", "Refresh tiers"), **more)


_CUSTOMERS = TableSpec(
    "Customers",
    Text("客户", "Customers"),
    (
        Column("id", Text("客户编号", "Customer ID"), "id", aliases=("客户号", "客户代码", "customer", "account id")),
        Column("name", Text("客户名称", "Customer name"), "text", aliases=("客户", "公司名称", "account")),
        Column("region", Text("区域", "Region"), "text", refers="Regions.region", required=False),
        Column("industry", Text("行业", "Industry"), "text", required=False),
        Column(
            "country",
            Text("国家", "Country"),
            required=False,
            aliases=("国别", "目的国"),
            note=Text("空：中国；海外订单按它核查出口", "blank: China; exports are checked by it"),
        ),
        Column("owner", Text("负责人工号", "Owner ID"), "id", refers="People.id", required=False, aliases=("负责人", "owner")),
        Column("since", Text("合作起始", "Customer since"), "date", required=False, aliases=("since",)),
        Column(
            "credit_code",
            Text("统一社会信用代码", "Credit code"),
            "id",
            required=False,
            aliases=("信用代码", "社会信用代码", "税号", "纳税人识别号", "uscc", "unified social credit code", "tax id"),
            note=Text("18 位；客户变动按它对上客户", "18 characters; news finds its customer by it"),
        ),
        Column(
            "city",
            Text("城市", "City"),
            required=False,
            aliases=("所在城市", "注册城市", "city"),
            note=Text("查重时同名同城的算同一家", "one name in one city is one customer"),
        ),
        Column(
            "code",
            Text("客户编码", "Customer code"),
            "id",
            required=False,
            by_program=True,
            by=Text("查重", "Find duplicates"),
            note=Text("区域 + 行业 + 流水 + 校验码", "region, industry, number, check character"),
        ),
        Column(
            "alias_of",
            Text("同一客户", "Same as"),
            "id",
            required=False,
            by_program=True,
            by=Text("查重", "Find duplicates"),
            note=Text("合并到的客户编号；已结算的单据仍用本号", "the customer it was merged into; settled papers keep this ID"),
        ),
        Column(
            "synergy",
            Text("协同度", "Synergy"),
            "number",
            Text("0–10 分", "0–10"),
            required=False,
            low=0,
            high=10,
            aliases=("协同度评分", "synergy score"),
            note=Text(
                "与我方产品、技术、数据的协同程度，0–10 分；空白不参加分层",
                "how well it fits our products, technology and data, 0–10; blank: not segmented",
            ),
        ),
        # From here on "refresh tiers" writes; a blank tier is a customer not yet tiered.
        _refreshed("tier", Text("级别", "Tier"), "word", words=TIERS, aliases=("客户级别", "客户等级")),
        _refreshed("rank", Text("名次", "Rank"), "int", low=1),
        _refreshed("score", Text("得分", "Score"), "rate", PERCENT, low=0, high=1),
        _refreshed("sales_12m", Text("近12个月净额", "Net sales, 12 months"), "fen", YUAN),
        _refreshed("sales_share", Text("销售占比", "Share of sales"), "rate", PERCENT),
        _refreshed("clv_index", Text("价值指数", "CLV index"), "number", Text("均值=100", "mean = 100")),
        _refreshed("clv_share", Text("价值占比", "Share of CLV"), "rate", PERCENT),
        _refreshed("alive", Text("活跃概率", "P(alive)"), "rate", PERCENT),
        _refreshed("last_purchase", Text("最近购买", "Last purchase"), "date"),
        _refreshed("frequency", Text("购买天数", "Purchase days"), "int", Text("天", "days")),
        _refreshed("monetary", Text("次均金额", "Mean purchase"), "fen", YUAN),
        _refreshed("rfm", Text("RFM 代码", "RFM code"), "id"),
        _refreshed("team", Text("服务团队", "Team"), "text"),
        _refreshed("bound", Text("定界依据", "Border set by"), "text", former=("边界由何决定", "What bound")),
        _refreshed("reason", Text("分级说明", "Why this tier"), "text"),
        _refreshed("tiered_on", Text("分级日期", "Tiered on"), "date"),
        # A formula a row and no spill beside the Table: a spill ends at ten thousand customers.
        Column(
            "bookings",
            Text("累计签单", "Bookings to date"),
            "money",
            YUAN,
            formula='=IF({id}="",0,SUMIFS({Deals.revenue},{Deals.customer},{id},{Deals.date},">="&DATE(plan_year,1,1),{Deals.date},"<="&as_of))',
        ),
    ),
    ("id",),
    identity=("id", "name"),
    judged=(
        "tier",
        "rank",
        "sales_12m",
        "clv_index",
        "alive",
        "team",
        "reason",
        "owner",
        "region",
        "industry",
        "since",
        "synergy",
        "bookings",
    ),
    pasted=True,
)

_TRANSACTIONS = TableSpec(
    "Transactions",
    Text("交易流水", "Transactions"),
    (
        Column(
            "invoice",
            Text("发票号", "Invoice"),
            "id",
            aliases=("发票编号", "发票号码", "单据号", "订单号", "invoice no", "invoice number", "document no", "order id"),
        ),
        Column(
            "date",
            Text("交易日期", "Date"),
            "date",
            aliases=("日期", "开票日期", "发票日期", "订单日期", "invoice date", "invoicedate", "order date", "transaction date"),
        ),
        Column(
            "customer",
            Text("客户编号", "Customer ID"),
            "id",
            refers="Customers.id",
            open_refers=True,  # refreshing the tiers enters them
            aliases=("客户号", "客户代码", "客户", "customer", "customer id", "account id"),
        ),
        Column(
            "amount",
            Text("不含税金额", "Net amount"),
            "fen",
            YUAN,
            aliases=("金额", "净额", "销售额", "amount", "net sales", "revenue", "total"),
            note=Text("红字发票填负数", "a credit note is negative"),
        ),
        Column("currency", Text("币种", "Currency"), "text", required=False, aliases=("货币", "currency code")),
    ),
    page=PageSpec(
        39.5,
        Text(
            "每张发票一行，红字发票为负；“刷新客户分级”读取", "One row an invoice, credit notes negative; read by “Refresh tiers”"
        ),
        Text("粘贴近两年的开票明细", "Paste the invoices of the last two years"),
        frozen=2,
    ),
    pasted=True,
)

_TIER_CHANGES = TableSpec(
    "TierChanges",
    Text("分级变动", "Tier changes"),
    (
        Column("date", Text("分级日期", "Tiered on"), "date"),
        Column("customer", Text("客户编号", "Customer ID"), "id", refers="Customers.id"),
        Column("name", Text("客户名称", "Customer name"), "text"),
        Column("before", Text("原级别", "From"), "word", words=TIERS, required=False),
        Column("after", Text("新级别", "To"), "word", words=TIERS),
        # As of the refresh before and of this one; blank for a customer that stood in no ranking.
        Column("rank_before", Text("原名次", "Rank before"), "int", required=False, low=1),
        Column("rank", Text("名次", "Rank"), "int", required=False, low=1),
        Column("sales_share_before", Text("原销售占比", "Share of sales before"), "rate", PERCENT, required=False),
        Column("sales_share", Text("销售占比", "Share of sales"), "rate", PERCENT, required=False),
        Column("clv_share_before", Text("原价值占比", "Share of CLV before"), "rate", PERCENT, required=False),
        Column("clv_share", Text("价值占比", "Share of CLV"), "rate", PERCENT, required=False),
        Column("reason", Text("原因", "Reason"), "text"),
    ),
    by_program=True,
    by=Text("刷新客户分级", "Refresh tiers"),
    yearly=True,
)

_CLV_MODEL = TableSpec(
    "ClvModel",
    Text("价值模型", "Value model"),
    (
        Column("parameter", Text("参数", "Parameter"), "id"),
        Column("value", Text("数值", "Value"), "number", required=False),
        Column("meaning", Text("含义", "Meaning"), "text", required=False),
    ),
    ("parameter",),
    by_program=True,
    by=Text("刷新客户分级", "Refresh tiers"),
    yearly=True,
)

_CUSTOMER_CARE = TableSpec(
    "CustomerCare",
    Text("客户跟踪", "Customer care"),
    (
        Column("customer", Text("客户编号", "Customer ID"), "id", refers="Customers.id", aliases=("客户号", "customer")),
        Column(
            "name",
            Text("客户名称", "Customer name"),
            "text",
            formula='=IF({customer}="","",IFERROR(INDEX({Customers.name},MATCH({customer},{Customers.id},0)),""))',
        ),
        Column(
            "tier",
            Text("级别", "Tier"),
            "text",
            formula='=IF({customer}="","",IFERROR(INDEX({Customers.tier},MATCH({customer},{Customers.id},0))&"",""))',
        ),
        Column("labs", Text("联合实验室", "Joint labs"), "int", Text("个", "count"), required=False, low=0, adds=True),
        Column("patents", Text("联合专利", "Joint patents"), "int", Text("项", "count"), required=False, low=0, adds=True),
        Column(
            "onsite_days",
            Text("驻场天数", "On-site days"),
            "number",
            Text("天，当年", "this year"),
            required=False,
            low=0,
            adds=True,
        ),
        Column("due", Text("应收到期", "Amounts due"), "fen", YUAN, required=False, low=0, adds=True),
        Column("collected", Text("已收", "Collected"), "fen", YUAN, required=False, low=0, adds=True),
        Column("nps", Text("NPS", "NPS"), "number", Text("−100 至 100", "−100 to 100"), required=False, low=-100, high=100),
        Column("delivery", Text("交付灯", "Delivery light"), "word", words=DELIVERY_LIGHTS, required=False),
        Column(
            "customer_growth",
            Text("客户业务增长", "Customer's growth"),
            "rate",
            PERCENT,
            required=False,
            note=Text("客户自身业务的年增长率，如 18%", "yearly growth of the customer's own business, such as 18%"),
        ),
        Column(
            "supply_growth",
            Text("供货增长", "Supply growth"),
            "rate",
            PERCENT,
            required=False,
            note=Text("我方对该客户供货的年增长率，如 15%", "yearly growth of what we supply to it, such as 15%"),
        ),
        Column("note", Text("跟进", "Follow-up"), "text", required=False),
    ),
    ("customer",),
    yearly=True,
)

_VISITS = TableSpec(
    "Visits",
    Text("高层拜访记录", "Visits made"),
    (
        Column("date", Text("拜访日期", "Visited on"), "date"),
        Column("customer", Text("客户编号", "Customer ID"), "id", refers="Customers.id", aliases=("客户号", "customer")),
        Column("executive", Text("高管", "Executive"), "text", required=False),
        Column("published", Text("蓝图已发布", "Blueprint published"), "word", words=YES_NO, required=False),
        Column("published_on", Text("发布日期", "Published on"), "date", required=False),
        Column("note", Text("要点", "Outcome"), "text", required=False),
    ),
    yearly=True,
)

_SERVICE_STAFF = TableSpec(
    "ServiceStaff",
    Text("客户团队人手", "Customer teams' staff"),
    (
        Column("role", Text("角色", "Role"), "word", words=SERVICE_ROLES),
        Column("people", Text("现有人数", "People"), "int", Text("人", "people"), required=False, low=0),
    ),
    ("role",),
)

TABLES = TableSpecs(20, (_CUSTOMERS, _TRANSACTIONS, _TIER_CHANGES, _CLV_MODEL, _CUSTOMER_CARE, _VISITS, _SERVICE_STAFF))
