"""The figures that several mailed workbooks show: accounts, the ledger's rows by person and month, quotas to come.

Pay is read, never computed: what a person gets is Accounts, why is the Ledger.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from udfs.policy import POLICIES
from udfs.text import Text
from udfs.values import total_of
from workbook_templates.chapters.incentives.pay.accounts import COLUMNS, EARNED, HELD
from workbook_templates.chapters.incentives.pay.facts import PayRule, TierTable, named, rules_of, tier_tables_of
from workbook_templates.chapters.incentives.pay.reading import allocated
from workbook_templates.chapters.incentives.pay.worth import DEFAULT, Tiers
from workbook_templates.chapters.incentives.staff import Staff
from workbook_templates.mailed import Facts
from workbook_templates.mailed.words import last_day
from workbook_templates.tables.schema import TABLES, Row

MONTHS = 12
FEN = 0.005
MOVED = ("released", "clawback", "adjustment", "bonus")  # what the ledger's rows put into an account
OWN = {
    "draw_paid": "draw",
    "draw_recovered": "recovery",
    "hold_on": "hold",
    "hold_off": "unhold",
}  # what the account makes itself
FLOWS = ("opening", *MOVED, *OWN, "paid", "closing")
BALANCES = ("held", "draw_debt", "on_hold")
NO_ACCOUNT: Row = {**dict.fromkeys((*FLOWS, *BALANCES, "bookings", "year_to_date"), 0.0), "quota": None, "attainment": None, "statement": "", "note": None}  # fmt: skip


def people(facts: Facts) -> Mapping[str, Row]:
    return {row["id"]: row for row in facts.of("People") if row.get("id")}


def deals(facts: Facts) -> Mapping[str, Row]:
    return {row["id"]: row for row in facts.of("Deals") if row.get("id")}


def customers(facts: Facts) -> Mapping[str, Row]:
    return {row["id"]: row for row in facts.of("Customers") if row.get("id")}


def staff(facts: Facts) -> Staff:
    return Staff(facts.of("People"), facts.of("Transfers"))


def number(cell: Any) -> float:
    """A number of a cell; anything else counts nothing, as in a sum."""
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else 0.0


def months_until(period: str) -> list[str]:
    """The months of the period's year up to it."""
    return [f"{period[:4]}-{month:02}" for month in range(1, int(period[5:7]) + 1)]


def before(period: str) -> str:
    """The month before."""
    return f"{last_day(period).replace(day=1) - dt.timedelta(days=1):%Y-%m}"


# ---------------------------------------------------------------------------------------------------- ledger and accounts


def entries(facts: Facts) -> Mapping[str, Mapping[str, Sequence[Row]]]:
    """The ledger by person and month, in its order."""
    out: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in facts.of("Ledger"):
        if row.get("person") and row.get("period"):
            out[row["person"]][row["period"]].append(row)
    return {person: dict(months) for person, months in out.items()}


def of_month(facts: Facts, person: str, period: str) -> Sequence[Row]:
    """A person's ledger rows of a month."""
    return facts.once(entries).get(person, {}).get(period, ())


def until(facts: Facts, person: str, period: str) -> list[Row]:
    """A person's ledger rows up to a month: nothing that came later."""
    months = facts.once(entries).get(person, {})
    return [row for month in sorted(months) if month <= period for row in months[month]]


def amount_of(rows: Iterable[Row]) -> float:
    """Their sum, exact to the fen."""
    return total_of(number(row.get("commission")) for row in rows)


def earned_of(rows: Iterable[Row]) -> float:
    """What of them was earned, paid or held; draws, holds and releases are none."""
    return amount_of(row for row in rows if row.get("kind") in EARNED)


def accounts(facts: Facts) -> Mapping[tuple[str, str], Row]:
    """Accounts by person and month."""
    return {(row["person"], row["month"]): row for row in facts.of("Accounts") if row.get("person") and row.get("month")}


def account(facts: Facts, person: str, period: str) -> Row:
    """A person's account of a month; one of nothing where there is none."""
    return facts.once(accounts).get((person, period), NO_ACCOUNT)


def empty(found: Row) -> bool:
    """Whether nothing is in an account at all."""
    return not any(number(found.get(key)) for key in (*FLOWS, *BALANCES))


def unequal(facts: Facts, person: str, period: str) -> list[Text]:
    """Where a person's ledger rows of a month do not make what the account says: a statement of them would not add up."""
    found, rows = account(facts, person, period), of_month(facts, person, period)
    said = {spec.key: spec.header for spec in TABLES["Accounts"].columns}
    wanted = {key: amount_of(r for r in rows if COLUMNS.get(r.get("kind") or "") == key) for key in MOVED}
    wanted |= {key: amount_of(r for r in rows if r.get("kind") == kind) for key, kind in OWN.items()}
    wanted["held"] = total_of(
        number(r.get("commission")) * HELD.get(r.get("kind") or "", 0) for r in until(facts, person, period)
    )
    left = total_of([number(found[key]) for key in ("opening", *MOVED, "draw_paid", "hold_off")])
    wanted["closing"] = total_of([left, *(-number(found[key]) for key in ("draw_recovered", "hold_on", "paid"))])
    return [
        Text(
            f"{period} {person}：账户“{said[key].zh}”{number(found[key]):,.2f}，按台账应为 {value:,.2f}",
            f"{period} {person}: the account says {said[key].en} {number(found[key]):,.2f}, the ledger makes {value:,.2f}",
        )
        for key, value in wanted.items()
        if abs(value - number(found[key])) >= FEN
    ]


# ------------------------------------------------------------------------------------------------------------- the rules


def own_tiers(facts: Facts, rule: PayRule, day: dt.date) -> Tiers | None:
    """The tiers that a rule gives on a day; None where it names a table that is not there."""
    if isinstance(rule.tiers, float):
        return (0.0,), (rule.tiers,)
    if isinstance(rule.tiers, str):
        table = facts.once(tier_tables).get(named(rule.tiers))
        return None if table is None else table.on(day)
    thresholds, rates = (facts.policy(f"commission.{key}", day) for key in ("thresholds", "rates"))
    return tuple(thresholds), tuple(rates)


def tier_tables(facts: Facts) -> Mapping[str, TierTable]:
    """The plan's tier tables by name."""
    return tier_tables_of(facts.of("TierTables"))


def rules(facts: Facts) -> Sequence[PayRule]:
    """The plan's commission rules in their order; where it has none, the one that follows its settings."""
    return [rule for rule in rules_of(facts.of("Rules")) if rule.component == "commission"] or [DEFAULT]


def fitting(facts: Facts, person: str, day: dt.date) -> list[PayRule]:
    """The commission rules that may fit a person's orders of a day, whatever was sold to whom."""
    then = facts.once(staff).on(person, day) or {}
    words = {"line": str(then.get("line") or ""), "level": str(then.get("level") or ""), "person": person}
    return [
        rule
        for rule in facts.once(rules)
        if all(words.get(key, value) == value for key, value in rule.filters)
        and (rule.first is None or rule.first <= day)
        and (rule.until is None or day <= rule.until)
    ]


def pooled(facts: Facts, period: str) -> bool:
    """Whether a person's orders of a month are one sum."""
    return bool(facts.policy("commission.basis", last_day(period)) == POLICIES["commission.basis"].words[1].en)


# ------------------------------------------------------------------------------------------------------ bookings and quotas


def quotas(facts: Facts) -> Mapping[tuple[str, str], float]:
    """Everybody's quota by month: sealed months keep theirs, the others as the plan allocates the year's."""
    plan = allocated(
        facts.year, number(facts.first("quota_total")), facts.of("Quotas"), facts.of("People"), facts.policies, facts.of("QuotaChanges"),
        facts.of("Accounts"),
    )  # fmt: skip
    months = [f"{facts.year}-{month:02}" for month in range(1, MONTHS + 1)]
    return {(who, month): quota for who in facts.once(people) for month in months if (quota := plan(who, month)) is not None}


def quota(facts: Facts, person: str, month: str) -> float:
    """A person's quota of a month, as the account has it where there is one; 0 without."""
    found = facts.once(accounts).get((person, month))
    return number(found.get("quota")) if found is not None else facts.once(quotas).get((person, month), 0.0)


def attainment(actual: float, quota: float | None) -> float | None:
    """Actual over quota; none without a quota."""
    return actual / quota if quota else None
