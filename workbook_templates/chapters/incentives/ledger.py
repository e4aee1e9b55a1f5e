"""The commission ledger: one row for each deal and each person credited with it, exact to the fen per deal.

``ledger_rows`` is a pure function of the deals, so the sample, the import and the commission button write the same rows.
``recompute`` sets what is due now against what the ledger says: a row nobody has looked at yet is computed anew, a row that was
reviewed, locked or paid stays as it is for ever, and what has changed since becomes an adjustment row that names old and new.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from udfs.due import Cells, Credit, Order, Terms, Tiers, credits, shared, split, tiers_in_force
from udfs.text import Text, language
from udfs.values import ExcelError, Refusal, total_of
from workbook_templates.chapters.incentives.cycle import Closed
from workbook_templates.tables.schema import LEVELS, Column

__all__ = [
    "Recomputed",
    "Rules",
    "Tiers",
    "credited",
    "dated_tiers",
    "later_tiers",
    "ledger_rows",
    "margin_rates",
    "recompute",
    "split",
    "with_late",
]

VERSION = "2027.1"
# What a row of tiers for later days holds; the first workbooks had three such rows, without a level.
LATER = (
    Column("valid_from", Text("生效日", "Valid from"), "date"),
    Column("level", Text("层级（空：全部）", "Level (blank: all)"), "word", words=LEVELS, required=False),
    Column("threshold", Text("毛利率下限", "From margin"), "rate", high=1),
    Column("rate", Text("比例", "Rate"), "rate", low=0, high=1),
)
_WITHOUT_LEVEL = 9  # cells
_FEN = 0.005  # amounts in yuan that differ by less are the same to the fen

Deal = Mapping[str, Any]
Row = dict[str, Any]
Key = tuple[str, str]  # deal, person


@dataclass(frozen=True)
class Rules(Terms):
    """How commission is computed (tiers by day and level, per order or pooled by person and month), and by which version."""

    version: str = VERSION


def ledger_rows(
    deals: Iterable[Deal],
    thresholds: Sequence[float] | None = None,
    rates: Sequence[float] | None = None,
    version: str = VERSION,
    computed_on: dt.date | None = None,
    rules: Rules | None = None,
) -> list[Row]:
    """The ledger of ``deals`` (rows of the Deals Table, by column key); raises ValueError naming a deal that can't be computed.

    Without ``computed_on`` a row is dated the fifth of the month after its period, when the statements are made.
    """
    deals = list(deals)
    if not deals:
        return []
    rules = rules or Rules(lambda day, level: (thresholds, rates), version=version)
    margins = margin_rates(deals)
    try:
        found = credits([_order(deal, margin) for deal, margin in zip(deals, margins, strict=True)], rules)
    except Refusal as refusal:
        raise ValueError(refusal.error.reason) from refusal
    return [_row(deals[c.order], margins[c.order], c, rules, computed_on) for c in found]


def later_tiers(cells: Sequence[Any]) -> list[list[Any]]:
    """The cells of "commission_next" as rows of :data:`LATER`, blank ones too; levels as codes."""
    width = len(LATER) - 1 if len(cells) == _WITHOUT_LEVEL else len(LATER)
    rows = [list(cells[i : i + width]) for i in range(0, len(cells), width)]
    full = rows if width == len(LATER) else [[row[0], None, *row[1:]] for row in rows]
    return [[day, LATER[1].code(level), *tier] for day, level, *tier in full]


def dated_tiers(thresholds: Cells, rates: Cells, later: Sequence[Any] = ()) -> Callable[[dt.date, str], Tiers]:
    """The tiers of a day and level: the ones in force, and those entered for later days (the cells of "commission_next")."""
    return tiers_in_force(thresholds, rates, later_tiers(later))


def _order(deal: Deal, margin_rate: float) -> Order:
    return Order(deal["id"], deal["date"], credited(deal), deal["revenue"], margin_rate, deal.get("original") or "")


def _row(deal: Deal, margin_rate: float, credit: Credit, rules: Rules, computed_on: dt.date | None) -> Row:
    if isinstance(credit.commission, ExcelError):
        raise ValueError(f"{deal['id']}: {credit.commission.reason}")
    return {
        "period": f"{deal['date']:%Y-%m}",
        "deal": deal["id"],
        "person": credit.person,
        "credit_share": credit.share,
        "revenue": credit.revenue,
        "margin_rate": margin_rate,
        "commission": credit.commission,
        "kind": "accrual",
        "status": "computed",
        "plan_version": rules.version,
        "computed_on": computed_on or _statement_day(deal["date"]),
        "reason": None,
        "by": None,
    }


def margin_rates(deals: Sequence[Deal]) -> list[float]:
    """The margin rate of each deal; a return has its original's, as the Deals Table computes it."""
    by_id = {d["id"]: d for d in deals}
    sources = (by_id.get(d["original"]) if d.get("original") else d for d in deals)
    return [(s["revenue"] - s["cost"]) / s["revenue"] if s and s["revenue"] else 0.0 for s in sources]


def credited(deal: Deal) -> list[tuple[str, float]]:
    """Who is credited with a deal, and with what share of it."""
    return shared(deal["seller"], deal.get("partner"), deal.get("seller_share"))


def _statement_day(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=5)


# ------------------------------------------------------------------------------------------------- against the ledger


@dataclass
class Recomputed:
    """What is to change in a ledger: rows (by place) that are computed anew, rows that go, rows that come."""

    edited: dict[int, Row] = field(default_factory=dict)
    removed: list[int] = field(default_factory=list)
    added: list[Row] = field(default_factory=list)

    @property
    def adjustments(self) -> list[Row]:
        """The adjustment rows that are new or say something new."""
        rows = [*self.added, *self.edited.values()]
        return [row for row in rows if row["kind"] == "adjustment"]


def recompute(
    due: Sequence[Row], ledger: Sequence[Row], today: dt.date, period: str | None = None, now: str = "", pooled: bool = False
) -> Recomputed:
    """Set what is ``due`` (``ledger_rows`` of all deals) against the ``ledger``.

    ``period``: only what belongs to deals of this month. ``now``: the month that adjustment rows are booked to, never one
    before the deal's own and none that is locked. An override says what its person gets for its deal in all;
    what had been settled before is set off. ``pooled``: a month that is shared anew makes one adjustment a person.
    """
    wanted = {(row["deal"], row["person"]): row for row in due}
    there: dict[Key, list[int]] = defaultdict(list)
    for place, row in enumerate(ledger):
        there[row["deal"], row["person"]].append(place)
    if pooled:
        wanted = _one_line_a_month(wanted, there, ledger)
    result, closed = Recomputed(), Closed(ledger)
    for key in [*there, *(k for k in wanted if k not in there)]:
        target = wanted.get(key)
        month = target["period"] if target else min(ledger[i]["period"] for i in there[key])
        if period is None or month == period:
            _settle(result, key, target, ledger, there.get(key, []), today, max(now, month), closed)
    return result


def _one_line_a_month(wanted: Mapping[Key, Row], there: Mapping[Key, Sequence[int]], ledger: Sequence[Row]) -> dict[Key, Row]:
    """What is due where a pooled month that was settled is shared anew: every settled deal keeps what it was given, and one deal
    carries the difference of them all. That is the last deal that came late, else one that is gone, else the first that changed."""
    out, groups = dict(wanted), defaultdict(list)
    for key in dict.fromkeys([*wanted, *there]):
        rows = [ledger[i] for i in there.get(key, ())]
        if not any(row["kind"] == "override" for row in rows):  # an override decides its deal by itself
            groups[key[1], wanted[key]["period"] if key in wanted else min(row["period"] for row in rows)].append(key)
    for (_, month), keys in groups.items():
        fixed = {key: [ledger[i] for i in there.get(key, ()) if ledger[i]["status"] != "computed"] for key in keys}
        paid = {key: total_of(row["commission"] for row in rows) for key, rows in fixed.items() if rows}
        settled = [key for key in keys if key in paid and key in wanted]
        rest = total_of(part for key in settled for part in (wanted[key]["commission"], -paid[key]))
        for key in settled:
            out[key] = {**wanted[key], "commission": paid[key]}
        if abs(rest) < _FEN:
            continue
        came, gone = [k for k in keys if k in wanted and k not in paid], [k for k in paid if k not in wanted]
        changed = [k for k in settled if _changed(wanted[k], fixed[k])] or settled
        carrier = came[-1] if came else gone[0] if gone else changed[0]
        row = out.get(carrier) or {**fixed[carrier][0], "revenue": 0.0, "commission": 0.0}
        after = total_of(wanted[key]["commission"] for key in keys if key in wanted)
        reason = _shared_anew(month, came or gone or changed[:1], bool(came), total_of(paid.values()), after)
        carried = total_of([row["commission"], rest])
        out[carrier] = {**row, "commission": carried, "kind": "adjustment", "status": "computed", "reason": reason, "by": None}
    return out


def _changed(target: Row, fixed: Sequence[Row]) -> bool:
    """Whether a deal itself is another than when it was settled."""
    revenue = total_of([target["revenue"], *(-row["revenue"] for row in fixed)])
    return abs(revenue) >= _FEN or abs(target["margin_rate"] - fixed[-1]["margin_rate"]) >= 1e-9


def _shared_anew(month: str, keys: Sequence[Key], came: bool, before: float, after: float) -> str:
    """Why a pooled month is shared anew, and its totals, in the workbook's language."""
    deals = [deal for deal, _ in keys]
    why = Text("后补 ", "late: ") if came else Text("更正 ", "changed: ")
    text = Text(
        f"{month} 合并计提，{why.zh}{'、'.join(deals)}：全月 {before:,.2f} → {after:,.2f}",
        f"{month} pooled, {why.en}{', '.join(deals)}: the month {before:,.2f} → {after:,.2f}",
    )
    return text.en if language() == "en" else text.zh


def _settle(
    result: Recomputed,
    key: Key,
    target: Row | None,
    ledger: Sequence[Row],
    places: list[int],
    today: dt.date,
    month: str,
    closed: Closed,
) -> None:
    overrides = [i for i in places if ledger[i]["kind"] == "override"]
    fixed = [i for i in places if ledger[i]["status"] != "computed" and i not in overrides]
    open_ = [i for i in places if i not in fixed and i not in overrides]
    booked = closed.open_month(
        ledger[open_[0]]["period"] if open_ and ledger[open_[0]]["kind"] == "adjustment" else month, key[1]
    )
    if not fixed and not overrides:
        row = None if target is None else {**target, "computed_on": today}
        if row is not None and row["kind"] == "adjustment":
            row["period"] = booked
        elif row is not None and closed(row["period"], key[1]):
            row = late(row, booked)
        _replace(result, open_, row, ledger)
        return
    paid = total_of(ledger[i]["commission"] for i in fixed)
    credit = total_of(ledger[i]["revenue"] for i in [*fixed, *overrides])
    decided = total_of(ledger[i]["commission"] for i in overrides)
    due = decided if overrides else target["commission"] if target else 0.0
    commission, revenue = (total_of([a, -b]) for a, b in ((due, decided + paid), (target["revenue"] if target else 0.0, credit)))
    if overrides and not fixed:
        revenue = 0.0  # the override stands for the deal itself
    adjustment = None
    if abs(commission) >= _FEN or abs(revenue) >= _FEN:
        model = target or ledger[fixed[0] if fixed else overrides[0]]
        adjustment = {
            **{k: model[k] for k in ("deal", "person", "credit_share", "margin_rate", "plan_version")},
            "period": booked,
            "commission": round(commission, 2),
            "revenue": round(revenue, 2),
            "kind": "adjustment",
            "status": "computed",
            "computed_on": today,
            "reason": (target or {}).get("reason") or _reason(key, paid, due, target is None, bool(overrides)),
            "by": None,
        }
    _replace(result, open_, adjustment, ledger)


def late(row: Row, month: str) -> Row:
    """What a deal earns whose own month is locked: a line of a later month."""
    why = Text(f"补计 {row['deal']}：{row['period']} 已锁定", f"late {row['deal']}: {row['period']} is locked")
    return {**row, "period": month, "kind": "adjustment", "reason": why.en if language() == "en" else why.zh}


def with_late(rows: Iterable[Row], ledger: Sequence[Row], now: str) -> list[Row]:
    """New rows, those of a locked month booked to the month ``now``, or the next one that is open."""
    closed = Closed(ledger)
    return [
        late(row, closed.open_month(max(now, row["period"]), row["person"])) if closed(row["period"], row["person"]) else row
        for row in rows
    ]


def _reason(key: Key, paid: float, due: float, gone: bool, decided: bool) -> str:
    """Old → new, in the workbook's language."""
    why = (
        Text("手工行已定，冲回已结", "a manual row holds, what was settled is set off")
        if decided
        else Text("订单不再归属本人", "the deal is no longer credited here")
        if gone
        else Text("订单或规则已变", "the deal or its rules changed")
    )
    text = Text(f"更正 {key[0]}：{paid:,.2f} → {due:,.2f}，{why.zh}", f"{key[0]}: {paid:,.2f} → {due:,.2f}, {why.en}")
    return text.en if language() == "en" else text.zh


def _replace(result: Recomputed, open_: list[int], row: Row | None, ledger: Sequence[Row]) -> None:
    """Let one open row say ``row``; a row that says it already is left alone, whenever it was computed."""
    if row is None:
        result.removed += open_
        return
    if not open_:
        result.added.append(row)
        return
    keep, *rest = open_
    result.removed += rest
    if not _says(ledger[keep], row):
        result.edited[keep] = row


def _says(row: Row, wanted: Row) -> bool:
    same = (
        all(row[k] == wanted[k] for k in ("period", "kind", "reason"))
        if wanted["kind"] == "adjustment"
        else row["kind"] == wanted["kind"] and row["period"] == wanted["period"]
    )
    numbers = all(
        isinstance(row[k], float) and abs(row[k] - wanted[k]) < (_FEN if k in ("revenue", "commission") else 1e-9)
        for k in ("revenue", "commission", "credit_share", "margin_rate")
    )
    return same and numbers
