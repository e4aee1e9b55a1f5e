"""Commission rules: the days are in order, and a floor lies below its cap."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.intake.importing import Candidate, Import, ImportRules


def _row(run: Import, candidate: Candidate) -> None:
    row = candidate.row
    first, last, floor, cap = (row.get(key) for key in ("from", "until", "floor", "cap"))
    if first and last and last < first:
        run.refuse(candidate, "until", Text(f"早于起始日期 {first}：请改正", f"is before the first day {first}: correct it"))
    if floor is not None and cap is not None and cap < floor:
        run.refuse(candidate, "cap", Text("小于每单下限：请改正", "is below the floor: correct it"))


RULES = ImportRules(row=_row)
