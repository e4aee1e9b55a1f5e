"""What a text says of an amount: how many yuan one of it is, in which currency, with tax or without, planned or done.

Texts are the brackets of a header, what stands after its slash, a title line (“单位：万元”), a cell of a unit column, the literal of a
number format. What looks like a unit and is none that is known is returned as such: it is refused by name, never read as yuan.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from workbook_templates.intake.meaning.characters import simple
from workbook_templates.intake.meaning.currencies import YUAN, currency, known, taken_apart

NET, GROSS = "net", "gross"

_SCALES: dict[str, int] = {
    "元": 1, "圆": 1, "yuan": 1, "1": 1,
    "十": 10, "百": 100, "hundred": 100, "hundreds": 100,
    "千": 10**3, "仟": 10**3, "k": 10**3, "thousand": 10**3, "thousands": 10**3, "000": 10**3, "'000": 10**3, "000s": 10**3, "000's": 10**3, "'000s": 10**3,
    "1000": 10**3, "ths": 10**3, "tsd": 10**3,
    "万": 10**4, "萬": 10**4, "w": 10**4, "10k": 10**4, "ten thousand": 10**4, "ten thousands": 10**4, "tens of thousands": 10**4,
    "10 thousand": 10**4, "10000": 10**4, "wan": 10**4, "0000": 10**4, "'0000": 10**4,
    "十万": 10**5, "100k": 10**5, "lakh": 10**5, "lakhs": 10**5, "lac": 10**5, "hundred thousand": 10**5, "hundred thousands": 10**5,
    "hundreds of thousands": 10**5, "100000": 10**5,
    "百万": 10**6, "m": 10**6, "mn": 10**6, "mm": 10**6, "mio": 10**6, "million": 10**6, "millions": 10**6, "1000000": 10**6,
    "千万": 10**7, "crore": 10**7, "crores": 10**7, "10m": 10**7, "ten million": 10**7, "ten millions": 10**7, "tens of millions": 10**7,
    "亿": 10**8, "億": 10**8, "100m": 10**8, "hundred million": 10**8, "hundred millions": 10**8, "hundreds of millions": 10**8,
    "十亿": 10**9, "bn": 10**9, "billion": 10**9, "billions": 10**9,
}  # fmt: skip
_PARTS = {"角": Decimal("0.1"), "分": Decimal("0.01"), "fen": Decimal("0.01"), "cent": Decimal("0.01"), "cents": Decimal("0.01")}
# Before the others: 不含税 has 含税 in it.
_NET = re.compile(
    r"(?:均|皆|都)?(?:不含|不包含|不包括|未含|未税|除税|免税|去税|扣税|无税|税前|不计)(?:增值)?税?|去税|"
    r"excl?(?:uding|usive|\.)?(?: of)?[ .]*(?:vat|tax(?:es)?|gst)|ex[. ]+(?:vat|tax)|without (?:vat|tax)|net of (?:vat|tax)|before tax|"
    r"pre-?tax|(?:vat|tax)[ -]excl(?:uded|usive|\.)?|untaxed|exkl\.?[ .]*(?:mwst|ust)\.?|hors tax(?:e|es)|sin iva|ohne (?:mwst|ust)|税抜き?|税別|tax[ -]?free|(?<![a-z])(?:net|netto(?:betrag|umsatz|wert|summe|preis)?|ht)(?![a-z])|(?:vat|tax) not included"
)
_GROSS = re.compile(
    r"价税合计|(?:均|皆|都|已)?(?:含|包含|包括|连)(?:有)?(?:\s*\d+(?:\.\d+)?\s*%)?\s*(?:的)?(?:增值|销项)?税|税后|"
    r"(?:inkl|con|avec|mit|comprise?|incluid[oa])\.?[ .]*(?:mwst|ust|iva|tva)\.?|(?:mwst|ust|iva|tva)\.?[ .]*(?:inkl|incl(?:us[oa]|uid[oa])?|comprise?)\.?|"
    r"(?:含|连)\s*vat|税価?込み?|税込み?|稅込|(?:税|稅)(?:价|價)(?:合|总)计|t\.t\.c\.?|"
    r"includ(?:e|es|ed)(?: of)?[ .]*(?:\d+(?:\.\d+)?% )?(?:vat|tax(?:es)?|gst)|(?<![a-z])(?:ttc|brutto(?:betrag|umsatz|wert|summe|preis)?|mwst\.? inkl)(?![a-z])|"
    r"incl?(?:uding|usive|\.)?(?: of)?[ .]*(?:vat|tax(?:es)?|gst)|with (?:vat|tax)|after tax|"
    r"(?:vat|tax)[ -]incl(?:uded|usive|\.)?|(?<![a-z])gross(?! (?:margin|profit))(?![a-z])|tax[ -]?inclusive"
)
_PLANNED = re.compile(
    r"预计|预测|预估|预期|计划|目标|预算|报价|询价|估算|拟|加权|潜在|"
    r"(?<![a-z])(?:forecast(?:ed)?|expected|planned|plan|target|budget(?:ed)?|quot(?:e|ed|ation)|estimat(?:e|ed)|weighted|projected|potential|"
    r"pipeline)(?![a-z])"
)
_FILLER = re.compile(
    r"(?:金额|货币|计量|币种|币别|数额)?单位|币种|币别|货币|以|按|为|计算|计|列示|表示|填列|人民币|均|下列|以下|以上|本表|数据|所有|金额|"
    r"(?<![a-z])(?:in|of|amounts?|values?|figures?|units?|currency|all|are|is|stated|expressed|shown|the|and|rmb|cny|yuan|figures|reported)(?![a-z])"
)
_PUNCTUATION = re.compile(r"[\s:：,，;；、。.()（）\[\]【】*\-–—_/|]+")
_LOOKS_LIKE_ONE = re.compile(
    r"[十百千万亿兆仟佰角分]元?$|元$|(?<!\d)'?0{3}'?s?$|(?<![a-z])(?:hundreds?|thousands?|millions?|billions?|lakhs?|crores?)(?![a-z])"
)
_THINGS = frozenset(
    [
        "个",
        "件",
        "台",
        "套",
        "只",
        "支",
        "箱",
        "盒",
        "包",
        "瓶",
        "袋",
        "张",
        "本",
        "份",
        "条",
        "双",
        "对",
        "组",
        "批",
        "次",
        "人",
        "人次",
        "户",
        "家",
        "辆",
        "块",
        "片",
        "根",
        "卷",
        "桶",
        "吨",
        "公斤",
        "千克",
        "克",
        "斤",
        "米",
        "千米",
        "公里",
        "平方米",
        "立方米",
        "升",
        "毫升",
        "小时",
        "天",
        "日",
        "月",
        "年",
        "周",
        "%",
        "百分比",
        "pcs",
        "pc",
        "ea",
        "each",
        "set",
        "sets",
        "unit",
        "units",
        "kg",
        "g",
        "t",
        "ton",
        "tons",
        "m",
        "km",
        "l",
        "box",
        "boxes",
        "hour",
        "hours",
        "day",
        "days",
        "month",
        "months",
    ]
)


class Says(NamedTuple):
    """What a text says of an amount; what it doesn't say is None or ""."""

    scale: Decimal | None = None
    currency: str = ""
    tax: str = ""
    unknown: str = ""

    def over(self, other: Says) -> Says:
        """This, and where it says nothing the other."""
        if self.scale is None and not self.currency:
            return Says(other.scale, other.currency, self.tax or other.tax, self.unknown or other.unknown)
        # “元” in a header speaks of the currency too; “万” alone leaves it to the title.
        return Says(
            self.scale if self.scale is not None else other.scale,
            self.currency or other.currency,
            self.tax or other.tax,
            self.unknown,
        )


SILENT = Says()


def plain(text: str) -> str:
    """A text as it is compared: half width, small letters, simplified characters, single spaces."""
    return " ".join(simple(unicodedata.normalize("NFKC", text).casefold()).split())


def tax_of(text: str) -> str:
    """Whether an amount called so is with tax or without; "" where it does not say."""
    low = plain(text)
    bare = _NET.sub(" ", low)
    if _GROSS.search(bare):
        return GROSS
    return NET if bare != low else ""


def planned(text: str) -> bool:
    """Whether an amount called so is a forecast, a plan or a quote."""
    return _PLANNED.search(plain(text)) is not None


@functools.lru_cache(maxsize=4096)
def says(text: str, stated: bool = False) -> Says:
    """What a bracket, a title or a cell says; ``stated``: it is given as the unit, so that what is unknown is an unknown unit."""
    return _said(text, stated)[0]


_OWN_MONEY = re.compile(
    r"本位?币|折(?:合)?人民币|(?<![a-z])(?:lcy|local currency|company currency|base(?: net)? (?:total|amount|value))(?![a-z])"
)


_IN_YUAN = re.compile(r"人民币|(?<![a-z])(?:rmb|cny)(?![a-z])")
_IN_OTHER_MONEY = re.compile(
    r"原币|外币|汇率|美元|欧元|港[元币]|日元|英镑|(?<![a-z])(?:usd|eur|hkd|jpy|gbp|(?:original|foreign|transaction|doc(?:ument)?\.?) curr\w*|(?:exchange|fx) rate)(?![a-z])"
)


def in_own_money(header: str, others: Sequence[str] = ()) -> bool:
    """Whether an amount is called one in the books' own money, whatever the currency beside it was: 本位币金额, Amount (LCY); 人民币金额, where
    the amount in the other money, or its rate, stands among the ``others``."""
    low = plain(header)
    return _OWN_MONEY.search(low) is not None or (
        _IN_YUAN.search(low) is not None and any(other != header and _IN_OTHER_MONEY.search(plain(other)) for other in others)
    )


def in_other_money(header: str) -> bool:
    """Whether an amount is called one in the money of its document: 原币金额, Amount (USD)."""
    return _IN_OTHER_MONEY.search(plain(header)) is not None


def is_unit(text: str) -> bool:
    """Whether a text is a unit or a currency and nothing else: 万元, k RMB, USD; not 收入 and not 收入万元."""
    return _said(text, False)[1]


_GLUED = re.compile(
    r"(?<![a-z])([ktmw])(?=(?:cny|rmb|usd|eur|hkd|gbp|sgd|jpy|cnh)(?![a-z]))|(?<=cny|rmb|usd|eur|hkd|gbp|sgd|jpy|cnh)([kmw])(?![a-z])"
)


def _said(text: str, stated: bool) -> tuple[Says, bool]:
    """What a text says, and whether that is all it says: no other word stands in it."""
    low = _GLUED.sub(lambda match: f" {(match[1] or match[2]).replace('t', 'k')} ", plain(text))  # kCNY, TEUR
    tax = tax_of(low)
    rest = _GROSS.sub(" ", _NET.sub(" ", low))
    code, rest = taken_apart(rest)
    if not code and re.search(r"人民币|(?<![a-z])(?:rmb|cny|cnh|yuan|renminbi)(?![a-z])|[¥￥元圆]", rest):
        code = YUAN
    words = [w for w in _PUNCTUATION.split(_FILLER.sub(" ", rest).replace("¥", " ")) if w]
    phrase = " ".join(words)
    scale = _scale(phrase)
    if scale is not None:
        return Says(scale, code, tax), bool(code) or (len(phrase) > 1 and not phrase.strip("'").isdigit())
    if not phrase:
        return Says(Decimal(1) if code and re.search("[元圆]", rest) else None, code, tax), bool(code)
    if stated and known(phrase):
        return Says(None, currency(phrase), tax), True
    if phrase in _THINGS:
        return Says(None, code, tax), False
    if _LOOKS_LIKE_ONE.search(phrase) or stated:
        return Says(None, code, tax, text.strip()), False
    return Says(None, code, tax), False


_FORMAL = str.maketrans("拾佰仟萬億", "十百千万亿")


def _scale(phrase: str) -> Decimal | None:
    if phrase in _PARTS:
        return _PARTS[phrase]
    phrase = phrase.translate(_FORMAL)
    bare = phrase if phrase in ("元", "圆") else re.sub(r"[元圆]$", "", phrase).strip()
    bare = re.sub(r"(?<=\d) (?=000)", "", bare)
    return Decimal(_SCALES[bare]) if bare in _SCALES else None


# 编制单位 and 购货单位 are firms; 单位, 金额单位, 货币单位 are units.
_TITLE = re.compile(
    r"(?:(?<![一-鿿])|(?<=金额|货币|计量))(?:单位|币种|币别|货币)\s*(?:[:：]|为|是)\s*(?P<zh>(?:人民币\s+)?[^\s,，;；。)）\]】]+(?:\s*[(（][^)）]*[)）])?)"
    r"|(?<![a-z])(?:units?|currency)\s*[:：]\s*(?P<en>[a-z0-9¥€$£' ,]{1,30}?)(?=$|[;；。)）|])"
    r"|(?<![a-z])(?:(?:amounts?|values?|figures?|revenue|sales|numbers)\s+(?:are\s+)?(?:stated\s+|expressed\s+|shown\s+)?)?in (?P<in>(?:(?:rmb|cny|usd|eur|gbp|hkd|jpy|"
    r"us\$|hk\$|yuan|[€$£¥])\s*)?(?:tens of |hundreds of |ten |hundred )?(?:thousands?|millions?|billions?|lakhs?|crores?|10k|'?000s?|[km](?![a-z]))"
    r"(?:\s+of)?(?:\s+(?:rmb|cny|usd|eur|gbp|hkd|jpy|yuan|us dollars|dollars|euros?))?|(?:rmb|cny|usd|eur|gbp|hkd|jpy|us\$|hk\$|us dollars|euros)(?![a-z]))"
    r"|(?P<rmb>(?:rmb|cny|usd|eur|gbp|hkd|jpy|us\$|hk\$|[€$£¥])\s*(?:'?000s?|thousands?|millions?|10k|mn|[km])(?![a-z0-9]))"
)
# The same without a colon: “单位 万元”, “本表金额以万元为单位”, “人民币：万元”, “RMB in thousands”.
_LOOSE_TITLE = re.compile(
    r"(?:(?:金额|货币|计量|数据|数额|报表|列报)单位\s*(?:均?为|[:：])?|(?<![一-鿿])单位(?:\s+|均?为)|(?:人民币|rmb|cny)\s*[:：]|(?:以|按|均为|金额为|金额:|金额：)\s*)\s*"
    r"(?P<unit>(?:人民币)?\s*(?:[十百千仟万萬亿億兆]+[元圆]?|元|圆))(?=$|[\s,，;；。.)）】\]]|为单位|为计量单位|计|列示|表示|填列|[(（])"
)


def _one_of_several(words: str) -> Says | None:
    """The one unit of money among several: 台、万元 are those of quantities and of amounts."""
    parts = [part.strip() for part in re.split(r"[、,，/和及]", words) if part.strip()]
    money = [meaning for part in parts if part not in _THINGS and (meaning := says(part, True)) != SILENT]
    return money[0] if len(parts) > 1 and len(money) == 1 and not money[0].unknown else None


_WHOLE = 40
_SCALE_IN_BRACKETS = re.compile(r"(?<=rmb|cny|usd|eur|gbp|hkd|jpy) ?\(((?:ten |hundred )?(?:thousand|million)s?|'?000s?|10k)\) ?")
_ANY = frozenset(("全部", "所有", "不限", "全部币别", "所有币种", "all", "any", "空", "-"))
_FIRM = re.compile(r"[司厂店部院局所社团行室组处科站校会]$|公司|集团|中心|企业")
_TITLE_TAX = re.compile(
    r"金额|价格|单价|价款|数据|收入|销售额|口径|amount|price|figure|revenue|sales|value|^[(（]?(?:注|备注|说明|note)"
)


def of_title(text: str) -> list[tuple[str, Says]]:
    """What a line above or below the rows says of all amounts: the words, and their meaning."""
    low = _SCALE_IN_BRACKETS.sub(r" \1 ", plain(text))
    if len(low) <= _WHOLE:  # “万元”, “US$ in thousands”: a line that says a unit and nothing else
        meaning, all_of_it = _said(low.strip("()[]【】 "), False)
        if all_of_it:
            return [(text.strip(), meaning)]
    found = []
    for match in _TITLE.finditer(low):
        group = next(name for name, value in match.groupdict().items() if value)
        words = match[group].strip()
        if words in _ANY:
            continue  # what was asked for: 币别：全部
        # 单位：北京公司 names a firm; a currency is a currency, whatever it is called.
        meaning = says(
            words, stated=match[0].startswith(("币", "货币")) or (group == "zh" and len(words) <= 3 and not _FIRM.search(words))
        )
        if meaning.unknown:
            meaning = _one_of_several(words) or meaning
        if meaning.scale == 1 and match[0].startswith(("币", "货币")):
            meaning = meaning._replace(scale=None)  # 币种：人民币元 says which money, and not that it is in thousands
        if meaning != SILENT:
            found.append((words, meaning))
    if not found:
        for match in _LOOSE_TITLE.finditer(low):
            if (meaning := says(match["unit"].strip(), stated=True)) != SILENT:
                found.append((match["unit"].strip(), meaning))
    for part in re.findall(r"[(（【\[]([^)）】\]]*)[)）】\]]", low):
        if not _TITLE.search(low) and (meaning := says(part)) != SILENT:
            found.append((part, meaning))
    # A sentence such as “注：金额不含税”; not a name, and not “税率” alone.
    if (
        (tax := tax_of(low))
        and (_TITLE_TAX.search(low) or any(meaning.scale is not None or meaning.currency for _, meaning in found))
        and len(low) <= 80
    ):
        found.append((text.strip(), Says(tax=tax)))
    return found


_STATES = re.compile(
    r"(?:金额|货币|计量|数据|报表)?单位|币[种别]|货币|含税|未税|(?<![a-z])(?:units?|currency|amounts?|figures?|vat|tax)(?![a-z])|(?<![a-z])in (?:rmb|cny|usd|eur|thousand|million)"
)


def is_statement(text: str) -> bool:
    """Whether a cell that stands by itself says what all amounts are in: 单位：万元, （金额含税）, Currency: USD; not 万元 below one header."""
    return len(text) <= _WHOLE and _STATES.search(plain(text)) is not None and of_title(text) != []


def of_sheet(name: str) -> list[str]:
    """The name of a sheet where it says what its amounts are in, as “2027(万元)” does; a name that is only a word says nothing."""
    if _STATED.search(plain(name)) and of_title(name):
        return [name]
    part = next((part for part in re.split(r"[\s\-–—_·]+", name) if is_unit(part) and part != name), "")
    if part:
        return [f"{name}（{part}）"]  # 明细-万元
    foreign = _FOREIGN.search(plain(name))
    return [f"{name}（{foreign[0]}）"] if foreign else []


_FOREIGN = re.compile(r"(?<![a-z])(?:usd|eur|hkd|gbp|jpy)(?![a-z])|美元|美金|欧元|港元|港币|英镑|日元")


_STATED = re.compile(r"[(\[【]|单位|元|币|税|unit|\bin\b|vat")


def of_header(header: str) -> Says:
    """What a header says in its brackets, after its slash, or in its own words: ``收入(万元)``, ``收入/万元``, ``含税金额``."""
    parts = [says(part) for part in bracketed(header)]
    found = SILENT
    for part in parts:
        found = found.over(part)
    tax = tax_of(header)
    loose = re.search(
        r"[（(\[]?((?:人民币)?[十百千万亿]+元|[(]?元|usd|eur|hkd|gbp|jpy|rmb|cny|美元|欧元|港元|港币|日元)$", plain(header)
    )
    if found.scale is None and not found.currency and not found.unknown and loose and len(plain(header)) > len(loose[1]):
        found = says(loose[1]).over(found)
    if found.scale is None and not found.unknown and (first := _UNIT_FIRST.match(plain(header))):
        found = says(first[1]).over(found)
    if not found.currency and (sign := _MONEY_SIGN.search(plain(header))):
        found = found._replace(currency=says(sign[0]).currency)
    return found._replace(tax=tax)


_UNIT_FIRST = re.compile(r"((?:人民币)?[十百千仟万亿]+元)\s*(?=[一-鿿])")  # 万元收入
_MONEY_SIGN = re.compile(r"^(?:us|hk|nt|s|a|c)?[$€£¥]\s*|\s*(?:(?<![a-z])(?:us|hk|nt|s|a|c))?[$€£¥]$")


def bracketed(header: str) -> list[str]:
    """What stands in the brackets of a header, and after its last slash or dash."""
    text = unicodedata.normalize("NFKC", header)
    found = re.findall(r"[(\[【]([^)\]】]*)[)\]】]", text)
    outside = re.sub(r"[(\[【][^)\]】]*[)\]】]", " ", text)
    slash = re.search(r"[/,:|]\s*([^/,:|]+?)\s*$", outside) or re.search(r"\s[-–]\s*([^-–]+?)\s*$", outside)
    if slash and says(slash[1], False) != SILENT:
        found.append(slash[1])
    loose = re.search(
        r"\s(?:in\s+)?((?:rmb|cny|usd|eur|gbp|hkd)?\s?(?:'?000s?|10k|k|m|mn|thousands?|millions?)|[ktm](?:rmb|cny|usd|eur|gbp|hkd|sgd|jpy))$",
        outside.casefold(),
    )
    if loose:
        found.append(loose[1])
    return found


def bare(header: str) -> str:
    """A header without its brackets, its unit and what it says of tax: what is left is what it is called."""
    text = unicodedata.normalize("NFKC", header)
    text = re.sub(r"[(\[【][^)\]】]*[)\]】]", " ", text)
    for part in bracketed(header):
        text = re.sub(
            r"(?:(?<=.)\s*(?:金额|货币|计量)?单位)?(?:\s*[/,:|\-–]?\s*|\s+in\s+)" + re.escape(part) + r"\s*$",
            "",
            text,
            flags=re.IGNORECASE,
        )
    low = _UNIT_FIRST.sub("", _GROSS.sub(" ", _NET.sub(" ", plain(text))), count=1)
    low = re.sub(
        r"(?:人民币)?[十百千万亿]+元$|\s*(?:人民币|美元|欧元|港元|港币|日元|(?<![a-z])(?:usd|eur|hkd|gbp|jpy|rmb|cny))$", "", low
    )
    low = " ".join(_MONEY_SIGN.sub(" ", low).split()).strip(" *:_-%")
    if low in ("", "额", "价款") and low != plain(header):
        return "金额" if re.search("[一-鿿]", text) else "amount"  # 价税合计, Gross: an amount and nothing else
    return low
