"""The one way in and out of every function: shapes, blanks, errors, reasons, notes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import doctest
import importlib
import math
import pkgutil
import random
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import udfs
from tests.garbage import CELLS, EXTREMES, ODD_RANGES
from udfs import faults
from udfs.formula import Formula, Spill, UsageError, number
from udfs.values import (
    ERROR_CODES,
    ExcelError,
    Refusal,
    apportion,
    at_least,
    date_to_serial,
    excel_round,
    serial_to_date,
    text_to_number,
    total_of,
)

FUNCTIONS = list(udfs.catalogue().values())
MODULES = [f"udfs.{m.name}" for m in pkgutil.iter_modules(udfs.__path__)]


@pytest.mark.parametrize("module", ["udfs", *MODULES])
def test_examples_in_docstrings_run(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)).failed == 0


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_example_of_a_function_runs(function: Formula) -> None:
    names = {function.body.__name__: function}
    test = doctest.DocTestParser().get_doctest(function.__doc__ or "", names, function.name, None, 0)
    assert test.examples
    with udfs.speaking("zh"):
        assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test).failed == 0


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_help_is_complete_and_fits_excel(function: Formula) -> None:
    """The wizard takes 255 characters a text, and all argument names together about 250."""
    texts = [function.help, *(a.help for a in function.arguments), *([function.repeating.help] if function.repeating else [])]
    for text in texts:
        assert text.zh and text.en and len(text.zh) < 256 and len(text.en) < 256
    assert sum(len(a.name) + 2 for a in function.arguments) < 250
    assert function.source and function.examples
    if function.gives.how == "table":
        assert function.columns, "a table names its columns"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
@given(data=st.data())
def test_garbage_gives_cells_and_reasons_never_an_exception(function: Formula, data: st.DataObject) -> None:
    most = len(function.arguments) + (2 if function.repeating else 0)
    count = data.draw(st.integers(function.required, most))
    result = function.cells(*[data.draw(CELLS) for _ in range(count)])
    _are_cells(result)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
@given(data=st.data())
def test_garbage_in_one_argument_of_a_good_call(function: Formula, data: st.DataObject) -> None:
    arguments = list(function.examples[0][0])
    spoiled = data.draw(st.integers(0, max(len(arguments) - 1, 0)))
    if arguments:
        arguments[spoiled] = data.draw(CELLS)
    _are_cells(function.cells(*arguments))


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_every_extreme_in_every_argument_of_a_good_call(function: Formula) -> None:
    """Not left to the dice: each of the values and ranges that once raised somewhere, also as the first of two rows."""
    good = list(function.examples[0][0])
    for place in range(max(len(function.arguments), len(good))):
        for odd in [*EXTREMES, *ODD_RANGES, *([[extreme], [0.5]] for extreme in EXTREMES)]:
            cells = good + [None] * (place + 1 - len(good))
            cells[place] = odd
            _are_cells(function.cells(*cells))


@pytest.mark.parametrize(
    ("name", "cells", "code"),
    [
        ("TIERED", (5, 0, None, "interpolated"), "#VALUE!"),
        ("TIEREDBANDS", (5, [[0]], [[None]], "interpolated"), "#VALUE!"),
        ("REBATE", (5, [[0]], [[None]], 90, 80, "interpolated"), "#VALUE!"),
        ("TIERED", (5, [[0], [5]], [[None], [None]], "interpolated"), "#VALUE!"),
        ("TEAMDEMAND", ([["S"], ["A"]], [[None, 2]]), "#NUM!"),
        ("TEAMDEMAND", ([["S"], ["A"]], [[None], [2]]), "#NUM!"),
        ("TEAM", ("A", 1, [[0], [0], [0]]), "#N/A"),
        ("ROI", ("1e999999999999999999999", 1), "#NUM!"),
        ("ROI", (10**400, 1), "#NUM!"),
        ("ROI", (1, "-1e999999999999999999999%"), "#NUM!"),
        ("ROI", (1, "1e-999999999999999999999"), "#DIV/0!"),
    ],
)
def test_garbage_that_once_raised(name: str, cells: tuple[Any, ...], code: str) -> None:
    """Issue 10, A11: each gave an exception, an empty spill or (a tier too few) a number."""
    result = udfs.call(name, *cells)
    assert [[str(cell) for cell in row] for row in result] == [[code] * len(result[0])]
    assert all(error.reason.zh and error.reason.en for _, _, error in result.errors)


def test_a_blank_where_zero_is_not_allowed_says_that_it_is_blank() -> None:
    [[error]] = udfs.call("TEAMDEMAND", [["S"]], [[None], [2]])
    assert "为空" in error.reason.zh and "blank" in error.reason.en and "sharing" in error.reason.zh


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Formula:
    """A function of the catalogue with a fault of ours in it, as users would meet it."""
    found = dataclasses.replace(udfs.catalogue()["ROI"], body=lambda revenue, cost: {}["a table nobody made"])
    monkeypatch.delenv(faults.STRICT)
    return found


def test_a_fault_of_ours_is_an_error_cell_that_says_so_and_is_logged(broken: Formula, caplog: pytest.LogCaptureFixture) -> None:
    result = broken.cells([[1.0], [2.0]], 3.0)
    assert result == [["#VALUE!"], ["#VALUE!"]], "each cell of the result, in its shape"
    for _, _, error in result.errors:
        assert "ROI" in error.reason.zh and "内部错误" in error.reason.zh
        assert "ROI" in error.reason.en and "report" in error.reason.en
    assert "a table nobody made" in caplog.text and "Traceback" in caplog.text


def test_a_fault_of_ours_fails_a_test(broken: Formula, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(faults.STRICT, "1")
    with pytest.raises(KeyError, match="a table nobody made"):
        broken.cells(1.0, 3.0)


def test_the_suite_is_strict() -> None:
    assert faults.is_strict()


def _are_cells(result: Spill) -> None:
    assert result and len({len(row) for row in result}) == 1
    for row in result:
        for cell in row:
            assert cell is None or type(cell) in (float, str, bool, ExcelError) or isinstance(cell, dt.date), repr(cell)
            assert not isinstance(cell, float) or math.isfinite(cell)
    for _, _, error in result.errors:
        assert error in ERROR_CODES
        assert error.reason.zh and error.reason.en, "an error without a reason"
    assert all(note.zh and note.en for note in result.notes)


@pytest.mark.parametrize("function", [f for f in FUNCTIONS if f.gives.how == "each"], ids=lambda f: f.name)
def test_scalar_equals_array(function: Formula) -> None:
    """The example's element-wise arguments, repeated in a column, a row and a block, give its result in each cell."""
    arguments = function.examples[0][0]
    alone = function.cells(*arguments)[0][0]
    if isinstance(arguments[0], list):
        pytest.skip("the example is an array already")
    for shape in ((3, 1), (1, 3), (2, 2)):
        spread = [
            [[cell] * shape[1]] * shape[0] if argument.shape == "each" and not isinstance(cell, list) else cell
            for argument, cell in zip(function.arguments, arguments, strict=False)
        ]
        assert function.cells(*spread) == [[alone] * shape[1]] * shape[0]


def test_importing_udfs_loads_no_heavy_library() -> None:
    code = "import udfs, sys; udfs.catalogue(); print([m for m in ('pandas','scipy','openpyxl','xlwings','lxml','holidays') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_reason_names_argument_cell_value_and_remedy_in_both_languages() -> None:
    error = udfs.call("COMMISSION", [[1], ["12,3x"]], 0.3)[1][0]
    for text, words in (
        (error.reason.zh, ("revenue", "第 2 行", "12,3x", "数字")),
        (error.reason.en, ("revenue", "row 2", "12,3x", "number")),
    ):
        assert all(word in text for word in words)


def test_reason_of_an_error_cell_travels_on() -> None:
    first = udfs.call("COMMISSION", "abc", 0.3)[0][0]
    second = udfs.call("ROI", first, 5)[0][0]
    assert second == "#VALUE!"
    assert "abc" in second.reason.zh


def test_names_with_any_prefix_and_a_guess_for_the_unknown() -> None:
    for name in (
        "COMMISSION",
        "SALES.COMMISSION",
        "sales_commission",
        "=SALES.Commission",
        "[1]!SALES_COMMISSION",
        "_xldudf_SALES_COMMISSION",
    ):
        assert udfs.call(name, 1_000_000, 0.3) == [[12500.0]]
    with pytest.raises(UsageError, match="COMMISSION"):
        udfs.call("COMMISION", 1, 1)


def test_too_many_or_missing_arguments_are_refused() -> None:
    with pytest.raises(UsageError):
        udfs.call("COMMISSION", 1)
    with pytest.raises(UsageError):
        udfs.call("ROI", 1, 2, 3)


def test_blank_middle_argument_is_its_default() -> None:
    assert udfs.call("COMMISSION", 1_000_000, 0.3, None, None, 0) == [[12500.0]]


def test_numpy_arrays_are_cells_too() -> None:
    assert udfs.call("COMMISSION", np.full((2, 1), 1e6), 0.3) == [[12500.0], [12500.0]]


def test_why_gives_the_reason_the_note_or_says_that_all_is_well() -> None:
    assert "margin_rate" in udfs.call("WHY", "COMMISSION", 1, 30)[0][0]
    assert "12,500" in udfs.call("WHY", "SALES.COMMISSION", 1_000_000, 0.3)[0][0]
    assert udfs.call("WHY", "NOSUCH", 1)[0][0] == "#NAME?"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", 12.0),
        (" 1,234.5 ", 1234.5),
        ("35%", 0.35),
        ("4.35%", 0.0435),
        ("(12)", -12.0),
        ("￥１２", 12.0),
        ("1e3", 1000.0),
        ("-¥5", -5.0),
        ("1,23", None),
        ("", None),
        ("%", None),
        ("12abc", None),
        ("1 2", None),
        ("--1", None),
    ],
)
def test_text_numbers(text: str, expected: float | None) -> None:
    assert text_to_number(text) == expected


@pytest.mark.parametrize(
    ("serial", "date"),
    [(1, dt.date(1900, 1, 1)), (59, dt.date(1900, 2, 28)), (61, dt.date(1900, 3, 1)), (46387, dt.date(2026, 12, 31))],
)
def test_serials_are_excels(serial: float, date: dt.date) -> None:
    assert serial_to_date(serial) == date
    assert date_to_serial(date) == serial


@pytest.mark.parametrize(
    ("x", "digits", "rounded"),
    [
        (2.675, 2, 2.68),
        (1.005, 2, 1.01),
        (-2.5, 0, -3),
        (0.5, 0, 1),
        (1.4999999, 0, 1),
        (1234.5, -2, 1200),
        (-1250, -2, -1300),
        (0.285, 2, 0.29),
        (1e12 + 0.005, 2, 1000000000000.01),
        (999999.995, 2, 1000000.0),
    ],
)
def test_round_is_excels(x: float, digits: int, rounded: float) -> None:
    """Values as Excel's documentation of ROUND and its 15-digit arithmetic give them."""
    assert float(excel_round(x, digits)) == rounded


@given(st.decimals(-(10**9), 10**9, places=4), st.integers(0, 3))
def test_round_agrees_with_decimals(x: Decimal, digits: int) -> None:
    assert Decimal(repr(float(excel_round(float(x), digits)))) == x.quantize(Decimal(1).scaleb(-digits), rounding="ROUND_HALF_UP")


@given(st.integers(-(10**15), 10**15))
def test_rounding_leaves_whole_fen_alone(fen: int) -> None:
    """Up to 10^13 yuan, which is what money functions take: from 5.6·10^12 on a fen was added."""
    assert float(excel_round(fen / 100)) == fen / 100


@given(
    st.integers(-(10**14), 10**14),
    st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=30).filter(lambda w: sum(w) > 1e-3),
)
def test_parts_add_up_to_the_whole(fen: int, weights: list[float]) -> None:
    whole = float(Decimal(fen) / 100)
    parts = apportion(whole, weights, 0.01)
    assert sum(Decimal(repr(p)) for p in parts) == Decimal(repr(whole))


def test_borders_are_compared_as_decimals() -> None:
    assert at_least(3.3 / 3, 1.1) and at_least(0.1 * 3, 0.3) and at_least(0.3, 0.1 * 3)
    assert at_least(1 - 18.05 / 19, 0.05) and at_least(0.03, abs(97 / 100 - 1))
    assert not at_least(1.0999, 1.1)


@given(st.floats(0, 1e9), st.lists(st.floats(-0.5, 1), min_size=2, max_size=20))
def test_commission_is_monotone_in_margin(revenue: float, margins: list[float]) -> None:
    paid: list[Any] = [row[0] for row in udfs.call("COMMISSION", revenue, [[m] for m in sorted(margins)])]
    assert paid == sorted(paid)


@given(st.decimals(-(10**8), 10**8, places=2), st.decimals(-1, 1, places=4))
def test_bands_add_up_to_the_commission(revenue: Decimal, margin: Decimal) -> None:
    bands = udfs.call("COMMISSIONBANDS", float(revenue), float(margin))
    whole = udfs.call("COMMISSION", float(revenue), float(margin))[0][0]
    assert sum(Decimal(repr(row[4])) for row in bands) == Decimal(repr(whole))


def test_kinds_read_numbers_alone() -> None:
    assert number.read("１２", number) == 12.0


def test_totals_are_those_of_fractions() -> None:
    """Whole cents are summed as integers: the same to the last bit as summing the decimals the floats are written as."""
    chance = random.Random(5)
    for _ in range(2000):
        odd = [chance.uniform(-1, 1), float(chance.randint(-(10**17), 10**17)), 1e-7, -0.0, 10.0**13, (10**15 - 1) / 100]
        numbers = [chance.choice([round(chance.uniform(-1e9, 1e9), 2), chance.choice(odd)]) for _ in range(chance.randint(0, 6))]
        assert total_of(numbers) == float(sum((Fraction(repr(n)) for n in numbers), Fraction(0))), numbers
    with pytest.raises(Refusal):
        total_of([1.0, math.inf])
