"""A plan for mail: the sample's people with their last five months of deals and the sheet of the mail settings, nothing else.

What is composed, listed, sent and logged is the same as with the whole sample, whose other sheets take most of the time.
"""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

from addin import guarding
from tests.plans import sample_company
from tests.small_plan import small_plan
from workbook_templates.chapters.basics.sheets import mail_templates
from workbook_templates.chapters.incentives.cycle import exported
from workbook_templates.tables.schema import Company

FIRST = "2027-08"
TABLES = ("Regions", "People", "Transfers", "Draws", "Customers", "Quotas", "Disputes")
BY_MONTH = {"Ledger": "period", "Statements": "period", "Approvals": "period", "Accounts": "month"}


@functools.cache
def _company(lang: str) -> Company:
    whole = sample_company(lang)
    cycle = {name: [row for row in whole.of(name) if row[month] >= FIRST] for name, month in BY_MONTH.items()}
    ledger = cycle["Ledger"]
    deals = {row["id"]: row for row in whole.of("Deals")}
    kept = {row["deal"] for row in ledger}
    kept |= {deals[id]["original"] for id in kept}
    rows = {name: whole.of(name) for name in TABLES}
    chosen = [row for id, row in deals.items() if id in kept]
    customers = {row["customer"] for row in chosen}
    rows["Customers"] = [row for row in whole.of("Customers") if row["id"] in customers]
    return dataclasses.replace(whole, rows={**rows, **cycle, "Deals": chosen})


def mail_plan(lang: str, folder: Path) -> Path:
    """A copy that a test may change, with its seal file."""
    path = small_plan(folder / f"plan-{lang}.xlsx", _company(lang), lang, [mail_templates])
    settled = [exported.entry_of(row) for row in _company(lang).of("Statements") if row["locked_on"]]
    guarding.beside_plan(path).write_bytes(exported.written(settled))
    return path
