"""The cockpit: the key figures and four charts a director looks at first; their data stands below, visible."""

from __future__ import annotations

from openpyxl.worksheet.pagebreak import Break

from udfs.text import Text
from workbook_templates.page import charts, style
from workbook_templates.page.builder import Page, Plan
from workbook_templates.page.marks import OFF_PLAN, ON_PLAN
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables.schema import BUDGET_LINES
from workbook_templates.tables.switches import OFF

CARDS = 6  # first row of the cards
CHARTS = 13  # first row of the charts
DATA = 43  # first row of the charts' data
TOP_SELLERS = 10


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "cockpit",
        Text("驾驶舱", "Cockpit"),
        Text(
            "一页看全年：目标、签单、毛利、利润、提成、费用、回款",
            "The year on one page: targets, bookings, margin, profit, commission, budget, cash",
        ),
        todo=Text("只看不填；红灯先看“检查”", "Read only; when a light is red look at Checks first"),
    )
    page.width(**dict.fromkeys("BCDEFHIJK", 17.0), G=25.0)
    page.label("E1", Text("截止日期", "As of"), muted=True)
    page.formula("F1", f"={plan.name('as_of')}", "date", boxed=False)
    page.formula("H1", f"={plan.figure(plan.name('pay_left_out') + '&' + plan.quoted(Text('', '')))}", "text", boxed=False)
    page.sheet["H1"].font = style.font(style.WARNING, True)
    _cards(plan, page)
    _tiers(plan, page)
    _quarters(plan, page)
    _months(plan, page)
    _budget(plan, page)
    _sellers(plan, page)
    page.lights(f"B{CARDS}:K{DATA + 20}", off=OFF)
    page.sheet.row_breaks.append(Break(id=DATA - 1))


# --------------------------------------------------------------------------------------------------------------- cards


def _cards(plan: Plan, page: Page) -> None:
    """Two rows of five key figures, each with what it is measured against."""
    n = plan.name
    cards = (
        (Text("可获得市场 SOM",
              "SOM"), n("som_total"), "scaled", Text("占 SAM", "of SAM"), f"IF({n('sam_total')}=0,0,som_total/sam_total)", "rate"),
        (Text("保底目标（签单）", "Floor, bookings"), n("floor_target"), "scaled", Text("冲刺", "stretch"), n("stretch_target"), "scaled"),
        (Text("签单", "Bookings"), n("bookings"), "scaled", Text("订单数", "orders"), n("deal_count"), "int"),
        (
            Text("达成率", "Attainment"),
            "IF(floor_target=0,0,bookings/floor_target)",
            "rate",
            Text("冲刺达成", "of stretch"),
            "IF(stretch_target=0,0,bookings/stretch_target)",
            "rate",
        ),
        (Text("毛利", "Gross margin"), n("gross_margin"), "scaled", Text("毛利率", "margin rate"), n("margin_rate"), "rate"),
        (Text("利润", "Profit"), n("profit"), "scaled", Text("底线", "floor"), n("profit_floor"), "scaled"),
        (Text("提成",
              "Commission"), n("ledger_total"), "scaled", Text("占签单",
                                                            "of bookings"), "IF(bookings=0,0,ledger_total/bookings)", "rate2"),
        (Text("费用", "Budget spent"), n("budget_spent"), "scaled", Text("使用率", "used"), n("budget_used"), "rate"),
        (Text("已回款", "Collected"), n("collected"), "scaled", Text("回款率", "rate"), n("collection_rate"), "rate"),
        (Text("利润池", "Profit pool"), n("pool_total"), "scaled", Text("未分配", "left over"), n("pool_left"), "scaled"),
    )  # fmt: skip
    page.heading("B5", Text("关键数字", "Key figures"), "K5")
    for number, card in enumerate(cards):
        row, column = CARDS + 3 * (number // 5), 2 * (number % 5) + 2
        _card(page, row, column, *card)


def _card(page: Page, row: int, column: int, title: Text, value: str, fmt: str, beside: Text, other: str, other_fmt: str) -> None:
    """A title over a large figure; the comparison stands at its right."""
    left, right = page.sheet.cell(row, column), page.sheet.cell(row, column + 1)
    page.label(left.coordinate, title, muted=True, grow=False)
    page.label(right.coordinate, beside, muted=True, grow=False)
    left.alignment, right.alignment = style.align("left", indent=1), style.align("right", indent=1)
    big, small = page.sheet.cell(row + 1, column), page.sheet.cell(row + 1, column + 1)
    _figure(page, big.coordinate, value, fmt, bold=True, boxed=False)
    _figure(page, small.coordinate, other, other_fmt, boxed=False)
    big.font = style.font(style.CROSS, True, 15)
    big.alignment = style.align("left", indent=1)
    small.alignment = style.align("right", indent=1)
    for cell in (left, right, big, small):
        cell.fill = style.fill(style.BAND)
    page.sheet.row_dimensions[row + 1].height = 25
    page.sheet.row_dimensions[row + 2].height = 6


def _figure(page: Page, cell: str, formula: str, fmt: str = "general", bold: bool = False, boxed: bool = True) -> None:
    """A formula, without its =, over figures of chapters: 停用 while one of these is off."""
    page.formula(cell, f"={page.plan.figure(formula)}", fmt, bold=bold, boxed=boxed)


def _tiers(plan: Plan, page: Page) -> None:
    """One line on the customers' tiers: counts against the plan's, and what the last refresh moved."""
    row, n = CHARTS - 1, plan.name
    caps = plan.policy("customers.caps")
    planned = (f"INDEX({caps},1)", f"INDEX({caps},2)-INDEX({caps},1)", f"INDEX({caps},3)-INDEX({caps},2)")
    counts = [f'"{tier} "&{n(f"tier_count_{tier.lower()}")}&" / "&({of})' for tier, of in zip("SAB", planned, strict=True)]
    gap = '&"　　"&' if plan.lang == "zh" else '&"     "&'
    line = gap.join([*counts, f'"C "&{n("tier_count_c")}'])
    page.label(f"B{row}", Text("客户分级（家数 / 计划）", "Customer tiers (count / plan)"), muted=True, grow=False)
    _figure(page, f"D{row}", f'IF({n("tiered_count")}=0,"–",{line})', boxed=False)
    page.sheet[f"D{row}"].alignment = style.align("left", indent=1)
    moved = (Text("上次刷新变动 ", "Moved by the last refresh: "), Text("，升 ", ", up "), Text("，降 ", ", down "))
    words = "&".join(
        f"{plan.quoted(said)}&{n(name)}"
        for said, name in zip(moved, ("tier_moves", "tier_moves_up", "tier_moves_down"), strict=True)
    )
    _figure(page, f"H{row}", f'IF({n("tiered_count")}=0,"–",{words})', boxed=False)
    page.sheet[f"H{row}"].alignment = style.align("left", indent=1)
    _figure(page, f"K{row}", f"{n('tiers_verdict')}", "word")
    page.lights(f"K{row}", good=ON_PLAN, fair=OFF_PLAN)
    page.sheet.row_dimensions[row].height = 19


# -------------------------------------------------------------------------------------------------------------- charts


def _quarters(plan: Plan, page: Page) -> None:
    """Bookings against quota, quarter by quarter."""
    row = DATA
    page.heading(f"B{row}", Text("图表数据", "Data of the charts"), f"K{row}")
    page.header(
        f"B{row + 1}", [Text("季度", "Quarter"), Text("指标", "Quota"), Text("签单", "Bookings"), Text("达成率", "Attainment")]
    )
    for quarter in range(1, 5):
        at = row + 1 + quarter
        page.label(f"B{at}", f"Q{quarter}")
        _figure(page, f"C{at}", f"INDEX({plan.name('quota_quarters')},{quarter})", "scaled")
        _figure(page, f"D{at}", f"INDEX({plan.name('bookings_quarters')},{quarter})", "scaled")
        page.formula(f"E{at}", f"=IF(ISNUMBER(C{at}),IF(C{at}=0,0,D{at}/C{at}),C{at})", "rate")
    charts.bars(
        page,
        f"B{CHARTS}",
        Text("季度签单与指标", "Bookings and quota by quarter"),
        f"B{row + 2}:B{row + 5}",
        [(f"C{row + 1}", f"C{row + 2}:C{row + 5}"), (f"D{row + 1}", f"D{row + 2}:D{row + 5}")],
        "yi",
        Text("签单（亿元）", "Bookings (million yuan)"),
    )


def _months(plan: Plan, page: Page) -> None:
    """Bookings against plan, added up from January."""
    row = DATA + 7
    page.header(f"B{row}", [Text("月份", "Month"), Text("累计指标", "Quota to date"), Text("累计签单", "Bookings to date")])
    quota, booked = plan.name("quota_months"), plan.name("bookings_months")
    for month in range(1, 13):
        at = row + month
        page.label(f"B{at}", plan.t(Text(f"{month}月", f"M{month}")))
        before = (f"N(C{at - 1})+", f"N(D{at - 1})+") if month > 1 else ("", "")
        _figure(page, f"C{at}", f"{before[0]}INDEX({quota},{month})", "scaled")
        # A month still to come has no point in the line.
        _figure(page, f"D{at}", f'IF({month}>{plan.name("budget_month")},"",{before[1]}N(INDEX({booked},{month})))', "scaled")
    charts.lines(
        page,
        f"G{CHARTS}",
        Text("累计签单与计划", "Bookings to date against plan"),
        f"B{row + 1}:B{row + 12}",
        [(f"C{row}", f"C{row + 1}:C{row + 12}"), (f"D{row}", f"D{row + 1}:D{row + 12}")],
        "yi",
        Text("累计签单（亿元）", "Bookings to date (million yuan)"),
    )


def _budget(plan: Plan, page: Page) -> None:
    """What each line spent, and the ROI it brought against its target."""
    row = DATA + 1
    heads = (Text("费用项", "Line"), Text("实际费用", "Spent"), Text("ROI", "ROI"), Text("ROI 目标", "ROI target"))
    page.header(f"G{row}", heads)
    for index, word in enumerate(BUDGET_LINES, 1):
        at = row + index
        page.label(f"G{at}", word.label, grow=False)
        _figure(page, f"H{at}", f"INDEX({plan.name('line_spent')},{index})", "scaled")
        _figure(page, f"I{at}", f'IF(ISNUMBER(INDEX({plan.name("line_roi")}#,{index})),INDEX(line_roi#,{index}),"")', "times")
        _figure(page, f"J{at}", f'IF(INDEX({plan.name("line_targets")},{index})=0,"",INDEX(line_targets,{index}))', "number")
    last = row + len(BUDGET_LINES)
    charts.bars_and_points(
        page,
        f"B{CHARTS + 14}",
        Text("费用与 ROI", "Budget spent and ROI"),
        f"G{row + 1}:G{last}",
        [(f"H{row}", f"H{row + 1}:H{last}")],
        [(f"I{row}", f"I{row + 1}:I{last}"), (f"J{row}", f"J{row + 1}:J{last}")],
        "wan",
        "0.0",
        Text("费用（万元）", "Spent (thousand yuan)"),
        Text("ROI（倍）", "ROI (times)"),
    )


def _sellers(plan: Plan, page: Page) -> None:
    """The ten best by attainment; equal ones in the order of the Quotas Table."""
    row = DATA + 9
    count = TOP_SELLERS
    page.header(f"G{row}", [Text("名次", "Place"), Text("姓名", "Name"), Text("达成率", "Attainment")])
    attained = f"{plan.name('seller_attainment')}#"
    for place in range(1, count + 1):
        at = row + place
        page.label(f"G{at}", str(place))
        _figure(page, f"I{at}", f"IFERROR(LARGE({attained},{place}),0)", "rate")
        # Among equals the k-th: as many as stand above with the same attainment are passed over.
        nth = f"SMALL(IF({attained}=I{at},{plan.name('seller_places')}#),COUNTIF(I${row + 1}:I{at},I{at}))"
        _figure(page, f"H{at}", f'IFERROR(INDEX({plan.name("seller_names")}#,{nth}),"–")', "text")
    last = row + count
    charts.bars(
        page,
        f"G{CHARTS + 14}",
        Text("达成率前十", "The ten best by attainment"),
        f"H{row + 1}:H{last}",
        [(f"I{row}", f"I{row + 1}:I{last}")],
        "0%",
        Text("达成率", "Attainment"),
        across=True,
    )


SHEET = PlanSheet(5, build, last=1)
