"""A pooled basis: a person's orders of a month as one sum with one margin rate, shared by margin. Settled orders keep their parts.

What was settled together is a layer, and so is what comes late, by the month that it is booked to: each layer brings the difference it makes
to its month's pool, by its own factor. So nothing depends on the order of the rows, and a later run finds again what an earlier one paid.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from udfs.text import Text
from udfs.values import exact, total_of
from workbook_templates.chapters.incentives.pay.exact import fen, rounded, shared, yuan
from workbook_templates.chapters.incentives.pay.facts import PayFacts, SoldOrder
from workbook_templates.chapters.incentives.pay.months import month_of
from workbook_templates.chapters.incentives.pay.settled import Key, Settled, Standing
from workbook_templates.chapters.incentives.pay.worth import (
    POOLED,
    Claim,
    Wanted,
    as_then,
    bands,
    brought,
    changed,
    refiled,
    rule_of,
    signed_on,
    tiers_of,
)

NOW, THEN = "now", "then"
Item = tuple[int, float]  # credited revenue in fen, margin rate


@dataclass
class _Pool:
    """The orders of one person and month under the same tiers and factor."""

    claims: list[Claim]
    standing: Mapping[int, Standing]  # by a claim's id: what was settled of it in this pool
    left: bool = False  # an order that was settled in it is somebody else's, or another month's, now
    layers: list[list[Claim]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """What was settled first, then what is new; of each the earlier month first."""
        self.claims.sort(key=lambda claim: (claim.order.day, claim.order.id, claim.part))
        found: dict[tuple[bool, str], list[Claim]] = defaultdict(list)
        for claim in self.claims:
            found[id(claim) not in self.standing, claim.month].append(claim)
        self.layers = [found[place] for place in sorted(found)]

    def settled(self, layer: Sequence[Claim]) -> bool:
        """Whether a layer is one of those that were settled."""
        return id(layer[0]) in self.standing

    @functools.cached_property
    def changed(self) -> list[Claim]:
        """The settled orders that are another now than when they were settled."""
        return [claim for claim in self.claims if id(claim) in self.standing and changed(claim, self.standing[id(claim)])]

    def items(self, claims: Iterable[Claim], when: str) -> list[Item]:
        """Revenue and margin rate of orders, as they are or as they were settled."""
        was = {id(claim) for claim in self.changed} if when == THEN else ()
        return [
            _settled_item(self.standing[id(claim)]) if id(claim) in was else (claim.revenue, claim.order.margin_rate)
            for claim in claims
        ]


def pool(facts: PayFacts, claims: Sequence[Claim], settled: Settled) -> None:
    """Give the claims of pooled orders their parts of their pools."""
    pools = _pools(facts, claims, settled)
    wanted: dict[Any, Wanted] = {}
    for key, one in pools.items():
        digits = int(facts.policy.at("commission.digits", one.claims[0].order.day))
        for end in range(1, len(one.layers) + 1):
            together = [claim for layer in one.layers[:end] for claim in layer]
            for when in (NOW, THEN) if one.changed and one.settled(one.layers[end - 1]) else (NOW,):
                wanted[(*key, end, when)] = _together(one.items(together, when), one.claims[0], digits)
    sums: dict[Any, dict[tuple[int, str], int]] = defaultdict(dict)
    for (*whose, end, when), amount in brought(wanted).items():
        sums[tuple(whose)][end, when] = amount
    for key, one in pools.items():
        _share(one, sums[key])
        _say(one, sums[key], lambda *place, key=key: wanted[(*key, *place)])


def _pools(facts: PayFacts, claims: Iterable[Claim], settled: Settled) -> dict[Key, _Pool]:
    groups: dict[Any, list[Claim]] = defaultdict(list)
    for claim in claims:
        if _pooled(facts, claim) and claim.rule is not None:
            groups[claim.credit.person, month_of(claim.order.day), claim.tiers, claim.rule.gate, claim.rule.accelerator].append(
                claim
            )
    standing = {id(c): s for group in groups.values() for c in group if (s := _stands(facts, settled, c)) is not None}
    kept = {claim.key for group in groups.values() for claim in group if id(claim) in standing}
    left = {
        (key[1], month_of(day))
        for key, one in (settled.by_key.items() if groups else ())
        if key not in kept and key[2] == "commission" and one.closed and (day := signed_on(one)) is not None
    }
    return {key: _Pool(group, standing, key[:2] in left) for key, group in groups.items()}


def _pooled(facts: PayFacts, claim: Claim) -> bool:
    """Whether an order is pooled. A floor or a cap binds a whole order: one whose rule has either stands by itself."""
    rule = claim.rule
    if rule is None or claim.component != "commission" or claim.basis != "margin" or (rule.floor, rule.cap) != (None, None):
        return False
    return bool(facts.policy.at("commission.basis", claim.order.day) == POOLED)


def _pool_of(facts: PayFacts, claim: Claim, order: SoldOrder) -> tuple[Any, ...]:
    """What of its rule says in which of a month's pools an order is."""
    rule = rule_of(facts, order, claim)
    return () if rule is None else (tiers_of(facts, rule, order), rule.gate, rule.accelerator, rule.basis, rule.floor, rule.cap)


def _stands(facts: PayFacts, settled: Settled, claim: Claim) -> Standing | None:
    """What was settled of a claim, in the pool that it belongs to now."""
    found = settled.by_key.get(claim.key)
    if found is None or not found.signed or (found.manual is not None and not found.closed):
        return None
    if refiled(claim.order, found) and _pool_of(facts, claim, as_then(claim.order, found)) != _pool_of(facts, claim, claim.order):
        return None  # it was settled in the pool of another rule
    day = signed_on(found)
    return found if day is None or month_of(day) == month_of(claim.order.day) else None


def _settled_item(standing: Standing) -> Item:
    rows = [row for row in standing.signed if row["kind"] != "manual"]
    return sum(fen(row["revenue"] or 0) for row in rows), rows[-1]["margin_rate"] or 0.0


def _together(items: Sequence[Item], claim: Claim, digits: int) -> Wanted:
    revenue = total_of(yuan(amount) for amount, _ in items)
    margin = total_of(yuan(amount) * rate for amount, rate in items)
    return "margin", revenue, margin / revenue if revenue else 0.0, claim.tiers, digits


def _share(one: _Pool, sums: Mapping[tuple[int, str], int]) -> None:
    """New orders share what their layer brings; settled ones keep their parts, and the first that changed carries what that makes."""
    before, due, was = {NOW: 0, THEN: 0}, 0, 0
    for end, layer in enumerate(one.layers, 1):
        factor = _factor(layer)
        now, then = sums[end, NOW], sums.get((end, THEN), sums[end, NOW])
        part = rounded((now - before[NOW]) * factor)
        if one.settled(layer):
            due, was = due + part, was + rounded((then - before[THEN]) * factor)
        else:
            _divide(layer, part)
        before = {NOW: now, THEN: then}
    mine = [claim for claim in one.claims if id(claim) in one.standing]
    for claim in mine:
        claim.amount = one.standing[id(claim)].accrued
    if due != was:
        one.changed[0].amount += due - was
    decided = any(one.standing[id(claim)].manual is not None for claim in mine)
    if mine and not one.left and not decided:  # else what its orders were settled with can't be found again: they keep it
        drift = was - sum(one.standing[id(claim)].accrued for claim in mine)
        next((claim for claim in mine if claim not in one.changed), mine[0]).amount += drift


def _factor(layer: Sequence[Claim]) -> Fraction:
    return exact(next((claim.factor for claim in layer if claim.factor != 1), 1.0))


def _divide(layer: Sequence[Claim], amount: int) -> None:
    weights = [max(claim.revenue * exact(claim.order.margin_rate), Fraction(0)) for claim in layer]
    for claim, part in zip(layer, shared(amount, weights if any(weights) else [1, *[0] * (len(layer) - 1)]), strict=True):
        claim.amount = part


def _say(one: _Pool, sums: Mapping[tuple[int, str], int], wanted: Callable[[int, str], Wanted]) -> None:
    """The working of what is new or changed: the month's pool, and from what to what it went."""
    before = 0
    for end, layer in enumerate(one.layers, 1):
        said = _said(one, before, sums[end, NOW], wanted(end, NOW))
        for claim in () if one.settled(layer) else layer:
            claim.pooled = said + _by_factor(claim.factor)
        before = sums[end, NOW]
    for claim in one.changed:
        last = sum(one.settled(layer) for layer in one.layers)
        claim.pooled = _said(one, sums[last, THEN], sums[last, NOW], wanted(last, NOW)) + _by_factor(claim.factor)


def _said(one: _Pool, before: int, now: int, wanted: Wanted) -> Text:
    _, revenue, rate, tiers, _ = wanted
    month, whole = month_of(one.claims[0].order.day), f"{yuan(now):,.2f}"
    each = [f"{part:,.2f}" for part in bands(revenue, rate, tiers)]
    parts = " + ".join(each)
    if before:
        pool = f"{yuan(before):,.2f} → {whole}"
        return Text(
            f"{month} 合并 {pool}（收入 {revenue:,.2f}，毛利率 {rate:.2%}：{parts}）",
            f"{month}'s pool {pool} (revenue {revenue:,.2f}, margin {rate:.2%}: {parts})",
        )
    told = whole if len(each) < 2 else f"{parts} = {whole}"
    return Text(
        f"{month} 合并收入 {revenue:,.2f}，毛利率 {rate:.2%}：{told}，按毛利分",
        f"{month}'s pool: revenue {revenue:,.2f}, margin {rate:.2%}: {told}, shared by margin",
    )


def _by_factor(factor: float) -> Text:
    return Text("", "") if factor == 1 else Text(f"，× 系数 {factor:g}", f", × factor {factor:g}")
