"""Commission: what one deal pays and why, who earned what, the team's sprint bonus, draws and the rates in force."""

from __future__ import annotations

from udfs.policy import POLICIES
from udfs.text import Text
from workbook_templates.chapters.incentives.tables.accounts import ACCOUNT_STATES
from workbook_templates.page import style
from workbook_templates.page.builder import Page, Plan
from workbook_templates.page.navigation import RESULT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables import policies
from workbook_templates.tables.schema import LINES

DRAW_KINDS = (
    Text("可扣回", "recoverable"),
    Text("先扣后补", "recoverable_first"),
    Text("保底(不扣回)", "non-recoverable"),
    Text("滚动预支", "rolling"),
)
PEOPLE_TOP = 64  # header row of the people's list, the last block because it grows

_LINES_TOP = 19  # first row of the lines' sprint bonus
TIERS = len(POLICIES["commission.thresholds"].value)
SPARE_TIERS = 4  # a list of tiers may get longer
CHOSEN = "INDEX(chosen_tiers#,0,1),INDEX(chosen_tiers#,0,2)"


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "commission",
        Text("提成", "Commission"),
        Text(
            "选一张订单看它怎么算出来；团队冲刺奖、预支、按日期取档、每人达成与提成",
            "Choose a deal and see its commission worked out; bonus, draws, everyone's attainment",
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


def due(plan: Plan) -> str:
    """What every deal pays by the plan's tiers of its day, seller and partner together: an array as long as Deals.

    An estimate: rules, credits on top, factors and what was decided by hand are the ledger's.
    """
    deals = plan.table("Deals")
    columns = (
        deals.id,
        deals.date,
        deals.seller,
        deals.revenue,
        deals.margin_rate,
        deals.partner,
        deals.seller_share,
        deals.original,
    )
    return _due(plan, ",".join(columns), plan.policy("commission.basis"))


def _due(plan: Plan, columns: str, basis: str) -> str:
    policy = ",".join(plan.policy(f"commission.{key}") for key in ("thresholds", "rates", "digits"))
    return f"SALES_COMMISSIONDUE({columns},{policy},{basis},{_dated_tiers(plan)})"


def _one_deal(plan: Plan, page: Page) -> None:
    """The chosen deal's facts and its commission."""
    deals, people = plan.table("Deals"), plan.table("People")
    page.heading("B5", Text("一张订单的提成", "What one deal pays"), "F5")
    page.label("B6", Text("单号（请选择）", "Deal ID (choose)"))
    page.width(**dict.fromkeys("CDEFHIJ", 16.5), L=16.5)  # the whole is one page wide
    page.input("C6", _first_split(plan), "id", "chosen_deal")
    page.validate("C6", source=deals.id, note=Text("从成交表中选择单号", "choose a deal of the Deals sheet"), strict=False)
    seller, partner = _lookup(plan, "seller"), _lookup(plan, "partner")
    name_of = f"INDEX({people.name},MATCH({{}},{people.id},0))"
    facts: tuple[tuple[Text, str, str, str | None, Text | str], ...] = (
        (Text("签单日期", "Signed on"), f'=IFERROR({_lookup(plan, "date")},"–")', "date", "chosen_date", ""),
        (Text("取档日（退货用原单）", "Tiers' day (a return: its order's)"), f"={_day(plan)}", "date", "chosen_day", ""),
        (Text("收入", "Revenue"), f"=IFERROR(N({_lookup(plan, 'revenue')}),0)", "money", "chosen_revenue", Text("元", "yuan")),
        (Text("毛利率", "Margin rate"), f"=IFERROR(N({_lookup(plan, 'margin_rate')}),0)", "rate2", "chosen_margin_rate", ""),
        (Text("主办", "Seller"), f'=IFERROR({name_of.format(seller)},"–")', "text", None, ""),
        (Text("主办层级（当日）", "Seller's level on that day"), _level(plan, seller), "text", "chosen_level", ""),
        (Text("协同", "Partner"), f'=IFERROR({name_of.format(partner)},"–")', "text", None, ""),
        (Text("提成（单独计算）", "Commission (by itself)"), _alone(plan), "fen", "chosen_commission", Text("元", "yuan")),
        (Text("提成口径（参数）", "Basis (Settings)"), f"={plan.policy('commission.basis')}", "text", None, ""),
    )
    for row, (label, formula, fmt, name, unit) in enumerate(facts, 7):
        page.formula(f"C{row}", formula, fmt, name)
        page.label(f"B{row}", label)
        page.sheet[f"B{row}"].border = style.BOX
        if unit:
            page.label(f"D{row}", unit, muted=True)


def _alone(plan: Plan) -> str:
    """What the chosen deal pays by itself, whatever the basis: the working beside it explains this amount."""
    seller, partner = (f'IFERROR({_lookup(plan, key)}&"","")' for key in ("seller", "partner"))
    columns = f'chosen_deal&"",chosen_day,{seller},chosen_revenue,chosen_margin_rate,{partner},chosen_share,""'
    return f"={_due(plan, columns, plan.quoted(POLICIES['commission.basis'].words[0]))}"


def _day(plan: Plan) -> str:
    """The day that chooses the tiers: a return has its order's."""
    deals = plan.table("Deals")
    order = f"INDEX({deals.date},MATCH({_lookup(plan, 'original')},{deals.id},0))"
    return f"IFERROR({order},IF(ISNUMBER(chosen_date),chosen_date,{plan.name('as_of')}))"


def _level(plan: Plan, seller: str) -> str:
    """The seller's level on that day."""
    people = plan.table("People")
    return f'=IFERROR(SALES_ASOF({seller},chosen_day,{people.id},{people.level},{plan.moves("level")}),"–")'


def _first_split(plan: Plan) -> str | None:
    """A deal worth looking at: large, shared, not quite paid and in the highest tier, if there is one."""
    rows = plan.rows("Deals")
    top = POLICIES["commission.thresholds"].value[-1]
    shared = [
        r
        for r in rows
        if r.get("partner") and r["revenue"] > (r.get("collected") or 0.0) and r["cost"] < r["revenue"] * (1 - top)
    ]
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
    bands = f"SALES_COMMISSIONBANDS(chosen_revenue,chosen_margin_rate,{CHOSEN})"
    page.spill("H7", "=" + bands, TIERS, 5, ("rate", "rate", "fen", "rate", "fen"), headers=heads)
    page.label("H14", Text("各档合计", "Sum of the tiers"), bold=True)
    page.formula("L14", f"=SUM(INDEX({bands},0,5))", "fen", bold=True)
    page.label("H15", Text("与提成之差（取整）", "Difference (rounding)"), muted=True, grow=False)
    page.formula("L15", "=ROUND(L14-chosen_commission,2)", "fen")


def _release(plan: Plan, page: Page) -> None:
    """Who gets it, how much is released by cash received, what a return takes back."""
    deals = plan.table("Deals")
    page.heading("B17", Text("分摊、发放与追回", "Split, release and clawback"), "F17")
    share = f'IF(IFERROR({_lookup(plan, "partner")},"")="",1,{_lookup(plan, "seller_share")})'
    page.figure("B18", Text("主办份额", "Seller share"), f"=IFERROR({share},1)", "rate", "chosen_share")
    page.figure("B19", Text("协同份额", "Partner share"), "=1-chosen_share", "rate")
    page.label("B20", Text("主办 / 协同提成", "Seller's and partner's part"))
    by_seller = f"SALES_COMMISSION(chosen_revenue,chosen_margin_rate,{CHOSEN},{plan.policy('commission.digits')})"
    page.formula("C20", f"=INDEX(SALES_SPLITCREDIT({by_seller},C18:C19),1)", "fen")
    page.formula("D20", "=ROUND(chosen_commission-C20,2)", "fen")
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
    for row, (label, formula, fmt, name) in enumerate(rows, 21):
        page.figure(f"B{row}", label, formula, fmt, name, Text("元", "yuan"))


# ------------------------------------------------------------------------------------------------- teams, rates, draws


def _sprint(plan: Plan, page: Page) -> None:
    """2% of the quarter's excess into the team's travel fund, by line: the quarter of the as-of date; the list has its own sheet."""
    page.heading("H17", Text("本季团队冲刺奖（进团队旅游基金）", "This quarter's sprint bonus (travel fund)"), "L17")
    heads = (
        Text("条线", "Line"),
        Text("季度指标", "Quota"),
        Text("季度业绩", "Actual"),
        Text("达成率", "Attainment"),
        Text("冲刺奖", "Sprint bonus"),
    )
    page.header("H18", heads)
    year, as_of = plan.name("plan_year"), plan.name("as_of")
    quarter = f"INT((MONTH(MAX(DATE({year},1,1),MIN({as_of},DATE({year},12,31))))+2)/3)"
    lines, quarters = plan.name("sprint_lines"), plan.name("sprint_quarters")
    for row, word in enumerate(LINES, _LINES_TOP):
        page.label(f"H{row}", word.label)
        for letter, name, fmt in (("I", "quotas", "money"), ("J", "actuals", "money"), ("L", "earned", "fen")):
            amount = f"SUMIFS({plan.name(f'sprint_{name}')},{lines},H{row},{quarters},{quarter})"
            page.formula(f"{letter}{row}", f"={amount}", fmt)
        page.formula(f"K{row}", f"=IF(I{row}=0,0,J{row}/I{row})", "rate2")
    page.label(
        f"H{_LINES_TOP + len(LINES)}",
        Text("各季的金额、支出与余额见“团队基金”；旅游奖励应按税法计入个人所得", "All quarters, spending and balance: sheet Travel fund; travel given to staff is taxable"),
        muted=True,
        grow=False,
    )  # fmt: skip


def allocated(plan: Plan) -> str:
    """Everybody's quota of the year, as the Quotas sheet allocates it: an array as long as the Quotas Table."""
    quotas, total = plan.table("Quotas"), plan.name("quota_total")
    parts = f"SALES_QUOTAALLOCATE({total},{quotas.weight},{quotas.floor},{quotas.cap})"
    return f"IF(OR({total}=0,SUM({quotas.weight})=0),0,{parts})"


def _rates(plan: Plan, page: Page) -> None:
    """The tiers in force on the chosen deal's day: those of Settings, as Policy changes change them."""
    top = max(25, _LINES_TOP + len(LINES) + 3)  # header row: below the lines, however many there are
    page.heading(f"H{top - 1}", Text("签单日的提成档", "Rates on the day the deal was signed"), f"L{top - 1}")
    heads = (Text("毛利率下限", "From margin"), Text("比例", "Rate"))
    tiers = f"SALES_RATETABLE({_dated_tiers(plan)},chosen_day)"
    page.spill(f"H{top + 1}", f"={tiers}", TIERS, 2, "rate", "chosen_tiers", heads)
    page.label(
        f"H{top + TIERS + 2 + SPARE_TIERS}",
        Text(
            "以后的档在“制度变更”登记；某些人的档在“提成规则”",
            "Later rates: Policy changes; rates of some people: Commission rules",
        ),
        muted=True,
        grow=False,
    )


def _dated_tiers(plan: Plan) -> str:
    """The tiers of everybody by the day they hold from."""
    changes = plan.table(policies.TABLE)
    base = ",".join(plan.name(POLICIES[f"commission.{key}"].base_name) for key in ("thresholds", "rates"))
    return f"SALES_POLICYTIERS({base},{changes.policy},{changes.valid_from},{changes.read})"


def _draw(plan: Plan, page: Page) -> None:
    """A person's year with a monthly draw."""
    accounts, people = plan.table("Accounts"), plan.table("People")
    page.heading("B43", Text("预支示例：一个人的一年", "Draw: one person's year"), "L43")
    sellers = [r["person"] for r in plan.rows("Quotas")]
    page.label("B44", Text("工号（请选择）", "Person (choose)"))
    page.input("C44", sellers[-1] if sellers else None, "id", "draw_person")
    page.validate("C44", source=people.id, note=Text("选择工号", "choose a person"), strict=False)
    page.figure("D44", Text("姓名", "Name"), f'=IFERROR(INDEX({people.name},MATCH(draw_person,{people.id},0)),"–")', "text")
    page.label("H44", Text("每月预支（元）", "Draw a month (yuan)"), grow=False)
    page.input("J44", 5000 if sellers else 0, "money", "draw_amount", low=0)
    page.label("K44", Text("方式", "Kind"))
    page.input("L44", DRAW_KINDS[0], "general", "draw_kind", choices=DRAW_KINDS)
    heads = (
        Text("期间", "Period"),
        Text("应得提成", "Earned"),
        Text("实发", "Paid"),
        Text("调整", "Adjustment"),
        Text("欠款余额", "Debt"),
    )
    page.header("B45", heads)
    for month in range(1, 13):
        row = 45 + month
        page.formula(f"B{row}", f'={plan.name("plan_year")}&"-{month:02}"', "text")
        mine = f"{accounts.person},draw_person,{accounts.month},B{row}"
        columns = (accounts.opening, accounts.released, accounts.clawback, accounts.adjustment)
        page.formula(f"C{row}", "=" + "+".join(f"SUMIFS({column},{mine})" for column in columns), "fen")
    page.spill("D46", "=SALES_DRAW(C46:C57,draw_amount,draw_kind,0)", 12, 3, "fen")


# -------------------------------------------------------------------------------------------------------------- people


def _people(plan: Plan, page: Page) -> None:
    """Everybody with a quota: what counts, attainment of the year on record, commission; one spill a column."""
    quotas, accounts = plan.table("Quotas"), plan.table("Accounts")
    count, top = plan.count("Quotas"), PEOPLE_TOP + 1
    page.heading(f"B{PEOPLE_TOP - 2}", Text("每人达成与提成", "Everyone's attainment and commission"), "L" + str(PEOPLE_TOP - 2))
    moved = (accounts.released, accounts.clawback, accounts.adjustment)
    mine = f'{accounts.person},{quotas.person},{accounts.month},{plan.name("plan_year")}&"-*"'
    earned = f"ROUND({'+'.join(f'SUMIFS({column},{mine})' for column in moved)},2)"
    paid_out = plan.quoted(next(word.label for word in ACCOUNT_STATES if word.code == "paid"))
    paid = f"ROUND(SUMIFS({accounts.paid},{mine},{accounts.statement},{paid_out}),2)"
    open_ = f"ROUND(SUMIFS({accounts.paid},{mine})-({paid}),2)"
    columns = (
        ("B", Text("工号", "ID"), f'={quotas.person}&""', "text", "seller_ids"),
        ("C", Text("姓名", "Name"), f'={quotas.name}&""', "text", "seller_names"),
        ("D", Text("年度指标", "Quota"), f"={plan.name('person_recorded')}#", "money", "seller_quotas"),
        ("E", Text("累计业绩", "Actual"), f"={plan.name('person_actual')}#", "money", "seller_bookings"),
        ("F", Text("达成率", "Attainment"), f"=IF(D{top}#=0,0,E{top}#/D{top}#)", "rate", "seller_attainment"),
        ("G", Text("序号", "No."), f"=IFERROR(MATCH({quotas.person},{quotas.person},0),0)", "int", "seller_places"),
        ("H", Text("提成", "Commission"), f"={earned}", "fen", "seller_commission"),
        ("I", Text("其中已发放", "of which paid"), f"={paid}", "fen", None),
        ("J", Text("未发放", "Not yet paid"), f"={open_}", "fen", None),
    )
    for letter, head, formula, fmt, name in columns:
        page.spill(f"{letter}{top}", formula, count, 1, fmt, name=name, headers=[head], indent=[0] if fmt == "text" else ())


SHEET = PlanSheet(41, build, part=RESULT)
