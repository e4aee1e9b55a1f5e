"""What dealers are due, quarter by quarter: the rebate, whether it is paid or withheld, and what the 633 says of them.

``due`` is a pure function of the dealers' quarters and exams; ``settle`` sets it against the rebate ledger. The ledger's
rows add up: over the rows of a dealer's quarter, rebate = paid + withheld. A row nobody has looked at yet is computed anew;
a row that was reviewed, locked or paid stays for ever. What changes after that comes as rows of its own: an *adjustment*
that names old and new, a *release* of what was withheld once the exams are passed. What was paid is never withheld again
for a later exam.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from udfs import call
from udfs.policy import plan
from udfs.text import SEMICOLON, Text, joined
from udfs.values import ExcelError, at_least, show, total_of
from workbook_templates.chapters.channels.tables import COLLEGES, EXIT_WORDS
from workbook_templates.chapters.incentives.ledger import VERSION
from workbook_templates.tables.schema import Row, table

Key = tuple[str, str]  # quarter, dealer
_FEN = 0.005  # amounts in yuan that differ by less are the same to the fen
_MONEY = tuple(c.key for c in table("DealerLedger").columns if c.kind == "fen")


@dataclass
class Recomputed:
    """What is to change in a ledger: rows (by place) that are computed anew, rows that go, rows that come."""

    edited: dict[int, Row] = field(default_factory=dict)
    removed: list[int] = field(default_factory=list)
    added: list[Row] = field(default_factory=list)

    @property
    def adjustments(self) -> list[Row]:
        """The adjustment rows that are new or say something new."""
        return [row for row in [*self.added, *self.edited.values()] if row["kind"] == "adjustment"]


@dataclass(frozen=True)
class RebateTerms:
    """The policy as it holds; by default the plan's own."""

    thresholds: Sequence[float] | None = None
    rates: Sequence[float] | None = None
    mode: str | None = None
    pass_score: float | None = None
    targets: Sequence[float] | None = None
    limit: float | None = None
    quarters: float | None = None
    basis: str | None = None  # the attainment that the contract counts: mean or each
    version: str = VERSION


@dataclass(frozen=True)
class Due:
    """What a dealer's quarter comes to."""

    sales: float
    paid: float
    withheld: float
    mean: float | None  # None: without last year's sales the growth can't be rated
    minimum: float | None
    verdict: str  # empty: not rated
    failed: Text  # the colleges that keep the rebate back; empty: none

    @property
    def rebate(self) -> float:
        """What was earned."""
        return total_of([self.paid, self.withheld])


def quarter_of(day: dt.date) -> str:
    """The quarter a day lies in."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def quarter_end(quarter: str) -> dt.date:
    """The last day of a quarter."""
    year, number = int(quarter[:4]), int(quarter[-1])
    return dt.date(year + number // 4, number % 4 * 3 + 1, 1) - dt.timedelta(days=1)


def _following(quarter: str) -> str:
    return quarter_of(quarter_end(quarter) + dt.timedelta(days=1))


# ---------------------------------------------------------------------------------------------------------------- due


def latest_scores(exams: Sequence[Row], day: dt.date) -> dict[str, dict[str, float]]:
    """The last score up to a day by dealer and college: a retake counts, better or worse."""
    scores: dict[str, dict[str, float]] = defaultdict(dict)
    for exam in sorted((e for e in exams if e["date"] <= day), key=lambda e: e["date"]):
        scores[exam["dealer"]][exam["college"]] = exam["score"]
    return scores


def due(sales: Sequence[Row], exams: Sequence[Row], day: dt.date, terms: RebateTerms = RebateTerms()) -> dict[Key, Due]:
    """What every quarter over by ``day`` comes to; raises ValueError where the policy can't be applied."""
    rows = [row for row in sales if quarter_end(row["quarter"]) <= day]
    if not rows:
        return {}
    scores = latest_scores(exams, day)
    marks = [[scores.get(row["dealer"], {}).get(word.code) for word in COLLEGES] for row in rows]
    amounts = _called(
        "REBATE",
        [[row["sales"] or 0.0] for row in rows],
        _or(terms.thresholds, "rebate.thresholds"),
        _or(terms.rates, "rebate.rates"),
        marks,
        terms.pass_score,
        terms.mode,
    )
    ratios = _called("CHANNEL633", *(list(column) for column in zip(*map(_measures, rows), strict=True)), terms.targets)
    verdicts = _verdicts(rows, ratios, terms)
    failed = [_failed(mark, terms) for mark in marks]
    out = {}
    for row, (paid, withheld), (*_, mean, least), why in zip(rows, amounts, ratios, failed, strict=True):
        key = row["quarter"], row["dealer"]
        out[key] = Due(row["sales"] or 0.0, paid, withheld, mean, least, verdicts.get(key, ""), why)
    return out


def _or(given: Any, key: str) -> Any:
    return list(plan(key)() if given is None else given)


def _called(name: str, *arguments: Any) -> Any:
    found = call(name, *arguments)
    bad = next((cell for row in found for cell in row if isinstance(cell, ExcelError)), None)
    if bad is not None:
        raise ValueError(str(bad.reason))
    return found


def _measures(row: Row) -> tuple[list[float], list[float | None], list[float]]:
    """Share, growth, new-product ratio: as the Table's calculated columns say them."""
    growth, new = growth_and_new(row["sales"], row["last_year"], row["new_sales"])
    return [row["share"] or 0.0], [growth], [new]


def growth_and_new(sales: float | None, last_year: float | None, new_sales: float | None) -> tuple[float | None, float]:
    """Growth over the same quarter of last year (None: nothing was sold then) and the part of new products."""
    sold, before = sales or 0.0, last_year or 0.0
    return sold / before - 1 if before > 0 else None, (new_sales or 0.0) / sold if sold > 0 else 0.0


def _verdicts(rows: Sequence[Row], ratios: Any, terms: RebateTerms) -> dict[Key, str]:
    """What CHANNELEXIT makes of each dealer's quarters; one without figures breaks the run."""
    place = 4 if (terms.basis or plan("channels.exit_basis")()) == "each" else 3
    series: dict[str, dict[str, float | None]] = defaultdict(dict)
    for row, ratio in zip(rows, ratios, strict=True):
        series[row["dealer"]][row["quarter"]] = ratio[place]
    verdict = table("DealerLedger")["verdict"]
    told: dict[Key, str] = {}
    for dealer, attained in series.items():
        quarters = [min(attained)]
        while quarters[-1] < max(attained):
            quarters.append(_following(quarters[-1]))
        words = _called("CHANNELEXIT", [[attained.get(q) for q in quarters]], terms.limit, terms.quarters)[0]
        told |= {(q, dealer): verdict.code(str(word)) for q, word in zip(quarters, words, strict=True) if word is not None}
    return told


def _failed(marks: Sequence[float | None], terms: RebateTerms) -> Text:
    """The colleges below the pass score, or not sat, in words."""
    needed = plan("rebate.pass_score")() if terms.pass_score is None else terms.pass_score
    said = [
        word.label + (Text("未考", " not sat") if mark is None else Text(f"{show(mark)}分", f" {show(mark)}"))
        for word, mark in zip(COLLEGES, marks, strict=True)
        if mark is None or not at_least(mark, needed)
    ]
    if not said:
        return Text("", "")
    zh, en = joined(said)
    return Text(f"暂扣：{zh}（及格 {show(needed)}）", f"withheld: {en} (pass {show(needed)})")


# ------------------------------------------------------------------------------------------------- against the ledger


def settle(
    wanted: Mapping[Key, Due],
    ledger: Sequence[Row],
    today: dt.date,
    as_of: dt.date,
    quarter: str | None = None,
    version: str = VERSION,
    first: str = "",
    skipped: Collection[str] = (),
) -> Recomputed:
    """Set what is ``wanted`` (``due`` of all quarters over by ``as_of``) against the ``ledger``; ``quarter``: only that one.

    Quarters before ``first`` are there to count the run of the 633: they were settled elsewhere, and earn no new row. The rows of
    ``skipped`` dealers, whose figures can't be read, stay as they are.
    """
    there: dict[Key, list[int]] = defaultdict(list)
    for place, row in enumerate(ledger):
        if quarter_end(row["quarter"]) <= as_of:
            there[row["quarter"], row["dealer"]].append(place)
    result = Recomputed()
    known = [k for k in there if k[0] >= first or k in wanted]
    for key in [*known, *(k for k in sorted(wanted) if k not in there and k[0] >= first)]:
        if (quarter is None or key[0] == quarter) and key[1] not in skipped:
            own = [(i, ledger[i]) for i in there.get(key, [])]
            rows = _rows(key, wanted.get(key), own, quarter_of(as_of))
            stamped = [{**row, "plan_version": version, "computed_on": today} for row in rows]
            _put(result, [(i, row) for i, row in own if row["status"] == "computed"], stamped)
    return result


def _rows(key: Key, target: Due | None, own: Sequence[tuple[int, Row]], now: str) -> list[Row]:
    """The rows that are to stand beside what was settled."""
    settled = [row for _, row in own if row["status"] != "computed"]
    if not settled:
        return (
            []
            if target is None
            else [_row(key, "accrual", key[0], target, {m: getattr(target, m) for m in _MONEY}, target.failed)]
        )
    was = {m: total_of(row[m] for row in settled) for m in _MONEY}
    booked = max(now, key[0])
    rows = []
    if target is not None and not target.failed.zh and was["withheld"] >= _FEN:
        freed = was["withheld"]
        text = Text("各学院考试已及格，补发此前暂扣的返利", "all exams passed: what was withheld is released")
        rows.append(_row(key, "release", booked, target, {"sales": 0.0, "rebate": 0.0, "paid": freed, "withheld": -freed}, text))
        was |= {"paid": total_of([was["paid"], freed]), "withheld": 0.0}
    be = _to_be(target, was)
    change = {m: total_of([be[m], -was[m]]) for m in _MONEY}
    before = settled[-1]["verdict"] or ""
    turned = target is not None and target.verdict != before
    if turned or any(abs(v) >= _FEN for v in change.values()):
        rows.append(_row(key, "adjustment", booked, target, change, _why(was, be, target, before if turned else None)))
    return rows


def _to_be(target: Due | None, was: Mapping[str, float]) -> dict[str, float]:
    """The state to reach. A failed exam keeps back what is still to be paid and never takes back what was."""
    if target is None:
        return dict.fromkeys(_MONEY, 0.0)
    earned = target.rebate
    paid = min(was["paid"], earned) if target.failed.zh else earned
    return {"sales": target.sales, "rebate": earned, "paid": paid, "withheld": total_of([earned, -paid])}


def _row(key: Key, kind: str, booked: str, target: Due | None, money: Mapping[str, float], reason: Text) -> Row:
    return {
        "quarter": key[0],
        "dealer": key[1],
        **{m: round(money[m], 2) for m in _MONEY},
        "mean": target.mean if target else None,
        "minimum": target.minimum if target else None,
        "verdict": (target.verdict or None) if target else None,
        "kind": kind,
        "status": "computed",
        "booked": booked,
        "reason": str(reason) or None,
    }


def _why(was: Mapping[str, float], be: Mapping[str, float], target: Due | None, before: str | None) -> Text:
    """Old → new of what changed."""
    said = []
    for key, what in (("sales", Text("提货额", "sales")), ("rebate", Text("应得返利", "rebate"))):
        if abs(was[key] - be[key]) >= _FEN:
            said.append(what + f" {was[key]:,.2f} → {be[key]:,.2f}")
    if target is None:
        said.append(Text("该季业绩已从表中删去", "the quarter is gone from its Table"))
    elif before is not None:
        words = {"": Text("不评", "not rated"), **{word.code: word.label for word in EXIT_WORDS}}
        said.append(Text("结论 ", "verdict ") + words[before] + " → " + words[target.verdict])
    if target is not None and be["withheld"] - was["withheld"] >= _FEN:
        said.append(target.failed)
    return joined(said, between=SEMICOLON)


def _put(result: Recomputed, open_: Sequence[tuple[int, Row]], wanted: Sequence[Row]) -> None:
    """Let the open rows say what is wanted, kind by kind; one that says so already is left alone, whenever it was computed."""
    left = dict(open_)
    for row in wanted:
        place = next((i for i, there in left.items() if there["kind"] == row["kind"]), None)
        if place is None:
            result.added.append(row)
            continue
        there = left.pop(place)
        row = {**row, "booked": there["booked"] or row["booked"]}
        if not _says(there, row):
            result.edited[place] = row
    result.removed += left


def _says(row: Row, wanted: Row) -> bool:
    numbers = all(_near(row[k], wanted[k], _FEN) for k in _MONEY) and all(
        _near(row[k], wanted[k], 1e-9) for k in ("mean", "minimum")
    )
    return numbers and all((row[k] or None) == wanted[k] for k in ("verdict", "reason", "booked"))


def _near(a: Any, b: Any, within: float) -> bool:
    return a is b or (isinstance(a, float) and isinstance(b, float) and abs(a - b) < within)
