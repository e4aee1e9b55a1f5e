"""Part of 7 交付售后: the sensor that is nearest to its limit with the day its line crosses it, and how often warnings were right."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.chapters.delivery.tables import PROJECT_LIGHTS, RED, YELLOW
from workbook_templates.page import charts, style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.charts import Dots

_DAYS = 30  # days in the picture
_AHEAD = 7  # days the limit is drawn beyond the newest reading, at least
_SIZE = (10.9, 7.0)
_MOMENT = 0.0001  # of a day: moments are compared as texts, which hold fewer digits
_NEVER = 10**6  # a day that no plan reaches
_RULE = Text("故障预警", "Failure warning")  # as the rule that orders tasks is called


def section(plan: Plan, page: Page, row: int) -> None:
    """The picture on the left, hits and misses by quarter beside it."""
    page.heading(f"B{row}", Text("故障预警", "Failure warnings"), until="L")
    _picture(plan, page, f"B{row + 1}")
    _hits(plan, page, row + 1)


def _picture(plan: Plan, page: Page, at: str) -> None:
    """The worst sensor's readings, its limit, and its trend up to where the two cross."""
    data, row = plan.drawn("cd_failure", Text("故障预警（图）", "Failure warning drawn")), FIRST_ROW
    readings = plan.table("Readings")
    device, sensor, limit, newest, slope, crossing = _worst(plan, data, row)
    data.header(f"B{row}", [Text("读数", "Reading"), Text("天", "Day"), Text("有读数", "There")])
    mine = f"{readings.device},{device},{readings.sensor},{sensor}"
    last = row + _DAYS
    for number in range(_DAYS):
        here, back = last - number, number
        day = f'{readings.time},">="&{newest}-{back},{readings.time},"<"&{newest}-{back}+1'
        data.formula(f"D{here}", f"=IF({newest}=0,0,(COUNTIFS({mine},{day})>0)*1)", "int")
        # A day without a reading lies on the newest one: a dot on a dot, since a blank is drawn as zero.
        data.formula(f"C{here}", f"={_DAYS}-{back}*D{here}", "int")
        data.formula(
            f"B{here}", f"=IF(D{here}=0,{f'B{last}' if number else '0'},AVERAGEIFS({readings.reading},{mine},{day}))", "number"
        )
    there, x, y = (f"{letter}{row + 1}:{letter}{last}" for letter in "DCB")
    known = f"MAX(1,SUM({there}))"
    mean_x, mean_y = f"SUMPRODUCT({there}*{x})/{known}", f"SUMPRODUCT({there}*{y})/{known}"
    data.header(f"K{row}", [Text("趋势", "Trend"), Text("天", "Day"), Text("限值", "Limit"), Text("天", "Day")])
    for offset, end in ((1, f"MIN({x})"), (2, crossing)):
        data.formula(f"L{row + offset}", f"=IF({slope}=0,{_DAYS},{end})", "int")
        data.formula(f"K{row + offset}", f"=IF({slope}=0,B{last},{mean_y}+{slope}*(L{row + offset}-{mean_x}))", "number")
        data.formula(f"N{row + offset}", f"={f'MIN({x})' if offset == 1 else f'MAX({_DAYS + _AHEAD},{crossing})'}", "int")
        data.formula(f"M{row + offset}", f"={limit}", "number")
    no_trend, over, reach, there_is = (plan.quoted(text) for text in (
        Text("：无显著趋势，限值 ", ": no significant trend, limit "), Text("：已到限值 ", ": is at its limit, "),
        Text("：预计 ", ": reaches its limit on "), Text(" 到限值 ", ", limit "),
    ))  # fmt: skip
    still = f"IF(INDEX({plan.table('Sensors').light},$G${row + 1})={_light(plan, RED)},{over},{no_trend})"
    told = f'{device}&" "&{sensor}&IF({slope}=0,{still},{reach}&TEXT({newest}+{crossing}-{_DAYS},"mm-dd")&{there_is})&{limit}'
    data.formula(f"G{row + 8}", f'=IF({device}="","–",{told})', "text", "failure_told")
    charts.scatter(
        page, at, plan.message(page, "failure_told", "Sensors"), [
            Dots(f"M{row}", f"N{row + 1}:N{row + 2}", f"M{row + 1}:M{row + 2}", style.PROBLEM, "rule", named=0),
            Dots(f"K{row}", f"L{row + 1}:L{row + 2}", f"K{row + 1}:K{row + 2}", style.MUTED, "rule"),
            Dots(f"B{row}", x, y, style.ACTUAL, named=0),
        ], "int", "number", Text(f"天（{_DAYS} = 最新读数）", f"Days ({_DAYS} = the newest reading)"), Text("读数", "Reading"), _SIZE, data=data,
    )  # fmt: skip
    plan.put_away(data)


def _worst(plan: Plan, data: Page, row: int) -> tuple[str, str, str, str, str, str]:
    """Cells of the sensor that is shown: red before yellow, else the first; device, sensor, limit, newest day, slope, day of the picture on which it crosses."""
    sensors, readings = plan.table("Sensors"), plan.table("Readings")
    red, yellow = _light(plan, RED), _light(plan, YELLOW)
    data.label(f"G{row}", Text("测点", "Sensor"))
    place = f"$G${row + 1}"
    data.formula(f"G{row + 1}", f"=IFERROR(MATCH({red},{sensors.light},0),IFERROR(MATCH({yellow},{sensors.light},0),1))", "int")
    device, sensor, limit, newest, slope, crossing = (f"$G${row + number}" for number in range(2, 8))
    for cell, formula, fmt in (
        (device, f'INDEX({sensors.device},{place})&""', "text"), (sensor, f'INDEX({sensors.sensor},{place})&""', "text"),
        (limit, f"N(INDEX({sensors.limit},{place}))", "number"),
        (newest, f"INT(N(MAXIFS({readings.time},{readings.device},{device},{readings.sensor},{sensor})))", "int"),
        (slope, f"IF(ISNUMBER(INDEX({sensors.predicted},{place})),N(INDEX({sensors.slope},{place})),0)", "number"),
        (crossing, f"{_DAYS}+IF({slope}=0,0,N(INDEX({sensors.predicted},{place}))-{newest})", "int"),
    ):  # fmt: skip
        data.formula(cell.replace("$", ""), f"={formula}", fmt)
    return device, sensor, limit, newest, slope, crossing


def _light(plan: Plan, code: str) -> str:
    return plan.quoted(next(word.label for word in PROJECT_LIGHTS if word.code == code))


def _hits(plan: Plan, page: Page, row: int) -> None:
    """Warnings that a failure followed, failures without a warning, warnings that nothing followed: by quarter."""
    tasks, tickets, sensors, year = plan.table("Tasks"), plan.table("Tickets"), plan.table("Sensors"), plan.name("plan_year")
    days = plan.policy("failure.alert_days")
    heads = (Text("季度", "Quarter"), Text("命中", "Hits"), Text("漏报", "Misses"), Text("误报", "False"), Text("待定", "Open"))
    page.header(f"G{row}", list(heads))
    device = f'LEFT({tasks.object},FIND("/",{tasks.object}&"/")-1)'
    opened = f"IF(ISNUMBER({tasks.opened_at}),{tasks.opened_at},0)"
    after = f'COUNTIFS({tickets.device},{device},{tickets.failed_at},">="&{opened},{tickets.failed_at},"<="&({opened}+{days}))'
    named = f"({tasks.rule}={plan.quoted(_RULE)})"
    # A miss is a failure of a watched device of which no warning was opened in the days before, in whatever quarter that was. It is counted
    # from the few warnings and not from the many tickets: a warning answers for its days up to the next one of its device, and those opened
    # together share them.
    ours = f'{tasks.object},{device}&"/*",{tasks.rule},{plan.quoted(_RULE)},{tasks.opened_at}'
    following = f'MINIFS({tasks.opened_at},{ours},">"&({opened}+{_MOMENT}))'
    together = f'COUNTIFS({ours},">="&({opened}-{_MOMENT}),{tasks.opened_at},"<="&({opened}+{_MOMENT}))'
    until = f"IF({following}=0,{_NEVER},{following})"
    for quarter in range(1, 5):
        at = row + quarter
        start, end = f"DATE({year},{3 * quarter - 2},1)", f"DATE({year},{3 * quarter + 1},1)"
        mine = f"{named}*({opened}>={start})*({opened}<{end})"
        over = f"({opened}+{days}<{plan.name('as_of')})"
        page.label(f"G{at}", f"Q{quarter}", grow=False)
        page.formula(f"H{at}", f"=SUMPRODUCT({mine}*({after}>0))", "int")
        failed = f'COUNTIFS({tickets.device},{sensors.device},{tickets.failed_at},">="&{start},{tickets.failed_at},"<"&{end})'
        once = f"COUNTIF({sensors.device},{sensors.device})"
        warned = (
            f'COUNTIFS({tickets.device},{device},{tickets.failed_at},">="&IF({opened}>{start},{opened},{start}),{tickets.failed_at},"<"&{end},'
            f'{tickets.failed_at},"<="&({opened}+{days}),{tickets.failed_at},"<"&{until})'
        )
        page.formula(
            f"I{at}",
            f'=ROUND(SUMPRODUCT(({sensors.device}<>"")*{failed}/({once}+({sensors.device}="")))'
            f"-SUMPRODUCT({named}*{warned}*(COUNTIF({sensors.device},{device})>0)/({together}+1-{named})),0)",
            "int",
        )
        page.formula(f"J{at}", f"=SUMPRODUCT({mine}*({after}=0)*{over})", "int")
        page.formula(f"K{at}", f"=SUMPRODUCT({mine}*({after}=0)*(1-{over}))", "int")
    plan.define("failure_hits", page, f"H{row + 1}:K{row + 4}")
    lines = (
        Text("命中：预警后提前期内发生故障；漏报：有测点的设备没有预警就停机", "Hit: a failure within the days ahead of a warning. Miss: none was given"),
        Text("误报：提前期过了也没有故障。一条测点的直线外推，不是智能预测", "False: the days passed without one. A sensor's straight line, no more"),
    )  # fmt: skip
    for offset, text in enumerate(lines, row + 5):
        page.label(f"G{offset}", text, muted=True, grow=False)
