"""Customers that may be there twice: names without their legal form and place, compared within blocks; who is one for sure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from udfs.codes import is_uscc, uscc
from udfs.formula import ONE, TABLE, formula, many, one, refuse, share, text
from udfs.phasing import refuse_unlike
from udfs.places_cn import CITIES, ENDINGS, PROVINCES, bare
from udfs.policy import plan
from udfs.text import Text
from udfs.values import NA, NUM, Floats, Objects, at_least

Ints = np.ndarray[Any, np.dtype[np.int64]]

_BRACKETED = re.compile(r"[(\[【〔「]([^()\[\]【】〔〕「」]*)[)\]】〕」]")
_OPENING = frozenset("([【〔「")
_SIGNS = re.compile(r"[\W_]+")
_SHORTEST = 2  # characters that stay whatever is stripped
_LARGE_BLOCK = 2000
_LENGTHS_APART = 2
_MOST_PAIRS = 20_000_000  # that are left to be compared letter by letter
_MOST_LOOKS = 400_000_000  # at two names' letters, whether they can be alike at all
_BATCH = 100_000  # as much as a processor keeps at hand
_NO_LETTER = 0x110000
_WIDEST = 63  # characters the bits of a word can stand for
_LARGEST_TABLE = 30_000_000  # names × letters
_KINDS = 32  # of letters, as told apart before names are compared, and how many of a kind
_OF_A_KIND = 4
_ENDING = frozenset(ending[0] for ending in ENDINGS)
NONE_FOUND = Text("没有疑似重复", "No likely duplicate")
SAME_CODE = Text("信用代码相同", "same credit code")
OTHER_CODE = Text("信用代码不同", "different credit codes")
SAME_CITY = Text("核心名称和城市相同", "same core name and city")
SAME_CORE = Text("核心名称相同", "same core name")
ALIKE = Text("核心名称相近", "core names alike")


def suffix_pattern(suffixes: Sequence[str]) -> re.Pattern[str]:
    """A name in front of any number of legal suffixes; two characters of it stay."""
    known = {_bare(suffix) for suffix in suffixes} - {""}
    either = "|".join(map(re.escape, sorted(known, key=lambda suffix: (-len(suffix), suffix)))) or "(?!)"
    return re.compile(f"(.{{{_SHORTEST},}}?)(?:{either})*", re.S)


def _bare(words: str) -> str:
    """Letters, figures and Han characters only, half width and small."""
    plain = unicodedata.normalize("NFKC", words).casefold()
    return plain if plain.isalnum() and "_" not in plain else _SIGNS.sub("", plain)


def plain_city(city: str) -> str:
    """A city as it is compared.

    >>> plain_city(" 苏州市 ")
    '苏州'
    """
    return bare(_bare(city))


def core_of(name: str, own: str, suffixes: re.Pattern[str]) -> str:
    """A name without bracketed places, signs, legal suffixes, a leading province and its ``own`` city; two characters stay.

    >>> core_of("华瑞精密机械（苏州）有限公司", "苏州", suffix_pattern(["有限公司"]))
    '华瑞精密机械'
    >>> core_of("江苏省苏州市华瑞机械厂", "苏州", suffix_pattern(["厂"]))
    '华瑞机械'
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    if not plain.isalnum():
        if not _OPENING.isdisjoint(plain):
            plain = _BRACKETED.sub(lambda part: "" if _is_place(part[1], own) else part[1], plain)
        plain = _SIGNS.sub("", plain)
    found = suffixes.fullmatch(plain)
    core = plain if found is None else found[1]
    if core[:2] in PROVINCES:
        core = _without(core, core[:2])
    elif core[:3] in PROVINCES:
        core = _without(core, core[:3])
    return _without(core, own) if own and core.startswith(own) else core


def _is_place(part: str, own: str) -> bool:
    place = bare(_SIGNS.sub("", part))
    return bool(place) and (place in CITIES or place == own)


def _without(core: str, place: str) -> str:
    """A core without the place in front of it, with or without what kind of place it is."""
    rest = core.removeprefix(place)
    if rest[0:1] not in _ENDING:
        return rest if len(rest) >= _SHORTEST else core
    for ending in (*ENDINGS, ""):
        if core.startswith(place + ending) and len(core) - len(place + ending) >= _SHORTEST:
            return core.removeprefix(place + ending)
    return core


@dataclass(frozen=True)
class Listed:
    """The rows of a list of customers: core names, and codes and cities as numbers (−1: none)."""

    rows: list[int]  # where they stand, from 0
    cores: list[str]
    core: Ints
    code: Ints
    city: Ints


def book_of(names: Objects, codes: Objects | None, cities: Objects | None, suffixes: Sequence[str]) -> Listed:
    """The rows that have a name or a code."""
    refuse_unlike(names=names, codes=codes, cities=cities)
    blank = [""] * len(names)
    known, ends = blank if codes is None else [uscc(code) for code in codes], suffix_pattern(suffixes)
    rows = [k for k, (name, code) in enumerate(zip(names, known, strict=True)) if name or code]
    refuse(not rows, NA, "没有名称：请填 names", "there is no name: fill in names")
    valid = [known[k] if is_uscc(known[k]) else "" for k in rows]
    towns = [str(town) for town in (blank if cities is None else cities)]
    plain = {town: plain_city(town) for town in set(towns)}
    own = [plain[towns[k]] for k in rows]
    cores = [core_of(str(names[k]), city, ends) for k, city in zip(rows, own, strict=True)]
    return Listed(rows, cores, _numbered(cores), _numbered(valid), _numbered(own))


def _numbered(words: Sequence[str]) -> Ints:
    """Each word's number, the same for the same; −1 for none."""
    seen: dict[str, int] = {"": -1}
    return np.array([seen.setdefault(word, len(seen)) for word in words], dtype=np.int64)


# -------------------------------------------------------------------------------------------------------------- comparing


@dataclass(frozen=True)
class _Reach:
    """What bounds the score of two names before they are compared: their lengths and letters, whatever the order."""

    length: Ints
    few: Any  # bits: the first four letters of each of 32 kinds
    more: Ints  # letters beyond those

    def of(self, rows: Ints) -> _Reach:
        """The names of some rows, in their order."""
        return _Reach(self.length[rows], self.few[:, rows], self.more[rows])

    def common(self, a: Ints, b: Ints) -> Any:
        """At least as many letters as any common subsequence has."""
        one, two = (np.bitwise_count(bits[a] & bits[b]) for bits in self.few)
        return one + two + np.minimum(self.more[a], self.more[b])


def _reach(cores: Sequence[str], length: Ints) -> _Reach:
    letters = _letters(cores, min(_WIDEST, max(int(length.max(initial=1)), 1)))
    kinds = (letters * np.uint32(2_654_435_761) >> np.uint32(27)).astype(
        np.int64
    )  # spread (Knuth): neighbours are of several kinds
    row, counts = np.arange(len(cores)), np.zeros((len(cores), _KINDS), dtype=np.int64)
    few, more = np.zeros((2, len(cores)), dtype=np.uint64), np.maximum(length - letters.shape[1], 0)
    for column in range(letters.shape[1]):
        there, kind = letters[:, column] > 0, kinds[:, column]
        number = counts[row, kind]
        counts[row, kind] += there
        fits = there & (number < _OF_A_KIND)
        bit = (kind % (_KINDS // 2)) * _OF_A_KIND + np.minimum(number, _OF_A_KIND - 1)
        few[kind // (_KINDS // 2), row] |= np.where(fits, np.uint64(1) << bit.astype(np.uint64), np.uint64(0))
        more = more + (there & ~fits)
    return _Reach(length, few, more)


def _pairs(book: Listed, threshold: float) -> tuple[Ints, Ints]:
    """The rows to compare: those with one code, and those of one block whose lengths and letters leave the threshold within reach."""
    length = np.array([len(core) for core in book.cores], dtype=np.int64)
    one, two, three = _letters(book.cores, 3).astype(np.int64).T
    full = length > _SHORTEST
    # Three pairs of letters a row, as numbers; a short name is its own block. Letters have 21 bits.
    key = np.concatenate(
        [*((a[full] << 21) | b[full] for a, b in ((one, two), (one, three), (two, three))), (1 << 50) + book.core[~full]]
    )
    row = np.concatenate([np.flatnonzero(full)] * 3 + [np.flatnonzero(~full)])
    named = book.core[row] >= 0
    near = _within(key[named], row[named], _reach(book.cores, length), threshold)
    coded = np.flatnonzero(book.code >= 0)
    nothing = np.zeros(len(length), dtype=np.int64)
    equal = _within(book.code[coded], coded, _Reach(nothing, np.zeros((2, len(length)), dtype=np.uint64), nothing), 0.0)
    both = np.sort(np.concatenate([near, equal]))
    both = both[np.append(True, np.diff(both) > 0)[: len(both)]]
    return both // len(length), both % len(length)


def _within(key: Ints, row: Ints, reach: _Reach, threshold: float) -> Ints:
    """All pairs of rows with one key, as numbers first × rows + second; those too far apart are left out."""
    order = np.lexsort((row, reach.length[row], key))
    key, row, count = key[order], row[order], len(reach.length)
    reach = reach.of(row)
    ends = np.flatnonzero(np.append(np.diff(key) != 0, True)[: len(key)])
    sizes = np.diff(ends, prepend=-1)
    last, large = np.repeat(ends, sizes), np.repeat(sizes > _LARGE_BLOCK, sizes)
    # The common part is no longer than the shorter name; names of a block are in order of length, so the rest is farther off.
    longest = np.where(threshold > 0, np.floor(reach.length * (2 / max(threshold, 1e-9) - 1) * (1 + 1e-9)), np.inf)
    longest = np.where(large, np.minimum(longest, reach.length + _LENGTHS_APART), longest)
    out, looks, found = [np.zeros(0, dtype=np.int64)], 0, 0
    at, step = np.flatnonzero(last > np.arange(len(key))), 1
    while len(at):
        other = at + step
        b = reach.length[other]
        alive = b <= longest[at]
        at, other, b = at[alive], other[alive], b[alive]
        near = 2 * reach.common(at, other) >= threshold * (reach.length[at] + b) * (1 - 1e-9)
        a, b = row[at[near]], row[other[near]]
        out.append((np.minimum(a, b) * count + np.maximum(a, b))[a != b])
        looks, found = looks + len(at), found + len(out[-1])
        refuse(
            looks > _MOST_LOOKS or found > _MOST_PAIRS, NUM, "名称太多太像，无法逐对比较：请按城市或区域分开查",
            "too many names are too alike to compare: check by city or region",
        )  # fmt: skip
        step += 1
        at = at[at + step <= last[at]]
    return np.concatenate(out)


def _scores(cores: Sequence[str], first: Ints, second: Ints) -> Floats:
    """2·LCS ÷ (lengths added) of each pair: the longest common subsequence by the bits of a word (Hyyrö 2004)."""
    length = np.array([len(core) for core in cores])
    common = np.zeros(len(first))
    long = np.maximum(length[first], length[second])
    for bits in (8, 16, 32, 64):
        chosen = np.flatnonzero((long <= min(bits, _WIDEST)) & (long > (bits // 2 if bits > 8 else 0)))
        if len(chosen):
            letters = _letters(cores, bits)
            table = _places(letters, bits)
            other = np.where(letters, letters, _NO_LETTER)  # a blank equals no blank
            for batch in np.array_split(chosen, -(-len(chosen) // _BATCH)):
                a, b = first[batch], second[batch]
                matches = _matches(letters[a], other[b], bits) if table is None else table.matches(a, b)
                common[batch] = _common(matches, int(length[b].max()), len(batch), bits)
    for pair in np.flatnonzero(long > _WIDEST):
        common[pair] = _common_slowly(cores[first[pair]], cores[second[pair]])
    return np.asarray(2 * common / np.maximum(length[first] + length[second], 1), dtype=np.float64)


def _letters(cores: Sequence[str], width: int) -> Any:
    """The letters of each name as numbers, blanks behind; longer names are cut: their pairs are not asked for here."""
    return np.array([core[:width] for core in cores], dtype=f"<U{width}").view(np.uint32).reshape(len(cores), width)


@dataclass(frozen=True)
class _LetterPlaces:
    """Where in each name each letter stands, as bits: a look instead of a comparison, where few letters are in use."""

    letters: Any  # as numbers from 0
    places: Any

    def matches(self, a: Ints, b: Ints) -> Callable[[int], Any]:
        start, other = a * self.places.shape[1], self.letters[b]
        return lambda column: self.places.ravel().take(start + other[:, column])


def _places(letters: Any, bits: int) -> _LetterPlaces | None:
    known, numbers = np.unique(letters, return_inverse=True)
    if len(known) * len(letters) > _LARGEST_TABLE:
        return None
    numbers = numbers.reshape(letters.shape)
    places = np.zeros((len(letters), len(known)), dtype=f"u{bits // 8}")
    row = np.arange(len(letters))
    for column in range(letters.shape[1]):
        places[row, numbers[:, column]] |= places.dtype.type(1 << column)
    places[:, known == 0] = 0  # a blank equals no blank
    return _LetterPlaces(numbers, places)


def _matches(a: Any, b: Any, bits: int) -> Callable[[int], Any]:
    word = f"u{bits // 8}"
    return lambda column: np.packbits(a == b[:, column : column + 1], axis=1, bitorder="little").view(word).ravel()


def _common(matches: Callable[[int], Any], columns: int, count: int, bits: int) -> Any:
    """How many letters names have in common, in order; ``matches``: where in one name a letter of the other stands."""
    word = np.dtype(f"u{bits // 8}")
    rest = np.full(count, np.iinfo(word).max, dtype=word)
    for column in range(columns):
        kept = rest & matches(column)
        rest = (rest + kept) | (rest - kept)
    return np.bitwise_count(~rest)


def _common_slowly(a: str, b: str) -> int:
    row = [0] * (len(b) + 1)
    for letter in a:
        before = row
        row = [0]
        for k, other in enumerate(b):
            row.append(before[k] + 1 if letter == other else max(before[k + 1], row[k]))
    return row[-1]


Names = Annotated[Objects, many("客户名称", "customers' names", text)]
Codes = Annotated[Objects | None, many("统一社会信用代码", "unified social credit codes", text)]
Cities = Annotated[Objects | None, many("城市", "cities", text)]
Suffixes = Annotated[Objects, many("不计入比较的公司后缀", "legal suffixes that don't count", text)]


@formula(
    8,
    "疑似重复的客户：名称相近或信用代码相同的各对，供复核",
    "Likely duplicates for review: names alike, or one credit code",
    gives=TABLE,
    columns=[("行 1", "row a"), ("行 2", "row b"), ("相似度", "score"), ("确定", "certain"), ("依据", "evidence")],
)
def duplicates(
    names: Names,
    codes: Codes = None,
    cities: Cities = None,
    threshold: Annotated[float, one("相似度下限，含", "least score, included", share)] = plan("duplicates.threshold"),
    suffixes: Suffixes = plan("duplicates.suffixes"),
) -> list[list[Any]]:
    """Pairs of rows that may be one customer. Compared are core names: without signs, places and legal form.

    The score is 2 × the longest common subsequence ÷ both lengths. Only rows that share two of their first three characters (or a valid
    code) are compared; in blocks above 2,000 rows only names whose lengths differ by 2 at most.

    Returns: a row for each pair: its rows, score, whether it is certain, evidence; by score, then rows; without one a row that says so.
        Certain: one valid code; or one core name and one city, unless two valid codes differ.
    Errors: #N/A no name; #NUM! more names alike than can be compared; #VALUE! ranges of different size.
    Source: rules, chapter 8, DUPLICATES; score: rapidfuzz ratio; Hyyrö 2004, bit-parallel LCS.
    Example:
        >>> duplicates([["苏州华瑞机械有限公司"], ["华瑞机械（苏州）厂"]], None, [["苏州"], ["苏州"]])
        [[1.0, 2.0, 1.0, True, '核心名称和城市相同']]
    """
    book = book_of(names, codes, cities, [str(s) for s in suffixes])
    first, second = _pairs(book, threshold)
    score = _scores(book.cores, first, second)
    same_code = (book.code[first] >= 0) & (book.code[first] == book.code[second])
    kept = at_least(score, threshold) | same_code
    first, second, score, same_code = first[kept], second[kept], score[kept], same_code[kept]
    apart = (book.code[first] >= 0) & (book.code[second] >= 0) & ~same_code
    same_core = (book.core[first] >= 0) & (book.core[first] == book.core[second])
    same_city = same_core & (book.city[first] >= 0) & (book.city[first] == book.city[second])
    certain = same_code | (same_city & ~apart)
    evidence = np.select([same_code, apart, same_city, same_core], [0, 1, 2, 3], 4)
    said = [str(words) for words in (SAME_CODE, OTHER_CODE, SAME_CITY, SAME_CORE, ALIKE)]
    rows = np.array(book.rows) + 1.0
    order = np.lexsort((second, first, -score))
    columns = (rows[first], rows[second], score, certain, np.array(said, dtype=object)[evidence])
    return [list(row) for row in zip(*(column[order].tolist() for column in columns), strict=True)] or [
        [None, None, None, None, NONE_FOUND]
    ]


@formula(
    8,
    "客户识别率：按确定重复归并后的客户数 ÷ 行数",
    "Identification rate: customers after joining certain duplicates ÷ rows",
    gives=ONE,
)
def uniqueness(
    names: Names, codes: Codes = None, cities: Cities = None, suffixes: Suffixes = plan("duplicates.suffixes")
) -> float:
    """How far a list of customers is free of certain duplicates. Links are followed on: a with b and b with c are one customer.

    Returns: one share, 1 where no customer is there twice for sure.
    Errors: #N/A no name; #VALUE! ranges of different size.
    Source: rules, chapter 8, UNIQUENESS.
    Example:
        >>> uniqueness([["华瑞机械厂"], ["华瑞机械有限公司"], ["启明"]], None, [["苏州"], ["苏州"], ["上海"]])
        0.666...
    """
    book = book_of(names, codes, cities, [str(s) for s in suffixes])
    leader = list(range(len(book.rows)))

    def top(row: int) -> int:
        while leader[row] != row:
            leader[row] = leader[leader[row]]
            row = leader[row]
        return row

    by_code: dict[int, int] = {}
    named: dict[tuple[int, int], list[int]] = {}
    for row, (core, code, city) in enumerate(zip(book.core.tolist(), book.code.tolist(), book.city.tolist(), strict=True)):
        if code >= 0:
            leader[top(row)] = top(by_code.setdefault(code, row))
        if core >= 0 and city >= 0:
            named.setdefault((core, city), []).append(row)
    for rows in named.values():
        # One without a code is the same as each of the others; two with different codes are not the same by themselves.
        open_ = next((row for row in rows if book.code[row] < 0), None)
        for row in rows if open_ is not None else ():
            leader[top(row)] = top(open_)  # type: ignore[arg-type]
    return len({top(row) for row in leader}) / len(leader)
