"""What the market's view draws beside its funnel: an indicator in its band, factors by weight, who stands where, how fast something spreads."""

from __future__ import annotations

from udfs.policy import value
from udfs.text import Text
from workbook_templates.chapters.market.signals import AHEAD
from workbook_templates.chapters.market.tables import FACTOR_KINDS, FREQUENCIES, OPPORTUNITY, ORIGINS, OURS
from workbook_templates.page import charts, style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.charts import Bubbles, Dots
from workbook_templates.tables import schema
from workbook_templates.tables.words import PERCENT

DRAWN = 12  # periods
FACTORS, RIVALS, BACK = 24, 12, 6
_SECOND = FIRST_ROW + 19
_SIZE = (12.6, 7.6)


def sections(plan: Plan, page: Page) -> None:
    """Four pictures to the right of the funnel, and the list of what must be tracked."""
    page.width(M=17, N=2.5, **dict.fromkeys("OPQRSTUVWXYZ", 11.5), AA=3, AB=34, AC=9)
    _signal(plan, page, FIRST_ROW)
    _factors(plan, page, FIRST_ROW)
    _groups(plan, page, _SECOND)
    _adoption(plan, page, _SECOND)
    _tracked(plan, page, FIRST_ROW)


# --------------------------------------------------------------------------------------------------------------- signals


def _signal(plan: Plan, page: Page, row: int) -> None:
    """An indicator's last year beside its moving limits."""
    indicators = plan.table("Indicators")
    page.heading(f"O{row}", Text("先行指标与动态阈值", "Indicator and its moving limits"), until="T")
    page.label(f"O{row + 1}", Text("指标代码", "Indicator"), grow=False)
    note = Text("选“先行指标”里的代码；空：第一个", "a code of Indicators; blank: the first")
    page.input(f"P{row + 1}", None, "text", "signal_choice", note=note)
    data = plan.drawn("cd_signal", Text("先行指标（图）", "Indicator drawn"))
    _chosen(data, "G", "signal", indicators.code)
    _series_data(plan, data)
    place = f"MATCH({plan.name('signal_shown')},{indicators.code},0)"
    state = f'IFERROR(INDEX({indicators.name},{place})&" "&INDEX({indicators.period},{place})&{plan.quoted(Text("：", ": "))}&INDEX({indicators.state},{place}),"")'
    top, last = FIRST_ROW + 1, FIRST_ROW + DRAWN
    charts.lines(
        page, f"O{row + 3}", plan.message(page, state, "Indicators"), f"B{top}:B{last}",
        [(f"{letter}{FIRST_ROW}", f"{letter}{top}:{letter}{last}") for letter in ("D", "E", "C")], fmt="number", size=_SIZE, data=data, dashed=2,
    )  # fmt: skip
    plan.put_away(data)


def _chosen(data: Page, letter: str, name: str, column: str) -> None:
    """What is drawn: what somebody chose, else the first of a Table, which may come in after the plan was laid out."""
    data.header(f"{letter}{FIRST_ROW}", [Text("所选", "Shown")])
    first = f'IFERROR(INDEX({column},1)&"","")'
    data.formula(f"{letter}{FIRST_ROW + 1}", f'=IF({name}_choice="",{first},{name}_choice)', "text", f"{name}_shown")


def _series_data(plan: Plan, data: Page) -> None:
    """The last periods: what is compared of each, and its limits, as the button wrote them."""
    indicators, values = plan.table("Indicators"), plan.table("IndicatorValues")
    shown, row = plan.name("signal_shown"), FIRST_ROW
    place = f"MATCH({shown},{indicators.code},0)"
    monthly = f"(INDEX({indicators.frequency},{place})={plan.quoted(FREQUENCIES[0].label)})"
    data.header(f"B{row}", [Text("期", "Period"), Text("比较值", "Compared"), Text("下限", "Low"), Text("上限", "High")])
    newest = f"INDEX({indicators.period},{place})"
    by_month, by_quarter = f"DATE(LEFT({newest},4),MID({newest},6,2),1)", f"DATE(LEFT({newest},4),3*RIGHT({newest},1),1)"
    for number in range(DRAWN):
        at, back = row + 1 + number, DRAWN - 1 - number
        month, quarter = f"EDATE({by_month},-{back})", f"EDATE({by_quarter},-{3 * back})"
        said = f'IF({monthly},TEXT({month},"yyyy-mm"),YEAR({quarter})&"-Q"&MONTH({quarter})/3)'
        data.formula(f"B{at}", f'=IFERROR({said},"")', "text")
        mine = f"{values.code},{shown},{values.period},B{at}"
        # A period without a value, or before the first, lies on the next one: a blank is drawn as zero.
        later = f"C{at + 1}" if back else "0"
        data.formula(
            f"C{at}", f'=IF(COUNTIFS({mine},{values.compared},"<>")=0,{later},SUMIFS({values.compared},{mine}))', "number"
        )
        # Where there are no limits yet they lie on the value itself: a blank is drawn as zero.
        for letter, column in (("D", values.low), ("E", values.high)):
            data.formula(f"{letter}{at}", f'=IF(COUNTIFS({mine},{column},"<>")=0,C{at},SUMIFS({column},{mine}))', "number")


# --------------------------------------------------------------------------------------------------------------- factors


def _placed(plan: Plan, data: Page, first: str, row: int, places: int, rows: str, mine: str, weight: str) -> None:
    """Which rows of a Table a series shows. A place that is none of its own repeats the heaviest: a dot on a dot, since a blank is drawn as zero."""
    heaviest = f"IF({mine},{weight},-1)"
    data.formula(f"{first}{row}", f"=IFERROR(IF(MAX({heaviest})<0,0,MATCH(MAX({heaviest}),{heaviest},0)),0)", "int")
    for number in range(1, places + 1):
        own = f"IFERROR(IF(INDEX({heaviest},{number})>=0,{number},${first}${row}),${first}${row})"
        data.formula(f"{first}{row + number}", f"=IF({number}>ROWS({rows}),${first}${row},{own})", "int")


def _points(data: Page, letters: str, row: int, places: int, columns: tuple[str, str, str]) -> None:
    """Beside the places: x, y and size."""
    first, cells = letters[0], list(letters[1:])
    for number in range(1, places + 1):
        at = row + number
        for letter, column, none in zip(cells, columns, ("0", "0", "0.0001"), strict=True):
            data.formula(f"{letter}{at}", f"=IF({first}{at}=0,{none},N(INDEX({column},{first}{at})))", "number")


def _factors(plan: Plan, page: Page, row: int) -> None:
    """Opportunities and threats by likelihood and impact, as large as their score; the curve is the line of what must be tracked."""
    factors = plan.table("Factors")
    page.heading(f"U{row}", Text("机会与威胁", "Opportunities and threats"), until="Z")
    data = plan.drawn("cd_factors", Text("机会威胁（图）", "Factors drawn"))
    top, series = FIRST_ROW + 1, list[Bubbles]()
    for letters, word, color in (("BCDE", FACTOR_KINDS[0], style.SERIES[1]), ("FGHI", FACTOR_KINDS[1], style.PROBLEM)):
        first = letters[0]
        data.header(
            f"{first}{FIRST_ROW}", [word.label, Text("可能性", "Likelihood"), Text("影响", "Impact"), Text("得分", "Score")]
        )
        mine = f"({factors.kind}={plan.quoted(word.label)})*ISNUMBER({factors.score})"
        _placed(plan, data, first, top, FACTORS, factors.id, mine, f"IF(ISNUMBER({factors.score}),{factors.score},0)")
        _points(data, letters, top, FACTORS, (factors.likelihood, factors.impact, factors.score))
        x, y, size = letters[1], letters[2], letters[3]
        series.append(_bubbles(f"{first}{FIRST_ROW}", (x, y, size), (top + 1, top + FACTORS), color))
    series.append(_curve(plan, data, top))
    tracked = f"SUMPRODUCT(ISNUMBER({factors.score})*({factors.score}>={plan.policy('signals.cutoff')}))"
    opportunities = f'COUNTIFS({factors.kind},{plan.quoted(next(w.label for w in FACTOR_KINDS if w.code == OPPORTUNITY))},{factors.score},">="&{plan.policy("signals.cutoff")})'
    parts = (Text("必跟 ", "To be tracked: "), Text(" 个，其中机会 ", ", opportunities among them: "))
    said = f"{plan.quoted(parts[0])}&{tracked}&{plan.quoted(parts[1])}&{opportunities}"
    charts.bubbles(
        page, f"U{row + 3}", plan.message(page, said, "Factors"), series, Text("可能性（0–10）", "Likelihood, 0 to 10"), Text("影响（0–10）", "Impact, 0 to 10"),
        size=_SIZE, most=(10, 10), data=data,
    )  # fmt: skip
    plan.put_away(data)


def _bubbles(name: str, letters: tuple[str, str, str], rows: tuple[int, int], color: str, hollow: bool = False) -> Bubbles:
    """A series of the cells of these columns and rows."""
    x, y, size = (f"{letter}{rows[0]}:{letter}{rows[1]}" for letter in letters)
    return Bubbles(name, x, y, size, color, hollow)


def _curve(plan: Plan, data: Page, top: int) -> Bubbles:
    """Likelihood times impact at the square of the cutoff."""
    data.header(
        f"J{FIRST_ROW}", [Text("必跟线", "Line"), Text("可能性", "Likelihood"), Text("影响", "Impact"), Text("大小", "Size")]
    )
    cutoff = plan.policy("signals.cutoff")
    for number in range(1, FACTORS + 1):
        at = top + number
        data.formula(f"K{at}", f"={cutoff}^2/10+({number - 1})*(10-{cutoff}^2/10)/{FACTORS - 1}", "number")
        data.formula(f"L{at}", f"={cutoff}^2/K{at}", "number")
        data.formula(f"M{at}", "=0.03", "number")
    return _bubbles(f"J{FIRST_ROW}", ("K", "L", "M"), (top + 1, top + FACTORS), style.MUTED)


def _tracked(plan: Plan, page: Page, row: int) -> None:
    """The list of what must be tracked, best first."""
    factors = plan.table("Factors")
    page.heading(f"AB{row}", Text("必跟清单", "Must-track list"), until="AC")
    count = sum(1 for found in plan.rows("Factors") if (found.get("score") or 0) >= value("signals.cutoff"))
    page.spill(
        f"AB{row + 2}", f'=IF(COUNT({factors.score})=0,"–",SALES_MUSTTRACK({factors.name},{factors.score},{plan.policy("signals.cutoff")}))',
        max(1, count), 2, ["text", "score"], "must_track", [Text("因素", "Factor"), Text("得分", "Score")], indent=[0],
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------- groups


def _groups(plan: Plan, page: Page, row: int) -> None:
    """Who stands where by delivery and completeness; the widest gap among the others, and whether anybody asks for it."""
    rivals = plan.table("Competitors")
    ours = plan.quoted(next(word.label for word in ORIGINS if word.code == OURS))
    page.heading(f"O{row}", Text("战略群组与空白区间", "Strategic groups and white space"), until="T")
    # We are no obstacle to ourselves: in our place the first of the others stands a second time, which changes nothing.
    other = f"MATCH(TRUE,{rivals.origin}<>{ours},0)"
    columns = (rivals.delivery_days, rivals.completeness, rivals.share)
    x, y, size = (f"IF({rivals.origin}={ours},INDEX({column},{other}),{column})" for column in columns)
    data = plan.drawn("cd_groups", Text("战略群组（图）", "Strategic groups drawn"))
    data.spill(
        f"P{FIRST_ROW + 1}", f'=IF(COUNTIFS({rivals.origin},"<>"&{ours},{rivals.share},">=0")<3,"–",SALES_WHITESPACE({x},{y},{size}))', 1, 3, "number", "white_space",
        [Text("空白区间", "White space"), Text("完整度", "Completeness"), Text("距离", "Distance")],
    )  # fmt: skip
    there = f"ISNUMBER({plan.name('white_space')})"
    whole = f"{plan.name('white_space')}#"
    x_, y_, gap = (f"INDEX({whole},1,{number})" for number in (1, 2, 3))
    _rival_data(plan, data)
    data.header(
        f"T{FIRST_ROW}", [Text("空白", "Gap"), Text("交期", "Delivery"), Text("完整度", "Completeness"), Text("大小", "Size")]
    )
    for letter, formula in (
        ("U", f"=IF({there},{x_},0)"),
        ("V", f"=IF({there},{y_},0)"),
        ("W", f"=IF({there},MAX({rivals.share})*0.6,0.0001)"),
    ):
        data.formula(f"{letter}{FIRST_ROW + 1}", formula, "number")
    top, last = FIRST_ROW + 2, FIRST_ROW + 1 + RIVALS
    colors = (style.BEFORE, style.SERIES[2], style.ACTUAL)
    blocks = (("B", ("C", "D", "E")), ("F", ("G", "H", "I")), ("J", ("K", "L", "M")))
    series = [
        _bubbles(f"{name}{FIRST_ROW}", letters, (top, last), color) for (name, letters), color in zip(blocks, colors, strict=True)
    ]
    at = FIRST_ROW + 1
    series.append(_bubbles(f"T{FIRST_ROW}", ("U", "V", "W"), (at, at), style.PROBLEM, hollow=True))
    told = (
        Text("空白：交期 ", "White space: delivery "),
        Text(" 天、完整度 ", " days, completeness "),
        Text("（距离 ", " (distance "),
        Text("）", ")"),
    )
    parts = [plan.quoted(part) for part in told]
    said = f"IF({there},{parts[0]}&FIXED({x_},0)&{parts[1]}&FIXED({y_},0)&{parts[2]}&FIXED({gap},2)&{parts[3]},{plan.quoted(Text('空白：至少三家竞品才能算', 'White space: three competitors are needed'))})"
    charts.bubbles(
        page, f"O{row + 4}", plan.message(page, said, "Competitors", "cd_groups"), series, Text("交期（天，越右越快）", "Delivery, days (faster to the right)"), Text("方案完整度", "Completeness"),
        size=_SIZE, reversed_x=True, data=data,
    )  # fmt: skip
    plan.put_away(data)
    page.formula(f"O{row + 1}", f"={_asked_for(plan)}", "text", boxed=False)
    slogan = plan.quoted(Text("口号：", "Slogan: "))
    page.formula(f"O{row + 2}", f"={slogan}&{plan.name('mail_slogan')}", "text", boxed=False)


def _rival_data(plan: Plan, data: Page) -> None:
    """Competitors in thirds of their reputation."""
    rivals = plan.table("Competitors")
    known = f"ISNUMBER({rivals.share})*ISNUMBER({rivals.reputation})"
    low, high = (f"IFERROR(PERCENTILE({rivals.reputation},{part}),0)" for part in ("1/3", "2/3"))
    thirds = (
        (Text("口碑低", "Known least"), f"({rivals.reputation}<{low})"), (Text("口碑中", "Known"), f"({rivals.reputation}>={low})*({rivals.reputation}<{high})"),
        (Text("口碑高", "Known best"), f"({rivals.reputation}>={high})"),
    )  # fmt: skip
    for letters, (label, mine) in zip(("BCDE", "FGHI", "JKLM"), thirds, strict=True):
        data.header(
            f"{letters[0]}{FIRST_ROW}", [label, Text("交期", "Delivery"), Text("完整度", "Completeness"), Text("份额", "Share")]
        )
        _placed(
            plan,
            data,
            letters[0],
            FIRST_ROW + 1,
            RIVALS,
            rivals.name,
            f"{known}*{mine}",
            f"IF(ISNUMBER({rivals.share}),{rivals.share},0)",
        )
        _points(data, letters, FIRST_ROW + 1, RIVALS, (rivals.delivery_days, rivals.completeness, rivals.share))


def _asked_for(plan: Plan) -> str:
    """Whether anybody asks for the gap: what was lost for delivery or solution in twelve months. A gap nobody asks for is no window."""
    head = plan.quoted(Text("12 个月内因交期、方案丢单：", "Lost for delivery or solution in 12 months: "))
    if "Opportunities" not in schema.TABLES or not plan.in_use(8):
        return f"{head}&{plan.quoted(Text('启用第 8 章后可见', 'seen once chapter 8 is used'))}"
    deals, spec = plan.table("Opportunities"), schema.table("Opportunities")
    words = {word.code: plan.quoted(word.label) for word in (*spec["reason"].words, *spec["outcome"].words)}
    lost = next((word for code, word in words.items() if code in ("lost", "loss")), '"输单"')
    since = f'{deals.outcome},{lost},{deals.closed_on},">"&EDATE({plan.name("as_of")},-12),{deals.closed_on},"<="&{plan.name("as_of")}'
    reasons = [word for code, word in words.items() if code in ("delivery", "solution")]
    count = "+".join(f"COUNTIFS({since},{deals.reason},{word})" for word in reasons) or "0"
    amount = "+".join(f"SUMIFS({deals.amount},{since},{deals.reason},{word})" for word in reasons) or "0"
    return f"{head}&({count})&{plan.quoted(Text(' 单，', ' deals, '))}&{plan.say(f'({amount})')}"


# -------------------------------------------------------------------------------------------------------------- adoption


def _adoption(plan: Plan, page: Page, row: int) -> None:
    """How far something has spread, and where it will be, with the interval of the prediction."""
    points = plan.table("AdoptionPoints")
    page.heading(f"U{row}", Text("渗透率预测", "Adoption ahead"), until="Z")
    page.label(f"U{row + 1}", Text("曲线", "Series"), grow=False)
    note = Text("选“渗透曲线”里的名称；空：第一条", "a name of Adoption curves; blank: the first")
    page.input(f"V{row + 1}", None, "text", "adoption_choice", note=note)
    data = plan.drawn("cd_adoption", Text("渗透率（图）", "Adoption drawn"))
    _chosen(data, "J", "adoption", plan.table("AdoptionSeries").series)
    shown = plan.name("adoption_shown")
    row_, count = FIRST_ROW, f"COUNTIFS({points.series},{shown})"
    top, last = row_ + 1, row_ + BACK
    data.header(f"B{row_}", [Text("年份", "Year"), Text("已知", "Known")])
    for number in range(BACK):
        at, back = top + number, BACK - 1 - number
        data.formula(f"B{at}", f"=IF({count}=0,0,MAX(({points.series}={shown})*{points.year})-{back})", "year")
        mine = f"{points.series},{shown},{points.year}"
        data.formula(
            f"C{at}",
            f"=IF(COUNTIFS({mine},B{at})=0,IF({count}=0,0,SUMIFS({points.share},{mine},MAX(B{top}:B{last}))),SUMIFS({points.share},{mine},B{at}))",
            "rate",
        )
    data.header(f"E{row_}", [Text("年份", "Year"), Text("预测", "Ahead"), Text("下限", "Low"), Text("上限", "High")])
    later = plan.table("AdoptionAhead")
    for number in range(AHEAD):
        at = top + number
        data.formula(f"E{at}", f"=B{last}+{number + 1}", "year")
        mine = f"{later.series},{shown},{later.year},E{at}"
        for letter, column in (("F", later.share), ("G", later.low), ("H", later.high)):
            data.formula(f"{letter}{at}", f"=IF(COUNTIFS({mine})=0,C{last},SUMIFS({column},{mine}))", "rate")
    end = top + AHEAD - 1
    series = [
        Dots(f"C{row_}", f"B{top}:B{last}", f"C{top}:C{last}", style.ACTUAL, "line"),
        *(Dots(f"{letter}{row_}", f"E{top}:E{end}", f"{letter}{top}:{letter}{end}", color, drawn)
          for letter, color, drawn in (("F", style.SERIES[2], "line"), ("G", style.MUTED, "rule"), ("H", style.MUTED, "rule"))),
    ]  # fmt: skip
    year = f"SUMPRODUCT(MAX(({later.series}={shown})*IF(ISNUMBER({later.year}),{later.year},0)))"
    share, low, high = (
        f"SUMIFS({column},{later.series},{shown},{later.year},{year})" for column in (later.share, later.low, later.high)
    )
    found = (
        f'{shown}&" "&{year}&{plan.quoted(Text("：", ": "))}&TEXT({share},"0%")&" ("&TEXT({low},"0%")&"–"&TEXT({high},"0%")&")"'
    )
    said = f"IF({year}>0,{found},{plan.quoted(Text('至少四个年份才能预测', 'Four years at least are needed'))})"
    charts.scatter(
        page,
        f"U{row + 4}",
        plan.message(page, said, "AdoptionPoints"),
        series,
        "year",
        "rate",
        Text("年份", "Year"),
        PERCENT,
        _SIZE,
        y_max=1.0,
        data=data,
        from_zero=False,
    )
    plan.put_away(data)
