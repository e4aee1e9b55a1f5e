"""From a file of a million invoices to what each customer bought, beside pandas, polars and DuckDB: ``python
benchmarks/reading.py``.

The same file for all, text IDs, ISO dates, 5% credit notes; each peer reads and computes purchase days, first, last, total,
the part after the first purchase day and the trailing 12 months, and its sums are compared with ours before anything is
timed. Ours also checks every cell, looks for repeated lines and merges spellings, which the peers don't. In turn, medians,
as in run.py; seconds of CPU are added, since peers use all cores.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.customers import transactions
from workbook_templates.transactions import frames, read

AS_OF = dt.date(2026, 12, 31)
YEAR = dt.date(2025, 12, 31)
HEADERS = ("invoice", "date", "customer", "amount")


def write(folder: Path, n: int) -> dict[str, Path]:
    """The file as CSV and as Parquet."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    ids, days, fen = transactions(n)
    moment = (days - days.min() + (dt.date(2025, 1, 1) - dt.date(1970, 1, 1)).days).astype("datetime64[D]")
    texts = [pa.array([f"F{k:08}" for k in range(n)]), pa.array(moment), pa.array([f"C{k:08}" for k in ids.tolist()])]
    table = pa.table([*texts, pa.array(fen / 100)], names=HEADERS)
    paths = {kind: folder / f"t.{kind}" for kind in ("csv", "parquet")}
    pyarrow.csv.write_csv(table, paths["csv"], pyarrow.csv.WriteOptions(quoting_style="none"))
    pyarrow.parquet.write_table(table, paths["parquet"])
    return paths


def with_pandas(path: Path) -> tuple[int, int, int, int]:
    import pandas

    frame = pandas.read_csv(path, parse_dates=["date"]) if path.suffix == ".csv" else pandas.read_parquet(path)
    frame["fen"] = (frame.amount * 100).round().astype("int64")
    frame["date"] = pandas.to_datetime(frame.date)
    bought = frame[frame.fen >= 0].drop_duplicates(["customer", "date"]).groupby("customer").date.agg(["size", "min", "max"])
    later = frame[frame.date > frame.customer.map(bought["min"])].groupby("customer").fen.sum()
    recent = frame[frame.date > pandas.Timestamp(YEAR)].groupby("customer").fen.sum()
    total = frame.groupby("customer").fen.sum()
    return int(bought["size"].sum()), int(total.sum()), int(later.sum()), int(recent.sum())


def with_polars(path: Path) -> tuple[int, int, int, int]:
    import polars

    rows = polars.scan_csv(path, try_parse_dates=True) if path.suffix == ".csv" else polars.scan_parquet(path)
    fen = (polars.col("amount") * 100).round().cast(polars.Int64)
    rows = rows.select("customer", "date", fen.alias("fen"))
    day = polars.col("date").filter(polars.col("fen") >= 0)
    found = rows.group_by("customer").agg(
        day.n_unique().alias("n"),
        day.min().alias("a"),
        day.max().alias("b"),
        polars.col("fen").sum().alias("total"),
        polars.col("fen").filter(polars.col("date") > day.min()).sum().alias("later"),
        polars.col("fen").filter(polars.col("date") > YEAR).sum().alias("recent"),
    )
    sums = found.collect().select(polars.col("n", "total", "later", "recent").sum())
    return tuple(int(v) for v in sums.row(0))  # type: ignore[return-value]


def with_duckdb(path: Path) -> tuple[int, int, int, int]:
    import duckdb

    text = f"""
    with t as (select customer, date::date as day, round(amount * 100)::bigint as fen from '{path}'),
    f as (select customer, count(distinct day) n, min(day) a, max(day) b from t where fen >= 0 group by customer),
    c as (select customer, any_value(n) n, any_value(a) a, any_value(b) b, sum(fen) total, sum(fen) filter (day > a) later,
          sum(fen) filter (day > date '{YEAR}') recent from t left join f using (customer) group by customer)
    select sum(n), sum(total), sum(later), sum(recent) from c"""
    with duckdb.connect() as base:
        return tuple(int(v) for v in base.sql(text).fetchall()[0])  # type: ignore[return-value]


def ours(path: Path) -> tuple[int, int, int, int]:
    purchases, report = read(path, AS_OF)
    assert report.counted == report.read
    found = purchases.summary
    return tuple(int(c.sum()) for c in (found.frequency, found.total, found.repeat, purchases.recent))  # type: ignore[return-value]


def without_arrow(path: Path) -> tuple[int, int, int, int]:
    """As where pyarrow is not installed."""
    kept = frames.find_spec
    frames.find_spec = lambda name: None  # type: ignore[assignment]
    try:
        return ours(path)
    finally:
        frames.find_spec = kept


def in_place(path: Path) -> tuple[int, int, int, int]:
    """The ibis expression on DuckDB, from the same file."""
    purchases, _ = read(f"duckdb://?query=select * from '{path}'", AS_OF, in_place=True)
    found = purchases.summary
    return tuple(int(c.sum()) for c in (found.frequency, found.total, found.repeat, purchases.recent))  # type: ignore[return-value]


def timed(work: Callable[[Path], Any], path: Path) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work(path)
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    """Run all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    peers = {
        name: work
        for name, work in (("pandas", with_pandas), ("polars", with_polars), ("duckdb", with_duckdb))
        if find_spec(name)
    }
    mine: dict[str, Callable[[Path], Any]] = {"ours": ours, "ours, in place (ibis on DuckDB)": in_place}
    print("| file | what | s | s of CPU | ours ÷ it |\n|---|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for kind, path in write(Path(folder), options.rows).items():
            sides = mine | ({"ours without pyarrow": without_arrow} if kind == "csv" else {}) | peers
            found = {name: work(path) for name, work in sides.items()}
            assert len(set(found.values())) == 1, found
            times: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
            for _ in range(options.runs):
                for name, work in sides.items():
                    times[name].append(timed(work, path))
            for name, runs in times.items():
                wall, cpu = (statistics.median(side) for side in zip(*runs, strict=True))
                ratio = statistics.median(a[0] / b[0] for a, b in zip(times["ours"], runs, strict=True))
                named = f"{name} {__import__(name).__version__}" if name in peers else name
                print(f"| {kind} | {named} | {wall:.2f} | {cpu:.2f} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
