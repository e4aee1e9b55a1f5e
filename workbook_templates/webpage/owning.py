"""Whose a Table's rows are, by what its columns refer to; nothing here knows a Table by name but People."""

from __future__ import annotations

from functools import cache

from workbook_templates.tables import schema

PEOPLE = "People"
ANSWERS = ("owner", "seller", "partner", "person")  # columns of who answers for a row
_ID_OF = {"Sensors": "device"}  # where it is one of several key columns


@cache
def owned() -> dict[str, tuple[str, ...]]:
    """By Table, the columns that say whose a row is; Tables that are nobody's are not among them."""
    leading = {
        name: {c.key: table for c in spec.columns if (table := c.refers.partition(".")[0]) and table != name}
        for name, spec in schema.TABLES.items()
    }
    reached = {PEOPLE}
    while more := {name for name, columns in leading.items() if name not in reached and reached & set(columns.values())}:
        reached |= more
    out: dict[str, tuple[str, ...]] = {}
    for name in sorted(reached - {PEOPLE}):
        columns = leading[name]
        answers = tuple(key for key in ANSWERS if columns.get(key) == PEOPLE)
        out[name] = answers or tuple(key for key, table in columns.items() if table in reached)
    return out


def id_of(table: str) -> str:
    """The column by which a Table's rows are called, nothing where other Tables' IDs call them."""
    spec = schema.TABLES[table]
    if "id" in spec.by_key or table in _ID_OF:
        return _ID_OF.get(table, "id")
    key = spec.key[0] if len(spec.key) == 1 else ""
    return "" if not key or spec.by_key[key].refers else key
