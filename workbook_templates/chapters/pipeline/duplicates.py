"""Customers that may be one: what the button lists for review, and the sample's pair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from udfs import call
from udfs.values import ExcelError
from workbook_templates.tables.spec import Row


def likely_pairs(customers: Sequence[Row], setting: Callable[[str], Any]) -> list[Row]:
    """Likely duplicates by the company's own threshold and legal forms, customers by ID; who is an alias already is left out."""
    rows = [row for row in customers if row.get("id") and not row.get("alias_of")]
    if not rows:
        return []
    cells = [[[row.get(key)] for row in rows] for key in ("name", "credit_code", "city")]
    found = call("DUPLICATES", *cells, float(setting("duplicates.threshold")), [list(setting("duplicates.suffixes"))])
    if isinstance(found[0][0], ExcelError) or found[0][0] is None:
        return []
    return [
        {
            "a": rows[int(a) - 1]["id"],
            "b": rows[int(b) - 1]["id"],
            "score": score,
            "certain": "yes" if certain else "no",
            "evidence": str(evidence),
        }
        for a, b, score, certain, evidence in found
    ]
