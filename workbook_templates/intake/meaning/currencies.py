"""Which currency an amount is in: by its column, by the sign in its cell, by a number format or a title."""

from __future__ import annotations

import re
import unicodedata

from workbook_templates.intake.meaning.characters import simple

YUAN = "CNY"
_WORDS = {
    "CNY": ("cny", "rmb", "人民币", "元", "人民币元", "圆", "¥", "￥", "yuan", "cnh", "renminbi", "本币", "本位币", "cn¥"),
    "USD": ("usd", "us$", "$", "美元", "美金", "us dollars", "us dollar", "dollars"),
    "EUR": ("eur", "€", "欧元", "euro", "euros"),
    "GBP": ("gbp", "£", "英镑"),
    "HKD": ("hkd", "hk$", "港元", "港币", "港幣"),
    "JPY": ("jpy", "日元", "日圆", "日币", "jp¥", "円"),
    "KRW": ("krw", "₩", "韩元", "韩币", "韩圆"),
    "RUB": ("rub", "₽", "卢布"),
    "TWD": ("twd", "nt$", "ntd", "新台币", "新臺幣", "台币", "臺幣"),
    "SGD": ("sgd", "s$", "新加坡元", "新元", "新币", "坡币"),
    "AUD": ("aud", "a$", "au$", "澳元", "澳币", "澳大利亚元"),
    "CAD": ("cad", "c$", "ca$", "加元", "加币", "加拿大元"),
    "NZD": ("nzd", "nz$", "纽元", "新西兰元", "纽币"),
    "CHF": ("chf", "瑞郎", "瑞士法郎", "sfr"),
    "THB": ("thb", "฿", "泰铢", "泰銖"),
    "MYR": ("myr", "rm", "林吉特", "马币", "马来西亚令吉", "令吉"),
    "INR": ("inr", "₹", "印度卢比", "卢比"),
    "IDR": ("idr", "印尼盾", "印尼卢比"),
    "VND": ("vnd", "₫", "越南盾"),
    "PHP": ("php", "₱", "菲律宾比索"),
    "MOP": ("mop", "mop$", "澳门元", "澳门币", "葡币"),
    "BRL": ("brl", "r$", "雷亚尔", "巴西雷亚尔"),
    "MXN": ("mxn", "mx$", "墨西哥比索"),
    "ZAR": ("zar", "兰特", "南非兰特"),
    "TRY": ("try", "₺", "里拉", "土耳其里拉"),
    "AED": ("aed", "迪拉姆", "阿联酋迪拉姆"),
    "SAR": ("sar", "沙特里亚尔", "里亚尔"),
    "SEK": ("sek", "瑞典克朗"),
    "NOK": ("nok", "挪威克朗"),
    "DKK": ("dkk", "丹麦克朗"),
    "PLN": ("pln", "兹罗提", "zł"),
    "CZK": ("czk", "捷克克朗", "kč"),
    "HUF": ("huf", "福林"),
    "KZT": ("kzt", "坚戈", "₸"),
    "ILS": ("ils", "₪", "谢克尔"),
    "UAH": ("uah", "₴", "格里夫纳"),
    "NGN": ("ngn", "₦", "奈拉"),
    "EGP": ("egp", "埃及镑"),
    "PKR": ("pkr", "巴基斯坦卢比"),
    "BDT": ("bdt", "৳", "塔卡"),
    "MMK": ("mmk", "缅元", "缅币"),
    "LAK": ("lak", "基普"),
    "KHR": ("khr", "瑞尔"),
    "ARS": ("ars", "阿根廷比索"),
    "CLP": ("clp", "智利比索"),
    "COP": ("cop", "哥伦比亚比索"),
    "PEN": ("pen", "秘鲁索尔"),
    "QAR": ("qar",),
    "KWD": ("kwd", "科威特第纳尔"),
    "RON": ("ron", "列伊"),
    "BGN": ("bgn", "列弗"),
}
_KNOWN = {word: code for code, words in _WORDS.items() for word in words}
_ENGLISH = {"try", "cop", "pen", "ron", "mop", "sar", "dollars"}  # words of English: a currency in capitals only
_FOREIGN = sorted((w for w in _KNOWN if _KNOWN[w] != YUAN and w not in _ENGLISH), key=len, reverse=True)
_SIGN = re.compile(
    "|".join(
        # No letters around a code, no letter before a sign with letters in it: A$ is not in HKA$.
        (r"(?<![a-z])" if w[0].isascii() and w[0].isalpha() else "")
        + re.escape(w)
        + (r"(?![a-z])" if w[-1].isascii() and w[-1].isalpha() else "")
        for w in _FOREIGN
    )
)
_CAPITALS = re.compile(r"(?<![A-Za-z])(?:" + "|".join(sorted(w.upper() for w in _ENGLISH if len(w) == 3)) + r")(?![A-Za-z])")


def currency(word: str) -> str:
    """The code of a currency as someone wrote it; what is unknown is its own code.

    >>> currency("人民币"), currency(" usd "), currency("chf")
    ('CNY', 'USD', 'CHF')
    """
    plain = simple(unicodedata.normalize("NFKC", word)).strip()
    # What drop-downs and ERPs put around a code: “USD-美元”, “[USD] US dollar”, “美元(USD)”.
    if plain.casefold() in _KNOWN:
        return _KNOWN[plain.casefold()]
    parts = [part for part in re.split(r"[\s\-/()\[\]|,;:]+", plain.casefold()) if part]
    found = {_KNOWN[part] for part in parts if part in _KNOWN}
    return next(iter(found)) if len(found) == 1 else plain.upper()


def known(word: str) -> bool:
    """Whether a word is that of a currency."""
    return currency(word) in _WORDS


def taken_apart(cell: str) -> tuple[str, str]:
    """The foreign currency in the cell of an amount, "" for none, and the cell without it.

    >>> taken_apart("$1,200.50"), taken_apart("12 英镑"), taken_apart("￥5"), taken_apart("NT$ 7")
    (('USD', '1,200.50'), ('GBP', '12'), ('', '￥5'), ('TWD', '7'))
    """
    plain = simple(unicodedata.normalize("NFKC", cell)).strip()
    found = _SIGN.search(plain.casefold()) or _CAPITALS.search(plain)
    if found is None:
        return "", cell
    return _KNOWN[found[0].casefold()], (plain[: found.start()] + plain[found.end() :]).strip()
