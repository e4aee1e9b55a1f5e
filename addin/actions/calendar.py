"""Export the calendar: milestones and meetings as an .ics file; what was moved since the last export counts one revision up."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from addin import ics
from addin.action import Action, Ask, Outcome, Progress
from addin.book import Book
from addin.dispatching import day_of
from addin.mailing import records
from udfs.text import Text, speaking
from workbook_templates.answers import ERROR
from workbook_templates.chapters.incentives.tables.rhythm import MEETINGS
from workbook_templates.chapters.milestones.standing import is_open
from workbook_templates.chapters.milestones.tables import CALENDAR
from workbook_templates.tables import duties
from workbook_templates.tables.duties import Day
from workbook_templates.tables.schema import Row

TABLE = "Milestones"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""
    parser.add_argument("out", metavar="OUT.ics", help=str(Text("要写的日历文件", "the calendar file to write")))


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Fill in the plan's own milestones where there are none, note what moved, write the file."""
    found = book.problems(TABLE, "People")
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    outcome = Outcome(Text("", ""), problems=found)
    day = day_of(book)
    begun = duties.begun(day).get(TABLE, [])
    with speaking(book.lang):  # the company's calendar, as every document
        appointments = [*_milestones(book, day, begun, outcome), *_meetings(day)]
        title = str(
            Text(
                f"{book.first('company_name') or ''} {book.year} 里程碑",
                f"{book.first('company_name') or ''} {book.year} milestones",
            )
        )
    open_ = len(appointments)
    if appointments:
        outcome.files[Path(options.out)] = ics.written(records.plan_key(book), title, appointments, day.as_of)
    outcome.data = {"appointments": open_, "moved": len(outcome.changes.edited.get(TABLE, {}))}
    outcome.summary = _summary(open_, len(outcome.changes.edited.get(TABLE, {})), bool(begun))
    return outcome


def _milestones(book: Book, day: Day, begun: list[Row], outcome: Outcome) -> list[ics.Appointment]:
    """Those that are open; the Table notes under which day and revision each was told."""
    made = []
    rows = book.read(TABLE).rows
    for index, row in enumerate(rows):
        if not row.get("id") or not isinstance(row.get("due"), dt.date) or not is_open(row, day.as_of):
            continue
        told = row.get("told")
        revision = int(row.get("revision") or 0) + (told is not None and told != row["due"])
        if told != row["due"] or row.get("revision") is None:
            outcome.changes.edit(TABLE, index, told=row["due"], revision=revision)
        made.append(_appointment(row, revision))
    if begun:
        outcome.changes.add(TABLE, [row | {"told": row["due"], "revision": 0} for row in begun])
        made += [_appointment(row, 0) for row in begun]
    return made


def _appointment(row: Row, revision: int) -> ics.Appointment:
    about = Text(
        f"负责人 {row.get('owner') or '–'}；依赖 {row.get('depends') or '–'}",
        f"owner {row.get('owner') or '–'}; waits for {row.get('depends') or '–'}",
    )
    return ics.Appointment(f"milestone-{row['id']}", str(row["name"]), row["due"], str(about), revision)


def _meetings(day: Day) -> Iterator[ics.Appointment]:
    """Meetings to come. Nobody notes under which time one was told: the day of the year counts as its revision, so that a later file moves it."""
    revision = max((day.as_of - dt.date(day.year, 1, 1)).days, 0)
    names = {word.code: str(word.label) for word in MEETINGS}
    for row in day.rows("Meetings"):
        if row.get("id") and isinstance(row.get("at"), dt.datetime) and row["at"] >= day.now:
            yield ics.Appointment(
                f"meeting-{row['id']}",
                names.get(row["kind"], str(row["kind"])),
                row["at"],
                revision=revision,
                alarm_days=0,
                minutes=int(row.get("minutes") or 60),
            )


def _summary(count: int, moved: int, begun: bool) -> Text:
    if not count:
        return Text(
            "没有未完成的里程碑：请在“12 里程碑”填写，或先在“岗位与放行”填总监，由计划自带的十一项开始",
            "no milestone is open: enter some on 12 Milestones, or name the director on Roles and begin with the plan's eleven",
        )
    head = Text(f"日历已写入 {count} 项里程碑", f"milestones in the calendar: {count}")
    if begun:
        return head + Text("（计划自带的，已填入“12 里程碑”）", " (the plan's own, filled in on 12 Milestones)")
    return head + (Text(f"；新增或改期 {moved} 项", f"; new or moved: {moved}") if moved else Text("", ""))


ACTION = Action(
    label=CALENDAR,
    tip=Text(
        "把未完成的里程碑写成日历文件（.ics），提前 7 天提醒",
        "Open milestones as a calendar file (.ics), with a reminder 7 days before",
    ),
    about=Text(
        "写出 .ics 文件；在“12 里程碑”记下导出的期限与版次，改期的版次加一。没有里程碑时先填入计划自带的十一项。",
        "Writes the .ics file and notes due day and revision of each milestone; one that moved counts a revision up. Without any, the plan's "
        "eleven are filled in first.",
    ),
    group="plan",
    order=8,
    icon="Organizer",
    keytip="OC",
    run=run,
    guards=False,
    arguments=arguments,
    asks={"out": Ask("save")},
    writes={"out": ics.ENDING},
    examples=Text(
        "示例：\n  salesplan calendar 计划.xlsx 里程碑.ics", "examples:\n  salesplan calendar plan.xlsx milestones.ics"
    ),
)
