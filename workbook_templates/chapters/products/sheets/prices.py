"""3 产品价格 / 3 Products: the goals of the three lines beside what they reach, quotes against their promise, prices waiting to be decided."""

from __future__ import annotations

from udfs.prices import BANDS, LEVELS, ROUTES
from udfs.text import Text
from workbook_templates.chapters.products.tables import DECISIONS, EXPIRED, QUOTE_STATES, REJECTED
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import AMBER, ANY, GREEN, RED, Watch, light
from workbook_templates.tables.schema import PRODUCT_LINES
from workbook_templates.tables.words import YES_NO


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "prices",
        Text("3 产品价格", "3 Products"),
        Text(
            "产品线的目标与现状，等待决定的价格申请",
            "The lines beside their goals, and the prices that wait for a decision",
        ),
        todo=Text(
            "维护产品、模块与报价；点“审批价格”更新路线",
            "Keep products, modules and quotes; Approve prices brings the routes up to date",
        ),
    )
    page.width(B=34, C=25 if plan.lang == "en" else 16, D=16, E=16, F=16)
    _goals(plan, page, FIRST_ROW)
    _requests(plan, page, FIRST_ROW + 6)
    _trial(plan, page, FIRST_ROW + 15)
    _watches(plan, page)


def _of(code: str, what: Text) -> Text:
    """A figure of a line, under the company's own name for it."""
    own = next((word.label for word in PRODUCT_LINES if (word.like or word.code) == code), None)
    return what if own is None else own + Text(" ", ": ") + what


def _line(plan: Plan, code: str) -> str:
    """Rows of Products of a line that hold on the day: of each product the newest."""
    products = plan.table("Products")
    labels = [plan.quoted(word.label) for word in PRODUCT_LINES if (word.like or word.code) == code]
    mine = "+".join(f"({products.line}={label})" for label in labels) or "0"
    later = f'COUNTIFS({products.code},{products.code},{products.valid_from},">"&{products.valid_from},{products.valid_from},"<="&{plan.name("as_of")})'
    return f"({mine})*ISNUMBER({products.valid_from})*({products.valid_from}<={plan.name('as_of')})*({later}=0)"


def _premium(plan: Plan) -> str:
    """What the Ultra products cost above what they are compared with, those with a benchmark taken together."""
    products = plan.table("Products")
    rows = f"{_line(plan, 'ultra')}*ISNUMBER({products.benchmark})"
    return (
        f"SUMPRODUCT({rows}*{products.base_price})/SUMPRODUCT({rows}*IF(ISNUMBER({products.benchmark}),{products.benchmark},0))-1"
    )


def _margin(plan: Plan) -> str:
    """The Eco products' margin after the cost-down that was agreed."""
    products, rows = plan.table("Products"), _line(plan, "eco")
    cost = f"{products.unit_cost}*(1-IF(ISNUMBER({products.cost_down}),{products.cost_down},0))"
    return f"1-SUMPRODUCT({rows}*{cost})/SUMPRODUCT({rows}*{products.base_price})"


def _timed(plan: Plan) -> tuple[str, str]:
    """Quotes drawn within the promise, and all that were drawn or should have been: who waits beyond it counts, unless the quote has expired."""
    within, late = _drawings(plan)
    return f"SUMPRODUCT({within})", f"SUMPRODUCT({within}+{late})"


def _drawings(plan: Plan) -> tuple[str, str]:
    """1 for each quote that was drawn in time, and for each that was not, by the end of the day."""
    quotes, hours, end = plan.table("Quotes"), plan.policy("flex.hours"), f"({plan.name('as_of')}+1)"
    expired = plan.quoted(next(word.label for word in QUOTE_STATES if word.code == EXPIRED))
    drawn = f"(ISNUMBER({quotes.drawn_at})*({quotes.drawn_at}<{end}))"
    until = f"IF(ISNUMBER({quotes.drawn_at}),IF({quotes.drawn_at}<{end},{quotes.drawn_at},{end}),{end})"
    took = f"ROUND(({until}-IF(ISNUMBER({quotes.requested_at}),{quotes.requested_at},0))/TIME(1,0,0),6)"
    asked = f"ISNUMBER({quotes.requested_at})*({quotes.requested_at}<{end})"
    return f"({asked}*{drawn}*({took}<={hours}))", f"({asked}*({took}>{hours})*(({drawn}+({quotes.status}<>{expired}))>0))"


def _goals(plan: Plan, page: Page, row: int) -> None:
    page.heading(f"B{row}", Text("产品线目标", "Goals of the lines"), until="E")
    within, drawn = _timed(plan)
    lines = (
        (_of("ultra", Text("溢价率（目录价）", "premium (list)")), f'=IFERROR({_premium(plan)},"–")', f"={plan.policy('products.premium')}"),
        (_of("eco", Text("毛利率（目录价）", "margin (list)")), f'=IFERROR({_margin(plan)},"–")', f"={plan.policy('products.margin_floor')}"),
        (_of("flex", Text("72 小时内出图", "drawn within 72 hours")), f'=IF({drawn}=0,"–",{within}/{drawn})', f"={plan.policy('products.drawn_share')}"),
    )  # fmt: skip
    page.header(f"B{row + 1}", [Text("目标", "Goal"), Text("实际", "Actual"), Text("目标值", "Target"), Text("灯", "Light")])
    words = (plan.quoted(GREEN), plan.quoted(AMBER), plan.quoted(RED))
    # The floor of the economy line is a border, not a wish: below it is red.
    borders = (f"D{row + 2}*{plan.policy('light.amber')}", f"D{row + 3}", plan.policy("products.drawn_fair"))
    for offset, (label, actual, target) in enumerate(lines, row + 2):
        page.label(f"B{offset}", label, grow=False)
        page.formula(f"C{offset}", actual, "rate")
        page.formula(f"D{offset}", target, "rate")
        page.formula(f"E{offset}", f"={light(f'C{offset}', f'D{offset}', borders[offset - row - 2], words)}", "word")
    page.lights(f"E{row + 2}:E{row + 4}", good=GREEN, fair=AMBER, bad=RED)


def _asked(plan: Plan) -> str:
    """1 for each request made by the day."""
    requests = plan.table("PriceRequests")
    return f'(({requests.id}<>"")*(1-ISNUMBER({requests.on})*({requests.on}>{plan.name("as_of")})))'


def _undecided(plan: Plan) -> str:
    """1 for each request that nobody had decided by the day, but those that are the seller's own to make."""
    requests, own = plan.table("PriceRequests"), plan.quoted(ROUTES["seller"])
    open_ = f'((({requests.decision}="")+ISNUMBER({requests.decided_on})*({requests.decided_on}>{plan.name("as_of")}))>0)'
    return f"({open_}*({requests.route}<>{own}))"


def _requests(plan: Plan, page: Page, row: int) -> None:
    requests = plan.table("PriceRequests")
    page.heading(f"B{row}", Text("价格申请", "Price requests"), until="E")
    page.header(f"B{row + 1}", [Text("指标", "Figure"), Text("数值", "Value")])
    asked = _asked(plan)
    below = f"{asked}*ISNUMBER({requests.discount})*({requests.discount}>={plan.policy('approval.list_from')})"
    given = f"{below}*(IF(ISNUMBER({requests.points}),{requests.points},0)>0)"
    approved = f"{asked}*({requests.decision}={plan.quoted(DECISIONS[0].label)})*(1-{_undecided(plan)})"
    base = f"IF(ISNUMBER({requests.base}),{requests.base},0)"
    figures = (
        (Text("申请数", "Requests"), f"=SUMPRODUCT({asked}*1)", "int"),
        (Text("待决定", "Waiting"), f"=SUMPRODUCT({asked}*{_undecided(plan)})", "int"),
        (Text("折扣 5% 以上附价值清单的比例", "5% off and more: with value given"), f'=IF(SUMPRODUCT({below})=0,"–",SUMPRODUCT({given})/SUMPRODUCT({below}))', "rate"),
        (Text("平均折扣（批准）", "Mean discount (approved)"), f'=IF(SUMPRODUCT({approved}*{base}*{requests.quantity})=0,"–",1-SUMPRODUCT({approved}*{requests.quoted}*{requests.quantity})/SUMPRODUCT({approved}*{base}*{requests.quantity}))', "rate"),
        (Text("让出的毛利（批准）", "Margin given away (approved)"), f"=SUMPRODUCT({approved}*({base}-{requests.quoted})*{requests.quantity})", "money"),
    )  # fmt: skip
    for offset, (label, formula, fmt) in enumerate(figures, row + 2):
        page.label(f"B{offset}", label, grow=False)
        page.formula(f"C{offset}", formula, fmt)


def _trial(plan: Plan, page: Page, row: int) -> None:
    """A price tried before it is asked for: who would decide, and why; below, the company's own table of who decides what."""
    page.heading(f"B{row}", Text("审批试算（填写）", "Try a price (fill in)"), until="F")
    entries = (
        (Text("基准价", "Base price"), 100.0, "fen", (), Text("元，大于 0，如 100", "yuan, above 0, such as 100")),
        (Text("报价", "Price quoted"), 94.0, "fen", (), Text("元，0 以上，如 94", "yuan, 0 or more, such as 94")),
        (Text("价值分", "Points of value given"), 0.0, "number", (), Text("价值让渡的分值合计，如 3", "all points of value given, such as 3")),
        (Text("三年协议", "Three-year agreement"), YES_NO[1].label, "word", [word.label for word in YES_NO], Text("是或否", "yes or no")),
        (Text("预付比例", "Prepaid"), 0.0, "rate", (), Text("0% 到 100%，如 30%", "0% to 100%, such as 30%")),
    )  # fmt: skip
    for at, (label, given, fmt, choices, note) in enumerate(entries, row + 1):
        page.label(f"B{at}", label, grow=False)
        page.input(f"C{at}", given, fmt, choices=choices, note=note, low=None if choices else 0)
    bands, own = _bands(plan, page, row + 11), [f"C{row + 1 + place}" for place in range(len(entries))]
    own[3] = f"({own[3]}={plan.quoted(YES_NO[0].label)})"
    terms = ",".join(plan.policy(f"approval.{key}") for key in ("fuse_discount", "fuse_prepaid", "list_from"))
    found = f"SALES_PRICEAPPROVAL({','.join(own)},,,{bands},{terms})"
    figures = (
        (Text("路线", "Route"), "word"), (Text("折扣", "Discount"), "rate"), (Text("原因", "Why"), "text"),
    )  # fmt: skip
    for at, ((label, fmt), column) in enumerate(zip(figures, (1, 3, 2), strict=True), row + 6):
        page.label(f"B{at}", label, grow=False)
        page.formula(f"C{at}", f'=IFERROR(INDEX({found},1,{column}),"–")', fmt, boxed=fmt != "text")
    plan.define("price_route", page, f"C{row + 6}")


def _bands(plan: Plan, page: Page, row: int) -> str:
    """Discounts at the side, points on top, inside who decides, as Settings has it; returns the cells."""
    page.heading(
        f"B{row - 1}",
        Text("谁批：折扣从（左），价值分从（上）", "Who decides: discount from (left), points from (top)"),
        until="F",
    )
    page.label(f"B{row}", Text("折扣从", "Discount from"), grow=False)
    for column, letter in enumerate("CDEF", 1):
        page.formula(f"{letter}{row}", f"=INDEX({plan.policy('approval.points')},{column})", "general")
    words = ",".join(plan.quoted(ROUTES[level]) for level in LEVELS)
    for band in range(1, BANDS + 1):
        page.formula(f"B{row + band}", f"=INDEX({plan.policy('approval.discounts')},{band})", "rate")
        for column, letter in enumerate("CDEF", 1):
            level = f"INDEX({plan.policy(f'approval.levels_{band}')},{column})"
            page.formula(f"{letter}{row + band}", f"=CHOOSE({level}+1,{words})", "word")
    return f"$B${row}:$F${row + BANDS}"


def _watches(plan: Plan, page: Page) -> None:
    requests, quotes, within_drawn, late = plan.table("PriceRequests"), plan.table("Quotes"), _timed(plan), _drawings(plan)[1]
    since = f"IF({late}>0,{quotes.requested_at},10^6)"
    page.watch(
        Watch("products.premium", _of("ultra", Text("溢价率", "premium")), _premium(plan), plan.policy("products.premium"), screen=5,
              basis=Text("目录价", "list"), fmt="rate", needs="Products.benchmark")
    )  # fmt: skip
    page.watch(
        Watch("flex.hours", Text("72 小时内出图", "Drawn within 72 hours"), f"{within_drawn[0]}/{within_drawn[1]}",
              plan.policy("products.drawn_share"), screen=5, fmt="rate", amber=plan.policy("products.drawn_fair"), fresh=("Quotes.on",), needs="Quotes.requested_at",
              item=f"INDEX({quotes.id},MATCH(MIN({since}),{since},0))", table="Quotes.id", owner="seller")
    )  # fmt: skip
    old = f"{_undecided(plan)}*ISNUMBER({requests.on})*({requests.on}<{plan.name('as_of')}-{plan.policy('approval.open_days')})"
    days = f"IF({old}>0,{requests.on},10^6)"
    page.watch(
        Watch("prices.waiting", Text("等待过久的价格申请", "Price requests waiting too long"), f"SUMPRODUCT({old})", "0", screen=1,
              fmt="int", lower=True, amber=ANY, item=f"INDEX({requests.id},MATCH(MIN({days}),{days},0))", table="PriceRequests.id",
              owner="seller", needs="PriceRequests.id")
    )  # fmt: skip
    # One that was rejected costs nothing.
    rejected = plan.quoted(next(word.label for word in DECISIONS if word.code == REJECTED))
    bare = f"{_asked(plan)}*({requests.decision}<>{rejected})*ISNUMBER({requests.discount})*({requests.discount}>={plan.policy('approval.list_from')})*(IF(ISNUMBER({requests.points}),{requests.points},0)=0)"
    lost = f"IF({bare}>0,(IF(ISNUMBER({requests.base}),{requests.base},0)-{requests.quoted})*{requests.quantity},0)"
    page.watch(
        Watch("prices.bare", Text("5% 以上折扣无价值清单", "5% off and more, no value given"), f"SUMPRODUCT({bare})", "0", screen=1, fmt="int",
              lower=True, amount=f"SUM({lost})", item=f"INDEX({requests.id},MATCH(MAX({lost}),{lost},0))", table="PriceRequests.id",
              owner="seller", needs="PriceRequests.discount")
    )  # fmt: skip
    _case_watches(plan, page)


def _case_watches(plan: Plan, page: Page) -> None:
    """Cases nobody looked at this quarter, and how much time a deck saves."""
    cases, log, as_of = plan.table("Cases"), plan.table("MatchLog"), plan.name("as_of")
    begin = f"DATE(YEAR({as_of}),3*INT((MONTH({as_of})-1)/3)+1,1)"
    reviewed = f"IF(ISNUMBER({cases.reviewed_on}),{cases.reviewed_on},0)"
    old = f'(({cases.id}<>"")*({reviewed}<{begin}))'
    days = f"IF({old}>0,{reviewed},10^6)"
    page.watch(
        Watch("cases.unreviewed", Text("本季未复核的案例", "Cases not reviewed this quarter"), f"SUMPRODUCT({old})", "0", screen=5, fmt="int",
              lower=True, amber=ANY, item=f"INDEX({cases.id},MATCH(MIN({days}),{days},0))", table="Cases.id", owner="owner", needs="Cases.id",
              duty="case_review")
    )  # fmt: skip
    before, now = (
        f"SUMPRODUCT(ISNUMBER({log.minutes_before})*ISNUMBER({log.minutes_now})*IF(ISNUMBER({column}),{column},0))"
        for column in (log.minutes_before, log.minutes_now)
    )
    page.watch(
        Watch("match.saved", Text("方案制作节省时间", "Time saved on decks"), f"IF({before}=0,NA(),1-{now}/{before})", plan.policy("match.saved"), screen=5,
              fmt="rate", needs="MatchLog.minutes_now")
    )  # fmt: skip


SHEET = PlanSheet(19, build)
