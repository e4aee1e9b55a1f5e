"""xlwings' classic pipeline without Excel: its own modules over stand-ins for COM, and cells that look as COM hands them over.

Only pywin32 and Excel's objects are stood in for; reading, cleaning, calling and writing are xlwings' own code.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

MISSING = -2147352572  # how an argument left out in VBA arrives
RANGE_INTERFACE = "{00020846-0000-0000-C000-000000000046}"
# As COM gives them: xlCVError numbers on top of the facility's base. From Excel's documentation of XlCVError.
SCODES = {
    "#NULL!": -2146826288,
    "#DIV/0!": -2146826281,
    "#VALUE!": -2146826273,
    "#REF!": -2146826265,
    "#NAME?": -2146826259,
    "#NUM!": -2146826252,
    "#N/A": -2146826246,
    "#SPILL!": -2146826243,
    "#CALC!": -2146826238,
}
_STOOD_IN = ("pythoncom", "pywintypes", "win32api", "win32con", "win32gui", "win32process", "win32timezone", "win32event")
_CLIENT = ("win32com", "win32com.client", "win32com.client.dynamic", "win32com.server", "win32com.server.dispatcher")
_SERVER = ("win32com.server.policy", "win32com.server.util", "win32com.server.exception")
_XLWINGS = ("xlwings.udfs", "xlwings._xlwindows", "xlwings.com_server", "xlwings._win32patch", "addin.desktop.functions")


class ComTime(dt.datetime):
    """Stands in for pywintypes' time."""


class Area:
    """An Excel range as COM shows it: ``Value`` is a scalar for one cell, else rows as tuples."""

    class _oleobj_:  # noqa: N801 - pywin32's name
        @staticmethod
        def GetTypeInfo() -> Any:  # noqa: N802
            return SimpleNamespace(GetTypeAttr=lambda: SimpleNamespace(iid=RANGE_INTERFACE))

    def __init__(self, rows: list[list[Any]]) -> None:
        cells = tuple(tuple(com(cell) for cell in row) for row in rows)
        self.Value = cells[0][0] if len(cells) == 1 and len(cells[0]) == 1 else cells
        self.Rows = SimpleNamespace(Count=len(rows))
        self.Columns = SimpleNamespace(Count=len(rows[0]))

        self.Row = self.Column = 1
        self.Worksheet = MagicMock(name="Worksheet")  # asked only for the way to the application


def com(cell: Any) -> Any:
    """A cell's value as COM gives it: every number a float, an error its scode, a date a time."""
    if isinstance(cell, bool) or cell is None:
        return cell
    if isinstance(cell, str):
        return SCODES.get(cell) or cell
    return float(cell) if isinstance(cell, int | float) else cell


def argument(cells: Any) -> Any:
    """An argument of a formula: a reference to cells, or a constant typed into it."""
    if isinstance(cells, list):
        return Area(cells if cells and isinstance(cells[0], list) else [cells])
    return com(cells)


@contextmanager
def classic() -> Iterator[Any]:
    """``udfs`` and ``call`` of xlwings on Windows, with our binding imported as it is there."""
    import xlwings

    names = (*_STOOD_IN, *_CLIENT, *_SERVER)
    before = {name: sys.modules.get(name) for name in (*names, *_XLWINGS)}
    had = {name: getattr(xlwings, name, None) for name in ("func", "arg", "ret", "sub", "udfs", "_xlwindows")}
    wins = {name: getattr(ctypes, name, None) for name in ("windll", "oledll", "PyDLL")}
    try:
        for name in names:
            sys.modules[name] = _stand_in(name)
            parent, _, child = name.rpartition(".")
            if parent:
                setattr(sys.modules[parent], child, sys.modules[name])
        for name in _XLWINGS:
            sys.modules.pop(name, None)
        ctypes.windll, ctypes.oledll, ctypes.PyDLL = MagicMock(), MagicMock(), MagicMock()  # type: ignore[attr-defined]
        windows = importlib.import_module("xlwings._xlwindows")
        xlwings._xlwindows = windows
        xlwings.engines.engines_by_name["excel"] = xlwings.main.Engine(impl=windows.engine)
        udfs = importlib.import_module("xlwings.udfs")
        xlwings.func, xlwings.arg, xlwings.ret, xlwings.sub = udfs.xlfunc, udfs.xlarg, udfs.xlret, udfs.xlsub
        server = importlib.import_module("xlwings.com_server")
        yield SimpleNamespace(udfs=udfs, server=server.XLPython(), windows=windows)
    finally:
        xlwings.engines.engines_by_name.pop("excel", None)
        for name, module in before.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module
        for name, value in had.items():
            setattr(xlwings, name, value)
        for name, value in wins.items():
            setattr(ctypes, name, value) if value is not None else vars(ctypes).pop(name, None)


def _stand_in(name: str) -> ModuleType:
    module = MagicMock(name=name, spec=None)
    module.__name__, module.__path__, module.__spec__, module.__file__ = name, [], None, name
    module.com_error = OSError
    module.TimeType = ComTime
    module.IID = str
    module.TimeZoneInfo = SimpleNamespace(utc=lambda: dt.UTC)
    module.unwrap = _not_ours
    module.IID_IDispatch = "dispatch"
    module.TypeIIDs = {"dispatch": _Dispatch}
    return module


class _Dispatch:
    """Stands in for a raw COM pointer; our cells are none."""


def _not_ours(value: Any) -> Any:
    raise OSError("no Python object of ours")


def call(host: Any, name: str, language: str, arguments: list[Any]) -> list[list[Any]]:
    """A cell with this function, through xlwings' COM server to the rows that VBA gets."""
    given = [language, *(argument(cells) for cells in arguments)]
    got = host.server.CallUDF("addin.desktop.functions", name, given, None, Area([[None]]))
    if not isinstance(got, list):
        return [[got]]
    return got if isinstance(got[0], list | tuple) else [got]
