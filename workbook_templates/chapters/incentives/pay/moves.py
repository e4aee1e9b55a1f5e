"""An order's life replayed for one claim: signing, returns, cash, bad debt → movements, cumulatively exact.

What an event takes or releases is the rounded cumulative amount less what went before, so that after the whole nothing remains.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from udfs.text import Text, counted
from udfs.values import exact
from workbook_templates.chapters.incentives.pay.exact import rounded, shared
from workbook_templates.chapters.incentives.pay.facts import CashIn, PayFacts, Return, SoldOrder
from workbook_templates.chapters.incentives.pay.settled import CANCELLED, HELD, PAY, RELEASED, SIGNING, Event
from workbook_templates.chapters.incentives.pay.worth import Claim

BAD_DEBT, RETENTION, LAPSE = "bad_debt", "retention", "lapse"
UNDATED = Text("，无应收日期", ", no due date")
_LATE = re.compile(r"晚 (-?\d+) 天|(-?\d+) days? after it was due")


@dataclass(frozen=True)
class Movement:
    """One movement of a claim, in fen. ``deal``: the order or the return it stands beside."""

    event: Event
    deal: str
    day: dt.date
    what: str  # a class: pay, held, release, cancel
    kind: str
    amount: int
    working: Text


@dataclass(frozen=True)
class ReleaseTerms:
    """How an order's accrual is released: those of its signing day."""

    at_signing: Fraction
    retention: Fraction
    late: Sequence[tuple[int, Fraction]]  # days from due to cash, from; factor
    lapses: dt.date | None  # what is held for a leaver lapses on the day after

    @property
    def at_once(self) -> bool:
        """Whether nothing is held."""
        return self.at_signing >= 1


def terms_of(facts: PayFacts, claim: Claim) -> ReleaseTerms:
    """The terms of a claim's order."""
    day, policy = claim.order.day, facts.policy
    share = Fraction(0) if claim.cashed else exact(policy.at("release.at_signing", day))
    if claim.decided or share >= 1:
        return ReleaseTerms(Fraction(1), Fraction(0), (), None)
    late = [
        (int(days), exact(factor))
        for days, factor in zip(policy.at("release.late_days", day), policy.at("release.late_factors", day), strict=False)
    ]
    left = (facts.staff.people.get(claim.credit.person) or {}).get("left")
    lapses = left if policy.at("release.leaver", day) == "lapses" and isinstance(left, dt.date) else None
    return ReleaseTerms(share, exact(policy.at("release.retention", day)), late, lapses)


@dataclass
class _Layer:
    """Cash that is in, and what was released for it."""

    cash: Fraction
    released: int


@dataclass
class _State:
    """Where a claim stands as its events go by."""

    amount: int
    revenue: Fraction
    retention: Fraction
    held: int = 0
    at_once: int = 0
    lost: Fraction = Fraction(0)  # returned or bad
    bad: Fraction = Fraction(0)  # of it, what was a bad debt and was not recovered
    taken: int = 0
    lapsed: int = 0  # by late cash or on leaving: nobody ever got it
    paid: Fraction = Fraction(0)
    retained: Fraction = Fraction(0)
    reach: Fraction = Fraction(0)  # how far cash counts now
    high: Fraction = Fraction(0)  # how far it ever counted in this stretch
    start: Fraction = Fraction(0)  # of this stretch
    stretch: int = 0  # what this stretch releases in all
    consumed: int = 0
    layers: list[_Layer] = field(default_factory=list)
    refunded: list[_Layer] = field(default_factory=list)

    @property
    def net(self) -> Fraction:
        """What the customer is to pay."""
        return self.revenue - self.lost

    def counted(self) -> Fraction:
        """How far cash counts: retention comes last, more than is owed does not count."""
        main = (1 - self.retention) * self.net
        within = min(self.paid, main)
        beyond = self.paid - within + self.retained if self.paid >= main else Fraction(0)
        return max(Fraction(0), min(self.net, within + beyond))

    def count(self, event: CashIn) -> None:
        """Cash came in, or went back."""
        if event.kind == RETENTION:
            self.retained += event.amount
        else:
            self.paid += event.amount
        self.reach = self.counted()

    def begin(self) -> None:
        """A new stretch: what is held goes with the cash still to come."""
        self.reach = self.counted()
        self.high = self.start = self.reach + sum((layer.cash for layer in self.refunded), Fraction(0))
        self.stretch, self.consumed = self.held - sum(layer.released for layer in self.refunded), 0


_When = tuple[dt.date, int, int]
_Fact = tuple[_When, Return | CashIn | None]  # None: what is held for a leaver lapses


def moves_of(claim: Claim, terms: ReleaseTerms, returns: Sequence[Return], cash: Sequence[CashIn]) -> list[Movement]:
    """All movements of a claim, in the order of their days."""
    if terms.at_once and not returns and not cash:
        return list(_signing(claim, _State(claim.amount, Fraction(0), Fraction(0), at_once=claim.amount), terms))
    events: list[_Fact] = [((back.day, 0, place), back) for place, back in enumerate(returns)]
    events += [((came.day, 1, place), came) for place, came in enumerate(cash if claim.amount else ())]
    if terms.lapses is not None:
        events.append(((terms.lapses, 2, 0), None))
    return _replayed(claim, terms, sorted(events, key=lambda e: e[0]))[0]


def _replayed(claim: Claim, terms: ReleaseTerms, events: Sequence[_Fact]) -> tuple[list[Movement], _State]:
    """The movements of some events, and where the claim stands after them."""
    order = claim.order
    state = _State(claim.amount, exact(order.revenue), terms.retention)
    state.at_once = rounded(claim.amount * terms.at_signing)
    state.held = claim.amount - state.at_once
    out = list(_signing(claim, state, terms))
    state.begin()
    past: list[_Fact] = []
    for when, event in events:
        recovered = _recovered(state, event)
        past = [*_less_bad(past, recovered), (when, event)] if recovered else [*past, (when, event)]
        if isinstance(event, CashIn) and recovered:
            again, then = _replayed(claim, terms, past)
            out += _given_back(claim, event, recovered, terms, (out, state), (again, then))
            state = then
        elif isinstance(event, Return):
            out += _lost(claim, state, event.amount, ("return", event.id), event.id, event.day)
        elif isinstance(event, CashIn) and event.kind == BAD_DEBT:
            state.bad += event.amount
            out += _lost(claim, state, event.amount, _named(event.day), order.id, event.day)
        elif isinstance(event, CashIn):
            before = state.reach
            state.count(event)
            out += [] if terms.at_once else _cashed(claim, state, event, before, terms)
        elif state.held and terms.lapses is not None:
            said = Text("离职，待发作废", "left: what was held lapses")
            out.append(Movement(_named(terms.lapses), order.id, terms.lapses, CANCELLED, "cancel", -state.held, said))
            state.lapsed, state.held = state.lapsed + state.held, 0
            state.begin()
    return out, state


def _recovered(state: _State, event: Return | CashIn | None) -> Fraction:
    """How much of a bad debt a payment brings after all: what comes in beyond what else is still owed."""
    if not isinstance(event, CashIn) or event.kind == BAD_DEBT or event.amount <= 0:
        return Fraction(0)
    return max(Fraction(0), min(state.bad, state.paid + state.retained + event.amount - state.net))


def _less_bad(events: Sequence[_Fact], recovered: Fraction) -> list[_Fact]:
    """What happened, with so much less of bad debt, the latest first."""
    out: list[_Fact] = []
    for when, event in reversed(events):
        if isinstance(event, CashIn) and event.kind == BAD_DEBT and recovered:
            less = min(event.amount, recovered)
            recovered -= less
            event = replace(event, amount=event.amount - less)
        out.append((when, event))
    return out[::-1]


_Stand = tuple[Sequence[Movement], _State]


def _given_back(
    claim: Claim, event: CashIn, recovered: Fraction, terms: ReleaseTerms, before: _Stand, after: _Stand
) -> Iterator[Movement]:
    """What a recovered bad debt gives back: as if so much less of it had been bad, released as the terms say of cash of this day."""
    got, then = (sum(m.amount for m in moves if m.what in (PAY, RELEASED)) for moves, _ in (before, after))
    held, named = after[1].held - before[1].held, _named(event.day)
    said = Text(f"坏账后又收到 {float(recovered):,.2f}", f"{float(recovered):,.2f} yuan of a bad debt came in after all")
    if terms.at_once:
        yield Movement(named, claim.order.id, event.day, PAY, "clawback", then - got, said)
        return
    if then - got + held:
        yield Movement(named, claim.order.id, event.day, CANCELLED, "cancel", then - got + held, said)
    if then - got:
        yield Movement(named, claim.order.id, event.day, RELEASED, "release", then - got, said)


def _named(day: dt.date) -> Event:
    return "cash", f"{day:%Y-%m-%d}"


def _signing(claim: Claim, state: _State, terms: ReleaseTerms) -> Iterator[Movement]:
    kind = {"special": "special", "override": "mgr"}.get(claim.component, "accrual")
    at = SIGNING, claim.order.id, claim.order.day
    if terms.at_once or state.at_once:
        yield Movement(*at, PAY, kind, state.at_once, claim.working)
    if not terms.at_once and (state.held or not state.at_once):
        yield Movement(*at, HELD, "held", state.held, claim.working)


def _lost(claim: Claim, state: _State, amount: Fraction, event: Event, deal: str, day: dt.date) -> Iterator[Movement]:
    """A return or a bad debt: its part of what the order brought, from what is held first."""
    state.lost += amount
    part = state.lost / state.revenue if state.revenue else Fraction(1)
    brought = state.amount - state.lapsed
    whole = brought if part >= 1 else rounded(brought * part)
    take, state.taken = whole - state.taken, whole
    from_held = max(0, min(take, state.held)) if take > 0 else 0
    state.held -= from_held
    back = take - from_held
    said = _share_said(claim, state)
    if from_held:
        yield Movement(event, deal, day, CANCELLED, "cancel", -from_held, said)
    if back or not from_held:
        yield Movement(event, deal, day, PAY, "clawback", -back, said)
    _reduce(state, back)
    state.begin()
    if state.layers and 0 < state.net <= state.reach and state.held > 0:
        # Late cash took off more than its part of what is left: no more is to come that could release the rest.
        said = Text("余下的款已收齐", "all that is still owed is in")
        yield Movement(event, deal, day, RELEASED, "release", state.held, said)
        state.layers[-1].released += state.held
        state.held = 0
        state.begin()


def _reduce(state: _State, back: int) -> None:
    """What was released for cash is less by what was taken back, in proportion."""
    weights = [state.at_once, *(layer.released for layer in state.layers)]
    first, *rest = shared(sum(weights) - back, weights)
    state.at_once = first
    for layer, left in zip(state.layers, rest, strict=True):
        layer.released = left


def _cashed(claim: Claim, state: _State, event: CashIn, before: Fraction, terms: ReleaseTerms) -> Iterator[Movement]:
    """Money in releases its part of what is held; money back takes the latest first. ``before``: how far cash counted."""
    named, order = _named(event.day), claim.order.id
    if state.reach < before:
        back = _refund(state, before - state.reach)
        if back:
            said = Text("退款：退回待发", "refund: back to held")
            yield Movement(named, order, event.day, RELEASED, "release", -back, said)
        return
    again = _paid_again(state, state.reach - before)
    if again:
        yield Movement(named, order, event.day, RELEASED, "release", again, Text("退款后再付", "paid again"))
    if state.reach <= state.high:
        return
    fresh, span = state.reach - state.high, state.net - state.start
    state.high = state.reach
    whole = state.reach >= state.net or span <= 0
    done = state.stretch if whole else rounded(state.stretch * (state.reach - state.start) / span)
    due, state.consumed = min(done - state.consumed, state.held), done
    factor, days = _late(claim.order, event.day, terms)
    release = rounded(due * factor)
    state.held, state.lapsed = state.held - due, state.lapsed + due - release
    state.layers.append(_Layer(fresh, release))
    part = Text(f"回款 {float(fresh):,.2f}", f"{float(fresh):,.2f} yuan came in")
    if days is not None:
        part += Text(
            f"，晚 {days} 天，系数 {float(factor):g}", f", {counted(days, 'day')} after it was due, factor {float(factor):g}"
        )
    elif len(terms.late) > 1:
        part += UNDATED
    if release:
        yield Movement(named, order, event.day, RELEASED, "release", release, part)
    if due - release:
        yield Movement(named, order, event.day, CANCELLED, "cancel", release - due, part + Text("：作废部分", ": lapsed"))


def _refund(state: _State, amount: Fraction) -> int:
    """What goes back to held for cash refunded, the latest payment first."""
    back = _handed_over(amount, state.layers, state.refunded)
    state.held += back
    return back


def _paid_again(state: _State, amount: Fraction) -> int:
    """What is released again for a refunded sum, at its old factor."""
    again = min(_handed_over(amount, state.refunded, state.layers), state.held)
    state.held -= again
    return again


def _handed_over(amount: Fraction, source: list[_Layer], target: list[_Layer]) -> int:
    """What was released for an amount of cash that goes from one stack to another, the latest first."""
    released = 0
    while amount > 0 and source:
        layer = source[-1]
        cash = min(amount, layer.cash)
        part = layer.released if cash == layer.cash else rounded(layer.released * cash / layer.cash)
        layer.cash, layer.released = layer.cash - cash, layer.released - part
        target.append(_Layer(cash, part))
        if not layer.cash:
            source.pop()
        amount, released = amount - cash, released + part
    return released


def _late(order: SoldOrder, day: dt.date, terms: ReleaseTerms) -> tuple[Fraction, int | None]:
    """The factor of a payment by its days after due; days are told where a table of factors counts them."""
    if len(terms.late) < 2 or order.due is None:
        return terms.late[0][1] if terms.late else Fraction(1), None
    days = (day - order.due).days
    reached = [factor for least, factor in terms.late if days >= least]
    return (reached[-1] if reached else terms.late[0][1]), days


def days_said(working: str) -> set[str]:
    """How many days after due the working of a release says its cash came; blank: that there was no due date to count from."""
    if any(said in working for said in (UNDATED.zh, UNDATED.en)):
        return {""}
    return {zh or en for zh, en in _LATE.findall(working)}


def _share_said(claim: Claim, state: _State) -> Text:
    brought, lost, whole = claim.amount / 100, float(state.lost), float(state.revenue)
    return Text(
        f"原单所得 {brought:,.2f} × 累计 {lost:,.2f} ÷ {whole:,.2f}，减此前已追回",
        f"the deal brought {brought:,.2f} × {lost:,.2f} in all ÷ {whole:,.2f}, less what was taken back before",
    )
