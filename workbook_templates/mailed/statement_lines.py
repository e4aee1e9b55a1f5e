"""The lines of a commission statement: each ledger row of a person's month with the working that leads to its amount.

The ledger decides: a working is shown only where it comes out at the ledger's own figure to the fen. A settled row whose order or
tiers have changed since keeps its amount; its working is found again from the row itself, or it is said that it can't be.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from udfs import call
from udfs.due import Tiers
from udfs.text import Text
from udfs.values import excel_round, total_of
from workbook_templates.mailed import Facts, figures
from workbook_templates.mailed.figures import number
from workbook_templates.mailed.words import clean
from workbook_templates.tables.schema import Row

FEN = 0.005
SALE, RETURN, ADJUSTMENT, OVERRIDE = KINDS = ("order", "return", "adjustment", "override")
LABELS = {
    SALE: Text("新签订单", "New orders"),
    RETURN: Text("退货追回", "Returns taken back"),
    ADJUSTMENT: Text("前期调整", "Adjustments of earlier months"),
    OVERRIDE: Text("手工核定", "Decided by hand"),
}


@dataclass(frozen=True)
class Band:
    """One step of a working: the margin rates it spans, the margin in it, the rate, what it earns."""

    low: float | None
    high: float | None
    part: float | None
    rate: float | None
    amount: float


@dataclass(frozen=True)
class StatementLine:
    """A ledger row as its person reads it. ``bands`` add up to ``whole``, of which ``amount`` is the person's share."""

    kind: str
    deal: str
    customer: str
    date: dt.date | None
    revenue: float  # of the whole deal
    margin_rate: float
    share: float
    amount: float
    credited: float  # revenue
    status: str
    reason: str
    by: str
    original: str = ""
    first: bool = True  # the seller's part is rounded, the partner's is the rest
    bands: Sequence[Band] = ()

    @property
    def whole(self) -> float:
        """The deal's commission: what its bands add up to."""
        return total_of(band.amount for band in self.bands) if self.bands else self.amount


@dataclass(frozen=True)
class Pool:
    """A month's orders as one sum, where the plan computes by person and month."""

    revenue: float
    margin_rate: float
    bands: Sequence[Band]
    total: float


@dataclass(frozen=True)
class Lines:
    """A person's month: the lines that pay or take something, how many come to nothing, and the pools they come from."""

    shown: Sequence[StatementLine]
    zero: int
    pools: Sequence[Pool] = field(default_factory=tuple)

    def of(self, kind: str) -> list[StatementLine]:
        """The lines of one kind."""
        return [line for line in self.shown if line.kind == kind]

    def sum_of(self, kind: str) -> float:
        """What the lines of one kind come to."""
        return total_of(line.amount for line in self.of(kind))


def lines(facts: Facts, person: str, period: str) -> Lines:
    """The lines of a person's month, in the order they are read: orders, returns, adjustments, decisions."""
    rows = figures.of_month(facts, person, period)
    shown = [row for row in rows if abs(number(row.get("commission"))) >= FEN]
    pooled = figures.pooled(facts)
    pools = _pools(facts, [row for row in rows if _kind(facts, row) == SALE]) if pooled else ()
    made = [_line(facts, row, not pooled) for row in shown]
    made.sort(key=lambda line: (KINDS.index(line.kind), line.date or dt.date.min, line.deal))
    return Lines(made, len(rows) - len(shown), pools)


def _kind(facts: Facts, row: Row) -> str:
    if row.get("kind") in (ADJUSTMENT, OVERRIDE):
        return str(row["kind"])
    deal = facts.once(figures.deals).get(row.get("deal") or "", {})
    return RETURN if deal.get("original") or number(row.get("revenue")) < 0 else SALE


def _line(facts: Facts, row: Row, by_order: bool) -> StatementLine:
    deal = facts.once(figures.deals).get(row.get("deal") or "")
    kind = _kind(facts, row)
    revenue, first, bands = _working(facts, row, deal) if by_order and kind in (SALE, RETURN) else (None, True, ())
    known = deal or {}
    client = facts.once(figures.customers).get(known.get("customer") or "", {})
    date = known.get("date")
    return StatementLine(
        kind=kind,
        deal=clean(row.get("deal")),
        customer=clean(client.get("name") or known.get("customer")),
        date=date if isinstance(date, dt.date) else None,
        revenue=number(known.get("revenue")) if revenue is None else revenue,
        margin_rate=number(row.get("margin_rate")),
        share=number(row.get("credit_share")),
        amount=number(row.get("commission")),
        credited=number(row.get("revenue")),
        status=str(row.get("status") or ""),
        reason=clean(row.get("reason"), 300),
        by=clean(row.get("by")),
        original=clean(known.get("original")),
        first=first,
        bands=bands,
    )


# ------------------------------------------------------------------------------------------------------------- workings

_Working = tuple[float | None, bool, Sequence[Band]]


def _working(facts: Facts, row: Row, deal: Row | None) -> _Working:
    """The revenue, whose part it is, and the bands that come out at the row's amount; no bands where none do."""
    share, rate = number(row.get("credit_share")), number(row.get("margin_rate"))
    revenues = [number(deal["revenue"])] if deal else []
    if share:  # as it was when the row was settled
        revenues.append(float(excel_round(number(row.get("revenue")) / share, 2)))
    for revenue in dict.fromkeys(revenues):
        if not (bands := _bands(facts, revenue, rate, _tiers(facts, row, deal))):
            continue
        whole = total_of(band.amount for band in bands)
        for first in (True, False):
            if abs(part(whole, share, first) - number(row.get("commission"))) < FEN:
                return revenue, first, bands
    return None, True, ()


def part(whole: float, share: float, first: bool) -> float:
    """A person's part of a deal's commission: the seller's is rounded, the partner's is what is left."""
    if first or share >= 1:
        return float(excel_round(whole * share, 2))
    return float(excel_round(whole - float(excel_round(whole * (1 - share), 2)), 2))


def _tier_day(facts: Facts, row: Row, deal: Row | None) -> dt.date:
    """The day whose tiers hold: a return has its order's."""
    source = facts.once(figures.deals).get((deal or {}).get("original") or "") or deal or {}
    day = source.get("date")
    return day if isinstance(day, dt.date) else dt.date(int(row["period"][:4]), int(row["period"][5:7]), 1)


def _tiers(facts: Facts, row: Row, deal: Row | None) -> Tiers:
    """The tiers behind a row: those of its deal's day and of the person's level on it."""
    return facts.once(figures.tiers)(row["person"], _tier_day(facts, row, deal))


def _bands(facts: Facts, revenue: float, rate: float, tiers: Tiers) -> list[Band]:
    """The bands of a commission, and what rounding to the plan's digits adds, so that they come to COMMISSION itself."""
    thresholds, rates = tiers
    if not thresholds or not rates:
        return []
    found = call("COMMISSIONBANDS", revenue, rate, list(thresholds), list(rates))
    if not all(isinstance(cell, float | None) for line in found for cell in line):
        return []
    bands = [Band(*_plain(line)) for line in found]
    if facts.settings.get("commission.digits") == 2:
        return bands  # they add up to COMMISSION in fen by their own definition
    whole = call("COMMISSION", revenue, rate, list(thresholds), list(rates), facts.settings.get("commission.digits"))[0][0]
    odd = total_of([whole, *(-band.amount for band in bands)]) if isinstance(whole, float) else 0.0
    return [*bands, Band(None, None, None, None, odd)] if abs(odd) >= FEN else bands


def _plain(line: Sequence[Any]) -> list[Any]:
    return [None if cell is None else float(cell) for cell in line]


def _pools(facts: Facts, rows: Sequence[Row]) -> list[Pool]:
    """The sums that pooled orders make, one for each table of tiers; only where they come out at the ledger's amounts."""
    groups: dict[Tiers, list[Row]] = {}
    deals = facts.once(figures.deals)
    for row in rows:
        groups.setdefault(_tiers(facts, row, deals.get(row.get("deal") or "")), []).append(row)
    pools = []
    for tiers, group in groups.items():
        revenue = total_of(number(row["revenue"]) for row in group)
        margin = total_of(number(row["revenue"]) * number(row["margin_rate"]) for row in group)
        rate = margin / revenue if revenue else 0.0
        bands = _bands(facts, revenue, rate, tiers)
        total = total_of(band.amount for band in bands)
        if bands and abs(total - figures.commission_of(group)) < FEN:
            pools.append(Pool(revenue, rate, bands, total))
    return pools
