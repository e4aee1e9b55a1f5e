"""The daily routine on real workbooks: what it orders, that it orders it once, what stops it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from addin.book import FileBook
from tests.actions.steps import change, do, tables_of
from tests.small_plan import small_plan
from workbook_templates.answers import Refused
from workbook_templates.tables import duties
from workbook_templates.tables.schema import Company, Row

TODAY = dt.date.today()
PEOPLE: list[Row] = [
    {"id": "P001", "name": "周敏", "level": "director", "line": "direct", "region": None, "manager": None, "joined": dt.date(2020, 1, 1)},
    {"id": "P002", "name": "李明", "level": "representative", "line": "direct", "region": None, "manager": "P001",
     "joined": dt.date(2020, 1, 1)},
]  # fmt: skip
ROLES: list[Row] = [{"role": "director", "line": None, "person": "P001", "from": dt.date(2027, 1, 1), "until": None}]
DEALERS: list[Row] = [{"id": "V05", "name": "恒垣", "joined": dt.date(2026, 1, 1), "owner": "P002"}]


def ledger(quarter: str, verdict: str) -> Row:
    return {
        "quarter": quarter, "dealer": "V05", "sales": 100.0, "rebate": 1.0, "paid": 1.0, "withheld": 0.0, "verdict": verdict,
        "kind": "accrual", "status": "computed", "plan_version": "V1.0", "booked": quarter, "computed_on": dt.date(2027, 4, 5),
    }  # fmt: skip


def plan(folder: Path, **rows: Any) -> Path:
    held = {"People": PEOPLE, "Roles": ROLES, "Dealers": DEALERS} | rows
    return small_plan(folder / "plan.xlsx", Company("甲", 2027, dt.date(2027, 3, 31), rows=held))


def tasks(path: Path) -> list[Row]:
    return FileBook.open(path).read(duties.TABLE).rows


def test_it_orders_once_and_closes_what_is_over(tmp_path: Path) -> None:
    path = plan(tmp_path, DealerLedger=[ledger("2027-Q1", "exit")])
    done = do("nightly", path, as_of="2027-04-08")
    assert done.outcome.data["by_rule"] == {"exit": 1}
    (task,) = tasks(path)
    assert (task["rule"], task["object"], task["episode"], task["owner"]) == ("渠道退出", "V05", "2027-Q1", "P002")
    assert task["due_at"] == dt.datetime(2027, 4, 22, 18) and task["status"] == "open"
    assert FileBook.open(path).as_of == dt.date(2027, 4, 8)
    before = tables_of(path)
    again = do("nightly", path, as_of="2027-04-08")
    assert again.outcome.data["new"] == again.outcome.data["closed"] == 0 and tables_of(path) == before
    change(path, {("DealerLedger", 0, "verdict"): "retain"})
    assert do("nightly", path, as_of="2027-04-09").outcome.data["closed"] == 1
    (task,) = tasks(path)
    assert task["status"] == "done" and task["result"] == str(duties.CLEARED) and task["done_at"].date() == dt.date(2027, 4, 9)


@pytest.mark.parametrize(
    ("year", "stands", "becomes"),
    [
        (TODAY.year + 1, dt.date(TODAY.year + 1, 6, 30), dt.date(TODAY.year + 1, 6, 30)),
        (TODAY.year, dt.date(TODAY.year, 1, 1), TODAY),
        (TODAY.year - 1, dt.date(TODAY.year - 1, 6, 30), dt.date(TODAY.year - 1, 12, 31)),
    ],
)
def test_the_day_follows_the_clock_inside_the_plans_year_and_is_never_turned_back_before_it(
    year: int, stands: dt.date, becomes: dt.date, tmp_path: Path
) -> None:
    path = small_plan(tmp_path / "plan.xlsx", Company("甲", year, stands))
    done = do("nightly", path)
    assert FileBook.open(path).as_of == becomes
    assert any("计划年度之前" in note.zh for note in done.outcome.notes) == (year > TODAY.year)


def test_looking_back_ends_no_task_of_a_later_day(tmp_path: Path) -> None:
    path = plan(tmp_path, DealerLedger=[ledger("2027-Q1", "exit")])
    do("nightly", path, as_of="2027-04-08")
    assert do("nightly", path, as_of="2027-02-01").outcome.data["closed"] == 0
    assert [task["status"] for task in tasks(path)] == ["open"]


def test_undo_puts_the_day_and_the_list_back(tmp_path: Path) -> None:
    path = plan(tmp_path, DealerLedger=[ledger("2027-Q1", "exit")])
    before = tables_of(path)
    do("nightly", path, as_of="2027-04-08")
    assert tables_of(path) != before
    do("undo", path)
    assert tables_of(path) == before


def test_a_plan_without_anything_has_nothing_to_do(tmp_path: Path) -> None:
    path = small_plan(tmp_path / "plan.xlsx", Company("甲", 2027, dt.date(2027, 3, 31)))
    done = do("nightly", path, as_of="2027-03-31")
    assert done.outcome.data["new"] == 0 and not tasks(path)


@pytest.mark.parametrize("status", ["done", "cancelled"])
def test_a_task_closed_without_a_word_is_open_again_and_stops_nobody_else(tmp_path: Path, status: str) -> None:
    """ "A person's close without `result` is refused" (chapters.md §0): that close, not the whole night."""
    both = [DEALERS[0], DEALERS[0] | {"id": "V06"}]
    path = plan(tmp_path, Dealers=both, DealerLedger=[ledger("2027-Q1", "exit")])
    do("nightly", path, as_of="2027-04-08")
    change(path, {(duties.TABLE, 0, "status"): status, (duties.TABLE, 0, "done_at"): dt.datetime(2027, 4, 8, 9)})
    change(path, {("DealerLedger", 0, "dealer"): "V06"} if status == "cancelled" else {("DealerLedger", 0, "rebate"): 2.0})
    done = do("nightly", path, as_of="2027-04-09")
    if status == "cancelled":  # what it was about is over as well: that is its result, and the other dealer is told
        assert tasks(path)[0]["result"] == str(duties.CLEARED) and tasks(path)[1]["object"] == "V06"
        return
    (problem,) = [p for p in done.outcome.problems if "T00001" in p.text.zh]
    held = FileBook.open(path).read(duties.TABLE)
    assert (problem.row, problem.column) == held.at(0, "result") and not done.refused and done.outcome.data["reopened"] == 1
    assert held.rows[0]["status"] == "open" and held.rows[0]["done_at"] is None
    again = do("nightly", path, as_of="2027-04-09")
    assert not again.effect and not again.outcome.problems
    change(path, {(duties.TABLE, 0, "status"): status, (duties.TABLE, 0, "result"): "约谈完成，已签回购"})
    done = do("nightly", path, as_of="2027-04-09")  # closed by a person who said so: neither reopened nor ordered again
    assert done.outcome.data["new"] == 0 and tasks(path)[0]["status"] == status


def test_nobody_to_act_stops_it_in_one_line(tmp_path: Path) -> None:
    path = plan(tmp_path, Roles=[], Dealers=[DEALERS[0] | {"owner": None}], DealerLedger=[ledger("2027-Q1", "exit")])
    before = path.read_bytes()
    done = do("nightly", path, as_of="2027-04-08")
    assert done.refused and path.read_bytes() == before
    assert len(done.outcome.problems) == 1 and "没有总监。请在“岗位”" in done.outcome.problems[0].text.zh


@pytest.mark.parametrize("day", ["2026-12-31", "2028-01-01", "30.6.2027"])
def test_a_day_that_is_none_of_the_plan_is_refused(tmp_path: Path, day: str) -> None:
    path = plan(tmp_path)
    before = path.read_bytes()
    with pytest.raises(Refused):
        do("nightly", path, as_of=day)
    assert path.read_bytes() == before


def test_a_month_that_is_over_has_its_budget_rolled(tmp_path: Path) -> None:
    rows = [
        {"line": "market", "month": month, "planned": 1000.0, "actual_cost": 1000.0 if month < 4 else None,
         "revenue": 100.0 if month < 4 else None}
        for month in range(1, 13)
    ]  # fmt: skip
    path = plan(tmp_path, Budget=rows)
    done = do("nightly", path, as_of="2027-04-02")
    assert done.outcome.data["by_rule"] == {"roi": 1}
    held = FileBook.open(path).read("Budget").rows
    assert held[3]["approved"] < held[3]["planned"] and tasks(path)[0]["episode"] == "2027-03"


def test_a_task_that_is_brought_in_closed_says_what_came_of_it(tmp_path: Path) -> None:
    path, file = plan(tmp_path), tmp_path / "tasks.csv"
    head = "编号,规则,对象,期次,事项,负责人工号,下达时间,期限,状态,结果"
    row = "T1,自己记的,X,1,打电话,P002,2027-03-01 09:00,2027-03-05 18:00,完成,"
    file.write_text(f"{head}\n{row}\n{row.replace('T1', 'T2').replace(',1,', ',2,')}打过了\n", "utf-8")
    done = do("import", path, file=str(file), table=duties.TABLE)
    assert [task["id"] for task in tasks(path)] == ["T2"] and any("结果" in note.zh for note in done.outcome.notes)


def test_the_open_tasks_of_who_left_are_to_be_taken_over(tmp_path: Path) -> None:
    path = plan(tmp_path, DealerLedger=[ledger("2027-Q1", "exit")])
    do("nightly", path, as_of="2027-04-08")
    owner = tasks(path)[0]["owner"]
    people = FileBook.open(path).read("People").rows
    change(path, {("People", [row["id"] for row in people].index(owner), "left"): dt.date(2027, 4, 8)})
    assert not [p for p in do("nightly", path, as_of="2027-04-08").outcome.problems if "离职" in p.text.zh]  # the last day
    said = [p for p in do("nightly", path, as_of="2027-04-09").outcome.problems if "离职" in p.text.zh]
    held = FileBook.open(path).read("Tasks")
    open_ = [i for i, row in enumerate(held.rows) if row["owner"] == owner and row["status"] == "open"]
    assert open_ and [(p.row, p.column) for p in said] == [held.at(i, "owner") for i in open_]
