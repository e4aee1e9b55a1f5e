"""人员异动 / Transfers: who changed level, line, region or manager in the year, and from which day."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates import style
from workbook_templates.planning.builder import Plan

ORDER = 21
_TABLE_ROW = 6


def build(plan: Plan) -> None:
    page = plan.page(
        "transfers",
        Text("人员异动", "Transfers"),
        Text(
            "“人员”表是年初（或入职时）的情况；年中调动在这里登记，从生效日起算，团队汇总随之变化",
            "People says how the year began (or a person joined); a change in mid-year stands here and holds from its day on",
        ),
        tab=style.INPUT,
        freeze=f"A{_TABLE_ROW + 1}",
        todo=Text("调动时加一行；不变的留空", "A row for each transfer; leave blank what stays"),
    )
    page.print_titles(_TABLE_ROW)
    page.records("Transfers", f"B{_TABLE_ROW}")
