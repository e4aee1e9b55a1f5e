"""Accounts of a ledger without draws, holds or held parts, summed up plainly: what stands beside the rows a test writes by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from addin.actions import commission
from addin.book import FileBook
from addin.changes import Changes, lowered
from workbook_templates.chapters.incentives.cycle.digests import MOVEMENTS

Row = dict[str, Any]
_COLUMN = {"clawback": "clawback", "adjustment": "adjustment", "bonus": "bonus"}


def accounts_of(ledger: Sequence[Mapping[str, Any]], there: Sequence[Mapping[str, Any]] = ()) -> list[Row]:
    """The accounts of every person and month of a ledger; those ``there`` that were reviewed or later stay as they are."""
    kept = {(row["month"], row["person"]): dict(row) for row in there if row["statement"] != "estimated"}
    keys = sorted({(row["period"], row["person"]) for row in ledger} | set(kept))
    out: dict[tuple[str, str], Row] = {}
    closing: dict[str, float] = {}
    for month, person in keys:
        row = kept.get((month, person))
        if row is None:
            row = {"person": person, "month": month, **dict.fromkeys(MOVEMENTS, 0.0), "opening": closing.get(person, 0.0)}
            for line in ledger:
                if (line["period"], line["person"]) == (month, person):
                    column = _COLUMN.get(line["kind"], "released")
                    row[column] = round(row[column] + line["commission"], 2)
            left = round(sum(row[k] for k in ("opening", "released", "clawback", "adjustment", "bonus")), 2)
            row |= {"paid": max(left, 0.0), "closing": min(left, 0.0), "statement": "estimated", "bookings": 0.0, "quota": None}
            row |= {"attainment": None, "year_to_date": max(left, 0.0), "note": "结转：为负" if left < 0 else None}
        closing[person] = row["closing"]
        out[month, person] = row
    return list(out.values())


# Until the commission action writes Accounts itself; then ``account`` does nothing and can go.
_WRITTEN = "Accounts" in Path(str(commission.__file__)).read_text("utf-8")


def account(path: Path) -> None:
    """Give a file the accounts of its ledger where computing does not."""
    book = FileBook.open(path)
    if _WRITTEN or book.own_grid("Accounts") is None:
        return
    rows = accounts_of(book.read("Ledger").rows, book.read("Accounts").rows)
    effect = lowered(book, Changes(replaced={"Accounts": rows}))
    if effect:
        book.apply(effect)
        book.settle()
        book.save(backup=False)
