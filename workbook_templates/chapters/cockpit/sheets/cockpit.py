"""驾驶舱 / Cockpit: on plan? by how much? what first? On one screen and one page, read from the register of watches.

Nothing is worked out here: tiles, problems and chapters' counts are the rows of the Problems sheet.
"""

from __future__ import annotations

from collections.abc import Callable

from openpyxl.formatting.rule import DataBarRule
from openpyxl.styles import Border, Side

from udfs.text import Text
from workbook_templates import registry
from workbook_templates.chapters.cockpit.sheets.problems import GO, SCREENS
from workbook_templates.page import charts, style, watches
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.ranked import Ranking, order_of, ranked
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.page.watches import AMBER, FRESH, GREEN, NOTHING, RED, Watch, name_of
from workbook_templates.tables.switches import OFF

COLUMNS = "BCDEFGHIJKLM"
MESSAGE, TILES, PROBLEMS, LEFT_OUT, CHAPTERS, CHARTS, LAST = 4, 6, 12, 19, 20, 23, 38  # rows
FIRST_PROBLEM, MOST = PROBLEMS + 2, 5
HELP = "O"  # the column of what is not printed: each problem's row of the register

# The six figures: what each is called here, whose row it is, and whose sheet brings it where this version has none.
TILE_WATCHES = (
    (Text("签单", "Bookings"), "bookings.progress", 5),
    (Text("毛利", "Gross margin"), "margin.progress", 11),
    (Text("利润", "Profit"), "profit.progress", 11),
    (Text("回款率", "Collection rate"), "cash.rate", 5),
    (Text("全年预测", "Full-year forecast"), "forecast.run_rate", 8),
    (Text("准时交付", "On-time delivery"), "delivery.on_time", 7),
)
_LANDING = (
    Text("全年预测", "Landing"),
    Text("预测下限", "Low"),
    Text("预测上限", "High"),
    Text("向上", "Upwards"),
    Text("向下", "Downwards"),
)
LINE = Border(bottom=Side(style="thin", color=style.LINE))
# Chapters by a short name where this version has no folder of theirs.
_SHORT = {
    6: Text("品牌", "Marketing"),
    7: Text("交付", "Delivery"),
    8: Text("数据", "Pipeline"),
    9: Text("风险", "Risk"),
    10: Text("成长", "Growth"),
    12: Text("排期", "Calendar"),
}


def build(plan: Plan) -> None:
    """The sheet."""
    page = plan.page(
        "cockpit",
        Text("驾驶舱", "Cockpit"),
        Text("进度、差距、先办什么；数据对不对看“检查”", "Progress, gaps, what comes first; whether the data are right: Checks"),
        todo=Text("先办五个问题；点“去处理”到那一行", "See to the five problems; “Go there” leads to the row"),
    )
    plan.inked.add(page.sheet.title)
    page.width(**widths(plan.lang))
    _day(plan, page)
    for place, (name, key, chapter) in enumerate(TILE_WATCHES):
        tile(plan, page, 2 * place, name, key, chapter, TILES)
    _problems(plan, page)
    _left_out(plan, page)
    _chapters(plan, page)
    _months(plan, page)
    _regions(plan, page)
    _message(plan, page)
    page.sheet.print_area = f"B1:M{LAST}"
    page.whole = True


def widths(lang: str) -> dict[str, float]:
    """The columns of the cockpit and the screens; gaps of rates are written out."""
    return {**dict.fromkeys(COLUMNS, 15.5 if lang == "en" else 11.5), **({} if lang == "en" else {"H": 15.5}), "N": 2.5}


def _of(plan: Plan, column: str, place: str) -> str:
    """A cell of the register, by its place in the list."""
    return f"INDEX({plan.name(name_of(column))},{place})"


def _row(plan: Plan, key: str) -> str | None:
    """Where a figure stands in the register, as a formula; none where no chapter in use has it."""
    return f'MATCH("{key}",{plan.name(name_of("key"))},0)' if key in plan.watches else None


def _day(plan: Plan, page: Page) -> None:
    """Up to which day figures count, and up to which there are any."""
    newest, day = plan.name(name_of("newest")), plan.name("as_of")
    until, none = plan.quoted(Text("截至 ", "As of ")), plan.quoted(Text(" · 尚无数据", " · no data yet"))
    data = plan.quoted(Text(" · 数据到 ", " · data until "))
    said = f'{until}&TEXT({day},"yyyy-mm-dd")&IF(MAX({newest})=0,{none},{data}&TEXT(MAX({newest}),"mm-dd"))'
    page.formula("F1", f"={said}", "text", boxed=False)
    page.sheet["F1"].font, page.sheet["F1"].alignment = style.font(style.MUTED), style.align("left")


# ------------------------------------------------------------------------------------------------------------- message


def _message(plan: Plan, page: Page) -> None:
    """The state of the plan in a sentence, and the first thing to do."""
    counts = f"{plan.quoted(Text('红 ', 'Red '))}&{plan.name('watches_red')}&{plan.quoted(Text(' 橙 ', ', amber '))}&{plan.name('watches_amber')}"
    first = f'IF({HELP}{FIRST_PROBLEM}="","",{plan.quoted(Text("。先办：", ". First: "))}&D{FIRST_PROBLEM})'
    booked = _row(plan, "bookings.progress")
    start = plan.quoted(
        Text("尚无签单数据：请先填“参数”“1 市场”“成交”；", "No bookings yet: fill in Settings, Market and Deals; ")
    )
    if booked is not None:
        found, goal, ratio = (_of(plan, column, booked) for column in ("actual", "target", "ratio"))
        comma, none = (
            plan.quoted(Text("，", ", ")),
            plan.quoted(Text("，尚无计划：请先填“1 市场”", ", no plan yet: fill in Market")),
        )
        share = f'IF(ISNUMBER({ratio}),{plan.quoted(Text("，为进度的 ", ", "))}&TEXT({ratio},"0.0%")&{plan.quoted(Text("，", " of the plan to date, "))},{comma})'
        against = f"IF({plan.name('floor_target')}=0,{none},{share}&{_gap(plan, found, goal)}&{_profit(plan)})"
        told = f"{plan.quoted(Text('签单累计 ', 'Bookings '))}&{plan.say(found)}&{against}"
        start = f"IF(AND(ISNUMBER({found}),ISNUMBER({goal})),{told}&{plan.quoted(Text('；', '; '))},{start})"
    page.formula(f"B{MESSAGE}", f"={start}&{counts}&{first}", "text", "cockpit_message", boxed=False)
    cell = page.sheet[f"B{MESSAGE}"]
    page.sheet.merge_cells(f"B{MESSAGE}:M{MESSAGE}")
    cell.font, cell.alignment = style.font(style.INK, True, 13), style.align("left", wrap=True)
    page.sheet.row_dimensions[MESSAGE].height = 36


def _gap(plan: Plan, found: str, goal: str) -> str:
    """How much is lacking, or how much more there is."""
    short, over = plan.quoted(Text("差 ", "short by ")), plan.quoted(Text("超 ", "ahead by "))
    difference, even = f"({found}-{goal})", plan.quoted(Text("正好达到", "just on it"))
    return f"IF(ROUND({found}-{goal},0)=0,{even},IF({difference}<0,{short},{over})&{plan.say(f'ABS{difference}')})"


def _profit(plan: Plan) -> str:
    place = _row(plan, "profit.progress")
    if place is None:
        return '""'
    found, goal = _of(plan, "actual", place), _of(plan, "target", place)
    told = f"{plan.quoted(Text('；利润', '; profit '))}&{_gap(plan, found, goal)}"
    return f'IF(AND(ISNUMBER({found}),ISNUMBER({goal})),{told},"")'


# --------------------------------------------------------------------------------------------------------------- tiles


def tile(plan: Plan, page: Page, at: int, name: Text, key: str, chapter: int, top: int) -> None:
    """Two columns wide: what and on which basis, the figure, what it is measured against, how far, the light and where it comes from."""
    left, right = COLUMNS[at], COLUMNS[at + 1]
    watch, place = plan.watches.get(key), _row(plan, key)
    called = _called(name, watch)
    page.label(f"{left}{top}", called, muted=True, grow=False)
    for row in range(top, top + 5):
        for letter in (left, right):
            page.sheet[f"{letter}{row}"].fill = style.fill(style.BAND)
    figure, beside, light = f"{left}{top + 1}", f"{left}{top + 2}", f"{left}{top + 4}"
    if watch is None or place is None:
        page.label(figure, "–", muted=True, grow=False)
        said = Text(f"第 {chapter} 章以后的版本提供", f"Chapter {chapter}: a later version")
        page.label(beside, said, muted=True, grow=False)
    else:
        page.formula(figure, f"={_of(plan, 'actual', place)}", watch.fmt, boxed=False)
        known = f'AND(ISNUMBER({_of(plan, "actual", place)}),{_of(plan, "span", place)}<>"")'
        span = f'&IF({known}," · "&{_of(plan, "span", place)},"")' if watch.span or watch.made else ""
        page.formula(beside, f"={_against(plan, place)}{span}", "text", boxed=False)
        _bullet(plan, page, left, right, place, top + 3)
        page.formula(light, f"={_light(plan, place)}", "word", boxed=False)
        page.lights(light, good=GREEN, fair=AMBER, bad=RED, off=OFF)
        page.label(f"{right}{top + 4}", plan.pages[watch.page].title, grow=False, link=watch.page)
    long = style.display_width(plan.t(called)) > 2 * page.fixed[left] - 3
    page.sheet.merge_cells(f"{left}{top}:{right}{top}")
    page.sheet[f"{left}{top}"].alignment = style.align("left", indent=1, wrap=True)
    height = page.sheet.row_dimensions[top].height or 0
    page.sheet.row_dimensions[top].height = max(height, 27 if long else 15)
    page.sheet.merge_cells(f"{figure}:{right}{top + 1}")
    page.sheet.merge_cells(f"{beside}:{right}{top + 2}")
    page.sheet[figure].font = style.font(style.INK, True, 18)
    page.sheet[figure].alignment = style.align("left", indent=1)
    page.sheet[beside].font, page.sheet[beside].alignment = style.font(style.MUTED, size=9), style.align("left", wrap=True)
    page.sheet.row_dimensions[top + 1].height = 27
    page.sheet.row_dimensions[top + 2].height = 27
    page.sheet.row_dimensions[top + 3].height = 9


def _called(name: Text, watch: Watch | None) -> Text:
    if watch is None or watch.basis.zh in ("", name.zh):
        return name
    return Text(f"{name.zh}（{watch.basis.zh}）", f"{name.en} ({watch.basis.en})")


def _against(plan: Plan, place: str) -> str:
    """The goal, how much of it is reached, and what is lacking; else why there is no figure."""
    found, goal, ratio = (_of(plan, column, place) for column in ("actual", "target", "ratio"))
    told = f'{plan.quoted(Text("目标 ", "goal "))}&{_of(plan, "goal", place)}&" · "&IF(ISNUMBER({ratio}),TEXT({ratio},"0.0%")&" · ","")&{_of(plan, "gap", place)}'
    none = plan.quoted(Text("尚无数据", "no data yet"))
    off = plan.quoted(OFF)
    return f"IF(AND(ISNUMBER({found}),ISNUMBER({goal})),{told},IF({found}={off},{off},{none}))"


def _light(plan: Plan, place: str) -> str:
    """The light; how old the data are where they are too old to judge by."""
    light, newest = _of(plan, "light", place), _of(plan, "newest", place)
    old = f"AND({light}={NOTHING},ISNUMBER({newest}),N({newest})<{plan.name(FRESH)})"
    until = plan.quoted(Text("数据到 ", "until "))
    return f'IF({old},{until}&TEXT({newest},"mm-dd"),{light})'


def _bullet(plan: Plan, page: Page, left: str, right: str, place: str, row: int) -> None:
    """A bar that reaches the tick when the plan is reached, and goes on beyond it."""
    ratio = _of(plan, "ratio", place)
    for letter, part in ((left, f"MAX(0,MIN(1,{ratio}))"), (right, f"MAX(0,MIN(1,{ratio}-1))")):
        cell = f"{letter}{row}"
        page.formula(cell, f'=IF(ISNUMBER({ratio}),{part},"")', ";;;", boxed=False)
        bar = DataBarRule(start_type="num", start_value=0, end_type="num", end_value=1, color=style.ACCENT, showValue=False)
        page.sheet.conditional_formatting.add(cell, bar)
    page.sheet[f"{left}{row}"].border = Border(right=Side(style="medium", color=style.INK))


# ------------------------------------------------------------------------------------------------------------ problems


def _problems(plan: Plan, page: Page) -> None:
    """The five that come first of all."""
    order = plan.name(name_of("order"))
    problem_rows(
        plan,
        page,
        PROBLEMS,
        Text("最先处理", "First of all"),
        # Compared one by one: the engine's own index of a column of more than 64 does not see what our functions changed since.
        lambda number: f'IFERROR(MATCH(TRUE,{order}=LARGE({order},{number}),0),"")',
    )


def problem_rows(plan: Plan, page: Page, top: int, title: Text, place: Callable[[int], str]) -> None:
    """Five problems, each with what is at stake, whose it is and where to go; ``place``: where the n-th stands in the register."""
    page.heading(f"B{top}", title, f"M{top}")
    heads = {
        "B": Text("#", "#"),
        "C": Text("灯", "Light"),
        "D": Text("问题", "Problem"),
        "H": Text("差距", "Gap"),
        "I": Text("涉及金额", "Exposed"),
        "J": Text("负责人", "Owner"),
        "K": Text("期限", "Due"),
        "L": Text("去处理", "Go there"),
        "M": Text("屏", "Screen"),
    }
    page.header(f"B{top + 1}", [heads.get(letter, "") for letter in COLUMNS])
    for number in range(1, MOST + 1):
        row = top + 1 + number
        at = f"{HELP}{row}"
        page.formula(at, f"={place(number)}", "int", boxed=False)
        page.sheet[at].font = style.font(style.MUTED, size=8)
        item = f'IF({_of(plan, "item", at)}="","",{plan.quoted(Text("：", ": "))}&{_of(plan, "item", at)})'
        screens = ",".join(plan.quoted(screen) for screen in SCREENS)
        fields = (
            ("B", str(number), "int"),
            ("C", _of(plan, "light", at), "word"),
            ("D", f"{_of(plan, 'title', at)}&{item}", "text"),
            ("H", _of(plan, "gap", at), "text"),
            ("I", _of(plan, "amount", at), "scaled"),
            ("J", _of(plan, "owner", at), "text"),
            ("K", _of(plan, "due", at), "date"),
            ("L", f"HYPERLINK({_of(plan, 'where', at)},{plan.quoted(GO)})", "text"),
            ("M", f"CHOOSE({_of(plan, 'screen', at)},{screens})", "text"),
        )
        for letter, formula, fmt in fields:
            none = plan.quoted(Text("没有红灯和橙灯", "Nothing is red or amber")) if (letter, number) == ("D", 1) else '""'
            page.formula(f"{letter}{row}", f'=IF({at}="",{none},{formula})', fmt, boxed=False)
        for letter in COLUMNS:
            page.sheet[f"{letter}{row}"].border = LINE
            if letter not in "CHIL":
                page.sheet[f"{letter}{row}"].font = style.font(style.INK)
        for letter in "BDJKLM":
            # A name stands off the amount before it.
            page.sheet[f"{letter}{row}"].alignment = style.align(
                "center" if letter in "BK" else "left", indent=int(letter == "J"), shrink=letter in "DJ"
            )
        page.sheet.merge_cells(f"D{row}:G{row}")
        page.sheet[f"L{row}"].font = style.font(style.ACCENT, underline="single")
        page.sheet[f"H{row}"].alignment = style.align("right")
    page.lights(f"C{top + 2}:C{top + 1 + MOST}", fair=AMBER, bad=RED)


def _left_out(plan: Plan, page: Page) -> None:
    """Whose commission could not be computed."""
    said = plan.figure(plan.name("pay_left_out") + '&""')
    page.formula(f"B{LEFT_OUT}", f"={said}", "text", boxed=False)
    page.sheet[f"B{LEFT_OUT}"].font, page.sheet[f"B{LEFT_OUT}"].alignment = style.font(style.WARNING, True), style.align("left")


def _chapters(plan: Plan, page: Page) -> None:
    """Twelve cells: each chapter with how many of its lights are red and amber."""
    ours = {watch.page: plan.pages[watch.page].chapter for watch in plan.watches.values()}
    judged = {home.number for home in ours.values() if home is not None}
    for number, letter in enumerate(COLUMNS, 1):
        chapter = registry.numbered().get(number)
        label = chapter.label if chapter is not None else _SHORT[number]
        pages = [p for p in plan.pages.values() if chapter is not None and p.chapter == chapter]
        first = min(pages, key=lambda p: p.order).key if pages else None
        page.label(
            f"{letter}{CHAPTERS}",
            Text(f"{number} {label.zh}", f"{number} {label.en}"),
            grow=False,
            link=first,
            muted=first is None,
        )
        at = f"{letter}{CHAPTERS + 1}"
        if number in judged:
            page.formula(at, f"={plan.switched(number, watches.lights_of(plan, number))}", "word")
        else:
            page.label(at, "–", muted=True, grow=False)
            page.sheet[at].border = style.BOX
        for row in (CHAPTERS, CHAPTERS + 1):
            page.sheet[f"{letter}{row}"].alignment = style.align("center")
    area = f"B{CHAPTERS + 1}:M{CHAPTERS + 1}"
    for sign, color in (("■", style.RED), ("▲", style.AMBER), ("●", style.GREEN)):
        page.condition(area, f'ISNUMBER(SEARCH("{sign}",B{CHAPTERS + 1}))', color, shaped=False)
    page.lights(area, off=OFF)


# -------------------------------------------------------------------------------------------------------------- charts


def _months(plan: Plan, page: Page) -> None:
    """Bookings against plan, added up from January; a month still to come has plan only, the last one where the year lands, too."""
    row, data = FIRST_ROW, plan.drawn("cd_months", Text("累计签单", "Bookings to date"))
    data.header(
        f"B{row}", [Text("月份", "Month"), Text("累计计划", "Plan to date"), Text("累计签单", "Bookings to date"), *_LANDING]
    )
    quota, booked = plan.name("quota_months"), plan.name("bookings_months")
    year, day = plan.name("plan_year"), plan.name("as_of")
    for month in range(1, 13):
        at = row + month
        data.label(f"B{at}", plan.t(Text(f"{month}月", f"M{month}")))
        before = (f"N(C{at - 1})+", f"N(D{at - 1})+") if month > 1 else ("", "")
        _figure(data, f"C{at}", f"{before[0]}INDEX({quota},{month})", "scaled")
        later = f"DATE({year},{month},1)>{day}"
        _figure(data, f"D{at}", f'IF({later},"",{before[1]}N(INDEX({booked},{month})))', "scaled")
    last = row + 12
    _landing(plan, data, last)
    signed, due = plan.name("bookings"), f"({plan.name('quota_total')}*{plan.name('plan_share')})"
    told, beside = plan.quoted(Text("签单 ", "To date ")), plan.quoted(Text("，计划进度 ", " of "))
    planned = plan.quoted(Text("", " planned"))
    said = f"{plan.figure(f'{told}&{plan.say(signed)}&{beside}&{plan.say(due)}&{planned}')}&{_lands(plan)}"
    # Columns, for a line would fall to nothing where months have no figure yet; where the year lands stands behind what is signed.
    charts.bars(
        page,
        f"B{CHARTS}",
        plan.message(page, said, "Deals", "cd_months"),
        f"B{row + 1}:B{last}",
        [(f"{letter}{row}", f"{letter}{row + 1}:{letter}{last}") for letter in "EDC"],
        "axis",
        plan.per_axis(Text("累计签单", "Bookings to date")),
        (13.6 if plan.lang == "zh" else 15.3, 8.3),
        planned=2,
        likely=0,
        labels=False,
        named=(11, 1, 9),
        spread=(f"H{row + 1}:H{last}", f"I{row + 1}:I{last}"),
        data=data,
    )
    for letter, name in zip("EFG", ("likely", "low", "high"), strict=True):
        plan.define(f"landing_{name}", data, f"{letter}{last}")
    plan.put_away(data)


def _landing(plan: Plan, data: Page, at: int) -> None:
    """Where the year lands as long as it runs: by the pipeline with its range, else by the progress so far, without one."""
    over = f"DATE({plan.name('plan_year')},12,31)<={plan.name('as_of')}"
    likely = plan.figure(f"{plan.name('bookings')}/{plan.name('plan_share')}")
    low = high = '""'
    if "pipeline_low" in plan.names:
        low, high = plan.name("pipeline_low"), plan.name("pipeline_high")
        weighted = f"N({plan.name('bookings')})+N({plan.name('pipeline_weighted')})"
        likely = f"IF(ISNUMBER({low}),{weighted},{likely})"
    data.formula(f"E{at}", f'=IF({over},"",IFERROR({likely},""))', "scaled")
    for letter, end in (("F", low), ("G", high)):
        data.formula(f"{letter}{at}", f'=IF(OR(E{at}="",NOT(ISNUMBER({end}))),"",{end})', "scaled")
    for letter, off in (("H", f"G{at}-E{at}"), ("I", f"E{at}-F{at}")):
        data.formula(f"{letter}{at}", f'=IF(ISNUMBER(F{at}),{off},"")', "scaled")


def _lands(plan: Plan) -> str:
    """Where the year lands, at the end of the sentence over the months: a range, a figure where there is none, nothing when it is over."""
    low, high, likely = (f"landing_{name}" for name in ("low", "high", "likely"))
    lands = plan.quoted(Text("；年底落在 ", "; year lands at "))
    between = f'{lands}&{plan.say(low)}&"–"&{plan.say(high)}'
    return f'IF(ISNUMBER({low}),{between},IF(ISNUMBER({likely}),{lands}&{plan.say(likely)},""))'


def _regions(plan: Plan, page: Page) -> None:
    """The regions by how far they have come, the last one first; as many rows as there are regions."""
    progress, names = f"{plan.name('region_progress')}#", f"{plan.name('region_names')}#"
    head, line = Text("进度", "Progress"), Text("计划", "Plan")
    what = Ranking(names, progress, order_of(names), head, "rate", limit="1", limit_head=line)
    drawn = ranked(plan, "cd_regions", Text("区域进度", "Regions"), what)
    behind, of = plan.quoted(Text("落后于计划的区域 ", "Regions behind plan: ")), plan.quoted(Text(" 个，共 ", " of "))
    said = f'{behind}&COUNTIF({progress},"<1")&{of}&COUNTA({names})&{plan.quoted(Text(" 个", ""))}'
    charts.bars(
        page,
        f"H{CHARTS}",
        plan.message(page, plan.figure(said), "Deals", "cd_regions"),
        drawn.categories,
        [drawn.series],
        "0%",
        size=(13.6 if plan.lang == "zh" else 15.3, 8.3),
        across=True,
        threshold=drawn.limit,
        threshold_named=0,
        data=drawn.data,
    )
    plan.put_away(drawn.data)


def _figure(page: Page, cell: str, formula: str, fmt: str) -> None:
    """A formula, without its =, over figures of chapters: the word for off while one of these is off."""
    page.formula(cell, f"={page.plan.figure(formula)}", fmt)


SHEET = PlanSheet(5, build, last=1)
