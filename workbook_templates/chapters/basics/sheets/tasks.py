"""待办 / Tasks: what the daily routine ordered; those that should be done by now are a red light."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.page.builder import Plan
from workbook_templates.page.marks import wrapped
from workbook_templates.page.navigation import INPUT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import Watch
from workbook_templates.tables import duties, schema

_ROW = 6
_WIDTHS = {
    "id": 10, "rule": 16, "object": 12, "episode": 12, "title": 48, "owner": 12, "others": 14, "opened_at": 17, "due_at": 17,
    "status": 10, "done_at": 17, "result": 40, "link": 14,
}  # fmt: skip


def build(plan: Plan) -> None:
    page = plan.page(
        "tasks",
        Text("待办", "Tasks"),
        Text(
            "“每日例行”下达的事：谁、到什么时候、办什么；办完填状态与结果",
            "What the daily routine ordered: who, until when, what; when done enter status and result",
        ),
        freeze=f"C{_ROW + 1}",
        todo=Text(
            "办完的填“完成”和结果；条件消除的会自动完成", "Set done and a result; a task whose cause is gone is closed by itself"
        ),
    )
    spec = schema.table(duties.TABLE)
    page.width(**{spec.letter(key): width for key, width in _WIDTHS.items()})
    page.print_titles(_ROW)
    last = page.records(duties.TABLE, f"B{_ROW}")
    for key in ("title", "result"):
        wrapped(page, spec.letter(key), _ROW + 1, last, _WIDTHS[key])
    tasks, as_of = plan.table(duties.TABLE), plan.name("as_of")
    running = "+".join(
        f"({tasks.status}={plan.quoted(word.label)})" for word in duties.STATES if word.code in (duties.OPEN, duties.RUNNING)
    )
    late = f"({running})*({tasks.due_at}<{as_of})*ISNUMBER({tasks.due_at})"
    days = f"IF({late}>0,{tasks.due_at},10^6)"
    page.watch(
        Watch(
            "tasks.overdue", Text("逾期待办", "Tasks overdue"), f"SUMPRODUCT({late})", "0", screen=1, fmt="int", lower=True,
            item=f"INDEX({tasks.id},MATCH(MIN({days}),{days},0))", table=f"{duties.TABLE}.id", owner="owner",
            due=f"IF(SUMPRODUCT({late})>0,MIN({days}),NA())", needs=f"{duties.TABLE}.id",
        )
    )  # fmt: skip


SHEET = PlanSheet(4.2, build, part=INPUT)
