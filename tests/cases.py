"""The worked examples of ``tests/cases/*.json`` and how a result is compared with them: one expectation for every host."""

from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    file: str
    name: str
    source: str
    call: str
    args: list[Any]
    expect: list[list[Any]]
    tolerance: float | None
    language: str

    def __str__(self) -> str:
        return f"{self.file}: {self.call}: {self.name}"


def load() -> list[Case]:
    cases = []
    for path in sorted(FOLDER.glob("*.json")):
        for entry in json.loads(path.read_text(encoding="utf-8")):
            entry = {"source": "", "tolerance": None, "language": "zh", **entry}
            cases.append(Case(file=path.stem, **entry))
    return cases


def plain(cell: Any) -> Any:
    """A cell as JSON writes it; a date's serial number is left to the comparison."""
    if isinstance(cell, dt.datetime | dt.date):
        return dt.date(cell.year, cell.month, cell.day).isoformat()
    return str(cell) if isinstance(cell, str) else cell


def agrees(found: Any, expected: Any, tolerance: float | None = None) -> bool:
    found = plain(found)
    if isinstance(expected, bool) or isinstance(found, bool):
        return found is expected
    if isinstance(expected, int | float):
        if not isinstance(found, int | float):
            return False
        return math.isclose(
            found, expected, rel_tol=1e-9 if tolerance is None else 0, abs_tol=1e-9 if tolerance is None else tolerance
        )
    if expected is None or expected == "":
        return found in (None, "")
    if isinstance(found, int | float) and not isinstance(found, bool):  # a date as its serial number
        try:
            day = dt.date.fromisoformat(expected)
        except ValueError:
            return False
        return found == (day - dt.date(1899, 12, 30)).days
    return found == expected


def differences(found: list[list[Any]], case: Case) -> list[str]:
    """What differs, cell by cell; empty when all agrees."""
    shape, wanted = [len(row) for row in found], [len(row) for row in case.expect]
    if shape != wanted:
        return [f"shape {shape}, expected {wanted}: {found}"]
    return [
        f"row {r} column {c}: {cell!r}, expected {want!r}"
        for r, (row, wants) in enumerate(zip(found, case.expect, strict=True), 1)
        for c, (cell, want) in enumerate(zip(row, wants, strict=True), 1)
        if not agrees(cell, want, case.tolerance)
    ]
