"""Commission statements with charts a second, beside XlsxWriter writing the same sheets: ``python benchmarks/statements.py``.

Ours reads the figures from the plan, works every deal out tier by tier, and composes workbook, letter and text. XlsxWriter
is handed the finished cells: it formats them alike, writes formulas with their values and two charts, and computes nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from udfs.policy import POLICIES  # noqa: E402
from udfs.text import Text  # noqa: E402
from workbook_templates.chapters import sample  # noqa: E402
from workbook_templates.chapters.incentives.pay import reading  # noqa: E402
from workbook_templates.chapters.incentives.pay.run import run  # noqa: E402
from workbook_templates.mailed import Facts, statement  # noqa: E402
from workbook_templates.mailed.statement_figures import statement as figures  # noqa: E402
from workbook_templates.mailed.statement_sheets import sheets  # noqa: E402
from workbook_templates.mailed.writing import MailedSheet  # noqa: E402
from workbook_templates.tables.policies import Policies  # noqa: E402

PERIOD = "2027-06"


def plan(people: int, deals: int) -> Facts:
    """A company of so many sellers with so many deals each in the month, made from the sample's deals."""
    company = sample.company("zh")
    models = [d for d in company.of("Deals") if not d["original"] and not d["partner"]]
    staff = [
        {**company.of("People")[20], "id": f"P{n:04}", "name": f"销售{n:04}", "left": None, "joined": dt.date(2020, 1, 1)}
        for n in range(people)
    ]
    rows = []
    for number in range(people * deals):
        model = models[number % len(models)]
        day = dt.date(2027, 6, number % 28 + 1)
        rows.append({**model, "id": f"D{number:06}", "seller": staff[number // deals]["id"], "partner": None, "date": day})
    values = {key: policy.value for key, policy in POLICIES.items()}
    settings = {k: v.en if isinstance(v, Text) else list(v) if isinstance(v, tuple) else v for k, v in values.items()}
    quotas = [{"person": p["id"], "name": p["name"], "floor": None, "cap": None, "weight": 1.0} for p in staff]
    tables = {
        "People": staff,
        "Customers": company.of("Customers"),
        "Deals": rows,
        "Quotas": quotas,
    }
    made = run(reading.assembled(tables, Policies(dict(settings)), dt.date(2027, 6, 30)))
    tables |= {"Ledger": made.rows, "Accounts": made.accounts}
    named = {"quota_total": [people * 1_200_000.0], "quota_months": [people * 100_000.0] * 12}
    return Facts(company.name, 2027, dt.date(2027, 12, 31), "2027.1", "zh", tables, settings, named)


def written(made: Sequence[MailedSheet]) -> bytes:
    """The same sheets by XlsxWriter."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    looks: dict[tuple[str, str], Any] = {}
    for number, sheet in enumerate(made):
        page = book.add_worksheet(sheet.title)
        for column, width in enumerate(sheet.widths):
            page.set_column(column, column, width)
        for row, cells in sheet.cells.items():
            for column, (value, formula, look, fmt) in cells.items():
                if (look, fmt) not in looks:
                    looks[look, fmt] = book.add_format(
                        {"font_name": "Microsoft YaHei", "bold": look in ("sum", "line"), "bottom": 1, "num_format": "#,##0.00"}
                    )
                style = looks[look, fmt]
                if formula is not None:
                    page.write_formula(row - 1, column - 1, "=" + formula, style, value)
                elif value is None:
                    page.write_blank(row - 1, column - 1, None, style)
                elif isinstance(value, str):
                    page.write_string(row - 1, column - 1, value, style)
                else:
                    page.write_number(row - 1, column - 1, value, style)
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        if number in (0, 2):
            chart = book.add_chart({"type": "column", "subtype": "stacked"})
            for letter in ("D", "E"):
                chart.add_series(
                    {
                        "name": f"='{made[2].title}'!${letter}$5",
                        "categories": f"='{made[2].title}'!$B$6:$B$17",
                        "values": f"='{made[2].title}'!${letter}$6:${letter}$17",
                    }
                )
            page.insert_chart("B22", chart)
    book.close()
    return out.getvalue()


def works(people: int, deals: int) -> tuple[str, Callable[[], Any], Callable[[], Any]]:
    """What is measured, our work and the peer's."""
    facts = plan(people, deals)
    who = statement.recipients(facts, PERIOD)
    assert len(who) == people
    made = [sheets(figures(facts, person, PERIOD)) for person in who]
    cells = sum(len(cells) for book in made for sheet in book for cells in sheet.cells.values())

    def ours() -> None:
        # A plan that was just read: nothing of it is indexed yet.
        fresh = Facts(facts.company, facts.year, facts.as_of, facts.version, facts.lang, facts.rows, facts.settings, facts.named)
        for person in who:
            statement.make(fresh, person, PERIOD)

    def theirs() -> None:
        for one in made:
            written(one)

    return (
        f"{people:,} statements of {deals} deals, 2 charts, {cells // people} cells each: worked out, composed, with letter",
        ours,
        theirs,
    )


def main() -> None:
    """Time both in turn, in seconds of one core, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--deals", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    what, ours, theirs = works(options.people, options.deals)
    pairs = [(cpu(ours), cpu(theirs)) for _ in range(options.runs)]
    mine, peer = (options.people / statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(
        "| what | ours, per core and second | peer | peer, per core and second | ours ÷ peer (time) |\n|---|---:|---|---:|---:|"
    )
    print(f"| {what} | {mine:.0f} | XlsxWriter, the same cells and charts, handed over | {peer:.0f} | {ratio:.2f} |")


def cpu(work: Callable[[], Any]) -> float:
    """Seconds of the processor a call takes: what others do on the machine does not count."""
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    main()
