"""Price requests beside the plan, and what was sold below base."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_duties import day
from udfs.policy import value
from udfs.text import Text
from workbook_templates.chapters.products.gates import GATES
from workbook_templates.chapters.products.pricing import RequestJudged, Unpriced, in_force, judge, uncovered, unsound

JAN, JULY = dt.date(2027, 1, 1), dt.date(2027, 7, 1)
PRODUCTS = [
    {"code": "EC", "base_price": 100.0, "unit_cost": 78.0, "valid_from": JAN, "floor_margin": None, "cost_down": None},
    {"code": "EC", "base_price": 110.0, "unit_cost": 80.0, "valid_from": JULY, "floor_margin": None, "cost_down": None},
]


def request(quoted: float, on: dt.date = dt.date(2027, 6, 30), **more: Any) -> dict[str, Any]:
    return {"id": "R1", "on": on, "product": "EC", "quantity": 10.0, "quoted": quoted, "three_year": None, "prepaid": None} | more


def judged(row: dict[str, Any], *points: float, cost: float = 0.0) -> RequestJudged:
    rows = [{"request": "R1", "points": p, "giver": "us", "cost": cost} for p in points]
    found = judge(row, PRODUCTS, rows, value)
    assert isinstance(found, RequestJudged)
    return found


@pytest.mark.parametrize(
    ("quoted", "points", "more", "route"),
    [
        (100, (), {}, "seller"), (98.01, (), {}, "supervisor"), (98, (), {}, "manager"), (98, (3,), {}, "supervisor"),
        (95, (), {}, "list"), (94, (), {}, "list"), (95, (1,), {}, "director"), (88, (3,), {}, "director"), (88, (1,), {}, "division"),
        (84, (1,), {}, "refused"), (84, (2, 3), {}, "director"),
        (98, (), {"three_year": "yes", "prepaid": 0.3}, "fuse"), (98, (), {"three_year": "no", "prepaid": 0.5}, "manager"),
    ],
)  # fmt: skip
def test_the_published_routes(quoted: float, points: tuple[float, ...], more: Any, route: str) -> None:
    assert judged(request(quoted, **more), *points).route == route


def test_the_base_price_is_that_of_the_requests_day() -> None:
    assert judged(request(99.0)).base == 100.0 and judged(request(99.0, JULY)).base == 110.0
    assert in_force(PRODUCTS, "EC", dt.date(2026, 12, 31)) is None
    found = judge(request(99.0, dt.date(2026, 12, 31)), PRODUCTS, [], value)
    assert isinstance(found, Unpriced) and found.column == "product"


def test_two_cuts_of_four_percent_are_measured_against_the_base() -> None:
    assert judged(request(92.16)).discount == pytest.approx(0.0784)


def test_what_we_give_counts_points_and_costs_margin() -> None:
    plain, generous = judged(request(98.0), 1), judged(request(98.0), 1, cost=98.0)
    assert plain.margin_rate == pytest.approx(1 - 780 / 980) and generous.margin_rate == pytest.approx(1 - (780 + 98) / 980)
    assert generous.below is True and judged(request(100.0)).below is False  # exactly 22 % keeps the floor


LINE = {"deal": "D1", "product": "EC", "quantity": 5.0, "price": 95.0, "request": "R1"}
DEALS = [{"id": "D1", "date": dt.date(2027, 6, 30)}]
APPROVED = request(95.0) | {"decision": "approved", "valid_until": dt.date(2027, 7, 15)}


@pytest.mark.parametrize(
    ("line", "asked", "why"),
    [
        ({}, {}, None), ({"price": 100.0, "request": None}, {}, None), ({"request": None}, {}, "no price request"),
        ({"price": 94.99}, {}, "below the"), ({}, {"decision": "rejected"}, "not approved"), ({}, {"decision": None}, "not approved"),
        ({}, {"valid_until": dt.date(2027, 6, 29)}, "expired"), ({}, {"product": "X"}, "another product"),
        ({"quantity": 10.5}, {}, "used up"),
    ],
)  # fmt: skip
def test_what_was_sold_below_base(line: Any, asked: Any, why: str | None) -> None:
    found = list(uncovered([LINE | line], DEALS, PRODUCTS, [APPROVED | asked]))
    assert [why in text.en for _, text in found] == ([True] if why else []), found  # type: ignore[operator]


@given(st.lists(st.integers(1, 6), min_size=1, max_size=6))
def test_an_approved_quantity_is_used_once(quantities: list[int]) -> None:
    lines = [LINE | {"quantity": float(n)} for n in quantities]
    found = list(uncovered(lines, DEALS, PRODUCTS, [APPROVED]))
    total = 0
    late = []
    for index, n in enumerate(quantities):
        total += n
        if total > APPROVED["quantity"]:
            late.append(index)
    assert [index for index, _ in found] == late


PEOPLE = [
    {"id": who, "level": level}
    for who, level in (("P1", "director"), ("P2", "manager"), ("P3", "supervisor"), ("P4", "representative"))
]
DECIDED = {
    "id": "R1", "seller": "P4", "product": "EC", "quantity": 10.0, "quoted": 98.0, "base": 100.0, "discount": 0.02, "points": 0.0, "route": "manager",
    "decision": "approved", "decided_by": "P2",
}  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "more", "words"),
    [
        ({}, {}, None),
        ({"quoted": 80.0}, {}, "单价"),  # corrected after it was approved
        ({"points": 3.0, "route": "supervisor", "decided_by": "P3"}, {}, "价值清单"),  # the list was taken away afterwards
        ({"points": 3.0, "route": "supervisor", "decided_by": "P3"}, {"given": [{"request": "R1", "points": 3.0}]}, None),
        ({"decided_by": "P4", "route": "seller"}, {}, "申请人"),
        ({"decided_by": "P3"}, {}, "无权"),
        ({"decided_by": "P3"}, {"transfers": [{"person": "P3", "level": "manager"}]}, None),  # was promoted, once
        ({"decided_by": "P3"}, {"roles": [{"role": "division", "person": "p3"}]}, None),
        ({"route": "list", "decided_by": "P1"}, {}, "无权"),
        ({"route": "fuse"}, {}, "无权"),
        ({"route": None, "base": None, "discount": None}, {}, "审批价格"),  # typed by hand
        ({"decision": "rejected", "decided_by": "P4"}, {}, None),
    ],
)
def test_an_approval_that_does_not_hold(asked: Any, more: dict[str, Any], words: str | None) -> None:
    rest = {"given": [], "people": PEOPLE, "transfers": [], "roles": []} | more
    found = unsound([DECIDED | asked], **rest).get("R1")
    assert (found is None) if words is None else (found is not None and words in found.zh)


def test_a_price_is_approved_for_one_customer_and_for_nobody_else() -> None:
    def why(customer: str, **deal: Any) -> list[str]:
        deals = [DEALS[0] | {"customer": customer} | deal]
        return [text.zh for _, text in uncovered([LINE], deals, PRODUCTS, [APPROVED | {"customer": "C1"}])]

    assert why("C1") == [] and why("c1") == []
    assert len(why("C2")) == 1 and "另一客户" in why("C2")[0]
    assert why("C2", original="D0") == []  # what comes back was judged when it was sold


def test_an_approval_that_does_not_hold_covers_nothing() -> None:
    ((_, why),) = uncovered([LINE], DEALS, PRODUCTS, [APPROVED], unsound={str(APPROVED["id"]): Text("不算", "no")})
    assert "不算" in why.zh


@pytest.mark.parametrize(
    ("asked", "barred"),
    [
        ({}, False), ({"product": "EC"}, True),  # another line's approval is none for what is made of modules …
        ({"product": "EC", "opportunity": "O1"}, False),  # … but for this very opportunity it is
        ({"customer": "C2"}, True), ({"quoted": 96.0, "discount": 0.04}, True), ({"decided_by": "P4"}, True), ({"valid_until": dt.date(2027, 6, 29)}, True),
    ],
)  # fmt: skip
def test_a_contract_below_its_quote_needs_an_approval_of_its_own(asked: Any, barred: bool) -> None:
    tables: dict[str, list[Any]] = {
        "Contracts": [{"id": "H1", "customer": "C1", "quote": "Q1", "amount": 95.0}], "Quotes": [{"id": "Q1", "amount": 100.0, "opportunity": "O1"}],
        "Products": [{"code": "FX", "line": "flex"}, {"code": "EC", "line": "eco"}], "People": PEOPLE, "DealLines": [],
        "PriceRequests": [DECIDED | {"customer": "C1", "product": "FX", "quoted": 95.0, "discount": 0.05} | asked],
    }  # fmt: skip
    on = day(dt.date(2027, 6, 30), **tables)
    assert bool(list(GATES.gates[0].judge(on, "H1"))) is barred
