"""One decorator turns a documented Python function into a worksheet function; everything else reads the catalogue it fills.

The body of a function sees clean values only: 1-D numpy arrays where it works element by element, Python scalars and sequences
elsewhere. What a cell may be (blank, text, error, date, percent) is settled before, in :meth:`Formula.cells`.
"""

from __future__ import annotations

import ast
import contextlib
import datetime as dt
import difflib
import functools
import importlib
import inspect
import itertools
import math
import pkgutil
import re
import textwrap
import typing
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from udfs import frames, values
from udfs.faults import own_fault
from udfs.policy import zone
from udfs.text import Text
from udfs.values import NA, NUM, VALUE, ExcelError, Refusal, is_blank, is_error, show

_TOO_LARGE = Text(
    "结果超出 Excel 的数值范围：请核对输入的数量级",
    "the result is beyond Excel's range of numbers: check the size of what is given",
)

CHAPTERS = {
    0: Text("通用", "Any chapter"),
    1: Text("市场洞察与目标设定", "Market and targets"),
    2: Text("客户经营", "Customers"),
    3: Text("产品与解决方案", "Products and prices"),
    4: Text("渠道", "Channels"),
    5: Text("团队与激励", "Team, quotas, incentives"),
    6: Text("品牌与线索", "Marketing"),
    7: Text("交付与售后", "Delivery and service"),
    8: Text("数据与 CRM", "Data and pipeline"),
    9: Text("风险与合规", "Risk and compliance"),
    10: Text("成长与文化", "Growth"),
    11: Text("费用预算与 ROI", "Budget and ROI"),
    12: Text("里程碑", "Calendar"),
}


# ------------------------------------------------------------------------------------------------------- kinds of a value


@dataclass(frozen=True)
class Kind:
    """What a cell of an argument is read as: ``read`` gives the value or an ExcelError; ``blank`` is what an empty cell means."""

    name: Text
    dtype: Any
    read: Callable[[Any, Kind], Any]
    blank: Any
    low: float | None = None
    high: float | None = None
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    hint: Text = Text("", "")
    percent: bool = False  # a fraction, where 30 is written for 30% now and then

    def __hash__(self) -> int:
        return id(self)

    def check(self, number: float) -> ExcelError | None:
        """Refuse a number outside the kind's bounds; borders belong to it."""
        low = self.low is not None and not values.at_least(number, self.low)
        high = self.high is not None and not values.at_least(self.high, number)
        if not (low or high):
            return None
        if high and self.percent:
            return ExcelError(NUM, self._said_in_percent(number))
        if self.high is None:
            bounds = Text(f"不小于 {show(self.low)}", f"at least {show(self.low)}")
        elif self.low is None:
            bounds = Text(f"不大于 {show(self.high)}", f"at most {show(self.high)}")
        else:
            bounds = Text(f"在 {show(self.low)} 与 {show(self.high)} 之间", f"from {show(self.low)} to {show(self.high)}")
        return ExcelError(
            NUM,
            Text(
                f"{show(number)} 不可用：应{bounds.zh}{self.hint.zh and f'；{self.hint.zh}'}",
                f"{show(number)} must be {bounds.en}{self.hint.en and f'; {self.hint.en}'}",
            ),
        )

    def _said_in_percent(self, number: float) -> Text:
        """What is too much for a fraction, and how the percentage it probably is would be written."""
        typed, part = f"{show(number)}%", show(number / 100)
        over = f"超出 {show(self.low)}–{show(self.high)}" if self.low == 0 else f"大于 {show(self.high)}"
        return Text(
            f"{show(number)} {over}：要填 {typed} 请写 {typed} 或 {part}",
            f"{show(number)} is above {show(self.high)}: for {typed} enter {typed} or {part}",
        )


def _read_number(cell: Any, kind: Kind) -> Any:
    if isinstance(cell, bool | np.bool_):
        number = float(cell)
    elif isinstance(cell, str):
        parsed = values.text_to_number(cell)
        if parsed is None:
            return ExcelError(VALUE, Text(f"{show(cell)} 不是数字：请填数字", f"{show(cell)} is not a number: enter a number"))
        number = parsed
    elif hasattr(cell, "year"):
        number = values.date_to_serial(cell)
    else:
        try:
            number = float(cell)
        except (TypeError, ValueError, OverflowError):
            return ExcelError(VALUE, Text(f"{show(cell)} 不是数字：请填数字", f"{show(cell)} is not a number: enter a number"))
    if not np.isfinite(number):
        return ExcelError(NUM, Text("数值超出 Excel 的范围：请改小", "the number is beyond Excel's range: make it smaller"))
    return kind.check(number) or number


def _read_date(cell: Any, kind: Kind) -> Any:
    if type(cell) is dt.date:
        return np.datetime64(cell)
    if hasattr(cell, "year"):
        return np.datetime64(f"{cell.year:04}-{cell.month:02}-{cell.day:02}")
    date = None
    if isinstance(cell, str):
        date = values.text_to_date(cell)
        if date is None and (number := values.text_to_number(cell)) is not None:
            date = values.serial_to_date(number)
    elif not isinstance(cell, bool | np.bool_):
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            date = values.serial_to_date(float(cell))
    if date is None:
        remedy = Text("请填日期，如 2027-03-05", "enter a date such as 2027-03-05")
        return ExcelError(VALUE, Text(f"{show(cell)} 不是日期：{remedy.zh}", f"{show(cell)} is not a date: {remedy.en}"))
    return np.datetime64(date)


def _read_moment(cell: Any, kind: Kind) -> Any:
    """A date with its time of day; one without a time is midnight."""
    moment = None
    if isinstance(cell, dt.datetime):
        moment = cell.astimezone(zone()).replace(tzinfo=None) if cell.tzinfo else cell
    elif hasattr(cell, "year"):
        moment = dt.datetime(cell.year, cell.month, cell.day)
    elif isinstance(cell, str):
        moment = values.text_to_moment(cell, zone())
        if moment is None and (number := values.text_to_number(cell)) is not None:
            moment = values.serial_to_moment(number)
    elif not isinstance(cell, bool | np.bool_):
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            moment = values.serial_to_moment(float(cell))
    if moment is None:
        remedy = Text("请填日期和时间，如 2027-03-05 08:30", "enter a date and time such as 2027-03-05 08:30")
        return ExcelError(VALUE, Text(f"{show(cell)} 不是时刻：{remedy.zh}", f"{show(cell)} is not a time: {remedy.en}"))
    return np.datetime64(moment, "ms")


def _read_text(cell: Any, kind: Kind) -> Any:
    if isinstance(cell, bool | np.bool_):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))  # an ID typed as 1001 is the text "1001", not "1001.0"
    return str(cell).strip()


_TRUE = {"true", "yes", "y", "是", "真", "1", "√", "✓"}
_FALSE = {"false", "no", "n", "否", "假", "0", "×", "✗", ""}


@functools.lru_cache(4096)
def _folded(word: str) -> str:
    """A word as it is compared: any case, and full width as a Chinese keyboard types it."""
    return unicodedata.normalize("NFKC", word).strip().lower()


def _read_flag(cell: Any, kind: Kind) -> Any:
    word = _folded(str(cell)).removesuffix(".0")
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    if isinstance(cell, int) or (isinstance(cell, float | np.number) and np.isfinite(cell)):
        return bool(cell)
    return ExcelError(
        VALUE,
        Text(
            f"{show(cell)} 不是“是/否”：请填 TRUE 或 FALSE",
            f"{show(cell)} is neither true nor false: enter TRUE or FALSE",
        ),
    )


def _read_word(cell: Any, kind: Kind) -> Any:
    asked = _folded(str(cell))
    for code, aliases in kind.words.items():
        if asked == _folded(code) or asked in map(_folded, aliases):
            return code
    known = [" / ".join((code, *aliases)) for code, aliases in kind.words.items()]
    near = difflib.get_close_matches(asked, list(kind.words), 1)
    zh, en = "；".join(known), "; ".join(known)
    guess = Text(f"是否想用 {near[0]}？", f" Did you mean {near[0]}?") if near else Text("", "")
    return ExcelError(
        VALUE,
        Text(f"不认识 {show(cell)}：可用 {zh}。{guess.zh}", f"{show(cell)} is unknown: use one of {en}.{guess.en}"),
    )


number = Kind(Text("数字", "number"), float, _read_number, 0.0)
date = Kind(Text("日期", "date"), "datetime64[D]", _read_date, np.datetime64("NaT", "D"))
# A day, and a moment with its time of day, where a blank cell is no fault: the body says what it means.
date_or_blank = Kind(Text("日期", "date"), object, _read_date, None)
moment = Kind(Text("时刻", "date and time"), "datetime64[ms]", _read_moment, np.datetime64("NaT", "ms"))
text = Kind(Text("文本", "text"), object, _read_text, "")
flag = Kind(Text("是/否", "true/false"), bool, _read_flag, False)
# A rate or share is a fraction. 35 for 35% would pay a hundredfold, so it is refused and explained.
rate = Kind(Text("比率", "rate"), float, _read_number, 0.0, -1.0, 1.0, percent=True)
margin = Kind(Text("毛利率", "margin rate"), float, _read_number, 0.0, None, 1.0, percent=True)  # a loss may exceed the revenue
share = Kind(Text("份额", "share"), float, _read_number, 0.0, 0.0, 1.0, percent=True)
positive = Kind(Text("非负数", "number ≥ 0"), float, _read_number, 0.0, 0.0)
# Money that is paid or owed to the fen: refused, cell by cell, where a float no longer tells one fen from the next.
_FEN = Text("金额再大，分位就不再精确", "of a larger amount the fen can't be exact")
yuan = Kind(Text("金额（元）", "yuan"), float, _read_number, 0.0, -values.MOST_YUAN, values.MOST_YUAN, hint=_FEN)
yuan_positive = Kind(Text("金额（元），非负", "yuan ≥ 0"), float, _read_number, 0.0, 0.0, values.MOST_YUAN, hint=_FEN)


def between(low: float | None, high: float | None, hint: Text = Text("", ""), percent: bool = False) -> Kind:
    """Numbers from ``low`` to ``high``, borders included."""
    bounds = f"{show(low) if low is not None else '−∞'} … {show(high) if high is not None else '∞'}"
    return Kind(Text(f"数字 {bounds}", f"number {bounds}"), float, _read_number, 0.0, low, high, hint=hint, percent=percent)


goal = between(0, 10, percent=True)  # a typed goal or limit that may exceed the whole: 110 for 110% is refused and explained


def word(**words: tuple[str, ...] | str) -> Kind:
    """One of a few words: ``word(whole=("全额", "cliff"))``; code or alias, any case."""
    known = {code: (a,) if isinstance(a, str) else a for code, a in words.items()}
    label = " / ".join(f"{code} {aliases[0]}" for code, aliases in known.items())
    return Kind(Text(label, label), object, _read_word, None, words=known)


# ------------------------------------------------------------------------------------------------- arguments of a function


@dataclass(frozen=True)
class Argument:
    """How an argument is read and what the wizard says of it. ``shape`` is each, beside, list, block, one or grid."""

    shape: str
    zh: str
    en: str
    kind: Kind = number
    blanks: Any = None  # list: what a blank cell becomes (None: the kind's own, "skip": left out)
    name: str = ""
    default: Any = inspect.Parameter.empty
    spared: bool = False  # list, block: a bad cell doesn't spoil the whole, the body asks `bad_cells` which results it does spoil

    @property
    def optional(self) -> bool:
        return self.default is not inspect.Parameter.empty

    @property
    def help(self) -> Text:
        return Text(self.zh, self.en)

    @property
    def said(self) -> Text:
        """What messages call it: its label without what stands in brackets or behind a stop, and the name in the formula."""
        return Text(f"参数“{_LABEL.split(self.zh)[0]}”({self.name})", f"argument “{_LABEL.split(self.en)[0]}” ({self.name})")


# Where the label of an argument ends and explanations begin.
_LABEL = re.compile(r"\s*[（(；;，,：:]")


def each(zh: str, en: str, kind: Kind = number) -> Argument:
    """Element by element: scalar, row, column or block; the body gets a 1-D array. Blank: 0, or the default if there is one."""
    return Argument("each", zh, en, kind)


def many(zh: str, en: str, kind: Kind = number, blanks: Any = None, spared: bool = False) -> Argument:
    """A range read as one sequence (row by row); an error in it spoils the whole result, unless ``spared``."""
    return Argument("list", zh, en, kind, blanks, spared=spared)


def beside(zh: str, en: str, kind: Kind = number, blanks: Any = None) -> Argument:
    """A row or column of values for each element of the ``each`` arguments; one line serves all elements.

    The body gets a 2-D array, a row an element; a bad cell spoils its own element only.
    """
    return Argument("beside", zh, en, kind, blanks)


def block(zh: str, en: str, kind: Kind = number, blanks: Any = None, spared: bool = False) -> Argument:
    """As ``many``, but the body gets a 2-D array in the shape of the range."""
    return Argument("block", zh, en, kind, blanks, spared=spared)


def one(zh: str, en: str, kind: Kind = number) -> Argument:
    """One value for the whole call."""
    return Argument("one", zh, en, kind)


def grid(zh: str, en: str) -> Argument:
    """A block as it is: a list of rows of raw cells (blank is None, dates and errors as they come)."""
    return Argument("grid", zh, en)


class _Gives(typing.NamedTuple):
    how: str
    argument: str = ""


EACH = _Gives("each")  # element-wise: body returns a 1-D array as long as its inputs
PARTS = _Gives("parts")  # a row of parts for each element: body returns a 2-D array, a row an element
TABLE = _Gives("table")  # body returns rows of cells
ONE = _Gives("one")  # body returns one cell


def like(argument: str) -> _Gives:
    """The body returns a sequence as long as the named range argument; the result has that range's shape."""
    return _Gives("like", argument)


# ------------------------------------------------------------------------------------------------ remarks during evaluation


@dataclass
class _Remarks:
    elementwise: bool
    faults: list[tuple[Any, str, Text, dict[str, Any]]] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    bad: dict[str, dict[int, ExcelError]] = field(default_factory=dict)


_remarks: ContextVar[_Remarks | None] = ContextVar("remarks", default=None)


def refuse(where: Any, code: str, zh: str, en: str, /, **fields: Any) -> None:
    """No result where ``where`` is true: an Excel error ``code`` with a reason.

    ``where`` is an array in an element-wise body (the others go on), or one truth value (then the whole call is refused and the
    body ends here). ``{name}`` in the texts is filled from ``fields``; arrays give the element's own value.
    """
    mask = np.asarray(where)
    if not mask.any():
        return
    remarks = _remarks.get()
    if mask.ndim == 0 or remarks is None or not remarks.elementwise:
        raise Refusal(ExcelError(code, _fill(Text(zh, en), fields, int(mask.argmax()) if mask.ndim else 0)))
    remarks.faults.append((mask, code, Text(zh, en), fields))


def note(zh: str, en: str, /, **fields: Any) -> None:
    """Say something about a valid result: shares normalised, an odd rest, a cap that bound."""
    remarks = _remarks.get()
    said = _fill(Text(zh, en), fields, 0)
    if remarks is not None and said not in remarks.notes:
        remarks.notes.append(said)


def bad_cells(argument: str) -> dict[int, ExcelError]:
    """The bad cells of a ``spared`` range, by their place in it (row by row); the body got the kind's blank for each."""
    remarks = _remarks.get()
    return {} if remarks is None else remarks.bad.get(argument, {})


@contextlib.contextmanager
def listening() -> Iterator[list[Text]]:
    """Outside a cell: what the pure cores of functions have to say, ``note`` by note; a refusal is raised."""
    remarks = _Remarks(elementwise=False)
    token = _remarks.set(remarks)
    try:
        with np.errstate(all="ignore"):
            yield remarks.notes
    finally:
        _remarks.reset(token)


def _fill(message: Text, fields: dict[str, Any], index: int) -> Text:
    shown: dict[str, Any] = {}
    for key, value in fields.items():
        if isinstance(value, np.ndarray) and value.ndim:
            value = value[index]
        shown[key] = value if isinstance(value, Text) else show(value)
    return message.format(**shown) if shown else message


# ------------------------------------------------------------------------------------------------------------- the result


class Spill(list[list[Any]]):
    """A result as cells: a list of rows, with the notes that go with it. Errors stand in it as ``ExcelError``."""

    notes: list[Text]

    def __init__(self, rows: Any, notes: Sequence[Text] = ()) -> None:
        super().__init__(rows)
        self.notes = list(notes)

    @property
    def errors(self) -> list[tuple[int, int, ExcelError]]:
        """(row, column, error), both counted from 1."""
        return [(r, c, cell) for r, row in enumerate(self, 1) for c, cell in enumerate(row, 1) if isinstance(cell, ExcelError)]


def cell_out(value: Any) -> Any:
    """A body's value as a cell: plain float, str, bool, date, None or an ExcelError."""
    kind = type(value)
    if kind is float and -math.inf < value < math.inf:  # most cells by far
        return value + 0.0
    if kind is str:
        return value
    if value is None or isinstance(value, ExcelError | bool):
        return value
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else value.astype("datetime64[D]").item()
    if hasattr(value, "year"):
        return value
    number_ = float(value)
    if not np.isfinite(number_):
        return ExcelError(NUM, Text("结果超出 Excel 的数值范围", "the result is beyond Excel's range of numbers"))
    return number_ + 0.0


# ------------------------------------------------------------------------------------------------------------- reading


@dataclass
class _Read:
    """An argument that was read: values in the shape of its range, and where and why cells are bad."""

    data: Any
    errors: dict[int, ExcelError]
    shape: tuple[int, int]


class _Beside(_Read):
    """An argument with a line of values for each element."""


def as_rows(cells: Any) -> list[list[Any]]:
    """Any cell or range as a list of rows; a flat list is a row, as in Excel's ``{1,2,3}``."""
    if isinstance(cells, np.ndarray):
        if cells.ndim == 0:
            return [[cells.item()]]
        cells = list(np.atleast_2d(cells).tolist())
    if not isinstance(cells, list | tuple):
        return [[cells]]
    rows = [list(row) if isinstance(row, list | tuple) else [row] for row in cells]
    if rows and not any(isinstance(row, list | tuple) for row in cells):
        rows = [list(cells)]
    width = max((len(row) for row in rows), default=0)
    if not width:
        return [[None]]
    return [row + [None] * (width - len(row)) for row in rows]


def _plain_numbers(cells: Any, kind: Kind) -> Any:
    """The fast way for big clean ranges: a 2-D float array, or None if any cell needs a closer look."""
    if kind.dtype is not float:
        return None
    if isinstance(cells, np.ndarray) and cells.dtype.kind in "fiu" and cells.ndim == 2 and cells.size:
        array = cells.astype(float)
    elif isinstance(cells, list) and cells and isinstance(cells[0], list):
        if set(map(type, itertools.chain.from_iterable(cells))) - {float, int}:
            return None
        if len(set(map(len, cells))) != 1 or not cells[0]:
            return None
        try:
            array = np.fromiter(itertools.chain.from_iterable(cells), float).reshape(len(cells), -1)
        except OverflowError:
            return None
    else:
        return None
    if not np.isfinite(array).all():
        return None
    if kind.low is not None and not values.at_least(array, kind.low).all():
        return None
    if kind.high is not None and not values.at_least(kind.high, array).all():
        return None
    return array


def _plain_texts(cells: Any, kind: Kind, blank: Any) -> Any:
    """The fast way for big ranges of texts and blanks: a 2-D array, or None if any cell needs a closer look."""
    if kind.read is not _read_text or not (isinstance(cells, list) and cells and isinstance(cells[0], list) and cells[0]):
        return None
    flat = list(itertools.chain.from_iterable(cells))
    if set(map(type, flat)) - {str, type(None)} or len(set(map(len, cells))) != 1 or not values.ERROR_CODES.isdisjoint(flat):
        return None
    data = np.empty(len(flat), dtype=object)
    data[:] = [blank if cell is None else cell.strip() for cell in flat]
    return data.reshape(len(cells), -1)


def read_cells(cells: Any, argument: Argument, blank: Any) -> _Read:
    kind = argument.kind
    fast = _plain_numbers(cells, kind)
    if fast is None:
        fast = _plain_texts(cells, kind, blank)
    if fast is not None:
        return _Read(fast, {}, fast.shape)
    rows = as_rows(cells)
    shape = (len(rows), len(rows[0]))
    data = np.empty(shape[0] * shape[1], dtype=kind.dtype)
    errors: dict[int, ExcelError] = {}
    unfilled = _unfilled(kind, blank)
    for index, cell in enumerate(map(values.tame, itertools.chain.from_iterable(rows))):
        if not is_blank(cell):
            value = ExcelError(cell, _passed_on(cell)) if is_error(cell) else kind.read(cell, kind)
        elif unfilled is None:
            data[index] = blank
            continue
        else:
            value = unfilled
        if isinstance(value, ExcelError):
            errors[index] = _located(value, argument, index, shape)
            value = kind.blank if kind.dtype is not object else None
        data[index] = value
    return _Read(data.reshape(shape), errors, shape)


def _unfilled(kind: Kind, blank: Any) -> ExcelError | None:
    """Why a blank cell is refused: it would count as a 0 that the kind itself does not allow."""
    if kind.dtype is not float or not isinstance(blank, float | int) or np.isnan(blank):
        return None
    wrong = kind.check(float(blank))
    return wrong and ExcelError(str(wrong), Text("为空。", "the cell is blank. ") + wrong.reason)


def _passed_on(cell: str) -> Text:
    known = getattr(cell, "reason", None)
    if known and known.zh:
        return Text(*known)
    return Text(f"单元格里是错误值 {cell}：请先改正它", f"the cell holds the error {cell}: correct that first")


def _located(error: ExcelError, argument: Argument, index: int, shape: tuple[int, int]) -> ExcelError:
    """Name the argument, and the cell in its range, in front of a reason."""
    row, column = divmod(index, shape[1])
    place = Text("", "")
    if shape != (1, 1):
        place = Text(f"（第 {row + 1} 行第 {column + 1} 列）", f" (row {row + 1}, column {column + 1})")
    return ExcelError(str(error), argument.said + Text(f"{place.zh}：", f"{place.en}: ") + error.reason)


# Excel has no cell for a result without rows; #CALC!, its own word for that, is unknown to older versions and to files.
_NOTHING = ExcelError(
    NA,
    Text(
        "没有结果：参数里没有可列出的内容，请检查是否全为 0 或空",
        "no result: the arguments give nothing to list; are they all 0 or blank?",
    ),
)


class UsageError(Exception):
    """A call that no cell could make: unknown function, too many or missing arguments."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.text = message


# ------------------------------------------------------------------------------------------------------------ the formula


@dataclass
class Formula:
    """A worksheet function: the catalogue's entry, and itself callable."""

    name: str
    chapter: int
    help: Text
    body: Callable[..., Any]
    gives: _Gives
    arguments: list[Argument]
    repeating: Argument | None
    columns: list[Text]
    result: Text
    doc: dict[str, str]

    def __call__(self, *cells: Any) -> Any:
        """The result as Python likes it: one cell alone, or the rows; pandas objects for pandas objects."""
        if frames.among(cells):
            return self.framed(cells)
        spill = self.cells(*cells)
        return spill[0][0] if len(spill) == 1 and len(spill[0]) == 1 else spill

    @property
    def required(self) -> int:
        """How many arguments can't be left out."""
        return sum(not a.optional for a in self.arguments)

    @property
    def source(self) -> str:
        return self.doc.get("Source", "")

    @property
    def examples(self) -> list[tuple[list[Any], Any]]:
        """(arguments, result) of the docstring's examples."""
        found = re.findall(r">>> \w+\((.*)\)(?:  #.*)?\n((?:(?!>>>).+\n?)*)", self.doc.get("Example", ""))
        return [(list(ast.literal_eval(f"[{call}]")), result.strip()) for call, result in found]

    def cells(self, *cells: Any) -> Spill:
        """Evaluate as a cell would: any garbage in, Excel errors with reasons out."""
        given = self._bound(cells)
        remarks = _Remarks(self.gives.how in ("each", "parts"))
        token = _remarks.set(remarks)
        try:
            with np.errstate(all="ignore"):
                rows = self._evaluate(given, remarks)
        except Exception as fault:
            rows = [[own_fault(self.name, fault)]]
        finally:
            _remarks.reset(token)
        return Spill(rows if rows and rows[0] else [[_NOTHING]], remarks.notes)

    def _run(self, given: Sequence[Any]) -> Any:
        """The body's result. A fault of ours is a refusal like others, so that it fills the result's cells."""
        try:
            return self.body(*given)
        except Refusal:
            raise
        except OverflowError:  # exact arithmetic that no cell can hold: a quota of 1e-320 makes any attainment too large
            raise Refusal(ExcelError(NUM, _TOO_LARGE)) from None
        except Exception as fault:
            raise Refusal(own_fault(self.name, fault)) from fault

    def framed(self, cells: Sequence[Any]) -> Any:
        """The result as a Series or DataFrame: the rows of ``each`` arguments, or of the range it is ``like``, keep
        their index."""
        given = self._bound(cells)
        elements = [c for a, c in given if a.shape in ("each", "beside") and frames.is_frame(c)]
        kept = [c for a, c in given if a.name == self.gives.argument and frames.is_frame(c)]
        fault = frames.misaligned(elements) or frames.shuffled([c for _, c in given if frames.is_frame(c)])
        if fault is not None:
            raise UsageError(Text(f"{self.name}：", f"{self.name}: ") + fault)
        if self.gives.how in ("each", "parts"):
            kept = [c for a, c in given if a.shape == "each" and frames.is_frame(c)]
        spill = self.cells(*(frames.cells_of(c) for c in cells))
        return frames.result(
            spill, max(kept, key=lambda k: (len(k), k.ndim), default=None), self.name, [str(c) for c in self.columns]
        )

    def _bound(self, cells: Sequence[Any]) -> list[tuple[Argument, Any]]:
        """Pair cells with arguments; refuse what Excel itself would refuse to enter."""
        if len(cells) < self.required:
            missing = ", ".join(a.name for a in self.arguments[len(cells) : self.required])
            raise UsageError(Text(f"{self.name} 缺少参数：{missing}", f"{self.name} needs more arguments: {missing}"))
        if len(cells) > len(self.arguments) and not self.repeating:
            most = len(self.arguments)
            raise UsageError(
                Text(
                    f"{self.name} 最多 {most} 个参数，给了 {len(cells)} 个",
                    f"{self.name} takes {most} arguments at most, got {len(cells)}",
                )
            )
        padded = [*cells, *[None] * (len(self.arguments) - len(cells))]
        named = list(zip(self.arguments, padded, strict=False))
        if self.repeating:
            named += [(self.repeating, cell) for cell in padded[len(self.arguments) :]]
        return named

    def _evaluate(self, given: list[tuple[Argument, Any]], remarks: _Remarks) -> list[list[Any]]:
        shapes: dict[str, tuple[int, int]] = {}
        arrays: list[_Read] = []
        passed: list[Any] = []
        whole: ExcelError | None = None
        for argument, cells in given:
            value, error = self._argument(argument, cells, shapes)
            whole = whole or error
            if isinstance(value, _Read):
                arrays.append(value)
            passed.append(value)
        if self.gives.how in ("each", "parts"):
            return self._elementwise(passed, arrays, whole, remarks)
        if whole is not None:
            return [[whole]]
        try:
            result = self._run(passed)
        except Refusal as refusal:
            return [[self._naming(refusal.error)]]
        return self._shaped(result, shapes)

    def _argument(self, argument: Argument, cells: Any, shapes: dict[str, tuple[int, int]]) -> tuple[Any, ExcelError | None]:
        """One argument as the body wants it, or the error that spoils the whole call."""
        omitted = argument.optional and all(is_blank(c) for row in as_rows(cells)[:1] for c in row) and _all_blank(cells)
        default = argument.default() if callable(argument.default) else argument.default
        if argument.shape == "grid":
            return [[values.tame(cell) for cell in row] for row in as_rows(cells)], None
        if argument.shape == "each":
            blank = argument.kind.blank
            if argument.optional:
                blank = default
                if default is None:
                    blank = np.nan if argument.kind.dtype is float else argument.kind.blank
            read = read_cells(cells, argument, blank)
            if not argument.optional and blank is not None and argument.kind.dtype == "datetime64[D]":
                _refuse_blanks(read, argument)
            return read, None
        if omitted:
            shapes[argument.name] = (1, 1)
            return (np.asarray(default) if isinstance(default, list | tuple) else default), None
        if argument.shape == "beside":
            read = read_cells(cells, argument, argument.kind.blank if argument.blanks is None else argument.blanks)
            return _Beside(read.data, read.errors, read.shape), None
        if argument.shape in ("list", "block"):
            return self._list(argument, cells, shapes)
        rows = as_rows(cells)
        if len(rows) * len(rows[0]) != 1:
            return None, _located(
                ExcelError(VALUE, Text("应为一个单元格，而不是区域", "must be one cell, not a range")),
                argument,
                0,
                (1, 1),
            )
        read = read_cells(cells, argument, argument.kind.blank)
        if argument.kind.dtype == "datetime64[D]":
            _refuse_blanks(read, argument)
        if read.errors:
            return None, read.errors[0]
        value = read.data[0, 0]
        return (value.item() if isinstance(value, np.generic) and not isinstance(value, np.datetime64) else value), None

    @staticmethod
    def _list(argument: Argument, cells: Any, shapes: dict[str, tuple[int, int]]) -> tuple[Any, ExcelError | None]:
        skip = isinstance(argument.blanks, str) and argument.blanks == "skip"
        blank = argument.kind.blank if argument.blanks is None or skip else argument.blanks
        if skip:
            cells = [[c] for row in as_rows(cells) for c in row if not is_blank(c)] or [[None]]
        read = read_cells(cells, argument, blank)
        shapes[argument.name] = read.shape
        if skip and _all_blank(cells):
            return np.empty(0, dtype=argument.kind.dtype), None
        data = read.data if argument.shape == "block" else read.data.ravel()
        remarks = _remarks.get()
        if argument.spared and remarks is not None:
            remarks.bad[argument.name] = read.errors
            return data, None
        return data, next(iter(read.errors.values()), None)

    def _elementwise(
        self, passed: list[Any], arrays: list[_Read], whole: ExcelError | None, remarks: _Remarks
    ) -> list[list[Any]]:
        shape = _common_shape(arrays)
        size = shape[0] * shape[1]
        errors: dict[int, ExcelError] = {}
        flat = {id(a): (_lines if isinstance(a, _Beside) else _broadcast)(a, shape, errors) for a in arrays}
        if whole is not None:
            return _filled(shape, whole)
        good = None
        if errors:
            good = np.ones(size, dtype=bool)
            good[list(errors)] = False
        given = []
        for value in passed:
            if isinstance(value, _Read):
                value = flat[id(value)] if good is None else flat[id(value)][good]
            given.append(value)
        count = size if good is None else int(good.sum())
        try:
            result = self._run(given) if count else np.empty((0, 1) if self.gives.how == "parts" else 0)
        except Refusal as refusal:
            return _filled(shape, self._naming(refusal.error))
        array = np.asarray(result)
        # A list of figures with an error among them would become texts.
        result = np.array(result, dtype=object) if array.dtype.kind == "U" else array
        _collect(remarks.faults, errors, None if good is None else np.flatnonzero(good), self._named)
        if self.gives.how == "parts":
            return _part_rows(result, errors, good, size)
        return _spread(result, errors, good, shape)

    def _naming(self, error: ExcelError) -> ExcelError:
        return ExcelError(str(error), self._named(error.reason))

    def _named(self, reason: Text) -> Text:
        """A body says which argument it means by its name; people know it by the label the wizard shows."""
        said = {a.name: a.said for a in [*self.arguments, *([self.repeating] if self.repeating else [])]}

        def known(word: re.Match[str], lang: str) -> str:
            return getattr(said[word[1]], lang) if word[1] in said else word[0]

        return Text(
            re.sub(r"参数 ([a-z_]+)", lambda word: known(word, "zh"), reason.zh),
            re.sub(r"argument ([a-z_]+)", lambda word: known(word, "en"), reason.en),
        )

    def _shaped(self, result: Any, shapes: dict[str, tuple[int, int]]) -> list[list[Any]]:
        if self.gives.how == "one":
            return [[cell_out(result)]]
        if self.gives.how == "like":
            rows, columns = shapes[self.gives.argument]
            cells = [cell_out(v) for v in result]
            if rows * columns != len(cells):  # the argument was left to its default: a row, as policy tables of parts are
                rows, columns = 1, len(cells)
            return [cells[r * columns : (r + 1) * columns] for r in range(rows)]
        return [[v if type(v) is str else cell_out(v) for v in row] for row in result]


def _all_blank(cells: Any) -> bool:
    if isinstance(cells, list | tuple):
        return all(_all_blank(c) for c in cells)
    if isinstance(cells, np.ndarray):
        return cells.size == 0
    return is_blank(cells)


def _refuse_blanks(read: _Read, argument: Argument) -> None:
    for index in np.flatnonzero(np.isnat(read.data.ravel())):
        blank = ExcelError(VALUE, Text("日期为空：请填日期", "the date is blank: enter a date"))
        read.errors.setdefault(int(index), _located(blank, argument, int(index), read.shape))


def _broadcast(read: _Read, shape: tuple[int, int], errors: dict[int, ExcelError]) -> Any:
    """The argument over the result's cells as a flat array, its bad cells noted; overhang is #N/A as in Excel."""
    if read.shape == shape:
        for index, error in read.errors.items():
            errors.setdefault(index, error)
        return read.data.ravel()
    rows = np.arange(shape[0]) if read.shape[0] > 1 else np.zeros(shape[0], dtype=int)
    columns = np.arange(shape[1]) if read.shape[1] > 1 else np.zeros(shape[1], dtype=int)
    over = (rows >= read.shape[0])[:, None] | (columns >= read.shape[1])[None, :]
    rows, columns = np.minimum(rows, read.shape[0] - 1), np.minimum(columns, read.shape[1] - 1)
    if read.errors:
        source = (rows[:, None] * read.shape[1] + columns[None, :]).ravel()
        for index in np.flatnonzero(np.isin(source, list(read.errors)) & ~over.ravel()).tolist():
            errors.setdefault(index, read.errors[int(source[index])])
    if over.any():
        reason = Text("此行/列没有对应的参数：各区域大小应一致", "no counterpart here: ranges must be of the same size")
        for index in np.flatnonzero(over.ravel()).tolist():
            errors.setdefault(index, ExcelError(NA, reason))
    return read.data[np.ix_(rows, columns)].ravel()


def _common_shape(arrays: list[_Read]) -> tuple[int, int]:
    """The result's shape: the largest number of rows and of columns; lines beside elements count along the elements only."""
    elements = [a.shape for a in arrays if not isinstance(a, _Beside)]
    rows, columns = max((s[0] for s in elements), default=1), max((s[1] for s in elements), default=1)
    for lines in arrays:
        if isinstance(lines, _Beside):
            rows = max(rows, lines.shape[0]) if rows > 1 else rows
            columns = max(columns, lines.shape[1]) if columns > 1 else columns
    return rows, columns


def _lines(read: _Read, shape: tuple[int, int], errors: dict[int, ExcelError]) -> Any:
    """A line of values for each of the result's cells as a 2-D array; bad cells and overhang are noted as in _broadcast."""
    if shape[0] > 1 and shape[1] > 1:  # a block of elements: one value each
        return _broadcast(read, shape, errors)[:, None]
    data, places = read.data, np.arange(read.data.size).reshape(read.shape)
    if shape == (1, 1):
        if min(read.shape) > 1:
            errors.setdefault(0, ExcelError(VALUE, Text("区域应为一行或一列", "the range must be one row or one column")))
        data, places = data.reshape(1, -1), places.reshape(1, -1)
    elif shape[0] == 1:
        data, places = data.T, places.T
    size = shape[0] * shape[1]
    bad = {}
    if read.errors:
        bad_lines = np.argwhere(np.isin(places, list(read.errors)))
        bad = {int(line): read.errors[int(places[line, k])] for line, k in bad_lines[::-1]}
    first = _Read(np.zeros((len(data), 1)), bad, (len(data), 1))
    _broadcast(first, (size, 1), errors)
    return data[np.minimum(np.arange(size), len(data) - 1)]


def _collect(
    faults: Sequence[tuple[Any, str, Text, dict[str, Any]]],
    errors: dict[int, ExcelError],
    positions: Any,
    named: Callable[[Text], Text],
) -> None:
    """What the body refused, put at the cells it refused it for; arguments are named when the text is filled, which may hold a name."""
    for mask, code, message, fields in faults:
        for index in np.flatnonzero(mask):
            place = int(index if positions is None else positions[index])
            if place not in errors:
                errors[place] = ExcelError(code, named(_fill(message, fields, int(index))))


def _filled(shape: tuple[int, int], error: ExcelError) -> list[list[Any]]:
    return [[error] * shape[1] for _ in range(shape[0])]


def _spread(result: Any, errors: dict[int, ExcelError], good: Any, shape: tuple[int, int]) -> list[list[Any]]:
    """Put the body's results and the errors at their cells."""
    if not errors and result.dtype == float and np.isfinite(result).all():
        return list((result + 0.0).reshape(shape).tolist())
    size = shape[0] * shape[1]
    cells: list[Any] = [None] * size
    for place, value in zip(_places(size, good), result, strict=True):
        cells[place] = cell_out(value)
    for place, error in errors.items():
        cells[place] = error
    return [cells[r * shape[1] : (r + 1) * shape[1]] for r in range(shape[0])]


def _places(size: int, good: Any) -> list[int]:
    return list(range(size)) if good is None else np.flatnonzero(good).tolist()


def _part_rows(result: Any, errors: dict[int, ExcelError], good: Any, size: int) -> list[list[Any]]:
    if not errors and result.dtype == float and np.isfinite(result).all():
        return list((result + 0.0).tolist())
    width = result.shape[1] if len(result) else 1
    rows: list[list[Any]] = [[None] * width for _ in range(size)]
    for place, row in zip(_places(size, good), result, strict=True):
        rows[place] = [cell_out(v) for v in row]
    for place, error in errors.items():
        rows[place] = [error] * width
    return rows


# ---------------------------------------------------------------------------------------------------------- the catalogue

_catalogue: dict[str, Formula] = {}


def formula(
    chapter: int,
    zh: str,
    en: str,
    *,
    gives: _Gives = EACH,
    columns: Sequence[tuple[str, str]] = (),
    result: tuple[str, str] = ("", ""),
    name: str = "",
) -> Callable[[Callable[..., Any]], Formula]:
    """Make a function a worksheet function: ``zh`` and ``en`` are the wizard's one-line help.

    The arguments' help stands in their annotations (``Annotated[Floats, each(zh, en)]``), the rest in the docstring's sections
    Returns, Errors, Source and Example. A table names its ``columns``, a figure its ``result`` and unit.
    """

    def register(body: Callable[..., Any]) -> Formula:
        title = (name or body.__name__).upper()
        arguments, repeating = _arguments(body)
        doc = _sections(body)
        lacking = [s for s in ("Returns", "Source", "Example") if s not in doc]
        if title in _catalogue and _catalogue[title].body.__module__ != body.__module__:
            raise ValueError(f"two functions are called {title}")
        if lacking or not zh or not en:
            raise ValueError(f"{title}: docstring lacks {', '.join(lacking) or 'zh/en help'}")
        entry = Formula(
            title,
            chapter,
            Text(zh, en),
            body,
            gives,
            arguments,
            repeating,
            [Text(*c) for c in columns],
            Text(*result),
            doc,
        )
        functools.update_wrapper(entry, body)
        entry.__dict__.pop("__wrapped__", None)
        _catalogue[title] = entry
        return entry

    return register


def _arguments(body: Callable[..., Any]) -> tuple[list[Argument], Argument | None]:
    hints = typing.get_type_hints(body, include_extras=True)
    arguments: list[Argument] = []
    repeating = None
    for parameter in inspect.signature(body).parameters.values():
        meta = next(m for m in typing.get_args(hints[parameter.name]) if isinstance(m, Argument))
        meta = replace(meta, name=parameter.name, default=parameter.default)
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            repeating = meta
        else:
            arguments.append(meta)
    return arguments, repeating


def _sections(body: Callable[..., Any]) -> dict[str, str]:
    """The docstring cut at its section titles; the part before the first is ``""``."""
    parts = re.split(r"^(Args|Returns|Errors|Source|Example):[ ]*\n?", inspect.getdoc(body) or "", flags=re.M)
    return {"": parts[0].strip()} | {
        title: textwrap.dedent(text_).strip() + "\n" for title, text_ in zip(parts[1::2], parts[2::2], strict=True)
    }


def catalogue() -> dict[str, Formula]:
    """Every function by its name without prefix, in the order of the plan's chapters. A new module is found by itself."""
    _load()
    # By module too: the order must not depend on which module happened to be imported first.
    return dict(sorted(_catalogue.items(), key=lambda item: (item[1].chapter, item[1].body.__module__)))


@functools.cache
def _load() -> None:
    """Import every module of functions; once, since a statement alone asks for a dozen of them."""
    package = __name__.rpartition(".")[0]
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        importlib.import_module(f"{package}.{module.name}")


def find(name: str) -> Formula:
    """The function called ``name``, with or without prefix, in any case; UsageError with a guess if there is none."""
    _load()
    known = _catalogue
    plain = re.sub(r"^(=|_XLDUDF_|\[\d+\]!)*(SALES[._])?", "", name.strip().upper())
    if plain in known:
        return known[plain]
    near = difflib.get_close_matches(plain, known, 3, 0.6)
    guess = Text(f"是否想用 {'、'.join(near)}？", f" Did you mean {', '.join(near)}?") if near else Text("", "")
    raise UsageError(Text(f"没有名为 {name} 的函数。{guess.zh}", f"There is no function called {name}.{guess.en}"))


def call(name: str, *cells: Any) -> Any:
    """What a cell with ``=SALES.name(cells…)`` shows, as rows of cells; errors are ``ExcelError`` with a reason.

    Where a pandas Series or DataFrame stands for a range the result is one, too (or one value), with the errors in it.

    >>> call("ROI", [[100.0], [50.0]], 20)
    [[5.0], [2.5]]
    """
    function = find(name)
    return function.framed(cells) if frames.among(cells) else function.cells(*cells)


def iter_formulas() -> Iterator[Formula]:
    """All functions of the catalogue."""
    return iter(catalogue().values())
