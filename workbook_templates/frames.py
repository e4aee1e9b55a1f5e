"""A plan as pandas DataFrames, for who analyses it: ``open_plan(path)["Deals"]``.

The file is read once, without loss, and never written. What stands in a frame is what ``grids.hold`` reads, as everywhere else;
this module only gives each column the dtype of its kind. A cell that holds no value of its kind (an error, text among numbers, a
formula without a saved result) is missing in the frame, warned of, and listed with its reason in ``frame.attrs["problems"]``.
"""

from __future__ import annotations

import datetime as dt
import os
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import numpy as np

from udfs.text import Text, language, speaking
from udfs.values import is_error, serial_to_date, show
from workbook_templates.answers import near
from workbook_templates.cells import address
from workbook_templates.intake import mapping
from workbook_templates.intake.adopting import Adopting
from workbook_templates.tables import grids, own_words, schema
from workbook_templates.tables.grids import Grid, Held
from workbook_templates.tables.schema import Column, TableSpec
from workbook_templates.xlsx.package import Package

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CellProblem", "PlanFrames", "UnknownTable", "UnusableCells"]

Labels = Literal["zh", "en"]


class UnknownTable(KeyError):
    """There is no such Table in the workbook; says which was probably meant."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return str(self.text)


class UnusableCells(UserWarning):
    """Cells that hold no value of their column's kind: missing in the frame, listed in ``frame.attrs["problems"]``."""


class CellProblem(TypedDict):
    """Why a value is missing although its cell is not blank; plain values, so that ``attrs`` can be stored with the frame."""

    row: int  # label of the frame's index
    column: str
    cell: str  # 成交!F12
    value: str
    reason: Text


class PlanFrames(Mapping[str, "pd.DataFrame"]):
    """The Tables of a workbook by name.

    Every look makes a new frame: what is done to it reaches neither the next nor the file.
    """

    def __init__(self, package: Package, labels: Labels | None = None) -> None:
        if labels not in (None, "zh", "en"):
            raise ValueError(f"labels={labels!r}: None (keys and codes), 'zh' or 'en'")
        self._workbook = _Workbook(package)
        self._labels = labels

    @classmethod
    def open(cls, path: str | os.PathLike[str], labels: Labels | None = None) -> PlanFrames:
        """Read a file; ``Refused`` with one clear line for whatever is no workbook."""
        package = Package.open(path)
        grids.refuse_1904(package.date1904)
        return cls(package, labels)

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self:
            raise UnknownTable(_unknown(name, list(self)))
        held = self._workbook.held(name)
        with own_words.wording(self._workbook.words):
            frame, problems = _frame(held, self._labels)
        with speaking(self._labels or language()):
            _warn(name, problems)
        return frame

    def __contains__(self, name: object) -> bool:
        return name in self._workbook.names()

    def __iter__(self) -> Iterator[str]:
        return iter(self._workbook.names())

    def __len__(self) -> int:
        return len(self._workbook.names())

    def __repr__(self) -> str:
        return f"<PlanFrames {self._workbook.package.path}: {len(self)} Tables>"


class _Workbook(Adopting):
    """The file's side of finding Tables by our names; a company's own workbook is read through its mapping."""

    def __init__(self, package: Package) -> None:
        super().__init__()
        self.package = package

    def own_tables(self) -> Collection[str]:
        return self.package.tables.keys()

    def own_headers(self, name: str) -> Sequence[str]:
        return self.package.tables[name].headers

    def own_grid(self, name: str) -> Grid | None:
        found = self.package.tables.get(name)
        return None if found is None else grids.grid(self.package, found)

    def names(self) -> list[str]:
        """Our Tables in the plan's order, then whatever else the workbook has."""
        links = self.adoption.links if self.adoption is not None else {}
        ours = [name for name in schema.TABLES if name in self.own_tables() or name in links]
        theirs = {link.theirs for link in links.values()}
        return ours + [n for n in self.own_tables() if n not in schema.TABLES and n not in theirs and n != mapping.NAME]

    def held(self, name: str) -> Held:
        """One of them, read; a Table the schema doesn't know gets its kinds from its cells."""
        if name not in self._held:
            self.refuse_faults(name)
            found = self.grid(name)
            spec = schema.TABLES.get(name) or self._described(found)
            with own_words.wording(self.words):
                self._held[name] = grids.hold(found, spec)
        return self._held[name]

    @cached_property
    def words(self) -> own_words.Wording:
        """What the company calls its lines, levels …"""
        there = own_words.TABLE in self.package.tables
        return own_words.in_force(grids.held(self.package, own_words.TABLE).rows) if there else {}

    def _described(self, found: Grid | None) -> TableSpec:
        assert found is not None, "asked of Tables that are there"
        columns = []
        for place, header in enumerate(found.headers):
            cells = [line[place] for line in found.cells]
            kind = self._kind(found, place, [c for c in cells if c not in (None, "") and not is_error(c)])
            columns.append(Column(header, Text(header, header), kind, required=False))
        return TableSpec(found.name, Text(found.name, found.name), tuple(columns))

    def _kind(self, found: Grid, place: int, values: list[Any]) -> str:
        if not values or not all(isinstance(v, float) for v in values):
            return "flag" if values and all(isinstance(v, bool) for v in values) else "text"
        sheet, col = self.package.sheets[found.sheet], found.data.first_col + place
        styled = [sheet.get((row, col)) for row in range(found.data.first_row, found.data.last_row + 1)]
        if not all(self.package.is_date(cell.style) for cell in styled if cell is not None and isinstance(cell.value, float)):
            return "number"
        return "date" if all(v.is_integer() for v in values) else "time"


# ---------------------------------------------------------------------------------------------------------------- the frame


def _frame(held: Held, labels: Labels | None) -> tuple[pd.DataFrame, list[CellProblem]]:
    import pandas as pd

    lang = labels or held.lang
    columns: dict[str, Any] = {}
    problems: list[CellProblem] = []
    names = {c.key: _in(c.header, labels) if labels else c.key for c in held.spec.columns}
    for column in held.spec.columns:
        values, found = _values(held, column, names[column.key])
        columns[names[column.key]] = _typed(column, values, labels)
        problems += found
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(held.rows)))
    frame.attrs = {
        "table": held.spec.name,
        "title": _in(held.spec.title, lang),
        "sheet": held.grid.sheet,
        "units": {names[c.key]: _in(c.unit, lang) for c in held.spec.columns if c.unit.zh},
        "headers": {names[c.key]: _in(c.header, lang) for c in held.spec.columns},
        "calculated": [names[c.key] for c in held.spec.columns if c.formula],
        "absent": [names[c.key] for c in held.spec.columns if c.key not in held.places],  # columns the workbook has not
        "problems": problems,
    }
    return frame, problems


def _in(text: Text, lang: str) -> str:
    return text.en if lang == "en" else text.zh


def _values(held: Held, column: Column, name: str) -> tuple[list[Any], list[CellProblem]]:
    """A column's values, None where its cell is blank or unusable, and what was unusable."""
    read: Callable[[Any], Any] = _KINDS.get(column.kind, _text)
    values: list[Any] = []
    problems: list[CellProblem] = []
    for index, row in enumerate(held.rows):
        value = row.get(column.key)
        at = held.at(index, column.key)
        reason = None
        if value is None:
            if at in held.grid.formulas and column.key in held.places and held.grid.value(at) is None:
                reason = _UNSAVED
        elif is_error(value):
            reason = Text(f"单元格里是错误值 {value}：请先改正它", f"the cell holds the error {value}: correct that first")
        elif (known := read(value)) is not None:
            value = known
        else:
            reason = _NO_VALUE[column.kind].format(value=show(value))
        if reason is not None:
            cell = f"{held.grid.sheet}!{address(*at)}"
            problems.append({"row": index, "column": name, "cell": cell, "value": str(value or ""), "reason": reason})
            value = None
        values.append(value)
    return values, problems


_UNSAVED = Text(
    "公式没有保存结果：请运行 salesplan recalc，或在 Excel 中打开并保存",
    "a formula without a saved result: run salesplan recalc, or open and save the workbook in Excel",
)
_NOT = {
    "number": Text("数字", "a number"),
    "int": Text("整数", "a whole number"),
    "date": Text("日期", "a date"),
    "time": Text("日期和时间", "a date and time"),
    "flag": Text("是或否", "yes or no"),
}


def _number(value: Any) -> float | None:
    return value if isinstance(value, float) else None


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53 else None


def _date(value: Any) -> dt.date | None:
    return value if isinstance(value, dt.date) else None


def _moment(value: Any) -> dt.datetime | None:
    if isinstance(value, dt.datetime):
        return value
    day = serial_to_date(value) if isinstance(value, float) else None
    if day is None:
        return None
    return dt.datetime(day.year, day.month, day.day) + dt.timedelta(seconds=round(value % 1 * 86400))


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else {"yes": True, "no": False}.get(str(value).lower())


def _text(value: Any) -> str:
    return show(value) if isinstance(value, bool) else str(value)


_KINDS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("number", "money", "fen", "rate", "score"), _number),
    "int": _whole,
    "date": _date,
    "time": _moment,
    "flag": _flag,
}
_NO_VALUE = {
    kind: Text(f"{{value}} 不是{wanted.zh}：请改正", f"{{value}} is not {wanted.en}: correct it")
    for kind, wanted in ((kind, _NOT.get(kind, _NOT["number"])) for kind in _KINDS)
}


def _typed(column: Column, values: list[Any], labels: Labels | None) -> Any:
    """The values with their kind's dtype. Days go to the second, not the nanosecond: 9999-12-31 is a day people write."""
    import pandas as pd

    read = _KINDS.get(column.kind)
    if read is _number:
        return pd.array([float("nan") if v is None else v for v in values], dtype="float64")
    if read is _whole:
        return pd.array(values, dtype="Int64")
    if read in (_date, _moment):
        return np.array([np.datetime64("NaT" if v is None else v, "s") for v in values], dtype="datetime64[s]")
    if read is _flag:
        return pd.array(values, dtype="boolean")
    if column.words:
        return _categorical(column, values, labels)
    return pd.array(values, dtype="string")


def _categorical(column: Column, values: list[Any], labels: Labels | None) -> Any:
    """The column's own words first, in their order; then words people typed besides."""
    import pandas as pd

    known = {word.code: _in(word.label, labels) if labels else word.code for word in column.words}
    shown = [None if v is None else known.get(v, v) for v in values]
    return pd.Categorical(shown, categories=list(dict.fromkeys([*known.values(), *(v for v in shown if v is not None)])))


# -------------------------------------------------------------------------------------------------------------- what is told


def _warn(name: str, problems: Sequence[CellProblem]) -> None:
    if not problems:
        return
    first, count = problems[0], len(problems)
    said = Text(
        f'{name} 有 {count} 个单元格无法使用，按缺失处理：{first["cell"]} {first["reason"].zh}。全部见 frame.attrs["problems"]',
        f"{name}: {count} unusable cell{'s' if count > 1 else ''}, missing in the frame: {first['cell']} {first['reason'].en}. "
        'All are in frame.attrs["problems"]',
    )
    warnings.warn(UnusableCells(str(said)), stacklevel=3)


def _unknown(name: str, names: Sequence[str]) -> Text:
    titles = {title: spec.name for spec in schema.TABLES.values() for title in spec.title if spec.name in names}
    likely = list(dict.fromkeys(titles.get(found, found) for found in near(str(name), [*names, *titles])))
    known = schema.TABLES.get(str(name))
    if known is not None:
        return Text(f"工作簿里没有表 {name}（{known.title.zh}）", f"the workbook has no Table {name} ({known.title.en})")
    guess = Text(f"是否想用 {'、'.join(likely)}？", f" Did you mean {', '.join(likely)}?") if likely else Text("", "")
    return Text(f"没有名为 {name} 的表。{guess.zh}", f"There is no Table called {name}.{guess.en}")
