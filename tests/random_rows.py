"""Random rows that obey the schema, for any Table: made from its spec, so that a new Table needs nothing here."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from workbook_templates.tables import schema
from workbook_templates.tables.schema import Column, Row, TableSpec


def rows_of_all(chance: random.Random, most: int = 6) -> dict[str, list[Row]]:
    """Some rows of every Table: keys differ, what is referred to is there."""
    out: dict[str, list[Row]] = {}
    while len(out) < len(schema.TABLES):
        for spec in schema.TABLES.values():
            if spec.name not in out and _owners(spec) <= set(out):
                out[spec.name] = _rows(chance, spec, chance.randint(2, most), out)
    return out


def _owners(spec: TableSpec) -> set[str]:
    return {c.refers.partition(".")[0] for c in spec.inputs if c.refers} - {spec.name}


def _rows(chance: random.Random, spec: TableSpec, count: int, there: dict[str, list[Row]]) -> list[Row]:
    rows: list[Row] = []
    for _ in range(count):
        row = {c.key: _value(chance, c, spec, rows, there) for c in spec.inputs}
        if not spec.key or tuple(row[k] for k in spec.key) not in {tuple(r[k] for k in spec.key) for r in rows}:
            rows.append(row)
    return rows


def _value(chance: random.Random, column: Column, spec: TableSpec, rows: list[Row], there: dict[str, list[Row]]) -> Any:
    if not column.required and column.key not in spec.key and chance.random() < 0.4:
        return None
    if column.refers:
        owner, _, key = column.refers.partition(".")
        known = [row[key] for row in (rows if owner == spec.name else there[owner])]
        return chance.choice(known) if known else None
    if column.words:
        return chance.choice(column.words).code
    low, high = (-50.0 if column.low is None else column.low), (200.0 if column.high is None else column.high)
    match column.kind:
        case "date" | "time":
            return dt.date(2027, 1, 1) + dt.timedelta(days=chance.randrange(365))
        case "int":
            return chance.randint(round(low), round(high))
        case "number" | "money" | "fen" | "rate" | "score":
            return round(chance.uniform(low, high), 2)
        case "quarter":
            return f"2027-Q{chance.randint(1, 4)}"
        case "period":
            return f"2027-{chance.randint(1, 12):02d}"
    return chance.choice(("K", "甲", "x-")) + str(chance.randrange(10_000))
