"""What a dealer's workbook says: the rebates of each quarter as the rebate ledger has them, 633, stock, customers, training."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from udfs import call
from udfs.policy import POLICIES
from udfs.text import Text
from udfs.values import ExcelError, apportion, at_least, excel_round, total_of
from workbook_templates.chapters.channels import settlement
from workbook_templates.chapters.channels.tables import COLLEGES
from workbook_templates.mailed import Facts, badge, figures
from workbook_templates.mailed.badge import Badge
from workbook_templates.mailed.figures import number
from workbook_templates.mailed.words import clean, last_day, yuan
from workbook_templates.tables.schema import Row

FEN = 0.005
NO_ROWS = Text("本季没有返利记录", "No rebate rows this quarter")


@dataclass(frozen=True)
class Quarter:
    """One quarter: what the ledger says of it so far, and the five ratios of its 633."""

    name: str
    sales: float
    rebate: float
    paid: float
    withheld: float
    ratios: Sequence[float] | None
    verdict: str
    there: bool


@dataclass(frozen=True)
class Lot:
    """A lot in stock and what it is bought back at."""

    item: str
    name: str
    invoice: str
    date: dt.date | None
    price: float
    on_hand: float
    value: float
    buyback: float


@dataclass(frozen=True)
class Buyer:
    """A customer the dealer serves, and how well: the light of customer health."""

    name: str
    orders: int
    amount: float
    last: dt.date
    days: int
    light: str


@dataclass(frozen=True)
class RebateBand:
    """One tier of the quarter's rebate."""

    low: float
    high: float | None
    part: float
    rate: float
    amount: float


@dataclass(frozen=True)
class DealerSheet:
    """The figures of a dealer's workbook at a quarter."""

    facts: Facts
    dealer: Row
    quarter: str
    day: dt.date
    quarters: Sequence[Quarter]
    rows: Sequence[Row]  # the ledger's rows of the year up to the quarter
    bands: Sequence[RebateBand]
    stock: Sequence[Lot]
    buyers: Sequence[Buyer]
    exams: Sequence[tuple[str, float | None, bool]]
    lessons: Sequence[tuple[str, int, int]]  # form, held, due
    claims: Sequence[Row]
    registrations: Sequence[Row]
    orders: Sequence[Row]

    @property
    def name(self) -> str:
        """The dealer's name."""
        return clean(self.dealer.get("name")) or clean(self.dealer["id"])

    @property
    def booked(self) -> list[Row]:
        """The ledger rows that are booked in the quarter itself."""
        return [row for row in self.rows if row.get("booked") == self.quarter]

    @property
    def total(self) -> float:
        """What the quarter pays."""
        return total_of(number(row.get("paid")) for row in self.booked)

    @property
    def withheld(self) -> float:
        """What of the quarter's own rebate is withheld by its end."""
        return self.quarters[-1].withheld

    @property
    def withheld_before(self) -> float:
        """What of earlier quarters of the year is still withheld."""
        return total_of(quarter.withheld for quarter in self.quarters[:-1])

    @property
    def kept_back(self) -> list[Text]:
        """What is withheld, of the quarter and of those before, each said as what it is."""
        found = (
            (self.withheld, Text("本季暂扣", "of the quarter withheld")),
            (self.withheld_before, Text("本年以前各季仍暂扣", "of earlier quarters of the year still withheld")),
        )
        return [Text(f"{said.zh} {yuan(sum_)} 元", f"{yuan(sum_)} yuan {said.en}") for sum_, said in found if sum_]

    @property
    def badge(self) -> Badge:
        """How far what is booked in the quarter can still change: as far as the row furthest behind."""
        states = [badge.OF_ROWS.get(str(row.get("status")), badge.OPEN) for row in self.booked]
        if not states:
            return badge.nothing(NO_ROWS)
        return badge.badge(badge.least(states), {}, sum(row.get("status") == "disputed" for row in self.booked))

    @property
    def reason(self) -> str:
        """Why something is withheld, as the ledger says it."""
        rows = [row for row in self.rows if row.get("quarter") == self.quarter and number(row.get("withheld")) > 0]
        said = [clean(row.get("reason"), 200) for row in rows if row.get("reason")]
        return said[-1] if said and self.withheld else ""


def quarter_of(period: str) -> str:
    """The quarter a month lies in; a quarter is itself."""
    return period if "Q" in period else settlement.quarter_of(last_day(period))


def dealer_sheet(facts: Facts, dealer: str, period: str) -> DealerSheet:
    """The figures of one dealer."""
    quarter = quarter_of(period)
    end = settlement.quarter_end(quarter)
    row = next((r for r in facts.of("Dealers") if r.get("id") == dealer), {"id": dealer})
    own = {name: [r for r in facts.of(name) if r.get("dealer") == dealer] for name in TABLES_OF_A_DEALER}
    ledger = [
        r
        for r in own["DealerLedger"]
        if str(r.get("quarter"))[:4] == quarter[:4] and str(r.get("booked") or r.get("quarter")) <= quarter
    ]
    names = [f"{quarter[:4]}-Q{n}" for n in range(1, int(quarter[-1]) + 1)]
    day = min(end, facts.as_of)
    return DealerSheet(
        facts=facts,
        dealer=row,
        quarter=quarter,
        day=day,
        quarters=[_quarter(facts, name, ledger, own["DealerSales"]) for name in names],
        rows=ledger,
        bands=_bands(facts, quarter, ledger),
        stock=[_lot(facts, r) for r in own["Stock"]],
        buyers=buyers(facts, own["DealerOrders"], day),
        exams=_exams(facts, own["Exams"], dealer, day),
        lessons=_lessons(own["Lessons"], quarter, day),
        claims=[r for r in own["Fund"] if isinstance(r.get("date"), dt.date) and r["date"] <= day],
        registrations=[r for r in own["Registrations"] if isinstance(r.get("registered"), dt.date) and r["registered"] <= day],
        orders=own["DealerOrders"],
    )


TABLES_OF_A_DEALER = ("DealerLedger", "DealerSales", "DealerOrders", "Stock", "Exams", "Lessons", "Fund", "Registrations")


def _quarter(facts: Facts, name: str, ledger: Sequence[Row], sales: Sequence[Row]) -> Quarter:
    rows = [r for r in ledger if r.get("quarter") == name]
    sold = next((r for r in sales if r.get("quarter") == name), None)
    ratios = _ratios(facts, sold) if sold else None
    verdicts = [r["verdict"] for r in rows if r.get("verdict")]
    sales_of, rebate, paid, withheld = (
        total_of(number(r.get(key)) for r in rows) for key in ("sales", "rebate", "paid", "withheld")
    )
    return Quarter(name, sales_of, rebate, paid, withheld, ratios, verdicts[-1] if verdicts else "", bool(rows))


def _ratios(facts: Facts, sold: Row) -> list[float] | None:
    """The 633 of a quarter, as CHANNEL633 says it."""
    growth, new = settlement.growth_and_new(*(number(sold.get(key)) for key in ("sales", "last_year", "new_sales")))
    found = call("CHANNEL633", number(sold.get("share")), growth, new, facts.settings["channels.targets"])[0]
    unrated = any(cell is None or isinstance(cell, ExcelError) for cell in found)
    return None if unrated else [float(cell) for cell in found]


def _bands(facts: Facts, quarter: str, ledger: Sequence[Row]) -> list[RebateBand]:
    """The tiers behind the quarter's rebate; none where they do not come out at what the ledger says."""
    rows = [r for r in ledger if r.get("quarter") == quarter]
    rebate, sales = (total_of(number(r.get(key)) for r in rows) for key in ("rebate", "sales"))
    if not rows or not rebate:
        return []
    terms = [facts.settings[f"rebate.{key}"] for key in ("thresholds", "rates", "mode")]
    found = call("TIEREDBANDS", sales, *terms)
    if any(isinstance(cell, ExcelError) for line in found for cell in line):
        return []
    exact = total_of(line[4] for line in found)
    if abs(float(excel_round(exact)) - rebate) >= FEN:
        return []
    amounts = apportion(rebate, [abs(line[4]) for line in found], 0.01)
    return [
        RebateBand(line[0], line[1], float(excel_round(line[2])), line[3], amount)
        for line, amount in zip(found, amounts, strict=True)
    ]


def _lot(facts: Facts, row: Row) -> Lot:
    price, on_hand = number(row.get("price")), number(row.get("on_hand"))
    value = float(excel_round(price * on_hand))
    buyback = number(call("BUYBACK", value, facts.settings["channels.buyback_rate"])[0][0])
    date = row.get("invoice_date")
    known = date if isinstance(date, dt.date) else None
    return Lot(clean(row.get("item")), clean(row.get("name")), clean(row.get("invoice")), known, price, on_hand, value, buyback)


def buyers(facts: Facts, orders: Sequence[Row], day: dt.date) -> list[Buyer]:
    """The dealer's customers by their orders up to the day, the largest first."""
    bought: dict[str, list[Row]] = defaultdict(list)
    for order in orders:
        if order.get("customer") and isinstance(order.get("date"), dt.date) and order["date"] <= day:
            bought[order["customer"]].append(order)
    names, care = facts.once(figures.customers), facts.once(_care)
    out = []
    for customer, rows in bought.items():
        last = max(row["date"] for row in rows)
        days = (day - last).days
        light = _light(facts, care.get(customer, {}), days)
        name = clean(names.get(customer, {}).get("name") or customer)
        out.append(Buyer(name, len(rows), total_of(number(row.get("amount")) for row in rows), last, days, light))
    return sorted(out, key=lambda buyer: (-buyer.amount, buyer.name))


def health_policy(facts: Facts, key: str) -> Any:
    """One of the plan's numbers of customer health, as its Settings have it."""
    return facts.settings.get(f"health.{key}", POLICIES[f"health.{key}"].value)


def _care(facts: Facts) -> dict[str, Row]:
    """What is known of customers that are cared for, by customer."""
    return {row["customer"]: row for row in facts.of("CustomerCare") if row.get("customer")}


def _light(facts: Facts, care: Row, days: int) -> str:
    """The light of customer care by the same mix; recency is that of the orders from this dealer. A part nobody knows is
    left out and the other weights scaled up, so a customer nobody cares for is judged by recency alone."""
    recent, stale = number(health_policy(facts, "recent_days")), number(health_policy(facts, "stale_days"))
    due, nps = number(care.get("due")), care.get("nps")
    delivery = {"green": 1.0, "amber": 0.5, "red": 0.0}.get(care.get("delivery") or "")
    parts = (
        (stale - days) / (stale - recent),
        number(care.get("collected")) / due if due else None,
        (nps + 100) / 200 if isinstance(nps, int | float) else None,
        delivery,
    )
    known = [(w, min(1.0, max(0.0, p))) for w, p in zip(health_policy(facts, "weights"), parts, strict=True) if p is not None]
    whole = sum(w for w, _ in known)
    # Rounded as the sheet of customer care shows it, so that a border is never missed by a hair.
    health = float(excel_round(sum(w * p for w, p in known) / whole, 4)) if whole else 0.0
    return "good" if health >= health_policy(facts, "good") else "warn" if health >= health_policy(facts, "fair") else "bad"


def _exams(facts: Facts, exams: Sequence[Row], dealer: str, day: dt.date) -> list[tuple[str, float | None, bool]]:
    """The last score of each college, and whether it passes."""
    dated = [e for e in exams if isinstance(e.get("date"), dt.date) and isinstance(e.get("score"), int | float)]
    scores = settlement.latest_scores(dated, day).get(dealer, {})
    needed = number(facts.settings["rebate.pass_score"])
    marks = [(str(word.label), scores.get(word.code)) for word in COLLEGES]
    return [(college, mark, mark is not None and bool(at_least(mark, needed))) for college, mark in marks]


def _lessons(lessons: Sequence[Row], quarter: str, day: dt.date) -> list[tuple[str, int, int]]:
    """Lessons of the year so far against one online a month and one in the classroom a quarter."""
    year = int(quarter[:4])
    held = [r for r in lessons if isinstance(r.get("date"), dt.date) and r["date"].year == year and r["date"] <= day]
    online = len({r["date"].month for r in held if r.get("form") == "online"})
    classroom = len({settlement.quarter_of(r["date"]) for r in held if r.get("form") == "classroom"})
    return [
        (str(Text("线上课（每月一次）", "Online lesson, monthly")), online, day.month),
        (str(Text("面授课（每季一次）", "Classroom, quarterly")), classroom, int(quarter[-1])),
    ]


def pass_score(facts: Facts) -> float:
    """What an exam must reach."""
    return number(facts.settings.get("rebate.pass_score", POLICIES["rebate.pass_score"].value))
