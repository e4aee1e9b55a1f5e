"""对账单、审批记录、异议 / Statements, Approvals, Disputes: where each month's statement cycle stands, and who decided what."""

from __future__ import annotations

from openpyxl.styles import Alignment

from udfs.text import Text
from workbook_templates.chapters.incentives.tables.accounts import ACCOUNT_STATES
from workbook_templates.page import newest
from workbook_templates.page.builder import Page, Plan
from workbook_templates.page.navigation import INPUT, RECORD, RESULT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import Watch
from workbook_templates.tables import schema
from workbook_templates.tables.schema import FAIL, NOTICE, PASS

TOP = 24  # header row of the statements
_FIRST, _LAST = 7, 18  # the months
_PLAIN_TOP = 6
_DIGESTS = schema.table("Statements").letter("lines")
_SHOWN_ACTS = 3  # of what is judged of an act: with its month and step five columns
_OPEN = Text("待答复", "Open")


def build(plan: Plan) -> None:
    """The three sheets."""
    page = plan.page(
        "statements",
        Text("对账单", "Statements"),
        Text(
            "每人每月一份：计算 → 审核 → 异议 → 锁定 → 发放；锁定后不再变",
            "By person and month: compute → review → dispute → lock → pay; once locked it never changes",
        ),
        todo=Text(
            "由“审核对账单”“批准并锁定”“标记已发放”按钮写入，请勿手改",
            "By Review statements, Approve and lock, Mark as paid; don't edit by hand",
        ),
    )
    page.width(**{_DIGESTS: 22})
    _months(plan, page)
    page.records("Statements", f"B{TOP}")
    # Machine-read and long: cut at its cell, or it would run over the page and shrink it when printed.
    for (cell,) in page.sheet[f"{_DIGESTS}{TOP + 1}:{_DIGESTS}{max(page.sheet.max_row, TOP + 1)}"]:
        cell.alignment = Alignment(horizontal="fill", vertical="center")
    page.sheet.print_title_rows = f"{TOP}:{TOP}"
    _approvals(plan)
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
    page.width(F=72, J=72)
    page.print_titles(_PLAIN_TOP)
    page.records(table, f"B{_PLAIN_TOP}")


def _approvals(plan: Plan) -> None:
    """Who decided what, the newest first; all acts with their checksums below, folded."""
    page = plan.page(
        "approvals",
        Text("审批记录", "Approvals"),
        Text(
            "谁在何时审核、批准、锁定、发放，多少人、多少行、合计多少",
            "Who reviewed, approved, locked and paid, when, how many people and rows, what total",
        ),
        part=RECORD,
        todo=Text("只增不改", "Only added to"),
    )
    newest.newest(page, "Approvals", schema.table("Approvals").identity + schema.table("Approvals").judged[:_SHOWN_ACTS])
    page.records("Approvals", f"B{newest.TOP}")
    newest.only(page, "F")


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
    plan.define("statement_months", page, f"B{_FIRST}:B{_LAST}")
    plan.define("locked_months_differ", page, f"I{_FIRST}:I{_LAST}")
    page.lights(f"K{_FIRST}:K{total}", good=PASS, fair=NOTICE, bad=FAIL)
    plan.define("locked_differences", page, f"I{_FIRST}:I{total}")
    _watches(plan, page)


def _watches(plan: Plan, page: Page) -> None:
    """Disputes that wait too long, months that are not locked in time, locked pay that was changed."""
    remarks, accounts, as_of = plan.table("Disputes"), plan.table("Accounts"), plan.name("as_of")
    year = plan.name("plan_year")
    opened = f"({remarks.state}={plan.quoted(_OPEN)})*({remarks.raised_on}>0)"
    late = f"{opened}*({remarks.raised_on}<{as_of}-{plan.policy('cycle.dispute_days')})"
    oldest = f"IF({late}=1,{remarks.raised_on},10^9)"
    page.watch(
        Watch(
            "disputes.late", Text("超期未答复的异议", "Disputes unanswered too long"), f"SUMPRODUCT({late})", "0", screen=3, fmt="int",
            lower=True, amber="1", item=f"INDEX({remarks.number},MATCH(MIN({oldest}),{oldest},0))", table="Disputes.number", owner="owner",
            needs="Accounts.person",
        )
    )  # fmt: skip
    # The last month that should be locked by now: the month before is given some working days.
    last = f"EOMONTH({as_of},-1)"
    ended = f"IF({as_of}>SALES_WORKDAY({last},{plan.policy('cycle.lock_days')}),{last},EOMONTH({as_of},-2))"
    page.label(f"B{_LAST + 3}", Text("应已锁定到", "Locked by now"))
    page.formula(f"C{_LAST + 3}", f"=MAX(0,MIN(12,(YEAR({ended})-{year})*12+MONTH({ended})))", "int", "months_to_lock")
    page.label(f"D{_LAST + 3}", Text("月（含）", "months, that one included"), muted=True, grow=False)
    months = plan.name("statement_months")
    done = "+".join(
        f"COUNTIFS({accounts.month},{months},{accounts.statement},{plan.quoted(word.label)})"
        for word in ACCOUNT_STATES
        if word.code in ("final", "paid")
    )
    waits = f"({{1;2;3;4;5;6;7;8;9;10;11;12}}<={plan.name('months_to_lock')})*(COUNTIFS({accounts.month},{months})>{done})"
    unpaid = f"SUMIFS({accounts.paid},{accounts.month},{months},{accounts.statement},{plan.quoted(ACCOUNT_STATES[1].label)})"
    page.watch(
        Watch(
            "cycle.unlocked", Text("逾期未锁定的月份", "Months not locked in time"), f"SUMPRODUCT({waits})", "0", screen=3, fmt="int",
            lower=True, amount=f"SUMPRODUCT(({waits})*{unpaid})", item=f"INDEX({months},MATCH(1,{waits},0))", needs="Accounts.person",
        )
    )  # fmt: skip
    changed = plan.name("locked_months_differ")
    page.watch(
        Watch(
            "pay.locked_changed", Text("已锁定的应发被改动", "Locked pay was changed"), f"SUMPRODUCT(({changed}<>0)*1)", "0", screen=3,
            fmt="int", lower=True, amount=f"SUMPRODUCT(ABS({changed}))", item=f"INDEX({months},MATCH(TRUE,{changed}<>0,0))",
            needs="Accounts.person", must=True,
        )
    )  # fmt: skip


SHEET = PlanSheet(44, build, part=RESULT)
