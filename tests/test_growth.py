"""Chapter 10 as its sheet judges it: different learners, different days, the same star, blanks of an article, everybody under contract."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from addin.book import FileBook
from tests.small_plan import small_plan
from udfs import policy as policies
from udfs.text import Text
from workbook_templates.chapters.cockpit.sheets import problems
from workbook_templates.chapters.growth.duties import length_of
from workbook_templates.chapters.growth.sheets import growth
from workbook_templates.page import register, watches
from workbook_templates.page.builder import Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables.schema import Company, Row

JUNE = dt.date(2027, 6, 30)


def person(name: str, level: str = "representative") -> Row:
    return {"id": name, "name": name, "level": level, "line": "industry", "joined": dt.date(2020, 1, 1)}


PEOPLE = [person("P1", "director"), person("P2"), person("P3")]


def _beside(plan: Plan) -> None:
    """The Tables that the sheet asks."""
    for name in ("People", "GrowthLog", "Articles", "Shadows", "JointDays", "Stars", "Tasks"):
        plan.page(f"of_{name}", Text(f"{name}页", f"{name} sheet"), Text("", "")).records(name, "B6")


def judged(folder: Path, **rows: Any) -> dict[str, register.JudgedFigure]:
    company = Company("甲", 2027, JUNE, rows={"People": PEOPLE} | rows)
    path = small_plan(folder / "plan.xlsx", company, sheets=[PlanSheet(1, _beside), growth.SHEET, problems.SHEET])
    return {row.key: row for row in register.read(FileBook.open(path).named(watches.LIST))}


def learner(name: str, skill: str = "报价") -> Row:
    return {"coach": "P1", "learner": name, "skill": skill, "step1": dt.date(2027, 2, 1)}


def joint(day: int, customer: str = "C1", month: int = 6) -> Row:
    return {"coach": "P1", "learner": "P2", "date": dt.date(2027, month, day), "customer": customer}


def star(month: int, name: str = "P2", which: str = "win") -> Row:
    return {"month": f"2027-{month:02d}", "star": which, "person": name, "story": "一", "shown_on": dt.date(2027, month, 1)}


def read(name: str, books: int) -> list[Row]:
    """What half a year asks for of courses and experts, and some books."""
    counts = (("book", books), ("course", 2), ("expert", 15))
    return [
        {"person": name, "kind": kind, "title": f"{kind}{at}", "on": dt.date(2027, 3, 1), "evidence": "笔记"}
        for kind, count in counts
        for at in range(count)
    ]


CASES: dict[str, tuple[dict[str, Any], str, float, str, str]] = {
    "a learner of two skills is one": ({"Shadows": [learner("P2"), learner("P2", "谈判")]}, "growth.learners", 1, "amber", "P1"),
    "two learners are two": ({"Shadows": [learner("P2"), learner("P2", "谈判"), learner("P3")]}, "growth.learners", 0, "green", ""),
    "six visits of one day are a day": ({"JointDays": [joint(1, f"C{n}") for n in range(6)]}, "growth.joint", 1, "amber", "P1"),
    "four days of the month and one before": (
        {"JointDays": [joint(31, month=5), *(joint(n) for n in range(1, 5))]}, "growth.joint", 1, "amber", "P1",
    ),
    "five days are enough": ({"JointDays": [joint(n) for n in (1, 2, 3, 4, 30)]}, "growth.joint", 0, "green", ""),
    "a coach who is no director": (
        {"JointDays": [joint(n) for n in range(1, 6)], "Shadows": [learner("P2"), {**learner("P3"), "coach": "P2"}]}, "growth.joint", 1, "amber", "P2",
    ),
    "thrice a star": ({"Stars": [star(4), star(5, which="trust"), star(6)]}, "growth.thrice", 1, "amber", "P2"),
    "a month between": ({"Stars": [star(3), star(4), star(5, "P3"), star(6)]}, "growth.thrice", 0, "green", ""),
    "thrice, and not last month": ({"Stars": [star(3), star(4), star(5), star(6, "P3")]}, "growth.thrice", 0, "green", ""),
    "the slowest of many": (
        {"People": [*PEOPLE, *(person(f"Q{n:02d}") for n in range(15))], "GrowthLog": [
            *(row for n in range(14) for row in read(f"Q{n:02d}", 15)), *read("Q14", 3)]},
        "growth.contract", 0.2, "red", "Q14",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_growth_counts_what_is_different(case: str, tmp_path: Path) -> None:
    rows, key, actual, light, item = CASES[case]
    found = judged(tmp_path, **rows)[key]
    assert (found.actual, found.light, found.id) == (pytest.approx(actual), light, item)


@pytest.mark.parametrize(
    ("key", "value", "watch", "rows"),
    [
        ("growth.learners", 3, "growth.learners", {"Shadows": [learner("P2"), learner("P3")]}),
        ("growth.joint_days", 6, "growth.joint", {"JointDays": [joint(n) for n in range(1, 6)]}),
    ],
)
def test_as_many_as_the_settings_ask_for(
    key: str, value: float, watch: str, rows: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = policies.POLICIES[key]
    monkeypatch.setitem(policies.POLICIES, key, dataclasses.replace(policy, dated=dict.fromkeys(policy.dated, value)))
    rows |= {"Stars": [{**star(6), "story": key}]}  # a plan of its own: plans are made once for the same rows
    assert judged(tmp_path, **rows)[watch].light == "amber"


def test_nothing_is_judged_where_nothing_is_entered(tmp_path: Path) -> None:
    assert {row.light for row in judged(tmp_path).values()} == {None}


def test_an_article_is_as_long_in_the_cell_as_the_duty_finds(tmp_path: Path) -> None:
    """Chapters, 10: 3,000 characters without spaces, whichever they are."""
    text = "一 二\u3000三\u00a0四\n五\r\n六\t七"
    articles = [{"person": "P1", "month": "2027-05", "title": "一", "text": text}]
    path = small_plan(tmp_path / "plan.xlsx", Company("甲", 2027, JUNE, rows={"People": PEOPLE, "Articles": articles}))
    (row,) = FileBook.open(path).read("Articles").rows
    assert row["characters"] == length_of(row) == 7
