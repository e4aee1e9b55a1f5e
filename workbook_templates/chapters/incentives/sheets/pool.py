"""Profit pool, cost of the plan, tax on year-end bonuses; and the phantom shares beside them."""

from __future__ import annotations

from udfs.policy import POLICIES
from udfs.text import Text
from workbook_templates.chapters.incentives.sheets.commission import allocated
from workbook_templates.page.builder import Page, Plan
from workbook_templates.page.navigation import RESULT
from workbook_templates.page.sheets import PlanSheet

POOL_TOP = 25  # header row of the Pool Table
GRANTS_TOP = 14


def build(plan: Plan) -> None:
    """The pool, and the phantom shares beside it."""
    _pool_page(plan)
    plan.beside("pool", _equity_page(plan))


# ---------------------------------------------------------------------------------------------------------------- pool


def _pool_page(plan: Plan) -> None:
    page = plan.page(
        "pool",
        Text("分享与股权", "Pool and shares"),
        Text(
            "毛利的 1% 进池，按业绩、客户成功、价值观分配，总监封顶；激励成本与年终奖个税",
            "A share of margin by performance, success, values, directors capped; plan cost, bonus tax",
        ),
        todo=Text("填写每人三项得分", "Enter everyone's three scores"),
    )
    _pool_figures(plan, page)
    _plan_cost(plan, page)
    _tax(plan, page)
    page.heading(f"B{POOL_TOP - 2}", Text("利润池分配", "Sharing the pool"), f"K{POOL_TOP - 2}")
    last = page.records("Pool", f"B{POOL_TOP}")
    heads = (Text("份额", "Share"), Text("封顶后份额", "Capped share"), Text("实发", "Paid"))
    page.spill(
        f"I{POOL_TOP + 1}", _shown(plan), last - POOL_TOP, 3, ("rate2", "rate2", "fen"),
        headers=heads, units=("", "", Text("元", "yuan")),
    )  # fmt: skip
    page.width(H=2.5)


def pool(plan: Plan) -> str:
    """PROFITPOOL over the Pool Table: share, capped share, paid."""
    p = plan.table("Pool")
    terms = ",".join(plan.policy(f"pool.{key}") for key in ("rate", "weights", "cap", "cap_scope"))
    return f"SALES_PROFITPOOL({plan.name('gross_margin')},{p.name},{p.performance},{p.success},{p.value_score},{p.is_director},{terms})"


def _shown(plan: Plan) -> str:
    """Nothing to share is shown as nothing, not as an error."""
    return f'=IF(COUNTA({plan.table("Pool").name})=0,"",{pool(plan)})'


def _pool_figures(plan: Plan, page: Page) -> None:
    name = plan.table("Pool").name
    page.heading("B5", Text("利润池", "The pool"), "E5")
    page.figure("B6", Text("毛利", "Gross margin"), f"={plan.name('gross_margin')}", "money", unit=Text("元", "yuan"))
    page.figure("B7", Text("利润池比例", "Share of margin"), f"={plan.policy('pool.rate')}", "rate2")
    page.figure("B8", Text("利润池", "Pool"), "=ROUND(MAX(C6,0)*C7,2)", "fen", "pool_total", Text("元", "yuan"))
    paid = f"=IF(COUNTA({name})=0,0,ROUND(SUM(INDEX({pool(plan)},0,3)),2))"
    page.figure("B9", Text("已分配", "Shared out"), paid, "fen", "pool_paid", Text("元", "yuan"))
    page.figure("B10", Text("未分配", "Left over"), "=ROUND(pool_total-pool_paid,2)", "fen", "pool_left", Text("元", "yuan"))
    page.figure("B11", Text("总监份额上限", "A director's share at most"), f"={plan.policy('pool.cap')}", "rate")


def _plan_cost(plan: Plan, page: Page) -> None:
    page.heading("I5", Text("激励成本测算", "What the plan pays"), "M5")
    heads = (
        Text("达成率", "Attainment"),
        Text("签单", "Bookings"),
        Text("提成", "Commission"),
        Text("人员预算", "People budget"),
        Text("结余", "Left"),
    )
    tiers = f"{plan.policy('commission.thresholds')},{plan.policy('commission.rates')}"
    budget = f"INDEX(SALES_BUDGETSPLIT({plan.name('budget_total')},{plan.policy('budget.shares')}),1,1)"
    goals = plan.policy("plancost.attainments")
    cost = f"SALES_PLANCOST({allocated(plan)},{plan.name('margin_rate')},{goals},{budget},{tiers})"
    formula = f'=IF({plan.name("quota_total")}=0,"–",{cost})'
    rows = len(POLICIES["plancost.attainments"].value)
    page.spill("I7", formula, rows, 5, ("rate", "money", "fen", "fen", "fen"), headers=heads)
    page.label(
        "I11",
        Text("按实际毛利率测算；预算为人员与提成整条线", "At the actual margin rate; the budget is the whole people line"),
        muted=True,
        grow=False,
    )


def _tax(plan: Plan, page: Page) -> None:
    """The bonus taxed alone, and the range above each border where less is more."""
    page.heading("B13", Text("年终奖单独计税", "Tax on a year-end bonus"), "E13")
    terms = ",".join(plan.policy(f"tax.{key}") for key in ("thresholds", "rates", "deductions"))
    page.label("B14", Text("年终奖（元）", "Bonus (yuan)"))
    page.input("C14", 36_001 if plan.rows("Pool") else 0, "fen", "bonus", low=0)
    page.label("B15", Text("发放日期", "Paid on"))
    page.input("C15", POLICIES["tax.rates"].valid_to, "date", "bonus_date")
    page.figure(
        "B16", Text("税额", "Tax"), f"=SALES_YEARENDTAX(bonus,bonus_date,{terms})", "fen", "bonus_tax", Text("元", "yuan")
    )
    page.figure("B17", Text("税后", "After tax"), "=bonus-bonus_tax", "fen", "bonus_net", Text("元", "yuan"))
    ends = plan.policy("tax.thresholds")
    page.figure(
        "B18",
        Text("下方最近临界点", "Border just below"),
        f"=SUMPRODUCT(MAX((12*{ends}<bonus)*12*{ends}))",
        "fen",
        "bonus_border",
    )
    page.figure(
        "B19",
        Text("临界点税后", "After tax at the border"),
        f"=bonus_border-SALES_YEARENDTAX(bonus_border,bonus_date,{terms})",
        "fen",
        "border_net",
    )
    page.label("B20", Text("提醒", "Warning"))
    trap, fine = Text("税后反而更少", "Lower after tax"), Text("正常", "Fine")
    page.formula(
        "C20", f"=IF(AND(bonus_border>0,bonus_net<border_net),{plan.quoted(trap)},{plan.quoted(fine)})", "word", "bonus_verdict"
    )
    page.lights("C20", good=fine, bad=trap)
    advice = plan.quoted(Text("建议发到临界点", "pay the border instead"))
    page.formula("D20", f'=IF(bonus_verdict={plan.quoted(trap)},{advice},"")', "text", boxed=False)
    _cliffs(plan, page, ends, terms)


def _cliffs(plan: Plan, page: Page, ends: str, terms: str) -> None:
    rows = len(POLICIES["tax.thresholds"].value)
    page.heading("I13", Text("临界点一览：多发 1 元的代价", "The cliffs: what one yuan more costs"), "L13")
    at, above = f"SALES_YEARENDTAX(12*{ends},bonus_date,{terms})", f"SALES_YEARENDTAX(12*{ends}+1,bonus_date,{terms})"
    columns = (
        ("I", Text("临界点", "Border"), f"=12*{ends}", "money"),
        ("J", Text("税额", "Tax"), f"={at}", "fen"),
        ("K", Text("多 1 元的税额", "Tax, one yuan more"), f"={above}", "fen"),
        ("L", Text("税后减少", "Net falls by"), f"={above}-{at}-1", "fen"),
    )
    for letter, head, formula, fmt in columns:
        page.spill(f"{letter}15", formula, rows, 1, fmt, headers=[head])


# -------------------------------------------------------------------------------------------------------------- equity


def _equity_page(plan: Plan) -> Page:
    page = plan.page(
        "equity",
        Text("虚拟股权", "Phantom shares"),
        Text(
            "经理连续达成冲刺、价值观 A，授予 0.1%–0.3%，每满一周年归属四分之一",
            "Managers with stretch years in a row and values A get 0.1–0.3%; a quarter vests on each anniversary",
        ),
        todo=Text("每年初登记授予；离职填离职日", "Enter grants each year; enter the day of leaving"),
    )
    grants = plan.table("Grants")
    last = page.records("Grants", f"B{GRANTS_TOP}")
    count, top = last - GRANTS_TOP, GRANTS_TOP + 1
    for row in range(top, last + 1):  # 0.15% needs its second digit
        page.sheet[f"G{row}"].number_format = plan.format("rate2")
    terms = ",".join(plan.policy(f"equity.{key}") for key in ("years_met", "least", "most"))
    granted = f"SALES_EQUITYGRANT({grants.level},{grants.years_met},{grants.grade},{grants.grant},{terms})"
    term = f"{plan.policy('equity.vesting_years')},{plan.policy('equity.on_leaving')}"
    vested = f"SALES_VESTED({grants.grant},{grants.granted_on},{plan.name('as_of')},{grants.left_on},{term})"
    none = f"COUNTA({grants.person})=0"
    page.spill(f"K{top}", f'=IF({none},"",{granted})', count, 1, "rate2", headers=[Text("核准授予", "Granted")])
    page.spill(f"L{top}", f'=IF({none},"",{vested})', count, 1, "0.000%", headers=[Text("已归属", "Vested")])
    page.spill(
        f"M{top}", f'=IF({none},"",IF({grants.left_on}="",{granted}-{vested},0))', count, 1, "0.000%",
        headers=[Text("未归属", "Unvested")],
    )  # fmt: skip
    page.width(J=2.5)
    _equity_figures(plan, page, none, granted, vested)
    return page


def _equity_figures(plan: Plan, page: Page, none: str, granted: str, vested: str) -> None:
    grants = plan.table("Grants")
    page.heading("B5", Text("汇总", "Summary"), "E5")
    page.figure("B6", Text("截止日期", "As of"), f"={plan.name('as_of')}", "date")
    page.figure("B7", Text("授予人次", "Grants"), f"=COUNTA({grants.person})", "int")
    page.figure("B8", Text("授予合计", "Granted in all"), f"=IF({none},0,SUM({granted}))", "rate2", "equity_granted")
    page.figure("B9", Text("已归属合计", "Vested in all"), f"=IF({none},0,SUM({vested}))", "0.000%", "equity_vested")
    page.figure("B10", Text("归属年数", "Vesting years"), f"={plan.policy('equity.vesting_years')}", "int")
    page.figure("B11", Text("离职时失效", "Lapses on leaving"), f"={plan.policy('equity.on_leaving')}", "word")


SHEET = PlanSheet(50, build, part=RESULT)
