"""Budget and ROI: the year by line, the twelve months rolling, and what a missed month cuts from the next."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.page import style
from workbook_templates.page.builder import Page, Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import Watch
from workbook_templates.tables.schema import BUDGET_LINES

MONTHS = "CDEFGHIJKLMN"
SUMMARY, PLANNED, SPENT, REVENUE, REACHED, ROLLED, ONE_LINE = 11, 22, 31, 40, 49, 58, 68  # rows of the blocks' headers
TOP = 86  # header row of the Table
MET, MISSED, TO_SET = Text("达标", "Met"), Text("未达标", "Missed"), Text("待定目标", "Set a target")
LINES = len(BUDGET_LINES)
_ON_SCREEN = Text("各月明细在屏幕上看", "The months are looked at on the screen")
TARGET_FORMAT = '0.0;-0.0;"–"'  # no target is shown as none


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "budget",
        Text("11 费用", "11 Budget"),
        Text(
            "费用按结构拆分；按月看 ROI，未达标的下月计划削减，削减额转入预留",
            "The budget by line; a month that misses its ROI cuts the next one's plan into the reserve",
        ),
        todo=Text("每月填实际费用与归因收入", "Enter actual cost and attributed revenue every month"),
    )
    _figures(plan, page)
    _summary(plan, page)
    table = plan.table("Budget")
    _block(plan, page, PLANNED, Text("各月计划", "Planned by month"), table.planned)
    _block(plan, page, SPENT, Text("各月实际费用", "Actual cost by month"), table.actual_cost)
    _block(plan, page, REVENUE, Text("各月归因收入", "Attributed revenue by month"), table.revenue)
    _reached(plan, page)
    _rolled(plan, page)
    _one_line(plan, page)
    _cut_in_words(plan, page)
    page.heading(f"B{TOP - 2}", Text("明细（填写）", "Details (fill in)"), f"F{TOP - 2}")
    page.records("Budget", f"B{TOP}")
    _watches(plan, page)
    page.width(B=24 if plan.lang == "en" else 20, **dict.fromkeys("CDEFGHIJKLMNO", 11.5))  # a page at 70 %
    page.prints(f"A1:O{PLANNED - 3}", _ON_SCREEN)


def _figures(plan: Plan, page: Page) -> None:
    page.heading("B5", Text("全年费用", "The year's budget"), "N5")
    total = f"=ROUND({plan.name('floor_target')}*{plan.policy('budget.rate')},0)"
    page.figure("B6", Text("年度费用", "Budget of the year"), total, "scaled", "budget_total")
    page.figure("B7", Text("占保底目标", "Share of floor target"), f"={plan.policy('budget.rate')}", "rate")
    closed = f"=IF(YEAR({plan.name('as_of')})>{plan.name('plan_year')},12,IF(YEAR(as_of)<plan_year,0,MONTH(as_of)))"
    page.figure("B8", Text("已到月份", "Months so far"), closed, "int", "budget_month")
    table = plan.table("Budget")
    spent = f'=SUMIFS({table.actual_cost},{table.month},"<="&budget_month)'
    page.label("E6", Text("累计费用", "Spent so far"))
    page.formula("F6", spent, "scaled", "budget_spent")
    page.label("E7", Text("使用率", "Used"))
    page.formula("F7", "=IF(budget_total=0,0,budget_spent/budget_total)", "rate", "budget_used")
    page.label("E8", Text("利润", "Profit"))
    page.formula("F8", f"={plan.name('gross_margin')}-budget_spent", "scaled", "profit")
    page.label("H6", Text("计划费用(截至今日)", "Planned to date"), grow=False)
    due = f"SALES_PLANTODATE(C{PLANNED + LINES + 1}:N{PLANNED + LINES + 1},{plan.name('plan_year')},{plan.name('as_of')})"
    page.formula("K6", f"={due}", "scaled", "budget_due")
    page.label("H7", Text("计划毛利(截至今日)", "Planned margin to date"), grow=False)
    page.formula("K7", f"=(budget_total+{plan.name('profit_floor')})*{plan.name('plan_share')}", "scaled", "margin_due")
    page.label("G8", Text("毛利 − 费用", "gross margin − cost"), muted=True, grow=False)


def _summary(plan: Plan, page: Page) -> None:
    """Each line to date: plan, cost, revenue, ROI against its target."""
    heads = (
        Text("费用项", "Line"),
        Text("结构", "Share"),
        Text("年度预算", "Year's budget"),
        Text("计划累计", "Planned to date"),
        Text("实际累计", "Spent to date"),
        Text("使用率", "Used"),
        Text("归因收入", "Revenue"),
        Text("ROI", "ROI"),
        Text("ROI 比", "ROI ratio"),
        Text("ROI 目标", "ROI target"),
        Text("判定", "Verdict"),
    )
    page.header(f"B{SUMMARY}", heads)
    first, last = SUMMARY + 1, SUMMARY + LINES
    shares, targets = plan.policy("budget.shares"), plan.policy("roi.targets")
    split = f"TRANSPOSE(SALES_BUDGETSPLIT(budget_total,{shares}))"
    for index, word in enumerate(BUDGET_LINES, 1):
        row = SUMMARY + index
        page.label(f"B{row}", word.label)
        page.formula(f"C{row}", f"=INDEX({shares},{index})", "rate")
        _to_date(plan, page, row)
        page.formula(f"K{row}", f"=N(INDEX({targets},{index}))", TARGET_FORMAT)
    page.spill(f"D{first}", f"={split}", LINES, 1, "scaled", name="line_budgets")
    revenue, cost, target = (f"{letter}{first}:{letter}{last}" for letter in "HFK")
    # A line with a target that brought nothing has an ROI of 0; one without a target has none.
    nothing = f"({cost}=0)+({revenue}=0)*({target}=0)"
    page.spill(f"I{first}", f'=IF({nothing},"–",SALES_ROI({revenue},{cost}))', LINES, 1, "times", name="line_roi")
    page.spill(f"J{first}", f'=IF({nothing},"–",SALES_ROITEXT({revenue},{cost}))', LINES, 1, "general")
    met = f"SALES_ROIOK({revenue},{cost},{target})"
    words = [plan.quoted(w) for w in (TO_SET, Text("–", "–"), MET, MISSED)]
    verdict = f"=IF({target}=0,{words[0]},IF({cost}=0,{words[1]},IF({met},{words[2]},{words[3]})))"
    page.spill(f"L{first}", verdict, LINES, 1, "general", name="line_verdicts")
    _centre(page, f"I{first}:L{last}")
    page.lights(f"L{first}:L{last}", good=MET, fair=TO_SET, bad=MISSED)
    _summary_total(page, last + 1, first, last)
    plan.define("line_names", page, f"B{first}:B{last}")
    plan.define("line_due", page, f"E{first}:E{last}")
    plan.define("line_spent", page, f"F{first}:F{last}")
    plan.define("line_targets", page, f"K{first}:K{last}")
    plan.define("line_revenue", page, f"H{first}:H{last}")


def _centre(page: Page, ref: str) -> None:
    """Words and the sign for nothing stand in the middle of their column."""
    for row in page.sheet[ref]:
        for cell in row:
            cell.alignment = style.align("center")


def _to_date(plan: Plan, page: Page, row: int) -> None:
    table = plan.table("Budget")
    for letter, column in (("E", table.planned), ("F", table.actual_cost), ("H", table.revenue)):
        page.formula(f"{letter}{row}", f'=SUMIFS({column},{table.line},$B{row},{table.month},"<="&budget_month)', "scaled")
    page.formula(f"G{row}", f"=IF(D{row}=0,0,F{row}/D{row})", "rate")


def _summary_total(page: Page, row: int, first: int, last: int) -> None:
    page.label(f"B{row}", Text("合计", "Total"), bold=True)
    page.formula(f"C{row}", f"=SUM(C{first}:C{last})", "rate", bold=True)
    for letter in "DEFH":
        page.formula(f"{letter}{row}", f"=SUM({letter}{first}:{letter}{last})", "scaled", bold=True)
    page.formula(f"G{row}", f"=IF(D{row}=0,0,F{row}/D{row})", "rate", bold=True)
    page.label(
        f"B{row + 1}",
        Text(
            "“待定目标”的费用项应先定 ROI 目标再花钱（参数）",
            "A line that says “Set a target” needs an ROI target on Settings before money is spent",
        ),
        muted=True,
        grow=False,
    )


def _axis(plan: Plan, page: Page, row: int, title: Text, last: Text) -> None:
    page.header(f"B{row}", [title, *[""] * 12, last])
    for number, letter in enumerate(MONTHS, 1):
        cell = page.sheet[f"{letter}{row}"]
        cell.value, cell.number_format = number, plan.t(Text('0"月"', '"M"0'))
    for offset, word in enumerate(BUDGET_LINES, 1):
        page.label(f"B{row + offset}", word.label)


def _block(plan: Plan, page: Page, row: int, title: Text, column: str) -> None:
    """One figure of the Table by line and month."""
    table = plan.table("Budget")
    _axis(plan, page, row, title, Text("合计", "Total"))
    for at in range(row + 1, row + 1 + LINES):
        for letter in MONTHS:
            page.formula(f"{letter}{at}", f"=SUMIFS({column},{table.line},$B{at},{table.month},{letter}${row})", "scaled")
        page.formula(f"O{at}", f"=SUM(C{at}:N{at})", "scaled", bold=True)
    _sums(page, row)


def _sums(page: Page, row: int) -> None:
    total = row + LINES + 1
    page.label(f"B{total}", Text("合计", "Total"), bold=True)
    for letter in f"{MONTHS}O":
        page.formula(f"{letter}{total}", f"=SUM({letter}{row + 1}:{letter}{row + LINES})", "scaled", bold=True)


def _area(row: int, first: str = "C", last: str = "N") -> str:
    return f"{first}{row + 1}:{last}{row + LINES}"


def _reached(plan: Plan, page: Page) -> None:
    """ROI by month; blank where nothing is attributed or the month is still to come."""
    _axis(plan, page, REACHED, Text("各月 ROI", "ROI by month"), Text("目标", "Target"))
    revenue, cost = _area(REVENUE), _area(SPENT)
    target = _area(REACHED, "O", "O")
    open_ = f"({cost}=0)+({revenue}=0)*({target}=0)+(C{REACHED}:N{REACHED}>budget_month)"
    page.spill(f"C{REACHED + 1}", f'=IF({open_},"",SALES_ROI({revenue},{cost}))', LINES, 12, "times", name="month_roi")
    for offset in range(1, LINES + 1):
        page.formula(f"O{REACHED + offset}", f"=K{SUMMARY + offset}", TARGET_FORMAT)
    first = f"C{REACHED + 1}"
    page.condition(_area(REACHED), f"AND(ISNUMBER({first}),$O{REACHED + 1}>0,{first}<$O{REACHED + 1})", style.RED)
    page.condition(_area(REACHED), f"AND(ISNUMBER({first}),$O{REACHED + 1}>0)", style.GREEN)


def _rolled(plan: Plan, page: Page) -> None:
    """The rolling budget: a month's plan, cut where the month before missed its target; the cut goes to the reserve."""
    _axis(plan, page, ROLLED, Text("滚动预算", "Rolling budget"), Text("合计", "Total"))
    page.spill(f"C{ROLLED + 1}", f"={_area(PLANNED, 'C', 'C')}", LINES, 1, "scaled")
    planned, before, target = _area(PLANNED, "D"), _area(REACHED, "C", "M"), _area(REACHED, "O", "O")
    cut = f"SALES_NEXTBUDGET({planned},{before},{target},{plan.policy('budget.cut')})"
    page.spill(f"D{ROLLED + 1}", f'=IF(({target}=0)+({before}=""),{planned},{cut})', LINES, 11, "scaled", name="rolling_budget")
    for at in range(ROLLED + 1, ROLLED + 1 + LINES):
        page.formula(f"O{at}", f"=SUM(C{at}:N{at})", "scaled", bold=True)
    _sums(page, ROLLED)
    reserve = ROLLED + LINES + 2
    page.label(f"B{reserve}", Text("转入预留", "To reserve"), bold=True)
    for letter in f"{MONTHS}O":
        page.formula(f"{letter}{reserve}", f"={letter}{PLANNED + LINES + 1}-{letter}{ROLLED + LINES + 1}", "scaled", bold=True)
    plan.define("budget_reserve", page, f"O{reserve}")
    plan.define("rolled_total", page, f"O{reserve - 1}")


def _cut_in_words(plan: Plan, page: Page) -> None:
    """What the next month loses and why, in one sentence over the lines."""
    at = "MIN(12,budget_month+1)"
    parts = [
        (f"INDEX(C{PLANNED + k}:N{PLANNED + k},{at})-INDEX(C{ROLLED + k}:N{ROLLED + k},{at})", f"B{SUMMARY + k}")
        for k in range(1, LINES + 1)
    ]
    cut = f"INDEX(C{ROLLED + LINES + 2}:N{ROLLED + LINES + 2},{at})"
    lines = "&".join(f'IF({less}>0," "&{name}&" "&{plan.say(f"({less})")},"")' for less, name in parts)
    before, middle, none, over = (
        plan.quoted(text)
        for text in (
            Text("ROI 未达标，下月计划削减 ", "ROI missed: next month is cut by "),
            Text("，转入预留：", ", moved to the reserve:"),
            Text("下月计划不削减：有目标的费用项都达标", "Next month is not cut: every line with a target met it"),
            Text("全年已过，没有下月可削减", "The year is over: no month is left to cut"),
        )
    )
    said = f"IF(budget_month>=12,{over},IF(ROUND({cut},2)>0,{before}&{plan.say(cut)}&{middle}&{lines},{none}))"
    page.formula("B9", f"={said}", "text", "budget_cut_said", bold=True, boxed=False)
    page.sheet["B9"].alignment = style.align("left")


def _one_line(plan: Plan, page: Page) -> None:
    """One line's twelve months, told by BUDGETROLL."""
    row = ONE_LINE
    page.heading(f"B{row}", Text("一条费用的滚动过程", "One line, month by month"), f"H{row}")
    page.label(f"B{row + 1}", Text("费用项（请选择）", "Line (choose)"))
    chosen = BUDGET_LINES[2].label
    page.input(f"C{row + 1}", chosen, "general", "roll_line", choices=[w.label for w in BUDGET_LINES])
    place = "MATCH(roll_line,line_names,0)"
    page.label(f"E{row + 1}", Text("ROI 目标", "ROI target"))
    page.formula(f"F{row + 1}", f"=INDEX(line_targets,{place})", "number", "roll_target")
    heads = (
        Text("计划", "Planned"),
        Text("ROI", "ROI"),
        Text("达标", "Met"),
        Text("滚动预算", "Budget"),
        Text("转入预留", "To reserve"),
    )
    page.header(f"B{row + 2}", [Text("月份", "Month"), *heads])
    for month in range(1, 13):
        at = row + 2 + month
        page.formula(f"B{at}", f"={MONTHS[month - 1]}${PLANNED}", plan.t(Text('0"月"', '"M"0')))
    planned = f"TRANSPOSE(INDEX({_area(PLANNED)},{place},0))"
    reached = f"TRANSPOSE(INDEX({_area(REACHED)},{place},0))"
    # A month still to come counts as met, so that it cuts nothing; its ROI and verdict are not shown.
    roll = f'SALES_BUDGETROLL({planned},IF({reached}="",roll_target,{reached}),roll_target,{plan.policy("budget.cut")})'
    later = f"(B{row + 3}:B{row + 14}>budget_month)*{{0,1,1,0,0}}"
    told = f"IF({{0,0,1,0,0}}=1,IF(INDEX({roll},0,3),{plan.quoted(MET)},{plan.quoted(MISSED)}),{roll})"
    page.spill(
        f"C{row + 3}",
        f'=IF(roll_target=0,"–",IF({later},"",{told}))',
        12,
        5,
        ("scaled", "times", "flag", "scaled", "scaled"),
        name="line_roll",
    )
    _centre(page, f"E{row + 3}:E{row + 14}")
    page.lights(f"E{row + 3}:E{row + 14}", good=MET, bad=MISSED)


def _watches(plan: Plan, page: Page) -> None:
    """Margin, profit and cost to date against the plan to date, and what each line brought for its money."""
    n, rate = plan.name, plan.policy("budget.rate")
    signed, filled = Text("签单", "bookings"), "Budget.actual_cost"
    page.watch(
        Watch(
            "margin.progress", Text("毛利进度", "Margin to date"), n("gross_margin"), n("margin_due"), screen=1, basis=signed,
            amount=f"{n('margin_due')}-{n('gross_margin')}", fresh=("Deals.date",), needs="Deals.id",
        )
    )  # fmt: skip
    target = f"{n('margin_due')}-{n('budget_due')}"
    page.watch(
        Watch(
            "profit.progress", Text("利润进度", "Profit to date"), n("profit"), target, screen=1, basis=signed,
            amount=f"{target}-{n('profit')}", fresh=("Deals.date",), needs="Deals.id",
        )
    )  # fmt: skip
    page.watch(
        Watch(
            "cost.rate", Text("费用率", "Cost rate"), f"{n('budget_spent')}/{n('bookings')}", rate, screen=1, basis=signed, fmt="rate",
            lower=True, amount=f"{n('budget_spent')}-{rate}*{n('bookings')}", needs=filled,
        )
    )  # fmt: skip
    for place, word in enumerate(BUDGET_LINES, 1):
        cell = f"INDEX({n('line_roi')}#,{place})"
        goal, cost, brought = (f"INDEX({n(name)},{place})" for name in ("line_targets", "line_spent", "line_revenue"))
        page.watch(
            Watch(
                f"roi.{word.code}", Text(f"ROI：{word.label.zh}", f"ROI: {word.label.en}"), cell, f"IF({goal}=0,\"–\",{goal})", screen=1,
                basis=Text("归因收入", "attributed revenue"), fmt="times", amount=f"{cost}-{brought}/{goal}", needs=filled,
            )
        )  # fmt: skip
    bare = f"({n('line_spent')}>0)*({n('line_targets')}=0)"
    spent = f"{bare}*{n('line_spent')}"
    over = f"{bare}*({n('line_spent')}>{n('line_due')})*({n('line_spent')}-{n('line_due')})"
    page.watch(
        Watch(
            "roi.untargeted", Text("没有 ROI 目标的支出", "Spending without ROI target"), f"SUMPRODUCT({bare})", "0", screen=1, fmt="int",
            lower=True, amount=f"SUMPRODUCT({over})", item=f"INDEX({n('line_names')},MATCH(MAX({spent}),{spent},0))",
            needs=filled,
        )
    )  # fmt: skip


SHEET = PlanSheet(60, build)
