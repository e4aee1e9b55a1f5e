"""Frames of raw columns → the transactions that count, and why each other row does not.

The rules stand in the package's docstring.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from operator import itemgetter
from typing import Any

import numpy as np

from udfs.rfm import canonical, in_fen
from udfs.text import Text, counted, joined
from udfs.values import LARGEST_EXACT, show
from workbook_templates.answers import Refused
from workbook_templates.intake import importing, parsing
from workbook_templates.intake.columns import Array, Texts, listed
from workbook_templates.intake.files import Raw, blank
from workbook_templates.intake.importing import quoted
from workbook_templates.intake.meaning import stage, units, words
from workbook_templates.intake.meaning.currencies import YUAN, currency, taken_apart
from workbook_templates.intake.meaning.dress import Dressed
from workbook_templates.intake.parsing import Bad, fold, look
from workbook_templates.tables.schema import Row
from workbook_templates.transactions import cells
from workbook_templates.transactions.cells import BLANK, Ids, Typed
from workbook_templates.transactions.frames import LINES, Frame
from workbook_templates.transactions.report import LATER, LEFT, OTHER, REFUSED, REPEATED, FindingGroup, Part, Report

_NO_ID = -1
_AMOUNTS = ("amount", "quantity", "price")
TELLING = ("quantity", "price", "product", "line")  # columns that tell the lines of an invoice apart
ONCE, EACH = "once", "each"


# Numbers of credit notes: C489449 among plain digits, CN-1, RET0001, XSTH001.
_CREDIT = re.compile(r"(CN|CR|CRN|CM|RET|RTN|RMA|SRN|XSTH|THD?|退货?|红)[-_ /]?\d[\d\-]*|(C)\d+")


_FIRST = frozenset("CcRrSsXxTt退红")  # a hundred thousand invoices are asked by their first letter


def letters_of(invoice: str) -> str:
    """The letters of a number that may be that of a credit note; "" for others."""
    match = _CREDIT.fullmatch(invoice.upper()) if invoice[:1] in _FIRST else None
    return (match[1] or match[2]) if match else ""


def is_credit_note(invoice: str, prefix: str = "") -> bool:
    """Whether a number is that of a credit note: by the letters a person named, else by those that systems use."""
    if not prefix:
        return bool(letters_of(invoice))
    upper = invoice.upper()
    return upper.startswith(prefix) and re.fullmatch(r"[-_ /]?\d[\d\-]*", upper[len(prefix) :]) is not None


@dataclass(frozen=True)
class SourceWishes:
    """What the person decided: rates by currency (yuan for one), the one currency to take, whether equal lines of an
    invoice count once or each (by the file itself unless said), the letters that mark credit notes given without their sign."""

    rates: Mapping[str, Decimal] = field(default_factory=dict)
    only: str = ""
    lines: str = ""
    credit: str = ""
    choices: stage.Choices = stage.NONE
    zone: dt.tzinfo | None = None  # whose day a moment with an offset is; None: the plan's own


NONE = SourceWishes()


@dataclass
class Counted:
    """The transactions that count: customers as places in ``names``, days since 1970, fen."""

    names: list[str]
    customers: Array
    days: Array
    fen: Array


@dataclass
class _Part:
    """One frame while it is read."""

    frame: Frame
    columns: dict[str, Typed]
    yuan: Array
    currency: Array  # places in the list of codes
    customers: Ids
    invoices: Sequence[str]
    empty: Array  # rows in which nothing stands
    meaning: stage.Meaning


def directory_of(customers: Sequence[Row]) -> importing.Directory:
    """The plan's customers by ID and by name, whatever the width and spaces of an ID."""
    return importing.Directory([{**row, "id": canonical(str(row["id"]))} for row in customers if row.get("id")], "id")


def distinct(ways: set[str], found: Sequence[str], directory: importing.Directory) -> Text | None:
    """Why an ID is refused that Excel takes for another: two ways to write it, in the source or beside the plan."""
    if not ways:
        return None
    if len(ways) > 1 and not all(directory.same(canonical(way)) for way in ways):
        return importing.clash(sorted(ways))
    way = min(ways)
    if len(found) == 1 and fold(found[0]) == fold(canonical(way)) and not directory.same(canonical(way)):
        return importing.clash(sorted((way, found[0])))
    other = "" if found else directory.like(canonical(way))
    return importing.clash(sorted((way, other))) if other else None


class Reader:
    """One reading; its steps follow :meth:`run`."""

    def __init__(
        self, frames: Sequence[Frame], as_of: int, customers: Sequence[Row], wishes: SourceWishes, notes: Sequence[Text]
    ) -> None:
        self.frames, self.as_of, self.wishes = frames, as_of, wishes
        self.report = Report(notes=list(notes))
        self.codes: dict[str, int] = {YUAN: 0}
        self.directory = directory_of(customers)
        self.invoices: Sequence[str] = []

    def run(self) -> Counted:
        """Type the cells, refuse what can't be used, decide on currencies, repeats and the future."""
        orders = [cells.order_shown(frame.column("date"), frame.few("date")) for frame in self.frames]
        proven: set[bool] = set().union(*orders)
        self.parts = [self._typed(frame, own, proven) for frame, own in zip(self.frames, orders, strict=True)]
        sizes = [len(frame) for frame in self.frames]
        self.file = np.repeat(np.arange(len(sizes)), sizes)
        self.row = np.concatenate([np.arange(size) for size in sizes] or [np.empty(0, np.int64)])
        self.good = ~self._joined(lambda part: part.empty)
        self.read = self.good.copy()
        self._left()
        self.day = self._joined(lambda part: part.columns["date"].values)
        self.customer, self.names = self._customers()
        self._refusals()
        self.invoice = self._invoices()
        self.fen = self._money()
        self._whole_orders()
        self._repeats()
        self._future()
        return self._counted()

    # ---- cells

    def _joined(self, of: Any) -> Array:
        if len(self.parts) == 1:
            return np.asarray(of(self.parts[0]))
        return np.concatenate([of(part) for part in self.parts]) if self.parts else np.empty(0, np.int64)

    def _typed(self, frame: Frame, own: set[bool], proven: set[bool]) -> _Part:
        orders = own if len(proven) > 1 else proven
        first = next(iter(orders)) if len(orders) == 1 else None
        if first is not None and own == {first}:
            order = Text("日/月/年", "day/month/year") if first else Text("月/日/年", "month/day/year")
            self.report.notes.append(
                Text("“{f}”的“{h}”按 {o} 读取：其中大于 12 的数证明了顺序",
                     "“{h}” of “{f}” was read as {o}: numbers above 12 in it prove that").format(f=frame.name, h=frame.title("date"), o=order)
            )  # fmt: skip
        meaning = self._meaning(frame)
        deciding = meaning.deciding
        frame = self._with_heads(frame, meaning)
        given = parsing.stated_offset(frame.title("date"))
        columns = {
            "date": cells.days(
                frame.column("date"), LINES["date"], first, frame.from_1904, self.wishes.zone, given, frame.few("date")
            )
        }
        if columns["date"].zoned:
            self._say(frame, [parsing.said_zone(frame.title("date"), self.wishes.zone)])
        customers = cells.ids(frame.code("customer"), LINES["customer"])  # type: ignore[arg-type]
        columns["customer"] = customers.typed
        invoices: Sequence[str] = []
        if (found := frame.code("invoice")) is not None:
            columns["invoice"], invoices, *_ = cells.ids(found, LINES["invoice"], optional=True)
        asked = ("amount",) if frame.column("amount") is not None else ("quantity", "price")
        amount = self._amount(frame, asked[-1], meaning)
        deciding |= amount.beside
        for key in asked:
            scale = amount.scale if key == asked[-1] else Decimal(1)
            columns[key] = cells.numbers(frame.column(key), LINES[key], scale, frame.title(key))
        self._refuse_doubtful(frame, asked[-1])
        where = self._currency(frame, columns, asked[-1], amount, deciding)
        with np.errstate(invalid="ignore", over="ignore"):
            yuan = np.prod([columns[key].values for key in asked], axis=0)
            yuan = self._net(frame, yuan, columns[asked[-1]], amount, columns.get("quantity"))
        if meaning.minus is not None:
            yuan = np.where(meaning.minus, -yuan, yuan)
        nothing = np.all([typed.why == BLANK for typed in columns.values()], axis=0)
        empty = np.zeros(len(frame), bool)
        rows = np.flatnonzero(nothing)
        empty[rows] = [all(map(blank, row)) for row in frame.whole(rows)]
        self._whole_rows(frame, columns, empty)
        self._other_side(frame, columns, asked[-1], meaning)
        return _Part(frame, columns, yuan, where, customers, invoices, empty, meaning)

    def _meaning(self, frame: Frame) -> stage.Meaning:
        """Which rows are no transactions, by the rules that every import goes by."""
        rows = stage.Rows(
            frame.layout.speaking,
            {key: place.index for key, place in frame.layout.places.items()},
            frame.columns,
            frame.lines,
            LINES,
            frame.layout.line,
            frame.summed,
            frame.hidden,
            frame.coded,
            frame.ordered,
        )
        meaning = stage.look(rows, self.wishes.choices)
        if frame.shared:
            mixed = self._merged_over(frame, meaning)
            meaning.leave(
                np.array(sorted(frame.shared - mixed), np.int64),
                stage.SUMS,
                Text("金额与上一行合并", "whose amount is merged with the row above"),
            )
        self._say(frame, meaning.notes)
        used = [place.index for place in frame.layout.places.values()]
        if len(frame):
            head = np.arange(min(1000, len(frame)))
            if frame.column("amount") is None:
                stage.refuse_discounts(frame.layout.speaking, used, lambda index: listed(frame.columns[index], head))
            self._say(frame, stage.discounts(frame.layout.speaking, used, lambda index: listed(frame.columns[index], head)))
        return meaning

    @staticmethod
    def _merged_over(frame: Frame, meaning: stage.Meaning) -> set[int]:
        """Rows of an amount that is merged over those of several customers: refused, with the first of them."""
        customers = frame.coded(frame.layout.places["customer"].index).codes
        where = frame.layout.places["amount"].index if "amount" in frame.layout.places else frame.layout.places["customer"].index
        mixed: set[int] = set()
        for row in sorted(frame.shared):
            first = row - 1
            while first in frame.shared:
                first -= 1
            if first >= 0 and customers[first] != customers[row]:
                mixed |= set(range(first, row + 1))
        for row in mixed:
            meaning.refused.setdefault(row, (where, importing.SHARED))
        return mixed

    def _say(self, frame: Frame, notes: Sequence[Text]) -> None:
        named = Text(f"“{frame.name}”：", f"“{frame.name}”: ") if len(self.frames) > 1 else Text("", "")
        self.report.notes += [named + note for note in notes]

    def _with_heads(self, frame: Frame, meaning: stage.Meaning) -> Frame:
        """Lines of an invoice that is named on its first line only go on from above."""
        heads = [key for key in ("invoice", "date", "customer") if key in frame.layout.places]
        if len(heads) < 3 or not len(frame) or not frame.ordered:
            return frame
        bare = meaning.left == 0
        for key in ("invoice", "customer"):
            bare &= frame.code(key).codes < 0  # type: ignore[union-attr]
        rows = [row for row in np.flatnonzero(bare).tolist() if row and row not in meaning.refused]
        telling = [i for i, header in enumerate(frame.layout.headers) if words.tells_lines(header)]
        rows = [
            row for row in rows if blank(frame.cells("date", np.array([row]))[0])
            and any(not blank(listed(frame.columns[i], np.array([row]))[0]) for i in telling)
        ]  # fmt: skip
        if not rows:
            return frame
        columns = list(frame.columns)
        for key in heads:
            place = frame.layout.places[key].index
            column = listed(columns[place])
            for row in rows:
                if meaning.left[row - 1] == 0:
                    column[row] = column[row - 1]
            columns[place] = column
        n = f"{len(rows):,}"
        self._say(
            frame,
            [
                Text(
                    f"{n} 行没有发票号、日期和客户，接上一行",
                    f"{counted(len(rows), 'row')} without invoice, date and customer, taken to go on from the row above",
                )
            ],
        )
        return replace(frame, columns=columns, known={})

    def _amount(self, frame: Frame, key: str, meaning: stage.Meaning) -> stage.Amount:
        """What the amounts are in: by the header, the lines around the rows, and columns beside them."""
        header = frame.title(key)
        kinds = [kind for kind, _ in meaning.reasons]
        below = [k for k in np.flatnonzero(meaning.left).tolist() if kinds[meaning.left[k]] == stage.FOOTERS]
        below = below if len(below) <= 120 else [*below[:60], *below[-60:]]
        texts = [c for row in frame.whole(np.array(below, np.int64)) for c in row if isinstance(c, str) and not blank(c)]
        head = np.arange(min(len(frame), 1000))
        amount = stage.amount_of(
            LINES, key, header, frame.layout.speaking, (*frame.layout.beside.get(frame.layout.places[key].index, ()), *frame.layout.around, *texts), self.wishes.choices,
            lambda index: listed(frame.columns[index], head),
        )  # fmt: skip
        self.report.notes += [Text(f"“{frame.name}”：", f"“{frame.name}”: ") + note for note in amount.notes]
        return amount

    def _net(self, frame: Frame, yuan: Array, typed: Typed, amount: stage.Amount, quantity: Typed | None) -> Array:
        """Amounts without the tax in them, each row in its own unit."""
        if amount.unit_column >= 0:
            found = frame.coded(amount.unit_column)
            said = [stage.row_unit(value) for value in found.values]
            yuan = yuan * np.array([float((one.scale or amount.scale) / amount.scale) for one in said] + [1.0])[found.codes]
            for code, one in enumerate(said):
                if one.unknown:
                    typed.refuse(
                        np.flatnonzero(found.codes == code),
                        Text(f"单位“{one.unknown}”看不懂", f"has the unit “{one.unknown}”, which is not understood"),
                    )
        if amount.tax_column >= 0:
            tax = cells.numbers(frame.columns[amount.tax_column], LINES["amount"], amount.tax_scale or amount.scale)
            taken = np.where(np.isfinite(tax.values), tax.values, 0.0)
            with np.errstate(invalid="ignore"):
                above = np.flatnonzero((taken != 0) & (np.abs(taken) >= np.abs(yuan)) & (typed.why == 0))
            if len(above):
                typed.refuse(above, stage.TAX_ABOVE)
            return yuan - taken
        if amount.rate is not None:
            return yuan / float(1 + amount.rate)
        if amount.rate_column >= 0:
            found = frame.coded(amount.rate_column)
            rates = [stage.rate_in(value) for value in found.values] + [None]
            lacking = np.array([rate is None for rate in rates])[found.codes]
            typed.refuse(
                np.flatnonzero(lacking & (typed.why == 0)),
                Text("含税，但税率读不出：请填如 13%", "includes tax, but its rate can't be read: write it as 13%"),
            )
            yuan = yuan / np.array([float(1 + (rate or 0)) for rate in rates])[found.codes]
        return yuan

    def _other_side(self, frame: Frame, columns: dict[str, Typed], key: str, meaning: stage.Meaning) -> None:
        """Rows of a ledger with the amount on the other side: no sales, and no mistakes."""
        header = words.plain(frame.title(key))
        side = next((pair for pair in (("借", "贷"), ("debit", "credit")) if pair[0] in header), None)
        side = side or next((pair[::-1] for pair in (("借", "贷"), ("debit", "credit")) if pair[1] in header), None)
        if side is None:
            return
        plain = list(map(words.plain, frame.layout.headers))
        other = next((i for i, h in enumerate(plain) if side[1] in h and side[0] not in h and h != header), None)
        if other is None:
            return
        beside = stage.amounts(frame.columns[other])
        nothing = (columns[key].why == BLANK) & np.isfinite(beside)
        zero = (columns[key].values == 0) & np.isfinite(beside) & (beside != 0)  # programs write 0.00 where nothing is
        meaning.leave(nothing | zero, stage.STATUS, stage.NO_SALE)

    @staticmethod
    def _refuse_doubtful(frame: Frame, key: str) -> None:
        """Amounts that may be a thousand times what they seem, in files as Europe writes them."""
        first = listed(frame.column("date"), np.arange(min(len(frame), 200)))
        if parsing.doubtful_thousands(["1.234"], first):  # nearly no file has such days: the amounts need not be looked at
            amounts = listed(frame.column(key))
            if parsing.comma_habit(amounts) is False and (doubtful := parsing.doubtful_thousands(amounts, first)):
                raise Refused(parsing.two_meanings(frame.title(key), doubtful))

    def _code(self, name: str) -> int:
        return self.codes.setdefault(name, len(self.codes))

    def _currency(self, frame: Frame, columns: dict[str, Typed], key: str, amount: stage.Amount, deciding: set[int]) -> Array:
        """The currency of each row: what its column says, else the sign in its amount, else the header's."""
        where = np.full(len(frame), self._code(amount.currency), np.int64)
        found = frame.code("currency")
        if found is None:
            used = [place.index for place in frame.layout.places.values()]
            head = np.arange(min(len(frame), 1000))
            other = stage.currency_column(frame.layout.speaking, used, lambda index: listed(frame.columns[index], head))
            deciding |= {other} - {-1}
            found = frame.coded(other) if other >= 0 else None
        told = np.zeros(len(frame), bool)
        if found is not None and not units.in_own_money(frame.title(key), frame.layout.headers):
            known = np.array([self._code(currency(str(value))) if not blank(value) else 0 for value in found.values] + [0])
            told = found.codes >= 0
            where[told] = known[found.codes[told]]
        typed = columns[key]
        rows = np.flatnonzero(typed.why > BLANK)
        signed = [(row, *_taken_apart(raw)) for row, raw in zip(rows.tolist(), frame.cells(key, rows), strict=True)]
        signed = [(row, code, rest) for row, code, rest in signed if code]
        # 1.234 € beside 12,50 € is 1234: the column has one style.
        habit = cells.comma(listed(frame.column(key)), frame.title(key)) if signed else parsing.Habit()
        for row, code, rest in signed:
            if told[row] and where[row] != self._code(code):
                typed.refuse(
                    row, Text("金额的货币符号与币种列不符：请核对", "its sign and the currency column disagree: check them")
                )
                continue
            try:
                typed.values[row], typed.why[row] = cells.careful_number(rest, LINES[key], amount.scale, habit), 0
                where[row] = self._code(code)
            except Bad as bad:
                typed.refuse(row, bad.text)
        return where

    def _whole_rows(self, frame: Frame, columns: dict[str, Typed], empty: Array) -> None:
        """Rows that are no transactions as a whole: totals, repeated headers, a comma too many."""
        date = columns["date"]
        for row, count in frame.overlong.items():
            width = len(frame.layout.headers)
            date.refuse(row, Text(f"有 {count} 格，标题只有 {width} 列：是否有未加引号的逗号？",
                                  f"has {count} cells, the header {width}: a comma without quotes?"))  # fmt: skip
        rows = np.flatnonzero((date.why > 0) & ~empty)
        likely = rows if len(rows) <= 50_000 else rows[columns["customer"].why[rows] > 0][:50_000]
        repeated = []
        for row, whole in zip(likely.tolist(), frame.whole(likely), strict=True):
            if whole == frame.header[: len(whole)] or importing.repeats_headings(
                LINES, frame.layout, frame.header, whole, first=row == 0
            ):
                repeated.append(row)
        if repeated:
            empty[repeated] = True  # page breaks repeat the header
            self.report.notes.append(Text(f"“{frame.name}”有 {len(repeated):,} 行重复的标题，已跳过",
                                          f"skipped: {counted(len(repeated), 'row')} of “{frame.name}” repeating the header"))  # fmt: skip

    # ---- customers and invoices

    def _customers(self) -> tuple[Array, list[str]]:
        """Places in one list of names: an ID as the plan spells it, a name as the plan's ID, else alike but for case as one."""
        if (plain := self._plain_customers()) is not None:
            return plain
        spelled = sorted({name for part in self.parts for name in part.customers.names})
        by_fold: dict[str, str] = {}
        ways: defaultdict[str, set[str]] = defaultdict(set)
        for name in spelled:
            by_fold.setdefault(fold(name), name)
        for part in self.parts:
            for way in self._written(part):
                ways[look(canonical(way))].add(way)
        meant: dict[str, str] = {}
        looked_up: set[str] = set()
        doubtful: dict[str, Text] = {}
        for name in spelled:
            found = [] if self.directory.empty else self.directory.find(name)
            if len(found) > 1:
                zh, en = joined(found, most=5, unit="个")
                doubtful[name] = Text(f"有几位同名：{zh}，请填编号", f"is the name of several: {en}; give the ID")
            if len(found) == 1 and fold(found[0]) != fold(name):
                looked_up.add(name)
            if (said := distinct(ways[look(name)], found, self.directory)) is not None:
                doubtful[name] = said
            meant[name] = found[0] if len(found) == 1 else by_fold[fold(name)]
        if looked_up:
            n = f"{len(looked_up):,}"
            self.report.notes.append(Text(f"{n} 家客户按名称找到编号", f"found by name, not ID: {n} × customer"))
        self._say_merged(meant, looked_up | set(doubtful))
        names = sorted(set(meant.values()))
        places = {name: k for k, name in enumerate(names)}
        placed = []
        for part in self.parts:
            typed = part.columns["customer"]
            own = np.array([places[meant[name]] for name in part.customers.names] + [_NO_ID], np.int64)
            for k, name in enumerate(part.customers.names):
                if name in doubtful:  # what is still to come is left out before it can clash
                    past = part.columns["date"].values <= self.as_of
                    typed.refuse(np.flatnonzero((typed.values == k) & past), doubtful[name])
            placed.append(own[typed.values])
        return np.concatenate(placed) if placed else np.empty(0, np.int64), names

    def _plain_customers(self) -> tuple[Array, list[str]] | None:
        """The same where the IDs of one file are plain and all differ, and each is the plan's as it stands, or none's: nearly always.

        A hundred thousand of them are then not asked one by one.
        """
        if len(self.parts) != 1 or not self.parts[0].customers.plain:
            return None
        (part,) = self.parts
        names = part.customers.names
        folded = list(map(str.casefold, names))
        if len(set(folded)) < len(folded):
            return None
        new = names
        if not self.directory.empty:
            new = []
            for name, low in zip(names, folded, strict=True):
                ident = self.directory.ids.get(low)
                if ident is None:
                    new.append(name)
                elif ident != name:
                    return None
        if self.directory.names and any(map(self.directory.find, new)):
            return None
        if not all(map(str.isascii, self.directory.ids)) and any(map(self.directory.like, new)):
            return None
        ordered = sorted(names)
        places = dict(zip(ordered, range(len(ordered)), strict=True))
        own = np.fromiter(map(places.__getitem__, names), np.int64, len(names))
        return np.append(own, _NO_ID)[part.columns["customer"].values], ordered

    def _written(self, part: _Part) -> list[str]:
        """The customers' IDs as people see them, of the rows that are good otherwise: those of the others are none's."""
        found = part.frame.coded(part.frame.layout.places["customer"].index)
        good = (found.codes >= 0) & (part.meaning.left == 0) & (part.columns["date"].values <= self.as_of)
        for key, typed in part.columns.items():
            if key != "invoice":
                good &= typed.why == 0
        used = np.flatnonzero(np.bincount(found.codes[good], minlength=len(found.values))).tolist()
        if part.customers.plain:
            return [str(found.values[code]) for code in used]
        parse = parsing.parser(LINES["customer"])
        return [importing.as_written(v) if isinstance(v := found.values[code], str) else parse(v) for code in used]

    def _say_merged(self, meant: Mapping[str, str], looked_up: set[str]) -> None:
        first: dict[str, str] = {}
        found: set[str] = set()
        for part in self.parts:
            for name, written in part.customers.spelled.items():
                if name not in looked_up and first.setdefault(meant[name], written) != written:
                    found.add(meant[name])
            found |= {meant[name] for name in part.customers.several - looked_up}
        several = sorted(found)
        if several:
            self.report.notes.append(
                Text("{n} 家客户的编号有不同写法，已合并：{l}", "customers spelled in several ways, merged: {n} ({l})").format(
                    n=f"{len(several):,}", l=joined(several, most=3, unit="家")
                )
            )

    def _invoices(self) -> Array:
        places: dict[str, int] = {}
        placed = []
        for part in self.parts:
            typed = part.columns.get("invoice")
            if typed is None:
                placed.append(np.full(len(part.frame), _NO_ID, np.int64))
                continue
            if len(self.parts) == 1:
                self.invoices = part.invoices
                placed.append(typed.values)
                continue
            own = np.array([places.setdefault(fold(name), len(places)) for name in part.invoices] + [_NO_ID], np.int64)
            placed.append(own[typed.values])
        if len(self.parts) != 1:
            self.invoices = list(places)
        return np.concatenate(placed) if placed else np.empty(0, np.int64)

    # ---- refusals

    def _left(self) -> None:
        """Take out what is no transaction, and say each kind in one line."""
        begin = 0
        for file, part in enumerate(self.parts):
            rows = slice(begin, begin := begin + len(part.frame))
            left = (part.meaning.left > 0) & ~part.empty
            part.meaning.left[~left] = 0
            if not left.any():
                continue
            self.good[rows] &= ~left
            self._say(part.frame, part.meaning.said(part.frame.lines))
            own = np.flatnonzero(left)
            values = [" | ".join(quoted(cell) for cell in whole[:6]) for whole in part.frame.whole(own)]
            reasons = [reason for _, reason in part.meaning.reasons]
            self.report.groups.append(
                FindingGroup(
                    LEFT, file, "", part.frame.lines[own], values, part.meaning.left[own], reasons, np.ones(len(own), bool)
                )
            )

    def _refusals(self) -> None:
        begin = 0
        for file, part in enumerate(self.parts):
            rows = slice(begin, begin := begin + len(part.frame))
            good = self.good[rows]
            out = part.meaning.left > 0
            before = np.zeros(len(part.frame), bool)
            for row, (index, why) in part.meaning.refused.items():
                if not out[row] and not part.empty[row]:
                    at = np.array([row])
                    shown = [quoted(cell) for cell in listed(part.frame.columns[index], at)]
                    header = part.frame.layout.headers[index]
                    self.report.groups.append(
                        FindingGroup(
                            REFUSED, file, header, part.frame.lines[at], shown, np.zeros(1, int), [why], np.ones(1, bool)
                        )
                    )
                    before[row] = out[row] = True
            for key in ("date", "customer", *_AMOUNTS):
                typed = part.columns.get(key)
                if typed is None:
                    continue
                bad = np.flatnonzero((typed.why > 0) & ~part.empty & ~out)
                if len(bad):
                    values = self._values(part.frame, key, bad, typed)
                    group = FindingGroup(
                        REFUSED,
                        file,
                        part.frame.title(key),
                        part.frame.lines[bad],
                        values,
                        typed.why[bad],
                        typed.reasons,
                        ~before[bad],
                    )
                    self.report.groups.append(group)
                    before[bad] = True
            good &= ~before

    def _values(self, frame: Frame, key: str, rows: Array, typed: Typed) -> Sequence[str]:
        if (typed.why[rows] == BLANK).all():
            return _Blanks(len(rows))
        return [quoted(raw) for raw in frame.cells(key, rows)]

    def _leave(self, rows: Array, kind: str, key: str, reasons: Sequence[Text], which: Array | None = None) -> None:
        """Take rows out that were good so far."""
        which = np.zeros(len(rows), np.int64) if which is None else which
        self.good[rows] = False
        for file, part in enumerate(self.parts):
            mine = self.file[rows] == file
            if mine.any():
                own = self.row[rows[mine]]
                values = [quoted(raw) for raw in part.frame.cells(key, own)]
                self.report.groups.append(
                    FindingGroup(
                        kind,
                        file,
                        part.frame.title(key),
                        part.frame.lines[own],
                        values,
                        which[mine],
                        reasons,
                        np.ones(len(own), bool),
                    )
                )

    # ---- money

    def _money(self) -> Array:
        """Fen: one currency, or each at its rate."""
        yuan, where = self._joined(lambda part: part.yuan), self._joined(lambda part: part.currency)
        names = list(self.codes)
        if self.wishes.only:
            other = np.flatnonzero(self.good & (where != self.codes.get(currency(self.wishes.only), -1)))
            if len(other):
                reason = Text("{c}：只取 {o}", "is in {c}: only {o} is taken")
                reasons = [reason.format(c=name, o=currency(self.wishes.only)) for name in names]
                key = "currency" if any(part.frame.column("currency") is not None for part in self.parts) else "amount"
                self._leave(other, OTHER, key, reasons, where[other])
        rates = {currency(name): rate for name, rate in self.wishes.rates.items()}
        there = np.unique(where[self.good]).tolist()
        lacking = [names[k] for k in there if names[k] != YUAN and names[k] not in rates]
        if lacking and not (self.wishes.only and len(there) == 1 and currency(self.wishes.only) == names[there[0]] == YUAN):
            raise Refused(self._mixed(where, names, there, lacking))
        rate = np.array([1.0 if name == YUAN else float(rates.get(name, 1)) for name in names])
        for k in there:
            if names[k] != YUAN:
                self.report.notes.append(
                    Text(
                        f"{int((where[self.good] == k).sum()):,} 行 {names[k]} 按 1 {names[k]} = {rates[names[k]]} 元折算",
                        f"{counted(int((where[self.good] == k).sum()), 'row')} in {names[k]}, converted at 1 {names[k]} "
                        f"= {rates[names[k]]} yuan",
                    )
                )
        amount = np.where(self.good, yuan, 0.0)
        fen = in_fen(amount if len(there) <= 1 and there in ([0], []) else amount * rate[where])
        if float(np.abs(fen).astype(float).sum()) > LARGEST_EXACT:
            raise Refused(Text("金额合计过大，分位已无法精确：请核对金额单位。",
                               "The amounts add up to more than fen can be exact for: check their unit."))  # fmt: skip
        return self._credit_notes(fen)

    def _mixed(self, where: Array, names: list[str], there: list[int], lacking: list[str]) -> Text:
        counts = joined(f"{names[k]} {int((where[self.good] == k).sum()):,}" for k in there)
        flags = " ".join(f"--rate {name}=…" for name in lacking)
        found = (
            Text("金额有几种币种", "The amounts are in several currencies")
            if len(there) > 1
            else Text("金额是外币", "The amounts are in a foreign currency")
        )
        return found + Text("（行数：{l}），不能相加。请给出汇率：{f}，或只取一种：--currency CNY。",
                            " (rows: {l}) and can't be added. Give the rates: {f}, or take one only: --currency CNY.").format(l=counts, f=flags)  # fmt: skip

    def _credit_notes(self, fen: Array) -> Array:
        """Credit notes are negative; numbers like C489449 among plain digits are said where they are not."""
        if not self.invoices:
            return fen
        prefix = self.wishes.credit.upper()
        first = self.invoices.first if isinstance(self.invoices, Texts) else map(itemgetter(0), self.invoices)
        if not prefix and _FIRST.isdisjoint(first):
            return fen
        marked = np.array([is_credit_note(name, prefix) for name in self.invoices] + [False])
        if not marked.any() or not (prefix or not marked[:-1].all()):
            return fen
        positive = np.flatnonzero(self.good & marked[self.invoice] & (fen > 0))
        if not len(positive):
            return fen
        n = f"{len(positive):,}"
        if self.wishes.credit:
            fen[positive] *= -1
            self.report.notes.append(
                Text(
                    f"{n} 行以 {prefix} 开头的红字发票金额为正，按负数计",
                    f"{counted(len(positive), 'row')} of credit notes, with numbers that begin with {prefix} and positive amounts, counted as negative",
                )
            )
        else:
            letters = next(
                letters_of(self.invoices[k]) for k in np.flatnonzero(marked).tolist() if k in set(self.invoice[positive].tolist())
            )
            rows = counted(len(positive), "row")
            self.report.notes.append(Text(f"{n} 行发票号以 {letters} 开头而金额为正，按原样计入：若是未带负号的红字发票，请加 --credit {letters}",
                                          f"{rows} whose invoice number begins with {letters}, with positive amounts, counted as given: if they are credit "
                                          f"notes without their sign, add --credit {letters}"))  # fmt: skip
        return fen

    # ---- orders, repeats and the future

    def _whole_orders(self) -> None:
        """Refuse lines that all carry the amount of their order: adding them up would count it many times."""
        for file, part in enumerate(self.parts):
            found = part.frame.layout
            place = found.places.get("amount")
            telling = [i for i, h in enumerate(found.headers) if (place is None or i != place.index) and words.tells_lines(h)]
            if place is None or not telling or not stage.may_be_of_order(place.header, found.unused):
                continue
            rows = np.flatnonzero(self.good & (self.file == file) & (self.invoice >= 0) & (self.fen != 0))
            rows = rows[np.argsort(self.invoice[rows], kind="stable")]
            if len(rows) < 2:
                continue
            numbers, fen = self.invoice[rows], self.fen[rows].astype(float)
            first = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))
            several = np.diff(np.append(first, len(rows))) > 1

            def alike(values: Array, first: Array = first) -> Array:
                return np.asarray(np.minimum.reduceat(values, first) == np.maximum.reduceat(values, first))

            own = self.row[rows]
            differ = np.any([~alike(part.frame.coded(index).codes[own]) for index in telling], axis=0)
            if several.any() and (alike(fen) & differ)[several].all():
                whole = np.repeat(several, np.diff(np.append(first, len(rows))))
                self._leave(np.sort(rows[whole]), REFUSED, "amount", [stage.repeated_amount(place.header)])

    def _repeats(self) -> None:
        """The same line of the same invoice again counts once; see the package's docstring for lines nothing tells apart."""
        rows = np.flatnonzero(self.good & (self.invoice >= 0))
        if not len(rows):
            if self.good.any():
                self.report.notes.append(
                    Text(
                        "没有发票号（或位数已丢失），无法发现重复的行",
                        "there are no invoice numbers, or all lost their digits: repeated rows can't be found",
                    )
                )
            return
        if len(rows) < np.count_nonzero(self.good):
            n = int(np.count_nonzero(self.good)) - len(rows)
            self.report.notes.append(Text(f"{n:,} 行没有发票号（或位数已丢失），无法判断是否重复，都计入",
                                          f"{counted(n, 'row')} without an invoice number, or with one that lost its digits: whether repeated can't be seen, all count"))  # fmt: skip
        # Of numbers that all differ none is there twice.
        alike = rows[:0] if len(self.parts) == 1 and isinstance(self.invoices, Texts) else self._alike(rows)
        self._say_shared(rows)
        if not len(alike):
            return
        each = (self.wishes.lines or self._by_the_files(rows)) == EACH
        groups = self._identical(alike)
        again: list[int] = []
        equal = 0
        for copies in groups:
            by_file: defaultdict[int, list[int]] = defaultdict(list)
            for row in copies:
                by_file[int(self.file[row])].append(row)
            kept = max(by_file.values(), key=len) if each else copies[:1]
            equal += len(kept) - 1
            chosen = set(kept)
            again += [row for row in copies if row not in chosen]
        if equal:
            self.report.notes.append(Text(f"{equal:,} 行与同一发票的另一行完全相同，文件没有列能区分，按不同明细都计入；若是重复导出请加 --lines once",
                                          f"{counted(equal, 'row')} like another line of the same invoice in every column, and no column "
                                          "tells lines apart: all count; if they were exported twice add --lines once"))  # fmt: skip
        if again:
            reason = Text(
                "与同一发票的另一行完全相同：只计一次（若是不同明细：--lines each）",
                "equals another line of its invoice: counted once (if it is another line: --lines each)",
            )
            self._leave(np.array(sorted(again), np.int64), REPEATED, "invoice", [reason])
            net = int(self.fen[again].sum())
            self.report.notes.append(
                Text(
                    f"重复的 {len(again):,} 行净额 {show(net / 100)} 元，未再计入",
                    f"the {len(again):,} repeated rows come to {show(net / 100)} yuan net, not counted again",
                )
            )

    def _alike(self, rows: Array) -> Array:
        """Rows that agree with some other row in all that is looked at here, as one mixed number: few are left to be
        compared in full."""
        mixed = self.invoice[rows].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        shared = [key for key in TELLING if all(part.frame.column(key) is not None for part in self.parts)]
        for column in (self.day, self.customer, self.fen, *map(self._hashed, shared)):
            mixed = (mixed ^ column[rows].astype(np.uint64)) * np.uint64(0xBF58476D1CE4E5B9)
            mixed ^= mixed >> np.uint64(29)
        ordered = np.sort(mixed)
        twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
        return rows[np.isin(mixed, twice)] if len(twice) else rows[:0]

    def _hashed(self, key: str) -> Array:
        """A number for each cell, the same for cells that compare alike."""

        def of(part: _Part) -> Array:
            found = part.frame.coded(part.frame.layout.places[key].index)
            return np.array([hash(_plain(value)) for value in found.values] + [hash("")], np.int64)[found.codes]

        return self._joined(of)

    def _by_the_files(self, rows: Array) -> str:
        """Once, unless the files list lines that no column tells apart."""
        if any(part.frame.column(key) is not None for part in self.parts for key in TELLING):
            return ONCE
        keys = np.stack([self.invoice[rows], self.day[rows], self.customer[rows], self.fen[rows]])
        order = np.lexsort(keys[::-1])
        keys = keys[:, order]
        same = keys[0, 1:] == keys[0, :-1]
        return EACH if (same & (keys[1:, 1:] != keys[1:, :-1]).any(axis=0)).any() else ONCE

    def _identical(self, rows: Array) -> list[list[int]]:
        """Groups of rows that are alike in every column their files share."""
        whole: dict[int, dict[str, str]] = {}
        for file, part in enumerate(self.parts):
            mine = rows[self.file[rows] == file]
            own = {
                part.frame.layout.places[k].index
                for k in ("invoice", "date", "customer", "amount")
                if k in part.frame.layout.places
            }
            headers = part.frame.layout.headers
            for row, line in zip(mine.tolist(), part.frame.whole(self.row[mine]), strict=True):
                whole[row] = {fold(headers[k]): _plain(cell) for k, cell in enumerate(line) if k not in own}
        core: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
        for row in rows.tolist():
            core[int(self.invoice[row]), int(self.day[row]), int(self.customer[row]), int(self.fen[row])].append(row)
        groups: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
        for key, alike in core.items():
            shared = sorted(set.intersection(*(set(whole[row]) for row in alike)))
            for row in alike:
                groups[*key, *(whole[row][header] for header in shared)].append(row)
        return [group for group in groups.values() if len(group) > 1]

    def _say_shared(self, rows: Array) -> None:
        """Invoices that stand in several files: their lines are added, once each."""
        if len(self.parts) < 2:
            return
        pairs = np.unique(self.invoice[rows] * len(self.parts) + self.file[rows])
        invoices, times = np.unique(pairs // len(self.parts), return_counts=True)
        shared = invoices[times > 1].tolist()
        if shared:
            zh, en = joined((self.invoices[k] for k in shared), most=3, unit="张")
            self.report.notes.append(Text(f"{len(shared):,} 张发票出现在几个文件中（{zh}）：相同的行只计一次，不同的行都计入，请核对是否为改开的发票",
                                          f"{counted(len(shared), 'invoice')} in several files ({en}): equal lines count once, "
                                          "different ones all; check whether they were issued anew"))  # fmt: skip

    def _future(self) -> None:
        later = np.flatnonzero(self.good & (self.day > self.as_of))
        if len(later):
            day = np.datetime64(self.as_of, "D")
            self._leave(later, LATER, "date", [Text(f"晚于截止日期 {day}：未计入", f"is after the as-of date {day}: left out")])

    def _counted(self) -> Counted:
        for file, part in enumerate(self.parts):
            mine = self.file == file
            columns = {key: place.header for key, place in part.frame.layout.places.items()}
            self.report.parts.append(
                Part(
                    part.frame.name,
                    part.frame.how,
                    columns,
                    tuple(part.frame.layout.unused_but(part.meaning.deciding)),
                    int(self.read[mine].sum()),
                    int(self.good[mine].sum()),
                )
            )
        rows = np.flatnonzero(self.good)
        fen = self.fen[rows]
        if (zero := int((fen == 0).sum())) and len(rows):
            self.report.notes.append(
                Text(
                    f"{zero:,} 行金额为 0，算购买、不增加金额",
                    f"{counted(zero, 'row')} with an amount of 0: a purchase that adds nothing",
                )
            )
        if negative := int((fen < 0).sum()):
            self.report.notes.append(Text(f"{negative:,} 行为红字（负数），冲减净额，不算购买",
                                          f"{counted(negative, 'row')} of credit notes (negative): the total is less by them, and they are no "
                                          "purchase"))  # fmt: skip
        return Counted(self.names, self.customer[rows], self.day[rows], fen)


def _taken_apart(raw: Raw) -> tuple[str, Raw]:
    """The foreign currency in a cell, by its sign or its number format, and the amount without it."""
    if isinstance(raw, Dressed) and raw.dress.currency:
        bare = raw.dress._replace(currency="")
        return raw.dress.currency, Dressed(float(raw), bare)
    return taken_apart(raw) if isinstance(raw, str) else ("", raw)


class _Blanks(Sequence[str]):
    """As many empty texts as rows that are blank."""

    def __init__(self, length: int) -> None:
        self.length = length

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: Any) -> Any:
        return ""


def _plain(cell: Raw) -> str:
    """A cell for comparing: 100, 100.0 and "100.00" are alike."""
    if cell is None:
        return ""
    text = " ".join(str(cell).split())
    try:
        return repr(float(text)) if text and not isinstance(cell, bool) else text
    except ValueError:
        return text
