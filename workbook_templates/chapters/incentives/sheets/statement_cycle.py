"""对账单、审批记录、异议 / Statements, Approvals, Disputes: where each month's statement cycle stands, and who decided what."""

from __future__ import annotations

from openpyxl.styles import Alignment

from udfs.text import Text
from workbook_templates.chapters.incentives.tables.accounts import ACCOUNT_STATES
from workbook_templates.page.builder import Page, Plan
from workbook_templates.page.navigation import INPUT, RECORD, RESULT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables.schema import FAIL, NOTICE, PASS

TOP = 24  # header row of the statements
_FIRST, _LAST = 7, 18  # the months
_PLAIN_TOP = 6
_DIGESTS = 13  # column M, the last of the statements
_OPEN = Text("待答复", "Open")


def build(plan: Plan) -> None:
    """The three sheets."""
    page = plan.page(
        "statements",
        Text("对账单", "Statements"),
        Text(
            "每人每月一份：计算 → 审核 → 异议 → 锁定 → 发放；锁定后不再变，更正只记入以后的月份",
            "One a person and month: compute → review → dispute → lock → pay; once locked it never changes, corrections go to a later month",
        ),
        todo=Text(
            "由“审核对账单”“批准并锁定”“标记已发放”按钮写入，请勿手改",
            "By Review statements, Approve and lock, Mark as paid; don't edit by hand",
        ),
    )
    page.width(M=22)
    _months(plan, page)
    page.records("Statements", f"B{TOP}")
    # Machine-read and long: cut at its cell, or it would run over the page and shrink it when printed.
    for (cell,) in page.sheet.iter_rows(min_row=TOP + 1, min_col=_DIGESTS, max_col=_DIGESTS):
        cell.alignment = Alignment(horizontal="fill", vertical="center")
    page.sheet.print_title_rows = f"{TOP}:{TOP}"
    _list(
        plan,
        "approvals",
        "Approvals",
        Text("审批记录", "Approvals"),
        Text(
            "谁在何时审核、批准、锁定、发放，多少人、多少行、合计多少",
            "Who reviewed, approved, locked and paid, when, how many people and rows, what total",
        ),
        Text("只增不改", "Only added to"),
        RECORD,
    )
    _list(
        plan,
        "disputes",
        "Disputes",
        Text("异议", "Disputes"),
        Text(
            "每条异议有编号、负责人与答复；有未关闭的异议不能锁定",
            "Each remark has a number, an owner and an answer; nothing is locked while one is open",
        ),
        Text("用“登记异议”按钮登记和答复", "Raise and answer with the Log disputes button"),
        INPUT,
    )


def _list(plan: Plan, key: str, table: str, title: Text, purpose: Text, todo: Text, part: str) -> None:
    page = plan.page(key, title, purpose, part=part, freeze=f"C{_PLAIN_TOP + 1}", todo=todo)
    page.width(**({"F": 72, "J": 72} if table == "Disputes" else {"K": 40}))
    page.print_titles(_PLAIN_TOP)
    page.records(table, f"B{_PLAIN_TOP}")


def _months(plan: Plan, page: Page) -> None:
    """The accounts by month and state beside what the locked statements say."""
    accounts, held, remarks = plan.table("Accounts"), plan.table("Statements"), plan.table("Disputes")
    year, opened = plan.name("plan_year"), plan.quoted(_OPEN)
    page.header(
        "B6",
        [
            Text("期间", "Period"),
            *(word.label for word in ACCOUNT_STATES),
            Text("期末结转", "Carried"),
            Text("锁定对账单合计", "Total of locked statements"),
            Text("差额", "Difference"),
            Text("待答复异议", "Open disputes"),
            Text("状态", "Status"),
        ],
    )
    for row in range(_FIRST, _LAST + 1):
        page.formula(f"B{row}", f'={year}&"-{row - _FIRST + 1:02}"', "period")
        for letter, word in zip("CDEF", ACCOUNT_STATES, strict=True):
            page.formula(
                f"{letter}{row}",
                f"=SUMIFS({accounts.paid},{accounts.month},$B{row},{accounts.statement},{plan.quoted(word.label)})",
                "fen",
            )
        page.formula(f"G{row}", f"=SUMIFS({accounts.closing},{accounts.month},$B{row})", "fen")
        page.formula(f"H{row}", f'=SUMIFS({held.paid},{held.period},$B{row},{held.locked_on},">0")', "fen")
        page.formula(f"J{row}", f"=COUNTIFS({remarks.period},$B{row},{remarks.state},{opened})", "int")
    total = _LAST + 1
    page.label(f"B{total}", Text("合计", "Total"), bold=True)
    for letter, word in zip("CDEF", ACCOUNT_STATES, strict=True):
        page.formula(
            f"{letter}{total}", f"=SUMIFS({accounts.paid},{accounts.statement},{plan.quoted(word.label)})", "fen", bold=True
        )
    page.formula(f"H{total}", f'=SUMIFS({held.paid},{held.locked_on},">0")', "fen", bold=True)
    page.formula(f"J{total}", f"=COUNTIFS({remarks.state},{opened})", "int", bold=True)
    for row in range(_FIRST, total + 1):
        page.formula(f"I{row}", f"=ROUND(E{row}+F{row}-H{row},2)", "fen", bold=row == total)
        verdict = f"IF(I{row}<>0,{plan.quoted(FAIL)},IF(J{row}>0,{plan.quoted(NOTICE)},{plan.quoted(PASS)}))"
        page.formula(f"K{row}", f'=IF(AND(COUNTIFS({accounts.month},$B{row})=0,H{row}=0),"–",{verdict})', "word")
    page.formula(f"K{total}", f"={verdict}", "word", bold=True)
    page.lights(f"K{_FIRST}:K{total}", good=PASS, fair=NOTICE, bad=FAIL)
    plan.define("locked_differences", page, f"I{_FIRST}:I{total}")


SHEET = PlanSheet(44, build, part=RESULT)
