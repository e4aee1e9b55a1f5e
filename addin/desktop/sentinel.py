"""How an Excel error with its reason travels from Python to VBA.

COM carries no error value with a text, so an error goes as text behind a mark that no cell can hold, and VBA (vba/Results.bas)
turns it into ``CVErr(number)`` and keeps the reason for ``SALES_WHY``. A note on a valid result travels as one more row below it.
"""

from __future__ import annotations

from collections.abc import Sequence

from udfs.text import Text
from udfs.values import VALUE, ExcelError

MARK = "\x01"
ERROR, NOTE = MARK + "E", MARK + "N"
LONGEST = 32_000  # a cell holds 32,767 characters

# Excel's xlCVError numbers; the newer ones are those that Excel 365 itself hands over.
NUMBERS = {
    "#NULL!": 2000,
    "#DIV/0!": 2007,
    "#VALUE!": 2015,
    "#REF!": 2023,
    "#NAME?": 2029,
    "#NUM!": 2036,
    "#N/A": 2042,
    "#GETTING_DATA": 2043,
    "#SPILL!": 2045,
    "#BLOCKED!": 2047,
    "#FIELD!": 2049,
    "#CALC!": 2050,
}
CODES = {number: code for code, number in NUMBERS.items()}
_COM_ERROR = -2146828288  # a cell's error arrives through COM as this plus its number


def of_error(error: str, reason: str) -> str:
    """The text that becomes an error cell."""
    return f"{ERROR}{NUMBERS.get(error, NUMBERS[VALUE])}{MARK}{clean(reason)}"


def of_note(notes: Sequence[Text]) -> str:
    """The text of the row that becomes a note."""
    return NOTE + clean("\n".join(str(note) for note in notes))


def clean(text: str) -> str:
    """A text that can't be taken for an error or a note, and fits a cell."""
    return text.replace(MARK, "")[:LONGEST]


def read_error(sentinel: str) -> ExcelError:
    """The error behind a text from :func:`of_error`, as VBA reads it."""
    number, _, reason = sentinel.removeprefix(ERROR).partition(MARK)
    return ExcelError(CODES[int(number)], Text(reason, reason))


def com_error(number: int) -> str | None:
    """The error a cell holds if this whole number is one; Excel's cells give their numbers as floats, errors as these."""
    code = number - _COM_ERROR
    return CODES.get(code, VALUE) if 2000 <= code < 2100 else None
