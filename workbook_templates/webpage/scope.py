"""Whose rows a page may show: all of the company, or a director's own line.

A row is whose who answers for it; where nobody does, whose what it is about, as its columns refer to it: a project is its order's, the
order its seller's. What is somebody else's is taken out of every text at one place, by ID and by name; the finished page is looked at once
more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from udfs.text import Text, joined
from workbook_templates.answers import Refused
from workbook_templates.tables import schema
from workbook_templates.tables.schema import LEVELS, Row
from workbook_templates.webpage.owning import ANSWERS, PEOPLE, owned
from workbook_templates.webpage.reading import Seen

ELSEWHERE = Text("〔其他条线〕", "[another line]")
# Tables whose names and IDs stand nowhere on a page of another line, in charts and totals neither.
_CORE = (PEOPLE, "Customers", "Deals", "Dealers", "Opportunities")
_SHORTEST, _TELLING = 2, 4  # characters of a name of these, and of others, that can be told from a word
_ID = 3  # characters of an ID that is looked for in texts
# A cell's address in a sheet is none of our IDs, though M10 may be one.
_TOKENS = re.compile(r"!\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?|[A-Za-z0-9_-]+")
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Hidden:
    """IDs and names that may not stand in a text."""

    ids: frozenset[str] = frozenset()
    names: re.Pattern[str] | None = None

    def taken(self, text: str, instead: str) -> str:
        """A text without them."""
        if self.ids:
            text = _TOKENS.sub(lambda found: instead if found[0] in self.ids else found[0], text)
        return text if self.names is None else self.names.sub(instead, text)

    def held(self, text: str) -> set[str]:
        """Those that stand in a text."""
        found = self.ids & {token[0] for token in _TOKENS.finditer(text)} if self.ids else set()
        return {*found, *(self.names.findall(text) if self.names is not None else ())}


@dataclass(frozen=True)
class Scope:
    """``own``: IDs by Table that may be shown, a Table that is nobody's is not in it; ``reader``: for whom it is, the row of People; none
    for the whole company."""

    seen: Seen
    reader: Row | None = None
    own: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def shows(self, table: str, id: str | None) -> bool:
        """Whether a row may be shown."""
        return id is not None and (self.reader is None or table not in self.own or id in self.own[table])

    def said(self, text: str) -> str:
        """A text without what is somebody else's."""
        return self._all.taken(text, str(ELSEWHERE)) if self.reader is not None and text else text

    def charted(self, text: str) -> str:
        """The same for the labels of charts and for formulas: M10 is a month there, and no milestone."""
        return self._core.taken(text, str(ELSEWHERE)) if self.reader is not None and text else text

    def item(self, id: str, said: str) -> str:
        """What an item of a judged figure is called: nothing of it where its row is somebody else's."""
        homes = [table for table, rows in self.seen.ids.items() if id in rows]
        return str(ELSEWHERE) if homes and not any(self.shows(table, id) for table in homes) else self.said(said)

    def strange(self, text: str, charts: str = "") -> set[str]:
        """What of others a text and the page's charts hold: nothing, unless there is a fault of ours."""
        return set() if self.reader is None else self._all.held(text) | self._core.held(charts)

    @cached_property
    def _all(self) -> Hidden:
        return self._hidden(tuple(self.own))

    @cached_property
    def _core(self) -> Hidden:
        return self._hidden(_CORE)

    def _hidden(self, tables: tuple[str, ...]) -> Hidden:
        ids, names = (
            set(self._found(tables, False, name)) - set(self._found(tuple(self.own), True, name)) for name in (False, True)
        )
        names |= {id for id in ids if not _PLAIN.fullmatch(id)}
        names -= {str(row["region"]) for row in self.seen.of("Regions")}
        longest = sorted(names, key=len, reverse=True)
        edged = (rf"(?<![A-Za-z0-9_-]){re.escape(n)}(?![A-Za-z0-9_-])" if n.isascii() else re.escape(n) for n in longest)
        return Hidden(frozenset(ids), re.compile("|".join(edged)) if longest else None)

    def _found(self, tables: tuple[str, ...], own: bool, names: bool) -> Iterator[str]:
        """IDs or names of rows that may be shown, or that may not."""
        for table in tables:
            least = _SHORTEST if table in _CORE else _TELLING
            for id, row in self.seen.ids.get(table, {}).items():
                if self.shows(table, id) is not own:
                    continue
                if not names:
                    if table in _CORE or (len(id) >= _ID and not id.isdigit()):
                        yield id
                elif len(name := str(row.get("name") or row.get("title") or "")) >= least:
                    yield name


def of(seen: Seen, person: str = "") -> Scope:
    """The scope of a reader: without one, everything."""
    if not person:
        return Scope(seen)
    reader = seen.ids.get(PEOPLE, {}).get(person)
    if reader is None or LEVELS.like(reader.get("level")) != "director":
        zh, en = joined([str(row["id"]) for row in seen.of(PEOPLE) if LEVELS.like(row.get("level")) == "director"], most=5)
        whose = Text("人员里没有这个工号", "no such person on People") if reader is None else Text("不是总监", "no director")
        raise Refused(
            Text(
                f"--for {person}：{whose.zh}；这一页只给总监看：{zh or '还没有总监'}",
                f"--for {person}: {whose.en}; the page is for directors only: {en or 'none yet'}",
            )
        )
    return Scope(seen, reader, _own(seen, reader))


def _own(seen: Seen, reader: Row) -> dict[str, frozenset[str]]:
    """By Table, the IDs of a line's rows. A customer is also a line's that sold to it."""
    line = reader.get("line")
    own = {PEOPLE: frozenset(id for id, row in seen.ids[PEOPLE].items() if row.get("line") == line)}
    tables = owned()
    for table in ("Deals", "Customers"):
        _follow(seen, table, tables, own)
    deals = seen.ids.get("Deals", {})
    own["Customers"] |= {str(deals[id]["customer"]) for id in own["Deals"] if deals[id].get("customer")}
    for table in tables:
        _follow(seen, table, tables, own)
    return own


def _follow(seen: Seen, table: str, tables: Mapping[str, tuple[str, ...]], own: dict[str, frozenset[str]]) -> None:
    """Add a Table's own rows, those of what it refers to before."""
    if table in own:
        return
    spec = schema.TABLES[table]
    leading = {key: spec.by_key[key].refers.partition(".")[0] for key in tables[table]}
    for other in leading.values():
        if other != table:
            _follow(seen, other, tables, own)

    def mine(row: Row) -> bool:
        known = [(key, str(row[key])) for key in leading if row.get(key) not in (None, "")]
        if set(leading) <= set(ANSWERS):  # any of those who answer for it
            return any(id in own[leading[key]] for key, id in known)
        return bool(known) and known[0][1] in own[leading[known[0][0]]]  # what it is about stands first

    own[table] = frozenset(id for id, row in seen.ids.get(table, {}).items() if mine(row))
