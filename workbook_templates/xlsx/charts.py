"""What a chart draws and the points it keeps."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from workbook_templates.cells import ErrorValue, Value
from workbook_templates.xlsx.markup import Element, insert_ordered, local_name, namespace_of
from workbook_templates.xlsx.refs import MAX_ROW, Ref
from workbook_templates.xlsx.values import escape, finite, kind_of, number_text, storable, unescape

if TYPE_CHECKING:
    from workbook_templates.xlsx.package import Package

_SHEET_NAME = r"(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^'!\[\]():,\s]+))"
CHART_AREA = re.compile(rf"{_SHEET_NAME}!(?P<area>\$?[A-Za-z]{{1,3}}\$?\d+(?::\$?[A-Za-z]{{1,3}}\$?\d+)?)")
CHART_NAME = re.compile(r"(?:'(?:[^']|'')+'|[^'!]+)!(?P<name>[^'!:,()]+)")


ROOM = "room_"  # how the defined name begins of rows that charts may draw: as many of them as say whose they are, in their first column


class ChartRef:
    """One reference of a chart and the points stored for it, which every viewer but Excel draws from."""

    def __init__(self, package: Package, part: str, node: Element, formula: str, sheet: str, area: Ref) -> None:
        self._package, self._part, self._node = package, part, node
        self.formula, self.sheet, self.area = formula, sheet, area

    def __repr__(self) -> str:
        return f"<ChartRef {self.kind} {self.formula}>"

    @property
    def kind(self) -> str:
        """``num`` or ``str``."""
        return "num" if local_name(self._node) == "numRef" else "str"

    @property
    def values(self) -> list[float | str | None] | None:
        """The stored points, None where there is none; None instead of a list when nothing is stored."""
        cache = self._cache()
        if cache is None:
            return None
        return self._points(cache)

    def set_cache(self, values: Sequence[object]) -> bool:
        """Store ``values`` as the points. Whether anything changed.

        In a numeric reference a text or blank is a gap and an error ``#N/A``. Numeric *categories* that turn out to be
        texts become a text reference, as Excel makes them on load.
        """
        clean = [storable(value) for value in values]
        to_text = self.kind == "num" and local_name(self._node.getparent()) == "cat" and any(kind_of(v) == "s" for v in clean)
        points = [_point(value, "str" if to_text else self.kind) for value in clean]
        if not to_text and self.values is not None and self.values == points:
            return False
        self._package.touch(self._part)
        namespace = namespace_of(self._node)
        if to_text:
            self._become_text(namespace)
        self._write(points, namespace)
        return True

    def extend(self, last_row: int) -> None:
        """Let the reference end with another row; its points are the next ``set_cache``'s business."""
        node = next(child for child in self._node if local_name(child) == "f")
        self._package.touch(self._part)
        self.formula = node.text = re.sub(r"[0-9]+$", str(last_row), self.formula)
        self.area = self.area._replace(last_row=last_row)

    def _cache(self) -> Element | None:
        return next((child for child in self._node if local_name(child) in ("numCache", "strCache")), None)

    def _points(self, cache: Element) -> list[float | str | None]:
        count = next((child.get("val", "") for child in cache if local_name(child) == "ptCount"), "")
        out: list[float | str | None] = [None] * (min(int(count), MAX_ROW) if count.isdigit() else 0)
        for child in cache:
            if local_name(child) == "pt" and child.get("idx", "").isdigit() and int(child.get("idx")) < len(out):
                text = next((v.text or "" for v in child if local_name(v) == "v"), "")
                out[int(child.get("idx"))] = self._value(text)
        return out

    def _value(self, text: str) -> float | str:
        if self.kind == "num":
            with contextlib.suppress(ValueError):
                return finite(text)
            return text
        return unescape(text)

    def _become_text(self, namespace: str) -> None:
        cache = self._cache()
        if cache is not None:
            self._node.remove(cache)
        self._node.tag = f"{namespace}strRef"

    def _write(self, points: Sequence[float | str | None], namespace: str) -> None:
        name = f"{namespace}{self.kind}Cache"
        cache = self._cache()
        if cache is None:
            cache = etree.Element(name)
            insert_ordered(self._node, cache, ["f"])
            if self.kind == "num":
                etree.SubElement(cache, f"{namespace}formatCode").text = "General"
        formats = {
            child.get("idx"): child.get("formatCode")
            for child in cache
            if local_name(child) == "pt" and child.get("formatCode") is not None
        }
        for child in [child for child in cache if local_name(child) in ("pt", "ptCount")]:
            cache.remove(child)
        fresh = [etree.Element(f"{namespace}ptCount", val=str(len(points)))]
        for index, value in enumerate(points):
            if value is None:
                continue
            point = etree.Element(f"{namespace}pt", idx=str(index))
            if str(index) in formats:
                point.set("formatCode", formats[str(index)])
            text = number_text(value) if isinstance(value, float) else escape(value)
            etree.SubElement(point, f"{namespace}v").text = text
            fresh.append(point)
        place = next((i + 1 for i, child in enumerate(cache) if local_name(child) == "formatCode"), 0)
        cache[place:place] = fresh


def fit(charts: Sequence[Chart], rooms: Sequence[tuple[str, Ref]], named: Callable[[str, Ref], Sequence[object]]) -> int:
    """Let charts draw as many rows of each block as say whose they are in its first column (``named`` gives the cells of an area). How many
    references changed. Where none does, all: they may come in while the workbook is open in Excel, where no chart of ours is changed."""
    changed = 0
    for sheet, room in rooms:
        first = room._replace(last_col=room.first_col)
        used = [place for place, cell in enumerate(named(sheet, first)) if isinstance(cell, str) and cell not in _NOBODY]
        last = room.first_row + max(used) if used else room.last_row
        for chart in charts:
            for ref in chart.refs:
                mine = ref.sheet == sheet and ref.area.first_row == room.first_row and ref.area.last_row <= room.last_row
                if mine and room.first_col <= ref.area.first_col <= room.last_col and ref.area.last_row != last:
                    ref.extend(last)
                    changed += 1
    return changed


_NOBODY = ("", "–")


def _point(value: Value, kind: str) -> float | str | None:
    if kind == "num":
        if isinstance(value, ErrorValue):
            return "#N/A"
        return float(value) if isinstance(value, float) else None
    if value is None:
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return number_text(value) if isinstance(value, float) else str(value)


@dataclass
class Chart:
    """A chart part: the references whose points can be stored, and those that were left alone."""

    part: str
    refs: list[ChartRef]
    skipped: list[str]
