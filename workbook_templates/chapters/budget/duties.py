"""A month is over and a line missed its ROI target: whoever answers for it says what is done about it."""

from __future__ import annotations

from collections.abc import Iterator

from udfs.text import Text
from udfs.values import ExcelError
from workbook_templates.chapters.budget.rolling import months_of, rolled
from workbook_templates.tables.duties import Day, DueTask, Duties, DutyRule
from workbook_templates.tables.schema import BUDGET_LINES


def _missed(day: Day) -> Iterator[DueTask]:
    month = day.closed
    if not month:
        return
    for word, target in zip(BUDGET_LINES, day.setting("roi.targets"), strict=False):
        rows = months_of(day.rows("Budget"), word.code)
        found = rolled(rows, target, month, day.setting("budget.cut")) if target and any(rows) else []
        if isinstance(found, ExcelError) or not found or found[month - 1][2] is not False:
            continue
        cut = found[month][4] if month < len(rows) else 0.0
        yield DueTask(
            object=str(word.label),
            episode=f"{day.year}-{month:02d}",
            title=Text(
                f"{word.label.zh}：{month} 月 ROI 未达标，次月预算转入预留 {cut:,.0f} 元；说明原因与措施",
                f"{word.label.en}: ROI of month {month} missed, {cut:,.0f} yuan of next month go to the reserve; say why and what is done",
            ),
            days=int(day.setting("tasks.roi_days")),
            table="Budget",
        )


DUTIES = Duties(110, (DutyRule("roi", Text("ROI未达标", "ROI missed"), _missed, ("Budget",)),))
