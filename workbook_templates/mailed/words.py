"""What people typed, made fit for a letter, a cell and a file name; figures as a letter shows them."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from functools import cache
from typing import Any

from udfs.text import Text
from workbook_templates.tables.schema import TABLES

LONGEST = 120  # characters of a name that are shown
# Controls, line ends, and the marks that turn the reading direction of what follows (a figure would read backwards).
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]+"
)
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|]+')
_DEVICES = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}


def clean(value: Any, longest: int = LONGEST) -> str:
    """One line of a typed text: no controls, no direction marks, not longer than a line can bear."""
    if value is None:
        return ""
    text = " ".join(_UNSEEN.sub(" ", str(value)).split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def file_name(*parts: str, suffix: str = ".xlsx") -> str:
    """A name every file system takes, made of typed parts; no part can lead out of its folder."""
    said = [_NOT_IN_NAMES.sub("-", clean(part, 40)).strip(" .-'") for part in parts]
    name = unicodedata.normalize("NFC", "_".join(part for part in said if part)) or "salesplan"
    while len(name.encode()) > 150:
        name = name[:-1]
    return (f"_{name}" if name.split(".")[0].lower() in _DEVICES else name).rstrip(" .") + suffix


def yuan(amount: float | None, sign: bool = False) -> str:
    """Money to the fen."""
    if amount is None:
        return "–"
    return f"{amount + 0.0:+,.2f}" if sign and amount else f"{amount + 0.0:,.2f}"


def percent(share: float | None, digits: int = 1) -> str:
    """A share as people read it."""
    return "–" if share is None else f"{share * 100:.{digits}f}%"


def day(when: Any) -> str:
    return f"{when:%Y-%m-%d}" if isinstance(when, dt.date) else ""


@cache
def month_name(period: str) -> Text:
    """2027-03 → 2027 年 3 月 / March 2027."""
    year, month = int(period[:4]), int(period[5:7])
    names = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    return Text(f"{year} 年 {month} 月", f"{names[month - 1]} {year}")


def last_day(period: str) -> dt.date:
    """The last day of a month written 2027-03."""
    first = dt.date(int(period[:4]), int(period[5:7]), 1)
    return (first + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)


def word(table: str, column: str, code: Any) -> str:
    """A code as the language in force says it."""
    return clean(TABLES[table][column].shown(code))
