"""The sample company: fictional, seeded, and adding up to the plan's own figures to the yuan.

Its bookings, quarters, gross margin, budget and attributed revenue are the company figures of the plan (rules, chapters 1, 5 and
11), whatever number of deals is asked for: a benchmark with 10,000 deals shows the same totals as the sample with 640.
"""

from __future__ import annotations

import calendar
import datetime as dt
import random
from collections.abc import Callable, Sequence
from typing import Any

from udfs import policy
from udfs.text import Text, speaking
from udfs.values import apportion
from workbook_templates import registry
from workbook_templates.chapters.basics.sample_rows import tasks as sample_tasks
from workbook_templates.chapters.channels import sample as sample_channels
from workbook_templates.chapters.customers import sample as sample_customers
from workbook_templates.chapters.incentives import sample as sample_cycle
from workbook_templates.chapters.incentives.ledger import VERSION
from workbook_templates.chapters.sample_names import Names
from workbook_templates.engine.collecting import seldom_collected
from workbook_templates.tables import duties
from workbook_templates.tables.schema import BUDGET_LINES, Company, Row
from workbook_templates.tables.spec import SampleRows

YEAR = 2027
AS_OF = dt.date(YEAR, 12, 31)
DEALS = 640
SEED = 2027

# The plan's own figures (rules, "company figures"); the tables below are made to add up to them.
BOOKINGS = 420_000_000
QUARTERS = (168_000_000, 126_000_000, 84_000_000, 42_000_000)
GROSS_MARGIN = 147_000_000  # budget 84,000,000 and profit floor 63,000,000
ATTRIBUTED = (0, 168_000_000, 84_000_000, 168_000_000, 0, 0)  # 1:8, 1:5 and 1:20 on the budget lines
FEWEST = 200  # deals that the company's sellers and quarters can share


@seldom_collected()
def company(lang: str = "zh", deals: int = DEALS) -> Company:
    """The sample company in one language; numbers, dates, IDs and codes are the same in both."""
    if deals < FEWEST:
        raise ValueError(f"{deals} deals are too few for the company's sellers and quarters: {FEWEST} or more")
    chance = random.Random(SEED)
    with speaking(lang):
        people = invented_people(chance)
        names = Names()
        customers = invented_customers(chance, people, names)
        orders = _deals(chance, people, customers, deals)
        sample_customers.concentrate(customers, orders)
        sample_customers.give_synergy(customers)
        signing = list(customers)  # those with a seller
        customers += sample_customers.long_tail(len(customers) + 1, YEAR, online(names))
        names.plant(customers)
        invoices = sample_customers.transactions(customers, orders, AS_OF)
        tiered = sample_customers.refreshed([spoken(c) for c in customers], invoices, YEAR)
        rows = {
            "Regions": region_rows(),
            "People": [spoken(p) for p in people],
            "Transfers": transfer_rows(people, dt.date(YEAR, 7, 1)),
            "Draws": draw_rows(people),
            **tiered,
            "CustomerCare": sample_customers.care(tiered["Customers"], orders, invoices, AS_OF),
            "Visits": sample_customers.visits(tiered["Customers"], AS_OF),
            "ServiceStaff": sample_customers.service_staff(people, AS_OF),
            "Transactions": invoices,
            "Deals": [spoken(d) for d in orders],
            "Quotas": quota_rows(people),
            "Budget": _budget(chance),
            "Pool": pool_rows(chance, people),
            "Grants": grant_rows(people),
            **sample_channels.rows(YEAR, AS_OF, VERSION, [r[0] for r in REGIONS], list(INDUSTRIES), people, signing),
        }
        made = Company(str(NAME), YEAR, AS_OF, VERSION, rows)
        for handed_in in registry.of_chapters("sample_rows", "SAMPLE", SampleRows).values():
            made.rows = {**made.rows, **handed_in.rows(made)}
        made.rows = {**made.rows, **sample_cycle.run_year(made, BOOKINGS)}
        made.rows = {**made.rows, duties.TABLE: sample_tasks.ordered(made, BOOKINGS)}
        return made


def spoken(row: Row) -> Row:
    """A row with its texts in the language in force, without what only the generator needs (keys that begin with _)."""
    return {k: str(v) if isinstance(v, Text) else v for k, v in row.items() if not k.startswith("_")}


# ------------------------------------------------------------------------------------------------------------ market

NAME = Text("星桥智能装备有限公司", "Starbridge Smart Equipment Co., Ltd.")

_REGION_KEYS = ("region", "buyers", "spend", "serviceable", "coverage", "win_rate")
# SAM 3,800,000,000 and SOM 570,000,000 over the six.
REGIONS: tuple[tuple[Any, ...], ...] = (
    (Text("华东", "East"), 2000, 1_200_000, 0.50, 0.60, 0.30),
    (Text("华南", "South"), 1500, 1_000_000, 0.60, 0.50, 0.30),
    (Text("华北", "North"), 1000, 2_000_000, 0.35, 0.50, 0.32),
    (Text("西南", "Southwest"), 1000, 1_000_000, 0.50, 0.40, 0.30),
    (Text("华中", "Central"), 750, 1_000_000, 0.40, 0.40, 0.25),
    (Text("西北", "Northwest"), 500, 1_000_000, 0.40, 0.34, 0.25),
)


def region_rows() -> list[Row]:
    """The Regions Table, in the language in force."""
    return [
        dict(zip(_REGION_KEYS, (str(r[0]), *r[1:]), strict=True)) | {"code": code}
        for r, code in zip(REGIONS, _REGION_CODES, strict=True)
    ]


_REGION_CODES = ("HD", "HN", "HB", "XN", "HZ", "XB")


_REGION_WEIGHTS = (216, 135, 112, 60, 30, 17)  # SOM in millions: where the sellers sit

# ------------------------------------------------------------------------------------------------------------ people

DIRECTOR, MANAGER, SUPERVISOR, REPRESENTATIVE = LEVELS = "director", "manager", "supervisor", "representative"

# Directors, managers, supervisors, representatives of each line: 68 people in all.
_STAFF = (("direct", 1, 4, 6, 22), ("channel", 1, 2, 3, 12), ("solution", 1, 2, 3, 11))
_KEY_REPRESENTATIVES = 6  # with the 12 supervisors they look after the 18 S customers
_JOINERS = {20: dt.date(YEAR, 3, 1), 44: dt.date(YEAR, 4, 12), 60: dt.date(YEAR, 2, 15)}
_LEAVERS = {27: dt.date(YEAR, 8, 31), 50: dt.date(YEAR, 10, 15)}

_SURNAMES = "林Lin 陈Chen 周Zhou 吴Wu 郑Zheng 孙Sun 许Xu 何He 沈Shen 罗Luo 梁Liang 宋Song 唐Tang 韩Han 曹Cao 彭Peng 蒋Jiang 余Yu 叶Ye 潘Pan"
_GIVEN = (
    "思远Siyuan 雨桐Yutong 嘉宁Jianing 明哲Mingzhe 若溪Ruoxi 子墨Zimo 晓岚Xiaolan 文博Wenbo 佳怡Jiayi 浩然Haoran "
    "静姝Jingshu 立诚Licheng 可欣Kexin 景行Jingxing 乐瑶Leyao 安澜Anlan 书瑜Shuyu 启航Qihang 清越Qingyue 知微Zhiwei"
)


def _pairs(words: str) -> list[Text]:
    """``林Lin 陈Chen`` as texts in two languages."""
    return [Text(w.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ "), w.lstrip("".join(c for c in w if ord(c) > 127)))
            for w in words.split()]  # fmt: skip


def invented_people(chance: random.Random) -> list[Row]:
    names = chance.sample([(s, g) for s in _pairs(_SURNAMES) for g in _pairs(_GIVEN)], 68)
    rows: list[Row] = []
    for line, *counts in _STAFF:
        bosses: dict[str, list[str]] = {}
        for level, count, above in zip(LEVELS, counts, (None, *LEVELS), strict=False):
            for place in range(count):
                chief = bosses[above][place % len(bosses[above])] if above else None
                row = _person(chance, len(rows), names[len(rows)], level, line, chief)
                bosses.setdefault(level, []).append(row["id"])
                rows.append(row)
    _give_weights(chance, rows)
    return rows


def _person(chance: random.Random, number: int, name: tuple[Text, Text], level: str, line: str, chief: str | None) -> Row:
    surname, given = name
    joined = dt.date(chance.randint(2014, YEAR - 2), chance.randint(1, 12), chance.randint(1, 28))
    return {
        "id": f"P{number + 1:03}",
        "name": Text(surname.zh + given.zh, f"{given.en} {surname.en}"),
        "level": level,
        "line": line,
        "region": chance.choices([r[0] for r in REGIONS], _REGION_WEIGHTS)[0],
        "manager": chief,
        "joined": _JOINERS.get(number + 1, joined),
        "left": _LEAVERS.get(number + 1),
        "email": f"{given.en}.{surname.en}@starbridge.example".lower(),
        "quota_weight": 0.0,
        "performance": chance.choices((2, 3, 4, 5), (2, 5, 4, 2))[0],
        "potential": chance.choices((2, 3, 4, 5), (2, 5, 4, 2))[0],
        "value_score": chance.choices((2, 3, 4, 5), (1, 4, 8, 4))[0],
        "_key": False,
    }


def _give_weights(chance: random.Random, people: list[Row]) -> None:
    """Sellers carry the quota; those with an S customer carry two and a half times the others'."""
    spare = _KEY_REPRESENTATIVES
    for person in people:
        if person["level"] in (DIRECTOR, MANAGER):
            continue
        whole_year = person["joined"].year < YEAR and person["left"] is None
        person["_key"] = person["level"] == SUPERVISOR or (spare > 0 and whole_year)
        spare -= person["_key"] and person["level"] == REPRESENTATIVE
        person["quota_weight"] = round((2.6 if person["_key"] else 1.0) * chance.uniform(0.8, 1.2), 1)


def employed(person: Row, first: dt.date, last: dt.date) -> float:
    """The part of the days from ``first`` to ``last`` a person was employed."""
    start, end = max(first, person["joined"]), min(last, person["left"] or last)
    return float(max((end - start).days + 1, 0) / ((last - first).days + 1))


def sellers_of(people: list[Row]) -> list[Row]:
    return [p for p in people if p["quota_weight"]]


def quota_rows(people: list[Row]) -> list[Row]:
    return [
        {
            "person": p["id"],
            "name": str(p["name"]),
            "floor": 1_000_000 if _whole_year(p) else None,
            "cap": 20_000_000,
        }
        for p in sellers_of(people)
    ]


def _prorated(person: Row) -> float:
    """The quota weight by days employed in the year."""
    return float(round(person["quota_weight"] * employed(person, dt.date(YEAR, 1, 1), AS_OF), 4))


def _whole_year(person: Row) -> bool:
    return employed(person, dt.date(YEAR, 1, 1), AS_OF) == 1


def transfer_rows(people: list[Row], day: dt.date) -> list[Row]:
    """On a day of the year a representative gets another supervisor of the line: the team changes, no figure of the
    company."""
    staff = [p for p in people if _whole_year(p) and p["line"] == "direct"]
    first, second = [p for p in staff if p["level"] == SUPERVISOR][:2]
    mover = next(p for p in staff if p["level"] == REPRESENTATIVE and p["manager"] == first["id"])
    reason = str(Text("团队调整", "team rearranged"))
    stays = dict.fromkeys(("level", "line", "region"))
    return [{"person": mover["id"], "valid_from": day, **stays, "manager": second["id"], "reason": reason}]


def draw_rows(people: list[Row]) -> list[Row]:
    """A representative who joins in the year is guaranteed some pay for the first three months."""
    joiner = next(p for p in people if p["level"] == REPRESENTATIVE and p["joined"].year == YEAR and p["joined"].month <= 9)
    month = joiner["joined"].month
    span = {"from": f"{YEAR}-{month:02d}", "until": f"{YEAR}-{month + 2:02d}"}
    return [{"person": joiner["id"], **span, "amount": 6_000, "kind": "recoverable", "balance": None,
             "recover_from": None, "recover_most": None}]  # fmt: skip


# --------------------------------------------------------------------------------------------------------- customers

_CITIES = {
    "East": "苏州Suzhou 杭州Hangzhou 合肥Hefei 宁波Ningbo 无锡Wuxi",
    "South": "佛山Foshan 东莞Dongguan 珠海Zhuhai 厦门Xiamen",
    "North": "天津Tianjin 济南Jinan 石家庄Shijiazhuang 青岛Qingdao",
    "Southwest": "成都Chengdu 重庆Chongqing 贵阳Guiyang",
    "Central": "武汉Wuhan 长沙Changsha 郑州Zhengzhou",
    "Northwest": "西安Xian 兰州Lanzhou",
}
_MARKS = 20  # companies that a draw tells apart in one industry and city
INDUSTRIES = (
    Text("汽车零部件", "Auto parts"),
    Text("电子制造", "Electronics"),
    Text("新能源", "New energy"),
    Text("食品饮料", "Food and beverage"),
    Text("医药", "Pharmaceuticals"),
    Text("物流仓储", "Logistics"),
)
# S 18 and A 42 of the plan, then B and the long tail: how many, and how much of its owner's business a customer is.
_CLASSES = ((18, 30.0), (42, 8.0), (108, 1.3), (24, 0.3))


def invented_customers(chance: random.Random, people: list[Row], names: Names) -> list[Row]:
    """Those with a seller; their names are kept in ``names``."""
    sellers = sellers_of(people)
    key, others = [p for p in sellers if p["_key"]], [p for p in sellers if not p["_key"]]
    rows: list[Row] = []
    for (count, weight), owners in zip(_CLASSES, (key, others, sellers, sellers), strict=True):
        for place in range(count):
            owner = owners[place % len(owners)]
            industry = chance.choice(INDUSTRIES)
            name = _customer_name(chance, owner["region"], industry, names)
            since = dt.date(chance.randint(2015, YEAR - 1), chance.randint(1, 12), chance.randint(1, 28))
            rows.append(
                {"id": f"C{len(rows) + 1:04}", "name": name, "region": owner["region"], "industry": industry,
                 "owner": owner["id"], "since": since, "_class": weight}
            )  # fmt: skip
    return rows


def _customer_name(chance: random.Random, region: Text, industry: Text, names: Names) -> Text:
    while True:
        city, mark = chance.choice(_pairs(_CITIES[region.en])), chance.randrange(_MARKS)
        if names.fresh(city, mark, industry):
            return names.named(city, industry)


def online(names: Names) -> Callable[[random.Random], tuple[Text, Text, Text]]:
    """Region, industry and a new name of a customer of the online store."""

    def named(chance: random.Random) -> tuple[Text, Text, Text]:
        region = chance.choices([r[0] for r in REGIONS], _REGION_WEIGHTS)[0]
        industry = chance.choice(INDUSTRIES)
        return region, industry, _customer_name(chance, region, industry, names)

    return named


# ------------------------------------------------------------------------------------------------------------- deals

# Product line, how often it sells, how far its margin rate lies from the mean.
PRODUCTS = (("flex", 5, -0.02), ("ultra", 3, 0.02), ("eco", 4, -0.01), ("service", 1, 0.05))
# New Year, Spring Festival, Labour Day and National Day of the plan year: nobody signs.
CLOSED = tuple((dt.date(YEAR, m, a), dt.date(YEAR, m, b)) for m, a, b in ((1, 1, 3), (2, 5, 12), (5, 1, 5), (10, 1, 7)))
_UNIT = 100  # orders are whole hundreds of yuan
_RETURNS = 0.015  # of the deals are returns
_LOSSES = 0.012  # of the orders were sold below cost
_SPLITS = 0.10  # of the orders have a second seller
_LOWEST_RATE, _HIGHEST_RATE, _MEAN_RATE = 0.08, 0.48, 0.35


def _deals(chance: random.Random, people: list[Row], customers: list[Row], count: int) -> list[Row]:
    """Orders quarter by quarter; returns of earlier orders are made first, so that each quarter comes out exactly."""
    sellers = sellers_of(people)
    attainment = _attainments(chance, sellers)
    owned: dict[str, list[Row]] = {}
    for customer in customers:
        owned.setdefault(customer["owner"], []).append(customer)
    counts = [int(n) for n in apportion(count, QUARTERS)]
    returns = [0, *(round(n * _RETURNS / 0.6) for n in counts[1:])]
    rows: list[Row] = []
    for quarter, (total, number) in enumerate(zip(QUARTERS, counts, strict=True)):
        back = _returns(chance, rows, quarter, returns[quarter])
        booked = total - sum(int(r["revenue"]) for r in back)
        rows += _orders(chance, sellers, attainment, owned, quarter, booked, number - len(back)) + back
    number_orders(rows)
    _add_costs(chance, rows)
    for row in rows:
        row["collected"] = _collected(chance, row)
        row |= _dates(row)
    return rows


def _attainments(chance: random.Random, sellers: list[Row]) -> dict[str, float]:
    """What each seller is to book, as weights: quota × 72 to 132%, for a joiner or leaver per quarter employed."""
    return {p["id"]: min(max(chance.gauss(1.0, 0.16), 0.72), 1.32) * _prorated(p) / _presence(p) for p in sellers}


def _presence(person: Row) -> float:
    """The part of the year's bookings that falls into the person's time, by the quarterly rhythm."""
    parts = [total * employed(person, *_quarter(q)) for q, total in enumerate(QUARTERS)]
    return sum(parts) / BOOKINGS


def _quarter(quarter: int) -> tuple[dt.date, dt.date]:
    return dt.date(YEAR, quarter * 3 + 1, 1), month_end(quarter * 3 + 3)


def _months(quarter: int) -> Sequence[float]:
    weights: Sequence[float] = policy.value("quota.months")
    return weights[quarter * 3 : quarter * 3 + 3]


def _orders(
    chance: random.Random,
    sellers: list[Row],
    goals: dict[str, float],
    owned: dict[str, list[Row]],
    quarter: int,
    total: int,
    count: int,
) -> list[Row]:
    """``count`` orders of a quarter that add up to ``total``, each seller's near the seller's goal."""
    working = [goals[p["id"]] * employed(p, *_quarter(quarter)) for p in sellers]
    numbers = [int(n) for n in apportion(count, working)]
    amounts = apportion(total, [w if n else 0.0 for w, n in zip(working, numbers, strict=True)], _UNIT)
    rows = []
    for seller, number, amount in zip(sellers, numbers, amounts, strict=True):
        clients = [_client(chance, owned[seller["id"]]) for _ in range(number)]
        sizes = [(chance.lognormvariate(0, 0.6) + 0.3) * c["_class"] ** 0.5 for c in clients]
        for client, revenue in zip(clients, apportion(amount, sizes, _UNIT) if number else [], strict=True):
            rows.append(_order(chance, seller, client, sellers, quarter, revenue))
    return rows


def _client(chance: random.Random, clients: list[Row]) -> Row:
    return chance.choices(clients, [c["_class"] ** 0.5 for c in clients])[0]


def _order(chance: random.Random, seller: Row, client: Row, sellers: list[Row], quarter: int, revenue: float) -> Row:
    product, _, lift = chance.choices(PRODUCTS, [p[1] for p in PRODUCTS])[0]
    date = _date(chance, seller, quarter)
    partner = None
    if chance.random() < _SPLITS:
        partner = next(p["id"] for p in iter(lambda: chance.choice(sellers), None) if p is not seller and employed(p, date, date))
    loss = chance.random() < _LOSSES
    return {
        "id": "",
        "date": date,
        "customer": client["id"],
        "region": client["region"],
        "line": product,
        "seller": seller["id"],
        "partner": partner,
        "seller_share": chance.choice((0.5, 0.6, 0.7, 0.7)) if partner else 1.0,
        "revenue": revenue,
        "original": None,
        "_rate": chance.uniform(-0.08, -0.01) if loss else chance.gauss(_MEAN_RATE + lift, 0.075),
    }


def _date(chance: random.Random, seller: Row, quarter: int) -> dt.date:
    """A weekday of the quarter on which the seller was employed, months weighted as the plan weights them."""
    while True:
        month = quarter * 3 + 1 + chance.choices(range(3), _months(quarter))[0]
        date = dt.date(YEAR, month, chance.randint(1, calendar.monthrange(YEAR, month)[1]))
        closed = any(first <= date <= last for first, last in CLOSED)
        if date.weekday() < 5 and not closed and employed(seller, date, date):
            return date


def month_end(month: int) -> dt.date:
    return dt.date(YEAR, month, calendar.monthrange(YEAR, month)[1])


def _returns(chance: random.Random, orders: list[Row], quarter: int, count: int) -> list[Row]:
    """Orders of earlier quarters that come back, in part or whole; nobody returns the same order twice."""
    gone = {id(r["original"]) for r in orders if r["original"]}
    small = sorted((o for o in orders if not o["original"] and id(o) not in gone), key=lambda o: o["revenue"])
    rows = []
    for order in chance.sample(small[: max(len(small) * 2 // 3, count)], count):
        back = apportion(order["revenue"], [1, 1] if chance.random() < 0.5 else [1, 0], _UNIT)[0]
        date = dt.date(YEAR, quarter * 3 + chance.randint(1, 3), chance.randint(4, 26))
        rows.append({**order, "date": date, "revenue": -back, "original": order})
    return rows


def number_orders(rows: list[Row]) -> None:
    """IDs in order of date; a return names its order by ID."""
    rows.sort(key=lambda r: r["date"])
    width = max(4, len(str(len(rows))))
    for place, row in enumerate(rows, 1):
        row["id"] = f"D{YEAR % 100}-{place:0{width}}"
    for row in rows:
        if row["original"]:
            row["original"] = row["original"]["id"]


def _add_costs(chance: random.Random, rows: list[Row]) -> None:
    """Costs in whole yuan so that the gross margin is exact; a return has its order's margin rate."""
    lift = _lift(rows)
    by_id = {r["id"]: r for r in rows}
    for row in rows:
        if not row["original"]:
            row["cost"] = row["revenue"] - round(row["revenue"] * _bounded(row["_rate"], lift))
    for row in rows:
        if row["original"]:
            order = by_id[row["original"]]
            row["cost"] = round(order["cost"] * row["revenue"] / order["revenue"])
    returned = {r["original"] for r in rows}
    final = [r for r in rows if r["id"] not in returned and not r["original"]]
    odd = sum(r["revenue"] - r["cost"] for r in rows) - GROSS_MARGIN
    max(final, key=lambda r: r["revenue"])["cost"] += odd


def _lift(rows: list[Row]) -> float:
    """What all margin rates are raised by to reach the gross margin, by halving."""
    low, high = -0.3, 0.3
    for _ in range(60):
        middle = (low + high) / 2
        reached = sum(r["revenue"] * _bounded(r["_rate"], middle) for r in rows)
        low, high = (middle, high) if reached < GROSS_MARGIN else (low, middle)
    return low


def _bounded(rate: float, lift: float) -> float:
    return rate if rate < 0 else min(max(rate + lift, _LOWEST_RATE), _HIGHEST_RATE)


def _collected(chance: random.Random, row: Row) -> float:
    """Old orders are paid, young ones in part; a return was paid back."""
    if row["revenue"] < 0:
        return float(row["revenue"])
    age = (AS_OF - row["date"]).days
    paid = 1.0 if age > 270 else min(1.0, max(0.0, chance.gauss(0.47 + age / 520, 0.15)))
    if age > 150 and chance.random() < 0.35:
        paid = 1.0
    return float(int(row["revenue"] * paid) // _UNIT * _UNIT)


DELIVERED_AFTER, _DUE_AFTER = 25, 90  # days


def _dates(row: Row) -> Row:
    """When an order was entered, delivered (if it was) and is due; no deal is large enough to need a second person's yes."""
    signed, blank = (
        row["date"],
        dict.fromkeys(("customer_kind", "due", "delivered", "entered_by", "approved_by", "approved_on", "source")),
    )
    if row["original"]:
        return {**blank, "entered_on": signed}
    delivered = signed + dt.timedelta(DELIVERED_AFTER)
    dated = {"delivered": delivered if delivered <= AS_OF else None, "due": signed + dt.timedelta(_DUE_AFTER)}
    return {**blank, **dated, "entered_on": signed}


# ------------------------------------------------------------------------------------------------------------ budget

_SEASON = (8, 6, 10, 9, 9, 8, 8, 7, 9, 9, 9, 8)


def _budget(chance: random.Random) -> list[Row]:
    """Planned, spent and attributed by line and month; the year comes out exactly, single months don't."""
    whole = BOOKINGS * policy.value("budget.rate")
    rows = []
    for line, total, brought in zip(BUDGET_LINES, apportion(whole, policy.value("budget.shares")), ATTRIBUTED, strict=True):
        planned = apportion(total, _SEASON, 1000)
        spent = apportion(total, [p * chance.uniform(0.9, 1.1) for p in planned], 1000)
        revenue = apportion(brought, [s * chance.uniform(0.8, 1.2) for s in spent], 1000)
        for month in range(12):
            rows.append(
                {"line": line.code, "month": month + 1, "planned": planned[month], "actual_cost": spent[month], "revenue": revenue[month] if brought else None,
                 "approved": None}
            )  # fmt: skip
    return rows


# --------------------------------------------------------------------------------------------------- pool and equity

# Points of the directors and managers; the first director alone has more than 30% of them.
_POOL_POINTS = ((420, 340, 96), (150, 130, 88), (120, 140, 92), *((60, 55, 84),) * 8)


def pool_rows(chance: random.Random, people: list[Row]) -> list[Row]:
    leaders = sorted((p for p in people if not p["quota_weight"]), key=lambda p: p["level"] != DIRECTOR)
    rows = []
    for leader, (done, success, behaviour) in zip(leaders, _POOL_POINTS, strict=True):
        is_director = leader["level"] == DIRECTOR
        vary = 0 if is_director else chance.randint(-12, 12)
        rows.append(
            {"person": leader["id"], "name": str(leader["name"]), "performance": done + vary, "success": success + vary,
             "value_score": behaviour + vary // 2, "is_director": "yes" if is_director else "no"}
        )  # fmt: skip
    return rows


def grant_rows(people: list[Row]) -> list[Row]:
    managers = [p for p in people if p["level"] == MANAGER][:6]
    terms = ((3, 0.003, 2024), (4, 0.0025, 2025), (3, 0.002, 2025), (3, 0.0015, 2026), (5, 0.003, 2023), (3, 0.001, 2027))
    rows = []
    for manager, (years, grant, granted) in zip(managers, terms, strict=True):
        left = dt.date(YEAR, 6, 30) if granted == 2025 and years == 3 else None
        rows.append(
            {"person": manager["id"], "name": str(manager["name"]), "level": MANAGER, "years_met": years, "grade": "A",
             "grant": grant, "granted_on": dt.date(granted, 4, 1), "left_on": left}
        )  # fmt: skip
    return rows
