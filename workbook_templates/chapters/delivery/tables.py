"""Projects and what they are made of, tickets, sensors, and what customers say: the Tables of delivery and service."""

from __future__ import annotations

from udfs.delivery import LIGHTS
from udfs.nps import ACTIONS
from udfs.service import STATES
from udfs.text import Text
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs, Word
from workbook_templates.tables.words import YES_NO, YUAN

DELIVER, SERVICE = Text("登记交付", "Record delivery"), Text("检查服务", "Check service")
GREEN, YELLOW, RED = "green", "yellow", "red"
PROJECT_LIGHTS = tuple(Word(code, label) for code, label in LIGHTS.items())
CAUSES = (
    Word("material", Text("物料", "Material")), Word("design", Text("设计", "Design")), Word("customer", Text("客户", "Customer")),
    Word("capacity", Text("产能", "Capacity")), Word("logistics", Text("物流", "Logistics")),
)  # fmt: skip
COMMON, OTHER, NONE = "common", "other", "none"
PARTS = (
    Word(COMMON, Text("常用件", "Common"), ("常用", "common part")), Word(OTHER, Text("非常用件", "Other"), ("非常用", "uncommon", "other part")),
    Word(NONE, Text("无需", "None"), ("无", "不需要", "no part", "not needed")),
)  # fmt: skip
KEPT, LATE, OPEN = "kept", "late", "open"
SLA_STATES = tuple(Word(code, label) for code, label in STATES.items())
REPAIR = "repair"
NPS_ACTIONS = tuple(Word(code, label) for code, label in ACTIONS.items())
RUNNING, DONE = "running", "done"
REPAIR_STATES = (Word(RUNNING, Text("进行", "Running"), ("进行中",)), Word(DONE, Text("完成", "Done"), ("已完成",)))

_DAYS, _HOURS = Text("工作日", "working days"), Text("小时", "hours")
_CUSTOMER = ("客户号", "客户代码", "customer", "account id")


def _written(key: str, zh: str, en: str, kind: str, by: Text, unit: Text = Text("", ""), **more: object) -> Column:
    return Column(key, Text(zh, en), kind, unit, required=False, by_program=True, by=by, **more)  # type: ignore[arg-type]


def _of_deal(key: str) -> str:
    return f'=IF({{deal}}="","",IFERROR(INDEX({{Deals.{key}}},MATCH({{deal}},{{Deals.id}},0))&"",""))'


_PROJECTS = TableSpec(
    "Projects",
    Text("交付项目", "Projects"),
    (
        Column("id", Text("项目编号", "Project"), "id", aliases=("项目号", "project id", "project no"), note=Text("签单时由按钮给号", "given at signing, by the button")),
        Column("deal", Text("单号", "Deal ID"), "id", refers="Deals.id", aliases=("订单号", "合同号")),
        Column("customer", Text("客户编号", "Customer ID"), "text", formula=_of_deal("customer"), names="Customers.id"),
        Column("promised", Text("承诺交期", "Promised"), "date", aliases=("交期", "计划交付日期", "promised date", "due date")),
        Column("delivered", Text("交付日期", "Delivered"), "date", required=False, aliases=("实际交付日期", "delivery date")),
        Column(
            "days_late", Text("晚几天", "Days late"), "int", Text("自然日", "calendar days"),
            formula='=IF({promised}="","",IF(AND(ISNUMBER({delivered}),N({delivered})<=as_of),{delivered},as_of)-{promised})',
        ),
        _written("light", "交付灯", "Light", "word", SERVICE, words=PROJECT_LIGHTS),
        Column("cause", Text("原因", "Cause"), "word", words=CAUSES, required=False),
        Column("pm", Text("项目经理工号", "Project manager"), "id", refers="People.id", aliases=("项目经理", "pm")),
        Column("value", Text("合同金额", "Contract value"), "money", YUAN, required=False, low=0,
               note=Text("空：按成交的收入；多年合同填全额", "blank: the deal's revenue; a contract of several years: all of it")),
        Column("start", Text("开工日期", "Start"), "date", required=False, note=Text("空：签单日期", "blank: the day of signing")),
        Column("template", Text("交付模板", "Template"), refers="TaskTemplates.template"),
        Column("seller", Text("主办工号", "Seller ID"), "text", formula=_of_deal("seller")),
        Column("supply", Text("供应链工号", "Supply chain"), "id", refers="People.id", required=False),
        Column("accepted", Text("验收日期", "Accepted"), "date", required=False),
        Column("first_promised", Text("原承诺交期", "First promised"), "date", required=False, note=Text("改期前的交期", "before it was put off")),
        Column("agreed_by", Text("改期同意人", "Agreed by"), required=False, note=Text("客户或内部谁同意改期", "who agreed to the new day")),
        Column("shipped_on", Text("发货日期", "Shipped on"), "date", required=False),
        Column("place", Text("行号", "Row"), "int", formula="=ROW()"),
        Column("ship_value", Text("发货金额", "Ship value"), "money", YUAN, required=False, low=0),
    ),
    ("id",),
    page=PageSpec(
        47.2,
        Text("一单一个项目：承诺、交付、原因；签单时给号", "A project a deal: promised, delivered, why late; numbered at signing"),
        Text("点“登记交付”为未交付的成交建项目并排程；交付后填日期", "Record delivery opens projects for deals and schedules them; enter the day when delivered"),
        title=Text("项目", "Projects"),
        printed=60,
        widths={"id": 14, "cause": 9, "template": 14},
    ),
    identity=("id", "deal", "customer"),
    judged=("light", "days_late", "promised", "delivered", "value", "pm", "cause", "start", "shipped_on"),
)  # fmt: skip

_TEMPLATES = TableSpec(
    "TaskTemplates",
    Text("交付模板", "Task templates"),
    (
        Column("template", Text("模板", "Template"), note=Text("与产品线同名的自动套用", "one called as a product line is used for it")),
        Column("task", Text("任务", "Task")),
        Column("days", Text("工期", "Days"), "number", _DAYS, low=0),
        Column("predecessors", Text("前置任务", "Predecessors"), required=False, note=Text("同模板的任务名，用、分隔", "tasks of the template, separated by commas")),
    ),
    ("template", "task"),
    page=PageSpec(47.3, Text("每条产品线怎样交付", "How each product line is delivered"), beside="projects", widths={"template": 14, "task": 14}),
)  # fmt: skip

_TASKS = TableSpec(
    "ProjectTasks",
    Text("项目任务", "Project tasks"),
    (
        Column("project", Text("项目编号", "Project"), "id", refers="Projects.id"),
        Column("task", Text("任务", "Task")),
        Column("days", Text("工期", "Days"), "number", _DAYS, low=0),
        Column("predecessors", Text("前置任务", "Predecessors"), required=False, note=Text("同项目的任务名，用、分隔", "tasks of the project, separated by commas")),
        Column("owner", Text("负责人工号", "Owner"), "id", refers="People.id", required=False),
        _written("latest_start", "最迟开始", "Latest start", "date", DELIVER),
        _written("latest_finish", "最迟完成", "Latest finish", "date", DELIVER),
        _written("slack", "时差", "Slack", "number", DELIVER, _DAYS),
        _written("critical", "关键", "Critical", "flag", DELIVER, words=YES_NO),
        Column("started", Text("开始日期", "Started"), "date", required=False),
        Column("finished", Text("完成日期", "Finished"), "date", required=False),
        Column("place", Text("行号", "Row"), "int", formula="=ROW()"),
    ),
    ("project", "task"),
)  # fmt: skip

_TICKETS = TableSpec(
    "Tickets",
    Text("工单", "Tickets"),
    (
        Column("id", Text("工单号", "Ticket"), "id", aliases=("工单编号", "单号", "ticket id", "case number", "work order")),
        Column("customer", Text("客户编号", "Customer ID"), "id", refers="Customers.id", aliases=_CUSTOMER),
        Column("device", Text("设备", "Device"), "id", required=False, aliases=("设备编号", "设备序列号", "serial number", "asset")),
        Column("opened", Text("受理时间", "Opened"), "time", aliases=("报修时间", "创建时间", "opened at", "created", "created time")),
        Column("part", Text("配件", "Part"), "word", words=PARTS, aliases=("配件类型", "备件类别", "part type"), default=NONE),
        Column("solution_at", Text("方案时间", "Solution at"), "time", required=False, aliases=("响应时间", "方案提交时间", "first response", "responded at")),
        Column("part_at", Text("到货时间", "Part at"), "time", required=False, aliases=("备件到货时间", "part arrived", "delivered at")),
        Column("failed_at", Text("故障时间", "Failed at"), "time", required=False, aliases=("停机时间", "down since", "failure time")),
        Column("repaired_at", Text("恢复时间", "Repaired at"), "time", required=False, aliases=("修复时间", "resolved at", "restored at")),
        Column("engineer", Text("工程师", "Engineer"), required=False, aliases=("处理人", "服务工程师", "assignee")),
        Column("cause", Text("原因", "Cause"), required=False, aliases=("故障原因", "root cause")),
        _written("solution_hours", "方案用时", "Solution time", "number", SERVICE, _HOURS),
        _written("solution_light", "方案时限", "Solution SLA", "word", SERVICE, words=SLA_STATES),
        _written("part_hours", "到货用时", "Part time", "number", SERVICE, _HOURS),
        _written("part_light", "到货时限", "Part SLA", "word", SERVICE, words=SLA_STATES),
    ),
    ("id",),
    page=PageSpec(
        47.5,
        Text("从服务系统导入：4 小时给方案，24、72 小时到件", "From the service system: solution in 4 hours, parts in 24 or 72"),
        Text("导入工单，点“检查服务”", "Import tickets, click Check service"),
        frozen=1,
        printed=60,
        widths={"id": 12, "opened": 16, "solution_at": 16, "part_at": 16},
    ),
    pasted=True,
    identity=("id", "customer"),
    judged=("solution_light", "part_light", "opened", "part", "solution_at", "part_at", "solution_hours", "part_hours"),
)  # fmt: skip

_SENSORS = TableSpec(
    "Sensors",
    Text("测点", "Sensors"),
    (
        Column("device", Text("设备", "Device"), "id", aliases=("设备编号",)),
        Column("sensor", Text("测点", "Sensor"), "id", aliases=("测点名称",)),
        Column("limit", Text("限值", "Limit"), "number"),
        Column("customer", Text("客户编号", "Customer ID"), "id", refers="Customers.id", required=False, aliases=_CUSTOMER),
        _written("light", "灯", "Light", "word", SERVICE, words=PROJECT_LIGHTS),
        _written("predicted", "预计日期", "Predicted", "date", SERVICE),
        _written("earliest", "最早日期", "Earliest", "date", SERVICE),
        _written("slope", "每日变化", "Slope a day", "number", SERVICE),
        _written("p", "显著性 p", "p-value", "number", SERVICE),
    ),
    ("device", "sensor"),
    page=PageSpec(47.6, Text("每个测点的限值与预警", "The limit of each sensor, and its warning"), beside="tickets"),
)  # fmt: skip

_READINGS = TableSpec(
    "Readings",
    Text("读数", "Readings"),
    (
        Column("device", Text("设备", "Device"), "id", aliases=("设备编号",)),
        Column("sensor", Text("测点", "Sensor"), "id", aliases=("测点名称",)),
        Column("time", Text("时间", "Time"), "time", aliases=("采集时间", "timestamp")),
        Column("reading", Text("读数", "Reading"), "number", aliases=("数值", "value")),
    ),
    ("device", "sensor", "time"),
    page=PageSpec(
        47.7, Text("每天一个中位数；更细的留在文件里", "The median of a day; finer data stay in the file"), beside="tickets"
    ),
    pasted=True,
)

_WAVES = TableSpec(
    "SurveyWaves",
    Text("调研批次", "Survey waves"),
    (
        Column("quarter", Text("季度", "Quarter"), "quarter"),
        Column("agency", Text("调研机构", "Agency")),
        Column("population", Text("客户总数", "Population"), "int", Text("家", "count"), low=1),
        Column("closed_on", Text("结束日期", "Closed on"), "date", required=False),
        _written("answers", "有效答卷", "Answers", "int", SERVICE),
        _written("nps", "NPS", "NPS", "number", SERVICE),
        _written("low", "区间下限", "Low", "number", SERVICE),
        _written("high", "区间上限", "High", "number", SERVICE),
        _written("action", "结论", "What to do", "word", SERVICE, words=NPS_ACTIONS),
    ),
    ("quarter",),
    page=PageSpec(
        47.8,
        Text("第三方季度 NPS：样本够不够，要不要修复", "Quarterly NPS by an agency: sample enough, repair needed?"),
        Text("填批次，导入答卷，点“检查服务”", "Enter the wave, import its answers, click Check service"),
        title=Text("NPS调研", "NPS"),
        printed=60,
    ),
)  # fmt: skip

_ANSWERS = TableSpec(
    "SurveyAnswers",
    Text("NPS答卷", "Survey answers"),
    (
        Column("quarter", Text("季度", "Quarter"), "quarter", refers="SurveyWaves.quarter", aliases=("批次", "wave")),
        Column("customer", Text("客户编号", "Customer ID"), "id", refers="Customers.id", required=False, aliases=_CUSTOMER),
        Column("respondent", Text("答卷人", "Respondent"), required=False, aliases=("受访人", "联系人", "contact")),
        Column("score", Text("推荐分", "Score"), "int", Text("0–10 分", "0–10"), low=0, high=10, aliases=("评分", "推荐意愿", "nps score", "rating")),
        Column("comment", Text("意见", "Comment"), required=False, aliases=("反馈", "评论", "feedback", "verbatim")),
        Column("region", Text("区域", "Region"), formula='=IF({customer}="","",IFERROR(INDEX({Customers.region},MATCH({customer},{Customers.id},0))&"",""))'),
    ),
    page=PageSpec(47.9, Text("每份答卷一行，由机构导出", "A row an answer, from the agency's export"), beside="survey_waves", wraps={"comment": 30}),
    pasted=True,
)  # fmt: skip

_REPAIRS = TableSpec(
    "RepairPlans",
    Text("修复专案", "Repair plans"),
    (
        Column("quarter", Text("季度", "Quarter"), "quarter", refers="SurveyWaves.quarter"),
        Column("customer", Text("客户编号", "Customer ID"), "id", refers="Customers.id", required=False, note=Text("空：整批", "blank: the whole wave")),
        Column("opened", Text("启动日期", "Opened"), "date"),
        Column("due", Text("期限", "Due"), "date", note=Text("启动后 14 天", "14 days after it was opened")),
        Column("leader", Text("负责人工号", "Leader"), "id", refers="People.id"),
        Column("fix", Text("整改措施", "Fix"), required=False),
        Column("compensation", Text("补偿", "Compensation"), "fen", YUAN, required=False, low=0, adds=True),
        Column("approved_by", Text("批准人", "Approved by"), required=False),
        Column("status", Text("状态", "Status"), "word", words=REPAIR_STATES, default=RUNNING),
        Column("closed", Text("完成日期", "Closed"), "date", required=False),
        Column("renps", Text("复测 NPS", "NPS again"), "number", required=False, low=-100, high=100),
    ),
    ("quarter", "customer"),
    page=PageSpec(47.95, Text("NPS 低于 45 的，两周内整改", "NPS below 45: put right within two weeks"), beside="survey_waves", wraps={"fix": 30}),
)  # fmt: skip

TABLES = TableSpecs(77, (_PROJECTS, _TEMPLATES, _TASKS, _TICKETS, _SENSORS, _READINGS, _WAVES, _ANSWERS, _REPAIRS))
