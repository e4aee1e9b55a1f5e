"""Where a sheet stands among the others, and the strip in its second row by which one gets about.

The strip is of cells with links, not of formulas: it works in every program that shows a workbook.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink

from udfs.text import Text
from workbook_templates.page import style
from workbook_templates.tables import schema
from workbook_templates.tables.spec import HOME_MARK

if TYPE_CHECKING:
    from workbook_templates.page.builder import Page, Plan

# What a sheet is in its chapter, in the order of the tabs; records stand behind all chapters.
VIEW, INPUT, RESULT, RECORD = PARTS = ("view", "input", "result", "record")
RECORD_TAB = "9AA5B1"
LAST_GROUP = 99
ROW = 2
CHECK = f"G{ROW}"
# The least widths of the columns with links.
ROOM = {"B": 12.0, "C": 10.0, "D": 10.0, "E": 13.0, "F": 9.0, "G": 11.0}
HOME, PROBLEMS, CHECKS = "cockpit", "problems", "checks"  # pages by their keys
_BACK, _NEXT, _PROBLEMS = Text("← 上一页", "← Back"), Text("下一页 →", "Next →"), Text("问题", "Problems")


def master_check(page: Page) -> None:
    """The last cell of the strip: the verdict of the Checks sheet, with its light."""
    page.formula(CHECK, f"={page.plan.name('master_check')}", "general", boxed=False)
    cell = page.sheet[CHECK]
    word = page.plan.t(Text("检查", "Checks"))
    cell.font, cell.alignment = style.font(style.CROSS, size=9), style.align("center")
    cell.number_format = f'General;-General;General;"{word} "@'
    for verdict, color in ((schema.PASS, style.GREEN), (schema.TODO, style.AMBER), (schema.FAIL, style.RED)):
        page.condition(CHECK, f"{CHECK}={page.plan.quoted(verdict)}", color)


def strips(plan: Plan, pages: Sequence[Page]) -> None:
    """Write the strip of every sheet: home, the one before, the one behind, the chapter's first, problems, checks."""
    shown = [page for page in pages if page.chapter is None or not page.chapter.switched or plan.in_use(page.chapter.number)]
    for place, page in enumerate(pages):
        _link(page, "B", plan.pages.get(HOME), Text(f"{HOME_MARK} ", f"{HOME_MARK} "))
        _link(page, "C", next((other for other in pages[:place][::-1] if other in shown), None), _BACK)
        _link(page, "D", next((other for other in pages[place + 1 :] if other in shown), None), _NEXT)
        _link(page, "E", _first_of(page, pages), Text("", ""))
        _link(page, "F", plan.pages.get(PROBLEMS), _PROBLEMS)
        _target(page, CHECK, plan.pages.get(CHECKS))


def _first_of(page: Page, pages: Sequence[Page]) -> Page | None:
    """The first sheet of a sheet's chapter; the guide for what is of no chapter."""
    if page.chapter is None or not page.chapter.switched:
        return page.plan.pages.get("guide")
    return next(other for other in pages if other.chapter == page.chapter)


def _link(page: Page, letter: str, to: Page | None, text: Text) -> None:
    if to is None:
        return
    title = page.plan.t(to.title)
    chapter = to.chapter
    if letter == "B":
        said = page.plan.t(text) + title
    elif letter == "E":
        said = title if chapter is None or not chapter.switched else f"{chapter.number} {page.plan.t(chapter.label)}"
    else:
        said = page.plan.t(text)
    cell = page.sheet[f"{letter}{ROW}"]
    cell.value = said
    _target(page, cell.coordinate, to)
    page.dress(cell.coordinate, style.font(style.ACCENT, size=9, underline="single"), style.align("left"))


def _target(page: Page, cell: str, to: Page | None) -> None:
    if to is None or to is page:
        return
    place = f"{quote_sheetname(to.sheet.title)}!A1"
    page.sheet[cell].hyperlink = Hyperlink(ref=cell, location=place, tooltip=page.plan.t(to.title))
