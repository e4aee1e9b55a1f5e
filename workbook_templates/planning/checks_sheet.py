"""Checks: what must add up and what must not be in the data, each with where, found, expected and status; one master check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from udfs.text import Text
from workbook_templates import schema
from workbook_templates.planning.builder import Page, Plan
from workbook_templates.planning.channels import of_year
from workbook_templates.planning.commission import allocated, credited, due
from workbook_templates.schema import FAIL, NOTICE, PASS, TODO

ORDER = 90

TOP = 11  # header row of the list
# Dynamic arrays whose errors would not reach a sum: name of the top cell, page, what must be there.
SPILLS = (
    ("market_funnel", "market", "Regions.region"),
    ("person_months", "quotas", "Quotas.person"),
    ("seller_attainment", "commission", "Quotas.person"),
    ("line_verdicts", "budget", "Budget.line"),
    ("dealer_counted", "dealer_sales", "DealerSales.dealer"),
    ("dealer_exits", "channels", "Dealers.id"),
    ("lot_buyback", "dealer_stock", "Stock.dealer"),
    ("claim_paid", "dealer_claims", "Fund.id"),
    ("rolling_budget", "budget", "Budget.line"),
    ("customer_segments", "customers", "Customers.synergy"),
    ("handshakes_made", "handshakes", "Customers.tier"),
    ("care_pull", "customer_care", "CustomerCare.customer"),
)

LEDGER_AFRESH = Text("台账 = 重新计算的提成", "Ledger = commission computed afresh")


@dataclass(frozen=True)
class Check:
    """One line: ``found`` should be ``expected``. ``needs``: the column that must hold something, else it is still to do."""

    what: Text
    where: Text
    found: str
    expected: str
    fmt: str
    needs: str
    remedy: Text
    notice: bool = False  # a difference is worth a look but spoils nothing
    at_most: bool = False  # found may be less than expected
    at_least: bool = False  # found may be more than expected


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "checks",
        Text("检查", "Checks"),
        Text(
            "全部通过才可会签与发放；提醒不影响总检查",
            "Sign off and pay only when all is OK; a notice does not spoil the master check",
        ),
        todo=Text("逐条消除红灯", "Clear the red lights one by one"),
    )
    checks = list(_checks(plan))
    page.header(
        f"B{TOP}",
        [
            Text("序号", "No."),
            Text("检查", "Check"),
            Text("位置", "Where"),
            Text("实际", "Found"),
            Text("应为", "Expected"),
            Text("差额", "Difference"),
            Text("状态", "Status"),
            Text("怎么办", "What to do"),
        ],
    )
    for number, check in enumerate(checks, 1):
        _row(plan, page, TOP + number, number, check)
    last = TOP + len(checks)
    page.lights(f"H{TOP + 1}:H{last}", good=PASS, fair=TODO, bad=FAIL)
    page.lights(f"H{TOP + 1}:H{last}", fair=NOTICE)
    _master(plan, page, f"H{TOP + 1}:H{last}")
    plan.define(schema.CHECK_LIST, page, f"B{TOP + 1}:I{last}")
    page.sheet.print_title_rows = f"{TOP}:{TOP}"


def _master(plan: Plan, page: Page, statuses: str) -> None:
    page.heading("B5", Text("总检查", "Master check"), "I5")
    page.label("B6", Text("结论", "Verdict"), bold=True)
    fail, todo = plan.quoted(FAIL), plan.quoted(TODO)
    verdict = f"=IF(COUNTIF({statuses},{fail})>0,{fail},IF(COUNTIF({statuses},{todo})>0,{todo},{plan.quoted(PASS)}))"
    page.formula("C6", verdict, "word", "master_check", bold=True)
    page.lights("C6", good=PASS, fair=TODO, bad=FAIL)
    for row, word in enumerate((PASS, FAIL, TODO, NOTICE), 6):
        page.label(f"E{row}", word, grow=False)
        page.formula(f"F{row}", f"=COUNTIF({statuses},E{row})", "int")


def _row(plan: Plan, page: Page, row: int, number: int, check: Check) -> None:
    page.sheet[f"B{row}"] = number
    page.label(f"C{row}", check.what)
    page.label(f"D{row}", check.where, muted=True)
    empty = f"COUNTA({_column(plan, check.needs)})=0"
    # Arrays stand in these: stored as plain formulas Excel would cut them to one row's cell.
    page.formula(f"E{row}", f'=IF({empty},"–",{check.found})', check.fmt)
    page.formula(f"F{row}", f'=IF({empty},"–",{check.expected})', check.fmt)
    page.formula(f"G{row}", f'=IF(AND(ISNUMBER(E{row}),ISNUMBER(F{row})),ROUND(E{row}-F{row},4),"–")', check.fmt)
    bad = plan.quoted(NOTICE if check.notice else FAIL)
    fine = f"G{row}<=0" if check.at_most else f"G{row}>=0" if check.at_least else f"G{row}=0"
    status = f"=IF({empty},{plan.quoted(TODO)},IF(ISNUMBER(G{row}),IF({fine},{plan.quoted(PASS)},{bad}),{plan.quoted(FAIL)}))"
    page.formula(f"H{row}", status, "word")
    page.label(f"I{row}", check.remedy, muted=True)


def _home(plan: Plan, table: str) -> Text:
    """The sheet a Table stands on."""
    title = plan.tables.get(table, table)
    return Text(title, title)


def _column(plan: Plan, path: str) -> str:
    table, _, key = path.partition(".")
    return str(getattr(plan.table(table), key))


# -------------------------------------------------------------------------------------------------------------- checks


def _checks(plan: Plan) -> Iterator[Check]:
    yield from _market(plan)
    yield from _quotas(plan)
    yield from _deals(plan)
    yield from _keys(plan)
    yield from _commission(plan)
    yield from _pool(plan)
    yield from _budget(plan)
    yield from _customers(plan)
    yield from _channels(plan)
    yield from _errors(plan)


def _market(plan: Plan) -> Iterator[Check]:
    sheet = Text("市场", "Market")
    rows = f"ROWS({_column(plan, 'Regions.region')})+1"
    yield Check(
        Text("漏斗合计 = SOM", "Funnel total = SOM"), sheet, f"INDEX({plan.name('market_funnel')}#,{rows},4)",
        plan.name("som_total"), "money", "Regions.region",
        Text("查看各区域与产能", "Look at the regions and the capacity"),
    )  # fmt: skip


def _quotas(plan: Plan) -> Iterator[Check]:
    sheet, total = Text("指标", "Quotas"), plan.name("quota_total")
    remedy = Text("公式被改动：从备份恢复该区域", "A formula was changed: restore it from a copy")
    months, numbers, quarters = plan.name("quota_months"), plan.name("quota_month_numbers"), plan.name("quota_quarters")
    apart = "+".join(
        f"ABS(SUMPRODUCT(({numbers}>{3 * q - 3})*({numbers}<={3 * q})*{months})-INDEX({quarters},{q}))" for q in range(1, 5)
    )
    for what, found, expected, needs in (
        (Text("季度合计 = 全年", "Quarters add up to the year"), f"SUM({quarters})", total, "Regions.region"),
        (Text("各季的月份 = 季度", "Months add up to their quarters"), apart, "0", "Regions.region"),
        (Text("个人合计 = 全年", "People add up to the year"), f"SUM({allocated(plan)})", total, "Quotas.person"),
        (
            Text("个人月度合计 = 全年", "People's months add up to the year"),
            f"SUM({plan.name('person_months')}#)",
            total,
            "Quotas.person",
        ),
    ):
        yield Check(what, sheet, found, expected, "money", needs, remedy)
    yield Check(
        Text("在岗不超编制", "People within headcount"), Text("团队", "Team"), plan.name("headcount_now"),
        plan.name("headcount_plan"), "int", "People.id", Text("超编须审批", "More people need approval"), notice=True, at_most=True,
    )  # fmt: skip


def _deals(plan: Plan) -> Iterator[Check]:
    deals, year = plan.table("Deals"), plan.name("plan_year")
    sheet = Text("成交", "Deals")
    before, after = f'COUNTIF({deals.date},"<"&DATE({year},1,1))', f'COUNTIF({deals.date},">"&DATE({year},12,31))'
    rows = (
        (Text("签单日期在计划年度内", "Dates in the plan year"), f"{before}+{after}", Text("改正日期或移到当年的计划", "Mend the date or move the deal to its year")),
        (Text("每单有真正的日期", "Every deal has a real date"), f"COUNTA({deals.id})-COUNT({deals.date})", Text("文本日期改为日期", "Turn text into dates")),
        (Text("收入都是数字", "Revenue is a number everywhere"), f"COUNTA({deals.id})-COUNT({deals.revenue})", Text("文本或空白改为数字", "Turn text and blanks into numbers")),
        (Text("成本都是数字", "Cost is a number everywhere"), f"COUNTA({deals.id})-COUNT({deals.cost})", Text("文本或空白改为数字", "Turn text and blanks into numbers")),
        (Text("回款不超过收入", "Collected at most revenue"), f"SUMPRODUCT(({deals.collected}>{deals.revenue})*({deals.collected}>0))", Text("核对回款", "Check the cash received")),
        (
            Text("退货都有原单号", "Returns name their order"),
            f'COUNTIFS({deals.revenue},"<0")-COUNTIFS({deals.revenue},"<0",{deals.original},"?*")',
            Text("填写原单号", "Enter the original deal"),
        ),
        (
            Text("有协同的填了份额", "Shared deals have a share"),
            f'COUNTIFS({deals.partner},"?*",{deals.seller_share},"")+COUNTIFS({deals.partner},"?*",{deals.seller_share},">1")',
            Text("填写主办份额（0–100%）", "Enter the seller's share (0–100 %)"),
        ),
    )  # fmt: skip
    for what, found, remedy in rows:
        yield Check(what, sheet, found, "0", "int", "Deals.id", remedy)
    yield Check(
        Text("业绩都归到有指标的人", "Bookings all credited to people with a quota"), Text("提成", "Commission"), f"SUMPRODUCT({credited(plan)})",
        plan.name("bookings"), "money", "Deals.id", Text("给卖方补指标，或改归属", "Give the seller a quota or credit someone else"), notice=True,
    )  # fmt: skip


def _keys(plan: Plan) -> Iterator[Check]:
    """Keys are unique and what refers to them exists."""
    for name in ("Deals", "People", "Customers", "Quotas", "Dealers"):
        spec = schema.table(name)
        ids = _column(plan, f"{name}.{spec.key[0]}") + '&""'
        places = f"MATCH({ids},{ids},0)"
        yield Check(
            Text("编号不重复：", "IDs are unique: ") + spec.title, _home(plan, name),
            f"ROWS({ids[:-3]})-SUMPRODUCT((FREQUENCY({places},{places})>0)*1)", "0", "int", f"{name}.{spec.key[0]}",
            Text("删除或改正重复行", "Delete or mend the duplicates"),
        )  # fmt: skip
    for path in ("Deals.seller", "Deals.partner", "Deals.customer", "Customers.owner", "DealerSales.dealer", "Stock.dealer"):
        name, _, key = path.partition(".")
        column = schema.table(name)[key]
        here, there = _column(plan, path), _column(plan, column.refers)
        yield Check(
            Text("都已登记：", "All are known: ") + column.header, _home(plan, name),
            f'SUMPRODUCT(({here}<>"")*(COUNTIF({there},{here})=0))', "0", "int", path if key != "partner" else "Deals.id",
            Text("补登或改正编号", "Add what is missing or mend the ID"),
        )  # fmt: skip


def _commission(plan: Plan) -> Iterator[Check]:
    ledger, deals = plan.table("Ledger"), plan.table("Deals")
    sheet = Text("提成台账", "Ledger")
    remedy = Text("重新计算提成，差异以调整行写入", "Compute commissions again; write adjustments")
    yield Check(
        LEDGER_AFRESH, sheet, f"ROUND({plan.name('ledger_total')}-{plan.name('ledger_overridden')},2)",
        plan.name("commission_afresh"), "fen", "Ledger.deal", remedy,
    )  # fmt: skip
    # The number and the total of overrides stand on the ledger's sheet; who and why is all that is asked of them.
    yield Check(
        Text("手工行都写明决定人与原因", "Overrides say who decided and why"), sheet, plan.name("overrides_unexplained"), "0",
        "int", "Ledger.deal", Text("填写“决定人”与“原因”", "Enter “Decided by” and “Reason”"),
    )  # fmt: skip
    # One sum weighted by each deal's place instead of one sum a deal: as sharp, and quick with 10,000 deals.
    booked = f"SUMPRODUCT(IFERROR(MATCH({ledger.deal},{deals.id},0),0)*{ledger.revenue})"
    due = f"SUMPRODUCT(MATCH({deals.id},{deals.id},0)*{deals.revenue})"
    yield Check(
        Text("台账各单归属收入 = 订单收入（按行号加权）", "Credits add up to each deal (row-weighted)"), sheet,
        f"ROUND({booked},2)", f"ROUND({due},2)", "money", "Ledger.deal",
        Text("核对归属份额与漏计的订单", "Check credit shares and deals left out"),
    )  # fmt: skip
    yield Check(
        Text("没有争议行", "No disputed lines"), sheet, f"COUNTIFS({ledger.status},{plan.quoted(Text('争议', 'Disputed'))})", "0",
        "int", "Ledger.deal", Text("锁定前答复争议", "Answer disputes before locking"), notice=True,
    )  # fmt: skip
    # The row of the total is among them, so a month outside the year is seen, too.
    yield Check(
        Text("锁定与已付 = 批准时的对账单", "Locked and paid = statements as approved"), Text("对账单", "Statements"),
        f"SUMPRODUCT(ABS({plan.name('locked_differences')}))", "0", "fen", "Ledger.deal",
        Text("运行“检查工作簿”看是哪一行，恢复它；更正只能记入以后的月份", "Run Check workbook to see which row, and restore it; corrections go to a later month"),
    )  # fmt: skip


def _pool(plan: Plan) -> Iterator[Check]:
    sheet = Text("利润分享", "Profit pool")
    yield Check(
        Text("利润池权重合计 = 1", "Pool weights add up to 1"), Text("参数", "Settings"), f"SUM({plan.policy('pool.weights')})", "1",
        "rate2", "Pool.person", Text("改参数", "Mend Settings"),
    )  # fmt: skip
    yield Check(
        Text("利润池全部分完", "The pool is shared out"), sheet, plan.name("pool_paid"), plan.name("pool_total"), "fen",
        "Pool.person", Text("无人可接的份额留在公司", "What nobody may take stays with the company"), notice=True,
    )  # fmt: skip


def _budget(plan: Plan) -> Iterator[Check]:
    table, total, sheet = plan.table("Budget"), plan.name("budget_total"), Text("费用与ROI", "Budget and ROI")
    yield Check(
        Text("费用结构合计 = 1", "Budget shares add up to 1"), Text("参数", "Settings"), f"SUM({plan.policy('budget.shares')})", "1",
        "rate2", "Regions.region", Text("改参数", "Mend Settings"),
    )  # fmt: skip
    yield Check(
        Text("各费用项合计 = 年度费用", "Lines add up to the budget"), sheet, f"SUM({plan.name('line_budgets')}#)", total, "money",
        "Regions.region", Text("查看参数中的费用结构", "Look at the shares on Settings"),
    )  # fmt: skip
    yield Check(
        Text("各月计划合计 = 年度费用", "Months add up to the budget"), sheet, f"SUM({table.planned})", total, "money",
        "Budget.planned", Text("改明细中的计划", "Mend the planned amounts"),
    )  # fmt: skip
    yield Check(
        Text("滚动预算 + 预备 = 计划", "Rolling budget + reserve = plan"), sheet,
        f"{plan.name('rolled_total')}+{plan.name('budget_reserve')}", f"SUM({table.planned})", "money", "Budget.planned",
        Text("公式被改动：从备份恢复", "A formula was changed: restore it from a copy"),
    )  # fmt: skip
    yield Check(
        Text("已花钱的费用项都有 ROI 目标", "Lines that spend have an ROI target"), sheet,
        f"SUMPRODUCT(({plan.name('line_spent')}>0)*({plan.name('line_targets')}=0))", "0", "int", "Budget.actual_cost",
        Text("在参数中填 ROI 目标", "Enter ROI targets on Settings"), notice=True,
    )  # fmt: skip
    yield Check(
        Text("利润不低于底线", "Profit at least the floor"), sheet, plan.name("profit"), plan.name("profit_floor"), "money",
        "Deals.id", Text("看毛利率与费用", "Look at margins and cost"), notice=True, at_least=True,
    )  # fmt: skip


def _channels(plan: Plan) -> Iterator[Check]:
    ledger, sheet = plan.table("DealerLedger"), Text("返利台账", "Rebate ledger")
    again = Text("“结算经销商返利”，差异以调整行写入", "Settle dealers again; differences become adjustments")
    yield Check(
        Text("返利台账 = 重新计算的返利", "Rebate ledger = rebates computed afresh"), sheet, f"ROUND(SUMIFS({ledger.rebate},{of_year(plan, ledger.quarter)}),2)",
        f"ROUND(SUM({plan.name('rebate_live_paid')}#)+SUM({plan.name('rebate_live_held')}#),2)", "fen", "DealerLedger.dealer", again,
    )  # fmt: skip
    yield Check(
        Text("应得返利 = 支付 + 暂扣（逐行）", "Rebate = paid + withheld, row by row"), sheet,
        f"SUMPRODUCT((ABS({ledger.rebate}-{ledger.paid}-{ledger.withheld})>0.005)*1)", "0", "int", "DealerLedger.dealer",
        Text("从备份恢复被改的金额", "Restore the amounts from a copy"),
    )  # fmt: skip
    conflicts = (
        (Text("一个行业一家代理", "One agent an industry"), "dealers", "exclusivity_conflicts", "Dealers.id", Text("收回重复授权", "Withdraw one of the grants")),
        (Text("没有串货", "No cross-selling"), "dealer_orders", "cross_conflicts", "DealerOrders.id", Text("按合同处理，或补授权区域", "Act on the contract, or grant the region")),
        (Text("没有报备冲突", "No registrations in conflict"), "dealer_claims", "registration_conflicts", "Registrations.id", Text("先报备者得保护，另一条释放", "The earlier one is protected: release the other")),
        (Text("没有启动退出的经销商", "No dealer has to leave"), "channels", "dealers_leaving", "Dealers.id", Text("约谈，按原发票价回购库存", "Talk, and buy the stock back at invoice price")),
    )  # fmt: skip
    for what, key, name, needs, remedy in conflicts:
        home = plan.pages[key].title if key in plan.pages else Text(key, key)
        yield Check(what, home, plan.name(name), "0", "int", needs, remedy, notice=True)


def _customers(plan: Plan) -> Iterator[Check]:
    """What "refresh tiers" wrote hangs together, and what it read is sound."""
    customers, bought, changes = plan.table("Customers"), plan.table("Transactions"), plan.table("TierChanges")
    refresh = Text("重新刷新客户分级", "Refresh the tiers again")
    sheet, tiers = _home(plan, "Customers"), Text("客户分级", "Tier summary")
    ranked = f"COUNT({customers.rank})"
    whole = f"IF({ranked}=0,0,1)"
    unranked = f'SUMPRODUCT(({customers.tier}="")*({customers.rank}<>""))'
    nobody = f'SUMPRODUCT((COUNTIF({bought.customer},{customers.id})>0)*({customers.id}<>"")*({customers.tier}=""))'
    # The first of each rank, counted: n different ranks of which the largest is n are 1 to n.
    places = f"SUMPRODUCT((FREQUENCY({customers.rank},{customers.rank})>0)*1)"
    last = f'SUMPRODUCT(({changes.date}=MAX({changes.date}))*({changes.customer}<>"")*(SUMIF({customers.id},{changes.customer},{customers.tiered_on})<{changes.date}))'
    rows = (
        (Text("各级家数合计 = 已分级客户", "Tiers add up to the customers that have one"), tiers, plan.name("tiered_count"), f'COUNTIF({customers.tier},"?*")', "int", refresh),
        (Text("得分占比合计 = 100%", "Shares of the score add up to 100 %"), tiers, f"ROUND({plan.name('tier_scores')},6)", whole, "rate2", refresh),
        (Text("销售占比合计 = 100%", "Shares of sales add up to 100 %"), tiers, f"ROUND({plan.name('tier_sales')},6)", whole, "rate2", refresh),
        (Text("价值占比合计 = 100%", "Shares of CLV add up to 100 %"), tiers, f"ROUND({plan.name('tier_clv')},6)", f"IF({plan.name('tier_clv')}=0,0,{whole})", "rate2", refresh),
        (Text("名次不重复", "No rank twice"), sheet, places, ranked, "int", refresh),
        (Text("名次从 1 连续到 n", "Ranks run from 1 to n"), sheet, f"MAX({customers.rank})", ranked, "int", refresh),
        (Text("有名次的都有级别", "Whoever has a rank has a tier"), sheet, unranked, "0", "int", refresh),
        (Text("级别日期不早于最近变动", "Tiers are as young as the last change"), sheet, last, "0", "int", refresh),
    )  # fmt: skip
    for what, where, found, expected, fmt, remedy in rows:
        yield Check(what, where, found, expected, fmt, "Customers.tier", remedy)
    yield Check(
        Text("有交易的客户都已分级", "Customers with transactions all have a tier"), sheet, nobody, "0", "int", "Transactions.customer",
        Text("点“刷新客户分级”", "Click “Refresh tiers”"), notice=True,
    )  # fmt: skip
    own = _home(plan, "Transactions")
    unknown = f'SUMPRODUCT(({bought.customer}<>"")*(COUNTIF({customers.id},{bought.customer})=0))'
    lines = (
        (Text("交易的客户都已登记", "Transactions' customers are all known"), unknown, Text("刷新客户分级会补登，再补全名称与区域", "Refreshing the tiers adds them; fill in name and region then"), True),
        (Text("交易日期不晚于截止日期", "No transaction after the as-of date"), f'COUNTIF({bought.date},">"&{plan.name("as_of")})', Text("晚于截止日的不计入，核对日期", "Later ones are not counted: check the dates"), True),
        (Text("交易都有真正的日期", "Every transaction has a real date"), f"COUNTA({bought.customer})-COUNT({bought.date})", Text("文本日期改为日期", "Turn text into dates"), False),
        (Text("交易金额都是数字", "Every transaction has an amount"), f"COUNTA({bought.customer})-COUNT({bought.amount})", Text("文本或空白改为数字", "Turn text and blanks into numbers"), False),
    )  # fmt: skip
    for what, found, remedy, notice in lines:
        yield Check(what, own, found, "0", "int", "Transactions.customer", remedy, notice=notice)
    yield Check(
        Text("S 级客户都有拜访安排", "Every S customer has a handshake planned"), Text("高层握手", "Handshakes"), plan.name("handshakes_left_out"), "0",
        "int", "Visits.customer", Text("补排拜访，或每家每月一次", "Plan more visits, or monthly ones for each"), notice=True,
    )  # fmt: skip
    yield Check(
        Text("S、A 级客户都在跟踪表", "Every S and A customer is tracked"), Text("客户跟踪", "Customer care"),
        f'SUMPRODUCT((({customers.tier}="S")+({customers.tier}="A"))*(COUNTIF({plan.table("CustomerCare").customer},{customers.id})=0))', "0", "int",
        "CustomerCare.customer", Text("把新升级的客户补进跟踪表", "Add customers that rose to the tracker"), notice=True,
    )  # fmt: skip


def _errors(plan: Plan) -> Iterator[Check]:
    """Errors of our functions that no sum would show."""
    remedy = Text("用 SALES_WHY 查看原因", "Ask SALES_WHY for the reason")
    yield Check(
        Text("逐单提成没有错误值", "No errors in the deals' commission"), Text("成交", "Deals"), f"SUMPRODUCT(ISERROR({due(plan)})*1)",
        "0", "int", "Deals.id", remedy,
    )  # fmt: skip
    for name, key, needs in SPILLS:
        page = plan.pages[key].title if key in plan.pages else Text(key, key)
        yield Check(
            Text("没有错误值：", "No errors: ") + page,
            page,
            f"SUMPRODUCT(ISERROR({plan.name(name)}#)*1)",
            "0",
            "int",
            needs,
            remedy,
        )
