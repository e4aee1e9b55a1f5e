"""Sheets of an OpenDocument workbook (.ods) as raw cells; and an .xlsx as odd programs write it, put in order before it is opened."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from udfs.text import Text
from udfs.values import ExcelError, text_to_number
from workbook_templates.answers import Refused
from workbook_templates.intake.meaning import units
from workbook_templates.intake.meaning.currencies import YUAN, taken_apart
from workbook_templates.intake.meaning.dress import Dress, Dressed
from workbook_templates.xlsx.archive import Archive
from workbook_templates.xlsx.markup import parse

_NS = {"office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0", "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
       "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0", "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0"}  # fmt: skip
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MAX_ROWS, _MAX_COLUMNS = 1 << 20, 1 << 14


class OdsRow(NamedTuple):
    """One row: its number, cells, whether it is hidden, whether a formula of totals stands in it, cells that go on from above."""

    line: int
    cells: list[Any]
    hidden: bool
    summed: bool
    merged: frozenset[int]


NUMBERS = Text("是 Numbers 表格：请在 Numbers 中导出为 Excel（.xlsx）或 CSV。",
               "it is a Numbers spreadsheet: export it to Excel (.xlsx) or CSV in Numbers.")  # fmt: skip


class OdsSheet(NamedTuple):
    """One sheet: its rows, the comments on its cells by line and column (from 0), and whether nobody sees it."""

    rows: list[OdsRow]
    comments: list[tuple[int, int, str]]
    hidden: bool


def sheets(data: bytes, path: Path) -> dict[str, OdsSheet] | None:
    """The sheets of an .ods, by name; None where a zip is none. Another program's zip is named."""
    archive = Archive(data, path.name)
    if any(part.startswith("Index/") or part.endswith(".iwa") for part in archive.infos):
        raise Refused(Text(f"“{path.name}”：", f"“{path.name}”: ") + NUMBERS)
    if archive.find("mimetype") is None or b"opendocument.spreadsheet" not in archive.read("mimetype"):
        return None
    if archive.find("content.xml") is None:
        raise Refused(Text(f"“{path.name}”没有 content.xml，文件已损坏。", f"“{path.name}” holds no content.xml: it is damaged."))
    root = parse(archive.read("content.xml"), "content.xml")
    unseen = {
        style.get(_tag("style", "name"))
        for style in root.iter(_tag("style", "style"))
        if any(p.get(_tag("table", "display")) == "false" for p in style.iter(_tag("style", "table-properties")))
    }
    return {
        table.get(_tag("table", "name"), ""): OdsSheet(*_rows(table), table.get(_tag("table", "style-name")) in unseen)
        for table in root.iter(_tag("table", "table"))
    }


def _tag(space: str, name: str) -> str:
    return f"{{{_NS[space]}}}{name}"


def _rows(table: Any) -> tuple[list[OdsRow], list[tuple[int, int, str]]]:
    rows: list[OdsRow] = []
    comments: list[tuple[int, int, str]] = []
    line = 0
    going: dict[int, tuple[int, Any]] = {}  # column → rows left of a merged cell, and its value
    for node in table.iter(_tag("table", "table-row")):
        times = int(node.get(_tag("table", "number-rows-repeated"), "1"))
        cells, summed, merged = _cells(node, going)
        comments += [(line + 1, column, text) for column, text in _comments(node)]
        hidden = node.get(_tag("table", "visibility"), "visible") != "visible"
        if any(cell is not None for k, cell in enumerate(cells) if k not in merged):
            rows += [OdsRow(line + n + 1, cells, hidden, summed, frozenset(merged)) for n in range(min(times, _MAX_ROWS - line))]
        line += times
    return rows, comments


def _comments(row: Any) -> list[tuple[int, str]]:
    found = []
    column = 0
    for node in row:
        said = node.find(_tag("office", "annotation"))
        if said is not None:
            found.append((column, "\n".join("".join(p.itertext()) for p in said.iter(_tag("text", "p")))))
        column += int(node.get(_tag("table", "number-columns-repeated"), "1"))
    return found


def _cells(row: Any, going: dict[int, tuple[int, Any]]) -> tuple[list[Any], bool, set[int]]:
    cells: list[Any] = []
    summed = False
    merged: set[int] = set()
    for node in row:
        if node.tag not in (_tag("table", "table-cell"), _tag("table", "covered-table-cell")):
            continue
        times = int(node.get(_tag("table", "number-columns-repeated"), "1"))
        value = _value(node)
        formula = node.get(_tag("table", "formula"), "").upper()
        summed |= "SUBTOTAL(" in formula or "AGGREGATE(" in formula
        if value is None and times > 256:
            times = 0 if len(cells) + times >= _MAX_COLUMNS else times
        for _ in range(min(times, _MAX_COLUMNS - len(cells))):
            column = len(cells)
            left, above = going.get(column, (0, None))
            if value is None and left > 0:
                cells.append(above)
                merged.add(column)
                going[column] = left - 1, above
            else:
                cells.append(value)
                spans = int(node.get(_tag("table", "number-rows-spanned"), "1"))
                going[column] = spans - 1, value
    while cells and cells[-1] is None:
        cells.pop()
    return cells, summed, {k for k in merged if k < len(cells)}


def _value(node: Any) -> Any:
    kind = node.get(_tag("office", "value-type"))
    text = "\n".join("".join(p.itertext()) for p in node.findall(_tag("text", "p")))  # not those of a comment within it
    if kind in ("float", "percentage", "currency"):
        return _as_shown(float(node.get(_tag("office", "value"), "nan")), text, node.get(_tag("office", "currency"), ""))
    if kind == "date":
        said = node.get(_tag("office", "date-value"), "")
        try:
            return dt.date.fromisoformat(said) if len(said) == 10 else dt.datetime.fromisoformat(said)
        except ValueError:
            return said
    if kind == "boolean":
        return node.get(_tag("office", "boolean-value")) == "true"
    if text.startswith("#") and text.rstrip("!?").isupper() and node.get(_tag("table", "formula")):
        return ExcelError("#VALUE!", Text(f"错误值 {text}：请改正", f"the error {text}: correct it"))
    return text or None


def _as_shown(number: float, text: str, code: str) -> float:
    """A number in the dress that its cell shows: the file keeps that as text beside the value."""
    if re.fullmatch(r"0\d+", text):
        return Dressed(number, Dress(padded="0" * len(text)))
    sign, rest = taken_apart(text)
    said = units.says(re.sub(r"[\d.,\s()%+\-−]", "", rest)) if re.search(r"[^\d.,\s()%+\-−E]", rest) else units.SILENT
    sign = next((one for one in (sign, said.currency, code) if one not in ("", YUAN)), "")
    scale, unclear = Decimal(1), said.unknown
    if said.scale not in (None, Decimal(1)):
        digits = text_to_number(re.sub(r"[^\d.,()\-−]", "", rest))
        if digits is None or abs(digits - number) <= max(abs(number), 1) * 0.05:
            scale = said.scale or scale
        elif abs(digits * float(said.scale or 1) - number) > max(abs(number), 1) * 0.05:
            unclear = text
    return Dressed(number, Dress(scale, sign, "", unclear)) if sign or scale != 1 or unclear else number


def tidied(data: bytes, path: Path) -> bytes:
    """An .xlsx with part names in slashes and without sheets that have no part, as other readers open it; mostly as it is."""
    archive = Archive(data, path.name)
    names = {part: part.replace("\\", "/") for part in archive.infos}
    workbook, relations = names_of(names, "xl/workbook.xml"), names_of(names, "xl/_rels/workbook.xml.rels")
    replaced: dict[str, bytes] = {}
    if workbook and relations:
        there = {name.casefold() for name in names.values()}
        targets = {node.get("Id"): str(node.get("Target", "")) for node in parse(archive.read(relations), relations)}
        root = parse(archive.read(workbook), workbook)
        gone = [
            node
            for node in root.iter("{*}sheet")
            if (target := targets.get(node.get(_REL))) is None or _part(target).casefold() not in there
        ]
        kept = sum(1 for _ in root.iter("{*}sheet")) - len(gone)
        if gone and kept:
            from lxml import etree

            for node in gone:
                node.getparent().remove(node)
            replaced[workbook] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    if not replaced and all(part == name for part, name in names.items()):
        return data
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for part, name in names.items():
            made.writestr(name, replaced.get(part) or archive.read(part))
    return out.getvalue()


def names_of(names: dict[str, str], wanted: str) -> str:
    """The entry that holds a part, whatever its slashes."""
    return next((part for part, name in names.items() if name.casefold() == wanted.casefold()), "")


def _part(target: str) -> str:
    target = target.replace("\\", "/")
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}".replace("xl/../", "").replace("/./", "/")
