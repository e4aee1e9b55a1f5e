"""Leading indicators beside their moving limits, and factors beside each other: what the button writes and the daily routine asks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from udfs import call
from udfs.text import Text
from udfs.values import ExcelError, at_least, total_of
from workbook_templates.chapters.market.tables import HIGH, SIGNALS
from workbook_templates.tables.schema import Row

_PERIOD = re.compile(r"(\d{4})-(?:Q([1-4])|(0[1-9]|1[0-2]))")
_YEAR = {"month": 12, "quarter": 4}
NORMAL = "normal"
WRITTEN = ("period", "value", "low", "high", "state", "light")  # what the button fills in of an indicator
Setting = Callable[[str], Any]  # a value of the policy by its key, as the workbook has it


def place_of(period: Any, frequency: str) -> int | None:
    """Where a period stands in time, counted in its own unit; None for what is none of this frequency.

    >>> place_of("2027-01", "month") - place_of("2026-11", "month"), place_of("2027-Q1", "month")
    (2, None)
    """
    match = _PERIOD.fullmatch(str(period or "").strip())
    if match is None or (match[2] is None) != (frequency == "month"):
        return None
    return int(match[1]) * _YEAR[frequency] + int(match[2] or match[3]) - 1


@dataclass(frozen=True)
class Signal:
    """An indicator's newest value beside its limits; ``reason`` says why there is no judgement."""

    code: str
    period: str
    value: float
    low: float | None
    high: float | None
    state: str | None
    bad: bool | None  # None where nobody said which side is good
    reason: Text | None = None

    @property
    def written(self) -> Row:
        """Its columns of the Table."""
        light = None if self.state is None or self.bad is None else "red" if self.bad else "green"
        return {key: getattr(self, key) for key in WRITTEN if key != "light"} | {"light": light}


def judged(indicator: Row, values: Iterable[Row], setting: Setting) -> Signal | None:
    """The newest value of an indicator; None where it has none. A period that is missing between two is a blank, not left out."""
    frequency = str(indicator.get("frequency") or "month")
    known = {
        place: row
        for row in values
        if row.get("code") == indicator["code"]
        and isinstance(row.get("value"), int | float)
        and (place := place_of(row.get("period"), frequency)) is not None
    }
    if not known:
        return None
    first, last = min(known), max(known)
    column = [[known[place]["value"] if place in known else None] for place in range(first, last + 1)]
    terms = _terms(indicator, frequency, setting)
    state = call("INDICATORALERT", column, *terms)[-1][0]
    band = call("INDICATORBAND", column, *terms)[-1]
    newest = known[last]
    if isinstance(state, ExcelError):
        return Signal(indicator["code"], newest["period"], newest["value"], None, None, None, False, state.reason)
    word = next(one.code for one in SIGNALS if one.means(str(state)))
    good = indicator.get("good")
    worse = "low" if good == HIGH else "high"
    return Signal(indicator["code"], newest["period"], newest["value"], band[1], band[2], word, word == worse if good else None)


def _terms(indicator: Row, frequency: str, setting: Setting) -> tuple[float, float, float]:
    window = indicator.get("window") or (setting("signals.window" if frequency == "month" else "signals.quarters"))
    season = indicator.get("season")
    return (
        float(window),
        float(indicator.get("k") or setting("signals.k")),
        float(setting("signals.season") if season is None else season),
    )


def states(indicators: Iterable[Row], values: Sequence[Row], setting: Setting) -> dict[str, Signal]:
    """The newest signal of each indicator that has a value."""
    by_code: Mapping[str, list[Row]] = defaultdict(list)
    for row in values:
        by_code[str(row.get("code"))].append(row)
    found = (judged(row, by_code[str(row["code"])], setting) for row in indicators if row.get("code"))
    return {signal.code: signal for signal in found if signal is not None}


@dataclass(frozen=True)
class Rated:
    """What several people think of a factor: means of their ratings, how many they are, how far apart."""

    impact: float
    likelihood: float
    score: float
    raters: int
    spread: float


def rated(ratings: Iterable[Row]) -> dict[str, Rated]:
    """Factors by their ratings: the mean of each rating first, then the score."""
    by_factor: dict[str, list[Row]] = defaultdict(list)
    for row in ratings:
        if row.get("factor") and all(isinstance(row.get(key), int | float) for key in ("impact", "likelihood")):
            by_factor[str(row["factor"])].append(row)
    out = {}
    for factor, rows in by_factor.items():
        impact, likelihood = (total_of(row[key] for row in rows) / len(rows) for key in ("impact", "likelihood"))
        score = call("OTSCORE", [[impact]], [[likelihood]])[0][0]
        spread = max(max(row[key] for row in rows) - min(row[key] for row in rows) for key in ("impact", "likelihood"))
        if isinstance(score, int | float):
            out[factor] = Rated(impact, likelihood, float(score), len(rows), float(spread))
    return out


def must_track(score: Any, cutoff: float) -> bool:
    """Whether a factor reaches the line."""
    return isinstance(score, int | float) and bool(at_least(score, cutoff))
