"""Customer segments by k-means."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Annotated, Any

import numpy as np

from udfs.formula import EACH, each, formula, note, number, positive, refuse
from udfs.text import Text
from udfs.values import NA, Floats, Objects

SEGMENTS = (Text("核心层", "core"), Text("潜力层", "potential"), Text("游离层", "drifting"))
_ROUNDS = 100
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
    k-means with a start that depends on the values only: thirds by their mean, the lowest, middle and highest, and points
    far apart are tried, the tightest groups win. The groups are named by the mean of their standardised centre. Equal
    customers get the same name, the order of the rows doesn't matter. A bad row has an error and takes no part.

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
    repeated = np.repeat(scaled, sizes, axis=0)
    tried = [_tightened(repeated, scaled, start) for start in _starts(scaled)]
    _, centres = min(((cost, centres.tolist()) for cost, centres in tried), key=lambda t: (round(t[0], 9), t[1]))
    centres = np.array(sorted(centres, key=lambda c: (-round(sum(c), 12), c)))
    return ((scaled[:, None, :] - centres) ** 2).sum(axis=2).argmin(axis=1)


def _starts(scaled: Any) -> list[Any]:
    """Starting centres that depend on the values alone."""
    order = np.argsort(scaled.sum(axis=1), kind="stable")
    thirds = np.array([scaled[part].mean(axis=0) for part in np.array_split(order, len(SEGMENTS))])
    spread = scaled[[order[0], order[len(order) // 2], order[-1]]]
    apart = [scaled[order[0]]]
    while len(apart) < len(SEGMENTS):
        nearest = np.min([((scaled - centre) ** 2).sum(axis=1) for centre in apart], axis=0)
        apart.append(scaled[int(nearest.argmax())])
    return [thirds, spread, np.array(apart)]


def _tightened(repeated: Any, scaled: Any, start: Any) -> tuple[float, Any]:
    """Lloyd's rounds from a start: within-group squares and centres."""
    from scipy.cluster.vq import kmeans2

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an emptied group keeps its centre
        centres, labels = kmeans2(repeated, start, iter=_ROUNDS, minit="matrix", missing="warn")
    return float(((repeated - centres[labels]) ** 2).sum()), centres
