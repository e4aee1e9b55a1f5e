"""Nobody is hired beyond the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from udfs.text import Text
from workbook_templates.answers import WARNING
from workbook_templates.checking.core import Check, CheckList, Line, Mistake

if TYPE_CHECKING:
    from workbook_templates.page.builder import Plan


def _headcount(plan: Plan) -> Line:
    return Line(plan.name("headcount_now"), plan.name("headcount_plan"), needs="People.id", at_most=True)


CHECKS = CheckList(15, (
    Check(
        "team.headcount", "team", Text("在岗不超编制", "People within headcount"), Text("超编应审批", "More people need approval"),
        WARNING, line=_headcount,
        fault=(Mistake("base_team_headcount", 60.0),),
    ),
))  # fmt: skip
