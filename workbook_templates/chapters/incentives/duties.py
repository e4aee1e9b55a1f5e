"""The month's rhythm by sales line: four fifths of the orders after week 2, the cash before the books close."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from udfs import call
from udfs.actuals import BOOKINGS
from udfs.phasing import month_text
from udfs.text import Text
from udfs.values import ExcelError, at_least, total_of
from workbook_templates.chapters.incentives.attained import book_of, line_actuals
from workbook_templates.chapters.incentives.pay.reading import allocated
from workbook_templates.chapters.incentives.quota_months import by_group
from workbook_templates.chapters.incentives.rhythm import behind, director_of, quarter_of, settled
from workbook_templates.chapters.incentives.staff import Staff
from workbook_templates.tables.duties import EVENING, Day, DueTask, Duties, DutyRule, employed, worked
from workbook_templates.tables.schema import LINES, Row
from workbook_templates.tables.spec import Word

_READS = ("People", "Transfers", "Deals", "Collections", "Quotas", "QuotaChanges", "Accounts")
_WEEK2 = 1  # its row of WEEKPLAN


@dataclass(frozen=True)
class _Month:
    """The month of the as-of date."""

    day: Day

    @property
    def text(self) -> str:
        return month_text(self.day.as_of.year, self.day.as_of.month)

    @property
    def end(self) -> dt.date:
        at = self.day.as_of
        return at.replace(day=calendar.monthrange(at.year, at.month)[1])

    @property
    def staff(self) -> Staff:
        return Staff((row for row in self.day.rows("People") if row.get("id")), self.day.rows("Transfers"))

    def quotas(self) -> dict[str, float]:
        """What each line carries this month."""
        day = self.day
        people = [row for row in day.rows("People") if row.get("id")]
        total = day.first("quota_total")
        found = allocated(
            day.year, float(total) if isinstance(total, int | float) else 0.0, day.rows("Quotas"), people, day.policies,
            day.rows("QuotaChanges"), day.rows("Accounts"),
        )  # fmt: skip
        mine = {(row["id"], self.text): quota for row in people if (quota := found(row["id"], self.text)) is not None}
        lines = by_group(mine, self.staff.dated["line"], people, day.year)
        return {line: amount for (line, month), amount in lines.items() if month == self.text and line}

    def booked(self) -> dict[str, float]:
        """What each line signed this month, up to the day."""
        book = book_of(self.day.rows("Deals"), self.day.rows("Collections"))
        found = line_actuals(book, BOOKINGS, self.day.year, self.day.as_of, self.staff)
        return {line: amount for (line, month), amount in found.items() if month == self.text}


def _orders(day: Day) -> Iterator[DueTask]:
    if day.as_of.year != day.year:
        return
    month = _Month(day)
    weeks = call("WEEKPLAN", 1.0, day.as_of.year, day.as_of.month)
    if isinstance(weeks[0][0], ExcelError) or day.as_of <= weeks[_WEEK2][2]:
        return
    share, quotas, booked = float(day.setting("week.lock_share")), month.quotas(), month.booked()
    for word in LINES:
        goal, found = quotas.get(word.code, 0.0) * share, booked.get(word.code, 0.0)
        if goal > 0 and not at_least(found, goal):
            yield _line(
                day, word, month.text, "tasks.week2_days",
                f"{word.label.zh}条线 {day.as_of.month} 月已签 {found:,.0f} 元，第二周末应有 {goal:,.0f} 元：列出本月补单措施",
                f"line {word.label.en}: {found:,.0f} yuan signed this month, {goal:,.0f} due after week 2: say how the month is made",
            )  # fmt: skip


def _cash(day: Day) -> Iterator[DueTask]:
    if day.as_of.year != day.year:
        return
    month = _Month(day)
    if day.as_of < worked(month.end + dt.timedelta(days=1), -int(day.setting("tasks.close_days"))):
        return
    goal, staff = float(day.setting("week.collection_goal")), month.staff
    for word in LINES:
        deals = [row for row in day.rows("Deals") if _due(row, day.as_of) and _line_of(staff, row) == word.code]
        due, paid = (total_of(row.get(key) or 0.0 for row in deals) for key in ("revenue", "collected"))
        if due > 0 and not at_least(paid, due * goal):
            yield _line(
                day, word, month.text, "tasks.week2_days",
                f"{word.label.zh}条线到期 {due:,.0f} 元，已回 {paid:,.0f} 元（{paid / due:.1%}），关账前应回 {goal:.0%}：逐单催收",
                f"line {word.label.en}: {due:,.0f} yuan due, {paid:,.0f} collected ({paid / due:.1%}) of {goal:.0%} before the books "
                "close: chase each deal",
            )  # fmt: skip


def _due(row: Row, until: dt.date) -> bool:
    return all(isinstance(row.get(key), dt.date) and row[key] <= until for key in ("date", "due"))


def _line_of(staff: Staff, row: Row) -> str:
    return str(staff.dated["line"].on(row.get("seller") or "", row["date"]) or "")


def _line(day: Day, word: Word, month: str, days: str, zh: str, en: str) -> DueTask:
    return DueTask(
        object=str(word.label), episode=month, title=Text(zh, en), line=word.code, days=int(day.setting(days)), table="Deals"
    )


def _coaching(day: Day) -> Iterator[DueTask]:
    """Who was below the line with a key result when the month closed, unless their coaching is done."""
    if not day.closed:
        return
    month = month_text(day.year, day.closed)
    end = dt.date(day.year, day.closed, calendar.monthrange(day.year, day.closed)[1])
    known = {row["id"]: row for row in day.rows("People") if row.get("id")}
    done = settled(day.rows("CoachingPlans"))
    for one in behind(day.rows("Okrs"), quarter_of(end), float(day.setting("coaching.limit"))):
        if (one.person, month) in done or not employed(day, one.person):
            continue
        name = known[one.person].get("name") or one.person
        yield DueTask(
            object=one.person,
            episode=month,
            title=Text(
                f"{name} 的“{one.kr}”完成 {one.progress:.0%}：做辅导计划，总监陪访三天",
                f"{name}'s “{one.kr}” is at {one.progress:.0%}: a coaching plan and three days of joint visits",
            ),
            owner=director_of(one.person, known.values()),
            until=dt.datetime.combine(worked(end, int(day.setting("tasks.coaching_days"))), EVENING),
            table="Okrs",
        )


DUTIES = Duties(
    50,
    (
        DutyRule("coaching", Text("KR辅导", "Coaching"), _coaching, ("People", "Okrs", "CoachingPlans")),
        DutyRule("week2", Text("第二周锁单", "Orders after week 2"), _orders, _READS),
        DutyRule("collections", Text("关账前回款", "Cash before closing"), _cash, _READS),
    ),
)
