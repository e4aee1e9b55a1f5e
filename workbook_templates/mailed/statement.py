"""提成对账单 / the commission statement: one representative's month, every figure with the way it came about."""

from __future__ import annotations

from udfs.text import Text, speaking
from udfs.values import total_of
from workbook_templates.mailed import Facts, MailedKind, Piece, figures, letter
from workbook_templates.mailed.letter import Bars, Block, Figure, Items, Note, Pairs
from workbook_templates.mailed.statement_figures import EMPTY, ESTIMATED, FINISHED, Statement, employed_in, statement
from workbook_templates.mailed.statement_lines import KINDS, LABELS, StatementLine
from workbook_templates.mailed.statement_sheets import sheets
from workbook_templates.mailed.words import clean, day, file_name, last_day, month_name, percent, word, yuan
from workbook_templates.mailed.writing import workbook

LABEL = Text("提成对账单", "Commission statement")
TABLES = ("People", "Transfers", "Customers", "Deals", "Ledger", "Quotas", "Draws", "Disputes", "Statements")
NAMED = ("quota_total", "quota_months", "commission_next")

MOST_DEALS = 12  # deals the letter itself lists; the workbook has them all
TONES = {ESTIMATED: "warn", FINISHED: "good", EMPTY: ""}


def recipients(facts: Facts, period: str) -> list[str]:
    """Everybody with a ledger row in the month, and everybody with a quota who worked in it: nothing earned is told, too."""
    everybody = facts.once(figures.people)
    with_rows = [person for person, months in facts.once(figures.earned).items() if period in months]
    sellers = [row["person"] for row in facts.of("Quotas") if row.get("person") in everybody]
    there = [person for person in sellers if period[:4] == str(facts.year) and employed_in(everybody[person], period)]
    return sorted({*with_rows, *there})


def make(facts: Facts, recipient: str, period: str) -> Piece:
    """One person's statement: the workbook, and the same number in the letter."""
    with speaking(facts.lang):
        made = statement(facts, recipient, period)
        title = f"{LABEL} {month_name(period)} · {made.name}"
        blocks = _letter(made)
        under = f"{clean(facts.company)} · {Text('方案版本', 'plan version')} {made.versions}"
        return Piece(
            kind="statement",
            recipient=recipient,
            name=made.name,
            email=clean(made.person.get("email"), 254),
            period=period,
            total=made.total,
            filename=file_name(str(LABEL), period, recipient, made.name),
            workbook=workbook(sheets(made), clean(facts.company), title, facts.lang, made.computed_on or last_day(period), title),
            html=letter.html(title, under, blocks),
            text=letter.text(title, under, blocks),
            fields=_fields(made),
            owns=_owns(made),
        )


def _fields(made: Statement) -> dict[str, str]:
    """What the templates of subject and text may name."""
    return {
        "name": made.name,
        "id": clean(made.id),
        "period": made.period,
        "month": str(month_name(made.period)),
        "total": yuan(made.total),
        "payable": yuan(made.draw.payable if made.draw else made.total),
        "state": str(made.said),
        "company": clean(made.facts.company),
        "version": made.versions,
        "computed_on": day(made.computed_on),
    }


def _owns(made: Statement) -> dict[str, frozenset[str]]:
    """The person, the person's deals of the months shown, the orders that were returned, and their customers.

    An override says who decided it: whoever that is may be named, too.
    """
    rows = [row for month in made.months for row in figures.of_month(made.facts, made.id, month.period)]
    deals = made.facts.once(figures.deals)
    own = {row["deal"] for row in rows if row.get("deal")}
    own |= {deals[d]["original"] for d in own if d in deals and deals[d].get("original")}
    own |= {row["deal"] for row in made.facts.of("Disputes") if row.get("person") == made.id and row.get("deal")}
    clients = {deals[d]["customer"] for d in own if d in deals and deals[d].get("customer")}
    deciders = {line.by for line in made.lines.shown if line.by}
    named = {id for id, row in made.facts.once(figures.people).items() if deciders & {clean(id), clean(row.get("name"))}}
    return {
        "People": frozenset({made.id, *named}),
        "Deals": frozenset(own),
        "Customers": frozenset(clients),
        "Dealers": frozenset(),
    }


# ---------------------------------------------------------------------------------------------------------- the letter


def _letter(made: Statement) -> list[Block]:
    return [
        Figure(
            str(Text("本月提成合计（元）", "Commission of the month (yuan)")),
            yuan(made.total),
            str(made.said),
            TONES[made.state],
        ),
        Pairs(str(Text("构成", "Made up of")), _parts(made)),
        Items(str(Text("本月订单", "Deals of the month")), [_deal(line) for line in made.lines.shown[:MOST_DEALS]], _more(made)),
        Pairs(str(Text("达成", "Attainment")), _attained(made)),
        Bars(
            str(Text("各月提成（元）", "Commission by month (yuan)")),
            [(str(Text(f"{int(m.period[5:])}月", m.period)), m.total, yuan(m.total)) for m in made.months],
        ),
        Pairs(str(Text("与上月相比", "Since last month")), _since(made)),
        Note(
            str(
                Text(
                    "逐单、逐档的计算过程在附件里。有异议请填附件的“异议反馈”页，再回复本邮件。",
                    "The working of every deal, tier by tier, is in the attachment. To dispute a figure, fill in its sheet “Disputes” and reply to this mail.",
                )
            )
        ),
    ]


def _parts(made: Statement) -> list[tuple[str, str] | tuple[str, str, bool]]:
    rows: list[tuple[str, str] | tuple[str, str, bool]] = [
        (f"{LABELS[kind]} ({len(made.lines.of(kind))})", yuan(made.lines.sum_of(kind))) for kind in KINDS if made.lines.of(kind)
    ]
    rows.append((str(Text("本月提成合计", "Commission of the month")), yuan(made.total), True))
    if made.draw:
        rows.append(
            (str(Text("预支补足（＋）或扣回（－）", "Draw: topped up (+) or recovered (−)")), yuan(made.draw.adjustment, True))
        )
        rows.append((str(Text("本月应发", "Payable this month")), yuan(made.draw.payable), True))
        rows.append((str(Text("预支欠款余额", "Draw still owed")), yuan(made.draw.balance)))
    if made.month.final and made.month.estimated:
        rows.append((str(Text("其中已锁定", "of which locked")), yuan(made.month.final)))
        rows.append((str(Text("其中预估", "of which estimated")), yuan(made.month.estimated)))
    if made.month.paid:
        rows.append((str(Text("其中已发放", "of which paid")), yuan(made.month.paid)))
    return rows


def _deal(line: StatementLine) -> tuple[str, str, str]:
    """A deal as a phone shows it: whose, how much at which margin, what it earns."""
    below = [line.deal, day(line.date)[5:] if line.date else ""]
    if line.kind in ("adjustment", "override"):
        below.append(line.reason)
    else:
        below += [yuan(line.revenue), str(Text("毛利率 ", "margin ")) + percent(line.margin_rate)]
        below += [str(Text("份额 ", "share ")) + percent(line.share, 0)] if line.share < 1 else []
    below += [word("Ledger", "status", line.status)] if line.status == "disputed" else []
    title = line.customer or line.deal
    return (
        f"{LABELS[line.kind]}: {title}" if line.kind != "order" else title,
        " · ".join(p for p in below if p),
        yuan(line.amount, line.kind != "order"),
    )


def _more(made: Statement) -> str:
    said = []
    if (more := len(made.lines.shown) - MOST_DEALS) > 0:
        said.append(str(Text(f"另有 {more} 行见附件", f"{more} more lines in the attachment")))
    if made.lines.zero:
        said.append(zero_lines(made.lines.zero))
    return " · ".join(said)


def zero_lines(count: int) -> str:
    """What was left out."""
    return str(Text(f"已隐去 {count} 行提成为零的订单", f"{count} lines that come to zero are left out"))


def _attained(made: Statement) -> list[tuple[str, str]]:
    rows = []
    if made.month.quota:
        rate = figures.attainment(made.month.booked, made.month.quota)
        rows.append(
            (
                str(Text("本月签单 / 指标", "Bookings / quota, month")),
                f"{_wan(made.month.booked)} / {_wan(made.month.quota)} · {percent(rate)}",
            )
        )
    if made.quota:
        booked = made.booked([m.period for m in made.months])
        until = total_of(m.quota or 0.0 for m in made.months)
        rate = figures.attainment(booked, until)
        rows.append((str(Text("年初至今", "Year to date")), f"{_wan(booked)} / {_wan(until)} · {percent(rate)}"))
        rows.append(
            (
                str(Text("占全年指标", "Of the year's quota")),
                f"{_wan(made.quota)} · {percent(figures.attainment(booked, made.quota))}",
            )
        )
    if made.sprint and made.sprint[2]:
        rows.append(
            (
                str(Text("团队冲刺奖（团队旅游基金，非个人收入）", "Sprint bonus (the team's travel fund, no personal pay)")),
                yuan(made.sprint[2]),
            )
        )
    return rows


def _wan(amount: float) -> str:
    return str(Text(f"{amount / 10_000:,.1f} 万", f"{amount / 1000:,.0f}k"))


def _since(made: Statement) -> list[tuple[str, str]]:
    if made.previous is None:
        return []
    return [
        (str(month_name(figures.before(made.period))), yuan(made.previous)),
        (str(month_name(made.period)), yuan(made.total)),
        (str(Text("变化", "Change")), yuan(total_of([made.total, -made.previous]), True)),
    ]


KIND = MailedKind(10, LABEL, TABLES, NAMED, recipients, make)
