"""A company's own workbook: adopted without loss, then the actions as they are. Amounts: 30 % margin of 1,000,000 earns 12,500, 10 % of
505,000 earns 3 % of 50,500 = 1,515 (rules, chapter 5)."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from addin.actions import every
from addin.book import FileBook
from addin.cli import main
from addin.live import LiveBook, press
from tests.actions.excel import Book as Workbook
from tests.actions.steps import do
from tests.foreign import ORDERS, company, own_workbook
from workbook_templates import mapping, schema
from workbook_templates.package import Package
from workbook_templates.saving import Refused

TOUCHED = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "docProps/app.xml"}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return own_workbook(tmp_path / "订单.xlsx")


@pytest.fixture
def adopted(own: Path) -> Path:
    do("adopt", own, confirm=True, add=["Ledger", "Quotas"])
    return own


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def edit(path: Path, table: str, cells: dict[tuple[int, int], Any]) -> None:
    """Cells by (row below the header, column) of a Table."""
    package = Package.open(path)
    found = package.tables[table]
    top, left = found.data.first_row, found.data.first_col
    package.sheets[found.sheet].set_values({(top + r, left + c): value for (r, c), value in cells.items()})
    package.save(backup=False)


def renamed(path: Path, part: str, old: str, new: str) -> None:
    """Change the text of a part, as a rename in Excel would."""
    before = parts_of(path)
    with zipfile.ZipFile(path, "w") as out:
        for name, data in before.items():
            out.writestr(name, data.replace(old.encode(), new.encode()) if part in name else data)


def refused(path: Path, *command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """A command that can't be done: exit code 2, one clear text, the file as it was."""
    before = path.read_bytes()
    assert main([command[0], str(path), *command[1:]]) == 2
    assert path.read_bytes() == before
    said = capsys.readouterr()
    return said.out + said.err


# ------------------------------------------------------------------------------------------------------------- adopting


def test_nothing_of_theirs_changes(own: Path) -> None:
    before = parts_of(own)
    assert do("adopt", own).written
    after = parts_of(own)
    assert {n for n in before if after.get(n) != before[n]} <= TOUCHED
    new = set(after) - set(before)
    assert new and all(n.startswith(("xl/worksheets/", "xl/tables/")) for n in new)
    package = Package.open(own)
    assert list(package.sheets) == ["订单表页", "人员表页", "接入", "变更记录"]
    assert package.tables[mapping.NAME].headers[:2] == ["计划的表", "计划的列"]


def test_independent_readers_open_it(adopted: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(adopted)
    assert book.sheetnames == ["订单表页", "人员表页", "接入", "变更记录", "提成台账", "个人指标"]
    assert book["接入"].tables[mapping.NAME].ref.startswith("A1:F")
    ids = [t.id for sheet in book for t in sheet.tables.values()]
    assert len(ids) == len(set(ids))


def test_dry_run_and_json(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = own.read_bytes()
    assert main(["adopt", str(own), "--dry-run", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert own.read_bytes() == before and not said["written"]
    row = next(r for r in said["mapping"] if r["column"] == "主办工号")
    assert (row["theirs"], row["header"], row["confirmed"], row["confidence"]) == ("订单表", "业务员", "no", mapping.SURE)


def test_running_it_twice_changes_nothing(adopted: Path) -> None:
    before = adopted.read_bytes()
    assert not do("adopt", adopted, confirm=True).written and adopted.read_bytes() == before


def test_unconfirmed_mappings_are_not_used(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    do("adopt", own, add=["Ledger"])
    said = refused(own, "commission", capsys=capsys)
    assert "尚未确认" in said and "--confirm" in said
    assert do("adopt", own, confirm=True).written and do("commission", own).written


# -------------------------------------------------------------------------------------------------------------- working


def test_commissions_come_from_their_orders(adopted: Path) -> None:
    assert do("commission", adopted).written
    rows = FileBook.open(adopted).read("Ledger").rows
    assert [(r["deal"], r["person"], r["commission"]) for r in rows] == [("H1", "0012", 12_500.0), ("H2", "P2", 1_515.0)]
    assert rows[0]["revenue"] == 1_000_000.0
    assert not do("commission", adopted).effect
    before = parts_of(adopted)
    do("undo", adopted)
    assert not FileBook.open(adopted).read("Ledger").rows
    sheets = [f"xl/worksheets/sheet{n}.xml" for n in (1, 2)]
    assert all(parts_of(adopted)[s] == before[s] for s in sheets)


def test_quotas_come_from_their_people(adopted: Path) -> None:
    assert do("quota", adopted).written
    assert [r["person"] for r in FileBook.open(adopted).read("Quotas").rows] == ["0012", "P2"]
    assert not do("quota", adopted).effect


def test_check_looks_at_what_is_there(adopted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(adopted)]) == 0
    assert "未接入的表" in capsys.readouterr().out
    edit(adopted, "订单表", {(0, 4): "一百万", (1, 0): "H1"})
    assert main(["check", str(adopted)]) == 1
    said = capsys.readouterr().out
    assert "不是数字" in said and "重复" in said


def test_writing_into_their_table_keeps_units_formulas_and_other_columns(tmp_path: Path) -> None:
    headers = ["工号", "姓名", "下限(万元)", "上限(万元)", "备注", "部门"]
    rows = [["0012", "旧名", 1.1, None, "留", ('=B4&"部"', None, "x")]]
    path = own_workbook(tmp_path / "t.xlsx", {**company(), "指标表": (headers, rows)})
    do("adopt", path, confirm=True)
    assert do("quota", path).written
    package = Package.open(path)
    found = package.tables["指标表"]
    cells = package.sheets[found.sheet].cells()
    assert [cells[4, c].value for c in (2, 3, 4, 6)] == ["0012", "张三", 1.1, "留"] and cells[4, 7].formula
    assert FileBook.open(path).read("Quotas").rows[0]["floor"] == 11_000.0
    assert cells[(5, 2)].value == "P2" and cells[(5, 7)].formula
    do("undo", path)
    assert Package.open(path).sheets[found.sheet].get((4, 3)).value == "旧名"  # type: ignore[union-attr]


def test_a_calculated_column_of_theirs_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [["0012", ('="旧"&"名"', None, "旧名"), None, None]]
    path = own_workbook(tmp_path / "t.xlsx", {**company(), "指标表": (["工号", "姓名", "下限", "上限"], rows)})
    do("adopt", path, confirm=True)
    assert "由公式计算" in refused(path, "quota", capsys=capsys)


# ------------------------------------------------------------------------------------------------------------- bad input


def test_without_any_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import xlsxwriter

    path = tmp_path / "bare.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write(0, 0, "合同号")
    assert "Ctrl+T" in refused(path, "adopt", capsys=capsys)
    assert "salesplan adopt" in refused(path, "commission", capsys=capsys)


def test_tables_that_look_like_none_of_ours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = own_workbook(tmp_path / "t.xlsx", {"杂": (["甲", "乙"], [["1", "2"]] * 4)})
    assert "--use" in refused(path, "adopt", capsys=capsys)
    assert "现有" in refused(path, "adopt", "--use", "Deals=没有", capsys=capsys)
    assert "Deals" in refused(path, "adopt", "--use", "乱写", capsys=capsys)
    assert "Ledger" in refused(path, "adopt", "--use", "Deals=杂", "--add", "Legder", capsys=capsys)


def test_a_table_renamed_after_mapping(adopted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    renamed(adopted, "xl/tables/table1", "订单表", "订单明细表")
    said = refused(adopted, "commission", capsys=capsys)
    assert "没有表“订单表”" in said and "订单明细表" in said


def test_a_header_translated_and_a_column_deleted(adopted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = Package.open(adopted)
    root = package.touch(package.tables["订单表"].part)
    for node in root.iter():
        if node.get("name") in ("业务员", "签约日"):
            node.set("name", {"业务员": "Sales rep", "签约日": "签约日期2"}[node.get("name")])
    sheet = package.sheets["订单表页"]
    package.__dict__.pop("tables")
    sheet.set_values({(3, 3): "签约日期2", (3, 5): "Sales rep"})
    package.save(backup=False)
    said = refused(adopted, "commission", capsys=capsys)
    assert "没有列“业务员”" in said and "没有列“签约日”" in said and "签约日期2" in said


def test_everything_that_is_missing_is_said_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    headers = [h for h in ORDERS if h != "成本(万元)"]
    rows = [[c for c, h in zip(row, ORDERS, strict=True) if h in headers] for row in company()["订单表"][1]]
    path = own_workbook(tmp_path / "t.xlsx", {"订单表": (headers, rows)})
    do("adopt", path, confirm=True)
    said = refused(path, "commission", capsys=capsys)
    assert "缺少列“成本”" in said and "People" in said and "Ledger" in said


def test_two_candidates_wait_for_a_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    headers, rows = company()["订单表"]
    both = {**company(), "订单旧表": (headers, rows)}
    path = own_workbook(tmp_path / "t.xlsx", both)
    done = do("adopt", path, confirm=True, add=["Ledger"])
    assert any("订单旧表" in p.text.zh for p in done.outcome.problems)
    assert "尚未确认" in refused(path, "commission", capsys=capsys)
    do("adopt", path, confirm=True, use=["Deals=订单表"])
    assert do("commission", path).written


def test_protected_read_only_and_open_elsewhere(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = own.with_name("~$" + own.name)
    lock.write_bytes(b"x")
    assert "打开" in refused(own, "adopt", capsys=capsys)
    lock.unlink()
    own.chmod(0o444)
    assert "只读" in refused(own, "adopt", capsys=capsys)
    own.chmod(0o644)
    renamed(own, "xl/workbook.xml", "<bookViews>", '<workbookProtection lockStructure="1"/><bookViews>')
    assert "结构受保护" in refused(own, "adopt", capsys=capsys)


def test_a_protected_sheet_of_theirs_is_only_in_the_way_of_writing(own: Path) -> None:
    renamed(own, "xl/worksheets/sheet1.xml", "</sheetData>", '</sheetData><sheetProtection sheet="1"/>')
    do("adopt", own, confirm=True, add=["Ledger"])
    assert do("commission", own).written  # it reads the orders only
    package = Package.open(own)
    part = package.sheets["提成台账"].part
    renamed(own, part, "</sheetData>", '</sheetData><sheetProtection sheet="1"/>')
    edit(own, "订单表", {(0, 5): 80.0})
    with pytest.raises(Refused, match="受保护"):
        do("commission", own)


# ------------------------------------------------------------------------------------------------------------ live Excel


def test_the_same_in_excel(adopted: Path) -> None:
    """The mapping holds for the open workbook, too; how sheets are added there only a real Excel can show."""
    workbook = Workbook(Package.open(adopted))
    book = LiveBook(workbook)
    assert book.lang == "zh" and book.read("Deals").rows == FileBook.open(adopted).read("Deals").rows
    assert "新增 2 行" in press(every()["commission"], workbook)
    assert [r["commission"] for r in LiveBook(workbook).read("Ledger").rows] == [12_500.0, 1_515.0]


def test_excel_gets_the_mapping_sheet_and_copies_of_the_templates(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from addin import live_sheets

    added: list[str] = []
    monkeypatch.setattr(live_sheets, "_plain", lambda workbook, new: added.append(new.table))
    monkeypatch.setattr(live_sheets, "_copy", lambda workbook, new, lang: added.extend(one.table for one in new))
    workbook = Workbook(Package.open(own))
    press(every()["adopt"], workbook)
    assert set(added) == set(schema.TABLES) - {"Deals", "People"} | {mapping.NAME}
    assert "接入" in workbook.app.alerts[0]
