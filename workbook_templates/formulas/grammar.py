"""What the file format lets a formula say where it stands: in a cell, a conditional format, a validation, a name.

Excel repairs (that is: throws away) what its grammar does not know, without a word about why. The sources are [MS-OI29500]
3.2.3.1.2 to 3.2.3.1.4, [MS-XLSX] 2.2.2.1 to 2.2.2.3, [MS-XLSB] 2.5.98 and Microsoft's page of Excel's limits.
All of it works on the tokens of ``spelling`` and takes a formula in any spelling, with or without its ``=``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from udfs.text import Text
from workbook_templates.formulas.spelling import SpellingError, Token, arguments, cell_position, plain_function, tokenize

LONGEST, DEEPEST, MOST_ARGUMENTS, LONGEST_TEXT = 8192, 64, 255, 255
# What a validation may say, by attribute ([MS-OI29500] 2.1.613).
LONGEST_MESSAGES = {"promptTitle": 32, "errorTitle": 32, "prompt": 255, "error": 224}
# INDIRECT and OFFSET are volatile; CELL and INFO are with most of their arguments.
VOLATILE = frozenset({"OFFSET", "INDIRECT", "TODAY", "NOW", "RAND", "RANDBETWEEN", "RANDARRAY", "INFO", "CELL"})

BARE_AREA = Text("一个区域", "a bare area")
NO_SHEET = Text("没有写工作表的引用", "a reference without its sheet")

_NAME = re.compile(r"(?:[^\W\d]|\\(?=.))[\w.?\\]*")
_LIKE_R1C1 = re.compile(r"R\d*(?:C\d*)?|C\d*", re.IGNORECASE)
_ENDS = frozenset({"name", "close", "spec", "number", "string", "error", "array"})  # the last token of an operand
_STARTS = frozenset({"name", "func", "open", "sheet", "spec"})  # the first token of a reference
_PART = frozenset({"name", "number"})  # A1, A or 1: a corner of an area


def _tokens(text: str) -> list[Token]:
    return tokenize(text.removeprefix("=").strip())


# ------------------------------------------------------------------------------------------- conditional formats, validations


def fault_in_format(text: str, tables: Collection[str] = ()) -> Text | None:
    """What in this formula a conditional format may not hold; None if it may hold all of it.

    >>> fault_in_format("COUNTA(Deals[id])>0").en
    'a structured reference'
    >>> fault_in_format("AND(A1>plan_limit,$B2:$B9=0)")
    """
    tokens = _tokens(text)
    area = len(tokens) == 3 and tokens[1].text == ":"  # an area is no condition
    return next(_faults(tokens, tables), BARE_AREA if area else None)


def fault_in_validation(text: str, kind: str = "list", tables: Collection[str] = ()) -> Text | None:
    """What in this formula a data validation of this ``kind`` may not hold; None if it may hold all of it.

    A list may take its choices from another sheet, if that reference is all it says. ``INDIRECT("Table[column]")`` is a
    text to it.

    >>> fault_in_validation("Deals[id]").en, fault_in_validation("'Lists'!$A$1", "decimal").en
    ('a structured reference', 'a reference to another sheet')
    >>> fault_in_validation('INDIRECT("Deals[id]")') or fault_in_validation("'Lists'!$A$1:$A$9")
    """
    tokens = _tokens(text)
    if kind == "list" and tokens and tokens[0].kind == "sheet" and "[" not in tokens[0].text:
        tokens = tokens[1:] if all(t.kind in _PART or t.text == ":" for t in tokens[1:]) else tokens
    return next(_faults(tokens, tables), None)


def _faults(tokens: Sequence[Token], tables: Collection[str]) -> Iterator[Text]:
    known = _lower(frozenset(tables))
    for token in tokens:
        if token.kind == "spec" or (token.kind == "name" and token.text.lower() in known):
            yield Text("表格列引用", "a structured reference")
        elif token.kind == "array":
            yield Text("数组常量", "an array constant")
        elif token.kind == "sheet":
            other = Text("其他工作表的引用", "a reference to another sheet")
            yield Text("加载项的函数", "an add-in's function") if token.text.startswith("[") else other
        elif token.kind == "func" and plain_function(token.text) in ("LAMBDA", "ANCHORARRAY"):
            yield Text(*[plain_function(token.text)] * 2)
        elif token.text in ("#", "@") and token.kind == "op":
            yield Text(f"运算符 {token.text}", f"the operator {token.text}")
    yield from _reference_operators(tokens)


@lru_cache(maxsize=16)
def _lower(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)


def _reference_operators(tokens: Sequence[Token]) -> Iterator[Text]:
    """Union, intersection and ranges that are made of more than two corners."""
    calls: list[bool] = []
    for index, token in enumerate(tokens):
        before, after = tokens[index - 1 : index], tokens[index + 1 : index + 2]
        if token.kind == "open":
            calls.append(bool(before) and before[0].kind == "func")
        elif token.kind == "close" and calls:
            calls.pop()
        elif token.kind == "comma" and not (calls and calls[-1]):
            yield Text("联合引用", "a union")
        elif token.kind == "space" and before and after and before[0].kind in _ENDS and after[0].kind in _STARTS:
            yield Text("交叉引用", "an intersection")
        elif token.kind == "op" and token.text == ":" and not (before and after and {before[0].kind, after[0].kind} <= _PART):
            yield Text("由公式组成的区域", "a range made of expressions")


# ---------------------------------------------------------------------------------------------------------------------- names


def legal_name(name: str) -> bool:
    """Whether cells can be given this name: it reads neither as a cell nor as the start of one in R1C1 style.

    >>> [legal_name(name) for name in ("plan_year", "as_of", "roi", "A1", "r1c1", "R", "my name", "1st", "x" * 256)]
    [True, True, True, False, False, False, False, False, False]
    """
    like_cell = _LIKE_R1C1.fullmatch(name) or cell_position(name) or name.upper() in ("TRUE", "FALSE")
    return len(name) <= 255 and _NAME.fullmatch(name) is not None and not like_cell


def fault_in_name(text: str) -> Text | None:
    """Why a defined name may not stand for this formula: every reference in it says its sheet; None if it may.

    >>> fault_in_name("$A$1:$B$2").en
    'a reference without its sheet'
    >>> fault_in_name("'Plan 1'!$A$1:$B$2") or fault_in_name("Deals[id]")
    """
    tokens = _tokens(text)
    for index, token in enumerate(tokens):
        corner = index >= 2 and tokens[index - 1].text == ":" and tokens[index - 2].kind in _PART
        bare = not (index and tokens[index - 1].kind == "sheet") and not corner
        if bare and token.kind == "name" and cell_position(token.text) is not None:
            return NO_SHEET
        if token.kind == "error" and token.text == "#REF!":
            return Text("#REF!", "#REF!")
    return None


# ---------------------------------------------------------------------------------------------------------------------- cells


def over_limits(text: str) -> Text | None:
    """Which of Excel's limits a cell's formula breaks (length, nesting, arguments, length of a text); None if none.

    >>> over_limits('LEN("' + "x" * 256 + '")').en
    'a text of 256 characters'
    """
    if len(text.removeprefix("=")) > LONGEST:
        return Text(f"{len(text)} 个字符", f"{len(text)} characters")
    tokens = _tokens(text)
    # Nearly every formula is too short for a fault: what can't be there is not counted.
    if text.count("(") > DEEPEST and (deep := _depth(tokens)) > DEEPEST:
        return Text(f"{deep} 层函数", f"{deep} levels of functions")
    for token in tokens if len(text) > LONGEST_TEXT else ():
        if token.kind == "string" and len(token.text[1:-1].replace('""', '"')) > LONGEST_TEXT:
            return Text(f"{len(token.text) - 2} 个字符的文本", f"a text of {len(token.text) - 2} characters")
    for index, token in enumerate(tokens) if text.count(",") >= MOST_ARGUMENTS else ():
        if token.kind == "func" and (count := len(arguments(tokens, index + 1))) > MOST_ARGUMENTS:
            return Text(f"{count} 个参数", f"{count} arguments")
    return None


def _depth(tokens: Sequence[Token]) -> int:
    """How deep functions are nested; plain parentheses do not count."""
    calls: list[bool] = []
    deepest = 0
    for index, token in enumerate(tokens):
        if token.kind == "open":
            calls.append(bool(index) and tokens[index - 1].kind == "func")
            deepest = max(deepest, sum(calls))
        elif token.kind == "close" and calls:
            calls.pop()
    return deepest


def volatile(text: str) -> str:
    """What makes a formula recalculate whenever the file is opened; empty if nothing.

    That is a volatile function, ``A1:INDEX(…)``, or a SUMIF whose areas differ in size (Decision Models, Volatile Excel Functions).

    >>> volatile("SUM(A1:INDEX(A:A,3))"), volatile("SUM(INDEX(A:A,3))")
    ('A1:INDEX(…)', '')
    >>> volatile('SUMIF(A1:A4,">0",B1)'), volatile('SUMIF(A1:A4,">0",B1:B4)'), volatile('SUMIF(T[a],">0",T[b])')
    ('SUMIF', '', '')
    """
    tokens = _tokens(text)
    for index, token in enumerate(tokens):
        if token.kind != "func":
            continue
        name = plain_function(token.text)
        if name in VOLATILE or (name == "SUMIF" and _of_two_sizes(tokens, index + 1)):
            return name
        if _joined(tokens, index):
            return f"A1:{name}(…)"
    return ""


def _of_two_sizes(tokens: Sequence[Token], opening: int) -> bool:
    """Whether a SUMIF's first and third argument are plain areas of different sizes; other kinds of references are not known here."""
    spans = arguments(tokens, opening)
    sizes = [_size("".join(t.text for t in tokens[slice(*span)] if t.kind != "sheet")) for span in spans[::2]]
    return len(sizes) == 2 and None not in sizes and sizes[0] != sizes[1]


def _size(area: str) -> tuple[int, int] | None:
    corners = [cell_position(corner) for corner in area.strip().split(":")]
    first, last = corners[0], corners[-1]
    return None if first is None or last is None or len(corners) > 2 else (last[0] - first[0], last[1] - first[1])


def _joined(tokens: Sequence[Token], func: int) -> bool:
    """Whether a call is an end of a range."""
    depth, end = 0, func + 1
    for end in range(func + 1, len(tokens)):
        depth += (tokens[end].kind == "open") - (tokens[end].kind == "close")
        if depth == 0:
            break
    return ":" in (tokens[func - 1].text if func else "", tokens[end + 1].text if end + 1 < len(tokens) else "")


def readable(text: str) -> bool:
    """Whether the text is a formula at all."""
    try:
        tokens = _tokens(text)
    except SpellingError:
        return False
    return bool(tokens) and sum((t.kind == "open") - (t.kind == "close") for t in tokens) == 0
