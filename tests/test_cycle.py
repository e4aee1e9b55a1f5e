"""The statement cycle, pure: whatever is done in whatever order, what was locked stays, and totals are exact to the fen."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from workbook_templates.chapters.incentives import cycle
from workbook_templates.chapters.incentives.cycle import Act, Step, Tables
from workbook_templates.chapters.incentives.pay import merge, reading
from workbook_templates.chapters.incentives.pay.run import run
from workbook_templates.tables.policies import Policies

NOW = dt.datetime(2027, 6, 5, 9)
MONTHS = st.sampled_from(["2027-03", "2027-04", "2027-05"])
PEOPLE = st.sampled_from(["P1", "P2"])
WHO = st.sampled_from(["周", "陈"])


def deal(number: int, month: str, seller: str, fen: int) -> dict[str, Any]:
    return {"id": f"D{number}", "date": dt.date(2027, int(month[5:]), 5), "seller": seller, "partner": None, "seller_share": 1.0,
            "revenue": fen / 100, "cost": 0.0, "original": None, "customer": "C1"}  # fmt: skip


def person(name: str) -> dict[str, Any]:
    return {"id": name, "name": name, "level": "representative", "line": "direct", "joined": dt.date(2020, 1, 1), "left": None, "manager": None}  # fmt: skip


def computed(deals: list[dict[str, Any]], tables: Tables) -> Tables:
    """Ledger and accounts as the commission action leaves them."""
    rows = {"People": [person("P1"), person("P2")], "Deals": deals, "Ledger": tables.ledger, "Accounts": tables.accounts}
    facts = reading.assembled(rows, Policies(), dt.date(2027, 5, 31))
    result = run(facts)
    ledger, accounts = merge.ledger(facts, result), merge.accounts(facts, result)
    return Tables(ledger.applied(facts.ledger), tables.statements, tables.approvals, tables.disputes, accounts.applied(facts.accounts))  # fmt: skip


class Cycle(RuleBasedStateMachine):
    """Deals come and change, the ledger is computed, statements are reviewed, disputed, locked and paid, at random."""

    def __init__(self) -> None:
        super().__init__()
        self.deals: list[dict[str, Any]] = []
        self.tables = Tables([])
        self.locked: dict[str, str] = {}  # content of a locked row → its status

    @initialize()
    def april_is_negative(self) -> None:
        """What P1 sold in March, and was reviewed for, comes back in April."""
        back = {**deal(2, "2027-04", "", -(10**8)), "seller": None, "original": "D1"}
        self.deals += [deal(1, "2027-03", "P1", 10**8), back]
        self.computed()
        self.reviewed("2027-03", "周")
        self.reviewed("2027-04", "周")

    @rule(month=MONTHS, seller=PEOPLE, fen=st.integers(1, 10**9))
    def signed(self, month: str, seller: str, fen: int) -> None:
        self.deals.append(deal(len(self.deals) + 1, month, seller, fen))

    @rule(place=st.integers(0, 9), fen=st.integers(1, 10**9))
    def corrected(self, place: int, fen: int) -> None:
        if place < len(self.deals) and not self.deals[place]["original"]:
            self.deals[place]["revenue"] = fen / 100

    @rule(place=st.integers(0, 9), month=MONTHS)
    def returned(self, place: int, month: str) -> None:
        order = self.deals[place] if place < len(self.deals) else {"original": "none"}
        back = deal(len(self.deals) + 1, month, "", 0)
        if not order["original"] and back["date"] >= order["date"] and all(d["original"] != order["id"] for d in self.deals):
            self.deals.append({**back, "seller": None, "revenue": -order["revenue"], "original": order["id"]})

    @rule()
    def computed(self) -> None:
        after = computed(self.deals, self.tables)
        assert cycle.violation(self.tables, after) is None, "computing never touches what is locked"
        self.tables = after

    @rule(month=MONTHS, who=WHO)
    def reviewed(self, month: str, who: str) -> None:
        self._take(cycle.review(self.tables, Act(month, who, NOW)))

    @rule(month=MONTHS, who=WHO)
    def locks(self, month: str, who: str) -> None:
        step = cycle.lock(self.tables, Act(month, who, NOW))
        if step.added:
            rows = [r for i, r in enumerate(self.tables.ledger) if i in step.edited.get("Ledger", {})]
            assert Decimal(f"{step.total:.2f}") == sum((Decimal(f"{r['commission']:.2f}") for r in rows), Decimal(0))
        self._take(step)

    @rule(month=MONTHS)
    def pays(self, month: str) -> None:
        self._take(cycle.pay(self.tables, Act(month, "何", NOW)), paying=True)

    @rule(month=MONTHS, person=PEOPLE)
    def disputed(self, month: str, person: str) -> None:
        new = {"period": month, "person": person, "deal": None, "remark": "少一单", "owner": "周"}
        self._take(cycle.take_up(self.tables, Act("", person, NOW), new))

    @rule(number=st.integers(1, 5), answer=st.sampled_from(["", "已核对"]), close=st.booleans())
    def answered(self, number: int, answer: str, close: bool) -> None:
        self._take(cycle.take_up(self.tables, Act("", "周", NOW), answer=(number, answer, close)))

    def _take(self, step: Step, paying: bool = False) -> None:
        if step.faults:
            assert not step.edited and not step.added, "nothing is changed when something is wrong"
            return
        after = cycle.applied(self.tables, step)
        assert cycle.violation(self.tables, after, paying) is None
        self.tables = after

    @invariant()
    def what_was_locked_stays(self) -> None:
        now = {cycle.content(row): row["status"] for row in self.tables.ledger}
        for row, status in self.locked.items():
            assert now.get(row) in ((status, "paid") if status == "locked" else (status,))
        self.locked = {row: status for row, status in now.items() if status in cycle.FIXED}

    @invariant()
    def each_account_opens_with_what_the_one_before_closed_with(self) -> None:
        """So whatever is disputed and computed anew counts once: what was earned is what was paid and what is carried."""
        for who in ("P1", "P2"):
            mine = sorted((a for a in self.tables.accounts if a["person"] == who), key=lambda a: a["month"])
            assert all(later["opening"] == earlier["closing"] for earlier, later in itertools.pairwise(mine)), mine
            assert not mine or mine[0]["opening"] == 0

    @invariant()
    def records_agree_with_the_rows(self) -> None:
        assert cycle.settled(self.tables) == []
        for statement in self.tables.statements:
            if statement["locked_on"]:
                assert statement["reviewed_by"] != statement["approved_by"]


TestCycle = Cycle.TestCase
TestCycle.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ((), "estimated"),
        (("computed", "locked"), "estimated"),
        (("reviewed",), "reviewed"),
        (("reviewed", "locked"), "reviewed"),
        (("computed", "disputed"), "disputed"),
        (("locked", "paid"), "final"),
        (("paid", "paid"), "paid"),
    ],
)
def test_where_a_statement_stands(states: tuple[str, ...], said: str) -> None:
    rows = [{"period": "2027-03", "person": "P1", "status": s} for s in states]
    others = [
        {"period": "2027-03", "person": "P2", "status": "computed"},
        {"period": "2027-04", "person": "P1", "status": "paid"},
    ]
    assert cycle.statement_state([*others, *rows], "P1", "2027-03") == said


def test_the_next_open_month_goes_past_the_end_of_a_year() -> None:
    closed = cycle.Closed([{"period": p, "person": "P1", "status": "paid"} for p in ("2027-11", "2027-12")])
    assert closed.open_month("2027-11", "P1") == closed.open_month("2027-12", "P2") == "2028-01"


def test_a_statement_longer_than_a_cell_is_still_told_apart() -> None:
    row = computed([deal(1, "2027-03", "P1", 100)], Tables([])).ledger[0]
    rows = [{**row, "deal": f"D{i:06}"} for i in range(2_000)]
    seal = cycle.seal(rows)
    assert len(seal["lines"]) < 32_767 and seal["hash"] != cycle.seal([*rows[:-1], rows[-1] | {"commission": 0.0}])["hash"]
