"""Computing every formula of a plan, searches once a column and once a row in turn: ``python benchmarks/computing.py``.

What a command pays after an edit by another program, less reading and saving; both ways' values are compared.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from workbook_templates import recalc  # noqa: E402
from workbook_templates.chapters import sample  # noqa: E402
from workbook_templates.engine import columns  # noqa: E402
from workbook_templates.making import plan_bytes  # noqa: E402
from workbook_templates.xlsx.package import Package  # noqa: E402


def timed(package: Package, gather: Any) -> tuple[float, dict[Any, str]]:
    """Processor seconds of one whole computation, and its values."""
    columns.gather = gather
    before = time.process_time()
    results = recalc.compute(package)
    return time.process_time() - before, {key: repr(value) for key, value in results.values.items()}


def main() -> None:
    """Make or read the plan, compute it both ways in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deals", type=int, default=10_000)
    parser.add_argument("--pairs", type=int, default=1)
    parser.add_argument("--plan", type=Path, help="a plan that is there")
    chosen = parser.parse_args()
    content = chosen.plan.read_bytes() if chosen.plan else plan_bytes(sample.company("zh", chosen.deals), "zh")[0]
    package, at_once = Package.from_bytes(content), columns.gather
    recalc.compute(package)  # what is known of formulas from then on is known to both
    for _ in range(chosen.pairs):
        ours, values = timed(package, at_once)
        theirs, expected = timed(package, lambda formulas: columns.Gathered())
        assert values == expected
        print(f"{len(values):,} values: once a column {ours:.1f} s, once a row {theirs:.1f} s of processor: {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
