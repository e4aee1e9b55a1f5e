"""An indicator beyond its limits: whoever follows it says within ten working days what it means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from udfs.text import Text
from workbook_templates.chapters.market.signals import NORMAL, states
from workbook_templates.chapters.market.tables import CLAIMED, SIGNALS, WATCHED
from workbook_templates.tables.duties import EVENING, Day, DueTask, Duties, DutyRule


def _alerts(day: Day) -> Iterator[DueTask]:
    indicators = {row["code"]: row for row in day.rows("Indicators") if row.get("code")}
    said = {word.code: word.label for word in SIGNALS}
    for code, signal in states(indicators.values(), day.rows("IndicatorValues"), day.setting, day.as_of).items():
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


def _policies(day: Day) -> Iterator[DueTask]:
    """What is still to be done about a policy, a month before its day and after it."""
    for row in day.rows("PolicyWatch"):
        due = row.get("due")
        if not row.get("id") or row.get("status") not in (WATCHED, CLAIMED) or not isinstance(due, dt.date):
            continue
        if due - day.as_of > dt.timedelta(days=float(day.setting("policies.soon_days"))):
            continue
        head, what = row.get("title") or row["id"], row.get("follow_up") or Text("写明跟进动作", "say what is to be done")
        yield DueTask(
            object=str(row["id"]),
            episode=f"{due:%Y-%m-%d}",
            title=Text(f"{head}：", f"{head}: ") + (what if isinstance(what, Text) else Text(str(what), str(what))),
            owner=row.get("owner"),
            until=dt.datetime.combine(due, EVENING),
            table="PolicyWatch",
        )


DUTIES = Duties(
    10,
    (
        DutyRule("signal", Text("指标异动", "Indicator alert"), _alerts, ("Indicators", "IndicatorValues")),
        DutyRule("policy", Text("政策事项", "Policy follow-up"), _policies, ("PolicyWatch",)),
    ),
)
