"""A repair plan as a Word file: what was said, who leads, what is put right on site, compensation, and the two weeks it has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from udfs.text import Text
from workbook_templates.chapters.delivery.service import detractors
from workbook_templates.documents import Made
from workbook_templates.tables.schema import Row
from workbook_templates.wordfile import ENDING, Letterhead, WordPaper

KIND = Text("修复专案", "repair-plan")
_STEPS = (
    (0, Text("联系全部提意见的客户，负责人到现场", "Call everybody who complained; the leader goes on site")),
    (1, Text("现场整改，客户签字确认", "Put it right on site, signed by the customer")),
    (2, Text("补偿落实，复测 NPS", "Compensation settled, NPS asked again")),
)


def document(plan: Row, answers: Sequence[Row], names: Mapping[Any, Any], head: Letterhead, weeks: int) -> Made:
    """Written in the language in force; of the plan's own day, so that the same plan makes the same file."""
    quarter, customer = str(plan["quarter"]), plan.get("customer")
    about = f"{customer} {names.get(customer) or ''}".strip() if customer else str(Text("整批", "the whole wave"))
    opened: dt.date = plan["opened"]
    paper = WordPaper(Text(f"修复专案 {quarter} · {about}", f"Repair plan {quarter} · {about}"), replace(head, day=opened))
    paper.heading(Text("负责与期限", "Who and until when"))
    paper.table(
        (Text("负责人", "Leader"), Text("开始", "Opened"), Text("期限", "Due"), Text("批准人", "Approved by")),
        [[names.get(plan.get("leader")) or plan.get("leader"), opened, plan.get("due"), plan.get("approved_by")]],
    )
    paper.heading(Text("客户怎么说", "What customers said"))
    said = [
        [names.get(row.get("customer")) or row.get("customer"), row.get("score"), row.get("comment")]
        for row in detractors(answers, quarter, customer)
    ]
    if said:
        paper.table((Text("客户", "Customer"), Text("评分", "Score"), Text("意见", "Comment")), said)
    else:
        paper.text(Text("答卷没有留下意见：先打电话问清楚", "the answers leave no comment: call and ask first"))
    paper.heading(Text("现场整改", "Put right on site"))
    paper.text(str(plan.get("fix") or Text("待填写：在“修复专案”填整改措施", "to be filled in on Repair plans")))
    paper.heading(Text("补偿", "Compensation"))
    given = plan.get("compensation")
    unset = Text("待填写：金额与批准人", "to be filled in: how much, and who approved it")
    paper.text(unset if given is None else Text(f"{given:,.2f} 元", f"{given:,.2f} yuan"))
    paper.heading(Text("两周日程", "Two weeks"))
    span = (plan["due"] - opened).days if isinstance(plan.get("due"), dt.date) else weeks
    paper.table(
        (Text("截止", "By"), Text("做什么", "What"), Text("完成", "Done")),
        [[opened + dt.timedelta(days=span * part // (len(_STEPS) - 1)), what, None] for part, what in _STEPS],
    )
    return Made(KIND, f"{quarter}-{customer}" if customer else quarter, ENDING, paper.content())
