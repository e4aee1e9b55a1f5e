"""The commission ledger: one row for each deal and each person credited with it, exact to the fen per deal.

A pure function of the deals, so the sample, the import and the commission button write the same rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from udfs import call
from udfs.values import ExcelError

VERSION = "2027.1"

Deal = Mapping[str, Any]
Row = dict[str, Any]


def ledger_rows(
    deals: Iterable[Deal],
    thresholds: Sequence[float] | None = None,
    rates: Sequence[float] | None = None,
    version: str = VERSION,
    computed_on: dt.date | None = None,
) -> list[Row]:
    """The ledger of ``deals`` (rows of the Deals Table, by column key).

    Without ``computed_on`` a row is dated the fifth of the month after its period, when the statements are made.
    """
    deals = list(deals)
    if not deals:
        return []
    margins = margin_rates(deals)
    amounts = call("COMMISSION", [[d["revenue"]] for d in deals], [[m] for m in margins], thresholds, rates)
    rows: list[Row] = []
    for deal, margin_rate, (amount,) in zip(deals, margins, amounts, strict=True):
        if isinstance(amount, ExcelError):
            raise ValueError(f"{deal['id']}: {amount.reason}")
        credits = credited(deal)
        shares = [share for _, share in credits]
        for (person, share), paid, revenue in zip(credits, split(amount, shares), split(deal["revenue"], shares), strict=True):
            rows.append(
                {
                    "period": f"{deal['date']:%Y-%m}",
                    "deal": deal["id"],
                    "person": person,
                    "credit_share": share,
                    "revenue": revenue,
                    "margin_rate": margin_rate,
                    "commission": paid,
                    "kind": "accrual",
                    "status": "computed",
                    "plan_version": version,
                    "computed_on": computed_on or _statement_day(deal["date"]),
                    "reason": None,
                }
            )
    return rows


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
