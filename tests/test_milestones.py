"""Chapter 12: duty, seeds, calendar file, and the mail drafts of the daily routine."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
from pathlib import Path

import icalendar
import pytest

from addin import ics
from addin.book import FileBook
from tests.actions.steps import change, do
from tests.small_plan import small_plan
from tests.test_duties import day, fired
from workbook_templates.chapters.basics.sheets import mail_templates
from workbook_templates.chapters.milestones import seeds
from workbook_templates.chapters.milestones.sheets import milestones
from workbook_templates.chapters.milestones.standing import circle, waits_for
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables import duties
from workbook_templates.tables.schema import Company

MARCH = dt.date(2027, 3, 10)
PEOPLE = [
    {
        "id": "P001",
        "name": "周敏",
        "level": "director",
        "line": "direct",
        "joined": dt.date(2020, 1, 1),
        "email": "zhou@example.com",
    }
]
ROLES = [{"role": "director", "line": None, "person": "P001", "from": dt.date(2027, 1, 1), "until": None}]


def row(due: dt.date, done: dt.date | None = None, name: str = "M") -> dict[str, object]:
    return {"id": name, "name": "峰会", "month": "2027-03", "due": due, "done": done}


@pytest.mark.parametrize(
    ("due", "done", "fires"),
    [
        (dt.date(2027, 3, 1), dt.date(2027, 3, 1), False),  # vectors 12a
        (dt.date(2027, 3, 1), None, True),
        (MARCH, None, True),
        (dt.date(2027, 3, 17), None, True),
        (dt.date(2027, 3, 18), None, False),
        (dt.date(2027, 3, 1), dt.date(2027, 3, 11), True),  # done after today is not done
    ],
)
def test_the_duty_is_due_when_the_function_says_soon_or_overdue(due: dt.date, done: dt.date | None, fires: bool) -> None:
    found = fired("milestone", day(MARCH, Milestones=[row(due, done)]))
    assert [(task.object, task.episode, task.until) for task in found] == (
        [("M", due.isoformat(), dt.datetime.combine(due, dt.time(18)))] if fires else []
    )


def test_a_circle_is_named() -> None:
    assert circle([{"id": "A", "depends": "B"}, {"id": "B", "depends": "C、A"}, {"id": "C"}]) == ["A", "B", "A"]
    assert not circle(seeds.rows(2027))


def plan(folder: Path, *sheets: PlanSheet, **rows: object) -> Path:
    held = {"People": PEOPLE, "Roles": ROLES} | rows
    return small_plan(folder / "plan.xlsx", Company("甲", 2027, MARCH, rows=held), sheets=sheets)  # type: ignore[arg-type]


def test_the_plans_eleven_come_with_the_director_and_once(tmp_path: Path) -> None:
    path = plan(tmp_path)
    first = do("nightly", path, as_of="2027-01-10")
    rows = FileBook.open(path).read("Milestones").rows
    assert len(rows) == 11 and {r["owner"] for r in rows} == {"P001"}
    assert first.outcome.data["by_rule"] == {"milestone": 1}
    assert (
        do("nightly", path, as_of="2027-01-10").outcome.data["new"] == 0
        and len(FileBook.open(path).read("Milestones").rows) == 11
    )


def test_what_was_left_out_is_waited_for_by_none(tmp_path: Path) -> None:
    """Begun in March, the plan's own are those to come; January's are no milestones here, and the checks pass."""
    path = plan(tmp_path)
    do("nightly", path, as_of="2027-03-10")
    rows = FileBook.open(path).read("Milestones").rows
    names = {row["id"] for row in rows}
    assert names == {f"M{n:02d}" for n in range(6, 12)} and all(name in names for row in rows for name in waits_for(row))
    assert [row["depends"] for row in rows if row["id"] == "M11"] == ["M06"]


@pytest.mark.parametrize(
    ("off", "expected"),
    [(frozenset(), {"M06": None, "M07": None, "M08": None, "M09": None, "M10": None, "M11": "M06"}),
     (frozenset({4, 6, 9}), {"M07": None, "M10": None})],
)  # fmt: skip
def test_who_begins_in_march_waits_for_nothing_of_february(off: frozenset[int], expected: dict[str, str | None]) -> None:
    """A milestone that is over, or of a chapter that is off, is none of this plan; nothing waits for it (its check was red at once)."""
    begun = duties.begun(day(MARCH, off, People=PEOPLE, Roles=ROLES))["Milestones"]
    assert {row["id"]: row["depends"] for row in begun} == expected


def test_nobody_no_milestones(tmp_path: Path) -> None:
    path = small_plan(tmp_path / "plan.xlsx", Company("甲", 2027, MARCH))
    assert do("nightly", path, as_of="2027-01-10").outcome.data["new"] == 0
    assert not FileBook.open(path).read("Milestones").rows


def test_the_calendar_keeps_its_ids_and_counts_what_moved(tmp_path: Path) -> None:
    path, out = (
        plan(tmp_path, Milestones=[row(dt.date(2027, 3, 18)), row(dt.date(2027, 2, 1), dt.date(2027, 2, 1), "M2")]),
        tmp_path / "m.ics",
    )
    do("calendar", path, out=str(out))
    first = icalendar.Calendar.from_ical(out.read_bytes())
    (event,) = first.walk("VEVENT")
    assert (event["SEQUENCE"], event.decoded("DTSTART"), str(event["UID"])) == (
        0,
        dt.date(2027, 3, 18),
        ics.uid("甲|2027", "milestone-M"),
    )
    assert event.walk("VALARM")[0].decoded("TRIGGER") == -dt.timedelta(days=7)
    before = out.read_bytes()
    do("calendar", path, out=str(out), force=True)
    assert out.read_bytes() == before
    change(path, {("Milestones", 0, "due"): dt.date(2027, 3, 25)})
    do("calendar", path, out=str(out), force=True)
    (moved,) = icalendar.Calendar.from_ical(out.read_bytes()).walk("VEVENT")
    assert moved["UID"] == event["UID"] and moved["SEQUENCE"] == 1
    assert all(len(line) <= 75 for line in out.read_bytes().split(b"\r\n")), "RFC 5545, 3.1"


def test_a_meeting_that_was_moved_counts_up_in_a_later_file(tmp_path: Path) -> None:
    """Nobody notes when a meeting was told, so that the day of the export counts."""
    events = []
    for as_of, hour in ((MARCH, 9), (MARCH + dt.timedelta(days=1), 15)):
        meeting = {"id": "M1", "kind": "weekly", "at": dt.datetime(2027, 3, 22, hour), "chair": "P001", "minutes": 30}
        company = Company("甲", 2027, as_of, rows={"People": PEOPLE, "Roles": ROLES, "Meetings": [meeting]})
        out = tmp_path / f"{hour}.ics"
        do("calendar", small_plan(tmp_path / f"{hour}.xlsx", company), out=str(out))
        events += list(icalendar.Calendar.from_ical(out.read_bytes()).walk("VEVENT"))
    told = [event for event in events if str(event["UID"]) == ics.uid("甲|2027", "meeting-M1")]
    assert len(told) == 2 and told[0]["SEQUENCE"] < told[1]["SEQUENCE"]


def test_drafts_go_to_the_owner_with_a_calendar(tmp_path: Path) -> None:
    path = plan(tmp_path, mail_templates.SHEET, Milestones=[row(dt.date(2027, 3, 12))])
    done = do("nightly", path, as_of="2027-03-10", drafts=True)
    assert done.outcome.data["drafts"] == 1
    (draft,) = (tmp_path / "outbox-plan").glob("*.eml")
    mail = email.message_from_bytes(draft.read_bytes(), policy=email.policy.default)
    (attached,) = mail.iter_attachments()
    assert mail["To"].addresses[0].addr_spec == "zhou@example.com" and attached.get_content_type() == "text/calendar"
    assert attached.get_filename() == "待办-20270310.ics" and "峰会" in mail.get_body(("plain",)).get_content()
    (listed,) = FileBook.open(path).read("Outbox").rows
    assert listed["kind"] == "待办通知"
    assert do("nightly", path, as_of="2027-03-10", drafts=True).outcome.data["new"] == 0
    assert len(list((tmp_path / "outbox-plan").glob("*.eml"))) == 1


def test_without_a_domain_no_draft_is_made_and_nothing_written(tmp_path: Path) -> None:
    path = plan(tmp_path, mail_templates.SHEET, Milestones=[row(dt.date(2027, 3, 12))])
    book = FileBook.open(path)
    place = book.locate("mail_domains")
    assert place is not None
    book.package.sheets[place[0]].set_values({(place[1].first_row, place[1].first_col): None})
    book.package.save(backup=False)
    before = path.read_bytes()
    done = do("nightly", path, as_of="2027-03-10", drafts=True)
    assert done.outcome.errors and path.read_bytes() == before


def test_states_on_the_sheet(tmp_path: Path) -> None:
    path = plan(tmp_path, milestones.SHEET, Milestones=[row(dt.date(2027, 3, 1)), row(dt.date(2027, 3, 17), name="M2")])
    assert FileBook.open(path).named("milestone_states")[0] == "逾期"
    assert FileBook.open(path).first("milestones_late") == 1
    assert duties.every()["milestone"].chapter == 12


@pytest.mark.parametrize(("count", "said"), [(20, ""), (23, "图上是期限最早的 20 项，其余 3 项见下面明细")])
def test_the_picture_says_what_it_leaves_out(count: int, said: str, tmp_path: Path) -> None:
    rows = [row(dt.date(2027, 3, 1) + dt.timedelta(days=n), name=f"M{n}") for n in range(count)]
    path = plan(tmp_path, milestones.SHEET, Milestones=rows)
    assert (FileBook.open(path).first("milestones_undrawn") or "") == said
