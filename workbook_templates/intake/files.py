"""A file of rows, as people get it from a CRM or ERP: CSV or .xlsx in whatever encoding → rows of raw cells with their line
numbers.

Nothing is interpreted here beyond what the file itself says; ``importing`` does that. Whatever bytes a file holds, the only thing
raised is ``Refused``.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import difflib
import io
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from udfs.text import Text
from udfs.values import ExcelError, serial_to_date
from workbook_templates.answers import Refused
from workbook_templates.cells import ErrorValue
from workbook_templates.xlsx.package import Cell, Package, Sheet

__all__ = ["Delimited", "Raw", "RawRow", "Source", "blank", "delimited", "near", "read"]

# What a raw cell may be: a CSV has texts only, a workbook also numbers, truth values, dates and errors.
Raw = str | float | bool | dt.date | ExcelError | None
Score = Callable[[Sequence[Raw]], int]

DELIMITERS = ",;\t"
LARGEST_FILE = 512 << 20
_SNIFFED = 1 << 16
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_SEPARATOR = re.compile(r"sep=(.)(?:\r\n|\r|\n)")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the other's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class RawRow(NamedTuple):
    """One row; ``line`` is where it begins, as an editor or Excel counts."""

    line: int
    cells: tuple[Raw, ...]


@dataclass(frozen=True)
class Source:
    """The rows of a file that hold anything, and how they were read."""

    path: Path
    rows: tuple[RawRow, ...]
    how: Text
    sheets: tuple[str, ...] = ()
    sheet: str = ""


def read(
    path: str | os.PathLike[str],
    score: Score = lambda cells: 0,
    sheet: str | None = None,
    encoding: str | None = None,
) -> Source:
    """Read a file. ``score`` says how much a row looks like the headers wanted: it decides between delimiters.

    The content decides whether it is a workbook, not the name: exports are often misnamed.
    """
    target = Path(path)
    data = _bytes(target)
    if data.startswith(_ZIP):
        return _workbook(target, data, sheet)
    if data.startswith(_OLD_EXCEL):
        raise _refused(
            target,
            Text(
                "是旧版 .xls 或有打开密码。请在 Excel 中去掉密码，另存为 .xlsx 或 CSV。",
                "it is an old .xls or password-protected. Remove the password in Excel and save as .xlsx or CSV.",
            ),
        )
    if sheet is not None:
        raise _refused(target, Text("不是工作簿，没有工作表可选：请去掉 --sheet。", "it is no workbook: leave --sheet out."))
    return _text_file(target, data, score, encoding)


def blank(cell: Raw) -> bool:
    """Whether nothing stands in a cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def near(asked: str, known: Iterable[str], count: int = 3) -> list[str]:
    """What someone may have meant, the likeliest first."""
    folded = {word.casefold(): word for word in known}
    return [folded[word] for word in difflib.get_close_matches(asked.casefold(), folded, count, 0.55)]


def _refused(path: Path, why: Text) -> Refused:
    return Refused(Text("“{p}”：", "“{p}”: ").format(p=path.name) + why)


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise _refused(path, Text("是文件夹，不是文件。", "it is a folder, not a file."))
        if path.stat().st_size > LARGEST_FILE:
            raise _refused(path, Text("超过 512 MB：请分成几个文件。", "more than 512 MB: split it into several files."))
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise Refused(Text(f"找不到文件“{path}”。", f"There is no file “{path}”.")) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise Refused(Text(f"无法读取“{path}”：{why}。", f"“{path}” cannot be read: {why}.")) from error
    if not data:
        raise Refused(Text("“{p}”是空文件：请重新导出。", "“{p}” is empty: export it again.").format(p=path.name))
    return data


# ------------------------------------------------------------------------------------------------------------------- text files


class Delimited(NamedTuple):
    """A text file, decoded: its rows begin after ``skipped`` lines."""

    path: Path
    text: str
    delimiter: str
    skipped: int
    how: Text

    def rows(self, most: int | None = None) -> list[RawRow]:
        """Its rows, or the first of them."""
        return _rows(self.path, self.text, self.delimiter, self.skipped, most)


def delimited(path: Path, score: Score, encoding: str | None = None) -> Delimited | None:
    """A file as text in whatever encoding; None when it is a workbook."""
    data = _bytes(path)
    return None if data.startswith((_ZIP, _OLD_EXCEL)) else _delimited(path, data, score, encoding)


def _delimited(path: Path, data: bytes, score: Score, encoding: str | None) -> Delimited:
    text, name = _decoded(path, data, encoding)
    _check_text(path, text)
    first, skipped = _SEPARATOR.match(text), 0
    if first:  # "sep=;" is a line Excel itself understands
        text, skipped, delimiter = text[first.end() :], 1, first[1]
    else:
        delimiter = _delimiter(text, score)
    shown = {"\t": Text("制表符", "tab")}.get(delimiter, Text(delimiter, delimiter))
    how = Text("{e}，分隔符 {d}", "{e}, delimiter {d}").format(e=name, d=shown)
    return Delimited(path, text, delimiter, skipped, how)


def _text_file(path: Path, data: bytes, score: Score, encoding: str | None) -> Source:
    read = _delimited(path, data, score, encoding)
    return Source(path, tuple(read.rows()), read.how)


def _decoded(path: Path, data: bytes, encoding: str | None) -> tuple[str, str]:
    """The text and the name of its encoding; never a guess that turns names into gibberish in silence."""
    if encoding is not None:
        return _decoded_as(path, data, encoding)
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return _decoded_as(path, data, codec)
    if (wide := _without_mark(data)) is not None:
        return _decoded_as(path, data, wide)
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        if _mostly_utf8(data):
            raise _refused(path, _broken(data, error, "UTF-8")) from error
    return _decoded_as(path, data, "gb18030")


def _decoded_as(path: Path, data: bytes, encoding: str) -> tuple[str, str]:
    try:
        text = data.decode(encoding)
        shown = codecs.lookup(encoding).name.upper().replace("-SIG", "")
    except UnicodeDecodeError as error:
        raise _refused(path, _broken(data, error, encoding.upper())) from error
    except (LookupError, UnicodeError, ValueError, AttributeError, AssertionError) as error:
        raise Refused(
            Text(
                f"没有名为“{encoding}”的文字编码：可用 utf-8、gb18030、big5、utf-16",
                f"there is no encoding called “{encoding}”: try utf-8, gb18030, big5 or utf-16",
            )
        ) from error
    return text.removeprefix("\ufeff").rstrip("\x1a"), "UTF-8" if shown == "UTF_8" else shown


def _broken(data: bytes, error: UnicodeDecodeError, name: str) -> Text:
    line = data.count(b"\n", 0, error.start) + 1
    return Text(
        f"第 {line} 行有不符合 {name} 编码的字节：请重新导出为 UTF-8 的 CSV 或 .xlsx，或用 --encoding 指明编码。",
        f"line {line} holds bytes that are no {name}: export it again as UTF-8 CSV or .xlsx, or name the encoding with "
        "--encoding.",
    )


def _without_mark(data: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of Latin text and of line ends is zero."""
    head = data[:4096]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if even + odd < max(2.0, len(head) / 8):
        return None
    return "utf-16-le" if odd > 8 * even else "utf-16-be" if even > 8 * odd else None


def _mostly_utf8(data: bytes) -> bool:
    """Damaged UTF-8 would mostly decode as Chinese gibberish in GB18030: tell them apart by how much of it is right."""
    text = data[: 1 << 20].decode("utf-8", errors="replace")
    wrong = text.count("\ufffd")
    right = sum(1 for character in text if character > "\x7f") - wrong
    return right > 2 * wrong


def _check_text(path: Path, text: str) -> None:
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise _refused(
            path,
            Text(
                f"第 {line} 行有空字符，不是文本文件：请导出为 CSV 或 .xlsx。",
                f"line {line} holds a NUL, so it is no text file: export it as CSV or .xlsx.",
            ),
        )
    if re.match(r"\s*<(!doctype|html|table|\?xml)", text[:200], re.IGNORECASE):
        raise _refused(
            path,
            Text(
                "其实是网页或 XML（有些系统这样导出“Excel”）：请在 Excel 中打开，另存为 .xlsx。",
                "it is really a web page or XML, as some systems export “Excel”: open it in Excel and save it as .xlsx.",
            ),
        )


def _delimiter(text: str, score: Score) -> str:
    """The delimiter with which some row looks most like the headers wanted; then the one that makes most columns."""
    head = text[:_SNIFFED]

    def fits(delimiter: str) -> tuple[int, int]:
        rows = []
        try:
            for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter):
                rows.append(row)
                if len(rows) == 40:
                    break
        except csv.Error:
            pass  # the real reading says what is wrong and where
        return max((score(row) for row in rows), default=0), sum(len(row) > 1 for row in rows)

    return max(DELIMITERS, key=fits)


def _rows(path: Path, text: str, delimiter: str, skipped: int, most: int | None) -> list[RawRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[RawRow] = []
    line = 0
    try:
        for cells in reader:
            if any(not blank(cell) for cell in cells):
                rows.append(RawRow(line + skipped + 1, tuple(cells)))
                if len(rows) == most:
                    break
            line = reader.line_num
    except (csv.Error, ValueError) as error:
        raise _refused(path, _bad_quotes(line + skipped + 1, error)) from error
    return rows


def _bad_quotes(line: int, error: Exception) -> Text:
    # A quote that is never closed would swallow all following rows into one cell.
    return Text(
        f"第 {line} 行起的引号不成对（{error}）：请改正该行，或导出为 .xlsx。",
        f"the quotes of the row that begins in line {line} do not match ({error}): correct the row, or export it as .xlsx.",
    )


# -------------------------------------------------------------------------------------------------------------------- workbooks


def _workbook(path: Path, data: bytes, wanted: str | None) -> Source:
    """A sheet's cells. Our own reader and not a faster one: errors must arrive as errors, not as blanks."""
    package = Package(data, path)
    names = tuple(package.sheets)
    if not names:
        raise _refused(path, Text("没有工作表。", "it has no worksheet."))
    name = _chosen(path, package, wanted)
    sheet = package.sheets[name]
    how = Text("工作表“{s}”", "sheet “{s}”").format(s=name)
    return Source(path, tuple(_sheet_rows(package, sheet)), how, names, name)


def _chosen(path: Path, package: Package, wanted: str | None) -> str:
    visible = [name for name, sheet in package.sheets.items() if sheet.state == "visible"] or list(package.sheets)
    if wanted is None:
        return visible[0]
    for name in package.sheets:
        if name.strip().casefold() == wanted.strip().casefold():
            return name
    guess = near(wanted, package.sheets)
    raise _refused(
        path,
        Text(
            f"没有工作表“{wanted}”，有：{'、'.join(package.sheets)}。" + (f"是否想用“{guess[0]}”？" if guess else ""),
            f"there is no sheet “{wanted}”; there are: {', '.join(package.sheets)}."
            + (f" Did you mean “{guess[0]}”?" if guess else ""),
        ),
    )


def _sheet_rows(package: Package, sheet: Sheet) -> list[RawRow]:
    rows: dict[int, dict[int, Raw]] = {}
    for (line, column), cell in sheet.cells().items():
        value = _raw(package, cell)
        if not blank(value):
            rows.setdefault(line, {})[column] = value
    return [RawRow(line, tuple(cells.get(column) for column in range(1, max(cells) + 1))) for line, cells in sorted(rows.items())]


def _raw(package: Package, cell: Cell) -> Raw:
    value: Any = cell.value
    if isinstance(value, ErrorValue):
        return ExcelError(str(value))
    if value is None and cell.formula is not None:
        return ExcelError("#N/A", Text("公式没有保存结果：请在 Excel 中打开并保存",
                                       "a formula without a saved result: open and save it in Excel"))  # fmt: skip
    if isinstance(value, float) and package.is_date(cell.style):
        return _moment(value + (1462 if package.date1904 else 0)) or value
    return value  # type: ignore[no-any-return]


def _moment(serial: float) -> dt.date | None:
    day = serial_to_date(serial)
    if day is None:
        return None  # a time of day alone, or no date at all: the number stays and the column's kind decides
    seconds = round((serial % 1) * 86400)
    if not seconds:
        return day
    return dt.datetime(day.year, day.month, day.day) + dt.timedelta(seconds=min(seconds, 86399))
