"""What cells of several sheets say and look like: as planned or not, long reasons in several lines, a tier in its colour."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.page import style
from workbook_templates.page.builder import Page

ON_PLAN = Text("与计划相符", "As planned")
OFF_PLAN = Text("与计划不同", "Not as planned")


def wrapped(page: Page, column: str, first: int, last: int, width: float = 60.0) -> None:
    """Let long reasons take several lines, the rows as high as they need."""
    page.width(**{column: width})
    for row in range(first, last + 1):
        cell = page.sheet[f"{column}{row}"]
        cell.alignment = style.align("left", wrap=True)
        lines = style.lines_needed(str(cell.value or ""), width - 2)
        if lines > 1:
            page.sheet.row_dimensions[row].height = 15.0 * lines + 2


def tier_colors(page: Page, ref: str) -> None:
    """Colour cells that hold a tier."""
    first = ref.split(":", maxsplit=1)[0]
    for tier, (color, _) in style.TIER_FILLS.items():
        page.condition(ref, f'{first}="{tier}"', color)
