"""LibreOffice, headless: a private profile, a timeout, and no process left behind.

Worksheet functions are plugged in by a chain of three: a Basic stub per function in the profile's Standard library
(Calc resolves unknown names there), a Python UNO component (`uno_component.py`) inside the office, and a loopback
socket to this process (`Switchboard`), where the functions really run. So the office's own Python needs none of our
packages, and a function under judgement is the very object the test holds.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import math
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

Call = Callable[[str, list[Any]], Any]

COMPONENT = Path(__file__).with_name("uno_component.py")
PORT_VARIABLE = "SALESPLAN_JUDGE_PORT"
MAX_ARGUMENTS = 20
RECALC_ALWAYS, RECALC_NEVER = 0, 1
ERROR_CODES = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"})
USUAL_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
)
EXCEL_EPOCH = dt.datetime(1899, 12, 30)


class OfficeError(RuntimeError):
    """LibreOffice did not do what it was asked; the message holds what it said."""


def find_office() -> Path | None:
    """The LibreOffice program, or None."""
    for name in (os.environ.get("SALESPLAN_SOFFICE"), "soffice", "libreoffice", *USUAL_PLACES):
        if name and (found := shutil.which(name)):
            return Path(found)
    return None


# The profile -------------------------------------------------------------------------------------------------------

_LIBRARY = "http://openoffice.org/2000/library"
_DOCTYPE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE {0} PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "{1}.dtd">\n'
)
_SETTINGS = (
    # Without this the first start copies the shipped presets over the library written here.
    ("org.openoffice.Setup/Office", "ooSetupInstCompleted", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "0"),
    ("org.openoffice.Office.Common/Misc", "FirstRun", "false"),
)

# VBASupport is what makes errors, blanks and one-cell ranges survive: with it Calc hands a reference over as a Range
# object; without it one error in a range keeps the whole call from being made.
_SWITCH = """Option VBASupport 1
Global gJudge As Object
Function SalesPlanSwitch(sName, vArguments)
  If IsNull(gJudge) Then Set gJudge = createUnoService("salesplan.Judge")
  Dim vResult, vCells, i, j, nRows, nColumns
  vResult = gJudge.callFunction(sName, vArguments)
  If Not IsArray(vResult) Then
    SalesPlanSwitch = vResult
    Exit Function
  End If
  nRows = UBound(vResult) + 1
  nColumns = UBound(vResult(0)) + 1
  ReDim vCells(1 To nRows, 1 To nColumns)
  Dim vRow
  For i = 1 To nRows
    vRow = vResult(i - 1)
    For j = 1 To nColumns
      vCells(i, j) = vRow(j - 1)
    Next j
  Next i
  SalesPlanSwitch = vCells
End Function
"""


def _stub(name: str) -> str:
    """The Basic function that Calc finds under the name of ours. The first argument is there to be evaluated by Calc
    only. Trailing arguments alone are ever missing: Calc turns an omitted one in the middle into 0, so `judge` marks
    those in the copy."""
    numbers = range(1, MAX_ARGUMENTS + 1)
    lines = [f"Function {name}(forced, {', '.join(f'Optional a{n}' for n in numbers)})", f"Dim v({MAX_ARGUMENTS - 1})"]
    for n in numbers:
        lines += [f"If IsMissing(a{n}) Then GoTo Send", f"If IsObject(a{n}) Then", f"Set v({n - 1}) = a{n}"]
        lines += ["Else", f"v({n - 1}) = a{n}", "End If"]
    return "\n".join([*lines, "Send:", f'{name} = SalesPlanSwitch("{name}", v)', "End Function", ""])


def write_profile(profile: Path, functions: Iterable[str], recalc: int) -> None:
    """A fresh user profile: recalculation on load as given, macros allowed, one Basic stub a function."""
    basic = profile / "user" / "basic"
    standard = basic / "Standard"
    standard.mkdir(parents=True)
    _write_settings(profile / "user" / "registrymodifications.xcu", recalc)
    source = _SWITCH + "".join(_stub(name) for name in sorted(functions))
    (standard / "Judge.xba").write_text(
        _DOCTYPE.format("script:module", "module")
        + '<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Judge" '
        + f'script:language="StarBasic">{escape(source)}</script:module>',
        encoding="utf-8",
    )
    for kind, element in (("script", '<library:element library:name="Judge"/>'), ("dialog", "")):
        (standard / f"{kind}.xlb").write_text(
            _DOCTYPE.format("library:library", "library")
            + f'<library:library xmlns:library="{_LIBRARY}" library:name="Standard" library:readonly="false" '
            + f'library:passwordprotected="false">{element}</library:library>',
            encoding="utf-8",
        )
        (basic / f"{kind}.xlc").write_text(
            _DOCTYPE.format("library:libraries", "libraries")
            + f'<library:libraries xmlns:library="{_LIBRARY}">'
            + '<library:library library:name="Standard" library:link="false"/></library:libraries>',
            encoding="utf-8",
        )


def _write_settings(path: Path, recalc: int) -> None:
    load = "org.openoffice.Office.Calc/Formula/Load"
    settings = (*_SETTINGS, (load, "OOXMLRecalcMode", str(recalc)), (load, "ODFRecalcMode", str(recalc)))
    items = "".join(
        f'<item oor:path="/{node}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for node, name, value in settings
    )
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>',
        encoding="utf-8",
    )


def _write_component(path: Path) -> None:
    path.write_text(
        '<?xml version="1.0"?>\n<components xmlns="http://openoffice.org/2010/uno-components">'
        f'<component loader="com.sun.star.loader.Python" uri={quoteattr(COMPONENT.as_uri())}>'
        '<implementation name="salesplan.JudgeImplementation"><service name="salesplan.Judge"/></implementation>'
        "</component></components>",
        encoding="utf-8",
    )


# The switchboard ---------------------------------------------------------------------------------------------------


class Switchboard:
    """Answers the office's function calls in this process: one JSON line a call, one JSON line an answer.

    An exception of `call` is kept and raised by the caller of the office afterwards: a crash must not pass for a
    `#VALUE!` that happens to be expected.
    """

    def __init__(self, call: Call) -> None:
        self._call = call
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.calls = 0
        self.failures: list[str] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Switchboard:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed: the office is gone
            while True:
                connection, _ = self._listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(ConnectionError), connection, connection.makefile("rwb") as stream:
            for line in stream:
                stream.write(json.dumps(self._answer(*json.loads(line))).encode() + b"\n")
                stream.flush()

    def _answer(self, name: str, arguments: list[Any]) -> Any:
        self.calls += 1
        try:
            return _to_wire(self._call(name, [_from_wire(argument) for argument in arguments]))
        except Exception:
            self.failures.append(f"{name}({arguments!r:.300})\n{traceback.format_exc()}")
            return {"error": "#VALUE!"}


def _from_wire(value: Any) -> Any:
    """What a function sees: numbers as float, blank as None, an error as its code, a range as rows."""
    if isinstance(value, list):
        return [[_from_wire(cell) for cell in row] for row in value]
    if isinstance(value, dict):
        return value["error"]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _to_wire(value: Any) -> Any:
    """A result for the office: rows as rows, errors marked, numpy and dates as plain numbers."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        rows = value if value and isinstance(value[0], (list, tuple)) else [value]
        return [[_cell_to_wire(cell) for cell in row] for row in rows]
    return _cell_to_wire(value)


def _cell_to_wire(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, str):
        return {"error": str(value)} if value in ERROR_CODES else str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return {"error": "#NUM!"}
    if isinstance(value, dt.date):
        moment = value if isinstance(value, dt.datetime) else dt.datetime(value.year, value.month, value.day)
        return (moment - EXCEL_EPOCH) / dt.timedelta(days=1)
    return value


# The run -----------------------------------------------------------------------------------------------------------


def convert(
    files: Sequence[Path],
    to: str,
    workdir: Path,
    *,
    recalc: int,
    functions: Iterable[str] = (),
    call: Call | None = None,
    timeout: float = 120,
) -> list[Path]:
    """Convert files to another format in one run of LibreOffice; the results in `workdir/out`, in the same order.

    A file the office could not convert raises OfficeError, and so does an exception inside `call`.
    """
    profile, out = workdir / "profile", workdir / "out"
    write_profile(profile, functions, recalc)
    _write_component(workdir / "judge.rdb")
    with Switchboard(call or _no_functions) as switchboard:
        said = _run(_command(files, to, workdir), _environment(workdir, switchboard.port), timeout)
    if switchboard.failures:
        count = len(switchboard.failures)
        raise OfficeError(f"{count} function calls failed, the first:\n{switchboard.failures[0]}")
    results = [out / f"{file.stem}.{to.partition(':')[0]}" for file in files]
    for file, result in zip(files, results, strict=True):
        if not result.exists():
            raise OfficeError(f"LibreOffice did not convert {file.name} to {to}:\n{said}")
    return results


def _no_functions(name: str, arguments: list[Any]) -> Any:
    raise LookupError(f"no functions are plugged in, but {name} was called")


def _command(files: Sequence[Path], to: str, workdir: Path) -> list[str]:
    office = find_office()
    if office is None:
        raise OfficeError("LibreOffice (soffice) is not installed")
    services = (office.resolve().parent / "services").as_uri()
    return [
        str(office),
        f"-env:UserInstallation={(workdir / 'profile').as_uri()}",
        # This setting replaces the office's own list, so its folder of services has to be named again.
        f"-env:URE_MORE_SERVICES={(workdir / 'judge.rdb').as_uri()} <{services}>*",
        *("--headless", "--norestore", "--nologo", "--nolockcheck", "--convert-to", to),
        *("--outdir", str(workdir / "out"), *map(str, files)),
    ]


def _environment(workdir: Path, port: int) -> dict[str, str]:
    """The office's environment, without our virtual environment: its embedded Python would take it for its home."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON") and k != "VIRTUAL_ENV"}
    if sys.prefix != sys.base_prefix:
        ours = {Path(sys.prefix) / "bin", Path(sys.prefix) / "Scripts"}
        kept["PATH"] = os.pathsep.join(p for p in os.get_exec_path() if Path(p) not in ours) or os.defpath
    if os.name == "posix":
        kept["PATH"] = os.defpath + os.pathsep + kept["PATH"]
    language = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}  # English, and file names in UTF-8
    return kept | language | {"HOME": str(workdir), PORT_VARIABLE: str(port), "SAL_USE_VCLPLUGIN": "svp"}


def _run(command: list[str], environment: dict[str, str], timeout: float) -> str:
    """Run to the end or kill the whole group: soffice is a script that starts the real program as a child."""
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    with process:  # closes its output, also where it was stopped
        try:
            said, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as late:
            raise OfficeError(f"LibreOffice took more than {timeout:g} s and was stopped") from late
        finally:
            _kill_group(process)
    return said


def _kill_group(process: subprocess.Popen[str]) -> None:
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
