"""The add-in's VBA is run: by a VBA interpreter written in Python (every worked example), and by LibreOffice from cells.

LibreOffice can't run xlwings' own VBA (Windows libraries), so its module is replaced there by a probe that says what it was
handed, which is just what argument packing is to be judged by.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pyopenvba.interpreter import Interpreter, VBAArray, VBAErrorValue, parse_module

from addin.desktop import build, sentinel
from addin.desktop.functions import PREFIX, evaluate
from tests.cases import load
from tests.desktop.vba_office import evaluate as in_office
from tests.real import require_office
from udfs.formula import catalogue


@cache
def modules() -> dict[str, str]:
    return build.vba_modules()


def test_vba_keeps_its_rules() -> None:
    """ASCII, no line VBA's editor would cut, CRLF, no procedure named as its module."""
    for name, source in modules().items():
        assert source.isascii() and "\n" not in source.replace("\r\n", ""), name
        assert max(map(len, source.split("\r\n"))) < 1023, name
        procedures = set(re.findall(r"^(?:Public |Private )?(?:Sub|Function) (\w+)", source, re.M))
        assert not {p.lower() for p in procedures} & {m.lower() for m in modules()}, name


def test_our_vba_parses() -> None:
    for name in modules().keys() - {"xlwings"}:  # xlwings' own VBA is Excel's business, and beyond the parser at hand
        parse_module(modules()[name], name=name)


def test_every_function_has_its_wrapper_help_and_error_exits() -> None:
    source = modules()[build.FUNCTIONS]
    for name, entry in catalogue().items():
        title = PREFIX + name
        (body,) = re.findall(rf"^Function {title}\(.*?^End Function", source, re.M | re.S)
        assert f"Attribute {title}.VB_Description = " in body, title
        assert f'{title} = SalesPlanCall("{title}", ' in body and "Err.Description" not in body
        assert body.count("Optional ") == (0 if entry.repeating else sum(a.optional for a in entry.arguments)), title


def test_xlwings_vba_reads_no_settings_of_a_workbook_and_starts_one_server() -> None:
    """xlwings asks the active workbook and its folder first, and names it on the server's command line (its issue 787)."""
    source = modules()["xlwings"]
    command = source[source.index("Function XLPyCommand") : source.index("Private Sub XLPyLoadDLL")]
    assert 'ActiveWorkbook.FullName & ";"' not in command.split("#Else")[0]
    settings = source[source.index("Function GetConfigAnew(") :]
    assert "GetConfigFromSheet(ActiveWorkbook)" not in settings
    assert 'If source = "directory"' in settings
    assert "BSD 3-clause license" in source and "Copyright (C) 2014-present, Zoomer Analytics" in source


# -------------------------------------------------------------------------------------------------- by a VBA interpreter


@pytest.fixture(scope="module")
def vba() -> Interpreter:
    interpreter = Interpreter()
    for name in ("SalesPlanResults", "SalesPlanTexts"):
        interpreter.add_module(modules()[name], name=name)
    return interpreter


def as_com(rows: list[list[Any]]) -> Any:
    """Rows as xlwings hands them to VBA: one cell alone, one row as a list, else a table; counted from 0."""
    rows = [["" if c is None else c for c in row] for row in rows]
    if len(rows) == 1 and len(rows[0]) == 1:
        return rows[0][0]
    if len(rows) == 1:
        return VBAArray([(0, len(rows[0]) - 1)], items=list(rows[0]))
    table = VBAArray([(0, len(rows) - 1), (0, len(rows[0]) - 1)])
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            table.items[table.offset([r, c])] = cell
    return table


def from_vba(value: Any) -> list[list[Any]]:
    if not isinstance(value, VBAArray):
        return [[value]]
    if value.dimensions == 1:
        return [value.items]
    (top, bottom), (left, right) = value.bounds
    return [[value.get([r, c]) for c in range(left, right + 1)] for r in range(top, bottom + 1)]


def test_vba_turns_every_case_into_values_errors_reasons_and_notes(vba: Interpreter) -> None:
    errors = 0
    for case in load():
        rows = evaluate(catalogue()[case.call], case.language, case.args)
        shown = from_vba(vba.run("SalesPlanResultAt", [as_com(rows), "here"]))
        note = ""
        if isinstance(rows[-1][0], str) and rows[-1][0].startswith(sentinel.NOTE):
            note, rows = rows[-1][0][2:], rows[:-1]
        assert str(vba.run("SalesPlanKept", ["here", "0,0"])) == note, case
        assert [len(row) for row in shown] == [len(row) for row in rows], case
        for r, row in enumerate(rows, 1):
            for c, cell in enumerate(row, 1):
                got = shown[r - 1][c - 1]
                if not (isinstance(cell, str) and cell.startswith(sentinel.ERROR)):
                    assert got == ("" if cell is None else cell) and not isinstance(got, VBAErrorValue), case
                    continue
                errors += 1
                expected = sentinel.read_error(cell)
                assert isinstance(got, VBAErrorValue) and str(got) == f"Error {sentinel.NUMBERS[expected]}", (case, got)
                assert str(vba.run("SalesPlanKept", ["here", f"{r},{c}"])) == expected.reason.zh, case
    assert errors > 50


def test_a_result_without_errors_forgets_the_reason_before_it(vba: Interpreter) -> None:
    vba.run("SalesPlanResultAt", [sentinel.of_error("#N/A", "why"), "A1"])
    assert str(vba.run("SalesPlanKept", ["A1", "1,1"])) == "why"
    vba.run("SalesPlanResultAt", [5.0, "A1"])
    assert str(vba.run("SalesPlanKept", ["A1", "1,1"])) == ""


def test_only_so_many_reasons_are_kept_for_one_result(vba: Interpreter) -> None:
    """A column of 100,000 errors must not build a text of megabytes; its cells are errors all the same."""
    bad = [[sentinel.of_error("#NUM!", f"reason {r}")] for r in range(300)]
    shown = from_vba(vba.run("SalesPlanResultAt", [as_com(bad), "B1"]))
    assert all(isinstance(row[0], VBAErrorValue) for row in shown)
    assert str(vba.run("SalesPlanKept", ["B1", "200,1"])) == "reason 199"
    assert str(vba.run("SalesPlanKept", ["B1", "201,1"])) == ""


# ---------------------------------------------------------------------------------------------------- by LibreOffice

_PROBE = """Attribute VB_Name = "SalesPlanPython"
Function SalesPlanCall(name_, args)
    Dim i, said
    said = name_
    For i = LBound(args) To UBound(args)
        said = said & "|" & Told(args(i))
    Next i
    SalesPlanCall = said
End Function
Function Told(value)
    Dim cell As Object
    If IsObject(value) Then
        Set cell = value
        Told = "range of " & cell.Cells.Count
    ElseIf IsError(value) Then
        Told = "left out"
    Else
        Told = "" & value
    End If
End Function
Function ErrorThenReason(said)
    Dim ignored
    ignored = SalesPlanResultAt(said, "m")
    ErrorThenReason = SalesPlanKept("m", "1,1")
End Function
"""


def probed() -> dict[str, str]:
    """Our modules with the probe in the place of the one that calls Python.

    LibreOffice can't compile xlwings' VBA, the template's class module, nor what needs Excel's own types, so these are left out.
    """
    empty = dict.fromkeys(("xlwings", "Dictionary", build.RIBBON), "Option Explicit\r\n")
    texts = modules()["SalesPlanTexts"].replace("If TypeOf Application.Caller Is Range Then ", "")
    return (
        {k: v for k, v in modules().items() if k != "ThisWorkbook"}
        | empty
        | {
            build.PYTHON: _PROBE.replace("\n", "\r\n"),
            "SalesPlanTexts": texts,
        }
    )


ERROR_FORMULAS = [
    (code, f'SalesPlanResultAt(CHAR(1)&"E{number}"&CHAR(1)&"because","k")') for code, number in sentinel.NUMBERS.items()
]


@pytest.mark.real
def test_pure_vba_runs_from_cells_in_libreoffice(tmp_path: Path) -> None:
    require_office()
    expected: dict[str, Any] = {
        'SalesPlanResultAt("text","k")': "text",
        'SalesPlanResultAt(5,"k")': 5,
        **{formula: f"Error {sentinel.NUMBERS[code]}" for code, formula in ERROR_FORMULAS},  # so LibreOffice shows CVErr(n)
        'ErrorThenReason(CHAR(1)&"E2042"&CHAR(1)&"because")': "because",
        'SalesPlanTextIn("why.fine","zh")': build.VBA_TEXTS["why.fine"].zh,
        'SalesPlanTextIn("why.fine","en")': build.VBA_TEXTS["why.fine"].en,
        'SalesPlanTextIn("no.such.text","en")': "no.such.text",
        "SALES_ROI(100,20)": "SALES_ROI|zh|100|20",
        'SALES_WHY("ROI",100,0)': "SALES_WHY|zh|ROI|100|0",
    }
    found = dict(zip(expected, in_office(list(expected), probed(), tmp_path), strict=True))
    assert found == expected
