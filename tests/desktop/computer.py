"""Computers as folders: the disks of a Windows PC or a Mac with real files, and an interpreter that really starts."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from addin.desktop import build
from addin.desktop.install import InstallReport, install
from addin.desktop.machine import MAC, WINDOWS, Answer, Machine, Places, ask_interpreter, places

XLWINGS = metadata.version("xlwings")
WINDOWS_PYTHON = r"C:\Users\li\salesplan\.venv\Scripts\python.exe"
MAC_PYTHON = "/Users/li/salesplan/.venv/bin/python"


_answers: dict[tuple[str, bool], Answer | None] = {}


def ask(interpreter: Path, windows: bool) -> Answer | None:
    """The real question to the real interpreter, once a program."""
    key = (interpreter.read_text(), windows)
    if key not in _answers:
        _answers[key] = ask_interpreter(interpreter, windows)
    return _answers[key]


@cache
def pywin32() -> Path:
    """Modules of pywin32's names, so that an interpreter of a PC can import them here."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for module in ("pythoncom", "win32com/__init__", "win32com/client"):
        stub = folder / f"{module}.py"
        stub.parent.mkdir(exist_ok=True)
        stub.touch()
    return folder


@pytest.fixture
def built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same input gives the same bytes, so a computer's add-in need not be built anew for each."""
    monkeypatch.setattr(build, "addin_bytes", _addin_bytes)
    monkeypatch.setattr(build, "vba_modules", _vba_modules)


_addin_bytes, _vba_modules = cache(build.addin_bytes), cache(build.vba_modules)


def put_python(path: Path, *, modules: Path | None = None, command: str = "") -> None:
    """An interpreter where the computer has it: this one, behind a script. ``modules`` stands for pywin32."""
    path.parent.mkdir(parents=True, exist_ok=True)
    at = f"PYTHONPATH={modules} " if modules else ""
    path.write_text(f'#!/bin/sh\n{command or f"{at}exec {sys.executable}"} "$@"\n')
    path.chmod(0o755)


def windows(root: Path, user: str = "li", **changes: Any) -> Machine:
    """A PC with Excel, Python, xlwings' libraries and a Chinese code page."""
    home = root / "C" / "Users" / user
    (home / "AppData" / "Roaming" / "Microsoft" / "Excel" / "XLSTART").mkdir(parents=True)
    interpreter = WINDOWS_PYTHON.replace("li", user, 1)
    machine = Machine(
        WINDOWS,
        {"USERPROFILE": rf"C:\Users\{user}", "APPDATA": rf"C:\Users\{user}\AppData\Roaming"},
        interpreter,
        root=root,
        registry=lambda key: {},
        processes=list,
        ask=ask,
        ansi="gbk",
    )
    path = machine.path(interpreter)
    put_python(path, modules=pywin32())
    for bits in (32, 64):
        (path.parent.parent / f"xlwings{bits}-{XLWINGS}.dll").write_bytes(b"MZ")
    return replace(machine, **changes)


def mac(root: Path, **changes: Any) -> Machine:
    """A Mac with Excel and Python."""
    (root / "Applications" / "Microsoft Excel.app").mkdir(parents=True)
    machine = Machine(MAC, {"HOME": "/Users/li"}, MAC_PYTHON, root=root, registry=lambda key: {}, processes=list, ask=ask)
    put_python(machine.path(MAC_PYTHON))
    return replace(machine, **changes)


def registry(**keys: Mapping[str, object]) -> Any:
    """A registry whose keys end in these names."""
    return lambda key: keys.get(key.rsplit("\\", 1)[-1].replace(" ", "_"), {})


def installed(machine: Machine) -> tuple[Places, InstallReport]:
    """Install there."""
    where = places(machine)
    return where, install(machine, where, prepared=False)


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file below a folder with its time and content."""
    files = (Path(at) / name for at, _, names in os.walk(folder) for name in names)
    return {str(f.relative_to(folder)): (f.stat().st_mtime_ns, f.read_bytes()) for f in files}
