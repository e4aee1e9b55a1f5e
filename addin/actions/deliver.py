"""Record delivery: a project with a number for every deal that is still to be delivered, its tasks counted back from the promised day; a
new promised day with who agreed; and a shipment, once every gate lets it through."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from addin.action import Action, Outcome, Progress
from addin.book import Book
from addin.dispatching import barred, day_of
from udfs.text import Text, counted
from workbook_templates.answers import ERROR, WARNING, Problem, Refused, offered
from workbook_templates.chapters.delivery import projects
from workbook_templates.chapters.delivery.tables import DELIVER
from workbook_templates.intake.parsing import fold
from workbook_templates.tables import gates
from workbook_templates.tables.duties import Day
from workbook_templates.tables.grids import Held
from workbook_templates.tables.schema import Row

PROJECTS, TASKS, TEMPLATES = "Projects", "ProjectTasks", "TaskTemplates"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its own options."""

    def add(name: str, zh: str, en: str, **settings: Any) -> None:
        parser.add_argument(name, help=str(Text(zh, en)), **settings)

    add("--project", "改这个项目的承诺交期，或发货", "put off, or ship, this project", metavar="ID")
    add("--promised", "新的承诺交期", "the new promised day", metavar="YYYY-MM-DD")
    add("--agreed", "谁同意改期", "who agreed to it", metavar="NAME")
    add(
        "--ship",
        "发货：先问信用、款到发货、出口、会审各道关卡",
        "ship it: asks credit, cash before shipment, export, signatures",
        action="store_true",
    )
    add(
        "--value",
        "发货金额，元；不填为合同金额",
        "what is shipped, yuan; default: the contract's value",
        metavar="YUAN",
        type=float,
    )


def run(book: Book, options: argparse.Namespace, progress: Progress) -> Outcome:
    """Open, schedule and light; or one project as asked."""
    found = book.problems(PROJECTS, TASKS, TEMPLATES, "Deals", "People")
    if any(p.level == ERROR for p in found):
        return Outcome.refused(found)
    day, held = day_of(book), book.read(PROJECTS)
    outcome = Outcome(Text("", ""), problems=found)
    if options.project:
        return _one(book, day, held, options, outcome)
    if options.promised or options.agreed or options.ship or options.value is not None:
        raise Refused(Text("请用 --project 指明项目", "say which project with --project"))
    new = _opened(book, day, held, outcome)
    planned = _schedule(book, day, held, outcome)
    passed = _deals(book, held, outcome)
    lit = _lights(book, day, held, outcome)
    outcome.summary = _summary(len(new), planned, passed)
    outcome.data = {
        "opened": len(new),
        "scheduled": planned,
        "deals": passed,
        "lights": lit,
        "projects": [row["id"] for row in new],
    }
    return outcome


# ------------------------------------------------------------------------------------------------------------ opening


def _opened(book: Book, day: Day, held: Held, outcome: Outcome) -> list[Row]:
    """A project, with tasks, for each deal that has none and is not delivered."""
    deals = book.read("Deals")
    templates = projects.by_name(book.read(TEMPLATES).rows, "template")
    codes = {row.get("region"): row.get("code") for row in book.optional("Regions")}
    managers = {row["id"]: row.get("manager") for row in book.read("People").rows if row.get("id")}
    known = {row.get("deal") for row in held.rows}
    number = projects.last_number(row.get("id") for row in held.rows)
    out: list[Row] = []
    for index, deal in enumerate(deals.rows):
        if not _wanted(deal, known, day.as_of):
            continue
        name = projects.template_of(deal.get("line"), templates)
        if name is None:
            outcome.notes.append(_no_template(deal))
            continue
        why = gates.refusals(day, gates.Moment.SCHEDULE, str(deal["id"]))
        made = _project(deal, name, templates[name], codes, managers, number + 1, day) if not why else why[0]
        if isinstance(made, Text):
            text = Text(f"{deal['id']} 没有建项目：", f"{deal['id']}: no project: ") + made
            outcome.problems.append(Problem(deals.grid.sheet, *deals.at(index, "id"), text, WARNING))
            continue
        number += 1
        out.append(made)
        outcome.changes.add(TASKS, _tasks_of(made, templates[name]))
    if out:
        outcome.changes.add(PROJECTS, out)
    outcome.notes = list(dict.fromkeys(outcome.notes))
    return out


def _wanted(deal: Row, known: set[Any], as_of: dt.date) -> bool:
    signed, done = deal.get("date"), deal.get("delivered")
    there = isinstance(signed, dt.date) and signed <= as_of and not deal.get("original")
    return bool(there and deal.get("id") and deal["id"] not in known and not done)


def _no_template(deal: Row) -> Text:
    line = deal.get("line") or "–"
    return Text(
        f"产品线 {line} 没有交付模板，其成交不建项目：需要的话在“项目”页的交付模板加行",
        f"no task template for product line {line}, so no projects for its deals: add one to Task templates if needed",
    )


def _project(
    deal: Row, template: str, tasks: Sequence[Row], codes: Mapping[Any, Any], managers: Mapping[Any, Any], number: int, day: Day
) -> Row | Text:
    """The row of a new project; why there can be none."""
    region = deal.get("region")
    code = codes.get(region) if codes and region else projects.WHOLE_COUNTRY
    if not code:
        return Text(
            f"区域“{region}”没有代码：在“1 市场”的区域表填两位字母",
            f"region “{region}” has no code: enter two letters in Regions",
        )
    name = projects.code_of(deal["date"], str(code), number)
    days = projects.length(tasks)
    if isinstance(name, Text) or isinstance(days, Text):
        return name if isinstance(name, Text) else days  # type: ignore[return-value]
    room = max(0, days - 1) + int(day.setting("delivery.buffer"))
    start = deal["date"]
    if projects.worked(start, room) < day.as_of:  # signed long ago: the work begins now
        start = day.as_of
    return {
        "id": name, "deal": deal["id"], "template": template, "promised": projects.worked(start, room), "start": start,
        "pm": managers.get(deal.get("seller")) or deal.get("seller"), "light": "green",
    }  # fmt: skip


def _tasks_of(project: Row, template: Sequence[Row]) -> list[Row]:
    rows = [
        {"project": project["id"], "task": row["task"], "days": row["days"], "predecessors": row.get("predecessors")}
        for row in template
    ]
    found = projects.scheduled(rows, project["promised"], project["start"])
    return rows if isinstance(found, Text) else [row | days for row, days in zip(rows, found.rows, strict=True)]


# --------------------------------------------------------------------------------------------------------- scheduling


def _schedule(book: Book, day: Day, held: Held, outcome: Outcome) -> int:
    """How many projects that run were counted back anew; what can't be is said at its cell."""
    tasks = book.read(TASKS)
    mine: dict[str, list[int]] = {}
    for index, row in enumerate(tasks.rows):
        if row.get("project"):
            mine.setdefault(str(row["project"]), []).append(index)
    count = 0
    for index, project in enumerate(held.rows):
        places = mine.get(str(project.get("id")), [])
        if not places or projects.delivered(project, day.as_of) or not isinstance(project.get("promised"), dt.date):
            continue
        why = gates.refusals(day, gates.Moment.SCHEDULE, str(project.get("deal") or ""))
        found = why[0] if why else projects.scheduled([tasks.rows[i] for i in places], project["promised"], project.get("start"))
        if isinstance(found, projects.Scheduled) and found.behind:
            found = Text(
                f"按现在的任务已晚 {found.behind:g} 个工作日：用 --promised 和 --agreed 登记新交期与同意人",
                f"its tasks are {found.behind:g} working days behind: record a new day and who agreed with --promised and --agreed",
            )
        if isinstance(found, Text):
            text = Text(f"{project['id']} 没有排程：", f"{project['id']} was not scheduled: ") + found
            outcome.problems.append(Problem(held.grid.sheet, *held.at(index, "promised"), text, WARNING))
            continue
        for place, row in zip(places, found.rows, strict=True):
            _edit(outcome, TASKS, place, tasks.rows[place], row)
        count += 1
    return count


def _lights(book: Book, day: Day, held: Held, outcome: Outcome) -> dict[str, int]:
    """Each project's light as of the day."""
    found = projects.lights(held.rows, day.as_of, float(day.setting("delivery.yellow")))
    for index, (row, light) in enumerate(zip(held.rows, found, strict=True)):
        _edit(outcome, PROJECTS, index, row, {"light": light})
    return {light: found.count(light) for light in ("green", "yellow", "red")}


def _deals(book: Book, held: Held, outcome: Outcome) -> int:
    """Deals have the day of delivery of their projects."""
    days = {row.get("deal"): row.get("delivered") for row in held.rows if row.get("deal")}
    count = 0
    for index, deal in enumerate(book.read("Deals").rows):
        if deal.get("id") in days and deal.get("delivered") != days[deal["id"]]:
            outcome.changes.edit("Deals", index, delivered=days[deal["id"]])
            count += 1
    return count


def _edit(outcome: Outcome, table: str, index: int, row: Row, given: Row) -> None:
    changed = {key: cell for key, cell in given.items() if row.get(key) != cell}
    if changed:
        outcome.changes.edit(table, index, **changed)


# --------------------------------------------------------------------------------------------------------- one project


def _one(book: Book, day: Day, held: Held, options: argparse.Namespace, outcome: Outcome) -> Outcome:
    index = next((i for i, row in enumerate(held.rows) if fold(row.get("id") or "") == fold(options.project.strip())), None)
    if index is None:
        ids = [str(row["id"]) for row in held.rows if row.get("id")]
        raise Refused(
            Text(f"没有项目“{options.project}”", f"there is no project “{options.project}”") + offered(options.project, ids)
        )
    if options.ship:
        return _ship(book, day, held, index, options, outcome)
    if not options.promised or not (options.agreed or "").strip():
        raise Refused(
            Text(
                "改期请同时给出 --promised 与 --agreed；发货请加 --ship",
                "to put it off give --promised and --agreed; to ship it give --ship",
            )
        )
    return _put_off(held.rows[index], index, options, outcome, day)


def _put_off(row: Row, index: int, options: argparse.Namespace, outcome: Outcome, day: Day) -> Outcome:
    if projects.delivered(row, day.as_of):
        raise Refused(
            Text(
                f"{row['id']} 已于 {row['delivered']} 交付：承诺交期不能再改",
                f"{row['id']} was delivered on {row['delivered']}: its promised day can no longer change",
            )
        )
    try:
        promised = dt.date.fromisoformat(options.promised.strip())
    except ValueError:
        raise Refused(
            Text(
                f"--promised “{options.promised}”：请写成 2027-06-30", f"--promised “{options.promised}”: write it as 2027-06-30"
            )
        ) from None
    if promised < day.as_of:
        raise Refused(
            Text(
                f"新交期 {promised} 早于截止日期 {day.as_of}：请填以后的日子",
                f"the new day {promised} is before the as-of date {day.as_of}: take a later one",
            )
        )
    outcome.changes.edit(
        PROJECTS, index, promised=promised, agreed_by=options.agreed.strip(), first_promised=row.get("first_promised") or row.get("promised"),
    )  # fmt: skip
    outcome.summary = Text(
        f"{row['id']} 承诺交期改为 {promised}（{options.agreed.strip()} 同意）；再点一次“登记交付”重新排程",
        f"{row['id']} is promised for {promised} now ({options.agreed.strip()} agreed); run Record delivery again to schedule it",
    )
    outcome.data = {"project": row["id"], "promised": promised.isoformat()}
    return outcome


def _ship(book: Book, day: Day, held: Held, index: int, options: argparse.Namespace, outcome: Outcome) -> Outcome:
    """A shipment that every gate lets through."""
    row = held.rows[index]
    if row.get("shipped_on"):
        raise Refused(Text(f"{row['id']} 已于 {row['shipped_on']} 发货", f"{row['id']} was shipped on {row['shipped_on']}"))
    deal = next((d for d in book.read("Deals").rows if d.get("id") == row.get("deal")), None)
    if deal is None:
        raise Refused(
            Text(f"{row['id']} 的单号 {row.get('deal')} 不在“成交”中", f"deal {row.get('deal')} of {row['id']} is not in Deals")
        )
    why = gates.refusals(day, gates.Moment.SHIP, str(deal["id"]))
    if why:
        return barred(held, index, "shipped_on", Text(f"{row['id']} 不能发货：", f"{row['id']} can't be shipped: "), why)
    value = options.value if options.value is not None else row.get("value") or deal.get("revenue")
    if value is not None and value < 0:
        raise Refused(
            Text(f"发货金额 {value:,.2f} 为负：请填正数", f"the value shipped, {value:,.2f}, is negative: enter a positive one")
        )
    outcome.changes.edit(PROJECTS, index, shipped_on=day.as_of, ship_value=value)
    outcome.summary = Text(f"{row['id']} 已登记发货 {value or 0:,.2f} 元", f"{row['id']} shipped, {value or 0:,.2f} yuan")
    outcome.data = {"project": row["id"], "shipped": value}
    return outcome


def _summary(opened: int, planned: int, passed: int) -> Text:
    if not opened and not planned and not passed:
        return Text(
            "没有可登记的：成交都已交付，或在“项目”页还没有交付模板",
            "nothing to record: every deal is delivered, or Task templates on Projects is empty",
        )
    tail = (
        Text(f"；{passed} 单成交的交付日期按项目更新", f"; {counted(passed, 'deal')} got the project's day of delivery")
        if passed
        else Text("", "")
    )
    return Text(f"新建项目 {opened} 个，重新排程 {planned} 个", f"projects opened {opened}, scheduled {planned}") + tail


ACTION = Action(
    label=DELIVER,
    tip=Text(
        "未交付的成交各建一个项目，按承诺交期倒排任务；发货前问各道关卡",
        "Opens a project for each deal to be delivered, counts its tasks back; asks the gates before a shipment",
    ),
    about=Text(
        "新增“交付项目”与“项目任务”的行，写最迟日期、时差、关键与交付灯；成交的交付日期取自项目。改期写新交期与同意人，发货写日期与金额。",
        "Adds projects and tasks, writes latest days, slack, critical and light; deals take their project's day of delivery. Putting off writes the "
        "new day and who agreed, shipping day and value.",
    ),
    group="delivery",
    order=10,
    icon="Consolidate",
    keytip="71",
    run=run,
    arguments=arguments,
    guards=False,
    examples=Text(
        "示例：\n  salesplan deliver 计划.xlsx\n  salesplan deliver 计划.xlsx --project P27HD0017X --ship",
        "examples:\n  salesplan deliver plan.xlsx\n  salesplan deliver plan.xlsx --project P27HD0017X --ship",
    ),
)
