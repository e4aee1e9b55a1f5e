"""Where the calculation engine is not Excel: what is mended here, and what is refused rather than computed wrongly.

Found by trying every function a planning workbook uses against Excel's documented results (``tests/test_engine.py``).

* **Lifts**: the engine gives functions over single values (ROUND, MONTH, LEN …) only single values. Where an array may reach
  such a function it is renamed to ``LIFT_ROUND``, a Python function that lets the engine itself compute every element on a
  small sheet of its own, so an element is computed exactly as a single cell is. SUMIFS and its kin are mended the same way
  where a matched cell holds an error, which the engine would skip and Excel passes on.
* **Guards**: functions that are missing or known wrong are refused by name or by the form of their arguments.
"""

from __future__ import annotations

import marshal
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from math import copysign
from operator import ge, gt, le, lt
from typing import Any, NamedTuple

from udfs.text import Text
from workbook_templates.cells import ErrorValue, column_letters
from workbook_templates.formulas.memory import recall
from workbook_templates.formulas.spelling import OMITTED, Token, arguments, bounds, cell_position, is_ours, pairs, tokenize

LIFT = "LIFT_"

ERROR_KINDS = {
    "Na": "#N/A",
    "Value": "#VALUE!",
    "Div": "#DIV/0!",
    "Ref": "#REF!",
    "Name": "#NAME?",
    "Num": "#NUM!",
    "Null": "#NULL!",
    "Spill": "#SPILL!",
    "Calc": "#CALC!",
}
KIND_OF = {code: kind for kind, code in ERROR_KINDS.items()}

# Functions over single values, all arguments of which Excel spreads over arrays.
_ELEMENTWISE = """
    ABS ACOS ASIN ATAN ATAN2 BINOM.DIST CEILING CEILING.MATH CHAR CHOOSE CLEAN CODE COMBIN COS DATE DATEDIF DATEVALUE DAY DAYS
    DAYS360 DEGREES DOLLAR EDATE EFFECT EOMONTH ERROR.TYPE EVEN EXACT EXP FACT FIND FIXED FLOOR FLOOR.MATH FV HOUR IFS INT IPMT
    ISBLANK ISERR ISERROR ISEVEN ISLOGICAL ISNA ISNONTEXT ISNUMBER ISODD ISOWEEKNUM ISTEXT LEFT LEN LN LOG LOG10 LOWER MID MINUTE
    MOD MONTH MROUND N NORM.DIST NORM.INV NORM.S.DIST NORM.S.INV NOT NPER NUMBERVALUE ODD PMT POISSON.DIST POWER PPMT PROPER PV
    QUOTIENT RADIANS RATE REPLACE REPT RIGHT ROUND ROUNDDOWN ROUNDUP RRI SEARCH SECOND SIGN SIN SLN SQRT SUBSTITUTE SWITCH T TAN
    TEXT TEXTAFTER TEXTBEFORE TIME TRIM TRUNC UNICHAR UNICODE UPPER VALUE WEEKDAY WEEKNUM YEAR YEARFRAC
"""
_CRITERIA = frozenset(range(2, 254, 2))
# The arguments Excel spreads over arrays, by position; None: all of them.
LIFTS: dict[str, frozenset[int] | None] = {
    **dict.fromkeys(_ELEMENTWISE.split()),
    **dict.fromkeys(("SUMIFS", "AVERAGEIFS", "MINIFS", "MAXIFS"), _CRITERIA),
    "COUNTIFS": frozenset(range(1, 254, 2)),
    **dict.fromkeys(("COUNTIF", "SUMIF", "AVERAGEIF"), frozenset({1})),
    **dict.fromkeys(("MATCH", "XMATCH", "XLOOKUP", "LOOKUP", "RANK", "RANK.EQ", "RANK.AVG", "FORECAST.LINEAR"), frozenset({0})),
    **dict.fromkeys(("VLOOKUP", "HLOOKUP"), frozenset({0, 2})),
    "INDEX": frozenset({1, 2}),
    **dict.fromkeys(("LARGE", "SMALL", "PERCENTILE", "PERCENTILE.INC", "PERCENTILE.EXC", "QUARTILE.INC"), frozenset({1})),
    **dict.fromkeys(("NETWORKDAYS", "WORKDAY"), frozenset({0, 1})),
}
# Where a matched cell's error would be skipped: the argument that is added up, given how many arguments there are.
_ADDED_UP = {"SUMIFS": 0, "AVERAGEIFS": 0, "SUMIF": 2, "AVERAGEIF": 2}

_ADDING = re.compile(r"\b(?:SUM|AVERAGE)IFS?\(", re.IGNORECASE)

# What gives one value whatever it is given.
_REDUCING = frozenset(
    """
    AGGREGATE AND AVERAGE AVERAGEA COLUMNS CONCAT CONCATENATE CORREL COUNT COUNTA COUNTBLANK COVARIANCE.P COVARIANCE.S GCD GEOMEAN
    HARMEAN HYPERLINK INTERCEPT IRR ISFORMULA ISREF KURT LCM MAX MAXA MEDIAN MIN MINA MIRR MODE MODE.SNGL NA NOW NPV OR PEARSON PI
    PRODUCT RAND ROWS RSQ SKEW SLOPE STDEV STDEV.P STDEV.S STEYX SUBTOTAL SUM SUMPRODUCT SUMSQ SUMX2MY2 SUMX2PY2 SUMXMY2 TEXTJOIN
    TODAY TRIMMEAN TYPE VAR VAR.P VAR.S XIRR XNPV XOR
    """.split()  # noqa: SIM905
)
_SPREAD_BY_ENGINE = frozenset({"IF", "IFERROR", "IFNA"})


# ------------------------------------------------------------------------------------------------- where arrays reach functions


@dataclass
class Flow:
    """How arrays run through a formula: which calls (token indices) want lifting, which ranges stand where one value is due."""

    lifted: list[int] = field(default_factory=list)
    loose: list[int] = field(default_factory=list)
    is_array: bool = False
    ours_spill: bool = True
    closes: dict[int, int] = field(default_factory=dict)  # of each parenthesis the one that closes it


def flow(tokens: Sequence[Token], ours_spill: bool = True) -> Flow:
    """Follows arrays through the tokens of a lowered formula; what can't be known counts as an array.

    ``ours_spill=False``: functions of ours that are given single values are taken to return one, until they are seen not to.
    """
    found = Flow(ours_spill=ours_spill, closes=pairs(tokens))
    found.is_array = _expression(tokens, 0, len(tokens), found, True)
    return found


def _expression(tokens: Sequence[Token], start: int, end: int, found: Flow, loose: bool) -> bool:
    is_array = False
    index = start
    while index < end:
        token = tokens[index]
        if token == Token("op", "@"):
            after = min(_after_operand(tokens, index + 1, end, found.closes), end)
            _expression(tokens, index + 1, after, found, False)
            index = after
        elif token.kind == "func":
            is_array |= _call(tokens, index, found, loose)
            index = found.closes[index + 1] + 1
        elif token.kind == "open":
            close = found.closes[index]
            is_array |= _expression(tokens, index + 1, close, found, loose)
            index = close + 1
        elif token.kind in ("name", "number", "sheet"):
            after = min(_after_operand(tokens, index, end, found.closes), end)
            if is_range(tokens[index:after]):
                is_array = True
                if loose:
                    found.loose.append(index)
            index = after
        else:
            is_array |= token.kind == "array" and any(c in token.text for c in ",;")
            index += 1
    return is_array


def _after_operand(tokens: Sequence[Token], start: int, end: int, closes: Mapping[int, int]) -> int:
    """One past a reference such as ``Sheet!$A$1:$B$2``, ``A:A``, ``1:3`` or ``A1#`` (or a call after an ``@``)."""
    index = start
    while index < end and tokens[index].kind in ("sheet", "space"):
        index += 1
    if index < end and tokens[index].kind in ("func", "open"):
        return closes[index + (tokens[index].kind == "func")] + 1
    index += 1
    while index + 1 < end and tokens[index] == Token("op", ":") and tokens[index + 1].kind in ("name", "number", "sheet"):
        index += 2 + (tokens[index + 1].kind == "sheet")
    return index + 1 if index < end and tokens[index] == Token("op", "#") else index


def is_range(operand: Sequence[Token]) -> bool:
    """Whether a reference (or a name that may stand for one) covers more than one cell."""
    words = [t.text for t in operand if t.kind not in ("sheet", "space")]
    if len(words) == 1:
        word = words[0]
        return operand[-1].kind == "name" and cell_position(word) is None and word.upper() not in ("TRUE", "FALSE")
    return not (len(words) == 3 and words[1] == ":" and words[0] == words[2] and cell_position(words[0]) is not None)


def _call(tokens: Sequence[Token], index: int, found: Flow, loose: bool) -> bool:
    name = tokens[index].text.upper()
    positions = LIFTS.get(name, frozenset())
    spreads = name in _SPREAD_BY_ENGINE
    spread_array = any_array = False
    for place, (start, end) in enumerate(_given(tokens, index + 1, found.closes)):
        spread = spreads or positions is None or place in positions
        is_array = _expression(tokens, start, end, found, loose and spread)
        any_array |= is_array
        spread_array |= is_array and spread
    if spread_array and name in LIFTS:
        found.lifted.append(index)
    if name in _REDUCING:
        return False
    if name == "INDEX":
        return spread_array or not _picks_one_cell(tokens, index)
    if name in LIFTS or spreads:
        return spread_array or (name == "XLOOKUP" and _returns_block(tokens, index))
    return any_array or found.ours_spill or not is_ours(name)


def _given(tokens: Sequence[Token], opening: int, closes: Mapping[int, int]) -> list[tuple[int, int]]:
    """``arguments``, by parentheses that are matched already."""
    spans, start, index, end = [], opening + 1, opening + 1, closes[opening]
    while index < end:
        kind = tokens[index].kind
        if kind == "open":
            index = closes[index]
        elif kind == "comma":
            spans.append((start, index))
            start = index + 1
        index += 1
    if spans or any(t.kind != "space" for t in tokens[start:end]):
        spans.append((start, end))
    return spans


def _picks_one_cell(tokens: Sequence[Token], index: int) -> bool:
    picks = [_text(tokens, span) for span in arguments(tokens, index + 1)[1:]]
    return bool(picks) and all(pick not in ("", "0") for pick in picks)


def _returns_block(tokens: Sequence[Token], index: int) -> bool:
    """Whether XLOOKUP's result may be more than one cell: its third argument is no single row or column of cells."""
    spans = arguments(tokens, index + 1)
    if len(spans) < 3:
        return False
    words = [t.text for t in tokens[spans[2][0] : spans[2][1]] if t.kind not in ("sheet", "space")]
    try:
        top, left, bottom, right = bounds("".join(words))
    except ValueError:
        return True
    return bottom > top and right > left


def _text(tokens: Sequence[Token], span: tuple[int, int]) -> str:
    return "".join(t.text for t in tokens[span[0] : span[1]]).strip()


# Numbers that make a difference to how arrays run: both ends of a range in one row, and a place that is 0 (all of them).
_NUMBERS = re.compile(
    r"""
      "(?:[^"]|"")*"
    | '(?:[^']|'')*'!
    | (\$?[A-Za-z]{1,3}\$?)(\d+):(\$?[A-Za-z]{1,3}\$?)(\d+)
    | (?<![\w.$])0(?![\w.])
    | \d+
    """,
    re.VERBOSE,
)


def alike(formula: str) -> str:
    """What formulas that differ in their numbers and texts only have in common: arrays run through them in the same way.

    >>> alike("SUM(A7:A12)") == alike("SUM(A9:A20)"), alike("SUM(A7:A12)") == alike("SUM(A7:A7)")
    (True, False)
    """
    return _NUMBERS.sub(_unnumbered, formula)


def _unnumbered(number: re.Match[str]) -> str:
    if number[0][0] == '"':
        return '""'
    if number[0][0] == "'":
        return number[0]
    if number[1] is not None:
        return f"{number[1]}0:{number[3]}{'=' if number[2] == number[4] else '0'}"
    return "all" if number[0] == "0" else "0"


# What is known of formulas depends on their text alone: it is kept from one run to the next, for those alike but for their numbers.
_MOST_KNOWN = 1 << 15
_FLOWS: dict[tuple[str, bool], tuple[tuple[int, ...], bool]] = {}


def _known_flow(formula: str, ours_spill: bool, likeness: str | None) -> tuple[tuple[int, ...], bool]:
    """The calls to be lifted, and whether the result may be an array."""
    key = likeness if likeness is not None else alike(formula), ours_spill
    known = _FLOWS.get(key)
    if known is None:
        lifted, is_array = recall("flow", f"{ours_spill} {key[0]}", lambda: _flow_of(formula, ours_spill))
        if len(_FLOWS) >= _MOST_KNOWN:
            _FLOWS.clear()
        known = _FLOWS[key] = tuple(lifted), is_array
    return known


def _flow_of(formula: str, ours_spill: bool) -> tuple[list[int], bool]:
    found = flow(tokenize(formula[1:]), ours_spill)
    return sorted(found.lifted), found.is_array


def lift(formula: str, ours_spill: bool = False, likeness: str | None = None) -> str:
    """The lowered formula with ``LIFT_`` before the calls that need it; its ``likeness`` where that is known already."""
    lifted, _ = _known_flow(formula, ours_spill, likeness)
    return rename(formula, lifted) if lifted else formula


def may_spill(formula: str, likeness: str | None = None) -> bool:
    """Whether a lowered formula may give more than one value."""
    return _known_flow(formula, True, likeness)[1]


def rename(formula: str, calls: Sequence[int]) -> str:
    """``LIFT_`` before the calls at the given token indices; arguments left out are marked, since a callback can't see them."""
    tokens = tokenize(formula[1:])
    marks = {tokens_end for call in calls for tokens_end in _left_out(tokens, call)}
    out = ["="]
    for index, token in enumerate(tokens):
        if index in marks:
            out.append(f'"{OMITTED}"')
        out.append(LIFT + token.text.upper() if index in calls else token.text)
    return "".join(out)


def _left_out(tokens: Sequence[Token], call: int) -> Iterator[int]:
    for start, end in arguments(tokens, call + 1):
        if all(t.kind == "space" for t in tokens[start:end]):
            yield end


@lru_cache(maxsize=1 << 13)
def intersect(formula: str) -> str:
    """A formula of an ordinary cell as Excel reads it: one value, ranges met in the cell's own row or column."""
    tokens = tokenize(formula[1:])
    loose = set(flow(tokens).loose)
    return "=@(" + "".join(("@" if i in loose else "") + t.text for i, t in enumerate(tokens)) + ")"


def added_up(formula: str) -> list[tuple[int, str]]:
    """Calls that would skip errors in matched cells, as (token index, the argument that is added up)."""
    if not _ADDING.search(formula):
        return []
    tokens = tokenize(formula[1:])
    found = []
    for index, token in enumerate(tokens):
        place = _ADDED_UP.get(token.text.upper()) if token.kind == "func" else None
        if place is not None:
            spans = arguments(tokens, index + 1)
            if place < len(spans):
                found.append((index, _text(tokens, spans[place])))
    return found


# ------------------------------------------------------------------------------------------------------------- the small sheets


def marked(name: str, args: Any) -> tuple[str, bytes] | None:
    """What tells a call with these arguments from all others: equal is what has the same bytes, never ``==``, to which 1 is TRUE.

    None for arguments that have no bytes of their own.
    """
    try:
        # Version 2 writes floats as they are and no back references: the same values are the same bytes.
        return name, blake2b(marshal.dumps(tuple(args), 2), digest_size=16).digest()
    except ValueError:
        return None


class Lifting:
    """The lifted calls of one run; what was computed or fed once is remembered: formulas ask for the same columns again
    and again."""

    def __init__(self) -> None:
        self._results: dict[tuple[str, bytes], Any] = {}
        self._book: _SmallBook | None = None

    def call(self, name: str, args: Sequence[Any]) -> Any:
        """Computes ``name`` for every element of the arguments it spreads over, each as the engine computes a single cell."""
        key = marked(name, args)
        if key is None:
            return self._computed(name, args)
        if key not in self._results:
            self._results[key] = self._computed(name, args)
        return self._results[key]

    def _computed(self, name: str, args: Sequence[Any]) -> Any:
        if any(isinstance(arg, list) and not (arg and arg[0]) for arg in args):
            return to_engine(ErrorValue("#CALC!"))  # an array of nothing
        chosen = _chosen(args) if name == "CHOOSE" else None
        if chosen is not None:
            return chosen
        positions = LIFTS[name]
        spread = [i for i, arg in enumerate(args) if (positions is None or i in positions) and isinstance(arg, list)]
        rows = max((len(args[i]) for i in spread), default=1)
        columns = max((len(args[i][0]) for i in spread), default=1)
        looked_up = (
            by_kind(name, args, spread)
            or by_text(name, args, spread)
            or by_hash(name, args, spread)
            or self._nearly_by_criteria(name, args, spread)
            or self._nearly_by_hash(name, args, spread)
        )
        if looked_up is not None:
            return looked_up
        few = _distinct(args, spread, rows, columns)
        if few is not None:
            args_of_few, places = few
            computed = self._computed(name, args_of_few)
            flat = [computed[place][0] for place in places]
            return [flat[row * columns : (row + 1) * columns] for row in range(rows)]
        if self._book is None:
            self._book = _SmallBook()
        sheet = _SmallSheet(self._book, args, spread, rows, columns)
        results = sheet.compute(name, args)
        place = _ADDED_UP.get(name)
        if place is not None and place < len(args) and isinstance(args[place], list):
            results = sheet.pass_errors_on(name, args, place, results)
        grid = [results[row * columns : (row + 1) * columns] for row in range(rows)]
        return grid if rows * columns > 1 else grid[0][0]

    def _nearly_by_criteria(self, name: str, args: Sequence[Any], spread: Sequence[int]) -> list[list[Any]] | None:
        """``by_criteria`` where a few criteria are not plain, such as a Table's blank row: the engine answers those."""
        found = _by_plain_criteria(name, args, spread)
        if found is None or not found[1]:
            return found and found[0]
        grid, odd = found
        asked = [*args]
        for position, index in enumerate(spread):
            asked[index] = [[elements[position]] for elements, _ in odd]
        answers = self._computed(name, asked)
        for (_, places), answer in zip(odd, answers if isinstance(answers, list) else [[answers]], strict=True):
            for row, column in places:
                grid[row][column] = answer[0]
        return grid

    def _nearly_by_hash(self, name: str, args: Sequence[Any], spread: Sequence[int]) -> list[list[Any]] | None:
        """The same where a few keys are no plain IDs, such as the blank one of a bonus among a ledger's deals: the engine looks those up."""
        if name not in _HASHED or list(spread) != [place := _HASHED[name]]:
            return None
        odd = {_told_apart(key): key for row in args[place] for key in row if not _is_plain(key)}
        if not odd or len(odd) > _FEW or not any(_is_plain(key) for row in args[place] for key in row):
            return None
        plain = [[key if _is_plain(key) else "A" for key in row] for row in args[place]]
        found = by_hash(name, [*args[:place], plain, *args[place + 1 :]], spread)
        if found is None:
            return None
        asked = self._computed(name, [*args[:place], [[key] for key in odd.values()], *args[place + 1 :]])
        answers = dict(zip(odd, [row[0] for row in asked] if isinstance(asked, list) else [asked], strict=True))
        return [
            [answer if _is_plain(key) else answers[_told_apart(key)] for key, answer in zip(keys, row, strict=True)]
            for keys, row in zip(args[place], found, strict=True)
        ]


_HASHED = {"MATCH": 0, "VLOOKUP": 0, "COUNTIF": 1}  # by_hash's functions: where their keys stand
_FEW = 20


def _chosen(args: Sequence[Any]) -> Any:
    """What CHOOSE gives for one index: that argument as large as it is, whatever size the others have. None: by elements."""
    index = args[0][0][0] if isinstance(args[0], list) and len(args[0]) == len(args[0][0]) == 1 else args[0]
    if isinstance(index, float | int) and not isinstance(index, bool) and 1 <= int(index) < len(args):
        return args[int(index)]
    return None


def _distinct(args: Sequence[Any], spread: Sequence[int], rows: int, columns: int) -> tuple[list[Any], list[int]] | None:
    """The arguments with each combination of elements once, and where every element's result stands among theirs.

    A column of 20,000 deals names 50 sellers: 50 searches do. None where little repeats.
    """
    if rows * columns < _WORTH_IT:
        return None
    places: dict[Any, int] = {}
    order: list[int] = []
    combinations: list[list[Any]] = []
    for row in range(rows):
        for column in range(columns):
            elements = [_element(args[i], row, column) for i in spread]
            key = tuple([_told_apart(e) for e in elements])
            if key not in places:
                places[key] = len(combinations)
                combinations.append(elements)
            order.append(places[key])
    if len(combinations) < 2 or len(combinations) * 2 > rows * columns:
        return None
    reduced = list(args)
    for position, index in enumerate(spread):
        reduced[index] = [[elements[position]] for elements in combinations]
    return reduced, order


def _told_apart(element: Any) -> tuple[type, Any]:
    """What two elements have in common that a function can't tell apart: zero and minus zero it can, and 1 and TRUE."""
    return type(element), element if element and element.__hash__ is not None else repr(element)


_WORTH_IT = 100
_WORTH_HASHING = 2

# An ID: nothing that Excel could read as a wildcard, a comparison, a date, a logical value or a number written otherwise.
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[^\W\d]*"
_PLAIN_ID = re.compile(rf"(?!true$|false$|{_MONTH}[ .-]?\d)[^\W\d_][\w.-]*|[1-9]\d{{0,14}}", re.I)


_OF_ONE_KIND: dict[str, Callable[[Any], bool]] = {
    "ISNUMBER": lambda cell: type(cell) is float or type(cell) is int,
    "ISTEXT": lambda cell: isinstance(cell, str) and error_code(cell) is None,
    "ISERROR": lambda cell: error_code(cell) is not None,
    "ISERR": lambda cell: error_code(cell) not in (None, "#N/A"),
    "ISNA": lambda cell: error_code(cell) == "#N/A",
}
_KINDS = frozenset({float, int, bool, str, dict, type(None)})


def by_kind(name: str, args: Sequence[Any], spread: Sequence[int]) -> list[list[Any]] | None:
    """What ISNUMBER and its kin say of cells whose kind shows. None for anything else."""
    ask = _OF_ONE_KIND.get(name)
    if (
        ask is None
        or len(args) != 1
        or not spread
        or len(args[0]) * len(args[0][0]) == 1
        or any(type(cell) not in _KINDS for row in args[0] for cell in row)
    ):
        return None
    return [[ask(cell) for cell in row] for row in args[0]]


def by_text(name: str, args: Sequence[Any], spread: Sequence[int]) -> list[list[Any]] | None:
    """TRIM of texts that have no blanks to trim, EXACT of texts beside each other. None for anything else."""
    blocks = [args[i] for i in spread]
    if len(blocks) != len(args) or len(blocks) != (2 if name == "EXACT" else 1) or name not in ("EXACT", "TRIM"):
        return None
    shapes = {(len(block), len(block[0])) for block in blocks}
    kinds = {type(cell) for block in blocks for row in block for cell in row}
    if len(shapes) > 1 or shapes == {(1, 1)}:
        return None
    if name == "EXACT" and kinds <= {str, dict, type(None)}:
        return [[_exact(one, other) for one, other in zip(*rows, strict=True)] for rows in zip(*blocks, strict=True)]
    if name == "EXACT" or kinds != {str}:
        return None
    same = all(cell == " ".join(cell.split()) for row in blocks[0] for cell in row)
    return [[*row] for row in blocks[0]] if same else None


def _exact(one: Any, other: Any) -> Any:
    """Whether two texts are the same, a blank being one of no letters; an error is passed on."""
    error = next((cell for cell in (one, other) if isinstance(cell, dict)), None)
    return (one or "") == (other or "") if error is None else to_engine(error)


def by_hash(name: str, args: Sequence[Any], spread: Sequence[int]) -> list[list[Any]] | None:
    """MATCH(keys, column, 0), VLOOKUP(keys, column, 1, FALSE) and COUNTIF(range, keys) over many plain keys: one pass instead of a
    search for each.

    None where a key or cell is anything else: then the engine computes every element.
    """
    if name == "MATCH" and list(spread) == [0] and len(args) == 3 and args[2] == 0 and isinstance(args[1], list):
        keys, cells = args[0], [cell for row in args[1] for cell in row]
        if len(args[1]) > 1 and len(args[1][0]) > 1:
            return None
    elif name == "VLOOKUP" and list(spread) == [0] and len(args) == 4 and args[2] == 1 and args[3] in (False, 0):
        if not isinstance(args[1], list) or len(args[1][0]) > 1:
            return None
        keys, cells = args[0], [row[0] for row in args[1]]
    elif name == "COUNTIF" and list(spread) == [1] and len(args) == 2 and isinstance(args[0], list):
        return _counted(args[1], [cell for row in args[0] for cell in row])
    else:
        return None
    if len(keys) * len(keys[0]) < _WORTH_HASHING or not _are_literal(keys, cells):
        return None
    found: dict[Any, Any] = {}
    for place, cell in enumerate(cells, 1):
        if type(cell) is str or type(cell) is float:
            found.setdefault(_alike(cell), float(place) if name == "MATCH" else cell)
    missing: Any = to_engine(ErrorValue("#N/A"))
    return [[found.get(_alike(key), missing) for key in row] for row in keys]


def _counted(keys: list[list[Any]], cells: list[Any]) -> list[list[Any]] | None:
    if len(keys) * len(keys[0]) < _WORTH_HASHING or not all(_is_plain(key) for row in keys for key in row):
        return None
    if not all(cell is None or cell == "" or _is_plain(cell) for cell in cells):
        return None
    found = Counter(cell.lower() for cell in cells if cell)
    return [[float(found.get(key.lower(), 0)) for key in row] for row in keys]


def _are_literal(keys: list[list[Any]], cells: list[Any]) -> bool:
    """Whether a search for these keys is a plain comparison: texts without wildcards, whole numbers that are no blank's."""
    kinds = {type(key) for row in keys for key in row}
    if not kinds <= {str, float} or not {type(cell) for cell in cells} <= {str, float, type(None)}:
        return False
    if float in kinds:
        asked = [key for row in keys for key in row if type(key) is float]
        if None in cells or 0 in asked or not all(map(_is_whole, asked)) or not all(map(_is_whole, _numbers(cells))):
            return False
    return all(_LITERAL.fullmatch(key) is not None for row in keys for key in row if type(key) is str) and all(
        _LITERAL.fullmatch(cell) is not None for cell in cells if type(cell) is str and cell
    )


def _numbers(cells: Iterable[Any]) -> Iterator[float]:
    return (cell for cell in cells if type(cell) is float)


def _is_whole(number: float) -> bool:
    """Whether a number is told from all others: the engine takes fractions for equal that nearly are."""
    return number.is_integer() and abs(number) < 1e9


def _alike(cell: str | float) -> str | float:
    return cell.lower() if isinstance(cell, str) else cell


# A text that is compared as it is: no wildcard, and no letter whose small form depends on the library.
_LITERAL = re.compile(r"[\w \-|.,:;/()（）、，·&+#%—–]{1,250}")
_BOUND = re.compile(r"(<=|>=|<|>)(-?\d{1,9})")
_COMPARED: dict[str, Callable[[float, float], bool]] = {"<=": le, ">=": ge, "<": lt, ">": gt}


def by_criteria(name: str, args: Sequence[Any], spread: Sequence[int]) -> list[list[Any]] | None:
    """COUNTIFS, SUMIFS and their kin over many criteria that are plain: each row of the ranges is looked at once.

    The totals are added up row by row, as the engine does. None where anything is not plain: then the engine computes every element.
    """
    found = _by_plain_criteria(name, args, spread)
    return None if found is None or found[1] else found[0]


# Elements that are the engine's to answer, with the places they stand at.
_Odd = list[tuple[list[Any], list[tuple[int, int]]]]


def _by_plain_criteria(name: str, args: Sequence[Any], spread: Sequence[int]) -> tuple[list[list[Any]], _Odd] | None:
    """What the plain ones among the criteria give, and the few others. None where there are more of those."""
    added, pairs_ = _criteria(name, args)
    if not pairs_ or not spread:
        return None
    shape = {(len(cells), len(cells[0])) for cells, _ in pairs_ if isinstance(cells, list)}
    if len(shape) != 1 or not all(isinstance(cells, list) for cells, _ in pairs_):
        return None
    if added is not None and (not isinstance(added, list) or (len(added), len(added[0])) not in shape):
        return None
    rows, columns = max(len(args[i]) for i in spread), max(len(args[i][0]) for i in spread)
    if rows * columns < _WORTH_HASHING:
        return None
    figures = None if added is None else [cell for row in added for cell in row]
    if figures is not None and not {type(figure) for figure in figures} <= {float, type(None)}:
        return None
    if name in _EXTREMES and any(figure == 0 and copysign(1, figure) < 0 for figure in _numbers(figures or ())):
        return None  # which of two zeros is the larger is the engine's to say
    criteria = _Criteria(pairs_, _TAKEN.get(name, _total), figures)
    grid: list[list[Any]] = []
    odd: dict[Any, tuple[list[Any], list[tuple[int, int]]]] = {}
    for row in range(rows):
        grid.append([])
        for column in range(columns):
            try:
                grid[row].append(criteria.one(row, column))
            except _NotPlain:
                grid[row].append(None)
                elements = [_element(args[i], row, column) for i in spread]
                key = tuple([_told_apart(e) for e in elements])
                odd.setdefault(key, (elements, []))[1].append((row, column))
                if len(odd) > _FEW:
                    return None
    return None if sum(len(places) for _, places in odd.values()) == rows * columns else (grid, [*odd.values()])


def _total(figures: list[float]) -> float:
    total = 0.0
    for figure in figures:
        total += figure
    return total


def _average(figures: list[float]) -> Any:
    return _total(figures) / len(figures) if figures else to_engine(ErrorValue("#DIV/0!"))


_EXTREMES: dict[str, Callable[[list[float]], Any]] = {
    "MAXIFS": lambda figures: max(figures, default=0.0),
    "MINIFS": lambda figures: min(figures, default=0.0),
}
_TAKEN = {**_EXTREMES, "AVERAGEIFS": _average}


def _criteria(name: str, args: Sequence[Any]) -> tuple[Any, list[tuple[Any, Any]]]:
    """What is added up, if anything is, and the ranges with their criteria."""
    if name in ("COUNTIFS", "COUNTIF") and len(args) % 2 == 0:
        return None, [*zip(args[::2], args[1::2], strict=True)]
    if name in ("SUMIFS", *_TAKEN) and len(args) % 2:
        return args[0], [*zip(args[1::2], args[2::2], strict=True)]
    if name == "SUMIF" and len(args) == 3:
        return args[2], [(args[0], args[1])]
    return None, []


class _NotPlain(Exception):
    """A criterion or a range that is the engine's to judge."""


class _Criteria:
    """Ranges with their criteria, asked for one combination of criteria after the other."""

    def __init__(
        self, given: Sequence[tuple[Any, Any]], taken: Callable[[list[float]], Any], figures: Sequence[float | None] | None
    ) -> None:
        self.ranges = [[cell for row in cells for cell in row] for cells, _ in given]
        self.criteria = [criterion for _, criterion in given]
        self.taken, self.figures = taken, figures
        self.kinds = [{type(cell) for cell in cells} for cells in self.ranges]
        self.known: dict[tuple[int, Any], frozenset[int]] = {}
        self.by_value: dict[int, dict[Any, list[int]]] = {}

    def one(self, row: int, column: int) -> Any:
        """How many rows meet the criteria of one place, or what is taken of their figures. ``_NotPlain``: the engine's to say."""
        found: frozenset[int] | None = None
        for number, criterion in enumerate(self.criteria):
            asked = _element(criterion, row, column) if isinstance(criterion, list) else criterion
            places = self._places(number, asked)
            found = places if found is None else found & places
        assert found is not None
        if self.figures is None:
            return float(len(found))
        return self.taken([figure for place in sorted(found) if (figure := self.figures[place]) is not None])

    def _places(self, number: int, asked: Any) -> frozenset[int]:
        if type(asked) not in (str, float):
            raise _NotPlain
        places = self.known.get((number, asked))
        if places is None:
            places = self.known[number, asked] = frozenset(self._found(number, asked))
        return places

    def _found(self, number: int, asked: str | float) -> Iterable[int]:
        """The places of the cells that a criterion asks for."""
        kinds = self.kinds[number]
        if isinstance(asked, float):
            if not kinds <= {float} or not asked or not _is_whole(asked) or not all(map(_is_whole, self.ranges[number])):
                raise _NotPlain
            return self._equal(number).get(asked, ())
        if _is_plain(asked) and not asked[0].isdigit():
            if not kinds <= {str, float, type(None)}:
                raise _NotPlain
            return self._equal(number).get(asked.lower(), ())
        if asked.startswith("<>") and _is_plain(asked[2:]) and not asked[2].isdigit():
            if kinds != {str} or "" in self.ranges[number]:
                raise _NotPlain
            return set(range(len(self.ranges[number]))).difference(self._equal(number).get(asked[2:].lower(), ()))
        bound = _BOUND.fullmatch(asked)
        if bound is None or not kinds <= {float, type(None)}:
            raise _NotPlain
        holds, least = _COMPARED[bound[1]], float(bound[2])
        if least == 0 and any(cell == 0 and copysign(1, cell) < 0 for cell in _numbers(self.ranges[number])):
            raise _NotPlain  # to the engine a minus zero is less than zero
        return [place for place, cell in enumerate(self.ranges[number]) if cell is not None and holds(cell, least)]

    def _equal(self, number: int) -> dict[Any, list[int]]:
        known = self.by_value.get(number)
        if known is None:
            known = self.by_value[number] = {}
            for place, cell in enumerate(self.ranges[number]):
                if cell is not None:
                    known.setdefault(_alike(cell), []).append(place)
        return known


def _is_plain(cell: Any) -> bool:
    return isinstance(cell, str) and _PLAIN_ID.fullmatch(cell) is not None


class _SmallBook:
    """The workbook that lifted calls are computed in: a sheet for each block of cells, and one for the formulas of each call."""

    def __init__(self) -> None:
        import formualizer

        alone = formualizer.EvaluationConfig()
        alone.enable_parallel = False  # see engine.py
        self.book = formualizer.Workbook(config=formualizer.WorkbookConfig(eval_config=alone))
        self.book.set_changelog_enabled(False)
        self.book.set_temporal_egress("serial")
        self._blocks: dict[tuple[str, bytes], str] = {}
        self._sheets = 0

    def sheet(self) -> str:
        """A new sheet."""
        self._sheets += 1
        name = f"S{self._sheets}"
        self.book.add_sheet(name)
        return name

    def block(self, cells: list[list[Any]]) -> str:
        """The sheet that holds these cells from A1 on, fed where it is new."""
        key = marked("", cells)
        sheet = self._blocks.get(key) if key is not None else None
        if sheet is None:
            sheet = self.sheet()
            if cells != [[OMITTED]]:
                self.book.set_values_batch(sheet, 1, 1, [[to_engine(cell) for cell in row] for row in cells])
            if key is not None:
                self._blocks[key] = sheet
        return sheet


class _SmallSheet:
    """The arguments of one call: spread ones as a column of elements, the others as they are."""

    def __init__(self, book: _SmallBook, args: Sequence[Any], spread: Sequence[int], rows: int, columns: int) -> None:
        self.book = book
        self.spread, self.count = set(spread), rows * columns
        self.places = []
        for index, arg in enumerate(args):
            block = arg if isinstance(arg, list) else [[arg]]
            if index in self.spread:
                block = [[_element(arg, row, column)] for row in range(rows) for column in range(columns)]
            self.places.append(book.block(block))

    def compute(self, name: str, args: Sequence[Any], replaced: tuple[int, str] | None = None) -> list[Any]:
        home, book = self.book.sheet(), self.book.book
        texts = [[f"={name}({','.join(self._refs(args, row, replaced))})"] for row in range(1, self.count + 1)]
        book.set_formulas_batch(home, 1, 1, texts)
        book.evaluate_all()
        return [to_engine(book.get_value(home, row, 1)) for row in range(1, self.count + 1)]

    def _refs(self, args: Sequence[Any], row: int, replaced: tuple[int, str] | None) -> Iterator[str]:
        for index, arg in enumerate(args):
            sheet = replaced[1] if replaced and replaced[0] == index else self.places[index]
            if isinstance(arg, str) and arg == OMITTED:
                yield ""
            elif index in self.spread:
                yield f"{sheet}!$A${row}"
            elif isinstance(arg, list):
                yield f"{sheet}!$A$1:${column_letters(len(arg[0]))}${len(arg)}"
            else:
                yield f"{sheet}!$A$1"

    def pass_errors_on(self, name: str, args: Sequence[Any], place: int, results: list[Any]) -> list[Any]:
        """The first error among the matched cells instead of a total that skips it."""
        adding = name.replace("AVERAGE", "SUM")
        for code in sorted({error_code(cell) for row in args[place] for cell in row} - {None}, key=str):
            errors = self.book.block([[float(error_code(cell) == code) for cell in row] for row in args[place]])
            hits = self.compute(adding, args, (place, errors))
            results = [to_engine(ErrorValue(str(code))) if hit else result for hit, result in zip(hits, results, strict=True)]
        return results


def _element(arg: Any, row: int, column: int) -> Any:
    """An element as Excel spreads it: one row or column repeats, beyond the edge is #N/A."""
    height, width = len(arg), len(arg[0])
    row = 0 if height == 1 else row
    column = 0 if width == 1 else column
    return arg[row][column] if row < height and column < width else ErrorValue("#N/A")


def error_code(cell: Any) -> str | None:
    """The code of an error as the engine hands it over, else ``None``."""
    if isinstance(cell, dict) and cell.get("type") == "Error":
        return ERROR_KINDS.get(cell["kind"], "#VALUE!")
    return str.__str__(cell) if isinstance(cell, ErrorValue) else None


def to_engine(cell: Any) -> Any:
    """A cell as the engine takes it: errors as its own, whole numbers as numbers."""
    code = error_code(cell)
    if code is not None:
        from formualizer import LiteralValue

        return LiteralValue.error(KIND_OF.get(code, "Value"), None)
    return float(cell) if type(cell) is int else cell


# ----------------------------------------------------------------------------------------------------------------------- guards


class Guard(NamedTuple):
    """What is refused: the functions, when (by their arguments, as texts), and why."""

    functions: frozenset[str]
    reason: Text
    applies: Callable[[list[str]], bool] = lambda args: True


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ARRAY_ROW = re.compile(r"\{[^;]*,[^;]*\}")
_REFERENCE = re.compile(r"(?:'(?:[^']|'')*'!|[\w.]+!)?(\$?[A-Za-z]{1,3}\$?\d+:\$?[A-Za-z]{1,3}\$?\d+)")
_STRING = re.compile(r'"(?:[^"]|"")*"')
_HARD_FORMAT = re.compile(r"aaa|\[|[!\\*_?/]|E[+-]|^General.", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
_CJK = re.compile(r"[\u3400-\u9fff]")


def _is_row(text: str) -> bool:
    """Whether an argument is made of ranges or constants one row high."""
    refs = [bounds(ref) for ref in _REFERENCE.findall(_STRING.sub('""', text))]
    return bool(_ARRAY_ROW.search(text)) or any(top == bottom and left < right for top, left, bottom, right in refs)


def _hard_format(args: list[str]) -> bool:
    if len(args) < 2 or not _STRING.fullmatch(args[1]):
        return True
    code = _QUOTED.sub("", args[1][1:-1].replace('""', '"'))
    dates = re.fullmatch(r"[ymdhs/:\- .,年月日]*", code, re.IGNORECASE) is not None
    return _HARD_FORMAT.search(code.replace("/", "") if dates else code) is not None


def _computed_vector(args: list[str]) -> bool:
    return len(args) > 1 and not (_REFERENCE.fullmatch(args[1]) or args[1].startswith("{"))


_ASKED_FOR_ERRORS = _names(
    "COUNTIF COUNTIFS SUMIF SUMIFS AVERAGEIF AVERAGEIFS"
)  # the commonest of all: only what has a # is looked at
GUARDS = (
    Guard(
        _names("MAP BYROW BYCOL REDUCE SCAN MAKEARRAY MMULT EXPAND WRAPROWS WRAPCOLS GROUPBY PIVOTBY ISOMITTED TRIMRANGE"),
        Text("计算引擎没有这个函数", "the engine does not have this function"),
    ),
    Guard(
        _names("SHEET SHEETS CELL INFO FORMULATEXT GETPIVOTDATA CUBEVALUE CUBEMEMBER WEBSERVICE IMAGE RTD FORECAST.ETS"),
        Text("结果取决于 Excel 本身", "its result depends on Excel itself"),
    ),
    Guard(
        _names("INDIRECT"),
        Text("引擎不认 R1C1 写法", "the engine does not read R1C1"),
        lambda args: len(args) > 1 and args[1].upper() not in ("TRUE", "1"),
    ),
    Guard(
        _names("AGGREGATE"),
        Text("引擎没有 AGGREGATE 的数组形式(14–19)", "the engine does not know the array forms 14 to 19"),
        lambda args: not (args and args[0].isdigit() and int(args[0]) < 14),
    ),
    Guard(_names("SORTBY"), Text("引擎只能按一列排序", "the engine sorts by one key only"), lambda args: len(args) > 3),
    Guard(
        _names("UNIQUE"),
        Text("引擎不能按列去重", "the engine compares rows only"),
        lambda args: len(args) > 1 and args[1].upper() not in ("", "FALSE", "0"),
    ),
    Guard(
        _names("FILTER"),
        Text("引擎不能筛选列", "the engine does not filter columns"),
        lambda args: len(args) > 1 and _is_row(args[1]),
    ),
    Guard(
        _names("ROW COLUMN"),
        Text("引擎只给区域的第一行或列", "the engine gives only the first row or column of a range"),
        lambda args: bool(args) and ":" in args[0],
    ),
    Guard(_names("LOOKUP"), Text("引擎查错计算出来的向量", "the engine misreads a computed vector"), _computed_vector),
    Guard(
        _names("CEILING FLOOR"),
        Text("引擎对负的舍入基数算错", "the engine is wrong for a negative significance"),
        lambda args: len(args) > 1 and args[1].startswith("-"),
    ),
    Guard(
        _ASKED_FOR_ERRORS,
        Text("引擎不能按错误值计数", "the engine can't match errors"),
        lambda args: any(arg.startswith(('"#', "#", '"=#')) for arg in args),
    ),
    Guard(_names("TEXT"), Text("引擎不认这种格式", "the engine does not know this format"), _hard_format),
    Guard(
        _names("SEQUENCE"),
        Text("引擎不认省略的行数", "the engine does not take an omitted number of rows"),
        lambda args: bool(args) and not args[0],
    ),
)
# A result of #VALUE! from these is rather the engine's than Excel's: dates and numbers written as text, uneven blocks.
DOUBTFUL_VALUE = _names("YEAR MONTH DAY WEEKDAY EDATE EOMONTH VALUE HSTACK VSTACK DATEDIF WEEKNUM YEARFRAC SORTBY")
_GUARDED: dict[str, list[Guard]] = {name: [g for g in GUARDS if name in g.functions] for g in GUARDS for name in g.functions}
_SUSPECTS = _GUARDED.keys() - _ASKED_FOR_ERRORS
_CALLED = re.compile(r"([\w.]+)\(")
_ODD = re.compile(r"\[|\)[(:]|:[^,()]*!")
_OTHER_BOOK = Text("指向别的工作簿", "refers to another workbook")
_MANY_SHEETS = Text("引擎不认跨多张表的区域", "the engine knows no ranges through several sheets")
_CALLED_LAMBDA = Text("引擎不能直接调用 LAMBDA", "the engine can't call a LAMBDA in place")
_BUILT_RANGE = Text("引擎不能用查找结果拼区域", "the engine can't build a range from a looked-up cell")
# Calls that may stand at an end of a range: tried, right.
_RANGE_ENDS = frozenset({"INDEX", "OFFSET"})


@lru_cache(maxsize=1 << 13)
def refused(lowered: str) -> tuple[str, Text] | None:
    """The first thing in a lowered formula that the engine would get wrong: (function, why)."""
    tokens = tokenize(lowered[1:])
    for index, token in enumerate(tokens):
        if token.kind == "sheet" and "[" in token.text:
            return token.text[:-1], _OTHER_BOOK
        if token.kind == "sheet" and (":" in token.text or _spans_sheets(tokens, index)):
            return token.text[:-1], _MANY_SHEETS
        if token.kind == "close" and index + 1 < len(tokens) and tokens[index + 1].kind == "open":
            return "LAMBDA", _CALLED_LAMBDA
        if token == Token("op", ":") and not _plain_range(tokens, index):
            return ":", _BUILT_RANGE
        if token.kind != "func":
            continue
        name = token.text.upper()
        for guard in _GUARDED.get(name, ()):
            if guard.applies([_text(tokens, span) for span in arguments(tokens, index + 1)]):
                return name, guard.reason
    return None


def _spans_sheets(tokens: Sequence[Token], sheet: int) -> bool:
    """Whether a sheet's name is the end of ``Jan:Dec!A1``: before the colon stands no sheet."""
    return sheet > 1 and tokens[sheet - 1] == Token("op", ":") and (sheet < 3 or tokens[sheet - 3].kind != "sheet")


def _plain_range(tokens: Sequence[Token], colon: int) -> bool:
    """Whether no call stands at an end of a range, but for those known to work after a cell."""
    following = tokens[colon + 1] if colon + 1 < len(tokens) else None
    called = following is not None and following.kind == "func" and following.text.upper() not in _RANGE_ENDS
    return tokens[colon - 1].kind != "close" and not called


_HARMLESS: dict[str, bool] = {}


def refusal(lowered: str, likeness: str | None = None) -> tuple[str, Text] | None:
    """``refused`` for many formulas: those alike but for their numbers and texts are searched once."""
    key = likeness if likeness is not None else alike(lowered)
    harmless = _HARMLESS.get(key)
    if harmless is None:
        if len(_HARMLESS) >= _MOST_KNOWN:
            _HARMLESS.clear()
        harmless = _HARMLESS[key] = _SUSPECTS.isdisjoint(map(str.upper, _CALLED.findall(lowered))) and not _ODD.search(lowered)
    # Numbers matter to some guards (AGGREGATE's form, a format): what is not harmless is asked by itself.
    return None if harmless and "#" not in lowered else refused(lowered)


def sorts_chinese(name: str, keys: Sequence[Any]) -> bool:
    """Whether a sort had Chinese texts to order: Excel goes by pinyin, the engine by code point."""
    texts = {key for key in keys if isinstance(key, str) and _CJK.search(key)}
    return name in ("SORT", "SORTBY") and len(texts) > 1


__all__ = ["Flow", "Guard", "Lifting", "flow", "intersect", "lift", "may_spill", "refusal", "refused", "rename"]
