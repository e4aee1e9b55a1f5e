"""Next year's plan out of this year's: what goes over and what begins anew. Rows and cells in, a file's content out.

What pays goes over as it stands: deals, credits, cash, ledger, accounts and their statements, settled as they are. So a return, late cash or
a correction of last year's deals is worked out as if the year had not changed, and a person's next account opens where the last one closed.
What is one year's (``TableSpec.yearly``) begins without rows.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from udfs.policy import POLICIES
from udfs.text import speaking
from workbook_templates.cells import Value
from workbook_templates.chapters.incentives.steps import statements
from workbook_templates.recalc import recalculate
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Company, Row, TableSpec
from workbook_templates.xlsx.package import Package, local_name

# Cells that people fill in and that hold on: by name. The year, its as-of date and its sign-off are the new plan's own.
KEPT = (
    "plan_owner", "chapter_owners", "som_capacity", "quota_basis",
    "mail_domains", "mail_from", "mail_sender", "mail_slogan", "mail_fallback", "mail_words",
    *(policy.base_name for policy in POLICIES.values()),
)  # fmt: skip


def tables(off: Collection[int]) -> list[TableSpec]:
    """The Tables whose rows go over."""
    return [spec for name, spec in schema.TABLES.items() if not spec.yearly and schema.home_of(name).number not in off]


def open_months(ledger: Iterable[Row], accounts: Iterable[Row]) -> list[str]:
    """The months of which somebody's statement is not paid."""
    return sorted({month for month, status in statements(ledger, accounts) if status != "paid"})


@dataclass(frozen=True)
class Balances:
    """What the accounts of everybody close with, in yuan."""

    closing: float = 0.0
    held: float = 0.0
    draw_debt: float = 0.0
    on_hold: float = 0.0


def balances(accounts: Iterable[Row]) -> dict[str, Balances]:
    """By person, of the last month that was settled."""
    last: dict[str, Row] = {}
    for row in accounts:
        if row["statement"] != "estimated" and row["month"] >= last.get(row["person"], row)["month"]:
            last[row["person"]] = row
    return {
        person: Balances(*(float(row[key] or 0.0) for key in ("closing", "held", "draw_debt", "on_hold")))
        for person, row in sorted(last.items())
    }


def settled_only(name: str, rows: Sequence[Row]) -> Sequence[Row]:
    """Accounts go over as far as they are settled: empty months after that are worked out in the new plan."""
    return [row for row in rows if row["statement"] != "estimated"] if name == "Accounts" else rows


def content(company: Company, lang: str, cells: Mapping[str, Sequence[Value]]) -> bytes:
    """The new plan as a file; ``cells``: what named cells of the old one hold."""
    from workbook_templates.making import built  # sheets are made with a library that the list of commands need not wait for

    with speaking(lang):
        package = built(company, lang)
        for name, values in cells.items():
            place = package.locate(name) if name in package.names else None
            if place is None:
                continue
            sheet = package.sheets[place[0]]
            inputs = ((at, sheet.get(at), value) for at, value in zip(place[1].cells(), values, strict=False))
            sheet.set_values({at: value for at, cell, value in inputs if cell is None or cell.formula is None})
        _date_properties(package, company.day())
        recalculate(package)
        return _stamped(package.to_bytes(), company.day())


def _date_properties(package: Package, day: dt.date) -> None:
    """The plan says its own day instead of the second it was made: the same plan again gives the same bytes."""
    part = package.related("", "core-properties")
    for node in package.touch(part).iter() if part is not None else ():
        if isinstance(node.tag, str) and local_name(node) in ("created", "modified"):
            node.text = f"{day}T00:00:00Z"


def _stamped(file: bytes, day: dt.date) -> bytes:
    """A file whose parts carry that day, too."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(
                zipfile.ZipInfo(info.filename, (day.year, day.month, day.day, 0, 0, 0)), old.read(info), zipfile.ZIP_DEFLATED
            )
    return out.getvalue()
