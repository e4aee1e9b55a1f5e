"""How milestones stand: what is open, what waits for what."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

from udfs.graphs import ordered
from workbook_templates.tables.spec import Row


def is_open(row: Row, day: dt.date) -> bool:
    """Whether it is not done on a day; done after it is not done."""
    done = row.get("done")
    return not isinstance(done, dt.date) or done > day


def waits_for(row: Row) -> list[str]:
    """The milestones it names."""
    return [part for part in (piece.strip() for piece in re.split(r"[、，,；;\n]", str(row.get("depends") or ""))) if part]


def circle(rows: Sequence[Row]) -> list[str]:
    """Milestones that wait for each other, in their order; none where there is no circle."""
    known: Mapping[str, list[str]] = {str(row["id"]): waits_for(row) for row in rows if row.get("id")}
    return ordered({key: [name for name in names if name in known] for key, names in known.items()})[1]
