"""打包方案 / Package: what a customer pays a month for equipment, its operation and the green credit."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.page import charts, navigation
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.ranked import order_of
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import Watch
from workbook_templates.tables.schema import PERCENT, PRODUCT_LINES, YUAN

_SCHEDULE = FIRST_ROW + 9  # header row of the schedule by years
_YEARS, _LONGEST = 3, 10  # of the example; that are drawn and have a row each
_LAST = 30  # the last row that is printed: the chart's
_MONTHS = _LAST + 3  # header row of the schedule by months, folded away
_MOST_YEARS = 50


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "package",
        Text("方案测算", "Solutions"),
        Text(
            "设备 + 运维 + 绿色信贷：等额月付与还款计划",
            "Equipment, O&M and green credit: one level monthly payment and its schedule",
        ),
        todo=Text("改左侧蓝色数字，得到报价用的月付款", "Change the blue figures for the payment to quote"),
    )
    page.width(B=18, C=16, D=16, E=16, F=16, G=16, H=16)
    _inputs(page)
    _schedule(plan, page)
    _returns(plan, page)
    _watches(plan, page)


_FIRST = FIRST_ROW + 3  # the row of the first scenario


def _returns(plan: Plan, page: Page) -> None:
    """Three scenarios side by side: what each returns, what it costs a month, and when its money is back."""
    scenarios, top = plan.table("Scenarios"), _FIRST
    page.width(I=3, J=12, K=20, **dict.fromkeys("LMNOPQRSTUV", 12))
    page.heading(f"J{FIRST_ROW}", Text("三个场景的投资回报", "Return on investment of three scenarios"), until="V")
    heads = (
        Text("方案编码", "Scenario"), Text("名称", "Name"), Text("投资额", "Investment"), Text("年收益", "Yearly benefit"), Text("年数", "Years"), Text("折现率", "Discount rate"),
        Text("残值", "Residual"), Text("ROI", "ROI"), Text("净现值", "NPV"), Text("内部收益率", "IRR"), Text("回收期", "Payback"), Text("折现回收期", "Discounted payback"),
        Text("融资月付", "Monthly payment"),
    )  # fmt: skip
    page.header(
        f"J{top - 1}",
        heads,
        ["", "", YUAN, YUAN, "", PERCENT, YUAN, "", YUAN, "", Text("年", "years"), Text("年", "years"), YUAN],
    )
    note = Text("选“场景方案”里的编码；空：前三个主方案", "a code of Scenarios; blank: the first three main ones")
    cumulated = top + 7  # where the codes stand that are shown
    for place in range(3):
        at = top + place
        page.input(f"J{at}", None, "text", note=note)
        code = f"$J{cumulated + place}"
        found = f"MATCH({code},{scenarios.code},0)"
        page.formula(f"K{at}", f'=IF({code}="","",IFERROR(INDEX({scenarios.name},{found})&"","–"))', "text")
        for letter, key, fmt in (
            ("L", "investment", "scaled"),
            ("M", "yearly_benefit", "scaled"),
            ("N", "years", "int"),
            ("O", "rate", "rate"),
            ("P", "residual", "scaled"),
        ):
            page.formula(f"{letter}{at}", f'=IF({code}="","",IFERROR(N(INDEX({getattr(scenarios, key)},{found})),"–"))', fmt)
        there = f"AND(ISNUMBER(L{at}),ISNUMBER(M{at}),N(L{at})>0,N(N{at})>=1)"
        page.spill(
            f"Q{at}",
            f'=IF({there},IFERROR(SALES_SOLUTIONROI(L{at},M{at},N{at},O{at},P{at}),"–"),"–")',
            1,
            5,
            ["rate", "scaled", "rate", "number", "number"],
        )
        lease = [f"N(INDEX({getattr(scenarios, key)},{found}))" for key in ("lease_rate", "lease_years")]
        page.formula(
            f"V{at}",
            f'=IF({code}="","",IFERROR(IF({lease[1]}<1,"–",IF({lease[0]}=0,L{at}/{lease[1]}/12,-PMT({lease[0]}/12,{lease[1]}*12,L{at}))),"–"))',
            "money",
        )
    plan.define("scenario_returns", page, f"Q{top}")
    _cumulated(plan, page, top + 6)


def _cumulated(plan: Plan, page: Page, row: int) -> None:
    """The money of each scenario year by year, the residual value with the last; drawn as lines."""
    page.heading(f"J{row - 1}", Text("累计现金", "Cumulated cash"), until="V")
    page.header(
        f"J{row}",
        [
            Text("方案编码", "Scenario"),
            Text("名称", "Name"),
            *(Text(f"第{year}年", f"Year {year}") for year in range(_LONGEST + 1)),
        ],
    )
    scenarios = plan.table("Scenarios")
    main = plan.quoted(next(word.label for word in scenarios.spec["kind"].words if word.code == "main"))
    for place in range(3):
        at, of = row + 1 + place, _FIRST + place
        nth = f"SMALL(({scenarios.kind}<>{main})*10^6+{order_of(scenarios.code)},{place + 1})"
        first = f'IFERROR(INDEX({scenarios.code},SUMPRODUCT({nth}))&"","")'
        page.formula(f"J{at}", f'=IF(J{of}="",{first},J{of}&"")', "text")
        page.formula(f"K{at}", f"=K{of}", "text")
        for year in range(_LONGEST + 1):
            letter = chr(ord("L") + year)
            cash = (
                f"-$L{of}+$M{of}*MIN({year},$N{of})+IF({year}>=$N{of},N($P{of}),0)"  # behind its last year nothing comes any more
            )
            page.formula(f"{letter}{at}", f'=IF(AND(ISNUMBER($L{of}),ISNUMBER($M{of}),ISNUMBER($N{of})),{cash},"")', "scaled")
    last = chr(ord("L") + _LONGEST)
    said = plan.quoted(Text("累计现金：几年回本", "Cumulated cash: when the investment is back"))
    charts.lines(
        page, f"J{row + 5}", plan.message(page, said, "Scenarios"), f"L{row}:{last}{row}",
        [(f"K{row + 1 + place}", f"L{row + 1 + place}:{last}{row + 1 + place}") for place in range(3)], y_title=YUAN, size=(24, 6.0),
    )  # fmt: skip


def _watches(plan: Plan, page: Page) -> None:
    """The product line furthest behind what is wanted of it, and the margin of the economy line."""
    n, mix, signed = plan.name, plan.policy("products.mix"), Text("签单", "bookings")
    sold, margins, lines = n("product_line_bookings"), n("product_line_margins"), n("product_lines")
    wanted = f"{mix}*{n('floor_target')}*{n('plan_share')}"
    # Those that are red before all others, then by what is lacking.
    weighed = (
        f"IF({wanted}>0,{sold}-{wanted}-(ROUND({sold}/IF({wanted}>0,{wanted},1),9)<{plan.policy('light.amber')})*10^12,10^12)"
    )
    place = f"MATCH(MIN({weighed}),{weighed},0)"
    found, asked = (f"IF(SUM({mix})=0,NA(),INDEX({figure},{place}))" for figure in (sold, wanted))
    page.watch(
        Watch(
            "products.weakest", Text("最弱产品线", "Weakest product line"), found, asked, screen=1, basis=signed, amount=f"{asked}-{found}",
            item=f"INDEX({lines},{place})", fresh=("Deals.date",), needs="Deals.id",
        )
    )  # fmt: skip
    eco = next((place for place, word in enumerate(PRODUCT_LINES, 1) if (word.like or word.code) == "eco"), None)
    if eco is None:  # a company without an economy line has no floor to keep
        return
    revenue, margin, floor = f"INDEX({sold},{eco})", f"INDEX({margins},{eco})", plan.policy("products.margin_floor")
    page.watch(
        Watch(
            "products.eco_margin", PRODUCT_LINES[eco - 1].label + Text(" 毛利率", ": margin rate"), f"IF({revenue}>0,{margin}/IF({revenue}>0,{revenue},1),NA())", floor,
            screen=1, basis=signed, fmt="rate", amber=floor, amount=f"{floor}*{revenue}-{margin}", fresh=("Deals.date",), needs="Deals.id",
        )
    )  # fmt: skip


def _inputs(page: Page) -> None:
    page.heading(f"B{FIRST_ROW}", Text("方案（填写）", "The package (fill in)"), until="D")
    entries = (
        (Text("设备价款", "Equipment"), 3_000_000, "money", "package_equipment", YUAN, Text("不含税", "net of VAT"), 0, None),
        (Text("年运维费", "O&M a year"), 240_000, "money", "package_upkeep", YUAN, Text("每年", "a year"), 0, None),
        (Text("年数",
              "Years"), _YEARS, "number",
                                "package_years", Text("年",
                                                      "years"), Text("整月，如 3 或 2.5", "whole months, such as 3 or 2.5"), 0, _MOST_YEARS),
        (Text("贷款年利率",
              "Loan rate a year"), 0.0395, "rate2",
                                           "package_rate", PERCENT, Text("绿色信贷利率，如 3.95%",
                                                                         "rate of the green credit, such as 3.95%"), 0, 1),
        (Text("设备首付", "Prepaid"), 0.1, "rate", "package_prepaid", PERCENT, Text("首付占设备价款", "share of the equipment"), 0, 1),
    )  # fmt: skip
    for row, (label, value, fmt, name, unit, note, low, high) in enumerate(entries, FIRST_ROW + 1):
        page.label(f"B{row}", label, grow=False)
        page.input(f"C{row}", value, fmt, name, note=note, low=low, high=high)
        page.label(f"D{row}", unit, muted=True, grow=False)


def _schedule(plan: Plan, page: Page) -> None:
    """The monthly payment and what it comes to in all; the schedule grows and shrinks with the years."""
    package = "SALES_PACKAGE(package_equipment,package_upkeep,package_years,package_rate,package_prepaid)"
    page.heading(f"F{FIRST_ROW}", Text("结果", "Result"), until="H")
    whole = f"{plan.name('package_schedule')}#"
    months = "ROUND(package_years*12,0)"
    figures = (
        (Text("月付款", "Monthly payment"), f"=INDEX({whole},2,2)", "fen", "package_payment", YUAN),
        (Text("首付", "Prepayment"), f"=INDEX({whole},1,2)", "fen", "", YUAN),
        (Text("付款合计", "Paid in all"), f"=INDEX({whole},{months}+2,2)", "fen", "package_total", YUAN),
        (Text("其中利息", "of it interest"), f"=INDEX({whole},{months}+2,4)", "fen", "package_interest", YUAN),
        (Text("排他期", "Exclusive for"), f"={plan.policy('package.exclusivity')}", "int", "", Text("年", "years")),
    )
    for row, (label, formula, fmt, name, unit) in enumerate(figures, FIRST_ROW + 1):
        page.label(f"F{row}", label, grow=False)
        page.formula(f"G{row}", formula, fmt, name or None)
        page.label(f"H{row}", unit, muted=True, grow=False)
    _by_years(page)
    page.heading(f"B{_MONTHS - 2}", Text("逐月明细（点左边的 + 展开）", "By months (unfold with + on the left)"), until="H")
    page.spill(
        f"B{_MONTHS + 1}",
        f"={package}",
        _YEARS * 12 + 2,
        len(_HEADS) + 1,
        ["general", *["fen"] * len(_HEADS)],
        "package_schedule",
        (Text("月", "Month"), *_HEADS),
        ["", *[YUAN] * len(_HEADS)],
        total=True,
        indent=[0],
    )
    page.folded(_MONTHS - 2, _MONTHS + 2 + _MOST_YEARS * 12)
    page.prints(f"A1:I{_LAST},J1:V{_LAST}")
    page.sheet.print_title_rows = "1:3"


_HEADS = (Text("付款", "Payment"), Text("贷款月供", "Loan instalment"), Text("利息", "Interest"),
          Text("本金", "Principal"), Text("运维费", "O&M"), Text("贷款余额", "Balance"))  # fmt: skip


def _by_years(page: Page) -> None:
    """The schedule as people read it: what is prepaid, a row for each year, the last for all behind it, and the sum."""
    first, total = _SCHEDULE + 1, _SCHEDULE + _LONGEST + 2
    months = f"$B${_MONTHS + 1}:$B${_MONTHS + 2 + _MOST_YEARS * 12}"
    page.heading(f"B{_SCHEDULE - 2}", Text("还款计划（按年）", "Schedule by years"), until="H")
    page.header(f"B{_SCHEDULE}", (Text("年", "Year"), *_HEADS), ["", *[YUAN] * len(_HEADS)])
    for year in range(_LONGEST + 1):
        row = first + year
        more = f'IF(ROUNDUP(package_years,0)>{year},"{year}+",{year})' if year == _LONGEST else str(year)
        page.formula(f"B{row}", f'=IF({year}>ROUNDUP(package_years,0),"",{more})', "general")
        last = _MOST_YEARS if year == _LONGEST else year
        for letter in "CDEFG":
            column = months.replace("B", letter)
            within = f'SUMIFS({column},{months},">"&12*({year}-1),{months},"<="&12*{last})'
            page.formula(f"{letter}{row}", f'=IF($B{row}="","",ROUND({within},2))', "fen")
        ends = f"MIN(12*{last},ROUND(12*package_years,0))"
        page.formula(f"H{row}", f'=IF($B{row}="","",SUMIFS({months.replace("B", "H")},{months},{ends}))', "fen")
    page.label(f"B{total}", Text("合计", "Total"), bold=True)
    for letter in "CDEFG":
        page.formula(f"{letter}{total}", f"=ROUND(SUM({letter}{first}:{letter}{total - 1}),2)", "fen", bold=True)
    page.plan.define("package_by_years", page, f"C{first}:C{total - 1}")
    page.plan.define("package_left", page, f"H{first}:H{total - 1}")


SHEET = PlanSheet(16, build, part=navigation.RESULT)
