"""A company's own workbook: adopted without loss, then the actions as they are. Amounts: 30 % margin of 1,000,000 earns
12,500, 10 % of 505,000 earns 3 % of 50,500 = 1,515 (rules, chapter 5)."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from addin import undo
from addin.actions import every
from addin.book import FileBook
from addin.changes import Effect
from addin.cli import main
from addin.live import LiveBook, press
from tests.actions.excel import Book as Workbook
from tests.actions.steps import do
from tests.foreign import ORDERS, company, own_workbook
from workbook_templates.answers import Refused
from workbook_templates.intake import mapping
from workbook_templates.tables import schema
from workbook_templates.xlsx.package import SHEET_TYPE, CellFormula, Package

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")  # openpyxl, of what it would lose

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
    assert list(package.sheets) == ["订单表页", "人员表页", "对接", "变更记录"]
    assert package.tables[mapping.NAME].headers[:2] == ["计划的表", "计划的列"]


def test_independent_readers_open_it(adopted: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(adopted)
    assert book.sheetnames == ["订单表页", "人员表页", "对接", "变更记录", "提成台账", "个人指标"]
    assert book["对接"].tables[mapping.NAME].ref.startswith("A1:F")
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


def test_one_column_decided_anew_keeps_what_was_confirmed(adopted: Path) -> None:
    confirmed = [row for row in do("adopt", adopted).outcome.data["mapping"] if row["confirmed"] == "yes"]
    do("adopt", adopted, use=["Deals.seller=业务员"])
    again = [row for row in do("adopt", adopted).outcome.data["mapping"] if row["confirmed"] == "yes"]
    assert len(confirmed) > 3 and again == confirmed


def test_what_matches_nothing_is_listed(adopted: Path) -> None:
    package = Package.open(adopted)
    said = " ".join(note.zh for note in do("adopt", adopted).outcome.notes)
    left = [
        name
        for name, table in package.tables.items()
        for header in table.headers
        if f"“{name}”没有对应的列" in said and header in said
    ]
    assert left, said


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
    assert "未对接的表" in capsys.readouterr().out
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


# --------------------------------------------------------------------------------------------------- taking it back


def canonical(path: Path) -> dict[str, bytes]:
    """Every part; the workbook's lists in canonical form, where an empty element has one spelling, all others by the byte."""
    lists = {*TOUCHED, "xl/calcChain.xml"}
    return {n: etree.tostring(etree.fromstring(d), method="c14n") if n in lists else d for n, d in parts_of(path).items()}


def chained(path: Path) -> None:
    """A calculation chain, as Excel writes one: of a formula on their first sheet."""
    package = Package.open(path)
    root = etree.fromstring(
        b'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="A1" i="1"/></calcChain>'
    )
    package.add_part("calcChain.xml", root, f"{SHEET_TYPE}calcChain+xml", "calcChain")
    package.save(backup=False)


def named(path: Path, name: str, target: str) -> None:
    """A defined name of theirs."""
    renamed(
        path,
        "xl/workbook.xml",
        "<calcPr",
        f'<definedNames><definedName name="{name}">{target}</definedName></definedNames><calcPr',
    )


@pytest.mark.parametrize("add", [[], ["Ledger", "Quotas"], ["Quotas", "Customers", "CustomerCare"]])
def test_undo_takes_every_part_back(own: Path, add: list[str]) -> None:
    """Adding and taking back is nothing: each part of the package is as it was."""
    chained(own)
    before = canonical(own)
    do("adopt", own, confirm=True, add=add)
    assert canonical(own) != before
    assert do("undo", own).written
    assert canonical(own) == before
    assert not do("undo", own).written


def test_undo_of_a_later_addition(adopted: Path) -> None:
    before = canonical(adopted)
    do("adopt", adopted, confirm=True, add=["Customers", "Budget"])
    assert "Budget" in Package.open(adopted).tables
    do("undo", adopted)
    assert canonical(adopted) == before
    do("undo", adopted)
    assert set(Package.open(adopted).tables) == {"订单表", "人员表"}


@pytest.mark.parametrize(
    ("table", "at", "where"),
    [("Quotas", (0, 0), "个人指标!A2"), ("Ledger", (9, 9), "提成台账!J11"), (mapping.NAME, (1, 4), "对接!E3")],
)
def test_undo_refuses_what_somebody_wrote_on(
    adopted: Path, table: str, at: tuple[int, int], where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(adopted, table, {at: "张三"})
    assert where in refused(adopted, "undo", capsys=capsys)


@pytest.mark.parametrize("formula", ["=COUNTA(Quotas[工号])", "=个人指标!A2", "=COUNTA('个人指标'!A:A)"])
def test_undo_refuses_what_something_refers_to(adopted: Path, formula: str, capsys: pytest.CaptureFixture[str]) -> None:
    package = Package.open(adopted)
    package.sheets["订单表页"].set_formulas({(20, 1): CellFormula(formula[1:])})
    package.save(backup=False)
    said = refused(adopted, "undo", capsys=capsys)
    assert "订单表页" in said and formula[1:] in said


def test_undo_refuses_a_name_that_refers_to_it(adopted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named(adopted, "quota_list", "个人指标!$A$2:$A$9")
    assert "引用它" in refused(adopted, "undo", capsys=capsys)


def test_undo_after_other_actions_keeps_the_log_of_them(adopted: Path) -> None:
    """Step by step back to the company's own sheets; the change log tells of those steps and stays."""
    do("commission", adopted)
    assert "提成台账" in str(do("undo", adopted).effect.sheets)
    done = do("undo", adopted)
    assert list(Package.open(adopted).sheets) == ["订单表页", "人员表页", "变更记录"]
    assert any("变更记录" in note.zh and "保留" in note.zh for note in done.outcome.notes)
    assert do("adopt", adopted, confirm=True, add=["Ledger"]).written and do("commission", adopted).written


def test_undo_after_another_program_saved_it(own: Path) -> None:
    """Parts are renamed and rewritten then, cells are as they were: it is the cells that count."""
    openpyxl = pytest.importorskip("openpyxl")
    audit = pytest.importorskip("openxml_audit")
    do("adopt", own, confirm=True, add=["Quotas", "Customers", "CustomerCare"])
    assert not audit.OpenXmlValidator().validate(str(own)).errors
    book = openpyxl.load_workbook(own)
    book.active = len(book.sheetnames) - 1
    book.save(own)
    assert do("undo", own).written
    book = openpyxl.load_workbook(own)
    assert book.sheetnames == ["订单表页", "人员表页"] and [list(sheet.tables) for sheet in book] == [["订单表"], ["人员表"]]
    assert not any("sheet3" in part or "table3" in part for part in parts_of(own))


def test_what_counts_sheets_by_place_moves_up(adopted: Path) -> None:
    """Excel's own lists after a save: a tab in front, names local to sheets, a sheet of theirs behind ours."""
    local = '<definedName name="_xlnm._FilterDatabase" localSheetId="{}" hidden="1">{}!$A$1:$B$2</definedName>'
    names = local.format(5, "个人指标") + local.format(1, "人员表页")
    renamed(adopted, "xl/workbook.xml", "<calcPr", f"<definedNames>{names}</definedNames><calcPr")
    renamed(adopted, "xl/workbook.xml", "<workbookView ", '<workbookView activeTab="5" ')
    do("undo", adopted)
    package = Package.open(adopted)
    assert package.names == {("人员表页", "_xlnm._FilterDatabase"): "人员表页!$A$1:$B$2"}
    view = next(n for n in package.root(package.workbook_part).iter() if n.tag.endswith("}workbookView"))
    assert view.get("activeTab") == "1"


# ------------------------------------------------------------------------------------------------ calculated columns


def test_added_tables_carry_their_formulas(own: Path) -> None:
    """Quotas' region comes from their own Table of people: 上海 stands there; a new row has the formula, too."""
    headers, rows = company()["人员表"]
    sheets = {**company(), "人员表": ([*headers, "区域", "离职日期"], [[*row, "上海", None] for row in rows])}
    own_workbook(own, sheets)
    named(own, "plan_year", "2027")
    chained(own)
    done = do("adopt", own, confirm=True, use=["People.left=离职日期"], add=["Quotas"])
    said = " ".join(note.zh for note in done.outcome.notes)
    assert "区域" not in said
    package = Package.open(own)
    assert package.tables["Quotas"].headers == ["工号", "姓名", "区域", "权重", "下限", "上限"]
    cell = package.sheets["个人指标"].get((2, 3))
    assert cell is not None and cell.formula is not None and cell.value == ""
    assert cell.formula == 'IFERROR(INDEX(人员表[区域],MATCH(Quotas[[#This Row],[工号]],人员表[工号],0))&"","")'
    assert do("quota", own).written
    cells = Package.open(own).sheets["个人指标"].cells()
    assert [cells[row, 3].value for row in (2, 3)] == ["上海", "上海"]
    assert cells[3, 3].formula == cell.formula


def test_a_formula_that_lacks_something_leaves_its_column_to_be_typed_in(own: Path) -> None:
    """Their people have no region, and there is no plan_year: the weights are put in by the action instead."""
    done = do("adopt", own, confirm=True, add=["Quotas"])
    said = [note.zh for note in done.outcome.notes if "填写列" in note.zh]
    assert len(said) == 2 and "区域" in said[0] and "plan_year" in said[1] and "离职日期" in said[1]
    assert not FileBook.open(own).formulas()["个人指标"]
    do("quota", own)
    assert [row["weight"] for row in FileBook.open(own).read("Quotas").rows] == [1.0, 1.5]


@pytest.mark.parametrize(
    ("place", "value", "column"),
    [(0, 12.0, "工号"), (4, "2020-01-01", "入职日")],
)
def test_no_formula_over_cells_that_only_we_can_read(own: Path, place: int, value: Any, column: str) -> None:
    """A person "12" is not found among numbers, a text is no date to count with: the formula would silently give nothing."""
    headers, rows = company()["人员表"]
    rows = [[value if i == place else cell for i, cell in enumerate(row)] for row in rows]
    rows[1][0] = "P2"
    own_workbook(own, {**company(), "人员表": ([*headers, "离职日期"], [[*row, None] for row in rows])})
    named(own, "plan_year", "2027")
    done = do("adopt", own, confirm=True, use=["People.left=离职日期"], add=["Quotas"])
    said = next(note.zh for note in done.outcome.notes if "权重" in note.zh)
    assert f"“{column}”写法或单位与计划不同" in said


def test_formulas_among_added_tables(own: Path) -> None:
    """A Table added along is as good as a mapped one, whichever is named first; here with the formula itself at work."""
    do("adopt", own, confirm=True, add=["CustomerCare", "Customers"])
    package = Package.open(own)
    care, customers = package.tables["CustomerCare"], package.tables["Customers"]
    place = 1 + care.headers.index("客户名称")
    cell = package.sheets[care.sheet].get((2, place))
    assert cell is not None and cell.value == "" and "Customers[客户名称]" in str(cell.formula)
    edit(own, "Customers", {(0, customers.headers.index("客户编号")): "C1", (0, customers.headers.index("客户名称")): "甲公司"})
    edit(own, "CustomerCare", {(0, care.headers.index("客户编号")): "C1"})
    assert main(["recalc", str(own)]) == 0
    assert Package.open(own).sheets[care.sheet].get((2, place)).value == "甲公司"  # type: ignore[union-attr]


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
    assert "对接" in workbook.app.alerts[0]


def test_undo_in_excel_deletes_what_was_added(adopted: Path) -> None:
    """A sheet changed since stays, and so do the others; then they go, without a question for each."""
    workbook = Workbook(Package.open(adopted))
    book = LiveBook(workbook)
    sheets = undo.added(book, ["Ledger", "Quotas"])
    undo.write(book, [undo.Record(undo.now(), "me", "adopt", every()["adopt"].label, Effect(), sheets)])
    workbook.sheets[5].values[7, 2] = 1.0
    with pytest.raises(Refused, match="个人指标!B7"):
        press(every()["undo"], workbook)
    del workbook.sheets[5].values[7, 2]
    workbook.sheets[0].formulas[9, 9] = "SUM(Ledger[提成])"
    with pytest.raises(Refused, match="订单表页"):
        press(every()["undo"], workbook)
    del workbook.sheets[0].formulas[9, 9]
    press(every()["undo"], workbook)
    assert [s.name for s in workbook.sheets] == ["订单表页", "人员表页", "对接", "变更记录"]
    assert "− 提成台账" in workbook.app.alerts[-1] and workbook.app.display_alerts
    assert undo.records(LiveBook(workbook)) == []
