"""What rows of a deal must come to together: its credits make the whole, and no more is refunded than was paid."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from udfs.actuals import DIRECT
from udfs.values import exact

Row = Mapping[str, Any]
# A share that is a third is written 33.33 %: as SPLITCREDIT reads it.
THIRDS = Fraction(1, 20_000)
CASH = ("payment", "refund", "retention")  # a bad debt is no cash


def by(rows: Iterable[Row], key: str) -> dict[Hashable, list[int]]:
    """The places of rows by what they say in a column."""
    found: dict[Hashable, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        found[row.get(key)].append(place)
    return found


def direct_share(rows: Sequence[Row]) -> Fraction | None:
    """What sellers and partners of one deal make together; None where a share is no number."""
    shares = [row.get("share") for row in rows if (row.get("role") or "seller") in DIRECT]
    if not all(isinstance(share, float) for share in shares):
        return None
    return sum((exact(share) for share in shares if isinstance(share, float)), Fraction(0))


def is_whole(rows: Sequence[Row]) -> bool:
    """Whether they make 100 %, thirds included; what is no number is told elsewhere."""
    total = direct_share(rows)
    direct = sum((row.get("role") or "seller") in DIRECT for row in rows)
    return total is None or abs(1 - total) <= THIRDS * max(direct, 1)


def in_fen(amount: Fraction) -> int:
    """The whole fen a person sees: what a formula in a cell is off by, far behind the point, is no money."""
    return round(amount * 100)


def collected(rows: Iterable[Row]) -> Fraction:
    """What has come in of a deal: payments and retention less refunds (which are negative)."""
    amounts = (row["amount"] for row in rows if (row.get("kind") or "payment") in CASH)
    return sum((exact(amount) for amount in amounts if isinstance(amount, float)), Fraction(0))


def sign_fault(row: Row) -> bool:
    """Whether an amount has the wrong sign: a refund is negative, all else positive."""
    amount = row.get("amount")
    return isinstance(amount, float) and amount != 0 and (amount > 0) == (row.get("kind") == "refund")


def beyond_unpaid(order: Row, returns: Iterable[Row], cash: Sequence[Row]) -> dict[int, Fraction]:
    """The bad debts of an order, by their places among its cash, that are more than was unpaid on their day, with what was unpaid.

    What came in beyond what was owed gives back of a bad debt before it (money.md 5).
    """
    facts = [(row["date"], 0, 0, -exact(row["revenue"]), "return") for row in returns if _dated(row, "revenue")]
    facts += [(row["date"], 1, place, exact(row["amount"]), row.get("kind") or "payment") for place, row in enumerate(cash) if _dated(row, "amount")]  # fmt: skip
    owed, bad, paid = exact(order["revenue"]), Fraction(0), Fraction(0)
    found: dict[int, Fraction] = {}
    for _, _, place, amount, kind in sorted(facts):
        if kind == "return":
            owed -= amount
        elif kind == "bad_debt":
            unpaid = max(owed - bad - paid, Fraction(0))
            if in_fen(amount) > in_fen(unpaid):
                found[place] = unpaid
            bad += amount
        else:
            paid += amount
            bad = max(min(bad, owed - paid), Fraction(0)) if amount > 0 else bad
    return found


def _dated(row: Row, key: str) -> bool:
    return isinstance(row.get("date"), dt.date) and isinstance(row.get(key), float)
