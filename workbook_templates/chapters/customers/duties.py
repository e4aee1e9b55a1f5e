"""S customers who wait: a visit that was planned and not made, on-site days behind the pace of the year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from udfs import call
from udfs.phasing import month_text
from udfs.text import Text
from udfs.values import ExcelError, excel_round
from workbook_templates.tables.duties import Day, DueTask, Duties, DutyRule
from workbook_templates.tables.schema import Row
from workbook_templates.tables.words import YES_NO

FOR_EACH = "handshakes_for_each"  # the cell that says: twelve visits for each customer


def _top(day: Day) -> list[Row]:
    """The S customers in rank order."""
    return sorted(
        (row for row in day.rows("Customers") if row.get("tier") == "S" and row.get("id")), key=lambda row: row.get("rank") or 0
    )


def _month(day: dt.date) -> str:
    return month_text(day.year, day.month)


def _for_each(day: Day) -> bool:
    said = str(day.first(FOR_EACH) or "").strip()
    return YES_NO[0].means(said) if said else False


def _named(row: Row) -> str:
    return f"{row['id']} {row['name']}" if row.get("name") else str(row["id"])


def _unvisited(day: Day) -> Iterator[DueTask]:
    customers = _top(day)
    if not customers:
        return
    planned = call(
        "HANDSHAKES", [row["id"] for row in customers], day.year, list(day.setting("handshake.executives")), _for_each(day)
    )
    if isinstance(planned[0][0], ExcelError):
        return
    known: Mapping[str, Row] = {row["id"]: row for row in customers}
    made = {
        (row["customer"], _month(row["date"]))
        for row in day.rows("Visits")
        if row.get("customer") and isinstance(row.get("date"), dt.date)
    }
    for date, customer, executive, *_ in planned:
        if date >= day.as_of or (customer, _month(date)) in made:
            continue
        yield DueTask(
            object=customer,
            episode=_month(date),
            title=Text(
                f"补访 S 级客户 {_named(known[customer])}：{date:%m-%d} 计划的 {executive} 拜访未完成",
                f"visit S customer {_named(known[customer])}: {executive}'s visit planned for {date} was not made",
            ),
            owner=known[customer].get("owner"),
            days=int(day.setting("tasks.handshake_days")),
            table="Customers",
        )


def _behind(day: Day) -> Iterator[DueTask]:
    """By quarter: days are looked at when one is over, so that a task is a quarter's and not a day's."""
    quarter = day.closed // 3
    if not quarter:
        return
    end = _quarter_end(day.year, quarter)
    whole = (dt.date(day.year, 12, 31) - dt.date(day.year, 1, 1)).days + 1
    due = excel_round(day.setting("customers.onsite_days") * ((end - dt.date(day.year, 1, 1)).days + 1) / whole, 0)
    care: Sequence[Row] = day.rows("CustomerCare")
    spent = {row["customer"]: row.get("onsite_days") for row in care if row.get("customer")}
    for row in _top(day):
        days = spent.get(row["id"])
        if not isinstance(days, int | float) or days >= due:
            continue
        yield DueTask(
            object=row["id"],
            episode=f"{day.year}-Q{quarter}",
            title=Text(
                f"S 级客户 {_named(row)} 驻场 {days:g} 天，进度应有 {due:g} 天：安排驻场",
                f"S customer {_named(row)}: {days:g} days on site, {due:g} due by now: plan more",
            ),
            owner=row.get("owner"),
            days=int(day.setting("tasks.handshake_days")),
            table="CustomerCare",
        )


def _quarter_end(year: int, quarter: int) -> dt.date:
    following = dt.date(year + quarter // 4, quarter % 4 * 3 + 1, 1)
    return following - dt.timedelta(days=1)


DUTIES = Duties(
    20,
    (
        DutyRule("handshake", Text("高层握手", "Handshake"), _unvisited, ("Customers", "Visits")),
        DutyRule("onsite", Text("驻场", "On-site days"), _behind, ("Customers", "CustomerCare")),
    ),
)
