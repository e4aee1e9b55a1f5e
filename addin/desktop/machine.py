"""The computer as install and doctor see it: a description that a test can replace by a folder, so that faults are real files.

Texts (environment, settings, registry) name places as that computer writes them; ``Machine.path`` finds them on this disk.
"""

from __future__ import annotations

import json
import locale
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from addin.desktop import PROJECT

WINDOWS, MAC, OTHER = "windows", "mac", "other"
_SECONDS = 60  # a cold start of numpy behind a virus scanner
_EXCEL = {"excel.exe", "microsoft excel"}
_APP_PATHS = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"

# Asked of the interpreter itself, as Excel will start it: old syntax, since it may be any Python.
_QUESTION = """
import json, struct, sys
fault = said = ""
versions = {}
try:
    from importlib import metadata
    for name in ("salesplan", "xlwings"):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            pass
    import addin.desktop.functions
    if %r:
        import pythoncom, win32com.client
except BaseException as error:
    fault = type(error).__name__ + ": " + str(error)
print(json.dumps({"python": sys.version.split()[0], "bits": struct.calcsize("P") * 8,
    "base": getattr(sys, "base_prefix", sys.prefix), "versions": versions, "fault": fault}))
"""


@dataclass(frozen=True)
class Answer:
    """What an interpreter says of itself."""

    python: str
    bits: int
    base: str
    versions: Mapping[str, str]
    fault: str

    @property
    def store(self) -> bool:
        """Python from the Microsoft Store: Windows diverts what it writes below AppData into a folder Excel never sees."""
        return is_store(self.base)


def is_store(path: str) -> bool:
    """Whether a path is one of the Microsoft Store's."""
    return "windowsapps" in path.replace("\\", "/").casefold().split("/")


def ask_interpreter(interpreter: Path, windows: bool) -> Answer | None:
    """Start the interpreter and let it load the functions; None where it does not answer."""
    # What stands in this terminal's environment or folder does not stand in Excel's.
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    try:
        done = subprocess.run(
            [str(interpreter), "-B", "-c", _QUESTION % windows],
            capture_output=True,
            timeout=_SECONDS,
            cwd=interpreter.parent,
            env=clean,
            check=False,
        )
        said = json.loads(done.stdout.splitlines()[-1])
        return Answer(**said)
    except (OSError, subprocess.SubprocessError, ValueError, IndexError, TypeError):
        return None


def breaks_away(interpreter: Path) -> bool:
    """Whether Windows lets a program start outside of this one's job object, which is how xlwings' library starts Python.

    It asks so always (CREATE_BREAKAWAY_FROM_JOB), and Windows refuses with "access denied" where whoever started Excel (a remote
    desktop farm, a launcher, a scheduled task) keeps its programs together.
    """
    if sys.platform != "win32":
        return True
    flags = subprocess.CREATE_BREAKAWAY_FROM_JOB | subprocess.CREATE_NO_WINDOW
    try:
        subprocess.run([str(interpreter), "-c", ""], creationflags=flags, timeout=_SECONDS, capture_output=True, check=False)
    except PermissionError:
        return False
    except (OSError, subprocess.SubprocessError):  # it does not start at all: another finding
        return True
    return True


def running() -> list[str]:
    """The names of the running programs of this user; empty where they can't be listed."""
    if sys.platform == "win32":
        mine = ["/FI", f"USERNAME eq {os.environ['USERNAME']}"] if os.environ.get("USERNAME") else []
        return [line.split('","')[0].strip('"') for line in _lines(["tasklist", "/FO", "CSV", "/NH", *mine])]
    if sys.platform == "darwin":
        return [line.rsplit("/", 1)[-1] for line in _lines(["ps", "-x", "-o", "comm="])]
    names = []
    for entry in Path("/proc").glob("[0-9]*/comm"):
        try:
            names.append(entry.read_text(errors="replace").strip())
        except OSError:  # gone meanwhile
            continue
    return names


def _lines(command: Sequence[str]) -> list[str]:
    try:
        done = subprocess.run(command, capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in done.stdout.decode(errors="replace").splitlines() if line.strip()]


def windows_registry(key: str) -> Mapping[str, object]:
    """All values of a key; empty where the key, or the registry, does not exist."""
    if sys.platform != "win32":
        return {}
    import winreg

    hive, _, below = key.partition("\\")
    root = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}[hive]
    try:
        with winreg.OpenKey(root, below, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as opened:
            count = winreg.QueryInfoKey(opened)[1]
            return {name: value for name, value, _ in (winreg.EnumValue(opened, n) for n in range(count))}
    except OSError:
        return {}


@dataclass(frozen=True)
class Machine:
    """A computer. ``root`` is the folder that holds its disks where it is not this one."""

    system: str
    env: Mapping[str, str]
    interpreter: str
    root: Path | None = None
    registry: Callable[[str], Mapping[str, object]] = windows_registry
    processes: Callable[[], Sequence[str]] = running
    ask: Callable[[Path, bool], Answer | None] = ask_interpreter
    breaks_away: Callable[[Path], bool] = breaks_away
    ansi: str = "utf-8"  # the encoding in which VBA reads the settings file

    @classmethod
    def here(cls) -> Machine:
        """This computer."""
        system = {"win32": WINDOWS, "darwin": MAC}.get(sys.platform, OTHER)
        ansi = locale.getencoding() if system == WINDOWS else "utf-8"
        return cls(system, dict(os.environ), sys.executable, ansi=ansi)

    def path(self, text: str) -> Path:
        """Where a place, as that computer writes it, is on this disk."""
        if self.root is None:
            return Path(text)
        parts = [p.rstrip(":") for p in text.replace("\\", "/").split("/") if p]
        return self.root.joinpath(*parts)

    def native(self, path: Path) -> str:
        """The other way round: what that computer calls a path of this disk."""
        if self.root is None or not path.is_relative_to(self.root):
            return str(path)
        parts = path.relative_to(self.root).parts
        return f"{parts[0]}:\\" + "\\".join(parts[1:]) if self.system == WINDOWS else "/" + "/".join(parts)

    def variable(self, name: str) -> str:
        """An environment variable; empty when not set."""
        return self.env.get(name, "")

    @property
    def home(self) -> Path:
        """The person's folder."""
        return self.path(self.variable("USERPROFILE" if self.system == WINDOWS else "HOME") or str(Path.home()))

    @property
    def has_excel(self) -> bool:
        """Whether Excel seems to be installed for this person."""
        if self.system == WINDOWS:
            return bool(self.registry(_APP_PATHS)) or self._excel_folder().is_dir()
        folders = (self.path("/Applications"), self.home / "Applications")
        return self.system == MAC and any((f / "Microsoft Excel.app").exists() for f in folders)

    @property
    def excel_runs(self) -> bool:
        """Whether Excel is open."""
        return any(name.casefold() in _EXCEL for name in self.processes())

    def _excel_folder(self) -> Path:
        return self.appdata / "Microsoft" / "Excel"

    @property
    def appdata(self) -> Path:
        """Windows' folder for a person's settings."""
        return self.path(self.variable("APPDATA")) if self.variable("APPDATA") else self.home / "AppData" / "Roaming"

    def startup(self) -> Path:
        """The folder from which Excel opens everything as it starts: trusted, and the person's own."""
        if self.system == WINDOWS:
            return self._excel_folder() / "XLSTART"
        office = self.home / "Library" / "Group Containers" / "UBF8T346G9.Office"
        ways = [office / "User Content.localized" / "Startup.localized" / "Excel", office / "User Content" / "Startup" / "Excel"]
        return next((way for way in ways if way.is_dir()), ways[0])

    def attribute(self, path: Path, name: str) -> str:
        """An extended attribute of a file; empty when it has none."""
        if sys.platform == "darwin":
            return " ".join(_lines(["xattr", "-p", name, str(path)]))
        getter: Any = getattr(os, "getxattr", None)
        try:
            return str(getter(path, f"user.{name}").decode(errors="replace")) if getter else ""
        except OSError:
            return ""


@dataclass(frozen=True)
class Places:
    """Where the parts of an installation are."""

    base: Path  # the manifest names files relative to it
    startup: Path
    settings: Path
    own: Path  # our folder: manifest, backups
    scripts: Path | None  # Excel for Mac runs Python through an AppleScript that must lie here

    @property
    def manifest(self) -> Path:
        """What install wrote, with hashes."""
        return self.own / "install.json"

    @property
    def backups(self) -> Path:
        """Not beside the add-in: Excel would open them too."""
        return self.own / "backups"


def places(machine: Machine, target: Path | None = None) -> Places:
    """Where this computer's Excel looks, or the same files below ``target``."""
    hidden, conf = f".{PROJECT}", f"{PROJECT}.conf"
    if target is not None:
        base = target.absolute()
        scripts = base / "Application Scripts" if machine.system == MAC else None
        return Places(base, base / "XLSTART", base / hidden / conf, base / hidden, scripts)
    home = machine.home
    if machine.system == WINDOWS:
        return Places(home, machine.startup(), home / hidden / conf, home / hidden, None)
    library = home / "Library"
    data = library / "Containers" / "com.microsoft.Excel" / "Data"  # the "home" of Excel's sandbox
    scripts = library / "Application Scripts" / "com.microsoft.Excel"
    return Places(home, machine.startup(), data / conf, library / "Application Support" / PROJECT, scripts)
