"""A plan with the Tables and the settings only, for tests that look at rows and not at the sheets around them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from udfs.text import Text, speaking
from workbook_templates.chapters.basics.sheets import settings
from workbook_templates.making import packed
from workbook_templates.page.builder import Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.recalc import recalculate
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Company


def small_plan(path: Path, company: Company, lang: str = "zh", sheets: Sequence[PlanSheet] = ()) -> Path:
    """Write the plan, computed, with some of the planning sheets if asked; returns its path."""
    with speaking(lang):
        plan = Plan(lang, company, strict=False)
        settings.build(plan)
        for name, spec in schema.TABLES.items():
            page = plan.page(name, Text(f"{spec.title.zh}表", f"{name} table"), spec.title)
            page.records(name, "B6")
        for sheet in sheets:
            sheet.build(plan)
        plan.finish()
        package = packed(plan)
        recalculate(package)
        path.write_bytes(package.to_bytes())
    return path
