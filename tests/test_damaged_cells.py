"""Whatever a file holds in its cells and formulas, recalc and check end with a problem at a cell or one line, never a
traceback (A13)."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from addin import cli
from tests.actions.company import company, deal
from tests.extents import rewritten
from tests.small_plan import small_plan
from workbook_templates import recalc
from workbook_templates.answers import Refused
from workbook_templates.engine import run
from workbook_templates.recalc import recalculate
from workbook_templates.xlsx.package import Package

# Formulas that are none, or that no spreadsheet would take; each gave a traceback or hung.
BAD_FORMULAS = {
    "a call of a program": "cmd|'/c calc'!A0",
    "500 parentheses": "(" * 500 + "1" + ")" * 500,
    "500 functions": "ABS(" * 500 + "A2" + ")" * 500,
    "thousands of @": "@" * 3000 + "A2",
    "40,000 characters": '"' + "x" * 40_000 + '"',
    "an open text": '"abc',
    "an open brace": "{1,2",
    "full-width brackets": "ＳＵＭ（１）",
    "dots": "....",
    "half a sheet": "'",
    "a Table cut off": "T[[#This Row]",
    "what the engine gives up on": "TA2:A4",
    "half a character": '"\ud800"',
}
# The engine's own parser takes these for nothing it knows.
ODD_FORMULAS = [
    "",
    " ",
    "*",
    ",,,",
    "1+" * 4000 + "1",
    "-" * 8000 + "1",
    "A1:" * 400 + "A1",
    "ANCHORARRAY(",
    "SINGLE()",
    "Foo!",
    "LET()",
    "XFE1048577",
]


@pytest.mark.parametrize("kind", BAD_FORMULAS)
def test_a_formula_nobody_can_read_is_named_and_the_rest_is_computed(kind: str) -> None:
    cells: dict[tuple[int, int], Any] = {(1, 1): run.CellIn(formula=BAD_FORMULAS[kind]), (2, 1): 1.0}
    cells |= {(3, 1): run.CellIn(formula="A1+1"), (4, 1): run.CellIn(formula="1+1"), (5, 1): run.CellIn(formula="1/0")}
    results = run.evaluate(run.CellBook({"S": cells}))
    assert [cell.cell for cell in results.unsupported] == ["A1", "A3"], "and what reads it"
    assert all(len(cell.reason.en) < 200 and cell.reason.zh for cell in results.unsupported)
    assert results.values == {("S", 4, 1): 2.0, ("S", 5, 1): "#DIV/0!"}


@pytest.mark.parametrize("formula", ODD_FORMULAS, ids=lambda f: f[:12] or "nothing")
def test_an_odd_formula_stops_nothing(formula: str) -> None:
    cells: dict[tuple[int, int], Any] = {(1, 1): run.CellIn(formula=formula), (4, 1): run.CellIn(formula="1+1")}
    assert run.evaluate(run.CellBook({"S": cells})).values["S", 4, 1] == 2.0


def test_half_a_character_in_a_cell_is_a_cell_like_others() -> None:
    cells: dict[tuple[int, int], Any] = {
        (1, 1): "销售\ud83d",
        (2, 1): run.CellIn(formula='A1&"!"'),
        (3, 1): run.CellIn(formula="LEN(A1)"),
    }
    assert run.evaluate(run.CellBook({"S": cells})).values == {("S", 2, 1): "销售?!", ("S", 3, 1): 3.0}


# ------------------------------------------------------------------------------------------------------------- cells of a file


def _book(folder: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "账"
    for row in (["甲", 1.5, True], ["乙", 2.5, False]):
        sheet.append(row)
    sheet["E1"], sheet["E2"] = "=SUM(B1:B2)", "=E1*2"
    book.save(folder / "good.xlsx")
    return folder / "good.xlsx"


def _with_cell(folder: Path, cell: str, to: str = "bad.xlsx") -> Path:
    """The book with its cell B1 replaced by XML of one's own."""
    return rewritten(
        _book(folder),
        folder / to,
        lambda part, text: re.sub(r'<c r="B1"[^>]*>.*?</c>', lambda _: cell, text) if "/sheet1.xml" in part else text,
    )


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="B1" t="s"><v>-1</v></c>',
        '<c r="B1" t="s"><v>１</v></c>',
        '<c r="B1" t="s"><v>1_0</v></c>',
        '<c r="B1" t="s"><v>99</v></c>',
        '<c r="B1" t="s"><v>x</v></c>',
        '<c r="B1"><v>abc</v></c>',
        '<c r="B1"><v>１２</v></c>',
        '<c r="B1"><v>1_000</v></c>',
        '<c r="B1"><v>INF</v></c>',
        '<c r="B1" t="q"><v>1</v></c>',
        '<c r="B1" t="d"><v>soon</v></c>',
        '<c r="B1" s="-1"><v>1</v></c>',
        '<c r="B1"><f t="array" ref="?">1</f></c>',
        '<c r="B1"><f t="dataTable" ref="">1</f></c>',
    ],
)
def test_a_damaged_cell_is_refused_by_its_name(tmp_path: Path, cell: str) -> None:
    """The last string for -1, another for a full-width digit: what Python makes of them is not what stands there."""
    with pytest.raises(Refused) as refused:
        Package.open(_with_cell(tmp_path, cell)).sheets["账"].cells()
    assert "账!B1" in refused.value.text.zh and "账!B1" in refused.value.text.en


@pytest.mark.parametrize("reference", ["１1", "b1", "1", "ZZZ1", "AAAAAAAA1"])
def test_a_damaged_reference_is_refused_with_its_sheet(tmp_path: Path, reference: str) -> None:
    with pytest.raises(Refused) as refused:
        Package.open(_with_cell(tmp_path, f'<c r="{reference}"><v>1</v></c>')).sheets["账"].cells()
    assert "账" in refused.value.text.zh


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="<&>\"'\x00", exclude_categories=("Cc", "Cs")), max_size=20
) | st.sampled_from(["-1", "１", "1e999", "_xD800_", "_x0000_", "1.5", "TRUE", "#N/A", "2027-03-05", "#SPILL!", "9" * 400])
FORMULAS = st.text("=+-*/^()[]{}#@!:,;%$'\"|._ AB19甲TSUMx\\", max_size=25).map(
    lambda text: text.replace("&", "&amp;").replace("<", "&lt;")
) | st.sampled_from([*BAD_FORMULAS.values(), "SUM(B2:B1048576)", "B1", "E2", "1/0"]).map(
    lambda t: t.encode("utf-8", "replace").decode()
)


@st.composite
def cells_xml(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(["", "n", "s", "str", "b", "e", "d", "inlineStr", "z"]))
    style = draw(st.sampled_from(["", "0", "7", "-1", "x"]))
    mark = draw(st.sampled_from(["", "1", "99", "x"]))
    how = draw(st.sampled_from(["", "shared", "array", "dataTable", "normal"]))
    ref = draw(st.sampled_from(["", "B1", "B1:D9", "A1:XFD1048576", "Q", "B:B"]))
    attributes = {"t": kind, "s": style, "cm": mark, "vm": mark}
    formula = {"t": how, "ref": ref, "si": draw(st.sampled_from(["", "0", "7"]))}
    inner = f"<f {_attributes(formula)}>{draw(FORMULAS)}</f>" if draw(st.booleans()) else ""
    inner += draw(st.sampled_from(["", "<v/>", "<is><t>x</t></is>"])) or f"<v>{draw(TEXTS)}</v>"
    return f'<c r="B1" {_attributes(attributes)}>{inner}</c>'


def _attributes(named: dict[str, str]) -> str:
    return " ".join(f'{name}="{value}"' for name, value in named.items() if value)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(cell=cells_xml())
def test_any_cell_is_computed_left_out_or_refused(tmp_path: Path, cell: str) -> None:
    with contextlib.suppress(Refused):
        package = Package.open(_with_cell(tmp_path, cell))
        recalculate(package)
        recalc.compute(Package.from_bytes(package.to_bytes()))


@pytest.mark.parametrize("command", ["recalc", "check"])
@pytest.mark.parametrize("what", ["cmd|'/c calc'!A0", "(" * 500 + "1" + ")" * 500, "1e999999999999999999999", "_xD800_"])
def test_commands_end_with_a_line(tmp_path: Path, command: str, what: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The plan's first deal gets it as its revenue: as a text, or as a formula."""
    path = small_plan(tmp_path / "plan.xlsx", company([deal(1), deal(2, 0.1)]))
    package = Package.open(path)
    table = package.tables["Deals"]
    at = table.data.first_row, table.data.first_col + list(table.headers).index("收入")
    sheet, where = package.sheets[table.sheet], f"{chr(64 + at[1])}{at[0]}"
    content = f'<c r="{where}" t="str"><v>{what}</v></c>' if what[0] in "1_" else f'<c r="{where}"><f>{what}</f></c>'
    bad = rewritten(
        path,
        tmp_path / "bad.xlsx",
        lambda part, text: re.sub(rf'<c r="{where}"[^>]*>.*?</c>', lambda _: content, text) if part == sheet.part else text,
    )
    code = cli.main([command, str(bad)])
    said = capsys.readouterr()
    assert code == 1 or (command == "recalc" and content.endswith("</v></c>"))  # a text is nothing left uncomputed
    assert "Traceback" not in said.out + said.err
    assert table.sheet in said.out or code == 0
