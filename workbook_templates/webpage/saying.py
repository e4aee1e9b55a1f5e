"""Figures as the plan's own sentences say them (``Plan.say`` in cells, the same sizes and digits here)."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from udfs.text import Text
from udfs.values import excel_round
from workbook_templates.page import style
from workbook_templates.page.register import JudgedFigure

NOTHING = "–"
MINUS = "−"
_MONEY = ("亿", "万", "元", "M", "k", " yuan")


def money(amount: float, lang: str) -> str:
    """In 亿 or 万 by its size; M and k in English."""
    en = lang == "en"
    large, small = (bounds[en] for bounds, _ in style.SCALES)
    size = abs(amount)
    if size >= large:
        told = _fixed(size / (1e6 if en else 1e8), 1 if en else 2) + ("M" if en else "亿")
    elif size >= small:
        told = _fixed(size / (1e3 if en else 1e4), 0) + ("k" if en else "万")
    else:
        told = _fixed(size, 0) + (" yuan" if en else "元")
    return (MINUS if amount < 0 and any(c in "123456789" for c in told) else "") + told


def _fixed(number: float, digits: int) -> str:
    return f"{float(excel_round(number, digits)):,.{digits}f}"


def rate(share: float) -> str:
    """A share, one digit behind the point."""
    told = f"{float(excel_round(abs(share) * 100, 1)):.1f}%"
    return (MINUS if share < 0 and told != "0.0%" else "") + told


def actual(row: JudgedFigure, lang: str) -> str:
    """The figure of a watch, in the unit in which the register says its goal."""
    if row.actual is None:
        return NOTHING
    if row.goal.endswith("%"):
        return rate(row.actual)
    if row.goal.endswith(_MONEY):
        return money(row.actual, lang)
    if row.actual == int(row.actual) and "." not in row.goal:
        return f"{int(row.actual):,}".replace("-", MINUS)
    return f"{float(excel_round(row.actual, 1)):,.1f}".replace("-", MINUS)


@cache
def _spelled(lang: str) -> tuple[str, ...]:
    """The number formats in which sheets show money."""
    return tuple(style.number_format(name, lang) for name in ("scaled", "money", "wan", "yi"))


def in_format(number: float, code: str, lang: str) -> str:
    """A figure as the cell it stands in shows it: money, a share, or neither; never guessed from its size."""
    if code.endswith("%"):
        return rate(number)
    if code in _spelled(lang):
        return money(number, lang)
    return f"{number:,.0f}" if number.is_integer() else f"{float(excel_round(number, 1)):,.1f}"


def plain(cell: Any, kind: str, lang: str) -> str:
    """A cell of a Table by its column's kind."""
    if cell is None or cell == "":
        return NOTHING
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, dt.date):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, bool):
        return str(Text("是", "yes") if cell else Text("否", "no"))
    if isinstance(cell, int | float):
        if kind in ("money", "fen", "scaled", "yuan"):
            return money(float(cell), lang)
        if kind == "rate":
            return rate(float(cell))
        return f"{cell:,.0f}" if float(cell).is_integer() else f"{cell:,.1f}"
    return str(cell)
