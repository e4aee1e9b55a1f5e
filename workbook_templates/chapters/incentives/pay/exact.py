"""Money exactly: whole fen, rounded as Excel does, half away from zero."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from udfs.values import exact, largest_remainder

Exact = Fraction | int
_CENTS = 10**15


def fen(yuan: float) -> int:
    """Yuan as whole fen.

    >>> fen(1.005), fen(-1.005)
    (101, -101)
    """
    whole = round(yuan * 100)
    # Most cells are fen already: up to fifteen digits this is the decimal they are written as.
    return whole if whole / 100 == yuan and -_CENTS < whole < _CENTS else rounded(exact(yuan) * 100)


def rounded(amount: Exact) -> int:
    """A number of fen, half away from zero.

    >>> rounded(Fraction(5, 2)), rounded(Fraction(-5, 2))
    (3, -3)
    """
    units = math.floor(abs(Fraction(amount)) + Fraction(1, 2))
    return -units if amount < 0 else units


def yuan(amount: int) -> float:
    """Fen as a cell holds them."""
    return amount / 100


def shared(amount: int, weights: Sequence[Exact]) -> list[int]:
    """An amount by weights, exactly: largest remainder, odd fen to the earlier; who has no weight gets nothing.

    >>> shared(75556, [1, 1, 0, 1])
    [25186, 25185, 0, 25185]
    """
    some = [place for place, weight in enumerate(weights) if weight > 0]
    parts = [0] * len(weights)
    if len(some) == 1:
        parts[some[0]] = amount
        return parts
    for place, part in zip(some, largest_remainder(amount, [Fraction(weights[i]) for i in some]) if some else [], strict=True):
        parts[place] = part
    return parts
