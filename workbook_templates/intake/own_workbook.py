"""An import into a planning workbook: what it already holds, the rows that come in and the ledger they earn.

Everything is worked out and checked before the first cell changes; the import action writes, logs and saves.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from udfs.text import Text, joined
from udfs.values import serial_to_date
from workbook_templates import registry
from workbook_templates.answers import Refused
from workbook_templates.intake.files import Source
from workbook_templates.intake.importing import Imported, Known, NotItsColumns, Wishes, bring_in_all, fitting
from workbook_templates.tables import grids, schema
from workbook_templates.tables.policies import Policies
from workbook_templates.tables.schema import Row

_OFFERED = 3  # Tables a file may be meant for


class PlanBook(Protocol):
    """The workbook rows come into, in a file or in Excel."""

    def read(self, table: str) -> grids.Held: ...

    def grid(self, table: str) -> grids.Grid | None: ...

    def optional(self, table: str) -> Sequence[Row]: ...

    def named(self, name: str) -> list[Any]: ...

    def setting(self, key: str) -> Any: ...

    def policies(self) -> Policies: ...

    @property
    def off(self) -> frozenset[int]: ...


@dataclass
class Intake:
    """One import: what came of the rows, and the Table they go to."""

    outcome: Imported
    into: grids.Held


@dataclass(frozen=True)
class Follow:
    """What else is written when rows come into a Table, by Table. A chapter's module ``follows`` has ``FOLLOW``."""

    order: float
    table: str
    rows: Callable[[PlanBook, Intake], dict[str, list[Row]]]


@functools.cache
def follows() -> tuple[Follow, ...]:
    """What the chapters hand in."""
    return tuple(registry.of_chapters("follows", "FOLLOW", Follow).values())


def plan_intake(plan: PlanBook, sources: Sequence[Source], name: str, wishes: Wishes | None = None) -> Intake:
    """Read the plan and the file, sheet by sheet, against each other; the plan stays as it is."""
    into = plan.read(name)
    known = _known(plan, into, bool(wishes and wishes.update))
    try:
        outcome = bring_in_all(sources, into.spec, known, wishes or Wishes())
    except NotItsColumns as missing:
        meant = _other_tables(plan, sources[0], name, missing)
        raise Refused(missing.found + (meant or missing.remedy) + _other_sheets(sources[0])) from missing
    except Refused as refused:
        raise Refused(refused.text + _other_sheets(sources[0])) from refused
    return Intake(outcome, into)


def _other_tables(plan: PlanBook, source: Source, name: str, missing: NotItsColumns) -> Text | None:
    """Which Table of the plan the rows may be meant for instead."""
    there = [schema.table(one) for one in importable() if one != name and plan.grid(one) is not None]
    fits = fitting(source.rows, there, missing.matched)[:_OFFERED]
    if not fits:
        return None
    zh, en = "、".join(f"“{spec.title.zh}”" for spec in fits), " or ".join(spec.title.en for spec in fits)
    ways = [f"--table {spec.name}" for spec in fits]
    return Text(
        f"。这些列是{zh}的：导入到该表用 {' 或 '.join(ways)}。",
        f". These are the columns of {en}: import them there with {' or '.join(ways)}.",
    )


def _other_sheets(source: Source) -> Text:
    """Where else in a workbook the rows may be."""
    others = [name for name in source.sheets if name != source.sheet]
    if not others:
        return Text("", "")
    zh, en = joined(others, most=8, unit="张")
    return Text(
        f" 读的是工作表“{source.sheet}”，另有 {zh}：可用 --sheet 指定。",
        f" This was the sheet “{source.sheet}”; there are also {en}: choose with --sheet.",
    )


def _known(plan: PlanBook, into: grids.Held, correcting: bool = False) -> Known:
    """The Tables that the rows refer to, and the plan's year."""
    needed = {c.refers.partition(".")[0] for c in into.spec.columns} - {"", into.spec.name}
    rows = {into.spec.name: into.rows} | {name: plan.read(name).rows for name in needed}
    if correcting and into.spec.name != "Ledger":
        rows["Ledger"] = list(plan.optional("Ledger"))
    year = (plan.named("plan_year") or [None])[0]
    off = frozenset(name for name in needed if schema.home_of(name).number in plan.off)
    return Known(rows, int(year) if isinstance(year, float) else None, day_of(plan), off, plan.policies())


def day_of(plan: PlanBook) -> dt.date | None:
    """The plan's day."""
    day = (plan.named("as_of") or [None])[0]
    return serial_to_date(day) if isinstance(day, float) else None


def rows_to_add(plan: PlanBook, intake: Intake) -> dict[str, list[Row]]:
    """By Table: the rows, those of other Tables they need, and what follows from them."""
    outcome, name = intake.outcome, intake.into.spec.name
    if not outcome.rows:
        return {}
    added = {owner: list(rows) for owner, rows in outcome.added.items() if rows}
    added[name] = list(outcome.rows)
    for follow in follows():
        if follow.table == name:
            for owner, rows in follow.rows(plan, intake).items():
                added.setdefault(owner, []).extend(rows)
    return added


def importable() -> list[str]:
    """The Tables rows can be brought into: all but those that the program keeps."""
    return [spec.name for spec in schema.TABLES.values() if not spec.by_program]
