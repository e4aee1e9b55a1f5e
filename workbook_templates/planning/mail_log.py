"""邮件记录 / Mail log: what went to whom when, and what the server said."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates import style
from workbook_templates.planning.builder import Plan

ORDER = 96
_ROW = 6


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "mail_log",
        Text("邮件记录", "Mail log"),
        Text(
            "每封邮件一行，只增不改；撤销不会抹去已发出的邮件",
            "A row each mail, only added to; undo takes no mail back that was sent",
        ),
        tab=style.MUTED,
        freeze=f"A{_ROW + 1}",
        todo=Text("不用填写；查谁收到了什么", "Nothing to fill in; shows who got what"),
    )
    page.width(B=18, C=14, D=10, E=16, F=11, G=13, H=16, I=30, J=44, K=36, L=36, M=62)
    page.print_titles(_ROW)
    page.records("MailLog", f"B{_ROW}")
