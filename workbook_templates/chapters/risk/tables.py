"""Credit grades, contracts with their clauses and signatures, the company's own control tables, what travels and emits."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.chapters.risk.words import (
    BASES,
    CARBON,
    CONTRACT,
    CONTRACT_STATES,
    CREDIT,
    EXPORT,
    GRADE_WORDS,
    RESULT_WORDS,
    RISK_WORDS,
    SIGNERS,
    STATUS_WORDS,
    TOPICS,
    VERDICTS,
)
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs
from workbook_templates.tables.words import PERCENT, YES_NO, YUAN

_SCORE, _KG, _KM = Text("0–100 分", "0–100"), Text("千克 CO2e", "kg CO2e"), Text("公里", "km")


def _written(key: str, zh: str, en: str, kind: str, by: Text, unit: Text = Text("", ""), **more: object) -> Column:
    return Column(key, Text(zh, en), kind, unit, required=False, by_program=True, by=by, **more)  # type: ignore[arg-type]


def _scored(key: str, zh: str, en: str) -> Column:
    return Column(key, Text(zh, en), "number", _SCORE, required=False, low=0, high=100)


_SCORES = TableSpec(
    "CreditScores",
    Text("信用评级", "Credit scores"),
    (
        Column("customer", Text("客户编号", "Customer ID"), "id", refers="Customers.id"),
        Column("as_of", Text("评级日期", "Rated on"), "date"),
        _scored("financial", "财务评分", "Financial"),
        _scored("industry", "行业评分", "Industry"),
        _scored("overdue", "逾期评分", "Overdue"),
        _scored("judicial", "司法评分", "Judicial"),
        Column("sources", Text("来源", "Sources")),
        _written("score", "得分", "Score", "number", CREDIT),
        _written("grade", "信用等级", "Credit grade", "word", CREDIT, words=GRADE_WORDS),
        _written("limit", "信用额度", "Credit limit", "money", CREDIT, YUAN),
        Column("frozen", Text("冻结", "Frozen"), "flag", words=YES_NO, required=False),
        Column("by", Text("评级人工号", "Rated by"), "id", refers="People.id"),
        Column(
            "newest",
            Text("最新", "Newest"),
            "int",
            formula=(  # on the plan's day: one dated later does not count yet
                '=IF({customer}="","",IF(N({as_of})>as_of,0,IF(COUNTIFS({CreditScores.customer},{customer},{CreditScores.as_of},">"&N({as_of}),'
                '{CreditScores.as_of},"<="&as_of)=0,1,0)))'
            ),
        ),
    ),
    ("customer", "as_of"),
    page=PageSpec(
        84.2,
        Text("四项评分决定等级、账期与额度；新评级加一行，旧的保留", "Four scores give grade, terms and limit; a new rating is a new row"),
        Text("填评分与来源，点“信用评级”", "Enter scores with their sources, click Rate credit"),
        title=Text("信用", "Credit"),
        frozen=2,
    ),
)  # fmt: skip

_CONTRACTS = TableSpec(
    "Contracts",
    Text("合同", "Contracts"),
    (
        Column("id", Text("合同编号", "Contract"), "id"),
        Column("customer", Text("客户编号", "Customer ID"), "id", refers="Customers.id"),
        Column("status", Text("状态", "Status"), "word", words=CONTRACT_STATES),
        Column("amount", Text("合同金额", "Amount"), "fen", YUAN, low=0),
        Column("prepaid", Text("预付比例", "Prepaid"), "rate", PERCENT, low=0, high=1),
        Column("credit_days", Text("账期", "Credit"), "int", Text("天", "days"), required=False, low=0),
        Column("currency", Text("币种", "Currency"), required=False, note=Text("空：人民币", "blank: CNY")),
        Column("quote", Text("报价单号", "Quote"), "id", refers="Quotes.id", required=False, open_refers=True),
        Column("deal", Text("单号", "Deal ID"), "id", refers="Deals.id", required=False),
        Column("three_year", Text("三年协议", "Three years"), "flag", words=YES_NO, required=False),
        Column("overseas", Text("海外", "Overseas"), "flag", words=YES_NO, required=False),
        Column("sent_on", Text("送审日期", "In review since"), "date", required=False),
        _written("major", "重大合同", "Major", "flag", CONTRACT, words=YES_NO),
        _written("problems", "待办", "What is open", "text", CONTRACT),
        _written("digest", "校验码", "Checksum", "id", CONTRACT),
        _written("file", "文件", "File", "text", CONTRACT),
    ),
    ("id",),
    page=PageSpec(
        84.3,
        Text("合同与会审：文本一改，三方签字作废", "Contracts in review: a changed text voids all signatures"),
        Text("写合同、勾条款、签会审，点“生成合同”", "Enter contract, clauses and signatures, click Make contract"),
        frozen=1,
        wraps={"problems": 36},
    ),
    identity=("id", "customer"),
    judged=("status", "amount", "prepaid", "credit_days", "major", "problems", "sent_on"),
)  # fmt: skip

_CONTRACT_CLAUSES = TableSpec(
    "ContractClauses",
    Text("合同条款", "Contract clauses"),
    (
        Column("contract", Text("合同编号", "Contract"), "id", refers="Contracts.id"),
        Column("topic", Text("主题", "Topic"), "word", words=TOPICS, open_words=True),
        Column("option", Text("选项", "Option")),
        Column(
            "deviation",
            Text("偏离", "Deviation"),
            required=False,
            note=Text("与标准文本的不同；空：照标准", "what differs from the standard; blank: nothing"),
        ),
        Column("legal_ok", Text("法务同意工号", "Legal agreed"), "id", refers="People.id", required=False),
    ),
    ("contract", "topic", "option"),
    page=PageSpec(84.4, Text("每个主题勾一个选项", "One option for each topic"), beside="contracts", wraps={"deviation": 28}),
)

_SIGNATURES = TableSpec(
    "Signatures",
    Text("会审", "Signatures"),
    (
        Column("contract", Text("合同编号", "Contract"), "id", refers="Contracts.id"),
        Column("role", Text("岗位", "Role"), "word", words=SIGNERS),
        Column("person", Text("工号", "Person"), "id", refers="People.id"),
        Column("on", Text("时间", "Time"), "time"),
        Column("verdict", Text("意见", "Verdict"), "word", words=VERDICTS),
        _written("digest", "校验码", "Checksum", "id", CONTRACT),
    ),
    ("contract", "role", "on"),
    page=PageSpec(
        84.5, Text("销售、法务、财务三方，三个不同的人", "Sales, legal and finance: three different people"), beside="contracts"
    ),
)

_LIBRARY = TableSpec(
    "ClauseLibrary",
    Text("条款库", "Clause library"),
    (
        Column("topic", Text("主题", "Topic"), "word", words=TOPICS, open_words=True),
        Column("option", Text("选项", "Option")),
        Column("risk", Text("风险", "Risk"), "word", words=RISK_WORDS),
        Column("text_zh", Text("中文文本", "Chinese text")),
        Column("text_en", Text("英文文本", "English text"), required=False),
        Column("version", Text("版本", "Version")),
        Column("valid_from", Text("生效日期", "Valid from"), "date"),
    ),
    ("topic", "option", "valid_from"),
    page=PageSpec(
        84.6,
        Text("法务维护的标准条款与风险", "Standard clauses and their risk, kept by legal"),
        beside="contracts",
        wraps={"text_zh": 30, "text_en": 30},
    ),
)

_EXPORT_CHECKS = TableSpec(
    "ExportChecks",
    Text("出口核查", "Export checks"),
    (
        _written("id", "编号", "ID", "id", EXPORT),
        Column("order", Text("单号", "Deal ID"), "id", refers="Deals.id"),
        Column("product", Text("产品编码", "Product"), "id", required=False),
        Column("eccn", Text("ECCN", "ECCN"), "id", required=False),
        Column("hs", Text("HS编码", "HS code"), "id", required=False),
        Column("country", Text("目的国家", "Country")),
        _written("result", "结果", "Result", "word", EXPORT, words=RESULT_WORDS),
        _written("reasons", "原因", "Reasons", "text", EXPORT),
        _written("dual", "双人复核", "Two reviewers", "flag", EXPORT, words=YES_NO),
        Column("reviewer1", Text("复核人一", "First reviewer"), "id", refers="People.id", required=False),
        Column("reviewer2", Text("复核人二", "Second reviewer"), "id", refers="People.id", required=False),
        Column("video_on", Text("视频验厂日期", "Video check on"), "date", required=False),
        Column("licence_no", Text("许可证号", "Licence number"), "id", required=False),
        _written("data_version", "管制表日期", "Tables as of", "date", EXPORT),
    ),
    ("order", "product"),
    page=PageSpec(
        84.7,
        Text("海外订单逐行核查；表里查不到的就是待核查", "Each line of a foreign order; what the tables don't list is to be checked"),
        Text("维护右侧三张管制表，点“出口核查”", "Keep the three control tables beside, click Check exports"),
        title=Text("出口", "Export"),
        frozen=2,
        wraps={"reasons": 36},
    ),
)  # fmt: skip

_CONTROLS = TableSpec(
    "ExportControls",
    Text("ECCN管制表", "ECCN controls"),
    (
        Column("eccn", Text("ECCN", "ECCN"), "id"),
        Column(
            "column",
            Text("管制栏", "Column"),
            "id",
            required=False,
            note=Text("EAR99 填一行，管制栏留空", "EAR99 has a row with a blank column"),
        ),
        Column("source", Text("来源", "Source")),
        Column("as_of", Text("截至", "As of"), "date"),
    ),
    ("eccn", "column"),
    page=PageSpec(
        84.8, Text("合规维护：一个 ECCN 一栏一行", "Kept by compliance: a row for each column of an ECCN"), beside="export_checks"
    ),
)

_COUNTRIES = TableSpec(
    "CountryControls",
    Text("国家管制表", "Country controls"),
    (
        Column("country", Text("国家", "Country")),
        Column("column", Text("管制栏", "Column"), "id"),
        Column("licence", Text("需许可证", "Licence needed"), "flag", words=YES_NO),
        Column("status", Text("状态", "Status"), "word", words=STATUS_WORDS),
        Column("source", Text("来源", "Source"), required=False),
        Column("as_of", Text("截至", "As of"), "date"),
    ),
    ("country", "column"),
    page=PageSpec(84.82, Text("国家 × 管制栏是否需证", "Whether country × column needs a licence"), beside="export_checks"),
)

_HS = TableSpec(
    "HsControls",
    Text("HS管制表", "HS controls"),
    (
        Column("hs", Text("HS编码", "HS code"), "id", note=Text("可填前缀，最长的前缀算", "prefixes count, the longest first")),
        Column("licence", Text("需许可证", "Licence needed"), "flag", words=YES_NO),
        Column("list", Text("清单", "List")),
        Column("as_of", Text("截至", "As of"), "date"),
    ),
    ("hs",),
    page=PageSpec(84.84, Text("两用物项等清单", "Dual-use and other lists"), beside="export_checks"),
)

_TRAVEL = TableSpec(
    "Travel",
    Text("差旅", "Travel"),
    (
        Column("id", Text("编号", "ID"), "id", aliases=("订单号", "行程单号", "trip id")),
        Column("person", Text("工号", "Person"), "id", refers="People.id", required=False, aliases=("出差人工号", "traveller")),
        Column("date", Text("日期", "Date"), "date", aliases=("出发日期", "departure date")),
        Column("from", Text("出发地", "From"), aliases=("出发城市", "origin")),
        Column("to", Text("到达地", "To"), aliases=("到达城市", "destination")),
        Column("mode", Text("方式", "Mode"), aliases=("交通方式", "transport")),
        Column("class", Text("舱位", "Class"), required=False, aliases=("座席", "cabin")),
        Column("km", Text("里程", "Distance"), "number", _KM, required=False, low=0, aliases=("公里数", "distance", "km")),
        Column("amount", Text("费用", "Cost"), "fen", YUAN, required=False, aliases=("金额", "票价")),
        _written("kg", "碳排", "Emitted", "number", CARBON, _KG),
    ),
    ("id",),
    page=PageSpec(
        84.9,
        Text("差旅、样品、展台的碳排，按因子表折算", "What travel, samples and stands emit, by the table of factors"),
        Text(
            "导入差旅平台数据，维护因子，点“碳排报告”", "Import the travel platform's data, keep the factors, click Carbon report"
        ),
        title=Text("碳排", "Carbon"),
    ),
    pasted=True,
)

_SHIPMENTS = TableSpec(
    "Shipments",
    Text("样品运输", "Sample shipments"),
    (
        Column("date", Text("日期", "Date"), "date"),
        Column("mode", Text("方式", "Mode")),
        Column("kg", Text("重量", "Weight"), "number", Text("千克", "kg"), low=0),
        Column("km", Text("里程", "Distance"), "number", _KM, low=0),
        _written("emitted", "碳排", "Emitted", "number", CARBON, _KG),
    ),
    page=PageSpec(84.92, Text("一次运输一行", "A row a shipment"), beside="travel"),
)

_BOOTHS = TableSpec(
    "Booths",
    Text("展台", "Stands"),
    (
        Column("event", Text("活动", "Event"), "id"),
        Column("date", Text("日期", "Date"), "date"),
        Column("basis", Text("计量", "Basis"), "word", words=BASES),
        Column("quantity", Text("数量", "Quantity"), "number", low=0),
        _written("emitted", "碳排", "Emitted", "number", CARBON, _KG),
    ),
    page=PageSpec(84.94, Text("一个展台一种计量一行", "A row for each basis of a stand"), beside="travel"),
)

_FACTORS = TableSpec(
    "CarbonFactors",
    Text("排放因子", "Emission factors"),
    (
        Column("mode", Text("方式", "Mode"), "id"),
        Column("unit", Text("单位", "Unit")),
        Column("factor", Text("因子", "Factor"), "number", Text("千克/单位", "kg a unit"), low=0),
        Column("scope_note", Text("范围说明", "Scope")),
        Column("source", Text("来源", "Source")),
        Column("year", Text("年份", "Year"), "int", low=1990, high=2100),
        Column("valid_from", Text("生效日期", "Valid from"), "date"),
    ),
    ("mode", "valid_from"),
    page=PageSpec(
        84.96,
        Text(
            "每个因子写明来源与年份；含不含辐射强迫不要混用",
            "Each factor with source and year; never mix with and without forcing",
        ),
        beside="travel",
    ),
)

TABLES = TableSpecs(
    70,
    (
        _SCORES, _CONTRACTS, _CONTRACT_CLAUSES, _SIGNATURES, _LIBRARY, _EXPORT_CHECKS, _CONTROLS, _COUNTRIES, _HS, _TRAVEL, _SHIPMENTS,
        _BOOTHS, _FACTORS,
    ),
)  # fmt: skip
