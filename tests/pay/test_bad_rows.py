"""Rows that would pay nothing, or twice, without a word: told at their cell, and whom they don't touch is computed (money.md 10)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.pay.by_actions import ByActions

Row = dict[str, Any]
DAY = dt.date(2027, 3, 3)
MANUAL: Row = {
    "period": "2027-03", "person": "A", "component": "commission", "commission": 50.0, "kind": "manual", "status": "computed",
    "plan_version": "V1.0", "computed_on": DAY, "by": "S", "reason": "agreed",
}  # fmt: skip


def _deal(name: str, seller: str | None, **more: Any) -> Row:
    return {"id": name, "date": DAY, "seller": seller, "revenue": 100_000.0, "cost": 80_000.0, **more}


def _cash(deal: str, amount: float, kind: str) -> Row:
    return {"deal": deal, "date": DAY, "amount": amount, "kind": kind}


BAD: list[tuple[str, str, Row, str, tuple[str, ...], str]] = [
    ("a manual row of a deal that is not there", "Ledger", {**MANUAL, "deal": "D9"}, "deal", ("D9",), "B"),
    ("a manual row of a return", "Ledger", {**MANUAL, "deal": "R1"}, "deal", ("R1", "D1"), "B"),
    ("a cost below nothing", "Deals", _deal("D3", "A", cost=-5.0), "cost", ("D3", "-5.00"), "B"),
    ("a draw that ends before it begins", "Draws", {"person": "A", "from": "2027-03", "until": "2027-02", "amount": 3000.0, "kind": "recoverable"}, "until", ("2027-02", "2027-03"), "B"),
    ("a hold of a return", "Holds", {"deal": "R1", "from": "2027-03", "reason": "x", "by": "S"}, "deal", ("R1", "D1"), "B"),
    ("cash of a return", "Collections", _cash("R1", -5.0, "refund"), "deal", ("R1", "D1"), "B"),
    ("a bad debt of more than is unpaid", "Collections", _cash("D1", 90_000.01, "bad_debt"), "amount", ("D1", "90000.01", "90000"), "B"),
    ("cash of a deal that is not there", "Collections", _cash("D9", 5.0, "payment"), "deal", ("D9",), "AB"),
    ("a deal of nobody", "Deals", _deal("D3", None), "seller", (), "AB"),
    ("a deal of somebody unknown", "Deals", _deal("D3", "X"), "seller", ("X",), "AB"),
    ("a draw of somebody unknown", "Draws", {"person": "X", "from": "2027-03", "amount": 3000.0, "kind": "recoverable"}, "person", ("X",), "AB"),
]  # fmt: skip


def _books(folder: Path) -> ByActions:
    kept = ByActions(folder)
    kept.day(dt.date(2027, 3, 31))
    for person in "AB":
        kept.put("People", {"id": person, "name": person, "level": "representative", "line": "direct", "joined": dt.date(2026, 1, 1), "quota_weight": 1.0})  # fmt: skip
    for row in (_deal("D1", "A"), _deal("D2", "B"), {"id": "R1", "date": DAY, "revenue": -10_000.0, "original": "D1"}):
        kept.put("Deals", row)
    return kept


def _paid(kept: ByActions) -> str:
    return "".join(sorted({row["person"] for row in kept.rows("Ledger") if row["kind"] == "accrual"}))


@pytest.mark.parametrize(("table", "row", "column", "says", "computed"), [pytest.param(*rest, id=name) for name, *rest in BAD])
def test_it_is_told_at_its_cell(table: str, row: Row, column: str, says: tuple[str, ...], computed: str, tmp_path: Path) -> None:
    kept = _books(tmp_path)
    kept.put(table, row)
    said = kept.commission({})
    told = [text.replace(",", "").replace(".00", "") for t, _, c, text in said.problems if (t, c) == (table, column)]
    assert any(all(figure.replace(".00", "") in text for figure in says) for text in told), said
    assert not said.refused and _paid(kept) == computed


def test_who_has_open_rows_of_a_deal_that_cannot_be_read_any_more_waits(tmp_path: Path) -> None:
    """D1's seller is overwritten by nobody there is: A's open accrual does not go without a word."""
    kept = _books(tmp_path)
    kept.commission({})
    kept.change("Deals", "D1", {"seller": "X"})
    said = kept.commission({})
    assert "A：“成交”D1" in said.told and _paid(kept) == "AB"
