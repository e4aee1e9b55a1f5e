"""Hints say what works: pip takes the command that is named, from wherever this program was installed."""

from __future__ import annotations

import re
import shlex
import sys
from importlib import metadata
from pathlib import Path

import pytest

from workbook_templates import installing

ROOT = Path(__file__).parent.parent


class Installed(metadata.Distribution):
    """The program as pip records it: where it came from, and what it requires."""

    def __init__(self, origin: str | None, requires: tuple[str, ...]) -> None:
        lines = "".join(f"Requires-Dist: {r}\n" for r in requires)
        self.files_ = {"METADATA": f"Metadata-Version: 2.1\nName: salesplan\nVersion: 1\n{lines}", "direct_url.json": origin}

    def read_text(self, filename: str) -> str | None:
        return self.files_.get(filename)

    def locate_file(self, path: object) -> Path:
        raise NotImplementedError


REQUIRES = (
    "numpy>=1.26",
    'xlwings>=0.33; extra == "excel"',
    'pyopenvba<7,>=6.5; extra == "excel"',
    'keyring>=24; extra == "mail"',
)


def told(
    monkeypatch: pytest.MonkeyPatch, origin: str | None, extra: str, lacking: str, requires: tuple[str, ...] = REQUIRES
) -> list[str]:
    monkeypatch.setattr(metadata, "distribution", lambda name: Installed(origin, requires))
    words = shlex.split(installing.how_to_install(extra, lacking))
    assert words[:4] == [sys.executable, "-m", "pip", "install"]
    return words[4:]


def test_from_a_folder_an_editable_one_and_a_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, wheel = tmp_path / "a b", tmp_path / "salesplan-1-py3-none-any.whl"
    folder.mkdir()
    wheel.write_bytes(b"")
    where = folder.as_uri()
    assert told(monkeypatch, f'{{"url": "{where}", "dir_info": {{}}}}', "excel", "xlwings") == [f"{folder}[excel]"]
    assert told(monkeypatch, f'{{"url": "{where}", "dir_info": {{"editable": true}}}}', "mail", "keyring") == [
        "-e",
        f"{folder}[mail]",
    ]
    assert told(monkeypatch, f'{{"url": "{wheel.as_uri()}", "archive_info": {{}}}}', "excel", "xlwings") == [f"{wheel}[excel]"]


@pytest.mark.parametrize(
    "origin", [None, '{"url": "file:///gone/for/good", "dir_info": {}}', '{"url": "https://example.com/s.git", "vcs_info": {}}']
)
def test_from_elsewhere_the_libraries_themselves(origin: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, origin, "excel", "xlwings") == ["xlwings>=0.33", "pyopenvba<7,>=6.5"]


def test_a_library_that_every_installation_has_is_named_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once xlwings is an ordinary dependency there is no extra of that name."""
    assert told(monkeypatch, None, "excel", "xlwings", ("numpy>=1.26", "xlwings>=0.33")) == ["xlwings>=0.33"]
    assert told(monkeypatch, None, "excel", "unknown", ("numpy>=1.26",)) == ["unknown"]


def test_the_program_into_another_interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        metadata, "distribution", lambda name: Installed(f'{{"url": "{tmp_path.as_uri()}", "dir_info": {{}}}}', REQUIRES)
    )
    assert shlex.split(installing.how_to_install_program("/other/python")) == [
        "/other/python",
        "-m",
        "pip",
        "install",
        f"{tmp_path}[excel]",
    ]
    monkeypatch.setattr(metadata, "distribution", lambda name: Installed(None, REQUIRES))
    assert "--find-links" in installing.how_to_install_program("/other/python"), (
        "from an index or a folder, which pip does not record"
    )


def test_no_hint_in_the_source_names_what_no_registry_has() -> None:
    """A hint that is written by hand is a hint that is wrong somewhere: they all come from one place."""
    for path in sorted(p for top in ("addin", "udfs", "workbook_templates") for p in (ROOT / top).rglob("*.py")):
        if path.name != "installing.py":
            found = re.search(r"pip install (?!--)[^\n]*", path.read_text(encoding="utf-8"))
            assert not found, f"{path}: {found and found[0]}"
