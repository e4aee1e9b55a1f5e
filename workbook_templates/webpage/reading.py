"""What the page reads of a plan: its register of watches, what its charts draw, and the rows behind the names it shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from udfs.text import Text
from workbook_templates.page import register, watches
from workbook_templates.page.register import JudgedFigure
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Row
from workbook_templates.webpage.owning import PEOPLE, id_of, owned

FIGURES = (
    "company_name",
    "cockpit_message",
    "master_check",
    watches.FRESH,
    *(f"screen{number}_message" for number in range(1, 6)),
)
# What charts draw: blocks of the sheet of chart data, by their names.
BLOCKS = (
    "cd_months", "cd_regions", "cd_quarters", "cd_gaps", "cd_pareto", "cd_health", "cd_sellers", "cd_loads", "cd_bridge", "cd_funnel", "cd_map",
    "cd_groups", "cd_rivals",
)  # fmt: skip
DRILLS = tuple(f"drill_{number}" for number in range(1, 6))
_GROUPED, _GAP = 12, 14  # columns of the three groups; where the white space stands
SPILLED = ("person_actual", "person_due")  # beside the rows of Quotas
GROUPS = "cd_groups"  # of which `standing` makes rows
RIVALS = "Competitors"
NAMED = (watches.LIST, *FIGURES, *BLOCKS, *DRILLS)


def tables() -> list[str]:
    """The Tables whose rows the page knows by ID, those that may be a line's own, and the regions; a plan may do without any of them."""
    whose = {PEOPLE, "Regions", *owned()}
    return [name for name in schema.TABLES if name in whose and id_of(name)]


def standing(cells: Sequence[Sequence[Any]], names: Sequence[str]) -> list[list[Any]]:
    """Who stands where, a row a competitor: the name, days of delivery, completeness (points), share (%), known how well (1 to 3); last the white
    space, without a share. In the block the groups stand beside each other, four columns each, by the place among the competitors."""
    heads = cells[0]
    out: dict[int, list[Any]] = {}
    for left in range(0, _GROUPED, 4):
        for place, *point in (row[left : left + 4] for row in cells[1:]):
            if all(isinstance(cell, int | float) for cell in (place, *point)) and 0 < place <= len(names):
                days, whole, share = point
                out.setdefault(int(place), [names[int(place) - 1], days, whole, share * 100, left // 4 + 1])
    found = [row for _, row in sorted(out.items())]
    gap = cells[1][_GAP : _GAP + 2] if len(cells) > 1 else ()
    if found and len(gap) == 2 and all(isinstance(cell, int | float) for cell in gap):
        found.append([str(heads[_GAP]), *gap, None, None])
    share = f"{heads[3]}{Text('（%）', ' (%)')}"
    return [[str(Text("竞品", "Competitor")), str(heads[1]), str(heads[2]), share, ""], *found]


def _called(id: Any) -> str:
    """An ID as texts name it: a number without a point."""
    return f"{id:.0f}" if isinstance(id, float) and id.is_integer() else str(id)


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
    titles: Mapping[str, str] = field(default_factory=dict)  # of charts and of the rows behind, by their names
    formats: Mapping[str, Sequence[str]] = field(default_factory=dict)  # by name, how the sheet shows each column's numbers
    attained: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    traces: Mapping[str, Any] = field(default_factory=dict)

    def first(self, name: str) -> str:
        """What a named cell says."""
        found = self.cells.get(name)
        return "" if not found or found[0][0] is None else str(found[0][0])

    @property
    def fresh(self) -> dt.date | None:
        """The first day that is not too old to judge by."""
        found = self.cells.get(watches.FRESH)
        return register.day(found[0][0]) if found else None

    def stale(self, row: JudgedFigure) -> bool:
        """Whether a figure has no light because its data are old."""
        return row.light is None and row.newest is not None and self.fresh is not None and row.newest < self.fresh

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
        columns = {name: id_of(name) for name in self.rows}
        return {
            name: {_called(row[columns[name]]): row for row in rows if row.get(columns[name])} for name, rows in self.rows.items()
        }
