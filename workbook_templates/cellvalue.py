"""What a cell of a workbook may hold: the one vocabulary of the package reader, the engine and the writer."""

from __future__ import annotations


class ErrorValue(str):
    """An Excel error in a cell. It equals its code (``ErrorValue("#N/A") == "#N/A"``) and yet is told apart from text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{str.__str__(self)}>"


# Numbers are floats, dates are their serials in the 1900 system, a blank is None.
Value = float | str | bool | ErrorValue | None
