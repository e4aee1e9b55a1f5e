"""One raw cell of someone's file → a typed value of one of our columns, or the reason and the remedy why not.

Money is read in yuan to the fen, whatever the way it is written (￥1,200.50, １２００元, 1.2万, (300)); an ID stays text. What could
mean two things (03/04/2027, a dollar sign, an ID that Excel has shortened to 1.2E+17) is refused and never guessed.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from udfs.text import Text
from udfs.values import ExcelError, serial_to_date, show, text_to_date, text_to_number
from workbook_templates.intake.files import Raw, near
from workbook_templates.tables.schema import Column

Parse = Callable[[Raw], Any]

NUMERIC = frozenset({"int", "number", "money", "fen", "rate", "score"})
MONEY = frozenset({"money", "fen"})
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_SHORTENED = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)
_FOREIGN = re.compile(r"[$€£₩₽]|\b(usd|eur|gbp|jpy|hkd|hk\$|us\$|krw)\b|美元|欧元|英镑|日元|港元|港币|韩元", re.IGNORECASE)
_YUAN = re.compile(r"^(?:rmb|cny)|(?:元|圆|rmb|cny|yuan)$", re.IGNORECASE)
_SCALES = {"千": 10**3, "万": 10**4, "萬": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8, "億": 10**8}
_UNITS = _SCALES | {"k": 10**3, "thousand": 10**3, "million": 10**6, "mn": 10**6, "m": 10**6}
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = r"(?:[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_YEAR_LAST = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){_TIME}")
_PERIOD = re.compile(r"(\d{4})[-/.年]?(\d{1,2})月?")
_QUARTER = re.compile(r"(?P<year>\d{4})[-/. ]?年?(?:第?(?P<quarter>[1-4一二三四])季度?|[Qq](?P<q>[1-4]))")
_QUARTER_FIRST = re.compile(r"[Qq](?P<q>[1-4])[-/. ]?(?P<year>\d{4})年?(?P<quarter>)")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,12})?")
TOO_LARGE = Text("太大：Excel 的数字最多 15 位", "is too large: Excel's numbers have 15 digits")
_CENT = Decimal("0.01")
EARLIEST, LATEST = dt.date(1950, 1, 1), dt.date(2150, 12, 31)
MOST_DIGITS = 10**15  # a number keeps no more digits in Excel
_LONGEST_KEY, _LONGEST_TEXT = 255, 32_767


class Bad(ValueError):
    """A cell that can't be taken; ``text`` names the reason and the remedy."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True)
class Habit:
    """How a whole column of a file is written: what one cell alone can't tell."""

    scale: Decimal = Decimal(1)  # money in 万元, rates as percent numbers
    day_first: bool | None = None  # of dates with the year last


def parser(column: Column, habit: Habit = Habit()) -> Parse:
    """The function that reads this column's cells (never blank ones); it raises :class:`Bad`."""
    if column.kind == "id":
        return _id
    if column.words:
        return lambda raw: _word(column, raw)
    if column.kind in NUMERIC:
        return lambda raw: _number(column, raw, habit.scale)
    if column.kind in ("date", "time"):
        return lambda raw: _date(raw, habit.day_first)
    if column.kind == "period":
        return _period
    if column.kind == "quarter":
        return _quarter
    return _id if column.refers else _text


def fold(value: Any) -> str:
    """A key as it is compared: Excel's lookups know no case either."""
    return str(value).casefold()


# ------------------------------------------------------------------------------------------------------------------------- text


def _text(raw: Raw) -> str:
    if isinstance(raw, ExcelError):
        raise Bad(Text(f"是错误值 {raw}：请改正", f"is the error {raw}: correct it"))
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float):
        return str(int(raw)) if raw.is_integer() and abs(raw) < MOST_DIGITS else repr(raw)
    if isinstance(raw, dt.date):
        return raw.isoformat()
    text = str(raw).replace("\r\n", "\n").replace("\r", "\n").strip()
    if _CONTROL.search(text):
        raise Bad(Text("含有控制字符：请删去", "holds control characters: delete them"))
    if len(text) > _LONGEST_TEXT:
        raise Bad(Text(f"有 {len(text)} 个字符，单元格最多 32,767 个", f"has {len(text)} characters; a cell holds 32,767"))
    return text


def _id(raw: Raw) -> str:
    """An ID as text: trimmed, full-width as half-width, leading zeros kept."""
    if isinstance(raw, bool):
        raise Bad(Text("是 TRUE/FALSE，不是编号", "is TRUE/FALSE, not an ID"))
    if isinstance(raw, dt.date):
        raise Bad(
            Text(
                "编号被 Excel 变成了日期：请把该列设为文本后重填",
                "Excel turned the ID into a date: make the column text and enter it again",
            )
        )
    if isinstance(raw, float) and (not raw.is_integer() or abs(raw) >= MOST_DIGITS):
        raise Bad(_lost_digits())
    text = " ".join(unicodedata.normalize("NFKC", _text(raw)).split())
    if _SHORTENED.fullmatch(text):
        raise Bad(_lost_digits())
    if any(c in text for c in "*?~"):
        raise Bad(
            Text(
                "编号含 *、? 或 ~，Excel 查找时当作通配符：请换字符",
                "holds *, ? or ~, which Excel's lookups take as wildcards: use other characters",
            )
        )
    if len(text) > _LONGEST_KEY:
        raise Bad(
            Text("编号超过 255 个字符，Excel 无法查找：请缩短", "is longer than the 255 characters Excel can look up: shorten it")
        )
    return text


def _lost_digits() -> Text:
    return Text(
        "编号被存成了数字，后几位可能已丢失：请在源文件把该列设为文本后重新导出",
        "the ID was kept as a number and may have lost digits: make the column text in the source and export it again",
    )


def _word(column: Column, raw: Raw) -> str:
    text = unicodedata.normalize("NFKC", _text(raw))
    code = column.code(text)
    known = {word.code for word in column.words}
    if code in known or column.open_words:
        return code if code in known else _text(raw)
    zh, en = "、".join(w.label.zh for w in column.words), ", ".join(w.label.en for w in column.words)
    raise Bad(Text(f"不在选项中：可填 {zh}", f"is none of the choices: {en}"))


# ---------------------------------------------------------------------------------------------------------------------- numbers


def _number(column: Column, raw: Raw, scale: Decimal) -> float:
    number = decimal(raw, column, scale)
    if column.kind in MONEY:
        number = number.quantize(_CENT, ROUND_HALF_UP) if abs(number) < MOST_DIGITS else number
    if abs(number) >= MOST_DIGITS:
        raise Bad(TOO_LARGE)
    if column.kind == "int" and number != number.to_integral_value():
        raise Bad(Text("应为整数", "must be a whole number"))
    value = float(number) + 0.0
    if (column.low is not None and value < column.low) or (column.high is not None and value > column.high):
        raise Bad(_out_of_bounds(column, value))
    return value


def decimal(raw: Raw, column: Column, scale: Decimal = Decimal(1)) -> Decimal:
    """The number in a cell with all its digits; :func:`parser` rounds money to the fen."""
    if isinstance(raw, ExcelError):
        raise Bad(Text(f"是错误值 {raw}：请改正", f"is the error {raw}: correct it"))
    if isinstance(raw, float) and math.isfinite(raw):
        return Decimal(repr(raw)) * scale
    if isinstance(raw, str):
        return _written(raw, column, scale)
    raise Bad(Text("应为数字", "must be a number"))


def _written(raw: str, column: Column, scale: Decimal) -> Decimal:
    """A number written as text; its own unit (万, %) goes before the column's."""
    try:
        # Nearly all cells are plain digits: they need none of the rest.
        return Decimal(raw) * scale if _PLAIN_NUMBER.fullmatch(raw) else _dressed(raw, column, scale)
    except ArithmeticError:  # 1e999999999
        raise Bad(TOO_LARGE) from None


def _dressed(raw: str, column: Column, scale: Decimal) -> Decimal:
    text = unicodedata.normalize("NFKC", raw).strip()
    if _FOREIGN.search(text):
        raise Bad(Text("是外币：计划以人民币元计，请先换算", "is a foreign currency: the plan counts in yuan, convert it first"))
    bare = "".join(_YUAN.sub("", text.strip()).split()) if column.kind in MONEY else text
    bracketed = bare.startswith("(") and bare.endswith(")")
    bare = bare[1:-1] if bracketed else bare
    own = next((unit for unit in sorted(_SCALES, key=len, reverse=True) if bare.endswith(unit)), "")
    number = text_to_number(bare.removesuffix(own))
    if number is None or (bracketed and number < 0):
        raise Bad(Text("不是数字：请只填数字，如 1200.50", "is no number: enter digits only, such as 1200.50"))
    if abs(number) == float("inf"):
        raise Bad(TOO_LARGE)
    value = Decimal(repr(-number if bracketed else number))
    if own:
        return value * _SCALES[own]
    return value if "%" in bare else value * scale


def _out_of_bounds(column: Column, value: float) -> Text:
    if column.kind == "rate" and value > 1:
        return Text(
            f"超过 100%：35% 请写 35% 或 0.35，不写 {show(value)}", f"is above 100%: write 35% or 0.35, not {show(value)}"
        )
    low = "−∞" if column.low is None else show(column.low)
    high = "∞" if column.high is None else show(column.high)
    return Text(f"超出范围 {low} … {high}", f"is outside {low} … {high}")


def unit_of(header: str) -> str:
    """The unit a header names in brackets or after a slash: ``收入(万元)`` → ``万元``."""
    text = unicodedata.normalize("NFKC", header)
    found = re.search(r"[(\[](.*?)[)\]]\s*$", text) or re.search(r"/\s*(\S+)\s*$", text)
    return re.sub(r"^单位\s*:?\s*", "", found[1]).strip() if found else ""


def money_scale(unit: str) -> Decimal | None:
    """How many yuan one of this unit is; None when it is another currency."""
    if _FOREIGN.search(unit):
        return None
    bare = (
        re.sub(r"^(?:人民币|rmb|cny)\s*|\s*(?:人民币|元|圆|rmb|cny|yuan)$", "", unit.strip(), flags=re.IGNORECASE).strip().lower()
    )
    return Decimal(_UNITS.get(bare, 1))


def percent_habit(unit: str, cells: Iterable[Raw]) -> Decimal:
    """A column headed "(%)" holds percent numbers (35) unless all its numbers are fractions already (0.35 shown as 35%)."""
    if "%" not in unit:
        return Decimal(1)
    numbers = [text_to_number(c) if isinstance(c, str) and "%" not in c else c for c in cells]
    return Decimal("0.01") if any(isinstance(n, float) and abs(n) > 1 for n in numbers) else Decimal(1)


# ------------------------------------------------------------------------------------------------------------------------ dates


def _date(raw: Raw, day_first: bool | None) -> dt.date:
    day = _day(raw, day_first)
    if not EARLIEST <= day <= LATEST:
        raise Bad(
            Text(f"{day} 不可信：请填完整年份，如 2027-03-05", f"{day} is not credible: write the year in full, 2027-03-05")
        )
    return day


def _day(raw: Raw, day_first: bool | None) -> dt.date:
    if isinstance(raw, ExcelError):
        raise Bad(Text(f"是错误值 {raw}：请改正", f"is the error {raw}: correct it"))
    if isinstance(raw, dt.datetime):
        return raw.date()
    if isinstance(raw, dt.date):
        return raw
    if isinstance(raw, bool):
        raise _no_date()
    text = str(int(raw)) if isinstance(raw, float) and raw.is_integer() else str(raw)
    found = text_to_date(text) or _compact(text) or _serial(text) or _year_last(text, day_first)
    if found is None:
        raise _no_date()
    return found


def _no_date() -> Bad:
    return Bad(Text("不是日期：请填如 2027-03-05", "is no date: write it as 2027-03-05"))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _compact(text: str) -> dt.date | None:
    match = _COMPACT.fullmatch(_plain(text))
    return _made(*match.groups()) if match else None


def _made(year: str, month: str, day: str) -> dt.date | None:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def _serial(text: str) -> dt.date | None:
    """Excel's day number, where it is a date of our times: 46451 or 46451.604."""
    match = re.fullmatch(r"(\d{5})(?:\.\d+)?", _plain(text))
    return serial_to_date(float(match[1])) if match else None


def _year_last(text: str, day_first: bool | None) -> dt.date | None:
    match = _YEAR_LAST.fullmatch(_plain(text))
    if not match:
        return None
    if day_first is None:
        raise Bad(
            Text(
                "日和月的先后不明：请改写为 年-月-日，如 2027-03-04",
                "could be day/month or month/day: write it as year-month-day, such as 2027-03-04",
            )
        )
    first, second, year = match.groups()
    return _made(year, second, first) if day_first else _made(year, first, second)


def date_habit(cells: Iterable[Raw]) -> bool | None:
    """Whether 25/12/2027-like dates put the day first, as far as the column itself proves it: some number above 12, on
    one side only."""
    first = second = False
    for cell in cells:
        match = _YEAR_LAST.fullmatch(_plain(cell)) if isinstance(cell, str) else None
        if match:
            first |= int(match[1]) > 12
            second |= int(match[2]) > 12
    return None if first == second else first


def _period(raw: Raw) -> str:
    if isinstance(raw, dt.date):
        return f"{raw:%Y-%m}"
    text = str(int(raw)) if isinstance(raw, float) and raw.is_integer() else _text(raw)
    match = _PERIOD.fullmatch(_plain(text))
    if match and 1 <= int(match[2]) <= 12:
        return f"{match[1]}-{int(match[2]):02}"
    day = text_to_date(text)
    if day is None:
        raise Bad(Text("不是月份：请填如 2027-03", "is no month: write it as 2027-03"))
    return f"{day:%Y-%m}"


def _quarter(raw: Raw) -> str:
    """2027-Q1, 2027Q1, 2027年一季度, Q1 2027; a date or a month is the quarter it lies in."""
    text = _plain(_text(raw)) if not isinstance(raw, dt.date) else f"{raw:%Y-%m}"
    match = _QUARTER.fullmatch(text) or _QUARTER_FIRST.fullmatch(text)
    if match:
        digit = match["q"] or match["quarter"]
        return f"{match['year']}-Q{'一二三四'.find(digit) + 1 or int(digit)}"
    try:
        month = _period(text)
    except Bad:
        raise Bad(Text("不是季度：请填如 2027-Q1", "is no quarter: write it as 2027-Q1")) from None
    return f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"


def meant(value: str, known: Iterable[str]) -> Text:
    """A did-you-mean, or nothing."""
    guess = near(value, known)
    return Text(f"；是否想用 {'、'.join(guess)}？", f"; did you mean {', '.join(guess)}?") if guess else Text("", "")
