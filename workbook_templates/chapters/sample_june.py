"""The sample company at work: Starbridge on 30 June 2027, its figures those of ``sample_story``, to the yuan.

The people and customers are those of the whole year (``sample``). Orders are made region by region and quarter by quarter; then revenue is
moved between orders of one seller and quarter until product lines and what is due come out, too, which changes no other sum.
"""

from __future__ import annotations

import calendar
import datetime as dt
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from udfs import policy
from udfs.text import Text, speaking
from udfs.values import apportion
from workbook_templates import registry
from workbook_templates.chapters import sample
from workbook_templates.chapters import sample_story as story
from workbook_templates.chapters.basics.sample_rows import tasks as sample_tasks
from workbook_templates.chapters.channels import sample as sample_channels
from workbook_templates.chapters.customers import sample as sample_customers
from workbook_templates.chapters.incentives import sample as sample_cycle
from workbook_templates.chapters.incentives.ledger import VERSION
from workbook_templates.chapters.incentives.pay.reading import allocated
from workbook_templates.chapters.sample_names import Names
from workbook_templates.engine.collecting import seldom_collected
from workbook_templates.tables import duties, policies
from workbook_templates.tables.schema import BUDGET_LINES, PRODUCT_LINES, Company, Row
from workbook_templates.tables.spec import SampleRows
from workbook_templates.tables.words import FUNNEL, STORE

SEED = 630
_INVOICES = 6302  # of the customers' purchases before the plan year

Deal = dict[str, Any]


@seldom_collected()
def company(lang: str = "zh") -> Company:
    """The sample company in one language; numbers, dates, IDs and codes are the same in both."""
    chance = random.Random(SEED)
    with speaking(lang):
        people = _people()
        names = Names()
        customers = sample.invented_customers(random.Random(SEED + 1), people, names)
        _move_owner(people, customers)
        orders = _deals(chance, people, customers)
        sample_customers.give_synergy(customers)
        signing = list(customers)
        customers += sample_customers.long_tail(len(customers) + 1, story.YEAR, sample.online(names))
        names.plant(customers)
        invoices = sample_customers.transactions(customers, orders, story.AS_OF, seed=_INVOICES, scale=_YEARLY, rhythm=_rhythm())
        invoices = [
            i for i in invoices if i["customer"] != story.DEBTOR or i["date"] < _DEBTOR_SILENT or i["date"].year == story.YEAR
        ]
        tiered = sample_customers.refreshed([sample.spoken(c) for c in customers], invoices, story.YEAR, story.REFRESHED)
        rows: dict[str, list[Row]] = {
            "Regions": sample.region_rows(),
            "People": [sample.spoken(p) for p in people],
            "Transfers": sample.transfer_rows(people, dt.date(story.YEAR, 4, 1)),
            "Draws": sample.draw_rows(people),
            **tiered,
            "CustomerCare": _care(tiered["Customers"], orders, invoices),
            "Visits": _visits(tiered["Customers"]),
            "ServiceStaff": sample_customers.service_staff(people, story.AS_OF),
            "Transactions": invoices,
            "Deals": _sources([sample.spoken(d) for d in orders], tiered["Customers"]),
            "Quotas": _quotas(people),
            "Budget": _budget(random.Random(SEED + 2)),
            "Pool": sample.pool_rows(random.Random(SEED + 3), people)[:-1],  # one leader is still to come in
            "Grants": sample.grant_rows(people),
            **sample_channels.half_year(
                story.AS_OF, VERSION, [r[0] for r in sample.REGIONS], list(sample.INDUSTRIES), people, signing,
                _dealer_facts(),
            ),
        }  # fmt: skip
        made = Company(str(sample.NAME), story.YEAR, story.AS_OF, VERSION, rows, owners=_owners(people))
        for handed_in in registry.of_chapters("sample_rows", "SAMPLE", SampleRows).values():
            made.rows = {**made.rows, **handed_in.rows(made)}
        made.rows = {**made.rows, policies.TABLE: [*made.of(policies.TABLE), _mix()]}
        disputed = next(o["id"] for o in orders if o.get("_disputed"))
        made.rows = {**made.rows, **sample_cycle.run_half(made, sample.BOOKINGS, story.PAID, story.LOCKED, disputed)}
        made.rows = {**made.rows, duties.TABLE: sample_tasks.ordered(made, sample.BOOKINGS)}
        return made


def _owners(people: Sequence[Row]) -> dict[int, str]:
    """Who answers for each chapter: the directors of the lines; for the budget the finance director."""
    direct, channel, solution = (str(p["name"]) for p in people if p["level"] == sample.DIRECTOR)
    money = str(Text("财务总监 陈立", "Chen Li, finance director"))
    head = next(str(p["name"]) for p in people if p["level"] == sample.MANAGER and p["line"] == "solution" and not p.get("left"))
    service = str(Text(f"售后总监 {head}", f"{head}, service director"))
    return {1: solution, 2: direct, 3: solution, 4: channel, 5: direct, 7: service, 8: direct, 11: money}


# Bookings of half a year are as much of a year's; what was invoiced the year before goes by that.
_YEARLY = 1.25
_DEBTOR_SILENT = dt.date(story.YEAR - 1, 7, 1)  # who owes most bought nothing in the half year before


def _rhythm() -> list[float]:
    """The plan's quarters, month by month."""
    return [float(weight) for weight in policy.value("quota.pattern") for _ in range(3)]


def _mix() -> Row:
    """What the plan wants of each product line, decided before the year began."""
    return {
        "key": "products.mix", "valid_from": dt.date(story.YEAR, 1, 1), "value": story.MIX,
        "by": str(Text("总经理 罗启航", "Luo Qihang, general manager")),
        "reason": str(Text("年度产品组合", "the year's mix of products")), "on": dt.date(story.YEAR - 1, 12, 20),
    }  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ people

_NEW = 60  # joined in April like another, and has no quota yet: "split quotas" brings it in
_JOINED_LAST = 44
_DEBTORS_SHARE = 1.6  # of that seller's quota, about
_DEBTORS_SELLER = 0  # which of those with a key customer sells to who owes most
# What the sellers of a region reach of their quotas without those behind, about; in the order of the sample's regions.
_REACHED = (1.06, 0.90, 0.97, 1.04, 0.95, 1.10)


def _people() -> list[Row]:
    """The year's people: two have left by now, two joined in April; where they sit follows the story's regions."""
    people = sample.invented_people(random.Random(sample.SEED))
    for number, day in story.LEFT.items():
        people[number - 1]["left"] = day
    people[_NEW - 1]["joined"] = dt.date(story.YEAR, 4, 19)
    _place(people)
    return people


def _sellers(people: Sequence[Row]) -> list[Row]:
    """Who has a quota and sells."""
    return [p for p in sample.sellers_of(list(people)) if p["id"] != _id(_NEW)]


def _id(number: int) -> str:
    return f"P{number:03}"


def _quotas(people: Sequence[Row]) -> list[Row]:
    return [row for row in sample.quota_rows(list(people)) if row["person"] != _id(_NEW)]


def due_by_now(people: Sequence[Row]) -> dict[str, float]:
    """Everybody's quota of the six months."""
    quota = allocated(story.YEAR, sample.BOOKINGS, _quotas(people), people, policies.Policies())
    return {
        p["id"]: sum(quota(p["id"], f"{story.YEAR}-{month:02}") or 0.0 for month in range(1, story.AS_OF.month + 1))
        for p in _sellers(people)
    }


def _behind(people: Sequence[Row]) -> dict[str, tuple[int, float]]:
    """Those furthest behind: who joined last and some representatives without a key customer, by ID."""
    plain = [p for p in _sellers(people) if not p["_key"] and p["joined"].year < story.YEAR and p["left"] is None]
    chosen = [_id(_JOINED_LAST), *(plain[place]["id"] for place in (3, 11, 17, 23))]
    return dict(zip(chosen, story.BEHIND, strict=True))


def _place(people: list[Row]) -> None:
    """Sellers by region, the largest quotas first, each to the region that lacks most."""
    due, behind, sellers = due_by_now(people), _behind(people), _sellers(people)
    totals = [float(sum(quarters) * story.WAN) for quarters in story.REGIONS]
    for who, (region, part) in behind.items():
        totals[region] -= due[who] * part
    lacking = [total / reached for total, reached in zip(totals, _REACHED, strict=True)]
    keys, others = ([p for p in sellers if bool(p["_key"]) == key and p["id"] not in behind] for key in (True, False))
    whole = sum(due[p["id"]] for p in (*keys, *others)) / sum(lacking)
    lacking = [part * whole for part in lacking]
    fixed = {keys[_DEBTORS_SELLER]["id"]: 0, others[0]["id"]: 0, keys[int(story.POSTPONING[1:]) - 1]["id"]: 1}
    for person in sorted((*keys, *others), key=lambda p: (p["id"] not in fixed, -due[p["id"]])):
        region = fixed.get(person["id"], max(range(len(lacking)), key=lambda r: lacking[r]))
        lacking[region] -= due[person["id"]]
        person["region"] = sample.REGIONS[region][0]
    for who, (region, _) in behind.items():
        next(p for p in sellers if p["id"] == who)["region"] = sample.REGIONS[region][0]


def _move_owner(people: Sequence[Row], customers: list[Row]) -> None:
    """Who owes most is looked after by a seller with a key customer; nobody's customers wait for who has no quota yet."""
    sellers = _sellers(people)
    keys = [p for p in sellers if p["_key"]]
    for customer in customers:
        if customer["id"] == story.DEBTOR:
            customer["owner"] = keys[_DEBTORS_SELLER]["id"]
        elif customer["owner"] == _id(_NEW):
            customer["owner"] = next(p["id"] for p in sellers if not p["_key"] and p["region"] == customer["region"])


# ------------------------------------------------------------------------------------------------------------- deals

_QUARTERS = (0, 1)
_SHARED = 0.06  # of the orders have a second seller
_TERM, _LONG_TERM = 90, 120  # days to pay
_SPREAD = 0.05  # of a margin rate round its line's
_S_FIRST, _A_FIRST = 0.95, 0.8  # how often an order of a key seller goes to the S customer; of another, to an A customer
_UNPAID_OF_OLD = 1.4  # the revenue of old orders that are not wholly paid, as a multiple of what is lacking


def _deals(chance: random.Random, people: list[Row], customers: list[Row]) -> list[Deal]:
    """The orders and returns of half a year."""
    sellers, owned = _sellers(people), dict[str, list[Row]]()
    for customer in customers:
        owned.setdefault(customer["owner"], []).append(customer)
    planted = _planted(sellers, customers)
    rows: list[Deal] = list(planted)
    for (seller, quarter), amount in _amounts(chance, people).items():
        amount -= sum(o["revenue"] for o in planted if o["seller"] == seller["id"] and _quarter_of(o["date"]) == quarter)
        rows += _orders(chance, seller, owned[seller["id"]], quarter, amount)
    returned = next(o for o in rows if o.get("_returned"))
    _share(chance, rows, sellers)
    _lines(chance, rows, returned)
    _terms(rows)
    _costs(chance, rows, returned)
    _cash(chance, rows)
    revenue, day = story.RETURN
    cost = round(returned["cost"] * revenue / returned["revenue"])
    rows.append({**returned, "date": day, "revenue": float(revenue), "cost": float(cost), "collected": float(revenue), "due": None,
                 "original": returned})  # fmt: skip
    sample.number_orders(rows)
    for row in rows:
        delivered = row["date"] + dt.timedelta(sample.DELIVERED_AFTER)
        row |= dict.fromkeys(("customer_kind", "entered_by", "approved_by", "approved_on", "source"))
        row["delivered"] = delivered if delivered <= story.AS_OF and not row["original"] else None
        row["entered_on"] = row["date"]
    return rows


def _amounts(chance: random.Random, people: Sequence[Row]) -> dict[Any, float]:
    """What each seller books in each quarter; regions and quarters come out, and those behind are where they are."""
    due, behind = due_by_now(people), _behind(people)
    found: list[tuple[Row, int, float]] = []
    for region, quarters in enumerate(story.REGIONS):
        here = [p for p in _sellers(people) if p["region"] is sample.REGIONS[region][0]]
        slow = [p for p in here if p["id"] in behind]
        rest = [p for p in here if p["id"] not in behind]
        noise = {p["id"]: chance.uniform(0.92, 1.1) for p in rest}
        if region == 0:
            noise[next(p for p in rest if p["_key"])["id"]] = _DEBTORS_SHARE
        own = {p["id"]: round(due[p["id"]] * behind[p["id"]][1] / story.UNIT) * story.UNIT for p in slow}
        for quarter in _QUARTERS:
            total = quarters[quarter] * story.WAN - (story.RETURN[0] if (region, quarter) == (0, 1) else 0)
            for person in slow:
                late = person["joined"] > _first(1)
                part = float(quarter == 1) if late else quarters[0] / sum(quarters)
                first = round(own[person["id"]] * part / story.UNIT) * story.UNIT
                amount = first if late or quarter == 0 else own[person["id"]] - first
                found.append((person, quarter, amount))
                total -= amount
            weights = [due[p["id"]] * noise[p["id"]] * _present(p, quarter) for p in rest]
            found += [(p, quarter, part) for p, part in zip(rest, apportion(total, weights, story.UNIT), strict=True)]
    return {(_Seller(person), quarter): amount for person, quarter, amount in found if amount}


class _Seller(dict[str, Any]):
    """A person's row that may be a key."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self["id"])


def _present(person: Row, quarter: int) -> float:
    last = story.AS_OF if quarter else _first(1) - dt.timedelta(1)
    half = sample.employed(person, _first(0), story.AS_OF)
    return sample.employed(person, _first(quarter), last) / half if half else 0.0


def _first(quarter: int) -> dt.date:
    return dt.date(story.YEAR, quarter * 3 + 1, 1)


def _quarter_of(day: dt.date) -> int:
    return (day.month - 1) // 3


def _planted(sellers: Sequence[Row], customers: Sequence[Row]) -> list[Deal]:
    """The orders of which the story tells."""
    by_id = {p["id"]: p for p in sellers}
    east = [p for p in sellers if p["region"] is sample.REGIONS[0][0] and p["left"] is None and p["joined"].year < story.YEAR]
    debtor = next(c for c in customers if c["id"] == story.DEBTOR)
    mine = [next(c for c in customers if c["owner"] == p["id"]) for p in east[2:4]]
    due = story.AS_OF - dt.timedelta(story.DEBT_DAYS)
    owing = _order(by_id[debtor["owner"]], debtor, due - dt.timedelta(60), float(story.DEBT))
    back, asked = (
        _order(seller, client, day, float(revenue)) | {"line": "flex", "_rate": rate, "cost": round(revenue * (1 - rate))}
        for seller, client, (revenue, rate, day) in zip(east[2:4], mine, (story.RETURNED, story.DISPUTED), strict=True)
    )
    return [owing | {"_fixed": True, "due": due, "_owes": True}, back | {"_fixed": True, "_returned": True},
            asked | {"_fixed": True, "_disputed": True}]  # fmt: skip


def _order(seller: Row, client: Row, day: dt.date, revenue: float) -> Deal:
    return {"id": "", "date": day, "customer": client["id"], "region": client["region"], "line": None, "seller": seller["id"],
            "partner": None, "seller_share": 1.0, "revenue": revenue, "original": None, "due": None}  # fmt: skip


def _orders(chance: random.Random, seller: Row, clients: Sequence[Row], quarter: int, amount: float) -> list[Deal]:
    """A seller's orders of a quarter, about as large as orders are."""
    mean = story.BOOKINGS / story.DEALS * (1.25 if seller["_key"] else 0.85)
    number = max(2, round(amount / mean))
    chosen = [_client(chance, seller, clients) for _ in range(number)]
    sizes = [(chance.lognormvariate(0, 0.55) + 0.3) * c["_class"] ** 0.4 for c in chosen]
    return [
        _order(seller, client, _day(chance, seller, quarter), revenue)
        for client, revenue in zip(chosen, apportion(amount, sizes, story.UNIT), strict=True)
    ]


def _client(chance: random.Random, seller: Row, clients: Sequence[Row]) -> Row:
    best = [c for c in clients if c["_class"] >= 8 and c["id"] != story.DEBTOR]
    if best and chance.random() < (_S_FIRST if seller["_key"] else _A_FIRST):
        return max(best, key=lambda c: float(c["_class"])) if seller["_key"] else chance.choice(best)
    rest = [c for c in clients if c["id"] != story.DEBTOR]
    return chance.choices(rest, [c["_class"] ** 0.5 for c in rest])[0]


def _day(chance: random.Random, seller: Row, quarter: int) -> dt.date:
    """A working day of the quarter on which the seller was employed, months weighted as the plan weights them."""
    weights = policy.value("quota.months")[quarter * 3 : quarter * 3 + 3]
    while True:
        month = quarter * 3 + 1 + chance.choices(range(3), weights)[0]
        day = dt.date(story.YEAR, month, chance.randint(1, calendar.monthrange(story.YEAR, month)[1]))
        closed = any(first <= day <= last for first, last in sample.CLOSED)
        if day.weekday() < 5 and not closed and sample.employed(seller, day, day):
            return day


def _share(chance: random.Random, rows: Sequence[Deal], sellers: Sequence[Row]) -> None:
    """Some orders have a partner: small ones, of people who are not behind, within a region."""
    slow = set(_behind(sellers))
    small = sorted(rows, key=lambda o: o["revenue"])[: len(rows) // 2]
    for order in chance.sample([o for o in small if not o.get("_fixed") and o["seller"] not in slow], int(len(rows) * _SHARED)):
        day = order["date"]
        near = [p["id"] for p in sellers if p["region"] is order["region"] and p["id"] not in slow | {order["seller"]}
                and sample.employed(p, day, day)]  # fmt: skip
        if near:
            order |= {"partner": chance.choice(near), "seller_share": chance.choice((0.6, 0.7, 0.7))}


def _lines(chance: random.Random, rows: Sequence[Deal], returned: Deal) -> None:
    """Product lines; what is lacking of a line afterwards is moved between orders of a seller and quarter."""
    wanted = {line: revenue * story.WAN for line, (revenue, _) in story.PRODUCTS.items()}
    wanted["flex"] -= story.RETURN[0]  # it comes back later
    left = dict(wanted)
    for order in sorted(rows, key=lambda o: -o["revenue"]):
        if order["line"] is None:
            order["line"] = max(left, key=lambda line: left[line] * chance.uniform(0.35, 1.0))
        left[order["line"]] -= order["revenue"]
    for line in ("service", "ultra", "eco"):
        missing = wanted[line] - sum(o["revenue"] for o in rows if o["line"] == line)
        _shift(
            rows,
            missing,
            line,
            [
                other
                for other in wanted
                if other not in ("service", "ultra", "eco")[: ("service", "ultra", "eco").index(line) + 1]
            ],
        )


def _shift(rows: Sequence[Deal], missing: float, line: str, others: Sequence[str]) -> None:
    """Move revenue to (or from) a line from (or to) others, between orders of one seller and quarter."""
    _move(
        rows, missing, lambda o: o["line"] == line, lambda o: o["line"] in others, lambda o: (o["seller"], _quarter_of(o["date"]))
    )


def _move(
    rows: Sequence[Deal],
    missing: float,
    gains: Callable[[Deal], bool],
    gives: Callable[[Deal], bool],
    within: Callable[[Deal], Any],
) -> None:
    """Take ``missing`` from orders that give to orders that gain, pair by pair of one kind; below 0 the other way round."""
    if missing < 0:
        gains, gives, missing = gives, gains, -missing
    by_kind: dict[Any, list[Deal]] = {}
    for order in rows:
        if gains(order) and not order.get("_fixed"):
            by_kind.setdefault(within(order), []).append(order)
    for order in sorted((o for o in rows if gives(o) and not o.get("_fixed")), key=lambda o: -o["revenue"]):
        takers = by_kind.get(within(order))
        if takers and missing > 0:
            part = min(missing, order["revenue"] // 2 // story.UNIT * story.UNIT)
            order["revenue"] -= part
            takers[0]["revenue"] += part
            takers.append(takers.pop(0))
            missing -= part
    if missing:
        raise ValueError(f"{missing} yuan of the story can't be placed")


def _terms(rows: Sequence[Deal]) -> None:
    """When orders are due: 90 days after signing, the last of the first quarter later, so that what is due comes out."""
    for order in rows:
        order["due"] = order["due"] or order["date"] + dt.timedelta(_TERM)
    surplus = sum(o["revenue"] for o in rows if o["due"] <= story.AS_OF) - story.DUE
    late = sorted((o for o in rows if o["due"] <= story.AS_OF and not o.get("_fixed")), key=lambda o: o["date"], reverse=True)
    for order in late:
        if 0 < order["revenue"] <= surplus:
            order["due"] = order["date"] + dt.timedelta(_LONG_TERM)
            if order["due"] > story.AS_OF:
                surplus -= order["revenue"]
    _move(rows, surplus, lambda o: o["due"] > story.AS_OF, lambda o: o["due"] <= story.AS_OF,
          lambda o: (o["seller"], _quarter_of(o["date"]), o["line"]))  # fmt: skip


def _costs(chance: random.Random, rows: Sequence[Deal], returned: Deal) -> None:
    """Costs in whole yuan, so that each line's margin is exact; some orders of the economy line are far too cheap."""
    cheap = sorted((o for o in rows if o["line"] == "eco"), key=lambda o: abs(o["revenue"] - 600_000))[: story.CHEAP]
    for line, (_, margin) in story.PRODUCTS.items():
        own = [o for o in rows if o["line"] == line]
        free = [o for o in own if "cost" not in o and o not in cheap]
        for order in own:
            if order in cheap:
                order["cost"] = order["revenue"] - round(order["revenue"] * story.CHEAP_MARGIN)
        wanted = margin * story.WAN - sum(o["revenue"] - o["cost"] for o in own if "cost" in o)
        if line == returned["line"]:
            wanted += round(story.RETURNED[0] * story.RETURNED[1] * story.RETURN[0] / story.RETURNED[0]) * -1
        mean = wanted / sum(o["revenue"] for o in free)
        for order, part in zip(
            free, apportion(wanted, [o["revenue"] * max(0.04, chance.gauss(mean, _SPREAD)) for o in free], 1), strict=True
        ):
            order["cost"] = order["revenue"] - part


def _cash(chance: random.Random, rows: Sequence[Deal]) -> None:
    """What came in: all of what is due but for some orders, and a part of the others."""
    limit = story.AS_OF - dt.timedelta(story.OVERDUE_DAYS)
    for order in rows:
        order["collected"] = order["revenue"]
    old = [o for o in rows if o["due"] < limit and not o.get("_fixed")]
    young = [o for o in rows if limit <= o["due"] <= story.AS_OF and not o.get("_fixed")]
    later = [o for o in rows if o["due"] > story.AS_OF]
    owing = next(o for o in rows if o.get("_owes"))
    owing["collected"] = 0.0
    due_unpaid = story.DUE - story.PAID_OF_DUE
    chance.shuffle(old)
    _owe(_enough(old, (story.OVERDUE - story.DEBT) * _UNPAID_OF_OLD), story.OVERDUE - story.DEBT)
    _owe(young, due_unpaid - story.OVERDUE)
    _owe(later, story.OWED + story.BAD_DEBT - due_unpaid)  # what is written off of it is owed no more


def _enough(rows: Iterable[Deal], amount: float) -> list[Deal]:
    """As many orders as come to an amount."""
    out: list[Deal] = []
    for order in rows:
        if sum(o["revenue"] for o in out) >= amount:
            break
        out.append(order)
    return out


def _owe(rows: Sequence[Deal], amount: float) -> None:
    """So much of these orders is not paid yet."""
    for order, part in zip(rows, apportion(amount, [o["revenue"] for o in rows], story.UNIT), strict=True):
        if part > order["revenue"]:
            raise ValueError(f"{part} of {order['revenue']} can't be unpaid")
        order["collected"] = order["revenue"] - part


def july(made: Company) -> list[Row]:
    """A few orders of the first days of July, as a CRM would send them: something to import."""
    chance = random.Random(SEED + 5)
    customers = [c for c in made.of("Customers") if c["owner"] in {q["person"] for q in made.of("Quotas")}]
    left = {p["id"] for p in made.of("People") if p["left"]}
    rows: list[Row] = []
    for number, customer in enumerate(chance.sample([c for c in customers if c["owner"] not in left], story.JULY), 1):
        revenue = float(chance.randint(20, 90) * 10_000)
        rows.append(
            {"id": f"D{story.YEAR % 100}-07{number:02}", "date": story.AS_OF + dt.timedelta(1 + number % 2), "customer": customer["id"],
             "region": customer["region"], "line": str(PRODUCT_LINES[number % len(PRODUCT_LINES)].label), "seller": customer["owner"],
             "revenue": revenue, "cost": float(round(revenue * chance.uniform(0.62, 0.72), -2)), "collected": 0.0}
        )  # fmt: skip
    return rows


# ------------------------------------------------------------------------------------------------------------- customers


_NOTES = {
    story.POSTPONING: Text("两条产线推迟到三季度", "two lines put off to the third quarter"),
    story.DEBTOR: Text("逾期货款催收中", "overdue payment is being chased"),
    story.ONE_PROJECT: Text("第二个联合项目待立项", "second joint project not started yet"),
}


def _sources(orders: list[Row], customers: Sequence[Row]) -> list[Row]:
    """B customers order through the digital funnel, C customers in the online store; one order in six was entered without its source."""
    tiers = {row["id"]: row["tier"] for row in customers}
    for place, row in enumerate(orders):
        row["source"] = {"B": FUNNEL, "C": STORE}.get(tiers[row["customer"]]) if place % 6 and not row["original"] else None
    return orders


def _care(customers: Sequence[Row], orders: Sequence[Row], invoices: Sequence[Row]) -> list[Row]:
    """The tracker in June: on plan but for one S customer with a single joint project."""
    chance = random.Random(SEED + 4)
    rows = sample_customers.care(customers, orders, invoices, story.AS_OF)
    top = {c["id"] for c in customers if c["tier"] == "S"}
    for row in rows:
        grown = row["supply_growth"]
        row["customer_growth"] = None if grown is None else round(abs(grown) * chance.uniform(1.25, 1.8) + 0.01, 3)
        if row["customer"] in top:
            row |= {"labs": 1, "patents": 0 if row["customer"] == story.ONE_PROJECT else chance.choice((1, 1, 2)),
                    "onsite_days": chance.randint(31, 46), "nps": max(row["nps"], 40), "delivery": "green"}  # fmt: skip
        else:
            row["onsite_days"] = chance.randint(0, 15)
        row["note"] = str(_NOTES[row["customer"]]) if row["customer"] in _NOTES else None
    return rows


def _visits(customers: Sequence[Row]) -> list[Row]:
    return [
        visit for visit in sample_customers.visits(customers, story.AS_OF, missed=story.MISSED_VISITS, unpublished=0)
        if visit["date"] <= story.AS_OF
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ budget


def _budget(chance: random.Random) -> list[Row]:
    """Planned for the year, spent and attributed until June."""
    whole = sample.BOOKINGS * policy.value("budget.rate")
    rows = []
    for line, total in zip(BUDGET_LINES, apportion(whole, policy.value("budget.shares")), strict=True):
        planned = apportion(total, story.SEASON, 1000)
        months = story.AS_OF.month
        spent = _monthly(chance, story.SPENT[line.code], planned[:months], line.code, 0)
        brought = story.ATTRIBUTED.get(line.code)
        revenue = [None] * months if brought is None else _monthly(chance, brought, spent, line.code, 1)
        for month in range(12):
            known = month < months
            rows.append({"line": line.code, "month": month + 1, "planned": planned[month], "actual_cost": spent[month] if known else None,
                         "revenue": revenue[month] if known else None, "approved": None})  # fmt: skip
    return rows


def _monthly(chance: random.Random, total: float, shape: Sequence[float], line: str, part: int) -> list[Any]:
    """A half year's sum month by month; June's of the market line is the story's."""
    fixed = story.JUNE_MARKET[part] * story.WAN if line == "market" else None
    weights = [value * chance.uniform(0.94, 1.06) for value in shape]
    if fixed is None:
        return list(apportion(total * story.WAN, weights, 1000))
    return [*apportion(total * story.WAN - fixed, weights[:-1], 1000), float(fixed)]


def _dealer_facts() -> sample_channels.DealerFacts:
    return sample_channels.DealerFacts(
        story.WEAK, story.WITHHELD, story.WITHHELD_SALES, story.RESAT, story.STOCK, story.INSTALLERS, story.OVERSEAS
    )
