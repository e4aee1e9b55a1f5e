"""What a developer does, by name: ``nox -s lint types tests``; ``nox -l`` lists all. CONTRIBUTING.md says when to use which.

Everything runs in the environment nox was started from (``pip install -e '.[dev]'``): what passes here is what was installed.
"""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import nox

nox.options.default_venv_backend = "none"
# Each of two processes takes a half of the files in order, and from the other's when it is done: what a module's tests
# share is made once and not in both.
PARALLEL = ["-n", "2", "--dist", "worksteal"]
nox.options.sessions = ["lint", "types", "tests"]


@nox.session
def lint(session: nox.Session) -> None:
    """Format and rules: ruff, both as CI asks them."""
    session.run("python", "-m", "ruff", "format", "--check", ".")
    session.run("python", "-m", "ruff", "check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """mypy, strict, over the three packages."""
    session.run("python", "-m", "mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """The suite, or what is named: ``nox -s tests -- tests/test_cases.py -k tiers``."""
    session.run("python", "-m", "pytest", *(session.posargs or PARALLEL))


@nox.session
def coverage(session: nox.Session) -> None:
    """The suite with branch coverage; the figure is the last line, the lines not reached are in out/coverage."""
    chosen = session.posargs or PARALLEL
    session.run("python", "-m", "pytest", "--cov", "--cov-report=term:skip-covered", "--cov-report=html:out/coverage", *chosen)


@nox.session
def mutants(session: nox.Session) -> None:
    """The arithmetic of money broken line by line (mutmut), a module at a time; those no quick test notices are listed:
    ``nox -s mutants -- udfs/due.py``."""
    settings = Path("pyproject.toml").read_text(encoding="utf-8")
    every = re.search(r"source_paths = (\[.*?\])", settings, re.S)
    assert every is not None, "pyproject.toml says whose mutants"
    for source in session.posargs or ast.literal_eval(every[1]):
        # Only this one is made ready to be broken: the tests that find out which of them reach it run at their usual speed.
        place = Path(session.create_tmp(), source.strip("/").replace("/", "-"))
        shutil.rmtree(place, ignore_errors=True)
        for name in ("udfs", "workbook_templates", "addin", "tests", "docs"):
            shutil.copytree(name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy("README.md", place)
        (place / "pyproject.toml").write_text(settings.replace(every[1], f'["{source}"]'), encoding="utf-8")
        with session.chdir(place):
            session.run("mutmut", "run")
            session.run("mutmut", "results")


@nox.session
def bench(session: nox.Session) -> None:
    """Ours beside named peers, in turn in one run."""
    for script in session.posargs or ["benchmarks/run.py"]:
        session.run("python", script)


@nox.session
def docs(session: nox.Session) -> None:
    """Write again what is generated: references of functions, Tables and actions, answers on the pages of pay, delivery,
    pipeline and of analysts."""
    for script in ("make_reference", "make_tables", "make_actions"):
        session.run("python", f"docs/{script}.py")
    folder = Path(session.create_tmp())
    for lang, plan in (("zh", "销售计划2027.xlsx"), ("en", "sales-plan-2027.xlsx")):
        session.run("salesplan", "--lang", lang, "demo", str(folder), silent=True)
        session.run("python", "docs/run_page.py", f"docs/analysts.{lang}.md", str(folder / plan))
        for name in ("pay", "delivery", "pipeline"):
            session.run("python", "docs/run_commands.py", f"docs/{name}.{lang}.md")


@nox.session
def wheel(session: nox.Session) -> None:
    """sdist and wheel in dist/, then tried in empty environments; docs/releasing.md has the rest."""
    shutil.rmtree("dist", ignore_errors=True)
    session.run("python", "-m", "build")
    session.run("python", "-m", "pytest", "-q", "tests/test_wheel.py")
