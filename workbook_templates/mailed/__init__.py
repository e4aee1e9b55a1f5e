"""The workbooks that are mailed: one module a kind (statement, team summary, dealer workbook, cockpit).

A module with ``KIND = Kind(…)`` is a kind, the others are what kinds are made of.

``Facts`` is the plan as read: nothing here opens a file. Values and Excel's own formulas only, with cached values and chart
points: a recipient has no add-in, often only a phone.
"""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from udfs.text import Text
from workbook_templates import registry
from workbook_templates.tables.policies import Policies
from workbook_templates.tables.schema import Row

T = TypeVar("T")


@dataclass(frozen=True)
class Facts:
    """The plan as read: rows by Table name (words as codes, dates as dates), settings by policy key, and whose plan it is.

    ``named`` holds the cells of the defined names that the kinds ask for in ``named``, row by row: figures the plan's own sheets
    compute (the quota of the year, a cockpit figure) are taken from there and not computed a second way.
    """

    company: str
    year: int
    as_of: dt.date
    version: str
    lang: str
    rows: Mapping[str, Sequence[Row]]
    settings: Mapping[str, Any]
    named: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    dated: Policies | None = None  # the policy day by day; without, the settings hold on every day
    left_out: Mapping[str, Text] = field(default_factory=dict)  # who can't be computed until a row is mended, and why
    _memo: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def of(self, table: str) -> Sequence[Row]:
        """The rows of a Table; none if the workbook has none."""
        return self.rows.get(table, ())

    @property
    def policies(self) -> Policies:
        """The policy day by day."""
        return self.dated if self.dated is not None else Policies(dict(self.settings))

    def policy(self, key: str, day: dt.date) -> Any:
        """What holds on a day: a rate of its signing day, also when it is looked at a year later."""
        return self.policies.at(key, day)

    def first(self, name: str) -> Any:
        """The value of a named cell; None where the plan has no such name."""
        return next(iter(self.named.get(name, ())), None)

    def once(self, work: Callable[..., T], *arguments: Any) -> T:
        """What a function makes of the plan (and of plain arguments), made once: sixty statements share one index of the
        ledger."""
        if (key := (work, *arguments)) not in self._memo:
            self._memo[key] = work(self, *arguments)
        return cast("T", self._memo[key])


@dataclass(frozen=True)
class Picture:
    """What one picture in a mail's body shows: a block of the page's drawings by its key, and what it says to who can't see it."""

    key: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    said: str


@dataclass(frozen=True)
class Piece:
    """What one recipient gets: a workbook, and the same number readable in the mail itself.

    ``owns`` says whose rows may stand in it: IDs by Table ("People", "Deals", "Customers", "Dealers" …); everything of
    these Tables that is not named there is somebody else's, and a second pass over the finished file refuses to send it.
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
    picture: Picture | None = None  # drawn where the mail is composed, at letter.PICTURE


@dataclass(frozen=True)
class MailedKind:
    """A kind of mailed workbook.

    ``order``: its place among them; ``tables`` and ``named``: the Tables and named cells that it reads.
    """

    order: float
    label: Text
    tables: tuple[str, ...]
    named: tuple[str, ...]
    recipients: Callable[[Facts, str], list[str]]  # facts, period → the IDs (People.id or Dealers.id) that get one
    make: Callable[[Facts, str, str], Piece]  # facts, recipient, period → what one of them gets
    wrong: Callable[[Facts, Sequence[str], str], list[Text]] = lambda facts, who, period: []  # why none may be made


def every() -> dict[str, MailedKind]:
    """The kinds by name, in their order."""
    names = [name for name in registry.inside(__name__) if "KIND" in vars(importlib.import_module(name))]
    return {name.rpartition(".")[2]: kind for name, kind in registry.gathered(names, "KIND", MailedKind).items()}
