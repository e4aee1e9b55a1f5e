"""The guard of chapters that are switched off: nothing is written into their sheets, which nobody would see."""

from __future__ import annotations

import shlex
from pathlib import Path

from addin.book import Book
from addin.changes import Effect
from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.chapters.choosing import listed


def refuse(book: Book, effect: Effect) -> None:
    """Raise ``Refused`` if an effect would write into a chapter that is off."""
    off = book.off
    if not effect or not off:
        return
    homes = book.chapter_sheets()
    touched = {homes[sheet] for sheet in effect.sheets if sheet in homes} & off
    if touched:
        number, named, name = min(touched), listed(touched), shlex.quote(Path(book.identity).name)
        raise Refused(
            Text(
                f"章节已停用，没有写入：{named.zh}。请先启用：salesplan chapters {name} --on {number}",
                f"switched off, nothing written: {named.en}. Switch it on first: salesplan chapters {name} --on {number}",
            )
        )
