"""A Flex quote out of its lines and the library of modules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from udfs import call
from udfs.text import Text
from udfs.values import ExcelError
from workbook_templates.tables.schema import Row

_CATALOGUE = ("code", "name", "price", "cost", "hours", "requires", "excludes", "retired_on")


@dataclass(frozen=True)
class Quoted:
    """What a quote comes to, and each of its lines: amount, cost, hours, what is wrong."""

    amount: float
    cost: float
    margin_rate: float | None
    hours: float
    broken: str
    lines: Sequence[tuple[float | None, float | None, float | None, str]]


def quoted(lines: Sequence[Row], modules: Sequence[Row], engineers: float, shift: float, promise: float) -> Quoted | Text:
    """By FLEXQUOTE; a text says why there is no quote at all (a circle in the library)."""
    catalogue = [[row.get(key) for key in _CATALOGUE] for row in modules if row.get("code")]
    found = call(
        "FLEXQUOTE", [[row["module"]] for row in lines], [[row.get("quantity")] for row in lines], catalogue, engineers, shift, promise
    )  # fmt: skip
    first = found[0][0]
    if isinstance(first, ExcelError):
        return first.reason or Text("无法计算", "can't be computed")
    rows = [(_number(row[3]), _number(row[4]), _number(row[6]), str(row[7] or "")) for row in found]
    total = found[-1]
    wrong = [f"{row['module']} {said}" for row, (*_, said) in zip(lines, rows, strict=False) if said]
    broken = "；".join([*wrong, *([rows[-1][3]] if rows[-1][3] else [])])
    return Quoted(rows[-1][0] or 0.0, rows[-1][1] or 0.0, _number(total[5]), rows[-1][2] or 0.0, broken, rows[:-1])


def _number(cell: Any) -> float | None:
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None
