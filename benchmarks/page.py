"""The cockpit's page and where a figure comes from: ``python benchmarks/page.py [--deals 10000]``.

Each command in a process of its own, as somebody starts it, the median of ``--runs``; then each picture of the page alone. Aims (design,
§4; issue 16): a page in 5 s, a picture in 0.1 s, ``explain`` in 2 s on the sample and in 6 s on 10,000 deals.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from addin import page_reading
from addin.book import FileBook
from benchmarks.plans import Made
from udfs.text import speaking
from workbook_templates.webpage import drawings
from workbook_templates.xlsx.package import Package

EXPLAINED = ("驾驶舱!B7", "驾驶舱!D7", "问题!F20")


def timed(*command: str) -> tuple[float, float]:
    """Seconds that passed and seconds of processor of a command of ours."""
    before, begun = os.times(), time.perf_counter()
    subprocess.run([sys.executable, "-m", "addin.cli", *command], check=True, capture_output=True, env=installed())
    after = os.times()
    passed = time.perf_counter() - begun
    return passed, after.children_user + after.children_system - before.children_user - before.children_system


def installed() -> dict[str, str]:
    """As where it is installed: modules are compiled once, and not by each command."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir(), "salesplan-bytecode"))}


def told(what: str, runs: list[tuple[float, float]]) -> None:
    passed, worked = (statistics.median(run[place] for run in runs) for place in (0, 1))
    print(f"| {what} | {passed:.2f} | {worked:.2f} |", flush=True)


def main() -> None:
    """Make a plan, time the commands, then the pictures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--deals", type=int, default=420)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, speaking("zh"):
        path, page = Path(folder, "plan.xlsx"), Path(folder, "page.html")
        Made(path, asked.deals)
        print(f"| {asked.deals:,} deals | passed, s | processor, s |\n|---|---:|---:|")
        write = ("cockpit", str(path), "--html", str(page), "--force")
        timed(*write)  # compiles
        told("the page", [timed(*write) for _ in range(asked.runs)])
        for cell in EXPLAINED:
            told(f"`explain {cell}`", [timed("explain", str(path), cell, "--json") for _ in range(asked.runs)])
        seen = page_reading.seen(FileBook(Package.open(path)))
        drawings.svg("cd_quarters", *_block(seen.cells["cd_quarters"]))  # the first one starts the library
        for key in drawings.DRAWINGS:
            if key in seen.cells:
                begun, worked = time.perf_counter(), time.process_time()
                drawings.svg(key, *_block(seen.cells[key]))
                told(f"picture `{key}`", [(time.perf_counter() - begun, time.process_time() - worked)])


def _block(cells: list[list[object]]) -> tuple[list[str], list[list[object]]]:
    rows = [row for row in cells[1:] if any(isinstance(cell, int | float) for cell in row[1:])]
    return [str(head or "") for head in cells[0]], rows


if __name__ == "__main__":
    main()
