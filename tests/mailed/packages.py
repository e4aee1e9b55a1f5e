"""A mailed workbook taken apart with the standard library: nothing of ours reads what ours wrote."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

import openpyxl

from workbook_templates import recalc
from workbook_templates.xlsx.package import Package

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def parts(content: bytes) -> dict[str, bytes]:
    """Every part of the package."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def words(content: bytes) -> str:
    """Everything a person could read anywhere in it, attributes too."""
    out = []
    for name, part in parts(content).items():
        for node in ElementTree.fromstring(part).iter():
            if not name.endswith(("styles.xml", "theme1.xml")):
                out += [node.text or "", *node.attrib.values()]
    return "\n".join(out)


def values(content: bytes) -> dict[str, dict[str, Any]]:
    """Cached values by sheet and cell, as openpyxl reads them."""
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    return {s.title: {c.coordinate: c.value for row in s for c in row if c.value is not None} for s in book}


def formulas(content: bytes) -> dict[tuple[str, str], str]:
    """Formulas by sheet and cell."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {(s.title, c.coordinate): c.value for s in book for row in s for c in row if c.data_type == "f"}


def names_seen(content: bytes) -> list[bool]:
    """Of each series that is named at one of its points: whether there is a value at that point."""
    found = []
    for name, part in parts(content).items():
        for series in ElementTree.fromstring(part).iter(f"{CHART}ser") if re.fullmatch(r"xl/charts/chart\d+\.xml", name) else ():
            label = series.find(f"{CHART}dLbls/{CHART}dLbl/{CHART}idx")
            there = {point.get("idx") for point in series.iterfind(f"{CHART}val//{CHART}pt")}
            if label is not None and there:
                found.append(label.get("val") in there)
    return found


def chart_points(content: bytes) -> Mapping[str, list[tuple[str, list[str | None]]]]:
    """Each chart's references with the points cached for them."""
    out = {}
    for name, part in parts(content).items():
        if not re.fullmatch(r"xl/charts/chart\d+\.xml", name):
            continue
        found = []
        for kind in ("num", "str"):
            for ref in ElementTree.fromstring(part).iter(f"{CHART}{kind}Ref"):
                cache = ref.find(f"{CHART}{kind}Cache")
                assert cache is not None, f"{name}: no cache"
                size = int(cache.find(f"{CHART}ptCount").get("val"))  # type: ignore[union-attr,arg-type]
                points: list[str | None] = [None] * size
                for point in cache.iter(f"{CHART}pt"):
                    points[int(point.get("idx"))] = point.find(f"{CHART}v").text  # type: ignore[union-attr,arg-type]
                found.append((ref.find(f"{CHART}f").text or "", points))  # type: ignore[union-attr]
        out[name] = found
    return out


def check_recalculated(content: bytes) -> None:
    """Our engine comes to every cached value: the same texts, the same numbers but for the last digits of a float sum."""
    stale = recalc.recalculate(Package.from_bytes(content), whole=True).stale
    for sheet, cell, cached, computed in stale:
        assert isinstance(cached, int | float) and isinstance(computed, int | float), (sheet, cell, cached, computed)
        assert abs(cached - computed) <= 1e-12 * max(abs(cached), 1e4), (sheet, cell, cached, computed)
