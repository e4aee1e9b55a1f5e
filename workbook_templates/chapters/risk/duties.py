"""A grade that fell, or is B or C: who sells there and finance know; an export that may not ship yet: compliance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from udfs.credit import GRADES
from udfs.text import Text
from workbook_templates.chapters.risk.credit import grade_of
from workbook_templates.chapters.risk.exports import is_open
from workbook_templates.chapters.risk.words import PREPAID
from workbook_templates.tables.duties import Day, DueTask, Duties, DutyRule
from workbook_templates.tables.spec import Row


def _fell(day: Day) -> Iterator[DueTask]:
    by_customer: dict[str, list[Row]] = {}
    for row in day.rows("CreditScores"):
        if row.get("customer") and isinstance(row.get("as_of"), dt.date) and row["as_of"] <= day.as_of and grade_of(row):
            by_customer.setdefault(str(row["customer"]), []).append(row)
    owners = {row["id"]: row.get("owner") for row in day.rows("Customers") if row.get("id")}
    for customer, rows in by_customer.items():
        rows.sort(key=lambda row: row["as_of"])
        now = str(grade_of(rows[-1]))
        before = grade_of(rows[-2]) if len(rows) > 1 else None
        fell = before is not None and GRADES.index(now) > GRADES.index(before)
        if not fell and GRADES.index(now) < GRADES.index(PREPAID):
            continue
        yield DueTask(
            object=customer,
            episode=rows[-1]["as_of"].isoformat(),
            title=Text(
                f"客户 {customer} 信用等级 {f'{before}→' if fell else ''}{now}：改付款条件，核对未发货与未收款",
                f"customer {customer}, credit grade {f'{before} to ' if fell else ''}{now}: change the terms, look at what is unshipped and unpaid",
            ),
            owner=owners.get(customer),
            others=("finance",),
            days=int(day.setting("tasks.credit_days")),
            table="CreditScores",
        )


def _licence(day: Day) -> Iterator[DueTask]:
    delivered = {row["id"]: row.get("delivered") for row in day.rows("Deals") if row.get("id")}
    for row in day.rows("ExportChecks"):
        why = is_open(row, day.as_of) if row.get("order") else None
        shipped = delivered.get(row.get("order"))
        if why is None or (isinstance(shipped, dt.date) and shipped <= day.as_of):
            continue
        yield DueTask(
            object=str(row.get("id") or row["order"]),
            episode=str(row.get("result") or "open"),
            title=Text(
                f"发货前办妥 {row['order']} → {row['country']}：{why.zh}",
                f"before {row['order']} ships to {row['country']}: {why.en}",
            ),
            role="compliance",
            days=int(day.setting("tasks.credit_days")),
            table="ExportChecks",
        )


DUTIES = Duties(90.9, (
    DutyRule("credit_down", Text("信用下调", "Credit grade fell"), _fell, ("CreditScores", "Customers")),
    DutyRule("licence", Text("出口许可", "Export licence"), _licence, ("ExportChecks", "Deals")),
))  # fmt: skip
