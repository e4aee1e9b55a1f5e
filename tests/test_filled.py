"""A real company begins with an empty plan: once its rows came in, it shows what a plan made of them shows."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from addin.book import FileBook
from addin.changes import Changes, lowered
from tests.actions.steps import do
from tests.plans import empty_plan, once, story_plan
from tests.small_plan import small_plan
from tests.test_duties import day, fired
from udfs.text import speaking
from workbook_templates.cells import Value, address
from workbook_templates.chapters import sample_june
from workbook_templates.making import write_plan
from workbook_templates.recalc import recalculate
from workbook_templates.tables import duties
from workbook_templates.tables.schema import Company
from workbook_templates.xlsx.package import Package, Ref

# Choices that the sample made on calculators, and lists that a plan is given when it is made; not what follows from rows.
CHOSEN = {"提成", "分享与股权", "邮件模板", "参数"}
GIVEN = {"PolicyChanges", "Words", "MailTemplates"}


@functools.cache
def story() -> Company:
    whole = sample_june.company("zh")
    return replace(whole, rows={name: rows for name, rows in whole.rows.items() if name not in GIVEN})


def filled(company: Company) -> Package:
    """The company's rows entered into its empty plan, as an import enters them; to be read."""
    return Package.open(once(("later", company.as_of), lambda path: path.write_bytes(_filled(company).to_bytes())))


def _filled(company: Company) -> Package:
    empty = replace(company, rows={})
    path = once(("filled", company.as_of), lambda path: write_plan(empty, path, "zh"))
    package = Package.open(path)
    book, changes = FileBook(package), Changes()
    for name, rows in company.rows.items():
        changes.add(name, rows)
    with speaking("zh"):
        book.apply(lowered(book, changes))
        recalculate(package)
    return package


def shown(package: Package, sheet: str) -> dict[str, Value]:
    found = {address(*at): cell.value for at, cell in package.sheets[sheet].cells().items()}
    return {at: round(value, 6) if isinstance(value, float) else value for at, value in found.items() if value not in (None, "")}


def drawn(package: Package) -> Iterator[tuple[str, list[object]]]:
    """What each chart draws, by the cells it refers to."""
    for chart in package.charts():
        for ref in chart.refs:
            yield ref.formula, ref.values or []


def test_an_empty_plan_that_is_filled_shows_what_one_made_of_its_rows_shows() -> None:
    company = story()
    made = Package.open(once(("made", company.as_of), lambda path: write_plan(company, path, "zh")))
    later = filled(company)
    assert list(made.sheets) == list(later.sheets)
    wrong = {}
    for sheet in made.sheets:
        one, other = (shown(package, sheet) for package in (made, later))
        differing = {at: (one.get(at), other.get(at)) for at in one.keys() | other.keys() if one.get(at) != other.get(at)}
        differing.pop("G2", None)  # the master check, which counts calculators not filled in
        if differing and sheet not in CHOSEN:
            wrong[sheet] = dict(sorted(differing.items())[:5])
    wrong.pop("检查", None)  # its order goes by what is wrong: the calculators
    wrong.pop("说明", None)  # steps that a person has still to do
    assert wrong == {}
    one, other = (sorted((formula, str(values)) for formula, values in drawn(package)) for package in (made, later))
    assert [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]] == []


def test_what_comes_in_later_looks_like_what_was_there_when_the_plan_was_made() -> None:
    """Number formats of what spilled, and the formats that go by values."""
    company = story()
    books = []
    for package in (Package.open(once(("made", company.as_of), lambda path: write_plan(company, path, "zh"))), filled(company)):
        books.append((package, openpyxl.load_workbook(BytesIO(package.to_bytes()))))
    (made, one), (later, other) = books
    for sheet in made.sheets:
        both = shown(made, sheet).keys() & shown(later, sheet).keys()
        formats = {at: (one[sheet][at].number_format, other[sheet][at].number_format) for at in both}
        assert {at: pair for at, pair in formats.items() if pair[0] != pair[1]} == {}, sheet
        rules, others = ({str(rule.sqref) for rule in book[sheet].conditional_formatting} for book in (one, other))
        assert rules <= others, sheet


def test_one_who_comes_after_the_plan_was_made_is_ranked_with_the_others(tmp_path: Path) -> None:
    path = story_plan("zh", tmp_path)
    assert do("quota", path).written  # April's joiner
    package = Package.open(path)
    sheet, area = package.locate("drill_3") or pytest.fail("the team's screen has no list")
    first = [
        cell.value
        for row in range(area.first_row + 1, area.last_row + 1)
        if (cell := package.sheets[sheet].get((row, area.first_col)))
    ]
    assert len(first) == len(set(first)) == 10 and all(isinstance(one, str) and one.startswith("P") for one in first)


def test_charts_of_an_empty_plan_have_room_for_what_comes_in_while_excel_is_open() -> None:
    package = Package.open(empty_plan(None, "zh"))
    rooms = [package.locate(name) for name in package.names if isinstance(name, str) and name.startswith("room_")]
    assert len(rooms) > 10
    for room in filter(None, rooms):
        sheet, area = room
        drawn = [ref.area for chart in package.charts() for ref in chart.refs if ref.sheet == sheet and _holds(area, ref.area)]
        assert {ref.last_row for ref in drawn if ref.first_row == area.first_row} <= {area.last_row}, room


def _holds(room: Ref, area: Ref) -> bool:
    return room.first_col <= area.first_col <= room.last_col


LEFT = dt.date(2027, 3, 31)


def test_who_left_is_nobody_to_be_helped(tmp_path: Path) -> None:
    person = {"level": "representative", "line": "direct", "joined": dt.date(2020, 1, 1), "manager": "P1"}
    people = [
        person | {"id": "P1", "name": "总监", "level": "director", "manager": None},
        person | {"id": "P2", "name": "在岗"},
        person | {"id": "P3", "name": "离职", "left": LEFT},
    ]
    okr = {
        "period": "2027-Q2",
        "objective": "o",
        "kr": "新客",
        "start": 0.0,
        "target": 100.0,
        "current": 10.0,
        "due": dt.date(2027, 6, 30),
    }
    okrs = [okr | {"person": name} for name in ("P2", "P3")]
    tasks = fired("coaching", day(dt.date(2027, 6, 30), People=people, Okrs=okrs))
    assert [task.object for task in tasks] == ["P2"]
    assert all(
        duties.employed(day(on, People=people), "P3") == here for on, here in ((LEFT, True), (LEFT + dt.timedelta(days=1), False))
    )
    company = Company("甲", 2027, dt.date(2027, 6, 30), rows={"People": people, "Okrs": okrs})
    path = small_plan(tmp_path / "plan.xlsx", company)
    do("meetings", path, kind="月会")
    assert [row["person"] for row in FileBook.open(path).read("CoachingPlans").rows] == ["P2"]
