"""Check service: lights of projects, tickets against their limits, sensors towards theirs, NPS of each wave; what follows is ordered."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import Any

from addin import documents
from addin.action import Action, Outcome, Progress
from addin.book import Book
from addin.dispatching import day_of
from udfs.text import SEMICOLON, Text, joined, speaking
from workbook_templates.answers import ERROR, WARNING, Problem, Refused
from workbook_templates.chapters.delivery import projects, repair_file, service
from workbook_templates.chapters.delivery.tables import RUNNING, SERVICE
from workbook_templates.tables import duties
from workbook_templates.tables.duties import Day
from workbook_templates.tables.schema import Row

TABLES = ("Projects", "Tickets", "Sensors", "Readings", "SurveyWaves", "SurveyAnswers", "RepairPlans")
RULES = ("yellow", "red", "sla", "failure", "repair")


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Judge all of it, and order what follows."""
    found = book.problems(*TABLES, "Deals", "Customers", "People", "Roles", duties.TABLE)
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    day, outcome = day_of(book), Outcome(Text("", ""), problems=found)
    lights = _projects(book, day, outcome)
    progress(Text("工单", "tickets"))
    tickets = _tickets(book, day, outcome)
    progress(Text("测点与 NPS", "sensors and NPS"))
    sensors = _sensors(book, day, outcome)
    waves, repairs = _waves(book, day, outcome), _repairs(book, day, outcome)
    if outcome.errors:
        return Outcome.refused(outcome.problems)
    files = _files(book, day, outcome)
    ordered = _tasks(book, day, outcome)
    outcome.data = {
        "files": [str(path) for path in files],
        "projects": lights,
        "tickets": tickets,
        "sensors": sensors,
        "waves": waves,
        "repairs": repairs,
        "tasks": ordered,
    }
    outcome.summary = _summary(lights, tickets, sensors, waves, repairs, ordered)
    return outcome


def _edit(outcome: Outcome, table: str, index: int, row: Row, given: Row) -> None:
    changed = {key: cell for key, cell in given.items() if row.get(key) != cell}
    if changed:
        outcome.changes.edit(table, index, **changed)


def _projects(book: Book, day: Day, outcome: Outcome) -> dict[str, int]:
    rows = book.read("Projects").rows
    found = projects.lights(rows, day.as_of, float(day.setting("delivery.yellow")))
    for index, (row, light) in enumerate(zip(rows, found, strict=True)):
        _edit(outcome, "Projects", index, row, {"light": light})
    return {light: found.count(light) for light in ("green", "yellow", "red")} if rows else {}


def _tickets(book: Book, day: Day, outcome: Outcome) -> dict[str, int]:
    """Hours and states of tickets; one that can't be judged is named and stops it all."""
    held = book.read("Tickets")
    counts = dict.fromkeys(("kept", "late", "open"), 0)
    limits = [float(limit) for limit in day.setting("sla.limits")]
    if held.rows:
        outcome.changes.solid.add("Tickets")
    for index, (row, found) in enumerate(zip(held.rows, service.sla(held.rows, day.now, limits), strict=True)):
        if isinstance(found, Text):
            text = Text(f"{row.get('id')}：", f"{row.get('id')}: ") + found
            outcome.problems.append(Problem(held.grid.sheet, *held.at(index, "opened"), text))
            continue
        _edit(outcome, "Tickets", index, row, _settled(found, row, day.now))
        counts[found["solution_light"]] += 1
    return counts if held.rows else {}


def _settled(found: Row, row: Row, now: dt.datetime) -> Row:
    """Without the hours of what has no end yet, in time or late: they grow by the minute."""
    ended = {key: isinstance(row.get(f"{key}_at"), dt.datetime) and row[f"{key}_at"] <= now for key in ("solution", "part")}
    return found | {f"{key}_hours": None for key, over in ended.items() if not over}


def _sensors(book: Book, day: Day, outcome: Outcome) -> dict[str, int]:
    held = book.read("Sensors")
    readings = service.by_sensor(book.read("Readings").rows)
    counts = dict.fromkeys(("green", "yellow", "red"), 0)
    for index, row in enumerate(held.rows):
        mine = readings.get((str(row["device"]), str(row["sensor"])), [])
        found = service.warned(row, mine, day.as_of, day.setting)
        if found.reason is not None:
            text = Text(f"{row['device']} {row['sensor']}：", f"{row['device']} {row['sensor']}: ") + found.reason
            outcome.problems.append(Problem(held.grid.sheet, *held.at(index, "sensor"), text, WARNING))
        if found.light is not None:
            counts[found.light] += 1
        _edit(outcome, "Sensors", index, row, found.written)
    return counts if held.rows else {}


def _waves(book: Book, day: Day, outcome: Outcome) -> dict[str, float]:
    """NPS of each wave; written beside it."""
    held, answers = book.read("SurveyWaves"), projects.by_name(book.read("SurveyAnswers").rows, "quarter")
    out: dict[str, float] = {}
    for index, row in enumerate(held.rows):
        found = service.judged(answers.get(str(row["quarter"]), []), row.get("population"), day.setting)
        if isinstance(found, Text):
            text = Text(f"{row['quarter']}：", f"{row['quarter']}: ") + found
            outcome.problems.append(Problem(held.grid.sheet, *held.at(index, "population"), text))
            continue
        given: Row = dict.fromkeys(("answers", "nps", "low", "high", "action"))
        if found is not None:
            out[str(row["quarter"])] = round(found.nps, 1)
            given = {"answers": found.answers, "nps": found.nps, "low": found.low, "high": found.high, "action": found.action}
        _edit(outcome, "SurveyWaves", index, row, given)
    return out


def _repairs(book: Book, day: Day, outcome: Outcome) -> int:
    """A repair plan for what needs one and has none: what was said, who leads, two weeks."""
    plans = {(str(row.get("quarter")), row.get("customer") or None) for row in book.read("RepairPlans").rows}
    leader = duties.in_role(day, "service") or duties.in_role(day, duties.DIRECTOR)
    waves = [row for row in book.read("SurveyWaves").rows if str(row.get("quarter") or "").startswith(str(day.year))]
    new: list[Row] = []
    for one in service.to_repair(waves, book.read("SurveyAnswers").rows, day.as_of, day.setting):
        if (one.quarter, one.customer) in plans:
            continue
        if leader is None:
            text = Text(
                "修复专案没有负责人：在“岗位”填售后总监", "no leader for the repair plan: enter a service director in Roles"
            )
            outcome.problems.append(Problem(book.read("SurveyWaves").grid.sheet, 0, 0, text, WARNING))
            break
        said = joined(one.comments, between=SEMICOLON) if one.comments else Text("待填写", "to be filled in")
        with speaking(book.lang):  # a cell
            fix = str(Text("客户意见：", "customers said: ") + said)
        due = day.as_of + dt.timedelta(days=int(day.setting("nps.repair_days")))
        new.append({
            "quarter": one.quarter, "customer": one.customer, "opened": day.as_of, "due": due, "leader": leader, "status": RUNNING,
            "fix": fix,
        })  # fmt: skip
    outcome.changes.add("RepairPlans", new)
    return len(new)


def _files(book: Book, day: Day, outcome: Outcome) -> list[Path]:
    """Each running repair plan as a Word file; where that can't be written the rest is done all the same, and it is said."""
    plans = [*book.read("RepairPlans").rows, *outcome.changes.added.get("RepairPlans", ())]
    running = [p for p in plans if p.get("status") == RUNNING and p.get("quarter") and isinstance(p.get("opened"), dt.date)]
    if not running:
        return []
    names = {row["id"]: row.get("name") for table in ("Customers", "People") for row in book.read(table).rows if row.get("id")}
    answers, weeks = book.read("SurveyAnswers").rows, int(day.setting("nps.repair_days"))
    try:
        return documents.keep(
            book, outcome, lambda head: [repair_file.document(plan, answers, names, head, weeks) for plan in running]
        )
    except Refused as refused:
        outcome.notes.append(Text("修复专案没有写成 Word：", "no Word file of the repair plan: ") + refused.text)
        return []


def _tasks(book: Book, day: Day, outcome: Outcome) -> int:
    """As the daily routine orders them."""
    done = duties.dispatched(day, {rule: duties.every()[rule] for rule in RULES})
    if done.lacking:
        text = Text(
            "待办没有下达：没有售后总监，也没有总监，请在“岗位”填写",
            "no tasks: nobody is service director or director; fill in Roles",
        )
        outcome.problems.append(Problem(book.read("Projects").grid.sheet, 0, 0, text, WARNING))
    outcome.changes.add(duties.TABLE, done.new)
    for index, row in done.edits.items():
        outcome.changes.edit(duties.TABLE, index, **row)
    return len(done.new)


def _summary(
    lights: dict[str, int], tickets: dict[str, int], sensors: dict[str, int], waves: dict[str, Any], repairs: int, ordered: int
) -> Text:
    parts: list[Text] = []
    if lights:
        parts.append(
            Text(f"项目 红 {lights['red']} 黄 {lights['yellow']}", f"projects red {lights['red']}, yellow {lights['yellow']}")
        )
    if tickets:
        parts.append(
            Text(
                f"工单超时 {tickets['late']}、进行中 {tickets['open']}", f"tickets late {tickets['late']}, open {tickets['open']}"
            )
        )
    if sensors:
        parts.append(
            Text(f"测点 红 {sensors['red']} 黄 {sensors['yellow']}", f"sensors red {sensors['red']}, yellow {sensors['yellow']}")
        )
    if waves:
        last = max(waves)
        parts.append(Text(f"{last} NPS {waves[last]:g}", f"NPS {waves[last]:g} in {last}"))
    if repairs:
        parts.append(Text(f"新建修复专案 {repairs} 个", f"repair plans opened {repairs}"))
    if ordered:
        parts.append(Text(f"新下达待办 {ordered} 项", f"new tasks {ordered}"))
    if not parts:
        return Text(
            "没有可检查的：先建项目、导入工单、读数或答卷",
            "nothing to check: open projects, import tickets, readings or answers first",
        )
    return joined(parts, between=SEMICOLON)


ACTION = Action(
    label=SERVICE,
    tip=Text(
        "项目灯、工单时限、故障预警、NPS 一次检查，到期的事下达为待办",
        "Lights of projects, limits of tickets, warnings of sensors, NPS; what is due becomes a task",
    ),
    about=Text(
        "写项目的灯，工单的用时与时限，测点的预警，批次的 NPS；需要修复的新建修复专案并写成 Word，其余在“待办”下达。填写的内容不改。",
        "Writes lights, hours and limits of tickets, warnings of sensors, NPS of waves; opens repair plans, each a Word file, and orders tasks. "
        "What people entered stays.",
    ),
    group="delivery",
    order=20,
    icon="CheckNames",
    keytip="72",
    run=run,
    guards=False,
    examples=Text("示例：\n  salesplan service 计划.xlsx", "examples:\n  salesplan service plan.xlsx"),
)
