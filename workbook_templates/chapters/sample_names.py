"""Names of the sample's customers: plausible, each its own, in two languages; a handful are planted so that they look like one another.

Brands are made of two syllables, the trade follows the industry. A brand is passed over where the finished name would be taken for another's
by the measure of ``DUPLICATES`` in either language, so that what the button lists is what was planted.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from udfs.text import Text
from workbook_templates.tables.spec import Row

_FIRST = (
    "华Hua 瑞Rui 鼎Ding 博Bo 科Ke 凯Kai 宏Hong 泰Tai 龙Long 飞Fei 创Chuang 启Qi 腾Teng 永Yong 嘉Jia 诚Cheng 盛Sheng 明Ming 德De "
    "海Hai 远Yuan 同Tong 双Shuang 维Wei 思Si 奥Ao 艾Ai 贝Bei 迪Di 格Ge 普Pu 纳Na 洛Luo 曼Man 森Sen 沃Wo 伊Yi 卓Zhuo"
)
_SECOND = (
    "岳yue 禾he 砚yan 垣yuan 川chuan 屿yu 鸣ming 澜lan 光guang 峦luan 壑huo 舟zhou 舒shu 陌mo 桥qiao 松song 柏bai 枫feng 棠tang 榆yu "
    "辰chen 朔shuo 昕xin 旭xu 晖hui 曦xi 霖lin 霁ji 润run 泽ze 沛pei 沣feng 淼miao 涵han 鸿hong 鹏peng 骏jun 麟lin 驰chi"
)
# What companies of an industry say they make, the industry by its Chinese name.
_TRADES = {
    "汽车零部件": "汽车部件Auto Parts 底盘Chassis 车桥Axles 内饰Interiors 精锻Forging 转向Steering",
    "电子制造": "电子Electronics 光电Photonics 线路板Circuits 传感Sensors 连接器Connectors",
    "新能源": "新能源New Energy 锂电Batteries 光伏Solar 储能Storage 风电Wind Power",
    "食品饮料": "食品Foods 饮料Beverages 乳业Dairy 粮油Grain 调味品Seasonings",
    "医药": "药业Pharma 生物Biotech 医疗器械Medical Devices 制药Medicines",
    "物流仓储": "物流Logistics 仓储Warehouses 冷链Cold Chain 供应链Supply Chain",
}
_FORMS = (("有限公司", "Ltd."), ("股份有限公司", "Co., Ltd."), ("有限公司", "Ltd."), ("集团有限公司", "Corp."))
_ALIKE = 0.78  # a little below where the button begins
_TWINS = 4  # planted
_LONG = 5  # characters of which one may be wrong and the rest is 80%
_KEPT = 3  # characters of a name by which it is compared with others at all


def _words(said: str) -> list[Text]:
    """``底盘Chassis`` as texts; a blank inside an English word belongs to it."""
    out: list[Text] = []
    for word in said.split(" "):
        if word.isascii() and out:
            out[-1] = Text(out[-1].zh, f"{out[-1].en} {word}")
        else:
            zh = word.rstrip("".join(c for c in word if c.isascii()))
            out.append(Text(zh, word[len(zh) :]))
    return out


class _Parts(NamedTuple):
    """What a name is made of."""

    city: Text
    brand: Text
    trade: Text
    form: Text

    @property
    def name(self) -> Text:
        parts = list(self)
        return Text("".join(part.zh for part in parts), " ".join(part.en for part in parts))


class Names:
    """The names given so far."""

    def __init__(self) -> None:
        self._drawn: set[tuple[Text, int, Text]] = set()
        self._brands = _brands()
        self._passed: list[Text] = []
        self._parts: dict[Text, _Parts] = {}
        self._cores: tuple[dict[str, list[str]], dict[str, list[str]]] = ({}, {})
        self._trades = {industry: itertools.cycle(_words(said)) for industry, said in _TRADES.items()}
        self._forms = itertools.cycle(_FORMS)

    def fresh(self, city: Text, mark: int, industry: Text) -> bool:
        """Whether such a draw is the first of its kind."""
        size = len(self._drawn)
        self._drawn.add((city, mark, industry))
        return len(self._drawn) > size

    def named(self, city: Text, industry: Text) -> Text:
        """A name of its own for a company of an industry in a city."""
        trade, (form_zh, form_en) = next(self._trades[industry.zh]), next(self._forms)
        for place, brand in enumerate(self._passed):
            if self._free(brand, trade):
                del self._passed[place]
                break
        else:
            brand = next(self._until_free(trade))
        return self._kept(_Parts(city, brand, trade, Text(form_zh, form_en)))

    def _kept(self, parts: _Parts) -> Text:
        self._parts[parts.name] = parts
        return parts.name

    def plant(self, customers: Sequence[Row]) -> None:
        """Let the last customers, of the online store, look like others: branches in another city, and one mistyped.

        None is certain: where the whole name is the same, the city is not.
        """
        *branches, slip = customers[-_TWINS:]
        others = [self._parts[row["name"]] for row in customers[_TWINS:-_TWINS]]
        for row in branches:
            own = self._parts[row["name"]]
            place = next(at for at, other in enumerate(others) if other.city != own.city)
            row["name"] = self._kept(others.pop(place)._replace(city=own.city, form=own.form))
        meant = next(other for other in others if len(other.brand.zh + other.trade.zh) >= _LONG)
        first, second = next(
            (one, other) for one in _words(_FIRST) for other in _words(_SECOND) if one.zh + other.zh == meant.brand.zh
        )
        slips = (Text(first.zh + word.zh, first.en + word.en) for word in _words(_SECOND) if word != second)
        both = _cores(meant.brand, meant.trade)
        slip["name"] = self._kept(
            meant._replace(brand=next(brand for brand in slips if set(self._like(brand, meant.trade)) == set(both)))
        )

    def _until_free(self, trade: Text) -> Iterator[Text]:
        for brand in self._brands:
            if self._free(brand, trade):
                yield brand
            self._passed.append(brand)

    def _free(self, brand: Text, trade: Text) -> bool:
        """Take a brand with a trade, unless it is like another's."""
        if any(self._like(brand, trade)):
            return False
        for core, known in zip(_cores(brand, trade), self._cores, strict=True):
            for key in _blocks(core):
                known.setdefault(key, []).append(core)
        return True

    def _like(self, brand: Text, trade: Text) -> Iterator[str]:
        """The names given so far that it is like, in either language."""
        for core, known in zip(_cores(brand, trade), self._cores, strict=True):
            near = {other for key in _blocks(core) for other in known.get(key, ())}
            yield from (other for other in near if alike(core, other) >= _ALIKE)


def _cores(brand: Text, trade: Text) -> tuple[str, str]:
    return brand.zh + trade.zh, (brand.en + trade.en).casefold().replace(" ", "")


def _brands() -> Iterator[Text]:
    """Pairs of syllables: each first one with each second, neighbours unlike."""
    first, second = _words(_FIRST), _words(_SECOND)
    for turn in range(len(second)):
        for place, one in enumerate(first):
            other = second[(place + turn) % len(second)]
            yield Text(one.zh + other.zh, one.en + other.en)


def _blocks(core: str) -> set[str]:
    """A name is compared with those that share two of its first three characters."""
    return {"".join(pair) for pair in itertools.combinations(core[:_KEPT], 2)}


def alike(a: str, b: str) -> float:
    """How alike two names are: twice their longest common subsequence by their lengths.

    >>> round(alike("鼎岳底盘", "鼎禾底盘"), 2)
    0.75
    """
    rest = whole = (1 << len(a)) - 1
    for letter in b:
        kept = rest & sum(1 << at for at, other in enumerate(a) if other == letter)
        rest = ((rest + kept) | (rest - kept)) & whole
    return 2 * (whole & ~rest).bit_count() / (len(a) + len(b))
