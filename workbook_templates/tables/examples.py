"""What a template of a Table says: headers, and one example row that is marked."""

from __future__ import annotations

import datetime as dt

from udfs.text import Text, language
from workbook_templates.cells import Value
from workbook_templates.tables.spec import Column, TableSpec

MARK = Text("示例行，导入时略过", "Example row, left out by an import")  # stands in the column behind the last
HEADER = Text("说明（不导入）", "Remark (not imported)")
_DAY = dt.date(2027, 1, 15)


def columns(spec: TableSpec) -> tuple[Column, ...]:
    """The columns of a template: those that people fill in."""
    return tuple(column for column in spec.inputs if not column.by_program)


def example(column: Column) -> Value:
    """What the example row says in a column: of the right kind, and no key of anything that is there."""
    if column.words:
        return str(column.words[0].label)
    if column.refers:
        return {"People.id": "P001", "Customers.id": "C001", "Deals.id": "D001"}.get(column.refers, str(Text("示例", "Example")))
    if column.kind in ("int", "score"):
        return max(1.0, column.low or 0.0)
    said: dict[str, Value] = {
        "date": _DAY.isoformat(),
        "time": f"{_DAY} 09:00",
        "period": f"{_DAY:%Y-%m}",
        "quarter": f"{_DAY.year}-Q1",
        "number": 1.0,
        "money": 100000.0,
        "fen": 100000.0,
        "rate": 0.2,
        "id": "0001",
        "text": str(Text("示例", "Example")),
    }
    return said[column.kind]


def row(spec: TableSpec) -> list[Value]:
    """The example row, its mark at the end."""
    return [*(None if _left_blank(column) else example(column) for column in columns(spec)), str(MARK)]


def _left_blank(column: Column) -> bool:
    """An example of an order is no return, nobody has left: what is seldom filled in is not shown filled in."""
    return not column.required and column.kind not in ("word", "flag", "text")


def headers(spec: TableSpec) -> list[str]:
    """The template's headers."""
    return [*(column.header.en if language() == "en" else column.header.zh for column in columns(spec)), str(HEADER)]
