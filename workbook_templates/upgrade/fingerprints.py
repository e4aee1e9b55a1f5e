"""What each landed version of the program put on a plan's sheets: how an upgrade tells the generator's words from a person's.

A fingerprint holds, for each sheet, a short hash of every label and formula outside the Tables, by column, with row numbers
left out: lists grow, columns do not move; and the names it defines. ``python -m workbook_templates.upgrade.fingerprints 0.1.0 PLAN.xlsx …`` records a
version when it is released (plans in both languages, empty and full, so that every text is seen).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata, resources
from pathlib import Path

from lxml import etree

from workbook_templates.cells import At, address
from workbook_templates.xlsx import package as parts
from workbook_templates.xlsx.package import Cell, Package, Sheet

FOLDER = "landed"  # beside this module
_ROWS = re.compile(r"(?<=[A-Za-z])\$?\d+(?![\w(])")
_RULES = ("conditionalFormatting", "dataValidations", "extLst")


class Fingerprint:
    """What one version writes, by the titles of its sheets."""

    def __init__(self, sheets: dict[str, dict[str, list[str] | int]], names: Iterable[str] = ()) -> None:
        self.names = frozenset(names)  # that it defines
        self._cells = {name: frozenset(said["cells"]) for name, said in sheets.items()}  # type: ignore[arg-type]
        self._anchors = {name: int(said["drawings"]) for name, said in sheets.items()}  # type: ignore[arg-type]

    def has(self, sheet: str) -> bool:
        """Whether the version had such a sheet."""
        return sheet in self._cells

    def knows(self, sheet: str, at: At, cell: Cell) -> bool:
        """Whether the program itself wrote this cell."""
        return _cell(at, cell) in self._cells.get(sheet, frozenset())

    def called(self, old: str, new: str) -> Fingerprint:
        """The same of a workbook in which a sheet has another name."""
        other = Fingerprint({}, self.names)
        other._cells = {new if name == old else name: said for name, said in self._cells.items()}
        other._anchors = {new if name == old else name: count for name, count in self._anchors.items()}
        return other

    def knows_rule(self, sheet: str, rule: parts.Element) -> bool:
        """Whether a conditional format, validation or extension is the program's."""
        return _rule(rule) in self._cells.get(sheet, frozenset())

    def drawings(self, sheet: str) -> int:
        """How many charts and pictures the program puts on a sheet at most."""
        return self._anchors.get(sheet, 0)


@cache
def versions() -> tuple[str, ...]:
    """The older versions on record, the oldest first. This one may be as well: as it landed before its Tables grew (``upgrading.lacks``)."""
    files = (resources.files("workbook_templates.upgrade") / FOLDER).iterdir()
    found = {f.name.removesuffix(".json.gz") for f in files if f.name.endswith(".json.gz")} - {metadata.version("salesplan")}
    return tuple(sorted(found, key=lambda version: [int(number) for number in version.split(".")]))


@cache
def of(version: str) -> Fingerprint:
    """What a landed version wrote."""
    data = (resources.files("workbook_templates.upgrade") / FOLDER / f"{version}.json.gz").read_bytes()
    said = json.loads(gzip.decompress(data))
    return Fingerprint(said["sheets"], said["names"])


def taken(packages: Iterable[Package]) -> dict[str, dict[str, list[str] | int]]:
    """The fingerprint of some plans together, as it is kept."""
    cells: dict[str, set[str]] = {}
    drawings: dict[str, int] = {}
    for package in packages:
        for name, sheet in package.sheets.items():
            said = {_cell(at, cell) for at, cell in outside_tables(package, sheet)} | {_rule(r) for r in rules(sheet)}
            cells.setdefault(name, set()).update(said)
            drawings[name] = max(drawings.get(name, 0), anchors(package, sheet))
    return {name: {"cells": sorted(cells[name]), "drawings": drawings[name]} for name in sorted(cells)}


def outside_tables(package: Package, sheet: Sheet) -> Iterator[tuple[At, Cell]]:
    """The cells of a sheet that hold something, without the rows of its Tables and what formulas spilled."""
    bodies = [table.data for table in package.tables.values() if table.sheet == sheet.name]
    spilled = {at for anchor, ref in sheet.arrays.items() for at in ref.cells() if at != anchor}
    for at, cell in sheet.cells().items():
        filled = cell.formula is not None or cell.value not in (None, "")
        if filled and at not in spilled and not any(body.holds(at) for body in bodies):
            yield at, cell


def rules(sheet: Sheet) -> Iterator[parts.Element]:
    """The conditional formats, validations and extensions of a sheet."""
    for group in sheet.root:
        if parts.local_name(group) in _RULES:
            yield from (node for node in ([group] if parts.local_name(group) == "conditionalFormatting" else group) if isinstance(node.tag, str))  # fmt: skip


def anchors(package: Package, sheet: Sheet) -> int:
    """How many charts, pictures and shapes stand on a sheet."""
    drawings = [r.part for r in package.related_all(sheet.part) if r.type.rpartition("/")[2] == "drawing"]
    return sum(len([n for n in package.root(d) if isinstance(n.tag, str)]) for d in drawings)


def said(cell: Cell) -> str:
    """What a cell says, without the rows its formula speaks of."""
    return f"={_ROWS.sub('#', cell.formula)}" if cell.formula is not None else repr(cell.value)


def _cell(at: At, cell: Cell) -> str:
    return _short(f"{address(1, at[1])}|{said(cell)}")


def _rule(node: parts.Element) -> str:
    texts = [f"{parts.local_name(n)}{n.get('type', '')}{_ROWS.sub('#', n.text or '')}" for n in node.iter(etree.Element)]
    return _short("|".join(texts))


def _short(text: str) -> str:
    return base64.b85encode(hashlib.blake2s(text.encode("utf-8", "surrogatepass"), digest_size=5).digest()).decode()


def record(version: str, plans: Iterable[str]) -> Path:
    """Keep what a version writes, beside this module."""
    packages = [Package.open(plan) for plan in plans]
    names = sorted({name for package in packages for name in package.names if isinstance(name, str)})
    content = json.dumps({"sheets": taken(packages), "names": names}, ensure_ascii=False, separators=(",", ":"))
    path = Path(__file__).parent / FOLDER / f"{version}.json.gz"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress(content.encode("utf-8"), mtime=0))
    return path


if __name__ == "__main__":
    print(record(sys.argv[1], sys.argv[2:]))
