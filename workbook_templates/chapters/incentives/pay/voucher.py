"""The accrual voucher of a month for bookkeeping: what was accrued, released, taken back and paid, component by component."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from udfs.text import Text
from workbook_templates.chapters.incentives.pay.accounts import COLUMNS, EARNED
from workbook_templates.chapters.incentives.pay.exact import fen
from workbook_templates.tables.words import LEDGER_COMPONENTS

Row = Mapping[str, Any]
# An adjustment changes what is accrued and what is released.
ACCRUED = (*(kind for kind in EARNED if kind != "clawback"), "bonus")
PAID_OUT = tuple(kind for kind in COLUMNS if kind != "clawback")
CARRY, TOTAL = Text("结转变动", "carry"), Text("合计", "total")
_OWN_LINES = {"draw": {"draw": 1, "recovery": -1}, "hold": {"unhold": 1, "hold": -1}}


@dataclass(frozen=True)
class VoucherLine:
    """One line of the voucher, in fen; None where a column says nothing of it."""

    component: Text
    accrued: int | None = None
    released: int | None = None
    clawed_back: int | None = None
    paid: int = 0
    carried: int | None = None


def voucher(month: str, ledger: Sequence[Row], accounts: Sequence[Row]) -> list[VoucherLine]:
    """The lines of a month; the total of ``paid`` is the payroll's, ``carried`` what the accounts take to the next month."""
    rows = [row for row in ledger if row["period"] == month]
    mine = [row for row in accounts if row["month"] == month]
    lines = []
    for word in LEDGER_COMPONENTS:
        own = [row for row in rows if (row.get("component") or "commission") == word.code]
        if word.code in _OWN_LINES:
            signs = _OWN_LINES[word.code]
            if own:
                lines.append(VoucherLine(word.label, paid=sum(fen(row["commission"]) * signs.get(row["kind"], 0) for row in own)))
        elif own:
            released, back = _sum(own, PAID_OUT), _sum(own, ("clawback",))
            lines.append(VoucherLine(word.label, _sum(own, ACCRUED), released, back, released + back))
    opening, closing, paid = (sum(fen(row[key] or 0) for row in mine) for key in ("opening", "closing", "paid"))
    if opening or closing:
        lines.append(VoucherLine(CARRY, paid=opening - closing))
    sums = [sum(getattr(line, key) or 0 for line in lines) for key in ("accrued", "released", "clawed_back")]
    return [*lines, VoucherLine(TOTAL, sums[0], sums[1], sums[2], paid, closing)]


def _sum(rows: Iterable[Row], kinds: Sequence[str]) -> int:
    return sum(fen(row["commission"]) for row in rows if row["kind"] in kinds)
