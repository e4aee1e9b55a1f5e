"""What the sample company's daily routine ordered until its as-of date, and two waivers that have run out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from udfs.text import Text
from workbook_templates.tables.duties import TABLE, Day, dispatched
from workbook_templates.tables.policies import TABLE as POLICY_CHANGES
from workbook_templates.tables.policies import Policies, changes_of
from workbook_templates.tables.spec import Company, Row, SampleRows
from workbook_templates.tables.words import BUDGET_LINES

_BEFORE = dt.timedelta(days=10)
_MORNING = dt.time(8, 30)
_TRAINING = 4  # its place among the lines of the budget


def rows(company: Company) -> Mapping[str, Sequence[Row]]:
    """By Table."""
    directors = [str(row["person"]) for row in company.of("Roles")]
    others = [person for person in dict.fromkeys(directors) if person != directors[0]]
    if not others or company.day().year != company.year:
        return {}
    waiver: Row = {
        "gate": str(Text("ROI目标", "ROI target")), "object": str(BUDGET_LINES[_TRAINING].label),
        "reason": str(Text("新课程试讲，三月前定目标", "course on trial, target by March")), "by": directors[0],
        "second": others[0], "until_on": dt.date(company.year, 3, 31),
    }  # fmt: skip
    earlier = waiver | {"object": str(BUDGET_LINES[-1].label), "until_on": dt.date(company.year, 2, 28)}
    return {"Waivers": [waiver, earlier]}


def ordered(company: Company, bookings: float) -> list[Row]:
    """The Tasks that the routine comes to when it runs ten days before the as-of date, and on it: to run it again orders nothing.

    ``company`` has all its other rows; ``bookings`` is the quota of the year in yuan.
    """
    tasks: list[Row] = []
    if not company.of("Roles"):
        return tasks
    policies = Policies({}, changes_of(company.of(POLICY_CHANGES))[0])
    quota = {"quota_total": [bookings]}
    for on in (company.day() - _BEFORE, company.day()):
        held: Mapping[str, Sequence[Row]] = {**company.rows, TABLE: tasks}
        moment = dt.datetime.combine(on, _MORNING)
        day = Day(partial(_rows_of, held), policies, on, company.year, moment, named=partial(_rows_of, quota))
        done = dispatched(day)
        tasks = [row | done.edits.get(index, {}) for index, row in enumerate(tasks)] + done.new
    return tasks


def _rows_of(held: Mapping[str, Sequence[Any]], name: str) -> Sequence[Any]:
    return held.get(name, ())


SAMPLE = SampleRows(95, rows)
