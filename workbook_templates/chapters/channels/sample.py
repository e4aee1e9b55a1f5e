"""The sample company's channels: eleven dealers whose year shows what the plan is about.

Their sales of the year are the revenue that the plan expects of the rebates (1:8 on 21,000,000), in its quarterly rhythm. Among
them: one warned, one to leave, one without a quarter's figures, one that failed an exam, one whose withheld rebate was released,
two agents for one industry, orders outside a territory, a registration twice, a claim that brought too little.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from udfs import policy
from udfs.text import Text
from udfs.values import apportion
from workbook_templates.chapters.channels.settlement import RebateTerms, due, quarter_end, settle
from workbook_templates.chapters.channels.tables import COLLEGES
from workbook_templates.tables.schema import Row

SEED = 4_2027
SALES = 168_000_000

# ID, name, home, territory, exclusive industry (a place in the sample's list), weight; regions by their place in the
# sample's list.
_DEALERS: tuple[tuple[str, Text, int, tuple[int, ...], int | None, float], ...] = (
    ("V01", Text("苏州澄曜渠道有限公司", "Suzhou Chengyao Trading Ltd."), 0, (0,), 0, 1.5),
    ("V02", Text("杭州云岫机电有限公司", "Hangzhou Yunxiu Mechatronics Ltd."), 0, (0, 4), 4, 1.2),
    ("V03", Text("佛山砺岳设备有限公司", "Foshan Liyue Equipment Ltd."), 1, (1,), 1, 1.1),
    ("V04", Text("东莞星砚自动化有限公司", "Dongguan Xingyan Automation Ltd."), 1, (1,), None, 1.0),
    ("V05", Text("天津恒垣贸易有限公司", "Tianjin Hengyuan Trading Ltd."), 2, (2,), 3, 0.9),
    ("V06", Text("青岛晴川科技有限公司", "Qingdao Qingchuan Technology Ltd."), 2, (2, 5), None, 1.0),
    ("V07", Text("成都朗屿智能有限公司", "Chengdu Langyu Intelligence Ltd."), 3, (3,), 5, 0.9),
    ("V08", Text("重庆鹿鸣机械有限公司", "Chongqing Luming Machinery Ltd."), 3, (3,), None, 0.6),
    ("V09", Text("武汉观澜工业有限公司", "Wuhan Guanlan Industry Ltd."), 4, (4,), 2, 0.9),
    ("V10", Text("长沙启峦医药装备有限公司", "Changsha Qiluan Pharma Equipment Ltd."), 4, (4,), 4, 0.7),
    ("V11", Text("西安越陌系统有限公司", "Xi'an Yuemo Systems Ltd."), 5, (5,), None, 0.6),
)
_CONTACTS = [
    "林致远Lin_Zhiyuan",
    "陈若水Chen_Ruoshui",
    "周见山Zhou_Jianshan",
    "吴听雨Wu_Tingyu",
    "郑行简Zheng_Xingjian",
    "孙知白Sun_Zhibai",
    "许望京Xu_Wangjing",
    "何守拙He_Shouzhuo",
    "沈清和Shen_Qinghe",
    "罗云舒Luo_Yunshu",
    "梁归舟Liang_Guizhou",
]
_JOINED = {"V11": dt.date(2027, 4, 1)}
# Quarters (1–4) in which a dealer misses the 633, has no figures, or is strong but for new products.
_WEAK = {"V03": (4,), "V05": (3, 4), "V08": (2, 4)}
_MISSING = {"V08": (3,), "V11": (1,)}
_LOPSIDED = ("V04",)
_OUTSIDE = {"V07": 1}  # sells two orders into this region
# College exams sat again, or failed: dealer, college, day, score.
_MARKS: tuple[tuple[str, str, dt.date, float], ...] = (
    ("V06", "finance", dt.date(2027, 9, 14), 72.0),
    ("V09", "delivery", dt.date(2027, 2, 24), 74.0),
    ("V09", "delivery", dt.date(2027, 5, 20), 86.0),
    ("V10", "sales", dt.date(2027, 2, 25), 80.0),
)
_ITEMS = (
    ("FX-200", Text("定制产线模块 FX-200", "Flex line module FX-200"), 186_000.0),
    ("UL-900", Text("旗舰控制柜 UL-900", "Ultra cabinet UL-900"), 420_000.0),
    ("EC-350", Text("经济型工作站 EC-350", "Eco workstation EC-350"), 68_000.0),
)
_STATES = ("paid", "paid", "locked", "computed")  # of the four quarters' settlements at the end of the year


def rows(
    year: int,
    as_of: dt.date,
    version: str,
    regions: Sequence[Text],
    industries: Sequence[Text],
    people: Sequence[Row],
    customers: Sequence[Row],
) -> dict[str, list[Row]]:
    """The Tables of the channels, in the language in force."""
    chance = random.Random(SEED)
    managers = [p["id"] for p in people if p["line"] == "channel" and p["level"] in ("manager", "supervisor")]
    sales = _sales(chance, year)
    exams = _exams(chance, year)
    return {
        "Dealers": [_dealer(n, managers, regions, industries, year) for n in range(len(_DEALERS))],
        "DealerSales": sales,
        "DealerOrders": _orders(chance, sales, regions, customers),
        "Stock": _stock(chance, sales, year),
        "Exams": exams,
        "Lessons": _lessons(chance, year),
        "Fund": _fund(chance, year),
        "Registrations": _registrations(customers, year),
        "Installers": _installers(chance, year),
        "OverseasVisits": _visits(year),
        "Squads": _squads(managers, year),
        "DealerLedger": ledger(sales, exams, as_of, version),
    }


@dataclass(frozen=True)
class DealerFacts:
    """What is told of the dealers in the middle of the year."""

    weak: Mapping[str, Sequence[float]]  # the 633's mean by dealer, quarter by quarter
    withheld: tuple[str, str, dt.date, float]  # an exam failed: dealer, college, day, score
    withheld_sales: Sequence[float]  # that dealer's quarters
    resat: tuple[str, str, tuple[dt.date, float], tuple[dt.date, float]]  # failed, and passed after the quarter was settled
    stock: tuple[str, Sequence[tuple[str, float, int]]]  # a dealer's lots: item, price, on hand
    installers: int
    overseas: float  # their revenue, yuan


def half_year(
    as_of: dt.date,
    version: str,
    regions: Sequence[Text],
    industries: Sequence[Text],
    people: Sequence[Row],
    customers: Sequence[Row],
    facts: DealerFacts,
) -> dict[str, list[Row]]:
    """The year's Tables as far as they had come in the middle of it, with what is told of them."""
    year = as_of.year
    chance = random.Random(SEED + 1)
    made = rows(year, dt.date(year, 12, 31), version, regions, industries, people, customers)
    past = {
        name: [row for row in made[name] if row[key] <= as_of]
        for name, key in (("Lessons", "date"), ("OverseasVisits", "date"), ("Fund", "date"))
    }
    sales = [_told(sale, facts) for sale in made["DealerSales"] if quarter_end(sale["quarter"]) <= as_of]
    exams = _half_exams(made["Exams"], as_of, facts)
    settled = [exam for exam in exams if (exam["dealer"], exam["date"]) != (facts.resat[0], facts.resat[3][0])]
    return {
        **made,
        **past,
        "DealerSales": sales,
        "DealerOrders": _orders(chance, sales, regions, customers),
        "Stock": _half_stock(chance, sales, as_of, facts),
        "Exams": exams,
        "Registrations": _earlier(made["Registrations"], as_of),
        "Installers": _half_installers(made["Installers"], as_of, facts),
        "Squads": [row for row in made["Squads"] if quarter_end(row["quarter"]) <= as_of],
        "DealerLedger": ledger(sales, settled, as_of, version, ("paid", "computed")),
    }


def _told(sale: Row, facts: DealerFacts) -> Row:
    """A dealer's quarter with the 633 that is told of it: share, growth and new products miss their targets alike."""
    quarter = int(sale["quarter"][-1]) - 1
    amount = facts.withheld_sales[quarter] if sale["dealer"] == facts.withheld[0] else sale["sales"]
    out = {**sale, "sales": float(amount)}
    if sale["dealer"] in facts.weak:
        mean = facts.weak[sale["dealer"]][quarter]
        share, growth, new = (goal * mean for goal in policy.value("channels.targets"))
        out |= {
            "share": round(share, 4),
            "last_year": float(round(amount / (1 + growth), -1)),
            "new_sales": float(round(amount * new, -1)),
        }
    else:
        scale = amount / sale["sales"]
        out |= {key: float(round(sale[key] * scale, -3)) for key in ("last_year", "new_sales")}
    return out


def _half_exams(exams: Sequence[Row], as_of: dt.date, facts: DealerFacts) -> list[Row]:
    """Failed by one, resat by another."""
    dealer, college, day, score = facts.withheld
    who, of, *marks = facts.resat
    told = [(dealer, college, day, score), *((who, of, *mark) for mark in marks)]
    others = [e for e in exams if (e["dealer"], e["college"]) not in {(d, c) for d, c, *_ in told} and e["date"] <= as_of]
    people = {e["dealer"]: e["person"] for e in exams}
    return others + [{"dealer": d, "college": c, "date": on, "score": s, "person": people[d]} for d, c, on, s in told]


def _half_stock(chance: random.Random, sales: Sequence[Row], as_of: dt.date, facts: DealerFacts) -> list[Row]:
    """Lots on hand; one dealer's are told."""
    out = []
    last = {s["dealer"]: s["sales"] for s in sales}
    for number, (dealer, *_) in enumerate(_DEALERS):
        told = {item: (price, held) for item, price, held in facts.stock[1]} if dealer == facts.stock[0] else {}
        goal = last[dealer] * chance.uniform(0.3, 0.7)
        for lot, (item, name, usual) in enumerate(_ITEMS):
            price, held = told.get(item, (usual * (1 - 0.02 * (number % 3)), max(1, round(goal * (0.5, 0.3, 0.2)[lot] / usual))))
            out.append(
                {"dealer": dealer, "item": item, "name": str(name), "invoice": f"INV{as_of.year % 100}{number + 1:02}{lot + 1:02}",
                 "invoice_date": dt.date(as_of.year, 1 + 2 * lot, 6 + number), "price": float(price),
                 "bought": float(held + chance.randint(1, 6)), "on_hand": float(held), "counted_on": as_of}
            )  # fmt: skip
    return out


def _earlier(registrations: Sequence[Row], as_of: dt.date) -> list[Row]:
    """Half a year earlier each."""
    out = []
    for row in registrations:
        dates = {key: row[key] and row[key] - dt.timedelta(184) for key in ("registered", "valid_until")}
        out.append({**row, **dates})
    return [row for row in out if row["registered"] <= as_of]


def _half_installers(installers: Sequence[Row], as_of: dt.date, facts: DealerFacts) -> list[Row]:
    """As many as are told, with their revenue in all."""
    chosen = list(installers)[: facts.installers]
    parts = apportion(facts.overseas, [row["revenue"] * row["fx"] for row in chosen], 100)
    out = []
    for number, (row, yuan) in enumerate(zip(chosen, parts, strict=True)):
        rate = 1 - row["cost"] / (row["revenue"] * row["fx"])
        out.append({**row, "joined": dt.date(as_of.year, 3 + number // 3, 5), "revenue": float(yuan), "currency": "CNY", "fx": 1.0,
                    "cost": float(round(yuan * (1 - rate), 2))})  # fmt: skip
    return out


def _dealer(number: int, managers: Sequence[str], regions: Sequence[Text], industries: Sequence[Text], year: int) -> Row:
    key, name, home, territory, industry, _ = _DEALERS[number]
    contact = _CONTACTS[number]
    spoken = Text(contact.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"), " ".join(reversed(_latin(contact))))
    return {
        "id": key,
        "name": str(name),
        "region": str(regions[home]),
        "territory": str(Text("、".join(regions[r].zh for r in territory), ", ".join(regions[r].en for r in territory))),
        "industry": None if industry is None else str(industries[industry]),
        "contact": str(spoken),
        "email": f"{'.'.join(_latin(contact)).lower()}@dealers.example",
        "owner": managers[number % len(managers)],
        "joined": _JOINED.get(key, dt.date(year - 2 - number % 5, 1 + number, 10)),
        "left": None,
    }


def _latin(contact: str) -> list[str]:
    return "".join(c for c in contact if ord(c) < 128).split("_")


# ------------------------------------------------------------------------------------------------------ sales and orders


def _sales(chance: random.Random, year: int) -> list[Row]:
    out = []
    for quarter, total in enumerate(apportion(SALES, policy.value("quota.pattern")), 1):
        present = [d for d in _DEALERS if quarter not in _MISSING.get(d[0], ())]
        weights = [d[5] * chance.uniform(0.85, 1.15) for d in present]
        for dealer, amount in zip(present, apportion(total, weights, 1000), strict=True):
            share, growth, new = _measures(chance, dealer[0], quarter)
            out.append(
                {"quarter": f"{year}-Q{quarter}", "dealer": dealer[0], "sales": amount,
                 "last_year": float(round(amount / (1 + growth), -3)),
                 "new_sales": float(round(amount * new, -3)), "share": share}
            )  # fmt: skip
    return out


def _measures(chance: random.Random, dealer: str, quarter: int) -> tuple[float, float, float]:
    """Share, growth, new-product ratio: near the targets, well below them, or strong but for new products."""
    vary = chance.uniform(-1, 1)
    if quarter in _WEAK.get(dealer, ()):
        return round(0.44 + 0.03 * vary, 3), 0.19 + 0.03 * vary, 0.17
    if dealer in _LOPSIDED:
        return round(0.62 + 0.02 * vary, 3), 0.33 + 0.02 * vary, 0.15
    return round(0.59 + 0.05 * vary, 3), 0.31 + 0.05 * vary, 0.31 + 0.03 * vary


def _orders(chance: random.Random, sales: Sequence[Row], regions: Sequence[Text], customers: Sequence[Row]) -> list[Row]:
    """What dealers sold on: three or four orders a quarter, where they may, with two exceptions; and what went through
    the store."""
    by_region: dict[str, list[str]] = {}
    for customer in customers:
        by_region.setdefault(customer["region"].en, []).append(customer["id"])
    territory = {d[0]: d[3] for d in _DEALERS}
    out: list[Row] = []
    for sale in sales:
        for number, amount in enumerate(apportion(round(sale["sales"] * chance.uniform(0.86, 1.0), -2), [3, 2, 2], 100)):
            outside = number == 0 and sale["quarter"][-1] in "24" and sale["dealer"] in _OUTSIDE
            place = _OUTSIDE[sale["dealer"]] if outside else chance.choice(territory[sale["dealer"]])
            out.append(_order(chance, sale["quarter"], sale["dealer"], regions[place], by_region, amount))
    for quarter in dict.fromkeys(s["quarter"] for s in sales):
        for _ in range(3):
            out.append(_order(chance, quarter, None, chance.choice(regions), by_region, float(chance.randint(30, 90) * 1000)))
    out.sort(key=lambda r: r["date"])
    for number, row in enumerate(out, 1):
        row["id"] = f"S{row['date']:%y}-{number:04}"
    return out


def _order(
    chance: random.Random, quarter: str, dealer: str | None, region: Text, clients: dict[str, list[str]], amount: float
) -> Row:
    month = int(quarter[-1]) * 3 - 2 + chance.randrange(3)
    item, _, price = _ITEMS[2] if dealer is None else chance.choice(_ITEMS)
    return {
        "id": "",
        "date": dt.date(int(quarter[:4]), month, chance.randint(8, 28)),
        "dealer": dealer,
        "region": str(region),
        "customer": chance.choice(clients[region.en]) if clients.get(region.en) else None,
        "item": item,
        "quantity": float(max(1, round(amount / price))),
        "amount": amount,
    }


def _stock(chance: random.Random, sales: Sequence[Row], year: int) -> list[Row]:
    """Lots on hand at the end of the year; the dealer about to leave sits on far too much."""
    out = []
    last = {s["dealer"]: s["sales"] for s in sales if s["quarter"].endswith("4")}
    for number, (dealer, *_) in enumerate(_DEALERS):
        goal = last[dealer] * (2.4 if dealer == "V05" else chance.uniform(0.3, 0.8))
        for lot, (item, name, price) in enumerate(_ITEMS):
            held = float(max(1, round(goal * (0.5, 0.3, 0.2)[lot] / price)))
            out.append(
                {"dealer": dealer, "item": item, "name": str(name), "invoice": f"INV{year % 100}{number + 1:02}{lot + 1:02}",
                 "invoice_date": dt.date(year, 5 + 2 * lot + number % 3, 6 + number), "price": price * (1 - 0.02 * (number % 3)),
                 "bought": held + chance.randint(1, 6), "on_hand": held, "counted_on": dt.date(year, 12, 31)}
            )  # fmt: skip
    return out


# ------------------------------------------------------------------------------------------------------------- training


def _exams(chance: random.Random, year: int) -> list[Row]:
    own = {(dealer, college) for dealer, college, _, _ in _MARKS}
    out = []
    for number, (dealer, *_) in enumerate(_DEALERS):
        month = 6 if dealer in _JOINED else 2
        for place, word in enumerate(COLLEGES):
            marks = [(day, score) for d, c, day, score in _MARKS if (d, c) == (dealer, word.code)]
            if (dealer, word.code) not in own or marks[0][0].month > month:
                marks.insert(0, (dt.date(year, month, 22 + place), float(chance.randint(81, 98))))
            for day, score in marks:
                person = _latin(_CONTACTS[number])
                out.append(
                    {"dealer": dealer, "college": word.code, "date": day, "score": score, "person": " ".join(reversed(person))}
                )
    return out


def _lessons(chance: random.Random, year: int) -> list[Row]:
    """A lesson online every month and one in the classroom every quarter; here and there one is missed."""
    topics = (
        Text("新品卖点", "Selling the new products"),
        Text("方案报价", "Quoting solutions"),
        Text("交付与验收", "Delivery and acceptance"),
        Text("回款与对账", "Collections and statements"),
    )
    out = []
    for dealer, *_ in _DEALERS:
        first = _JOINED[dealer].month if dealer in _JOINED else 1
        for month in range(first, 13):
            forms = ["online", *(["classroom"] if month % 3 == 2 else [])]
            for form in forms:
                if chance.random() < (0.25 if dealer == "V05" else 0.04):
                    continue
                place = (month - 1) % 4
                out.append(
                    {"dealer": dealer, "form": form, "date": dt.date(year, month, 8 if form == "online" else 18),
                     "college": COLLEGES[place].code, "topic": str(topics[place]), "people": chance.randint(2, 12)}
                )  # fmt: skip
    return out


# ------------------------------------------------------------------------------------------------- claims, registrations


def _fund(chance: random.Random, year: int) -> list[Row]:
    activities = (
        Text("区域开放日", "Regional open day"),
        Text("行业沙龙", "Industry salon"),
        Text("展会展位", "Trade fair stand"),
        Text("样板客户参观", "Reference visit"),
    )
    out = []
    for number in range(10):
        spend = float(chance.randint(4, 16) * 10_000)
        month = number + 2
        out.append(
            {"id": f"F{year % 100}-{number + 1:03}",
                   "dealer": _DEALERS[number % len(_DEALERS)][0], "date": dt.date(year, month, 16),
             "activity": str(activities[number % 4]), "spend": spend, "revenue": spend * chance.choice((3, 3.4, 4, 5.2)),
             "status": "paid" if month < 9 else "approved" if month < 11 else "applied"}
        )  # fmt: skip
    out[6] |= {"spend": 100_000.0, "revenue": 240_000.0, "status": "applied"}  # the plan's own example: 2.4 times
    return out


def _registrations(customers: Sequence[Row], year: int) -> list[Row]:
    names = [str(c["name"]) for c in customers[70:78]]
    day = dt.date(year, 10, 12)
    told = (
        ("V01", 0, day, None, "open"), ("V02", 1, day + dt.timedelta(9), None, "open"), ("V03", 2, dt.date(year, 6, 2), None, "open"),
        ("V04", 3, dt.date(year, 8, 20), dt.date(year, 12, 31), "won"), ("V06", 4, day + dt.timedelta(20), None, "open"),
        ("V07", 5, dt.date(year, 11, 25), None, "open"), ("V09", 1, dt.date(year, 11, 30), None, "open"),
        ("V10", 6, dt.date(year, 5, 18), dt.date(year, 8, 16), "released"), ("V11", 7, dt.date(year, 12, 6), None, "open"),
    )  # fmt: skip
    return [
        {"id": f"R{year % 100}-{number:03}", "dealer": dealer, "customer": names[place], "registered": on, "valid_until": until,
         "amount": float(300_000 + 170_000 * number), "status": status}
        for number, (dealer, place, on, until, status) in enumerate(told, 1)
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------- overseas and squads

_COUNTRIES = (
    (Text("泰国", "Thailand"), "THB", 0.2), (Text("越南", "Vietnam"), "USD", 7.1), (Text("马来西亚", "Malaysia"), "MYR", 1.6),
    (Text("德国", "Germany"), "EUR", 7.8), (Text("波兰", "Poland"), "EUR", 7.8),
)  # fmt: skip


def _installers(chance: random.Random, year: int) -> list[Row]:
    """Fourteen of the twenty, a little short of the revenue, one below the margin."""
    out = []
    for number in range(14):
        country, currency, fx = _COUNTRIES[number % len(_COUNTRIES)]
        yuan = chance.randint(120, 240) * 10_000
        revenue = float(round(yuan / fx, -2))
        rate = 0.31 if number == 5 else chance.uniform(0.352, 0.42)
        out.append(
            {"id": f"I{number + 1:02}", "name": str(country + Text(f"安装商{number + 1:02}", f" Installer {number + 1:02}")),
             "country": str(country), "joined": dt.date(year, 3 + number // 2, 5), "currency": currency, "revenue": revenue, "fx": fx,
             "cost": float(round(revenue * fx * (1 - rate), 2))}
        )  # fmt: skip
    return out


def _visits(year: int) -> list[Row]:
    """A senior visit a month since the pilot began in March; August was missed."""
    who = (Text("总经理", "General manager"), Text("销售总监", "Sales director"), Text("技术总监", "Technical director"))
    outcome = Text("安装规范与备件计划", "Installation standard and spares plan")
    months = [m for m in range(3, 13) if m != 8]
    return [
        {"date": dt.date(year, month, 14), "who": str(who[n % 3]), "installer": f"I{n + 1:02}", "outcome": str(outcome)}
        for n, month in enumerate(months)
    ]


def _squads(managers: Sequence[str], year: int) -> list[Row]:
    goal = Text("联合攻关{n}家重点客户", "win {n} key customers together")
    told = (
        (1, "V01", 4, 9e6, 9.6e6, "done"),
        (2, "V03", 3, 7e6, 6.2e6, "done"),
        (3, "V07", 3, 5e6, 5.1e6, "done"),
        (4, "V02", 2, 3e6, 1.8e6, "running"),
    )
    return [
        {"quarter": f"{year}-Q{q}", "dealer": dealer, "lead": managers[n % len(managers)], "goal": str(goal.format(n=count)),
         "target": target, "reached": reached, "status": status}
        for n, (q, dealer, count, target, reached, status) in enumerate(told)
    ]  # fmt: skip


# --------------------------------------------------------------------------------------------------------------- ledger


def ledger(
    sales: Sequence[Row], exams: Sequence[Row], as_of: dt.date, version: str, states: Sequence[str] = _STATES
) -> list[Row]:
    """The rebate ledger as the quarters were settled one after the other, each reviewed before the next."""
    rows: list[Row] = []
    for quarter, state in zip(sorted({s["quarter"] for s in sales}), states, strict=True):
        day = min(as_of, quarter_end(quarter) + dt.timedelta(days=20))
        seen = [s for s in sales if s["quarter"] <= quarter]
        done = settle(due(seen, exams, day, RebateTerms(version=version)), rows, day, quarter_end(quarter), version=version)
        assert not done.edited and not done.removed
        rows += done.added
        for row in rows:
            if row["booked"] == quarter:
                row["status"] = state
    return rows
