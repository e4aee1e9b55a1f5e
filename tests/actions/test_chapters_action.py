"""The button 启用章节: only switches change, tabs follow, undo takes it back; nothing of substance is hidden, nothing is
written unseen."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from addin import actions, switched
from addin.action import Action, Done
from addin.book import FileBook
from addin.changes import Changes, lowered
from addin.live import LiveBook
from addin.performing import perform
from tests.actions import excel
from tests.actions.steps import do, tables_of
from tests.test_chapters import ALL, hidden, homes, new_plan
from udfs.text import speaking
from workbook_templates.answers import Refused
from workbook_templates.tables import switches
from workbook_templates.xlsx.package import Package


def of(number: int, lang: str = "zh") -> set[str]:
    return {sheet for sheet, chapter in homes(lang).items() if chapter == number}


def test_it_changes_the_switches_only_and_the_tabs_follow(tmp_path: Path) -> None:
    path = new_plan(tmp_path / "plan.xlsx", frozenset({1, 4, 5}))
    start, before = Package.open(path), tables_of(path)
    done = do("chapters", path, on="2", off="4")
    assert done.written and done.effect.size == 2 and done.effect.sheets == ["参数"]
    assert "启用 2 客户经营" in done.sentence.zh and "停用 4 渠道" in done.sentence.zh
    assert hidden(Package.open(path)) == hidden(start) - of(2) | of(4)
    assert FileBook.open(path).findings() == []
    again = do("chapters", path, on="2", off="4")
    assert not again.written and not again.effect and "没有变化" in again.sentence.zh
    do("undo", path)
    assert hidden(Package.open(path)) == hidden(start) and tables_of(path) == before


def test_what_a_chapter_needs_comes_along_and_is_said(tmp_path: Path) -> None:
    path = new_plan(tmp_path / "plan.xlsx", frozenset({3}), "en")
    with speaking("en"):
        done = do("chapters", path, on="11")
    assert FileBook.open(path).off == ALL - {1, 3, 5, 11}
    assert done.sentence.en.startswith("Switched on 1 Market")
    assert any("switched on as well" in note.en for note in done.outcome.notes)


def test_a_set_of_chapters(tmp_path: Path) -> None:
    path = new_plan(tmp_path / "plan.xlsx", None)
    do("chapters", path, set="精简")
    assert FileBook.open(path).off == ALL - {1, 5, 11}
    do("chapters", path, set="全部")
    assert FileBook.open(path).off == frozenset() and hidden(Package.open(path)) == set()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"on": "13"}, "没有第 13 章"),
        ({"on": "x"}, "不是章号"),
        ({"off": "1"}, "5 团队与激励 要用到它"),
        ({"on": "2", "off": "2"}, "既要启用又要停用"),
        ({"on": "2", "set": "1"}, "不能与"),
        ({"set": " "}, "一章也没有选"),
    ],
)
def test_what_can_t_be_is_refused(options: dict[str, str], said: str, tmp_path: Path) -> None:
    path = new_plan(tmp_path / "plan.xlsx", frozenset({1, 5}))
    before = path.read_bytes()
    with pytest.raises(Refused, match=said):
        do("chapters", path, **options)
    assert path.read_bytes() == before


def test_a_chapter_whose_tables_hold_rows_can_t_be_switched_off(tmp_path: Path) -> None:
    path = new_plan(tmp_path / "plan.xlsx", None)
    package = Package.open(path)
    table = package.tables["Dealers"]
    package.sheets[table.sheet].set_values({(table.data.first_row, table.ref.first_col): "V01"})
    package.save(backup=False)
    with pytest.raises(Refused, match="经销商 1 行"):
        do("chapters", path, off="4")


def test_a_plan_without_switches_is_told_what_to_do(tmp_path: Path) -> None:
    path = new_plan(tmp_path / "plan.xlsx", None)
    package = Package.open(path)
    root = package.touch(package.workbook_part)
    for node in [n for n in root.iter() if n.get("name") == switches.SWITCHES]:
        node.getparent().remove(node)
    package.save(backup=False)
    with pytest.raises(Refused, match="upgrade"):
        do("chapters", path, on="2")


@pytest.mark.parametrize("lang", ["en"])
def test_every_action_works_on_a_plan_of_one_chapter_or_says_why_not(lang: str, tmp_path: Path) -> None:
    """Nothing lands on a sheet that nobody sees."""
    for name, action in actions.every().items():
        if not action.needs_book:
            continue
        path = new_plan(tmp_path / f"{name}.xlsx", frozenset({1, 5}), lang)
        with speaking(lang):
            book = FileBook.open(path)
            done = _done(action, book, _options(name, action.defaults(), tmp_path))
        if isinstance(done, Refused):
            assert len(str(done.text)) > 8, name
            continue
        homes_of = homes(lang)
        written = {homes_of.get(sheet, 0) for sheet in done.effect.sheets} - {0, 1, 5}
        assert not written, (name, done.effect.sheets)
        if done.written:
            assert {p.code for p in FileBook.open(path).findings() if p.level == "error"} == set(), name


def _done(action: Action, book: FileBook, options: argparse.Namespace) -> Done | Refused:
    try:
        return perform(action, book, options, backup=False)
    except Refused as fault:
        return fault


def _options(name: str, given: argparse.Namespace, folder: Path) -> argparse.Namespace:
    """What a command must be told, for those that have no default."""
    wanted = {
        "import": {"file": _file(folder / "dealers.csv"), "table": "Dealers"},
        "adopt": {"table": "Deals"},
        "explain": {"cell": "master_check"},
        "archive": {"folder": str(folder / "archive"), "period": "2027-03"},
        "quotation": {"quote": "Q001"},
    }.get(name, {})
    files = {
        key: str(folder / f"{name}{ending}") for key, ending in actions.every()[name].writes.items() if key in ("out", "file")
    }
    return argparse.Namespace(**{**vars(given), **files, **wanted})


def _file(path: Path) -> str:
    path.write_text("经销商编号,名称\nV01,甲公司\n", encoding="utf-8")
    return str(path)


def test_nothing_is_written_into_a_chapter_that_is_off(tmp_path: Path) -> None:
    """Rows that an action would add to a hidden Table are refused, with what to do; on an open chapter they come in."""
    path = new_plan(tmp_path / "my plan.xlsx", frozenset({1, 5}))
    book = FileBook.open(path)
    changes = Changes()
    changes.add("Dealers", [{"id": "V01", "name": "甲"}])
    with pytest.raises(Refused, match=r"章节已停用.*4 渠道.*salesplan chapters 'my plan.xlsx' --on 4$"):
        switched.refuse(book, lowered(book, changes))
    do("chapters", path, on="4")
    book = FileBook.open(path)
    switched.refuse(book, lowered(book, changes))


def test_in_excel_the_tabs_follow_as_in_a_file(tmp_path: Path) -> None:
    package = Package.open(new_plan(tmp_path / "plan.xlsx", frozenset({1, 4, 5})))
    workbook = excel.Book(package)
    action = actions.every()["chapters"]
    perform(action, LiveBook(workbook), action.defaults(set="1,2,5"))
    shown = {sheet.name for sheet in workbook.sheets if sheet.visible}
    assert shown == {name for name, number in homes("zh").items() if number in (0, 1, 2, 5)}
    perform(actions.every()["undo"], LiveBook(workbook), actions.every()["undo"].defaults())
    shown = {sheet.name for sheet in workbook.sheets if sheet.visible}
    assert shown == {name for name, number in homes("zh").items() if number in (0, 1, 4, 5)}


def test_in_excel_rows_are_never_hidden(tmp_path: Path) -> None:
    """Switched off by hand in Excel while its Table holds rows: whatever is clicked next, the sheets stay in view."""
    path = new_plan(tmp_path / "plan.xlsx", None)
    book = FileBook.open(path)
    changes = Changes()
    changes.add("Dealers", [{"id": "V01", "name": "甲"}])
    book.apply(lowered(book, changes))
    place = book.locate(switches.SWITCHES)
    assert place is not None
    book.package.sheets[place[0]].set_values({(place[1].first_row + n - 1, place[1].first_col): "停用" for n in (2, 4)})
    workbook = excel.Book(book.package)
    assert all(sheet.visible for sheet in workbook.sheets)
    signoff = actions.every()["signoff"]
    perform(signoff, LiveBook(workbook), signoff.defaults(step="prepared", who="甲"))
    seen = {sheet.name for sheet in workbook.sheets if sheet.visible}
    assert of(4) <= seen, "rows stand there"
    assert not of(2) & seen, "and a chapter without rows is hidden by the same click"
