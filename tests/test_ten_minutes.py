"""One place to register: what a developer adds in ten minutes is written into a copy of the packages, and is there everywhere.

Nothing else of the copy is edited. The second half leaves a step out and names the test that fails for it.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

FUNCTION = (ROOT / "docs/adding-a-function.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
ACTION = (ROOT / "docs/adding-an-action.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]

TABLES = '''"""What is shown at fairs."""

from udfs.text import Text
from workbook_templates.tables.spec import Column, PageSpec, TableSpec, TableSpecs

_FAIRS = TableSpec(
    "Fairs",
    Text("展会", "Fairs"),
    (
        Column("id", Text("展会编号", "Fair ID"), "id"),
        Column("leads", Text("线索数", "Leads"), "int", low=0),
        Column("owner", Text("负责人", "Owner"), "id", refers="People.id", required=False),
    ),
    ("id",),
    page=PageSpec(91.5, Text("一展会一行", "A row each fair"), Text("登记展会", "Enter fairs")),
)

TABLES = TableSpecs(97, (_FAIRS,))
'''
SAMPLE = '''"""Two fairs."""

from workbook_templates.tables.spec import SampleRows

SAMPLE = SampleRows(
    97,
    lambda company: {
        "Fairs": [{"id": f"F{n}", "leads": 10 * n, "owner": company.of("People")[n]["id"]} for n in (1, 2)],
    },
)
'''
CHECKS = '''"""Fairs bring leads."""

from udfs.text import Text
from workbook_templates.checking.core import Check, CheckList, Line

CHECKS = CheckList(
    97,
    (
        Check(
            "fairs.leads", "Fairs", Text("展会都有线索", "Fairs bring leads"), Text("补登线索", "Enter leads"),
            line=lambda plan: Line(f"COUNTIF({plan.table('Fairs').leads},0)", needs="Fairs.id"),
        ),
    ),
)
'''
CHAPTER = '''"""Fairs."""

from udfs.text import Text
from workbook_templates.registry import Chapter

CHAPTER = Chapter(0, "fairs", Text("展会", "Fairs"), "4F7D1F")
'''
FOLDER = "workbook_templates/chapters/fairs"
TABLE = {
    f"{FOLDER}/__init__.py": CHAPTER,
    f"{FOLDER}/tables.py": TABLES,
    f"{FOLDER}/sample_rows.py": SAMPLE,
    f"{FOLDER}/checks.py": CHECKS,
}


class Copy:
    """The packages in a folder of their own, with more modules."""

    def __init__(self, folder: Path, added: dict[str, str]) -> None:
        self.folder, self.edits = folder, 0
        skipped = shutil.ignore_patterns("images")  # what was compiled is taken along: it is as old as its source
        for name in ("udfs", "workbook_templates", "addin", "docs", "tests"):
            shutil.copytree(ROOT / name, folder / name, ignore=skipped)
        for name in ("README.md", "CONTRIBUTING.md", "pyproject.toml"):
            shutil.copy(ROOT / name, folder / name)
        for path, text in added.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")

    @contextmanager
    def instead(self, path: str, text: str) -> Iterator[None]:
        """Another text in one of its modules for a while."""
        file = self.folder / path
        before, made = file.read_text(encoding="utf-8"), file.stat().st_mtime
        file.write_text(text, encoding="utf-8")
        # What was compiled counts as this text's by its second and its length: several texts of one length come within a second.
        self.edits += 1
        os.utime(file, (made + self.edits, made + self.edits))
        try:
            yield
        finally:
            file.write_text(before, encoding="utf-8")
            os.utime(file, (made, made))

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python where only the copy is found."""
        environment = {**os.environ, "PYTHONPATH": str(self.folder), "PYTHONUTF8": "1", "SALESPLAN_LOG": str(self.folder / "log")}
        return subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, encoding="utf-8"
        )

    def run(self, code: str) -> None:
        """A script of assertions."""
        done = self.python("-c", f"import udfs\nassert udfs.__file__.startswith({str(self.folder)!r})\n{code}")
        assert done.returncode == 0, done.stderr

    def salesplan(self, *arguments: str, code: int = 0) -> str:
        """A command of the copy."""
        done = self.python("-m", "addin.cli", *arguments)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def failing(self, *chosen: str) -> set[str]:
        """Which tests fail in the copy."""
        done = self.python("-m", "pytest", "-p", "no:cacheprovider", "--tb=no", "-rfE", *chosen)
        assert "FAILED" in done.stdout or done.returncode == 0, done.stdout + done.stderr
        return set(re.findall(r"FAILED \S+::(\w+)", done.stdout))


FUNCTION_AT, ACTION_AT = "udfs/marketing_of_the_page.py", "addin/actions/greet.py"
ALL = {FUNCTION_AT: FUNCTION, ACTION_AT: ACTION, **TABLE}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """With all of it: a copy and what is compiled of it serve every test."""
    return Copy(tmp_path_factory.mktemp("copy"), ALL)


def test_a_function(copy: Copy) -> None:
    """The module of docs/adding-a-function.md: plain call, terminal, reference, engine, add-in."""
    copy.run(
        """
from docs import make_reference
from udfs.formula import iter_formulas
from workbook_templates import recalc
from workbook_templates.engine import run
assert udfs.call("CPL", 1800, 10) == [[180.0]]
assert "CPL" in {f.name for f in iter_formulas()}
assert "CPL(" in make_reference.reference()
book = run.CellBook({"S": {(1, 1): 1800.0, (1, 2): run.CellIn(None, "[1]!SALES_CPL(A1,10)")}})
assert run.evaluate(book, recalc.functions()).values["S", 1, 2] == 180.0
"""
    )
    assert "180" in copy.salesplan("call", "CPL", "--args", "[1800, 10]")


def test_an_action(copy: Copy, tmp_path: Path) -> None:
    """The module of docs/adding-an-action.md: ribbon, dialog, subcommand, undo, reference."""
    copy.run(
        """
from addin import cli, ribbon
from docs import make_actions
from udfs.text import speaking
with speaking("en"):
    assert "### Welcome · `greet`" in make_actions.reference()
shown = ribbon.buttons()
assert b'id="greet"' in ribbon.custom_ui(shown) and str(ribbon.texts(shown)["greet.label"].en) == "Welcome"
assert "greet" in cli.commands()
"""
    )
    plan = tmp_path / "plan.xlsx"
    copy.salesplan("new", str(plan), "--chapters", "5")
    people = tmp_path / "people.csv"
    _csv(people, ["工号", "姓名", "层级", "业务线", "入职日期"], ["P1", "林思远", "销售代表", "直销", "2027-01-01"])
    copy.salesplan("import", str(people), str(plan), "--table", "People")
    copy.salesplan("greet", str(plan), "--person", "P1")
    name = "from workbook_templates import open_plan; assert open_plan({!r})['People']['name'].tolist() == [{!r}]"
    copy.run(name.format(str(plan), "林思远 ✓"))
    copy.salesplan("undo", str(plan))
    copy.run(name.format(str(plan), "林思远"))


def test_a_table_with_its_sheet_sample_check_page_and_import(copy: Copy, tmp_path: Path) -> None:
    copy.run(
        """
from docs import make_tables
from udfs.text import speaking
from workbook_templates import checking
from workbook_templates.chapters import building, sample
from workbook_templates.intake import own_workbook
from workbook_templates.tables import schema
assert [c.key for c in schema.table("Fairs").columns] == ["id", "leads", "owner"]
assert {"fairs.leads", "table.Fairs"} <= checking.registered().keys()
assert "Fairs" in own_workbook.importable()
with speaking("en"):
    assert "## Fairs" in make_tables.reference()
assert [row["leads"] for row in sample.company("en", deals=200).of("Fairs")] == [10, 20]
assert "Fairs" in building.make(schema.Company("x", 2027), "en").tables
"""
    )
    plan, rows = tmp_path / "plan.xlsx", tmp_path / "fairs.csv"
    copy.salesplan("--lang", "en", "new", str(plan), "--chapters", "5")
    _csv(rows, ["Fair ID", "Leads", "Owner"], ["F1", "0", ""], ["F2", "-1", ""])
    refused = copy.salesplan("import", str(rows), str(plan), "--table", "Fairs", "--lang", "en", code=1)
    assert "1" in refused
    copy.run(
        f"""
from workbook_templates import open_plan
assert open_plan({str(plan)!r})["Fairs"]["id"].tolist() == ["F1"]
from workbook_templates.checking import findings
from workbook_templates.recalc import compute
from workbook_templates.xlsx.package import Package
package = Package.open({str(plan)!r})
assert "fairs.leads" in {{p.code for p in findings.problems(package, compute(package))}}
"""
    )


def _csv(path: Path, *rows: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


# ---------------------------------------------------------------------------------------------------- a step left out


# Where, what is added and how it lacks a step, which tests are asked for it, and the one that fails.
LEFT_OUT = [
    (FUNCTION_AT, FUNCTION, "test_cases and every", "test_every_function_has_a_case"),
    (FUNCTION_AT, FUNCTION, "function_reference", "test_the_function_reference_is_what_the_catalogue_generates"),
    (
        ACTION_AT,
        ACTION.replace('"Puts a mark behind the name."', '""'),
        "test_registry and both_languages",
        "test_every_action_and_command_says_what_it_is_in_both_languages",
    ),
    (ACTION_AT, None, "action_reference", "test_the_action_reference_is_what_the_registry_generates"),
    (f"{FOLDER}/tables.py", re.sub(r"    page=PageSpec.*\n", "", TABLES), "Fairs and page", "test_a_table_has_a_page"),
    (
        f"{FOLDER}/sample_rows.py",
        SAMPLE.replace('"Fairs": [', '"Fairs": [][:0] and ['),
        "Fairs and sample",
        "test_a_table_has_sample_rows",
    ),
    (f"{FOLDER}/tables.py", None, "Fairs and documented", "test_a_table_is_documented"),
    (f"{FOLDER}/tables.py", None, "table_reference", "test_the_table_reference_is_what_the_schema_generates"),
]


@pytest.mark.slow
def test_a_step_left_out_fails_a_named_test(tmp_path: Path) -> None:
    """All left out at once: each fails its own test and no other of those asked."""
    lacking = ALL | {path: text for path, text, _, _ in LEFT_OUT if text is not None}
    assert len({path for path, text in lacking.items() if text != ALL[path]}) == 3, "three of them lack something themselves"
    asked = " or ".join(f"({chosen})" for _, _, chosen, _ in LEFT_OUT)
    files = (f"tests/test_{name}.py" for name in ("cases", "docs", "registry", "tables_complete"))
    assert Copy(tmp_path, lacking).failing(*files, "-k", asked) == {test for *_, test in LEFT_OUT}


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("tables.py", "", "TABLES must be a TableSpecs"),
        ("tables.py", TABLES.replace("97, (_FAIRS", "10, (_FAIRS"), "both are at place 10"),
        ("tables.py", TABLES.replace('"Fairs",', '"Deals",'), "another chapter has a Table Deals"),
        ("checks.py", CHECKS.replace("fairs.leads", "ledger.afresh"), "two checks have the code 'ledger.afresh'"),
        ("sample_rows.py", "SAMPLE = 1", "SAMPLE must be a SampleRows"),
    ],
)
def test_what_is_not_registered_as_it_must_be_says_where(path: str, text: str, said: str, copy: Copy) -> None:
    code = "from workbook_templates import checking\nfrom workbook_templates.chapters import sample\nchecking.registered()\n"
    with copy.instead(f"{FOLDER}/{path}", text):
        done = copy.python("-c", code + "sample.company('zh', deals=200)")
    assert done.returncode == 1 and said in done.stderr
    assert "fairs" in done.stderr or "ledger.afresh" in done.stderr


def test_a_function_without_words_in_both_languages_is_refused_by_its_decorator(copy: Copy) -> None:
    with copy.instead(FUNCTION_AT, FUNCTION.replace('"Cost per lead (yuan)"', '""')):
        done = copy.python("-c", "import udfs; udfs.catalogue()")
    assert done.returncode == 1 and "CPL: docstring lacks zh/en help" in done.stderr
