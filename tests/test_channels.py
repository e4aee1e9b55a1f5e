"""The channels' functions; the worked examples stand in cases/channels.json."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs import call, speaking
from udfs.policy import plan
from udfs.values import ExcelError

PERCENTS = st.integers(0, 100)
MONEY = st.integers(0, 10**11).map(lambda fen: fen / 100)


@given(PERCENTS, st.integers(-100, 300), PERCENTS)
def test_633_as_fractions_see_it(share: int, growth: int, new: int) -> None:
    """Rules, chapter 4: actual ÷ target each, capped at 1, floored at 0; then the mean and the minimum."""
    exact = [min(max(Fraction(a, t), Fraction(0)), Fraction(1)) for a, t in zip((share, growth, new), (60, 30, 30), strict=True)]
    (row,) = call("CHANNEL633", share / 100, growth / 100, new / 100)
    assert row == pytest.approx([float(x) for x in (*exact, sum(exact) / 3, min(exact))], abs=1e-13)
    # The border of the exit must not depend on binary fractions.
    for reached, told in ((sum(exact) / 3, row[3]), (min(exact), row[4])):
        assert (call("CHANNELEXIT", told)[0][0] == "留用") is (reached >= Fraction(4, 5))


QUARTERS = st.lists(st.one_of(st.none(), st.integers(0, 120)), min_size=1, max_size=12)


@given(QUARTERS, st.integers(1, 4))
def test_exit_by_counting_the_run(series: list[int | None], needed: int) -> None:
    run, expected = 0, []
    for percent in series:
        run = 0 if percent is None or percent >= 80 else run + 1
        expected.append(None if percent is None else "留用" if run == 0 else "启动退出" if run >= needed else "预警")
    cells = [None if p is None else p / 100 for p in series]
    across = call("CHANNELEXIT", [cells], None, needed)
    assert across[0] == expected
    down = call("CHANNELEXIT", [[c] for c in cells], None, needed)
    assert [row[0] for row in down] == expected
    assert bool(across.notes) == (None in series)


@given(st.lists(QUARTERS, min_size=2, max_size=5))
def test_dealers_in_a_block_do_not_touch_each_other(dealers: list[list[int | None]]) -> None:
    width = max(2, *map(len, dealers))
    block = [[None if p is None else p / 100 for p in (*d, *[None] * (width - len(d)))] for d in dealers]
    assert list(call("CHANNELEXIT", block)) == [call("CHANNELEXIT", [row])[0] for row in block]


@given(MONEY, st.integers(0, 100))
def test_buyback_to_the_fen(value: float, percent: int) -> None:
    fen = Fraction(str(value)) * percent  # hundredths of a fen
    assert call("BUYBACK", value, percent / 100)[0][0] == pytest.approx(float(int(fen + Fraction(1, 2)) / 100), abs=1e-6)


ROWS = st.lists(st.tuples(st.sampled_from(["医药", "物流", "电子", ""]), st.sampled_from("甲乙丙")), min_size=1, max_size=12)


@given(ROWS, st.randoms())
def test_exclusivity_counts_agents_and_not_rows(rows: list[tuple[str, str]], chance: random.Random) -> None:
    agents: dict[str, set[str]] = {}
    for industry, agent in rows:
        agents.setdefault(industry, set()).add(agent)
    wanted = {i: len(a) for i, a in agents.items() if i and len(a) > 1} or {"没有冲突": 0}
    shuffled = rows[:]
    chance.shuffle(shuffled)
    for order in (rows, shuffled):
        found = call("EXCLUSIVITY", [[i or None] for i, _ in order], [[a] for _, a in order])
        assert {row[0]: row[1] for row in found} == wanted


TERRITORIES = {"甲": {"华东", "华中"}, "乙": {"全国"}, "丙": set()}
ORDERS = st.lists(
    st.tuples(st.sampled_from(["华东", "华南", "西北", None]), st.sampled_from(["甲", "乙", "丙", None])), max_size=15
)


@given(ORDERS.filter(len), st.sampled_from(["、", ",", "; ", "，"]))
def test_cross_selling_lists_every_order_outside_its_territory(orders: list[tuple[Any, Any]], comma: str) -> None:
    wanted = [
        place
        for place, (region, dealer) in enumerate(orders, 1)
        if region and dealer and dealer != "乙" and region not in TERRITORIES[dealer]
    ]
    cells = [[comma.join(sorted(TERRITORIES.get(d, ()))) or None] for _, d in orders]
    found = call("CROSSSELLING", [[r] for r, _ in orders], [[d] for _, d in orders], cells)
    assert [row[3] for row in found if row[3]] == wanted
    assert bool(found.notes) == any(r is None and d for r, d in orders)


SCORES = st.lists(st.one_of(st.none(), st.integers(0, 100)), min_size=1, max_size=4)


@given(MONEY, SCORES, st.sampled_from(["marginal", "whole"]))
def test_a_rebate_is_paid_or_withheld_and_never_lost(sales: float, scores: list[int | None], mode: str) -> None:
    """Rules, chapter 4: the tier engine; below 80 in any college's exam: withheld."""
    tiers = [[0, 2_000_000, 5_000_000]], [[0.1, 0.13, 0.15]]
    found = call("REBATE", sales, *tiers, [scores], None, mode)
    paid, withheld = found[0]
    assert 0 in (paid, withheld)
    assert paid + withheld == pytest.approx(call("TIERED", sales, *tiers, mode)[0][0], abs=0.005001)
    failed = any(s is None or s < 80 for s in scores)
    assert paid == 0 if failed else withheld == 0
    assert bool(found.notes) == (None in scores)


@given(MONEY, MONEY)
def test_pro_rata_pays_never_less_and_never_more_than_the_whole(spend: float, revenue: float) -> None:
    strict = call("FUNDWRITEOFF", spend, revenue)[0][0]
    part = call("FUNDWRITEOFF", spend, revenue, None, None, "prorata")[0][0]
    full = call("FUNDWRITEOFF", spend, 3 * spend)[0][0]
    assert strict in (0, full)
    assert strict <= part <= full


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**4)), min_size=1, max_size=5),
    st.sampled_from(["marginal", "whole"]),
)
def test_a_rebate_per_unit_is_the_blended_rate_on_every_unit(dealers: list[Any], mode: str) -> None:
    tiers = [[0, 100_000, 500_000]], [[2, 3, 5]]
    sales, units = ([[float(row[k])] for row in dealers] for k in range(2))
    found = call("REBATE", sales, *tiers, 90, 80, mode, units)
    for (sold, pieces), row in zip(dealers, found, strict=True):
        assert call("REBATE", sold, *tiers, 90, 80, mode, pieces) == [row], "alone as in the column"
        blended = call("TIERED", sold, *tiers, mode)[0][0] / sold if sold else 0.0
        assert row == [pytest.approx(blended * pieces, abs=0.005001), 0.0]
    by_units = call("REBATE", sales, *tiers, 90, 80, mode, sales)  # tiers of units: sales and units are one number
    assert [row[0] for row in by_units] == [pytest.approx(row[0], abs=0.005001) for row in call("TIERED", sales, *tiers, mode)]


def test_words_follow_the_language_and_reasons_name_the_remedy() -> None:
    with speaking("en"):
        assert list(call("CHANNELEXIT", [[0.5, 0.5, 0.9]])) == [["Warning", "Start exit", "Retain"]]
        (cell,) = call("REBATE", 1, 0, 5, 90)[0]
        assert isinstance(cell, ExcelError) and "0.05" in cell.reason.en


def test_the_plans_numbers_are_the_rules() -> None:
    """Rules, chapter 4: 60/30/30, 80 % twice, 95 %, 80 points, 3 times and half, 20 installers, 30 million, 35 %, a
    visit a month."""
    numbers = {
        "channels.targets": (0.6, 0.3, 0.3), "channels.exit_limit": 0.8, "channels.exit_quarters": 2, "channels.exit_basis": "mean",
        "channels.buyback_rate": 0.95, "rebate.pass_score": 80, "fund.ratio": 3, "fund.company_share": 0.5, "fund.mode": "all",
        "overseas.installers": 20, "overseas.revenue": 30_000_000, "overseas.margin": 0.35, "overseas.visits": 1,
        "training.online": 1, "training.classroom": 1,
    }  # fmt: skip
    assert {key: plan(key)() for key in numbers} == numbers
