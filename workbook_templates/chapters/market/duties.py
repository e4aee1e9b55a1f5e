"""An indicator beyond its limits: whoever follows it says within ten working days what it means."""

from __future__ import annotations

from collections.abc import Iterator

from udfs.text import Text
from workbook_templates.chapters.market.signals import NORMAL, states
from workbook_templates.chapters.market.tables import SIGNALS
from workbook_templates.tables.duties import Day, DueTask, Duties, DutyRule


def _alerts(day: Day) -> Iterator[DueTask]:
    indicators = {row["code"]: row for row in day.rows("Indicators") if row.get("code")}
    said = {word.code: word.label for word in SIGNALS}
    for code, signal in states(indicators.values(), day.rows("IndicatorValues"), day.setting).items():
        if signal.state in (None, NORMAL):
            continue
        row = indicators[code]
        state = said[str(signal.state)]
        limits = f"{signal.low:g}–{signal.high:g}"
        yield DueTask(
            object=code,
            episode=signal.period,
            title=Text(
                f"{row.get('name') or code} {signal.period} 为 {signal.value:g}，{state.zh}（区间 {limits}）：判断影响，写应对",
                f"{row.get('name') or code} {signal.period}: {signal.value:g} is {state.en.lower()} ({limits}): say what it means for us",
            ),
            owner=row.get("owner"),
            days=int(day.setting("tasks.signal_days")),
            table="Indicators",
        )


DUTIES = Duties(10, (DutyRule("signal", Text("指标异动", "Indicator alert"), _alerts, ("Indicators", "IndicatorValues")),))
