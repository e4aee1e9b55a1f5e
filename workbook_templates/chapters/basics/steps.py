"""The first steps of any plan: whose it is; and to mend what the checks found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.tables import schema
from workbook_templates.tables.schema import FAIL, NO_COMPANY
from workbook_templates.tables.steps import PAY, NextStep, State, Steps
from workbook_templates.tables.switches import OFF, SWITCHES

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan


def _nameless(state: State) -> bool:
    return str(state.first("company_name") or "").strip() in ("", *NO_COMPANY)


def _nameless_cell(plan: Plan) -> str:
    name = plan.name("company_name")
    return f'OR({name}="",{name}={plan.quoted(NO_COMPANY)})'


def _wrong(state: State) -> bool:
    return state.first("master_check") in tuple(FAIL)


def _wrong_cell(plan: Plan) -> str:
    return f"{plan.name('master_check')}={plan.quoted(FAIL)}"


def _ask_for_people() -> list[int]:
    """The chapters that can't be filled in without people: a quote's seller, a campaign's owner. A market can, but for its ratings."""
    found = {
        schema.home_of(name).number
        for name, spec in schema.TABLES.items()
        if any(column.required and column.refers == "People.id" for column in spec.inputs)
    }
    return sorted(found - {0, 1, PAY})


def _nobody(state: State) -> bool:
    return PAY in state.off and not set(_ask_for_people()) <= state.off


def _nobody_cell(plan: Plan) -> str:
    switches, off = plan.name(SWITCHES), plan.quoted(OFF)
    asked = ",".join(f"INDEX({switches},{number})<>{off}" for number in _ask_for_people())
    return f"AND(INDEX({switches},{PAY})={off},OR({asked}))"


STEPS = Steps(0, (
    NextStep(
        code="company",
        what=Text("填公司名称", "Fill in the company's name"),
        button=Text("在 {cell} 填写", "Type it into {cell}"),
        place="company_name", missing=_nameless, formula=_nameless_cell,
    ),
    NextStep(
        code="problems",
        what=Text("改正检查出的问题", "Correct what the checks found"),
        button=Text("按“检查”页逐条改正，或点“检查工作簿”", "Go through the Checks sheet, or click Check workbook"),
        command=Text("salesplan check {plan}", "salesplan check {plan}"),
        place="master_check", missing=_wrong, formula=_wrong_cell,
    ),
    NextStep(
        code="owners",
        what=Text("启用第 5 章：人员在那里，没有人员就没有负责人与待办", "Switch on chapter 5: its People are the owners; without them nothing is ordered as a task"),
        button=Text("在 {cell} 起的“启用章节”选，或点“启用章节”", "Choose it under “Chapters in use” from {cell} on, or click Chapters"),
        command=Text("salesplan chapters {plan} --on 5", "salesplan chapters {plan} --on 5"),
        place=SWITCHES, missing=_nobody, formula=_nobody_cell, can_wait=True,
    ),
))  # fmt: skip
