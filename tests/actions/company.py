"""The smallest company with pay: two people, one customer. A deal of 1,000,000 at 30 % margin earns 12,500; at 10 % 3,000; at 25 % 8,500."""

from __future__ import annotations

import datetime as dt
from typing import Any

from workbook_templates.tables.schema import Company

DAY = dt.date(2027, 6, 5)


def deal(number: int, margin: float = 0.3, **more: Any) -> dict[str, Any]:
    given = {"id": f"D{number}", "date": dt.date(2027, 3, 5), "customer": "C1", "seller": "P1", "partner": None, "seller_share": 1.0,
             "revenue": 1_000_000.0, "original": None, "collected": 0.0, **more}  # fmt: skip
    return {"cost": round(given["revenue"] * (1 - margin)), **given}


def company(deals: list[dict[str, Any]], as_of: dt.date = DAY, **tables: list[dict[str, Any]]) -> Company:
    people = [
        {"id": p, "name": f"人{p}", "level": "representative", "line": "direct", "joined": dt.date(2020, 1, 1), "quota_weight": 1.0,
         "manager": None if p == "P1" else "P1"}
        for p in ("P1", "P2")
    ]  # fmt: skip
    rows = {"People": people, "Customers": [{"id": "C1", "name": "客户"}], "Deals": deals, **tables}
    return Company("公司", 2027, as_of, rows=rows)
