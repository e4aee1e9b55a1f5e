"""How fast it is, beside a named peer timed in the same run: ``python benchmarks/run.py``.

Each row times ours and the peer in turn, several times, and shows the medians and the median of the pairwise ratios (ours ÷ peer;
below 1 we are faster). Single figures mean little on a shared machine; the ratio is what to quote.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))


class Row(NamedTuple):
    what: str
    ours: float
    peer: str
    theirs: float
    ratio: float


def timed(work: Callable[[], Any]) -> float:
    """Processor seconds one call takes, its child processes' included: others on the machine do not count."""
    before = os.times()
    work()
    after = os.times()
    return sum(after[:4]) - sum(before[:4])


def paired(what: str, ours: Callable[[], Any], peer: str, theirs: Callable[[], Any], runs: int) -> Row:
    """Time both in turn, after one uncounted round."""
    ours(), theirs()
    pairs = [(timed(ours), timed(theirs)) for _ in range(runs)]
    return Row(
        what,
        statistics.median(a for a, _ in pairs),
        peer,
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
    )


def start_up(runs: int) -> Row:
    """A fresh interpreter that imports our functions, against one that imports numpy alone."""

    def python(code: str) -> Callable[[], Any]:
        return lambda: subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)

    return paired("import udfs (new process)", python("import udfs"), "import numpy (new process)", python("import numpy"), runs)


def a_million_cells(runs: int) -> list[Row]:
    """COMMISSION over 1,000,000 orders: cells in and out against the same arithmetic in plain NumPy with the same lists."""
    import udfs

    chance = np.random.default_rng(2027)
    revenue = (chance.random((1_000_000, 1)) * 1e6).round(2)
    margin = chance.random((1_000_000, 1)) * 0.4
    cells = revenue.tolist(), margin.tolist()

    def plain(revenue: Any, margin: Any) -> Any:
        low, mid, high = np.clip(margin, 0, 0.2), np.clip(margin - 0.2, 0, 0.05), np.clip(margin - 0.25, 0, None)
        return np.round(revenue * (low * 0.03 + mid * 0.05 + high * 0.08), 2)

    def plain_cells() -> Any:
        return plain(np.array(cells[0], dtype=float), np.array(cells[1], dtype=float)).tolist()

    return [
        paired(
            "COMMISSION, 1,000,000 cells as lists",
            lambda: udfs.call("COMMISSION", *cells),
            "NumPy from and to lists",
            plain_cells,
            runs,
        ),
        paired(
            "COMMISSION, 1,000,000 cells as arrays",
            lambda: udfs.call("COMMISSION", revenue, margin),
            "NumPy alone",
            lambda: plain(revenue, margin),
            runs,
        ),
    ]


def plans(runs: int, deals: int) -> list[Row]:
    """The demo and a plan of many deals: made, and changed by an action, beside others that only write or copy the same cells."""
    from benchmarks import plans as made

    with tempfile.TemporaryDirectory() as folder:
        small, large = made.Made(Path(folder) / "demo.xlsx"), made.Made(Path(folder) / "large.xlsx", deals)
        rows = []
        for plan, name in ((small, "the demo"), (large, f"the plan of {deals:,} deals")):
            what = f"{name}, {plan.count:,} cells: built, computed, written"
            rows.append(paired(what, plan.write, "XlsxWriter, the same cells, values given", plan.write_by_xlsxwriter, runs))
        large.prepare()
        part = f"`commission` on the plan of {deals:,} deals, one deal changed by an action of ours"
        rows.append(paired(part, large.commission_in_part, "changed by another program, all computed", large.commission, runs))
        action = f"`commission` on the plan of {deals:,} deals, one deal changed"
        rows.append(
            paired(action, large.commission, "openpyxl opens and saves it, computes nothing", large.copy_by_openpyxl, runs)
        )
        ours, theirs = (rows[i].ours / plan.count * 1e6 for i, plan in ((1, large), (0, small)))
        rows.append(Row(f"µs a cell, {large.count:,} cells", ours, f"ours, {small.count:,} cells", theirs, ours / theirs))
    return rows


def statements(runs: int, people: int) -> list[Row]:
    """Commission statements composed, against XlsxWriter writing the same cells and charts (benchmarks/statements.py
    alone: 1,000)."""
    from benchmarks import statements as mailed

    what, ours, theirs = mailed.works(people, 10)
    return [paired(what, ours, "XlsxWriter, the same cells and charts, handed over", theirs, runs)]


def main() -> None:
    """Run all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--deals", type=int, default=10_000)
    parser.add_argument("--people", type=int, default=200, help="statements composed")
    options = parser.parse_args()
    rows = [start_up(options.runs), *a_million_cells(options.runs), *plans(max(options.runs // 2, 1), options.deals)]
    rows += statements(max(options.runs // 2, 1), options.people)
    print("| what | ours, processor s | peer | peer, processor s | ours ÷ peer |\n|---|---:|---|---:|---:|")
    for row in rows:
        print(f"| {row.what} | {row.ours:.3f} | {row.peer} | {row.theirs:.3f} | {row.ratio:.2f} |")


if __name__ == "__main__":
    main()
