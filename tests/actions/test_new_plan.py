"""A plan that `new` made and that a person begins to fill in: nothing of it is taken for done, and its formulas stay (issue 13 C)."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest

from addin import actions
from addin.book import FileBook
from addin.performing import perform
from tests.actions.steps import do
from tests.plans import once
from udfs import policy
from udfs.text import speaking
from workbook_templates.checking import findings
from workbook_templates.recalc import compute
from workbook_templates.tables.schema import Company

PEOPLE = """工号,姓名,层级,条线,上级工号,入职日期,指标权重
B1,陈舟,总监,行业,,2020-01-01,
P1,林思远,代表,行业,B1,2020-01-01,
P2,方晴,代表,行业,B1,2027-07-01,
P3,许言,代表,行业,B1,2020-01-01,0
"""


def made(path: Path, lang: str = "zh", **options: Any) -> Path:
    """What ``new`` makes of the options, made once a run for the tests that go on from there."""
    options = {"company": "云杉", "year": 2027, **options}
    today = policy.clock() or dt.date.today()

    def make(to: Path) -> None:
        action = actions.every()["new"]
        with speaking(lang):
            perform(action, None, action.defaults(file=str(to), **options))

    return Path(shutil.copy(once(("new", lang, today, sorted(options.items())), make), path))


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A plan of the chapters that pay needs, with four people."""
    path = made(tmp_path / "plan.xlsx", chapters="5")
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    do("import", path, file=str(tmp_path / "people.csv"), table="People")
    return path


def test_whoever_sells_counts_one_and_a_lead_nothing(fresh: Path) -> None:
    """A blank weight: 1 for who leads nobody (by days since joining), nothing for who leads others; a typed 0 is none."""
    done = do("quota", fresh)
    assert str(done.sentence.zh) == "个人指标：2 人，新增 2，移除 0"
    rows = {row["person"]: row["weight"] for row in FileBook.open(fresh).read("Quotas").rows}
    assert rows == {"P1": 1.0, "P2": 0.5041}  # 184 of 365 days


def test_the_weights_of_a_new_plan_stay_formulas(fresh: Path) -> None:
    do("quota", fresh)
    held = FileBook.open(fresh).read("Quotas")
    assert all(held.at(row, "weight") in held.grid.formulas for row in range(len(held.rows)))
    assert not do("quota", fresh).effect


def test_without_a_target_the_quotas_are_noughts_and_nothing_is_red(fresh: Path) -> None:
    """One nought for several people made the months' check fail, and no statement could be locked."""
    do("quota", fresh)
    book = FileBook.open(fresh)
    assert book.first("quota_total") == 0
    assert not findings.problems(book.package, compute(book.package))
    assert book.named("person_quota")[:1] == [0.0]


@pytest.mark.parametrize("name", ["quota", "commission"])
def test_nobody_is_never_up_to_date(tmp_path: Path, name: str) -> None:
    path = made(tmp_path / "plan.xlsx")
    done = do(name, path)
    assert not done.written
    assert "最新" not in done.sentence.zh and "up to date" not in done.sentence.en
    assert "导入" in done.sentence.zh and "import" in done.sentence.en


@pytest.mark.parametrize(
    ("today", "day"),
    [
        (dt.date(2027, 3, 9), dt.date(2027, 3, 9)),
        (dt.date(2026, 11, 1), dt.date(2027, 1, 1)),
        (dt.date(2028, 2, 1), dt.date(2027, 12, 31)),
    ],
)
def test_a_new_plan_is_as_of_today_held_inside_its_year(today: dt.date, day: dt.date) -> None:
    before = policy.clock()
    policy.set_today(today)
    try:
        assert Company("云杉", 2027).day() == day
    finally:
        policy.set_today(before)
