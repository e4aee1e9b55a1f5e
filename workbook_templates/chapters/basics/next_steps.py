"""The Guide's answer to "what next?": the list of steps with their state as formulas, and the first open one at the top of the sheet."""

from __future__ import annotations

import re

from udfs.text import Text
from workbook_templates.page import style
from workbook_templates.page.builder import Page, Plan
from workbook_templates.tables import steps
from workbook_templates.tables.steps import NextStep
from workbook_templates.tables.switches import OFF

_PLAN = Text("计划.xlsx", "plan.xlsx")
_NO_MONTH = "YYYY-MM"  # where no month is open
_WHAT, _BUTTON, _COMMAND, _STATES = "step_what", "step_buttons", "step_commands", "step_states"
_NAMES = {_WHAT: "B", _BUTTON: "C", _COMMAND: "F", _STATES: "J"}  # in the columns of the map above
_WIDE = ("C", "E"), ("F", "H")
_WHERE, _STATE = "I", "J"


def top(plan: Plan, page: Page, row: int) -> int:
    """What is missing now, and the button or cell and the command that do it."""
    page.heading(f"B{row}", Text("下一步", "What next"), until="E")
    place = f"MATCH({plan.quoted(steps.OPEN)},{plan.name(_STATES)},0)"
    for at, (label, name, none) in enumerate(
        (
            (
                Text("要做", "To do"),
                _WHAT,
                plan.switched(steps.PAY, plan.quoted(steps.ALL_DONE), plan.quoted(steps.ALL_DONE_APART)),
            ),
            (Text("怎么做", "How"), _BUTTON, plan.quoted(steps.NOTHING)),
            (Text("命令", "Command"), _COMMAND, plan.quoted(steps.NOTHING)),
        ),
        row + 1,
    ):
        page.label(f"B{at}", label)
        page.formula(f"C{at}", f'=IFERROR(INDEX({plan.name(name)},{place})&"",{none})', bold=name == _WHAT, boxed=False)
        page.sheet[f"C{at}"].alignment = style.align("left")
    return row + 4


def listed(plan: Plan, page: Page, row: int) -> int:
    """All steps in order, each with its state; below them the months they speak of."""
    page.heading(f"B{row}", Text("从空白到第一个月发放", "From empty to the first paid month"), until=_STATE)
    how, command = (Text("怎么做", "How"), "", ""), (Text("命令", "Command"), "", "")
    page.header(f"B{row + 1}", (Text("步骤", "Step"), *how, *command, Text("在哪里", "Where"), Text("状态", "State")))
    _merge(page, row + 1)
    first, every = row + 2, steps.every()
    for at, step in enumerate(every, first):
        _step(plan, page, at, step)
    last = first + len(every) - 1
    for name, letter in _NAMES.items():
        plan.define(name, page, f"{letter}{first}:{letter}{last}")
    page.lights(f"{_STATE}{first}:{_STATE}{last}", good=steps.DONE, fair=steps.OPEN)
    page.condition(f"B{first}:{_STATE}{last}", f"${_STATE}{first}={plan.quoted(OFF)}", style.QUIET)
    for at, figure in enumerate(steps.figures(), last + 1):
        page.label(f"B{at}", figure.label, muted=True, grow=False)
        page.formula(f"D{at}", f"={figure.formula(plan)}", name=figure.name)
        page.sheet[f"D{at}"].alignment = style.align("left")
    return last + 1 + len(steps.figures())


def _step(plan: Plan, page: Page, row: int, step: NextStep) -> None:
    sheet = plan.names[step.place][0] if step.place in plan.names else plan.tables[step.place]
    cell = f"{sheet}!{plan.names[step.place][1]}" if step.place in plan.names else sheet
    said = {"cell": cell, "plan": plan.t(_PLAN)}
    month = step.month_formula(plan) if step.month_formula is not None else ""
    for letter, text in (("B", step.what), ("C", step.button), ("F", step.command)):
        _text(plan, page, f"{letter}{row}", steps.filled(text, **said), month)
    home = next((other for other in plan.pages.values() if other.sheet.title == sheet), page)
    page.label(f"{_WHERE}{row}", home.title, link=home.key, grow=False)
    open_ = plan.quoted(steps.CAN_WAIT if step.can_wait else steps.OPEN)
    if step.formula is None:
        page.label(f"{_STATE}{row}", "–", muted=True)
    else:
        page.formula(
            f"{_STATE}{row}", f"={plan.switched(step.chapter, f'IF({step.formula(plan)},{open_},{plan.quoted(steps.DONE)})')}"
        )
    lines = max(
        style.lines_needed(plan.t(steps.filled(text, **said)), width)
        for text, width in ((step.what, 19), (step.button, 44), (step.command, 44))
    )
    page.sheet.row_dimensions[row].height = 16.5 * lines + 3
    for letter in "BCDEFGHIJ":
        page.sheet[f"{letter}{row}"].border = style.BOX
        page.sheet[f"{letter}{row}"].alignment = style.align("left", wrap=letter in "BCF")
    _merge(page, row)


def _merge(page: Page, row: int) -> None:
    for first, last in _WIDE:
        page.sheet.merge_cells(f"{first}{row}:{last}{row}")


def _text(plan: Plan, page: Page, cell: str, text: Text, month: str) -> None:
    """A text; where it speaks of a month, a formula that says it with the month there is."""
    said = plan.t(text)
    if month and "{month}" in said:
        shown = f'IF({month}="",{plan.quoted(_NO_MONTH)},{month})'
        parts = [shown if part == "{month}" else plan.quoted(part) for part in re.split(r"(\{month\})", said) if part]
        page.formula(cell, f"={'&'.join(parts)}")
    elif said:
        page.label(cell, said, wrap=True)
