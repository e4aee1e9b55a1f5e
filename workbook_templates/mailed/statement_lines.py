"""The movements of a commission statement: each ledger row of a person's month with the working that leads to its amount.

All figures are the ledger row's own, never today's Deals. The tiers of an order are shown band by band where they come out at the
row's figure to the fen; anything else says what the row itself says of its working.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from udfs import call
from udfs.due import Tiers
from udfs.text import Text
from udfs.values import excel_round, total_of
from workbook_templates.mailed import Facts, figures
from workbook_templates.mailed.figures import FEN, number
from workbook_templates.mailed.words import clean, last_day
from workbook_templates.tables.schema import Row

ACCRUAL = "accrual"
# The movements of pay, by section, and the kinds of ledger rows in each.
SECTIONS: dict[str, tuple[str, ...]] = {
    ACCRUAL: ("accrual", "late"),
    "special": ("special",),
    "mgr": ("mgr",),
    "release": ("release",),
    "manual": ("manual",),
    "clawback": ("clawback",),
    "adjustment": ("adjustment",),
    "bonus": ("bonus",),
}
RELEASED = ("accrual", "special", "mgr", "release", "manual")  # the sections behind the account's accrued-and-released
HELD, BALANCE = "held", "balance"
BESIDE = {HELD: ("held", "cancel"), BALANCE: ("draw", "recovery", "hold", "unhold")}
LABELS = {
    ACCRUAL: Text("计提（含补计）", "Accruals, late ones too"),
    "special": Text("专项奖", "Special bonus"),
    "mgr": Text("上级提成", "Manager's override"),
    "release": Text("回款转可发", "Released with cash"),
    "manual": Text("手工核定", "Decided by hand"),
    "clawback": Text("追回", "Clawbacks"),
    "adjustment": Text("前期调整", "Adjustments of earlier months"),
    "bonus": Text("奖金", "Bonuses"),
    HELD: Text("待发（已计提、未回款，不计入本月应发）", "Held (accrued, cash not in: no part of this month's pay)"),
    BALANCE: Text("预支与暂缓", "Draws and holds"),
}
_SECTION_OF = {kind: section for section, kinds in (SECTIONS | BESIDE).items() for kind in kinds}


@dataclass(frozen=True)
class Band:
    """One step of a working: the margin rates it spans, the margin in it, the rate, what it earns; or a step in words."""

    low: float | None
    high: float | None
    part: float | None
    rate: float | None
    amount: float
    said: Text | None = None


@dataclass(frozen=True)
class StatementLine:
    """A ledger row as its person reads it. ``bands`` add up to ``whole``, of which ``amount`` is the person's share."""

    section: str
    kind: str
    deal: str
    customer: str
    date: dt.date | None
    revenue: float | None  # of the whole deal
    margin_rate: float | None
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
    """A person's month: the movements, how many orders at a loss are left out, the pools; beside them what is no part of pay."""

    shown: Sequence[StatementLine]
    zero: int
    pools: Sequence[Pool] = field(default_factory=tuple)
    beside: Sequence[StatementLine] = field(default_factory=tuple)

    def of(self, section: str) -> list[StatementLine]:
        """The lines of one section."""
        return [line for line in (*self.shown, *self.beside) if line.section == section]

    def sum_of(self, section: str) -> float:
        """What the lines of one section come to."""
        return total_of(line.amount for line in self.of(section))


@dataclass(frozen=True)
class HeldDeal:
    """What of a deal is held at the month's end, and what is to come of it: with the cash, and with the retention."""

    deal: str
    customer: str
    balance: float
    main: float
    retention: float


def lines(facts: Facts, person: str, period: str) -> Lines:
    """The lines of a person's month, section by section."""
    rows = figures.of_month(facts, person, period)
    pooled = figures.pooled(facts, period)
    shown = [row for row in rows if _section(row) in SECTIONS and not _loss(row)]
    beside = [row for row in rows if _section(row) in BESIDE and not _loss(row)]
    pools = _pools(facts, [row for row in shown if row.get("kind") == ACCRUAL]) if pooled else ()
    made = [_line(facts, row, not pooled) for row in shown]
    zero = sum(_loss(row) for row in rows)
    return Lines(_sorted(made), zero, pools, _sorted([_line(facts, row, False) for row in beside]))


def _sorted(made: Sequence[StatementLine]) -> list[StatementLine]:
    order = [*SECTIONS, *BESIDE]
    return sorted(made, key=lambda line: (order.index(line.section), line.date or dt.date.min, line.deal))


def _section(row: Row) -> str:
    return _SECTION_OF.get(str(row.get("kind") or ""), "")


def _loss(row: Row) -> bool:
    """An order sold at a loss: nothing came of it, and nothing else is to be said of it."""
    at_a_loss = row.get("margin_rate") is not None and number(row["margin_rate"]) <= 0
    return row.get("kind") in ("accrual", "late", "held") and at_a_loss and abs(number(row.get("commission"))) < FEN


def _line(facts: Facts, row: Row, by_order: bool) -> StatementLine:
    deal = facts.once(figures.deals).get(row.get("deal") or "") or {}
    root = facts.once(figures.deals).get(deal.get("original") or "") or deal
    client = facts.once(figures.customers).get(deal.get("customer") or root.get("customer") or "", {})
    first, bands = _working(facts, row) if by_order and _section(row) == ACCRUAL else (True, ())
    date, share = row.get("date"), row.get("credit_share")
    return StatementLine(
        section=_section(row),
        kind=str(row["kind"]),
        deal=clean(row.get("deal")),
        customer=clean(client.get("name") or deal.get("customer") or root.get("customer")),
        date=date if isinstance(date, dt.date) else None,
        revenue=_known(row.get("order_revenue")),
        margin_rate=_known(row.get("margin_rate")),
        share=1.0 if share is None else number(share),
        amount=number(row.get("commission")),
        credited=number(row.get("revenue")),
        status=str(row.get("status") or ""),
        reason=clean(row.get("reason"), 300),
        by=clean(row.get("by")),
        original=clean(deal.get("original")),
        first=first,
        bands=bands,
    )


def _known(cell: Any) -> float | None:
    return None if cell is None else number(cell)


# ------------------------------------------------------------------------------------------------------------- workings


def _working(facts: Facts, row: Row) -> tuple[bool, Sequence[Band]]:
    """Whose part it is, and the bands that come out at the row's amount; no bands where none do."""
    share = 1.0 if row.get("credit_share") is None else number(row["credit_share"])
    for bands in _candidates(facts, row):
        whole = total_of(band.amount for band in bands)
        for first in (True, False):
            if abs(part(whole, share, first) - number(row.get("commission"))) < FEN:
                return first, bands
        if share < 1 and abs(part(whole, share, True) - number(row.get("commission"))) < 3 * FEN:
            return True, bands  # of three or more people one gets the odd fen
    return True, ()


def _candidates(facts: Facts, row: Row) -> Iterator[list[Band]]:
    """The row's order under each rule that may have been its own."""
    revenue, rate = row.get("order_revenue"), row.get("margin_rate")
    if revenue is None or rate is None:
        return
    day = _day(row)
    for rule in figures.fitting(facts, row["person"], day):
        tiers = figures.own_tiers(facts, rule, day) if rule.basis == "margin" else None
        if tiers is not None and (bands := _bands(facts, number(revenue), number(rate), tiers, day)):
            yield _factored(bands, row.get("factor"))


def _day(row: Row) -> dt.date:
    """The day whose rules hold: the signing day, which the row itself says."""
    day = row.get("date")
    return day if isinstance(day, dt.date) else dt.date(int(row["period"][:4]), int(row["period"][5:7]), 1)


def part(whole: float, share: float, first: bool) -> float:
    """A person's part of a deal's commission: the seller's is rounded, the partner's is what is left."""
    if first or share >= 1:
        return float(excel_round(whole * share, 2))
    return float(excel_round(whole - float(excel_round(whole * (1 - share), 2)), 2))


def _bands(facts: Facts, revenue: float, rate: float, tiers: Tiers, day: dt.date) -> list[Band]:
    """The bands of a commission, and what rounding to the plan's digits adds, so that they come to COMMISSION itself."""
    thresholds, rates = tiers
    if not thresholds or not rates:
        return []
    found = call("COMMISSIONBANDS", revenue, rate, list(thresholds), list(rates))
    if not all(isinstance(cell, float | None) for line in found for cell in line):
        return []
    bands = [Band(*_plain(line)) for line in found]
    digits = facts.policy("commission.digits", day)
    if digits == 2:
        return bands  # they add up to COMMISSION in fen by their own definition
    whole = call("COMMISSION", revenue, rate, list(thresholds), list(rates), digits)[0][0]
    return _with(bands, whole, Text("取整", "Rounding")) if isinstance(whole, float) else bands


def _factored(bands: list[Band], factor: Any) -> list[Band]:
    """With what the attainment's factor makes of them."""
    if factor is None or number(factor) == 1:
        return bands
    whole = float(excel_round(total_of(band.amount for band in bands) * number(factor), 2))
    return _with(bands, whole, Text(f"达成系数 {number(factor):g}", f"attainment factor {number(factor):g}"))


def _with(bands: list[Band], whole: float, said: Text) -> list[Band]:
    """One more step, so that they come to ``whole``."""
    odd = total_of([whole, *(-band.amount for band in bands)])
    return [*bands, Band(None, None, None, None, odd, said)] if abs(odd) >= FEN else bands


def _plain(line: Sequence[Any]) -> list[Any]:
    return [None if cell is None else float(cell) for cell in line]


def _pools(facts: Facts, rows: Sequence[Row]) -> list[Pool]:
    """The sums that pooled orders make, one for each table of tiers; only where they come out at the ledger's amounts."""
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        day = _day(row)
        rule = next((rule for rule in figures.fitting(facts, row["person"], day) if rule.basis == "margin"), None)
        tiers = figures.own_tiers(facts, rule, day) if rule is not None else None
        if tiers is not None:
            groups[tiers, row.get("factor")].append(row)
    pools = []
    for (tiers, factor), group in groups.items():
        revenue = total_of(number(row.get("revenue")) for row in group)
        margin = total_of(number(row.get("revenue")) * number(row.get("margin_rate")) for row in group)
        rate = margin / revenue if revenue else 0.0
        bands = _factored(_bands(facts, revenue, rate, tiers, _day(group[0])), factor)
        total = total_of(band.amount for band in bands)
        if bands and abs(total - figures.amount_of(group)) < FEN:
            pools.append(Pool(revenue, rate, bands, total))
    return pools


# ----------------------------------------------------------------------------------------------------------------- held


def held_deals(facts: Facts, person: str, period: str) -> list[HeldDeal]:
    """What is held at the month's end, deal by deal, and the releases to expect: nothing that came later is known."""
    everything = facts.once(figures.deals)
    by_deal: dict[str, list[Row]] = defaultdict(list)
    for row in figures.until(facts, person, period):
        if row.get("kind") in ("held", "release", "cancel"):
            deal = str(row.get("deal") or "")
            by_deal[str((everything.get(deal) or {}).get("original") or deal)].append(row)
    found = [_held(facts, deal, rows, last_day(period)) for deal, rows in sorted(by_deal.items())]
    return [one for one in found if abs(one.balance) >= FEN]


def _held(facts: Facts, deal: str, rows: Sequence[Row], end: dt.date) -> HeldDeal:
    held, released, cancelled = (
        figures.amount_of(r for r in rows if r.get("kind") == kind) for kind in ("held", "release", "cancel")
    )
    balance = total_of([held, -released, cancelled])
    signed = next((r for r in rows if r.get("kind") == "held"), {})
    retention = float(excel_round(balance * _retention_share(facts, deal, signed, end), 2)) if balance > 0 else 0.0
    row = facts.once(figures.deals).get(deal) or {}
    client = facts.once(figures.customers).get(row.get("customer") or "", {})
    name = clean(client.get("name") or row.get("customer"))
    return HeldDeal(clean(deal), name, balance, total_of([balance, -retention]), retention)


def _retention_share(facts: Facts, deal: str, signed: Row, end: dt.date) -> float:
    """Which part of what is held goes with the retention: what is held is released over the cash still to come, retention last."""
    day = signed.get("date")
    rate = number(facts.policy("release.retention", day)) if isinstance(day, dt.date) else 0.0
    cash = [r for r in facts.once(_collected).get(deal, ()) if r["date"] <= end]
    back = [r for r in facts.once(_returned).get(deal, ()) if r["date"] <= end]
    paid, retained, bad = (
        total_of(number(r.get("amount")) for r in cash if (r.get("kind") or "payment") in kinds)
        for kinds in (("payment", "refund"), ("retention",), ("bad_debt",))
    )
    net = total_of([number(signed.get("order_revenue")), -bad, *(number(r.get("revenue")) for r in back)])
    main = net * (1 - rate)
    reached = max(0.0, min(net, paid if paid < main else paid + retained))
    left = net - reached
    return (net - max(reached, main)) / left if rate and left >= FEN else 0.0


def _collected(facts: Facts) -> dict[str, list[Row]]:
    """Cash by deal."""
    return _by(facts.of("Collections"), "deal")


def _returned(facts: Facts) -> dict[str, list[Row]]:
    """Returns by the order they return."""
    return _by([row for row in facts.of("Deals") if row.get("original")], "original")


def _by(rows: Sequence[Row], key: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if isinstance(row.get("date"), dt.date):
            found[row[key]].append(row)
    return dict(found)
