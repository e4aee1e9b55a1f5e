"""The open workbook against a stand-in that records every call: same results as the file, and calls that do not grow
with the rows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from addin import actions, live
from addin.action import Done
from addin.book import FileBook
from addin.changes import plain
from addin.live import LiveBook
from addin.performing import perform
from tests.actions.company import company, deal
from tests.actions.excel import Api, Book, Excel, contents
from tests.actions.steps import change
from tests.plans import sample_plan
from tests.small_plan import rows_plan, small_plan
from workbook_templates.answers import Refused
from workbook_templates.cells import address
from workbook_templates.tables.grids import cell_of
from workbook_templates.xlsx.package import Package, Ref

NOW = dt.datetime(2027, 12, 31, 18, 0, 0)


def opened(path: Path, answer: str = "ok") -> Book:
    return Book(Package.open(path), Excel(answer))


def do(book: Any, name: str, **options: Any) -> Done:
    action = actions.every()[name]
    return perform(action, book, action.defaults(**options), backup=False, now=NOW)


def spoilt(path: Path) -> None:
    """A sample where every action has something to do."""
    book = FileBook.open(path)
    people, deals = book.read("People").rows, book.read("Deals").rows
    seller, manager = (next(i for i, r in enumerate(people) if r["level"] == level) for level in ("representative", "manager"))
    change(
        path,
        {
            ("People", seller, "quota_weight"): 0.0,
            ("People", manager, "quota_weight"): 1.5,
            ("People", manager, "left"): dt.date(2027, 9, 1),
            ("Deals", 0, "cost"): deals[0]["cost"] + 1000,
            ("Deals", len(deals) - 1, "cost"): deals[-1]["cost"] - 1000,
            ("DealerSales", 0, "sales"): 9_000_000.0,  # settled and paid: an adjustment
            ("DealerSales", len(book.read("DealerSales").rows) - 1, "sales"): 800_000.0,  # still open
        },
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["quota", "commission", "pool", "dealers"])
def test_the_same_results_as_the_file(tmp_path: Path, name: str, lang: str) -> None:
    made = sample_plan if (name, lang) == ("commission", "zh") else rows_plan  # once with every view beside the rows
    path = made(lang, tmp_path, spoilt)
    excel = LiveBook(opened(path))
    done = do(excel, name)
    assert done.written
    assert do(FileBook.open(path), name).effect == done.effect
    in_file = FileBook.open(path)
    for table in ("Quotas", "Ledger", "Pool", "DealerLedger", "ChangeLog"):
        mine, theirs = (
            [{k: v for k, v in r.items() if not excel.read(table).spec[k].formula} for r in b.read(table).rows]
            for b in (excel, in_file)
        )
        assert mine == theirs, table
        assert excel.read(table).grid.data == in_file.read(table).grid.data
    assert not do(excel, name).effect


@pytest.mark.parametrize("name", ["quota", "commission", "pool", "dealers"])
def test_undo_brings_every_cell_back(tmp_path: Path, name: str) -> None:
    workbook = opened((sample_plan if name == "quota" else rows_plan)("zh", tmp_path, spoilt))
    log = next(s.name for s in workbook.sheets for t in s.tables if t.name == "ChangeLog")
    before = [c for c in contents(workbook) if c[0] != log]
    do(LiveBook(workbook), name)
    do(LiveBook(workbook), "undo")
    assert [c for c in contents(workbook) if c[0] != log] == before


def test_undo_refuses_when_a_cell_was_changed_since(tmp_path: Path) -> None:
    workbook = opened(rows_plan("zh", tmp_path, spoilt))
    done = do(LiveBook(workbook), "quota")
    block = done.effect.blocks[0]
    sheet = next(s for s in workbook.sheets if s.name == block.sheet)
    sheet.values[block.ref.first_row, block.ref.first_col] = "P999"
    with pytest.raises(Refused, match=address(block.ref.first_row, block.ref.first_col)):
        do(LiveBook(workbook), "undo")


def filled(workbook: Book, name: str, rows: list[dict[str, Any]]) -> None:
    """Put rows into a Table of the stand-in directly: ten thousand need no file."""
    held = LiveBook(workbook).read(name)
    sheet, table = next((s, t) for s in workbook.sheets for t in s.tables if t.name == name)
    first = held.grid.data.first_row
    for line, row in enumerate(rows, first):
        for column in held.spec.inputs:
            sheet.values[line, held.places[column.key]] = plain(cell_of(column, row.get(column.key), held.lang))
        sheet.formulas |= {(line, at[1]): text for at, text in held.grid.formulas.items() if at[0] == first}
    table.ref = table.ref._replace(last_row=first + len(rows) - 1)


def calls_for(folder: Path, count: int) -> int:
    """An action over ``count`` deals that changed here and there: those of the reviewed March get adjustments, April's are computed anew."""
    deals = [deal(i, 0.1 + (i % 20) / 100, date=dt.date(2027, 3 + i % 2, 5)) for i in range(count)]
    workbook = opened(small_plan(folder / f"{count}.xlsx", company([deal(1)])))
    filled(workbook, "Deals", deals)
    assert do(LiveBook(workbook), "commission").written
    assert do(LiveBook(workbook), "review", period="2027-03", by="周").written
    filled(workbook, "Deals", [{**d, "cost": d["cost"] + 10_000} if i % 3 else d for i, d in enumerate(deals)])
    workbook.app.calls.clear()
    done = do(LiveBook(workbook), "commission")
    assert done.outcome.data["adjustments"] > count / 4 and done.effect.size > count
    return len(workbook.app.calls)


def test_calls_do_not_grow_with_the_rows(tmp_path: Path) -> None:
    few, many = calls_for(tmp_path, 100), calls_for(tmp_path, 1_500)
    assert many == few < 350


def test_texts_stay_texts_in_excel(tmp_path: Path) -> None:
    """Excel would make a number of "0012", a date of "2027-03", a formula of "=1+1"."""
    people = company([])
    people.rows["People"][0]["id"] = "0012"  # type: ignore[index]
    people.rows["People"][0]["name"] = "=1+1"  # type: ignore[index]
    workbook = opened(small_plan(tmp_path / "plan.xlsx", people))
    book = LiveBook(workbook)
    assert do(book, "quota").written
    assert [(r["person"], r["name"]) for r in book.read("Quotas").rows] == [("0012", "=1+1"), ("P2", "人P2")]


def test_what_stands_below_a_table_is_not_swallowed(tmp_path: Path) -> None:
    workbook = opened(small_plan(tmp_path / "plan.xlsx", company([deal(1), deal(2)])))
    sheet, table = next((s, t) for s in workbook.sheets for t in s.tables if t.name == "Ledger")
    sheet.values[table.ref.last_row + 1, table.ref.first_col] = "备注"
    before = list(contents(workbook))
    with pytest.raises(Refused, match="下方"):
        do(LiveBook(workbook), "commission")
    assert list(contents(workbook)) == before


@pytest.mark.parametrize("what", ["ReadOnly", "ProtectContents"])
def test_read_only_and_protected(tmp_path: Path, what: str) -> None:
    workbook = opened(small_plan(tmp_path / "plan.xlsx", company([deal(1)])))
    for thing in [workbook, *workbook.sheets]:
        thing.api = Api()
        setattr(thing.api, what, True)
    before = list(contents(workbook))
    with pytest.raises(Refused):
        do(LiveBook(workbook), "commission")
    assert list(contents(workbook)) == before


def test_a_button_asks_first_and_reports(tmp_path: Path) -> None:
    path = small_plan(tmp_path / "plan.xlsx", company([deal(1)]))
    refused = opened(path, answer="cancel")
    before = list(contents(refused))
    assert live.press(actions.every()["commission"], refused) == ""
    assert list(contents(refused)) == before and "将改动" in refused.app.alerts[0]
    agreed = opened(path)
    assert "新增 1 行" in live.press(actions.every()["commission"], agreed)
    assert agreed.app.status[-1] is False and len(agreed.app.status) > 2


def test_check_finds_what_excel_shows(tmp_path: Path) -> None:
    workbook = opened(sample_plan("zh", tmp_path))
    fresh = live.press(actions.every()["check"], workbook)
    assert "0 个错误" in fresh
    sheet = next(s for s in workbook.sheets for t in s.tables if t.name == "Deals")
    table = next(t for t in sheet.tables if t.name == "Deals")
    at = table.ref.first_row + 1, table.ref.last_col
    assert at in sheet.formulas
    sheet.values[at] = "#DIV/0!"
    assert "#DIV/0!" in live.press(actions.every()["check"], workbook)


def test_cells_read_as_in_the_file(tmp_path: Path) -> None:
    path = sample_plan("zh", tmp_path)
    excel, file = LiveBook(opened(path)), FileBook.open(path)
    for name in ("People", "Deals", "Ledger", "Budget", "Grants"):
        mine, theirs = excel.grid(name), file.grid(name)
        assert mine is not None and theirs is not None
        assert mine.cells == theirs.cells and mine.formulas == theirs.formulas and mine.data == theirs.data
    assert excel.setting("commission.rates") == file.setting("commission.rates")
    assert (excel.as_of, excel.year, excel.lang) == (file.as_of, file.year, file.lang)
    assert excel.area("参数", Ref(1, 1, 60, 6))
