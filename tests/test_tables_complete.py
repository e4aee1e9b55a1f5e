"""Adding a Table is adding its spec (and sample rows): for each step left out one of these fails and says what is missing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from workbook_templates import checking
from workbook_templates.chapters import building, sample
from workbook_templates.intake import own_workbook
from workbook_templates.page.builder import Plan
from workbook_templates.page.plain import PlainSheet
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Company, TableSpec

DOCS = Path(__file__).parent.parent / "docs"
EVERY = pytest.mark.parametrize("spec", schema.TABLES.values(), ids=lambda spec: spec.name)


@cache
def blank() -> Plan:
    return building.make(Company("公司", 2027), "zh")


@cache
def company() -> Company:
    return sample.company("zh", deals=200)


def begins_with(spec: TableSpec) -> int:
    """How many rows of a Table a new plan has by itself: what mails say is there from the start."""
    sheet = blank().book[blank().tables[spec.name]]
    table = sheet.tables[spec.name]
    _head, *rows = sheet[table.ref]
    return sum(any(cell.value is not None and cell.data_type != "f" for cell in row) for row in rows)


@EVERY
def test_a_table_has_a_page(spec: TableSpec) -> None:
    assert spec.name in blank().tables, f"{spec.name} stands on no sheet: give its spec a page=PageSpec(...), or write it on one"


@EVERY
def test_a_table_has_sample_rows(spec: TableSpec) -> None:
    """But for what the program writes when something is done: its history begins with that."""
    there = bool(company().of(spec.name)) or begins_with(spec) > 0
    assert there or spec.by_program, f"the sample company has no rows of {spec.name}"


@EVERY
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_table_is_documented(spec: TableSpec, lang: str) -> None:
    lines = (DOCS / f"tables.{lang}.md").read_text(encoding="utf-8").splitlines()
    assert any(line == f"## {spec.name}" or line.startswith(f"## {spec.name} ·") for line in lines), (
        "run python docs/make_tables.py"
    )
    assert any(f"`table.{spec.name}`" in line for line in lines)


@EVERY
def test_a_table_is_checked(spec: TableSpec) -> None:
    check = checking.registered().get(f"table.{spec.name}")
    assert check is not None and check.line is not None


@EVERY
def test_a_table_is_imported_or_kept_by_the_program(spec: TableSpec) -> None:
    assert (spec.name in own_workbook.importable()) is not spec.by_program


@EVERY
def test_a_spec_says_what_exists(spec: TableSpec) -> None:
    """Its key, what it refers to, the columns of its page: a slip would only be seen where it is used."""
    assert set(spec.key) <= set(spec.by_key)
    for column in spec.columns:
        assert column.kind in schema.KINDS
        if column.refers:
            owner, _, key = column.refers.partition(".")
            assert (schema.table(owner).key or [schema.table(owner).columns[0].key])[0] == key
    if spec.page is not None:
        assert {*spec.page.widths, *spec.page.wraps} <= set(spec.by_key)


def test_a_new_table_with_a_page_needs_nothing_else() -> None:
    """A spec that no module knows: its sheet is built, with its purpose and its columns."""
    from udfs.text import Text
    from workbook_templates.tables.schema import Column, PageSpec

    page = PageSpec(50, Text("试", "to try"), Text("填", "fill in"), frozen=1, widths={"id": 20})
    spec = TableSpec("NewThings", Text("新表", "New things"), (Column("id", Text("编号", "ID"), "id"),), ("id",), page)
    plan = Plan("en", Company("Company", 2027), strict=False)
    schema.TABLES[spec.name] = spec
    try:
        PlainSheet(spec, page).build(plan)
    finally:
        del schema.TABLES[spec.name]
    sheet = plan.book["New things"]
    assert plan.pages["new_things"].purpose == page.purpose and plan.pages["new_things"].todo == page.todo
    assert sheet["B6"].value == "ID" and sheet.freeze_panes == "C7" and list(sheet.tables) == ["NewThings"]
