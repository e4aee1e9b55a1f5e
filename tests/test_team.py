"""The team's functions; the worked examples stand in cases/team.json."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from udfs import call, speaking
from udfs.team import BOXES

RATINGS = st.integers(10, 50).map(lambda tenths: tenths / 10)


@given(st.integers(0, 10**6), st.integers(1, 10**4), st.integers(1, 100))
def test_coverage_within_the_limit_as_whole_numbers_see_it(customers: int, people: int, limit: int) -> None:
    assert call("COVERAGEOK", customers, people, limit)[0][0] is (customers <= limit * people)
    assert bool(call("COVERAGE", customers, people, limit).notes) == (customers > limit * people)


def test_an_error_is_not_counted_as_over_the_limit() -> None:
    assert not call("COVERAGE", [[10], [5]], [[1], [0]]).notes


@given(RATINGS, RATINGS)
def test_nine_box_by_exact_thirds(performance: float, potential: float) -> None:
    def third(score: float) -> int:
        return int((Fraction(str(score)) - 1) * 3 / 4) if score < 5 else 2

    with speaking("en"):
        label = call("NINEBOX", performance, potential)[0][0]
    assert label == list(BOXES.values())[3 * third(performance) + third(potential)].en


PEOPLE = st.lists(
    st.tuples(st.sampled_from("ABCDEFGH"), st.integers(1, 4), RATINGS, RATINGS, st.integers(1, 5)), min_size=1, max_size=12
)


def pool(people: list[tuple[Any, ...]], sizes: Any = None) -> Any:
    return call("TALENTPOOL", *[[[row[k]] for row in people] for k in range(5)], sizes)


@given(PEOPLE, st.randoms())
def test_the_pool_does_not_depend_on_the_order_of_rows(people: list[tuple[Any, ...]], chance: random.Random) -> None:
    shuffled = people[:]
    chance.shuffle(shuffled)
    assert pool(people) == pool(shuffled)


@given(PEOPLE, st.integers(0, 3), st.integers(0, 3))
def test_the_pool_takes_the_best_that_qualify(people: list[tuple[Any, ...]], first: int, second: int) -> None:
    rows = pool(people, [[first, second]])
    able = {level: [p for p in people if p[1] == level and p[4] >= 3] for level in (1, 2)}
    places = {1: first, 2: second}
    wanted = sum(min(len(able[level]), places[level]) for level in (1, 2))
    if not wanted:
        assert rows == [["#N/A"]]
        return
    assert len(rows) == wanted
    assert [(r[1], r[2]) for r in rows] == [(lv, n) for lv in (1, 2) for n in range(1, min(len(able[lv]), places[lv]) + 1)]
    for level in (1, 2):
        taken = [r[4] for r in rows if r[1] == level]
        best = sorted((round(p[2] + p[3], 1) for p in able[level]), reverse=True)
        assert taken == best[: places[level]]


def test_who_is_left_out_of_the_pool_is_said() -> None:
    people = [("A", 1, 5, 5, 5), ("B", 1, 5, 5, 2), ("C", 1, None, 5, 5), ("D", 4, 5, 5, 5)]
    spill = pool(people)
    assert [row[0] for row in spill] == ["A"]
    assert len(spill.notes) == 3 and all("1" in n.en for n in spill.notes)


def test_a_level_that_is_none_is_refused_by_row() -> None:
    for level, code in ((0, "#NUM!"), (1.5, "#NUM!"), (None, "#VALUE!")):
        error = pool([("A", 1, 5, 5, 5), ("B", level, 5, 5, 5)]).errors[0][2]
        assert error == code and "2" in error.reason.zh and "row 2" in error.reason.en


@given(st.integers(0, 1200))
def test_coaching_below_the_limit_only(per_mille: int) -> None:
    with speaking("en"):
        assert (call("COACHING", per_mille / 1000)[0][0] == "on track") is (per_mille >= 700)
