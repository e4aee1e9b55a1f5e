"""Tiers of later days and levels as plans of 0.1.0 carry them on their Commission sheet. Upgraded, they are Policy changes and Rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from udfs.text import Text
from workbook_templates.tables.schema import LEVELS, Column

VERSION = "2027.1"
# What a row of tiers for later days holds; the first workbooks had three such rows, without a level.
LATER = (
    Column("valid_from", Text("生效日", "Valid from"), "date"),
    Column("level", Text("层级（空：全部）", "Level (blank: all)"), "word", words=LEVELS, required=False),
    Column("threshold", Text("毛利率下限", "From margin"), "rate", high=1),
    Column("rate", Text("比例", "Rate"), "rate", low=0, high=1),
)
_WITHOUT_LEVEL = 9  # cells


def later_tiers(cells: Sequence[Any]) -> list[list[Any]]:
    """The cells of "commission_next" as rows of :data:`LATER`, blank ones too; levels as codes."""
    width = len(LATER) - 1 if len(cells) == _WITHOUT_LEVEL else len(LATER)
    rows = [list(cells[i : i + width]) for i in range(0, len(cells), width)]
    full = rows if width == len(LATER) else [[row[0], None, *row[1:]] for row in rows]
    return [[day, LATER[1].code(level), *tier] for day, level, *tier in full]
