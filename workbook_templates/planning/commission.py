"""Commission: what one deal pays and why, who earned what, the team's sprint bonus, draws and the rates in force."""

from __future__ import annotations

from udfs.policy import POLICIES
from udfs.text import Text
from workbook_templates.planning.builder import Page, Plan
from workbook_templates.schema import LINES

ORDER = 41

DRAW_KINDS = (
    Text("可收回", "recoverable"),
    Text("先扣后补", "recoverable_first"),
    Text("不可收回", "nonrecoverable"),
    Text("预支", "advance"),
)
PEOPLE_TOP = 52  # header row of the people's list, the last block because it grows


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "commission",
        Text("提成", "Commission"),
        Text(
            "选一张订单看它怎么算出来；团队冲刺奖、预支、按日期取档、每人达成与提成",
            "Choose a deal and see how its commission comes about; sprint bonus, draws, rates by date, everyone's attainment",
        ),
        todo=Text("在下拉列表中选择单号或工号", "Choose a deal or a person from the lists"),
    )
    _one_deal(plan, page)
    _bands(plan, page)
    _release(plan, page)
    _sprint(plan, page)
    _rates(plan, page)
    _draw(plan, page)
    _people(plan, page)


# ------------------------------------------------------------------------------------------------------------ one deal


def _lookup(plan: Plan, key: str) -> str:
    deals = plan.table("Deals")
    return f"INDEX({getattr(deals, key)},MATCH(chosen_deal,{deals.id},0))"


def _one_deal(plan: Plan, page: Page) -> None:
    """The chosen deal's facts and its commission."""
    deals, people = plan.table("Deals"), plan.table("People")
    page.heading("B5", Text("一张订单的提成", "What one deal pays"), "F5")
    page.label("B6", Text("单号（请选择）", "Deal ID (choose)"))
    page.input("C6", _first_split(plan), "id", "chosen_deal")
    page.validate("C6", source=deals.id, note=Text("从成交表中选择单号", "choose a deal of the Deals sheet"), strict=False)
    seller, partner = _lookup(plan, "seller"), _lookup(plan, "partner")
    name_of = f"INDEX({people.name},MATCH({{}},{people.id},0))"
    facts: tuple[tuple[Text, str, str, str | None, Text | str], ...] = (
        (Text("签单日期", "Signed on"), f'=IFERROR({_lookup(plan, "date")},"–")', "date", "chosen_date", ""),
        (Text("收入", "Revenue"), f"=IFERROR(N({_lookup(plan, 'revenue')}),0)", "money", "chosen_revenue", Text("元", "yuan")),
        (Text("毛利率", "Margin rate"), f"=IFERROR(N({_lookup(plan, 'margin_rate')}),0)", "rate2", "chosen_margin_rate", ""),
        (Text("主办", "Seller"), f'=IFERROR({name_of.format(seller)},"–")', "text", None, ""),
        (Text("协同", "Partner"), f'=IFERROR({name_of.format(partner)},"–")', "text", None, ""),
        (
            Text("提成", "Commission"),
            "=SALES_COMMISSION(chosen_revenue,chosen_margin_rate,"
            + ",".join(plan.policy(f"commission.{k}") for k in ("thresholds", "rates", "digits"))
            + ")",
            "fen",
            "chosen_commission",
            Text("元", "yuan"),
        ),
    )
    for row, (label, formula, fmt, name, unit) in enumerate(facts, 7):
        page.figure(f"B{row}", label, formula, fmt, name, unit)


def _first_split(plan: Plan) -> str | None:
    """A deal worth looking at: large, shared, not quite paid and in the highest tier, if there is one."""
    rows = plan.rows("Deals")
    top = POLICIES["commission.thresholds"].value[-1]
    shared = [r for r in rows if r.get("partner") and r["revenue"] > r["collected"] and r["cost"] < r["revenue"] * (1 - top)]
    best = max(shared or rows, key=lambda r: r["revenue"], default=None)
    return None if best is None else best["id"]


def _bands(plan: Plan, page: Page) -> None:
    """The tiers behind the amount: their contributions add up to it."""
    page.heading("H5", Text("逐档计算过程", "Working, tier by tier"), "L5")
    heads = (
        Text("毛利率从", "Margin from"),
        Text("到", "to"),
        Text("本档毛利", "Margin in tier"),
        Text("比例", "Rate"),
        Text("本档提成", "Commission of tier"),
    )
    tiers = f"{plan.policy('commission.thresholds')},{plan.policy('commission.rates')}"
    bands = f"SALES_COMMISSIONBANDS(chosen_revenue,chosen_margin_rate,{tiers})"
    page.spill("H7", "=" + bands, 3, 5, ("rate", "rate", "fen", "rate", "fen"), headers=heads)
    page.label("H11", Text("各档合计", "Sum of the tiers"), bold=True)
    page.formula("L11", f"=SUM(INDEX({bands},0,5))", "fen", bold=True)
    page.label("H12", Text("与提成之差", "Difference to the commission"), muted=True, grow=False)
    page.formula("L12", "=ROUND(L11-chosen_commission,2)", "fen")


def _release(plan: Plan, page: Page) -> None:
    """Who gets it, how much is released by cash received, what a return takes back."""
    deals = plan.table("Deals")
    page.heading("B14", Text("分摊、发放与追回", "Split, release and clawback"), "F14")
    share = f'IF(IFERROR({_lookup(plan, "partner")},"")="",1,{_lookup(plan, "seller_share")})'
    page.figure("B15", Text("主办份额", "Seller share"), f"=IFERROR({share},1)", "rate", "chosen_share")
    page.figure("B16", Text("协同份额", "Partner share"), "=1-chosen_share", "rate")
    page.label("B17", Text("主办 / 协同提成", "Seller's and partner's part"))
    page.spill("C17", "=TRANSPOSE(SALES_SPLITCREDIT(chosen_commission,C15:C16))", 1, 2, "fen")
    returned = f"-SUMIFS({deals.revenue},{deals.original},chosen_deal)"
    retention = plan.policy("release.retention")
    rows = (
        (Text("已回款", "Collected"), f"=IFERROR(N({_lookup(plan, 'collected')}),0)", "money", "chosen_collected"),
        (
            Text("随回款发放", "Released on collection"),
            f"=IF(chosen_revenue<=0,0,SALES_RELEASED(chosen_commission,chosen_revenue,chosen_collected,{retention}))",
            "fen",
            "chosen_released",
        ),
        (Text("暂未发放", "Held"), "=ROUND(chosen_commission-chosen_released,2)", "fen", "chosen_held"),
        (Text("该单退货额", "Returned of this deal"), f"={returned}", "money", "chosen_returned"),
        (
            Text("应追回提成", "Clawback"),
            "=IF(chosen_revenue<=0,0,SALES_CLAWBACK(chosen_commission,chosen_revenue,chosen_returned))",
            "fen",
            "chosen_clawback",
        ),
    )
    for row, (label, formula, fmt, name) in enumerate(rows, 18):
        page.figure(f"B{row}", label, formula, fmt, name, Text("元", "yuan"))


# ------------------------------------------------------------------------------------------------- teams, rates, draws


def _sprint(plan: Plan, page: Page) -> None:
    """2 % of the excess into the team's travel fund, by line."""
    people, deals, as_of = plan.table("People"), plan.table("Deals"), plan.name("as_of")
    page.heading("H14", Text("团队冲刺奖（进团队旅游基金）", "Sprint bonus (into the team's travel fund)"), "L14")
    heads = (
        Text("条线", "Line"),
        Text("指标", "Quota"),
        Text("签单", "Bookings"),
        Text("达成率", "Attainment"),
        Text("冲刺奖", "Sprint bonus"),
    )
    page.header("H15", heads)
    quotas = plan.table("Quotas")
    for row, word in enumerate(LINES, 16):
        page.label(f"H{row}", word.label)
        in_line = f"COUNTIFS({people.id},{quotas.person},{people.line},H{row})"
        page.formula(f"I{row}", f"=SUMPRODUCT({in_line}*{allocated(plan)})", "money")
        credit = "+".join(
            f"SUMPRODUCT(({deals.date}<={as_of})*COUNTIFS({people.id},{getattr(deals, who)},{people.line},H{row})*{getattr(deals, part)})"
            for who, part in (("seller", "seller_revenue"), ("partner", "partner_revenue"))
        )
        page.formula(f"J{row}", f"={credit}", "money", array=True)
        page.formula(f"K{row}", f"=IF(I{row}=0,0,J{row}/I{row})", "rate")
    terms = ",".join(plan.policy(f"sprint.{key}") for key in ("trigger", "rate", "over"))
    page.spill("L16", f"=IF(I16:I18=0,0,SALES_SPRINTBONUS(I16:I18,J16:J18,{terms}))", 3, 1, "fen", name="sprint_bonus")
    page.label(
        "H19",
        Text("口径：签单；旅游奖励须按税法计入个人所得", "Basis: bookings; travel given to staff is taxable"),
        muted=True,
        grow=False,
    )


def allocated(plan: Plan) -> str:
    """Everybody's quota of the year, as the Quotas sheet allocates it: an array as long as the Quotas Table."""
    quotas, total = plan.table("Quotas"), plan.name("quota_total")
    parts = f"SALES_QUOTAALLOCATE({total},{quotas.weight},{quotas.floor},{quotas.cap})"
    return f"IF(OR({total}=0,SUM({quotas.weight})=0),0,{parts})"


def _rates(plan: Plan, page: Page) -> None:
    """Dated tier tables: the one in force on the chosen deal's day."""
    page.heading("H21", Text("按签单日期取提成档", "Rates in force on the deal's day"), "L21")
    page.header("H22", [Text("生效日", "Valid from"), Text("毛利率下限", "From margin"), Text("比例", "Rate")])
    thresholds, rates = plan.policy("commission.thresholds"), plan.policy("commission.rates")
    for index in range(1, 4):
        row = 22 + index
        page.formula(f"H{row}", f"=DATE({plan.name('plan_year')},1,1)", "date")
        page.formula(f"I{row}", f"=INDEX({thresholds},{index})", "rate")
        page.formula(f"J{row}", f"=INDEX({rates},{index})", "rate")
    note = Text("下一版提成档：填生效日、下限、比例", "the next table: valid from, lower end, rate")
    for row in (26, 27, 28):
        for letter, fmt in (("H", "date"), ("I", "rate"), ("J", "rate")):
            page.input(f"{letter}{row}", None, fmt, note=note)
    plan.define("commission_next", page, "H26:J28")
    page.header("K22", [Text("适用下限", "Applies from"), Text("适用比例", "Applies at")])
    day = "IF(ISNUMBER(chosen_date),chosen_date,as_of)"
    page.spill("K23", f"=SALES_RATETABLE(H23:J28,{day})", 3, 2, "rate")


def _draw(plan: Plan, page: Page) -> None:
    """A person's year with a monthly draw."""
    ledger, people = plan.table("Ledger"), plan.table("People")
    page.heading("B31", Text("预支示例：一个人的一年", "Draw: one person's year"), "L31")
    sellers = [r["person"] for r in plan.rows("Quotas")]
    page.label("B32", Text("工号（请选择）", "Person (choose)"))
    page.input("C32", sellers[-1] if sellers else None, "id", "draw_person")
    page.validate("C32", source=people.id, note=Text("选择工号", "choose a person"), strict=False)
    page.figure("D32", Text("姓名", "Name"), f'=IFERROR(INDEX({people.name},MATCH(draw_person,{people.id},0)),"–")', "text")
    page.label("H32", Text("每月预支（元）", "Draw a month (yuan)"), grow=False)
    page.input("J32", 5000 if sellers else 0, "money", "draw_amount", low=0)
    page.label("K32", Text("方式", "Kind"))
    page.input("L32", DRAW_KINDS[0], "general", "draw_kind", choices=DRAW_KINDS)
    heads = (
        Text("期间", "Period"),
        Text("应得提成", "Earned"),
        Text("实发", "Paid"),
        Text("调整", "Adjustment"),
        Text("欠款余额", "Debt"),
    )
    page.header("B33", heads)
    for month in range(1, 13):
        row = 33 + month
        page.formula(f"B{row}", f'={plan.name("plan_year")}&"-{month:02}"', "text")
        page.formula(f"C{row}", f"=SUMIFS({ledger.commission},{ledger.person},draw_person,{ledger.period},B{row})", "fen")
    page.spill("D34", "=SALES_DRAW(C34:C45,draw_amount,draw_kind,0)", 12, 3, "fen")


# -------------------------------------------------------------------------------------------------------------- people


def credited(plan: Plan) -> str:
    """What everybody with a quota booked up to the as-of date, an array as long as the Quotas Table."""
    quotas, deals = plan.table("Quotas"), plan.table("Deals")
    until = f'{deals.date},"<="&{plan.name("as_of")}'
    return "+".join(
        f"SUMIFS({getattr(deals, part)},{getattr(deals, who)},{quotas.person},{until})"
        for who, part in (("seller", "seller_revenue"), ("partner", "partner_revenue"))
    )


def _people(plan: Plan, page: Page) -> None:
    """Everybody with a quota: bookings, attainment, commission; one spill a column, as long as the Quotas Table."""
    quotas, ledger = plan.table("Quotas"), plan.table("Ledger")
    count, top = plan.count("Quotas"), PEOPLE_TOP + 1
    page.heading(f"B{PEOPLE_TOP - 2}", Text("每人达成与提成", "Everyone's attainment and commission"), "L" + str(PEOPLE_TOP - 2))
    booked = credited(plan)
    earned = f"ROUND(SUMIFS({ledger.commission},{ledger.person},{quotas.person}),2)"
    paid = f"ROUND(SUMIFS({ledger.commission},{ledger.person},{quotas.person},{ledger.status},{plan.quoted(Text('已付', 'Paid'))}),2)"
    open_ = f"ROUND(SUMIFS({ledger.commission},{ledger.person},{quotas.person},{ledger.status},{plan.quoted(Text('<>已付', '<>Paid'))}),2)"
    quota = allocated(plan)
    columns = (
        ("B", Text("工号", "ID"), f'={quotas.person}&""', "text", "seller_ids"),
        ("C", Text("姓名", "Name"), f'={quotas.name}&""', "text", "seller_names"),
        ("D", Text("年度指标", "Quota"), f"={quota}", "money", "seller_quotas"),
        ("E", Text("签单业绩", "Bookings credited"), f"={booked}", "money", "seller_bookings"),
        ("F", Text("达成率", "Attainment"), f"=IF({quota}=0,0,({booked})/{quota})", "rate", "seller_attainment"),
        ("G", Text("序号", "No."), f"=IFERROR(MATCH({quotas.person},{quotas.person},0),0)", "int", "seller_places"),
        ("H", Text("提成", "Commission"), f"={earned}", "fen", "seller_commission"),
        ("I", Text("其中已付", "of which paid"), f"={paid}", "fen", None),
        ("J", Text("未付", "Not yet paid"), f"={open_}", "fen", None),
    )
    for letter, head, formula, fmt, name in columns:
        page.spill(f"{letter}{top}", formula, count, 1, fmt, name=name, headers=[head], indent=[0] if fmt == "text" else ())
