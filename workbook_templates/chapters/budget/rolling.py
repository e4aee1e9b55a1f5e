"""A line's months beside its ROI target: what was missed, and what next month is cut by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from udfs import call
from udfs.values import ExcelError
from workbook_templates.tables.schema import Row


def rolled(rows: Sequence[Row], target: Any, month: int, cut: Any) -> list[list[Any]] | ExcelError:
    """BUDGETROLL over the twelve months; a month still to come, or without cost, is open."""
    planned = [[row.get("planned") or 0.0] for row in rows]
    reached = []
    for number, row in enumerate(rows, 1):
        cost = row.get("actual_cost") or 0.0
        reached.append([(row.get("revenue") or 0.0) / cost if cost and number <= month else None])
    found: list[list[Any]] = call("BUDGETROLL", planned, reached, target, cut)
    return next((cell for row in found for cell in row if isinstance(cell, ExcelError)), found)


def months_of(rows: Sequence[Row], line: str) -> list[Row]:
    """A line's twelve months, blank where there is no row."""
    mine: Mapping[int, Row] = {int(row["month"]): row for row in rows if row.get("line") == line and row.get("month")}
    return [mine.get(month, {}) for month in range(1, 13)]
