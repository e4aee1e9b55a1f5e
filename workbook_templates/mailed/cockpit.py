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
from workbook_templates.chapters.cockpit.sheets.cockpit import TILE_WATCHES
from workbook_templates.mailed import Facts, MailedKind, Picture, Piece, figures, letter
from workbook_templates.mailed.figures import number
from workbook_templates.mailed.letter import Block, Drawn, Figure, Items, Note, Pairs, Say
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
    "budget_total", "budget_spent", "collected", "collection_rate", "pool_total", "som_total", "master_check", "cockpit_message",
)  # fmt: skip
MONTHLY = "cd_months"  # what the plan's cockpit draws: heads and twelve rows
NAMED = (*FIGURES, "quota_total", "quota_months", "bookings_months", "quota_quarters", "bookings_quarters", MONTHLY, f"said_{MONTHLY}", watches.LIST)  # fmt: skip

B, C, D, E, F, G = range(2, 8)
CARDS, CHART = 8, 22
QUARTERS, MONTHS, POINTS = 4, 11, 9  # rows of the charts' data, and their first column
BELOW = CHART + 20
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
        line = str(person.get("line") or "")
        teams = _teams(facts, f"{end:%Y-%m}", line)  # the figures beside them are that day's, too
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
                "People": frozenset(
                    {recipient, *(str(made.manager["id"]) for made in teams), *(m.id for made in teams for m in made.members)}
                ),
                "Deals": frozenset(),
                "Customers": frozenset(),
                "Dealers": frozenset(),
            },
            picture=_picture(facts, end),
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


def _teams(facts: Facts, period: str, line: str) -> list[Team]:
    """The teams of a line's managers: the level right below the directors'."""
    everybody = facts.once(figures.people)
    chiefs = [chief for chief in leading(facts, period) if LEVELS.like(everybody[chief].get("level")) == "manager"]
    return [facts.once(team, chief, period) for chief in chiefs if str(everybody[chief].get("line") or "") == line]


# ------------------------------------------------------------------------------------------------------------- figures

Card = tuple[Text, float | None, str, Text, float | None, str, str]  # what, figure, format, against what, figure, format, light


def _bookings(facts: Facts, end: dt.date) -> float:
    """Bookings up to a day: the plan's own figure on its as-of date."""
    if end == facts.as_of:
        return number(facts.first("bookings"))
    return _of_deals(facts, "revenue", end)


def _of_deals(facts: Facts, key: str, end: dt.date) -> float:
    """A column of the year's deals up to a day, summed: last year's may stand there, too."""
    days = ((r.get("date"), number(r.get(key))) for r in facts.of("Deals"))
    return total_of(n for day, n in days if isinstance(day, dt.date) and dt.date(end.year, 1, 1) <= day <= end)


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
    check = facts.first("master_check")
    return [
        *_first_screen(facts, end, cards),
        Items(
            str(Text("数字（元）", "Figures in yuan")),
            [(_marked(card), f"{card[3]} {_shown(card[4], card[5])}", _shown(card[1], card[2])) for card in cards],
        ),
        Items(
            str(Text("本线各团队年初至今", "The line's teams, year to date")),
            [
                (made.name, f"{Text('签单', 'bookings')} {yuan(made.sum_of('to_date'))}", percent(_attained(made)))
                for made in teams
            ],
        ),
        Pairs(str(Text("检查", "Checks")), [(str(Text("总检查", "Master check")), clean(check))] if check else []),
        Note(said(facts, period)),
    ]


def _first_screen(facts: Facts, end: dt.date, cards: Sequence[Card]) -> list[Block]:
    """As on the plan's cockpit: the sentence, the tiles, the five problems. On another day only the year's attainment is known."""
    tiles = _tiles(facts, end)
    if not tiles:
        booked = next((card for card in cards if card[0].en == "Bookings"), None)
        label = Text("全年达成率（签单，保底目标）", "Attainment of the year (bookings, floor target)")
        note, tone = (
            f"{Text('签单', 'bookings')} {yuan(_bookings(facts, end))}",
            booked[6] if booked and booked[6] != NONE else "",
        )
        return [Figure(str(label), percent(_attainment(facts, end)), note, tone)]
    rows = [
        (
            f"{name} · {_WORDS[_LIGHTS.get(row.light or '', NONE)]}",
            f"{Text('目标', 'goal')} {clean(row.goal)} · {clean(row.gap)}{f' · {clean(row.span)}' if row.span else ''}",
            _reached(row),
        )
        for name, row in tiles
    ]
    said = _message(facts)
    drawn = _picture(facts, end)
    problems = _first(facts, end)
    return [
        *([Say(said)] if said else []),
        *problems,
        *([Drawn(drawn.said)] if drawn else []),
        Items(str(Text("进度", "Progress")), rows),
    ]


def _picture(facts: Facts, end: dt.date) -> Picture | None:
    """Bookings added up from January beside the plan, and where the year lands: what the plan's cockpit draws, with its sentence."""
    cells, said = list(facts.named.get(MONTHLY, ())), facts.first(f"said_{MONTHLY}")
    width = len(cells) // 13
    if end != facts.as_of or width < 3:
        return None
    heads, *rows = (cells[at : at + width][:6] for at in range(0, 13 * width, width))
    if not any(isinstance(row[1], int | float) for row in rows):
        return None
    return Picture(MONTHLY, tuple(str(head or "") for head in heads), tuple(map(tuple, rows)), clean(said, 300))


def _reached(row: register.JudgedFigure) -> str:
    """A rate as it is, an amount as a part of its goal."""
    share = row.actual if row.goal.endswith("%") else row.ratio
    return "–" if share is None else percent(share)


def _tiles(facts: Facts, end: dt.date) -> list[tuple[Text, register.JudgedFigure]]:
    """The tiles of the plan's cockpit that have a figure, as its register has them."""
    rows = {row.key: row for row in facts.once(judged)} if end == facts.as_of else {}
    return [(name, rows[key]) for name, key, _ in TILE_WATCHES if key in rows and rows[key].actual is not None]


def _first(facts: Facts, end: dt.date) -> list[Block]:
    """The five problems of the plan's cockpit; items that are rows of Tables, of other lines maybe, stay in the workbook."""
    found = register.first(facts.once(judged)) if end == facts.as_of else []
    if not found:
        return []
    lines = [
        (
            f"{_named(row)} · {_WORDS[_LIGHTS.get(row.light or '', NONE)]}",
            f"{Text('差距', 'gap')} {clean(row.gap)}",
            yuan(row.amount) if row.amount else "",
        )
        for row in found
    ]
    return [Items(str(Text("最先处理（右侧为涉及金额）", "First of all (amounts exposed)")), lines)]


def _message(facts: Facts) -> str:
    """The sentence of the plan's cockpit, without the item that it ends in where that is a row of a Table, of another line maybe."""
    said = clean(facts.first("cockpit_message"), 300)
    for row in register.first(facts.once(judged))[:1]:
        for joint in ("：", ": "):
            whole = f"{joint}{clean(row.item)}"
            if row.item and _named(row) != clean(row.what) and said.endswith(whole):
                said = said.removesuffix(whole)
    return said


def _named(row: register.JudgedFigure) -> str:
    """The title, and the worst item unless it is a row of a Table, which the link then leads to."""
    return clean(row.what if row.where.endswith("!A1") else row.title)


def _marked(card: Card) -> str:
    return str(card[0]) if card[6] == NONE else f"{card[0]} · {_WORDS[card[6]]}"


def _shown(value: float | None, fmt: str) -> str:
    if value is None:
        return "–"
    return percent(value, 2 if fmt == "rate2" else 1) if fmt.startswith("rate") else yuan(value)


def _attained(made: Team) -> float | None:
    return figures.attainment(made.sum_of("to_date"), made.sum_of("quota_to_date"))


# ---------------------------------------------------------------------------------------------------------- the sheets

FRONT, SCREENS, DETAIL = Text("驾驶舱", "Cockpit"), Text("屏", "Screens"), Text("本线明细", "The line")


def _sheets(facts: Facts, period: str, cards: Sequence[Card], teams: Sequence[Team]) -> list[MailedSheet]:
    return [_front(facts, period, cards), _screens(facts, until(facts, period)), _detail(teams)]


def _front(facts: Facts, period: str, cards: Sequence[Card]) -> MailedSheet:
    sheet = MailedSheet(str(FRONT), (2, 25, 20, 18, 20, 12), draw=_charts, points=str(SCREENS))
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
    end = until(facts, period)
    message = _message(facts)
    if message and _tiles(facts, end):
        sheet.wide(3, B, F, message, "line")
    _lines(sheet, facts, end, _problems(sheet, facts, end, BELOW))
    return sheet


def _problems(sheet: MailedSheet, facts: Facts, end: dt.date, row: int) -> int:
    """The five problems of the plan's cockpit."""
    found = register.first(facts.once(judged)) if end == facts.as_of else []
    if not found:
        return row
    sheet.heading(row, Text("最先处理", "First of all"), F)
    heads = (Text("问题", "Problem"), "", Text("差距", "Gap"), Text("涉及金额（元）", "Exposed, yuan"), Text("灯", "Light"))
    sheet.head(row + 1, heads, ("text", "text", "word", "fen", "word"))
    for place, judged_row in enumerate(found, row + 2):
        light = _LIGHTS.get(judged_row.light or "", NONE)
        sheet.wide(place, B, C, _named(judged_row), "wrapped")
        sheet.put(place, D, clean(judged_row.gap), "cell", "word")
        sheet.put(place, E, judged_row.amount or None, "cell", "fen")
        sheet.put(place, F, str(_WORDS[light]), light, "word")
    return row + 3 + len(found)


_SCREEN_NAMES = (
    Text("1 业绩", "1 Results"), Text("2 客户", "2 Customers"), Text("3 团队", "3 Team"), Text("4 预测", "4 Forecast"),
    Text("5 竞争", "5 Competition"),
)  # fmt: skip


def _screens(facts: Facts, end: dt.date) -> MailedSheet:
    """Every judged figure of the register, screen by screen; beside them what the charts show."""
    sheet = MailedSheet(str(SCREENS), (2, 38, 12, 15, 15, 18, 9, 3, 12, 20, 20, 12), landscape=True)
    sheet.put(1, B, str(SCREENS), "title")
    sheet.heights[1] = 28
    row = QUARTERS
    rows = facts.once(judged) if end == facts.as_of else []
    for number_of, name in enumerate(_SCREEN_NAMES, 1):
        mine = [r for r in rows if r.screen == number_of and r.light is not None and r.light != "off"]
        if mine:
            row = _screen(sheet, name, mine, row)
    if row == QUARTERS:
        text = Text("灯只有截止日期那一天的数", "lights are known for the plan's as-of date only")
        sheet.wide(row, B, G, str(text), "small")
    _data(sheet, facts, end)
    return sheet


def _screen(sheet: MailedSheet, name: Text, rows: Sequence[register.JudgedFigure], top: int) -> int:
    heads = (
        name,
        Text("比", "Ratio"),
        Text("目标", "Goal"),
        Text("差距", "Gap"),
        Text("涉及金额（元）", "Exposed, yuan"),
        Text("灯", "Light"),
    )
    sheet.head(top, heads, ("text", "rate", "word", "word", "fen", "word"))
    for row, found in enumerate(rows, top + 1):
        light = _LIGHTS.get(found.light or "", NONE)
        values = (_named(found), found.ratio, clean(found.goal), clean(found.gap), found.amount or None)
        sheet.across(row, values, "cell", ("text", "rate", "word", "word", "fen"))
        sheet.put(row, G, str(_WORDS[light]), light, "word")
    return top + len(rows) + 2


def _detail(teams: Sequence[Team]) -> MailedSheet:
    """The people of the director's line, team by team: bookings and quotas, no pay."""
    sheet = MailedSheet(str(DETAIL), (2, 25, 20, 18, 20, 20, 12))
    sheet.put(1, B, str(DETAIL), "title")
    sheet.heights[1] = 28
    if not teams:
        sheet.wide(3, B, F, str(Text("本线没有团队", "the line has no team")), "small")
    row = _team_rows(sheet, teams, 3)
    for made in teams:
        row = _members(sheet, made, row)
    return sheet


def _members(sheet: MailedSheet, made: Team, row: int) -> int:
    heads = (
        made.name,
        Text("层级", "Level"),
        Text("业绩", "Actual"),
        Text("指标", "Quota"),
        Text("差额", "Gap"),
        Text("达成率", "Attainment"),
    )
    sheet.head(row, heads, ("text", "text", "fen", "fen", "fen", "rate"))
    for place, m in enumerate(made.members, row + 1):
        level = word("People", "level", m.level)
        sheet.across(place, (m.name, level, m.to_date, m.quota_to_date), "cell", ("text", "text", "fen", "fen"))
        sheet.put(place, F, total_of([m.to_date, -m.quota_to_date]), "cell", "fen", f"{at(place, D)}-{at(place, E)}")
        if m.attainment is not None:
            rate = f"IF({at(place, E)}=0,0,{at(place, D)}/{at(place, E)})"
            sheet.put(place, G, m.attainment, _light(m.attainment, 1.0), "rate", rate)
    return row + len(made.members) + 2


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


def _team_rows(sheet: MailedSheet, teams: Sequence[Team], row: int) -> int:
    if not teams:
        return row
    sheet.heading(row, Text("本线各团队年初至今（元）", "The line's teams, year to date (yuan)"), G)
    heads = (
        Text("团队", "Team"),
        Text("业绩", "Actual"),
        Text("指标", "Quota"),
        Text("差额", "Gap"),
        Text("达成率", "Attainment"),
        Text("条线", "Line"),
    )
    sheet.head(row + 1, heads, ("text", "fen", "fen", "fen", "rate", "word"))
    first = row + 2
    for place, made in enumerate(teams, first):
        sheet.put(place, B, made.name)
        actual, quota = made.sum_of("to_date"), made.sum_of("quota_to_date")
        sheet.across(place, (actual, quota), "cell", "fen", C)
        sheet.put(place, E, total_of([actual, -quota]), "cell", "fen", f"{at(place, C)}-{at(place, D)}")
        rate = _attained(made)
        if rate is not None:
            sheet.put(place, F, rate, _light(rate, 1.0), "rate", f"IF({at(place, D)}=0,0,{at(place, C)}/{at(place, D)})")
        sheet.put(place, G, _line(made.manager), "cell", "word")
    last = first + len(teams) - 1
    sheet.sums(last + 1, str(Text("合计", "Total")), (C, D, E), first, last, G)
    return last + 4


def _line(row: Row) -> str:
    return word("People", "line", row.get("line"))


def _data(sheet: MailedSheet, facts: Facts, end: dt.date) -> None:
    """What the charts show: quarters and months, quota beside bookings."""
    sheet.put(QUARTERS - 1, POINTS, str(Text("图表数据", "Data of the charts")), "muted")
    heads = (Text("期间", "Period"), Text("指标", "Quota"), Text("签单", "Bookings"), Text("达成率", "Attainment"))
    for top, labels, names in (
        (QUARTERS, [f"Q{n}" for n in range(1, 5)], ("quota_quarters", "bookings_quarters")),
        (MONTHS, [str(Text(f"{n}月", f"M{n}")) for n in range(1, 13)], ("quota_months", "bookings_months")),
    ):
        for column, (head, fmt) in enumerate(zip(heads, ("text", "fen", "fen", "rate"), strict=True), POINTS):
            sheet.put(top, column, str(head), "head", fmt)
        quotas, actuals = ([*facts.named.get(name, ()), *[None] * len(labels)][: len(labels)] for name in names)
        for row, (label, quota, actual) in enumerate(zip(labels, quotas, actuals, strict=True), top + 1):
            known = [v if isinstance(v, int | float) else None for v in (quota, actual)]
            if end != facts.as_of and (row - top) * (12 // len(labels)) > end.month:
                known[1] = None  # after the day, or a quarter that was not over
            sheet.across(row, (label, *known, None), "cell", ("text", "fen", "fen", "rate"), POINTS)
            if known[0] and known[1] is not None:
                quota_at, actual_at = at(row, POINTS + 1), at(row, POINTS + 2)
                sheet.put(row, POINTS + 3, known[1] / known[0], "cell", "rate", f"IF({quota_at}=0,0,{actual_at}/{quota_at})")


def _charts(page: Any) -> None:
    for where, top, count, title in (
        (CHART, QUARTERS, 4, Text("季度签单与指标（元）", "Bookings and quota by quarter (yuan)")),
        (CHART + 10, MONTHS, 12, Text("月度签单与指标（元）", "Bookings and quota by month (yuan)")),
    ):
        columns = (POINTS + 1, POINTS + 2)
        points = [(at(top, column), f"{at(top + 1, column)}:{at(top + count, column)}") for column in columns]
        charts.bars(
            page,
            at(where, B),
            title,
            f"{at(top + 1, POINTS)}:{at(top + count, POINTS)}",
            points,
            "#,##0",
            size=(24.0, 5.2),
            labels=False,
            from_zero=False,
        )


KIND = MailedKind(40, LABEL, TABLES, NAMED, recipients, make)
