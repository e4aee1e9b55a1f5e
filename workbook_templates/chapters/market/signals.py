"""Leading indicators beside their moving limits, and factors beside each other: what the button writes and the daily routine asks."""

from __future__ import annotations

import datetime as dt
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
    """An indicator's newest value beside its limits, with a season those of the value itself; ``reason`` says why there is no judgement."""

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


def judged(indicator: Row, values: Iterable[Row], setting: Setting, as_of: dt.date | None = None) -> Signal | None:
    """The newest value of an indicator (that a day knows, if one is given); None where it has none. A period that is missing between two is
    a blank, not left out."""
    frequency = str(indicator.get("frequency") or "month")
    known = {
        place: row
        for row in values
        if row.get("code") == indicator["code"]
        and isinstance(row.get("value"), int | float)
        and (place := place_of(row.get("period"), frequency)) is not None
        and (as_of is None or _out(row, place, frequency, as_of))
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
    # With a season it is the difference to the season before that is judged: its limits, from there on.
    before = float(known[last - int(terms[2])]["value"]) if terms[2] else 0.0
    low, high = band[1] + before, band[2] + before
    return Signal(indicator["code"], newest["period"], newest["value"], low, high, word, word == worse if good else None)


def _out(row: Row, place: int, frequency: str, day: dt.date) -> bool:
    """Whether a value was known on a day: its period had begun, and it was not published later."""
    published = row.get("published_on")
    begun = (day.year * 12 + day.month - 1) // (12 // _YEAR[frequency])
    return place <= begun and not (isinstance(published, dt.date) and published > day)


def _terms(indicator: Row, frequency: str, setting: Setting) -> tuple[float, float, float]:
    window = indicator.get("window") or (setting("signals.window" if frequency == "month" else "signals.quarters"))
    season = indicator.get("season")
    return (
        float(window),
        float(indicator.get("k") or setting("signals.k")),
        float(setting("signals.season") if season is None else season),
    )


def states(indicators: Iterable[Row], values: Sequence[Row], setting: Setting, as_of: dt.date | None = None) -> dict[str, Signal]:
    """The newest signal of each indicator that has a value (that a day knows, if one is given)."""
    by_code: Mapping[str, list[Row]] = defaultdict(list)
    for row in values:
        by_code[str(row.get("code"))].append(row)
    found = (judged(row, by_code[str(row["code"])], setting, as_of) for row in indicators if row.get("code"))
    return {signal.code: signal for signal in found if signal is not None}


@dataclass(frozen=True)
class Banded:
    """A value beside the limits it is measured by; none before there is history enough."""

    compared: float | None
    low: float | None
    high: float | None


def banded(indicators: Iterable[Row], values: Sequence[Row], setting: Setting) -> dict[int, Banded]:
    """By row of the values: what is compared, and its limits. With a season that is the difference to the season before."""
    by_code: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    for index, row in enumerate(values):
        by_code[str(row.get("code"))].append((index, row))
    out: dict[int, Banded] = {}
    for indicator in indicators:
        frequency = str(indicator.get("frequency") or "month")
        known = {
            place: (index, float(row["value"]))
            for index, row in by_code[str(indicator.get("code"))]
            if isinstance(row.get("value"), int | float) and (place := place_of(row.get("period"), frequency)) is not None
        }
        if not known:
            continue
        first, terms = min(known), _terms(indicator, frequency, setting)
        column = [[known[place][1] if place in known else None] for place in range(first, max(known) + 1)]
        season = int(terms[2])
        for place, (index, value) in known.items():
            before = known.get(place - season)
            compared = value if not season else None if before is None else value - before[1]
            out[index] = Banded(compared, None, None)
        for place, band in enumerate(call("INDICATORBAND", column, *terms), first):
            if place in known and len(band) > 1 and isinstance(band[1], int | float):
                index = known[place][0]
                out[index] = Banded(out[index].compared, float(band[1]), float(band[2]))
    return out


# ------------------------------------------------------------------------------------------------------------- adoption

AHEAD = 5  # years


def ahead(series: Iterable[Row], points: Sequence[Row], setting: Setting) -> tuple[list[Row], dict[str, Text]]:
    """What each curve comes to in the next years, with its interval; and of which none can be said, and why."""
    rows, why = list[Row](), dict[str, Text]()
    for one in series:
        name = str(one.get("series") or "")
        mine = [
            row for row in points if row.get("series") == name and row.get("year") is not None and row.get("share") is not None
        ]
        if not name or not mine:
            continue
        given = ([[row["year"]] for row in mine], [[row["share"]] for row in mine], AHEAD)
        found = call("ADOPTION", *given, one.get("ceiling") or None, setting("adoption.level"))
        if isinstance(found[0][0], ExcelError):
            why[name] = found[0][0].reason or Text("无法预测", "can't be predicted")
            continue
        rows += [
            {"series": name, "year": int(year), "share": share, "low": low, "high": high} for year, share, low, high in found
        ]
    return rows, why


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
