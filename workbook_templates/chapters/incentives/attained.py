"""Actuals on a basis, and the teams' quarterly sprint bonus, out of rows of the Tables (money.md 8); ``udfs.actuals`` counts.

The sprint bonus goes into the line's travel fund: a list by quarter of what was earned, spent and left. No row of the ledger, no
account and no statement carries it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from udfs import actuals, call
from udfs.actuals import CashFlow, Credit, Deal, DealBook
from udfs.phasing import by_month, month_text
from udfs.policy import POLICIES
from udfs.text import Text
from udfs.values import ExcelError, total_of
from workbook_templates.chapters.incentives.quota_months import Month, PlanPolicies, QuotaPolicy
from workbook_templates.chapters.incentives.staff import Staff
from workbook_templates.tables.schema import LINES, Row

QUARTERS = 4


def book_of(deals: Iterable[Row], collections: Iterable[Row] = ()) -> DealBook:
    """Rows of Deals and Collections; what has no day or no amount counts nowhere (checks name it)."""
    return DealBook(
        (
            Deal(
                row["id"],
                row["date"],
                _number(row.get("revenue")),
                row.get("original") or "",
                row["delivered"] if isinstance(row.get("delivered"), dt.date) else None,
                row.get("seller") or "",
                row.get("partner") or "",
                _number(row.get("seller_share")),
            )
            for row in deals
            if row.get("id") and isinstance(row.get("date"), dt.date)
        ),
        (
            CashFlow(row["deal"], row["date"], _number(row.get("amount")), row.get("kind") or "payment")
            for row in collections
            if row.get("deal") and isinstance(row.get("date"), dt.date)
        ),
    )


def credits_of(rows: Iterable[Row]) -> Mapping[str, Sequence[Credit]]:
    """Rows of Credits by their order."""
    out: dict[str, list[Credit]] = defaultdict(list)
    for row in rows:
        if row.get("deal") and row.get("person"):
            out[row["deal"]].append((row["person"], row.get("role") or "seller", _number(row.get("share"))))
    return out


def basis_code(held: Any) -> str:
    """A basis as code: of a word of Settings (in either language) or of the policy itself."""
    said = held if isinstance(held, Text) else Text(str(held), str(held))
    for word in POLICIES["attainment.basis"].words:
        if str(said.en).lower() == word.en or said.zh == word.zh:
            return word.en
    raise ValueError(f"no basis: {held!r}")


def person_actuals(book: DealBook, basis: str, year: int, until: dt.date, credits: Iterable[Row] = ()) -> dict[Month, float]:
    """What counts towards everybody's quota, by person and month."""
    return by_month(year, actuals.by_person(book, basis, year, until, credits_of(credits)))


def line_actuals(book: DealBook, basis: str, year: int, until: dt.date, staff: Staff) -> dict[Month, float]:
    """What counts for each line, by line and month: in the seller's line of the signing day."""
    return by_month(year, actuals.by_line(book, basis, year, until, staff.dated["line"].on))


def attainment(actual: float, quota: float | None) -> float | None:
    """Actual over quota, however large or negative; none without a quota."""
    return actual / quota if quota else None


@dataclass(frozen=True)
class Fund:
    """A line's travel fund in a quarter."""

    line: str
    quarter: int
    quota: float
    actual: float
    earned: float
    spent: float

    @property
    def left(self) -> float:
        return total_of([self.earned, -self.spent])


def quarter_months(year: int, quarter: int) -> list[str]:
    """The months of a quarter (1–4)."""
    return [month_text(year, 3 * quarter - 2 + at) for at in range(3)]


def sprint_fund(
    year: int,
    quotas: Mapping[Month, float],
    book: DealBook,
    staff: Staff,
    until: dt.date,
    spent: Iterable[Row] = (),
    policies: QuotaPolicy | None = None,
) -> list[Fund]:
    """Every line's fund, quarter by quarter. ``quotas``: by line and month (``quota_months.by_group``); trigger, rate and basis are
    those of the quarter's first day."""
    held = policies or PlanPolicies()
    rows = list(spent)
    out = []
    for quarter in range(1, QUARTERS + 1):
        first, months = dt.date(year, 3 * quarter - 2, 1), quarter_months(year, quarter)
        terms = [_plain(held.at(f"sprint.{key}", first)) for key in ("trigger", "rate", "over")]
        found = line_actuals(book, basis_code(held.at("sprint.basis", first)), year, until, staff)
        for line in (word.code for word in LINES):
            quota, actual = (total_of(amounts.get((line, month), 0.0) for month in months) for amounts in (quotas, found))
            out.append(Fund(line, quarter, quota, actual, bonus(quota, actual, terms), _spent(rows, line, quarter)))
    return out


def bonus(quota: float, actual: float, terms: Sequence[Any] = ()) -> float:
    """What a quarter puts into a line's fund; nothing without a quota."""
    if not quota:
        return 0.0
    cell = call("SPRINTBONUS", quota, actual, *terms)[0][0]
    if isinstance(cell, ExcelError):
        raise ValueError(cell.reason)
    return float(cell)


def _spent(rows: Iterable[Row], line: str, quarter: int) -> float:
    return total_of(_number(row.get("spent")) for row in rows if row.get("line") == line and row.get("quarter") == quarter)


def _plain(held: Any) -> Any:
    return held.en.lower() if isinstance(held, Text) else held


def _number(cell: Any) -> float:
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else 0.0
