"""The Checks sheet and ``salesplan check`` are one list: what the rows hold wrong, both see, whatever the Table."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import openpyxl
import openpyxl.utils.cell
import pytest

from addin.book import FileBook
from addin.changes import Changes, lowered
from tests import real
from tests.actions.steps import change
from tests.judge.judge import compare
from tests.plans import once, sample_plan
from tests.random_rows import rows_of_all
from tests.small_plan import small_plan
from udfs.text import Text, speaking
from workbook_templates import checking, recalc
from workbook_templates.answers import ERROR, WARNING, Problem
from workbook_templates.cells import ErrorValue
from workbook_templates.chapters.basics.sheets import checks_sheet, settings
from workbook_templates.checking import findings
from workbook_templates.checking.core import Check, Line
from workbook_templates.making import packed
from workbook_templates.page.builder import Plan
from workbook_templates.tables import grids, schema
from workbook_templates.tables.schema import FAIL, PASS, Company, Row
from workbook_templates.xlsx.package import Package

DERIVED = [c for code, c in checking.registered().items() if code.startswith("table.")]
KEYS = [s.name for s in schema.TABLES.values() if s.key]
REFERENCES = [(s.name, c.key) for s, c in schema.columns() if c.refers and not c.open_refers and not c.formula]
REQUIRED = [(s.name, c.key) for s, c in schema.columns() if c.required and not c.formula]
TYPED = [
    (s.name, c.key, wrong)
    for s, c in schema.columns()
    if not c.formula
    for wrong in [
        *(["十二"] if c.kind in ("int", "number", "money", "fen", "rate", "score", "date", "quarter") else []),
        *(["no such word"] if c.kind == "word" and not c.open_words else []),
        *([c.low - 1] if c.low is not None else []),
        *([c.high + 1] if c.high is not None else []),
    ]
]


def plan_of(rows: dict[str, list[Row]], lang: str) -> Package:
    """A computed plan of all Tables, its settings and the lines of the Checks sheet that follow from the specs, with some rows."""
    package = Package.open(once(("checks", lang), lambda path: path.write_bytes(_empty(lang))))
    book, changes = FileBook(package), Changes()
    for name, found in rows.items():
        changes.add(name, found)
    with speaking(lang):
        book.apply(lowered(book, changes))
        recalc.recalculate(package)
    return package


def _empty(lang: str) -> bytes:
    with speaking(lang):
        plan = Plan(lang, Company("公司", 2027), strict=False)
        settings.build(plan)
        for name, spec in schema.TABLES.items():
            plan.page(name, Text(f"{spec.title.zh}表", f"{name} table"), spec.title).records(name, "B6")
        checks_sheet.build(plan, DERIVED)
        plan.finish()
        return packed(plan).to_bytes()


def verdict(package: Package, lang: str) -> bool:
    """Whether the master check says that all is well; it says nothing else than that or errors."""
    (said,) = grids.named(package, "master_check")
    assert said in (getattr(PASS, lang), getattr(FAIL, lang)), said
    return bool(said == getattr(PASS, lang))


def errors(package: Package) -> list[Problem]:
    found = {name: grids.grid(package, table) for name, table in package.tables.items()}
    return [p for p in checking.problems(found) if p.level == ERROR and p.code.startswith("table.")]


def spoil(chance: random.Random, rows: dict[str, list[Row]]) -> str:
    """Spoil one cell in some way; returns the code that what is found should have."""
    kind = chance.choice(("reference", "key", "blank", "type"))
    if kind == "key":
        name = chance.choice(KEYS)
        keys = schema.table(name).key
        again = {k: _other_case(chance, rows[name][0][k]) for k in keys}
        rows[name].append({**rows[name][-1], **again})
        return f"table.{name}.key"
    if kind == "reference":
        name, key = chance.choice(REFERENCES)
        chance.choice(rows[name])[key] = chance.choice(("不在册", "*", 4711))
        return f"table.{name}.reference"
    name, key, *wrong = chance.choice(TYPED) if kind == "type" else chance.choice(REQUIRED)
    row = next((r for r in rows[name] if sum(v is not None for v in r.values()) > 1), None)
    if row is not None:
        row[key] = wrong[0] if wrong else None
        return f"table.{name}.cell"
    return ""


def _other_case(chance: random.Random, value: Any) -> Any:
    return value.swapcase() if isinstance(value, str) and "K" in value and chance.random() < 0.3 else value


@pytest.mark.parametrize("seed", range(8))
def test_the_master_check_is_well_exactly_when_check_finds_no_error(seed: int) -> None:
    chance = random.Random(seed)
    lang = chance.choice(("zh", "en"))
    rows = rows_of_all(chance)
    sound = plan_of(rows, lang)
    assert errors(sound) == [] and verdict(sound, lang)
    expected = {spoil(chance, rows) for _ in range(chance.randint(1, 2))} - {""}
    spoilt = plan_of(rows, lang)
    found = {p.code for p in errors(spoilt)}
    assert expected <= found
    assert verdict(spoilt, lang) is not bool(found)


@pytest.mark.real
@pytest.mark.parametrize("spoilt", [0, 6])
def test_libreoffice_counts_what_the_engine_counts(tmp_path: Path, spoilt: int) -> None:
    """Every line and every part of it, on sound rows and on spoilt ones, with numbers among the IDs and another case."""
    real.require_office()
    chance = random.Random(5)
    rows = rows_of_all(chance)
    for _ in range(spoilt):
        spoil(chance, rows)
    if spoilt:
        rows["Regions"] += [{**rows["Regions"][0], "region": region} for region in (1001, "EAST")]
        for dealer, region in zip(rows["Dealers"], ("1001", "East"), strict=False):
            dealer["region"] = region
    path = tmp_path / "plan.xlsx"
    path.write_bytes(plan_of(rows, "zh").to_bytes())
    report = compare(path, timeout=200)
    assert not report.differing and not report.not_evaluated and report.agreed > 4 * len(DERIVED), str(report)


def lines(package: Package) -> dict[str, list[Any]]:
    """The lines of the Checks sheet by code."""
    values, width = grids.named(package, schema.CHECK_LIST), len(schema.CHECK_COLUMNS)
    return {row[-1]: row for row in (values[i : i + width] for i in range(0, len(values), width))}


@pytest.mark.parametrize(("name", "key"), REFERENCES)
def test_every_reference_is_asked_by_the_line_of_its_table(name: str, key: str) -> None:
    """The formula of a Table's line names every column that refers and what it refers to, and every column of the key."""
    spec, plan = schema.table(name), Plan("zh", Company("公司", 2027), strict=False)
    line = next(c for c in DERIVED if c.code == f"table.{name}").line
    assert line is not None
    parts = line(plan).parts
    assert parts is not None
    owner, _, referred = spec[key].refers.partition(".")
    assert getattr(plan.table(name), key) in parts["reference"] and getattr(plan.table(owner), referred) in parts["reference"]
    assert all(getattr(plan.table(name), k) in parts["key"] for k in spec.key)


def test_numbers_among_texts_are_one_id() -> None:
    """1001 typed as a number is the ID 1001: known where it is referred to, and doubled where both stand."""
    rows = rows_of_all(random.Random(1))
    rows["Regions"].append({**rows["Regions"][0], "region": "1001"})
    rows["Dealers"][0]["region"] = 1001
    package = plan_of(rows, "zh")
    assert errors(package) == [] and verdict(package, "zh")
    rows["Regions"].append({**rows["Regions"][0], "region": 1001})
    package = plan_of(rows, "zh")
    assert {p.code for p in errors(package)} == {"table.Regions.key"} and not verdict(package, "zh")
    assert lines(package)["table.Regions"][3] == 1.0


@pytest.mark.parametrize("key", ["name", "manager", "joined", "level", "email"])
def test_an_error_in_a_cell_of_any_kind_is_seen(key: str) -> None:
    rows = rows_of_all(random.Random(3))
    package = plan_of(rows, "en")
    held = grids.held(package, "People")
    package.sheets[held.grid.sheet].set_values({held.at(0, key): ErrorValue("#N/A")})
    with speaking("en"):
        recalc.recalculate(package)
    assert "table.People.cell" in {p.code for p in errors(package)} and not verdict(package, "en")


def test_another_case_is_another_id_where_it_is_referred_to_and_the_same_where_sums_would_mix_them() -> None:
    rows = rows_of_all(random.Random(2))
    rows["Regions"].append({**rows["Regions"][0], "region": "East"})
    rows["Dealers"][0]["region"] = "east"
    package = plan_of(rows, "en")
    assert {p.code for p in errors(package)} == {"table.Dealers.reference"} and not verdict(package, "en")
    rows["Dealers"][0]["region"] = "East"
    rows["Regions"].append({**rows["Regions"][0], "region": "EAST"})
    package = plan_of(rows, "en")
    assert {p.code for p in errors(package)} == {"table.Regions.key"} and not verdict(package, "en")


def test_a_pool_that_pays_a_person_who_does_not_exist(tmp_path: Path) -> None:
    """The fault this was made for: `check` said error while the master check said OK."""
    path = sample_plan("zh", tmp_path)
    change(path, {("Pool", 0, "person"): "P999"})
    book = FileBook.open(path)
    found = book.findings()
    assert any(p.code == "table.Pool.reference" and p.level == ERROR for p in found)
    assert book.first("master_check") == FAIL.zh


def test_a_code_is_said_once_and_asks_something() -> None:
    what = Text("一", "one")
    sound = Check("a", "Deals", what, what, line=lambda plan: Line("1"))
    assert list(checking.gathered([sound])) == ["a"]
    with pytest.raises(ValueError, match="two checks have the code 'a'"):
        checking.gathered([sound, sound])
    with pytest.raises(ValueError, match="asks nothing"):
        checking.gathered([Check("b", "Deals", what, what)])


def test_every_problem_says_its_check(tmp_path: Path) -> None:
    """A code of `check --json` is that of a registered check, or begins with it, or says what formulas show."""
    path = sample_plan("en", tmp_path)
    change(path, {("Deals", 0, "seller"): "P999", ("Deals", 1, "collected"): 9e9, ("People", 1, "level"): "boss"})
    codes = {p.code for p in FileBook.open(path).findings()}
    assert {"table.Deals.reference", "table.Deals", "deals.collected", "table.People.cell"} <= codes
    known = checking.registered()
    assert [c for c in codes if c not in known and c.rpartition(".")[0] not in known and not c.startswith("formula.")] == []


def test_rows_that_lack_a_formula_are_found(tmp_path: Path) -> None:
    """A program that writes rows under a Table fills in what it knows and not the calculated columns: sums would leave them out in silence."""
    company = Company(
        "甲", 2027, dt.date(2027, 6, 30), rows={"Articles": [{"person": "P1", "month": "2027-05", "title": "一", "length": 3000}]}
    )
    path = small_plan(tmp_path / "plan.xlsx", company)
    book = openpyxl.load_workbook(path)
    sheet = next(sheet for sheet in book if "Articles" in sheet.tables)
    table = sheet.tables["Articles"]
    (left, top), (right, bottom) = (openpyxl.utils.cell.coordinate_to_tuple(cell)[::-1] for cell in table.ref.split(":"))
    heads = {sheet.cell(top, column).value: column for column in range(left, right + 1)}
    for header, value in (("工号", "P1"), ("月份", "2027-06"), ("题目", "二"), ("字数", 3000)):
        sheet.cell(bottom + 1, heads[header]).value = value
    table.ref = f"{sheet.cell(top, left).coordinate}:{sheet.cell(bottom + 1, right).coordinate}"
    table.autoFilter = None
    book.save(path)
    found = [problem for problem in findings.table_problems(Package.open(path)) if problem.code == "table.Articles.cell"]
    assert [(p.row, p.column, p.level) for p in found] == [(bottom + 1, heads["计字数"], WARNING)]
