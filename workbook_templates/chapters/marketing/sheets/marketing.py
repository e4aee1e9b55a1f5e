"""6 品牌线索 / 6 Marketing: leads beside the plan, what they cost in each pool, content by month, events, the next days of the 3+1 rhythm."""

from __future__ import annotations

import calendar

from udfs.text import Text
from workbook_templates.chapters.marketing.tables import CONTENT_KINDS, CONVERTED, EVENT_KINDS, LEAD_STATES, POOLS, STORY
from workbook_templates.page import charts, style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import ANY, EVEN, Watch
from workbook_templates.tables.words import YES_NO, YUAN

_POOLS, _MONTHS, _CONTENT, _EVENTS = FIRST_ROW + 14, FIRST_ROW + 21, FIRST_ROW + 26, FIRST_ROW + 34
_DAYS = 8
_MONTH_NAMES = tuple(Text(f"{month}月", calendar.month_abbr[month]) for month in range(1, 13))


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "marketing",
        Text("6 品牌线索", "6 Marketing"),
        Text("线索对照计划与成本线，内容矩阵与活动", "Leads beside plan and cost, the content matrix, events"),
        todo=Text("导入投放与线索，点“检查投放”“检查活动”", "Import spend and leads, then Check campaigns, Check events"),
    )
    page.width(B=30, C=14, D=14, E=14, F=12, G=12, H=12, I=12, J=12, K=12, L=12, M=12, N=12, O=12)
    _leads(plan, page, FIRST_ROW)
    _pools(plan, page, _POOLS)
    _funnel(plan, page, _POOLS)
    _months(plan, page, _MONTHS)
    _contents(plan, page, _CONTENT)
    _events(plan, page, _EVENTS)
    _calendar(plan, page, _EVENTS)
    _watches(plan, page)


def _this_year(plan: Plan, days: str) -> str:
    """Days of the year up to the day, as criteria."""
    return f'{days},">="&DATE({plan.name("plan_year")},1,1),{days},"<"&({plan.name("as_of")}+1)'


def _to_date(plan: Plan, column: str) -> str:
    spend = plan.table("AdSpend")
    return f"SUMIFS({getattr(spend, column)},{_this_year(plan, spend.date)})"


def _ripe(plan: Plan) -> tuple[str, str]:
    """Leads old enough to have become something: those converted, and all that count."""
    leads = plan.table("Leads")
    old = f'{leads.received},"<"&({plan.name("as_of")}-{plan.policy("leads.wait_days")}+1),{leads.counted},{plan.quoted(YES_NO[0].label)}'
    return _converted(plan, old), f"COUNTIFS({old})"


def _converted(plan: Plan, of: str) -> str:
    """Leads that became an opportunity by the day; one without a day of that did some time."""
    leads = plan.table("Leads")
    mine = f"{of},{leads.status},{plan.quoted(next(word.label for word in LEAD_STATES if word.code == CONVERTED))}"
    return f'(COUNTIFS({mine})-COUNTIFS({mine},{leads.converted_on},">"&{plan.name("as_of")}))'


def _leads(plan: Plan, page: Page, row: int) -> None:
    """The year's leads: how many, what each costs, how many become opportunities."""
    page.heading(f"B{row}", Text("线索", "Leads"), until="E")
    page.header(
        f"B{row + 1}", [Text("指标", "Figure"), Text("实际", "Actual"), Text("目标", "Goal"), Text("达成率", "Of the goal")]
    )
    mql, cost, (converted, ripe) = _to_date(plan, "mql"), _to_date(plan, "cost"), _ripe(plan)
    figures = (
        (Text("有效线索 MQL（累计）", "MQL to date"), f"={mql}", f"={plan.policy('leads.mql')}*{plan.name(EVEN)}", "int"),
        (Text("每条 MQL 成本", "Cost per MQL"), f'=IF({mql}=0,"–",{cost}/{mql})', f"={plan.policy('leads.cpl')}", "fen"),
        (Text("转商机率（90 天前的 MQL）", "Converted, of MQL 90 days old"), f'=IF({ripe}=0,"–",{converted}/{ripe})', f"={plan.policy('leads.conversion')}", "rate"),
    )  # fmt: skip
    for at, (label, actual, goal, fmt) in enumerate(figures, row + 2):
        page.label(f"B{at}", label, grow=False)
        page.formula(f"C{at}", actual, fmt)
        page.formula(f"D{at}", goal, fmt)
        page.formula(f"E{at}", f'=IF(OR(NOT(ISNUMBER(C{at})),D{at}=0),"–",C{at}/D{at})', "rate")
    page.paragraph(
        f"B{row + 5}:E{row + 5}",
        Text(
            "180 元看每条 MQL；行业线看每条线索，两个口径不混用。",
            "The 180 yuan are per MQL, the industry's figure per lead: the two are never mixed.",
        ),
        muted=True,
    )
    plan_ = plan.quoted(Text("年度需要：平均单额 ", "Average order needed for the year: "))
    needed = f"INDEX(SALES_LEADPLAN({plan.policy('leads.mql')},{plan.policy('leads.conversion')},{plan.policy('leads.cpl')},{plan.name('floor_target')}),5,2)"
    page.formula(f"B{row + 6}", f'=IFERROR({plan_}&{plan.say(needed)},"")', "text", boxed=False)


def _pools(plan: Plan, page: Page, row: int) -> None:
    """Each pool beside the industry; a line at the factor that asks for another creative."""
    spend, benchmarks, as_of = plan.table("AdSpend"), plan.table("Benchmarks"), plan.name("as_of")
    page.heading(f"B{row}", Text("流量池（今年）", "Pools, this year"), until="H")
    heads = (
        Text("流量池", "Pool"), Text("费用", "Cost"), Text("线索", "Leads"), Text("每线索成本", "CPL"), Text("行业成本", "Industry"),
        Text("为行业的", "Of industry"), Text("更换线", "Limit"),
    )  # fmt: skip
    page.header(f"B{row + 1}", heads, ["", YUAN, "", YUAN, YUAN, "", YUAN])
    first, last = row + 2, row + 1 + len(POOLS)
    for at, word in enumerate(POOLS, first):
        page.label(f"B{at}", word.label, grow=False)
        mine = f"{spend.pool},$B{at},{_this_year(plan, spend.date)}"
        page.formula(f"C{at}", f"=SUMIFS({spend.cost},{mine})", "scaled")
        page.formula(f"D{at}", f"=SUMIFS({spend.leads},{mine})", "int")
        page.formula(f"E{at}", f'=IF(D{at}=0,"–",C{at}/D{at})', "fen")
        newest = f"SUMPRODUCT(MAX(({benchmarks.pool}=$B{at})*ISNUMBER({benchmarks.valid_from})*({benchmarks.valid_from}<={as_of})*IF(ISNUMBER({benchmarks.valid_from}),{benchmarks.valid_from},0)))"
        page.formula(
            f"F{at}",
            f'=IF({newest}=0,"–",SUMIFS({benchmarks.cpl},{benchmarks.pool},$B{at},{benchmarks.valid_from},{newest}))',
            "fen",
        )
        # Money spent without any lead is the worst case, as CPLALERT has it: once it passes what one lead may cost.
        alone = f'IF(D{at}=0,IF(ROUND(C{at}-H{at},9)>0,C{at}/F{at},"–"),E{at}/F{at})'
        page.formula(f"G{at}", f'=IF(ISNUMBER(F{at}),IF(F{at}>0,{alone},"–"),"–")', "rate")
        page.formula(f"H{at}", f'=IF(ISNUMBER(F{at}),F{at}*{plan.policy("leads.cpl_limit")},"–")', "fen")
    page.condition(
        f"G{first}:G{last}", f"AND(ISNUMBER(G{first}),ROUND(N(G{first})-{plan.policy('leads.cpl_limit')},9)>0)", style.RED
    )
    for name, letter in (
        ("pool_names", "B"),
        ("pool_cost", "C"),
        ("pool_leads", "D"),
        ("pool_benchmarks", "F"),
        ("pool_ratios", "G"),
    ):
        plan.define(name, page, f"{letter}{first}:{letter}{last}")
    names, ratios = plan.name("pool_names"), plan.name("pool_ratios")
    worst = f"MATCH(MAX({ratios}),{ratios},0)"
    paid = f"INDEX({plan.name('pool_cost')},{worst})/INDEX({plan.name('pool_leads')},{worst})"
    told = Text("：每线索 ", ": "), Text(" 元，为行业的 ", " yuan a lead, of the industry ")
    paid_ = f'{plan.quoted(told[0])}&FIXED({paid},0)&{plan.quoted(told[1])}&TEXT(MAX({ratios}),"0%")'
    none = plan.quoted(Text("：花了钱，没有线索", ": money spent, no lead"))
    said = f'IF(COUNT({ratios})=0,"",INDEX({names},{worst})&IF(INDEX({plan.name("pool_leads")},{worst})=0,{none},{paid_}))'
    charts.bars(
        page, f"F{FIRST_ROW}", plan.message(page, said, "AdSpend"), f"B{first}:B{last}", [(f"E{row + 1}", f"E{first}:E{last}")], fmt="int",
        y_title=YUAN, size=(11.2, 7.4), threshold=(f"H{row + 1}", f"H{first}:H{last}"),
    )  # fmt: skip


def _funnel(plan: Plan, page: Page, row: int) -> None:
    """The leads on the list: how many count, became an opportunity, were signed."""
    leads = plan.table("Leads")
    yes, until = plan.quoted(YES_NO[0].label), f"({plan.name('as_of')}+1)"
    there = f'{leads.received},"<"&{until}'
    listed = f'COUNTIFS({leads.id},"?*",{there})'
    signed = f'COUNTIFS({leads.counted},{yes},{leads.deal},"?*",{there})'
    listed = f'COUNTIFS({leads.id},"?*",{there})'
    page.heading(f"J{row}", Text("登记线索的漏斗", "Funnel of the leads listed"), until="L")
    page.header(f"J{row + 1}", [Text("阶段", "Stage"), Text("条数", "Leads"), Text("占上一段", "Of the last")])
    steps = (
        (Text("线索", "Leads"), f"={listed}"),
        (Text("MQL", "MQL"), f"=COUNTIFS({leads.counted},{yes},{there})"),
        (Text("商机", "Opportunity"), f"={_converted(plan, f'{leads.counted},{yes},{there}')}"),
        (Text("签单", "Signed"), f"={signed}"),
    )
    for at, (label, formula) in enumerate(steps, row + 2):
        page.label(f"J{at}", label, grow=False)
        page.formula(f"K{at}", formula, "int")
        if at > row + 2:
            page.formula(f"L{at}", f'=IF(K{at - 1}=0,"–",K{at}/K{at - 1})', "rate")
    said = f"{listed}&{plan.quoted(Text(' 条登记线索，签单 ', ' leads listed, signed '))}&{signed}"
    charts.bars(
        page, f"K{FIRST_ROW}", plan.message(page, said, "Leads"), f"J{row + 2}:J{row + 5}", [(f"K{row + 1}", f"K{row + 2}:K{row + 5}")],
        fmt="int", size=(9.2, 7.4), across=True,
    )  # fmt: skip


def _months(plan: Plan, page: Page, row: int) -> None:
    """MQL month by month, cumulated beside the plan."""
    spend, year = plan.table("AdSpend"), plan.name("plan_year")
    page.heading(f"B{row}", Text("MQL 累计（月）", "MQL, cumulated by month"), until="O")
    page.header(f"B{row + 1}", [Text("月份", "Month"), *_MONTH_NAMES])
    page.label(f"B{row + 2}", Text("计划", "Plan"), grow=False)
    page.label(f"B{row + 3}", Text("实际", "Actual"), grow=False)
    for month in range(1, 13):
        letter = chr(ord("B") + month)
        page.formula(f"{letter}{row + 2}", f"={plan.policy('leads.mql')}*{month}/12", "int")
        ended = f"EOMONTH(DATE({year},{month},1),0)"
        shown = f'SUMIFS({spend.mql},{spend.date},">="&DATE({year},1,1),{spend.date},"<="&MIN({ended},{plan.name("as_of")}))'
        page.formula(f"{letter}{row + 3}", f'=IF(DATE({year},{month},1)>{plan.name("as_of")},"",{shown})', "int")


def _contents(plan: Plan, page: Page, row: int) -> None:
    """The matrix 1-10-100: what was published in each month, and what is still planned; a month without anything is a gap."""
    contents, year, as_of = plan.table("Contents"), plan.name("plan_year"), plan.name("as_of")
    page.heading(f"B{row}", Text("内容矩阵：已发布（计划中）", "Content: published (planned)"), until="O")
    page.header(f"B{row + 1}", [Text("月份", "Month"), *_MONTH_NAMES])
    last = chr(ord("B") + 12)
    for at, word in enumerate(CONTENT_KINDS, row + 2):
        page.label(f"B{at}", word.label, grow=False)
        for month in range(1, 13):
            span = f'">="&DATE({year},{month},1),{{0}},"<="&EOMONTH(DATE({year},{month},1),0)'
            mine = f"{contents.kind},$B{at}"
            out = f'COUNTIFS({mine},{contents.published_on},{span.format(contents.published_on)},{contents.published_on},"<="&{as_of})'
            ahead = f"{mine},{contents.due},{span.format(contents.due)}"
            due = f'(COUNTIFS({ahead},{contents.published_on},"")+COUNTIFS({ahead},{contents.published_on},">"&{as_of}))'
            page.formula(f"{chr(ord('B') + month)}{at}", f'={out}&IF({due}>0," ("&{due}&")","")', "word")
    goals = plan.policy("contents.goals")
    page.header(f"B{row + 5}", [Text("合计", "In all"), *(word.label for word in CONTENT_KINDS)])
    page.label(f"B{row + 6}", Text("已发布 / 到今天应有", "Published / due by today"), grow=False)
    for place, word in enumerate(CONTENT_KINDS, 1):
        letter = chr(ord("B") + place)
        count = _published(plan, plan.quoted(word.label))
        page.formula(f"{letter}{row + 6}", f'={count}&" / "&FIXED(INDEX({goals},{place})*{plan.name(EVEN)},1)', "word")
    page.label(f"F{row + 6}", Text("缺双关键词", "Keyword missing"), grow=False)
    page.formula(f"G{row + 6}", f"={_bare(plan)}", "int")
    page.label(f"H{row + 6}", Text("三段不全", "Parts missing"), grow=False)
    page.formula(f"I{row + 6}", f"={_partial(plan)}", "int")
    for cell in (f"G{row + 6}", f"I{row + 6}"):
        page.condition(cell, f"{cell}>0", style.RED if cell[0] == "G" else style.AMBER)
    page.condition(f"C{row + 4}:{last}{row + 4}", f'C{row + 4}="0"', style.AMBER, shaped=False)


def _published(plan: Plan, kind: str) -> str:
    contents, year = plan.table("Contents"), plan.name("plan_year")
    return f'COUNTIFS({contents.kind},{kind},{contents.published_on},">="&DATE({year},1,1),{contents.published_on},"<="&{plan.name("as_of")})'


def _out(plan: Plan) -> str:
    """1 for each content that was published by the day."""
    contents = plan.table("Contents")
    return f"(ISNUMBER({contents.published_on})*({contents.published_on}<={plan.name('as_of')}))"


def _bare(plan: Plan) -> str:
    """Published without both keywords."""
    return f"SUMPRODUCT({_bare_rows(plan)})"


def _bare_rows(plan: Plan) -> str:
    contents, yes = plan.table("Contents"), plan.quoted(YES_NO[0].label)
    return f"({_out(plan)}*((({contents.kw1}={yes})*({contents.kw2}={yes}))=0))"


def _partial(plan: Plan) -> str:
    """Stories published without all three parts."""
    contents, yes = plan.table("Contents"), plan.quoted(YES_NO[0].label)
    story = plan.quoted(next(word.label for word in CONTENT_KINDS if word.code == STORY))
    whole = f"({contents.voice}={yes})*({contents.data}={yes})*({contents.roi}={yes})"
    return f"SUMPRODUCT(({contents.kind}={story})*{_out(plan)}*(1-{whole}))"


def _events(plan: Plan, page: Page, row: int) -> None:
    """3/6/18 planned and held."""
    events, as_of, goals, year = plan.table("Events"), plan.name("as_of"), plan.policy("events.goals"), plan.name("plan_year")
    page.heading(f"B{row}", Text("活动", "Events"), until="G")
    heads = (
        Text("类别", "Kind"),
        Text("年目标", "Goal"),
        Text("已排", "Planned"),
        Text("已办", "Held"),
        Text("意向单", "Orders"),
        Text("ROI", "ROI"),
    )
    page.header(f"B{row + 1}", heads)
    for at, word in enumerate(EVENT_KINDS, row + 2):
        page.label(f"B{at}", word.label, grow=False)
        page.formula(f"C{at}", f"=INDEX({goals},{at - row - 1})", "int")
        mine = f'{events.kind},$B{at},{events.start},">="&DATE({year},1,1),{events.start},"<"&DATE({year}+1,1,1)'
        page.formula(f"D{at}", f"=COUNTIFS({mine})", "int")
        page.formula(f"E{at}", f'=COUNTIFS({mine},{events.end},"<="&{as_of}+1)', "int")
        page.formula(f"F{at}", f"=SUMIFS({events.orders},{mine})", "int")
        cost = f'SUMIFS({events.cost},{mine},{events.revenue},">=0")'
        page.formula(f"G{at}", f'=IF({cost}=0,"–",SUMIFS({events.revenue},{mine})/{cost})', "times")


def _calendar(plan: Plan, page: Page, row: int) -> None:
    """The next days of the rhythm that the first campaign began."""
    started, as_of = f"MIN({plan.table('Campaigns').start})", plan.name("as_of")
    page.heading(f"I{row}", Text("“3+1”日历", "The 3+1 calendar"), until="L")
    rhythm = f"({plan.policy('adcycle.air')}+{plan.policy('adcycle.review')})"
    page.spill(
        f"I{row + 2}",
        f'=IF(COUNT({plan.table("Campaigns").start})=0,"–",SALES_ADCYCLE({as_of}-MOD(MAX({as_of}-{started},0),{rhythm}),{_DAYS}))',
        _DAYS if any(campaign.get("start") for campaign in plan.rows("Campaigns")) else 1, 4, ["date", "int", "int", "word"], "ad_calendar",
        [Text("日期", "Date"), Text("第几轮", "Cycle"), Text("轮内第几天", "Day"), Text("投放/复盘", "Air or review")],
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------- judged


def _watches(plan: Plan, page: Page) -> None:
    n = plan.name
    mql, cost, (converted, ripe) = _to_date(plan, "mql"), _to_date(plan, "cost"), _ripe(plan)
    page.watch(Watch("leads.mql", Text("有效线索 MQL（累计）", "MQL to date"), mql, f"{plan.policy('leads.mql')}*{n(EVEN)}", screen=4, fmt="int",
                     fresh=("AdSpend.date",), needs="AdSpend.mql"))  # fmt: skip
    page.watch(Watch("leads.cpl", Text("每条 MQL 成本", "Cost per MQL"), f"IF({mql}=0,NA(),{cost}/{mql})", plan.policy("leads.cpl"), screen=4, fmt="fen",
                     lower=True, amount=f"{cost}-{mql}*{plan.policy('leads.cpl')}", fresh=("AdSpend.date",), needs="AdSpend.mql"))  # fmt: skip
    page.watch(Watch("leads.conversion", Text("MQL 转商机率", "MQL converted"), f"IF({ripe}=0,NA(),{converted}/{ripe})", plan.policy("leads.conversion"),
                     screen=4, fmt="rate", needs="Leads.counted"))  # fmt: skip
    _pool_watch(plan, page)
    _content_watches(plan, page)
    _event_watches(plan, page)


def _pool_watch(plan: Plan, page: Page) -> None:
    """The pool furthest above the industry."""
    campaigns, n = plan.table("Campaigns"), plan.name
    ratios = n("pool_ratios")
    worst = f"MATCH(MAX({ratios}),{ratios},0)"
    # Of the worst pool's campaigns the one that cost most beyond what its leads are worth there.
    spend, bought = plan.table("AdSpend"), _this_year(plan, plan.table("AdSpend").date)
    cost, leads = (f"SUMIFS({column},{spend.campaign},{campaigns.campaign},{bought})" for column in (spend.cost, spend.leads))
    beyond = f"IF({campaigns.pool}=INDEX({n('pool_names')},{worst}),{cost}-N(INDEX({n('pool_benchmarks')},{worst}))*{leads})"
    over = f"INDEX({n('pool_cost')},{worst})-N(INDEX({n('pool_benchmarks')},{worst}))*INDEX({n('pool_leads')},{worst})"
    page.watch(
        Watch(
            "pools.cpl", Text("最贵流量池：每线索成本对行业", "Most expensive pool: CPL over industry"), f"IF(COUNT({ratios})=0,NA(),MAX({ratios}))", "1", screen=4,
            fmt="rate", lower=True, amber=plan.policy("leads.cpl_limit"), amount=over,
            item=f"INDEX({campaigns.campaign},MATCH(MAX({beyond}),{beyond},0))", table="Campaigns.campaign", owner="owner",
            fresh=("AdSpend.date",), needs="AdSpend.leads", duty="creative",
        )
    )  # fmt: skip


def _content_watches(plan: Plan, page: Page) -> None:
    contents, ranks, as_of = plan.table("Contents"), plan.table("KeywordRanks"), plan.name("as_of")
    story = plan.quoted(next(word.label for word in CONTENT_KINDS if word.code == STORY))
    goal = f"INDEX({plan.policy('contents.goals')},3)*{plan.name(EVEN)}"
    late = f'(({contents.id}<>"")*(1-{_out(plan)})*ISNUMBER({contents.due})*({contents.due}<{as_of}))'
    days = f"IF({late}>0,{contents.due},10^6)"
    page.watch(Watch("contents.stories", Text("案例发布（累计）", "Case stories published"), _published(plan, story), goal, screen=4, fmt="int",
                     item=f"INDEX({contents.id},MATCH(MIN({days}),{days},0))", table="Contents.id", owner="owner", needs="Contents.published_on"))  # fmt: skip
    bare = _bare_rows(plan)
    page.watch(Watch("contents.keywords", Text("已发布而缺双关键词", "Published without both keywords"), f"SUMPRODUCT({bare})", "0", screen=4, fmt="int", lower=True,
                     amber=ANY, item=f"INDEX({contents.id},MATCH(1,{bare},0))", table="Contents.id", owner="owner", needs="Contents.published_on"))  # fmt: skip
    later = f'COUNTIFS({ranks.keyword},{ranks.keyword},{ranks.engine},{ranks.engine},{ranks.date},">"&{ranks.date},{ranks.date},"<="&{as_of})'
    newest = f"({ranks.date}<={as_of})*({later}=0)"
    page.watch(Watch("keywords.outside", Text("关键词在前十之外", "Keywords outside the first ten"),
                     f"SUMPRODUCT({newest}*ISNUMBER({ranks.rank})*({ranks.rank}>{plan.policy('keywords.first')}))", "0", screen=4, fmt="int", lower=True, amber=ANY,
                     fresh=("KeywordRanks.date",), needs="KeywordRanks.rank"))  # fmt: skip


def _event_watches(plan: Plan, page: Page) -> None:
    events, as_of = plan.table("Events"), plan.name("as_of")
    allowed = f"{plan.policy('minutes.hours')}/24"
    ends = f"IF(ISNUMBER({events.end}),{events.end},10^6)"
    sent = f"(ISNUMBER({events.minutes_on})*({events.minutes_on}<{as_of}+1))"
    late = f"((1-{sent})*({ends}+{allowed}<{as_of}+1))"
    days = f"IF({late}>0,{ends},10^6)"
    page.watch(Watch("minutes.late", Text("逾期的活动纪要", "Minutes overdue"), f"SUMPRODUCT({late})", "0", screen=4, fmt="int", lower=True,
                     item=f"INDEX({events.id},MATCH(MIN({days}),{days},0))", table="Events.id", owner="owner", needs="Events.id", duty="minutes"))  # fmt: skip
    red = f"({events.light}={plan.quoted(Text('红', 'Red'))})"
    page.watch(Watch("events.orders", Text("意向单不足的活动", "Events short of orders"), f"SUMPRODUCT({red}*1)", "0", screen=4, fmt="int", lower=True, amber=ANY,
                     item=f"INDEX({events.id},MATCH(TRUE,{red},0))", table="Events.id", owner="owner", needs="Events.light"))  # fmt: skip


SHEET = PlanSheet(61, build)
