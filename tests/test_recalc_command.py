"""What `salesplan recalc` and actions say of formulas they could not compute (issue 10, A14)."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.table import Table

from addin import cli
from tests.actions.company import company, deal
from tests.actions.steps import do
from tests.small_plan import small_plan
from workbook_templates.recalc import compute, left, left_note
from workbook_templates.tables.switches import Switched
from workbook_templates.xlsx.package import CellFormula, Package


def ours(folder: Path, **formulas: str) -> Path:
    """The least workbook that passes for a plan, with formulas in its sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "成交"
    for row in (["单号"], ["D1"]):
        sheet.append(row)
    sheet.add_table(Table(displayName="Deals", ref="A1:A2"))
    for at, text in formulas.items():
        sheet[at] = f"={text}"
    book.save(folder / "plan.xlsx")
    return folder / "plan.xlsx"


CIRCLE = {"AX1": "AY1+1", "AY1": "AX1", "AX2": "AX1*2", "AX3": "MMULT(A1:B2,A1:B2)", "AX4": "1+1"}


def test_recalc_says_what_it_left_and_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = ours(tmp_path, **CIRCLE)
    assert cli.main(["recalc", str(path)]) == 1
    said = capsys.readouterr().out
    assert "3 格未计算（循环引用）：成交!AX1、成交!AY1、成交!AX2" in said
    assert "1 格未计算（MMULT：计算引擎没有这个函数）：成交!AX3" in said
    assert cli.main(["recalc", str(path), "--lang", "en"]) == 1, "and again, although nothing changes any more"
    said = capsys.readouterr().out
    assert "3 cells not computed (circular reference): " in said and "1 cell not computed (MMULT: " in said


def test_recalc_tells_machines_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["recalc", str(ours(tmp_path, **CIRCLE)), "--json"]) == 1
    circle, missing = json.loads(capsys.readouterr().out)["not_computed"]
    assert (circle["circular"], circle["count"], missing["circular"], missing["cells"]) == (True, 3, False, ["成交!AX3"])
    assert set(circle["cells"]) == {"成交!AX1", "成交!AY1", "成交!AX2"}


def test_a_plan_that_is_computed_as_a_whole_needs_no_attention(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = ours(tmp_path, AX4="1+1")
    assert cli.main(["recalc", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["not_computed"] == []


def test_an_action_says_in_one_line_what_its_recalculation_left(tmp_path: Path) -> None:
    path = small_plan(tmp_path / "plan.xlsx", company([deal(1), deal(2, 0.1)]))
    package = Package.open(path)
    sheet = package.sheets[package.tables["Deals"].sheet]
    before = sum(len(part.cells) for part in left(compute(package)))  # a plan without its other sheets lacks their names
    sheet.set_formulas({(1, 50): CellFormula("AY1+1"), (1, 51): CellFormula("AX1"), (2, 50): CellFormula("1+1")})
    package.save(backup=False)
    (note,) = [note for note in do("commission", path).outcome.notes if "没有计算" in note.zh]
    assert note.zh.startswith(f"有 {before + 2} 格没有计算（循环引用") and "成交表!AX1" in note.zh
    assert note.en.startswith(f"not computed: {before + 2} cells (circular reference") and "salesplan check" in note.en


def test_sheets_that_follow_a_switch_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where only tabs moved, “0 cells changed” would be a riddle."""
    assert cli.main(["new", str(tmp_path / "plan.xlsx"), "--lang", "en"]) == 0
    path = tmp_path / "plan.xlsx"
    package = Package.open(path)
    sheets = [name for name, number in Switched(package).sheets.items() if number == 2]
    for node in package.workbook_child("sheets"):  # type: ignore[union-attr]
        if node.get("name") in sheets:
            node.set("state", "hidden")
    package.touch(package.workbook_part)
    package.save(backup=False)
    capsys.readouterr()
    assert cli.main(["recalc", str(path), "--lang", "en", "--no-backup"]) == 0
    said = capsys.readouterr().out
    assert f"{path}: {len(sheets)} sheets shown ({', '.join(sheets[:5])} …)\n" == said and len(sheets) > 5
    assert cli.main(["recalc", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["written"], told["sheets_shown"], told["sheets_hidden"]) == (False, [], [])


def test_nothing_is_said_where_nothing_was_left(tmp_path: Path) -> None:
    assert left_note(compute(Package.open(ours(tmp_path, C4="1+1")))) is None
