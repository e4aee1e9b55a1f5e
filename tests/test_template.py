"""Templates of Tables: headers as the reference has them, drop-downs, and an example row that never comes in (issue 13 C)."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest

from addin import cli
from addin.book import FileBook
from tests.actions.test_new_plan import made
from udfs.text import set_language, speaking
from workbook_templates.intake import own_workbook
from workbook_templates.tables import examples, schema

DOCS = Path(__file__).parent.parent / "docs"
LANGUAGES = ("zh", "en")


@pytest.fixture(autouse=True)
def _own_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SALESPLAN_LOG", str(tmp_path / "logs" / "salesplan.log"))


def template(table: str, path: Path, lang: str) -> Path:
    assert cli.main(["template", table, str(path), "--lang", lang]) == cli.DONE
    return path


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", own_workbook.importable())
def test_the_headers_are_those_of_the_reference(name: str, lang: str) -> None:
    page = (DOCS / f"tables.{lang}.md").read_text(encoding="utf-8")
    entry = re.search(rf"^## {name}\b.*?(?=^## |\Z)", page, re.M | re.S)
    assert entry is not None
    listed = [row.split(" | ")[0].removeprefix("| ") for row in entry[0].splitlines() if row.startswith("| ")][1:]
    with speaking(lang):
        *ours, _ = examples.headers(schema.table(name))
        assert len(examples.row(schema.table(name))) == len(ours) + 1
    assert ours == [head for head in listed if head in ours] and ours


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_template_has_drop_downs_messages_and_one_example(tmp_path: Path, lang: str) -> None:
    sheet = openpyxl.load_workbook(template("People", tmp_path / "people.xlsx", lang)).active
    assert sheet is not None
    rules = {str(rule.sqref).partition("2")[0]: rule for rule in sheet.data_validations.dataValidation}
    with speaking(lang):
        heads = examples.headers(schema.table("People"))
        levels = ",".join(str(word.label) for word in schema.table("People")["level"].words)
        mark = str(examples.MARK)
    assert [cell.value for cell in sheet[1]] == heads and sheet.cell(2, len(heads)).value == mark
    assert rules["C"].formula1 == f'"{levels}"' and rules["C"].showErrorMessage
    assert all(rule.prompt for rule in rules.values())
    lines = (tmp_path / "people.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].split(",") == heads and len(lines) == 2


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_an_untouched_template_brings_nothing_in_and_says_so(
    tmp_path: Path, lang: str, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = made(tmp_path / "plan.xlsx", lang, chapters="2,5")
    for table in ("Deals", "Customers"):
        file = template(table, tmp_path / f"{table}.xlsx", lang).with_suffix(ending)
        capsys.readouterr()
        assert cli.main(["import", str(file), str(plan), "--table", table, "--lang", lang]) in (cli.DONE, cli.FAILED)
        said = "".join(capsys.readouterr())
        assert {"zh": "第 2 行是模板的示例行，已略过", "en": "line 2: the template's example row was left out"}[lang] in said
        assert not FileBook.open(plan).read(table).rows


def test_a_filled_template_comes_in_without_its_example(tmp_path: Path) -> None:
    set_language("zh")
    plan = made(tmp_path / "plan.xlsx", chapters="2,5")
    file = template("Customers", tmp_path / "customers.xlsx", "zh")
    book = openpyxl.load_workbook(file)
    sheet = book.active
    assert sheet is not None
    sheet.cell(3, 1, "C9"), sheet.cell(3, 2, "华丰")
    book.save(file)
    assert cli.main(["import", str(file), str(plan), "--table", "Customers"]) == cli.DONE
    assert [(row["id"], row["name"]) for row in FileBook.open(plan).read("Customers").rows] == [("C9", "华丰")]
