"""Tables under our names, whatever a workbook calls them: what both hosts share in finding and reading them.

A host says what Tables there are, with their own headers and cells. In a plan of ours that is all; in a company's own
workbook the Table ``SalesPlanMap`` says which of theirs is which of ours, and everything above this module sees ours only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence

from udfs.text import SEMICOLON, Text, joined
from workbook_templates import checking
from workbook_templates.answers import WARNING, Problem, Refused
from workbook_templates.intake import mapping
from workbook_templates.intake.mapping import Adoption, Link
from workbook_templates.tables import grids, schema
from workbook_templates.tables.grids import Grid, Held


class Adopting(ABC):
    """A workbook whose Tables go by our names or by the mapping in it."""

    has_templates = False  # whether sheets of ours can be added whole, with formulas and formats

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}
        self.asked_for: set[str] = set()  # the Tables that were read since an action began
        self._adoption: tuple[Held, Adoption] | None = None

    # ---- what a host does

    @abstractmethod
    def own_tables(self) -> Collection[str]:
        """The names of the Tables as the workbook has them."""

    @abstractmethod
    def own_headers(self, name: str) -> Sequence[str]:
        """The headers of one of them."""

    @abstractmethod
    def own_grid(self, name: str) -> Grid | None:
        """One of them, read at one go; None where there is none."""

    # ---- what is seen

    @property
    def adoption(self) -> Adoption | None:
        """The mapping of a company's own workbook; None in a plan of ours."""
        if mapping.NAME not in self.own_tables():
            return None
        held = self.mapped()
        if self._adoption is None or self._adoption[0] is not held:
            self._adoption = held, mapping.adoption(held)
        return self._adoption[1]

    def mapped(self) -> Held:
        """The rows of the mapping."""
        if mapping.NAME not in self._held:
            self._held[mapping.NAME] = grids.hold(self.own_grid(mapping.NAME), mapping.SPEC)
        return self._held[mapping.NAME]

    def headers(self) -> dict[str, Sequence[str]]:
        """Every Table of ours that is there, with our headers."""
        found = {name: self.own_headers(name) for name in schema.TABLES if name in self.own_tables()}
        adoption = self.adoption
        for name, link in adoption.links.items() if adoption is not None else ():
            if name and link.columns:
                found[name] = [getattr(schema.table(name)[key].header, adoption.lang) for key in link.columns]  # type: ignore[union-attr]
        return found

    def grid(self, table: str) -> Grid | None:
        """A Table by our name (or, where that is none of ours, by its own); None where there is none that can be used."""
        adoption, link = self.adoption, self._linked(table)
        if adoption is None or table not in schema.TABLES:
            return self.own_grid(table)
        raw = self.own_grid(table) if link is None else None if self.faults(table) else self.own_grid(link.theirs)
        return None if raw is None else self.as_ours(table, raw)

    def as_ours(self, table: str, raw: Grid) -> Grid:
        """Cells of a Table as the workbook has them, in our words."""
        adoption, link = self.adoption, self._linked(table)
        if adoption is None or table not in schema.TABLES:
            return raw
        if link is None:
            return mapping.by_own_name(raw, schema.table(table))
        return mapping.translated(raw, schema.table(table), link.columns, adoption.lang)

    def _linked(self, table: str) -> Link | None:
        """How a Table is mapped; a name of ours holds as long as nothing else is confirmed."""
        adoption = self.adoption
        link = adoption.links.get(table) if adoption is not None else None
        return None if link is not None and not link.columns and table in self.own_tables() else link

    def faults(self, table: str) -> list[Problem]:
        """Why a Table can't be found through the mapping; nothing to say in a plan of ours."""
        if self.adoption is None or table not in schema.TABLES:
            return []
        link, known = self._linked(table), {name: self.own_headers(name) for name in self.own_tables()}
        if link is not None:
            return mapping.link_problems(link, self.mapped(), known)
        taken = {link.theirs for link in self.adoption.links.values()}
        return [] if table in known else [mapping.missing_table(table, {n: h for n, h in known.items() if n not in taken})]

    def refuse_faults(self, table: str) -> None:
        """Refuse a Table that can't be found, with every reason."""
        found = self.faults(table)
        if found:
            zh, en = joined((f.text for f in found), between=SEMICOLON)
            raise Refused(Text(f"{zh}。没有写入。", f"{en}. Nothing was written."))

    def adopted_problems(self) -> list[Problem]:
        """The Tables that are there against the schema; those that are not are one warning."""
        adoption = self.adoption
        assert adoption is not None, "asked of adopted workbooks only"
        there = [n for n in schema.TABLES if n in adoption.links or n in self.own_tables()]
        found = [f for name in there for f in self.faults(name)]
        grids = {name: grid for name in there if (grid := self.grid(name)) is not None}
        found += checking.problems(grids, grids)
        away = [schema.TABLES[n].title for n in schema.TABLES if n not in there]
        if away:
            zh, en = joined(away)
            text = Text(f"未对接的表：{zh}；需要它们的操作会说明", f"not adopted: {en}; actions that need them say so")
            found.append(Problem(adoption.sheet, 0, 0, text, WARNING))
        return found
