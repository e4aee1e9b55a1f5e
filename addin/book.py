"""A workbook of named Tables: the one face actions see, whether it is a file on disk or open in Excel.

Reading gives rows by column key (words as codes, dates as dates, IDs as text). There is one way to change anything: an
``Effect`` that ``changes.lowered`` made, applied as a whole. ``FileBook`` is the file, without loss; ``addin.live`` is Excel.
"""

from __future__ import annotations

import datetime as dt
import os
from abc import abstractmethod
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from addin.changes import Cell, Effect, alike, where
from udfs.text import Text, language
from udfs.values import serial_to_date
from workbook_templates import recalc, registry, saving
from workbook_templates.answers import Problem, Refused
from workbook_templates.cells import At, Value
from workbook_templates.checking import findings
from workbook_templates.formulas import spelling
from workbook_templates.intake import mapping
from workbook_templates.intake.adopting import Adopting
from workbook_templates.saving import check_writable
from workbook_templates.tables import grids, own_words, policies, schema, switches, validating
from workbook_templates.tables.grids import Grid, Held
from workbook_templates.tables.policies import Policies
from workbook_templates.tables.schema import Row
from workbook_templates.tables.switches import Switched
from workbook_templates.xlsx.new_sheet import NewSheet, add_sheet, in_the_way, remove_sheets
from workbook_templates.xlsx.package import CellFormula, Package, Ref, Saved

__all__ = ["Book", "FileBook", "Held"]


class Book(Adopting):
    """What both hosts share: Tables as rows, settings by key. A host adds how cells are read and written."""

    # ---- what an action reads

    @property
    @abstractmethod
    def name(self) -> str:
        """The workbook's name as people see it."""

    @property
    @abstractmethod
    def identity(self) -> str:
        """What tells this workbook from others: its full path."""

    @property
    def lang(self) -> str:
        """The language its cells are written in."""
        adoption = self.adoption
        return adoption.lang if adoption is not None else grids.tables_language(self.headers()) or language()

    @property
    def as_of(self) -> dt.date | None:
        """The day up to which actuals count: the clock of its functions."""
        first = self.first(recalc.AS_OF)
        return serial_to_date(first) if isinstance(first, float) else None

    @property
    def year(self) -> int | None:
        """The plan's year."""
        first = self.first("plan_year")
        return int(first) if isinstance(first, float) else None

    @property
    def off(self) -> frozenset[int]:
        """The chapters that are switched off."""
        return switches.off_in(self.named(switches.SWITCHES))

    @property
    def in_use(self) -> frozenset[int]:
        """The chapters that are not."""
        return frozenset(registry.numbered()) - self.off

    def read(self, table: str) -> Held:
        """The rows of a Table of the schema. Refused when it or one of its columns is missing."""
        self.asked_for.add(table)
        if table == mapping.NAME:
            return self.mapped()
        if table not in self._held:
            self.refuse_faults(table)
            with own_words.wording(self.words):
                self._held[table] = grids.hold(self.grid(table), schema.table(table))
        return self._held[table]

    @property
    def words(self) -> own_words.Wording:
        """What the company calls its lines, levels …: in force while the book is read or acted on."""
        if own_words.TABLE not in self._held and (grid := self.grid(own_words.TABLE)) is not None:
            self._held[own_words.TABLE] = grids.hold(grid, schema.table(own_words.TABLE))
        held = self._held.get(own_words.TABLE)
        return own_words.in_force(held.rows) if held is not None else {}

    def optional(self, table: str) -> list[Row]:
        """The rows of a Table that a workbook may do without."""
        link = self.adoption.links.get(table) if self.adoption is not None else None
        wanted = self.grid(table) is not None or (
            link is not None and bool(link.columns)
        )  # a broken mapping is told, not skipped
        return self.read(table).rows if wanted else []

    def problems(self, *names: str, references: bool = True) -> list[Problem]:
        """Everything wrong with these Tables: what an action asks before it does anything.

        Without ``references`` a row may name what stands in no other Table: for actions that mend just that.
        """
        self.require_ours()
        faults = {name: found for name in names if (found := self.faults(name))}
        grids = {name: grid for name in names if (grid := self.grid(name)) is not None}
        with own_words.wording(self.words):
            wrong = validating.grid_problems(grids, [n for n in names if n not in faults], references, False, self.off)
        return sorted({*wrong, *(f for said in faults.values() for f in said)})

    def require_ours(self) -> None:
        """Refuse a workbook that has none of our Tables."""
        if self.adoption is None and not self.headers():
            raise Refused(
                Text(
                    "这不是销售计划工作簿：没有计划表。请用 salesplan new 新建，或 salesplan adopt 对接自己的",
                    "this is no planning workbook: none of its Tables (such as Deals) is there. Make one with salesplan new, "
                    "or connect your own: salesplan adopt",
                )
            )

    def setting(self, key: str) -> Any:
        """A value of the policy on the workbook's day: a number, a list of them, a word in English, None where there is no limit.

        A workbook without the name, or with a blank there, means the policy's own value.
        """
        return self.policies().at(key, self.as_of)

    def policies(self) -> Policies:
        """The policy day by day: what Settings say, and the changes that hold from a date."""

        def cell(row: int, column: str) -> str:
            found = self.read(policies.TABLE)
            return where(found.grid.sheet, found.at(row, column))

        return policies.of_book(self, cell)

    def named(self, name: str) -> list[Value]:
        """The values of the cells a defined name stands for, row by row; none where there is no such name."""
        place = self.locate(name)
        rows = self.area(*place) if place is not None else []
        return [cell.value if isinstance(cell, CellFormula) else cell for row in rows for cell in row]

    def first(self, name: str) -> Value:
        """The value of a named cell."""
        return next(iter(self.named(name)), None)

    @property
    def addin_link(self) -> int:
        """The number that formulas refer to the add-in by."""
        return 1

    def shows_date(self, sheet: str, at: At) -> bool:
        """Whether a cell's number is a date to who looks at it: by its column's kind, else by its number format."""
        for held in self._held.values():
            data = held.grid.data
            if held.grid.sheet == sheet and data.first_row <= at[0] <= data.last_row:
                for key, column in held.places.items():
                    if column == at[1]:
                        return held.spec[key].kind in ("date", "time")
        return self.formatted_as_date(sheet, at)

    # ---- what a host does

    @contextmanager
    def changing(self) -> Iterator[None]:
        """While this is entered nobody else of us changes the workbook, and what is read is what is there.

        In Excel it is open to one.
        """
        yield

    @abstractmethod
    def formatted_as_date(self, sheet: str, at: At) -> bool:
        """Whether a cell's number format shows a date."""

    @abstractmethod
    def number_format(self, sheet: str, at: At) -> str:
        """How a cell shows its number; "" where any program knows how, but for percent."""

    @abstractmethod
    def locate(self, name: str) -> tuple[str, Ref] | None:
        """The sheet and cells a defined name stands for."""

    @abstractmethod
    def chapter_sheets(self) -> dict[str, int]:
        """The sheets of chapters that can be switched, each with its chapter."""

    @abstractmethod
    def area(self, sheet: str, ref: Ref) -> list[list[Cell]]:
        """Cells as they are, formulas with their last values."""

    @abstractmethod
    def formulas(self) -> dict[str, dict[At, CellFormula]]:
        """Every formula that is written down, by sheet; in the host's spelling."""

    @abstractmethod
    def findings(self) -> list[Problem]:
        """All that ``check`` finds."""

    @abstractmethod
    def check_writable(self, sheets: Iterable[str]) -> None:
        """Refuse now what would fail later: read-only, open elsewhere, protected sheets."""

    @abstractmethod
    def add_sheets(self, new: Sequence[NewSheet]) -> None:
        """Add sheets with a Table each at the end; nothing else changes."""

    @abstractmethod
    def content(self, sheet: str) -> dict[At, Cell] | None:
        """Every cell of a sheet that holds something; None where there is no such sheet."""

    @abstractmethod
    def in_the_way(self, sheets: Collection[str]) -> Text | None:
        """Why sheets can't be removed without loss, if so."""

    @abstractmethod
    def remove_sheets(self, sheets: Collection[str]) -> None:
        """Take sheets out again, with their Tables; nothing else changes."""

    @abstractmethod
    def apply(self, effect: Effect) -> None:
        """Write cells and let Tables grow or shrink."""

    @abstractmethod
    def settle(self) -> Text | None:
        """Let what depends on the changed cells follow; what could not be computed, in one line, where the host knows."""

    @abstractmethod
    def save(self, backup: bool = True) -> Saved | None:
        """Save, where the host is a file: in Excel saving is the person's."""

    @property
    def raw(self) -> bytes:
        """The file's content; refused by a host that has no file to itself."""
        raise Refused(
            Text(
                f"“{self.name}”在 Excel 中打开着：请保存并关闭，再在命令行运行",
                f"“{self.name}” is open in Excel: save and close it, then use the command line",
            )
        )

    def overwrite(self, content: bytes, backup: bool = True) -> Saved:
        """Put another workbook in this one's place."""
        raise NotImplementedError("a host without a file refuses when ``raw`` is asked")


# ------------------------------------------------------------------------------------------------------------- the file


class FileBook(Book):
    """A workbook on disk: nothing but the touched cells changes, everything else stays as it is."""

    def __init__(self, package: Package) -> None:
        super().__init__()
        self.package = package
        self._grids: dict[str, Grid | None] = {}
        self._grids_as_of = package.changes

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> FileBook:
        """Read a file; ``Refused`` with one clear line for whatever is no workbook."""
        return cls(Package.open(path))

    @property
    def path(self) -> Path:
        assert self.package.path is not None, "a book is a file"
        return self.package.path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def identity(self) -> str:
        return os.path.realpath(self.path)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """The file is locked, and read anew where somebody saved it since it was opened."""
        with saving.changing(self.path):
            if not self.package.dirty and _read(self.path) != self.package.archive.raw:
                self.__init__(Package.open(self.path))  # type: ignore[misc]
            yield

    def own_tables(self) -> Collection[str]:
        return self.package.tables.keys()

    def own_headers(self, name: str) -> Sequence[str]:
        return self.package.tables[name].headers

    def own_grid(self, name: str) -> Grid | None:
        if self._grids_as_of != self.package.changes:
            self._grids_as_of = self.package.changes
            self._grids.clear()
        if name not in self._grids:
            found = self.package.tables.get(name)
            self._grids[name] = None if found is None else grids.grid(self.package, found)
        return self._grids[name]

    def locate(self, name: str) -> tuple[str, Ref] | None:
        return self.package.locate(name) if name in self.package.names else None

    def chapter_sheets(self) -> dict[str, int]:
        return Switched(self.package).sheets

    def area(self, sheet: str, ref: Ref) -> list[list[Cell]]:
        source = self.package.sheets[sheet]
        columns = range(ref.first_col, ref.last_col + 1)
        return [[_as_held(source.get((row, col))) for col in columns] for row in range(ref.first_row, ref.last_row + 1)]

    def formatted_as_date(self, sheet: str, at: At) -> bool:
        cell = self.package.sheets[sheet].get(at)
        return cell is not None and self.package.is_date(cell.style)

    def number_format(self, sheet: str, at: At) -> str:
        cell = self.package.sheets[sheet].get(at)
        return "" if cell is None else self.package.format_of(cell.style)

    def formulas(self) -> dict[str, dict[At, CellFormula]]:
        out: dict[str, dict[At, CellFormula]] = {}
        for name, sheet in self.package.sheets.items():
            found = {at: _as_held(cell) for at, cell in sheet.cells().items() if cell.formula is not None}
            out[name] = {at: cell for at, cell in found.items() if isinstance(cell, CellFormula)}
        return out

    def findings(self) -> list[Problem]:
        with own_words.wording(self.words):
            return self._findings()

    def _findings(self) -> list[Problem]:
        if self.adoption is None:
            self.require_ours()
            found = findings.problems(self.package, recalc.shown(self.package))
            return findings.in_order(self.package, [*found, *findings.file_problems(self.package)])
        shown = findings.cell_problems(self.package, recalc.shown(self.package))
        return findings.in_order(self.package, [*self.adopted_problems(), *shown])

    def check_writable(self, sheets: Iterable[str]) -> None:
        check_writable(self.path)
        for sheet in sheets:
            grids.refuse_protected(self.package, sheet)

    @property
    def addin_link(self) -> int:
        targets = [target.rpartition("/")[2] for target in self.package.links()]
        return (targets.index(schema.ADDIN) if schema.ADDIN in targets else len(targets)) + 1

    def _link(self, effect: Effect) -> None:
        """The link that formulas are about to refer to."""
        mark = f"[{self.addin_link}]!"
        texts = [c.text for b in effect.blocks for row in b.new for c in row if isinstance(c, CellFormula) and mark in c.text]
        if texts and self.addin_link > len(self.package.links()):
            used = {name for text in texts for name in spelling.references(text) if spelling.is_ours(name)}
            self.package.add_link(schema.ADDIN, schema.XL_STARTUP, sorted(used))
            self.package.never_ask_for(schema.ADDIN)

    def add_sheets(self, new: Sequence[NewSheet]) -> None:
        added = [add_sheet(self.package, one) for one in new]
        if any(one.formulas for one in new):
            recalc.fill(self.package, [table.sheet for table in added])
        self._held.clear()

    def content(self, sheet: str) -> dict[At, Cell] | None:
        found = self.package.sheets.get(sheet)
        cells = found.cells() if found is not None else {}
        held = {at: _as_held(cell) for at, cell in cells.items()}
        return None if found is None else {at: cell for at, cell in held.items() if not alike(cell, None)}

    def in_the_way(self, sheets: Collection[str]) -> Text | None:
        return in_the_way(self.package, sheets)

    def remove_sheets(self, sheets: Collection[str]) -> None:
        remove_sheets(self.package, sheets)
        self._held.clear()

    def apply(self, effect: Effect) -> None:
        self._held.clear()
        self._link(effect)
        tables_ = [self.package.tables[extent.table] for extent in effect.extents]
        dragged = {table.name for table in tables_ if table.used != table.data}  # these keep their extent, as in Excel
        for extent in effect.extents:
            self.package.grow_rows(self.package.tables[extent.table], extent.after)
        for sheet, cells in _by_sheet(effect).items():
            target = self.package.sheets[sheet]
            spelled = {at: new.text for at, (old, new) in cells.items() if _respelled(old, new) and isinstance(new, CellFormula)}
            target.respell(spelled)
            target.set_values({at: new for at, (_, new) in cells.items() if not isinstance(new, CellFormula)})
            formulas = {at: new for at, (_, new) in cells.items() if isinstance(new, CellFormula) and at not in spelled}
            target.set_formulas(formulas)
        for extent in effect.extents:
            self.package.cut_rows(self.package.tables[extent.table], extent.after, extent.table in dragged)

    def settle(self) -> Text | None:
        done = recalc.recalculate(self.package)
        self._held.clear()
        return recalc.left_note(done.results)

    def save(self, backup: bool = True) -> Saved:
        return self.package.save(backup=backup)

    @property
    def raw(self) -> bytes:
        return self.package.archive.raw

    def overwrite(self, content: bytes, backup: bool = True) -> Saved:
        return self.package.overwrite(content, backup)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _as_held(cell: Any) -> Cell:
    if cell is None:
        return None
    if cell.formula is not None:
        return CellFormula(cell.formula, cell.array_ref, cell.value, cell.dynamic)
    value: Value = cell.value
    return value


def _by_sheet(effect: Effect) -> dict[str, dict[At, tuple[Cell, Cell]]]:
    out: dict[str, dict[At, tuple[Cell, Cell]]] = defaultdict(dict)
    for block in effect.blocks:
        olds, news = ((c for row in side for c in row) for side in (block.old, block.new))
        cells = zip(block.ref.cells(), olds, news, strict=True)
        out[block.sheet].update({at: (old, new) for at, old, new in cells if not alike(old, new)})
    return out


def _respelled(old: Cell, new: Cell) -> bool:
    """Whether a formula keeps its meaning: then its results and spills need not be touched."""
    if not (isinstance(old, CellFormula) and isinstance(new, CellFormula)):
        return False
    try:
        return spelling.to_canonical(old.text) == spelling.to_canonical(new.text)
    except spelling.SpellingError:
        return False
