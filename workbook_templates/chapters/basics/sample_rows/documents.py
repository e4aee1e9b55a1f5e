"""One document that the sample company had made before: it lies in the folder of the plan's last version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from udfs.text import Text
from workbook_templates import documents
from workbook_templates.tables.spec import Company, Row, SampleRows

_KIND = Text("年度计划说明", "Plan brochure")


def rows(company: Company) -> Mapping[str, Sequence[Row]]:
    """By Table."""
    made = documents.Made(_KIND, "PLAN", ".pptx", company.name.encode("utf-8"))
    day = dt.date(company.year, 1, 15)
    if day > company.day():
        return {}
    return {
        documents.TABLE: [
            {"id": "D00001", "kind": str(_KIND), "object": made.object, "sha256": made.sha256, "made_on": day,
             "file": documents.file_name(str(_KIND), made.object, day, made.ending), "by": str(Text("计划员", "planner"))}
        ]
    }  # fmt: skip


SAMPLE = SampleRows(94, rows)
