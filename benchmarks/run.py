"""How fast it is, beside a named peer timed in the same run: ``python benchmarks/run.py``.

Each row times ours and the peer in turn, several times, and shows the medians and the median of the pairwise ratios (ours ÷ peer;
below 1 we are faster). Single figures mean little on a shared machine; the ratio is what to quote.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
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
    """Seconds one call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


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


def a_workbook(runs: int, deals: int) -> list[Row]:
    """The sample plan with many deals, all values computed, against XlsxWriter writing the same cells (values given to it)."""
    import openpyxl
    import xlsxwriter

    from workbook_templates import sample
    from workbook_templates.making import write_plan

    folder = Path(tempfile.mkdtemp())
    company = sample.company("zh", deals)
    ours, theirs = folder / "ours.xlsx", folder / "theirs.xlsx"
    write_plan(company, ours, "zh")
    formulas, shown = openpyxl.load_workbook(ours), openpyxl.load_workbook(ours, data_only=True)
    sheets = [
        (
            name,
            [
                (c.row - 1, c.column - 1, c.value, shown[name].cell(c.row, c.column).value)
                for row in formulas[name]
                for c in row
                if c.value is not None
            ],
        )
        for name in formulas.sheetnames
    ]
    count = sum(len(cells) for _, cells in sheets)

    def write() -> None:
        book = xlsxwriter.Workbook(str(theirs))
        for name, cells in sheets:
            sheet = book.add_worksheet(name)
            for row, column, value, cached in cells:
                if isinstance(value, str) and value.startswith("="):
                    sheet.write_formula(row, column, value, None, cached if cached is not None else "")
                elif isinstance(value, int | float | str | bool):
                    sheet.write(row, column, value)
                else:
                    sheet.write_string(row, column, str(value))
        book.close()

    what = f"the plan of {deals:,} deals, {count:,} cells: built, computed, written"
    return [paired(what, lambda: write_plan(company, ours, "zh"), "XlsxWriter, the same cells, values given", write, runs)]


def statements(runs: int, people: int) -> list[Row]:
    """Commission statements composed, against XlsxWriter writing the same cells and charts (benchmarks/statements.py alone: 1,000)."""
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
    rows = [start_up(options.runs), *a_million_cells(options.runs), *a_workbook(max(options.runs // 2, 1), options.deals)]
    rows += statements(max(options.runs // 2, 1), options.people)
    print("| what | ours, s | peer | peer, s | ours ÷ peer |\n|---|---:|---|---:|---:|")
    for row in rows:
        print(f"| {row.what} | {row.ours:.3f} | {row.peer} | {row.theirs:.3f} | {row.ratio:.2f} |")


if __name__ == "__main__":
    main()
