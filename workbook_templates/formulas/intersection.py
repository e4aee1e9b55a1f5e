"""Whether a plain formula means what it says, or Excel would take one cell where many are meant (implicit intersection).

A formula without array marks is read by the rules of Excel before dynamic arrays, also by Excel 365, which shows an ``@`` where
they bite: an operator, or an argument that wants one value, takes from a range only the cell of its own row or column. A function
that wants a range or an array gets it whole, and an add-in's function always does. So ``SUM(a)`` and ``SALES_X(a)`` are plain
formulas, ``SUM(a*b)`` has to be an array formula, and ``SUMPRODUCT(a*b)`` may be plain again: its arguments are computed as
arrays, though not what stands in an IF, IFERROR or IFNA there.

Sources: Microsoft support, "Implicit intersection operator: @"; [MS-XLS] 2.2.2 and OpenOffice's documentation of the Excel file
format, 3.2 (token classes: value, reference, array). Where in doubt the answer is that an array formula is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from functools import lru_cache

from workbook_templates.formulas.memory import recall
from workbook_templates.formulas.shapes import shape_of, words_of
from workbook_templates.formulas.spelling import (
    SpellingError,
    Token,
    cell_position,
    is_ours,
    pairs,
    parse_specifier,
    plain_function,
    tokenize,
)

# One value; cells of a range; an array some function made; the first value of what was one.
ONE, CELLS, ARRAY, FIRST = "one", "cells", "array", "first"

# What a function's arguments want, the last letter for all that follow: a Value, References whole, or an Array (computed as one).
_WANTS = {
    **dict.fromkeys(
        "SUM COUNT COUNTA COUNTBLANK MIN MAX AVERAGE PRODUCT MEDIAN SUMSQ STDEV VAR STDEV.S STDEV.P VAR.S VAR.P".split(),  # noqa: SIM905
        "R",
    ),
    **dict.fromkeys(
        "AND OR ROWS COLUMNS".split(),  # noqa: SIM905
        "R",
    ),
    **dict.fromkeys("SUMPRODUCT FREQUENCY MMULT TRANSPOSE".split(), "A"),  # noqa: SIM905
    **dict.fromkeys("SUMIFS AVERAGEIFS MAXIFS MINIFS".split(), "R" + "RV" * 120),  # noqa: SIM905
    "COUNTIFS": "RV" * 120,
    "COUNTIF": "RV",
    "SUMIF": "RVR",
    "AVERAGEIF": "RVR",
    "INDEX": "RV",
    "MATCH": "VRV",
    "VLOOKUP": "VRV",
    "HLOOKUP": "VRV",
    "LARGE": "RV",
    "SMALL": "RV",
    "RANK": "VRV",
    "SUBTOTAL": "VR",
    "TEXTJOIN": "VVR",
    "CONCAT": "R",
}
_MAKES_ARRAYS = frozenset({"TRANSPOSE", "MMULT", "FREQUENCY"})
_PASSES = frozenset({"IF", "CHOOSE"})  # a value that chooses, and what it chooses from
_GUARDS = frozenset({"IFERROR", "IFNA"})
# These came with dynamic arrays: older formulas know none of them, so they are never written as one.
_NEW = frozenset(
    """
    FILTER SORT SORTBY UNIQUE SEQUENCE RANDARRAY LET LAMBDA MAP REDUCE SCAN BYROW BYCOL MAKEARRAY HSTACK VSTACK TAKE DROP CHOOSECOLS
    CHOOSEROWS EXPAND TOCOL TOROW WRAPCOLS WRAPROWS XLOOKUP XMATCH TEXTSPLIT GROUPBY PIVOTBY INDIRECT OFFSET
    """.split()  # noqa: SIM905 (a table to read)
)
_REFERENCES = frozenset({"ROW", "COLUMN"})  # of a range, they make an array
Many = Callable[[str], bool]


class _Needed(Exception):
    """Found: an array formula is needed."""


def needs_array(text: str, many: Many = lambda name: True) -> bool:
    """Whether a formula with one result has to be an array formula to mean what it says. ``many``: a name stands for
    several cells.

    >>> [needs_array(f) for f in ("SUM(A1:A9)", "SUM(A1:A9*2)", "SUMPRODUCT(A1:A9*2)", "SUMPRODUCT(IF(A1:A9>0,1,0))")]
    [False, True, False, True]
    >>> needs_array("SUMPRODUCT(MAX(A1:A9*B1:B9))"), needs_array("MAX(A1:A9*B1:B9)")
    (False, True)
    >>> needs_array("IFERROR(INDEX(SALES_ASOF(A1:A9,B1),1),0)"), needs_array("SUM(SALES_ASOF(A1:A9,B1)*2)")
    (False, True)
    """
    text = shape_of(text).text  # neither rows nor texts make a difference, nor numbers but for 0
    try:
        names = _names(text)
    except SpellingError:
        return True
    return _needed(text, frozenset(filter(many, names)))


@lru_cache(maxsize=16384)
def _names(text: str) -> frozenset[str]:
    """What may be a name in a formula, and not a cell."""
    return frozenset(name for name in words_of(text)[0] if not cell_position(name))


def _read(text: str) -> list[Token]:
    return [t for t in tokenize(text.removeprefix("=").strip()) if t.kind not in ("space", "sheet")]


@lru_cache(maxsize=16384)
def _needed(text: str, many: frozenset[str]) -> bool:
    needed: bool = recall("array", f"{sorted(many)} {text}", lambda: _found_needed(text, many))
    return needed


def _found_needed(text: str, many: frozenset[str]) -> bool:
    tokens = _read(text)
    try:
        return _Reader(tokens, many).kind(0, len(tokens), False) == CELLS
    except (_Needed, SpellingError):
        return True


Span = tuple[int, int]


class _Reader:
    """Reads one formula by places in its tokens, so that nothing is copied and each parenthesis is matched once."""

    def __init__(self, tokens: Sequence[Token], many: Container[str]) -> None:
        self.tokens, self.many = tokens, many
        self.closes = pairs(tokens)

    def kind(self, start: int, end: int, as_array: bool) -> str:
        """What an expression comes to; ``as_array``: it is computed as an array, whole ranges at a time."""
        operands, operated = self._split(start, end)
        kinds = [self._operand(*operand, as_array) for operand in operands]
        if not operated:
            return kinds[0] if kinds else ONE
        if as_array:
            return ONE if set(kinds) == {ONE} else ARRAY
        if CELLS in kinds:
            raise _Needed
        return ONE if set(kinds) == {ONE} else FIRST

    def _split(self, start: int, end: int) -> tuple[list[Span], bool]:
        """The operands of an expression, and whether operators stand between or before them; ``:`` and ``#`` belong to their operand."""
        operands: list[Span] = []
        operated = False
        index = start
        while index < end:
            kind, text = self.tokens[index]
            if kind == "open":
                index = self.closes[index]
            elif kind == "op" and text not in (":", "#", "!"):
                if text == "@":
                    raise _Needed
                operated = True
                if index > start:
                    operands.append((start, index))
                start = index + 1
            elif kind == "comma":
                raise _Needed  # a union
            index += 1
        if start < end:
            operands.append((start, end))
        return operands, operated

    def _operand(self, start: int, end: int, as_array: bool) -> str:
        kind = self.tokens[start].kind
        if kind == "open" and self.closes[start] == end - 1:
            return self.kind(start + 1, end - 1, as_array)
        if kind == "func" and self.closes[start + 1] == end - 1:
            return self._call(start, as_array)
        if end - start == 1 and kind in ("number", "string", "error"):
            return ONE
        if end - start == 1 and kind == "array":
            return ARRAY
        return self._reference(start, end)

    def _reference(self, start: int, end: int) -> str:
        last = self.tokens[end - 1]
        if last.text == "#" or any(t.text == ":" for t in self.tokens[start:end]):
            return CELLS
        if last.kind == "spec":
            spec = parse_specifier(last.text)
            return ONE if spec.this_row and spec.first is not None and spec.last is None else CELLS
        if end - start != 1 or last.kind != "name":
            raise _Needed
        word = last.text
        one = cell_position(word) is not None or word.upper() in ("TRUE", "FALSE") or word not in self.many
        return ONE if one else CELLS

    def _given(self, start: int) -> list[Span]:
        """The arguments of the call that begins at ``start``."""
        index, end = start + 2, self.closes[start + 1]
        spans, first = [], index
        while index < end:
            kind = self.tokens[index].kind
            if kind == "open":
                index = self.closes[index]
            elif kind == "comma":
                spans.append((first, index))
                first = index + 1
            index += 1
        return [*spans, (first, end)] if spans or first < end else []

    def _call(self, start: int, as_array: bool) -> str:
        name = plain_function(self.tokens[start].text)
        given = self._given(start)
        if name in _NEW:
            raise _Needed
        if name == "ANCHORARRAY":
            return CELLS
        if name in _PASSES:
            return self._choice(given, as_array)
        if name in _GUARDS:
            return self._guarded(given, as_array)
        if is_ours(name):
            for argument in given:
                self._whole(argument)
            return ARRAY
        if name in _REFERENCES:
            return ARRAY if given and self.kind(*given[0], False) != ONE else ONE
        return self._known(name, given, as_array)

    def _known(self, name: str, given: Sequence[Span], as_array: bool) -> str:
        wants = _WANTS.get(name, "V")
        result = ONE
        for place, argument in enumerate(given):
            want = wants[min(place, len(wants) - 1)]
            if want == "R" and not as_array:
                self._whole(argument)
            elif want in {"R", "A"}:  # arrays go on being computed within it: SUMPRODUCT(MAX(a*b))
                self.kind(*argument, True)
            elif (kind := self._value(argument, as_array)) != ONE:
                result = kind
        if name == "INDEX":
            return self._indexed(given, result)
        return ARRAY if name in _MAKES_ARRAYS else result

    def _whole(self, argument: Span) -> None:
        """An argument that is taken whole: a range or an array, but not the first value of what was one."""
        if self.kind(*argument, False) == FIRST:
            raise _Needed

    def _value(self, argument: Span, as_array: bool) -> str:
        """An argument that wants one value: what it gets."""
        kind = self.kind(*argument, as_array)
        if kind == ONE:
            return ONE
        if as_array:
            return ARRAY
        if kind == CELLS:
            raise _Needed
        return FIRST

    def _indexed(self, given: Sequence[Span], places: str) -> str:
        if places != ONE:
            raise _Needed
        whole = any(start == end or (end - start == 1 and self.tokens[start].text == "0") for start, end in given[1:3])
        return self.kind(*given[0], False) if whole and given else ONE

    def _choice(self, given: Sequence[Span], as_array: bool) -> str:
        """IF and CHOOSE: what chooses is one value always, also where arrays are computed."""
        if given and self.kind(*given[0], False) != ONE:
            raise _Needed
        kinds = {self.kind(*argument, as_array) for argument in given[1:]}
        return next((kind for kind in (CELLS, ARRAY, FIRST) if kind in kinds), ONE)

    def _guarded(self, given: Sequence[Span], as_array: bool) -> str:
        kinds = {self.kind(*argument, as_array) for argument in given}
        if CELLS in kinds or (as_array and kinds != {ONE}):
            raise _Needed
        return ONE if kinds <= {ONE} else FIRST
