"""What delivery and service must do today: late projects, tickets near their limit, sensors near theirs, customers who would not recommend us."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from udfs.text import Text, counted
from workbook_templates.chapters.delivery import projects, service
from workbook_templates.chapters.delivery.tables import DONE, RED, YELLOW
from workbook_templates.tables.duties import EVENING, Day, DueTask, Duties, DutyRule

_WHAT = {"solution": Text("技术方案", "solution"), "part": Text("到货", "part")}


def _of_light(day: Day, light: str) -> Iterator[tuple[dict[str, object], int]]:
    rows = [row for row in day.rows("Projects") if row.get("id") and not projects.delivered(row, day.as_of)]
    for row, found in zip(rows, projects.lights(rows, day.as_of, float(day.setting("delivery.yellow"))), strict=True):
        if found == light:
            yield row, projects.late(row, day.as_of)


def _yellow(day: Day) -> Iterator[DueTask]:
    sellers = {row["id"]: row.get("seller") for row in day.rows("Deals") if row.get("id")}
    for row, days in _of_light(day, YELLOW):
        beside = (sellers.get(row.get("deal")), row.get("supply"))
        yield DueTask(
            object=str(row["id"]),
            episode=f"{row['promised']:%Y-%m-%d}",
            title=Text(
                f"项目 {row['id']} 黄灯，已晚 {days} 天：项目例会定追赶措施",
                f"project {row['id']} is yellow, {counted(days, 'day')} late: meet, and decide how to catch up",
            ),
            owner=row.get("pm"),  # type: ignore[arg-type]
            others=() if row.get("supply") else ("supply",),
            people=tuple(str(person) for person in beside if person),
            days=int(day.setting("tasks.yellow_days")),
            table="Projects",
        )


def _red(day: Day) -> Iterator[DueTask]:
    sellers = {row["id"]: row.get("seller") for row in day.rows("Deals") if row.get("id")}
    lines = {row["id"]: row.get("line") for row in day.rows("People") if row.get("id")}
    for row, days in _of_light(day, RED):
        yield DueTask(
            object=str(row["id"]),
            episode=f"{row['promised']:%Y-%m-%d}",
            title=Text(
                f"项目 {row['id']} 红灯，已晚 {days} 天：升级到事业部总经理，召集高层协调会",
                f"project {row['id']} is red, {counted(days, 'day')} late: the division's GM calls the meeting",
            ),
            role="division",
            line=lines.get(sellers.get(row.get("deal"))),
            people=(str(row["pm"]),) if row.get("pm") else (),
            others=("supply",),
            days=int(day.setting("tasks.red_days")),
            table="Projects",
        )


def _sla(day: Day) -> Iterator[DueTask]:
    limits, warning = day.setting("sla.limits"), float(day.setting("sla.warning"))
    for one in service.pressing(day.rows("Tickets"), day.now, limits, warning):
        what, state = _WHAT[one.what], Text("已超时", "over its limit") if one.over else Text("将超时", "near its limit")
        yield DueTask(
            object=str(one.ticket.get("id")),
            episode=one.what,
            title=Text(
                f"工单 {one.ticket.get('id')} {what.zh}{state.zh}（{one.until:%m-%d %H:%M}）：派人跟到关闭",
                f"ticket {one.ticket.get('id')}: {what.en} {state.en} ({one.until:%Y-%m-%d %H:%M}): see it through",
            ),
            role="service",
            until=one.until,
            table="Tickets",
        )


def _failure(day: Day) -> Iterator[DueTask]:
    readings = service.by_sensor(day.rows("Readings"))
    for row in day.rows("Sensors"):
        if not row.get("device") or row.get("limit") is None:
            continue
        mine = readings.get((str(row["device"]), str(row["sensor"])), [])
        found = service.warned(row, mine, day.as_of, day.setting)
        if found.light in (None, service.GREEN):
            continue
        when = found.predicted if found.light == RED else found.earliest
        ahead = day.as_of if when is None else max(day.as_of, when - dt.timedelta(days=int(day.setting("failure.lead"))))
        told = (
            Text("已到限值", "at its limit")
            if when is None
            else Text(f"预计 {when:%m-%d} 到限值", f"reaches its limit on {when}")
        )
        yield DueTask(
            object=f"{row['device']}/{row['sensor']}",
            episode=f"{service.since(row, mine, day.as_of, day.setting):%Y-%m-%d}",
            title=Text(
                f"设备 {row['device']} 测点 {row['sensor']} {told.zh}：安排检修",
                f"device {row['device']}, sensor {row['sensor']} {told.en}: have it serviced",
            ),
            role="service",
            until=dt.datetime.combine(ahead, EVENING),
            table="Sensors",
        )


def _repair(day: Day) -> Iterator[DueTask]:
    done = {
        (str(row.get("quarter")), row.get("customer") or None) for row in day.rows("RepairPlans") if row.get("status") == DONE
    }
    names = {row["id"]: row.get("name") for row in day.rows("Customers") if row.get("id")}
    waves = [row for row in day.rows("SurveyWaves") if str(row.get("quarter") or "").startswith(str(day.year))]
    for one in service.to_repair(waves, day.rows("SurveyAnswers"), day.as_of, day.setting):
        if (one.quarter, one.customer) in done:
            continue
        who = (
            Text("整批", "the wave")
            if one.customer is None
            else Text(*[f"{one.customer} {names.get(one.customer) or ''}".strip()] * 2)
        )
        yield DueTask(
            object=one.customer or one.quarter,
            episode=one.quarter,
            title=Text(
                f"{one.quarter} NPS {one.nps:.1f}（{who.zh}）：两周内完成修复专案",
                f"{one.quarter}, NPS {one.nps:.1f} ({who.en}): a repair plan within two weeks",
            ),
            role="service",
            until=dt.datetime.combine(one.closed_on + dt.timedelta(days=int(day.setting("nps.repair_days"))), EVENING),
            table="Customers" if one.customer else "SurveyWaves",
        )


DUTIES = Duties(
    70,
    (
        DutyRule("yellow", Text("交付黄灯", "Delivery yellow"), _yellow, ("Projects", "Deals")),
        DutyRule("red", Text("交付红灯", "Delivery red"), _red, ("Projects", "Deals")),
        DutyRule("sla", Text("服务时限", "Service limits"), _sla, ("Tickets",), hours=True),
        DutyRule("failure", Text("故障预警", "Failure warning"), _failure, ("Sensors", "Readings")),
        DutyRule(
            "repair", Text("修复专案", "Repair plan"), _repair, ("SurveyWaves", "SurveyAnswers", "RepairPlans", "Customers")
        ),
    ),
)
