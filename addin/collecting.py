"""What came in of the deals: their column Collected follows the sheet Collections."""

from __future__ import annotations

from collections.abc import Sequence

from addin.book import Book
from addin.changes import Changes
from udfs.text import Text, counted, joined
from workbook_templates.intake.parsing import fold
from workbook_templates.tables import sums
from workbook_templates.tables.schema import Row


def put(book: Book, changes: Changes, new: Sequence[Row] = ()) -> tuple[int, list[Text]]:
    """Set Collected of every deal that Collections names, in one block; how many change, and what is worth saying."""
    deals, there = book.read("Deals"), book.read("Collections").rows
    rows = [*there, *new]
    of = {fold(deal): places for deal, places in sums.by(rows, "deal").items() if deal}
    before = {fold(row["deal"]) for row in there if row["deal"]}
    changed, typed = [], []
    for index, row in enumerate(deals.rows):
        places = of.get(fold(row["id"]))
        if places is None:
            continue
        now = round(float(sums.collected(rows[place] for place in places)), 2)
        if row["collected"] != now:
            changed.append((index, now))
            if fold(row["id"]) not in before and row["collected"]:
                typed.append(row["id"])
    if changed:  # told for all, so that it is one rectangle of the undo record and of Excel
        known = dict(changed)
        first, last = changed[0][0], changed[-1][0]
        for index in range(first, last + 1):
            changes.edit("Deals", index, collected=known.get(index, deals.rows[index]["collected"]))
        changes.solid.add("Deals")
    return len(changed), _typed(typed)


def _typed(deals: Sequence[str]) -> list[Text]:
    """Deals whose Collected was typed before any cash was entered."""
    if not deals:
        return []
    zh, en = joined(deals, most=5, unit="单")
    return [
        Text(
            f"{len(deals)} 单原来手填了已回款，现在以回款表为准：{zh}",
            f"{counted(len(deals), 'deal')} had Collected typed in, now it is what Collections says: {en}",
        )
    ]
