"""The sample company's milestones: the plan's eleven, one of them late, and what it added for the second half."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from udfs.text import Text
from workbook_templates.chapters.milestones import seeds
from workbook_templates.tables.spec import Company, Row, SampleRows

_LATE = "M10"  # the Flex library: the story's thirteenth fact
_SLIPPED = {"M05": 3, "M08": 6}  # done some days after their day
_OWN = (
    (6, 30, 1, Text("年中复盘", "Mid-year review")), (7, 6, 5, Text("下半年指标复核", "Second-half quotas reviewed")),
    (9, 16, 6, Text("秋季技术日", "Autumn technology day")), (10, 15, 11, Text("次年预算草案", "Next year's budget drafted")),
    (11, 26, 2, Text("S 级客户年会", "S customers' conference")), (12, 17, 5, Text("次年计划会签", "Next year's plan signed")),
)  # fmt: skip


def rows(company: Company) -> Mapping[str, Sequence[Row]]:
    """Done up to the as-of date, but for the one that is late."""
    day, year = company.day(), company.year
    owners = [row["id"] for row in company.of("People") if row["level"] == "director" and not row.get("left")]
    made = seeds.rows(year, owners[0] if owners else None)
    first = len(made) + 1
    for number, (month, on, chapter, name) in enumerate(_OWN, first):
        made.append(made[0] | {"id": f"M{number:02d}", "name": str(name), "chapter": chapter, "month": f"{year}-{month:02d}",
                               "due": dt.date(year, month, on), "depends": None})  # fmt: skip
    for number, row in enumerate(made):
        if owners:
            row["owner"] = owners[number % len(owners)]
        finished = row["due"] + dt.timedelta(days=_SLIPPED.get(row["id"], 0))
        if finished <= day and row["id"] != _LATE:
            row |= {"done": finished, "evidence": str(Text("会议纪要", "minutes"))}
    return {"Milestones": made}


SAMPLE = SampleRows(62.12, rows)
