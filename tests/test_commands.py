"""The command line as a person uses it: what it prints, what it leaves on disk, how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from addin.cli import ATTENTION, DONE, FAILED, commands, main
from tests.plans import sample_plan
from tests.small_plan import rows_plan
from workbook_templates.xlsx.package import Package


def nothing_to_do(file: Path, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What a command has just made passes the check, and computing commissions finds nothing that should be otherwise."""
    before = file.read_bytes()
    capsys.readouterr()
    assert main(["check", str(file), "--lang", lang, "--json"]) == DONE
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] and not [p for p in told["problems"] if p["level"] == "error"]
    assert main(["commission", str(file), "--lang", lang, "--json"]) == DONE
    told = json.loads(capsys.readouterr().out)
    assert (told["written"], told["adjustments"], told["left_out"]) == (False, 0, {})
    assert file.read_bytes() == before


@pytest.mark.parametrize(("lang", "passed"), [("zh", "检查通过"), ("en", "its checks pass")])
def test_demo_makes_a_checked_plan_and_says_what_to_look_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, passed: str
) -> None:
    assert main(["demo", str(tmp_path / "d"), "--lang", lang]) == DONE
    out = capsys.readouterr().out
    (file,) = (tmp_path / "d").glob("*.xlsx")
    assert str(file) in out
    assert passed in out
    first, why = out.strip().splitlines()[-1].partition({"zh": "：", "en": ": "}[lang])[::2]
    assert (
        {"zh": "先看“驾驶舱”", "en": "Look first at the Cockpit"}[lang] == first and "96.0%" in why and "D27-" in why
    )  # goods shipped before cash, the first that must be done
    beside = sorted((tmp_path / "d").glob("*.csv"))  # July's deals and what four other systems export
    assert len(beside) == 5
    assert all(len(rows.read_text("utf-8-sig").splitlines()) > 5 for rows in beside)
    if lang == "zh":  # rows and figures are those of the other language
        nothing_to_do(file, lang, capsys)


def test_new_makes_an_empty_plan_without_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "plan.xlsx"
    assert main(["new", str(file), "--company", "=Acme", "--lang", "en"]) == DONE
    nothing_to_do(file, "en", capsys)
    for lang, said in (("zh", "已存在"), ("en", "exists")):
        assert main(["new", str(file), "--lang", lang]) == FAILED
        assert said in capsys.readouterr().err


def test_recalc_follows_a_changed_input_and_touches_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A rate on the Settings sheet changes: the payout follows, the other sheets' inputs stay byte for byte."""
    file = sample_plan("en", tmp_path)
    package = Package.open(file)
    found = package.locate("base_commission_rates")
    assert found
    sheet, ref = found
    package.sheets[sheet].set_values({(ref.first_row, ref.first_col): 0.04})
    package.save(backup=False)
    assert main(["recalc", str(file), "--lang", "en", "--json"]) == DONE
    told = json.loads(capsys.readouterr().out)
    assert told["written"]
    assert told["changed"] > 0
    assert main(["recalc", str(file), "--lang", "en", "--json"]) == DONE
    again = json.loads(capsys.readouterr().out)
    assert (again["written"], again["changed"]) == (False, 0)


def test_check_names_sheet_cell_and_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Text in a number column, a duplicate ID and an unknown seller: all at once, each with its cell."""
    file = sample_plan("zh", tmp_path)
    package = Package.open(file)
    table = package.tables["Deals"]
    sheet = package.sheets[table.sheet]
    places = {header: table.ref.first_col + i for i, header in enumerate(table.headers)}
    row = table.data.first_row
    first = sheet.get((row, places["单号"]))
    assert first
    sheet.set_values(
        {(row + 1, places["收入"]): "一百万", (row + 2, places["单号"]): first.value, (row + 3, places["主办工号"]): "P999"}
    )
    package.save(backup=False)
    assert main(["check", str(file), "--json"]) == ATTENTION
    told = json.loads(capsys.readouterr().out)["problems"]
    texts = " ".join(f"{p['sheet']}!{p['cell']} {p['text']}" for p in told)
    for part in ("一百万", "不是数字", "重复", "P999", "不在"):
        assert part in texts
    assert all(p["sheet"] and p["cell"] for p in told if p["level"] == "error")


@pytest.fixture
def strange(tmp_path: Path) -> dict[str, Path]:
    """Files that are no plan of ours."""
    files = {name: tmp_path / name for name in ("missing.xlsx", "text.xlsx", "empty.xlsx", "old.xlsx", "foreign.xlsx")}
    files["text.xlsx"].write_text("not a workbook")
    files["empty.xlsx"].write_bytes(b"")
    files["old.xlsx"].write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600))
    with xlsxwriter.Workbook(str(files["foreign.xlsx"])) as book:
        book.add_worksheet("数据").write(0, 0, 1)
    return files


@pytest.mark.parametrize("command", ["check", "recalc"])
@pytest.mark.parametrize("name", ["missing.xlsx", "text.xlsx", "empty.xlsx", "old.xlsx"])
def test_an_unreadable_or_encrypted_file_is_one_clear_line(
    strange: dict[str, Path], command: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = strange[name].read_bytes() if strange[name].exists() else None
    assert main([command, str(strange[name]), "--lang", "en"]) == FAILED
    err = capsys.readouterr().err
    assert len(err.strip().splitlines()) == 1
    assert name in err
    assert (strange[name].read_bytes() if strange[name].exists() else None) == before


@pytest.mark.parametrize("command", ["check", "recalc"])
def test_a_foreign_workbook_is_refused_unchanged(
    strange: dict[str, Path], command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = strange["foreign.xlsx"].read_bytes()
    assert main([command, str(strange["foreign.xlsx"])]) == FAILED
    assert "salesplan new" in capsys.readouterr().err
    assert strange["foreign.xlsx"].read_bytes() == before


def test_recalc_keeps_what_the_user_added(tmp_path: Path) -> None:
    """A sheet of the user's own with a formula over our Table is computed; the file stays ours."""
    file = rows_plan("en", tmp_path)
    package = Package.open(file)
    table = package.tables["Deals"]
    free = table.ref.last_row + 5
    from workbook_templates.xlsx.package import CellFormula

    package.sheets[table.sheet].set_formulas({(free, 2): CellFormula("SUM(Deals[Revenue])*2")})
    package.save(backup=False)
    assert main(["recalc", str(file), "--no-backup"]) == DONE
    assert openpyxl.load_workbook(file, data_only=True)[table.sheet].cell(free, 2).value == 840_000_000


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_command_explains_itself(lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name in commands():
        with pytest.raises(SystemExit) as stop:
            main([name, "--help", "--lang", lang])
        assert stop.value.code == 0
        assert len(capsys.readouterr().out) > 100


@pytest.mark.parametrize(
    "arguments",
    [
        ["call", "NOSUCH"],
        ["call", "ROI", "--args", "[1"],
        ["call", "ROI", "--args", "{}"],
        ["call", "ROI", "--args", '[{"a":1},2]'],
    ],
)
def test_a_call_that_cannot_be_made_is_one_line_and_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == FAILED
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_output_survives_a_terminal_that_is_not_unicode() -> None:
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "addin.cli", "call", "ROI", "--args", "[1,0]"], capture_output=True, env=env, check=True
    )
    assert b"#DIV/0!" in done.stdout
