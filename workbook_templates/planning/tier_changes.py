"""分级变动 / Tier changes: which customer moved from which tier to which, when and why."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates import style
from workbook_templates.planning.builder import Plan

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
    page.records("TierChanges", f"B{_ROW}")
