"""What import and refresh know of a file's source: taken from the plan where it was confirmed before, kept there when they succeed."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from addin import meaning_options
from addin.book import Book
from addin.changes import Changes, where
from addin.performing import who_am_i
from udfs.text import Text, joined
from workbook_templates.answers import Refused
from workbook_templates.intake import remembered
from workbook_templates.intake.meaning import words
from workbook_templates.intake.remembered import ConfirmedChoice, Memory
from workbook_templates.tables import sources
from workbook_templates.tables.schema import TableSpec


@dataclass(frozen=True)
class Recalled:
    """What holds for one run: what was said now, and before it what the plan remembers of the source."""

    said: remembered.Confirmed  # all of it, the headers said now apart
    spec: TableSpec
    renames: Mapping[str, str]  # headers said now
    asked: list[ConfirmedChoice]
    before: list[ConfirmedChoice] = field(default_factory=list)
    memory: Memory | None = None
    nothing: Text | None = None  # that the source is new to the plan

    def notes(self, headers: Collection[str]) -> list[Text]:
        """What was taken from the source, of columns those the file has; that nothing is known of it where nothing was said either."""
        if self.memory is None:
            return []
        there = {words.plain(header) for header in headers}
        used = [c for c in self.before if c.kind != sources.COLUMN or words.plain(c.theirs) in there]
        if not used:
            return [self.nothing] if self.nothing is not None and not self.asked else []
        zh, en = joined(c.said(self.spec) for c in used)
        return [Text(f"沿用来源“{self.memory.source}”：{zh}", f"taken from source “{self.memory.source}”: {en}")]

    def keep(self, book: Book, changes: Changes) -> list[Text]:
        """What was said now goes into the plan, under the source's name."""
        if self.memory is None:
            return []
        other, new = self.memory.changed(self.asked)
        signed = {"by": who_am_i(), "on": dt.date.today()}
        for place, choice in other.items():
            changes.edit(sources.TABLE, place, ours=choice.ours, **signed)
        named = {"source": self.memory.source, "table": self.memory.table}
        rows = [{**named, "kind": c.kind, "theirs": c.theirs or None, "ours": c.ours, **signed} for c in new]
        if rows:
            changes.add(sources.TABLE, rows)
        kept = [*other.values(), *new]
        if not kept:
            return []
        zh, en = joined(c.said(self.spec) for c in kept)
        return [Text(f"记入来源“{self.memory.source}”：{zh}", f"kept for source “{self.memory.source}”: {en}")]


def recall(book: Book, options: argparse.Namespace, spec: TableSpec, renames: Mapping[str, str]) -> Recalled:
    """What was said, and what is remembered of the source it was said of."""
    columns = {theirs: column.key if (column := spec.column_of(ours)) else ours for theirs, ours in renames.items()}
    asked = meaning_options.asked(options, columns)
    name = " ".join(options.source.split())
    meant = [c for c in asked if c.kind != sources.COLUMN]
    if not name:
        return Recalled(remembered.confirmed(meant), spec, renames, asked)
    if book.grid(sources.TABLE) is None:
        raise Refused(
            Text(
                "工作簿里没有“来源”表，--as 无处可记：旧版计划请先“升级计划”（salesplan upgrade）",
                "the workbook has no Table of sources, where --as is kept: bring an older plan up first (salesplan upgrade)",
            )
        )
    held = book.read(sources.TABLE)
    memory = remembered.recall(held.rows, name, spec.name, lambda row, key: where(held.grid.sheet, held.at(row, key)))
    before = memory.besides(asked)
    nothing = None if memory.known else remembered.unknown_source(held.rows, name)
    return Recalled(remembered.confirmed([*before, *meant]), spec, renames, asked, before, memory, nothing)
