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
from functools import cache
from typing import Any

from udfs import call
from udfs.text import Text, language
from udfs.values import ExcelError, apportion, serial_to_date, total_of

VERSION = "2027.1"
_LONG_AGO = dt.date(1901, 1, 1)
_FEN = 0.005  # amounts in yuan that differ by less are the same to the fen

Deal = Mapping[str, Any]
Row = dict[str, Any]
Key = tuple[str, str]  # deal, person
Tiers = tuple[Sequence[float] | None, Sequence[float] | None]


@dataclass(frozen=True)
class Rules:
    """How commission is computed: the tiers of a day, per order or pooled by person and month."""

    tiers: Callable[[dt.date], Tiers] = lambda day: (None, None)
    digits: float | None = None
    pooled: bool = False
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
    rules = rules or Rules(lambda day: (thresholds, rates), version=version)
    rows = [row for deal, rate, amount in _amounts(deals, rules) for row in _credit_rows(deal, rate, amount, rules, computed_on)]
    if rules.pooled:
        _pool(rows, {deal["id"]: deal for deal in deals}, rules)
    return rows


def dated_tiers(thresholds: Sequence[float], rates: Sequence[float], later: Sequence[Any] = ()) -> Callable[[dt.date], Tiers]:
    """The tiers of a day: the ones in force, and those entered for later days (cells of rows "valid from, from margin, rate")."""
    rows = [list(later[i : i + 3]) for i in range(0, len(later) - 2, 3)]
    filled = [row for row in rows if any(c not in (None, "") for c in row)]
    dated = [[serial_to_date(day) if isinstance(day, float) else day, *tier] for day, *tier in filled]
    table = [[_LONG_AGO, *tier] for tier in zip(thresholds, rates, strict=False)] + dated

    @cache
    def tiers(day: dt.date) -> Tiers:
        if not dated:
            return thresholds, rates
        found = call("RATETABLE", table, day)
        if isinstance(found[0][0], ExcelError):
            raise ValueError(f"{day}: {found[0][0].reason}")
        return [row[0] for row in found], [row[1] for row in found]

    return tiers


def _credit_rows(deal: Deal, margin_rate: float, amount: float, rules: Rules, computed_on: dt.date | None) -> Iterable[Row]:
    credits = credited(deal)
    shares = [share for _, share in credits]
    for (person, share), paid, revenue in zip(credits, split(amount, shares), split(deal["revenue"], shares), strict=True):
        yield {
            "period": f"{deal['date']:%Y-%m}",
            "deal": deal["id"],
            "person": person,
            "credit_share": share,
            "revenue": revenue,
            "margin_rate": margin_rate,
            "commission": paid,
            "kind": "accrual",
            "status": "computed",
            "plan_version": rules.version,
            "computed_on": computed_on or _statement_day(deal["date"]),
            "reason": None,
            "by": None,
        }


def _amounts(deals: Sequence[Deal], rules: Rules) -> list[tuple[Deal, float, float]]:
    """(deal, margin rate, commission): one call for all deals under the same tiers. A return has its order's tiers, too."""
    margins = margin_rates(deals)
    by_id = {d["id"]: d for d in deals}
    days = [by_id.get(d["original"], d)["date"] if d.get("original") else d["date"] for d in deals]
    tiers = {day: rules.tiers(day) for day in set(days)}
    groups: dict[Any, list[int]] = defaultdict(list)
    for place, day in enumerate(days):
        groups[str(tiers[day])].append(place)
    amounts: dict[int, float] = {}
    for places in groups.values():
        thresholds, rates = tiers[days[places[0]]]
        revenues, rate_of = ([[deals[i]["revenue"]] for i in places], [[margins[i]] for i in places])
        for place, (amount,) in zip(places, call("COMMISSION", revenues, rate_of, thresholds, rates, rules.digits), strict=True):
            if isinstance(amount, ExcelError):
                raise ValueError(f"{deals[place]['id']}: {amount.reason}")
            amounts[place] = amount
    return [(deal, margins[i], amounts[i]) for i, deal in enumerate(deals)]


def _pool(rows: list[Row], deals: Mapping[str, Deal], rules: Rules) -> None:
    """Put pooled amounts into rows: a person's orders of a month under the same tiers are one sum with one margin rate.

    The sum is shared over its orders by their margin, exactly. A return takes back what its own order was given.
    """
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        if not deals[row["deal"]].get("original"):
            groups[row["person"], row["period"], str(rules.tiers(deals[row["deal"]]["date"]))].append(row)
    for group in groups.values():
        margins = [row["revenue"] * row["margin_rate"] for row in group]
        revenue, (thresholds, rates) = total_of(row["revenue"] for row in group), rules.tiers(deals[group[0]["deal"]]["date"])
        rate = total_of(margins) / revenue if revenue else 0.0
        amount = call("COMMISSION", revenue, rate, thresholds, rates, rules.digits)[0][0]
        if isinstance(amount, ExcelError):
            raise ValueError(f"{group[0]['person']} {group[0]['period']}: {amount.reason}")
        weights = [max(m, 0.0) for m in margins]
        parts = apportion(amount, weights, 0.01) if amount and sum(weights) else [0.0] * len(group)
        for row, part in zip(group, parts, strict=True):
            row["commission"] = part
    given = {(row["deal"], row["person"]): row for row in rows}
    for row in rows:
        order = given.get((deals[row["deal"]].get("original") or "", row["person"]))
        if order is not None and order["revenue"] > 0:
            back = call("CLAWBACK", order["commission"], order["revenue"], min(-row["revenue"], order["revenue"]))[0][0]
            row["commission"] = -back if isinstance(back, float) else row["commission"]


def margin_rates(deals: Sequence[Deal]) -> list[float]:
    """The margin rate of each deal; a return has its original's, as the Deals Table computes it."""
    by_id = {d["id"]: d for d in deals}
    sources = (by_id.get(d["original"]) if d.get("original") else d for d in deals)
    return [(s["revenue"] - s["cost"]) / s["revenue"] if s and s["revenue"] else 0.0 for s in sources]


def credited(deal: Deal) -> list[tuple[str, float]]:
    """Who is credited with a deal, and with what share of it."""
    share = deal.get("seller_share")
    if not deal.get("partner") or share is None or share >= 1:
        return [(deal["seller"], 1.0)]
    return [(deal["seller"], share), (deal["partner"], round(1 - share, 10))]


def split(amount: float, shares: Sequence[float]) -> list[float]:
    """An amount by shares, exact to the fen."""
    if len(shares) == 1:
        return [amount]
    parts = call("SPLITCREDIT", amount, list(shares))[0]
    if any(isinstance(part, ExcelError) for part in parts):
        raise ValueError(str(parts[0].reason))
    return list(parts)


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


def recompute(due: Sequence[Row], ledger: Sequence[Row], today: dt.date, period: str | None = None, now: str = "") -> Recomputed:
    """Set what is ``due`` (``ledger_rows`` of all deals) against the ``ledger``.

    ``period``: only what belongs to deals of this month. ``now``: the month that adjustment rows are booked to, never one
    before the deal's own. An override says what its person gets for its deal in all; what had been settled before is set off.
    """
    wanted = {(row["deal"], row["person"]): row for row in due}
    there: dict[Key, list[int]] = defaultdict(list)
    for place, row in enumerate(ledger):
        there[row["deal"], row["person"]].append(place)
    result = Recomputed()
    for key in [*there, *(k for k in wanted if k not in there)]:
        target = wanted.get(key)
        month = target["period"] if target else min(ledger[i]["period"] for i in there[key])
        if period is None or month == period:
            _settle(result, key, target, ledger, there.get(key, []), today, max(now, month))
    return result


def _settle(
    result: Recomputed, key: Key, target: Row | None, ledger: Sequence[Row], places: list[int], today: dt.date, month: str
) -> None:
    overrides = [i for i in places if ledger[i]["kind"] == "override"]
    fixed = [i for i in places if ledger[i]["status"] != "computed" and i not in overrides]
    open_ = [i for i in places if i not in fixed and i not in overrides]
    if not fixed and not overrides:
        _replace(result, open_, None if target is None else {**target, "computed_on": today}, ledger)
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
            "period": ledger[open_[0]]["period"] if open_ and ledger[open_[0]]["kind"] == "adjustment" else month,
            "commission": round(commission, 2),
            "revenue": round(revenue, 2),
            "kind": "adjustment",
            "status": "computed",
            "computed_on": today,
            "reason": _reason(key, paid, due, target is None, bool(overrides)),
            "by": None,
        }
    _replace(result, open_, adjustment, ledger)


def _reason(key: Key, paid: float, due: float, gone: bool, decided: bool) -> str:
    """Old → new, in the workbook's language."""
    why = (
        Text("手工行已定，冲回已结", "an override holds, what was settled is set off")
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
