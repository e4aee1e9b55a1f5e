"""Deals have their projects' day of delivery, tasks name tasks of their project, stamps of a ticket follow each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.answers import WARNING, Problem
from workbook_templates.chapters.delivery.projects import by_name
from workbook_templates.checking.core import Check, CheckList, Line, Mistake, held
from workbook_templates.tables.grids import Grid, Held

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan

DEALS, TASKS, TEMPLATES, STAMPS, REPAIRED = (
    "delivery.deals",
    "delivery.tasks",
    "delivery.templates",
    "tickets.stamps",
    "tickets.repaired",
)


def _deals(plan: Plan) -> Line:
    """Projects whose deal says another day, or none."""
    projects, deals = plan.table("Projects"), plan.table("Deals")
    said = f"SUMIFS({deals.delivered},{deals.id},{projects.deal})"
    return Line(f'SUMPRODUCT(({projects.deal}<>"")*({said}<>{projects.delivered}+0))', needs="Projects.deal")


def _tasks(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    found = held(grids, "ProjectTasks")
    if found is not None:
        yield from _unknown(found, "project", TASKS)


def _templates(grids: Mapping[str, Grid]) -> Iterator[Problem]:
    found = held(grids, "TaskTemplates")
    if found is not None:
        yield from _unknown(found, "template", TEMPLATES)


def _unknown(found: Held, key: str, code: str) -> Iterator[Problem]:
    """Predecessors that are no tasks of the same project or template."""
    known = {name: {str(row.get("task") or "").casefold() for row in rows} for name, rows in by_name(found.rows, key).items()}
    for index, row in enumerate(found.rows):
        for name in _listed(row.get("predecessors")):
            if name.casefold() not in known.get(str(row.get(key)), set()):
                text = Text(f"前置任务“{name}”不在 {row.get(key)} 的任务中", f"“{name}” is no task of {row.get(key)}")
                yield Problem(found.grid.sheet, *found.at(index, "predecessors"), text, code=code)


def _listed(cell: object) -> list[str]:
    said = str(cell or "")
    for mark in "、，；;":
        said = said.replace(mark, ",")
    return [part.strip() for part in said.split(",") if part.strip()]


def _stamps(plan: Plan) -> Line:
    tickets = plan.table("Tickets")
    wrong = "+".join(f"ISNUMBER({at})*({at}<{tickets.opened})" for at in (tickets.solution_at, tickets.part_at))
    return Line(f"SUMPRODUCT(ISNUMBER({tickets.opened})*(({wrong})>0))", needs="Tickets.opened")


def _repaired(plan: Plan) -> Line:
    tickets = plan.table("Tickets")
    return Line(
        f"SUMPRODUCT(ISNUMBER({tickets.repaired_at})*((1-ISNUMBER({tickets.failed_at}))+({tickets.repaired_at}<{tickets.failed_at})>0))",
        needs="Tickets.opened",
    )


CHECKS = CheckList(87, (
    Check(
        DEALS, "Projects", Text("成交的交付日期 = 项目的交付日期", "Deals have their projects' day of delivery"),
        Text("点“登记交付”", "Click Record delivery"), WARNING, line=_deals,
        fault=(Mistake("Deals.delivered", None, lambda row: row.get("delivered") and row.get("id") == "D27-0001"),),
    ),
    Check(
        TASKS, "schedule", Text("前置任务都在本项目中", "Predecessors are of the same project"),
        Text("改正前置任务的名称", "Correct the names of predecessors"), faults=_tasks,
        fault=(Mistake("ProjectTasks.predecessors", "?", 1),),
    ),
    Check(
        TEMPLATES, "Projects", Text("模板的前置任务都在本模板中", "Predecessors are of the same template"),
        Text("改正前置任务的名称", "Correct the names of predecessors"), faults=_templates,
        fault=(Mistake("TaskTemplates.predecessors", "?", 1),),
    ),
    Check(
        STAMPS, "Tickets", Text("方案与到货不早于受理", "Solution and part come after the ticket"),
        Text("核对工单的时间", "Check the ticket's times"), line=_stamps,
        fault=(Mistake("Tickets.solution_at", 40_000.0, 2),),
    ),
    Check(
        REPAIRED, "Tickets", Text("恢复有故障时间，且在其后", "Each repair follows a failure"),
        Text("核对故障与恢复时间", "Check failure and repair"), line=_repaired,
        fault=(Mistake("Tickets.failed_at", None, 3),),
    ),
))  # fmt: skip
