"""The lossless reader and writer, on workbooks of XlsxWriter, openpyxl and LibreOffice and on parts written by hand.

Independent readers say what is in a result: openpyxl, calamine, and plain lxml comparisons that know nothing of the
module under test. Where a test relies on what Excel does, it says so.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import textwrap
import time
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.formula.translate import Translator
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table as OpenpyxlTable

from tests.real import require_office
from tests.test_saving import refused
from workbook_templates.xlsx.package import (
    Cell,
    CellFormula,
    ErrorValue,
    Package,
    Ref,
    Refused,
    address,
    escape,
    serial,
    translate,
    unescape,
)

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")  # openpyxl, of what it would lose


# ------------------------------------------------------------------------------------------------------------ workbooks


def png() -> io.BytesIO:
    """The smallest picture: one grey pixel."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return io.BytesIO(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")
    )


def rich(path: Path) -> Path:
    """A workbook with what openpyxl would lose: sparklines, x14 data bars, text boxes, dynamic arrays, VBA."""
    book = xlsxwriter.Workbook(str(path), {"use_future_functions": True})
    if path.suffix == ".xlsm":
        book.add_vba_project(io.BytesIO(b"\xd0\xcf\x11\xe0 not read by anyone here"), is_stream=True)
    sheet, other = book.add_worksheet("销售 2026"), book.add_worksheet("Other")
    percent, day = book.add_format({"num_format": "0.0%"}), book.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
    sheet.write_row(0, 0, ["产品", "Units", "Price", "Total", "When"])
    for row in range(1, 11):
        sheet.write_row(row, 0, [f"P{row % 3}", row * 10, row + 0.25])
        sheet.write_formula(row, 3, f"=B{row + 1}*C{row + 1}", None, 0)
        sheet.write_datetime(row, 4, dt.datetime(2026, 1, row), day)
    sheet.write_rich_string(12, 0, book.add_format({"bold": True}), "bold", " and plain")
    sheet.write(12, 1, 0.5, percent)
    sheet.write_formula(13, 0, '="a"&"b"', None, "ab")
    sheet.write_formula(14, 0, "=1>0", None, True)
    sheet.write_formula(15, 0, "=1/0", None, "#DIV/0!")
    sheet.write_dynamic_array_formula("G2:G4", "=SORT(B2:B4)", None, 10)
    sheet.write_array_formula("H2:H4", "{=B2:B4*2}", None, 20)
    sheet.merge_range("J1:K2", "merged")
    sheet.add_sparkline("L2", {"range": "Other!A1:A5"})
    sheet.conditional_format("B2:B11", {"type": "data_bar", "data_bar_2010": True})
    sheet.conditional_format("C2:C11", {"type": "3_color_scale"})
    sheet.data_validation("A2:A11", {"validate": "list", "source": ["P0", "P1", "P2"]})
    sheet.insert_textbox("M4", "A note in a box")
    sheet.write_comment("A1", "a comment")
    sheet.insert_image("M12", "dot.png", {"image_data": png()})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"categories": "='销售 2026'!$A$2:$A$11", "values": "='销售 2026'!$D$2:$D$11", "name": "Totals"})
    sheet.insert_chart("M20", chart)
    other.add_table(
        "C1:F4",
        {
            "name": "Deals",
            "columns": [
                {"header": "ID"},
                {"header": "Amount"},
                {"header": "Rate", "format": percent},
                {"header": "Fee", "formula": "=Deals[[#This Row],[Amount]]*Deals[[#This Row],[Rate]]"},
            ],
            "data": [["a", 100, 0.1], ["b", 200, 0.2], ["c", 300, 0.3]],
        },
    )
    other.data_validation("E2:E4", {"validate": "decimal", "criteria": "<", "value": 1})
    for row in range(5):
        other.write(row, 0, row)
    pie = book.add_chart({"type": "pie"})
    pie.add_series({"values": "=Other!$A$1:$A$5"})
    book.add_chartsheet("Chart sheet").set_chart(pie)
    book.define_name("Rate", "=Other!$E$2")
    book.define_name("Other!Local", "=Other!$A$1:$A$5")
    book.close()
    return path


@pytest.fixture(params=["plan.xlsx", "plan.xlsm"])
def plan(request, tmp_path) -> Path:
    return rich(tmp_path / request.param)


CONTENT = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType=
"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
</Types>"""
RELS = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{0}</Relationships>"""
REL = """<Relationship Id="{0}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{1}" Target="{2}"/>"""
WORKBOOK = """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r=
"http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"""
SHEET = """<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{0}<sheetData>{1}</sheetData>{2}</worksheet>"""


def by_hand(rows: str, head: str = "", tail: str = "", extra: dict[str, str | bytes] | None = None, rels: str = "") -> bytes:
    """The smallest workbook around these rows, for what no writer at hand produces."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": CONTENT,
        "_rels/.rels": RELS.format(REL.format("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": RELS.format(REL.format("rId1", "worksheet", "worksheets/sheet1.xml") + rels),
        "xl/worksheets/sheet1.xml": SHEET.format(head, rows, tail),
    }
    parts |= extra or {}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def cells_of(rows: str, **more) -> dict[tuple[int, int], Cell]:
    return Package.from_bytes(by_hand(rows, **more)).sheets["S"].cells()


# ---------------------------------------------------------------------------------------------------------- comparisons


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def canonical(node) -> bytes:
    return etree.tostring(node, method="c14n")


def sheet_difference(before: bytes, after: bytes) -> tuple[set[str], set[str]]:
    """Addresses of the cells that differ, and names of the other elements of the sheet that do."""
    trees = [etree.fromstring(data) for data in (before, after)]
    cells = [{c.get("r"): canonical(c) for c in tree.iter(f"{MAIN}c")} for tree in trees]
    changed = {at for at in cells[0].keys() | cells[1].keys() if cells[0].get(at) != cells[1].get(at)}
    for tree in trees:
        for row in tree.iter(f"{MAIN}row"):
            for child in list(row):
                row.remove(child)
    rest = [[canonical(child) for child in tree] for tree in trees]
    names = [child.tag.rpartition("}")[2] for child in trees[1]]
    if len(rest[0]) != len(rest[1]) or trees[0].attrib != trees[1].attrib or trees[0].nsmap != trees[1].nsmap:
        return changed, {"structure"}
    return changed, {name for name, a, b in zip(names, *rest, strict=True) if a != b}


def only(before: bytes, after: bytes, *touched: str) -> None:
    """All parts but ``touched`` are the same bytes in the same order, with the same stored form and time stamp."""
    old, new = parts_of(before), parts_of(after)
    assert [name for name in new if name in old] == [name for name in old if name in new]
    assert {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)} == set(touched)
    with zipfile.ZipFile(io.BytesIO(before)) as a, zipfile.ZipFile(io.BytesIO(after)) as b:
        assert b.testzip() is None
        for info in b.infolist():
            if info.filename not in touched:
                was = a.getinfo(info.filename)
                assert (info.date_time, info.compress_size, info.CRC) == (was.date_time, was.compress_size, was.CRC)


def calamine(data: bytes, sheet: str | int = 0) -> pd.DataFrame:
    return pd.read_excel(io.BytesIO(data), sheet_name=sheet, header=None, engine="calamine")


def openpyxl_values(data: bytes, sheet: str):
    return openpyxl.load_workbook(io.BytesIO(data), data_only=True)[sheet]


# -------------------------------------------------------------------------------------------------------------- reading


def test_reads_values_formulas_and_kinds(plan):
    sheet = Package.open(plan).sheets["销售 2026"]
    cells = sheet.cells()
    assert cells[1, 1][:2] == ("产品", None) and cells[2, 2].value == 10.0
    assert cells[2, 4].formula == "B2*C2" and cells[2, 4].value == 0.0
    assert cells[13, 1].value == "bold and plain"
    assert cells[14, 1] == Cell("ab", '"a"&"b"', kind="s")
    assert cells[15, 1].value is True and cells[15, 1].kind == "b"
    assert isinstance(cells[16, 1].value, ErrorValue) and cells[16, 1].value == "#DIV/0!"
    assert cells[2, 7].formula == "_xlfn._xlws.SORT(B2:B4)"
    assert cells[2, 7].array_ref == (2, 7, 4, 7) and cells[2, 7].dynamic
    assert cells[2, 8].array_ref == Ref.parse("H2:H4") and not cells[2, 8].dynamic
    assert sheet.arrays == {(2, 7): Ref(2, 7, 4, 7), (2, 8): Ref(2, 8, 4, 8)}
    assert sheet.merged == [Ref.parse("J1:K2")]


def test_reads_the_same_values_as_openpyxl_and_calamine(plan):
    package = Package.open(plan)
    for name, sheet in package.sheets.items():
        theirs = openpyxl_values(plan.read_bytes(), name)
        for (row, col), cell in sheet.cells().items():
            value = theirs.cell(row, col).value
            if isinstance(value, dt.datetime):
                value = serial(value)
                assert package.is_date(cell.style)
            assert value == cell.value or (value is None and cell.value == "")
    frame = calamine(plan.read_bytes())
    assert frame.iat[1, 3] == 0 and frame.iat[12, 0] == "bold and plain"


def test_lists_sheets_tables_and_names(plan):
    package = Package.open(plan)
    assert list(package.sheets) == ["销售 2026", "Other"]
    assert package.names["Rate"] == "Other!$E$2" and package.names["Other", "Local"] == "Other!$A$1:$A$5"
    table = package.tables["Deals"]
    assert (table.name, table.sheet, table.ref) == ("Deals", "Other", (1, 3, 4, 6))
    assert table.headers == ["ID", "Amount", "Rate", "Fee"] and table.header_row and not table.totals
    assert table.data == (2, 3, 4, 6)
    assert package.parts() == list(parts_of(plan.read_bytes()))


def test_sheet_states(tmp_path):
    book = openpyxl.Workbook()
    for title, state in [("h", "hidden"), ("v", "veryHidden")]:
        book.create_sheet(title).sheet_state = state
    book.save(tmp_path / "x.xlsx")
    assert {s.name: s.state for s in Package.open(tmp_path / "x.xlsx").sheets.values()} == {
        "Sheet": "visible",
        "h": "hidden",
        "v": "veryHidden",
    }


@pytest.mark.parametrize(
    ("code", "date"),
    [
        ("General", False),
        ("0.00", False),
        ("0.00E+00", False),
        ('0\\.0,"万"', False),
        ('#,##0 "days"', False),
        ("[Red]0;[Blue]-0", False),
        ("[h]:mm", False),
        ("yyyy-mm-dd", True),
        ('yyyy"年"m"月"', True),
        ("h:mm AM/PM", True),
        ("[$-804]aaaa;@", False),
        ("[$-804]d;@", True),
        ("mm:ss", True),
        ("@", False),
    ],
)
def test_dates_by_number_format(tmp_path, code, date):
    """aaaa is a weekday name in Chinese formats: shown of a date, yet also used on its own; elapsed time is no date."""
    book = xlsxwriter.Workbook(str(tmp_path / "x.xlsx"))
    book.add_worksheet().write(0, 0, 1, book.add_format({"num_format": code}))
    book.close()
    package = Package.open(tmp_path / "x.xlsx")
    assert package.is_date(package.sheets["Sheet1"].cells()[1, 1].style) is date


def test_serial_is_excels_day_number():
    """1900-01-01 is 1, 1900-03-01 is 61 (Excel's own leap-year fault), 1904 counts from 0."""
    assert serial(dt.date(1900, 1, 1)) == 1 and serial(dt.date(1900, 3, 1)) == 61
    assert serial(dt.datetime(2026, 6, 3, 12)) == 46176.5
    assert serial(dt.date(1904, 1, 2), date1904=True) == 1


def test_strings_of_all_sorts():
    shared = """<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>a_x000D_b_x005F_x000D_</t></si>
        <si><r><t>东</t></r><r><t xml:space="preserve"> 京</t></r><rPh sb="0" eb="1"><t>トウ</t></rPh></si></sst>"""
    rows = """<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="inlineStr"><is><t>in</t></is></c>
        <c r="D1" t="str"><f>x</f><v>_xD83D__xDE00_</v></c><c r="E1" t="d"><v>2026-06-03T12:00:00</v></c><c r="F1" s="0"/></row>"""
    cells = cells_of(rows, extra={"xl/sharedStrings.xml": shared}, rels=REL.format("rId9", "sharedStrings", "sharedStrings.xml"))
    assert [cell.value for cell in cells.values()] == ["a\rb_x000D_", "东 京", "in", "😀", 46176.5, None]


def test_positions_may_be_implied():
    """The schema lets ``r`` be missing; the position is then the next one."""
    raw = by_hand("<row><c><v>1</v></c><c/><c><v>3</v></c></row><row r='5'><c r='B5'><v>4</v></c><c><v>5</v></c></row>")
    sheet = Package.from_bytes(raw).sheets["S"]
    assert {at: cell.value for at, cell in sheet.cells().items() if cell.kind} == {(1, 1): 1, (1, 3): 3, (5, 2): 4, (5, 3): 5}
    sheet.set_values({(1, 4): 9, (3, 1): 8, (5, 1): 7})
    again = calamine(sheet._package.to_bytes())
    assert [again.iat[0, 2], again.iat[0, 3], again.iat[2, 0], again.iat[4, 0], again.iat[4, 2]] == [3, 9, 8, 7, 5]


SHARED = """<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f t="shared" ref="B1:C3" si="0">A1+$A1+A$1+LOG10(A1)</f><v>0</v></c>
<c r="C1"><f t="shared" si="0"/><v>0</v></c></row><row r="2"><c r="B2"><f t="shared" si="0"/><v>0</v></c></row>
<row r="3"><c r="B3"><f t="shared" si="0"/><v>0</v></c><c r="C3"><f t="shared" si="0"/></c></row>"""


def test_shared_formulas_are_expanded():
    cells = cells_of(SHARED)
    assert cells[1, 3].formula == "B1+$A1+B$1+LOG10(B1)"
    assert cells[3, 2].formula == "A3+$A3+A$1+LOG10(A3)"
    assert cells[3, 3].formula == "B3+$A3+B$1+LOG10(B3)"


def test_the_next_cell_inherits_a_shared_formula():
    """When its master is overwritten; all others read as before, also for openpyxl."""
    package = Package.from_bytes(by_hand(SHARED))
    sheet = package.sheets["S"]
    before = sheet.cells()
    sheet.set_values({(1, 2): 5, (1, 3): 6})
    after = Package.from_bytes(package.to_bytes()).sheets["S"].cells()
    assert after[1, 2].value == 5 and after[1, 2].formula is None
    for at in [(2, 2), (3, 2), (3, 3)]:
        assert after[at].formula == before[at].formula
    theirs = openpyxl.load_workbook(io.BytesIO(package.to_bytes()))["S"]
    assert theirs["B3"].value == "=A3+$A3+A$1+LOG10(A3)"


def test_a_data_table_is_no_formula_of_ours_and_not_written_into():
    rows = """<row r="1"><c r="A1"><f t="dataTable" ref="A1:A2" dt2D="0" dtr="0" r1="C1"/><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>"""
    sheet = Package.from_bytes(by_hand(rows)).sheets["S"]
    assert sheet.cells()[1, 1].formula is None
    refused(lambda: sheet.set_values({(2, 1): 5}), "S!A2")


# -------------------------------------------------------------------------------------------------- moving formulas


@pytest.mark.parametrize(
    ("formula", "moved"),
    [
        ("A1", "B3"),
        ("$A1+A$1+$A$1", "$A3+B$1+$A$1"),
        ("SUM(A:A,1:2,$B:C)", "SUM(B:B,3:4,$B:D)"),
        ("'Q1!A1'!A1+Sheet1!A1:B2", "'Q1!A1'!B3+Sheet1!B3:C4"),
        ("'it''s A1'!A1", "'it''s A1'!B3"),
        ('"A1"&A1&"""A1"', '"A1"&B3&"""A1"'),
        ("LOG10(A1)+ATAN2(1,2)", "LOG10(B3)+ATAN2(1,2)"),
        ("Deals[[#This Row],[Q1]]*A1", "Deals[[#This Row],[Q1]]*B3"),
        ("Deals[it''s A1]+Deals[[A1]:[B1]]", "Deals[it''s A1]+Deals[[A1]:[B1]]"),
        ("[1]!SALES_COMMISSION(A1)", "[1]!SALES_COMMISSION(B3)"),
        ("[1]Sheet1!A1", "[1]Sheet1!B3"),
        ("_xlfn.ANCHORARRAY(A1)+_xlfn.STDEV.S(A1)", "_xlfn.ANCHORARRAY(B3)+_xlfn.STDEV.S(B3)"),
        ("1E5+1.5E3+Rate1.A1+税率A1+A1税", "1E5+1.5E3+Rate1.A1+税率A1+A1税"),
        ("XFE1+A1048577", "XFE1+A1048577"),
        ("#REF!+#N/A+TRUE", "#REF!+#N/A+TRUE"),
        ("Jan:Mar!A1", "Jan:Mar!B3"),
        ("XFD1+A1048575+A1048574", "#REF!+#REF!+B1048576"),
    ],
)
def test_translate(formula, moved):
    """What Excel does on copying two down and one to the right."""
    assert translate(formula, 2, 1) == moved


@given(
    st.lists(
        st.sampled_from(["A1", "$B2", "C$3:D4", "Sheet1!E5", "SUM(F6)", '"G7"', "T[[#This Row],[x]]", "1.5", "$H:J"]), min_size=1
    ),
    st.integers(1, 50),
    st.integers(1, 50),
)
def test_translate_agrees_with_openpyxl(pieces, rows, cols):
    formula = "+".join(pieces)
    theirs = Translator("=" + formula, origin="A1").translate_formula(address(1 + rows, 1 + cols))
    assert "=" + translate(formula, rows, cols) == theirs


def test_refs():
    assert str(Ref.parse("$A$1:B2")) == "A1:B2" and Ref.parse("B2:A1") == (1, 1, 2, 2)
    assert Ref.parse("A:C") == (1, 1, 1_048_576, 3) and Ref.parse("2:3") == (2, 1, 3, 16_384)
    assert str(Ref.parse("AB7")) == "AB7" and address(1, 16_384) == "XFD1"
    for text in ["", "A", "7", "A1:B", "A:3", "XFE1", "A0", "A1048577", "A1:B2:C3", "Rate", "A1 B2"]:
        with pytest.raises(ValueError):
            Ref.parse(text)


# ------------------------------------------------------------------------------------------------------ cached values


def test_cached_values_change_nothing_else(plan):
    before = plan.read_bytes()
    package = Package.open(plan)
    sheet = package.sheets["销售 2026"]
    values = {(row, 4): row * 1.5 for row in range(2, 12)} | {(14, 1): "新 <&> text", (15, 1): False, (16, 1): ErrorValue("#N/A")}
    values |= {(2, 7): 1, (3, 7): "spilled", (4, 7): None, (3, 8): 7.25}
    assert sheet.set_cached(values) == len(values)
    after = package.to_bytes()
    only(before, after, sheet.part)
    changed, rest = sheet_difference(parts_of(before)[sheet.part], parts_of(after)[sheet.part])
    assert changed == {address(*at) for at in values} and not rest
    theirs = openpyxl_values(after, sheet.name)
    for (row, col), value in values.items():
        assert theirs.cell(row, col).value == value
    assert calamine(after).iat[1, 3] == 3 and calamine(after).iat[2, 6] == "spilled"
    formulas = openpyxl.load_workbook(io.BytesIO(after))[sheet.name]
    assert formulas["D2"].value == "=B2*C2" and formulas["G2"].value.text == "=_xlfn._xlws.SORT(B2:B4)"


def test_twice_is_once(plan):
    """The second run changes nothing, writes nothing and makes no second backup."""
    values = {(2, 4): 1 / 3, (14, 1): " x", (3, 7): 5}
    for run in range(2):
        package = Package.open(plan)
        assert package.sheets["销售 2026"].set_cached(values) == (3 if run == 0 else 0)
        assert package.dirty is (run == 0)
        saved = package.save()
        assert bool(saved) is (run == 0)
        if run == 0:
            first, stamp = plan.read_bytes(), plan.stat().st_mtime_ns
    assert plan.read_bytes() == first and plan.stat().st_mtime_ns == stamp
    assert len(list(plan.parent.glob("*.bak-*"))) == 1


def test_a_result_needs_a_formula(plan):
    package = Package.open(plan)
    refused(lambda: package.sheets["销售 2026"].set_cached({(2, 2): 1}), "B2")
    assert not package.dirty


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_an_error_of_the_caller(plan, value):
    with pytest.raises(ValueError):
        Package.open(plan).sheets["销售 2026"].set_cached({(2, 4): value})


def test_newer_errors_are_stored_as_files_store_them(plan):
    """#SPILL! needs rich data in the file; plain files hold #VALUE! there."""
    package = Package.open(plan)
    sheet = package.sheets["销售 2026"]
    sheet.set_cached({(2, 4): ErrorValue("#SPILL!")})
    assert sheet.get((2, 4)).value == "#VALUE!"
    assert sheet.set_cached({(2, 4): ErrorValue("#CALC!")}) == 0


def test_a_spill_grows_and_shrinks(plan):
    package = Package.open(plan)
    sheet = package.sheets["销售 2026"]
    sheet.set_spill((2, 7), [[1], [2], [3], [4], [5]])
    grown = Package.from_bytes(package.to_bytes()).sheets[sheet.name]
    assert grown.arrays[2, 7] == Ref.parse("G2:G6") and [grown.cells()[r, 7].value for r in range(2, 7)] == [1, 2, 3, 4, 5]
    assert grown.cells()[2, 7].formula == "_xlfn._xlws.SORT(B2:B4)" and grown.cells()[2, 7].dynamic
    sheet.set_spill((2, 7), [[9]])
    small = Package.from_bytes(package.to_bytes()).sheets[sheet.name]
    assert small.arrays[2, 7] == Ref.parse("G2") and [small.cells()[r, 7].value for r in (2, 3, 6)] == [9, None, None]
    refused(lambda: sheet.set_spill((2, 7), [[1, 2]]), "H2")
    refused(lambda: sheet.set_spill((2, 8), [[1]]), "H2")


# ---------------------------------------------------------------------------------------------------- constants and formulas


def test_values_replace_inputs_and_keep_styles(plan):
    before = plan.read_bytes()
    package = Package.open(plan)
    sheet = package.sheets["销售 2026"]
    values = {(2, 2): 11, (2, 1): "新品", (3, 1): "=1+1", (13, 2): 0.75, (40, 30): "far", (3, 4): 8, (5, 1): None}
    assert sheet.set_values(values) == len(values)
    after = package.to_bytes()
    only(before, after, sheet.part, "xl/sharedStrings.xml")
    changed, rest = sheet_difference(parts_of(before)[sheet.part], parts_of(after)[sheet.part])
    assert changed == {address(*at) for at in values} and rest <= {"dimension", "sheetData"}
    theirs = openpyxl.load_workbook(io.BytesIO(after))[sheet.name]
    assert theirs["A3"].value == "=1+1" and theirs["A3"].data_type == "s"
    assert theirs["B13"].number_format == "0.0%" and theirs["B13"].value == 0.75
    assert theirs["D3"].value == 8 and theirs["D4"].value == "=B4*C4" and theirs["AD40"].value == "far"
    assert theirs["A13"].value == "bold and plain" and theirs["A4"].value == "P0"
    assert calamine(after).iat[39, 29] == "far"
    counts = etree.fromstring(parts_of(after)["xl/sharedStrings.xml"])
    assert int(counts.get("uniqueCount")) == len(counts)
    uses = sum(
        c.get("t") == "s"
        for n, d in parts_of(after).items()
        if "/worksheets/sheet" in n
        for c in etree.fromstring(d).iter(f"{MAIN}c")
    )
    assert int(counts.get("count")) == uses
    again = Package.from_bytes(after)
    assert again.sheets[sheet.name].set_values(values) == 0 and not again.dirty


def test_cells_go_into_their_places():
    raw = by_hand('<row r="2" spans="2:2"><c r="B2"><v>1</v></c></row><row r="4"><c r="D4"/></row>', '<dimension ref="B2:D4"/>')
    package = Package.from_bytes(raw)
    places = [(3, 3), (2, 1), (2, 4), (1, 1), (9, 2), (4, 1)]
    package.sheets["S"].set_values(dict.fromkeys(places, 5))
    root = etree.fromstring(parts_of(package.to_bytes())["xl/worksheets/sheet1.xml"])
    rows = [int(row.get("r")) for row in root.iter(f"{MAIN}row")]
    assert rows == [1, 2, 3, 4, 9]
    assert [c.get("r") for c in root.iter(f"{MAIN}c")] == ["A1", "A2", "B2", "D2", "C3", "A4", "D4", "B9"]
    assert root.find(f"{MAIN}dimension").get("ref") == "A1:D9" and root.find(f".//{MAIN}row[@r='2']").get("spans") == "1:4"


def test_new_cells_take_the_style_of_their_column():
    raw = by_hand('<row r="3" s="4" customFormat="1"/>', '<cols><col min="2" max="3" style="2"/></cols>')
    sheet = Package.from_bytes(raw).sheets["S"]
    sheet.set_values({(1, 1): 1, (1, 3): 1, (3, 3): 1})
    assert [sheet.get(at).style for at in [(1, 1), (1, 3), (3, 3)]] == [0, 2, 4]


def test_a_first_text_adds_shared_strings():
    """Viewers on phones read shared strings more reliably than inline ones."""
    package = Package.from_bytes(by_hand('<row r="1"><c r="A1"><v>1</v></c></row>'))
    package.sheets["S"].set_values({(1, 1): "x", (2, 1): "x", (3, 1): " y"})
    after = package.to_bytes()
    assert list(calamine(after)[0]) == ["x", "x", " y"]
    assert openpyxl_values(after, "S")["A3"].value == " y"
    sst = etree.fromstring(parts_of(after)["xl/sharedStrings.xml"])
    assert (sst.get("count"), sst.get("uniqueCount"), len(sst)) == ("3", "2", 2)


@pytest.mark.parametrize(("at", "where"), [((2, 11), "K2"), ((3, 8), "H3"), ((3, 7), "G3"), ((2, 8), "H2")])
def test_merged_cells_and_arrays_are_not_cut(plan, at, where):
    package = Package.open(plan)
    refused(lambda: package.sheets["销售 2026"].set_values({(2, 1): "x", at: 1}), where)
    assert not package.dirty and package.to_bytes() == plan.read_bytes()


def test_whole_arrays_and_anchors_of_spills_may_go(plan):
    package = Package.open(plan)
    sheet = package.sheets["销售 2026"]
    sheet.set_values({(2, 8): 1, (3, 8): 2, (4, 8): 3, (2, 7): 0, (1, 10): "title"})
    after = openpyxl_values(package.to_bytes(), sheet.name)
    assert [after.cell(r, 8).value for r in (2, 3, 4)] == [1, 2, 3]
    assert [after.cell(r, 7).value for r in (2, 3, 4)] == [0, None, None]
    assert not sheet.arrays


def test_formulas_of_all_kinds(plan):
    before = plan.read_bytes()
    package = Package.open(plan)
    sheet = package.sheets["销售 2026"]
    formulas = {
        (20, 1): CellFormula("SUM(B2:B11)", value=550),
        (21, 1): CellFormula('=" a"&"<b>"', value=" a<b>"),
        (22, 1): CellFormula("B2:B4*3", Ref.parse("A22:A24"), 30),
        (26, 1): CellFormula("_xlfn.UNIQUE(A2:A11)", Ref.parse("A26:A28"), "P1", dynamic=True),
    }
    assert sheet.set_formulas(formulas) == 4
    sheet.set_cached({(27, 1): "P2", (28, 1): "P0", (23, 1): 60})
    after = package.to_bytes()
    only(before, after, sheet.part)
    assert Package.from_bytes(after).sheets[sheet.name].set_formulas(formulas) == 0
    theirs = openpyxl.load_workbook(io.BytesIO(after))[sheet.name]
    assert theirs["A20"].value == "=SUM(B2:B11)" and theirs["A22"].value.ref == "A22:A24"
    values = openpyxl_values(after, sheet.name)
    assert [values.cell(r, 1).value for r in (20, 21, 26, 27, 28)] == [550, " a<b>", "P1", "P2", "P0"]
    cells = Package.from_bytes(after).sheets[sheet.name].cells()
    assert cells[26, 1].dynamic and not cells[22, 1].dynamic


def test_formulas_need_room(plan):
    sheet = Package.open(plan).sheets["销售 2026"]
    refused(lambda: sheet.set_formulas({(20, 1): CellFormula("A1", Ref.parse("A20:A21")), (21, 1): CellFormula("1")}), "A2")
    refused(lambda: sheet.set_formulas({(9, 2): CellFormula("A1:A3", Ref.parse("B9:B11"), dynamic=True)}), "B10")
    refused(lambda: sheet.set_formulas({(1, 9): CellFormula("A1:C1", Ref.parse("I1:K1"), dynamic=True)}), "I1")
    refused(lambda: sheet.set_formulas({(20, 1): CellFormula("A1", Ref.parse("A21:A22"))}), "A20")
    refused(lambda: sheet.set_formulas({(20, 1): CellFormula("")}), "A20")
    other = Package.open(plan).sheets["Other"]
    refused(lambda: other.set_formulas({(2, 4): CellFormula("A1", dynamic=True)}), "D2")


def test_the_calculation_chain_goes_when_formulas_come_or_go():
    chain = '<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="A1" i="1"/></calcChain>'
    types = CONTENT.replace("</Types>", '<Override PartName="/xl/calcChain.xml" ContentType="x/y"/></Types>')
    extra = {"xl/calcChain.xml": chain, "[Content_Types].xml": types}
    raw = by_hand(
        '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>', extra=extra, rels=REL.format("rId7", "calcChain", "calcChain.xml")
    )
    package = Package.from_bytes(raw)
    package.sheets["S"].set_cached({(1, 1): 3})
    assert "xl/calcChain.xml" in package.parts()
    package.sheets["S"].set_values({(1, 1): 3})
    after = parts_of(package.to_bytes())
    assert "xl/calcChain.xml" not in after
    assert b"calcChain" not in after["[Content_Types].xml"] + after["xl/_rels/workbook.xml.rels"]
    assert package.parts() == list(after)


# -------------------------------------------------------------------------------------------------------------- strings


@settings(deadline=None)
@given(st.text(st.characters(codec=None), max_size=30) | st.text("_x0AD5F\r\n\t \x00\x1f\ufffe😀", max_size=30))
def test_escapes_round_trip(text):
    stored = escape(text)
    assert unescape(stored) == text or any("\ud800" <= c <= "\udfff" for c in text)
    etree.Element("t").text = stored  # whatever it is, XML carries it


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.text("_x0AD5F\r\n\t \x01", max_size=20), min_size=1
    )
)
def test_texts_come_back_from_the_file(texts):
    package = Package.from_bytes(by_hand('<row r="1"><c r="A1"><f>x</f></c></row>'))
    sheet = package.sheets["S"]
    sheet.set_values({(row, 2): text for row, text in enumerate(texts, 1)})
    sheet.set_cached({(1, 1): texts[0]})
    again = Package.from_bytes(package.to_bytes()).sheets["S"].cells()
    assert [again[row, 2].value for row in range(1, len(texts) + 1)] == texts
    assert again[1, 1].value == texts[0]


# --------------------------------------------------------------------------------------------------------------- tables


def test_rows_go_under_a_table(plan):
    before = plan.read_bytes()
    package = Package.open(plan)
    table = package.tables["Deals"]
    where = package.append_rows(table, [["d", 400, 0.4, None], {"ID": "e", "Amount": 500, "Rate": 0.5}])
    assert where == Ref.parse("C5:F6") and table.ref == Ref.parse("C1:F6")
    after = package.to_bytes()
    sheet = package.sheets["Other"]
    only(before, after, sheet.part, table.part, "xl/sharedStrings.xml")
    changed, rest = sheet_difference(parts_of(before)[sheet.part], parts_of(after)[sheet.part])
    assert changed == {f"{c}{r}" for c in "CDEF" for r in (5, 6)}
    assert rest <= {"dimension", "dataValidations", "sheetData"}
    theirs = openpyxl.load_workbook(io.BytesIO(after))["Other"]
    assert theirs.tables["Deals"].ref == "C1:F6" == theirs.tables["Deals"].autoFilter.ref
    assert theirs["F6"].value == "=Deals[[#This Row],[Amount]]*Deals[[#This Row],[Rate]]"
    assert theirs["E6"].number_format == "0.0%" and theirs["D6"].value == 500
    assert str(theirs.data_validations.dataValidation[0].sqref) == "E2:E6"
    assert Package.from_bytes(after).tables["Deals"].data == Ref.parse("C2:F6")


def test_conditional_formats_of_a_table_go_on():
    """Also the x14 twins in the extension list; those of other columns and other rows stay."""
    part = '<table xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" id="1" name="T" displayName="T" ref="A1:B3"><tableColumns count="2"><tableColumn id="1" name="a"/><tableColumn id="2" name="b"/></tableColumns></table>'
    rows = "".join(f'<row r="{r}"><c r="A{r}"><v>{r}</v></c><c r="B{r}"><v>{r}</v></c></row>' for r in (2, 3))
    tail = '<conditionalFormatting sqref="A2:A3 C2:C3 B2"/><extLst><ext xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><xm:sqref>B2:B3</xm:sqref></ext></extLst>'
    extra = {
        "xl/tables/table1.xml": part,
        "xl/worksheets/_rels/sheet1.xml.rels": RELS.format(REL.format("rId1", "table", "../tables/table1.xml")),
    }
    package = Package.from_bytes(by_hand(rows, tail=tail, extra=extra))
    package.append_rows(package.tables["T"], [[4, None]])
    xml = parts_of(package.to_bytes())["xl/worksheets/sheet1.xml"].decode()
    assert 'sqref="A2:A4 C2:C3 B2"' in xml and "<xm:sqref>B2:B4</xm:sqref>" in xml


def test_a_blank_first_row_is_filled_first(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "x.xlsx"))
    columns = [{"header": "ID"}, {"header": "Twice", "formula": "=T[[#This Row],[ID]]*2"}]
    book.add_worksheet().add_table("A1:B2", {"name": "T", "columns": columns})
    book.close()
    package = Package.open(tmp_path / "x.xlsx")
    assert package.append_rows(package.tables["T"], [[1, None], [2, None]]) == Ref.parse("A2:B3")
    theirs = openpyxl.load_workbook(io.BytesIO(package.to_bytes()))["Sheet1"]
    assert [theirs["A2"].value, theirs["A3"].value, theirs["B3"].value] == [1, 2, "=T[[#This Row],[ID]]*2"]


def test_tables_do_not_grow_over_anything(tmp_path, plan):
    package = Package.open(plan)
    table = package.tables["Deals"]
    package.sheets["Other"].set_values({(7, 4): "in the way"})
    state = package.to_bytes()
    refused(lambda: package.append_rows(table, [["d", 1, 1, None]] * 3), "Deals", "D7")
    refused(lambda: package.append_rows(table, [["d", 1]]), "Deals")
    refused(lambda: package.append_rows(table, [{"Nope": 1}]), "Nope")
    refused(lambda: table.resize(1), "Deals")
    assert package.to_bytes() == state and table.ref == Ref.parse("C1:F4")
    book = xlsxwriter.Workbook(str(tmp_path / "totals.xlsx"))
    book.add_worksheet().add_table("A1:B4", {"name": "T", "total_row": True})
    book.close()
    package = Package.open(tmp_path / "totals.xlsx")
    assert package.tables["T"].totals
    refused(lambda: package.append_rows(package.tables["T"], [[1, 2]]), "T")
    refused(lambda: package.sheets["Sheet1"].set_values({(4, 1): "Sum"}), "A4", "T")


def test_table_headers_stay(plan):
    """A header cell that differs from its column's name makes Excel repair the file."""
    package = Package.open(plan)
    refused(lambda: package.sheets["Other"].set_values({(1, 4): "Sum"}), "D1", "Deals")
    assert package.sheets["Other"].set_values({(1, 4): "Amount"}) == 0


# --------------------------------------------------------------------------------------------------------------- charts


def with_charts(path: Path) -> Path:
    """openpyxl writes charts without any stored points."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "数据"
    for row in [["月", "Sales"], ["一月", 10], ["二月", 20], ["三月", None]]:
        sheet.append(row)
    sheet["D1"] = "=B2*2"
    sheet["E1"] = ArrayFormula("E1:E2", "=B2:B3")
    for chart in (BarChart(), LineChart()):
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=4), titles_from_data=True)
        chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=4))
        sheet.add_chart(chart, f"G{sheet.max_row}")
    sheet.add_table(OpenpyxlTable(displayName="Months", ref="A1:B4"))
    book.save(path)
    return path


def fill(package: Package) -> bool:
    """Refresh all charts from the cells; whether anything changed."""
    changed = False
    for chart in package.charts():
        for ref in chart.refs:
            cells = package.sheets[ref.sheet].cells()
            changed |= ref.set_cache([cells[at].value if at in cells else None for at in ref.area.cells()])
    return changed


def test_chart_points_are_made_and_kept(tmp_path):
    path = with_charts(tmp_path / "c.xlsx")
    before = path.read_bytes()
    package = Package.open(path)
    charts = package.charts()
    assert [len(chart.refs) for chart in charts] == [3, 3] and not any(chart.skipped for chart in charts)
    assert all(ref.values is None for chart in charts for ref in chart.refs)
    assert fill(package)
    after = package.to_bytes()
    only(before, after, "xl/charts/chart1.xml", "xl/charts/chart2.xml")
    again = Package.from_bytes(after)
    assert sorted((ref.kind, ref.formula, ref.values) for ref in again.charts()[0].refs) == [
        ("num", "'数据'!$B$2:$B$4", [10, 20, None]),
        ("str", "'数据'!$A$2:$A$4", ["一月", "二月", "三月"]),
        ("str", "'数据'!B1", ["Sales"]),
    ]
    assert not fill(again) and not again.dirty
    assert len(openpyxl.load_workbook(io.BytesIO(after))["数据"]._charts) == 2


def test_charts_over_a_table_grow_with_it(tmp_path):
    """As in Excel; the series title above the data stays where it is."""
    package = Package.open(with_charts(tmp_path / "c.xlsx"))
    package.append_rows(package.tables["Months"], [["四月", 40], ["五月", 50]])
    fill(package)
    refs = {ref.formula: ref.values for ref in Package.from_bytes(package.to_bytes()).charts()[1].refs}
    assert refs["'数据'!$B$2:$B$6"] == [10, 20, None, 40, 50] and refs["'数据'!B1"] == ["Sales"]
    assert refs["'数据'!$A$2:$A$6"][-1] == "五月"


def test_stored_points_keep_their_format(plan):
    package = Package.open(plan)
    (chart, *_) = [chart for chart in package.charts() if chart.refs]
    values = next(ref for ref in chart.refs if ref.kind == "num")
    assert values.formula == "'销售 2026'!$D$2:$D$11" and values.values == [0] * 10
    assert values.set_cache([1.5, ErrorValue("#N/A"), "text", None, True, 6, 7, 8, 9, 10])
    xml = parts_of(package.to_bytes())[chart.part].decode()
    assert "<c:formatCode>General</c:formatCode><c:ptCount" in xml
    assert values.values == [1.5, "#N/A", None, None, None, 6, 7, 8, 9, 10]


def test_references_that_are_no_single_range_are_reported(tmp_path):
    path = tmp_path / "c.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet, chart = book.add_worksheet("S"), book.add_chart({"type": "line"})
    for values in ["=(S!$A$1:$A$2,S!$A$4)", "=S!Series", "=S!$A$1:$A$3", "=S!Moving"]:
        chart.add_series({"values": values})
    sheet.insert_chart("C1", chart)
    book.define_name("Series", "=S!$B$1:$B$2")
    book.define_name("Moving", "=OFFSET(S!$B$1,0,0,2)")
    book.close()
    (found,) = Package.open(path).charts()
    assert [(ref.sheet, ref.area) for ref in found.refs] == [("S", Ref.parse("B1:B2")), ("S", Ref.parse("A1:A3"))]
    assert found.skipped == ["(S!$A$1:$A$2,S!$A$4)", "S!Moving"]


# ------------------------------------------------------------------------------------------------------- dynamic arrays


def test_dynamic_arrays_are_marked_as_xlsxwriter_marks_them(tmp_path):
    """XlsxWriter's metadata part was made after Excel's own: ours must be the same XML."""
    package = Package.open(with_charts(tmp_path / "c.xlsx"))
    sheet = package.sheets["数据"]
    assert package.mark_dynamic(sheet, (1, 5)) and not package.mark_dynamic(sheet, (1, 5))
    after = parts_of(package.to_bytes())
    model = parts_of(rich(tmp_path / "m.xlsx").read_bytes())
    assert canonical(etree.fromstring(after["xl/metadata.xml"])) == canonical(etree.fromstring(model["xl/metadata.xml"]))
    for part in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
        ours, theirs = (
            {
                tuple(sorted((k, v) for k, v in n.items() if k != "Id"))
                for n in etree.fromstring(x[part])
                if "etadata" in str(n.items())
            }
            for x in (after, model)
        )
        assert {tuple((k, v.replace("/xl/", "")) for k, v in row) for row in ours} == {
            tuple((k, v.replace("/xl/", "")) for k, v in row) for row in theirs
        }
    again = Package.from_bytes(package.to_bytes())
    assert again.sheets["数据"].cells()[1, 5].dynamic and not again.mark_dynamic(again.sheets["数据"], (1, 5))
    refused(lambda: package.mark_dynamic(sheet, (1, 4)), "D1")


def test_metadata_of_other_kinds_is_added_to(tmp_path):
    """Pictures in cells use the same part for another type."""
    path = tmp_path / "i.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("S")
    sheet.embed_image("A1", "dot.png", {"image_data": png()})
    sheet.write_array_formula("B1:B1", "{=1}")
    book.close()
    package = Package.open(path)
    part = "xl/metadata.xml"
    before = etree.fromstring(parts_of(path.read_bytes())[part])
    package.mark_dynamic(package.sheets["S"], (1, 2))
    after = etree.fromstring(parts_of(package.to_bytes())[part])
    names = [child.tag.rpartition("}")[2] for child in after]
    assert names == ["metadataTypes", "futureMetadata", "futureMetadata", "cellMetadata", "valueMetadata"]
    assert canonical(before.find(f"{MAIN}valueMetadata")) == canonical(after.find(f"{MAIN}valueMetadata"))
    assert after.find(f"{MAIN}metadataTypes").get("count") == "2"
    assert [rc.attrib for rc in after.find(f"{MAIN}cellMetadata").iter(f"{MAIN}rc")] == [{"t": "2", "v": "0"}]
    assert Package.from_bytes(package.to_bytes()).sheets["S"].cells()[1, 2].dynamic


def test_full_calculation_on_load(plan, tmp_path):
    package = Package.open(plan)
    assert not package.full_calc_on_load(True)  # XlsxWriter sets it
    assert package.full_calc_on_load(False) and not package.full_calc_on_load(False)
    assert b"fullCalcOnLoad" not in parts_of(package.to_bytes())["xl/workbook.xml"]
    bare = Package.from_bytes(by_hand(""))
    assert bare.full_calc_on_load(True)
    root = etree.fromstring(parts_of(bare.to_bytes())["xl/workbook.xml"])
    assert [child.tag.rpartition("}")[2] for child in root] == ["sheets", "calcPr"] and root[1].get("fullCalcOnLoad") == "1"


# --------------------------------------------------------------------------------------------------------------- saving


def test_saving_keeps_a_backup_and_goes_on(plan):
    before = plan.read_bytes()
    package = Package.open(plan)
    sheet = package.sheets["销售 2026"]
    sheet.set_values({(2, 2): 1})
    saved = package.save()
    assert saved.written and saved.backup.read_bytes() == before and not package.dirty
    sheet.set_values({(2, 2): 2, (2, 1): "again"})
    assert package.save(backup=False).backup is None
    assert openpyxl_values(plan.read_bytes(), sheet.name)["B2"].value == 2
    assert Package.open(plan).parts() == package.parts()


def test_saving_elsewhere_leaves_the_original(plan, tmp_path):
    before, copy = plan.read_bytes(), tmp_path / f"copy{plan.suffix}"
    package = Package.open(plan)
    assert package.save(copy) and copy.read_bytes() == before
    package.sheets["Other"].set_values({(2, 1): 99})
    assert package.save(copy, backup=False) and package.dirty and plan.read_bytes() == before
    assert openpyxl_values(copy.read_bytes(), "Other")["A2"].value == 99
    assert not package.save(copy)
    refused(lambda: package.save(tmp_path / "copy.xls"), plan.suffix)


def test_a_file_changed_by_others_is_not_overwritten(plan):
    package = Package.open(plan)
    package.sheets["Other"].set_values({(2, 1): 99})
    plan.write_bytes(plan.read_bytes() + b"")
    with zipfile.ZipFile(plan, "a") as archive:
        archive.writestr("docProps/custom.txt", "theirs")
    theirs = plan.read_bytes()
    refused(package.save, plan.name)
    assert plan.read_bytes() == theirs and not list(plan.parent.glob("*.bak-*"))


def test_a_file_open_elsewhere_is_not_touched(plan):
    before = plan.read_bytes()
    package = Package.open(plan)
    package.sheets["Other"].set_values({(2, 1): 99})
    (plan.parent / f"~${plan.name}").write_bytes(b"x")
    refused(package.save, plan.name)
    assert plan.read_bytes() == before and not list(plan.parent.glob("*.bak-*"))


LOOP = """
    import sys
    from workbook_templates.xlsx.package import Package
    package = Package.open(sys.argv[1])
    print("ready", flush=True)
    for turn in range(10**9):
        package.sheets["Other"].set_values({(2, 1): turn, (3, 1): turn})
        package.save(backup=False)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_save_leaves_a_whole_workbook(tmp_path):
    path = rich(tmp_path / "plan.xlsx")
    chance = random.Random(3)
    for _ in range(8):
        process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(LOOP), str(path)], cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0, 0.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        cells = Package.open(path).sheets["Other"].cells()
        assert cells[2, 1].value == cells[3, 1].value or (cells[2, 1].value, cells[3, 1].value) == (1, 2)
        garbage = [p for p in tmp_path.iterdir() if p != path]
        assert len([p for p in garbage if p.name != ".plan.xlsx.lock"]) <= 1
        for leftover in garbage:
            leftover.unlink()


# ------------------------------------------------------------------------------------------------------------- refusals


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


DOCUMENT = {
    "_rels/.rels": RELS.format(REL.format("rId1", "officeDocument", "word/document.xml")).encode(),
    "word/document.xml": b"<document/>",
}
BINARY = {"_rels/.rels": RELS.format(REL.format("rId1", "officeDocument", "xl/workbook.bin")).encode(), "xl/workbook.bin": b"\0"}
LAUGHS = '<!DOCTYPE a [<!ENTITY b "ha">]>'
FOREIGN = {
    "empty": b"",
    "text": "编号,金额\n1,2\n".encode(),
    "old or encrypted": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "some zip": zipped(**{"a.txt": b"a"}),
    "word": zipped(**DOCUMENT),
    "xlsb": zipped(**BINARY),
    "no rels target": zipped(**{"_rels/.rels": DOCUMENT["_rels/.rels"]}),
    "broken workbook": by_hand("", extra={"xl/workbook.xml": "<workbook"}),
    "entities": by_hand("", extra={"xl/workbook.xml": LAUGHS + WORKBOOK}),
    "missing sheet": by_hand("", extra={"xl/_rels/workbook.xml.rels": RELS.format("")}),
    "traversal": by_hand("", extra={"../../evil.xml": "x"}),
    "backslash traversal": by_hand("", extra={"xl\\..\\..\\evil.xml": "x"}),
    "absolute": by_hand("", extra={"/etc/passwd": "x"}),
    "drive": by_hand("", extra={"C:/evil.xml": "x"}),
    "bomb": by_hand("", extra={"xl/media/zeros.bin": bytes(40 << 20)}),
    "same name twice": by_hand("", extra={"XL/Workbook.xml": WORKBOOK}),
    "truncated": by_hand("")[:-60],
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_no_workbook_is_refused(tmp_path, name):
    path = tmp_path / "file.xlsx"
    path.write_bytes(FOREIGN[name])
    refused(lambda: Package.open(path))
    assert path.read_bytes() == FOREIGN[name]


def test_refusals_say_what_to_do(tmp_path):
    refused(lambda: Package.open(tmp_path / "none.xlsx"), "none.xlsx")
    refused(lambda: Package.open(tmp_path), tmp_path.name)
    path = tmp_path / "p.xlsx"
    path.write_bytes(FOREIGN["old or encrypted"])
    error = refused(lambda: Package.open(path), "p.xlsx", ".xls")
    assert "密码" in error.text.zh and "password" in error.text.en


@pytest.mark.parametrize(
    "rows",
    [
        "<row r='1'><c r='A1'><v>abc</v></c></row>",
        "<row r='1'><c r='A1' t='s'><v>5</v></c></row>",
        "<row r='x'/>",
        "<row r='1'><c r='1A'/></row>",
        "<row r='1'><c r='A1' t='?'><v>1</v></c></row>",
        "<row r='1'><c r='A1'><f t='array' ref='?'>1</f></c></row>",
        "<row>",
    ],
)
def test_broken_sheets_are_refused_when_read(rows):
    refused(lambda: cells_of(rows))


def test_rows_out_of_order_are_read_but_not_written():
    sheet = Package.from_bytes(by_hand("<row r='2'><c r='A2'><v>2</v></c></row><row r='1'><c r='A1'><v>1</v></c></row>")).sheets[
        "S"
    ]
    assert sheet.cells()[1, 1].value == 1
    refused(lambda: sheet.set_values({(3, 1): 1}))


def test_signed_workbooks_are_read_but_not_changed():
    package = Package.from_bytes(by_hand('<row r="1"><c r="A1"><f>1</f></c></row>', extra={"_xmlsignatures/origin.sigs": b""}))
    error = refused(lambda: package.sheets["S"].set_cached({(1, 1): 3}))
    assert "签名" in error.text.zh and not package.dirty


def test_too_long_texts_and_far_cells_are_refused(plan):
    package = Package.open(plan)
    for values in [{(1, 20): "x" * 32_768}, {(1, 16_385): 1}, {(0, 1): 1}, {(1_048_577, 1): 1}]:
        refused(lambda values=values: package.sheets["Other"].set_values(values))
    assert not package.dirty


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_any_damage_is_refused_or_harmless(data):
    """A flipped or lost byte anywhere never ends in a traceback."""
    raw = bytearray(by_hand(SHARED))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    del raw[len(raw) - data.draw(st.integers(0, 40)) :]
    with contextlib.suppress(Refused):
        package = Package.from_bytes(bytes(raw))
        for sheet in package.sheets.values():
            sheet.set_values({(9, 9): "x"})
        package.to_bytes()


def test_damaged_xml_is_refused_or_harmless(tmp_path):
    """Well-packed nonsense in any part: attributes and texts replaced at random (seeded)."""
    parts, chance = parts_of(rich(tmp_path / "plan.xlsx").read_bytes()), random.Random(11)
    names = [n for n in parts if n.endswith((".xml", ".rels")) and not n.startswith(("docProps", "xl/theme"))]
    for _ in range(300):
        name = chance.choice(names)
        place = chance.choice(list(re.finditer(rb'"[^"]*"|>[^<]+<', parts[name])) or [None])
        if place is None:
            continue
        other = chance.choice([b"", b"-1", b"x", b"99999999999", b"A1:", b"nan"])
        new = place[0][:1] + other + place[0][-1:]
        damaged = zipped(**(parts | {name: parts[name][: place.start()] + new + parts[name][place.end() :]}))
        with contextlib.suppress(Refused):
            use_everything(Package.from_bytes(damaged))


def use_everything(package: Package) -> None:
    for chart in package.charts():
        for ref in chart.refs:
            ref.set_cache([1, "a", None])
    for sheet in package.sheets.values():
        dates = [at for at, cell in sheet.cells().items() if package.is_date(cell.style)]
        sheet.set_values({(2, 1): "x", (60, 3): 5, (2, 4): 3} | dict.fromkeys(dates, 1))
        sheet.set_formulas({(80, 1): CellFormula("A1", Ref(80, 1, 81, 1), dynamic=True)})
    for table in package.tables.values():
        package.append_rows(table, [[None] * len(table.headers)])
    Package.from_bytes(package.to_bytes())


def test_streamed_archives_are_copied_too():
    """Writers that cannot seek put sizes behind the data; the copy has them in front, the data is the same."""

    class Stream(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_):
            raise io.UnsupportedOperation

        def tell(self):
            raise io.UnsupportedOperation

    stream, parts = Stream(), parts_of(by_hand(SHARED, extra={"xl/media/a.bin": b"\0\1" * 500, "xl/表.txt": "名"}))
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
        archive.comment = b"kept"
    before = stream.getvalue()
    with zipfile.ZipFile(io.BytesIO(before)) as archive:
        assert archive.infolist()[0].flag_bits & 8
    package = Package.from_bytes(before)
    package.sheets["S"].set_cached({(1, 2): 5})
    only(before, package.to_bytes(), "xl/worksheets/sheet1.xml")
    assert zipfile.ZipFile(io.BytesIO(package.to_bytes())).comment == b"kept"


def test_prefixed_and_strict_files_keep_their_namespaces():
    """Some writers prefix every element; strict files have another namespace."""
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    sheet = f'<x:worksheet xmlns:x="{strict}"><x:sheetData><x:row r="1"><x:c r="A1"><x:f>1+1</x:f></x:c></x:row></x:sheetData></x:worksheet>'
    package = Package.from_bytes(by_hand("", extra={"xl/worksheets/sheet1.xml": sheet}))
    package.sheets["S"].set_cached({(1, 1): 2})
    package.sheets["S"].set_values({(2, 2): 5})
    xml = parts_of(package.to_bytes())["xl/worksheets/sheet1.xml"].decode()
    assert '<x:c r="A1"><x:f>1+1</x:f><x:v>2</x:v></x:c>' in xml and '<x:row r="2"><x:c r="B2"><x:v>5</x:v></x:c></x:row>' in xml
    plain = Package.from_bytes(by_hand('<row r="1"><c r="A1"><f>1+1</f></c></row>'))
    plain.sheets["S"].set_values({(2, 2): "x"})
    assert not any(b"ns0" in data for data in parts_of(plain.to_bytes()).values())


def test_names_and_addresses_are_located(plan):
    package = Package.open(plan)
    assert package.locate("=Rate") == ("Other", Ref.parse("E2"))
    assert package.locate("'销售 2026'!$A$2:$A$11") == ("销售 2026", Ref.parse("A2:A11"))
    assert package.locate("Nope") is None and package.locate("Nope!A1") is None


# --------------------------------------------------------------------------------------------------------- LibreOffice


def convert(source: Path, folder: Path, form: str = "xlsx") -> Path:
    """``source`` loaded and saved by LibreOffice, with a profile of its own."""
    office = require_office()
    profile = folder / "profile"
    command = [
        str(office),
        "--headless",
        f"-env:UserInstallation=file://{profile}",
        "--convert-to",
        form,
        "--outdir",
        str(folder),
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    shutil.rmtree(profile, ignore_errors=True)
    return folder / f"{source.stem}.{form}"


@pytest.mark.real
@pytest.mark.parametrize("by_way_of", ["xlsx", "ods"])
def test_a_workbook_of_libreoffice(tmp_path, by_way_of):
    for folder in ("first", "out"):
        (tmp_path / folder).mkdir()
    source = rich(tmp_path / "plan.xlsx")
    if by_way_of == "ods":
        source = convert(source, tmp_path / "first", "ods")
    path = convert(source, tmp_path / "out")
    before = path.read_bytes()
    package = Package.open(path)
    sheet = package.sheets["销售 2026"]
    theirs = openpyxl_values(before, sheet.name)
    for (row, col), cell in sheet.cells().items():
        value = theirs.cell(row, col).value
        assert cell.value == (serial(value) if isinstance(value, dt.datetime) else value) or not cell.value
    sheet.set_cached({(2, 4): 4711})
    sheet.set_values({(2, 2): 12, (30, 2): "新"})
    package.save()
    after = path.read_bytes()
    only(before, after, sheet.part, "xl/sharedStrings.xml")
    changed, rest = sheet_difference(parts_of(before)[sheet.part], parts_of(after)[sheet.part])
    assert changed == {"D2", "B2", "B30"} and rest <= {"dimension", "sheetData"}


@pytest.mark.real
def test_libreoffice_reads_what_was_changed(tmp_path):
    """It loads the patched workbook and sees the new inputs, formulas and table rows."""
    path = rich(tmp_path / "plan.xlsx")
    package = Package.open(path)
    package.sheets["销售 2026"].set_values({(2, 2): 1000, (40, 1): "末行"})
    package.sheets["销售 2026"].set_formulas({(41, 1): CellFormula("B2*2", value=2000)})
    package.append_rows(package.tables["Deals"], [["d", 400, 0.25, None]])
    package.save()
    (tmp_path / "out").mkdir()
    frame = {name: calamine(convert(path, tmp_path / "out").read_bytes(), name) for name in ("销售 2026", "Other")}
    first = frame["销售 2026"]
    assert (first.iat[1, 1], first.iat[39, 0], first.iat[40, 0]) == (1000, "末行", 2000)
    assert list(frame["Other"].iloc[4, 2:5]) == ["d", 400, 0.25]


def test_what_is_judged_of_a_spill_goes_on_with_it_however_often_it_grows(plan):
    """It stays long when the spill gets short, and what stands below or beside is left alone."""
    package = Package.open(plan)
    sheet = package.sheets["销售 2026"]
    (ref,) = [ref for at, ref in sheet.arrays.items() if at == (2, 7)]
    others = "A2:B3", f"G{ref.last_row + 20}:G{ref.last_row + 22}"
    node = etree.SubElement(sheet.frame, f"{MAIN}conditionalFormatting", sqref=" ".join((f"G2:H{ref.last_row}", *others)))
    for rows in (8, 1, 12):
        sheet.set_spill((2, 7), [[float(row)] for row in range(rows)])
    assert node.get("sqref").split() == ["G2:H13", *others]
