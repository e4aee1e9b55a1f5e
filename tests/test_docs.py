"""Documentation says what the catalogue says."""

from __future__ import annotations

import importlib.util
import re
import shlex
import warnings
from pathlib import Path
from types import ModuleType

import pytest

from addin import actions, cli
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


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_action_reference_is_what_the_registry_generates(language: str) -> None:
    make = _script("make_actions")
    with speaking(language):
        wanted = make.reference().rstrip("\n") + "\n"
        labels = [f"{action.label} · `{action.name}`" for action in actions.every().values()]
    page = (DOCS / f"actions.{language}.md").read_text(encoding="utf-8")
    assert page == wanted, "run python docs/make_actions.py"
    assert [line[4:] for line in page.splitlines() if line.startswith("### ") and not line.startswith("### `")] == labels


HOUSE_PAGES = [
    DOCS.parent / "CONTRIBUTING.md",
    *(DOCS / f"{name}.md" for name in ("architecture", "adding-a-function", "adding-a-table", "adding-an-action", "releasing")),
]
# A word in backticks or a link that looks like a path of the repository.
_PATH = re.compile(
    r"`((?:udfs|workbook_templates|addin|tests|docs|benchmarks)/[\w./<>-]*)(?:::(\w+))?`|\]\((?!https?:)([\w./-]+)\)"
)


@pytest.mark.parametrize("page", HOUSE_PAGES, ids=lambda page: page.name)
def test_every_path_on_a_page_for_developers_exists(page: Path) -> None:
    """And every test that it names; ``<chapter>`` stands for any of its kind."""
    root, missing = DOCS.parent, []
    for path, test, link in _PATH.findall(page.read_text(encoding="utf-8")):
        found = list(page.parent.glob(link)) if link and ".." not in link else []
        if link and ".." in link:
            found = [(page.parent / link)] if (page.parent / link).exists() else []
        elif path:
            found = list(root.glob(re.sub(r"<\w+>", "*", path.rstrip("/"))))
        if not found or (test and f"def {test}(" not in found[0].read_text(encoding="utf-8")):
            missing.append(path or link)
    assert missing == []


def test_the_changelog_says_what_changed() -> None:
    """In the headings of Keep a Changelog, each with something under it; a merge once left the file empty."""
    text = (DOCS.parent / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.split(r"^## ", text, flags=re.M)[1:]
    assert versions and re.match(r"\[(Unreleased|\d+\.\d+\.\d+)\]", versions[0])
    for version in versions:
        kinds = re.split(r"^### ", version, flags=re.M)[1:]
        names = [kind.split("\n", 1)[0] for kind in kinds]
        assert names and set(names) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}, names
        assert all(re.search(r"^- \S", kind, re.M) for kind in kinds)
    assert "<<<<<<<" not in text and ">>>>>>>" not in text


def test_the_house_in_contributing_is_the_house() -> None:
    """Every module and folder of the first two levels of the packages that its table names is there, and every room is named."""
    block = (DOCS.parent / "CONTRIBUTING.md").read_text(encoding="utf-8").split("```")[1]
    package, missing = "", []
    for line in block.splitlines():
        if line and not line.startswith(" "):
            package = line.split("/")[0]
            continue
        names = re.match(r"\s+((?:[\w.]+/?(?:\.py)?\s)+)", line)
        missing += (
            [n for n in names[1].split() if ("." in n or "/" in n) and not (DOCS.parent / package / n).exists()] if names else []
        )
    assert missing == []
    rooms = {path.name for path in (DOCS.parent / "workbook_templates").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert {room for room in rooms if f"{room}/" not in block} == set()


@pytest.mark.parametrize("page", [DOCS.parent / "README.md", *sorted(DOCS.glob("*.md"))], ids=lambda page: page.name)
def test_every_command_on_a_page_is_one_the_program_takes(page: Path) -> None:
    """Its options exist under these names; a page that has none passes."""
    parser = cli._parser(cli.commands())
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
