"""What rows of a deal must come to together: its credits make the whole, and no more is refunded than was paid."""

from __future__ import annotations

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
