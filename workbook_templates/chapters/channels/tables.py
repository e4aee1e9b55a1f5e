"""The Tables of the channels: dealers, what they sell and hold, exams, claims, registrations, trackers, and their settlement.

A quarter is written ``2027-Q1``. What a dealer's order, lot or sale is worth is net of VAT, at our invoice price.
"""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables.spec import Column, TableSpec, TableSpecs, Word
from workbook_templates.tables.words import LEDGER_STATES, PERCENT, YUAN

COLLEGES = (
    Word("product", Text("产品学院", "Product college"), ("产品",)),
    Word("sales", Text("销售学院", "Sales college"), ("销售",)),
    Word("delivery", Text("交付学院", "Delivery college"), ("交付",)),
    Word("finance", Text("融资学院", "Financing college"), ("融资", "财务学院", "Finance college", "财务", "金融学院")),
)
LESSONS = (
    Word("online", Text("线上课", "Online lesson"), ("线上", "网课")),
    Word("classroom", Text("面授课", "Classroom"), ("面授", "线下", "线下课")),
)
CLAIM_STATES = (
    Word("applied", Text("申请", "Applied")),
    Word("approved", Text("核准", "Approved"), ("批准",)),
    Word("paid", Text("已付", "Paid")),
    Word("refused", Text("驳回", "Rejected")),
)
REGISTRATION_STATES = (
    Word("open", Text("跟进中", "Open"), ("有效", "active")),
    Word("won", Text("成交", "Won")),
    Word("lost", Text("失单", "Lost")),
    Word("released", Text("释放", "Released"), ("失效", "expired")),
)
SQUAD_STATES = (
    Word("planned", Text("计划", "Planned")),
    Word("running", Text("进行中", "Running")),
    Word("done", Text("完成", "Done")),
)
# What the 633 says of a dealer, as CHANNELEXIT does.
EXIT_WORDS = (
    Word("retain", Text("留用", "Retain")),
    Word("warning", Text("预警", "Warning")),
    Word("exit", Text("启动退出", "Start exit")),
)
SETTLEMENT_KINDS = (
    Word("accrual", Text("计提", "Accrual")),
    Word("adjustment", Text("调整", "Adjustment")),
    Word("release", Text("补发", "Release"), ("释放",)),  # withheld before, paid now that the exam is passed
)

_PIECES = Text("台", "units")
_QUARTER = Text("填写如 2027-Q1", "write it as 2027-Q1")


def _dealer(**more: object) -> Column:
    """The dealer a row belongs to."""
    return Column(
        "dealer",
        Text("经销商编号", "Dealer ID"),
        "id",
        refers="Dealers.id",
        aliases=("经销商", "经销商代码", "渠道编号", "dealer", "dealer no", "dealer code", "partner id"),
        **more,  # type: ignore[arg-type]
    )


def _quarter() -> Column:
    return Column("quarter", Text("季度", "Quarter"), "quarter", aliases=("期间", "period"), note=_QUARTER)


_DEALERS = TableSpec(
    "Dealers",
    Text("经销商", "Dealers"),
    (
        Column(
            "id",
            Text("经销商编号", "Dealer ID"),
            "id",
            aliases=("经销商代码", "渠道编号", "渠道商编号", "dealer no", "dealer code", "partner id"),
        ),
        Column("name", Text("经销商名称", "Dealer name"), "text", aliases=("经销商", "渠道商", "dealer", "partner name")),
        Column("region", Text("区域", "Region"), "text", refers="Regions.region", required=False),
        Column(
            "territory",
            Text("授权区域", "Territory"),
            "text",
            required=False,
            aliases=("授权地区", "销售区域", "authorised regions", "authorized regions"),
            note=Text("可写多个，用顿号隔开：华东、华中", "several are separated by commas: East, Central"),
        ),
        Column(
            "industry",
            Text("独家行业", "Exclusive industry"),
            "text",
            required=False,
            aliases=("代理行业", "独家代理行业", "agency industry"),
            note=Text("一个行业只有一家独家代理；没有就留空", "one exclusive agent an industry; blank: none"),
        ),
        Column("contact", Text("联系人", "Contact"), "text", required=False, aliases=("contact person",)),
        Column("email", Text("邮箱", "Email"), "text", required=False, aliases=("电子邮箱", "e-mail", "mail")),
        Column(
            "owner",
            Text("渠道经理工号", "Channel manager ID"),
            "id",
            refers="People.id",
            required=False,
            aliases=("渠道经理", "channel manager", "owner"),
        ),
        Column("joined", Text("签约日期", "Signed up on"), "date", aliases=("合作起始", "签约日", "joined", "since")),
        Column("left", Text("终止日期", "Ended on"), "date", required=False, aliases=("退出日期", "解约日期", "left")),
    ),
    ("id",),
    identity=("id", "name"),
    judged=("region", "territory", "industry", "owner", "joined", "left"),
    pasted=True,
)

_SALES = TableSpec(
    "DealerSales",
    Text("经销商季度业绩", "Dealer quarters"),
    (
        _quarter(),
        _dealer(),
        Column(
            "sales",
            Text("季度提货额", "Sales of the quarter"),
            "fen",
            YUAN,
            aliases=("提货额", "进货额", "季度销售额", "sales", "sell-in"),
        ),
        Column(
            "last_year",
            Text("去年同期", "Same quarter last year"),
            "fen",
            YUAN,
            required=False,
            aliases=("同期提货额", "last year"),
            note=Text("没有去年同期的留空：增长不评", "blank without a quarter to compare: growth is not rated"),
        ),
        Column(
            "new_sales",
            Text("其中新品", "New products of it"),
            "fen",
            YUAN,
            required=False,
            aliases=("新品提货额", "新品销售额", "new product sales"),
        ),
        Column(
            "share",
            Text("我方占比", "Our share"),
            "rate",
            PERCENT,
            required=False,
            low=0,
            high=1,
            aliases=("占有率", "份额", "share"),
            note=Text("经销商同类生意里我方产品所占比例", "our part of the dealer's business in these products"),
        ),
        Column(
            "growth",
            Text("增长率", "Growth"),
            "rate",
            PERCENT,
            formula='=IF(N({last_year})<=0,"",N({sales})/{last_year}-1)',
        ),
        Column(
            "new_product",
            Text("新品占比", "New-product ratio"),
            "rate",
            PERCENT,
            formula="=IF(N({sales})<=0,0,N({new_sales})/{sales})",  # a quarter of net returns sold no new products
        ),
    ),
    ("quarter", "dealer"),
    pasted=True,
)

_ORDERS = TableSpec(
    "DealerOrders",
    Text("经销商出货", "Dealers' orders"),
    (
        Column(
            "id",
            Text("出货单号", "Dealer order"),
            "id",
            aliases=("销售单号", "流向单号", "dealer order no", "sell-through no"),
        ),
        Column("date", Text("出货日期", "Sold on"), "date", aliases=("流向日期", "销售日期", "sell-through date")),
        _dealer(required=False, note=Text("云商城订单留空", "blank: an order of the cloud store")),
        Column(
            "region",
            Text("终端区域", "Buyer's region"),
            "text",
            refers="Regions.region",
            required=False,
            aliases=("收货区域", "流向区域", "ship-to region"),
        ),
        Column(
            "customer",
            Text("终端客户编号", "Buyer ID"),
            "id",
            refers="Customers.id",
            required=False,
            aliases=("终端客户", "end customer", "buyer"),
        ),
        Column("item", Text("物料", "Item"), "id", required=False, aliases=("物料编码", "型号", "sku", "item no")),
        Column("quantity", Text("出货数量", "Units sold"), "number", _PIECES, required=False, aliases=("流向数量", "units")),
        Column(
            "amount",
            Text("出货额", "Sell-through"),
            "fen",
            Text("元，按进货价", "yuan, at our price"),
            aliases=("流向金额", "出货金额", "sell-through amount"),
            note=Text("按我方开票价折算；退货填负数", "at our invoice price; a return is negative"),
        ),
        Column(
            "territory",
            Text("授权区域", "Territory"),
            "text",
            formula='=IF({dealer}="","",IFERROR(INDEX({Dealers.territory},MATCH({dealer},{Dealers.id},0))&"",""))',
        ),
    ),
    ("id",),
    pasted=True,
)

_STOCK = TableSpec(
    "Stock",
    Text("渠道库存", "Dealer stock"),
    (
        _dealer(),
        Column("item", Text("物料", "Item"), "id", aliases=("物料编码", "型号", "sku", "item no")),
        Column("name", Text("物料名称", "Item name"), "text", required=False, aliases=("品名", "item description")),
        Column("invoice", Text("原发票号", "Original invoice"), "id", aliases=("发票号", "进货发票", "invoice", "invoice no")),
        Column("invoice_date", Text("开票日期", "Invoiced on"), "date", aliases=("发票日期", "进货日期", "invoice date")),
        Column(
            "price", Text("原发票单价", "Invoice price"), "fen", Text("元/台", "yuan a unit"), low=0,
            aliases=("开票单价", "进货单价", "unit price"),
        ),
        Column("bought", Text("进货数量", "Units bought"), "number", _PIECES, low=0, aliases=("开票数量",)),
        Column("on_hand", Text("库存数量", "Units on hand"), "number", _PIECES, low=0, aliases=("在库数量", "结存", "on hand")),
        Column("counted_on", Text("盘点日期", "Counted on"), "date", required=False),
        Column(
            "value", Text("库存原值", "Stock at invoice price"), "fen", YUAN, formula="=ROUND(N({price})*N({on_hand}),2)",
        ),
    ),
    ("dealer", "item", "invoice"),
    pasted=True,
)  # fmt: skip

_EXAMS = TableSpec(
    "Exams",
    Text("学院考试", "College exams"),
    (
        _dealer(),
        Column("college", Text("学院", "College"), "word", words=COLLEGES, aliases=("课程学院",)),
        Column("date", Text("考试日期", "Exam date"), "date"),
        Column(
            "score", Text("考试分数", "Score"), "number", Text("0–100 分", "0–100"), low=0, high=100, aliases=("分数", "成绩")
        ),
        Column("person", Text("参考人", "Who sat it"), "text", required=False),
        # The last exam of a college counts, better or worse; one after the as-of date is still to come.
        Column(
            "latest",
            Text("最近一次", "Latest"),
            "int",
            formula=(
                '=IF(OR({date}="",{date}>as_of),0,IF(COUNTIFS({Exams.dealer},{dealer},{Exams.college},{college},'
                '{Exams.date},">"&{date},{Exams.date},"<="&as_of)=0,1,0))'
            ),
        ),
    ),
    ("dealer", "college", "date"),
    pasted=True,
)

_LESSONS = TableSpec(
    "Lessons",
    Text("培训上课", "Lessons"),
    (
        _dealer(),
        Column("form", Text("上课形式", "Form"), "word", words=LESSONS),
        Column("date", Text("上课日期", "Lesson date"), "date"),
        Column("college", Text("学院", "College"), "word", words=COLLEGES, required=False),
        Column("topic", Text("主题", "Topic"), "text", required=False),
        Column("people", Text("到课人数", "People present"), "int", Text("人", "people"), required=False, low=0),
    ),
    pasted=True,
)

_FUND = TableSpec(
    "Fund",
    Text("市场基金核销", "Marketing fund claims"),
    (
        Column("id", Text("核销单号", "Claim ID"), "id", aliases=("核销号", "基金单号", "claim no")),
        _dealer(),
        Column("date", Text("活动日期", "Activity date"), "date", aliases=("核销日期", "claim date")),
        Column("activity", Text("活动", "Activity"), "text", aliases=("活动名称",)),
        Column("spend", Text("活动花费", "Spend"), "fen", YUAN, low=0, aliases=("投入", "活动费用")),
        Column("revenue", Text("带来收入", "Revenue brought"), "fen", YUAN, required=False, low=0, aliases=("活动产出",)),
        Column("status", Text("核销状态", "Claim status"), "word", words=CLAIM_STATES),
    ),
    ("id",),
)

_REGISTRATIONS = TableSpec(
    "Registrations",
    Text("商机报备", "Deal registrations"),
    (
        Column("id", Text("报备号", "Registration ID"), "id", aliases=("报备编号", "报备单号", "registration no")),
        _dealer(),
        Column(
            "customer",
            Text("报备客户", "Registered customer"),
            "text",
            aliases=("最终客户", "registered account"),
            note=Text("客户全称；未建档的客户也可报备", "the full name; it need not be in the customer master yet"),
        ),
        Column("registered", Text("报备日期", "Registered on"), "date"),
        Column(
            "valid_until",
            Text("保护期至", "Protected until"),
            "date",
            required=False,
            aliases=("有效期至", "valid until"),
            note=Text("留空：按“参数”的保护天数", "blank: the days of protection on Settings"),
        ),
        Column("amount", Text("预计金额", "Expected amount"), "money", YUAN, required=False, low=0),
        Column("status", Text("报备状态", "Registration status"), "word", words=REGISTRATION_STATES),
    ),
    ("id",),
)

_INSTALLERS = TableSpec(
    "Installers",
    Text("海外安装商", "Overseas installers"),
    (
        Column("id", Text("安装商编号", "Installer ID"), "id"),
        Column("name", Text("安装商名称", "Installer name"), "text", aliases=("安装商", "installer")),
        Column("country", Text("国家", "Country"), "text"),
        Column("joined", Text("加盟日期", "Joined the pilot"), "date", required=False, aliases=("签约日期",)),
        Column("currency", Text("结算币种", "Settlement currency"), "text", note=Text("如 USD、EUR、THB", "such as USD, EUR, THB")),
        Column("revenue", Text("外币收入", "Revenue in currency"), "fen", Text("原币", "currency"), required=False),
        Column("fx", Text("汇率",
                          "Exchange rate"), "number", Text("元/原币", "yuan a unit"), low=0, note=Text("入账汇率", "booking rate")),
        Column("cost", Text("人民币成本", "Cost in yuan"), "fen", YUAN, required=False),
        Column("yuan", Text("折合收入", "Revenue in yuan"), "fen", YUAN, formula="=ROUND(N({revenue})*N({fx}),2)"),
        Column("margin_rate", Text("毛利率", "Margin rate"), "rate", PERCENT, formula="=IF({yuan}=0,0,1-N({cost})/{yuan})"),
    ),
    ("id",),
)  # fmt: skip

_VISITS = TableSpec(
    "OverseasVisits",
    Text("海外高层走访", "Senior visits overseas"),
    (
        Column("date", Text("走访日期", "Visit date"), "date"),
        Column("who", Text("带队高管", "Senior visitor"), "text"),
        Column("installer", Text("安装商编号", "Installer ID"), "id", refers="Installers.id", required=False),
        Column("outcome", Text("走访成果", "Outcome of the visit"), "text", required=False),
    ),
)

_SQUADS = TableSpec(
    "Squads",
    Text("联合战队", "Joint squads"),
    (
        _quarter(),
        _dealer(),
        Column("lead", Text("我方负责人工号", "Our lead, ID"), "id", refers="People.id", required=False),
        Column("goal", Text("战队目标", "Goal of the squad"), "text"),
        Column("target", Text("目标签单", "Target bookings"), "money", YUAN, required=False, low=0),
        Column("reached", Text("已签单", "Bookings reached"), "money", YUAN, required=False, low=0),
        Column("status", Text("战队状态", "Squad status"), "word", words=SQUAD_STATES),
    ),
    ("quarter", "dealer"),
)

_LEDGER = TableSpec(
    "DealerLedger",
    Text("返利台账", "Rebate ledger"),
    (
        _quarter(),
        _dealer(),
        Column("sales", Text("季度提货额", "Sales of the quarter"), "fen", YUAN),
        Column("rebate", Text("应得返利", "Rebate earned"), "fen", YUAN),
        Column("paid", Text("支付返利", "Rebate paid"), "fen", YUAN),
        Column("withheld", Text("暂扣返利", "Rebate withheld"), "fen", YUAN),
        Column("mean", Text("633均值", "633 mean"), "rate", PERCENT, required=False),
        Column("minimum", Text("633最低", "633 minimum"), "rate", PERCENT, required=False),
        Column("verdict", Text("渠道结论", "633 verdict"), "word", words=EXIT_WORDS, required=False),
        Column("kind", Text("类型", "Kind"), "word", words=SETTLEMENT_KINDS),
        Column("status", Text("状态", "Status"), "word", words=LEDGER_STATES),
        Column("plan_version", Text("方案版本", "Plan version"), "text"),
        # An accrual is booked to its own quarter; what comes later (an adjustment, a release) to the quarter it comes in.
        Column("booked", Text("入账季度", "Booked in"), "quarter", note=_QUARTER),
        Column("computed_on", Text("计算日期", "Computed on"), "date"),
        Column("reason", Text("原因", "Reason"), "text", required=False),
    ),
    by_program=True,
    by=Text("结算渠道返利", "Settle dealers"),
)

TABLES = TableSpecs(
    40,
    (
        _DEALERS,
        _SALES,
        _ORDERS,
        _STOCK,
        _EXAMS,
        _LESSONS,
        _FUND,
        _REGISTRATIONS,
        _INSTALLERS,
        _VISITS,
        _SQUADS,
        _LEDGER,
    ),
)
