"""Market size and targets: what must hold for any input; the worked examples stand in cases/market.json."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from udfs import call, speaking

SHARES = st.integers(0, 10_000).map(lambda n: n / 10_000)
AMOUNTS = st.integers(0, 10**12).map(float)


def exact_sum(cells: list[Any]) -> Decimal:
    return sum((Decimal(repr(cell)) for cell in cells), Decimal(0))


@given(st.lists(st.tuples(AMOUNTS, st.lists(SHARES, min_size=3, max_size=3)), min_size=2, max_size=6))
def test_sam_of_a_column_is_the_sam_of_each_row_alone_and_of_the_transposed_row(rows: list[tuple[float, list[float]]]) -> None:
    tams, shares = [[tam] for tam, _ in rows], [line for _, line in rows]
    column = call("SAM", tams, shares)
    assert column == [call("SAM", tam, [line])[0] for tam, line in rows]
    assert column == [call("SAM", tam, [[s] for s in line])[0] for tam, line in rows]
    assert call("SAM", np.transpose(tams), np.transpose(shares)) == np.transpose(column).tolist()
    for (tam, line), (sam,) in zip(rows, column, strict=True):
        assert math.isclose(sam, tam * math.prod(line), rel_tol=1e-12)


def test_the_reason_of_a_bad_share_names_its_cell() -> None:
    spill = call("SAM", [[1e9], [2e9]], [[0.5, 0.5], [0.5, 35]])
    assert spill[0] == [0.25e9]
    assert "(shares) (row 2, column 2)" in spill.errors[0][2].reason.en
    assert "35%" in spill.errors[0][2].reason.zh


def test_a_million_tams_with_shares_each() -> None:
    tams = np.arange(1.0, 1_000_001).reshape(-1, 1)
    spill = call("SAM", tams, np.full((1_000_000, 2), 0.5))
    assert spill[-1] == [250_000.0] and len(spill) == 1_000_000


@given(AMOUNTS, SHARES, SHARES, AMOUNTS)
def test_som_is_never_above_capacity_and_says_when_it_binds(sam: float, coverage: float, win: float, capacity: float) -> None:
    free = call("SOM", sam, coverage, win)[0][0]
    bound = call("SOM", sam, coverage, win, capacity)
    assert bound[0][0] == min(free, capacity)
    assert not bound.notes or free > capacity
    assert not call("SOM", sam, coverage, win).notes


@given(
    st.lists(st.tuples(st.integers(0, 10**5), st.integers(0, 10**6), SHARES, SHARES, SHARES), min_size=1, max_size=6),
    st.one_of(st.none(), st.integers(0, 10**12).map(lambda fen: fen / 100)),
)
def test_funnel_totals_are_the_exact_sums_and_the_capacity_holds(rows: list[tuple[Any, ...]], capacity: float | None) -> None:
    columns = [[[float(row[k])] for row in rows] for k in range(5)]
    names = [[f"R{i}"] for i in range(len(rows))]
    with speaking("en"):
        *regions, total = call("MARKETFUNNEL", names, *columns, capacity)
    assert total[0] == "Total" and [r[0] for r in regions] == [n[0] for n in names]
    for column in (1, 2, 3):
        assert exact_sum([r[column] for r in regions]) == Decimal(repr(total[column]))
    if capacity is not None:
        assert total[3] <= capacity
    for region in regions:
        assert region[1] >= region[2] >= region[3] - 0.011


def test_the_funnel_with_a_capacity_says_so() -> None:
    spill = call("MARKETFUNNEL", [["A"], ["B"]], [[2], [1]], 100, 1, 1, 1, 150)
    assert [row[3] for row in spill] == [100.0, 50.0, 150.0]
    assert "150" in spill.notes[0].zh and "300" in spill.notes[0].en


@given(AMOUNTS, SHARES, SHARES, SHARES)
def test_targets_are_whole_fen(som: float, floor: float, stretch: float, profit: float) -> None:
    for cell in call("TARGETS", som, floor, stretch, profit)[0]:
        assert Decimal(repr(cell)) == Decimal(repr(cell)).quantize(Decimal("0.01"))


def test_a_floor_above_the_stretch_is_said() -> None:
    assert call("TARGETS", 100, 0.9, 0.5).notes and not call("TARGETS", 100, 0.5, 0.9).notes
