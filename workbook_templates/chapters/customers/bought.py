"""The Table Transactions → what each customer bought.

The same rules as for files, without their reading: the cells are typed already.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from udfs.formula import listening
from udfs.rfm import canonical, exact_fen
from udfs.text import Text, joined
from udfs.values import Refusal, show
from workbook_templates.answers import ERROR, WARNING, Problem
from workbook_templates.intake.meaning.currencies import YUAN, currency
from workbook_templates.intake.parsing import fold
from workbook_templates.tables.grids import Held
from workbook_templates.tables.schema import Row
from workbook_templates.transactions.purchases import Purchases, day_number
from workbook_templates.transactions.rules import directory_of


@dataclass
class Bought:
    """What the Table comes to; without ``purchases`` the problems say why."""

    purchases: Purchases | None = None
    counted: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)


def faults(held: Held, as_of: dt.date, customers: Sequence[Row]) -> list[Problem]:
    """What is wrong with the Table beyond its cells' kinds, all at once."""
    if not held.rows:
        return [_nothing(held)]
    dateless = no_dates(held)
    later = not dateless and all(row["date"] is not None and row["date"] > as_of for row in held.rows)
    wrong = [_all_later(held, as_of)] if later else []
    return [*dateless, *wrong, *_mixed(held, _currencies(held)), *_namesakes(held, customers)]


def of_table(held: Held, as_of: dt.date, customers: Sequence[Row]) -> Bought:
    """Add up the rows of a Table without faults; ``customers`` are the plan's own."""
    made = Bought()
    kept = _once(held, made)
    (only,) = _currencies(held)
    if only != YUAN:
        made.notes.append(
            Text(f"金额都是 {only}，未折算：占比与级别不受影响，金额列不是元",
                 f"all amounts are in {only} and were not converted: shares and tiers are right, amounts are not yuan")
        )  # fmt: skip
    try:
        with listening() as said:
            fen = exact_fen(np.array([row["amount"] for row in kept], dtype=float))
    except Refusal as refusal:
        made.problems.append(_at(held, 0, "amount", refusal.error.reason))
        return made
    made.notes += said
    made.purchases = Purchases.of(_customers(kept, customers, made.notes), [day_number(row["date"]) for row in kept], fen, as_of)
    made.counted = sum(row["date"] <= as_of for row in kept)
    return made


def doubled(held: Held) -> list[Problem]:
    """Customers whose IDs differ by spaces, width or case only: two rows of one customer."""
    seen: dict[str, int] = {}
    out = []
    for index, row in enumerate(held.rows):
        key = fold(canonical(str(row["id"] or "")))
        first = seen.setdefault(key, index)
        if first != index and key and row["id"] != held.rows[first]["id"]:
            text = Text(
                f"{show(row['id'])} 与第 {held.lines[first]} 行只差空格、全半角或大小写，是同一客户：请合并",
                f"{show(row['id'])} differs from row {held.lines[first]} by spaces, width or case only and is the same "
                "customer: merge them",
            )
            out.append(_at(held, index, "id", text))
    return out


def _at(held: Held, index: int, key: str, text: Text, level: str = ERROR) -> Problem:
    return Problem(held.grid.sheet, *held.at(index, key), text, level)


def _nothing(held: Held) -> Problem:
    text = Text(
        "没有交易：请粘贴开票明细，或用 --transactions 指定文件",
        "there are no transactions: paste the invoices, or name a file with --transactions",
    )
    return Problem(held.grid.sheet, held.grid.data.first_row, held.grid.data.first_col, text)


def no_dates(held: Held) -> list[Problem]:
    """Numbers in the column of dates that no calendar has."""
    text = Text("不是日期：请填日期，如 2027-03-05", "is not a date: enter a date such as 2027-03-05")
    return [
        _at(held, i, "date", Text(f"{show(row['date'])} ", f"{show(row['date'])} ") + text)
        for i, row in enumerate(held.rows)
        if isinstance(row["date"], float)
    ]


def _all_later(held: Held, as_of: dt.date) -> Problem:
    text = Text(
        f"全部 {len(held.rows)} 笔交易都晚于截止日 {as_of}：请改截止日或交易日期",
        f"all {len(held.rows)} transactions are dated after {as_of}: correct the as-of date or the dates",
    )
    return _at(held, 0, "date", text)


def _currencies(held: Held) -> dict[str, list[int]]:
    """The rows of each currency; blank is yuan."""
    places: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(held.rows):
        places[currency(str(row["currency"])) if row["currency"] else YUAN].append(index)
    return places


def _mixed(held: Held, places: dict[str, list[int]]) -> list[Problem]:
    """Amounts of several currencies are never added; one foreign currency throughout is, and said."""
    if len(places) <= 1:
        return []
    zh, en = joined(f"{code} {len(rows):,}" for code, rows in sorted(places.items(), key=lambda item: -len(item[1])))
    text = Text(
        f"金额有几种币种（行数：{zh}），不能相加：请折算成元，或从文件刷新并给出汇率（--transactions、--rate）",
        f"the amounts are in several currencies (rows: {en}) and can't be added: convert them to yuan, or "
        "refresh from a file and give the rates (--transactions, --rate)",
    )
    return [_at(held, min(rows[0] for code, rows in places.items() if code != YUAN), "currency", text)]


def _namesakes(held: Held, customers: Sequence[Row]) -> list[Problem]:
    """Names in the place of an ID that several customers have."""
    directory = directory_of(customers)
    several = {
        said: found
        for said in {row["customer"] for row in held.rows}
        if said and len(found := directory.find(canonical(str(said)))) > 1
    }
    out = []
    for index, row in enumerate(held.rows):
        if row["customer"] in several:
            zh, en = joined(several[row["customer"]], most=5, unit="家")
            text = Text(
                f"{show(row['customer'])} 有几家同名：{zh}，请填编号",
                f"{show(row['customer'])} is the name of several: {en}; give the ID",
            )
            out.append(_at(held, index, "customer", text))
    return out


def _customers(rows: Sequence[Row], customers: Sequence[Row], notes: list[Text]) -> list[str]:
    """The customer of each row as the plan spells its ID; a name means its customer; what differs by case only is one,
    as in Excel."""
    directory = directory_of(customers)
    spelled = sorted({str(row["customer"]) for row in rows})
    alike: dict[str, str] = {}
    meant: dict[str, str] = {}
    for raw in spelled:
        plain = canonical(raw)
        found = directory.find(plain)
        meant[raw] = found[0] if found else alike.setdefault(fold(plain), plain)
    times = Counter(meant.values())
    merged = sorted(key for key, n in times.items() if n > 1)
    if merged:
        notes.append(
            Text("{n} 家客户的编号有不同写法，已合并：{names}",
                 "customers spelled in several ways, merged: {n} ({names})").format(n=len(merged), names=joined(merged, most=3, unit="家"))
        )  # fmt: skip
    return [meant[str(row["customer"])] for row in rows]


def _once(held: Held, made: Bought) -> list[Row]:
    """Rows that equal another of the same invoice count once, unless the Table has invoices of several lines: then they
    are lines."""
    keys = [_line(row) for row in held.rows]
    times = Counter(keys)
    repeated = [i for i, key in enumerate(keys) if times[key] > 1]
    if not repeated:
        return held.rows
    lines = Counter(key[0] for key in times)
    each = max(lines.values()) > 1
    more = len(keys) - len(times)
    kept = (
        Text("表内有多行的发票，按不同明细行照计", "the Table has invoices of several lines, so they count as lines")
        if each
        else Text("只计一次", "each counts once")
    )
    text = Text(
        "共 {n} 行与同一发票的另一行完全相同（{i}）：", "rows that equal another of the same invoice: {n} ({i}): "
    ).format(n=more, i=show(held.rows[repeated[0]]["invoice"]))
    made.problems.append(_at(held, repeated[0], "invoice", text + kept + Text("，请核对", "; check them"), WARNING))
    return held.rows if each else list(dict(zip(keys, held.rows, strict=True)).values())


def _line(row: Row) -> tuple[Any, ...]:
    return canonical(str(row["invoice"])), row["date"], canonical(str(row["customer"])), row["amount"], row["currency"]
