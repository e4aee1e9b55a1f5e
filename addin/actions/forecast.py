"""Forecast closes: when each open opportunity closes and how likely, from the history of stages; and how good such forecasts were."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from addin.action import Action, Outcome, Progress
from addin.book import Book
from addin.dispatching import day_of
from udfs.pipeline import in_order
from udfs.text import Text
from workbook_templates.answers import ERROR, Problem
from workbook_templates.chapters.pipeline import forecasting
from workbook_templates.chapters.pipeline.duties import undecided
from workbook_templates.chapters.pipeline.forecasting import RANK, Foreseen, Score
from workbook_templates.chapters.pipeline.tables import BACKTEST, FORECAST, LOGGED
from workbook_templates.tables import gates
from workbook_templates.tables.duties import Day
from workbook_templates.tables.grids import Held
from workbook_templates.tables.schema import Row

TABLES = ("Opportunities", "StageHistory", "StageRules", "KillOrWin", "ForecastLog")
_WRITTEN = ("probability", "expected_on", "early_on", "late_on", "weighted", "basis")


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Bring the history up to date, forecast, keep the forecast, look back."""
    found = book.problems(*TABLES, "People")
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    day, held = day_of(book), book.read("Opportunities")
    outcome = Outcome(Text("", ""), problems=found)
    history = _history(book, day, held, outcome)
    outcome.problems += _impossible(book, history)
    if outcome.errors:
        return Outcome.refused(outcome.problems)
    known = forecasting.rules(book.read("StageRules").rows, day.setting)
    visits = forecasting.visits_of(history)
    progress(Text("预测", "forecasting"))
    said = forecasting.all_foreseen(held.rows, visits, day.as_of, known)
    apart = {name for name in undecided(day) if gates.refusals(day, gates.Moment.FORECAST, name)}
    dropped = forecasting.given_up(book.read("KillOrWin").rows, held.rows).keys() & said.keys()  # Review stalled closes them
    weighted = _write(held, said, apart | dropped, outcome)
    _log(book, day, held.rows, said, visits, outcome)
    progress(Text("回测", "looking back"))
    back = _scores(book, day, visits, known, outcome)
    outcome.summary = _summary(said, weighted, len(apart), back)
    outcome.data = {
        "open": len(said), "weighted": weighted, "stalled_apart": len(apart), "by_rule": sum(one.basis == "rule" for one in said.values()),
        "backtest": [{"metric": str(text), "ours": ours, "baseline": base, "n": n} for text, ours, base, n in back], "verdict": str(forecasting.verdict(back)),
    }  # fmt: skip
    return outcome


def _history(book: Book, day: Day, held: Held, outcome: Outcome) -> list[Row]:
    """The history of stages with what the opportunities themselves say: a new stage, an end."""
    past = book.read("StageHistory")
    rows: list[Row] = [dict(row) for row in past.rows]
    last = {visit.opportunity: visit.place - 1 for visit in in_order(forecasting.visits_of(rows))}
    new: list[Row] = []
    for one in held.rows:
        if not one.get("id") or not isinstance(one.get("entered"), dt.date):
            continue
        place = last.get(str(one["id"]))
        before = None if place is None else rows[place]
        for at, row in _steps(one, before):
            if at and place is not None:
                rows[place] |= row
                outcome.changes.edit("StageHistory", place, **row)
            else:
                new.append(row)
    outcome.changes.add("StageHistory", new)
    return rows + new


def _steps(one: Row, before: Row | None) -> list[tuple[bool, Row]]:
    """What the history lacks of an opportunity: edits of its last visit (True), and new visits."""
    ended = one.get("outcome") if isinstance(one.get("closed_on"), dt.date) else None
    end: Row = {"left": one["closed_on"], "outcome": ended} if ended else {}
    if before is None:
        return [(False, {"opportunity": one["id"], "stage": one["stage"], "entered": one["entered"]} | end)]
    if before.get("left") is not None:
        return []
    if before.get("stage") == one["stage"] or one["entered"] < before["entered"]:
        return [(True, end)] if end else []
    on = RANK[one["stage"]] > RANK[before["stage"]]
    left = {"left": one["entered"], "outcome": "advanced" if on else "returned"}
    return [(True, left), (False, {"opportunity": one["id"], "stage": one["stage"], "entered": one["entered"]} | end)]


def _impossible(book: Book, history: Sequence[Row]) -> list[Problem]:
    """Visits that end before they begin, or end without a day."""
    past, out = book.read("StageHistory"), []
    for index, row in enumerate(history[: len(past.rows)]):
        entered, left = row.get("entered"), row.get("left")
        if isinstance(left, dt.date) and isinstance(entered, dt.date) and left < entered:
            text = Text(f"离开 {left} 早于进入 {entered}：请改正", f"left on {left}, before it entered on {entered}: correct it")
            out.append(Problem(past.grid.sheet, *past.at(index, "left"), text))
        elif row.get("outcome") and left is None:
            text = Text("有去向没有离开日期：请填写", "an outcome without a day of leaving: fill it in")
            out.append(Problem(past.grid.sheet, *past.at(index, "left"), text))
    return out


def _write(held: Held, said: Mapping[str, Foreseen], apart: set[str], outcome: Outcome) -> float:
    """The forecast of each open opportunity; what stands undecided or was given up counts 0. Returns the weighted sum."""
    total = 0.0
    if held.rows:
        outcome.changes.solid.add("Opportunities")
    for index, row in enumerate(held.rows):
        one = said.get(str(row.get("id")))
        given: Row = dict.fromkeys(_WRITTEN)
        if one is not None:
            weighted = 0.0 if str(row["id"]) in apart else one.weighted(row.get("amount"))
            total += weighted or 0.0
            given = {
                "probability": one.probability, "expected_on": one.expected, "early_on": one.early, "late_on": one.late, "weighted": weighted,
                "basis": one.basis,
            }  # fmt: skip
        changed = {key: cell for key, cell in given.items() if row.get(key) != cell}
        if changed:
            outcome.changes.edit("Opportunities", index, **changed)
    return total


def _log(
    book: Book, day: Day, rows: Sequence[Row], said: Mapping[str, Foreseen], visits: Sequence[Any], outcome: Outcome
) -> None:
    """What was forecast today, once. What is forecast for a day before one that stands there is hindsight, and is not kept."""
    newest = max((row["as_of"] for row in book.read("ForecastLog").rows if isinstance(row.get("as_of"), dt.date)), default=None)
    if newest is not None and newest > day.as_of:
        outcome.notes.append(
            Text(
                f"留痕已到 {newest}：截至 {day.as_of} 的预测是事后做的，不留痕",
                f"forecasts are kept up to {newest}: one as of {day.as_of} is made with hindsight and not kept",
            )
        )
        return
    there = {str(row.get("opportunity")) for row in book.read("ForecastLog").rows if row.get("as_of") == day.as_of}
    new = log_rows(day.as_of, [row for row in rows if str(row.get("id")) not in there], said, visits)
    outcome.changes.add("ForecastLog", new)


def log_rows(as_of: dt.date, rows: Sequence[Row], said: Mapping[str, Foreseen], visits: Sequence[Any]) -> list[Row]:
    """Rows of the log for these opportunities."""
    base, naive = forecasting.now_known(visits, as_of)
    return [
        {"as_of": as_of, "opportunity": row["id"], "probability": one.probability, "p90": one.p90, "expected_on": one.expected, "early_on": one.early,
         "late_on": one.late, "amount": row.get("amount"), "base_rate": base,
         "naive_on": row["opened"] + dt.timedelta(days=round(naive)) if naive is not None and row.get("opened") else None}
        for row in rows
        if (one := said.get(str(row.get("id")))) is not None
    ]  # fmt: skip


def _scores(book: Book, day: Day, visits: Sequence[Any], known: Any, outcome: Outcome) -> list[Score]:
    """The Table of scores: looking back, and what was really forecast."""
    back = forecasting.backtest(visits, day.as_of, known).lines()
    real = forecasting.logged(book.read("ForecastLog").rows, visits, day.as_of).lines()
    rows = [
        {"kind": kind, "metric": str(text), "ours": ours, "baseline": base, "n": n, "as_of": day.as_of}
        for kind, lines in ((BACKTEST, back), (LOGGED, real))
        for text, ours, base, n in lines
    ]
    if [row | {"as_of": None} for row in book.read("ForecastScores").rows] != [row | {"as_of": None} for row in rows]:
        outcome.changes.replaced["ForecastScores"] = rows
    return back


def _summary(said: Mapping[str, Foreseen], weighted: float, apart: int, back: Sequence[Any]) -> Text:
    if not said:
        return Text("没有在办商机：请先导入商机", "no open opportunity: import opportunities first")
    verdict = forecasting.verdict(back)
    head = Text(
        f"在办商机 {len(said)} 个，加权 {weighted / 10_000:,.1f}万；停滞未评审 {apart} 个计 0",
        f"open opportunities {len(said)}, weighted {weighted:,.0f} yuan; {apart} stalled and undecided count 0",
    )
    return head + Text(f"；回测：{verdict.zh}", f"; looking back: {verdict.en}")


ACTION = Action(
    label=FORECAST,
    tip=Text(
        "按阶段历史预测每个商机的赢单概率与关单日期，并回测准不准",
        "Forecasts how likely and when each opportunity closes, and looks back at how good that was",
    ),
    about=Text(
        "写商机的概率、预计日期与区间、加权金额、依据；阶段变了的补一行历史；预测留痕只增不改；重写预测评分。填写的内容不改。",
        "Writes probability, dates, weighted amount and basis; adds to the history when a stage changed; keeps each forecast; writes the scores "
        "anew. What people entered stays.",
    ),
    group="pipeline",
    order=10,
    icon="FunctionWizard",
    keytip="81",
    run=run,
    guards=False,
    examples=Text("示例：\n  salesplan forecast 计划.xlsx", "examples:\n  salesplan forecast plan.xlsx"),
)
