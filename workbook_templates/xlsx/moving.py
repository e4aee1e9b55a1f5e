"""A formula as it reads when it is copied elsewhere."""

from __future__ import annotations

import re
from functools import lru_cache

from workbook_templates.cells import MAX_COLUMN, column_letters
from workbook_templates.xlsx.refs import MAX_ROW, Corner, corner_of

_END = r"(?![\w.\\?(!\[])"
_CELL = r"\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}"
_TOKEN = re.compile(
    r'"(?:[^"]|"")*"'  # a text
    r"|'(?:[^']|'')*'"  # a quoted sheet name
    r"|\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]"  # what stands in a structured or external reference
    rf"|(?<![\w.\\?$])(?:(?P<cells>{_CELL}(?::{_CELL})?){_END}"
    rf"|(?P<cols>\$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}}){_END}"
    rf"|(?P<rows>\$?[1-9][0-9]{{0,6}}:\$?[1-9][0-9]{{0,6}}){_END})"
)


@lru_cache(maxsize=8192)
def _pieces(formula: str) -> tuple[str | tuple[str, tuple[Corner, ...]], ...]:
    """The formula cut into literal text and references that can be shifted."""
    out: list[str | tuple[str, tuple[Corner, ...]]] = []
    done = 0
    for match in _TOKEN.finditer(formula):
        if match.lastgroup is None:
            continue
        corners = tuple(corner_of(text) for text in match[0].split(":"))
        if any(col > MAX_COLUMN or row > MAX_ROW for _, col, _, row in corners):
            continue  # beyond the sheet: a name
        out += [formula[done : match.start()], (match[0], corners)]
        done = match.end()
    out.append(formula[done:])
    return tuple(out)


def _shifted(corner: Corner, rows: int, cols: int, all_of_it: bool = False) -> str | None:
    fixed_col, col, fixed_row, row = corner
    text = ""
    if col:
        col += 0 if fixed_col and not all_of_it else cols
        if not 1 <= col <= MAX_COLUMN:
            return None
        text = f"{'$' if fixed_col else ''}{column_letters(col)}"
    if row:
        row += 0 if fixed_row and not all_of_it else rows
        if not 1 <= row <= MAX_ROW:
            return None
        text += f"{'$' if fixed_row else ''}{row}"
    return text


def translate(formula: str, rows: int, cols: int) -> str:
    """``formula`` as it reads when copied ``rows`` down and ``cols`` to the right; off the sheet is ``#REF!``.

    Texts, sheet names, function names, names and structured references stay as they are.
    """
    return _moved(formula, rows, cols, False)


def displaced(formula: str, rows: int, cols: int) -> str:
    """``formula`` as it reads when it and all the cells of its sheet have moved ``rows`` down and ``cols`` to the right."""
    return _moved(formula, rows, cols, True)


def _moved(formula: str, rows: int, cols: int, all_of_it: bool) -> str:
    if not rows and not cols:
        return formula
    out = []
    for piece in _pieces(formula):
        if isinstance(piece, str):
            out.append(piece)
            continue
        moved = [_shifted(corner, rows, cols, all_of_it) for corner in piece[1]]
        out.append("#REF!" if None in moved else ":".join(text for text in moved if text))
    return "".join(out)
