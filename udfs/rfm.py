"""Recency, frequency and money of each customer from a list of transactions, and their scores.

A purchase is a row with an amount of 0 or more, a credit note one below 0. Amounts are added in whole fen.
"""

from __future__ import annotations

import importlib
import itertools
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import Annotated, Any, NamedTuple

import numpy as np

from udfs import policy
from udfs.formula import (
    PARTS,
    TABLE,
    Argument,
    Kind,
    date,
    each,
    formula,
    grid,
    many,
    note,
    number,
    one,
    positive,
    read_cells,
    refuse,
    text,
    word,
)
from udfs.incentives import refuse_lengths
from udfs.text import Text, joined
from udfs.values import (
    LARGEST_EXACT,
    MOST_YUAN,
    NA,
    NUM,
    VALUE,
    ExcelError,
    Flags,
    Floats,
    Objects,
    at_least,
    excel_round,
    more_than,
    show,
)

Ints = np.ndarray[Any, np.dtype[np.int64]]

# ------------------------------------------------------------------------------------------------------ arrays in and out


class Summary(NamedTuple):
    """One entry a customer, by ID. Days are numbered as in the input, money is in fen; without a purchase the days are 0."""

    ids: Any
    frequency: Ints  # distinct purchase days
    total: Ints  # purchases less credit notes
    repeat: Ints  # the part of the total that is dated after the first purchase day
    first: Ints
    last: Ints


def summary(ids: Any, days: Any, fen: Any) -> Summary:
    """The transactions of each customer in one entry; the order of the rows doesn't matter.

    ``ids`` is an array of whole numbers, a sequence of texts or an Arrow array (equal as they stand: see
    :func:`canonical`), ``days`` and ``fen`` are whole numbers.

    >>> summary(["b", "a", "b"], [3, 5, 9], [100, 200, -30]).total.tolist()
    [200, 70]
    """
    days, fen = np.asarray(days, dtype=np.int64), np.asarray(fen, dtype=np.int64)
    if not len(days):
        none = np.empty(0, dtype=np.int64)
        return Summary(np.asarray(ids)[:0], none, none, none, none, none)
    codes, names = factorised(ids)
    day_zero = int(days.min())
    day_bits = int(days.max() - day_zero).bit_length()
    keys, amounts = _by_customer_and_day(codes, days, fen, day_zero, day_bits)
    starts = _starts(keys >> day_bits)
    own = keys[starts] >> day_bits
    bought = keys if fen.min() >= 0 else keys[amounts >= 0]
    bought = bought[_starts(bought)]  # one a customer and day
    so_far = np.cumsum(amounts)
    before = np.where(starts > 0, so_far[starts - 1], 0)
    total = so_far[np.append(starts[1:], len(keys)) - 1] - before

    begins, ends = (np.searchsorted(bought, edge) for edge in (own << day_bits, (own + 1) << day_bits))
    frequency = ends - begins
    some = frequency > 0
    mask = (1 << day_bits) - 1
    first, last, repeat = np.zeros_like(own), np.zeros_like(own), np.zeros_like(own)
    first_keys = bought[begins[some]]
    first[some] = (first_keys & mask) + day_zero
    last[some] = (bought[ends[some] - 1] & mask) + day_zero
    repeat[some] = (total + before)[some] - so_far[np.searchsorted(keys, first_keys, side="right") - 1]
    return Summary(names(own), frequency, total, repeat, first, last)


def _starts(sorted_keys: Ints) -> Ints:
    """Where a new key begins."""
    new = np.empty(len(sorted_keys), dtype=bool)
    new[:1] = True
    np.not_equal(sorted_keys[1:], sorted_keys[:-1], out=new[1:])
    return np.flatnonzero(new)


def _by_customer_and_day(codes: Ints, days: Ints, fen: Ints, day_zero: int, day_bits: int) -> tuple[Ints, Ints]:
    """Customer and day of each row as one number, sorted, and the amounts in that order."""
    keys = codes << day_bits
    scratch = days - day_zero
    keys |= scratch
    least = int(fen.min())
    bits = (int(fen.max()) - least).bit_length()
    if int(codes.max()).bit_length() + day_bits + bits > 63:
        rows = np.argsort(keys)
        return keys[rows], fen[rows]
    # A number that carries its amount is sorted alone: several times faster than sorting an index and following it.
    keys <<= bits
    keys |= np.subtract(fen, least, out=scratch)
    keys.sort()
    np.bitwise_and(keys, (1 << bits) - 1, out=scratch)
    scratch += least
    keys >>= bits
    return keys, scratch


_MANY = 100_000  # texts from which Arrow, where it is installed, is worth asking


def _encoded(ids: Any) -> Any:
    """Texts as an Arrow array, which tells them apart several times faster; None where it is missing or they are not all texts."""
    listed = ids.tolist() if isinstance(ids, np.ndarray) else ids
    if hasattr(ids, "dictionary_encode") or not find_spec("pyarrow") or set(map(type, listed)) != {str}:
        return None
    try:
        return importlib.import_module("pyarrow").array(listed)
    except UnicodeEncodeError:  # halves of characters, which Python keeps
        return None


def factorised(ids: Any) -> tuple[Ints, Any]:
    """IDs as whole numbers in the order of the IDs, and the function that gives the IDs back."""
    if isinstance(ids, np.ndarray) and ids.dtype.kind in "iu":
        lowest = int(ids.min())
        if int(ids.max()) - lowest < 1 << 31:
            return (ids - lowest).astype(np.int64), lambda codes: codes + lowest
        known, codes = np.unique(ids, return_inverse=True)
        return codes.astype(np.int64), lambda codes: known[codes]
    if len(ids) >= _MANY and (encoded := _encoded(ids)) is not None:
        ids = encoded
    if hasattr(ids, "dictionary_encode"):  # an Arrow array knows its different texts without making Python strings of all
        encoded = (ids.combine_chunks() if hasattr(ids, "combine_chunks") else ids).dictionary_encode()
        met: Any = np.asarray(encoded.indices)
        order = np.asarray(importlib.import_module("pyarrow.compute").sort_indices(encoded.dictionary))
        names = encoded.dictionary.take(order).to_numpy(zero_copy_only=False)
    else:
        seen: defaultdict[Any, int] = defaultdict(itertools.count().__next__)
        listed = ids.tolist() if isinstance(ids, np.ndarray) else ids
        met = np.fromiter(map(seen.__getitem__, listed), np.int64, len(listed))
        names = np.array(sorted(seen), dtype=object)
        order = np.fromiter(map(seen.__getitem__, names), np.int64, len(names))
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    return places[met], lambda codes: names[codes]


def canonical(name: str) -> str:
    """An ID as it is compared: width and the number of spaces don't matter.

    >>> canonical(" Ｃ００１　甲 ")
    'C001 甲'
    """
    return " ".join((name if name.isascii() else unicodedata.normalize("NFKC", name)).split())


def canonical_all(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """IDs as they are compared, and the customers that were spelled in more than one way."""
    names = list(names)
    spelled = {name: canonical(name) for name in set(names)}
    if all(raw == plain for raw, plain in spelled.items()):
        return names, []
    times: defaultdict[str, int] = defaultdict(int)
    for plain in spelled.values():
        times[plain] += 1
    return [spelled[name] for name in names], sorted(plain for plain, n in times.items() if n > 1)


def in_fen(yuan: Any) -> Ints:
    """Yuan as whole fen, each amount rounded as Excel does."""
    result: Ints = np.rint(excel_round(yuan, 2) * 100).astype(np.int64)
    return result


# -------------------------------------------------------------------------------------------------------- reading the cells


def _read_yuan(cell: Any, kind: Kind) -> Any:
    if isinstance(cell, str) and any(sign in unicodedata.normalize("NFKC", cell).upper() for sign in FOREIGN):
        reason = Text("不是人民币：请先折算成元", "is not in yuan: convert it first")
        return ExcelError(VALUE, Text(f"{show(cell)} {reason.zh}", f"{show(cell)} {reason.en}"))
    return number.read(cell, kind)


FOREIGN = ("$", "€", "£", "USD", "EUR", "GBP", "JPY", "HKD")
YUAN = Kind(Text("金额（元）", "yuan"), float, _read_yuan, np.nan, -MOST_YUAN, MOST_YUAN)
UNIT = word(day=("天", "日", "days", "d"), week=("周", "星期", "weeks", "w"), month=("月", "个月", "months", "m"))
DAYS_IN = {"day": 1.0, "week": 7.0, "month": 365 / 12}


class Transactions(NamedTuple):
    """What the cells said: good rows added up, and the customers of whom a row can't be read."""

    customers: Summary
    spoilt: dict[str, ExcelError]
    nobody: ExcelError | None  # a row whose customer can't be read
    as_of: np.datetime64


def transactions(customers: Any, dates: Any, amounts: Any, as_of: np.datetime64 | None) -> Transactions:
    """Read the three columns and add them up; everything that is left out or merged is said."""
    until = np.datetime64(policy.today()) if as_of is None else as_of
    names, days, money = (
        read_cells(cells, Argument("list", "", "", kind, name=name), kind.blank)
        for name, cells, kind in (("customers", customers, text), ("dates", dates, date), ("amounts", amounts, YUAN))
    )
    refuse_lengths(customers=names.data.ravel(), dates=days.data.ravel(), amounts=money.data.ravel())
    who, when, yuan = names.data.ravel(), days.data.ravel(), money.data.ravel()
    bad = np.zeros((3, len(who)), dtype=bool)
    for flags, errors in zip(bad, (names.errors, days.errors, money.errors), strict=True):
        flags[list(errors)] = True
    no_date, no_amount = np.isnat(when) & ~bad[1], np.isnan(yuan) & ~bad[2]
    who[bad[0]] = ""
    keys, merged = canonical_all(who.tolist())
    named = np.array([bool(key) for key in keys], dtype=bool)
    filled = ~(no_date & no_amount)
    _say(~named & ~bad[0] & filled, "{n} 行没有客户，未计入", "rows without a customer, left out: {n}")
    unreadable = named & (bad[1] | bad[2] | no_date)
    spoilt: dict[str, ExcelError] = {}
    for row in np.flatnonzero(unreadable).tolist():
        spoilt.setdefault(keys[row], days.errors.get(row) or money.errors.get(row) or _no_date(row, days.shape))
    good = named & ~unreadable
    future = good & (when > until)
    _say(future, "{n} 行晚于截止日 {until}，未计入", "rows dated after {until}, left out: {n}", until=until)
    good &= ~future
    _say(good & no_amount, "{n} 行没有金额，按 0 计", "rows without an amount, counted as 0: {n}")
    if merged:
        note(
            "{n} 家客户的编号有不同写法（空格或全半角），已合并：{names}",
            "customers spelled in several ways (spaces or width), merged: {n} ({names})",
            n=len(merged), names=joined(merged, most=3, unit="家"),
        )  # fmt: skip
    fen = exact_fen(np.where(good & ~no_amount, yuan, 0.0))
    nobody = names.errors[min(names.errors)] if names.errors else None
    chosen = np.flatnonzero(good)
    added = summary([keys[row] for row in chosen.tolist()], when[chosen].astype(np.int64), fen[chosen])
    refuse(
        not len(added.ids) and not spoilt and nobody is None, NA,
        "截止 {until} 没有交易：请检查 customers、dates 与 as_of",
        "there is no transaction up to {until}: check customers, dates and as_of", until=until,
    )  # fmt: skip
    if len(added.ids) and (added.frequency == 0).any():
        _say(added.frequency == 0, "{n} 家客户只有退货，没有购买", "customers with credit notes only, no purchase: {n}")
    return Transactions(added, spoilt, nobody, until)


def _say(rows: Flags, zh: str, en: str, **fields: Any) -> None:
    if rows.any():
        note(zh, en, n=int(rows.sum()), **fields)


def _no_date(index: int, shape: tuple[int, int]) -> ExcelError:
    row, column = divmod(index, shape[1])
    return ExcelError(
        VALUE,
        Text(
            f"参数 dates（第 {row + 1} 行第 {column + 1} 列）：日期为空：请填日期",
            f"argument dates (row {row + 1}, column {column + 1}): the date is blank: enter a date",
        ),
    )


def exact_fen(yuan: Floats) -> Ints:
    """Yuan as whole fen; what had to be rounded is said, what is too much to be exact refused."""
    fen = in_fen(yuan)
    _say(
        np.abs(yuan * 100 - fen) > 1e-6 + 1e-9 * np.abs(fen),
        "{n} 行金额不是整分，已四舍五入到分",
        "{n} amounts are no whole fen and were rounded",
    )
    refuse(
        float(np.abs(fen).astype(float).sum()) > LARGEST_EXACT, NUM,
        "参数 amounts 合计过大，分位已无法精确：请改小", "argument amounts adds up to more than fen can be exact for: make it smaller",
    )  # fmt: skip
    return fen


def rows_of(read: Transactions, columns: Sequence[list[Any]]) -> list[list[Any]]:
    """A row a customer, by ID: its figures, or the reason why they can't be had."""
    rows = [[name, *cells] for name, *cells in zip(read.customers.ids, *columns, strict=True) if name not in read.spoilt]
    rows += [[name, *[error] * len(columns)] for name, error in read.spoilt.items()]
    rows.sort(key=lambda row: row[0])
    return [*rows, [read.nobody] * (len(columns) + 1)] if read.nobody is not None else rows


NO_PURCHASE = ExcelError(
    NA, Text("该客户只有退货，没有购买：没有购买日", "this customer has credit notes only: there is no day of a purchase")
)


def or_reason(values: Any, has: Flags) -> list[Any]:
    """The values as cells, with a reason where the customer never bought."""
    return [value if ok else NO_PURCHASE for value, ok in zip(values.tolist(), has.tolist(), strict=True)]


# ------------------------------------------------------------------------------------------------------------- functions


@formula(
    2,
    "每个客户的 RFM：购买天数、距今天数、次均金额、净额、首次与末次购买",
    "RFM of each customer: purchase days, days since the last, mean, total, first, last",
    gives=TABLE,
    columns=[
        ("客户", "customer"),
        ("购买天数", "purchase days"),
        ("距上次购买天数", "days since the last"),
        ("次均金额（元）", "mean per purchase day, yuan"),
        ("净额（元）", "total, yuan"),
        ("首次购买", "first purchase"),
        ("末次购买", "last purchase"),
    ],
)
def rfm(
    customers: Annotated[list[list[Any]], grid("每笔交易的客户编号或名称", "customer of each transaction: ID or name")],
    dates: Annotated[list[list[Any]], grid("每笔交易的日期", "date of each transaction")],
    amounts: Annotated[
        list[list[Any]], grid("金额（元，不含税）；退货为负", "amount of each, yuan net of VAT; a credit note is negative")
    ],
    as_of: Annotated[np.datetime64 | None, one("截止日期；省略为今天", "as of this day; omitted: today", date)] = None,
) -> list[list[Any]]:
    """Recency, frequency and money of each customer, by ID; the order of the transactions doesn't matter.

    A purchase day is a day with an amount of 0 or more; several on one day are one. Credit notes (below 0) reduce the total
    and with it the mean, they are no purchase. IDs that differ by width or spaces are one customer, said. Rows after
    ``as_of`` and rows without a customer are left out, said; a blank amount is 0, said. Amounts are added in whole fen.

    Returns: a row for each customer: ID, distinct purchase days, days from the last purchase to ``as_of``, total ÷ purchase
        days, total (net of credit notes, also when it is 0 or below), first and last purchase day.
    Errors: in the customer's row: #VALUE! a row of it has no date, a date or amount that is none, another currency ($, €,
        …); #N/A days and mean of a customer with credit notes only. A customer cell that is an error gives a last row of
        errors. The whole call: #N/A no transaction; #VALUE! ranges of different size.
    Source: rules, chapter 2, RFM.
    Example:
        >>> rfm([["A"], ["A"]], [["2027-01-05"], ["2027-02-04"]], [[100], [50]], "2027-03-01")
        [['A', 2.0, 25.0, 75.0, 150.0, datetime.date(2027, 1, 5), datetime.date(2027, 2, 4)]]
    """
    read = transactions(customers, dates, amounts, as_of)
    found = read.customers
    has = found.frequency > 0
    total = found.total / 100
    first, last = (day.astype("datetime64[D]") for day in (found.first, found.last))
    since = (read.as_of - last).astype(np.int64)
    mean = total / np.maximum(found.frequency, 1)
    columns = [
        found.frequency.tolist(),
        or_reason(since, has),
        or_reason(mean, has),
        total.tolist(),
        or_reason(first, has),
        or_reason(last, has),
    ]
    return rows_of(read, columns)


@formula(
    2,
    "客户终身价值模型的输入：复购次数、首末间隔、观察期、复购次均金额",
    "What the lifetime-value model needs: repeat purchases, first to last, age, mean repeat value",
    gives=TABLE,
    columns=[
        ("客户", "customer"),
        ("复购次数 x", "repeat purchases x"),
        ("首末间隔 t_x", "first to last, t_x"),
        ("观察期 T", "age T"),
        ("复购次均金额（元）", "mean repeat value, yuan"),
    ],
)
def clvinputs(
    customers: Annotated[list[list[Any]], grid("每笔交易的客户编号或名称", "customer of each transaction: ID or name")],
    dates: Annotated[list[list[Any]], grid("每笔交易的日期", "date of each transaction")],
    amounts: Annotated[
        list[list[Any]], grid("金额（元，不含税）；退货为负", "amount of each, yuan net of VAT; a credit note is negative")
    ],
    as_of: Annotated[np.datetime64 | None, one("截止日期；省略为今天", "as of this day; omitted: today", date)] = None,
    unit: Annotated[str, one("时间单位：天、周、月", "unit of time: day, week, month", UNIT)] = "week",
) -> list[list[Any]]:
    """Repeat purchases, recency and age of each customer in units of time, and what a repeat purchase is worth.

    The rows stand in the order of RFM's. A week has 7 days, a month 365/12. The mean value is that of the *repeat*
    purchases: what is dated after the first purchase day, credit notes included, ÷ repeat purchases; 0 without any (CLV
    then takes the mean of all).

    Returns: a row for each customer: ID, x = purchase days − 1, t_x = first to last purchase, T = first purchase to
        ``as_of``, mean value of the repeat purchases in yuan.
    Errors: as RFM; #N/A in the row of a customer with credit notes only.
    Source: rules, chapter 2, CLVINPUTS; CDNOW in weeks.
    Example:
        >>> clvinputs([["A"], ["A"]], [["2027-01-05"], ["2027-02-04"]], [[100], [50]], "2027-03-01", "day")
        [['A', 1.0, 30.0, 55.0, 50.0]]
    """
    read = transactions(customers, dates, amounts, as_of)
    return rows_of(read, _model_columns(read.customers, read.as_of, unit))


def _model_columns(found: Summary, as_of: np.datetime64, unit: str) -> list[list[Any]]:
    has = found.frequency > 0
    return [or_reason(column, has) for column in model_inputs(found, int(as_of.astype(np.int64)), unit)]


def model_inputs(found: Summary, as_of: int, unit: str = "week") -> tuple[Floats, Floats, Floats, Floats]:
    """x, t_x, T and the mean repeat value in yuan of each customer; of those who never bought they mean nothing."""
    x = np.maximum(found.frequency - 1, 0)
    recency = (found.last - found.first) / DAYS_IN[unit]
    age = (as_of - found.first) / DAYS_IN[unit]
    mean = np.where(x > 0, found.repeat / 100 / np.maximum(x, 1), 0.0)
    return x.astype(float), recency, age, mean


OPTIONAL = replace(positive, blank=np.nan)
ANY = replace(number, blank=np.nan)


def quintiles(table: Floats) -> Ints:
    """Scores 1–5 (5 best) of recency, frequency and money, a line each; a customer that lacks one takes no part."""
    return scored(table, (None, None, None))


def scored(table: Floats, borders: Sequence[Floats | None]) -> Ints:
    """Scores of recency, frequency and money, a line each: by fixed borders where there are some, else by quintile."""
    whole = ~np.isnan(table).any(axis=0)
    scores: Any = np.ones(table.shape, dtype=np.int64)
    same = []
    for line, (name, column, fixed) in enumerate(zip("RFM", table, borders, strict=True)):
        if fixed is not None:
            # 以内 and 以上 both include the border: 30 days are within 30, 5 purchases are 5 or more.
            passed = more_than(column[:, None], fixed) if name == "R" else at_least(column[:, None], fixed)
        elif whole.any():
            cuts = np.quantile(column[whole], [0.2, 0.4, 0.6, 0.8], method="linear")
            passed = more_than(column[:, None], cuts)
            same += [name] if whole.sum() > 1 and not more_than(cuts[-1], cuts[0]) else []
        else:
            continue
        scores[line] += passed.sum(axis=1)
    if same:
        note("{names} 几乎都相同，分不出档", "{names} is nearly the same for all: the quintiles can't tell them apart",
             names=joined(same))  # fmt: skip
    scores[0] = (6 if borders[0] is None else len(borders[0]) + 2) - scores[0]
    result: Ints = scores
    return result


def codes_of(scores: Ints) -> list[str]:
    """The three scores of each customer as one text."""
    return ["".join(map(str, row)) for row in zip(*scores.tolist(), strict=True)]


_MOST_BORDERS = 8  # nine scores: the code has a digit for each


def _borders(name: str, given: Floats | None) -> Floats | None:
    """Fixed borders, in order; refused where they can't be."""
    if given is None or not len(given):
        return None
    refuse(
        len(given) > _MOST_BORDERS, VALUE, "参数 {name} 有 {n} 个界值：最多 8 个", "argument {name} has {n} borders: 8 at most", name=Text(name, name), n=len(given),
    )  # fmt: skip
    refuse(
        not more_than(given[1:], given[:-1]).all(), NUM, "参数 {name} 应逐个递增：请调整顺序", "argument {name} must rise: put them in order", name=Text(name, name),
    )  # fmt: skip
    return given


@formula(
    2,
    "RFM 打分：各按五分位 1–5 分（或按固定界值），5 最好，相同数值同分",
    "RFM scores: quintiles 1–5 of each (or by fixed borders), 5 best, equal values score alike",
    gives=PARTS,
    columns=[("R", "R"), ("F", "F"), ("M", "M"), ("代码", "code")],
)
def rfmscore(
    recency: Annotated[Floats, each("距上次购买天数", "days since the last purchase", OPTIONAL)],
    frequency: Annotated[Floats, each("购买天数", "purchase days", OPTIONAL)],
    monetary: Annotated[Floats, each("金额（元）：平均或合计净额", "money, yuan: mean or total", ANY)],
    recency_borders: Annotated[
        Floats | None,
        many(
            "R 的固定界值，递增，如 30、60、90、180；省略：五分位",
            "fixed borders of R, rising; omitted: quintiles",
            blanks="skip",
        ),
    ] = None,
    frequency_borders: Annotated[Floats | None, many("F 的固定界值，递增", "fixed borders of F, rising", blanks="skip")] = None,
    monetary_borders: Annotated[Floats | None, many("M 的固定界值，递增", "fixed borders of M, rising", blanks="skip")] = None,
) -> Objects:
    """Scores of all customers given, by quintile or by fixed borders.

    The cut points are Excel's PERCENTILE.INC at 20, 40, 60 and 80% of the good rows; the score is 1 + the number of cut points a
    value exceeds, so equal values get equal scores. Recency is reversed: the fewest days score 5. A bad row has errors and
    takes no part.

    With fixed borders (four of them make five scores) a customer's score does not depend on the others. A border belongs to the
    better score: within 30 days, 5 purchases or more.

    Returns: a row for each customer in the order given: R, F, M (5 best) and the code of the three, as text ("543").
    Errors: #N/A a blank; #VALUE! text; #NUM! negative days. They stand in the customer's own row. #NUM! borders that don't rise;
        #VALUE! more than 8.
    Source: rules, chapter 2, RFMSCORE; vectors I3 (PERCENTILE.INC); fixed borders: a course's scoring scheme, studylib.net/doc/5618814.
    Example:
        >>> rfmscore([[5], [40], [300]], [[9], [4], [1]], [[800], [300], [50]])
        [[5.0, 5.0, 5.0, '555'], [3.0, 3.0, 3.0, '333'], [1.0, 1.0, 1.0, '111']]
        >>> rfmscore([[30], [31]], 5, 50, [30, 60, 90, 180], [2, 3, 5, 10], [10, 20, 50, 100])
        [[5.0, 4.0, 4.0, '544'], [4.0, 4.0, 4.0, '444']]
    """
    table = np.array([recency, frequency, monetary], dtype=float)
    for name, column in zip(("recency", "frequency", "monetary"), table, strict=True):
        refuse(
            np.isnan(column), NA, "参数 {name} 为空：该客户不参加打分，请补上",
                                  "argument {name} is blank: this customer is not scored, fill it in",
            name=Text(name, name),
        )  # fmt: skip
    fixed = (
        ("recency_borders", recency_borders),
        ("frequency_borders", frequency_borders),
        ("monetary_borders", monetary_borders),
    )
    scores = scored(table, [_borders(name, given) for name, given in fixed])
    rows: Any = np.empty((scores.shape[1], 4), dtype=object)
    rows[:, :3] = scores.T
    rows[:, 3] = codes_of(scores)
    result: Objects = rows
    return result
