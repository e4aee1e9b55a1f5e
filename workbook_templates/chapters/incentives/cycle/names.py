"""Whether two names are one person's: written in another width or case, with characters nobody sees, or with letters of another alphabet.

A second pair of eyes is asked for by name, and a name is typed. So names are compared as they look: compatibility forms as one (NFKC),
letter case and blanks left out, what shows nothing left out, and letters that Unicode lists as look-alikes of a Latin one read as that
(UTS #39, https://www.unicode.org/reports/tr39/#Confusable_Detection; the list comes with the library ``confusable_homoglyphs``, MIT).
"""

from __future__ import annotations

import functools
import unicodedata
from typing import Any

# Characters that show nothing but are none of Unicode's format, control or blank characters (UCD, Default_Ignorable_Code_Point), and
# the blank pattern of Braille, which only looks like a space.
_UNSEEN = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000)}  # fmt: skip
_BLANK = ("Cc", "Cf", "Cn", "Co", "Cs", "Zs", "Zl", "Zp")


def same_person(one: Any, other: Any) -> bool:
    """Whether two names can't be told apart.

    >>> same_person("Cora", "\\uff23ora"), same_person("李明", "李 明"), same_person("Li", "Lu")
    (True, True, False)
    """
    return folded(one) == folded(other)


def folded(name: Any) -> str:
    """A name as it looks, for comparing only."""
    # A look-alike need not be one any more in its compatibility form (Ϲ becomes Σ) or in the other case (В and в): so before and after.
    seen = unicodedata.normalize("NFKC", _as_latin(str(name or "")))
    seen = _as_latin("".join(c for c in seen if _shows(c)))
    return unicodedata.normalize("NFKC", _as_latin(seen.casefold()))


def _as_latin(text: str) -> str:
    return "".join(map(_latin, text))


def _shows(char: str) -> bool:
    return ord(char) not in _UNSEEN and unicodedata.category(char) not in _BLANK


@functools.lru_cache(maxsize=4096)
def _latin(char: str) -> str:
    """The Latin letter that a letter of another alphabet looks like; any other character itself."""
    if char.isascii() or not char.isalpha():
        return char
    from confusable_homoglyphs.confusables import confusables_data  # a quarter of a second to load: only where a name needs it

    glyphs = (glyph["c"] for glyph in confusables_data.get(char, ()))
    found = next((glyph for glyph in glyphs if len(glyph) == 1 and glyph.isascii() and glyph.isalpha()), char)
    return "I" if found == "l" and char.isupper() else found  # the list has no I: its skeleton of I is l
