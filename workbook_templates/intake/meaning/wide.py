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
from workbook_templates.intake import parsing
from workbook_templates.intake.files import Raw, RawRow, blank
from workbook_templates.intake.meaning import headers, units, words

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
    periods: bool
    spec: Any  # the TableSpec whose rows they become
    key: str  # of its amount

    def means(self, header: str) -> bool:
        """Whether a header is that of the amount, and no forecast of it."""
        column = self.spec.column_of(header) or self.spec.column_of(units.bare(header))
        key = column.key if column else headers.column_of(self.spec.name, header)
        return key == self.key and not units.planned(header)


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
        return Across(whole, month, _unwrapped(found["rest"]), bool(quarter))
    return None


_WRAPPED = re.compile(r"[(（]([^()（）]*)[)）]")


def _unwrapped(rest: str) -> str:
    """What else a header says without the bracket around all of it: ``（万元）`` is 万元, ``收入（万元）`` stays."""
    bare = rest.strip(" -_/")
    whole = _WRAPPED.fullmatch(bare)
    return whole[1].strip() if whole else bare


def _amount_named(rest: str, becomes: Long) -> str:
    """What the amount of a month is called: as its header says, and where that is a unit only, as ours with the unit."""
    if not rest or rest in _DONE:
        return becomes.amount
    return f"{becomes.amount}({rest})" if units.is_unit(rest) else rest


def long(rows: Sequence[RawRow], choice: str, becomes: Long) -> tuple[list[RawRow], Text] | None:
    """The same as rows, a month each; None where there are no months across. ``choice``: ``month``, or the year of headers that
    say none; ``becomes``: what the new columns are called."""
    at = max(range(min(len(rows), _WITHIN)), key=lambda i: (len(_months(rows[i].cells)), -i), default=None)
    if at is None:
        return None
    cells, top = rows[at].cells, at
    for upper in (at - 1, at):
        both = _one_of_two(rows, upper)
        if both is not None and len(_months(both)) >= len(_months(cells)):
            cells, top, at = both, upper, upper + 1
            break
    months = _months(cells)
    if len(months) < (1 if becomes.periods else 2):
        return None
    titles = " ".join(str(c) for row in rows[:top] for c in row.cells if not blank(c))
    years = {year for year, *_ in months.values() if year}
    stated = set(map(int, _YEAR.findall(titles)))
    year = int(choice) if choice.isdigit() else next(iter(stated)) if len(stated) == 1 else None
    if not years and year is None:
        raise Refused(Text("各列只写月份，没有年份：请加 --wide 年份，如 --wide 2026",
                           "the columns say months and no year: add --wide YEAR, such as --wide 2026"))  # fmt: skip
    taken_of = _one_amount(months, becomes)
    name = _amount_named(taken_of, becomes)
    # A column of sums or of what was planned goes; one called 指标 whose cells are words says which figure a row has.
    sums = {i for i, c in enumerate(cells) if isinstance(c, str) and words.kind_of(c)[0] and _figures(rows[at + 1 :], i)}
    kept = [i for i in range(len(cells)) if i not in months and i not in sums]
    others = sorted({month.rest for month in months.values()} - {taken_of})
    months = {place: month for place, month in months.items() if month.rest == taken_of}
    made = [*rows[:top], RawRow(rows[at].line, (*(cells[i] for i in kept), becomes.date, name))]
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
    said = Text(
        f"按月展开成 {taken:,} 行，每月金额记在当月 1 日",
        f"turned into {counted(taken, 'row')}, each month's amount on its first day",
    )
    if others:
        said += Text(
            f"；每月只取“{name}”，没有用到：{'、'.join(others)}", f"; of each month “{name}” only, not used: {', '.join(others)}"
        )
    return made, said


_DONE = frozenset(("实际", "实绩", "完成", "实际完成", "实际完成额", "actual", "actuals"))  # beside a plan, of the same amount


def _figures(rows: Sequence[RawRow], place: int) -> bool:
    """Whether a column has figures, or nothing."""
    cells = [row.cells[place] for row in rows if place < len(row.cells) and not blank(row.cells[place])]
    return not cells or any(parsing.is_number(cell) for cell in cells)


def _one_amount(months: dict[int, Across], becomes: Long) -> str:
    """Which of several columns a month is the amount, by what else their headers say."""
    rests = sorted({month.rest for month in months.values()})
    done = [rest for rest in rests if not units.planned(rest)]
    if len(rests) == 1 or (len(done) == 1 and done[0] in _DONE):
        return done[0] if len(rests) > 1 else rests[0]
    meant = [rest for rest in rests if becomes.means(rest)]
    meant = [rest for rest in meant if units.tax_of(rest) != units.GROSS] or meant
    if len(meant) == 1:
        return meant[0]
    raise Refused(Text(f"每月有几列（{'、'.join(rests)}）：请在 Excel 中只留一种金额的列（其余整列删除）后再导入",
                       f"a month has several columns ({', '.join(rests)}): keep those of one amount, delete the others in Excel, then import"))  # fmt: skip


def in_two_rows(rows: Sequence[RawRow], at: int) -> list[str]:
    """The headers of a wide table of which one row says the months and the other what they are: 1月 above 收入 and 成本."""
    for upper in (at - 1, at):
        both = _one_of_two(rows, upper)
        if both is not None:
            return [str(both[place]) for place in _months(both)]
    return []


def _one_of_two(rows: Sequence[RawRow], upper: int) -> tuple[Raw, ...] | None:
    """Two rows of headers as one, where one of them says months: 1月收入, 1月计划, 2026年1月; None where they are none."""
    if not 0 <= upper < len(rows) - 1:
        return None
    over, under = rows[upper].cells, rows[upper + 1].cells
    width = max(len(over), len(under))
    pairs = list(zip([*over, *[None] * (width - len(over))], [*under, *[None] * (width - len(under))], strict=True))
    above = sum(month_of(o) is not None for o, _ in pairs)
    made: list[Raw] = []
    group: Raw = None
    for o, u in pairs:
        group = o if not blank(o) else group if not blank(u) else None
        if blank(u) or u == o:
            made.append(o)
        elif not isinstance(u, str) or blank(group):
            made.append(u)
        elif month_of(group) is not None:
            if _amounts_like(u):
                return None  # an amount below a month: the row is no header
            made.append(u if month_of(u) is not None else f"{_shown(group)}{u}")
        elif month_of(u) is not None:
            made.append(_below(str(group).strip(), str(u)))
        elif above < 2:
            return None  # a title above the headers
        else:
            made.append(f"{group}{u}")
    combined = sum(month_of(c) is not None and not blank(u) and u != o for c, (o, u) in zip(made, pairs, strict=True))
    return tuple(made) if combined >= 2 else None


_YEAR_FIRST = re.compile(r"(?P<year>20\d\d)\s*年?度?\s*(?P<of>.*)")


def _below(group: str, month: str) -> str:
    """A month below what it is of: 2026年, 计划, 2026年销售额（万元）; the year goes before the month."""
    match = _YEAR_FIRST.fullmatch(group)
    return f"{match['year']}年{month}{match['of']}" if match else f"{month}{group}"


def _amounts_like(text: str) -> bool:
    return re.search(r"\d", text) is not None and month_of(text) is None


def _shown(header: Raw) -> str:
    return f"{header:%Y-%m}" if isinstance(header, dt.date) else str(header)


def across(found: Sequence[str]) -> list[str]:
    """Headers that say a month and what it is of, each of several months: 1月收入, 1月成本, 2月收入, 2月成本."""
    of: dict[str, set[int]] = {}
    named = [(header, month) for header in found if (month := month_of(header)) is not None and month.rest]
    for _, month in named:
        of.setdefault(month.rest, set()).add(month.month)
    several = [header for header, month in named if len(of[month.rest]) > 1]
    return several if len(several) > 2 else []


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
    year = Text("（列名没有年份时写年份，如 --wide 2026）", " (or the year where the headers have none, such as --wide 2026)")
    if amount_of(spec) is not None:
        return (
            what + Text("：加 --wide month 按月展开", ": add --wide month to turn the months into rows") + year + Text("。", ".")
        )
    return what + Text("：每月合计不是一笔一笔的成交，不能导入；请导出每笔一行。客户分级可用 salesplan refresh 计划.xlsx --transactions 文件 --wide month",
                       ": a month's sum is no deal; export a row a deal. For customer tiers salesplan refresh PLAN.xlsx --transactions FILE --wide month reads it") \
        + year + Text("。", ".")  # fmt: skip


def amount_of(spec: Any) -> Long | None:
    """The columns that months across are turned into: a day or period and one amount; None for a Table that needs more of each row."""
    across = [c for c in spec.inputs if c.across]
    days = across or [c for c in spec.inputs if c.kind in ("date", "period") and c.required]
    numbers = [
        c for c in spec.inputs if c.kind in ("money", "fen", "int", "number", "rate") and (c.required or c.key == "amount")
    ]
    if spec.name == "Deals" or len(days) != 1 or len(numbers) != 1:
        return None
    amount = "金额" if spec.name == "Transactions" else numbers[0].header.zh
    return Long(days[0].header.zh, amount, bool(across), spec, numbers[0].key)
