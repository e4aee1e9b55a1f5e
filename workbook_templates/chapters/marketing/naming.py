"""Whether a text names a guest or a company (Chatham House): in any width, case, accent or script, turned round, shortened, with a title.

Rather one refusal too many than a name in minutes that are mailed: a text is easily worded otherwise.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from udfs.duplicates import core_of, suffix_pattern
from workbook_templates.intake.meaning.characters import simple
from workbook_templates.tables.schema import Row

# Characters of names that systems of Hong Kong and Taiwan write otherwise: as written there, and here. Those of headers are known already.
_PAIRS = (
    "偉伟麗丽強强軍军傑杰鵬鹏飛飞龍龙鳳凤榮荣慶庆陳陈張张劉刘楊杨趙赵黃黄吳吴孫孙馬马許许鄭郑馮冯蔣蒋葉叶蘇苏呂吕鍾钟譚谭韋韦賈贾鄒邹閻阎龐庞錢钱"
    "湯汤嚴严溫温齊齐顧顾龔龚喬乔賴赖聶聂寧宁鄧邓羅罗蕭萧謝谢關关衛卫賀贺閔闵紀纪連连鳴鸣寶宝遠远輝辉衞卫靜静瑩莹穎颖曉晓豔艳艷艳賢贤義义誠诚軒轩濤涛凱凯"
    "樂乐雲云勝胜愛爱藝艺倫伦興兴廣广東东濱滨電电機机車车藥药醫医學学氣气動动聯联龜龟豐丰泰泰維维紅红綠绿藍蓝鋼钢鐵铁銅铜鋁铝陽阳島岛灣湾滬沪蘇苏漢汉遼辽"
)  # fmt: skip
_SIMPLE = str.maketrans(dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True)))
_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_TOKEN = re.compile(rf"[{_HAN}]|(?:(?![{_HAN}_])\w)+")
_STOPS = frozenset(".!?:;。！？：；\n\r")


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TITLES = _set("mr mrs ms miss mx dr prof professor sir madam madame mme herr frau fru hr")
_HAN_TITLES = (
    "先生|女士|小姐|太太|董事长|总经理|副总|总裁|总监|总工|经理|主任|主席|院长|校长|厂长|局长|处长|部长|科长|行长|书记|董事|博士|教授|老师|工程师|秘书长|会长|董"
    # 总 alone, but not the words that begin with it: 对于总体 names nobody called 于.
    "|总(?![体部量额成价共数线装计是结之和要的得在会能有想包投产])"
)
_TWO_FAMILY = _set("欧阳 司马 上官 诸葛 夏侯 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 司空 端木 南宫 长孙 宇文 轩辕")
_LEGAL = _set(
    "co company ltd limited inc incorporated corp corporation llc llp plc gmbh mbh ag kg se group holding holdings ab oy oyj as asa aps sa sas "
    "sarl srl spa bv nv pty pte kk kgaa"
)
# What a company does, behind the name it trades under.
_TRADES = _listed(
    "精密 机械 制造 科技 技术 自动化 电子 电气 电器 电力 新能源 能源 新材料 材料 集团 股份 控股 实业 设备 装备 智能 信息 汽车 零部件 重工 工业 化工 医药 药业 "
    "生物 食品 乳业 物流 光伏 光电 半导体 软件 网络 数据 贸易 投资 发展 建设 工程 环保 医疗 器械 轨道 交通 港口 港务 家电 锂电 电池 储能 隧道 高速 公路 数字 工厂"
)
_NO_NAME = _set("中国 中华 国家 全国 国际 世界 亚洲 环球")
_SHORTEST = 2  # characters: a single one is in any text
_LONG = 4  # letters of a family name that is looked for at the start of a sentence, too


class SpokenWord(NamedTuple):
    """A word of a text, or one Han character; ``capital``: written with a capital inside a sentence, ``first``: its first word."""

    said: str
    capital: bool
    first: bool


def words_of(text: object) -> list[SpokenWord]:
    """A text as names are looked for: width, case, accents and traditional characters make no difference, signs part words.

    >>> [word.said for word in words_of("Ｗａｎｇ 小明, Ström")]
    ['wang', '小', '明', 'strom']
    """
    wide = unicodedata.normalize("NFKC", str(text or ""))
    kept = "".join(c for c in unicodedata.normalize("NFD", wide) if unicodedata.category(c) not in ("Mn", "Cf"))
    kept = simple(kept).translate(_SIMPLE)
    out, end = list[SpokenWord](), 0
    for found in _TOKEN.finditer(kept):
        first = not out or not _STOPS.isdisjoint(kept[end : found.start()])
        out.append(SpokenWord(found[0].casefold(), found[0][:1].isupper() and not first, first))
        end = found.end()
    return out


def _plain(text: object) -> str:
    return "".join(word.said for word in words_of(text))


class Named:
    """The guests and companies that a text may not name; ``suffixes``: legal forms that a company's name may end with."""

    def __init__(self, guests: Iterable[Row], suffixes: Sequence[str]) -> None:
        self._joined: dict[str, str] = {}  # what is looked for word by word, without blanks, and who it is
        self._parts: dict[str, str] = {}  # parts of a person's name: beside a title, or with a capital
        self._family: dict[str, str] = {}  # family names that are looked for at the start of a sentence, too
        self._titled: list[tuple[re.Pattern[str], str]] = []
        pattern = suffix_pattern(suffixes)
        for row in guests:
            name, company = str(row.get("name") or ""), str(row.get("company") or "")
            for one in _of_person(name):
                self._add(one, name)
            for one in _of_company(company, pattern):
                self._add(one, company)
            self._person(name)

    def _add(self, said: str, who: str) -> None:
        if len(said) >= _SHORTEST:
            self._joined.setdefault(said, who)

    def _person(self, name: str) -> None:
        parts = [word.said for word in words_of(name)]
        if parts and all(_is_han(part) for part in parts):
            whole = "".join(parts)
            family = whole[:2] if whole[:2] in _TWO_FAMILY and len(whole) > 2 else whole[:1]
            self._titled.append((re.compile(f"{family}(?:{_HAN_TITLES})"), name))
            return
        for part in parts:
            if len(part) >= _SHORTEST:
                self._parts.setdefault(part, name)
        if len(parts) > 1 and len(parts[-1]) >= _LONG:
            self._family.setdefault(parts[-1], name)

    def in_text(self, text: object) -> str | None:
        """Whom a text names, as the list of guests writes it; the longest that is found."""
        words = words_of(text)
        return max(self._found(words), key=len, default=None)

    def _found(self, words: Sequence[SpokenWord]) -> Iterator[str]:
        longest = max(map(len, self._joined), default=0)
        for begin in range(len(words)):
            said = ""
            for word in words[begin:]:
                said += word.said
                if len(said) > longest + 1:
                    break
                if (who := self._joined.get(said) or self._joined.get(_bare_genitive(said))) is not None:
                    yield who
        for place, word in enumerate(words):
            part = _bare_genitive(word.said) if word.said not in self._parts else word.said
            titled = place > 0 and words[place - 1].said in _TITLES
            if part in self._parts and (word.capital or titled):
                yield self._parts[part]
            elif word.first and part in self._family:
                yield self._family[part]
        run = "".join(word.said if _is_han(word.said) else " " for word in words)
        yield from (who for pattern, who in self._titled if pattern.search(run))


def _is_han(word: str) -> bool:
    return len(word) == 1 and re.fullmatch(f"[{_HAN}]", word) is not None


def _bare_genitive(said: str) -> str:
    """Kones lift is Kone's."""
    return said[:-1] if said.endswith("s") and len(said) > _LONG else said


def _of_person(name: str) -> Iterator[str]:
    """A name as it may be written: turned round, with initials, without what stands between the first and the last part."""
    parts = [word.said for word in words_of(name)]
    yield "".join(parts)
    if len(parts) < 2 or any(_is_han(part) for part in parts):
        return
    for turn in range(1, len(parts)):
        yield "".join(parts[turn:] + parts[:turn])
    yield parts[0] + parts[-1]
    yield parts[-1] + parts[0]
    for family, others in ((parts[-1], parts[:-1]), (parts[0], parts[1:])):
        if len(family) >= _LONG:
            initials = "".join(part[0] for part in others)
            yield from (initials + family, family + initials, initials[0] + family, family + initials[0])


def _of_company(name: str, suffixes: re.Pattern[str]) -> Iterator[str]:
    """A company's name: whole, without its legal form, and the name it trades under."""
    words = [word.said for word in words_of(name)]
    yield "".join(words)
    words = words[1:] if words[:1] == ["the"] else words
    yield "".join(words)
    while len(words) > 1 and words[-1] in _LEGAL:
        words = words[:-1]
        yield "".join(words)
    whole = _plain(name)
    if not re.search(f"[{_HAN}]", whole):
        return
    core = _plain(core_of(simple(str(name)).translate(_SIMPLE), "", suffixes))
    bare = suffixes.fullmatch(whole)
    for said in (bare[1] if bare is not None else whole, core):
        if said not in _TRADES and said not in _NO_NAME:
            yield said
    while (trade := next((t for t in _TRADES if core.endswith(t) and len(core) - len(t) >= _SHORTEST), None)) is not None:
        core = core.removesuffix(trade)
    if core not in _TRADES and core not in _NO_NAME:
        yield core
