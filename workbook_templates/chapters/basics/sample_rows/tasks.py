"""What the sample company's daily routine ordered ten days before its as-of date, and two waivers that have run out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from udfs.text import Text
from workbook_templates.tables.duties import Day, dispatched
from workbook_templates.tables.policies import Policies
from workbook_templates.tables.spec import Company, Row, SampleRows
from workbook_templates.tables.words import BUDGET_LINES

_BEFORE = dt.timedelta(days=10)
_TRAINING = 4  # its place among the lines of the budget


def rows(company: Company) -> Mapping[str, Sequence[Row]]:
    """By Table."""
    last = company.day() - _BEFORE
    if last.year != company.year or not company.of("Roles"):
        return {}
    day = Day(company.of, Policies({}, ()), last, company.year, dt.datetime.combine(last, dt.time(8, 30)))
    directors = [str(row["person"]) for row in company.of("Roles")]
    others = [person for person in dict.fromkeys(directors) if person != directors[0]]
    waiver: Row = {
        "gate": str(Text("ROI目标", "ROI target")), "object": str(BUDGET_LINES[_TRAINING].label),
        "reason": str(Text("新课程试讲，三月前定目标", "course on trial, target by March")), "by": directors[0],
        "second": others[0] if others else None, "until_on": dt.date(company.year, 3, 31),
    }  # fmt: skip
    earlier = waiver | {"object": str(BUDGET_LINES[-1].label), "until_on": dt.date(company.year, 2, 28)}
    return {"Tasks": dispatched(day).new, "Waivers": [waiver, earlier] if others else []}


SAMPLE = SampleRows(95, rows)
