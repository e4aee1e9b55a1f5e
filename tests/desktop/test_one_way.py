"""The one way from Excel to Python (vba/Python.bas) and what hangs on it, run as shipped over a stand-in for Excel's objects.

Whether Excel itself does what its documentation says is on the manual checklist; here it is our own VBA that is judged.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from pyopenvba.exceptions import VBARuntimeError
from pyopenvba.interpreter import VBAArray, VBAErrorValue
from pyopenvba.interpreter import _preprocess as preprocess

from addin.desktop import build
from tests.desktop.excel_stand_in import Book, Cell, Excel, table

MODULES = ("SalesPlanTexts", "SalesPlanResults", "SalesPlanPresentValues", build.PYTHON, build.RIBBON)
TEXTS = build.VBA_TEXTS


class Dead:
    """A Python that can't be reached; each try would take a minute."""

    def __init__(self, dead: bool = True) -> None:
        self.dead = dead

    def __call__(self) -> None:
        if self.dead:
            raise VBARuntimeError(1000, "Could not activate Python COM server, hr = -2147221164 1000")


@pytest.fixture
def excel() -> Excel:
    return Excel(MODULES)


def is_error(value: Any) -> bool:
    return isinstance(value, VBAErrorValue)


# ------------------------------------------------------------------------------------------------------------ only one way


def test_nothing_but_the_one_wrapper_names_xlwings_server() -> None:
    """A bare XLPy freezes Excel for a minute a cell when Python can't serve."""
    for name, source in build.vba_modules().items():
        code = "\n".join(line for line in source.split("\r\n") if not line.lstrip().startswith("'"))
        if name not in (build.PYTHON, "xlwings"):  # xlwings' module defines it, and has entrances of its own that nobody calls
            assert not re.search(r"\b(XLPy|CallUDF|RunPython)\b", code), name
    python = build.vba_modules()[build.PYTHON]
    assert len(re.findall(r"^ +Set server = XLPy\(\)\r$", python, re.M)) == 2  # a function's and a button's
    assert len(re.findall(r"\bXLPy\b", re.sub(r"'.*", "", python))) == 2


def test_a_function_goes_through_it_and_comes_back(excel: Excel) -> None:
    assert excel.function(Cell(excel, "A1"), "SALES_ROI", 100.0, 20.0) == 5.0
    assert excel.calls == ["SALES_ROI"]


# --------------------------------------------------------------------------------------- a Python that can't be reached


def test_a_failure_is_answered_at_once_for_some_minutes_with_its_reason() -> None:
    excel = Excel(MODULES, Dead())
    cells = [Cell(excel, f"A{r}", "=SALES_ROI(100,20)", VBAErrorValue(2015), "#VALUE!") for r in range(1, 331)]
    assert all(is_error(excel.function(cell, "SALES_ROI", 100.0, 20.0)) for cell in cells)
    assert excel.activated == 1, "every further cell would wait for a minute"
    said = excel.why(cells[-1], Cell(excel, "Z1"))
    assert TEXTS["why.python"].zh in said and "Could not activate Python COM server" in said
    excel.later(299)
    excel.function(cells[0], "SALES_ROI", 100.0, 20.0)
    assert excel.activated == 1
    excel.later(2)
    excel.function(cells[0], "SALES_ROI", 100.0, 20.0)
    assert excel.activated == 2, "after five minutes it is tried again"


def test_a_button_tries_again_and_cells_work_after_it() -> None:
    python = Dead()
    excel = Excel(MODULES, python)
    cell = Cell(excel, "A1", "=SALES_ROI(100,20)")
    assert is_error(excel.function(cell, "SALES_ROI", 100.0, 20.0))
    excel.vba.run("SalesPlanRun", ["relink", "en"])
    assert excel.activated == 2
    assert is_error(excel.function(cell, "SALES_ROI", 100.0, 20.0)) and excel.activated == 2, "the button's failure counts too"
    assert excel.application.calculated == 0
    python.dead = False
    assert str(excel.vba.run("SalesPlanRun", ["check", "en"])) == ""
    assert excel.application.calculated == 1, "the cells that missed it would keep their errors"
    excel.vba.run("SalesPlanRun", ["check", "en"])
    assert excel.application.calculated == 1
    assert excel.function(cell, "SALES_ROI", 100.0, 20.0) == 5.0


def test_a_python_that_was_ended_meanwhile_is_started_once_more(excel: Excel) -> None:
    excel.broken = ["The RPC server is unavailable."]
    assert excel.function(Cell(excel, "A1"), "SALES_ROI", 100.0, 20.0) == 5.0
    assert excel.activated == 2


def test_a_python_that_starts_but_fails_every_call_is_remembered_after_a_few(excel: Excel) -> None:
    excel.broken = ["No module named addin"] * 100
    for row in range(1, 30):
        assert is_error(excel.function(Cell(excel, f"A{row}"), "SALES_ROI", 100.0, 20.0))
    assert len(excel.calls) == 6  # three cells, twice each
    excel.broken = []
    excel.vba.run("SalesPlanForget")
    assert excel.function(Cell(excel, "A1"), "SALES_ROI", 100.0, 20.0) == 5.0


def test_one_call_that_fails_by_chance_stops_nothing(excel: Excel) -> None:
    for _ in range(5):
        excel.broken = ["Call was rejected by callee."] * 2
        assert is_error(excel.function(Cell(excel, "A1"), "SALES_ROI", 100.0, 20.0))
        assert excel.function(Cell(excel, "A1"), "SALES_ROI", 100.0, 20.0) == 5.0


def test_a_failure_without_a_description_is_a_failure() -> None:
    assert str(Excel(MODULES).vba.run("SalesPlanSaid", [440, ""])) == "error 440"


# ------------------------------------------------------------------------------------------------------------------ buttons


class Control:
    """What Excel hands to a callback."""


def click(excel: Excel, id: str = "check") -> None:
    from pyopenvba.interpreter import VBAObject, member

    class RibbonControl(VBAObject):
        @member
        def ID(self) -> str:  # noqa: N802
            return id

    excel.vba.run("SalesPlanClicked", [RibbonControl()])


def test_alerts_are_off_while_a_button_runs_and_as_before_afterwards(excel: Excel) -> None:
    click(excel)
    assert [(c[:3], c[-1]) for c in excel.clicks] == [(("addin.desktop.ribbon", "clicked", "check"), False)]
    assert excel.application.alerts is True and excel.shown == []


def test_alerts_come_back_after_a_failure_and_the_failure_is_shown(excel: Excel) -> None:
    excel.broken = ["the server died"]
    click(excel)
    assert excel.application.alerts is True and excel.application.set_alerts == [False, True]
    assert "the server died" in excel.shown[0] and TEXTS["ribbon.python"].zh in excel.shown[0]
    dead = Excel(MODULES, Dead())
    click(dead)
    assert dead.application.alerts is True and len(dead.shown) == 1 and dead.activated == 1


def test_alerts_that_were_off_stay_off(excel: Excel) -> None:
    excel.application.alerts = False
    click(excel)
    assert excel.application.alerts is False


def test_nothing_we_do_in_a_button_needs_one_of_excels_alerts() -> None:
    """Without alerts Excel overwrites a file and closes a changed workbook without asking: no button may do either."""
    from pathlib import Path

    import addin

    for path in Path(addin.__file__).parent.rglob("*.py"):
        assert not re.search(r"\.(SaveAs|SaveCopyAs|Quit)\(|\.Close\(", path.read_text(encoding="utf-8")), path


# ----------------------------------------------------------------------------------------------------------------- settings


def test_a_setting_is_read_once_in_some_seconds(excel: Excel) -> None:
    for _ in range(42):
        assert str(excel.vba.run("GetConfig", ["INTERPRETER_WIN", ""])) == "value of INTERPRETER_WIN"
    assert excel.read == ["INTERPRETER_WIN"]
    excel.vba.run("GetConfig", ["INTERPRETER_WIN", "pythonw"])
    assert len(excel.read) == 2, "another default is another question"
    excel.later(4)
    excel.vba.run("GetConfig", ["INTERPRETER_WIN", ""])
    assert len(excel.read) == 2
    excel.later(2)
    excel.vba.run("GetConfig", ["INTERPRETER_WIN", ""])
    assert len(excel.read) == 3, "a changed file counts after some seconds"


def test_xlwings_asks_for_its_settings_through_it_only() -> None:
    source = build.vba_modules()["xlwings"]
    assert source.count("Function GetConfigAnew(") == 1 and "Function GetConfig(" not in source
    inside = source[source.index("Function GetConfigAnew(") : source.index("Function SaveConfigToFile")]
    assert not re.search(r"\bGetConfig\b", inside) and len(re.findall(r"\bGetConfig\(", source)) > 20


def test_the_build_fails_loudly_when_xlwings_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = build._template_modules()
    for line in ("In Range(sht.Range", "Private Sub CleanUp()", "Function GetConfig(configKey"):
        spoilt = {**shipped, "xlwings": shipped["xlwings"].replace(line, "' gone")}
        monkeypatch.setattr(build, "_template_modules", lambda spoilt=spoilt: spoilt)
        with pytest.raises(ValueError):
            build.xlwings_module()


# ------------------------------------------------------------------------------------------------------------------ SALES_WHY


def test_the_reason_of_an_error_is_kept_for_each_function_of_a_cell(excel: Excel) -> None:
    """=SALES_ROI(100,0)+SALES_BUDGETSPLIT(100): the second one's success must not take the first one's reason away."""
    cell = Cell(excel, "A1", "=SALES_ROI(100,0)+SUM(SALES_BUDGETSPLIT(100))", VBAErrorValue(2007), "#DIV/0!")
    assert is_error(excel.function(cell, "SALES_ROI", 100.0, 0.0))
    excel.function(cell, "SALES_BUDGETSPLIT", 100.0)
    said = excel.why(cell, Cell(excel, "B1"))
    assert said.startswith("#DIV/0! ") and TEXTS["why.known"].zh not in said and not excel.evaluated


def test_an_error_from_before_the_session_is_evaluated_again_under_the_asking_cell(excel: Excel) -> None:
    """While Excel evaluates for SALES_WHY the caller is the asking cell: the reason found there belongs to the cell
    asked about."""
    cell, asker = Cell(excel, "A1", "=SALES_ROI(100,0)", VBAErrorValue(2007), "#DIV/0!"), Cell(excel, "B1")
    said = excel.why(cell, asker)
    assert excel.evaluated == ["=SALES_ROI(100,0)"] and said.startswith("#DIV/0! ")
    assert "why." not in said and said not in [f"#DIV/0! {t.zh}" for t in TEXTS.values()]
    assert excel.why(cell, asker) == said and len(excel.evaluated) == 1, "it is kept under the cell asked about"


def long_formula() -> str:
    return "=SALES_ROI(100," + "0+" * 130 + "0)"


def test_a_long_formula_is_never_answered_falsely(excel: Excel) -> None:
    cell = Cell(excel, "A1", long_formula(), VBAErrorValue(2007), "#DIV/0!")
    assert excel.why(cell, Cell(excel, "B1")) == "#DIV/0! " + TEXTS["why.long"].zh
    assert excel.evaluated == [], "Excel would answer #VALUE! without asking any function"
    excel.function(cell, "SALES_ROI", 100.0, 0.0)  # F2, Enter
    said = excel.why(cell, Cell(excel, "B1"))
    assert said.startswith("#DIV/0! ") and TEXTS["why.long"].zh not in said


def test_a_long_formula_without_an_error_is_not_called_fine_before_it_was_heard(excel: Excel) -> None:
    cell = Cell(excel, "A1", long_formula().replace("+0)", "+20)"), 4.0, "4")
    assert excel.why(cell, Cell(excel, "B1")) == TEXTS["why.note"].zh
    excel.function(cell, "SALES_ROI", 100.0, 20.0)
    assert excel.why(cell, Cell(excel, "B1")) == TEXTS["why.fine"].zh


def test_what_no_function_of_ours_did_is_said_so(excel: Excel) -> None:
    asker = Cell(excel, "B1")
    foreign = Cell(excel, "A1", "=1/0", VBAErrorValue(2007), "#DIV/0!")
    assert excel.why(foreign, asker) == "#DIV/0! " + TEXTS["why.elsewhere"].zh
    mixed = Cell(excel, "A2", "=SALES_ROI(100,20)/0", VBAErrorValue(2007), "#DIV/0!")
    excel.function(mixed, "SALES_ROI", 100.0, 20.0)
    assert excel.why(mixed, asker) == "#DIV/0! " + TEXTS["why.known"].zh


def test_a_function_whose_name_begins_another_s_is_not_taken_for_it_twice(excel: Excel) -> None:
    """SALES_ROIOK and SALES_ROI: both were heard, so asking for F2 again and again would lead nowhere."""
    cell = Cell(excel, "A1", "=IF(SALES_ROIOK(100,20,1),SALES_ROI(100,20),0)/0" + "+0" * 130, VBAErrorValue(2007), "#DIV/0!")
    excel.function(cell, "SALES_ROIOK", 100.0, 20.0, 1.0)
    excel.function(cell, "SALES_ROI", 100.0, 20.0)
    assert excel.why(cell, Cell(excel, "B1")) == "#DIV/0! " + TEXTS["why.known"].zh


def test_the_same_function_twice_is_not_judged_by_the_last(excel: Excel) -> None:
    """=SALES_ROI(100,0)+SALES_ROI(100,20): only the last result is kept, so nothing is claimed from it."""
    cell = Cell(excel, "A1", "=SALES_ROI(100,0)+SALES_ROI(100,20)" + "+0" * 130, VBAErrorValue(2007), "#DIV/0!")
    excel.function(cell, "SALES_ROI", 100.0, 0.0)
    excel.function(cell, "SALES_ROI", 100.0, 20.0)
    assert excel.why(cell, Cell(excel, "B1")) == "#DIV/0! " + TEXTS["why.long"].zh


@pytest.mark.parametrize(
    ("formula", "names"),
    [
        ("=SALES_ROI(A1,B1)", "SALES_ROI "),
        ("=[1]!sales_roi(A1)+SALES_TIER(2)", "SALES_ROI SALES_TIER "),
        ("=SALES_ROI+1", ""),
        ("=SUM(A1:A3)", ""),
    ],
)
def test_the_functions_in_a_formula(excel: Excel, formula: str, names: str) -> None:
    assert str(excel.vba.run("SalesPlanNames", [formula])) == names


def test_every_answer_of_why_has_its_text() -> None:
    source = build.vba_modules()["SalesPlanResults"] + build.vba_modules()[build.PYTHON]
    ways = {"elsewhere", "known", "long", "unheard"}
    assert {f"why.{way}" for way in ways} <= TEXTS.keys()
    assert set(re.findall(r'SalesPlanWay = "(\w+)"|SalesPlanAgain = "(\w+)"', source)) == {
        *(("elsewhere", ""), ("known", ""), ("again", ""), ("long", ""), ("", "unheard"))
    }
    for key in re.findall(r'SalesPlanText\("([\w.]+)"\)', "".join(build.vba_modules().values())):
        assert key in TEXTS, key


# ------------------------------------------------------------------------------------------------------------------- the Mac


@pytest.fixture
def mac(monkeypatch: pytest.MonkeyPatch) -> Excel:
    """The same modules, compiled as on a Mac."""
    monkeypatch.setitem(preprocess.DEFAULT_CONSTANTS, "Mac", True)
    return Excel(MODULES)


def opened(mac: Excel, *cells: Cell) -> None:
    """A workbook with these cells is opened."""
    for cell in cells:
        mac.vba.run("SalesPlanKeepPresent", [cell.address, cell.r1c1, cell.text, cell.value])


def test_on_a_mac_a_cell_keeps_its_value_and_python_is_left_alone(mac: Excel) -> None:
    cell = Cell(mac, "A1", "=SALES_ROI(100,20)", 4.25, "4.3")
    mac.cells = [cell]
    mac.vba.run("SalesPlanKeepValues", [mac.book])
    assert mac.function(cell, "SALES_ROI", 100.0, 20.0) == 4.25
    assert mac.activated == 0 and mac.ran == [] and mac.sheet.calculates is True
    assert [d[1] for d in mac.vba.dialogs] == [TEXTS["mac.functions"].zh]


@pytest.mark.parametrize(
    ("formula", "calculates"),
    [
        ("=2*SALES_ROI(100,20)", False),
        ("=SUM(SALES_BANDS(B1:B2))", False),
        ("=IF(A1,SALES_ROI(1,2),SALES_ROI(1,3))", True),
        ("=IF(A1,SALES_ROI(1,2),1+SALES_TIER(3))", False),
        ("=SUM(A1:A3)", True),
    ],
)
def test_on_a_mac_a_sheet_that_reckons_with_a_function_stands_still(mac: Excel, formula: str, calculates: bool) -> None:
    """The cell's value can't be given back there, and an error would be saved: the sheet is not recalculated in this session."""
    mac.cells = [Cell(mac, "A1", formula, 8.0, "8")]
    mac.vba.run("SalesPlanKeepValues", [mac.book])
    assert mac.sheet.calculates is calculates
    assert len(mac.vba.dialogs) == ("SALES_" in formula)


def run_in_document(excel: Excel, procedure: str, *arguments: Any) -> None:
    """A procedure of the add-in's own document module, as Excel runs an event's; the interpreter knows no WithEvents."""
    source = build.vba_modules()["ThisWorkbook"].replace("Private WithEvents ", "Private ")
    excel.vba.add_module(source, name="ThisWorkbook", kind="document")
    document = excel.vba.bind_document("ThisWorkbook", Book(excel))
    document.vba_get(procedure, list(arguments))


@pytest.mark.parametrize("already_open", [True, False])
def test_on_a_mac_values_are_taken_as_a_workbook_is_opened(mac: Excel, already_open: bool) -> None:
    cells = [Cell(mac, f"A{r}", f"=SALES_ROI({r},20)", float(r), str(r)) for r in range(1, 30)]
    mac.cells = [Cell(mac, "A0", "=SUM(A1:A30)", 1.0, "1"), *cells]
    if already_open:
        mac.application.books = [mac.book]
        run_in_document(mac, "Workbook_Open")
    else:
        run_in_document(mac, "gExcel_WorkbookOpen", mac.book)
    assert [mac.function(cell, "SALES_ROI", 1.0, 20.0) for cell in cells] == [cell.value for cell in cells]
    assert len(mac.vba.dialogs) == 1 and mac.activated == 0


def test_on_windows_opening_a_workbook_runs_nothing(excel: Excel) -> None:
    with pytest.raises(VBARuntimeError):
        run_in_document(excel, "Workbook_Open")


def test_on_a_mac_an_array_keeps_all_its_values(mac: Excel) -> None:
    values = table([[1.0, 2.0], [3.0, 4.0]])
    cell = Cell(mac, "A1", "=SALES_BANDS(B1:B2)", values, "1")
    opened(mac, cell)
    kept = mac.function(cell, "SALES_BANDS", 1.0)
    assert isinstance(kept, VBAArray) and kept.items == values.items


def test_on_a_mac_it_is_said_once_where_functions_work(mac: Excel) -> None:
    for row in range(1, 50):
        cell = Cell(mac, f"A{row}", "=SALES_ROI(100,20)", 4.0, "4")
        opened(mac, cell)
        mac.function(cell, "SALES_ROI", 100.0, 20.0)
    assert [d[1] for d in mac.vba.dialogs] == [TEXTS["mac.functions"].zh]


def test_on_a_mac_another_cell_s_value_is_never_given(mac: Excel) -> None:
    """After a row was put in, another cell stands at the address: its text or its formula tells."""
    opened(mac, Cell(mac, "A1", "=SALES_ROI(100,20)", 4.0, "4"))
    assert is_error(mac.function(Cell(mac, "A1", "=SALES_ROI(100,20)", 5.0, "5"), "SALES_ROI", 100.0, 20.0))
    assert is_error(mac.function(Cell(mac, "A1", "=SALES_ROI(100,B9)", 4.0, "4"), "SALES_ROI", 100.0, 20.0))
    new = Cell(mac, "A9", "=SALES_ROI(1,2)", VBAErrorValue(2015), "#VALUE!")
    assert is_error(mac.function(new, "SALES_ROI", 1.0, 2.0))
    assert TEXTS["why.mac"].zh in mac.why(new, Cell(mac, "B1"))


@pytest.mark.parametrize(
    ("formula", "passed"),
    [
        ("=SALES_ROI(A1,B1)", True),
        ("=[1]!SALES_ROI(A1,SUM(B1:B2))", True),
        ("='C:\\My (x)\\SalesPlan.xlam'!SALES_ROI(A1,B1)", True),
        ("=SalesPlan.xlam!SALES_ROI(A1,B1)", True),
        ('=IF(A1="",")(",SALES_ROI(A1,B1))', True),
        ("=IFERROR(IF(A1>2,SALES_ROI(A1,B1),SALES_ROI(A1,2)),0)", True),
        ("=IFERROR([1]!SALES_ROI(A1,B1),0)", True),
        ("=2*SALES_ROI(A1,B1)", False),
        ("=SALES_ROI(A1,B1)+1", False),
        ("=-SALES_ROI(A1,B1)", False),
        ("=SUM(SALES_ROI(A1,B1))", False),
        ("=IF(SALES_ROI(A1,B1),1,2)", False),
        ("=IF(A1,SUM(SALES_ROI(A1,B1)),2)", False),
        ("=IF(A1,SALES_ROI(A1,B1),2)*3", False),
        ("=IF(A1,(SALES_ROI(A1,B1)),2)", False),  # not understood: no value rather than a wrong one
        ("=SALES_TIER(SALES_ROI(A1,B1))", False),
        ("=SUM(A1:A3)", False),
    ],
)
def test_on_a_mac_a_value_is_given_back_only_where_the_cell_shows_it_as_it_is(mac: Excel, formula: str, passed: bool) -> None:
    assert bool(mac.vba.run("SalesPlanPassedOn", [formula, "SALES_ROI"])) is passed


def test_on_a_mac_a_button_runs_by_xlwings_and_cleanup_is_public(mac: Excel) -> None:
    click(mac)
    assert mac.ran == ["runpython import addin.desktop.ribbon as r;r.clicked('check','zh')"]
    mac.vba.run("CleanUp")
    assert mac.ran[-1] == "xlwingscleanup"
    ribbon = build.vba_modules()[build.RIBBON]
    assert "Public Sub CleanUp()" in ribbon and "Option Private Module" not in ribbon
