"""Tables with a column each month: turned into rows when a person says so, else named as what they are.

A month's amount is one row on the month's first day: who bought in a month is known, not when.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from udfs.text import Text, counted, joined
from workbook_templates.answers import Refused
from workbook_templates.intake.files import Raw, RawRow, blank
from workbook_templates.intake.meaning import words

MONTH = "month"
_WITHIN = 40  # rows above the headers
_HAN = "一二三四五六七八九十"
_NAMES = [name.lower() for name in calendar.month_abbr[1:]]
_YEAR_MONTH = re.compile(
    r"(?P<year>20\d\d)\s*(?:[-/.年]\s*)?(?P<month>0?[1-9]|1[0-2])(?!\d)(?:月份?)?(?:[-/.]?0?1日?(?: 00:00:00)?)?(?P<rest>.*)"
)
_CHINESE = re.compile(rf"(?:(?P<year>20\d\d|\d\d)年?\s*)?(?P<month>1[0-2]|0?[1-9]|十[一二]?|[{_HAN}])月份?(?P<rest>.*)")
_ENGLISH = re.compile(
    r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ .\-']*(?P<year>20\d\d|\d\d)?(?P<rest>(?:\s.*)?)"
)
_QUARTER = re.compile(
    r"(?:(?P<year>20\d\d)\s*[-/年]?\s*)?(?:q(?P<q>[1-4])|第?(?P<han>[一二三四1-4])季度?)(?:[-/ ]?(?P<after>20\d\d))?(?P<rest>.*)"
)
_YEAR = re.compile(r"20\d\d")


def _number(said: str) -> int:
    if said.isdigit():
        return int(said)
    if said in _NAMES:
        return _NAMES.index(said) + 1
    return 10 + _HAN.index(said[1]) + 1 if len(said) == 2 else _HAN.index(said) + 1


class Across(NamedTuple):
    """A month or quarter that a column's header names."""

    year: int | None  # None where it isn't said
    month: int  # its first
    rest: str = ""  # what else the header says
    quarter: bool = False

    def period(self, year: int) -> str:
        """As people write it: 2027-01 or 2027-Q1."""
        return f"{year}-Q{(self.month + 2) // 3}" if self.quarter else f"{year}-{self.month:02d}"


class Long(NamedTuple):
    """What the columns of a wide table are turned into; ``periods``: as texts such as 2027-01, a 0 is one too, not days and amounts."""

    date: str
    amount: str
    periods: bool = False


def month_of(header: Raw) -> Across | None:
    """What a header says of a month: ``2026年3月含税金额`` → (2026, 3, 含税金额)."""
    if isinstance(header, dt.date):
        return Across(header.year, header.month)
    if not isinstance(header, str):
        return None
    low = words.plain(header)
    if words.kind_of(header)[0]:
        return None
    for pattern in (_YEAR_MONTH, _CHINESE, _ENGLISH, _QUARTER):
        match = pattern.fullmatch(low)
        if match is None:
            continue
        found = match.groupdict()
        year = found["year"] or found.get("after")
        quarter = found.get("q") or found.get("han")
        month = 3 * (_number(quarter) - 1) + 1 if quarter else _number(found["month"])
        whole = 2000 + int(year) if year and len(year) == 2 else int(year) if year else None
        return Across(whole, month, found["rest"].strip(" ()（）-_/"), bool(quarter))
    return None


def long(rows: Sequence[RawRow], choice: str, becomes: Long) -> tuple[list[RawRow], Text] | None:
    """The same as rows, a month each; None where there are no months across. ``choice``: ``month``, or the year of headers that
    say none; ``becomes``: what the new columns are called."""
    at = max(range(min(len(rows), _WITHIN)), key=lambda i: (len(_months(rows[i].cells)), -i), default=None)
    months = _months(rows[at].cells) if at is not None else {}
    if at is None or len(months) < (1 if becomes.periods else 2):
        return None
    titles = " ".join(str(c) for row in rows[:at] for c in row.cells if not blank(c))
    years = {year for year, *_ in months.values() if year}
    stated = set(map(int, _YEAR.findall(titles)))
    year = int(choice) if choice.isdigit() else next(iter(stated)) if len(stated) == 1 else None
    if not years and year is None:
        raise Refused(Text("各列只写月份，没有年份：请加 --wide 年份，如 --wide 2026",
                           "the columns say months and no year: add --wide YEAR, such as --wide 2026"))  # fmt: skip
    rests = {month.rest for month in months.values()}
    if len(rests) > 1:
        raise Refused(
            Text(f"每月有几列（{'、'.join(sorted(rests))}）：请只留一种金额后再导入", f"a month has several columns ({', '.join(sorted(rests))}): keep one amount")
        )  # fmt: skip
    name = next(iter(rests)) or becomes.amount
    kept = [i for i, c in enumerate(rows[at].cells) if i not in months and not (isinstance(c, str) and words.kind_of(c)[0])]
    made = [*rows[:at], RawRow(rows[at].line, (*(rows[at].cells[i] for i in kept), becomes.date, name))]
    taken = 0
    for row in rows[at + 1 :]:
        head = tuple(row.cells[i] if i < len(row.cells) else None for i in kept)
        filled = 0
        for place, month in months.items():
            cell = row.cells[place] if place < len(row.cells) else None
            if not blank(cell) and cell not in (("-", "—") if becomes.periods else (0.0, "0", "-", "—")):
                own = month.year or year or 0
                when = month.period(own) if becomes.periods else dt.date(own, month.month, 1)
                made.append(RawRow(row.line, (*head, when, cell), row.hidden, row.summed))
                filled += 1
        taken += filled
        if not filled and any(not blank(cell) for cell in head):
            made.append(
                RawRow(row.line, (*head, None, None), row.hidden, row.summed)
            )  # a footer, or a customer who bought nothing
    if becomes.periods:
        return made, Text(f"按期展开成 {taken:,} 行", f"turned into {counted(taken, 'row')}, a period each")
    return made, Text(
        f"按月展开成 {taken:,} 行，每月金额记在当月 1 日",
        f"turned into {counted(taken, 'row')}, each month's amount on its first day",
    )


def _months(cells: Sequence[Raw]) -> dict[int, Across]:
    return {i: found for i, c in enumerate(cells) if (found := month_of(c)) is not None}


def said(found: Sequence[str], spec: Any) -> Text:
    """Why a wide table is not read as it stands, and what reads it."""
    zh, en = joined(found, most=3, unit="列")
    what = Text(f"是宽表（每月或每人一列：{zh}）", f"it is a wide table, with a column each month or person ({en})")
    if not any(month_of(header) for header in found):
        return what + Text("：请在 Excel“数据 › 来自表格”中选中各人的列“逆透视列”，把“属性”改名为主办工号、“值”改名为收入，每笔一行后再导入。",
                           ": in Excel (Data › From Table) select the people's columns, Unpivot columns, call Attribute “Seller ID” and Value “Revenue”, so that "
                           "each deal is a row, then import.")  # fmt: skip
    if amount_of(spec) is not None:
        return what + Text("：加 --wide month 按月展开（列名没有年份时写年份，如 --wide 2026）。",
                           ": add --wide month to turn the months into rows (or the year where the headers have none, such as --wide 2026).")  # fmt: skip
    return what + Text("：每月合计不是一笔一笔的成交，不能导入；请导出每笔一行。客户分级可用 salesplan refresh 计划.xlsx --transactions 文件 --wide month。",
                       ": a month's sum is no deal; export a row a deal. For customer tiers salesplan refresh PLAN.xlsx --transactions FILE --wide month reads it.")  # fmt: skip


def amount_of(spec: Any) -> Long | None:
    """The columns that months across are turned into: a day or period and one amount; None for a Table that needs more of each row."""
    across = [c for c in spec.inputs if c.across]
    days = across or [c for c in spec.inputs if c.kind in ("date", "period") and c.required]
    numbers = [
        c for c in spec.inputs if c.kind in ("money", "fen", "int", "number", "rate") and (c.required or c.key == "amount")
    ]
    if spec.name == "Deals" or len(days) != 1 or len(numbers) != 1:
        return None
    return Long(days[0].header.zh, "金额" if spec.name == "Transactions" else numbers[0].header.zh, bool(across))
