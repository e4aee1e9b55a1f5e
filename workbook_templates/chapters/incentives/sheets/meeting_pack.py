"""会议材料 / Meeting pack: what the daily, weekly and monthly meeting looks at, filled in by itself, on one A4 page."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.chapters.incentives.tables.rhythm import COACHED, DONE, MEETINGS, WEEKLY
from workbook_templates.page import style, watches
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.navigation import RESULT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import Watch
from workbook_templates.tables import schema

_DAILY, _WEEKLY, _MONTHLY = FIRST_ROW, FIRST_ROW + 9, FIRST_ROW + 18
FIGURES = ("bookings.progress", "cash.rate", "region.weakest", "delivery.on_time", "tasks.overdue")  # of the daily meeting
_SHARES, _WEAKEST = ("cash.rate", "delivery.on_time"), "region.weakest"
_PEOPLE = 12  # who is below the line, the furthest behind first
# What the weekly meeting counts: label, Table, its day, the amount (nothing: how many). Of leads those that the plan counts.
_COUNTED = (
    (Text("有效线索 MQL（条）", "Valid leads (MQL)"), "Leads", "mql_on", ""), (Text("商机（个）", "Opportunities"), "Opportunities", "opened", ""),
    (Text("报价（张）", "Quotes"), "Quotes", "on", ""), (Text("回款（元）", "Collections, yuan"), "Collections", "date", "amount"),
)  # fmt: skip


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "meeting_pack",
        Text("会议材料", "Meeting pack"),
        Text(
            "早会 15-5-1，周会 4-2-1，月会 KPI 对照 OKR，自动填好",
            "Daily 15-5-1, weekly 4-2-1, monthly KPIs beside key results",
        ),
        todo=Text("会前点“准备会议”存下数字", "Click Prepare meeting before it to keep the figures"),
    )
    page.width(B=30, C=16, D=16, E=14, F=14, G=16, H=14, I=14, J=14, K=14)
    _daily(plan, page)
    _weekly(plan, page)
    _monthly(plan, page)
    _watches(plan, page)


def _of_watch(plan: Plan, key: str, column: str) -> str:
    """A cell of the register of watches; a sign for none where its chapter is off."""
    keys, cells = plan.name(watches.name_of("key")), plan.name(watches.name_of(column))
    return f'IFERROR(INDEX({cells},MATCH("{key}",{keys},0)),"–")'


def _daily(plan: Plan, page: Page) -> None:
    row = _DAILY
    page.heading(f"B{row}", Text("早会（15 分钟）：5 个数", "Daily, 15 minutes: 5 figures"), until="E")
    page.header(f"B{row + 1}", [Text("指标", "Figure"), Text("实际", "Actual"), Text("目标", "Target"), Text("灯", "Light")])
    for at, key in enumerate(FIGURES, row + 2):
        item = f'IFERROR({plan.quoted(Text("：", ": "))}&INDEX({plan.name(watches.name_of("item"))},MATCH("{key}",{plan.name(watches.name_of("key"))},0)),"")'
        which = f"&{item}" if key == _WEAKEST else ""
        page.formula(f"B{at}", f"={_of_watch(plan, key, 'title')}{which}", "text")
        for letter, column in zip("CDE", ("actual", "goal", "light"), strict=True):
            shown = ("rate" if key in _SHARES else "scaled") if letter == "C" else "word"
            page.formula(f"{letter}{at}", f"={_of_watch(plan, key, column)}", shown)
    page.lights(f"E{row + 2}:E{row + 6}", watches.GREEN, watches.AMBER, watches.RED)
    page.heading(f"G{row}", Text("1 个案例", "1 case"), until="K")
    if "Cases" in schema.TABLES and {"pains", "after"} <= set(schema.table("Cases").by_key):
        cases, as_of = plan.table("Cases"), plan.name("as_of")
        count = f'SUMPRODUCT(({cases.id}<>"")*1)'
        place = f"MOD(INT({as_of}),MAX(1,{count}))+1"
        for offset, column in enumerate((cases.pains, cases.after)):
            page.formula(f"G{row + 1 + offset}", f'=IF({count}=0,"–",INDEX({column},{place})&"")', "text", boxed=False)
    else:
        page.label(f"G{row + 1}", Text("案例库未启用", "no library of cases in this plan"), muted=True, grow=False)
    page.label(f"G{row + 4}", Text("口号", "Slogan"), grow=False)
    page.formula(f"H{row + 4}", f'={plan.name("mail_slogan")}&""', "text", boxed=False)
    page.label(f"G{row + 5}", Text("周一月星影片", "Monday: star film"), grow=False)
    if "Stars" in schema.TABLES:
        stars, as_of = plan.table("Stars"), plan.name("as_of")
        films = f'IF(({stars.month}=TEXT({as_of},"yyyy-mm"))*({stars.film}<>""),{stars.film},"")'
        page.formula(f"H{row + 5}", f'=TEXTJOIN("; ",TRUE,{films})', "text", boxed=False)


def _count(plan: Plan, table: str, day: str, amount: str, first: int, last: int) -> str:
    """What a Table gained from some weeks ago to some weeks ago."""
    if table not in schema.TABLES or day not in schema.table(table).by_key:
        return '"–"'
    handle, as_of = plan.table(table), plan.name("as_of")
    when = f"INT(N(+{as_of}))"
    span = f'{getattr(handle, day)},">"&{when}-7*{first},{getattr(handle, day)},"<"&{when}-7*{last}+1'
    return f"SUMIFS({getattr(handle, amount)},{span})" if amount else f"COUNTIFS({span})"


def _planned_week(plan: Plan, table: str) -> str:
    """What the week should have brought, where the plan says: valid leads by its days, what falls due of signed orders."""
    if table == "Leads":
        return f"{plan.policy('leads.mql')}*7/365"
    if table == "Collections":
        return _count(plan, "Deals", "due", "revenue", 1, 0)
    return '"–"'


def _weekly(plan: Plan, page: Page) -> None:
    row = _WEEKLY
    page.heading(f"B{row}", Text("周会：4 组数（最近 7 天）", "Weekly: 4 figures, the last 7 days"), until="F")
    heads = (
        Text("项目", "What"),
        Text("本周", "This week"),
        Text("上周", "Week before"),
        Text("变化", "Change"),
        Text("本周计划", "Planned"),
    )
    page.header(f"B{row + 1}", list(heads))
    for at, (label, table, day, amount) in enumerate(_COUNTED, row + 2):
        page.label(f"B{at}", label, grow=False)
        page.formula(f"C{at}", f"={_count(plan, table, day, amount, 1, 0)}", "scaled" if amount else "int")
        page.formula(f"D{at}", f"={_count(plan, table, day, amount, 2, 1)}", "scaled" if amount else "int")
        page.formula(f"E{at}", f'=IF(COUNT(C{at}:D{at})<2,"–",IF(D{at}=0,"–",C{at}/D{at}-1))', "rate")
        page.formula(f"F{at}", f"={_planned_week(plan, table)}", "scaled" if amount else "int")
        for letter in "EF":
            page.sheet[f"{letter}{at}"].alignment = style.align("right")
    meetings = plan.table("Meetings")
    weekly = plan.quoted(next(word.label for word in MEETINGS if word.code == WEEKLY))
    times = f"IF({meetings.kind}={weekly},{meetings.at},0)"
    newest = f"MATCH(SUMPRODUCT(MAX({times})),{times},0)"
    page.heading(f"G{row}", Text("2 个痛点、1 个做法（最近一次周会）", "2 pains, 1 practice, of the last weekly"), until="K")
    for offset, (label, column) in enumerate(
        (
            (Text("痛点一", "First pain"), meetings.pain1),
            (Text("痛点二", "Second pain"), meetings.pain2),
            (Text("最佳做法", "Best practice"), meetings.best),
        )
    ):
        page.label(f"G{row + 2 + offset}", label, grow=False)
        page.formula(
            f"H{row + 2 + offset}",
            f'=IF(SUMPRODUCT(({meetings.kind}={weekly})*1)=0,"–",INDEX({column},{newest})&"")',
            "text",
            boxed=False,
        )


def low(plan: Plan) -> str:
    """1 for each key result of this quarter below the line whose person is still here, else 0."""
    okrs, quarter = plan.table("Okrs"), plan.name("okr_quarter")
    return f"(({okrs.period}={quarter})*ISNUMBER({okrs.progress})*(ROUND(IF(ISNUMBER({okrs.progress}),{okrs.progress},1)-{plan.policy('coaching.limit')},9)<0)*({plan.gone(okrs.person)}=0))"


def planned(plan: Plan) -> str:
    """1 for each key result whose person has a coaching plan of the quarter's months, or one that runs."""
    okrs, plans = plan.table("Okrs"), plan.table("CoachingPlans")
    return f'(COUNTIFS({plans.person},{okrs.person},{plans.month},LEFT(okr_quarter,4)&"-*",{plans.kr},{okrs.kr})>0)'


def _monthly(plan: Plan, page: Page) -> None:
    row, as_of = _MONTHLY, plan.name("as_of")
    okrs, people, plans = plan.table("Okrs"), plan.table("People"), plan.table("CoachingPlans")
    page.heading(
        f"B{row}",
        Text("月会：KPI 对照 OKR，低于辅导线的人", "Monthly: KPIs beside key results, who is below the line"),
        until="K",
    )
    page.label(f"B{row + 1}", Text("季度", "Quarter"), grow=False)
    page.formula(f"C{row + 1}", f'=YEAR({as_of})&"-Q"&ROUNDUP(MONTH({as_of})/3,0)', "word", "okr_quarter")
    page.label(f"D{row + 1}", Text("低于辅导线（项）", "Below the line"), grow=False)
    page.formula(f"G{row + 1}", f"=SUMPRODUCT({low(plan)})", "int", "krs_low")
    page.label(f"H{row + 1}", Text("其中已有计划", "with a plan"), grow=False)
    page.formula(f"J{row + 1}", f"=SUMPRODUCT({low(plan)}*{planned(plan)})", "int", "krs_planned")
    heads = (
        Text("姓名", "Name"), Text("KPI 达成率", "KPI attainment"), Text("KR 完成度", "KR progress"), Text("辅导", "Coaching"), "",
        Text("关键结果", "Key result"),
    )  # fmt: skip
    page.header(f"B{row + 2}", heads)
    keys = f"IF({low(plan)}>0,{okrs.progress}+MATCH({okrs.person}&{okrs.kr},{okrs.person}&{okrs.kr},0)/10^7,10^9)"
    done = plan.quoted(next(word.label for word in COACHED if word.code == DONE))
    for k in range(1, _PEOPLE + 1):
        at = row + 2 + k
        have = f"krs_low>={k}"
        page.formula(f"K{at}", f"=IF({have},MATCH(SUMPRODUCT(SMALL({keys},{k})),{keys},0),0)", "int", boxed=False)
        person = f"INDEX({okrs.person},$K{at})"
        page.formula(f"B{at}", f'=IF($K{at}=0,"",IFERROR(INDEX({people.name},MATCH({person},{people.id},0)),{person}))', "text")
        quotas, share = plan.table("Quotas"), plan.name("progress_share")
        page.formula(f"C{at}", f'=IF($K{at}=0,"",IFERROR(INDEX({share}#,MATCH({person},{quotas.person},0)),"–"))', "rate")
        page.formula(f"D{at}", f'=IF($K{at}=0,"",INDEX({okrs.progress},$K{at}))', "rate")
        mine = f'COUNTIFS({plans.person},{person},{plans.month},LEFT(okr_quarter,4)&"-*"'
        words = [plan.quoted(text) for text in (Text("已完成", "Done"), Text("进行中", "Running"), Text("缺计划", "No plan"))]
        page.formula(
            f"E{at}",
            f'=IF($K{at}=0,"",IF({mine},{plans.status},{done})>0,{words[0]},IF({mine})>0,{words[1]},{words[2]})))',
            "word",
        )
        page.formula(f"G{at}", f'=IF($K{at}=0,"",INDEX({okrs.kr},$K{at})&"")', "text", boxed=False)
        page.sheet[f"K{at}"].number_format = ";;;"  # where it stands in the Table: looked up by the cells beside it
    area = f"E{row + 3}:E{row + 2 + _PEOPLE}"
    page.lights(area, good=Text("已完成", "Done"), fair=Text("进行中", "Running"), bad=Text("缺计划", "No plan"))


def _watches(plan: Plan, page: Page) -> None:
    okrs = plan.table("Okrs")
    bare = f"({low(plan)}*(1-{planned(plan)}))"
    page.watch(
        Watch(
            "team.coaching", Text("低于辅导线者有辅导计划", "Below the line with a coaching plan"), "IF(krs_low=0,1,krs_planned/krs_low)", "1", screen=3, fmt="rate",
            amber="1", item=f"INDEX({okrs.person},MATCH(1,{bare},0))", table="Okrs.person", owner="person", needs="Okrs.kr", duty="coaching",
        )
    )  # fmt: skip


SHEET = PlanSheet(33, build, part=RESULT, last=0)
