"""What a workbook says beside the cells of a sheet: comments on its first rows, and what is printed above and below each page.

Kept is what speaks of amounts (单位：万元, 含税): a person sees it when he looks at the sheet, so it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from workbook_templates.intake.meaning import units
from workbook_templates.xlsx.markup import local_name, parse
from workbook_templates.xlsx.package import Package, Sheet
from workbook_templates.xlsx.refs import Ref

_FIRST = 60  # rows in which headers and what stands above them are
_AUTHOR = re.compile(r"\A[^\n:：]{1,40}[:：]\s*\n")
_PRINTED = re.compile(rb"<(?:\w+:)?headerFooter\b.*?</(?:\w+:)?headerFooter>", re.DOTALL)
_TEXT = re.compile(rb"<(?:\w+:)?(?:odd|first|even)(?:Header|Footer)[^>]*>(.*?)</", re.DOTALL)
_CODES = re.compile(r'&"[^"]*"|&K[0-9A-Fa-f]{6}|&K\d\d[+-]\d{3}|&\d{1,3}|&[A-Za-z]')


class Asides(NamedTuple):
    """Comments by line and column (counted from 0), and the texts of the printed margins."""

    comments: tuple[tuple[int, int, str], ...] = ()
    printed: tuple[str, ...] = ()


def of_sheet(package: Package, sheet: Sheet) -> Asides:
    """What is said beside a sheet's cells."""
    return Asides(spoken(_comments(package, sheet)), tuple(dict.fromkeys(_printed(package, sheet))))


def spoken(comments: Iterable[tuple[int, int, str]]) -> tuple[tuple[int, int, str], ...]:
    """The comments near the headers that say something of amounts."""
    near = ((line, column, _of_amounts(_AUTHOR.sub("", text))) for line, column, text in comments if line <= _FIRST)
    return tuple((line, column, said) for line, column, said in near if said)


def _comments(package: Package, sheet: Sheet) -> list[tuple[int, int, str]]:
    part = package.related(sheet.part, "comments")
    if part is None or package.find_part(part) is None:
        return []
    found = []
    for node in (node for node in package.root(part).iter() if local_name(node) == "comment"):
        at = Ref.parse(node.get("ref", "A1"))
        found.append((at.first_row, at.first_col - 1, "".join(t.text or "" for t in node.iter() if local_name(t) == "t")))
    return found


def _of_amounts(text: str) -> str:
    """A text that says something of amounts, as a title would; "" for one that does not."""
    bare = " ".join(text.split())
    if not bare or units.of_title(bare):
        return bare
    return f"金额：{bare}" if units.tax_of(bare) else ""


def _printed(package: Package, sheet: Sheet) -> list[str]:
    data = package.archive.read(package.find_part(sheet.part) or sheet.part)
    found = _PRINTED.search(data, max(0, data.rfind(b"</sheetData>")))
    if found is None:
        return []
    texts = []
    for raw in _TEXT.findall(found[0]):
        whole = parse(b"<t>" + raw + b"</t>", sheet.part).text or ""
        texts += [" ".join(_CODES.sub(" ", part).split()) for part in re.split(r"&[LCR]", whole)]
    return [text for text in texts if text and units.of_title(text)]
