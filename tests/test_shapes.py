"""What is worked out once a shape is what each formula comes to by itself (spelling, lowering, implicit intersection)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plans import sample_plan
from workbook_templates import recalc
from workbook_templates.engine.run import Run
from workbook_templates.formulas import intersection, shapes, spelling
from workbook_templates.formulas.shapes import shape_of
from workbook_templates.formulas.spelling import OMITTED, Context, Pattern, template
from workbook_templates.xlsx.package import Package

# (formula, another of its shape or of another one)
ALIKE = [
    ("=A7*2", "=A19*3.5"),
    ('=IF($B$7="x",1,"")', '=IF($B$12="y ""z""",2,"7")'),
    ("=SUM(A1:A9)", "=SUM(A2:A4)"),
    ("='Q1 ''27'!A3+1E3", "='Q1 ''27'!A4+.5"),
    ("=Deals[[#This Row],['[1']]]+A1", "=Deals[[#This Row],['[1']]]+A2"),
    ('={1,2;"a","b"}', '={3,4;"c","d"}'),
]
APART = [
    ("=INDEX(A1:B9,0,1)", "=INDEX(A1:B9,1,1)"),  # all of them
    ("=Deals[2026]", "=Deals[2027]"),
    ("='2026'!A1", "='2027'!A1"),
    ("=Q1plan+1", "=Q2plan+1"),
    ("=TAX2027", "=TAX2026"),  # beyond the last column: a name
    ("=LOG10(1)", "=LOG2(1)"),
    ("=A1", "=$A1"),
    ("=LET(x1,2,x1)", "=LET(x2,2,x2)"),
    ("=A1000001+1", "=A1000002+1"),  # looks like a mark
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_rows_numbers_and_texts_make_no_difference(one: str, other: str) -> None:
    """Each gets back its own parts."""
    assert shape_of(one).text == shape_of(other).text
    assert [shape_of(text).put(shape_of(text).text) for text in (one, other)] == [one, other]


@pytest.mark.parametrize(("one", "other"), APART)
def test_what_is_a_name_or_means_all_does(one: str, other: str) -> None:
    """No two of these may be taken for one another."""
    assert shape_of(one).text != shape_of(other).text
    assert shape_of(one).put(shape_of(one).text) == one


def test_the_sample_by_shapes_is_the_sample_by_itself(tmp_path: Path) -> None:
    """Every formula of the sample: what a shape gives it, and what it gives when asked alone."""
    package = Package.open(sample_plan("zh", tmp_path))
    book = recalc.book(package)
    run = Run(book, recalc.functions(), None)
    run._read()
    assert run.shaped
    formulas = {(f.key[0], f.cell.formula or ""): f for f in run.formulas if f.cell.formula and not f.old_array}
    assert len(formulas) > 2_000
    for (_, text), formula in list(formulas.items())[::3]:
        canonical = spelling.to_canonical(text)
        assert shapes.to_file(canonical, 1, "T") == spelling.to_file(canonical, 1, "T")
        assert intersection.needs_array(canonical) == intersection._needed(canonical, _names(canonical))
        sheet, row, column = formula.key
        alone = Pattern(template(text, Context(run.tables, run.names, sheet, row, column, None, False, 7, OMITTED, run.clock)))
        shared = run.pattern(formula, 7)
        assert (shared.at(row, 7), shared.first, shared.last) == (alone.at(row, 7), alone.first, alone.last)
        assert list(shared.pieces) == list(alone.pieces)


def _names(canonical: str) -> frozenset[str]:
    return frozenset(t.text for t in spelling.tokenize(canonical[1:]) if t.kind == "name")


def test_a_file_that_calls_something_like_a_cell_shares_nothing() -> None:
    """No spreadsheet allows such a name; a script that wrote one gets what it wrote."""
    from workbook_templates.engine.run import CellBook, CellIn, evaluate

    cells = {(1, 2): 5.0, (3, 1): CellIn(formula="ZZ7+1"), (4, 1): CellIn(formula="ZZ8+1")}
    book = CellBook({"S": cells}, names={"ZZ7": "S!$B$1"})
    assert not Run(book, {}, None).shaped
    assert evaluate(book).values["S", 4, 1] == 1.0
