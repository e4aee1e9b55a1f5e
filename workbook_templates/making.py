"""From a company to a finished planning workbook on disk: built, computed, saved as a whole."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path

from udfs.text import Text, speaking
from workbook_templates.chapters import building
from workbook_templates.engine.collecting import seldom_collected
from workbook_templates.page.builder import Plan
from workbook_templates.recalc import Recalculation, settle
from workbook_templates.saving import atomic_write, check_writable
from workbook_templates.tables.schema import Company
from workbook_templates.xlsx.addin_link import ADDIN
from workbook_templates.xlsx.drafts import Draft
from workbook_templates.xlsx.package import Package

Progress = Callable[[Text], None]


def write_plan(
    company: Company, path: str | os.PathLike[str], lang: str = "zh", progress: Progress = lambda step: None
) -> Recalculation:
    """Write the planning workbook of a company; every cell and chart carries its value."""
    check_writable(path)
    content, done = plan_bytes(company, lang, progress)
    progress(Text("写入文件", "Writing the file"))
    atomic_write(Path(path), content)
    return done


def plan_bytes(company: Company, lang: str = "zh", progress: Progress = lambda step: None) -> tuple[bytes, Recalculation]:
    """The planning workbook of a company as a file's content, and what was computed."""
    with speaking(lang), seldom_collected():
        progress(Text("生成工作表", "Building the sheets"))
        draft = _drafted(building.make(company, lang))
        progress(Text("计算公式", "Computing the formulas"))
        done = settle(draft)
        draft.package.never_ask_for(ADDIN)  # a plan must open without a question where the add-in is missing
        return draft.to_bytes(), done


def _drafted(plan: Plan) -> Draft:
    """The cells of a finished plan on their way to a file; the plan can't be used afterwards."""
    draft = Draft(plan.book)
    plan.let_go()
    # What openpyxl's sheets held is room for the engine; it is all young, and what a process kept before is not asked.
    gc.collect(1)
    return draft


def built(company: Company, lang: str) -> Package:
    """The workbook as a package with formulas but no values."""
    return packed(building.make(company, lang))


def packed(plan: Plan) -> Package:
    """Finished sheets as a package with formulas but no values; the plan's own book can't be used afterwards."""
    package = Package.from_bytes(Draft(plan.book).to_bytes())
    package.never_ask_for(ADDIN)
    return package
