"""Where the orders of B and C customers came from: each order of twelve months in one column of the customer view."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from addin import page_reading
from addin.book import FileBook
from tests.small_plan import small_plan
from udfs.text import Text
from workbook_templates.chapters.customers.sheets import customer_team
from workbook_templates.page.builder import Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables.schema import Company, Row

JUNE = dt.date(2027, 6, 30)
CUSTOMERS = [{"id": f"C{n}", "name": f"{n}厂", "tier": tier} for n, tier in enumerate("BCSB", 1)]


def _beside(plan: Plan) -> None:
    plan.page("tiers", Text("客户", "Customers view"), Text("", "")).records("Customers", "B6")
    for name in ("Deals", "Opportunities"):
        plan.page(f"of_{name}", Text(f"{name}页", f"{name} sheet"), Text("", "")).records(name, "B6")


def order(number: int, customer: str, source: str | None, on: dt.date = JUNE, original: str | None = None) -> Row:
    return {
        "id": f"D{number}",
        "date": on,
        "customer": customer,
        "source": source,
        "revenue": 1.0,
        "cost": 0.0,
        "original": original,
    }


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_order_stands_in_one_column(lang: str, tmp_path: Path) -> None:
    deals = [
        order(1, "C1", "funnel"), order(2, "C4", "funnel"), order(3, "C1", "电话"), order(4, "C1", None), order(5, "C2", "store"),
        order(6, "C3", "funnel"),  # S has people of its own
        order(7, "C1", "funnel", dt.date(2027, 7, 1)), order(8, "C1", "funnel", dt.date(2026, 6, 30)), order(9, "C1", "store", dt.date(2026, 7, 1)),
        order(10, "C2", "store", original="D5"),  # a return is no order
    ]  # fmt: skip
    company = Company("甲", 2027, JUNE, rows={"Customers": CUSTOMERS, "Deals": deals})
    path = small_plan(tmp_path / "plan.xlsx", company, lang, [PlanSheet(1, _beside), customer_team.SHEET])
    assert page_reading.block(FileBook.open(path), "orders_by_source") == [[2, 1, 1, 1], [0, 1, 0, 0]]
