"""The planning workbook: one module a sheet, and none for a Table that stands alone on its sheet (``TableSpec.page``).

A module is a sheet when it has ``ORDER`` (its place among the tabs) and ``build(plan)``; adding a sheet is adding a module. The
formulas may use names of sheets that come later; ``LAST`` says that a sheet must be built after all others (1: the checks
name them; 2: the guide lists them).
"""

from __future__ import annotations

from types import ModuleType
from typing import Protocol

from workbook_templates import registry
from workbook_templates.page.builder import Plan
from workbook_templates.page.plain import PlainSheet
from workbook_templates.tables import schema
from workbook_templates.tables.schema import Company

__all__ = ["Company", "Plan", "make", "sheets"]


class Sheet(Protocol):
    """A sheet module, or what stands in for one."""

    ORDER: float

    def build(self, plan: Plan) -> None: ...


def sheets() -> list[Sheet]:
    """The sheets in the order in which they are built."""
    plain = [PlainSheet(spec, spec.page, spec.page.order) for spec in schema.TABLES.values() if spec.page is not None]
    return sorted(
        [*(m for m in registry.modules("sheets") if hasattr(m, "ORDER")), *plain], key=lambda s: (getattr(s, "LAST", 0), s.ORDER)
    )


def make(company: Company, lang: str = "zh", strict: bool = True) -> Plan:
    """Build all sheets for a company: ``make(…).book.save(path)``. Formulas have no values yet; recalculation adds them.

    ``strict=False`` leaves names undefined that no sheet defines: for looking at a workbook under construction.
    """
    _require_in_use(company)
    plan = Plan(lang, company, strict)
    for module in sheets():
        before = set(plan.pages)
        module.build(plan)
        for key in sorted(set(plan.pages) - before):
            plan.pages[key].order = module.ORDER
            plan.pages[key].belongs_to(chapter_of(module))
    plan.finish()
    return plan


def chapter_of(sheet: Sheet) -> registry.Chapter:
    """The chapter whose folder brings a sheet."""
    if isinstance(sheet, PlainSheet):
        return sheet.chapter
    assert isinstance(sheet, ModuleType), "a sheet is a module or a Table's own"
    return registry.home_of(sheet.__name__)


def _require_in_use(company: Company) -> None:
    """A chapter that is off is hidden, so it can't hold rows; one that is not there can't be in use."""
    if company.chapters is None:
        return
    if unknown := sorted(company.chapters - registry.numbered().keys()):
        raise ValueError(f"no chapter {unknown[0]} in this version")
    for name in company.rows:
        home = schema.home_of(name)
        if home.switched and home.number not in company.chapters and company.rows[name]:
            raise ValueError(f"rows of {name}, but chapter {home.number} is off")
