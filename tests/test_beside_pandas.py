"""Public data sets as they are laid out, made here: what each customer bought beside what pandas makes of the clean rows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd

from workbook_templates.intake import files, importing
from workbook_templates.intake.importing import Known, Wishes
from workbook_templates.tables import schema
from workbook_templates.transactions import SourceWishes, Ways, read


def bought(path, day, ways=None, **wishes):
    purchases, report = read(path, day, ways=ways or Ways(), wishes=SourceWishes(**wishes))
    found = purchases.summary
    return pd.Series(found.total / 100, index=found.ids.astype(str)).sort_index(), report


def test_two_years_of_an_online_shop(tmp_path):
    """UCI Online Retail II: two years in two sheets, C numbers for credit notes, no customer on some rows, lines added twice over the years' border."""
    draw = np.random.default_rng(7)
    n = 600
    day = pd.Timestamp("2009-12-01") + pd.to_timedelta(draw.integers(0, 729 * 24 * 60, n), unit="min")
    number = 489434 + np.arange(n) // 3
    frame = pd.DataFrame(
        {
            "Invoice": [f"C{i}" if c else str(i) for i, c in zip(number, number % 17 == 0, strict=True)],
            "StockCode": [f"{20000 + k}" for k in range(n)],
            "Description": [["JUMBO BAG", "TOTAL GLASS", "SET/6 MUGS, RED"][k % 3] for k in range(n)],
            "Quantity": np.where(number % 17 == 0, -1, 1) * draw.integers(1, 40, n),
            "InvoiceDate": day.to_series().groupby(number).transform("first").to_numpy(),
            "Price": draw.integers(5, 9999, n) / 100,
            "Customer ID": [13000 + int(i) % 23 for i in number],
            "Country": "United Kingdom",
        }
    )
    frame["Customer ID"] = frame["Customer ID"].astype("Int64").where(draw.random(n) > 0.02)
    early = frame["InvoiceDate"] < "2010-12-10"
    path = tmp_path / "retail.xlsx"
    with pd.ExcelWriter(path) as book:
        frame[early].to_excel(book, sheet_name="Year 2009-2010", index=False)
        frame[~early].to_excel(book, sheet_name="Year 2010-2011", index=False)
    clean = frame.dropna(subset="Customer ID")
    cents = (clean["Quantity"] * (clean["Price"] * 100).round().astype(int)).groupby(clean["Customer ID"].astype(str)).sum() / 100
    found, report = bought(path, dt.date(2011, 12, 31))
    pd.testing.assert_series_equal(found, cents.sort_index(), check_names=False, check_index_type=False, check_dtype=False)
    assert report.refused == n - len(clean) and report.count("left") == 0


def test_a_superstore(tmp_path):
    """Month/day/year, Sales beside Discount and Profit, a customer's name beside the ID, a grand total below."""
    draw = np.random.default_rng(11)
    n = 400
    day = pd.Timestamp("2026-01-01") + pd.to_timedelta(draw.integers(0, 364, n), unit="D")
    order = np.arange(n) // 2
    frame = pd.DataFrame(
        {
            "Row ID": range(1, n + 1),
            "Order ID": [f"CA-2026-{100000 + k}" for k in order],
            "Order Date": [f"{d.month}/{d.day}/{d.year}" for d in day.to_series().groupby(order).transform("first")],
            "Ship Mode": "Standard Class",
            "Customer ID": [f"{'ABCDEFGH'[k % 8]}{'KLMNOPQR'[k // 8 % 8]}-{10000 + k % 31}" for k in order],
            "Customer Name": [f"Name {k % 31}" for k in order],
            "State": [["Ohio", "Texas", "New York"][k % 3] for k in order],
            "Product ID": [f"FUR-{k:05}" for k in range(n)],
            "Sales": draw.integers(50, 999_999, n) / 100,
            "Quantity": draw.integers(1, 9, n),
            "Discount": [0.2 if k % 5 == 0 else 0 for k in range(n)],
            "Profit": draw.integers(-5000, 5000, n) / 100,
        }
    )
    wanted = ((frame["Sales"] * 100).round().astype(int).groupby(frame["Customer ID"]).sum() / 100).sort_index()
    path = tmp_path / "superstore.csv"
    total = f"Grand Total,,,,,,,,{frame['Sales'].sum():.2f},{frame['Quantity'].sum()},,{frame['Profit'].sum():.2f}\n"
    path.write_bytes((frame.to_csv(index=False) + total).encode("utf-8-sig"))
    found, report = bought(path, dt.date(2026, 12, 31), Ways(renames={"Sales": "Net amount"}))
    pd.testing.assert_series_equal(found, wanted, check_names=False, check_index_type=False)
    assert report.count("left") == 1 and not report.refused and any("Discount" in note.en for note in report.notes)


def test_a_sales_pipeline(tmp_path):
    """Maven's CRM: opportunities by stage; the won ones are deals, the others are left out and said."""
    draw = np.random.default_rng(13)
    n = 300
    stage = draw.choice(["Won", "Lost", "Engaging", "Prospecting"], n, p=[0.5, 0.3, 0.15, 0.05])
    frame = pd.DataFrame(
        {
            "opportunity_id": [f"OP{k:06}" for k in range(n)],
            "sales_agent": [["Ann", "Bob", "Cy"][k % 3] for k in range(n)],
            "product": "GTX Basic",
            "account": [f"Firm {k % 19}" for k in range(n)],
            "deal_stage": stage,
            "engage_date": "2027-01-02",
            "close_date": [f"2027-{k % 12 + 1:02}-15" for k in range(n)],
            "close_value": np.where(stage == "Won", draw.integers(100, 9999, n), 0),
        }
    )
    path = tmp_path / "pipeline.csv"
    frame.to_csv(path, index=False)
    spec = schema.table("Deals")
    people = [{"id": f"P{k}", "name": name} for k, name in enumerate(("Ann", "Bob", "Cy"))]
    renames = {
        "close_value": "Revenue",
        "close_date": "Signed on",
        "product": "",
        "sales_agent": "Seller ID",
        "opportunity_id": "Deal ID",
    }
    renames["engage_date"] = ""
    frame["cost"] = frame["close_value"] * 0.5
    frame.to_csv(path, index=False)
    sources = files.read_all(path, lambda cells: importing.headers_matched(spec, cells))
    outcome = importing.bring_in_all(sources, spec, Known({"People": people}, 2027), Wishes(renames))
    won = frame[stage == "Won"]
    brought = pd.DataFrame(outcome.rows)
    assert len(brought) == len(won) and not outcome.refusals and len(outcome.left) == n - len(won)
    by = brought.groupby("seller")["revenue"].sum()
    assert by.tolist() == won.groupby("sales_agent")["close_value"].sum().tolist()
    assert sum(Decimal(str(row["cost"])) for row in outcome.rows) == Decimal(str(won["cost"].sum()))
