"""The judge itself: that it lets agreement pass, catches every kind of disagreement, and carries cells faithfully.

What is expected of values comes from Excel's rules of argument passing and from the workbooks made here by hand;
what LibreOffice does was found by asking it.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from lxml import etree
from openpyxl.packaging.relationship import Relationship
from openpyxl.utils import get_column_letter
from openpyxl.workbook.external_link.external import ExternalBook, ExternalDefinedName, ExternalLink
from openpyxl.worksheet.formula import ArrayFormula

import udfs
from tests import real
from tests.judge import office, ours
from tests.judge.judge import Difference, Report, compare, plain, recalculated, same, unknown
from tests.judge.parts import MAIN, ErrorValue, Workbook, tokens
from tests.judge.render import print_sheets, render

FUNCTIONS = ("SALES_DOUBLE", "SALES_GIVE", "SALES_TAKE")
XL_STARTUP = "http://schemas.microsoft.com/office/2006/relationships/xlExternalLinkPath/xlStartup"
needs_office = pytest.mark.real


@pytest.fixture
def soffice() -> Path:
    return real.require_office()


def double(name: str, arguments: list[Any]) -> Any:
    """SALES_DOUBLE(range): every number twice; an error or a text stays what it is."""
    assert name == "SALES_DOUBLE"
    rows = arguments[0] if isinstance(arguments[0], list) else [[arguments[0]]]
    return [[cell * 2 if isinstance(cell, float) else cell for cell in row] for row in rows]


def add_in_link() -> ExternalLink:
    """The link Excel writes to an add-in in its start folder, listing the functions it provides."""
    book = ExternalBook(definedNames=[ExternalDefinedName(name=name) for name in FUNCTIONS])
    link = ExternalLink(externalBook=book)
    link.file_link = Relationship(Type=XL_STARTUP, Target="salesplan.xlam", TargetMode="External", Id="rId1")
    return link


def cached(path: Path, values: dict[str, Any]) -> Path:
    """The file with these cached values in its first sheet, as Excel would have stored them."""
    book = Workbook(path)
    root = book.worksheet(book.sheets[0])
    elements = {element.get("r"): element for element in root.iter(MAIN + "c")}
    for where, value in values.items():
        for old in elements[where].findall(MAIN + "v"):
            elements[where].remove(old)
        kind = "e" if value in office.ERROR_CODES else "b" if isinstance(value, bool) else "n"
        elements[where].set("t", "str" if kind == "n" and isinstance(value, str) else kind)
        text = str(int(value)) if isinstance(value, bool) else str(value)
        etree.SubElement(elements[where], MAIN + "v").text = text
    book.parts[book.sheets[0].part] = etree.tostring(root)
    book.save(path)
    return path


def add_in_book(path: Path, **changed: Any) -> Path:
    """Numbers, one function call in Excel's spelling, one spill and plain formulas on top, all with cached values."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "计划"
    for row, value in enumerate((10, 20, "缺"), 1):
        sheet.cell(row, 1, value)
    sheet["B1"] = "=[1]!SALES_DOUBLE(A1)"
    sheet["B2"] = "=B1+SUM(D1:D2)"
    sheet["B3"] = "=NA()"
    sheet["D1"] = ArrayFormula("D1:D3", "=[1]!SALES_DOUBLE(A1:A3)")
    sheet["D2"] = sheet["D3"] = 0
    book._external_links.append(add_in_link())
    book.save(path)
    truth = {"B1": 20, "B2": 80, "B3": "#N/A", "D1": 20, "D2": 40, "D3": "缺"}
    return cached(path, truth | changed)


def ask(tmp_path: Path, formulas: list[str], call: office.Call, cells: dict[str, Any] | None = None) -> list[Any]:
    """What LibreOffice computes for these formulas, put in column J from row 1, beside the given cells."""
    book = openpyxl.Workbook()
    for where, value in (cells or {}).items():
        book.active[where] = value
    for row, formula in enumerate(formulas, 1):
        book.active.cell(row, 10, "=" + formula)
    book.save(tmp_path / "ask.xlsx")
    values = recalculated(tmp_path / "ask.xlsx", FUNCTIONS, call)
    return [values.get(("Sheet", row, 10)) for row in range(1, len(formulas) + 1)]


# Agreement and disagreement ----------------------------------------------------------------------------------------


@needs_office
def test_a_right_workbook_agrees(tmp_path: Path, soffice: Path) -> None:
    report = compare(add_in_book(tmp_path / "right.xlsx"), FUNCTIONS, double)
    assert str(report) == "6 values agree, 0 differ, 0 not evaluated"


@needs_office
@pytest.mark.parametrize(
    ("cell", "wrong", "right"),
    [("B1", 20.0001, 20.0), ("B2", "80", 80.0), ("B3", "#VALUE!", "#N/A"), ("D2", 41, 40.0), ("D3", 0, "缺")],
)
def test_a_wrong_cached_value_is_caught(tmp_path: Path, soffice: Path, cell: str, wrong: Any, right: Any) -> None:
    report = compare(add_in_book(tmp_path / "wrong.xlsx", **{cell: wrong}), FUNCTIONS, double)
    assert [(d.sheet, d.cell, d.cached, d.recalculated) for d in report.differing] == [("计划", cell, wrong, right)]
    assert report.agreed == 5


@needs_office
def test_a_wrong_function_result_is_caught(tmp_path: Path, soffice: Path) -> None:
    def triple(name: str, arguments: list[Any]) -> Any:
        return [[cell * 1.5 if isinstance(cell, float) else cell for cell in row] for row in double(name, arguments)]

    report = compare(add_in_book(tmp_path / "book.xlsx"), FUNCTIONS, triple)
    assert [d.cell for d in report.differing] == ["B1", "D1", "D2", "B2"]


@needs_office
def test_a_formula_without_cached_value_is_caught(tmp_path: Path, soffice: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    book.save(tmp_path / "bare.xlsx")
    assert compare(tmp_path / "bare.xlsx").differing == [("Sheet", "A1", "1+1", None, 2.0)]


@needs_office
def test_a_spill_of_the_wrong_size_is_caught(tmp_path: Path, soffice: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "spill.xlsx")
    sheet = book.add_worksheet("S")
    sheet.write_column("A1", [1, 2, 3])
    sheet.write_dynamic_array_formula("C1:C2", "=_xldudf_SALES_DOUBLE(A1:A3)", None, 2)
    sheet.write("C2", 4)
    sheet.write_dynamic_array_formula("D1:D3", "=A1:A3*2", None, 2)
    sheet.write_column("D2", [4, 6])
    book.close()
    report = compare(tmp_path / "spill.xlsx", FUNCTIONS, double)
    stated, got = "2 rows × 1 columns", "3 rows × 1 columns"
    assert report.differing == [("S", "C1", "_xldudf_SALES_DOUBLE(A1:A3)", stated, got)]


@needs_office
def test_what_libreoffice_lacks_is_listed_and_its_dependants_are_still_judged(tmp_path: Path, soffice: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "new.xlsx")
    sheet = book.add_worksheet("数据 1")
    book.define_name("税率", "=_xlfn.LET(_xlpm.x,0.5,_xlpm.x)")
    book.define_name("溢出", "=_xlfn.ANCHORARRAY('数据 1'!$C$1)")
    sheet.write_column("A1", [3, 1, 2])
    sheet.write_dynamic_array_formula("C1:C3", "=_xlfn._xlws.SORT(A1:A3)", None, 1)
    sheet.write_column("C2", [2, 3])
    sheet.write_formula("E1", "=税率*2", None, 1)
    sheet.write_formula("E2", "=SUM(_xlfn.ANCHORARRAY(C1))", None, 6)
    sheet.write_formula("E3", "=MAX(溢出)+E1", None, 5)
    book.close()
    report = compare(tmp_path / "new.xlsx")
    assert {(cell.cell, cell.why) for cell in report.not_evaluated} == {
        ("C1", "no SORT"),
        ("E1", "no LET (in the name 税率)"),
    }
    assert report.agreed == 1
    assert [(d.cell, d.cached, d.recalculated) for d in report.differing] == [("E3", 5.0, 4.0)]
    assert "not evaluated: no SORT × 1" in str(report)


@needs_office
def test_structured_references_mean_what_they_mean_in_excel(tmp_path: Path, soffice: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "table.xlsx")
    sheet = book.add_worksheet()
    columns = [{"header": "客户"}, {"header": "金额(元)"}]
    sheet.add_table("A1:B4", {"name": "成交", "columns": columns, "data": [["a", 10], ["b", 20], ["c", 30]]})
    formulas = {
        "成交[[#This Row],[金额(元)]]*2": 20,
        "SUM(成交[金额(元)])": 60,
        "ROWS(成交)": 3,
        "ROWS(成交[#All])": 4,
        "COLUMNS(成交[#Headers])": 2,
        "成交[[#Headers],[客户]]": "客户",
    }
    for row, (formula, value) in enumerate(formulas.items(), 1):
        sheet.write_formula(row, 3, "=" + formula, None, value)
    book.close()
    assert str(compare(tmp_path / "table.xlsx")) == "6 values agree, 0 differ, 0 not evaluated"


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1.0, 1.0 + 1e-10, True),
        (1.0, 1.0 + 1e-8, False),
        (0.0, 1e-10, True),
        (None, "", True),
        (None, 0.0, False),
        (True, 1.0, True),
        ("1", 1.0, False),
        (ErrorValue("#N/A"), ErrorValue("#N/A"), True),
        (ErrorValue("#N/A"), "#N/A", False),
    ],
)
def test_same(left: Any, right: Any, equal: bool) -> None:
    assert same(left, right) is equal
    assert same(right, left) is equal


def test_a_long_report_shows_the_first_differences_only() -> None:
    report = Report(differing=[Difference("S", f"A{n}", "1", 1.0, 2.0) for n in range(30)])
    assert len(str(report).splitlines()) == 21


# Cells there and back ----------------------------------------------------------------------------------------------


@needs_office
def test_arguments_arrive_as_what_they_are(tmp_path: Path, soffice: Path) -> None:
    cells = {"A1": 1, "A2": "文字", "A4": "=NA()", "A5": True, "A6": '=""', "A7": "=1/0", "A8": "=2=2", "A9": "=3-2"}
    expected: dict[str, list[Any]] = {
        "SALES_TAKE()": [],
        "SALES_TAKE(A1)": [[[1.0]]],
        "SALES_TAKE(A3)": [[[None]]],
        "SALES_TAKE(A4)": [[["#N/A"]]],
        "SALES_TAKE(A1:A9)": [[[1.0], ["文字"], [None], ["#N/A"], [True], [""], ["#DIV/0!"], [True], [1.0]]],
        "SALES_TAKE(A1:B1,2.5)": [[[1.0, None]], 2.5],
        "SALES_TAKE(1,,2)": [1.0, None, 2.0],
        "SALES_TAKE(1,)": [1.0, None],
        'SALES_TAKE(0,TRUE,FALSE,"TRUE",#N/A)': [0.0, True, False, "TRUE", "#N/A"],
        'SALES_TAKE({1,"x";3,4})': [[[1.0, "x"], [3.0, 4.0]]],
        "SALES_TAKE(INDEX(A1:A9,7))": [[["#DIV/0!"]]],
        "SALES_TAKE(SALES_GIVE(1))": [[[1.0, "#N/A"], [None, True]]],
        "SALES_TAKE(1,2,3,4,5,6,7,8,9,10,11,12)": [float(n) for n in range(1, 13)],
    }
    taken: list[list[Any]] = []

    def call(name: str, arguments: list[Any]) -> Any:
        if name == "SALES_GIVE":
            return [[1.0, "#N/A"], [None, True]]
        taken.append(arguments)
        return float(len(taken))

    order = ask(tmp_path, list(expected), call, cells)
    assert {formula: taken[int(n) - 1] for formula, n in zip(expected, order, strict=True)} == expected
    # bool is a kind of int: compare the types as well
    assert [type(row[0]) for row in taken[int(order[4]) - 1][0]] == [float, str, type(None), str, bool, str, str, bool, float]


@needs_office
def test_results_arrive_as_what_they_are(tmp_path: Path, soffice: Path) -> None:
    codes = ["#N/A", "#VALUE!", "#NUM!", "#DIV/0!", "#REF!", "#NAME?", "#NULL!"]
    results: list[Any] = [*codes, 2.5, "文字", True, None, float("nan"), [[7.0]], [["#NUM!"]], ["first", "second"]]
    formulas = [f"SALES_GIVE({n})" for n in range(len(results))]
    got = ask(tmp_path, formulas, lambda name, arguments: results[int(arguments[0])])
    assert got == [*codes, 2.5, "文字", True, "", "#NUM!", 7.0, "#NUM!", "first"]
    assert all(isinstance(value, ErrorValue) for value in [*got[:7], got[11], got[13]])


@needs_office
def test_an_array_result_fills_its_cells_with_real_errors(tmp_path: Path, soffice: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = ArrayFormula("A1:C2", "=SALES_GIVE()")
    book.active["E1"] = "=ISNA(C1)"
    book.active["E2"] = '=SUM(IFERROR(SALES_GIVE(),0),COUNTIF(A1:C2,"x"))'
    book.active["E2"] = ArrayFormula("E2", book.active["E2"].value)
    book.save(tmp_path / "array.xlsx")
    values = recalculated(tmp_path / "array.xlsx", FUNCTIONS, lambda *_: [[1.0, "x", "#N/A"], [None, 2.5, "#DIV/0!"]])
    rows = [[values.get(("Sheet", row, column)) for column in (1, 2, 3)] for row in (1, 2)]
    assert rows == [[1.0, "x", "#N/A"], ["", 2.5, "#DIV/0!"]]
    assert (values["Sheet", 1, 5], values["Sheet", 2, 5]) == (True, 4.5)


@needs_office
def test_a_function_sees_computed_cells_however_late_they_come(tmp_path: Path, soffice: Path) -> None:
    """A long chain in which every formula stands before the one it needs."""
    cells = {f"A{row}": f"=SALES_TAKE(A{row + 1}:B{row + 1},{row})" for row in range(1, 600)} | {"A600": 0}
    assert ask(tmp_path, ["A1"], lambda _, arguments: arguments[0][0][0] + 1, cells) == [599.0]


@needs_office
def test_a_function_that_crashes_is_no_result(tmp_path: Path, soffice: Path) -> None:
    def crash(name: str, arguments: list[Any]) -> Any:
        raise ZeroDivisionError("in the function")

    with pytest.raises(office.OfficeError, match="ZeroDivisionError: in the function"):
        ask(tmp_path, ["SALES_GIVE()"], crash)


@needs_office
def test_ten_thousand_calls_take_seconds(tmp_path: Path, soffice: Path) -> None:
    cells: dict[str, Any] = {f"A{row}": row for row in range(1, 10_001)}
    start = sum(os.times()[:4])  # the processors' seconds, LibreOffice's too: how busy the machine is besides does not matter
    values = ask(tmp_path, [f"SALES_DOUBLE(A{row})" for row in range(1, 10_001)], double, cells)
    assert values == [2.0 * row for row in range(1, 10_001)]
    assert sum(os.times()[:4]) - start < 30  # 5 to 8 s on two idle cores


@needs_office
def test_every_example_of_the_catalogue_comes_through_unchanged(tmp_path: Path, soffice: Path) -> None:
    """Cells, references, a socket and Calc in between change nothing: LibreOffice's cells are `udfs.call`'s cells."""
    book = openpyxl.Workbook()
    given, asked = book.active, book.create_sheet("asked")
    given.append(["arguments"])
    expected: dict[tuple[str, int, int], Any] = {}
    for name, function in udfs.catalogue().items():
        for arguments, _ in function.examples:
            rows = udfs.call(name, *arguments)
            references = ",".join(_placed(given, argument) for argument in arguments)
            top = asked.max_row + 1
            corner, end = f"A{top}", f"{get_column_letter(len(rows[0]))}{top + len(rows) - 1}"
            asked[corner] = ArrayFormula(f"{corner}:{end}", f"=[1]!SALES_{name}({references})")
            asked[f"A{top + len(rows)}"] = "end"
            places = itertools.product(range(len(rows)), range(len(rows[0])))
            expected |= {("asked", top + r, 1 + c): rows[r][c] for r, c in places}
    book.save(tmp_path / "catalogue.xlsx")
    values = recalculated(tmp_path / "catalogue.xlsx", ours.names(), ours.call)
    came = {place: (cell, values.get(place)) for place, cell in expected.items()}
    assert not {place: pair for place, pair in came.items() if not _came(*pair)}
    assert len(expected) > 100


def _placed(sheet: Any, argument: Any) -> str:
    """Put an argument into cells of its own, and refer to them."""
    rows = argument if isinstance(argument, list) else [[argument]]
    rows = rows if isinstance(rows[0], list) else [rows]
    top = sheet.max_row + 1
    for row in rows:
        sheet.append([*row, "|"])  # the end mark keeps a row of blanks a row
    return f"{sheet.title}!A{top}:{get_column_letter(len(rows[0]))}{top + len(rows) - 1}"


def _came(cell: Any, fresh: Any) -> bool:
    if isinstance(cell, udfs.ExcelError):
        return same(ErrorValue(cell), fresh)
    if isinstance(cell, dt.date):
        cell = float((dt.datetime(cell.year, cell.month, cell.day) - office.EXCEL_EPOCH).days)
    return same(cell, fresh)


# Formula text ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "judged"),
    [
        ("SUM(A1:A3)", "SUM(A1:A3)"),
        ('[1]!SALES_TAKE(1,"[1]!SALES_TAKE(")', 'SALES_TAKE(0,1,"[1]!SALES_TAKE(")'),
        ("[1]!SALES_TAKE()+_xldudf_SALES_GIVE()", "SALES_TAKE(0)+SALES_GIVE(0)"),
        ("SALES_TAKE(A1,'S 1'!$B$2)", "SALES_TAKE(COUNT(A1,'S 1'!$B$2),A1,'S 1'!$B$2)"),
        ("SALES_TAKE(SUM(A1),{1,2;3,TRUE})", "SALES_TAKE(0,SUM(A1),{1,2;3,TRUE})"),
        ("SALES_TAKE(,TRUE)", 'SALES_TAKE(0,"~omitted","~TRUE")'),
        ("SALES_TAKE(SALES_GIVE(1))", 'SALES_TAKE(0,SALES_GIVE(0,1,"~nested"))'),
        ("SALES_TAKE(-SALES_GIVE(1))", "SALES_TAKE(0,-SALES_GIVE(0,1))"),
        ("ROWS(T)+ROWS(T[#All])+T[[#This Row],[T]]", "ROWS(T[])+ROWS(T[[#All]])+T[[#This Row],[T]]"),
        ("[2]!OTHER(1)+SALES_TAKEN(1)", "[2]!OTHER(1)+SALES_TAKEN(1)"),
    ],
)
def test_plain(stored: str, judged: str) -> None:
    assert plain(stored, FUNCTIONS, {"T"}).replace("\u2063", "~") == judged


def test_tokens_lose_nothing() -> None:
    formula = """IF('it''s'!$A$1:B2="a ""( ",成交[[#This Row],[金额'[元']]],#N/A)+[1]!F_x.y({1;2})  %"""
    assert "".join(tokens(formula)) == formula
    assert {"'it''s'", '"a ""( "', "[[#This Row],[金额'[元']]]", "#N/A", "F_x.y"} <= set(tokens(formula))


@needs_office
def test_unknown_functions_are_found_by_asking(soffice: Path) -> None:
    names = {"SUM", "SUMIFS", "_xlfn.IFS", "_xlfn.TEXTJOIN", "NO.SUCH", "_xlfn.TRIMRANGE"}
    assert unknown(names) == {"NO.SUCH", "_xlfn.TRIMRANGE"}


# The program and the camera ----------------------------------------------------------------------------------------


@needs_office
def test_a_late_office_is_stopped(tmp_path: Path, soffice: Path) -> None:
    path = add_in_book(tmp_path / "book.xlsx")
    started = threading.Event()

    def sleep(name: str, arguments: list[Any]) -> Any:
        started.set()
        time.sleep(60)

    begin = time.perf_counter()
    with pytest.raises(office.OfficeError, match="more than 6 s"):
        recalculated(path, FUNCTIONS, sleep, timeout=6)
    assert started.is_set()
    assert time.perf_counter() - begin < 20


def test_the_whole_process_group_is_killed(tmp_path: Path) -> None:
    """soffice is a script that starts the real program: killing the script alone would leave the program behind."""
    command = ["sh", "-c", f"sleep 60 & echo $! > {tmp_path}/child; wait"]
    with pytest.raises(office.OfficeError, match="more than 1 s"):
        office._run(command, {"PATH": os.defpath}, timeout=1)
    child = int((tmp_path / "child").read_text())
    deadline = time.perf_counter() + 5
    while _alive(child) and time.perf_counter() < deadline:
        time.sleep(0.05)
    assert not _alive(child)


def _alive(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


@needs_office
def test_pictures_show_cached_values_sheet_by_sheet(tmp_path: Path, soffice: Path) -> None:
    real.require_program("pdftoppm (poppler-utils)", "pdftoppm")
    path = _picture_book(tmp_path / "book.xlsx")
    pages = render(path, tmp_path / "pages")
    assert [page.name for page in pages] == ["01-驾驶舱-1.png", "03-说明_Guide-1.png"]
    assert all(page.read_bytes().startswith(b"\x89PNG") for page in pages)
    (tmp_path / "pdf").mkdir()
    texts = [_text(pdf) for pdf in print_sheets(path, tmp_path / "pdf")]
    assert all(shown in texts[0] for shown in ("华东", "420", "合计：7", "11", "33", "区域销售额"))
    assert "秘密" not in "".join(texts)
    assert "第二页" in texts[1]


def _picture_book(path: Path) -> Path:
    """Cached values no program could compute, a chart, Chinese text and a hidden sheet."""
    book = xlsxwriter.Workbook(path)
    sheet, hidden, guide = (book.add_worksheet(name) for name in ("驾驶舱", "隐藏", "说明 Guide"))
    hidden.hide()
    hidden.write("A1", "秘密")
    guide.write("A1", "第二页")
    sheet.fit_to_pages(1, 1)
    for row, (region, value) in enumerate({"华东": 420, "华南": 310}.items()):
        sheet.write(row, 0, region)
        sheet.write_formula(row, 1, f"=SALES_NOWHERE({row})", None, value)
    sheet.write_formula("A4", '=UPPER("x")', None, "合计：7")
    sheet.write_dynamic_array_formula("B6:B7", "=SALES_NOWHERE()", None, 11)
    sheet.write("B7", 33)
    chart = book.add_chart({"type": "column"})
    chart.add_series({"categories": "='驾驶舱'!$A$1:$A$2", "values": "='驾驶舱'!$B$1:$B$2"})
    chart.set_title({"name": "区域销售额"})
    sheet.insert_chart("D2", chart)
    book.close()
    return path


def _text(pdf: Path) -> str:
    pdftotext = real.require_program("pdftotext (poppler-utils)", "pdftotext")
    command = [str(pdftotext), "-enc", "UTF-8", str(pdf), "-"]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()


# Real things -------------------------------------------------------------------------------------------------------


def test_a_missing_real_thing_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SALESPLAN_REQUIRE_REAL", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no such program is not installed"):
        real.require_program("no such program", "no-such-program")


def test_a_missing_real_thing_fails_where_it_is_required(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SALESPLAN_REQUIRE_REAL", "1")
    monkeypatch.setenv("SALESPLAN_DATA", str(tmp_path))
    with pytest.raises(pytest.fail.Exception, match=r"the data file deals\.csv is required here"):
        real.require_data("deals.csv")
    (tmp_path / "deals.csv").touch()
    assert real.require_data("deals.csv") == tmp_path / "deals.csv"
