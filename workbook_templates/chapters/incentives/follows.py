"""What new deals earn: an import of deals writes their rows of the ledger, by the plan's own rules."""

from __future__ import annotations

import datetime as dt

from udfs import policy
from udfs.text import Text, speaking
from workbook_templates.answers import Refused
from workbook_templates.cells import MOST_SPILLED
from workbook_templates.chapters.incentives import ledger
from workbook_templates.chapters.incentives.ledger import Rules
from workbook_templates.chapters.incentives.staff import Staff
from workbook_templates.intake.own_workbook import Follow, Intake, PlanBook, day_of
from workbook_templates.intake.parsing import fold
from workbook_templates.tables.schema import Row


def rules_of(plan: PlanBook) -> Rules:
    """The workbook's own rules; tiers entered for later dates (and levels) hold for orders from those days."""
    thresholds, rates = (plan.setting(f"commission.{key}") for key in ("thresholds", "rates"))
    later = plan.named("commission_next")
    by_level = any(level for _, level, *_ in ledger.later_tiers(later))
    staff = Staff(plan.read("People").rows, plan.optional("Transfers")) if by_level else None
    version = next(iter(plan.named("plan_version")), None)
    return Rules(
        ledger.dated_tiers(thresholds, rates, later),
        staff.level if staff is not None else lambda person, day: "",
        plan.setting("commission.digits"),
        plan.setting("commission.basis") == policy.POLICIES["commission.basis"].words[1].en,
        str(version or ledger.VERSION),
    )


def earned(plan: PlanBook, intake: Intake) -> dict[str, list[Row]]:
    """The ledger's rows of the deals that come in; none where the plan pools by person and month."""
    outcome = intake.outcome
    if len(intake.into.rows) + len(outcome.rows) > MOST_SPILLED:
        outcome.notes.append(
            Text(
                "成交超过 1 万行：表旁不再显示实时提成，逐单提成见提成台账",
                "more than 10,000 deals: no live commission is shown beside them; the ledger has each deal's",
            )
        )
    booked = _booked(intake, rules_of(plan))
    if not booked:
        return {}
    known = plan.read("Ledger").rows  # said now if it is missing
    with speaking(intake.into.lang):  # reasons are cells
        return {"Ledger": ledger.with_late(booked, known, f"{day_of(plan) or dt.date.today():%Y-%m}")}


def _booked(intake: Intake, rules: Rules) -> list[Row]:
    if rules.pooled:
        intake.outcome.notes.append(
            Text(
                "计划按人按月合并计提成，台账未写：请运行提成计算",
                "the plan pools commission by person and month: the ledger was not written, run the commission action",
            )
        )
        return []
    new = intake.outcome.rows
    wanted = {fold(row["original"]) for row in new if row.get("original")} - {fold(row["id"]) for row in new}
    originals = [row for row in intake.into.rows if fold(row["id"]) in wanted]
    try:
        rows = ledger.ledger_rows([*originals, *new], rules=rules)
    except ValueError as error:
        raise Refused(
            Text(f"提成算不出来，没有写入：{error}", f"the commissions can't be computed, nothing was written: {error}")
        ) from error
    mine = {row["id"] for row in new}
    return [row for row in rows if row["deal"] in mine]


FOLLOW = Follow(50, "Deals", earned)
