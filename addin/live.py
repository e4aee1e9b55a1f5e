"""The workbook that is open in Excel, through xlwings: the same face as a file.

Calls into Excel are slow (a millisecond and more), so a Table is read with one call for its values and one for its formulas, and
written in as few rectangles as possible: how many calls an action makes does not grow with the rows. Nothing is saved here; that
is the person's to do.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from addin import live_sheets
from addin.action import Action, Done
from addin.book import Book
from addin.changes import Block, Cell, Effect, Extent, alike, around
from addin.performing import perform
from udfs.text import Text
from udfs.values import is_error
from workbook_templates import checking
from workbook_templates.answers import Problem, Refused
from workbook_templates.cells import At, ErrorValue, Value, address, serial
from workbook_templates.tables import schema, switches, validating
from workbook_templates.tables.grids import Grid, protected_text, refuse_1904
from workbook_templates.tables.schema import TABLES
from workbook_templates.xlsx.new_sheet import NewSheet, mentions, referred
from workbook_templates.xlsx.package import CellFormula, Ref, is_date_format

MOST_LINES = 15  # a message box holds no more
# What Excel would take for a number, a date, a formula, a logical value when it is put into a cell as text.
_PLAIN_TEXT = re.compile(r"[^\W\d_][^\d]*")


class LiveBook(Book):
    """A workbook open in Excel. ``workbook`` is an xlwings ``Book``."""

    has_templates = True

    def __init__(self, workbook: Any) -> None:
        super().__init__()
        self.workbook = workbook
        self._sheets = {sheet.name: sheet for sheet in workbook.sheets}
        self._tables = {table.name: (name, table) for name, sheet in self._sheets.items() for table in sheet.tables}
        self._headers: dict[str, list[str]] = {}
        self._grids: dict[str, Grid] = {}
        self._names: dict[str, tuple[str, Ref] | None] = {}

    @property
    def name(self) -> str:
        return str(self.workbook.name)

    @property
    def identity(self) -> str:
        return str(self.workbook.fullname)

    def own_tables(self) -> Collection[str]:
        return self._tables.keys()

    def own_headers(self, name: str) -> Sequence[str]:
        if name not in self._headers:
            self._headers[name] = [str(h) for h in _rows(self._tables[name][1].header_row_range)[0]]
        return self._headers[name]

    def own_grid(self, name: str) -> Grid | None:
        if name not in self._tables:
            return None
        if name not in self._grids:
            self._grids[name] = self._read(name)
        return self._grids[name]

    def _read(self, name: str) -> Grid:
        refuse_1904(_said_true(self.workbook, "Date1904", "date_1904"))  # what is written are day numbers
        sheet, table = self._tables[name]
        whole = table.range
        rows, texts = _rows(whole), _texts(whole)
        ref = Ref(whole.row, whole.column, whole.row + len(rows) - 1, whole.column + len(rows[0]) - 1)
        last = ref.last_row - int(bool(table.show_totals))
        data = ref._replace(first_row=ref.first_row + 1, last_row=last)
        cells = [[_value(c) for c in row] for row in rows[1 : len(rows) - (ref.last_row - last)]]
        places = ((at, texts[at[0] - ref.first_row][at[1] - ref.first_col]) for at in data.cells())
        formulas = {at: text[1:] for at, text in places if _is_formula(text)}
        return Grid(name, sheet, data, [str(h) for h in rows[0]], cells, formulas)

    def locate(self, name: str) -> tuple[str, Ref] | None:
        if name not in self._names:
            self._names[name] = None
            with contextlib.suppress(Exception):  # each platform has its own error for a name that is not there or no range
                found = self.workbook.names[name].refers_to_range
                height, width = found.shape
                place = Ref(found.row, found.column, found.row + height - 1, found.column + width - 1)
                self._names[name] = (str(found.sheet.name), place)
        return self._names[name]

    def chapter_sheets(self) -> dict[str, int]:
        names = [str(name.name) for name in self.workbook.names]
        marked = [(name, chapter) for name in names if (chapter := switches.chapter_of(name)) is not None]
        return {place[0]: chapter for name, chapter in marked if (place := self.locate(name)) is not None}

    def area(self, sheet: str, ref: Ref) -> list[list[Cell]]:
        found = self._range(sheet, ref)
        return [
            [CellFormula(text[1:], value=_value(value)) if _is_formula(text) else _value(value) for value, text in zip(*pair, strict=True)]
            for pair in zip(_rows(found), _texts(found), strict=True)
        ]  # fmt: skip

    def formatted_as_date(self, sheet: str, at: At) -> bool:
        return is_date_format(self.number_format(sheet, at))

    def number_format(self, sheet: str, at: At) -> str:
        return str(self._range(sheet, Ref(*at, *at)).number_format or "")

    def formulas(self) -> dict[str, dict[At, CellFormula]]:
        out: dict[str, dict[At, CellFormula]] = {}
        for name, sheet in self._sheets.items():
            used = sheet.used_range
            rows = enumerate(zip(_texts(used, "formula2"), _rows(used), strict=True), used.row)
            cells = (((row, col), *cell) for row, pair in rows for col, cell in enumerate(zip(*pair, strict=True), used.column))
            found = {at: CellFormula(text[1:], None, _value(value), True) for at, text, value in cells if _is_formula(text)}
            out[name] = {at: f for at, f in found.items() if "SALES" not in f.text.upper() or _is_anchor(sheet, at)}
        return out

    def _range(self, sheet: str, ref: Ref) -> Any:
        return self._sheets[sheet].range((ref.first_row, ref.first_col), (ref.last_row, ref.last_col))

    # ---- looking

    def findings(self) -> list[Problem]:
        """The Tables, the cells that show errors, and the Checks sheet, as Excel has computed them."""
        self.require_ours()
        grids = {name: grid for name in TABLES if (grid := self.grid(name)) is not None} if self.adoption is None else {}
        ours = list(checking.problems(grids, TABLES, self.off)) if self.adoption is None else []
        found = [*(self.adopted_problems() if self.adoption is not None else ours), *self._errors(), *self._verdicts()]
        order = {name: i for i, name in enumerate(self._sheets)}
        return sorted(set(found), key=lambda p: (order.get(p.sheet, -1), p.row, p.column, p.text))

    def _errors(self) -> Iterable[Problem]:
        for name, sheet in self._sheets.items():
            used = sheet.used_range
            seen: dict[str, list[At]] = defaultdict(list)
            for row, pair in enumerate(zip(_rows(used), _texts(used), strict=True), used.row):
                for column, (value, text) in enumerate(zip(*pair, strict=True), used.column):
                    if is_error(value) and text != value:  # a text that explains #N/A is no error
                        seen[str(value)].append((row, column))
            for code, places in seen.items():
                more = f"（共 {len(places)} 格）" if len(places) > 1 else "", f" ({len(places)} cells)" if len(places) > 1 else ""
                why = Text(f"{code}{more[0]}：用 SALES_WHY 查看原因", f"{code}{more[1]}: ask SALES_WHY for the reason")
                yield Problem(name, *places[0], why)

    def _verdicts(self) -> Iterable[Problem]:
        place = self.locate(schema.CHECK_LIST)
        if place is None:
            return []
        rows = [[_value(c) for c in row] for row in _rows(self._range(*place))]
        return validating.verdicts(*place, rows)

    # ---- changing

    def check_writable(self, sheets: Iterable[str]) -> None:
        if _said_true(self.workbook, "ReadOnly", "read_only"):
            raise Refused(
                Text(f"“{self.name}”以只读方式打开，没有写入：请另存后重试",
                     f"“{self.name}” is open read-only, nothing was written: save it under another name")
            )  # fmt: skip
        for sheet in sheets:
            if _said_true(self._sheets[sheet], "ProtectContents", "protect_contents"):
                raise Refused(protected_text(sheet))

    def add_sheets(self, new: Sequence[NewSheet]) -> None:
        live_sheets.add(self.workbook, new, self.lang)
        LiveBook.__init__(self, self.workbook)  # what was read before may have moved

    def content(self, sheet: str) -> dict[At, Cell] | None:
        if sheet not in self._sheets:
            return None
        used = self._sheets[sheet].used_range
        ref = Ref(used.row, used.column, used.row + used.shape[0] - 1, used.column + used.shape[1] - 1)
        cells = zip(ref.cells(), (cell for row in self.area(sheet, ref) for cell in row), strict=True)
        return {at: cell for at, cell in cells if not alike(cell, None)}

    def in_the_way(self, sheets: Collection[str]) -> Text | None:
        if len(sheets) == len(self._sheets):
            return Text("没有其他工作表", "there is no other sheet")
        tables = [name for name, (sheet, _) in self._tables.items() if sheet in sheets]
        for name, found in self.formulas().items():
            for formula in found.values() if name not in sheets else ():
                if mentions(formula.text, sheets, tables):
                    return referred(name, formula.text)
        return None

    def remove_sheets(self, sheets: Collection[str]) -> None:
        live_sheets.remove(self.workbook, sheets)
        LiveBook.__init__(self, self.workbook)

    def apply(self, effect: Effect) -> None:
        growing = [e for e in effect.extents if e.after > e.before]
        for extent in growing:
            self._check_room(extent)
        for extent in growing:
            self._grow(extent)
        for sheet, blocks in self._grouped(effect):
            self._write(sheet, blocks)
        for extent in effect.extents:
            if extent.after < extent.before:
                self._shrink(extent)
        self._held.clear()
        self._grids.clear()

    def _columns(self, extent: Extent) -> tuple[int, int, int]:
        grid = self.grid(extent.table)
        assert grid is not None
        return grid.header_row, grid.data.first_col, grid.data.last_col

    def _check_room(self, extent: Extent) -> None:
        """Excel would let a Table swallow what stands below it."""
        _, first, last = self._columns(extent)
        if self._tables[extent.table][1].show_totals:
            raise Refused(
                Text(
                    f"表“{extent.table}”：有汇总行，请先关闭汇总行",
                    f"Table “{extent.table}”: it has a totals row; switch that off first",
                )
            )
        below = self._range(extent.sheet, Ref(extent.before + 1, first, extent.after, last))
        for row, texts in enumerate(_texts(below), extent.before + 1):
            for column, text in enumerate(texts, first):
                if text not in ("", None):
                    where = address(row, column)
                    raise Refused(
                        Text(
                            f"表“{extent.table}”：下方 {where} 已有内容", f"Table “{extent.table}”: {where} below it is not empty"
                        )
                    )

    def _resize(self, extent: Extent) -> None:
        top, first, last = self._columns(extent)
        self._tables[extent.table][1].resize(self._range(extent.sheet, Ref(top, first, extent.after, last)))

    def _grow(self, extent: Extent) -> None:
        """New rows look like the last one and go on with its calculated columns."""
        grid = self.grid(extent.table)
        assert grid is not None
        self._resize(extent)
        for column in range(grid.data.first_col, grid.data.last_col + 1):
            model, new = (
                self._range(extent.sheet, Ref(a, column, b, column))
                for a, b in ((extent.before, extent.before), (extent.before + 1, extent.after))
            )
            new.number_format = model.number_format
            text = grid.formulas.get((extent.before, column))
            if text is not None:
                # Row by row Excel moves the references of a formula that is put into a range at one go.
                new.formula = "=" + _moved(text)

    def _shrink(self, extent: Extent) -> None:
        """The formulas of rows that are none any more go; their values went with the blocks."""
        grid = self.grid(extent.table)
        assert grid is not None
        blank = [[None]] * (extent.before - extent.after)
        for column in range(grid.data.first_col, grid.data.last_col + 1):
            if (extent.before, column) in grid.formulas:
                self._range(extent.sheet, Ref(extent.after + 1, column, extent.before, column)).value = blank
        self._resize(extent)

    def _grouped(self, effect: Effect) -> Iterable[tuple[str, list[Block]]]:
        """Blocks of the same columns are written together."""
        groups: dict[tuple[str, int, int, At | None], list[Block]] = defaultdict(list)
        for block in effect.blocks:
            # A formula alone is entered alone: in a rectangle of values Excel would not let it spill.
            alone = (
                (block.ref.first_row, block.ref.first_col)
                if isinstance(block.new[0][0], CellFormula) and block.ref.size == 1
                else None
            )
            groups[block.sheet, block.ref.first_col, block.ref.last_col, alone].append(block)
        return [(sheet, blocks) for (sheet, *_), blocks in groups.items()]

    def _write(self, sheet: str, blocks: list[Block]) -> None:
        """One rectangle with one call; what lies between the changed rows goes back as it was."""
        whole = around(blocks)
        cells = [list(row) for row in blocks[0].new] if len(blocks) == 1 else self.area(sheet, whole)
        if len(blocks) > 1:
            for block in blocks:
                top = block.ref.first_row - whole.first_row
                cells[top : top + len(block.new)] = [list(row) for row in block.new]
        target = self._range(sheet, whole)
        content = [[_typed_in(cell) for cell in row] for row in cells]
        if whole.size == 1 and isinstance(cells[0][0], CellFormula):
            target.formula2 = content[0][0]
        else:
            target.value = content

    def settle(self) -> None:
        self.workbook.app.calculate()
        self._follow_switches()

    def _follow_switches(self) -> None:
        """The tabs of chapters that are off are hidden, those of chapters in use shown: the same rule as in a file."""
        shown = {name: bool(sheet.visible) for name, sheet in self._sheets.items()}
        off = self.off
        if not off and all(shown.values()):
            return
        homes = self.chapter_sheets()
        own = [(sheet, name) for name, (sheet, _) in self._tables.items() if name in TABLES and homes.get(sheet) in off]
        filled = {sheet for sheet, name in own if _filled(self.own_grid(name))}
        for name, visible in switches.visibility(homes, shown, off, filled).items():
            self._sheets[name].visible = visible

    def save(self, backup: bool = True) -> None:
        """Nothing: in Excel saving is the person's."""


def _is_anchor(sheet: Any, at: At) -> bool:
    """Whether a cell's formula is its own and not that of the spill it lies in; Excel shows the formula in all its cells."""
    cell = sheet.range(at, at)
    with contextlib.suppress(Exception):
        parent = cell.api.SpillParent
        return (parent.Row, parent.Column) == at
    return True  # it does not spill


def _filled(grid: Grid | None) -> bool:
    """Whether a Table holds anything that was entered."""
    if grid is None:
        return False
    cells = zip(grid.data.cells(), (cell for row in grid.cells for cell in row), strict=True)
    return any(cell not in (None, "") and at not in grid.formulas for at, cell in cells)


def _moved(text: str) -> str:
    from workbook_templates.xlsx.package import translate

    return translate(text, 1, 0)


def _rows(found: Any) -> list[list[Any]]:
    return [list(row) for row in found.options(ndim=2, err_to_str=True).value]


def _texts(found: Any, what: str = "formula") -> list[list[str]]:
    """The formulas of a range as rows: Excel gives a single one bare."""
    texts = getattr(found, what)
    if not isinstance(texts, list | tuple):
        return [[texts]]
    return [list(row) if isinstance(row, list | tuple) else [row] for row in texts]


def _is_formula(text: Any) -> bool:
    return isinstance(text, str) and text.startswith("=") and len(text) > 1


def _value(cell: Any) -> Value:
    """What Excel hands over, in the words of a file: dates as serials, currency as a number, errors as errors."""
    if cell is None or isinstance(cell, bool):
        return cell
    if isinstance(cell, dt.date):
        return serial(cell)
    if isinstance(cell, str):
        return ErrorValue(cell) if is_error(cell) else cell or None
    return float(cell)


def _typed_in(cell: Cell) -> Any:
    """A cell as it has to be put in so that it stays what it is: "001" and "=x" stay texts."""
    if isinstance(cell, CellFormula):
        return "=" + cell.text
    if isinstance(cell, ErrorValue):
        return "=" + cell
    if isinstance(cell, str) and (not _PLAIN_TEXT.fullmatch(cell) or cell.strip().upper() in ("TRUE", "FALSE")):
        return "'" + cell
    return cell


def _said_true(thing: Any, windows: str, mac: str) -> bool:
    """A property that xlwings does not have, asked of Excel itself; unknown is no."""
    api = thing.api
    with contextlib.suppress(Exception):
        value = getattr(api, windows)
        return value is True
    with contextlib.suppress(Exception):
        return getattr(api, mac).get() is True
    return False


# ---------------------------------------------------------------------------------------------------------- a ribbon button


def press(action: Action, workbook: Any) -> str:
    """Perform an action on the open workbook: asks before, shows where it is in the status bar, returns the report."""
    app = workbook.app if workbook is not None else _running()
    book = LiveBook(workbook) if action.needs_book else None
    options = action.defaults(**_asked(action, app, book))
    title = str(action.label)

    def progress(step: Text) -> None:
        app.status_bar = f"{title}：{step}"

    try:
        done = perform(
            action,
            book,
            options,
            progress,
            confirm=lambda what: app.alert(str(what), title=title, buttons="ok_cancel") == "ok",
        )
    finally:
        app.status_bar = False
    if (
        (done.effect or done.outcome.deed or done.outcome.sheets or done.outcome.removes)
        and not done.written
        and not done.refused
    ):
        return ""  # the person said no
    if done.outcome.opens is not None:
        app.books.open(str(done.outcome.opens))
    return _report(done)


def _running() -> Any:
    """The Excel that is there."""
    import xlwings

    return xlwings.apps.active


def _asked(action: Action, app: Any, book: LiveBook | None) -> dict[str, Any]:
    """What an action must be told, asked of the person: files by Excel's own dialogs, all else by a question."""
    out = {}
    for option, ask in action.asks.items():
        if book is not None and not ask.when(book):
            continue
        if ask.how == "open":
            said = app.api.GetOpenFilename()
        elif ask.how == "save":
            said = app.api.GetSaveAsFilename()
        else:
            said = app.api.InputBox(str(ask.how), str(action.label))
        if not said:
            raise Refused(Text("已取消，没有写入", "cancelled, nothing written"))
        out[option] = said
    return out


def _report(done: Done) -> str:
    outcome = done.outcome
    lines = [f"{p.sheet}!{p.cell} {p.text}" if p.cell else f"{p.sheet} {p.text}" for p in outcome.problems[:MOST_LINES]]
    if len(outcome.problems) > MOST_LINES:
        more = len(outcome.problems) - MOST_LINES
        lines.append(str(Text(f"… 另有 {more} 处", f"… {more} more")))
    return "\n".join([str(done.sentence), *map(str, outcome.notes[:MOST_LINES]), *lines])
