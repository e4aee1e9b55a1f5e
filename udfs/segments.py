"""Customer segments by k-means."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from udfs.formula import EACH, each, formula, note, number, positive, refuse
from udfs.text import Text
from udfs.values import NA, Floats, Objects

SEGMENTS = (Text("核心层", "core"), Text("潜力层", "potential"), Text("游离层", "drifting"))
_ROUNDS = 100
_STARTS = 48  # of 120 random sets none ends more than 1% above the best of 400 random starts; with 24 one does, without them 32
_CROWD, _KEPT = 1000, 3  # more different customers than this are searched on a part of them first
# Roberts' sequence in three dimensions: powers of the root of x^4 = x + 1.
_SPREAD = 1.2207440846057596 ** -np.arange(1.0, 4.0)
FILLED = replace(positive, blank=np.nan)


@formula(
    1,
    "客户分层（k-means，k=3）：核心层、潜力层、游离层",
    "Customer segments (k-means, k = 3): core, potential, drifting",
    gives=EACH,
    result=("分层", "segment"),
)
def segment(
    frequency: Annotated[Floats, each("购买次数", "number of purchases", FILLED)],
    amount: Annotated[Floats, each("次均金额（元）", "amount per order, yuan", FILLED)],
    synergy: Annotated[Floats, each("协同度评分", "synergy score", replace(number, blank=np.nan))],
) -> Objects:
    """The segment of each customer among all given.

    log(1 + frequency), log(1 + amount per order) and synergy are standardised (mean 0, deviation 1) and cut into three groups by
    k-means with starts that depend on the values only: thirds by their mean, the lowest, middle and highest, points far apart, and
    a fixed number of spread-out draws are tried, the tightest groups win. The groups are named by the mean of their standardised centre. Equal customers get the
    same name, the order of the rows doesn't matter. A bad row has an error and takes no part.

    Returns: 核心层 (core), 潜力层 (potential) or 游离层 (drifting), one a customer.
    Errors: #N/A a blank; fewer than three different customers; #NUM! negative frequency or amount; #VALUE! text.
    Source: rules, chapter 1, SEGMENT.
    Example:
        >>> segment([[20], [5], [1]], [[90000], [20000], [3000]], [[9], [5], [2]])
        [['核心层'], ['潜力层'], ['游离层']]
    """
    columns = np.array([np.log1p(frequency), np.log1p(amount), synergy])
    for name, column in zip(("frequency", "amount", "synergy"), columns, strict=True):
        refuse(np.isnan(column), NA, "参数 {name} 为空：该客户不参加分层，请补上",
                                     "argument {name} is blank: this customer is left out, fill it in",
               name=Text(name, name))  # fmt: skip
    ok = ~np.isnan(columns).any(axis=0)
    names: Objects = np.full(len(ok), None, dtype=object)
    if not ok.any():
        return names
    known, place = np.unique(columns[:, ok].T, axis=0, return_inverse=True)
    refuse(
        len(known) < len(SEGMENTS), NA, "只有 {n} 种不同的客户，分不出三层：请给更多客户",
                                        "only {n} different customers: three segments need more", n=len(known),
    )  # fmt: skip
    labels = _clusters(known, np.bincount(place.ravel()))
    words: Objects = np.array([str(name) for name in SEGMENTS], dtype=object)
    names[ok] = words[labels[place.ravel()]]
    return names


def _clusters(points: Any, sizes: Any) -> Any:
    """0, 1 or 2 for each of the different points, which stand in order; ``sizes`` counts the customers at each."""
    weights = sizes / sizes.sum()
    spread = points / np.maximum(np.abs(points).max(axis=0), 1e-300)  # no overflow in squares
    spread = spread - weights @ spread
    deviation = np.sqrt(weights @ spread**2)
    flat = deviation <= 1e-12
    if flat.any():
        note("有指标各客户都相同，不参与分层", "a measure that is the same for all customers tells nothing and was left out")
    scaled = np.where(flat, 0.0, spread / np.where(flat, 1.0, deviation))
    _, centres = min(_searched(scaled, weights), key=lambda tried: (round(tried[0], 9), tried[1]))
    centres = np.array(sorted(centres, key=lambda c: (-round(sum(c), 12), c)))
    return _squares(scaled, centres).argmin(axis=0)


def _searched(scaled: Any, weights: Any) -> list[tuple[float, Any]]:
    """Within-group squares and centres from many starts; of a crowd, from those that were best on a part of it."""
    starts = _starts(scaled, weights)
    if len(scaled) > _CROWD:
        part = slice(None, None, -(-len(scaled) // _CROWD))
        on_part = _tightened(scaled[part], weights[part], starts)
        return [_tightened(scaled, weights, np.array([centres]))[0] for _, centres in sorted(on_part)[:_KEPT]]
    return _tightened(scaled, weights, starts)


def _starts(scaled: Any, weights: Any) -> Any:
    """Starting centres that depend on the values alone."""
    order = np.argsort(scaled.sum(axis=1), kind="stable")
    thirds = np.array([scaled[part].mean(axis=0) for part in np.array_split(order, len(SEGMENTS))])
    spread = scaled[[order[0], order[len(order) // 2], order[-1]]]
    apart = [scaled[order[0]]]
    while len(apart) < len(SEGMENTS):
        apart.append(scaled[int(_nearest(scaled, apart).argmax())])
    # The draws of k-means++, taken from an evenly spread sequence where others ask a random generator.
    drawn = [_drawn(scaled, weights, (0.5 + turn * _SPREAD) % 1) for turn in range(_STARTS)]
    return np.array([thirds, spread, apart, *drawn])


def _squares(scaled: Any, centres: Any) -> Any:
    """The square of each point's distance to each centre, points last: sums of columns, many times faster than of a cube."""
    return sum((column - centres[..., k, None]) ** 2 for k, column in enumerate(scaled.T))


def _drawn(scaled: Any, weights: Any, at: Any) -> Any:
    """A first point by weight, the others by weight × squared distance, each at a fraction of the cumulated sum."""
    chosen: list[Any] = []
    for fraction in at:
        drawing = np.cumsum(weights * _nearest(scaled, chosen) if chosen else weights)
        chosen.append(scaled[min(int(np.searchsorted(drawing, fraction * drawing[-1], side="right")), len(scaled) - 1)])
    return np.array(chosen)


def _nearest(scaled: Any, centres: Any) -> Any:
    """The square of each point's distance to the centre nearest to it."""
    return _squares(scaled, np.array(centres)).min(axis=0)


def _tightened(scaled: Any, weights: Any, centres: Any) -> list[tuple[float, Any]]:
    """Lloyd's rounds from all starts at once: within-group squares and centres of each. An emptied group keeps its centre."""
    starts, groups = centres.shape[:2]
    bins = starts * groups
    labels = None
    for _ in range(_ROUNDS):
        squares = _squares(scaled, centres)
        before, labels = labels, squares.argmin(axis=1)
        if before is not None and (labels == before).all():
            break
        place = (labels + groups * np.arange(starts)[:, None]).ravel()
        held, *sums = (np.bincount(place, np.tile(column, starts), bins) for column in (weights, *(weights * scaled.T)))
        means = np.array(sums).T / np.where(held, held, 1.0)[:, None]
        centres = np.where(held[:, None] > 0, means, centres.reshape(bins, -1)).reshape(centres.shape)
    return list(zip((squares.min(axis=1) @ weights).tolist(), centres.tolist(), strict=True))
