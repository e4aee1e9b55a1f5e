"""A number as its cell shows it: “12.35万” is 123,500 yuan, “$1,000” no yuan at all, “0012” an ID of four digits.

A number whose format says more than digits arrives as :class:`Dressed`; every other one stays a plain float.
"""

from __future__ import annotations

import functools
import re
from decimal import Decimal
from typing import NamedTuple

from workbook_templates.intake.meaning import units
from workbook_templates.intake.meaning.currencies import YUAN, currency


class Dress(NamedTuple):
    """What a number format says: yuan for one, the currency, digits an ID is padded to; ``unclear`` is a format that contradicts itself,
    ``percent`` that of a rate, ``shown`` what the cell's number is divided by to be shown without saying so (``#,##0,``)."""

    scale: Decimal = Decimal(1)
    currency: str = ""
    padded: str = ""
    unclear: str = ""
    percent: bool = False
    shown: Decimal = Decimal(1)


PLAIN = Dress()


class Dressed(float):
    """A number and what its format says of it."""

    dress: Dress

    def __new__(cls, value: float, dress: Dress) -> Dressed:
        made = super().__new__(cls, value)
        made.dress = dress
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dressed) and float(self) == float(other) and self.dress == other.dress

    def __hash__(self) -> int:
        return hash((float(self), self.dress))

    @property
    def shown(self) -> str:
        """The ID that the cell shows; "" where the format pads nothing."""
        pattern, whole = self.dress.padded, float(self).is_integer() and self >= 0
        if not pattern or not whole:
            return ""
        digits = str(int(self)).rjust(pattern.count("0"), "0")
        extra, out = len(digits) - pattern.count("0"), []
        for mark in pattern:
            if mark == "0":
                out.append(digits[: extra + 1] if extra else digits[0])
                digits, extra = (digits[extra + 1 :], 0) if extra else (digits[1:], 0)
            else:
                out.append(mark)
        return "".join(out)


_SECTIONS = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
_MONEY = re.compile(r"\[\$([^\]-]*)(?:-([0-9A-Fa-f]+))?\]")
_GENERAL = re.compile(r'(?:general|g/通用格式)(?=(?:[^"]*"[^"]*")*[^"]*$)', re.IGNORECASE)
_LOCALES = {"409": "USD", "1009": "CAD", "C09": "AUD", "1409": "NZD", "1004": "SGD", "4809": "SGD", "C04": "HKD", "404": "TWD"}


@functools.lru_cache(maxsize=1024)
def dress_of(code: str) -> Dress:
    """What a number format says."""
    first = _SECTIONS.split(code)[0]
    sign = ""
    for symbol, locale in _MONEY.findall(first):
        if not symbol.strip():
            continue
        by_place = _LOCALES.get(locale.upper().lstrip("0")) if symbol == "$" else None
        sign = by_place or ("JPY" if symbol in "¥￥" and locale.upper().endswith("411") else currency(symbol))
    bare = _GENERAL.sub("#", re.sub(r"\[[^\]]*\]", "", _MONEY.sub("", first)))
    marks, literal, tail = _taken(bare)
    said = units.says(literal) if literal.strip(" ()-+.%") else units.SILENT
    sign = sign or (said.currency or "")
    sign = "" if sign == YUAN else sign
    commas = len(match[1]) if (match := re.search(r"[0#?](,+)(?![0#?,])", marks)) else 0
    shown = Decimal(10) ** (3 * commas + tail)
    scale, unclear = Decimal(1), ""
    if said.scale is not None and said.scale != 1:
        scale = said.scale if shown == 1 else Decimal(1)
        unclear = "" if shown in (1, said.scale) else code
    elif said.unknown or said.tax == units.GROSS:
        unclear = code
    padded = ""
    if re.fullmatch(r"[0]+", marks) and len(marks) > 1 and not sign and said == units.SILENT:
        padded = _pattern(bare)
    return Dress(scale, sign, padded, unclear, "%" in marks, shown if said.scale is None else Decimal(1))


def _taken(code: str) -> tuple[str, str, int]:
    """The marks of a format, its literal text, and how many digits stand after a point that is only painted (``0!.0,``)."""
    marks, literal, after = "", "", 0
    painted = False
    for kind, text in _tokens(code):
        if kind == "text":
            literal += text
            painted |= text == "." and bool(re.search(r"[0#?]$", marks)) and "." not in marks
        elif kind == "mark":
            after += painted and text in "0#?"
            marks += text
    return marks, literal, after


def _pattern(code: str) -> str:
    return "".join(text for kind, text in _tokens(code) if kind in ("mark", "text"))


def _tokens(code: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(code):
        mark = code[at]
        if mark == '"':
            end = code.find('"', at + 1)
            end = len(code) if end < 0 else end
            found.append(("text", code[at + 1 : end]))
            at = end + 1
        elif mark in "\\!":
            found.append(("text", code[at + 1 : at + 2]))
            at += 2
        elif mark in "_*":
            at += 2
        else:
            found.append(("mark" if mark in "0#?,.%@E" else "text", mark))
            at += 1
    return found


def dressed(value: float, code: str) -> float:
    """A number in its format's dress; a plain float where the format says nothing more."""
    dress = dress_of(code)
    return value if dress == PLAIN else Dressed(value, dress)
