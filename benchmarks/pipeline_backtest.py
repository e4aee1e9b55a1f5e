"""How good forecasts of closes are on a file of opportunities that everybody can get: stages, days and ends of a public CRM example.

    python benchmarks/pipeline_backtest.py pipeline_public.csv

The file knows one stage: engaged, then won or lost; what is open has no end. It is looked back on as the button does.
"""

from __future__ import annotations

import csv
import datetime as dt
import sys
import time
from pathlib import Path
from typing import Any

from udfs.policy import value
from workbook_templates.chapters.pipeline import forecasting
from workbook_templates.tables.schema import Row

_ENDS = {"Won": "won", "Lost": "lost"}


def history(path: Path) -> list[Row]:
    """Opportunities that were engaged, as visits of one stage."""
    out: list[Row] = []
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["engage_date"]:
                left = dt.date.fromisoformat(row["close_date"]) if row["close_date"] else None
                out.append({"opportunity": row["opportunity_id"], "stage": "negotiation", "entered": dt.date.fromisoformat(row["engage_date"]),
                            "left": left, "outcome": _ENDS.get(row["deal_stage"]) if left else None})  # fmt: skip
    return out


def main() -> None:
    """Print the scores and how long they took."""
    rows = history(Path(sys.argv[1]))
    visits = forecasting.visits_of(rows)
    last = max(row["left"] or row["entered"] for row in rows)
    begun = time.perf_counter()
    found: Any = forecasting.backtest(visits, last, forecasting.rules((), value)).lines()
    took = time.perf_counter() - begun
    print(f"{len(rows)} opportunities, as of {last}, {took:.2f} s")
    for metric, ours, base, n in found:
        print(metric, "–" if ours is None else f"{ours:.4f}", "–" if base is None else f"{base:.4f}", n)
    print(forecasting.verdict(found))


if __name__ == "__main__":
    main()
