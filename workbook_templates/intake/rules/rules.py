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
    if row.get("basis") in ("revenue", "cash") and row.get("tiers") in (None, ""):
        reason = Text(
            "是空的：按收入或回款计提要写自己的提成档，参数里的档按毛利率分",
            "is blank: a rule on revenue or cash needs tiers of its own, those of Settings are by margin rate",
        )
        run.refuse(candidate, "tiers", reason)


RULES = ImportRules(row=_row)
