"""A company's own numbers on Settings are what buttons go by, not the plan's in the code (product.md: dated settings on one sheet)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from udfs.policy import value
from workbook_templates.chapters.market import signals
from workbook_templates.chapters.pipeline.duplicates import likely_pairs
from workbook_templates.chapters.products.pricing import RequestJudged, judge

Setting = Callable[[str], Any]
PRODUCT = {"code": "EC", "base_price": 100.0, "unit_cost": 78.0, "valid_from": dt.date(2027, 1, 1)}
REQUEST = {"id": "R1", "on": dt.date(2027, 3, 1), "product": "EC", "quantity": 1.0, "three_year": "yes", "prepaid": 0.2}
POINTS = [{"series": "S", "year": 2020 + n, "share": share} for n, share in enumerate((0.05, 0.09, 0.18, 0.28, 0.45, 0.55))]
NAMES = [{"id": "C1", "name": "苏州瑞丰科技", "city": ""}, {"id": "C2", "name": "苏州瑞丰电子", "city": ""}]


def own(**said: Any) -> Setting:
    changed = {key.replace("__", "."): cell for key, cell in said.items()}
    return lambda key: changed.get(key, value(key))


def _route(quoted: float) -> Callable[[Setting], str]:
    def found(setting: Setting) -> str:
        result = judge(REQUEST | {"quoted": quoted}, [PRODUCT], [], setting)
        assert isinstance(result, RequestJudged)
        return result.route

    return found


def _width(setting: Setting) -> float:
    (row, *_), _why = signals.ahead([{"series": "S"}], POINTS, setting)
    return round(float(row["high"] - row["low"]), 3)


def _pairs(setting: Setting) -> int:
    return len(likely_pairs(NAMES, setting))


@pytest.mark.parametrize(
    ("found", "setting"),
    [
        (_route(97.0), own(approval__levels_2=(4.0, 4.0, 4.0, 4.0))),
        (_route(97.0), own(approval__discounts=(0.0, 0.04, 0.05, 0.1, 0.15))),
        (_route(97.0), own(approval__fuse_prepaid=0.2)),
        (_route(97.0), own(approval__list_from=0.03)),
        (_width, own(adoption__level=0.5)),
        (_pairs, own(duplicates__threshold=0.1)),
        (_pairs, own(duplicates__suffixes=("科技", "电子"))),
    ],
)
def test_what_settings_say_is_what_counts(found: Callable[[Setting], Any], setting: Setting) -> None:
    assert found(setting) != found(value)
