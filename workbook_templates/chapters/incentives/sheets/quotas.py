"""指标 / Quotas: year → quarter → month, and how far the year has come. Weeks and people have sheets of their own."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.page import charts, dated, style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.navigation import RESULT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import Watch
from workbook_templates.tables.schema import YUAN

_MONTHS = "CDEFGHIJKLMN"
_QUARTERS = "CDEF"
_QUARTER_FORMAT = Text('"第"0"季"', '"Q"0')
MONTH_FORMAT = Text('0"月"', '"M"0')
FLOOR, STRETCH = Text("保底", "Floor"), Text("冲刺", "Stretch")


def build(plan: Plan) -> None:
    page = plan.page(
        "quotas",
        Text("指标", "Quotas"),
        Text("年 → 季 → 月；每一层相加都等于上一层，全年预测按指标自己的节奏", "Year → quarter → month; every level adds up; the forecast follows the quotas' own phasing"),
        todo=Text("选保底或冲刺目标；看缺口与全年预测", "Choose the floor or the stretch target; watch gap and forecast"),
    )  # fmt: skip
    page.width(B=26, **dict.fromkeys(_MONTHS, 12.5), O=14)  # a year is one page wide
    _year(plan, page, FIRST_ROW)
    _quarters(plan, page, FIRST_ROW + 5)
    _months(plan, page, FIRST_ROW + 11)
    _landing(plan, page, FIRST_ROW + 18)
    _chart(plan, page, FIRST_ROW + 25)
    _gap(plan, page, FIRST_ROW + 25)
    _regions(plan, page, FIRST_ROW + 25)
    _watches(plan, page)


def _year(plan: Plan, page: Page, row: int) -> None:
    page.heading(f"B{row}", Text("全年", "The year"), until="O")
    page.label(f"B{row + 1}", Text("指标口径", "Which target"))
    page.input(
        f"C{row + 1}",
        FLOOR,
        name="quota_basis",
        choices=[FLOOR, STRETCH],
        note=Text("指标按保底目标还是冲刺目标下达", "quotas from the floor or the stretch target"),
    )
    formula = f"=IF(quota_basis={plan.quoted(STRETCH)},{plan.name('stretch_target')},{plan.name('floor_target')})"
    page.figure(f"B{row + 2}", Text("年度指标", "Quota of the year"), formula, "scaled", "quota_total", YUAN)
    page.figure(f"F{row + 1}", Text("达成口径", "Basis"), f"={plan.policy('attainment.basis')}", "text")
    on_record = f"=SUM({plan.name('person_months')}#)"
    page.figure(f"F{row + 2}", Text("个人在册", "People"), on_record, "scaled", "quota_on_record", YUAN)
    page.label(
        f"I{row + 2}",
        Text("各人各月之和：离职、爬坡与变更后的实际指标", "the sum of everybody's months: after leaving, ramp and changes"),
        muted=True,
        grow=False,
    )


def counted(plan: Plan, basis: str, people: str = "") -> str:
    """The arguments of LINEACTUALS and PERSONACTUALS from the basis on: what counts up to the as-of date, and the cash.

    ``people``: what PERSONACTUALS takes between a deal's seller and the cash.
    """
    deals, cash = plan.table("Deals"), plan.table("Collections")
    orders = (deals.id, deals.date, deals.revenue, deals.original, deals.delivered, deals.seller)
    paid = (cash.deal, cash.date, cash.amount, cash.kind)
    given = (basis, plan.name("plan_year"), plan.name("as_of"), *orders, *([people] if people else []), *paid)
    return ",".join(given)


def line_actuals(plan: Plan, lines: str, basis: str) -> str:
    """What counts for lines, month by month; ``lines`` may be "*", all of them together."""
    people = plan.table("People")
    return f"SALES_LINEACTUALS({lines},{counted(plan, basis)},{people.id},{people.line},{plan.moves('line')})"


def _quarters(plan: Plan, page: Page, row: int) -> None:
    """The 4-3-2-1 rhythm, and what was signed."""
    page.heading(f"B{row}", Text("季度", "Quarters"), until="O")
    head, quota, actual, attained = row + 1, row + 2, row + 3, row + 4
    page.header(f"B{head}", [Text("季度", "Quarter"), "", "", "", "", Text("全年", "Year")])
    for number, letter in enumerate(_QUARTERS, 1):
        page.sheet[f"{letter}{head}"].value = number
        page.sheet[f"{letter}{head}"].number_format = plan.t(_QUARTER_FORMAT)
    page.label(f"B{quota}", Text("季度指标", "Quota"))
    page.spill(f"C{quota}", f"=SALES_QUOTASPLIT(quota_total,{plan.policy('quota.pattern')})", 1, 4, "scaled")
    plan.define("quota_quarters", page, f"C{quota}:F{quota}")
    page.label(f"B{actual}", Text("业绩（截止日期）", "Actual to date"))
    page.label(f"B{attained}", Text("达成率", "Attainment"))
    months = FIRST_ROW + 15
    for quarter, letter in enumerate(_QUARTERS):
        page.formula(f"{letter}{actual}", f"=SUM({_MONTHS[3 * quarter]}{months}:{_MONTHS[3 * quarter + 2]}{months})", "scaled")
    plan.define("bookings_quarters", page, f"C{actual}:F{actual}")
    for at in (quota, actual):
        page.formula(f"G{at}", f"=SUM(C{at}:F{at})", "scaled", bold=True)
    for letter in f"{_QUARTERS}G":
        page.formula(f"{letter}{attained}", f"=IF({letter}{quota}=0,0,{letter}{actual}/{letter}{quota})", "rate")
    for at in (quota, actual, attained):
        page.sheet[f"B{at}"].border = style.BOX


def _months(plan: Plan, page: Page, row: int) -> None:
    """Each quarter over its months by the weights of the Settings sheet; one time axis for everything below."""
    page.heading(f"B{row}", Text("月度", "Months"), until="O")
    head, weight, quota, actual, attained = row + 1, row + 2, row + 3, row + 4, row + 5
    page.header(f"B{head}", [Text("月份", "Month"), *[""] * 12, Text("全年", "Year")])
    labels = (Text("季内权重", "Weight in its quarter"), Text("月度指标", "Quota"), Text("业绩（截止日期）", "Actual to date"), Text("达成率", "Attainment"))  # fmt: skip
    for at, label in enumerate(labels, weight):
        page.label(f"B{at}", label)
        page.sheet[f"B{at}"].border = style.BOX
    for number, letter in enumerate(_MONTHS, 1):
        page.sheet[f"{letter}{head}"].value = number
        page.sheet[f"{letter}{head}"].number_format = plan.t(MONTH_FORMAT)
        page.formula(f"{letter}{weight}", f"=INDEX({plan.policy('quota.months')},{letter}${head})", "plain")
        page.formula(
            f"{letter}{attained}", f'=IF(OR({letter}{actual}="",{letter}{quota}=0),"",{letter}{actual}/{letter}{quota})', "rate"
        )
    for quarter, letter in enumerate(_QUARTERS):
        months = _MONTHS[3 * quarter : 3 * quarter + 3]
        formula = f"=SALES_QUOTASPLIT({letter}${FIRST_ROW + 7},{months[0]}{weight}:{months[-1]}{weight})"
        page.spill(f"{months[0]}{quota}", formula, 1, 3, "scaled")
    # A month that has not begun is open: blank, not zero, so that the landing does not count it.
    begun = f"({plan.name('plan_year')}*12+C{head}:N{head}>YEAR({plan.name('as_of')})*12+MONTH({plan.name('as_of')}))"
    every = line_actuals(plan, '"*"', plan.policy("attainment.basis"))
    page.spill(f"C{actual}", f'=IF({begun},"",{every})', 1, 12, "scaled")
    for at in (quota, actual):
        page.formula(f"O{at}", f"=SUM(C{at}:N{at})", "scaled", bold=True)
    page.formula(f"O{attained}", f"=IF(O{quota}=0,0,O{actual}/O{quota})", "rate")
    plan.define("quota_month_numbers", page, f"C{head}:N{head}")
    plan.define("quota_months", page, f"C{quota}:N{quota}")
    plan.define("bookings_months", page, f"C{actual}:N{actual}")


def _landing(plan: Plan, page: Page, row: int) -> None:
    """The gap over the closed months, and where the year lands."""
    page.heading(f"B{row}", Text("年初至今与全年预测", "Year to date and full-year forecast"), until="O")
    heads = (
        Text("已关账月数", "Months closed"), Text("累计业绩", "Actual to date"), Text("累计指标", "Quota to date"), Text("差额", "Gap"),
        Text("累计达成率", "Attainment to date"), Text("全年预测(按进度)", "Forecast (run rate)"), Text("全年预测(按节奏)", "Forecast (phasing)"),
        Text("全年指标", "Full quota"), Text("预测达成率", "Forecast attainment"),
    )  # fmt: skip
    formats = ["int", "scaled", "scaled", "scaled", "rate", "scaled", "scaled", "scaled", "rate"]
    page.label(f"B{row + 2}", Text("全公司", "Company"))
    page.sheet[f"B{row + 2}"].border = style.BOX
    page.header(f"B{row + 1}", [Text("范围", "Scope")])
    # The open months are blank for the reader, yet a formula's "" is a text to a function: give it the closed ones only.
    actual = FIRST_ROW + 15
    # (CHOOSE and not OFFSET or C:INDEX(…), for which Excel would recalculate the plan whenever it is opened, nor SEQUENCE, which
    # Excel 2016 does not know.)
    closed = f"CHOOSE(months_closed,{','.join(f'C{actual}:{letter}{actual}' for letter in _MONTHS)})"
    formula = f'=IF(OR(quota_total=0,months_closed=0),"–",SALES_LANDING({closed},quota_months))'
    page.spill(f"C{row + 2}", formula, 1, 9, formats, "quota_landing", heads)
    year, as_of = plan.name("plan_year"), plan.name("as_of")
    full = f"=IF({as_of}<DATE({year},1,1),0,IF({as_of}>=DATE({year},12,31),12,MONTH({as_of}+1)-1))"
    page.figure(f"B{row + 3}", Text("已满月数", "Full months"), full, "int", "months_closed")
    # The month that runs counts by its days, so that a person's progress is fair in mid-month, too.
    begun = f"MAX(0,MIN({as_of},DATE({year},12,31))-DATE({year},months_closed+1,1)+1)/DAY(DATE({year},months_closed+2,0))"
    due = f"SUMPRODUCT(quota_months*(quota_month_numbers<=months_closed))+INDEX(quota_months,MIN(months_closed+1,12))*{begun}"
    page.figure(
        f"B{row + 4}",
        Text("应完成比例", "Share due to date"),
        f"=IF(quota_total=0,0,({due})/quota_total)",
        "rate2",
        "quota_due_share",
    )

    # The plan to date that the cockpit judges by: the month that runs counts by working days.
    share = f"=IF(quota_total=0,0,SALES_PLANTODATE(quota_months,{year},{as_of})/quota_total)"
    page.figure(f"F{row + 3}", Text("计划进度", "Plan to date"), share, "rate2", "plan_share")


def _chart(plan: Plan, page: Page, row: int) -> None:
    """Quota and bookings, month by month."""
    done = plan.say(plan.name("bookings"))
    parts = (Text("全年签单 ", "Bookings "), Text("，为指标的 ", ", of the quota: "), Text("（按月，元）", " (by month, yuan)"))
    before, of, basis = (plan.quoted(part) for part in parts)
    said = f'{before}&{done}&{of}&TEXT(IF(quota_total=0,0,bookings/quota_total),"0.0%")&{basis}'
    months = FIRST_ROW + 12
    charts.bars(
        page,
        f"B{row}",
        plan.message(page, said, "Deals"),
        f"C{months}:N{months}",
        [(f"B{months + at}", f"C{months + at}:N{months + at}") for at in (2, 3)],
        "wan",
        YUAN,
        (27, 5.1),
        labels=False,
        planned=0,
    )


def carried(plan: Plan, groups: str, key: str, months: str = "") -> str:
    """The people's month quotas by region or line, transfers from their day on: an array as long as ``groups``.

    ``months``: which of the twelve count, as factors.
    """
    quotas, people = plan.table("Quotas"), plan.table("People")
    who = ",".join((people.id, people.joined, people.left, getattr(people, key)))
    amounts = f"{plan.name('person_months')}#{months}"
    return f"SALES_CARRIED({groups},{amounts},{quotas.person},{plan.name('plan_year')},{who},{plan.moves(key)})"


def _gap(plan: Plan, page: Page, row: int) -> None:
    """Top-down: the year's quota by the regions' SOM. Bottom-up: what the region's people carry, month by month."""
    quotas, regions, rows, top = plan.table("Quotas"), plan.table("Regions"), plan.count("Regions"), row + 3
    sam = f"SALES_SAM(SALES_TAM({regions.buyers},{regions.spend}),{regions.serviceable})"
    som = f"SALES_SOM({sam},{regions.coverage},{regions.win_rate})"
    idle = f"OR(quota_total=0,SUM({regions.buyers})=0,SUM({quotas.weight})=0)"
    page.heading(f"K{row}", Text("自上而下（SOM）与自下而上（个人）", "Top-down (SOM) and bottom-up (people)"), until="O")
    page.spill(f"K{top}", f'={regions.region}&""', rows, 1, "text", "gap_regions", [Text("区域", "Region")], indent=[0])
    heads = (Text("自上而下", "Top-down"), Text("自下而上", "Bottom-up"), Text("差额", "Gap"), Text("差额率", "Gap rate"))
    held = carried(plan, regions.region, "region")
    formula = f'=IF({idle},"–",SALES_QUOTAGAP(SALES_QUOTAALLOCATE(quota_total,{som}),{held}))'
    formats = ["scaled", "scaled", "scaled", "rate"]
    page.spill(f"L{top}", formula, rows, 4, formats, "quota_gap", heads, [YUAN, YUAN, YUAN, Text("比例", "share")])
    page.condition(f"O{top}:O{top + rows - 1}", f"AND(ISNUMBER(O{top}),O{top}<0)", style.AMBER)


def _regions(plan: Plan, page: Page, row: int) -> None:
    """Each region's floor target to date, by its SOM, against what was signed there; deals without a region are told apart."""
    regions, deals, rows, top = plan.table("Regions"), plan.table("Deals"), plan.count("Regions"), row + 3
    sam = f"SALES_SAM(SALES_TAM({regions.buyers},{regions.spend}),{regions.serviceable})"
    som = f"SALES_SOM({sam},{regions.coverage},{regions.win_rate})"
    floor = plan.name("floor_target")
    idle = f"OR({floor}=0,plan_share=0)"
    page.heading(f"Q{row}", Text("各区域签单进度", "Bookings by region to date"), until="U")
    booked = f"SUMIFS({deals.revenue},{deals.region},{regions.region},{dated.to_date(plan)})"
    columns = (
        ("Q", Text("区域", "Region"), "text", f'{regions.region}&""', "region_names"),
        ("R", Text("计划", "Plan"), "scaled", f'IF({idle},"–",SALES_QUOTAALLOCATE({floor},{som})*plan_share)', "region_plan"),
        ("S", Text("签单", "Bookings"), "scaled", booked, "region_bookings"),
        ("T", Text("差额", "Gap"), "scaled", f'IF({idle},"–",S{top}#-R{top}#)', "region_gap"),
        (
            "U",
            Text("进度", "Progress"),
            "rate",
            f'IF({idle},"–",IF(R{top}#=0,"–",S{top}#/IF(R{top}#=0,1,R{top}#)))',
            "region_progress",
        ),
    )
    for letter, head, fmt, formula, name in columns:
        unit = YUAN if fmt == "scaled" else Text("", "")
        page.spill(f"{letter}{top}", f"={formula}", rows, 1, fmt, name, [head], [unit], indent=[0] if letter == "Q" else [])
    none = f'{deals.region},"",{deals.id},"?*",{dated.to_date(plan)}'
    said = Text(" 单没有填区域", " deals name no region")
    page.formula(f"R{row + 1}", f'=IF(COUNTIFS({none})=0,"",COUNTIFS({none})&{plan.quoted(said)})', "text", boxed=False)
    page.width(P=2.5, Q=15, R=15, S=15, T=15, U=10)


def _watches(plan: Plan, page: Page) -> None:
    """The weakest region, and where the year lands if it goes on like this."""
    n, signed = plan.name, Text("签单", "bookings")
    progress, gap = f"{n('region_progress')}#", f"{n('region_gap')}#"
    # Those that are red before all others, then by what is lacking.
    weighed = (
        f"IF(ISNUMBER({progress}),{gap}-(ROUND(IF(ISNUMBER({progress}),{progress},1),9)<{plan.policy('light.amber')})*10^13)"
    )
    worst = f"MATCH(MIN({weighed}),{weighed},0)"
    found, asked = (f"IF(COUNT({progress})=0,NA(),INDEX({n(name)}#,{worst}))" for name in ("region_bookings", "region_plan"))
    page.watch(
        Watch(
            "region.weakest", Text("最弱区域", "Weakest region"), found, asked, screen=1, basis=signed, amount=f"{asked}-{found}",
            item=f"INDEX({n('region_names')}#,{worst})", fresh=("Deals.date",), needs="Deals.id",
        )
    )  # fmt: skip
    landing = f"{n('bookings')}/{n('plan_share')}"
    page.watch(
        Watch(
            "forecast.run_rate", Text("全年预测(按进度)", "Full-year forecast (run rate)"), landing, n("floor_target"), screen=4,
            basis=signed, amount=f"{n('floor_target')}-{landing}", fresh=("Deals.date",), needs="Deals.id",
        )
    )  # fmt: skip


SHEET = PlanSheet(30, build, part=RESULT)
