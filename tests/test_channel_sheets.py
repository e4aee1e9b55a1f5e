"""The channels' sheets against the same figures worked out from the sample's rows, in both languages."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from typing import Any

import pytest

from tests.plans import sample_company, sample_computed
from tests.test_planning_figures import computed, value
from udfs import policy
from udfs.values import total_of
from workbook_templates import recalc
from workbook_templates.chapters import sample
from workbook_templates.chapters.channels.tables import COLLEGES, EXIT_WORDS


@pytest.fixture(scope="module", params=["zh", "en"])
def book(request: pytest.FixtureRequest) -> Any:
    return sample_computed(request.param)


def column(book: Any, name: str, at: int = 0) -> dict[str, Any]:
    """A column of the dealers' rows by dealer."""
    return {d["id"]: value(book, name, row, at) for row, d in enumerate(book.company.of("Dealers"))}


def label(book: Any, text: Any) -> str:
    return str(getattr(text, book.lang))


def test_verdicts_are_the_ledgers(book: Any) -> None:
    """Quarter by quarter what the sheet says is what the settlement wrote; a quarter without figures has a dash."""
    words = {w.code: label(book, w.label) for w in EXIT_WORDS}
    written = {(r["dealer"], r["quarter"]): r for r in book.company.of("DealerLedger")}
    for quarter in range(1, 5):
        shown, attained = column(book, "dealer_exits", quarter - 1), column(book, f"dealer_q{quarter}")
        for dealer, word in shown.items():
            row = written.get((dealer, f"2027-Q{quarter}"))
            assert word == (words[row["verdict"]] if row else "–"), (dealer, quarter)
            assert attained[dealer] == (pytest.approx(row["mean"], abs=1e-12) if row else "–")
    assert column(book, "dealer_verdict")["V05"] == words["exit"]
    assert (value(book, "dealers_warned"), value(book, "dealers_leaving")) == (2, 1)


def test_rebates_stock_and_days(book: Any) -> None:
    sums: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in book.company.of("DealerLedger"):
        for key in ("rebate", "paid", "withheld"):
            sums[key][row["dealer"]].append(row[key])
    for key, by_dealer in sums.items():
        assert column(book, f"desk_{key}") == {d: total_of(v) for d, v in by_dealer.items()}
    stock: dict[str, float] = defaultdict(float)
    bought: dict[str, float] = defaultdict(float)
    for lot in book.company.of("Stock"):
        stock[lot["dealer"]] += round(lot["price"] * lot["on_hand"], 2)
        bought[lot["dealer"]] += round(lot["price"] * lot["on_hand"] * 0.95, 2)  # rules, chapter 4: 95 % of the invoice price
    sold: dict[str, float] = defaultdict(float)
    for order in book.company.of("DealerOrders"):
        if order["dealer"] and 0 <= (sample.AS_OF - order["date"]).days < 90:
            sold[order["dealer"]] += order["amount"]
    assert column(book, "desk_buyback") == pytest.approx(bought)
    assert column(book, "desk_days") == pytest.approx({d: stock[d] / sold[d] * 90 for d in stock})
    high = {"zh": "积压", "en": "Too much"}[book.lang]
    assert [d for d, word in column(book, "desk_light").items() if word == high] == ["V05"]


def test_the_last_exam_of_each_college_is_shown(book: Any) -> None:
    last: dict[tuple[str, str], tuple[dt.date, float]] = {}
    for exam in book.company.of("Exams"):
        key = exam["dealer"], exam["college"]
        last[key] = max(last.get(key, (dt.date.min, 0.0)), (exam["date"], exam["score"]))
    for word in COLLEGES:
        assert column(book, f"exam_{word.code}") == {d["id"]: last[d["id"], word.code][1] for d in book.company.of("Dealers")}
    held = {"zh": "暂扣", "en": "Withheld"}[book.lang]
    assert [d for d, verdict in column(book, "exam_verdict").items() if verdict == held] == ["V06"]


def test_conflicts_claims_and_lessons(book: Any) -> None:
    assert [value(book, n) for n in ("exclusivity_conflicts", "cross_conflicts", "registration_conflicts")] == [1, 2, 2]
    # The plan's own example, 240,000 on 100,000, is the seventh claim: nothing is written off.
    assert [value(book, "claim_paid", row) for row in (5, 6)] == [
        book.company.of("Fund")[5]["spend"] / 2, 0.0,
    ]  # fmt: skip
    online: dict[str, int] = defaultdict(int)
    for lesson in book.company.of("Lessons"):
        online[lesson["dealer"]] += lesson["form"] == "online"
    wanted = {d["id"]: max((9 if d["id"] == "V11" else 12) - online[d["id"]], 0) for d in book.company.of("Dealers")}
    assert column(book, "lacking_online") == wanted
    assert any(wanted.values())


def test_overseas_pilot(book: Any) -> None:
    rows = book.company.of("Installers")
    yuan = total_of(round(r["revenue"] * r["fx"], 2) for r in rows)
    assert (value(book, "overseas_count"), value(book, "overseas_revenue")) == (14, yuan)
    assert value(book, "overseas_margin") == pytest.approx(1 - sum(r["cost"] for r in rows) / yuan)


def test_charts_have_their_points(book: Any) -> None:
    # What charts draw stands on the sheet of chart data; those that draw a Table's own columns draw them where they stand.
    sheets = {"4 渠道", "4 Channels", "图表数据", "Chart data"}
    found = [c for c in book.package.charts() if any(r.sheet in sheets for r in c.refs)]
    assert len(found) >= 4
    assert not any(c.skipped for c in found)


def test_a_quarter_still_to_end_is_not_judged() -> None:
    book_ = computed(dataclasses.replace(sample_company("zh"), as_of=dt.date(2027, 8, 15)), "zh")
    assert not recalc.error_cells(book_.package, book_.done.results)
    assert set(column(book_, "dealer_q3").values()) == {"–"}
    assert column(book_, "dealer_verdict")["V08"] == "预警"  # its second quarter
    assert column(book_, "dealer_verdict")["V05"] == "留用"


def test_a_new_dealer_is_not_rated_and_extreme_quarters_are() -> None:
    """Issue 11, points 12 and 13: no last year is no growth of 0; growth of 2,583 % and a quarter of net returns stop nothing."""
    filled = sample_company("zh")
    rows = [dict(row) for row in filled.of("DealerSales")]
    first = {d: next(row for row in rows if row["dealer"] == d and row["quarter"] == "2027-Q1") for d in ("V01", "V02", "V03")}
    first["V01"]["last_year"] = None
    first["V02"]["last_year"] = first["V02"]["sales"] / 26.83
    first["V03"] |= {"sales": -400_000.0, "new_sales": -100_000.0}
    book_ = computed(dataclasses.replace(filled, rows={**filled.rows, "DealerSales": rows}), "zh")
    assert not recalc.error_cells(book_.package, book_.done.results)
    attained, verdicts = column(book_, "dealer_q1"), column(book_, "dealer_exits")
    assert (attained["V01"], verdicts["V01"]) == ("–", "–")
    place = {d: rows.index(row) for d, row in first.items()}
    shown = {d: [value(book_, f"dealer_ratio_{n}", at) for n in range(1, 6)] for d, at in place.items()}
    assert [shown["V01"][n] for n in (1, 3, 4)] == ["–"] * 3 and 0 < shown["V01"][0] <= 1 and 0 < shown["V01"][2] <= 1
    assert shown["V02"][1] == 1.0
    assert shown["V03"][1:3] == [0.0, 0.0] and attained["V03"] == pytest.approx(shown["V03"][0] / 3)


def test_the_contract_may_count_each_ratio() -> None:
    """Rules, chapter 4: mean or each, set in Settings. V04 is strong but for new products."""
    filled = sample_company("zh")
    with pytest.MonkeyPatch.context() as patch:
        basis = policy.POLICIES["channels.exit_basis"]
        patch.setitem(
            policy.POLICIES, "channels.exit_basis", dataclasses.replace(basis, dated=dict.fromkeys(basis.dated, basis.words[1]))
        )
        book_ = computed(filled, "zh")
    assert column(book_, "dealer_verdict")["V04"] == "启动退出"
