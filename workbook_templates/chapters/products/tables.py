"""What is sold and at what price: products, the modules of Flex, quotes, price requests with what was given for them."""

from __future__ import annotations

from functools import partial

from udfs.prices import ROUTES
from udfs.text import Text
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs, Word, by_button
from workbook_templates.tables.words import PERCENT, PRODUCT_LINES, YES_NO, YUAN

FLEX, APPROVE, MATCH = Text("配置定制", "Configure Flex"), Text("审批价格", "Approve prices"), Text("匹配案例", "Match cases")
SCENARIOS = (
    Word("energy", Text("新能源", "New energy")), Word("transport", Text("智慧交通", "Smart transport"), ("交通",)),
    Word("factory", Text("数字工厂", "Digital plant")),
)  # fmt: skip
MAIN, SUB = "main", "sub"
SCENARIO_KINDS = (Word(MAIN, Text("主", "Main"), ("主场景",)), Word(SUB, Text("子", "Part"), ("子场景",)))
DRAFT, EXPIRED = "draft", "expired"
QUOTE_STATES = (
    Word(DRAFT, Text("草稿", "Draft")), Word("sent", Text("已报", "Sent")), Word("won", Text("成交", "Won")),
    Word(EXPIRED, Text("失效", "Expired")),
)  # fmt: skip
APPROVED, REJECTED = "approved", "rejected"
DECISIONS = (Word(APPROVED, Text("批准", "Approved"), ("同意",)), Word(REJECTED, Text("驳回", "Rejected"), ("不同意", "拒绝")))
US, CUSTOMER = "us", "customer"
GIVERS = (Word(CUSTOMER, Text("客户", "Customer")), Word(US, Text("我方", "Us")))
ITEMS = (
    Word("delivery", Text("缩短交付周期", "Shorter delivery")), Word("publicity", Text("联合宣传", "Joint publicity")),
    Word("data", Text("数据共享", "Shared data")), Word("exclusivity", Text("延长排他", "Longer exclusivity")),
    Word("volume", Text("增加采购量", "More volume")), Word("payment", Text("提前付款", "Earlier payment")),
    Word("other", Text("其他", "Other")),
)  # fmt: skip
ROUTE_WORDS = tuple(Word(code, label) for code, label in ROUTES.items())
HOURS = Text("小时", "hours")


_drawn, _routed, _matched = partial(by_button, FLEX), partial(by_button, APPROVE), partial(by_button, MATCH)

_PRODUCTS = TableSpec(
    "Products",
    Text("产品", "Products"),
    (
        Column("code", Text("产品编码", "Product"), "id", aliases=("物料编码", "产品代码", "sku")),
        Column("line", Text("产品线", "Product line"), "word", words=PRODUCT_LINES),
        Column("name", Text("名称", "Name"), aliases=("物料名称",)),
        Column("base_price", Text("基准价", "Base price"), "fen", YUAN, low=0),
        Column("unit_cost", Text("单位成本", "Unit cost"), "fen", YUAN, low=0),
        Column("benchmark", Text("对标价", "Benchmark"), "fen", YUAN, required=False, low=0),
        Column("cost_down", Text("降本目标", "Cost-down"), "rate", PERCENT, required=False, low=0, high=1),
        Column("floor_margin", Text("毛利率底线", "Margin floor"), "rate", PERCENT, required=False, low=-1, high=1,
               note=Text("空：按参数的经济线底线", "blank: the floor on Settings")),
        Column("eccn", Text("ECCN", "ECCN"), "id", required=False),
        Column("hs", Text("HS编码", "HS code"), "id", required=False),
        Column("origin", Text("原产地", "Origin"), required=False),
        Column("valid_from", Text("生效日期", "Valid from"), "date"),
    ),
    ("code", "valid_from"),
    page=PageSpec(
        19.2,
        Text("产品、基准价与成本；调价时加一行", "Products with base price and cost; a new price is a new row"),
        Text("从 ERP 导入，或逐行填写", "Import from the ERP, or enter row by row"),
        title=Text("模块库", "Modules"),
        frozen=1,
    ),
)  # fmt: skip

_MODULES = TableSpec(
    "FlexModules",
    Text("模块", "Flex modules"),
    (
        Column("code", Text("模块编码", "Module"), "id"),
        Column("group", Text("分组", "Group")),
        Column("name", Text("名称", "Name")),
        Column("price", Text("价格", "Price"), "fen", YUAN, low=0),
        Column("cost", Text("成本", "Cost"), "fen", YUAN, low=0),
        Column("hours", Text("出图工时", "Drawing hours"), "number", HOURS, low=0),
        Column("requires", Text("依赖", "Requires"), required=False, note=Text("模块编码，用、分隔", "codes of modules, separated by commas")),
        Column("excludes", Text("互斥", "Excludes"), required=False, note=Text("模块编码，用、分隔", "codes of modules, separated by commas")),
        Column("drawing", Text("图号", "Drawing"), required=False),
        Column("retired_on", Text("停用日期", "Retired on"), "date", required=False),
    ),
    ("code",),
    page=PageSpec(19.3, Text("Flex 的模块：价格、成本、出图工时、依赖与互斥", "The modules of Flex: price, cost, drawing hours, what they need and exclude"), beside="products"),
)  # fmt: skip

_QUOTES = TableSpec(
    "Quotes",
    Text("报价", "Quotes"),
    (
        Column("id", Text("报价单号", "Quote"), "id"),
        Column("customer", Text("客户编号", "Customer ID"), "id", refers="Customers.id", required=False, open_refers=True),
        Column("opportunity", Text("商机编号", "Opportunity"), "id", refers="Opportunities.id", required=False, open_refers=True),
        Column("seller", Text("销售工号", "Seller"), "id", refers="People.id"),
        Column("on", Text("日期", "Date"), "date"),
        Column("valid_until", Text("有效期至", "Valid until"), "date", required=False),
        Column("requested_at", Text("需求时间", "Requested at"), "time", required=False),
        Column("drawn_at", Text("出图时间", "Drawn at"), "time", required=False),
        Column("status", Text("状态", "Status"), "word", words=QUOTE_STATES),
        _drawn("amount", "金额", "Amount", "fen", YUAN),
        _drawn("cost", "成本", "Cost", "fen", YUAN),
        _drawn("margin_rate", "毛利率", "Margin rate", "rate", PERCENT),
        _drawn("hours", "自然小时", "Clock hours", "number", HOURS),
        _drawn("broken", "问题", "What is wrong", "text"),
    ),
    ("id",),
    page=PageSpec(
        19.4,
        Text("Flex 报价：价格、毛利、工时与问题", "Flex quotes: price, margin, hours and what is wrong"),
        Text("先写报价与模块行，再点“配置定制”", "Enter the quote and its lines, then click Configure Flex"),
        title=Text("Flex报价", "Flex quotes"),
        frozen=1,
        wraps={"broken": 36},
        faults=("broken",),
    ),
    yearly=True,
)  # fmt: skip

_QUOTE_LINES = TableSpec(
    "QuoteLines",
    Text("报价明细", "Quote lines"),
    (
        Column("quote", Text("报价单号", "Quote"), "id", refers="Quotes.id"),
        Column("module", Text("模块编码", "Module"), "id", refers="FlexModules.code", open_refers=True),
        Column("quantity", Text("数量", "Quantity"), "number"),
        _drawn("price", "金额", "Amount", "fen", YUAN),
        _drawn("cost", "成本", "Cost", "fen", YUAN),
        _drawn("hours", "出图工时", "Drawing hours", "number", HOURS),
        _drawn("broken", "问题", "What is wrong", "text"),
    ),
    page=PageSpec(19.5, Text("每个模块一行", "A row a module"), beside="quotes", wraps={"broken": 30}, faults=("broken",)),
    yearly=True,
)

_REQUESTS = TableSpec(
    "PriceRequests",
    Text("价格审批", "Price requests"),
    (
        Column("id", Text("申请号", "Request"), "id"),
        Column("on", Text("申请日期", "Date"), "date"),
        Column("customer", Text("客户编号", "Customer ID"), "id", refers="Customers.id"),
        Column("opportunity", Text("商机编号", "Opportunity"), "id", refers="Opportunities.id", required=False, open_refers=True),
        Column("seller", Text("申请人工号", "Seller"), "id", refers="People.id"),
        Column("product", Text("产品编码", "Product"), "id", refers="Products.code"),
        Column("quantity", Text("数量", "Quantity"), "number", low=0),
        Column("quoted", Text("申请单价", "Price asked"), "fen", YUAN, low=0),
        Column("three_year", Text("三年协议", "Three years"), "flag", words=YES_NO, required=False),
        Column("prepaid", Text("预付比例", "Prepaid"), "rate", PERCENT, required=False, low=0, high=1),
        _routed("base", "基准价", "Base price", "fen", YUAN),
        _routed("discount", "折扣", "Discount", "rate", PERCENT),
        _routed("margin_rate", "毛利率", "Margin rate", "rate", PERCENT),
        _routed("points", "价值分", "Points", "number"),
        _routed("route", "审批路线", "Route", "word", words=ROUTE_WORDS, open_words=True),
        _routed("reason", "原因", "Why", "text"),
        _routed("below", "低于底线", "Below floor", "flag", words=YES_NO),
        _routed("decision", "决定", "Decision", "word", words=DECISIONS),
        _routed("decided_by", "决定人工号", "Decided by", "id", refers="People.id"),
        _routed("decided_on", "决定日期", "Decided on", "date"),
        _routed("valid_until", "有效期至", "Valid until", "date"),
    ),
    ("id",),
    page=PageSpec(
        19.6,
        Text("低于基准价的报价：折扣与价值决定谁批", "Quotes below base: discount and value given say who decides"),
        Text("先写申请与价值让渡，点“审批价格”得出路线，再登记决定", "Enter requests and value given, click Approve prices for the route, then record decisions"),
        frozen=1,
        widths={"id": 10, "on": 13, "decided_on": 13, "valid_until": 13, "product": 12},
        wraps={"reason": 28, "route": 20},
    ),
    yearly=True,
    identity=("id", "on", "customer"),
    judged=("decision", "route", "below", "quoted", "base", "discount", "margin_rate", "product", "valid_until", "reason"),
)  # fmt: skip

_VALUE_GIVEN = TableSpec(
    "ValueGiven",
    Text("价值让渡", "Value given"),
    (
        Column("request", Text("申请号", "Request"), "id", refers="PriceRequests.id"),
        Column("item", Text("事项", "What"), "word", words=ITEMS),
        Column("giver", Text("提供方", "Given by"), "word", words=GIVERS),
        Column("points", Text("分值", "Points"), "number", Text("1–3 分", "1–3"), low=1, high=3),
        Column("cost", Text("我方成本", "Our cost"), "fen", YUAN, required=False, low=0),
        Column("evidence", Text("依据", "Evidence")),
    ),
    ("request", "item", "giver"),
    page=PageSpec(19.7, Text("为这个价格换到或给出了什么", "What was given for this price"), beside="price_requests"),
    yearly=True,
)

_DEAL_LINES = TableSpec(
    "DealLines",
    Text("成交明细", "Deal lines"),
    (
        Column("deal", Text("单号", "Deal ID"), "id", refers="Deals.id"),
        Column("product", Text("产品编码", "Product"), "id", refers="Products.code"),
        Column("quantity", Text("数量", "Quantity"), "number", low=0),
        Column("price", Text("单价", "Price"), "fen", YUAN),
        Column("request", Text("申请号", "Request"), "id", refers="PriceRequests.id", required=False),
    ),
    page=PageSpec(19.8, Text("成交的产品、数量与单价", "Products, quantities and prices sold")),
    pasted=True,
    yearly=True,
)  # fmt: skip

_SCENARIOS = TableSpec(
    "Scenarios",
    Text("场景方案", "Scenarios"),
    (
        Column("code", Text("方案编码", "Solution"), "id"),
        Column("scenario", Text("场景", "Field"), "word", words=SCENARIOS),
        Column("kind", Text("类别", "Kind"), "word", words=SCENARIO_KINDS),
        Column("parent", Text("主方案", "Part of"), "id", refers="Scenarios.code", required=False, note=Text("子方案填主方案的编码", "for a part: the main scenario's code")),
        Column("name", Text("名称", "Name")),
        Column("pains", Text("痛点", "Pain points")),
        Column("investment", Text("投资额", "Investment"), "money", YUAN, required=False, low=0),
        Column("yearly_benefit", Text("年收益", "Yearly benefit"), "money", YUAN, required=False),
        Column("years", Text("年数", "Years"), "int", required=False, low=1, high=10),
        Column("rate", Text("折现率", "Discount rate"), "rate", PERCENT, required=False, low=0, high=1),
        Column("residual", Text("残值", "Residual"), "money", YUAN, required=False, low=0),
        Column("lease_rate", Text("融资利率", "Finance rate"), "rate", PERCENT, required=False, low=0, high=1),
        Column("lease_years", Text("融资年数", "Finance years"), "int", required=False, low=1, high=10),
    ),
    ("code",),
    page=PageSpec(
        19.35, Text("三类场景，各一个主方案、至少三个子方案", "Three fields, each with a main scenario and three parts at least"), beside="products",
        widths={"pains": 28, "name": 18},
    ),
)  # fmt: skip

_MEDIA = Text("只写文件名，文件放在计划旁的“案例”文件夹", "the file's name only; files lie in the folder “cases” beside the plan")

_CASES = TableSpec(
    "Cases",
    Text("案例库", "Cases"),
    (
        Column("id", Text("案例编号", "Case"), "id"),
        Column("scenario", Text("方案编码", "Scenario"), "id", refers="Scenarios.code"),
        Column("industry", Text("行业", "Industry")),
        Column("customer", Text("客户名称", "Customer"), required=False),
        Column("public", Text("可公开", "Public"), "flag", words=YES_NO, note=Text("“是”才在方案里写客户名", "only yes names the customer in a deck")),
        Column("pains", Text("痛点", "Pain points")),
        Column("voice", Text("客户口述", "Customer's words")),
        Column("before", Text("改造前", "Before"), required=False),
        Column("after", Text("数据对比", "After")),
        Column("roi", Text("ROI", "ROI"), "rate", PERCENT),
        Column("photo1", Text("照片1", "Photo 1"), required=False, note=_MEDIA),
        Column("photo2", Text("照片2", "Photo 2"), required=False, note=_MEDIA),
        Column("photo3", Text("照片3", "Photo 3"), required=False, note=_MEDIA),
        Column("video", Text("视频", "Video"), required=False, note=_MEDIA),
        Column("owner", Text("负责人工号", "Owner"), "id", refers="People.id"),
        Column("reviewed_on", Text("复核日期", "Reviewed on"), "date", note=Text("每季复核一次", "once a quarter")),
    ),
    ("id",),
    page=PageSpec(
        19.62,
        Text("三段式案例：客户口述、数据对比、ROI；每季复核", "Cases in three parts: customer's words, data, ROI; reviewed every quarter"),
        Text("写案例与痛点，点“匹配案例”生成方案", "Enter cases with their pain points, click Match cases for a deck"),
        title=Text("案例库", "Cases"),
        frozen=1,
        wraps={"pains": 34, "voice": 34, "after": 26},
    ),
    identity=("id", "industry"),
    judged=("scenario", "pains", "voice", "after", "roi", "public", "owner", "reviewed_on"),
)  # fmt: skip

_MATCH_LOG = TableSpec(
    "MatchLog",
    Text("匹配记录", "Match log"),
    (
        _matched("on", "日期", "Date", "date", required=True),
        _matched("query", "痛点原话", "Pain point", "text", required=True),
        _matched("industry", "行业", "Industry", "text"),
        _matched("found", "案例", "Cases", "text"),
        _matched("why", "理由", "Why", "text"),
        _matched("file", "方案文件", "Deck", "text"),
        Column("chosen", Text("采用案例", "Chosen"), "id", refers="Cases.id", required=False),
        Column("minutes_before", Text("以前用时", "Minutes before"), "number", Text("分钟", "minutes"), required=False, low=0),
        Column("minutes_now", Text("这次用时", "Minutes now"), "number", Text("分钟", "minutes"), required=False, low=0),
        Column(
            "saved", Text("节省", "Saved"), "rate", PERCENT, required=False,
            formula='=IF(AND(ISNUMBER({minutes_before}),ISNUMBER({minutes_now})),IF({minutes_before}>0,1-{minutes_now}/{minutes_before},""),"")',
        ),
    ),
    page=PageSpec(19.64, Text("每次匹配的结果与用时；目标节省 70%", "What each match found and how long it took; the goal is 70% saved"), beside="cases", wraps={"query": 30, "why": 30}),
    yearly=True,
)  # fmt: skip

TABLES = TableSpecs(
    22, (_PRODUCTS, _MODULES, _QUOTES, _QUOTE_LINES, _REQUESTS, _VALUE_GIVEN, _DEAL_LINES, _SCENARIOS, _CASES, _MATCH_LOG)
)
