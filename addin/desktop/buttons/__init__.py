"""Buttons for the person at Excel that change no data: one module each, found by ``addin.ribbon``."""

from __future__ import annotations

from typing import Any

from udfs.text import Text


def go_to(book: Any, names: tuple[str, ...], lacking: Text) -> Text:
    """Show the first of these sheets that the workbook (xlwings') has, else say what to do."""
    sheets = {sheet.name: sheet for sheet in book.sheets}
    sheet = next((sheets[name] for name in names if name in sheets), None)
    if sheet is None:
        return lacking
    sheet.activate()
    return Text("", "")
