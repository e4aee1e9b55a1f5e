"""The wheel as a stranger gets it: built from the sdist, installed into an empty environment, run in an empty folder, in a locale
without Chinese. On this Python and on the newest one the machine has."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests import real
from tests.shared import distributions, install

pytestmark = [pytest.mark.real, pytest.mark.slow]

_VERSION = re.compile(r"3\.(\d+)")
PROJECT = tomllib.loads((real.REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def newest() -> Path | None:
    """The newest Python on the path or among pyenv's; None if it is no newer than this one."""
    found: dict[int, Path] = {}
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        for program in Path(folder).glob("python3.[0-9]*"):
            if (name := re.fullmatch(r"python3\.(\d+)(?:\.exe)?", program.name)) and "shims" not in program.parts:
                found.setdefault(int(name[1]), program)
    root = os.environ.get("PYENV_ROOT") or (Path.home() / ".pyenv")
    for folder in Path(root, "versions").glob("3.*"):
        program = folder / "bin" / "python"
        if (name := _VERSION.match(folder.name)) and program.exists():
            found.setdefault(int(name[1]), program)
    for minor in sorted(found, reverse=True):
        if minor <= sys.version_info.minor:
            break
        asked = subprocess.run(
            [found[minor], "-c", "import venv, ensurepip, sys; print(sys.version_info.releaselevel)"],
            capture_output=True,
            text=True,
        )
        if asked.stdout.strip() == "final":
            return found[minor]
    return None


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None, code: int = 0) -> str:
    """What a command says; it must end with ``code``."""
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=env, capture_output=True, timeout=900)
    said = done.stdout.decode("utf-8") + done.stderr.decode("utf-8", "replace")
    assert done.returncode == code, f"{' '.join(map(str, command))}: {done.returncode}\n{said[-4000:]}"
    return said


@pytest.fixture(scope="module")
def built() -> tuple[Path, Path]:
    """(sdist, wheel), as the tests of this run share them."""
    return distributions()


def test_what_is_in_them(built: tuple[Path, Path]) -> None:
    sdist, wheel = built
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tops = {name.split("/")[0] for name in names}
    assert {t for t in tops if not t.endswith((".dist-info", ".data"))} == {"udfs", "workbook_templates", "addin"}
    # Besides the packages there are the guides, for `salesplan guide` and Help, and nothing else.
    guides = {name.partition(".data/data/share/doc/salesplan/")[2] for name in names if ".data/" in name}
    docs = {path.relative_to(real.REPOSITORY / "docs").as_posix() for path in (real.REPOSITORY / "docs").rglob("*")}
    assert "" not in guides and guides == {name for name in docs if re.fullmatch(r"[^/]+\.md|images/[^/]+\.png", name)}
    # Everything in the packages that is no test of ours goes along: modules, macros, type markers.
    tracked = subprocess.run(
        ["git", "ls-files", "udfs", "workbook_templates", "addin"],
        cwd=real.REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    wanted = {name for name in tracked.stdout.split() if not name.startswith('"')}
    assert wanted - names == set()
    assert {f"{package}/py.typed" for package in ("udfs", "workbook_templates", "addin")} <= names
    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "pyproject.toml"} <= inside


@pytest.mark.parametrize("which", ["this", "newest"])
def test_it_works_where_there_is_nothing_else(built: tuple[Path, Path], tmp_path: Path, which: str) -> None:
    python = Path(sys.executable) if which == "this" else newest()
    if python is None:
        pytest.skip("no newer Python on this machine")
    home, empty = tmp_path / "env", tmp_path / "empty"
    empty.mkdir()
    run(python, "-m", "venv", home, cwd=empty)
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    install(scripts / "python", "-m", "pip", "install", "-q", "--no-compile", "--disable-pip-version-check", built[1], cwd=empty)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "SALESPLAN", "VIRTUAL_ENV", "LC_", "LANG"))}
    env = kept | {"LC_ALL": "C", "PATH": os.pathsep.join([str(scripts), os.environ.get("PATH", "")])}

    def salesplan(*words: str, code: int = 0) -> str:
        return run(scripts / "salesplan", *words, cwd=empty, env=env, code=code)

    assert salesplan("--version").strip() == f"salesplan {PROJECT['version']}"
    assert "计划" in salesplan("--help") and "demo" in salesplan("--lang", "en", "--help")
    assert "12,500" in salesplan("call", "COMMISSION", "--args", "[1000000, 0.30]")
    assert "demo/" in salesplan("--lang", "en", "demo")
    plan = empty / "demo" / "sales-plan-2027.xlsx"
    said = json.loads(salesplan("check", str(plan), "--json"))
    assert said is not None
    salesplan("new", "plan.xlsx", "--company", "Ours")
    assert sorted(p.name for p in empty.iterdir()) == ["demo", "plan.xlsx"]
    assert "不存在" in salesplan("check", "none.xlsx", code=2) or "找不到" in salesplan("check", "none.xlsx", code=2)
    code = "import workbook_templates as w, udfs; d = w.open_plan(r'%s')['Deals']; print([len(d), udfs.call('COMMISSION', d['revenue'], 0.3).isna().sum()])"
    count, gaps = ast.literal_eval(
        run(scripts / "python", "-W", "error", "-c", code % plan, cwd=empty, env=env).replace("np.int64", "")
    )
    assert count > 100 and gaps == 0
    # Without UTF-8 at all a message may lose characters, never the command.
    bare = env | {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    assert "12,500" in run(scripts / "salesplan", "call", "COMMISSION", "--args", "[1000000, 0.30]", cwd=empty, env=bare)
