"""待发邮件、邮件记录、变更记录 / Outbox, Mail log, Change log: what wants a look first, above the Table that buttons add to.

Addresses, file names and checksums are folded away and not printed.
"""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.chapters.basics.tables.changelog import UNDO
from workbook_templates.chapters.basics.tables.mail import MAIL_STATES
from workbook_templates.page import newest, style
from workbook_templates.page.builder import FIRST_ROW, NOT_PRINTED, Page, Plan
from workbook_templates.page.navigation import RECORD
from workbook_templates.page.sheets import PlanSheet
from workbook_templates.tables import schema
from workbook_templates.tables.words import YES_NO

_HEAD = FIRST_ROW + 1
_MAIL_TOP = _HEAD + 8  # header row of a Table of mails
LOOK, HELD, READY = Text("要看", "Look at it"), Text("暂不发送", "On hold"), Text("可发送", "Ready")
_ERRORS = ("refused", "uncertain")  # what becomes of a mail that somebody must see to; it stands first
_JUMP = Text("去看 →", "Go →")
_UNDONE = Text("已撤销", "Undone")


def build(plan: Plan) -> None:
    """The three sheets."""
    _outbox(plan)
    _mail_log(plan)
    _change_log(plan)


def _states(page: Page, table: str, lines: list[tuple[Text, str, str]]) -> None:
    """A line a state, what went wrong first: how many mails, and the first of them. ``lines``: state, how many, the place of the first."""
    mails, row = page.plan.table(table), _HEAD
    page.heading(f"B{FIRST_ROW}", Text("状态", "States"), until="F")
    heads = (
        Text("状态", "State"),
        Text("封数", "Mails"),
        Text("第一封", "The first"),
        Text("期间", "Period"),
        Text("主题", "Subject"),
    )
    page.header(f"B{row}", heads)
    for at, (word, count, place) in enumerate(lines, row + 1):
        page.formula(f"B{at}", f"={page.plan.quoted(word)}", "word")
        page.formula(f"C{at}", f"={count}", "int")
        for letter, key in zip("DEF", ("name", "period", "subject"), strict=True):
            column = getattr(mails, key)
            page.formula(f"{letter}{at}", f'=IF(C{at}=0,"",IFERROR(INDEX({column},{place})&"",""))', "text")
            page.sheet[f"{letter}{at}"].alignment = style.align("left", indent=1)


def _light(page: Page, ref: str, only: bool = False) -> None:
    """Lights over words of mails; ``only`` where there is such a mail, which the next cell counts."""
    first = ref.split(":", maxsplit=1)[0]
    there = f",{'C' + first[1:]}>0" if only else ""
    by_code = {word.code: word.label for word in MAIL_STATES}
    for word, color in (
        (by_code["refused"], style.RED), (by_code["uncertain"], style.AMBER), (by_code["sent"], style.GREEN),
        (LOOK, style.AMBER), (HELD, style.QUIET), (READY, style.GREEN),
    ):  # fmt: skip
        page.condition(ref, f"AND({first}={page.plan.quoted(word)}{there})", color)


def _outbox(plan: Plan) -> None:
    page = plan.page(
        "outbox",
        Text("待发邮件", "Outbox"),
        Text(
            "由“生成邮件草稿”写入：逐封核对后再发送；“暂不发送”填“是”或删去该行，就不发",
            "Written by “Draft mails”: check each before sending; Hold = Yes or a deleted row: not sent",
        ),
        todo=Text("发送前核对收件人、主题、金额与“注意事项”", "Before sending look at recipient, subject, total and “Warnings”"),
    )
    mails, yes = plan.table("Outbox"), plan.quoted(YES_NO[0].label)
    warned, held, there = f'COUNTIFS({mails.problems},"?*")', f"COUNTIFS({mails.hold},{yes})", f'COUNTIFS({mails.name},"?*")'
    ready = f'COUNTIFS({mails.name},"?*",{mails.hold},"<>"&{yes},{mails.problems},"")'
    lines = [
        (LOOK, warned, f'MATCH("?*",{mails.problems},0)'),
        (HELD, held, f"MATCH({yes},{mails.hold},0)"),
        (READY, ready, f'IF({ready}={there},1,"")'),
    ]
    _states(page, "Outbox", lines)
    _light(page, f"B{_HEAD + 1}:B{_HEAD + len(lines)}", only=True)
    last = page.records("Outbox", f"B{_MAIL_TOP}")
    first, (name, problems, hold) = _MAIL_TOP + 1, map(schema.table("Outbox").letter, ("name", "problems", "hold"))
    ref = f"{name}{first}:{name}{last}"
    page.condition(ref, f'${problems}{first}<>""', style.AMBER)
    page.condition(ref, f"${hold}{first}={yes}", style.QUIET)
    page.condition(ref, f'${name}{first}<>""', style.GREEN)
    _sized(page, "Outbox", name=16, subject=36, total=15, attachment=24, problems=32)
    _printed(page, schema.table("Outbox").letter("size"))


def _mail_log(plan: Plan) -> None:
    page = plan.page(
        "mail_log",
        Text("邮件记录", "Mail log"),
        Text(
            "每封邮件一行，只增不改；撤销不会抹去已发出的邮件",
            "One row a mail, only added to; undo takes no mail back that was sent",
        ),
        todo=Text("不用填写；查谁收到了什么", "Nothing to fill in; shows who got what"),
    )
    mails = plan.table("MailLog")
    lines = [
        (word.label, f"COUNTIFS({mails.state},{plan.quoted(word.label)})", f"MATCH({plan.quoted(word.label)},{mails.state},0)")
        for word in sorted(MAIL_STATES, key=lambda word: word.code not in _ERRORS)
    ]
    _states(page, "MailLog", lines)
    _light(page, f"B{_HEAD + 1}:B{_HEAD + len(lines)}", only=True)
    last = page.records("MailLog", f"B{_MAIL_TOP}")
    state = schema.table("MailLog").letter("state")
    _light(page, f"{state}{_MAIL_TOP + 1}:{state}{last}")
    _sized(page, "MailLog", state=14, name=18, subject=44, reply=36)
    _printed(page, schema.table("MailLog").letter("reply"))


def _sized(page: Page, table: str, **widths: float) -> None:
    page.width(**{schema.table(table).letter(key): width for key, width in widths.items()})


def _printed(page: Page, last: str) -> None:
    page.print_titles(_MAIL_TOP)
    page.banded = last


def _change_log(plan: Plan) -> None:
    """The last actions, an action a line; the rows of one have one time."""
    page = plan.page(
        "change_log",
        Text("变更记录", "Change log"),
        Text(
            "每次按钮或命令改了哪些单元格：时间、操作人、原值、新值",
            "What each button or command changed: when, who, old and new value",
        ),
        todo=Text("不用填写；复核时查阅", "Nothing to fill in; look here when reviewing"),
    )
    log, top = plan.table("ChangeLog"), newest.TOP
    page.heading(f"B{FIRST_ROW}", Text("按操作，最新在前", "By action, the newest first"), until="H")
    heads = (
        Text("时间", "Time"), Text("操作人", "Who"), Text("操作", "Action"), Text("工作表", "Sheet"), Text("单元格", "Cells"),
        Text("状态", "State"), Text("跳转", "Jump"),
    )  # fmt: skip
    page.header(f"B{_HEAD}", heads)
    undone, undoing = plan.quoted(_UNDONE), plan.quoted(UNDO)
    first, last = _HEAD + 1, _HEAD + newest.ROWS
    count = f"COUNTA({log.time})"
    for row in range(first, last + 1):
        # Where an action's rows end and begin; the cells of it stand between.
        end = count if row == first else f"IF(N(J{row - 1})=0,0,J{row - 1}-1)"
        begin = f"IF(I{row}=0,0,IFERROR(MATCH(INDEX({log.time},I{row}),{log.time},0),0))"
        for letter, formula in (("I", end), ("J", begin)):
            page.formula(f"{letter}{row}", f"={formula}", "int", boxed=False)
            page.sheet[f"{letter}{row}"].number_format = ";;;"
        for letter, key, kind in (("B", "time", "time"), ("C", "who", "text"), ("D", "action", "text"), ("E", "sheet", "text")):
            shown = f"INDEX({getattr(log, key)},J{row})"
            page.formula(f"{letter}{row}", f'=IF(N(J{row})=0,"",{shown}{"" if kind == "time" else "&" + chr(34) * 2})', kind)
            if kind == "text":
                page.sheet[f"{letter}{row}"].alignment = style.align("left", indent=1)
        page.formula(f"F{row}", f'=IF(N(J{row})=0,"",I{row}-J{row}+1)', "int")
        page.formula(f"G{row}", _state_of(row, first, undone, undoing), "word")
        to = f'"#\'"&SUBSTITUTE(E{row},"\'","\'\'")&"\'!"&IFERROR(INDEX({log.cell},J{row})&"","A1")'
        page.formula(f"H{row}", f'=IF(OR(N(J{row})=0,E{row}=""),"",HYPERLINK({to},{plan.quoted(_JUMP)}))', "word")
    page.ruled(f"B{first}:H{last}", f'$B{first}<>""')
    page.condition(f"B{first}:G{last}", f"$G{first}={undone}", style.QUIET)
    page.heading(f"B{top - 3}", newest.ALL)
    page.width(B=18, C=16, D=24, E=16, F=14, G=30, H=30)
    page.records("ChangeLog", f"B{top}")
    page.prints(f"A1:J{top - 4}", NOT_PRINTED)


def _state_of(row: int, first: int, undone: str, undoing: str) -> str:
    """Whether an action was undone: a later undo of the same person that has no action of its own yet takes the next below it."""
    if row == first:
        return '=""'
    above = f"C${first}:C{row - 1},C{row}"
    undos, met = (
        f"COUNTIFS({above},{column}${first}:{column}{row - 1},{word})" for column, word in (("D", undoing), ("G", undone))
    )
    return f'=IF(AND(N(J{row})>0,D{row}<>{undoing},{undos}>{met}),{undone},"")'


SHEET = PlanSheet(95, build, part=RECORD)
