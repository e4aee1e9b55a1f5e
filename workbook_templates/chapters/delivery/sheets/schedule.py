"""项目排程 / Schedule: the tasks of a project counted back from its promised day, as a Gantt, over the Table of all tasks."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.chapters.delivery.sheets.delivery import bars_of, put
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.navigation import RESULT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import NOTHING

_TABLE_ROW = 28
_MOST = 12


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "schedule",
        Text("项目排程", "Schedule"),
        Text(
            "由承诺交期按工作日倒排：最迟日期、时差、关键路径", "Counted back in working days: latest days, slack, critical path"
        ),
        todo=Text(
            "选一个项目看甘特图；改工期或前置任务后点“登记交付”",
            "Choose a project; after changing days or predecessors click Record delivery",
        ),
    )
    page.width(B=14, C=14, D=10, E=18, F=12, G=13, H=13, I=10, J=9, K=13, L=13)
    projects = plan.table("Projects")
    page.heading(f"B{FIRST_ROW}", Text("甘特图", "Gantt"), until="L")
    page.label(f"B{FIRST_ROW + 1}", Text("项目（空：最早到期的）", "Project (blank: due first)"), grow=False)
    page.input(
        f"D{FIRST_ROW + 1}",
        None,
        "text",
        "schedule_choice",
        note=Text("项目编号；留空为未交付中最早到期的", "a project's number; blank: the open one due first"),
    )
    open_ = f"ISNUMBER({projects.promised})*(1-ISNUMBER({projects.delivered}))"
    days = f"IF({open_}>0,{projects.promised},10^6)"
    chosen = (
        f'IF(schedule_choice<>"",schedule_choice,IF(SUMPRODUCT({open_})=0,"",INDEX({projects.id},MATCH(MIN({days}),{days},0))))'
    )
    page.label(f"F{FIRST_ROW + 1}", Text("显示", "Shown"), muted=True, grow=False)
    page.formula(f"G{FIRST_ROW + 1}", f"={chosen}", "text", "schedule_project")
    _gantt(plan, page)
    page.print_titles(_TABLE_ROW)
    page.records("ProjectTasks", f"B{_TABLE_ROW}")


def _gantt(plan: Plan, page: Page) -> None:
    """Its tasks from latest start to latest finish; what is critical is marked."""
    row, data, count = FIRST_ROW, plan.drawn("cd_tasks", Text("项目任务", "Tasks")), _MOST
    tasks, projects, chosen = plan.table("ProjectTasks"), plan.table("Projects"), plan.name("schedule_project")
    data.header(f"B{row}", [Text("任务", "Task"), Text("最迟开始", "Latest start"), Text("最迟完成", "Latest finish")])
    key = f"({tasks.project}<>{chosen})*10^6+{tasks.place}-MIN({tasks.place})+1"
    data.label(f"O{row}", Text("次序", "Order"))  # the last column: what stands beside begins behind it
    for place in range(1, count + 1):
        here = row + place
        put(data, f"O{here}", f"IFERROR(SUMPRODUCT(SMALL({key},{place})),10^7)", "int")
        none = f'OR({chosen}="",N(O{here})>10^6)'
        critical = f'IF(INDEX({tasks.critical},O{here})={plan.quoted(_YES)}," ★","")'
        put(data, f"B{here}", f"IF({none},{NOTHING},INDEX({tasks.task},O{here})&{critical})", "text")
        for letter, cells in (("C", tasks.latest_start), ("D", tasks.latest_finish)):
            put(data, f"{letter}{here}", f'IF({none},"",IF(ISNUMBER(INDEX({cells},O{here})),INDEX({cells},O{here}),""))', "date")
    promised = f'IFERROR(TEXT(INDEX({projects.promised},MATCH({chosen},{projects.id},0)),"yyyy-mm-dd"),"–")'
    said = f'{chosen}&{plan.quoted(Text("：承诺 ", ": promised "))}&{promised}&{plan.quoted(Text("，★ 为关键任务；今天 ", ", ★ is critical; today "))}&TEXT({plan.name("as_of")},"mm-dd")'
    bars_of(plan, page, data, f"B{FIRST_ROW + 3}", row, count, said, (24, 7.6), "ProjectTasks")
    plan.put_away(data)


_YES = Text("是", "Yes")

SHEET = PlanSheet(47.4, build, part=RESULT)
