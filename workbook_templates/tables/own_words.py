"""Words that a company calls otherwise: its lines, product lines, levels, kinds of customers, statements.

A list of them is one of ours until a plan says otherwise: its Table Words holds what is in force. While a plan is at hand
(:func:`wording`) everything that goes over the words of a list goes over the plan's own: drop-downs, sheets, reading, checks, mails.
Codes stay: what is called otherwise is the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import overload

from udfs.text import Text
from workbook_templates.tables.spec import Row, Word

TABLE = "Words"
OWN: dict[str, OwnWords] = {}
Wording = Mapping[str, tuple[Word, ...]]
_in_force: ContextVar[Wording] = ContextVar("words in force")
_PARTS = re.compile(r"[、,，;；/\n]+")


class OwnWords(Sequence[Word]):
    """A list of words as the plan at hand has it; ``default`` where none has its own."""

    def __init__(self, key: str, title: Text, default: tuple[Word, ...]) -> None:
        self.key, self.title, self.default = key, title, default
        OWN[key] = self

    @property
    def now(self) -> tuple[Word, ...]:
        """The words in force."""
        return _in_force.get({}).get(self.key, self.default)

    @overload
    def __getitem__(self, index: int) -> Word: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Word, ...]: ...
    def __getitem__(self, index: int | slice) -> Word | tuple[Word, ...]:
        return self.now[index]

    def __len__(self) -> int:
        return len(self.now)

    def __iter__(self) -> Iterator[Word]:
        return iter(self.now)

    def __repr__(self) -> str:
        return f"OwnWords({self.key!r})"

    def like(self, code: object) -> str:
        """The code of ours that one of the list counts as; "" for none."""
        return next((word.like or word.code for word in self.now if word.code == code), "")

    def label(self, code: str) -> Text:
        """What a code is called."""
        found = next((word for word in (*self.now, *self.default) if word.code == code), None)
        return found.label if found else Text(code, code)


@contextmanager
def wording(words: Wording) -> Iterator[None]:
    """While a plan is at hand: its own words."""
    before = _in_force.set(words)
    try:
        yield
    finally:
        _in_force.reset(before)


def in_force(rows: Iterable[Row]) -> dict[str, tuple[Word, ...]]:
    """A plan's words by list; a list that it has no word of is ours."""
    there = [row for row in rows if row.get("in_force")]
    found = {key: _words(own, [row for row in there if row.get("list") == key]) for key, own in OWN.items()}
    return {key: words for key, words in found.items() if words}


def _words(own: OwnWords, rows: Sequence[Row]) -> tuple[Word, ...]:
    """A company's words, in its order. Ours are still read, unless one of the company's own is called so."""
    ours = {word.code: word for word in own.default}
    names = {str(row["in_force"]).strip().casefold() for row in rows}
    made = []
    for row in rows:
        name, code = str(row["in_force"]).strip(), str(row.get("code") or row["in_force"]).strip()
        known = ours.get(code)
        label = known.label if known and name in known.label else Text(name, name)
        said = [part.strip() for part in _PARTS.split(str(row.get("aliases") or ""))]
        more = [*said, *((*known.label, *known.aliases) if known else ())]
        aliases = tuple(dict.fromkeys(a for a in more if a and a.casefold() not in names))
        made.append(Word(code, label, aliases, str(row.get("like") or (code if known else ""))))
    return tuple(made)


def default_rows(lang: str) -> list[Row]:
    """Our own words as rows of the Table."""
    return [
        {"list": own.key, "name": (name := getattr(word.label, lang)), "in_force": name, "code": word.code}
        for own in OWN.values()
        for word in own.default
    ]
