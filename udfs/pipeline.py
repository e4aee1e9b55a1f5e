"""The pipeline: what becomes of opportunities stage by stage, when the open ones will close, and how good such forecasts were.

A loss is no censoring: an opportunity that was lost can't be won any more, so wins and losses are competing risks (Aalen and
Johansen 1978). One minus Kaplan–Meier with losses censored would promise too much.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import numpy as np

from udfs import policy
from udfs.formula import TABLE, date, each, formula, grid, many, note, number, one, positive, refuse, share, text, word
from udfs.grids import Field, rows_of
from udfs.phasing import refuse_unlike
from udfs.policy import plan
from udfs.text import Text
from udfs.values import NA, NUM, VALUE, Dates, ExcelError, Floats, Objects, excel_round, more_than

STAGES = {
    "lead": Text("线索", "Lead"),
    "validation": Text("验证", "Validation"),
    "solution": Text("方案", "Solution"),
    "quote": Text("报价", "Quote"),
    "negotiation": Text("谈判", "Negotiation"),
    "closing": Text("成交", "Closing"),
}
ORDER = tuple(STAGES)
STAGE = word(**{code: (words.zh, words.en.lower()) for code, words in STAGES.items()})
OUTCOME = word(
    advanced=("晋级", "推进", "advance"),
    returned=("退回", "return"),
    won=("赢单", "win"),
    lost=("输单", "丢单", "lose"),
    dropped=("放弃", "drop", "abandoned"),
)
WON, LOST = 1, 2
_FINAL = {"won": WON, "lost": LOST, "dropped": LOST}
FEWEST_CLOSED = 10
FEWEST_AT_RISK = 5
_TOUCH = 1e-12
_NEVER = ExcelError(NA, Text("观察期内没有达到", "not reached while it was observed"))


@dataclass
class Visit:
    """An opportunity's stay in a stage; days as numbers. ``place`` is its row."""

    opportunity: str
    stage: str
    entered: int
    left: int | None
    outcome: str | None
    place: int


class Curve(NamedTuple):
    """What became of the opportunities that entered a stage, at each day something did: won so far, still undecided, at risk."""

    times: Floats
    won: Floats
    undecided: Floats
    at_risk: Floats
    closed: int

    def at(self, days: float) -> tuple[float, float]:
        """Won and undecided after so many days, what happened on that day included."""
        k = int(np.searchsorted(self.times, days, side="right")) - 1
        return (float(self.won[k]), float(self.undecided[k])) if k >= 0 else (0.0, 1.0)

    @property
    def all_won(self) -> float:
        return float(self.won[-1]) if len(self.won) else 0.0

    @property
    def longest(self) -> float:
        """The last day of an event that enough were at risk of for a share to mean something."""
        enough = self.times[self.at_risk >= FEWEST_AT_RISK]
        return float(enough[-1]) if len(enough) else 0.0

    def reaches(self, share_won: float) -> float | None:
        """The first day by which so large a share is won."""
        reached = np.flatnonzero(self.won >= share_won - _TOUCH)
        return float(self.times[reached[0]]) if len(reached) else None


def curve(times: Sequence[float], kinds: Sequence[int]) -> Curve:
    """Aalen and Johansen's curve of durations: 1 won, 2 lost, 0 still open. What is open at a time is at risk at it.

    >>> [round(x, 3) for x in curve([1, 2, 3, 4], [1, 2, 1, 0]).won.tolist()]
    [0.25, 0.25, 0.5]
    """
    t, kind = np.array(times, dtype=float), np.array(kinds)
    events = np.unique(t[kind > 0])
    ordered = np.sort(t)
    at_risk = (len(t) - np.searchsorted(ordered, events, side="left")).astype(float)
    wins, losses = (_counted(t[kind == code], events) for code in (WON, LOST))
    undecided = np.cumprod(1 - (wins + losses) / at_risk)
    before = np.concatenate([[1.0], undecided[:-1]]) if len(events) else undecided
    return Curve(events, np.cumsum(before * wins / at_risk), undecided, at_risk, int((kind > 0).sum()))


def _counted(times: Floats, events: Floats) -> Floats:
    return np.bincount(np.searchsorted(events, times), minlength=len(events)).astype(float)[: len(events)]


def visits_known(visits: Iterable[Visit], as_of: int) -> list[Visit]:
    """What was known on a day: later entries did not happen yet, later leavings neither."""
    out = []
    for v in visits:
        if v.entered <= as_of:
            open_ = v.left is None or v.left > as_of
            out.append(Visit(v.opportunity, v.stage, v.entered, None, None, v.place) if open_ and v.left is not None else v)
    return out


def in_order(visits: Iterable[Visit]) -> list[Visit]:
    """Visits as they came about, whatever the order of their rows: exports begin with the newest.

    Of one day the one that was left first is first, what is still open last; left on one day, too, an end follows a move.
    """

    def when(v: Visit) -> tuple[Any, ...]:
        return v.entered, math.inf if v.left is None else v.left, v.outcome in _FINAL, ORDER.index(v.stage), v.outcome or ""

    return sorted(visits, key=when)


def outcome_of(visits: Sequence[Visit]) -> tuple[int, int | None]:
    """How an opportunity ended (0: it is open) and on which day, its visits in order. Taken up again after its end it is open."""
    last = visits[-1]
    if last.left is not None and last.outcome in _FINAL:
        return _FINAL[last.outcome], last.left
    won = next((v for v in reversed(visits) if v.outcome == "won"), None)
    if last.stage == ORDER[-1] and won is not None:
        return WON, won.left
    return 0, None


class Subject(NamedTuple):
    """An opportunity that entered a stage: days from its first entry to its end (or to the day asked), and which end."""

    opportunity: str
    days: int
    kind: int


def subjects(visits: Iterable[Visit], as_of: int) -> dict[str, list[Subject]]:
    """By stage, from what is known on a day."""
    by_opportunity: dict[str, list[Visit]] = defaultdict(list)
    for visit in visits:
        by_opportunity[visit.opportunity].append(visit)
    out: dict[str, list[Subject]] = defaultdict(list)
    for opportunity, own in by_opportunity.items():
        own = in_order(own)
        kind, day = outcome_of(own)
        first: dict[str, int] = {}
        for v in own:
            first.setdefault(v.stage, v.entered)
        for stage, entered in first.items():
            out[stage].append(Subject(opportunity, max(0, (as_of if day is None else day) - entered), kind))
    return out


def curves(visits: Iterable[Visit], as_of: int) -> dict[str, Curve]:
    """The curve of each stage somebody entered, from what is known on a day."""
    found = subjects(visits, as_of)
    return {stage: curve([s.days for s in own], [s.kind for s in own]) for stage, own in found.items()}


def _checked(visits: Sequence[Visit]) -> Sequence[Visit]:
    """Refuse visits that can't be: left before entered, an end without a day, two open ones of an opportunity."""
    open_: dict[str, int] = {}
    for v in visits:
        bad = v.left is not None and v.left < v.entered
        refuse(bad, VALUE, "第 {row} 行的离开日期早于进入日期", "row {row} leaves before it enters", row=v.place)
        refuse(
            v.left is None and v.outcome is not None, VALUE, "第 {row} 行有结果没有离开日期", "row {row} has an outcome and no day of leaving",
            row=v.place,
        )  # fmt: skip
        if v.left is None:
            refuse(
                v.opportunity in open_, VALUE, "商机 {id} 同时停在两个阶段（第 {a} 行和第 {row} 行）",
                "opportunity {id} is in two stages at once (rows {a} and {row})", id=v.opportunity, a=open_.get(v.opportunity, 0), row=v.place,
            )  # fmt: skip
            open_[v.opportunity] = v.place
    return visits


def _day(day: Any) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))


def _today(as_of: Any) -> int:
    return _day(policy.today() if as_of is None else as_of)


# ------------------------------------------------------------------------------------------------------------ by stage


@formula(
    8,
    "各阶段的去向：赢单率（竞争风险）、未决、停留天数",
    "What becomes of each stage: win rate with competing risks, unresolved, days in stage",
    gives=TABLE,
    columns=[
        ("阶段", "stage"),
        ("进入", "entered"),
        ("晋级", "advanced"),
        ("赢单", "won"),
        ("输单或放弃", "lost"),
        ("在办", "open"),
        ("赢单率", "win rate"),
        ("未决", "unresolved"),
        ("停留中位天数", "median days"),
        ("停留 80% 天数", "P80 days"),
    ],
)
def stagestats(
    opportunities: Annotated[Objects, many("商机编号", "IDs of the opportunities", text)],
    stages: Annotated[Objects, many("阶段", "stages", STAGE)],
    entered: Annotated[Dates, many("进入日期", "days of entering", date)],
    left: Annotated[Dates, many("离开日期；空：还在", "days of leaving; blank: still there", date)],
    outcome: Annotated[Objects, many("结果：晋级/退回/赢单/输单/放弃", "advanced, returned, won, lost, dropped", OUTCOME)],
    as_of: Annotated[Any, one("截止日期；省略为今天", "as of this day; omitted: today", date)] = None,
) -> list[list[Any]]:
    """The history of stages up to a day, later facts unknown.

    Win rate and unresolved follow an opportunity from its first entry of the stage to its end, wins and losses as competing risks
    (Aalen–Johansen). Days in a stage are Kaplan–Meier's, any leaving an event. Counts are of opportunities, by their last visit.

    Returns: a row for each stage that was entered, in the order of the stages: stage, entered, advanced, won, lost (dropped included),
        open, win rate, share unresolved, median and 80% days in it (#N/A while not reached). Fewer than 10 closed: said.
    Errors: #VALUE! an unknown stage or outcome, left before entered, two open visits of an opportunity (the row is named), ranges of
        different size; #N/A no visit up to the day.
    Source: rules, chapter 8, STAGESTATS; Satagopan et al. 2004, Br J Cancer 91:1229; Kaplan and Meier 1958.
    Example:
        >>> stagestats("O1", "quote", "2027-01-01", "2027-01-11", "won", "2027-03-31")
        [['报价', 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 10.0, 10.0]]
    """
    stages = np.repeat(stages, len(opportunities)) if len(stages) == 1 else stages
    refuse_unlike(opportunities=opportunities, stages=stages, entered=entered, left=left, outcome=outcome)
    rows = zip(opportunities.tolist(), stages.tolist(), entered, left, outcome.tolist(), strict=True)
    visits = [v for place, row in enumerate(rows, 1) if (v := _visit(place, *row)) is not None]
    now = _today(as_of)
    known = visits_known(_checked(visits), now)
    refuse(not known, NA, "截止日期前没有阶段记录", "there is no visit up to the day")
    by_stage = subjects(known, now)
    few = [stage for stage in ORDER if stage in by_stage and sum(s.kind > 0 for s in by_stage[stage]) < FEWEST_CLOSED]
    if few:
        note("样本少：{stages} 不足 10 个已关闭商机", "few cases: fewer than 10 closed in {stages}",
             stages=Text("、".join(STAGES[s].zh for s in few), ", ".join(STAGES[s].en for s in few)))  # fmt: skip
    return [
        _stage_row(stage, by_stage[stage], [v for v in known if v.stage == stage], now) for stage in ORDER if stage in by_stage
    ]


def _visit(place: int, opportunity: str, stage: str | None, entered: Any, left: Any, outcome: str | None) -> Visit | None:
    """A row as a visit; None for a blank one."""
    if not opportunity and np.isnat(entered):
        return None
    for missing, zh, en in (
        (not opportunity, "商机编号", "opportunity"),
        (stage is None, "阶段", "stage"),
        (bool(np.isnat(entered)), "进入日期", "day of entering"),
    ):
        refuse(missing, VALUE, "第 {row} 行没有{what}", "row {row} has no {what}", row=place, what=Text(zh, en))
    return Visit(opportunity, str(stage), _day(entered), None if np.isnat(left) else _day(left), outcome, place)


def _stage_row(stage: str, own: Sequence[Subject], visits: Sequence[Visit], now: int) -> list[Any]:
    last = {v.opportunity: v for v in in_order(visits)}
    counts = [
        sum(v.outcome in kinds for v in last.values() if v.left is not None)
        for kinds in (("advanced",), ("won",), ("lost", "dropped"))
    ]
    still = sum(v.left is None for v in last.values())
    found = curve([s.days for s in own], [s.kind for s in own])
    # Any leaving is an event here: the undecided share is Kaplan and Meier's.
    stay = curve([(now if v.left is None else v.left) - v.entered for v in visits], [int(v.left is not None) for v in visits])
    unresolved = float(found.undecided[-1]) if len(found.undecided) else 1.0
    days = [_first_at_most(stay, rest) for rest in (0.5, 0.2)]
    return [STAGES[stage], len(own), *counts, still, found.all_won, unresolved, *days]


def _first_at_most(stay: Curve, rest: float) -> float | ExcelError:
    reached = np.flatnonzero(stay.undecided <= rest + _TOUCH)
    return float(stay.times[reached[0]]) if len(reached) else _NEVER


# ------------------------------------------------------------------------------------------------------------ forecasts


class Rules(NamedTuple):
    """The stages' own win rates and cycles, where history says too little."""

    win_rates: Mapping[str, float]
    cycles: Mapping[str, float]

    def days_from(self, stage: str, age: float) -> float:
        """Days to the close: what is left of this stage's cycle, at least one, and the cycles of the stages behind it."""
        later = ORDER[ORDER.index(stage) + 1 :]
        return max(1.0, self.cycles[stage] - age) + sum(self.cycles[s] for s in later)


_RULES = (
    Field(Text("阶段", "stage"), STAGE),
    Field(Text("赢单率", "win rate"), share, filled=False),
    Field(Text("周期，天", "cycle, days"), positive, filled=False),
)
_HISTORY = (
    Field(Text("商机编号", "opportunity"), text),
    Field(Text("阶段", "stage"), STAGE),
    Field(Text("进入日期", "entered"), date),
    Field(Text("离开日期", "left"), date, given=False, filled=False),
    Field(Text("结果", "outcome"), OUTCOME, given=False, filled=False),
)
_OPEN = (
    Field(Text("商机编号", "opportunity"), text),
    Field(Text("阶段", "stage"), STAGE),
    Field(Text("进入日期", "entered"), date),
    Field(Text("金额", "amount"), number, given=False, filled=False),
)
BASES = {"data": Text("数据", "Data"), "rule": Text("规则", "Rule")}


def rules_of(cells: Sequence[Sequence[Any]] | None) -> Rules:
    """The plan's rules of the stages, with what a table of one's own says otherwise."""
    rates = dict(zip(ORDER, map(float, policy.value("stages.win_rates")), strict=True))
    cycles = dict(zip(ORDER, map(float, policy.value("stages.cycles")), strict=True))
    for _, (stage, rate_, cycle) in rows_of("rules", cells or [], _RULES):
        rates[stage] = rates[stage] if rate_ is None else float(rate_)
        cycles[stage] = cycles[stage] if cycle is None else float(cycle)
    return Rules(rates, cycles)


def history_of(cells: Sequence[Sequence[Any]]) -> list[Visit]:
    """The history of stages from a table, checked."""
    read = rows_of("history", cells, _HISTORY)
    return list(
        _checked([Visit(o, s, _day(e), None if gone is None else _day(gone), end, place) for place, (o, s, e, gone, end) in read])
    )


class Forecast(NamedTuple):
    """Of an open opportunity: probability, days from now to the close (expected, early, late) and what it rests on."""

    probability: float
    expected: float | None
    early: float | None
    late: float | None
    basis: str


def forecast(stage: str, age: float, found: Curve | None, rules: Rules) -> Forecast:
    """What the curve of its stage says of an opportunity of this age; the stage's rule where fewer than 10 have closed."""
    if found is None or found.closed < FEWEST_CLOSED:
        return Forecast(rules.win_rates[stage], rules.days_from(stage, age), None, None, "rule")
    counted = min(age, found.longest)
    won, undecided = found.at(counted)
    ahead = found.all_won - won
    if ahead <= _TOUCH or undecided <= 0:
        return Forecast(0.0, None, None, None, "data")
    days = [None if (u := found.reaches(won + part * ahead)) is None else u - counted for part in (0.5, 0.1, 0.9)]
    return Forecast(min(1.0, ahead / undecided), days[0], days[1], days[2], "data")


@formula(
    8,
    "预测关单：每个在办商机的概率、预计日期与区间、加权金额",
    "Close forecast: probability, expected date with interval, weighted amount of each open opportunity",
    gives=TABLE,
    columns=[
        ("商机", "opportunity"),
        ("概率", "probability"),
        ("预计日期", "date"),
        ("最早", "early"),
        ("最迟", "late"),
        ("加权金额（元）", "weighted, yuan"),
        ("依据", "basis"),
    ],
)
def closeforecast(
    opportunities: Annotated[Any, grid("在办商机：编号、阶段、进入日期、金额", "open opportunities: ID, stage, entered, amount")],
    history: Annotated[
        Any, grid("阶段历史：商机、阶段、进入、离开、结果", "history of stages: opportunity, stage, entered, left, outcome")
    ],
    as_of: Annotated[Any, one("截止日期；省略为今天", "as of this day; omitted: today", date)] = None,
    rules: Annotated[
        Any, grid("阶段规则：阶段、赢单率、周期；省略：制度参数", "rules: stage, win rate, cycle; omitted: the plan's")
    ] = None,
) -> list[list[Any]]:
    """What the history of an opportunity's stage, known on the day, says of its close.

    The probability is what is still won of those undecided at its age (counted up to the last day that 5 were at risk); the
    date is when half of that is won, early and late a tenth and nine tenths. A stage with fewer than 10 closed goes by its rule.

    Returns: a row for each opportunity: ID, probability, date, early, late, amount × probability, 数据 or 规则 as its basis. Without a
        chance there is no date; by rule there is no interval.
    Errors: #NUM! (its own row) entered after the day; #VALUE! a cell that can't be read, unknown stages, impossible histories; #N/A no
        opportunity.
    Source: rules, chapter 8, CLOSEFORECAST; the plan's chapters, section 8.
    Example:
        >>> closeforecast([["O1", "报价", "2027-03-21", 1000]], [["O2", "报价", "2027-03-01"]], "2027-03-31")
        [['O1', 0.5, datetime.date(2027, 4, 30), None, None, 500.0, '规则']]
    """
    now, stated = _today(as_of), rules_of(rules)
    asked = rows_of("opportunities", opportunities, _OPEN)
    refuse(not asked, NA, "没有商机：请填 opportunities", "there is no opportunity: fill in opportunities")
    found = curves(visits_known(history_of(history), now), now)
    rows = []
    for _, (opportunity, stage, entered, amount) in asked:
        age = now - _day(entered)
        rows.append(
            [
                opportunity,
                *([_AHEAD] * 6 if age < 0 else _forecast_row(forecast(stage, age, found.get(stage), stated), amount, now)),
            ]
        )
    return rows


_AHEAD = ExcelError(NUM, Text("进入日期晚于截止日期", "it was entered after the day asked"))
_FAR = ExcelError(NUM, Text("日期超出日历", "the date is beyond the calendar"))


def _forecast_row(said: Forecast, amount: float | None, now: int) -> list[Any]:
    days = [_ahead(now, said.expected), _ahead(now, said.early), _ahead(now, said.late)]
    weighted = None if amount is None else float(excel_round(said.probability * amount))
    return [said.probability, *days, weighted, BASES[said.basis]]


def _ahead(now: int, days: float | None) -> dt.date | ExcelError | None:
    if days is None:
        return None
    ordinal = now + math.ceil(days) + dt.date(1970, 1, 1).toordinal()
    return dt.date.fromordinal(ordinal) if 0 < ordinal <= dt.date.max.toordinal() else _FAR


# ------------------------------------------------------------------------------------------------- how good they were

SCORES = (
    Text("布里尔分（越小越好）", "Brier score (smaller is better)"),
    Text("技能分", "skill"),
    Text("命中率（月 ± 1）", "hit rate (month ± 1)"),
    Text("平均偏差，天", "mean error, days"),
    Text("区间覆盖率", "interval coverage"),
)


@formula(
    8,
    "预测评分：布里尔分、技能、命中率、偏差天数、区间覆盖率，并与基准相比",
    "How good forecasts were: Brier score, skill, hit rate, days off, coverage, beside a baseline",
    gives=TABLE,
    columns=[("指标", "metric"), ("预测", "ours"), ("基准", "baseline"), ("样本", "n")],
)
def forecastscore(
    probabilities: Annotated[Floats, many("预测概率（0–1）", "probabilities forecast (0–1)", share, blanks=np.nan)],
    outcomes: Annotated[Floats, many("是否赢单（1/0）", "whether it was won (1 or 0)", share, blanks=np.nan)],
    predicted: Annotated[Dates, many("预计日期", "dates predicted", date)],
    actual: Annotated[Dates, many("实际日期", "dates it closed", date)],
    low: Annotated[Dates | None, many("区间下限", "early end of the interval", date)] = None,
    high: Annotated[Dates | None, many("区间上限", "late end of the interval", date)] = None,
    base: Annotated[
        Floats | None, many("基准概率：一个或逐行；省略：赢单占比", "base rate, one or by row; omitted: the share won", share)
    ] = None,
    naive: Annotated[Dates | None, many("朴素日期", "naive dates", date)] = None,
) -> list[list[Any]]:
    """Forecasts against what happened and against what could have been said without them.

    Returns: five rows (metric, ours, baseline, n): Brier score mean (p − o)² against that of the base rate; skill 1 − Brier ÷ baseline;
        of the deals won, the share that closed in the predicted calendar month ± 1, against the naive date; mean days off; share of
        closes inside the interval. Blank where there is nothing to judge. Below the baseline a note says that the data don't support it.
    Errors: #N/A no forecast with an outcome; #NUM! a probability outside 0–1; #VALUE! ranges of different size, text.
    Source: rules, chapter 8, CLOSEFORECAST (accuracy); Brier 1950; COMET/UCAR verification module.
    Example:
        >>> forecastscore(0.8, 1, "2027-03-20", "2027-04-28", None, None, 0.3)
        [['布里尔分（越小越好）', 0.0399..., 0.489..., 1.0], ['技能分', 0.918..., None, 1.0], ['命中率（月 ± 1）', 1.0, None, 1.0], ...]
    """
    base_rows = None if base is None or len(base) == 1 else base
    refuse_unlike(
        probabilities=probabilities,
        outcomes=outcomes,
        predicted=predicted,
        actual=actual,
        low=low,
        high=high,
        base=base_rows,
        naive=naive,
    )
    told = ~np.isnan(probabilities) & ~np.isnan(outcomes)
    bad = told & (outcomes != 0) & (outcomes != 1)
    refuse(
        bool(bad.any()),
        VALUE,
        "第 {row} 行的结果应为 1 或 0",
        "the outcome in row {row} must be 1 or 0",
        row=int(bad.argmax()) + 1,
    )
    refuse(not told.any(), NA, "没有带结果的预测", "there is no forecast with an outcome")
    p, o = probabilities[told], outcomes[told]
    if base is None:
        note("基准用本样本的赢单占比 {rate}", "the baseline is the share won in this sample, {rate}", rate=float(o.mean()))
    rate_ = np.full(len(p), float(o.mean())) if base is None else np.broadcast_to(base, probabilities.shape)[told]
    brier, against = float(((p - o) ** 2).mean()), float(((rate_ - o) ** 2).mean())
    closed = told & (outcomes == 1) & ~np.isnat(actual)
    hit, days = _missed(predicted, actual, closed)
    naive_hit, naive_days = (None, None) if naive is None else _missed(naive, actual, closed)
    covered, spans = _covered(low, high, actual, closed)
    if brier > against + _TOUCH or (hit is not None and naive_hit is not None and hit < naive_hit - _TOUCH):
        note("数据不支持预测：不如基准", "the data don't support the forecast: the baseline does better")
    skill = 1 - brier / against if against > 0 else None
    found = ((brier, against, len(p)), (skill, None, len(p)), (hit, naive_hit, int(closed.sum())))
    rows = (*found, (days, naive_days, int((closed & ~np.isnat(predicted)).sum())), (covered, None, spans))
    return [[name, *row] for name, row in zip(SCORES, rows, strict=True)]


def _missed(predicted: Dates, actual: Dates, closed: Any) -> tuple[float | None, float | None]:
    """The share of closes in the predicted month or one beside it, and the mean days off. No date is no hit."""
    if not closed.any():
        return None, None
    dated = closed & ~np.isnat(predicted)
    months = np.abs((actual[dated].astype("datetime64[M]") - predicted[dated].astype("datetime64[M]")).astype(int))
    days = np.abs((actual[dated] - predicted[dated]).astype(int))
    return float((months <= 1).sum() / closed.sum()), float(days.mean()) if dated.any() else None


def _covered(low: Dates | None, high: Dates | None, actual: Dates, closed: Any) -> tuple[float | None, int]:
    if low is None or high is None:
        return None, 0
    spans = closed & ~np.isnat(low) & ~np.isnat(high)
    inside = spans & (low <= actual) & (actual <= high)
    return (float(inside.sum() / spans.sum()), int(spans.sum())) if spans.any() else (None, 0)


STATES = {"moving": Text("正常", "Moving"), "stalled": Text("停滞", "Stalled")}


@formula(
    8,
    "商机是否停滞：停留超过行业周期的 1.5 倍",
    "Whether an opportunity has stalled: longer than 1.5 × the industry's cycle",
    result=("正常 / 停滞", "Moving / Stalled"),
)
def stalled(
    days: Annotated[Floats, each("停留天数", "days in the stage", positive)],
    cycle: Annotated[Floats, each("行业周期，天", "the industry's cycle, days")],
    factor: Annotated[Floats, each("倍数；等于它仍正常", "times the cycle; the border itself is moving", positive)] = plan(
        "stages.stalled"
    ),
) -> Any:
    """Whether somebody must decide to kill or to win.

    Returns: 停滞 where the days are more than factor × cycle, as decimals, else 正常.
    Errors: #NUM! a cycle not above 0, a negative number; #VALUE! text.
    Source: rules, chapter 8, STALLED.
    Example:
        >>> stalled(46, 30)
        '停滞'
    """
    refuse(cycle <= 0, NUM, "行业周期为 {v}：应大于 0", "the cycle is {v}: it must be above 0", v=cycle)
    return np.array([str(STATES["stalled" if s else "moving"]) for s in more_than(days, factor * cycle)], dtype=object)
