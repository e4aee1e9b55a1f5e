"""A template as a workbook: headers, drop-downs and input messages, one example row. openpyxl makes it, nothing is computed in it."""

from __future__ import annotations

import datetime as dt
import io

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from udfs.text import Text, language
from workbook_templates.page import style
from workbook_templates.tables import examples
from workbook_templates.tables.schema import Column, TableSpec

_ROWS = 2000  # to which drop-downs reach
_LONGEST_LIST, _LONGEST_NOTE, _LONGEST_TITLE = 255, 255, 32


def workbook(spec: TableSpec) -> bytes:
    """The file's content."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = str(spec.title)[:31]
    lang = language()
    columns = (*examples.columns(spec), None)  # the last is the remark's
    for place, (column, head, cell) in enumerate(zip(columns, examples.headers(spec), examples.row(spec), strict=True), 1):
        top = sheet.cell(1, place, head)
        top.font, top.fill, top.alignment = style.font("FFFFFF", True), style.fill(style.ACCENT), style.align("center", True)
        dated = column is not None and column.kind == "date" and isinstance(cell, str)
        below = sheet.cell(2, place, dt.date.fromisoformat(str(cell)) if dated else cell)
        below.font = style.font(style.MUTED, italic=True)
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = max(12.0, style.display_width(head) + 4, style.display_width(str(cell or "")) + 2)
        if column is not None:
            sheet.column_dimensions[letter].number_format = below.number_format = style.number_format(column.kind, lang)
            sheet.add_data_validation(_rule(column, f"{letter}2:{letter}{_ROWS}"))
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _rule(column: Column, ref: str) -> DataValidation:
    """What a cell of the column says when it is chosen; a drop-down where there are words."""
    words = ",".join(str(word.label) for word in column.words)
    listed = bool(words) and len(words) + 2 <= _LONGEST_LIST
    rule = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True) if listed else DataValidation(allow_blank=True)
    rule.showErrorMessage = listed and not column.open_words
    need = Text("必填", "required") if column.needed else Text("可留空", "may stay blank")
    parts = [need, *(text for text in (column.unit, column.note) if text.zh)]
    rule.showInputMessage = True
    rule.promptTitle = str(column.header)[:_LONGEST_TITLE]
    rule.prompt = str(Text("；", "; ")).join(str(part) for part in parts)[:_LONGEST_NOTE]
    rule.add(ref)
    return rule
