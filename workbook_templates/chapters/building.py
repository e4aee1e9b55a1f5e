"""The planning workbook: one module a sheet, and none for a Table that stands alone on its sheet (``TableSpec.page``).

A module is a sheet when it has ``ORDER`` (its place among the tabs) and ``build(plan)``; adding a sheet is adding a module. The
formulas may use names of sheets that come later; ``LAST`` says that a sheet must be built after all others (1: the checks
name them; 2: the guide lists them).
"""

from __future__ import annotations

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
    plan = Plan(lang, company, strict)
    for module in sheets():
        before = set(plan.pages)
        module.build(plan)
        for key in set(plan.pages) - before:
            plan.pages[key].order = module.ORDER
    plan.finish()
    return plan
