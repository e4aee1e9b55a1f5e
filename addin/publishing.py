"""The cockpit's page of a workbook: asked for by a command, and published anew by the daily routine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from addin import page_reading
from addin.book import Book, FileBook
from workbook_templates.explaining import tree
from workbook_templates.page import watches
from workbook_templates.saving import atomic_write, mode_of
from workbook_templates.webpage import made
from workbook_templates.xlsx.package import Package

LEVELS = 2  # of a figure's tree that the page shows; the rest by salesplan explain


def page(book: Book, person: str = "") -> made.MadePage:
    """The page of a plan as it stands."""
    return made.page(page_reading.seen(book, traces(book)), person)


def content(book: Book, person: str = "") -> bytes:
    """The same as its file holds it."""
    return page(book, person).content


def traces(book: Book) -> Mapping[str, Any]:
    """By key of a watch, the first levels of where its figure comes from."""
    places = [book.locate(watches.name_of(column)) for column in ("key", "actual")]
    if None in places:
        return {}
    package = book.package if isinstance(book, FileBook) else Package.from_bytes(book.raw)
    told = tree.Explained(package, book.lang)
    (sheet, _), (_, figures) = (place for place in places if place is not None)
    out = {}
    for offset, key in enumerate(book.named(watches.name_of("key"))):
        cell = (sheet, figures.first_row + offset, figures.first_col)
        if key and package.sheets[sheet].get(cell[1:]) is not None:
            out[str(key)] = tree.as_dict(told.explain(cell, LEVELS), LEVELS)
    return out


def written(book: Book, to: Path, person: str = "") -> made.MadePage:
    """Put the page of a plan in its file, no more open than the plan."""
    done = page(book, person)
    atomic_write(to, done.content, mode=mode_of(book.identity))
    return done
