"""周计划 / Weeks: the four weeks of one month: review, lock 80% of the orders, lock the rest, prepare and collect."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.chapters.incentives.sheets.quotas import MONTH_FORMAT
from workbook_templates.page import style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.navigation import RESULT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables.schema import YUAN


def build(plan: Plan) -> None:
    page = plan.page(
        "weeks",
        Text("周计划", "Weekly plan"),
        Text(
            "一个月的四周节奏：复盘、锁单、收尾、备战下月",
            "A month in four weeks: review, lock orders, lock the rest, prepare the next",
        ),
        todo=Text("选月份，把锁单金额分给团队", "Choose the month and share out the orders to lock"),
    )
    page.width(B=20, C=16, D=14, E=12, F=72, G=17, H=14)
    _month(plan, page, FIRST_ROW)
    _plan(plan, page, FIRST_ROW + 6)
    plan.beside("quotas", page)


def _month(plan: Plan, page: Page, row: int) -> None:
    """Which month, and its quota."""
    page.heading(f"B{row}", Text("月份", "The month"), until="H")
    page.label(f"B{row + 1}", Text("看哪个月", "Which month"))
    page.sheet[f"B{row + 1}"].border = style.BOX
    month = plan.company.as_of.month if plan.company.as_of else 1
    months = [str(m) for m in range(1, 13)]
    page.input(f"C{row + 1}", month, plan.t(MONTH_FORMAT), "week_month", months, Text("1 到 12", "1 to 12"))
    quota = f"=INDEX({plan.name('quota_months')},week_month)"
    page.figure(f"B{row + 2}", Text("月度指标（签单）", "Quota (bookings)"), quota, "money", "week_quota", YUAN)
    signed = f"=N(INDEX({plan.name('bookings_months')},week_month))"
    page.figure(f"B{row + 3}", Text("已签单", "Bookings"), signed, "money", "week_bookings", YUAN)


def _plan(plan: Plan, page: Page, row: int) -> None:
    page.heading(f"B{row}", Text("四周节奏", "Four weeks"), until="H")
    heads = (
        Text("周次", "Week"), Text("从", "From"), Text("到", "To"), Text("工作日", "Working days"),
        Text("任务", "Task"), Text("锁定订单", "Orders to lock"), Text("回款率目标", "Collections goal"),
    )  # fmt: skip
    formats = ["int", "date", "date", "int", "general", "money", "rate"]
    formula = (
        f"=SALES_WEEKPLAN(week_quota,{plan.name('plan_year')},week_month,,"
        f"{plan.policy('week.lock_share')},{plan.policy('week.collection_goal')})"
    )
    page.spill(f"B{row + 2}", formula, 4, len(heads), formats, "week_plan", heads, indent=[4])
    page.label(
        f"B{row + 7}",
        Text("周起止按工作日计（含官方调休，未公布的年份按周末与法定节假日）", "Weeks count working days, official make-up days included where announced"),
        muted=True,
        grow=False,
    )  # fmt: skip


SHEET = PlanSheet(31, build, part=RESULT)
