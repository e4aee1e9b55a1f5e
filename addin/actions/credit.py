"""Rate credit: score, grade and limit of every customer that was scored; a new dated row where something changed, old ones stay."""

from __future__ import annotations

import argparse
from collections import Counter

from addin.action import Action, Outcome, Progress
from addin.book import Book
from addin.dispatching import day_of
from udfs.credit import GRADES
from udfs.text import Text, joined
from workbook_templates.answers import ERROR, WARNING, Problem
from workbook_templates.chapters.risk.credit import CreditRated, newest, overdue_score, rated
from workbook_templates.chapters.risk.words import CREDIT
from workbook_templates.tables.duties import Day
from workbook_templates.tables.schema import Row

TABLE = "CreditScores"


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Rows without a grade get theirs; a rating that no longer holds gets a new row of today."""
    found = book.problems(TABLE, "Customers")
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    outcome, day = Outcome(Text("", ""), problems=found), day_of(book)
    rows = book.read(TABLE).rows
    sales = {row["id"]: float(row.get("sales_12m") or 0.0) for row in day.rows("Customers") if row.get("id")}
    grades: Counter[str] = Counter()
    unrated = 0
    for customer in dict.fromkeys(row["customer"] for row in rows if row.get("customer")):
        row = newest(rows, customer, day.as_of)
        if row is None:
            continue
        grade = _rate(book, day, rows.index(row), row, sales.get(customer, 0.0), outcome)
        if grade is None:
            unrated += 1
        else:
            grades[grade] += 1
    outcome.data = {
        "rated": sum(grades.values()),
        "unrated": unrated,
        "new_rows": len(outcome.changes.added.get(TABLE, [])),
        **grades,
    }
    outcome.summary = _summary(grades, unrated, len(outcome.changes.added.get(TABLE, [])))
    return outcome


def _rate(book: Book, day: Day, index: int, row: Row, sales: float, outcome: Outcome) -> str | None:
    """One customer's grade."""
    overdue = overdue_score(day, row["customer"])
    now = row if overdue is None else row | {"overdue": overdue}
    made = rated(now, sales, day.setting)
    if made.grade is None:
        held = book.read(TABLE)
        text = Text(
            f"{row['customer']} 四项评分不全，未评级：按款到发货",
            f"{row['customer']}: a score is missing, not rated; cash before shipment",
        )
        outcome.problems.append(Problem(held.grid.sheet, *held.at(index, "financial"), text, WARNING))
        return None
    if not row.get("grade"):
        outcome.changes.edit(TABLE, index, overdue=now["overdue"], score=made.score, grade=made.grade, limit=made.limit)
        return made.grade
    if _differs(row, made, overdue):
        if row["as_of"] == day.as_of:
            outcome.changes.edit(TABLE, index, overdue=now["overdue"], score=made.score, grade=made.grade, limit=made.limit)
        else:
            outcome.changes.add(
                TABLE, [now | {"as_of": day.as_of, "score": made.score, "grade": made.grade, "limit": made.limit}]
            )
    return made.grade


def _differs(row: Row, made: CreditRated, overdue: float | None) -> bool:
    """Whether a rating no longer says what would be found today."""
    return (row.get("grade"), row.get("limit")) != (made.grade, made.limit) or (
        overdue is not None and row.get("overdue") != overdue
    )


def _summary(grades: Counter[str], unrated: int, new: int) -> Text:
    if not grades and not unrated:
        return Text(
            "没有可评级的客户：请在“信用”填写四项评分与来源", "nobody to rate: enter four scores with their sources on Credit"
        )
    zh, en = joined(f"{grade} {grades[grade]}" for grade in GRADES if grades[grade])
    head = Text(f"已评级 {sum(grades.values())} 家：{zh or '–'}", f"rated: {sum(grades.values())} ({en or '–'})")
    if unrated:
        head += Text(f"；评分不全 {unrated} 家", f"; scores missing: {unrated}")
    return head + (Text(f"；新增 {new} 行", f"; new rows: {new}") if new else Text("", ""))


ACTION = Action(
    label=CREDIT,
    tip=Text(
        "四项评分加权得出信用等级与额度，司法过低一票否决",
        "Four weighted scores give grade and limit; a low judicial score vetoes",
    ),
    about=Text(
        "写入得分、信用等级与额度；与上次不同的加一行当天的评级，旧的不改。",
        "Writes score, grade and limit; what differs from the last rating gets a row of today, old ones stay.",
    ),
    group="risk",
    order=10,
    icon="AccountingFormat",
    keytip="OR",
    run=run,
    guards=False,
    examples=Text("示例：\n  salesplan credit 计划.xlsx", "examples:\n  salesplan credit plan.xlsx"),
)
