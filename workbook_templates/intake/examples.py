"""How an import knows the example row of a template, and leaves it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from udfs.text import Text
from workbook_templates.intake.files import RawRow, Source
from workbook_templates.tables.examples import MARK


def without(sources: Sequence[Source]) -> tuple[list[Source], list[Text]]:
    """The sheets of a file without the example row of a template, and what is said of it."""
    lines = [str(one.line) for source in sources for one in source.rows if _is_example(one)]
    if not lines:
        return list(sources), []
    shown = ", ".join(lines)
    said = Text(f"第 {shown} 行是模板的示例行，已略过", f"line {shown}: the template's example row was left out")
    return [replace(source, rows=tuple(one for one in source.rows if not _is_example(one))) for source in sources], [said]


def _is_example(one: RawRow) -> bool:
    return any(isinstance(cell, str) and cell.strip() in tuple(MARK) for cell in one.cells)
