"""A column of searches made at once gives what each row's own search gives, cell by cell, and where it can't it keeps out of the way."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from workbook_templates import recalc
from workbook_templates.cells import At, ErrorValue, Value
from workbook_templates.chapters import sample
from workbook_templates.engine import columns, gaps
from workbook_templates.engine.run import CellBook, CellIn, Results, evaluate
from workbook_templates.making import plan_bytes
from workbook_templates.tables import grids
from workbook_templates.xlsx.package import Package

FIRST, ROWS = 5, 40
KEYS: list[Value] = [
    "INV27-0001",
    "inv27-0001",
    "INV27-0002",
    "甲",
    "A*",
    "?",
    ">5",
    "<>甲",
    "12",
    12.0,
    0.3,
    0.0,
    "",
    None,
    True,
]
ERRORS: list[Value] = [ErrorValue("#N/A"), ErrorValue("#DIV/0!")]
AMOUNTS: list[Value] = [1.0, 2.5, -3.0, 0.0, -0.0, 1e15, 0.1, None]
Sheet = dict[At, CellIn | Value]


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few the rows: the tests' are fewer than it is worth in a plan."""
    monkeypatch.setattr(columns, "_WORTH_IT", 1)


@pytest.fixture
def gathered(monkeypatch: pytest.MonkeyPatch) -> list[columns.Gathered]:
    """What was gathered so far, run by run, as it was at once."""
    seen: list[columns.Gathered] = []

    def watched(formulas: Any, gather: Callable[..., columns.Gathered] = columns.gather) -> columns.Gathered:
        found = gather(formulas)
        seen.append(columns.Gathered([*found.columns], [*found.before]))
        return found

    monkeypatch.setattr(columns, "gather", watched)
    return seen


def row_by_row(work: Callable[[], Results]) -> Results:
    """The same without any gathering."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "gather", lambda formulas: columns.Gathered())
        return work()


def told(results: Results) -> dict[str, Any]:
    """All of a run, so that 1 is not TRUE and zero no minus zero."""
    return {name: sorted(map(repr, found.items() if isinstance(found, dict) else found)) for name, found in vars(results).items()}


# Of each kind: what asks for a row's own cells; {r} is its row.
SEARCHES = [
    "SUMIFS(Paid!$C$5:$C$44,Paid!$A$5:$A$44,$A{r})",
    'IF($A{r}="",0,SUMIFS(Paid!$C$5:$C$44,Paid!$A$5:$A$44,$A{r},Paid!$B$5:$B$44,"<="&Set!$A$1)-N($B{r}))',
    "COUNTIFS(Paid!$A$5:$A$44,$A{r},Paid!$B$5:$B$44,$B{r})",
    'IFERROR(AVERAGEIFS(Paid!$C$5:$C$44,Paid!$A$5:$A$44,$A{r}),"none")',
    'MAXIFS(Paid!$C$5:$C$44,Paid!$A$5:$A$44,$A{r})+MINIFS(Paid!$C$5:$C$44,Paid!$A$5:$A$44,$A{r},Paid!$B$5:$B$44,">1")',
    "COUNTIF(Paid!$A$5:$A$44,$A{r})*SUMIF(Paid!$A$5:$A$44,$A{r},Paid!$C$5:$C$44)",
    'IFERROR(INDEX(Paid!$C$5:$C$44,MATCH($A{r},Paid!$A$5:$A$44,0)),"–")',
    "SUMIFS(Paid!$C$5:$C$44,Paid!$A$5:$A$44,Mine!A{r},Paid!$B$5:$B$44,Set!$A$1)",
]


def some_book(chance: random.Random) -> CellBook:
    """A sheet whose rows ask another: keys plain and odd, some amounts errors, some rows typed over, blank or otherwise spelled."""
    keys = chance.sample(KEYS, chance.randint(2, 7)) + (ERRORS if chance.random() < 0.2 else [])
    amounts = AMOUNTS + (ERRORS if chance.random() < 0.2 else [])
    paid: Sheet = {}
    mine: Sheet = {}
    for row in range(FIRST, FIRST + ROWS):
        paid[row, 1], paid[row, 2], paid[row, 3] = chance.choice(keys), chance.choice([1.0, 2.0, 3.0]), chance.choice(amounts)
        key = chance.choice(keys)
        computed = isinstance(key, str) and not isinstance(key, ErrorValue) and chance.random() < 0.5
        mine[row, 1] = CellIn(formula=f'="{key}"&""') if computed else key
        mine[row, 2] = chance.choice([1.0, 2.0, None])
        for column, search in enumerate(chance.sample(SEARCHES, 3), 3):
            mine[row, column] = CellIn(formula="=" + search.format(r=row)) if chance.random() < 0.95 else 7.0
    for column, search in enumerate(chance.sample(SEARCHES, 4), 6):
        for row in range(FIRST, FIRST + ROWS):
            if chance.random() < 0.95:
                mine[row, column] = CellIn(formula="=" + search.format(r=row))
    mine[2, 6] = CellIn(formula="=SUM(F5:F44)")  # what reads the results
    return CellBook({"Mine": mine, "Paid": paid, "Set": {(1, 1): 2.0}})


def test_gathered_or_row_by_row_every_cell_is_the_same(gathered: list[columns.Gathered]) -> None:
    chance, short = random.Random(10), 0
    for _ in range(60):
        book = some_book(chance)
        assert told(evaluate(book)) == told(row_by_row(lambda book=book: evaluate(book)))  # type: ignore[misc]
        short += len(gathered[-1].columns)
    assert short > 150


def test_rows_that_each_follow_from_the_one_above_are_left_to_the_engine(gathered: list[columns.Gathered]) -> None:
    """A row's criterion is the result of the row above: no circle, but an array over the column would be one."""
    mine: Sheet = {(FIRST, 1): 1.0}
    paid: Sheet = {}
    for row in range(FIRST, FIRST + ROWS):
        paid[row, 1], paid[row, 3] = float(row - FIRST), float(row - FIRST + 2)
        mine[row, 2] = CellIn(formula=f"=SUMIFS(Paid!$C$5:$C$44,Paid!$A$5:$A$44,$A{row})")
        mine[row + 1, 1] = CellIn(formula=f"=B{row}-1")
    book = CellBook({"Mine": mine, "Paid": paid})
    results = evaluate(book)
    assert not gathered[-1].columns
    assert not results.circular
    assert told(results) == told(row_by_row(lambda: evaluate(book)))


def test_a_search_that_breaks_is_made_row_by_row(gathered: list[columns.Gathered], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever happens to the array, the rows get their values."""
    book = some_book(random.Random(3))
    expected = told(row_by_row(lambda: evaluate(book)))
    monkeypatch.delenv("SALESPLAN_STRICT", raising=False)
    monkeypatch.setattr(gaps.Lifting, "call", _broken)
    assert told(evaluate(book)) == expected
    assert gathered[-1].columns


def _broken(lifting: gaps.Lifting, name: str, args: Any) -> Any:
    raise RuntimeError(name)


@pytest.fixture(scope="module")
def plan() -> bytes:
    return plan_bytes(sample.company("zh", sample.FEWEST), "zh")[0]


def test_receivables_are_gathered_and_the_plan_is_the_same(plan: bytes, gathered: list[columns.Gathered]) -> None:
    """The whole sample, as after an edit by another program."""
    package = Package.from_bytes(plan)
    results = recalc.compute(package)
    assert {"SUMIFS", "MAXIFS"} <= {column.text.split("(")[0].removeprefix("=LIFT_") for column in gathered[-1].columns}
    assert told(results) == told(row_by_row(lambda: recalc.compute(package)))


def test_a_part_computed_again_gathers_what_it_computes(plan: bytes, gathered: list[columns.Gathered]) -> None:
    """A changed amount of one payment: the columns that ask for payments are computed again, together."""
    package = Package.from_bytes(plan)
    held = grids.held(package, "Collections")
    at: Any = held.at(3, "amount")
    package.sheets[held.grid.sheet].set_values({at: held.rows[3]["amount"] + 100.0})
    done = recalc.recalculate(package)
    assert done.results.kept
    assert gathered[-1].columns
    whole = row_by_row(lambda: recalc.compute(package))
    assert {key: repr(done.results.values.get(key)) for key in whole.values} == {k: repr(v) for k, v in whole.values.items()}
