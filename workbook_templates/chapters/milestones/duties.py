"""A milestone within a week of its day, or past it: whoever answers for it is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from udfs.text import Text, counted
from workbook_templates.chapters.milestones import seeds
from workbook_templates.chapters.milestones.standing import is_open, waits_for
from workbook_templates.tables.duties import DIRECTOR, EVENING, Day, DueTask, Duties, DutyRule, in_role
from workbook_templates.tables.spec import Row


def _due(day: Day) -> Iterator[DueTask]:
    soon = dt.timedelta(days=float(day.setting("milestones.soon")))
    for row in day.rows("Milestones"):
        due = row.get("due")
        if not row.get("id") or not isinstance(due, dt.date) or not is_open(row, day.as_of) or due - soon > day.as_of:
            continue
        late = (day.as_of - due).days
        title = (
            Text(
                f"里程碑 {row['name']} 逾期 {late} 天：写明新日期与措施",
                f"milestone {row['name']}: {counted(late, 'day')} late; say the new day and what is done",
            )
            if late > 0
            else Text(f"里程碑 {row['name']} {due:%m-%d} 到期", f"milestone {row['name']} is due on {due}")
        )
        yield DueTask(
            object=str(row["id"]), episode=due.isoformat(), title=title, owner=row.get("owner"),
            until=dt.datetime.combine(due, EVENING), table="Milestones",
        )  # fmt: skip


def _begun(day: Day) -> Mapping[str, Sequence[Row]]:
    """The plan's own milestones, once there is a director to answer for them: those still to come, of chapters in use; none waits for
    one that is not among them."""
    director = in_role(day, DIRECTOR)
    if director is None or any(row.get("id") for row in day.rows("Milestones")):
        return {}
    coming = [row for row in seeds.rows(day.year, director) if row["due"] >= day.as_of and row["chapter"] not in day.off]
    there = {row["id"] for row in coming}
    return {"Milestones": [row | {"depends": "、".join(n for n in waits_for(row) if n in there) or None} for row in coming]}


DUTIES = Duties(120, (DutyRule("milestone", Text("里程碑", "Milestone"), _due, ("Milestones",)),), begun=_begun)
