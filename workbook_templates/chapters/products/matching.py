"""Cases like a customer's: by the words of the pain point, and by photos of the same scene where there are any."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from udfs.casematch import matches
from udfs.duplicates import core_of, suffix_pattern
from udfs.text import Text
from udfs.values import at_least
from workbook_templates.tables.schema import Row

Setting = Callable[[str], Any]
SHOWN = 5  # shared terms
PHOTOS = ("photo1", "photo2", "photo3")
_TEXTS = ("pains", "voice", "after")  # what of a case is compared with a pain point


@dataclass(frozen=True)
class MatchedCase:
    """A case that was found: which row, how like, why; ``image`` is the likeness of a photo, where one counts."""

    index: int
    score: float
    terms: tuple[str, ...]
    same_industry: bool
    image: float | None = None

    @property
    def why(self) -> Text:
        """The reason in words."""
        zh, en = [], []
        if self.terms:
            zh.append(f"共同词：{'、'.join(self.terms)}")
            en.append(f"shared words: {', '.join(self.terms)}")
        if self.same_industry:
            zh.append("行业相同")
            en.append("same industry")
        if self.image is not None:
            zh.append(f"照片相似 {self.image:.0%}")
            en.append(f"photo {self.image:.0%} alike")
        return Text("；".join(zh), "; ".join(en))


def text_of(case: Row) -> str:
    """What of a case is compared.

    >>> text_of({"pains": "节拍慢", "voice": None, "after": "7 秒"})
    '节拍慢 7 秒'
    """
    return " ".join(str(case[key]) for key in _TEXTS if case.get(key))


def matched(
    pain: str, industry: str, cases: Sequence[Row], setting: Setting, images: Mapping[int, float] | None = None
) -> list[MatchedCase]:
    """The cases most like a pain point, best first. ``images``: by row of the cases the likeness of their most alike photo.

    A likeness below the border says nothing and is left out; above it, it weighs a little beside the words.
    """
    wanted = _plain(industry)
    same = [bool(wanted) and _plain(str(case.get("industry") or "")) == wanted for case in cases]
    by_text = {one.row - 1: one for one in matches(pain, [text_of(case) for case in cases], same, float(setting("match.bonus")))}
    alike = {row: likeness for row, likeness in (images or {}).items() if at_least(likeness, float(setting("match.image")))}
    weight = float(setting("match.image_weight"))
    out = []
    for row in sorted({*by_text, *alike}):
        words = by_text[row].score if row in by_text else 0.0
        score = words if row not in alike else (1 - weight) * words + weight * alike[row]
        terms = tuple(by_text[row].terms[:SHOWN]) if row in by_text else ()
        out.append(MatchedCase(row, score, terms, same[row], alike.get(row)))
    return sorted(out, key=lambda one: -one.score)[: int(setting("match.top"))]


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).strip().casefold()


def shown_customer(case: Row) -> Text:
    """Whose case it is, as a deck may say."""
    if case.get("public") == "yes" and case.get("customer"):
        return Text(str(case["customer"]), str(case["customer"]))
    return Text(f"某{case.get('industry')}企业", f"a company in {case.get('industry')}")


def discreet(case: Row, key: str, suffixes: Sequence[str]) -> str:
    """A text of a case without the name of a customer who is not public."""
    said, name = str(case.get(key) or ""), str(case.get("customer") or "")
    if case.get("public") == "yes" or not name.strip():
        return said
    for word in (name, core_of(name, "", suffix_pattern(suffixes))):
        if len(word) > 1:
            said = re.sub(re.escape(word), str(shown_customer(case)), said, flags=re.IGNORECASE)
    return said
