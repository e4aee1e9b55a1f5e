"""What people and hosts put into cells: the strategy every function is tried with."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from hypothesis import strategies as st

# What no spreadsheet would call a number, or only just: each of these once raised in some function.
EXTREMES: list[Any] = [
    "1e999999999999999999999",
    "-1E-999999999999999999999%", "1e309", "9" * 5000, "1" + "0" * 400 + "%", "0." + "0" * 400 + "1", "１ｅ９９９９９９９９",
    10**309, -(10**400), 10**5000, 2**1023, np.float64("nan"), np.float64("inf"), np.int64(2**62), np.bool_(True), float("-inf"),
    "\ud800",
    "a\udfffb", "\x00", "\ufeff1", "S", "interpolated", "9999-12-31", "0000-00-00", "99999-01-01", 2958466, -1e300, 1e-300,
    dt.date.min, dt.date.max, dt.datetime.min, dt.datetime.max, dt.datetime(9999, 12, 31, 23, 59, 59, 999999),
]  # fmt: skip
# Ranges of a form no sheet has, as Python callers and engines hand them over; rows that are blank or of different lengths.
ODD_RANGES: list[Any] = [
    [], [[]], [[], []], (), [[None, None]], [[None], [None], [None]], [[1.0], [1.0, 2.0, 3.0]], [[0.0], [0.0], [0.0]], [[0.0, None, 0.5], []],
    np.empty(0), np.empty((0, 3)), np.empty((3, 0)), np.full((2, 2), np.nan), np.array([[1.0, np.inf]]), np.array([["x", None]], dtype=object),
    np.array(["2027-01-01", "NaT"], dtype="datetime64[D]"), np.array([1, 2**62]), np.array([[True], [False]]), [[10**400], [1.0]],
]  # fmt: skip

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-1, 2),
    st.integers(-(10**20), 10**20),
    st.sampled_from([0, 1, -1, 0.2, 1e308, -1e308, 1e-320, 100, 2027, 46387]),
    st.text(max_size=12),
    st.sampled_from(
        [
            "#N/A",
            "#VALUE!",
            "#DIV/0!",
            "#REF!",
            "",
            " ",
            "12",
            "35%",
            "￥1,000",
            "abc",
            "whole",
            "全额",
            "2027-02-29",
            "2027年3月5日",
            "是",
        ]
    ),
    st.dates(dt.date(1890, 1, 1), dt.date(2200, 1, 1)),
    st.datetimes(dt.datetime(1890, 1, 1), dt.datetime(2200, 1, 1)),
)
RANGES = st.lists(st.lists(SCALARS, min_size=0, max_size=4), min_size=0, max_size=4)
EXTREME_RANGES = st.lists(st.lists(st.one_of(st.sampled_from(EXTREMES), st.none(), st.floats(0, 1)), max_size=3), max_size=3)
CELLS: st.SearchStrategy[Any] = st.one_of(
    SCALARS, RANGES, st.lists(SCALARS, max_size=4), st.sampled_from(EXTREMES), st.sampled_from(ODD_RANGES), EXTREME_RANGES
)
