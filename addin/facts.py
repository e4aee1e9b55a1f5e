"""The plan as the mailed workbooks read it: every Table there is, every setting, the named figures they ask for."""

from __future__ import annotations

from addin.book import Book
from udfs import policy
from udfs.policy import POLICIES
from udfs.text import Text, speaking
from workbook_templates import ledger, mailed, schema
from workbook_templates.mailed import Facts
from workbook_templates.schema import Row

# Long, and no mailed workbook shows a row of them.
_LEFT_OUT = ("ChangeLog", "Transactions")


def facts(book: Book) -> Facts:
    """Read a book once. Whoever calls asks ``book.problems`` first: cells are taken as they are."""
    book.require_ours()
    rows: dict[str, list[Row]] = {name: book.optional(name) for name in schema.TABLES if name not in _LEFT_OUT}
    wanted = {name for kind in mailed.every().values() for name in kind.NAMED}
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
    )
