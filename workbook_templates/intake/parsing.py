"""One raw cell of someone's file → a typed value of one of our columns, or the reason and the remedy why not.

Money is read in yuan to the fen, whatever the way it is written (￥1,200.50, １２００元, 1.2万, (300)); an ID stays text. What could
mean two things (03/04/2027, a dollar sign, an ID that Excel has shortened to 1.2E+17) is refused and never guessed.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from udfs import policy
from udfs.text import Text, joined
from udfs.values import ExcelError, serial_to_date, show, text_to_date, text_to_number
from workbook_templates.intake import times
from workbook_templates.intake.files import Raw
from workbook_templates.intake.meaning import units
from workbook_templates.intake.meaning.currencies import YUAN, taken_apart
from workbook_templates.intake.meaning.dress import Dressed
from workbook_templates.tables.own_words import OwnWords
from workbook_templates.tables.schema import Column

Parse = Callable[[Raw], Any]

DASHES = frozenset(("-", "—", "–", "--", "——", "/", "／", "无"))  # where no number, no day and nobody is
NUMERIC = frozenset({"int", "number", "money", "fen", "rate", "score"})
MONEY = frozenset({"money", "fen"})
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_SHORTENED = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)
_YUAN = re.compile(r"^(?:rmb|cny|人民币)|(?:元整?|圆整?|rmb|cny|yuan|人民币)$", re.IGNORECASE)
_IN_YUAN = re.compile(r"(?:元|圆|yuan)整?[)）]?$", re.IGNORECASE)
_APOSTROPHES = re.compile(r"(?<=\d)['’](?=\d{3}(?!\d))")  # 1'234.56
_SCALES = {"千": 10**3, "万": 10**4, "萬": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8, "億": 10**8}
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_BASIC = re.compile(r"([12]\d{3})([01]\d)([0-3]\d)(?:T(?=\d{4})|(?=\d{6}$))([0-2]\d)([0-5]\d)([0-5]\d)?(Z|[+-]\d{2}:?\d{2})?")
_OF_THE_REPUBLIC = re.compile(r"民[国國] *(\d{2,3}) *年")
_TIME = r"(?:[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: *(?i:[ap]\.?m\.?))?)?"
# What stands in a cell and nobody sees: zero-width spaces, joiners and marks, soft hyphens, the order of writing.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)
_GUARD = re.compile(r'="(.*)"|=\'(.*)\'|\'(.+)', re.DOTALL)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = re.compile(rf"(?:[a-z]{{3,9}},? )?(\d{{1,2}})[-/. ]([a-z]{{3,9}})\.?,?[-/. ']*(\d{{4}}|\d{{2}}){_TIME}")
_YEAR_NAMED = re.compile(rf"(\d{{4}})[-/. ]([a-z]{{3,9}})[-/. ](\d{{1,2}}){_TIME}")
_NAMED_FIRST = re.compile(rf"(?:[a-z]{{3,9}},? )?([a-z]{{3,9}})\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}}){_TIME}")
_HALF_DAY = re.compile(r" *(?:上午|下午|凌晨|早上|中午|晚上|am|pm|a\.m\.|p\.m\.)(?= *\d)|(?<=\d) *(?:上午|下午|[ap]\.?m\.?)$")
_WEEKDAY = re.compile(
    r" *[(（]?(?:星期|周)[一二三四五六日天][)）]?| *[(（][一二三四五六日天][)）]| +(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*(?= |$)"
)
_CHINESE_TIME = re.compile(r"(\d{1,2})[时点](?:(\d{1,2})分(?:(\d{1,2})秒)?)?$")
_OFFSET = re.compile(
    r"(?P<day>\d{4}[-/.]\d{1,2}[-/.]\d{1,2})[T ]+(?P<clock>\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)? *"
    r"\(?(?:Z|UTC|GMT|(?:UTC|GMT)? *(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})?|(?:UTC|GMT) *(?P<west>[+-])(?P<hour>\d))\)?",
    re.IGNORECASE,
)
_COMMA_DECIMAL = re.compile(
    r"[^\d]*(?:(?:\d{1,3}(?:[.\u00a0\u202f ']\d{3})+|\d+),(?:\d{1,2}|\d{4,})|\d{1,3}(?:\.\d{3}){2,})[^\d,.]*"
)
_EITHER_WAY = re.compile(r"[^\d]*[1-9]\d{0,2}\.\d{3}[^\d,.]*")  # 1.234: 1234 as Europe writes it, or 1.23
_DOTTED_DAY = re.compile(r"\s*\d{1,2}\.\d{1,2}\.\d{4}\b.*")
_POINT_DECIMAL = re.compile(r"[^\d]*(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.(?:\d{1,2}|\d{4,}))[^\d,.]*")
_MINUS_LAST = re.compile(r"[\d.,]*\d[\-−]")
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
    comma: bool = False  # numbers as 1.234,56
    from_1904: bool = False  # day numbers count from 1904
    rates: Mapping[str, Decimal] = field(default_factory=dict)  # yuan for one of a foreign currency
    zone: dt.tzinfo | None = None  # whose day a moment with an offset is; None: the plan's own
    given: dt.tzinfo | None = None  # the offset of moments that say none themselves, by their header: Created (UTC)


def parser(column: Column, habit: Habit = Habit()) -> Parse:
    """The function that reads this column's cells (never blank ones); it raises :class:`Bad`."""
    if column.kind == "id":
        return _id
    if column.words:
        return lambda raw: _word(column, raw)
    if column.kind in NUMERIC:
        return lambda raw: _number(column, raw, habit)
    if column.kind == "time":
        return lambda raw: _time(raw, habit)
    if column.kind == "date":
        return lambda raw: _date(raw, habit)
    if column.kind == "period":
        return _period
    if column.kind == "quarter":
        return _quarter
    return _id if column.refers else _text


def fold(value: Any) -> str:
    """A key as it is compared: Excel's lookups know no case either."""
    return str(value).casefold()


# What nobody tells from the characters of a keyboard: dashes, apostrophes, Cyrillic and Greek letters.
_LOOKS = str.maketrans(
    "‐‑‒–—―−﹘﹣⁃" + "‘’ʼ′" + "АВЕКМНОРСТУХІЈЅаеорсухіјѕ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
    "----------" + "''''" + "ABEKMHOPCTYXIJSaeopcyxijs" + "ABEZHIKMNOPTYXo",
)


def look(value: Any) -> str:
    """How a key looks, whatever its characters are: two that look alike are one to whoever reads them."""
    text = str(value)
    return fold(text if text.isascii() else text.translate(_LOOKS))


def odd_one(values: Iterable[str]) -> str:
    """The first character that is another than it looks; "" for none."""
    return next((c for value in values for c in value if not c.isascii() and c.translate(_LOOKS) != c), "")


# ------------------------------------------------------------------------------------------------------------------------- text


def _error(raw: ExcelError) -> Bad:
    if raw.reason and raw.reason.zh:
        return Bad(Text("是", "is ") + raw.reason)
    return Bad(Text(f"是错误值 {raw}：请改正", f"is the error {raw}: correct it"))


def unguarded(text: str) -> str:
    """What a spreadsheet shows of a text in the dress that keeps its zeros: ``="007"`` and ``'007`` are 007.

    >>> unguarded('="007"'), unguarded("'007"), unguarded("O'Neil")
    ('007', '007', "O'Neil")
    """
    match = _GUARD.fullmatch(text.strip())
    return next(part for part in match.groups() if part is not None) if match else text


def seen(text: str) -> str:
    """A text without what nobody sees."""
    return _UNSEEN.sub("", text)


def _text(raw: Raw) -> str:
    if isinstance(raw, ExcelError):
        raise _error(raw)
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
    if isinstance(raw, Dressed) and raw.shown:
        raw = raw.shown
    if isinstance(raw, float) and (not raw.is_integer() or abs(raw) >= MOST_DIGITS):
        raise Bad(_lost_digits())
    text = " ".join(unicodedata.normalize("NFKC", seen(unguarded(_text(raw)))).split())
    if "\ufffd" in text:
        raise Bad(Text("含有“\ufffd”，文字已损坏：请重新导出", "holds “\ufffd”: its text is damaged, export it again"))
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


def lost_digits(raw: Raw) -> bool:
    """Whether an ID was kept as a number of more digits than Excel holds."""
    if isinstance(raw, float):
        return abs(raw) >= MOST_DIGITS
    return isinstance(raw, str) and _SHORTENED.fullmatch(raw.strip()) is not None


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
    zh, en = joined(w.label for w in column.words)
    reason = Text(f"不在选项中：可填 {zh}", f"is none of the choices: {en}")
    if isinstance(column.words, OwnWords):
        reason += Text(
            "；本公司另有叫法，先写进“用词”页，再“应用用词”",
            "; if you have words of your own, enter them on Words first, then Apply words",
        )
    raise Bad(reason)


# ---------------------------------------------------------------------------------------------------------------------- numbers


# What a duration is counted in, by the unit of its column: how many to the hour.
_DURATIONS = {"hours": Decimal(1), "minutes": Decimal(60)}
_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)(?::([0-5]\d))?")
_SPENT = re.compile(
    r"(?=.)(?:(\d+(?:\.\d+)?)(?:个?小时|时|h|hours?|hrs?))?(?:(\d+(?:\.\d+)?)(?:分钟?|m|mins?|minutes?))?(?:(\d+(?:\.\d+)?)(?:秒钟?|s|secs?|seconds?))?", re.I
)  # fmt: skip


def spent(text: str) -> Decimal | None:
    """The hours of a duration that is written as one; None where it is none.

    >>> spent("2小时30分"), spent("02:30"), spent("90 min"), spent("3.5")
    (Decimal('2.5'), Decimal('2.5'), Decimal('1.5'), None)
    """
    bare = "".join(unicodedata.normalize("NFKC", text).split())
    match = _CLOCK.fullmatch(bare) or _SPENT.fullmatch(bare)
    if match is None:
        return None
    hours, minutes, seconds = (Decimal(part or 0) for part in match.groups())
    return hours + minutes / 60 + seconds / 3600


def _number(column: Column, raw: Raw, habit: Habit) -> float:
    if isinstance(raw, str) and column.unit.en in _DURATIONS and (hours := spent(raw)) is not None:
        return rounded(hours * _DURATIONS[column.unit.en], column)
    return rounded(decimal(raw, column, habit.scale, habit), column)


def rounded(number: Decimal, column: Column) -> float:
    """A number as its column holds it: money to the fen, within its bounds."""
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


def decimal(raw: Raw, column: Column, scale: Decimal = Decimal(1), habit: Habit = Habit()) -> Decimal:
    """The number in a cell with all its digits; :func:`parser` rounds money to the fen."""
    if isinstance(raw, ExcelError):
        raise _error(raw)
    if isinstance(raw, Dressed):
        return _as_shown(raw, column, scale, habit)
    if isinstance(raw, float) and math.isfinite(raw):
        return Decimal(repr(raw)) * scale
    if isinstance(raw, str):
        return _written(raw, column, scale, habit)
    if isinstance(raw, bool):
        raise Bad(
            Text(
                f"{raw!s:.5} 不是数字：请填数字".replace("True", "TRUE").replace("False", "FALSE"),
                f"is {str(raw).upper()}, not a number",
            )
        )
    raise Bad(Text("应为数字", "must be a number"))


def _as_shown(raw: Dressed, column: Column, scale: Decimal, habit: Habit) -> Decimal:
    """A number by its format: its own unit goes before the column's."""
    value = Decimal(repr(float(raw)))
    if column.kind not in MONEY:
        return value * scale
    if raw.dress.percent:
        raise Bad(_PERCENTAGE)
    if raw.dress.unclear:
        code = raw.dress.unclear
        raise Bad(
            Text(
                f"数字格式 {code} 的单位看不懂：请改为常规格式的元",
                f"has the number format {code}, whose unit is not clear: show it in yuan",
            )
        )
    rate = _rate(raw.dress.currency, habit) if raw.dress.currency else Decimal(1)
    if raw.dress.shown != 1 and scale != 1:  # under 千元 a cell that shows thousands holds yuan
        if raw.dress.shown != scale:
            raise Bad(
                Text(
                    f"数字格式按 {raw.dress.shown:f} 显示，与标题的单位不符：请改为常规格式",
                    f"has a number format that shows one in {raw.dress.shown:f}, unlike the unit of its header: use a plain format",
                )
            )
        return value * rate
    return value * rate * (raw.dress.scale if raw.dress.scale != 1 else scale)


_PERCENTAGE = Text("是百分比，不是金额：请填金额", "is a percentage, no amount: enter the amount")


def _rate(code: str, habit: Habit) -> Decimal:
    if code == YUAN:
        return Decimal(1)
    if code not in habit.rates:
        raise Bad(foreign(code))
    return habit.rates[code]


def foreign(code: str) -> Text:
    """Why an amount of another currency is not taken, and what takes it."""
    return Text(f"是外币 {code}：计划以人民币元计，请先换算，或加 --rate {code}=汇率",
                f"is in {code}, a foreign currency: the plan counts in yuan, convert it first or add --rate {code}=…")  # fmt: skip


def _written(raw: str, column: Column, scale: Decimal, habit: Habit) -> Decimal:
    """A number written as text; its own unit (万, %) goes before the column's."""
    try:
        # Nearly all cells are plain digits: they need none of the rest.
        return Decimal(raw) * scale if not habit.comma and _PLAIN_NUMBER.fullmatch(raw) else _dressed(raw, column, scale, habit)
    except ArithmeticError:  # 1e999999999
        raise Bad(TOO_LARGE) from None


NO_NUMBER = Text("不是数字：请只填数字，如 1200.50", "is no number: enter digits only, such as 1200.50")
# 1 234 567.50 is one number, 12 34 is two.
_TWO_NUMBERS, _BY_SPACES = re.compile(r"\d\s+\d"), re.compile(r"(?<![\d\s])\d{1,3}(?:\s\d{3})+(?!\s*\d)")


def _dressed(raw: str, column: Column, scale: Decimal, habit: Habit) -> Decimal:
    text = seen(unicodedata.normalize("NFKC", unguarded(raw))).strip()
    rate = Decimal(1)
    if column.kind in MONEY:
        code, text = taken_apart(text)
        rate = _rate(code, habit) if code else rate
    if column.kind in MONEY and _TWO_NUMBERS.search(text) and not _BY_SPACES.search(text):
        raise Bad(NO_NUMBER)
    bare = "".join(_YUAN.sub("", text.strip()).split()) if column.kind in MONEY else text
    bracketed = bare.startswith("(") and bare.endswith(")")
    bare = bare[1:-1] if bracketed else bare
    bare = "".join(_YUAN.sub("", bare).split()) if column.kind in MONEY else bare
    if habit.comma:
        bare = re.sub(r"[.'\s\u00a0\u202f]", "", bare).replace(",", ".")
    bare = _APOSTROPHES.sub("", bare)
    if column.kind in MONEY and _MINUS_LAST.fullmatch(bare):  # as SAP writes it: 500.00-
        bare = "-" + bare[:-1]
    if column.kind in MONEY and "%" in bare:
        raise Bad(_PERCENTAGE)
    if scale != 1 and column.kind in MONEY and _IN_YUAN.search(text) and not any(unit in text for unit in _SCALES):
        raise Bad(
            Text("写着元，标题的单位却不是元：请只填数字", "is in yuan, unlike the unit of its header: enter the number only")
        )
    own = next((unit for unit in sorted(_SCALES, key=len, reverse=True) if bare.endswith(unit)), "")
    number = text_to_number(bare.removesuffix(own))
    if number is None or (bracketed and number < 0):
        raise Bad(NO_NUMBER)
    if abs(number) == float("inf"):
        raise Bad(TOO_LARGE)
    value = Decimal(repr(-number if bracketed else number)) * rate
    if own:
        return value * _SCALES[own]
    return value if "%" in bare else value * scale


def comma_habit(cells: Iterable[Raw]) -> bool | None:
    """Whether a column writes 1.234,56; None where its cells prove both, so that none can be trusted."""
    comma = point = False
    for cell in cells:
        if isinstance(cell, str) and ("," in cell or "." in cell):
            text = unicodedata.normalize("NFKC", cell).strip()
            comma |= _COMMA_DECIMAL.fullmatch(text) is not None
            point |= _POINT_DECIMAL.fullmatch(text) is not None
    return None if comma and point else comma


def doubtful_thousands(cells: Iterable[Raw], days: Iterable[Raw]) -> str:
    """An amount such as 1.234 where all with a point are such, beside days as Europe writes them (05.03.2027): nobody knows; "" for none."""
    if not any(isinstance(day, str) and _DOTTED_DAY.fullmatch(day) for day in itertools.islice(days, _FIRST_DAYS)):
        return ""
    pointed = [cell for cell in cells if isinstance(cell, str) and "." in cell]
    return pointed[0].strip() if pointed and all(map(_EITHER_WAY.fullmatch, pointed)) else ""


_FIRST_DAYS = 200


def two_meanings(header: str, cell: str) -> Text:
    """Why a column of 1.234 is not read, and how it is."""
    whole = cell.replace(".", "")
    return Text(f"“{header}”里的 {cell} 是 {whole} 还是 {cell}？请写成 {whole}.00 或 {cell},00 这样的两位小数再导入。没有写入。",
                f"Is {cell} of “{header}” {whole}, or {cell}? Write the column with two decimals, as {whole}.00 or {cell},00, then import. Nothing was "
                "written.")  # fmt: skip


def is_number(cell: Raw) -> bool:
    """Whether a cell looks like a number, in whatever dress."""
    if isinstance(cell, float):
        return True
    if not isinstance(cell, str):
        return False
    text = unicodedata.normalize("NFKC", unguarded(cell)).strip()
    return (
        bool(re.search(r"\d", text))
        and re.fullmatch(r"[^\d\w]*(?:[a-zA-Z]{2,3}\s*)?[^\d\w]*[\d.,\s']+\)?\s*[%$€£¥元圆万亿千百]*(?:\s*[a-zA-Z]{3})?", text)
        is not None
    )


def is_date(cell: Raw) -> bool:
    """Whether a cell looks like a date, in whatever order."""
    if isinstance(cell, dt.date):
        return True
    try:
        _day(cell, Habit(day_first=True))
    except Bad:
        try:
            _day(cell, Habit(day_first=False))
        except Bad:
            return False
    return True


def said_zone(header: str, zone: dt.tzinfo | None) -> Text:
    """That moments with an offset became the company's days."""
    return Text(
        f"“{header}”带时区，按公司时区 {zone or policy.zone()} 的日期计",
        f"“{header}” has times with an offset: the day is that of the company's time zone, {zone or policy.zone()}",
    )


def two_styles(header: str) -> Text:
    """Why a column of 1.234,56 beside 1,234.56 is not read."""
    return Text(f"“{header}”里小数点和小数逗号混用（1.234,56 与 1,234.56）：请统一后再导入。",
                f"“{header}” mixes decimal commas and decimal points (1.234,56 and 1,234.56): write them in one way.")  # fmt: skip


def _out_of_bounds(column: Column, value: float) -> Text:
    if column.kind == "rate" and value > 1:
        if value > 100:
            return Text("超过 100%：请填 0 到 100% 之间的数", "is above 100%: enter a share between 0 and 100%")
        said = show(value)
        return Text(
            f"超过 100%：{said}% 请写 {said}% 或 {show(value / 100)}，不写 {said}",
            f"is above 100%: for {said}% write {said}% or {show(value / 100)}, not {said}",
        )
    low = "−∞" if column.low is None else show(column.low)
    high = "∞" if column.high is None else show(column.high)
    return Text(f"超出范围 {low} … {high}", f"is outside {low} … {high}")


def unit_of(header: str) -> str:
    """The unit a header names in brackets or after a slash: ``收入(万元)`` → ``万元``."""
    return next((part for part in units.bracketed(header) if part), "%" if header.strip().endswith(("%", "％")) else "")


def percent_habit(unit: str, cells: Iterable[Raw]) -> Decimal:
    """A column headed "(%)" holds percent numbers (35) unless all its numbers are fractions already (0.35 shown as 35%)."""
    if "%" not in unit:
        return Decimal(1)
    numbers = [text_to_number(c) if isinstance(c, str) and "%" not in c else c for c in cells]
    return Decimal("0.01") if any(isinstance(n, float) and abs(n) > 1 for n in numbers) else Decimal(1)


# ------------------------------------------------------------------------------------------------------------------------ dates


def _date(raw: Raw, habit: Habit) -> dt.date:
    day = _day(raw, habit)
    if not EARLIEST <= day <= LATEST:
        raise Bad(
            Text(f"{day} 不可信：请填完整年份，如 2027-03-05", f"{day} is not credible: write the year in full, 2027-03-05")
        )
    return day


def _time(raw: Raw, habit: Habit) -> dt.datetime:
    """A date with its time of day, in the company's zone: hours are what service and minutes are judged by."""
    zone = habit.zone or policy.zone()
    alone = replace(habit, given=None)
    if isinstance(raw, float) and raw.is_integer() and raw >= MOST_DIGITS // 100:
        raw = str(int(raw))  # 20260331163000
    raw = _spread(raw) if isinstance(raw, str) else raw
    written = _OFFSET.fullmatch(_plain(str(raw))) if isinstance(raw, str) else None
    day = _date(written[1] if written else raw, alone)  # the day it is written with, not yet moved
    found = times.moment(raw, day, zone, habit.given)
    if found is None:
        raise Bad(Text("不是时间：请填如 2027-03-05 14:30", "is no time: write it as 2027-03-05 14:30"))
    return found


def _day(raw: Raw, habit: Habit) -> dt.date:
    if isinstance(raw, ExcelError):
        raise _error(raw)
    zone = habit.zone or policy.zone()
    if isinstance(raw, dt.datetime):
        return times.moved(raw, zone, habit.given).date()
    if isinstance(raw, dt.date):
        return raw
    if isinstance(raw, bool):
        raise _no_date()
    text = str(int(raw)) if isinstance(raw, float) and raw.is_integer() else seen(unguarded(str(raw)))
    text = _spread(text)
    if len(text) > 15 and (match := _OFFSET.fullmatch(_plain(text))):
        found = _local(match, zone)
    else:
        found = (
            text_to_date(text)
            or _compact(text)
            or _serial(text, habit.from_1904)
            or _year_last(text, habit.day_first)
            or _spelled(text)
        )
        if found is not None and habit.given is not None and (moment := times.moment(text, found, zone, habit.given)):
            found = moment.date()
    if found is None:
        raise _no_date(text)
    return found


def _spread(text: str) -> str:
    """20260331T163000Z, 20260331163000 and 民國115年3月5日 with their parts apart."""
    if match := _BASIC.fullmatch(text.strip()):
        year, month, day, hour, minute, second, offset = match.groups()
        return f"{year}-{month}-{day} {hour}:{minute}:{second or '00'}{offset or ''}"
    return _OF_THE_REPUBLIC.sub(lambda match: f"{int(match[1]) + 1911}年", text)


_STATED_OFFSET = re.compile(r"(?<![a-z])(?:utc|gmt)(?:\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?)?(?![a-z])")


def stated_offset(header: str) -> dt.tzinfo | None:
    """The offset that a header says of all its times: Created (UTC), 时间（UTC+8）."""
    match = _STATED_OFFSET.search(_plain(header).lower())
    if match is None:
        return dt.UTC if re.search("格林[威尼]治|世界时|零时区", header) else None
    ahead = dt.timedelta(hours=int(match[2] or 0), minutes=int(match[3] or 0))
    return dt.timezone(-ahead if match[1] == "-" else ahead)


def _spelled(text: str) -> dt.date | None:
    """5-Mar-27, 2027-03-05 下午 2:30, a time with its offset."""
    low = _plain(text)
    low = _WEEKDAY.sub("", low.casefold())
    bare = _CHINESE_TIME.sub(lambda m: f"{m[1]}:{m[2] or '00'}", _HALF_DAY.sub(" ", low)).strip()
    if bare != _plain(text).casefold() and (day := text_to_date(" ".join(bare.split()))):
        return day
    for pattern, order in ((_NAMED, (3, 2, 1)), (_NAMED_FIRST, (3, 1, 2)), (_YEAR_NAMED, (1, 2, 3))):
        match = pattern.fullmatch(low)
        if match and match[order[1]][:3] in _MONTHS:
            year = match[order[0]] if len(match[order[0]]) == 4 else f"20{match[order[0]]}"
            return _made(year, str(_MONTHS.index(match[order[1]][:3]) + 1), match[order[2]])
    return None


def _local(match: re.Match[str], zone: dt.tzinfo) -> dt.date | None:
    """The company's day of a moment given with its offset."""
    day = text_to_date(match["day"])
    if day is None:
        return None
    hours, minutes, *_ = (int(part) for part in match["clock"].split(":"))
    ahead = dt.timedelta(hours=int(match["hours"] or match["hour"] or 0), minutes=int(match["minutes"] or 0))
    ahead *= -1 if "-" in (match["sign"], match["west"]) else 1
    try:
        moment = dt.datetime(day.year, day.month, day.day, hours, minutes, tzinfo=dt.timezone(ahead))
    except ValueError:
        return None
    return moment.astimezone(zone).date()


def has_offset(cells: Iterable[Raw]) -> bool:
    """Whether some date of a column is a moment with its offset, not a day."""
    return any(
        (isinstance(cell, str) and _OFFSET.fullmatch(_plain(_spread(cell))) is not None)
        or (isinstance(cell, dt.datetime) and cell.tzinfo is not None)
        for cell in cells
    )


_SHORT_YEAR = re.compile(rf"\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}{_TIME}")
_NO_YEAR = re.compile(r"\d{1,2} *(?:月|[-/]) *\d{1,2} *[日号]?|[a-z]{3,9}\.? \d{1,2}|\d{1,2}[- ][a-z]{3,9}", re.IGNORECASE)


def _no_date(text: str = "") -> Bad:
    if _SHORT_YEAR.fullmatch(_plain(text)):
        return Bad(Text("年份只有两位：请填完整，如 2027-03-05", "has a year of two digits: write it in full, as 2027-03-05"))
    if _NO_YEAR.fullmatch(_plain(text)):
        return Bad(Text("没有年份：请填如 2027-03-05", "has no year: write it as 2027-03-05"))
    return Bad(Text("不是日期：请填如 2027-03-05", "is no date: write it as 2027-03-05"))


def _plain(text: str) -> str:
    return seen(unicodedata.normalize("NFKC", text)).strip()


def _compact(text: str) -> dt.date | None:
    match = _COMPACT.fullmatch(_plain(text))
    return _made(*match.groups()) if match else None


def _made(year: str, month: str, day: str) -> dt.date | None:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def _serial(text: str, from_1904: bool = False) -> dt.date | None:
    """Excel's day number, where it is a date of our times: 46451 or 46451.604; in a workbook of 1904 it counts from there."""
    match = re.fullmatch(r"(\d{5})(?:\.\d+)?", _plain(text))
    return serial_to_date(float(match[1]) + (1462 if from_1904 else 0)) if match else None


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
