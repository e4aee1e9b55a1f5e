"""What travel, samples and stands emit, quarter by quarter, by the company's own table of factors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from udfs import call
from udfs.carbon import MODES
from udfs.text import Text
from udfs.values import ExcelError, at_least, excel_round, total_of, year_before
from workbook_templates.tables.spec import Row

KG = 1000.0
# Modes that are flights and high-speed trains, for what rail would save.
_WORDS = {mode.words[0]: mode.words for mode in MODES}
FLIGHTS = (*_WORDS["飞机"], *_WORDS["飞机（不含辐射强迫）"], *_WORDS["中国国内航班"])
RAIL = (*_WORDS["高铁"], *_WORDS["火车"])
# How the scope of a factor says that it is without, or with, radiative forcing; "without" is looked for first.
_WITHOUT = ("不含辐射", "without rf", "without radiative", "excluding rf", "excl. rf")
_WITH = ("含辐射", "radiative forcing", "with rf", "incl. rf")
Kilos = tuple[dt.date, float | None]  # a row's day and what it emitted; None where there is no factor or no distance


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


@dataclass(frozen=True)
class EmittedModule:
    """A module in a quarter: kilograms, those of the same days a year before, and rows of both that could not be worked out."""

    now: float
    before: float
    left_out: int


@dataclass(frozen=True)
class QuarterSpan:
    """A quarter up to the plan's day; ``whole`` where it is over."""

    first: dt.date
    last: dt.date
    whole: bool

    def module(self, rows: Iterable[Kilos]) -> EmittedModule:
        """Its kilograms beside those of the same days a year before, so that half a quarter never stands beside a whole one."""
        held = list(rows)
        now = [kg for on, kg in held if self.first <= on <= self.last]
        before = [kg for on, kg in held if year_before(self.first) <= on <= year_before(self.last)]
        missing = sum(kg is None for kg in (*now, *before))
        return EmittedModule(
            total_of(kg for kg in now if kg is not None), total_of(kg for kg in before if kg is not None), missing
        )


def span(year: int, number: int, as_of: dt.date) -> QuarterSpan:
    """The quarter's days that are over.

    >>> span(2027, 2, dt.date(2027, 5, 10)).last, span(2027, 1, dt.date(2027, 5, 10)).whole
    (datetime.date(2027, 5, 10), True)
    """
    first = dt.date(year, 3 * number - 2, 1)
    end = dt.date(year + number // 4, 3 * number % 12 + 1, 1) - dt.timedelta(days=1)
    return QuarterSpan(first, min(end, as_of), end <= as_of)


def forcing(factor: Sequence[Any]) -> bool | None:
    """Whether a factor counts radiative forcing, by what its mode, scope and source say; None where they say nothing of it.

    >>> forcing(["air", "km", 0.2, "domestic, without radiative forcing", "DESNZ", "2025"])
    False
    """
    said = " ".join(str(cell or "") for cell in (factor[0], *factor[3:5])).casefold()
    if any(word in said for word in _WITHOUT):
        return False
    return True if any(word in said for word in _WITH) else None


def flown(rows: Iterable[Row], table: Sequence[Sequence[Any]], within: QuarterSpan) -> dict[bool, list[str]]:
    """The modes of journeys from a year before up to a span's end, by whether their factor counts forcing."""
    told = {str(row[0]): said for row in table if (said := forcing(row)) is not None}
    since = dt.date(within.last.year - 1, 1, 1)
    modes = {str(row.get("mode")) for row in rows if since <= row["date"] <= within.last}
    return {kind: sorted(mode for mode in modes if told.get(mode) is kind) for kind in (True, False)}


def restated(rows: Iterable[Row], table: Sequence[Sequence[Any]], within: QuarterSpan) -> list[tuple[str, float, float]]:
    """Modes whose factor changed since the year before began: mode, then, now. All days are worked out by the newest, so they compare."""
    held, since = list(rows), dt.date(within.last.year - 1, 1, 1)
    dated = sorted(
        (row for row in held if isinstance(row.get("valid_from"), dt.date)), key=lambda row: row["valid_from"], reverse=True
    )
    then: dict[str, Any] = {str(row.get("mode")): row.get("factor") for row in dated}  # of several the oldest stays
    then |= {str(row[0]): row[2] for row in factors(held, since)}
    moved = [(str(row[0]), then.get(str(row[0])), float(row[2])) for row in table]
    return [(mode, float(old), new) for mode, old, new in moved if isinstance(old, int | float) and excel_round(old - new, 9)]


def same_period(rows: Sequence[Row], as_of: dt.date) -> tuple[float, float]:
    """What travel emitted this year up to a day, and in the same days of the year before."""
    last = year_before(as_of)
    now = total_of(
        row["kg"] for row in rows if isinstance(row.get("kg"), int | float) and dt.date(as_of.year, 1, 1) <= row["date"] <= as_of
    )
    before = total_of(
        row["kg"] for row in rows if isinstance(row.get("kg"), int | float) and dt.date(last.year, 1, 1) <= row["date"] <= last
    )
    return now, before


@dataclass(frozen=True)
class CarbonReport:
    """What the paper of a quarter tells, in kilograms: modules, travel of the year up to the span's end against its goal."""

    name: str
    within: QuarterSpan
    modules: Mapping[str, EmittedModule]
    travel: float
    travel_before: float
    goal: float
    coverage: float | None
    rail_km: float
    rail_savings: float
    forcing: bool | None
    restated: Sequence[tuple[str, float, float]]
    factors: Sequence[Sequence[Any]]
    customers: Sequence[str]

    @property
    def reached(self) -> bool | None:
        """Whether travel fell by the goal; None without a year before."""
        return bool(at_least(self.travel_before * (1 - self.goal), self.travel)) if self.travel_before else None


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
