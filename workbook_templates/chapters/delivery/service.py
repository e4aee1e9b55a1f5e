"""Service: tickets against their limits, sensors on their way to the limit, what customers say of us."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from udfs import call
from udfs.text import Text
from udfs.values import ExcelError, at_least
from workbook_templates.chapters.delivery.projects import column
from workbook_templates.chapters.delivery.tables import COMMON, NONE, NPS_ACTIONS, PROJECT_LIGHTS, SLA_STATES
from workbook_templates.tables.schema import Row

Setting = Callable[[str], Any]
GREEN, RED = "green", "red"
_BACK = 60  # days that the begin of a warning is looked for


# --------------------------------------------------------------------------------------------------------- tickets


def sla(tickets: Sequence[Row], now: dt.datetime, limits: Sequence[float]) -> list[Row | Text]:
    """Each ticket's hours and states; why not, where a ticket can't be judged."""
    if not tickets:
        return []
    part = column((row.get("part") or NONE) for row in tickets)
    times = [column(row.get(key) for row in tickets) for key in ("opened", "solution_at", "part_at")]
    found = call("SLASTATUS", part, *times, column([now] * len(tickets)), list(limits))
    return [_ticket(row) for row in found]


def _ticket(cells: Sequence[Any]) -> Row | Text:
    wrong = next((cell for cell in cells if isinstance(cell, ExcelError)), None)
    if wrong is not None:
        return wrong.reason or Text("时间不对", "its times are wrong")
    states = {str(text): word.code for word in SLA_STATES for text in word.label}
    return {
        "solution_hours": _hours(cells[0]), "solution_light": states.get(str(cells[1])), "part_hours": _hours(cells[2]),
        "part_light": states.get(str(cells[3])),
    }  # fmt: skip


def _hours(cell: Any) -> float | None:
    return round(float(cell), 4) if isinstance(cell, int | float) else None


@dataclass(frozen=True)
class DueLimit:
    """What a ticket still owes: a solution or a part, until when, and whether that is over."""

    ticket: Row
    what: str  # solution or part
    until: dt.datetime
    over: bool


def pressing(tickets: Iterable[Row], now: dt.datetime, limits: Sequence[float], warning: float) -> Iterator[DueLimit]:
    """Open tickets that have used up ``warning`` of a limit, or all of it."""
    solution, common, other = limits
    for row in tickets:
        opened = row.get("opened")
        if not isinstance(opened, dt.datetime) or opened > now:
            continue
        asked = [("solution", row.get("solution_at"), solution)]
        if row.get("part") not in (None, NONE):
            asked.append(("part", row.get("part_at"), common if row["part"] == COMMON else other))
        for what, done, limit in asked:
            hours = (now - opened).total_seconds() / 3600
            if not (isinstance(done, dt.datetime) and done <= now) and at_least(hours, warning * limit):
                yield DueLimit(row, what, opened + dt.timedelta(hours=float(limit)), hours > limit)


# --------------------------------------------------------------------------------------------------------- sensors


@dataclass(frozen=True)
class Warned:
    """A sensor as FAILUREDATE judges it; ``reason`` says why there is no judgement."""

    light: str | None
    predicted: dt.date | None = None
    earliest: dt.date | None = None
    slope: float | None = None
    p: float | None = None
    reason: Text | None = None

    @property
    def written(self) -> Row:
        """What the button writes."""
        return {"light": self.light, "predicted": self.predicted, "earliest": self.earliest, "slope": self.slope, "p": self.p}


def by_sensor(readings: Iterable[Row]) -> Mapping[tuple[str, str], list[Row]]:
    """Readings by device and sensor."""
    out: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in readings:
        if isinstance(row.get("time"), dt.datetime) and isinstance(row.get("reading"), int | float):
            out[str(row.get("device")), str(row.get("sensor"))].append(row)
    return out


def warned(sensor: Row, readings: Sequence[Row], as_of: dt.date, setting: Setting) -> Warned:
    """One sensor by its readings up to a day."""
    known = [row for row in readings if row["time"].date() <= as_of]
    if not known:
        return Warned(None, reason=Text("没有读数", "no reading"))
    times, values = column(row["time"] for row in known), column(float(row["reading"]) for row in known)
    row = call("FAILUREDATE", times, values, sensor["limit"], setting("failure.alert_days"), setting("failure.window"), as_of)[0]
    if isinstance(row[0], ExcelError):
        return Warned(None, reason=row[0].reason)
    light = next((word.code for word in PROJECT_LIGHTS if word.means(str(row[4]))), None)
    predicted, earliest, slope, p = row[0], row[1], float(row[2]), float(row[3])
    if light == RED and predicted is not None and _there(known, float(sensor["limit"]), slope, predicted, as_of, setting):
        predicted = earliest = None  # what is at its limit has no day to come
    return Warned(light, predicted, earliest, slope, p)


def _there(known: Sequence[Row], limit: float, slope: float, predicted: dt.date, as_of: dt.date, setting: Setting) -> bool:
    """Whether a red sensor is at its limit already: its last median is, or the day that its line names is not near enough to be red."""
    newest = max(row["time"].date() for row in known)
    last = median(float(row["reading"]) for row in known if row["time"].date() == newest)
    over = at_least(last, limit) if slope > 0 else at_least(limit, last)
    return over or predicted > as_of + dt.timedelta(days=float(setting("failure.alert_days")))


def since(sensor: Row, readings: Sequence[Row], as_of: dt.date, setting: Setting) -> dt.date:
    """The first day of the warning that stands on a day."""
    first = as_of
    for back in range(1, _BACK):
        day = as_of - dt.timedelta(days=back)
        if warned(sensor, readings, day, setting).light in (None, GREEN):
            return first
        first = day
    return first


# --------------------------------------------------------------------------------------------------------------- NPS


@dataclass(frozen=True)
class Recommended:
    """What a group of answers says."""

    nps: float
    answers: int
    valid: bool | None
    action: str
    low: float
    high: float


def judged(answers: Iterable[Row], population: float | None, setting: Setting) -> Recommended | Text | None:
    """A group of answers by NPS; nothing without any, a text where they can't be judged."""
    scores = [row.get("score") for row in answers if row.get("score") is not None]
    if not scores:
        return None
    terms = [float(setting(key)) for key in ("nps.sample", "nps.goal", "nps.repair")]
    row = call("NPS", column(scores), population, *terms)[0]
    if isinstance(row[0], ExcelError):
        return row[0].reason or Text("答卷不可用", "the answers can't be used")
    action = next(word.code for word in NPS_ACTIONS if word.means(str(row[3])))
    return Recommended(float(row[0]), int(row[1]), row[2], action, float(row[4]), float(row[5]))


_DETRACTOR = 6  # the highest score of those who would not recommend: the definition of NPS


@dataclass(frozen=True)
class ToRepair:
    """A wave, or a customer of one, that needs a repair plan."""

    quarter: str
    customer: str | None
    nps: float
    closed_on: dt.date
    comments: tuple[str, ...]


def to_repair(waves: Iterable[Row], answers: Iterable[Row], as_of: dt.date, setting: Setting) -> Iterator[ToRepair]:
    """Closed waves, and their customers with enough answers, below the border."""
    by_wave: dict[str, list[Row]] = defaultdict(list)
    for row in answers:
        by_wave[str(row.get("quarter"))].append(row)
    for wave in waves:
        closed = wave.get("closed_on")
        if not isinstance(closed, dt.date) or closed > as_of:
            continue
        quarter = str(wave["quarter"])
        mine = by_wave[quarter]
        groups: dict[str | None, list[Row]] = {None: mine}
        for row in mine:
            if row.get("customer"):
                groups.setdefault(str(row["customer"]), []).append(row)
        for customer, rows in groups.items():
            if customer is not None and len([r for r in rows if r.get("score") is not None]) < setting("nps.customer"):
                continue
            found = judged(rows, None, setting)
            if isinstance(found, Recommended) and not at_least(found.nps, float(setting("nps.repair"))):
                bad = detractors(rows, quarter, customer)
                said = dict.fromkeys(str(r["comment"]) for r in bad)  # what several said is said once
                yield ToRepair(quarter, customer, found.nps, closed, tuple(said)[:3])


def detractors(answers: Iterable[Row], quarter: str, customer: Any) -> list[Row]:
    """Who gave 6 or less and said why, in a wave or of a customer in it; the worst first."""
    mine = (
        row
        for row in answers
        if str(row.get("quarter")) == quarter and (not customer or row.get("customer") == customer) and row.get("comment")
    )
    return sorted(
        (row for row in mine if row.get("score") is not None and row["score"] <= _DETRACTOR), key=lambda row: row["score"]
    )
