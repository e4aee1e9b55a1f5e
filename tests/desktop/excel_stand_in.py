"""As much of Excel and of xlwings' library as our own VBA asks for, so that the VBA itself runs as it is shipped.

Nothing of ours is stood in for: the modules are those of the add-in, run by a VBA interpreter, and a call that gets through to
"Python" is answered by the real functions. What Excel does of itself (calculating, spilling) is not imitated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from pyopenvba.exceptions import VBARuntimeError
from pyopenvba.interpreter import (
    MISSING,
    NOTHING,
    HostBridge,
    Interpreter,
    VBAArray,
    VBACollection,
    VBAErrorValue,
    VBAObject,
    member,
    method,
    setter,
)
from pyopenvba.interpreter._runtime import UNRESOLVED

from addin.desktop import build
from addin.desktop.functions import PREFIX, evaluate
from udfs.formula import catalogue
from udfs.text import Text


def table(rows: list[list[Any]]) -> Any:
    """Rows as xlwings hands them to VBA: one cell alone, one row as a list, else a table; counted from 0."""
    rows = [["" if c is None else c for c in row] for row in rows]
    if len(rows) == 1 and len(rows[0]) == 1:
        return rows[0][0]
    if len(rows) == 1:
        return VBAArray([(0, len(rows[0]) - 1)], items=list(rows[0]))
    made = VBAArray([(0, len(rows) - 1), (0, len(rows[0]) - 1)])
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            made.items[made.offset([r, c])] = cell
    return made


class Server(VBAObject):
    """What xlwings' library gives: Python as an object."""

    def __init__(self, excel: Excel) -> None:
        self.excel = excel

    @method
    def CallUDF(self, script: Any, name: Any, arguments: Any, book: Any, caller: Any) -> Any:  # noqa: N802 - COM's name
        self.excel.calls.append(str(name))
        if self.excel.broken:
            raise VBARuntimeError(-2147467259, self.excel.broken.pop(0))
        context, *cells = arguments.items
        left_out = (a for a in cells if a is not MISSING)
        return table(evaluate(catalogue()[str(name).removeprefix(PREFIX)], str(context), [_plain(c) for c in left_out]))

    @method
    def Module(self, name: Any) -> Any:  # noqa: N802
        return str(name)

    @method
    def Tuple(self, *parts: Any) -> Any:  # noqa: N802
        return VBAArray([(0, len(parts) - 1)], items=list(parts))

    @method
    def Call(self, module: Any, name: Any, arguments: Any) -> None:  # noqa: N802
        self.excel.clicks.append((str(module), str(name), *arguments.items, self.excel.application.alerts))
        if self.excel.broken:
            raise VBARuntimeError(-2147467259, self.excel.broken.pop(0))


def _plain(cell: Any) -> Any:
    if isinstance(cell, bool):
        return [[cell]]
    return [[float(cell) if isinstance(cell, int | float) else str(cell)]]


class Cell(VBAObject):
    """A cell, or the first of a spill."""

    vba_type_name, vba_library = "Range", "Excel"

    def __init__(self, excel: Excel, address: str, formula: str = "", value: Any = 0.0, text: str = "") -> None:
        self.excel, self.address, self.formula, self.value, self.text = excel, address, formula, value, text
        self.r1c1 = formula

    @method
    def Cells(self, r: Any = MISSING, c: Any = MISSING) -> Any:  # noqa: N802
        return self

    @method
    def Address(self, External: Any = MISSING) -> Any:  # noqa: N802, N803
        return self.address

    @member
    def Row(self) -> Any:  # noqa: N802
        return 1

    @member
    def Column(self) -> Any:  # noqa: N802
        return 1

    @member
    def Formula(self) -> Any:  # noqa: N802
        return self.formula

    @member
    def Formula2(self) -> Any:  # noqa: N802
        return self.formula

    @member
    def FormulaR1C1(self) -> Any:  # noqa: N802
        return self.r1c1

    @member
    def Value(self) -> Any:  # noqa: N802
        if self.excel.application.caller is self:
            raise AssertionError("a function that reads its own cell's value makes a circular reference")
        return self.value

    @member
    def Value2(self) -> Any:  # noqa: N802
        return self.Value()

    @member
    def Text(self) -> Any:  # noqa: N802
        return self.text

    @member
    def HasArray(self) -> Any:  # noqa: N802
        return False

    @member
    def HasSpill(self) -> Any:  # noqa: N802
        return False

    @member
    def Worksheet(self) -> Any:  # noqa: N802
        return self.excel.sheet


class Used(VBAObject):
    """The used range: the cells one below the other. Formula is a text for one cell and a table counted from 1 for more."""

    vba_type_name, vba_library = "Range", "Excel"

    def __init__(self, cells: list[Cell]) -> None:
        self.cells = cells

    @member
    def Formula(self) -> Any:  # noqa: N802
        if len(self.cells) == 1:
            return self.cells[0].formula
        return VBAArray([(1, len(self.cells)), (1, 1)], items=[cell.formula for cell in self.cells])

    @method
    def Cells(self, r: Any, c: Any) -> Any:  # noqa: N802
        return self.cells[int(r) - 1]


class Sheet(VBAObject):
    """A worksheet that evaluates as Excel does: 255 characters at most, and the asking cell stays the caller."""

    vba_type_name = "Worksheet"

    def __init__(self, excel: Excel) -> None:
        self.excel = excel
        self.calculates: Any = True

    @member
    def EnableCalculation(self) -> Any:  # noqa: N802
        return self.calculates

    @setter("EnableCalculation")
    def _calculates(self, value: Any) -> None:
        self.calculates = value

    @member
    def UsedRange(self) -> Any:  # noqa: N802
        return Used(self.excel.cells)

    @method
    def Evaluate(self, formula: Any) -> Any:  # noqa: N802
        self.excel.evaluated.append(str(formula))
        if len(str(formula)) > 255:
            return VBAErrorValue(2015)
        return self.excel.calculate(str(formula))

    @member
    def Parent(self) -> Any:  # noqa: N802
        return self.excel.book


class Names(VBACollection):
    """The names of the texts' sheet are the add-in's own texts."""

    def vba_items(self) -> list[object]:
        return []


class Book(VBAObject):
    """A workbook with one sheet."""

    vba_type_name = "Workbook"

    def __init__(self, excel: Excel) -> None:
        self.excel = excel

    @member
    def Name(self) -> Any:  # noqa: N802
        return "plan.xlsx"

    @method
    def Worksheets(self, name: Any = MISSING) -> Any:  # noqa: N802
        return TextsSheet() if str(name) == "Texts" else Sheets(self.excel)


class Sheets(VBACollection):
    def __init__(self, excel: Excel) -> None:
        self.excel = excel

    def vba_items(self) -> list[object]:
        return [self.excel.sheet]


class TextCell(VBAObject):
    def __init__(self, value: str) -> None:
        self.text = value

    @member(default=True)
    def Value(self) -> Any:  # noqa: N802
        return self.text


class TextsSheet(VBAObject):
    """The add-in's sheet Texts with what the add-in writes there."""

    vba_type_name = "Worksheet"
    rows = (("key", Text("zh", "en")), *build.VBA_TEXTS.items())

    @method
    def Cells(self, r: Any, c: Any) -> Any:  # noqa: N802
        if int(r) > len(self.rows):
            return TextCell("")
        key, text = self.rows[int(r) - 1]
        return TextCell((key, text.zh, text.en)[int(c) - 1])


class Books(VBACollection):
    """The workbooks that are open."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def vba_items(self) -> list[object]:
        return list(self.application.books)


class Languages(VBAObject):
    """Chinese menus."""

    vba_type_name = "LanguageSettings"

    @method
    def LanguageID(self, which: Any) -> Any:  # noqa: N802
        return 2052


class Application(VBAObject):
    vba_type_name, vba_library = "Application", "Excel"

    def __init__(self) -> None:
        self.caller: Any = VBAErrorValue(2023)
        self.alerts: Any = True
        self.set_alerts: list[Any] = []
        self.books: list[Any] = []
        self.calculated = 0

    @member
    def Caller(self) -> Any:  # noqa: N802
        return self.caller

    @method
    def CalculateFull(self) -> None:  # noqa: N802
        self.calculated += 1

    @member
    def Workbooks(self) -> Any:  # noqa: N802
        return Books(self)

    @member
    def LanguageSettings(self) -> Any:  # noqa: N802
        return Languages()

    @member
    def DisplayAlerts(self) -> Any:  # noqa: N802
        return self.alerts

    @setter("DisplayAlerts")
    def _alerts(self, value: Any) -> None:
        self.alerts = value
        self.set_alerts.append(value)


class Shell(VBAObject):
    """WScript.Shell: what a person is shown."""

    def __init__(self, excel: Excel) -> None:
        self.excel = excel

    @method
    def Popup(self, said: Any, *more: Any) -> Any:  # noqa: N802
        self.excel.shown.append(str(said))
        return 1


class Excel(HostBridge):
    """The host, and what a test looks at afterwards."""

    def __init__(self, modules: Sequence[str], activate: Callable[[], None] = lambda: None) -> None:
        self.activate = activate  # raises where Python can't be reached
        self.activated, self.calls, self.clicks, self.shown, self.evaluated = 0, [], [], [], []  # type: ignore[var-annotated]
        self.broken: list[str] = []  # what the next calls fail with though Python is reached
        self.ran: list[str] = []
        self.read: list[str] = []
        self.application, self.sheet, self.book = Application(), Sheet(self), Book(self)
        self.cells: list[Cell] = []
        self.active: Any = self.book
        self.vba = Interpreter(self)
        self.now = dt.datetime(2027, 1, 5, 9)
        self.vba.freeze(self.now)
        for name in modules:
            self.vba.add_module(build.vba_modules()[name], name=name)

    def later(self, seconds: float) -> None:
        """The clock goes on."""
        self.now += dt.timedelta(seconds=seconds)
        self.vba.freeze(self.now)

    def calculate(self, formula: str) -> Any:
        """The outermost call of a formula without references."""
        name, _, rest = formula.lstrip("=").partition("(")
        return self.vba.run("SalesPlanCall", [name, table([["zh", *map(float, rest.rstrip(")").split(","))]])])

    def function(self, cell: Cell, name: str, *arguments: Any) -> Any:
        """A cell is calculated."""
        self.application.caller = cell
        try:
            return self.vba.run("SalesPlanCall", [name, table([["zh", *arguments]])])
        finally:
            self.application.caller = VBAErrorValue(2023)

    def why(self, cell: Cell, asker: Cell) -> str:
        """``=SALES_WHY(cell)`` in another cell."""
        self.application.caller = asker
        try:
            return str(self.vba.run("SalesPlanWhy", [cell]))
        finally:
            self.application.caller = VBAErrorValue(2023)

    def global_object(self, name: str) -> object:
        found = {"application": self.application, "activeworkbook": self.active, "thisworkbook": self.book}
        return found.get(name.lower(), UNRESOLVED)

    def has_global_member(self, name: str) -> bool:
        return name.lower() in {"xlpy", "runpython", "getconfiganew", "xlwingscleanup"}

    def call_global(self, name: str, args: list[object], named: dict[str, object]) -> object:
        if name.lower() == "getconfiganew":
            self.read.append(str(args[0]))
            return f"value of {args[0]}"
        if name.lower() in ("runpython", "xlwingscleanup"):
            self.ran.append(" ".join([name.lower(), *map(str, args)]))
            return NOTHING
        self.activated += 1
        self.activate()
        return Server(self)

    def create(self, type_name_: str) -> object:
        return Shell(self) if type_name_ == "WScript.Shell" else UNRESOLVED
