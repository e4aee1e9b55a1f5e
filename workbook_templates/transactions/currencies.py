"""Which currency an amount is in: by its column, by the sign in its cell."""

from __future__ import annotations

import re
import unicodedata

YUAN = "CNY"
_WORDS = {
    "CNY": ("cny", "rmb", "人民币", "元", "人民币元", "¥", "yuan", "cnh"),
    "USD": ("usd", "us$", "$", "美元", "美金"),
    "EUR": ("eur", "€", "欧元"),
    "GBP": ("gbp", "£", "英镑"),
    "HKD": ("hkd", "hk$", "港元", "港币"),
    "JPY": ("jpy", "日元", "日圆"),
    "KRW": ("krw", "₩", "韩元"),
    "RUB": ("rub", "₽", "卢布"),
}
_KNOWN = {word: code for code, words in _WORDS.items() for word in words}
_SIGN = re.compile(
    "|".join(
        re.escape(w) if not w.isascii() or not w.isalpha() else rf"(?<![a-z]){w}(?![a-z])"
        for w in sorted(_KNOWN, key=len, reverse=True)
        if _KNOWN[w] != YUAN
    )
)


def currency(word: str) -> str:
    """The code of a currency as someone wrote it; what is unknown is its own code.

    >>> currency("人民币"), currency(" usd "), currency("chf")
    ('CNY', 'USD', 'CHF')
    """
    plain = unicodedata.normalize("NFKC", word).strip()
    return _KNOWN.get(plain.casefold(), plain.upper())


def taken_apart(cell: str) -> tuple[str, str]:
    """The foreign currency in the cell of an amount, "" for none, and the cell without it.

    >>> taken_apart("$1,200.50"), taken_apart("12 英镑"), taken_apart("￥5")
    (('USD', '1,200.50'), ('GBP', '12'), ('', '￥5'))
    """
    plain = unicodedata.normalize("NFKC", cell).strip()
    found = _SIGN.search(plain.casefold())
    if found is None:
        return "", cell
    return _KNOWN[found[0]], (plain[: found.start()] + plain[found.end() :]).strip()
