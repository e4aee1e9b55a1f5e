"""团队汇总 / the manager's team summary: attainment, landing and commission of everybody below, by the day of each deal."""

from __future__ import annotations

from typing import Any

from udfs.text import Text, speaking
from workbook_templates.mailed import Facts, MailedKind, Piece, figures, letter
from workbook_templates.mailed.letter import Block, Figure, Items, Note, Pairs
from workbook_templates.mailed.team_figures import Team, leading, team
from workbook_templates.mailed.words import clean, file_name, last_day, month_name, percent, word, yuan
from workbook_templates.mailed.writing import MailedSheet as Sheet
from workbook_templates.mailed.writing import at, workbook
from workbook_templates.page import charts

LABEL = Text("团队汇总", "Team summary")
TABLES = ("People", "Transfers", "Deals", "Ledger", "Quotas")
NAMED = ("quota_total", "quota_months")

FRONT = Text("团队汇总", "Team summary")
YEAR_SO_FAR = Text("月度", "By month")
B, C, D, E, F, G, H, I, J, K, L, M = range(2, 14)  # noqa: E741
TOTAL, CHART, PEOPLE = 9, 12, 28
MONTHS = 4  # header row of the months
MOST = 15


def recipients(facts: Facts, period: str) -> list[str]:
    """Everybody with people below in the month."""
    return leading(facts, period)


def make(facts: Facts, recipient: str, period: str) -> Piece:
    """One manager's summary."""
    with speaking(facts.lang):
        made = team(facts, recipient, period)
        title = f"{LABEL} {month_name(period)} · {made.name}"
        under = f"{clean(facts.company)} · {Text('方案版本', 'plan version')} {clean(facts.version)}"
        blocks = _letter(made)
        total = made.sum_of("commission")
        return Piece(
            kind="team",
            recipient=recipient,
            name=made.name,
            email=clean(made.manager.get("email"), 254),
            period=period,
            total=total,
            filename=file_name(str(LABEL), period, recipient, made.name),
            workbook=workbook([_front(made), _months(made)], clean(facts.company), title, facts.lang, last_day(period), title),
            html=letter.html(title, under, blocks),
            text=letter.text(title, under, blocks),
            fields={
                "name": made.name,
                "id": clean(recipient),
                "period": period,
                "month": str(month_name(period)),
                "total": yuan(total),
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
    disputed = made.sum_of("disputed")
    return [
        Figure(
            str(Text("年初至今达成率（签单）", "Attainment to date (bookings)")),
            percent(rate),
            f"{_wan(made.sum_of('to_date'))} / {_wan(made.sum_of('quota_to_date'))}",
            tone,
        ),
        Pairs(
            str(Text("本月", "The month")),
            [
                (str(Text("签单", "Bookings")), yuan(made.sum_of("booked"))),
                (str(Text("提成", "Commission")), yuan(made.sum_of("commission")), True),
                (str(Text("其中最终", "of which final")), yuan(made.sum_of("final"))),
                (str(Text("其中预估", "of which estimated")), yuan(made.sum_of("estimated"))),
                (str(Text("年初至今提成", "Commission to date")), yuan(made.sum_of("year"))),
                *([(str(Text("异议中的行", "Disputed lines")), f"{disputed:.0f}")] if disputed else []),
            ],
        ),
        Items.at_most(
            MOST,
            str(Text("成员（按达成率）", "People (by attainment)")),
            [
                (
                    m.name,
                    f"{_wan(m.to_date)} / {_wan(m.quota_to_date)} · {Text('提成', 'commission')} {yuan(m.commission)}",
                    percent(m.attainment),
                )
                for m in made.members
            ],
            "人",
        ),
        Note(
            str(
                Text(
                    "归属按签单日的上级：调动前的订单留在原团队。提成以各人对账单为准。",
                    "A deal counts for whoever led its seller on its day: after a transfer earlier deals stay. Individual statements prevail.",
                )
            )
        ),
    ]


def _wan(amount: float) -> str:
    return str(Text(f"{amount / 10_000:,.1f} 万", f"{amount / 1000:,.0f}k"))


# ---------------------------------------------------------------------------------------------------------- the sheets

_HEADS = (
    Text("工号", "ID"), Text("姓名", "Name"), Text("层级", "Level"), Text("本月签单", "Bookings, month"), Text("累计签单", "Bookings to date"),
    Text("累计指标", "Quota to date"), Text("达成率", "Attainment"), Text("全年指标", "Year's quota"), Text("全年预测", "Forecast"),
    Text("本月提成", "Commission"), Text("其中最终", "of it final"), Text("累计提成", "To date"),
)  # fmt: skip
_FORMATS = ("text", "text", "text", "fen", "fen", "fen", "rate", "fen", "fen", "fen", "fen", "fen")


def _front(made: Team) -> Sheet:
    sheet = Sheet(
        str(FRONT), (2, 9, 18, 9, 15, 17, 17, 11, 17, 17, 15, 15, 16), landscape=True, draw=_chart, points=str(YEAR_SO_FAR)
    )
    line = word("People", "line", made.manager.get("line"))
    pairs = (
        (Text("负责人", "Manager"), f"{made.name}  {clean(made.manager['id'])}", Text("条线", "Line"), line),
        (Text("期间", "Period"), str(month_name(made.period)), Text("人数", "People"), str(len(made.members))),
        (Text("公司", "Company"), clean(made.facts.company), Text("方案版本", "Plan version"), clean(made.facts.version)),
    )
    sheet.begin(f"{FRONT} · {month_name(made.period)}", clean(made.facts.company), pairs, (C, E, G, I))
    last = PEOPLE + len(made.members)
    label = str(Text("本月团队提成（元）", "The team's commission of the month (yuan)"))
    rate = _attained(made)
    said = f"{Text('年初至今达成率', 'attainment to date')} {percent(rate)}"
    look = "caption" if rate is None else "good" if rate >= 1 else "warn" if rate >= 0.9 else "bad"
    sheet.hero(TOTAL, label, made.sum_of("commission"), at(last + 1, K) if made.members else None, said, look, (B, E, M))
    sheet.heading(PEOPLE - 1, Text("成员（元）", "People (yuan)"), M)
    sheet.head(PEOPLE, _HEADS, _FORMATS)
    for row, m in enumerate(made.members, PEOPLE + 1):
        values = (
            m.id,
            m.name,
            word("People", "level", m.level),
            m.booked,
            m.to_date,
            m.quota_to_date,
            None,
            m.quota,
            m.landing,
            m.commission,
            m.final,
            m.year,
        )
        sheet.across(row, values, "cell", _FORMATS)
        if m.attainment is not None:
            look = "good" if m.attainment >= 1 else "cell" if m.attainment >= 0.9 else "warn"
            sheet.put(row, H, m.attainment, look, "rate", f"IF({at(row, G)}=0,0,{at(row, F)}/{at(row, G)})")
    if made.members:
        sheet.sums(last + 1, str(Text("合计", "Total")), (E, F, G, I, J, K, L, M), PEOPLE + 1, last, M)
        if rate is not None:
            sheet.put(last + 1, H, rate, "sum", "rate", f"IF({at(last + 1, G)}=0,0,{at(last + 1, F)}/{at(last + 1, G)})")
    note = Text(
        "归属按签单日的上级：调动前的订单留在原团队。全年预测按指标节奏推算。",
        "A deal counts for whoever led its seller on its day. The full-year forecast follows the quotas' phasing.",
    )
    sheet.wide(last + 3, B, M, str(note), "small")
    return sheet


def _months(made: Team) -> Sheet:
    """The team's bookings and quota by month: what the chart shows."""
    sheet = Sheet(str(YEAR_SO_FAR), (2, 12, 18, 18, 12))
    sheet.put(1, B, f"{YEAR_SO_FAR} · {made.name}", "title")
    sheet.heights[1] = 28
    heads = (Text("月份", "Month"), Text("签单", "Bookings"), Text("指标", "Quota"), Text("达成率", "Attainment"))
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
    title = Text("团队签单与指标（元）", "The team's bookings and quota (yuan)")
    charts.bars(
        page,
        at(CHART, B),
        title,
        f"B{MONTHS + 1}:B{MONTHS + 12}",
        points,
        "#,##0",
        size=(36.5, 7.2),
        labels=False,
        from_zero=False,
    )


KIND = MailedKind(20, LABEL, TABLES, NAMED, recipients, make)
