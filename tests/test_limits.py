"""Where functions stop: money whose fen a float can't hold, and ratios that are extreme but true. Over the whole catalogue."""

from __future__ import annotations

from typing import Any

import pytest

import udfs
from udfs.formula import Formula
from udfs.values import MOST_YUAN, ExcelError

TOO_MUCH = 1e15
# Yuan that are not paid to the fen: estimates of a market, sums and splits that are exact for any decimal and say so beyond.
ESTIMATES = {"TAM", "SAM", "SOM", "MARKETFUNNEL"}
EXACT_FOR_ANY_UNIT = {"QUOTASPLIT", "QUOTAALLOCATE", "QUOTAMONTHS", "CARRIED", "BUDGETSPLIT", "QUOTAGAP", "LANDING"}
RATIOS_AND_SCORES = {"ROI", "ROITEXT", "ROIOK", "SEGMENT", "RFMSCORE", "CLVFIT"}
UNROUNDED = {"TIERED", "TIEREDBANDS"}
# A table's own amounts, not money that goes through.
BESIDE = {("YEARENDTAX", "deductions"), ("YEARENDTAX", "thresholds")}
PAYING = [
    (f, place)
    for f in udfs.catalogue().values()
    if f.name not in ESTIMATES | EXACT_FOR_ANY_UNIT | RATIOS_AND_SCORES | UNROUNDED
    for place, a in enumerate(f.arguments)
    if "元" in a.zh and (f.name, a.name) not in BESIDE
]


def spoiled(function: Formula, place: int) -> Any:
    """The docstring's example with 10^15 in one argument."""
    cells = list(function.examples[0][0])
    cells += [None] * (place + 1 - len(cells))
    cells[place] = replaced(cells[place])
    return function.cells(*cells)


def replaced(cells: Any) -> Any:
    return [replaced(cell) for cell in cells] if isinstance(cells, list) else TOO_MUCH


@pytest.mark.parametrize(("function", "place"), PAYING, ids=lambda x: getattr(x, "name", str(x)))
def test_money_beyond_the_fen_is_refused_alike(function: Formula, place: int) -> None:
    """Issue 11, point 15: at 10^15 COMMISSION was a fen off where its siblings refused."""
    found = spoiled(function, place)
    assert "#NUM!" in {str(error) for _, _, error in found.errors}, found
    assert all(error.reason.zh and error.reason.en for _, _, error in found.errors)


def test_the_largest_amount_is_exact_to_the_fen() -> None:
    assert call("COMMISSION", MOST_YUAN - 0.01, 1, 0, 1) == MOST_YUAN - 0.01
    assert call("SPLITCREDIT", MOST_YUAN, [0.5, 0.5]) == MOST_YUAN / 2


def call(name: str, *cells: Any) -> Any:
    return udfs.call(name, *cells)[0][0]


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("CHANNEL633", (0.5, 25.83, 0.3)),
        ("CHANNEL633", (0.5, -3.0, 0.3)),
        ("CHANNEL633", (0.5, 0.3, 14.0)),
        ("CHANNEL633", (0.5, 0.3, -2.0)),
        ("CHANNELEXIT", ([[12.0, -1.0]],)),
        ("GROWTHPULL", (25.83, 12.0)),
        ("GROWTHPULLOK", (-2.0, 12.0)),
        ("COACHING", (12.0,)),
        ("COACHING", (-3.0,)),
        ("SPRINTBONUS", (1000, 12_000)),
        ("SPRINTBONUS", (1000, -5000)),
        ("REBATE", (-5000, 0, 0.1, 90)),
        ("QUOTAGAP", (1, 20)),
        ("LANDING", ([[-50, 900]], [[10, 10]])),
        ("FUNDWRITEOFF", (100, -5000)),
        ("TIERED", (12.5, [0.8, 1], [0.5, 1], "curve")),
    ],
)  # fmt: skip
def test_extreme_ratios_are_computed(name: str, cells: tuple[Any, ...]) -> None:
    """money.md 10: growth of 2,583 %, a quarter of net returns, attainment over 1,000 % are shown, not refused."""
    assert not udfs.call(name, *cells).errors


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("CHANNEL633", (0.5, 30, 0.3)),
        ("CHANNEL633", (0.5, 0.3, 12)),
        ("CHANNELEXIT", ([[79]],)),
        ("GROWTHPULL", (18, 0.15)),
        ("COACHING", (65,)),
    ],
)  # fmt: skip
def test_a_ratio_that_may_lack_its_percent_sign_is_said(name: str, cells: tuple[Any, ...]) -> None:
    (said,) = udfs.call(name, *cells).notes
    assert "%" in said.zh and "%" in said.en


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("CHANNEL633", (40, 0.3, 0.3)),
        ("COACHING", (0.5, 70)),
        ("SPRINTBONUS", (100, 120, 110)),
        ("PLANCOST", (100, 0.3, 80)),
        ("COMMISSION", (100, 30)),
        ("CHANNELEXIT", ([["x"]],)),
    ],
)
def test_a_typed_percentage_stays_guarded(name: str, cells: tuple[Any, ...]) -> None:
    assert all(isinstance(cell, ExcelError) for row in udfs.call(name, *cells) for cell in row)
