"""The Tables of the planning workbook: the one contract for writing, reading, importing and checking them.

Table names are English in both languages; headers follow the workbook's language. Rows are dicts by column *key*; a word is kept
as its *code* (``"director"``) and shown as the workbook's language says it (总监 / Director).

A module here with ``TABLES`` (and ``ORDER``, its place among them) adds its Tables: adding one is adding it there, nowhere else.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from workbook_templates.schema.core import (
    ADDIN,
    CHECK_COLUMNS,
    CHECK_LIST,
    FAIL,
    KINDS,
    NOTICE,
    PASS,
    TODO,
    XL_STARTUP,
    Column,
    Company,
    PageSpec,
    Row,
    TableSpec,
    Word,
    plain_header,
)
from workbook_templates.schema.words import (
    BUDGET_LINES,
    GRADES,
    LEDGER_KINDS,
    LEDGER_STATES,
    LEVELS,
    LINES,
    PERCENT,
    POINTS,
    PRODUCT_LINES,
    YES_NO,
    YUAN,
    score,
)

__all__ = [
    "ADDIN",
    "BUDGET_LINES",
    "CHECK_COLUMNS",
    "CHECK_LIST",
    "FAIL",
    "GRADES",
    "KINDS",
    "LEDGER_KINDS",
    "LEDGER_STATES",
    "LEVELS",
    "LINES",
    "NOTICE",
    "PASS",
    "PERCENT",
    "POINTS",
    "PRODUCT_LINES",
    "TABLES",
    "TODO",
    "XL_STARTUP",
    "YES_NO",
    "YUAN",
    "Column",
    "Company",
    "PageSpec",
    "Row",
    "TableSpec",
    "Word",
    "columns",
    "plain_header",
    "score",
    "table",
]


def _gathered() -> dict[str, TableSpec]:
    found = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    chapters = sorted((m for m in found if hasattr(m, "TABLES")), key=lambda m: m.ORDER)
    return {spec.name: spec for chapter in chapters for spec in chapter.TABLES}


TABLES: dict[str, TableSpec] = _gathered()


def table(name: str) -> TableSpec:
    """The Table called ``name``."""
    return TABLES[name]


def columns() -> Iterator[tuple[TableSpec, Column]]:
    """Every column of every Table."""
    for spec in TABLES.values():
        for column in spec.columns:
            yield spec, column
