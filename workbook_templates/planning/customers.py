"""客户 / Customers: the customer master, with what each has signed to date beside it."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates import style
from workbook_templates.planning.builder import Plan
from workbook_templates.schema import YUAN

ORDER = 38
_ROW = 6


def build(plan: Plan) -> None:
    page = plan.page(
        "customers",
        Text("客户", "Customers"),
        Text("一客户一行；负责人决定人均客户数", "A row each customer; the owner decides who looks after how many"),
        tab=style.INPUT,
        freeze=f"D{_ROW + 1}",
        todo=Text("维护客户、区域、行业与负责人", "Keep customers, regions, industries and owners up to date"),
    )
    page.print_titles(_ROW)
    page.records("Customers", f"B{_ROW}")
    customers, deals = plan.table("Customers"), plan.table("Deals")
    signed = f'=SUMIFS({deals.revenue},{deals.customer},{customers.id},{deals.date},"<="&{plan.name("as_of")})'
    page.spill(
        f"Y{_ROW + 1}",
        signed,
        plan.count("Customers"),
        1,
        "money",
        "customer_bookings",
        [Text("累计签单", "Bookings to date")],
        [YUAN],
    )
    page.width(X=2.5)
