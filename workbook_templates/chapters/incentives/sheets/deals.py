"""The deals: every order and return of the year, what each pays in commission, and their sums by quarter and product line."""

from __future__ import annotations

from openpyxl.utils import get_column_letter

from udfs.text import Text
from workbook_templates.cells import MOST_SPILLED
from workbook_templates.chapters.incentives.pay.accounts import EARNED
from workbook_templates.chapters.incentives.sheets.commission import due
from workbook_templates.chapters.incentives.sheets.ledger_sheet import sum_of
from workbook_templates.page import dated, owing, style
from workbook_templates.page.builder import Page, Plan
from workbook_templates.page.navigation import INPUT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import Watch
from workbook_templates.tables import schema
from workbook_templates.tables.schema import PRODUCT_LINES, table

_LINES_TOP = 12  # first row of the sums by product line
_WIDTH = len(table("Deals").columns)
GAP, LIVE = (get_column_letter(2 + _WIDTH + place) for place in (0, 1))  # a narrow column, and what each deal pays beside it
SUMS = (
    Text("收入", "Revenue"),
    Text("成本", "Cost"),
    Text("毛利", "Gross margin"),
    Text("毛利率", "Margin rate"),
    Text("已回款", "Collected"),
    Text("回款率", "Collection rate"),
)


def top() -> int:
    """The header row of the Table: below the sums, however many product lines there are."""
    return max(19, _LINES_TOP + len(PRODUCT_LINES) + 2)


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "deals",
        Text("成交", "Deals"),
        Text(
            "全年订单与退货，上方按季度与产品线汇总（签单）；估算提成以台账为准",
            "Orders and returns, sums above (bookings to date); the estimate yields to the ledger",
        ),
        todo=Text("粘贴订单：单号、日期、客户、主办、收入、成本", "Paste orders: ID, date, customer, seller, revenue, cost"),
    )
    _figures(plan, page)
    _by_quarter(plan, page)
    _by_line(plan, page)
    last = page.records("Deals", f"B{top()}")
    _live_commission(plan, page, last)
    page.sheet.print_title_rows = f"{top()}:{top()}"
    _flags(plan, page, last)
    _watches(plan, page)


def _flags(plan: Plan, page: Page, last: int) -> None:
    """What is due and not paid, and what earns nothing."""
    cell = {c.key: f"{get_column_letter(2 + n)}{top() + 1}" for n, c in enumerate(schema.table("Deals").columns)}
    due, paid, revenue, rate = (cell[key] for key in ("due", "collected", "revenue", "margin_rate"))
    overdue = f"AND(ISNUMBER({due}),{due}<={plan.name('as_of')},N({paid})<N({revenue}))"
    page.condition(f"{due}:{due.rstrip('0123456789')}{last}", overdue, style.RED)
    page.condition(f"{rate}:{rate.rstrip('0123456789')}{last}", f"AND(N({revenue})>0,N({rate})<=0)", style.RED)


def _watches(plan: Plan, page: Page) -> None:
    """What was signed against the plan to date, and what was paid of what is due."""
    n, deals, day = plan.name, plan.table("Deals"), plan.name("as_of")
    target = f"{n('floor_target')}*{n('plan_share')}"
    page.watch(
        Watch(
            "bookings.progress", Text("签单进度", "Bookings to date"), n("bookings"), target, screen=1, basis=Text("签单", "bookings"),
            amount=f"{target}-{n('bookings')}", item=f"INDEX({n('region_names')}#,MATCH(MIN({n('region_gap')}#),{n('region_gap')}#,0))",
            fresh=("Deals.date",), needs="Deals.id",
        )
    )  # fmt: skip
    _overdue(plan, page)
    until = f'{deals.due},"<="&{day},{deals.date},"<="&{day}'
    struck = owing.struck_of(plan, f'({deals.due}<>"")*({deals.due}<={day})*({deals.date}<={day})')
    due = f"(SUMIFS({deals.revenue},{until})+{struck})"  # what came back is not due any more
    paid = owing.came_of(plan, (deals.due, "<=", day), (deals.date, "<=", day))
    page.watch(
        Watch(
            "cash.rate", Text("到期回款率", "Collected of what is due"), f"{paid}/{due}", plan.policy("week.collection_goal"), screen=1,
            basis=Text("回款", "collections"), fmt="rate", amount=f"{due}-{paid}", fresh=("Deals.date",), needs="Deals.due",
        )
    )  # fmt: skip


def _overdue(plan: Plan, page: Page) -> None:
    """What has been owed for too long, of all that is owed; whose order owes most."""
    deals, day = plan.table("Deals"), plan.name("as_of")
    owed = f"({deals.date}<={day})*{owing.owed(plan)}"
    # What came back is not owed any more: a return counts against its own order, and no further than that owes.
    open_ = f"({owed}+{owing.given_back(plan)})"
    late = f'({deals.due}<>"")*({deals.due}<{day}-{plan.policy("overdue.days")})*({deals.date}<={day})*IF({open_}>0,{open_},0)'
    share, amber = (f"INDEX({plan.policy('overdue.share')},{place})" for place in (1, 2))
    page.watch(
        Watch(
            "cash.overdue", Text("超期应收占比", "Overdue part of what is owed"), f"SUMPRODUCT({late})/SUMPRODUCT({owed})", share, screen=2,
            basis=Text("回款", "collections"), fmt="rate", lower=True, amber=amber, amount=f"SUMPRODUCT({late})",
            item=f"INDEX({deals.customer},MATCH(MAX({late}),{late},0))", table="Customers.id", owner="owner", fresh=("Deals.date",),
            needs="Deals.due",
        )
    )  # fmt: skip


def _figures(plan: Plan, page: Page) -> None:
    deals = plan.table("Deals")
    page.heading("B5", Text("概况", "Overview"), "E5")
    until = dated.to_date(plan)
    figures = (
        (Text("订单数", "Orders"), f'=COUNTIFS({deals.revenue},">0",{until})', "int", "deal_count"),
        (Text("退货数", "Returns"), f'=COUNTIFS({deals.revenue},"<0",{until})', "int", "return_count"),
        (Text("签单净额", "Net bookings"), f"=SUMIFS({deals.revenue},{until})", "money", "bookings"),
        (Text("毛利", "Gross margin"), f"=SUMIFS({deals.margin},{until})", "money", "gross_margin"),
        (Text("毛利率", "Margin rate"), "=IF(bookings=0,0,gross_margin/bookings)", "rate", "margin_rate"),
        (Text("平均订单", "Mean order"), "=IF(deal_count=0,0,bookings/deal_count)", "money", "mean_order"),
        (Text("已回款", "Collected"), f"={owing.came_of(plan, *dated.days(plan))}", "money", "collected"),
        (Text("回款率", "Collection rate"), "=IF(bookings=0,0,collected/bookings)", "rate", "collection_rate"),
        (Text("协同订单", "Shared orders"), f'=COUNTIFS({deals.partner},"?*",{until})', "int", "shared_count"),
    )
    for row, (label, formula, fmt, name) in enumerate(figures, 6):
        page.label(f"B{row}", label, grow=False)
        page.formula(f"D{row}", formula, fmt, name)


def _sums(plan: Plan, page: Page, row: int, *conditions: dated.Condition) -> None:
    """Six sums of the deals that meet conditions."""
    deals, asked = plan.table("Deals"), dated.asked(*conditions)
    for letter, key in zip("GHI", ("revenue", "cost", "margin"), strict=True):
        page.formula(f"{letter}{row}", f"=SUMIFS({getattr(deals, key)},{asked})", "money")
    page.formula(f"K{row}", f"={owing.came_of(plan, *conditions)}", "money")
    _ratios(page, row)


def _ratios(page: Page, row: int, bold: bool = False) -> None:
    page.formula(f"J{row}", f"=IF(G{row}=0,0,I{row}/G{row})", "rate", bold=bold)
    page.formula(f"L{row}", f"=IF(G{row}=0,0,K{row}/G{row})", "rate", bold=bold)


def _by_quarter(plan: Plan, page: Page) -> None:
    deals, ledger, as_of = plan.table("Deals"), plan.table("Ledger"), plan.name("as_of")
    page.header("F5", [Text("季度", "Quarter"), *SUMS])
    page.header("M5", [Text("提成", "Commission")])
    for quarter in range(1, 5):
        row = 5 + quarter
        page.label(f"F{row}", f"Q{quarter}")
        first = f"DATE(YEAR({as_of}),{quarter * 3 - 2},1)"
        after = f"MIN(DATE(YEAR({as_of}),{quarter * 3 + 1},1),{as_of}+1)"
        _sums(plan, page, row, (deals.date, ">=", first), (deals.date, "<", after))
        since, before = f'">="&{first}', f'"<"&{after}'
        # What the ledger has for what happened in the quarter, paid or held.
        page.formula(f"M{row}", f"={sum_of(plan, EARNED, ledger.date, since, ledger.date, before)}", "fen")
    _total(page, 10, 6, 9)
    page.formula("M10", "=SUM(M6:M9)", "fen", "commission_earned", bold=True)
    plan.define("quarter_bookings", page, "G6:G9")


def _by_line(plan: Plan, page: Page) -> None:
    deals = plan.table("Deals")
    page.header("F11", [Text("产品线", "Product line"), *SUMS])
    for row, word in enumerate(PRODUCT_LINES, _LINES_TOP):
        page.label(f"F{row}", word.label)
        _sums(plan, page, row, (deals.line, "=", f"F{row}"), *dated.days(plan))
    other = _LINES_TOP + len(PRODUCT_LINES)
    page.label(f"F{other}", Text("其他", "Other"))
    for letter in "GHIK":
        page.formula(f"{letter}{other}", f"={letter}10-SUM({letter}{_LINES_TOP}:{letter}{other - 1})", "money")
    for name, letter in (("lines", "F"), ("line_bookings", "G"), ("line_margins", "I")):
        plan.define(f"product_{name}", page, f"{letter}{_LINES_TOP}:{letter}{other - 1}")
    _ratios(page, other)


def _total(page: Page, row: int, first: int, last: int) -> None:
    page.label(f"F{row}", Text("合计", "Total"), bold=True)
    for letter in "GHIK":
        page.formula(f"{letter}{row}", f"=SUM({letter}{first}:{letter}{last})", "money", bold=True)
    _ratios(page, row, bold=True)


def _live_commission(plan: Plan, page: Page, last: int) -> None:
    page.width(**{GAP: 2.5})
    many = Text("订单超过 1 万行：逐单提成见提成台账", "Over 10,000 deals: see the commission ledger")
    page.spill(
        f"{LIVE}{top() + 1}",
        f"=IF(ROWS({plan.table('Deals').id})>={MOST_SPILLED},{plan.quoted(many)},{due(plan)})",
        1 if last - top() >= MOST_SPILLED else last - top(),
        1,
        "fen",
        name="deal_commission",
        headers=[Text("估算（参数档）", "Estimate (Settings)")],
    )


SHEET = PlanSheet(40, build, part=INPUT)
