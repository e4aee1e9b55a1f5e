"""A campaign whose leads cost too much gets another creative by its next review; minutes follow an event within two days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from udfs.text import Text
from workbook_templates.chapters.marketing.campaigns import by_campaign, judged, since
from workbook_templates.chapters.marketing.tables import CHANGE
from workbook_templates.tables.duties import EVENING, Day, DueTask, Duties, DutyRule


def _creatives(day: Day) -> Iterator[DueTask]:
    spend, benchmarks, changes = by_campaign(day.rows("AdSpend")), day.rows("Benchmarks"), day.rows("Creatives")
    for row in day.rows("Campaigns"):
        until = row.get("until")
        if not row.get("campaign") or (isinstance(until, dt.date) and until < day.as_of):
            continue
        found = judged(row, spend.get(str(row["campaign"]), []), benchmarks, day.as_of, day.setting)
        begun = since(row, changes, day.as_of)
        if found is None or found.state != CHANGE or begun is None or found.benchmark is None:
            continue
        cost = (
            Text("没有线索", "no lead")
            if found.cpl is None
            else Text(f"每线索 {found.cpl:,.0f} 元", f"{found.cpl:,.0f} yuan a lead")
        )
        yield DueTask(
            object=str(row["campaign"]),
            episode=f"{begun:%Y-%m-%d}",
            title=Text(
                f"{row['campaign']} 近三日 {cost.zh}，行业 {found.benchmark:,.0f} 元：复盘前更换素材",
                f"{row['campaign']}: {cost.en} in three days, the industry pays {found.benchmark:,.0f}: change the creative by the review",
            ),
            owner=row.get("owner"),
            until=dt.datetime.combine(found.review_on, EVENING) if found.review_on is not None else None,
            days=1,
            table="Campaigns",
        )


def _minutes(day: Day) -> Iterator[DueTask]:
    hours = dt.timedelta(hours=float(day.setting("minutes.hours")))
    for row in day.rows("Events"):
        over = row.get("end")
        if not row.get("id") or not isinstance(over, dt.datetime) or over > day.now or row.get("minutes_on"):
            continue
        yield DueTask(
            object=str(row["id"]),
            episode=f"{over:%Y-%m-%d}",
            title=Text(
                f"{row.get('name') or row['id']} 的纪要未发：填“活动议题”，点“活动纪要”",
                f"minutes of {row.get('name') or row['id']} are not sent: enter the topics, click Write minutes",
            ),
            owner=row.get("owner"),
            until=over + hours,
            table="Events",
        )


DUTIES = Duties(
    60,
    (
        DutyRule(
            "creative", Text("更换素材", "Change creative"), _creatives, ("Campaigns", "AdSpend", "Benchmarks", "Creatives")
        ),
        DutyRule("minutes", Text("活动纪要", "Minutes"), _minutes, ("Events",), hours=True),
    ),
)
