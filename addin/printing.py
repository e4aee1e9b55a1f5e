"""What is printed for who leads the company: the cockpit, the screens, the chapters' views, the problems."""

from __future__ import annotations

import re

from addin.book import Book
from udfs.text import Text
from workbook_templates.papers import office

LABEL = Text("管理层打印", "Print")
_NUMBERED = re.compile(r"\d{1,2} \S")  # how the views of the chapters are called


def printed(book: Book) -> bytes:
    """The views of a plan as PDF."""
    return office.printed(office.shown_only(book.raw, views(book), str(Text(f"截至 {book.as_of}", f"As of {book.as_of}"))))


def views(book: Book) -> list[str]:
    """The sheets that are read by who leads the company, chapters in use only."""
    first = book.locate("cockpit_message")
    screens = [place[0] for number in range(1, 6) if (place := book.locate(f"drill_{number}")) is not None]
    off = {title for title, number in book.chapter_sheets().items() if number in book.off}
    numbered = [title for title in book.chapter_sheets() if _NUMBERED.match(title) and title not in off]
    problems = book.locate("watches_red")
    found = [*([first[0]] if first else []), *screens, *sorted(numbered, key=_number), *([problems[0]] if problems else [])]
    return list(dict.fromkeys(found))


def _number(title: str) -> int:
    return int(title.split(" ", maxsplit=1)[0])
