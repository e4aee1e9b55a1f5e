"""One formula, three spellings.

* **canonical**: as a manager types it: ``=SALES_COMMISSION(Deals[@收入])``, ``=SORT(A1#)``, ``=LET(x,1,x+1)``
* **file**: as Excel stores it: no ``=``, ``Deals[[#This Row],[收入]]``, ``_xlfn._xlws.SORT(_xlfn.ANCHORARRAY(A1))``,
  ``[1]!SALES_COMMISSION(…)`` for the functions of an add-in
* **engine**: what a calculation engine without Tables, names and add-ins understands: everything lowered to A1 references

All three are made from the same list of tokens, so a text, a sheet name or a column header that looks like syntax is safe.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeVar

from udfs.text import Text
from workbook_templates.cells import column_letters, column_number

OURS = "SALES_"
# Excel's own answer to an argument left out; an engine would read it as zero.
OMITTED = "\u2400omitted"
# Excel's own bounds are 8,192 characters as shown (prefixes of the file come on top) and 64 levels of functions.
MAX_FORMULA, MAX_DEPTH = 16_384, 100


_Meaning = TypeVar("_Meaning")


class SpellingError(ValueError):
    """The text is no formula, or lacks what its spelling needs; ``text`` says so to users."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)


def _cut(text: str) -> str:
    """As much of a formula as a reason quotes."""
    return repr(text if len(text) <= 40 else text[:40] + "…")


# Functions that came after Excel 2007 are stored with a prefix (facts of the file format, as Excel and XlsxWriter write them).
_PREFIXED = frozenset(
    """
    ACOT ACOTH AGGREGATE ANCHORARRAY ARABIC ARRAYTOTEXT BASE BETA.DIST BETA.INV BINOM.DIST BINOM.DIST.RANGE BINOM.INV BITAND
    BITLSHIFT BITOR BITRSHIFT BITXOR BYCOL BYROW CEILING.MATH CEILING.PRECISE CHISQ.DIST CHISQ.DIST.RT CHISQ.INV CHISQ.INV.RT
    CHISQ.TEST CHOOSECOLS CHOOSEROWS COMBINA CONCAT CONFIDENCE.NORM CONFIDENCE.T COT COTH COVARIANCE.P COVARIANCE.S CSC CSCH
    DAYS DECIMAL DROP ERF.PRECISE ERFC.PRECISE EXPAND EXPON.DIST F.DIST F.DIST.RT F.INV F.INV.RT F.TEST FILTER FILTERXML
    FLOOR.MATH FLOOR.PRECISE FORECAST.ETS FORECAST.ETS.CONFINT FORECAST.ETS.SEASONALITY FORECAST.ETS.STAT FORECAST.LINEAR
    FORMULATEXT GAMMA GAMMA.DIST GAMMA.INV GAMMALN.PRECISE GAUSS GROUPBY HSTACK HYPGEOM.DIST IFNA IFS IMAGE IMCOSH IMCOT IMCSC
    IMCSCH IMSEC IMSECH IMSINH IMTAN ISFORMULA ISOMITTED ISOWEEKNUM LAMBDA LET LOGNORM.DIST LOGNORM.INV MAKEARRAY MAP MAXIFS
    MINIFS MODE.MULT MODE.SNGL MUNIT NEGBINOM.DIST NORM.DIST NORM.INV NORM.S.DIST NORM.S.INV NUMBERVALUE PDURATION PERCENTILE.EXC
    PERCENTILE.INC PERCENTOF PERCENTRANK.EXC PERCENTRANK.INC PERMUTATIONA PHI PIVOTBY POISSON.DIST QUARTILE.EXC QUARTILE.INC
    QUERYSTRING RANDARRAY RANK.AVG RANK.EQ REDUCE REGEXEXTRACT REGEXREPLACE REGEXTEST RRI SCAN SEC SECH SEQUENCE SHEET SHEETS
    SINGLE SKEW.P SORT SORTBY STDEV.P STDEV.S SWITCH T.DIST T.DIST.2T T.DIST.RT T.INV T.INV.2T T.TEST TAKE TEXTAFTER TEXTBEFORE
    TEXTJOIN TEXTSPLIT TOCOL TOROW TRANSLATE TRIMRANGE UNICHAR UNICODE UNIQUE VALUETOTEXT VAR.P VAR.S VSTACK WEBSERVICE
    WEIBULL.DIST WRAPCOLS WRAPROWS XLOOKUP XMATCH XOR Z.TEST
    """.split()  # noqa: SIM905 (a table to read and to extend)
)
_WORKSHEET_PREFIXED = frozenset({"FILTER", "SORT"})

SPECIFIER = r"\[(?:'.|[^\[\]']|\[(?:'.|[^\[\]'])*\])*\]"
_TOKEN = re.compile(
    rf"""
      (?P<string>"(?:[^"]|"")*")
    | (?P<error>\#(?:N/A|NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|BUSY!|UNKNOWN!|GETTING_DATA))
    | (?P<array>\{{(?:[^"{{}}]|"(?:[^"]|"")*")*\}})
    | (?P<sheet>(?:'(?:[^']|'')*'|\[[^\[\]]+\][\w.]*|[\w.]+)!)
    | (?P<func>[\w\\][\w\\.]*(?=\())
    | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    | (?P<name>[\w\\$][\w\\$.?]*)
    | (?P<spec>{SPECIFIER})
    | (?P<space>\s+)
    | (?P<op><=|>=|<>|[-+*/^&=<>%@\#:;!])
    | (?P<open>\()
    | (?P<close>\))
    | (?P<comma>,)
    """,
    re.VERBOSE,
)
_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})")
_COLUMN = re.compile(r"\$?[A-Za-z]{1,3}")
_BARE_SHEET = re.compile(r"[^\W\d][\w.]*")


class Token(NamedTuple):
    """A piece of a formula; the texts of all tokens joined are the formula."""

    kind: str
    text: str


_HASH, _AT, _OPEN, _CLOSE = Token("op", "#"), Token("op", "@"), Token("open", "("), Token("close", ")")


def tokenize(text: str) -> list[Token]:
    """The tokens of a formula without its ``=``.

    >>> [t.kind for t in tokenize('SUM(Deals[[#This Row],[a]],"x")')]
    ['func', 'open', 'name', 'spec', 'comma', 'string', 'close']
    """
    return list(_tokens(text))


@lru_cache(maxsize=16384)  # more than a plan of all chapters has: a cache that is a little too small holds nothing of use
def _tokens(text: str) -> tuple[Token, ...]:
    # A named tuple made by its own __new__ costs as much as finding its text.
    tokens = [_new_token(Token, (match.lastgroup, match.group())) for match in _TOKEN.finditer(text)]
    if sum([len(token[1]) for token in tokens]) != len(text):
        position = _unread(tokens, text)
        raise SpellingError(
            f"看不懂 {text[position : position + 20]!r}",
            f"cannot read {text[position : position + 20]!r} in formula {_cut(text)}",
        )
    return tuple(tokens)


_new_token = tuple.__new__


def _unread(tokens: Sequence[Token], text: str) -> int:
    """The first place that belongs to no token."""
    position = 0
    for token in tokens:
        if not text.startswith(token.text, position):
            break
        position += len(token.text)
    return position


def _body(text: str) -> str:
    return text.removeprefix("=")


def _join(tokens: Iterable[Token]) -> str:
    return "".join(token.text for token in tokens)


# ------------------------------------------------------------------------------------------------------- the shape of a call


def closing(tokens: Sequence[Token], opening: int) -> int:
    """The index of the parenthesis that closes the one at ``opening``."""
    depth = 0
    for index in range(opening, len(tokens)):
        kind = tokens[index].kind
        depth += (kind == "open") - (kind == "close")
        if depth == 0:
            return index
    raise SpellingError(f"括号没有配对：{_cut(_join(tokens))}", f"a parenthesis is not closed in {_cut(_join(tokens))}")


def pairs(tokens: Sequence[Token]) -> dict[int, int]:
    """Of each parenthesis that opens, the place of the one that closes it.

    >>> pairs(tokenize("F((A1),G())"))
    {2: 4, 7: 8, 1: 9}
    """
    closes: dict[int, int] = {}
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind == "open":
            opened.append(index)
        elif token.kind == "close" and opened:
            closes[opened.pop()] = index
    if opened:
        raise SpellingError(f"括号没有配对：{_cut(_join(tokens))}", f"a parenthesis is not closed in {_cut(_join(tokens))}")
    return closes


def arguments(tokens: Sequence[Token], opening: int) -> list[tuple[int, int]]:
    """The arguments of the call whose parenthesis is at ``opening``, as (start, end) slices; ``F()`` has none."""
    end = closing(tokens, opening)
    spans, start, depth = [], opening + 1, 0
    for index in range(opening + 1, end):
        kind = tokens[index].kind
        depth += (kind == "open") - (kind == "close")
        if kind == "comma" and depth == 0:
            spans.append((start, index))
            start = index + 1
    if spans or any(t.kind != "space" for t in tokens[start:end]):
        spans.append((start, end))
    return spans


@lru_cache(maxsize=4096)
def plain_function(name: str) -> str:
    """A function's name as typed: no prefix of the file format, ``SALES.X`` and ``_xldudf_SALES_X`` as ``SALES_X``."""
    upper = name.upper()
    for prefix in ("_XLFN.", "_XLWS.", "_XLUDF.", "_XLDUDF_"):
        upper = upper.removeprefix(prefix)
    return OURS + upper[len(OURS) :].replace(".", "_") if upper.startswith(("SALES.", OURS)) else upper


def is_ours(name: str) -> bool:
    """Whether a (plain) function name is one of the add-in's."""
    return name.startswith(OURS)


def references(text: str) -> frozenset[str]:
    """The plain names of all functions a formula calls, whatever its spelling; none for a text that is no formula.

    >>> sorted(references("_xlfn._xlws.SORT([1]!SALES_TIER(A1))"))
    ['SALES_TIER', 'SORT']
    """
    try:
        return frozenset(plain_function(t.text) for t in tokenize(_body(text)) if t.kind == "func")
    except SpellingError:
        return frozenset()


def refuse_monsters(text: str) -> None:
    """Refuse what no spreadsheet would take and what would exhaust a reader: longer, or deeper, than Excel itself allows."""
    if len(text) > MAX_FORMULA:
        raise SpellingError(
            f"有 {len(text):,} 个字符，Excel 最多 8,192 个", f"it has {len(text):,} characters, Excel takes 8,192"
        )
    if text.count("(") > MAX_DEPTH or text.count("@") > MAX_DEPTH:
        depth = deepest = marks = 0
        for token in tokenize(_body(text)):
            depth += (token.kind == "open") - (token.kind == "close")
            marks += token == _AT
            deepest = max(deepest, depth)
        if max(deepest, marks) > MAX_DEPTH:
            raise SpellingError(
                f"嵌套 {max(deepest, marks)} 层，Excel 最多 64 层", f"it is nested {max(deepest, marks)} deep, Excel goes to 64"
            )


def _parameters(tokens: Sequence[Token]) -> frozenset[str]:
    """The names that LET and LAMBDA declare, in lower case."""
    found: set[str] = set()
    for index, token in enumerate(tokens):
        if token.kind != "func" or plain_function(token.text) not in ("LET", "LAMBDA"):
            continue
        spans = arguments(tokens, index + 1)[:-1]
        for start, end in spans[::2] if plain_function(token.text) == "LET" else spans:
            words = [t for t in tokens[start:end] if t.kind != "space"]
            if len(words) == 1 and words[0].kind == "name":
                found.add(_plain_parameter(words[0].text).lower())
    return frozenset(found)


def _plain_parameter(name: str) -> str:
    return name[6:] if name.lower().startswith("_xlpm.") else name


# ------------------------------------------------------------------------------------------------------ structured references

_AREAS = {"#this row": "#This Row", "#all": "#All", "#data": "#Data", "#headers": "#Headers", "#totals": "#Totals"}
_ITEM = re.compile(r"\s*\[((?:'.|[^\[\]'])*)\]\s*([,:]?)")
_ESCAPED = re.compile(r"'(.)", re.DOTALL)
_TO_ESCAPE = re.compile(r"(['\[\]#@])")
_NEEDS_BRACKETS = re.compile(r"[^\w]")


class Specifier(NamedTuple):
    """What stands in the brackets after a Table's name."""

    areas: tuple[str, ...] = ()
    first: str | None = None
    last: str | None = None

    @property
    def this_row(self) -> bool:
        """Whether it means the row of the formula."""
        return self.areas == ("#This Row",)


def _unescape(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def escape_column(name: str) -> str:
    """A column's header as it stands in brackets.

    >>> escape_column("完成率 [#]")
    "完成率 '['#']"
    """
    return _TO_ESCAPE.sub(r"'\1", name)


@lru_cache(maxsize=4096)
def parse_specifier(text: str) -> Specifier:
    """Reads ``[收入]``, ``[@收入]``, ``[[#Headers],[a]:[b]]``, ``[]`` …

    >>> parse_specifier("[@[完成 率]]")
    Specifier(areas=('#This Row',), first='完成 率', last=None)
    """
    inner = text[1:-1].strip()
    if inner.startswith("@"):
        rest = inner[1:].strip()
        columns = _bracketed(rest) if rest.startswith("[") else Specifier(first=_unescape(rest) or None)
        return columns._replace(areas=("#This Row",))
    if inner.startswith("["):
        return _bracketed(inner)
    if inner.lower() in _AREAS:
        return Specifier(areas=(_AREAS[inner.lower()],))
    return Specifier(first=_unescape(inner) or None)


def _bracketed(inner: str) -> Specifier:
    areas: list[str] = []
    columns: list[str] = []
    position = 0
    while position < len(inner):
        item = _ITEM.match(inner, position)
        if item is None:
            raise SpellingError(f"看不懂表引用 [{inner[:40]}]", f"cannot read the table reference [{inner[:40]}]")
        if item[1].lower() in _AREAS:
            areas.append(_AREAS[item[1].lower()])
        else:
            columns.append(_unescape(item[1]))
        position = item.end()
    if len(columns) > 2:
        raise SpellingError(f"表引用 [{inner[:40]}] 超过两列", f"more than two columns in the table reference [{inner[:40]}]")
    return Specifier(tuple(areas), *columns)


def _stored_specifier(spec: Specifier) -> str:
    columns = [f"[{escape_column(c)}]" for c in (spec.first, spec.last) if c is not None]
    if not spec.areas:
        return f"[{':'.join(columns)}]" if len(columns) == 2 else columns[0] if columns else "[]"
    if len(spec.areas) == 1 and not columns:
        return f"[{spec.areas[0]}]"
    parts = [f"[{area}]" for area in spec.areas] + ([":".join(columns)] if columns else [])
    return f"[{','.join(parts)}]"


def _typed_specifier(spec: Specifier) -> str:
    if not spec.this_row:
        return _stored_specifier(spec)
    if spec.first is None:
        return "[@]"
    if spec.last is None:
        plain = not _NEEDS_BRACKETS.search(spec.first)
        return f"[@{spec.first}]" if plain else f"[@[{escape_column(spec.first)}]]"
    return f"[@[{escape_column(spec.first)}]:[{escape_column(spec.last)}]]"


# ----------------------------------------------------------------------------------------------------------------- to the file


@lru_cache(maxsize=16384)
def to_file(canonical: str, link: int = 1, table: str | None = None, ours: Callable[[str], bool] = is_ours) -> str:
    """The formula as Excel stores it.

    ``link`` is the number of the add-in's external link, ``table`` the Table the formula stands in (for a bare ``[@x]``).

    >>> to_file("=SUM(SORT(A1#))+SALES_BONUS(Deals[@收入])")
    'SUM(_xlfn._xlws.SORT(_xlfn.ANCHORARRAY(A1)))+[1]!SALES_BONUS(Deals[[#This Row],[收入]])'
    """
    tokens = _plain(tokenize(_body(canonical)))
    parameters = _parameters(tokens)
    tokens = _wrap_intersections(_wrap_spills(tokens))
    out: list[str] = []
    for index, token in enumerate(tokens):
        if token.kind == "func":
            out.append(_stored_function(token.text, link, parameters, ours))
        elif token.kind == "name" and token.text.lower() in parameters:
            out.append(f"_xlpm.{token.text}")
        elif token.kind == "spec":
            out.append(_owner(tokens, index, table) + _stored_specifier(parse_specifier(token.text)))
        else:
            out.append(token.text)
    return "".join(out)


def _owner(tokens: Sequence[Token], index: int, table: str | None) -> str:
    """The Table's name where the text leaves it out."""
    if index and tokens[index - 1].kind == "name":
        return ""
    if table is None:
        raise SpellingError(
            f"{tokens[index].text} 不在表内：请在前面写上表名",
            f"{tokens[index].text} outside a table: write the table's name before it",
        )
    return table


def _stored_function(name: str, link: int, parameters: frozenset[str], ours: Callable[[str], bool]) -> str:
    if name.lower() in parameters:
        return f"_xlpm.{name}"
    upper = name.upper()
    if ours(upper):
        return f"[{link}]!{upper}"
    if upper in _WORKSHEET_PREFIXED:
        return f"_xlfn._xlws.{upper}"
    return f"_xlfn.{upper}" if upper in _PREFIXED else name


def stored_function(name: str) -> str:
    """A function's name as a file has it, with the prefix that one newer than the format needs.

    >>> stored_function("SORT"), stored_function("SUM")
    ('_xlfn._xlws.SORT', 'SUM')
    """
    return _stored_function(name, 1, frozenset(), lambda upper: False)


def _operand_start(tokens: Sequence[Token], end: int) -> int:
    """Where the operand that ends at index ``end`` begins."""
    start = end
    if tokens[end].kind == "close":
        depth = 0
        for index in range(end, -1, -1):
            depth += (tokens[index].kind == "close") - (tokens[index].kind == "open")
            if depth == 0:
                start = index
                break
        if start and tokens[start - 1].kind == "func":
            start -= 1
    elif tokens[end].kind == "spec" and end and tokens[end - 1].kind == "name":
        start -= 1
    return start - 1 if start and tokens[start - 1].kind == "sheet" else start


def _operand_end(tokens: Sequence[Token], start: int) -> int:
    """One past the operand that begins at ``start``: a reference (also ``A1:B2`` and ``A1#``), a call, a parenthesis."""
    end = _primary_end(tokens, start)
    while end + 1 < len(tokens) and tokens[end] == Token("op", ":"):
        end = _primary_end(tokens, end + 1)
    return end + (end < len(tokens) and tokens[end] == _HASH)


def _primary_end(tokens: Sequence[Token], start: int) -> int:
    index = start
    while index < len(tokens) and tokens[index].kind in ("space", "sheet"):
        index += 1
    if index == len(tokens):
        raise SpellingError(f"运算符后面没有内容：{_cut(_join(tokens))}", f"nothing after the operator in {_cut(_join(tokens))}")
    kind = tokens[index].kind
    index = closing(tokens, index + (kind == "func")) if kind in ("func", "open") else index
    index += 1
    if index < len(tokens) and tokens[index].kind == "spec":
        index += 1
    return index


def _wrap_spills(tokens: list[Token]) -> list[Token]:
    """``A1#`` as ``ANCHORARRAY(A1)``."""
    out: list[Token] = []
    for token in tokens:
        if token == _HASH and out:
            start = _operand_start(out, len(out) - 1)
            out[start:] = [Token("func", "ANCHORARRAY"), _OPEN, *out[start:], _CLOSE]
        else:
            out.append(token)
    return out


def _wrap_intersections(tokens: list[Token]) -> list[Token]:
    """``@x`` as ``SINGLE(x)``, the innermost first."""
    out = list(tokens)
    for index in range(len(out) - 1, -1, -1):
        if out[index] == _AT:
            end = _operand_end(out, index + 1)
            inner = out[index + 1 : end]
            if inner[0].kind == "open":
                inner = inner[1:-1]
            out[index:end] = [Token("func", "SINGLE"), _OPEN, *inner, _CLOSE]
    return out


# --------------------------------------------------------------------------------------------------------------- from the file


def to_canonical(file_text: str) -> str:
    """The formula as a manager types it; a canonical text stays as it is.

    >>> to_canonical("_xlfn.LET(_xlpm.x,[1]!SALES_TIER(Deals[[#This Row],[收入]]),_xlpm.x)")
    '=LET(x,SALES_TIER(Deals[@收入]),x)'
    """
    return "=" + _join(_plain(tokenize(_body(file_text))))


def _plain(tokens: list[Token]) -> list[Token]:
    out: list[Token] = []
    for index, token in enumerate(tokens):
        kind, text = token
        if kind == "func":
            out.append(Token(kind, _plain_call(text)))
        elif kind == "name":
            out.append(Token(kind, _plain_parameter(text)))
        elif kind == "sheet" and _is_addin_link(text, tokens, index):
            continue
        elif kind == "spec":
            out.append(Token(kind, _typed(text)))
        else:
            out.append(token)
    return _unwrap(out)


@lru_cache(maxsize=4096)
def _typed(specifier: str) -> str:
    return _typed_specifier(parse_specifier(specifier))


def _plain_call(name: str) -> str:
    """A call's name as typed; foreign names keep their case."""
    bare = _plain_parameter(name)
    plain = plain_function(bare)
    return bare if plain == bare.upper() and not is_ours(plain) else plain


def _is_addin_link(text: str, tokens: Sequence[Token], index: int) -> bool:
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    return text.startswith("[") and text[1:-2].isdigit() and following is not None and following.kind == "func"


def _unwrap(tokens: list[Token]) -> list[Token]:
    """ANCHORARRAY and SINGLE back to ``#`` and ``@``, the innermost first."""
    out = list(tokens)
    for index in range(len(out) - 1, -1, -1):
        if out[index].kind != "func" or out[index].text.upper() not in ("ANCHORARRAY", "SINGLE"):
            continue
        end = closing(out, index + 1)
        inner = out[index + 2 : end]
        if out[index].text.upper() == "ANCHORARRAY":
            out[index : end + 1] = [*inner, _HASH]
        else:
            whole = bool(inner) and _operand_end(inner, 0) == len(inner) and inner[0].kind != "open"
            out[index : end + 1] = [_AT, *inner] if whole else [_AT, _OPEN, *inner, _CLOSE]
    return out


# --------------------------------------------------------------------------------------------------------------- to the engine


@dataclass(frozen=True)
class TableShape:
    """A Table: where it stands (first row, first column, last row, last column, header and totals included)."""

    name: str
    sheet: str
    bounds: tuple[int, int, int, int]
    headers: tuple[str, ...]
    header_row: bool = True
    totals_row: bool = False

    @property
    def data_rows(self) -> tuple[int, int]:
        """First and last row between header and totals."""
        return self.bounds[0] + self.header_row, self.bounds[2] - self.totals_row

    def holds(self, sheet: str, row: int, column: int) -> bool:
        """Whether a cell lies in it."""
        top, left, bottom, right = self.bounds
        return sheet.lower() == self.sheet.lower() and top <= row <= bottom and left <= column <= right


def table(
    name: str, sheet: str, ref: str, headers: Sequence[str], header_row: bool = True, totals_row: bool = False
) -> TableShape:
    """A Table from its reference as written in a file (``A1:D20``)."""
    return TableShape(name, sheet, bounds(ref), tuple(headers), header_row, totals_row)


class _LowerCased(dict[str, _Meaning]):
    """A mapping that is known to have lower-case names only."""


def lower_cased(names: Mapping[str, _Meaning]) -> Mapping[str, _Meaning]:
    """A mapping by lower-case names; one that this function made comes back as it is, so that a book pays for it once."""
    if isinstance(names, _LowerCased):
        return names
    return _LowerCased({name.lower(): meaning for name, meaning in names.items()})


@dataclass(frozen=True)
class Context:
    """What a formula's words mean where it stands.

    ``names`` maps a defined name (or ``Sheet!Name`` for one of a sheet's own) to what it refers to. ``spills`` maps a cell to
    the (rows, columns) it spills over; without it ``A1#`` stays for an engine that knows spills. ``qualify`` puts the sheet
    before every reference, for a formula that is computed elsewhere. ``call_id`` is handed to our functions as an extra first
    argument, so that a reason can be traced to its cell; ``omitted`` stands for an argument of theirs that is left out.
    ``constants`` stand for calls without arguments, such as TODAY().
    """

    tables: Mapping[str, TableShape] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    sheet: str = ""
    row: int = 1
    column: int = 1
    spills: Mapping[tuple[str, int, int], tuple[int, int]] | None = None
    qualify: bool = False
    call_id: int | None = None
    omitted: str | None = None
    constants: Mapping[str, str] = field(default_factory=dict)

    def table_here(self) -> TableShape | None:
        """The Table the cell lies in."""
        return next((t for t in self.tables.values() if t.holds(self.sheet, self.row, self.column)), None)


def cell_position(text: str) -> tuple[int, int] | None:
    """(row, column) of ``$B$3``, ``None`` if the text is no cell."""
    match = _CELL.fullmatch(text)
    if match is None:
        return None
    row, column = int(match[2]), column_number(match[1])
    return (row, column) if column <= 16384 and row <= 1048576 else None


def bounds(ref: str) -> tuple[int, int, int, int]:
    """(first row, first column, last row, last column) of ``A1:D20`` or ``A1``."""
    corners = [cell_position(part) for part in ref.split(":")]
    if not 1 <= len(corners) <= 2 or None in corners:
        raise SpellingError(f"{ref!r} 不是单元格区域", f"{ref!r} is no range of cells")
    (top, left), (bottom, right) = corners[0], corners[-1]  # type: ignore[misc]
    return min(top, bottom), min(left, right), max(top, bottom), max(left, right)


def area(top: int, left: int, bottom: int, right: int) -> str:
    """``$A$2:$B$9``."""
    return f"${column_letters(left)}${top}:${column_letters(right)}${bottom}"


def sheet_prefix(sheet: str) -> str:
    """A sheet's name as it stands before a reference: ``'Q1 plan'!``."""
    plain = _BARE_SHEET.fullmatch(sheet) and not _CELL.fullmatch(sheet) and not _COLUMN.fullmatch(sheet)
    return f"{sheet}!" if plain and sheet.upper() not in ("R", "C", "RC") else "'" + sheet.replace("'", "''") + "'!"


def sheet_name(prefix: str) -> str:
    """The sheet in ``'Q1 plan'!``."""
    name = prefix[:-1]
    return name[1:-1].replace("''", "'") if name.startswith("'") else name


class OwnRow(NamedTuple):
    """A place in a lowered formula that depends on the row: filled in by ``fill``."""

    prefix: str
    first: str
    last: str | None
    rows: tuple[int, int]

    def at(self, row: int) -> str:
        """The reference for a formula in ``row``: outside the Table's data there is no such row."""
        return self.cell(str(row)) if self.rows[0] <= row <= self.rows[1] else "#VALUE!"

    def cell(self, row: str) -> str:
        """The reference with the row as given."""
        cell = f"{self.prefix}${self.first}${row}"
        return cell if self.last is None else f"{cell}:${self.last}${row}"


class CallSite(NamedTuple):
    """The place of the extra argument that tells our functions which cell calls them."""

    comma: str


Piece = str | OwnRow | CallSite


def lower(text: str, context: Context) -> str:
    """The formula for an engine: prefixes off, Tables, names and (if known) spills lowered to plain references.

    >>> deals = table("Deals", "数据", "A1:B9", ["日期", "收入"])
    >>> lower("SUM(Deals[收入])", Context({"deals": deals}, sheet="首页"))
    '=SUM(数据!$B$2:$B$9)'
    """
    return "=" + fill(template(text, context), context.row, context.call_id)


def fill(pieces: Iterable[Piece], row: int, call_id: int | None = None) -> str:
    """A template for one cell."""
    out = []
    for piece in pieces:
        if isinstance(piece, OwnRow):
            out.append(piece.at(row))
        elif isinstance(piece, CallSite):
            out.append("" if call_id is None else f"{call_id}{piece.comma}")
        else:
            out.append(piece)
    return "".join(out)


def template(text: str, context: Context) -> list[Piece]:
    """The lowered formula with the row left open, so that a column of ten thousand equal formulas is read once."""
    tokens = _plain(tokenize(_body(text)))
    out: list[Piece] = []
    texts: list[str] = []
    for piece in _Lowering(tokens, context).pieces():
        if isinstance(piece, str):
            texts.append(piece)
        else:
            out += ["".join(texts), piece]
            texts.clear()
    return [*out, "".join(texts)]


_ROW, _CALL = "\ufdd0", "\ufdd1"  # noncharacters: no formula of a file holds them
_LAST_ROW = 1_048_576
_MOST_OF_A_SHAPE = 4096


def packed(pieces: Iterable[Piece]) -> list[Any]:
    """A template as plain JSON."""
    return [piece if isinstance(piece, str) else [*piece] for piece in pieces]


def unpacked(plain: Iterable[Any]) -> list[Piece]:
    """The template that was packed."""
    return [piece if isinstance(piece, str) else _unpacked(*piece) for piece in plain]


def _unpacked(text: str, *place: Any) -> Piece:
    if not place:
        return CallSite(text)
    first, last, rows = place
    return OwnRow(text, first, last, (rows[0], rows[1]))


class Pattern:
    """A template as one text with marks where row and call come in: ten thousand formulas are filled in by two replacements."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._own: Callable[[], Sequence[Piece]] = lambda: pieces
        self._by_parts: dict[tuple[str, ...], Pattern] = {}
        self.shape = self  # the pattern whose parts are left open
        self.parts: tuple[str, ...] = ()
        rows = [piece.rows for piece in pieces if isinstance(piece, OwnRow)]
        self.first, self.last = max((a for a, _ in rows), default=1), min((b for _, b in rows), default=_LAST_ROW)
        if any(isinstance(piece, str) and (_ROW in piece or _CALL in piece) for piece in pieces):
            self.last = 0  # every one piece by piece
        self.text = "=" + "".join(map(_marked, pieces))

    def of(self, parts: tuple[str, ...], put: Callable[[str], str]) -> Pattern:
        """The pattern of the formula that has these parts, where this is that of its shape; ``put`` puts them in."""
        known = self._by_parts.get(parts)
        if known is None:
            if len(self._by_parts) >= _MOST_OF_A_SHAPE:
                self._by_parts.clear()
            known = self._by_parts[parts] = Pattern([])
            known.first, known.last, known.text = self.first, self.last, put(self.text)
            known.shape, known.parts = self, parts
            known._own = lambda: [put(piece) if isinstance(piece, str) else piece for piece in self.pieces]
        return known

    @cached_property
    def pieces(self) -> Sequence[Piece]:
        """The template."""
        return self._own()

    def holds(self, row: int) -> bool:
        """Whether the rows of all the Tables it names include this one, so that formulas differ in their numbers only."""
        return self.first <= row <= self.last

    def at(self, row: int, call_id: int) -> str:
        """The formula of one cell."""
        if not self.holds(row):
            return "=" + fill(self.pieces, row, call_id)
        return self.text.replace(_ROW, str(row)).replace(_CALL, str(call_id))


def _marked(piece: Piece) -> str:
    if isinstance(piece, CallSite):
        return _CALL + piece.comma
    return piece if isinstance(piece, str) else piece.cell(_ROW)


class _Lowering:
    def __init__(self, tokens: list[Token], context: Context, depth: int = 0) -> None:
        self.tokens, self.context, self.depth = tokens, context, depth
        self.parameters = _parameters(tokens)
        self.tables, self.names = lower_cased(context.tables), lower_cased(context.names)

    def pieces(self) -> Iterator[Piece]:
        self._lower_spills()
        self._put_constants()
        omitted = self._omitted() if self.context.omitted is not None else frozenset()
        for index, token in enumerate(self.tokens):
            if index in omitted:
                yield f'"{self.context.omitted}"'
            if token.kind == "name":
                yield from self._name(index)
            elif token.kind == "spec":
                yield from self._specifier(index)
            else:
                yield token.text
                if token.kind == "open" and index and is_ours(self.tokens[index - 1].text):
                    yield CallSite("," if arguments(self.tokens, index) else "")

    def _omitted(self) -> frozenset[int]:
        """The token indices before which an omitted argument of ours stands."""
        found = set()
        for index, token in enumerate(self.tokens):
            if token.kind == "func" and is_ours(token.text):
                spans = arguments(self.tokens, index + 1)
                found |= {end for start, end in spans if all(t.kind == "space" for t in self.tokens[start:end])}
        return frozenset(found)

    def _put_constants(self) -> None:
        if not any(token.kind == "func" and token.text.upper() in self.context.constants for token in self.tokens):
            return
        for index in range(len(self.tokens) - 3, -1, -1):
            if index + 2 >= len(self.tokens):  # the list gets shorter on the way
                continue
            func, opening, close = self.tokens[index : index + 3]
            constant = self.context.constants.get(func.text.upper()) if func.kind == "func" else None
            if constant is not None and (opening.kind, close.kind) == ("open", "close"):
                self.tokens[index : index + 3] = [Token("number", constant)]

    def _lower_spills(self) -> None:
        spills = self.context.spills
        if spills is None:
            return
        for index in range(len(self.tokens) - 1, 0, -1):
            position = cell_position(self.tokens[index - 1].text) if self.tokens[index] == _HASH else None
            if position is None:
                continue
            before = self.tokens[index - 2] if index > 1 else None
            sheet = sheet_name(before.text) if before and before.kind == "sheet" else self.context.sheet
            extent = spills.get((sheet, *position))
            row, column = position
            text = "#REF!" if extent is None else area(row, column, row + extent[0] - 1, column + extent[1] - 1)
            if self.context.qualify and extent is not None and not (before and before.kind == "sheet"):
                text = sheet_prefix(self.context.sheet) + text
            self.tokens[index - 1 : index + 1] = [Token("range", text)]

    def _name(self, index: int) -> Iterator[Piece]:
        text = self.tokens[index].text
        word = text.lower()
        before = self.tokens[index - 1] if index else None
        following = self.tokens[index + 1] if index + 1 < len(self.tokens) else None
        if word in self.tables and word not in self.parameters and not (before and before.kind == "sheet"):
            if following is None or following.kind != "spec":
                yield from self._table(self.tables[word], Specifier())
            return
        meaning = self._meaning(word, before)
        if meaning is not None:
            yield from meaning
        elif self._needs_sheet(text, before, following):
            yield sheet_prefix(self.context.sheet) + text
        else:
            yield text

    def _needs_sheet(self, text: str, before: Token | None, following: Token | None) -> bool:
        if not self.context.qualify or (before and (before.kind == "sheet" or before == Token("op", ":"))):
            return False
        whole_column = following == Token("op", ":") and _COLUMN.fullmatch(text) is not None
        return cell_position(text) is not None or whole_column

    def _meaning(self, word: str, before: Token | None) -> list[Piece] | None:
        """A defined name's own pieces; a sheet's name goes before the workbook's."""
        if word in self.parameters or cell_position(word) is not None:
            return None
        sheet = sheet_name(before.text) if before and before.kind == "sheet" else self.context.sheet
        text = self.names.get(f"{sheet}!{word}".lower(), self.names.get(word))
        if text is None:
            return None
        if self.depth > 8:
            raise SpellingError(f"名称 {word!r} 引用自身", f"the name {word!r} refers to itself")
        tokens = _plain(tokenize(_body(text).strip()))
        inner = list(_Lowering(tokens, self.context, self.depth + 1).pieces())
        # What is more than a reference, a number or a call keeps its own operators together.
        plain = all(t.kind not in ("op", "comma", "space") or t.text in ":#" for t in tokens) or _primary_end(tokens, 0) == len(
            tokens
        )
        return inner if plain else ["(", *inner, ")"]

    def _specifier(self, index: int) -> Iterator[Piece]:
        before = self.tokens[index - 1] if index else None
        named = before is not None and before.kind == "name"
        found = self.tables.get(before.text.lower()) if before and named else self.context.table_here()
        if found is None:
            yield "#REF!"
        else:
            yield from self._table(found, parse_specifier(self.tokens[index].text))

    def _table(self, found: TableShape, spec: Specifier) -> Iterator[Piece]:
        columns = _columns(found, spec)
        if columns is None:
            yield "#REF!"
            return
        away = self.context.qualify or found.sheet.lower() != self.context.sheet.lower()
        prefix = sheet_prefix(found.sheet) if away else ""
        left, right = columns
        if spec.this_row:
            yield OwnRow(prefix, column_letters(left), column_letters(right) if right > left else None, found.data_rows)
            return
        rows = _rows(found, spec.areas)
        yield "#REF!" if rows is None else prefix + area(rows[0], left, rows[1], right)


def _columns(found: TableShape, spec: Specifier) -> tuple[int, int] | None:
    left, right = found.bounds[1], found.bounds[3]
    if spec.first is None:
        return left, right
    places = _places(found.headers)
    first = places.get(spec.first.lower())
    last = places.get(spec.last.lower()) if spec.last is not None else first
    return None if first is None or last is None else (left + min(first, last), left + max(first, last))


@lru_cache(maxsize=1024)
def _places(headers: tuple[str, ...]) -> Mapping[str, int]:
    return {header.lower(): offset for offset, header in enumerate(headers)}


def _rows(found: TableShape, areas: tuple[str, ...]) -> tuple[int, int] | None:
    """First and last row of the named areas; ``None`` if the Table has none of them."""
    top, _, bottom, _ = found.bounds
    first, last = found.data_rows
    known = {
        "#All": (top, bottom),
        "#Data": (first, last),
        "#Headers": (top, top) if found.header_row else None,
        "#Totals": (bottom, bottom) if found.totals_row else None,
    }
    rows = [known.get(name) for name in areas or ("#Data",)]
    present = [pair for pair in rows if pair is not None]
    return (min(a for a, _ in present), max(b for _, b in present)) if present else None


def unmarked(text: str, sheet: str, anchors: Collection[tuple[str, int, int]]) -> str:
    """The formula with ``A1#`` as plain ``A1`` where A1 is one of ``anchors``; ``sheet`` is where the formula stands."""
    tokens = tokenize(text.removeprefix("="))
    kept = ["="] if text.startswith("=") else []
    for index, token in enumerate(tokens):
        if token == _HASH and index:
            position = cell_position(tokens[index - 1].text)
            before = tokens[index - 2] if index > 1 else None
            home = sheet_name(before.text) if before and before.kind == "sheet" else sheet
            if position is not None and (home, *position) in anchors:
                continue
        kept.append(token.text)
    return "".join(kept)


def spread(text: str, sheet: str, extents: Mapping[tuple[str, int, int], tuple[int, int]]) -> str:
    """The formula with ``A1#`` as the cells it spills over, for the anchors in ``extents``: (rows, columns) by lower-case sheet and cell."""
    tokens = tokenize(text.removeprefix("="))
    kept = ["="] if text.startswith("=") else []
    for index, token in enumerate(tokens):
        position = cell_position(tokens[index - 1].text) if token == _HASH and index else None
        if position is not None:
            before = tokens[index - 2] if index > 1 else None
            home = sheet_name(before.text) if before and before.kind == "sheet" else sheet
            extent = extents.get((home.lower(), *position))
            if extent is not None:
                (row, column), (rows, columns) = position, extent
                kept[-1] = (
                    f"${column_letters(column)}${row}"
                    if extent == (1, 1)
                    else area(row, column, row + rows - 1, column + columns - 1)
                )
                continue
        kept.append(token.text)
    return "".join(kept)
