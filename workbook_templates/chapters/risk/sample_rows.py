"""The sample's risks: grades of its customers, two of which fact 6 is about, contracts in review, an order abroad with an unknown ECCN, carbon."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from udfs.carbon import MODES
from udfs.policy import value
from udfs.text import Text
from workbook_templates.chapters.risk import carbon
from workbook_templates.chapters.risk.contracts import state_of
from workbook_templates.chapters.risk.credit import rated
from workbook_templates.chapters.risk.exports import judged
from workbook_templates.tables.duties import Day
from workbook_templates.tables.policies import Policies
from workbook_templates.tables.spec import Company, Row, SampleRows

# Who pays first and was shipped before, and who may not buy and did: 3.65 million yuan together.
_B, _C = "C0045", "C0059"
_SCORES = {
    "AAA": (92.0, 84.0, 88.0, 92.0),
    "AA": (80.0, 72.0, 78.0, 84.0),
    "A": (70.0, 62.0, 64.0, 72.0),
    "B": (50.0, 52.0, 46.0, 60.0),
    "C": (40.0, 45.0, 30.0, 15.0),
}
_RATED = 40
_LIBRARY: tuple[tuple[str, Text, str, Text, Text], ...] = (
    ("ip", Text("归我方", "Ours"), "green", Text("交付物的知识产权归乙方，甲方获得使用许可。", "交付物的知识产权归乙方，甲方获得使用许可。"), Text("Intellectual property stays with the seller; the buyer is licensed to use it.", "Intellectual property stays with the seller; the buyer is licensed to use it.")),
    ("ip", Text("共有", "Shared"), "amber", Text("联合开发部分的知识产权由双方共有。", "联合开发部分的知识产权由双方共有。"), Text("What was developed jointly is owned jointly.", "What was developed jointly is owned jointly.")),
    ("force", Text("标准", "Standard"), "green", Text("不可抗力期间双方免责，超过九十日任一方可解除合同。", "不可抗力期间双方免责，超过九十日任一方可解除合同。"), Text("Neither side is liable during force majeure; after ninety days either may withdraw.", "Neither side is liable during force majeure; after ninety days either may withdraw.")),
    ("cap", Text("合同额 30%", "30% of the price"), "green", Text("违约赔偿以合同总额的百分之三十为限。", "违约赔偿以合同总额的百分之三十为限。"), Text("Liability is limited to thirty percent of the price.", "Liability is limited to thirty percent of the price.")),
    ("cap", Text("无上限", "Unlimited"), "red", Text("违约方赔偿全部损失。", "违约方赔偿全部损失。"), Text("The defaulting party pays all damages.", "The defaulting party pays all damages.")),
    ("export", Text("标准", "Standard"), "green", Text("甲方遵守适用的出口管制，不转往受限最终用户。", "甲方遵守适用的出口管制，不转往受限最终用户。"), Text("The buyer complies with export control and does not pass goods on to restricted end users.", "The buyer complies with export control and does not pass goods on to restricted end users.")),
    ("payment", Text("按预付比例", "As prepaid"), "green", Text("预付款到账后排产，余款按账期支付。", "预付款到账后排产，余款按账期支付。"), Text("Production begins with the advance; the rest is due within the credit period.", "Production begins with the advance; the rest is due within the credit period.")),
    ("secrecy", Text("三年", "Three years"), "green", Text("双方对商业信息保密三年。", "双方对商业信息保密三年。"), Text("Both sides keep business information confidential for three years.", "Both sides keep business information confidential for three years.")),
    ("carbon", Text("共享", "Shared data"), "green", Text("乙方每季度提供产线碳足迹数据。", "乙方每季度提供产线碳足迹数据。"), Text("The seller supplies carbon data of the line every quarter.", "The seller supplies carbon data of the line every quarter.")),
)  # fmt: skip
_SHANGHAI, _SUZHOU = Text("上海", "Shanghai"), Text("苏州", "Suzhou")
_PLACES = (
    (_SHANGHAI, Text("北京", "Beijing"), 1_088.0),
    (_SUZHOU, Text("广州", "Guangzhou"), 1_300.0),
    (_SHANGHAI, Text("成都", "Chengdu"), 1_660.0),
    (_SUZHOU, Text("武汉", "Wuhan"), 690.0),
    (_SHANGHAI, Text("深圳", "Shenzhen"), 1_210.0),
)
# As our travel platform calls them.
_AIR, _RAIL, _ROAD = Text("飞机", "Flight"), Text("高铁", "High-speed rail"), Text("公路货运", "Road freight")


def rows(company: Company) -> Mapping[str, Sequence[Row]]:
    """By Table; what the buttons write is left to them, but for the grades, on which lights and gates stand."""
    day = company.day()
    directors = [row["id"] for row in company.of("People") if row["level"] == "director" and not row.get("left")]
    if not directors or not company.of("Customers"):
        return {}
    contracts, clauses, signatures = _contracts(company, directors)
    factors = _factors(company.year)
    library: list[Row] = [
        {"topic": topic, "option": str(option), "risk": risk, "text_zh": zh.zh, "text_en": en.en, "version": "V1", "valid_from": dt.date(company.year, 1, 1)}
        for topic, option, risk, zh, en in _LIBRARY
    ]  # fmt: skip
    _look(company, library, contracts, clauses, signatures)
    return {
        "CreditScores": _scores(company, directors[0]),
        "ClauseLibrary": library,
        "Contracts": contracts, "ContractClauses": clauses, "Signatures": signatures,
        **_controls(day),
        "ExportChecks": _exports(company, directors[0], _controls(day)),
        "CarbonFactors": factors,
        **_emissions(company, factors),
    }  # fmt: skip


def _look(
    company: Company, library: Sequence[Row], contracts: Sequence[Row], clauses: Sequence[Row], signatures: Sequence[Row]
) -> None:
    """What the button finds of the contracts, as it does."""
    own: Mapping[str, Sequence[Row]] = {"ClauseLibrary": library, "ContractClauses": clauses, "Signatures": signatures}
    moment = dt.datetime.combine(company.day(), dt.time(9))
    day = Day(lambda table: own.get(table) or company.of(table), Policies({}, ()), company.day(), company.year, moment)
    checksums = {row["id"]: state_of(day, row).digest for row in contracts}
    for row in signatures:
        row["digest"] = checksums[row["contract"]]
    for row in contracts:
        state = state_of(day, row)
        row |= {
            "major": "yes" if state.major else "no",
            "digest": state.digest,
            "problems": "；".join(map(str, state.problems)) or None,
            "file": None,
        }


def _scores(company: Company, by: Any) -> list[Row]:
    """Those who bought most, and the two of the story; C0059 fell from A to C in February."""
    sales = {row["id"]: float(row.get("sales_12m") or 0.0) for row in company.of("Customers")}
    bought: dict[Any, float] = defaultdict(float)
    for deal in company.of("Deals"):
        bought[deal.get("customer")] += deal.get("revenue") or 0.0
    known = [c for c in sorted(bought, key=lambda c: (-bought[c], str(c))) if c in sales][:_RATED]
    known += [c for c in (_B, _C) if c in bought and c not in known]
    start, fell = dt.date(company.year, 1, 8), dt.date(company.year, 2, 26)
    out = []
    for place, customer in enumerate(known):
        grade = "B" if customer == _B else "A" if customer == _C else ("AAA", "AA", "AA", "A")[place % 4]
        out.append(_score(customer, start, grade, sales[customer], by))
        if customer == _C and fell <= company.day():
            out.append(_score(customer, fell, "C", sales[customer], by))
    return out


def _score(customer: Any, on: dt.date, grade: str, sales: float, by: Any) -> Row:
    row: Row = {"customer": customer, "as_of": on, **dict(zip(("financial", "industry", "overdue", "judicial"), _SCORES[grade], strict=True)),
                "sources": str(Text("年报、天眼查、应收账款", "annual report, registry, receivables")), "frozen": None, "by": by}  # fmt: skip
    return row | vars(rated(row, sales, value))


def _contracts(company: Company, directors: Sequence[Any]) -> tuple[list[Row], list[Row], list[Row]]:
    """One in force, one in review for ten days, one drafted without a cap."""
    day, customers = company.day(), [row["id"] for row in company.of("Customers")][:3]
    facts = (
        ("HT001", "active", 2_400_000.0, 0.3, 60, 40),
        ("HT002", "review", 6_800_000.0, 0.3, 60, 10),
        ("HT003", "draft", 1_200_000.0, 0.3, 30, 2),
    )
    contracts: list[Row] = []
    clauses: list[Row] = []
    for (key, status, amount, prepaid, days, ago), customer in zip(facts, customers, strict=False):
        contracts.append({
            "id": key, "customer": customer, "status": status, "amount": amount, "prepaid": prepaid, "credit_days": days, "currency": None, "quote": None,
            "deal": None, "three_year": None, "overseas": None, "sent_on": None if status == "draft" else day - dt.timedelta(days=ago),
        })  # fmt: skip
        first = {topic: str(option) for topic, option, *_ in reversed(_LIBRARY)}
        if key == "HT003":
            first["cap"] = str(_LIBRARY[4][1])
            del first["carbon"]
        clauses += [
            {"contract": key, "topic": topic, "option": option, "deviation": None, "legal_ok": None}
            for topic, option in reversed(first.items())
        ]
    at = dt.datetime.combine(day - dt.timedelta(days=8), dt.time(10))
    signatures: list[Row] = (
        [{"contract": "HT002", "role": "sales", "person": directors[0], "on": at, "verdict": "agreed"}]
        if len(contracts) > 1
        else []
    )
    return contracts, clauses, signatures


def _controls(day: dt.date) -> dict[str, list[Row]]:
    """Made-up tables of compliance, looked at a month ago."""
    on, own = day - dt.timedelta(days=30), str(Text("合规部整理（示例）", "compiled by compliance (sample)"))
    yes = {True: "yes", False: "no"}
    return {
        "ExportControls": [{"eccn": eccn, "column": column, "source": own, "as_of": on} for eccn, column in (("2B201", "NP1"), ("3A001", "NS2"), ("EAR99", None))],
        "CountryControls": [
            {"country": str(country), "column": column, "licence": yes[needs], "status": status, "source": own, "as_of": on}
            for country, column, needs, status in (
                (Text("越南", "Vietnam"), "NS2", False, "normal"), (Text("越南", "Vietnam"), "NP1", True, "normal"),
                (Text("马来西亚", "Malaysia"), "NS2", False, "normal"), (Text("某敏感国", "Sensitive land"), "NS2", False, "sensitive"),
            )
        ],
        "HsControls": [{"hs": hs, "licence": yes[needs], "list": own, "as_of": on} for hs, needs in (("8479", False), ("8456", True), ("8537", False))],
    }  # fmt: skip


def _exports(company: Company, reviewer: Any, controls: Mapping[str, Sequence[Row]]) -> list[Row]:
    """Fact 14: an order of about 1.8 million to a sensitive region, a line of it with an unknown ECCN, the other with a single reviewer."""
    orders = [
        row
        for row in company.of("Deals")
        if not row.get("original") and not row.get("delivered") and (row.get("revenue") or 0) > 0
    ]
    if len(orders) < 2:
        orders = [row for row in company.of("Deals") if not row.get("original")][-2:]
    orders.sort(key=lambda row: abs(row["revenue"] - 1_800_000))
    codes, country = [row["code"] for row in company.of("Products")], str(Text("某敏感国", "Sensitive land"))
    facts = (("X0001", None, "8479", None), ("X0002", "3A001", "8537", reviewer))
    moment = dt.datetime.combine(company.day(), dt.time(9))
    day = Day(lambda table: controls.get(table) or company.of(table), Policies({}, ()), company.day(), company.year, moment)
    out: list[Row] = []
    for (key, eccn, hs, first), product in zip(facts if orders else (), codes, strict=False):
        row: Row = {"id": key, "order": orders[0]["id"], "product": product, "eccn": eccn, "hs": hs, "country": country}
        out.append(row | vars(judged(day, row)) | {"reviewer1": first, "reviewer2": None, "video_on": None, "licence_no": None})
    return out


def _factors(year: int) -> list[Row]:
    """The plan's own factors under the names that our travel platform uses."""
    shown = dict(zip((mode.words[0] for mode in MODES), value("carbon.factors"), strict=True))
    wanted = (*((str(mode), mode.zh) for mode in (_AIR, _RAIL, _ROAD)), ("kWh", "用电"))
    known = {mode.words[0]: mode for mode in MODES}
    return [
        {"mode": name, "unit": str(known[ours].unit), "factor": float(shown[ours]), "scope_note": known[ours].source, "source": known[ours].source, "year": year - 2,
         "valid_from": dt.date(year - 1, 1, 1)}
        for name, ours in wanted
    ]  # fmt: skip


def _emissions(company: Company, factors: Sequence[Row]) -> dict[str, list[Row]]:
    """Two years of journeys: fewer flights this year, 14 % less in all; samples and a stand each quarter."""
    day, year = company.day(), company.year
    people = [row["id"] for row in company.of("People") if row["level"] in ("director", "manager")][:6]
    table = carbon.factors(factors, day)
    travel: list[Row] = []
    for at in (year - 1, year):
        for month in range(1, 13):
            for trip, (start, end, km) in enumerate(_PLACES):
                on = dt.date(at, month, 3 + 5 * trip)
                rail = km < 1_000 or (at == year and trip == month % 5)
                if on <= day:
                    travel.append({
                        "id": f"TR{len(travel) + 1:04d}", "person": people[trip % len(people)] if people else None, "date": on, "from": str(start), "to": str(end),
                        "mode": str(_RAIL if rail else _AIR), "class": None, "km": km, "amount": 1.1 * km,
                    })  # fmt: skip
    shipments: list[Row] = [
        {"date": dt.date(at, 3 * quarter - 1, 12), "mode": str(_ROAD), "kg": 120.0 + 40 * quarter, "km": 1_500.0}
        for at in (year - 1, year) for quarter in range(1, 5) if dt.date(at, 3 * quarter - 1, 12) <= day
    ]  # fmt: skip
    booths: list[Row] = [
        {"event": f"EV{at % 100}Q{quarter}", "date": dt.date(at, 3 * quarter, 18), "basis": "kWh", "quantity": 1_800.0 + 300 * quarter}
        for at in (year - 1, year) for quarter in range(1, 5) if dt.date(at, 3 * quarter, 18) <= day
    ]  # fmt: skip
    return {
        "Travel": [row | {"kg": carbon.emitted(row["mode"], row["km"], table).kg} for row in travel],
        "Shipments": [
            row | {"emitted": carbon.emitted(row["mode"], row["kg"] / carbon.KG * row["km"], table).kg} for row in shipments
        ],
        "Booths": [row | {"emitted": carbon.emitted(row["basis"], row["quantity"], table).kg} for row in booths],
    }


SAMPLE = SampleRows(63.09, rows)
