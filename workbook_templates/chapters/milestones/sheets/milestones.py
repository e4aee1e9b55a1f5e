"""12 里程碑 / 12 Milestones: the year on one picture, what is late, the Table under it."""

from __future__ import annotations

from udfs.milestones import STATES
from udfs.text import Text
from workbook_templates.page import charts, style
from workbook_templates.page.builder import FIRST_ROW, NOT_PRINTED, Page, Plan
from workbook_templates.page.marks import wrapped
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import Watch

SHOWN = 20  # milestones on the picture
_TABLE_ROW = FIRST_ROW + 30


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "milestones",
        Text("12 里程碑", "12 Milestones"),
        Text("全年里程碑：谁、到什么时候、办到哪一步", "The year's milestones: who, until when, how far"),
        todo=Text("办完填完成日期与依据；改期直接改期限", "When done enter day and evidence; to move one change its due day"),
    )
    page.width(B=14, C=30, D=8, E=11, F=13, G=12, H=13, I=20, J=14, K=13, L=10, M=12)
    _figures(plan, page, FIRST_ROW)
    _picture(plan, page, FIRST_ROW + 6)
    page.heading(f"B{_TABLE_ROW - 3}", Text("明细（填写）", "Details (fill in)"), until="M")
    last = page.records("Milestones", f"B{_TABLE_ROW}")
    wrapped(page, "C", _TABLE_ROW + 1, last, 30)
    page.prints(f"A1:M{_TABLE_ROW - 4}", NOT_PRINTED)  # a view is one page: the picture
    table = plan.table("Milestones")
    page.spill(
        f"M{_TABLE_ROW + 1}",
        f'=IF({table.due}="","–",SALES_MILESTONESTATUS({table.due},{table.done},{plan.name("as_of")},{plan.policy("milestones.soon")}))',
        plan.count("Milestones"), 1, "general", "milestone_states", [Text("状态", "State")],
    )  # fmt: skip
    area = f"M{_TABLE_ROW + 1}:M{last}"
    page.lights(area, good=STATES["in_time"], fair=STATES["soon"], bad=STATES["overdue"], off=STATES["ahead"])
    page.condition(area, f"M{_TABLE_ROW + 1}={plan.quoted(STATES['late'])}", style.AMBER)
    _watch(plan, page)


def _open(plan: Plan) -> str:
    """1 for what is not done on the as-of date, else 0."""
    table = plan.table("Milestones")
    return f'({table.id}<>"")*ISNUMBER({table.due})*(({table.done}="")+({table.done}>{plan.name("as_of")})>0)'


def _late(plan: Plan) -> str:
    """Days that each open one is late, 0 where it is not."""
    due, as_of = plan.table("Milestones").due, plan.name("as_of")
    return f"({_open(plan)}*IF(ISNUMBER({due}),({as_of}>{due})*({as_of}-{due}),0))"


def _figures(plan: Plan, page: Page, row: int) -> None:
    table, as_of = plan.table("Milestones"), plan.name("as_of")
    soon = f"{_open(plan)}*({table.due}>={as_of})*({table.due}<={as_of}+{plan.policy('milestones.soon')})"
    figures = (
        (Text("里程碑", "Milestones"), f'=SUMPRODUCT(({table.id}<>"")*1)', "int", "milestone_count"),
        (Text("已完成", "Done"), f'=SUMPRODUCT(({table.id}<>"")*ISNUMBER({table.done})*({table.done}<={as_of}))', "int", "milestones_done"),
        (Text("逾期", "Overdue"), f"=SUMPRODUCT(({_late(plan)}>0)*1)", "int", "milestones_late"),
        (Text("临近", "Due soon"), f"=SUMPRODUCT({soon})", "int", "milestones_soon"),
    )  # fmt: skip
    for place, (label, formula, fmt, name) in enumerate(figures):
        at = row + place % 2
        left, right = ("B", "C") if place < 2 else ("F", "G")
        page.label(f"{left}{at}", label, grow=False)
        page.formula(f"{right}{at}", formula, fmt, name)
    # What is not drawn is said: the rest of the year is in the Table. Not in the column of IDs, where a blank would be found as one.
    shown = f"(ROWS({plan.name('cd_milestones')})-1)"
    rest = f"COUNT({table.due})-{shown}"
    drawn = f"{plan.quoted(Text('图上是期限最早的 ', 'Drawn: the first '))}&{shown}&{plan.quoted(Text(' 项，其余 ', ' by due day; '))}"
    more = plan.quoted(Text(" 项见下面明细", " more in the details below"))
    page.formula(f"C{row + 4}", f'=IF({rest}>0,{drawn}&({rest})&{more},"")', "text", "milestones_undrawn", boxed=False)
    page.sheet[f"C{row + 4}"].font = style.font(style.MUTED, size=9)
    page.label(f"B{row + 3}", Text("深色：已过的时间；浅色：还有的时间；红：逾期到今天；黑线：截止日期", "Dark: time gone; light: time left; red: late until now; black: the as-of date"), muted=True, grow=False)  # fmt: skip


def _picture(plan: Plan, page: Page, row: int) -> None:
    """The first twenty by day; bars are cut at the as-of date, so that the cuts make its line."""
    drawn = plan.drawn("cd_milestones", Text("里程碑", "Milestones"))
    top = FIRST_ROW + 1
    heads = (
        Text("里程碑", "Milestone"), Text(" ", " "), Text("已过", "Gone"), Text("逾期", "Late"), Text(" ", " "), Text("截止日期", "As of"),
        Text(" ", " "), Text("还有", "Left"), Text("次序", "Order"), Text("起", "From"), Text("止", "To"),
    )  # fmt: skip
    drawn.header(f"B{FIRST_ROW}", heads)
    table, as_of = plan.table("Milestones"), plan.name("as_of")
    rows = f"IFERROR(MATCH({table.id},{table.id},0),0)"  # two of one day stay apart
    keys = f"IF(ISNUMBER({table.due}),{table.due}+{rows}/10000,10^9)"
    for k in range(1, SHOWN + 1):
        at = top + k - 1
        have = f"COUNT({table.due})>={k}"
        first = f"DATE({plan.name('plan_year')},1,1)"
        place = f"MATCH(SUMPRODUCT(SMALL({keys},{k})),{keys},0)"
        begun = f"IFERROR(DATE(LEFT(INDEX({table.month},$J{at}),4),RIGHT(INDEX({table.month},$J{at}),2),1),INDEX({table.due},$J{at})-14)"
        done = f"INDEX({table.done},$J{at})"
        finished = f"AND(ISNUMBER({done}),N({done})<={as_of})"
        drawn.formula(f"J{at}", f"=IF({have},{place},0)", "int")
        drawn.formula(f"K{at}", f"=IF(J{at}=0,{first},MAX({first},MIN({begun},INDEX({table.due},J{at})-1)))", "date")
        drawn.formula(f"L{at}", f"=IF(J{at}=0,{first},IF({finished},MAX({done},K{at}+1),INDEX({table.due},J{at})))", "date")
        drawn.formula(f"B{at}", f'=IF(J{at}=0,"–",INDEX({table.name},J{at})&"")', "text")
        cut = f"MAX(K{at},MIN(L{at},{as_of}))"  # up to where time is gone
        drawn.formula(f"C{at}", f"=IF(J{at}=0,{as_of},MIN(K{at},{as_of}))", "int")
        drawn.formula(f"D{at}", f"=IF(J{at}=0,0,{cut}-K{at})", "int")
        drawn.formula(f"E{at}", f"=IF(J{at}=0,0,IF({finished},0,MAX(0,{as_of}-L{at})))", "int")
        drawn.formula(f"F{at}", f"=IF(J{at}=0,0,MAX(0,{as_of}-L{at})-E{at})", "int")
        drawn.formula(f"G{at}", "=1", "int")
        drawn.formula(f"H{at}", f"=IF(J{at}=0,0,MAX(0,K{at}-{as_of}-1))", "int")
        drawn.formula(f"I{at}", f"=IF(J{at}=0,0,L{at}-{cut})", "int")
    last = top + SHOWN - 1
    words = [
        plan.quoted(text)
        for text in (Text("里程碑 ", "Milestones "), Text(" 项，完成 ", ", done "), Text("，逾期 ", ", overdue "))
    ]
    said = f"{words[0]}&milestone_count&{words[1]}&milestones_done&{words[2]}&milestones_late"
    charts.gantt(
        page, f"B{row}", plan.message(page, said, "Milestones"), f"B{top}:B{last}",
        [(f"{letter}{FIRST_ROW}", f"{letter}{top}:{letter}{last}") for letter in "CDEFGHI"],
        (None, style.ACTUAL, style.PROBLEM, None, style.INK, None, style.BEFORE),
        5, plan.company.year, size=(30, 12), data=drawn,
    )  # fmt: skip
    plan.put_away(drawn)


def _watch(plan: Plan, page: Page) -> None:
    table, late = plan.table("Milestones"), _late(plan)
    page.watch(
        Watch(
            "milestones.late", Text("里程碑逾期天数（最长）", "Milestone overdue, days (longest)"), f"SUMPRODUCT(MAX({late}))", "0", screen=4,
            fmt="int", lower=True, amber=plan.policy("milestones.red_days"), item=f"INDEX({table.id},MATCH(MAX({late}),{late},0))", table="Milestones.id",
            owner="owner", due=f"IF(SUMPRODUCT(MAX({late}))>0,{plan.name('as_of')}-SUMPRODUCT(MAX({late})),NA())", needs="Milestones.due",
            duty="milestone",
        )
    )  # fmt: skip


SHEET = PlanSheet(86, build)
