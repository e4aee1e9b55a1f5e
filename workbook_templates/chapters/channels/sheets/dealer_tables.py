"""The sheets of the channels' Tables: what is typed in or pasted, with what the plan's functions say of it beside."""

from __future__ import annotations

from udfs import call
from udfs.policy import POLICIES
from udfs.text import Text
from workbook_templates.chapters.channels.sheets.channels import HELD
from workbook_templates.chapters.channels.tables import EXIT_WORDS, REGISTRATION_STATES
from workbook_templates.page import style
from workbook_templates.page.builder import CUT, Page, Plan
from workbook_templates.page.navigation import INPUT, RESULT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import EVEN, Watch
from workbook_templates.tables.schema import YUAN
from workbook_templates.xlsx.refs import MAX_ROW

TOP = 6  # header row of a Table
OVERSEAS_TOP = 17  # of those under the pilot's goals
FX_MOVE = -0.05
PROTECTED, EXPIRED, CONFLICT = Text("保护中", "Protected"), Text("已过期", "Expired"), Text("冲突", "Conflict")
FINE, ENDED = Text("正常", "Fine"), Text("已终止", "Ended")
REACHED, SHORT = Text("达标", "Reached"), Text("未达", "Short")


def build(plan: Plan) -> None:
    """The sheets, a topic each."""
    _dealers(plan)
    _quarters(plan)
    _orders(plan)
    _stock(plan)
    _training(plan)
    _claims(plan)
    _overseas(plan)
    _ledger(plan)


def _page(plan: Plan, key: str, title: Text, purpose: Text, todo: Text, freeze: str = "D", part: str = "") -> Page:
    page = plan.page(key, title, purpose, part=part, freeze=f"{freeze}{TOP + 1}", todo=todo)
    page.print_titles(TOP)
    return page


def _dealers(plan: Plan) -> None:
    page = _page(
        plan,
        "dealers",
        Text("经销商", "Dealers"),
        Text(
            "一家一行：授权区域、独家行业、联系人与渠道经理",
            "One row a dealer: territory, exclusive industry, contact and manager",
        ),
        Text("维护经销商、授权区域与邮箱", "Keep dealers, territories and mail addresses up to date"),
    )
    page.records("Dealers", f"B{TOP}")
    _standing(plan, page)
    dealers = plan.table("Dealers")
    call_ = f"SALES_EXCLUSIVITY({dealers.industry},{dealers.name})"
    rows = plan.rows("Dealers")
    found = call("EXCLUSIVITY", [[r["industry"]] for r in rows], [[r["name"]] for r in rows]) if rows else [[]]
    page.spill(
        f"O{TOP + 1}",
        f'=IF(COUNTA({dealers.id})=0,"–",{call_})',
        len(found),
        3 if rows else 1,
        ("text", "int", "text"),
        "exclusivity_list",
        [Text("独家冲突的行业", "Industries in conflict"), Text("代理家数", "Agents"), Text("代理", "Who")],
        indent=[0, 2],
    )
    page.figure(
        f"S{TOP}",
        Text("独家冲突", "Exclusivity conflicts"),
        f"=IF(COUNTA({dealers.id})=0,0,SUMPRODUCT((INDEX({call_},0,2)>1)*1))",
        "int",
        "exclusivity_conflicts",
    )
    page.condition(f"T{TOP}", f"T{TOP}>0", style.RED)
    page.width(M=28, N=2.5, O=24, Q=68, R=2.5)
    page.prints(f"A1:M{MAX_ROW}", CUT)  # who is where they stand; whom to write to is folded away


def _standing(plan: Plan, page: Page) -> None:
    """Beside each dealer how it stands, with its light, and with whom it collides."""
    dealers, count = plan.table("Dealers"), plan.count("Dealers")
    none = f"COUNTA({dealers.id})=0"
    verdict = f"{plan.name('dealer_verdict')}#"
    crossed = f"COUNTIF({plan.name('cross_list')}#,{dealers.id})"
    shared = (
        f'({dealers.industry}<>"")*(COUNTIFS({dealers.industry},{dealers.industry}&"",{dealers.left},"")>1)*({dealers.left}="")'
    )
    fine, clash, ended = (plan.quoted(word) for word in (FINE, CONFLICT, ENDED))
    exit_, warned = (plan.quoted(word.label) for word in EXIT_WORDS[:0:-1])
    state = f'IF({dealers.left}<>"",{ended},IF(({verdict}={exit_})+({verdict}={warned})>0,{verdict},IF(({shared})+({crossed})>0,{clash},{fine})))'
    page.spill(f"L{TOP + 1}", f'=IF({none},"–",{state})', count, 1, "word", "dealer_standing", [Text("现状", "Standing")])
    same, cross, orders = (plan.quoted(text) for text in (
        Text("独家行业重复；", "industry given twice; "), Text("串货 ", "out of territory: "), Text(" 单", " orders")))  # fmt: skip
    said = f'IF({shared}>0,{same},"")&IF({crossed}>0,{cross}&{crossed}&{orders},"")'
    heads = [Text("冲突", "Conflicts")]
    page.spill(f"M{TOP + 1}", f'=IF({none},"–",{said})', count, 1, "text", "dealer_conflicts", heads, indent=[0])
    page.lights(f"L{TOP + 1}:L{TOP + count}", good=FINE, fair=EXIT_WORDS[1].label, bad=EXIT_WORDS[2].label, off=ENDED)
    page.lights(f"L{TOP + 1}:L{TOP + count}", bad=CONFLICT)


def _quarters(plan: Plan) -> None:
    page = _page(
        plan,
        "dealer_sales",
        Text("经销商季度", "Dealer quarters"),
        Text(
            "每家每季一行；右侧为“633”达成与返利（口径与档位见“参数”）",
            "One row a dealer and quarter; beside it the 633 and the rebate, by the policy on Settings",
        ),
        Text("每季填四个数，其余自动得出", "Four figures a quarter; the rest follows"),
    )
    page.records("DealerSales", f"B{TOP}")
    sales, count = plan.table("DealerSales"), plan.count("DealerSales")
    none = f"COUNTA({sales.dealer})=0"
    ratios = f"SALES_CHANNEL633({sales.share},{sales.growth},{sales.new_product},{plan.policy('channels.targets')})"
    heads = (
        Text("占比达成", "Share"), Text("增长达成", "Growth"), Text("新品达成", "New products"), Text("均值", "Mean"),
        Text("最低", "Minimum"),
    )  # fmt: skip
    for place, (letter, head) in enumerate(zip("KLMNO", heads, strict=True), 1):
        told = f"INDEX({ratios},0,{place})"
        if place in (2, 4, 5):  # nothing to compare with: growth, mean and minimum are not rated
            told = f'IF({sales.growth}="","–",{told})'
        told = f'=IF({none},"–",{told})'
        page.spill(f"{letter}{TOP + 1}", told, count, 1, "rate", f"dealer_ratio_{place}", [head])
    each = f"{plan.policy('channels.exit_basis')}={plan.quoted(POLICIES['channels.exit_basis'].words[1])}"
    page.spill(
        f"P{TOP + 1}", f"=IF({each},dealer_ratio_5#,dealer_ratio_4#)", count, 1, "rate", "dealer_counted",
        [Text("考核达成", "Counted")],
    )  # fmt: skip
    page.condition(
        f"P{TOP + 1}:P{TOP + count}",
        f"AND(ISNUMBER(P{TOP + 1}),P{TOP + 1}<{plan.policy('channels.exit_limit')}-0.0000000001)",
        style.RED,
    )
    _live_rebates(plan, page, none, count)
    page.width(J=2.5)


def _live_rebates(plan: Plan, page: Page, none: str, count: int) -> None:
    """What the tiers give today, and whether the last exams let it be paid; a quarter that is not over earns nothing yet."""
    sales, dealers = plan.table("DealerSales"), plan.table("Dealers")
    lowest = "IF(INDEX(exam_verdict#,{at})={held},0,100)".format(
        at=f"MATCH({sales.dealer},{dealers.id},0)", held=plan.quoted(HELD)
    )
    tiers = f"{plan.policy('rebate.thresholds')},{plan.policy('rebate.rates')}"
    terms = f"IFERROR({lowest},0),{plan.policy('rebate.pass_score')},{plan.policy('rebate.mode')}"
    this_year = f"(LEFT({sales.quarter},4)*1={plan.name('plan_year')})"
    over = f"{this_year}*(DATE(LEFT({sales.quarter},4),3*RIGHT({sales.quarter},1)+1,1)-1<={plan.name('as_of')})"
    plan.name("exam_verdict")
    for place, (letter, head, name) in enumerate(
        (
            ("Q", Text("现算应付", "Paid, as of now"), "rebate_live_paid"),
            ("R", Text("现算应扣", "Withheld, as of now"), "rebate_live_held"),
        ),
        1,
    ):
        told = f"=IF({none},0,IFERROR({over}*1,0)*INDEX(SALES_REBATE({sales.sales},{tiers},{terms}),0,{place}))"
        page.spill(f"{letter}{TOP + 1}", told, count, 1, "fen", name, [head], [YUAN])


def _orders(plan: Plan) -> None:
    page = _page(
        plan,
        "dealer_orders",
        Text("经销商出货", "Dealer orders"),
        Text(
            "经销商卖给终端的流向；判断串货与库存天数",
            "What dealers sold on, and where: shows out-of-territory sales and days of stock",
        ),
        Text("每月粘贴流向单；云商城订单的经销商留空", "Paste the sell-through each month; a cloud-store order has no dealer"),
    )
    page.records("DealerOrders", f"B{TOP}")
    orders, rows = plan.table("DealerOrders"), plan.rows("DealerOrders")
    territory = {d["id"]: d["territory"] for d in plan.rows("Dealers")}
    cells = [[[r["region"]] for r in rows], [[r["dealer"]] for r in rows], [[territory.get(r["dealer"])] for r in rows]]
    found = call("CROSSSELLING", *cells) if rows else [[]]
    call_ = f"SALES_CROSSSELLING({orders.region},{orders.dealer},{orders.territory})"
    page.spill(
        f"L{TOP + 1}",
        f'=IF(COUNTA({orders.id})=0,"–",{call_})',
        len(found),
        4 if rows else 1,
        ("text", "text", "text", "int"),
        "cross_list",
        [
            Text("串货经销商", "Dealer"),
            Text("订单区域", "Order's region"),
            Text("授权区域", "Territory"),
            Text("第几单", "Order no."),
        ],
        indent=[0, 1, 2],
    )
    page.figure(
        f"Q{TOP}",
        Text("串货单数", "Orders in conflict"),
        f"=IF(COUNTA({orders.id})=0,0,SUMPRODUCT((INDEX({call_},0,4)>0)*1))",
        "int",
        "cross_conflicts",
    )
    page.condition(f"R{TOP}", f"R{TOP}>0", style.RED)
    page.width(K=2.5, L=20, N=22, P=2.5)


def _stock(plan: Plan) -> None:
    page = _page(
        plan,
        "dealer_stock",
        Text("渠道库存", "Dealer stock"),
        Text("按原发票批次的库存；退出时按原发票价回购", "Stock by original invoice; bought back at the invoice price on exit"),
        Text("每季盘点后粘贴库存", "Paste the stock after each quarter's count"),
    )
    page.records("Stock", f"B{TOP}")
    stock = plan.table("Stock")
    page.spill(
        f"M{TOP + 1}",
        f"=SALES_BUYBACK({stock.value},{plan.policy('channels.buyback_rate')})",
        plan.count("Stock"),
        1,
        "fen",
        "lot_buyback",
        [Text("回购额", "Buyback")],
        [YUAN],
    )
    page.width(L=2.5)


def _training(plan: Plan) -> None:
    page = _page(
        plan,
        "dealer_training",
        Text("渠道培训", "Dealer training"),
        Text(
            "四学院考试与上课记录；任一学院不及格则返利暂扣",
            "Exams of four colleges and lessons; a failed exam withholds the rebate",
        ),
        Text("考试、上课后各记一行", "A row after each exam and each lesson"),
        freeze="B",
    )
    last = page.records("Exams", f"B{TOP}")
    page.condition(f"E{TOP + 1}:E{last}", f"AND(ISNUMBER(E{TOP + 1}),E{TOP + 1}<{plan.policy('rebate.pass_score')})", style.RED)
    page.records("Lessons", f"I{TOP}")
    page.width(H=2.5)


def _claims(plan: Plan) -> None:
    page = _page(
        plan,
        "dealer_claims",
        Text("基金与报备", "Fund & registrations"),
        Text("市场基金核销；商机报备与保护期", "Marketing fund claims; deal registrations and their protection"),
        Text("登记核销与报备，更新状态", "Enter claims and registrations, keep their state"),
        freeze="B",
    )
    page.records("Fund", f"B{TOP}")
    fund = plan.table("Fund")
    terms = ",".join(plan.policy(f"fund.{key}") for key in ("ratio", "company_share", "mode"))
    page.spill(
        f"J{TOP + 1}",
        f"=SALES_FUNDWRITEOFF({fund.spend},{fund.revenue},{terms})",
        plan.count("Fund"),
        1,
        "fen",
        "claim_paid",
        [Text("公司承担", "Our part")],
        [YUAN],
    )
    last = TOP + plan.count("Fund")
    page.condition(f"J{TOP + 1}:J{last}", f"AND(N($F{TOP + 1})>0,J{TOP + 1}=0)", style.RED)
    page.records("Registrations", f"L{TOP}")
    _registrations(plan, page)
    page.width(I=2.5, K=2.5, S=2.5)


def _registrations(plan: Plan, page: Page) -> None:
    """Until when a registration protects, and whether two dealers claim the same customer."""
    table, count, as_of = plan.table("Registrations"), plan.count("Registrations"), plan.name("as_of")
    days = plan.policy("channels.protection_days")
    until = f'IF({table.registered}="","",IF({table.valid_until}="",{table.registered}+{days},{table.valid_until}))'
    page.spill(f"T{TOP + 1}", f"={until}", count, 1, "date", "protected_until", [Text("实际保护至", "Protected until, in fact")])
    open_ = plan.quoted(REGISTRATION_STATES[0].label)
    both = f'COUNTIFS({table.customer},{table.customer},{table.status},{open_},{table.dealer},"<>"&{table.dealer})'
    words = [plan.quoted(w) for w in (EXPIRED, CONFLICT, PROTECTED)]
    told = f'=IF({table.status}<>{open_},"–",IF({until}<{as_of},{words[0]},IF({both}>0,{words[1]},{words[2]})))'
    page.spill(f"U{TOP + 1}", told, count, 1, "word", "registration_light", [Text("报备状况", "Light")])
    for (cell,) in page.sheet[f"U{TOP + 1}:U{TOP + count}"]:
        cell.alignment = style.align("center")
    page.lights(f"U{TOP + 1}:U{TOP + count}", good=PROTECTED, fair=EXPIRED, bad=CONFLICT)
    page.figure(
        f"W{TOP}",
        Text("报备冲突", "Registrations in conflict"),
        f"=SUMPRODUCT((registration_light#={plan.quoted(CONFLICT)})*1)",
        "int",
        "registration_conflicts",
    )
    page.condition(f"X{TOP}", f"X{TOP}>0", style.RED)
    page.width(V=2.5)


def _overseas(plan: Plan) -> None:
    page = plan.page(
        "overseas",
        Text("海外与战队", "Overseas and squads"),
        Text("海外安装商试点、每月高层走访、每季联合战队", "The overseas pilot, monthly senior visits, quarterly joint squads"),
        todo=Text("更新收入、汇率、走访与战队进展", "Keep revenue, rates, visits and squads up to date"),
    )
    top = OVERSEAS_TOP
    page.print_titles(top)
    page.records("Installers", f"B{top}")
    page.records("OverseasVisits", f"M{top}")
    page.records("Squads", f"R{top}")
    page.width(L=2.5, Q=2.5)
    _pilot(plan, page)
    _visits(plan, page)
    _squads(plan, page)
    _watches(plan, page)


def _pilot(plan: Plan, page: Page) -> None:
    """The pilot against its goals, and what a move of the exchange rates would do to its margin."""
    made = plan.table("Installers")
    page.heading("B5", Text("海外试点", "Overseas pilot"), "F5")
    page.header("B6", [Text("指标", "Goal"), Text("实际", "Actual"), Text("目标", "Target"), Text("状态", "Light")])
    rows = (
        (
            Text("安装商（家）", "Installers"),
            f'=COUNTIFS({made.id},"?*")',
            plan.policy("overseas.installers"),
            "int",
            "overseas_count",
        ),
        (
            Text("收入（元）", "Revenue, yuan"),
            f"=ROUND(SUM({made.yuan}),2)",
            plan.policy("overseas.revenue"),
            "scaled",
            "overseas_revenue",
        ),
        (
            Text("毛利率", "Margin rate"),
            f"=IF(SUM({made.yuan})=0,0,1-SUM({made.cost})/SUM({made.yuan}))",
            plan.policy("overseas.margin"),
            "rate",
            "overseas_margin",
        ),
    )
    for row, (label, formula, goal, fmt, name) in enumerate(rows, 7):
        page.label(f"B{row}", label)
        page.formula(f"C{row}", formula, fmt, name)
        page.formula(f"D{row}", f"={goal}", fmt)
        page.formula(f"E{row}",
                     f"=IF({plan.name('overseas_count')}=0,\"–\",IF(ROUND(C{row}-D{row},10)>=0,{plan.quoted(REACHED)},{plan.quoted(SHORT)}))", "word")  # fmt: skip
    page.lights("E7:E9", good=REACHED, fair=SHORT)
    page.label("B10", Text("汇率变动（假设）", "Exchange rates move by"))
    page.input(
        "C10",
        FX_MOVE,
        "rate",
        "fx_move",
        note=Text("外币对人民币的变动，如 -5%", "of the currencies against the yuan, such as -5%"),
    )
    page.label("B11", Text("届时毛利率", "Margin rate then"))
    page.formula(
        "C11", f"=IF(SUM({made.yuan})*(1+fx_move)=0,0,1-SUM({made.cost})/(SUM({made.yuan})*(1+fx_move)))", "rate", "fx_margin"
    )
    last = OVERSEAS_TOP + plan.count("Installers")
    page.condition(
        f"K{OVERSEAS_TOP + 1}:K{last}",
        f"AND(N($J{OVERSEAS_TOP + 1})>0,K{OVERSEAS_TOP + 1}<{plan.policy('overseas.margin')})",
        style.RED,
    )


def _visits(plan: Plan, page: Page) -> None:
    """A senior visit a month from the month in which the pilot began."""
    visits, made = plan.table("OverseasVisits"), plan.table("Installers")
    year, as_of, due = plan.name("plan_year"), plan.name("as_of"), plan.policy("overseas.visits")
    page.heading("G5", Text("每月高层走访", "A senior visit a month"), "K5")
    page.header("G6", [Text("月份", "Month"), Text("走访", "Visits"), "", Text("月份", "Month"), Text("走访", "Visits")])
    for month in range(1, 13):
        row, letters = (6 + month, "GH") if month < 7 else (month, "JK")
        page.label(f"{letters[0]}{row}", Text(f"{month}月", f"M{month}"), grow=False)
        first, after = f"DATE({year},{month},1)", f"DATE({year},{month + 1},1)"
        page.formula(f"{letters[1]}{row}", f'=COUNTIFS({visits.date},">="&{first},{visits.date},"<"&{after})', "int")
        cell = f"{letters[1]}{row}"
        wanted = f"AND({plan.name('overseas_count')}>0,{first}>={plan.name('pilot_start')},{after}-1<={as_of})"
        page.condition(cell, f"AND({wanted},{cell}>={due})", style.GREEN)
        page.condition(cell, f"AND({wanted},{cell}<{due})", style.RED)
    page.label("B12", Text("试点起始月", "The pilot began"))
    started = f"IF(COUNT({made.joined})=0,DATE({year},1,1),MIN({made.joined}))"
    page.formula("C12", f"=DATE(YEAR({started}),MONTH({started}),1)", "date", "pilot_start")


def _squads(plan: Plan, page: Page) -> None:
    squads = plan.table("Squads")
    # A conditional format may not name a Table's column: the count stands in a cell.
    page.label("T11", Text("战队总数", "Squads in all"))
    page.formula("U11", f"=COUNTA({squads.dealer})", "int", "squads_count")
    page.heading("R5", Text("每季联合战队", "Joint squads by quarter"), "V5")
    page.header("R6", [Text("季度", "Quarter"), Text("战队", "Squads"), Text("目标签单", "Target"), Text("已签单", "Reached")])
    for quarter in range(1, 5):
        row = 6 + quarter
        page.formula(f"R{row}", f'={plan.name("plan_year")}&"-Q{quarter}"', "general")
        page.formula(f"S{row}", f"=COUNTIFS({squads.quarter},R{row})", "int")
        page.formula(f"T{row}", f"=SUMIFS({squads.target},{squads.quarter},R{row})", "scaled")
        page.formula(f"U{row}", f"=SUMIFS({squads.reached},{squads.quarter},R{row})", "scaled")
        over = f"AND({plan.name('squads_count')}>0,DATE({plan.name('plan_year')},{3 * quarter - 2},1)<={plan.name('as_of')})"
        page.condition(f"S{row}", f"AND({over},S{row}>={plan.policy('squads.quarter')})", style.GREEN)
        page.condition(f"S{row}", f"AND({over},S{row}<{plan.policy('squads.quarter')})", style.RED)
    plan.define("squads_by_quarter", page, "S7:S10")


def _watches(plan: Plan, page: Page) -> None:
    """The overseas pilot against the part of the year that is over, and the joint squads."""
    n, visits = plan.name, plan.table("OverseasVisits")
    year, as_of, even = n("plan_year"), n("as_of"), n(EVEN)
    for key, title, target, fmt in (
        ("count", Text("海外安装商", "Overseas installers"), f"ROUND({plan.policy('overseas.installers')}*{even},0)", "int"),
        ("revenue", Text("海外收入", "Overseas revenue"), f"{plan.policy('overseas.revenue')}*{even}", "scaled"),
        ("margin", Text("海外毛利率", "Overseas margin rate"), plan.policy("overseas.margin"), "rate"),
    ):
        found = n(f"overseas_{key}")
        amount = f"{target}-{found}" if key == "revenue" else ""
        page.watch(Watch(f"overseas.{key}", title, found, target, screen=5, fmt=fmt, amount=amount, needs="Installers.id"))
    months = "{1,2,3,4,5,6,7,8,9,10,11,12}"
    first, after = f"DATE({year},{months},1)", f"DATE({year},{months}+1,1)"
    asked = f"({first}>={n('pilot_start')})*({after}-1<={as_of})"
    had = f'(COUNTIFS({visits.date},">="&{first},{visits.date},"<"&{after})>={plan.policy("overseas.visits")})'
    page.watch(
        Watch(
            "overseas.visits", Text("海外走访达标的月份", "Months with a senior visit overseas"), f"SUMPRODUCT({asked}*{had})",
            f"IF(SUMPRODUCT({asked})=0,NA(),SUMPRODUCT({asked}))", screen=5, fmt="int", needs="Installers.id",
        )
    )  # fmt: skip
    begun = f"MAX(0,MIN(4,({year}<YEAR({as_of}))*4+({year}=YEAR({as_of}))*ROUNDUP(MONTH({as_of})/3,0)))"
    enough = f"({{1;2;3;4}}<={begun})*({n('squads_by_quarter')}>={plan.policy('squads.quarter')})"
    page.watch(
        Watch(
            "squads.quarters", Text("有联合战队的季度", "Quarters with joint squads"), f"SUMPRODUCT({enough})",
            f"IF({begun}=0,NA(),{begun})", screen=5, fmt="int", needs="Squads.dealer",
        )
    )  # fmt: skip


def _ledger(plan: Plan) -> None:
    page = _page(
        plan,
        "dealer_ledger",
        Text("返利台账", "Rebate ledger"),
        Text("由“结算渠道返利”写入；已结算的只增不改", "Written by “Settle dealers”; what was settled is only added to"),
        Text("结算后审核、锁定、支付；不要手改金额", "Review, lock and pay after settling; leave the amounts"),
        part=RESULT,
    )
    last = page.records("DealerLedger", f"B{TOP}")
    labels = [word.label for word in EXIT_WORDS]
    page.lights(f"J{TOP + 1}:J{last}", good=labels[0], fair=labels[1], bad=labels[2])
    page.condition(f"G{TOP + 1}:G{last}", f"N(G{TOP + 1})>0", style.AMBER)
    page.width(R=46)


SHEET = PlanSheet(45, build, part=INPUT)
