"""Addresses and dates are written one way; nobody has a copy of it."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from openpyxl.utils import get_column_letter

from udfs.values import date_to_serial, serial_to_date
from workbook_templates.cells import MAX_COLUMN, address, column_letters, column_number, moment_of, serial
from workbook_templates.chapters.incentives.staff import present

ROOT = Path(__file__).parent.parent


def test_columns_are_spelled_as_others_spell_them() -> None:
    assert [column_letters(c) for c in range(1, MAX_COLUMN + 1)] == [get_column_letter(c) for c in range(1, MAX_COLUMN + 1)]
    assert [column_number(column_letters(c)) for c in range(1, MAX_COLUMN + 1)] == list(range(1, MAX_COLUMN + 1))
    assert address(2, 28) == "AB2" and address(1_048_576, MAX_COLUMN) == "XFD1048576"


@pytest.mark.parametrize("day", [dt.date(1900, 1, 1), dt.date(1900, 2, 28), dt.date(1900, 3, 1), dt.date(2027, 6, 30)])
def test_a_date_goes_there_and_back(day: dt.date) -> None:
    assert serial_to_date(serial(day)) == day and serial(day) == date_to_serial(day)


def test_days_as_excel_counts_them() -> None:
    """1 January 1900 is 1, and 1 March 61: Excel believes in a 29 February between. The 1904 system begins with 0."""
    assert serial(dt.date(1900, 1, 1)) == 1 and serial(dt.date(1900, 3, 1)) == 61
    assert serial(dt.date(1904, 1, 1), date1904=True) == 0 and serial(dt.date(2027, 1, 1), date1904=True) == 44926
    assert serial(dt.datetime(2026, 6, 3, 12)) == 46176.5
    assert moment_of(serial(dt.datetime(2026, 6, 3, 17, 4, 59))) == dt.datetime(2026, 6, 3, 17, 4, 59)


def test_nobody_else_counts_days_or_spells_columns() -> None:
    """The day 0 of the 1900 system and the letter A of column 1 stand in the two places that all others ask."""
    home = {"workbook_templates/cells.py", "udfs/values.py"}
    sources = [p for room in ("udfs", "workbook_templates", "addin") for p in (ROOT / room).rglob("*.py")]
    copies = [
        p.relative_to(ROOT).as_posix()
        for p in sources
        if re.search(r"\(1899, 12, 30\)|chr\(6[45] \+|chr\(ord\(\"A\"\)", p.read_text(encoding="utf-8"))
    ]
    assert set(copies) <= home, sorted(set(copies) - home)


@pytest.mark.parametrize(
    ("joined", "left", "there"),
    [
        (None, None, True),
        (dt.date(2027, 3, 31), None, True),
        (dt.date(2027, 4, 1), None, False),
        (None, dt.date(2027, 3, 1), True),
        (None, dt.date(2027, 2, 28), False),
    ],
)
def test_who_was_there_in_march(joined: dt.date | None, left: dt.date | None, there: bool) -> None:
    assert present({"joined": joined, "left": left}, dt.date(2027, 3, 1), dt.date(2027, 3, 31)) is there
