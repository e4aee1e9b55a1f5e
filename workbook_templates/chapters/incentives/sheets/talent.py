"""人才盘点 / Talent review: the nine boxes as a picture with names in them, and the reviews they come from."""

from __future__ import annotations

from udfs.team import BOXES
from udfs.text import Text
from workbook_templates.chapters.incentives.tables.rhythm import MOVES
from workbook_templates.page import style
from workbook_templates.page.builder import FIRST_ROW, NOT_PRINTED, Page, Plan
from workbook_templates.page.navigation import INPUT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import Watch
from workbook_templates.tables.schema import LEVELS

_GRID, _TABLE = FIRST_ROW + 1, FIRST_ROW + 15
# Performance from high to low downwards, potential from low to high to the right; the best corner is the darkest.
_ROWS = (
    ("trusted_expert", "high_performer", "future_leader"),
    ("solid_contributor", "core_player", "rising_star"),
    ("underperformer", "inconsistent", "raw_talent"),
)
_GROUNDS = (("E4EEF7", "D9E6F2", "CFE2F3"), ("EEF3F8", "E4EEF7", "D9E6F2"), ("F7EDED", "EEF3F8", "E4EEF7"))
_SHARE = (Text("高", "High"), Text("中", "Middle"), Text("低", "Low"))


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "talent_reviews",
        Text("人才盘点", "Talent review"),
        Text(
            "半年一次：业绩与潜力定九宫格，价值观低于 3 分不入池",
            "Half-yearly: performance and potential give the box, values below 3 bar from the pool",
        ),
        todo=Text("填评分与接班岗位，点“刷新人才池”", "Enter ratings and successors, click Refresh talent pool"),
    )
    page.width(B=12, C=26, D=26, E=26, F=11, G=14, H=12, I=18, J=12, K=16)
    half = _half(plan)
    page.heading(f"B{FIRST_ROW}", Text("九宫格", "Nine boxes"), until="E")
    page.label(f"H{FIRST_ROW}", Text("最近半年", "Newest half-year"), grow=False)
    page.formula(f"I{FIRST_ROW}", f'=IF({half}=0,"–",INT({half}/10)&"-H"&MOD({half},10))', "word", "talent_half")
    _boxes(plan, page)
    _figures(plan, page)
    page.heading(f"B{_TABLE - 3}", Text("评审（填写）", "Reviews (fill in)"), until="K")
    last = page.records("TalentReviews", f"B{_TABLE}")
    labels = {word.code: word.label for word in MOVES}
    page.lights(f"K{_TABLE + 1}:K{last}", good=labels["new"], fair=labels["left"], bad=labels["barred"])
    page.prints(f"A1:K{_TABLE - 4}", NOT_PRINTED)
    _watches(plan, page)


def _half(plan: Plan) -> str:
    """The newest half-year as a number: 20271."""
    table = plan.table("TalentReviews")
    return f"SUMPRODUCT(MAX(IFERROR(LEFT({table.half},4)*10+RIGHT({table.half},1),0)))"


def _boxes(plan: Plan, page: Page) -> None:
    """Who is in which box: how many, and their names."""
    table, people = plan.table("TalentReviews"), plan.table("People")
    row = _GRID
    page.label(f"B{row}", Text("业绩 \\ 潜力", "Performance \\ potential"), muted=True, grow=False)
    for letter, word in zip("CDE", reversed(_SHARE), strict=True):
        page.label(f"{letter}{row}", word, bold=True, grow=False)
    for across, (codes, grounds) in enumerate(zip(_ROWS, _GROUNDS, strict=True)):
        head, names = row + 1 + 2 * across, row + 2 + 2 * across
        page.label(f"B{head}", _SHARE[across], bold=True, grow=False)
        for letter, code, ground in zip("CDE", codes, grounds, strict=True):
            label = plan.quoted(BOXES[code])
            mine = f"({table.half}=talent_half)*({table.box}={label})"
            page.formula(f"{letter}{head}", f'={label}&" · "&SUMPRODUCT({mine})', "text", bold=True)
            found = f"INDEX({people.name},MATCH({table.person},{people.id},0))"
            page.formula(
                f"{letter}{names}", f'=TEXTJOIN({plan.quoted(Text("、", ", "))},TRUE,IF({mine}>0,IFERROR({found},""),""))', "text"
            )
            for at in (head, names):
                cell = page.sheet[f"{letter}{at}"]
                cell.fill = style.fill(ground)
                cell.alignment = style.align("left", wrap=True, vertical="top")
        page.sheet.row_dimensions[names].height = 62


def _figures(plan: Plan, page: Page) -> None:
    """The pool, what moved, and posts nobody could take over."""
    table, row = plan.table("TalentReviews"), _GRID + 1
    now = f"({table.half}=talent_half)"
    words = {word.code: plan.quoted(word.label) for word in MOVES}
    figures = (
        (Text("人才池", "In the pool"), f"=SUMPRODUCT({now}*(({table.place}={words['new']})+({table.place}={words['stays']})))", "talent_in_pool"),
        (Text("新入池", "New"), f"=SUMPRODUCT({now}*({table.place}={words['new']}))", "talent_new"),
        (Text("出池", "Left"), f"=SUMPRODUCT({now}*({table.place}={words['left']}))", "talent_gone"),
        (Text("价值观不达标", "Barred by values"), f"=SUMPRODUCT({now}*({table.place}={words['barred']}))", "talent_barred"),
        (Text("没有接班人的总监岗位", "Directors' posts without successor"), f"=SUMPRODUCT({_bare(plan)}*1)", "posts_bare"),
    )  # fmt: skip
    page.heading(f"G{_GRID}", Text("人才池与接班", "Pool and succession"), until="I")
    for offset, (label, formula, name) in enumerate(figures):
        page.label(f"G{row + offset}", label, grow=False)
        page.formula(f"I{row + offset}", formula, "int", name)


def _bare(plan: Plan) -> str:
    """Directors who are here and whose post nobody of the newest review could take: nobody who is still here, themselves left aside."""
    people, table = plan.table("People"), plan.table("TalentReviews")
    here = f"{plan.employed()}*{plan.counts_as(people.level, LEVELS, 'director')}"
    gone = plan.gone(table.person)
    could = f'IF(({table.half}=talent_half)*({table.person}<>{table.successor_for})*({gone}=0)>0,{table.successor_for},"")'
    return f"({here}*(1-ISNUMBER(MATCH({people.id},{could},0))))"


def _watches(plan: Plan, page: Page) -> None:
    people, bare = plan.table("People"), _bare(plan)
    page.watch(
        Watch(
            "team.successors", Text("没有接班人的总监岗位", "Directors' posts without successor"), "posts_bare", "0", screen=3, fmt="int", lower=True,
            item=f"INDEX({people.id},MATCH(1,{bare},0))", table="People.id", needs="TalentReviews.person",
        )
    )  # fmt: skip


SHEET = PlanSheet(20.5, build, part=INPUT)
