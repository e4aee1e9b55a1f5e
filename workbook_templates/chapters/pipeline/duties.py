"""Opportunities that stand still: whoever leads their owner decides to give up, escalate, or go on until a day."""

from __future__ import annotations

from collections.abc import Iterator

from udfs.text import Text
from workbook_templates.chapters.pipeline import forecasting
from workbook_templates.tables.duties import Day, DueTask, Duties, DutyRule


def undecided(day: Day) -> dict[str, int]:
    """Stalled opportunities that nobody has decided about, with the days they stand."""
    known = forecasting.rules(day.rows("StageRules"), day.setting)
    found = forecasting.stalled(day.rows("Opportunities"), day.as_of, known, float(day.setting("stages.stalled")))
    done = forecasting.decided(day.rows("KillOrWin"), day.rows("Opportunities"), day.as_of) if found else set()
    return {name: days for name, days in found.items() if name not in done}


def _stalled(day: Day) -> Iterator[DueTask]:
    rows = {str(row["id"]): row for row in day.rows("Opportunities") if row.get("id")}
    managers = {row["id"]: row.get("manager") for row in day.rows("People") if row.get("id")}
    past = {str(r["opportunity"]): r["until"] for r in day.rows("KillOrWin") if r.get("until") and r["until"] < day.as_of}
    for name, days in undecided(day).items():
        row = rows[name]
        again = f"/{past[name]:%Y-%m-%d}" if name in past else ""
        yield DueTask(
            object=name,
            episode=f"{row['entered']:%Y-%m-%d}{again}",
            title=Text(
                f"商机 {name} 停留 {days} 天，停滞：评审放弃、升级，或继续到某天",
                f"opportunity {name} has been in its stage for {days} days: give up, escalate, or go on until a day",
            ),
            owner=managers.get(row.get("owner")) or row.get("owner"),
            days=int(day.setting("tasks.stalled_days")),
            table="Opportunities",
        )


DUTIES = Duties(
    80, (DutyRule("stalled", Text("商机停滞", "Stalled opportunity"), _stalled, ("Opportunities", "StageRules", "KillOrWin")),)
)
