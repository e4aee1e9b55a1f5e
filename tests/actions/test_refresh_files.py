"""Refresh tiers from files and databases: the same customers as from the workbook's own Table, whatever holds the
transactions."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from addin import cli
from tests.actions.steps import do, tables_of
from tests.actions.test_refresh import company, customer, invoice, plan, rows_of
from tests.real import require_data
from tests.small_plan import small_plan
from tests.test_tiering import market
from workbook_templates.tables.schema import Company

HEADERS = ("Invoice no", "Date", "Customer ID", "Net amount")


def rows(seed: int = 1, count: int = 30) -> list[tuple[Any, ...]]:
    """The transactions that ``plan`` fills its Table with."""
    made = [invoice(i, c, d, fen / 100) for i, (c, d, fen) in enumerate(market(seed, count))]
    return [(r["invoice"], r["date"], r["customer"], r["amount"]) for r in made]


def file_of(path: Path, *parts: list[tuple[Any, ...]]) -> Path:
    """One CSV, or a folder of them."""
    if len(parts) > 1:
        path.mkdir()
    for k, part in enumerate(parts):
        with (path if len(parts) == 1 else path / f"{k:02}.csv").open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows([HEADERS, *part])
    return path


def without(path: Path) -> Path:
    """The plan of ``plan`` whose Table of transactions is empty."""
    return small_plan(path, company([*(customer(f"C{i:03}") for i in range(29)), customer("N1")], []))


def test_a_file_a_folder_and_a_database_give_what_the_table_gives(tmp_path: Path) -> None:
    do("refresh", plan(tmp_path / "table.xlsx"))
    wanted = rows_of(tmp_path / "table.xlsx")
    data = rows()
    base = tmp_path / "t.duckdb"
    with duckdb.connect(str(base)) as connection:
        connection.execute("create table t (invoice text, date date, customer text, amount double)")
        connection.executemany("insert into t values (?, ?, ?, ?)", data)
    sources: dict[str, tuple[str, bool]] = {
        "file": (str(file_of(tmp_path / "one.csv", data)), False),
        "folder": (str(file_of(tmp_path / "many", *(data[k::12] for k in range(12)))), False),
        "database": (f"duckdb://{base}?table=t", False),
        "in place": (f"duckdb://{base}?query=select * from t", True),
    }
    for name, (source, in_place) in sources.items():
        path = without(tmp_path / f"{name}.xlsx")
        before = tables_of(path)
        assert do("refresh", path, transactions=source, in_place=in_place).written
        assert rows_of(path) == wanted, name
        assert not rows_of(path, "Transactions")  # only customers come in
        once = path.read_bytes()
        assert not do("refresh", path, transactions=source, in_place=in_place).effect and path.read_bytes() == once
        assert do("undo", path).written and tables_of(path) == before


@pytest.mark.real
def test_the_uci_invoices_from_the_raw_file_to_tiers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """525,461 lines of a wholesaler: tiers of 4,383 customers in a workbook. The border is the cap (18 / 60 / 180): this
    company's sales are spread far wider than the plan's 55 / 30 / 12 %."""
    data = require_data("online_retail_0910.parquet")
    path = small_plan(tmp_path / "plan.xlsx", Company("Retail", 2010, dt.date(2010, 12, 9)), "en")
    assert cli.main(["refresh", str(path), "--transactions", str(data), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["tiers"] == {"S": 18, "A": 42, "B": 120, "C": 4203}
    assert (found["transactions"]["refused"], found["transactions"]["repeated"]) == (107_927, 6_772)
    customers = rows_of(path)
    assert len(customers) == 4383 and sorted(c["rank"] for c in customers) == list(range(1, 4384))
    # pandas on the raw file: customer 18102 is the largest of the trailing 12 months.
    import pandas

    raw = pandas.read_parquet(data)
    raw = raw[(raw["Customer ID"] == 18102) & (raw["InvoiceDate"].astype(str) >= "2009-12-10")].drop_duplicates()
    (first,) = [c for c in customers if c["rank"] == 1]
    assert first["id"] == "18102" and first["sales_12m"] == round(float((raw["Quantity"] * raw["Price"]).sum()), 2)
    assert cli.main(["refresh", str(path), "--transactions", str(data), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["changed"] == 0
