"""The newest rows of a Table that is only added to, above it: its first columns, the last row on top, by plain formulas.

The Table itself stays in the order in which buttons write it.
"""

from __future__ import annotations

from openpyxl.utils import get_column_letter

from udfs.text import Text
from workbook_templates.page import style
from workbook_templates.page.builder import FIRST_ROW, NOT_PRINTED, Page
from workbook_templates.tables import schema
from workbook_templates.tables.spec import LEFT

ROWS = 20
TOP = FIRST_ROW + ROWS + 5  # the header row of the Table below
_HEAD = FIRST_ROW + 1
NEWEST, ALL = Text("最新在前", "Newest first"), Text("全部记录", "All records")


def behind(count: str, row: int) -> str:
    """Which row of a Table a row of the list shows: ``count``, how many there are, for the first, one less for each below."""
    return f"{count}-ROWS(A${_HEAD}:A{row})+2"


def newest(page: Page, table: str, keys: tuple[str, ...]) -> tuple[int, int]:
    """Write the list of some columns; its first and last row. What a Table of a shorter history lacks stands empty."""
    spec, handle = schema.table(table), page.plan.table(table)
    count = f"COUNTA({getattr(handle, spec.columns[0].key)})"
    page.heading(f"B{FIRST_ROW}", NEWEST, until=get_column_letter(LEFT + len(keys) - 1))
    page.header(f"B{_HEAD}", [spec[key].header for key in keys])
    first, last = _HEAD + 1, _HEAD + ROWS
    for row in range(first, last + 1):
        place = behind(count, row)
        for offset, key in enumerate(keys):
            cell = f"{get_column_letter(LEFT + offset)}{row}"
            kind = spec[key].kind
            there = f"INDEX({getattr(handle, key)},{place})"
            shown = f'{there}&""' if kind in ("text", "id", "word", "flag", "period") else f'IF({there}="","",{there})'
            page.formula(cell, f'=IF({place}<1,"",{shown})', kind)
            if kind == "text":
                page.sheet[cell].alignment = style.align("left", indent=1)
    page.ruled(f"B{first}:{get_column_letter(LEFT + len(keys) - 1)}{last}", f'$B{first}<>""')
    page.heading(f"B{TOP - 3}", ALL)
    return first, last


def only(page: Page, last: str) -> None:
    """Print the list, up to a column, and not the Table below."""
    page.prints(f"A1:{last}{TOP - 4}", NOT_PRINTED)
    page.sheet.print_title_rows = "1:3"
