"""Check the market's signals: each indicator beside its moving limits, each factor's score from its ratings, an alert as a task."""

from __future__ import annotations

import argparse

from addin.action import Action, Outcome, Progress
from addin.book import Book
from addin.dispatching import day_of, ordered
from udfs.text import Text
from workbook_templates.answers import ERROR, WARNING, Problem
from workbook_templates.chapters.market import signals
from workbook_templates.chapters.market.tables import INSIGHT
from workbook_templates.tables import duties
from workbook_templates.tables.spec import Row

TABLES = ("Indicators", "IndicatorValues", "Factors", "FactorRatings", "AdoptionSeries", "AdoptionPoints", "AdoptionAhead")
RULE = "signal"


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Judge, score, and order what follows from an alert."""
    found = book.problems(*TABLES, "People", "Roles", duties.TABLE)
    found += _wrong_periods(book)
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    outcome = Outcome(Text("", ""), problems=found)
    alerts, judged = _indicators(book, outcome)
    _bands(book, outcome)
    _ahead(book, outcome)
    tracked, scored = _factors(book, outcome)
    ordered = _tasks(book, outcome)
    outcome.summary = _summary(judged, alerts, scored, tracked, ordered)
    outcome.data = {"indicators": judged, "alerts": alerts, "factors": scored, "must_track": tracked, "tasks": ordered}
    return outcome


def _wrong_periods(book: Book) -> list[Problem]:
    """Periods that are none, or none of their indicator's frequency."""
    frequency = {row["code"]: str(row.get("frequency") or "month") for row in book.read("Indicators").rows if row.get("code")}
    values = book.read("IndicatorValues")
    out = []
    for index, row in enumerate(values.rows):
        rhythm = frequency.get(row.get("code"))
        if rhythm is None or not row.get("period") or signals.place_of(row["period"], rhythm) is not None:
            continue
        wanted = "2027-01" if rhythm == "month" else "2027-Q1"
        text = Text(
            f"“{row['period']}”不是这个指标的期：请写成 {wanted}",
            f"“{row['period']}” is no period of this indicator: write it as {wanted}",
        )
        out.append(Problem(values.grid.sheet, *values.at(index, "period"), text))
    return out


def _indicators(book: Book, outcome: Outcome) -> tuple[int, int]:
    """How many alert, and how many were judged."""
    held = book.read("Indicators")
    found = signals.states(held.rows, book.read("IndicatorValues").rows, book.setting, book.as_of)
    alerts = 0
    for index, row in enumerate(held.rows):
        signal = found.get(row.get("code") or "")
        given = dict.fromkeys(signals.WRITTEN) if signal is None else signal.written
        _edit(outcome, "Indicators", index, row, given)
        if signal is not None and signal.reason is not None:
            text = Text(f"{row['code']}：", f"{row['code']}: ") + signal.reason
            outcome.problems.append(Problem(held.grid.sheet, *held.at(index, "code"), text, WARNING))
        alerts += signal is not None and signal.state not in (None, signals.NORMAL)
    return alerts, sum(signal.state is not None for signal in found.values())


def _bands(book: Book, outcome: Outcome) -> None:
    """Each value beside its limits: what the chart of the view draws."""
    held = book.read("IndicatorValues")
    found = signals.banded(book.read("Indicators").rows, held.rows, book.setting)
    for index, row in enumerate(held.rows):
        if row.get("code"):
            _edit(outcome, "IndicatorValues", index, row, vars(found.get(index, signals.Banded(None, None, None))))


def _ahead(book: Book, outcome: Outcome) -> None:
    """Adoption curves five years ahead."""
    held, points = book.read("AdoptionSeries"), book.read("AdoptionPoints").rows
    rows, why = signals.ahead(held.rows, points, book.setting)
    for index, row in enumerate(held.rows):
        if row.get("series") in why:
            text = Text(f"{row['series']}：", f"{row['series']}: ") + why[row["series"]]
            outcome.problems.append(Problem(held.grid.sheet, *held.at(index, "series"), text, WARNING))
    outcome.changes.replaced["AdoptionAhead"] = rows


def _factors(book: Book, outcome: Outcome) -> tuple[int, int]:
    """How many factors must be tracked, and how many were rated."""
    held = book.read("Factors")
    found = signals.rated(book.read("FactorRatings").rows)
    cutoff, apart, tracked = float(book.setting("signals.cutoff")), float(book.setting("signals.apart")), 0
    for index, row in enumerate(held.rows):
        one = found.get(row.get("id") or "")
        given = dict.fromkeys(("impact", "likelihood", "score", "raters", "spread")) if one is None else vars(one)
        _edit(outcome, "Factors", index, row, given)
        if one is not None and one.spread > apart:
            text = Text(
                f"{row['id']} 分歧大：最高与最低评分差 {one.spread:g} 分，请当面谈一次",
                f"{row['id']}: raters are {one.spread:g} points apart: talk it over",
            )
            outcome.problems.append(Problem(held.grid.sheet, *held.at(index, "spread"), text, WARNING))
        tracked += one is not None and signals.must_track(one.score, cutoff)
    return tracked, len(found)


def _edit(outcome: Outcome, table: str, index: int, row: Row, given: Row) -> None:
    changed = {key: cell for key, cell in given.items() if row.get(key) != cell}
    if changed:
        outcome.changes.edit(table, index, **changed)


def _tasks(book: Book, outcome: Outcome) -> int:
    """Alerts are ordered as the daily routine orders them."""
    done = duties.dispatched(day_of(book), {RULE: duties.every()[RULE]})
    if done.lacking:
        text = Text(
            "指标异动没有下达待办：指标没有负责人，也没有总监",
            "no tasks for alerts: indicators have no owner, and there is no director",
        )
        outcome.problems.append(Problem(book.read("Indicators").grid.sheet, 0, 0, text, WARNING))
    ordered(outcome, done)
    return len(done.new)


def _summary(judged: int, alerts: int, scored: int, tracked: int, ordered: int) -> Text:
    if not judged and not scored:
        return Text(
            "没有可检查的：先在“宏观指标”填指标与历史值，或在“因素与政策”写因素并评分",
            "nothing to check: enter indicators with their history on Indicators, or factors and ratings on Factors and policies",
        )
    tail = Text(f"；新下达待办 {ordered} 项", f"; new tasks {ordered}") if ordered else Text("", "")
    return (
        Text(
            f"指标 {judged} 个，异动 {alerts} 个；已评分因素 {scored} 个，必跟 {tracked} 个",
            f"indicators {judged}, alerts {alerts}; factors rated {scored}, must be tracked {tracked}",
        )
        + tail
    )


ACTION = Action(
    label=INSIGHT,
    tip=Text(
        "先行指标对照动态阈值，机会威胁按评分打分，异动下达为待办",
        "Indicators beside their moving limits, factors scored from ratings, alerts turned into tasks",
    ),
    about=Text(
        "写入“先行指标”的最新值、上下限、判断与灯，“机会威胁”的平均评分与得分；异动的指标在“待办”下达。填写的内容不改。",
        "Writes newest value, limits, signal and light of each indicator, mean ratings and score of each factor; an alert becomes a task. What "
        "people entered stays.",
    ),
    group="market",
    order=10,
    icon="ChartAreaChart",
    keytip="O2",
    run=run,
    guards=False,
    examples=Text("示例：\n  salesplan insight 计划.xlsx", "examples:\n  salesplan insight plan.xlsx"),
)
