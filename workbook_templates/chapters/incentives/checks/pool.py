"""The profit pool is shared out by weights that add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.answers import WARNING
from workbook_templates.checking.core import Check, CheckList, Line, Mistake

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan


def _weights(plan: Plan) -> Line:
    return Line(f"SUM({plan.policy('pool.weights')})", "1", "rate2", "Pool.person")


def _paid(plan: Plan) -> Line:
    return Line(plan.name("pool_paid"), plan.name("pool_total"), "fen", "Pool.person")


CHECKS = CheckList(55, (
    Check(
        "pool.weights", "settings", Text("利润池权重合计 = 1", "Pool weights add up to 1"), Text("改参数", "Correct Settings"), line=_weights,
        fault=(Mistake("base_pool_weights", 0.9),),
    ),
    Check(
        "pool.paid", "pool", Text("利润池全部分完", "The pool is shared out"),
        Text("无人可接的份额留在公司", "What nobody may take stays with the company"), WARNING, line=_paid,
        fault=(Mistake("pool_paid", 1.0),),
    ),
))  # fmt: skip
