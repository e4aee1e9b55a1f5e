"""The plan as the mailed workbooks read it: the Tables and named figures they ask for, and every setting."""

from __future__ import annotations

from collections.abc import Mapping

from addin.book import Book
from udfs import policy
from udfs.policy import POLICIES
from udfs.text import Text, speaking
from workbook_templates import mailed
from workbook_templates.chapters.incentives import ledger
from workbook_templates.chapters.incentives.pay import reading
from workbook_templates.mailed import Facts
from workbook_templates.tables.schema import Row

# Whose rows are somebody's: always there, so that a second look can tell whose.
_GUARDED = ("People", "Deals", "Customers", "Dealers")


def facts(book: Book) -> Facts:
    """Read a book once. Whoever calls asks ``book.problems`` first: cells are taken as they are."""
    book.require_ours()
    kinds = mailed.every().values()
    tables = dict.fromkeys([*_GUARDED, *(table for kind in kinds for table in kind.tables)])
    rows: dict[str, list[Row]] = {name: book.optional(name) for name in tables}
    wanted = {name for kind in kinds for name in kind.named}
    with speaking(book.lang):
        untitled = str(Text("销售计划", "Sales plan"))
    return Facts(
        company=str(book.first("company_name") or untitled),
        year=book.year or policy.today().year,
        as_of=book.as_of or policy.today(),
        version=str(book.first("plan_version") or ledger.VERSION),
        lang=book.lang,
        rows={name: found for name, found in rows.items() if found},
        settings={key: book.setting(key) for key in POLICIES},
        named={name: cells for name in sorted(wanted) if (cells := book.named(name))},
        dated=book.policies(),
        left_out=not_computed(book),
    )


def not_computed(book: Book) -> Mapping[str, Text]:
    """Who can't be computed, as the commission action says it."""
    if any(book.grid(name) is None for name in ("People", "Deals", "Ledger")):
        return {}
    return reading.read(book).facts.left_out
