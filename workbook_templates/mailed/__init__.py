"""The workbooks that are mailed: one module a kind (statement, team summary, dealer workbook, cockpit).

A module is a kind when it has ``ORDER``, ``LABEL`` and

- ``recipients(facts, period) -> list[str]``: the IDs (People.id or Dealers.id) that get one,
- ``make(facts, recipient, period) -> Piece``: what one of them gets.

``Facts`` is the plan as read: nothing here opens a file. Values and Excel's own formulas only, with cached values and chart points:
a recipient has no add-in, often only a phone.
"""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from workbook_templates.schema import Row


@dataclass(frozen=True)
class Facts:
    """The plan as read: rows by Table name (words as codes, dates as dates), settings by policy key, and whose plan it is."""

    company: str
    year: int
    as_of: dt.date
    version: str
    lang: str
    rows: Mapping[str, Sequence[Row]]
    settings: Mapping[str, Any]

    def of(self, table: str) -> Sequence[Row]:
        """The rows of a Table; none if the workbook has none."""
        return self.rows.get(table, ())


@dataclass(frozen=True)
class Piece:
    """What one recipient gets: a workbook, and the same number readable in the mail itself.

    ``owns`` says whose rows may stand in it: IDs by Table ("People", "Deals", "Customers", "Dealers" …); everything of these Tables
    that is not named there is somebody else's, and a second pass over the finished file refuses to send it.
    """

    kind: str
    recipient: str
    name: str
    email: str
    period: str
    total: float | None
    filename: str
    workbook: bytes
    html: str
    text: str
    fields: Mapping[str, str] = field(default_factory=dict)  # what the templates of subject and body may name
    owns: Mapping[str, frozenset[str]] = field(default_factory=dict)


def every() -> dict[str, ModuleType]:
    """The kinds by name, in their order."""
    found = [importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)]
    kinds = sorted((m for m in found if hasattr(m, "ORDER")), key=lambda m: m.ORDER)
    return {m.__name__.rpartition(".")[2]: m for m in kinds}
