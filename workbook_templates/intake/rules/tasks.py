"""Tasks: one that is closed says what came of it."""

from __future__ import annotations

from workbook_templates.intake.importing import Candidate, Import, ImportRules
from workbook_templates.tables import duties


def _row(run: Import, candidate: Candidate) -> None:
    if list(duties.unexplained([candidate.row])):
        run.refuse(candidate, "result", duties.UNEXPLAINED)


RULES = ImportRules(row=_row)
