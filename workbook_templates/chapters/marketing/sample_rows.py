"""The sample company's marketing: campaigns of which two cost too much, leads and events that led to the market line's revenue, content and events.

The revenue that the budget's market line is given was brought by real deals: for each month the fewest whose revenue adds up to it are
chosen, half of them came from leads, half from events.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from udfs.policy import value
from udfs.text import Text
from udfs.values import apportion
from workbook_templates.chapters.marketing import campaigns, events
from workbook_templates.tables.spec import Company, Row, SampleRows

# campaign, pool, leads of the half year, yuan a lead, share of them qualified; the last three days on air where they are planted
_CAMPAIGNS: tuple[tuple[Text, str, int, int, float, tuple[float, int] | None], ...] = (
    (Text("SEM-产线", "SEM lines"), "baidu", 3_400, 110, 0.70, (650.0, 3)),
    (Text("SEM-品牌词", "SEM brand"), "baidu", 2_200, 100, 0.72, (216.0, 1)),
    (Text("抖音-案例", "Douyin cases"), "douyin", 700, 232, 0.55, None),
    (Text("垂直号-白皮书", "Trade papers"), "trade", 2_900, 95, 0.70, None),
)
_MQL = 6_420
_BENCHMARKS = (("baidu", 180.0), ("douyin", 185.0), ("trade", 120.0))
_WEEKS = 25
_UNIT = 100.0
_MOST_DEALS = 10  # of a month
_OTHER_LEADS, _NEWER_LEADS = 104, 14
_CITIES = (
    Text("苏州", "Suzhou"),
    Text("东莞", "Dongguan"),
    Text("合肥", "Hefei"),
    Text("无锡", "Wuxi"),
    Text("佛山", "Foshan"),
    Text("常州", "Changzhou"),
)
_WORDS = tuple(Text(zh, en) for zh, en in (
    ("瑞丰", "Ruifeng"), ("同达", "Tongda"), ("金腾", "Jinteng"), ("海拓", "Haituo"), ("博远", "Boyuan"), ("恒力达", "Henglida"), ("新曜", "Xinyao"),
    ("联创", "Lianchuang"), ("德勤机", "Deqinji"), ("宏业", "Hongye"), ("天衡", "Tianheng"), ("安信", "Anxin"), ("启航", "Qihang"), ("九洲", "Jiuzhou"),
    ("华腾", "Huateng"), ("中源", "Zhongyuan"), ("力拓", "Lituo"), ("正通", "Zhengtong"), ("云帆", "Yunfan"), ("百川", "Baichuan"), ("凯达", "Kaida"),
))  # fmt: skip
_EVENTS: tuple[tuple[str, Text, int, int, float, int], ...] = (  # kind, name, month, day, cost in yuan, ROI target
    ("summit", Text("春季低碳制造峰会", "Spring low-carbon summit"), 3, 18, 640_000, 5),
    ("tech_day", Text("视觉检测技术日", "Vision technology day"), 2, 24, 90_000, 5), ("tech_day", Text("产线节拍技术日", "Cycle-time technology day"), 4, 14, 85_000, 5),
    ("tech_day", Text("碳足迹技术日", "Carbon technology day"), 6, 9, 95_000, 5),
    ("open_day", Text("样板工厂开放日 1", "Model plant open day 1"), 1, 20, 30_000, 5), ("open_day", Text("样板工厂开放日 2", "Model plant open day 2"), 2, 10, 30_000, 5),
    ("open_day", Text("样板工厂开放日 3", "Model plant open day 3"), 3, 10, 32_000, 5), ("open_day", Text("样板工厂开放日 4", "Model plant open day 4"), 3, 31, 31_000, 5),
    ("open_day", Text("样板工厂开放日 5", "Model plant open day 5"), 4, 28, 33_000, 5), ("open_day", Text("样板工厂开放日 6", "Model plant open day 6"), 5, 19, 30_000, 5),
    ("open_day", Text("样板工厂开放日 7", "Model plant open day 7"), 6, 2, 30_000, 5), ("open_day", Text("样板工厂开放日 8", "Model plant open day 8"), 6, 29, 34_000, 5),
    ("summit", Text("秋季数字工厂峰会", "Autumn digital plant summit"), 9, 16, 0, 5), ("tech_day", Text("换型产线技术日", "Flexible line technology day"), 8, 25, 0, 5),
    ("open_day", Text("样板工厂开放日 9", "Model plant open day 9"), 7, 21, 0, 5),
)  # fmt: skip
_SHORT_EVENT = 10  # place of the open day with one order too few
_KEYWORDS = (
    Text("极速定制", "fast custom"),
    Text("碳足迹", "carbon footprint"),
    Text("产线自动化", "line automation"),
    Text("换型产线", "flexible line"),
)
_RANKS = ((18, 14, 9, 8, 7, 6), (25, 21, 15, 11, 10, 9), (31, 26, 22, 17, 14, 12), (9, 8, 6, 5, 5, 4))
_FAMILY = tuple(
    Text(zh, en)
    for zh, en in zip(
        "王李张刘陈杨赵黄周吴徐孙",
        ("Wang", "Li", "Zhang", "Liu", "Chen", "Yang", "Zhao", "Huang", "Zhou", "Wu", "Xu", "Sun"),
        strict=True,
    )
)
_STORIES, _FILMS = 47, 5


def rows(company: Company) -> Mapping[str, Sequence[Row]]:
    """By Table; what the buttons write is worked out as they do."""
    day = company.day()
    staff = [row["id"] for row in company.of("People") if row["level"] in ("manager", "supervisor") and not row.get("left")] or [
        row["id"] for row in company.of("People")
    ]
    if not staff:
        return {}
    traced = _traced(company)
    opportunities = _won(company, traced)
    spend = list(_spend(company))
    plans = _plans(company, staff, spend)
    held = _events(company, staff)
    leads = _leads(company, staff, traced[::2], opportunities)
    intents = _intents(company, held, traced[1::2], opportunities)
    guests = list(_guests(held, day))
    return {
        "Campaigns": plans, "AdSpend": spend, "Benchmarks": _benchmarks(company), "Creatives": _creatives(company), "Leads": leads,
        "Contents": list(_contents(company, staff)), "KeywordRanks": list(_ranks(company)), "Intents": intents, "EventGuests": guests,
        "EventTopics": list(_topics(held, day)), "Events": [_judged(row, guests, intents, company) for row in held],
        "Opportunities": _from_leads(company, opportunities, leads),
    }  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- revenue


def _traced(company: Company) -> list[Row]:
    """Deals that marketing brought: month by month as many as make up the market line's revenue."""
    returned = {row.get("original") for row in company.of("Deals")}
    out: list[Row] = []
    for row in company.of("Budget"):
        if row.get("line") != "market" or not row.get("revenue"):
            continue
        open_ = [
            deal for deal in company.of("Deals")
            if deal["date"].month == row["month"] and deal["date"] <= company.day() and (deal.get("revenue") or 0) > 0
            and not deal.get("original") and deal["id"] not in returned
        ]  # fmt: skip
        out += _fewest(open_, row["revenue"])
    return out


def _fewest(deals: Sequence[Row], total: float) -> list[Row]:
    """The fewest deals that add up to a sum; where none do, those that come nearest from below."""
    units = [round(deal["revenue"] / _UNIT) for deal in deals]
    goal = round(total / _UNIT)
    mask = (1 << (goal + 1)) - 1
    # reached[i][n]: the sums that n of the first i deals make, a bit each.
    reached = [[1, *[0] * _MOST_DEALS]]
    for size in units:
        before = reached[-1]
        reached.append([1, *(before[n] | ((before[n - 1] << size) & mask) for n in range(1, _MOST_DEALS + 1))])
    best, count = max((bits.bit_length() - 1, -n) for n, bits in enumerate(reached[-1]) if bits)
    left, n, out = best, -count, []
    for place in range(len(units), 0, -1):
        if n and not reached[place - 1][n] >> left & 1:
            out.append(deals[place - 1])
            left, n = left - units[place - 1], n - 1
    return out[::-1]


# -------------------------------------------------------------------------------------------------- from lead to deal

_SIGNED_WITHIN = dt.timedelta(days=21)  # of an opportunity that was won
_BEFORE_OPPORTUNITY = dt.timedelta(days=12)  # a lead came so long before it became one


def _won(company: Company, traced: Sequence[Row]) -> dict[Any, Row]:
    """Opportunities that became these deals, by deal: won at most three weeks before the signing; customer, seller and amount are the deal's."""
    out: dict[Any, Row] = {}
    won = [row for row in company.of("Opportunities") if row.get("outcome") == "won"]
    for row in sorted(won, key=lambda row: (row["closed_on"], row["id"])):
        signed = [
            deal for deal in traced
            if deal["id"] not in out and dt.timedelta(0) <= deal["date"] - row["closed_on"] <= _SIGNED_WITHIN
        ]  # fmt: skip
        if signed:
            deal = min(signed, key=lambda deal: deal["date"])
            out[deal["id"]] = row | {
                "deal": deal["id"], "customer": deal["customer"], "owner": deal["seller"], "region": deal["region"], "line": deal["line"],
                "amount": float(deal["revenue"]),
            }  # fmt: skip
    return out


def _from_leads(company: Company, linked: Mapping[Any, Row], leads: Sequence[Row]) -> list[Row]:
    """All opportunities, those that came from a lead with its number."""
    lead = {row["opportunity"]: row["id"] for row in leads if row["opportunity"]}
    changed = {row["id"]: row | {"lead": lead.get(row["id"])} for row in linked.values()}
    return [changed.get(row["id"], row) for row in company.of("Opportunities")]


# ----------------------------------------------------------------------------------------------------------- campaigns


def _begin(company: Company) -> dt.date:
    return dt.date(company.year, 1, 4)


def _spend(company: Company) -> Iterator[Row]:
    """A row a week and campaign; the first two end with three days whose cost is planted."""
    qualified = _qualified()
    for (name, pool, leads, cpl, _, planted), mql in zip(_CAMPAIGNS, qualified, strict=True):
        total = leads - (planted[1] if planted else 0)
        weekly = [int(count) for count in apportion(total, [9 + place % 4 for place in range(_WEEKS)], 1)]
        good = [int(count) for count in apportion(mql, weekly, 1)]
        for week in range(_WEEKS):
            at = _begin(company) + dt.timedelta(days=7 * week)
            if at > company.day() or at.year > company.year:
                break
            creative = f"{name}-{1 + week // 9}"
            yield _spent(at, pool, name, creative, cpl * weekly[week], weekly[week], min(good[week], weekly[week]))
        if planted is None:
            continue
        costs = apportion(planted[0], (1, 1, 1), 0.01)
        for back, cost, count in zip((3, 2, 1), costs, (planted[1], 0, 0), strict=True):
            on = min(company.day(), dt.date(company.year, 6, 30)) - dt.timedelta(days=back - 1)
            yield _spent(on, pool, name, f"{name}-3", float(cost), count, 0)


def _qualified() -> list[int]:
    """The half year's MQL by campaign."""
    weights = [leads * share for _, _, leads, _, share, _ in _CAMPAIGNS]
    return [int(count) for count in apportion(_MQL, weights, 1)]


def _spent(on: dt.date, pool: str, name: Text, creative: str, cost: float, leads: int, mql: int) -> Row:
    return {"date": on, "pool": pool, "campaign": str(name), "creative": creative, "impressions": 900 + 420 * leads, "clicks": 30 + 14 * leads,
            "cost": float(cost), "leads": leads, "mql": mql}  # fmt: skip


def _benchmarks(company: Company) -> list[Row]:
    source = str(Text("行业媒体年报", "yearbook of the trade press"))
    return [{"pool": pool, "valid_from": dt.date(company.year, 1, 1), "cpl": cpl, "source": source} for pool, cpl in _BENCHMARKS]


def _plans(company: Company, staff: Sequence[Any], spend: Sequence[Row]) -> list[Row]:
    by_campaign, benchmarks, out = campaigns.by_campaign(spend), _benchmarks(company), list[Row]()
    for place, (name, pool, *_) in enumerate(_CAMPAIGNS):
        row: Row = {
            "campaign": str(name),
            "pool": pool,
            "owner": staff[place % len(staff)],
            "start": _begin(company),
            "until": None,
        }
        found = campaigns.judged(row, by_campaign.get(str(name), ()), benchmarks, company.day(), value)
        out.append(row | (dict.fromkeys(campaigns.WRITTEN) if found is None else found.written))
    return out


def _creatives(company: Company) -> list[Row]:
    """Two changes a campaign, each noted."""
    why, who = str(Text("复盘后更换", "changed after review")), str(Text("投放组", "media team"))
    out = []
    for name, *_ in _CAMPAIGNS:
        for week in (9, 18):
            on = _begin(company) + dt.timedelta(days=7 * week)
            if on <= company.day():
                out.append(
                    {
                        "campaign": str(name),
                        "from": f"{name}-{week // 9}",
                        "to": f"{name}-{1 + week // 9}",
                        "on": on,
                        "reason": why,
                        "by": who,
                    }
                )
    return out


# ---------------------------------------------------------------------------------------------------------------- leads


def _leads(company: Company, staff: Sequence[Any], traced: Sequence[Row], won: Mapping[Any, Row]) -> list[Row]:
    """Those that became deals, others that did not, a few that do not count."""
    names = {row["id"]: row.get("name") for row in company.of("Customers")}
    out: list[Row] = []
    for deal in traced:
        one = won.get(deal["id"])
        came = deal["date"] - dt.timedelta(days=96) if one is None else one["opened"] - _BEFORE_OPPORTUNITY
        at = dt.datetime.combine(came, dt.time(10, 20))
        out.append(_lead(at, str(names.get(deal["customer"]) or deal["customer"]), "converted", staff, len(out)) | {
            "deal": deal["id"], "opportunity": one and one["id"], "converted_on": at.date() + _BEFORE_OPPORTUNITY})  # fmt: skip
    last = company.day()
    for number in range(_OTHER_LEADS + _NEWER_LEADS):
        old = number < _OTHER_LEADS
        back = 92 + (number * 85) // _OTHER_LEADS if old else 4 + 6 * (number - _OTHER_LEADS)
        at = dt.datetime.combine(last - dt.timedelta(days=back), dt.time(9, number % 60))
        name = f"{_CITIES[number % len(_CITIES)]}{_WORDS[number // len(_CITIES) % len(_WORDS)]}{Text('科技有限公司', ' Technology Co., Ltd.')}"
        status = "mql" if old or number % 3 else "new"
        out.append(_lead(at, name, status, staff, len(out)))
    out[-1] |= {"company": out[-2]["company"], "status": "mql"}  # the same company again within thirty days: counts once
    out[-3] |= {"phone": None, "status": "mql"}
    ordered = sorted(out, key=lambda row: row["received"])
    for number, row in enumerate(ordered, 1):
        row["id"] = f"L{number:04d}"
    why = campaigns.counted(ordered, value)
    return [
        row | {"counted": "yes" if text is None else "no", "not_counted": None if text is None else str(text)}
        for row, text in zip(ordered, why, strict=True)
    ]


def _lead(at: dt.datetime, company: str, status: str, staff: Sequence[Any], number: int) -> Row:
    name, pool, *_ = _CAMPAIGNS[number % len(_CAMPAIGNS)]
    return {
        "id": "", "received": at, "pool": pool, "campaign": str(name), "company": company, "contact": f"{_FAMILY[number % len(_FAMILY)]}{Text('经理', ' (manager)')}",
        "phone": f"138{number:04d}{(number * 37) % 10_000:04d}", "status": status, "invalid_why": None, "owner": staff[number % len(staff)],
        "opportunity": None, "deal": None, "mql_on": at.date() + dt.timedelta(days=2) if status in ("mql", "converted") else None, "converted_on": None,
    }  # fmt: skip


# --------------------------------------------------------------------------------------------------------------- events


def _events(company: Company, staff: Sequence[Any]) -> list[Row]:
    """Minutes of the first two were sent a minute before and a minute after the forty-eight hours, those of the last wait."""
    out: list[Row] = []
    place = str(Text("苏州样板工厂", "model plant, Suzhou"))
    for number, (kind, name, month, on, cost, target) in enumerate(_EVENTS, 1):
        start = dt.datetime(company.year, month, on, 9, 30)
        end = start.replace(hour=16, minute=30)
        over = end.date() <= company.day()
        sent = end + dt.timedelta(hours=47 if number != 2 else 48, minutes={1: 59, 2: 1}.get(number, 0))
        waits = not over or sent.date() > company.day()
        out.append({
            "id": f"E{number:02d}", "kind": kind, "name": str(name), "start": start, "end": end, "place": place, "owner": staff[number % len(staff)],
            "roi_target": float(target), "budget": float(cost or 60_000), "cost": float(cost) if over else None, "order_goal": None,
            "minutes_on": None if waits else sent,
        })  # fmt: skip
    return out


def _judged(event: Row, guests: Sequence[Row], intents: Sequence[Row], company: Company) -> Row:
    found = events.result(event, guests, intents, (), company.of("Deals"), company.day(), value)
    return event | (dict.fromkeys(events.WRITTEN) if found is None else vars(found))


def _intents(company: Company, held: Sequence[Row], traced: Sequence[Row], won: Mapping[Any, Row]) -> list[Row]:
    """Three orders an open day, two elsewhere; those that were signed stand at the last event before, the others are open opportunities
    where the customer has one."""
    over = sorted((row for row in held if row["end"].date() <= company.day()), key=lambda row: row["end"])
    out: list[Row] = []
    used: set[tuple[str, str]] = set()
    running = {row["customer"]: row["id"] for row in company.of("Opportunities") if not row.get("outcome")}
    chances = {deal: row["id"] for deal, row in won.items()}

    def add(event: Row, customer: str, amount: float, deal: Any) -> None:
        if (event["id"], customer) not in used:
            used.add((event["id"], customer))
            out.append({"event": event["id"], "customer": customer, "amount": amount, "carbon_kg": round(amount / 2_500, 1),
                        "delivered_72h": "yes" if len(out) % 3 else "no",
                        "opportunity": chances.get(deal) if deal else running.pop(customer, None), "deal": deal})  # fmt: skip

    for deal in traced:
        before = [row for row in over[::-1] if row["end"].date() < deal["date"]] or over
        event = next((row for row in before if (row["id"], deal["customer"]) not in used), None)
        if event is not None:
            add(event, deal["customer"], float(deal["revenue"]), deal["id"])
    customers = list(dict.fromkeys([*running, *(row["id"] for row in company.of("Customers"))]))
    for place, event in enumerate(over):
        wanted = events.wanted(event, value) or 2
        wanted -= event["id"] == f"E{_SHORT_EVENT:02d}"
        turn = place * 7
        while sum(row["event"] == event["id"] for row in out) < wanted and turn < len(customers):
            add(event, customers[turn], 300_000.0 + 20_000 * place, None)
            turn += 1
    return out


def _guests(held: Sequence[Row], day: dt.date) -> Iterator[Row]:
    """Twelve at each summit's night talk, four elsewhere."""
    number = 0
    for event in held:
        if event["kind"] != "summit" and event["end"].date() > day:
            continue
        for turn in range(12 if event["kind"] == "summit" else 4):
            number += 1
            company = f"{_CITIES[number % len(_CITIES)]}{_WORDS[(number * 5) % len(_WORDS)]}{Text('科技有限公司', ' Technology Co., Ltd.')}"
            yield {
                "event": event["id"], "name": f"{_FAMILY[number % len(_FAMILY)]}{Text('志远', ' Zhiyuan') if turn % 2 else Text('文涛', ' Wentao')}", "company": company,
                "title": str(Text("总经理", "general manager")), "email": f"guest{number:03d}@example.com", "part": "talk" if event["kind"] == "summit" else "main",
                "invited": "yes", "came": ("yes" if turn % 5 else "no") if event["end"].date() <= day else None,
            }  # fmt: skip


_TOPICS = (
    (Text("节拍提升的投入产出", "What a faster cycle pays back"), Text("多数参会者希望先在一条线试点，三个月内看到节拍数据。", "Most want a trial on one line and figures within three months."), Text("下周给出试点方案", "trial plan next week")),
    (Text("碳足迹核算口径", "How footprints are counted"), Text("希望设备商直接给出分工序的用电数据。", "They want the machine maker to supply power figures step by step."), Text("提供采集模块清单", "list of metering modules")),
    (Text("交期与备件", "Delivery and spare parts"), Text("交期比价格更常被提到；备件到货时间要写进合同。", "Delivery is named more often than price; spare parts belong in the contract."), None),
)  # fmt: skip


def _topics(held: Sequence[Row], day: dt.date) -> Iterator[Row]:
    """Of the first event, and of the one whose minutes wait."""
    over = [row for row in held if row["end"].date() <= day]
    for event in dict.fromkeys([held[0]["id"], *(row["id"] for row in over if not row["minutes_on"])]):
        for number, (topic, said, step) in enumerate(_TOPICS, 1):
            yield {
                "event": event,
                "number": number,
                "topic": str(topic),
                "said": str(said),
                "next_step": None if step is None else str(step),
            }


# -------------------------------------------------------------------------------------------------------------- content


def _contents(company: Company, staff: Sequence[Any]) -> Iterator[Row]:
    """A white paper, films and stories of the half year; one story has neither keyword, one lacks a part; the next are planned."""
    year, day = company.year, company.day()
    dues = [(("paper", 1), dt.date(year, 4, 15))]
    dues += [(("film", n), dt.date(year, 1, 25) + dt.timedelta(days=30 * (n - 1))) for n in range(1, _FILMS + 3)]
    dues += [(("story", n), dt.date(year, 1, 6) + dt.timedelta(days=int(3.7 * (n - 1)))) for n in range(1, _STORIES + 14)]
    titles = {
        "paper": Text("产线碳足迹白皮书", "White paper on footprints of lines"),
        "film": Text("微电影：凌晨换型", "Film: change-over at night"),
        "story": Text("客户案例", "Customer story"),
    }
    for number, ((kind, n), due) in enumerate(dues, 1):
        out = due + dt.timedelta(days=n % 3)
        done = out <= day and n <= {"story": _STORIES, "film": _FILMS}.get(kind, 1)
        whole = kind == "story" and n != 20
        yield {
            "id": f"N{number:03d}", "kind": kind, "title": f"{titles[kind]} {n}", "owner": staff[number % len(staff)], "due": due,
            "published_on": out if done else None, "url": None, "kw1": "yes" if done and n != 31 else "no" if done else None,
            "kw2": "yes" if done and n != 31 else "no" if done else None, "voice": "yes" if done and kind == "story" else None,
            "data": "yes" if done and kind == "story" else None, "roi": ("yes" if whole else "no") if done and kind == "story" else None,
            "case": None, "forwards": 20 + 7 * (n % 9) if done else None,
        }  # fmt: skip


def _ranks(company: Company) -> Iterator[Row]:
    engine = str(Text("百度", "Baidu"))
    for keyword, ranks in zip(_KEYWORDS, _RANKS, strict=True):
        for month, rank in enumerate(ranks, 1):
            on = dt.date(company.year, month, 28)
            if on <= company.day():
                yield {"keyword": str(keyword), "engine": engine, "date": on, "rank": rank, "volume": 900 + 150 * month}


SAMPLE = SampleRows(61.2, rows)  # after the pipeline, whose opportunities leads and events led to
