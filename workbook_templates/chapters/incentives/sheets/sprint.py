"""团队基金 / Travel fund: what each line's quarter earned, what was spent of it, what is left; and the spending itself."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.chapters.incentives.sheets.quotas import MONTH_FORMAT, carried, line_actuals
from workbook_templates.page import style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.navigation import RESULT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables.schema import LINES, YUAN

_TOP = FIRST_ROW + 2  # first row of the list
_RUNS, _OVER = Text("进行中", "running"), Text("已结束", "closed")
_MONTHS = "CDEFGHIJKLMN"


def _rows() -> int:
    return 4 * len(LINES)


def _block() -> int:
    """First row of the lines' months."""
    return _TOP + _rows() + 5


def _spending() -> int:
    """Header row of the spending."""
    return _block() + len(LINES) + 4


def build(plan: Plan) -> None:
    page = plan.page(
        "sprint",
        Text("团队基金", "Travel fund"),
        Text(
            "季度冲刺奖：每条线每季的指标、业绩与进入团队旅游基金的金额；不是个人收入",
            "Sprint bonus by quarter: quota, actual and travel fund of each line; no personal pay",
        ),
        todo=Text("支出登记在下表；触发线、比例与口径在“参数”", "Enter spending below; trigger, rate and basis are on Settings"),
    )
    page.width(B=12, C=14, D=15, E=15, F=14, G=15, H=14, I=14, **dict.fromkeys("JKLMN", 13))
    _list(plan, page)
    _months(plan, page)
    page.heading(f"B{_spending() - 2}", Text("基金支出（填写）", "Spending (fill in)"), until="F")
    page.records("SprintFund", f"B{_spending()}")


def _months(plan: Plan, page: Page) -> None:
    """What counts for each line, month by month, on the bonus's own basis."""
    page.heading(f"B{_block() - 2}", Text("各条线每月业绩", "Actual by line and month"), until="N")
    page.header(f"B{_block() - 1}", [Text("条线", "Line"), *[""] * len(_MONTHS)])
    for month, letter in enumerate(_MONTHS, 1):
        page.sheet[f"{letter}{_block() - 1}"].value = month
        page.sheet[f"{letter}{_block() - 1}"].number_format = plan.t(MONTH_FORMAT)
    for at, line in enumerate(LINES, _block()):
        page.label(f"B{at}", line.label)
        page.sheet[f"B{at}"].border = style.BOX
    lines = f"B{_block()}:B{_block() + len(LINES) - 1}"
    page.spill(
        f"C{_block()}", f"={line_actuals(plan, lines, plan.policy('sprint.basis'))}", len(LINES), 12, "money", "line_actuals"
    )


def _list(plan: Plan, page: Page) -> None:
    page.heading(f"B{FIRST_ROW}", Text("每季每条线", "By quarter and line"), until="J")
    page.label(f"L{_TOP - 1}", Text("冲刺奖口径", "Basis of the bonus"))
    page.formula(f"N{_TOP - 1}", f"={plan.policy('sprint.basis')}", "text")
    heads = (
        Text("季度", "Quarter"), Text("条线", "Line"), Text("季度指标", "Quota"), Text("季度业绩", "Actual"),
        Text("达成率", "Attainment"), Text("计入基金", "Earned"), Text("已支出", "Spent"), Text("余额", "Left"), Text("状态", "State"),
    )  # fmt: skip
    page.header(f"B{_TOP - 1}", heads, ["", "", YUAN, YUAN, "", YUAN, YUAN, YUAN])
    for quarter in range(1, 5):
        _quarter(plan, page, quarter, _TOP + len(LINES) * (quarter - 1))
    last = _TOP + _rows() - 1
    terms = ",".join(plan.policy(f"sprint.{key}") for key in ("trigger", "rate", "over"))
    earned = f"=IF(D{_TOP}:D{last}=0,0,SALES_SPRINTBONUS(D{_TOP}:D{last},E{_TOP}:E{last},{terms}))"
    page.spill(f"G{_TOP}", earned, _rows(), 1, "fen", "sprint_bonus")
    for name, letter in (("quarters", "B"), ("lines", "C"), ("quotas", "D"), ("actuals", "E"), ("earned", "G"), ("left", "I")):
        plan.define(f"sprint_{name}", page, f"{letter}{_TOP}:{letter}{last}")
    page.label(f"B{last + 1}", Text("合计", "Total"), bold=True)
    for letter, fmt in zip("DEGH", ("money", "money", "fen", "fen"), strict=True):
        page.formula(f"{letter}{last + 1}", f"=SUM({letter}{_TOP}:{letter}{last})", fmt, bold=True)
    page.formula(f"I{last + 1}", f"=ROUND(G{last + 1}-H{last + 1},2)", "fen", bold=True)
    page.condition(f"I{_TOP}:I{last}", f"I{_TOP}<0", style.RED)
    page.condition(f"G{_TOP}:G{last}", f"G{_TOP}>0", style.GREEN)
    page.label(
        f"B{last + 2}",
        Text("旅游奖励应按税法计入个人所得；进行中的季度以季末为准", "Travel given to staff is taxable; a running quarter is settled at its end"),
        muted=True,
        grow=False,
    )  # fmt: skip


def _quarter(plan: Plan, page: Page, quarter: int, row: int) -> None:
    """The lines of a quarter; the months' quotas go to the line a person is in then."""
    fund, as_of, last = plan.table("SprintFund"), plan.name("as_of"), row + len(LINES) - 1
    inside = f"*(INT(({plan.name('quota_month_numbers')}+2)/3)={quarter})"
    idle = f"SUM({plan.table('Quotas').weight})=0"
    page.spill(f"D{row}", f"=IF({idle},0,{carried(plan, f'C{row}:C{last}', 'line', inside)})", len(LINES), 1, "money")
    first, last_month = _MONTHS[3 * quarter - 3], _MONTHS[3 * quarter - 1]
    for at, line in enumerate(LINES, row):
        page.formula(f"B{at}", f"={quarter}", plan.t(Text('"第"0"季"', '"Q"0')))
        page.label(f"C{at}", line.label)
        page.sheet[f"C{at}"].border = style.BOX
        block = at - row + _block()
        page.formula(f"E{at}", f"=SUM({first}{block}:{last_month}{block})", "money")
        page.formula(f"F{at}", f"=IF(D{at}=0,0,E{at}/D{at})", "rate2")
        page.formula(f"H{at}", f"=ROUND(SUMIFS({fund.spent},{fund.line},C{at},{fund.quarter},B{at}),2)", "fen")
        # By the array and not by its cell: what stands on a spilled cell may be worked out before it is there.
        page.formula(f"I{at}", f"=ROUND(INDEX({plan.name('sprint_bonus')}#,{at - _TOP + 1})-H{at},2)", "fen")
        over = f"{as_of}>=DATE({plan.name('plan_year')},{3 * quarter + 1},0)"
        page.formula(f"J{at}", f"=IF({over},{plan.quoted(_OVER)},{plan.quoted(_RUNS)})", "word")


SHEET = PlanSheet(41.6, build, part=RESULT)
