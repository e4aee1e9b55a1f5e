"""Documentation says what the catalogue says."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

import pytest

from addin import cli
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
