"""Every formula that a page gives with its result is computed: by our engine as a cell would, or by ``salesplan call``."""

from __future__ import annotations

import datetime as dt
import doctest
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import udfs
from addin import cli
from udfs import policy, speaking
from workbook_templates.engine import run
from workbook_templates.xlsx.package import Ref, address

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FORMULA = r"`(?P<formula>=SALES[_.][A-Z0-9]+\([^`…]*\))`"
VALUE = r"`?(?P<value>#[A-Z0-9/]+[!?]?|-?\d[\d,]*(?:\.\d+)?)(?![\w%])"
# In prose: gives, 得, → or = behind the formula. In a table: the next column begins with it. `call`: behind the colon of the
# comment.
PROSE = re.compile(rf"{FORMULA}\s*(?:gives|returns|is|得到?|返回|→|=|：|:)\s*{VALUE}")
TABLE = re.compile(rf"\|[^|\n]*?{FORMULA}[^|\n]*\|\s*{VALUE}")
CALLED = re.compile(rf"^salesplan (?P<formula>call .*?)\s+#.*[:：]\s*{VALUE}\s*$", re.M)
# The reference: results as Python shows them, `...` for what is left out; what stands in cells is said in brackets.
REFERENCE = re.compile(rf"^(?:Example|例): {FORMULA}(?: \((?P<cells>[^)]*)\))? → `(?P<value>.*)`$", re.M)


class Stated(NamedTuple):
    formula: str
    value: str
    cells: str = ""


def stated(text: str) -> Iterator[Stated]:
    """What a page of prose says that formulas come to."""
    for notation in (PROSE, TABLE, CALLED):
        for found in notation.finditer(text):
            yield Stated(found["formula"], found["value"])


def computed(formula: str, cells: dict[str, Any] | None = None) -> list[list[Any]]:
    """What the function of a formula returns when our engine evaluates the formula."""
    seen: list[list[list[Any]]] = []

    def noting(function: Callable[..., list[list[Any]]]) -> Callable[..., list[list[Any]]]:
        def noted(*arguments: Any) -> list[list[Any]]:
            seen.append(function(*arguments))
            return [["" if cell is None else cell for cell in row] for row in seen[-1]]

        return noted

    functions = {f"SALES_{name}": noting(entry.cells) for name, entry in udfs.catalogue().items()}
    run.evaluate_formula(formula.replace("SALES.", "SALES_"), functions, cells)
    return [list(row) for row in seen[-1]]


def agrees(value: str, cell: Any) -> bool:
    """A number to the digits it is stated with; an error by its code."""
    if value.startswith("#"):
        return str(cell) == value
    digits = len(value.partition(".")[2])
    return isinstance(cell, int | float) and round(float(cell), digits) == float(value.replace(",", ""))


def called(line: str, capsys: pytest.CaptureFixture[str]) -> Any:
    """The value that a line of the command line prints."""
    assert cli.main([*shlex.split(line), "--lang", "en"]) == cli.DONE
    return float(capsys.readouterr().out.strip().replace(",", ""))


@pytest.mark.parametrize("page", [p for p in PAGES if not p.name.startswith("functions.")], ids=lambda page: page.name)
def test_prose_states_what_comes_out(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for formula, value, _ in stated(page.read_text(encoding="utf-8")):
        got = called(formula, capsys) if formula.startswith("call") else computed(formula)[0][0]
        assert agrees(value, got), f"{formula} comes to {got}, the page says {value}"


def test_every_notation_is_found_where_it_is_used() -> None:
    """So that a page written another way does not go untested: these pages state results."""
    found = {page.name: len(list(stated(page.read_text(encoding="utf-8")))) for page in PAGES}
    assert {name for name, count in found.items() if count} >= {
        "README.md",
        "install.en.md",
        "install.zh.md",
        "manual-checklist.md",
    }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_reference_states_what_comes_out(language: str) -> None:
    """Its examples are the docstrings', whose words are Chinese on both pages."""
    policy.set_today(dt.date(2027, 6, 30))
    text = (ROOT / "docs" / f"functions.{language}.md").read_text(encoding="utf-8")
    examples = [Stated(m["formula"], m["value"], m["cells"] or "") for m in REFERENCE.finditer(text)]
    assert len(examples) == text.count("→ `") > len(udfs.catalogue()) / 2
    with speaking("zh"):
        for formula, value, cells in examples:
            rows = computed(formula, dict(_filled(cells)))
            got = repr(rows[0][0] if len(rows) == len(rows[0]) == 1 else rows)
            assert doctest.OutputChecker().check_output(value, got, doctest.ELLIPSIS), f"{formula} comes to {got}"


def _filled(cells: str) -> Iterator[tuple[str, Any]]:
    """``A1:B1 = `{1,}` `` as cells; blanks are left out."""
    for ref, content in re.findall(r"([A-Z]+\d+:[A-Z]+\d+) = `\{(.*?)\}`", cells):
        values = [value for row in content.split(";") for value in row.split(",")]
        for at, value in zip(Ref.parse(ref).cells(), values, strict=True):
            if value:
                yield address(*at), value[1:-1] if value.startswith('"') else float(value)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("type `=SALES_ROI(100,20)` gives 4 (soon)", False),
        ("输入 `=SALES_ROI(100,20)` 得 5（第一次要等几秒）", True),
        ("| A5 | Type `=SALES_ROI(100,0)`, then ask | `#DIV/0!`, and why |", True),
        ("| A5 | Type `=SALES_ROI(100,20)` | 4. The first call |", False),
    ],
)
def test_the_test_itself_finds_and_judges(text: str, right: bool) -> None:
    ((formula, value, _),) = stated(text)
    assert agrees(value, computed(formula)[0][0]) == right
