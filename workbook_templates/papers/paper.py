"""A plain paper: a heading, lines, tables. Letters, lists of approvals and the index of a month are set as one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from workbook_templates.mailed.words import clean
from workbook_templates.papers.typeset import typeset

_LONGEST = 400  # characters of a line


@dataclass(frozen=True)
class PaperTable:
    """A table: heads, rows as texts, how wide the columns are to each other, which are figures."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    numbers: Sequence[int] = ()


@dataclass(frozen=True)
class PlainPaper:
    """What is on it."""

    title: str
    company: str
    under: str = ""
    lines: Sequence[str] = ()
    tables: Sequence[PaperTable] = field(default_factory=tuple)
    footer: str = ""


def as_pdf(paper: PlainPaper, lang: str, made: dt.date) -> bytes:
    """A paper as PDF."""
    tables = [
        {
            "heads": list(t.heads),
            "rows": [[clean(c, _LONGEST) for c in row] for row in t.rows],
            "widths": list(t.widths),
            "numbers": list(t.numbers),
        }
        for t in paper.tables
    ]
    data = {
        "lang": lang,
        "title": clean(paper.title),
        "company": clean(paper.company),
        "under": clean(paper.under, _LONGEST),
        "lines": [clean(line, _LONGEST) for line in paper.lines],
        "tables": tables,
        "footer": clean(paper.footer),
    }
    return typeset("paper.typ", data, made)
