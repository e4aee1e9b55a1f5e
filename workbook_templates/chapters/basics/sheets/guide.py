"""说明 / Guide: what the workbook is for, how it is read, and what each sheet asks of whom."""

from __future__ import annotations

from collections.abc import Sequence

from udfs.formula import CHAPTERS
from udfs.text import Text
from workbook_templates.chapters.basics import next_steps
from workbook_templates.page import style, watches
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.navigation import INPUT, RECORD, RESULT, VIEW
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables import schema
from workbook_templates.tables.switches import OFF, SWITCHES

_PURPOSE = Text(
    "本工作簿是一年的销售计划：市场与目标、团队与指标、成交与提成、利润分享与股权、费用与投入产出。数字由公式算出，公式调用 SALES 加载项的函数；"
    "制度参数（比例、分档、权重）只在“参数”表出现一次。金额单位为元（不含增值税），“万”“亿”只是显示格式。",
    "This workbook is the year's sales plan: market and targets, team and quotas, deals and commission, profit pool and "
    "equity, budget and "
    "return. The figures are formulas that call the functions of the SALES add-in; the plan's own numbers (rates, tiers, "
    "weights) are there once, "
    "on Settings. Amounts are yuan net of VAT; k and M are number formats only.",
)
_STEPS = (
    Text(
        "先在“参数”表核对公司、年度、截止日期与制度参数。", "On Settings check company, year, as-of date and the plan's numbers."
    ),
    Text(
        "填写黄底蓝字的单元格；从 CRM/ERP 导出的行用“导入”按钮或粘贴到表格下方，表格会自动扩展。",
        "Fill in the blue cells on yellow; rows from CRM or ERP come by the Import button or are pasted below a Table, which grows.",
    ),
    Text(
        "黑色、绿色是公式，紫色由按钮写入，灰色已锁定：都不要改写。表头是公式里的列名，请勿改动。",
        "Black and green cells are formulas, violet ones a button writes, grey ones are settled: leave them. Headers are names in formulas.",
    ),
    Text(
        "第 2 行可到驾驶舱、前后页、本章首页；右边是总检查：通过、待填或有误，点开“检查”表逐项有说明。",
        "Row 2 leads home, back, on, and to the chapter; at its right the master check: click for the Checks sheet, line by line.",
    ),
)
_ERRORS = (
    ("#N/A", Text("缺数据：表是空的、没有评分、没有历史", "Data is missing: an empty table, no rating, no history")),
    ("#VALUE!", Text("类型不对：数字处写了文字，或两列长短不一", "Wrong type: text where a number belongs, or ranges of different size")),
    ("#NUM!", Text("超出范围：35 应写 35%，分档未按升序", "Out of range: 35 instead of 35%, tiers out of order")),
    ("#DIV/0!", Text("分母为零：费用为 0、权重全为 0", "Division by zero: no cost, all weights 0")),
    ("#NAME?", Text("没有装加载项：见下“没有加载项时”", "The add-in is missing: see “Without the add-in” below")),
)  # fmt: skip
_WITHOUT = (
    Text(
        "文件里已存好全部数值与图表：手机预览、微信、WPS、没有加载项的 Excel 都能看到。",
        "All values and charts are stored in the file: phone previews, WeChat, WPS and Excel without the add-in show them.",
    ),
    Text(
        "没有加载项时请只看不改：改动后重算会显示 #NAME?；不保存关闭即可恢复。",
        "Without the add-in read, don't edit: a recalculation would show #NAME?; close without saving to get the values back.",
    ),
    Text(
        "编辑需要 Microsoft 365 或 Excel 2021 及以后的版本；Excel 2016、2019 只能查看已存的数值。",
        "Editing needs Microsoft 365, Excel 2021 or newer; Excel 2016 and 2019 only show the stored values.",
    ),
)


def build(plan: Plan) -> None:
    page = plan.page(
        "guide",
        Text("说明", "Guide"),
        Text(
            "一页地图：各章的工作表、检查与数据；第二页：怎么用",
            "The map: each chapter's sheets, checks and data; page 2: how to use it",
        ),
    )
    page.whole = True  # a map is one page
    wide = _WIDE if plan.lang == "zh" else _WIDE_EN
    page.width(B=22, C=wide, **(dict.fromkeys([*_INPUTS, *_RESULTS], wide)), J=8, K=9, L=12, M=9, N=11, O=12)
    row = next_steps.top(plan, page, FIRST_ROW)
    row = _about(plan, page, row + 1)
    row = _legend(plan, page, row + 1)
    row = _map(plan, page, row + 1)
    page.prints(f"A1:O{row}")  # how to use it is read on the screen
    row = next_steps.listed(plan, page, row + 1)
    row = _purpose(plan, page, row + 1)
    row = _numbered(page, row + 1, Text("怎么用", "How to use it"), _STEPS)
    row = _errors(plan, page, row + 1)
    _numbered(page, row + 1, Text("没有加载项时", "Without the add-in"), _WITHOUT)


def _about(plan: Plan, page: Page, row: int) -> int:
    """Whose plan it is, of which year and day, and who keeps it, in one line."""
    facts = (
        ("B", Text("公司", "Company"), "company_name", "general"),
        ("D", Text("计划年度", "Plan year"), "plan_year", "year"),
        ("F", Text("截止日期", "As of"), "as_of", "date"),
        ("H", Text("方案版本", "Version"), "plan_version", "general"),
    )
    for letter, label, name, fmt in facts:
        page.label(f"{letter}{row}", label, muted=True)
        beside = f"{chr(ord(letter) + 1)}{row}"
        page.formula(beside, f"={plan.name(name)}", fmt)
        page.sheet[beside].alignment = style.align("left", shrink=True)
    page.label(f"J{row}", Text("负责人", "Owner"), muted=True)
    page.input(f"K{row}", None, note=Text("谁负责维护本工作簿", "who keeps this workbook"), name="plan_owner")
    return row + 1


def _legend(plan: Plan, page: Page, row: int) -> int:
    """What the looks of cells mean, in two lines."""
    roles = (
        ("input", Text("填写", "Input")),
        ("pasted", Text("导入", "Pasted")),
        ("formula", Text("公式", "Formula")),
        ("cross", Text("跨表", "Cross-sheet")),
        ("written", Text("按钮写入", "Button-written")),
        ("locked", Text("锁定", "Locked")),
        ("note", Text("说明", "Note")),
    )
    page.label(f"B{row}", Text("单元格", "Cells"), muted=True)
    for letter, (role, word) in zip("CDEFGHI", roles, strict=True):
        page.sample(f"{letter}{row}", word, style.ROLES[role].ink, style.ROLES[role].ground)
    lights = (
        (style.GREEN, Text("绿：正常", "green: fine")),
        (style.AMBER, Text("橙：留意", "amber: watch")),
        (style.RED, Text("红：先处理", "red: first")),
        (style.QUIET, Text("无数据、停用", "no data, off")),
    )
    page.label(f"B{row + 1}", Text("灯", "Lights"), muted=True)
    for letter, (color, word) in zip("CDEF", lights, strict=True):
        light = style.LIGHTS[color]
        page.sample(f"{letter}{row + 1}", Text(f"{light.shape} ", f"{light.shape} ") + word, light.ink, light.ground)
    return row + 2


# The columns of the map: what is filled in, what comes out, and how it stands.
_INPUTS, _RESULTS = "DEF", "GHI"
_WIDE, _WIDE_EN = 16.0, 16.4  # a name that is longer is written smaller, so that all stand in one line with their neighbours


_FITTED = style.align("left", indent=1, shrink=True)


def _map(plan: Plan, page: Page, row: int) -> int:
    """A block a chapter: its sheets with links, whether it is on, its checks, its data, its last change, its owner."""
    heads = (
        Text("章", "Chapter"),
        Text("总览页", "View"),
        *(Text("填写与导入", "Input"), "", ""),
        *(Text("结果", "Results"), "", ""),
        Text("状态", "State"),
        Text("灯", "Lights"),
        Text("检查", "Checks"),
        Text("有数据的表", "Filled"),
        Text("最近变更", "Changed"),
        Text("负责人", "Owner"),
    )
    page.header(f"B{row}", heads)
    for columns in (_INPUTS, _RESULTS):
        page.sheet.merge_cells(f"{columns[0]}{row}:{columns[-1]}{row}")
    others = [other for other in plan.in_order() if other is not page]
    top = row = row + 1
    for number, title in sorted(CHAPTERS.items()):
        own = [p for p in others if (p.chapter.number if p.chapter else 0) == number and p.part != RECORD]
        label = Text(f"{number} {title.zh}", f"{number} {title.en}") if number else Text("总览", "Overview")
        last = _chapter(plan, page, row, label, own)
        if number:
            _standing(plan, page, row, number, own)
        row = last + 1
    row = _chapter(plan, page, row, Text("记录", "Records"), [p for p in others if p.part == RECORD]) + 1
    page.lights(f"L{top}:L{row - 1}", good=schema.PASS)
    for sign, color in (("■", style.RED), ("▲", style.AMBER), ("●", style.GREEN)):
        page.condition(f"K{top}:K{row - 1}", f'ISNUMBER(SEARCH("{sign}",$K{top}))', color, shaped=False)
    page.condition(f"B{top}:O{row - 1}", f"$J{top}={plan.quoted(OFF)}", style.QUIET)
    return row


def _chapter(plan: Plan, page: Page, row: int, label: Text, own: Sequence[Page]) -> int:
    """The sheets of a chapter in its columns; returns the last row they take."""
    last = row
    page.label(f"B{row}", label, bold=True, grow=False)
    page.sheet[f"B{row}"].alignment = _FITTED
    kinds = (("C", (VIEW,)), (_INPUTS, (INPUT, RECORD)), (_RESULTS, (RESULT,)))
    for columns, parts in kinds:
        for place, other in enumerate(p for p in own if p.part in parts):
            at = row + place // len(columns)
            link = f"{columns[place % len(columns)]}{at}"
            page.label(link, other.title, link=other.key, grow=False)
            page.sheet[link].alignment = _FITTED
            last = max(last, at)
    for letter in "BCDEFGHIJKLMNO":
        page.edge(f"{letter}{row}")
    return last


def _standing(plan: Plan, page: Page, row: int, number: int, own: Sequence[Page]) -> None:
    """How a chapter stands: on or off, checks that failed or wait, Tables with rows, when something last changed, whose it is."""
    page.formula(f"J{row}", f"=INDEX({plan.name(SWITCHES)},{number})", "word", boxed=False)
    page.formula(f"O{row}", f'=INDEX({plan.name("chapter_owners")},{number})&""', "text", boxed=False)
    if not own:
        return
    of = f"{plan.name('check_chapters')},{number},{plan.name('check_states')}"
    failed, waiting = (f"COUNTIFS({of},{plan.quoted(word)})" for word in (schema.FAIL, schema.TODO))
    fine, (red, amber) = plan.quoted(schema.PASS), (style.LIGHTS[color].shape for color in (style.RED, style.AMBER))
    if number in {home.number for watch in plan.watches.values() if (home := plan.pages[watch.page].chapter)}:
        page.formula(f"K{row}", f"={plan.switched(number, watches.lights_of(plan, number))}", "word", boxed=False)
    page.formula(f"L{row}", f'=IF({failed}+{waiting}=0,{fine},"{red}"&{failed}&" {amber}"&{waiting})', "word", boxed=False)
    tables = [name for name, sheet in plan.tables.items() if sheet in {p.sheet.title for p in own}]
    if tables:
        filled = "+".join(f"(COUNTA({_first(plan, name)})>0)" for name in tables)
        page.formula(f"M{row}", f'=0+{filled}&"/{len(tables)}"', "word", boxed=False)
    log = plan.table("ChangeLog")
    newest = ",".join(f'MAXIFS({log.time},{log.sheet},"{p.sheet.title}")' for p in own)
    page.formula(f"N{row}", f'=IF(MAX({newest})=0,"–",MAX({newest}))', "date", boxed=False)
    page.sheet[f"N{row}"].alignment = style.align("center")


def _first(plan: Plan, name: str) -> str:
    """The column that every row of a Table fills in."""
    spec = schema.table(name)
    key = next(column.key for column in spec.columns if column.needed and not column.formula)
    return str(getattr(plan.table(name), key))


def _purpose(plan: Plan, page: Page, row: int) -> int:
    page.heading(f"B{row}", Text("这是什么", "What this is"), until="I")
    page.paragraph(f"B{row + 1}:I{row + 1}", _PURPOSE)
    return row + 2


def _numbered(page: Page, row: int, title: Text, texts: tuple[Text, ...]) -> int:
    page.heading(f"B{row}", title, until="I")
    for number, text in enumerate(texts, 1):
        page.paragraph(f"B{row + number}:I{row + number}", Text(f"{number}. {text.zh}", f"{number}. {text.en}"))
    return row + 1 + len(texts)


def _errors(plan: Plan, page: Page, row: int) -> int:
    """The five errors, and the function that says why."""
    page.heading(f"B{row}", Text("错误怎么看", "How to read errors"), until="I")
    for at, (code, meaning) in enumerate(_ERRORS, row + 1):
        page.label(f"B{at}", code, bold=True)
        page.sheet[f"B{at}"].data_type = "s"  # the error's name, not the error
        page.label(f"C{at}", meaning, grow=False)
    at = row + 1 + len(_ERRORS)
    page.paragraph(
        f"B{at}:I{at}",
        Text(
            '想知道原因，在空白单元格输入 =SALES_WHY("函数名",参数…)：它会说明哪个参数、哪个值、怎么改。下面是一个例子：费用为空时的 ROI。',
            'To learn the reason type =SALES_WHY("FUNCTION",arguments…) into an empty cell: it names the argument, the value '
            "and the remedy. "
            "Here for the ROI of a line without cost:",
        ),
    )
    page.label(f"B{at + 1}", '=SALES_WHY("ROI",1,0)', muted=True, grow=False)
    page.sheet[f"B{at + 1}"].data_type = "s"
    page.formula(f"E{at + 1}", '=SALES_WHY("ROI",1,0)', boxed=False)
    page.sheet[f"E{at + 1}"].alignment = style.align("left")
    return at + 2


SHEET = PlanSheet(0, build, last=3, part=INPUT)  # it lists the other sheets
