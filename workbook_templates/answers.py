"""What we say when something is wrong: ``Refused``, ``Problem`` and its levels; and ``inert``, the guard for texts a
spreadsheet might run.

    Exception
     └─ Refused                 nothing was changed; its text says why and what to do
         └─ Stop                (addin) a command can't go on
    Exception
     └─ UsageError              (udfs) a call no function takes
     └─ ExcelError, Refusal     (udfs) an error value with its reason, inside a function


Where it is needed: a text of somebody else's (a name, a note, a cell of their file) that a program opens as a *typed* cell.
- CSV, always: opening one types every field in. ``inert`` puts an apostrophe before what would become a formula.
- Cells of a workbook, by way of its file: never for the program that opens it, for a text stored as a text (``t="s"``) is
  no formula, whatever it begins with. But it becomes one when a person edits it, so mailed sheets mark such cells with
  Excel's own text mark (``quotePrefix``, asked by ``looks_like_formula``): the text stays as it is. In the plan itself
texts are stored unmarked, as typed. - Cells of a workbook that is open in Excel are typed in: ``addin.live`` puts an
apostrophe before every text that is no plain word. Numbers are numbers: only texts are looked at.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar, overload

from udfs.text import Text, joined
from workbook_templates.cells import address

__all__ = ["ERROR", "WARNING", "Problem", "Refused", "inert", "looks_like_formula", "meant", "near", "offered"]

ERROR, WARNING = "error", "warning"


class Refused(Exception):
    """What was asked is not done and nothing was changed; ``text`` says why and what to do, in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True, order=True)
class Problem:
    """One finding: where, what and how bad; the text ends with the remedy. ``code`` begins with the code of its check."""

    sheet: str
    row: int
    column: int
    text: Text
    level: str = ERROR
    code: str = ""

    @property
    def cell(self) -> str:
        """The cell as people write it; blank when the sheet or file as a whole is meant."""
        return address(self.row, self.column) if self.row else ""


# ------------------------------------------------------------------------------------------------- texts a spreadsheet might run

T = TypeVar("T")

_MARKS = frozenset("=+-@\N{MINUS SIGN}")
# Letters that show nothing; what else shows nothing is told by its category.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
# Where a field ends for a program that reads the file with another separator than ours, or without our quotes.
_ENDS = re.compile(r"(?<=[;\t\r\n])")


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet might take a text that is typed in for a formula.

    Marks count in all their widths and sizes, and whatever shows nothing before them (blanks, control and format
    characters, marks that join a letter) does not hide them: some programs strip it. A text that begins with a control
    character counts in any case.

    >>> looks_like_formula("=1+1"), looks_like_formula("\\u200b＝1+1"), looks_like_formula("A-1")
    (True, True, False)
    """
    if text[:1] and unicodedata.category(text[0]) == "Cc":
        return True
    for c in text:
        if not _shows_nothing(c):
            return not _MARKS.isdisjoint(unicodedata.normalize("NFKC", c)[:1])  # alone: "=" and a stroke over it would become "≠"
    return False


def _shows_nothing(c: str) -> bool:
    return unicodedata.category(c)[0] in "CZM" or c in _BLANK_LETTERS


@overload
def inert(cell: str) -> str: ...
@overload
def inert(cell: T) -> T: ...
def inert(cell: object) -> object:
    """A field of a CSV that no spreadsheet runs: an apostrophe before a text that looks like a formula; all else as it is.

    A text that holds a line break or another list separator is looked at behind each of these, too: a program whose separator is
    not the comma begins a cell there.

    >>> inert("=1+1"), inert(-5), inert("a;=1+1"), inert("Lin")
    ("'=1+1", -5, "a;'=1+1", 'Lin')
    """
    if not isinstance(cell, str):
        return cell
    first, *rest = _ENDS.split(cell)
    return "".join(["'" + first if looks_like_formula(cell) else first, *("'" + one if _marked(one) else one for one in rest)])


def _marked(text: str) -> bool:
    """As ``looks_like_formula`` behind quotes, which such a program takes off; a line break alone ends a line and is no mark."""
    return looks_like_formula(text.lstrip('\t\r\n"'))


_OFFERED = 5  # names that are told of those there are


def near(asked: str, known: Iterable[str], count: int = 3) -> list[str]:
    """What someone may have meant, the likeliest first."""
    import difflib  # only where something is wrong

    folded = {word.casefold(): word for word in known}
    return [folded[word] for word in difflib.get_close_matches(asked.casefold(), folded, count, 0.55)]


def meant(value: str, known: Iterable[str]) -> Text:
    """A did-you-mean, or nothing."""
    guess = near(value, known)
    return Text(f"；是否想用 {'、'.join(guess)}？", f"; did you mean {', '.join(guess)}?") if guess else Text("", "")


def offered(value: str, known: Iterable[str]) -> Text:
    """What was meant instead of a name that is none, else which there are."""
    names = list(dict.fromkeys(filter(None, known)))
    if not names:
        return Text("：还一条都没有", ": there are none yet")
    return meant(value, names) if near(value, names) else Text("；现有 ", "; there are ") + joined(names, _OFFERED)
