"""Movements → accounts: opening + movements = paid + closing, month by month, with draws, holds, the minimum and the carry."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from udfs.text import Text, language
from udfs.values import exact
from workbook_templates.chapters.incentives.pay import months
from workbook_templates.chapters.incentives.pay.exact import fen, rounded, yuan
from workbook_templates.chapters.incentives.pay.facts import DrawTerms, Hold, PayFacts, Row
from workbook_templates.chapters.incentives.pay.settled import Settled

RELEASED = ("accrual", "late", "manual", "mgr", "special", "release")
COLUMNS = {"clawback": "clawback", "adjustment": "adjustment", "bonus": "bonus", **dict.fromkeys(RELEASED, "released")}
# What deals earned, paid or held.
EARNED = (*(kind for kind in RELEASED if kind != "release"), "held", "clawback", "adjustment", "cancel")
MOVEMENTS = ("released", "clawback", "adjustment", "bonus")
HELD = {"held": 1, "release": -1, "cancel": 1}  # what a row does to the balance held
NEGATIVE = Text("为负，结转", "carried: negative")


@dataclass
class Account:
    """One person's month, in fen."""

    person: str
    month: str
    opening: int = 0
    released: int = 0
    clawback: int = 0
    adjustment: int = 0
    bonus: int = 0
    draw_paid: int = 0
    draw_recovered: int = 0
    hold_on: int = 0
    hold_off: int = 0
    paid: int = 0
    closing: int = 0
    held: int = 0
    draw_debt: int = 0
    on_hold: int = 0
    note: Text | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)  # the ledger rows that it makes itself

    @property
    def left(self) -> int:
        """Opening and movements: what is paid or carried."""
        gained = self.opening + self.released + self.clawback + self.adjustment + self.bonus
        return gained + self.draw_paid - self.draw_recovered - self.hold_on + self.hold_off

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it at all."""
        figures = (self.opening, self.released, self.clawback, self.adjustment, self.bonus, self.draw_paid, self.draw_recovered)
        return not any((*figures, self.hold_on, self.hold_off, self.held, self.draw_debt, self.on_hold))


def accounts_of(facts: PayFacts, settled: Settled, ledger: Sequence[Row]) -> list[Account]:
    """The open accounts of everybody who has one, by person and month. ``ledger``: all its rows, but draws and holds of open months."""
    mine: dict[str, list[Row]] = defaultdict(list)
    for row in ledger:
        mine[row["person"]].append(row)
    sealed: dict[str, dict[str, Row]] = defaultdict(dict)
    for account in facts.accounts:
        if (account["month"], account["person"]) in settled.statements:
            sealed[account["person"]][account["month"]] = account
    due = _due(facts, settled)
    people = sorted({*mine, *facts.draws, *sealed, *due} - set(facts.left_out))
    return [account for person in people for account in _person(facts, settled, person, mine[person], sealed[person], due)]


def _due(facts: PayFacts, settled: Settled) -> dict[str, str]:
    """Who has a quota has an account and a statement, sold or not, from a month: the first of the quota that was settled for nobody
    yet. A deal of theirs that comes later is late then, as everybody else's is."""
    since = max(settled.first_open.values(), default="")
    there = {(row["person"], row["month"]) for row in facts.accounts}
    found = {}
    for person in facts.staff.people:
        for month in months.between(f"{facts.last_month[:4]}-01", facts.last_month):
            if (month >= since or (person, month) in there) and facts.quota(person, month):
                found[person] = month
                break
    return found


def _person(
    facts: PayFacts, settled: Settled, person: str, rows: Sequence[Row], sealed: Mapping[str, Row], due: Mapping[str, str]
) -> list[Account]:
    """The open accounts of one person, from the first month with something in it, or with a quota."""
    first_open, draws = settled.first_open.get(person, ""), facts.draws.get(person, ())
    known = [row["period"] for row in rows if months.MONTH.fullmatch(row["period"] or "")]
    known += [due[person]] if person in due else []
    begins = [month for month in (*known, *(draw.first for draw in draws)) if month >= first_open]
    first = first_open or min(begins, default="")
    if begins and not first_open:
        first = min(begins)
    if not first:
        return []
    last = max([facts.last_month, *begins]) if facts.last_month >= first or begins else ""
    if not last or last < first:
        return []
    account = _before(person, first, sealed)
    by_month: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_month[row["period"]].append(row)
    held = _balance(rows, first, HELD)
    waiting = _waiting(rows, first)
    left = (facts.staff.people.get(person) or {}).get("left")
    gone = months.month_of(left) if isinstance(left, dt.date) else ""
    out = []
    for month in months.between(first, last):
        account = _month(facts, person, month, account, by_month[month], waiting)
        held += _balance(by_month[month], "9999-99", HELD)
        account.held = held
        if gone and month > gone and account.empty and not by_month[month]:
            continue  # who left and has nothing to come has no account
        out.append(account)
    return out


def _before(person: str, first: str, sealed: Mapping[str, Row]) -> Account:
    """The account that the first open month follows: the last one sealed, or none."""
    last = max((month for month in sealed if month < first), default=None)
    account = Account(person, months.following(first, -1))
    if last is not None:
        account.closing, account.draw_debt = fen(sealed[last]["closing"] or 0), fen(sealed[last]["draw_debt"] or 0)
    return account


def _balance(rows: Iterable[Row], before: str, signs: Mapping[str, int]) -> int:
    return sum(fen(row["commission"]) * signs[row["kind"]] for row in rows if row["kind"] in signs and row["period"] < before)


def _waiting(rows: Iterable[Row], before: str) -> dict[str, int]:
    """What is on hold at the start, by the deal it was for (blank: everything payable)."""
    out: dict[str, int] = defaultdict(int)
    for row in rows:
        if row["kind"] in ("hold", "unhold") and row["period"] < before:
            out[row["deal"] or ""] += fen(row["commission"]) * (1 if row["kind"] == "hold" else -1)
    return out


def _month(facts: PayFacts, person: str, month: str, before: Account, rows: Sequence[Row], waiting: dict[str, int]) -> Account:
    account = Account(person, month, opening=before.closing, draw_debt=before.draw_debt)
    for row in rows:
        column = COLUMNS.get(row["kind"])
        if column is not None:
            setattr(account, column, getattr(account, column) + fen(row["commission"]))
    _draw(facts, account)
    _holds(facts, account, rows, waiting)
    _settle(facts, account)
    return account


# ------------------------------------------------------------------------------------------------------------- draws


def _draw(facts: PayFacts, account: Account) -> None:
    """Advance and recover: reckoned on the opening carry and the movements but bonuses."""
    draws = [draw for draw in facts.draws.get(account.person, ()) if draw.first <= account.month]
    if not draws and not account.draw_debt:
        return
    person = facts.staff.people.get(account.person) or {}
    joined, left = (day if isinstance(day := person.get(key), dt.date) else None for key in ("joined", "left"))
    draw = draws[-1] if draws else DrawTerms("", "", 0, "recoverable")
    account.draw_debt += sum(one.owed for one in draws if one.first == account.month)  # owed when it begins
    days, length = months.employed_days(account.month, joined, left), months.length(account.month)
    runs = bool(draws) and (not draw.until or account.month <= draw.until) and days > 0
    least = rounded(draw.amount * exact(days) / length) if runs else None
    nth = months.apart(draw.first, account.month) + 1 if draws else 1
    net = account.opening + account.released + account.clawback + account.adjustment
    account.draw_paid, account.draw_recovered = step(draw, net, least, account.draw_debt, nth, days > 0)
    if draw.kind != "nonrecoverable" or not runs:
        account.draw_debt += account.draw_paid - account.draw_recovered
    for kind, amount in (("draw", account.draw_paid), ("recovery", account.draw_recovered)):
        if amount:
            account.rows.append(_own(account, kind, "draw", amount, _draw_said(account, draw, kind)))


def step(draw: DrawTerms, net: int, least: int | None, debt: int, nth: int, employed: bool) -> tuple[int, int]:
    """What is advanced and what recovered in a month; ``least`` is the month's draw, None where it does not run."""
    most = draw.recover_most if draw.kind == "delayed" and employed and draw.recover_most is not None else debt
    waits = draw.kind == "delayed" and nth < draw.recover_from
    if least is None:
        return 0, 0 if waits and employed else max(0, min(debt, most, net))
    if draw.kind == "advance":
        return least, debt
    if draw.kind == "recoverable_first":
        back = max(0, min(debt, net))
        return max(0, least - (net - back)), back
    if net < least:
        return least - net, 0
    if draw.kind == "nonrecoverable" or waits:
        return 0, 0
    return 0, max(0, min(debt, most, net - least))


def _draw_said(account: Account, draw: DrawTerms, kind: str) -> Text:
    if kind == "draw":
        return Text(f"每月预支 {yuan(draw.amount):,.2f} 补足", f"topped up to the draw of {yuan(draw.amount):,.2f} a month")
    return Text(f"扣回后欠款 {yuan(account.draw_debt):,.2f}", f"owed after it {yuan(account.draw_debt):,.2f}")


# ------------------------------------------------------------------------------------------------------------- holds


def _holds(facts: PayFacts, account: Account, rows: Sequence[Row], waiting: dict[str, int]) -> None:
    """What comes off hold in the first month after, and what goes on: everything payable, or one deal's part of it."""
    mine = (*facts.holds.get(account.person, ()), *(hold for hold in facts.holds.get("", ()) if hold.deal))
    # One hold of a deal is enough: two that overlap, or everybody's beside one's own, take what it pays once.
    now = {hold.deal: hold for hold in reversed(mine) if hold.holds(account.month)}
    for deal, amount in sorted(waiting.items()):
        if amount > 0 and deal not in now:
            account.hold_off += amount
            account.rows.append(_own(account, "unhold", "hold", amount, Text("暂缓期满", "the hold is over"), deal))
            waiting[deal] = 0
    everything = now.get("")
    if everything is not None:
        _put(account, everything, account.left, waiting)
        return
    for _, hold in sorted(now.items()):
        earned = sum(fen(row["commission"]) for row in rows if row["deal"] == hold.deal and row["kind"] in COLUMNS)
        _put(account, hold, min(earned, account.left), waiting)


def _put(account: Account, hold: Hold, amount: int, waiting: dict[str, int]) -> None:
    if amount > 0:
        account.hold_on += amount
        waiting[hold.deal] = waiting.get(hold.deal, 0) + amount
        said = Text(f"{hold.reason}（{hold.by}）", f"{hold.reason} ({hold.by})")
        account.rows.append(_own(account, "hold", "hold", amount, said, hold.deal))


def _own(account: Account, kind: str, component: str, amount: int, said: Text, deal: str = "") -> dict[str, Any]:
    return {
        "period": account.month, "person": account.person, "deal": deal or None, "kind": kind, "component": component,
        "commission": yuan(amount), "reason": said.en if language() == "en" else said.zh,
    }  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- paid


def _settle(facts: PayFacts, account: Account) -> None:
    """Paid now, or carried: negative, or below the minimum."""
    account.on_hold = 0
    day, payable = months.first_day(account.month), account.left
    left = (facts.staff.people.get(account.person) or {}).get("left")
    leaving = isinstance(left, dt.date) and account.month >= months.month_of(left)
    least = fen(facts.policy.at("pay.minimum", day) or 0)
    if payable < 0 and facts.policy.at("pay.negative", day) == "carried":
        account.paid, account.closing, account.note = 0, payable, NEGATIVE
    elif 0 < payable < least and not leaving:
        account.paid, account.closing = 0, payable
        account.note = Text(f"低于最低发放额 {yuan(least):g}，结转", f"carried: below the minimum of {yuan(least):g}")
    else:
        account.paid, account.closing = payable, 0


Actual = Callable[[str, str], int]


def as_rows(facts: PayFacts, accounts: Sequence[Account], actual: Actual) -> list[dict[str, Any]]:
    """Accounts as rows of the Table."""
    year: dict[tuple[str, str], int] = defaultdict(int)
    mine = {(account.month, account.person) for account in accounts}
    for row in facts.accounts:
        if (row["month"], row["person"]) not in mine and row["statement"] != "estimated":
            year[row["person"], row["month"][:4]] += fen(row["paid"] or 0)
    waits: dict[str, int] = defaultdict(int)
    for row in facts.ledger:
        if row["kind"] in ("hold", "unhold") and (row["period"], row["person"]) not in mine:
            waits[row["person"]] += fen(row["commission"]) * (1 if row["kind"] == "hold" else -1)
    out = []
    for account in accounts:
        year[account.person, account.month[:4]] += account.paid
        waits[account.person] += account.hold_on - account.hold_off
        account.on_hold = waits[account.person]
        out.append(_as_row(facts, account, actual(account.person, account.month), year[account.person, account.month[:4]]))
    return out


_FIGURES = (
    "opening", "released", "clawback", "adjustment", "bonus", "draw_paid", "draw_recovered", "hold_on", "hold_off", "paid", "closing",
    "held", "draw_debt", "on_hold",
)  # fmt: skip


def _as_row(facts: PayFacts, account: Account, actual: int, year: int) -> dict[str, Any]:
    quota = facts.quota(account.person, account.month)
    note = None if account.note is None else account.note.en if language() == "en" else account.note.zh
    return {
        "person": account.person,
        "month": account.month,
        **{key: yuan(getattr(account, key)) for key in _FIGURES},
        "statement": "estimated",
        "bookings": yuan(actual),
        "quota": quota,
        "attainment": yuan(actual) / quota if quota else None,
        "year_to_date": yuan(year),
        "note": note,
    }
