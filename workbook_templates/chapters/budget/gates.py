"""No money without a goal: a line of the budget needs an ROI target before it spends."""

from __future__ import annotations

from collections.abc import Iterator

from udfs.text import Text
from workbook_templates.tables.duties import Day
from workbook_templates.tables.gates import Gate, Gates, Moment
from workbook_templates.tables.schema import BUDGET_LINES


def _without_target(day: Day, line: str) -> Iterator[Text]:
    """``line`` names a line of the budget."""
    for word, target in zip(BUDGET_LINES, day.setting("roi.targets"), strict=False):
        if word.means(line) and not target:
            yield word.label + Text(
                "没有 ROI 目标：请在“参数”填写后再花钱", " has no ROI target: set one on Settings before money is spent"
            )


def _called(day: Day, line: str) -> Iterator[str]:
    """A line as people write it, in either language."""
    yield from (name for word in BUDGET_LINES if word.means(line) for name in (word.code, *word.label))


GATES = Gates(110, (Gate("roi", Text("ROI目标", "ROI target"), _without_target, "Budget", (Moment.SPEND,), names=_called),))
