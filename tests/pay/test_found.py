"""Faults that random companies found, each as the few rows that show it. A mark goes when its fault does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.pay.by_core import ByCore
from tests.pay.cases import fen
from tests.pay.history import play
from workbook_templates.chapters.incentives.pay.run import repriced_said, run
from workbook_templates.chapters.incentives.pay.worth import NotComputed

LATE = {"release.at_signing": 0, "release.late_days": [0, 31, 61], "release.late_factors": [1, 0.8, 0.5]}


def deal(name: str, on: str, revenue: float, cost: float, seller: str = "A", **more: Any) -> dict[str, Any]:
    return {"on": on, "enter": {"Deals": [{"id": name, "date": on, "seller": seller, "revenue": revenue, "cost": cost, **more}]}}


def back(name: str, on: str, revenue: float, original: str) -> dict[str, Any]:
    return {"on": on, "enter": {"Deals": [{"id": name, "date": on, "revenue": -revenue, "original": original}]}}


def cash(deal_id: str, on: str, amount: float) -> dict[str, Any]:
    return {"on": on, "enter": {"Collections": [{"deal": deal_id, "date": on, "amount": amount}]}}


def books(facts: list[dict[str, Any]], until: str, people: str = "A", **more: Any) -> ByCore:
    """The books after these facts, each month settled on the 5th of the next."""
    kept = ByCore()
    wrong = play({"people": [{"id": p} for p in people], "facts": facts, "until": until, **more}, kept)
    assert not wrong, wrong
    return kept


def rows(kept: ByCore, *keys: str) -> list[tuple[Any, ...]]:
    return sorted(tuple(row[key] for key in keys) for row in kept.rows("Ledger"))


def net(kept: ByCore, person: str) -> int:
    """What somebody was paid or owes in all."""
    accounts = [row for row in kept.rows("Accounts") if row["person"] == person]
    return sum(fen(row["paid"]) for row in accounts) + fen(max(accounts, key=lambda r: str(r["month"]))["closing"])


def test_a_return_takes_back_only_what_late_cash_left() -> None:
    """8500 accrued; the cash comes 81 days late, × 0.5: 4250 released, 4250 lapsed. All comes back: 4250, not 8500, is owed back."""
    facts = [deal("D1", "2027-02-01", 1_000_000, 750_000, due="2027-02-28"), cash("D1", "2027-05-20", 1_000_000), back("R1", "2027-06-10", 1_000_000, "D1")]  # fmt: skip
    kept = books(facts, "2027-06", settings=LATE)
    assert ("R1", "clawback", -4250.0) in rows(kept, "deal", "kind", "commission")
    assert net(kept, "A") == 0


def test_a_return_takes_back_nothing_that_lapsed_with_the_leaver() -> None:
    """1250 held; A leaves, it lapses; the customer gives all back: A got nothing and owes nothing."""
    facts = [deal("D1", "2027-02-01", 100_000, 70_000), {"on": "2027-03-31", "change": {"People": {"A": {"left": "2027-03-31"}}}}, back("R1", "2027-05-10", 100_000, "D1")]  # fmt: skip
    kept = books(facts, "2027-05", settings={"release.at_signing": 0, "release.leaver": "lapses"})
    assert net(kept, "A") == 0


def test_who_alone_fits_a_special_rule_gets_her_share_of_it() -> None:
    """1 % of 100,000 is 1000; A has half of the order, M (a manager) no special rule: A's part is 500 (money.md 3)."""
    case = {
        "people": [{"id": "A"}, {"id": "M", "level": "manager"}],
        "tables": {"Rules": [{"order": 1, "component": "special", "level": "representative", "basis": "revenue", "tiers": "1%"}]},
        "facts": [deal("D1", "2027-02-01", 100_000, 70_000, partner="M", seller_share=0.5)],
        "until": "2027-02",
    }
    kept = ByCore()
    assert not play(case, kept)
    assert ("A", "special", 500.0) in rows(kept, "person", "kind", "commission")


@pytest.mark.parametrize("basis", ["margin", "revenue", "cash"])
@pytest.mark.parametrize("tiers", [3.0, "3", "大客户"])
def test_a_rate_without_its_percent_sign_pays_nobody(basis: str, tiers: float | str) -> None:
    """3 for 3 % would pay three times the revenue."""
    tables = {
        "Rules": [{"order": 1, "component": "commission", "basis": basis, "tiers": tiers}],
        "TierTables": [{"name": "大客户", "threshold": 0.0, "rate": 3.0}],
    }
    with pytest.raises(NotComputed, match="3%"):
        books([deal("D1", "2027-02-01", 100_000, 70_000)], "2027-02", tables=tables)


def test_a_row_of_nothing_has_an_account_after_leaving_too() -> None:
    facts = [
        {"on": "2027-02-10", "change": {"People": {"A": {"left": "2027-02-10"}}}},
        deal("D1", "2027-03-10", 100_000, 110_000),
    ]
    kept = books(facts, "2027-03")
    assert {r["period"] for r in kept.rows("Ledger")} <= {r["month"] for r in kept.rows("Accounts")}


def test_the_revenue_of_a_correction_is_booked_with_it() -> None:
    """All is held; 1,000,000 is corrected to 950,000 in April: April's row carries -3425 and -50,000, later months have none."""
    facts = [
        deal("D1", "2027-02-10", 1_000_000, 700_000),
        {"on": "2027-04-08", "change": {"Deals": {"D1": {"revenue": 950_000}}}},
    ]
    kept = books(facts, "2027-06", settings={"release.at_signing": 0})
    booked = {(r["period"], r["commission"], r["revenue"]) for r in kept.rows("Ledger")}
    assert booked == {("2027-02", 12500.0, 1_000_000.0), ("2027-04", -3425.0, -50_000.0)}


def test_a_sorted_ledger_changes_nothing() -> None:
    """Corrected twice, each settled; then the Ledger is sorted the other way round: nothing is to be corrected."""
    facts = [deal("D1", "2027-02-10", 1_000_000, 700_000)]
    facts += [{"on": f"2027-0{m}-08", "change": {"Deals": {"D1": {"revenue": r}}}} for m, r in ((4, 950_000), (6, 980_000))]
    kept = books(facts, "2027-06")
    before = rows(kept, "period", "kind", "commission", "revenue")
    kept.tables["Ledger"].reverse()
    kept.day(dt.date(2027, 7, 10))
    assert not kept.commission({}).refused
    assert rows(kept, "period", "kind", "commission", "revenue") == before


HALF = [0.5, 0.5, 0.5, 0.5]
TENTH = [0.1, 0.1, 0.1, 0.1]
SPECIAL = {"order": 1, "component": "special", "basis": "revenue", "tiers": "1 %"}


@pytest.mark.parametrize(
    ("settings", "undated", "yuan", "at_once"),
    [
        ({"release.at_signing": 0}, {"set": {"commission.rates": [0.04, 0.05, 0.08]}}, 600, 0),  # all of it held: 1800 → 2400
        ({"release.at_signing": 0.5}, {"set": {"commission.rates": [0.04, 0.05, 0.08]}}, 600, 300),  # half of it
        ({}, {"set": {"release.at_signing": 0.5}}, -900, -900),  # the same 1800, half of it not yet
        ({}, {"set": {"override.rates": TENTH}}, 180, 180),
        ({"override.rates": TENTH}, {"set": {"override.rates": [0, 0, 0, 0]}}, -180, -180),
        ({"override.rates": TENTH}, {"set": {"override.rates": HALF}}, 720, 720),
        ({}, {"enter": {"Rules": [SPECIAL]}}, 3000, 3000),
    ],
)
def test_no_value_or_rule_re_prices_a_settled_order_unasked(
    settings: dict[str, Any], undated: dict[str, Any], yuan: int, at_once: int
) -> None:
    """A settled order at 20 % margin brought A 1800. Whatever changes without a date is refused, with its yuan, in every component and
    before any cash; decided with who and why it is booked, and booked once."""
    people = [{"id": "A", "manager": "M"}, {"id": "M", "level": "manager"}]
    facts = [deal("D1", "2027-01-10", 300_000, 240_000), {"on": "2027-02-05", "settle": "2027-01"}]
    facts += [
        {"on": "2027-02-20", **undated},
        {"on": "2027-02-20", "commission": {}, "refused": ["1 settled rows", f"{yuan:+g}"]},
    ]
    kept = ByCore()
    case = {"people": people, "facts": facts, "until": "2027-02", "settings": settings, "settle": "as told"}
    assert play(case, kept) == [f"the last run refused: 1 settled rows re-priced by {yuan:+g} yuan "]
    again = run(kept.facts(), ("S", "agreed"))
    assert not again.repriced and [row["by"] for row in again.rows] == ["S"] * len(again.rows) and again.rows
    assert sum(row["commission"] for row in again.rows if row["kind"] != "held") == at_once
    kept.tables["Ledger"] += again.rows
    once_more = run(kept.facts())
    assert not once_more.repriced and once_more.rows == again.rows


def test_what_a_fact_changes_is_no_re_pricing() -> None:
    """A transfer entered late: M gives the override back, N gets it; a late order of a settled month brings its override late."""
    people = [{"id": "A", "manager": "M"}, {"id": "M", "level": "manager"}, {"id": "N", "level": "manager"}]
    facts = [
        deal("D1", "2027-01-10", 300_000, 240_000), {"on": "2027-02-05", "settle": "2027-01"},
        {"on": "2027-02-10", "enter": {"Transfers": [{"person": "A", "valid_from": "2027-01-05", "manager": "N"}]}},
        {**deal("D2", "2027-01-20", 300_000, 240_000), "on": "2027-02-11"},
    ]  # fmt: skip
    kept = ByCore()
    assert play({"people": people, "facts": facts, "until": "2027-02", "settings": {"override.rates": TENTH}}, kept) == []
    assert [row for row in rows(kept, "person", "deal", "component", "commission") if row[2] == "override"] == [
        ("M", "D1", "override", -180.0), ("M", "D1", "override", 180.0), ("N", "D1", "override", 180.0), ("N", "D2", "override", 180.0),
    ]  # fmt: skip


PEOPLE = [{"id": "A", "level": "rep"}, {"id": "M", "level": "manager"}]
BY_LEVEL = [
    {"order": 1, "component": "commission", "level": "rep", "tiers": "5 %"},
    {"order": 2, "component": "commission", "tiers": "10 %"},
]


@pytest.mark.parametrize(
    ("more", "late"),
    [
        ({"settings": {"override.rates": TENTH}}, {"manager": "M"}),  # nobody's before: M would get 180 of January
        ({"enter": {"Rules": BY_LEVEL}}, {"level": "manager"}),  # 5 % of the margin would become 10 %
    ],
)
@pytest.mark.parametrize("where", ["People", "Transfers"])
def test_a_manager_or_level_corrected_late_is_told_how_it_leaves_the_settled_alone(
    more: dict[str, Any], late: dict[str, Any], where: str
) -> None:
    """January is settled when A's manager or level is corrected. A value that changed can't be told from that, so it is refused; it says
    how: from the first open month on, where the very same correction re-prices nothing (money.md 3, 7 and 8)."""
    settings = more.get("settings", {})
    facts = [{"on": "2027-01-02", "enter": more["enter"]}] if "enter" in more else []
    facts += [deal("D1", "2027-01-10", 300_000, 240_000), {"on": "2027-02-05", "settle": "2027-01"}]
    move = {"enter": {"Transfers": [{"person": "A", "valid_from": "2027-01-05", **late}]}}
    facts += [
        {"on": "2027-02-20", **({"change": {"People": {"A": late}}} if where == "People" else move)},
        {"on": "2027-02-20", "commission": {}, "refused": ["1 settled rows"]},
    ]
    kept = ByCore()
    play({"people": PEOPLE, "facts": facts, "until": "2027-02", "settings": settings, "settle": "as told"}, kept)
    found = run(kept.facts()).repriced
    assert found and "2027-02-01" in repriced_said(found).zh and "2027-02-01" in repriced_said(found).en
    before = [row for row in kept.rows("Ledger") if row["period"] == "2027-01"]
    kept.tables["Transfers"] = [{"person": "A", "valid_from": dt.date(2027, 2, 1), "line": None, "region": None, "reason": None} | {"manager": None, "level": None} | late]  # fmt: skip
    if where == "People":
        kept.tables["People"] = [row | dict.fromkeys(late, "" if "manager" in late else "rep") if row["id"] == "A" else row for row in kept.tables["People"]]  # fmt: skip
    again = run(kept.facts())
    assert not again.repriced and not again.rows
    assert [row for row in kept.rows("Ledger") if row["period"] == "2027-01"] == before


def test_rates_that_ask_nobody_s_level_speak_of_no_people() -> None:
    """Where the rates are everybody's, a manager or level changes nothing, and the refusal does not send anybody there."""
    facts = [deal("D1", "2027-01-10", 300_000, 240_000), {"on": "2027-02-05", "settle": "2027-01"}]
    facts += [{"on": "2027-02-20", "set": {"commission.rates": [0.04, 0.05, 0.08]}}]
    kept = ByCore()
    play({"people": PEOPLE, "facts": facts, "until": "2027-02", "settings": {}, "settle": "as told"}, kept)
    found = run(kept.facts()).repriced
    assert found and "Transfers" not in repriced_said(found).en


def test_what_is_owed_when_a_draw_begins_counts_however_late_it_begins() -> None:
    """A's January is settled when a draw of 1000 begins in February, 500 owed: of 3000, 500 are recovered, 2500 paid."""
    draw = {"person": "A", "from": "2027-02", "until": "2027-02", "amount": 1000, "kind": "recoverable", "balance": 500}
    facts = [
        deal("D1", "2027-01-10", 100_000, 80_000), {"on": "2027-02-06", "enter": {"Draws": [draw]}},
        deal("D2", "2027-02-10", 500_000, 400_000),
    ]  # fmt: skip
    kept = books(facts, "2027-02")
    accounts = {row["month"]: (row["paid"], row["draw_recovered"], row["draw_debt"]) for row in kept.rows("Accounts")}
    assert accounts["2027-01"] == (600, 0, 0) and accounts["2027-02"] == (2500, 500, 0)


@pytest.mark.parametrize("moved", [False, True])
def test_the_ledger_s_revenue_is_what_was_booked_where_all_of_it_is_held(moved: bool) -> None:
    """Half comes back, then B has the order: each person's revenue in the ledger is that person's bookings, paid or held."""
    facts = [deal("D1", "2027-01-10", 100_000, 70_000), back("R1", "2027-02-10", 50_000, "D1")]
    facts += [{"on": "2027-03-10", "change": {"Deals": {"D1": {"seller": "B"}}}}] if moved else []
    kept = books(facts, "2027-03", "AB", settings={"release.at_signing": 0})
    revenue = {who: sum(row["revenue"] or 0 for row in kept.rows("Ledger") if row["person"] == who) for who in "AB"}
    assert revenue == ({"A": 0, "B": 50_000} if moved else {"A": 50_000, "B": 0})


@pytest.mark.parametrize(("left", "paid"), [("2027-03-31", 300.0), ("2027-04-01", 0.0), (None, 0.0)])
def test_below_the_minimum_is_paid_from_the_month_of_leaving_on(left: str | None, paid: float) -> None:
    """50,000 at 20 % margin bring 300, below the minimum of 500: carried, but not from the month of leaving on (money.md 7)."""
    facts = [deal("D1", "2027-03-05", 50_000, 40_000)]
    facts += [{"on": "2027-03-31", "change": {"People": {"A": {"left": left}}}}] if left else []
    kept = books(facts, "2027-03", settings={"pay.minimum": 500})
    (march,) = (row for row in kept.rows("Accounts") if row["month"] == "2027-03")
    assert (march["paid"], march["closing"]) == (paid, 300.0 - paid)


def test_a_refund_of_less_than_a_yuan_takes_its_part_back() -> None:
    """Of 100 yuan sold at 90 % margin, 6.05 are held (0.60 + 0.25 + 5.20); paid in full, then 0.80 comes back: 6.05 × 0.8 % = 0.05."""
    facts = [deal("D1", "2027-02-01", 100, 10), cash("D1", "2027-03-05", 100)]
    facts += [
        {"on": "2027-04-06", "enter": {"Collections": [{"deal": "D1", "date": "2027-04-06", "amount": -0.8, "kind": "refund"}]}}
    ]
    kept = books(facts, "2027-04", settings={"release.at_signing": 0})
    assert [row for row in rows(kept, "period", "kind", "commission") if row[1] == "release"] == [("2027-03", "release", 6.05), ("2027-04", "release", -0.05)]  # fmt: skip


def test_a_fen_is_taken_from_what_is_held_first_too() -> None:
    """6.05 held for 100 yuan; 0.17 of them come back: 6.05 × 0.17 % = 0.01, cancelled and not clawed back (money.md 5)."""
    kept = books([deal("D1", "2027-02-01", 100, 10), back("R1", "2027-03-06", 0.17, "D1")], "2027-03", settings={"release.at_signing": 0})  # fmt: skip
    assert ("R1", "cancel", -0.01) in rows(kept, "deal", "kind", "commission")


@pytest.mark.parametrize("state", ["reviewed", "disputed", "locked", "paid"])
def test_a_deal_raised_above_the_review_limit_is_as_it_was_settled_until_the_yes(state: str) -> None:
    """900,000 at 20 % brought 5,400; raised to 1,500,000 at 20 % (9,000) above a limit of 1,000,000. Without a second person nothing more,
    reviewed, locked or in dispute; with one, 3,600 more. Lowered below the limit again, nothing waits."""
    kept = books([deal("D1", "2027-01-10", 900_000, 720_000)], "2027-01", settings={"review.limit": 1_000_000})
    for row in kept.rows("Ledger"):
        row["status"] = state
    for account in kept.rows("Accounts"):
        account["statement"] = {"disputed": "estimated", "locked": "final"}.get(state, state)
    kept.day(dt.date(2027, 2, 10))

    def now(**changed: Any) -> tuple[list[float], bool]:
        kept.change("Deals", "D1", changed)
        found = run(kept.facts())
        return [row["commission"] for row in found.rows], any("D1" in warning.en for warning in found.warnings)

    assert now(revenue=1_500_000, cost=1_200_000) == ([], True)
    assert now(approved_by="T") == ([3_600], False)
    assert now(revenue=1_000_000, cost=800_000, approved_by=None) == ([600], False)


def test_whose_quota_begins_in_the_first_open_month_has_an_account_there() -> None:
    """B's quota begins in March, the month after the last settled one; nothing is sold. A deal of March that comes in April is late."""
    facts = [
        deal("D1", "2027-02-10", 100_000, 80_000), deal("D2", "2027-03-10", 100_000, 80_000),
        {"on": "2027-04-10", "enter": {"Deals": [{"id": "D3", "date": "2027-03-28", "seller": "B", "revenue": 100_000, "cost": 80_000}]}},
    ]  # fmt: skip
    quotas = [{"person": "B", "month": f"2027-{month:02}", "quota": 100_000} for month in (3, 4, 5)]
    kept = books(facts, "2027-04", "AB", quotas=quotas)
    assert ("2027-03", "B") in {(row["month"], row["person"]) for row in kept.rows("Accounts")}
    assert [row for row in rows(kept, "period", "person", "kind") if row[1] == "B"] == [("2027-04", "B", "late")]
