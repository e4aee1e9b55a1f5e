"""Whose rows a page may show: all of the company, or a director's own line.

What is somebody else's is taken out of every text at one place, by ID and by name; the finished page is looked at once more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.tables.schema import LEVELS, Row
from workbook_templates.webpage.reading import Seen

ELSEWHERE = Text("〔其他条线〕", "[another line]")
_SHORTEST = 2  # characters of a name that can be told from a word


@dataclass(frozen=True)
class Scope:
    """``own``: IDs by Table that may be shown; ``reader``: for whom it is, the row of People; none for the whole company."""

    seen: Seen
    reader: Row | None = None
    own: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def shows(self, table: str, id: str | None) -> bool:
        """Whether a row may be shown."""
        return id is not None and (self.reader is None or id in self.own.get(table, frozenset()))

    def said(self, text: str) -> str:
        """A text without what is somebody else's."""
        if self.reader is None or not text or self._others is None:
            return text
        return self._others.sub(str(ELSEWHERE), text)

    def strange(self, text: str) -> set[str]:
        """What of others a text holds: nothing, unless there is a fault of ours."""
        return set(self._others.findall(text)) if self._others is not None else set()

    @cached_property
    def _others(self) -> re.Pattern[str] | None:
        mine, others = set(self._names(True)), set(self._names(False))
        found = sorted(others - mine, key=len, reverse=True)
        if self.reader is None or not found:
            return None
        return re.compile("|".join(rf"(?<![\w-]){re.escape(n)}(?![\w-])" if n.isascii() else re.escape(n) for n in found))

    def _names(self, own: bool) -> Iterator[str]:
        for table in ("People", "Customers", "Deals", "Dealers", "Opportunities"):
            for id, row in self.seen.ids.get(table, {}).items():
                if self.shows(table, id) is own:
                    yield id
                    name = str(row.get("name") or "")
                    if len(name) >= _SHORTEST:
                        yield name


def of(seen: Seen, person: str = "") -> Scope:
    """The scope of a reader: without one, everything."""
    if not person:
        return Scope(seen)
    reader = seen.ids.get("People", {}).get(person)
    if reader is None:
        raise Refused(Text(f"--for {person}：人员里没有这个工号", f"--for {person}: no such person on People"))
    if LEVELS.like(reader.get("level")) != "director":
        raise Refused(
            Text(
                f"--for {person}：{reader['name']}不是总监；这一页只给总监看",
                f"--for {person}: {reader['name']} is no director, and the page is for directors only",
            )
        )
    return Scope(seen, reader, _own(seen, reader))


def _own(seen: Seen, reader: Row) -> dict[str, frozenset[str]]:
    line = reader.get("line")
    people = {id for id, row in seen.ids["People"].items() if row.get("line") == line}
    customers = {id for id, row in seen.ids.get("Customers", {}).items() if row.get("owner") in people}
    deals = {id for id, row in seen.ids.get("Deals", {}).items() if {row.get("seller"), row.get("partner")} & people}
    dealers = {id for id, row in seen.ids.get("Dealers", {}).items() if row.get("owner") in people}
    open_ = {id for id, row in seen.ids.get("Opportunities", {}).items() if row.get("owner") in people}
    customers |= {str(row["customer"]) for id, row in seen.ids.get("Deals", {}).items() if id in deals and row.get("customer")}
    found = {"People": people, "Customers": customers, "Deals": deals, "Dealers": dealers, "Opportunities": open_}
    return {table: frozenset(ids) for table, ids in found.items()}
