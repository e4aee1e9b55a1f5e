"""Sources: the Table is one of the plan's, and what was said of a source can be done."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.answers import meant
from workbook_templates.intake import remembered
from workbook_templates.intake.importing import Candidate, Import, ImportRules
from workbook_templates.tables import schema


def _row(run: Import, candidate: Candidate) -> None:
    row = candidate.row
    said = str(row.get("table") or "")
    table = next(
        (t for t in schema.TABLES.values() if said.casefold() in {t.name.casefold(), *(n.casefold() for n in t.title)}), None
    )
    if table is None:
        names = [name for t in schema.TABLES.values() for name in (t.name, *t.title)]
        run.refuse(candidate, "table", Text(f"没有表“{said}”", f"names no Table: “{said}”") + meant(said, names))
        return
    row["table"] = table.name
    try:
        remembered.check(remembered.choice_of(row))
    except remembered.Wrong as wrong:
        run.refuse(candidate, wrong.column, wrong.text)


RULES = ImportRules(row=_row)
