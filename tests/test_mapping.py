"""Guessing by headers and reading a mapping back. Expectations: issue 3, item 7 (guessed by header, confirmed by the user)."""

from __future__ import annotations

import pytest

from tests.foreign import ORDERS, STAFF
from workbook_templates.answers import Refused
from workbook_templates.intake import mapping
from workbook_templates.tables import schema
from workbook_templates.tables.grids import Grid, hold
from workbook_templates.xlsx.package import Ref


def guessed(tables: dict[str, list[str]], **given: object) -> dict[str, mapping.Guess]:
    return {g.table: g for g in mapping.guess(tables, **given)}  # type: ignore[arg-type]


def test_tables_are_known_by_their_headers() -> None:
    found = guessed({"订单表": ORDERS, "人员表": STAFF, "目标": ["工号", "姓名", "权重", "下限", "上限"], "杂项": ["甲", "乙"]})
    assert {t: g.theirs for t, g in found.items() if g.theirs} == {"Deals": "订单表", "People": "人员表", "Quotas": "目标"}
    columns = {m.key: (m.header, m.confidence) for m in found["Deals"].columns}
    assert columns["date"] == ("签约日", mapping.SURE) and columns["revenue"] == ("金额(万元)", mapping.SURE)
    assert columns["original"] == ("原单号", 1.0) and columns["partner"] == ("", 0.0)
    assert not found["Deals"].missing


def test_a_look_alike_is_less_sure_and_waits() -> None:
    found = guessed({"订单表": ["单号", "签单日期", "客户编号", "主办工号", "合同收入", "成本"]})["Deals"]
    match = next(m for m in found.columns if m.key == "revenue")
    assert match.header == "合同收入" and 0 < match.confidence < mapping.SURE
    rows = {r["column"]: r for r in mapping.rows_of([found], "zh", confirm=True)}
    assert rows["收入"]["confirmed"] == "no" and rows["收入"]["note"] and rows["成本"]["confirmed"] == "yes"


def test_two_columns_that_could_be_ours_are_listed_and_not_taken() -> None:
    found = guessed({"订单表": [*ORDERS, "订单金额"]})["Deals"]
    match = next(m for m in found.columns if m.key == "revenue")
    assert not match.header and match.candidates == ("金额(万元)", "订单金额")
    assert next(m for m in guessed({"t": [*ORDERS, "成本"]})["Deals"].columns if m.key == "cost").candidates
    decided = guessed({"订单表": [*ORDERS, "订单金额"]}, columns={"Deals": {"revenue": "订单金额"}})["Deals"]
    assert next(m for m in decided.columns if m.key == "revenue").header == "订单金额"


def test_headers_that_stand_twice_are_not_taken() -> None:
    match = next(m for m in guessed({"订单表": [*ORDERS, "业务员"]})["Deals"].columns if m.key == "seller")
    assert not match.header and match.candidates == ("业务员", "业务员")


def test_two_tables_that_could_be_ours_are_listed_and_not_taken() -> None:
    found = guessed({"订单2026": ORDERS, "订单2027": ORDERS})["Deals"]
    assert not found.theirs and set(found.candidates) == {"订单2026", "订单2027"}
    assert guessed({"订单2026": ORDERS, "订单2027": ORDERS}, use={"Deals": "订单2027"})["Deals"].theirs == "订单2027"


@pytest.mark.parametrize(
    "header",
    ["金额(美元)", "金额(含税)", "收入（含税）", "含税收入", "预计金额", "金额(含稅)", "Amount incl. VAT", "Forecast revenue"],
)
def test_what_is_foreign_includes_tax_or_is_planned_is_never_taken_for_revenue(header: str) -> None:
    headers = [h.replace("金额(万元)", header) for h in ORDERS]
    found = guessed({"订单表": headers})["Deals"]
    assert [m.key for m in found.missing] == ["revenue"]


@pytest.mark.parametrize("header", ["收入（含税）", "预计收入"])
def test_nor_is_it_where_a_person_says_so(header: str) -> None:
    """The mapping sheet is typed in: what can't be is said at its cell."""
    rows = [["成交", "单号", "订单表", "合同号", "是", None], ["成交", "收入", "订单表", header, "是", None]]
    held = hold(Grid(mapping.NAME, "对接", Ref(2, 1, 3, 6), [c.header.zh for c in mapping.SPEC.columns], rows, {}), mapping.SPEC)
    link = mapping.adoption(held).links["Deals"]
    found = mapping.link_problems(link, held, {"订单表": ["合同号", header]})
    assert [p.text.zh for p in found if header in p.text.zh and p.row == 3]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_plan_maps_onto_itself(lang: str) -> None:
    """Our own headers under foreign names find their Tables again."""
    for name, spec in schema.TABLES.items():
        headers = [getattr(c.header, lang) for c in spec.columns]
        found = guessed({"Their" + name: headers})[name]
        assert found.theirs == "Their" + name and not found.missing, name


def grid(headers: list[str], rows: list[list[object]], formulas: dict[tuple[int, int], str] | None = None) -> Grid:
    return Grid("订单表", "页", Ref(4, 2, 3 + len(rows), 1 + len(headers)), headers, rows, formulas or {})  # type: ignore[arg-type]


def deals(unit: str = "金额(万元)", value: object = 1.1, formulas: dict[tuple[int, int], str] | None = None) -> mapping.Held:
    headers = [h.replace("金额(万元)", unit) for h in ORDERS]
    raw = grid(headers, [["H1", 46000.0, "C1", "P1", value, 0.5, "备注", None]], formulas)
    columns = {
        "id": "合同号",
        "date": "签约日",
        "customer": "客户号",
        "seller": "业务员",
        "revenue": unit,
        "cost": "成本(万元)",
        "original": "原单号",
    }
    return hold(mapping.translated(raw, schema.table("Deals"), columns, "zh"), schema.table("Deals"))


@pytest.mark.parametrize("unit", ["金额(万元)", "金额/万元", "万元金额", "金额 单位:万元", "金额（萬元）"])
def test_a_unit_is_read_wherever_the_header_has_it(unit: str) -> None:
    assert deals(unit).rows[0]["revenue"] == 11_000.0


def test_units_are_read_scaled_and_written_back_exactly() -> None:
    held = deals()
    assert held.rows[0]["revenue"] == 11_000.0 and held.rows[0]["partner"] is None
    at = held.at(0, "revenue")
    assert mapping.keeps(held, at, "revenue", 11_000.0)
    assert not mapping.keeps(held, at, "revenue", 12_345.67)
    assert mapping.stored(held, at, 12_345.67) == 1.234567
    with pytest.raises(Refused, match="放不下"):
        mapping.stored(held, at, 13436.424411240123)


def test_calculated_and_absent_columns_are_not_written() -> None:
    held = deals(formulas={(4, 6): "1+0.1"})
    assert mapping.keeps(held, (4, 6), "revenue", 11_000.0)
    with pytest.raises(Refused, match="公式"):
        mapping.keeps(held, (4, 6), "revenue", 1.0)
    assert mapping.keeps(held, (5, 6), "revenue", None)
    assert mapping.keeps(held, (4, 0), "partner", None)
    with pytest.raises(Refused, match="协同工号"):
        mapping.keeps(held, (4, 0), "partner", "P2")


def test_rows_do_not_move_past_columns_that_would_stay() -> None:
    held = deals()
    mapping.check_rows_stay(held, [*held.rows, {**held.rows[0], "id": "H2"}])
    with pytest.raises(Refused, match="备注"):
        mapping.check_rows_stay(held, [])
