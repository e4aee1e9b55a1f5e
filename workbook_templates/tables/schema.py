"""The Tables of the planning workbook: the one contract for writing, reading, importing and checking them.

Table names are English in both languages; headers follow the workbook's language. Rows are dicts by column *key*; a word is kept
as its *code* (``"director"``) and shown as the workbook's language says it (总监 / Director).

A chapter's module ``tables`` registers ``TABLES = TableSpecs(order, (…))``: adding a Table is adding it there, nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator

from workbook_templates import registry
from workbook_templates.tables.spec import (
    CHECK_COLUMNS,
    CHECK_LIST,
    FAIL,
    KINDS,
    NO_COMPANY,
    NOTICE,
    PASS,
    TODO,
    Column,
    Company,
    PageSpec,
    Row,
    TableSpec,
    TableSpecs,
    Word,
    held_inside,
    plain_header,
)
from workbook_templates.tables.words import (
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
from workbook_templates.xlsx.addin_link import ADDIN, XL_STARTUP

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
    "NO_COMPANY",
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
    "held_inside",
    "home_of",
    "plain_header",
    "score",
    "table",
]


def _gathered() -> dict[str, tuple[TableSpec, registry.Chapter]]:
    out: dict[str, tuple[TableSpec, registry.Chapter]] = {}
    for module, tables in registry.of_chapters("tables", "TABLES", TableSpecs).items():
        for spec in tables.specs:
            if spec.name in out:
                raise registry.ContributionError(f"{module}: another chapter has a Table {spec.name}")
            out[spec.name] = spec, registry.home_of(module)
    return out


_HOMES = _gathered()
TABLES: dict[str, TableSpec] = {name: spec for name, (spec, _) in _HOMES.items()}


def home_of(name: str) -> registry.Chapter:
    """The chapter that brings a Table: the one in whose folder it is written."""
    return _HOMES[name][1]


def table(name: str) -> TableSpec:
    """The Table called ``name``."""
    return TABLES[name]


def columns() -> Iterator[tuple[TableSpec, Column]]:
    """Every column of every Table."""
    for spec in TABLES.values():
        for column in spec.columns:
            yield spec, column


def addressees() -> tuple[str, ...]:
    """The Tables whose rows are somebody mail can go to: they have an ID and an address, and people write them."""
    return tuple(
        name for name, spec in TABLES.items() if not spec.by_program and {"id", "email"} <= {c.key for c in spec.columns}
    )
