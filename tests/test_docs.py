"""Documentation says what the catalogue says."""

from __future__ import annotations

import importlib.util
import re
import shlex
import warnings
from pathlib import Path
from types import ModuleType

import pytest

from addin import cli
from tests.plans import sample_plan
from udfs import policy, speaking

DOCS = Path(__file__).parent.parent / "docs"


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec and spec.loader
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    return make


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_function_reference_is_what_the_catalogue_generates(language: str) -> None:
    make = _script("make_reference")
    policy.set_today(make.dt.date(2027, 6, 30))
    with speaking(language):
        assert (DOCS / f"functions.{language}.md").read_text(encoding="utf-8") == make.reference(), (
            "run python docs/make_reference.py"
        )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_reference_is_what_the_schema_generates(language: str) -> None:
    with speaking(language):
        wanted = _script("make_tables").reference()
    assert (DOCS / f"tables.{language}.md").read_text(encoding="utf-8") == wanted, "run python docs/make_tables.py"


@pytest.mark.parametrize("page", [DOCS.parent / "README.md", *sorted(DOCS.glob("*.md"))], ids=lambda page: page.name)
def test_every_command_on_a_page_is_one_the_program_takes(page: Path) -> None:
    """Its options exist under these names; a page that has none passes."""
    parser = cli._parser()
    for block in re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S):
        for line in block.splitlines():
            if line.startswith("salesplan "):
                parser.parse_args(shlex.split(line, comments=True)[1:])


@pytest.mark.parametrize("page", sorted(DOCS.glob("analysts.*.md")), ids=lambda page: page.name)
def test_a_notebook_page_runs_and_prints_what_it_says(page: Path, tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("run_page", DOCS / "run_page.py")
    assert spec and spec.loader
    run = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(run)
    lang = "en" if page.name.endswith(".en.md") else "zh"
    text = page.read_text(encoding="utf-8")
    with warnings.catch_warnings():  # a page may set filters
        assert run.ran(text, sample_plan(lang, tmp_path), lang) == text, (
            f"run python docs/run_page.py docs/{page.name} {run.PLAN}"
        )
