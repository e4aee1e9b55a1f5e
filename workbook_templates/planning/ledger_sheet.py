"""The commission ledger: what was computed, reviewed, locked and paid; written by the import and the commission button."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.planning.builder import Page, Plan
from workbook_templates.planning.commission import due
from workbook_templates.schema import LEDGER_STATES

ORDER = 42

TOP = 15  # header row of the Table


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "ledger",
        Text("提成台账", "Ledger"),
        Text(
            "每单每人一行，只增不改；更正以“调整”行写明原因",
            "One row for each deal and person, never rewritten; corrections are adjustment rows with a reason",
        ),
        todo=Text("由导入或“计算提成”写入，请勿手改", "Written by the import or the commission button; don't edit by hand"),
    )
    _by_status(plan, page)
    _totals(plan, page)
    page.records("Ledger", f"B{TOP}")
    page.sheet.print_title_rows = f"{TOP}:{TOP}"


def _by_status(plan: Plan, page: Page) -> None:
    """Where the statement cycle stands."""
    ledger = plan.table("Ledger")
    page.header("B6", [Text("状态", "Status"), Text("行数", "Rows"), Text("提成", "Commission")])
    for row, word in enumerate(LEDGER_STATES, 7):
        page.label(f"B{row}", word.label)
        page.formula(f"C{row}", f"=COUNTIFS({ledger.status},B{row})", "int")
        page.formula(f"D{row}", f"=SUMIFS({ledger.commission},{ledger.status},B{row})", "fen")
    page.label("B12", Text("合计", "Total"), bold=True)
    page.formula("C12", "=SUM(C7:C11)", "int", bold=True)
    page.formula("D12", "=SUM(D7:D11)", "fen", bold=True)


def _totals(plan: Plan, page: Page) -> None:
    """The ledger against the same deals computed afresh, by the tiers of their days."""
    ledger = plan.table("Ledger")
    figures = (
        (Text("台账合计", "Ledger total"), f"=ROUND(SUM({ledger.commission}),2)", "ledger_total"),
        (Text("重新计算", "Computed afresh"), f"=ROUND(SUM({due(plan)}),2)", "commission_afresh"),
        (Text("差额", "Difference"), "=ROUND(ledger_total-commission_afresh,2)", "ledger_difference"),
    )
    page.header("G6", [Text("核对", "Reconciliation"), Text("提成", "Commission")])
    for row, (label, formula, name) in enumerate(figures, 7):
        page.label(f"G{row}", label)
        page.formula(f"H{row}", formula, "fen", name)
