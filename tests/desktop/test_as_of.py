"""The as-of date of a workbook: a dependency that Excel must see, since it recalculates by what formulas name."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from addin.desktop.functions import PREFIX, help_of, reads_the_clock
from tests.cases import load
from tests.plans import sample_plan
from udfs import policy
from udfs.formula import Formula, catalogue
from workbook_templates.xlsx.package import Package


def clocked() -> dict[str, int]:
    """The functions that read the clock when a day is omitted, and which argument that is."""
    return {name: n for name, entry in catalogue().items() for n, a in enumerate(entry.arguments) if reads_the_clock(a)}


def test_only_functions_whose_help_says_so_read_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def today() -> dt.date:
        read.append("read")
        return dt.date(2027, 3, 1)

    monkeypatch.setattr(policy, "today", today)
    asked = set()
    for case in load():
        entry: Formula = catalogue()[case.call]
        at = clocked().get(case.call)
        arguments = case.args if at is None else case.args[:at]
        entry.cells(*arguments)
        if read:
            asked.add(case.call)
        read.clear()
    assert asked and asked <= clocked().keys()
    assert clocked().keys() == {
        *("RFM", "CLVINPUTS", "YEARENDTAX", "DELIVERYLIGHT", "ONTIMERATE", "SLASTATUS", "FAILUREDATE", "MILESTONESTATUS"),
        *("STAGESTATS", "CLOSEFORECAST", "AGEING", "FLEXQUOTE"),
    }


def given(formula: str, name: str) -> Iterator[int]:
    """How many arguments each call of a function has."""
    for match in re.finditer(rf"(?i)(?<![A-Z_]){PREFIX}{name}\(", formula):
        depth, count, quoted = 1, 1, False
        for letter in formula[match.end() :]:
            quoted ^= letter == '"'
            depth += 0 if quoted else {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(letter, 0)
            if depth == 0:
                break
            count += letter == "," and depth == 1 and not quoted
        yield count


def test_arguments_are_counted() -> None:
    assert list(given('=1+SALES_RFM(a,{1,2},t[[#This Row],[x]],IF(1,2,3),",")', "RFM")) == [5]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_formula_of_a_plan_names_the_day(lang: str, tmp_path: Path) -> None:
    package = Package.open(sample_plan(lang, tmp_path))
    clock, seen = clocked(), 0
    for sheet in package.sheets.values():
        for at, cell in sheet.cells().items():
            for name, position in clock.items():
                for count in given(cell.formula or "", name):
                    seen += 1
                    assert count > position, (sheet.name, at, cell.formula)
    assert seen > 0


def test_the_wizard_asks_for_the_day() -> None:
    for name, position in clocked().items():
        said = help_of(catalogue()[name].arguments[position])
        assert "as_of" in said.zh and "as_of" in said.en and "today" not in said.en
