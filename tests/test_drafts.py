"""A plan written in one pass: every text once in the shared table, and the file a reader would have got from the long way."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from lxml import etree
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.table import Table

from addin.book import FileBook
from tests import plans
from workbook_templates.cells import ErrorValue
from workbook_templates.recalc import recalculate, settle
from workbook_templates.xlsx.drafts import Draft
from workbook_templates.xlsx.package import Package, Ref

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def book() -> openpyxl.Workbook:
    """One of everything a draft holds."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "一"
    for row in (
        ["名", "数"],
        [" 前后 ", 0.1 + 0.2],
        ["甲\n乙", 3],
        ["_x0041_ <&>", True],
        ["名", dt.date(2027, 3, 5)],
        ["=不是公式", None],
    ):
        sheet.append(row)
    sheet["A6"].data_type = "s"
    sheet["D1"] = "=SUM(B2:B3)"
    sheet["D2"] = "=1/0"
    sheet["D3"] = ArrayFormula("D3:E4", "=_xlfn.SEQUENCE(2,3)")
    sheet["D8"] = ArrayFormula("D8:D9", '=IF({1;2}>1,"多","")')
    sheet["G1"] = ArrayFormula("G1", "=_xlfn.SEQUENCE(3)")
    sheet["G3"] = "挡"
    sheet["H1"] = "去"
    sheet["H1"].hyperlink = Hyperlink(ref="H1", location="'一'!A1")
    sheet.row_dimensions[2].height = 30
    sheet.row_dimensions[20].height = 40
    sheet["B2"].number_format = "0.00"
    made.create_sheet("空")
    return made


def package(content: bytes) -> Package:
    return Package.from_bytes(content)


@pytest.fixture(scope="module")
def draft() -> bytes:
    made = Draft(book())
    settle(made)
    return made.to_bytes()


def test_the_cells_are_those_of_the_long_way(draft: bytes) -> None:
    """Laid out, saved by openpyxl, read, computed, stored: the way a user's file goes."""
    buffer = io.BytesIO()
    book().save(buffer)
    long = package(buffer.getvalue())
    for at in ((3, 4), (8, 4), (1, 7)):
        long.mark_dynamic(long.sheets["一"], at)
    recalculate(long)
    wanted, got = long.sheets["一"].cells(), package(draft).sheets["一"].cells()
    filled = {at for at, cell in wanted.items() if cell.value is not None or cell.formula}
    assert filled == {at for at, cell in got.items() if cell.value is not None or cell.formula}
    for at in filled - {(2, 2), (4, 1)}:
        assert got[at]._replace(style=0) == wanted[at]._replace(style=0), at
    assert got[2, 2].value == 0.1 + 0.2  # all 17 digits, where openpyxl writes 16
    assert got[4, 1].value == "_x0041_ <&>"  # which openpyxl writes so that it reads as A
    assert got[1, 7].value == ErrorValue("#VALUE!") and got[1, 7].array_ref == Ref(1, 7, 1, 7)  # #SPILL! as files hold it
    assert got[3, 4].array_ref == Ref(3, 4, 4, 6) and got[8, 4].value == ""


def test_openpyxl_reads_it_back(draft: bytes) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(draft))["一"]
    assert [sheet.cell(row, 1).value for row in range(1, 7)] == ["名", " 前后 ", "甲\n乙", "_x0041_ <&>", "名", "=不是公式"]
    assert sheet["A6"].data_type == "s" and sheet["D1"].value == "=SUM(B2:B3)"
    assert sheet["H1"].hyperlink.location == "'一'!A1"
    assert sheet.row_dimensions[2].height == 30 and sheet.row_dimensions[20].height == 40
    assert sheet["B2"].number_format == "0.00" and sheet["B5"].value == dt.datetime(2027, 3, 5)
    assert sheet.dimensions == "A1:H9"


def strings(content: bytes) -> tuple[int, int, list[str], int]:
    """count and uniqueCount as the table says, its texts, and how many cells name one."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        table = etree.fromstring(parts.read("xl/sharedStrings.xml"))
        sheets = [etree.fromstring(parts.read(name)) for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not any(sheet.iter(f"{_MAIN}is") and list(sheet.iter(f"{_MAIN}is")) for sheet in sheets), "texts within cells"
    texts = ["".join(node.itertext()) for node in table]
    for node in table.iter(f"{_MAIN}t"):
        preserved = node.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve"
        assert preserved or node.text == node.text.strip(), node.text
    uses = sum(cell.get("t") == "s" for sheet in sheets for cell in sheet.iter(f"{_MAIN}c"))
    return int(table.get("count")), int(table.get("uniqueCount")), texts, uses


def test_each_text_stands_once_in_the_shared_table(draft: bytes) -> None:
    count, unique, texts, uses = strings(draft)
    assert count == uses and unique == len(texts) == len(set(texts))
    assert "名" in texts and "_x005F_x0041_ <&>" in texts


def test_no_text_of_a_plan_stands_in_its_cell(tmp_path: Path) -> None:
    """Older Numbers and the previews of phones drop such texts; 23,709 of them stood in the plan."""
    count, unique, texts, uses = strings(plans.sample_plan("zh", tmp_path).read_bytes())
    assert count == uses > 20_000 and unique == len(set(texts)) < count


def test_an_edit_goes_on_with_the_same_table(draft: bytes) -> None:
    edited = package(draft)
    edited.sheets["一"].set_values({(12, 1): "名", (13, 1): " 新 ", (14, 1): "新的"})
    count, unique, texts, uses = strings(edited.to_bytes())
    assert count == uses and unique == len(texts) == len(set(texts))
    assert package(edited.to_bytes()).sheets["一"].cells()[13, 1].value == " 新 "


def test_a_spill_stops_at_a_table_and_at_merged_cells() -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet["A1"] = ArrayFormula("A1", "=_xlfn.SEQUENCE(5)")
    sheet["A4"] = "头"
    sheet.add_table(Table(displayName="T", ref="A4:A5"))
    sheet["C1"] = ArrayFormula("C1", "=_xlfn.SEQUENCE(5)")
    sheet.merge_cells("C3:D3")
    draft = Draft(made)
    settle(draft)
    cells = package(draft.to_bytes()).sheets["Sheet"].cells()
    assert cells[1, 1].value == cells[1, 3].value == ErrorValue("#VALUE!") and (2, 1) not in cells


def test_a_grid_read_again_shows_what_changed_since(tmp_path: Path) -> None:
    """A book keeps the cells of a Table it read; any change of the file's cells, by whatever way, makes it read anew."""
    book = FileBook.open(plans.sample_plan("zh", tmp_path))
    first = book.grid("Deals")
    assert first is not None and book.grid("Deals") is first
    at = first.data.first_row, first.data.first_col + first.headers.index("收入")
    book.package.sheets[first.sheet].set_values({at: 123456.0})
    again = book.grid("Deals")
    assert again is not None and again.value(at) == 123456.0 != first.value(at)
