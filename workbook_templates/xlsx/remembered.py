"""Sheets as they were read last, by their very bytes: who opens a plan again reads only what changed.

A nightly run, a mailing, Excel's Python and a person at work meet the same sheets again and again; after an action a few of a
hundred differ. A sheet's cells depend on its bytes, and on three things outside it that are compared: the shared texts, what its
marks of dynamic arrays mean, and the calendar.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from workbook_templates.cells import At
from workbook_templates.xlsx.plain_rows import Found
from workbook_templates.xlsx.refs import Ref
from workbook_templates.xlsx.values import Cell

if TYPE_CHECKING:
    from workbook_templates.xlsx.package import Package

# Of a plan of ten thousand deals the long sheets stay out: keeping a second list of their cells would cost what it saves.
MOST_BYTES_OF_A_SHEET, MOST_BYTES = 2 << 20, 32 << 20


@dataclass(frozen=True)
class SheetAsRead:
    """A sheet's cells and what was found beside them."""

    cells: Mapping[At, Cell]
    arrays: Mapping[At, Ref]
    found: Found
    texts: tuple[str, ...]
    dynamic: Mapping[str, bool]
    date1904: bool
    size: int

    def fits(self, package: Package) -> bool:
        """Whether the cells mean the same in this workbook."""
        return (
            self.date1904 == package.date1904
            and package.strings.begin_with(self.texts)
            and all(package.is_dynamic(mark) == meant for mark, meant in self.dynamic.items())
        )


_HELD: OrderedDict[bytes, SheetAsRead] = OrderedDict()


def key_of(data: bytes) -> bytes | None:
    """What a sheet is remembered by; None for one that is too long."""
    return blake2b(data, digest_size=16).digest() if len(data) <= MOST_BYTES_OF_A_SHEET else None


def find(key: bytes | None) -> SheetAsRead | None:
    """What is known of a sheet with these bytes."""
    held = _HELD.get(key) if key is not None else None
    if held is not None and key is not None:
        _HELD.move_to_end(key)
    return held


def keep(key: bytes, held: SheetAsRead) -> None:
    """Remember a sheet; those not asked for longest make room."""
    _HELD[key] = held
    _HELD.move_to_end(key)
    while sum(one.size for one in _HELD.values()) > MOST_BYTES:
        _HELD.popitem(last=False)
