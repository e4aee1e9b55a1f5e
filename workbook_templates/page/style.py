"""Looks of the generated workbooks: one font, a few colours with a meaning, number formats people read without thinking.

Fonts, fills and alignments are made once and shared: nobody changes one, a cell gets another.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat

FONT = "Microsoft YaHei"  # set explicitly everywhere, so that Chinese text looks the same on every machine
SIZE = 10

INK = "1F2937"
MUTED = "5F6B7A"
ACCENT = "1F4E79"
HEAD = "DCE6F1"
BAND = "F5F8FC"
LINE = "BFC9D6"


@dataclass(frozen=True)
class Role:
    """What a cell is to its reader, told by its ink and its ground; ``ground`` "" is that of the sheet."""

    ink: str
    ground: str = ""
    open: bool = False  # a person fills it in: it stays so where a sheet is protected


# Every cell of a plan has one of these looks; the ratio of ink to ground is 4.5 at least (tests/look).
ROLES = {
    "input": Role("0000FF", "FFFBE6", True),
    "pasted": Role(INK, "", True),  # rows from another system: a thousand rows of blue would say nothing
    "formula": Role("000000"),
    "cross": Role("00703C"),  # a formula that fetches from another sheet
    "written": Role("5B3A8C", "F3EEFA"),  # a button fills it in
    "locked": Role("4B5563", "E9EDF2"),  # settled or switched off
    "note": Role(MUTED),
}
INPUT, INPUT_FILL = ROLES["input"].ink, ROLES["input"].ground
FORMULA, CROSS = ROLES["formula"].ink, ROLES["cross"].ink


@dataclass(frozen=True)
class Light:
    """A judgement: never colour alone, so that it is read in grey and by everybody. Green is quiet, red is loud."""

    ink: str
    ground: str
    shape: str  # before the word or the figure, by the number format: what the cell holds stays as it is
    bold: bool = True


GREEN, AMBER, RED, QUIET = "E6F4EC", "FFC861", "C62F3B", ROLES["locked"].ground
LIGHTS = {
    GREEN: Light("0B5D3B", GREEN, "●"),
    AMBER: Light(INK, AMBER, "▲"),
    RED: Light("FFFFFF", RED, "■"),
    QUIET: Light(ROLES["locked"].ink, QUIET, "–", bold=False),
}
GREEN_INK, AMBER_INK, RED_INK = (LIGHTS[ground].ink for ground in (GREEN, AMBER, RED))
WARNING = RED  # words of warning on the sheet's own ground
HEAT = "5B9BD5"  # the largest of a heat map; the least is white
# Customer tiers wherever they are coloured: the deeper the better; background → ink.
TIER_FILLS = {"S": ("1F4E79", "FFFFFF"), "A": ("9DC3E6", INK), "B": ("DEEBF7", INK), "C": ("EDEDED", "4B5563")}
# What a series is → its colour (IBCS): a plan is an outline, the year before pale, a problem red.
ACTUAL, PLANNED, BEFORE, PROBLEM, RIVAL = "1F4E79", INK, "9DB7D5", RED, MUTED
# One order of colours where series are only told apart.
SERIES = ("1F4E79", "2E9E8F", "E08E2B", "8C6BB1", "B23A48", "7A8793")

_HAIR = Side(style="thin", color=LINE)
BOX = Border(left=_HAIR, right=_HAIR, top=_HAIR, bottom=_HAIR)
NONE = Border()
OVER = Border(top=_HAIR)
UNDER = Border(bottom=Side(style="medium", color=ACCENT))
TOTAL = Border(left=_HAIR, right=_HAIR, top=Side(style="thin", color=ACCENT), bottom=Side(style="double", color=ACCENT))

# Formats by name. 万 and 亿 are how money is spoken of in China; English readers get thousands and millions. A cell takes "scaled": in
# full, and from a size on in 万 and 亿 by conditional formats (`SCALES`), since a condition inside a number format loses the minus in
# LibreOffice and SheetJS. "wan" and "yi" are for what has no conditional formats: axes and mailed workbooks.
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
    "scaled": ("#,##0;-#,##0;0", "#,##0;-#,##0;0"),
    "yi": ('0\\.00,,"亿"', '#,##0.0,,"M"'),
    # Axes of a plan whose size nobody knows yet: no figure on them is below nothing, so that the conditions lose no minus.
    "any": ('[>=99995000]0\\.00,,"亿";[>=9999.5]0\\.0,"万";#,##0', '[>=999950]#,##0.0,,"M";[>=9999.5]#,##0,"k";#,##0'),
    "rate": ("0.0%", "0.0%"),
    "rate2": ("0.00%", "0.00%"),
    # Hundredths by which two rates differ: percentage points.
    "points": ('+0.0" 个百分点";-0.0" 个百分点";0.0" 个百分点"', '+0.0" pp";-0.0" pp";0.0" pp"'),
    "points2": ('+0.00" 个百分点";-0.00" 个百分点";0.00" 个百分点"', '+0.00" pp";-0.00" pp";0.00" pp"'),
    "times": ("0.00", "0.00"),
    "score": ("0.0", "0.0"),
    "date": ("yyyy-mm-dd", "yyyy-mm-dd"),
    "time": ("yyyy-mm-dd hh:mm", "yyyy-mm-dd hh:mm"),
}
# From which size on (either sign; zh, en), in which format; the first that fits.
SCALES = (((99_995_000.0, 999_950.0), "yi"), ((9_999.5, 9_999.5), "wan"))
_ALIKE = {"id": "text", "word": "general", "flag": "general", "period": "text", "quarter": "text"}

# How many columns a figure of the format needs; texts are measured.
_ROOM = {
    "money": 15,
    "fen": 17,
    "wan": 12,
    "scaled": 15,  # viewers that know no such conditional formats show it in full
    "yi": 11,
    "date": 12,
    "time": 17,
    "rate": 9,
    "int": 10,
    "points": 15,
    "points2": 16,
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


OPEN = Protection(locked=False)  # a cell people fill in


@cache
def align(
    horizontal: str | None = None, wrap: bool = False, vertical: str = "center", indent: int = 0, shrink: bool = False
) -> Alignment:
    """Alignment, vertically centred unless said."""
    return Alignment(horizontal=horizontal, vertical=vertical, wrap_text=wrap, indent=indent, shrink_to_fit=shrink or None)


def light(color: str, numbers: NumberFormat | None = None) -> DifferentialStyle:
    """The look of a conditional format: a light, or a tier's colour. ``numbers``: a number format that has the light's shape in it."""
    known = LIGHTS.get(color)
    ink, bold = (dict(TIER_FILLS.values())[color], True) if known is None else (known.ink, known.bold)
    return DifferentialStyle(font=Font(color=ink, bold=bold), fill=PatternFill(bgColor=color, fill_type="solid"), numFmt=numbers)


def shaped(color: str, fmt: str) -> str:
    """A number format with a light's shape before whatever a cell shows."""
    mark = f'"{LIGHTS[color].shape} "'
    if fmt in ("General", "@"):
        return f"{mark}General;{mark}-General;{mark}General;{mark}@"
    sections = [section.replace("[Red]", "") for section in fmt.split(";")]
    if len(sections) == 1:
        sections = [fmt, f"-{fmt}", fmt]
    elif len(sections) == 2:
        sections.append(sections[0])
    return ";".join(mark + section for section in [*sections, "@"][:4])
