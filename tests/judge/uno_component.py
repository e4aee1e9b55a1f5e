"""The end of the line inside LibreOffice: takes a call from Basic, asks the test process, returns its answer.

LibreOffice's own Python runs this file, so it imports the standard library and UNO only. It speaks XFunctionAccess
because Basic can only call methods of an interface that UNO knows, and `callFunction(name, arguments)` is ours.
"""

import json
import os
import socket
import struct

import unohelper
from com.sun.star.lang import XServiceInfo
from com.sun.star.sheet import XFunctionAccess

IMPLEMENTATION, SERVICE = "salesplan.JudgeImplementation", "salesplan.Judge"
# Calc's own error numbers. In a number's place an error is a NaN with this number in its lower 32 bits, for one value
# and inside an array alike: in, and out.
NUMBER_OF = {
    "#NULL!": 521,
    "#DIV/0!": 532,
    "#VALUE!": 519,
    "#REF!": 524,
    "#NAME?": 525,
    "#NUM!": 503,
    "#N/A": 32767,
}
CODE_OF = {number: code for code, number in NUMBER_OF.items()} | {523: "#NUM!"}
FORMULA_ERRORS, FORMULA_VALUES = 4, 1  # com.sun.star.sheet.FormulaResult
# What `judge` writes into the copy where Calc would lose the difference between 0, FALSE and nothing.
MARK = "\u2063"
NESTED = MARK + "nested"
MARKS = {
    MARK + "omitted": None,
    MARK + "TRUE": True,
    MARK + "FALSE": False,
    **{MARK + code: {"error": code} for code in NUMBER_OF},
}


def error_of(number):
    return {"error": CODE_OF.get(number, "#VALUE!")}


def encode(value):
    """One argument as JSON: a reference or an array as rows, all else as one cell."""
    if hasattr(value, "getCellRange"):
        return encode_range(value.getCellRange())
    if isinstance(value, tuple):
        return [[encode_cell(cell) for cell in row] for row in value]
    return encode_cell(value)


def encode_cell(value):
    if isinstance(value, float) and value != value:
        return error_of(struct.unpack("<Q", struct.pack("<d", value))[0] & 0xFFFFFFFF)
    return MARKS.get(value, value) if isinstance(value, str) else value


def encode_range(cells):
    """The rows of a reference. Calc gives them with errors as void and blanks as empty text: ask again for those."""
    rows = [list(row) for row in cells.getDataArray()]
    flat = [cell for row in rows for cell in row]
    if None in flat:
        for row, column, cell in places(cells, cells.queryFormulaCells(FORMULA_ERRORS)):
            rows[row][column] = error_of(cell.getError())
    if "" in flat:
        for row, column, _ in places(cells, cells.queryEmptyCells(), False):
            rows[row][column] = None
    if 0.0 in flat or 1.0 in flat:
        for row, column, cell in places(cells, cells.queryFormulaCells(FORMULA_VALUES)):
            if rows[row][column] in (0.0, 1.0) and is_boolean(cell):
                rows[row][column] = rows[row][column] == 1.0
    return rows


def places(cells, found, fetch=True):
    """Every cell of a query's answer, with its place inside the range that was asked."""
    origin = cells.getRangeAddress()
    for area in found.getRangeAddresses():
        for row in range(area.StartRow - origin.StartRow, area.EndRow - origin.StartRow + 1):
            for column in range(area.StartColumn - origin.StartColumn, area.EndColumn - origin.StartColumn + 1):
                yield row, column, cells.getCellByPosition(column, row) if fetch else None


def is_boolean(cell):
    """Calc has no booleans: a stored one is the formula TRUE(), a computed one is shown as TRUE or FALSE."""
    return cell.getFormula() in ("=TRUE()", "=FALSE()") or cell.getString() in ("TRUE", "FALSE")


def decode(value):
    """An answer for Calc."""
    if isinstance(value, list):
        return tuple(tuple(decode(cell) for cell in row) for row in value)
    if isinstance(value, dict):
        number = NUMBER_OF.get(value["error"], NUMBER_OF["#VALUE!"])
        return struct.unpack("<d", struct.pack("<Q", 0x7FF8 << 48 | number))[0]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def mark(value):
    """An answer for another function of ours: text through and through, so that Calc passes it on untouched."""
    if isinstance(value, list):
        return [[mark(cell) for cell in row] for row in value]
    if value is None:
        return MARK + "omitted"
    if isinstance(value, bool):
        return MARK + str(value).upper()
    return MARK + value["error"] if isinstance(value, dict) else value


class Judge(unohelper.Base, XServiceInfo, XFunctionAccess):
    """The service the Basic stubs talk to; one connection for the life of the office."""

    def __init__(self, context):
        port = int(os.environ["SALESPLAN_JUDGE_PORT"])
        line = socket.create_connection(("127.0.0.1", port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = line.makefile("rwb")

    def callFunction(self, name, arguments):  # noqa: N802 - the interface's name
        given = list(arguments)
        while given and given[-1] is None:  # an empty cell arrives as a range, so these were not given
            given.pop()
        nested = given[-1:] == [NESTED]
        if nested:
            given.pop()
        self.stream.write(json.dumps([name, [encode(value) for value in given]]).encode() + b"\n")
        self.stream.flush()
        answer = json.loads(self.stream.readline())
        return decode(mark(answer) if nested else answer)

    def getImplementationName(self):  # noqa: N802
        return IMPLEMENTATION

    def supportsService(self, name):  # noqa: N802
        return name == SERVICE

    def getSupportedServiceNames(self):  # noqa: N802
        return (SERVICE,)


g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816 - the loader looks for this name
g_ImplementationHelper.addImplementation(Judge, IMPLEMENTATION, (SERVICE,))
