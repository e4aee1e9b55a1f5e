"""The first steps of any plan: whose it is; and to mend what the checks found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.tables.schema import FAIL, NO_COMPANY
from workbook_templates.tables.steps import NextStep, State, Steps

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
))  # fmt: skip
