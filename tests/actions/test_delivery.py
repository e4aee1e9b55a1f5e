"""Record delivery and Check service on a workbook: what they write, that twice is once, what stops them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import docx
import pytest

from addin.book import FileBook
from tests.actions.steps import do, tables_of
from tests.small_plan import small_plan
from workbook_templates.answers import Refused
from workbook_templates.tables.schema import Company, Row

DAY = dt.date(2026, 9, 1)
PEOPLE: list[Row] = [
    {"id": "P1", "name": "周敏", "level": "director", "line": "direct", "joined": dt.date(2020, 1, 1)},
    {"id": "P2", "name": "李明", "level": "representative", "line": "direct", "manager": "P1", "joined": dt.date(2020, 1, 1)},
]
ROLES: list[Row] = [{"role": "director", "line": None, "person": "P1", "from": dt.date(2026, 1, 1), "until": None}]
REGIONS: list[Row] = [
    {"region": "华东", "buyers": 1.0, "spend": 1.0, "serviceable": 1.0, "coverage": 1.0, "win_rate": 1.0, "code": "HD"}
]
CUSTOMERS: list[Row] = [{"id": "C1", "name": "甲", "region": "华东"}]
# The worked example 7d: length 30, official calendar of 2026.
STEPS = (
    ("设计", 3, None),
    ("采购", 10, "设计"),
    ("加工", 8, "采购"),
    ("软件", 6, "设计"),
    ("装配", 4, "加工、软件"),
    ("测试", 2, "装配"),
    ("发运", 3, "测试"),
)


def deal(name: str = "D1", **more: Any) -> Row:
    return {
        "id": name, "date": DAY, "customer": "C1", "region": "华东", "line": "flex", "seller": "P2", "seller_share": 1.0, "revenue": 1e6, "cost": 6e5,
        "due": dt.date(2026, 12, 1),
    } | more  # fmt: skip


def plan(folder: Path, day: dt.date = DAY, **rows: Any) -> Path:
    templates = [
        {"template": "定制 Flex", "task": task, "days": float(days), "predecessors": before} for task, days, before in STEPS
    ]
    held: dict[str, Any] = {
        "People": PEOPLE, "Roles": ROLES, "Regions": REGIONS, "Customers": CUSTOMERS, "Deals": [deal()], "TaskTemplates": templates,
    }  # fmt: skip
    return small_plan(folder / "plan.xlsx", Company("甲", 2026, day, rows=held | rows))


def test_a_deal_gets_a_numbered_project_with_its_tasks_counted_back(tmp_path: Path) -> None:
    path = plan(tmp_path)
    done = do("deliver", path)
    assert done.outcome.data["opened"] == 1
    book = FileBook.open(path)
    (project,) = book.read("Projects").rows
    assert (project["id"][:9], project["pm"], project["start"]) == ("P26HD0001", "P1", DAY)
    tasks = {row["task"]: row for row in book.read("ProjectTasks").rows}
    assert (
        tasks["发运"]["latest_finish"] == project["promised"]
        and tasks["设计"]["critical"] == "yes"
        and tasks["软件"]["critical"] == "no"
    )
    assert tasks["软件"]["slack"] - tasks["设计"]["slack"] == 12  # the printed slack of the example
    before = tables_of(path)
    assert do("deliver", path).outcome.data["opened"] == 0 and tables_of(path) == before


def test_what_is_behind_is_not_scheduled_until_somebody_agreed_to_a_new_day(tmp_path: Path) -> None:
    path = plan(tmp_path)
    do("deliver", path)
    name = FileBook.open(path).read("Projects").rows[0]["id"]
    do("deliver", path, project=name, promised="2026-09-10", agreed="王工")
    done = do("deliver", path)
    assert done.outcome.data["scheduled"] == 0 and "已晚" in str(done.outcome.problems[0].text)
    do("deliver", path, project=name, promised="2026-10-30", agreed="王工")
    assert do("deliver", path).outcome.data["scheduled"] == 1
    (project,) = FileBook.open(path).read("Projects").rows
    assert project["agreed_by"] == "王工" and project["first_promised"] is not None


def test_what_is_delivered_is_not_promised_anew(tmp_path: Path) -> None:
    """A late delivery would be on time again, and the rate with it."""
    late: Row = {"id": "P26HD0001X", "deal": "D1", "promised": dt.date(2026, 8, 1), "pm": "P1", "template": "定制 Flex",
                 "delivered": dt.date(2026, 8, 30)}  # fmt: skip
    path = plan(tmp_path, Projects=[late])
    do("deliver", path)
    before = path.read_bytes()
    with pytest.raises(Refused, match="已于 2026-08-30 交付"):
        do("deliver", path, project="P26HD0001X", promised="2026-09-30", agreed="王工")
    assert path.read_bytes() == before


def test_a_region_without_a_code_and_a_circle_are_named_and_the_others_go_on(tmp_path: Path) -> None:
    bare = [REGIONS[0], REGIONS[0] | {"region": "华南", "code": None}]
    done = do("deliver", plan(tmp_path, Regions=bare, Deals=[deal(), deal("D2", region="华南")]))
    assert done.outcome.data["opened"] == 1
    assert [str(p.text) for p in done.outcome.problems] == ["D2 没有建项目：区域“华南”没有代码：在“1 市场”的区域表填两位字母"]


def test_deals_take_the_day_their_project_was_delivered(tmp_path: Path) -> None:
    project: Row = {
        "id": "P26HD0001X",
        "deal": "D1",
        "promised": DAY,
        "pm": "P1",
        "template": "定制 Flex",
        "delivered": dt.date(2026, 8, 30),
    }
    path = plan(tmp_path, Projects=[project])
    assert do("deliver", path).outcome.data["deals"] == 1
    assert FileBook.open(path).read("Deals").rows[0]["delivered"] == dt.date(2026, 8, 30)


def test_a_shipment_is_registered_once(tmp_path: Path) -> None:
    rated = {"customer": "C1", "as_of": DAY, "grade": "A", "limit": 1e8, "by": "P1", "sources": "年报"}
    path = plan(tmp_path, CreditScores=[rated])
    do("deliver", path)
    name = FileBook.open(path).read("Projects").rows[0]["id"]
    assert do("deliver", path, project=name, ship=True).outcome.data == {"project": name, "shipped": 1e6}
    with pytest.raises(Refused, match="已于"):
        do("deliver", path, project=name, ship=True)


WARM = (4.0, 4.1, 4.05, 4.2, 4.3, 4.28, 4.41, 4.5, 4.47, 4.6, 4.66, 4.7)


def test_service_judges_all_of_it_and_orders_once(tmp_path: Path) -> None:
    now = dt.datetime(2026, 9, 1)
    late: Row = {"id": "P26HD0001X", "deal": "D1", "promised": dt.date(2026, 8, 20), "pm": "P2", "template": "定制 Flex"}
    tickets: list[Row] = [
        {"id": "T1", "customer": "C1", "opened": now - dt.timedelta(days=3), "part": "common", "solution_at": now - dt.timedelta(days=3) + dt.timedelta(hours=4),
         "part_at": now - dt.timedelta(days=2)},
        {"id": "T2", "customer": "C1", "opened": now - dt.timedelta(days=1), "part": "none"},
    ]  # fmt: skip
    readings = [
        {"device": "E1", "sensor": "V", "time": now - dt.timedelta(days=11 - n), "reading": value} for n, value in enumerate(WARM)
    ]
    answers = [{"quarter": "2026-Q3", "customer": "C1", "score": score, "comment": f"意见{score}"} for score in (9, 8, 7, 6, 5)]
    path = plan(
        tmp_path, Projects=[late], Tickets=tickets, Sensors=[{"device": "E1", "sensor": "V", "limit": 5.5}], Readings=readings,
        SurveyWaves=[{"quarter": "2026-Q3", "agency": "甲", "population": 10, "closed_on": dt.date(2026, 8, 20)}], SurveyAnswers=answers,
    )  # fmt: skip
    data = do("service", path).outcome.data
    assert (
        data["projects"] == {"green": 0, "yellow": 0, "red": 1}
        and data["sensors"]["red"] == 1
        and data["waves"] == {"2026-Q3": -20.0}
    )
    assert (data["repairs"], data["tasks"]) == (2, 5)  # the wave and its customer; red, sla, failure and two repairs
    book = FileBook.open(path)
    first, second = book.read("Tickets").rows
    assert (first["solution_light"], first["part_light"], second["solution_light"], second["part_light"]) == (
        "kept",
        "kept",
        "late",
        "none",
    )
    assert book.read("Sensors").rows[0]["predicted"] == dt.date(2026, 9, 13)  # day 24 of the example
    assert {str(row["rule"]) for row in book.read("Tasks").rows} == {"交付红灯", "服务时限", "故障预警", "修复专案"}
    files = sorted((tmp_path / "plan_文档").glob("*.docx"))
    assert len(files) == 2  # the wave's and the customer's
    paper = docx.Document(str(files[0]))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    assert [c for c in cells if c in ("意见5", "意见6", "意见7")] == ["意见5", "意见6"], (
        "who would not recommend, the worst first"
    )
    assert "2026-09-15" in cells  # two weeks
    again = do("service", path).outcome.data
    assert (again["repairs"], again["tasks"]) == (0, 0)
    assert sorted((tmp_path / "plan_文档").iterdir()) == files


def test_an_empty_plan_says_what_is_missing(tmp_path: Path) -> None:
    path = plan(tmp_path, Deals=[], TaskTemplates=[])
    assert "没有可登记的" in str(do("deliver", path).outcome.summary)
    assert "没有可检查的" in str(do("service", path).outcome.summary)


def test_hours_of_what_has_no_end_are_not_written(tmp_path: Path) -> None:
    """Late or in time, they grow by the minute: a second run would change them. What several customers said is said once."""
    opened = dt.datetime(2026, 8, 30, 8)
    tickets = [{"id": "T1", "customer": "C1", "opened": opened, "part": "common", "solution_at": opened + dt.timedelta(hours=5)}]
    waves = [{"quarter": "2026-Q2", "agency": "甲", "population": 10, "closed_on": dt.date(2026, 8, 1)}]
    answers = [
        {"quarter": "2026-Q2", "respondent": f"R{n}", "score": 3, "comment": said}
        for n, said in enumerate(("慢", "慢", "贵", "远"))
    ]
    path = plan(tmp_path, Deals=[], Tickets=tickets, SurveyWaves=waves, SurveyAnswers=answers)
    do("service", path)
    book = FileBook.open(path)
    (row,) = book.read("Tickets").rows
    assert (row["solution_hours"], row["solution_light"], row["part_hours"], row["part_light"]) == (5, "late", None, "late")
    assert [one["fix"] for one in book.read("RepairPlans").rows] == ["客户意见：慢；贵；远"]
