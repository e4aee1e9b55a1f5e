"""待发邮件 / Outbox: what was composed, to be looked at before anything is sent."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates import style
from workbook_templates.planning.builder import Plan

ORDER = 95
_ROW = 6


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "outbox",
        Text("待发邮件", "Outbox"),
        Text(
            "由“生成邮件草稿”写入：逐封核对后再发送；“暂不发送”填“是”或删去该行，就不发",
            "Written by “Draft mails”: look at each before sending; Hold = Yes, or the row deleted, and it is not sent",
        ),
        tab=style.MUTED,
        freeze=f"D{_ROW + 1}",
        todo=Text("发送前核对收件人、主题、金额与“注意”", "Before sending look at recipient, subject, total and “Look at”"),
    )
    page.width(B=13, C=16, D=30, E=16, F=11, G=44, H=15, I=34, J=9, K=10, L=40, M=52, N=62)
    page.print_titles(_ROW)
    page.records("Outbox", f"B{_ROW}")
