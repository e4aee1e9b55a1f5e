"""A stalled opportunity that nobody decided about counts nothing in the weighted forecast."""

from __future__ import annotations

from collections.abc import Iterator

from udfs.text import Text
from workbook_templates.chapters.pipeline.duties import undecided
from workbook_templates.tables.duties import Day
from workbook_templates.tables.gates import Gate, Gates, Moment


def _stalled(day: Day, opportunity: str) -> Iterator[Text]:
    days = undecided(day).get(opportunity)
    if days is not None:
        yield Text(
            f"商机 {opportunity} 停留 {days} 天，未评审：加权预测计 0，请先做停滞评审",
            f"opportunity {opportunity} has been in its stage for {days} days, undecided: it counts 0 in the forecast until it is reviewed",
        )


GATES = Gates(80, (Gate("stalled", Text("停滞", "Stalled"), _stalled, "Opportunities", (Moment.FORECAST,)),))
