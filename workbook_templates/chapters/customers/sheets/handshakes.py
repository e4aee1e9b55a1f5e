"""高层握手 / Handshakes: the year's visits of our executives to S customers, planned and made, with the blueprints due."""

from __future__ import annotations

from udfs.customers import VISITS
from udfs.policy import value
from udfs.text import Text
from workbook_templates.page import style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.navigation import RESULT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import ANY, Watch
from workbook_templates.tables.schema import YES_NO

_CALENDAR = FIRST_ROW + 5  # header row of both lists
PUBLISHED, DUE, OVERDUE = Text("已发布", "Published"), Text("未到期", "Not due yet"), Text("逾期", "Overdue")
PLANNED, LEFT_OUT = Text("已安排", "Planned"), Text("未安排", "Not planned")


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "handshakes",
        Text("高层握手", "Handshakes"),
        Text(
            "每月一位高管走访一家 S 级客户总部，访后发布联合商业蓝图",
            "One executive a month visits an S customer; a joint business blueprint follows",
        ),
        todo=Text("在拜访记录中登记，逾期蓝图催办", "Enter visits as they are made; chase blueprints that are overdue"),
    )
    page.width(
        B=18 if plan.lang == "en" else 13,
        C=12,
        D=36 if plan.lang == "en" else 30,
        E=9,
        F=13,
        G=9,
        H=13,
        I=3,
        J=12,
        K=13,
        L=30,
        M=11,
        N=13,
        O=44 if plan.lang == "en" else 30,
    )
    seats = int(value("customers.caps")[0])
    _choice(plan, page)
    _list(plan, page, seats)
    _calendar(plan, page, seats)
    _made(plan, page, _CALENDAR + seats + 4)
    _watches(plan, page)


def _choice(plan: Plan, page: Page) -> None:
    """One visit a month in all, or one a month for each."""
    page.heading(f"B{FIRST_ROW}", Text("安排方式", "How visits are planned"), until="H")
    yes, no = (word.label for word in YES_NO)
    page.label(f"B{FIRST_ROW + 1}", Text("每家每月一次", "Monthly for each"), grow=False)
    note = Text("否：全年共 12 次，按名次轮流；是：每家 12 次", "No: 12 visits in all, in rank order; yes: 12 for each")
    page.input(f"C{FIRST_ROW + 1}", no, name="handshakes_for_each", choices=(yes, no), note=note)
    page.label(f"D{FIRST_ROW + 1}", note, muted=True, grow=False)


def _list(plan: Plan, page: Page, seats: int) -> None:
    """The S customers in rank order: who is planned, who was visited, who goes without."""
    customers, visits = plan.table("Customers"), plan.table("Visits")
    row, year = _CALENDAR, plan.name("plan_year")
    page.heading(f"J{FIRST_ROW}", Text("S 级客户（按名次）", "S customers in rank order"), until="O")
    page.label(f"J{FIRST_ROW + 1}", Text("未安排的 S 级客户", "S customers not planned"), grow=False)
    page.formula(
        f"M{FIRST_ROW + 1}", f"=COUNTIF(N{row + 1}:N{row + seats},{plan.quoted(LEFT_OUT)})", "int", "handshakes_left_out"
    )
    page.label(f"N{FIRST_ROW + 1}", Text("家，请补排或说明", "customers: plan a visit or say why not"), muted=True, grow=False)
    heads = (
        Text("位次", "Place"),
        Text("客户编号", "Customer ID"),
        Text("客户名称", "Customer name"),
        Text("已访", "Visited"),
        Text("安排", "Plan"),
    )
    page.header(f"J{row}", heads)
    for place in range(1, seats + 1):
        at = row + place
        page.sheet[f"J{at}"] = place
        page.sheet[f"J{at}"].alignment, page.sheet[f"J{at}"].border = style.align("center"), style.BOX
        page.sheet[f"J{at}"].font = style.font(style.MUTED)
        nth = f'SMALL(IF({customers.tier}="S",{customers.rank}),J{at})'
        page.formula(f"K{at}", f'=IFERROR(INDEX({customers.id},MATCH({nth},{customers.rank},0)),"")', "text")
        page.formula(f"L{at}", f'=IF(K{at}="","",INDEX({customers.name},MATCH(K{at},{customers.id},0)))', "text")
        this_year = f'{visits.date},">="&DATE({year},1,1),{visits.date},"<="&DATE({year},12,31)'
        page.formula(f"M{at}", f'=IF(K{at}="","",COUNTIFS({visits.customer},K{at},{this_year}))', "int")
        planned = f"COUNTIF({plan.name('handshake_customers')}#,K{at})"
        page.formula(f"N{at}", f'=IF(K{at}="","",IF({planned}>0,{plan.quoted(PLANNED)},{plan.quoted(LEFT_OUT)}))', "word")
    page.lights(f"N{row + 1}:N{row + seats}", good=PLANNED, fair=LEFT_OUT)
    plan.define("handshake_ids", page, f"K{row + 1}:K{row + seats}")
    plan.define("handshake_names", page, f"L{row + 1}:L{row + seats}")


def _calendar(plan: Plan, page: Page, seats: int) -> None:
    """The plan by date, with what became of each visit; grows downwards when each customer is visited monthly."""
    customers, visits = plan.table("Customers"), plan.table("Visits")
    row = _CALENDAR
    top = row + 1
    page.heading(f"B{row - 2}", Text("握手日历", "Calendar of handshakes"), until="H")
    ids, yes = plan.name("handshake_ids"), plan.quoted(YES_NO[0].label)
    executives, days = plan.policy("handshake.executives"), plan.policy("handshake.blueprint_days")
    planned = f"SALES_HANDSHAKES({ids},{plan.name('plan_year')},{executives},{plan.name('handshakes_for_each')}={yes},,{days})"
    none = f'COUNTIF({customers.tier},"S")=0'
    rows = VISITS if any(r.get("tier") == "S" for r in plan.rows("Customers")) else 1
    name = f"INDEX({plan.name('handshake_names')},MATCH(C{top}#,{ids},0))"
    # A visit belongs to the month it was planned for.
    month = f"B{top}#-DAY(B{top}#)"
    whose = f'{visits.customer},C{top}#,{visits.date},">"&{month},{visits.date},"<="&EOMONTH({month}+1,0)'
    words = [plan.quoted(word) for word in (PUBLISHED, OVERDUE, DUE)]
    state = f"IF(COUNTIFS({whose},{visits.published},{yes})>0,{words[0]},IF(F{top}#<{plan.name('as_of')},{words[1]},{words[2]}))"
    columns = (
        ("B", Text("日期", "Date"), "date", f"INDEX({planned},,1)", "handshake_dates"),
        ("C", Text("客户编号", "Customer ID"), "text", f"INDEX({planned},,2)", "handshake_customers"),
        ("D", Text("客户名称", "Customer name"), "text", name, ""),
        ("E", Text("高管", "Executive"), "word", f"INDEX({planned},,3)", ""),
        ("F", Text("蓝图期限", "Blueprint due"), "date", f"INDEX({planned},,4)", "handshake_due"),
        ("G", Text("已访", "Visited"), "0;-0;–", f"COUNTIFS({whose})", "handshakes_made"),
        ("H", Text("蓝图", "Blueprint"), "word", state, "handshake_blueprints"),
    )
    for letter, head, fmt, formula, named in columns:
        page.spill(
            f"{letter}{top}",
            f'=IF({none},"–",{formula})',
            rows,
            1,
            fmt,
            named or None,
            [head],
            indent=[0] if letter in "CDEH" else [],
        )
    page.lights(f"H{top}:H{row + VISITS * seats}", good=PUBLISHED, bad=OVERDUE)


def _made(plan: Plan, page: Page, row: int) -> None:
    page.heading(f"J{row}", Text("拜访记录（填写）", "Visits made (fill in)"), until="O")
    page.records("Visits", f"J{row + 2}")


def _watches(plan: Plan, page: Page) -> None:
    """Visits made of those due, S customers that nobody plans to see, blueprints overdue: amber, for no money hangs on them."""
    n, customers = plan.name, plan.table("Customers")
    days, made, who = (f"{n(f'handshake{name}')}#" for name in ("_dates", "s_made", "_customers"))
    due = f"(IF(ISNUMBER({days}),{days},10^6)<={n('as_of')})"
    done = f"{due}*(IF(ISNUMBER({made}),{made},0)>0)"
    page.watch(
        Watch(
            "handshakes.made", Text("高层握手：已访/应访", "Handshakes made of those due"), f"SUMPRODUCT({done})",
            f"IF(SUMPRODUCT({due}*1)=0,NA(),SUMPRODUCT({due}*1))", screen=2, fmt="int",
            amber="0", item=f"INDEX({who},MATCH(1,{due}*(IF(ISNUMBER({made}),{made},0)=0),0))", table="Customers.id", owner="owner",
            needs="Customers.tier", duty="handshake",
        )
    )  # fmt: skip
    left = f'COUNTIF({customers.tier},"S")=0'
    page.watch(
        Watch(
            "handshakes.unplanned", Text("未安排握手的 S 级客户", "S customers without a handshake planned"),
            f"IF({left},NA(),{n('handshakes_left_out')})", "0", screen=2, fmt="int", lower=True, amber=ANY, needs="Customers.tier",
        )
    )  # fmt: skip
    overdue = f"({n('handshake_blueprints')}#={plan.quoted(OVERDUE)})"
    page.watch(
        Watch(
            "handshakes.blueprints", Text("逾期的联合商业蓝图", "Joint blueprints overdue"), f"IF({left},NA(),SUMPRODUCT({overdue}*1))", "0",
            screen=2, fmt="int", lower=True, amber=ANY, item=f"INDEX({who},MATCH(TRUE,{overdue},0))", table="Customers.id", owner="owner",
            needs="Customers.tier",
        )
    )  # fmt: skip


SHEET = PlanSheet(14, build, part=RESULT)
