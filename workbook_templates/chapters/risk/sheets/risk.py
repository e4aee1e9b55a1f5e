"""9 风险合规 / 9 Risk: grades and what they let through, contracts in review, exports, carbon by quarter."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.chapters.risk.words import (
    ACTIVE,
    CONTRACT_STATES,
    DRAFT,
    GRADE_WORDS,
    PREPAID,
    RESULT_WORDS,
    REVIEW,
    STOPPED,
)
from workbook_templates.page import charts, owing
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import ANY, Watch
from workbook_templates.tables.schema import YES_NO, YUAN

_CREDIT, _CONTRACTS, _EXPORT, _CARBON = FIRST_ROW, FIRST_ROW + 10, FIRST_ROW + 18, FIRST_ROW + 26
_QUARTERS = 8
_MODULES = (
    ("Travel", "kg", Text("差旅", "Travel")),
    ("Shipments", "emitted", Text("样品", "Samples")),
    ("Booths", "emitted", Text("展台", "Stands")),
)


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "risk",
        Text("9 风险合规", "9 Risk"),
        Text("信用等级、合同会审、出口核查与碳排", "Credit grades, contracts in review, exports and carbon"),
        todo=Text("评级、签会审、办出口核查，碳排每季度报告", "Rate, sign, check exports, report carbon every quarter"),
    )
    page.width(B=26, C=14, D=16, E=16, F=3, G=16, H=14, I=14, J=14)
    _grades(plan, page)
    _contracts(plan, page)
    _exports(plan, page)
    _carbon(plan, page)
    _watches(plan, page)


def _grades(plan: Plan, page: Page) -> None:
    scores, row = plan.table("CreditScores"), _CREDIT
    page.heading(f"B{row}", Text("信用等级（最新评级）", "Credit grades, newest"), until="E")
    page.header(
        f"B{row + 1}",
        [Text("等级", "Grade"), Text("客户", "Customers"), Text("额度", "Limits"), Text("已发货未收", "Shipped, unpaid")],
        ["", "", YUAN, YUAN],
    )
    deals = plan.table("Deals")
    for at, word in enumerate(GRADE_WORDS, row + 2):
        label = plan.quoted(word.label)
        page.label(f"B{at}", word.label)
        page.formula(f"C{at}", f"=COUNTIFS({scores.grade},{label},{scores.newest},1)", "int")
        page.formula(f"D{at}", f"=SUMIFS({scores.limit},{scores.grade},{label},{scores.newest},1)", "scaled")
        page.formula(f"E{at}", f"=SUMPRODUCT({_graded(plan, label)}*{_shipped(plan)})", "scaled")
    page.label(f"B{row + 7}", Text("没有评级的客户（有成交）", "Customers not rated, with deals"), grow=False)
    unrated = f'SUMPRODUCT(({deals.customer}<>"")*(COUNTIFS({scores.customer},{deals.customer},{scores.grade},"?*")=0)/(COUNTIFS({deals.customer},{deals.customer})+({deals.customer}="")))'
    page.formula(f"C{row + 7}", f"=ROUND({unrated},0)", "int", "credit_unrated")
    plan.define("credit_counts", page, f"C{row + 2}:C{row + 6}")
    plan.define("credit_open", page, f"E{row + 2}:E{row + 6}")
    low = (
        plan.quoted(Text("B、C 级客户 ", "Customers graded B or C: ")),
        plan.quoted(Text(" 家，已发货未收 ", ", shipped and unpaid ")),
    )
    counts, open_ = (f"(INDEX({name},4)+INDEX({name},5))" for name in ("credit_counts", "credit_open"))
    said = f"{low[0]}&{counts}&{low[1]}&{plan.say(open_)}"
    charts.bars(
        page,
        f"G{row}",
        plan.message(page, said, "CreditScores"),
        f"B{row + 2}:B{row + 6}",
        [(f"C{row + 1}", f"C{row + 2}:C{row + 6}")],
        fmt="int",
        size=(13, 5.5),
    )


def _graded(plan: Plan, label: str) -> str:
    """1 for each deal whose customer has this grade now, else 0."""
    deals, scores = plan.table("Deals"), plan.table("CreditScores")
    return f"(COUNTIFS({scores.customer},{deals.customer},{scores.grade},{label},{scores.newest},1)>0)"


def _shipped(plan: Plan) -> str:
    """What each deal that was delivered still lacks in cash, without what came back."""
    deals, as_of = plan.table("Deals"), plan.name("as_of")
    returned = f'SUMIFS({deals.revenue},{deals.original},{deals.id},{deals.date},"<="&{as_of})'
    open_ = f'({owing.owed(plan)}+IF({deals.id}="",0,{returned}))'
    return f'(({deals.original}="")*ISNUMBER({deals.delivered})*({deals.delivered}<={as_of})*({open_}>0)*({open_}))'


def _forbidden(plan: Plan) -> str:
    """What customers ordered while their grade was C or their line frozen, as it still is: a new rating that says the same changes nothing."""
    deals, scores = plan.table("Deals"), plan.table("CreditScores")
    then = f'MAXIFS({scores.as_of},{scores.customer},{deals.customer},{scores.as_of},"<="&{deals.date})'
    now, before = (
        f"COUNTIFS({scores.customer},{deals.customer},{when}" for when in (f"{scores.newest},1", f"{scores.as_of},{then}")
    )
    stops = (f"{scores.grade},{plan.quoted(STOPPED)}", f"{scores.frozen},{plan.quoted(YES_NO[0].label)}")
    hit = "*".join(f"(({'+'.join(f'{when},{stop})' for stop in stops)})>0)" for when in (now, before))
    by_now = f"({deals.date}<={plan.name('as_of')})"
    return f'(({deals.original}="")*({deals.customer}<>"")*{by_now}*{hit}*IF(ISNUMBER({deals.revenue}),{deals.revenue},0))'


def _on_credit(plan: Plan) -> str:
    """What was sold on credit by the day: deals due after they were signed, without what their contract has paid in advance and what came back."""
    deals, contracts = plan.table("Deals"), plan.table("Contracts")
    active = plan.quoted(next(word.label for word in CONTRACT_STATES if word.code == ACTIVE))
    ahead = f"SUMIFS({contracts.prepaid},{contracts.deal},{deals.id},{contracts.status},{active})"
    left = f'IF(({deals.original}<>"")+({ahead}<=0)>0,1,IF({ahead}>=1,0,1-{ahead}))'
    counts = f'(({deals.original}<>"")+ISNUMBER({deals.due})*({deals.due}>{deals.date})>0)'
    revenue = f"IF(ISNUMBER({deals.revenue}),{deals.revenue},0)"
    return f'SUMPRODUCT(({deals.id}<>"")*({deals.date}<={plan.name("as_of")})*{counts}*{left}*{revenue})'


def _contracts(plan: Plan, page: Page) -> None:
    contracts, row = plan.table("Contracts"), _CONTRACTS
    page.heading(f"B{row}", Text("合同会审", "Contracts in review"), until="E")
    page.header(
        f"B{row + 1}",
        [Text("状态", "Status"), Text("份数", "Contracts"), Text("金额", "Amount"), Text("有未办", "With something open")],
        ["", "", YUAN, ""],
    )
    for at, word in enumerate((w for w in CONTRACT_STATES if w.code in (DRAFT, REVIEW, ACTIVE)), row + 2):
        label = plan.quoted(word.label)
        page.label(f"B{at}", word.label)
        page.formula(f"C{at}", f"=COUNTIFS({contracts.status},{label})", "int")
        page.formula(f"D{at}", f"=SUMIFS({contracts.amount},{contracts.status},{label})", "scaled")
        page.formula(f"E{at}", f'=COUNTIFS({contracts.status},{label},{contracts.problems},"?*")', "int")
    page.label(f"B{row + 5}", Text("会审最久", "Longest in review"), grow=False)
    page.formula(f"C{row + 5}", f"=SUMPRODUCT(MAX({_waiting(plan)}))", "int")
    page.label(f"D{row + 5}", Text("天", "days"), muted=True)


def _waiting(plan: Plan) -> str:
    """Days that each contract has been in review."""
    contracts, as_of = plan.table("Contracts"), plan.name("as_of")
    review = plan.quoted(next(word.label for word in CONTRACT_STATES if word.code == REVIEW))
    return f"(({contracts.status}={review})*IF(ISNUMBER({contracts.sent_on}),({as_of}>{contracts.sent_on})*({as_of}-{contracts.sent_on}),0))"


def _exports(plan: Plan, page: Page) -> None:
    checks, row = plan.table("ExportChecks"), _EXPORT
    page.heading(f"B{row}", Text("出口核查", "Export checks"), until="E")
    page.header(f"B{row + 1}", [Text("结果", "Result"), Text("行数", "Lines")])
    for at, word in enumerate(RESULT_WORDS, row + 2):
        page.label(f"B{at}", word.label)
        page.formula(f"C{at}", f"=COUNTIFS({checks.result},{plan.quoted(word.label)})", "int")
    page.label(f"B{row + 6}", Text("还不能发货", "May not ship yet"), bold=True)
    page.formula(f"C{row + 6}", f"=SUMPRODUCT({_unshippable(plan)})", "int", "exports_open")


def _unshippable(plan: Plan) -> str:
    """1 for each line that may not ship: not checked, unknown, without a licence, forbidden, or a sensitive region not looked at by two and on video."""
    checks = plan.table("ExportChecks")
    word = {w.code: plan.quoted(w.label) for w in RESULT_WORDS}
    yes = plan.quoted(YES_NO[0].label)
    bad = f'({checks.result}="")+({checks.result}={word["open"]})+({checks.result}={word["forbidden"]})+({checks.result}={word["licence"]})*({checks.licence_no}="")'
    pair = f'({checks.reviewer1}="")+({checks.reviewer2}="")+({checks.reviewer1}={checks.reviewer2})+({checks.video_on}="")+({checks.video_on}>{plan.name("as_of")})'
    return f'(({checks.order}<>"")*({bad}+({checks.dual}={yes})*({pair}>0)>0))'


def _carbon(plan: Plan, page: Page) -> None:
    """Eight quarters, tonnes a module; the line is last year's travel less the cut wanted."""
    row, year = _CARBON, plan.name("plan_year")
    page.heading(f"B{row}", Text("碳排（吨 CO2e）", "Carbon, t CO2e"), until="E")
    drawn = plan.drawn("cd_carbon", Text("碳排", "Carbon"))
    top = FIRST_ROW + 1
    drawn.header(f"B{FIRST_ROW}", [Text("季度", "Quarter"), *(title for *_, title in _MODULES), Text("差旅目标", "Travel goal")])
    for offset in range(_QUARTERS):
        at, back, number = top + offset, 1 - offset // 4, offset % 4 + 1
        drawn.formula(f"B{at}", f'=RIGHT({year}-{back},2)&"-Q{number}"', "text")
        first, last = f"DATE({year}-{back},{3 * number - 2},1)", f"DATE({year}-{back},{3 * number + 1},1)"
        for letter, (table, column, _) in zip("CDE", _MODULES, strict=True):
            handle = plan.table(table)
            drawn.formula(
                f"{letter}{at}",
                f'=SUMIFS({getattr(handle, column)},{handle.date},">="&{first},{handle.date},"<"&{last},{handle.date},"<="&{plan.name("as_of")})/1000',
                "score",
            )
        goal = f"=C{at - 4}*(1-{plan.policy('carbon.travel_cut')})" if offset > 3 else f"=C{at}"
        drawn.formula(f"F{at}", goal, "score")
    last_row = top + _QUARTERS - 1
    travel, as_of = plan.table("Travel"), plan.name("as_of")

    def sum_of(first: str, last: str) -> str:
        return f'SUMIFS({travel.kg},{travel.date},">="&{first},{travel.date},"<="&{last})/1000'

    page.label(f"B{row + 1}", Text("今年差旅", "Travel this year"), grow=False)
    page.formula(f"C{row + 1}", f"={sum_of(f'DATE(YEAR({as_of}),1,1)', as_of)}", "score", "travel_now")
    page.label(f"B{row + 2}", Text("上年同期", "Same days a year before"), grow=False)
    page.formula(f"C{row + 2}", f"={sum_of(f'DATE(YEAR({as_of})-1,1,1)', f'EDATE({as_of},-12)')}", "score", "travel_before")
    page.label(f"B{row + 3}", Text("变化", "Change"), grow=False)
    page.formula(f"C{row + 3}", '=IF(travel_before=0,"–",travel_now/travel_before-1)', "rate", "travel_change")
    page.label(f"B{row + 4}", Text("有里程的差旅", "Journeys with a distance"), grow=False)
    page.formula(f"C{row + 4}", f'=IF(COUNTA({travel.id})=0,"–",COUNT({travel.km})/COUNTA({travel.id}))', "rate")
    said = f'{plan.quoted(Text("差旅碳排同比 ", "Travel emissions on the year before: "))}&IF(ISNUMBER(travel_change),TEXT(travel_change,"0.0%"),"–")'
    charts.bars(
        page, f"G{_CARBON - 15}", plan.message(page, said, "Travel"), f"B{top}:B{last_row}",
        [(f"{letter}{FIRST_ROW}", f"{letter}{top}:{letter}{last_row}") for letter in "CDE"], fmt="score", y_title=Text("吨 CO2e", "t CO2e"),
        size=(17, 8.5), stacked=True, labels=False, threshold=(f"F{FIRST_ROW}", f"F{top}:F{last_row}"), data=drawn,
    )  # fmt: skip
    plan.put_away(drawn)


def _watches(plan: Plan, page: Page) -> None:
    deals, contracts, checks, scores = (plan.table(name) for name in ("Deals", "Contracts", "ExportChecks", "CreditScores"))
    exposed = f"(({_graded(plan, plan.quoted(PREPAID))})*{_shipped(plan)}+{_forbidden(plan)})"
    page.watch(
        Watch(
            "credit.exposed", Text("B 级未收款已发货、C 级新订单", "B shipped before cash, C ordered"), f"SUMPRODUCT(({exposed}>0)*1)", "0", screen=2,
            basis=Text("单", "deals"), fmt="int", lower=True, amber="0", amount=f"SUM({exposed})", item=f"INDEX({deals.id},MATCH(MAX({exposed}),{exposed},0))",
            table="Deals.id", owner="seller", needs="CreditScores.grade", must=True, duty="credit_down",
            about=f"INDEX({deals.customer},MATCH(MAX({exposed}),{exposed},0))",
        )
    )  # fmt: skip
    bad = f"(({scores.newest}=1)*(({scores.grade}={plan.quoted(PREPAID)})+({scores.grade}={plan.quoted(STOPPED)})))"
    page.watch(
        Watch(
            "credit.low", Text("信用等级 B 与 C 的客户", "Customers graded B or C"), f"SUMPRODUCT({bad})", "0", screen=2, fmt="int", lower=True, amber=ANY,
            item=f"INDEX({scores.customer},MATCH(1,{bad},0))", table="CreditScores.customer", owner="by", needs="CreditScores.grade", duty="credit_down",
        )
    )  # fmt: skip
    cash = plan.table("Collections")
    lost = owing.bad_debt(plan)
    limit, day = plan.policy("credit.bad_debts"), f'"<="&{plan.name("as_of")}'
    given_up = f"SUMIFS({cash.amount},{cash.kind},{lost},{cash.date},{day})"
    page.watch(
        Watch(
            "credit.bad_debts", Text("坏账率（占赊销）", "Bad debts of credit sales"), f"{given_up}/{_on_credit(plan)}", limit, screen=2, fmt="rate", lower=True,
            amber=f"{limit}*{plan.policy('credit.bad_debts_amber')}", amount=given_up, needs="Collections.deal",
        )
    )  # fmt: skip
    waiting = _waiting(plan)
    page.watch(
        Watch(
            "contracts.waiting", Text("合同会审天数（最长）", "Days in review, longest"), f"SUMPRODUCT(MAX({waiting}))", plan.policy("contracts.review_days"), screen=2, fmt="int",
            lower=True, amber=f"2*{plan.policy('contracts.review_days')}", amount=f"SUM(({waiting}>{plan.policy('contracts.review_days')})*{contracts.amount})",
            item=f"INDEX({contracts.id},MATCH(MAX({waiting}),{waiting},0))", table="Contracts.id", needs="Contracts.id",
        )
    )  # fmt: skip
    open_ = _unshippable(plan)
    worth = f"({open_}*SUMIFS({deals.revenue},{deals.id},{checks.order}))"
    # Each order once, however many of its lines are open.
    orders = (
        f"SUMPRODUCT(ISNUMBER(MATCH({deals.id},IF({open_}>0,{checks.order}),0))*IF(ISNUMBER({deals.revenue}),{deals.revenue},0))"
    )
    page.watch(
        Watch(
            "export.open", Text("未办妥的出口核查", "Export checks open"), "exports_open", "0", screen=2, fmt="int", lower=True, amber="0",
            amount=orders, item=f"INDEX({checks.id},MATCH(MAX({worth}),{worth},0))", table="ExportChecks.id", owner="reviewer1",
            needs="ExportChecks.order", must=True, duty="licence",
        )
    )  # fmt: skip
    page.watch(
        Watch(
            "carbon.travel", Text("差旅碳排同比", "Travel emissions, change"), "travel_change", f"-{plan.policy('carbon.travel_cut')}", screen=4, fmt="rate",
            lower=True, amber="0", fresh=("Travel.date",), needs="Travel.kg",
        )
    )  # fmt: skip


SHEET = PlanSheet(84, build)
