"""The team's rhythm: key results, meetings, coaching, and the half-yearly talent review."""

from __future__ import annotations

from udfs.team import BOXES
from udfs.text import Text
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs, Word
from workbook_templates.tables.words import PERCENT, score

MEET, TALENT = Text("准备会议", "Prepare meeting"), Text("刷新人才池", "Refresh talent pool")
DAILY, WEEKLY, MONTHLY = "daily", "weekly", "monthly"
MEETINGS = (
    Word(DAILY, Text("早会", "Daily"), ("晨会", "day")), Word(WEEKLY, Text("周会", "Weekly"), ("week",)), Word(MONTHLY, Text("月会", "Monthly"), ("month",)),
)  # fmt: skip
STEPS = (
    Word("tell", Text("我说你听", "I tell, you listen")), Word("show", Text("我做你看", "I show, you watch")),
    Word("watch", Text("你做我看", "You do, I watch")), Word("explain", Text("你说我听", "You tell, I listen")),
)  # fmt: skip
RUNNING, DONE = "running", "done"
COACHED = (
    Word(RUNNING, Text("进行中", "Running")),
    Word(DONE, Text("完成", "Done")),
    Word("cancelled", Text("取消", "Cancelled")),
)
BOX_WORDS = tuple(Word(code, label) for code, label in BOXES.items())
MOVES = (
    Word("new", Text("新入池", "New in pool")), Word("stays", Text("在池", "In pool")), Word("left", Text("出池", "Left pool")),
    Word("out", Text("未入池", "Not in pool")), Word("barred", Text("价值观不达标", "Barred by values")),
)  # fmt: skip


def _written(key: str, zh: str, en: str, kind: str, by: Text, required: bool = False, **more: object) -> Column:
    return Column(key, Text(zh, en), kind, required=required, by_program=True, by=by, **more)  # type: ignore[arg-type]


_OKRS = TableSpec(
    "Okrs",
    Text("目标与关键结果", "Objectives and key results"),
    (
        Column("person", Text("工号", "Person"), "id", refers="People.id"),
        Column("period", Text("季度", "Quarter"), "quarter"),
        Column("objective", Text("目标", "Objective")),
        Column("kr", Text("关键结果", "Key result")),
        Column("start", Text("起点", "Start"), "number"),
        Column("target", Text("目标值", "Target"), "number"),
        Column("current", Text("现值", "Current"), "number"),
        Column("due", Text("期限", "Due"), "date"),
        Column("weight", Text("权重", "Weight"), "number", required=False, low=0, note=Text("空：1", "blank: 1")),
        Column(
            "progress",
            Text("完成度", "Progress"),
            "rate",
            PERCENT,
            formula='=IF(COUNT({start},{target},{current})<3,"",IF({target}={start},"",MAX(0,({current}-{start})/({target}-{start}))))',
        ),
    ),
    ("person", "period", "kr"),
    page=PageSpec(
        38.3,
        Text("每人每季的关键结果；完成度低于辅导线的安排陪访", "Key results by person and quarter; below the coaching line visits are joined"),
        beside="meetings",
        wraps={"objective": 24, "kr": 24},
    ),
    yearly=True,
)  # fmt: skip

_MEETINGS = TableSpec(
    "Meetings",
    Text("会议", "Meetings"),
    (
        _written("id", "编号", "ID", "id", MEET, required=True),
        Column("kind", Text("会议", "Meeting"), "word", words=MEETINGS),
        Column("at", Text("时间", "Time"), "time"),
        Column("chair", Text("主持人工号", "Chair"), "id", refers="People.id"),
        Column("minutes", Text("时长", "Length"), "int", Text("分钟", "minutes"), required=False, low=0),
        Column("pain1", Text("痛点一", "First pain"), required=False),
        Column("pain2", Text("痛点二", "Second pain"), required=False),
        Column("best", Text("最佳做法", "Best practice"), required=False),
        _written("metrics", "当时的数字", "Figures then", "text", MEET),
    ),
    ("id",),
    page=PageSpec(
        38.2,
        Text("开过与要开的会：数字由按钮存下，痛点与做法由人写", "Meetings held and to come: figures kept by the button, pains and practice by people"),
        Text("点“准备会议”，材料在“会议材料”页", "Click Prepare meeting; its figures are on Meeting pack"),
        title=Text("周会月会", "Meetings"),
        frozen=2,
        wraps={"pain1": 24, "pain2": 24, "best": 24, "metrics": 40},
    ),
    yearly=True,
)  # fmt: skip

_COACHING = TableSpec(
    "CoachingPlans",
    Text("辅导计划", "Coaching plans"),
    (
        Column("person", Text("工号", "Person"), "id", refers="People.id"),
        Column("month", Text("月份", "Month"), "period"),
        Column("kr", Text("关键结果", "Key result")),
        Column("progress", Text("完成度", "Progress"), "rate", PERCENT),
        Column("director", Text("总监工号", "Director"), "id", refers="People.id"),
        *(Column(f"day{n}", Text(f"陪访日{n}", f"Visit day {n}"), "date", required=False) for n in (1, 2, 3)),
        Column("customers", Text("客户", "Customers"), required=False),
        Column("skill", Text("技能", "Skill"), required=False),
        Column("shown", Text("四步", "Four steps"), "word", words=STEPS, required=False),
        Column("result", Text("结果", "Result"), required=False),
        Column("status", Text("状态", "Status"), "word", words=COACHED),
    ),
    ("person", "month"),
    page=PageSpec(
        38.4,
        Text("KR 低于辅导线的人：总监陪访三天，四步教会一项技能", "Who is below the line: three days of joint visits, one skill taught in four steps"),
        beside="meetings",
    ),
    yearly=True,
)  # fmt: skip

_TALENT = TableSpec(
    "TalentReviews",
    Text("人才盘点", "Talent reviews"),
    (
        Column("person", Text("工号", "Person"), "id", refers="People.id"),
        Column("half", Text("半年", "Half-year"), "id", note=Text("写成 2027-H1", "write it as 2027-H1")),
        *(Column(c.key, c.header, c.kind, c.unit, required=True, low=c.low, high=c.high) for c in (
            score("performance", "绩效", "Performance"), score("potential", "潜力", "Potential"), score("value_score", "价值观", "Values"),
        )),
        Column("successor_for", Text("接班岗位", "Successor for"), "id", refers="People.id", required=False, note=Text("他可以接谁的岗位：填那个人的工号", "whose post: that person's ID")),
        Column("by", Text("评审人工号", "Reviewed by"), "id", refers="People.id"),
        _written("box", "九宫格", "Nine-box", "word", TALENT, words=BOX_WORDS, open_words=True),
        Column("reads", Text("文章阅读量", "Article reads"), "int", formula='=IF({person}="",0,SUMIFS({Articles.reads},{Articles.person},{person}))'),
        _written("place", "人才池", "Pool", "word", TALENT, words=MOVES),
    ),
    ("person", "half"),
)  # fmt: skip

TABLES = TableSpecs(18, (_MEETINGS, _OKRS, _COACHING, _TALENT))
