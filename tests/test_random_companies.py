"""A company of any rows that the schema allows: sheets of chapters 1, 3, 6 to 10 and 12 are built, computed, and show no error."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence

import pytest

from tests.random_rows import rows_of_all
from udfs.text import speaking
from workbook_templates.cells import ErrorValue
from workbook_templates.making import plan_bytes
from workbook_templates.tables.schema import Company, Row
from workbook_templates.xlsx.package import Package

# Chapters 2, 4, 5 and 11 and what sums them up: rows drawn at random break the rules of pay, and their sheets say so.
OTHERS = {
    "Individual quotas", "Quotas", "Pool and shares", "Travel fund", "Chart data", "Deals", "Commission", "Calculators", "Checks",
    "Customer value",
}  # fmt: skip


def _shuffled(rows: Mapping[str, Sequence[Row]], chance: random.Random) -> dict[str, list[Row]]:
    return {name: chance.sample(list(part), len(part)) for name, part in rows.items()}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [4, 11])
def test_no_sheet_of_the_year_shows_an_error_whatever_the_rows(seed: int) -> None:
    chance = random.Random(seed)
    with speaking("en"):
        rows = _shuffled(rows_of_all(chance, 12), chance)
        content, _ = plan_bytes(Company("Random", 2027, dt.date(2027, chance.randint(1, 12), 15), rows=rows), "en")
    wrong = [
        (name, at, str(cell.value), (cell.formula or "")[:120])
        for name, sheet in Package(content).sheets.items()
        if name not in OTHERS and name.split()[0] not in ("2", "4", "5", "11")
        for at, cell in sheet.cells().items()
        if isinstance(cell.value, ErrorValue)
    ]
    assert not wrong, (sorted({name for name, *_ in wrong}), wrong[:5])


@pytest.mark.slow
def test_tasks_that_nobody_scheduled_yet_draw_nothing() -> None:
    """Typed under a project, counted back by nobody: the Gantt has no bar for them, and no error."""
    rows: dict[str, list[Row]] = {
        "Deals": [{"id": "D1", "date": dt.date(2027, 3, 1), "customer": "C1", "seller": "P1", "seller_share": 1.0, "revenue": 9.0, "cost": 5.0}],
        "Customers": [{"id": "C1", "name": "甲"}],
        "People": [{"id": "P1", "name": "周", "level": "director", "line": "direct", "joined": dt.date(2020, 1, 1)}],
        "Projects": [{"id": "P27HD0001X", "deal": "D1", "promised": dt.date(2027, 6, 1), "pm": "P1", "template": "T"}],
        "ProjectTasks": [{"project": "P27HD0001X", "task": name, "days": 3.0} for name in ("设计", "采购")],
    }  # fmt: skip
    content, _ = plan_bytes(Company("甲", 2027, dt.date(2027, 4, 1), rows=rows))
    found = [
        (n, at) for n, s in Package(content).sheets.items() for at, c in s.cells().items() if isinstance(c.value, ErrorValue)
    ]
    assert not found, found[:5]
