"""10 成长 / 10 Growth: the 3-3-3 contract by person, the months on a grid, coaches and their learners."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.chapters.growth.tables import KINDS, STARS
from workbook_templates.page import charts
from workbook_templates.page.builder import FIRST_ROW, NOT_PRINTED, Page, Plan
from workbook_templates.page.ranked import Ranking, order_of, ranked
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import AMBER as ORANGE
from workbook_templates.page.watches import ANY, EVEN, GREEN, RED, Watch
from workbook_templates.tables.schema import LEVELS

_PEOPLE, _GRID = FIRST_ROW + 5, FIRST_ROW + 22
_SHOWN = 12
_GOOD = 1.0  # of what the contract asks for by now


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "growth",
        Text("10 成长", "10 Growth"),
        Text("3-3-3 合同、洞察文章、月星、教练与学员", "The 3-3-3 contract, articles, stars, coaches and learners"),
        todo=Text("右侧表格随时记；月末看缺什么", "Enter in the Tables beside; at month end see what is missing"),
    )
    page.width(B=16, **dict.fromkeys("CDEFGHIJKLMN", 10))
    _share(plan, page)
    _people(plan, page)
    _months(plan, page)
    page.prints(f"A1:N{_GRID + 10}", NOT_PRINTED)
    _watches(plan, page)


def _share(plan: Plan, page: Page) -> None:
    """How much of the year is over, by working days, and what the contract asks for."""
    row = FIRST_ROW
    page.label(f"B{row}", Text("全年已过", "Of the year"), grow=False)
    page.formula(f"C{row}", f"={plan.name(EVEN)}", "rate", "growth_share")
    _contracts(plan)
    _coaching(plan)
    page.label(f"B{row + 1}", Text("最慢的进度", "The slowest"), grow=False)
    page.formula(f"C{row + 1}", '=IFERROR(IF(COUNT(growth_all#)=0,"–",MIN(growth_all#)),"–")', "rate", "growth_slowest")
    for letter, word, goal in zip("EGI", KINDS, (1, 2, 3), strict=True):
        page.label(f"{letter}{row}", word.label + Text("（一年）", ", a year"), grow=False)
        page.formula(f"{chr(ord(letter) + 1)}{row}", f"=INDEX({plan.policy('growth.goals')},{goal})", "int")


def _count(plan: Plan, person: str, place: int) -> str:
    """What somebody did of a kind, by the as-of date."""
    log = plan.table("GrowthLog")
    return f'COUNTIFS({log.person},{person},{log.kind},{plan.quoted(KINDS[place].label)},{log.on},"<="&{plan.name("as_of")})'


def _people(plan: Plan, page: Page) -> None:
    """Those under contract, the slowest first: done, share of what is asked, light."""
    people, row = plan.table("People"), _PEOPLE
    page.heading(f"B{row - 2}", Text("3-3-3 合同（按人）", "The 3-3-3 contract by person"), until="G")
    page.header(
        f"B{row - 1}",
        [Text("姓名", "Name"), *(word.label for word in KINDS), Text("进度", "Progress"), Text("灯", "Light")],
    )
    for k in range(_SHOWN):
        at = row + k
        nth = f"SMALL(growth_done#,{k + 1})"  # who is listed above is told by the places there: equals follow each other
        page.formula(
            f"H{at}",
            f"=IFERROR(SUMPRODUCT(MATCH(1,(growth_done#={nth})*(COUNTIF(H${row - 1}:H{at - 1},growth_place#)=0),0)),0)",
            "int",
            boxed=False,
        )
        page.sheet[f"H{at}"].number_format = ";;;"
        person = f"INDEX({people.id},$H{at})"
        page.formula(
            f"B{at}", f'=IF($H{at}=0,"",IF(INDEX({people.name},$H{at})="",{person},INDEX({people.name},$H{at})))', "text"
        )
        for letter, place in zip("CDE", range(len(KINDS)), strict=True):
            page.formula(f"{letter}{at}", f'=IF($H{at}=0,"",{_count(plan, person, place)})', "int")
        goals = plan.policy("growth.goals")
        least = ",".join(f"{letter}{at}/(INDEX({goals},{place})*growth_share)" for place, letter in enumerate("CDE", 1))
        page.formula(f"F{at}", f'=IF(OR($H{at}=0,growth_share=0),"",MIN({least}))', "rate")
        words = [plan.quoted(word) for word in (GREEN, ORANGE, RED)]
        page.formula(
            f"G{at}",
            f'=IF(F{at}="","",IF(ROUND(F{at},9)>={_GOOD:g},{words[0]},IF(ROUND(F{at},9)>={plan.policy("growth.fair")},{words[1]},{words[2]})))',
            "word",
        )
    last = row + _SHOWN - 1
    page.ruled(f"B{row}:G{last}", f'$B{row}<>""')
    page.lights(f"G{row}:G{last}", GREEN, ORANGE, RED)
    more, others = (
        f"COUNT(growth_all#)-{_SHOWN}",
        (plan.quoted(Text("另有 ", "and ")), plan.quoted(Text(" 人，都不更慢", " more, none slower"))),
    )
    page.formula(f"B{last + 1}", f'=IFERROR(IF({more}>0,{others[0]}&({more})&{others[1]},""),"")', "text", boxed=False)
    said = f'{plan.quoted(Text("3-3-3 最慢的进度 ", "3-3-3, the slowest: "))}&IF(ISNUMBER(growth_slowest),TEXT(growth_slowest,"0%"),"–")'
    what = Ranking(people.name, "growth_all#", order_of(people.id), Text("进度", "Progress"), "rate")
    drawn = ranked(plan, "cd_growth", Text("成长合同", "Contracts"), what)
    charts.bars(
        page,
        f"I{row - 2}",
        plan.message(page, said, "GrowthLog"),
        drawn.categories,
        [drawn.series],
        fmt="rate",
        size=(11.2, 9),
        across=True,
        data=drawn.data,
    )
    plan.put_away(drawn.data)


def _contracts(plan: Plan) -> None:
    """Row by row of People what somebody under contract has done of the year, and of what is asked by now: of the three kinds the least."""
    people, data, row = plan.table("People"), plan.drawn("cd_contracts", Text("成长合同（全部）", "All contracts")), FIRST_ROW + 1
    bound, (books, courses, experts) = _under_contract(plan)
    least = f"IF({books}<{courses},IF({books}<{experts},{books},{experts}),IF({courses}<{experts},{courses},{experts}))"
    many = plan.count("People")
    for letter, name, formula, head in (
        ("B", "growth_done", f'IF({bound}>0,{least},"")', Text("全年完成", "Of the year")),
        (
            "C",
            "growth_all",
            f'IF(growth_share=0,"",IF({bound}>0,{least}/growth_share,""))',
            Text("进度", "Progress"),
        ),
        ("D", "growth_place", f'IF({people.id}="",0,MATCH({people.id}&"",{people.id}&"",0))', Text("行", "Row")),
    ):
        data.spill(f"{letter}{row}", f"={plan.figure(formula)}", many, 1, "number", name, [head])
    plan.put_away(data)


def _months(plan: Plan, page: Page) -> None:
    """Twelve months: articles, stars, joint days, books."""
    row, year = _GRID, plan.name("plan_year")
    articles, stars, joint, log = (plan.table(name) for name in ("Articles", "Stars", "JointDays", "GrowthLog"))
    page.heading(f"B{row - 2}", Text("按月", "By month"), until="N")
    page.header(f"B{row - 1}", [Text("项目", "What"), *(Text(f"{month} 月", f"{month}") for month in range(1, 13))])
    least = plan.policy("growth.characters")
    books = plan.quoted(KINDS[0].label)
    lines = (
        (Text("洞察文章", "Articles"), f'COUNTIFS({articles.month},#text,{articles.characters},">="&{least})'),
        (Text("月星", "Stars"), f"COUNTIFS({stars.month},#text)"),
        (Text("陪访（次）", "Joint visits"), f'COUNTIFS({joint.date},">="&#first,{joint.date},"<"&#last,{joint.date},"<="&{plan.name("as_of")})'),
        (Text("读书", "Books"), f'COUNTIFS({log.kind},{books},{log.on},">="&#first,{log.on},"<"&#last,{log.on},"<="&{plan.name("as_of")})'),
    )  # fmt: skip
    for offset, (label, counted) in enumerate(lines):
        page.label(f"B{row + offset}", label, grow=False)
        for month in range(1, 13):
            of = {
                "#text": f'({year}&"-{month:02d}")',
                "#first": f"DATE({year},{month},1)",
                "#last": f"DATE({year},{month + 1},1)",
            }
            formula = counted
            for sign, said in of.items():
                formula = formula.replace(sign, said)
            page.formula(f"{chr(ord('B') + month)}{row + offset}", f"={formula}", "int")
    page.heat(f"C{row}:N{row}")
    page.heat(f"C{row + 1}:N{row + 1}")
    shadows = plan.table("Shadows")
    begun = f'SUMPRODUCT(({shadows.skill}<>"")*ISNUMBER({shadows.step1}))'
    whole = f'SUMPRODUCT(({shadows.skill}<>"")*ISNUMBER({shadows.step1})*ISNUMBER({shadows.step2})*ISNUMBER({shadows.step3})*ISNUMBER({shadows.step4}))'
    page.label(f"B{row + 5}", Text("复制率（四步）", "Skills passed on"), grow=False)
    page.formula(f"D{row + 5}", f'=IF({begun}=0,"–",{whole}/{begun})', "rate", "growth_copies")
    page.label(f"F{row + 5}", Text("学员不足的总监", "Directors with too few learners"), grow=False)
    page.formula(f"J{row + 5}", f"=SUMPRODUCT({_short(plan)}*1)", "int", "growth_short")


def _closed(plan: Plan) -> str:
    """How many months of the year are over."""
    as_of, year = plan.name("as_of"), plan.name("plan_year")
    return f"IF(YEAR({as_of}+1)>{year},12,IF(YEAR({as_of})<{year},0,MONTH({as_of}+1)-1))"


def _directors(plan: Plan, since: str = "") -> str:
    """1 for each director who works here on the day; ``since``: and did so before another."""
    people = plan.table("People")
    then = f"*({people.joined}<{since})" if since else ""
    return f"({plan.employed()}*{plan.counts_as(people.level, LEVELS, 'director')}{then})"


def _coaching(plan: Plan) -> None:
    """Row by row of People how many different learners somebody has, and on how many different days of last month the coach was out with one.

    Each row of Learners counts as a part of its learner, each of Joint days as a part of its day: a second skill is no second learner.
    """
    people, shadows, joint = (plan.table(name) for name in ("People", "Shadows", "JointDays"))
    data, row = plan.drawn("cd_coaching", Text("教练", "Coaching")), FIRST_ROW + 1
    begun = f"DATE({plan.name('plan_year')},MAX(1,{_closed(plan)}),1)"
    month = f'{joint.coach},{people.id},{joint.date},">="&{begun},{joint.date},"<"&EDATE({begun},1)'
    for letter, name, formula, table, head in (
        ("B", "growth_of_learner", f'IF(({shadows.coach}="")+({shadows.learner}="")>0,0,1/COUNTIFS({shadows.coach},{shadows.coach},{shadows.learner},{shadows.learner}))', "Shadows", Text("占学员", "Of a learner")),
        ("C", "growth_of_day", f'IF(({joint.coach}="")+(1-ISNUMBER({joint.date}))>0,0,1/COUNTIFS({joint.coach},{joint.coach},{joint.date},{joint.date}))', "JointDays", Text("占一天", "Of a day")),
        ("D", "growth_taught", f'IF({people.id}="",0,ROUND(SUMIFS(growth_of_learner#,{shadows.coach},{people.id}),6))', "People", Text("学员", "Learners")),
        ("E", "growth_out", f'IF({people.id}="",0,ROUND(SUMIFS(growth_of_day#,{month}),6))', "People", Text("上月天数", "Days last month")),
    ):  # fmt: skip
        data.spill(f"{letter}{row}", f"={plan.figure(formula)}", plan.count(table), 1, "number", name, [head])
    plan.put_away(data)


def _short(plan: Plan) -> str:
    """1 for each director with fewer different learners than asked for."""
    return f"({_directors(plan)}*(growth_taught#<{plan.policy('growth.learners')}))"


def _few_days(plan: Plan, last: str) -> str:
    """1 for each director, and whoever else teaches, without enough different days in the month that ends before a day."""
    people, shadows = plan.table("People"), plan.table("Shadows")
    coach = f"(({_directors(plan, last)}+{plan.employed()}*({people.joined}<{last})*(COUNTIFS({shadows.coach},{people.id})>0))>0)"
    return f"({coach}*(growth_out#<{plan.policy('growth.joint_days')}))"


def _thrice(plan: Plan, closed: str) -> str:
    """1 for each star of last month whose person was one in each of the two months before as well."""
    stars, year = plan.table("Stars"), plan.name("plan_year")
    months = [f'({year}&"-"&TEXT({closed}-{back},"00"))' for back in range(3)]
    before = "*".join(f"(COUNTIFS({stars.person},{stars.person},{stars.month},{month})>0)" for month in months[1:])
    once = f"COUNTIFS({stars.person},{stars.person},{stars.month},{months[0]})"  # who is a star twice in a month is one person
    return f'(({stars.person}<>"")*({stars.month}={months[0]})*{before}/({once}+({once}=0)))'


def _under_contract(plan: Plan) -> tuple[str, list[str]]:
    """1 for each of the people who is under contract and here, and what each did of a kind by now, as a share of the year's goal."""
    people, log = plan.table("People"), plan.table("GrowthLog")
    bound = f"({plan.employed()}*(COUNTIFS({log.person},{people.id})>0))"
    goals = plan.policy("growth.goals")
    shares = [f"{_count(plan, people.id, place)}/INDEX({goals},{place + 1})" for place in range(len(KINDS))]
    return bound, shares


def _watches(plan: Plan, page: Page) -> None:
    people, articles, stars = (plan.table(name) for name in ("People", "Articles", "Stars"))
    page.watch(
        Watch(
            "growth.contract", Text("3-3-3 合同进度（最慢）", "3-3-3 contract, the slowest"), "IF(ISNUMBER(growth_slowest),growth_slowest,NA())", f"{_GOOD:g}", screen=3,
            fmt="rate", amber=plan.policy("growth.fair"), item=f"INDEX({people.id},MATCH(MIN(growth_all#),growth_all#,0))", table="GrowthLog.person", owner="person", needs="GrowthLog.person", duty="books",
        )
    )  # fmt: skip
    closed = _closed(plan)
    month = f'({plan.name("plan_year")}&"-"&TEXT({closed},"00"))'
    begun = f"DATE({plan.name('plan_year')},{closed}+1,1)"  # who came later owes nothing for that month
    without = f'({_directors(plan, begun)}*(COUNTIFS({articles.person},{people.id},{articles.month},{month},{articles.characters},">="&{plan.policy("growth.characters")})=0))'
    page.watch(
        Watch(
            "growth.articles", Text("上月缺洞察文章的总监", "Directors without last month's article"), f"IF({closed}=0,0,SUMPRODUCT({without}))", "0", screen=3, fmt="int", lower=True,
            amber=ANY, item=f"INDEX({people.id},MATCH(1,{without},0))", table="People.id", needs="Articles.person", duty="article",
        )
    )  # fmt: skip
    # Each of the three stars once, however often it was given.
    named = "+".join(
        f'(COUNTIFS({stars.month},{month},{stars.star},{plan.quoted(word.label)},{stars.person},"?*")>0)' for word in STARS
    )
    page.watch(
        Watch(
            "growth.stars", Text("上月月星", "Stars of last month"), f"IF({closed}=0,{len(STARS)},{named})", str(len(STARS)), screen=3, fmt="int", amber="1",
            item=month, table="Stars.month", needs="Stars.person", duty="stars",
        )
    )  # fmt: skip
    thrice = _thrice(plan, closed)
    some = f"IF({thrice}>0,1,0)"
    page.watch(
        Watch(
            "growth.thrice", Text("连续三月都是月星的人", "Stars three months in a row"), f"IF({closed}<3,0,ROUND(SUMPRODUCT({thrice}*1),0))", "0", screen=3, fmt="int", lower=True, amber=ANY,
            item=f"INDEX({stars.person},MATCH(1,{some},0))", table="Stars.person", needs="Stars.person",
        )
    )  # fmt: skip
    short = _short(plan)
    page.watch(
        Watch(
            "growth.learners", Text("学员不足的总监", "Directors with too few learners"), "growth_short", "0", screen=3, fmt="int", lower=True, amber=ANY,
            item=f"INDEX({people.id},MATCH(1,{short},0))", table="People.id", needs="Shadows.coach",
        )
    )  # fmt: skip
    lazy = _few_days(plan, f"DATE({plan.name('plan_year')},MAX(1,{closed})+1,1)")
    page.watch(
        Watch(
            "growth.joint", Text("上月陪访天数不足的教练", "Coaches with too few joint days last month"), f"IF({closed}=0,0,SUMPRODUCT({lazy}))", "0", screen=3, fmt="int", lower=True, amber=ANY,
            item=f"INDEX({people.id},MATCH(1,{lazy},0))", table="People.id", needs="JointDays.coach",
        )
    )  # fmt: skip
    page.watch(
        Watch("growth.copies", Text("技能四步复制率", "Skills passed on in four steps"), "growth_copies", "1", screen=3, fmt="rate", amber=plan.policy("growth.copies_fair"), needs="Shadows.step1")
    )  # fmt: skip


SHEET = PlanSheet(85, build)
