"""The sample company's customers at work: who buys how much, two years of invoices, and what becomes of their tiers.

Every 2027 order of the Deals is an invoice, every return a credit note, so the year's invoices of customers with a seller
add up to the plan's bookings. The year before and the long tail, which buys in the online store without a seller, are made
up here. The invoices are made for the plan's own picture of the customers (S 18 ≈ 55%, A 42 ≈ 30%, B 120 ≈ 12%, a long tail
of C); the tiers themselves come out of the core that "refresh tiers" runs.
"""

from __future__ import annotations

import calendar
import datetime as dt
import random
from collections.abc import Callable, Sequence
from typing import Any

from udfs import call, policy
from udfs.text import Text
from workbook_templates.chapters.customers import clv_model, tiering
from workbook_templates.tables.schema import TABLES, Row
from workbook_templates.transactions.purchases import Purchases, day_number

SEED = 20272
_INVOICES = 21407  # one of the many seeds that give the plan's counts, and some A and B customers that change places
LONG_TAIL = 168  # with the 192 who have a seller: 360
CURRENCY = "CNY"

# By weight of the sample's customers (S and A of the plan, B, small ones): orders in the year before, and what one is
# worth, yuan.
_BEFORE = {30.0: (10.7, 740_000), 8.0: (3.6, 530_000), 1.3: (0.76, 470_000), 0.3: (1.01, 180_000)}
_GROWN = (0.6, 1.0)  # an S or A customer's invoices of the year before, as a share of the plan year's
_SPREAD = 0.3  # of an order's amount, as the deviation of its log
_CREDITED = 0.03  # of the orders of the year before came back in part
_UNIT = 100  # invoices are whole hundreds of yuan
# Orders of this many times the mean go to the owner's best customer: one of S, one of A.
_LARGE = {30.0: 0.0, 8.0: 1.29}
_TAIL_ORDER = 94_000
_TAIL_ORDERS = (1, 2, 2, 3)  # in two years
_GONE = 0.3  # of the long tail bought in the first year only


def concentrate(customers: Sequence[Row], orders: Sequence[Row]) -> None:
    """An owner's large orders become those of the owner's best customer, as the plan's tiers have it; no amount changes."""
    best: dict[str, Row] = {}
    for customer in customers:
        best.setdefault(customer["owner"], customer)
    weights = {c["id"]: c["_class"] for c in customers}
    mean = sum(o["revenue"] for o in orders) / len(orders)
    by_id = {order["id"]: order for order in orders}
    for order in orders:
        first = best[order["seller"]]
        large = order["revenue"] >= _LARGE.get(first["_class"], 0) * mean
        if not order["original"] and large and weights[order["customer"]] < first["_class"]:
            order["customer"] = first["id"]
    for order in orders:
        if order["original"]:
            order["customer"] = by_id[order["original"]]["customer"]


def long_tail(number: int, year: int, named: Callable[[random.Random], tuple[Any, Any, Any]]) -> list[Row]:
    """Customers of the online store, numbered from ``number``: they have no owner. ``named`` gives region, industry and name."""
    chance = random.Random(SEED)
    rows = []
    for place in range(number, number + LONG_TAIL):
        region, industry, name = named(chance)
        since = dt.date(chance.randint(year - 6, year - 1), chance.randint(1, 12), chance.randint(1, 28))
        rows.append({"id": f"C{place:04}",
                           "name": name, "region": region, "industry": industry, "owner": None, "since": since, "_class": 0.0})  # fmt: skip
    return rows


def transactions(
    customers: Sequence[Row],
    orders: Sequence[Row],
    as_of: dt.date,
    seed: int = _INVOICES,
    scale: float = 1.0,
    rhythm: Sequence[float] = (1.0,) * 12,
) -> list[Row]:
    """The invoices of the year before and of this up to ``as_of``, numbered by date.

    ``scale``: what a whole year's are of the orders'; ``rhythm``: the year before by month, beside the plan's weights inside a quarter.
    """
    chance = random.Random(seed)
    rows = [_invoice(o["customer"], o["date"], o["revenue"]) for o in orders]
    signed: dict[str, float] = {}
    for order in orders:
        signed[order["customer"]] = signed.get(order["customer"], 0) + order["revenue"]
    for customer in customers:
        if customer["owner"]:
            rows += _year_before(chance, customer, as_of.year - 1, signed.get(customer["id"], 0) * scale, rhythm)
        else:
            rows += _store(chance, customer, as_of)
    rows.sort(key=lambda r: (r["date"], r["customer"], r["amount"]))
    for place, row in enumerate(rows, 1):
        row["invoice"] = f"FP{row['date']:%y}-{place:05}"
    return rows


def _invoice(customer: str, date: dt.date, amount: float) -> Row:
    return {"invoice": "", "date": date, "customer": customer, "amount": float(amount), "currency": CURRENCY}


def _amount(chance: random.Random, size: float) -> float:
    return float(round(size * chance.lognormvariate(0, _SPREAD) / _UNIT) * _UNIT)


def _weekday(chance: random.Random, year: int, month: int) -> dt.date:
    while True:
        date = dt.date(year, month, chance.randint(1, calendar.monthrange(year, month)[1]))
        if date.weekday() < 5:
            return date


def _year_before(chance: random.Random, customer: Row, year: int, since: float, rhythm: Sequence[float]) -> list[Row]:
    """What a customer with a seller was invoiced in the year before, now and then credited in part; ``since``: the plan
    year's net."""
    orders, size = _BEFORE[customer["_class"]]
    number = max(_count(chance, orders), not since)
    own = size * chance.lognormvariate(0, _SPREAD)
    if customer["_class"] in _LARGE and since > 0:  # a good customer grows from year to year, it does not jump
        own = since * chance.uniform(*_GROWN) / number
    months = [weight * beside for weight, beside in zip(policy.value("quota.months"), rhythm, strict=True)]
    rows = []
    for _ in range(number):
        month = chance.choices(range(1, 13), months)[0]
        row = _invoice(customer["id"], _weekday(chance, year, month), _amount(chance, own))
        rows.append(row)
        if chance.random() < _CREDITED:
            back = row["date"] + dt.timedelta(days=chance.randint(5, 40))
            rows.append(_invoice(customer["id"], back, -float(round(row["amount"] * 0.3 / _UNIT) * _UNIT)))
    return rows


def _count(chance: random.Random, mean: float) -> int:
    """A whole number of orders around ``mean``."""
    return int(mean * chance.uniform(0.75, 1.25) + chance.random())


def _store(chance: random.Random, customer: Row, as_of: dt.date) -> list[Row]:
    """What a customer of the long tail ordered in the online store."""
    own = _TAIL_ORDER * chance.lognormvariate(0, _SPREAD)
    months = 12 if chance.random() < _GONE else 12 + as_of.month
    rows = []
    for _ in range(chance.choice(_TAIL_ORDERS)):
        month = chance.randrange(months)
        rows.append(
            _invoice(customer["id"], _weekday(chance, as_of.year - 1 + month // 12, month % 12 + 1), _amount(chance, own))
        )
    return rows


# --------------------------------------------------------------------------------------------------------------- tiers

_REFRESHED = ((6, 30), (9, 30), (12, 31))  # the first gives everybody a tier; the others tell who moved


def refreshed(
    customers: Sequence[Row], invoices: Sequence[Row], year: int, days: Sequence[tuple[int, int]] = _REFRESHED
) -> dict[str, list[Row]]:
    """Customers, TierChanges and ClvModel as "refresh tiers" leaves them, run on these days in turn.

    The same refresh once more, on the last day, finds nothing to change. The first run's changes are left out: everybody
    came from nowhere.
    """
    rows: list[Row] = [dict.fromkeys(c.key for c in TABLES["Customers"].inputs) | dict(c) for c in customers]
    history: list[Row] = []
    for first, day in enumerate(dt.date(year, *on) for on in days):
        found = tiering.tiers(purchases(invoices, day), rows, history, tiering.TierSettings.of())
        rows = found.rows
        history += found.changes if first else []
    return {"Customers": rows, "TierChanges": history, "ClvModel": clv_model.rows(found.model)}


def purchases(invoices: Sequence[Row], as_of: dt.date) -> Purchases:
    """What the core needs of the invoices up to a day."""
    known = [i for i in invoices if i["date"] <= as_of]
    days = [day_number(i["date"]) for i in known]
    return Purchases.of([i["customer"] for i in known], days, [round(i["amount"] * 100) for i in known], as_of)


# ---------------------------------------------------------------------------------------------------------------- care

_DUE_AFTER = 90  # days from signing to the day by which an order should be paid
_COMPARABLE = 4  # times the year before: beyond, a customer has come, not grown
_SYNERGY = {30.0: 8.0, 8.0: 6.5, 1.3: 4.5, 0.3: 2.5}
# People that serve customers: who sells directly or through channels, who plans solutions, and the engineers (not sales people).
_STAFF_LINES = {"account_manager": ("direct", "channel"), "solution_expert": ("solution",)}
_ENGINEERS = 112
_CANCELLED, _UNPUBLISHED = 8, 10  # months of the visit that fell through and of the blueprint that is overdue
_OUTCOMES = (
    Text("确认三年产线升级路线图", "three-year roadmap of the line upgrade agreed"),
    Text("共建联合实验室", "joint laboratory to be set up"),
    Text("数据共享协议待法务", "agreement on shared data with the lawyers"),
    Text("第二工厂列入明年计划", "second plant is in next year's plan"),
)


def give_synergy(customers: Sequence[Row]) -> None:
    """How well each customer with a seller fits us, 0–10."""
    chance = random.Random(SEED + 2)
    for customer in customers:
        near = _SYNERGY[customer["_class"]] + chance.gauss(0, 1.2)
        customer["synergy"] = round(min(max(near, 0), 10), 1)


def care(customers: Sequence[Row], orders: Sequence[Row], invoices: Sequence[Row], as_of: dt.date) -> list[Row]:
    """What is tracked of the S and A customers: cash as the Deals have it, growth as the invoices have it, the rest made up."""
    chance = random.Random(SEED + 3)
    rows = []
    for customer in sorted((c for c in customers if c["tier"] in ("S", "A")), key=lambda c: c["rank"]):
        top = customer["tier"] == "S"
        owed = [o for o in orders if o["customer"] == customer["id"] and (as_of - o["date"]).days > _DUE_AFTER]
        grown = _growth(customer["id"], invoices, as_of)
        rows.append(
            {
                "customer": customer["id"],
                "labs": chance.choice((0, 1, 1, 2) if top else (0, 0, 0, 1)),
                "patents": chance.choice((0, 1, 1, 2, 3) if top else (0, 0, 1)),
                "onsite_days": chance.randint(48, 96) if top else chance.randint(0, 30),
                "due": float(sum(o["revenue"] for o in owed)),
                "collected": float(sum(o["collected"] for o in owed)),
                "nps": chance.choice((-20, 10, 20, 30, 40, 50, 60, 70)),
                "delivery": chance.choices(("green", "amber", "red"), (8, 3, 1))[0],
                "customer_growth": None if grown is None else round(abs(grown) * chance.uniform(0.9, 1.7) + 0.01, 3),
                "supply_growth": grown,
                "note": None,
            }
        )
    return rows


def _growth(customer: str, invoices: Sequence[Row], as_of: dt.date) -> float | None:
    """How much more a customer was invoiced than in the same months before; None where there is next to nothing to compare with."""
    now, before = (
        sum(i["amount"] for i in invoices if i["customer"] == customer and dt.date(y, 1, 1) <= i["date"] <= as_of.replace(year=y))
        for y in (as_of.year, as_of.year - 1)
    )
    return round(now / before - 1, 3) if before * _COMPARABLE > now else None


def visits(
    customers: Sequence[Row], as_of: dt.date, missed: Sequence[int] = (_CANCELLED,), unpublished: int = _UNPUBLISHED
) -> list[Row]:
    """The handshakes as they were planned, but for months in which they did not come about and one whose blueprint is overdue."""
    chance = random.Random(SEED + 4)
    top = sorted((c for c in customers if c["tier"] == "S"), key=lambda c: c["rank"])
    ids = {c["name"]: c["id"] for c in top}
    rows = []
    for month, (day, name, executive, due, _) in enumerate(call("HANDSHAKES", [[c["name"]] for c in top], as_of.year), 1):
        if month in missed:
            continue
        on = due - dt.timedelta(days=chance.randint(1, 12))
        published = month != unpublished and on <= as_of
        rows.append(
            {"date": day, "customer": ids[name], "executive": executive, "published": "yes" if published else "no",
             "published_on": on if published else None, "note": str(chance.choice(_OUTCOMES))}
        )  # fmt: skip
    return rows


def service_staff(people: Sequence[Row], as_of: dt.date) -> list[Row]:
    """Who there is to serve customers: sellers by line, and the engineers of the delivery department."""
    here = [p for p in people if p["level"] in ("supervisor", "representative") and (p["left"] is None or p["left"] >= as_of)]
    counts = {role: sum(p["line"] in lines for p in here) for role, lines in _STAFF_LINES.items()}
    return [{"role": role, "people": number} for role, number in (counts | {"delivery_engineer": _ENGINEERS}).items()]
