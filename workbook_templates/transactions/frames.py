"""Where transactions come from: a file, a folder of files, a query → frames of raw columns with the lines their rows stand on.

CSV and XLSX are read with what is always installed. With pyarrow (the extra ``data``) a regular CSV is read many times
faster and Parquet can be read; what is irregular in a CSV goes through the careful reader of imports all the same, so both
find the same.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.util import find_spec
from operator import methodcaller
from pathlib import Path
from typing import Any

import numpy as np

from udfs.text import SEMICOLON, Text, joined
from workbook_templates.answers import Refused
from workbook_templates.intake import files, importing
from workbook_templates.intake.columns import Array, Coded, coded, listed, seem_few
from workbook_templates.intake.files import Delimited, Raw, RawRow, Source, blank
from workbook_templates.intake.importing import Layout
from workbook_templates.intake.meaning import wide
from workbook_templates.tables.schema import Column, TableSpec, table
from workbook_templates.transactions import databases
from workbook_templates.transactions.databases import Query, query_of, rows_of

SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".ods", ".parquet")
_PARQUET = b"PAR1"
_OF_TABLE = table("Transactions")
# What a file of lines may say more than the Table: the amount as a product, and what tells the lines of an invoice apart.
MORE = (
    Column("quantity", Text("数量", "Quantity"), "number", aliases=("qty", "件数", "销售数量", "开票数量"), required=False),
    Column("price", Text("单价", "Unit price"), "money", aliases=("price", "不含税单价", "unitprice", "销售单价"), required=False),
    Column("product", Text("商品编码", "Product"), "id", required=False,
           aliases=("stockcode",
                    "stock code",
                    "sku",
                    "item",
                    "item code", "product code", "商品", "商品编号", "商品名称", "品名", "物料", "物料编码", "物料号", "货号", "产品", "产品编码", "产品名称")),
    Column("line", Text("行号",
                        "Line"), "id", required=False, aliases=("line no", "line number", "line item", "行项目", "序号", "明细行号")),
)  # fmt: skip
_FEW = 10_000
_OPTIONAL = ("invoice", "amount")


def _spec(amount_required: bool) -> TableSpec:
    asked = tuple(
        replace(c, required=amount_required and c.key == "amount") if c.key in _OPTIONAL else c for c in _OF_TABLE.columns
    )
    return TableSpec(_OF_TABLE.name, _OF_TABLE.title, asked + MORE)


LINES = _spec(amount_required=False)
_STRICT = _spec(amount_required=True)


@dataclass(frozen=True)
class Frame:
    """The rows of one file below its headers, column by column: sequences of raw cells, or Arrow arrays."""

    name: str
    how: Text
    layout: Layout
    columns: Sequence[Any]
    lines: Array
    header: tuple[Raw, ...]
    overlong: Mapping[int, int]  # rows with more cells than headers → how many
    summed: frozenset[int] = frozenset()  # lines with a formula of totals
    hidden: frozenset[int] = frozenset()
    shared: frozenset[int] = frozenset()  # rows whose amount is merged with that of the row above
    from_1904: bool = False
    ordered: bool = True  # rows of a query stand in no order
    known: dict[int, Coded] = field(default_factory=dict, compare=False, repr=False)

    def coded(self, index: int) -> Coded:
        """A column by its different values, worked out once."""
        if index not in self.known:
            self.known[index] = coded(self.columns[index])
        return self.known[index]

    def code(self, key: str) -> Coded | None:
        """The same for a column of ours."""
        place = self.layout.places.get(key)
        return None if place is None else self.coded(place.index)

    def few(self, key: str) -> Coded | None:
        """The same where the different cells are few."""
        place = self.layout.places.get(key)
        if place is None or not seem_few(self.columns[place.index]):
            return None
        found = self.coded(place.index)
        return found if len(found.values) <= _FEW else None

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, key: str) -> Any:
        """The column of the file that means one of ours; None where it has none."""
        place = self.layout.places.get(key)
        return None if place is None else self.columns[place.index]

    def title(self, key: str) -> str:
        """How the file calls a column of ours."""
        place = self.layout.places.get(key)
        return place.header if place is not None else str(LINES[key].header)

    def cells(self, key: str, rows: Array) -> list[Raw]:
        """The raw cells of some rows."""
        column = self.column(key)
        return [None] * len(rows) if column is None else listed(column, rows)

    def whole(self, rows: Array) -> list[tuple[Raw, ...]]:
        """Some rows with all their cells."""
        return list(zip(*(listed(column, rows) for column in self.columns), strict=True)) if len(rows) else []


@dataclass(frozen=True)
class Ways:
    """How the files are to be read where that is not to be found out."""

    sheet: str | None = None
    encoding: str | None = None
    renames: Mapping[str, str] | None = None
    known: Mapping[str, str] | None = None  # the same, confirmed before: taken where a file has them
    wide: str = ""  # months across are turned into rows: ``month``, or the year of headers that say none


AS_FOUND = Ways()


def opened(source: str | Path, ways: Ways, progress: Callable[[Text], object]) -> tuple[list[Frame], list[Text]]:
    """The frames of a source, and what is worth saying about it. Refused with all files that can't be read."""
    query = query_of(source)
    if query is not None:
        progress(Text("查询数据库", "Querying the database"))
        return [_of_query(query, ways)], []
    path = Path(source)
    if not path.is_dir():
        progress(Text(f"读取 {path.name}", f"Reading {path.name}"))
        return _file(path, ways)
    return _folder(path, ways, progress)


# ------------------------------------------------------------------------------------------------------------------- folders


def _folder(folder: Path, ways: Ways, progress: Callable[[Text], object]) -> tuple[list[Frame], list[Text]]:
    inside = sorted(p for p in folder.iterdir() if not p.name.startswith((".", "~$")))
    files = [p for p in inside if p.is_file() and p.suffix.lower() in SUFFIXES]
    if not files:
        raise Refused(
            Text(
                f"文件夹“{folder.name}”里没有可读的文件：需要 {'、'.join(SUFFIXES)}。",
                f"There is no file to read in the folder “{folder.name}”: {', '.join(SUFFIXES)} are wanted.",
            )
        )
    frames, notes, problems = [], _left(inside, files), []
    files, twins = _different(files)
    notes += twins
    for at, path in enumerate(files, 1):
        progress(Text(f"读取 {path.name}（{at}/{len(files)}）", f"Reading {path.name} ({at}/{len(files)})"))
        try:
            read, said = _file(path, ways)
            frames += read
            notes += said
        except Refused as refused:
            problems.append(refused.text)
    if problems:
        # A month that is missing would move customers down in silence: all or nothing.
        raise Refused(
            Text("文件夹中有文件不能读取，没有继续：", "Files of the folder can't be read, so nothing was done: ")
            + joined(problems, between=SEMICOLON)
        )
    return frames, notes


def _left(inside: list[Path], files: list[Path]) -> list[Text]:
    left = [p.name for p in inside if p not in files]
    if not left:
        return []
    zh, en = joined(left, most=5, unit="个文件")
    return [Text(f"文件夹中没有读取：{zh}（子文件夹与其他类型不读）",
                 f"not read in the folder: {en} (subfolders and other kinds are left out)")]  # fmt: skip


def _different(files: list[Path]) -> tuple[list[Path], list[Text]]:
    """The files without exact copies of others."""
    sizes: dict[int, list[Path]] = {}
    kept, notes = [], []
    for path in files:
        size = path.stat().st_size
        twin = next((p for p in sizes.get(size, ()) if p.read_bytes() == path.read_bytes()), None)
        if twin is None:
            kept.append(path)
            sizes.setdefault(size, []).append(path)
        else:
            notes.append(Text(f"“{path.name}”与“{twin.name}”内容完全相同，只读一份",
                              f"“{path.name}” is an exact copy of “{twin.name}” and was read once"))  # fmt: skip
    return kept, notes


# --------------------------------------------------------------------------------------------------------------------- files


def _file(path: Path, ways: Ways) -> tuple[list[Frame], list[Text]]:
    if _begins(path) == _PARQUET:
        return [_parquet(path, ways)], []
    score = partial(importing.headers_matched, LINES)
    text = files.delimited(path, score, ways.encoding)
    if text is None:
        return _sheets(path, files.read_all(path, score, ways.sheet, ways.encoding), ways)
    if ways.sheet is not None and path.suffix.lower() not in (".csv", ".txt", ".tsv"):
        files.read(path, score, ways.sheet, ways.encoding)  # says that there is no sheet to choose
    if ways.wide:
        rows, notes = _long(text.rows(), ways)
        return [_of_rows(path.name, text.how, rows, ways)], notes
    return [_fast(text, ways) or _of_rows(path.name, text.how, text.rows(), ways)], []


def _long(rows: Sequence[RawRow], ways: Ways) -> tuple[Sequence[RawRow], list[Text]]:
    """Months across as rows."""
    names = wide.amount_of(LINES)
    found = wide.long(rows, ways.wide, names) if names else None
    return (rows, []) if found is None else (found[0], [found[1]])


def _sheets(path: Path, sources: Sequence[Source], ways: Ways) -> tuple[list[Frame], list[Text]]:
    """The sheets that can be read, all of the first one's shape; the others are named."""
    several = len(sources) > 1
    sources, said = importing.that_count(sources)

    def read(source: Source) -> Frame:
        name = f"{path.name} {source.sheet}" if several else path.name
        rows, notes = _long(source.rows, ways) if ways.wide else (source.rows, [])
        frame = _of_rows(name, source.how, rows, ways, source)
        said.extend(notes)
        return frame

    frames, others = importing.of_one_shape(sources, read, lambda frame: frame.layout)
    if others:
        said.append(
            Text(f"“{path.name}”没有读的工作表：", f"sheets of “{path.name}” not read: ")
            + joined(others, most=importing.MOST_SHEETS, unit="个")
        )
    return frames, said


def _begins(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(len(_PARQUET))
    except OSError:
        return b""  # the reader says what is wrong


def layout_of(name: str, rows: Sequence[RawRow], ways: Ways, headed: bool = False) -> Layout:
    """Where the columns stand; Refused with what was found when some are missing. ``headed``: in a table that names its columns."""
    renames = ways.renames or {}
    try:
        found = importing.layout(rows, LINES, renames, known=ways.known, headed=headed)
        if "amount" not in found.places and not {"quantity", "price"} <= set(found.places):
            importing.layout(rows, _STRICT, renames, known=ways.known, headed=headed)  # says what is missing
    except Refused as refused:
        hint = Text(" 没有金额列时，应有数量和单价两列。", " Without an amount, quantity and unit price are wanted.")
        if rows and not rows[0].line:
            hint += Text("也可在查询中用 AS 改列名。", " Columns can be renamed in the query, too, with AS.")
        raise Refused(Text(f"“{name}”：", f"“{name}”: ") + refused.text + hint) from refused
    return found


def _of_rows(name: str, how: Text, rows: Sequence[RawRow], ways: Ways, source: Source | None = None) -> Frame:
    """Rows as the careful reader gives them, turned into columns. ``source``: the sheet they are of, and what it says beside them."""
    found = layout_of(name, rows, ways)
    if source is not None:
        found = importing.with_asides(found, source, bool(ways.wide))
    file, sheet, asked = (source.path.name, source.sheet, source.asked) if source is not None else (name, "", False)
    found = importing.with_its_name(found, LINES, file, rows, sheet, asked)
    rows = importing.within(importing.grouped(rows, found.at), found)
    body, header = rows[found.at + 1 :], rows[found.at].cells
    width = len(found.headers)
    overlong = {
        k: len(row.cells) for k, row in enumerate(body) if len(row.cells) > width and not all(map(blank, row.cells[width:]))
    }
    cells = [row.cells if len(row.cells) == width else (row.cells + (None,) * width)[:width] for row in body]
    columns = list(zip(*cells, strict=True)) if cells else [()] * width
    lines = np.fromiter((row.line for row in body), np.int64, len(body))
    money = {place.index for key, place in found.places.items() if key in ("amount", "quantity", "price")}
    return Frame(
        name,
        how,
        found,
        columns,
        lines,
        header,
        overlong,
        frozenset(row.line for row in body if row.summed),
        frozenset(row.line for row in body if row.hidden),
        frozenset(k for k, row in enumerate(body) if row.merged & money),
        source is not None and source.from_1904,
    )


def _fast(text: Delimited, ways: Ways) -> Frame | None:
    """A CSV by columns, where it is regular enough that each line is a row; else None."""
    if len(text.text) < 1 << 16:
        return None
    head = text.rows(importing.HEADER_WITHIN)
    found = layout_of(text.path.name, head, ways)
    found = importing.with_its_name(found, LINES, text.path.name, head)
    if importing.grouped(head, found.at) is not head:
        return None
    width = len(found.headers)
    if head[found.at + 1 :] and head[found.at + 1].line != found.line + 1:
        return None
    columns = _columns(text, found.line, width)
    if columns is None:
        return None  # blank lines, line breaks within cells, missing cells: the careful reader counts lines
    lines = np.arange(len(columns[0]), dtype=np.int64) + found.line + 1
    return Frame(text.path.name, text.how, found, columns, lines, head[found.at].cells, {})


def _columns(text: Delimited, line: int, width: int) -> Sequence[Any] | None:
    """The cells below the header's line; None where some line may be no row."""
    above = line - text.skipped
    if not find_spec("pyarrow"):
        return _by_lines(text.text[_after(text.text, above) :].rstrip("\r\n"), text.delimiter, width)
    try:
        data = text.data or text.text.encode("utf-8")
    except UnicodeEncodeError:  # half a character, which a CSV may hold all the same
        return None
    begin, end = _below(data, above)
    if begin == end or (data.find(b'"', begin) >= 0 and _odd_quotes(data[begin:end], text.delimiter.encode())):
        return None
    return _by_arrow(memoryview(data)[begin:end], data.count(b"\n", begin, end) + 1, text.delimiter, width)


def _below(data: bytes, lines: int) -> tuple[int, int]:
    """Where what stands below so many lines begins, and where it ends without the ends of lines behind the last."""
    at, end = 0, len(data)
    for _ in range(lines):
        at = data.find(b"\n", at) + 1 or end
    while end > at and data[end - 1] in b"\r\n":
        end -= 1
    return at, end


def _by_arrow(body: memoryview, lines: int, delimiter: str, width: int) -> Sequence[Any] | None:
    pa, csv = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.csv")
    if not body:
        return None
    try:
        read = csv.read_csv(
            pa.BufferReader(pa.py_buffer(body)),
            read_options=csv.ReadOptions(autogenerate_column_names=True, block_size=1 << 22),
            parse_options=csv.ParseOptions(delimiter=delimiter),
            convert_options=csv.ConvertOptions(
                column_types={f"f{k}": pa.string() for k in range(width)}, strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    regular = read.num_columns == width and read.num_rows == lines
    return tuple(read.columns) if regular else None


def _by_lines(body: str, delimiter: str, width: int) -> Sequence[Any] | None:
    """The same without Arrow: no quotes, as many cells in each line as there are headers."""
    if not body or '"' in body or width < 2:
        return None
    body = body.replace("\r\n", "\n")
    if "\r" in body or "\0" in body or set(map(methodcaller("count", delimiter), body.split("\n"))) != {width - 1}:
        return None
    cells = body.replace("\n", delimiter).split(delimiter)
    return [cells[place::width] for place in range(width)]


def _after(text: str, lines: int) -> int:
    """Where the line after so many begins."""
    at = 0
    for _ in range(lines):
        at = text.find("\n", at) + 1
        if not at:
            return len(text)
    return at


def _odd_quotes(data: bytes, delimiter: bytes) -> bool:
    """Whether some quote neither opens nor closes a cell, or may not: seen at once, since a million lines are searched many
    times slower."""
    letters = np.frombuffer(b"\n" + data + b"\n\n", np.uint8)
    quotes = np.flatnonzero(letters == ord('"'))
    before, after = letters[quotes - 1], letters[quotes + 1]
    mark, end, back = delimiter[0], ord("\n"), ord("\r")
    opening = (before == mark) | (before == end)
    closing = (after == mark) | (after == end) | ((after == back) & (letters[quotes + 2] == end))
    return bool((opening == closing).any()) or int(opening.sum()) != int(closing.sum())


def _parquet(path: Path, ways: Ways) -> Frame:
    if not find_spec("pyarrow"):
        raise Refused(
            databases.lacking(Text(f"读取 Parquet 文件“{path.name}”", f"reading the Parquet file “{path.name}”"), "pyarrow")
        )
    pa, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    try:
        read = parquet.read_table(path)
    except (pa.ArrowInvalid, OSError, pa.ArrowNotImplementedError) as error:
        why = str(error).splitlines()[0][:200]
        raise Refused(
            Text(f"“{path.name}”不是可读的 Parquet：{why}", f"“{path.name}” is no Parquet that can be read: {why}")
        ) from error
    return of_arrow(path.name, Text("Parquet", "Parquet"), read, ways)


def of_arrow(name: str, how: Text, read: Any, ways: Ways, ordered: bool = True) -> Frame:
    """An Arrow table; its rows are counted from 1."""
    header = tuple(read.column_names)
    found = layout_of(name, with_header(header, read, 1 if ordered else 0), ways, headed=True)
    return Frame(name, how, found, read.columns, np.arange(1, read.num_rows + 1, dtype=np.int64), header, {}, ordered=ordered)


LOOKED_AT = 60  # rows by which it is seen whether a column may be meant


def with_header(header: Sequence[Raw], read: Any, line: int) -> list[RawRow]:
    """The columns' names and the first rows of an Arrow table: suggestions go by both. ``line``: 0 where there are none, as in a database."""
    head = read.slice(0, LOOKED_AT)
    cells = zip(*(listed(column) for column in head.columns), strict=True)
    return [RawRow(line, tuple(header)), *(RawRow(k, row) for k, row in enumerate(cells, line + 1))]


def _of_query(query: Query, ways: Ways) -> Frame:
    names, rows = rows_of(query)
    if hasattr(rows, "column_names"):
        return of_arrow(query.shown, query.how, rows, ways, ordered=False)
    found = layout_of(
        query.shown, [RawRow(0, names), *(RawRow(k, row) for k, row in enumerate(rows[:LOOKED_AT], 1))], ways, headed=True
    )
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return Frame(query.shown, query.how, found, columns, np.arange(1, len(rows) + 1, dtype=np.int64), names, {}, ordered=False)
