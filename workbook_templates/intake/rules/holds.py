"""Holds: the months are in order."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.intake.importing import Candidate, Import, ImportRules


def _row(run: Import, candidate: Candidate) -> None:
    first, last = candidate.row.get("from"), candidate.row.get("until")
    if first and last and last < first:
        reason = Text(f"早于起始月 {first}：请改正", f"is before the first month {first}: correct it")
        run.refuse(candidate, "until", reason)


RULES = ImportRules(row=_row)
