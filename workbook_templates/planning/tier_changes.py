"""分级变动 / Tier changes: which customer moved from which tier to which, when and why."""

from __future__ import annotations

from openpyxl.utils import get_column_letter

from udfs.text import Text
from workbook_templates import schema, style
from workbook_templates.planning.builder import Plan
from workbook_templates.planning.customers import tier_colors, wrapped

ORDER = 39
_ROW = 6


def build(plan: Plan) -> None:
    page = plan.page(
        "tier_changes",
        Text("分级变动", "Tier changes"),
        Text("由“刷新客户分级”写入，只增不改", "Written by “Refresh tiers”, only added to"),
        tab=style.MUTED,
        freeze=f"D{_ROW + 1}",
    )
    page.print_titles(_ROW)
    last = page.records("TierChanges", f"B{_ROW}")
    keys = list(schema.table("TierChanges").by_key)
    before, after, reason = (get_column_letter(2 + keys.index(key)) for key in ("before", "after", "reason"))
    tier_colors(page, f"{before}{_ROW + 1}:{after}{last}")
    wrapped(page, reason, _ROW + 1, last, 80.0)
