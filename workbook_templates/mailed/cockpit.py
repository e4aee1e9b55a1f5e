"""驾驶舱 / the director's cockpit: the plan's own key figures with lights, quarters, months, budget lines, the teams."""

from __future__ import annotations

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
from workbook_templates.mailed.writing import MailedSheet as Sheet
from workbook_templates.mailed.writing import at, workbook
from workbook_templates.page import charts
from workbook_templates.tables.schema import BUDGET_LINES, Row

LABEL = Text("总监驾驶舱", "Director's cockpit")
TABLES = ("People", "Transfers", "Deals", "Ledger", "Quotas", "Budget")
FIGURES = (
    "bookings", "floor_target", "stretch_target", "gross_margin", "margin_rate", "profit", "profit_floor", "ledger_total",
    "budget_total", "budget_spent", "collected", "collection_rate", "pool_total", "som_total", "master_check",
)  # fmt: skip
NAMED = (*FIGURES, "quota_total", "quota_months", "bookings_months", "quota_quarters", "bookings_quarters")  # fmt: skip

B, C, D, E, F, G = range(2, 8)
CARDS, CHART = 8, 19
QUARTERS, MONTHS = 4, 11
BELOW = CHART + 30
GOOD, WARN, BAD, NONE = "good", "warn", "bad", "cell"
_WORDS = {GOOD: Text("绿", "Green"), WARN: Text("橙", "Amber"), BAD: Text("红", "Red"), NONE: Text("–", "–")}
_NEAR = 0.9  # of a goal: amber


def recipients(facts: Facts, period: str) -> list[str]:
    """The directors: their data is for directors only."""
    staff = facts.once(figures.staff)
    there = [
        (id, staff.on(id, last_day(period)) or row) for id, row in facts.once(figures.people).items() if employed_in(row, period)
    ]
    return sorted(id for id, row in there if row.get("level") == "director")


def make(facts: Facts, recipient: str, period: str) -> Piece:
    """One director's cockpit: the plan as it stands on its as-of date."""
    with speaking(facts.lang):
        person = facts.once(figures.people).get(recipient) or {"id": recipient}
        name = clean(person.get("name")) or clean(recipient)
        title = f"{LABEL} {month_name(period)}"
        under = f"{clean(facts.company)} · {Text('截至', 'as of')} {day(facts.as_of)} · {Text('方案版本', 'plan version')} {clean(facts.version)}"
        teams = _teams(facts, f"{facts.as_of:%Y-%m}")  # the figures beside them are the as-of date's, too
        cards = _cards(facts)
        blocks = _letter(facts, cards, teams)
        return Piece(
            kind="cockpit",
            recipient=recipient,
            name=name,
            email=clean(person.get("email"), 254),
            period=period,
            total=None,
            filename=file_name(str(LABEL), period, recipient, name),
            workbook=workbook(_sheets(facts, period, cards, teams), clean(facts.company), title, facts.lang, facts.as_of, title),
            html=letter.html(title, under, blocks),
            text=letter.text(title, under, blocks),
            fields={
                "name": name,
                "id": clean(recipient),
                "period": period,
                "month": str(month_name(period)),
                "bookings": yuan(number(facts.first("bookings"))),
                "attainment": percent(_ratio(facts, "bookings", "floor_target")),
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


def _teams(facts: Facts, period: str) -> list[Team]:
    """The teams of the managers: the level right below the directors'."""
    everybody = facts.once(figures.people)
    return [facts.once(team, chief, period) for chief in leading(facts, period) if everybody[chief].get("level") == "manager"]


# ------------------------------------------------------------------------------------------------------------- figures

Card = tuple[Text, float | None, str, Text, float | None, str, str]  # what, figure, format, against what, figure, format, light


def _ratio(facts: Facts, over: str, under: str) -> float | None:
    return figures.attainment(number(facts.first(over)), number(facts.first(under)))


def _cards(facts: Facts) -> list[Card]:
    """The key figures of the plan's own cockpit; none that the workbook has no name for."""
    value = {name: facts.first(name) for name in FIGURES}
    due = total_of(number(q) for q in list(facts.named.get("quota_months", ()))[: facts.as_of.month])
    cards: list[Card] = [
        (Text("签单", "Bookings"), value["bookings"], "fen", Text("应达指标", "quota due"), due, "fen", _light(value["bookings"], due)),
        (Text("全年达成率（保底）", "Of the floor target"), _ratio(facts, "bookings", "floor_target"), "rate", Text("保底目标", "floor target"), value["floor_target"], "fen", NONE),
        (Text("毛利", "Gross margin"), value["gross_margin"], "fen", Text("毛利率", "margin rate"), value["margin_rate"], "rate", NONE),
        (Text("利润", "Profit"), value["profit"], "fen", Text("利润底线", "profit floor"), value["profit_floor"], "fen", _light(value["profit"], value["profit_floor"])),
        (Text("费用", "Budget spent"), value["budget_spent"], "fen", Text("预算", "budget"), value["budget_total"], "fen", _spent(value["budget_spent"], value["budget_total"])),
        (Text("已回款", "Collected"), value["collected"], "fen", Text("回款率", "rate"), value["collection_rate"], "rate", _light(value["collection_rate"], facts.settings.get("week.collection_goal"))),
        (Text("提成台账", "Commission ledger"), value["ledger_total"], "fen", Text("占签单", "of bookings"), _ratio(facts, "ledger_total", "bookings"), "rate2", NONE),
        (Text("利润池", "Profit pool"), value["pool_total"], "fen", Text("可获得市场", "SOM"), value["som_total"], "fen", NONE),
    ]  # fmt: skip
    return [card for card in cards if isinstance(card[1], int | float)]


def _light(actual: Any, goal: Any) -> str:
    if not isinstance(actual, int | float) or not isinstance(goal, int | float) or not goal:
        return NONE
    return GOOD if actual >= goal * (1 - 1e-9) else WARN if actual >= goal * _NEAR else BAD


def _spent(spent: Any, budget: Any) -> str:
    light = _light(budget, spent)
    return BAD if light == WARN else light  # over the budget is over it


# ---------------------------------------------------------------------------------------------------------- the letter


def _letter(facts: Facts, cards: Sequence[Card], teams: Sequence[Team]) -> list[Block]:
    booked = next((card for card in cards if card[0].en == "Bookings"), None)
    check = facts.first("master_check")
    return [
        Figure(
            str(Text("全年达成率（签单，保底目标）", "Attainment of the year (bookings, floor target)")),
            percent(_ratio(facts, "bookings", "floor_target")),
            f"{Text('签单', 'bookings')} {yuan(number(facts.first('bookings')))}",
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
        Pairs(str(Text("检查", "Checks")), [(str(Text("总检查", "Master check")), clean(check))] if check else []),
        Note(
            str(
                Text(
                    "数字截至计划的截止日期，与计划工作簿的驾驶舱一致。",
                    "Figures as of the plan's as-of date, equal to the plan's own cockpit.",
                )
            )
        ),
    ]


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


def _sheets(facts: Facts, period: str, cards: Sequence[Card], teams: Sequence[Team]) -> list[Sheet]:
    return [_front(facts, period, cards, teams), _data(facts)]


def _front(facts: Facts, period: str, cards: Sequence[Card], teams: Sequence[Team]) -> Sheet:
    sheet = Sheet(str(FRONT), (2, 25, 20, 18, 20, 12, 15), draw=_charts, points=str(DATA))
    pairs = (
        (Text("期间", "Period"), str(month_name(period)), Text("截至", "As of"), day(facts.as_of)),
        (
            Text("方案版本", "Plan version"),
            clean(facts.version),
            Text("总检查", "Master check"),
            clean(facts.first("master_check")) or "–",
        ),
    )
    sheet.begin(f"{LABEL} · {month_name(period)}", clean(facts.company), pairs, (C, C, E, F))
    sheet.heading(CARDS - 1, Text("关键数字（元）", "Key figures (yuan)"), F)
    heads = (Text("指标", "Figure"), Text("数值", "Value"), Text("对照", "Against"), Text("数值", "Value"), Text("灯", "Light"))
    sheet.head(CARDS, heads, ("text", "fen", "text", "fen", "word"))
    for row, (what, value, fmt, against, other, other_fmt, light) in enumerate(cards, CARDS + 1):
        sheet.put(row, B, str(what), "line")
        sheet.put(row, C, value, "line", fmt)
        sheet.put(row, D, str(against))
        sheet.put(row, E, other, "cell", other_fmt)
        sheet.put(row, F, str(_WORDS[light]), light, "word")
    row = _lines(sheet, facts, BELOW)
    _team_rows(sheet, teams, row)
    return sheet


def _lines(sheet: Sheet, facts: Facts, row: int) -> int:
    """The budget lines: planned for the year, spent, what is left."""
    rows = [(w, [r for r in facts.of("Budget") if r.get("line") == w.code]) for w in BUDGET_LINES]
    if not facts.of("Budget"):
        return row
    sheet.heading(row, Text("费用（元）", "Budget (yuan)"), F)
    heads = (Text("费用项", "Line"), Text("预算", "Budget"), Text("已用", "Spent"), Text("结余", "Left"), Text("使用率", "Used"))
    sheet.head(row + 1, heads, ("text", "fen", "fen", "fen", "rate"))
    first = row + 2
    for place, (line, months) in enumerate(rows, first):
        budget, cost = (total_of(number(month.get(key)) for month in months) for key in ("planned", "actual_cost"))
        sheet.put(place, B, str(line.label))
        sheet.across(place, (budget, cost), "cell", "fen", C)
        sheet.put(place, E, total_of([budget, -cost]), "cell", "fen", f"{at(place, C)}-{at(place, D)}")
        rate = figures.attainment(cost, budget)
        sheet.put(
            place, F, rate, "cell", "rate", f"IF({at(place, C)}=0,0,{at(place, D)}/{at(place, C)})" if rate is not None else None
        )
    last = first + len(rows) - 1
    sheet.sums(last + 1, str(Text("合计", "Total")), (C, D, E), first, last, F)
    return last + 3


def _team_rows(sheet: Sheet, teams: Sequence[Team], row: int) -> None:
    if not teams:
        return
    sheet.heading(row, Text("各团队年初至今（元）", "Teams, year to date (yuan)"), G)
    heads = (
        Text("团队", "Team"),
        Text("签单", "Bookings"),
        Text("指标", "Quota"),
        Text("提成", "Commission"),
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


def _data(facts: Facts) -> Sheet:
    """What the charts show: quarters and months, quota beside bookings."""
    sheet = Sheet(str(DATA), (2, 12, 20, 20, 12))
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
