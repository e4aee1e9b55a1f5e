"""The UCI "Online Retail II" invoices (2009-12 … 2010-12) turned into a CSV of deals, by a stated, seeded rule.

The data has no seller and no margin, so both are assigned:

* one deal an invoice: revenue = Σ quantity × price, to the fen; the date is the invoice's, 17 years later;
* seller: hash of seed and customer over the sample company's representatives;
* margin rate: hash of seed and customer, 8.00 … 48.00 %; a return carries its order's;
* an invoice that begins with C is a return. Its order is the customer's latest earlier invoice (with positive revenue) that holds
  all its stock codes, else the customer's latest earlier one; where there is none the order lies before the data begins and the
  column stays blank;
* an invoice without a customer stays without one.
"""

from __future__ import annotations

import csv
import zlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

SEED = 2027
YEARS_LATER = 17
FILE = "online_retail_0910.parquet"
HEADERS = ("Invoice", "Order date", "Customer ID", "Country", "Seller", "Net amount", "Margin rate (%)", "Original")


def hashed(*words: object) -> int:
    """A number that is the same on every machine and in every year."""
    return zlib.crc32(":".join(map(str, (SEED, *words))).encode())


def invoices(data: Path) -> pd.DataFrame:
    """One row an invoice, in the order of the data: invoice, moment, customer ("" for none), country, fen, codes."""
    lines = pd.read_parquet(data)
    # Prices have up to three decimals: in thousandths the sums are exact.
    lines["milli"] = (lines["Price"] * 1000).round().astype("int64") * lines["Quantity"]
    lines["customer"] = lines["Customer ID"].map(lambda c: "" if pd.isna(c) else str(int(c)))
    grouped = lines.groupby("Invoice", sort=False)
    table = grouped.agg(
        moment=("InvoiceDate", "min"), customer=("customer", "first"), country=("Country", "first"), milli=("milli", "sum")
    )
    table["codes"] = grouped["StockCode"].agg(frozenset)
    table["fen"] = [(abs(m) + 5) // 10 * (1 if m >= 0 else -1) for m in table["milli"]]
    return table.reset_index()


def deals(data: Path, sellers: Sequence[str]) -> list[tuple[Any, ...]]:
    """The rows of the CSV, as texts, in the order of :data:`HEADERS`."""
    earlier: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
    out = []
    for row in invoices(data).itertuples():
        original = ""
        known = earlier[row.customer] if row.customer else []
        if row.Invoice.startswith("C"):
            original = next((i for i, codes in reversed(known) if row.codes <= codes), known[-1][0] if known else "")
        elif row.fen > 0:
            known.append((row.Invoice, row.codes))
        rate = 800 + hashed(row.customer, "margin") % 4001
        seller = sellers[hashed(row.customer) % len(sellers)]
        moment = f"{int(row.moment[:4]) + YEARS_LATER}{row.moment[4:]}"
        amount = f"{'-' if row.fen < 0 else ''}{abs(row.fen) // 100}.{abs(row.fen) % 100:02}"
        out.append((row.Invoice, moment, row.customer, row.country, seller, amount, f"{rate / 100:.2f}", original))
    return out


def write(path: Path, rows: Sequence[tuple[Any, ...]], encoding: str = "utf-8-sig") -> Path:
    """Write the rows as a CSV; returns its path."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        writer.writerows(rows)
    return path
