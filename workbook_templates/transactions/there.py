"""What rows mean that a database adds up itself: the rules of ``intake.meaning``, asked of the different values of its columns.

Only words travel: the statuses there are, the texts that may be those of a total. What can't be worked out there is refused by name,
never left unused.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from udfs import policy
from udfs.text import Text, counted
from workbook_templates.answers import Refused
from workbook_templates.intake import parsing
from workbook_templates.intake.files import blank
from workbook_templates.intake.meaning import stage, words
from workbook_templates.intake.meaning.currencies import YUAN, currency
from workbook_templates.transactions.frames import LINES
from workbook_templates.transactions.report import LEFT, OTHER, REFUSED, Report, Tally
from workbook_templates.transactions.rules import SourceWishes

_MOST_RATES = 100  # different tax rates of a column: more are none
Step = Callable[[Any, Any], Any]  # amounts and rows → amounts


@dataclass
class Meant:
    """The rows that count, what is done to their amounts, and how many were taken out."""

    rows: Any
    columns: dict[str, str]
    wishes: SourceWishes
    report: Report
    dropped: frozenset[str] = frozenset()  # columns that a person left out
    steps: list[Step] = field(default_factory=list)
    out: int = 0

    @property
    def headers(self) -> list[str]:
        """The columns that may say what rows mean."""
        return ["" if header in self.dropped else header for header in self.rows.columns]

    @property
    def money(self) -> str:
        """The column that says what the amounts are in."""
        return self.columns.get("amount") or self.columns["price"]

    def run(self) -> Meant:
        """Totals, status, currency, tax."""
        self._moments()
        self._bare()
        self._totals()
        self._struck()
        self._tax_lines()
        flags = {h: words.flag_of(h) for h in self.headers if h and h not in self.columns.values()}
        for header, flag in flags.items():
            if flag and not (flag == words.CHANCE and words.STATUS in flags.values()):  # where a stage is, it says what was won
                self._flag(header, flag)
        self._refunded()
        self._currencies()
        self._amount()
        self._discounts()
        return self

    # ---- asking

    def _different(self, header: str, rows: Any = None) -> dict[str, int]:
        """The different values of a column as texts, and how many rows have each."""
        table = self.rows if rows is None else rows
        text = table.mutate(salesplan_word=table[header].cast("string"))
        text = text.filter(text.salesplan_word.notnull())
        found = text.group_by("salesplan_word").aggregate(n=text.count()).to_pyarrow().to_pydict()
        return {str(word): int(n) for word, n in zip(found["salesplan_word"], found["n"], strict=True) if not blank(word)}

    def _take_out(self, header: str, values: Iterable[str], kind: str, reason: Text) -> None:
        """Leave out the rows that have one of these values."""
        listed = list(values)
        if not listed:
            return
        there = self.rows[header].cast("string").isin(listed)
        self._leave(there, header, kind, reason)

    def _leave(self, there: Any, header: str, kind: str, reason: Text) -> None:
        there = there.fill_null(False)
        n = int(self.rows.filter(there).count().to_pyarrow().as_py())
        if n:
            self.rows = self.rows.filter(~there)
            self.out += n
            self.report.tallies.append(Tally(kind, header, reason, n))

    # ---- moments

    def _moments(self) -> None:
        """A moment with its offset is a day of the company's zone: engines would take the session's, or cut the offset off."""
        header = self.columns["date"]
        column = self.rows[header]
        given = parsing.stated_offset(header) is not None and not column.type().is_date()
        zoned = given or (column.type().is_timestamp() and column.type().timezone is not None)
        if column.type().is_string() and not given:
            tail = column[10:]
            offset = tail.contains("Z") | tail.contains("+") | tail.contains("-") | tail.contains("UTC") | tail.contains("GMT")
            zoned = bool(self.rows.filter(offset).limit(1).count().to_pyarrow().as_py())
        if zoned:
            zone = self.wishes.zone or policy.zone()
            raise Refused(
                Text(
                    f"列“{header}”的时间带时区：请在查询中换算成 {zone} 的日期，或不用 --in-place 而取回逐行读取。",
                    f"the column “{header}” has times with an offset: turn them into days of {zone} in the query, or leave --in-place out, so "
                    "that the rows are read here.",
                )
            )

    # ---- rows in which nothing stands

    def _bare(self) -> None:
        """Rows without day and amount: empty ones are none, those of zeros and the footers of a list that was loaded are left out."""
        money = [self.columns[key] for key in ("amount", "quantity", "price") if key in self.columns]
        bare = self._void([self.columns["date"], *money], zeros=True)
        rows = self.rows.filter(bare)
        if not int(rows.limit(1).count().to_pyarrow().as_py()):
            return
        every = list(self.rows.columns)
        self.rows = self.rows.filter(~self._void(every))
        self._leave(self._void(every, zeros=True), "", LEFT, stage.ZEROS)
        for header in every:
            if self.rows[header].type().is_string():
                said = [value for value in self._different(header, rows) if words.is_footer(value)]
                if said:
                    self._leave(bare & self.rows[header].isin(said), header, LEFT, stage.FOOTERS_SAID)

    def _void(self, headers: Iterable[str], zeros: bool = False) -> Any:
        """Where nothing stands in some columns, or nothing but zeros."""
        return functools.reduce(operator.and_, (self._void_cell(header, zeros) for header in headers))

    def _void_cell(self, header: str, zeros: bool) -> Any:
        column = self.rows[header]
        void = column.isnull()
        if column.type().is_string():
            text = column.replace("\u3000", " ").strip()
            return void | text.isin(("", *stage.ZERO_TEXTS) if zeros else ("",)).fill_null(True)
        return void | (column == 0).fill_null(True) if zeros and column.type().is_numeric() else void

    # ---- totals

    def _totals(self) -> None:
        texts = [h for h in self.rows.columns if self.rows[h].type().is_string() and h not in (self.columns["date"], self.money)]
        maybe: dict[str, dict[str, str]] = {}
        for header in texts:
            low = self.rows[header].replace(" ", "").replace("\u3000", "").lower()
            asked = self._one_of(low, words.TOTAL_WORDS)
            kinds = {value: words.kind_of(value) for value in self._different(header, self.rows.filter(asked))}
            for kind, reason in ((words.TOTAL, stage.TOTALS), (words.BALANCE, stage.BALANCES_SAID)):
                self._take_out(header, (value for value, (known, _) in kinds.items() if known == kind), LEFT, reason)
            maybe[header] = {value: of for value, (known, of) in kinds.items() if known in (words.MAYBE_TOTAL, words.WEAK_TOTAL)}
        asked_of = {of for found in maybe.values() for of in found.values()}
        names = {name for header in texts for name in self._names(header, asked_of)} if asked_of else set()
        for header, found in maybe.items():
            by_id = header == self.columns.get("invoice")
            certain = [v for v, of in found.items() if of in names or (by_id and words.kind_of(v)[0] == words.MAYBE_TOTAL)]
            self._take_out(header, certain, LEFT, stage.TOTALS)

    @staticmethod
    def _one_of(text: Any, asked: Sequence[str]) -> Any:
        """Whether one of some words is in a text: one search for all where the engine has them, SQLite's is a call of Python's each row."""
        if text.get_backend().name == "sqlite":
            return functools.reduce(operator.or_, (text.contains(word) for word in asked))
        return text.re_search("|".join(map(re.escape, asked)))

    def _names(self, header: str, asked: set[str]) -> set[str]:
        """Which of the names somebody may have totalled stand in a column."""
        there = self.rows.filter(self.rows[header].strip().lower().isin(sorted(asked)))
        return {words.plain(value) for value in self._different(header, there)}

    def _struck(self) -> None:
        """Documents whose own number says that they are void."""
        header = self.columns.get("invoice")
        if header is None:
            return
        low = self.rows[header].cast("string").lower()
        maybe = self._one_of(low, words.STRUCK_IN)
        for value in self._different(header, self.rows.filter(maybe)):
            if words.is_struck(value):
                self._take_out(header, [value], LEFT, stage.status_said(header, value, words.VOID))

    def _tax_lines(self) -> None:
        """Lines of invoices whose product is the tax on the other lines."""
        used = self.columns.values()
        for header in self.headers:
            of_product = header == self.columns.get("product") or (header not in used and words.tells_lines(header))
            if header and of_product and self.rows[header].type().is_string():
                asked = self._one_of(self.rows[header].lower(), words.TAX_WORDS)
                found = [value for value in self._different(header, self.rows.filter(asked)) if words.is_tax_line(value)]
                self._take_out(header, found, LEFT, stage.TAX_LINES)

    def _refunded(self) -> None:
        """Rows of which something was paid back."""
        for header in self.headers:
            if header and header not in self.columns.values() and words.role_of(header) == "refund":
                if not self.rows[header].type().is_numeric():
                    raise Refused(_in_query(header, Text("退回的金额", "what was paid back")))
                self._leave(self.rows[header] != 0, header, REFUSED, stage.refunded(header))

    # ---- status

    def _flag(self, header: str, flag: str) -> None:
        rows = self.rows
        if flag == words.REMARK:  # a remark each row: only short ones can be a word
            rows = rows.filter(rows[header].cast("string").length() <= words.LONGEST_WORD)
        found = self._different(header, rows)
        asked = {words.plain(word): way for word, way in self.wishes.choices.status.items()}
        if flag == words.DIRECTION:
            self._direction(header, found, asked)
            return
        verdicts = stage.verdicts_of(flag, header, found, asked)
        if not any(verdicts.values()):
            self.report.notes += stage.not_understood(flag, header, list(found))
            return
        if flag == words.STATUS and words.is_yes_or_nothing(header, found):
            self._leave(self._void_cell(header, False), header, REFUSED, stage.blank_flag_said(header, next(iter(found))))
        for value, verdict in verdicts.items():
            if verdict == words.SKIP:
                self._take_out(header, [value], LEFT, stage.status_said(header, value, flag))
            elif verdict == words.ASK:
                self._take_out(header, [value], REFUSED, stage.asked_of(flag, header, value))
            elif verdict == words.MINUS:
                self._negate(header, value, words.plain(value) in asked)
            elif not verdict:
                self.report.notes.append(stage.counted_said(header, value, found[value]))

    def _direction(self, header: str, found: dict[str, int], asked: dict[str, str]) -> None:
        if stage.is_one_side(self.money):
            return
        for value in sorted(found):
            way = asked.get(words.plain(value), "")
            if way == words.SKIP:
                self._take_out(header, [value], LEFT, stage.status_said(header, value, words.STATUS))
            elif way == words.MINUS:
                self._negate(header, value, by_person=True)
            elif not way and (len(found) > 1 or not stage.is_income(value)):
                raise Refused(stage.which_side(header, found))

    def _negate(self, header: str, value: str, by_person: bool) -> None:
        """Credit notes: negative already, or to be made so; never half of each."""
        mine = self.rows[header].cast("string") == value
        amount = self.rows[self.money]
        if not amount.type().is_numeric():
            return  # refused with its type, where it is read
        if not by_person and int(self.rows.filter(mine & (amount < 0)).count().to_pyarrow().as_py()):
            self._leave(mine & (amount > 0), header, REFUSED, stage.sign_said(header, value))
            return
        n = int(self.rows.filter(mine).count().to_pyarrow().as_py())
        self.report.notes.append(stage.negative_said(header, value, n))
        self.steps.append(lambda yuan, rows: (rows[header].cast("string") == value).fill_null(False).ifelse(-yuan, yuan))

    # ---- what amounts are in

    def _currencies(self) -> None:
        if "currency" not in self.columns:
            header = next((h for h in self.headers if words.role_of(h) == "currency"), "")
            if not header:
                return
            self.columns["currency"] = header
        header = self.columns["currency"]
        if self.wishes.only:
            only = currency(self.wishes.only)
            others = {value for value in self._different(header) if currency(value) != only}
            reason = Text("其他币种：只取 {o}", "is in another currency: only {o} is taken").format(o=only)
            self._take_out(header, others, OTHER, reason)
        for value, n in self._different(header).items():
            code = currency(value)
            if code in self._rates:
                self._convert(code, n, partial(_equals, header, value))

    @property
    def _rates(self) -> dict[str, Decimal]:
        return {code: rate for name, rate in self.wishes.rates.items() if (code := currency(name)) != YUAN}

    def _convert(self, code: str, n: int, where: Callable[[Any], Any]) -> None:
        rate = self._rates[code]
        self.report.notes.append(
            Text(
                f"{n:,} 行 {code} 按 1 {code} = {rate} 元折算",
                f"{counted(n, 'row')} in {code}, converted at 1 {code} = {rate} yuan",
            )
        )
        self.steps.append(lambda yuan, rows: where(rows).fill_null(False).ifelse(yuan * float(rate), yuan))

    def _amount(self) -> None:
        headers = self.headers
        key = "amount" if "amount" in self.columns else "price"
        found = stage.amount_of(
            LINES, key, self.money, headers, (), self.wishes.choices, lambda index: list(self._different(headers[index]))
        )
        self.report.notes += found.notes
        if found.unit_column >= 0:
            raise Refused(_in_query(headers[found.unit_column], Text("金额的单位", "the unit of the amounts")))
        if found.scale != 1:
            self.steps.append(lambda yuan, rows: yuan * float(found.scale))
        if found.currency != YUAN:
            if found.currency not in self._rates:
                raise Refused(
                    Text(f"“{self.money}”是外币 {found.currency}：请给出汇率 --rate {found.currency}=…，或在查询中换算成元。",
                         f"“{self.money}” is in {found.currency}: give its rate, --rate {found.currency}=…, or convert it in the query.")
                )  # fmt: skip
            told = self.columns.get("currency")
            n = int(self.rows.count().to_pyarrow().as_py())
            self._convert(found.currency, n, lambda rows: rows[told].isnull() if told else rows[self.columns["date"]].notnull())
        if found.tax_column >= 0:
            tax = headers[found.tax_column]
            if not self.rows[tax].type().is_numeric():
                raise Refused(_in_query(tax, Text("税额", "the tax")))
            self.steps.append(lambda yuan, rows: yuan - rows[tax].cast("float64").fill_null(0.0) * float(found.scale))
        elif found.rate is not None:
            divisor = float(1 + found.rate)
            self.steps.append(lambda yuan, rows: yuan / divisor)
        elif found.rate_column >= 0:
            self._by_rate(headers[found.rate_column])

    def _by_rate(self, header: str) -> None:
        """Each row's own tax rate."""
        said = self._different(header)
        if len(said) > _MOST_RATES:
            raise Refused(_in_query(header, Text("每行的税率", "each row's tax rate")))
        rates = {value: stage.rate_in(value) for value in said}
        unread = Text("含税，但税率读不出：请填如 13%", "includes tax, but its rate can't be read: write it as 13%")
        self._take_out(header, (value for value, rate in rates.items() if rate is None), REFUSED, unread)
        self._leave(self.rows[header].isnull(), header, REFUSED, unread)
        for value, rate in rates.items():
            if rate:
                self.steps.append(self._divided(header, value, float(1 + rate)))

    @staticmethod
    def _divided(header: str, value: str, divisor: float) -> Step:
        return lambda yuan, rows: (rows[header].cast("string") == value).ifelse(yuan / divisor, yuan)

    def _discounts(self) -> None:
        headers = self.headers
        used = [headers.index(header) for header in self.columns.values()]

        def some(index: int) -> Sequence[Any]:
            column = self.rows[headers[index]]
            if not column.type().is_numeric():
                return list(self._different(headers[index]))
            there = self.rows.filter(column != 0).limit(1).count().to_pyarrow().as_py()
            return [float(there)]

        if "amount" not in self.columns:
            stage.refuse_discounts(headers, used, some)
        self.report.notes += stage.discounts(headers, used, some)


def _equals(header: str, value: str, rows: Any) -> Any:
    return rows[header].cast("string") == value


def _in_query(header: str, what: Text) -> Text:
    """What a database can't work out by itself."""
    return Text(
        "列“{h}”说明{w}，--in-place 不会换算：请在查询中换算，或不用 --in-place 而取回逐行读取。",
        "the column “{h}” gives {w}, which --in-place does not work out: do it in the query, or leave --in-place out, so that the rows are "
        "read here.",
    ).format(h=header, w=what)
