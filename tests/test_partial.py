"""A part computed again is the whole computed again: for random edits on end, and only where nobody else touched the file."""

from __future__ import annotations

import datetime as dt
import io
import os
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.plans import sample_plan
from workbook_templates import recalc
from workbook_templates.answers import Refused
from workbook_templates.cells import ErrorValue
from workbook_templates.chapters import sample
from workbook_templates.making import plan_bytes
from workbook_templates.tables.schema import Company
from workbook_templates.xlsx import seal
from workbook_templates.xlsx.package import CellFormula, Package, Table

ROUNDS = int(os.environ.get("SALESPLAN_PARTIAL_ROUNDS", "6"))
EMPTY = Company("本公司", 2027, dt.date(2027, 12, 31))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return sample_plan("zh", tmp_path_factory.mktemp("demo")).read_bytes()


@pytest.fixture(scope="module")
def small() -> bytes:
    return plan_bytes(sample.company("en", sample.FEWEST), "en")[0]


@pytest.fixture(scope="module")
def empty() -> bytes:
    return plan_bytes(EMPTY, "zh")[0]


# ------------------------------------------------------------------------------------------------------------------ random edits


def _value(old: Any, dice: random.Random) -> Any:
    """Something a person may put into a cell, near what was there or not."""
    near = [old * dice.choice([0, 0.5, 1.01, 10, -1])] if isinstance(old, float) else []
    text = [old + "x", old[:1]] if isinstance(old, str) and old else []
    far = [None, "甲乙", "", 0.0, -1.5, 1e9, True, float(dice.randint(46000, 46700)), ErrorValue("#N/A"), ErrorValue("#DIV/0!")]
    return dice.choice([*near * 6, *text * 2, old, *(far if dice.random() < 0.4 else far[:1])])


def _edit_cells(package: Package, dice: random.Random) -> None:
    """Some cells without formulas, in Tables and anywhere else; what the package refuses (headers, spills) a person can't do either."""
    name = dice.choice(
        [t.sheet for t in package.tables.values()] + [(package.locate("as_of") or pytest.fail("a plan has its day"))[0]] * 12
    )
    sheet = package.sheets[name]
    places = [at for at, cell in sheet.cells().items() if cell.formula is None and cell.value is not None]
    for at in dice.sample(places, min(len(places), dice.choice([1, 1, 2, 5]))):
        cell = sheet.get(at)
        assert cell is not None
        try:
            sheet.set_values({at: _value(cell.value, dice)})
        except Refused:
            continue


def _edit_formula(package: Package, dice: random.Random) -> None:
    """A formula gone, replaced, or one more beside the sheet's cells."""
    sheet = dice.choice(list(package.sheets.values()))
    formulas = [at for at, cell in sheet.cells().items() if cell.formula is not None and cell.array_ref is None]
    if not formulas:
        return
    at = dice.choice(formulas)
    cell = sheet.get(at)
    assert cell is not None and cell.formula is not None
    what = dice.choice(["value", "other", "more"])
    try:
        if what == "value":
            sheet.set_values({at: dice.choice([7.0, None, "固定"])})
        elif what == "other":
            sheet.set_formulas({at: CellFormula(f"IFERROR(({cell.formula})*2,1)")})
        else:
            sheet.set_formulas({(at[0], 60): CellFormula(cell.formula)})
    except Refused:
        return


def _rows(table: Table, package: Package) -> list[Any]:
    sheet = package.sheets[table.sheet]
    row = table.data.last_row
    cells = [sheet.get((row, col)) for col in range(table.ref.first_col, table.ref.last_col + 1)]
    return [None if cell is None or cell.formula is not None else cell.value for cell in cells]


def _append(package: Package, dice: random.Random) -> None:
    table = dice.choice(list(package.tables.values()))
    try:
        package.append_rows(table, [_rows(table, package) for _ in range(dice.choice([1, 1, 3]))])
    except Refused:
        return


def _cut(package: Package, dice: random.Random) -> None:
    table = dice.choice(list(package.tables.values()))
    last = table.data.last_row - dice.choice([1, 1, 3])
    if last >= table.data.first_row:
        package.cut_rows(table, last)


EDITS: list[Callable[[Package, random.Random], None]] = [*[_edit_cells] * 5, _edit_formula, _append, _append, _cut]


def _seen(package: Package, done: recalc.Recalculation) -> dict[str, Any]:
    """Everything a recalculation comes to, so that 1, 1.0 and TRUE, or 0 and minus 0, are not the same."""
    results = done.results
    return {
        "values": {key: repr(value) for key, value in results.values.items()},
        "spills": results.spills,
        "reasons": {key: (r.zh, r.en) for key, r in results.reasons.items()},
        "left": (sorted(results.unsupported), sorted(results.circular)),
        "odd": sorted(results.odd),
        "errors": recalc.error_cells(package, results),
        "cells": {
            (name, at): (type(c.value), repr(c.value), c.formula, c.array_ref, c.kind)
            for name, sheet in package.sheets.items()
            for at, c in sheet.cells().items()
        },
        "charts": [(ref.formula, ref.values) for chart in package.charts() for ref in chart.refs],
        "stale": sorted((s, c, repr(a), repr(b)) for s, c, a, b in done.stale),
        "counts": (done.changed, done.charts, len(done.dropped)),
    }


def follow(raw: bytes, seed: int, rounds: int, log: Callable[[str], None] = lambda said: None) -> int:
    """Edits in rounds, each saved sealed and read again; how many rounds were computed in part."""
    dice = random.Random(seed)
    parts = 0
    for number in range(rounds):
        package, whole = Package.from_bytes(raw), Package.from_bytes(raw)
        edits = dice.choices(EDITS, k=dice.choice([1, 1, 2, 4]))
        for edit in edits:
            state = dice.getstate()
            edit(package, dice)
            dice.setstate(state)
            edit(whole, dice)
        done = recalc.recalculate(package)
        parts += bool(done.results.kept)
        part, full = _seen(package, done), _seen(whole, recalc.recalculate(whole, whole=True))
        log(
            f"seed {seed} round {number}: {len(done.results.kept)} of {len(done.results.values)} kept, {[e.__name__ for e in edits]}"
        )
        for what in full:
            assert part[what] == full[what], (seed, number, what)
        saved = package.to_bytes()
        assert saved == whole.to_bytes(), (seed, number)
        sound = not (done.results.unsupported or done.results.circular)
        raw = saved if sound else raw  # what can't be sealed is not gone on with
    return parts


@pytest.mark.parametrize("seed", [1])
def test_any_edit_of_the_demo_computed_in_part_is_the_whole(demo: bytes, seed: int) -> None:
    assert follow(demo, seed, ROUNDS) >= ROUNDS // 2


@pytest.mark.parametrize("seed", [2])
def test_any_edit_of_a_small_plan_computed_in_part_is_the_whole(small: bytes, seed: int) -> None:
    assert follow(small, seed, ROUNDS) >= ROUNDS // 2


@pytest.mark.parametrize("seed", [4])
def test_any_edit_of_an_empty_plan_computed_in_part_is_the_whole(empty: bytes, seed: int) -> None:
    assert follow(empty, seed, ROUNDS) >= ROUNDS // 2


# ------------------------------------------------------------------------------------------------------- what must not be trusted


def _edited(raw: bytes) -> Package:
    """A plan read from a file and one cell of it changed by us."""
    package = Package.from_bytes(raw)
    deals = package.tables["Deals"]
    row = deals.data.first_row
    column = deals.data.first_col + deals.headers.index("成交额") if "成交额" in deals.headers else deals.data.first_col
    package.sheets[deals.sheet].set_values({(row, column): 4321.0})
    return package


def _is_partial(raw: bytes) -> bool:
    """Whether only a part was computed; either way the outcome is the whole."""
    package, whole = _edited(raw), _edited(raw)
    done = recalc.recalculate(package)
    full = recalc.recalculate(whole, whole=True)
    assert _seen(package, done) == _seen(whole, full)
    return bool(done.results.kept)


def _zip_edited(raw: bytes, edit: Callable[[str, str], str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info, edit(info.filename, content.decode()) if info.filename.endswith(".xml") else content)
    return out.getvalue()


def test_an_empty_plan_is_sealed_when_it_is_made(empty: bytes) -> None:
    assert _is_partial(empty)


def test_a_number_changed_behind_our_back_is_seen(empty: bytes) -> None:
    """Even one that is as long as before, in a formula's value: a partial run would keep it."""
    found: list[str] = []

    def edit(part: str, text: str) -> str:
        place = text.find("</f><v>") if part.startswith("xl/worksheets/") and not found else -1
        if place < 0:
            return text
        found.append(part)
        return text[: place + 7] + "7" + text[text.index("</v>", place) :]

    assert not _is_partial(_zip_edited(empty, edit))
    assert found


def test_a_text_or_name_changed_behind_our_back_is_seen(empty: bytes) -> None:
    for part in ("xl/sharedStrings.xml", "xl/workbook.xml", "xl/tables/table1.xml", "xl/styles.xml"):
        assert part in Package.from_bytes(empty).parts()
        changed = _zip_edited(empty, lambda name, text, part=part: text + "<!-- -->" if name == part else text)  # type: ignore[misc]
        assert not _is_partial(changed), part


def test_what_openpyxl_wrote_is_computed_whole(empty: bytes) -> None:
    book, out = openpyxl.load_workbook(io.BytesIO(empty)), io.BytesIO()
    book.save(out)
    package = Package.from_bytes(out.getvalue())
    assert any(p.name == seal.NAME for p in book.custom_doc_props.props), "other programs keep the line"
    assert not recalc.recalculate(package).results.kept


@pytest.mark.parametrize("said", ["", "-", "{}", "[]", '{"by": 1, "odd": [], "parts": "x"}', '{"odd": [["a"]]}', "null"])
def test_a_seal_of_other_words_is_none(empty: bytes, said: str) -> None:
    def edit(part: str, text: str) -> str:
        if part != "docProps/custom.xml":
            return text
        edited, count = re.subn(r"(<[^<]*lpwstr[^<]*>)[^<]+(</)", lambda m: m[1] + said.replace('"', "&quot;") + m[2], text)
        assert count == 1
        return edited

    assert not _is_partial(_zip_edited(empty, edit))


def test_another_program_day_or_language_computes_all(empty: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recalc, "_program", lambda: "another")
    assert not _is_partial(empty)
    monkeypatch.undo()
    package = Package.from_bytes(empty)
    sheet, ref = package.locate("as_of") or pytest.fail("a plan has its day")
    package.sheets[sheet].set_values({(ref.first_row, ref.first_col): 46500.0})
    assert not recalc.recalculate(package).results.kept


def test_a_change_after_the_seal_leaves_the_file_unsealed(empty: bytes) -> None:
    package = _edited(empty)
    recalc.recalculate(package)
    row = package.tables["Deals"].data.first_row
    package.sheets[package.tables["Deals"].sheet].set_values({(row, package.tables["Deals"].data.first_col): "D9"})
    assert not _is_partial(package.to_bytes())


def test_a_saved_plan_goes_on_in_part(empty: bytes, tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(empty)
    package = Package.open(path)
    for word in ("one", "two"):
        log = package.tables["ChangeLog"]
        package.sheets[log.sheet].set_values({log.data[:2]: word})
        assert recalc.recalculate(package).results.kept
        package.save(backup=False)


def test_a_new_sheet_or_name_computes_all(empty: bytes) -> None:
    package = Package.from_bytes(empty)
    package.touch(package.workbook_part)
    names = package.workbook_child("definedNames")
    assert names is not None
    names[0].text = "$A$1"
    assert not recalc.recalculate(package).results.kept


def test_a_formula_about_formulas_computes_all(empty: bytes) -> None:
    package = Package.from_bytes(empty)
    deals = package.tables["Deals"]
    package.sheets[deals.sheet].set_formulas({(1, 60): CellFormula("ISFORMULA(A1)")})
    assert not recalc.recalculate(package).results.kept


def test_other_workbooks_get_no_seal() -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"] = "=1+1"
    book.save(out)
    package = Package.from_bytes(out.getvalue())
    recalc.recalculate(package)
    assert "docProps/custom.xml" not in Package.from_bytes(package.to_bytes()).parts()
