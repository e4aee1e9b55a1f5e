"""Texts for users, Chinese and English side by side, and the language in force."""

from __future__ import annotations

import os
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LANGUAGES = ("zh", "en")
# None = not set by the program: the environment decides, then Chinese.
_language: ContextVar[str | None] = ContextVar("language", default=None)


class Text(NamedTuple):
    """One text in both languages; ``str(text)`` is the language in force.

    >>> with speaking("en"):
    ...     str(Text("提成", "commission"))
    'commission'
    """

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if language() == "en" else self.zh

    def format(self, **fields: object) -> Text:
        """Both languages with ``{fields}`` filled in; a field that is a Text appears in the matching language."""
        zh = {k: v.zh if isinstance(v, Text) else v for k, v in fields.items()}
        en = {k: v.en if isinstance(v, Text) else v for k, v in fields.items()}
        return Text(self.zh.format(**zh), self.en.format(**en))

    def __add__(self, other: object) -> Text:
        if isinstance(other, Text):
            return Text(self.zh + other.zh, self.en + other.en)
        return Text(self.zh + str(other), self.en + str(other))


def counted(number: int, one: str, many: str = "") -> str:
    """How many of something, as English says it.

    >>> counted(1, "row"), counted(2, "row"), counted(1, "person", "people")
    ('1 row', '2 rows', '1 person')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


COMMA, SEMICOLON = Text("、", ", "), Text("；", "; ")


def joined(items: Iterable[object], most: int | None = None, unit: str = "项", between: Text = COMMA) -> Text:
    """Several things one after the other, as each language writes them; where not all are named, how many there are.

    ``unit`` is what they are counted in, in Chinese; whole sentences stand with a ``SEMICOLON`` between them.

    >>> joined(["P001", "P002"])
    Text(zh='P001、P002', en='P001, P002')
    >>> joined(["P001", "P002", "P003"], most=1, unit="人")
    Text(zh='P001 等 3 人', en='P001 and 2 more')
    """
    every = [item if isinstance(item, Text) else Text(str(item), str(item)) for item in items]
    named = every[:most]
    text = Text(between.zh.join(t.zh for t in named), between.en.join(t.en for t in named))
    left = len(every) - len(named)
    return text + Text(f" 等 {len(every):,} {unit}", f" and {left:,} more") if left else text


def language() -> str:
    """The language in force: ``"zh"`` unless ``speaking`` or the variable ``SALESPLAN_LANG`` says otherwise."""
    chosen = _language.get() or os.environ.get("SALESPLAN_LANG", "zh")
    return "en" if chosen.lower().startswith("en") else "zh"


def set_language(code: str) -> None:
    """Make ``code`` ("zh" or "en") the language of this process."""
    if code not in LANGUAGES:
        raise ValueError(f"language {code!r}: one of {', '.join(LANGUAGES)}")
    # Engines call functions back on threads of their own, which see the environment but not our context.
    os.environ["SALESPLAN_LANG"] = code
    _language.set(code)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Within the block, texts appear in ``code``."""
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)
