"""Who is behind with a key result, whose director joins visits, and where the half-yearly review puts people."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from udfs import call
from udfs.values import ExcelError, at_least
from workbook_templates.chapters.incentives.tables.rhythm import BOX_WORDS, DONE
from workbook_templates.tables.spec import Row
from workbook_templates.tables.words import LEVELS

HALF = re.compile(r"(\d{4})-H([12])")
_POOL_LEVELS = 3


def quarter_of(day: dt.date) -> str:
    """The quarter of a day, as Tables write it."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


@dataclass(frozen=True)
class Behind:
    """Somebody's key result that is furthest behind."""

    person: str
    kr: str
    progress: float


def progress_of(row: Row) -> float | None:
    """How far a key result is; None where it can't be told."""
    figures = [row.get(key) for key in ("start", "target", "current")]
    if not all(isinstance(figure, int | float) for figure in figures):
        return None
    found = call("KRPROGRESS", *figures)[0][0]
    return None if isinstance(found, ExcelError) else float(found)


def behind(okrs: Iterable[Row], quarter: str, limit: float) -> list[Behind]:
    """For each person below the line with any key result of a quarter the worst of them, the furthest behind first."""
    worst: dict[str, Behind] = {}
    for row in okrs:
        progress = progress_of(row)
        if row.get("period") != quarter or not row.get("person") or progress is None or at_least(progress, limit):
            continue
        known = worst.get(row["person"])
        if known is None or progress < known.progress:
            worst[row["person"]] = Behind(str(row["person"]), str(row["kr"]), progress)
    return sorted(worst.values(), key=lambda one: (one.progress, one.person))


def director_of(person: Any, people: Iterable[Row]) -> str | None:
    """The director above somebody, by the managers."""
    known = {row["id"]: row for row in people if row.get("id")}
    seen: set[Any] = set()
    row = known.get(person)
    while row is not None and row["id"] not in seen:
        seen.add(row["id"])
        above = known.get(row.get("manager"))
        if above is None:
            return None
        if LEVELS.like(above.get("level")) == "director":
            return str(above["id"])
        row = above
    return None


def visit_days(plan: Row, until: dt.date) -> int:
    """How many of the three joint visits are over."""
    days = {plan.get(f"day{n}") for n in (1, 2, 3)}
    return sum(isinstance(day, dt.date) and day <= until for day in days)


def settled(plans: Iterable[Row]) -> set[tuple[str, str]]:
    """(person, month) of coaching that is done."""
    return {(str(row["person"]), str(row["month"])) for row in plans if row.get("status") == DONE}


# ------------------------------------------------------------------------------------------------------------ talent


def newest(reviews: Iterable[Row]) -> tuple[str | None, str | None]:
    """The newest half-year that was reviewed, and the one before it."""
    halves = sorted({str(row["half"]) for row in reviews if HALF.fullmatch(str(row.get("half") or ""))})
    return (halves[-1] if halves else None, halves[-2] if len(halves) > 1 else None)


@dataclass(frozen=True)
class Reviewed:
    """Where a review puts somebody."""

    box: str
    place: str


def judged(
    reviews: Sequence[Row], people: Sequence[Row], levels: Sequence[str], sizes: Sequence[float], bar: float
) -> dict[int, Reviewed]:
    """The rows of the newest half-year, by their place in the Table. ``levels``: those with places in the pool, from the top."""
    half, last = newest(reviews)
    if half is None:
        return {}
    level_of = {row["id"]: row.get("level") for row in people if row.get("id")}
    pool, before = (_pool(reviews, which, level_of, levels, sizes, bar) for which in (half, last))
    out = {}
    for index, row in enumerate(reviews):
        if row.get("half") != half or not _rated(row):
            continue
        box = call("NINEBOX", row["performance"], row["potential"])[0][0]
        if isinstance(box, ExcelError):
            continue
        person = str(row["person"])
        code = next(word.code for word in BOX_WORDS if word.means(str(box)))
        out[index] = Reviewed(code, _place(person, row, pool, before, bar))
    return out


def _rated(row: Row) -> bool:
    return all(isinstance(row.get(key), int | float) for key in ("performance", "potential", "value_score"))


def _place(person: str, row: Row, pool: set[str], before: set[str], bar: float) -> str:
    if not at_least(row["value_score"], bar):
        return "barred"
    if person in pool:
        return "stays" if person in before else "new"
    return "left" if person in before else "out"


def _pool(
    reviews: Sequence[Row],
    half: str | None,
    level_of: Mapping[Any, Any],
    levels: Sequence[str],
    sizes: Sequence[float],
    bar: float,
) -> set[str]:
    """Who is in the pool of a half-year."""
    rows = [
        row
        for row in reviews
        if half is not None and row.get("half") == half and _rated(row) and level_of.get(row["person"]) in levels
    ]
    if not rows:
        return set()
    columns: Mapping[str, list[Any]] = defaultdict(list)
    for row in rows:
        columns["name"].append([str(row["person"])])
        columns["level"].append([float(levels.index(level_of[row["person"]]) + 1)])
        for key in ("performance", "potential", "value_score"):
            columns[key].append([float(row[key])])
    found = call("TALENTPOOL", *columns.values(), [[float(size) for size in sizes[:_POOL_LEVELS]]], bar)
    return set() if isinstance(found, ExcelError) or isinstance(found[0][0], ExcelError) else {str(row[0]) for row in found}
