"""Chapter 5, the rhythm: who is behind, whose director, meetings whose figures stay, the pool; and chapter 10's duties."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from addin.book import FileBook
from tests.actions.steps import change, do
from tests.plans import sample_computed
from tests.small_plan import small_plan
from tests.test_duties import JUNE, PEOPLE, ROLES, day, fired
from udfs.policy import value
from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.chapters.cockpit.sheets import problems
from workbook_templates.chapters.growth.duties import length_of
from workbook_templates.chapters.incentives import rhythm
from workbook_templates.chapters.incentives.sheets import talent
from workbook_templates.page import register, watches
from workbook_templates.page.builder import Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables.schema import LEVELS, Company, Row

LIMIT = float(value("coaching.limit"))


def kr(
    person: str, current: float | None, start: float = 0.0, target: float = 100.0, name: str = "新客", period: str = "2027-Q2"
) -> Row:
    return {
        "person": person,
        "period": period,
        "objective": "o",
        "kr": name,
        "start": start,
        "target": target,
        "current": current,
        "due": JUNE,
    }


def test_below_the_line_is_coached_the_line_itself_and_a_blank_are_not() -> None:
    okrs = [kr("P002", 69.0), kr("P003", 70.0), kr("P001", None), kr("P001", 4.1, 5.0, 3.0, "降本", "2027-Q1")]
    assert [(one.person, round(one.progress, 6)) for one in rhythm.behind(okrs, "2027-Q2", LIMIT)] == [("P002", 0.69)]
    assert [one.progress for one in rhythm.behind(okrs, "2027-Q1", LIMIT)] == [pytest.approx(0.45)]  # vectors 5a, a falling KR
    worst = rhythm.behind([kr("P002", 60.0), kr("P002", 20.0, name="回款")], "2027-Q2", LIMIT)
    assert [(one.kr, one.progress) for one in worst] == [("回款", 0.2)]
    assert rhythm.progress_of(kr("P002", 1.0, 3.0, 3.0)) is None


def test_the_duty_goes_to_the_director_above_until_coaching_is_done() -> None:
    (task,) = fired("coaching", day(JUNE, Okrs=[kr("P002", 69.0)]))
    assert (task.object, task.episode, task.owner) == ("P002", "2027-06", "P001")
    assert task.until == dt.datetime(2027, 7, 14, 18)  # ten working days after Wednesday 30 June
    done = [{"person": "P002", "month": "2027-06", "status": "done"}]
    assert not fired("coaching", day(JUNE, Okrs=[kr("P002", 69.0)], CoachingPlans=done))
    assert not fired("coaching", day(dt.date(2027, 6, 29), Okrs=[kr("P002", 69.0, period="2027-Q1")]))
    circle = [{"id": "A", "manager": "B", "level": "manager"}, {"id": "B", "manager": "A", "level": "manager"}]
    assert rhythm.director_of("A", circle) is None


def review(person: str, half: str, performance: float, value_score: float = 4.0) -> Row:
    return {"person": person, "half": half, "performance": performance, "potential": 4.0, "value_score": value_score}


def test_the_pool_says_who_came_who_left_and_who_is_barred() -> None:
    people = [{"id": p, "level": "manager"} for p in "ABCD"]
    reviews = [
        review("A", "2026-H2", 4),
        review("B", "2026-H2", 3),
        review("A", "2027-H1", 2),
        review("B", "2027-H1", 5),
        review("C", "2027-H1", 4.5),
        review("D", "2027-H1", 5, 2.9),
    ]
    found = rhythm.judged(reviews, people, [word.code for word in LEVELS][:3], [3, 2, 27], 3.0)
    assert {reviews[i]["person"]: one.place for i, one in found.items()} == {"A": "left", "B": "stays", "C": "new", "D": "barred"}
    assert found[3].box == "future_leader" and set(found) == {2, 3, 4, 5}, "older half-years stay as they were"


def plan(folder: Path, **rows: Any) -> Path:
    return small_plan(folder / "plan.xlsx", Company("甲", 2027, JUNE, rows={"People": PEOPLE, "Roles": ROLES} | rows))


def test_a_meeting_is_entered_once_and_plans_coaching(tmp_path: Path) -> None:
    path = plan(tmp_path, Okrs=[kr("P002", 69.0)])
    first = do("meetings", path, kind="月会")
    assert first.outcome.data["coaching"] == 1
    book = FileBook.open(path)
    (made,), (meeting,) = book.read("CoachingPlans").rows, book.read("Meetings").rows
    assert (made["person"], made["month"], made["director"], made["status"]) == ("P002", "2027-06", "P001", "running")
    assert meeting["id"] == "MT0001" and meeting["chair"] == "P001"
    assert not do("meetings", path, kind="monthly").written
    with pytest.raises(Refused, match="早会"):
        do("meetings", path, kind="茶会")
    with pytest.raises(Refused, match="09:00"):
        do("meetings", path, kind="周会", at="明天")


def test_nobody_to_chair_is_refused_and_nothing_written(tmp_path: Path) -> None:
    path = small_plan(tmp_path / "plan.xlsx", Company("甲", 2027, JUNE))
    before = path.read_bytes()
    with pytest.raises(Refused, match="总监"):
        do("meetings", path)
    assert path.read_bytes() == before


def test_talent_writes_the_newest_half_only_and_once(tmp_path: Path) -> None:
    rows = [review("P001", "2026-H2", 4) | {"by": "P001"}, review("P001", "2027-H1", 4) | {"by": "P001"}]
    path = plan(tmp_path, TalentReviews=rows)
    assert do("talent", path).outcome.data["half"] == "2027-H1" and not do("talent", path).written
    boxes = [(row["box"], row["place"]) for row in FileBook.open(path).read("TalentReviews").rows]
    assert boxes == [(None, None), ("future_leader", "stays")]
    change(path, {("TalentReviews", 1, "value_score"): 2.9})
    assert do("talent", path).outcome.data["barred"] == 1


LEFT = dt.date(2027, 5, 31)
SUCCESSORS: dict[str, tuple[list[Row], list[str]]] = {
    "somebody who is here": ([review("P002", "2027-H1", 4) | {"successor_for": "P001"}], []),
    "nobody": ([review("P002", "2027-H1", 4)], ["P001"]),
    "himself": ([review("P001", "2027-H1", 4) | {"successor_for": "P001"}], ["P001"]),
    "who left": ([review("P009", "2027-H1", 4) | {"successor_for": "P001"}], ["P001"]),
    "who left, and one who is here": ([review(p, "2027-H1", 4) | {"successor_for": "P001"} for p in ("P009", "P002")], []),
    "of the half before": ([review("P002", "2026-H2", 4) | {"successor_for": "P001"}, review("P002", "2027-H1", 4)], ["P001"]),
}


@pytest.mark.parametrize("case", SUCCESSORS)
def test_a_directors_post_has_a_successor_who_could_take_it(case: str, tmp_path: Path) -> None:
    reviews, bare = SUCCESSORS[case]
    director = next(row for row in PEOPLE if row["level"] == "director")
    gone = director | {"id": "P009", "name": "离", "level": "manager", "left": LEFT}
    rows: Any = {"People": [*PEOPLE, gone], "TalentReviews": [row | {"by": "P001"} for row in reviews]}

    def beside(made: Plan) -> None:
        made.page("of_people", Text("人员页", "People sheet"), Text("", "")).records("People", "B6")

    path = small_plan(
        tmp_path / "plan.xlsx", Company("甲", 2027, JUNE, rows=rows), sheets=[PlanSheet(1, beside), talent.SHEET, problems.SHEET]
    )
    found = {row.key: row for row in register.read(FileBook.open(path).named(watches.LIST))}["team.successors"]
    assert (found.actual, [found.id] if found.id else []) == (len(bare), bare)


def test_the_weekly_meeting_has_last_week_and_the_plan_beside_it() -> None:
    """Chapters, 5: leads, opportunities, quotes, cash against last week and plan; leads by the plan's 12,000 valid ones a year, cash by what is due."""
    made = sample_computed("zh")
    as_of = made.company.day()
    cells = made.package.sheets[next(name for name in made.package.sheets if name.endswith("会议材料"))].cells()
    lines = {
        cell.value: [cells[row, column].value for column in range(3, 7)]
        for (row, of), cell in cells.items()
        if of == 2 and (row, 6) in cells
    }

    def within(table: str, key: str, last: int, first: int, amount: str = "") -> float:
        days = [as_of - dt.timedelta(days=back) for back in range(last, first)]
        mine = [
            r
            for r in made.company.of(table)
            if r.get(key) and (r[key].date() if isinstance(r[key], dt.datetime) else r[key]) in days
        ]
        return sum(float(r[amount]) for r in mine) if amount else float(len(mine))

    for label, table, key, amount, planned in (
        ("有效线索 MQL（条）", "Leads", "mql_on", "", 12_000 * 7 / 365),
        ("商机（个）", "Opportunities", "opened", "", "–"),
        ("报价（张）", "Quotes", "on", "", "–"),
        ("回款（元）", "Collections", "date", "amount", within("Deals", "due", 0, 7, "revenue")),
    ):
        now, before, _, goal = lines[label]
        assert (now, before) == pytest.approx((within(table, key, 0, 7, amount), within(table, key, 7, 14, amount))), label
        assert goal == (planned if planned == "–" else pytest.approx(planned)), label


# ------------------------------------------------------------------------------------------------------------- chapter 10


def test_an_article_is_as_long_as_its_text_without_blanks() -> None:
    assert length_of({"text": "一 二\n三"}) == 3 and length_of({"text": "一", "length": 3000}) == 3000


def test_a_month_without_article_star_or_book_is_told_and_a_chapter_without_rows_asks_nothing() -> None:
    assert not any(fired(rule, day(JUNE)) for rule in ("article", "stars", "books"))
    log = [{"person": "P002", "kind": "book", "title": "一", "on": dt.date(2027, 5, 3)}]
    stars = [{"month": "2027-06", "star": "win", "person": "P002"}]
    found = day(JUNE, GrowthLog=log, Stars=stars)
    assert [t.object for t in fired("article", found)] == ["P001"] and [t.object for t in fired("books", found)] == ["P002"]
    (task,) = fired("stars", found)
    assert "信、快" in task.title.zh and task.until == dt.datetime(2027, 7, 5, 18)
    article = [{"person": "P001", "month": "2027-06", "length": 3000}]
    assert not fired("article", day(JUNE, GrowthLog=log, Articles=article))
    assert fired("article", day(JUNE, GrowthLog=log, Articles=[article[0] | {"length": 2999}]))


@pytest.mark.parametrize(
    ("bought", "active"),
    [
        ([5.0, 0.0, -3.0], 1),  # refreshed: who bought nothing, or gave back all, is not active
        ([None, None, None], 3),  # never refreshed: nobody knows, all count
        ([5.0, None, 0.0], 2),
    ],
)
def test_who_did_not_buy_for_a_year_is_no_active_customer(tmp_path: Path, bought: list[float | None], active: int) -> None:
    person = {"id": "P1", "name": "甲", "level": "representative", "line": "direct", "joined": dt.date(2020, 1, 1)}
    customers = [{"id": f"C{n}", "name": f"客户{n}", "owner": "P1", "sales_12m": sales} for n, sales in enumerate(bought)]
    customers.append({"id": "C9", "name": "客户0分公司", "owner": "P1", "sales_12m": 9.0, "alias_of": "C0"})
    company = Company("甲", 2027, dt.date(2027, 6, 30), rows={"People": [person], "Customers": customers})
    (row,) = FileBook.open(small_plan(tmp_path / "plan.xlsx", company)).read("People").rows
    assert row["customers"] == active
