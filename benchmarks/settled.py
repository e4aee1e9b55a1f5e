"""``commission`` on a company of 100 people whose twelve months are locked, 10,000 deals: ``python benchmarks/settled.py``.

The plan is the sample's with more sellers, every month reviewed and locked by the steps the buttons take; in January of the next year
one deal of the year before is corrected. Timed is the whole command in a process of its own, as a person runs it: open, compute, guard,
write, recalculate, save; beside it what the pay run alone takes. Memory is the process's peak.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from addin.actions import commission  # noqa: E402
from addin.book import FileBook  # noqa: E402
from addin.performing import perform  # noqa: E402
from workbook_templates.chapters import sample  # noqa: E402
from workbook_templates.chapters.incentives import cycle  # noqa: E402
from workbook_templates.chapters.incentives.cycle import Act, Tables  # noqa: E402
from workbook_templates.chapters.incentives.pay import reading  # noqa: E402
from workbook_templates.chapters.incentives.pay.run import run  # noqa: E402
from workbook_templates.making import write_plan  # noqa: E402
from workbook_templates.recalc import recalculate  # noqa: E402
from workbook_templates.tables import grids  # noqa: E402
from workbook_templates.tables.policies import TABLE, Policies, changes_of  # noqa: E402
from workbook_templates.tables.schema import Company  # noqa: E402
from workbook_templates.xlsx.package import Package  # noqa: E402


def settled(deals: int, people: int) -> Company:
    """The sample with so many people, all of its year locked."""
    company = sample.company("zh", deals)
    rows: dict[str, list[Any]] = {name: [dict(row) for row in company.of(name)] for name in company.rows}
    sellers = {row["seller"] for row in rows["Deals"] if row["seller"]}
    models = [row for row in rows["People"] if row["id"] in sellers and not row.get("left")]
    more = [{**models[n % len(models)], "id": f"N{n:03}", "name": f"新人{n}"} for n in range(people - len(rows["People"]))]
    rows["People"] += more
    orders = [row for row in rows["Deals"] if not row["original"] and not row["partner"]]
    for place, row in enumerate(orders):
        if more and place % 3 == 0:
            row["seller"] = more[place // 3 % len(more)]["id"]
    bought = {row["id"]: row for row in rows["Deals"]}
    for row in rows["Deals"]:
        if row["original"]:
            row |= {key: bought[row["original"]][key] for key in ("seller", "partner", "seller_share")}
    rows |= {name: [] for name in cycle.TABLES}
    as_of = dt.date(company.year + 1, 1, 31)
    facts = reading.assembled(rows, Policies({}, changes_of(rows.get(TABLE, []))[0]), as_of)
    facts.version = company.version
    done = run(facts)
    tables = Tables(sorted(done.rows, key=lambda row: str(row["period"])), accounts=done.accounts)
    for month in range(1, 13):
        act = Act(f"{company.year}-{month:02}", "周敏", dt.datetime(company.year, month, 28))
        for take, who in ((cycle.review, "周敏"), (cycle.lock, "陈立")):
            step = take(tables, dataclasses.replace(act, who=who))
            assert not step.faults, step.faults[:3]
            tables = cycle.applied(tables, step)
    rows |= {name: [dict(row) for row in getattr(tables, name.lower())] for name in cycle.TABLES}
    return dataclasses.replace(company, rows=rows, as_of=as_of)


def corrected(path: Path, computed: bool) -> None:
    """One deal's revenue, raised; ``computed``: by this program, else by another, after which everything is computed anew."""
    package = Package.open(path)
    deals = grids.held(package, "Deals")
    at: Any = deals.at(5, "revenue")
    package.sheets[deals.grid.sheet].set_values({at: deals.rows[5]["revenue"] + 1000.0})
    if computed:
        recalculate(package)
    package.save(backup=False)


def timed(path: Path) -> dict[str, float]:
    """The command in this process; seconds of processor and of the clock, MB at most."""
    start, spent = time.perf_counter(), time.process_time()
    done = perform(commission.ACTION, FileBook.open(path), commission.ACTION.defaults(), backup=False)
    assert done.written and done.outcome.data["adjustments"], done.outcome
    return {
        "seconds": time.perf_counter() - start,
        "processor": time.process_time() - spent,
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    """Make the plan, then the command in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deals", type=int, default=10_000)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--typed", action="store_true", help="the deal was corrected in another program")
    parser.add_argument("--time", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.time:
        print(json.dumps(timed(chosen.time)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "settled.xlsx"
        write_plan(settled(chosen.deals, chosen.people), path, "zh")
        corrected(path, not chosen.typed)
        answer = subprocess.run([sys.executable, __file__, "--time", str(path)], capture_output=True, text=True, check=True)
    found = json.loads(answer.stdout)
    print(f"commission, {chosen.deals:,} deals, {chosen.people} people, 12 locked months: {found['seconds']:.1f} s "
          f"({found['processor']:.1f} s of processor), {found['mb']:.0f} MB at most")  # fmt: skip


if __name__ == "__main__":
    main()
