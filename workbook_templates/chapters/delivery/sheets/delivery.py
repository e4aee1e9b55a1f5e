"""7 交付售后 / 7 Delivery: on time or not, what is late, tickets against their limits, sensors towards theirs, what customers say."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.chapters.delivery import failure_chart
from workbook_templates.chapters.delivery.tables import COMMON, OTHER, PARTS, PROJECT_LIGHTS, RED, REPAIR_STATES, RUNNING, YELLOW
from workbook_templates.page import charts, style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import ANY, NOTHING, Watch

_SIZE = (10.9, 7.0)
_BARS = 12  # projects in the picture
_QUARTERS, _WAVES = 4, 6  # surveys in the picture: a year of them at least
_FAR = 10**6  # beyond all dates
_DAY = "TIME(1,0,0)"  # an hour, as cells count it


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "delivery",
        Text("7 交付售后", "7 Delivery"),
        Text("交付准时吗，谁在等，客户怎么说", "Is delivery on time, who waits, what customers say"),
        todo=Text(
            "点“登记交付”建项目，导入工单与答卷后点“检查服务”",
            "Record delivery opens projects; import tickets and answers, then Check service",
        ),
    )
    page.width(B=30, C=14, D=14, E=3, F=10, G=13, H=13, I=13, J=13, K=15, L=15)
    _figures(plan, page, FIRST_ROW)
    _gantt(plan, page, f"F{FIRST_ROW}")
    _before(page, FIRST_ROW + 13)
    below = FIRST_ROW + 18
    _on_time(plan, page, f"B{below}")
    _mttr(plan, page, f"F{below}")
    _nps(plan, page, f"J{below}")
    _lights(plan, page, below + 14)
    failure_chart.section(plan, page, below + 19)
    _watches(plan, page)


# --------------------------------------------------------------------------------------------------- what is counted


def _done(plan: Plan) -> str:
    """Projects that are with the customer by the day."""
    projects = plan.table("Projects")
    return f"ISNUMBER({projects.delivered})*({projects.delivered}<={plan.name('as_of')})"


def _counted(plan: Plan, more: str = "1") -> tuple[str, str]:
    """On time, and all that were due or delivered."""
    projects = plan.table("Projects")
    done, dated = _done(plan), f"ISNUMBER({projects.promised})*({more})"
    kept = f"SUMPRODUCT({dated}*{done}*({projects.delivered}<={projects.promised}))"
    return kept, f"SUMPRODUCT({dated}*(({done}+({projects.promised}<{plan.name('as_of')}))>0))"


def _late(plan: Plan, light: str) -> str:
    """Rows of Projects that are open and of a light."""
    projects, yellow = plan.table("Projects"), plan.policy("delivery.yellow")
    days = f"({plan.name('as_of')}-{projects.promised})"
    open_ = f"ISNUMBER({projects.promised})*(1-{_done(plan)})"
    return f"{open_}*({days}>{yellow})" if light == RED else f"{open_}*({days}>0)*({days}<={yellow})"


def _value(plan: Plan) -> str:
    """What a project is worth: its contract, else its deal."""
    projects, deals = plan.table("Projects"), plan.table("Deals")
    return f"IF(ISNUMBER({projects.value}),{projects.value},SUMIFS({deals.revenue},{deals.id},{projects.deal}))"


def _kept(plan: Plan, stamp: str, limit: int, part: str | None = None) -> tuple[str, str]:
    """Tickets within a limit, and all that are answered or past it, by the end of the day."""
    tickets, end = plan.table("Tickets"), f"({plan.name('as_of')}+1)"
    label = None if part is None else next(word.label for word in PARTS if word.code == part)
    mine = f"ISNUMBER({tickets.opened})*({tickets.opened}<{end})" + (
        "" if label is None else f"*({tickets.part}={plan.quoted(label)})"
    )
    at = getattr(tickets, stamp)
    answered = f"(ISNUMBER({at})*({at}<{end}))"
    hours = f"ROUND((IF(ISNUMBER({at}),IF({at}<{end},{at},{end}),{end})-{tickets.opened})/{_DAY},6)"
    within = f"({hours}<=INDEX({plan.policy('sla.limits')},{limit}))"
    return f"SUMPRODUCT({mine}*{answered}*{within})", f"SUMPRODUCT({mine}*(({answered}+(1-{within}))>0))"


def _repair(plan: Plan, more: str = "1") -> tuple[str, str]:
    """Hours from failure to repair added up, to the minute, and how many."""
    tickets, day = plan.table("Tickets"), plan.name("as_of")
    done = f"ISNUMBER({tickets.failed_at})*ISNUMBER({tickets.repaired_at})*({tickets.repaired_at}<{day}+1)*({more})"
    return f"SUMPRODUCT({done}*ROUND(({tickets.repaired_at}-{tickets.failed_at})*1440,0))/60", f"SUMPRODUCT({done})"


def _newest(plan: Plan) -> str:
    """The last wave that is closed, by its place in the Table."""
    waves = plan.table("SurveyWaves")
    closed = f"ISNUMBER({waves.closed_on})*({waves.closed_on}<={plan.name('as_of')})"
    return f"MATCH(MAX({closed}*{waves.closed_on}),{waves.closed_on},0)"


def _points(plan: Plan, more: str) -> tuple[str, str]:
    """Promoters less detractors, and answers, of those that ``more`` names."""
    answers = plan.table("SurveyAnswers")
    there = f"ISNUMBER({answers.score})*({more})"
    return f"SUMPRODUCT({there}*(({answers.score}>=9)-({answers.score}<=6)))", f"SUMPRODUCT({there})"


def _wave(plan: Plan) -> str:
    """Answers of the newest wave."""
    answers = plan.table("SurveyAnswers")
    return f"{answers.quarter}={plan.name('nps_quarter')}"


# ----------------------------------------------------------------------------------------------------------- figures


def _figures(plan: Plan, page: Page, row: int) -> None:
    """What the plan wants of delivery and service, and what is reached."""
    waves, sensors, repairs = plan.table("SurveyWaves"), plan.table("Sensors"), plan.table("RepairPlans")
    page.heading(f"B{row}", Text("目标与现状", "Goals and current figures"), until="D")
    page.header(f"B{row + 1}", [Text("指标", "Figure"), Text("实际", "Actual"), Text("目标", "Goal")])
    kept, due = _counted(plan)
    solution, common, other = (
        _kept(plan, "solution_at", 1), _kept(plan, "part_at", 2, COMMON), _kept(plan, "part_at", 3, OTHER),
    )  # fmt: skip
    hours, repaired = _repair(plan)
    points, answers = _points(plan, _wave(plan))
    share = plan.policy("sla.kept")
    lines: tuple[tuple[Text, str, str, str, str], ...] = (
        (Text("准时交付率", "On-time rate"), _part(kept, due), "rate", plan.policy("delivery.on_time"), ""),
        (Text("红灯项目", "Red projects"), f"SUMPRODUCT({_late(plan, RED)})", "int", "0", ""),
        (Text("红灯项目金额", "Value of red projects"), f"SUMPRODUCT({_late(plan, RED)}*{_value(plan)})", "scaled", "", ""),
        (Text("黄灯项目", "Yellow projects"), f"SUMPRODUCT({_late(plan, YELLOW)})", "int", "", ""),
        (Text("4 小时技术方案", "Solution within 4 hours"), _part(*solution), "rate", share, ""),
        (Text("24 小时常用件", "Common parts within 24 hours"), _part(*common), "rate", share, ""),
        (Text("72 小时非常用件", "Other parts within 72 hours"), _part(*other), "rate", share, ""),
        (Text("平均修复小时", "Mean hours to repair"), _part(hours, repaired), "number", plan.policy("mttr.goal"), "mttr_now"),
        (Text("较改进前", "Against before"), 'IF(AND(ISNUMBER(mttr_now),ISNUMBER(mttr_before)),mttr_now/mttr_before-1,"–")', "rate", f"-{plan.policy('mttr.cut')}", ""),
        (Text("NPS 批次", "NPS wave"), f'IFERROR(INDEX({waves.quarter},{_newest(plan)}),"–")', "text", "", "nps_quarter"),
        (Text("NPS", "NPS"), _part(f"100*{points}", answers), "number", plan.policy("nps.goal"), ""),
        (Text("样本占比", "Share that answered"), f'IFERROR({answers}/INDEX({waves.population},{_newest(plan)}),"–")', "rate", plan.policy("nps.sample"), ""),
        (Text("预警测点（黄 / 红）", "Sensors on alert"), f"SUMPRODUCT(({sensors.light}={_word(plan, YELLOW)})+({sensors.light}={_word(plan, RED)}))", "int", "0", ""),
        (Text("进行中的修复专案", "Repair plans running"), f"COUNTIF({repairs.status},{_running(plan)})", "int", "", ""),
    )  # fmt: skip
    for offset, (label, formula, fmt, goal, name) in enumerate(lines, row + 2):
        page.label(f"B{offset}", label, grow=False)
        page.formula(f"C{offset}", f"={formula}", fmt, name or None)
        if fmt == "text":
            page.sheet[f"C{offset}"].alignment = style.align("right")
        if goal:
            page.formula(f"D{offset}", f"={goal}", fmt)


def _part(part: str, whole: str) -> str:
    return f'IF({whole}=0,"–",{part}/{whole})'


def _word(plan: Plan, light: str) -> str:
    return plan.quoted(next(word.label for word in PROJECT_LIGHTS if word.code == light))


def _running(plan: Plan) -> str:
    return plan.quoted(next(word.label for word in REPAIR_STATES if word.code == RUNNING))


def _before(page: Page, row: int) -> None:
    """The one figure that nobody but the company knows."""
    said = Text("改进前平均修复小时（2.1 若降了 35%，以前是 3.23）", "Mean hours to repair before (2.1 after a cut of 35%: 3.23)")
    page.label(f"F{row}", said, grow=False)
    note = Text("改进前的平均修复小时，如 3.23", "mean hours to repair before, such as 3.23")
    page.input(f"L{row}", None, "number", "mttr_before", note=note, low=0)
    rule = Text(
        "准时交付率 = 按期交付 ÷（已交付 + 逾期未交付）；时限按自然小时，夜间与节假日都算",
        "On-time rate = in time ÷ (delivered + overdue); limits are clock hours, nights included",
    )
    page.label(f"F{row + 1}", rule, muted=True, grow=False)


def _lights(plan: Plan, page: Page, row: int) -> None:
    """What each light sets going."""
    page.heading(f"B{row}", Text("灯亮之后", "What each light triggers"), until="L")
    days = plan.policy("delivery.yellow")
    late, more = Text("晚 1–", "1–"), Text("晚 ", "more than ")
    texts: tuple[tuple[str, Text, tuple[Text | str, ...]], ...] = (
        ("green", Text("绿", "Green"), (Text("按期，或提前", "on time, or early"),)),
        ("yellow", Text("黄", "Yellow"), (late, days, Text(" 天：项目经理两个工作日内开项目例会，销售与供应链参加", " days late: the project manager meets seller and supply chain within two working days"))),
        ("red", Text("红", "Red"), (more, days, Text(" 天以上：事业部总经理次日召开协调会，项目经理与供应链参加", " days late: the division's GM meets project manager and supply chain the next working day"))),
    )  # fmt: skip
    for offset, (code, word, parts) in enumerate(texts, row + 1):
        page.sample(f"B{offset}", word, *_COLORS[code])
        said = "&".join(plan.quoted(part) if isinstance(part, Text) else part for part in parts)
        page.formula(f"C{offset}", f"={said}", "text", boxed=False)
        page.sheet[f"C{offset}"].alignment = style.align("left", indent=1)


_COLORS = {
    "green": (style.GREEN_INK, style.GREEN), "yellow": (style.AMBER_INK, style.AMBER), "red": (style.RED_INK, style.RED),
}  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ charts


def _on_time(plan: Plan, page: Page, at: str) -> None:
    """The on-time rate by the month of the promised day."""
    row, data = FIRST_ROW, plan.drawn("cd_on_time", Text("准时交付", "On time"))
    projects, year = plan.table("Projects"), plan.name("plan_year")
    data.header(f"B{row}", [Text("月份", "Month"), Text("准时交付率", "On-time rate"), Text("目标", "Goal")])
    for month in range(1, 13):
        here = row + month
        data.label(f"B{here}", plan.t(Text(f"{month}月", f"M{month}")))
        inside = f"({projects.promised}>=DATE({year},{month},1))*({projects.promised}<DATE({year},{month + 1},1))"
        kept, due = _counted(plan, inside)
        put(data, f"C{here}", f'IF({due}=0,"",{kept}/{due})', "rate")
        put(data, f"D{here}", plan.policy("delivery.on_time"), "rate")
    kept, due = _counted(plan)
    said = f'{plan.quoted(Text("准时交付率 ", "On time "))}&IF({due}=0,"–",TEXT({kept}/{due},"0.0%"))&{plan.quoted(Text("，目标 ", ", goal "))}&TEXT({plan.policy("delivery.on_time")},"0%")'
    charts.bars(
        page, at, plan.message(page, plan.figure(said), "Projects"), f"B{row + 1}:B{row + 12}", [(f"C{row}", f"C{row + 1}:C{row + 12}")],
        "0%", Text("准时交付率", "On-time rate"), _SIZE, threshold=(f"D{row}", f"D{row + 1}:D{row + 12}"), data=data,
    )  # fmt: skip
    plan.put_away(data)


def put(data: Page, cell: str, formula: str, fmt: str, name: str | None = None) -> None:
    """A formula, without its =, that a chart draws: the word for off while a chapter it asks is off."""
    data.formula(cell, f"={data.plan.figure(formula)}", fmt, name)


# What follows each other in a bar of the Gantt: name, formula over start s, end e, today t (columns of the sheet), colour.
_PARTS: tuple[tuple[Text, str, str | None], ...] = (
    (Text(" ", " "), "MIN({s},{t})", None),
    (Text("已过", "Gone"), "MAX(0,MIN({e},{t})-{s})", style.SERIES[0]),
    (Text(" ", " "), "{t}-MIN({s},{t})-MAX(0,MIN({e},{t})-{s})", None),
    (Text("今天", "Today"), "{w}", style.PROBLEM),
    (Text(" ", " "), "MAX(0,{s}-{t})", None),
    (Text("计划", "Planned"), "MAX(0,{e}-MAX({s},{t}))", charts.BEHIND),
)


def bars_of(
    plan: Plan, page: Page, data: Page, at: str, row: int, count: int, said: str, size: tuple[float, float], needs: str
) -> None:
    """Columns B (name), C (start) and D (end) as a Gantt with today in it; days count from the first start. Bars that are late reach over today."""
    day = plan.name("as_of")
    zero, far = f"MIN(C${row + 1}:C${row + count})", f"MAX(D${row + 1}:D${row + count},{day})"
    put(data, f"M{row}", f"IF(COUNT(C{row + 1}:C{row + count})=0,0,MAX(0,{day}-{zero}))", "int")
    put(data, f"N{row}", f"IF(COUNT(C{row + 1}:C{row + count})=0,0,MAX(0.3,({far}-{zero})/120))", "number")
    for letter, (name, _, _) in zip("GHIJKL", _PARTS, strict=True):
        data.label(f"{letter}{row}", name)
    for here in range(row + 1, row + count + 1):
        none = f"COUNT(C{here}:D{here})<2"  # nothing there, or not scheduled yet
        put(data, f"E{here}", f"IF({none},0,C{here}-{zero})", "int")
        put(data, f"F{here}", f"IF({none},0,MAX(0.2,D{here}-{zero}+1))", "int")
        for letter, (_, formula, _) in zip("GHIJKL", _PARTS, strict=True):
            part = formula.format(s=f"E{here}", e=f"F{here}", t=f"M${row}", w=f"N${row}")
            put(data, f"{letter}{here}", f"IF({none},0,{part})", "number")
    last = row + count
    plan.has_room(data, f"B{row + 1}:L{last}")
    parts = [
        ((f"{letter}{row}", f"{letter}{row + 1}:{letter}{last}"), color)
        for letter, (_, _, color) in zip("GHIJKL", _PARTS, strict=True)
    ]
    charts.spans(
        page, at, plan.message(page, plan.figure(said), needs), f"B{row + 1}:B{last}", parts, Text("天（从最早开始起）", "Days from the first start"), size, data=data,
    )  # fmt: skip


def _gantt(plan: Plan, page: Page, at: str) -> None:
    """The open projects that are promised first, from their start to the promised day."""
    row, data, count = FIRST_ROW, plan.drawn("cd_projects", Text("未交付项目", "Open projects")), _BARS
    projects, day = plan.table("Projects"), plan.name("as_of")
    data.header(f"B{row}", [Text("项目", "Project"), Text("开工", "Start"), Text("承诺", "Promised")])
    key = f"(1-ISNUMBER({projects.promised})*(1-{_done(plan)}))*{_FAR}+{projects.promised}+({projects.place}-MIN({projects.place})+1)/10^5"
    data.label(f"O{row}", Text("次序", "Order"))  # the last column: what stands beside begins behind it
    for place in range(1, count + 1):
        here = row + place
        put(data, f"O{here}", f"IFERROR(SUMPRODUCT(SMALL({key},{place})),{_FAR})", "number")
        index = f"ROUND(MOD(O{here},1)*10^5,0)"
        none = f"N(O{here})>={_FAR}"
        put(data, f"B{here}", f"IF({none},{NOTHING},INDEX({projects.id},{index}))", "text")
        start = f"INDEX({projects.start},{index})"
        put(data, f"C{here}", f'IF({none},"",IF(ISNUMBER({start}),{start},INDEX({projects.promised},{index})))', "date")
        put(data, f"D{here}", f'IF({none},"",INDEX({projects.promised},{index}))', "date")
    red, yellow = f"SUMPRODUCT({_late(plan, RED)})", f"SUMPRODUCT({_late(plan, YELLOW)})"
    said = f'{plan.quoted(Text("最先到期的项目：红 ", "Projects due first: red "))}&{red}&{plan.quoted(Text("，黄 ", ", yellow "))}&{yellow}&{plan.quoted(Text("；今天 ", "; today "))}&TEXT({day},"mm-dd")'
    bars_of(plan, page, data, at, row, count, said, (17.2, 7.4), "Projects")
    plan.put_away(data)


def _mttr(plan: Plan, page: Page, at: str) -> None:
    """Hours to repair by the month of the failure."""
    row, data = FIRST_ROW, plan.drawn("cd_mttr", Text("修复用时", "Time to repair"))
    tickets, year = plan.table("Tickets"), plan.name("plan_year")
    data.header(f"B{row}", [Text("月份", "Month"), Text("平均小时", "Mean hours"), Text("目标", "Goal")])
    for month in range(1, 13):
        here = row + month
        data.label(f"B{here}", plan.t(Text(f"{month}月", f"M{month}")))
        hours, count = _repair(
            plan, f"({tickets.failed_at}>=DATE({year},{month},1))*({tickets.failed_at}<DATE({year},{month + 1},1))"
        )
        put(data, f"C{here}", f'IF({count}=0,"",{hours}/{count})', "number")
        put(data, f"D{here}", plan.policy("mttr.goal"), "number")
    said = f'{plan.quoted(Text("平均修复 ", "Mean time to repair "))}&IF(ISNUMBER(mttr_now),TEXT(mttr_now,"0.0"),"–")&{plan.quoted(Text(" 小时，目标 ", " hours, goal "))}&TEXT({plan.policy("mttr.goal")},"0.0")'
    charts.bars(
        page, at, plan.message(page, plan.figure(said), "Tickets"), f"B{row + 1}:B{row + 12}", [(f"C{row}", f"C{row + 1}:C{row + 12}")],
        "0.0", Text("平均修复小时", "Mean hours to repair"), (8.9, 7.0), threshold=(f"D{row}", f"D{row + 1}:D{row + 12}"), data=data,
    )  # fmt: skip
    plan.put_away(data)


def _nps(plan: Plan, page: Page, at: str) -> None:
    """NPS of the last waves with its interval, the goal and the border of a repair plan."""
    row, data, count = FIRST_ROW, plan.drawn("cd_nps", Text("NPS", "NPS")), _WAVES
    waves, answers = plan.table("SurveyWaves"), plan.table("SurveyAnswers")
    known = f"COUNTA({waves.quarter})"
    order = f"IFERROR(LEFT({waves.quarter},4)*10+RIGHT({waves.quarter},1),10^6)"  # in whatever order they were entered
    heads = [
        Text("季度", "Quarter"),
        Text("NPS", "NPS"),
        Text("目标", "Goal"),
        Text("修复线", "Repair"),
        Text("上", "Up"),
        Text("下", "Down"),
        Text("答卷", "Answers"),
    ]
    data.header(f"B{row}", heads)
    for place in range(1, count + 1):
        here = row + place
        wanted = f"SUMPRODUCT(SMALL({order},MAX(0,{known}-{count})+{place}))"
        put(data, f"B{here}", f'IF({known}<{place},{NOTHING},IFERROR(LEFT({wanted},4)&"-Q"&RIGHT({wanted},1),{NOTHING}))', "text")
        which = f"MATCH(B{here},{waves.quarter},0)"
        closed = f"IFERROR(N(INDEX({waves.closed_on},{which})),0)"
        over = f"AND({closed}>0,{closed}<={plan.name('as_of')})"
        points, found = _points(plan, f"{answers.quarter}=B{here}")
        square = f"SUMPRODUCT(ISNUMBER({answers.score})*({answers.quarter}=B{here})*(({answers.score}>=9)+({answers.score}<=6)))"
        put(data, f"H{here}", f"IF({over},{found},0)", "int")
        put(data, f"C{here}", f'IF(H{here}=0,"",100*{points}/H{here})', "number")
        put(data, f"D{here}", plan.policy("nps.goal"), "number")
        put(data, f"E{here}", plan.policy("nps.repair"), "number")
        all_ = f"IFERROR(INDEX({waves.population},{which}),0)"
        finite = f"IF(N({all_})>1,MAX(0,{all_}-H{here})/({all_}-1),1)"
        half = f"IF(H{here}=0,0,196*SQRT(MAX(0,{square}/H{here}-(C{here}/100)^2)/H{here}*{finite}))"
        for letter in "FG":
            put(data, f"{letter}{here}", half, "number")
    last = row + count
    plan.has_room(data, f"B{row + 1}:H{last}")
    data.label(f"I{row}", Text("最新", "Newest"))
    put(
        data,
        f"I{row + 1}",
        f'IFERROR(TEXT(INDEX(C{row + 1}:C{last},MATCH(nps_quarter,B{row + 1}:B{last},0)),"0.0"),"–")',
        "text",
        "nps_shown",
    )
    said = f"{plan.quoted(Text('NPS ', 'NPS '))}&nps_shown&{plan.quoted(Text('，目标 ', ', goal '))}&{plan.policy('nps.goal')}&{plan.quoted(Text('，低于 ', '; repair plan below '))}&{plan.policy('nps.repair')}&{plan.quoted(Text(' 启动修复专案', ''))}"
    charts.bars(
        page, at, plan.message(page, plan.figure(said), "SurveyWaves"), f"B{row + 1}:B{last}", [(f"C{row}", f"C{row + 1}:C{last}")], "0",
        Text("NPS（95% 区间）", "NPS (95% interval)"), (8.2, 7.0), from_zero=False, data=data, threshold=(f"D{row}", f"D{row + 1}:D{last}"),
        lower=(f"E{row}", f"E{row + 1}:E{last}"), spread=(f"F{row + 1}:F{last}", f"G{row + 1}:G{last}"),
    )  # fmt: skip
    plan.put_away(data)


# ----------------------------------------------------------------------------------------------------------- watches


def _watches(plan: Plan, page: Page) -> None:
    projects, tickets, sensors = (plan.table(name) for name in ("Projects", "Tickets", "Sensors"))
    kept, due = _counted(plan)
    red, yellow, value = _late(plan, RED), _late(plan, YELLOW), _value(plan)
    page.watch(
        Watch("delivery.on_time", Text("准时交付率", "On-time delivery"), f"{kept}/{due}", plan.policy("delivery.on_time"), screen=2, fmt="rate",
              fresh=("Projects.delivered",), needs="Projects.promised")
    )  # fmt: skip
    worst = f"IF({red}>0,{value})"
    page.watch(
        Watch("delivery.red", Text("延期项目（红灯）", "Late projects (red)"), f"SUMPRODUCT({red})", "0", screen=2, fmt="int", lower=True,
              amount=f"SUMPRODUCT({red}*{value})", item=f"INDEX({projects.id},MATCH(MAX({worst}),{worst},0))", table="Projects.id", owner="pm",
              needs="Projects.promised", duty="red")
    )  # fmt: skip
    first = f"IF({yellow}>0,{value})"
    page.watch(
        Watch("delivery.yellow", Text("黄灯项目", "Projects on yellow"), f"SUMPRODUCT({yellow})", "0", screen=2, fmt="int", lower=True, amber=ANY,
              amount=f"SUMPRODUCT({yellow}*{value})", item=f"INDEX({projects.id},MATCH(MAX({first}),{first},0))", table="Projects.id", owner="pm",
              needs="Projects.promised", duty="yellow")
    )  # fmt: skip
    within, asked = _kept(plan, "solution_at", 1)
    end = f"({plan.name('as_of')}+1)"
    open_ = (
        f"ISNUMBER({tickets.opened})*({tickets.opened}<{end})*(1-ISNUMBER({tickets.solution_at})*({tickets.solution_at}<{end}))"
    )
    oldest = f"IF({open_}>0,{tickets.opened},10^6)"
    page.watch(
        Watch("service.solution", Text("4 小时技术方案", "Solution within 4 hours"), f"{within}/{asked}", plan.policy("sla.kept"), screen=2, fmt="rate",
              item=f"IF(SUMPRODUCT({open_})=0,NA(),INDEX({tickets.id},MATCH(MIN({oldest}),{oldest},0)))", table="Tickets.id", fresh=("Tickets.opened",),
              needs="Tickets.opened", duty="sla")
    )  # fmt: skip
    parts = [_kept(plan, "part_at", 2, COMMON), _kept(plan, "part_at", 3, OTHER)]
    page.watch(
        Watch("service.parts", Text("配件按时到货", "Parts in time"), f"({parts[0][0]}+{parts[1][0]})/({parts[0][1]}+{parts[1][1]})", plan.policy("sla.kept"),
              screen=2, fmt="rate", fresh=("Tickets.opened",), needs="Tickets.opened")
    )  # fmt: skip
    hours, repaired = _repair(plan)
    page.watch(
        Watch("service.mttr", Text("平均修复小时", "Mean hours to repair"), f"{hours}/{repaired}", plan.policy("mttr.goal"), screen=2, fmt="number", lower=True,
              fresh=("Tickets.opened",), needs="Tickets.repaired_at")
    )  # fmt: skip
    alert, bad = (f"({sensors.light}={_word(plan, light)})" for light in (YELLOW, RED))
    worst = f"IFERROR(MATCH(1,{bad}*1,0),MATCH(1,{alert}*1,0))"
    page.watch(
        Watch("service.failure", Text("故障预警", "Failure warnings"), f"SUMPRODUCT({alert}+{bad})", "0", screen=2, fmt="int", lower=True,
              amber=f"IF(SUMPRODUCT({bad}*1)>0,0,{ANY})", item=f"INDEX({sensors.device},{worst})", table="Sensors.device",
              needs="Sensors.light", duty="failure", about=f'INDEX({sensors.device},{worst})&"/"&INDEX({sensors.sensor},{worst})')
    )  # fmt: skip
    _nps_watches(plan, page)


def _nps_watches(plan: Plan, page: Page) -> None:
    """The newest wave, unless too few answered, and the region that is least content."""
    waves, answers, regions = plan.table("SurveyWaves"), plan.table("SurveyAnswers"), plan.table("Regions")
    points, found = _points(plan, _wave(plan))
    enough = f"{found}>={plan.policy('nps.sample')}*INDEX({waves.population},{_newest(plan)})"
    border, goal = plan.policy("nps.repair"), plan.policy("nps.goal")
    page.watch(
        Watch("nps.wave", Text("NPS", "NPS"), f"IF({enough},100*{points}/{found},NA())", goal, screen=2, fmt="number", amber=border,
              item=plan.name("nps_quarter"), table="SurveyWaves.quarter", fresh=("SurveyWaves.closed_on",), needs="SurveyAnswers.score", duty="repair")
    )  # fmt: skip
    mine = f"COUNTIFS({answers.quarter},{plan.name('nps_quarter')},{answers.region},{regions.region}"
    up, down, all_ = f'{mine},{answers.score},">=9")', f'{mine},{answers.score},"<=6")', f'{mine},{answers.score},">=0")'
    rated = f"IF({all_}>={plan.policy('nps.customer')},100*({up}-{down})/IF({all_}=0,1,{all_}),10^3)"
    page.watch(
        Watch("nps.weakest", Text("NPS 最低的区域", "Region with the lowest NPS"), f"IF(MIN({rated})>100,NA(),MIN({rated}))", goal, screen=2, fmt="number",
              amber=border, item=f"INDEX({regions.region},MATCH(MIN({rated}),{rated},0))", table="Regions.region", needs="SurveyAnswers.score", duty="repair",
              about=plan.name("nps_quarter"))
    )  # fmt: skip


SHEET = PlanSheet(47, build)
