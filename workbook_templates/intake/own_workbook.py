"""An import into a planning workbook: what it already holds, the rows that come in and the ledger they earn.

Everything is worked out and checked before the first cell changes; the import action writes, logs and saves.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Protocol

from udfs.text import Text, speaking
from udfs.values import serial_to_date
from workbook_templates.answers import Refused
from workbook_templates.chapters.incentives import ledger
from workbook_templates.intake.files import Source
from workbook_templates.intake.importing import Known, Outcome, Wishes, bring_in
from workbook_templates.intake.parsing import fold
from workbook_templates.tables import grids, schema
from workbook_templates.tables.schema import Row

# What a live column beside the deals can spill to.
MOST_SPILLED = 10_000


class Plan(Protocol):
    """The workbook rows come into, in a file or in Excel."""

    def read(self, table: str) -> grids.Held: ...

    def named(self, name: str) -> list[Any]: ...


@dataclass
class Intake:
    """One import: what came of the rows, and the Table they go to."""

    outcome: Outcome
    into: grids.Held


def plan_intake(plan: Plan, source: Source, name: str, wishes: Wishes | None = None) -> Intake:
    """Read the plan and the file against each other; the plan stays as it is."""
    into = plan.read(name)
    known = _known(plan, into)
    try:
        outcome = bring_in(source.rows, into.spec, known, wishes or Wishes())
    except Refused as refused:
        raise Refused(refused.text + _other_sheets(source)) from refused
    if name == "Deals" and len(into.rows) + len(outcome.rows) > MOST_SPILLED:
        outcome.notes.append(
            Text(
                "成交超过 1 万行：表旁不再显示实时提成，逐单提成见提成台账",
                "more than 10,000 deals: no live commission is shown beside them; the ledger has each deal's",
            )
        )
    return Intake(outcome, into)


def _other_sheets(source: Source) -> Text:
    """Where else in a workbook the rows may be."""
    others = [name for name in source.sheets if name != source.sheet]
    if not others:
        return Text("", "")
    return Text(
        f" 读的是工作表“{source.sheet}”，另有 {'、'.join(others[:8])}：可用 --sheet 指定。",
        f" This was the sheet “{source.sheet}”; there are also {', '.join(others[:8])}: choose with --sheet.",
    )


def _known(plan: Plan, into: grids.Held) -> Known:
    """The Tables that the rows refer to, and the plan's year."""
    needed = {c.refers.partition(".")[0] for c in into.spec.columns} - {"", into.spec.name}
    rows = {into.spec.name: into.rows} | {name: plan.read(name).rows for name in needed}
    year = (plan.named("plan_year") or [None])[0]
    return Known(rows, int(year) if isinstance(year, float) else None, _as_of(plan))


def _as_of(plan: Plan) -> dt.date | None:
    """The plan's day."""
    day = (plan.named("as_of") or [None])[0]
    return serial_to_date(day) if isinstance(day, float) else None


def rows_to_add(plan: Plan, intake: Intake, rules: ledger.Rules) -> dict[str, list[Row]]:
    """By Table: the rows, those of other Tables they need, and their ledger."""
    outcome, name = intake.outcome, intake.into.spec.name
    if not outcome.rows:
        return {}
    added = {owner: list(rows) for owner, rows in outcome.added.items() if rows}
    added[name] = list(outcome.rows)
    booked = _ledger(intake, rules) if name == "Deals" else []
    if booked:
        known = plan.read("Ledger").rows  # said now if it is missing
        with speaking(intake.into.lang):  # reasons are cells
            added["Ledger"] = ledger.with_late(booked, known, f"{_as_of(plan) or dt.date.today():%Y-%m}")
    return added


def _ledger(intake: Intake, rules: ledger.Rules) -> list[Row]:
    """What the new deals earn, by the plan's own rules; none where the plan pools by person and month."""
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


def importable() -> list[str]:
    """The Tables rows can be brought into: all but those that the program keeps."""
    return [spec.name for spec in schema.TABLES.values() if not spec.by_program]
