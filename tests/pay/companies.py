"""Random companies and their histories, for what must hold whatever happens.

A history is a plain list of events with small numbers in them; what a number means (which order, how much of what is left) is worked out
as it happens, so that every list is a possible history and a failing one shrinks to a few lines.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.pay.by_core import ByCore
from tests.pay.cases import fen
from tests.pay.history import APPROVER, PAYER, REVIEWER

Event = tuple[Any, ...]
FIRST = dt.date(2027, 1, 1)
PEOPLE = ("M", "A", "B", "C")
_MONTHS = ("2027-01", "2027-02", "2027-03", "2027-04", "2027-05", "2027-06")

_who = st.integers(0, 3)
_which = st.integers(0, 3)
_part = st.sampled_from([1, 7, 20, 33, 50, 66, 100])  # percent
_money = st.one_of(st.sampled_from([100_000_00, 88_888_88, 1_000_000_00]), st.integers(1_00, 999_999_99))  # fen
_cost = st.sampled_from([750, 700, 800, 850, 950, 1100])  # per mille of the revenue
_earlier = st.sampled_from([0, 0, 0, 5, 20, 45])  # entered so many days after it was signed
# Drawn from lists, since a range of integers is tried at its ends most of all.
_signing_days, _days = st.sampled_from(range(0, 120, 7)), st.sampled_from(range(10, 200, 3))

_HOW: dict[str, tuple[st.SearchStrategy[Any], ...]] = {
    "order": (_who, st.sampled_from(["alone", "alone", "halves", "thirds", "overlay"]), _money, _cost, _earlier),
    "give_back": (_which, _part, _earlier),
    "price": (_which, st.sampled_from([50, 95, 101, 150])),
    "cash": (_which, _part, st.sampled_from(["payment", "payment", "payment", "refund", "retention", "bad_debt"])),
    "settle": (st.sampled_from([15, 15, 15, 1, 2, 4, 8, 6]), st.sampled_from(["pay", "lock", "review"])),
    "cost": (_which, _cost),
    "seller": (_which, _who),
    "line": (_which, st.sampled_from([None, "flex", "eco"])),
    "kind": (_which, st.sampled_from([None, "new", "existing"])),
    "leaves": (_who,),
    "returns_": (_who,),
    "transfer": (_who, _who),
    "hold": (_who, st.integers(0, 2)),
    "hold_deal": (_which, st.integers(0, 2)),
    "draw": (_who, st.sampled_from([0, 1500_00, 4000_00])),
    "compute": (),
    "dispute": (_who,),
    "manual": (_which, _money),
}
_OFTEN = ("give_back", "price", "cash", "cash", "settle", "settle", "settle")
_SELDOM = ("cost", "seller", "line", "kind", "leaves", "returns_", "transfer", "hold", "hold_deal", "draw", "compute", "dispute")


def _events(names: tuple[str, ...]) -> st.SearchStrategy[Event]:
    return st.sampled_from(names).flatmap(lambda name: st.tuples(st.just(name), *_HOW[name]))


_DRAWS = st.sampled_from([None, None, "recoverable", "recoverable_first", "nonrecoverable", "advance", "delayed"])


@dataclass(frozen=True)
class Company:
    """Settings, rows that are there from the start, and what happens."""

    settings: dict[str, Any]
    tables: dict[str, list[dict[str, Any]]]
    joined: tuple[int, ...]  # months into the plan year; below 0: before
    events: tuple[tuple[int, Event], ...]  # days into the year


@st.composite
def companies(draw: st.DrawFn, *, decided: bool = False, lapsing: bool = True) -> Company:
    """A company; ``decided``: with decisions by hand in its history; ``lapsing``: what is held may lapse (late cash, leavers)."""
    settings = {
        "release.at_signing": draw(st.sampled_from([1, 1, 0, 0.5, 0.3])),
        "release.retention": draw(st.sampled_from([0, 0, 0.05])),
        "release.leaver": draw(st.sampled_from(["paid", "paid", "lapses"] if lapsing else ["paid"])),
        "override.rates": draw(st.sampled_from([[0, 0, 0, 0], [0, 0.1, 0, 0], [0, 0.07, 0, 0.013]])),
        "pay.minimum": draw(st.sampled_from([0, 0, 500])),
        "pay.negative": draw(st.sampled_from(["carried", "carried", "taken back"])),
    }
    if lapsing and draw(st.booleans()):
        settings |= {"release.late_days": [0, 31, 61], "release.late_factors": [1, 0.8, 0.5]}
    tables: dict[str, list[dict[str, Any]]] = {"PolicyChanges": [], "Draws": [], "Rules": []}
    if draw(st.booleans()):
        changed = {
            "by": "S",
            "reason": "spring",
            "valid_from": draw(st.sampled_from([dt.date(2027, 3, 1), dt.date(2027, 4, 16)])),
        }
        tables["PolicyChanges"] += [{"key": "commission.rates", "value": "4% / 6% / 9%", **changed}, {"key": "release.at_signing", "value": "25%", **changed}]  # fmt: skip
    for person in PEOPLE[1:]:
        if kind := draw(_DRAWS):
            delayed = {"recover_from": 3, "recover_most": 800.0} if kind == "delayed" else {}
            tables["Draws"].append({"person": person, "from": "2027-02", "until": draw(st.sampled_from([None, "2027-04"])), "amount": 3000.0, "kind": kind, **delayed})  # fmt: skip
    rules = draw(st.sampled_from(["none", "by person", "by line"]))
    if rules == "by line":
        tables["Rules"] += [
            {"order": 1, "component": "commission", "product_line": "flex", "basis": "revenue", "tiers": "1.1%"},
            {"order": 2, "component": "commission", "customer_kind": "new", "basis": "margin", "cap": 9000.0},
            {"order": 3, "component": "commission", "basis": "margin"},
            {"order": 4, "component": "special", "product_line": "eco", "basis": "margin", "tiers": "0.37%"},
            {"order": 5, "component": "special", "customer_kind": "new", "basis": "cash", "tiers": "0.21%"},
        ]
    if rules == "by person":
        tables["Rules"] += [
            {"order": 1, "component": "commission", "person": "A", "basis": "margin", "floor": 200.0, "cap": 8000.0},
            {"order": 2, "component": "commission", "basis": "margin"},
            {"order": 3, "component": "special", "basis": "revenue", "tiers": "0.37%"},
        ]
    joined = tuple(draw(st.lists(st.sampled_from([-1, -1, 0, 2, 3]), min_size=4, max_size=4)))
    signed = draw(st.lists(st.tuples(_signing_days, _events(("order",))), min_size=1, max_size=4))
    others = _events((*_OFTEN, *_SELDOM, *(("manual",) if decided else ())))
    events = signed + draw(st.lists(st.tuples(_days, others), min_size=4, max_size=20))
    return Company(settings, tables, joined, tuple(sorted(events, key=lambda e: e[0])))


@dataclass
class Told:
    """A company as its history goes on, kept by the core."""

    company: Company
    books: ByCore = field(default_factory=ByCore)
    orders: list[str] = field(default_factory=list)
    returns: int = 0
    after: Callable[[Told], None] = lambda told: None  # asked after every run

    def happen(self) -> None:
        """Everything, to the end of June."""
        self.books.settings = dict(self.company.settings)
        for place, person in enumerate(PEOPLE):
            month = self.company.joined[place]
            day = dt.date(2026, 1, 1) if month < 0 else dt.date(2027, month + 1, 10)
            self.books.put("People", {"id": person, "name": person, "level": "representative" if place else "manager", "line": "direct", "joined": day, "manager": "M" if place else None, "quota_weight": 1.0})  # fmt: skip
        for table, rows in self.company.tables.items():
            for row in rows:
                self.books.put(table, row)
        for days, event in self.company.events:
            self.books.day(FIRST + dt.timedelta(days=days))
            getattr(self, event[0])(*event[1:])
        self.books.day(max(self.books.today, dt.date(2027, 6, 30)))
        self.compute()

    # ------------------------------------------------------------------------------------------------------ facts

    def order(self, seller: int, how: str, revenue: int, cost: int, earlier: int) -> None:
        """A deal is entered, perhaps long after it was signed."""
        name, day = f"D{len(self.orders)}", max(FIRST, self.books.today - dt.timedelta(days=earlier))
        self.orders.append(name)
        people = [PEOPLE[(seller + i) % 4] for i in range(3)]
        row = {"id": name, "date": day, "customer": "C1", "seller": people[0], "seller_share": 1.0, "revenue": revenue / 100, "cost": round(revenue * cost / 1000) / 100, "due": day + dt.timedelta(days=20)}  # fmt: skip
        if how == "halves":
            row |= {"partner": people[1], "seller_share": 0.5}
        self.books.put("Deals", row)
        if how in ("thirds", "overlay"):
            shares = (
                [("seller", 0.3333), ("partner", 0.3333), ("partner", 0.3333)]
                if how == "thirds"
                else [("seller", 1.0), ("overlay", 0.2)]
            )
            for person, (role, share) in zip(people, shares, strict=False):
                self.books.put("Credits", {"deal": name, "person": person, "role": role, "share": share})

    def _deal(self, which: int) -> dict[str, Any] | None:
        return None if not self.orders else self.books._found("Deals", self.orders[which % len(self.orders)])

    def _returned(self, deal: dict[str, Any]) -> int:
        return -sum(fen(row["revenue"]) for row in self.books.rows("Deals") if row["original"] == deal["id"])

    def _bad(self, deal: dict[str, Any]) -> int:
        return sum(
            fen(row["amount"]) for row in self.books.rows("Collections") if (row["deal"], row["kind"]) == (deal["id"], "bad_debt")
        )

    def _left(self, deal: dict[str, Any]) -> int:
        return fen(deal["revenue"]) - self._returned(deal) - self._bad(deal)

    def give_back(self, which: int, part: int, earlier: int) -> None:
        """A part of what is left of an order comes back."""
        deal = self._deal(which)
        amount = 0 if deal is None else self._left(deal) * part // 100
        if deal is None or amount <= 0:
            return
        self.returns += 1
        day = max(deal["date"], self.books.today - dt.timedelta(days=earlier))
        self.books.put(
            "Deals", {"id": f"R{self.returns}", "date": day, "customer": "C1", "revenue": -amount / 100, "original": deal["id"]}
        )

    def give_all_back(self, which: int) -> None:
        """All of it comes back, what is bad debt too (and may have been paid after all)."""
        deal = self._deal(which)
        if deal is not None and (amount := fen(deal["revenue"]) - self._returned(deal)) > 0:
            self.returns += 1
            self.books.put("Deals", {"id": f"R{self.returns}", "date": max(deal["date"], self.books.today), "customer": "C1", "revenue": -amount / 100, "original": deal["id"]})  # fmt: skip

    def price(self, which: int, percent: int) -> None:
        """The revenue was wrong."""
        if (deal := self._deal(which)) is not None:
            gone = self._returned(deal) + self._bad(deal)
            deal["revenue"] = (
                max(gone, round(deal["revenue"] * percent)) / 100 if gone else round(deal["revenue"] * percent) / 100
            )

    def cost(self, which: int, per_mille: int) -> None:
        """The cost was wrong."""
        if (deal := self._deal(which)) is not None:
            deal["cost"] = round(deal["revenue"] * per_mille / 10) / 100

    def seller(self, which: int, who: int) -> None:
        """It was somebody else's."""
        deal = self._deal(which)
        if (
            deal is not None
            and deal["partner"] != PEOPLE[who]
            and not any(c["deal"] == deal["id"] for c in self.books.rows("Credits"))
        ):
            deal["seller"] = PEOPLE[who]

    def line(self, which: int, line: str | None) -> None:
        """The product line was wrong."""
        if (deal := self._deal(which)) is not None and not self._decided(deal):
            deal["line"] = line

    def kind(self, which: int, kind: str | None) -> None:
        """The customer kind was wrong, or nobody says it any more."""
        if (deal := self._deal(which)) is not None and not self._decided(deal):
            deal["customer_kind"] = kind

    def _decided(self, deal: dict[str, Any]) -> bool:
        """What was decided by hand while open has no row that says its line and kind: another one can't be told from another rule."""
        return any((row["deal"], row["kind"]) == (deal["id"], "manual") for row in self.books.rows("Ledger"))

    def cash(self, which: int, part: int, kind: str) -> None:
        """Money comes in, goes back, or never comes."""
        deal = self._deal(which)
        if deal is None or self.books.today < deal["date"]:
            return
        amount = round(deal["revenue"] * 100) * part // 100
        if kind == "bad_debt":
            amount = self._left(deal) * part // 100
        if kind == "refund":
            came = sum(
                round(r["amount"] * 100)
                for r in self.books.rows("Collections")
                if r["deal"] == deal["id"] and r["kind"] in ("payment", "refund")
            )
            amount = -(max(came, 0) * part // 100)
        if amount:
            self.books.put("Collections", {"deal": deal["id"], "date": self.books.today, "amount": amount / 100, "kind": kind})

    def manual(self, which: int, amount: int) -> None:
        """Somebody decides what its seller gets; once, while the month is open."""
        deal = self._deal(which)
        rows = self.books.rows("Ledger")
        if deal is None or any(r["deal"] == deal["id"] and (r["kind"] == "manual" or r["status"] != "computed") for r in rows):
            return
        month = max(f"{self.books.today:%Y-%m}", self._first_open(deal["seller"]))
        self.books.put("Ledger", {"period": month, "deal": deal["id"], "person": deal["seller"], "component": "commission", "commission": amount % 500_000 / 100, "kind": "manual", "status": "computed", "date": deal["date"], "by": "S", "reason": "agreed"})  # fmt: skip

    # ----------------------------------------------------------------------------------------------------- people

    def leaves(self, who: int) -> None:
        """Somebody's last day."""
        person = self.books._found("People", PEOPLE[who])
        if person["left"] is None and person["joined"] <= self.books.today:
            person["left"] = self.books.today

    def returns_(self, who: int) -> None:
        """And back again."""
        self.books._found("People", PEOPLE[who])["left"] = None

    def transfer(self, who: int, manager: int) -> None:
        """Another manager from now on."""
        taken = any((t["person"], t["valid_from"]) == (PEOPLE[who], self.books.today) for t in self.books.rows("Transfers"))
        if who != manager and not taken:
            self.books.put("Transfers", {"person": PEOPLE[who], "valid_from": self.books.today, "manager": PEOPLE[manager]})

    def hold(self, who: int, months: int) -> None:
        """What is payable to somebody waits."""
        first = max(f"{self.books.today:%Y-%m}", self._first_open(PEOPLE[who]))
        until = _MONTHS[min(5, int(first[5:]) - 1 + months)]
        if first <= until:
            self.books.put("Holds", {"person": PEOPLE[who], "from": first, "until": until, "reason": "audit", "by": "S"})

    def hold_deal(self, which: int, months: int) -> None:
        """What an order pays waits, whoever gets it."""
        deal = self._deal(which)
        first = max((f"{self.books.today:%Y-%m}", *(self._first_open(person) for person in PEOPLE)))
        until = _MONTHS[min(5, int(first[5:]) - 1 + months)]
        if deal is not None and first <= until:
            self.books.put("Holds", {"deal": deal["id"], "from": first, "until": until, "reason": "unsigned", "by": "S"})

    def draw(self, who: int, amount: int) -> None:
        """The draw is another."""
        for row in self.books.rows("Draws"):
            if row["person"] == PEOPLE[who]:
                row["amount"] = amount / 100

    # ------------------------------------------------------------------------------------------------------ cycle

    def compute(self) -> None:
        """The button is pressed."""
        said = self.books.commission({})
        assert not said.refused, said.text
        self.after(self)

    def _first_open(self, person: str) -> str:
        sealed = [a["month"] for a in self.books.rows("Accounts") if a["person"] == person and a["statement"] != "estimated"]
        month = max(sealed, default="2026-12")
        return f"{int(month[:4]) + (month[5:] == '12')}-{int(month[5:]) % 12 + 1:02}"

    def settle(self, whose: int, step: str) -> None:
        """Some people's months that have gone by are reviewed, or locked and paid as well, the earliest first."""
        self.compute()
        now = f"{self.books.today:%Y-%m}"
        for place, person in enumerate(PEOPLE):
            months = sorted({a["month"] for a in self.books.rows("Accounts") if a["person"] == person and a["month"] < now})
            for month in months if whose >> place & 1 else ():
                self.books.review(month, [person], REVIEWER)
                if step != "review":
                    self.books.lock(month, [person], APPROVER)
                if step == "pay":
                    self.books.pay(month, [person], PAYER)
        self.compute()

    def dispute(self, who: int) -> None:
        """A reviewed statement is disputed and answered: it is open again. Only the last of a person, as later ones follow from it."""
        person, rows = PEOPLE[who], self.books.rows("Accounts")
        mine = [a for a in rows if a["person"] == person and a["statement"] != "estimated"]
        last = max(mine, key=lambda a: str(a["month"]), default=None)
        if last is None or last["statement"] != "reviewed":
            return
        last["statement"] = "estimated"
        for row in self.books.rows("Ledger"):
            if (row["person"], row["period"]) == (person, last["month"]):
                row["status"] = "computed"
        self.compute()
