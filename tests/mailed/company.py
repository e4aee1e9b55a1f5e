"""A small company whose month has everything a statement can show; expectations stand beside it."""

from __future__ import annotations

import datetime as dt
import functools
import tempfile
from pathlib import Path
from typing import Any

from addin.book import FileBook
from addin.facts import facts as read
from tests.plans import sample_plan
from udfs.policy import POLICIES
from udfs.text import Text
from workbook_templates.chapters.incentives import ledger
from workbook_templates.mailed import Facts
from workbook_templates.tables.schema import Row

MARCH = dt.date(2027, 3, 10)


@functools.cache
def sample(lang: str) -> Facts:
    """The sample company as its finished workbook says it."""
    return read(FileBook.open(sample_plan(lang, Path(tempfile.mkdtemp()))))


def settings() -> dict[str, Any]:
    """The policy's own values, as a workbook without settings of its own has them."""
    values = {key: policy.value for key, policy in POLICIES.items()}
    return {k: v.en if isinstance(v, Text) else list(v) if isinstance(v, tuple) else float(v) for k, v in values.items()}


def person(id: str, name: str, manager: str | None = None, **more: Any) -> Row:
    row = {
        "id": id,
        "name": name,
        "level": "representative",
        "line": "direct",
        "region": "华东",
        "manager": manager,
        "left": None,
    }
    return {**row, "joined": dt.date(2020, 1, 1), "email": f"{id.lower()}@x.example", "quota_weight": 1.0, **more}


def deal(id: str, day: dt.date, seller: str, revenue: float, cost: float, customer: str = "C1", **more: Any) -> Row:
    row = {"id": id, "date": day, "customer": customer, "seller": seller, "partner": None, "seller_share": 1.0}
    return {**row, "revenue": revenue, "cost": cost, "collected": 0.0, "original": None, **more}


def facts(rows: dict[str, list[Row]], lang: str = "zh", named: dict[str, Any] | None = None, **changed: Any) -> Facts:
    """A plan of these rows; the year's quota is 12 million, a million a month."""
    figures = {"quota_total": [12_000_000.0], "quota_months": [1_000_000.0] * 12, **(named or {})}
    return Facts("晨星设备", 2027, dt.date(2027, 12, 31), "V1", lang, rows, settings() | changed, figures)


def busy() -> dict[str, list[Row]]:
    """March of P1 in team of M1: an order at 30 %, a third of an odd one, a loss, a return, an adjustment, an override."""
    deals = [
        deal("D1", dt.date(2027, 2, 3), "P1", 100_000, 70_000),
        deal("D2", MARCH, "P1", 1_000_000, 700_000),  # 12,500: the plan's own example
        deal("D3", MARCH, "P2", 33_333.33, 25_000, "C2", partner="P1", seller_share=0.6667),
        deal("D4", MARCH, "P1", 50_000, 60_000),  # a loss: a line of zero
        deal("D5", dt.date(2027, 3, 20), "P1", -40_000, -28_000, original="D1"),
        deal("D6", MARCH, "P2", 500_000, 400_000, "C3"),
    ]
    rows = ledger.ledger_rows(deals, version="V1")
    common = {"credit_share": 1.0, "revenue": 0.0, "margin_rate": 0.3, "plan_version": "V1", "computed_on": dt.date(2027, 4, 5)}
    rows += [
        {**common, "period": "2027-03", "deal": "D1", "person": "P1", "kind": "adjustment", "commission": -120.5, "status": "computed",
         "reason": "更正 D1：1,250.00 → 1,129.50，订单或规则已变", "by": None},
        {**common, "period": "2027-03", "deal": "D2", "person": "P1", "kind": "override", "commission": 300.0, "status": "disputed",
         "reason": "协助投标", "by": "总经理"},
    ]  # fmt: skip
    for row in rows:
        if row["period"] == "2027-02":
            row["status"] = "paid"
    return {
        "People": [person("M1", "山海", level="manager", quota_weight=0.0), person("P1", "木兰", "M1"), person("P2", "石峰", "M1")],
        "Customers": [{"id": f"C{n}", "name": name} for n, name in enumerate(("青禾机械", "远山电子", "白鹭物流"), 1)],
        "Deals": deals,
        "Ledger": rows,
        "Quotas": [{"person": p, "name": "", "floor": None, "cap": None} for p in ("P1", "P2")],
        "Disputes": [
            {"number": 7, "period": "2027-03", "person": "P1", "deal": "D2", "remark": "毛利率不对", "answer": "已核对", "state": "answered"},
            {"number": 8, "period": "2027-03", "person": "P2", "deal": "D6", "remark": "别人的疑问", "answer": None, "state": "open"},
        ],
    }  # fmt: skip
