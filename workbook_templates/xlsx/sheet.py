"""One worksheet: all its cells read in one pass, single cells changed in place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from lxml import etree

from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.cells import MAX_COLUMN, At, ErrorValue, Value, address, serial
from workbook_templates.xlsx import remembered
from workbook_templates.xlsx.archive import damaged
from workbook_templates.xlsx.markup import XM, XML_SPACE, Element, flag, insert_ordered, local_name, namespace_of, part_ref
from workbook_templates.xlsx.moving import translate
from workbook_templates.xlsx.plain_rows import CellTable, Unusual, plain_sheet
from workbook_templates.xlsx.refs import COLUMN_NUMBERS, MAX_ROW, Ref
from workbook_templates.xlsx.strings import string_text
from workbook_templates.xlsx.table import Table
from workbook_templates.xlsx.values import (
    NOT_XML,
    Cell,
    CellFormula,
    escape,
    finite,
    kind_of,
    number_text,
    storable,
    unescape,
    whole_number,
)

if TYPE_CHECKING:
    from workbook_templates.xlsx.package import Package

# Extents say what they like (a Table dragged to the last row, an array over the whole sheet): above this size they are not
# gone through cell by cell, the cells that are there are.
LARGE_AREA = 10_000
_SHORT = 8  # texts and numbers of cells that are likely to stand in many


class _Areas:
    """Which rectangle covers a cell. Small ones are spread out for speed, a few huge ones (whole columns) are not."""

    def __init__(self, areas: Iterable[tuple[At, Ref]]) -> None:
        self._small: dict[At, At] = {}
        self._large: list[tuple[At, Ref]] = []
        for key, ref in areas:
            if ref.size > LARGE_AREA:
                self._large.append((key, ref))
            else:
                self._small.update(dict.fromkeys(ref.cells(), key))

    def get(self, at: At) -> At | None:
        found = self._small.get(at)
        if found is None and self._large:
            return next((key for key, ref in self._large if ref.holds(at)), None)
        return found


class _Names:
    """The tags of one sheet's namespace, joined once."""

    def __init__(self, namespace: str) -> None:
        self.data, self.row, self.cell = f"{namespace}sheetData", f"{namespace}row", f"{namespace}c"
        self.value, self.formula, self.inline = f"{namespace}v", f"{namespace}f", f"{namespace}is"


class Sheet:
    """One worksheet: reads all its cells in one pass, changes single cells in place."""

    def __init__(self, package: Package, name: str, state: str, part: str) -> None:
        self._package = package
        self.name, self.state, self.part = name, state, part
        self._loaded = False
        self._plain: CellTable | None = None
        self.origin: dict[At, Cell] | None = None  # the cells as the file has them, where they were read and then changed

    def __repr__(self) -> str:
        return f"<Sheet {self.name!r}>"

    # ---- reading

    def cells(self) -> dict[At, Cell]:
        """All cells the file has, also empty ones that only carry a style. The dictionary is the caller's own."""
        self.load()
        return dict(self.held)

    @property
    def cells_held(self) -> Mapping[At, Cell]:
        """The same without a copy, to look at: it changes with the sheet."""
        self.load()
        return self.held

    def get(self, at: At) -> Cell | None:
        """One cell, or None where the file has none."""
        self.load()
        return self.held.get(at)

    def hidden_rows(self) -> set[int]:
        """The rows that are hidden, by hand or by a filter."""
        self.load()
        return set(self._hidden)

    @property
    def arrays(self) -> dict[At, Ref]:
        """Anchor → range of every array formula, spilling or not."""
        self.load()
        return dict(self._arrays)

    def within(self, ref: Ref) -> Iterator[At]:
        """The cells the file has in a rectangle; how many it could hold costs nothing."""
        self.load()
        return _overlap(ref, self.held)

    def clip(self, ref: Ref) -> Ref:
        """A large rectangle down to the last row and column of the sheet that hold anything; a small one as it is."""
        if ref.size <= LARGE_AREA:
            return ref
        self.load()
        filled = [at for at, cell in self.held.items() if cell.kind or cell.formula is not None]
        row, col = max((r for r, _ in filled), default=1), max((c for _, c in filled), default=1)
        return ref._replace(
            last_row=min(ref.last_row, max(row, ref.first_row)), last_col=min(ref.last_col, max(col, ref.first_col))
        )

    def owner(self, at: At) -> At | None:
        """The anchor of the array formula that covers a cell, also its own."""
        self.load()
        return self.anchor_of(at)

    @cached_property
    def merged(self) -> list[Ref]:
        """The merged ranges."""
        return [
            self._ref(node.get("ref"))
            for group in self.frame
            if local_name(group) == "mergeCells"
            for node in group
            if local_name(node) == "mergeCell"
        ]

    @property
    def root(self) -> Element:
        return self._package.root(self.part)

    @property
    def frame(self) -> Element:
        """The sheet's tree, perhaps without its rows: most sheets are read and changed without making one of them all."""
        self.load()
        return self.root if self._plain is None else self._plain.frame

    @property
    def as_text(self) -> bool:
        """Whether it is kept as text but for the rows that were changed."""
        return self._plain is not None

    def written(self, original: bytes) -> bytes | None:
        """The sheet as a file's part, where it is kept as text: there is a tree of it otherwise."""
        return None if self._plain is None else self._plain.written(original)

    def uproot(self) -> None:
        """The part has a tree of its own from now on: what was kept as text is looked up there."""
        self._plain = None
        for made in ("_data", "_nodes_of", "_rows"):
            self.__dict__.pop(made, None)

    def _ref(self, text: str | None) -> Ref:
        return part_ref(self.part, text)

    def load(self) -> None:
        if self._loaded:
            return
        package, plain, key = self._package, None, None
        if self.part in package.touched:
            package.root(self.part)  # what was changed as text
        elif self.part not in package.roots and (found := package.find_part(self.part)) is not None:
            data = package.archive.read(found)
            plain, key = plain_sheet(data, self.part), remembered.key_of(data)
        self._clear()
        try:
            if plain is None or not (self._recall(plain, key) or self._read_plain(plain, key)):
                self._clear()
                self._read_rows(self._data, self._tags)
        except (ValueError, IndexError, KeyError, OverflowError) as error:
            raise damaged(self._last_read(), error) from error
        self._loaded = True

    def _clear(self) -> None:
        self.held: dict[At, Cell] = {}
        self._hidden: set[int] = set()
        self._arrays: dict[At, Ref] = {}
        self._tables_of_data: list[Ref] = []
        self._shared: dict[str, list[At]] = {}
        self._masters: dict[str, tuple[At, str]] = {}
        self._implied = self._disordered = False
        self._reading: At | None = None
        self._owners: _Areas | None = None
        self._plain = None
        for made in ("_tags", "_data", "_nodes_of", "_rows", "merged"):
            self.__dict__.pop(made, None)

    @cached_property
    def _tags(self) -> _Names:
        return _Names(namespace_of(self.root if self._plain is None else self._plain.frame))

    @cached_property
    def _data(self) -> Element:
        data = (self.root if self._plain is None else self._plain.frame).find(self._tags.data)
        if data is None:
            raise damaged(self.part, "sheetData")
        return data

    # The elements of rows and of their cells, as far as somebody asked for them.

    @cached_property
    def _rows(self) -> dict[int, Element]:
        if self._plain is not None:
            return {}
        return {int(row.get("r")): row for row in self._data.iterchildren(self._tags.row)}

    @cached_property
    def _nodes_of(self) -> dict[int, dict[int, Element]]:
        return {}

    def _row_of(self, number: int) -> Element | None:
        """A row's element, where the sheet has the row."""
        row = self._rows.get(number)
        if row is None and self._plain is not None and (row := self._plain.take(number)) is not None:
            self._put_row(number, row)
        return row

    def _put_row(self, number: int, row: Element) -> None:
        self._rows[number] = row
        _insert_sorted(self._data, row, number, lambda other: int(other.get("r")), self._tags.row)

    def _cells_of(self, number: int) -> dict[int, Element]:
        """The elements of a row's cells by column."""
        nodes = self._nodes_of.get(number)
        if nodes is None:
            row = self._row_of(number)
            cells = row.iterchildren(self._tags.cell) if row is not None else ()
            nodes = self._nodes_of[number] = {COLUMN_NUMBERS[node.get("r").rstrip("0123456789")]: node for node in cells}
        return nodes

    def node(self, at: At) -> Element | None:
        """A cell's element, where it has one."""
        return self._cells_of(at[0]).get(at[1])

    def _last_read(self) -> str:
        """The cell that was being read, as people write it."""
        at = self._reading
        return f"{self.name}!{address(*at)}" if at is not None else f"{self.name} ({self.part})"

    def _recall(self, plain: CellTable, key: bytes | None) -> bool:
        """Take the cells from when the sheet was read before; False where it was not."""
        held, package = remembered.find(key), self._package
        if held is None or not held.fits(package):
            return False
        plain.take_over(held.found)
        self.held, self._arrays, self._hidden, self._plain = dict(held.cells), dict(held.arrays), set(held.found.hidden), plain
        package.keep_as_text(self)
        return True

    def _remember(self, plain: CellTable, key: bytes) -> None:
        package = self._package
        found, texts = plain.found, package.strings.as_they_are()
        dynamic = {mark: package.is_dynamic(mark) for mark in found.marks}
        held = remembered.SheetAsRead(
            dict(self.held), dict(self._arrays), found, texts, dynamic, package.date1904, len(plain.text)
        )
        remembered.keep(key, held)

    def _read_plain(self, plain: CellTable, key: bytes | None) -> bool:
        """Read the cells without a tree; False where it takes one."""
        known: dict[tuple[int, str | None], Cell] = {}  # by the attributes' own identity: few looks, few words
        cells, made = self.held, self._made
        try:
            for row, column, attributes, text, formula, formula_text in plain.cells():
                at = row, column
                if formula is not None:
                    cells[at] = made(at, attributes, text, None, formula, formula_text)
                    continue
                looks = id(attributes), text
                cell = known.get(looks)
                if cell is None:
                    cell = made(at, attributes, text, None, None, None)
                    if text is None or len(text) < _SHORT:
                        known[looks] = cell
                cells[at] = cell
        except (Unusual, ValueError, IndexError, KeyError, OverflowError):  # the tree names the cell, where one is wrong
            return False
        self._hidden, self._plain = set(plain.hidden), plain
        self._package.keep_as_text(self)
        if key is not None and not self._shared and not self._tables_of_data:
            self._remember(plain, key)
        return True

    def _read_rows(self, data: Element, tags: _Names) -> None:
        rows: dict[int, Element] = {}
        of_rows: dict[int, dict[int, Element]] = {}
        self._rows, self._nodes_of = rows, of_rows
        cells, read, columns = self.held, self._read, COLUMN_NUMBERS
        at_row = 0
        for row in data.iterchildren(tags.row):
            text = row.get("r")
            number = whole_number(text) if text else at_row + 1
            self._disordered |= number <= at_row
            self._implied |= not text
            at_row, col = number, 0
            rows[number], nodes = row, of_rows.setdefault(number, {})
            if row.get("hidden") in ("1", "true"):
                self._hidden.add(number)
            for node in row.iterchildren(tags.cell):
                ref = node.get("r")
                if ref:
                    before, col = col, columns[ref.rstrip("0123456789")]
                    self._disordered |= col <= before
                else:
                    col += 1
                    self._implied = True
                if col > MAX_COLUMN:
                    raise ValueError(ref or col)
                at = self._reading = number, col
                nodes[col] = node
                cells[at] = read(node, at, tags)
        if at_row > MAX_ROW:
            raise ValueError(at_row)

    def _read(self, node: Element, at: At, tags: _Names) -> Cell:
        text = formula = inline = None
        for child in node:
            tag = child.tag
            if tag == tags.value:
                text = child.text or ""
            elif tag == tags.formula:
                formula = child
            elif tag == tags.inline:
                inline = child
        if formula is None:
            return self._made(at, node.attrib, text, inline, None, None)
        return self._made(at, node.attrib, text, inline, formula.attrib, formula.text)

    def _made(
        self,
        at: At,
        attributes: Mapping[str, str],
        text: str | None,
        inline: Element,
        about: Mapping[str, str] | None,
        formula: str | None,
    ) -> Cell:
        """A cell from what its element and that of its formula, if it has one (``about``), say."""
        kind, style = attributes.get("t"), attributes.get("s")
        number = whole_number(style) if style else 0
        if kind is None or kind == "n":
            value: Value = finite(text) if text else None
            kind = "n" if text else ""
        else:
            value, kind = self._typed(kind, text, inline)
        if about is None:
            return Cell(value, None, None, number, kind)
        content, array_ref = self._read_formula(about, formula, at)
        dynamic = array_ref is not None and self._package.is_dynamic(attributes.get("cm"))
        return Cell(value, content, array_ref, number, kind, dynamic)

    def _typed(self, kind: str, text: str | None, inline: Element) -> tuple[Value, str]:
        if kind == "inlineStr":
            return ("", "s") if inline is None else (string_text(inline), "s")
        if text is None or (text == "" and kind != "str"):
            return None, ""
        if kind == "s":
            return self._package.strings.texts[whole_number(text)], "s"
        if kind == "str":
            return unescape(text), "s"
        if kind == "b":
            return text in ("1", "true"), "b"
        if kind == "e":
            return ErrorValue(text), "e"
        if kind == "d":
            return serial(dt.datetime.fromisoformat(text), self._package.date1904), "n"
        raise ValueError(f"t={kind!r}")

    def _read_formula(self, about: Mapping[str, str], text: str | None, at: At) -> tuple[str | None, Ref | None]:
        kind = about.get("t")
        if kind == "shared":
            group = about.get("si") or ""
            self._shared.setdefault(group, []).append(at)
            if text:
                self._masters[group] = (at, text)
            elif group in self._masters:
                origin, master = self._masters[group]
                text = translate(master, at[0] - origin[0], at[1] - origin[1])
        elif kind == "array":
            ref = self._arrays[at] = Ref.parse(about.get("ref") or "")
            return text, ref
        elif kind == "dataTable":
            self._tables_of_data.append(Ref.parse(about.get("ref") or ""))
            return None, None
        return text or None, None

    # ---- changing

    def set_cached(self, values: Mapping[At, object]) -> int:
        """Put results into formula cells and the cells they spill into; formulas stay. How many cells changed.

        Errors beyond the classic ones (``#SPILL!`` …) are stored as ``#VALUE!``, as files do.
        """
        self.load()
        changes: dict[At, Value] = {}
        for at, raw in values.items():
            value = storable(raw)
            cell = self.held.get(at)
            if (cell is None or cell.formula is None) and self.anchor_of(at) is None:
                raise self.refusal(at, Text("不是公式，不能写入计算结果", "has no formula: no result can be put there"))
            if not _same(cell, value):
                changes[at] = value
        if changes:
            self.touch()
            for at, value in changes.items():
                self._put_value(at, value, shared=False)
            self.grow(changes)
        return len(changes)

    def set_values(self, values: Mapping[At, object]) -> int:
        """Overwrite cells with constants, keeping their style. How many cells changed.

        A text that starts with ``=`` stays a text. Refuses inside merged cells, inside array formulas and when the
        header of a Table would no longer match its columns.
        """
        self.load()
        clean = {at: storable(raw) for at, raw in values.items()}
        changes = {at: v for at, v in clean.items() if not self._is_constant(at, v)}
        if changes:
            self.check_free(changes, clean)
            self.touch()
            self._drop_formulas(changes)
            for at, value in changes.items():
                self._put_value(at, value, shared=True)
            self.grow(changes)
        return len(changes)

    def set_formulas(self, formulas: Mapping[At, CellFormula]) -> int:
        """Put formulas into cells, keeping their style. How many cells changed.

        ``dynamic`` makes a spilling formula; its ``array_ref`` says how far it spills (default: its own cell).
        """
        self.load()
        changes = {at: self._normal(at, f) for at, f in formulas.items()}
        changes = {at: f for at, f in changes.items() if not self._is_formula(at, f)}
        if changes:
            self.check_free(changes, changes)
            self._check_arrays(changes)
            self.touch()
            self._drop_formulas(changes)
            for at, formula in changes.items():
                self._put_formula(at, formula)
            self.grow(changes)
        return len(changes)

    def set_spill(self, anchor: At, rows: Sequence[Sequence[object]]) -> int:
        """Give a spilling formula its whole result, larger or smaller than before. How many cells changed.

        Refuses when the new cells are not free: the caller shows ``#SPILL!`` then, as Excel would.
        """
        self.load()
        old = self._arrays.get(anchor)
        if old is None or not self.held[anchor].dynamic:
            raise self.refusal(anchor, Text("不是动态数组公式", "is no spilling formula"))
        height, width = len(rows), len(rows[0]) if rows else 0
        if not width or any(len(row) != width for row in rows):
            raise ValueError("a spill is a rectangle of at least one cell")
        new = Ref(anchor[0], anchor[1], anchor[0] + height - 1, anchor[1] + width - 1)
        values = {at: rows[at[0] - anchor[0]][at[1] - anchor[1]] for at in new.cells()}
        cleared = sorted(at for at in self.within(old) if not new.holds(at))
        if new != old:
            self._check_room(new, old, anchor)
            self.touch()
            self._node(anchor).find(self._tags.formula).set("ref", str(new))
            self._arrays[anchor], self._owners = new, None
            for at in cleared:
                self._put_value(at, None, shared=False)
            self.held[anchor] = self.held[anchor]._replace(array_ref=new)
            self._look_alike(old, new)
        changed = self.set_cached(values)
        self.grow(values)
        return changed + len(cleared)

    def respell(self, texts: Mapping[At, str]) -> int:
        """Write formulas in another spelling that means the same: results, spills and styles stay. How many changed.

        A shared formula is respelled where it is written down, its first cell.
        """
        self.load()
        changed = 0
        for at, text in texts.items():
            node = self.node(at) if at in self.held else None
            node = node.find(self._tags.formula) if node is not None else None
            if node is None or not node.text or node.text == text:
                continue
            self.touch()
            node.text = text
            changed += 1
        self._loaded = self._loaded and not changed  # what followed from the old texts is read again
        return changed

    def set_styles(self, styles: Mapping[At, int]) -> None:
        """Give cells another style of this workbook, by its number; what they hold stays."""
        self.load()
        self.touch()
        rows: dict[int, dict[int, int]] = {}
        for (row, column), style in styles.items():
            rows.setdefault(row, {})[column] = style
        for number in sorted(rows):
            if self._row_of(number) is None:
                self._add_row(number, rows[number])
                continue
            for column, style in rows[number].items():
                self._set_style((number, column), style)
        self.grow(styles)

    # ---- checks

    def refusal(self, at: At, why: Text) -> Refused:
        return Refused(Text("{s}!{a}", "{s}!{a}").format(s=self.name, a=address(*at)) + Text("：", ": ") + why)

    def anchor_of(self, at: At) -> At | None:
        """The anchor of the array formula (or data table) that covers ``at``."""
        if self._owners is None:
            blocks = [((ref.first_row, ref.first_col), ref) for ref in self._tables_of_data]
            self._owners = _Areas([*self._arrays.items(), *blocks])
        return self._owners.get(at)

    def _is_constant(self, at: At, value: Value) -> bool:
        cell = self.held.get(at)
        computed = cell is not None and cell.formula is not None
        return not computed and self.anchor_of(at) is None and _same(cell, value)

    def _is_formula(self, at: At, formula: CellFormula) -> bool:
        cell = self.held.get(at)
        if cell is None or (cell.formula, cell.array_ref, cell.dynamic) != formula[:2] + formula[3:]:
            return False
        return formula.value is None or _same(cell, formula.value)

    def _normal(self, at: At, formula: CellFormula) -> CellFormula:
        text = formula.text.removeprefix("=")
        if not text or NOT_XML.search(text):
            raise self.refusal(at, Text("公式为空或含控制字符", "the formula is empty or holds control characters"))
        ref = formula.array_ref
        if ref is not None:
            ref = Ref(*ref)
        elif formula.dynamic:
            ref = Ref(*at, *at)
        if ref is not None and (ref.first_row, ref.first_col) != at:
            raise self.refusal(at, Text("数组公式应从首个单元格开始", "an array formula starts in its first cell"))
        return CellFormula(text, ref, storable(formula.value), formula.dynamic)

    def check_free(self, touched: Mapping[At, object], written: Mapping[At, object]) -> None:
        """Refuse what Excel itself would not let one type."""
        if self._disordered:
            raise damaged(self.part, Text("行或单元格顺序混乱", "rows or cells out of order"))
        for at in touched:
            if not (1 <= at[0] <= MAX_ROW and 1 <= at[1] <= MAX_COLUMN):
                raise self._refuse_position(at)
            anchor = self.anchor_of(at)
            if anchor is not None and not self._may_break(anchor, written):
                raise self.refusal(at, Text("位于数组公式中间", "lies inside an array formula"))
        for ref in self.merged:
            corner = (ref.first_row, ref.first_col)
            for at in _overlap(ref, touched):
                if at != corner:
                    raise self.refusal(at, Text("位于合并单元格内", "lies inside merged cells"))
        self._check_headers(touched)

    def _refuse_position(self, at: At) -> Refused:
        return Refused(
            Text("{s}：第 {r} 行第 {c} 列超出工作表", "{s}: row {r}, column {c} is off the sheet").format(
                s=self.name, r=at[0], c=at[1]
            )
        )

    def _may_break(self, anchor: At, written: Mapping[At, object]) -> bool:
        ref = self._arrays.get(anchor)
        if ref is None:  # a what-if data table
            return False
        cell = self.held[anchor]
        whole = ref.size <= len(written) and all(at in written for at in ref.cells())
        return anchor in written and (cell.dynamic or whole)

    def _check_headers(self, touched: Mapping[At, object]) -> None:
        """Header and totals cells that differ from what the Table's own part says make Excel repair the file."""
        for table in self._tables():
            top, left, bottom, right = table.ref
            for at in _overlap(Ref(top, left, top, right), touched) if table.header_row else ():
                if touched[at] != table.headers[at[1] - left]:
                    raise self.refusal(at, Text("是表“{t}”的标题，不能改", "is a header of the table “{t}”").format(t=table.name))
            for at in _overlap(Ref(bottom, left, bottom, right), touched) if table.totals else ():
                raise self.refusal(at, Text("在表“{t}”的汇总行", "is in the totals row of the table “{t}”").format(t=table.name))

    def _check_arrays(self, formulas: Mapping[At, CellFormula]) -> None:
        """Refuse array formulas that have no room, also among the other new formulas."""
        taken = set(formulas)
        for at, formula in formulas.items():
            ref = formula.array_ref
            if ref is None or (ref.size == 1 and not formula.dynamic):
                continue
            self._check_room(ref, self._arrays.get(at), at)
            for cell in ref.cells():
                if cell != at and cell in taken:
                    raise self.refusal(cell, Text("会被两个公式占用", "would belong to two formulas"))
            taken.update(ref.cells())

    def _check_room(self, new: Ref, old: Ref | None, anchor: At) -> None:
        """Refuse unless the cells of ``new`` are empty, or already the formula's own."""
        if new.last_row > MAX_ROW or new.last_col > MAX_COLUMN or any(ref.meets(new) for ref in self.merged):
            raise self.refusal(anchor, Text("溢出区域放不下", "there is no room for its range"))
        if any(table.ref.meets(new) for table in self._tables()):
            raise self.refusal(anchor, Text("溢出不能进入表格", "a spill cannot be in a Table"))
        for at in new.cells():
            cell = self.held.get(at)
            if at == anchor or (old is not None and old.holds(at)):
                continue
            if self.anchor_of(at) is not None or (cell is not None and (cell.kind or cell.formula is not None)):
                raise self.refusal(at, Text("不为空，数组公式放不下", "is not empty: no room for the array formula"))

    def _tables(self) -> list[Table]:
        return [table for table in self._package.tables.values() if table.sheet == self.name]

    # ---- writing nodes

    def touch(self) -> None:
        if self._loaded and self.part not in self._package.touched:
            self.origin = dict(self.held)
        self._package.touch_sheet(self)

    def _node(self, at: At) -> Element:
        """The cell's element, made in its right place where it is missing."""
        node = self.node(at)
        if node is not None:
            return node
        self._put_between()
        row = self._row(at[0])
        node = etree.Element(self._tags.cell, {"r": address(*at)})
        style = self._default_style(row, at[1])
        if style:
            node.set("s", str(style))
        _insert_sorted(row, node, at[1], lambda other: COLUMN_NUMBERS[other.get("r").rstrip("0123456789")], self._tags.cell)
        spans = row.get("spans", "").split(":")
        if len(spans) == 2:
            row.set("spans", f"{min(int(spans[0]), at[1])}:{max(int(spans[1]), at[1])}")
        self._cells_of(at[0])[at[1]], self.held[at] = node, Cell(None, style=style)
        return node

    def _put_between(self) -> None:
        """Make sure that something can be put in its right place."""
        if self._disordered:
            raise damaged(self.part, Text("行或单元格顺序混乱", "rows or cells out of order"))
        if self._implied:
            self._spell_out()

    def _row(self, number: int) -> Element:
        row = self._row_of(number)
        if row is None:
            row = etree.Element(self._tags.row, {"r": str(number)})
            self._put_row(number, row)
        return row

    def _spell_out(self) -> None:
        """Write the positions that cells without ``r`` only imply, before anything is put between them."""
        for number, row in self._rows.items():
            row.set("r", str(number))
        for number, nodes in self._nodes_of.items():
            for column, node in nodes.items():
                node.set("r", address(number, column))
        self._implied = False

    def _default_style(self, row: Element, col: int) -> int:
        if flag(row, "customFormat"):
            return int(row.get("s", "0"))
        return next((style for first, last, style in self._column_styles if first <= col <= last), 0)

    @cached_property
    def _column_styles(self) -> list[tuple[int, int, int]]:
        columns = [node for group in self.frame if local_name(group) == "cols" for node in group if local_name(node) == "col"]
        return [(int(node.get("min")), int(node.get("max")), int(node.get("style", "0"))) for node in columns]

    def _put_value(self, at: At, value: Value, shared: bool) -> None:
        """Write type and value of one cell; what belonged to the old value (rich data, inline text) goes with it."""
        node, tags = self._node(at), self._tags
        kind = kind_of(value)
        if node.get("t") == "s":
            self._package.strings.count(-1)
        old = None
        for child in list(node):  # faster than find(), which counts with 100,000 cells
            if child.tag == tags.value:
                old = child
            elif child.tag == tags.inline:
                node.remove(child)
        if node.get("vm") is not None:
            del node.attrib["vm"]
        if kind not in ("", "n"):
            node.set("t", "str" if kind == "s" and not shared else kind)
        elif node.get("t") is not None:
            del node.attrib["t"]
        if value is None:
            if old is not None:
                node.remove(old)
        else:
            if old is None:
                old = etree.Element(tags.value)
                insert_ordered(node, old, ["f"])
            old.text = self._value_text(value, shared)
        cell = self.held[at]
        self.held[at] = Cell(value, cell.formula, cell.array_ref, cell.style, kind, cell.dynamic)

    def _value_text(self, value: Value, shared: bool) -> str:
        if isinstance(value, bool):
            return "1" if value else "0"
        if isinstance(value, float):
            return number_text(value)
        text = str(value)
        if isinstance(value, ErrorValue):
            return text
        return str(self._package.strings.index(text)) if shared else escape(text)

    def _put_formula(self, at: At, formula: CellFormula) -> None:
        node = self._node(at)
        content = etree.Element(self._tags.formula)
        content.text = formula.text
        if formula.text != formula.text.strip():
            content.set(XML_SPACE, "preserve")
        if formula.array_ref is not None:
            content.set("t", "array")
            content.set("ref", str(formula.array_ref))
            self._arrays[at], self._owners = formula.array_ref, None
        node.insert(0, content)
        if formula.dynamic:
            node.set("cm", self._package.dynamic_index())
        style = self.held[at].style
        self.held[at] = Cell(None, formula.text, formula.array_ref, style, "", formula.dynamic)
        self._package.formulas_changed()
        self._put_value(at, formula.value, shared=False)

    def _drop_formulas(self, touched: Mapping[At, object]) -> None:
        for at in touched:
            node = self.node(at) if at in self.held and self.held[at].formula is not None else None
            formula = node.find(self._tags.formula) if node is not None else None
            if node is None or formula is None:
                continue
            if formula.get("t") == "shared":
                self._leave_group(formula.get("si") or "", at, touched)
            node.remove(formula)
            node.attrib.pop("cm", None)
            self.held[at] = self.held[at]._replace(formula=None, array_ref=None, dynamic=False)
            self._package.formulas_changed()
            self._clear_spill(at, touched)

    def _clear_spill(self, anchor: At, touched: Mapping[At, object]) -> None:
        """What a removed formula had spilled goes with it."""
        ref = self._arrays.pop(anchor, None)
        self._owners = None
        for at in list(self.within(ref)) if ref is not None else ():
            if at not in touched and at != anchor:
                self._put_value(at, None, shared=False)

    def _leave_group(self, group: str, at: At, touched: Mapping[At, object]) -> None:
        """Take a cell out of a shared formula; the next one becomes its master where the master goes."""
        members = self._shared[group]
        members.remove(at)
        if self._masters.get(group, (None,))[0] != at:
            return
        heirs = [other for other in members if other not in touched]
        if not heirs:
            return
        heir = heirs[0]
        text = self.held[heir].formula or ""
        node = self._node(heir).find(self._tags.formula)
        rows, cols = [r for r, _ in heirs], [c for _, c in heirs]
        node.set("ref", str(Ref(min(rows), min(cols), max(rows), max(cols))))
        node.text = text
        self._masters[group] = (heir, text)

    def grow(self, touched: Iterable[At]) -> None:
        """Let the sheet's ``dimension`` cover what was added."""
        node = next((child for child in self.frame if local_name(child) == "dimension"), None)
        cells = [at for at in touched if at in self.held]
        if node is None or not cells:
            return
        old = self._ref(node.get("ref"))
        rows, cols = [r for r, _ in cells], [c for _, c in cells]
        new = Ref(min(old.first_row, *rows), min(old.first_col, *cols), max(old.last_row, *rows), max(old.last_col, *cols))
        if new != old:
            node.set("ref", str(new))

    def _add_row(self, number: int, styles: Mapping[int, int]) -> None:
        """A new row of blank cells in their styles: what a Table grows by, thousands at a time."""
        self._put_between()
        row = self._row(number)
        nodes, tag = self._cells_of(number), self._tags.cell
        for column in sorted(styles):
            style, at = styles[column], (number, column)
            node = etree.SubElement(row, tag, {"r": address(*at)})
            if style:
                node.set("s", str(style))
            nodes[column], self.held[at] = node, Cell(None, style=style)

    def _set_style(self, at: At, style: int) -> None:
        node = self._node(at)
        if style:
            node.set("s", str(style))
        else:
            node.attrib.pop("s", None)
        self.held[at] = self.held[at]._replace(style=style)

    def _look_alike(self, old: Ref, new: Ref) -> None:
        """The rows a spill has got more look like its first one; conditional formats that ended with it go on."""
        if new.last_row <= old.last_row:
            return
        styles: dict[At, int] = {}
        for column in range(new.first_col, new.last_col + 1):
            model = self.held.get((old.first_row, column))
            for row in range(old.last_row + 1, new.last_row + 1):
                here = self.held.get((row, column))
                if model is not None and model.style and (here is None or not here.style):
                    styles[row, column] = model.style
        if styles:
            self.set_styles(styles)
        mine = _of_spill(old._replace(last_col=new.last_col), new.last_row)
        for node in self.frame:
            if local_name(node) == "conditionalFormatting" and node.get("sqref"):
                node.set("sqref", _lengthened(node.get("sqref"), new.last_row, mine))

    def extend_rules(self, data: Ref, last_row: int) -> None:
        """Conditional formats and drop-downs that end with the Table's last row go on to its new one, as in Excel."""
        for node in (node for group in self.frame if group is not self._data for node in group.iter(etree.Element)):
            name = local_name(node)
            if name in ("conditionalFormatting", "dataValidation") and node.get("sqref"):
                node.set("sqref", _lengthened(node.get("sqref"), last_row, _of_table(data)))
            elif node.tag == f"{XM}sqref" and node.text:
                node.text = _lengthened(node.text, last_row, _of_table(data))


def _same(cell: Cell | None, value: Value) -> bool:
    if cell is None:
        return value is None
    return cell.kind == kind_of(value) and cell.value == value


def _overlap(ref: Ref, touched: Mapping[At, object]) -> Iterator[At]:
    """The touched cells within ``ref``, by the shorter of the two ways."""
    if ref.size < len(touched):
        return (at for at in ref.cells() if at in touched)
    return (at for at in touched if ref.holds(at))


def _insert_sorted(parent: Element, node: Element, key: int, key_of: Callable[[Element], int], tag: str) -> None:
    """Insert by position, looking from the end: most insertions append."""
    last = next(parent.iterchildren(reversed=True), None)  # len() would count them all
    while last is not None and (last.tag != tag or key_of(last) > key):
        last = last.getprevious()
    if last is None:
        parent.insert(0, node)
    else:
        last.addnext(node)


def _lengthened(sqref: str, last_row: int, belongs: Callable[[Ref], bool]) -> str:
    """Ranges, of which those that belong to something that grew end with its new last row."""
    out = []
    for text in sqref.split():
        try:
            ref = Ref.parse(text)
        except ValueError:
            out.append(text)
            continue
        out.append(str(ref._replace(last_row=last_row)) if belongs(ref) else text)
    return " ".join(out)


def _of_spill(spill: Ref, last_row: int) -> Callable[[Ref], bool]:
    """Whether a range is over columns of a spill, perhaps with others beside it, and ends with it, or further down, where it once ended."""
    return lambda ref: (
        ref.first_col <= spill.last_col
        and spill.first_col <= ref.last_col
        and spill.first_row <= ref.first_row <= spill.last_row <= ref.last_row < last_row
    )


def _of_table(data: Ref) -> Callable[[Ref], bool]:
    """Whether a range is over columns of a Table and ends with it."""
    return lambda ref: (
        data.first_row <= ref.first_row
        and data.first_col <= ref.first_col
        and ref.last_col <= data.last_col
        and ref.last_row == data.last_row
    )
