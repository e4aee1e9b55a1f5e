"""A plan of an older version brought up to this one, in place: what is new arrives, what a person put there stays.

A plan as this version would make it, filled with the workbook's own rows, is held against the workbook. Sheets that are
missing are brought over with their looks. A sheet that stands as it did gets the formulas and labels that changed, cell by
cell. One whose layout moved is replaced, and every value a person entered is put back: by name where it has one, by its
place where that is free. Whatever could not keep its place is said, cell by cell; what could not be carried at all refuses
the upgrade before anything is written.
"""

from __future__ import annotations

import copy
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from lxml import etree

from udfs.policy import POLICIES
from udfs.text import Text
from udfs.values import serial_to_date, show
from workbook_templates import registry
from workbook_templates.answers import Problem, Refused
from workbook_templates.cells import At, address
from workbook_templates.page import style
from workbook_templates.tables import grids, own_words, schema
from workbook_templates.tables.schema import Company
from workbook_templates.tables.switches import Switched
from workbook_templates.upgrade import fingerprints
from workbook_templates.upgrade.fingerprints import Fingerprint, outside_tables
from workbook_templates.xlsx import package as parts
from workbook_templates.xlsx.addin_link import ADDIN
from workbook_templates.xlsx.moving import displaced
from workbook_templates.xlsx.new_sheet import move_sheet, remove_sheets
from workbook_templates.xlsx.package import Cell, CellFormula, Package, Ref, Sheet, Table
from workbook_templates.xlsx.renaming import follow_merged, rename_sheet
from workbook_templates.xlsx.transplant import Transplant, position_of

VERSION_NAME = "program_version"  # the cell on Settings that says which version made the plan
FIRST = "0.1.0"  # plans of that version do not say it
# So many of a sheet's labels must stand where they stood, or its layout has moved.
_SAME_LAYOUT = 0.8
# So many of the labels of a sheet that is no more must stand in their rows on another, or what it held is nowhere.
_MERGED = 0.4
_CARRIED = {"table", "drawing", "printerSettings"}  # what the program itself hangs on a sheet
_RULES = ("conditionalFormatting", "dataValidations")
_BEFORE_RULES = [
    "sheetPr",
    "dimension",
    "sheetViews",
    "sheetFormatPr",
    "cols",
    "sheetData",
    "sheetCalcPr",
    "sheetProtection",
    "protectedRanges",
    "scenarios",
    "autoFilter",
    "sortState",
    "dataConsolidate",
    "customSheetViews",
    "mergeCells",
    "phoneticPr",
]


@dataclass
class Upgraded:
    """What an upgrade did, sheet by sheet; ``kept`` are contents of a person's own that lost their place."""

    since: str
    renamed: list[tuple[str, str]] = field(default_factory=list)
    merged: list[tuple[str, str]] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    rebuilt: list[str] = field(default_factory=list)
    cells: Counter[str] = field(default_factory=Counter)
    names: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    carried: list[tuple[str, str]] = field(default_factory=list)
    kept: list[tuple[str, str, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.renamed or self.merged or self.added or self.rebuilt or self.cells or self.names or self.dropped)


class _Lifted(NamedTuple):
    """What a person put on a sheet: its cells by place, those that the program did not write, names, marked cells of Tables, rules."""

    cells: Mapping[At, Cell]
    own: Mapping[At, Cell]
    labels: Mapping[At, str]
    places: Mapping[str, Ref]
    marks: Mapping[str, list[tuple[int, str, int]]]
    rules: Sequence[parts.Element]
    columns: int  # how far to the right it goes


def version_of(package: Package) -> str:
    """The version of the program that made a plan."""
    place = package.locate(VERSION_NAME) if VERSION_NAME in package.names else None
    cell = package.sheets[place[0]].get((place[1].first_row, place[1].first_col)) if place is not None else None
    return str(cell.value) if cell is not None and cell.value else FIRST


def _holds(cell: Cell | None) -> bool:
    return cell is not None and (cell.formula is not None or cell.value not in (None, ""))


def lacks(package: Package) -> bool:
    """Whether a plan has a Table or a column less than this program reads: it landed before that came, whatever number it says."""
    return any(
        name not in package.tables
        or not all(any(column.heads(h) for h in package.tables[name].headers) for column in spec.columns)
        for name, spec in schema.TABLES.items()
    )


class Upgrade:
    """One plan (``package``) against a new one with the same rows (``fresh``), which is only read."""

    def __init__(
        self, package: Package, fresh: Package, since: str, known: Fingerprint | None = None, anew: Collection[str] = ()
    ) -> None:
        """``known``: what the program wrote there, where that is not what its version always writes; ``anew``: sheets that come as they are now."""
        self.package, self.fresh, self.anew = package, fresh, frozenset(anew)
        self.known: Fingerprint = known or fingerprints.of(since)
        self.transplant = Transplant(fresh, package)
        self.done = Upgraded(since)
        self.merged: dict[str, tuple[str, int]] = {}  # sheets that stand on another now, by how many columns further right
        self._fills: dict[int, dict[int, Hashable]] = {}  # package → style → its ground

    def rename(self) -> None:
        """Sheets that are called otherwise now, told by what stands on them; only in memory, as all else here."""
        for old, new in self._renamed().items():
            rename_sheet(self.package, old, new)
            self.known = self.known.called(old, new)
            self.done.renamed.append((old, new))
        self.merged = self._find_merged()

    def _renamed(self) -> dict[str, str]:
        """Old title → new one: most of the Tables and names of a sheet that is missing stand on one that this version
        does not have."""
        homes = {table.name: table.sheet for table in self.fresh.tables.values()}
        homes |= {n: place[0] for n in self.fresh.names if isinstance(n, str) and (place := self.fresh.locate(n)) is not None}
        votes: dict[str, Counter[str]] = defaultdict(Counter)
        for key, new in homes.items():
            table = self.package.tables.get(key)
            place = self.package.locate(key) if key in self.package.names else None
            old = table.sheet if table is not None else place[0] if place is not None else None
            if old is not None and new not in self.package.sheets and old not in self.fresh.sheets and self.known.has(old):
                votes[new][old] += 1
        return {found.most_common(1)[0][0]: new for new, found in votes.items()}

    def _find_merged(self) -> dict[str, tuple[str, int]]:
        """Sheets of the older version that this one has no more, since what they held stands on another: to which, how many
        columns further right."""
        gone = [name for name in self.package.sheets if name not in self.fresh.sheets and self.known.has(name)]
        places: dict[tuple[int, str], list[tuple[str, int]]] = defaultdict(list)
        for name, sheet in self.fresh.sheets.items() if gone else ():
            for (row, column), text in _labels(sheet).items():
                places[row, text].append((name, column))
        found: dict[str, tuple[str, int]] = {}
        for old in gone:
            labels = _labels(self.package.sheets[old])
            votes = Counter(
                (name, there - column)
                for (row, column), text in labels.items()
                for name, there in places[row, text]
                if there > column
            )
            if votes and votes.most_common(1)[0][1] >= _MERGED * len(labels):
                found[old] = votes.most_common(1)[0][0]
        return found

    def problems(self) -> list[Problem]:
        """What can't be carried over and stands in the way: all of it, before anything is changed."""
        merged = [problem for name in self.merged for problem in self._own_things(self.package.sheets[name])]
        return merged + [problem for name in self.fresh.sheets for problem in self._in_the_way(name)]

    def run(self) -> Upgraded:
        """Change the package. Ask :meth:`problems` first."""
        left = self._take_merged()
        for name in self.fresh.sheets:
            if name not in self.package.sheets:
                place = position_of(name, self.fresh.sheets, [title for title, _, _ in self.package.sheet_nodes()])
                self.transplant.add(name, place)
                self.done.added.append(name)
            elif self._stays(name):
                self._sync(name)
            else:
                self._rebuild(name)
            for one in left.get(name, ()):
                self._put(name, one)
        if self.done.since != version_of(self.fresh):  # later the tabs stand as people put them
            self._arrange()
        self._define()
        if self.done:
            self._share_texts()
            self.package.never_ask_for(ADDIN)
        return self.done

    def _arrange(self) -> None:
        """The tabs in this version's order and colours; a person's own sheet stays behind the one it stood behind."""
        now = [title for title, _, _ in self.package.sheet_nodes()]
        order = list(self.fresh.sheets)
        for before, title in zip([None, *now], now, strict=False):
            if title not in self.fresh.sheets:
                order.insert(order.index(before) + 1 if before is not None else 0, title)
        for place, title in enumerate(order):
            if [name for name, _, _ in self.package.sheet_nodes()][place] != title:
                move_sheet(self.package, title, place)
        for name in self.fresh.sheets:
            self._colour(name)

    def _colour(self, name: str) -> None:
        colour = next((n for n in self.fresh.sheets[name].root.iter() if parts.local_name(n) == "tabColor"), None)
        root = self.package.root(self.package.sheets[name].part)
        group = next((n for n in root if parts.local_name(n) == "sheetPr"), None)
        if colour is None or group is None:
            return
        there = next((n for n in group if parts.local_name(n) == "tabColor"), None)
        if there is None or dict(there.attrib) != dict(colour.attrib):
            self.package.touch(self.package.sheets[name].part)
            if there is not None:
                group.remove(there)
            group.insert(0, copy.deepcopy(colour))

    def _share_texts(self) -> None:
        """Texts that the program wrote into its cells go to the shared table: phones and older Numbers drop the others."""
        space = self.package.namespace
        for name in self.fresh.sheets:
            part = self.package.sheets[name].part
            inline = [node for node in self.package.root(part).iter(f"{space}c") if node.get("t") == "inlineStr"]
            plain = [(node, text) for node in inline if (text := _plain_text(node, space)) is not None]
            if inline:
                self.package.touch(part)
            for node in (n for n in inline if not len(n)):
                del node.attrib["t"]  # a text of nothing is a blank
            for node, text in plain:
                for child in list(node):
                    node.remove(child)
                node.set("t", "s")
                etree.SubElement(node, f"{space}v").text = str(self.package.string_index(text))
            self.package.sheets[name] = Sheet(self.package, name, self.package.sheets[name].state, part)

    # ---- what is in the way

    def _in_the_way(self, name: str) -> Iterator[Problem]:
        sheet = self.package.sheets.get(name)
        if sheet is None:
            return
        if not self.known.has(name):
            text = Text(
                f"“{name}”是新版要用的表名：请先把您的这张表改名", f"“{name}” is a sheet of the new version: rename yours first"
            )
            yield Problem(name, 0, 0, text)
        elif not self._stays(name):
            yield from self._own_things(sheet)

    def _own_things(self, sheet: Sheet) -> Iterator[Problem]:
        """What a person hung on a sheet that has to be rebuilt."""
        move = Text("：请先移到您自己的工作表", ": move it to a sheet of your own first")
        kinds = {relation.type.rpartition("/")[2] for relation in self.package.related_all(sheet.part)}
        for kind in sorted(kinds - _CARRIED):
            yield Problem(sheet.name, 0, 0, Text(f"有自己添加的内容（{kind}）", f"something was added ({kind})") + move)
        if fingerprints.anchors(self.package, sheet) > self.known.drawings(sheet.name):
            yield Problem(sheet.name, 0, 0, Text("有自己添加的图表或图形", "a chart or shape was added") + move)
        for table in self._tables(self.package, sheet.name):
            spec = schema.TABLES.get(table.name)
            strange = [h for h in table.headers if spec is None or spec.column_of(h) is None]
            for header in strange:
                at = (table.ref.first_row, table.ref.first_col + table.headers.index(header))
                text = Text(f"{table.name} 有自己添加的列“{header}”", f"{table.name} has a column of your own, “{header}”")
                yield Problem(sheet.name, *at, text + move)

    @staticmethod
    def _tables(package: Package, name: str) -> list[Table]:
        return [table for table in package.tables.values() if table.sheet == name]

    # ---- whether a sheet still stands as it did

    def _stays(self, name: str) -> bool:
        """Whether a sheet is kept and brought up cell by cell."""
        return name not in {to for to, _ in self.merged.values()} and self._stands(name)

    def _stands(self, name: str) -> bool:
        """Whether the layout is the old one: the same Tables in the same place, nearly all labels where they were."""
        if name in self.anew or self._shape(self.package, name) != self._shape(self.fresh, name):
            return False
        old, new = self.package.sheets[name].cells(), self.fresh.sheets[name].cells()
        labels = [at for at, cell in new.items() if isinstance(cell.value, str) and cell.value and cell.formula is None]
        same = sum(at in old and old[at].value == new[at].value for at in labels)
        return same >= _SAME_LAYOUT * len(labels)

    def _shape(self, package: Package, name: str) -> dict[str, tuple[int, int, tuple[str, ...], tuple[str, ...]]]:
        found = {}
        for table in self._tables(package, name):
            formulas = [n.text or "" for n in package.root(table.part).iter() if parts.local_name(n) == "calculatedColumnFormula"]
            found[table.name] = (table.ref.first_row, table.ref.first_col, tuple(table.headers), tuple(formulas))
        return found

    # ---- a sheet that stands: cell by cell

    def _sync(self, name: str) -> None:
        sheet, new = self.package.sheets[name], self.fresh.sheets[name]
        old, wanted = dict(outside_tables(self.package, sheet)), dict(outside_tables(self.fresh, new))
        values: dict[At, object] = {}
        formulas: dict[At, CellFormula] = {}
        for at in sorted(old.keys() | wanted.keys()):
            mine, theirs = old.get(at), wanted.get(at)
            if _says(mine) == _says(theirs) or not self._may_change(name, at, mine, theirs):
                continue
            if theirs is not None and theirs.formula is not None:
                formulas[at] = CellFormula(theirs.formula, theirs.array_ref, theirs.value, theirs.dynamic)
            else:
                values[at] = theirs.value if theirs is not None else None
        arrays = [ref for at in {*formulas, *values} if at in old and (ref := old[at].array_ref) is not None]
        sheet.set_values({inner: None for ref in arrays for inner in ref.cells()} | values)
        sheet.set_formulas(self._relinked(formulas))
        arrived = {at: self.transplant.styles.cell(wanted[at].style) for at in {*values, *formulas} if at in wanted}
        if arrived:
            sheet.set_styles(arrived)
        self.done.cells[name] += len(values) + len(formulas) + self._reword(name) + self._links(name)
        self._rules(name)
        if not self.done.cells[name]:
            del self.done.cells[name]

    def _links(self, name: str) -> int:
        """Links within the workbook for cells that have none: how many arrived."""
        sheet, new = self.package.sheets[name], self.fresh.sheets[name]
        there = {node.get("ref") for node in _hyperlinks(sheet.root)}
        arrived = [copy.deepcopy(n) for n in _hyperlinks(new.root) if n.get("location") and n.get("ref") not in there]
        if arrived:
            root = self.package.touch(sheet.part)
            group = next((node for node in root if parts.local_name(node) == "hyperlinks"), None)
            if group is None:
                group = root.makeelement(f"{self.package.namespace}hyperlinks")
                parts.insert_ordered(root, group, [*_BEFORE_RULES, *_RULES])
            group.extend(arrived)
        return len(arrived)

    def _reword(self, name: str) -> int:
        """Words of Tables that are called otherwise now: formulas ask for the new ones, letters name them.

        How many cells changed.
        """
        sheet, lang = self.package.sheets[name], grids.workbook_language(self.fresh) or "zh"
        cells, values = sheet.cells(), dict[At, object]()
        for table in self._tables(self.package, name):
            spec = schema.TABLES.get(table.name)
            for place, header in enumerate(table.headers, table.ref.first_col):
                column = spec.column_of(header) if spec is not None else None
                if column is None or not (column.words or column.phrases) or column.formula:
                    continue
                for row in range(table.data.first_row, table.data.last_row + 1):
                    cell = cells.get((row, place))
                    if cell is None or cell.formula is not None or not isinstance(cell.value, str):
                        continue
                    word = column.shown(column.code(column.renewed(cell.value)))
                    values[row, place] = getattr(word, lang) if isinstance(word, Text) else word
        return sheet.set_values(values)

    def _may_change(self, name: str, at: At, mine: Cell | None, theirs: Cell | None) -> bool:
        """Numbers are inputs: what stands there, or was cleared, is a person's. So is every text the program did not write."""
        if mine is None:
            entered = theirs is not None and theirs.formula is None and not isinstance(theirs.value, str)
            return not (entered and self.package.sheets[name].get(at) is not None)
        if not self.known.knows(name, at, mine):
            self.done.kept.append((name, address(*at), _shown(mine)))
            return False
        return mine.formula is not None or isinstance(mine.value, str)

    def _relinked(self, formulas: Mapping[At, CellFormula]) -> dict[At, CellFormula]:
        return {at: formula._replace(text=self.transplant.relinked(formula.text)) for at, formula in formulas.items()}

    def _rules(self, name: str) -> None:
        """Conditional formats and validations: the program's as they are now, a person's own as they were."""
        sheet, new = self.package.sheets[name], self.fresh.sheets[name]
        if [_rule_text(n) for n in _groups(sheet)] == [_rule_text(n) for n in _groups(new)]:
            return
        own = [n for n in fingerprints.rules(sheet) if not self.known.knows_rule(name, n) and parts.local_name(n) != "ext"]
        root = self.package.touch(sheet.part)
        for group in _groups(sheet):
            root.remove(group)
        arrived = [copy.deepcopy(group) for group in _groups(new)]
        for group in arrived:
            self.transplant.restyle(group)
        self._insert(root, arrived, own)
        self.done.cells[name] += 1

    @staticmethod
    def _insert(root: parts.Element, arrived: Sequence[parts.Element], own: Sequence[parts.Element]) -> None:
        formats = [n for n in [*arrived, *own] if parts.local_name(n) == "conditionalFormatting"]
        for number, node in enumerate(formats):
            parts.insert_ordered(root, node, [*_BEFORE_RULES, "conditionalFormatting"][: len(_BEFORE_RULES) + bool(number)])
        lists = [n for n in arrived if parts.local_name(n) == "dataValidations"]
        mine = [n for n in own if parts.local_name(n) == "dataValidation"]
        if not lists and mine:
            lists = [mine[0].makeelement(mine[0].tag + "s")]
        for node in lists:
            node.extend(mine)
            node.set("count", str(len(node)))
            parts.insert_ordered(root, node, [*_BEFORE_RULES, "conditionalFormatting"])

    # ---- a sheet whose layout moved, or that stands on another: replaced, and filled again

    def _rebuild(self, name: str) -> None:
        before = self._lifted(name)
        self.transplant.replace(name)
        self._put(name, before)
        self.done.rebuilt.append(name)

    def _lifted(self, name: str, columns: int = 0) -> _Lifted:
        """What a person may have put on a sheet, before the sheet goes."""
        sheet = self.package.sheets[name]
        own = {at: cell for at, cell in outside_tables(self.package, sheet) if not self.known.knows(name, at, cell)}
        rules = [copy.deepcopy(n) for n in fingerprints.rules(sheet) if not self.known.knows_rule(name, n)]
        for node in (n for n in rules if columns for n in n.iter(etree.Element)):
            if node.get("sqref"):
                node.set("sqref", displaced(node.get("sqref", ""), 0, columns))
            node.text = node.text and displaced(node.text, 0, columns)
        labels = {at: text for at, text in _labels(sheet).items() if at not in own}
        return _Lifted(dict(sheet.cells()), own, labels, self._named(self.package, name), self._marks(name), rules, columns)

    def _put(self, name: str, before: _Lifted) -> None:
        """It back, where it is now."""
        carried = self._carry_named(name, before.cells, before.places)
        own = {at: cell for at, cell in before.own.items() if at not in carried}
        moved = {(row, column + before.columns): _beside(cell, before.columns) for (row, column), cell in own.items()}
        self._carry_own(name, moved)
        if before.columns and self._as_before(name, before):
            self._carry_inputs(name, before)
        self._mark(name, before.marks)
        self._insert(self.package.touch(self.package.sheets[name].part), [], before.rules)

    def _as_before(self, name: str, before: _Lifted) -> bool:
        """Whether what came from another sheet has the layout it had there."""
        old = before.labels
        new = _labels(self.fresh.sheets[name])
        same = sum(new.get((row, column + before.columns)) == text for (row, column), text in old.items())
        return same >= _SAME_LAYOUT * len(old)

    def _take_merged(self) -> dict[str, list[_Lifted]]:
        """What stands on sheets that are none of their own any more, by the sheet it goes to; they are taken out."""
        left: dict[str, list[_Lifted]] = defaultdict(list)
        for old, (new, columns) in self.merged.items():
            left[new].append(self._lifted(old, columns))
        for old, (new, columns) in self.merged.items():
            follow_merged(self.package, old, new, columns)
            self.done.merged.append((old, new))
        if self.merged:
            remove_sheets(self.package, list(self.merged))
        return left

    @staticmethod
    def _named(package: Package, sheet: str) -> dict[str, Ref]:
        found = {name: package.locate(name) for name in package.names if isinstance(name, str)}
        return {name: place[1] for name, place in found.items() if place is not None and place[0] == sheet}

    @cached_property
    def _new_places(self) -> dict[str, dict[str, Ref]]:
        """The names of the plan as this version makes it, sheet by sheet."""
        found: defaultdict[str, dict[str, Ref]] = defaultdict(dict)
        for name in self.fresh.names:
            place = self.fresh.locate(name) if isinstance(name, str) else None
            if isinstance(name, str) and place is not None:
                found[place[0]][name] = place[1]
        return found

    def _carry_named(self, name: str, before: Mapping[At, Cell], places: Mapping[str, Ref]) -> set[At]:
        """What was entered in named cells, by its name; returns the old places."""
        new = self._new_places.get(name, {})
        values: dict[At, object] = {}
        formulas: dict[At, CellFormula] = {}
        done: set[At] = set()
        inputs = {
            p.range_name: p.base_name for p in POLICIES.values() if p.base_name not in places
        }  # plans of 0.1.0 had one cell
        for key, ref in places.items():
            for at in ref.cells():
                cell, to = before.get(at), _moved(at, ref, new.get(inputs.get(key, key)))
                if cell is None or to is None or key == VERSION_NAME or not self._is_input(name, to):
                    continue
                done.add(at)
                if _says(cell) == _says(self.fresh.sheets[name].get(to)):
                    continue
                self.done.carried.append((key, _shown(cell)))
                if cell.formula is None:
                    values[to] = cell.value
                else:
                    formulas[to] = CellFormula(cell.formula, None, cell.value, False)
        self.package.sheets[name].set_values(values)
        self.package.sheets[name].set_formulas(formulas)
        return done

    def _is_input(self, name: str, at: At) -> bool:
        """Whether a cell of the new sheet is one that people fill in: it looks so."""
        cell = self.fresh.sheets[name].get(at)
        return cell is not None and cell.style in self._inputs

    @cached_property
    def _inputs(self) -> frozenset[int]:
        """The new plan's styles with the ground of an input."""
        root = self.fresh.root(self.fresh.related(self.fresh.workbook_part, "styles") or "")
        groups = {parts.local_name(node): [n for n in node if isinstance(n.tag, str)] for node in root}
        grounds = {
            number
            for number, fill in enumerate(groups["fills"])
            if any((n.get("rgb") or "").endswith(style.INPUT_FILL) for n in fill.iter())
        }
        return frozenset(n for n, xf in enumerate(groups["cellXfs"]) if int(xf.get("fillId", "0")) in grounds)

    def _carry_inputs(self, name: str, before: _Lifted) -> None:
        """Where all stands as it stood, a cell to be filled in is the very cell that was, whatever it holds."""
        bodies = [table.data for table in self._tables(self.fresh, name)]
        last = before.columns + max((column for _, column in before.cells), default=0)
        values: dict[At, object] = {}
        for at in self.fresh.sheets[name].cells():
            if before.columns < at[1] <= last and self._is_input(name, at) and not any(body.holds(at) for body in bodies):
                cell = before.cells.get((at[0], at[1] - before.columns))
                if cell is None or cell.formula is None:
                    values[at] = cell.value if cell is not None else None
        self.package.sheets[name].set_values(values)

    def _carry_own(self, name: str, outside: Mapping[At, Cell]) -> None:
        """What the program did not write goes back where it stood, if that is free; else it is said."""
        sheet, values, formulas, styles = self.package.sheets[name], dict[At, object](), dict[At, CellFormula](), dict[At, int]()
        for at, cell in outside.items():
            there = sheet.get(at)
            covered = any(ref.holds(at) and at != (ref.first_row, ref.first_col) for ref in sheet.merged)
            spill = sheet.within(cell.array_ref) if cell.array_ref is not None else ()
            if covered or _holds(there) or any(_holds(sheet.get(one)) for one in spill):
                if there is None or _says(there) != _says(cell):
                    self.done.kept.append((name, address(*at), _shown(cell)))
            elif cell.formula is not None:
                formulas[at], styles[at] = CellFormula(cell.formula, cell.array_ref, cell.value, cell.dynamic), cell.style
            else:
                values[at], styles[at] = cell.value, cell.style
        sheet.set_values(values)
        sheet.set_formulas(formulas)
        if styles:
            sheet.set_styles(styles)

    def _marks(self, name: str) -> dict[str, list[tuple[int, str, int]]]:
        """Cells of Tables that a person made look otherwise than their column: (row, column, style)."""
        found: dict[str, list[tuple[int, str, int]]] = {}
        cells = self.package.sheets[name].cells()
        for table in self._tables(self.package, name):
            rows = range(table.data.first_row, table.data.last_row + 1)
            program = self._looks_of(table.name)
            for column, header in enumerate(table.headers, table.ref.first_col):
                key = _column_key(table.name, header)
                styles = {row: cells[row, column].style for row in rows if (row, column) in cells}
                usual = Counter(styles.values()).most_common(1)
                ours = not usual or self._is_programs(usual[0][0], program.get(key), len(styles))
                odd = [(row - table.data.first_row, key, look) for row, look in styles.items() if look != usual[0][0] or not ours]
                found.setdefault(table.name, []).extend(odd)
        return found

    def _is_programs(self, look: int, fresh: int | None, rows: int) -> bool:
        """Whether a column still looks as the program made it. What one row looks like can be that cell's own, so it has to be the
        very look; of several rows the ground is enough, the rest may have been otherwise in that version."""
        if fresh is None:
            return True
        if rows == 1:
            return look == self.transplant.styles.cell(fresh)
        # Until 0.2 nearly no column of a Table had a ground: none is nobody's.
        return self._ground(self.package, look) in (self._ground(self.fresh, fresh), _NO_GROUND)

    def _looks_of(self, table: str) -> dict[str, int]:
        """The style of each column's first cell, as this version has it."""
        new = self.fresh.tables.get(table)
        if new is None:
            return {}
        cells, row = self.fresh.sheets[new.sheet].cells(), new.data.first_row
        places = {_column_key(table, header): (row, column) for column, header in enumerate(new.headers, new.ref.first_col)}
        return {key: cells[at].style for key, at in places.items() if at in cells}

    def _ground(self, package: Package, number: int) -> Hashable:
        """What a cell style fills its cell with, in the words of the file."""
        known = self._fills.setdefault(id(package), {})
        if number not in known:
            root = package.root(package.related(package.workbook_part, "styles") or "")
            groups = {parts.local_name(node): [n for n in node if isinstance(n.tag, str)] for node in root}
            styles = groups.get("cellXfs", [])
            fill = int(styles[number].get("fillId", "0")) if number < len(styles) else 0
            known[number] = _fill_said(groups["fills"][fill]) if fill < len(groups.get("fills", ())) else _NO_GROUND
        return known[number]

    def _mark(self, name: str, marks: Mapping[str, list[tuple[int, str, int]]]) -> None:
        styles = {}
        for table in self._tables(self.package, name):
            keys = [_column_key(table.name, header) for header in table.headers]
            for row, key, look in marks.get(table.name, ()):
                if key in keys:
                    styles[table.data.first_row + row, table.ref.first_col + keys.index(key)] = look
        if styles:
            self.package.sheets[name].set_styles(styles)

    # ---- names

    def _define(self) -> None:
        """Names that are new, and those of the program that point elsewhere now."""
        there = self.package.names
        arriving = [key for key, refers in self.fresh.names.items() if there.get(key) != refers]
        # Names of the older version that nothing answers to any more point at cells of another meaning.
        gone = [key for key in there if key in self.known.names and key not in self.fresh.names]
        self._undefine({*arriving, *gone})
        self.transplant.define(arriving)
        self.done.names += [key for key in arriving if isinstance(key, str)]
        self.done.dropped += map(str, gone)

    def _undefine(self, keys: Collection[str | tuple[str, str]]) -> None:
        """All in one go: a plan has a thousand names."""
        group = self.package.workbook_child("definedNames")
        self.package.touch(self.package.workbook_part)
        tabs = [title for title, _, _ in self.package.sheet_nodes()]
        for node in list(group if group is not None else ()):
            local = node.get("localSheetId")
            found = node.get("name", "") if local is None else (tabs[int(local)], node.get("name", ""))
            if found in keys:
                node.getparent().remove(node)
        self.package.__dict__.pop("names", None)


_NO_GROUND: Hashable = ()


def _fill_said(fill: parts.Element) -> Hashable:
    """The pattern and colours of a fill, whatever prefixes its file uses; a solid one has no second colour."""
    pattern = next((n for n in fill if parts.local_name(n) == "patternFill"), None)
    kind = None if pattern is None else pattern.get("patternType")
    if pattern is not None and kind in (None, "none"):
        return _NO_GROUND
    colours = ("fgColor",) if kind == "solid" else ("fgColor", "bgColor", "color")
    found = [n for n in fill.iter() if isinstance(n.tag, str) and parts.local_name(n) in colours]
    return kind, tuple(tuple(sorted((k, v[-6:] if k == "rgb" else v) for k, v in n.items())) for n in found)


def _column_key(table: str, header: str) -> str:
    """A column of ours whatever its header was then; one of a person's own by its header."""
    spec = schema.TABLES.get(table)
    column = spec.column_of(header) if spec is not None else None
    return header if column is None else column.key


def _plain_text(node: parts.Element, space: str) -> str | None:
    """The text that stands in a cell itself; None for one in several looks."""
    inside = [child for child in node if child.tag == f"{space}is"]
    texts = list(inside[0]) if len(inside) == 1 and len(node) == 1 else []
    return parts.unescape(texts[0].text or "") if len(texts) == 1 and texts[0].tag == f"{space}t" else None


def _labels(sheet: Sheet) -> dict[At, str]:
    """The texts below the strip that are nobody's result."""
    return {
        at: cell.value
        for at, cell in sheet.cells().items()
        if at[0] > 3 and isinstance(cell.value, str) and cell.value and cell.formula is None
    }


def _says(cell: Cell | None) -> tuple[object, ...]:
    """What a cell says, whatever it shows now."""
    if cell is None or (cell.formula is None and cell.value in (None, "")):
        return (None,)
    if cell.formula is None:
        return (cell.value,)
    single = cell.array_ref is not None and cell.array_ref.size == 1
    return cell.formula, cell.array_ref is not None, cell.dynamic, single and cell.array_ref


def _beside(cell: Cell, columns: int) -> Cell:
    """A cell so many columns further right, with all cells of its sheet."""
    if cell.formula is None or not columns:
        return cell
    area = cell.array_ref and cell.array_ref._replace(
        first_col=cell.array_ref.first_col + columns, last_col=cell.array_ref.last_col + columns
    )
    return cell._replace(formula=displaced(cell.formula, 0, columns), array_ref=area)


def _shown(cell: Cell) -> str:
    return f"={cell.formula}" if cell.formula is not None else show(cell.value)


def _moved(at: At, old: Ref, new: Ref | None) -> At | None:
    """The same place of a named range where it stands now; None beyond its end."""
    if new is None:
        return None
    to = (new.first_row + at[0] - old.first_row, new.first_col + at[1] - old.first_col)
    return to if new.holds(to) else None


def _groups(sheet: Sheet) -> list[parts.Element]:
    return [node for node in sheet.root if parts.local_name(node) in _RULES]


def _hyperlinks(root: parts.Element) -> list[parts.Element]:
    return [node for group in root if parts.local_name(group) == "hyperlinks" for node in group if isinstance(node.tag, str)]


def _rule_text(node: parts.Element) -> str:
    texts = (n.text or "" for n in node.iter())
    return f"{parts.local_name(node)}{node.get('sqref', '')}{'|'.join(texts)}"


def company_of(package: Package) -> Company:
    """What a plan is filled with: the rows of its Tables, and what its Settings say of the workbook itself."""
    rows = {}
    words = grids.held(package, own_words.TABLE).rows if own_words.TABLE in package.tables else []
    for name, spec in schema.TABLES.items():
        if name in package.tables:
            with own_words.wording(own_words.in_force(words)):
                kept = grids.hold(grids.grid(package, package.tables[name]), spec, complete=False)
            rows[name] = [
                {key: spec[key].renewed(value) for key, value in row.items() if not spec[key].formula} for row in kept.rows
            ]
    said = {name: next(iter(grids.named(package, name)), None) for name in ("company_name", "plan_year", "as_of", "plan_version")}
    year, as_of = said["plan_year"], said["as_of"]
    if not isinstance(year, float):
        raise Refused(Text("“参数”页的计划年度不是年份：请先改正", "the plan year on Settings is no year: correct it first"))
    day = serial_to_date(as_of) if isinstance(as_of, float) else None
    off = Switched(package).off
    in_use = frozenset(registry.numbered().keys() - off) if off else None
    return Company(str(said["company_name"] or ""), int(year), day, str(said["plan_version"] or ""), rows, in_use)
