"""The facts that pay follows from, typed; read from rows of Tables whose cells have been checked."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol

from udfs.actuals import DIRECT
from udfs.text import Text
from udfs.values import exact
from workbook_templates.chapters.incentives.pay.exact import fen
from workbook_templates.chapters.incentives.pay.months import month_of
from workbook_templates.chapters.incentives.staff import Staff
from workbook_templates.tables.sums import THIRDS

Row = Mapping[str, Any]


class PolicyAt(Protocol):
    """What the plan's values are on a day."""

    def at(self, key: str, day: dt.date) -> Any:
        """The value of a policy in force on a day: a number, a list of them, a word in English."""


class Remembered:
    """A policy that answers each question once: orders of one day ask the same."""

    def __init__(self, policy: PolicyAt) -> None:
        self._policy = policy
        self._known: dict[tuple[str, dt.date], Any] = {}

    def at(self, key: str, day: dt.date) -> Any:
        """The value in force on a day."""
        if (key, day) not in self._known:
            self._known[key, day] = self._policy.at(key, day)
        return self._known[key, day]


@dataclass(frozen=True)
class CreditShare:
    """Who is credited with a deal, as what, with how much of it."""

    person: str
    role: str
    share: Fraction

    @property
    def direct(self) -> bool:
        """Whether the share is one of those that make the whole; others come on top."""
        return self.role in DIRECT


@dataclass(frozen=True)
class SoldOrder:
    """A deal that is no return, as it is now."""

    id: str
    day: dt.date
    revenue: float
    cost: float
    credits: tuple[CreditShare, ...]
    customer_kind: str = ""
    product_line: str = ""
    due: dt.date | None = None
    waits: bool = False  # above the review limit without a second person's yes

    @property
    def margin_rate(self) -> float:
        """Margin by revenue; 0 of nothing."""
        return (self.revenue - self.cost) / self.revenue if self.revenue else 0.0


@dataclass(frozen=True)
class Return:
    """What came back of an order; ``amount`` is positive."""

    id: str
    day: dt.date
    amount: Fraction
    revenue: float = 0.0


@dataclass(frozen=True)
class CashIn:
    """A payment, refund, retention or bad debt of an order, as the Table has it."""

    day: dt.date
    amount: Fraction
    kind: str


@dataclass(frozen=True)
class DrawTerms:
    """What somebody is advanced a month, in fen."""

    first: str
    until: str
    amount: int
    kind: str
    owed: int = 0
    recover_from: int = 1
    recover_most: int | None = None


@dataclass(frozen=True)
class Hold:
    """Whose pay (or which deal of it) is on hold, from one month to another, both included."""

    deal: str
    first: str
    until: str
    reason: str
    by: str

    def holds(self, month: str) -> bool:
        """Whether a month is one of its own."""
        return self.first <= month and (not self.until or month <= self.until)


@dataclass(frozen=True)
class PayRule:
    """A commission rule: whom and what it fits, and what it pays."""

    order: int
    component: str = "commission"
    name: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    first: dt.date | None = None
    until: dt.date | None = None
    basis: str = "margin"
    tiers: str | float | None = None
    gate: float | None = None
    accelerator: str = ""
    floor: int | None = None
    cap: int | None = None

    def fits(self, day: dt.date, words: Mapping[str, str]) -> bool:
        """Whether an order of a day, described by ``words``, falls under it."""
        late = self.until is not None and day > self.until
        early = self.first is not None and day < self.first
        return not late and not early and all(words.get(key) == word for key, word in self.filters)


@dataclass(frozen=True)
class TierTable:
    """A named table of tiers, by the day they hold from."""

    dated: Mapping[dt.date, tuple[tuple[float, ...], tuple[float, ...]]]

    def on(self, day: dt.date) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Its tiers on a day; before the first date, the first."""
        days = sorted(self.dated)
        return self.dated[max((d for d in days if d <= day), default=days[0])]


@dataclass
class PayFacts:
    """All that pay follows from. ``ledger`` and ``accounts`` are the Tables as they are; what is settled in them stays."""

    staff: Staff
    policy: PolicyAt
    orders: Mapping[str, SoldOrder]
    returns: Mapping[str, Sequence[Return]] = field(default_factory=dict)
    cash: Mapping[str, Sequence[CashIn]] = field(default_factory=dict)
    draws: Mapping[str, Sequence[DrawTerms]] = field(default_factory=dict)
    holds: Mapping[str, Sequence[Hold]] = field(default_factory=dict)
    rules: Sequence[PayRule] = ()
    tier_tables: Mapping[str, TierTable] = field(default_factory=dict)
    ledger: Sequence[Row] = ()
    accounts: Sequence[Row] = ()
    quota: Callable[[str, str], float | None] = lambda person, month: None
    left_out: Mapping[str, Text] = field(default_factory=dict)
    unreadable: frozenset[str] = frozenset()  # orders whose rows can't be read
    as_of: dt.date = dt.date.max
    today: dt.date = dt.date.min
    version: str = ""
    delivered: Mapping[str, dt.date] = field(default_factory=dict)

    @property
    def last_month(self) -> str:
        """The month of the as-of date."""
        return month_of(self.as_of)


# ------------------------------------------------------------------------------------------------- rows of Tables


def credits_of(deal: Row, listed: Sequence[Row]) -> tuple[CreditShare, ...]:
    """Who is credited with a deal: Credits where it names the deal, else its own seller and partner."""
    if listed:
        found = [CreditShare(str(row["person"]), row["role"] or "seller", exact(row["share"])) for row in listed]
    elif not deal.get("partner"):
        return (CreditShare(deal["seller"], "seller", Fraction(1)),)
    else:
        share = exact(1.0 if deal.get("seller_share") is None else deal["seller_share"])
        found = [CreditShare(deal["seller"], "seller", share), CreditShare(deal["partner"], "partner", 1 - share)]
    return _whole(found)


def _whole(found: Sequence[CreditShare]) -> tuple[CreditShare, ...]:
    """Thirds written as 33.33 % make the whole."""
    direct = [credit.share for credit in found if credit.direct]
    total = sum(direct, Fraction(0))
    if not total or total == 1 or abs(1 - total) > THIRDS * len(direct):
        return tuple(found)
    return tuple(CreditShare(c.person, c.role, c.share / total if c.direct else c.share) for c in found)


def orders_of(
    deals: Iterable[Row], credits: Iterable[Row], policy: PolicyAt, every: Sequence[Row] = ()
) -> tuple[dict[str, SoldOrder], dict[str, list[Return]]]:
    """The orders and, by order, what came back of them. ``every``: all deals, where some can't be paid as they stand: whose first one it is
    does not change by another's being left out."""
    listed: dict[str, list[Row]] = defaultdict(list)
    for row in credits:
        listed[row["deal"]].append(row)
    rows = list(deals)
    newest = _first_deals(every or rows)
    orders: dict[str, SoldOrder] = {}
    returns: dict[str, list[Return]] = defaultdict(list)
    for row in rows:
        if row.get("original"):
            returns[row["original"]].append(Return(row["id"], row["date"], -exact(row["revenue"]), row["revenue"]))
            continue
        kind = row.get("customer_kind") or ("new" if row["id"] in newest else "existing")
        limit = policy.at("review.limit", row["date"])
        orders[row["id"]] = SoldOrder(
            row["id"], row["date"], row["revenue"], row["cost"], credits_of(row, listed.get(row["id"], ())), kind,
            row.get("line") or "", row.get("due"),
            limit is not None and row["revenue"] > limit and not row.get("approved_by"),
        )  # fmt: skip
    # The order of the rows says nothing: what happened on one day goes by its ID.
    return orders, {id_: sorted(found, key=lambda back: (back.day, back.id)) for id_, found in returns.items()}


def _first_deals(deals: Sequence[Row]) -> set[str]:
    """The first deal of each customer; of one day, by its ID."""
    first: dict[str, tuple[dt.date, str]] = {}
    for row in deals:
        if not row.get("original") and row.get("customer") and row.get("id") and isinstance(row.get("date"), dt.date):
            mine = (row["date"], row["id"])
            first[row["customer"]] = min(first.get(row["customer"], mine), mine)
    return {deal for _, deal in first.values()}


def cash_of(rows: Iterable[Row]) -> dict[str, list[CashIn]]:
    """Collections by deal."""
    found: dict[str, list[CashIn]] = defaultdict(list)
    for row in rows:
        found[row["deal"]].append(CashIn(row["date"], exact(row["amount"]), row["kind"] or "payment"))
    return {
        deal: sorted(mine, key=lambda cash: (cash.day, cash.amount < 0, cash.kind, -cash.amount)) for deal, mine in found.items()
    }


def holds_of(rows: Iterable[Row]) -> dict[str, list[Hold]]:
    """Holds by person; those of a deal that name nobody stand under the blank."""
    found: dict[str, list[Hold]] = defaultdict(list)
    for row in rows:
        found[row["person"] or ""].append(
            Hold(row["deal"] or "", row["from"], row["until"] or "", str(row["reason"] or ""), str(row["by"] or ""))
        )
    return found


def draws_of(rows: Iterable[Row]) -> dict[str, list[DrawTerms]]:
    """Draws by person, the earliest first."""
    found: dict[str, list[DrawTerms]] = defaultdict(list)
    for row in rows:
        most = row.get("recover_most")
        found[row["person"]].append(
            DrawTerms(
                row["from"],
                row["until"] or "",
                fen(row["amount"]),
                row["kind"],
                fen(row.get("balance") or 0),
                int(row.get("recover_from") or 1),
                None if most is None else fen(most),
            )
        )
    return {person: sorted(mine, key=lambda draw: draw.first) for person, mine in found.items()}


FILTERS = ("line", "product_line", "customer_kind", "level", "person")


def rules_of(rows: Iterable[Row]) -> list[PayRule]:
    """The rules in their order."""
    found = []
    for row in rows:
        filters = tuple((key, str(row[key])) for key in FILTERS if row[key])
        floor, cap = (None if row[key] is None else fen(row[key]) for key in ("floor", "cap"))
        found.append(
            PayRule(
                int(row["order"]),
                row["component"] or "commission",
                row["name"] or "",
                filters,
                row["from"],
                row["until"],
                row["basis"] or "margin",
                tiers_cell(row["tiers"]),
                row["gate"],
                row["accelerator"] or "",
                floor,
                cap,
            )
        )
    return sorted(found, key=lambda rule: rule.order)


def tiers_cell(cell: Any) -> str | float | None:
    """What a rule's tiers are: the name of a table, one rate (a number, ``10%``), or the plan's own.

    >>> tiers_cell("10 %"), tiers_cell(0.06), tiers_cell("大客户"), tiers_cell(None)
    (0.1, 0.06, '大客户', None)
    """
    if cell is None or cell == "":
        return None
    if isinstance(cell, int | float):
        return float(cell)
    text = str(cell).strip()
    number = text.replace("％", "%").rstrip("%").strip()
    try:
        return float(exact(float(number)) / 100) if text[-1] in "%％" else float(number)
    except ValueError:
        return text


def named(table: Any) -> str:
    """A tier table's name as rules ask for it: case and blanks around it say nothing."""
    return str(table).strip().casefold()


def tier_tables_of(rows: Iterable[Row]) -> dict[str, TierTable]:
    """Tier tables by name."""
    found: dict[str, dict[dt.date, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        found[named(row["name"])][row["valid_from"] or dt.date.min].append((row["threshold"], row["rate"]))
    return {
        name: TierTable({day: tuple(zip(*sorted(tiers), strict=True)) for day, tiers in dated.items()})  # type: ignore[misc]
        for name, dated in found.items()
    }
