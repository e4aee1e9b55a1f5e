"""How fast the customer functions are, beside named peers timed in turn in the same run: ``python benchmarks/customers.py``.

pandas, polars and DuckDB are timed where they are installed. lifetimes needs an old pandas: ``--lifetimes FOLDER`` makes an
environment of its own there (once) and times it in a process of its own, which reports its own seconds. Every peer's result
is compared with ours before anything is timed. As in run.py the median of the pairwise ratios (ours ÷ peer) is what to quote.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.run import Row, paired, timed
from udfs import clv
from udfs.rfm import summary

LIFETIMES = ("lifetimes==0.11.3", "pandas<2", "numpy<1.25")
DAYS = 730


# ------------------------------------------------------------------------------------------------------------------- RFM


def transactions(n: int) -> tuple[Any, Any, Any]:
    """Customers (a tenth as many as rows), days and fen of n rows, a twentieth of them credit notes."""
    chance = np.random.default_rng(2027)
    fen = chance.integers(100, 1_000_000, n)
    return (
        chance.integers(0, max(n // 10, 1), n),
        chance.integers(0, DAYS, n) + 20_000,
        np.where(chance.random(n) < 0.05, -fen // 2, fen),
    )


def with_pandas(ids: Any, days: Any, fen: Any) -> Callable[[], Any]:
    import pandas

    frame = pandas.DataFrame({"id": ids, "day": days, "fen": fen})

    def work() -> Any:
        bought = frame[frame.fen >= 0].drop_duplicates(["id", "day"]).groupby("id").day.agg(["size", "min", "max"])
        return bought.join(frame.groupby("id").fen.sum(), how="outer")

    return work


def with_polars(ids: Any, days: Any, fen: Any) -> Callable[[], Any]:
    import polars

    frame = polars.DataFrame({"id": ids, "day": days, "fen": fen})
    day = polars.col("day").filter(polars.col("fen") >= 0)
    return lambda: frame.group_by("id").agg(
        day.n_unique().alias("n"), day.min().alias("a"), day.max().alias("b"), polars.col("fen").sum()
    )


def with_duckdb(ids: Any, days: Any, fen: Any) -> Callable[[], Any]:
    import duckdb
    import pandas

    frame = pandas.DataFrame({"id": ids, "day": days, "fen": fen})
    base = duckdb.connect()
    base.execute("create table t as select * from frame")
    text = "select id, count(distinct day) filter (fen >= 0), min(day) filter (fen >= 0), max(day) filter (fen >= 0), sum(fen) from t group by id"
    assert len(frame)
    return lambda: base.sql(text).to_arrow_table()


PEERS = {"pandas": with_pandas, "polars": with_polars, "duckdb": with_duckdb}


def totals(peer: str, result: Any) -> tuple[int, int]:
    """Purchase days and fen in all, of a peer's result."""
    if peer == "pandas":
        return int(result["size"].sum()), int(result["fen"].sum())
    if peer == "polars":
        return int(result["n"].sum()), int(result["fen"].sum())
    return tuple(int(sum(result.column(k).to_pylist())) for k in (1, 4))  # type: ignore[return-value]


def rfm(n: int, text: bool, runs: int) -> Iterator[Row]:
    """The summary of n rows against each peer that is installed; texts as Python strings and, where pyarrow is, as an
    Arrow array."""
    ids, days, fen = transactions(n)
    names: Any = [f"C{k:08}" for k in ids.tolist()] if text else ids
    forms = {"text IDs" if text else "number IDs": names}
    if text and find_spec("pyarrow"):
        import pyarrow

        forms["text IDs from Arrow"] = pyarrow.array(names)
    for peer, make in PEERS.items():
        if not find_spec(peer):
            continue
        theirs = make(names, days, fen)
        there = totals(peer, theirs())
        for form, given in forms.items():
            ours = partial(summary, given, days, fen)
            found = ours()
            assert there == (int(found.frequency.sum()), int(found.total.sum())), f"{peer} found other sums"
            yield paired(f"RFM, {n:,} rows, {form}", ours, f"{peer} {__import__(peer).__version__}", theirs, runs)


# ------------------------------------------------------------------------------------------------------------- lifetimes

WORKER = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np, pandas as pd
from lifetimes import BetaGeoFitter
from lifetimes.utils import summary_data_from_transaction_data
for line in sys.stdin:
    job, path = json.loads(line)
    data = np.load(path)
    if job == "fit":
        x, t, T = (pd.Series(data[k]) for k in "xtT")
        began = time.perf_counter()
        model = BetaGeoFitter().fit(x, t, T)
        took, found = time.perf_counter() - began, [float(model.params_[k]) for k in ("r", "alpha", "a", "b")]
    else:
        frame = pd.DataFrame({"id": data["id"], "day": pd.to_datetime("1970-01-01") + pd.to_timedelta(data["day"], "D"), "fen": data["fen"]})
        began = time.perf_counter()
        result = summary_data_from_transaction_data(frame, "id", "day", "fen")
        took, found = time.perf_counter() - began, [float(result.frequency.sum())]
    print(json.dumps([took, found]), flush=True)
"""


@contextmanager
def lifetimes(folder: Path) -> Iterator[Callable[[str, Path], tuple[float, list[float]]]]:
    """Ask lifetimes, in its own environment, to do a job; it answers with its own seconds."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *LIFETIMES], check=True)
    with subprocess.Popen([python, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout

        def ask(job: str, path: Path) -> tuple[float, list[float]]:
            process.stdin.write(json.dumps([job, str(path)]) + "\n")
            process.stdin.flush()
            took, found = json.loads(process.stdout.readline())
            return took, found

        yield ask
        process.stdin.close()


def customers(n: int) -> tuple[Any, Any, Any]:
    """x, t_x, T of n customers who behave as CDNOW's, in weeks of whole days."""
    chance = np.random.default_rng(n)
    rate, leave = chance.gamma(0.243, 1 / 4.414, n), chance.beta(0.793, 2.426, n)
    age = 39 - chance.integers(0, 84, n) / 7
    x, t, clock = np.zeros(n), np.zeros(n), np.zeros(n)
    there = np.flatnonzero(rate > 0)
    while len(there):
        clock[there] += np.maximum(chance.exponential(1 / rate[there]), 1 / 7)
        there = there[clock[there] <= age[there]]
        x[there] += 1
        t[there] = np.minimum(np.ceil(clock[there] * 7 - 1e-9) / 7, age[there])
        there = there[chance.random(len(there)) > leave[there]]
    return x, t, age


def beside(what: str, ours: Callable[[], Any], theirs: Callable[[], float], runs: int) -> Row:
    """As run.paired, for a peer that reports its own seconds."""
    ours()
    pairs = [(timed(ours), theirs()) for _ in range(runs)]
    medians = [statistics.median(side) for side in zip(*pairs, strict=True)]
    return Row(what, medians[0], "lifetimes 0.11.3", medians[1], statistics.median(a / b for a, b in pairs))


def against_lifetimes(folder: Path, runs: int) -> Iterator[Row]:
    """BG/NBD at three sizes and the summary of a million rows."""
    scratch = Path(tempfile.mkdtemp()) / "data.npz"
    with lifetimes(folder) as ask:
        ids, days, fen = transactions(1_000_000)
        fen = np.abs(fen)
        np.savez(scratch, id=ids, day=days, fen=fen)
        found = summary(ids, days, fen)
        assert ask("rfm", scratch)[1][0] == float((found.frequency - 1).sum())
        yield beside("RFM, 1,000,000 rows, number IDs", lambda: summary(ids, days, fen), lambda: ask("rfm", scratch)[0], runs)
        for n in (2357, 100_000, 1_000_000):
            x, t, age = customers(n)
            np.savez(scratch, x=x, t=t, T=age)
            model = clv.fit(x, t, age)
            found_there = ask("fit", scratch)[1]
            assert np.allclose(found_there, [model.r, model.alpha, model.a, model.b], rtol=1e-3), (found_there, model)
            yield beside(f"BG/NBD fit, {n:,} customers", lambda: clv.fit(x, t, age), lambda: ask("fit", scratch)[0], runs)  # noqa: B023


def main() -> None:
    """Run all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 10_000_000])
    parser.add_argument("--lifetimes", type=Path, metavar="FOLDER", help="its environment, made there if missing")
    options = parser.parse_args()
    print("| what | ours, s | peer | peer, s | ours ÷ peer |\n|---|---:|---|---:|---:|")

    def show(rows: Iterator[Row]) -> None:
        for row in rows:
            print(f"| {row.what} | {row.ours:.3f} | {row.peer} | {row.theirs:.3f} | {row.ratio:.2f} |", flush=True)

    for n in options.rows:
        for text in (False, True):
            show(rfm(n, text, options.runs))
    if options.lifetimes:
        show(against_lifetimes(options.lifetimes, options.runs))


if __name__ == "__main__":
    main()
