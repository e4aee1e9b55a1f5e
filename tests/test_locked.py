"""The guard of locked rows looks at the statements that change, and says what it would say of all of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from addin import locked
from tests.small_plan import small_plan
from udfs.text import Text
from workbook_templates.chapters import sample
from workbook_templates.chapters.incentives import cycle
from workbook_templates.tables import grids, schema
from workbook_templates.tables.grids import Grid
from workbook_templates.xlsx.package import Package

Cells = list[list[Any]]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Grid:
    package = Package.open(small_plan(tmp_path_factory.mktemp("plan") / "plan.xlsx", sample.company("en", sample.FEWEST), "en"))
    found = grids.grid(package, package.tables["Ledger"])
    status, dice = _place(found, "status"), random.Random(7)
    for line in found.cells:
        line[status] = dice.choice(["locked", "paid", "confirmed", "accrued"])
    assert len(found.cells) > 20
    return found


def _place(grid: Grid, key: str) -> int:
    column = next(c for c in schema.table("Ledger").columns if c.key == key)
    return next(i for i, header in enumerate(grid.headers) if column.heads(header))


def _edits(grid: Grid) -> list[Callable[[Cells, random.Random], object]]:
    status, amount, person = (_place(grid, key) for key in ("status", "commission", "person"))

    def one(cells: Cells, dice: random.Random) -> list[Any]:
        return cells[dice.randrange(len(cells))]

    def state(cells: Cells, dice: random.Random) -> None:
        one(cells, dice)[status] = dice.choice(["locked", "paid", "confirmed"])

    def change(cells: Cells, dice: random.Random) -> None:
        one(cells, dice)[amount] = dice.choice([1.0, True, 0.0, None])

    def other(cells: Cells, dice: random.Random) -> None:
        one(cells, dice)[person] = one(cells, dice)[person]

    def again(cells: Cells, dice: random.Random) -> None:
        cells.append(list(one(cells, dice)))

    def gone(cells: Cells, dice: random.Random) -> None:
        cells.remove(one(cells, dice))

    return [state, change, other, again, gone, lambda cells, dice: dice.shuffle(cells), lambda cells, dice: None]


def _all(grid: Grid) -> cycle.Tables:
    return cycle.Tables(grids.hold(grid, schema.table("Ledger")).rows, [], [])


@pytest.mark.parametrize("paying", [False, True])
def test_what_does_not_change_need_not_be_looked_at(ledger: Grid, paying: bool) -> None:
    said: list[Text | None] = []
    for seed in range(150):
        dice = random.Random(seed)
        cells = [list(line) for line in ledger.cells]
        for edit in dice.choices(_edits(ledger), k=dice.choice([1, 1, 2])):
            edit(cells, dice)
        after = Grid(
            ledger.name,
            ledger.sheet,
            ledger.data._replace(last_row=ledger.data.first_row + len(cells) - 1),
            ledger.headers,
            cells,
            ledger.formulas,
        )
        said.append(cycle.violation(_all(ledger), _all(after), paying))
        assert cycle.violation(*locked.touched({"Ledger": ledger}, {"Ledger": after}), paying) == said[-1], seed
    assert 20 < said.count(None) < 130


def test_one_is_not_true(ledger: Grid) -> None:
    """They are equal to Python, not to who is paid by them."""
    amount, status = _place(ledger, "commission"), _place(ledger, "status")
    before = Grid(ledger.name, ledger.sheet, ledger.data, ledger.headers, [list(line) for line in ledger.cells], ledger.formulas)
    before.cells[3][amount], before.cells[3][status] = 1.0, "locked"
    after = Grid(ledger.name, ledger.sheet, ledger.data, ledger.headers, [list(line) for line in before.cells], ledger.formulas)
    after.cells[3][amount] = True
    assert cycle.violation(*locked.touched({"Ledger": before}, {"Ledger": after})) is not None
