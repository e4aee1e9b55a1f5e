"""The sample company's products, a small library of modules, three quotes and six price requests, one without a list of value given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from udfs.policy import value
from udfs.text import Text, joined
from workbook_templates.chapters import sample_story
from workbook_templates.chapters.products.matching import matched
from workbook_templates.chapters.products.pricing import RequestJudged, judge
from workbook_templates.chapters.products.quoting import Quoted, quoted
from workbook_templates.chapters.products.sample_cases import cases, scenarios
from workbook_templates.tables.spec import Company, Row, SampleRows

# code, line, name, base price, unit cost, benchmark, cost-down
_PRODUCTS: tuple[tuple[str, str, Text, float, float, float | None, float | None], ...] = (
    ("UL-800", "ultra", Text("旗舰产线控制器 800", "Ultra line controller 800"), 1_180_000, 660_000, 1_020_000, None),
    ("UL-600", "ultra", Text("旗舰产线控制器 600", "Ultra line controller 600"), 760_000, 430_000, 655_000, None),
    ("EC-300", "eco", Text("经济搬运单元 300", "Eco handling unit 300"), 240_000, 190_000, None, 0.03),
    ("EC-200", "eco", Text("经济搬运单元 200", "Eco handling unit 200"), 165_000, 130_000, None, 0.03),
    ("FX-000", "flex", Text("定制产线（起步）", "Flex line (basic)"), 900_000, 560_000, None, None),
    ("SV-001", "service", Text("运维年包", "Service, a year"), 120_000, 62_000, None, None),
)
_STORY = {"UL-800": 1_062_750.0, "UL-600": 684_998.0}  # in the story others raised theirs: a premium of 11%
# code, group, name, price, cost, hours, requires, excludes
_MODULES: tuple[tuple[str, Text, Text, float, float, float, str | None, str | None], ...] = (
    ("M01", Text("机架", "Frame"), Text("标准机架", "Standard frame"), 20_000, 12_000, 8, None, None),
    ("M02", Text("驱动", "Drive"), Text("伺服驱动", "Servo drive"), 15_000, 9_000, 6, "M01", None),
    ("M03", Text("控制", "Control"), Text("产线控制柜", "Line control"), 30_000, 18_000, 10, "M02", None),
    ("M04", Text("视觉", "Vision"), Text("单相机视觉", "One-camera vision"), 8_000, 5_000, 3, None, "M05"),
    ("M05", Text("视觉", "Vision"), Text("三维视觉", "3D vision"), 18_000, 11_000, 5, "M01", None),
    ("M06", Text("搬运", "Handling"), Text("协作臂", "Cobot arm"), 86_000, 58_000, 12, "M01", None),
    ("M07", Text("安全", "Safety"), Text("安全光幕", "Light curtain"), 12_000, 7_000, 2, None, None),
    ("M08", Text("数据", "Data"), Text("碳足迹采集", "Carbon metering"), 26_000, 14_000, 6, "M03", None),
)
_SOLD = 6
_LINES = {
    "Q001": (("M01", 1), ("M02", 2), ("M03", 1), ("M08", 1)),
    "Q002": (("M01", 2), ("M02", 2), ("M06", 1), ("M07", 4)),
    "Q003": (("M01", 1), ("M03", 2), ("M04", 1), ("M05", 1)),  # lacks M02, and two visions exclude each other
}


def rows(company: Company) -> Mapping[str, Sequence[Row]]:
    """By Table; what the buttons write is worked out as they do."""
    year, day = company.year, company.day()
    compared = _STORY if day == sample_story.AS_OF else {}
    products: list[Row] = [
        {"code": code, "line": line, "name": str(name), "base_price": float(base), "unit_cost": float(cost), "benchmark": compared.get(code, benchmark),
         "cost_down": down, "floor_margin": None, "eccn": None, "hs": None, "origin": None, "valid_from": dt.date(year, 1, 1)}
        for code, line, name, base, cost, benchmark, down in _PRODUCTS
    ]  # fmt: skip
    modules: list[Row] = [
        {"code": code, "group": str(group), "name": str(name), "price": float(price), "cost": float(cost), "hours": float(hours),
         "requires": needs, "excludes": rivals, "drawing": None, "retired_on": None}
        for code, group, name, price, cost, hours, needs, rivals in _MODULES
    ]  # fmt: skip
    sellers = [row["id"] for row in company.of("People") if row["level"] == "representative" and not row.get("left")]
    customers = [row["id"] for row in company.of("Customers")][:8]
    if not sellers or not customers:
        return {"Products": products, "FlexModules": modules, "Scenarios": scenarios()}
    library = cases(company, [row["id"] for row in company.of("People") if row["level"] == "manager"] or sellers)
    quotes, lines = _quotes(company, modules, sellers, customers)
    requests, given = _requests(company, products, sellers, customers)
    return {
        "Products": products, "FlexModules": modules, "Quotes": quotes, "QuoteLines": lines, "PriceRequests": requests,
        "ValueGiven": given, "DealLines": _sold(company, products), "Scenarios": scenarios(), "Cases": library,
        "MatchLog": _asked(day, library),
    }  # fmt: skip


_QUERIES = (  # what was asked, of which industry, how long it took then and now
    (
        Text("锂电产线节拍慢，仓储物流也堵", "battery line has a slow cycle and congested storage"),
        Text("锂电", "battery"),
        240.0,
        55.0,
    ),
    (
        Text("外观质检漏检，客户投诉", "visual inspection misses faults, complaints"),
        Text("汽车零部件", "auto parts"),
        200.0,
        62.0,
    ),
)


def _asked(day: dt.date, library: Sequence[Row]) -> list[Row]:
    """Two decks made this month, with how long they took."""
    out: list[Row] = []
    for number, (query, industry, before, now) in enumerate(_QUERIES):
        found = matched(str(query), str(industry), library, value)
        out.append({
            "on": day - dt.timedelta(days=20 - 8 * number), "query": str(query), "industry": str(industry),
            "found": str(joined(library[one.index]["id"] for one in found)), "why": str(found[0].why) if found else None, "file": None,
            "chosen": library[found[0].index]["id"] if found else None, "minutes_before": before, "minutes_now": now,
        })  # fmt: skip
    return out


def _sold(company: Company, products: Sequence[Row]) -> list[Row]:
    """What a few deals were made of: one product at the deal's whole revenue, not below its base price."""
    out: list[Row] = []
    for deal in company.of("Deals"):
        base = max(
            (
                row["base_price"]
                for row in products
                if row["line"] == deal["line"] and row["base_price"] <= (deal["revenue"] or 0)
            ),
            default=None,
        )
        if base is None or deal.get("original") or len(out) == _SOLD:
            continue
        product = next(row for row in products if row["line"] == deal["line"] and row["base_price"] == base)
        out.append({"deal": deal["id"], "product": product["code"], "quantity": 1.0, "price": deal["revenue"], "request": None})
    return out


def _of_customers(company: Company) -> dict[Any, Any]:
    """An opportunity of each customer that has one: one that is open before one that has ended."""
    ordered = sorted(company.of("Opportunities"), key=lambda row: (bool(row.get("outcome")), row["id"]))
    return {row["customer"]: row["id"] for row in reversed(ordered)}


def _quotes(
    company: Company, modules: Sequence[Row], sellers: Sequence[str], customers: Sequence[str]
) -> tuple[list[Row], list[Row]]:
    day, known = company.day(), _of_customers(company)
    quotes: list[Row] = []
    lines: list[Row] = []
    for number, (quote, ordered) in enumerate(_LINES.items()):
        asked = dt.datetime.combine(day - dt.timedelta(days=24 - 11 * number), dt.time(9, 30))  # the last is not late yet
        own: list[Row] = [{"quote": quote, "module": module, "quantity": float(count)} for module, count in ordered]
        found = quoted(own, modules, value("flex.engineers"), value("flex.shift"), value("flex.hours"))
        if not isinstance(found, Quoted):
            continue
        quotes.append({
            "id": quote, "customer": customers[number % len(customers)], "opportunity": known.get(customers[number % len(customers)]), "seller": sellers[number % len(sellers)], "on": asked.date(),
            "valid_until": asked.date() + dt.timedelta(days=30), "requested_at": asked,
            "drawn_at": None if found.broken else asked + dt.timedelta(hours=50 + 10 * number), "status": "draft" if found.broken else "sent",
            "amount": found.amount, "cost": found.cost, "margin_rate": found.margin_rate, "hours": found.hours,
            "broken": found.broken or None,
        })  # fmt: skip
        lines += [
            row | {"price": price, "cost": cost, "hours": hours, "broken": broken or None}
            for row, (price, cost, hours, broken) in zip(own, found.lines, strict=True)
        ]
    return quotes, lines


def _requests(
    company: Company, products: Sequence[Row], sellers: Sequence[str], customers: Sequence[str]
) -> tuple[list[Row], list[Row]]:
    """Two decided, one waiting, one refused a route until value is given; then one product's price is cut by 4% twice, which is 7.84%."""
    day, known = company.day(), _of_customers(company)
    managers = [row["id"] for row in company.of("People") if row["level"] == "manager" and not row.get("left")]
    asked = (
        ("R001", "UL-600", 2, 745_000.0, 40), ("R002", "EC-300", 6, 226_000.0, 20), ("R003", "EC-200", 10, 156_000.0, 1),
        ("R004", "EC-300", 4, 225_600.0, 6), ("R005", "UL-600", 1, 729_600.0, 30), ("R006", "UL-600", 1, 700_416.0, 1),
    )  # fmt: skip
    given: list[Row] = [
        {"request": "R002", "item": "volume", "giver": "customer", "points": 2.0, "cost": None, "evidence": str(Text("年框协议", "yearly frame agreement"))},
        {"request": "R002", "item": "publicity", "giver": "customer", "points": 1.0, "cost": None, "evidence": str(Text("案例授权书", "licence for a case"))},
        {"request": "R003", "item": "payment", "giver": "customer", "points": 1.0, "cost": None, "evidence": str(Text("合同付款条款", "terms of payment"))},
        {"request": "R006", "item": "data", "giver": "customer", "points": 1.0, "cost": None, "evidence": str(Text("数据共享协议", "agreement on sharing data"))},
    ]  # fmt: skip
    out: list[Row] = []
    for number, (code, product, quantity, price, ago) in enumerate(asked):
        row: Row = {
            "id": code, "on": day - dt.timedelta(days=ago), "customer": customers[min(number, 4)], "opportunity": known.get(customers[min(number, 4)]),
            "seller": sellers[number % len(sellers)], "product": product, "quantity": float(quantity), "quoted": price, "three_year": None,
            "prepaid": None,
        }  # fmt: skip
        found = judge(row, products, given, value)
        out.append(row | (found.written if isinstance(found, RequestJudged) else {}) | _decision(row, managers, number))
    return out, given


_DECIDED = (0, 1, 4)


def _decision(row: Row, managers: Sequence[Any], number: int) -> Row:
    """The first two and the first of the two cuts were decided two days later, by a manager."""
    if number not in _DECIDED or not managers:
        return dict.fromkeys(("decision", "decided_by", "decided_on", "valid_until"))
    on = row["on"] + dt.timedelta(days=2)
    valid = on + dt.timedelta(days=int(value("approval.valid_days")))
    return {"decision": "approved", "decided_by": managers[0], "decided_on": on, "valid_until": valid}


SAMPLE = SampleRows(61.3, rows)  # after the pipeline, to whose opportunities quotes and requests belong
