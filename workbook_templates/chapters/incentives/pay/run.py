"""One run: all that pay follows from → the ledger's open rows and the open accounts as they should be.

What is settled stays. What differs from it becomes a row of the first month that is open for the person.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from udfs.text import Text, counted, joined, language
from udfs.values import exact
from workbook_templates.chapters.incentives.pay import accounts, actuals, moves, pools, worth
from workbook_templates.chapters.incentives.pay.exact import fen, rounded, yuan
from workbook_templates.chapters.incentives.pay.facts import CreditShare, PayFacts, Remembered, Row, SoldOrder
from workbook_templates.chapters.incentives.pay.months import month_of
from workbook_templates.chapters.incentives.pay.moves import Movement
from workbook_templates.chapters.incentives.pay.settled import (
    BALANCE,
    CANCELLED,
    HELD,
    PAY,
    RELEASED,
    SEALED,
    SIGNING,
    Event,
    Key,
    Settled,
    Standing,
    key_of,
)
from workbook_templates.chapters.incentives.pay.worth import Claim
from workbook_templates.tables.words import CUSTOMER_KINDS, PRODUCT_LINES

LedgerRow = dict[str, Any]
_OF_PEOPLE = ("level", "line")  # filters of rules that ask what somebody was on the day
_SAME = 1e-9  # shares that differ by less are the same
_CORRECTED = {PAY: "adjustment", HELD: "held", RELEASED: "release", CANCELLED: "cancel"}


@dataclass(frozen=True)
class Repriced:
    """A settled order that would bring somebody something else although nothing of it changed: its rules did. In fen; what was paid at
    once and what is held together, or what was paid at once where only that differs."""

    order: str
    person: str
    component: str
    before: int
    after: int
    since: str = field(default="", compare=False)  # the day from which a change re-prices nothing
    of_people: bool = field(default=False, compare=False)  # perhaps somebody's manager, level or line was corrected
    unfiled: bool = field(
        default=False, compare=False
    )  # settled without its product line and customer kind: perhaps they were corrected


@dataclass
class PayRun:
    """What a run comes to."""

    rows: list[LedgerRow] = field(default_factory=list)  # all open rows but those decided by hand
    accounts: list[LedgerRow] = field(default_factory=list)  # all open accounts
    warnings: list[Text] = field(default_factory=list)
    repriced: list[Repriced] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    decided: dict[Key, tuple[str, str]] = field(default_factory=dict)  # settled orders somebody re-priced: who, why
    open_keys: set[Key] = field(default_factory=set)  # of rows that were computed for open months before
    credited: set[tuple[str, str]] = field(default_factory=set)  # orders and who has rows of them of their own
    decision: tuple[str, str] | None = None  # that answers for what is re-priced now


def run(facts: PayFacts, decision: tuple[str, str] | None = None) -> PayRun:
    """Work it all out; raises :class:`worth.NotComputed` for an order that can't be computed.

    ``decision``: who decided, and why, that what is settled is re-priced; its rows say so.
    """
    given, facts = facts.orders, replace(facts, policy=Remembered(facts.policy))
    settled = Settled(facts)
    raised = _as_settled(facts, settled)
    facts = replace(facts, orders={**facts.orders, **raised})
    claims, warnings = worth.claims_of(facts, settled)
    warnings = [*(worth.raised_said(order, now.revenue) for order in raised.values() for now in (given[order.id],)), *warnings]
    actual = actuals.actuals(facts, claims, settled)
    worth.factors(facts, claims, settled, actuals.attained(facts, actual))
    worth.value(facts, claims)
    pools.pool(facts, claims, settled)
    worth.decide(claims, settled)
    claims += worth.overrides(facts, claims, settled)
    result = PayRun(warnings=warnings, claims=claims, decided=_redecided(facts), open_keys=_open_keys(facts), decision=decision)
    result.credited = {key[:2] for key in (*settled.by_key, *result.open_keys) if key[2] != "override"}
    mine = [claim for claim in claims if claim.credit.person not in facts.left_out]
    for claim in mine:
        result.rows += _rows_of(facts, settled, claim, result)
    result.rows += _gone(facts, settled, {claim.key for claim in claims}, result)
    since = f"{max(settled.first_open.values(), default=facts.last_month)}-01"
    result.repriced = [replace(one, since=since, of_people=_asks_people(facts, one)) for one in result.repriced]
    made = accounts.accounts_of(facts, settled, [*_kept(facts, settled), *result.rows])
    result.rows += [_completed(facts, row) for account in made for row in account.rows]
    result.accounts = accounts.as_rows(facts, made, actual)
    return result


def _as_settled(facts: PayFacts, settled: Settled) -> dict[str, SoldOrder]:
    """Orders that were settled and then raised above the review limit: until a second person's yes they are what was settled."""
    last: dict[str, Row] = {}
    for (order, *_), standing in settled.by_key.items():
        for row in standing.signed if order in facts.orders and facts.orders[order].waits else ():
            if row.get("order_revenue") is not None:
                last[order] = max(last.get(order, row), row, key=lambda r: str(r["period"]))
    found = {id_: replace(facts.orders[id_], revenue=r["order_revenue"], cost=r["order_cost"] or 0.0) for id_, r in last.items()}
    return {id_: order for id_, order in found.items() if fen(order.revenue) < fen(facts.orders[id_].revenue)}


WHY = "；"  # between why something was re-priced and its working


def _redecided(facts: PayFacts) -> dict[Key, tuple[str, str]]:
    """Open rows that somebody answers for: a decision to re-price holds until its month is settled."""
    return {
        key_of(facts, row, row["deal"] or ""): (str(row["by"]), str(row["reason"] or "").partition(WHY)[0])
        for row in facts.ledger
        if not Settled.fixed(row) and row.get("by")
    }


def _open_keys(facts: PayFacts) -> set[Key]:
    return {key_of(facts, row, row["deal"] or "") for row in facts.ledger if not Settled.fixed(row)}


def _kept(facts: PayFacts, settled: Settled) -> Iterator[Row]:
    """The rows that stay: settled ones, and what somebody decided; draws and holds of open months are made anew."""
    for row in facts.ledger:
        sealed = (row["period"], row["person"]) in settled.statements
        if sealed or (Settled.fixed(row) and row["kind"] not in BALANCE):
            yield row


# ----------------------------------------------------------------------------------------------------- rows of a claim


def _rows_of(facts: PayFacts, settled: Settled, claim: Claim, result: PayRun) -> Iterator[LedgerRow]:
    order = claim.order
    standing = settled.by_key.get(claim.key)
    if standing is None or SIGNING not in standing.sums:  # what stands has its working
        claim.working = _working(claim)
    found = moves.moves_of(claim, moves.terms_of(facts, claim), facts.returns.get(order.id, ()), facts.cash.get(order.id, ()))
    by_event: dict[Event, list[Movement]] = defaultdict(list)
    for move in found:
        by_event[move.event].append(move)
    for event, mine in by_event.items():
        there = standing.sums.get(event) if standing is not None else None
        if standing is None or there is None:
            if event == SIGNING:
                _reprice_anew(facts, settled, claim, mine, result)
            carrier = next((move for move in mine if move.what == PAY), mine[0])  # the row that a return's revenue stands beside
            made: Iterable[LedgerRow] = (_row(facts, settled, claim, move, event, move is carrier) for move in mine)
        else:
            if event == SIGNING:
                _reprice(claim, standing, mine, result)
            elif event[0] == "cash":
                _reprice_cash(claim, standing, event, mine, result)
            made = _differences(facts, settled, claim, standing, event, mine)
        signed = event == SIGNING or (standing is not None and event[0] == "cash" and event in standing.sums)
        yield from (_answered_for(result, claim.key, row) for row in made) if signed else made
    if standing is not None:
        for event in [e for e in standing.sums if e not in by_event]:
            if event[0] == "cash":
                _reprice_lapse(facts, claim, standing, event, result)
            yield from (_answered_for(result, claim.key, r) for r in _differences(facts, settled, claim, standing, event, []))


def _answered_for(result: PayRun, key: Key, row: LedgerRow) -> LedgerRow:
    """A row with who re-priced it and why, where somebody did."""
    by, why = result.decided.get(key, ("", ""))
    return row | ({"by": by, "reason": f"{why}{WHY}{row['reason'] or ''}"} if by else {})


def _row(facts: PayFacts, settled: Settled, claim: Claim, move: Movement, event: Event, carries: bool) -> LedgerRow:
    """A movement as a row of the ledger."""
    own = month_of(move.day)
    month = settled.open_month(claim.credit.person, max(own, claim.month))
    late = event == SIGNING and month != own
    kind = "late" if late and move.kind == "accrual" else move.kind
    working = move.working
    if late:
        working = Text(f"{own} 签单，该月已结", f"signed {own}, locked") + Text("；", "; ") + working if working.zh else working
    revenue = _revenue(facts, claim, move, event, carries)
    return _filled(facts, claim, move.deal, move.day, month, kind, move.amount, revenue, working)


def _revenue(facts: PayFacts, claim: Claim, move: Movement, event: Event, carries: bool) -> int:
    """The credited revenue beside a movement, once an event: of the signing, and what a return takes of it."""
    if claim.component != "commission":
        return 0
    if event == SIGNING:
        return claim.revenue if move.what == PAY or not _at_once(facts, claim) else 0
    if event[0] == "return" and carries:
        places = [back.id for back in facts.returns.get(claim.order.id, ())]
        return -actuals.returned(claim, facts)[places.index(event[1])]
    return 0


def _at_once(facts: PayFacts, claim: Claim) -> bool:
    return rounded(claim.amount * moves.terms_of(facts, claim).at_signing) != 0


def _differences(
    facts: PayFacts, settled: Settled, claim: Claim, standing: Standing, event: Event, found: Sequence[Movement]
) -> Iterator[LedgerRow]:
    """What an event that was settled is to be now, less what it was: a row for each thing that differs."""
    wanted: dict[str, int] = defaultdict(int)
    for move in found:
        wanted[move.what] += move.amount
    there, last = standing.sums[event], standing.rows[event][-1]
    revenue = 0
    if event == SIGNING and claim.component == "commission" and not claim.decided:
        revenue = claim.revenue - sum(fen(row["revenue"] or 0) for row in standing.rows[event])
    carrier = PAY if PAY in wanted or PAY in there else HELD  # the row that the revenue stands beside
    for what in dict.fromkeys([*wanted, *there]):
        difference = wanted.get(what, 0) - there.get(what, 0)
        if not difference and not (what == carrier and revenue):
            continue
        day = found[0].day if found else last.get("date") or facts.today
        month = settled.open_month(claim.credit.person, max(month_of(day), claim.month))
        kind = "clawback" if what == PAY and event[0] == "cash" else _CORRECTED[what]
        deal = found[0].deal if found else last["deal"]
        said = _corrected(facts, claim, standing, event, there.get(what, 0), wanted.get(what, 0))
        yield _filled(facts, claim, deal, day, month, kind, difference, revenue if what == carrier else 0, said)


def _reprice(claim: Claim, standing: Standing, found: Sequence[Movement], result: PayRun) -> None:
    """Note a settled order that nothing of changed and that would bring something else: its rules were overwritten."""
    if claim.decided or worth.changed(claim, standing) or not standing.closed or _gone_by_facts(standing):
        return
    if claim.component == "override" and abs(float(claim.credit.share) - (standing.signed[-1]["credit_share"] or 0.0)) < _SAME:
        return  # at the same rate its member's order brings something else, which is told there
    wanted = {what: sum(move.amount for move in found if move.what == what) for what in (PAY, HELD)}
    there = {what: standing.sums[SIGNING].get(what, 0) for what in (PAY, HELD)}
    if sum(wanted.values()) != sum(there.values()):
        _note(result, claim.key, sum(there.values()), sum(wanted.values()), standing)
    elif wanted != there:
        _note(result, claim.key, there[PAY], wanted[PAY], standing)


def _reprice_cash(claim: Claim, standing: Standing, event: Event, found: Sequence[Movement], result: PayRun) -> None:
    """Note what cash released before and would release otherwise now, of the same part and as many days late: its factors were overwritten."""
    wanted = {what: sum(move.amount for move in found if move.what == what) for what in (RELEASED, CANCELLED)}
    there = {what: standing.sums[event].get(what, 0) for what in (RELEASED, CANCELLED)}
    due, was = wanted[RELEASED] - wanted[CANCELLED], there[RELEASED] - there[CANCELLED]
    if due != was or wanted == there or not any(row["status"] in SEALED for row in standing.rows[event]):
        return
    then = moves.days_said(" ".join(str(row["reason"] or "") for row in standing.rows[event]))
    now = moves.days_said(" ".join(move.working.zh for move in found))
    if then == now or not then or not now:  # else it became due on another day: a fact
        _note(result, claim.key, there[RELEASED], wanted[RELEASED], standing)


def _reprice_lapse(facts: PayFacts, claim: Claim, standing: Standing, event: Event, result: PayRun) -> None:
    """Note what lapsed with a leaver who left on that day still, and would not lapse now: the terms were overwritten."""
    left, there = (facts.staff.people.get(claim.credit.person) or {}).get("left"), standing.sums[event]
    lapsed = there.get(CANCELLED, 0)
    sealed = any(row["status"] in SEALED for row in standing.rows[event])
    came = any(cash.day == left for cash in facts.cash.get(claim.order.id, ()))
    if (
        isinstance(left, dt.date)
        and event[1] == f"{left:%Y-%m-%d}"
        and lapsed
        and set(there) == {CANCELLED}
        and sealed
        and not came
    ):
        terms = moves.terms_of(facts, claim)
        if terms.lapses is None and not terms.at_once:
            _note(result, claim.key, lapsed, 0, standing)


def _gone_by_facts(standing: Standing) -> bool:
    """Whether somebody had no part any more when it was last settled, and nobody decided so: what comes back is a fact, too."""
    last = standing.signed[-1]
    return last.get("credit_share") == 0 and last.get("order_revenue") is None and not last.get("by")


def _reprice_anew(facts: PayFacts, settled: Settled, claim: Claim, found: Sequence[Movement], result: PayRun) -> None:
    """Note a special bonus or an override that a rule or rate now brings for an order settled without it."""
    order, _, component, member = claim.key
    base = settled.by_key.get(key_of(facts, {"person": claim.member or claim.credit.person, "role": claim.part}, order))
    if component == "commission" or claim.decided or base is None or not base.closed or claim.key in result.open_keys:
        return  # or it was worked out while the order was open
    if worth.moved(claim.order, base) or worth.refiled(claim.order, base):
        return  # another day's rules, or another line's
    if component == "override" and any(key[0] == order and key[2:] == (component, member) for key in settled.by_key):
        return  # another manager's before: a fact, such as a transfer
    if component == "override" and claim.key[:2] in result.credited:
        return  # the manager was credited with the order then: a fact, the credits changed
    if amount := sum(move.amount for move in found):
        _note(result, claim.key, 0, amount, base)


def _reprice_gone(facts: PayFacts, key: Key, standing: Standing, result: PayRun) -> None:
    """Note a special bonus or an override that no rule or rate brings any more for an order that is as it was."""
    order, person, component, member = key
    there, now = sum(standing.sums[SIGNING].values()), facts.orders.get(order)
    if now is None or not there or not standing.closed or standing.manual is not None or component == "commission":
        return
    if worth.moved(now, standing) or worth.refiled(now, standing):
        return
    credited = {credit.person for credit in now.credits}
    if component == "override":
        manager = (facts.staff.on(member, now.day) or {}).get("manager")
        same = member in credited and person not in credited and manager == person
    else:
        same = person in credited
    if same:
        _note(result, key, there, 0, standing)


def _note(result: PayRun, key: Key, before: int, after: int, settled: Standing) -> None:
    if key in result.decided:
        return
    if result.decision is not None:
        result.decided[key] = result.decision
    else:
        unfiled = not any(row.get("customer_kind") for row in settled.signed)
        result.repriced.append(Repriced(*key[:3], before, after, unfiled=unfiled))


def _gone(facts: PayFacts, settled: Settled, claimed: set[Key], result: PayRun) -> Iterator[LedgerRow]:
    """What was settled for somebody who has no claim to it any more is taken back, row by row nothing remains."""
    for key, standing in settled.by_key.items():
        order, person, component, _ = key
        if key in claimed or person in facts.left_out or order in facts.unreadable:
            continue
        _reprice_gone(facts, key, standing, result)
        now = facts.orders.get(order)
        filed = worth.refiled(now, standing) if now is not None else {}
        for event, sums in standing.sums.items():
            carrier = PAY if PAY in sums else next(iter(sums), PAY)  # the row that the revenue stands beside
            for what, amount in sums.items():
                decided = sum(fen(r["commission"]) for r in standing.rows[event] if r["kind"] == "manual") if what == PAY else 0
                revenue = -sum(fen(row["revenue"] or 0) for row in standing.rows[event]) if what == carrier else 0
                if amount - decided or (revenue and not decided):
                    last = standing.rows[event][-1]
                    own = month_of(last["date"]) if isinstance(last.get("date"), dt.date) else last["period"]
                    kind = "clawback" if what == PAY and event[0] == "cash" else _CORRECTED[what]
                    yield _answered_for(result, key, _completed(facts, {
                        "period": settled.open_month(person, own), "deal": last["deal"], "person": person,
                        "credit_share": 0.0, "revenue": yuan(revenue), "margin_rate": last["margin_rate"],
                        "commission": yuan(decided - amount), "kind": kind, "date": last.get("date"), "component": component,
                        "role": last.get("role"), "member": last.get("member"), "factor": last.get("factor"),
                        "reason": _text(_gone_said(now, last, amount, filed)),
                    }))  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- rows


def _filled(
    facts: PayFacts, claim: Claim, deal: str, day: dt.date, month: str, kind: str, amount: int, revenue: int, working: Text
) -> LedgerRow:
    order = claim.order
    return _completed(facts, {
        "period": month, "deal": deal, "person": claim.credit.person, "credit_share": float(claim.credit.share),
        "revenue": yuan(revenue), "margin_rate": order.margin_rate, "commission": yuan(amount), "kind": kind, "date": day,
        "component": claim.component, "role": claim.credit.role, "member": claim.member or None, "factor": claim.factor,
        "order_revenue": order.revenue, "order_cost": order.cost, "reason": _text(working),
        "product_line": order.product_line or None, "customer_kind": order.customer_kind or None,
    })  # fmt: skip


def _completed(facts: PayFacts, row: Mapping[str, Any]) -> LedgerRow:
    """All columns of a row."""
    blank = dict.fromkeys(("credit_share", "revenue", "margin_rate", "date", "role", "member", "factor", "order_revenue", "order_cost", "product_line", "customer_kind", "by"))  # fmt: skip
    return {**blank, "status": "computed", "plan_version": facts.version, "computed_on": facts.today, **row}


def _text(text: Text) -> str | None:
    return (text.en if language() == "en" else text.zh) or None


# ------------------------------------------------------------------------------------------------------------- words


def _working(claim: Claim) -> Text:
    """How an order's amount comes about: its tiers, the factor, the rule, the share."""
    if claim.decided:
        return Text("手工所定", "decided by hand")
    if claim.component == "override":
        rate, base = float(claim.credit.share), yuan(claim.whole)
        return Text(f"下属 {claim.member} 的 {base:,.2f} × {rate:.6g}", f"{claim.member}'s {base:,.2f} × {rate:.6g}")
    if claim.rule is None:
        return Text("没有适用的提成规则", "no rule fits")
    if claim.pooled is not None:
        return claim.pooled
    return tiers_said(claim.order, claim)


def tiers_said(order: SoldOrder, claim: Claim) -> Text:
    """The tiers an order touches, and what they bring."""
    rate = f"{order.margin_rate:.2%}"
    if claim.basis == "margin":
        bands = " + ".join(f"{part:,.2f}" for part in worth.bands(order.revenue, order.margin_rate, claim.tiers))
        said = Text(f"毛利率 {rate}：{bands}", f"margin {rate}: {bands}")
    else:
        said = Text(f"按收入 {order.revenue:,.2f}", f"on revenue of {order.revenue:,.2f}")
    if claim.factor != 1:
        said += Text(f"，× 系数 {claim.factor:g}", f", × factor {claim.factor:g}")
    if claim.credit.share != 1:
        said += Text(f"，份额 {float(claim.credit.share):.2%}", f", share {float(claim.credit.share):.2%}")
    return said


def _corrected(facts: PayFacts, claim: Claim, standing: Standing, event: Event, before: int, after: int) -> Text:
    """Old → new: revenue, cost, rate before and after, and the tiers."""
    change = f"{yuan(before):,.2f} → {yuan(after):,.2f}"
    if claim.decided:
        return Text(f"手工行已定，已结部分抵减：{change}", f"a manual row holds, what was settled is set off: {change}")
    if event != SIGNING:
        return Text(f"重算此前已结：{change}", f"what was settled before, worked out anew: {change}")
    last, order = standing.signed[-1], claim.order
    if last.get("order_revenue") is not None and worth.changed(claim, standing):
        then = worth.signed_on(standing) or order.day
        filed = worth.refiled(order, standing)
        old = replace(
            worth.as_then(order, standing), revenue=last["order_revenue"], cost=last["order_cost"] or 0.0, credits=(claim.credit,)
        )
        was = f"{old.revenue:,.2f}/{old.cost:,.2f} ({old.margin_rate:.2%})"
        now = f"{order.revenue:,.2f}/{order.cost:,.2f} ({order.margin_rate:.2%})"
        rule = worth.rule_of(facts, old, claim)
        then_by = (claim.tiers, claim.basis) if rule is None else (worth.tiers_of(facts, rule, old), rule.basis)
        bands = [_bands_said(old, *then_by), _bands_said(order, claim.tiers, claim.basis)]
        share = exact(last["credit_share"] or 0)
        parts = "" if share == claim.credit.share else f" {float(share):.2%} → {float(claim.credit.share):.2%}"
        days = "" if then == order.day else f" {then} → {order.day}"
        files = _refiled_said(order, filed)
        first, second = (" ", "") if claim.pooled is not None else (f"（{bands[0]}）", f"（{bands[1]}）")
        pool = Text("", "") if claim.pooled is None else Text(f"；{claim.pooled.zh}", f"; {claim.pooled.en}")
        return (
            Text(
                f"收入/成本 {was} {yuan(before):,.2f}{first}→ {now} {yuan(after):,.2f}{second}{parts and '，份额' + parts}{days and '，签单日' + days}",
                f"revenue/cost {was} {yuan(before):,.2f}{_plain(first).rstrip()} → {now} {yuan(after):,.2f}{_plain(second)}{parts and ', share' + parts}{days and ', signed' + days}",
            )
            + files
            + pool
        )
    return Text(
        f"规则已变：{change}（{tiers_said(order, claim).zh}）", f"its rules changed: {change} ({tiers_said(order, claim).en})"
    )


_WORDS = {"product_line": PRODUCT_LINES, "customer_kind": CUSTOMER_KINDS}


def _bands_said(order: SoldOrder, tiers: worth.Tiers, basis: str) -> str:
    by = (order.revenue, order.margin_rate) if basis == "margin" else (1.0, order.revenue)
    return " + ".join(f"{part:,.2f}" for part in worth.bands(*by, tiers))


def _refiled_said(order: SoldOrder, filed: Mapping[str, str]) -> Text:
    """Product line and customer kind, old → new, as the workbook calls them."""
    said = Text("", "")
    for key, was in filed.items():
        words = _WORDS[key]
        old, now = (words.label(code) if code else Text("空白", "blank") for code in (was, getattr(order, key)))
        said += Text(f"，{words.title.zh} {old.zh} → {now.zh}", f", {words.title.en.lower()} {old.en} → {now.en}")
    return said


def _plain(bracketed: str) -> str:
    return bracketed.replace("（", " (").replace("）", ")")


def _gone_said(now: SoldOrder | None, last: Row, amount: int, filed: Mapping[str, str]) -> Text:
    change = f"{yuan(amount):,.2f} → 0"
    if now is None:
        return Text(f"{change}：订单已不在成交表", f"{change}: the deal is gone")
    if filed and any(credit.person == last["person"] for credit in now.credits):
        said = _refiled_said(now, filed)
        return Text(f"{change}：规则不再适用{said.zh}", f"{change}: its rule fits no more{said.en}")
    names = "、".join(_names(now.credits))
    return Text(f"{change}：现归 {names}", f"{change}: now {', '.join(_names(now.credits))}'s")


def _names(credits: Iterable[CreditShare]) -> list[str]:
    return [credit.person for credit in credits]


def _asks_people(facts: PayFacts, one: Repriced) -> bool:
    """Whether somebody's manager, level or line may have re-priced it: a rule or rate asks what people were on the day."""
    return one.component == "override" or any(key in _OF_PEOPLE for rule in facts.rules for key, _ in rule.filters)


def _of_people(rows: Iterable[Repriced], since: str) -> Text:
    """What to do where no value or rule changed, but what People or Transfers say of a settled day."""
    if not any(one.of_people for one in rows):
        return Text("", "")
    return Text(
        f"。若改的是人员的上级、层级或条线：把“人员”（或补登的“人员异动”）改回，在“人员异动”登记，生效日期填 {since} 或以后，已结的就不变",
        f". If it is somebody's manager, level or line that changed: put People (or the late transfer) back and enter it in Transfers, valid "
        f"from {since} or later, and what is settled stays",
    )


def _of_unfiled(rows: Iterable[Repriced]) -> Text:
    """What to do where the settled rows do not say the product line and customer kind their order had then."""
    orders = list(dict.fromkeys(one.order for one in rows if one.unfiled))
    if not orders:
        return Text("", "")
    zh, en = joined(orders, most=3)
    return Text(
        f"。{zh} 已结的行没有记产品线与新老客户：若更正的是它们，就用 --reprice --by 谁 --why 原因",
        f". The settled rows of {en} don't say its product line and customer kind: if those were corrected, --reprice --by WHO --why TEXT is the way",
    )


def repriced_said(found: Iterable[Repriced]) -> Text:
    """How many settled rows an undated change of the policy would re-price, and by how many yuan."""
    by_person: dict[str, int] = defaultdict(int)
    rows = list(found)
    for one in rows:
        by_person[one.person] += one.after - one.before
    total = sum(by_person.values())
    people = sorted(by_person.items(), key=lambda item: (-abs(item[1]), item[0]))
    more = len(people) > 5
    named = [f"{person} {yuan(amount):+,.2f}" for person, amount in people[:5]]
    since = max((one.since for one in rows), default="")
    return (
        Text(
            f"制度或规则未注明日期（或从已结的日子起）就改了：{len(rows)} 行已结的会改价，共 {yuan(total):+,.2f} 元（{'、'.join(named)}{' 等' if more else ''}）。"
            f"请改回原值，用“登记制度变更”登记，生效日期 {since} 或以后；确要追溯：--reprice --by 谁 --why 原因",
            f"a value or rule was changed without a date, or from a day that is settled: {counted(len(rows), 'settled row')} would be re-priced by {yuan(total):+,.2f} yuan "
            f"({', '.join(named)}{' …' if more else ''}). Put it back and use Change policy, valid from {since} or later; if it is to be "
            "retroactive: --reprice --by WHO --why TEXT",
        )
        + _of_people(rows, since)
        + _of_unfiled(rows)
    )
