"""Looks of the generated workbooks: one font, a few colours with a meaning, number formats people read without thinking.

Fonts, fills and alignments are made once and shared: nobody changes one, a cell gets another.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle

FONT = "Microsoft YaHei"  # set explicitly everywhere, so that Chinese text looks the same on every machine
SIZE = 10

INK = "1F2937"
INPUT = "0000FF"
FORMULA = "000000"
CROSS = "00803C"
MUTED = "6B7280"
ACCENT = "1F4E79"
HEAD = "DCE6F1"
BAND = "F5F8FC"
INPUT_FILL = "FFFDF0"
LINE = "BFC9D6"
GREEN, AMBER, RED = "C6EFCE", "FFEB9C", "FFC7CE"
QUIET = "E9EDF2"  # what is switched off
GREEN_INK, AMBER_INK, RED_INK = "006100", "7F6000", "9C0006"
# Customer tiers wherever they are coloured: the deeper the better; background → ink.
TIER_FILLS = {"S": ("1F4E79", "FFFFFF"), "A": ("9DC3E6", INK), "B": ("DEEBF7", INK), "C": ("EDEDED", MUTED)}
# One order of colours in all charts.
SERIES = ("1F4E79", "2E9E8F", "E08E2B", "8C6BB1", "B23A48", "7A8793")

_HAIR = Side(style="thin", color=LINE)
BOX = Border(left=_HAIR, right=_HAIR, top=_HAIR, bottom=_HAIR)
UNDER = Border(bottom=Side(style="medium", color=ACCENT))
TOTAL = Border(left=_HAIR, right=_HAIR, top=Side(style="thin", color=ACCENT), bottom=Side(style="double", color=ACCENT))

# Formats by name. "wan" and "yi" (万, 亿) are how money is spoken of in China; English readers get thousands and millions.
_FORMATS: dict[str, tuple[str, str]] = {
    "text": ("@", "@"),
    "general": ("General", "General"),
    "int": ("#,##0", "#,##0"),
    "year": ("0", "0"),
    "number": ("#,##0.0#", "#,##0.0#"),
    "plain": ("General", "General"),
    "money": ("#,##0;[Red]-#,##0;0", "#,##0;[Red]-#,##0;0"),
    "fen": ("#,##0.00;[Red]-#,##0.00;0.00", "#,##0.00;[Red]-#,##0.00;0.00"),
    "wan": ('0\\.0,"万"', '#,##0,"k"'),
    # Money of any size: below ten thousand yuan in full.
    "sized": ('[>=10000]0\\.0,"万";#,##0', '[>=10000]#,##0,"k";#,##0'),
    "scaled": ("#,##0;-#,##0;0", "#,##0;-#,##0;0"),
    "yi": ('0\\.00,,"亿"', '#,##0.0,,"M"'),
    "rate": ("0.0%", "0.0%"),
    "rate2": ("0.00%", "0.00%"),
    "times": ("0.00", "0.00"),
    "score": ("0.0", "0.0"),
    "date": ("yyyy-mm-dd", "yyyy-mm-dd"),
    "time": ("yyyy-mm-dd hh:mm", "yyyy-mm-dd hh:mm"),
}
_ALIKE = {"id": "text", "word": "general", "flag": "general", "period": "text", "quarter": "text"}

# How many columns a figure of the format needs; texts are measured.
_ROOM = {
    "money": 15,
    "fen": 17,
    "wan": 12,
    "sized": 12,
    "scaled": 15,
    "yi": 11,
    "date": 12,
    "time": 17,
    "rate": 9,
    "int": 10,
    "times": 9,
    "score": 8,
}


def number_format(name: str, lang: str) -> str:
    """The number format called ``name``; a text that is no such name is a number format itself."""
    zh_en = _FORMATS.get(_ALIKE.get(name, name))
    return name if zh_en is None else zh_en[lang == "en"]


def room(name: str) -> int:
    """The width a figure of this format needs."""
    return _ROOM.get(_ALIKE.get(name, name), 8)


def display_width(text: str) -> float:
    """How wide a text is in columns of a digit: Chinese counts double."""
    return max((_line_width(line) for line in text.split("\n")), default=0.0)


@lru_cache(maxsize=1 << 16)
def _line_width(line: str) -> float:
    return sum(2.0 if unicodedata.east_asian_width(c) in "WFA" else 1.08 for c in line)


def lines_needed(text: str, width: float) -> int:
    """How many lines a text takes in cells ``width`` columns wide."""
    return sum(max(1, -(-int(_line_width(line) + 0.99) // max(1, int(width)))) for line in text.split("\n"))


@cache
def font(color: str = INK, bold: bool = False, size: float = SIZE, italic: bool = False, underline: str | None = None) -> Font:
    """The house's font."""
    return Font(name=FONT, size=size, bold=bold, italic=italic, color=color, underline=underline)


@cache
def fill(color: str) -> PatternFill:
    """A plain background."""
    return PatternFill("solid", start_color=color, end_color=color)


@cache
def align(horizontal: str | None = None, wrap: bool = False, vertical: str = "center", indent: int = 0) -> Alignment:
    """Alignment, vertically centred unless said."""
    return Alignment(horizontal=horizontal, vertical=vertical, wrap_text=wrap, indent=indent)


def light(color: str) -> DifferentialStyle:
    """The look of a conditional format: green, amber, red or a tier's colour."""
    ink = ({GREEN: GREEN_INK, AMBER: AMBER_INK, RED: RED_INK, QUIET: MUTED} | dict(TIER_FILLS.values()))[color]
    return DifferentialStyle(font=Font(color=ink, bold=color != QUIET), fill=PatternFill(bgColor=color, fill_type="solid"))
