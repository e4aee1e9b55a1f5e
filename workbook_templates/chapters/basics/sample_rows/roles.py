"""Who directs the sample company's lines; roles outside sales nobody has, so that their tasks are the director's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from workbook_templates.tables import duties
from workbook_templates.tables.spec import Company, Row, SampleRows


def rows(company: Company) -> Mapping[str, Sequence[Row]]:
    """The directors of the lines, and the first of them for the whole company."""
    start = dt.date(company.year, 1, 1)
    directors = [row for row in company.of("People") if row["level"] == "director" and not row.get("left")]
    named = [(None, row) for row in directors[:1]] + [(row["line"], row) for row in directors]
    held = {line: row["id"] for line, row in reversed(named)}
    return {
        "Roles": [
            {"role": duties.DIRECTOR, "line": line, "person": held[line], "from": start, "until": None}
            for line in dict.fromkeys(line for line, _ in named)
        ]
    }


SAMPLE = SampleRows(45, rows)
