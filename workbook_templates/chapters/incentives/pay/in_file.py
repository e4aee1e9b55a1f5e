"""A plan in a file as the pay run reads it, where no host is there: for ``salesplan check`` and ``recalc``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from udfs.text import Text, counted, speaking
from udfs.values import serial_to_date
from workbook_templates.answers import Problem
from workbook_templates.chapters.incentives.pay import merge, reading, run
from workbook_templates.chapters.incentives.pay.worth import NotComputed
from workbook_templates.tables import grids, policies, schema, validating
from workbook_templates.tables.grids import Held
from workbook_templates.tables.policies import ChangeFault, Policies
from workbook_templates.tables.schema import Row
from workbook_templates.tables.switches import Switched
from workbook_templates.xlsx.package import Package


class PayFile:
    """The Tables and names of a package."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self._held: dict[str, Held] = {}

    def grid(self, name: str) -> Any:
        """A Table's cells; None where the plan has none."""
        found = self.package.tables.get(name)
        return None if found is None else grids.grid(self.package, found)

    def read(self, table: str) -> Held:
        """A Table's rows."""
        if table not in self._held:
            self._held[table] = grids.held(self.package, table)
        return self._held[table]

    def optional(self, table: str) -> Sequence[Row]:
        """The rows of a Table the plan may do without."""
        return self.read(table).rows if table in self.package.tables else []

    def problems(self, *names: str, references: bool = True) -> list[Problem]:
        """What is wrong with their cells."""
        known = {name: self.grid(name) for name in names if name in self.package.tables}
        return sorted(validating.grid_problems(known, names, references, False, Switched(self.package).off))

    def named(self, name: str) -> list[Any]:
        """The values of a name's cells."""
        place = self.locate(name)
        if place is None:
            return []
        sheet, ref = place
        cells = self.package.sheets[sheet].cells()
        places = ((r, c) for r in range(ref.first_row, ref.last_row + 1) for c in range(ref.first_col, ref.last_col + 1))
        return [cell.value if (cell := cells.get(at)) is not None else None for at in places]

    def locate(self, name: str) -> tuple[str, Any] | None:
        """The sheet and the cells of a name."""
        return self.package.locate(name) if name in self.package.names else None

    def policies(self) -> Policies:
        """The policy day by day."""
        return policies.of_book(self)

    @property
    def as_of(self) -> dt.date | None:
        """The as-of date."""
        found = next(iter(self.named("as_of")), None)
        return serial_to_date(found) if isinstance(found, int | float) and found else None

    @property
    def year(self) -> int | None:
        """The plan's year."""
        found = next(iter(self.named("plan_year")), None)
        return int(found) if isinstance(found, int | float) else None

    @property
    def lang(self) -> str:
        """The language of its words."""
        return self.read("Ledger").lang


def _run(package: Package) -> tuple[PayFile, reading.ReadPay, run.PayRun] | Problem | None:
    """The run over a plan; a problem where an order can't be computed, None where there is nothing to compute."""
    if not {"Deals", "People", "Ledger", "Accounts"} <= package.tables.keys():
        return None
    book = PayFile(package)
    faults = book.policies().faults
    if faults:
        return _apart(book, faults)
    read = reading.read(book)
    if read.stops:
        return None  # told with the Tables
    with speaking(book.lang):
        try:
            return book, read, run.run(read.facts)
        except NotComputed as error:
            text = Text(f"{error.order}：{error.reason.zh}", f"{error.order}: {error.reason.en}")
            return Problem("", 0, 0, text, code="ledger.afresh")


def _apart(book: PayFile, faults: Sequence[ChangeFault]) -> Problem | None:
    """The first change of the policy that does not fit the others; what is wrong with a row by itself is told with the Table."""
    alone = {(fault.row, fault.column) for fault in policies.changes_of(book.optional(policies.TABLE))[1]}
    fault = next((fault for fault in faults if (fault.row, fault.column) not in alone), None)
    if fault is None:
        return None
    held = book.read(policies.TABLE)
    return Problem(held.grid.sheet, *held.at(fault.row, fault.column), fault.text, code="policies.values")


def repriced(package: Package) -> list[Problem]:
    """What an undated change of the policy or the rules would do to what is settled, in yuan."""
    found = _run(package)
    if not isinstance(found, tuple) or not found[2].repriced:
        return []
    return [Problem("", 0, 0, run.repriced_said(found[2].repriced), code="ledger.repriced")]


def stale(package: Package) -> Iterator[Problem]:
    """What computing now would change; or what an undated change would do to what is settled."""
    found = _run(package)
    if not isinstance(found, tuple):
        yield from [] if found is None else [found]
        return
    book, read, result = found
    if result.repriced:
        yield Problem("", 0, 0, run.repriced_said(result.repriced), code="ledger.repriced")
        return
    for name, merged, rows in (
        ("Ledger", merge.ledger(read.facts, result), read.facts.ledger),
        ("Accounts", merge.accounts(read.facts, result), read.facts.accounts),
    ):
        if merged:
            count = len(merged.edited) + len(merged.added) + len(merged.removed)
            place = next(iter([*merged.edited, *merged.removed]), None)
            held = book.read(name)
            at = (0, 0) if place is None or place >= len(rows) else held.at(place, "person")
            title = schema.TABLES[name].title
            yield Problem(
                held.grid.sheet, *at,
                Text(f"“{title.zh}”不是最新（{count} 行会变）：请计算提成", f"“{title.en}” is out of date ({counted(count, 'row')} would change): compute commissions"),
                code="ledger.afresh",
            )  # fmt: skip
