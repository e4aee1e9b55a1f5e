"""What an order is to bring each person credited with it: the rule of its signing day, factor, floor and cap, the split."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from udfs.formula import call
from udfs.policy import POLICIES
from udfs.text import Text
from udfs.values import ExcelError, exact, show
from workbook_templates.chapters.incentives.pay.exact import fen, rounded, shared
from workbook_templates.chapters.incentives.pay.facts import CreditShare, PayFacts, PayRule, SoldOrder, named
from workbook_templates.chapters.incentives.pay.months import month_of
from workbook_templates.chapters.incentives.pay.settled import SIGNING, Key, Settled, Standing, part_of
from workbook_templates.tables.words import LEVELS, RANKS

Tiers = tuple[tuple[float, ...], tuple[float, ...]]
POOLED = POLICIES["commission.basis"].words[1].en
DEFAULT = PayRule(0)
COMPONENTS = ("commission", "special")


@dataclass
class Claim:
    """One person's part of one order by one component. ``amount``: what it is to bring in all, in fen."""

    order: SoldOrder
    credit: CreditShare
    component: str
    rule: PayRule | None
    month: str  # that it is booked to
    tiers: Tiers = ((), ())
    basis: str = "margin"
    factor: float = 1.0
    amount: int = 0
    revenue: int = 0  # credited, in fen
    member: str = ""
    part: str = ""  # the role, where the person has several in the order
    decided: bool = False
    working: Text = field(default_factory=lambda: Text("", ""))
    whole: int = 0  # what the order brings by this rule, after the factor, before the split
    pooled: Text | None = None  # how its pool came to its part

    @property
    def key(self) -> Key:
        """Its place in the ledger."""
        return self.order.id, self.credit.person, self.component, self.member or self.part

    @property
    def cashed(self) -> bool:
        """Whether it is released with cash, whatever the plan says."""
        return self.rule is not None and self.rule.basis == "cash"


class NotComputed(ValueError):
    """An order whose commission can't be computed, with the reason."""

    def __init__(self, order: str, reason: Text) -> None:
        super().__init__(str(reason))
        self.order, self.reason = order, reason


def claims_of(facts: PayFacts, settled: Settled) -> tuple[list[Claim], list[Text]]:
    """All claims of all orders but their amounts, and what there is to warn of."""
    claims, warnings = list[Claim](), list[Text]()
    ruled = {rule.component for rule in facts.rules}
    known = {key[0] for key in settled.by_key}
    for order in facts.orders.values():
        if order.waits and order.id not in known:
            warnings.append(_waiting(order))
            continue
        revenues = credited(order)
        for component in COMPONENTS if "special" in ruled else COMPONENTS[:1]:
            for credit, revenue in zip(order.credits, revenues, strict=True):
                rule = _rule(facts, order, component, credit.person, ruled)
                if rule is None and component != "commission":
                    continue
                part = part_of(order, credit.person, credit.role)
                key = order.id, credit.person, component, part
                standing = settled.by_key.get(key)
                month = (standing.month if standing else None) or settled.open_month(credit.person, month_of(order.day))
                claim = Claim(order, credit, component, rule, month, revenue=revenue, part=part)
                if rule is None:
                    warnings.append(_unruled(order, credit, _words(facts, order, credit.person)))
                else:
                    claim.tiers, claim.basis = tiers_of(facts, rule, order), rule.basis
                claims.append(claim)
    return [*claims, *_decided_only(facts, settled, {claim.key for claim in claims})], warnings


def _decided_only(facts: PayFacts, settled: Settled, claimed: set[Key]) -> Iterable[Claim]:
    """What was decided by hand for somebody the order is not credited to (any more): it holds, and returns take from it."""
    for key, standing in settled.by_key.items():
        order, person, component, _ = key
        if standing.manual is not None and key not in claimed and order in facts.orders:
            month = standing.month or settled.open_month(person, month_of(facts.orders[order].day))
            yield Claim(facts.orders[order], CreditShare(person, "overlay", Fraction(0)), component, None, month)


def credited(order: SoldOrder) -> list[int]:
    """What of its revenue is credited to each, in fen; shares on top are of the whole."""
    direct = [credit.share if credit.direct else Fraction(0) for credit in order.credits]
    parts = shared(fen(order.revenue), direct)
    return [
        part if credit.direct else rounded(fen(order.revenue) * credit.share)
        for part, credit in zip(parts, order.credits, strict=True)
    ]


def _words(facts: PayFacts, order: SoldOrder, person: str) -> dict[str, str]:
    """What the filters of a rule are compared with."""
    then = facts.staff.on(person, order.day) or {}
    return {
        "line": str(then.get("line") or ""),
        "level": str(then.get("level") or ""),
        "person": person,
        "product_line": order.product_line,
        "customer_kind": order.customer_kind,
    }


def _rule(facts: PayFacts, order: SoldOrder, component: str, person: str, ruled: set[str]) -> PayRule | None:
    if component == "commission" and component not in ruled:
        return DEFAULT
    words = _words(facts, order, person)
    return next((rule for rule in facts.rules if rule.component == component and rule.fits(order.day, words)), None)


def rule_of(facts: PayFacts, order: SoldOrder, claim: Claim) -> PayRule | None:
    """The rule that would decide a claim's component, were its order this one; an override goes by its member's."""
    component = "commission" if claim.component == "override" else claim.component
    return _rule(facts, order, component, claim.member or claim.credit.person, {rule.component for rule in facts.rules})


def tiers_of(facts: PayFacts, rule: PayRule, order: SoldOrder) -> Tiers:
    """The tiers of an order under a rule: one rate, a named table's or the plan's, those of its day. A rate above 1 is a percentage without
    its sign, whatever the basis."""
    tiers = _tiers_named(facts, rule, order)
    over = next((rate for rate in tiers[1] if rate > 1), None)
    if over is not None:
        typed = f"{show(over)}%"
        raise NotComputed(order.id, Text(f"提成规则 {rule.order} 的比例 {show(over)} 大于 1：要填 {typed} 请写 {typed} 或 {show(over / 100)}", f"rule {rule.order}: the rate {show(over)} is above 1: for {typed} enter {typed} or {show(over / 100)}"))  # fmt: skip
    return tiers


def _tiers_named(facts: PayFacts, rule: PayRule, order: SoldOrder) -> Tiers:
    if isinstance(rule.tiers, float):
        return (0.0,), (rule.tiers,)
    if isinstance(rule.tiers, str):
        table = facts.tier_tables.get(named(rule.tiers))
        if table is None:
            raise NotComputed(order.id, Text(f"提成规则 {rule.order} 的提成档“{rule.tiers}”不在“档表”中：请先登记", f"rule {rule.order}: there is no tier table “{rule.tiers}”: enter it"))  # fmt: skip
        return table.on(order.day)
    thresholds, rates = (facts.policy.at(f"commission.{key}", order.day) for key in ("thresholds", "rates"))
    return tuple(thresholds), tuple(rates)


# ----------------------------------------------------------------------------------------------------------- amounts


Wanted = tuple[str, float, float, Tiers, int]  # basis, revenue, margin rate, tiers, digits


def brought(wanted: Mapping[Any, Wanted]) -> dict[Any, int]:
    """What amounts of revenue at a margin rate bring under tiers, in fen: one call for all under the same tiers."""
    groups: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for key, (basis, _, _, tiers, digits) in wanted.items():
        groups[basis == "margin", tiers, digits].append(key)
    found: dict[Any, int] = {}
    for (by_margin, tiers, digits), keys in groups.items():
        revenues = [[wanted[key][1]] for key in keys]
        if by_margin:
            answers = call("COMMISSION", revenues, [[wanted[key][2]] for key in keys], tiers[0], tiers[1], digits)
        else:
            answers = [[_digits(row[0], digits)] for row in call("TIERED", revenues, tiers[0], tiers[1])]
        for key, (answer,) in zip(keys, answers, strict=True):
            if isinstance(answer, ExcelError):
                raise NotComputed(str(key[0] if isinstance(key, tuple) else key), answer.reason)
            found[key] = fen(answer)
    return found


def _digits(answer: Any, digits: int) -> Any:
    return answer if isinstance(answer, ExcelError) else round_to(answer, digits)


def round_to(amount: float, digits: int) -> float:
    """Excel's ROUND."""
    scale = Fraction(10) ** digits
    return float(rounded(exact(amount) * scale) / scale)


def value(facts: PayFacts, claims: Sequence[Claim]) -> None:
    """Give every claim its amount: of order and rule, by factor, floor and cap, split."""
    wanted: dict[Any, Wanted] = {}
    for claim in claims:
        if claim.rule is not None:
            order = claim.order
            digits = int(facts.policy.at("commission.digits", order.day))
            wanted[order.id, claim.tiers, claim.basis] = (claim.basis, order.revenue, order.margin_rate, claim.tiers, digits)
    amounts = brought(wanted)
    by_order: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.rule is not None:
            claim.whole = bounded(claim.rule, amounts[claim.order.id, claim.tiers, claim.basis], claim.factor)
        by_order[claim.order.id, claim.component].append(claim)
    for group in by_order.values():
        _split(group)


def decide(claims: Sequence[Claim], settled: Settled) -> None:
    """What somebody decided by hand goes before what was worked out."""
    for claim in claims:
        standing = settled.by_key.get(claim.key)
        if standing is not None and standing.manual is not None:
            claim.amount, claim.decided = standing.manual, True
    whole = {key[:3]: key for key, standing in settled.by_key.items() if standing.decides_all}
    for claim in claims:
        if claim.part and whole.get(claim.key[:3], claim.key) != claim.key:
            claim.amount, claim.decided = 0, True  # the first of the person's roles has it all


def bounded(rule: PayRule, amount: int, factor: float) -> int:
    """An order's amount after factor, floor and cap; a floor lifts only what is above 0."""
    amount = amount if factor == 1 else rounded(amount * exact(factor))
    if rule.floor is not None and amount > 0:
        amount = max(amount, rule.floor)
    return amount if rule.cap is None else min(amount, rule.cap)


def _split(group: Sequence[Claim]) -> None:
    """Everyone their share of their own rule's result on the whole order; people under one rule add up to it."""
    credits = group[0].order.credits
    if len(credits) == 1 and credits[0].share == 1 and credits[0].direct:
        group[0].amount = group[0].whole
        return
    weights = [credit.share if credit.direct else Fraction(0) for credit in credits]
    parts: dict[int, list[int]] = {}
    for claim in group:
        if claim.credit.direct:
            if claim.whole not in parts:
                parts[claim.whole] = shared(claim.whole, weights)
            claim.amount = parts[claim.whole][credits.index(claim.credit)]
        else:
            claim.amount = rounded(claim.whole * claim.credit.share)


def changed(claim: Claim, standing: Standing) -> bool:
    """Whether an order, or somebody's part of it, is another than when it was last settled."""
    last = next((row for row in reversed(standing.signed) if row["kind"] != "manual"), None)
    if last is None:
        return False
    if moved(claim.order, standing) or refiled(claim.order, standing):
        return True
    if last.get("order_revenue") is not None and last.get("order_cost") is not None:
        now, then = (claim.order.revenue, claim.order.cost), (last["order_revenue"], last["order_cost"])
        # The share of an override is its rate, which the policy says and no fact.
        share = 0.0 if claim.component == "override" else float(claim.credit.share) - (last["credit_share"] or 0.0)
        return abs(share) > 1e-9 or (now != then and [*map(fen, now)] != [*map(fen, then)])
    revenue = sum(fen(row["revenue"] or 0) for row in standing.signed if row["kind"] != "manual")
    return claim.revenue != revenue or abs(claim.order.margin_rate - (last["margin_rate"] or 0)) > 1e-9


def bands(revenue: float, margin: float, tiers: Tiers) -> Iterator[float]:
    """What each tier that a margin rate touches brings, in yuan."""
    thresholds, rates = tiers
    for place, (low, rate) in enumerate(zip(thresholds, rates, strict=True)):
        high = thresholds[place + 1] if place + 1 < len(thresholds) else margin
        width = min(margin, high) - low
        if width > 0:
            yield float(rounded(exact(revenue) * exact(width) * exact(rate) * 100) / 100)


def signed_on(standing: Standing) -> dt.date | None:
    """The day of signing that an order was last settled with, if its rows say."""
    days = [row["date"] for row in standing.signed if row["kind"] != "manual" and isinstance(row.get("date"), dt.date)]
    return days[-1] if days else None


def moved(order: SoldOrder, standing: Standing) -> bool:
    """Whether an order's day was corrected since it was settled: other rates may be those of its day."""
    return signed_on(standing) not in (None, order.day)


FILED = ("product_line", "customer_kind")  # what rules ask of an order beside its day


def as_then(order: SoldOrder, standing: Standing) -> SoldOrder:
    """An order with the day, product line and customer kind that it was last settled with."""
    was = refiled(order, standing)
    line, kind = was.get("product_line", order.product_line), was.get("customer_kind", order.customer_kind)
    return replace(order, day=signed_on(standing) or order.day, product_line=line, customer_kind=kind)


def refiled(order: SoldOrder, standing: Standing) -> dict[str, str]:
    """What an order's product line and customer kind were when it was last settled, where they are others now: facts that were
    corrected, no rules. A row of before the ledger kept them has no kind, and says nothing; one decided by hand says what its order was when
    it was last computed open."""
    last = next((row for row in reversed(standing.signed) if row["kind"] != "manual" or row.get("customer_kind")), None)
    if last is None or not last.get("customer_kind"):
        return {}
    return {key: was for key in FILED if (was := str(last.get(key) or "")) != getattr(order, key)}


# ---------------------------------------------------------------------------------------------------------- override


def overrides(facts: PayFacts, claims: Sequence[Claim], settled: Settled) -> list[Claim]:
    """What managers get for their direct reports' orders, by their level; none on their own deals."""
    out: dict[Key, Claim] = {}
    levels = [word.code for word in RANKS]
    for claim in claims:
        order = claim.order
        if claim.component != "commission" or claim.credit.role == "override":
            continue
        rates = facts.policy.at("override.rates", order.day)
        if not any(rates):
            continue
        member = facts.staff.on(claim.credit.person, order.day) or {}
        manager = member.get("manager") or ""
        level = LEVELS.like((facts.staff.on(manager, order.day) or {}).get("level")) if manager else None
        rate = rates[levels.index(level)] if level in levels and levels.index(level) < len(rates) else 0
        if not rate or any(credit.person == manager for credit in order.credits):
            continue
        key = order.id, manager, "override", claim.credit.person
        standing = settled.by_key.get(key)
        month = (standing.month if standing else None) or settled.open_month(manager, month_of(order.day))
        share = exact(rate)
        made = Claim(order, CreditShare(manager, "override", share), "override", claim.rule, month, claim.tiers, claim.basis)
        made.member = claim.credit.person
        made = out.setdefault(made.key, made)  # one row a member, in however many roles
        made.whole += claim.amount
        made.amount = rounded(made.whole * share)
    return list(out.values())


# ------------------------------------------------------------------------------------------------------------- texts


def _waiting(order: SoldOrder) -> Text:
    return Text(
        f"{order.id}：收入 {order.revenue:,.2f} 元超过复核线，待第二人同意，未计提",
        f"{order.id}: revenue of {order.revenue:,.2f} yuan is above the review limit and waits for a second person, nothing is accrued",
    )


def raised_said(order: SoldOrder, revenue: float) -> Text:
    """What is said of a settled order that was raised above the review limit; ``revenue`` is what it was raised to."""
    return Text(
        f"{order.id}：收入改为 {revenue:,.2f} 元，超过复核线，待第二人同意；此前仍按已结的 {order.revenue:,.2f} 元计",
        f"{order.id}: revenue raised to {revenue:,.2f} yuan is above the review limit and waits for a second person; until then it counts "
        f"as settled, {order.revenue:,.2f}",
    )


def _unruled(order: SoldOrder, credit: CreditShare, words: Mapping[str, str]) -> Text:
    what = ", ".join(filter(None, (words["level"], order.product_line)))
    return Text(
        f"{credit.person}，{order.id}：没有适用的提成规则（{what}），按 0 计",
        f"{credit.person}, {order.id}: no rule of component commission fits ({what}), nothing is earned",
    )


Attained = Callable[[str, str], Fraction | None]


def factors(facts: PayFacts, claims: Iterable[Claim], settled: Settled, attained: Attained) -> None:
    """The factor of every claim: the one that was paid, or that of its month's attainment (gate, accelerator)."""
    for claim in claims:
        standing = settled.by_key.get(claim.key)
        if standing is not None and standing.rows.get(SIGNING) and _factored_alike(facts, claim, standing):
            claim.factor = standing.factor
        elif claim.rule is not None and (claim.rule.gate is not None or claim.rule.accelerator):
            claim.factor = _factor(facts, claim.rule, claim.month, attained(claim.credit.person, claim.month))


def _factored_alike(facts: PayFacts, claim: Claim, standing: Standing) -> bool:
    """Whether the rule that an order was settled by asks the same of attainment as the one that its corrected facts fall under now."""
    if not refiled(claim.order, standing) and not moved(claim.order, standing):
        return True
    then = rule_of(facts, as_then(claim.order, standing), claim)
    asked = [(rule.gate, named(rule.accelerator)) if rule is not None else (None, "") for rule in (then, claim.rule)]
    return asked[0] == asked[1]


def _factor(facts: PayFacts, rule: PayRule, month: str, attainment: Fraction | None) -> float:
    if attainment is None:
        return 1.0  # without a quota there is nothing to attain
    if rule.gate is not None and attainment < exact(rule.gate):
        return 0.0
    table = facts.tier_tables.get(named(rule.accelerator))
    if table is None:
        return 1.0
    thresholds, rates = table.on(dt.date(int(month[:4]), int(month[5:]), 1))
    least = max(attainment, Fraction(0))  # more came back than was sold: the table's lowest step, not beside it
    reached = [rate for threshold, rate in zip(thresholds, rates, strict=True) if exact(threshold) <= least]
    return reached[-1] if reached else 1.0
