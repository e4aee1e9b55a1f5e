"""A seller of imported deals whom the plan does not know yet."""

from __future__ import annotations

import datetime as dt

from workbook_templates.intake.importing import ImportRules
from workbook_templates.tables.schema import LEVELS, LINES, Row


def newcomer(value: str, name: str, year: int | None) -> Row:
    """What is required of a person, at its most usual."""
    joined = dt.date(year or dt.date.today().year, 1, 1)
    return {"id": value, "name": name, "level": LEVELS[-1].code, "line": LINES[0].code, "joined": joined}


RULES = ImportRules(newcomer=newcomer)
