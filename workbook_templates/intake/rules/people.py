"""A seller of imported deals whom the plan does not know yet; nobody is their own manager."""

from __future__ import annotations

import datetime as dt

from udfs.text import Text
from workbook_templates.intake.importing import Candidate, Import, ImportRules
from workbook_templates.intake.parsing import fold
from workbook_templates.tables.schema import LEVELS, LINES, Row


def newcomer(value: str, name: str, year: int | None) -> Row:
    """What is required of a person, at its most usual."""
    joined = dt.date(year or dt.date.today().year, 1, 1)
    return {"id": value, "name": name, "level": LEVELS[-1].code, "line": LINES[0].code, "joined": joined}


def _named(run: Import, candidate: Candidate) -> None:
    manager = candidate.row.get("manager")
    if manager is not None and fold(manager) == fold(candidate.row["id"]):
        run.refuse(candidate, "manager", Text("是本人：请清空或改正", "is the person: clear it or correct it"))


RULES = ImportRules(newcomer=newcomer, named=_named)
