"""市场 / Market: from the regions' buyers to TAM, SAM and SOM, and from the SOM to the year's targets."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.chapters.market.drawing import sections
from workbook_templates.chapters.market.tables import CLAIMED, LIGHTS, POLICY_STATES, WATCHED
from workbook_templates.page import charts
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import ANY, Watch
from workbook_templates.tables.schema import YUAN

_TABLE_ROW = 26


def build(plan: Plan) -> None:
    page = plan.page(
        "market",
        Text("1 市场", "1 Market"),
        Text(
            "由各区域的客户数推出市场规模，再由可获得市场定全年签单目标",
            "From each region's buyers to the market, and from it to the year's targets",
        ),
        todo=Text("填写区域市场表与产能；目标自动得出", "Fill in the Regions table and the capacity; the targets follow"),
    )
    page.width(B=26, C=18, D=15, E=13, F=13, G=13, H=9, I=3, J=14)
    _figures(plan, page, FIRST_ROW)
    _funnel(plan, page, _TABLE_ROW)
    _watches(plan, page)
    _signals(plan, page)
    sections(plan, page)


def _figures(plan: Plan, page: Page, row: int) -> None:
    """The company's market and targets; the basis of both targets is signed orders."""
    regions = plan.table("Regions")
    tam = f"SALES_TAM({regions.buyers},{regions.spend})"
    sam = f"SALES_SAM({tam},{regions.serviceable})"
    som = f"SUM(SALES_SOM({sam},{regions.coverage},{regions.win_rate}))"
    page.heading(f"B{row}", Text("市场规模与目标", "Market and targets"), until="D")
    page.figure(f"B{row + 1}", Text("总体市场 TAM", "TAM, total market"), f"=SUM({tam})", "scaled", "tam_total", YUAN)
    page.figure(f"B{row + 2}", Text("可服务市场 SAM", "SAM, serviceable"), f"=SUM({sam})", "scaled", "sam_total", YUAN)
    limited = f'=IF(som_capacity="",{som},MIN({som},som_capacity))'
    page.figure(f"B{row + 3}", Text("可获得市场 SOM", "SOM, obtainable"), limited, "scaled", "som_total", YUAN)
    shares = ",".join(plan.policy(f"targets.{key}") for key in ("floor_share", "stretch_share", "profit_rate"))
    bookings = Text("元，签单口径", "yuan of bookings")
    for offset, (text, name, unit) in enumerate(
        (
            (Text("冲刺目标", "Stretch target"), "stretch_target", bookings),
            (Text("保底目标", "Floor target"), "floor_target", bookings),
            (Text("利润底线", "Profit floor"), "profit_floor", Text("元，毛利减费用", "yuan, margin less budget")),
        )
    ):
        place = {"floor_target": 1, "stretch_target": 2, "profit_floor": 3}[name]
        formula = f"=INDEX(SALES_TARGETS({plan.name('som_total')},{shares}),1,{place})"
        page.figure(f"B{row + 4 + offset}", text, formula, "scaled", name, unit)
    page.label(f"B{row + 7}", Text("全公司产能（空：不限）", "Capacity (blank: no limit)"))
    page.input(
        f"C{row + 7}",
        None,
        "scaled",
        "som_capacity",
        note=Text("全公司一年能交付的金额，元；空为不限", "what we can deliver in a year, yuan; blank: no limit"),
        low=0,
    )
    page.label(f"D{row + 7}", YUAN, muted=True)
    _remarks(page, row + 9)
    parts = (Text("保底 ", "Floor "), Text("、冲刺 ", ", stretch "), Text("；SOM 占 SAM ", "; SOM is of SAM "))
    floor, stretch, of = (plan.quoted(part) for part in parts)
    share = 'TEXT(IF(sam_total=0,0,som_total/sam_total),"0.0%")'
    said = f"{floor}&{plan.say('floor_target')}&{stretch}&{plan.say('stretch_target')}&{of}&{share}"
    charts.bars(
        page,
        f"F{row}",
        plan.message(page, said, "Regions"),
        f"B{row + 2}:B{row + 6}",
        [(f"B{row}", f"C{row + 2}:C{row + 6}")],
        y_title=YUAN,
        size=(17, 9),
        across=True,
    )


def _remarks(page: Page, row: int) -> None:
    """What the figures mean, where the reader asks."""
    texts = (
        Text("TAM = 客户数 × 年采购额；SAM = TAM × 可服务份额；SOM = SAM × 覆盖率 × 赢单率",
             "TAM = buyers × spend; SAM = TAM × serviceable share; SOM = SAM × coverage × win rate"),
        Text("两个目标都按签单计，占比见“参数”；利润底线按保底目标计",
             "Both targets count bookings, their shares are on Settings; the profit floor is counted on the floor target"),
    )  # fmt: skip
    for offset, text in enumerate(texts):
        page.paragraph(f"B{row + offset}:D{row + offset}", text, muted=True)


def _funnel(plan: Plan, page: Page, row: int) -> None:
    """The Regions table and, beside it, what follows for each region and in all."""
    regions = plan.table("Regions")
    page.heading(f"B{row - 3}", Text("区域市场（填写）", "Regions (fill in)"), until="H")
    page.heading(f"J{row - 3}", Text("市场漏斗（计算）", "Market funnel (computed)"), until="M")
    page.records("Regions", f"B{row}")
    columns = (regions.region, regions.buyers, regions.spend, regions.serviceable, regions.coverage, regions.win_rate)
    page.spill(
        f"J{row + 1}",
        f'=IF(SUM({regions.buyers})=0,"–",SALES_MARKETFUNNEL({",".join(columns)},som_capacity))',
        plan.count("Regions") + 1 if plan.rows("Regions") else 1,
        4,
        ["text", "scaled", "scaled", "scaled"],
        "market_funnel",
        [Text("区域", "Region"), Text("TAM", "TAM"), Text("SAM", "SAM"), Text("SOM", "SOM")],
        ["", YUAN, YUAN, YUAN],
        total=bool(plan.rows("Regions")),
        indent=[0],
    )


def _watches(plan: Plan, page: Page) -> None:
    """Our share of what we can serve, beside the share that is obtainable."""
    customers, regions = plan.table("Customers"), plan.table("Regions")
    sam = f"SALES_SAM(SALES_TAM({regions.buyers},{regions.spend}),{regions.serviceable})"
    short = f"IF({sam}>0,SUMIFS({customers.sales_12m},{customers.region},{regions.region})/IF({sam}>0,{sam},1)-{regions.coverage}*{regions.win_rate})"
    page.watch(
        Watch(
            "market.share",
            Text("近12个月份额（占 SAM）", "Share of SAM, 12 months"),
            f"SUM({customers.sales_12m})/{plan.name('sam_total')}",
            f"{plan.name('som_total')}/{plan.name('sam_total')}",
            screen=5,
            basis=Text("开票", "invoiced"),
            fmt="rate",
            item=f"INDEX({regions.region},MATCH(MIN({short}),{short},0))",
            table="Regions.region",
            fresh=("Customers.tiered_on",),
            made="Customers.tiered_on",
            needs="Customers.tier",
        )
    )


def _signals(plan: Plan, page: Page) -> None:
    """Indicators on their bad side, factors nobody answers, days of policies that passed."""
    indicators, factors, policies = plan.table("Indicators"), plan.table("Factors"), plan.table("PolicyWatch")
    red = f"({indicators.light}={plan.quoted(LIGHTS[1].label)})"
    page.watch(
        Watch(
            "signals.bad", Text("先行指标异动（不利）", "Indicators alerting, bad side"), f"SUMPRODUCT({red}*1)", "0", screen=4, fmt="int", lower=True,
            amber=ANY, item=f"INDEX({indicators.code},MATCH(TRUE,{red},0))", table="Indicators.code", owner="owner", needs="Indicators.state", duty="signal",
        )
    )  # fmt: skip
    reached = (
        f"ISNUMBER({factors.score})*(IF(ISNUMBER({factors.score}),ROUND({factors.score},9),0)>={plan.policy('signals.cutoff')})"
    )
    alone = f'({reached}*(({factors.owner}="")+({factors.response}="")>0))'
    page.watch(
        Watch(
            "factors.untracked", Text("必跟因素缺负责人或应对", "Factors without owner or response"), f"SUMPRODUCT({alone})", "0", screen=5,
            fmt="int", lower=True, amber=ANY, item=f"INDEX({factors.id},MATCH(1,{alone},0))", table="Factors.id", owner="owner",
            needs="Factors.score",
        )
    )  # fmt: skip
    open_ = "+".join(
        f"({policies.status}={plan.quoted(word.label)})" for word in POLICY_STATES if word.code in (WATCHED, CLAIMED)
    )
    late = f"(({open_})*ISNUMBER({policies.due})*({policies.due}<{plan.name('as_of')}))"
    soon = f"(({open_})*ISNUMBER({policies.due})*({policies.due}>={plan.name('as_of')})*({policies.due}<={plan.name('as_of')}+{plan.policy('policies.soon_days')}))"
    next_ = f"IF({soon}>0,{policies.due},10^6)"
    page.watch(
        Watch(
            "policies.soon", Text("临近的政策事项", "Policy follow-ups due soon"), f"SUMPRODUCT({soon})", "0", screen=4, fmt="int", lower=True, amber=ANY,
            item=f"INDEX({policies.id},MATCH(MIN({next_}),{next_},0))", table="PolicyWatch.id", owner="owner",
            due=f"IF(SUMPRODUCT({soon})>0,MIN({next_}),NA())", needs="PolicyWatch.id", duty="policy",
        )
    )  # fmt: skip
    days = f"IF({late}>0,{policies.due},10^6)"
    page.watch(
        Watch(
            "policies.late", Text("逾期的政策事项", "Policy follow-ups overdue"), f"SUMPRODUCT({late})", "0", screen=4, fmt="int", lower=True,
            item=f"INDEX({policies.id},MATCH(MIN({days}),{days},0))", table="PolicyWatch.id", owner="owner",
            due=f"IF(SUMPRODUCT({late})>0,MIN({days}),NA())", needs="PolicyWatch.id", duty="policy",
        )
    )  # fmt: skip


SHEET = PlanSheet(10, build)
