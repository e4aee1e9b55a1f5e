"""The built wheel in an environment of its own: what only the repository has is not there, and Help still opens the guide."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.shared import distributions

ROOT = Path(__file__).parent.parent
READ = "import sys; open(sys.argv[0] + '.said', 'w', encoding='utf-8').write(sys.argv[1])"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the wheel; the libraries it needs are this one's."""
    base = tmp_path_factory.mktemp("wheel")
    _, wheel = distributions()
    pip = [sys.executable, "-m", "pip"]
    venv.create(base / "env", with_pip=False)
    made = base / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    subprocess.run([*pip, "--python", str(made), "install", "--no-deps", "--no-index", "-q", str(wheel)], check=True, timeout=300)
    where = subprocess.run(
        [made, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], capture_output=True, text=True, check=True
    )
    libraries = [p for p in sys.path if p.endswith("site-packages")] or [sysconfig.get_path("purelib")]
    Path(where.stdout.strip(), "shared.pth").write_text("\n".join(libraries), encoding="utf-8")
    return made


def ran(python: Path, folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.run(
        [python, *words], cwd=folder, env=clean | env, capture_output=True, text=True, encoding="utf-8", timeout=120
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_guide_is_installed_and_opened(python: Path, lang: str, tmp_path: Path) -> None:
    asked = ran(python, tmp_path, "-m", "addin.cli", "guide", "--path", "--lang", lang)
    path = Path(asked.stdout.strip())
    assert asked.returncode == 0 and path.is_relative_to(python.parents[1]), asked
    assert path.read_bytes() == (ROOT / "docs" / f"guide.{lang}.md").read_bytes()
    browser = tmp_path / "browser.py"
    browser.write_text(READ, encoding="utf-8")
    env = {"BROWSER": f"{sys.executable} {browser} %s"}
    button = (
        f"from udfs.text import set_language; set_language('{lang}'); from addin.desktop.buttons import help; print(help.run())"
    )
    for words in (["-m", "addin.cli", "guide", "--lang", lang], ["-X", "utf8", "-c", button]):
        done = ran(python, tmp_path, *words, **env)
        assert done.returncode == 0, done.stderr
        shown = Path((tmp_path / "browser.py.said").read_text(encoding="utf-8").removeprefix("file://"))
        page = shown.read_text(encoding="utf-8")
        assert "<table>" in page and f'lang="{lang}"' in page
        linked = [shown.parent / name for name in (f"customers.{lang}.html", f"channels.{lang}.html") if f'href="{name}"' in page]
        assert linked and all(p.exists() for p in linked), "the guides it links to are beside it"
        (tmp_path / "browser.py.said").unlink()


def test_the_pictures_of_the_guides_are_there(python: Path, tmp_path: Path) -> None:
    where = Path(ran(python, tmp_path, "-m", "addin.cli", "guide", "--path").stdout.strip()).parent
    assert {p.name for p in (where / "images").iterdir()} == {p.name for p in (ROOT / "docs" / "images").glob("*.png")}
    assert {p.name for p in where.glob("*.md")} == {p.name for p in (ROOT / "docs").glob("*.md")}
