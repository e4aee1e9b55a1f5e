"""Two layers say the same thing: the worksheet functions, for a sheet of any company, and the pay run, which knows what is settled."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pay.by_core import ByCore
from udfs.actuals import by_person
from udfs.formula import call
from workbook_templates.chapters.incentives.attained import book_of, credits_of
from workbook_templates.chapters.incentives.pay import actuals, worth
from workbook_templates.chapters.incentives.pay.run import run
from workbook_templates.chapters.incentives.pay.settled import Settled

FEN = st.integers(-400_000, 600_000)
KINDS = ("recoverable", "recoverable_first", "nonrecoverable", "advance", "delayed")


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(KINDS), least=st.integers(1, 500_000), earned=st.lists(FEN, min_size=1, max_size=8), begins=st.integers(0, 3),
    owed=st.integers(0, 300_000), recover_from=st.integers(1, 4), most=st.none() | st.integers(0, 200_000),
    bonuses=st.lists(st.integers(0, 90_000), min_size=8, max_size=8),
)  # fmt: skip
def test_accounts_pay_draws_as_the_function_does(
    kind: str, least: int, earned: list[int], begins: int, owed: int, recover_from: int, most: int | None, bonuses: list[int]
) -> None:
    """Month by month: what is paid, what is owed after it, what is carried."""
    kept, months = ByCore(), [f"2027-{n:02}" for n in range(1, len(earned) + 1)]
    begins = min(begins, len(earned) - 1)
    kept.day(dt.date(2027, len(earned), 28))
    kept.put("People", {"id": "A", "level": "representative", "joined": dt.date(2020, 1, 1)})
    owed = 0 if kind == "advance" else owed
    kept.put("Draws", {
        "person": "A", "from": months[begins], "amount": least / 100, "kind": kind, "balance": owed / 100,
        "recover_from": float(recover_from), "recover_most": None if most is None else most / 100,
    })  # fmt: skip
    for month, gained, bonus in zip(months, earned, bonuses, strict=False):
        typed = {"period": month, "person": "A", "status": "computed", "by": "S", "reason": "x"}
        kept.put("Ledger", {**typed, "deal": None, "kind": "manual", "commission": gained / 100})
        kept.put("Ledger", {**typed, "deal": None, "kind": "bonus", "commission": bonus / 100})
    accounts = {row["month"]: row for row in run(kept.facts()).accounts}
    before = [accounts[month] for month in months[:begins]]
    carry = before[-1]["closing"] if before else 0.0
    delayed = (recover_from, None if most is None else most / 100) if kind == "delayed" else (1, None)
    wanted = call(
        "DRAW", [[fen / 100] for fen in earned[begins:]], least / 100, kind, owed / 100, *delayed, 0, carry,
        [[fen / 100] for fen in bonuses[begins : len(earned)]],
    )  # fmt: skip
    found = [(accounts[month]["paid"], accounts[month]["draw_debt"], accounts[month]["closing"]) for month in months[begins:]]
    assert found == [(paid, debt, carried) for paid, _, debt, carried in wanted]


@st.composite
def books(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Orders of one to three people, what came back of them, and their cash."""
    tables: dict[str, list[dict[str, Any]]] = {"Deals": [], "Credits": [], "Collections": []}
    for number in range(draw(st.integers(1, 4))):
        name, month, fen = f"D{number}", draw(st.integers(1, 6)), draw(st.integers(100, 10**7))
        people = draw(st.permutations("ABC"))
        order = {"id": name, "date": dt.date(2027, month, 10), "seller": people[0], "revenue": fen / 100, "cost": fen / 200}
        delivered = draw(st.none() | st.integers(1, 12))
        order["delivered"] = None if delivered is None else dt.date(2027, delivered, 20)
        how = draw(st.sampled_from(("alone", "shared", "listed")))
        if how == "shared":
            order |= {"partner": people[1], "seller_share": draw(st.integers(1, 99)) / 100}
        elif how == "listed":
            tables["Credits"] += [{"deal": name, "person": who, "role": role, "share": part} for who, role, part in zip(
                people, ("seller", "partner", "partner"), (0.3333, 0.3333, 0.3333), strict=True)]  # fmt: skip
            tables["Credits"].append({"deal": name, "person": "D", "role": "overlay", "share": 0.2})
        tables["Deals"].append(order)
        left, paid = fen, 0
        for count in range(draw(st.integers(0, 3))):
            back = draw(st.integers(1, left)) if left else 0
            left -= back
            day = dt.date(2027, draw(st.integers(month, 12)), 11 + count)
            if back:
                tables["Deals"].append({"id": f"{name}R{count}", "date": day, "revenue": -back / 100, "original": name})
            cash = draw(st.integers(1, fen))
            refund = draw(st.booleans()) and paid >= cash
            paid += -cash if refund else cash
            kind = "refund" if refund else draw(st.sampled_from(("payment", "retention")))
            tables["Collections"].append({"deal": name, "date": dt.date(2027, month + 2 * count, 25), "amount": (-cash if refund else cash) / 100, "kind": kind})  # fmt: skip
    return tables


@settings(max_examples=120, deadline=None)
@given(books())
def test_the_run_counts_towards_a_quota_what_the_function_counts(tables: dict[str, list[dict[str, Any]]]) -> None:
    """On each basis, everybody's twelve months: nothing is settled, so a fact counts in its own month in both."""
    kept = ByCore()
    kept.day(dt.date(2027, 12, 31))
    for who in "ABCD":
        kept.put("People", {"id": who, "level": "representative", "joined": dt.date(2020, 1, 1)})
    for name, rows in tables.items():
        for row in rows:
            kept.put(name, row)
    for basis in ("bookings", "revenue", "collections"):
        kept.set("attainment.basis", basis)
        facts = kept.facts()
        settled = Settled(facts)
        counted = actuals.actuals(facts, worth.claims_of(facts, settled)[0], settled)
        book = book_of(kept.rows("Deals"), kept.rows("Collections"))
        said = by_person(book, basis, 2027, dt.date(2027, 12, 31), credits_of(kept.rows("Credits")))
        for who in "ABCD":
            mine = [counted(who, f"2027-{month:02}") / 100 for month in range(1, 13)]
            assert mine == said.get(who, [0.0] * 12), (basis, who)
