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

from collections.abc import Callable, Sequence

from workbook_templates.formulas.spelling import (
    SpellingError,
    Token,
    arguments,
    cell_position,
    closing,
    is_ours,
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
    try:
        tokens = [t for t in tokenize(text.removeprefix("=").strip()) if t.kind != "space"]
        return _Reader(many).kind(tokens, False) == CELLS
    except (_Needed, SpellingError):
        return True


class _Reader:
    def __init__(self, many: Many) -> None:
        self.many = many

    def kind(self, tokens: Sequence[Token], as_array: bool) -> str:
        """What an expression comes to; ``as_array``: it is computed as an array, whole ranges at a time."""
        operands, operators = self._split(tokens)
        kinds = [self._operand(operand, as_array) for operand in operands]
        if not operators:
            return kinds[0] if kinds else ONE
        if as_array:
            return ONE if set(kinds) == {ONE} else ARRAY
        if CELLS in kinds:
            raise _Needed
        return ONE if set(kinds) == {ONE} else FIRST

    @staticmethod
    def _split(tokens: Sequence[Token]) -> tuple[list[Sequence[Token]], list[Token]]:
        """The operands of an expression, and the operators between and before them; ``:`` and ``#`` belong to their operand."""
        operands: list[Sequence[Token]] = []
        operators: list[Token] = []
        start = depth = 0
        for index, token in enumerate(tokens):
            depth += (token.kind == "open") - (token.kind == "close")
            if depth == 0 and token.kind == "op" and token.text not in (":", "#", "!"):
                if token.text == "@":
                    raise _Needed
                operators.append(token)
                if index > start:
                    operands.append(tokens[start:index])
                start = index + 1
            elif depth == 0 and token.kind == "comma":
                raise _Needed  # a union
        if start < len(tokens):
            operands.append(tokens[start:])
        return operands, operators

    def _operand(self, tokens: Sequence[Token], as_array: bool) -> str:
        plain = [t for t in tokens if t.kind != "sheet"]
        if not plain:
            raise _Needed
        first = plain[0]
        if first.kind == "open" and closing(plain, 0) == len(plain) - 1:
            return self.kind(plain[1:-1], as_array)
        if first.kind == "func" and closing(plain, 1) == len(plain) - 1:
            return self._call(plain, as_array)
        if len(plain) == 1 and first.kind in ("number", "string", "error"):
            return ONE
        if len(plain) == 1 and first.kind == "array":
            return ARRAY
        return self._reference(plain)

    def _reference(self, tokens: Sequence[Token]) -> str:
        if tokens[-1].text == "#" or any(t.text == ":" for t in tokens):
            return CELLS
        if tokens[-1].kind == "spec":
            spec = parse_specifier(tokens[-1].text)
            return ONE if spec.this_row and spec.first is not None and spec.last is None else CELLS
        if len(tokens) != 1 or tokens[0].kind != "name":
            raise _Needed
        word = tokens[0].text
        one = cell_position(word) is not None or word.upper() in ("TRUE", "FALSE") or not self.many(word)
        return ONE if one else CELLS

    def _call(self, tokens: Sequence[Token], as_array: bool) -> str:
        name = plain_function(tokens[0].text)
        given = [tokens[start:end] for start, end in arguments(tokens, 1)]
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
            return ARRAY if given and self.kind(given[0], False) != ONE else ONE
        return self._known(name, given, as_array)

    def _known(self, name: str, given: Sequence[Sequence[Token]], as_array: bool) -> str:
        wants = _WANTS.get(name, "V")
        result = ONE
        for place, argument in enumerate(given):
            want = wants[min(place, len(wants) - 1)]
            if want == "R" and not as_array:
                self._whole(argument)
            elif want in {"R", "A"}:  # arrays go on being computed within it: SUMPRODUCT(MAX(a*b))
                self.kind(argument, True)
            elif (kind := self._value(argument, as_array)) != ONE:
                result = kind
        if name == "INDEX":
            return self._indexed(given, result)
        return ARRAY if name in _MAKES_ARRAYS else result

    def _whole(self, argument: Sequence[Token]) -> None:
        """An argument that is taken whole: a range or an array, but not the first value of what was one."""
        if self.kind(argument, False) == FIRST:
            raise _Needed

    def _value(self, argument: Sequence[Token], as_array: bool) -> str:
        """An argument that wants one value: what it gets."""
        kind = self.kind(argument, as_array)
        if kind == ONE:
            return ONE
        if as_array:
            return ARRAY
        if kind == CELLS:
            raise _Needed
        return FIRST

    def _indexed(self, given: Sequence[Sequence[Token]], places: str) -> str:
        if places != ONE:
            raise _Needed
        whole = any(not place or (len(place) == 1 and place[0].text == "0") for place in given[1:3])
        return self.kind(given[0], False) if whole and given else ONE

    def _choice(self, given: Sequence[Sequence[Token]], as_array: bool) -> str:
        """IF and CHOOSE: what chooses is one value always, also where arrays are computed."""
        if given and self.kind(given[0], False) != ONE:
            raise _Needed
        kinds = {self.kind(argument, as_array) for argument in given[1:]}
        return next((kind for kind in (CELLS, ARRAY, FIRST) if kind in kinds), ONE)

    def _guarded(self, given: Sequence[Sequence[Token]], as_array: bool) -> str:
        kinds = {self.kind(argument, as_array) for argument in given}
        if CELLS in kinds or (as_array and kinds != {ONE}):
            raise _Needed
        return ONE if kinds <= {ONE} else FIRST
