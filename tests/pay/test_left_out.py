"""Whom a row that can't be read touches, and whom not; what a plan of the version before still has to bring up. Plain rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from tests.pay.test_unseen import held
from udfs.text import Text
from workbook_templates.answers import ERROR, WARNING, Problem
from workbook_templates.chapters.incentives.pay.reading import _bad_rows, _later_tiers, _left_out, _named, later_unfit
from workbook_templates.tables.policies import Change, Policies

WRONG = Problem("S", 7, 1, Text("不对", "wrong"))
PEOPLE = [{"id": who, "name": who, "manager": "M" if who == "A" else None, "level": "representative", "line": "direct", "region": None} for who in "ABCDEM"]  # fmt: skip
DEALS = [
    {"id": "D1", "seller": "A", "partner": "B", "original": None},
    {"id": "R1", "seller": None, "partner": None, "original": "D1"},
    {"id": "D2", "seller": "A", "partner": None, "original": None},
    {"id": "D3", "seller": "Z", "partner": None, "original": None},  # who is in no Table
    {"id": "X1", "seller": "C", "partner": None, "original": "X2"},  # two returns that name each other
    {"id": "X2", "seller": "D", "partner": None, "original": "X1"},
]
CREDITS = [{"deal": "D1", "person": "C", "role": "overlay"}, {"deal": "D2", "person": "B", "role": "seller"}]
OTHERS = {
    "Collections": [{"deal": "D1", "amount": 1.0}],
    "Holds": [{"person": "D", "deal": "D1"}],
    "Draws": [{"person": "E"}],
    "Transfers": [{"person": "B", "valid_from": dt.date(2027, 3, 1), "manager": "E"}],
    "Ledger": [{"person": "G", "deal": "D1"}],
}
OVERRIDE = Policies({"override.rates": [0.0, 0.1, 0.0, 0.0]})


def left_out(*bad: tuple[str, int], rules: Policies | None = None, without: Sequence[str] = ()) -> Mapping[str, Text]:
    tables: dict[str, Sequence[dict[str, Any]]] = {"People": PEOPLE, "Deals": DEALS, "Credits": CREDITS, **OTHERS}
    found: dict[str, Any] = {}
    for name, rows in tables.items():
        if name not in without:
            found[name] = held(*rows)
    wrong: dict[str, dict[int, Problem]] = {}
    for name, index in bad:
        wrong.setdefault(name, {})[index] = WRONG
    return _left_out(found, rules or Policies({}), wrong)


@pytest.mark.parametrize(
    ("table", "row", "people"),
    [
        ("Deals", 0, "ABC"), ("Deals", 1, "ABC"), ("Deals", 2, "AB"), ("Deals", 3, ""), ("Deals", 4, "CD"),
        ("Credits", 0, "ABC"), ("Credits", 1, "AB"), ("Collections", 0, "ABC"), ("Holds", 0, "D"), ("Draws", 0, "E"),
        ("Transfers", 0, "B"), ("People", 3, "D"), ("Ledger", 0, "G"),
    ],
)  # fmt: skip
def test_whom_a_bad_row_touches(table: str, row: int, people: str) -> None:
    """Whoever is credited with the deal, of a return with its order; who stands in a row of their own; who is known only by pay on record."""
    assert "".join(sorted(left_out((table, row)))) == people


def test_the_first_reason_is_told_with_the_row() -> None:
    told = left_out(("Deals", 0), ("Draws", 0))
    assert (told["A"].zh, told["A"].en) == ("“成交”D1：不对", "Deals D1: wrong")
    assert told["E"].en == "Draws E: wrong"
    assert _named("Credits", {"deal": "D1", "person": "C"}, WRONG.text).en == "Credits D1: wrong"
    said = _named("Deals", {"id": "D1"}, Text("D1：不对", "D1: wrong"))
    assert (said.zh, said.en) == ("“成交”D1：不对", "Deals D1: wrong")


def test_with_an_override_a_member_left_out_stops_the_manager() -> None:
    assert "".join(sorted(left_out(("Deals", 2), rules=OVERRIDE))) == "ABEM"  # E is B's manager since a transfer
    assert left_out(("Deals", 2), rules=OVERRIDE)["M"].en == "A, whose deals are overridden, is left out"
    assert "M" not in left_out(("Draws", 0), rules=OVERRIDE)  # E has no manager
    dated = Policies({}, [Change("override.rates", dt.date(2027, 5, 1), [0.0, 0.1, 0.0, 0.0])])
    assert "M" in left_out(("Deals", 2), rules=dated)


def test_a_plan_without_credits_or_transfers() -> None:
    assert "".join(sorted(left_out(("Deals", 1), without=("Credits", "Transfers")))) == "AB"


def test_which_rows_cannot_be_read_and_what_stops_everybody() -> None:
    tables = {"Deals": held({"id": "D1"}, {"id": "D2"}), "Rules": held({"order": 1})}
    tables["Rules"].grid.sheet = "T"
    first, second, other = (Problem("S", 8, c, Text("a", f"column {c}")) for c in (1, 2, 3))
    warning, rule, outside = Problem("S", 7, 1, Text("w", "w"), WARNING), Problem("T", 7, 1, Text("r", "r")), Problem("S", 99, 1, Text("o", "o"))  # fmt: skip
    bad, stops = _bad_rows([warning, first, second, other, rule, outside], tables)
    assert dict(bad) == {"Deals": {1: first}} and stops == [rule, outside]
    assert first.level == ERROR


# ------------------------------------------------------------------------------------------------ tiers of the version before


def book(*cells: Any, width: int = 4, place: bool = True) -> Any:
    ref = SimpleNamespace(first_row=20, first_col=3, last_col=2 + width)
    return SimpleNamespace(
        locate=lambda name: ("提成", ref) if place and name == "commission_next" else None,
        named=lambda name: list(cells) if name == "commission_next" else [],
    )


DAY = 46600.0


def test_cells_of_later_tiers_that_are_no_day_level_or_share() -> None:
    """A row a tier: valid from, level, from margin, rate. Rows left blank are none; a wrong cell is told at its place."""
    fine = [DAY, "代表", 0.0, 0.04, None, "", None, None]
    assert later_unfit(book(*fine)) == []
    (rate,) = later_unfit(book(*fine, DAY, None, 0.2, 4.0))
    assert (rate.sheet, rate.row, rate.column) == ("提成", 22, 6) and rate.text.en.startswith("“Rate” ")
    (day,) = later_unfit(book("soon", None, 0.2, 0.04))
    assert (day.row, day.column) == (20, 3) and "“Valid from”" in day.text.en and "“生效日”" in day.text.zh
    assert [p.column for p in later_unfit(book(DAY, "king", None, 0.04))] == [4, 5]


def test_later_tiers_without_a_level_are_three_columns() -> None:
    nine = [DAY, 0.0, 0.03, DAY, 0.2, 5.0, None, None, None]
    (rate,) = later_unfit(book(*nine, width=3))
    assert (rate.row, rate.column) == (21, 5)


def test_a_plan_with_later_tiers_is_to_be_upgraded_first() -> None:
    (told,) = _later_tiers(book(None, "", None, None, DAY, None, 0.0, 0.04))
    assert (told.sheet, told.row, told.column) == ("提成", 20, 3) and "salesplan upgrade" in told.text.en
    assert _later_tiers(book(None, "", None, None)) == [] == _later_tiers(book(DAY, None, 0.0, 0.04, place=False))
    assert later_unfit(book("soon", place=False)) == []
