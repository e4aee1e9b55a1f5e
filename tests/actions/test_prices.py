"""Configure Flex and Approve prices on workbooks."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from addin.book import FileBook
from tests.actions.steps import change, do, tables_of
from tests.small_plan import small_plan
from workbook_templates.answers import Refused
from workbook_templates.chapters.products.sheets import prices
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Company, Row
from workbook_templates.xlsx.package import Package

PEOPLE: list[Row] = [
    {"id": who, "name": who, "level": level, "line": "direct", "joined": dt.date(2020, 1, 1)}
    for who, level in (("P1", "director"), ("P2", "manager"), ("P3", "supervisor"), ("P4", "representative"))
]
MODULES: list[Row] = [
    {"code": code, "group": "g", "name": code, "price": price, "cost": cost, "hours": hours, "requires": needs, "excludes": rival}
    for code, price, cost, hours, needs, rival in (
        ("M01", 20_000.0, 12_000.0, 8.0, None, None), ("M02", 15_000.0, 9_000.0, 6.0, "M01", None),
        ("M03", 30_000.0, 18_000.0, 10.0, "M02", None), ("M04", 8_000.0, 5_000.0, 3.0, None, "M05"), ("M05", 18_000.0, 11_000.0, 5.0, "M01", None),
    )
]  # fmt: skip
QUOTE: Row = {"id": "Q1", "seller": "P4", "on": dt.date(2027, 3, 1), "status": "draft"}
PRODUCT: Row = {
    "code": "EC", "line": "eco", "name": "经济", "base_price": 100.0, "unit_cost": 70.0, "valid_from": dt.date(2027, 1, 1),
}  # fmt: skip
CUSTOMER: Row = {"id": "C1", "name": "甲"}


def lines(*ordered: tuple[str, float]) -> list[Row]:
    return [{"quote": "Q1", "module": module, "quantity": count} for module, count in ordered]


def request(quoted: float, **more: Any) -> Row:
    return {
        "id": "R1",
        "on": dt.date(2027, 3, 1),
        "customer": "C1",
        "seller": "P4",
        "product": "EC",
        "quantity": 2.0,
        "quoted": quoted,
    } | more


def plan(folder: Path, **rows: Any) -> Path:
    held = {"People": PEOPLE, "FlexModules": MODULES, "Products": [PRODUCT], "Customers": [CUSTOMER]} | rows
    return small_plan(folder / "plan.xlsx", Company("甲", 2027, dt.date(2027, 3, 31), rows=held))


def test_the_published_quote_with_all_that_is_wrong_at_once(tmp_path: Path) -> None:
    path = plan(tmp_path, Quotes=[QUOTE], QuoteLines=lines(("M01", 1), ("M03", 2), ("M04", 1), ("M05", 1)))
    done = do("flex", path)
    book = FileBook.open(path)
    (quote,), rows = book.read("Quotes").rows, book.read("QuoteLines").rows
    assert (quote["amount"], quote["cost"], quote["hours"]) == (106_000.0, 64_000.0, 26.0)
    assert quote["margin_rate"] == pytest.approx(0.396226, abs=1e-6)
    assert [row["broken"] for row in rows] == [None, "缺 M02", "与 M05 互斥", "与 M04 互斥"] and done.outcome.data["broken"] == 1
    before = tables_of(path)
    assert not do("flex", path).effect and tables_of(path) == before
    do("undo", path)
    assert FileBook.open(path).read("Quotes").rows[0]["amount"] is None


def test_a_quote_that_was_sent_is_left_alone_unless_it_is_named(tmp_path: Path) -> None:
    path = plan(tmp_path, Quotes=[QUOTE | {"status": "sent"}], QuoteLines=lines(("M01", 1)))
    assert not do("flex", path).effect
    assert do("flex", path, quote="q1").effect
    with pytest.raises(Refused):
        do("flex", path, quote="Q9")


def test_a_quote_whose_lines_were_taken_away_costs_nothing(tmp_path: Path) -> None:
    path = plan(tmp_path, Quotes=[QUOTE], QuoteLines=lines(("M01", 1)))
    do("flex", path)
    change(path, {("QuoteLines", 0, key): None for key in ("quote", "module", "quantity", "price", "cost", "hours")})
    do("flex", path)
    (quote,) = FileBook.open(path).read("Quotes").rows
    assert [quote[key] for key in ("amount", "cost", "margin_rate", "hours", "broken")] == [None] * 5


def test_a_circle_in_the_library_is_named(tmp_path: Path) -> None:
    circle = [MODULES[0] | {"requires": "M02"}, MODULES[1]]
    path = plan(tmp_path, FlexModules=circle, Quotes=[QUOTE], QuoteLines=lines(("M01", 1)))
    with pytest.raises(Refused, match="M0"):
        do("flex", path)


def test_an_unknown_module_is_chosen_against_advice_and_said(tmp_path: Path) -> None:
    path = plan(tmp_path, Quotes=[QUOTE], QuoteLines=lines(("M01", 1), ("M99", 1)))
    do("flex", path)
    assert [row["broken"] for row in FileBook.open(path).read("QuoteLines").rows] == [None, "未知模块"]


def test_what_is_wrong_with_a_quote_is_red_and_modules_have_a_drop_down() -> None:
    """ "Flex 配置 (drop-downs, all problems red)": chapters.md, chapter 3."""
    assert schema.table("QuoteLines")["module"].refers == "FlexModules.code"
    for name in ("Quotes", "QuoteLines"):
        page = schema.table(name).page
        assert page is not None and page.faults == ("broken",)


def test_the_newest_price_of_a_product_is_its_price_and_a_price_can_be_tried(tmp_path: Path) -> None:
    ultra = PRODUCT | {"code": "UL", "line": "ultra", "base_price": 120.0, "benchmark": 100.0}
    later = ultra | {"base_price": 110.0, "valid_from": dt.date(2027, 3, 1)}
    products = [ultra, later, later | {"base_price": 300.0, "valid_from": dt.date(2027, 4, 1)}]
    company = Company("甲", 2027, dt.date(2027, 3, 31), rows={"Products": products})
    path = small_plan(tmp_path / "plan.xlsx", company, sheets=(prices.SHEET,))
    book = FileBook.open(path)
    cells = {at: cell.value for at, cell in Package.open(path).sheets["3 产品价格"].cells().items()}
    at = next(place for place, said in cells.items() if said == "旗舰 Ultra 溢价率（目录价）")
    assert cells[(at[0], at[1] + 1)] == pytest.approx(0.10)
    assert book.first("price_route") == "须附价值让渡清单"  # 94 on 100, nothing given


def test_modules_that_require_each_other_are_found_by_the_check(tmp_path: Path) -> None:
    circle = [MODULES[0], MODULES[1] | {"requires": "M03"}, MODULES[2]]
    found_all = FileBook.open(plan(tmp_path, FlexModules=circle)).findings()
    (found,) = [p for p in found_all if p.code == "modules.library"]
    assert found.row and "M02" in found.text.zh and "M03" in found.text.zh


def decide(path: Path, by: str, decision: str = "批准", ask: str = "R1") -> Any:
    return do("approve", path, request=ask, decision=decision, by=by)


def test_routes_are_written_and_a_decision_carries_quantity_and_validity(tmp_path: Path) -> None:
    path = plan(tmp_path, PriceRequests=[request(98.0)])
    do("approve", path)
    (row,) = FileBook.open(path).read("PriceRequests").rows
    assert (row["base"], row["route"], row["points"], row["below"]) == (100.0, "manager", 0.0, "no")
    assert not do("approve", path).effect
    decide(path, "P2")
    (row,) = FileBook.open(path).read("PriceRequests").rows
    assert (row["decision"], row["decided_by"]) == ("approved", "P2")
    assert (row["decided_on"], row["valid_until"]) == (dt.date(2027, 3, 31), dt.date(2027, 4, 30))
    with pytest.raises(Refused, match="P2"):
        decide(path, "P1", "驳回")
    do("undo", path)
    assert FileBook.open(path).read("PriceRequests").rows[0]["decision"] is None


def test_who_left_decides_no_more(tmp_path: Path) -> None:
    gone = [row | ({"left": dt.date(2027, 3, 30)} if row["id"] == "P2" else {}) for row in PEOPLE]
    path = plan(tmp_path, People=gone, PriceRequests=[request(98.0)])
    with pytest.raises(Refused, match="P2"):
        decide(path, "P2")
    decide(path, "P1")


def test_an_approval_is_looked_at_again_in_the_workbook(tmp_path: Path) -> None:
    """A price that is corrected after its approval is found by the check."""
    path = plan(tmp_path, PriceRequests=[request(98.0)])
    decide(path, "P2")
    assert not [p for p in FileBook.open(path).findings() if p.code == "prices.approved"]
    change(path, {("PriceRequests", 0, "quoted"): 80.0})
    (found,) = [p for p in FileBook.open(path).findings() if p.code == "prices.approved"]
    assert found.row and "R1" in found.text.zh


def test_every_general_manager_decides_as_one(tmp_path: Path) -> None:
    """Two divisions, two of them: a role that each has for a line is theirs."""
    roles = [
        {"role": "division", "line": line, "person": person, "from": dt.date(2027, 1, 1), "until": None}
        for line, person in (("direct", "P1"), ("channel", "P2"))
    ]
    given = [{"request": "R1", "item": "other", "giver": "customer", "points": 1.0, "evidence": "合同"}]
    for person in ("P1", "P2"):
        folder = tmp_path / person
        folder.mkdir()
        path = plan(folder, PriceRequests=[request(89.0)], ValueGiven=given, Roles=roles)  # 11 %, one point: a general manager's
        decide(path, person)
        assert FileBook.open(path).read("PriceRequests").rows[0]["decided_by"] == person


def test_a_decision_is_undone_until_a_deal_was_signed_by_it(tmp_path: Path) -> None:
    """ "undo until the deal is signed" (chapters.md, chapter 3)."""
    sold: Row = {
        "id": "D1",
        "date": dt.date(2027, 3, 31),
        "customer": "C1",
        "seller": "P4",
        "seller_share": 1.0,
        "revenue": 196.0,
        "cost": 140.0,
    }
    lines: list[Row] = [{"deal": "D1", "product": "EC", "quantity": 2.0, "price": 98.0}]
    path = plan(tmp_path, PriceRequests=[request(98.0)], Deals=[sold], DealLines=lines)
    decide(path, "P2")
    change(path, {("DealLines", 0, "request"): "R1"})
    before = path.read_bytes()
    with pytest.raises(Refused, match="D1 已按申请 R1 签单"):
        do("undo", path)
    assert path.read_bytes() == before
    change(path, {("DealLines", 0, "request"): None})
    do("undo", path)
    assert FileBook.open(path).read("PriceRequests").rows[0]["decision"] is None


@pytest.mark.parametrize(
    ("quoted", "by", "decision", "words"),
    [
        (98.0, "P4", "批准", "申请人"),  # one's own
        (98.0, "P3", "批准", "经理"),  # below the route's level
        (94.0, "P1", "批准", "价值让渡"),  # 6 % without a list
        (98.0, "P9", "批准", "P9"),
        (98.0, "P2", "也许", "也许"),
    ],
)
def test_decisions_that_are_refused_in_one_line(tmp_path: Path, quoted: float, by: str, decision: str, words: str) -> None:
    path = plan(tmp_path, PriceRequests=[request(quoted)])
    before = path.read_bytes()
    with pytest.raises(Refused, match=words):
        decide(path, by, decision)
    assert path.read_bytes() == before


def test_a_request_without_a_base_price_is_named_at_its_cell(tmp_path: Path) -> None:
    path = plan(tmp_path, PriceRequests=[request(98.0, on=dt.date(2026, 12, 1)), request(99.0, id="R2")])
    before = path.read_bytes()
    done = do("approve", path)
    assert done.refused and path.read_bytes() == before and any("R1" in p.text.zh and p.row for p in done.outcome.problems)
