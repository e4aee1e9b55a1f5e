"""Columns of a Table whose rows all ask another Table for "mine": computed in one pass instead of one search a row.

``=SUMIFS(Collections[amount],Collections[deal],[@deal])`` down 10,000 rows makes the engine go through 10,000 rows 10,000 times. Where
the rows of a column differ in nothing but such a criterion, the calls become one array formula over the column of criteria, on a
sheet of its own (``LIFT_SUMIFS``, see ``gaps``), and each row reads its cell there. The engine goes on minding what depends on what.

Left as it is: whatever is not exactly alike; criteria that follow from the column itself (row by row no circle, but for the array
one); what moves by itself; calls within functions that tell a cell from a value.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from workbook_templates.engine import gaps
from workbook_templates.engine.precedents import MAX_SPILL, Key, moves, reads
from workbook_templates.formulas.spelling import Token, arguments, bounds, cell_position, pairs, sheet_prefix, tokenize

if TYPE_CHECKING:
    from workbook_templates.engine.run import HeldFormula

# MATCH is not among them: the engine has an index of its own for it.
_SEARCHING = ("SUMIFS", "COUNTIFS", "MAXIFS", "MINIFS", "AVERAGEIFS", "SUMIF", "COUNTIF")
_SEARCHES = re.compile(rf"\b(?:{'|'.join(_SEARCHING)})\(", re.IGNORECASE)
# Around such a call: what takes a number in a cell as it takes a number.
_CARELESS = frozenset(
    "IF IFERROR IFNA ROUND ROUNDUP ROUNDDOWN MAX MIN ABS INDEX AND OR NOT ISNUMBER ISNA ISERROR N SUM".split()  # noqa: SIM905
)
_VOLATILE = re.compile(r"\b(?:RAND|RANDBETWEEN|RANDARRAY)\(", re.IGNORECASE)
_WORTH_IT = 1_000_000  # cells gone through, all rows together: a tenth of a second

Span = tuple[int, int]


@dataclass
class SearchedColumn:
    """Calls that are alike down a column as one array: where the engine holds it, its formula, over how many rows."""

    home: Key
    text: str
    rows: int


@dataclass
class Gathered:
    """The arrays of a run, and what the formulas that read them said before."""

    columns: list[SearchedColumn] = field(default_factory=list)
    before: list[tuple[HeldFormula, str]] = field(default_factory=list)

    def undo(self) -> list[HeldFormula]:
        """Every formula as it was."""
        for formula, text in self.before:
            formula.text = text
        changed = [formula for formula, _ in self.before]
        self.columns, self.before = [], []
        return changed


def gather(formulas: Sequence[HeldFormula]) -> Gathered:
    """Gathers what is worth it; the formulas' texts then read the arrays."""
    found, upstream = Gathered(), _Upstream(formulas)
    alike: dict[object, list[HeldFormula]] = defaultdict(list)
    for formula in formulas:
        if formula.likeness is not None and formula.cell.array_ref is None and not formula.cell.dynamic:
            alike[formula.key[0], formula.key[2], formula.likeness].append(formula)
    for held in alike.values():
        if len(held) > 1 and _SEARCHES.search(held[0].text):
            held.sort(key=lambda formula: formula.key[1])
            for start in range(0, len(held), MAX_SPILL):
                _gather(held[start : start + MAX_SPILL], found, upstream)
    return found


def _gather(held: Sequence[HeldFormula], found: Gathered, upstream: _Upstream) -> None:
    like = _Alike.of(held)
    calls = list(like.calls()) if like is not None else []
    if like is None or not calls or like.bottom - like.top + 1 > min(2 * len(like.held), MAX_SPILL):
        return
    places: dict[int, tuple[int, str]] = {}  # where a call begins: its end, the column that holds its results
    for call in calls:
        text = call.lifted(like)
        if call.cells * len(like.held) >= _WORTH_IT and upstream.is_free(text, like.held[0].key):
            home = f"column {len(found.columns)}"
            found.columns.append(SearchedColumn((home, 1, 1), text, like.bottom - like.top + 1))
            places[call.start] = call.end, home
    for formula in like.held if places else ():
        found.before.append((formula, formula.text))
        formula.text = like.reading(places, formula.key[1])


@dataclass
class _Call:
    """A call at ``start``, up to ``end``, that goes through ``cells`` cells; its arguments: those of ``own`` are the row's."""

    start: int
    end: int
    spans: Sequence[Span]
    own: frozenset[int]
    cells: int

    def lifted(self, like: _Alike) -> str:
        """The array formula of this call."""
        texts = [like.column(span) if place in self.own else like.named(span) for place, span in enumerate(self.spans)]
        return f"={gaps.LIFT}{like.tokens[self.start].text.upper()}({','.join(texts)})"


@dataclass
class _Alike:
    """Formulas of one column that are alike but for cells of their own row, from the top down; the tokens are the first one's."""

    held: Sequence[HeldFormula]
    tokens: Sequence[Token]
    rowed: frozenset[int]  # tokens that name a cell of the formula's own row

    @classmethod
    def of(cls, held: Sequence[HeldFormula]) -> _Alike | None:
        """The first and the last tell what changes from row to row; what does not follow them is left out."""
        ends = held[0].key[1], held[-1].key[1]
        first, last = (tokenize(formula.text[1:]) for formula in (held[0], held[-1]))
        if len(first) != len(last):
            return None
        rowed = {index for index, (one, other) in enumerate(zip(first, last, strict=True)) if one != other}
        if any(
            _in_row(first[index], ends[0]) != _in_row(last[index], ends[1]) or not _in_row(first[index], ends[0])
            for index in rowed
        ):
            return None
        like = cls(held, first, frozenset(rowed))
        like.held = [formula for formula in held if formula.text == like.at(formula.key[1])]
        return like

    @property
    def top(self) -> int:
        """The first row."""
        return self.held[0].key[1]

    @property
    def bottom(self) -> int:
        """The last row."""
        return self.held[-1].key[1]

    @cached_property
    def _pieces(self) -> list[str]:
        """The text, cut where the row's number goes."""
        pieces = ["="]
        for index, token in enumerate(self.tokens):
            pieces[-1] += _in_row(token, self.held[0].key[1]) if index in self.rowed else token.text
            if index in self.rowed:
                pieces.append("")
        return pieces

    def at(self, row: int) -> str:
        """The formula of a row."""
        return str(row).join(self._pieces)

    def reading(self, places: Mapping[int, tuple[int, str]], row: int) -> str:
        """The formula of a row with what the arrays hold for it."""
        out, index = ["="], 0
        while index < len(self.tokens):
            if index in places:
                end, home = places[index]
                out.append(f"{sheet_prefix(home)}$A${row - self.top + 1}")
                index = end
                continue
            token = self.tokens[index]
            out.append(f"{_in_row(token, self.top)}{row}" if index in self.rowed else token.text)
            index += 1
        return "".join(out)

    def calls(self) -> Iterator[_Call]:
        """The calls that can be made one array each."""
        closes = pairs(self.tokens)
        for index, token in enumerate(self.tokens):
            if token.kind == "func" and token.text.upper() in _SEARCHING and self._is_carefree(index, closes):
                call = self._call(index, closes[index + 1] + 1)
                if call is not None:
                    yield call

    def _is_carefree(self, call: int, closes: Mapping[int, int]) -> bool:
        """Whether all that is around the call takes a cell as it takes a value; and no sign that asks for cells is beside it."""
        around = [self.tokens[o - 1] for o, c in closes.items() if o < call < c and o]
        beside = [token.text for token in [*self.tokens[max(call - 1, 0) : call], *self.tokens[closes[call + 1] + 1 :][:1]]]
        return all(t.kind != "func" or t.text.upper() in _CARELESS for t in around) and not {":", "@", "#"} & {*beside}

    def _call(self, start: int, end: int) -> _Call | None:
        name = self.tokens[start].text.upper()
        spans = arguments(self.tokens, start + 1)
        positions = gaps.LIFTS[name]
        assert positions is not None
        own, cells = set(), 0
        for place, span in enumerate(spans):
            words = self._words(span)
            if place in positions:
                if self._is_own(words):
                    own.add(place)
                elif not self._is_fixed(words, span):
                    return None
            elif (size := self._size(words, span)) is not None:
                cells = max(cells, size)
            else:
                return None
        return _Call(start, end, spans, frozenset(own), cells) if own and cells else None

    def _words(self, span: Span) -> list[int]:
        return [index for index in range(*span) if self.tokens[index].kind not in ("space", "sheet")]

    def _is_own(self, words: Sequence[int]) -> bool:
        return len(words) == 1 and words[0] in self.rowed

    def _is_fixed(self, words: Sequence[int], span: Span) -> bool:
        """Whether an argument is one value, the same for every row: constants and single cells, joined or compared."""
        kinds = {self.tokens[index].kind for index in words}
        names = [self.tokens[index] for index in words if self.tokens[index].kind == "name"]
        return (
            bool(words)
            and self.rowed.isdisjoint(range(*span))
            and kinds <= {"name", "number", "string", "op"}
            and all(cell_position(name.text) for name in names)
            and not {":", "@", "#"} & {self.tokens[index].text for index in words}
        )

    def _size(self, words: Sequence[int], span: Span) -> int | None:
        """The cells of a range that is the same for every row; None for anything else."""
        texts = [self.tokens[index].text for index in words]
        if len(texts) != 3 or texts[1] != ":" or not self.rowed.isdisjoint(range(*span)):
            return None
        if not (cell_position(texts[0]) and cell_position(texts[2])):
            return None
        top, left, bottom, right = bounds("".join(texts))
        return (bottom - top + 1) * (right - left + 1)

    def named(self, span: Span) -> str:
        """An argument with the formulas' own sheet before cells that name none."""
        out: list[str] = []
        for index in range(*span):
            token = self.tokens[index]
            after = self.tokens[index - 1]
            free = token.kind == "name" and after.kind != "sheet" and after != Token("op", ":")
            out.append(sheet_prefix(self.held[0].key[0]) + token.text if free else token.text)
        return "".join(out)

    def column(self, span: Span) -> str:
        """The cells that a row's criterion is one of."""
        index = self._words(span)[0]
        column = _in_row(self.tokens[index], self.held[0].key[1]).replace("$", "")
        before = self.tokens[index - 1]
        sheet = before.text if before.kind == "sheet" else sheet_prefix(self.held[0].key[0])
        return f"{sheet}${column}${self.top}:${column}${self.bottom}"


def _in_row(token: Token, row: int) -> str:
    """What stands before the row's number in a cell of that row; blank if the token is none."""
    position = cell_position(token.text) if token.kind == "name" else None
    return token.text[: -len(str(row))] if position is not None and position[0] == row else ""


class _Upstream:
    """What formulas follow from, column by column: more than what a single cell follows from, never less."""

    def __init__(self, formulas: Sequence[HeldFormula]) -> None:
        self._formulas = formulas

    @cached_property
    def _in_columns(self) -> dict[tuple[str, int], list[HeldFormula]]:
        """Of each column's formulas one of a kind; of arrays, whose size is not known, one by sheet (column 0)."""
        found: dict[tuple[str, int], dict[object, HeldFormula]] = defaultdict(dict)
        for formula in self._formulas:
            sheet, _, column = formula.key
            spread = formula.cell.dynamic or formula.cell.array_ref is not None
            kind = formula.likeness if formula.likeness is not None else formula.lowered
            found[sheet.lower(), 0 if spread else column].setdefault((column, kind), formula)
        return {place: [*kinds.values()] for place, kinds in found.items()}

    def is_free(self, text: str, key: Key) -> bool:
        """Whether nothing that a formula reads follows from the column of the cell, or from what moves by itself."""
        seen: set[tuple[str, int]] = set()
        waiting = [*self._columns(text, key[0])]
        while waiting:
            place = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            if place == (key[0].lower(), key[2]):
                return False
            for formula in self._in_columns.get(place, ()):
                if moves(formula.lowered) or _VOLATILE.search(formula.lowered):
                    return False
                waiting += self._columns(formula.lowered, formula.key[0])
        return True

    @staticmethod
    def _columns(text: str, sheet: str) -> Iterable[tuple[str, int]]:
        for where, _, left, _, right in reads(text, sheet):
            yield where.lower(), 0
            for column in range(left, right + 1):
                yield where.lower(), column
