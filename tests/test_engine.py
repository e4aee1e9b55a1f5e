"""The engine against Excel's documented results, and what is built around it: spills, reasons, refusals, circles, speed."""

from __future__ import annotations

import datetime as dt
import gc
import json
import random
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pytest

import udfs
from udfs.faults import STRICT
from udfs.text import Text, language, speaking
from workbook_templates.cells import ErrorValue, serial
from workbook_templates.engine import gaps
from workbook_templates.engine.collecting import seldom_collected
from workbook_templates.engine.precedents import Range, reads
from workbook_templates.engine.run import CellBook, CellIn, EngineError, Results, evaluate, evaluate_formula
from workbook_templates.formulas.spelling import table

HOME = ("S", 50, 10)
COLUMNS: dict[int, list[Any]] = {
    1: [3.0, 1.0, 2.0, 5.0, 4.0, 2.0],
    2: ["甲", "乙", "甲", "丙", "乙", "甲"],
    3: [46037.0, 46063.0, 46082.0, 46112.0, 46143.0, 46174.0],
    4: [None, ErrorValue("#N/A"), "x", True, 0.0, 7.0],
    5: [-10000.0, 2750.0, 4250.0, 3250.0, 2750.0],
    6: [39448.0, 39508.0, 39751.0, 39859.0, 39904.0],
    7: [10.0, 20.0, 30.0, 40.0, 50.0, 60.0],
}
DATA = {(row, column): v for column, vs in COLUMNS.items() for row, v in enumerate(vs, 1) if v is not None}
LINES = (Path(__file__).parent / "excel_cases.tsv").read_text("utf-8").splitlines()
CASES = [line.split("\t") for line in LINES if line and not line.startswith("# ")]


class Reasoned(str):
    """An error as our functions return it: equal to its code, with a reason."""

    def __new__(cls, code: str, reason: Text) -> Reasoned:
        error = super().__new__(cls, code)
        error.reason = reason
        return error

    reason: Text


def shown(results: Results, key: tuple[str, int, int] = HOME) -> Any:
    rows, columns = results.spills.get(key, (1, 1))
    if rows * columns == 1:
        return results.values[key]
    sheet, row, column = key
    return [[results.values[sheet, row + r, column + c] for c in range(columns)] for r in range(rows)]


def same(got: Any, expected: Any) -> bool:
    if isinstance(expected, list):
        return isinstance(got, list) and len(got) == len(expected) and all(map(same, got, expected))
    if isinstance(expected, bool) or not isinstance(expected, (int, float)):
        return type(got) is not float and got == expected
    return isinstance(got, float) and got == pytest.approx(expected, rel=1e-6, abs=1e-12)


def sheet(**cells: Any) -> dict[tuple[int, int], Any]:
    """``A1=5.0``, ``B1="=A1"``; a formula that starts with ``==`` is a dynamic array."""
    from workbook_templates.formulas.spelling import cell_position

    out: dict[tuple[int, int], Any] = {}
    for address, value in cells.items():
        place = cell_position(address)
        assert place is not None
        if isinstance(value, str) and value.startswith("=="):
            out[place] = CellIn(formula=value[1:], dynamic=True)
        elif isinstance(value, str) and value.startswith("="):
            out[place] = CellIn(formula=value)
        else:
            out[place] = value
    return out


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_excel_shows_the_same(case: list[str]) -> None:
    """Every line of the table: computed as Excel does, or declined where the table says so."""
    formula, expected, refused = case[0], json.loads(case[1]), case[2:] == ["refused"]
    results = evaluate(CellBook({"S": {**DATA, HOME[1:]: CellIn(formula="=" + formula, dynamic=True)}}))
    assert bool(results.unsupported) == refused
    if refused:
        assert HOME not in results.values
    else:
        assert same(shown(results), expected), shown(results)


# The published vectors H1–H4, H6: sources in the plan's collection of worked examples (Microsoft's documentation of NPV, IRR,
# XNPV, XIRR; numpy-financial's tests).
@pytest.mark.parametrize(
    ("formula", "expected", "tolerance"),
    [
        ("=NPV(10%,-10000,3000,4200,6800)", 1188.443412, 5e-7),
        ("=IRR({-70000,12000,15000,18000,21000,26000})", 0.086630948, 5e-10),
        ("=IRR({-70000,12000,15000},-10%)", -0.443506941, 5e-10),
        ("=IRR({-70000,12000,15000,18000,21000})", -0.021244848, 5e-10),
        ("=XNPV(9%,E1:E5,F1:F5)", 2086.647602, 5e-7),
        ("=XIRR(E1:E5,F1:F5)", 0.373362535, 2e-8),
        ("=XIRR(E1:E5,F1:F5)", 0.37336253351883, 1e-8),
        ("=-40000+NPV(8%,5000,8000,12000,30000)", 3065.22267, 5e-6),
        ("=-15000+NPV(5%,1500,2500,3500,4500,6000)", 122.89, 5e-3),
        ("=IRR({-100,39,59,55,20})", 0.28095, 5e-6),
        ("=IRR({-100,0,0,74})", -0.0955, 5e-5),
        ("=IRR({-100,100,0,-7})", -0.0833, 5e-5),
        ("=IRR({-100,100,0,7})", 0.06206, 5e-6),
        ("=IRR({-5,10.5,1,-8,1})", 0.0886, 5e-5),
        ("=MIRR({-120000,39000,30000,21000,37000,46000},10%,12%)", 0.126094, 5e-7),
    ],
)
def test_money_over_time(formula: str, expected: float, tolerance: float) -> None:
    letters = {5: "E", 6: "F"}
    cells = {f"{letters[c]}{r}": v for (r, c), v in DATA.items() if c in letters}
    assert evaluate_formula(formula, cells=cells) == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize("flows", ["{100,39,59}", "{-100,-39,-59}"])
def test_irr_of_flows_of_one_sign_is_an_error(flows: str) -> None:
    assert evaluate_formula(f"=IRR({flows})") == "#NUM!"


# ------------------------------------------------------------------------------------------------------------------ our functions


def _double(cells: Any) -> list[list[Any]]:
    rows = cells if isinstance(cells, list) else [[cells]]
    return [
        [c * 2 if isinstance(c, float) else Reasoned("#N/A", Text(f"{c} 不是数", f"{c} is no number")) for c in r] for r in rows
    ]


def test_our_function_is_called_in_every_spelling() -> None:
    ours = {"SALES_DOUBLE": _double}
    cells = sheet(
        A1=4.0, B1="=SALES_DOUBLE(A1)", C1="=[1]!SALES_DOUBLE(A1)", D1="=_xldudf_SALES_DOUBLE(A1)", E1="=SALES.DOUBLE(A1)"
    )
    values = evaluate(CellBook({"S": cells}), ours).values
    assert [values["S", 1, c] for c in range(2, 6)] == [8.0] * 4


def test_our_function_spills_with_reasons_cell_by_cell() -> None:
    cells = sheet(A1=1.0, A2="坏", A3="糟", C1="==SALES_DOUBLE(A1:A3)", D1="=C3", E1="=IFERROR(C2,0)", F1="=SUM(D1)")
    results = evaluate(CellBook({"S": cells}), {"SALES_DOUBLE": _double})
    assert shown(results, ("S", 1, 3)) == [[2.0], ["#N/A"], ["#N/A"]]
    assert results.reasons["S", 2, 3] == Text("坏 不是数", "坏 is no number")
    assert results.reasons["S", 3, 3].zh == "糟 不是数"
    # The error is read from cell to cell, and so is its reason; where it is caught there is none.
    assert results.reasons["S", 1, 4].zh == results.reasons["S", 1, 6].zh == "糟 不是数"
    assert results.values["S", 1, 5] == 0.0 and ("S", 1, 5) not in results.reasons


def test_reason_through_another_function() -> None:
    results = evaluate(CellBook({"S": sheet(A1="坏", B1="=ROUND(SALES_DOUBLE(A1),2)+1")}), {"SALES_DOUBLE": _double})
    assert results.values["S", 1, 2] == "#N/A"
    assert results.reasons["S", 1, 2].en == "坏 is no number"


def test_arguments_arrive_as_cells_do() -> None:
    seen: list[Any] = []

    def spy(*cells: Any) -> list[list[Any]]:
        seen.append((cells, language()))
        return [[dt.date(2026, 1, 15)]]

    cells = sheet(A1=1.0, A2=ErrorValue("#DIV/0!"), B1='=SALES_SPY(,A1,A1:A3,"t",TRUE,A9,)', B2="=SALES_SPY()")
    with speaking("en"):
        results = evaluate(CellBook({"S": cells}), {"SALES_SPY": spy})
    full = next(call for call, _ in seen if call)
    assert full == (None, 1.0, [[1.0], ["#DIV/0!"], [None]], "t", True, None, None)
    assert isinstance(full[2][1][0], ErrorValue)
    assert ((), "en") in seen and {spoken for _, spoken in seen} == {"en"}
    assert results.values["S", 1, 2] == 46037.0


def test_equal_arguments_are_asked_once_and_alike_is_not_equal() -> None:
    """A remembered answer comes with its errors, reasons and spill; 1, TRUE and "1" are three arguments, so are 0 and a blank."""
    asked: list[Any] = []

    def kinds(*cells: Any) -> list[list[Any]]:
        asked.append(cells)
        return [[type(cells[0]).__name__, Reasoned("#N/A", Text("无", f"none of {cells[0]}"))]]

    cells = sheet(
        A1="==SALES_KINDS(1)", A2="==SALES_KINDS(TRUE)", A3='==SALES_KINDS("1")', A4="==SALES_KINDS(0)", A5="==SALES_KINDS(Z9)",
        A6="==SALES_KINDS(1)", A7="==SALES_KINDS(2-1)",
    )  # fmt: skip
    results = evaluate(CellBook({"S": cells}), {"SALES_KINDS": kinds})
    assert [results.values["S", row, 1] for row in range(1, 8)] == ["float", "bool", "str", "float", "NoneType", "float", "float"]
    assert results.spills == {("S", row, 1): (1, 2) for row in range(1, 8)}
    assert results.reasons["S", 6, 2].en == results.reasons["S", 7, 2].en == results.reasons["S", 1, 2].en == "none of 1.0"
    assert results.reasons["S", 2, 2].en == "none of True"
    assert len(asked) == 5


def test_lifted_calls_of_alike_columns_are_told_apart() -> None:
    """What was computed for one column is not taken for another that Python finds equal."""
    cells = sheet(
        A1=1.0,
        A2=0.0,
        B1=True,
        B2=False,
        C1='==N(A1:A2)&""',
        D1="==ISNUMBER(A1:A2)",
        E1="==ISNUMBER(B1:B2)",
        F1="==ISNUMBER(A1:A2)",
    )
    results = evaluate(CellBook({"S": cells}))
    assert shown(results, ("S", 1, 4)) == shown(results, ("S", 1, 6)) == [[True], [True]]
    assert shown(results, ("S", 1, 5)) == [[False], [False]]


def test_the_garbage_collector_is_as_before_after_a_run() -> None:
    before = gc.get_threshold()
    evaluate(CellBook({"S": sheet(A1="=1+1")}))
    with pytest.raises(EngineError):
        evaluate(CellBook({"S": sheet(A1="=SALES_BROKEN(1)")}), {"SALES_BROKEN": lambda *cells: 1 / 0})
    with seldom_collected(), seldom_collected():
        assert gc.get_threshold() != before
    assert gc.get_threshold() == before


def broken_function(*cells: Any) -> list[list[Any]]:
    raise KeyError("boom")


def test_a_function_that_breaks_is_not_hidden_from_tests() -> None:
    with pytest.raises(EngineError, match="SALES_BROKEN failed: KeyError"):
        evaluate(CellBook({"S": sheet(A1="=SALES_BROKEN(1)")}), {"SALES_BROKEN": broken_function})


def test_a_function_that_breaks_is_an_error_cell_and_the_rest_is_computed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What users get: issue 10, A11. One such cell stopped a whole recalculation."""
    monkeypatch.delenv(STRICT)
    cells = sheet(A1="=SALES_BROKEN(1)", B1="=A1+1", C1="=1+1")
    results = evaluate(CellBook({"S": cells}), {"SALES_BROKEN": broken_function})
    assert results.values == {("S", 1, 1): "#VALUE!", ("S", 1, 2): "#VALUE!", ("S", 1, 3): 2.0}
    assert "SALES_BROKEN" in results.reasons["S", 1, 1].zh and "report" in results.reasons["S", 1, 1].en
    assert "boom" in caplog.text


def test_a_mended_function_that_breaks_leaves_its_cells_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the formula hides the error: nothing that was computed with it is believed."""
    monkeypatch.delenv(STRICT)
    monkeypatch.setattr(gaps.Lifting, "call", broken_function)
    cells = sheet(A1="=SUM(IFERROR(ROUND(B1:B2,0),7))", B1=1.4, B2=2.6, C1="=1+1")
    results = evaluate(CellBook({"S": cells}))
    assert results.values == {("S", 1, 3): 2.0}
    assert [(found.cell, found.function) for found in results.unsupported] == [("A1", "ROUND")]


def test_a_call_with_too_few_arguments_is_the_cells_fault() -> None:
    """The catalogue refuses such a call with a text for the user; other cells are computed all the same."""
    cells = sheet(A1="=SALES_ROI(1)", B1="=SALES_ROI(100,20)")
    results = evaluate(CellBook({"S": cells}), {"SALES_ROI": lambda *cells: udfs.call("ROI", *cells)})
    assert results.values == {("S", 1, 1): "#VALUE!", ("S", 1, 2): 5.0}
    assert "ROI" in results.reasons["S", 1, 1].zh


def test_an_unknown_function_of_ours_is_a_name_error_as_in_excel() -> None:
    assert evaluate(CellBook({"S": sheet(A1="=SALES_NONE(1)")})).values["S", 1, 1] == "#NAME?"


# ------------------------------------------------------------------------------------------------------------------------- arrays


def test_spill_is_read_by_its_anchor() -> None:
    cells = sheet(A1=3.0, A2=1.0, A3=2.0, C1="==SORT(A1:A3)", E1="=SUM(C1#)", F1="==C1#*2")
    results = evaluate(CellBook({"数 据": cells, "T": sheet(A1="=ROWS('数 据'!C1#)")}))
    assert results.spills == {("数 据", 1, 3): (3, 1), ("数 据", 1, 6): (3, 1)}
    assert results.values["数 据", 1, 5] == 6.0
    assert shown(results, ("数 据", 1, 6)) == [[2.0], [4.0], [6.0]]
    assert results.values["T", 1, 1] == 3.0


def test_file_spelling_of_a_spill() -> None:
    cells = sheet(A1=2.0, A2=1.0, C1="==_xlfn._xlws.SORT(A1:A2)", E1="=SUM(_xlfn.ANCHORARRAY(C1))")
    assert evaluate(CellBook({"S": cells})).values["S", 1, 5] == 3.0


def test_blocked_spill() -> None:
    results = evaluate(CellBook({"S": sheet(A1="==SEQUENCE(3)", A2=9.0, B1="=A1")}))
    assert results.values["S", 1, 1] == results.values["S", 1, 2] == "#SPILL!"
    assert not results.spills and not results.unsupported


def test_an_old_spill_in_the_file_does_not_block_the_new_one() -> None:
    cells = {(1, 1): CellIn(formula="=SEQUENCE(3)", array_ref="A1:A2", dynamic=True), (2, 1): 99.0}
    assert shown(evaluate(CellBook({"S": cells})), ("S", 1, 1)) == [[1.0], [2.0], [3.0]]


def test_spill_beyond_the_engine_is_refused_not_blocked() -> None:
    results = evaluate(CellBook({"S": sheet(A1="==SEQUENCE(10001)", B1="=SUM(A1:A9)")}))
    assert [(u.cell, u.function) for u in results.unsupported] == [("A1", "SEQUENCE"), ("B1", "SEQUENCE")]
    assert results.values == {}


@pytest.mark.parametrize(
    ("formula", "ref", "expected"),
    [
        ("=TRANSPOSE({1,2})", "C1:D3", [[1.0, "#N/A"], [2.0, "#N/A"], ["#N/A", "#N/A"]]),
        ("={1;2;3}*A1", "C1:C2", [[5.0], [10.0]]),
        ("=A1*2", "C1:C2", [[10.0], [10.0]]),
        ("={1,2}", "C1:D2", [[1.0, 2.0], [1.0, 2.0]]),
    ],
)
def test_old_array_fills_its_range(formula: str, ref: str, expected: list[list[Any]]) -> None:
    """Excel: an array formula fills the range it was entered in; one row, column or value repeats, the rest is #N/A."""
    cells: dict[tuple[int, int], Any] = {(1, 1): 5.0, (1, 3): CellIn(formula=formula, array_ref=ref), (2, 3): 77.0}
    results = evaluate(CellBook({"S": cells}))
    got = [[results.values["S", r, c] for c in range(3, 3 + len(expected[0]))] for r in range(1, 1 + len(expected))]
    # TRANSPOSE of one row is one column, which repeats to the right.
    if "TRANSPOSE" in formula:
        expected = [[1.0, 1.0], [2.0, 2.0], ["#N/A", "#N/A"]]
    assert got == expected


def test_ordinary_formula_has_one_value() -> None:
    """Excel reads a formula saved without array marks with implicit intersection: row 2 of the range, or the first element."""
    cells = sheet(A1=10.0, A2=20.0, A3=30.0, C2="=A1:A3*2", D2="=ROUND(A1:A3/3,1)", E2="=SORT(A1:A3,1,-1)", C3=1.0, C9="=A1:A3+1")
    values = evaluate(CellBook({"S": cells})).values
    assert [values["S", 2, c] for c in (3, 4, 5)] == [40.0, 6.7, 30.0]
    assert values["S", 9, 3] == "#VALUE!"
    assert ("S", 3, 5) not in values


# --------------------------------------------------------------------------------------------------------------- tables and names


def test_tables_and_names() -> None:
    deals = table("Deals", "数据", "A1:C4", ["客户", "收入", "提成"], totals_row=True)
    data: dict[tuple[int, int], Any] = {
        (1, 1): "客户",
        (1, 2): "收入",
        (1, 3): "提成",
        (2, 1): "甲",
        (3, 1): "乙",
        (2, 2): 100.0,
        (3, 2): 50.0,
    }
    data[2, 3] = data[3, 3] = CellIn(formula="Deals[[#This Row],[收入]]*Rate")
    data[4, 3] = CellIn(formula="SUBTOTAL(109,Deals[提成])")
    top = sheet(A1="=SUM(Deals[收入])", A2="=Deals[[#Totals],[提成]]", A3="=COUNTA(Deals[#Headers])", A4="=ROWS(Deals)", B1=0.1)
    book = CellBook({"数据": data, "首页": top}, [deals], {"Rate": "首页!$B$1"})
    values = evaluate(book).values
    assert [values["数据", r, 3] for r in (2, 3, 4)] == [10.0, 5.0, 15.0]
    assert [values["首页", r, 1] for r in (1, 2, 3, 4)] == [150.0, 15.0, 3.0, 2.0]


# ----------------------------------------------------------------------------------------------------------------------- refusals


def test_what_reads_a_refused_cell_is_refused_too() -> None:
    cells = sheet(
        A1=1.0, B1="=SUM(MMULT(A1:A2,A1:B1))", C1="=IFERROR(B1,0)", C2="=SUM(B1:B9)", C3="=C1+1", C4="=A1+1", C5='=INDIRECT("B1")'
    )
    results = evaluate(CellBook({"S": cells}))
    assert {u.cell: u.function for u in results.unsupported} == dict.fromkeys(["B1", "C1", "C2", "C3", "C5"], "MMULT")
    assert results.values == {("S", 4, 3): 2.0}


@pytest.mark.parametrize(
    "formula",
    [
        "=SUMPRODUCT(A1:A2,B1:B2)",
        "=[2]Sheet1!A1",
        "=SUM(",
        "=1+*2",
        "=XLOOKUP(1,A1:A2,A1:A2):A2",
        "=TEXT(1,A1)",
        "=SUM(S:T!A1)",
        "=SUM('S:T'!A1)",
        '=COUNTIF(A1:A2,"#N/A")',
    ],
)
def test_refused_formulas(formula: str) -> None:
    results = evaluate(CellBook({"S": sheet(A1=1.0, A2=2.0, B1=True, B2=2.0, D1=formula, E1="=A1")}))
    assert [u.cell for u in results.unsupported] == ["D1"]
    assert results.unsupported[0].reason.zh and results.unsupported[0].reason.en
    assert results.values["S", 1, 5] == 1.0


def test_a_range_with_its_sheet_at_both_ends_is_an_ordinary_one() -> None:
    assert evaluate(CellBook({"S": sheet(A1=1.0, A2=2.0, B1="=SUM(S!A1:S!A2)")})).values["S", 1, 2] == 3.0


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=SUM(A1:B3)", ("S", 1, 1, 3, 2)),
        ("=SUM(T!A1:B3)", ("T", 1, 1, 3, 2)),
        ("=SUM(T!A1:T!B3)", ("T", 1, 1, 3, 2)),  # as it stands between two names
        ("=SUM('T 2'!$B$3:'T 2'!$A$1)", ("T 2", 1, 1, 3, 2)),
        ("=SUM(T!A:T!B)", ("T", 1, 1, 1_048_576, 2)),
        ("=SUM(T!1:T!3)", ("T", 1, 1, 3, 16_384)),
    ],
)
def test_what_a_formula_reads(formula: str, expected: Range) -> None:
    assert reads(formula, "S") == (expected,)


def test_row_in_an_old_array_is_refused() -> None:
    cells: dict[tuple[int, int], Any] = {(3, 3): CellIn(formula="=ROW()*2", array_ref="C3:C4")}
    assert [u.function for u in evaluate(CellBook({"S": cells})).unsupported] == ["ROW"]


def test_circles_are_reported() -> None:
    results = evaluate(CellBook({"S": sheet(A1="=B1", B1="=A1+1", C1="=A1", D1="=1")}))
    assert set(results.circular) >= {("S", 1, 1), ("S", 1, 2)}
    assert results.values == {("S", 1, 4): 1.0}


def test_an_array_that_reads_where_it_spills_is_a_circle() -> None:
    results = evaluate(CellBook({"S": sheet(A1="==SEQUENCE(3)+SUM(A2)", B1="=1+1", C1="=A1")}))
    assert set(results.circular) == {("S", 1, 1), ("S", 1, 3)}
    assert results.values == {("S", 1, 2): 2.0}


def test_function_of_ours_that_gives_more_than_it_got() -> None:
    """Given one value, SALES_TWO gives a column: where one value is due the first counts, as in an ordinary cell of Excel."""
    ours = {"SALES_TWO": lambda x: [[1.234], [3.456]]}
    cells = sheet(A1="=ROUND(SALES_TWO(1),2)", B1="==ROUND(SALES_TWO(1),2)", C1="=SUM(ROUND(SALES_TWO(1),0))")
    results = evaluate(CellBook({"S": cells}), ours)
    assert results.values["S", 1, 1] == 1.23
    assert shown(results, ("S", 1, 2)) == [[1.23], [3.46]]
    assert results.values["S", 1, 3] == 4.0


def test_texts_join_numbers_as_excel_writes_them() -> None:
    assert evaluate_formula('="合计 "&(0.1+0.2)&" 元"') == "合计 0.3 元"
    assert evaluate_formula('=TEXTJOIN("/",TRUE,1/3,100000*1.1)') == "0.333333333333333/110000"


def test_blank_is_zero_and_today_is_given() -> None:
    results = evaluate(CellBook({"S": sheet(A1="=Z9", B1="=TODAY()")}), today=dt.datetime(2026, 1, 15, 9, 30))
    assert results.values == {("S", 1, 1): 0.0, ("S", 1, 2): 46037.0}


@pytest.mark.parametrize(
    ("day", "expected"), [(dt.date(1900, 1, 1), 1.0), (dt.date(1900, 3, 1), 61.0), (dt.datetime(2026, 1, 15, 12), 46037.5)]
)
def test_serials(day: dt.date, expected: float) -> None:
    assert serial(day) == expected


def test_a_hundred_thousand_formulas_take_seconds() -> None:
    n = 33_334
    deals = table("Deals", "S", f"A1:D{n + 1}", ["收入", "成本", "毛利", "奖金"])
    cells: dict[tuple[int, int], Any] = {(r, c): float(r * c) for r in range(2, n + 2) for c in (1, 2)}
    for r in range(2, n + 2):
        cells[r, 3] = CellIn(formula="Deals[[#This Row],[收入]]-Deals[[#This Row],[成本]]")
        cells[r, 4] = CellIn(formula="ROUND(Deals[[#This Row],[毛利]]*0.015,2)")
        cells[r, 5] = CellIn(formula=f"IF(A{r}>B{r},C{r}*2,SUM(C{r}:D{r}))")
    started = time.process_time()  # how busy the machine is besides is not the engine's doing
    results = evaluate(CellBook({"S": cells}, [deals]))
    assert time.process_time() - started < 30
    assert len(results.values) == 3 * n and not results.unsupported
    assert results.values["S", 2, 3] == -2.0


_KEYS = [
    *(f"D27-{n:05}" for n in range(150)),
    None,
    "",
    "x*",
    "=1",
    7.0,
    "Jan-5",
    "d27-00003",
    "D27-99999",
    True,
    *(f"D27-{n:05}" for n in range(50)),
]
_COLUMN = [[f"D27-{n:05}"] for n in range(0, 160, 2)] + [[None], ["D27-00002"]]
_TEXTS = [f"text {n % 40}" for n in range(200)]


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("MATCH", ([[key] for key in _KEYS], _COLUMN, 0.0)),
        ("VLOOKUP", ([[key] for key in _KEYS], _COLUMN, 1.0, False)),
        ("VLOOKUP", ([[key.lower() if isinstance(key, str) else key] for key in _KEYS[:150]], _COLUMN, 1.0, 0.0)),
        ("COUNTIF", (_COLUMN, [[key] for key in _KEYS])),
        ("TRIM", ([[text] for text in _TEXTS],)),
        ("TRIM", ([[text + " " * (n % 2)] for n, text in enumerate(_TEXTS)],)),
        ("EXACT", ([[text] for text in _TEXTS], [[text.upper() if n % 3 else text] for n, text in enumerate(_TEXTS)])),
        ("EXACT", ([[text] for text in _TEXTS], [[text] if n % 3 else [None] for n, text in enumerate(_TEXTS)])),
    ],
)
def test_what_is_computed_at_once_is_what_the_engine_computes_cell_by_cell(name: str, args: tuple[Any, ...]) -> None:
    """Short cuts are for many cells: each by itself the engine computes."""
    places = {place for place, arg in enumerate(args) if isinstance(arg, list) and arg is not _COLUMN}
    assert repr(gaps.Lifting().call(name, list(args))) == repr(_cell_by_cell(name, args, places))


def _cell_by_cell(name: str, args: Sequence[Any], places: Collection[int]) -> list[list[Any]]:
    lifting = gaps.Lifting()
    long = max(len(args[place]) for place in places)
    return [
        [lifting.call(name, [arg[n : n + 1] if place in places else arg for place, arg in enumerate(args)])] for n in range(long)
    ]


_SAID = [
    "A",
    "a",
    "B1",
    "甲",
    "已发放",
    "S27-0001|线索",
    "2027-01",
    "1001",
    "x y",
    " A",
    "Q1",
    "0",
    "10%",
    "3/4",
    "",
    "true",
    "ä",
]
_COUNTED = [0.0, -0.0, 1.0, 5.0, -3.0, 0.1 + 0.2, 0.3, 1001.0, 46391.0, 46391.00000000001, 1e15]
_ASKED = [
    "<=46391",
    ">=0",
    "<5",
    ">-3",
    "<>A",
    "<>已发放",
    "2027-*",
    "?*",
    "=5",
    ">a",
    "<>",
    "=",
    "<=5",
    "A",
    "甲",
    5.0,
    1001.0,
    0.0,
    0.3,
]


_OVER_FIGURES = ("SUMIFS", "MAXIFS", "MINIFS", "AVERAGEIFS")


def _column(chance: random.Random, count: int, pool: Sequence[Any]) -> list[list[Any]]:
    some = chance.sample(pool, min(len(pool), chance.randint(2, 6)))
    return [[chance.choice(some)] for _ in range(count)]


def _call(chance: random.Random) -> tuple[str, list[Any], set[int]]:
    """A lifted call over random cells: its name, its arguments, which of them are spread."""
    name = chance.choice(["MATCH", "COUNTIFS", "SUMIFS", "SUMIF", "COUNTIF", "MAXIFS", "MINIFS", "AVERAGEIFS"])
    count, asked = chance.randint(2, 9), chance.randint(2, 5)
    plain = ["A", "a", "B1", "甲", "已发放", "Q1", "INV27-0001", "inv27-1", "MAY27-01", "may27-1"]
    pools = [
        plain,
        plain,
        _SAID,
        _COUNTED,
        [0.3, 0.1 + 0.2, 5.0],
        [1.0, 5.0, 1001.0],
        [*_COUNTED, None],
        [*_SAID, *_COUNTED, None, True],
    ]
    if name == "MATCH":
        pool = chance.choice(pools)
        return name, [_column(chance, asked, pool), _column(chance, count, pool), 0.0], {0}
    args: list[Any] = [_column(chance, count, [*_COUNTED, None])] if name in _OVER_FIGURES else []
    places = set()
    for number in range(chance.randint(1, 3) if name.endswith("S") else 1):
        pool = chance.choice(pools)
        args.append(_column(chance, count, pool))
        spread = not number or chance.random() < 0.4
        places |= {len(args)} if spread else set()
        args.append(_column(chance, asked, chance.choice([pool, _ASKED])) if spread else chance.choice([*pool, *_ASKED]))
    return name, [*args, _column(chance, count, [*_COUNTED, None])] if name == "SUMIF" else args, places


def test_counts_and_totals_at_once_are_what_the_engine_computes_cell_by_cell() -> None:
    """By random columns and criteria, plain and odd; the shortest way must be taken often, or nothing is tried."""
    chance, short = random.Random(27), 0
    for _ in range(400):
        name, args, places = _call(chance)
        spread = sorted(places)
        short += (gaps.by_hash(name, args, spread) or gaps.by_criteria(name, args, spread)) is not None
        assert repr(gaps.Lifting().call(name, args)) == repr(_cell_by_cell(name, args, places)), (name, args)
    assert short > 40


_KINDS = [1.5, 0.0, True, False, "", "1", "甲", ErrorValue("#N/A"), ErrorValue("#DIV/0!"), None, dt.date(2027, 3, 1)]


@pytest.mark.parametrize("name", ["ISNUMBER", "ISTEXT", "ISERROR", "ISERR", "ISNA"])
def test_what_tells_kinds_tells_the_same_of_an_array_as_of_each_cell(name: str) -> None:
    """Over an array they are answered without the engine, over single cells by it."""
    cells = {f"A{row}": value for row, value in enumerate(_KINDS, 1)}
    whole = evaluate_formula(f"={name}(IF(A1:A{len(_KINDS)}=1.5,A1:A{len(_KINDS)},A1:A{len(_KINDS)}))", cells=cells)
    plain = evaluate_formula(f"={name}(A1:A{len(_KINDS)})", cells=cells)
    each = [[evaluate_formula(f"={name}(A{row})", cells=cells)] for row in range(1, len(_KINDS) + 1)]
    assert plain == each
    errors = [isinstance(value, ErrorValue) for value in _KINDS]
    blank = _KINDS.index(None)
    assert isinstance(whole, list)
    assert [row for i, row in enumerate(whole) if i != blank] == [row for i, row in enumerate(each) if i != blank]
    assert sum(errors) == 2
