"""Change policy, record cash, hold pay: what they write, what they refuse, and that a second run changes nothing (money.md 3, 6, 7)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from addin.action import Done
from addin.book import FileBook
from tests.actions.steps import change, do, tables_of
from tests.small_plan import small_plan
from workbook_templates.answers import Refused
from workbook_templates.tables.schema import Company, Row

JULY = dt.date(2027, 7, 1)
CASH = [
    {"deal": "D1", "date": dt.date(2027, 2, 1), "amount": 40_000.0, "kind": "payment", "invoice": None},
    {"deal": "D2", "date": dt.date(2027, 2, 1), "amount": 10_000.0, "kind": None, "invoice": None},
]


def _person(key: str, level: str = "representative") -> Row:
    return {"id": key, "name": key, "level": level, "line": "direct", "joined": dt.date(2020, 1, 1), "quota_weight": 1.0}


def _deal(key: str, revenue: float, **more: Any) -> Row:
    return {
        "id": key, "date": dt.date(2027, 1, 15), "customer": "C1", "line": "eco", "seller": "P1", "seller_share": 1.0,
        "revenue": revenue, "cost": revenue / 2, "collected": 0.0, **more,
    }  # fmt: skip


def _plan(folder: Path, lang: str = "zh", as_of: dt.date = dt.date(2027, 8, 15), **rows: list[Row]) -> Path:
    base: dict[str, list[Row]] = {
        "People": [_person("P1"), _person("P2")],
        "Customers": [{"id": "C1", "name": "甲"}],
        "Deals": [_deal("D1", 100_000.0), _deal("D2", 50_000.0), _deal("D3", -20_000.0, original="D1"), _deal("D4", 9_000.0, collected=500.0)],
    }  # fmt: skip
    return small_plan(folder / "plan.xlsx", Company("甲", 2027, as_of, rows={**base, **rows}), lang)


def _policy(path: Path, key: Any = "commission.rates", value: Any = "4 / 6 / 9 %", day: str = "2027-07-01", **more: Any) -> Done:
    return do("policy", path, key=key, value=value, valid_from=day, by="王总", reason="年中调整", **more)


def _said(done: Done) -> str:
    return " ".join(str(p.text.zh) for p in done.outcome.problems)


# ------------------------------------------------------------------------------------------------------------ change policy


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_change_holds_from_its_day_on_the_sheet_and_for_actions(tmp_path: Path, lang: str) -> None:
    path = _plan(tmp_path, lang)
    assert _policy(path, "提成比例").written
    book = FileBook.open(path)
    row = book.read("PolicyChanges").rows[0]
    assert (row["key"], row["valid_from"], row["value"], row["by"]) == ("commission.rates", JULY, "4% / 6% / 9%", "王总")
    of = book.policies()
    assert of.at("commission.rates", JULY) == [0.04, 0.06, 0.09]
    assert of.at("commission.rates", dt.date(2027, 6, 30)) == [0.03, 0.05, 0.08]
    assert book.setting("commission.rates") == [0.04, 0.06, 0.09]
    assert book.named("plan_commission_rates")[:3] == [0.04, 0.06, 0.09]  # what formulas use follows at once
    assert book.named("base_commission_rates")[:3] == [0.03, 0.05, 0.08]


def test_before_its_day_the_sheet_says_when_it_will_change(tmp_path: Path) -> None:
    path = _plan(tmp_path, as_of=dt.date(2027, 3, 31))
    _policy(path, "pool.rate", "2%")
    book = FileBook.open(path)
    assert book.named("plan_pool_rate") == [0.01] and book.setting("pool.rate") == 0.01
    place = book.locate("plan_pool_rate")
    assert place is not None
    sheet = book.package.sheets[place[0]]
    cell = sheet.get((place[1].first_row, place[1].first_col + 2))
    assert cell is not None and cell.value == 46569.0  # 2027-07-01


def test_the_same_change_twice_changes_nothing_and_another_value_is_refused(tmp_path: Path) -> None:
    path = _plan(tmp_path)
    _policy(path)
    before = path.read_bytes()
    assert not _policy(path, value="0.04/0.06/0.09").effect and path.read_bytes() == before
    with pytest.raises(Refused, match=r"另一个值（.*!D\d+"):
        _policy(path, value="5 / 6 / 9 %")
    assert path.read_bytes() == before


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    path = _plan(tmp_path)
    before = path.read_bytes()
    done = _policy(path, ["comission.rates", "pool.rate", "commission.basis"], ["4%", "150%", "按季"])
    said = _said(done)
    assert "commission.rates" in said and "超出范围" in said and "可填 按订单" in said
    assert "原因" in _said(do("policy", path, key=["pool.rate"], value=["2%"], valid_from="2027-07-01"))
    assert "成对" in _said(_policy(path, ["pool.rate", "pool.cap"], ["2%"]))
    with pytest.raises(Refused, match="不是日期"):
        _policy(path, day="2027-13-01")
    assert path.read_bytes() == before


def test_tiers_grow_together_or_not_at_all(tmp_path: Path) -> None:
    path = _plan(tmp_path)
    assert "同一天" in _said(_policy(path, "commission.rates", "3/5/8/10%"))
    both = ["commission.thresholds", "commission.rates"]
    assert _policy(path, both, ["0 / 20 / 25 / 40 %", "3/5/8/10%"]).written
    book = FileBook.open(path)
    assert book.setting("commission.rates") == [0.03, 0.05, 0.08, 0.1]
    assert [v for v in book.named("plan_commission_thresholds") if v != ""] == [0.0, 0.2, 0.25, 0.4]


def test_it_says_that_settled_months_keep_what_they_have(tmp_path: Path) -> None:
    settled = {
        "period": "2027-07", "deal": "D1", "person": "P1", "credit_share": 1.0, "revenue": 1.0, "margin_rate": 0.5, "commission": 1.0,
        "kind": "accrual", "status": "reviewed", "plan_version": "V1", "computed_on": JULY, "component": "commission",
    }  # fmt: skip
    path = _plan(tmp_path, Ledger=[settled])
    assert ["保持原值" in note.zh for note in _policy(path).outcome.notes] == [True]
    assert _policy(path, "pool.rate", "2%", "2027-08-01").outcome.notes == []


def test_a_blank_limit_is_no_limit(tmp_path: Path) -> None:
    path = _plan(tmp_path)
    assert FileBook.open(path).setting("review.limit") is None
    _policy(path, "review.limit", "3,000,000")
    assert FileBook.open(path).setting("review.limit") == 3e6
    _policy(path, "review.limit", "无", "2027-08-01")
    assert FileBook.open(path).setting("review.limit") is None


def test_what_somebody_typed_wrong_stops_what_it_touches_and_names_the_cell(tmp_path: Path) -> None:
    path = _plan(tmp_path)
    _policy(path)
    change(path, {("PolicyChanges", 0, "value"): "4 / 6"})
    book = FileBook.open(path)
    assert book.setting("pool.rate") == 0.01
    with pytest.raises(Refused, match=r"!D\d+：“提成比例”"):
        book.setting("commission.rates")


# -------------------------------------------------------------------------------------------------------------- record cash


def test_cash_is_entered_and_collected_follows(tmp_path: Path) -> None:
    path = _plan(tmp_path, Collections=CASH)
    done = do("collect", path, deal="d1", date="2027-05-06", amount="6万", invoice="INV-1")
    assert done.written
    book = FileBook.open(path)
    row = book.read("Collections").rows[-1]
    assert (row["deal"], row["date"], row["amount"], row["kind"]) == ("D1", dt.date(2027, 5, 6), 60_000.0, "payment")
    assert [r["collected"] for r in book.read("Deals").rows] == [100_000.0, 10_000.0, 0.0, 500.0]
    assert not do("collect", path, deal="D1", date="2027-05-06", amount="60000", invoice="INV-1").effect


def test_refunds_and_retention_count_and_bad_debts_do_not(tmp_path: Path) -> None:
    path = _plan(tmp_path, Collections=CASH)
    for kind, amount in (("退款", "-15000"), ("质保金", "2000"), ("坏账", "30000")):
        do("collect", path, deal="D1", date="2027-06-01", amount=amount, kind=kind)
    assert FileBook.open(path).read("Deals").rows[0]["collected"] == 27_000.0


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"deal": "D9", "date": "2027-05-06", "amount": "1"}, "不在“成交”中"),
        ({"deal": "D1", "date": "2027-05-06", "amount": "-50000", "kind": "退款"}, "超过已回款 10,000.00 元"),
        ({"deal": "D1", "date": "2027-05-06", "amount": "500", "kind": "退款"}, "退款填负数"),
        ({"deal": "D1", "date": "2027-05-06", "amount": "-500"}, "其余填正数"),
        ({"deal": "D3", "date": "2027-05-06", "amount": "500"}, "原单 D1"),
        ({"deal": "D1", "date": "2091-05-06", "amount": "500"}, "还没有到"),
        ({"deal": "D1", "date": "2027-05-06", "amount": "0"}, "为 0"),
        ({"deal": "D1", "amount": "100"}, "为空"),
    ],
)
def test_cash_that_cannot_be_is_refused(tmp_path: Path, given: dict[str, str], part: str) -> None:
    path = _plan(tmp_path, Collections=CASH)
    before = path.read_bytes()
    done = do("collect", path, **given)
    assert done.refused and part in _said(done), _said(done)
    assert path.read_bytes() == before


def test_a_file_comes_in_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    path, file = _plan(tmp_path, Collections=CASH), tmp_path / "回款.csv"
    file.write_text("合同号,到账日期,到账金额\nD1,2027-03-01,100\nD9,2027-03-01,100\nD8,2027-03-01,x\n", "utf-8")
    done = do("collect", path, file=str(file))
    assert done.refused and "D9" in _said(done) and "第 4 行" in _said(done)
    file.write_text("合同号,到账日期,到账金额\nD1,2027-03-01,100\nD2,2027-03-02,200\nD4,2027-03-02,300\n", "utf-8")
    done = do("collect", path, file=str(file))
    assert [r["collected"] for r in FileBook.open(path).read("Deals").rows] == [40_100.0, 10_200.0, 0.0, 300.0]
    assert any("D4" in note.zh and "手填" in note.zh for note in done.outcome.notes)


def test_rows_typed_on_the_sheet_are_taken_up(tmp_path: Path) -> None:
    path = _plan(tmp_path, Collections=CASH)
    assert do("collect", path).written
    assert [r["collected"] for r in FileBook.open(path).read("Deals").rows] == [40_000.0, 10_000.0, 0.0, 500.0]
    assert not do("collect", path).effect


# --------------------------------------------------------------------------------------------------------- deals from a file


def _file(folder: Path, *lines: str) -> str:
    path = folder / "deals.csv"
    path.write_text("\n".join(("单号,签单日期,客户编号,主办工号,协同工号,主办份额,收入,成本,原单号", *lines)), "utf-8")
    return str(path)


def test_a_return_in_a_file_names_its_order_and_nothing_else(tmp_path: Path) -> None:
    """money.md 2. A half of D9 comes back: each of the two gives back half of what he got."""
    path = _plan(tmp_path)
    back = _file(tmp_path, "D9,2027-05-01,C1,P1,P2,60%,100000,50000,", "R9,2027-06-01,,,,,-50000,,D9")
    done = do("import", path, file=back)
    assert done.written and not done.outcome.problems
    row = next(r for r in FileBook.open(path).read("Deals").rows if r["id"] == "R9")
    assert [row[key] for key in ("customer", "seller", "partner", "seller_share", "cost")] == [None] * 5
    assert not do("import", path, file=back).effect
    assert do("commission", path).written
    paid = {
        (r["deal"], r["person"]): r["commission"] for r in FileBook.open(path).read("Ledger").rows if r["deal"] in ("D9", "R9")
    }
    assert paid["R9", "P1"] == -paid["D9", "P1"] / 2 and paid["R9", "P2"] == -paid["D9", "P2"] / 2 and paid["D9", "P2"] > 0


def test_deals_come_into_a_plan_without_the_customers_chapter(tmp_path: Path) -> None:
    """The light plan has no customers; their IDs stay as the file has them."""
    path = _plan(tmp_path, Customers=[], Deals=[])
    assert do("chapters", path, off="2,8").written
    assert do("import", path, file=_file(tmp_path, "D9,2027-05-01,C7,P1,,,100000,50000,")).written
    book = FileBook.open(path)
    assert [r["customer"] for r in book.read("Deals").rows] == ["C7"] and not book.read("Customers").rows
    assert do("commission", path).written


# ------------------------------------------------------------------------------------------------------------------- hold


def test_a_hold_is_entered_and_ended(tmp_path: Path) -> None:
    path = _plan(tmp_path)
    assert do("hold", path, person="p1", first="2027-06", reason="交接", by="周敏").written
    assert not do("hold", path, person="P1", first="2027-06", reason="交接", by="周敏").effect
    assert do("hold", path, person="P1", until="2027-08").written
    row = FileBook.open(path).read("Holds").rows[0]
    assert [row[k] for k in ("person", "deal", "from", "until", "reason", "by")] == [
        "P1",
        None,
        "2027-06",
        "2027-08",
        "交接",
        "周敏",
    ]
    assert not do("hold", path, person="P1", until="2027-08").effect


def test_a_deal_is_held_for_everybody(tmp_path: Path) -> None:
    path = _plan(tmp_path)
    assert do("hold", path, deal="d1", first="2027-06", reason="合同未签", by="周敏").written
    row = FileBook.open(path).read("Holds").rows[0]
    assert [row[k] for k in ("person", "deal", "from", "until")] == [None, "D1", "2027-06", None]
    with pytest.raises(Refused, match="D1（所有人）"):
        do("hold", path, deal="D1", first="2027-07", reason="又一次")
    assert do("hold", path, deal="D1", until="2027-08").written
    assert FileBook.open(path).read("Holds").rows[0]["until"] == "2027-08"


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"person": "P9", "first": "2027-06", "reason": "x"}, "不在“人员”中"),
        ({"person": "P1", "deal": "D9", "first": "2027-06", "reason": "x"}, "不在“成交”中"),
        ({"person": "P1", "first": "2027-06", "until": "2027-05", "reason": "x"}, "早于起始月"),
        ({"person": "P1", "first": "2027-06"}, "原因"),
        ({"person": "P1"}, "--from"),
        ({"first": "2027-06", "reason": "x"}, "--person"),
    ],
)
def test_a_hold_that_cannot_be_is_refused(tmp_path: Path, given: dict[str, str], part: str) -> None:
    path = _plan(tmp_path)
    before = tables_of(path, log=True)
    done = do("hold", path, **given)
    assert done.refused and part in _said(done), _said(done)
    assert tables_of(path, log=True) == before


def test_holds_do_not_overlap_and_only_what_is_there_ends(tmp_path: Path) -> None:
    path = _plan(tmp_path)
    with pytest.raises(Refused, match="没有可结束的暂缓"):
        do("hold", path, person="P1", until="2027-08")
    do("hold", path, person="P1", first="2027-06", until="2027-08", reason="交接")
    with pytest.raises(Refused, match="已在暂缓"):
        do("hold", path, person="P1", first="2027-07", reason="又一次")
    with pytest.raises(Refused, match="不能在 2027-05 结束"):
        do("hold", path, person="P1", until="2027-05")
    assert do("hold", path, person="P1", first="2027-09", reason="又一次").written
    assert do("hold", path, person="P1", deal="D1", first="2027-07", reason="客户投诉").written
