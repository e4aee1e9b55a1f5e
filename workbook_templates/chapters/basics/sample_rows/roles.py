"""Who directs the sample company's lines and its service; other roles outside sales nobody has, so that their tasks are the director's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from workbook_templates.tables import duties
from workbook_templates.tables.spec import Company, Row, SampleRows

_SERVICE = 7  # the chapter whose owner directs service


def rows(company: Company) -> Mapping[str, Sequence[Row]]:
    """The directors of the lines, and the first of them for the whole company."""
    start = dt.date(company.year, 1, 1)
    directors = [row for row in company.of("People") if row["level"] == "director" and not row.get("left")]
    named = [(None, row) for row in directors[:1]] + [(row["line"], row) for row in directors]
    held = {line: row["id"] for line, row in reversed(named)}
    found = [(duties.DIRECTOR, line, held[line]) for line in dict.fromkeys(line for line, _ in named)]
    answers = company.owners.get(_SERVICE, "")
    found += [("service", None, row["id"]) for row in company.of("People") if row.get("name") and str(row["name"]) in answers][:1]
    return {"Roles": [{"role": role, "line": line, "person": who, "from": start, "until": None} for role, line, who in found]}


SAMPLE = SampleRows(45, rows)
