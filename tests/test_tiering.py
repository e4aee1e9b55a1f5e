"""Tiers of a workbook's customers. Expectations: rules, chapter 2; the catalogue's own functions on the same transactions."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs import call, clv, speaking
from udfs.customers import TIERS
from udfs.rfm import canonical
from udfs.values import ExcelError, Refusal, year_before
from workbook_templates.chapters.customers.tiering import WRITTEN, Tiered, TierSettings, tiers
from workbook_templates.tables.schema import Row
from workbook_templates.transactions.purchases import Purchases, day_number

AS_OF = dt.date(2027, 12, 31)
PLAN = TierSettings.of()
Bought = tuple[str, dt.date, int]  # customer, day, fen


def purchases(rows: list[Bought], as_of: dt.date = AS_OF) -> Purchases:
    ids, days, fen = zip(*rows, strict=True) if rows else ((), (), ())
    return Purchases.of(ids, [day_number(day) for day in days], fen, as_of)


def market(seed: int, customers: int = 40, until: dt.date = AS_OF) -> list[Bought]:
    """Two years of invoices with some credit notes; sizes are far apart, as customers are."""
    chance = random.Random(seed)
    sizes = [chance.paretovariate(1.1) * 100_000 for _ in range(customers)]
    rows = []
    for i, size in enumerate(sizes):
        start = chance.randrange(1, 730)
        for _ in range(chance.randrange(1, 12)):
            fen = int(size * chance.uniform(0.3, 2)) * (-1 if chance.random() < 0.06 else 1)
            rows.append((f"C{i:03}", until - dt.timedelta(days=chance.randrange(start)), fen))
    return rows


def refreshed(result: Tiered, history: list[Row]) -> tuple[list[Row], list[Row]]:
    return result.rows, [*history, *result.changes]


def by_id(result: Tiered) -> dict[str, Row]:
    return {row["id"]: row for row in result.rows}


def column(cells: Any) -> list[list[Any]]:
    return [[cell] for cell in cells]


# ------------------------------------------------------------------------------------------------------------ same numbers


def test_the_numbers_are_those_of_the_catalogue() -> None:
    """RFM, CLVINPUTS, CLV, PALIVE, RFMSCORE and CUSTOMERTIER, chained as a person would on a sheet."""
    rows = [*market(3), ("X退货", dt.date(2027, 5, 1), -50_000)]
    previous = {f"C{i:03}": tier for i, tier in enumerate("SSAABBCCAB")}
    customers = [known(name, tier) for name, tier in previous.items()]
    found = by_id(tiers(purchases(rows), customers, [], PLAN))
    cells = [column(c) for c in ([r[0] for r in rows], [r[1] for r in rows], [r[2] / 100 for r in rows])]
    seen = call("RFM", *cells, AS_OF)
    inputs = call("CLVINPUTS", *cells, AS_OF)
    model = [column(row[k] for row in inputs) for k in range(1, 5)]
    worth = [0.0 if isinstance(v, ExcelError) else v for (v,) in call("CLV", *model)]
    alive = [row[0] for row in call("PALIVE", *model[:3])]
    recent = [sum(fen for name, day, fen in rows if name == row[0] and day > dt.date(2026, 12, 31)) / 100 for row in seen]
    names = [row[0] for row in seen]
    tiered = call("CUSTOMERTIER", column(names), column(recent), column(worth), column(previous.get(n) for n in names))
    scores = call("RFMSCORE", *(column(row[k] for row in seen) for k in (2, 1, 3)))
    mean = sum(worth) / len(worth)
    assert set(names) == {name for name, row in found.items() if row["rank"]}
    for i, name in enumerate(names):
        row = found[name]
        assert [row[k] for k in ("tier", "rank", "score", "bound")] == tiered[i][:4]
        assert row["reason"].partition("；")[0] == tiered[i][4].removeprefix("新客户 → C：")  # coming to C is no change
        assert row["sales_12m"] == recent[i] and row["clv_index"] == pytest.approx(100 * worth[i] / mean, abs=0.006)
        if name == "X退货":
            assert [row[k] for k in ("alive", "last_purchase", "monetary", "rfm", "frequency")] == [None, None, None, None, 0]
            continue
        assert [row["frequency"], row["last_purchase"], row["rfm"]] == [seen[i][1], seen[i][6], scores[i][3]]
        assert row["monetary"] == pytest.approx(seen[i][3], abs=0.00501) and row["alive"] == pytest.approx(alive[i], abs=1e-6)
        assert row["score"] == pytest.approx((row["sales_share"] + row["clv_share"]) / 2, abs=1e-11)
    assert sum(row["sales_share"] or 0 for row in found.values()) == pytest.approx(1)


def test_the_plan_s_own_borders() -> None:
    """18 / 60 / 180 bind where sales are spread evenly over many; 55 / 85 / 97 % where few have nearly all."""
    day = dt.date(2027, 6, 1)
    even = tiers(purchases([(f"C{i:03}", day, 100_000 + i) for i in range(400)]), [], [], PLAN)
    assert [sum(r["tier"] == t for r in even.rows) for t in TIERS] == [18, 42, 120, 220]
    assert {r["bound"] for r in even.rows} == {"名额 18", "名额 60", "名额 180"}
    steep = tiers(purchases([(f"C{i:03}", day, 10**9 >> i) for i in range(30)]), [], [], PLAN)
    # Halves: 50 %, 75 %, 87.5 %, 93.75 %, 96.9 %, 98.4 %: 55 % is reached at rank 2, 85 % at 3, 97 % at 6.
    assert [sum(r["tier"] == t for r in steep.rows) for t in TIERS] == [2, 1, 3, 24]


def test_team_in_words_of_the_plan() -> None:
    found = by_id(tiers(purchases(market(3)), [], [], PLAN))
    teams = {row["tier"]: row["team"] for row in found.values()}
    assert teams == {
        "S": "客户经理 1、方案专家 1、交付工程师 3",
        "A": "客户经理 1、交付工程师 2",
        "B": "数字化漏斗",
        "C": "线上商城",
    }


def test_twelve_months_end_on_the_day() -> None:
    """The day a year ago no longer counts, the next one does; 29 February has the 28th as its day a year ago."""
    assert year_before(dt.date(2028, 2, 29)) == dt.date(2027, 2, 28)
    rows = [("A", dt.date(2026, 12, 31), 100), ("A", dt.date(2027, 1, 1), 1000), ("A", AS_OF, 10)]
    assert purchases(rows).recent.tolist() == [1010]


# ------------------------------------------------------------------------------------------------- order, names, merged IDs


@given(st.integers(0, 50), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=15)
def test_neither_order_nor_names_nor_splitting_matter(seed: int, chance: random.Random) -> None:
    rows = market(seed, 12)
    expected = by_id(tiers(purchases(rows), [], [], PLAN))
    mixed = rows[:]
    chance.shuffle(mixed)
    assert purchases(mixed) == purchases(rows)
    renamed = [(f" Ｚ{name}　 ", day, fen) for name, day, fen in mixed]
    found = by_id(tiers(purchases(renamed), [], [], PLAN))
    assert found == {f"Z{key}": row | {"id": f"Z{key}", "name": f"Z{key}"} for key, row in expected.items()}


def test_ids_that_differ_by_width_or_spaces_are_one_customer_and_it_is_said() -> None:
    rows = [("Ｃ１", dt.date(2027, 1, 5), 1000), ("C1 ", dt.date(2027, 2, 5), 2000), ("C2", dt.date(2027, 2, 5), 10)]
    bought = purchases(rows)
    assert bought.summary.ids.tolist() == ["C1", "C2"] and "不同写法" in bought.notes[0].zh
    result = tiers(bought, [known(" C1")], [], PLAN)
    assert [row["id"] for row in result.rows] == [" C1", "C2"] and result.rows[0]["frequency"] == 2


def test_added_up_elsewhere_is_the_same() -> None:
    bought = purchases(market(5))
    order = np.random.default_rng(1).permutation(len(bought))
    columns = {key: getattr(bought.summary, key)[order] for key in ("frequency", "total", "repeat", "first", "last")}
    again = Purchases.added_up(AS_OF, bought.summary.ids[order], recent=bought.recent[order], **columns)
    assert again == bought
    columns["total"] = columns["total"] + 1
    assert Purchases.added_up(AS_OF, bought.summary.ids[order], recent=bought.recent[order], **columns) != bought
    with pytest.raises(ValueError, match="canonical"):
        Purchases.added_up(AS_OF, ["Ａ"], **{k: [1] for k in (*columns, "recent")})


# --------------------------------------------------------------------------------------------------- who is in and who is out


def known(key: str, tier: str | None = None, **more: Any) -> Row:
    return dict.fromkeys(WRITTEN) | {"id": key, "name": f"{key}公司", "region": "华东", "tier": tier} | more


def test_customers_in_and_out_of_the_transactions() -> None:
    rows = [("C1", dt.date(2027, 6, 1), 500_000), ("C9", dt.date(2027, 7, 1), 90_000)]
    customers = [known("C1", "C"), known("C2"), known("C3", "S", rank=4.0), known("C4", "C", rank=170.0)]
    result = tiers(purchases(rows), customers, [], PLAN)
    found = by_id(result)
    assert result.new == ["C9"] and found["C9"]["name"] == "C9" and found["C9"]["region"] is None
    assert found["C2"]["tier"] is None and "没有交易" in found["C2"]["reason"] and found["C2"]["tiered_on"] is None
    assert found["C3"]["tier"] == "C" and found["C3"]["reason"].startswith("S → C：") and "上次名次 4" in found["C3"]["reason"]
    assert found["C4"]["tier"] == "C" and found["C4"]["rank"] is None and "→" not in found["C4"]["reason"]
    assert [(c["customer"], c["before"], c["after"]) for c in result.changes] == [
        ("C1", "C", "S"),
        ("C3", "S", "C"),
        ("C9", None, "A"),
    ]
    assert any("已补入客户表" in note.zh for note in result.notes)


def test_a_loss_keeps_its_row() -> None:
    rows = [("C1", dt.date(2027, 6, 1), 500_000), ("C2", dt.date(2027, 6, 1), 100), ("C2", dt.date(2027, 7, 1), -9_000)]
    row = by_id(tiers(purchases(rows), [], [], PLAN))["C2"]
    assert row["sales_12m"] == -89.0 and row["sales_share"] == 0 and row["tier"] == "C" and "净额为负" in row["reason"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("C1", dt.date(2027, 6, 1), 500)], "没有复购金额"),
        ([("C1", AS_OF, 500)], "没有复购金额"),
        ([("C1", dt.date(2027, 6, 1), 500), ("C1", dt.date(2027, 9, 1), 700)], "拟合偏弱"),
        ([("C1", dt.date(2027, 6, 1), 500), ("C2", dt.date(2028, 1, 1), 700)], "晚于截止日"),
        ([("C1", dt.date(2027, 6, 1), 500), ("C2", dt.date(2027, 9, 1), -700)], "只有退货"),
    ],
)
def test_what_little_there_is(rows: list[Bought], said: str) -> None:
    result = tiers(purchases(rows), [], [], PLAN)
    assert result.rows[0]["tier"] == "S" and any(said in note.zh for note in result.notes)


@pytest.mark.parametrize("rows", [[], [("C1", dt.date(2027, 6, 1), -500), ("C2", dt.date(2027, 6, 2), -1)]])
def test_nothing_to_rank_by_is_refused(rows: list[Bought]) -> None:
    with pytest.raises(Refusal, match="没有正的"):
        tiers(purchases(rows), [known("C1", "S")], [], PLAN)


# ------------------------------------------------------------------------------------------------ why it fell, and again


def company(sizes: list[int], month: int) -> list[Bought]:
    """Everybody buys twice in the month; sizes in yuan."""
    return [(f"C{i:02}", dt.date(2027, month, day), size * 100) for i, size in enumerate(sizes) for day in (5, 20)]


NARROW = TierSettings(**{**PLAN.__dict__, "caps": (5, 8, 12), "shares": (1, 1, 1)})


def test_why_it_fell_from_s_to_a() -> None:
    """Five seats in S, buffer 20 %: kept down to rank 6, so rank 7 falls."""
    first = tiers(purchases(company(list(range(200, 100, -5)), 3), dt.date(2027, 3, 31)), [], [], NARROW)
    assert by_id(first)["C04"]["tier"] == "S"
    sizes = list(range(200, 100, -5))
    sizes[4], sizes[5], sizes[6] = 150, 400, 400
    rows = company(list(range(200, 100, -5)), 3) + company(sizes, 4)
    result = tiers(purchases(rows, dt.date(2027, 4, 30)), *refreshed(first, []), NARROW)
    before, after = by_id(first)["C04"], by_id(result)["C04"]
    assert after["tier"] == "A"
    shares = f"销售占比 {before['sales_share'] * 100:.2f}% → {after['sales_share'] * 100:.2f}%"
    for words in (
        "S → A：",
        f"名次 {before['rank']} → {after['rank']}",
        "保留线 6",
        "S 级边界由名额决定",
        shares,
        "价值占比",
        "最近购买 2027-04-20",
    ):
        assert words in after["reason"], words
    (change,) = [c for c in result.changes if c["customer"] == "C04"]
    assert (change["before"], change["after"], change["rank_before"], change["rank"]) == ("S", "A", before["rank"], after["rank"])
    assert change["reason"] == after["reason"] and change["date"] == dt.date(2027, 4, 30)
    with speaking("en"):
        english = by_id(tiers(purchases(rows, dt.date(2027, 4, 30)), *refreshed(first, []), NARROW))["C04"]["reason"]
    assert english.startswith("S → A: rank") and "share of sales" in english and english.isascii() is False  # the arrow


@given(st.integers(0, 1000), st.integers(1, 3))
@settings(deadline=None, max_examples=25)
def test_the_same_input_again_changes_nothing(seed: int, months: int) -> None:
    rows = market(seed, 25)
    customers, history = [], []
    for month in range(months, 0, -1):
        bought = purchases(rows, AS_OF - dt.timedelta(days=30 * month))
        customers, history = refreshed(tiers(bought, customers, history, NARROW), history)
        again = tiers(bought, customers, history, NARROW)
        assert again.rows == customers and again.changes == []


@given(st.integers(0, 1000), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=25)
def test_a_refresh_repeated_with_late_invoices_is_judged_against_the_last_period(seed: int, chance: random.Random) -> None:
    """However often it was tried on parts of the data that day: the tiers are those of one refresh with all of it."""
    rows = market(seed, 25)
    old = dt.date(2027, 6, 30)
    customers, history = refreshed(tiers(purchases(rows, old), [], [], NARROW), [])
    once = by_id(tiers(purchases(rows), customers, history, NARROW))
    tried = customers, history
    for _ in range(3):
        part = [row for row in rows if row[1] <= old or chance.random() < 0.4]
        result = tiers(purchases(part), *tried, NARROW)
        tried = refreshed(result, tried[1])
    final = tiers(purchases(rows), *tried, NARROW)
    assert {k: r["tier"] for k, r in by_id(final).items()} == {k: r["tier"] for k, r in once.items()}
    for customer in once:  # the history is a chain from the first tier to the last
        own = [c for c in [*tried[1], *final.changes] if c["customer"] == customer]
        assert all(a["after"] == (b["before"] or "C") for a, b in itertools.pairwise(own))
        assert not own or own[-1]["after"] == once[customer]["tier"]
    customers, history = refreshed(final, tried[1])
    assert tiers(purchases(rows), customers, history, NARROW).rows == customers


def test_a_tier_somebody_typed_in_is_the_tier_before() -> None:
    rows = company(list(range(200, 100, -5)), 3)
    customers, history = refreshed(tiers(purchases(rows, dt.date(2027, 3, 31)), [], [], NARROW), [])
    sixth = next(i for i, row in enumerate(customers) if row["rank"] == 6)
    assert customers[sixth]["tier"] == "A"
    customers[sixth]["tier"] = "S"  # an incumbent now: rank 6 is within the buffer, but the five seats are taken
    fifth = next(i for i, row in enumerate(customers) if row["rank"] == 5)
    customers[fifth]["tier"] = "A"
    result = tiers(purchases(rows, dt.date(2027, 3, 31)), customers, history, NARROW)
    assert result.rows[sixth]["tier"] == "S" and result.rows[fifth]["tier"] == "A"
    customers, history = refreshed(result, history)
    assert tiers(purchases(rows, dt.date(2027, 3, 31)), customers, history, NARROW).rows == customers


# ------------------------------------------------------------------------------------------------------------------- speed


def test_twenty_thousand_customers_in_well_under_a_second_beside_the_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(2)
    ids = [f"C{int(i):05}" for i in 20_000 * chance.random(100_000) ** 2]
    days = day_number(AS_OF) - chance.integers(0, 700, 100_000)
    bought = Purchases.of(ids, days, chance.integers(1, 10**7, 100_000), AS_OF)
    model = tiers(bought, [], [], PLAN).model
    monkeypatch.setattr(clv, "fit", lambda *columns: model)
    customers = tiers(bought, [], [], PLAN).rows
    begun = time.process_time()
    assert tiers(bought, customers, [], PLAN).rows == customers
    assert time.process_time() - begun < 1.5  # 0.35 s measured on a quiet machine


def test_ids_compare_as_the_functions_compare_them() -> None:
    assert canonical("Ｃ１") == "C1" != canonical("c1")
