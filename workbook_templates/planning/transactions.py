"""交易流水 / Transactions: what customers bought, invoice by invoice; "refresh tiers" reads it."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates import style
from workbook_templates.planning.builder import Plan

ORDER = 39
_ROW = 6


def build(plan: Plan) -> None:
    page = plan.page(
        "transactions",
        Text("交易流水", "Transactions"),
        Text(
            "每张发票一行，红字发票为负；“刷新客户分级”读取", "A row each invoice, credit notes negative; read by “Refresh tiers”"
        ),
        tab=style.INPUT,
        freeze=f"D{_ROW + 1}",
        todo=Text("粘贴近两年的开票明细", "Paste the invoices of the last two years"),
    )
    page.print_titles(_ROW)
    page.records("Transactions", f"B{_ROW}")
