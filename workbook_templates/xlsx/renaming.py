"""A sheet gets another name, and everything in the file that names it follows: formulas, names, charts, links, pivot sources."""

from __future__ import annotations

import re

from lxml import etree

from udfs.text import Text
from workbook_templates.answers import Refused
from workbook_templates.formulas import spelling
from workbook_templates.xlsx import new_sheet as listing
from workbook_templates.xlsx import package as parts
from workbook_templates.xlsx.moving import displaced
from workbook_templates.xlsx.package import Package, Sheet

_FORMULAS = {"f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula", "totalsRowFormula"}
# A text, a sheet's name in quotes (of two sheets: a range of sheets), a bare one.
_CELL = r"\$?[A-Za-z]{1,3}\$?[1-9]\d*"
_PIECES = re.compile(
    r"""("(?:[^"]|"")*")|(?:'((?:[^']|'')+)'|(?<![\w.'\]])((?:[^\W\d]|\\)[\w.]*))!"""
    rf"({_CELL}(?::{_CELL})?|\$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}})?"
)


def rename_sheet(package: Package, old: str, new: str) -> None:
    """Give a worksheet another name. Refused where the structure is locked or the name is taken."""
    listing.refuse_locked(package, Text("改名", "renamed"))
    titles = [title for title, _, _ in package.sheet_nodes()]
    if new.casefold() in {title.casefold() for title in titles if title != old}:
        raise Refused(Text(f"已有工作表“{new}”：请先改名", f"there is a sheet “{new}” already: rename it first"))
    group = package.workbook_child("sheets")
    assert group is not None, "a workbook has sheets"
    package.touch(package.workbook_part)
    group[titles.index(old)].set("name", parts.escape(new))
    for part in [p for p in package.parts() if p.endswith(".xml")]:
        _follow(package, part, old, new)
    listing.rename_title(package, old, new)
    _read_again(package, {old: new})


def _read_again(package: Package, names: dict[str, str]) -> None:
    """Formulas were read as they named the sheet before: every sheet is read again."""
    found = {names.get(name, name): one for name, one in package.sheets.items()}
    package.sheets = {name: Sheet(package, name, one.state, one.part) for name, one in found.items()}
    for cached in ("tables", "names"):
        package.__dict__.pop(cached, None)


def follow_merged(package: Package, old: str, new: str, columns: int) -> None:
    """What stood on one sheet stands on another now, so many columns further right: all that names a cell of it follows."""
    for part in [p for p in package.parts() if p.endswith(".xml")]:
        _follow(package, part, old, new, columns)
    _read_again(package, {})


def _follow(package: Package, part: str, old: str, new: str, columns: int = 0) -> None:
    if part not in package.roots and part not in package.touched:
        raw = package.archive.read(package.find_part(part) or part)
        if old.encode() not in raw and b"&#" not in raw:
            return
    for node in package.root(part).iter(etree.Element):
        kind = parts.local_name(node)
        if kind in _FORMULAS and node.text and (text := renamed(node.text, old, new, columns)) != node.text:
            package.touch(part)
            node.text = text
        elif kind == "hyperlink" and (place := node.get("location")) and (text := renamed(place, old, new, columns)) != place:
            package.touch(part)
            node.set("location", text)
        elif kind == "worksheetSource" and node.get("sheet") == old:
            package.touch(part)
            node.set("sheet", new)


def renamed(formula: str, old: str, new: str, columns: int = 0) -> str:
    """A formula with a sheet's new name; texts in it stay as they are. ``columns``: how far its cells moved to the right.

    >>> renamed('SUM(Weeks!A1,\\'Weeks\\'!B2)&"Weeks!"', "Weeks", "Weekly plan")
    'SUM(\\'Weekly plan\\'!A1,\\'Weekly plan\\'!B2)&"Weeks!"'
    >>> renamed("A1+Weeks!$A$1:B2", "Weeks", "Quotas", 20)
    'A1+Quotas!$U$1:V2'
    """

    def piece(found: re.Match[str]) -> str:
        text, quoted, bare, cells = found.groups()
        if text is not None:
            return found[0]
        names = (quoted.replace("''", "'") if quoted is not None else bare).split(":")
        if not any(name.casefold() == old.casefold() for name in names):
            return found[0]
        after = ":".join(new if name.casefold() == old.casefold() else name for name in names)
        return spelling.sheet_prefix(after) + displaced(cells or "", 0, columns)

    return _PIECES.sub(piece, formula)
