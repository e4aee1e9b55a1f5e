"""分级变动 / Tier changes: who moved up or down and why, the newest first; the Table that the refresh adds to stands below."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.chapters.customers.tables import TIERS
from workbook_templates.page import newest, style
from workbook_templates.page.builder import Plan
from workbook_templates.page.marks import tier_colors
from workbook_templates.page.navigation import RECORD
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables import schema

_SHOWN = ("date", "customer", "name", "before", "after")
_MOVE, _WHY = "G", "H"
_LAST = Text("N", "L")  # of the columns over which a reason stands in one line, in smaller letters where it is long
UP, DOWN, NEW = Text("升", "Up"), Text("降", "Down"), Text("新入", "New")


def build(plan: Plan) -> None:
    """The list and the Table."""
    page = plan.page(
        "tier_changes",
        Text("分级变动", "Tier changes"),
        Text("由“刷新客户分级”写入，只增不改", "Written by “Refresh tiers”, only added to"),
        todo=Text("先看“降”的原因", "Read first why customers went down"),
    )
    page.width(D=28)
    first, last = newest.newest(page, "TierChanges", _SHOWN)
    changes = plan.table("TierChanges")
    page.header(f"{_MOVE}{first - 1}", [Text("升降", "Move"), schema.table("TierChanges")["reason"].header])
    order = "{" + ",".join(plan.quoted(word.label) for word in TIERS) + "}"
    for row in range(first, last + 1):
        moved = f"IF(MATCH(F{row},{order},0)<MATCH(E{row},{order},0),{plan.quoted(UP)},{plan.quoted(DOWN)})"
        page.formula(f"{_MOVE}{row}", f'=IF(B{row}="","",IF(E{row}="",{plan.quoted(NEW)},IFERROR({moved},"–")))', "word")
        place = newest.behind(f"COUNTA({changes.date})", row)
        page.formula(f"{_WHY}{row}", f'=IF(B{row}="","",INDEX({changes.reason},{place})&"")', "text", boxed=False)
        page.sheet.merge_cells(f"{_WHY}{row}:{plan.t(_LAST)}{row}")
        page.sheet[f"{_WHY}{row}"].alignment = style.align("left", shrink=True)
    page.ruled(f"{_MOVE}{first}:{_MOVE}{last}", f'$B{first}<>""')
    page.lights(f"{_MOVE}{first}:{_MOVE}{last}", good=UP, fair=DOWN)
    end = page.records("TierChanges", f"B{newest.TOP}")
    for top, bottom in ((first, last), (newest.TOP + 1, end)):
        tier_colors(page, f"E{top}:F{bottom}")
    newest.only(page, plan.t(_LAST))


SHEET = PlanSheet(39, build, part=RECORD)
