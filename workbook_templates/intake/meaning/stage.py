"""The stage between raw cells and rows, the same for every importer: which rows count, with which sign, and what their amounts are in.

It looks at columns by their different values, so that a million rows cost as much as the words in them. What it leaves out it says in
one line each kind; what it can't decide it refuses by name.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import not_
from typing import Any

import numpy as np

from udfs.text import Text, counted, joined
from workbook_templates.answers import Refused
from workbook_templates.intake.columns import Array, Coded, Texts, arrow, coded, compute, is_arrow, is_text, listed
from workbook_templates.intake.files import Raw, blank
from workbook_templates.intake.meaning import units, words
from workbook_templates.intake.meaning.currencies import YUAN, known
from workbook_templates.intake.meaning.wide import across as by_month

SUMS, BALANCES, FOOTERS, HIDDEN, STATUS = "totals", "balances", "footers", "hidden", "status"
NO_SALE = Text("没有金额（收款或余额行）", "without an amount on this side (cash received, balances)")
LABELS = {
    SUMS: Text("合计行", "totals"),
    BALANCES: Text("余额、结转行", "balances"),
    FOOTERS: Text("页眉页脚、备注行", "headings and footers"),
    HIDDEN: Text("隐藏行", "hidden rows"),
    STATUS: Text("按状态", "by status"),
}
UNLABELLED = Text("没有编号或编号不像编号，金额等于上面各行之和：按合计行处理；若是一笔真的交易，请填编号",
                  "has no number, or none like the others, and equals the sum of the rows above: a total; if it is a sale, give it a number")  # fmt: skip
TAXABLE = {"Deals": frozenset({"revenue", "cost", "margin"}), "Transactions": frozenset({"amount", "price"})}
MAIN = {"Deals": "revenue", "Transactions": "amount"}
# The Tables whose rows are sales or money: what a status says of an order says nothing of a ticket, a customer or a person.
OF_SALES = frozenset({"Deals", "DealLines", "Transactions", "Collections", "Receivables", "DealerOrders", "DealerSales"})
_FEWEST = 3  # rows of which the last can be a total that nothing says
_SHORT, _LAST = 20_000, 50
_NUMBERS = frozenset({"int", "number", "money", "fen", "rate", "score"})
_MONEY = frozenset({"money", "fen"})
_SAMPLE = 200
_NUMERIC = re.compile(r"[\s$￥¥()+\-−%,.\d:/]*")


@dataclass(frozen=True)
class Choices:
    """What a person decided of meaning: a tax rate, what a status does (take, skip or minus), whether hidden rows count."""

    tax: Decimal | None = None
    status: Mapping[str, str] = field(default_factory=dict)
    skip_hidden: bool = False


NONE = Choices()


@dataclass(frozen=True)
class Rows:
    """The rows of one sheet or file below its headers, by column, and what stands around them."""

    headers: Sequence[str]
    places: Mapping[str, int]  # column key → where it stands
    columns: Sequence[Any]
    lines: Array
    spec: Any  # a TableSpec
    header_line: int = 0
    summed: frozenset[int] = frozenset()  # lines that hold a formula of totals
    hidden: frozenset[int] = frozenset()
    codes: Callable[[int], Coded] | None = None
    ordered: bool = True  # whether it says something where a row stands; what a query gives stands in no order

    def coded(self, index: int) -> Coded:
        """A column by its different values."""
        return self.codes(index) if self.codes else coded(self.columns[index])


@dataclass
class Meaning:
    """What became clear of the rows: ``left`` is 0 for those that count, else a place in ``reasons``; ``refused`` by place of the row."""

    left: Array
    reasons: list[tuple[str, Text]] = field(default_factory=lambda: [("", Text("", ""))])
    refused: dict[int, tuple[int, Text]] = field(default_factory=dict)  # row → column, why
    minus: Array | None = None  # rows whose amounts change their sign
    notes: list[Text] = field(default_factory=list)
    deciding: set[int] = field(default_factory=set)  # columns that none of ours is read from, and that decided something of rows

    def leave(self, rows: Any, kind: str, reason: Text) -> None:
        """Leave rows out that are not yet."""
        rows = np.asarray(rows)
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows.astype(np.int64)
        rows = rows[self.left[rows] == 0]
        if not len(rows):
            return
        if (kind, reason) not in self.reasons:
            self.reasons.append((kind, reason))
        self.left[rows] = self.reasons.index((kind, reason))

    def said(self, lines: Array) -> list[Text]:
        """One line each kind of what was left out."""
        found = []
        for place, (_, reason) in enumerate(self.reasons):
            rows = np.flatnonzero(self.left == place) if place else ()
            if len(rows):
                found.append(left_out(reason, [int(lines[row]) for row in rows[:6]], len(rows)))
        return found


def left_out(reason: Text, lines: Sequence[object], count: int) -> Text:
    """How a kind of rows left out is said."""
    shown = ", ".join(str(line) for line in lines[:5]) + (" …" if count > 5 else "")
    word = "line" if count == 1 else "lines"
    return Text(f"未计入 {count:,} 行{reason.zh}（第 {shown} 行）", f"left out {count:,} × {reason.en} ({word} {shown})")


def look(rows: Rows, choices: Choices = NONE) -> Meaning:
    """What the rows mean."""
    return _Stage(rows, choices).run()


_REVERSAL = re.compile("红|冲|revers")
_ANYWHERE = -1  # a column that is none: what it says counts nowhere more than elsewhere


_OF_WORDS = "Sources"  # what columns of other files are called: 价税合计 there is no total


class _Stage:
    def __init__(self, rows: Rows, choices: Choices) -> None:
        self.rows, self.choices = rows, choices
        self.count = len(rows.lines)
        self.meaning = Meaning(np.zeros(self.count, np.int32))
        spec = rows.spec
        self.key_of = {index: key for key, index in rows.places.items()}
        self.money = [index for key, index in rows.places.items() if spec[key].kind in _MONEY]
        self.numeric = {
            index for key, index in rows.places.items() if spec[key].kind in _NUMBERS or spec[key].kind in ("date", "time")
        }
        self.ids = [rows.places[key] for key in self._id_keys() if key in rows.places]
        self._texts: list[int] | None = None

    def _id_keys(self) -> Sequence[str]:
        spec = self.rows.spec
        return spec.key if len(spec.key) == 1 else ("invoice",) if "invoice" in spec.by_key else ()

    def run(self) -> Meaning:
        if self.count:
            self._formulas()
            if self.rows.spec.name != _OF_WORDS:
                self._words()
            self._struck()
            self._taxes()
            self._footers()
            self._unlabelled()
            self._hidden()
            self._refunded()
            stages = any(words.flag_of(h) == words.STATUS for i, h in enumerate(self.rows.headers) if i not in self.key_of)
            for index, header in enumerate(self.rows.headers):
                if index in self.key_of or (stages and words.flag_of(header) == words.CHANCE):
                    continue  # where a stage is, it says what was won
                if self.rows.spec.name not in OF_SALES:
                    self._erased(index, header)
                elif flag := words.flag_of(header) or self._flag_by_values(index, header):
                    self._flag(index, header, flag)
        return self.meaning

    def _flag_by_values(self, index: int, header: str) -> str:
        """What a column decides that no word of ours calls so, as its cells show: 作废 and 正常 are a status under any header."""
        if not header or index not in self.texts or words.role_of(header) or words.tells_lines(header):
            return ""
        few = {cell for cell in self._first(index) if isinstance(cell, str)}
        if not words.may_flag(few):
            return ""  # most columns are seen to be none by their first cells
        return words.flag_by(list(map(_word, self.rows.coded(index).values)))

    def _first(self, index: int) -> list[Raw]:
        return listed(self.rows.columns[index], np.arange(min(_SAMPLE, self.count)))

    # ---- totals

    def _formulas(self) -> None:
        if self.rows.summed:
            found = np.isin(self.rows.lines, np.fromiter(self.rows.summed, np.int64))
            self.meaning.leave(found, SUMS, TOTALS)

    @property
    def texts(self) -> list[int]:
        """The columns that hold texts, as far as the first rows show."""
        if self._texts is None:
            self._texts = [
                index
                for index in range(len(self.rows.headers))
                if index not in self.numeric and (index in self.key_of or self._has_text(index))
            ]
        return self._texts

    def _has_text(self, index: int) -> bool:
        column = self.rows.columns[index]
        if is_arrow(column) and not is_text(column) and not hasattr(column.type, "value_type"):
            return False
        # The last rows too: that is where totals stand.
        picked = np.unique(
            np.concatenate([np.arange(min(_SAMPLE, self.count)), np.arange(max(0, self.count - _SAMPLE), self.count)])
        )
        return any(isinstance(cell, str) and not _NUMERIC.fullmatch(cell) for cell in listed(column, picked))

    def _words(self) -> None:
        """Rows that some cell calls a total or a balance."""
        maybe: dict[int, list[tuple[int, str]]] = {}  # row → columns and what it is perhaps the total of
        for index in (*self.texts, *(i for i in sorted(self.numeric) if self._has_text(i))):
            found = self.rows.coded(index)
            if not words.may_total(_joined(found)):
                continue
            kinds = [words.kind_of(value) if isinstance(value, str) else ("", "") for value in found.values]
            for kind, meant, reason in ((words.TOTAL, SUMS, TOTALS), (words.BALANCE, BALANCES, BALANCES_SAID)):
                codes = [code for code, (known, _) in enumerate(kinds) if known == kind]
                if codes:
                    self.meaning.leave(np.isin(found.codes, codes), meant, reason)
            codes = [code for code, (known, _) in enumerate(kinds) if known in (words.MAYBE_TOTAL, words.WEAK_TOTAL)]
            for row in np.flatnonzero(np.isin(found.codes, codes)).tolist() if codes else ():
                known, of = kinds[int(found.codes[row])]
                maybe.setdefault(row, []).append((index if known == words.MAYBE_TOTAL else _ANYWHERE, of))
        open_ = [row for row in maybe if self.meaning.left[row] == 0]
        looked = open_ and self.rows.ordered
        sums: set[int] = set()
        if (
            looked
        ):  # of the rows that nobody calls a total, and of those that turn out to be sales with such a word in their remarks
            rows = np.array(open_, np.int64)
            sums = self._sums_above(rows, np.isin(np.arange(self.count), open_)) | self._sums_above(
                rows, np.zeros(self.count, bool)
            )
        certain = [row for row in open_ if row in sums or self._is_total_of(row, maybe[row])]
        self.meaning.leave(np.array(certain, np.int64), SUMS, TOTALS)

    def _struck(self) -> None:
        """Documents whose own number says that they are void."""
        for index in self.ids:
            found = self.rows.coded(index)
            if not words.may_be_struck(_joined(found)):
                continue
            for code, value in enumerate(found.values):
                if isinstance(value, str) and words.is_struck(value):
                    self.meaning.leave(
                        found.codes == code, STATUS, status_said(self.rows.headers[index], _word(value), words.VOID)
                    )

    def _taxes(self) -> None:
        """Lines of orders whose product is the tax on the other lines: the plan counts net of tax."""
        if self.rows.spec.name not in TAXABLE:
            return
        for index in self.texts:
            key = self.key_of.get(index, "")
            if key != "product" and (key or not words.tells_lines(self.rows.headers[index])):
                continue
            found = self.rows.coded(index)
            codes = [code for code, value in enumerate(found.values) if isinstance(value, str) and words.is_tax_line(value)]
            if codes:
                self.meaning.leave(np.isin(found.codes, codes), SUMS, TAX_LINES)

    def _is_total_of(self, row: int, said: Sequence[tuple[int, str]]) -> bool:
        """“C1 小计” where there is a C1, or where an ID should stand, or in a row that lacks what a sale has."""
        if any(index in self.ids for index, _ in said):
            return True
        for index, of in said:
            for other in self.texts:
                names = self._folded(other)
                if of in names and not (other == index and names[of] == 0):
                    return True
        lacking = [self.rows.places[key] for key in self._needed() if blank(self._cell(self.rows.places[key], row))]
        weak = all(index == _ANYWHERE for index, _ in said)  # “Total Glass”: a product, unless the row is no sale at all
        return len(lacking) > (1 if weak else 0)

    def _needed(self) -> list[str]:
        spec = self.rows.spec
        return [
            c.key
            for c in spec.columns
            if c.key in self.rows.places and (c.needed or c.key in self._id_keys()) and c.kind not in _NUMBERS
        ]

    def _folded(self, index: int) -> dict[str, int]:
        cache: dict[int, dict[str, int]] = self.__dict__.setdefault("_names", {})
        if index not in cache:
            cache[index] = {words.plain(value): 1 for value in self.rows.coded(index).values if isinstance(value, str)}
        return cache[index]

    def _cell(self, index: int, row: int) -> Raw:
        return listed(self.rows.columns[index], np.array([row]))[0]

    # ---- footers

    def _footers(self) -> None:
        """Rows that hold nothing but a text or two: who made the list, notes, page numbers, a name below the last row."""
        suspects = self._bare_rows()
        if not len(suspects):
            return
        whole = [listed(column, suspects) for column in self.rows.columns]
        proper = self._last_proper() if self.rows.ordered else self.count
        for place, row in enumerate(suspects.tolist()):
            filled = [cells[place] for cells in whole if not blank(cells[place]) and not _is_zero(cells[place])]
            texts = [cell for cell in filled if isinstance(cell, str)]
            if self.meaning.left[row]:
                continue
            if not filled:  # nothing but zeros, or nothing at all
                if any(not blank(cells[place]) for cells in whole):
                    self.meaning.leave(np.array([row]), FOOTERS, ZEROS)
                continue
            footer = any(words.is_footer(text) for text in texts[:2])
            if (footer and not self._dated(row)) or (
                len(filled) <= 2 and len(texts) == len(filled) and row > proper and self._lacking(row)
            ):
                self.meaning.leave(np.array([row]), FOOTERS, FOOTERS_SAID)

    def _bare_rows(self) -> Array:
        """Rows without any amount (a 0 is none), and without all but one of what a row must have."""
        required = [self.rows.places[key] for key in self._needed()]
        if not self.money or len(required) < 2:
            columns = list(range(len(self.rows.headers)))
            if len(columns) < 2:
                return np.empty(0, np.int64)
            filled = np.zeros(self.count, np.int32)
            for index in columns:
                filled += ~self._blank(index)
            return np.flatnonzero((filled <= 1) & (self.meaning.left == 0))
        bare = self.meaning.left == 0
        for index in self.money:
            if not bare.any():
                return np.empty(0, np.int64)
            bare &= self._blank(index) | self._not_numbers(index) | self._zero(index)
        return np.flatnonzero(bare)[:50_000]

    def _zero(self, index: int) -> Array:
        """Cells that hold a 0: no amount, as programs fill what is empty."""
        column = self.rows.columns[index]
        if not is_arrow(column):
            texts = _all_texts(column)
            return np.fromiter(
                map(_ZERO_SET.__contains__, map(str.strip, column)) if texts else map(_is_zero, column), bool, self.count
            )
        if hasattr(column.type, "value_type"):  # a dictionary: its few values are looked at one by one
            found = self.rows.coded(index)
            return np.isin(found.codes, [code for code, value in enumerate(found.values) if _is_zero(value)])
        there = compute().is_in(column, arrow().array(ZERO_TEXTS, column.type)) if is_text(column) else compute().equal(column, 0)
        return np.asarray(there.fill_null(False)).astype(bool)

    def _dated(self, row: int) -> bool:
        """Whether a row has a day: then it is one with a mistake, not a footer."""
        spec = self.rows.spec
        dates = [index for key, index in self.rows.places.items() if spec[key].kind == "date"]
        return any(
            not blank(cell := self._cell(index, row)) and not (isinstance(cell, str) and words.is_footer(cell)) for index in dates
        )

    def _lacking(self, row: int) -> bool:
        """Whether all but one of what a row must have are blank."""
        needed = self._needed()
        return len(needed) > 1 and sum(not blank(self._cell(self.rows.places[key], row)) for key in needed) <= 1

    def _not_numbers(self, index: int) -> Array:
        """Cells of an amount that hold a footer's text."""
        column = self.rows.columns[index]
        if is_arrow(column) and not is_text(column):
            return np.zeros(self.count, bool)
        found = self.rows.coded(index) if self.count <= 100_000 else None
        if found is None:
            return np.zeros(self.count, bool)
        odd = [code for code, value in enumerate(found.values) if isinstance(value, str) and words.is_aside(value)]
        return np.isin(found.codes, odd) if odd else np.zeros(self.count, bool)

    def _blank(self, index: int) -> Array:
        column = self.rows.columns[index]
        if not is_arrow(column):
            if index in self.texts and self.key_of.get(index):
                return self.rows.coded(index).codes < 0
            texts = _all_texts(column)
            return np.fromiter(map(not_, map(str.strip, column)) if texts else map(blank, column), bool, self.count)
        empty = column.is_null()
        if is_text(column):
            empty = compute().or_(empty, compute().equal(compute().binary_length(column), 0).fill_null(True))
        return np.asarray(empty).astype(bool)

    def _last_proper(self) -> int:
        """The last row with an amount that counts and is not 0."""
        good = self.meaning.left == 0
        for index in self.money:
            rows = np.flatnonzero(good & ~self._blank(index) & ~self._zero(index))
            if len(rows):
                return int(rows[-1])
        return -1

    # ---- totals without a word

    def _unlabelled(self) -> None:
        """Rows without a number that equal the sum of the rows above them."""
        if not self.money or not self.rows.ordered:
            return
        without = (self._blank(self.ids[0]) if self.ids else np.ones(self.count, bool)) | self._odd_numbers()
        without &= self.meaning.left == 0
        rows = np.flatnonzero(without)
        main = self.rows.places.get(MAIN.get(self.rows.spec.name, ""), self.money[0])
        if len(rows) > self.count // 2:
            self._closing_sums(main)
            return
        if not len(rows):
            return
        for row in self._sums_above(rows, without):
            self.meaning.refused[row] = (main, UNLABELLED)

    def _odd_numbers(self) -> Array:
        """Rows whose number is none like the others': no digit where all others have some. A total's word that nobody knows stands there."""
        none = np.zeros(self.count, bool)
        if not self.ids or self.count < _FEWEST:
            return none
        # Of a long list the last rows: that is where such a word would stand that no total above it has.
        first = 0 if self.count <= _SHORT else self.count - _LAST
        cells = listed(self.rows.columns[self.ids[0]], np.arange(first, self.count))
        digits = np.array([blank(cell) or not isinstance(cell, str) or any(map(str.isdigit, cell)) for cell in cells])
        if (~digits).sum() * 2 > len(digits):
            return none
        none[first:] = ~digits
        return none

    def _sums_above(self, rows: Array, without: Array) -> set[int]:
        """Which rows equal the sum of those above, all of them, of their customer, or since the last that is none; ``without`` are no sales."""
        main = self.rows.places.get(MAIN.get(self.rows.spec.name, ""), self.money[0] if self.money else -1)
        if main < 0 or not len(rows):
            return set()
        amount = amounts(self.rows.columns[main])
        if not np.isfinite(amount[rows]).any():
            return set()
        found: set[int] = set()
        counts = (self.meaning.left == 0) & ~without
        sums = np.concatenate([[0.0], np.cumsum(np.where(counts & np.isfinite(amount), amount, 0.0))])
        numbers = np.concatenate([[0], np.cumsum(counts)])
        marks = [0, *(np.flatnonzero(~counts) + 1).tolist()]
        groups = self._groups()
        for row in rows.tolist():
            if not np.isfinite(amount[row]):
                continue
            begins = {0, *marks[max(0, bisect_right(marks, row) - 3) : bisect_right(marks, row)], groups[row]}
            for begin in begins:
                if (
                    numbers[row] - numbers[begin] >= 2
                    and abs(sums[row] - sums[begin] - amount[row]) < 0.005
                    and abs(amount[row]) > 0
                ):
                    found.add(row)
                    break
        return found

    def _closing_sums(self, main: int) -> None:
        """Where rows have no numbers: the last row of each customer, or of all, that is the sum of those above it."""
        rows = np.flatnonzero(self.meaning.left == 0)
        if len(rows) < _FEWEST or self.rows.spec.name not in TAXABLE:
            return
        amount = amounts(self.rows.columns[main])[rows]
        sums = np.concatenate([[0.0], np.cumsum(np.where(np.isfinite(amount), amount, 0.0))])

        def is_sum(first: Any, last: Any) -> Any:
            return (np.abs(sums[last] - sums[first] - amount[last]) < 0.005) & (np.abs(amount[last]) > 0)

        begins = np.unique(self._groups()[rows])
        firsts = np.searchsorted(rows, begins)
        lasts = np.append(firsts[1:], len(rows)) - 1
        long = lasts - firsts >= 2
        found = lasts[long & is_sum(firsts, lasts)]
        # One customer whose last purchase is the sum of the others is chance; all of several are not.
        closing = found.tolist() if 1 < len(found) == int(long.sum()) else []
        if not closing and len(rows) > _FEWEST and bool(is_sum(0, len(rows) - 1)):
            closing = [len(rows) - 1]
        for place in closing:
            self.meaning.refused[int(rows[place])] = (main, UNLABELLED)

    def _groups(self) -> Array:
        """Where the run of one customer begins, by row."""
        place = self.rows.places.get("customer")
        if place is None:
            return np.zeros(self.count, np.int64)
        codes = self.rows.coded(place).codes
        changes = np.concatenate([[True], codes[1:] != codes[:-1]])
        return np.maximum.accumulate(np.where(changes, np.arange(self.count), 0))

    # ---- hidden rows, status, flags

    def _hidden(self) -> None:
        if not self.rows.hidden:
            return
        found = np.isin(self.rows.lines, np.fromiter(self.rows.hidden, np.int64)) & (self.meaning.left == 0)
        n = int(found.sum())
        if n and self.choices.skip_hidden:
            self.meaning.leave(found, HIDDEN, Text("隐藏或被筛选掉的行", "hidden or filtered rows"))
        elif n:
            first = ", ".join(str(line) for line in self.rows.lines[found][:5].tolist()) + (" …" if n > 5 else "")
            self.meaning.notes.append(
                Text(f"{n:,} 行在表中被隐藏或筛选掉，仍已计入（第 {first} 行）：不要请加 --hidden skip",
                     f"{counted(n, 'row')} hidden or filtered in the sheet, counted all the same (line {first}): leave out with --hidden skip")
            )  # fmt: skip

    def _refunded(self) -> None:
        """Rows of which something was paid back: their amount is not what was sold."""
        if self.rows.spec.name not in TAXABLE:
            return
        for index, header in enumerate(self.rows.headers):
            if header and index not in self.key_of and words.role_of(header) == "refund":
                back = amounts(self.rows.columns[index])
                with np.errstate(invalid="ignore"):
                    rows = np.flatnonzero(np.isfinite(back) & (back != 0) & (self.meaning.left == 0))
                for row in rows.tolist():
                    self.meaning.refused.setdefault(row, (index, refunded(header)))

    def _flag(self, index: int, header: str, flag: str) -> None:
        found = self.rows.coded(index)
        asked = {words.plain(word): way for word, way in self.choices.status.items()}
        if flag == words.DIRECTION:
            self._direction(index, header, found, asked)
            return
        named = {code: value for code, value in enumerate(map(_word, found.values)) if value}
        if self._said_by_column(index, header, flag, found, named, asked):
            return
        said = verdicts_of(flag, header, named.values(), asked)
        verdicts = {code: said[value] for code, value in named.items()}
        if not any(verdicts.values()):
            self.meaning.notes += not_understood(flag, header, list(named.values()))
            return
        self.meaning.deciding.add(index)
        if flag == words.STATUS and words.is_yes_or_nothing(header, list(named.values())):
            self._blank_is_no(index, header, next(iter(named.values())), found)
        for code, verdict in verdicts.items():
            if verdict == words.TAKE:
                continue
            rows = np.flatnonzero((found.codes == code) & (self.meaning.left == 0))
            if not len(rows):
                continue
            value = named[code]
            if verdict == words.SKIP and flag == words.VOID and _REVERSAL.search(words.plain(header)) and self._negative(rows):
                continue  # 红冲 of a row that is negative: it is what takes another back, and counts as it stands
            if verdict == words.SKIP:
                self.meaning.leave(rows, STATUS, status_said(header, value, flag))
            elif verdict == words.MINUS:
                self._negate(rows, index, header, value, by_person=words.plain(value) in asked)
            elif verdict == words.ASK:
                why = asked_of(flag, header, value)
                for row in rows.tolist():
                    self.meaning.refused.setdefault(row, (index, why))
            elif not verdict:
                self.meaning.notes.append(counted_said(header, value, len(rows)))

    def _said_by_column(
        self, index: int, header: str, flag: str, found: Coded, named: Mapping[int, str], asked: Mapping[str, str]
    ) -> bool:
        """Columns of which not each word is said: chances, and when or why orders came to nothing."""
        if flag == words.CHANCE:
            self._chances(index, header, found, named, asked)
            return True
        if flag != words.ENDED or len(named) < 2 or any(words.plain(value) in asked for value in named.values()):
            return False
        codes = [code for code, value in named.items() if words.verdict(flag, value) == words.SKIP]
        if codes:
            self.meaning.deciding.add(index)
            self.meaning.leave(np.isin(found.codes, codes), STATUS, ended_said(header))
        return True

    def _chances(self, index: int, header: str, found: Coded, named: Mapping[int, str], asked: Mapping[str, str]) -> None:
        """Rows that are not certain to be sold."""
        said = verdicts_of(words.CHANCE, header, named.values(), asked)
        self.meaning.deciding.add(index)
        codes = [code for code, value in named.items() if said[value] == words.SKIP]
        if codes:
            self.meaning.leave(np.isin(found.codes, codes), STATUS, uncertain_said(header))

    def _blank_is_no(self, index: int, header: str, value: str, found: Coded) -> None:
        """Rows of which a column says nothing where it says yes of others; lines that go on from the order above have nothing either."""
        rows = (found.codes < 0) & (self.meaning.left == 0)
        for place in self.ids[:1]:
            rows &= ~self._blank(place)
        why = blank_flag_said(header, value)
        for row in np.flatnonzero(rows).tolist():
            self.meaning.refused.setdefault(row, (index, why))

    def _erased(self, index: int, header: str) -> None:
        """Rows of what is no sale: a closed ticket is one, a lost customer too; what was deleted or cancelled is none, or as a person says."""
        if (flag := words.flag_of(header)) not in (words.STATUS, words.VOID):
            return
        found = self.rows.coded(index)
        asked = {words.plain(word): way for word, way in self.choices.status.items()}
        for code, value in enumerate(map(_word, found.values)):
            way = asked.get(words.plain(value)) or (
                words.SKIP if words.is_erased(value) or (flag == words.VOID and words.verdict(flag, value) == words.SKIP) else ""
            )
            if way == words.SKIP and len(rows := np.flatnonzero((found.codes == code) & (self.meaning.left == 0))):
                self.meaning.deciding.add(index)
                self.meaning.leave(rows, STATUS, erased_said(header, value))

    def _negative(self, rows: Array) -> bool:
        """Whether the amounts of rows are all negative."""
        found = [amounts(listed(self.rows.columns[place], rows)) for place in self.money]
        return bool(found) and all(not (np.isfinite(amount) & (amount > 0)).any() for amount in found)

    def _negate(self, rows: Array, index: int, header: str, value: str, by_person: bool) -> None:
        """Credit notes: negative already, or to be made so; never half of each."""
        money = list(self.money)
        positive = np.zeros(self.count, bool)
        negative = np.zeros(self.count, bool)
        for place in money:
            amount = amounts(self.rows.columns[place])
            positive |= np.isfinite(amount) & (amount > 0)
            negative |= np.isfinite(amount) & (amount < 0)
        if by_person or not negative[rows].any():
            if self.meaning.minus is None:
                self.meaning.minus = np.zeros(self.count, bool)
            self.meaning.minus[rows] = True
            self.meaning.notes.append(negative_said(header, value, len(rows)))
            return
        why = sign_said(header, value)
        for row in rows[positive[rows] & ~negative[rows]].tolist():
            self.meaning.refused.setdefault(row, (index, why))

    def _direction(self, index: int, header: str, found: Coded, asked: Mapping[str, str]) -> None:
        """Debit or credit beside one column of amounts: which of them is a sale only a person knows."""
        main = self.rows.places.get(MAIN.get(self.rows.spec.name, ""))
        if main is None or is_one_side(self.rows.headers[main]):
            return  # the amount is of one side already; the direction is the balance's
        self.meaning.deciding.add(index)
        kept = self.meaning.left == 0
        there = {code for code in np.unique(found.codes[kept]).tolist() if code >= 0}
        for code in sorted(there):
            value = _word(found.values[code])
            rows = np.flatnonzero((found.codes == code) & kept)
            way = asked.get(words.plain(value), "")
            if way == words.SKIP:
                self.meaning.leave(rows, STATUS, status_said(header, value, words.STATUS))
            elif way == words.MINUS:
                self._negate(rows, index, header, value, by_person=True)
            elif not way and (len(there) > 1 or not is_income(value)):
                raise Refused(which_side(header, (_word(found.values[one]) for one in there)))


def _joined(found: Coded) -> str | bytes:
    """All different texts of a column in one, to be searched."""
    values: Any = found.values
    if isinstance(values, Texts):
        return values.letters
    return "\n".join(values if set(map(type, values)) <= {str} else [value for value in values if isinstance(value, str)])


TOTALS = Text("合计、小计、累计", "totals (total, subtotal)")
TAX_ABOVE = Text("税额不小于金额：请核对两列的单位", "the tax is not below the amount: check the units of both columns")
TAX_LINES = Text("税额行", "lines of tax")
BALANCES_SAID = Text("期初、期末余额或结转", "opening, closing or carried balances")
ZEROS = Text("只有 0 的空行", "empty rows, with zeros only")
FOOTERS_SAID = Text("制表、备注、页码等页脚", "footers: who made it, notes, pages")


# ---- what is said of a status; also of rows that a database adds up


def verdict_of(flag: str, header: str, value: str, asked: Mapping[str, str]) -> str:
    """What a flag's word does to its rows: as a person decided (``asked``, by the plain word), else as it is known."""
    return asked.get(words.plain(value)) or words.verdict(flag, value, header)


def verdicts_of(flag: str, header: str, values: Iterable[str], asked: Mapping[str, str]) -> dict[str, str]:
    """What each word of a flag's column does to its rows. Where one stage is “won”, what is not won is no sale, whatever it is called."""
    found = {value: verdict_of(flag, header, value, asked) for value in values}
    if flag == words.KIND and "si" in map(words.plain, found):  # Sage: its letters say something else elsewhere
        found |= {v: way for v in found if (way := words.SAGES.get(words.plain(v))) and words.plain(v) not in asked}
    if flag == words.CHANCE and any(words.is_percent(value) for value in found):
        found |= {v: words.SKIP for v in found if words.plain(v) in ("1", "1.0") and words.plain(v) not in asked}  # 1 of 100
    if flag == words.STATUS and any(words.is_won(value) or words.is_lost(value) for value in found):
        found |= {v: words.SKIP for v in found if words.plain(v) in words.UNDER_WAY and words.plain(v) not in asked}
    if flag == words.STATUS and re.search("stage|阶段", words.plain(header)) and any(map(words.is_won, found)):
        return {value: verdict or (words.TAKE if words.is_won(value) else words.SKIP) for value, verdict in found.items()}
    return found


def is_one_side(header: str) -> bool:
    """Whether amounts are of one side already, debit or credit: a direction beside them is the balance's."""
    return re.search(r"借|贷|debit|credit", words.plain(header)) is not None


def is_income(value: str) -> bool:
    """Whether a direction is that of a sale."""
    return re.fullmatch(r"收|收入|in|income|借方?|debit|dr\.?|s|soll", words.plain(value)) is not None


def take_it(value: str) -> str:
    """The option that counts rows of a word, as a command line takes it."""
    return option("--status", f"{value}={words.TAKE}")


def skip_it(value: str) -> str:
    """The one that leaves them out."""
    return option("--status", f"{value}={words.SKIP}")


def option(name: str, said: str) -> str:
    """An option and its value as a command line takes them: in quotes where it would part it."""
    quoted = re.search(r"[^\w=.\-/一-鿿]", said) is not None
    return f'{name} "{said}"' if quoted else f"{name} {said}"


def which_side(header: str, values: Iterable[str]) -> Text:
    """That only a person knows which direction is a sale; the remedy in the column's own words."""
    first, *others = sorted(values, key=lambda value: (not is_income(value), value))
    ways = " ".join([take_it(first), *map(skip_it, others[:2])])
    return Text(f"列“{header}”写着金额的方向：请说明各计什么，如 {ways}（或 minus 为负）。",
                f"the column “{header}” gives the direction of the amounts: say what each counts as, such as {ways} (or minus).")  # fmt: skip


def either_said(value: str) -> Text:
    """A word that one system says of what is done and another of what came to nothing."""
    return Text(f"“{value}”可能已成交，也可能没有（未审或取消）：请加 {take_it(value)} 或 {skip_it(value)}",
                f"“{value}” may mean done, or not yet, or cancelled: add {take_it(value)} or {skip_it(value)}")  # fmt: skip


def asked_of(flag: str, header: str, value: str) -> Text:
    """Why rows of a word are refused until a person says what they count as."""
    if flag == words.STATUS and words.is_partly(value):
        return Text(f"“{value}”：金额应已扣除该部分，请核对后加 {take_it(value)}，不计 {skip_it(value)}",
                    f"“{value}”: is the amount less that part? If so add {take_it(value)}, else {skip_it(value)}")  # fmt: skip
    if flag == words.STATUS:
        return either_said(value)
    remedy = Text(f"：要计入请加 {take_it(value)}，不计 {skip_it(value)}",
                  f": add {take_it(value)} to count it, or {skip_it(value)}")  # fmt: skip
    if flag == words.KIND:
        return (
            Text(f"“{header}”为“{value}”，像是收付款，不是销售", f"“{header}” “{value}” looks like money received, no sale")
            + remedy
        )
    return Text(f"“{header}”写着“{value}”", f"“{header}” says “{value}”") + remedy


def refunded(header: str) -> Text:
    """Why a row is refused of which something was paid back."""
    return Text(f"“{header}”退了一部分：请把金额改为扣除退款后的；不管它则加 --map \"{header}=\"",
                f"“{header}” was paid back: give the amount less it, or add --map \"{header}=\" to count it in full")  # fmt: skip


_MOST_WORDS = 12


def not_understood(flag: str, header: str, values: Sequence[str]) -> list[Text]:
    """That none of a status column's words is known, so that all rows were counted; nothing of a column that speaks of other things."""
    low = words.plain(header)
    if flag != words.STATUS or not 0 < len(values) <= _MOST_WORDS or low in ("state", "result", "结果", "情况", "阶段", "进度"):
        return []
    zh, en = joined(values, most=5, unit="种")
    return [
        Text(f"“{header}”的 {zh} 看不懂，各行都已计入；不要的请加 {skip_it(values[0])}",
             f"“{header}” has {en}, which are not understood: all rows were counted; leave some out with {skip_it(values[0])}")
    ]  # fmt: skip


def counted_said(header: str, value: str, n: int) -> Text:
    """That rows of a word nobody knows were counted."""
    return Text(f"“{header}”为“{value}”的 {n:,} 行已计入；不要请加 {skip_it(value)}",
                f"{counted(n, 'row')} with “{header}” “{value}” counted; leave out with {skip_it(value)}")  # fmt: skip


def negative_said(header: str, value: str, n: int) -> Text:
    """That rows changed their sign."""
    return Text(f"“{header}”为“{value}”的 {n:,} 行按负数计", f"{counted(n, 'row')} with “{header}” “{value}” counted as negative")


def sign_said(header: str, value: str) -> Text:
    """A credit note that is positive where the others are not."""
    return Text(f"“{header}”为“{value}”，金额却为正，而其他同类行为负：请核对符号",
                f"“{header}” is “{value}” but the amount is positive, unlike others of the kind: check its sign")  # fmt: skip


def status_said(header: str, value: str, flag: str) -> Text:
    """Why a status takes a row out."""
    if flag == words.ENDED:
        return ended_said(header)
    if flag == words.CHANCE:
        return uncertain_said(header)
    if flag == words.VOID:
        return Text(f"“{header}”为“{value}”（作废或取消）", f"“{header}” “{value}” (void or cancelled)")
    if flag == words.KIND or words.is_draft(value) or (flag == words.STATUS and not words.verdict(flag, value, header)):
        return Text(f"“{header}”为“{value}”（未成交；要计入请加 {take_it(value)}）",
                    f"“{header}” “{value}” (not done; {take_it(value)} counts them)")  # fmt: skip
    return Text(f"“{header}”为“{value}”", f"“{header}” “{value}”")


def blank_flag_said(header: str, value: str) -> Text:
    """Why a row is refused of which a yes-or-nothing column says nothing."""
    return Text(f"为空，而其他行为“{value}”：像是没有审核；都要计入请加 --map \"{header}=\"",
                f"is blank, others say “{value}”: not approved? To count all add --map \"{header}=\"")  # fmt: skip


def uncertain_said(header: str) -> Text:
    """Why rows are left out that are not certain to be sold."""
    return Text(f"“{header}”不到 100%（未成交；都要计入请加 --map \"{header}=\"）",
                f"with a “{header}” below 100% (not won; to count them all add --map \"{header}=\")")  # fmt: skip


def ended_said(header: str) -> Text:
    """Why rows are left out of which a column says when or why they came to nothing."""
    return Text(f"填了“{header}”（都要计入请加 --map \"{header}=\"）",
                f"with a “{header}” (to count them all add --map \"{header}=\")")  # fmt: skip


def erased_said(header: str, value: str) -> Text:
    """Why a row of what is no sale is left out, and what brings it in."""
    return Text(f"“{header}”为“{value}”（要计入请加 {take_it(value)}）",
                f"“{header}” “{value}” ({take_it(value)} brings them in)")  # fmt: skip


def _word(value: Raw) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(float(value))
    return " ".join(str(value).split()) if value is not None else ""


def amounts(column: Any) -> Array:
    """A column as plain numbers, NaN where it is none: to compare, never to count."""
    if is_arrow(column) and not is_text(column):
        return np.array(column.cast("float64", safe=False).fill_null(np.nan).to_numpy(zero_copy_only=False) if not hasattr(column, "num_chunks")
                        else column.cast("float64", safe=False).to_numpy(), dtype=float)  # fmt: skip
    return np.fromiter((_number(cell) for cell in listed(column)), float)


ZERO_TEXTS = ("0", "0.0", "0.00", "0.000", "0,00", "0.0000", "-", "￥0.00", "¥0.00")
_ZERO_SET = frozenset(ZERO_TEXTS)


def _all_texts(column: Sequence[Raw]) -> bool:
    """Whether a column holds texts and nothing else, as those of a CSV do: it is gone over without a call a cell."""
    return set(map(type, column)) == {str}


def _is_zero(cell: Raw) -> bool:
    return cell.strip() in ZERO_TEXTS if isinstance(cell, str) else cell == 0 and isinstance(cell, float)


def _number(cell: Raw) -> float:
    if isinstance(cell, float) and not isinstance(cell, bool):
        return float(cell)
    if not isinstance(cell, str):
        return np.nan
    text = re.sub(r"[\s,，￥¥元]", "", cell)
    negative = text.startswith(("(", "（")) and text.endswith((")", "）"))
    try:
        return -float(text[1:-1]) if negative else float(text)
    except ValueError:
        return np.nan


# --------------------------------------------------------------------------------------------------------------- what amounts are in


@dataclass(frozen=True)
class Amount:
    """How one money column is read: yuan (or units of ``currency``) for one of its unit, and the tax it holds."""

    scale: Decimal = Decimal(1)
    currency: str = YUAN
    rate: Decimal | None = None  # the tax in it
    rate_column: int = -1
    tax_column: int = -1
    unit_column: int = -1
    notes: tuple[Text, ...] = ()
    tax_scale: Decimal | None = None  # yuan for one of the tax column's unit, where it has its own

    @property
    def beside(self) -> set[int]:
        """The columns beside it by which it is read."""
        return {self.rate_column, self.tax_column, self.unit_column} - {-1}

    @property
    def taxed(self) -> bool:
        """Whether there is tax to take out."""
        return self.rate is not None or self.rate_column >= 0 or self.tax_column >= 0


def _stated(header: str, own: units.Says, around: Sequence[str]) -> tuple[units.Says, list[Text]]:
    """What a header and the lines around the rows say of an amount together."""
    said, notes = own, list[Text]()
    stated: dict[Decimal, str] = {}
    for line in around:
        for text, meaning in units.of_title(line):
            if meaning.scale is not None and own.scale is None and len({*stated, meaning.scale}) > 1:
                raise Refused(_two_units(next(iter(stated.values())), text))
            if meaning.scale is not None:
                stated.setdefault(meaning.scale, text)
            if meaning.unknown and not said.unknown and said.scale is None:
                raise Refused(unknown_unit(text))
            if meaning.scale is not None and meaning.scale != 1 and said.scale is None:
                notes.append(Text(f"“{header}”按“{line.strip()[:40]}”里的 {text} 换算成元",
                                  f"“{header}” was converted to yuan from {text}, as “{line.strip()[:40]}” says"))  # fmt: skip
            said = said.over(meaning._replace(unknown=""))
    return said, notes


def amount_of(spec: Any, key: str, header: str, headers: Sequence[str], around: Sequence[str], choices: Choices = NONE,
              units_in: Callable[[int], Sequence[Raw]] | None = None) -> Amount:  # fmt: skip
    """What a money column is in, by its header and the lines around the rows; Refused where that is not understood."""
    own = units.of_header(header)
    said, notes = _stated(header, own, around)
    if said.unknown:
        raise Refused(unknown_unit(header))
    if own.scale is not None and own.scale != 1:
        named = next((part for part in units.bracketed(header) if units.says(part).scale == own.scale), header)
        notes.append(Text(f"“{header}”按 {named} 换算成元", f"“{header}” was converted from {named} to yuan"))
    roles = {
        role: index for index, other in reversed(list(enumerate(headers))) if other != header and (role := words.role_of(other))
    }
    taxable = key in TAXABLE.get(spec.name, ())
    main = key in ("revenue", "amount", "price")
    rate, rate_column, tax_column = None, -1, -1
    if key in ("revenue", "amount") and units.planned(header) and not _of_what_is_to_come(spec[key]):
        raise Refused(_planned(header))
    gross = taxable and (said.tax == units.GROSS or (main and _taxed_by_column(header, headers, roles, said, units_in)))
    asked = choices.tax is not None and main and said.tax != units.NET
    weak = (
        main
        and not said.tax
        and units.plain(units.bare(header)) in ("total", "grand total", "总计", "total amount", "amount total", "价税合计")
        and "tax" in roles
    )
    gross = gross or (taxable and main and not said.tax and not asked and _tax_in_it(header, headers, roles, units_in))
    gross = gross or (
        taxable and main and key != "price" and not said.tax and not asked and _of_gross_prices(header, headers, units_in)
    )
    if gross or asked or weak:
        if choices.tax is not None:
            rate = choices.tax
            notes.append(_worked_back(header, rate, said_so=gross or weak))
        elif main and "tax" in roles:
            tax_column = roles["tax"]
            notes.append(Text(f"“{header}”含税，减去“{headers[tax_column]}”得不含税金额",
                              f"“{header}” includes tax: “{headers[tax_column]}” was taken off to get the net amount"))  # fmt: skip
        elif "rate" in roles:  # the cost of a row has the row's rate, too
            rate_column = roles["rate"]
            notes.append(Text(f"“{header}”含税，按每行“{headers[rate_column]}”换算为不含税",
                              f"“{header}” includes tax and was worked back to net by each row's “{headers[rate_column]}”"))  # fmt: skip
        else:
            raise Refused(_gross(header, around))
    elif main:
        notes += _unused_tax(header, headers, roles, said, choices, units_in)
    if main and not own.currency and "fx" in roles and "currency" not in roles and units_in is not None:
        _refuse_exchange(header, headers[roles["fx"]], units_in(roles["fx"]))
    unit_column = _unit_column(header, headers, roles, units_in, notes)
    tax_scale = units.of_header(headers[tax_column]).scale if tax_column >= 0 else None
    return Amount(
        said.scale or Decimal(1), said.currency or YUAN, rate, rate_column, tax_column, unit_column, tuple(notes), tax_scale
    )


def _unused_tax(
    header: str,
    headers: Sequence[str],
    roles: Mapping[str, int],
    said: units.Says,
    choices: Choices,
    units_in: Callable[[int], Sequence[Raw]] | None,
) -> list[Text]:
    """That a rate of tax, given or in the file, was not used, since the amount is net or taken as such."""
    if choices.tax is not None:
        return [Text(f"“{header}”已是不含税，没有用到 --tax", f"“{header}” is net of tax already: --tax was not used")]
    if "rate" in roles and not said.tax and units_in is not None and any(rate_in(c) for c in units_in(roles["rate"])):
        beside = headers[roles["rate"]]
        return [Text(f"“{beside}”没有用到：“{header}”按不含税计；若含税请加 --tax 13%（实际税率）",
                     f"“{beside}” was not used: “{header}” counts as net of tax; if it includes tax add --tax 13% (your rate)")]  # fmt: skip
    return []


def _worked_back(header: str, rate: Decimal, said_so: bool) -> Text:
    """That tax was taken out; of a column that does not say that it is in, what helps where it is not."""
    percent = f"{float(rate) * 100:g}%"
    if said_so:
        return Text(
            f"“{header}”含税，按税率 {percent} 换算为不含税", f"“{header}” includes tax and was worked back to net at {percent}"
        )
    return Text(f"“{header}”没写含税与否，因 --tax 按含税 {percent} 换算；若不含税请把列名改为“不含税{header}”",
                f"“{header}” doesn't say, so --tax took it as including {percent} tax; if it is net, call the column “Net {header}”")  # fmt: skip


def currency_column(headers: Sequence[str], used: Iterable[int], cells: Callable[[int], Sequence[Raw]]) -> int:
    """Where the currency of each row stands: the column called so, else one that holds nothing but currencies; −1 for none."""
    free = [i for i, header in enumerate(headers) if header and i not in set(used)]
    named = next((i for i in free if words.role_of(headers[i]) == "currency" and not all(map(_is_number, cells(i)))), -1)
    if named >= 0:
        return named
    for index in free:
        if not words.role_of(headers[index]) and not words.tells_lines(headers[index]):
            given = [cell for cell in cells(index) if not blank(cell)]
            filled = (
                {cell.strip() for cell in given if isinstance(cell, str)} if all(isinstance(c, str) for c in given) else set()
            )
            if filled and all(known(word) and not word.islower() and not word.istitle() for word in filled):
                return index
    return -1


def _is_number(cell: Raw) -> bool:
    return np.isfinite(_number(cell)) or blank(cell)


def _unit_column(
    header: str,
    headers: Sequence[str],
    roles: Mapping[str, int],
    cells: Callable[[int], Sequence[Raw]] | None,
    notes: list[Text],
) -> int:
    """Where each row's own unit of money stands; −1 where there is none, as in a column of pieces and boxes."""
    if "unit" not in roles or cells is None:
        return -1
    values = [cell for cell in cells(roles["unit"]) if isinstance(cell, str) and not blank(cell)]
    meant = [units.says(value, True) for value in values]
    if not any(m.scale is not None or m.currency for m in meant):
        return -1
    beside = headers[roles["unit"]]
    notes.append(Text(f"“{header}”按每行“{beside}”换算成元", f"“{header}” was converted to yuan by each row's “{beside}”"))
    return roles["unit"]


def _taxed_by_column(
    header: str, headers: Sequence[str], roles: Mapping[str, int], said: units.Says, cells: Callable[[int], Sequence[Raw]] | None
) -> bool:
    """Whether a column beside the amount says that all of them include tax; Refused where only some do."""
    if "taxed" not in roles or said.tax == units.NET or cells is None:
        return False
    found = {words.tax_is_in(cell) for cell in cells(roles["taxed"]) if not blank(cell)}
    if True in found and found != {True}:
        flag = headers[roles["taxed"]]
        raise Refused(
            Text(f"“{flag}”说有的行含税、有的不含：“{header}”不能直接用。请分成两个文件（含税的加 --tax 13%）或改导不含税列。没有写入。",
                 f"“{flag}” says that some of “{header}” includes tax: split the file in two (--tax 13% for that with tax) or "
                 "export it without tax. Nothing was written.")
        )  # fmt: skip
    return True in found


def _refuse_exchange(header: str, beside: str, cells: Sequence[Raw]) -> None:
    """An exchange rate beside an amount that says no currency: it may be in any."""
    other = next((cell for cell in cells if (n := _number(cell)) == n and n not in (0, 1)), None)
    if other is not None:
        shown = f"{other:g}" if isinstance(other, float) else str(other).strip()
        raise Refused(
            Text(f"“{beside}”不是 1（{shown}），“{header}”可能是外币：请改导本位币金额；已是人民币元则加 --map \"{beside}=\"。没有写入。",
                 f"“{beside}” is not 1 ({shown}), so “{header}” may be in a foreign currency: export the amount in yuan, or, if it is, add "
                 f"--map \"{beside}=\". Nothing was written.")
        )  # fmt: skip


_RATES = tuple(Decimal(n) / 100 for n in (13, 9, 6, 3, 1, 5, 16, 17, 10, 11, 20, 19, 8, 7))  # of taxes, here and elsewhere
_NEAR = 0.02  # two fen: each of amount and tax was rounded


def _tax_in_it(
    header: str, headers: Sequence[str], roles: Mapping[str, int], cells: Callable[[int], Sequence[Raw]] | None
) -> bool:
    """Whether the tax beside an amount shows that it is in it: 130 of 1,130 at 13 %, of all rows, and never of 1,000."""
    if "tax" not in roles or cells is None or header not in headers:
        return False
    rates = cells(roles["rate"]) if "rate" in roles else ()
    inside = 0
    for at, (cell, tax_cell) in enumerate(zip(cells(headers.index(header)), cells(roles["tax"]), strict=False)):
        amount, tax = _number(cell), _number(tax_cell)
        if not (np.isfinite(amount) and np.isfinite(tax)) or abs(tax) < 1:
            continue
        own = rate_in(rates[at]) if at < len(rates) else None
        asked = [float(own)] if own is not None else [float(rate) for rate in _RATES]
        if any(abs(amount * rate - tax) <= _NEAR for rate in asked):
            return False
        if not any(abs(amount * rate / (1 + rate) - tax) <= _NEAR for rate in asked):
            return False
        inside += 1
    return inside > 0


def _of_gross_prices(header: str, headers: Sequence[str], cells: Callable[[int], Sequence[Raw]] | None) -> bool:
    """Whether amounts that say nothing of tax are quantity × a price that includes it, in all rows."""
    if cells is None or header not in headers:
        return False
    prices = [i for i, other in enumerate(headers) if _PRICE.search(units.plain(other)) and units.tax_of(other) == units.GROSS]
    numbers = [
        i for i, other in enumerate(headers) if _QUANTITY.search(units.plain(other)) and not _PRICE.search(units.plain(other))
    ]
    if len(prices) != 1 or len(numbers) != 1:
        return False
    rows = zip(cells(headers.index(header)), cells(numbers[0]), cells(prices[0]), strict=False)
    found = [(_number(a), _number(q) * _number(p)) for a, q, p in rows]
    found = [(amount, product) for amount, product in found if np.isfinite(amount) and np.isfinite(product) and amount]
    return bool(found) and all(abs(amount - product) <= _NEAR for amount, product in found)


def _of_what_is_to_come(column: Any) -> bool:
    """Whether a column itself is an estimate: an opportunity's amount is called so by every CRM, a deal's never is."""
    return any(units.planned(name) for name in (*column.header, *column.aliases))


def _planned(header: str) -> Text:
    return Text(f"“{header}”是预测、计划或报价，不算收入：请导出签单金额的列；确是签单金额就把列名改掉。没有写入。",
                f"“{header}” is a forecast, plan or quote, not revenue: export the amount that was signed, or, if it is, rename the column. "
                "Nothing was written.")  # fmt: skip


def _two_units(one: str, other: str) -> Text:
    """Why amounts are not read of which two lines say different units."""
    return Text(f"文件里写着两种单位：“{one[:20]}”和“{other[:20]}”，不知道各行是哪一种：请分成两个文件，或统一后导出。没有写入。",
                f"the file states two units, “{one[:20]}” and “{other[:20]}”, and not of which rows: split it in two, or export it in one. "
                "Nothing was written.")  # fmt: skip


def unknown_unit(text: str) -> Text:
    """Why a unit nobody knows is not read as yuan."""
    return Text(f"单位“{text}”看不懂：请改为元、千元、万元、百万元或亿元，或换算成元后导出。",
                f"the unit “{text}” is not understood: use yuan, thousands, 10k, millions or 100m, or export the amounts in yuan.")  # fmt: skip


def _gross(header: str, around: Sequence[str]) -> Text:
    by = "" if units.of_header(header).tax else next((line for line in around if units.tax_of(line) == units.GROSS), "")
    zh, en = (f"（见“{by.strip()[:30]}”）", f" (“{by.strip()[:30]}” says so)") if by else ("", "")
    return Text(f"“{header}”是含税金额{zh}，计划只计不含税：请加 --tax 13%（按实际税率换算），或改导不含税列。没有写入。",
                f"“{header}” includes tax (VAT){en}; the plan counts net of tax: add --tax 13% (your tax rate), or export the amount "
                "excluding tax. Nothing was written.")  # fmt: skip


_OF_ORDER = re.compile(
    r"(?:订单|合同|整单|单据|商机)总?(?:金额|额|收入|价款)|(?:order|deal|contract|opportunity|invoice)[ _]?(?:total|amount|value)|grand total"
)
_OF_LINE = re.compile(
    r"(?:行|明细|产品|商品|分录)总?(?:金额|小计|价|额)|小计|(?:total|extended|line|item|product) (?:price|total|amount|value)|line(?:total|amount)|sub ?total"
)


def may_be_of_order(header: str, others: Iterable[str]) -> bool:
    """Whether an amount may be one of the whole order on each of its lines: it is called so, or the line's own stands beside it."""
    return bool(_OF_ORDER.fullmatch(units.bare(header))) or any(_OF_LINE.fullmatch(units.bare(other)) for other in others)


def repeated_amount(header: str) -> Text:
    """Why lines of orders are refused that all carry one amount."""
    return Text(f"同一单的各行“{header}”都相同，像是整单金额：请改导每行的金额，或每单只留一行",
                f"“{header}” is the same on all lines of each order, so it may be the order's: export each line's amount, or keep one line an order")  # fmt: skip


def discounts(headers: Sequence[str], used: Sequence[int], columns: Callable[[int], Sequence[Raw]]) -> list[Text]:
    """A discount that nobody reads is said: an amount may be before it or after it."""
    found = []
    for index, header in enumerate(headers):
        if index in used or words.role_of(header) != "discount":
            continue
        if any(_is_discount(header, cell) for cell in columns(index)):
            found.append(
                Text(
                    f"“{header}”没有用到：金额应已是折后，请核对",
                    f"“{header}” was not used: the amounts should be after it, please check",
                )
            )
    return found


def _is_discount(header: str, cell: Raw) -> bool:
    """Whether a cell takes something off: 10%, 90% of the price, 5 yuan; not 0, and not 100% of it."""
    if blank(cell):
        return False
    number = _number(cell.strip().rstrip("%％") if isinstance(cell, str) else cell)
    whole = number in (1, 100) and re.search("率|%|rate|percent", units.plain(header)) is not None
    return number != 0 and not whole


_QUANTITY, _PRICE = re.compile("数量|件数|quantity|qty"), re.compile("单价|价格|price")
_MANY = re.compile(
    r"[十百千万仟](?!克|米|瓦|卡|伏|升)[个件台套只支箱盒包瓶袋张本份条双对组片根米吨克升]?|(?:per )?(?:\d{2,}|hundreds?|thousands?|dozens?|k)(?: ?(?:pcs|pieces|units|ea))?|打"
)
_PER = re.compile(
    r"(?:/|每|per |,)\s*(?P<many>(?:\d{2,}|[十百千万仟打](?!克|米|瓦|卡|伏|升)|hundred|thousand|dozen|k(?![a-z])).*)"
)
_PRICE_UNIT = re.compile(r"(?:价格|定价|计价)(?:单位|数量|基数)|price (?:unit|per|base|quantity)|per|pricing unit")


def refuse_multiples(headers: Sequence[str], used: Sequence[int], columns: Callable[[int], Sequence[Raw]]) -> None:
    """Quantity × price is the amount only where both are of one: 千个, 元/百件 and a price unit of 100 are not."""
    for index, header in enumerate(headers):
        low = units.plain(header)
        if index in used:
            price = _PRICE.search(low)
            brackets = [part.strip() for part in re.findall(r"[(\[【]([^)\]】]*)[)\]】]", low)]
            of_many = (
                _PER.search(low)
                if price
                else next((part for part in brackets if _MANY.fullmatch(part)), None)
                if _QUANTITY.search(low)
                else None
            )
        else:
            of_many = _PRICE_UNIT.fullmatch(low) and any(
                _number(cell) not in (0, 1) and np.isfinite(_number(cell)) for cell in columns(index)
            )
        if of_many:
            raise Refused(
                Text(f"“{header}”不是按一个计的，数量 × 单价不是金额：请导出金额列，或把数量、单价换算为每一个的。",
                     f"“{header}” is not of one piece, so quantity × price is not the amount: export the amounts, or quantity and price of one.")
            )  # fmt: skip


def refuse_discounts(headers: Sequence[str], used: Sequence[int], columns: Callable[[int], Sequence[Raw]]) -> None:
    """Quantity × price is the amount before a discount: with one beside them it is not what was sold for."""
    refuse_multiples(headers, used, columns)
    if discounts(headers, used, columns):
        index = next(i for i, h in enumerate(headers) if i not in used and words.role_of(h) == "discount")
        raise Refused(
            Text(f"金额由数量 × 单价算出，而“{headers[index]}”另有折扣：请导出折后金额的列；单价已是折后价则加 --map \"{headers[index]}=\"。",
                 f"the amount is quantity × price, “{headers[index]}” is taken off it: export the amount after the discount; if the price "
                 f"is after it, add --map \"{headers[index]}=\".")
        )  # fmt: skip


def row_unit(cell: Raw) -> units.Says:
    """What a cell of a unit column says; Refused by the caller where it is unknown."""
    return units.says(cell, True) if isinstance(cell, str) and not blank(cell) else units.SILENT


def rate_in(cell: Raw) -> Decimal | None:
    """A tax rate as a fraction: 13%, 0.13, 13, 免税; None where it is none."""
    if isinstance(cell, float) and not isinstance(cell, bool):
        value = Decimal(repr(float(cell)))
    elif isinstance(cell, str):
        text = units.plain(cell).replace(" ", "")
        if re.fullmatch(r"免税|不征税|零税率|出口零税率|exempt|zero|0", text):
            return Decimal(0)
        match = re.fullmatch(r"(?:vat|增值税)?(\d+(?:\.\d+)?)(%?)", text)
        if not match:
            return None
        value = Decimal(match[1]) / (100 if match[2] else 1)
    else:
        return None
    value = value / 100 if value >= 1 else value
    return value if 0 <= value < 1 else None


def wide(headers: Sequence[str], people: Sequence[str] = (), least: int = 3) -> list[str]:
    """The headers that are months, or people, where there are several: a wide table. ``least``: how many months make one."""
    months = [header for header in headers if header and words.is_month(header)]
    names = {words.plain(name) for name in people}
    persons = [header for header in headers if header and words.plain(header) in names]
    if len(months) < least:
        months = by_month(headers)
    return months or (persons if len(persons) >= 3 else [])
