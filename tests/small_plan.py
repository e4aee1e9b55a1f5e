"""A plan with the Tables and the settings only, for tests that look at rows and not at the sheets around them."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from addin import guarding
from addin.book import FileBook
from addin.changes import Changes, lowered
from tests.plans import once, sample_company
from udfs.text import Text, speaking
from workbook_templates.chapters.basics.sheets import settings
from workbook_templates.chapters.incentives.cycle import exported
from workbook_templates.making import packed
from workbook_templates.page.builder import Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.recalc import recalculate
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Company
from workbook_templates.xlsx.package import Package

_MADE: dict[tuple[object, ...], bytes] = {}


def small_plan(path: Path, company: Company, lang: str = "zh", sheets: Sequence[PlanSheet] = ()) -> Path:
    """Write the plan, computed, with some of the planning sheets if asked; returns its path.

    Many tests begin with the same rows: a plan is made once a test process, like the sample (tests/plans.py).
    """
    key = (repr(company), lang, tuple(map(id, sheets)), tuple(schema.TABLES.items()))
    if key not in _MADE:
        _MADE[key] = _made(company, lang, sheets) if sheets else _filled(company, lang)
    path.write_bytes(_MADE[key])
    return path


def _filled(company: Company, lang: str) -> bytes:
    """The rows entered into the company's empty plan, as an action enters them: building 120 Tables anew takes ten times as long."""
    package = Package.from_bytes(_empty(replace(company, rows={}), lang))
    book, changes = FileBook(package), Changes()
    for name, rows in company.rows.items():
        changes.add(name, rows)
    with speaking(lang):
        book.apply(lowered(book, changes))
        recalculate(package)
    return package.to_bytes()


def _empty(company: Company, lang: str) -> bytes:
    said = (company, company.day(), lang, [(name, *spec.by_key) for name, spec in schema.TABLES.items()])
    return once(said, lambda path: path.write_bytes(_made(company, lang, ()))).read_bytes()


def _made(company: Company, lang: str, sheets: Sequence[PlanSheet]) -> bytes:
    with speaking(lang):
        plan = Plan(lang, company, strict=False)
        settings.build(plan)
        for sheet in sheets:
            sheet.build(plan)
        for name, spec in schema.TABLES.items():
            if name not in plan.tables:
                page = plan.page(name, Text(f"{spec.title.zh}表", f"{name} table"), spec.title)
                page.records(name, "B6")
        if "master_check" not in plan.names:  # the head of every sheet shows it; undefined, it is a cell that nothing can compute
            front = plan.page("checks", Text("检查", "Checks"), Text("检查", "Checks"))
            front.formula("C6", '="–"', "word", "master_check")
        plan.finish()
        package = packed(plan)
        recalculate(package)
        return package.to_bytes()


def rows_plan(lang: str, folder: Path, change: Callable[[Path], object] | None = None) -> Path:
    """The sample's rows, but for single purchases, in such a plan, with their seal file: for what an action does with rows, where no view
    takes part. With ``change``, a function of a module, as that leaves it."""
    made = _rows(lang) if change is None else _changed_rows(lang, change)
    path = folder / f"rows-{lang}.xlsx"
    guarding.beside_plan(path).write_bytes(_seals(lang))
    return Path(shutil.copy(made, path))


@functools.cache
def _rows(lang: str) -> Path:
    whole = sample_company(lang)
    company = replace(whole, rows={name: rows for name, rows in whole.rows.items() if name != "Transactions"})
    return once(("rows", lang), lambda path: path.write_bytes(_filled(company, lang)))


@functools.cache
def _changed_rows(lang: str, change: Callable[[Path], object]) -> Path:
    def make(path: Path) -> None:
        shutil.copy(_rows(lang), path)
        change(path)

    return once(("rows", lang, change.__module__, change.__qualname__), make)


@functools.cache
def _seals(lang: str) -> bytes:
    return exported.written([exported.entry_of(row) for row in sample_company(lang).of("Statements") if row["locked_on"]])
