"""How often tiers change with and without the buffer: twelve simulated monthly refreshes, ``python benchmarks/refreshes.py``.

Customers buy as BG/NBD and gamma-gamma say (heavier than CDNOW), their rates drift a little every month, a few new ones
come. Each month all is computed anew from the transactions, as the refresh does: trailing-12-month net sales, CLV fitted on
all, CUSTOMERTIER on top.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from udfs import clv, policy
from udfs.customers import TIERS, borders_of, scores_of, seated
from udfs.rfm import model_inputs, summary

MONTHS, WARM_UP, MONTH = 12, 24, 30


def history(seed: int, customers: int) -> tuple[Any, Any, Any]:
    """Customer, day and fen of every purchase in 36 months."""
    chance = np.random.default_rng(seed)
    rate = chance.gamma(0.8, 1 / 0.8, customers)  # purchases a month
    size = chance.gamma(4, 1 / chance.gamma(2.5, 1, customers)) * 20_000
    came = np.where(np.arange(customers) < 0.8 * customers, 0, chance.integers(0, WARM_UP + MONTHS, customers))
    rows = []
    for month in range(WARM_UP + MONTHS):
        rate = rate * np.exp(chance.normal(0, 0.08, customers))
        rate[chance.random(customers) < 0.005] = 0.0  # left for good
        bought = np.flatnonzero(came <= month).repeat(chance.poisson(rate[came <= month]))
        fen = np.rint(size[bought] * chance.gamma(5, 1 / 5, len(bought)) * 100).astype(np.int64)
        rows.append((bought, month * MONTH + chance.integers(0, MONTH, len(bought)), fen))
    return tuple(np.concatenate(column) for column in zip(*rows, strict=True))  # type: ignore[return-value]


def refreshed(ids: Any, days: Any, fen: Any, today: int) -> tuple[Any, Any, Any]:
    """Customers, trailing sales and CLV as of a day."""
    past = days <= today
    found = summary(ids[past], days[past], fen[past])
    x, t, age, mean = model_inputs(found, today)
    model = clv.fit(x, t, age, mean)
    worth = model.discounted(x, t, age, 12, 0.01, 365 / 84) * model.value(x, mean)
    recent = past & (days > today - 365)
    return found.ids, np.bincount(ids[recent], fen[recent] / 100, minlength=int(found.ids.max()) + 1)[found.ids], worth


def run(seed: int, customers: int, buffer: float | None) -> tuple[int, int, float]:
    """Changes, there-and-back changes within the twelve refreshes, and the share of the score that S holds on average."""
    ids, days, fen = history(seed, customers)
    caps, shares = policy.value("customers.caps"), policy.value("customers.shares")
    before: dict[int, int] = {}
    trail: dict[int, list[int]] = {}
    held, changes = [], 0
    for month in range(MONTHS + 1):
        names, sales, worth = refreshed(ids, days, fen, (WARM_UP + month) * MONTH - 1)
        scores = scores_of(sales, worth)
        order = np.lexsort((names, -sales, -scores)).tolist()
        borders = borders_of(scores[order].tolist(), caps, shares, buffer or 0.0)
        out = len(TIERS) - 1
        tiers = seated(borders, [before.get(int(names[i]), out) if buffer is not None else out for i in order])
        now = {int(names[i]): tier for i, tier in zip(order, tiers, strict=True)}
        changes += sum(before.get(name, out) != tier for name, tier in now.items()) if month else 0
        held.append(sum(scores[i] for i, tier in zip(order, tiers, strict=True) if tier == 0))
        for name, tier in now.items():
            trail.setdefault(name, []).append(tier)
        before = now
    flaps = 0
    for tiers in trail.values():
        moves = [tier for k, tier in enumerate(tiers) if not k or tier != tiers[k - 1]]
        flaps += sum(a == c for a, c in zip(moves, moves[2:], strict=False))
    return changes, flaps, statistics.mean(held)


def main() -> None:
    """Average over a few companies and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=600)
    parser.add_argument("--companies", type=int, default=10)
    options = parser.parse_args()
    print("| buffer | changes a refresh | there and back in a year | score held by S |\n|---|---:|---:|---:|")
    for label, buffer in (("none (plain cut)", None), ("0%", 0.0), ("10%", 0.1), ("20%", 0.2), ("30%", 0.3)):
        found = [run(seed, options.customers, buffer) for seed in range(options.companies)]
        changes, flaps, held = (statistics.mean(column) for column in zip(*found, strict=True))
        print(f"| {label} | {changes / MONTHS:.1f} | {flaps:.1f} | {held:.1%} |", flush=True)


if __name__ == "__main__":
    main()
