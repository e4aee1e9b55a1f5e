"""What the page reads of a plan: its register of watches, what its charts draw, and the rows behind the names it shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from workbook_templates.page import register, watches
from workbook_templates.page.register import JudgedFigure
from workbook_templates.tables.schema import Row

TABLES = ("People", "Customers", "Deals", "Opportunities", "Tasks", "Dealers")  # a plan may do without any of them
FIGURES = ("company_name", "cockpit_message", "master_check")
# What charts draw: blocks of the sheet of chart data, by their names.
BLOCKS = (
    "cd_months", "cd_regions", "cd_quarters", "cd_gaps", "cd_pareto", "cd_health", "cd_sellers", "cd_loads", "cd_bridge", "cd_funnel", "cd_map",
    "cd_rivals",
)  # fmt: skip
DRILLS = tuple(f"drill_{number}" for number in range(1, 6))
SPILLED = ("person_actual", "person_due")  # beside the rows of Quotas
NAMED = (watches.LIST, *FIGURES, *BLOCKS, *DRILLS)


def title_of(block: str) -> str:
    """The defined name of what a chart says."""
    return f"said_{block}"


@dataclass(frozen=True)
class Seen:
    """A plan as the page reads it. ``cells``: the cells of a name, row by row; ``attained``: by person, what counts and what was due.

    ``traces``: by key of a watch, how its figure comes about.
    """

    lang: str
    as_of: dt.date
    rows: Mapping[str, Sequence[Row]]
    cells: Mapping[str, Sequence[Sequence[Any]]]
    titles: Mapping[str, str] = field(default_factory=dict)  # of charts, by their blocks
    attained: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    traces: Mapping[str, Any] = field(default_factory=dict)

    def first(self, name: str) -> str:
        """What a named cell says."""
        found = self.cells.get(name)
        return "" if not found or found[0][0] is None else str(found[0][0])

    def of(self, table: str) -> Sequence[Row]:
        """The rows of a Table; none where the plan has none."""
        return self.rows.get(table, ())

    @cached_property
    def judged(self) -> list[JudgedFigure]:
        """The register."""
        return register.read(cell for row in self.cells.get(watches.LIST, ()) for cell in row)

    @cached_property
    def by_key(self) -> Mapping[str, JudgedFigure]:
        return {row.key: row for row in self.judged}

    @cached_property
    def ids(self) -> Mapping[str, Mapping[str, Row]]:
        """Rows by Table and ID."""
        return {name: {str(row["id"]): row for row in rows if row.get("id")} for name, rows in self.rows.items()}
