"""The plan's numbers: each stands here once, with its unit, its chapter and the date from which it holds.

A function takes a policy value as an argument whose default is ``plan("key")``; the 参数 (Settings) sheet is generated from this
list and passes the values explicitly, so a number changed on the sheet changes the result.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from udfs.text import Text

PLAN_START = dt.date(2027, 1, 1)


@dataclass(frozen=True)
class Policy:
    """One number, word or small column of numbers of the plan. ``dated`` maps "valid from" to the value."""

    key: str
    label: Text
    unit: Text
    chapter: int
    dated: dict[dt.date, Any]
    source: Text
    items: tuple[Text, ...] = ()
    words: tuple[Text, ...] = ()
    valid_to: dt.date | None = None

    @property
    def range_name(self) -> str:
        """The defined name of its cells in a workbook: what holds on the workbook's day."""
        return "plan_" + self.key.replace(".", "_")

    @property
    def base_name(self) -> str:
        """The defined name of the cells that say what holds from the start, before any change with a date."""
        return "base_" + self.key.replace(".", "_")

    @property
    def value(self) -> Any:
        return self.at(None)

    def at(self, on: dt.date | None) -> Any:
        """The value in force on a date; without one the latest. Before the first it is the first: the plan knows no older."""
        dates = sorted(self.dated)
        in_force = [d for d in dates if on is None or d <= on] or dates[:1]
        return self.dated[in_force[-1]]


_SHARE = Text("比例", "share")
_YUAN = Text("元", "yuan")
_PEOPLE = Text("人", "people")
_TIMES = Text("倍", "times")
_WORD = Text("选项", "choice")
_WEIGHT = Text("权重", "weight")
_YEARS = Text("年", "years")
_DAYS = Text("天", "days")
_DIGITS = Text("位", "digits")
_POINTS = Text("分", "points")
_HOURS = Text("小时", "hours")
_ZONE = Text("时区", "time zone")

POLICIES: dict[str, Policy] = {}

# What is looked at and changed in the course of a year; the rest is agreed once. These stand first on Settings.
OFTEN = (
    "targets.floor_share",
    "targets.stretch_share",
    "targets.profit_rate",
    "health.good",
    "health.fair",
    "channels.exit_limit",
    "channels.stock_days",
    "overseas.revenue",
    "team.headcount",
    "team.coverage_limit",
    "coaching.limit",
    "week.collection_goal",
    "attainment.basis",
    "commission.basis",
    "release.at_signing",
    "pool.rate",
    "budget.rate",
    "budget.cut",
)


def _add(
    key: str,
    zh: str,
    en: str,
    unit: Text,
    chapter: int,
    value: Any,
    source: tuple[str, str],
    items: tuple[tuple[str, str], ...] = (),
    words: tuple[tuple[str, str], ...] = (),
    valid_to: dt.date | None = None,
) -> None:
    POLICIES[key] = Policy(
        key,
        Text(zh, en),
        unit,
        chapter,
        {PLAN_START: value},
        Text(*source),
        tuple(Text(*i) for i in items),
        tuple(Text(*w) for w in words),
        valid_to,
    )


# How a figure is judged where the plan names no borders of its own: ours.
_LIGHTS = ("驾驶舱的灯（自定）", "the cockpit's lights, ours")
_add("light.amber", "橙灯下限（目标的）", "amber from this share of a goal", _SHARE, 0, 0.9, _LIGHTS)
_add("light.stale_days", "数据过期（工作日）", "data are stale after working days", _DAYS, 0, 10, _LIGHTS)
# How many working days who is told to act has got.
_TASKS = ("待办期限（工作日）", "days for a task, working days")
_add("tasks.week2_days", "锁单或回款不足", "orders or cash short", _DAYS, 0, 2, _TASKS)
_add("tasks.close_days", "关账前几天看回款", "before the books close: cash", _DAYS, 0, 3, _TASKS)
_add("tasks.handshake_days", "漏访、驻场不足", "visit missed, on-site days short", _DAYS, 0, 10, _TASKS)
_add("tasks.exit_days", "经销商退出", "a dealer leaves", _DAYS, 0, 10, _TASKS)
_add("tasks.roi_days", "ROI 未达标", "ROI missed", _DAYS, 0, 5, _TASKS)
_add("tasks.coaching_days", "KR 低于辅导线（月末后）", "key result below the line, after the month", _DAYS, 0, 10, _TASKS)
_add("tasks.credit_days", "信用等级下调", "a credit grade fell", _DAYS, 0, 3, _TASKS)
_add(
    "tasks.growth_days",
    "月度文章、月星、读书（月末后，自然日）",
    "article, stars, books: calendar days after the month",
    _DAYS,
    0,
    5,
    _TASKS,
)
_add("tasks.signal_days", "先行指标异动", "an indicator alerts", _DAYS, 0, 10, _TASKS)
_add("tasks.yellow_days", "交付黄灯", "a project turns yellow", _DAYS, 0, 2, _TASKS)
_add("tasks.red_days", "交付红灯", "a project turns red", _DAYS, 0, 1, _TASKS)
_add("tasks.stalled_days", "商机停滞", "an opportunity has stalled", _DAYS, 0, 5, _TASKS)
# Whose day a moment with an offset is, in what comes in.
_add("company.zone", "公司时区", "company's time zone", _ZONE, 0, "Asia/Shanghai", ("导入（自定）", "imports, ours"))

_MARKET = ("第1章 目标设定", "Chapter 1, targets")
_add("targets.floor_share", "保底目标占 SOM", "floor target, share of SOM", _SHARE, 1, Fraction(14, 19), _MARKET)
_add("targets.stretch_share", "冲刺目标占 SOM", "stretch target, share of SOM", _SHARE, 1, Fraction(50, 57), _MARKET)
_add("targets.profit_rate", "利润底线占保底目标", "profit floor, share of the floor target", _SHARE, 1, 0.15, _MARKET)

_SIGNALS = ("第1章 先行指标", "Chapter 1, leading indicators")
_OBSERVED = Text("期", "periods")
_add("signals.window", "预警取前几期", "periods an alert looks back", _OBSERVED, 1, 12, _SIGNALS)
_add("signals.quarters", "预警取前几季（季度指标）", "quarters an alert looks back", _OBSERVED, 1, 8, _SIGNALS)
_add("signals.k", "预警倍数（标准差的）", "standard deviations that alert", _TIMES, 1, 2, _SIGNALS)
_add("signals.season", "季节差分（期；0 为不差分）", "season subtracted first; 0: none", _OBSERVED, 1, 0, _SIGNALS)
_MUST_TRACK = ("第1章 机会威胁", "Chapter 1, opportunities and threats")
_add("signals.cutoff", "必跟清单的分数线", "score of the must-track list", _POINTS, 1, 7, _MUST_TRACK)
_add("signals.apart", "评分分歧线（最高减最低）", "raters are apart beyond", _POINTS, 1, 4, _MUST_TRACK)
_add(
    "adoption.level",
    "渗透率区间的置信水平",
    "level of the adoption interval",
    _SHARE,
    1,
    0.95,
    ("第1章 渗透率（自定）", "Chapter 1, adoption, ours"),
)
_add(
    "policies.soon_days",
    "政策事项提前提醒",
    "policy follow-ups due within",
    _DAYS,
    1,
    30,
    ("第1章 政策跟踪（自定）", "Chapter 1, policies, ours"),
)
_add(
    "whitespace.margin",
    "最大气泡的半径（轴长的）",
    "radius of the largest bubble",
    _SHARE,
    1,
    0.05,
    ("第1章 战略群组（自定）", "Chapter 1, groups, ours"),
)

_CUSTOMERS = ("第2章 客户分级", "Chapter 2, tiers")
_TIERS = (("S 级", "S"), ("A 级", "A"), ("B 级", "B"))
_add(
    "customers.caps",
    "累计名额上限",
    "customers at most, cumulative",
    Text("家", "customers"),
    2,
    (18, 60, 180),
    _CUSTOMERS,
    _TIERS,
)
_add("customers.shares", "累计占比线", "cumulative share reached", _SHARE, 2, (0.55, 0.85, 0.97), _CUSTOMERS, _TIERS)
_add("customers.buffer", "升降级缓冲", "buffer at a tier's border", _SHARE, 2, 0.20, _CUSTOMERS)
# When the company's shares count as the plan's: ours, for the light on the tier summary.
_add("customers.share_tolerance", "占比容差", "share tolerance", _SHARE, 2, 0.02, _CUSTOMERS)
_ROLES = (("客户经理", "account manager"), ("方案专家", "solution expert"), ("交付工程师", "delivery engineer"))
_STAFFING = ("第2章 客户团队", "Chapter 2, customer teams")
_add("customers.team_s", "S 级“1+1+3”", "S team 1+1+3", _PEOPLE, 2, (1, 1, 3), _STAFFING, _ROLES)
_add("customers.team_a", "A 级“1+2”", "A team 1+2", _PEOPLE, 2, (1, 0, 2), _STAFFING, _ROLES)
_add("customers.onsite_days", "S 级驻场天数（每年至少）", "on-site days at an S customer a year", _DAYS, 2, 60, _STAFFING)
_add(
    "customers.joint_projects",
    "S 级联合实验室或专利下限",
    "joint labs or patents per S customer",
    Text("项", "projects"),
    2,
    2,
    _STAFFING,
)
_add(
    "customers.pull",
    "客户增长带动率下限",
    "growth pull at least",
    _TIMES,
    2,
    1.2,
    ("第2章 增长带动", "Chapter 2, growth pull"),
)
_add(
    "customers.churn",
    "流失线（活跃概率低于）",
    "at risk below this probability active",
    _SHARE,
    2,
    0.5,
    ("第2章 流失风险", "Chapter 2, churn"),
)
_VALUE = ("第2章 客户价值", "Chapter 2, lifetime value")
_add("clv.months", "客户价值测算期", "months of lifetime value", Text("月", "months"), 2, 12, _VALUE)
_add("clv.monthly_discount", "客户价值月折现率", "monthly discount of lifetime value", _SHARE, 2, 0.01, _VALUE)
_add("clv.margin_rate", "客户价值按毛利率折算", "margin rate of lifetime value", _SHARE, 2, 1, _VALUE)
# The plan wants a stated mix and names its four parts; the weights and the ends of the scales are ours.
_HEALTH = ("第2章 客户健康", "Chapter 2, customer health")
_add(
    "health.weights", "客户健康权重", "weights of customer health", _SHARE, 2, (0.30, 0.30, 0.20, 0.20), _HEALTH,
    (("近度", "recency"), ("回款", "collections"), ("NPS", "NPS"), ("交付灯", "delivery light")),
)  # fmt: skip
_add("health.recent_days", "近度满分（距上次购买不超过）", "recency in full within", _DAYS, 2, 45, _HEALTH)
_add("health.stale_days", "近度零分（距上次购买达到）", "recency zero from", _DAYS, 2, 270, _HEALTH)
_add("health.good", "健康绿灯下限", "health: green from", _SHARE, 2, 0.8, _HEALTH)
_add("health.fair", "健康橙灯下限", "health: amber from", _SHARE, 2, 0.6, _HEALTH)
_HANDSHAKE = ("第2章 高层握手", "Chapter 2, handshakes")
_add("handshake.executives", "轮值高管", "executives in rotation", Text("职务", "role"), 2, ("CEO", "CTO", "CFO"), _HANDSHAKE)
# The plan names the blueprint but no day: a month after the visit is ours.
_add("handshake.blueprint_days", "联合商业蓝图期限（拜访后）", "blueprint due after the visit", _DAYS, 2, 30, _HANDSHAKE)
_add("package.exclusivity", "打包方案排他期", "exclusivity of a package", _YEARS, 2, 3, ("第2章 打包方案", "Chapter 2, packages"))

_PRODUCTS = ("第3章 产品线目标", "Chapter 3, product lines")
_add("products.premium", "高端线溢价率下限", "premium of the top line at least", _SHARE, 3, 0.15, _PRODUCTS)
_add("products.margin_floor", "经济线毛利率底线", "floor of Eco's margin rate", _SHARE, 3, 0.22, _PRODUCTS)
_add(
    "products.drawn_share",
    "按时出图比例下限",
    "drawn within the promise, share",
    _SHARE,
    3,
    0.95,
    ("第3章 定制（自定）", "Chapter 3, Flex, ours"),
)
_add(
    "products.drawn_fair",
    "按时出图比例橙灯",
    "drawn within the promise, amber from",
    _SHARE,
    3,
    0.9,
    ("第3章 定制（自定）", "Chapter 3, Flex, ours"),
)
_FLEX = ("第3章 定制 72 小时", "Chapter 3, Flex in 72 hours")
_add("flex.hours", "定制出图承诺（自然小时）", "hours promised for a Flex drawing", _HOURS, 3, 72, _FLEX)
_add("flex.engineers", "出图工程师", "engineers on a drawing", _PEOPLE, 3, 1, _FLEX)
_add("flex.shift", "每日出图工时", "drawing hours a day", _HOURS, 3, 24, _FLEX)
_APPROVAL = ("第3章 价格审批", "Chapter 3, price approval")
_add("approval.fuse_discount", "熔断直批的最大折扣", "largest discount of the fuse", _SHARE, 3, 0.03, _APPROVAL)
_add("approval.fuse_prepaid", "熔断直批的最低预付", "least prepaid of the fuse", _SHARE, 3, 0.30, _APPROVAL)
_add(
    "approval.valid_days",
    "批准的有效期",
    "an approval is valid",
    _DAYS,
    3,
    30,
    ("第3章 价格审批（自定）", "Chapter 3, price approval, ours"),
)
_add(
    "approval.open_days",
    "价格申请等待不超过",
    "a price request waits at most",
    _DAYS,
    3,
    2,
    ("第3章 价格审批（自定）", "Chapter 3, price approval, ours"),
)
_add("approval.list_from", "须附价值让渡清单的折扣", "discount that needs value given", _SHARE, 3, 0.05, _APPROVAL)
# The plan asks for discount × value given; the borders and who decides are ours. Levels: see udfs.prices.LEVELS.
_BANDS_OURS = (
    "第 3 章 价格审批（自定；0 须附清单，1 主管，2 经理，3 总监，4 事业部总经理，5 不予批准）",
    "Chapter 3, ours; 0 list needed, 1 supervisor, 2 manager, 3 director, 4 division GM, 5 not approved",
)
_BAND_NAMES = tuple((f"第 {n} 档", f"band {n}") for n in range(1, 6))
_add(
    "approval.discounts",
    "审批折扣档起点",
    "approval: discount from",
    _SHARE,
    3,
    (0, 0.02, 0.05, 0.10, 0.15),
    _BANDS_OURS,
    _BAND_NAMES,
)
_VALUE_POINTS = tuple((f"价值第 {n} 档", f"value column {n}") for n in range(1, 5))
_add("approval.points", "审批价值分起点", "approval: points from", _POINTS, 3, (0, 1, 3, 5), _BANDS_OURS, _VALUE_POINTS)
_LEVEL = Text("级", "level")
for _band, _levels in enumerate(((1, 1, 1, 1), (2, 2, 1, 1), (0, 3, 2, 2), (0, 4, 3, 3), (0, 5, 4, 3)), 1):
    _add(
        f"approval.levels_{_band}", f"第 {_band} 折扣档的审批级", f"approval level, discount band {_band}", _LEVEL, 3,
        _levels, _BANDS_OURS, _VALUE_POINTS,
    )  # fmt: skip
_MATCHING = ("第3章 案例匹配（自定）", "Chapter 3, case matching, ours")
_add("match.top", "案例匹配取前几个", "cases shown", Text("个", "cases"), 3, 3, _MATCHING)
_add("match.bonus", "行业相同加分", "added for the same industry", _SHARE, 3, 0.10, _MATCHING)
_add("match.image", "照片相似度下限", "photos count from this likeness", _SHARE, 3, 0.80, _MATCHING)
_add("match.image_weight", "照片相似的权重", "weight of a photo's likeness", _SHARE, 3, 0.15, _MATCHING)
_add("match.saved", "方案制作节省目标", "time saved on a deck, goal", _SHARE, 3, 0.70, _MATCHING)
# What a company wants of each line; the plan names no mix, so there is none until somebody enters one.
_add(
    "products.mix", "签单的产品结构（0 为不设）", "mix of bookings wanted (0: none)", _SHARE, 3, (0.0, 0.0, 0.0, 0.0), _PRODUCTS,
    tuple((f"第 {n} 条产品线", f"product line {n}") for n in range(1, 5)),
)  # fmt: skip

_CHANNELS = ("第4章 渠道考核“633”", "Chapter 4, channels' 633")
_QUARTERS = Text("季", "quarters")
_add(
    "channels.targets", "“633”目标", "633 targets", _SHARE, 4, (0.60, 0.30, 0.30), _CHANNELS,
    (("我方占比", "our share"), ("增长率", "growth"), ("新品占比", "new products")),
)  # fmt: skip
_add("channels.exit_limit", "“633”退出线（达成率）", "633 attainment that must be reached", _SHARE, 4, 0.80, _CHANNELS)
_add("channels.exit_quarters", "连续几季低于退出线即启动退出", "quarters in a row below it: exit", _QUARTERS, 4, 2, _CHANNELS)
_add(
    "channels.exit_basis", "退出考核口径（按合同）", "attainment the contract counts", _WORD, 4, Text("均值", "mean"), _CHANNELS,
    words=(("均值", "mean"), ("每项", "each")),
)  # fmt: skip
_add(
    "channels.buyback_rate", "退出回购（原发票价的）", "buyback, share of the invoice price", _SHARE, 4, 0.95,
    ("第4章 退出回购", "Chapter 4, buyback"),
)  # fmt: skip
# The plan says that rebates have tiers and not which: these are a start, to be replaced by the contract's.
_REBATE = ("第4章 返利（档位为示例）", "Chapter 4, example tiers")
_REBATE_TIERS = tuple((f"返利第 {n} 档", f"rebate tier {n}") for n in (1, 2, 3))
_add(
    "rebate.thresholds", "返利档（季度提货额下限）", "rebate tiers: lower end of the quarter's sales", _YUAN, 4,
    (0, 2_000_000, 5_000_000), _REBATE, _REBATE_TIERS,
)  # fmt: skip
_add("rebate.rates", "返利比例", "rebate rates", _SHARE, 4, (0.10, 0.13, 0.15), _REBATE, _REBATE_TIERS)
_add(
    "rebate.mode", "返利计算方式", "how rebate tiers apply", _WORD, 4, Text("超额累进", "marginal"), _REBATE,
    words=(("超额累进", "marginal"), ("全额", "whole"), ("插值", "interpolated")),
)  # fmt: skip
_add(
    "rebate.pass_score", "学院考试及格分", "pass score of a college's exam", _POINTS, 4, 80,
    ("第4章 渠道学院", "Chapter 4, colleges"),
)  # fmt: skip
_COLLEGES = ("第4章 渠道学院", "Chapter 4, colleges")
_add("training.online", "线上课（每月）", "online lessons a month", Text("次", "lessons"), 4, 1, _COLLEGES)
_add("training.classroom", "面授课（每季）", "classroom lessons a quarter", Text("次", "lessons"), 4, 1, _COLLEGES)
_FUND = ("第4章 市场基金", "Chapter 4, marketing fund")
_add("fund.ratio", "核销门槛(收入÷花费)", "claim threshold", _TIMES, 4, 3, _FUND)
_add("fund.company_share", "核销中公司承担", "company's part of a claim", _SHARE, 4, 0.5, _FUND)
_add(
    "fund.mode", "未达倍数时", "a claim that brings less", _WORD, 4, Text("不核销", "all"), _FUND,
    words=(("不核销", "all"), ("按比例", "prorata")),
)  # fmt: skip
# The plan asks for registrations and for a look at dealers' stock, without figures: these are ours.
_OURS = ("第4章 报备与库存（自定）", "Chapter 4, days are ours")
_add("channels.protection_days", "报备保护期", "protection of a registration", _DAYS, 4, 90, _OURS)
_add("channels.stock_window", "出货统计天数", "sell-through window", _DAYS, 4, 90, _OURS)
_add("channels.stock_days", "库存天数上限", "days of stock at most", _DAYS, 4, 90, _OURS)
_OVERSEAS = ("第4章 海外试点", "Chapter 4, overseas pilot")
_add("overseas.installers", "海外安装商", "installers overseas", Text("家", "installers"), 4, 20, _OVERSEAS)
_add("overseas.revenue", "海外收入目标", "overseas revenue target", _YUAN, 4, 30_000_000, _OVERSEAS)
_add("overseas.margin", "海外毛利率下限", "overseas margin rate at least", _SHARE, 4, 0.35, _OVERSEAS)
_add("overseas.visits", "海外高层走访（每月）", "senior visits overseas a month", Text("次", "visits"), 4, 1, _OVERSEAS)
_add(
    "squads.quarter",
    "联合战队（每季至少）",
    "joint squads a quarter at least",
    Text("支", "squads"),
    4,
    1,
    ("第4章 联合战队", "Chapter 4, joint squads"),
)

_TEAM = ("第5章 团队", "Chapter 5, team")
_add("team.headcount", "编制", "headcount", _PEOPLE, 5, 68, _TEAM)
_add(
    "team.coverage_limit",
    "人均活跃客户上限",
    "active customers a head at most",
    Text("家/人", "customers"),
    5,
    25,
    _TEAM,
)
_add(
    "team.pool_sizes", "人才池名额", "talent pool places", _PEOPLE, 5, (3, 9, 27), _TEAM,
    (("一级（最高层级）", "top level"), ("二级", "second level"), ("三级", "third level")),
)  # fmt: skip
_add(
    "team.rating_scale", "评分范围", "rating scale", Text("分", "points"), 5, (1, 5), _TEAM,
    (("最低分", "lowest"), ("最高分", "highest")),
)  # fmt: skip
_add("team.values_bar", "价值观准入分", "values score that bars below", Text("分", "points"), 5, 3, _TEAM)
_add("coaching.limit", "辅导线（KR 完成度）", "coaching below this KR progress", _SHARE, 5, 0.7, _TEAM)
_add("coaching.days", "总监陪访天数", "days a director joins visits", _DAYS, 5, 3, _TEAM)

_QUOTA = ("第5章 指标", "Chapter 5, quotas")
_add(
    "quota.pattern", "季度节奏“4321”", "quarterly rhythm 4-3-2-1", _WEIGHT, 5, (4, 3, 2, 1), _QUOTA,
    (("一季度", "Q1"), ("二季度", "Q2"), ("三季度", "Q3"), ("四季度", "Q4")),
)  # fmt: skip
_add(
    "quota.months", "季内月度权重（春节在二月）", "months inside a quarter (Spring Festival in February)", _WEIGHT, 5,
    (4, 2, 4, 3, 3, 4, 3, 3, 4, 3, 3, 4), _QUOTA,
    tuple((f"{m}月", f"month {m}") for m in range(1, 13)),
)  # fmt: skip
_add("week.lock_share", "第二周锁定订单", "orders locked in week 2", _SHARE, 5, 0.8, _QUOTA)
_OVERDUE = ("第5章 应收（天数与上限自定）", "Chapter 5, receivables; days and limits are ours")
_add("overdue.days", "超期的起算天数", "overdue counts after", _DAYS, 5, 30, _OVERDUE)
_add(
    "overdue.share", "超期应收占比上限", "overdue part of what is owed", _SHARE, 5, (0.05, 0.10), _OVERDUE,
    (("绿", "green"), ("橙", "amber")),
)  # fmt: skip
_add("week.collection_goal", "关账前回款率", "collections before the books close", _SHARE, 5, 0.85, _QUOTA)

_COMMISSION = ("第5章 提成", "Chapter 5, commission")
_add(
    "commission.thresholds", "提成毛利率档（下限）", "commission tiers: lower end of the margin rate", _SHARE, 5,
    (0.0, 0.20, 0.25), _COMMISSION, (("一档", "tier 1"), ("二档", "tier 2"), ("三档", "tier 3")),
)  # fmt: skip
_add(
    "commission.rates", "提成比例", "commission rates", _SHARE, 5,
    (0.03, 0.05, 0.08), _COMMISSION, (("一档", "tier 1"), ("二档", "tier 2"), ("三档", "tier 3")),
)  # fmt: skip
_add("commission.digits", "提成小数位", "digits of a commission", _DIGITS, 5, 2, _COMMISSION)
_add(
    "commission.basis", "提成计算口径", "commission basis", _WORD, 5, Text("按订单", "per order"), _COMMISSION,
    words=(("按订单", "per order"), ("按人按月", "per person and month")),
)  # fmt: skip
_add(
    "cycle.two_people", "审核与批准应为两人", "reviewer and approver are two people", _WORD, 5, Text("是", "yes"),
    ("第5章 对账流程", "Chapter 5, statement cycle"), words=(("是", "yes"), ("否", "no")),
)  # fmt: skip
_CYCLE_DAYS = ("第5章 对账流程（天数自定）", "Chapter 5, statement cycle, days are ours")
_add("cycle.dispute_days", "异议答复期限", "a dispute is answered within", _DAYS, 5, 5, _CYCLE_DAYS)
_add("cycle.lock_days", "锁定期限（次月工作日）", "locked by this working day of the next month", _DAYS, 5, 5, _CYCLE_DAYS)
_add("release.at_signing", "签单时发放比例（其余随回款）", "released at signing, the rest with cash", _SHARE, 5, 1.0, _COMMISSION)
_add("release.late_days", "回款晚于应收日（天数起）", "days from due to cash, from", _DAYS, 5, (0,), _COMMISSION)
_add("release.late_factors", "回款系数", "factor of late cash", _TIMES, 5, (1.0,), _COMMISSION)
_add(
    "release.leaver", "离职后待发提成", "a leaver's held commission", _WORD, 5, Text("随回款发放", "paid"), _COMMISSION,
    words=(("随回款发放", "paid"), ("作废", "lapses")),
)  # fmt: skip
_add("review.limit", "复核线（单笔收入超过）", "review limit, revenue above", _YUAN, 5, None, _COMMISSION)
_add(
    "override.rates", "上级提成比例", "manager override by level", _SHARE, 5, (0.0, 0.0, 0.0, 0.0), _COMMISSION,
    (("总监", "director"), ("经理", "manager"), ("主管", "supervisor"), ("代表", "representative")),
)  # fmt: skip
_add("pay.minimum", "最低发放额", "minimum payment", _YUAN, 5, 0, _COMMISSION)
_add(
    "pay.negative", "应发为负时", "a negative month", _WORD, 5, Text("结转", "carried"), _COMMISSION,
    words=(("结转", "carried"), ("当月扣回", "taken back")),
)  # fmt: skip
_add(
    "attainment.basis", "达成率口径", "basis of attainment", _WORD, 5, Text("签单", "bookings"), _QUOTA,
    words=(("签单", "bookings"), ("收入", "revenue"), ("回款", "collections")),
)  # fmt: skip
_add("quota.ramp", "新人爬坡（入职第几月）", "ramp by months since joining", _SHARE, 5, (1.0,), _QUOTA)
_add("release.retention", "质保金比例", "retention released last", _SHARE, 5, 0.0, _COMMISSION)
_add("sprint.trigger", "冲刺奖触发（达成率）", "sprint bonus trigger (attainment)", _SHARE, 5, 1.1, _COMMISSION)
_add("sprint.rate", "冲刺奖比例（超额部分）", "sprint bonus rate on the excess", _SHARE, 5, 0.02, _COMMISSION)
_add(
    "sprint.over", "冲刺奖起算点", "sprint bonus counted over", _WORD, 5, Text("指标", "quota"), _COMMISSION,
    words=(("指标", "quota"), ("触发线", "trigger")),
)  # fmt: skip
_add(
    "sprint.basis", "冲刺奖口径", "sprint bonus basis", _WORD, 5, Text("签单", "bookings"), _COMMISSION,
    words=(("签单", "bookings"), ("收入", "revenue"), ("回款", "collections")),
)  # fmt: skip

_POOL = ("第5章 利润分享", "Chapter 5, profit pool")
_add("pool.rate", "利润池占毛利", "profit pool, share of gross margin", _SHARE, 5, 0.01, _POOL)
_add(
    "pool.weights", "利润池权重", "profit pool weights", _SHARE, 5, (0.5, 0.3, 0.2), _POOL,
    (("业绩", "performance"), ("客户成功", "customer success"), ("价值观", "values")),
)  # fmt: skip
_add("pool.cap", "总监份额上限", "a director's share at most", _SHARE, 5, 0.3, _POOL)
_add(
    "pool.cap_scope", "上限适用", "the cap holds for", _WORD, 5, Text("每位", "each"), _POOL,
    words=(("每位", "each"), ("合计", "all")),
)  # fmt: skip

_EQUITY = ("第5章 虚拟股权", "Chapter 5, phantom equity")
_add("equity.years_met", "连续达成冲刺年数", "stretch years in a row", _YEARS, 5, 3, _EQUITY)
_add("equity.least", "授予下限", "smallest grant", _SHARE, 5, 0.001, _EQUITY)
_add("equity.most", "授予上限", "largest grant", _SHARE, 5, 0.003, _EQUITY)
_add("equity.vesting_years", "归属年数", "vesting years", _YEARS, 5, 4, _EQUITY)
_add(
    "equity.on_leaving", "离职时失效", "lapses on leaving", _WORD, 5, Text("未归属部分", "rest"), _EQUITY,
    words=(("未归属部分", "rest"), ("全部", "all")),
)  # fmt: skip

_add(
    "plancost.attainments", "激励成本测算的达成率", "attainments at which the plan's cost is shown", _SHARE, 5,
    (0.8, 1.0, 1.2), ("第5章 激励成本", "Chapter 5, cost of the plan"),
)  # fmt: skip

# 财税〔2018〕164 号 itself was not retrieved; the table is a secondary source's (see vectors B1). The rule runs out end of 2027.
_TAX = ("全年一次性奖金单独计税（来源待税务核实）", "bonus taxed alone (source to be verified)")
_TAX_END = dt.date(2027, 12, 31)
_add(
    "tax.thresholds", "月均奖金档（上限）", "monthly bonus: upper ends", _YUAN, 5,
    (3000, 12000, 25000, 35000, 55000, 80000), _TAX, valid_to=_TAX_END,
)  # fmt: skip
_add(
    "tax.rates", "税率", "tax rates", _SHARE, 5,
    (0.03, 0.10, 0.20, 0.25, 0.30, 0.35, 0.45), _TAX, valid_to=_TAX_END,
)  # fmt: skip
_add(
    "tax.deductions", "速算扣除数", "quick deductions", _YUAN, 5,
    (0, 210, 1410, 2660, 4410, 7160, 15160), _TAX, valid_to=_TAX_END,
)  # fmt: skip

_LEADS = ("第6章 线索", "Chapter 6, leads")
_add("leads.mql", "有效线索（年）", "MQL a year", Text("条", "leads"), 6, 12_000, _LEADS)
_add("leads.conversion", "有效线索转化率下限", "MQL conversion at least", _SHARE, 6, 0.08, _LEADS)
_add("leads.cpl", "有效线索成本（至多）", "cost per MQL at most", _YUAN, 6, 180, _LEADS)
_add("leads.cpl_limit", "更换素材线（行业成本的倍数）", "new creative above, times the industry's CPL", _TIMES, 6, 1.2, _LEADS)
_OWN_LEADS = ("第6章 线索（自定）", "Chapter 6, leads, ours")
_add("leads.wait_days", "转化率看几天前的线索", "conversion counts leads older than", _DAYS, 6, 90, _OWN_LEADS)
_add("leads.once_days", "同一公司只计一次的天数", "one company counts once within", _DAYS, 6, 30, _OWN_LEADS)
_CONTENT = ("第6章 内容矩阵", "Chapter 6, content matrix")
_add(
    "contents.goals", "内容目标（年）", "content a year", Text("篇", "pieces"), 6, (1, 10, 100), _CONTENT,
    (("白皮书", "white papers"), ("微电影", "films"), ("案例", "case stories")),
)  # fmt: skip
_add("keywords.first", "关键词名次目标", "keywords rank within the first", Text("名", "places"), 6, 10, _CONTENT)
_EVENTS = ("第6章 活动", "Chapter 6, events")
_add(
    "events.goals", "活动目标（年）", "events a year", Text("场", "events"), 6, (3, 6, 18), _EVENTS,
    (("峰会", "summits"), ("技术日", "technology days"), ("开放日", "open days")),
)  # fmt: skip
_add("events.talk_most", "夜话人数上限", "guests of a night talk at most", _PEOPLE, 6, 20, _EVENTS)
_add("events.orders", "开放日意向单目标", "intended orders of an open day", Text("单", "orders"), 6, 3, _EVENTS)
_add("minutes.hours", "纪要期限", "minutes are due within", _HOURS, 6, 48, _EVENTS)
_CYCLE = ("第6章 投放“3+1”", "Chapter 6, 3+1 rhythm")
_add("adcycle.air", "每轮投放天数", "days on air", _DAYS, 6, 3, _CYCLE)
_add("adcycle.review", "每轮复盘天数", "days of review", _DAYS, 6, 1, _CYCLE)

_DELIVERY = ("第7章 交付", "Chapter 7, delivery")
_add("delivery.yellow", "交付黄灯至多晚", "yellow: days late at most", _DAYS, 7, 7, _DELIVERY)
_add("delivery.on_time", "准时交付率下限", "on-time rate at least", _SHARE, 7, 0.96, _DELIVERY)
_add(
    "delivery.buffer",
    "新项目预留余量",
    "room of a new project",
    Text("工作日", "working days"),
    7,
    5,
    ("第7章 交付（自定）", "Chapter 7, delivery, ours"),
)
_SERVICE = ("第7章 售后", "Chapter 7, service")
_add(
    "sla.limits", "服务时限（自然小时）", "service limits, clock hours", _HOURS, 7, (4, 24, 72), _SERVICE,
    (("技术方案", "solution"), ("常用件", "common parts"), ("非常用件", "other parts")),
)  # fmt: skip
_add("sla.warning", "时限提醒线", "warning at this part of a limit", _SHARE, 7, 0.75, _SERVICE)
_add("sla.kept", "时限达标率下限", "limits kept at least", _SHARE, 7, 0.95, ("第7章 售后（自定）", "Chapter 7, service, ours"))
_add("mttr.goal", "平均修复时间目标", "mean time to repair", _HOURS, 7, 2.1, _SERVICE)
_add("mttr.cut", "平均修复时间降幅", "cut of the time to repair", _SHARE, 7, 0.35, _SERVICE)
_FAILURE = ("第7章 故障预警（自定）", "Chapter 7, failure warning, ours")
_add("failure.alert_days", "故障预警提前", "warning ahead of a failure", _DAYS, 7, 14, _FAILURE)
_add("failure.lead", "预计故障前几天到场", "on site ahead of a failure", _DAYS, 7, 7, _FAILURE)
_add("failure.window", "故障趋势取最近", "days a trend looks back", _DAYS, 7, 30, _FAILURE)
_NPS = ("第7章 NPS", "Chapter 7, NPS")
_add("nps.goal", "NPS 目标", "NPS goal", _POINTS, 7, 55, _NPS)
_add("nps.repair", "NPS 低于它启动修复专案", "NPS below it: repair plan", _POINTS, 7, 45, _NPS)
_add("nps.sample", "NPS 最低样本比例", "least sample", _SHARE, 7, 0.30, _NPS)
_add("nps.repair_days", "修复专案期限", "days of a repair plan", _DAYS, 7, 14, _NPS)
_add(
    "nps.customer",
    "按客户评 NPS 的最少答卷",
    "answers to judge one customer",
    Text("份", "answers"),
    7,
    5,
    ("第7章 NPS（自定）", "Chapter 7, NPS, ours"),
)

_DATA = ("第8章 数据质量", "Chapter 8, data quality")
_add("duplicates.threshold", "查重相似度下限", "least score of a duplicate", _SHARE, 8, 0.80, _DATA)
_add(
    "duplicates.suffixes", "查重不计的公司后缀", "legal suffixes not compared", Text("后缀", "suffix"), 8,
    (
        "股份有限公司", "有限责任公司", "集团", "有限公司", "总公司", "公司", "厂",
        "co ltd", "company limited", "limited", "ltd", "incorporated", "inc", "corporation", "corp", "llc", "gmbh", "group",
    ),
    _DATA,
)  # fmt: skip
_add("customers.identified", "客户识别率下限", "customers identified at least", _SHARE, 8, 0.998, _DATA)
_PIPELINE = ("第8章 商机阶段（自定）", "Chapter 8, stages, ours")
_STAGES = (
    ("线索", "lead"), ("验证", "validation"), ("方案", "solution"), ("报价", "quote"), ("谈判", "negotiation"), ("成交", "closing"),
)  # fmt: skip
_add("stages.win_rates", "各阶段赢单率", "win rate by stage", _SHARE, 8, (0.10, 0.20, 0.35, 0.50, 0.75, 1), _PIPELINE, _STAGES)
_add("stages.cycles", "各阶段周期", "cycle by stage", _DAYS, 8, (15, 20, 30, 20, 20, 0), _PIPELINE, _STAGES)
_add(
    "stages.stalled",
    "停滞倍数（超过）",
    "stalled above, times the cycle",
    _TIMES,
    8,
    1.5,
    ("第8章 停滞评审", "Chapter 8, kill or win"),
)
_add(
    "stalled.share",
    "停滞金额占比不超过",
    "stalled share of the amount, at most",
    _SHARE,
    8,
    0.10,
    ("第8章 商机（自定）", "Chapter 8, pipeline, ours"),
)
_add(
    "forecast.cases",
    "判断命中率至少的单数",
    "closes that a hit rate needs",
    Text("单", "deals"),
    8,
    30,
    ("第8章 预测（自定）", "Chapter 8, forecast, ours"),
)
_add(
    "forecast.interval",
    "全年预测区间的把握",
    "level of the landing's interval",
    _SHARE,
    8,
    0.8,
    ("第8章 预测（自定）", "Chapter 8, forecast, ours"),
)
_add(
    "rivals.lost_from",
    "列出的丢单金额下限",
    "lost deals listed from",
    _YUAN,
    8,
    1_000_000,
    ("第8章 商机（自定）", "Chapter 8, pipeline, ours"),
)
_add("forecast.hit", "预测命中率目标", "forecast hits at least", _SHARE, 8, 0.85, ("第8章 预测", "Chapter 8, forecast"))
_RECEIVABLES = ("第8章 应收", "Chapter 8, receivables")
_add(
    "ageing.limits", "账龄分段，天", "ageing: last days of a bucket", _DAYS, 8, (30, 60, 90, 180), _RECEIVABLES,
    tuple((f"第 {n} 段", f"bucket {n}") for n in range(1, 5)),
)  # fmt: skip
_add("dso.days", "DSO 天数", "days of DSO", _DAYS, 8, 365, _RECEIVABLES)

# The plan names the four scores, the grades and what each may do; weights, borders and days are ours.
_CREDIT = ("第9章 信用评级（自定）", "Chapter 9, credit grades, ours")
_SCORED = (("财务", "financial"), ("行业", "industry"), ("逾期", "overdue"), ("司法", "judicial"))
_GRADES = (("AAA", "AAA"), ("AA", "AA"), ("A", "A"), ("B", "B"), ("C", "C"))
_add("credit.weights", "信用评分权重", "weights of the credit score", _SHARE, 9, (0.40, 0.20, 0.25, 0.15), _CREDIT, _SCORED)
_add("credit.cutoffs", "信用等级分数线", "borders of the credit grades", _POINTS, 9, (85, 75, 60, 45), _CREDIT, _GRADES[:4])
_add("credit.floor", "司法否决线（低于）", "judicial veto below", _POINTS, 9, 20, _CREDIT)
_add("credit.worst_days", "逾期零分，天", "overdue scores 0 from", _DAYS, 9, 180, _CREDIT)
_add("credit.prepaid", "各等级预付比例", "prepaid by grade", _SHARE, 9, (0, 0, 0, 1, 1), _CREDIT, _GRADES)
_add("credit.days", "各等级账期", "credit days by grade", _DAYS, 9, (90, 60, 30, 0, 0), _CREDIT, _GRADES)
_add(
    "credit.months",
    "各等级额度（月均销售的）",
    "credit limit by grade",
    Text("月", "months"),
    9,
    (3, 2, 1, 0, 0),
    _CREDIT,
    _GRADES,
)
_add(
    "credit.bad_debts_amber",
    "坏账率橙灯（目标的倍数）",
    "bad debts amber, times the goal",
    _TIMES,
    9,
    1.1,
    ("第9章 坏账率（自定）", "Chapter 9, bad debts, ours"),
)
_add(
    "contracts.review_days",
    "合同会审不超过",
    "a contract is in review at most",
    _DAYS,
    9,
    5,
    ("第9章 合同（自定）", "Chapter 9, contracts, ours"),
)
_add("credit.bad_debts", "坏账率（至多）", "bad debts at most", _SHARE, 9, 0.005, ("第9章 坏账率", "Chapter 9, bad debts"))
# kg CO2e per unit; what each is, its source and year stand in udfs.carbon.MODES.
_add(
    "carbon.factors", "排放因子（千克/单位）", "emission factors, kg a unit", Text("千克/单位", "factor"), 9,
    (0.22928, 0.13552, 0.108, 0.03546, 0.0305, 0.10163, 0.02779, 0.5306),
    ("第9章 碳排（来源见函数 CARBON）", "Chapter 9, carbon; sources at the function CARBON"),
    (
        ("国内航班，含辐射强迫", "domestic flight with forcing"), ("国内航班，不含辐射强迫", "domestic flight without it"),
        ("中国国内航班", "flight in China"), ("铁路客运", "national rail"), ("高铁", "high-speed rail in China"),
        ("公路货运", "road freight"), ("铁路货运", "rail freight"), ("用电", "electricity in China"),
    ),
)  # fmt: skip
_add(
    "contract.major",
    "重大合同金额（含）",
    "a contract is major from",
    _YUAN,
    9,
    5_000_000,
    ("第9章 合同会审（自定）", "Chapter 9, contracts, ours"),
)
_add(
    "export.stale_days",
    "管制表过期，天",
    "control tables are stale after",
    _DAYS,
    9,
    90,
    ("第9章 出口核查（自定）", "Chapter 9, exports, ours"),
)
_add(
    "carbon.rail_km",
    "改乘高铁的航线（短于）",
    "flights that rail replaces, shorter than",
    Text("公里", "km"),
    9,
    1200,
    ("第9章 碳排（自定）", "Chapter 9, carbon, ours"),
)
_add("carbon.travel_cut", "差旅碳排降幅", "cut of travel emissions", _SHARE, 9, 0.12, ("第9章 碳排", "Chapter 9, carbon"))

_GROWTH = ("第10章 成长", "Chapter 10, growth")
_add(
    "growth.fair",
    "3-3-3 进度橙灯",
    "3-3-3 progress, amber from",
    _SHARE,
    10,
    0.8,
    ("第10章 成长（自定）", "Chapter 10, growth, ours"),
)
_add(
    "growth.copies_fair",
    "技能复制率橙灯",
    "skills passed on, amber from",
    _SHARE,
    10,
    0.5,
    ("第10章 成长（自定）", "Chapter 10, growth, ours"),
)
_add(
    "growth.goals", "3-3-3 合同（一年）", "3-3-3 contract, a year", Text("项", "items"), 10, (30, 3, 30), _GROWTH,
    (("书", "books"), ("课程", "courses"), ("专家", "experts")),
)  # fmt: skip
_add("growth.characters", "洞察文章字数", "characters of an article at least", Text("字", "characters"), 10, 3000, _GROWTH)
_add("growth.learners", "每位总监学员", "learners of a director at least", Text("人", "people"), 10, 2, _GROWTH)
_add("growth.joint_days", "每月陪访", "joint days a month and coach at least", Text("天", "days"), 10, 5, _GROWTH)

_BUDGET = ("第11章 费用预算", "Chapter 11, budget")
_LINES = (
    ("人员与提成", "people and commission"), ("渠道返利", "rebates"), ("市场", "market"),
    ("差旅", "travel"), ("培训", "training"), ("其他", "other"),
)  # fmt: skip
_add("budget.rate", "费用占保底目标", "budget, share of the floor target", _SHARE, 11, 0.20, _BUDGET)
_add("budget.shares", "费用结构", "budget shares", _SHARE, 11, (0.35, 0.25, 0.20, 0.10, 0.05, 0.05), _BUDGET, _LINES)
_add(
    "roi.targets", "ROI 目标（收入/费用）", "ROI targets (revenue / cost)", _TIMES, 11,
    (None, 8, 5, 20, None, None), ("第11章 ROI", "Chapter 11, ROI"), _LINES,
)  # fmt: skip
_add(
    "milestones.red_days",
    "里程碑逾期红灯",
    "milestones overdue, red after",
    _DAYS,
    12,
    7,
    ("第12章 里程碑（设计）", "Chapter 12, milestones, the design"),
)
_add(
    "milestones.soon",
    "里程碑临近（提前）",
    "milestone due soon within",
    _DAYS,
    12,
    7,
    ("第12章 里程碑（自定）", "Chapter 12, milestones, ours"),
)
_add("budget.cut", "未达标下月削减", "cut of next month's budget when missed", _SHARE, 11, 0.10, _BUDGET)


@functools.lru_cache(maxsize=64)
def zone(name: str | None = None) -> ZoneInfo:
    """A time zone by its name, the plan's own without one; ``ValueError`` where there is none of that name.

    >>> str(zone())
    'Asia/Shanghai'
    """
    said = str(POLICIES["company.zone"].value) if name is None else name.strip()
    try:
        return ZoneInfo(said)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a part of a name is a folder, a path is refused
        raise ValueError(said) from None


def last_of_note(parts: Sequence[str]) -> str:
    """The last part that is not a bare 0, which is the same with and without a %."""
    return next((part for part in reversed(parts) if part.strip("0.") != ""), parts[-1])


def percented(parts: Sequence[str]) -> list[str]:
    """The parts of a list as a person writes it: a % behind the last one holds for all; 0 needs none.

    >>> percented(["4", "6", "9 %"]), percented(["0", "10%", "0"])
    (['4%', '6%', '9%'], ['0%', '10%', '0%'])
    """
    percent = "%" if last_of_note(parts).endswith("%") else ""
    return [part.removesuffix("%").rstrip() + percent for part in parts]


def number_said(part: str) -> float:
    """One of them as a number; ``ValueError`` where it is none."""
    try:
        return float(Decimal(part.rstrip("%").replace(",", "")) * (Decimal("0.01") if part.endswith("%") else 1))
    except InvalidOperation as error:
        raise ValueError(part) from error


class Default:
    """A policy value as an argument's default: looked up when the function runs, so a date can choose it."""

    def __init__(self, key: str) -> None:
        self.policy = POLICIES[key]

    def __call__(self) -> Any:
        value = self.policy.value
        if isinstance(value, Fraction):
            return float(value)
        return value.en.lower() if isinstance(value, Text) else value

    def __repr__(self) -> str:
        return f"plan({self.policy.key!r})"


def plan(key: str) -> Any:
    """The plan's value of ``key`` as the default of an argument."""
    return Default(key)


def value(key: str, on: dt.date | None = None) -> Any:
    """The plan's value of ``key`` (as of a date), as a plain number, tuple or word."""
    found = POLICIES[key].at(on)
    return float(found) if isinstance(found, Fraction) else found


_today: list[dt.date | None] = [None]


def today() -> dt.date:
    """The clock of all functions: an omitted today, now or as_of is this day."""
    return _today[0] or dt.date.today()


def now() -> dt.datetime:
    """The moment of an omitted now: this moment, or the end of the day the clock was stopped at."""
    stopped = _today[0]
    return dt.datetime.now() if stopped is None else dt.datetime.combine(stopped, dt.time.max)


def clock() -> dt.date | None:
    """The day the clock was stopped at; None while it goes."""
    return _today[0]


def set_today(day: dt.date | None) -> None:
    """Stop the clock at ``day`` (a workbook's as-of date, a test); None lets it go again."""
    _today[0] = day
