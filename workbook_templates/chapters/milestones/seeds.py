"""The eleven milestones of January to May that the plan names; later months are the user's."""

from __future__ import annotations

import datetime as dt
from typing import Any

from udfs.phasing import month_text
from udfs.text import Text
from workbook_templates.tables.spec import Row

# Month and day (ours), chapter, name, what it waits for; in the order of their days.
_SEEDS: tuple[tuple[int, int, int, Text, tuple[int, ...]], ...] = (
    (1, 15, 1, Text("市场洞察报告", "Market insight"), ()),
    (1, 22, 1, Text("年度目标签发", "Targets signed"), (1,)),
    (1, 29, 11, Text("费用预算批准", "Budget approved"), (2,)),
    (2, 25, 3, Text("新品发布", "Product launch"), (1,)),
    (2, 26, 4, Text("渠道大会", "Channel convention"), (2,)),
    (3, 18, 6, Text("春季峰会", "Spring summit"), (4,)),
    (3, 31, 5, Text("一季度冲刺", "First-quarter sprint"), (2,)),
    (4, 20, 4, Text("海外试点启动", "Overseas pilot"), (5,)),
    (4, 28, 9, Text("碳中和白皮书", "Carbon white paper"), ()),
    (5, 23, 3, Text("Flex 模块库上线", "Flex library"), (4,)),
    (5, 28, 6, Text("客户开放日", "Open day"), (6,)),
)


def rows(year: int, owner: Any = None, since: dt.date = dt.date.min) -> list[Row]:
    """A row for each from a day on, none done; what comes before is no milestone here, and nothing waits for it."""
    first = next(
        (number for number, (month, day, *_) in enumerate(_SEEDS, 1) if dt.date(year, month, day) >= since), len(_SEEDS) + 1
    )
    return [
        {
            "id": f"M{number:02d}", "name": str(name), "chapter": chapter, "month": month_text(year, month), "due": dt.date(year, month, day),
            "owner": owner, "done": None, "evidence": None, "depends": "、".join(f"M{other:02d}" for other in waits if other >= first) or None, "told": None,
            "revision": None,
        }
        for number, (month, day, chapter, name, waits) in enumerate(_SEEDS, 1)
        if number >= first
    ]  # fmt: skip
