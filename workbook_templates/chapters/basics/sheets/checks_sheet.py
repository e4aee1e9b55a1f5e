"""Checks: every check of the plan in a line, each with where, found, expected and status; one master check."""

from __future__ import annotations

from collections.abc import Iterable

from udfs.text import Text
from workbook_templates import checking
from workbook_templates.answers import WARNING
from workbook_templates.checking.core import PARTS, Check, Line, column
from workbook_templates.page import style
from workbook_templates.page.builder import Page, Plan
from workbook_templates.page.navigation import RESULT
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables import schema
from workbook_templates.tables.schema import FAIL, NOTICE, PASS, TODO
from workbook_templates.tables.switches import OFF

_FIRST, _MOST = 14, 12  # what is not passed, the worst first: the header's row and how many
TOP = _FIRST + _MOST + 4  # header row of all checks
PART_COLUMNS = dict(zip(PARTS, "KLM", strict=True))  # what a Table's line counts, beside the list

_CHAPTER = chr(ord(max(PART_COLUMNS.values())) + 1)  # the column with a check's chapter
_ORDER = chr(ord(_CHAPTER) + 1)  # folded away: by what the open ones are ordered
_STEP = 10**6
_TEXT = 46.0  # width of the columns with texts


def build(plan: Plan, checks: Iterable[Check] | None = None) -> None:
    """The sheet, with every check there is or some of them."""
    page = plan.page(
        "checks",
        Text("检查", "Checks"),
        Text(
            "全部通过才可会签与发放；提醒不影响总检查",
            "Sign off and pay only when all is OK; a notice does not spoil the master check",
        ),
        todo=Text("逐条消除红灯", "Clear the red lights one by one"),
    )
    page.width(C=_TEXT, I=_TEXT)
    page.header(
        f"B{TOP}",
        [
            Text("序号", "No."),
            Text("检查", "Check"),
            Text("位置", "Where"),
            Text("实际", "Found"),
            Text("应为", "Expected"),
            Text("差额", "Difference"),
            Text("状态", "Status"),
            Text("怎么办", "What to do"),
            Text("检查码", "Code"),
            *PARTS.values(),
            Text("章", "Chapter"),
        ],
    )
    row = TOP
    for check in checking.registered().values() if checks is None else checks:
        if check.line is not None:
            row += 1
            page.sheet[f"B{row}"] = row - TOP
            _row(plan, page, row, check, check.line(plan))
    page.lights(f"H{TOP + 1}:H{row}", good=PASS, fair=TODO, bad=FAIL)
    page.lights(f"H{TOP + 1}:H{row}", fair=NOTICE, off=OFF)
    _master(plan, page, f"H{TOP + 1}:H{row}")
    plan.define("check_states", page, f"H{TOP + 1}:H{row}")
    plan.define("check_chapters", page, f"{_CHAPTER}{TOP + 1}:{_CHAPTER}{row}")
    plan.define(schema.CHECK_LIST, page, f"B{TOP + 1}:J{row}")
    _open_ones(plan, page, row)
    page.prints(f"A1:I{TOP - 2}", Text("全部检查在屏幕上看", "All checks are read on the screen"))


def _open_ones(plan: Plan, page: Page, last: int) -> None:
    """What is not passed, errors first: nobody looks for them among a hundred that are."""
    keys = f"{_ORDER}${TOP + 1}:{_ORDER}${last}"
    words = ",".join(plan.quoted(word) for word in (FAIL, TODO, NOTICE))
    for row in range(TOP + 1, last + 1):
        page.formula(f"{_ORDER}{row}", f"=IFERROR(MATCH(H{row},{{{words}}},0),9)*{_STEP}+ROW()", "int")
    page.sheet.column_dimensions[_ORDER].outlineLevel, page.sheet.column_dimensions[_ORDER].hidden = 1, True
    page.heading(f"B{_FIRST - 1}", Text("先看这些", "These first"), f"I{_FIRST - 1}")
    heads = (
        Text("检查", "Check"),
        Text("位置", "Where"),
        Text("实际", "Found"),
        Text("应为", "Expected"),
        Text("差额", "Difference"),
    )
    page.header(f"B{_FIRST}", [Text("序号", "No."), *heads, Text("状态", "Status"), Text("怎么办", "What to do")])
    for place in range(1, _MOST + 1):
        at = _FIRST + place
        key = f"SMALL({keys},{place})"
        for letter in "BCDEFGHI":
            found = f"INDEX({letter}${TOP + 1}:{letter}${last},MATCH({key},{keys},0))"
            shown = f'{found}&""' if letter in "CDI" else found
            if letter == "G":  # in the unit of the two beside it
                shown = f'IF(AND(ISNUMBER(E{at}),ISNUMBER(F{at})),ROUND(E{at}-F{at},4),"–")'
            fmt = "word" if letter == "H" else "int" if letter == "B" else "number" if letter in "EFG" else "text"
            page.formula(f"{letter}{at}", f'=IF({key}>{9 * _STEP},"",{shown})', fmt)
            page.sheet[f"{letter}{at}"].alignment = style.align("left" if letter in "CDI" else None, wrap=letter in "CI")
        page.sheet.row_dimensions[at].height = 30
    page.ruled(f"B{_FIRST + 1}:I{_FIRST + _MOST}", f'$C{_FIRST + 1}<>""')
    area = f"H{_FIRST + 1}:H{_FIRST + _MOST}"
    page.lights(area, good=PASS, fair=TODO, bad=FAIL)
    page.lights(area, fair=NOTICE, off=OFF)
    rest = f'COUNTIF({keys},"<{9 * _STEP}")-{_MOST}'
    more, items = plan.quoted(Text("还有 ", "and ")), plan.quoted(Text(" 项，见下", " more, below"))
    page.formula(f"C{_FIRST + _MOST + 1}", f'=IF({rest}>0,{more}&{rest}&{items},"")', "text", boxed=False)


def _master(plan: Plan, page: Page, statuses: str) -> None:
    page.heading("B5", Text("总检查", "Master check"), "J5")
    page.label("B6", Text("结论", "Verdict"), bold=True)
    fail, todo = plan.quoted(FAIL), plan.quoted(TODO)
    verdict = f"=IF(COUNTIF({statuses},{fail})>0,{fail},IF(COUNTIF({statuses},{todo})>0,{todo},{plan.quoted(PASS)}))"
    page.formula("C6", verdict, "word", "master_check", bold=True)
    page.lights("C6", good=PASS, fair=TODO, bad=FAIL)
    for row, word in enumerate((PASS, FAIL, TODO, NOTICE, OFF), 6):
        page.label(f"E{row}", word, grow=False)
        page.formula(f"F{row}", f"=COUNTIF({statuses},E{row})", "int")


def _row(plan: Plan, page: Page, row: int, check: Check, line: Line) -> None:
    _wrapped(plan, page, row, C=check.what, I=check.remedy)
    page.label(f"D{row}", _home(plan, check.page), muted=True)
    found = line.found if line.parts is None else _parts(plan, page, row, check, line)
    empty = f"COUNTA({column(plan, line.needs)})=0" if line.needs else ""

    def asked(letter: str, formula: str, fmt: str, blank: str, off: str | None = '"–"') -> None:
        formula = f"IF({empty},{blank},{formula})" if empty else formula
        page.formula(f"{letter}{row}", f"={plan.switched(check.chapter, formula, off)}", fmt)

    # Arrays stand in these: stored as plain formulas Excel would cut them to one row's cell.
    asked("E", found, line.fmt, '"–"')
    asked("F", line.expected, line.fmt, '"–"')
    apart, fmt = f"ROUND(E{row}-F{row},4)", line.fmt
    if style.number_format(fmt, plan.lang).endswith("%"):  # two rates differ by percentage points
        apart, fmt = f"ROUND(100*(E{row}-F{row}),2)", "points2"
    page.formula(f"G{row}", f'=IF(AND(ISNUMBER(E{row}),ISNUMBER(F{row})),{apart},"–")', fmt)
    bad = plan.quoted(NOTICE if check.level == WARNING else FAIL)
    fine = f"G{row}<=0" if line.at_most else f"G{row}>=0" if line.at_least else f"G{row}=0"
    status = f"IF(ISNUMBER(G{row}),IF({fine},{plan.quoted(PASS)},{bad}),{plan.quoted(FAIL)})"
    asked("H", status, "word", plan.quoted(TODO), None)
    page.label(f"J{row}", check.code, muted=True)
    page.sheet[f"{_CHAPTER}{row}"] = check.chapter


def _wrapped(plan: Plan, page: Page, row: int, **texts: Text) -> None:
    """What is asked and what to do about it: beside them stand other cells, so they wrap, and the row is as high as the
    longer one."""
    for letter, text in texts.items():
        page.label(f"{letter}{row}", text, muted=letter != "C", wrap=True)
        page.sheet[f"{letter}{row}"].alignment = style.align("left", wrap=True)
    lines = max(style.lines_needed(plan.t(text), _TEXT - 1) for text in texts.values())
    page.sheet.row_dimensions[row].height = 16.5 * lines + 3


def _parts(plan: Plan, page: Page, row: int, check: Check, line: Line) -> str:
    """What a line adds up, each count in its column."""
    assert line.parts is not None
    for kind, letter in PART_COLUMNS.items():
        if kind in line.parts:
            counted = plan.switched(check.chapter, line.parts[kind], plan.quoted("–"))
            page.formula(f"{letter}{row}", f"={counted}", "int")
    first, *_, last = PART_COLUMNS.values()
    return f"SUM({first}{row}:{last}{row})"


def _home(plan: Plan, page: str) -> Text | str:
    """The title of the sheet that a check is about, or on which its Table stands."""
    return plan.tables.get(page) or (plan.home(page)[0].title if page in plan.pages or page in plan.moved else page)


SHEET = PlanSheet(90, build, last=1, part=RESULT)  # a line says on which sheet what it is about stands
