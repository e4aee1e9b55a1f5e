"""The whole button: from a file of a million invoices to the written workbook, ``python benchmarks/button.py``.

An empty plan of ours (all its sheets), transactions as CSV or Parquet, ``salesplan refresh`` as the command runs it, in a
process of its own; the time between its own steps is where the time goes. The second run is on the written workbook:
nothing may change.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

AS_OF = dt.date(2027, 12, 31)


def invoices(path: Path, rows: int, customers: int) -> None:
    """Three years of invoices: few customers buy often and much, many seldom; 4% are credit notes."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    chance = np.random.default_rng(7)
    rate = chance.gamma(0.8, 1, customers)
    size = chance.gamma(4, 1 / chance.gamma(2.5, 1, customers)) * 5_000
    who = chance.choice(customers, rows, p=rate / rate.sum())
    days = (np.datetime64(AS_OF) - chance.integers(0, 1095, rows)).astype("datetime64[D]")
    yuan = np.round(size[who] * chance.gamma(5, 1 / 5, rows) * np.where(chance.random(rows) < 0.04, -1, 1), 2)
    columns = {
        "发票号码": pa.array([f"F{i:07}" for i in range(rows)]),
        "开票日期": pa.array(days),
        "客户编号": pa.array([f"C{i:06}" for i in who.tolist()]),
        "净额": pa.array(yuan),
    }
    table = pa.table(columns)
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(table, path)
    else:
        pyarrow.csv.write_csv(table, path)


def clock() -> tuple[float, float]:
    """Seconds that passed and seconds of work: on a busy machine only the latter mean much."""
    return time.perf_counter(), time.process_time()


def one_run(plan: str, source: str) -> dict[str, object]:
    """What the command does, with a clock at each of its steps."""
    begun = time.perf_counter(), 0.0
    from addin import actions
    from addin.book import FileBook
    from addin.performing import perform

    action = actions.every()["refresh"]
    marks = [("start, imports", begun), ("open the workbook", clock())]
    book = FileBook.open(plan)

    def step(text: object) -> None:
        marks.append((str(text), clock()))

    done = perform(action, book, action.defaults(transactions=source), step, backup=False)
    marks.append(("", clock()))
    times = [(name, *(b - a for a, b in zip(at, after, strict=True))) for (name, at), (_, after) in itertools.pairwise(marks)]
    return {
        "steps": times,
        "total": marks[-1][1][0] - begun[0],
        "cpu": marks[-1][1][1],
        "written": done.written,
        "cells": done.effect.size,
        "customers": sum(done.outcome.data["tiers"].values()),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    """Make the files, run twice, print where the time went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--customers", type=int, default=2_000)
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv")
    parser.add_argument("--profile", action="store_true", help="the functions that take longest")
    parser.add_argument("--run", nargs=2, metavar=("PLAN", "SOURCE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        print(json.dumps(one_run(*options.run), ensure_ascii=False))
        return
    from workbook_templates.making import write_plan
    from workbook_templates.tables.schema import Company

    with tempfile.TemporaryDirectory() as folder:
        plan, source = Path(folder) / "plan.xlsx", Path(folder) / f"invoices.{options.format}"
        write_plan(Company("Benchmark", AS_OF.year, AS_OF), plan, "en")
        invoices(source, options.rows, options.customers)
        print(f"{options.rows:,} rows, {source.stat().st_size / 1e6:.0f} MB {options.format}, load {os.getloadavg()[0]:.1f}")
        for label in ("first", "again"):
            environment = {**os.environ, "SALESPLAN_STATE": folder, "SALESPLAN_LANG": "en"}
            command = [sys.executable, __file__, "--run", str(plan), str(source)]
            if options.profile:
                command[1:1] = ["-m", "cProfile", "-o", f"{folder}/profile"]
            found = json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)
            print(
                f"\n{label}: {found['total']:.1f} s, {found['customers']:,} customers, {found['cells']:,} "
                f"cells, {found['memory']:.0f} MB"
            )
            print(f"  passed  worked ({found['cpu']:.1f} s)")
            for name, seconds, worked in found["steps"]:
                print(f"  {seconds:6.2f}  {worked:6.2f}  {name}")
            assert found["written"] == (label == "first")
            if options.profile:
                import pstats

                pstats.Stats(f"{folder}/profile").sort_stats("cumulative").print_stats(40)


if __name__ == "__main__":
    main()
