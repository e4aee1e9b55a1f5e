"""What people learn, write and pass on; who is a star of the month."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs, Word

BOOK, COURSE, EXPERT = "book", "course", "expert"
KINDS = (Word(BOOK, Text("书", "Book")), Word(COURSE, Text("课程", "Course")), Word(EXPERT, Text("专家", "Expert")))
STARS = (Word("win", Text("赢", "Win")), Word("trust", Text("信", "Trust")), Word("speed", Text("快", "Speed")))
_PERSON = Text("工号", "Person")
# An article's text without blanks: spaces, narrow, wide and unbroken, line ends, tabs.
_BARE = '{text}&""'
for _blank in ('" "', '"\u3000"', "UNICHAR(160)", "CHAR(10)", "CHAR(13)", "CHAR(9)"):
    _BARE = f'SUBSTITUTE({_BARE},{_blank},"")'

_LOG = TableSpec(
    "GrowthLog",
    Text("成长记录", "Growth log"),
    (
        Column("person", _PERSON, "id", refers="People.id"),
        Column("kind", Text("类别", "Kind"), "word", words=KINDS),
        Column("title", Text("名称", "Title")),
        Column("on", Text("日期", "Date"), "date"),
        Column(
            "evidence", Text("依据", "Evidence"), note=Text("笔记、证书、访谈纪要等", "notes, certificate, minutes of a talk")
        ),
    ),
    ("person", "kind", "title"),
    page=PageSpec(
        85.2,
        Text("3-3-3 合同：一年 30 本书、3 门课、30 位专家", "The 3-3-3 contract: 30 books, 3 courses, 30 experts a year"),
        beside="growth",
    ),
    yearly=True,
)

_ARTICLES = TableSpec(
    "Articles",
    Text("洞察文章", "Articles"),
    (
        Column("person", _PERSON, "id", refers="People.id"),
        Column("month", Text("月份", "Month"), "period"),
        Column("title", Text("题目", "Title")),
        Column(
            "text",
            Text("正文", "Text"),
            required=False,
            note=Text("粘贴正文；或在右边填字数", "paste the text, or enter its length beside"),
        ),
        Column("length", Text("字数", "Length"), "int", required=False, low=0),
        Column("published_on", Text("发布日期", "Published on"), "date", required=False),
        Column("reads", Text("阅读量", "Reads"), "int", required=False, low=0),
        Column(
            "characters",
            Text("计字数", "Characters"),
            "int",
            formula=f'=IF({{person}}="",0,MAX(N({{length}}),LEN({_BARE})))',
        ),
    ),
    ("person", "month", "title"),
    page=PageSpec(
        85.3,
        Text("每月一篇，不少于 3000 字（不含空格）", "One a month, 3,000 characters without blanks at least"),
        beside="growth",
    ),
    yearly=True,
)

_SHADOWS = TableSpec(
    "Shadows",
    Text("影子学员", "Learners"),
    (
        Column("coach", Text("教练工号", "Coach"), "id", refers="People.id"),
        Column("learner", Text("学员工号", "Learner"), "id", refers="People.id"),
        Column("skill", Text("技能", "Skill")),
        *(
            Column(f"step{n}", title, "date", required=False)
            for n, title in enumerate(
                (
                    Text("我说你听", "I tell"),
                    Text("我做你看", "I show"),
                    Text("你做我看", "You do"),
                    Text("你说我听", "You tell"),
                ),
                1,
            )
        ),
    ),
    ("coach", "learner", "skill"),
    page=PageSpec(
        85.4,
        Text("每位总监两名以上学员，一项技能四步依次填日期", "Two learners at least for each director; four dated steps a skill"),
        beside="growth",
    ),
)

_JOINT_DAYS = TableSpec(
    "JointDays",
    Text("陪访", "Joint days"),
    (
        Column("coach", Text("教练工号", "Coach"), "id", refers="People.id"),
        Column("learner", Text("学员工号", "Learner"), "id", refers="People.id"),
        Column("date", Text("日期", "Date"), "date"),
        Column("customer", Text("客户编号", "Customer ID"), "id", refers="Customers.id", open_refers=True),
    ),
    ("coach", "learner", "date", "customer"),
    page=PageSpec(
        85.5, Text("每位教练每月不少于 5 个不同的陪访日", "Five different days a month and coach at least"), beside="growth"
    ),
    yearly=True,
)

_STARS = TableSpec(
    "Stars",
    Text("月星", "Stars"),
    (
        Column("month", Text("月份", "Month"), "period"),
        Column("star", Text("星", "Star"), "word", words=STARS),
        Column("person", _PERSON, "id", refers="People.id"),
        Column("story", Text("事迹", "Story")),
        Column("film", Text("影片", "Film"), required=False),
        Column("shown_on", Text("播放日期", "Shown on"), "date", note=Text("周一早会", "at a Monday's meeting")),
    ),
    ("month", "star"),
    page=PageSpec(
        85.6, Text("每月赢、信、快各一位", "One each month for Win, Trust and Speed"), beside="growth", widths={"story": 44}
    ),
    yearly=True,
)

TABLES = TableSpecs(80, (_LOG, _ARTICLES, _SHADOWS, _JOINT_DAYS, _STARS))
