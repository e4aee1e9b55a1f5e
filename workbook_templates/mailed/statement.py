"""提成对账单 / the commission statement: one representative's month; what is paid is the account's, every movement with its working."""

from __future__ import annotations

import re
from collections.abc import Sequence

from udfs.text import Text, counted, speaking
from udfs.values import total_of
from workbook_templates.mailed import Facts, MailedKind, Piece, figures, letter
from workbook_templates.mailed.figures import number
from workbook_templates.mailed.letter import Bars, Block, Figure, Items, Note, Pairs
from workbook_templates.mailed.statement_figures import Statement, employed_in, statement
from workbook_templates.mailed.statement_lines import LABELS, SECTIONS, StatementLine
from workbook_templates.mailed.statement_sheets import named, said_of, sheets, to_date, until_said
from workbook_templates.mailed.words import clean, day, file_name, last_day, month_name, percent, word, yuan
from workbook_templates.mailed.writing import workbook
from workbook_templates.tables.schema import TABLES as SPECS
from workbook_templates.tables.words import STATEMENTS

LABEL = STATEMENTS.label("statement")  # while no company calls it otherwise
TABLES = (
    "People", "Transfers", "Customers", "Deals", "Ledger", "Accounts", "Holds", "Collections", "Rules", "TierTables", "Quotas", "QuotaChanges",
    "Disputes", "Statements",
)  # fmt: skip
NAMED = ("quota_total",)

MOST_DEALS = 12  # lines the letter itself lists; the workbook has them all


def recipients(facts: Facts, period: str) -> list[str]:
    """Everybody with something in the month's account or ledger, and everybody with a quota who worked in it: nothing earned is
    told, too."""
    everybody = facts.once(figures.people)
    found = {who for (who, month), row in facts.once(figures.accounts).items() if month == period and not figures.empty(row)}
    found |= {who for who, months in facts.once(figures.entries).items() if period in months}
    sellers = [row["person"] for row in facts.of("Quotas") if row.get("person") in everybody]
    there = [person for person in sellers if period[:4] == str(facts.year) and employed_in(everybody[person], period)]
    return sorted({*found, *there})


def make(facts: Facts, recipient: str, period: str) -> Piece:
    """One person's statement: the workbook, and the same number in the letter."""
    with speaking(facts.lang):
        made = statement(facts, recipient, period)
        title = f"{STATEMENTS.label('statement')} {month_name(period)} · {made.name}"
        blocks = _letter(made)
        under = f"{clean(facts.company)} · {Text('方案版本', 'plan version')} {made.versions}"
        return Piece(
            kind="statement",
            recipient=recipient,
            name=made.name,
            email=clean(made.person.get("email"), 254),
            period=period,
            total=made.payable,
            filename=file_name(str(STATEMENTS.label("statement")), period, recipient, made.name),
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
        "total": yuan(made.payable),
        "payable": yuan(made.payable),
        "held": yuan(number(made.account["held"])),
        "state": str(made.badge.text),
        "company": clean(made.facts.company),
        "version": made.versions,
        "computed_on": day(made.computed_on),
    }


def _owns(made: Statement) -> dict[str, frozenset[str]]:
    """The person, the person's deals up to the month, the orders that were returned, and their customers.

    A decision or a hold says who decided it, a working that is computed may name whom an order went to or a manager's report:
    whoever that is may be named, too.
    """
    rows = figures.until(made.facts, made.id, made.period)
    deals = made.facts.once(figures.deals)
    own = {row["deal"] for row in rows if row.get("deal")}
    own |= {deals[d]["original"] for d in own if d in deals and deals[d].get("original")}
    own |= {row["deal"] for row in made.facts.of("Disputes") if row.get("person") == made.id and row.get("deal")}
    clients = {deals[d]["customer"] for d in own if d in deals and deals[d].get("customer")}
    return {
        "People": frozenset({made.id, *_named(made)}),
        "Deals": frozenset(own),
        "Customers": frozenset(clients),
        "Dealers": frozenset(),
    }


_TYPED = ("manual", "bonus", "hold")  # kinds of rows whose reason a person typed


def _named(made: Statement) -> set[str]:
    """Who else a statement names for good reason."""
    everybody = made.facts.once(figures.people)
    rows = figures.of_month(made.facts, made.id, made.period)
    by = {clean(row.get("by")) for row in rows if row.get("by")}
    by |= {
        clean(hold.get("by")) for hold in made.facts.of("Holds") if hold.get("person") in (made.id, None, "") and hold.get("by")
    }
    found = {id for id, row in everybody.items() if by & {clean(id), clean(row.get("name"))}}
    found |= {row["member"] for row in rows if row.get("member")}
    for row in rows:
        if row.get("kind") not in _TYPED:
            found |= everybody.keys() & set(re.findall(r"[\w-]+", str(row.get("reason") or ""), re.ASCII))
    return found


# ---------------------------------------------------------------------------------------------------------- the letter


def _letter(made: Statement) -> list[Block]:
    badge = made.badge
    return [
        Figure(
            str(Text("本月应发（元）", "Payable this month (yuan)")),
            yuan(made.payable),
            str(badge.text),
            badge.tone,
            [str(said) for said in made.carried],
        ),
        Pairs(str(Text("本月账户", "The month's account")), _account(made)),
        Pairs(str(Text("变动构成", "Movements")), _sections(made)),
        Items(
            str(Text("本月各笔变动", "Movements one by one")),
            [_deal(line) for line in made.lines.shown[:MOST_DEALS]],
            _more(made),
        ),
        Items.at_most(
            MOST_DEALS,
            str(Text("待发与预计发放（不计入本月应发）", "Held, and the releases to expect (no part of this month's pay)")),
            [
                (held.customer or held.deal, _expected(held.deal, held.main, held.retention), yuan(held.balance))
                for held in made.held
            ],
            "单",
        ),
        Pairs(str(Text("余额与年累计", "Balances, year to date")), _balances(made)),
        Pairs(str(Text("达成", "Attainment")), _attained(made)),
        Bars(
            str(Text("各月应发（元）", "Payable by month (yuan)")),
            [(str(Text(f"{int(m.period[5:])}月", m.period)), m.paid, yuan(m.paid)) for m in made.months],
        ),
        Pairs(str(Text("与上月相比", "Since last month")), _since(made)),
        Note(until_said(made)),
        Note(
            str(
                Text(
                    "逐单、逐档的计算过程和试算在附件里。有异议请填附件的“异议反馈”页，再回复本邮件。",
                    "The working of every deal, tier by tier, and an estimator are in the attachment. To dispute a figure, fill in its sheet “Disputes” and reply to this mail.",
                )
            )
        ),
    ]


Rows = list[tuple[str, str] | tuple[str, str, bool]]


def _account(made: Statement) -> Rows:
    """The account as far as there is something in it; it adds up to what is paid and what is carried."""
    headers = {column.key: str(column.header) for column in SPECS["Accounts"].columns}
    less = ("draw_recovered", "hold_on")
    rows: Rows = []
    for key in figures.FLOWS[:-2]:
        amount = number(made.account[key])
        if amount:
            rows.append((headers[key], yuan(-amount if key in less else amount, key != "opening")))
    rows.append((str(Text("本月应发", "Payable this month")), yuan(made.payable), True))
    if closing := number(made.account["closing"]):
        rows.append((str(Text("结转下月", "Carried to the next month")), yuan(closing)))
    return rows


def _sections(made: Statement) -> Rows:
    rows: Rows = []
    for section in SECTIONS:
        if group := made.lines.of(section):
            rows.append((f"{LABELS[section]} ({len(group)})", yuan(made.lines.sum_of(section))))
    return rows


def _balances(made: Statement) -> Rows:
    account = made.account
    labels = (
        ("held", Text("待发余额", "Held, to be released")),
        ("draw_debt", Text("预支欠款", "Draw debt")),
        ("on_hold", Text("暂缓余额", "On hold")),
    )
    rows: Rows = [(str(label), yuan(number(account[key]))) for key, label in labels if number(account[key])]
    rows.append((str(Text("年累计计提", "Credited, year to date")), yuan(made.credited_to_date)))
    rows.append((str(Text("年累计应发", "Paid, year to date")), yuan(made.paid_to_date)))
    return rows


def _expected(deal: str, main: float, retention: float) -> str:
    parts = [deal]
    if main:
        parts.append(str(Text(f"回款到账发 {yuan(main)}", f"{yuan(main)} with the cash")))
    if retention:
        parts.append(str(Text(f"质保金到账发 {yuan(retention)}", f"{yuan(retention)} with the retention")))
    return " · ".join(parts)


def _deal(line: StatementLine) -> tuple[str, str, str]:
    """A movement as a phone shows it: whose deal, how much at which margin, what it earns or why."""
    below = [named(line), day(line.date)[5:] if line.date else ""]
    if line.section == "accrual" and line.revenue is not None:
        below += [yuan(line.revenue), str(Text("毛利率 ", "margin ")) + percent(line.margin_rate)]
        below += [str(Text("份额 ", "share ")) + percent(line.share, 0)] if line.share < 1 else []
    if not line.bands or line.kind != "accrual":
        below.append(said_of(line))
    below += [word("Ledger", "status", line.status)] if line.status == "disputed" else []
    label = "" if line.section == "accrual" else str(LABELS[line.section])
    return (
        ": ".join(part for part in (label, line.customer or line.deal) if part),
        " · ".join(p for p in below if p),
        yuan(line.amount, line.section != "accrual"),
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
    return str(Text(f"已隐去 {count} 张没有提成的亏损单", f"left out: {counted(count, 'deal')} sold at a loss, earning nothing"))


def _attained(made: Statement) -> list[tuple[str, str]]:
    rows = []
    actual, quota = number(made.account["bookings"]), made.month.quota
    if quota:
        rate = percent(figures.attainment(actual, quota))
        rows.append((str(Text("本月业绩 / 指标", "Actual / quota, month")), f"{_wan(actual)} / {_wan(quota)} · {rate}"))
    done, due = to_date(made)
    if due:
        rate = percent(figures.attainment(done, due))
        rows.append((str(Text("年初至今", "Year to date")), f"{_wan(done)} / {_wan(due)} · {rate}"))
    return rows


def _wan(amount: float) -> str:
    return str(Text(f"{amount / 10_000:,.1f} 万", f"{amount / 1000:,.0f}k"))


def _since(made: Statement) -> list[tuple[str, str]]:
    if made.previous is None:
        return []
    before = number(made.previous["paid"])
    return [
        (str(month_name(figures.before(made.period))), yuan(before)),
        (str(month_name(made.period)), yuan(made.payable)),
        (str(Text("变化", "Change")), yuan(total_of([made.payable, -before]), True)),
    ]


def wrong(facts: Facts, who: Sequence[str], period: str) -> list[Text]:
    """Whose account and ledger disagree: no statement of theirs would add up."""
    return [text for person in who for text in figures.unequal(facts, person, period)]


KIND = MailedKind(10, LABEL, TABLES, NAMED, recipients, make, wrong)
