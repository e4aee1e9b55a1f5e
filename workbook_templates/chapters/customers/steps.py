"""Tiers of the customers follow from what they bought."""

from __future__ import annotations

from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.tables.steps import NextStep, State, Steps

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan


def _untiered(state: State) -> bool:
    return state.has("Customers") and not any(row.get("tier") for row in state.rows("Customers"))


def _untiered_cell(plan: Plan) -> str:
    customers = plan.table("Customers")
    return f"AND(COUNTA({customers.id})>0,COUNTA({customers.tier})=0)"


STEPS = Steps(60, (
    NextStep(
        code="tiers",
        what=Text("给客户分级", "Put the customers into tiers"),
        button=Text("点“刷新客户分级”", "Click Refresh tiers"),
        command=Text("salesplan refresh {plan} --transactions 交易.csv", "salesplan refresh {plan} --transactions invoices.csv"),
        place="Customers", missing=_untiered, formula=_untiered_cell, can_wait=True,
    ),
))  # fmt: skip
