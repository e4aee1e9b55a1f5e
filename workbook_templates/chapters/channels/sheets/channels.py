"""渠道 / Channels: the dealers' 633 by quarter with its verdict, and what each earns, holds, learns; a row each dealer."""

from __future__ import annotations

from typing import Any

from udfs.text import Text
from workbook_templates.chapters.channels.tables import CLAIM_STATES, COLLEGES, EXIT_WORDS, LESSONS
from workbook_templates.page import charts, style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.ranked import SUM, Ranked, Ranking, order_of, ranked
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import ANY, Watch
from workbook_templates.tables.schema import YUAN

TOP = 27  # header row of the dealers' rows, on both sheets
QUARTERS = range(1, 5)
NOTHING = '"–"'
RETAIN, WARNING, EXIT = (word.label for word in EXIT_WORDS)
PASSED, HELD = Text("及格", "Passed"), Text("暂扣", "Withheld")
FINE, HIGH = Text("正常", "Fine"), Text("积压", "Too much")


def build(plan: Plan) -> None:
    """How the dealers do and, beside it, what they get and hold."""
    _scorecard(plan)
    plan.beside("channels", _desk(plan))


def ended(plan: Plan, quarter: int) -> str:
    """Whether a quarter of the plan year is over on the as-of date."""
    return f"(DATE({plan.name('plan_year')},{3 * quarter + 1},1)-1<={plan.name('as_of')})"


def of_year(plan: Plan, column: str) -> str:
    """The condition that a row's quarter lies in the plan year: earlier ones only count for the run of the 633."""
    return f'{column},{plan.name("plan_year")}&"-Q*"'


def _names(plan: Plan, page: Page) -> None:
    """Who the rows are."""
    dealers, count = plan.table("Dealers"), plan.count("Dealers")
    page.spill(f"B{TOP + 1}", f'={dealers.id}&""', count, 1, "text", headers=[Text("经销商编号", "Dealer ID")], indent=[0])
    name = "" if "dealer_names" in plan.names else "dealer_names"  # the same on both sheets
    heads = [Text("经销商名称", "Dealer name")]
    page.spill(f"C{TOP + 1}", f'={dealers.name}&""', count, 1, "text", name or None, heads, indent=[0])
    page.width(C=24)


def _column(plan: Plan, page: Page, letter: str, head: Text, formula: str, fmt: str, name: str, unit: Text | str = "") -> None:
    """One column of the dealers' rows; nothing where there is no dealer."""
    empty = f"COUNTA({plan.table('Dealers').id})=0"
    text = f"=IF({empty},{NOTHING},{formula})"
    page.spill(f"{letter}{TOP + 1}", text, plan.count("Dealers"), 1, fmt, name, [head], [unit])


def _rows(plan: Plan, letter: str, last: str = "") -> str:
    """The cells of a column of the dealers' rows."""
    return f"{letter}{TOP + 1}:{last or letter}{TOP + plan.count('Dealers')}"


# ----------------------------------------------------------------------------------------------------------------- 633


def _scorecard(plan: Plan) -> None:
    page = plan.page(
        "channels",
        Text("4 渠道", "4 Channels"),
        Text(
            "经销商“633”：占比、增长、新品对目标的达成，连续两季低于 80% 启动退出",
            "The dealers' 633: share, growth, new products; two quarters below the limit start the exit",
        ),
        freeze=None,
        todo=Text("每季看灯：预警的约谈，启动退出的按原发票价回购库存", "Look at the lights each quarter: talk to the warned, buy back from who leaves"),
    )  # fmt: skip
    _names(plan, page)
    for quarter, letter in zip(QUARTERS, "EFGH", strict=True):
        _column(plan, page, letter, Text(f"Q{quarter} 达成",
                                         f"Q{quarter} attained"), _attained(plan, quarter), "rate",
                                                                                            f"dealer_q{quarter}")  # fmt: skip
    for row in page.sheet[_rows(plan, "E", "H")]:
        for cell in row:
            cell.alignment = style.align("center")
    _verdicts(plan, page)
    _chosen(plan, page)
    _figures(plan, page)
    _scorecard_charts(plan, page)
    page.width(**dict.fromkeys("EFGNOPQR", 9.0), **dict.fromkeys("DHIJKL", 8.0))
    _scorecard_watches(plan, page)


def _attained(plan: Plan, quarter: int) -> str:
    """What each dealer reached in a quarter, by the contract's measure; a dash where there are no figures (yet)."""
    sales, ids = plan.table("DealerSales"), plan.table("Dealers").id
    where = f'{sales.quarter},{plan.name("plan_year")}&"-Q{quarter}",{sales.dealer},{ids}'
    counted = f"{plan.name('dealer_counted')}#"
    none = f'COUNTIFS({where},{counted},">=0")=0'
    return f"IF(({none})+({ended(plan, quarter)}=FALSE),{NOTHING},SUMIFS({counted},{where}))"


def _verdicts(plan: Plan, page: Page) -> None:
    """Retain, warning or exit for each quarter, and the word that holds now."""
    block = f"IF({{1,0,0,0}}=1,dealer_q1#,IF({{0,1,0,0}}=1,dealer_q2#,IF({{0,0,1,0}}=1,dealer_q3#,dealer_q4#)))"  # noqa: F541
    terms = f"{plan.policy('channels.exit_limit')},{plan.policy('channels.exit_quarters')}"
    none = f"COUNTA({plan.table('Dealers').id})=0"
    page.spill(
        f"I{TOP + 1}",
        f"=IF({none},{NOTHING},IF({block}={NOTHING},{NOTHING},SALES_CHANNELEXIT({block},{terms})))",
        plan.count("Dealers"),
        4 if plan.rows("Dealers") else 1,
        "word",
        "dealer_exits",
        [Text(f"Q{q} 结论", f"Q{q} verdict") for q in QUARTERS],
    )
    last = NOTHING
    for quarter in QUARTERS:
        told = f"INDEX(dealer_exits#,0,{quarter})"
        last = f"IF({told}={NOTHING},{last},{told})"
    _column(plan, page, "D", Text("当前结论", "Now"), last, "word", "dealer_verdict")
    for cells in (_rows(plan, "D"), _rows(plan, "I", "L")):
        for row in page.sheet[cells]:
            for cell in row:
                cell.alignment = style.align("center")
        page.lights(cells, good=RETAIN, fair=WARNING, bad=EXIT)
    limit = plan.policy("channels.exit_limit")
    page.condition(_rows(plan, "E", "H"), f"AND(ISNUMBER(E{TOP + 1}),E{TOP + 1}<{limit}-0.0000000001)", style.RED)


def _chosen(plan: Plan, page: Page) -> None:
    """The three ratios, mean and minimum of the quarter that is chosen above."""
    sales, ids = plan.table("DealerSales"), plan.table("Dealers").id
    where = f"{sales.quarter},channel_quarter,{sales.dealer},{ids}"
    heads = (
        Text("占比达成", "Share"),
        Text("增长达成", "Growth"),
        Text("新品达成", "New products"),
        Text("均值", "Mean"),
        Text("最低", "Minimum"),
    )
    page.width(M=2.5)
    for place, (letter, head) in enumerate(zip("NOPQR", heads, strict=True), 1):
        ratio = f"{plan.name(f'dealer_ratio_{place}')}#"
        value = f'IF(COUNTIFS({where},{ratio},">=0")=0,{NOTHING},SUMIFS({ratio},{where}))'
        _column(plan, page, letter, head, value, "rate", f"chosen_{place}")
    year, day = plan.company.year, plan.company.day()
    quarter = f"{year}-Q{(day.month + 2) // 3 if day.year == year else 4}"
    page.heading(f"N{TOP - 3}", Text("所选季度的“633”", "The 633 of the quarter chosen"), until="R")
    page.label(f"N{TOP - 2}", Text("季度", "Quarter"), grow=False)
    page.input(f"O{TOP - 2}", quarter, "text", "channel_quarter", [f"{year}-Q{q}" for q in QUARTERS])
    page.heading(f"B{TOP - 3}", Text("各季达成与结论", "Attainment and verdict by quarter"), until="L")
    basis = Text("达成口径：", "Attainment counted: ")
    page.label(f"B{TOP - 2}", basis, muted=True, grow=False)
    page.formula(f"C{TOP - 2}", f"={plan.policy('channels.exit_basis')}", "word", boxed=False)
    page.sheet[f"C{TOP - 2}"].alignment = style.align("left")


def _figures(plan: Plan, page: Page) -> None:
    """The channel in a few numbers, each conflict with its light."""
    ledger, dealers, sales = plan.table("DealerLedger"), plan.table("Dealers"), plan.table("DealerSales")
    this_year = of_year(plan, ledger.quarter)
    page.heading(f"B{FIRST_ROW}", Text("概况", "Overview"), until="D")
    families = Text("家", "dealers")
    entries = (
        (Text("启动退出", "To leave"), f"=SUMPRODUCT((dealer_verdict#={plan.quoted(EXIT)})*1)", "int", "dealers_leaving", families),
        (Text("预警", "Warned"), f"=SUMPRODUCT((dealer_verdict#={plan.quoted(WARNING)})*1)", "int", "dealers_warned", families),
        (Text("暂扣返利", "Withheld"), f"=ROUND(SUMIFS({ledger.withheld},{this_year}),2)", "scaled", "rebate_withheld", YUAN),
        (Text("已付与应付", "Paid or to be paid"), f"=ROUND(SUMIFS({ledger.paid},{this_year}),2)", "scaled", "rebate_paid", YUAN),
        (Text("应得返利", "Rebates earned"), f"=ROUND(SUMIFS({ledger.rebate},{this_year}),2)", "scaled", "rebate_earned", YUAN),
        (Text("独家冲突",
              "Exclusivity conflicts"), f"={plan.name('exclusivity_conflicts')}",
                                        "int", "conflicts_exclusive", Text("个行业", "industries")),
        (Text("串货", "Out-of-territory sales"), f"={plan.name('cross_conflicts')}", "int", "conflicts_cross", Text("单", "orders")),
        (Text("报备冲突",
              "Registration conflicts"), f"={plan.name('registration_conflicts')}",
                                         "int", "conflicts_registered", Text("条", "registrations")),
        (Text("渠道库存", "Dealers' stock"), f"=ROUND(SUM({plan.table('Stock').value}),2)", "scaled", "stock_total", YUAN),
        (Text("全年提货",
              "Sales of the year"), f"=ROUND(SUMIFS({sales.sales},{of_year(plan, sales.quarter)}),2)",
                                    "scaled", "dealer_sales_total", YUAN),
        (Text("经销商", "Dealers"), f'=COUNTIFS({dealers.id},"?*",{dealers.left},"")', "int", "dealer_count", families),
    )  # fmt: skip
    for row, (label, formula, fmt, name, unit) in enumerate(entries, FIRST_ROW + 1):
        page.figure(f"B{row}", label, formula, fmt, name, unit)
    for offset, color in enumerate((style.RED, style.AMBER, style.AMBER)):
        page.condition(f"C{FIRST_ROW + 1 + offset}", f"C{FIRST_ROW + 1 + offset}>0", color)
    for offset, color in enumerate((style.RED, style.RED, style.AMBER), 5):
        page.condition(f"C{FIRST_ROW + 1 + offset}", f"C{FIRST_ROW + 1 + offset}>0", color)


def _scorecard_charts(plan: Plan, page: Page) -> None:
    """The last quarter's attainment, dealer by dealer; rebates by quarter."""
    parts = (Text("“633”均值：预警 ", "Mean of the 633: warned "), Text(" 家，启动退出 ", ", to leave "), Text(" 家", ""))
    before, between, after = (plan.quoted(part) for part in parts)
    said = f"{before}&dealers_warned&{between}&dealers_leaving&{after}"
    limit, line = plan.policy("channels.exit_limit"), Text("退出线", "Exit limit")
    what = _ranking(plan, "chosen_4", Text("均值", "Mean"), "rate", limit=limit, limit_head=line)
    drawn = ranked(plan, "cd_dealers", Text("经销商“633”", "The dealers' 633"), what)
    _ranked_bars(plan, page, f"E{FIRST_ROW}", plan.message(page, said, "DealerSales"), drawn, "0%", Text("", ""), (13.5, 9.2))
    row, data = FIRST_ROW, plan.drawn("cd_rebates", Text("各季返利", "Rebates by quarter"))
    ledger = plan.table("DealerLedger")
    data.header(f"B{row}", [Text("季度", "Quarter"), Text("支付", "Paid"), Text("暂扣", "Withheld")])
    for quarter in QUARTERS:
        at = row + quarter
        data.formula(f"B{at}", f'={plan.name("plan_year")}&"-Q{quarter}"', "general")
        data.formula(f"C{at}", f"=SUMIFS({ledger.paid},{ledger.quarter},B{at})", "scaled")
        data.formula(f"D{at}", f"=SUMIFS({ledger.withheld},{ledger.quarter},B{at})", "scaled")
    paid, held = plan.quoted(Text("全年返利：支付 ", "Rebates of the year: paid ")), plan.quoted(Text("，暂扣 ", ", withheld "))
    charts.bars(
        page,
        f"J{FIRST_ROW}",
        plan.message(page, f"{paid}&{plan.say('rebate_paid')}&{held}&{plan.say('rebate_withheld')}", "DealerLedger"),
        f"B{row + 1}:B{row + 4}",
        [(f"C{row}", f"C{row + 1}:C{row + 4}"), (f"D{row}", f"D{row + 1}:D{row + 4}")],
        "wan",
        Text("返利（万元）", "Rebates (thousand yuan)"),
        size=(13.5, 9.2),
        data=data,
    )
    plan.put_away(data)


def _worst(plan: Plan, condition: str, by: str) -> str:
    """The dealer with most of something among those for whom a condition holds; both are columns of the dealers' rows."""
    weighed = f"IF({condition},IF(ISNUMBER({by}),{by},0))"
    return f"INDEX({plan.table('Dealers').id},MATCH(MAX({weighed}),{weighed},0))"


def _scorecard_watches(plan: Plan, page: Page) -> None:
    """Dealers below the 633's limit, and where two of them collide."""
    n = plan.name
    verdict, stock = f"{n('dealer_verdict')}#", f"{n('desk_stock')}#"
    leaving = f"{n('dealers_leaving')}>0"
    said = f"({verdict}=IF({leaving},{plan.quoted(EXIT)},{plan.quoted(WARNING)}))"
    page.watch(
        Watch(
            "channels.633", Text("“633”低于退出线的经销商", "Dealers below the 633's limit"), f"{n('dealers_warned')}+{n('dealers_leaving')}", "0",
            screen=5, fmt="int", lower=True, amber=f"IF({leaving},0,{ANY})", amount=f"SUM(IF({said},IF(ISNUMBER({stock}),{stock},0)))",
            item=_worst(plan, said, stock), table="Dealers.id", owner="owner", needs="DealerSales.dealer", duty="exit",
        )
    )  # fmt: skip
    for key, title, amber, needs in (
        ("exclusive", Text("独家冲突的行业", "Industries with two exclusive agents"), "", "Dealers.id"),
        ("cross", Text("串货订单", "Out-of-territory orders"), "", "DealerOrders.id"),
        ("registered", Text("报备冲突", "Registrations in conflict"), ANY, "Registrations.id"),
    ):
        page.watch(
            Watch(f"channels.{key}", title, n(f"conflicts_{key}"), "0", screen=5, fmt="int", lower=True, amber=amber, needs=needs)
        )


# ---------------------------------------------------------------------------------------------------------------- desk


def _desk(plan: Plan) -> Page:
    page = plan.page(
        "channel_desk",
        Text("渠道经营", "Dealer desk"),
        Text(
            "每家一行：返利与暂扣、学院考试、库存与回购、上课、市场基金",
            "One row a dealer: rebates and what is withheld, exams, stock and buyback, lessons, marketing fund",
        ),
        todo=Text("红的考试补考后再“结算渠道返利”即补发；积压的停供",
                  "After a failed exam is passed “Settle dealers” releases; stop supplying who sits on stock"),
    )  # fmt: skip
    page.width(C=24)
    _names(plan, page)
    _rebates(plan, page)
    _exams(plan, page)
    _stock(plan, page)
    _lessons(plan, page)
    _claims(plan, page)
    _desk_charts(plan, page)
    _desk_watches(plan, page)
    return page


def _desk_watches(plan: Plan, page: Page) -> None:
    """Rebates that a failed exam withholds, and dealers that sit on stock."""
    n = plan.name
    held, stock = f"{n('desk_withheld')}#", f"{n('desk_stock')}#"
    page.watch(
        Watch(
            "channels.withheld", Text("暂扣的返利", "Rebates withheld"), n("rebate_withheld"), "0", screen=5, lower=True, amber=ANY,
            amount=n("rebate_withheld"), item=_worst(plan, f"ISNUMBER({held})", held), table="Dealers.id", owner="owner",
            needs="DealerLedger.dealer",
        )
    )  # fmt: skip
    full = f"({n('desk_light')}#={plan.quoted(HIGH)})"
    page.watch(
        Watch(
            "channels.stock", Text("库存积压的经销商", "Dealers with too much stock"), f"SUMPRODUCT({full}*1)", "0", screen=5, fmt="int",
            lower=True, amber=ANY, amount=f"SUM(IF({full},IF(ISNUMBER({stock}),{stock},0)))", item=_worst(plan, full, stock),
            table="Dealers.id", owner="owner", needs="Stock.dealer",
        )
    )  # fmt: skip


def _rebates(plan: Plan, page: Page) -> None:
    ledger, ids = plan.table("DealerLedger"), plan.table("Dealers").id
    sales = plan.table("DealerSales")
    _column(
        plan,
        page,
        "D",
        Text("全年提货", "Sales"),
        f"SUMIFS({sales.sales},{sales.dealer},{ids},{of_year(plan, sales.quarter)})",
        "scaled",
        "desk_sales",
        YUAN,
    )
    for letter, key, head in (
        ("E", "rebate", Text("应得返利", "Earned")),
        ("F", "paid", Text("支付", "Paid")),
        ("G", "withheld", Text("暂扣", "Withheld")),
    ):
        total = f"ROUND(SUMIFS({getattr(ledger, key)},{ledger.dealer},{ids},{of_year(plan, ledger.quarter)}),2)"
        _column(plan, page, letter, head, total, "fen", f"desk_{key}", YUAN)
    page.condition(_rows(plan, "G"), f"AND(ISNUMBER(G{TOP + 1}),G{TOP + 1}>0)", style.AMBER)


def _exams(plan: Plan, page: Page) -> None:
    """The last score of each college; a dash was not sat."""
    exams, ids, needed = plan.table("Exams"), plan.table("Dealers").id, plan.policy("rebate.pass_score")
    for letter, word in zip("HIJK", COLLEGES, strict=True):
        where = f"{exams.dealer},{ids},{exams.college},{plan.quoted(word.label)},{exams.latest},1"
        value = f"IF(COUNTIFS({where})=0,{NOTHING},SUMIFS({exams.score},{where}))"
        _column(plan, page, letter, word.label, value, "number", f"exam_{word.code}")
    bad = "+".join(f"IF(ISNUMBER({c}),IF({c}<{needed},1,0),1)" for c in (f"exam_{w.code}#" for w in COLLEGES))
    _column(
        plan, page, "L", Text("考试", "Exams"), f"IF({bad}>0,{plan.quoted(HELD)},{plan.quoted(PASSED)})", "word", "exam_verdict"
    )
    first = f"H{TOP + 1}"
    page.condition(_rows(plan, "H", "K"), f'AND($B{TOP + 1}<>"",OR(NOT(ISNUMBER({first})),{first}<{needed}))', style.RED)
    page.lights(_rows(plan, "L"), good=PASSED, bad=HELD)
    for letter in "HIJKL":
        for (cell,) in page.sheet[_rows(plan, letter)]:
            cell.alignment = style.align("center")


def _stock(plan: Plan, page: Page) -> None:
    stock, orders, ids = plan.table("Stock"), plan.table("DealerOrders"), plan.table("Dealers").id
    window, most, as_of = plan.policy("channels.stock_window"), plan.policy("channels.stock_days"), plan.name("as_of")
    _column(
        plan, page, "M", Text("库存原值", "Stock"), f"SUMIFS({stock.value},{stock.dealer},{ids})", "scaled", "desk_stock", YUAN
    )
    _column(
        plan,
        page,
        "N",
        Text("回购额", "Buyback"),
        f"SUMIFS({plan.name('lot_buyback')}#,{stock.dealer},{ids})",
        "scaled",
        "desk_buyback",
        YUAN,
    )
    sold = f'SUMIFS({orders.amount},{orders.dealer},{ids},{orders.date},">"&{as_of}-{window},{orders.date},"<="&{as_of})'
    days = f"IF(desk_stock#=0,0,IF({sold}<=0,{NOTHING},desk_stock#/{sold}*{window}))"
    _column(plan, page, "O", Text("库存天数", "Days of stock"), days, "int", "desk_days", Text("天", "days"))
    light = f"IF(ISNUMBER(desk_days#),IF(desk_days#>{most},{plan.quoted(HIGH)},{plan.quoted(FINE)}),{plan.quoted(HIGH)})"
    _column(plan, page, "P", Text("库存", "Stock light"), light, "word", "desk_light")
    page.lights(_rows(plan, "P"), good=FINE, bad=HIGH)
    for (cell,) in page.sheet[_rows(plan, "P")]:
        cell.alignment = style.align("center")


def _lessons(plan: Plan, page: Page) -> None:
    """Lessons that are lacking: a lesson online each month, one in the classroom each quarter since the dealer joined."""
    lessons, dealers = plan.table("Lessons"), plan.table("Dealers")
    as_of, year = plan.name("as_of"), plan.name("plan_year")
    since = f"IF({dealers.joined}>DATE({year},1,1),{dealers.joined},DATE({year},1,1))"
    months = f"((YEAR({as_of}+1)-YEAR({since}))*12+MONTH({as_of}+1)-MONTH({since}))"
    for letter, word, each, head in (
        ("Q", LESSONS[0], f"{months}*{plan.policy('training.online')}", Text("欠线上课", "Online lacking")),
        ("R", LESSONS[1], f"INT({months}/3)*{plan.policy('training.classroom')}", Text("欠面授课", "Classroom lacking")),
    ):
        had = (
            f"COUNTIFS({lessons.dealer},{dealers.id},{lessons.form},{plan.quoted(word.label)},"
            f'{lessons.date},">="&DATE({year},1,1),{lessons.date},"<="&{as_of})'
        )
        value = f"IF({each}>{had},{each}-{had},0)"
        _column(plan, page, letter, head, value, "int", f"lacking_{word.code}", Text("次", "lessons"))
        page.condition(_rows(plan, letter), f"AND(ISNUMBER({letter}{TOP + 1}),{letter}{TOP + 1}>0)", style.AMBER)


def _claims(plan: Plan, page: Page) -> None:
    fund, ids = plan.table("Fund"), plan.table("Dealers").id
    refused = plan.quoted(CLAIM_STATES[-1].label)
    total = f'SUMIFS({plan.name("claim_paid")}#,{fund.dealer},{ids},{fund.status},"<>"&{refused})'
    _column(plan, page, "S", Text("基金核销", "Fund, our part"), total, "money", "desk_fund", YUAN)


def _desk_charts(plan: Plan, page: Page) -> None:
    earned, high = (
        Text("全年应得返利 ", "Rebates earned in the year: "),
        Text("库存积压的经销商 ", "Dealers with too much stock: "),
    )
    what = _ranking(plan, "desk_rebate", Text("应得返利", "Earned"), "scaled", low=False, others=SUM)
    drawn = ranked(plan, "cd_earned", Text("应得返利", "Rebates earned"), what)
    told = plan.message(page, f"{plan.quoted(earned)}&{plan.say(plan.name('rebate_earned'))}", "DealerLedger")
    _ranked_bars(plan, page, f"B{FIRST_ROW}", told, drawn, "wan", Text("返利（万元）", "Rebates (thousand yuan)"), (16, 10.5))
    days, line = plan.policy("channels.stock_days"), Text("上限", "Limit")
    what = _ranking(plan, "desk_days", Text("库存天数", "Days of stock"), "int", low=False, limit=days, limit_head=line)
    drawn = ranked(plan, "cd_stock", Text("库存天数", "Days of stock"), what)
    many = f"COUNTIF(desk_light#,{plan.quoted(HIGH)})&{plan.quoted(Text(' 家', ''))}"
    told = plan.message(page, f"{plan.quoted(high)}&{many}", "Stock")
    _ranked_bars(plan, page, f"F{FIRST_ROW}", told, drawn, "0", Text("天", "days"), (16, 10.5))


def _ranking(plan: Plan, values: str, head: Text, fmt: str, **more: Any) -> Ranking:
    """The dealers by one of the columns of their rows."""
    return Ranking("dealer_names#", f"{values}#", order_of(plan.table("Dealers").id), head, fmt, **more)


def _ranked_bars(
    plan: Plan, page: Page, at: str, told: str, drawn: Ranked, fmt: str, unit: Text, size: tuple[float, float]
) -> None:
    """The bars of a ranking."""
    charts.bars(
        page, at, told, drawn.categories, [drawn.series], fmt, unit, size, across=True, threshold=drawn.limit, threshold_named=0,
        data=drawn.data,
    )  # fmt: skip
    plan.put_away(drawn.data)


SHEET = PlanSheet(44.5, build)
