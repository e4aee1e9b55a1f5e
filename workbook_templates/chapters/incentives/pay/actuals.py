"""What people actually sold, month by month, on the basis that attainment is measured by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from fractions import Fraction

from udfs.values import exact
from workbook_templates.chapters.incentives.pay import months
from workbook_templates.chapters.incentives.pay.exact import fen, rounded, shared
from workbook_templates.chapters.incentives.pay.facts import PayFacts, Return, SoldOrder
from workbook_templates.chapters.incentives.pay.moves import BAD_DEBT
from workbook_templates.chapters.incentives.pay.settled import Settled
from workbook_templates.chapters.incentives.pay.worth import Claim

Actual = Callable[[str, str], int]


def actuals(facts: PayFacts, claims: Iterable[Claim], settled: Settled) -> Actual:
    """What a person sold in a month, in fen: bookings as they were booked less returns, revenue by delivery, or cash.

    A sealed month keeps what its account says.
    """
    found: dict[str, dict[tuple[str, str], int]] = {basis: defaultdict(int) for basis in ("bookings", "revenue", "collections")}
    for claim in claims:
        if claim.component == "commission" and claim.credit.direct:
            person = claim.credit.person
            found["bookings"][person, claim.month] += claim.revenue
            delivered = facts.delivered.get(claim.order.id)
            if delivered is not None:
                found["revenue"][person, months.month_of(delivered)] += claim.revenue
            for back, part in zip(facts.returns.get(claim.order.id, ()), returned(claim, facts), strict=True):
                found["bookings"][person, _booked(claim, back, settled)] -= part
                if delivered is not None:  # what never was delivered can't be taken back
                    found["revenue"][person, months.month_of(max(back.day, delivered))] -= part
            before, paid = 0, Fraction(0)
            for cash in facts.cash.get(claim.order.id, ()):
                if cash.kind != BAD_DEBT:
                    paid += cash.amount
                    whole = part_of(claim.order, claim, rounded(paid * 100))
                    found["collections"][person, months.month_of(cash.day)] += whole - before
                    before = whole
    sealed = {
        (row["person"], row["month"]): fen(row["bookings"])
        for row in facts.accounts
        if (row["month"], row["person"]) in settled.statements and row.get("bookings") is not None
    }

    def actual(person: str, month: str) -> int:
        if (person, month) in sealed:
            return sealed[person, month]
        return found[facts.policy.at("attainment.basis", months.first_day(month))][person, month]

    return actual


def returned(claim: Claim, facts: PayFacts) -> list[int]:
    """What each return takes from a person's credited revenue, cumulatively exact, in fen."""
    out, back, before = list[int](), Fraction(0), 0
    for one in facts.returns.get(claim.order.id, ()):
        back += one.amount
        whole = part_of(claim.order, claim, rounded(back * 100))
        out.append(whole - before)
        before = whole
    return out


def part_of(order: SoldOrder, claim: Claim, amount: int) -> int:
    """A person's part of an amount of an order."""
    if not claim.credit.direct:
        return rounded(amount * claim.credit.share)
    weights = [credit.share if credit.direct else Fraction(0) for credit in order.credits]
    return shared(amount, weights)[order.credits.index(claim.credit)]


def _booked(claim: Claim, back: Return, settled: Settled) -> str:
    standing = settled.by_key.get(claim.key)
    rows = standing.rows.get(("return", back.id)) if standing is not None else None
    if rows:
        return str(min(row["period"] for row in rows))
    return settled.open_month(claim.credit.person, max(months.month_of(back.day), claim.month))


def attained(facts: PayFacts, actual: Actual) -> Callable[[str, str], Fraction | None]:
    """Actual by quota of a person's month, exactly; None without a quota."""

    def of(person: str, month: str) -> Fraction | None:
        quota = facts.quota(person, month)
        return Fraction(actual(person, month), 100) / exact(quota) if quota else None

    return of
