"""What travel, samples and stands emit, quarter by quarter, by the company's own table of factors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from udfs import call
from udfs.text import Text
from udfs.values import ExcelError, total_of
from workbook_templates.tables.spec import Row

KG = 1000.0
# Modes that are flights and high-speed trains, for what rail would save.
FLIGHTS = ("飞机", "国内航班", "航空", "air", "flight", "中国国内航班", "air china", "flight in china")
RAIL = ("高铁", "hsr", "high-speed rail", "火车", "rail", "train")


def factors(rows: Iterable[Row], day: dt.date) -> list[list[Any]]:
    """The newest factor of each mode that holds on a day, as CARBON takes them."""
    known: dict[str, Row] = {}
    for row in rows:
        if row.get("mode") and isinstance(row.get("valid_from"), dt.date) and row["valid_from"] <= day:
            other = known.get(str(row["mode"]))
            if other is None or other["valid_from"] <= row["valid_from"]:
                known[str(row["mode"])] = row
    keys = ("mode", "unit", "factor", "scope_note", "source", "year")
    return [[row.get(key) if key != "year" else f"{row.get(key) or 0:g}" for key in keys] for row in known.values()]


@dataclass(frozen=True)
class Emitted:
    """Kilograms of a row, or why there are none."""

    kg: float | None
    why: Text | None = None


def emitted(mode: Any, quantity: Any, table: Sequence[Sequence[Any]]) -> Emitted:
    """One row; a mode without a factor is no 0."""
    if not mode or not isinstance(quantity, int | float):
        return Emitted(None, Text("没有里程或数量", "no distance or quantity"))
    if not table:
        return Emitted(None, Text("排放因子表为空", "the table of factors is empty"))
    found = call("CARBON", mode, quantity, [list(row) for row in table])[0][0]
    if isinstance(found, ExcelError):
        return Emitted(None, found.reason or Text("没有因子", "no factor"))
    return Emitted(round(float(found), 4))


def quarter(day: dt.date) -> tuple[int, int]:
    """Year and quarter of a day."""
    return day.year, (day.month + 2) // 3


def same_period(rows: Sequence[Row], as_of: dt.date) -> tuple[float, float]:
    """What travel emitted this year up to a day, and in the same days of the year before."""
    last = dt.date(as_of.year - 1, as_of.month, min(as_of.day, 28) if as_of.month == 2 else as_of.day)
    now = total_of(
        row["kg"] for row in rows if isinstance(row.get("kg"), int | float) and dt.date(as_of.year, 1, 1) <= row["date"] <= as_of
    )
    before = total_of(
        row["kg"] for row in rows if isinstance(row.get("kg"), int | float) and dt.date(last.year, 1, 1) <= row["date"] <= last
    )
    return now, before


def rail_savings(rows: Sequence[Row], table: Sequence[Sequence[Any]], most_km: float) -> float:
    """What the shorter flights would have saved by rail, in kilograms; 0 where either factor is missing."""
    names = {str(row[0]).casefold(): float(row[2]) for row in table}
    rail = next((names[name] for name in RAIL if name in names), None)
    if rail is None:
        return 0.0
    flown = [row for row in rows if str(row.get("mode") or "").casefold() in FLIGHTS and isinstance(row.get("km"), int | float)]
    return total_of(
        row["km"] * (names[str(row["mode"]).casefold()] - rail)
        for row in flown
        if row["km"] < most_km and str(row["mode"]).casefold() in names
    )
