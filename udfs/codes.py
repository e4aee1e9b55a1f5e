"""Codes with a check character: the unified social credit code, and our own for customers and projects."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any

import numpy as np

from udfs.formula import date, each, formula, refuse, text
from udfs.text import Text
from udfs.values import NUM, VALUE, Dates, Flags, Floats, Objects

# GB 32100-2015: no I, O, S, V, Z, which look like figures.
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = [pow(3, place, 31) for place in range(17)]
_USCC_FORM = re.compile(f"[1-9ANY][{_USCC}]{{17}}")
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TWO = re.compile("[A-Z]{2}")


def uscc(code: str) -> str:
    """A unified social credit code as it is compared: half width, upper case, without spaces."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", code)).upper()


def is_uscc(code: str) -> bool:
    """Whether a code in that form is valid: 18 characters of the alphabet, the last of them the check character.

    >>> is_uscc("91110000600037341L"), is_uscc("91110000600037341M")
    (True, False)
    """
    return bool(_USCC_FORM.fullmatch(code)) and uscc_of(code[:17]) == code


def uscc_of(body: str) -> str:
    """The first 17 characters of a unified social credit code with their check character.

    >>> uscc_of("91110000600037341")
    '91110000600037341L'
    """
    total = sum(_USCC.index(letter) * weight for letter, weight in zip(body, _USCC_WEIGHTS, strict=True))
    return body + _USCC[-total % 31]


def check_character(code: str) -> str:
    """The check character of ISO 7064 MOD 37,36 for letters A–Z and figures.

    >>> check_character("A12425GABC1234002")
    'M'
    """
    product = 36
    for letter in code:
        total = (product + _ALPHABET.index(letter)) % 36 or 36
        product = total * 2 % 37
    return _ALPHABET[(1 - product) % 36]


@formula(
    8,
    "统一社会信用代码是否有效（GB 32100-2015 校验码）",
    "Whether a unified social credit code is valid (check character of GB 32100-2015)",
    result=("TRUE 为有效；空格为空", "TRUE: valid; blank for a blank"),
)
def usccvalid(codes: Annotated[Objects, each("统一社会信用代码", "unified social credit codes", text)]) -> Any:
    """The form and the check character of a code. Lower case and full width are read; whether the company exists is not checked.

    Returns: TRUE or FALSE for each code, blank for a blank cell. The letters I, O, S, V, Z and any length but 18 are FALSE; so is a first
        character other than 1–9, A, N, Y.
    Errors: none of its own.
    Source: rules, chapter 8, USCCVALID; GB 32100-2015; vectors J3.
    Example:
        >>> usccvalid("91110000600037341L")
        True
    """
    return np.array([is_uscc(found) if (found := uscc(code)) else None for code in codes], dtype=object)


def _two_letters(name: str, codes: Objects) -> Flags:
    bad = np.array([not _TWO.fullmatch(code) for code in codes], dtype=bool)
    refuse(
        bad, VALUE, "参数 {name} 为 {code}：应为两位大写字母，如 HD", "argument {name} is {code}: two capital letters are needed, such as HD",
        name=Text(name, name), code=codes,
    )  # fmt: skip
    return bad


def _whole(sequence: Floats, most: int) -> Flags:
    bad: Flags = (sequence < 1) | (sequence > most) | (sequence != np.floor(sequence))
    refuse(
        bad, NUM, "参数 sequence 为 {n}：应为 1–{most} 的整数", "argument sequence is {n}: a whole number from 1 to {most} is needed",
        n=sequence, most=most,
    )  # fmt: skip
    return bad


def _coded(heads: list[str], sequence: Floats, digits: int, bad: Flags) -> Any:
    """Head, number and check character; blank where something was refused."""
    bodies = ["" if b else f"{head}{int(n):0{digits}d}" for head, n, b in zip(heads, sequence.tolist(), bad, strict=True)]
    return np.array([body and body + check_character(body) for body in bodies], dtype=object)


Region = Annotated[Objects, each("区域代码，两位字母", "region code, two letters", text)]


@formula(
    8,
    "客户编码：区域 + 行业 + 5 位流水 + 校验码",
    "Customer code: region + industry + 5 digits + check character",
    result=("客户编码", "customer code"),
)
def customercode(
    region: Region,
    industry: Annotated[Objects, each("行业代码，两位字母", "industry code, two letters", text)],
    sequence: Annotated[Floats, each("流水号，1–99999", "running number, 1 to 99999")],
) -> Any:
    """A customer's code; the last character tells a wrong or swapped one (ISO 7064 MOD 37,36 over all before it).

    Returns: ten characters.
    Errors: #VALUE! a region or industry that is not two capital letters; #NUM! a number that is not whole or not 1–99999.
    Source: rules, chapter 8, CUSTOMERCODE; ISO 7064.
    Example:
        >>> customercode("HD", "EL", 42)
        'HDEL00042W'
    """
    bad = _two_letters("region", region) | _two_letters("industry", industry) | _whole(sequence, 99_999)
    return _coded([a + b for a, b in zip(region, industry, strict=True)], sequence, 5, bad)


@formula(
    7,
    "项目编号：P + 年 + 区域 + 4 位流水 + 校验码，签单时给",
    "Project number given at signing: P + year + region + 4 digits + check character",
    result=("项目编号", "project number"),
)
def projectcode(
    signed_on: Annotated[Dates, each("签单日期", "day of signing", date)],
    region: Region,
    sequence: Annotated[Floats, each("流水号，1–9999", "running number, 1 to 9999")],
) -> Any:
    """A project's number; the last character tells a wrong or swapped one (ISO 7064 MOD 37,36 over all before it).

    Returns: ten characters: P, two of the year, two of the region, four of the number, the check character.
    Errors: #VALUE! no date, a region that is not two capital letters; #NUM! a number that is not whole or not 1–9999.
    Source: rules, chapter 7, PROJECTCODE; ISO 7064.
    Example:
        >>> projectcode("2027-03-09", "HD", 12)
        'P27HD0012P'
    """
    bad = _two_letters("region", region) | _whole(sequence, 9_999)
    heads = [f"P{day.item().year % 100:02d}{code}" for day, code in zip(signed_on, region, strict=True)]
    return _coded(heads, sequence, 4, bad)
