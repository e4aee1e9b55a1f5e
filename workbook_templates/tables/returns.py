"""What a return may say: it names its order and follows it, in its day, its credits and how much comes back (money.md 2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from udfs.text import Text
from udfs.values import exact
from workbook_templates.tables.sums import in_fen

Row = Mapping[str, Any]
Fault = tuple[str, Text]  # the column, what is wrong with its cell


def faults(row: Row, order: Row, before: Fraction) -> Iterator[Fault]:
    """What speaks against a return of an order of which ``before`` came back already."""
    name, sold = row["original"], order.get("revenue")
    if row["revenue"] >= 0:
        yield "revenue", Text("退货的收入应为负数", "the revenue of a return is negative")
    elif order.get("original"):
        yield "original", Text(f"原单 {name} 本身是退货：请填最初的单号", f"{name} is a return itself: name the first order")
    elif isinstance(order.get("date"), dt.date) and row["date"] < order["date"]:
        yield (
            "date",
            Text(
                f"退货日期早于原单 {name} 的签单日期 {order['date']}：请核对",
                f"returned before its order {name} was signed on {order['date']}: check the date",
            ),
        )
    elif isinstance(sold, float) and in_fen(before - exact(row["revenue"])) > in_fen(exact(sold)):
        back = float(before - exact(row["revenue"]))
        yield (
            "revenue",
            Text(
                f"{name} 累计退货 {back:,.2f} 元，超过原单 {sold:,.2f} 元：请核对",
                f"{back:,.2f} returned of {sold:,.2f} yuan sold in {name}: check the amount",
            ),
        )
    differing = differing_credit(row, order)
    if differing:
        yield (
            differing,
            Text(
                f"归属与原单 {name} 不同：退货随原单分单，请清空",
                f"credits differ from {name}'s: a return follows its order, clear the cell",
            ),
        )


def differing_credit(row: Row, order: Row) -> str:
    """The column in which a return says another credit than its order; blank: it inherits."""
    if row.get("seller") and row["seller"] != order.get("seller"):
        return "seller"
    if row.get("partner") and row["partner"] != order.get("partner"):
        return "partner"
    shared = bool(row.get("partner")) and row.get("seller_share") is not None
    return "seller_share" if shared and row["seller_share"] != order.get("seller_share") else ""
