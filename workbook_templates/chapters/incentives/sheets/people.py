"""人员 / People: who sells, at which level and in which line, and who is there; the ratings and the nine-box are folded away."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.chapters.incentives.tables.people import ACTIVE, COMING, LEFT
from workbook_templates.page.builder import Page, Plan
from workbook_templates.page.navigation import INPUT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables import schema
from workbook_templates.xlsx.refs import MAX_ROW

_TABLE_ROW = 6
_TWO_PAGES = 80  # people on two pages that are read without a glass


def build(plan: Plan) -> None:
    page = plan.page(
        "people",
        Text("人员", "People"),
        Text("一人一行；入离职日期决定指标权重，评分决定九宫格与人才池", "One row a person; dates decide the quota weight, ratings the nine-box and talent pool"),
        freeze=f"D{_TABLE_ROW + 1}",
        todo=Text("维护人员、上级、入离职日期与半年评分", "Keep people, managers, dates and the half-yearly ratings up to date"),
    )  # fmt: skip
    page.print_titles(_TABLE_ROW)
    last = page.records("People", f"B{_TABLE_ROW}")
    page.lights(f"D{_TABLE_ROW + 1}:D{last}", good=ACTIVE, fair=COMING, off=LEFT)
    _nothing_is_blank(page, last)
    people = plan.table("People")
    unrated = f'({people.performance}="")+({people.potential}="")'
    page.spill(
        f"R{_TABLE_ROW + 1}",
        f'=IF({unrated},"–",SALES_NINEBOX({people.performance},{people.potential}))',
        plan.count("People"),
        1,
        "general",
        "people_ninebox",
        [Text("九宫格", "Nine-box")],
        indent=[0],
    )
    page.width(Q=2.5, R=20)
    if plan.count("People") <= _TWO_PAGES:
        page.prints(f"A1:L{MAX_ROW}")
        page.sheet.page_setup.fitToHeight = 2
    for letter in "QR":  # behind the ratings, folded with them
        dimension = page.sheet.column_dimensions[letter]
        dimension.outlineLevel, dimension.hidden = 1, True


def _nothing_is_blank(page: Page, last: int) -> None:
    """A manager carries no quota and owns no customers: no weight and no count are shown as none, not as figures."""
    for key, code in (("quota_weight", "0.0;-0.0;"), ("customers", "#,##0;-#,##0;")):
        letter = schema.table("People").letter(key)
        for (cell,) in page.sheet[f"{letter}{_TABLE_ROW + 1}:{letter}{last}"]:
            cell.number_format = code


SHEET = PlanSheet(20, build, part=INPUT)
