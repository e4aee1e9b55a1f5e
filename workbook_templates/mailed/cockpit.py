"""驾驶舱 / the director's cockpit: the plan's own key figures with lights, quarters, months, budget lines, the teams.

Figures to date are those up to the plan's as-of date, or up to the end of the month asked for where that came before; it says which. What
the plan's sheets know for their as-of date only is left out then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from udfs.text import Text, speaking
from udfs.values import total_of
from workbook_templates.mailed import Facts, MailedKind, Piece, figures, letter
from workbook_templates.mailed.figures import number
from workbook_templates.mailed.letter import Block, Figure, Items, Note, Pairs
from workbook_templates.mailed.statement_figures import employed_in
from workbook_templates.mailed.team_figures import Team, leading, team
from workbook_templates.mailed.words import clean, day, file_name, last_day, month_name, percent, word, yuan
from workbook_templates.mailed.writing import MailedSheet, at, workbook
from workbook_templates.page import charts, register, watches
from workbook_templates.tables.schema import BUDGET_LINES, LEVELS, Row
from workbook_templates.tables.words import STATEMENTS

LABEL = STATEMENTS.label("cockpit")  # while no company calls it otherwise
TABLES = ("People", "Transfers", "Deals", "Ledger", "Accounts", "Quotas", "QuotaChanges", "Budget")
FIGURES = (
    "bookings", "floor_target", "stretch_target", "gross_margin", "margin_rate", "profit", "profit_floor",
    "budget_total", "budget_spent", "collected", "collection_rate", "pool_total", "som_total", "master_check",
)  # fmt: skip
NAMED = (*FIGURES, "quota_total", "quota_months", "bookings_months", "quota_quarters", "bookings_quarters", watches.LIST)  # fmt: skip

B, C, D, E, F, G = range(2, 8)
CARDS, CHART = 8, 22
QUARTERS, MONTHS = 4, 11
BELOW = CHART + 30
GOOD, WARN, BAD, NONE = "good", "warn", "bad", "cell"
_LIGHTS = {"green": GOOD, "amber": WARN, "red": BAD}
_WORDS = {GOOD: Text("绿", "Green"), WARN: Text("橙", "Amber"), BAD: Text("红", "Red"), NONE: Text("–", "–")}
_NEAR = 0.9  # of a goal: amber


def recipients(facts: Facts, period: str) -> list[str]:
    """The directors: their data is for directors only."""
    staff = facts.once(figures.staff)
    there = [
        (id, staff.on(id, last_day(period)) or row) for id, row in facts.once(figures.people).items() if employed_in(row, period)
    ]
    return sorted(id for id, row in there if LEVELS.like(row.get("level")) == "director")


def make(facts: Facts, recipient: str, period: str) -> Piece:
    """One director's cockpit: the plan as it stands on its as-of date."""
    with speaking(facts.lang):
        person = facts.once(figures.people).get(recipient) or {"id": recipient}
        name = clean(person.get("name")) or clean(recipient)
        title = f"{STATEMENTS.label('cockpit')} {month_name(period)}"
        end = until(facts, period)
        under = f"{clean(facts.company)} · {Text('截至', 'as of')} {day(end)} · {Text('方案版本', 'plan version')} {clean(facts.version)}"
        teams = _teams(facts, f"{end:%Y-%m}")  # the figures beside them are that day's, too
        cards = _cards(facts, end)
        blocks = _letter(facts, period, cards, teams)
        return Piece(
            kind="cockpit",
            recipient=recipient,
            name=name,
            email=clean(person.get("email"), 254),
            period=period,
            total=None,
            filename=file_name(str(STATEMENTS.label("cockpit")), period, recipient, name),
            workbook=workbook(_sheets(facts, period, cards, teams), clean(facts.company), title, facts.lang, end, title),
            html=letter.html(title, under, blocks),
            text=letter.text(title, under, blocks),
            fields={
                "name": name,
                "id": clean(recipient),
                "period": period,
                "month": str(month_name(period)),
                "bookings": yuan(_bookings(facts, end)),
                "attainment": percent(_attainment(facts, end)),
                "as_of": day(end),
                "company": clean(facts.company),
                "version": clean(facts.version),
            },
            owns={
                "People": frozenset({recipient, *(str(made.manager["id"]) for made in teams)}),
                "Deals": frozenset(),
                "Customers": frozenset(),
                "Dealers": frozenset(),
            },
        )


def until(facts: Facts, period: str) -> dt.date:
    """The day up to which figures to date count."""
    return min(facts.as_of, last_day(period))


def said(facts: Facts, period: str) -> str:
    """That rule in words, and what can't be told for the day."""
    end = until(facts, period)
    if end == facts.as_of:
        text = Text(
            f"数字截至计划的截止日期 {day(end)}，与计划工作簿的驾驶舱一致；计提与应发含截至 {end:%Y-%m} 的月份。",
            f"Figures up to the plan's as-of date {day(end)}, as on the plan's own cockpit; credited and payable count the months up to "
            f"{end:%Y-%m}.",
        )
    else:
        text = Text(
            f"数字截至 {day(end)}（所选期间的月末），其后的不计。计划的截止日期是 {day(facts.as_of)}：利润、回款、利润池只有那一天的数，未列。",
            f"Figures up to {day(end)}, the end of the month asked for; nothing later counts. The plan's as-of date is {day(facts.as_of)}: "
            "profit, cash and profit pool are known for that day only and left out.",
        )
    return str(text)


def _teams(facts: Facts, period: str) -> list[Team]:
    """The teams of the managers: the level right below the directors'."""
    everybody = facts.once(figures.people)
    return [
        facts.once(team, chief, period)
        for chief in leading(facts, period)
        if LEVELS.like(everybody[chief].get("level")) == "manager"
    ]


# ------------------------------------------------------------------------------------------------------------- figures

Card = tuple[Text, float | None, str, Text, float | None, str, str]  # what, figure, format, against what, figure, format, light


def _bookings(facts: Facts, end: dt.date) -> float:
    """Bookings up to a day: the plan's own figure on its as-of date."""
    if end == facts.as_of:
        return number(facts.first("bookings"))
    return _of_deals(facts, "revenue", end)


def _of_deals(facts: Facts, key: str, end: dt.date) -> float:
    return total_of(number(r.get(key)) for r in facts.of("Deals") if isinstance(r.get("date"), dt.date) and r["date"] <= end)


def _attainment(facts: Facts, end: dt.date) -> float | None:
    return figures.attainment(_bookings(facts, end), number(facts.first("floor_target")))


def credited(facts: Facts, end: dt.date) -> float:
    """What the ledger credited in the year up to the month of a day."""
    return figures.earned_of(r for r in facts.of("Ledger") if f"{end:%Y}" <= str(r.get("period")) <= f"{end:%Y-%m}")


def payable(facts: Facts, end: dt.date) -> float:
    """What the accounts pay in the year up to the month of a day."""
    return total_of(number(r.get("paid")) for r in facts.of("Accounts") if f"{end:%Y}" <= str(r.get("month")) <= f"{end:%Y-%m}")


def judged(facts: Facts) -> list[register.JudgedFigure]:
    """The plan's register of watches: what holds on its as-of date."""
    return register.read(facts.named.get(watches.LIST, ()))


def _watched(facts: Facts, end: dt.date, key: str, against: Text, fmt: str, otherwise: Card) -> Card:
    """A key figure as the plan's own cockpit judges it; on another day, or in a plan without a register, by what is known here."""
    row = next((row for row in facts.once(judged) if row.key == key), None) if end == facts.as_of else None
    if row is None or row.actual is None:
        return otherwise
    return otherwise[0], row.actual, fmt, against, row.target, fmt, _LIGHTS.get(row.light or "", NONE)


def _cards(facts: Facts, end: dt.date) -> list[Card]:
    """The key figures of the plan's own cockpit; none that the workbook has no name for, or does not know for the day."""
    value = {name: facts.first(name) for name in FIGURES}
    now, booked = end == facts.as_of, _bookings(facts, end)
    due = total_of(number(q) for q in list(facts.named.get("quota_months", ()))[: end.month])
    margin = value["gross_margin"] if now else _of_deals(facts, "margin", end)
    spent = value["budget_spent"] if now else total_of(number(r.get("actual_cost")) for r in _budget(facts, end))
    earned = credited(facts, end)
    due_now, goal = Text("进度计划", "plan to date"), Text("目标", "goal")
    cards: list[Card] = [
        _watched(facts, end, "bookings.progress", due_now, "fen", (Text("签单", "Bookings"), booked if value["bookings"] is not None else None, "fen", Text("应达指标", "quota due"), due, "fen", _light(booked, due))),
        (Text("全年达成率（保底）", "Of the floor target"), _attainment(facts, end), "rate", Text("保底目标", "floor target"), value["floor_target"], "fen", NONE),
        _watched(facts, end, "margin.progress", due_now, "fen", (Text("毛利", "Gross margin"), margin, "fen", Text("毛利率", "margin rate"), figures.attainment(number(margin), booked), "rate", NONE)),
        _watched(facts, end, "profit.progress", due_now, "fen", (Text("利润", "Profit"), value["profit"] if now else None, "fen", Text("利润底线", "profit floor"), value["profit_floor"], "fen", _light(value["profit"], value["profit_floor"]))),
        _watched(facts, end, "cash.rate", goal, "rate", (Text("到期回款率", "Collected of what is due"), None, "rate", goal, None, "rate", NONE)),
        _watched(facts, end, "forecast.run_rate", goal, "fen", (Text("全年预测(按进度)", "Full-year forecast (run rate)"), None, "fen", goal, None, "fen", NONE)),
        (Text("费用", "Budget spent"), spent, "fen", Text("预算", "budget"), value["budget_total"], "fen", _spent(spent, value["budget_total"])),
        (Text("已回款", "Collected"), value["collected"] if now else None, "fen", Text("回款率", "rate"), value["collection_rate"], "rate", _light(value["collection_rate"], facts.settings.get("week.collection_goal"))),
        (Text("提成计提", "Commission credited"), earned, "fen", Text("占签单", "of bookings"), figures.attainment(earned, booked), "rate2", NONE),
        (Text("提成应发", "Commission payable"), payable(facts, end), "fen", Text("占签单", "of bookings"), figures.attainment(payable(facts, end), booked), "rate2", NONE),
        (Text("利润池", "Profit pool"), value["pool_total"] if now else None, "fen", Text("可获得市场", "SOM"), value["som_total"], "fen", NONE),
    ]  # fmt: skip
    return [card for card in cards if isinstance(card[1], int | float)]


def _budget(facts: Facts, end: dt.date) -> list[Row]:
    """The budget's rows up to the month of a day; all where they say no month."""
    rows = [r for r in facts.of("Budget") if r.get("month") is not None]
    return [r for r in rows if _month_of(r["month"]) <= end.month]


def _month_of(cell: Any) -> int:
    return int(cell) if isinstance(cell, int | float) else int(str(cell)[-2:])


def _light(actual: Any, goal: Any) -> str:
    if not isinstance(actual, int | float) or not isinstance(goal, int | float) or not goal:
        return NONE
    return GOOD if actual >= goal * (1 - 1e-9) else WARN if actual >= goal * _NEAR else BAD


def _spent(spent: Any, budget: Any) -> str:
    light = _light(budget, spent)
    return BAD if light == WARN else light  # over the budget is over it


# ---------------------------------------------------------------------------------------------------------- the letter


def _letter(facts: Facts, period: str, cards: Sequence[Card], teams: Sequence[Team]) -> list[Block]:
    end = until(facts, period)
    booked = next((card for card in cards if card[0].en == "Bookings"), None)
    check = facts.first("master_check")
    return [
        Figure(
            str(Text("全年达成率（签单，保底目标）", "Attainment of the year (bookings, floor target)")),
            percent(_attainment(facts, end)),
            f"{Text('签单', 'bookings')} {yuan(_bookings(facts, end))}",
            booked[6] if booked and booked[6] != NONE else "",
        ),
        Items(
            str(Text("关键数字", "Key figures")),
            [(_marked(card), f"{card[3]} {_shown(card[4], card[5])}", _shown(card[1], card[2])) for card in cards],
        ),
        Items(
            str(Text("各团队年初至今", "Teams, year to date")),
            [
                (made.name, f"{Text('签单', 'bookings')} {yuan(made.sum_of('to_date'))}", percent(_attained(made)))
                for made in teams
            ],
        ),
        *_first(facts, end),
        Pairs(str(Text("检查", "Checks")), [(str(Text("总检查", "Master check")), clean(check))] if check else []),
        Note(said(facts, period)),
    ]


def _first(facts: Facts, end: dt.date) -> list[Block]:
    """The five problems of the plan's cockpit; their items, rows of others, stay in the workbook."""
    found = register.first(facts.once(judged)) if end == facts.as_of else []
    if not found:
        return []
    lines = [
        (
            f"{clean(row.title)} · {_WORDS[_LIGHTS.get(row.light or '', NONE)]}",
            f"{Text('差距', 'gap')} {clean(row.gap)}",
            yuan(row.amount) if row.amount else "",
        )
        for row in found
    ]
    return [Items(str(Text("最先处理（右侧为涉及金额）", "First of all (amounts exposed)")), lines)]


def _marked(card: Card) -> str:
    return str(card[0]) if card[6] == NONE else f"{card[0]} · {_WORDS[card[6]]}"


def _shown(value: float | None, fmt: str) -> str:
    if value is None:
        return "–"
    return percent(value, 2 if fmt == "rate2" else 1) if fmt.startswith("rate") else yuan(value)


def _attained(made: Team) -> float | None:
    return figures.attainment(made.sum_of("to_date"), made.sum_of("quota_to_date"))


# ---------------------------------------------------------------------------------------------------------- the sheets

FRONT, DATA = Text("驾驶舱", "Cockpit"), Text("数据", "Data")


def _sheets(facts: Facts, period: str, cards: Sequence[Card], teams: Sequence[Team]) -> list[MailedSheet]:
    return [_front(facts, period, cards, teams), _data(facts, until(facts, period))]


def _front(facts: Facts, period: str, cards: Sequence[Card], teams: Sequence[Team]) -> MailedSheet:
    sheet = MailedSheet(str(FRONT), (2, 25, 20, 18, 20, 12, 15), draw=_charts, points=str(DATA))
    pairs = (
        (Text("期间", "Period"), str(month_name(period)), Text("截至", "As of"), day(until(facts, period))),
        (
            Text("方案版本", "Plan version"),
            clean(facts.version),
            Text("总检查", "Master check"),
            clean(facts.first("master_check")) or "–",
        ),
    )
    sheet.begin(f"{STATEMENTS.label('cockpit')} · {month_name(period)}", clean(facts.company), pairs, (C, C, E, F))
    sheet.heading(CARDS - 1, Text("关键数字（元）", "Key figures (yuan)"), F)
    heads = (Text("指标", "Figure"), Text("数值", "Value"), Text("对照", "Against"), Text("数值", "Value"), Text("灯", "Light"))
    sheet.head(CARDS, heads, ("text", "fen", "text", "fen", "word"))
    for row, (what, value, fmt, against, other, other_fmt, light) in enumerate(cards, CARDS + 1):
        sheet.put(row, B, str(what), "line")
        sheet.put(row, C, value, "line", fmt)
        sheet.put(row, D, str(against))
        sheet.put(row, E, other, "cell", other_fmt)
        sheet.put(row, F, str(_WORDS[light]), light, "word")
    sheet.wide(CHART - 1, B, F, said(facts, period), "small")
    row = _lines(sheet, facts, until(facts, period), BELOW)
    _team_rows(sheet, teams, row)
    return sheet


def _lines(sheet: MailedSheet, facts: Facts, end: dt.date, row: int) -> int:
    """The budget lines: planned for the year, spent, what is left."""
    spent = facts.of("Budget") if end == facts.as_of else _budget(facts, end)
    sheet.heading(row, Text("费用（元）", "Budget (yuan)"), F)
    heads = (Text("费用项", "Line"), Text("预算", "Budget"), Text("已用", "Spent"), Text("结余", "Left"), Text("使用率", "Used"))
    sheet.head(row + 1, heads, ("text", "fen", "fen", "fen", "rate"))
    first = row + 2
    for place, line in enumerate(BUDGET_LINES, first):
        budget, cost = (
            total_of(number(r.get(key)) for r in rows if r.get("line") == line.code)
            for rows, key in ((facts.of("Budget"), "planned"), (spent, "actual_cost"))
        )
        sheet.put(place, B, str(line.label))
        sheet.across(place, (budget, cost), "cell", "fen", C)
        sheet.put(place, E, total_of([budget, -cost]), "cell", "fen", f"{at(place, C)}-{at(place, D)}")
        rate = figures.attainment(cost, budget)
        sheet.put(
            place, F, rate, "cell", "rate", f"IF({at(place, C)}=0,0,{at(place, D)}/{at(place, C)})" if rate is not None else None
        )
    last = first + len(BUDGET_LINES) - 1
    sheet.sums(last + 1, str(Text("合计", "Total")), (C, D, E), first, last, F)
    return last + 3


def _team_rows(sheet: MailedSheet, teams: Sequence[Team], row: int) -> None:
    if not teams:
        return
    sheet.heading(row, Text("各团队年初至今（元）", "Teams, year to date (yuan)"), G)
    heads = (
        Text("团队", "Team"),
        Text("签单", "Bookings"),
        Text("指标", "Quota"),
        Text("应发", "Paid"),
        Text("达成率", "Attainment"),
        Text("条线", "Line"),
    )
    sheet.head(row + 1, heads, ("text", "fen", "fen", "fen", "rate", "word"))
    first = row + 2
    for place, made in enumerate(teams, first):
        sheet.put(place, B, made.name)
        sheet.across(place, (made.sum_of("to_date"), made.sum_of("quota_to_date"), made.sum_of("year")), "cell", "fen", C)
        rate = _attained(made)
        if rate is not None:
            sheet.put(place, F, rate, _light(rate, 1.0), "rate", f"IF({at(place, D)}=0,0,{at(place, C)}/{at(place, D)})")
        sheet.put(place, G, _line(made.manager), "cell", "word")
    last = first + len(teams) - 1
    sheet.sums(last + 1, str(Text("合计", "Total")), (C, D, E), first, last, G)


def _line(row: Row) -> str:
    return word("People", "line", row.get("line"))


def _data(facts: Facts, end: dt.date) -> MailedSheet:
    """What the charts show: quarters and months, quota beside bookings."""
    sheet = MailedSheet(str(DATA), (2, 12, 20, 20, 12))
    sheet.put(1, B, str(Text("图表数据", "Data of the charts")), "title")
    heads = (Text("期间", "Period"), Text("指标", "Quota"), Text("签单", "Bookings"), Text("达成率", "Attainment"))
    for top, labels, names in (
        (QUARTERS, [f"Q{n}" for n in range(1, 5)], ("quota_quarters", "bookings_quarters")),
        (MONTHS, [str(Text(f"{n}月", f"M{n}")) for n in range(1, 13)], ("quota_months", "bookings_months")),
    ):
        sheet.head(top, heads, ("text", "fen", "fen", "rate"))
        quotas, actuals = ([*facts.named.get(name, ()), *[None] * len(labels)][: len(labels)] for name in names)
        for row, (label, quota, actual) in enumerate(zip(labels, quotas, actuals, strict=True), top + 1):
            known = [v if isinstance(v, int | float) else None for v in (quota, actual)]
            if end != facts.as_of and (row - top) * (12 // len(labels)) > end.month:
                known[1] = None  # after the day, or a quarter that was not over
            sheet.across(row, (label, *known, None), "cell", ("text", "fen", "fen", "rate"))
            if known[0] and known[1] is not None:
                sheet.put(row, E, known[1] / known[0], "cell", "rate", f"IF({at(row, C)}=0,0,{at(row, D)}/{at(row, C)})")
    return sheet


def _charts(page: Any) -> None:
    for where, top, count, title in (
        (CHART, QUARTERS, 4, Text("季度签单与指标（元）", "Bookings and quota by quarter (yuan)")),
        (CHART + 15, MONTHS, 12, Text("月度签单与指标（元）", "Bookings and quota by month (yuan)")),
    ):
        points = [(at(top, column), f"{at(top + 1, column)}:{at(top + count, column)}") for column in (C, D)]
        charts.bars(
            page,
            at(where, B),
            title,
            f"B{top + 1}:B{top + count}",
            points,
            "#,##0",
            size=(24.0, 7.0),
            labels=False,
            from_zero=False,
        )


KIND = MailedKind(40, LABEL, TABLES, NAMED, recipients, make)
