"""The sheet of a Table that stands alone on one, built from its spec."""

from __future__ import annotations

from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from workbook_templates.page import navigation, style
from workbook_templates.page.builder import Page, Plan
from workbook_templates.page.marks import tier_colors, wrapped
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables import schema
from workbook_templates.tables.schema import PageSpec, TableSpec
from workbook_templates.tables.spec import LEFT

_ROW = 6


def plain_sheets() -> list[PlanSheet]:
    """The sheets of the Tables that stand alone."""
    return [
        PlanSheet(spec.page.order, PlainSheet(spec, spec.page).build, part=_part(spec, spec.page), table=spec.name)
        for spec in schema.TABLES.values()
        if spec.page is not None
    ]


def _part(spec: TableSpec, page: PageSpec) -> str:
    return navigation.RECORD if page.record else navigation.RESULT if spec.by_program else navigation.INPUT


@dataclass
class PlainSheet:
    """A Table's sheet, built as any."""

    spec: TableSpec
    page: PageSpec

    def build(self, plan: Plan) -> None:
        """Title block, Table, widths; what is a tier has its colour."""
        spec, asked = self.spec, self.page
        page = plan.page(
            spec.page_key,
            asked.title if asked.title.zh else spec.title,
            asked.purpose,
            freeze=f"{get_column_letter(LEFT + asked.frozen) if asked.frozen else 'A'}{_ROW + 1}",
            todo=asked.todo,
        )
        page.width(**{spec.letter(key): width for key, width in asked.widths.items()})
        page.print_titles(_ROW)
        last = page.records(spec.name, f"B{_ROW}")
        self._color_tiers(page, last)
        for letter in map(spec.letter, asked.faults):
            page.condition(f"{letter}{_ROW + 1}:{letter}{last}", f'{letter}{_ROW + 1}<>""', style.RED, shaped=False)
        for key, width in asked.wraps.items():
            wrapped(page, spec.letter(key), _ROW + 1, last, width)
        if asked.printed is not None:
            page.most_printed = asked.printed
        if asked.beside:
            plan.beside(asked.beside, page)

    def _color_tiers(self, page: Page, last: int) -> None:
        for column in self.spec.columns:
            if column.words and {word.code for word in column.words} <= set(style.TIER_FILLS):
                letter = self.spec.letter(column.key)
                tier_colors(page, f"{letter}{_ROW + 1}:{letter}{last}")
