"""The planning workbook: one module a sheet, and none for a Table that stands alone on its sheet (``TableSpec.page``).

A module of a chapter's ``sheets`` registers ``SHEET = PlanSheet(order, build)``; adding a sheet is adding a module. The
formulas may use names of sheets that come later; ``last`` says that a sheet must be built after all others (1: the checks
name them; 2: the guide lists them).
"""

from __future__ import annotations

from dataclasses import replace

from workbook_templates import registry
from workbook_templates.page.builder import Plan
from workbook_templates.page.plain import plain_sheets
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables import own_words, schema
from workbook_templates.tables.schema import Company

__all__ = ["Company", "Plan", "make", "sheets"]


def sheets() -> list[PlanSheet]:
    """The sheets in the order in which they are built."""
    found = [*registry.of_chapters("sheets", "SHEET", PlanSheet).values(), *plain_sheets()]
    return sorted(found, key=lambda sheet: (sheet.last, sheet.order))


def make(company: Company, lang: str = "zh", strict: bool = True) -> Plan:
    """Build all sheets for a company: ``make(…).book.save(path)``. Formulas have no values yet; recalculation adds them.

    ``strict=False`` leaves names undefined that no sheet defines: for looking at a workbook under construction.
    """
    _require_in_use(company)
    if not company.of(own_words.TABLE):
        company = replace(company, rows={**company.rows, own_words.TABLE: own_words.default_rows(lang)})
    with own_words.wording(own_words.in_force(company.of(own_words.TABLE))):
        return _made(company, lang, strict)


def _made(company: Company, lang: str, strict: bool) -> Plan:
    plan = Plan(lang, company, strict)
    for sheet in sheets():
        before, plan.building = set(plan.pages), sheet.chapter.number
        sheet.build(plan)
        for key in sorted(set(plan.pages) - before):
            page = plan.pages[key]
            if page.chapter is not None:  # what charts draw, whoever asked first
                continue
            page.order, page.part = sheet.order, page.part or sheet.part
            page.belongs_to(sheet.chapter)
    plan.finish()
    return plan


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
