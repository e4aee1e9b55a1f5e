"""Acceptance 8 of the chapters: each planted trouble of chapters 5, 7 to 10 and 12 turns its own light red (or amber) and no other."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from typing import Any

import pytest

from addin.book import FileBook
from addin.changes import Changes, lowered
from tests.plans import empty_plan
from udfs.text import speaking
from workbook_templates.page import register, watches
from workbook_templates.recalc import recalculate
from workbook_templates.tables.schema import Row
from workbook_templates.xlsx.package import Package

END = dt.date(2027, 12, 31)  # the empty plan's day


def on(back: int) -> dt.date:
    return END - dt.timedelta(days=back)


def lights(**rows: Any) -> Mapping[str, register.JudgedFigure]:
    """The judged figures of a plan of these rows."""
    package, changes = Package.open(empty_plan(None, "zh")), Changes()
    book = FileBook(package)
    for name, held in rows.items():
        changes.add(name, list(held))
    with speaking("zh"):
        book.apply(lowered(book, changes))
        recalculate(package)
    return {row.key: row for row in register.read(FileBook(package).named(watches.LIST))}


def project(number: int, late: int) -> Row:
    return {
        "id": f"P27HD{number:04d}X",
        "deal": f"D{number}",
        "template": "甲",
        "promised": on(5 + late),
        "delivered": on(5),
        "pm": "P1",
    }


def ticket(number: int, hours: int) -> Row:
    opened = dt.datetime.combine(on(10), dt.time(8))
    light = "kept" if hours <= 4 else "late"
    return {"id": f"T{number}", "customer": "C1", "device": "E9", "opened": opened, "part": "none", "solution_at": opened + dt.timedelta(hours=hours),
            "solution_hours": float(hours), "solution_light": light, "part_light": "none"}  # fmt: skip


def kr(person: str, current: float) -> Row:
    return {
        "person": person,
        "period": "2027-Q4",
        "objective": "o",
        "kr": "新客",
        "start": 0.0,
        "target": 100.0,
        "current": current,
        "due": END,
    }


def answers(promoters: int, passives: int, detractors: int) -> list[Row]:
    scores = [10] * promoters + [8] * passives + [5] * detractors
    return [{"quarter": "2027-Q4", "customer": "C1", "respondent": f"R{n}", "score": score} for n, score in enumerate(scores)]


GOOD: dict[str, list[Row]] = {
    "People": [
        {"id": f"P{n}", "name": f"人{n}", "level": "director" if n == 1 else "representative", "line": "industry", "manager": None if n == 1 else "P1",
         "joined": dt.date(2020, 1, 1)}
        for n in (1, 2, 3)
    ],
    "Customers": [{"id": "C1", "name": "甲厂", "owner": "P2"}, {"id": "C2", "name": "乙厂", "owner": "P2", "country": "越南"}],
    "Projects": [project(n, 0) for n in range(1, 97)] + [project(97, 1)],
    "Tickets": [ticket(n, 3) for n in range(1, 31)],
    "Sensors": [{"device": "E1", "sensor": "T", "limit": 5.0, "light": "green"}],
    "Okrs": [kr("P2", 70.0)],
    "SurveyAnswers": answers(36, 12, 6),
    "SurveyWaves": [{"quarter": "2027-Q4", "agency": "甲", "population": 180, "closed_on": on(5), "answers": 54, "nps": 55.56, "action": "reached"}],
    "Opportunities": [
        {"id": f"O{n}", "customer": "C1", "name": "线", "owner": "P2", "amount": 100.0, "stage": "quote", "entered": on(10), "opened": on(40), "state": "moving"}
        for n in range(1, 40)
    ],
    "CreditScores": [
        {"customer": "C1", "as_of": on(30), "financial": 90.0, "industry": 80.0, "overdue": 70.0, "judicial": 90.0, "sources": "年报", "by": "P1", "score": 84.5,
         "grade": "A", "limit": 1e6},
    ],
    "ExportChecks": [
        {"id": "X0001", "order": "D1", "eccn": "EAR99", "country": "越南", "result": "not_found", "dual": "no", "data_version": on(5)},
    ],
    "Milestones": [{"id": "M01", "name": "峰会", "month": "2027-06", "due": on(200), "done": on(200), "owner": "P1"}],
    "TalentReviews": [
        {"person": "P2", "half": "2027-H2", "performance": 4.0, "potential": 4.0, "value_score": 4.0, "successor_for": "P1", "by": "P1"},
    ],
    "Shadows": [{"coach": "P1", "learner": learner, "skill": "报价", **{f"step{n}": on(100 - n) for n in range(1, 5)}} for learner in ("P2", "P3")],
    "JointDays": [{"coach": "P1", "learner": "P2", "date": on(n), "customer": "C1"} for n in range(1, 6)],
    "Stars": [
        {"month": f"2027-{month}", "star": star, "person": f"P{month - 9}", "story": "一", "shown_on": dt.date(2027, month, 1)}
        for month in (10, 11, 12) for star in ("win", "trust", "speed")
    ],
}  # fmt: skip

# The rows that a trouble adds, or in whose place it stands (whole Tables); the lights that turn, and to what.
ADDED: dict[str, tuple[dict[str, list[Row]], dict[str, str]]] = {
    "a project of eight days late": ({"Projects": [project(98, 0) | {"promised": on(8), "delivered": None}]}, {"delivery.red": "red"}),
    "a project of seven days late": ({"Projects": [project(98, 0) | {"promised": on(7), "delivered": None}]}, {"delivery.yellow": "amber"}),
    "tickets over four hours": ({"Tickets": [ticket(n, 5) for n in range(31, 41)]}, {"service.solution": "red"}),
    "a sensor at its limit": ({"Sensors": [{"device": "E2", "sensor": "T", "limit": 5.0, "light": "red"}]}, {"service.failure": "red"}),
    "a wave of 44": ({"SurveyAnswers": answers(0, 6, 6)}, {"nps.wave": "red"}),
    "46 days in a stage of 30": (
        {"Opportunities": [GOOD["Opportunities"][0] | {"id": "O99", "amount": 9e3, "entered": on(46), "state": "stalled"}]}, {"pipeline.stalled": "red"},
    ),
    "two names that may be one": ({"DuplicateReview": [{"a": "C1", "b": "C2", "score": 0.9}]}, {"data.pairs": "amber"}),
    "5A002 to a country without a pair": (
        {"ExportChecks": [{"id": "X0002", "order": "D2", "eccn": "5A002", "country": "越南", "result": "open", "dual": "no"}]}, {"export.open": "red"},
    ),
    "a milestone past its day": ({"Milestones": [{"id": "M02", "name": "展", "month": "2027-11", "due": on(9), "owner": "P1"}]}, {"milestones.late": "red"}),
    "a key result of 69 %": ({"Okrs": [kr("P3", 69.0)]}, {"team.coaching": "red"}),
    "a skill begun and not passed on": (
        {"Shadows": [{"coach": "P1", "learner": "P2", "skill": f"谈判{n}", "step1": on(9)} for n in range(9)]}, {"growth.copies": "red"},
    ),
}  # fmt: skip
STANDS: dict[str, tuple[dict[str, list[Row]], dict[str, str]]] = {
    "one learner of two skills": ({"Shadows": [GOOD["Shadows"][0], GOOD["Shadows"][0] | {"skill": "谈判"}]}, {"growth.learners": "amber"}),
    "five visits of a day": (
        {"JointDays": [GOOD["JointDays"][0], *(GOOD["JointDays"][0] | {"customer": f"C{n}"} for n in range(2, 6))]}, {"growth.joint": "amber"},
    ),
    "a star thrice": ({"Stars": [row | {"person": "P1"} if row["star"] == "win" else row for row in GOOD["Stars"]]}, {"growth.thrice": "amber"}),
    "two stars of three": ({"Stars": GOOD["Stars"][:-1]}, {"growth.stars": "amber"}),
    "a director who names himself": ({"TalentReviews": [GOOD["TalentReviews"][0] | {"person": "P1"}]}, {"team.successors": "red"}),
}  # fmt: skip


@functools.cache
def base() -> Mapping[str, str | None]:
    return {key: row.light for key, row in lights(**GOOD).items()}


def test_without_a_trouble_no_light_of_these_chapters_is_on() -> None:
    assert {key for key, light in base().items() if light in ("red", "amber")} == {
        "team.headcount"
    }  # three people of the plan's 68


@pytest.mark.parametrize("trouble", [*ADDED, *STANDS])
def test_a_trouble_turns_its_own_light_and_no_other(trouble: str) -> None:
    rows, turned = (ADDED | STANDS)[trouble]
    planted = GOOD | ({name: GOOD.get(name, []) + more for name, more in rows.items()} if trouble in ADDED else rows)
    found = {key: row.light for key, row in lights(**planted).items()}
    assert {key: light for key, light in found.items() if light in ("red", "amber") and light != base().get(key)} == turned
