"""A customer's grade on a day, what it may owe, and what the gates ask: who is meant, and how much."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from udfs import call
from udfs.actuals import BAD_DEBT
from udfs.credit import GRADES
from udfs.values import ExcelError, total_of
from workbook_templates.chapters.risk.words import ENDED, PREPAID, STOPPED
from workbook_templates.tables.duties import Day
from workbook_templates.tables.spec import Row

_WAN = 10_000
_SCORES = ("financial", "industry", "overdue", "judicial")


def newest(scores: Iterable[Row], customer: Any, day: dt.date) -> Row | None:
    """The newest rating of a customer on a day."""
    mine = [
        row for row in scores if row.get("customer") == customer and isinstance(row.get("as_of"), dt.date) and row["as_of"] <= day
    ]
    return max(mine, key=lambda row: row["as_of"], default=None)


def grade_of(row: Row | None) -> str | None:
    """The grade that holds: a frozen line is none to buy on."""
    if row is None:
        return None
    return STOPPED if row.get("frozen") == "yes" else (str(row["grade"]) if row.get("grade") in GRADES else None)


def caution(row: Row) -> tuple[bool, int, float, float]:
    """How little a rating lets a customer buy, the larger the less: frozen, the grade (none is as the one that pays first), the limit; before
    the button has rated it, by its scores."""
    grade = str(row.get("grade") or PREPAID)
    scores = sum(float(row.get(key) or 0.0) for key in ("financial", "industry", "overdue", "judicial"))
    return (
        row.get("frozen") == "yes",
        GRADES.index(grade) if grade in GRADES else len(GRADES),
        -float(row.get("limit") or 0.0),
        -scores,
    )


@dataclass(frozen=True)
class CreditRated:
    """What the button writes."""

    score: float | None
    grade: str | None
    limit: float | None


def rated(row: Row, sales: float, setting: Any) -> CreditRated:
    """Score, grade and limit by the plan's weights; nothing where a score is missing. ``sales``: net, of twelve months."""
    given = [float(row[key]) for key in _SCORES if isinstance(row.get(key), int | float)]
    if len(given) < len(_SCORES):
        return CreditRated(None, None, None)
    weights = [float(weight) for weight in setting("credit.weights")]
    cutoffs = [float(c) for c in setting("credit.cutoffs")]
    grade = call("CREDITRATING", *given, weights, cutoffs, float(setting("credit.floor")))[0][0]
    if isinstance(grade, ExcelError):
        return CreditRated(None, None, None)
    score = round(total_of(weight * score for weight, score in zip(weights, given, strict=True)), 6)
    months = list(setting("credit.months"))[GRADES.index(grade)]
    return CreditRated(score, str(grade), float(int(max(0.0, sales) * float(months) / 12 / _WAN)) * _WAN)


# ---------------------------------------------------------------------------------------------------------- what is owed


def open_debts(day: Day, customer: Any) -> float:
    """What a customer owes: open invoices where chapter 8 has any, else what deals that were delivered still lack."""
    invoices = [row for row in day.rows("Receivables") if row.get("customer") == customer] if 8 not in day.off else []
    if invoices:
        return total_of(_unpaid(row, day.as_of) for row in invoices)
    deals = (row for row in day.rows("Deals") if row.get("customer") == customer and isinstance(row.get("delivered"), dt.date))
    returned: dict[Any, float] = defaultdict(float)
    for row in day.rows("Deals"):
        if row.get("original") and isinstance(row.get("date"), dt.date) and row["date"] <= day.as_of:
            returned[row["original"]] += row.get("revenue") or 0.0
    lost: dict[Any, float] = defaultdict(float)
    for row in day.rows("Collections"):
        if row.get("kind") == BAD_DEBT and isinstance(row.get("date"), dt.date) and row["date"] <= day.as_of:
            lost[row.get("deal")] += row.get("amount") or 0.0
    return total_of(
        max(0.0, (row.get("revenue") or 0.0) + returned[row.get("id")] - (row.get("collected") or 0.0) - lost[row.get("id")])
        for row in deals
        if row["delivered"] <= day.as_of
    )


def _unpaid(row: Row, day: dt.date) -> float:
    paid = row.get("paid_on")
    if isinstance(paid, dt.date) and paid <= day:
        return 0.0
    left = (row.get("amount") or 0.0) - (row.get("paid") or 0.0)
    return float(
        max(left - (row.get("written_off") or 0.0), min(0.0, left))
    )  # cash that came after all takes the place of what was given up


def overdue_score(day: Day, customer: Any) -> float | None:
    """How invoices of the last twelve months were paid, as a score; None where there are none."""
    if 8 in day.off:
        return None
    since = day.as_of - dt.timedelta(days=365)
    mine = [
        row
        for row in day.rows("Receivables")
        if row.get("customer") == customer and isinstance(row.get("due"), dt.date) and since < row["due"] <= day.as_of
    ]
    amounts = [float(row.get("amount") or 0.0) for row in mine]
    if not mine or total_of(amounts) <= 0:
        return None
    late = [
        max(
            0,
            (
                (row["paid_on"] if isinstance(row.get("paid_on"), dt.date) and row["paid_on"] <= day.as_of else day.as_of)
                - row["due"]
            ).days,
        )
        for row in mine
    ]
    share = total_of(amount for amount, days in zip(amounts, late, strict=True) if days > 0) / total_of(amounts)
    found = call("OVERDUESCORE", min(1.0, share), max(late), float(day.setting("credit.worst_days")))[0][0]
    return None if isinstance(found, ExcelError) else round(float(found), 2)


# ------------------------------------------------------------------------------------------------------------ who is meant


@dataclass(frozen=True)
class GateSubject:
    """What a gate is asked about: whose it is, how much, and which Table's row."""

    customer: Any
    amount: float
    kind: str
    row: Row


# Where an ID is looked for, and what makes up the amount.
_AMOUNTS = {"Contracts": ("amount",), "PriceRequests": ("quoted", "quantity"), "Deals": ("revenue",)}


def subject(day: Day, obj: str) -> GateSubject | None:
    """A contract, a price request, a deal, a project or a customer by its ID."""
    for table, factors in _AMOUNTS.items():
        row = _found(day.rows(table), obj)
        if row is not None:
            return GateSubject(row.get("customer"), math.prod(float(row.get(key) or 0.0) for key in factors), table, row)
    project = _found(day.rows("Projects"), obj) if 7 not in day.off else None
    if project is not None:
        deal = _found(day.rows("Deals"), str(project.get("deal") or ""))
        return None if deal is None else GateSubject(deal.get("customer"), float(deal.get("revenue") or 0.0), "Deals", deal)
    customer = _found(day.rows("Customers"), obj)
    return None if customer is None else GateSubject(customer["id"], 0.0, "Customers", customer)


def _found(rows: Sequence[Row], obj: str) -> Row | None:
    return next((row for row in rows if str(row.get("id") or "").casefold() == obj.casefold()), None) if obj else None


def promised(day: Day, customer: Any, but: str) -> float:
    """What contracts in force, other than this one, have a customer owe in time: none that a deal or invoice counts already."""
    rows = (
        row
        for row in day.rows("Contracts")
        if row.get("customer") == customer and row.get("status") != ENDED and not row.get("deal")
    )
    return total_of(float(row.get("amount") or 0.0) for row in rows if row.get("id") != but and row.get("status") == "active")
