"""The market: regions, the signals that run ahead of it, what helps and threatens us, policies, and who else is there."""

from __future__ import annotations

from functools import partial

from udfs.text import Text
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs, Word, by_button
from workbook_templates.tables.words import LINES, PERCENT

INSIGHT = Text("检查市场信号", "Check signals")
HIGH, LOW = "high", "low"
GOOD = (Word(HIGH, Text("高", "High"), ("越高越好",)), Word(LOW, Text("低", "Low"), ("越低越好",)))
FREQUENCIES = (
    Word("month", Text("月", "Month"), ("月度", "monthly")),
    Word("quarter", Text("季", "Quarter"), ("季度", "quarterly")),
)
SCANS = (Word("pest", Text("PEST", "PEST"), ("宏观",)), Word("forces", Text("五力", "Five forces"), ("波特五力",)))
DIMENSIONS = (
    Word("political", Text("政治", "Political")), Word("economic", Text("经济", "Economic")), Word("social", Text("社会", "Social")),
    Word("technological", Text("技术", "Technological")), Word("rivalry", Text("现有竞争", "Rivalry")),
    Word("entrants", Text("新进入者", "New entrants")), Word("substitutes", Text("替代品", "Substitutes")),
    Word("suppliers", Text("供方", "Suppliers"), ("供应商",)), Word("buyers", Text("买方", "Buyers"), ("客户",)),
)  # fmt: skip
OPPORTUNITY, THREAT = "opportunity", "threat"
FACTOR_KINDS = (Word(OPPORTUNITY, Text("机会", "Opportunity")), Word(THREAT, Text("威胁", "Threat")))
THEMES = (
    Word("subsidy", Text("补贴", "Subsidy")), Word("green", Text("绿色采购", "Green procurement")),
    Word("data", Text("数据安全", "Data security")), Word("other", Text("其他", "Other")),
)  # fmt: skip
EFFECTS = (
    Word("good", Text("利好", "Favourable")), Word("bad", Text("利空", "Unfavourable")), Word("neutral", Text("中性", "Neutral")),
)  # fmt: skip
WATCHED, CLAIMED, DONE, DROPPED = "watched", "claimed", "done", "dropped"
POLICY_STATES = (
    Word(WATCHED, Text("跟踪", "Watched")), Word(CLAIMED, Text("已申报", "Applied for")), Word(DONE, Text("已落实", "Settled")),
    Word(DROPPED, Text("放弃", "Dropped")),
)  # fmt: skip
CURVES = (Word("technology", Text("技术", "Technology")), Word("people", Text("人群", "People")))
OURS = "ours"
ORIGINS = (
    Word("foreign", Text("外资", "Foreign")),
    Word("local", Text("本土", "Local")),
    Word(OURS, Text("我方", "Ours"), ("自己",)),
)
SIGNALS = (
    Word("normal", Text("正常", "Normal")), Word("high", Text("偏高", "High")), Word("low", Text("偏低", "Low")),
)  # fmt: skip
LIGHTS = (Word("green", Text("绿", "Green")), Word("red", Text("红", "Red")))

_POINTS = Text("0–10 分", "0–10")
_MONTH_OR_QUARTER = Text("写成 2027-01 或 2027-Q1", "write it as 2027-01 or 2027-Q1")


_written = partial(by_button, INSIGHT)


def _owner() -> Column:
    return Column("owner", Text("负责人工号", "Owner"), "id", refers="People.id", required=False)


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
        Column(
            "code",
            Text("代码", "Code"),
            "id",
            required=False,
            aliases=("区域代码", "region code"),
            note=Text(
                "两位大写字母，如 HD；用于项目与客户编号", "two capital letters such as HD: in projects' and customers' codes"
            ),
        ),
    ),
    ("region",),
)

_INDICATORS = TableSpec(
    "Indicators",
    Text("先行指标", "Indicators"),
    (
        Column("code", Text("代码", "Code"), "id"),
        Column("name", Text("名称", "Name")),
        Column("frequency", Text("频率", "Frequency"), "word", words=FREQUENCIES),
        Column("window", Text("窗口", "Window"), "int", required=False, low=2, note=Text("比较的期数；空：月 12、季 8", "periods compared; blank: 12 months, 8 quarters")),
        Column("k", Text("倍数", "Width"), "number", required=False, low=0, note=Text("几倍标准差；空：2", "standard deviations; blank: 2")),
        Column("season", Text("季节期数", "Season"), "int", required=False, low=0, note=Text("社融等有季节性的月度流量填 12；空：0", "12 for monthly flows with a season; blank: 0")),
        Column("good", Text("好的方向", "Good side"), "word", words=GOOD, required=False,
               note=Text("哪一边对我们有利；空：不亮灯", "which side is good for us; blank: no light")),
        Column("source", Text("来源", "Source")),
        _owner(),
        _written("period", "最新期", "Newest", "id"),
        _written("value", "最新值", "Value", "number"),
        _written("low", "下限", "Lower limit", "number"),
        _written("high", "上限", "Upper limit", "number"),
        _written("state", "判断", "Signal", "word", words=SIGNALS),
        _written("light", "灯", "Light", "word", words=LIGHTS),
    ),
    ("code",),
    page=PageSpec(
        10.2,
        Text("先行指标：超出动态阈值就提醒", "Figures ahead of the market: an alert beyond the moving limits"),
        Text("填指标与历史值（至少一个窗口），点“检查市场信号”", "Enter indicators and their history (a window at least), click Check signals"),
        title=Text("宏观指标", "Indicators"),
        frozen=2,
    ),
)  # fmt: skip

_INDICATOR_VALUES = TableSpec(
    "IndicatorValues",
    Text("指标值", "Indicator values"),
    (
        Column("code", Text("代码", "Code"), "id", refers="Indicators.code", aliases=("指标", "指标代码", "indicator")),
        Column(
            "period",
            Text("期", "Period"),
            "id",
            aliases=("月份", "时间", "统计月份", "month"),
            note=_MONTH_OR_QUARTER,
            across=True,
        ),
        Column("value", Text("值", "Value"), "number", aliases=("数值", "指标值")),
        Column("published_on", Text("发布日期", "Published on"), "date", required=False),
        Column("source", Text("来源", "Source"), required=False),
        _written(
            "compared",
            "比较值",
            "Compared",
            "number",
            note=Text("有季节的减去上年同期", "less the value of a season before, where there is one"),
        ),
        _written("low", "下限", "Lower limit", "number"),
        _written("high", "上限", "Upper limit", "number"),
    ),
    ("code", "period"),
    page=PageSpec(
        10.3,
        Text("各期的值，从统计局、人民银行网站导入或粘贴", "The values by period, imported or pasted from the statistics' sites"),
        beside="indicators",
    ),
    pasted=True,
)

_ADOPTION_SERIES = TableSpec(
    "AdoptionSeries",
    Text("渗透曲线", "Adoption curves"),
    (
        Column("series", Text("曲线", "Series"), "id"),
        Column("ceiling", Text("上限", "Ceiling"), "rate", PERCENT, required=False, low=0, high=1, note=Text("空：由数据估计", "blank: estimated")),
    ),
    ("series",),
    page=PageSpec(10.4, Text("每条曲线的上限", "Where each curve levels off"), beside="indicators"),
)  # fmt: skip

_ADOPTION_POINTS = TableSpec(
    "AdoptionPoints",
    Text("渗透率", "Adoption"),
    (
        Column("series", Text("曲线", "Series"), "id", refers="AdoptionSeries.series"),
        Column("kind", Text("类别", "Kind"), "word", words=CURVES),
        Column("year", Text("年份", "Year"), "int", low=1900, high=2200),
        Column("share", Text("渗透率", "Share"), "rate", PERCENT, low=0, high=1),
        Column("source", Text("来源", "Source")),
    ),
    ("series", "year"),
    page=PageSpec(10.5, Text("各年的渗透率", "The share reached in each year"), beside="indicators"),
)

_ADOPTION_AHEAD = TableSpec(
    "AdoptionAhead",
    Text("渗透率预测", "Adoption ahead"),
    (
        Column("series", Text("曲线", "Series"), "id", refers="AdoptionSeries.series"),
        Column("year", Text("年份", "Year"), "int"),
        Column("share", Text("预测", "Share"), "rate", PERCENT),
        Column("low", Text("下限", "Low"), "rate", PERCENT),
        Column("high", Text("上限", "High"), "rate", PERCENT),
    ),
    ("series", "year"),
    page=PageSpec(10.55, Text("往后五年，95% 预测区间", "Five years ahead, with a 95% prediction interval"), beside="indicators"),
    by_program=True,
    by=INSIGHT,
)

_FACTORS = TableSpec(
    "Factors",
    Text("机会威胁", "Factors"),
    (
        Column("id", Text("编号", "ID"), "id"),
        Column("scan", Text("扫描", "Scan"), "word", words=SCANS),
        Column("dimension", Text("维度", "Dimension"), "word", words=DIMENSIONS),
        Column("kind", Text("类别", "Kind"), "word", words=FACTOR_KINDS),
        Column("name", Text("因素", "Factor")),
        Column("evidence", Text("依据", "Evidence")),
        _written("impact", "影响", "Impact", "number"),
        _written("likelihood", "可能性", "Likelihood", "number"),
        _written("score", "得分", "Score", "number"),
        _written("raters", "评分人数", "Raters", "int"),
        _written("spread", "分歧", "Spread", "number", note=Text("最高与最低评分之差；超过“参数”的分歧线为分歧大", "highest less lowest rating; beyond the line on Settings they disagree")),
        _owner(),
        Column("response", Text("应对", "Response"), required=False),
        Column("review_on", Text("复核日期", "Review on"), "date", required=False),
    ),
    ("id",),
    page=PageSpec(
        10.6,
        Text("PEST 与五力：得分 = √(影响 × 可能性)", "PEST and five forces: score = √(impact × likelihood)"),
        Text("写因素与依据，请几个人评分，点“检查市场信号”", "Write factors with evidence, have several people rate them, click Check signals"),
        title=Text("因素与政策", "Factors and policies"),
        frozen=1,
        wraps={"evidence": 36, "response": 36},
    ),
)  # fmt: skip

_FACTOR_RATINGS = TableSpec(
    "FactorRatings",
    Text("因子评分", "Factor ratings"),
    (
        Column("factor", Text("因素编号", "Factor"), "id", refers="Factors.id"),
        Column("rater", Text("评分人工号", "Rater"), "id", refers="People.id"),
        Column("impact", Text("影响", "Impact"), "number", _POINTS, low=0, high=10),
        Column("likelihood", Text("可能性", "Likelihood"), "number", _POINTS, low=0, high=10),
        Column("on", Text("日期", "Date"), "date"),
    ),
    ("factor", "rater"),
    page=PageSpec(10.7, Text("每人每个因素一行", "A row a person and factor"), beside="factors"),
)

_POLICY_WATCH = TableSpec(
    "PolicyWatch",
    Text("政策跟踪", "Policy watch"),
    (
        Column("id", Text("编号", "ID"), "id"),
        Column("issuer", Text("发布单位", "Issuer")),
        Column("title", Text("名称", "Title")),
        Column("theme", Text("主题", "Theme"), "word", words=THEMES),
        Column("issued_on", Text("发布日期", "Issued on"), "date"),
        Column("effective_on", Text("生效日期", "Effective on"), "date", required=False),
        Column("expires_on", Text("失效日期", "Expires on"), "date", required=False),
        Column("effect", Text("影响", "Effect"), "word", words=EFFECTS, required=False),
        Column("line", Text("条线", "Line"), "word", words=LINES, required=False),
        Column("value", Text("金额", "Value"), "money", Text("元", "yuan"), required=False),
        Column("owner", Text("负责人工号", "Owner"), "id", refers="People.id"),
        Column("follow_up", Text("后续动作", "Follow-up"), required=False),
        Column("due", Text("期限", "Due"), "date", required=False),
        Column("status", Text("状态", "Status"), "word", words=POLICY_STATES),
        Column("source", Text("来源", "Source")),
    ),
    ("id",),
    page=PageSpec(10.8, Text("补贴、绿色采购、数据安全：谁跟、到什么时候、办到哪一步", "Subsidies, green procurement, data security: who follows, until when, how far"), beside="factors"),
)  # fmt: skip

_COMPETITORS = TableSpec(
    "Competitors",
    Text("竞品", "Competitors"),
    (
        Column("name", Text("名称", "Name"), "id"),
        Column("origin", Text("类别", "Origin"), "word", words=ORIGINS),
        Column("share", Text("份额", "Share"), "rate", PERCENT, low=0, high=1),
        Column("completeness", Text("方案完整度", "Completeness"), "number", Text("0–100 分", "0–100"), low=0, high=100),
        Column("delivery_days", Text("交期", "Delivery"), "number", Text("天", "days"), low=0),
        Column("reputation", Text("口碑", "Reputation"), "number", Text("0–100 分", "0–100"), low=0, high=100),
        Column("price_index", Text("价格指数", "Price index"), "number", required=False, low=0, note=Text("行业 = 100", "the industry is 100")),
        Column("source", Text("来源", "Source")),
        Column("as_of", Text("截至", "As of"), "date"),
    ),
    ("name",),
    page=PageSpec(10.9, Text("谁在场上：份额、方案完整度、交期、口碑", "Who is in the field: share, completeness, delivery, reputation"), Text("每半年更新；我方也填一行", "Bring it up every half year; enter ourselves, too")),
)  # fmt: skip

TABLES = TableSpecs(
    10,
    (
        _REGIONS, _INDICATORS, _INDICATOR_VALUES, _ADOPTION_SERIES, _ADOPTION_POINTS, _ADOPTION_AHEAD, _FACTORS, _FACTOR_RATINGS, _POLICY_WATCH,
        _COMPETITORS,
    ),
)  # fmt: skip
