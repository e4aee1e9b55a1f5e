"""When opportunities close: the forecast of what is open, and an honest look back at how good such forecasts would have been."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from udfs import call
from udfs.pipeline import (
    FEWEST_CLOSED,
    SCORES,
    STAGES,
    WON,
    Curve,
    Rules,
    Visit,
    curves,
    forecast,
    in_order,
    outcome_of,
    rules_of,
    visits_known,
)
from udfs.text import Text
from udfs.values import ExcelError, excel_round, more_than
from workbook_templates.chapters.pipeline.tables import GIVE_UP, GO_ON, RAISE
from workbook_templates.tables.schema import Row

Setting = Callable[[str], Any]
Score = tuple[str, float | None, float | None, int]  # metric in the language in force, ours, the baseline's, cases
_EPOCH = dt.date(1970, 1, 1).toordinal()
HORIZON = 90  # days within which a forecast is scored
_AHEAD = 30  # days before the close that a date must have been forecast
_MONTHS = 12  # of looking back
RANK = {stage: place for place, stage in enumerate(STAGES)}


def number_of(day: dt.date) -> int:
    """A day as the curves count them."""
    return day.toordinal() - _EPOCH


def day_of(number: float | None) -> dt.date | None:
    """The day of a number; none beyond the calendar."""
    ordinal = None if number is None else math.ceil(number) + _EPOCH
    return None if ordinal is None or not 0 < ordinal <= dt.date.max.toordinal() else dt.date.fromordinal(ordinal)


def visits_of(history: Iterable[Row]) -> list[Visit]:
    """Rows of the history of stages as visits; half rows are left out, their Table tells."""
    return [
        Visit(str(row["opportunity"]), row["stage"], number_of(row["entered"]), number_of(row["left"]) if row.get("left") else None,
              row.get("outcome"), place)
        for place, row in enumerate(history, 1)
        if row.get("opportunity") and row.get("stage") in RANK and isinstance(row.get("entered"), dt.date)
    ]  # fmt: skip


def rules(rows: Iterable[Row], setting: Setting) -> Rules:
    """The stages' win rates and cycles: the Table's, else the policy's."""
    found = rules_of(None)
    rates = dict(zip(STAGES, map(float, setting("stages.win_rates")), strict=True))
    cycles = dict(zip(STAGES, map(float, setting("stages.cycles")), strict=True))
    for row in rows:
        if row.get("stage") in rates:
            rates[row["stage"]] = float(row["win_rate"]) if row.get("win_rate") is not None else rates[row["stage"]]
            cycles[row["stage"]] = float(row["cycle_days"]) if row.get("cycle_days") is not None else cycles[row["stage"]]
    return found._replace(win_rates=rates, cycles=cycles)


# ------------------------------------------------------------------------------------------------------- what is open


def open_ones(opportunities: Iterable[Row], as_of: dt.date) -> list[Row]:
    """Opportunities that have not ended by a day, and had begun."""
    return [
        row
        for row in opportunities
        if row.get("id")
        and not row.get("outcome")
        and row.get("stage") in RANK
        and isinstance(row.get("entered"), dt.date)
        and row["entered"] <= as_of
    ]


def stalled(opportunities: Iterable[Row], as_of: dt.date, known: Rules, factor: float) -> dict[str, int]:
    """Open opportunities that are longer in their stage than it should take, with the days."""
    out = {}
    for row in open_ones(opportunities, as_of):
        days, cycle = (as_of - row["entered"]).days, known.cycles[row["stage"]]
        if cycle > 0 and more_than(float(days), factor * cycle):
            out[str(row["id"])] = days
    return out


def of_this_stay(reviews: Iterable[Row], opportunities: Iterable[Row]) -> dict[str, Row]:
    """The newest review of each opportunity, of those that are about the stage it is in: what was decided in an earlier one is over."""
    entered = {
        str(row["id"]): row["entered"] for row in opportunities if row.get("id") and isinstance(row.get("entered"), dt.date)
    }
    newest: dict[str, Row] = {}
    for row in reviews:
        name = str(row.get("opportunity"))
        day = max((row[key] for key in ("opened", "on") if isinstance(row.get(key), dt.date)), default=dt.date.min)
        mine = newest.get(name)
        if not row.get("opportunity") or day < entered.get(name, dt.date.min):
            continue
        if mine is None or (row.get("opened") or dt.date.min) >= (mine.get("opened") or dt.date.min):
            newest[name] = row
    return newest


def decided(reviews: Iterable[Row], opportunities: Iterable[Row], as_of: dt.date) -> set[str]:
    """Opportunities of whose standstill somebody decided: to escalate, to give up, or to go on until a day that has not come."""
    return {name for name, row in of_this_stay(reviews, opportunities).items() if _holds(row, as_of)}


def given_up(reviews: Iterable[Row], opportunities: Iterable[Row]) -> dict[str, dt.date | None]:
    """Opportunities that were given up in the stage they are in, with the day of it where one is written."""
    found = of_this_stay(reviews, opportunities)
    return {name: row.get("on") for name, row in found.items() if row.get("decision") == GIVE_UP}


def _holds(row: Row, as_of: dt.date) -> bool:
    if row.get("decision") in (GIVE_UP, RAISE):
        return True
    return row.get("decision") == GO_ON and isinstance(row.get("until"), dt.date) and bool(row["until"] >= as_of)


@dataclass(frozen=True)
class Foreseen:
    """What is forecast of an open opportunity."""

    probability: float
    p90: float
    expected: dt.date | None
    early: dt.date | None
    late: dt.date | None
    basis: str

    def weighted(self, amount: float | None) -> float | None:
        """The amount by its probability."""
        return None if amount is None else float(excel_round(self.probability * amount, 2))


def foreseen(stage: str, entered: int, now: int, found: Mapping[str, Curve], known: Rules) -> Foreseen:
    """By the curve of its stage, or by the stage's rule where too few closed."""
    age = now - entered
    said = forecast(stage, age, found.get(stage), known)
    days = [None if ahead is None else day_of(now + ahead) for ahead in (said.expected, said.early, said.late)]
    soon = said.probability if said.expected is not None and said.expected <= HORIZON else 0.0
    if said.basis == "data":
        curve = found[stage]
        counted = min(age, curve.longest)
        (won, undecided), (later, _) = curve.at(counted), curve.at(counted + HORIZON)
        soon = min(1.0, max(0.0, (later - won) / undecided)) if undecided > 0 else 0.0
    return Foreseen(said.probability, soon, days[0], days[1], days[2], said.basis)


def all_foreseen(opportunities: Iterable[Row], visits: Sequence[Visit], as_of: dt.date, known: Rules) -> dict[str, Foreseen]:
    """Forecasts of what is open, by what was known on the day."""
    now = number_of(as_of)
    found = curves(visits_known(visits, now), now)
    return {
        str(row["id"]): foreseen(row["stage"], number_of(row["entered"]), now, found, known)
        for row in open_ones(opportunities, as_of)
    }


# -------------------------------------------------------------------------------------------------------- looking back


@dataclass(frozen=True)
class Ending:
    """What became of an opportunity, and when it began."""

    opened: int
    closed: int | None
    won: bool


def endings(visits: Iterable[Visit]) -> dict[str, Ending]:
    """By opportunity; one that is open has no closing day."""
    by_opportunity: dict[str, list[Visit]] = defaultdict(list)
    for visit in visits:
        by_opportunity[visit.opportunity].append(visit)
    out = {}
    for name, own in by_opportunity.items():
        own = in_order(own)
        kind, day = outcome_of(own)
        out[name] = Ending(own[0].entered, day, kind == WON)
    return out


def month_ends(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """The ends of the months from a day up to another."""
    year, month = first.year, first.month
    while (end := dt.date(year, month, calendar.monthrange(year, month)[1])) <= last:
        yield end
        year, month = year + month // 12, month % 12 + 1


@dataclass
class Scored:
    """Forecasts beside what happened, ready for FORECASTSCORE."""

    probabilities: list[float]
    outcomes: list[float]
    base: list[float]
    predicted: list[dt.date | None]
    actual: list[dt.date | None]
    early: list[dt.date | None]
    late: list[dt.date | None]
    naive: list[dt.date | None]

    @classmethod
    def none(cls) -> Scored:
        return cls([], [], [], [], [], [], [], [])

    def lines(self) -> list[Score]:
        """Metric, ours, baseline, cases; nothing where nothing can be judged."""
        out: list[Score] = []
        if self.probabilities:
            blank = [[None]] * len(self.probabilities)
            found = call(
                "FORECASTSCORE", _column(self.probabilities), _column(self.outcomes), blank, blank, None, None, _column(self.base)
            )
            out += _said(found[:2])
        if self.actual:
            sure = _column([1.0] * len(self.actual))
            found = call(
                "FORECASTSCORE", sure, sure, _column(self.predicted), _column(self.actual), _column(self.early), _column(self.late), [[1.0]], _column(self.naive),
            )  # fmt: skip
            out += _said(found[2:])
        return out


def _column(values: Iterable[Any]) -> list[list[Any]]:
    return [[value] for value in values]


def _said(rows: Sequence[Sequence[Any]]) -> list[Score]:
    return [(str(row[0]), row[1], row[2], int(row[3])) for row in rows if not isinstance(row[0], ExcelError)]


def backtest(visits: Sequence[Visit], as_of: dt.date, known: Rules) -> Scored:
    """What would have been forecast at the month-ends of the last year with what was known then, beside what came.

    Probabilities are those of winning within 90 days, beside that share among all that were open at earlier month-ends; dates are
    those of the last month-end 30 days before the close, beside opening plus the median time to win.
    """
    if not visits:
        return Scored.none()
    true, now = endings(visits), number_of(as_of)
    ends = list(month_ends(dt.date.fromordinal(min(v.entered for v in visits) + _EPOCH), as_of))
    asked = set(ends[-_MONTHS:])
    out, seen = Scored.none(), _Seen()
    dates: dict[str, tuple[Foreseen, dt.date | None]] = {}
    for end in ends:
        t = number_of(end)
        then = visits_known(visits, t)
        here = [v for v in then if v.left is None]
        base, naive = (
            seen.base(t),
            _median([e.closed - e.opened for e in true.values() if e.won and e.closed is not None and e.closed <= t]),
        )
        found = curves(then, t) if end in asked else {}
        for visit in here:
            ending = true[visit.opportunity]
            won = bool(ending.won and ending.closed is not None and t < ending.closed <= t + HORIZON)
            if end in asked:
                said = foreseen(visit.stage, visit.entered, t, found, known)
                if t + HORIZON <= now and base is not None:
                    out.probabilities.append(said.p90)
                    out.outcomes.append(float(won))
                    out.base.append(base)
                if ending.won and ending.closed is not None and t + _AHEAD <= ending.closed <= now:
                    dates[visit.opportunity] = said, None if naive is None else day_of(ending.opened + naive)
            seen.add(t, won)
    for name, (said, plain) in dates.items():
        _dated(out, said, day_of(true[name].closed), plain)
    return out


def _dated(out: Scored, said: Foreseen, closed: dt.date | None, naive: dt.date | None) -> None:
    out.predicted.append(said.expected)
    out.actual.append(closed)
    out.early.append(said.early)
    out.late.append(said.late)
    out.naive.append(naive)


class _Seen:
    """Of what was open at month-ends, the share that was won within 90 days, as far as a later day knows."""

    def __init__(self) -> None:
        self._rows: dict[int, list[bool]] = defaultdict(list)

    def add(self, day: int, won: bool) -> None:
        self._rows[day].append(won)

    def base(self, day: int) -> float | None:
        known = [won for then, rows in self._rows.items() if then + HORIZON <= day for won in rows]
        return sum(known) / len(known) if known else None


def _median(days: Sequence[int]) -> float | None:
    if not days:
        return None
    ordered, half = sorted(days), len(days) // 2
    return float(ordered[half]) if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def logged(log: Iterable[Row], visits: Sequence[Visit], as_of: dt.date) -> Scored:
    """The same of forecasts that were really made."""
    true, out = endings(visits), Scored.none()
    last: dict[str, Row] = {}
    for row in sorted((r for r in log if r.get("as_of")), key=lambda r: r["as_of"]):
        ending = true.get(str(row.get("opportunity")))
        if ending is None:
            continue
        t = number_of(row["as_of"])
        if row["as_of"] + dt.timedelta(days=HORIZON) <= as_of and row.get("base_rate") is not None:
            out.probabilities.append(float(row["p90"]))
            out.outcomes.append(float(ending.won and ending.closed is not None and t < ending.closed <= t + HORIZON))
            out.base.append(float(row["base_rate"]))
        if ending.won and ending.closed is not None and t + _AHEAD <= ending.closed <= number_of(as_of):
            last[str(row["opportunity"])] = row
    for name, row in last.items():
        for key, cells in (
            ("expected_on", out.predicted),
            ("early_on", out.early),
            ("late_on", out.late),
            ("naive_on", out.naive),
        ):
            cells.append(row.get(key))
        out.actual.append(day_of(true[name].closed))
    return out


def now_known(visits: Sequence[Visit], as_of: dt.date) -> tuple[float | None, float | None]:
    """The base rate, and the median days from opening to winning, as the day knows them."""
    true, now, seen = endings(visits), number_of(as_of), _Seen()
    if visits:
        for end in month_ends(dt.date.fromordinal(min(v.entered for v in visits) + _EPOCH), as_of):
            t = number_of(end)
            for visit in (v for v in visits_known(visits, t) if v.left is None):
                ending = true[visit.opportunity]
                seen.add(t, bool(ending.won and ending.closed is not None and t < ending.closed <= t + HORIZON))
    return seen.base(now), _median(
        [e.closed - e.opened for e in true.values() if e.won and e.closed is not None and e.closed <= now]
    )


def verdict(lines: Sequence[Score]) -> Text:
    """What the scores say in words: of probabilities the Brier score counts, of dates the hits, each beside its baseline."""
    if not lines:
        return Text("还没有可回测的关单", "no closes to look back on yet")
    smaller = {str(SCORES[0]): True, str(SCORES[2]): False}
    beside = [
        (ours > base if smaller[name] else ours < base, n)
        for name, ours, base, n in lines
        if name in smaller and ours is not None and base is not None
    ]
    if not beside:
        return Text("还没有可比的基准", "no baseline to compare with yet")
    if any(worse for worse, _ in beside):
        return Text("数据不支持预测：不如基准", "the data don't support the forecast: the baseline does better")
    few = max(n for _, n in beside) < FEWEST_CLOSED
    return Text("样本少，仅供参考", "few cases: take it with care") if few else Text("好于基准", "better than the baseline")
