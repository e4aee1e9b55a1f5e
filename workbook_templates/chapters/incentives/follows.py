"""What an import of deals says: what is paid for them is computed by the commission action, one way for all of them."""

from __future__ import annotations

from udfs.text import Text
from workbook_templates.cells import MOST_SPILLED
from workbook_templates.intake.own_workbook import Follow, Intake, PlanBook
from workbook_templates.tables.schema import Row


def told(plan: PlanBook, intake: Intake) -> dict[str, list[Row]]:
    """Nothing is written to other Tables; what to do next is said."""
    outcome = intake.outcome
    if len(intake.into.rows) + len(outcome.rows) > MOST_SPILLED:
        outcome.notes.append(
            Text(
                "成交超过 1 万行：表旁不再显示估算提成，逐单提成见提成台账",
                "more than 10,000 deals: no estimate is shown beside them; the ledger has each deal's",
            )
        )
    if outcome.rows:
        outcome.notes.append(
            Text("下一步：“计算提成”，台账与账户随之更新", "next: Compute commissions brings ledger and accounts up to date")
        )
    return {}


FOLLOW = Follow(50, "Deals", told)
