"""The library of cases is looked through once a quarter, each case by who answers for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from udfs.text import Text
from workbook_templates.tables.duties import EVENING, Day, DueTask, Duties, DutyRule

_MONTHS = 3


def _unreviewed(day: Day) -> Iterator[DueTask]:
    quarter = (day.as_of.month - 1) // _MONTHS
    begin = dt.date(day.as_of.year, quarter * _MONTHS + 1, 1)
    following = dt.date(day.as_of.year + (quarter == 3), (quarter * _MONTHS + _MONTHS) % 12 + 1, 1)
    for row in day.rows("Cases"):
        on = row.get("reviewed_on")
        if not row.get("id") or (isinstance(on, dt.date) and on >= begin):
            continue
        yield DueTask(
            object=str(row["id"]),
            episode=f"{day.as_of.year}-Q{quarter + 1}",
            title=Text(
                f"案例 {row['id']}（{row.get('industry')}）本季未复核：核对数据与授权，更新复核日期",
                f"case {row['id']} ({row.get('industry')}) is not reviewed this quarter: look at figures and consent, enter the day",
            ),
            owner=row.get("owner"),
            until=dt.datetime.combine(following - dt.timedelta(days=1), EVENING),
            table="Cases",
        )


DUTIES = Duties(30, (DutyRule("case_review", Text("案例复核", "Case review"), _unreviewed, ("Cases",)),))
