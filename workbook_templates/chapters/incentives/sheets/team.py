"""团队 / Team: headcount against plan, customers a head, progress and coaching, the talent pool."""

from __future__ import annotations

from udfs.policy import value
from udfs.text import Text
from workbook_templates.page import style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import Watch
from workbook_templates.tables.schema import LEVELS, LINES, YUAN


def _letters() -> str:
    """The columns of the levels."""
    return "CDEFG"[: len(LEVELS)]


def build(plan: Plan) -> None:
    page = plan.page(
        "team",
        Text("5 团队", "5 Team"),
        Text("编制、人均客户、进度与辅导、人才池", "Headcount, customers a head, progress and coaching, talent pool"),
        todo=Text(
            "看编制缺口与超载；辅导名单交总监排陪访", "Watch gaps and overload; directors plan visits with those to be coached"
        ),
    )
    page.width(B=29 if plan.lang == "en" else 20, C=14, D=14, E=12, F=14, G=26 if plan.lang == "en" else 22, H=3)
    row = _headcount(plan, page, FIRST_ROW)
    row = _coverage(plan, page, row + 1)
    row = _ends(plan, page, row + 1)
    _progress(plan, page, row + 1)
    # Everybody is read on the screen and on Individual quotas.
    page.prints(f"A1:P{row - 1}", Text("全部人员只在屏幕上看", "Everybody is read on the screen"))
    _pool(plan, page, FIRST_ROW)
    _watches(plan, page)


def now(plan: Plan, key: str) -> str:
    """Everybody's line or level on the as-of date, transfers respected: an array as long as People."""
    people = plan.table("People")
    return f"SALES_ASOF({people.id},{plan.name('as_of')},{people.id},{getattr(people, key)},{plan.moves(key)})"


def _headcount(plan: Plan, page: Page, row: int) -> int:
    """People employed on the as-of date, lines down, levels across."""
    page.heading(f"B{row}", Text("在岗人数（截止日期）", "Headcount on the as-of date"), until="G")
    page.header(f"B{row + 1}", [Text("条线", "Line"), *[level.label for level in LEVELS], Text("合计", "Total")])
    first, last, total = row + 2, row + 1 + len(LINES), "CDEFGH"[len(LEVELS)]
    if total == "H":
        page.width(H=9)
    for at, line in enumerate(LINES, first):
        page.label(f"B{at}", line.label)
        page.sheet[f"B{at}"].border = style.BOX
        for letter in _letters():
            page.formula(
                f"{letter}{at}",
                f"=SUMPRODUCT(({now(plan, 'line')}=$B{at})*({now(plan, 'level')}={letter}${row + 1})*{plan.employed()})",
                "int",
            )
        page.formula(f"{total}{at}", f"=SUM(C{at}:{_letters()[-1]}{at})", "int", bold=True)
    page.label(f"B{last + 1}", Text("合计", "Total"), bold=True)
    for letter in _letters() + total:
        page.formula(f"{letter}{last + 1}", f"=SUM({letter}{first}:{letter}{last})", "int", bold=True)
    people_unit = Text("人", "people")
    page.figure(f"B{last + 3}", Text("在岗", "Employed"), f"=SUMPRODUCT({plan.employed()})", "int", "headcount_now", people_unit)
    page.figure(
        f"B{last + 4}",
        Text("编制", "Planned headcount"),
        f"={plan.policy('team.headcount')}",
        "int",
        "headcount_plan",
        people_unit,
    )
    page.figure(
        f"B{last + 5}",
        Text("空缺（负数为超编）", "Vacancies (− is above plan)"),
        "=headcount_plan-headcount_now",
        "int",
        "headcount_gap",
        people_unit,
    )
    return last + 6


def _coverage(plan: Plan, page: Page, row: int) -> int:
    """Active customers a head by line, and how many people carry more than the limit."""
    people, limit = plan.table("People"), plan.policy("team.coverage_limit")
    page.heading(f"B{row}", Text("人均活跃客户", "Active customers a head"), until="G")
    heads = (Text("条线", "Line"), Text("活跃客户", "Customers"), Text("在岗", "People"), Text("人均", "A head"), Text("上限", "Limit"), Text("不超上限", "Within limit"))  # fmt: skip
    page.header(f"B{row + 1}", heads)
    first, last = row + 2, row + 1 + len(LINES)
    for at, line in enumerate(LINES, first):
        page.label(f"B{at}", line.label)
        page.formula(f"C{at}", f"=SUMPRODUCT(({now(plan, 'line')}=$B{at})*{people.customers})", "int")
        page.formula(f"D{at}", f"=SUMPRODUCT(({now(plan, 'line')}=$B{at})*{plan.employed()})", "int")
    page.label(f"B{last + 1}", Text("合计", "Total"), bold=True)
    for letter in "CD":
        page.formula(f"{letter}{last + 1}", f"=SUM({letter}{first}:{letter}{last})", "int", bold=True)
    for at in range(first, last + 2):
        page.sheet[f"B{at}"].border = style.BOX
        page.formula(f"E{at}", f'=IF(D{at}=0,"–",SALES_COVERAGE(C{at},D{at},{limit}))', "score")
        page.formula(f"F{at}", f"={limit}", "int")
        page.formula(f"G{at}", f'=IF(D{at}=0,"–",SALES_COVERAGEOK(C{at},D{at},{limit}))')
    plan.define("line_loads", page, f"E{first}:E{last}")
    plan.define("load_lines", page, f"B{first}:B{last}")
    page.condition(f"G{first}:G{last + 1}", f"G{first}=TRUE", style.GREEN)
    page.condition(f"G{first}:G{last + 1}", f"G{first}=FALSE", style.RED)
    page.figure(
        f"B{last + 3}",
        Text("超过上限的人数", "People above the limit"),
        f"=SUMPRODUCT(--({people.customers}>{limit}))",
        "int",
        "people_overloaded",
        Text("人", "people"),
    )
    page.figure(
        f"B{last + 4}", Text("应转出的客户", "Customers to hand over"), f"=SUMPRODUCT(({people.customers}>{limit})*({people.customers}-{limit}))",
        "int", "customers_over", Text("家", "count"),
    )  # fmt: skip
    return last + 5


def _ends(plan: Plan, page: Page, row: int) -> int:
    """Who is furthest behind and who is furthest ahead, of those who have a quota to date and are still here."""
    people, share, due = plan.table("Quotas"), plan.name("progress_share"), plan.name("progress_due")
    page.heading(f"B{row}", Text("进度最后与最前", "Last and first"), until="G")
    page.header(
        f"B{row + 1}",
        [Text("最后五人", "Last five"), Text("进度", "Progress"), "", Text("最前五人", "First five"), Text("进度", "Progress")],
    )
    out = f"(({due}#<=0)+{plan.gone(people.person)}>0)"
    rows, have = f"MATCH({people.person},{people.person},0)", f"SUMPRODUCT(1-{out})"
    # No two alike, so that each place is one person's; who has no quota to date stands behind everybody.
    keyed = {1: f"({share}#+{out}*10^6+{rows}*10^-9)", -1: f"({share}#-{out}*10^6-{rows}*10^-9)"}
    for letter, beside, side in (("B", "C", 1), ("E", "F", -1)):
        for place in range(1, 6):
            at, keys = row + 1 + place, keyed[side]
            key = f"SUMPRODUCT({'SMALL' if side > 0 else 'LARGE'}({keys},{place}))"
            where = f"SUMPRODUCT(({keys}={key})*{rows})"
            for cell, column, fmt in (
                (f"{letter}{at}", f'INDEX({people.name},{where})&""', "text"),
                (f"{beside}{at}", f"INDEX({share}#,{where})", "rate"),
            ):
                page.formula(cell, f'=IF({have}<{place},"",{column})', fmt)
    for letter in "CF":
        area = f"{letter}{row + 2}:{letter}{row + 6}"
        page.condition(area, f"AND(ISNUMBER({letter}{row + 2}),{letter}{row + 2}<{plan.policy('coaching.limit')})", style.AMBER)
    return row + 7


def _progress(plan: Plan, page: Page, row: int) -> None:
    """What counts to date against the quota of the months and days up to now, person by person, and who gets coached."""
    quotas = plan.table("Quotas")
    page.heading(f"B{row}", Text("进度与辅导（截止日期）", "Progress and coaching to date"), until="G")
    count, top = plan.count("Quotas"), row + 3
    filled = f"SUM({quotas.weight})=0"
    columns = (
        (Text("姓名", "Name"), Text("", ""), "text", f'={quotas.name}&""', "progress_people"),
        (Text("累计业绩", "Actual to date"), YUAN, "money", f"={plan.name('person_actual')}#", "progress_actual"),
        (Text("累计指标", "Quota to date"), YUAN, "money", f"={plan.name('person_due')}#", "progress_due"),
        (
            Text("进度", "Progress"),
            Text("比例", "share"),
            "rate",
            f"=IF({filled},0,IF(D{top}#=0,0,C{top}#/D{top}#))",
            "progress_share",
        ),
    )
    for letter, (head, unit, fmt, formula, name) in zip("BCDE", columns, strict=True):
        page.spill(f"{letter}{top}", formula, count, 1, fmt, name, [head], [unit], indent=[0] if letter == "B" else [])
    page.spill(f"F{top}", f"=IF({filled},0,C{top}#-D{top}#)", count, 1, "money", "progress_gap", [Text("差额", "Gap")], [YUAN])
    # Coaching goes by key results, not by attainment: the worst of the quarter decides, and who has none is told by a check.
    okrs, quarter = plan.table("Okrs"), plan.name("okr_quarter")
    mine = f"{okrs.person},{quotas.person},{okrs.period},{quarter}"
    worst = f"MINIFS({okrs.progress},{mine})"
    due = f"SALES_COACHING({worst},{plan.policy('coaching.limit')},{plan.policy('coaching.days')})"
    nobody = f'(COUNTIFS({mine},{okrs.progress},">=0")=0)+{plan.gone(quotas.person)}>0'  # or gone: nobody coaches them any more
    verdict = f'=IF({filled},"–",IF({nobody},"–",{due}))'
    page.spill(f"G{top}", verdict, count, 1, "general", "coaching_plan", [Text("辅导（按 KR）", "Coaching, by KR")], indent=[0])
    page.condition(
        f"E{top}:E{top + count - 1}", f"AND(ISNUMBER(E{top}),D{top}>0,E{top}<{plan.policy('coaching.limit')})", style.AMBER
    )


def _pool(plan: Plan, page: Page, row: int) -> None:
    """The talent pool: the best of the upper three levels."""
    people = plan.table("People")
    page.heading(f"I{row}", Text("人才池（半年一次）", "Talent pool (half-yearly)"), until="P")
    rank = "4"
    for place, level in reversed(list(enumerate(LEVELS[:3], 1))):
        rank = f"IF({people.level}={plan.quoted(level.label)},{place},{rank})"
    ratings = ",".join((people.performance, people.potential, people.value_score))
    levels = [level.code for level in LEVELS[:3]]
    expected = sum(
        min(size, sum(r.get("level") == code for r in plan.rows("People")))
        for code, size in zip(levels, value("team.pool_sizes"), strict=False)
    )
    heads = (
        Text("姓名", "Name"), Text("层级", "Level"), Text("名次", "Rank"), Text("九宫格", "Nine-box"), Text("得分", "Score"),
        Text("业绩", "Performance"), Text("潜力", "Potential"), Text("价值观", "Values"),
    )  # fmt: skip
    page.spill(
        f"I{row + 2}",
        f'=IF(SUM({people.performance})=0,"–",SALES_TALENTPOOL({people.name},{rank},{ratings},{plan.policy("team.pool_sizes")},{plan.policy("team.values_bar")}))',
        expected if plan.rows("People") else 1,
        len(heads),
        ["text", "int", "int", "general", "score", "score", "score", "score"],
        "talent_pool",
        heads,
        indent=[0, 3],
    )
    page.width(I=16, J=8, K=8, L=17, M=9, N=12, O=9, P=8)


def _watches(plan: Plan, page: Page) -> None:
    """Posts filled, customers a head, places of the talent pool filled."""
    n, limit = plan.name, plan.policy("team.coverage_limit")
    page.watch(
        Watch(
            "team.headcount", Text("在岗人数", "Headcount"), n("headcount_now"), n("headcount_plan"), screen=3, fmt="int",
            needs="People.id",
        )
    )  # fmt: skip
    loads = n("line_loads")
    page.watch(
        Watch(
            "team.load", Text("人均客户(最高条线)", "Customers a head (highest line)"), f"IF(COUNT({loads})=0,NA(),MAX({loads}))",
            f"{limit}*{plan.policy('light.amber')}", screen=3, fmt="score", lower=True, amber=limit,
            item=f"INDEX({n('load_lines')},MATCH(MAX({loads}),{loads},0))", needs="People.customers",
        )
    )  # fmt: skip
    people = plan.table("People")
    most = f"MAX({people.customers})"
    page.watch(
        Watch(
            "team.person_load", Text("客户最多的一人", "Customers of the busiest person"), f"IF(SUMPRODUCT({most})=0,NA(),SUMPRODUCT({most}))", f"{limit}*{plan.policy('light.amber')}", screen=3,
            fmt="int", lower=True, amber=limit, item=f"INDEX({people.id},MATCH({most},{people.customers},0))", table="People.id", owner="manager",
            needs="People.customers",
        )
    )  # fmt: skip
    page.watch(
        Watch(
            "team.talent", Text("人才池人数", "Talent pool"), f'SUMPRODUCT((INDEX({n("talent_pool")}#,0,1)<>"")*1)',
            f"SUM({plan.policy('team.pool_sizes')})", screen=3, fmt="int", amber="0", needs="People.performance",
        )
    )  # fmt: skip


SHEET = PlanSheet(21, build)
