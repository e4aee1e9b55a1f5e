"""Which chapters a workbook has in use: the switch cells, what follows them, and what need not be computed.

The switches are one column of cells, chapter 1 to 12; a workbook without them uses everything. A chapter that is switched
off is hidden and stands still as long as its Tables are empty: nothing of substance is hidden. Its sheets are found by
names (``chapter_2_tiers``), which follow a sheet that is renamed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from udfs.formula import CHAPTERS as TITLES
from udfs.text import Text
from workbook_templates.cells import At, Value
from workbook_templates.formulas.spelling import sheet_prefix
from workbook_templates.xlsx import package as parts
from workbook_templates.xlsx.package import Cell, Package

SWITCHES = "chapters_in_use"  # the defined name of the switch cells
ON, OFF = Text("启用", "On"), Text("停用", "Off")
_SHEET_NAME = re.compile(r"chapter_(\d+)_\w+")
_SHARED_NAME = re.compile(r"shows_chapters((?:_\d+)+)_[a-z]\w*")
# What a formula of a chapter begins with: as long as the chapter is off it says the word, and the rest is not asked.
_GUARDED = re.compile(rf'IF\(INDEX\({SWITCHES},(\d+)\)="(?:{OFF.zh}|{OFF.en})","([^"]*)",')
STRIP = ("C2", "D2")  # the cells with links to the sheet before and behind


def sheet_name(number: int, page: str) -> str:
    """The name by which a chapter's sheet is found."""
    return f"chapter_{number}_{page}"


def shared_name(numbers: Iterable[int], page: str) -> str:
    """The name by which a sheet is found that shows figures of several chapters: without any of them it has nothing to show."""
    return f"shows_chapters_{'_'.join(map(str, sorted(numbers)))}_{page}"


def chapters_shown(name: str) -> frozenset[int]:
    """The chapters whose figures a sheet shows that a defined name marks; none: it is no such name."""
    found = _SHARED_NAME.fullmatch(name)
    return frozenset(map(int, found[1].strip("_").split("_"))) if found else frozenset()


def guard(number: int, word: str, instead: str, formula: str) -> str:
    """A formula that gives ``instead`` while a chapter is off; ``word`` is OFF in the workbook's language.

    Both without their =.
    """
    return f'IF(INDEX({SWITCHES},{number})="{word}",{instead},{formula})'


def off_in(cells: Iterable[Value]) -> frozenset[int]:
    """The chapters switched off, by what the switch cells hold; what is blank or no such word switches nothing off."""
    words = {word.casefold() for word in OFF}
    return frozenset(n for n, cell in enumerate(cells, 1) if isinstance(cell, str) and cell.strip().casefold() in words)


def chapter_of(name: str) -> int | None:
    """The chapter whose sheet a defined name marks."""
    found = _SHEET_NAME.fullmatch(name)
    return int(found[1]) if found else None


def visibility(
    sheets: Mapping[str, int], shown: Mapping[str, bool], off: Collection[int], filled: Collection[str]
) -> dict[str, bool]:
    """The sheets to hide or show, and which: ``sheets`` with their chapters, which are ``shown`` now, which hold rows
    (``filled``).

    A chapter in use is shown again only where all its sheets are hidden: one that a person hid stays so.
    """
    busy = {sheets[name] for name in filled if name in sheets}
    out: dict[str, bool] = {}
    for number in set(sheets.values()):
        own = [name for name, chapter in sheets.items() if chapter == number and name in shown]
        hide = number in off and number not in busy
        if hide or not any(shown[name] for name in own):
            out |= {name: not hide for name in own if shown[name] == hide}
    return out


def shared_visibility(
    shared: Mapping[str, Collection[int]],
    sheets: Mapping[str, int],
    shown: Mapping[str, bool],
    off: Collection[int],
    turned: Mapping[str, bool],
) -> dict[str, bool]:
    """The sheets of several chapters to hide or show: ``shared`` with their chapters; ``turned``: the chapters' own sheets that are
    hidden or shown right now. One that a person hid comes back with a chapter only that comes back."""
    back = {sheets[name] for name, visible in turned.items() if visible}
    out = {}
    for name, numbers in shared.items():
        wanted = not set(numbers) <= set(off)
        if name in shown and shown[name] != wanted and (not wanted or back & set(numbers)):
            out[name] = wanted
    return out


# ------------------------------------------------------------------------------------------------------------- in a file

Sheets = Mapping[str, Mapping[At, Cell]]


class Switched:
    """The chapters of a file: which are off, and which sheets those are."""

    def __init__(self, package: Package, cells: Sheets | None = None) -> None:
        """``cells``: of a workbook that is being made, whose package has none yet."""
        self.package, self._made = package, cells
        self.off = off_in(self._switches())
        named = [(name, chapter) for name in package.names if isinstance(name, str) and (chapter := chapter_of(name)) is not None]
        places = ((package.locate(name), chapter) for name, chapter in named) if named else ()
        self.sheets = {place[0]: chapter for place, chapter in places if place is not None}
        marked = [(name, numbers) for name in package.names if isinstance(name, str) and (numbers := chapters_shown(name))]
        spots = [(package.locate(name), numbers) for name, numbers in marked]
        self.shared = {place[0]: numbers for place, numbers in spots if place is not None}

    def _value(self, sheet: str, at: At) -> Value:
        """What a person or the program entered in a cell; a formula is no entry."""
        cell = self.package.sheets[sheet].get(at) if self._made is None else self._made[sheet].get(at)
        return None if cell is None or cell.formula is not None else cell.value

    def _switches(self) -> list[Value]:
        place = self.package.chart_area(self.package.names.get(SWITCHES, ""), deep=False)
        return [] if place is None else [self._value(place[0], at) for at in place[1].cells()][: len(TITLES)]

    def filled(self) -> set[str]:
        """The sheets of chapters that are off whose Tables hold rows all the same."""
        out = set()
        for table in self.package.tables.values():
            if self.sheets.get(table.sheet) in self.off:
                area = table.used if self._made is None else table.data
                if any(self._value(table.sheet, at) not in (None, "") for at in area.cells()):
                    out.add(table.sheet)
        return out

    def idle(self) -> frozenset[str]:
        """The sheets that stand still: their values are those they have, unless a sheet in use asks for one."""
        busy = {self.sheets[name] for name in self.filled()}
        return frozenset(name for name, number in self.sheets.items() if number in self.off - busy)

    def word_of(self, formula: str) -> str | None:
        """What a formula of a chapter that is off says, where it begins by asking for that."""
        found = _GUARDED.match(formula.removeprefix("="))
        whole = found is not None and int(found[1]) in self.off and _closes_last(formula.strip())
        return found[2] if whole and found is not None else None

    def follow(self) -> dict[str, bool]:
        """Let the tabs follow the switches: those that changed, and whether each is shown now."""
        shown = {name: state == "visible" for name, state, _ in self.package.sheet_nodes()}
        filled = self.filled()
        wanted = visibility(self.sheets, shown, self.off, filled)
        idle = self.off - {self.sheets[name] for name in filled}
        wanted |= shared_visibility(self.shared, self.sheets, shown, idle, wanted)
        if not wanted or not any((shown | wanted).values()):
            return {}
        workbook, group = self.package.touch(self.package.workbook_part), self.package.workbook_child("sheets")
        assert group is not None, "a workbook has sheets"
        for node in group:
            name = parts.unescape(node.get("name", ""))
            if name in wanted:
                _set_state(self.package, node, name, wanted[name])
        _in_front(workbook, [(shown | wanted)[name] for name, _, _ in self.package.sheet_nodes()])
        _relink(self.package, shown | wanted)
        return wanted


def _set_state(package: Package, node: parts.Element, name: str, visible: bool) -> None:
    if visible:
        node.attrib.pop("state", None)
    else:
        node.set("state", "hidden")
    if name in package.sheets:
        package.sheets[name].state = "visible" if visible else "hidden"


def _relink(package: Package, shown: Mapping[str, bool]) -> None:
    """The strips' links to the sheet before and behind pass over what is hidden now, and lead to what is shown again."""
    strips = {}
    for name, _, _ in package.sheet_nodes():
        if name in package.sheets:
            groups = [node for node in package.root(package.sheets[name].part) if parts.local_name(node) == "hyperlinks"]
            links = {
                str(node.get("ref")): node
                for group in groups
                for node in group
                if isinstance(node.tag, str) and node.get("location")
            }
            if links.keys() & STRIP:
                strips[name] = links
    names = list(strips)
    for place, name in enumerate(names):
        for cell, others in zip(STRIP, (names[:place][::-1], names[place + 1 :]), strict=True):
            to, link = next((other for other in others if shown.get(other)), None), strips[name].get(cell)
            if to is None or link is None:
                continue
            location = sheet_prefix(to) + "A1"
            if parts.unescape(link.get("location", "")).replace("'", "") != location.replace("'", ""):
                package.touch(package.sheets[name].part)
                link.set("location", location)
                link.set("tooltip", to)


def _in_front(workbook: parts.Element, visible: Sequence[bool]) -> None:
    """The tab in front, and the first one listed, must be visible."""
    for view in (node for node in workbook.iter() if isinstance(node.tag, str) and parts.local_name(node) == "workbookView"):
        for key in ("activeTab", "firstSheet"):
            place = int(view.get(key, "0"))
            if place < len(visible) and not visible[place]:
                view.set(key, str(visible.index(True)))


def _closes_last(formula: str) -> bool:
    """Whether the bracket that a formula opens first is closed by its last character."""
    depth, quote = 0, ""
    for index, sign in enumerate(formula):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth == 0:
                return index == len(formula) - 1
    return False
