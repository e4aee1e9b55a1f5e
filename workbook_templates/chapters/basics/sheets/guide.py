"""说明 / Guide: what the workbook is for, how it is read, and what each sheet asks of whom."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.chapters.basics import next_steps
from workbook_templates.page import style
from workbook_templates.page.builder import FIRST_ROW, Page, Plan
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables import schema
from workbook_templates.tables.switches import OFF

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
        "填写蓝色单元格与各表格（区域、人员、客户、成交、费用）；可从 CRM/ERP 导出粘贴，表格会自动扩展。",
        "Fill in the blue cells and the Tables (regions, people, customers, deals, budget); paste from CRM or ERP, Tables grow "
        "by themselves.",
    ),
    Text("黑色、绿色是公式，不要改写。", "Black and green cells are formulas: leave them."),
    Text(
        "看左上角“总检查”：绿色为通过；红色时到“检查”表，逐项有说明。",
        "Look at the master check at the top left: green is fine; when red, the Checks sheet says what is wrong, line by line.",
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
            "先读这一页：用途、颜色、各表做什么、错误怎么看",
            "Read this first: purpose, colours, what each sheet is for, how to read errors",
        ),
        tab=style.INK,
    )
    page.width(B=20, C=30, D=62, E=62, F=15)
    row = next_steps.top(plan, page, FIRST_ROW)
    row = _about(plan, page, row + 1)
    row = next_steps.listed(plan, page, row + 1)
    row = _sheets(plan, page, row + 1)
    row = _legend(plan, page, row + 1)
    row = _numbered(page, row + 1, Text("怎么用", "How to use it"), _STEPS)
    row = _errors(plan, page, row + 1)
    _numbered(page, row + 1, Text("没有加载项时", "Without the add-in"), _WITHOUT)


def _about(plan: Plan, page: Page, row: int) -> int:
    """Purpose, owner, version, date."""
    page.heading(f"B{row}", Text("这是什么", "What this is"), until="E")
    page.paragraph(f"B{row + 1}:E{row + 1}", _PURPOSE)
    facts = (
        (Text("公司", "Company"), "company_name", "general"),
        (Text("计划年度", "Plan year"), "plan_year", "year"),
        (Text("方案版本", "Version"), "plan_version", "general"),
        (Text("截止日期", "As of"), "as_of", "date"),
    )
    for at, (label, name, fmt) in enumerate(facts, row + 3):
        page.label(f"B{at}", label)
        page.formula(f"C{at}", f"={plan.name(name)}", fmt)
        for letter in "BC":
            page.sheet[f"{letter}{at}"].border = style.BOX
        page.sheet[f"C{at}"].alignment = style.align("left")
    at = row + 3 + len(facts)
    page.label(f"B{at}", Text("负责人", "Owner"))
    page.sheet[f"B{at}"].border = style.BOX
    page.input(f"C{at}", None, note=Text("谁负责维护本工作簿", "who keeps this workbook"), name="plan_owner")
    return at + 1


def _sheets(plan: Plan, page: Page, row: int) -> int:
    """Every sheet with a link, what it shows and what to do there."""
    page.heading(f"B{row}", Text("工作表", "Sheets"), until="F")
    heads = (
        Text("工作表", "Sheet"),
        "",
        Text("内容", "What it shows"),
        Text("要做什么", "What to do there"),
        Text("章", "Chapter"),
    )
    page.header(f"B{row + 1}", heads)
    page.sheet.merge_cells(f"B{row + 1}:C{row + 1}")
    others = sorted((p for p in plan.pages.values() if p is not page), key=lambda p: p.order)
    for at, other in enumerate(others, row + 2):
        page.label(f"B{at}", other.title, link=other.key)
        page.sheet.merge_cells(f"B{at}:C{at}")
        page.label(f"D{at}", other.purpose, wrap=True)
        page.label(f"E{at}", other.todo, wrap=True)
        lines = max(style.lines_needed(plan.t(text), 60) for text in (other.purpose, other.todo))
        page.sheet.row_dimensions[at].height = 16.5 * lines + 3
        _state(plan, page, f"F{at}", other)
        for letter in "BCDEF":
            page.sheet[f"{letter}{at}"].border = style.BOX
            page.sheet[f"{letter}{at}"].alignment = style.align(wrap=letter in "DE")
    last = row + 1 + len(others)
    first = row + 2
    page.condition(f"B{first}:F{last}", f"$F{first}={plan.quoted(OFF)}", style.QUIET)
    return last + 1


def _state(plan: Plan, page: Page, cell: str, other: Page) -> None:
    """The chapter of a sheet, or that it is switched off."""
    chapter = other.chapter
    if chapter is None or not chapter.switched:
        page.label(cell, "–", muted=True)
        return
    named = Text(f"{chapter.number} {chapter.label.zh}", f"{chapter.number} {chapter.label.en}")
    page.formula(cell, f"={plan.switched(chapter.number, plan.quoted(named))}")


def _legend(plan: Plan, page: Page, row: int) -> int:
    """What the colours mean."""
    page.heading(f"B{row}", Text("颜色", "Colours"), until="E")
    page.input(f"B{row + 1}", Text("蓝字", "Blue"))
    entries = (
        (Text("蓝字", "Blue"), style.INPUT, style.INPUT_FILL, Text("填写：数据与参数", "To fill in: data and settings")),
        (Text("黑字", "Black"), style.FORMULA, "FFFFFF", Text("公式：只用本表的数", "Formula over this sheet's own cells")),
        (Text("绿字",
              "Green"), style.CROSS, "FFFFFF", Text("公式：取用其他工作表的表格或命名单元格",
                                                    "Formula that takes Tables or named cells of other sheets")),
        (Text("表头",
              "Header"), "FFFFFF", style.ACCENT, Text("表头：名称即公式里的列名，请勿改动",
                                                      "Header: the column's name in formulas, don't change it")),
        (schema.PASS, style.GREEN_INK, style.GREEN, Text("正常、通过", "Fine, passed")),
        (schema.TODO, style.AMBER_INK, style.AMBER, Text("待填、预警", "To fill in, warning")),
        (schema.FAIL, style.RED_INK, style.RED, Text("有误、超限", "Wrong, beyond the limit")),
    )  # fmt: skip
    for at, (word, ink, ground, meaning) in enumerate(entries, row + 1):
        page.label(f"B{at}", word)
        sample = page.sheet[f"B{at}"]
        sample.font, sample.fill, sample.border = style.font(ink, True), style.fill(ground), style.BOX
        sample.alignment = style.align("center")
        page.label(f"C{at}", meaning, grow=False)
    return row + 1 + len(entries)


def _numbered(page: Page, row: int, title: Text, texts: tuple[Text, ...]) -> int:
    page.heading(f"B{row}", title, until="E")
    for number, text in enumerate(texts, 1):
        page.paragraph(f"B{row + number}:E{row + number}", Text(f"{number}. {text.zh}", f"{number}. {text.en}"))
    return row + 1 + len(texts)


def _errors(plan: Plan, page: Page, row: int) -> int:
    """The five errors, and the function that says why."""
    page.heading(f"B{row}", Text("错误怎么看", "How to read errors"), until="E")
    for at, (code, meaning) in enumerate(_ERRORS, row + 1):
        page.label(f"B{at}", code, bold=True)
        page.sheet[f"B{at}"].data_type = "s"  # the error's name, not the error
        page.label(f"C{at}", meaning, grow=False)
    at = row + 1 + len(_ERRORS)
    page.paragraph(
        f"B{at}:E{at}",
        Text(
            '想知道原因，在空白单元格输入 =SALES_WHY("函数名",参数…)：它会说明哪个参数、哪个值、怎么改。下面是一个例子：费用为空时的 ROI。',
            'To learn the reason type =SALES_WHY("FUNCTION",arguments…) into an empty cell: it names the argument, the value '
            "and the remedy. "
            "Here for the ROI of a line without cost:",
        ),
    )
    page.label(f"B{at + 1}", '=SALES_WHY("ROI",1,0)', muted=True, grow=False)
    page.sheet[f"B{at + 1}"].data_type = "s"
    page.formula(f"D{at + 1}", '=SALES_WHY("ROI",1,0)', boxed=True)
    page.sheet[f"D{at + 1}"].alignment = style.align("left", wrap=True)  # not merged: an array formula can't be
    page.sheet.row_dimensions[at + 1].height = 36
    return at + 2


SHEET = PlanSheet(0, build, last=2)  # it lists the other sheets
