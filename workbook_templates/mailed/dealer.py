"""返利对账单 / the dealer's workbook: rebates earned, paid and withheld, 633, stock with its buyback value, customers, training."""

from __future__ import annotations

from udfs.text import Text, counted, speaking
from udfs.values import total_of
from workbook_templates.chapters.channels.settlement import quarter_end
from workbook_templates.chapters.incentives.staff import present
from workbook_templates.mailed import Facts, MailedKind, Piece, letter
from workbook_templates.mailed.badge import PAID
from workbook_templates.mailed.dealer_figures import TABLES_OF_A_DEALER, DealerSheet, dealer_sheet, quarter_of
from workbook_templates.mailed.dealer_said import ages, bars, crossed, limit, opening, todo
from workbook_templates.mailed.dealer_sheets import sheets
from workbook_templates.mailed.figures import customers
from workbook_templates.mailed.letter import Bars, Block, Figure, Items, Note, Pairs, Say
from workbook_templates.mailed.words import clean, day, file_name, percent, word, yuan
from workbook_templates.mailed.writing import workbook
from workbook_templates.tables.words import STATEMENTS

LABEL = STATEMENTS.label("dealer")  # while no company calls it otherwise
TABLES = ("Dealers", "Customers", "CustomerCare", *TABLES_OF_A_DEALER)
NAMED = ()

MOST = 8


def recipients(facts: Facts, period: str) -> list[str]:
    """Every dealer that was one in the quarter, and who left but still has a row booked in it."""
    quarter = quarter_of(period)
    begin = quarter_end(quarter).replace(day=1)
    begin = begin.replace(month=begin.month - 2)
    booked = {row.get("dealer") for row in facts.of("DealerLedger") if row.get("booked") == quarter}
    there = {
        row["id"]
        for row in facts.of("Dealers")
        if row.get("id") and (row["id"] in booked or present(row, begin, quarter_end(quarter)))
    }
    return sorted(there)


def make(facts: Facts, recipient: str, period: str) -> Piece:
    """One dealer's workbook and letter."""
    with speaking(facts.lang):
        made = dealer_sheet(facts, recipient, period)
        title = f"{STATEMENTS.label('dealer')} {made.quarter} · {made.name}"
        under = f"{clean(facts.company)} · {Text('截至', 'as of')} {day(made.day)}"
        blocks = _letter(made)
        return Piece(
            kind="dealer",
            recipient=recipient,
            name=made.name,
            email=clean(made.dealer.get("email"), 254),
            period=period,
            total=made.total,
            filename=file_name(str(STATEMENTS.label("dealer")), made.quarter, recipient, made.name),
            workbook=workbook(sheets(made), clean(facts.company), title, facts.lang, made.day, title),
            html=letter.html(title, under, blocks),
            text=letter.text(title, under, blocks),
            fields={
                "name": made.name,
                "id": clean(recipient),
                "period": period,
                "quarter": made.quarter,
                "total": yuan(made.total),
                "withheld": yuan(made.withheld),
                "reason": made.reason,
                "state": str(made.badge.text),
                "company": clean(facts.company),
                "version": clean(facts.version),
            },
            owns=_owns(made),
        )


def _owns(made: DealerSheet) -> dict[str, frozenset[str]]:
    """The dealer itself, the customers it sells to, and those it has registered by name."""
    dealer, facts = made.dealer["id"], made.facts
    own = {r["customer"] for r in facts.of("DealerOrders") if r.get("dealer") == dealer and r.get("customer")}
    registered = {clean(r.get("customer")) for r in made.registrations}
    own |= {id for id, row in facts.once(customers).items() if clean(row.get("name")) in registered}
    return {"People": frozenset(), "Deals": frozenset(), "Customers": frozenset(own), "Dealers": frozenset({dealer})}


def _letter(made: DealerSheet) -> list[Block]:
    now, badge = made.quarters[-1], made.badge
    paid = Text("已支付", "Paid") if badge.state == PAID else Text("应付", "Payable")
    return [
        Say(opening(made)),
        Figure(
            str(Text(f"{made.quarter} 返利（元）", f"Rebate booked in {made.quarter} (yuan)")),
            yuan(made.total),
            str(badge.text),
            badge.tone,
            [str(said) for said in made.kept_back],
        ),
        Pairs(
            str(Text("本季返利", "Rebate of the quarter")),
            [
                (str(Text("提货额", "Sales")), yuan(now.sales)),
                (str(Text("应得返利", "Earned")), yuan(now.rebate)),
                (str(paid), yuan(now.paid)),
                (str(Text("暂扣", "Withheld")), yuan(now.withheld)),
                *([(str(Text("原因", "Why")), made.reason)] if made.reason else []),
            ],
        ),
        Items(str(Text("要做的事与期限", "What to do, by when")), todo(made)),
        Bars(
            str(Text(f"本季 633 达成（竖线 {limit(made):.0%}）", f"The quarter's 633 (line at {limit(made):.0%})")),
            bars(made),
            1.0,
            limit(made),
        ),
        Items(str(Text("串货", "Out-of-territory sales")), [(said, "", "") for said in crossed(made)]),
        Pairs(
            str(Text("633 各季", "633 by quarter")),
            [
                (q.name, f"{percent(q.ratios[3])} · {word('DealerLedger', 'verdict', q.verdict)}".rstrip(" ·"))
                for q in made.quarters
                if q.ratios
            ],
        ),
        Items(
            str(Text("学院考试", "College exams")),
            [
                (
                    college,
                    str(Text("通过", "passed") if ok else Text("未通过：返利暂扣", "not passed: rebate withheld")),
                    "–" if mark is None else f"{mark:g}",
                )
                for college, mark, ok in made.exams
            ],
        ),
        Items(
            str(Text("库存账龄（右侧为回购价值）", "Stock by age (buyback value)")),
            [
                (age, f"{Text('原值', 'at invoice price')} {yuan(value)}", yuan(buyback))
                for age, value, buyback in [
                    *ages(made),
                    (
                        str(Text("合计", "Total")),
                        total_of(lot.value for lot in made.stock),
                        total_of(lot.buyback for lot in made.stock),
                    ),
                ]
                if made.stock
            ],
        ),
        Items.at_most(
            MOST,
            str(Text("主要客户", "Main customers")),
            [
                (
                    b.name,
                    str(Text(f"{b.orders} 单 · 最近 {day(b.last)}", f"{counted(b.orders, 'order')} · last {day(b.last)}")),
                    yuan(b.amount),
                )
                for b in made.buyers
            ],
            "家",
        ),
        Note(
            str(
                Text(
                    "逐档计算、库存明细、客户与培训在附件里。",
                    "The working, the stock, customers and training are in the attachment.",
                )
            )
        ),
    ]


KIND = MailedKind(30, LABEL, TABLES, NAMED, recipients, make)
