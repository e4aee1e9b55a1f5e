"""问题 / Problems: every judged figure in a line, computed by Excel's own formulas; which of them come first, and where to go.

The columns are those of ``watches.COLUMNS``. What chapters that are off hand in says so and counts nothing.
"""

from __future__ import annotations

from openpyxl.utils import quote_sheetname

from udfs.text import Text
from workbook_templates.page import style, watches
from workbook_templates.page.builder import BuildError, Page, Plan
from workbook_templates.page.navigation import RESULT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import AMBER, GREEN, NOTHING, RED, Watch, cell, letter, name_of
from workbook_templates.tables import duties, schema
from workbook_templates.tables.switches import OFF
from workbook_templates.xlsx.refs import Ref

TOP = 6  # header row
SCREENS = (
    Text("业绩", "Results"),
    Text("客户", "Customers"),
    Text("团队", "Team"),
    Text("预测", "Forecast"),
    Text("竞争", "Competition"),
)
GO = Text("去处理 →", "Go there →")
_HEADS = (
    Text("编号", "ID"), Text("章", "Chapter"), Text("屏", "Screen"), Text("标题", "Title"), Text("实际", "Actual"), Text("目标", "Target"),
    Text("比", "Ratio"), Text("灯", "Light"), Text("涉及金额", "Amount exposed"), Text("最差一项", "Worst item"), Text("负责人", "Owner"),
    Text("期限", "Due"), Text("链接", "Link"), Text("级", "Level"), Text("键", "Key"), Text("章内名次", "In chapter"), Text("排序", "Order"),
    Text("位置", "Where"), Text("橙线", "Amber from"), Text("数据到", "Data until"), Text("项", "Item ID"), Text("方向", "Direction"),
    Text("先办", "Must"), Text("目标(说法)", "Goal, said"), Text("差距", "Gap"),
)  # fmt: skip
_TOLD = {"rate": "0.0%", "int": "#,##0"}  # formats of what is said, by a watch's
POINTS = Text(" 个百分点", " pp")  # what two rates differ by
_PLACES = 200  # rows at most, and the step between equal amounts: LibreOffice takes nearer numbers of this size for equal
_CHAPTER = 10**11  # yuan: a level of urgency is worth more than any amount


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "problems",
        Text("问题", "Problems"),
        Text(
            "业务好不好：每个被评判的数一行；数据对不对见“检查”；金额是敞口，不可相加",
            "Is business good? A row a figure; Checks says if data are right; don't add amounts",
        ),
        freeze=f"F{TOP + 1}",
        todo=Text("红的先办；点“去处理”到那一行", "Red first; “Go there” leads to the row"),
    )
    page.width(B=12, C=5, D=6, E=34 if plan.lang == "en" else 32, H=9, I=8, K=26, L=16, M=12, N=10, O=6, P=22, Q=10, R=22, S=24)
    _dates(plan, page)
    page.header(f"B{TOP}", _HEADS)
    found = listed(plan)
    last = TOP + max(1, len(found))
    if last >= _PLACES:
        raise BuildError(f"{len(found)} watches: their order has room for {_PLACES - TOP - 1}")
    for row, watch in enumerate(found, TOP + 1):
        _row(plan, page, row, watch, last)
    for column in watches.COLUMNS:
        plan.define(name_of(column), page, f"{letter(column)}{TOP + 1}:{letter(column)}{last}")
    first, end = letter(watches.COLUMNS[0]), letter(watches.COLUMNS[-1])
    plan.define(watches.LIST, page, f"{first}{TOP + 1}:{end}{last}")
    lights = f"{letter('light')}{TOP + 1}:{letter('light')}{last}"
    page.lights(lights, good=GREEN, fair=AMBER, bad=RED, off=OFF)
    _counts(plan, page, lights)
    page.print_titles(TOP)
    page.sheet.print_area = f"A1:{letter('link')}{last}"
    for column in watches.COLUMNS[watches.COLUMNS.index("level") :]:  # how the order comes about: folded away, not printed
        folded = page.sheet.column_dimensions[letter(column)]
        folded.outlineLevel, folded.hidden = 1, True


def listed(plan: Plan) -> list[Watch]:
    """The watches in the order of their rows: chapter by chapter."""
    return sorted(plan.watches.values(), key=lambda watch: _chapter(plan, watch))


def _chapter(plan: Plan, watch: Watch) -> int:
    home = plan.pages[watch.page].chapter
    return home.number if home is not None else 0


def _dates(plan: Plan, page: Page) -> None:
    """From which day on data are fresh, and how much of the year is over where months weigh the same."""
    page.label("E4", Text("数据早于此日即过期", "Data before this day are stale"), muted=True, grow=False)
    as_of = plan.name("as_of")
    page.formula("F4", f"=SALES_WORKDAY({as_of},-{plan.policy('light.stale_days')})", "date", watches.FRESH)
    page.label("G4", Text("全年已过", "Year over"), muted=True, grow=False)
    even = f"SALES_PLANTODATE({{{','.join('1' * 12)}}},{plan.name('plan_year')},{as_of})/12"
    page.formula("H4", f"={even}", "rate", watches.EVEN)


def _counts(plan: Plan, page: Page, lights: str) -> None:
    """How many are red and amber."""
    page.label("J4", Text("红", "Red"), muted=True, grow=False)
    page.formula("K4", f"=COUNTIF({lights},{plan.quoted(RED)})", "int", "watches_red")
    page.label("L4", Text("橙", "Amber"), muted=True, grow=False)
    page.formula("M4", f"=COUNTIF({lights},{plan.quoted(AMBER)})", "int", "watches_amber")


# --------------------------------------------------------------------------------------------------------------- one row


def _row(plan: Plan, page: Page, row: int, watch: Watch, last: int) -> None:
    chapter = _chapter(plan, watch)
    page.label(cell("key", row), watch.key, muted=True, grow=False)
    page.sheet[cell("chapter", row)] = chapter
    page.sheet[cell("screen", row)] = watch.screen
    for column in ("chapter", "screen"):
        page.sheet[cell(column, row)].alignment = style.align("center")
    long = style.display_width(plan.t(watch.label)) > page.fixed[letter("title")] - 2
    page.label(cell("title", row), watch.label, grow=False, wrap=long)
    if long:
        page.sheet.row_dimensions[row].height = 30

    def put(column: str, formula: str, fmt: str = "general", guarded: bool = False) -> None:
        text = plan.figure(formula) if guarded else formula
        page.formula(cell(column, row), f"={text}", fmt)

    found, goal, shown = cell("actual", row), cell("target", row), cell("light", row)
    empty = f"COUNTA({_column(plan, watch.needs)})=0" if watch.needs else ""
    for column, formula in (("actual", watch.actual), ("target", watch.target)):
        safe = f"IFERROR({formula},{NOTHING})"  # which formula is in error is told by the checks
        put(column, f"IF({empty},{NOTHING},{safe})" if empty else safe, watch.fmt, True)
    put("ratio", f"IF(AND(ISNUMBER({found}),ISNUMBER({goal})),IF({goal}>0,{found}/{goal},{NOTHING}),{NOTHING})", "rate")
    put("border", f"IFERROR({watches.border(watch, goal, plan.policy('light.amber'))},{NOTHING})", watch.fmt, True)
    _judge(plan, page, row, watch)
    below = f'IF({goal}<0,"−","")&' if watch.fmt != "scaled" else ""
    put("goal", f'IF(ISNUMBER({goal}),{below}{said(plan, watch.fmt, f"ABS({goal})" if below else goal)},"")', "text")
    difference = f"({found}-{goal})"
    told = apart(plan, watch.fmt, f"ABS{difference}")
    signed = f'IF(ROUND{difference[:-1]},9)=0,"0",IF({difference}>0,"+","−")&{told})'
    put("gap", f'IF(AND(ISNUMBER({found}),ISNUMBER({goal})),{signed},"")', "text")
    if watch.span or watch.made:
        span, made = watch.span or '""', _refreshed(plan, watch.made, " · " if watch.span else "") if watch.made else '""'
        put("span", f'IF(ISNUMBER({found}),IFERROR({span},"")&{made},"")', "text", True)
    put("amount", f"IF(ISNUMBER({found}),IFERROR(ROUND(MAX(0,{watch.amount or 0}),2),0),0)", "scaled", True)
    _item(plan, page, row, watch)
    owner, due = _owner(plan, watch, chapter, cell("id", row)), watch.due or '""'
    if watch.duty:
        put("task", _task(plan, watch, cell("id", row)), "int", bool(watch.about))
        owner, due = _ordered(plan, cell("task", row), owner, due)
    for column, formula in (("owner", owner), ("due", due)):
        put(column, f'IFERROR({formula},"")', "date" if column == "due" else "text")
    put("link", f"HYPERLINK({cell('where', row)},{plan.quoted(GO)})")
    page.sheet[cell("link", row)].font = style.font(style.ACCENT, underline="single")
    level, urgency, place = (cell(column, row) for column in ("level", "urgency", "place"))
    red = f"IF({cell('must', row)}=1,{watches.MUST},{watches.LEVELS[RED]})"
    words = ",".join(plan.quoted(word) for word in (RED, AMBER, GREEN))
    put("level", f"IFERROR(CHOOSE(MATCH({shown},{{{words}}},0),{red},{watches.LEVELS[AMBER]},{watches.LEVELS[GREEN]}),0)", "int")
    most = f"MIN(ROUND(N({cell('amount', row)}),0),{_CHAPTER}-1)"
    put("urgency", f'IF({level}<2,"",{level}*{_CHAPTER}+{most}-ROW()/{_PLACES})', "0.000")
    chapters, urgent = (f"${letter(c)}${TOP + 1}:${letter(c)}${last}" for c in ("chapter", "urgency"))
    put(
        "place",
        f'IF({urgency}="","",SUMPRODUCT(({chapters}={cell("chapter", row)})*ISNUMBER({urgent})*({urgent}>{urgency}))+1)',
        "int",
    )
    screens = f"${letter('screen')}${TOP + 1}:${letter('screen')}${last}"
    before = f"SUMPRODUCT(({screens}={cell('screen', row)})*ISNUMBER({urgent})*({urgent}>{urgency}))"
    put("on_screen", f'IF({urgency}="","",{cell("screen", row)}*{watches.SCREEN_STEP}+{before}+1)', "int")
    # (The numbers are compared and not their texts, whose last digit programs round each in its way.)
    # Two of a chapter, then the others: one bad chapter does not fill the list.
    put("order", f'IF({urgency}="","",IF({place}<=2,{urgency},{urgency}-{_CHAPTER // 2}))', "0.000")


def said(plan: Plan, fmt: str, formula: str) -> str:
    """A figure as a sentence says it."""
    if fmt == "scaled":
        return plan.say(formula)
    return f'TEXT({formula},"{_TOLD.get(fmt, fmt if "%" in fmt else "0.0")}")'


def apart(plan: Plan, fmt: str, formula: str) -> str:
    """How far two figures are apart, as a sentence says it: two rates by percentage points, for a percentage of what would be open."""
    code = _TOLD.get(fmt, fmt)
    if "%" not in code:
        return said(plan, fmt, formula)
    return f'TEXT(100*{formula},"{code.replace("%", "")}")&{plan.quoted(POINTS)}'


def _refreshed(plan: Plan, path: str, before: str) -> str:
    """Of which day figures are that a button worked out, where that is not the plan's day."""
    days, day = _column(plan, path), plan.name("as_of")
    last, said = f'MAXIFS({days},{days},"<="&{day})', plan.quoted(Text(f"{before}刷新于 ", f"{before}refreshed "))
    return f'IF(AND({last}>0,{last}<{day}),{said}&TEXT({last},"mm-dd"),"")'


def _judge(plan: Plan, page: Page, row: int, watch: Watch) -> None:
    """The light, unless the data are too old; and how old they are."""
    page.label(cell("direction", row), watches.LOWER if watch.lower else watches.HIGHER, muted=True, grow=False)
    page.sheet[cell("must", row)] = int(watch.must)
    as_of = plan.name("as_of")
    newest = [f'MAXIFS({column},{column},"<="&{as_of})' for column in (_column(plan, path) for path in watch.fresh)]
    until = cell("newest", row)
    day = f"MAX({','.join(newest)})"
    page.formula(until, f'=IF({day}=0,"",{day})' if newest else '=""', "date")
    found, goal, amber = (cell(column, row) for column in ("actual", "target", "border"))
    green, fair, red = (plan.quoted(word) for word in (GREEN, AMBER, RED))
    judged = watches.light(found, goal, amber, (green, fair, red), watch.lower)
    off = plan.quoted(OFF)
    stale = f"IF(ISNUMBER({until}),{until}<{plan.name(watches.FRESH)},FALSE)"
    page.formula(cell("light", row), f"=IF({found}={off},{off},IF({stale},{NOTHING},{judged}))", "word")


def _item(plan: Plan, page: Page, row: int, watch: Watch) -> None:
    """The worst item by name, and the place its link leads to: its row, or its sheet."""
    wanted = f'IF({cell("level", row)}<2,"",IFERROR({watch.item or NOTHING}&"",""))' if watch.item else '""'
    page.formula(cell("id", row), f"={plan.figure(wanted)}", "text")
    id_, green = cell("id", row), f"{cell('level', row)}<2"
    named, at = f'IF({green},"",{id_})', "1"
    title = plan.pages[watch.page].sheet.title
    if watch.table:
        spec = schema.table(watch.table.partition(".")[0])
        ids, title = _column(plan, watch.table), plan.tables[spec.name]
        sought = _sought(watch, id_)
        at = f"IFERROR(MATCH({sought},{lines_of(plan, watch.table)},0),1)"
        if "name" in spec.by_key:
            named = f'IF({green},"",{id_}&" "&IFERROR(INDEX({_column(plan, f"{spec.name}.name")},MATCH({sought},{ids},0)),""))'
    page.formula(cell("item", row), f"={named}", "text")
    page.sheet[cell("item", row)].alignment = style.align("left", indent=1, shrink=True)
    where = f"{plan.quoted(f'#{quote_sheetname(title)}!A')}&{at}"
    if watch.duty:
        tasks, task = plan.tables[duties.TABLE], cell("task", row)
        line = f"MATCH(INDEX({plan.table(duties.TABLE).id},{task}),{lines_of(plan, f'{duties.TABLE}.id')},0)"
        where = f"IF(N({task})>0,{plan.quoted(f'#{quote_sheetname(tasks)}!A')}&IFERROR({line},1),{where})"
    page.formula(cell("where", row), f"={where}", "text")


def _task(plan: Plan, watch: Watch, id_: str) -> str:
    """Which row of Tasks is open for the item; 0 for none. What was ordered is the answer to what was found."""
    tasks = plan.table(duties.TABLE)
    running = "+".join(
        f"({tasks.status}={plan.quoted(word.label)})" for word in duties.STATES if word.code in (duties.OPEN, duties.RUNNING)
    )
    rule = plan.quoted(duties.every()[watch.duty].title)
    mine = f'({tasks.rule}={rule})*({tasks.object}={watch.about or id_})*({id_}<>"")*({running})'
    return f"IFERROR(MATCH(1,{mine},0),0)"


def _ordered(plan: Plan, task: str, owner: str, due: str) -> tuple[str, str]:
    """Owner and day of the task that is open, else the item's own."""
    tasks, people = plan.table(duties.TABLE), plan.table("People")
    person = f"INDEX({tasks.owner},{task})"
    named = f"IFERROR(INDEX({people.name},MATCH({person},{people.id},0)),{person})"
    there = f"N({task})>0"  # a chapter that is off says a word
    return f"IF({there},{named},{owner})", f"IF({there},INT(INDEX({tasks.due_at},{task})),{due})"


def _sought(watch: Watch, id_: str) -> str:
    """The item's ID as its column holds it."""
    table, _, key = watch.table.partition(".")
    return f"VALUE({id_})" if schema.table(table)[key].kind == "int" else id_


def _owner(plan: Plan, watch: Watch, chapter: int, id_: str) -> str:
    """Who the item's row names, by name where it is an ID of ours; else, or where they have left, the chapter's owner."""
    owners = f"INDEX({plan.name('chapter_owners')},{chapter})"
    whole = f'IF({owners}="",{NOTHING},{owners})' if chapter else NOTHING
    if not watch.owner:
        return whole
    table, people = watch.table.partition(".")[0], plan.table("People")
    said = f'INDEX({_column(plan, f"{table}.{watch.owner}")},MATCH({_sought(watch, id_)},{_column(plan, watch.table)},0))&""'
    named = f"IFERROR(INDEX({people.name},MATCH({said},{people.id},0)),{said})"
    gone = f'COUNTIFS({people.id},{said},{people.left},"<"&{plan.name("as_of")})'
    return f'IF(IFERROR({said},"")="",{whole},IF({gone}>0,{whole},{named}))'


def lines_of(plan: Plan, path: str) -> str:
    """A name for all of a sheet's column in which a Table's column stands: a place in it is a row, wherever the Table is moved."""
    table, _, key = path.partition(".")
    name = f"lines_{table}_{key}"
    if name not in plan.names:
        title = plan.tables[table]
        first = Ref.parse(plan.book[title].tables[table].ref).first_col
        column = schema.table(table).letter(key, first)
        plan.define(name, next(page for page in plan.pages.values() if page.sheet.title == title), f"{column}:{column}")
    return plan.name(name)


def _column(plan: Plan, path: str) -> str:
    """A column (``Table.key``) as formulas name it."""
    table, _, key = path.partition(".")
    return str(getattr(plan.table(table), key))


SHEET = PlanSheet(5.5, build, last=1, part=RESULT)  # a row fetches from sheets that must be there to know whose chapters they are
