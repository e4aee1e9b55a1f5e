"""A month is over and an article, a star or a book is missing."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator

from udfs.phasing import month_text
from udfs.text import Text, joined
from workbook_templates.chapters.growth.tables import BOOK, STARS
from workbook_templates.tables.duties import EVENING, Day, DueTask, Duties, DutyRule, employed
from workbook_templates.tables.schema import LEVELS


def _month(day: Day) -> tuple[str, dt.datetime] | None:
    """The month that is over and until when what it lacks is made up for; none where the chapter has nothing yet."""
    if not day.closed or not any(row.get("person") for name in ("GrowthLog", "Articles", "Stars") for row in day.rows(name)):
        return None
    end = dt.date(day.year, day.closed, calendar.monthrange(day.year, day.closed)[1])
    return month_text(day.year, day.closed), dt.datetime.combine(
        end + dt.timedelta(days=int(day.setting("tasks.growth_days"))), EVENING
    )


def _articles(day: Day) -> Iterator[DueTask]:
    found = _month(day)
    if found is None:
        return
    month, until = found
    least = float(day.setting("growth.characters"))
    written = {row.get("person") for row in day.rows("Articles") if row.get("month") == month and length_of(row) >= least}
    for row in day.rows("People"):
        joined = row.get("joined")
        later = isinstance(joined, dt.date) and month_text(joined.year, joined.month) > month  # and owes nothing for the month
        if (
            LEVELS.like(row.get("level")) == "director"
            and employed(day, row.get("id"))
            and not later
            and row["id"] not in written
        ):
            yield DueTask(
                object=str(row["id"]), episode=month, owner=str(row["id"]), until=until, table="Articles",
                title=Text(f"{month} 的洞察文章未达 {least:,.0f} 字：补写并发布", f"the article of {month} has not {least:,.0f} characters yet: write and publish it"),
            )  # fmt: skip


def length_of(row: dict[str, object]) -> float:
    """Characters of an article without blanks: its text's, or as entered."""
    text, said = str(row.get("text") or ""), row.get("length")
    return max(float(said) if isinstance(said, int | float) else 0.0, float(len("".join(text.split()))))


def _stars(day: Day) -> Iterator[DueTask]:
    found = _month(day)
    if found is None:
        return
    month, until = found
    has = {row.get("star") for row in day.rows("Stars") if row.get("month") == month and row.get("person")}
    lacking = [word.label for word in STARS if word.code not in has]
    if lacking:
        zh, en = joined(lacking)
        yield DueTask(
            object=month, episode=month, until=until, table="Stars",
            title=Text(f"{month} 月星还缺：{zh}", f"stars of {month} still to be named: {en}"),
        )  # fmt: skip


def _books(day: Day) -> Iterator[DueTask]:
    found = _month(day)
    if found is None:
        return
    month, until = found
    log = [row for row in day.rows("GrowthLog") if row.get("person") and isinstance(row.get("on"), dt.date)]
    read = {row["person"] for row in log if row.get("kind") == BOOK and month_text(row["on"].year, row["on"].month) == month}
    for person in dict.fromkeys(row["person"] for row in log):
        if person not in read and employed(day, person):
            yield DueTask(
                object=str(person), episode=month, owner=str(person), until=until, table="GrowthLog",
                title=Text(f"{month} 没有读书记录：补一本与笔记", f"no book in {month}: read one and keep notes"),
            )  # fmt: skip


DUTIES = Duties(100.1, (
    DutyRule("article", Text("洞察文章", "Article"), _articles, ("GrowthLog", "Articles", "Stars", "People")),
    DutyRule("stars", Text("月星", "Stars of the month"), _stars, ("GrowthLog", "Articles", "Stars")),
    DutyRule("books", Text("读书", "Books"), _books, ("GrowthLog", "Articles", "Stars")),
))  # fmt: skip
