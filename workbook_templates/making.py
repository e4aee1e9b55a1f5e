"""From a company to a finished planning workbook on disk: built, computed, saved as a whole."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

from udfs.text import Text, speaking
from workbook_templates import planning
from workbook_templates.collecting import seldom_collected
from workbook_templates.package import Package, Ref
from workbook_templates.planning.builder import Plan
from workbook_templates.recalc import Recalculation, recalculate
from workbook_templates.saving import atomic_write, check_writable
from workbook_templates.schema import ADDIN, Company

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
        package = built(company, lang)
        progress(Text("计算公式", "Computing the formulas"))
        done = recalculate(package)
        return package.to_bytes(), done


def built(company: Company, lang: str) -> Package:
    """The workbook as a package with formulas but no values."""
    return packed(planning.make(company, lang))


def packed(plan: Plan) -> Package:
    """Finished sheets as a package: dynamic arrays marked, and nothing that Excel would ask about on opening."""
    buffer = io.BytesIO()
    plan.book.save(buffer)
    package = Package.from_bytes(buffer.getvalue())
    for sheet, cell, _ in plan.spills:
        at = Ref.parse(cell)
        package.mark_dynamic(package.sheets[sheet], (at.first_row, at.first_col))
    package.never_ask_for(ADDIN)  # a plan must open without a question where the add-in is missing
    return package
