"""How an import knows the example row of a template, and leaves it out."""

from __future__ import annotations

from dataclasses import replace

from udfs.text import Text
from workbook_templates.intake.files import RawRow, Source
from workbook_templates.tables.examples import MARK


def without(source: Source) -> tuple[Source, list[Text]]:
    """A file without the example row of a template, and what is said of it."""
    found = [one for one in source.rows if _is_example(one)]
    if not found:
        return source, []
    lines = ", ".join(str(one.line) for one in found)
    said = Text(f"第 {lines} 行是模板的示例行，已略过", f"line {lines}: the template's example row was left out")
    return replace(source, rows=tuple(one for one in source.rows if not _is_example(one))), [said]


def _is_example(one: RawRow) -> bool:
    return any(isinstance(cell, str) and cell.strip() in tuple(MARK) for cell in one.cells)
