"""The commission ledger: what was computed, reviewed, locked and paid; written by the import and the commission button."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.chapters.incentives.sheets.commission import OVERRIDE, due
from workbook_templates.page.builder import Page, Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables.schema import LEDGER_STATES

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
    """The ledger against the same deals computed afresh, by the tiers of their days.

    What somebody decided by hand can't be computed: overrides are left out on both sides and shown beside it. What their deals had
    been given before is set off by adjustments, so that nothing of it is left but the override.
    """
    ledger = plan.table("Ledger")
    ours = plan.quoted(OVERRIDE)
    nameless = f'({ledger.kind}={ours})*((TRIM({ledger.by})="")+(TRIM({ledger.reason})="")>0)'
    figures = (
        (Text("台账合计", "Ledger total"), f"=ROUND(SUM({ledger.commission}),2)", "fen", "ledger_total"),
        (Text("其中手工行", "of which manual"), f"=ROUND(SUMIFS({ledger.commission},{ledger.kind},{ours}),2)", "fen", "ledger_overridden"),
        (Text("重新计算（手工所定除外）", "Computed afresh but for manual rows"), f"=ROUND(SUM({due(plan, undecided=True)}),2)", "fen", "commission_afresh"),
        (Text("差额", "Difference"), "=ROUND(ledger_total-ledger_overridden-commission_afresh,2)", "fen", "ledger_difference"),
        (Text("手工行数", "Manual rows"), f"=COUNTIFS({ledger.kind},{ours})", "int", "ledger_overrides"),
        (Text("未写明决定人与原因", "without who or why"), f"=SUMPRODUCT({nameless})", "int", "overrides_unexplained"),
    )  # fmt: skip
    page.header("G6", [Text("核对", "Reconciliation"), Text("提成", "Commission")])
    for row, (label, formula, fmt, name) in enumerate(figures, 7):
        page.label(f"G{row}", label)
        page.formula(f"H{row}", formula, fmt, name)


SHEET = PlanSheet(42, build)
