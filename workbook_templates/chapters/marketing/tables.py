"""Advertising and leads, content and keywords, events with guests, topics and intended orders."""

from __future__ import annotations

from functools import partial

from udfs.marketing import STATES
from udfs.text import Text
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs, Word, by_button
from workbook_templates.tables.words import YES_NO, YUAN

CAMPAIGNS, EVENTS, MINUTES = (
    Text("检查投放", "Check campaigns"),
    Text("检查活动", "Check events"),
    Text("活动纪要", "Write minutes"),
)
POOLS = (
    Word("baidu", Text("百度SEM", "Baidu SEM"), ("百度推广", "百度", "baidu")),
    Word("douyin", Text("抖音信息流", "Douyin feed"), ("巨量引擎", "抖音", "douyin")),
    Word("trade", Text("行业垂直号", "Trade media"), ("行业媒体", "垂直号")),
)
FINE, CHANGE = "fine", "change"
CREATIVE_STATES = tuple(Word(code, label) for code, label in STATES.items())
NEW, MQL, CONVERTED, INVALID = "new", "mql", "converted", "invalid"
LEAD_STATES = (
    Word(NEW, Text("新", "New"), ("未跟进", "待跟进")), Word(MQL, Text("MQL", "MQL"), ("有效", "有效线索")),
    Word(CONVERTED, Text("转商机", "Converted"), ("已转商机", "转化")), Word(INVALID, Text("无效", "Invalid"), ("作废",)),
)  # fmt: skip
PAPER, FILM, STORY = "paper", "film", "story"
CONTENT_KINDS = (
    Word(PAPER, Text("白皮书", "White paper")), Word(FILM, Text("微电影", "Film"), ("视频",)), Word(STORY, Text("案例", "Case story")),
)  # fmt: skip
SUMMIT, TECH_DAY, OPEN_DAY = "summit", "tech_day", "open_day"
EVENT_KINDS = (
    Word(SUMMIT, Text("峰会", "Summit")), Word(TECH_DAY, Text("技术日", "Technology day")), Word(OPEN_DAY, Text("开放日", "Open day")),
)  # fmt: skip
TALK = "talk"
PARTS = (
    Word("main", Text("主论坛", "Main forum")), Word("side", Text("分论坛", "Side forum")), Word(TALK, Text("夜话", "Night talk")),
)  # fmt: skip
EVENT_LIGHTS = (Word("green", Text("绿", "Green")), Word("amber", Text("橙", "Amber")), Word("red", Text("红", "Red")))

_checked, _held, _told = (partial(by_button, button) for button in (CAMPAIGNS, EVENTS, MINUTES))
_COUNT, _TIMES = Text("个", "count"), Text("倍", "times")


def _tick(key: str, zh: str, en: str, note: Text = Text("", "")) -> Column:
    return Column(key, Text(zh, en), "flag", words=YES_NO, required=False, note=note)


def _owner() -> Column:
    return Column("owner", Text("负责人工号", "Owner"), "id", refers="People.id")


def _deal() -> Column:
    note = Text(
        "签单后填单号，或由商机带出；归因收入由此计",
        "the deal it became, or taken from its opportunity; revenue is attributed by it",
    )
    return Column("deal", Text("单号", "Deal ID"), "id", refers="Deals.id", required=False, note=note)


_CAMPAIGNS = TableSpec(
    "Campaigns",
    Text("投放计划", "Campaigns"),
    (
        Column("campaign", Text("计划名称", "Campaign"), "id"),
        Column("pool", Text("流量池", "Pool"), "word", words=POOLS),
        _owner(),
        Column("start", Text("开始日期", "Start"), "date", note=Text("“3+1”从这天起排", "the 3+1 rhythm counts from here")),
        Column("until", Text("结束日期", "End"), "date", required=False),
        _checked("air_from", "近三投放日起", "Last air days from", "date"),
        _checked("cost", "近三日费用", "Cost", "fen", YUAN),
        _checked("leads", "近三日线索", "Leads", "int", _COUNT),
        _checked("cpl", "每线索成本", "CPL", "fen", YUAN),
        _checked("benchmark", "行业成本", "Industry CPL", "fen", YUAN),
        _checked("state", "判断", "Judgement", "word", words=CREATIVE_STATES),
        _checked("review_on", "下次复盘", "Next review", "date"),
    ),
    ("campaign",),
    page=PageSpec(
        62,
        Text("投放计划、花费与线索；超过行业成本 120% 换素材", "Campaigns, spend and leads; above 120% of the industry's CPL the creative changes"),
        Text("登记计划，导入平台报表，点“检查投放”", "Enter campaigns, import the platforms' reports, click Check campaigns"),
        title=Text("投放", "Campaigns"),
        frozen=1,
        widths={"campaign": 18},
    ),
    yearly=True,
)  # fmt: skip

_AD_SPEND = TableSpec(
    "AdSpend",
    Text("投放流水", "Ad spend"),
    (
        Column("date", Text("日期", "Date"), "date", aliases=("时间", "统计日期", "day", "日")),
        Column("pool", Text("流量池", "Pool"), "word", words=POOLS, aliases=("渠道", "平台", "platform")),
        Column("campaign", Text("计划名称", "Campaign"), "id", refers="Campaigns.campaign", open_refers=True, aliases=("计划", "推广计划", "广告计划", "广告组")),
        Column("creative", Text("素材", "Creative"), "id", aliases=("创意", "广告素材", "创意名称", "ad")),
        Column("impressions", Text("展现", "Impressions"), "int", required=False, low=0, aliases=("展示", "展现量", "曝光", "展示数", "展现次数")),
        Column("clicks", Text("点击", "Clicks"), "int", required=False, low=0, aliases=("点击量", "点击数", "点击次数")),
        Column("cost", Text("费用", "Cost"), "fen", YUAN, low=0, aliases=("消费", "消耗", "花费", "总费用", "spend")),
        Column("leads", Text("线索数", "Leads"), "int", _COUNT, low=0, aliases=("表单数", "线索", "表单提交数", "有效咨询数", "form submissions")),
        Column("mql", Text("MQL", "MQL"), "int", _COUNT, required=False, low=0, aliases=("有效线索数", "有效线索"), note=Text("其中有效线索；空：未甄别", "of them qualified; blank: not looked at yet")),
    ),
    ("date", "campaign", "creative"),
    page=PageSpec(62.1, Text("各平台每天的花费与线索", "What each platform cost and brought, day by day"), beside="campaigns"),
    pasted=True,
    yearly=True,
)  # fmt: skip

_BENCHMARKS = TableSpec(
    "Benchmarks",
    Text("行业CPL", "Industry CPL"),
    (
        Column("pool", Text("流量池", "Pool"), "word", words=POOLS),
        Column("valid_from", Text("生效日期", "Valid from"), "date"),
        Column("cpl", Text("每线索成本", "CPL"), "fen", YUAN, low=0),
        Column("source", Text("来源", "Source")),
    ),
    ("pool", "valid_from"),
    page=PageSpec(
        62.2, Text("行业每线索成本；更新时加一行", "The industry's cost per lead; a new figure is a new row"), beside="campaigns"
    ),
)

_CREATIVES = TableSpec(
    "Creatives",
    Text("素材更换", "Creative changes"),
    (
        Column("campaign", Text("计划名称", "Campaign"), "id", refers="Campaigns.campaign"),
        Column("from", Text("原素材", "From"), "id"),
        Column("to", Text("新素材", "To"), "id"),
        Column("on", Text("日期", "Date"), "date"),
        Column("reason", Text("原因", "Reason")),
        Column("by", Text("经办人", "By")),
    ),
    ("campaign", "on"),
    page=PageSpec(
        62.3,
        Text("何时换了素材、为什么；“检查投放”补记", "When creatives changed and why; Check campaigns adds what it sees"),
        beside="campaigns",
    ),
    yearly=True,
)

_LEADS = TableSpec(
    "Leads",
    Text("线索", "Leads"),
    (
        Column("id", Text("线索号", "Lead"), "id", aliases=("线索编号", "lead id")),
        Column("received", Text("收到时间", "Received"), "time", aliases=("创建时间", "提交时间", "created")),
        Column("pool", Text("流量池", "Pool"), "word", words=POOLS, open_words=True, aliases=("来源", "渠道", "source")),
        Column("campaign", Text("计划名称", "Campaign"), "id", required=False, aliases=("计划", "推广计划")),
        Column("company", Text("公司", "Company"), aliases=("公司名称", "企业名称", "客户名称")),
        Column("contact", Text("联系人", "Contact"), required=False, aliases=("姓名",)),
        Column("phone", Text("电话或邮箱", "Phone or e-mail"), required=False, aliases=("手机", "电话", "邮箱", "联系方式", "phone")),
        Column("status", Text("状态", "Status"), "word", words=LEAD_STATES),
        Column("invalid_why", Text("无效原因", "Why invalid"), required=False),
        Column("owner", Text("负责人工号", "Owner"), "id", refers="People.id", required=False),
        Column("opportunity", Text("商机编号", "Opportunity"), "id", refers="Opportunities.id", required=False, open_refers=True),
        _deal(),
        Column("mql_on", Text("有效日期", "MQL on"), "date", required=False),
        Column("converted_on", Text("转商机日期", "Converted on"), "date", required=False),
        _checked("counted", "计数", "Counted", "flag", words=YES_NO),
        _checked("not_counted", "不计原因", "Why not counted", "text"),
    ),
    ("id",),
    page=PageSpec(62.4, Text("逐条线索，直到商机与签单", "Lead by lead, until opportunity and deal"), Text("从 CRM 或表单导入", "Import from the CRM or a form"), frozen=1, widths={"company": 30, "not_counted": 26}),
    pasted=True,
    yearly=True,
    identity=("id", "company"),
    judged=("status", "counted", "not_counted", "received", "pool", "campaign", "owner", "opportunity", "deal", "mql_on", "converted_on"),
)  # fmt: skip

_CONTENTS = TableSpec(
    "Contents",
    Text("内容", "Contents"),
    (
        Column("id", Text("编号", "ID"), "id"),
        Column("kind", Text("类别", "Kind"), "word", words=CONTENT_KINDS),
        Column("title", Text("标题", "Title")),
        _owner(),
        Column("due", Text("期限", "Due"), "date"),
        Column("published_on", Text("发布日期", "Published on"), "date", required=False),
        Column("url", Text("链接", "Link"), required=False),
        _tick("kw1", "含“极速定制”", "Says “fast custom”", Text("标题或正文有这个关键词", "title or text has this keyword")),
        _tick("kw2", "含“碳足迹”", "Says “footprint”", Text("标题或正文有这个关键词", "title or text has this keyword")),
        _tick("voice", "客户口述", "Customer's words"),
        _tick("data", "数据对比", "Data compared"),
        _tick("roi", "ROI计算", "ROI worked out"),
        Column("case", Text("案例编号", "Case"), "id", required=False),
        Column("forwards", Text("转发", "Forwards"), "int", required=False, low=0),
    ),
    ("id",),
    page=PageSpec(
        63,
        Text("内容矩阵 1-10-100：两个关键词、三段式", "The content matrix 1-10-100: two keywords, three parts"),
        Text("排好期限与负责人，发布后打勾", "Set due days and owners, tick when published"),
        title=Text("内容与活动", "Content and events"),
        frozen=1,
        wraps={"title": 32},
        widths={"url": 18},
    ),
    yearly=True,
)  # fmt: skip

_KEYWORDS = TableSpec(
    "KeywordRanks",
    Text("关键词排名", "Keyword ranks"),
    (
        Column("keyword", Text("关键词", "Keyword"), "id"),
        Column("engine", Text("搜索引擎", "Engine"), "id"),
        Column("date", Text("日期", "Date"), "date"),
        Column("rank", Text("名次", "Rank"), "int", low=1),
        Column("volume", Text("搜索量", "Volume"), "int", required=False, low=0),
    ),
    ("keyword", "engine", "date"),
    page=PageSpec(63.1, Text("关键词的自然排名，目标前十", "Where keywords rank; the goal is the first ten"), beside="contents"),
    pasted=True,
    yearly=True,
)

_EVENTS = TableSpec(
    "Events",
    Text("活动", "Events"),
    (
        Column("id", Text("编号", "ID"), "id"),
        Column("kind", Text("类别", "Kind"), "word", words=EVENT_KINDS),
        Column("name", Text("名称", "Name")),
        Column("start", Text("开始时间", "Start"), "time"),
        Column("end", Text("结束时间", "End"), "time"),
        Column("place", Text("地点", "Place"), required=False),
        _owner(),
        Column("roi_target", Text("ROI目标", "ROI target"), "number", _TIMES, low=0, note=Text("收入 ÷ 费用；立项时就要有", "revenue over cost; set when it is planned")),
        Column("budget", Text("预算", "Budget"), "fen", YUAN, low=0),
        Column("cost", Text("实际费用", "Cost"), "fen", YUAN, required=False, low=0),
        Column("order_goal", Text("意向单目标", "Orders wanted"), "int", required=False, low=0, note=Text("空：开放日 3 单，其他不考核", "blank: 3 for an open day, none for others")),
        _held("guests", "到场人数", "Guests", "int"),
        _held("orders", "意向单", "Intended orders", "int"),
        _held("revenue", "归因收入", "Attributed revenue", "fen", YUAN),
        _held("roi", "ROI", "ROI", "number", _TIMES),
        _held("light", "灯", "Light", "word", words=EVENT_LIGHTS),
        _told("minutes_on", "纪要时间", "Minutes at", "time"),
    ),
    ("id",),
    page=PageSpec(
        63.3, Text("峰会、技术日、开放日：目标、费用、意向单与纪要", "Summits, technology days, open days: goals, cost, orders, minutes"),
        Text("立项写 ROI 目标；会后 48 小时内点“活动纪要”", "Set the ROI target first; write the minutes within 48 hours"), frozen=1, widths={"name": 28},
    ),
    yearly=True,
    identity=("id", "name"),
    judged=("light", "kind", "start", "end", "owner", "minutes_on", "orders", "order_goal", "roi", "roi_target", "guests"),
)  # fmt: skip

_GUESTS = TableSpec(
    "EventGuests",
    Text("活动嘉宾", "Event guests"),
    (
        Column("event", Text("活动编号", "Event"), "id", refers="Events.id"),
        Column("name", Text("姓名", "Name"), "id"),
        Column("company", Text("公司", "Company"), "id"),
        Column("title", Text("职务", "Title"), required=False),
        Column("email", Text("邮箱", "E-mail"), required=False),
        Column("part", Text("场次", "Part"), "word", words=PARTS),
        _tick("invited", "已邀请", "Invited"),
        _tick("came", "到场", "Came"),
    ),
    ("event", "name", "company", "part"),
    page=PageSpec(
        63.4, Text("谁受邀、谁到场；夜话不超过 20 位", "Who is invited, who came; a night talk has 20 at most"), beside="events"
    ),
    yearly=True,
)

_INTENTS = TableSpec(
    "Intents",
    Text("意向单", "Intended orders"),
    (
        Column("event", Text("活动编号", "Event"), "id", refers="Events.id"),
        Column("customer", Text("客户", "Customer"), "id", names="Customers.id"),
        Column("amount", Text("意向金额", "Amount"), "fen", YUAN, required=False, low=0, adds=True),
        Column("carbon_kg", Text("减碳", "Carbon saved"), "number", Text("千克", "kg"), required=False, low=0, adds=True),
        _tick("delivered_72h", "72小时出图", "Drawn in 72 h"),
        Column("opportunity", Text("商机编号", "Opportunity"), "id", refers="Opportunities.id", required=False, open_refers=True),
        _deal(),
    ),
    ("event", "customer"),
    page=PageSpec(63.5, Text("活动现场的意向，直到签单", "Orders intended at events, until they are signed"), beside="events"),
    yearly=True,
)

_TOPICS = TableSpec(
    "EventTopics",
    Text("活动议题", "Event topics"),
    (
        Column("event", Text("活动编号", "Event"), "id", refers="Events.id"),
        Column("number", Text("序号", "No."), "int", low=1),
        Column("topic", Text("议题", "Topic")),
        Column("said", Text("要点", "What was said"), note=Text("只写观点，不写人名与公司名", "what was said, never who or which company")),
        Column("next_step", Text("后续动作", "Next step"), required=False),
    ),
    ("event", "number"),
    page=PageSpec(
        63.6, Text("纪要的内容：按查塔姆规则，不出现嘉宾与公司", "The minutes' content: under the Chatham House rule, no guests, no companies"),
        beside="events", wraps={"said": 44, "topic": 24, "next_step": 28},
    ),
    yearly=True,
)  # fmt: skip

TABLES = TableSpecs(
    26,
    (_CAMPAIGNS, _AD_SPEND, _BENCHMARKS, _CREATIVES, _LEADS, _CONTENTS, _KEYWORDS, _EVENTS, _GUESTS, _INTENTS, _TOPICS),
)
