"""团队汇总 / the manager's team summary: attainment, landing and pay of everybody below, out of their accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from udfs.text import Text, speaking
from udfs.values import total_of
from workbook_templates.mailed import Facts, MailedKind, Piece, figures, letter
from workbook_templates.mailed.letter import Block, DotStrip, Figure, Items, Note, Pairs
from workbook_templates.mailed.team_figures import Member, Team, below, leading, team
from workbook_templates.mailed.words import clean, file_name, last_day, month_name, percent, word, yuan
from workbook_templates.mailed.writing import MailedSheet, at, workbook
from workbook_templates.page import charts
from workbook_templates.tables.words import STATEMENTS

LABEL = STATEMENTS.label("team")  # while no company calls it otherwise
TABLES = ("People", "Transfers", "Deals", "Ledger", "Accounts", "Quotas", "QuotaChanges")
NAMED = ("quota_total",)

FRONT = Text("团队汇总", "Team summary")
YEAR_SO_FAR = Text("月度", "By month")
B, C, D, E, F, G, H, I, J, K, L, M, N = range(2, 15)  # noqa: E741
TOTAL, HELPING, CHART, PEOPLE = 9, 12, 18, 34
MONTHS = 4  # header row of the months
MOST = 15


def recipients(facts: Facts, period: str) -> list[str]:
    """Everybody with people below in the month."""
    return leading(facts, period)


def make(facts: Facts, recipient: str, period: str) -> Piece:
    """One manager's summary."""
    with speaking(facts.lang):
        made = team(facts, recipient, period)
        title = f"{STATEMENTS.label('team')} {month_name(period)} · {made.name}"
        under = f"{clean(facts.company)} · {Text('方案版本', 'plan version')} {clean(facts.version)}"
        blocks = _letter(made)
        total = made.sum_of("payable")
        return Piece(
            kind="team",
            recipient=recipient,
            name=made.name,
            email=clean(made.manager.get("email"), 254),
            period=period,
            total=total,
            filename=file_name(str(STATEMENTS.label("team")), period, recipient, made.name),
            workbook=workbook([_front(made), _months(made)], clean(facts.company), title, facts.lang, last_day(period), title),
            html=letter.html(title, under, blocks),
            text=letter.text(title, under, blocks),
            fields={
                "name": made.name,
                "id": clean(recipient),
                "period": period,
                "month": str(month_name(period)),
                "total": yuan(total),
                "payable": yuan(total),
                "earned": yuan(made.sum_of("earned")),
                "state": str(made.badge.text),
                "people": str(len(made.members)),
                "attainment": percent(_attained(made)),
                "company": clean(facts.company),
                "version": clean(facts.version),
            },
            owns={
                "People": frozenset({recipient, *(member.id for member in made.members)}),
                "Deals": frozenset(),
                "Customers": frozenset(),
                "Dealers": frozenset(),
            },
        )


def _attained(made: Team) -> float | None:
    return figures.attainment(made.sum_of("to_date"), made.sum_of("quota_to_date"))


# ---------------------------------------------------------------------------------------------------------- the letter


def _letter(made: Team) -> list[Block]:
    rate = _attained(made)
    tone = "" if rate is None else "good" if rate >= 1 else "warn" if rate >= 0.9 else "bad"
    month = (
        ("booked", Text("业绩", "Actual")),
        ("earned", Text("计提", "Earned")),
        ("payable", Text("应发", "Payable")),
        ("final", Text("其中最终", "of which final")),
        ("estimated", Text("其中预估", "of which estimated")),
    )
    return [
        *_help(made),
        Figure(
            str(Text("年初至今达成率", "Attainment to date")),
            percent(rate),
            f"{_wan(made.sum_of('to_date'))} / {_wan(made.sum_of('quota_to_date'))}",
            tone,
            [str(made.badge.text), *_missing(made)],
        ),
        DotStrip(str(Text("各人年初至今达成率（%，每点一人）", "Attainment to date (%, a dot for each person)")), _strip(made)),
        Pairs(str(Text("本月", "The month")), [(str(label), yuan(made.sum_of(key)), key == "payable") for key, label in month]),
        Pairs(str(Text("年初至今", "Year to date")), _to_date(made)),
        Items.at_most(
            MOST,
            str(Text("成员（按达成率）", "People (by attainment)")),
            [(m.name, _below(m), percent(m.attainment)) for m in made.members],
            "人",
        ),
        Note(_rule(made)),
    ]


def _help(made: Team) -> list[Block]:
    """Who needs help first, by how much, and what to do next."""
    if not made.behind:
        return []
    rows = [(m.name, f"{_gap(m)} · {_next_step(made, m)}", percent(m.attainment)) for m in made.behind]
    return [Items(str(HELP.format(n=len(rows))), rows)]


HELP = Text("{n} 个人要帮（年初至今达成率）", "{n} to help first (attainment to date)")


def _gap(member: Member) -> str:
    missing = _wan(member.quota_to_date - member.to_date)
    return str(Text(f"差 {missing}", f"{missing} short"))


def _next_step(made: Team, member: Member) -> str:
    """By how far somebody is behind: who is below the coaching line is visited with, who joined this year is shown first."""
    settings = made.facts.settings
    if member.attainment is not None and member.attainment < float(settings["coaching.limit"]):
        days = f"{float(settings['coaching.days']):g}"
        joined = made.facts.once(figures.people).get(member.id, {}).get("joined")
        if joined is not None and joined.year == made.facts.year:
            return str(Text(f"新人：先带教，再陪访 {days} 天", f"new: show the work, then {days} days of joint visits"))
        return str(Text(f"陪访 {days} 天，定辅导计划", f"{days} days of joint visits and a coaching plan"))
    return str(Text("逐单核对本季可签的单", "go through what can be signed this quarter"))


_STEPS = range(40, 140, 10)  # of the strip, per cent: below the first, each, above the last


def _strip(made: Team) -> list[tuple[str, int]]:
    """How many stand where."""
    parts = [100 * m.attainment for m in made.members if m.attainment is not None]
    if not parts:
        return []
    low, high = _STEPS[0], _STEPS[-1]
    counts = [(f"<{low}", sum(part < low for part in parts))]
    counts += [(f"{step}", sum(step <= part < step + 10 for part in parts)) for step in _STEPS[:-1]]
    return [*counts, (f"{high}+", sum(part >= high for part in parts))]


def _to_date(made: Team) -> list[tuple[str, str] | tuple[str, str, bool]]:
    """The year so far, and where it lands beside what is asked."""
    landing, quota = made.sum_of("landing"), made.sum_of("quota")
    part = figures.attainment(landing, quota)
    forecast = f"{_wan(landing)} / {_wan(quota)}" + (f" · {percent(part)}" if part is not None else "")
    return [
        (str(Text("业绩", "Actual")), yuan(made.sum_of("to_date"))),
        (str(Text("指标", "Quota")), yuan(made.sum_of("quota_to_date"))),
        (str(Text("全年预测 / 全年指标", "Forecast / quota of the year")), forecast),
        (str(Text("应发", "Paid")), yuan(made.sum_of("year"))),
        (str(Text("月末待发余额", "Held at the month's end")), yuan(made.sum_of("held"))),
    ]


def _below(member: Member) -> str:
    state = word("Accounts", "statement", member.state) if member.state else ""
    parts = (f"{_wan(member.to_date)} / {_wan(member.quota_to_date)}", f"{Text('应发', 'payable')} {yuan(member.payable)}", state)
    return " · ".join(part for part in parts if part)


def _missing(made: Team) -> list[str]:
    """Who is not reviewed, and who could not be computed."""
    said = []
    for members, text in (
        (made.left_out, Text("未计算（数据待更正）：", "Left out (a row waits to be mended): ")),
        (made.open, Text("未审核：", "Not reviewed: ")),
    ):
        if members:
            more = len(members) - MOST
            names = str(Text("、", ", ")).join(m.name for m in members[:MOST])
            said.append(f"{text}{names}" + (str(Text(f" 等 {len(members)} 人", f" and {more} more")) if more > 0 else ""))
    return said


def _rule(made: Team) -> str:
    """Up to when figures to date count, and for whom."""
    return str(
        Text(
            f"应发、待发、业绩与达成取自各人账户，截至 {made.period}，按月末的上级归属；计提按签单日的上级：调动前的订单留在原团队。",
            f"Payable, held, actual and attainment are those of the accounts up to {made.period}, for the manager at each month's end; what a "
            "deal earned counts for the manager of its seller on its day: after a transfer earlier deals stay.",
        )
    )


def _wan(amount: float) -> str:
    return str(Text(f"{amount / 10_000:,.1f} 万", f"{amount / 1000:,.0f}k"))


# ---------------------------------------------------------------------------------------------------------- the sheets

_HEADS = (
    Text("工号", "ID"), Text("姓名", "Name"), Text("层级", "Level"), Text("本月业绩", "Actual, month"), Text("累计业绩", "Actual to date"),
    Text("累计指标", "Quota to date"), Text("达成率", "Attainment"), Text("全年预测", "Forecast"), Text("本月计提", "Earned"),
    Text("本月应发", "Payable"), Text("待发余额", "Held"), Text("累计应发", "Paid to date"), Text("对账单", "Statement"),
)  # fmt: skip
_FORMATS = ("text", "text", "text", "fen", "fen", "fen", "rate", "fen", "fen", "fen", "fen", "fen", "word")


def _front(made: Team) -> MailedSheet:
    sheet = MailedSheet(
        str(FRONT), (2, 9, 18, 12, 15, 17, 17, 11, 17, 15, 15, 15, 16, 11), landscape=True, draw=_chart, points=str(YEAR_SO_FAR)
    )
    line = word("People", "line", made.manager.get("line"))
    pairs = (
        (Text("负责人", "Manager"), f"{made.name}  {clean(made.manager['id'])}", Text("条线", "Line"), line),
        (Text("期间", "Period"), str(month_name(made.period)), Text("人数", "People"), str(len(made.members))),
        (Text("公司", "Company"), clean(made.facts.company), Text("方案版本", "Plan version"), clean(made.facts.version)),
    )
    sheet.begin(f"{STATEMENTS.label('team')} · {month_name(made.period)}", clean(made.facts.company), pairs, (C, E, G, I))
    last = PEOPLE + len(made.members)
    label = str(Text("本月团队应发（元）", "Payable to the team this month (yuan)"))
    badge = made.badge
    said = f"{badge.text} · {Text('年初至今达成率', 'attainment to date')} {percent(_attained(made))}"
    sheet.hero(
        TOTAL, label, made.sum_of("payable"), at(last + 1, K) if made.members else None, said, badge.tone or "caption", (B, E, N)
    )
    if missing := _missing(made):
        sheet.wide(TOTAL + 1, B, N, str(Text("；", "; ")).join(missing), "small")
    _helping(sheet, made)
    sheet.heading(PEOPLE - 1, Text("成员（元）", "People (yuan)"), N)
    sheet.head(PEOPLE, _HEADS, _FORMATS)
    for row, member in enumerate(made.members, PEOPLE + 1):
        _person(sheet, member, row)
    if made.members:
        sheet.sums(last + 1, str(Text("合计", "Total")), (E, F, G, I, J, K, L, M), PEOPLE + 1, last, N)
        rate = _attained(made)
        if rate is not None:
            sheet.put(last + 1, H, rate, "sum", "rate", f"IF({at(last + 1, G)}=0,0,{at(last + 1, F)}/{at(last + 1, G)})")
    note = Text("全年预测按指标节奏推算。", "The full-year forecast follows the quotas' phasing.")
    sheet.wide(last + 3, B, N, f"{_rule(made)} {note}", "small")
    return sheet


def _helping(sheet: MailedSheet, made: Team) -> None:
    """Who needs help first."""
    if not made.behind:
        return
    sheet.heading(HELPING, HELP.format(n=len(made.behind)), N)
    heads = (Text("姓名", "Name"), Text("达成率", "Attainment"), Text("差额（元）", "Short, yuan"), Text("下一步", "Next step"))
    for column, head in zip((B, D, E, F), heads, strict=True):
        sheet.put(HELPING + 1, column, str(head), "head", "fen" if column == E else "rate" if column == D else "text")
    for column in (C, *range(G, N + 1)):
        sheet.put(HELPING + 1, column, None, "head")
    for row, m in enumerate(made.behind, HELPING + 2):
        sheet.wide(row, B, C, m.name, "wrapped")
        sheet.put(row, D, m.attainment, "warn" if (m.attainment or 0) >= _NEAR else "bad", "rate")
        sheet.put(row, E, total_of([m.quota_to_date, -m.to_date]), "cell", "fen")
        sheet.wide(row, F, N, _next_step(made, m), "wrapped")


_NEAR = 0.9


def _person(sheet: MailedSheet, m: Member, row: int) -> None:
    level, state = word("People", "level", m.level), word("Accounts", "statement", m.state) if m.state else "–"
    actual = (m.booked, m.to_date, m.quota_to_date, None, m.landing)
    values = (m.id, m.name, level, *actual, m.earned, m.payable, m.held, m.year, state)
    sheet.across(row, values, "cell", _FORMATS)
    if m.left_out:
        sheet.put(row, N, str(Text("未计算", "Left out")), "bad", "word")
    if m.attainment is not None:
        look = "good" if m.attainment >= 1 else "cell" if m.attainment >= 0.9 else "warn"
        sheet.put(row, H, m.attainment, look, "rate", f"IF({at(row, G)}=0,0,{at(row, F)}/{at(row, G)})")


def _months(made: Team) -> MailedSheet:
    """What the team sold and its quota by month: what the chart shows."""
    sheet = MailedSheet(str(YEAR_SO_FAR), (2, 12, 18, 18, 12))
    sheet.put(1, B, f"{YEAR_SO_FAR} · {made.name}", "title")
    sheet.heights[1] = 28
    heads = (Text("月份", "Month"), Text("业绩", "Actual"), Text("指标", "Quota"), Text("达成率", "Attainment"))
    sheet.head(MONTHS, heads, ("text", "fen", "fen", "rate"))
    for number in range(1, 13):
        row = MONTHS + number
        sheet.across(row, [str(Text(f"{number}月", f"{made.period[:4]}-{number:02}")), None, None, None])
        if number <= len(made.months):
            _, booked, quota = made.months[number - 1]
            sheet.across(row, (booked, quota), "cell", "fen", C)
            if quota:
                sheet.put(row, E, booked / quota, "cell", "rate", f"IF({at(row, D)}=0,0,{at(row, C)}/{at(row, D)})")
    sheet.sums(MONTHS + 13, str(Text("合计", "Total")), (C, D), MONTHS + 1, MONTHS + 12, E)
    return sheet


def _chart(page: Any) -> None:
    points = [(at(MONTHS, column), f"{at(MONTHS + 1, column)}:{at(MONTHS + 12, column)}") for column in (C, D)]
    title = Text("团队业绩与指标（元）", "The team's actual and quota (yuan)")
    charts.bars(
        page,
        at(CHART, B),
        title,
        f"B{MONTHS + 1}:B{MONTHS + 12}",
        points,
        "#,##0",
        size=(39.5, 7.2),
        labels=False,
        from_zero=False,
    )


def wrong(facts: Facts, who: Sequence[str], period: str) -> list[Text]:
    """Whose account and ledger disagree."""
    members = sorted({person for manager in who for person in below(facts, manager, period)})
    return [text for person in members for text in figures.unequal(facts, person, period)]


KIND = MailedKind(20, LABEL, TABLES, NAMED, recipients, make, wrong)
