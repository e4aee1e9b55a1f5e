"""The commission ledger: every movement of pay, written by the commission button, and its sums beside the accounts."""

from __future__ import annotations

from collections.abc import Iterable

from udfs.text import Text
from workbook_templates.chapters.incentives.pay.accounts import COLUMNS, EARNED
from workbook_templates.page.builder import Page, Plan
from workbook_templates.page.navigation import RESULT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import Watch
from workbook_templates.tables.schema import LEDGER_KINDS, LEDGER_STATES

TOP = 17  # header row of the Table
# What goes to pay.
PAYABLE = tuple(COLUMNS)
_DECIDED = next(word.label for word in LEDGER_KINDS if word.code == "manual")


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "ledger",
        Text("提成台账", "Ledger"),
        Text(
            "每笔计提、待发、转可发、追回、调整、预支一行，写明计算过程；已结的行只增不改",
            "Each accrual, release, clawback and draw with its working; what is settled never changes",
        ),
        todo=Text("由“计算提成”写入，请勿手改", "Written by Compute commissions; don't edit by hand"),
    )
    _by_status(plan, page)
    _totals(plan, page)
    page.records("Ledger", f"B{TOP}")
    page.sheet.print_title_rows = f"{TOP}:{TOP}"


def sum_of(plan: Plan, kinds: Iterable[str], *conditions: str) -> str:
    """The sum of the ledger's rows of some kinds."""
    ledger = plan.table("Ledger")
    labels = {word.code: word.label for word in LEDGER_KINDS}
    listed = ",".join(plan.quoted(labels[kind]) for kind in kinds)
    terms = ",".join([ledger.commission, ledger.kind, f"{{{listed}}}", *conditions])
    return f"SUMPRODUCT(SUMIFS({terms}))"


def _by_status(plan: Plan, page: Page) -> None:
    """Where the statement cycle stands."""
    ledger = plan.table("Ledger")
    page.header("B6", [Text("状态", "Status"), Text("行数", "Rows"), Text("计入账户", "To accounts")])
    for row, word in enumerate(LEDGER_STATES, 7):
        page.label(f"B{row}", word.label)
        page.formula(f"C{row}", f"=COUNTIFS({ledger.status},B{row})", "int")
        page.formula(f"D{row}", f"={sum_of(plan, PAYABLE, ledger.status, f'B{row}')}", "fen")
    page.label("B12", Text("合计", "Total"), bold=True)
    page.formula("C12", "=SUM(C7:C11)", "int", bold=True)
    page.formula("D12", "=SUM(D7:D11)", "fen", bold=True)


def _totals(plan: Plan, page: Page) -> None:
    """What deals earned; and what the ledger puts into accounts beside what the accounts hold."""
    ledger, accounts = plan.table("Ledger"), plan.table("Accounts")
    ours = plan.quoted(_DECIDED)
    nameless = f'({ledger.kind}={ours})*((TRIM({ledger.by})="")+(TRIM({ledger.reason})="")>0)'
    held = "+".join(f"SUM({column})" for column in (accounts.released, accounts.clawback, accounts.adjustment, accounts.bonus))
    figures = (
        (Text("提成合计（计提净额）", "Commission earned, net"), f"=ROUND({sum_of(plan, EARNED)},2)", "fen", "ledger_total"),
        (Text("其中手工行", "of which manual"), f"=ROUND(SUMIFS({ledger.commission},{ledger.kind},{ours}),2)", "fen", "ledger_overridden"),
        (Text("台账计入账户", "From the ledger to accounts"), f"=ROUND({sum_of(plan, PAYABLE)},2)", "fen", "ledger_payable"),
        (Text("账户合计", "In the accounts"), f"=ROUND({held},2)", "fen", "accounts_total"),
        (Text("差额", "Difference"), "=ROUND(ledger_payable-accounts_total,2)", "fen", "ledger_difference"),
        (Text("待发余额", "Held"), f"=ROUND({sum_of(plan, ('held', 'cancel'))}-{sum_of(plan, ('release',))},2)", "fen", "ledger_held"),
        (Text("手工行数", "Manual rows"), f"=COUNTIFS({ledger.kind},{ours})", "int", "ledger_overrides"),
        (Text("未写明决定人与原因", "without who or why"), f"=SUMPRODUCT({nameless})", "int", "overrides_unexplained"),
    )  # fmt: skip
    page.label("B14", Text("未计算的人员", "Left out"))
    page.label("C14", "")
    plan.define("pay_left_out", page, "C14")  # written by Compute commissions; the cockpit shows it
    page.watch(
        Watch(
            "pay.left_out", Text("提成未算的人员", "People whose commission is not computed"), 'IF(pay_left_out="",0,1)', "0", screen=3,
            fmt="int", lower=True, item="pay_left_out", needs="Ledger.person",
        )
    )  # fmt: skip
    page.header("G6", [Text("核对", "Reconciliation"), Text("金额", "Amount")])
    for row, (label, formula, fmt, name) in enumerate(figures, 7):
        page.label(f"G{row}", label)
        page.formula(f"H{row}", formula, fmt, name)


SHEET = PlanSheet(42, build, part=RESULT)
