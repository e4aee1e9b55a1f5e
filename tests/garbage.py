"""What people and hosts put into cells: the strategy every function is tried with."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

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
CELLS: st.SearchStrategy[Any] = st.one_of(SCALARS, RANGES, st.lists(SCALARS, max_size=4))
