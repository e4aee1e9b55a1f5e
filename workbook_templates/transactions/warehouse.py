"""The summary of each customer computed where the data lies: one ibis expression for DuckDB, SQLite, Postgres, Trino,
Snowflake, ….

Only customers travel, not their transactions. The rules are those of files as far as SQL can keep them: rows without date,
customer or amount are refused (counted, the first listed), rows that are alike in every column of the query count once,
rows after the as-of date are left out, other currencies need a rate; totals, status, void and credit-note flags, units and tax go by the
same rules (``there``), and what SQL can't work out is refused by name. What needs the careful parser (dates and amounts kept
as text in many ways) does not work here: the query has to give dates and numbers.

IDs are added up as they are spelled; the spellings are then compared by width, spaces and case here. A customer with
several is added up anew under one of them, since two spellings may share a purchase day and be of one line. Rows of an ID
that is refused are all counted as such: repeats are looked for among what is good, as in files.
"""

from __future__ import annotations

import datetime as dt
import functools
import importlib
import operator
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from udfs.rfm import canonical
from udfs.text import Text, counted, joined
from udfs.values import year_before
from workbook_templates.answers import Refused
from workbook_templates.intake import parsing
from workbook_templates.intake.files import NOTHING, blank
from workbook_templates.intake.importing import as_written
from workbook_templates.intake.meaning.currencies import YUAN, currency
from workbook_templates.intake.parsing import fold, look
from workbook_templates.tables.schema import Row
from workbook_templates.transactions import databases
from workbook_templates.transactions.databases import Query
from workbook_templates.transactions.frames import AS_FOUND, LINES, LOOKED_AT, Ways, layout_of, with_header
from workbook_templates.transactions.purchases import Purchases
from workbook_templates.transactions.report import LATER, REFUSED, REPEATED, Part, Report, Tally
from workbook_templates.transactions.rules import EACH, NONE, TELLING, SourceWishes, directory_of, distinct
from workbook_templates.transactions.there import Meant, Step

_CUSTOMER, _DAY, _FEN, _CURRENCY, _INVOICE = (f"salesplan_{name}" for name in ("customer", "day", "fen", "currency", "invoice"))
_FIGURES = ("frequency", "total", "repeat", "first", "last", "recent")
_AT_ONCE = 500  # spellings asked for in one query


def read_there(
    query: Query,
    as_of: dt.date,
    customers: Sequence[Row],
    ways: Ways,
    wishes: SourceWishes,
    progress: Callable[[Text], object],
) -> tuple[Purchases, Report]:
    """What each customer bought, added up by the database."""
    with databases.said_of(query):
        connection = databases.connected(query)
        return summarised(databases.table_in(connection, query), as_of, query, customers, ways, wishes, progress)


def summarised(
    source: Any,
    as_of: dt.date,
    query: Query,
    customers: Sequence[Row] = (),
    ways: Ways = AS_FOUND,
    wishes: SourceWishes = NONE,
    progress: Callable[[Text], object] = lambda step: None,
) -> tuple[Purchases, Report]:
    """The same for a table of any ibis backend."""
    headers = tuple(source.columns)
    found = layout_of(query.shown, with_header(headers, source.limit(LOOKED_AT).to_pyarrow(), 0), ways, headed=True)
    columns = {key: headers[place.index] for key, place in found.places.items()}
    report = Report()
    progress(Text("数据库汇总", "Adding up in the database"))
    meant = Meant(source, columns, wishes, report, found.dropped).run()
    every = typed(meant.rows, columns, meant.steps)
    if wishes.credit:
        every = _credit_notes(every, wishes.credit, report)
    once = _counts_once(every, columns, wishes)
    rows = without_repeats(every) if once else every
    counts = _counts(every, rows, as_of)
    _refuse_currencies(rows, columns, wishes)
    counts["read"] += meant.out
    daily = by_day(rows, as_of)
    spellings = _Spellings(every, once, as_of, customers, report)
    purchases, bad, again = spellings.merged(by_customer(daily, as_of).to_pyarrow())
    counts["repeated"] += again
    counts["counted"] -= again + sum(bad.values())
    report.parts.append(Part(query.shown, query.how, columns, found.unused, counts["read"], counts["counted"]))
    _tell(report, counts, bad, columns, as_of)
    if not len(purchases):
        raise Refused(Text(f"“{query.shown}”没有可用的交易。", f"“{query.shown}” holds no transaction that can be used."))
    return purchases, report


# --------------------------------------------------------------------------------------------------------- the expression


def typed(rows: Any, columns: dict[str, str], steps: Sequence[Step] = ()) -> Any:
    """The rows with customer, day and fen of each, null where there is none, in place of the columns they are from."""
    yuan = _yuan(rows, columns)
    for step in steps:
        yuan = step(yuan, rows)
    read = {
        _CUSTOMER: _customer(rows[columns["customer"]]),
        _DAY: _day(rows[columns["date"]], columns),
        _FEN: _fen(yuan),
    }
    if "currency" in columns:
        read[_CURRENCY] = rows[columns["currency"]].cast("string")
    if "invoice" in columns:
        read[_INVOICE] = _filled(rows[columns["invoice"]].cast("string"))
    return rows.mutate(**read).drop(*{columns[key] for key in ("customer", "date", "amount", "invoice") if key in columns})


def _filled(text: Any) -> Any:
    """A text without blanks around it; null where nothing else is in it."""
    said = text.replace("\u3000", " ").replace("\t", " ").strip()
    return said.isin(("", *sorted(NOTHING))).ifelse(importlib.import_module("ibis").null("string"), said)


def _customer(cell: Any) -> Any:
    if cell.type().is_string():
        return _filled(cell)
    return (cell if not cell.type().is_floating() else _number(cell)).cast("int64").cast("string")


def _day(cell: Any, columns: dict[str, str]) -> Any:
    kind = cell.type()
    if kind.is_date() or kind.is_timestamp():
        return cell.cast("date")
    if not kind.is_string():
        raise Refused(_no_type(columns["date"], Text("日期", "dates")))
    head = cell[:10]
    return head.cast("date") if _backend(cell) == "sqlite" else head.try_cast("date")


def _backend(expression: Any) -> str:
    return str(expression.get_backend().name)


def _number(cell: Any) -> Any:
    """A float, null where it is none; SQLite has null instead already."""
    if not cell.type().is_floating() or _backend(cell) == "sqlite":
        return cell
    return (cell.isnan() | cell.isinf()).ifelse(importlib.import_module("ibis").null("float64"), cell)


def _yuan(rows: Any, columns: dict[str, str]) -> Any:
    keys = ("amount",) if "amount" in columns else ("quantity", "price")
    parts = [rows[columns[key]] for key in keys]
    for part, key in zip(parts, keys, strict=True):
        if not part.type().is_numeric():
            raise Refused(_no_type(columns[key], Text("数字", "numbers")))
    first, *more = [_number(part).cast("float64") for part in parts]
    return first * more[0] if more else first


def _no_type(column: str, wanted: Text) -> Text:
    return Text(
        "列“{c}”应为{w}类型：请在查询中转换（CAST），或不用 --in-place 而取回逐行读取。",
        "the column “{c}” has to hold {w}: cast it in the query, or leave --in-place out, so that the rows are read here.",
    ).format(c=column, w=wanted)


def _fen(yuan: Any) -> Any:
    """Whole fen, half away from zero on the decimal a person sees, as udfs.values.excel_round; engines differ in their ROUND."""
    exact = yuan.abs() * 100
    whole = exact.floor()
    least = (exact > 1).ifelse(exact, 1.0) * 8e-16
    rounded = whole + (exact - whole >= 0.5 - least).ifelse(1, 0)
    return ((yuan < 0).ifelse(-1, 1) * rounded).cast("int64")


def without_repeats(rows: Any) -> Any:
    """Rows that are alike in every column, once; without an invoice number that can't be told."""
    return rows.filter(rows[_INVOICE].notnull()).distinct().union(rows.filter(rows[_INVOICE].isnull()))


def _credit_notes(rows: Any, letters: str, report: Report) -> Any:
    """Positive amounts under a number that a person called a credit note's count as negative."""
    if _INVOICE not in rows.columns:
        return rows
    marked = rows[_INVOICE].upper().re_search(f"^{re.escape(letters.upper())}[-_ /]?[0-9][0-9-]*$").fill_null(False) & (
        rows[_FEN] > 0
    )
    n = int(rows.filter(marked).count().to_pyarrow().as_py())
    if not n:
        return rows
    report.notes.append(
        Text(
            f"{n:,} 行以 {letters.upper()} 开头的红字发票金额为正，按负数计",
            f"{counted(n, 'row')} of credit notes, with numbers that begin with {letters.upper()} and positive amounts, counted as negative",
        )
    )
    return rows.mutate(**{_FEN: marked.ifelse(-rows[_FEN], rows[_FEN])})


def _counts_once(rows: Any, columns: dict[str, str], wishes: SourceWishes) -> bool:
    """Whether equal lines of an invoice count once: by wish, or as the reader of files decides."""
    if "invoice" not in columns or _all_differ(rows):
        return False
    if wishes.lines or any(key in columns for key in TELLING):
        return wishes.lines != EACH
    good = whole(rows)
    keys = {key: good[key] for key in (_DAY, _CUSTOMER, _FEN)}
    lines = good.group_by(_INVOICE).aggregate(
        **{f"{key}_low": of.min() for key, of in keys.items()}, **{f"{key}_high": of.max() for key, of in keys.items()}
    )
    several = functools.reduce(operator.or_, (lines[f"{key}_low"] != lines[f"{key}_high"] for key in keys))
    return int(lines.filter(several).limit(1).count().to_pyarrow().as_py()) == 0


def _all_differ(rows: Any) -> bool:
    """Whether no invoice stands in two rows: then none is a repeat, and the rows need not be compared."""
    numbers = rows.filter(rows[_INVOICE].notnull())
    found = numbers.aggregate(n=numbers.count(), different=numbers[_INVOICE].nunique()).to_pyarrow().to_pydict()
    return bool(found["n"] == found["different"])


def whole(rows: Any) -> Any:
    """The rows in which nothing is missing."""
    return rows.filter(rows[_CUSTOMER].notnull() & rows[_DAY].notnull() & rows[_FEN].notnull())


def by_day(rows: Any, as_of: dt.date) -> Any:
    """One row a customer and day up to ``as_of``: rows, purchases, their fen, and the fen of credit notes."""
    good = whole(rows)
    good = good.filter(good[_DAY] <= as_of)
    good = good.select(customer=good[_CUSTOMER], day=good[_DAY], fen=good[_FEN])
    bought = good.fen >= 0
    return good.group_by(["customer", "day"]).aggregate(
        n=good.count(),
        bought=bought.ifelse(1, 0).sum(),
        plus=bought.ifelse(good.fen, 0).sum(),
        minus=bought.ifelse(0, good.fen).sum(),
    )


def by_customer(daily: Any, as_of: dt.date) -> Any:
    """One row a customer: distinct purchase days, total, the part after the first purchase day, first, last, trailing 12 months.

    Group-bys and one join only: that is what every engine has.
    """
    bought = daily.filter(daily.bought > 0)
    begun = bought.group_by("customer").aggregate(frequency=bought.count(), first=bought.day.min(), last=bought.day.max())
    begun = begun.select(who="customer", frequency="frequency", first="first", last="last")
    days = daily.left_join(begun, daily.customer == begun.who)
    net = days.plus + days.minus
    since = year_before(as_of)
    return days.group_by("customer").aggregate(
        n=days.n.sum(),
        frequency=days.frequency.max(),
        total=net.sum(),
        repeat=(days.day > days.first).ifelse(net, 0).sum(),
        first=days.first.max(),
        last=days.last.max(),
        recent=(days.day > since).ifelse(net, 0).sum(),
    )


# ---------------------------------------------------------------------------------------------------------------- merging


class _Spellings:
    """Customers by their spellings: what was added up of each becomes one entry a customer."""

    def __init__(self, every: Any, once: bool, as_of: dt.date, customers: Sequence[Row], report: Report) -> None:
        self.every, self.once, self.as_of, self.report = every, once, as_of, report
        self.customers = customers

    def merged(self, table: Any) -> tuple[Purchases, Counter[Text], int]:
        """One entry a customer, the rows of what is no proper ID by reason, and how many more rows are repeats."""
        raw = [str(name) for name in table["customer"].to_pylist()]
        rows = dict(zip(raw, _ints(table["n"]).tolist(), strict=True))
        refused = self._refused(raw)
        good = [name for name in raw if name not in refused]
        bad: Counter[Text] = Counter()
        again = 0
        for name, n in self._rows_of(list(refused)).items():
            bad[refused[name]] += n
            again -= n - rows[name]  # of an ID that is refused nothing is a repeat
        meant = _meant(good, self.customers)
        ways: defaultdict[str, list[int]] = defaultdict(list)
        for place, name in enumerate(raw):
            if name in meant:
                ways[meant[name]].append(place)
        single = [places[0] for places in ways.values() if len(places) == 1]
        names = [meant[raw[place]] for place in single]
        columns = [_ints(table[key])[single] for key in _FIGURES]
        several = {main: [raw[place] for place in places] for main, places in ways.items() if len(places) > 1}
        if several:
            self.report.notes.append(
                Text("{n} 家客户的编号有不同写法，已合并：{l}",
                     "customers spelled in several ways, merged: {n} ({l})").format(n=f"{len(several):,}", l=joined(sorted(several), most=3, unit="家"))
            )  # fmt: skip
            for some in _portions(several):
                anew = self._anew(some)
                names += [str(name) for name in anew["customer"].to_pylist()]
                columns = [np.concatenate((column, _ints(anew[key]))) for column, key in zip(columns, _FIGURES, strict=True)]
                again += sum(rows[way] for ways in some.values() for way in ways) - int(_ints(anew["n"]).sum())
        figures = dict(zip(_FIGURES, columns, strict=True))
        return Purchases.added_up(self.as_of, names, **figures), bad, again

    def _refused(self, raw: Sequence[str]) -> dict[str, Text]:
        """Why IDs are refused: no proper ones, or ones that Excel takes for others."""
        found: dict[str, Text] = {}
        parse = parsing.parser(LINES["customer"])
        for name in raw:
            try:
                parse(name)
            except parsing.Bad as reason:
                found[name] = reason.text
        return found | _clashing([name for name in raw if name not in found], self.customers)

    def _rows_of(self, names: Sequence[str]) -> dict[str, int]:
        """How many rows up to the day each of some IDs has, repeats among them."""
        found: dict[str, int] = {}
        for at in range(0, len(names), _AT_ONCE):
            good = whole(self.every)
            good = good.filter((good[_DAY] <= self.as_of) & good[_CUSTOMER].isin(names[at : at + _AT_ONCE]))
            table = good.group_by(_CUSTOMER).aggregate(n=good.count()).to_pyarrow()
            found |= dict(zip(map(str, table[_CUSTOMER].to_pylist()), _ints(table["n"]).tolist(), strict=True))
        return found

    def _anew(self, several: Mapping[str, Sequence[str]]) -> Any:
        """Customers of several spellings added up under one: lines that differ in the spelling only are one line."""
        spelled = {way: main for main, ways in several.items() for way in ways}
        rows = self.every.filter(self.every[_CUSTOMER].isin(list(spelled)))
        rows = rows.mutate(**{_CUSTOMER: rows[_CUSTOMER].substitute(spelled)})
        return by_customer(by_day(without_repeats(rows) if self.once else rows, self.as_of), self.as_of).to_pyarrow()


def _portions(several: Mapping[str, Sequence[str]]) -> Iterator[dict[str, Sequence[str]]]:
    """Customers with their spellings, as many at once as a query may hold."""
    some: dict[str, Sequence[str]] = {}
    for main, ways in several.items():
        if some and sum(map(len, some.values())) + len(ways) > _AT_ONCE:
            yield some
            some = {}
        some[main] = ways
    yield some


def _clashing(raw: Sequence[str], customers: Sequence[Row]) -> dict[str, Text]:
    """IDs that Excel takes for others, as in files."""
    directory = directory_of(customers)
    ways: defaultdict[str, set[str]] = defaultdict(set)
    for name in raw:
        ways[look(canonical(name))].add(as_written(name))
    found = {name: distinct(ways[look(canonical(name))], directory.find(canonical(name)), directory) for name in raw}
    return {name: said for name, said in found.items() if said is not None}


def _meant(raw: Iterable[str], customers: Sequence[Row]) -> dict[str, str]:
    """Each spelling and the customer it means: the plan's ID where it has it, else alike but for width, spaces and case."""
    directory = directory_of(customers)
    by_fold: dict[str, str] = {}
    plain = {name: canonical(name) for name in raw}
    for name in sorted(set(plain.values())):
        by_fold.setdefault(fold(name), name)
    found = {name: directory.find(name) for name in by_fold.values()}
    main = {name: ids[0] if len(ids) == 1 else name for name, ids in found.items()}
    return {name: main[by_fold[fold(key)]] for name, key in plain.items()}


def _ints(column: Any) -> Any:
    """Whole numbers of an Arrow column; dates as days, nothing as 0."""
    pa = importlib.import_module("pyarrow")
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.date32(), safe=False).cast(pa.int32())
    elif pa.types.is_string(column.type):
        column = column.cast(pa.date32()).cast(pa.int32())
    return np.asarray(column.cast(pa.int64(), safe=False).fill_null(0)).astype(np.int64)


# ----------------------------------------------------------------------------------------------------------- what is told


def _counts(every: Any, rows: Any, as_of: dt.date) -> dict[str, int]:
    """How many rows there are of each kind, a row under its first reason as in files."""
    no_day, no_customer, no_fen = every[_DAY].isnull(), every[_CUSTOMER].isnull(), every[_FEN].isnull()
    asked = every.aggregate(
        read=every.count(),
        date=no_day.ifelse(1, 0).sum(),
        customer=(~no_day & no_customer).ifelse(1, 0).sum(),
        amount=(~no_day & ~no_customer & no_fen).ifelse(1, 0).sum(),
    )
    good = whole(rows)
    kept = good.aggregate(good=good.count(), later=(good[_DAY] > as_of).ifelse(1, 0).sum())
    counts = {key: int(values[0] or 0) for part in (asked, kept) for key, values in part.to_pyarrow().to_pydict().items()}
    counts["repeated"] = counts["read"] - sum(counts[key] for key in ("date", "customer", "amount", "good"))
    counts["counted"] = counts["good"] - counts["later"]
    return counts


def _refuse_currencies(rows: Any, columns: dict[str, str], wishes: SourceWishes) -> None:
    if "currency" not in columns:
        return
    good = whole(rows)
    found = good.group_by(_CURRENCY).aggregate(n=good.count()).to_pyarrow().to_pydict()
    counts: defaultdict[str, int] = defaultdict(int)
    for word, n in zip(found[_CURRENCY], found["n"], strict=True):
        counts[YUAN if blank(word) else currency(word)] += n
    if set(counts) - {YUAN, *map(currency, wishes.rates)}:
        raise Refused(
            Text("金额不全是人民币（行数：{l}）：请在查询中换算成元，或只取一种。",
                 "the amounts are not all in yuan (rows: {l}): convert them in the query, or take one currency.").format(l=joined(f"{code} {n:,}" for code, n in sorted(counts.items())))
        )  # fmt: skip


def _tell(report: Report, counts: dict[str, int], bad: Counter[Text], columns: dict[str, str], as_of: dt.date) -> None:
    """What was left out, counted by reason: the rows of a database have no numbers to list them by."""
    amount = columns.get("amount") or f"{columns.get('quantity')} × {columns.get('price')}"
    empty = Text("为空或无法读取：请在源数据中改正", "is blank or can't be read: correct it in the source")
    found = [
        (REFUSED, columns["date"], empty, counts["date"]),
        (REFUSED, columns["customer"], empty, counts["customer"]),
        (REFUSED, amount, empty, counts["amount"]),
        *((REFUSED, columns["customer"], reason, n) for reason, n in bad.items()),
        (REPEATED, columns.get("invoice",
                               ""), Text("与另一行各列完全相同：只计一次",
                                         "equals another row in every column: counted once"), counts["repeated"]),
        (LATER, columns["date"], Text(f"晚于截止日期 {as_of}：未计入", f"is after the as-of date {as_of}: left out"), counts["later"]),
    ]  # fmt: skip
    report.tallies += [Tally(kind, column, reason, n) for kind, column, reason, n in found if n]
