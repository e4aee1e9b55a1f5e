"""8 商机 / 8 Pipeline: what is open stage by stage, when it closes, whether that is enough, how good such forecasts were, what is owed."""

from __future__ import annotations

from udfs.pipeline import FEWEST_CLOSED, SCORES
from udfs.text import Text
from workbook_templates.chapters.pipeline.tables import (
    BACKTEST,
    ENDS,
    LOST,
    MATCHES,
    MERGE,
    REASONS,
    SCORED,
    STAGE_WORDS,
    STATE_WORDS,
    WON,
)
from workbook_templates.page import charts, style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.ranked import largest
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import ANY, Watch
from workbook_templates.tables import schema
from workbook_templates.tables.schema import YUAN

_SIZE = (13.4, 7.2)
RIVALS, LISTED = 7, 12  # competitors, and opportunities, that are listed
_STAGES = STAGE_WORDS[:-1]


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "pipeline",
        Text("8 商机", "8 Pipeline"),
        Text(
            "够不够完成全年，卡在哪里，什么时候关，收得回来吗",
            "Is the pipeline enough, what is stalled, when does it close, will it be paid?",
        ),
        todo=Text("导入商机，点“预测关单”“停滞评审”", "Import opportunities, click Forecast closes and Review stalled"),
    )
    page.width(B=28, C=15, D=15, E=3, F=22, G=14, H=14, I=14, J=12)
    _range(plan)
    _figures(plan, page, FIRST_ROW)
    _scores(plan, page, FIRST_ROW)
    below = FIRST_ROW + 18
    _funnel(plan, page, f"B{below}")
    _months(plan, page, f"F{below}")
    _ageing(plan, page, below + 15)
    _lost(plan, page, below + 15)
    _layers(plan, page, below + 19 + RIVALS + 2)
    _lists(plan)
    _watches(plan, page)


# --------------------------------------------------------------------------------------------------- what is counted


def _open(plan: Plan) -> str:
    """Opportunities that had begun by the day, and not ended."""
    rows, day = plan.table("Opportunities"), plan.name("as_of")
    ended = f'({rows.outcome}<>"")*(1-ISNUMBER({rows.closed_on})*({rows.closed_on}>{day}))'
    return f'({rows.id}<>"")*(1-ISNUMBER({rows.opened})*({rows.opened}>{day}))*(1-{ended})'


def _stalled(plan: Plan) -> str:
    rows = plan.table("Opportunities")
    return f"{_open(plan)}*({rows.state}={plan.quoted(STATE_WORDS[1].label)})"


def _amount(plan: Plan) -> str:
    rows = plan.table("Opportunities")
    return f"IF(ISNUMBER({rows.amount}),{rows.amount},0)"


def _weighted(plan: Plan, until_year_end: bool = True) -> str:
    """What is likely to be signed, by the year's end."""
    rows = plan.table("Opportunities")
    more = f"*({rows.expected_on}<=DATE({plan.name('plan_year')},12,31))" if until_year_end else ""
    return f"SUMPRODUCT({_open(plan)}*ISNUMBER({rows.weighted}){more}*IF(ISNUMBER({rows.weighted}),{rows.weighted},0))"


def _range(plan: Plan) -> None:
    """Between which figures the year lands by the pipeline, at the plan's level: each opportunity is won or not, by its probability."""
    rows, n, row = plan.table("Opportunities"), plan.name, FIRST_ROW
    data = plan.drawn("cd_landing", Text("全年预测区间", "Range of the forecast"))
    data.header(f"B{row}", [Text("下限", "Low"), Text("上限", "High")])
    known = f"{_open(plan)}*ISNUMBER({rows.probability})*({rows.expected_on}<=DATE({n('plan_year')},12,31))"
    chance = f"IF(ISNUMBER({rows.probability}),{rows.probability},0)"
    off = f"NORM.S.INV((1+{plan.policy('forecast.interval')})/2)*SQRT(MAX(0,SUMPRODUCT({known}*{chance}*(1-{chance})*{_amount(plan)}^2)))"
    middle = f"({n('bookings')}+{_weighted(plan)})"
    for letter, name, formula in (
        ("B", "pipeline_low", f"MAX({n('bookings')},{middle}-{off})"),
        ("C", "pipeline_high", f"{middle}+{off}"),
    ):
        _put(data, f"{letter}{row + 1}", f'IF(COUNT({rows.weighted})=0,"–",{formula})', "scaled")
        plan.define(name, data, f"{letter}{row + 1}")
    plan.put_away(data)


def _span(plan: Plan) -> str:
    """That range, said."""
    low, high = plan.name("pipeline_low"), plan.name("pipeline_high")
    return f'IF(ISNUMBER({low}),{plan.say(low)}&"–"&{plan.say(high)},"–")'


def _missing(plan: Plan) -> str:
    """What is lacking to the floor target."""
    return f"({plan.name('floor_target')}-{plan.name('bookings')})"


def _ended(plan: Plan, *outcomes: str) -> str:
    """Opportunities that ended so in the plan's year."""
    rows = plan.table("Opportunities")
    mine = "+".join(f"({rows.outcome}={plan.quoted(word.label)})" for word in ENDS if word.code in outcomes)
    return f"(({mine})*({rows.closed_on}>=DATE({plan.name('plan_year')},1,1))*({rows.closed_on}<={plan.name('as_of')}))"


def _score(plan: Plan, place: int, key: str = "ours") -> str:
    """A figure of the look back."""
    scores = plan.table("ForecastScores")
    back = plan.quoted(next(word.label for word in SCORED if word.code == BACKTEST))
    return f"INDEX(IF(({scores.kind}={back})*({scores.metric}={plan.quoted(SCORES[place])}),{getattr(scores, key)}),MATCH(1,({scores.kind}={back})*({scores.metric}={plan.quoted(SCORES[place])}),0))"


# ----------------------------------------------------------------------------------------------------------- figures


def _figures(plan: Plan, page: Page, row: int) -> None:
    customers, pairs, owed = (plan.table(name) for name in ("Customers", "DuplicateReview", "Receivables"))
    page.heading(f"B{row}", Text("目标与现状", "Goals and current figures"), until="D")
    page.header(f"B{row + 1}", [Text("指标", "Figure"), Text("实际", "Actual"), Text("目标", "Goal")])
    standing, amount = _stalled(plan), _amount(plan)
    won, lost = f"SUMPRODUCT({_ended(plan, WON)})", f"SUMPRODUCT({_ended(plan, LOST)})"
    names = f"{customers.name},{customers.credit_code},{customers.city}"
    lines: tuple[tuple[Text, str, str, str, str], ...] = (
        (Text("在办商机", "Open opportunities"), f"SUMPRODUCT({_open(plan)})", "int", "", ""),
        (Text("在办金额", "Open amount"), f"SUMPRODUCT({_open(plan)}*{amount})", "scaled", "", "pipeline_open"),
        (Text("加权（年内关单）", "Weighted, closing this year"), _weighted(plan), "scaled", f"MAX(0,{_missing(plan)})", "pipeline_weighted"),
        (Text("全年预测区间", "Range of the forecast"), _span(plan), "text", "", "pipeline_range"),
        (Text("停滞个数", "Stalled"), f"SUMPRODUCT({standing})", "int", "", ""),
        (Text("停滞金额", "Stalled amount"), f"SUMPRODUCT({standing}*{amount})", "scaled", "", "pipeline_stalled"),
        (Text("停滞金额占比", "Stalled share of the amount"), 'IF(pipeline_open=0,"–",pipeline_stalled/pipeline_open)', "rate", plan.policy("stalled.share"), ""),
        (Text("今年赢单 / 输单", "Won and lost this year"), f'{won}&" / "&{lost}', "text", "", ""),
        (Text("客户识别率", "Customers identified"), f'IF(COUNTA({customers.name})=0,"–",SALES_UNIQUENESS({names}))', "0.00%", plan.policy("customers.identified"), "identified_rate"),
        (Text("待复核的重复对", "Pairs to review"), f'SUMPRODUCT(({pairs.a}<>"")*({pairs.decision}=""))', "int", "0", ""),
        (Text("今年合并的客户", "Customers merged this year"), f'COUNTIFS({pairs.decision},{plan.quoted(_merge())},{pairs.merged_on},">="&DATE({plan.name("plan_year")},1,1),{pairs.merged_on},"<="&{plan.name("as_of")})', "int", "", ""),
        (Text("应收余额", "Receivables"), f"SUM({owed.open})", "scaled", "", "owed_total"),
        (Text("应收周转天数 DSO", "Days sales outstanding"), f'IF(SUM({customers.sales_12m})<=0,"–",SALES_DSO(owed_total,SUM({customers.sales_12m})))', "number", "", ""),
    )  # fmt: skip
    for offset, (label, formula, fmt, goal, name) in enumerate(lines, row + 2):
        page.label(f"B{offset}", label, grow=False)
        page.formula(f"C{offset}", f"={formula}", fmt, name or None)
        page.sheet[f"C{offset}"].alignment = style.align("right")
        if goal:
            page.formula(f"D{offset}", f"={goal}", fmt)
    last = plan.quoted(
        Text("系统里手填的关单日期只作对照，不进预测", "Close dates typed in the CRM are kept to compare and never forecast")
    )
    page.formula(f"B{row + 16}", f"={last}", "text", boxed=False)
    page.sheet[f"B{row + 16}"].font = style.font(style.MUTED, size=9)


def _merge() -> Text:
    return next(word.label for word in MATCHES if word.code == MERGE)


def _verdict(plan: Plan) -> str:
    """The verdict on the look back, as ``forecasting.verdict`` has it."""
    scores, back = plan.table("ForecastScores"), plan.quoted(next(word.label for word in SCORED if word.code == BACKTEST))
    brier, hits = (plan.quoted(SCORES[place]) for place in (0, 2))
    mine = f'{scores.kind},{back},{scores.baseline},"<>",{scores.ours},"<>",{scores.metric}'
    beside = "+".join(f"COUNTIFS({mine},{name})" for name in (brier, hits))
    enough = "+".join(f'COUNTIFS({mine},{name},{scores.n},">={FEWEST_CLOSED}")' for name in (brier, hits))
    worse = (
        f'SUMPRODUCT(({scores.kind}={back})*({scores.baseline}<>"")*({scores.ours}<>"")*(({scores.metric}={brier})*({scores.ours}>{scores.baseline})'
        f"+({scores.metric}={hits})*({scores.ours}<{scores.baseline})))"
    )
    none, alone, bad, few, good = (plan.quoted(text) for text in (
        Text("还没有可回测的关单", "No closes to look back on yet"), Text("还没有可比的基准", "No baseline to compare with yet"),
        Text("数据不支持预测：不如基准", "The data don't support it: the baseline does better"), Text("样本少，仅供参考", "Few cases: take it with care"),
        Text("结论：好于基准，可以用", "Verdict: better than the baseline"),
    ))  # fmt: skip
    return f"IF(COUNTIFS({scores.kind},{back})=0,{none},IF({beside}=0,{alone},IF({worse}>0,{bad},IF({enough}=0,{few},{good}))))"


def _scores(plan: Plan, page: Page, row: int) -> None:
    """How good forecasts were, beside what could be said without them; the verdict in words."""
    page.heading(f"F{row}", Text("预测准不准（回测最近 12 个月）", "How good forecasts were (the last 12 months)"), until="J")
    page.formula(f"F{row + 1}", f"={_verdict(plan)}", "text", "forecast_verdict", boxed=False)
    page.sheet[f"F{row + 1}"].font = style.font(style.INK, True)
    page.records("ForecastScores", f"F{row + 4}")
    lines = (
        Text(
            "布里尔分：概率错多少，越小越好；基准是历史上 90 天内赢单的占比",
            "Brier score: how far probabilities were off; baseline: the share won within 90 days",
        ),
        Text(
            "命中率：赢单月份差不超过一个月；基准是立项日加历史中位天数",
            "Hit rate: won within a month of the date; baseline: opening plus the median days",
        ),
    )
    for offset, text in enumerate(lines, row + 2):
        page.label(f"F{offset}", text, muted=True, grow=False)


# ------------------------------------------------------------------------------------------------------------ charts


def _put(data: Page, cell: str, formula: str, fmt: str) -> None:
    data.formula(cell, f"={data.plan.figure(formula)}", fmt)


def _funnel(plan: Plan, page: Page, at: str) -> None:
    """Open amounts by stage, what stands still apart."""
    row, data, rows = FIRST_ROW, plan.drawn("cd_funnel", Text("商机漏斗", "Funnel")), plan.table("Opportunities")
    data.header(f"B{row}", [Text("阶段", "Stage"), Text("在办", "Moving"), Text("停滞", "Stalled")])
    amount = _amount(plan)
    for offset, word in enumerate(_STAGES, row + 1):
        data.label(f"B{offset}", plan.t(word.label))
        mine = f"({rows.stage}={plan.quoted(word.label)})"
        _put(data, f"C{offset}", f"SUMPRODUCT({_open(plan)}*{mine}*{amount})-D{offset}", "scaled")
        _put(data, f"D{offset}", f"SUMPRODUCT({_stalled(plan)}*{mine}*{amount})", "scaled")
    last = row + len(_STAGES)
    said = f"{plan.quoted(Text('在办 ', 'Open '))}&{plan.say('pipeline_open')}&{plan.quoted(Text('，其中停滞 ', ', stalled '))}&{plan.say('pipeline_stalled')}"
    charts.bars(
        page, at, plan.message(page, plan.figure(said), "Opportunities", "cd_funnel"), f"B{row + 1}:B{last}",
        [(f"C{row}", f"C{row + 1}:C{last}"), (f"D{row}", f"D{row + 1}:D{last}")], "axis", plan.per_axis(Text("金额", "Amount")), _SIZE, across=True, labels=False, data=data,
        stacked=True, colors=(style.ACTUAL, style.PROBLEM), named=(1, 1),
    )  # fmt: skip
    plan.put_away(data)


def _months(plan: Plan, page: Page, at: str) -> None:
    """Signed so far and, weighted, what closes in the months ahead, beside the months' quotas."""
    row, data, rows = FIRST_ROW, plan.drawn("cd_forecast", Text("预测", "Forecast")), plan.table("Opportunities")
    year, day = plan.name("plan_year"), plan.name("as_of")
    data.header(f"B{row}", [Text("月份", "Month"), Text("已签", "Signed"), Text("加权预测", "Weighted"), Text("指标", "Quota")])
    for month in range(1, 13):
        here = row + month
        data.label(f"B{here}", plan.t(Text(f"{month}月", f"M{month}")))
        _put(data, f"C{here}", f"N(INDEX({plan.name('bookings_months')},{month}))", "scaled")
        # What was expected by now and is still open can close tomorrow: the months add up to what is weighted.
        expected = f"IF({rows.expected_on}>{day},{rows.expected_on},{day}+1)"
        inside = f"({expected}>=DATE({year},{month},1))*({expected}<DATE({year},{month + 1},1))"
        _put(
            data,
            f"D{here}",
            f"SUMPRODUCT({_open(plan)}*ISNUMBER({rows.weighted})*{inside}*IF(ISNUMBER({rows.weighted}),{rows.weighted},0))",
            "scaled",
        )
        _put(data, f"E{here}", f"N(INDEX({plan.name('quota_months')},{month}))", "scaled")
    landing = f"({plan.name('bookings')}+pipeline_weighted)"
    said = f"{plan.quoted(Text('按商机全年 ', 'By the pipeline, the year lands at '))}&{plan.say(landing)}&{plan.quoted(Text('，保底 ', ', floor '))}&{plan.say(plan.name('floor_target'))}"
    charts.bars(
        page, at, plan.message(page, plan.figure(said), "Opportunities"), f"B{row + 1}:B{row + 12}",
        [(f"C{row}", f"C{row + 1}:C{row + 12}"), (f"D{row}", f"D{row + 1}:D{row + 12}")], "axis", plan.per_axis(Text("金额", "Amount")), (15.6, 7.2), labels=False,
        threshold=(f"E{row}", f"E{row + 1}:E{row + 12}"), data=data, stacked=True, colors=(style.ACTUAL, charts.BEHIND), named=(2, 11),
    )  # fmt: skip
    plan.put_away(data)


def _ageing(plan: Plan, page: Page, row: int) -> None:
    """What is owed by how long it is overdue."""
    owed = plan.table("Receivables")
    page.heading(f"B{row}", Text("应收账龄", "Receivables by age"), until="D")
    buckets = 7
    page.spill(
        f"B{row + 2}",
        f'=IF(COUNT({owed.amount})=0,"–",SALES_AGEING({owed.due},IF({owed.open}=0,{plan.name("as_of")},{owed.due}+40000),{owed.open},{plan.name("as_of")},{plan.policy("ageing.limits")}))',
        buckets if plan.rows("Receivables") else 1,
        4,
        ["text", "scaled", "rate", "int"],
        "ageing_rows",
        [Text("逾期天数", "Days overdue"), Text("金额", "Amount"), Text("占比", "Share"), Text("张数", "Invoices")],
        ["", YUAN, "", ""],
        total=bool(plan.rows("Receivables")),
        indent=[0],
    )  # fmt: skip


def _lost(plan: Plan, page: Page, row: int) -> None:
    """What was lost this year: for which reason, to whom, and how often we win against them."""
    rows, rivals = plan.table("Opportunities"), plan.table("Competitors")
    page.heading(f"G{row}", Text("今年丢单", "Lost this year"), until="K")
    page.header(
        f"G{row + 1}",
        [
            Text("原因", "Reason"),
            Text("丢单金额", "Lost"),
            Text("对手", "Competitor"),
            Text("丢单金额", "Lost"),
            Text("赢单率", "Win rate"),
        ],
    )
    lost, amount = _ended(plan, LOST), _amount(plan)
    top, reasons = row + 2, row + 1 + len(REASONS)
    for offset, word in enumerate(REASONS, top):
        page.label(f"G{offset}", word.label, grow=False)
        page.formula(f"H{offset}", f"=SUMPRODUCT({lost}*({rows.reason}=G{offset})*{amount})", "scaled")
    rest = f"(COUNTIF(G${top}:G${reasons},{rows.reason})=0)"
    page.label(f"G{reasons + 1}", Text("未填原因", "No reason given"), grow=False)
    page.formula(f"H{reasons + 1}", f"=SUMPRODUCT({lost}*{rest}*{amount})", "scaled")
    us = plan.quoted(next(word.label for word in schema.table("Competitors")["origin"].words if word.code == "ours"))
    ours = f"IFERROR(MATCH({us},{rivals.origin},0),10^6)"  # we are no competitor of ours, and passed over
    named = row + 1 + RIVALS
    for at in range(top, named + 1):
        place = at - top + 1
        known = f'IFERROR(INDEX({rivals.name},{place}+({ours}<={place}))&"","")'
        # Who was met and is not on Competitors, is listed behind these.
        met = f'({rows.competitor}<>"")*({_ended(plan, WON)}+{_ended(plan, LOST)}>0)*(COUNTIF(I${row + 1}:I{at - 1},{rows.competitor})=0)'
        page.formula(f"I{at}", f'=IF({known}<>"",{known},IFERROR(INDEX({rows.competitor},MATCH(1,{met},0))&"",""))', "text")
    page.formula(f"I{named + 1}", f"={plan.quoted(Text('其余对手', 'Other competitors'))}", "text")
    page.formula(f"I{named + 2}", f"={plan.quoted(Text('未填对手', 'None named'))}", "text")
    for at in range(top, named + 3):
        met = f"({rows.competitor}=I{at})"
        if at == named + 1:
            met = f'(({rows.competitor}<>"")*(COUNTIF(I${top}:I${named},{rows.competitor})=0))'
        elif at == named + 2:
            met = f'({rows.competitor}="")'
        page.sheet[f"I{at}"].alignment = style.align("left", indent=1)
        page.formula(f"J{at}", f'=IF(I{at}="","",SUMPRODUCT({lost}*{met}*{amount}))', "scaled")
        won, gone = (f"SUMPRODUCT({_ended(plan, outcome)}*{met})" for outcome in (WON, LOST))
        page.formula(f"K{at}", f'=IF(I{at}="","",IF({won}+{gone}=0,"–",{won}/({won}+{gone})))', "rate")
        page.sheet[f"K{at}"].alignment = style.align("right")
    # What has no reason, what went to others or to nobody named is lost as well: both columns add up to the same.
    for letter, last, name in (("G", reasons + 1, "lost_total"), ("I", named + 2, "faced_total")):
        amounts = chr(ord(letter) + 1)
        page.label(f"{letter}{last + 1}", Text("合计", "Total"), bold=True, grow=False)
        page.formula(f"{amounts}{last + 1}", f"=SUM({amounts}{top}:{amounts}{last})", "scaled", name)
    page.ruled(f"I{top}:K{named + 2}", f'$I{top}<>""')
    for name, letter, end in (
        ("lost_reasons", "G", reasons + 1), ("lost_by_reason", "H", reasons + 1),
        ("faced_names", "I", named + 1), ("faced_lost", "J", named + 1), ("faced_rates", "K", named + 1),
    ):  # fmt: skip
        plan.define(name, page, f"{letter}{top}:{letter}{end}")


# What hangs on what: the rows of a Table by their column, the Table above by its key.
_LAYERS = (
    ("Opportunities", "customer", "Customers", "id"),
    ("Deals", "customer", "Customers", "id"),
    ("Transactions", "customer", "Customers", "id"),
    ("Opportunities", "deal", "Deals", "id"),
    ("Tickets", "customer", "Customers", "id"),
)


def _layers(plan: Plan, page: Page, row: int) -> None:
    """Customers, opportunities, deals and invoices, tickets: how many rows of a layer name something that the layer above does not know."""
    page.heading(f"G{row}", Text("四层数据的断链", "Broken links between the four layers"), until="K")
    heads = (
        Text("层", "Layer"),
        Text("指向", "Points to"),
        Text("已填行", "Rows"),
        Text("断链", "Broken"),
        Text("断链率", "Share"),
    )
    page.header(f"G{row + 1}", list(heads))
    for at, (below, key, above, name) in enumerate(_LAYERS, row + 2):
        mine, theirs = getattr(plan.table(below), key), getattr(plan.table(above), name)
        page.label(f"G{at}", schema.table(below).title, grow=False)
        page.label(f"H{at}", schema.table(above).title, grow=False)
        page.formula(f"I{at}", f"=COUNTA({mine})", "int")
        page.formula(f"J{at}", f'=SUMPRODUCT(({mine}<>"")*(COUNTIF({theirs},{mine})=0))', "int")
        page.formula(f"K{at}", f'=IF(I{at}=0,"–",J{at}/I{at})', "0.00%")
        page.sheet[f"K{at}"].alignment = style.align("right")
    plan.define("broken_links", page, f"J{row + 2}:J{row + 1 + len(_LAYERS)}")


def _lists(plan: Plan) -> None:
    """The largest open opportunities, and the large ones that were lost: what the screens show of them."""
    rows, limit = plan.table("Opportunities"), plan.policy("rivals.lost_from")
    largest(
        plan, "cd_largest", Text("最大商机", "Largest opportunities"), "Opportunities", f"{_open(plan)}*{rows.amount}", LISTED
    )
    largest(
        plan,
        "cd_lost",
        Text("大额丢单", "Large deals lost"),
        "Opportunities",
        f"{_ended(plan, LOST)}*({rows.amount}>{limit})*{rows.amount}",
        LISTED,
    )


# ----------------------------------------------------------------------------------------------------------- watches


def _watches(plan: Plan, page: Page) -> None:
    rows, n, signed = plan.table("Opportunities"), plan.name, Text("签单", "bookings")
    floor, weighted, amount, standing = n("floor_target"), _weighted(plan), _amount(plan), _stalled(plan)
    known = f"IF(COUNT({rows.weighted})=0,NA(),{weighted})"
    page.watch(
        Watch("pipeline.landing", Text("全年预测(按商机)", "Full-year forecast (pipeline)"), f"{n('bookings')}+{known}", floor, screen=4, basis=signed,
              amount=f"{floor}-{n('bookings')}-{weighted}", fresh=("Opportunities.entered",), needs="Opportunities.weighted",
              made="ForecastLog.as_of", span=f'TEXT({plan.policy("forecast.interval")},"0%")&" "&{n("pipeline_range")}')
    )  # fmt: skip
    missing = _missing(plan)
    page.watch(
        Watch("pipeline.coverage", Text("商机覆盖率", "Pipeline coverage"), f"IF({missing}<=0,1,{known}/{missing})", "1", screen=4, basis=signed, fmt="rate",
              amount=f"MAX(0,{missing}-{weighted})", fresh=("Opportunities.entered",), needs="Opportunities.weighted",
              made="ForecastLog.as_of")
    )  # fmt: skip
    still = f"IF({standing}>0,{amount})"
    page.watch(
        Watch("pipeline.stalled", Text("停滞金额占比", "Stalled share of the pipeline"), f"SUMPRODUCT({standing}*{amount})/SUMPRODUCT({_open(plan)}*{amount})", plan.policy("stalled.share"),
              screen=4, fmt="rate", lower=True, amber=f"2*{plan.policy('stalled.share')}", amount=f"SUMPRODUCT({standing}*{amount})", item=f"INDEX({rows.id},MATCH(MAX({still}),{still},0))",
              table="Opportunities.id", owner="owner", needs="Opportunities.state", duty="stalled")
    )  # fmt: skip
    hit, closes = _score(plan, 2), _score(plan, 2, "n")
    page.watch(
        Watch("forecast.accuracy", Text("预测命中率（月 ± 1）", "Forecast hits (month ± 1)"), f"IF({closes}<{plan.policy('forecast.cases')},NA(),{hit})", plan.policy("forecast.hit"), screen=4,
              fmt="rate", needs="ForecastScores.metric", made="ForecastScores.as_of")
    )  # fmt: skip
    rival = f'({rows.competitor}<>"")'
    won, lost = (f"SUMPRODUCT({_ended(plan, outcome)}*{rival})" for outcome in (WON, LOST))
    gone = f"{_ended(plan, LOST)}*{rival}"
    worst = f"IF({gone}>0,{amount})"
    page.watch(
        Watch("pipeline.win_rate", Text("竞标赢单率", "Win rate against competitors"), f"{won}/({won}+{lost})", _wanted(plan), screen=5, fmt="rate",
              amount=f"SUMPRODUCT({gone}*{amount})", item=f"INDEX({rows.id},MATCH(MAX({worst}),{worst},0))", table="Opportunities.id", owner="owner",
              needs="Opportunities.competitor")
    )  # fmt: skip
    pairs = plan.table("DuplicateReview")
    page.watch(
        Watch("data.identified", Text("客户识别率", "Customers identified"), n("identified_rate"), plan.policy("customers.identified"), screen=2, fmt="0.00%", amber="0.99",
              needs="Customers.name")
    )  # fmt: skip
    waiting = f'({pairs.a}<>"")*({pairs.decision}="")'
    page.watch(
        Watch("data.pairs", Text("待复核的重复客户", "Likely duplicates to review"), f"SUMPRODUCT({waiting})", "0", screen=2, fmt="int", lower=True, amber=ANY,
              item=f"INDEX({pairs.a},MATCH(1,{waiting},0))", table="DuplicateReview.a", needs="DuplicateReview.a")
    )  # fmt: skip


def _wanted(plan: Plan) -> str:
    """The regions' win rates, weighted by what is obtainable there."""
    regions = plan.table("Regions")
    market = f"{regions.buyers}*{regions.spend}*{regions.serviceable}*{regions.coverage}*{regions.win_rate}"
    return f"SUMPRODUCT({market}*{regions.win_rate})/SUMPRODUCT({market})"


SHEET = PlanSheet(48, build)
